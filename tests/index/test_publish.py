"""Building and publishing while things go wrong: one complete published generation that answers, and one German line."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import namedtuple
from pathlib import Path

import pytest

from assistant.ask.service import AssistantService
from assistant.cli import main
from assistant.errors import DamagedGeneration, IndexFailure, NoIndex
from assistant.index import generation as gen
from assistant.index.build import build
from assistant.index.lock import build_lock, check_room
from assistant.settings import Settings
from assistant.types import Question, Status
from tests.conftest import NOW, ROOT, TODAY, HashEmbedder, write_mini_corpus

CHAPTER = Path("corpus") / "leitlinie" / "01-regeln.md"
LETTER = Question("Darf ich ein Rundschreiben entwerfen lassen?", TODAY)
KILLS = 9


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two generations whose rule "texte" has another sentence each; the first is published."""
    home = tmp_path_factory.mktemp("zwei") / "heim"
    home.mkdir()
    write_mini_corpus(home)
    build(home, HashEmbedder(), NOW)
    text = (home / CHAPTER).read_text()
    (home / CHAPTER).write_text(text.replace("Satz der Regel texte.", "Neuer Satz der Regel texte."))
    build(home, HashEmbedder(), NOW)
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "heim"))


def publish(home: Path, name: str, comment: str = "Probe") -> None:
    gen.publish(home / "index", name, when="2026-11-22T12:00", by="A. Beispiel", comment=comment)


def one_line(error: pytest.ExceptionInfo[IndexFailure]) -> str:
    line = str(error.value)
    assert "\n" not in line
    assert line.endswith(".")
    return line


# --- killed


def test_a_process_killed_anywhere_leaves_one_complete_generation_that_answers(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.index.kills", str(tmp_path), str(KILLS)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["versuche"], result["fehlgeschlagen"]) == (KILLS, []), done.stderr
    assert sum(result["getoetet"].values()) >= KILLS - 2, "hardly any process was still running: the test would say nothing"


def test_a_publication_killed_between_log_and_pointer_is_named_and_can_be_repeated(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = home / "index"
    first, second = gen.generations(index)
    write = gen.write_atomically

    def killed_before_pointer(path: Path, data: bytes) -> None:
        if path.name == gen.CURRENT:
            raise KeyboardInterrupt
        write(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(gen, "write_atomically", killed_before_pointer)
        with pytest.raises(KeyboardInterrupt):
            publish(home, second)
    assert gen.current(index) == first
    with pytest.raises(DamagedGeneration, match=f"zuletzt {second}, veröffentlicht ist {first}"):
        gen.check_published(index)
    publish(home, second)
    gen.check_published(index)


def test_the_next_build_removes_what_a_killed_one_left_and_nothing_that_is_being_written(home: Path) -> None:
    index = home / "index"
    (index / ".g-20261122-110000-000001").mkdir()
    (index / ".g-20261122-110000-000001" / "passagen.jsonl").write_text("halb")
    ended = subprocess.Popen(["true"])
    ended.wait()
    answers = index / gen.ANSWERS
    answers.mkdir()
    for left in (index / f".CURRENT.{ended.pid}.neu", answers / f".g-x.json.{ended.pid}.neu", index / ".log.jsonl.neu"):
        left.write_text("halb")
    written = index / f".log.jsonl.{os.getpid()}.neu"
    written.write_text("wird gerade geschrieben")
    build(home, HashEmbedder(), NOW)
    assert [*index.glob(".g-*"), *index.glob(".*.neu"), *answers.glob(".*.neu")] == [written]


# --- the log


def test_every_line_of_the_log_is_covered_the_last_one_too(home: Path) -> None:
    index, log = home / "index", home / "index" / "log.jsonl"
    publish(home, gen.generations(index)[1])
    whole = log.read_text()
    gen.check_published(index)
    for damaged, number in (
        (whole.replace("Einrichtung", "Jemand"), 2), (whole.replace("A. Beispiel", "Jemand"), 2),
        (whole.split("\n", 1)[1], 1), (whole[:-20], 2), (whole + "[]\n", 3), (whole + "kein JSON\n", 3),
    ):  # fmt: skip
        log.write_text(damaged)
        with pytest.raises(DamagedGeneration, match=f"Zeile {number}") as caught:
            gen.check_published(index)
        one_line(caught)


def test_a_log_whose_end_was_cut_off_no_longer_fits_the_pointer(home: Path) -> None:
    index, log = home / "index", home / "index" / "log.jsonl"
    publish(home, gen.generations(index)[1])
    log.write_text(log.read_text().splitlines()[0] + "\n")
    with pytest.raises(DamagedGeneration, match="Protokoll nennt zuletzt"):
        gen.check_published(index)


def test_a_manifest_other_than_the_released_one_is_noticed(home: Path) -> None:
    manifest = gen.current_folder(home / "index") / gen.MANIFEST
    manifest.write_text(manifest.read_text() + " ")
    with pytest.raises(DamagedGeneration, match="nicht die freigegebene"):
        gen.check_published(home / "index")


def test_nothing_is_published_over_a_damaged_log(home: Path) -> None:
    index, log = home / "index", home / "index" / "log.jsonl"
    first, second = gen.generations(index)
    log.write_text(log.read_text().replace("Einrichtung", "Jemand"))
    with pytest.raises(DamagedGeneration, match="Zeile 1"):
        publish(home, second)
    assert gen.current(index) == first


@pytest.mark.parametrize("comment", ["zwei\nZeilen", "getrennt\u2028hier", "halbes \ud800 Zeichen", "\x85"])
def test_any_comment_stays_one_line_of_the_log(home: Path, comment: str) -> None:
    second = gen.generations(home / "index")[1]
    publish(home, second, comment)
    assert [e["generation"] for e in gen.read_log(home / "index")][-1] == second
    assert (home / "index" / "log.jsonl").read_bytes().count(b"\n") == 2


@pytest.mark.parametrize("command", [["index", "status"], ["index", "verify"]])
def test_status_and_verify_name_a_damaged_log_in_one_line(
    home: Path, command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEITPLANKE_HOME", str(home))
    log = home / "index" / "log.jsonl"
    log.write_text(log.read_text().replace("Einrichtung", "Jemand"))
    assert main(command) == 1
    captured = capsys.readouterr()
    assert "log.jsonl, Zeile 1: die Prüfsumme stimmt nicht" in captured.err
    assert captured.err.count("\n") == 1


# --- several at once


def test_publications_at_the_same_time_are_all_in_the_log(home: Path) -> None:
    names = gen.generations(home / "index")
    threads = [threading.Thread(target=publish, args=(home, names[n % 2], str(n))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    entries = gen.read_log(home / "index")
    assert sorted(e["kommentar"] for e in entries[1:]) == [str(n) for n in range(8)]
    gen.check_published(home / "index")


def test_a_second_builder_is_told_who_builds_since_when_and_how_long(tmp_path: Path) -> None:
    started = dt.datetime(2026, 11, 22, 11, 56, tzinfo=dt.UTC)
    with build_lock(tmp_path, started), pytest.raises(IndexFailure) as caught, build_lock(tmp_path, NOW):
        pass
    assert f"Prozess {os.getpid()}, seit 22.11.2026 11:56 Uhr, 4 Minuten" in one_line(caught)
    earlier = started - dt.timedelta(hours=1)
    with build_lock(tmp_path, started), pytest.raises(IndexFailure) as caught, build_lock(tmp_path, earlier):
        pass
    assert "Minuten" not in one_line(caught), "the clock went backwards: there is no age"


def test_a_running_page_answers_from_what_was_just_published_and_never_mixes(home: Path) -> None:
    """Two threads ask without pause while another process publishes the two generations in turn."""
    index = home / "index"
    first, second = gen.generations(index)
    sentences = {first: "Satz der Regel texte.", second: "Neuer Satz der Regel texte."}
    service = AssistantService(home, Settings(), HashEmbedder(), None)
    wrong: list[str] = []
    seen: set[str] = set()
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            answer = service.answer(LETTER)
            quotes = [c.quote for c in answer.citations if c.norm == "KI-Leitlinie texte"]
            if answer.status is not Status.BEANTWORTET or not quotes[0].startswith(sentences[answer.generation]):
                wrong.append(f"{answer.generation} {answer.text} {quotes}")
            seen.add(answer.generation)

    script = (
        "import sys, pathlib; from assistant.index import generation as gen\n"
        "for name in sys.stdin:\n"
        "    gen.publish(pathlib.Path(sys.argv[1]), name.strip(), when='', by='A', comment='B')\n"
        "    print('fertig', flush=True)\n"
    )
    threads = [threading.Thread(target=ask) for _ in range(2)]
    with subprocess.Popen(
        [sys.executable, "-c", script, str(index)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as publisher:
        assert publisher.stdin
        assert publisher.stdout
        for thread in threads:
            thread.start()
        for name in (second, first, second, first):
            publisher.stdin.write(f"{name}\n")
            publisher.stdin.flush()
            assert publisher.stdout.readline() == "fertig\n"
            # While one asker opens the new generation, others still get the old one; generous for a busy machine.
            end = time.monotonic() + 30
            while service.answer(LETTER).generation != name:
                assert time.monotonic() < end, "questions are answered from the new generation"
        publisher.stdin.close()
        done.set()
        for thread in threads:
            thread.join(60)
    service.close()
    assert wrong == []
    assert seen == {first, second}


# --- disk, rights, damage, clock


def test_too_little_room_is_noticed_before_anything_is_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = home / "index"
    before = sorted(p.name for p in index.iterdir())
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10**9, 10**9, 1000))
    embedder = HashEmbedder("test:neu")
    with pytest.raises(IndexFailure, match="0,0 MB frei") as caught:
        build(home, embedder, NOW)
    one_line(caught)
    assert embedder.embedded == []
    assert sorted(p.name for p in index.iterdir()) == before


def test_the_first_generation_needs_room_by_its_passages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10**9, 0, 10**6))
    check_room(tmp_path, 100, None)
    with pytest.raises(IndexFailure, match=r"8,0 MB nötig.*1,0 MB frei"):
        check_room(tmp_path, 1000, None)


@pytest.mark.parametrize("step", ["_write_sources", "_write_passages", "_write_chroma"])
def test_a_disk_that_fills_up_meanwhile_leaves_the_published_generation(
    home: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = gen.current(home / "index"), gen.generations(home / "index")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"assistant.index.build.{step}", full)
    with pytest.raises(IndexFailure, match="Platz") as caught:
        build(home, HashEmbedder(), NOW)
    one_line(caught)
    assert (gen.current(home / "index"), gen.generations(home / "index")) == before
    assert not list((home / "index").glob(".g-*"))


@pytest.mark.parametrize("method", ["PersistentClient", "Collection.add"])
def test_a_database_that_cannot_write_is_one_line(home: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    import chromadb.errors

    def full(*_: object, **__: object) -> None:
        raise chromadb.errors.InternalError("database or disk is full")

    before = gen.generations(home / "index")
    monkeypatch.setattr(f"chromadb.{method}", full)
    with pytest.raises(IndexFailure, match="Platz und Schreibrechte") as caught:
        build(home, HashEmbedder(), NOW)
    one_line(caught)
    assert gen.generations(home / "index") == before


def test_a_folder_without_write_permission_is_one_line_and_stays_as_it_is(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The administrator of the test machine may write anywhere, so the refusal of the kernel is played."""
    index = home / "index"
    first, second = gen.generations(index)
    opened = Path.open

    def refused(self: Path, mode: str = "r", *args: object, **more: object) -> object:
        if mode[0] in "wa" and self.is_relative_to(index):
            raise PermissionError(13, "Permission denied")
        return opened(self, mode, *args, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refused)
    for attempt in (lambda: build(home, HashEmbedder(), NOW), lambda: publish(home, second)):
        with pytest.raises(IndexFailure, match="Schreibrechte") as caught:
            attempt()
        one_line(caught)
    assert gen.current(index) == first


def test_a_damaged_generation_is_not_published_and_its_vectors_are_not_reused(home: Path) -> None:
    index = home / "index"
    first, second = gen.generations(index)
    vectors = index / second / "vektoren.npy"
    data = bytearray(vectors.read_bytes())
    data[-1] ^= 1
    vectors.write_bytes(data)
    with pytest.raises(DamagedGeneration, match=r"vektoren\.npy"):
        publish(home, second)
    assert gen.current(index) == first
    embedder = HashEmbedder()
    third = build(home, embedder, NOW)
    assert embedder.embedded, "taken from the older, whole generation: what changed since is embedded again"
    assert third.new == len(embedder.embedded) < third.passages


def test_an_unfinished_folder_is_no_generation(home: Path) -> None:
    index = home / "index"
    (index / "g-20270101-000000-000001").mkdir()
    with pytest.raises(NoIndex, match="gibt es nicht"):
        publish(home, "g-20270101-000000-000001")


def test_a_clock_that_went_backwards_is_one_line_and_the_newest_stays_the_newest(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = gen.generations(home / "index")
    with caplog.at_level(logging.WARNING):
        name = build(home, HashEmbedder(), NOW - dt.timedelta(days=400)).generation
    assert gen.generations(home / "index") == [*before, name]
    (record,) = [r for r in caplog.records if r.name == "assistant.index.build"]
    assert "Die Uhr dieses Rechners" in record.getMessage()
    publish(home, name)
    gen.check_published(home / "index")
