"""The conversation of one browser window: a value kept in memory only, and gone with the window.

It holds the questions that later questions may refer to, with their answers for showing them again. Questions with
personal data, outside the subject, or unanswered are never kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.types import Answer, Finding, Question, Status
from assistant.web.markup import merge_spans
from assistant.web.texts import GERMAN, Words

MAX_TURNS = 20
MAX_OPTIONS = 4
MAX_SIMILAR = 2
KEPT = frozenset({Status.BEANTWORTET, Status.TEILWEISE, Status.RUECKFRAGE, Status.NICHT_GEREGELT})
WORDED = frozenset({Status.BEANTWORTET})
"""Outcomes whose explanation a local model may word; all others are short fixed texts."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its answer; ``number`` counts all questions of the window from 1."""

    number: int
    question: Question
    answer: Answer


@dataclass(frozen=True, slots=True)
class Option:
    """A button below an answer: what it says and the question it asks."""

    label: str
    question: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """``turns`` are the kept ones, oldest first. ``asked`` counts the others too."""

    turns: tuple[Turn, ...] = ()
    asked: int = 0
    options: tuple[Option, ...] = ()
    to_word: Turn | None = None

    @property
    def history(self) -> tuple[str, ...]:
        """Earlier questions of this window, oldest first."""
        return tuple(turn.question.text for turn in self.turns)

    def after(
        self,
        question: Question,
        answer: Answer,
        *,
        has_model: bool,
        words: Words = GERMAN,
        similar: Sequence[str] = (),
    ) -> Conversation:
        """The conversation with this answer added, if its outcome may be kept at all; ``similar`` as in ``options_of``."""
        turn = Turn(self.asked + 1, question, answer)
        turns = (*self.turns, turn)[-MAX_TURNS:] if answer.status in KEPT else self.turns
        to_word = turn if has_model and answer.status in WORDED and answer.written_by == "auszug" else None
        return replace(
            self, turns=turns, asked=turn.number, options=options_of(answer, words, similar), to_word=to_word
        )

    @property
    def shown(self) -> Turn | None:
        """The kept turn that is shown now, if its outcome may be kept."""
        return self.turns[-1] if self.turns and self.turns[-1].number == self.asked else None

    def earlier(self) -> tuple[Turn, ...]:
        """Kept turns before the one that is shown."""
        return tuple(turn for turn in self.turns if turn.number < self.asked)


def options_of(answer: Answer, words: Words = GERMAN, similar: Sequence[str] = ()) -> tuple[Option, ...]:
    """The buttons of an outcome: readings to choose from, asking again (without the personal data, or once others are
    answered), or where nothing is regulated ``similar`` questions that are."""
    if answer.status is Status.AUSGELASTET:
        return (Option(words.again, answer.question),)
    if answer.status is Status.BLOCKIERT_PERSONENBEZUG and answer.findings:
        return (Option(words.redact, redacted(answer.question, answer.findings)),)
    if answer.status is Status.NICHT_GEREGELT:
        return tuple(Option(words.regulated.format(asked), asked) for asked in similar[:MAX_SIMILAR])
    return tuple(Option(reading, reading) for reading in answer.clarifications[:MAX_OPTIONS])


def redacted(question: str, findings: Sequence[Finding]) -> str:
    """``question`` with every finding replaced by its kind in brackets."""
    pieces: list[str] = []
    position = 0
    for start, end in merge_spans([(f.start, f.end) for f in findings], len(question)):
        kind = next(f.kind for f in findings if f.start <= start < f.end)
        pieces += [question[position:start], f"[{kind}]"]
        position = end
    return "".join([*pieces, question[position:]])
