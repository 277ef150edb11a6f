"""An index on a read-only file system is searched without Chroma, which would write; nothing in it changes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import DamagedGeneration
from assistant.index import generation as gen
from assistant.index import published
from assistant.index.published import PublishedIndex
from assistant.types import Lane
from tests.conftest import ROOT, HashEmbedder

QUERIES = ("Rundschreiben an alle Ämter", "Adressen von Einwohnern", "Protokoll der Sitzung", "Bürgerdaten lokal")

IN_A_READ_ONLY_MOUNT = """
import sys, pathlib, subprocess
sys.path.insert(0, sys.argv[2])
home = pathlib.Path(sys.argv[1])
subprocess.run(["mount", "--bind", home / "index", home / "index"], check=True)
subprocess.run(["mount", "-o", "remount,bind,ro", home / "index"], check=True)
from assistant.ask.service import AssistantService
from assistant.errors import IndexFailure
from assistant.index.build import build
from assistant.index.published import PublishedIndex
from assistant.index import generation as gen
from assistant.settings import Settings
from assistant.types import Lane, Question
from tests.conftest import HashEmbedder, NOW, TODAY
service = AssistantService(home, Settings(), HashEmbedder(), None)
answer = service.answer(Question("Darf ich ein Rundschreiben entwerfen lassen?", TODAY))
print(answer.status.value, answer.verdict.value)
with service.pinned() as index:
    index.verify()
    print(len(index.dense("Rundschreiben", Lane.REGELN, 3)))
service.close()
name = gen.current(home / "index")
for attempt in (
    lambda: build(home, HashEmbedder(), NOW),
    lambda: gen.publish(home / "index", name, when="", by="A", comment="B"),
):
    try:
        attempt()
    except IndexFailure as error:
        print(str(error).count("\\n"), "Schreibrechte" in str(error))
"""


@pytest.fixture
def opened(built_home: Path) -> Iterator[PublishedIndex]:
    with closing(PublishedIndex(gen.current_folder(built_home / "index"), HashEmbedder())) as index:
        yield index


@pytest.fixture
def no_chroma(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder counts as not writable, and Chroma must not be touched."""

    def touched(*_: object) -> None:
        raise AssertionError("Chroma was opened in a folder that cannot be written")

    monkeypatch.setattr(published, "writable", lambda _: False)
    monkeypatch.setattr(PublishedIndex, "_collection", touched)


def test_exact_search_finds_what_chroma_finds(built_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = gen.current_folder(built_home / "index")
    lanes = (Lane.REGELN, Lane.LEITLINIE, Lane.RECHT)
    found = []
    for may_write in (True, False):
        monkeypatch.setattr(published, "writable", lambda _, answer=may_write: answer)
        with closing(PublishedIndex(folder, HashEmbedder())) as index:
            found.append([index.dense(query, lane, 5) for query in QUERIES for lane in lanes])
    for by_chroma, exact in zip(*found, strict=True):
        assert np.allclose([h.score for h in by_chroma], [h.score for h in exact], atol=1e-5)
        assert len({h.passage.id for h in exact}) == len(exact) == len(by_chroma)
    assert sum(map(len, found[1])) > 30


@pytest.mark.usefixtures("no_chroma")
def test_search_and_verify_leave_chroma_alone_where_nothing_can_be_written(opened: PublishedIndex) -> None:
    assert opened.search("Rundschreiben an alle Ämter", Lane.REGELN, 3)[0].passage.rule == "texte"
    opened.verify()


@pytest.mark.usefixtures("no_chroma")
def test_damaged_vectors_are_one_line_there_too(opened: PublishedIndex) -> None:
    (opened.folder / "vektoren.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(DamagedGeneration, match=r"vektoren\.npy .*neu bauen") as caught:
        opened.dense("Rundschreiben", Lane.REGELN, 3)
    assert "\n" not in str(caught.value)


def _can_mount() -> bool:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not _can_mount(), reason="braucht das Recht, ein Dateisystem nur lesbar einzuhängen (unshare, mount)")
def test_a_read_only_mount_answers_and_refuses_to_build_in_one_line(built_home: Path) -> None:
    index = built_home / "index"
    before = {path: path.read_bytes() for path in index.rglob("*") if path.is_file()}
    command = ["unshare", "-m", sys.executable, "-c", IN_A_READ_ONLY_MOUNT, str(built_home), str(ROOT)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["beantwortet erlaubt", "3", "0 True", "0 True"]
    assert {path: path.read_bytes() for path in index.rglob("*") if path.is_file()} == before
