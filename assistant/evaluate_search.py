"""Where the search finds the norm a question is about: hit@5, recall@5 and MRR of words alone, vectors alone and both.

Input lines: ``id, question, gold[]`` and, where there is one, ``question_colloquial`` and ``lang``. What is ranked are
places of the acts that the golds name: articles or paragraphs, whole annexes, and each point of Annex III of the KI-VO,
because that annex lists one use after the other. Questions are read as the assistant reads them (mended, expanded), so
the three ways differ in nothing but the search. Rows without ``gold`` are left out and counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.ask.reading import read_question
from assistant.errors import LeitplankeError
from assistant.evaluate import Figure, act_of, rows_of, same_norm, wilson
from assistant.index.published import PublishedIndex
from assistant.types import Hit, Lane

DEPTH = 1000
"""Passages looked at per search: enough for the places of one act among those of thirty others."""
FIRST = 5
WAYS = ("nur Wörter", "nur Vektoren", "beides")
FORMAL, COLLOQUIAL = "Frage", "umgangssprachlich"
_PLACE = re.compile(r".*?\s(?:Art\.|§|Anhang|ErwG)\s\S+")
_POINTS = re.compile(r".*?\sAnhang III\s")
_LETTERED = re.compile(r"(\sAnhang .*\bNr\. \d+)([a-z])$")


@dataclass(frozen=True, slots=True)
class SearchQuestion:
    """``gold`` holds norms in the written form of the contract; ``colloquial`` is "" where there is none."""

    id: str
    formal: str
    colloquial: str
    gold: tuple[str, ...]
    language: str

    def wording(self, name: str) -> str:
        """The question in one of the wordings ``FORMAL`` and ``COLLOQUIAL``, or ""."""
        return self.formal if name == FORMAL else self.colloquial


@dataclass(frozen=True, slots=True)
class Mean:
    """Of ``count`` values between 0 and 1 that add up to ``total``."""

    total: float
    count: int

    @property
    def share(self) -> float:
        """Between 0 and 1; 0 for no value."""
        return self.total / self.count if self.count else 0.0

    def interval(self) -> tuple[float, float]:
        """Wilson score interval (95 %), for a mean wider than needed."""
        return wilson(self.share, self.count)

    def to_json(self) -> dict[str, object]:
        """For ``eval --json``."""
        low, high = self.interval()
        return {"mittel": round(self.share, 4), "von": self.count, "intervall": [round(low, 4), round(high, 4)]}

    def cell(self) -> str:
        """For people."""
        low, high = self.interval()
        return f"{self.share:.3f} ({low:.3f}–{high:.3f})"


@dataclass(frozen=True, slots=True)
class Found:
    """Figures of one wording searched in one way."""

    wording: str
    way: str
    hit: Figure
    recall: Mean
    rank: Mean


@dataclass(frozen=True, slots=True)
class SearchResult:
    """``acts`` are those that the golds name, ``absent`` those of them that are not in the lanes searched."""

    found: tuple[Found, ...]
    questions: int
    without_gold: int
    lanes: tuple[Lane, ...]
    acts: tuple[str, ...]
    absent: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """For ``eval --json``: wording, then way, then figure."""
        figures: dict[str, dict[str, object]] = {}
        for f in self.found:
            values = {"hit@5": f.hit.to_json(), "recall@5": f.recall.to_json(), "mrr": f.rank.to_json()}
            figures.setdefault(f.wording, {})[f.way] = values
        return {
            "fragen": self.questions, "ohne_norm": self.without_gold, "spuren": [lane.value for lane in self.lanes],
            "rechtsakte": list(self.acts), "fehlende_rechtsakte": list(self.absent), "suche": figures,
        }  # fmt: skip

    def lines(self, name: str) -> list[str]:
        """For people; ``name`` is that of the file."""
        lanes = ", ".join(lane.value for lane in self.lanes)
        lines = [
            f"{self.questions} Fragen aus {name} ({self.without_gold} ohne Norm nicht gezählt); Anteil oder Mittel "
            "(95-%-Intervall nach Wilson)",
            f"Gesucht in der Spur {lanes}, unter den Vorschriften von {', '.join(self.acts)}",
        ]
        if self.absent:
            lines.append(f"Nicht im Index und deshalb nie gefunden: {', '.join(self.absent)}")
        lines.append(f"\n{'':<32}{'hit@5':<22}{'recall@5':<22}MRR")
        for f in self.found:
            hit = Mean(f.hit.hits, f.hit.total).cell()
            lines.append(f"{f'{f.wording}: {f.way}':<32}{hit:<22}{f.recall.cell():<22}{f.rank.cell()}")
        return lines


def is_search_set(path: Path) -> bool:
    """True if the first line has norms to be found (``gold``) and no status to be reached. Raises LeitplankeError."""
    first = next((row for _, row in rows_of(path)), {})
    return "gold" in first and "status" not in first


def read_search_questions(path: Path) -> list[SearchQuestion]:
    """All questions, also those without ``gold``. Raises LeitplankeError naming file and line."""
    return [_question(where, row) for where, row in rows_of(path)]


def _question(where: str, row: Mapping[str, Any]) -> SearchQuestion:
    texts = (row.get("question"), row.get("question_colloquial") or "", row.get("lang") or "de")
    gold = row.get("gold")
    if not all(isinstance(text, str) for text in texts) or not _texts(gold):
        raise LeitplankeError(
            f"{where}: erwartet werden „question“ (und, wenn vorhanden, „question_colloquial“ und „lang“) als Text und "
            "„gold“ als Liste von Normen."
        )
    formal, colloquial, language = map(str, texts)
    return SearchQuestion(str(row["id"]), formal, colloquial, tuple(map(_as_cited, gold or ())), language)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _as_cited(norm: str) -> str:
    """ "Anhang III Nr. 4a" is number 4, letter a."""
    return _LETTERED.sub(r"\1 lit. \2", norm.strip())


def place_of(norm: str) -> str:
    """What is ranked: the article, paragraph or annex a norm stands in, but each point of Annex III for itself."""
    if _POINTS.match(norm):
        return norm
    found = _PLACE.match(norm)
    return found.group() if found else norm


def _is_found(gold: str, place: str) -> bool:
    """As norms are compared everywhere; Annex III as a whole does not answer which of its points is meant."""
    return same_norm(gold, place) and not (_POINTS.match(gold) and place.endswith(" Anhang III"))


def measure(
    index: PublishedIndex,
    questions: Sequence[SearchQuestion],
    progress: Callable[[Sequence[SearchQuestion]], Iterable[SearchQuestion]] = iter,
) -> SearchResult:
    """Search every question that has a gold in three ways; ``progress`` goes through them and may show how far it is."""
    asked = [q for q in questions if q.gold]
    acts = tuple(sorted({act_of(gold) for q in asked for gold in q.gold}))
    lanes = tuple(dict.fromkeys(_lane(index, q) for q in asked))
    kept: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for question in progress(asked):
        for wording in (FORMAL, COLLOQUIAL):
            if text := question.wording(wording):
                for way, places in _searches(index, text, _lane(index, question), frozenset(acts)):
                    kept.setdefault((wording, way), []).append(_values(question.gold, places))
    present = {act_of(p.norm) for lane in lanes for p in index.lanes[lane]}
    ordered = [(wording, way) for wording in (FORMAL, COLLOQUIAL) for way in WAYS if (wording, way) in kept]
    return SearchResult(
        tuple(_figures(wording, way, kept[wording, way]) for wording, way in ordered),
        len(asked), len(questions) - len(asked), lanes, acts, tuple(act for act in acts if act not in present),
    )  # fmt: skip


def _lane(index: PublishedIndex, question: SearchQuestion) -> Lane:
    return Lane.ENGLISCH if question.language == "en" and index.lanes[Lane.ENGLISCH] else Lane.RECHT


def _searches(index: PublishedIndex, text: str, lane: Lane, acts: frozenset[str]) -> Iterable[tuple[str, list[str]]]:
    """Each way with the places it finds, best first."""
    query = read_question(text, (), index.vocabulary, index.law.acts, index.speller.mend).query
    for way, search in zip(WAYS, (index.lexical, index.dense, index.search), strict=True):
        yield way, _places(search(query, lane, DEPTH), acts)


def _places(hits: Sequence[Hit], acts: frozenset[str]) -> list[str]:
    norms = (hit.passage.norm for hit in hits)
    return list(dict.fromkeys(place_of(norm) for norm in norms if act_of(norm) in acts))


def _values(gold: Sequence[str], places: Sequence[str]) -> tuple[float, float, float]:
    """Hit and recall among the first five places, and one over the rank of the first that is right (0 without one)."""
    first = [any(_is_found(norm, place) for place in places[:FIRST]) for norm in gold]
    rank = next((n for n, place in enumerate(places, 1) if any(_is_found(norm, place) for norm in gold)), None)
    return float(any(first)), sum(first) / len(first), 1 / rank if rank else 0.0


def _figures(wording: str, way: str, values: Sequence[tuple[float, float, float]]) -> Found:
    hits, recalls, ranks = (sum(column) for column in zip(*values, strict=True))
    count = len(values)
    return Found(wording, way, Figure("hit@5", int(hits), count), Mean(recalls, count), Mean(ranks, count))
