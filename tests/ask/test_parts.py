"""Compound questions are taken apart where a second thing is asked, and only there."""

from __future__ import annotations

import pytest

from assistant.ask.decide import Decision, together
from assistant.ask.parts import split_question
from assistant.types import Status, Verdict


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Darf ich den Flyer mit KI schreiben, und muss ich das kennzeichnen?",
            ("Darf ich den Flyer mit KI schreiben", "und muss ich das kennzeichnen?"),
        ),
        (
            "Kann ich den Brief übersetzen lassen? Muss der Personalrat das wissen?",
            ("Kann ich den Brief übersetzen lassen?", "Muss der Personalrat das wissen?"),
        ),
        (
            "Wir planen ein Fest. Darf die KI das Plakat malen, oder brauchen wir dafür eine Freigabe?",
            ("Wir planen ein Fest. Darf die KI das Plakat malen", "oder brauchen wir dafür eine Freigabe?"),
        ),
        ("May I use it for the flyer, and do I have to label it?", ("May I use it for the flyer", "and do I have to label it?")),
    ],
)
def test_each_thing_asked_is_a_part(question: str, parts: tuple[str, ...]) -> None:
    assert split_question(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "Darf ich Kochrezepte und Einladungen schreiben lassen?",
        "Darf und kann ich das?",
        "Die Software speichert, wer wann und wie lange damit arbeitet. Ist das erlaubt?",
        "Und wie?",
        "Darf ich das? Kann ich es? Soll ich es? Muss ich das? Brauche ich es?",
        "",
    ],
)
def test_what_asks_one_thing_stays_whole(question: str) -> None:
    assert split_question(question) == (question,)


ANSWERED = Status.BEANTWORTET


def test_the_stricter_part_governs() -> None:
    whole = Decision(ANSWERED, Verdict.ERLAUBT, ("texte",))
    part = Decision(ANSWERED, Verdict.BEDINGT, ("kennzeichnung",))
    assert together(whole, [part]) == Decision(ANSWERED, Verdict.BEDINGT, ("kennzeichnung", "texte"))


def test_a_part_never_opens_what_the_whole_forbids() -> None:
    whole = Decision(ANSWERED, Verdict.VERBOTEN, ("sozialdaten",))
    both = together(whole, [Decision(ANSWERED, Verdict.ERLAUBT, ("texte",))])
    assert (both.verdict, both.rules) == (Verdict.VERBOTEN, ("sozialdaten", "texte"))


def test_information_stays_information() -> None:
    whole = Decision(ANSWERED, Verdict.AUSKUNFT, ("fristen",))
    both = together(whole, [Decision(ANSWERED, Verdict.VERBOTEN, ("sozialdaten",))])
    assert (both.verdict, both.rules) == (Verdict.AUSKUNFT, ("fristen", "sozialdaten"))


def test_a_refusal_is_not_answered_in_parts() -> None:
    whole = Decision(Status.AUSSERHALB)
    assert together(whole, [Decision(ANSWERED, Verdict.ERLAUBT, ("texte",))]) is whole
