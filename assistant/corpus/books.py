"""Acts as books: one act in one state, and from when until when each of its places applies.

No publisher's format carries the dates, so they come from three reviewed places: ``gilt_ab`` in the digests for the
present wording, ``[[quelle.geltung]]`` in ``quellen.toml`` for superseded wordings (what their own final provisions
said), and the comparison of the states themselves for places that came, changed or went.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.corpus.diff import RECITALS_UNIT, Change, Fate, compare, same_words
from assistant.errors import CorpusError
from assistant.types import Provision, Source

Starts = Mapping[str, dt.date]
"""From when the parts of one state applied, by norm ("KI-VO Art. 6"); the act's short name stands for the rest."""


@dataclass(frozen=True, slots=True)
class Book:
    """One act in one state and language, official or digest; ``places`` by norm, in reading order."""

    source: Source
    places: Mapping[str, Provision]
    valid_to: dt.date | None = None
    file: str = ""
    language: str = "DE"


def read_starts(path: Path) -> dict[tuple[str, dt.date], Starts]:
    """``[[quelle.geltung]]`` of ``quellen.toml`` by (short name, state). Raises CorpusError naming the entry.

    Each has ``stand``, ``ab``, ``laut`` (the place that says so) and ``orte`` ("Art. 6 bis 27", "Anhang III"); without
    ``orte`` it is for all that is not named. ``quellen.toml`` itself was read before, so that it parses.
    """
    found: dict[tuple[str, dt.date], dict[str, dt.date]] = {}
    for raw in tomllib.loads(path.read_text(encoding="utf-8")).get("quelle", []):
        for number, row in enumerate(raw.get("geltung", ()), start=1):
            where = f"{path}: {number}. [[quelle.geltung]] zu {raw['kurz']}"
            try:
                state, begins, laut = row["stand"], row["ab"], row["laut"]
            except KeyError as error:
                raise CorpusError(f"{where}: es fehlt {error}. Erwartet werden stand, ab und laut.") from error
            if not isinstance(state, dt.date) or not isinstance(begins, dt.date) or not laut:
                raise CorpusError(f"{where}: stand und ab müssen ein Datum sein (2025-02-02), laut eine Vorschrift.")
            table = found.setdefault((raw["kurz"], state), {})
            for place in row.get("orte", [""]):
                table.update({f"{raw['kurz']} {p}".strip(): begins for p in _spread(place, where)})
    return dict(found)


def _spread(place: str, where: str) -> list[str]:
    """ "Art. 6 bis 8" to its articles; "" and single places as they are."""
    if several := re.fullmatch(r"(Art\.|§) (\d+) bis (\d+)", place):
        return [f"{several[1]} {n}" for n in range(int(several[2]), int(several[3]) + 1)]
    if place and not re.fullmatch(r"(?:Art\.|§) \d+[a-z]?(?: (?:Abs\.|Nr\.|lit\.) \w+)*|Anhang [IVXL]+", place):
        raise CorpusError(f"{where}: „{place}“ ist kein Ort. Erwartet wird „Art. 6“, „Art. 6 bis 8“ oder „Anhang III“.")
    return [place]


def upwards(norm: str) -> list[str]:
    """The norm and the larger places it lies in, smallest first, without the act."""
    pieces = norm
    chain = []
    while re.search(r"(?:Art\.|§|Anhang|ErwG) \S+", pieces):
        chain.append(pieces)
        pieces = pieces.rsplit(" ", 2)[0]
    return chain


def with_starts(book: Book, starts: Starts | None, digest: Book | None) -> Book:
    """The book with the day from which each place applies: from its own state's table, else from the present digest."""
    places = {}
    for norm, place in book.places.items():
        begins = place.valid_from
        if starts is not None:
            listed = [starts[n] for n in upwards(norm) if n in starts]
            default = None if " ErwG " in norm else starts.get(book.source.short)
            begins = listed[0] if listed else default
        elif begins is None and digest is not None:
            above = (digest.places.get(n) for n in upwards(norm))
            begins = next((p.valid_from for p in above if p and p.valid_from), None)
            if begins and place.valid_to and begins > place.valid_to:
                begins = None  # dropped before the rest of its article came to apply
        places[norm] = replace(place, valid_from=begins)
    return replace(book, places=places)


def chained(books: Sequence[Book], digest: Book | None) -> tuple[Book, ...]:
    """States oldest first. A place ends the day before the first later state that words it differently or lacks it.

    A place that the state before did not have applies from its own state at the earliest, unless the digest knows.
    """
    ordered = sorted(books, key=lambda b: b.source.state)
    if not ordered:
        return ()
    changes = [compare(before.places, after.places) for before, after in itertools.pairwise(ordered)]
    newest = ordered[-1]
    result = [replace(newest, places={n: replace(p, valid_to=newest.valid_to) for n, p in newest.places.items()})]
    for book, difference in zip(reversed(ordered[:-1]), reversed(changes), strict=True):
        result.append(_ended(book, result[-1], difference))
    result.reverse()
    known = frozenset(n for n, p in digest.places.items() if p.valid_from) if digest else frozenset()
    return (result[0], *(_begun(b, c, known) for b, c in zip(result[1:], changes, strict=True)))


def _ended(book: Book, later: Book, changes: Sequence[Change]) -> Book:
    """The book with the last day of its places: the day before ``later`` where that differs, else what ``later`` has."""
    ends = later.source.state - dt.timedelta(days=1)
    touched = {norm for change in changes for norm in upwards(change.norm)}
    changed = {change.norm for change in changes}
    recitals = any(f" {RECITALS_UNIT} " in norm for norm in later.places)
    places = {}
    for norm, place in book.places.items():
        after = later.places.get(norm)
        lasts = f" {RECITALS_UNIT} " in norm and not recitals  # consolidated texts leave them out
        if after is not None and norm not in touched:
            lasts = not changed.intersection(upwards(norm)) or same_words(place.text, after.text)
        places[norm] = replace(place, valid_to=(after.valid_to if after else None) if lasts else ends)
    return replace(book, places=places, valid_to=ends)


def _begun(book: Book, changes: Sequence[Change], reviewed: frozenset[str]) -> Book:
    """The book whose inserted places, and all within them, apply from its state at the earliest, unless reviewed."""
    added = {change.norm for change in changes if change.fate is Fate.NEU and " ErwG " not in change.norm}
    state = book.source.state
    places = {}
    for norm, place in book.places.items():
        nearest = next((n for n in upwards(norm) if n in added or n in reviewed), "")
        new = nearest in added and nearest not in reviewed
        places[norm] = replace(place, valid_from=max(place.valid_from or state, state)) if new else place
    return replace(book, places=places)
