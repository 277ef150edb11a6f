"""Which rules a question speaks for, each with a value between 0 and 1 and the reason.

Two views are added after bringing them to one scale: the linear rule choice (words, character n-grams, named concepts,
word groups) and the likeness of the question's vector to each rule's example questions; the verdict that the question
leans to adds a little to the rules that carry it. The gate weighs both views and the reading;
what it leaves inside is shared among the rules. Weights and sharpness were chosen by cross-validation over the question
bank (docs/experiments.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.ask.reading import Reading
from assistant.corpus.vocabulary import Vocabulary
from assistant.index.gate import KINDS, NAMED, Gate
from assistant.index.rulechoice import RuleChoice, Weighed, shares
from assistant.types import Considered, Hit, Lane

LIKENESS_WEIGHT = 1.0
SHARPNESS = 1.2
"""Turns the summed scores into shares; the value with the smallest log loss."""
ALONE = 0.5
"""A question that goes on from an earlier one is also weighed alone, with this share."""
NEIGHBOURS = 12
LEANING_WEIGHT = 0.25
"""How much the verdict that a question leans to adds to the rules that carry it."""
UNLIKELY = 1e-4


class RuleIndex(Protocol):
    """What matching needs of a published generation; cross-validation makes its own (``calibrate.py``)."""

    @property
    def vocabulary(self) -> Vocabulary: ...

    @property
    def rule_choice(self) -> RuleChoice: ...

    @property
    def gate(self) -> Gate: ...

    def vector(self, query: str) -> NDArray[np.float32]: ...

    def likeness(self, vector: NDArray[np.float32]) -> dict[str, float]: ...

    def lexical(self, query: str, lane: Lane, n: int) -> Sequence[Hit]: ...


@dataclass(frozen=True, slots=True)
class Match:
    """``values`` over rule ids (sum ≤ 1), how strongly the question lies outside or is unregulated, and how surely it
    is one that may be permitted at all."""

    values: Mapping[str, float]
    outside: float
    unregulated: float
    permission: float
    reasons: Mapping[str, str]

    def ranked(self) -> list[tuple[str, float]]:
        """Rules, best first; ties by id so that the order never depends on chance."""
        return sorted(self.values.items(), key=lambda item: (-item[1], item[0]))

    def inside(self) -> Match:
        """The same with the rules' values brought to a sum of 1: for a question that is not in doubt."""
        total = sum(self.values.values()) or 1.0
        return replace(self, values={rule: value / total for rule, value in self.values.items()})

    def considered(self, n: int) -> tuple[Considered, ...]:
        """The ``n`` best rules for people."""
        return tuple(Considered(rule, value, self.reasons.get(rule, "")) for rule, value in self.ranked()[:n])


def _standard(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean 0, deviation 1, so that two kinds of scores can be added."""
    spread = float(values.std())
    return np.asarray((values - values.mean()) / (spread or 1.0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _View:
    """What words and vector say of one form of the question."""

    weighed: Weighed
    likeness: Mapping[str, float]

    @property
    def gate(self) -> list[float]:
        """Inside against unregulated and against outside."""
        inside, unregulated, outside = self.weighed.gate
        return [inside - unregulated, inside - outside]

    @property
    def nearest(self) -> list[float]:
        return _best_two(self.likeness)

    @property
    def margins(self) -> list[float]:
        return _best_two(self.weighed.margins)


def _best_two(values: Mapping[str, float]) -> list[float]:
    best = sorted(values.values(), reverse=True)[:2]
    return [*best, 0.0, 0.0][:2]


def _view(index: RuleIndex, text: str, concepts: Mapping[str, str]) -> _View:
    text = index.vocabulary.with_groups(text)
    vector = index.vector(text)
    return _View(index.rule_choice.weigh(text, concepts, vector), index.likeness(vector))


def _evidence(reading: Reading, typed: _View, read: _View, alone: _View | None) -> NDArray[np.float64]:
    """One row in the order of ``gate.EVIDENCE``. Mending turns words of other topics into words of this one: what was
    typed is a view of its own."""
    named = [float(reading.has(key)) for key in NAMED] + [float(bool(reading.keys(kind))) for kind in KINDS]
    return np.asarray(
        [
            *typed.gate, *read.gate, *(alone.gate if alone else (0.0, 0.0)), *typed.nearest, read.nearest[0],
            *typed.margins, read.margins[0], *named, float(bool(reading.norms)), float(reading.continues),
        ]
    )  # fmt: skip


def _scores(rules: Sequence[str], view: _View) -> NDArray[np.float32]:
    """One score per rule, in the order of ``rules``."""
    linear = _standard(np.asarray([view.weighed.margins[r] for r in rules], dtype=np.float32))
    near = _standard(np.asarray([view.likeness.get(r, 0.0) for r in rules], dtype=np.float32))
    leaning = np.log([max(view.weighed.leaning[r], UNLIKELY) for r in rules])
    return np.asarray(linear + LIKENESS_WEIGHT * near + LEANING_WEIGHT * leaning, dtype=np.float32)


def views(reading: Reading, index: RuleIndex) -> tuple[_View, _View | None, NDArray[np.float64]]:
    """The question as read, the follow-up alone, and the evidence for the gate."""
    read = _view(index, reading.query, reading.concepts)
    typed = _view(index, reading.written, reading.concepts)
    alone = None
    if reading.continues:
        alone = _view(index, index.vocabulary.expand(reading.alone), index.vocabulary.read(reading.alone))
    return read, alone, _evidence(reading, typed, read, alone)


def match_rules(reading: Reading, index: RuleIndex) -> Match:
    """Weigh all rules of the published generation for this reading."""
    read, alone, evidence = views(reading, index)
    inside, unregulated, outside = index.gate.shares(evidence)
    if not read.weighed.margins:
        return Match({}, outside, unregulated, 0.0, {})
    rules = sorted(read.weighed.margins)
    permission = read.weighed.permission
    total = _scores(rules, read)
    if alone:
        permission = min(permission, (permission + alone.weighed.permission) / 2)
        total = total + ALONE * _scores(rules, alone)
    values = {rule: inside * float(share) for rule, share in zip(rules, shares(SHARPNESS * total), strict=True)}
    return Match(values, outside, unregulated, permission, _reasons(reading, index))


def _reasons(reading: Reading, index: RuleIndex) -> dict[str, str]:
    """For people: the example question nearest in words, where there is one."""
    nearest: dict[str, str] = {}
    for hit in index.lexical(reading.query, Lane.REGELN, NEIGHBOURS):
        if hit.passage.rule:
            first = hit.passage.text.split("\n")[0]
            nearest.setdefault(hit.passage.rule, f"Ähnlich: „{first}“")
    return nearest
