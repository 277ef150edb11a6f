"""Days on which the law changes next: provisions that begin to apply, end, or are replaced by an imported later state.

The days are those of ``corpus/books.py``; nothing here knows a date of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assistant.corpus.diff import top_place
from assistant.corpus.law import Law

NAMED = 6
"""Places named in one line; the rest is a number."""


@dataclass(frozen=True, slots=True)
class Coming:
    """What happens on a day in one act; ``places`` are its largest places concerned ("Art. 5"), in reading order."""

    day: dt.date
    act: str
    what: str
    places: tuple[str, ...]

    def line(self) -> str:
        """For people: "02.12.2026, KI-VO: Stellen gelten neu (Art. 5)"."""
        rest = len(self.places) - NAMED
        named = ", ".join(self.places[:NAMED]) + (f" und {rest} weitere" if rest > 0 else "")
        return f"{self.day:%d.%m.%Y}, {self.act}: {self.what}{f' ({named})' if named else ''}"


def coming(law: Law, today: dt.date) -> tuple[Coming, ...]:
    """Everything after ``today``, soonest first. A last day of validity is named as such, so it may be today."""
    found: dict[tuple[dt.date, str, str], dict[str, None]] = {}
    for day, act, what, place in _dates(law, today):
        found.setdefault((day, act, what), {}).update({place: None} if place else {})
    return tuple(Coming(*key, tuple(places)) for key, places in sorted(found.items(), key=lambda item: item[0]))


def _dates(law: Law, today: dt.date) -> Iterator[tuple[dt.date, str, str, str]]:
    for book in law.books(today):
        short = book.source.short
        for norm, place in book.places.items():
            if place.valid_from and place.valid_from > today:
                yield place.valid_from, short, "Stellen gelten neu", top_place(norm)
            if place.valid_to and place.valid_to >= today:
                yield place.valid_to, short, "letzter Tag von Stellen", top_place(norm)
    yield from _later_states({short: [b.source.state for b in books] for short, books in law.official.items()}, today)


def _later_states(states: Mapping[str, list[dt.date]], today: dt.date) -> Iterator[tuple[dt.date, str, str, str]]:
    for short, days in states.items():
        yield from ((day, short, "neuer eingespielter Stand", "") for day in days if day > today)
