"""How long everything takes on this machine (``leitplanke bench``): the answer itself, and its wording by the model.

Measures the product as it is used, question after question, through the same functions. It keeps neither questions nor
answers. Tokens are those of the model at hand; two models' tokens are not comparable, characters are.
"""

from __future__ import annotations

import math
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.ask.service import AssistantService
from assistant.ask.wording import Worded, word
from assistant.models.line import Attempt, AttendedGenerator, Statistics
from assistant.types import Answer, Question, Status

NO_MODEL = "Kein Sprachmodell eingerichtet: Gemessen ist nur die Antwort aus den Quellen."
WORDED = "ausformuliert"


@dataclass(frozen=True, slots=True)
class Spread:
    """Middle and 95th percentile of ``n`` values; the latter by nearest rank."""

    median: float
    p95: float
    n: int

    def to_json(self) -> dict[str, float]:
        """As a JSON object, rounded to thousandths."""
        return {"median": round(self.median, 3), "p95": round(self.p95, 3), "anzahl": self.n}


def spread(values: Iterable[float]) -> Spread | None:
    """The spread of some values; None without any."""
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return Spread(median, ordered[math.ceil(0.95 * len(ordered)) - 1], len(ordered))


@dataclass(frozen=True, slots=True)
class Draft:
    """One text written by the model: what it cost, seconds to its first piece (None if none came), prompt length."""

    cost: Statistics | None
    first_s: float | None
    characters: int

    @property
    def evaluated(self) -> int:
        """Prompt tokens that had to be read."""
        return self.cost.prompt_tokens - self.cost.reused if self.cost else 0


class Watched:
    """A generator that remembers what its texts cost. For one thread."""

    def __init__(self, generator: AttendedGenerator) -> None:
        self._generator = generator
        self.drafts: list[Draft] = []

    @property
    def name(self) -> str:
        """As of the generator."""
        return self._generator.name

    @property
    def budget(self) -> int:
        """As of the generator."""
        return self._generator.budget

    def count(self, text: str) -> int:
        """As of the generator."""
        return self._generator.count(text)

    def start(self) -> None:
        """As of the generator."""
        self._generator.start()

    def stream(
        self,
        prompt: Sequence[tuple[str, str]],
        *,
        max_tokens: int,
        grammar: str | None = None,
        attempt: Attempt | None = None,
    ) -> Iterator[str]:
        """As of the generator; the draft is remembered when it ends, however it ends."""
        before = self._generator.last
        began, first = time.monotonic(), None
        pieces = self._generator.stream(prompt, max_tokens=max_tokens, grammar=grammar, attempt=attempt)
        try:
            for piece in pieces:
                first = first if first is not None else time.monotonic() - began
                yield piece
        finally:
            pieces.close()  # type: ignore[attr-defined]  # the generators of this program are generator functions
            cost = self._generator.last
            characters = sum(len(text) for _, text in prompt)
            self.drafts.append(Draft(cost if cost is not before else None, first, characters))

    def close(self) -> None:
        """As of the generator."""
        self._generator.close()


@dataclass(frozen=True, slots=True)
class Run:
    """One question: seconds to the verdict; with a model also to the first proven sentence and to the end."""

    answer: Answer
    verdict_s: float
    worded: Worded | None = None
    first_sentence_s: float | None = None
    whole_s: float | None = None
    drafts: tuple[Draft, ...] = ()

    @property
    def outcome(self) -> str:
        """``ausformuliert``, or the code of the note that says why not."""
        if self.worded is None:
            return ""
        added = self.worded.answer.notes[len(self.answer.notes) :]
        return WORDED if self.worded.answer.written_by != "auszug" else added[-1].code if added else ""


def run_question(service: AssistantService, question: Question, model: Watched | None) -> Run:
    """Answer one question and, if there is a model and an answer, let it be worded."""
    began = time.monotonic()
    answer = service.answer(question)
    verdict_s = time.monotonic() - began
    if model is None or answer.status is not Status.BEANTWORTET:
        return Run(answer, verdict_s)
    texts = {c.norm: p.text for c in answer.citations if (p := service.provision(c.norm, answer.as_of))}
    shown: list[float] = []
    before, began = len(model.drafts), time.monotonic()
    worded = word(answer, model, texts, service.settings, show=lambda _: shown.append(time.monotonic() - began))
    whole_s = time.monotonic() - began
    if not shown and worded.answer.written_by != "auszug":
        shown.append(whole_s)
    first = verdict_s + shown[0] if shown else None
    return Run(answer, verdict_s, worded, first, verdict_s + whole_s, tuple(model.drafts[before:]))


@dataclass(frozen=True, slots=True)
class Result:
    """Everything measured; seconds, and memory in MiB. What needs a model is None without one."""

    model: str | None
    open_s: float
    load_s: float | None
    runs: tuple[Run, ...]
    memory: dict[str, float]

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """All drafts in the order in which they were written."""
        return tuple(draft for run in self.runs for draft in run.drafts if draft.cost)

    def figures(self) -> dict[str, Spread | None]:
        """The spreads of the table, by their German names."""
        drafts = self.drafts
        # A second try at the same question would flatter the reuse.
        later = [run.drafts[0] for run in self.runs if run.drafts and run.drafts[0].cost][1:]
        costs = [(d, d.cost, d.first_s) for d in drafts if d.cost and d.first_s]
        return {
            "Urteil und Zitate (s)": spread(r.verdict_s for r in self.runs),
            "erster belegter Satz (s)": spread(r.first_sentence_s for r in self.runs if r.first_sentence_s is not None),
            "ganze Antwort (s)": spread(r.whole_s for r in self.runs if r.whole_s is not None),
            "Prompt (Token)": spread(d.cost.prompt_tokens for d in drafts if d.cost),
            "Prompt (Zeichen)": spread(d.characters for d in drafts),
            "davon gelesen, ab der 2. Frage (Token)": spread(d.evaluated for d in later),
            "davon wiederverwendet, ab der 2. Frage (Token)": spread(d.cost.reused for d in later if d.cost),
            "Lesen (Token/s)": spread(d.evaluated / first for d, _, first in costs if d.evaluated > 1),
            "Schreiben (Token/s)": spread(
                (cost.pieces - 1) / (cost.seconds - first)
                for _, cost, first in costs
                if cost.pieces > 1 and cost.seconds > first
            ),
        }

    def outcomes(self) -> Counter[str]:
        """How often a question that has an answer was worded, or why not."""
        return Counter(run.outcome for run in self.runs if run.outcome)

    def to_json(self) -> dict[str, object]:
        """One JSON object."""
        return {
            "modell": self.model, "fragen": len(self.runs), "oeffnen_s": round(self.open_s, 3),
            "laden_s": None if self.load_s is None else round(self.load_s, 3),
            "speicher_mib": {name: round(value, 1) for name, value in self.memory.items()},
            "erste_frage_gelesen_token": self.drafts[0].evaluated if self.drafts else None,
            "ausgang": dict(self.outcomes()),
            "werte": {name: value.to_json() if value else None for name, value in self.figures().items()},
            "hinweis": None if self.model else NO_MODEL,
        }  # fmt: skip

    def lines(self) -> Iterator[str]:
        """The table for a terminal."""
        yield f"Modell: {self.model}; Token sind die dieses Modells." if self.model else NO_MODEL
        yield f"{len(self.runs)} Fragen; öffnen {self.open_s:.1f} s" + (
            f", Modell laden {self.load_s:.1f} s" if self.load_s is not None else ""
        )
        yield "Arbeitsspeicher: " + ", ".join(f"{name} {value:.0f} MiB" for name, value in self.memory.items())
        yield f"{'':<48}{'Median':>10}{'95 %':>10}{'Anzahl':>8}"
        for name, value in self.figures().items():
            if value is not None:
                yield f"{name:<48}{_short(value.median):>10}{_short(value.p95):>10}{value.n:>8}"
        if outcomes := self.outcomes():
            yield "Ausgang: " + ", ".join(f"{code} {number}" for code, number in sorted(outcomes.items()))


def _short(value: float) -> str:
    """Three digits, as people write them."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def resident_mib(pid: int) -> float | None:
    """Memory of a process in RAM (MiB), as Linux reports it; None elsewhere."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def measure(
    open_service: Callable[[], AssistantService],
    generator: AttendedGenerator | None,
    questions: Iterable[Question],
) -> Result:
    """Open, load and answer. ``open_service`` opens without a model; ``generator`` is used and stays open."""
    began = time.monotonic()
    service = open_service()
    open_s, load_s = time.monotonic() - began, None
    try:
        model = Watched(generator) if generator is not None else None
        if model is not None:
            began = time.monotonic()
            model.start()
            load_s = time.monotonic() - began
        runs = tuple(run_question(service, question, model) for question in questions)
    finally:
        service.close()
    processes = {"Programm": os.getpid(), "Sprachmodell": generator.pid if generator else None}
    memory = {name: used for name, pid in processes.items() if pid and (used := resident_mib(pid)) is not None}
    return Result(model.name if model else None, open_s, load_s, runs, memory)


def sample(items: Sequence[Question], n: int) -> list[Question]:
    """``n`` of them, evenly spread; all if there are fewer."""
    if len(items) <= n:
        return list(items)
    return [items[i * len(items) // n] for i in range(n)]
