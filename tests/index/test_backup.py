"""A backup restores to a home that answers the same; what is not a whole backup of ours is refused unread."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import stat
import tarfile
from collections import namedtuple
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from assistant.ask.pipeline import answer_question
from assistant.cli import main
from assistant.errors import BackupError, DamagedGeneration, IndexFailure, LeitplankeError
from assistant.index import generation as gen
from assistant.index import restore as restoring
from assistant.index.answers import example_questions, gold_questions
from assistant.index.backup import backup
from assistant.index.build import build
from assistant.index.lock import build_lock
from assistant.index.published import PublishedIndex
from assistant.index.restore import CONTENTS, restore
from assistant.types import Question
from tests.conftest import NOW, TODAY, HashEmbedder, write_mini_corpus

CHAPTER = Path("corpus") / "leitlinie" / "01-regeln.md"
Members = list[tuple[tarfile.TarInfo, bytes]]


def silent(step: str, done: int, total: int) -> None:
    """Nobody looks."""


def publish(home: Path, name: str) -> None:
    gen.publish(home / "index", name, when="2026-11-22T12:00", by="A. Beispiel", comment="Probe")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two publications, one generation that is not published, secrets and a large model."""
    home = tmp_path_factory.mktemp("sichern") / "heim"
    home.mkdir()
    write_mini_corpus(home)
    build(home, HashEmbedder(), NOW)
    text = (home / CHAPTER).read_text()
    (home / CHAPTER).write_text(text.replace("Satz der Regel texte.", "Neuer Satz der Regel texte."))
    publish(home, build(home, HashEmbedder(), NOW).generation)
    build(home, HashEmbedder(), NOW)
    (home / "admin.hash").write_text("$argon2id$geheim")
    (home / "schluessel.txt").write_text("sk-geheim")
    (home / "wartung.json").write_text("{}")
    (home / "leitplanke.toml").write_text('generator_schluesseldatei = "schluessel.txt"\n')
    (home / "corpus" / "amtlich").mkdir()
    (home / "corpus" / "amtlich.lock").write_text("{}")
    (home / "models" / "gross.gguf").write_bytes(b"GGUF" + bytes(1000))
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "heim"))


@pytest.fixture(scope="module")
def archive(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("archiv") / "s.tar.gz"
    backup(template, target, NOW, silent)
    return target


def one_line(error: pytest.ExceptionInfo[LeitplankeError]) -> str:
    line = str(error.value)
    assert "\n" not in line
    assert line.endswith(".")
    return line


def answers(home: Path) -> list[dict[str, object]]:
    with closing(PublishedIndex(gen.current_folder(home / "index"), HashEmbedder())) as index:
        index.verify()
        asked = [*example_questions([index.guideline]), *gold_questions(home)]
        found = [answer_question(Question(a.text, TODAY, a.history), index).to_json() for a in asked]
    for answer in found:
        del answer["dauer_ms"]
    return found


def names(archive: Path) -> set[str]:
    with tarfile.open(archive) as opened:
        return set(opened.getnames())


# --- there and back


def test_a_restored_copy_answers_every_question_as_the_original(home: Path, archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "neu"
    assert restore(archive, target, silent) == gen.current(home / "index")
    before, after = answers(home), answers(target)
    assert len(after) > 30
    assert after == before
    gen.check_published(target / "index")
    assert (target / "index" / "log.jsonl").read_bytes() == (home / "index" / "log.jsonl").read_bytes()


def test_a_restored_copy_builds_on_without_embedding_anything(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "neu"
    target.mkdir()
    restore(archive, target, silent)
    embedder = HashEmbedder()
    assert build(target, embedder, NOW).new == 0
    assert embedder.embedded == []


def test_everything_that_cannot_be_made_again_is_saved_and_no_secret(home: Path, archive: Path) -> None:
    first, second, third = gen.generations(home / "index")
    held = names(archive)
    expected = {str(p.relative_to(home)) for p in (home / "corpus").rglob("*") if p.is_file()}
    expected |= {"leitplanke.toml", "wartung.json", "models/manifest.toml", "index/CURRENT", "index/log.jsonl"}
    expected |= {f"index/{first}/manifest.json", f"index/{first}/korpus/leitlinie/01-regeln.md"}
    expected |= {f"index/{second}/vektoren.npy", f"index/{second}/chroma/chroma.sqlite3"}
    assert expected <= held
    assert not [n for n in held if third in n], "what is not published can be built again"
    assert not held & {"admin.hash", "schluessel.txt", "models/gross.gguf", f"index/{first}/vektoren.npy"}


def test_what_is_left_out_is_said_and_comes_along_when_asked_for(home: Path, tmp_path: Path) -> None:
    plain = backup(home, tmp_path / "a.tar.gz", NOW, silent)
    assert plain.left_out == ("admin.hash", "models/gross.gguf", "schluessel.txt")
    whole = backup(home, tmp_path / "b.tar.gz", NOW, silent, models=True, secrets=True)
    assert whole.left_out == ()
    restore(tmp_path / "b.tar.gz", tmp_path / "neu", silent)
    assert (tmp_path / "neu" / "models" / "gross.gguf").read_bytes() == (home / "models" / "gross.gguf").read_bytes()
    assert stat.S_IMODE((tmp_path / "neu" / "admin.hash").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "b.tar.gz").stat().st_mode) == 0o600


def test_a_home_without_an_index_is_saved_too(mini_home: Path, tmp_path: Path) -> None:
    assert backup(mini_home, tmp_path / "a.tar.gz", NOW, silent).generation is None
    assert restore(tmp_path / "a.tar.gz", tmp_path / "neu", silent) is None
    assert (tmp_path / "neu" / CHAPTER).read_bytes() == (mini_home / CHAPTER).read_bytes()


def test_a_page_that_is_answering_does_not_disturb_the_backup(home: Path, tmp_path: Path) -> None:
    from assistant.types import Lane

    with closing(PublishedIndex(gen.current_folder(home / "index"), HashEmbedder())) as index:
        assert index.dense("Rundschreiben", Lane.REGELN, 3)
        backup(home, tmp_path / "a.tar.gz", NOW, silent)
        assert index.dense("Rundschreiben", Lane.REGELN, 3)
    restore(tmp_path / "a.tar.gz", tmp_path / "neu", silent)
    assert answers(tmp_path / "neu")


# --- what is not saved


def test_nothing_is_saved_while_a_build_is_running(home: Path, tmp_path: Path) -> None:
    with build_lock(home / "index", NOW), pytest.raises(IndexFailure, match="wird gerade gebaut") as caught:
        backup(home, tmp_path / "a.tar.gz", NOW, silent)
    one_line(caught)
    assert list(tmp_path.glob("*.tar.gz*")) == []


def test_a_damaged_generation_is_not_saved(home: Path, tmp_path: Path) -> None:
    (gen.current_folder(home / "index") / "passagen.jsonl").write_text("")
    with pytest.raises(DamagedGeneration, match=r"passagen\.jsonl"):
        backup(home, tmp_path / "a.tar.gz", NOW, silent)
    assert [p.name for p in tmp_path.iterdir()] == ["heim"]


def test_a_link_is_named_and_not_followed(home: Path, tmp_path: Path) -> None:
    (home / "corpus" / "leitlinie" / "fremd.md").symlink_to("/etc/passwd")
    with pytest.raises(BackupError, match=r"fremd\.md ist eine Verknüpfung") as caught:
        backup(home, tmp_path / "a.tar.gz", NOW, silent)
    one_line(caught)
    assert [p.name for p in tmp_path.iterdir()] == ["heim"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("s.zip", "endet"), ("da.tar.gz", "gibt es schon"), ("heim/corpus/s.tar.gz", "außerhalb"), ("fehlt/s.tar.gz", "Rechte")],
)
def test_a_target_that_cannot_be_is_one_line(home: Path, tmp_path: Path, name: str, expected: str) -> None:
    (tmp_path / "da.tar.gz").write_bytes(b"alt")
    with pytest.raises(BackupError, match=expected) as caught:
        backup(home, tmp_path / name, NOW, silent)
    one_line(caught)
    assert (tmp_path / "da.tar.gz").read_bytes() == b"alt"


def test_a_backup_that_reads_back_differently_gets_no_name(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def differs(*_: object) -> None:
        raise BackupError("s.tar.gz: stimmt nicht.")

    monkeypatch.setattr("assistant.index.backup.checked_contents", differs)
    with pytest.raises(BackupError):
        backup(home, tmp_path / "a.tar.gz", NOW, silent)
    assert [p.name for p in tmp_path.iterdir()] == ["heim"]


# --- what is not restored


def repacked(archive: Path, target: Path, change: Callable[[Members], None]) -> Path:
    """The archive with its members changed, but with a list of contents that fits them."""
    with tarfile.open(archive) as old:
        members = [(m, old.extractfile(m).read()) for m in old if m.name != CONTENTS]  # type: ignore[union-attr]
    change(members)
    listed = {m.name: [len(data), hashlib.sha256(data).hexdigest()] for m, data in members}
    contents = json.dumps({"format": 1, "zeit": "", "generation": None, "dateien": listed}).encode()
    with tarfile.open(target, "w:gz") as new:
        for member, data in [*members, (tarfile.TarInfo(CONTENTS), contents)]:
            member.size = len(data) if member.isreg() else 0
            new.addfile(member, io.BytesIO(data))
    return target


def added(name: str, **fields: object) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        member = tarfile.TarInfo(name)
        for field, value in fields.items():
            setattr(member, field, value)
        members.append((member, b""))

    return change


def twice(members: Members) -> None:
    members.append(members[0])


@pytest.mark.parametrize(
    "change",
    [
        added("../fremd.txt"), added("corpus/../../fremd.txt"), added("/tmp/fremd.txt"), added("etc/fremd.txt"),  # noqa: S108
        added("corpus\\..\\fremd.txt"), added("./corpus/fremd.txt"), added("corpus/./fremd.txt"), twice,
        added("corpus/link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        added("corpus/link", type=tarfile.LNKTYPE, linkname="../../etc/passwd"),
        added("corpus/pipe", type=tarfile.FIFOTYPE), added("corpus/null", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
        added("corpus/ordner", type=tarfile.DIRTYPE),
    ],
)  # fmt: skip
def test_members_that_lead_elsewhere_or_are_no_plain_files_are_refused_unpacked(
    archive: Path, tmp_path: Path, change: Callable[[Members], None]
) -> None:
    bad = repacked(archive, tmp_path / "b.tar.gz", change)
    with pytest.raises(BackupError, match="nichts ausgepackt") as caught:
        restore(bad, tmp_path / "ziel" / "neu", silent)
    one_line(caught)
    assert [p.name for p in tmp_path.iterdir()] == ["b.tar.gz"]


def test_repacking_alone_is_not_what_is_refused(archive: Path, tmp_path: Path) -> None:
    assert restore(repacked(archive, tmp_path / "b.tar.gz", lambda _: None), tmp_path / "neu", silent)


def bomb(path: Path) -> None:
    with tarfile.open(path, "w:gz") as new:
        member = tarfile.TarInfo("corpus/gross")
        member.size = 100 * 2**20
        new.addfile(member, io.BytesIO(bytes(member.size)))


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def changed_byte(path: Path) -> None:
    """A valid archive whose list of contents belongs to another file."""
    with tarfile.open(path) as old:
        members = [(m, old.extractfile(m).read()) for m in old]  # type: ignore[union-attr]
    with tarfile.open(path, "w:gz") as new:
        for member, data in members:
            changed = data.replace(b"Satz", b"Sotz") if member.name == str(CHAPTER) else data
            new.addfile(member, io.BytesIO(changed))


def without_contents(path: Path) -> None:
    with tarfile.open(path, "w:gz") as new:
        new.addfile(tarfile.TarInfo("leitplanke.toml"), io.BytesIO())


def bad_contents(path: Path) -> None:
    with tarfile.open(path, "w:gz") as new:
        member = tarfile.TarInfo(CONTENTS)
        member.size = 2
        new.addfile(member, io.BytesIO(b"[]"))


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda p: p.write_bytes(p.read_bytes()[:-1000]), "kein vollständiges"), (flipped, "Sicherung nehmen"),
        (lambda p: p.write_bytes(b"PK\x03\x04"), "kein vollständiges"), (lambda p: p.write_bytes(b""), "kein vollständiges"),
        (changed_byte, "01-regeln.md“ stimmt nicht"), (without_contents, "fehlt"), (bad_contents, "nicht lesbar"),
        (bomb, "unglaubhaft groß"), (lambda p: p.unlink(), "zurückgespielt werden"),
    ],
    ids=["abgeschnitten", "gekippt", "zip", "leer", "veraendert", "ohne", "schlecht", "bombe", "weg"],
)  # fmt: skip
def test_what_is_no_whole_backup_is_one_line_and_nothing_is_written(
    archive: Path, tmp_path: Path, damage: Callable[[Path], object], expected: str
) -> None:
    copy = Path(shutil.copy(archive, tmp_path / "b.tar.gz"))
    damage(copy)
    with pytest.raises(BackupError, match=expected) as caught:
        restore(copy, tmp_path / "neu", silent)
    one_line(caught)
    assert {p.name for p in tmp_path.iterdir()} <= {"b.tar.gz"}


def test_a_folder_that_is_not_empty_stays_as_it_is(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "voll").mkdir()
    (tmp_path / "voll" / "etwas").write_text("x")
    with pytest.raises(BackupError, match="nicht leer"):
        restore(archive, tmp_path / "voll", silent)
    assert [p.name for p in (tmp_path / "voll").iterdir()] == ["etwas"]


def test_too_little_room_is_noticed_before_anything_is_written(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10**9, 10**9, 1000))
    with pytest.raises(BackupError, match="die frei sind"):
        restore(archive, tmp_path / "neu", silent)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["_unpack", "gen.check_files", "os.rename"])
def test_a_restore_that_fails_midway_leaves_nothing(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    owner = {"gen.check_files": gen, "os.rename": os}.get(step, restoring)
    monkeypatch.setattr(owner, step.rsplit(".", maxsplit=1)[-1], full)
    with pytest.raises(BackupError, match="No space left") as caught:
        restore(archive, tmp_path / "neu", silent)
    one_line(caught)
    assert list(tmp_path.iterdir()) == []


# --- as commands


def test_the_commands_save_and_restore_and_say_what_is_missing(
    ready_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEITPLANKE_HOME", str(ready_home))
    (ready_home / "admin.hash").write_text("geheim")
    target = str(tmp_path / "s.tar.gz")
    assert main(["backup", target]) == 0
    assert "Nicht enthalten (gesondert aufbewahren): admin.hash" in capsys.readouterr().out
    question = "Darf ich ein Rundschreiben entwerfen lassen?"
    assert main(["ask", question, "--as-of", "2026-11-22"]) == 0
    before = capsys.readouterr().out
    assert main(["restore", target, str(tmp_path / "neu")]) == 0
    assert "Weiter: LEITPLANKE_HOME=" in capsys.readouterr().out
    monkeypatch.setenv("LEITPLANKE_HOME", str(tmp_path / "neu"))
    assert main(["index", "verify"]) == 0
    capsys.readouterr()
    assert main(["ask", question, "--as-of", "2026-11-22"]) == 0
    assert capsys.readouterr().out == before
    assert main(["restore", target, str(tmp_path / "neu")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
