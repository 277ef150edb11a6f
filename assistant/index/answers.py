"""What two generations answer to the same questions, and whether the newer one permits what it must not.

Asked are the example questions of both guidelines and the gold questions of the home. The answers are the extractive
ones: they carry verdict, conditions and sources, and no model changes those. What a generation answered before is
remembered (``given.py``), so publishing after a comparison asks nothing twice; the check itself is always made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.corpus.questions import BankQuestion, read_bank
from assistant.corpus.rules import Guideline
from assistant.errors import DamagedGeneration, IndexFailure
from assistant.index import generation as gen
from assistant.index.given import Answers, Asked, Kind, Outcome
from assistant.index.published import PublishedIndex
from assistant.types import Embedder, Verdict

Progress = Callable[[str, int, int], None]
"""Called with (step in German, done, total)."""
STEP = "Fragen beantworten"


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
    old: Answers, new: Answers, questions: Sequence[Asked], progress: Progress
) -> tuple[AnswerChange, ...]:
    """Every question that is answered otherwise, by kind, forbidden permissions first, else in the order asked."""
    changes = []
    for number, asked in enumerate(questions, start=1):
        if old.given(asked) != new.given(asked):
            before, after = old.outcome(asked), new.outcome(asked)
            if kind := before.kind_of_change(after):
                changes.append(AnswerChange(asked, kind, before, after))
        progress(STEP, number, len(questions))
    for answers in (old, new):
        answers.keep()
    order = list(Kind)
    return tuple(sorted(changes, key=lambda c: (not c.forbidden, order.index(c.kind))))


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
        permitted = _permitted(Answers(candidate, as_of), questions, progress)
    if not permitted:
        return FalsePermissions(len(questions), (), (), None)
    published = _last_published(index, name, embedder)
    if published is None:
        return FalsePermissions(len(questions), (), tuple(q.id for q in permitted), None)
    with closing(published):
        before = {q.id for q in _permitted(Answers(published, as_of), permitted, _silent)}
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


def _permitted(answers: Answers, questions: Sequence[Asked], progress: Progress) -> list[Asked]:
    permitted = []
    for number, asked in enumerate(questions, start=1):
        if answers.given(asked).verdict == Verdict.ERLAUBT:
            permitted.append(asked)
        progress("Gegen die Prüffragen halten", number, len(questions))
    answers.keep()
    return permitted


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
