"""What two generations answer to the same questions, and whether the newer one permits what it must not.

Asked are the example questions of both guidelines and the gold questions of the home. The answers are the extractive
ones: they carry verdict, conditions and sources, and no model changes those.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from assistant.ask.pipeline import answer_question
from assistant.corpus.questions import BankQuestion, read_bank
from assistant.corpus.rules import Guideline
from assistant.errors import DamagedGeneration, IndexFailure
from assistant.index import generation as gen
from assistant.index.published import PublishedIndex
from assistant.types import Answer, Embedder, Question, Verdict

Progress = Callable[[str, int, int], None]
"""Called with (step in German, done, total)."""
STEP = "Fragen beantworten"


class Kind(StrEnum):
    """What is different about an answer, in the order in which changes are listed; the words appear in output."""

    NEU_ERLAUBT = "neu erlaubt"
    URTEIL = "anderes Urteil"
    REGEL = "andere Regel"
    BEDINGUNGEN = "andere Bedingungen"
    QUELLEN = "andere Fundstellen"
    TEXT = "anderer Wortlaut"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to ask; ``never`` are the verdicts that a gold question rules out."""

    id: str
    text: str
    history: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer comes down to. ``sources`` are (label, quotation) pairs, ``text`` the rest of the wording."""

    status: str
    verdict: str | None
    rules: tuple[str, ...]
    conditions: tuple[str, ...]
    offices: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    text: str = field(repr=False)

    @classmethod
    def of(cls, answer: Answer) -> Outcome:
        """The outcome of an answer; days, generation, timings and what was weighed are left out."""
        sources = tuple((f"{c.label}, Stand {c.state:%d.%m.%Y} ({c.validity.value})", c.quote) for c in answer.citations)
        words = "\n".join([answer.text, *answer.clarifications])
        verdict = answer.verdict.value if answer.verdict else None
        return cls(answer.status.value, verdict, answer.rules, answer.conditions, answer.offices, sources, words)

    def line(self) -> str:
        """For people: "bedingt (lokal)", or the status where there is no verdict."""
        return (self.verdict or self.status) + (f" ({', '.join(self.rules)})" if self.rules else "")


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """One question that is answered otherwise; ``forbidden``: a gold question that must never be permitted now is."""

    asked: Asked
    kind: Kind
    before: Outcome
    after: Outcome

    @property
    def forbidden(self) -> bool:
        """Whether this change alone keeps the newer generation from being published."""
        return self.kind is Kind.NEU_ERLAUBT and Verdict.ERLAUBT in self.asked.never


@dataclass(frozen=True, slots=True)
class FalsePermissions:
    """Gold questions that must never be permitted and are: ``new`` ones the published generation does not permit.

    ``compared`` is the generation they were compared with, None where none could be read: then none counts as new.
    """

    asked: int
    new: tuple[str, ...]
    known: tuple[str, ...]
    compared: str | None


def gold_questions(home: Path) -> list[Asked]:
    """``corpus/fragen``, those kept for measuring included. Raises CorpusError with file and line."""
    folder = home / "corpus" / "fragen"
    bank = [*read_bank(folder), *read_bank(folder, judging=True)]
    return [_gold(item) for item in bank]


def _gold(item: BankQuestion) -> Asked:
    return Asked(item.id, item.question, item.history, item.never)


def example_questions(guidelines: Iterable[Guideline]) -> list[Asked]:
    """The example questions of all rules once, as "regel/<id>/<number>"; of the last guideline that has it."""
    found: dict[str, Asked] = {}
    for guideline in guidelines:
        for rule in guideline.rules:
            for number, question in enumerate(rule.questions, start=1):
                found[question] = Asked(f"regel/{rule.id}/{number}", question)
    return list(found.values())


def compare_answers(
    old: PublishedIndex, new: PublishedIndex, questions: Sequence[Asked], as_of: dt.date, progress: Progress
) -> tuple[AnswerChange, ...]:
    """Every question that is answered otherwise, by kind, forbidden permissions first, else in the order asked."""
    changes = []
    for number, asked in enumerate(questions, start=1):
        before, after = (outcome(index, asked, as_of) for index in (old, new))
        kind = _kind(before, after)
        if kind is not None:
            changes.append(AnswerChange(asked, kind, before, after))
        progress(STEP, number, len(questions))
    order = list(Kind)
    return tuple(sorted(changes, key=lambda c: (not c.forbidden, order.index(c.kind))))


def outcome(index: PublishedIndex, asked: Asked, as_of: dt.date) -> Outcome:
    """What one generation answers."""
    return Outcome.of(answer_question(Question(asked.text, as_of, asked.history), index))


def _kind(before: Outcome, after: Outcome) -> Kind | None:
    if after.verdict == Verdict.ERLAUBT != before.verdict:
        return Kind.NEU_ERLAUBT
    if (before.status, before.verdict) != (after.status, after.verdict):
        return Kind.URTEIL
    if before.rules != after.rules:
        return Kind.REGEL
    if (before.conditions, before.offices) != (after.conditions, after.offices):
        return Kind.BEDINGUNGEN
    if before.sources != after.sources:
        return Kind.QUELLEN
    return Kind.TEXT if before.text != after.text else None


def false_permissions(
    home: Path, name: str, embedder: Embedder, as_of: dt.date, progress: Progress
) -> FalsePermissions:
    """What a generation would permit against the gold questions, before it is published.

    The published generation is only asked what the new one permits. Raises CorpusError for the gold questions and
    IndexFailure for the new generation.
    """
    index = home / "index"
    questions = [q for q in gold_questions(home) if Verdict.ERLAUBT in q.never]
    with closing(PublishedIndex(gen.existing(index, name), embedder)) as candidate:
        permitted = list(_permitted(candidate, questions, as_of, progress))
    if not permitted:
        return FalsePermissions(len(questions), (), (), None)
    published = _last_published(index, name, embedder)
    if published is None:
        return FalsePermissions(len(questions), (), tuple(q.id for q in permitted), None)
    with closing(published):
        before = {q.id for q in _permitted(published, permitted, as_of, _silent)}
        new, known = (tuple(q.id for q in permitted if (q.id in before) is was) for was in (False, True))
        return FalsePermissions(len(questions), new, known, published.generation)


def check_permissions(home: Path, name: str, embedder: Embedder, as_of: dt.date, progress: Progress) -> str:
    """Refuse what permits against the gold questions anew; one German line about what was permitted before, or "".

    Raises IndexFailure with the first such question and their number.
    """
    found = false_permissions(home, name, embedder, as_of, progress)
    if found.new:
        raise IndexFailure(
            f"{name} wird nicht veröffentlicht: die Prüffrage {found.new[0]} bekäme „erlaubt“, was sie nie darf "
            f"({len(found.new)} solche von {found.asked} Prüffragen, bei {found.compared} nicht). „leitplanke index "
            "diff“ zeigt sie; Regeln oder corpus/fragen berichtigen."
        )
    if not found.known:
        return ""
    before = f"bei {found.compared} ebenso" if found.compared else "ohne Vergleich, weil keine frühere Generation lesbar ist"
    return (
        f"Hinweis: {len(found.known)} von {found.asked} Prüffragen bekommen „erlaubt“, was sie nie dürfen ({before}); "
        f"die erste ist {found.known[0]}."
    )


def _permitted(
    index: PublishedIndex, questions: Sequence[Asked], as_of: dt.date, progress: Progress
) -> Iterator[Asked]:
    for number, asked in enumerate(questions, start=1):
        if outcome(index, asked, as_of).verdict == Verdict.ERLAUBT:
            yield asked
        progress("Gegen die Prüffragen halten", number, len(questions))


def _silent(step: str, done: int, total: int) -> None:
    """Progress nobody looks at."""


def _last_published(index: Path, name: str, embedder: Embedder) -> PublishedIndex | None:
    """The published generation, or the one published before it that can still be read; not the one named."""
    names = [entry["generation"] for entry in gen.read_log(index)]
    with suppress(DamagedGeneration):  # a broken pointer is what publishing mends
        names.append(gen.current(index) or "")
    for earlier in dict.fromkeys(reversed(names)):
        if earlier and earlier != name:
            try:
                return PublishedIndex(index / earlier, embedder)
            except IndexFailure:
                continue
    return None
