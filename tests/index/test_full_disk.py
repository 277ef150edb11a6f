"""A disk that is really full (a small tmpfs) and builders that are really several processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.index import generation as gen
from assistant.index.published import PublishedIndex
from tests.conftest import ROOT, HashEmbedder

ON_A_SMALL_DISK = """
import sys, pathlib, shutil, subprocess
sys.path.insert(0, sys.argv[2])
home, kept = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[3])
shutil.copytree(home / "index", kept)
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", home / "index"], check=True)
shutil.copytree(kept, home / "index", dirs_exist_ok=True)
free = shutil.disk_usage(home / "index").free
(home / "index" / "fuellung").write_bytes(bytes(free - int(sys.argv[4])))
from assistant.ask.service import AssistantService
from assistant.errors import IndexFailure
from assistant.index import build as builder
from assistant.index import generation as gen
from assistant.settings import Settings
from assistant.types import Question
from tests.conftest import HashEmbedder, NOW, TODAY
builder.check_room = lambda *_: None   # what the estimate would refuse is begun here
index, name = home / "index", gen.current(home / "index")
for attempt in (
    lambda: builder.build(home, HashEmbedder(), NOW),
    lambda: gen.publish(index, name, when="", by="A", comment="x" * int(sys.argv[5])),
):
    try:
        attempt()
        print("gelungen")
    except IndexFailure as error:
        print("abgelehnt", str(error).count("\\n"), "Platz" in str(error))
print(gen.current(index) == name, len(gen.generations(index)), len(list(index.glob(".g-*"))), len(gen.read_log(index)))
service = AssistantService(home, Settings(), HashEmbedder(), None)
print(service.answer(Question("Darf ich ein Rundschreiben entwerfen lassen?", TODAY)).status.value)
service.close()
"""

BUILDER = """
import sys, pathlib
sys.path.insert(0, sys.argv[2])
from assistant.errors import IndexFailure
from assistant.index.build import build
from tests.conftest import HashEmbedder, NOW
try:
    print("gebaut", build(pathlib.Path(sys.argv[1]), HashEmbedder(), NOW).generation)
except IndexFailure as error:
    print("gesperrt", "Prozess" in str(error), str(error).count("\\n"))
"""


def _can_mount() -> bool:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not _can_mount(), reason="braucht das Recht, eine kleine Platte einzuhängen (unshare, mount)")
@pytest.mark.parametrize("room", [0, 65_536, 409_600])
def test_a_full_disk_is_one_line_and_the_published_generation_answers(
    built_home: Path, tmp_path: Path, room: int
) -> None:
    command = ["unshare", "-m", sys.executable, "-c", ON_A_SMALL_DISK, str(built_home), str(ROOT), str(tmp_path / "kopie")]
    done = subprocess.run(
        [*command, str(room), str(2 * room + 8192)], check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    built, published, state, answer = done.stdout.splitlines()
    assert (built, published) == ("abgelehnt 0 True",) * 2
    assert (state, answer) == ("True 1 0 1", "beantwortet")


def test_of_several_builders_at_once_each_builds_alone_or_is_told_who_does(built_home: Path) -> None:
    command = [sys.executable, "-c", BUILDER, str(built_home), str(ROOT)]
    builders = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [builder.communicate(timeout=120) for builder in builders]
    assert [builder.returncode for builder in builders] == [0, 0, 0], said
    lines = [out.strip() for out, _ in said]
    built = [line.split()[1] for line in lines if line.startswith("gebaut")]
    assert built
    assert all(line == "gesperrt True 0" for line in lines if not line.startswith("gebaut"))
    index = built_home / "index"
    assert sorted(built) == gen.generations(index)[1:]
    for name in built:
        opened = PublishedIndex(index / name, HashEmbedder())
        opened.verify()
        opened.close()
    assert not list(index.glob(".g-*"))
