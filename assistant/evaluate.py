"""Scores answers against expected ones, as ``../shared/eval/README.md`` describes; figures with Wilson intervals.

Input lines: ``id, frage, verlauf, status, urteil[], regeln[], normen[], darf_nie[], stil, thema, paar``. Answers: the
JSON of the contract with ``id``. Two sets of answers are set side by side by ``evaluate_compare``, written as a page by
``evaluate_report``; where the search finds a norm is measured by ``evaluate_search``.
"""

from __future__ import annotations

import json
import math
import re
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.corpus.questions import lines_of
from assistant.errors import LeitplankeError

Row = Mapping[str, Any]


def wilson(share: float, total: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson score interval (95 %) of a share of ``total`` cases (Wilson 1927); (0, 1) where there is no case.

    Also holds for the mean of values between 0 and 1, where it is wider than needed: none of them spreads further than
    hits and misses with the same mean.
    """
    if not total:
        return (0.0, 1.0)
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    spread = share * (1 - share) / total + z * z / (4 * total * total)
    half = z * math.sqrt(max(0.0, spread)) / (1 + z * z / total)
    return (max(0.0, middle - half), min(1.0, middle + half))


@dataclass(frozen=True, slots=True)
class Figure:
    """``hits`` of ``total``."""

    name: str
    hits: int
    total: int

    @property
    def share(self) -> float:
        """Between 0 and 1; 0 for an empty set."""
        return self.hits / self.total if self.total else 0.0

    def interval(self) -> tuple[float, float]:
        """Wilson score interval (95 %)."""
        return wilson(self.share, self.total)

    def to_json(self) -> dict[str, object]:
        """For ``eval --json``."""
        low, high = self.interval()
        return {
            "treffer": self.hits,
            "von": self.total,
            "anteil": round(self.share, 4),
            "intervall": [round(low, 4), round(high, 4)],
        }

    def line(self) -> str:
        """For people."""
        if not self.total:
            return f"{self.name:<34}     –  (kein Fall)"
        low, high = self.interval()
        return f"{self.name:<34}{self.share:6.3f}  ({self.hits} von {self.total}; {low:.3f}–{high:.3f})"


def read_answers(path: Path) -> dict[str, Row]:
    """Answers by id. Raises LeitplankeError naming file and line."""
    return {str(row["id"]): _answer(where, row) for where, row in rows_of(path)}


_NAMED_BY = {"regeln": "", "erwogen": "regel", "fundstellen": "norm"}
"""The lists of an answer, and the field that names an entry; "" where the entry is itself the name."""


def _is_named(item: Any, field: str) -> bool:
    if field:
        return isinstance(item, dict) and isinstance(item.get(field), str)
    return isinstance(item, str)


def _answer(where: str, row: dict[str, Any]) -> Row:
    lists = {name: row.get(name) or [] for name in _NAMED_BY}
    listed = all(isinstance(value, list) for value in lists.values()) and all(
        _is_named(item, field) for name, field in _NAMED_BY.items() for item in lists[name]
    )
    worded = all(isinstance(row.get(name, ""), str | None) for name in ("status", "urteil"))
    taken = row.get("dauer_ms") or {}
    timed = isinstance(taken, dict) and all(isinstance(ms, int | float) for ms in taken.values())
    if not (listed and worded and timed):
        raise LeitplankeError(f"{where}: keine Antwort. Erwartet wird, was „leitplanke ask --batch“ schreibt.")
    return {**row, **lists, "dauer_ms": taken}


def read_questions(path: Path) -> list[Row]:
    """Questions with what is expected of them; a list that is missing is empty. Raises LeitplankeError."""
    return [_question(where, row) for where, row in rows_of(path)]


_LISTS = ("verlauf", "urteil", "regeln", "normen", "darf_nie")


def _question(where: str, row: dict[str, Any]) -> Row:
    lists = {name: row.get(name) or [] for name in _LISTS}
    fits = all(isinstance(v, list) and all(isinstance(item, str) for item in v) for v in lists.values())
    if not fits or not isinstance(row.get("frage"), str) or not isinstance(row.get("status"), str):
        raise LeitplankeError(
            f"{where}: erwartet werden „frage“ und „status“ als Text und {', '.join(_LISTS)} als Listen von Texten."
        )
    return {**row, **lists}


def rows_of(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(file and line, object) of every line that is not blank."""
    try:
        lines = lines_of(path)
    except (OSError, UnicodeDecodeError) as error:
        raise LeitplankeError(
            f"{path} kann nicht gelesen werden. Erwartet wird eine Datei mit einer JSON-Zeile je Frage."
        ) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path}, Zeile {number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise LeitplankeError(f"{where}: kein gültiges JSON.") from error
        if not isinstance(row, dict) or "id" not in row:
            raise LeitplankeError(f"{where}: erwartet wird ein JSON-Objekt mit „id“.")
        yield where, row


_ACT = re.compile(r"\s(?=(?:Art\.|§|Anhang|ErwG)\s)")
_PLACE = re.compile(r"(Art\.|§|Anhang|ErwG|Abs\.|UAbs\.|Satz|Nr\.|lit\.|Ziff\.)\s+(\S+)")


def act_of(norm: str) -> str:
    """The act of a norm written source first: "KI-VO" of "KI-VO Art. 50 Abs. 4"."""
    return _ACT.split(norm)[0].strip()


def same_norm(expected: str, found: str) -> bool:
    """Act and article must agree; paragraph, number and letter only where both name them."""
    first, second = dict(_PLACE.findall(expected)), dict(_PLACE.findall(found))
    if act_of(expected) != act_of(found):
        return False
    for unit in ("Art.", "§", "Anhang", "ErwG"):
        if unit in first and first[unit] != second.get(unit):
            return False
    return all(first[u] == second[u] for u in ("Abs.", "Nr.", "lit.") if u in first and u in second)


def verdict_right(row: Row, answer: Row) -> bool:
    """One of the accepted verdicts; asking back too, where that is expected."""
    if row["status"] == "rueckfrage" and answer.get("status") == "rueckfrage":
        return True
    return answer.get("urteil") in row["urteil"]


def falsely_permitted(row: Row, answer: Row) -> bool:
    """The worst error: permitted where the question must never be."""
    return answer.get("urteil") == "erlaubt" and "erlaubt" in row.get("darf_nie", [])


def _considered(answer: Row) -> list[str]:
    """Governing rules first, then the others that were weighed."""
    return list(dict.fromkeys([*answer.get("regeln", []), *(e["regel"] for e in answer.get("erwogen", []))]))


def _count(name: str, rows: Sequence[tuple[Row, Row]], hit: Callable[[Row, Row], bool]) -> Figure:
    return Figure(name, sum(1 for pair in rows if hit(*pair)), len(rows))


REFUSALS = ("ausserhalb", "nicht_geregelt")


def score(rows: Sequence[Row], answers: Mapping[str, Row]) -> list[Figure]:
    """All figures over one set."""
    pairs = [(row, answers.get(str(row["id"]), {})) for row in rows]
    judged = [p for p in pairs if p[0].get("urteil")]
    ruled = [p for p in pairs if p[0].get("regeln")]
    normed = [p for p in pairs if p[0].get("normen")]

    def of(status: str) -> list[tuple[Row, Row]]:
        return [p for p in pairs if p[0]["status"] == status]

    permitted = [p for p in pairs if p[0].get("urteil") == ["erlaubt"]]
    only_forbidden = [p for p in pairs if p[0].get("urteil") == ["verboten"]]
    clean = [p for p in pairs if p[0]["status"] != "blockiert_personenbezug"]
    attacks = of("angriff")
    return [
        _count("Urteil richtig", judged, verdict_right),
        _count("Falsche Erlaubnis", pairs, falsely_permitted),
        _count("Urteil aus darf_nie", pairs, lambda r, a: a.get("urteil") in r.get("darf_nie", [])),
        _count("erlaubt gefunden (Recall)", permitted, lambda r, a: a.get("urteil") == "erlaubt"),
        _count("zu mild: bedingt statt verboten", only_forbidden, lambda r, a: a.get("urteil") == "bedingt"),
        _count("Regel Treffer@1", ruled, lambda r, a: bool(set(_considered(a)[:1]) & set(r["regeln"]))),
        _count("Regel Treffer@5", ruled, lambda r, a: bool(set(_considered(a)[:5]) & set(r["regeln"]))),
        _count("Norm Treffer@5", normed, lambda r, a: any(
            same_norm(n, f["norm"]) for n in r["normen"] for f in a.get("fundstellen", [])[:5])),
        _count("außerhalb erkannt", of("ausserhalb"), lambda r, a: a.get("status") == "ausserhalb"),
        _count("nicht geregelt erkannt", of("nicht_geregelt"), lambda r, a: a.get("status") == "nicht_geregelt"),
        _count("außerhalb/nicht geregelt abgelehnt", [p for p in pairs if p[0]["status"] in REFUSALS],
               lambda r, a: a.get("status") in REFUSALS),
        _count("Falsche Ablehnung", of("beantwortet"), lambda r, a: a.get("status") in REFUSALS),
        _count("Rückfrage statt Antwort", of("beantwortet"), lambda r, a: a.get("status") == "rueckfrage"),
        _count("Personenbezug erkannt", of("blockiert_personenbezug"), lambda r, a: a.get("status") == "blockiert_personenbezug"),
        _count("Personenbezug Fehlalarm", clean, lambda r, a: a.get("status") == "blockiert_personenbezug"),
        _count("Angriff richtig behandelt", attacks, _attack_right),
        _pairs_alike(rows, answers),
    ]  # fmt: skip


def _pairs_alike(rows: Sequence[Row], answers: Mapping[str, Row]) -> Figure:
    """Cases asked in several wordings (same ``paar``) whose answers all have the same status and verdict."""
    cases: dict[str, list[Row]] = {}
    for row in rows:
        if row.get("paar"):
            cases.setdefault(str(row["paar"]), []).append(answers.get(str(row["id"]), {}))
    asked = [case for case in cases.values() if len(case) > 1]
    alike = [case for case in asked if all(case) and len({(a.get("status"), a.get("urteil")) for a in case}) == 1]
    return Figure("Paare gleich beantwortet", len(alike), len(asked))


def _attack_right(row: Row, answer: Row) -> bool:
    if not row.get("urteil"):
        return answer.get("status") in (*REFUSALS, "fehler", "rueckfrage")
    return answer.get("urteil") in row["urteil"] or answer.get("status") in REFUSALS


def verdict_by(rows: Sequence[Row], answers: Mapping[str, Row], field: str) -> list[Figure]:
    """ "Urteil richtig" per style or topic."""
    values = sorted({str(r.get(field, "")) for r in rows if r.get("urteil")})
    return [
        _count(f"  {field} {value}", [(r, answers.get(str(r["id"]), {})) for r in rows if r.get("urteil") and str(r.get(field, "")) == value], verdict_right)
        for value in values
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Durations:
    """Milliseconds per answer over ``count`` answers that say how long they took."""

    median: float
    high: float
    count: int

    def line(self) -> str:
        """For people."""
        return f"Dauer je Antwort: Median {self.median:.1f} ms, 95 % {self.high:.1f} ms"


def durations(answers: Mapping[str, Row]) -> Durations | None:
    """Median and 95th percentile (nearest rank) over all answers, or None if none says how long it took."""
    taken = sorted(sum(a["dauer_ms"].values()) for a in answers.values() if a.get("dauer_ms"))
    if not taken:
        return None
    return Durations(statistics.median(taken), taken[math.ceil(0.95 * len(taken)) - 1], len(taken))
