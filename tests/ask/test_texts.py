"""One user text per status, one first line per verdict."""

from __future__ import annotations

import pytest

from assistant.ask import texts
from assistant.ask.compose import first_line
from assistant.ask.decide import Decision
from assistant.types import Status, Verdict


def test_every_status_has_exactly_one_text() -> None:
    assert set(texts.STATUS_TEXT) == set(Status)
    written = [text for status, text in texts.STATUS_TEXT.items() if status is not Status.BEANTWORTET]
    assert all(text.strip() for text in written)
    assert len(set(written)) == len(written)


def test_what_is_answered_opens_with_its_verdict_instead() -> None:
    assert texts.STATUS_TEXT[Status.BEANTWORTET] == ""
    assert set(texts.FIRST_LINE) == set(Verdict)
    assert len(set(texts.FIRST_LINE.values())) == len(Verdict)


def test_the_line_of_a_permission_is_that_of_the_contract() -> None:
    line = "Erlaubt – mit freigegebenem Werkzeug, ohne geschützte Daten, selbst geprüft."
    assert texts.FIRST_LINE[Verdict.ERLAUBT] == line
    assert len(texts.BASE_CONDITIONS) == 3


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_first_line_begins_with_the_verdict(verdict: Verdict) -> None:
    opening = {Verdict.BEDINGT: "Nur unter Bedingungen"}.get(verdict, verdict.value.capitalize())
    assert first_line(Decision(Status.BEANTWORTET, verdict)).startswith(opening)


def test_a_violated_condition_is_said_in_the_first_line() -> None:
    assert first_line(Decision(Status.BEANTWORTET, Verdict.VERBOTEN, ("r",), True)) == texts.VIOLATED
    assert texts.VIOLATED.startswith("Verboten")


def test_what_is_not_regulated_is_never_worded_as_a_permission() -> None:
    assert "nicht erlaubt" in texts.STATUS_TEXT[Status.NICHT_GEREGELT]
    assert "keine Erlaubnis" in texts.STATUS_TEXT[Status.NICHT_GEREGELT]
