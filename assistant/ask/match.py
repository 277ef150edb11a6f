"""Which rules a question speaks for, each with a value between 0 and 1 and the reason.

Three sources are added: the linear rule choice (fitted at the last build), the nearest example questions by words,
and by vectors. The weights were chosen by cross-validation over the question bank (docs/experiments.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.ask.reading import Reading
from assistant.index.published import PublishedIndex
from assistant.index.rulechoice import OUTSIDE, PERMISSION, UNREGULATED
from assistant.types import Considered, Hit, Lane

CHOICE_WEIGHT = 0.7
LEXICAL_WEIGHT = 0.2
DENSE_WEIGHT = 0.1
NEIGHBOURS = 12
SHARPNESS = 3.0


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


def _votes(hits: Sequence[Hit]) -> dict[str, float]:
    """Share of each rule among the neighbours: the best hit counts most, further ones of the same rule add a little."""
    if not hits:
        return {}
    top = max(h.score for h in hits) or 1.0
    votes: dict[str, float] = {}
    for hit in hits:
        if hit.passage.rule:
            weight = (max(hit.score, 0.0) / top) ** SHARPNESS
            votes[hit.passage.rule] = votes.get(hit.passage.rule, 0.0) + weight
    total = sum(votes.values()) or 1.0
    return {rule: vote / total for rule, vote in votes.items()}


def match_rules(reading: Reading, index: PublishedIndex) -> Match:
    """Weigh all rules of the published generation for this reading."""
    shares = index.rule_choice.probabilities(reading.query, reading.concepts)
    outside, unregulated = shares.pop(OUTSIDE, 0.0), shares.pop(UNREGULATED, 0.0)
    permission = shares.pop(PERMISSION, 0.0)
    lexical_hits = index.lexical(reading.query, Lane.REGELN, NEIGHBOURS)
    lexical = _votes(lexical_hits)
    dense = _votes(index.dense(reading.query, Lane.REGELN, NEIGHBOURS))
    inside = 1.0 - outside - unregulated
    values = {
        rule: CHOICE_WEIGHT * share
        + inside * (LEXICAL_WEIGHT * lexical.get(rule, 0.0) + DENSE_WEIGHT * dense.get(rule, 0.0))
        for rule, share in shares.items()
    }
    nearest: dict[str, str] = {}
    for hit in lexical_hits:
        if hit.passage.rule:
            nearest.setdefault(hit.passage.rule, hit.passage.text.split("\n")[0])
    reasons = {
        rule: f"Ähnlich: „{nearest[rule]}“" if rule in nearest else "Wortwahl passt zu dieser Regel" for rule in values
    }
    return Match(values, outside, unregulated, permission, reasons)
