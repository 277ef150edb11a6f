"""Generations: built whole, verified, published by one pointer, never half."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings

from assistant.errors import CorpusError, DamagedGeneration, IndexFailure, NoIndex, WrongEmbedder
from assistant.index import generation as gen
from assistant.index.build import build
from assistant.index.published import PublishedIndex
from assistant.types import Lane
from tests.conftest import NOW, ROOT, HashEmbedder
from tests.index.kills import STEPS


@pytest.fixture
def opened(built_home: Path):
    index = PublishedIndex(gen.current_folder(built_home / "index"), HashEmbedder())
    yield index
    index.close()


def test_the_first_build_publishes_itself_and_later_ones_wait(mini_home: Path) -> None:
    first = build(mini_home, HashEmbedder(), NOW)
    second = build(mini_home, HashEmbedder(), NOW)
    assert (first.published, second.published) == (True, False)
    assert gen.current(mini_home / "index") == first.generation


def test_only_changed_passages_are_embedded(built_home: Path) -> None:
    file = built_home / "corpus" / "recht" / "dsgvo.md"
    file.write_text(file.read_text().replace("Nur so viele Daten wie nötig.", "Nur die nötigen Daten."))
    embedder = HashEmbedder()
    result = build(built_home, embedder, NOW)
    assert (result.new, len(embedder.embedded), result.removed) == (1, 1, 1)


def test_search_finds_by_words_and_by_vector(opened: PublishedIndex) -> None:
    for found in (opened.lexical, opened.dense, opened.search):
        assert found("Rundschreiben an alle Ämter", Lane.REGELN, 3)[0].passage.rule == "texte"
    assert opened.lexical("xyzzy", Lane.REGELN, 3) == []


def test_dense_search_agrees_with_exact_search(opened: PublishedIndex) -> None:
    rows = np.load(opened.folder / "vektoren.npy")
    passages = [p for lane in Lane for p in opened.lanes[lane]]
    assert len(passages) == len(rows)
    query = HashEmbedder().queries(["Adressen von Einwohnern"])[0]
    lane = opened.lanes[Lane.REGELN]
    exact = sorted(lane, key=lambda p: -float(HashEmbedder().passages([p.searchable])[0] @ query))[:3]
    found = [h.passage for h in opened.dense("Adressen von Einwohnern", Lane.REGELN, 3)]
    assert {p.id for p in found} == {p.id for p in exact}


def test_verify_passes_on_what_was_built(opened: PublishedIndex) -> None:
    opened.verify()


def test_verify_notices_vectors_that_find_other_passages(opened: PublishedIndex) -> None:
    client = chromadb.PersistentClient(path=str(opened.folder / "chroma"), settings=Settings(anonymized_telemetry=False))
    try:
        collection = client.get_collection(f"spur-{Lane.REGELN.value}", embedding_function=None)
        stored = collection.get(include=["embeddings"])
        collection.update(ids=stored["ids"], embeddings=np.roll(stored["embeddings"], 1, axis=0))
    finally:
        client.close()
    with pytest.raises(DamagedGeneration, match=r"Suche nach Sinn findet in der Spur regeln nur \d+ ?% .* index build“"):
        opened.verify()


@pytest.mark.parametrize("name", ["passagen.jsonl", "regelwahl.npz", "korpus/leitlinie/01-regeln.md", "vektoren.npy"])
def test_a_changed_file_is_named(built_home: Path, name: str) -> None:
    folder = gen.current_folder(built_home / "index")
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(DamagedGeneration, match=name.replace(".", r"\.")):
        gen.check_files(folder)


@pytest.mark.parametrize("name", ["passagen.jsonl", "manifest.json", "regelwahl.npz", "buecher.json"])
def test_a_truncated_generation_is_one_german_line(built_home: Path, name: str) -> None:
    folder = gen.current_folder(built_home / "index")
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: len(data) // 2])
    with pytest.raises(DamagedGeneration, match="index build") as caught:
        PublishedIndex(folder, HashEmbedder())
    assert "\n" not in str(caught.value)


def test_another_embedder_is_refused(built_home: Path) -> None:
    with pytest.raises(WrongEmbedder, match="anderen Embedder"):
        PublishedIndex(gen.current_folder(built_home / "index"), HashEmbedder("test:2"))


def test_a_missing_pointer_lists_what_could_be_activated(built_home: Path) -> None:
    name = gen.current(built_home / "index")
    (built_home / "index" / gen.CURRENT).unlink()
    with pytest.raises(NoIndex, match=f"Vorhanden: {name}"):
        gen.current_folder(built_home / "index")


def test_a_garbled_pointer_is_reported(built_home: Path) -> None:
    (built_home / "index" / gen.CURRENT).write_text("../../etc")
    with pytest.raises(DamagedGeneration, match="keinen Namen"):
        gen.current_folder(built_home / "index")


def test_publishing_an_unknown_or_damaged_generation_changes_nothing(built_home: Path) -> None:
    index = built_home / "index"
    before = gen.current(index)
    with pytest.raises(NoIndex, match="gibt es nicht"):
        gen.publish(index, "g-20260101-000000-abcdef", when="", by="A", comment="")
    second = build(built_home, HashEmbedder(), NOW).generation
    (index / second / "passagen.jsonl").write_text("")
    with pytest.raises(DamagedGeneration):
        gen.publish(index, second, when="", by="A", comment="")
    assert gen.current(index) == before


def test_the_log_notices_a_changed_line(built_home: Path) -> None:
    index = built_home / "index"
    second = build(built_home, HashEmbedder(), NOW).generation
    gen.publish(index, second, when="2026-11-22T12:00", by="A. Beispiel", comment="Probe")
    assert [e["freigabe"] for e in gen.read_log(index)] == ["Einrichtung", "A. Beispiel"]
    log = index / "log.jsonl"
    log.write_text(log.read_text().replace("Einrichtung", "Jemand"))
    with pytest.raises(DamagedGeneration, match="Prüfsumme der Zeile davor"):
        gen.read_log(index)


def test_a_broken_source_leaves_the_old_generation_alone(built_home: Path) -> None:
    index = built_home / "index"
    before = (gen.current(index), sorted(p.name for p in index.iterdir()))
    (built_home / "corpus" / "begriffe.toml").write_text("= kaputt")
    with pytest.raises(CorpusError):
        build(built_home, HashEmbedder(), NOW)
    assert (gen.current(index), sorted(p.name for p in index.iterdir())) == before


def test_a_second_build_at_the_same_time_is_told_who_builds(mini_home: Path) -> None:
    with_lock: list[str] = []

    def meanwhile(step: str, done: int, total: int) -> None:
        if not with_lock:
            with pytest.raises(IndexFailure, match=f"wird gerade gebaut.*{os.getpid()}") as caught:
                build(mini_home, HashEmbedder(), NOW)
            with_lock.append(str(caught.value))

    build(mini_home, HashEmbedder(), NOW, meanwhile)
    assert len(with_lock) == 1


BUILDER = """
import sys, os, signal, pathlib
sys.path.insert(0, {root!r})
from tests.conftest import HashEmbedder, NOW
from assistant.index.build import build
home, stop = pathlib.Path(sys.argv[1]), sys.argv[2]
def progress(step, done, total):
    if step == stop:
        os.kill(os.getpid(), signal.SIGKILL)
build(home, HashEmbedder("test:kill"), NOW, progress)
"""


@pytest.mark.parametrize("step", STEPS)
def test_a_build_killed_at_any_step_leaves_one_answering_generation(built_home: Path, step: str) -> None:
    before = gen.current(built_home / "index")
    script = textwrap.dedent(BUILDER).format(root=str(ROOT))
    done = subprocess.run([sys.executable, "-c", script, str(built_home), step], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert gen.current(built_home / "index") == before
    assert gen.generations(built_home / "index") == [before]
    reopened = PublishedIndex(gen.current_folder(built_home / "index"), HashEmbedder())
    assert reopened.search("Rundschreiben", Lane.REGELN, 1)
    reopened.close()
    build(built_home, HashEmbedder(), NOW)
    assert not list((built_home / "index").glob(".g-*"))


def test_a_folder_that_cannot_be_written_is_one_line(mini_home: Path) -> None:
    (mini_home / "index").write_text("eine Datei, kein Ordner")
    with pytest.raises(IndexFailure, match=r"kann in .* nicht geschrieben werden"):
        build(mini_home, HashEmbedder(), NOW)


def test_only_the_last_three_generations_stay_whole(mini_home: Path) -> None:
    index = mini_home / "index"
    names = [build(mini_home, HashEmbedder(), NOW).generation for _ in range(5)]
    present = gen.generations(index)
    assert set(names[-3:]) <= set(present)
    assert names[0] in present, "the published one stays"
    assert names[1] not in present
