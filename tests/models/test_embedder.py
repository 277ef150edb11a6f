"""The embedders: read directly and through sentence-transformers alike, refused in one line, made reproducibly."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.corpus.rules import read_guideline
from assistant.errors import ModelError
from assistant.index.german import fold
from assistant.models.embedder import StaticEmbedder, TransformerEmbedder, folder_fingerprint, open_embedder
from tests.conftest import ROOT

BUILT_IN = ROOT / "models" / "eingebaut"


@pytest.fixture(scope="module")
def static() -> StaticEmbedder:
    return StaticEmbedder(BUILT_IN)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a manifest and a copy of the built-in model."""
    (tmp_path / "models").mkdir()
    shutil.copy(ROOT / "models" / "manifest.toml", tmp_path / "models")
    shutil.copytree(BUILT_IN, tmp_path / "models" / "eingebaut")
    return tmp_path


# ---------------------------------------------------------------- vectors


def test_both_ways_of_reading_the_built_in_model_give_the_same_vectors(static: StaticEmbedder) -> None:
    questions = [q for rule in read_guideline(ROOT / "corpus").rules for q in rule.questions[:1]]
    texts = [*questions[:46], "ÄÖÜ ß – „Straße“ § 35a", "xyzzyplugh 12345", "a", "Wort " * 700]
    assert len(texts) == 50
    through = TransformerEmbedder(BUILT_IN).passages([fold(t) for t in texts])
    direct = static.passages(texts)
    assert direct.shape == through.shape
    np.testing.assert_allclose(direct, through, atol=1e-5, rtol=0)


def test_rows_are_normalised_single_precision(static: StaticEmbedder) -> None:
    rows = static.queries(["Darf ich ein Rundschreiben entwerfen?", "Kennzeichnungspflicht"])
    assert rows.shape == (2, 128)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)


def test_spelling_variants_get_the_same_vector(static: StaticEmbedder) -> None:
    rows = static.queries(["Größe der Straße", "GROSSE DER STRASSE", unicodedata.normalize("NFD", "Größe der Straße")])
    np.testing.assert_array_equal(rows[0], rows[1])
    np.testing.assert_array_equal(rows[0], rows[2])


@pytest.mark.parametrize("texts", [[], [""], ["   "], ["", "Wort"]])
def test_texts_without_words_are_zero_and_no_error(static: StaticEmbedder, texts: list[str]) -> None:
    rows = static.passages(texts)
    assert rows.shape == (len(texts), 128)
    assert np.isfinite(rows).all()
    assert [bool(row.any()) for row in rows] == [bool(t.strip()) for t in texts]


def test_a_text_has_the_same_vector_alone_and_among_others(static: StaticEmbedder) -> None:
    texts = ["Kurz", "Ein viel längerer Text über Bürgerdaten und Protokolle", "Noch einer"]
    np.testing.assert_array_equal(static.passages(texts), np.vstack([static.passages([t]) for t in texts]))


def test_questions_of_one_rule_are_nearer_than_those_of_another(static: StaticEmbedder) -> None:
    rules = read_guideline(ROOT / "corpus").rules[:30]
    pairs = static.queries([q for rule in rules for q in rule.questions[:2]])
    likeness = pairs @ pairs.T
    same = [likeness[2 * i, 2 * i + 1] for i in range(len(rules))]
    other = [likeness[2 * i, 2 * j + 1] for i in range(len(rules)) for j in range(len(rules)) if i != j]
    assert np.mean(same) > np.mean(other) + 0.3


# ---------------------------------------------------------------- opening


def test_the_built_in_model_opens_without_sentence_transformers(home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from assistant.models.embedder import open_embedder;"
        f"open_embedder(Path({str(home)!r}), 'eingebaut').queries(['Wort']);"
        "sys.exit(bool({'torch', 'sentence_transformers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_fingerprint_follows_name_and_content(home: Path) -> None:
    folder = home / "models" / "eingebaut"
    before = open_embedder(home, "eingebaut").fingerprint
    assert before == StaticEmbedder(BUILT_IN).fingerprint
    (folder / "LIESMICH.md").write_text("Notizen ändern nichts")
    assert open_embedder(home, "eingebaut").fingerprint == before
    (folder / "config.json").write_text("{ }")
    assert open_embedder(home, "eingebaut").fingerprint != before


def test_the_fingerprint_notices_a_renamed_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.json").write_text("{}")
    assert folder_fingerprint(tmp_path / "a") != folder_fingerprint(tmp_path / "b")


def _cut(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:1000])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (shutil.rmtree, "eingebaut fehlt. Den Ordner dorthin kopieren"),
        (_cut("model.safetensors"), "kann nicht geladen werden"),
        (_cut("tokenizer.json"), "kann nicht geladen werden"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b""), "kann nicht geladen werden"),
        (lambda folder: (folder / "model.safetensors").unlink(), "kann nicht geladen werden"),
        (lambda folder: (folder / "pytorch_model.bin").write_bytes(b"x"), "kann Programmcode enthalten"),
        (lambda folder: (folder / "modell.py").write_text("x"), "kann Programmcode enthalten"),
    ],
    ids=["missing", "weights", "tokenizer", "empty", "no-weights", "pickle", "code"],
)
def test_a_damaged_model_is_one_german_line(home: Path, damage: Callable[[Path], object], message: str) -> None:
    damage(home / "models" / "eingebaut")
    with pytest.raises(ModelError, match=message) as caught:
        open_embedder(home, "eingebaut")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("modules", ["[1]", "{}", "kaputt", '[{"typ": "x"}]', "[]"])
def test_a_folder_that_is_no_model_is_one_german_line(home: Path, modules: str) -> None:
    (home / "models" / "eingebaut" / "modules.json").write_text(modules)
    with pytest.raises(ModelError, match="kann nicht geladen werden"):
        open_embedder(home, "eingebaut")


def test_an_unknown_name_is_answered_with_the_known_ones(home: Path) -> None:
    with pytest.raises(ModelError, match="eingebaut"):
        open_embedder(home, "eingebautt")


# ---------------------------------------------------------------- another model


@pytest.fixture
def other(home: Path) -> Path:
    """An entry of the manifest that is not read directly: a second module makes it a model like any other."""
    folder = home / "models" / "anderer"
    shutil.copytree(BUILT_IN, folder)
    modules = json.loads((folder / "modules.json").read_text())
    modules.append({"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"})
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Normalize").mkdir()
    entry = '\n[[modell]]\nname = "anderer"\nzweck = "embedder"\nordner = "anderer"\nlizenz = "EUPL-1.2"\n'
    with (home / "models" / "manifest.toml").open("a") as manifest:
        manifest.write(entry + 'praefix_frage = "frage: "\npraefix_text = "text: "\n')
    return home


def test_any_other_model_goes_through_sentence_transformers_with_its_prefixes(
    other: Path, static: StaticEmbedder
) -> None:
    model = open_embedder(other, "anderer")
    assert isinstance(model, TransformerEmbedder)
    words = ["darf ich das", "kennzeichnung"]
    np.testing.assert_allclose(model.queries(words), static.queries([f"frage: {w}" for w in words]), atol=1e-5)
    np.testing.assert_allclose(model.passages(words), static.passages([f"text: {w}" for w in words]), atol=1e-5)


def test_the_prefix_is_part_of_the_fingerprint(other: Path) -> None:
    before = open_embedder(other, "anderer").fingerprint
    manifest = other / "models" / "manifest.toml"
    manifest.write_text(manifest.read_text().replace("frage: ", "query: "))
    assert open_embedder(other, "anderer").fingerprint != before


# ---------------------------------------------------------------- making the built-in model

MAKE = """
import sys
from pathlib import Path
from assistant.corpus.questions import read_bank
from assistant.models import make_embedder as maker
maker.BATCH, maker.EPOCHS = 16, 2
home = Path(sys.argv[1])
maker.make(home, read_bank(home / "corpus" / "fragen"), home / "models" / "eingebaut")
"""


def test_the_same_texts_make_the_same_bytes(mini_home: Path, tmp_path: Path) -> None:
    """Two processes with different hash seeds, so that nothing hangs on the order of a set."""
    homes = [mini_home, Path(shutil.copytree(mini_home, tmp_path / "zweites"))]
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", MAKE, str(home)], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE, text=True,
        )
        for home, seed in zip(homes, ("1", "2"), strict=True)
    ]  # fmt: skip
    for run in runs:
        run.communicate(timeout=120)
        assert run.returncode == 0
    first, second = (home / "models" / "eingebaut" for home in homes)
    names = sorted(p.name for p in first.iterdir())
    assert names == ["config.json", "model.safetensors", "modules.json", "tokenizer.json"]
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)
    made = open_embedder(mini_home, "eingebaut")
    near, far = (
        made.queries(["Rundschreiben entwerfen", "Rundschreiben formulieren"]),
        made.queries(["Besprechung aufzeichnen"]),
    )
    assert near[0] @ near[1] > near[0] @ far[0]
