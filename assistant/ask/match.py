"""Which rules a question speaks for, each with a value between 0 and 1 and the reason.

Two views are added after bringing them to one scale: the linear rule choice (words, character n-grams, named concepts)
and the likeness of the question's vector to each rule's example questions. What the gate leaves inside is shared among
the rules. Weights and sharpness were chosen by cross-validation over the question bank (docs/experiments.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.ask.reading import Reading
from assistant.index.published import PublishedIndex
from assistant.index.rulechoice import Weighed, shares
from assistant.types import Considered, Lane

LIKENESS_WEIGHT = 1.0
SHARPNESS = 1.2
"""Turns the summed scores into shares; the value with the smallest log loss."""
ALONE = 0.5
"""A question that goes on from an earlier one is also weighed alone, with this share."""
NEIGHBOURS = 12


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

    def considered(self, n: int) -> tuple[Considered, ...]:
        """The ``n`` best rules for people."""
        return tuple(Considered(rule, value, self.reasons.get(rule, "")) for rule, value in self.ranked()[:n])


def _standard(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean 0, deviation 1, so that two kinds of scores can be added."""
    spread = float(values.std())
    return np.asarray((values - values.mean()) / (spread or 1.0), dtype=np.float32)


def _scores(rules: Sequence[str], weighed: Weighed, likeness: Mapping[str, float]) -> NDArray[np.float32]:
    """One score per rule, in the order of ``rules``."""
    linear = _standard(np.asarray([weighed.margins[r] for r in rules], dtype=np.float32))
    near = _standard(np.asarray([likeness.get(r, 0.0) for r in rules], dtype=np.float32))
    return np.asarray(linear + LIKENESS_WEIGHT * near, dtype=np.float32)


def match_rules(reading: Reading, index: PublishedIndex) -> Match:
    """Weigh all rules of the published generation for this reading."""
    vector = index.vector(reading.query)
    weighed = index.rule_choice.weigh(reading.query, reading.concepts, vector)
    if not weighed.margins:
        return Match({}, weighed.outside, weighed.unregulated, 0.0, {})
    rules = sorted(weighed.margins)
    # The gate reads what was typed: mending turns words of other topics into words of this one.
    gate = index.rule_choice.weigh(reading.written, reading.concepts, index.vector(reading.written))
    outside, unregulated, permission = gate.outside, gate.unregulated, weighed.permission
    total = _scores(rules, weighed, index.likeness(vector))
    if reading.continues:
        query = index.vocabulary.expand(reading.alone)
        vector = index.vector(query)
        alone = index.rule_choice.weigh(query, index.vocabulary.read(reading.alone), vector)
        outside = (1 - ALONE) * outside + ALONE * alone.outside
        permission = min(permission, (permission + alone.permission) / 2)
        total = total + ALONE * _scores(rules, alone, index.likeness(vector))
    inside = max(0.0, 1.0 - outside - unregulated)
    values = {rule: inside * float(share) for rule, share in zip(rules, shares(SHARPNESS * total), strict=True)}
    return Match(values, outside, unregulated, permission, _reasons(reading, index))


def _reasons(reading: Reading, index: PublishedIndex) -> dict[str, str]:
    """For people: the example question nearest in words, where there is one."""
    nearest: dict[str, str] = {}
    for hit in index.lexical(reading.query, Lane.REGELN, NEIGHBOURS):
        if hit.passage.rule:
            first = hit.passage.text.split("\n")[0]
            nearest.setdefault(hit.passage.rule, f"Ähnlich: „{first}“")
    return nearest
