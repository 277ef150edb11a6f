"""What a window remembers, and what it never does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from page_fake import DAY, OUTCOMES, blocked, conditional, unclear

from assistant.types import Finding, Question, Status
from assistant.web import texts
from assistant.web.conversation import MAX_TURNS, Conversation, Option, redacted


def asked(conversation: Conversation, text: str, kind: str, *, has_model: bool = False) -> Conversation:
    question = Question(text, DAY, conversation.history)
    return conversation.after(question, OUTCOMES[kind](question), has_model=has_model)


def test_answered_questions_are_the_history_of_the_next_oldest_first() -> None:
    conversation = asked(asked(Conversation(), "eins", "bedingt"), "zwei", "ungeregelt")
    assert conversation.history == ("eins", "zwei")
    assert [turn.number for turn in conversation.earlier()] == [1]


@pytest.mark.parametrize("kind", ["iban", "wetter", "leer"])
def test_personal_data_foreign_subjects_and_errors_are_not_kept(kind: str) -> None:
    conversation = asked(asked(Conversation(), "eins", "bedingt"), "geheim DE89370400440532013000", kind)
    assert conversation.history == ("eins",)
    assert [turn.number for turn in conversation.earlier()] == [1]
    assert "DE8937" not in repr(conversation)


def test_a_long_conversation_drops_its_oldest_questions() -> None:
    conversation = Conversation()
    for number in range(MAX_TURNS + 5):
        conversation = asked(conversation, str(number), "bedingt")
    assert len(conversation.history) == MAX_TURNS
    assert conversation.history[0] == "5"


def test_only_answers_are_worded_by_a_model_and_only_if_there_is_one() -> None:
    assert asked(Conversation(), "x", "bedingt").to_word is None
    assert asked(Conversation(), "x", "bedingt", has_model=True).to_word is not None
    assert asked(Conversation(), "x", "ungeregelt", has_model=True).to_word is None


def test_readings_become_options_that_ask_them() -> None:
    answer = unclear(Question("x", DAY))
    conversation = Conversation().after(Question("x", DAY), answer, has_model=False)
    assert conversation.options == tuple(Option(r, r) for r in answer.clarifications)


def test_personal_data_offers_to_ask_again_with_placeholders() -> None:
    question = Question("Konto DE89370400440532013000 sperren?", DAY)
    conversation = Conversation().after(question, blocked(question), has_model=False)
    assert conversation.options == (Option(texts.GERMAN.redact, "Konto [IBAN] sperren?"),)


def test_placeholders_cover_overlapping_findings_once() -> None:
    findings = (Finding("Name", 0, 4), Finding("Mail", 2, 6), Finding("Ort", 8, 9))
    assert redacted("abcdefghij", findings) == "[Name]gh[Ort]j"


def test_the_statuses_kept_are_those_a_follow_up_may_refer_to() -> None:
    answer = conditional(Question("x", DAY))
    kept = {
        s for s in Status if Conversation().after(Question("x", DAY), replace(answer, status=s), has_model=False).turns
    }
    assert kept == {Status.BEANTWORTET, Status.TEILWEISE, Status.RUECKFRAGE, Status.NICHT_GEREGELT}


def test_who_was_told_busy_asks_the_same_again_with_one_button() -> None:
    busy = replace(conditional(Question("eins", DAY)), status=Status.AUSGELASTET, verdict=None, conditions=())
    conversation = Conversation().after(Question("eins", DAY), busy, has_model=True)
    assert conversation.options == (Option(texts.GERMAN.again, "eins"),)
    assert conversation.history == ()
