"""What was found to be answered is remembered for publishing, and only where it must be the same."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.errors import IndexFailure
from assistant.index import generation as gen
from assistant.index import given
from assistant.index.answers import check_permissions
from assistant.index.build import build
from assistant.index.diff import chosen, diff
from assistant.index.given import Answers, Asked
from assistant.index.published import PublishedIndex
from assistant.types import Answer, Question
from tests.conftest import NOW, TODAY, HashEmbedder, write_mini_corpus

CHAPTER = Path("corpus") / "leitlinie" / "01-regeln.md"
GOLD = Path("corpus") / "fragen" / "gold.jsonl"
PROTECTED = "Kann ich Kundendaten hochladen?"


def silent(step: str, done: int, total: int) -> None:
    """Nobody looks."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published generation and one that permits what a gold question rules out."""
    home = tmp_path_factory.mktemp("gemerkt") / "heim"
    home.mkdir()
    write_mini_corpus(home)
    row = {"id": "p1", "frage": PROTECTED, "status": "beantwortet", "regeln": ["personen"], "darf_nie": ["erlaubt"], "runde": 3}
    (home / GOLD).write_text(json.dumps(row) + "\n")
    build(home, HashEmbedder(), NOW)
    text = (home / CHAPTER).read_text()
    (home / CHAPTER).write_text(text.replace("id: personen\nurteil: verboten", "id: personen\nurteil: erlaubt"))
    build(home, HashEmbedder(), NOW)
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "heim"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """(generation, question) of everything that is really answered."""
    seen: list[tuple[str, str]] = []
    answer = given.answer_question

    def counted(question: Question, index: PublishedIndex) -> Answer:
        seen.append((index.generation, question.text))
        return answer(question, index)

    monkeypatch.setattr(given, "answer_question", counted)
    return seen


def compared(home: Path, day: dt.date = TODAY) -> object:
    return diff(home, *chosen(home / "index", ()), HashEmbedder(), day, silent)


def test_publishing_after_a_comparison_asks_nothing_again_and_is_still_refused(
    home: Path, asked: list[tuple[str, str]]
) -> None:
    compared(home)
    assert asked
    asked.clear()
    newest = gen.generations(home / "index")[-1]
    with pytest.raises(IndexFailure, match="die Prüffrage p1 bekäme „erlaubt“"):
        check_permissions(home, newest, HashEmbedder(), TODAY, silent)
    assert asked == []


def test_a_second_comparison_asks_only_what_is_answered_otherwise_and_says_the_same(
    home: Path, asked: list[tuple[str, str]]
) -> None:
    first, all_asked = compared(home), len(asked)
    asked.clear()
    assert compared(home) == first
    assert 0 < len(asked) < all_asked / 2


def other_day(home: Path, patch: pytest.MonkeyPatch) -> None:
    """Nothing on the disk; the test asks one day later."""


def other_program(home: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(given, "program", lambda: "eine andere Fassung")


def other_manifest(home: Path, patch: pytest.MonkeyPatch) -> None:
    for name in gen.generations(home / "index"):
        manifest = home / "index" / name / gen.MANIFEST
        manifest.write_text(manifest.read_text() + " ")


def kept(home: Path) -> list[Path]:
    return sorted((home / "index" / gen.ANSWERS).glob("*.json"))


def forged(home: Path, patch: pytest.MonkeyPatch) -> None:
    for path in kept(home):
        path.write_text(path.read_text().replace('"erlaubt"', '"verboten"'))


def cut_off(home: Path, patch: pytest.MonkeyPatch) -> None:
    for path in kept(home):
        path.write_bytes(path.read_bytes()[:-30])


def other_json(home: Path, patch: pytest.MonkeyPatch) -> None:
    for path in kept(home):
        path.write_text("[1, 2]")


@pytest.mark.parametrize(
    "change", [other_day, other_program, other_manifest, forged, cut_off, other_json], ids=lambda f: f.__name__
)
def test_what_was_remembered_counts_for_the_same_files_program_and_day_only(
    home: Path,
    asked: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path, pytest.MonkeyPatch], None],
) -> None:
    compared(home, TODAY)
    asked.clear()
    assert kept(home)
    change(home, monkeypatch)
    newest = gen.generations(home / "index")[-1]
    day = TODAY + dt.timedelta(days=change is other_day)
    with pytest.raises(IndexFailure, match="die Prüffrage p1 bekäme „erlaubt“"):
        check_permissions(home, newest, HashEmbedder(), day, silent)
    assert (newest, PROTECTED) in asked


def test_a_new_gold_question_is_asked_though_others_are_known(home: Path, asked: list[tuple[str, str]]) -> None:
    compared(home)
    asked.clear()
    text = "Darf die KI den Brief der Bürgerin beantworten?"
    row = {"id": "p2", "frage": text, "status": "beantwortet", "regeln": ["personen"], "darf_nie": ["erlaubt"], "runde": 3}
    with (home / GOLD).open("a") as gold:
        gold.write(json.dumps(row) + "\n")
    newest = gen.generations(home / "index")[-1]
    with pytest.raises(IndexFailure, match="2 Prüffragen"):
        check_permissions(home, newest, HashEmbedder(), TODAY, silent)
    assert {question for _, question in asked} == {text}


def test_no_text_of_a_question_or_answer_is_kept(home: Path) -> None:
    compared(home)
    written = "".join(path.read_text() for path in kept(home))
    assert "Kundendaten" not in written
    assert "Satz der Regel" not in written


def test_a_folder_that_cannot_be_written_only_forgets(
    home: Path, asked: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(given, "write_atomically", refused)
    compared(home)
    assert kept(home) == []


def test_what_was_kept_goes_with_its_generation(mini_home: Path) -> None:
    index = mini_home / "index"
    names = [build(mini_home, HashEmbedder(), NOW).generation for _ in range(2)]
    for name in names:
        with closing(PublishedIndex(index / name, HashEmbedder())) as opened:
            answers = Answers(opened, TODAY)
            answers.given(Asked("x", "Darf ich ein Rundschreiben entwerfen lassen?"))
            answers.keep()
    assert [path.stem for path in kept(mini_home)] == names
    for _ in range(3):
        build(mini_home, HashEmbedder(), NOW)
    assert [path.stem for path in kept(mini_home)] == names[:1], "the published one stays"


# --- going back, as a command


@pytest.fixture
def published_twice(ready_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEITPLANKE_HOME", str(ready_home))
    assert main(["index", "build"]) == 0
    newest = gen.generations(ready_home / "index")[-1]
    assert main(["index", "activate", newest, "--freigabe", "A. Beispiel", "--kommentar", "Probe"]) == 0
    return ready_home


@pytest.mark.parametrize(
    ("options", "by", "comment"),
    [
        ([], "rollback", "zurück von g-"),
        (["--freigabe", "B. Beispiel", "--kommentar", "falsches Urteil"], "B. Beispiel", "falsches Urteil"),
        (["--freigabe", "B. Beispiel"], "B. Beispiel", "zurück von g-"),
    ],
)
def test_going_back_needs_no_name_and_logs_one_that_is_given(
    published_twice: Path, options: list[str], by: str, comment: str
) -> None:
    index = published_twice / "index"
    assert main(["index", "rollback", *options]) == 0
    entry = gen.read_log(index)[-1]
    assert entry["generation"] == gen.current(index) == gen.generations(index)[0]
    assert (entry["freigabe"], entry["kommentar"].startswith(comment)) == (by, True)
    gen.check_published(index)


def test_without_an_earlier_publication_going_back_is_one_line(
    ready_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEITPLANKE_HOME", str(ready_home))
    assert main(["index", "rollback"]) == 1
    assert capsys.readouterr().err == (
        "Es gibt keine frühere veröffentlichte Generation, zu der zurückgekehrt werden kann.\n"
    )
