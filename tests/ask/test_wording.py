"""Wording an answer: proven or not at all, and never in the way."""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_proof import ANSWER, DRAFTS, GOOD, PASSAGES, RULE, check_shown

from assistant.ask import wording
from assistant.ask.prompt import NO_ANSWER, second_try
from assistant.ask.wording import word_answer
from assistant.errors import ModelBusy, ModelError
from assistant.models.child import ModelTooSlow
from assistant.settings import Settings
from assistant.types import Answer, Status, Verdict

TEXTS = {"KI-Leitlinie sozialdaten": RULE, "SGB I § 35": PASSAGES[2], "KI-VO Art. 50 Abs. 4": PASSAGES[3]}


class Fed:
    """A generator that writes what it is fed, piece by piece; an exception among the pieces is raised.

    ``then`` is what it writes the second time; without it the same again.
    """

    name = "gefuettert"

    def __init__(
        self, *pieces: str | Exception, budget: int = 4000, then: Sequence[str | Exception] | None = None
    ) -> None:
        self.pieces, self.budget, self.then = pieces, budget, pieces if then is None else then
        self.written = 0
        self.prompts: list[Sequence[tuple[str, str]]] = []
        self.asked: dict[str, object] = {}
        self.open = 0

    def count(self, text: str) -> int:
        return len(text) // 3

    def stream(
        self, prompt: Sequence[tuple[str, str]], *, max_tokens: int, grammar: str | None = None
    ) -> Iterator[str]:
        self.prompts.append(prompt)
        self.asked = {"max_tokens": max_tokens, "grammar": grammar}
        self.open += 1
        try:
            for piece in self.pieces if len(self.prompts) == 1 else self.then:
                self.written += 1
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            self.open -= 1

    def close(self) -> None:
        """Nothing to close."""


def word(*pieces: str | Exception, answer: Answer = ANSWER, **options: Any) -> Answer:
    generator = Fed(*pieces, **options)
    worded = word_answer(answer, generator, TEXTS, Settings())
    assert generator.open == 0
    return worded


def untouched(answer: Answer) -> dict[str, object]:
    """Everything that wording may never change."""
    fields = ("question", "status", "as_of", "verdict", "rules", "conditions", "offices", "citations", "guideline")
    return {name: getattr(answer, name) for name in fields}


def note_of(answer: Answer) -> str:
    """The code of the one note that wording added."""
    assert answer.text == ANSWER.text
    assert answer.written_by == "auszug"
    assert untouched(answer) == untouched(ANSWER)
    assert len(answer.notes) == 1
    return answer.notes[0].code


def test_proven_draft_replaces_the_prose_under_the_same_first_line() -> None:
    worded = word(*GOOD.split(" ")[:1], *(" " + w for w in GOOD.split(" ")[1:]))
    assert worded.text == "**Verboten.**\n\n" + GOOD
    assert worded.written_by == "gefuettert"
    assert worded.notes == ()
    assert untouched(worded) == untouched(ANSWER)


@pytest.mark.parametrize(
    "draft",
    [
        "",
        "   ",
        "Das ist verboten.",
        "Sie dürfen Sozialdaten eingeben [1].",
        "Ja [1].",
        "Das ist verboten [1]. Sie dürfen es aber trotzdem tun. Mehr unter https://boese.example.",
        "Nach § 9 BGB und",
    ],
)
def test_draft_that_cannot_be_proven_leaves_the_extractive_answer(draft: str) -> None:
    assert note_of(word(draft)) == "modell_verworfen"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("Sie dürfen es aber trotzdem tun.", "urteil"),
        ("Mehr unter https://boese.example.", "verweis"),
        ("Näheres steht auch in Art. 9 DSGVO [1].", "norm"),
        ("Und dann", "form"),
        ("Näheres steht in [9].", "quelle"),
        ("Es heißt „alles frei“ [1].", "zitat"),
        ("Melden Sie es in 24 Stunden [2].", "zahl"),
    ],
)
def test_one_bad_sentence_is_withheld_and_the_rest_is_shown(bad: str, reason: str) -> None:
    worded = word(f"{GOOD} {bad}")
    assert worded.text == "**Verboten.**\n\n" + GOOD
    assert worded.written_by == "gefuettert"
    assert untouched(worded) == untouched(ANSWER)
    assert [n.code for n in worded.notes] == ["modell_satz_fehlt"]
    assert f"fehlen 1 von 6 Sätzen, weil sie sich nicht belegen ließen (Satz 6: {reason})" in worded.notes[0].text
    assert worded.to_json()["hinweise"] == [{"code": "modell_satz_fehlt", "text": worded.notes[0].text}]


@pytest.mark.parametrize("draft", [NO_ANSWER, NO_ANSWER.rstrip("."), f"{NO_ANSWER} Das ist verboten [1]."])
def test_model_may_say_that_the_sources_do_not_answer(draft: str) -> None:
    assert note_of(word(draft)) == "modell_ohne_antwort"


def test_second_try_is_shown_if_it_can_be_proven() -> None:
    generator = Fed("Sie dürfen alles [1].", then=[GOOD])
    worded = word_answer(ANSWER, generator, TEXTS, Settings())
    assert worded.text == "**Verboten.**\n\n" + GOOD
    assert worded.notes == ()
    first, second = (prompt[1][1] for prompt in generator.prompts)
    assert second == first.removesuffix("ANTWORT") + second_try() + "\n\nANTWORT"


def test_there_is_no_third_try() -> None:
    generator = Fed("Sie dürfen alles [1].")
    assert note_of(word_answer(ANSWER, generator, TEXTS, Settings())) == "modell_verworfen"
    assert len(generator.prompts) == 2


def test_second_try_is_not_begun_when_half_the_time_is_gone() -> None:
    generator = Fed("Sie dürfen alles [1].")
    assert note_of(word_answer(ANSWER, generator, TEXTS, Settings(modell_frist_s=0))) == "modell_verworfen"
    assert len(generator.prompts) == 1


def test_hopeless_draft_is_not_read_to_its_end() -> None:
    generator = Fed(*["Sie dürfen alles [1]. "] * 50)
    assert note_of(word_answer(ANSWER, generator, TEXTS, Settings())) == "modell_verworfen"
    assert generator.written < 20


def test_sentences_are_shown_as_they_are_proven() -> None:
    shown: list[Answer] = []
    pieces = re.findall(r"\S+\s*", GOOD + " Mehr steht in § 99 BGB [1]. Das ist wahr.")
    worded = word_answer(ANSWER, Fed(*pieces), TEXTS, Settings(), show=shown.append)
    assert [len(a.text) for a in shown] == sorted({len(a.text) for a in shown})
    assert len(shown) == 5
    for answer in shown:
        assert untouched(answer) == untouched(ANSWER)
        assert worded.text.startswith(answer.text)
        check_shown(answer.text.split("\n\n", 1)[1])


def test_report_names_what_was_withheld() -> None:
    worded = wording.word(ANSWER, Fed("Das regelt § 99 BGB [1].", then=[GOOD]), TEXTS, Settings())
    assert [w.sentence for proof in worded.proofs for w in proof.withheld] == ["Das regelt § 99 BGB [1]."]
    assert worded.answer.written_by == "gefuettert"


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (ModelBusy("voll"), "modell_ausgelastet"),
        (ModelTooSlow("zu langsam"), "modell_zu_langsam"),
        (ModelError("kaputt"), "modell_fehler"),
    ],
)
def test_failing_model_leaves_the_extractive_answer(failure: Exception, code: str) -> None:
    assert note_of(word(failure)) == code
    assert note_of(word("Das ist ", failure)) == code


def test_error_line_of_the_model_reaches_the_note() -> None:
    assert "Datei fehlt" in word(ModelError("Datei fehlt")).notes[0].text


def test_note_counts_reasons_without_a_word_of_the_draft(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        worded = word("Geheimwort ist erlaubt [1]. Das regelt § 99 BGB [1]. Das auch § 98 BGB [1].")
    assert "norm: 4, urteil: 2" in worded.notes[0].text
    assert "Geheimwort" not in worded.notes[0].text + caplog.text
    assert ANSWER.question not in caplog.text


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.BEANTWORTET])
def test_only_answered_questions_are_worded(status: Status) -> None:
    generator = Fed(GOOD)
    answer = dataclasses.replace(ANSWER, status=status)
    assert word_answer(answer, generator, TEXTS, Settings()) is answer
    assert generator.prompts == []


def test_answer_without_sources_is_not_worded() -> None:
    generator = Fed(GOOD)
    answer = dataclasses.replace(ANSWER, citations=())
    assert word_answer(answer, generator, TEXTS, Settings()) is answer
    assert generator.prompts == []


def test_limits_and_grammar_reach_the_model() -> None:
    generator = Fed(GOOD)
    word_answer(ANSWER, generator, TEXTS, Settings(modell_antwort_tokens=77))
    assert generator.asked["max_tokens"] == 77
    assert '"1" | "2" | "3"' in str(generator.asked["grammar"])


def test_small_model_is_shown_less_and_may_cite_less() -> None:
    generator = Fed(GOOD, budget=10_000)
    word_answer(ANSWER, generator, TEXTS, Settings())
    everything = sum(generator.count(text) for _, text in generator.prompts[0])
    small = Fed("Das ist verboten [3].", budget=everything - 1)
    worded = word_answer(ANSWER, small, TEXTS, Settings(modell_frist_s=0))
    assert '("1" | "2")' in str(small.asked["grammar"])
    assert note_of(worded) == "modell_verworfen"


def test_prompt_that_does_not_fit_at_all_is_a_note() -> None:
    assert note_of(word(GOOD, budget=50)) == "modell_fehler"


def test_thoughts_in_front_of_the_answer_are_not_part_of_it() -> None:
    assert word(f"<think>\nSie dürfen alles.\n</think>\n\n{GOOD}").text == "**Verboten.**\n\n" + GOOD


def test_existing_notes_stay() -> None:
    noted = word_answer(ANSWER, Fed(ModelBusy("voll")), TEXTS, Settings())
    twice = word_answer(noted, Fed(ModelBusy("voll")), TEXTS, Settings())
    assert [n.code for n in twice.notes] == ["modell_ausgelastet", "modell_ausgelastet"]


@settings(max_examples=400, deadline=None)
@given(DRAFTS, st.sampled_from(list(Verdict)))
def test_no_draft_changes_the_answer_or_shows_something_unproven(draft: str, verdict: Verdict) -> None:
    answer = dataclasses.replace(ANSWER, verdict=verdict)
    worded = word_answer(answer, Fed(draft), TEXTS, Settings())
    assert untouched(worded) == untouched(answer)
    assert worded.text.split("\n", 1)[0] == "**Verboten.**"
    if verdict is Verdict.VERBOTEN and worded.written_by != "auszug":
        check_shown(worded.text.split("\n\n", 1)[1])
