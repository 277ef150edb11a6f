"""A build after a small change: what is embedded is counted, and the result is the same as a build from nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.errors import IndexFailure
from assistant.index import build as builder
from assistant.index import generation as gen
from assistant.index.build import BuildResult, build
from assistant.index.fitting import text_key
from assistant.index.published import PublishedIndex
from tests.conftest import NOW, HashEmbedder, rule_block

CHAPTER = Path("corpus") / "leitlinie" / "01-regeln.md"
BANK = Path("corpus") / "fragen" / "bank.jsonl"
VERBS = ("erzeugen", "malen lassen", "ausschmücken", "kolorieren", "retuschieren")
NOT_COMPARED = {"manifest.json"}
"""Holds name and time of the build; its checksums of the other files are compared by comparing those."""


class CountingEmbedder(HashEmbedder):
    """Counts questions as well as passages."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return super().queries(texts)


def rebuilt(home: Path, embedder: HashEmbedder | None = None) -> tuple[BuildResult, Path]:
    result = build(home, embedder or HashEmbedder(), NOW)
    return result, home / "index" / result.generation


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after, 1))


def change_sentence(home: Path) -> None:
    edit(home / CHAPTER, "Satz der Regel mitschrift.", "Satz der Regel mitschrift, geändert.")


def change_vocabulary(home: Path) -> None:
    edit(home / "corpus" / "begriffe.toml", '"gemini"', '"gemini", "mitschrift"')


def change_law(home: Path) -> None:
    edit(home / "corpus" / "recht" / "dsgvo.md", "Nur so viele Daten wie nötig.", "Nur die nötigen Daten.")


def change_bank(home: Path) -> None:
    with (home / BANK).open("a") as bank:
        bank.write('{"id": "n1", "frage": "Darf ein Roboter Blumen gießen?", "status": "nicht_geregelt", "regeln": [], "runde": 1}\n')


def add_rule(home: Path) -> None:
    with (home / CHAPTER).open("a") as chapter:
        chapter.write("\n" + rule_block("bilder", "bedingt", [f"Darf ich ein Bild {verb}?" for verb in VERBS]))


def nothing(home: Path) -> None:
    """The same sources once more."""


def own_bytes(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in gen.own_files(folder)
        if path.name not in NOT_COMPARED
    }


@pytest.mark.parametrize(
    "change", [nothing, change_sentence, change_vocabulary, change_law, change_bank, add_rule], ids=lambda f: f.__name__
)
def test_an_incremental_build_writes_the_bytes_of_a_full_build(
    built_home: Path, tmp_path: Path, change: object
) -> None:
    change(built_home)  # type: ignore[operator]
    fresh = tmp_path / "frisch"
    shutil.copytree(built_home, fresh, ignore=shutil.ignore_patterns("index"))
    part, whole = CountingEmbedder(), CountingEmbedder()
    incremental, full = rebuilt(built_home, part), rebuilt(fresh, whole)
    assert len(part.embedded) + len(part.asked) < (len(whole.embedded) + len(whole.asked)) / 3
    assert own_bytes(incremental[1]) == own_bytes(full[1])


def test_nothing_is_embedded_and_nothing_fitted_where_nothing_changed(built_home: Path) -> None:
    embedder = CountingEmbedder()
    result, _ = rebuilt(built_home, embedder)
    assert (embedder.embedded, embedder.asked, result.fitted) == ([], [], False)
    assert (result.new, result.questions_new) == (0, 0)
    assert result.questions > 0


def test_questions_are_counted_apart_from_passages(built_home: Path) -> None:
    embedder = CountingEmbedder()
    change_sentence(built_home)
    result, _ = rebuilt(built_home, embedder)
    assert 1 <= result.new == len(embedder.embedded) <= 3
    assert 1 <= result.questions_new == len(embedder.asked) <= 2, "the rule's own sentence, mended and as written"
    assert result.fitted


def test_law_alone_leaves_the_rule_choice_as_it_was_fitted(built_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everyday words by which a provision is found; rules, bank and vocabulary stay."""
    (built_home / "corpus" / "suchworte.toml").write_text('"DSGVO Art. 4 Nr. 1" = ["Alltagswort"]\n')

    def never(*_: object) -> None:
        raise AssertionError("fitted again")

    monkeypatch.setattr(builder, "fit_choice", never)
    result, _ = rebuilt(built_home)
    assert not result.fitted


def test_another_version_of_the_program_fits_and_counts_words_anew(
    built_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.index.reuse.program", lambda: "eine andere Fassung")
    monkeypatch.setattr(builder, "program", lambda: "eine andere Fassung")
    embedder = CountingEmbedder()
    result, _ = rebuilt(built_home, embedder)
    assert result.fitted
    assert (embedder.embedded, embedder.asked) == ([], []), "vectors depend on text and embedder only"


def test_a_generation_of_an_earlier_version_without_question_vectors_is_built_upon(built_home: Path) -> None:
    index = built_home / "index"
    folder = gen.current_folder(index)
    for name in ("herkunft.json", "fragenvektoren.npy", "fragenschluessel.json"):
        (folder / name).unlink()
    gen.write_manifest(folder, gen.read_manifest(folder))
    embedder = CountingEmbedder()
    result, _ = rebuilt(built_home, embedder)
    assert result.new == 0
    assert result.questions_new == result.questions == len(embedder.asked)


def test_a_source_edited_while_the_build_begins_is_refused_and_nothing_is_left(
    built_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the generation would quote the old sentence and show the new one."""
    index = built_home / "index"
    before = gen.generations(index)
    read = builder.read_inputs

    def then_edited(home: Path, *rest: object) -> object:
        inputs = read(home, *rest)  # type: ignore[arg-type]
        change_sentence(home)
        return inputs

    with monkeypatch.context() as patch:
        patch.setattr(builder, "read_inputs", then_edited)
        with pytest.raises(IndexFailure, match=r"corpus/leitlinie/01-regeln\.md wurde geändert") as caught:
            build(built_home, HashEmbedder(), NOW)
    assert "\n" not in str(caught.value)
    assert (gen.generations(index), list(index.glob(".g-*"))) == (before, [])
    _, folder = rebuilt(built_home)
    opened = PublishedIndex(folder, HashEmbedder())
    rule = opened.guideline.rule("mitschrift")
    assert rule is not None
    assert rule.sentence in opened.guideline_book.places["KI-Leitlinie mitschrift"].text
    opened.close()


def test_kept_vectors_are_those_the_embedder_gives(built_home: Path) -> None:
    """After three builds every row still belongs to its text."""
    change_sentence(built_home)
    rebuilt(built_home)
    change_bank(built_home)
    _, folder = rebuilt(built_home)
    keys = json.loads((folder / "fragenschluessel.json").read_text())
    kept = dict(zip(keys, np.load(folder / "fragenvektoren.npy"), strict=True))
    embedder = CountingEmbedder()
    shutil.rmtree(built_home / "index")
    build(built_home, embedder, NOW)
    assert set(kept) == {text_key(text) for text in embedder.asked}
    for text in embedder.asked:
        assert np.array_equal(kept[text_key(text)], HashEmbedder().queries([text])[0])
