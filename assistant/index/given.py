"""What generations answered when they were last asked, so that ``index activate`` need not ask again after ``index diff``.

One file a generation, ``index/antworten/<generation>.json``: verdict and checksum of the outcome for every question
that was asked, by checksum of the question. It counts only for the same manifest (and with it the same files), the
same program and the same day; anything else, and a damaged file, is as if it were not there. It holds no texts.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from assistant.ask.pipeline import answer_question
from assistant.corpus.official import write_atomically
from assistant.index import generation as gen
from assistant.index.published import PublishedIndex
from assistant.index.reuse import program
from assistant.types import Answer, Question, Verdict


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

    @property
    def key(self) -> str:
        """Checksum of what is asked."""
        return hashlib.sha256("\x1f".join([*self.history, self.text]).encode()).hexdigest()[:24]


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

    def kind_of_change(self, after: Outcome) -> Kind | None:
        """What is different in ``after``, the first kind that applies; None where nothing is."""
        if after.verdict == Verdict.ERLAUBT != self.verdict:
            return Kind.NEU_ERLAUBT
        if (self.status, self.verdict) != (after.status, after.verdict):
            return Kind.URTEIL
        if self.rules != after.rules:
            return Kind.REGEL
        if (self.conditions, self.offices) != (after.conditions, after.offices):
            return Kind.BEDINGUNGEN
        if self.sources != after.sources:
            return Kind.QUELLEN
        return Kind.TEXT if self.text != after.text else None


@dataclass(frozen=True, slots=True)
class Given:
    """What is kept of an outcome: its verdict and its checksum."""

    verdict: str | None
    sum: str

    @classmethod
    def of(cls, outcome: Outcome) -> Given:
        """Of a whole outcome."""
        parts = [
            outcome.status, outcome.verdict, outcome.rules, outcome.conditions, outcome.offices, outcome.sources, outcome.text,
        ]  # fmt: skip
        return cls(outcome.verdict, hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:24])


class Answers:
    """The answers of one opened generation on one day; asks what it does not know yet and counts it in ``asked``."""

    def __init__(self, index: PublishedIndex, as_of: dt.date) -> None:
        self.index, self.as_of, self.asked = index, as_of, 0
        self._path = index.folder.parent / gen.ANSWERS / f"{index.generation}.json"
        self._head = {
            "manifest": gen.sha256(index.folder / gen.MANIFEST), "programm": program(), "tag": as_of.isoformat(),
        }  # fmt: skip
        self._known = dict(_read(self._path, self._head))

    def outcome(self, asked: Asked) -> Outcome:
        """The whole outcome, asked anew."""
        self.asked += 1
        found = Outcome.of(answer_question(Question(asked.text, self.as_of, asked.history), self.index))
        self._known[asked.key] = Given.of(found)
        return found

    def given(self, asked: Asked) -> Given:
        """What it answered before, or answers now."""
        if asked.key not in self._known:
            self.outcome(asked)
        return self._known[asked.key]

    def keep(self) -> None:
        """Write down what was asked; where nothing can be written, it is asked again next time."""
        if not self.asked:
            return
        rows = {key: [given.verdict, given.sum] for key, given in sorted(self._known.items())}
        data = {**self._head, "antworten": rows}
        with suppress(OSError):
            self._path.parent.mkdir(exist_ok=True)
            write_atomically(self._path, json.dumps({**data, "summe": _sum(data)}).encode())


def _sum(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _read(path: Path, head: Mapping[str, str]) -> Mapping[str, Given]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.pop("summe") != _sum(data) or any(data[name] != value for name, value in head.items()):
            return {}
        return {key: Given(verdict, mark) for key, (verdict, mark) in data["antworten"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
