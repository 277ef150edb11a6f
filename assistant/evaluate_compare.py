"""Two sets of answers to the same questions side by side: the figures, and every question that changed.

The *earlier* answers come from another generation or from a file; the *later* ones are those that are being measured.
What is newly permitted stands first, because a false permission is the worst error the product can make.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.evaluate import Figure, Row, score

NEWLY_PERMITTED = "neu erlaubt"
OTHER_VERDICT = "anderes Urteil"
OTHER_RULE = "andere Regel"
KINDS = (NEWLY_PERMITTED, OTHER_VERDICT, OTHER_RULE)
"""Of a change, in the order in which they are listed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer comes down to; ``rule`` is the governing one."""

    status: str
    verdict: str | None
    rule: str | None

    @classmethod
    def of(cls, answer: Row) -> Outcome:
        """The outcome of an answer as in the contract."""
        rules = answer.get("regeln") or [None]
        return cls(str(answer.get("status")), answer.get("urteil"), rules[0])

    def line(self) -> str:
        """For people: "bedingt (lokal)", or the status where there is no verdict."""
        return (self.verdict or self.status) + (f" ({self.rule})" if self.rule else "")

    def to_json(self) -> dict[str, object]:
        """For ``eval --json``."""
        return {"status": self.status, "urteil": self.verdict, "regel": self.rule}


@dataclass(frozen=True, slots=True)
class Change:
    """One question that is answered otherwise than before; ``kind`` is one of ``KINDS``."""

    id: str
    question: str
    kind: str
    before: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True)
class Comparison:
    """``name`` says with what is compared; ``figures`` are (earlier, later); ``missing`` questions had no answer there."""

    name: str
    figures: tuple[tuple[Figure, Figure], ...]
    changes: tuple[Change, ...]
    missing: int

    def to_json(self) -> dict[str, object]:
        """For ``eval --json``."""
        return {
            "mit": self.name,
            "ohne_antwort": self.missing,
            "zahlen": {before.name: before.to_json() for before, _ in self.figures},
            "geaendert": [
                {"id": c.id, "frage": c.question, "art": c.kind, "vorher": c.before.to_json(), "nachher": c.after.to_json()}
                for c in self.changes
            ],
        }  # fmt: skip

    def lines(self) -> list[str]:
        """For people."""
        lines = [f"\nVerglichen mit {self.name}:", f"{'':<34}{'vorher':>8}{'nachher':>9}{'Unterschied':>13}"]
        lines += [
            f"{before.name:<34}{before.share:8.3f}{after.share:9.3f}{after.share - before.share:+13.3f}"
            for before, after in self.figures
            if after.total
        ]
        if self.missing:
            lines.append(f"Dort ohne Antwort und deshalb als falsch gezählt: {self.missing}.")
        lines.append(f"\nAnders beantwortet: {len(self.changes) or 'keine'}")
        lines += [f"  {c.kind}: {c.id} {c.before.line()} → {c.after.line()}  {c.question}" for c in self.changes]
        return lines


def compare(rows: Sequence[Row], earlier: Mapping[str, Row], later: Mapping[str, Row], name: str) -> Comparison:
    """Figures of both and what changed, over the questions of ``rows``; ``name`` is what ``earlier`` is called."""
    return Comparison(
        name,
        tuple(zip(score(rows, earlier), score(rows, later), strict=True)),
        tuple(_changes(rows, earlier, later)),
        sum(str(row["id"]) not in earlier for row in rows),
    )


def _changes(rows: Sequence[Row], earlier: Mapping[str, Row], later: Mapping[str, Row]) -> list[Change]:
    """Changed questions by kind, within a kind in the order of the questions; one without both answers is left out."""
    found = []
    for row in rows:
        key = str(row["id"])
        if key not in earlier or key not in later:
            continue
        before, after = Outcome.of(earlier[key]), Outcome.of(later[key])
        if before != after:
            found.append(Change(key, row["frage"], _kind(before, after), before, after))
    return sorted(found, key=lambda change: KINDS.index(change.kind))


def _kind(before: Outcome, after: Outcome) -> str:
    if after.verdict == "erlaubt" != before.verdict:
        return NEWLY_PERMITTED
    return OTHER_RULE if (before.status, before.verdict) == (after.status, after.verdict) else OTHER_VERDICT
