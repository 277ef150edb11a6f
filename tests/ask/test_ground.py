"""A sentence stands on the sources by its words and agrees with one of them in what is denied."""

from __future__ import annotations

import pytest

from assistant.ask.ground import Ground, content, denies, ground_of, groundless, merged

SOURCES = (
    "Sozialdaten unterliegen dem Sozialgeheimnis und dürfen in kein KI-Werkzeug eingegeben werden.",
    "Die Stadt prüft jedes Verfahren vor der Freigabe.",
    "Die Eingabe enthält keine Namen.",
)
GROUND = ground_of(SOURCES, ["Darf ich Protokolle hochladen?"])


@pytest.mark.parametrize(
    "sentence",
    [
        "Die Stadt prüft ein Verfahren, bevor sie es zur Freigabe gibt.",
        "Sozialdaten unterliegen dem Sozialgeheimnis.",
        "In der Eingabe stehen keine Namen.",
        "Sozialdaten dürfen nicht in ein KI-Werkzeug eingegeben werden.",
    ],
)
def test_sentence_in_words_of_a_source_has_ground(sentence: str) -> None:
    assert groundless(sentence, GROUND, safe=False) is None


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("Das ist halb so wild.", "kommt in den Fundstellen nicht vor"),
        ("Es ist Ihr gutes Recht.", "kommt in den Fundstellen nicht vor"),
        ("Die Eingabe enthält Namen.", "das Gegenteil"),
        ("Sozialdaten werden in ein KI-Werkzeug eingegeben.", "das Gegenteil"),
        ("Die Stadt prüft kein Verfahren vor der Freigabe.", "das Gegenteil"),
        ("Namen und Protokolle und Sozialgeheimnis und Stadt.", "kein Satz"),
    ],
)
def test_sentence_from_elsewhere_or_turned_round_has_none(sentence: str, why: str) -> None:
    assert why in (groundless(sentence, GROUND, safe=False) or "")


def test_order_to_ask_needs_less_ground() -> None:
    assert groundless("Fragen Sie vorher die Stadt.", GROUND, safe=True) is None
    assert groundless("Tanzen Sie fröhlich.", GROUND, safe=True) is not None


def test_question_lends_words_but_says_nothing() -> None:
    assert content("Protokolle hochladen") <= GROUND.words
    assert groundless("Protokolle hochladen.", GROUND, safe=False) == "kein Satz der Fundstellen sagt das"


def test_grounds_add_up() -> None:
    both = merged([ground_of(SOURCES[:1], ()), ground_of(SOURCES[1:], ())])
    assert both == Ground(ground_of(SOURCES, ()).words, ground_of(SOURCES, ()).said)


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("Das gilt nicht.", True),
        ("Das ist tabu.", True),
        ("ohne Namen", True),
        ("nicht nur hier", False),
        ("Ja.", False),
    ],
)
def test_what_denies(text: str, denied: bool) -> None:
    assert denies(text) is denied
