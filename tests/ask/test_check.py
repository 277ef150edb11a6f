"""The first step: what counts as a question."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.ask import texts
from assistant.ask.check import MAX_CHARACTERS, clean_question, showable
from assistant.errors import QuestionError


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("  Darf ich das?\n", "Darf ich das?"),
        ("Darf\tich\r\n das?", "Darf ich das?"),
        ("Darf\u00a0ich das?", "Darf ich das?"),
        ("Du\u0308rfen wir?", "Dürfen wir?"),
        ("Dar\u200bf\u00ad ich\ufeff das?", "Darf ich das?"),
        ("Darf ich \u202edas\u202c?", "Darf ich das?"),
        ("Darf\x00 ich?", "Darf ich?"),
        ("Darf\ud800 ich?", "Darf ich?"),
        ("§ 35a?", "§ 35a?"),
    ],
)
def test_what_cannot_be_seen_is_taken_out(written: str, cleaned: str) -> None:
    assert clean_question(written) == cleaned


@pytest.mark.parametrize("written", ["", "   ", "\n\t", "?!… –", "\u200b\u200b", "\u00a0"])
def test_a_question_without_a_letter_or_digit_is_empty(written: str) -> None:
    with pytest.raises(QuestionError) as caught:
        clean_question(written)
    assert str(caught.value) == texts.EMPTY


def test_the_longest_question_passes_and_one_more_character_does_not() -> None:
    assert len(clean_question("a" * MAX_CHARACTERS)) == MAX_CHARACTERS
    with pytest.raises(QuestionError, match=f"{MAX_CHARACTERS + 1} Zeichen; möglich sind höchstens {MAX_CHARACTERS}"):
        clean_question("a" * (MAX_CHARACTERS + 1))


def test_ten_thousand_characters_are_refused_with_their_number() -> None:
    with pytest.raises(QuestionError, match="10000 Zeichen"):
        clean_question("x" * 10_000)


@pytest.mark.parametrize(
    "written",
    [
        bytes(range(256)).decode("latin-1"),
        "\x00\x01\x02\x03",
        "\ufffd\ufffd\ufffd Darf ich?",
        "\udcff\udcfe\udcfd\udcfc",
    ],
    ids=["latin-1", "control", "replaced", "surrogates"],
)
def test_binary_is_no_text(written: str) -> None:
    with pytest.raises(QuestionError) as caught:
        clean_question(written)
    assert str(caught.value) == texts.BINARY


def test_bytes_are_no_text() -> None:
    with pytest.raises(QuestionError, match="kein Text"):
        clean_question(b"Darf ich?")  # type: ignore[arg-type]


@given(st.text(max_size=200))
def test_a_cleaned_question_is_one_visible_line_and_stays_as_it_is(written: str) -> None:
    try:
        cleaned = clean_question(written)
    except QuestionError:
        return
    assert cleaned == cleaned.strip()
    assert not any(unicodedata.category(c)[0] == "C" for c in cleaned)
    assert cleaned.splitlines() == [cleaned]
    assert clean_question(cleaned) == cleaned


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=50))
def test_a_question_can_be_shown_anywhere_and_keeps_its_positions(written: str) -> None:
    shown = showable(written)
    assert len(shown) == len(written)
    assert shown.encode("utf-8").decode("utf-8") == shown


def test_what_is_no_text_is_shown_as_nothing() -> None:
    assert showable(None) == ""
