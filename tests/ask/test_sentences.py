"""Cutting German text into sentences and clauses."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.ask.sentences import clauses, split_sentences


def texts(text: str) -> list[str]:
    return [s.text for s in split_sentences(text)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Nach Art. 50 Abs. 4 Satz 2 KI-VO gilt das z. B. für Bilder [1].",
        "Das gilt i. V. m. § 5 Nr. 2 lit. a auch am 2. August 2026.",
        "Die Frist endet am 2.8.2026 um 12 Uhr.",
        "Die Leitlinie sagt „Das gilt immer. Auch im Home-Office.“ [2]",
        "Das betrifft Namen, Adressen usw. und ist verboten.",
        "Am 3. Tag ist Schluss [1, 2].",
        "Frau Dr. Muster ist zuständig.",
    ],
)
def test_one_sentence_stays_one(sentence: str) -> None:
    assert texts(sentence) == [sentence]


def test_citation_marks_belong_to_the_sentence_before_them() -> None:
    assert texts("Das ist verboten. [1] [2] Fragen Sie die KI-Koordination [3]. Ende!") == [
        "Das ist verboten. [1] [2]", "Fragen Sie die KI-Koordination [3].", "Ende!",
    ]  # fmt: skip


def test_year_at_the_end_of_a_sentence_ends_it() -> None:
    assert texts("Das gilt bis 2026. Die Stadt prüft.") == ["Das gilt bis 2026.", "Die Stadt prüft."]


def test_usw_before_a_new_sentence_ends_it() -> None:
    assert texts("Namen, Akten usw. Sie dürfen das nicht.") == ["Namen, Akten usw.", "Sie dürfen das nicht."]


def test_paragraphs_and_list_items_are_counted_and_list_marks_dropped() -> None:
    found = split_sentences("Eins.\n\n- Zwei.\n- Drei.\n1. Vier.\nweiter so.")
    assert [(s.text, s.paragraph) for s in found] == [
        ("Eins.", 0), ("Zwei.", 1), ("Drei.", 2), ("Vier.", 3), ("weiter so.", 3),
    ]  # fmt: skip


def test_unfinished_sentence_is_marked() -> None:
    assert [s.complete for s in split_sentences("Fertig [1]. Und dann kam")] == [True, False]


@given(st.text(alphabet='abcABC .!?…,;:„“"[]12\n-()§äö', max_size=200))
def test_no_word_is_lost_or_invented(text: str) -> None:
    def letters(value: str) -> str:
        return re.sub(r"[^a-zA-Zäö]", "", value)

    assert letters("".join(texts(text))) == letters(text)


SIGNAL = re.compile(r"dürfen|darf|verboten|erlaubt")


def test_enumeration_is_one_clause() -> None:
    assert len(clauses("Namen, Adressen und Kennzeichen dürfen Sie nicht eingeben", SIGNAL)) == 1
    assert len(clauses("Sie dürfen Namen, Adressen und Kennzeichen nicht eingeben", SIGNAL)) == 1


def test_what_can_be_negated_alone_is_a_clause_of_its_own() -> None:
    assert [c.strip() for c in clauses("Namen dürfen nicht, aber Akten dürfen hinein", SIGNAL)] == [
        "Namen dürfen nicht", "aber Akten dürfen hinein",
    ]  # fmt: skip
    assert len(clauses("Das ist nicht verboten und Sie dürfen es", SIGNAL)) == 2
