""" "Was würde das Urteil ändern?" says nothing that the pipeline would not answer to the changed question."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.ask import change
from assistant.ask.change import _TIGHTENED, Changes, Circumstance, what_would_change
from assistant.ask.pipeline import answer_question
from assistant.index.generation import current_folder
from assistant.index.published import PublishedIndex
from assistant.models.embedder import open_embedder
from assistant.types import STRICTNESS, Question, Verdict
from tests.conftest import ROOT, TODAY

MAIL = "Kann ich die Mail einer Bürgerin in ChatGPT einfügen?"


@pytest.fixture(scope="module")
def index(shipped_home: Path) -> Iterator[PublishedIndex]:
    opened = PublishedIndex(current_folder(shipped_home / "index"), open_embedder(shipped_home, "eingebaut"))
    yield opened
    opened.close()


def changes(text: str, index: PublishedIndex, *history: str) -> Changes:
    return what_would_change(Question(text, TODAY, history), index)


def by_circumstance(found: Changes) -> dict[Circumstance, Verdict]:
    return {c.circumstance: c.verdict for c in found.changed if c.circumstance is not Circumstance.AUSNAHME}


def sample() -> list[tuple[str, tuple[str, ...]]]:
    """Every ninetieth question of the bank that has a verdict, as (question, history)."""
    lines = [
        line for file in sorted((ROOT / "corpus/fragen").glob("*.jsonl")) for line in file.read_text().splitlines()
    ]
    asked = [o for o in map(json.loads, filter(None, lines)) if o["urteil"]]
    return [(o["frage"], tuple(o["verlauf"])) for o in asked[::90]]


def test_every_stated_change_is_what_the_changed_question_is_answered(index: PublishedIndex) -> None:
    stated = 0
    for text, history in [*sample(), (MAIL, ())]:
        asked = Question(text, TODAY, history)
        before = answer_question(asked, index).verdict
        for stating in what_would_change(asked, index).changed:
            exception = stating.circumstance is Circumstance.AUSNAHME
            then = answer_question(replace(asked, text=stating.question, history=() if exception else history), index)
            assert (then.verdict, then.rules[0]) == (stating.verdict, stating.rule), stating
            assert stating.verdict is not before
            stated += 1
    assert stated > 30


def test_a_way_out_is_never_stricter_and_a_trespass_never_milder(index: PublishedIndex) -> None:
    for text, history in sample():
        before = answer_question(Question(text, TODAY, history), index).verdict
        for circumstance, verdict in by_circumstance(changes(text, index, *history)).items():
            assert before is not None
            assert (STRICTNESS[verdict] > STRICTNESS[before]) is (circumstance in _TIGHTENED), (text, circumstance)


def test_a_mail_in_chatgpt_is_less_strict_without_persons_and_names_the_exceptions(index: PublishedIndex) -> None:
    found = changes(MAIL, index)
    assert by_circumstance(found) == {Circumstance.OHNE_PERSONEN: Verdict.BEDINGT}
    assert Circumstance.FREIGEGEBEN in found.same
    exceptions = {c.rule for c in found.changed if c.circumstance is Circumstance.AUSNAHME}
    assert exceptions
    assert all("personenbezogene-daten" in index.guideline.rule(rule).exception_to for rule in exceptions)  # type: ignore[union-attr]


def test_a_permission_is_lost_by_persons_foreign_tools_and_unchecked_results(index: PublishedIndex) -> None:
    found = by_circumstance(changes("Darf ich eine interne Rundmail mit dem städtischen Sprachmodell entwerfen?", index))
    assert found[Circumstance.UNGEPRUEFT] is Verdict.VERBOTEN
    assert found[Circumstance.NICHT_FREIGEGEBEN] is not Verdict.ERLAUBT
    assert found[Circumstance.MIT_PERSONEN] is not Verdict.ERLAUBT


def test_the_named_tool_is_exchanged_where_it_stands(index: PublishedIndex) -> None:
    found = changes("Kann ich mit ChatGPT eine Excel-Formel schreiben lassen?", index)
    tool = next(c for c in found.changed if c.circumstance is Circumstance.FREIGEGEBEN)
    assert tool.question == "Kann ich mit Sprachmodell der Stadt eine Excel-Formel schreiben lassen?"
    assert tool.verdict is Verdict.ERLAUBT


def test_what_was_to_be_done_unchecked_is_asked_checked(index: PublishedIndex) -> None:
    found = changes("Darf ich eine Pressemitteilung ungeprüft von der KI veröffentlichen lassen?", index)
    assert by_circumstance(found)[Circumstance.GEPRUEFT] is Verdict.BEDINGT


def test_an_english_question_is_changed_in_english(index: PublishedIndex) -> None:
    found = changes("May our approved model draft an internal memo about the car park?", index)
    assert any(c.question.endswith("The result goes out unchecked.") for c in found.changed)


@pytest.mark.parametrize("text", ["Was gibt es heute in der Kantine?", "Was steht in Art. 50 Abs. 4 KI-VO?", ""])
def test_without_a_verdict_on_a_use_there_is_nothing_to_change(index: PublishedIndex, text: str) -> None:
    assert changes(text, index) == Changes()


def test_a_milder_rule_that_did_not_speak_for_the_question_is_not_reported(
    index: PublishedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change, "SPOKE", 1.1)
    found = changes("Kann ich mit ChatGPT eine Excel-Formel schreiben lassen?", index)
    assert Circumstance.FREIGEGEBEN not in by_circumstance(found)


@pytest.mark.parametrize(
    ("text", "found", "place"),
    [
        ("In ChatGPT eingeben?", "chatgpt", (3, 10)),
        ("Straße, PRÜFUNG ohne  Prüfung!", "ohne prufung", (16, 29)),
        ("Ein anderes Wort", "chatgpt", None),
    ],
)
def test_folded_words_are_found_where_they_are_written(text: str, found: str, place: tuple[int, int] | None) -> None:
    assert change._place(text, found) == place
