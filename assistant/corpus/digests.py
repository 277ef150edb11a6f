"""The law in the project's own words (``corpus/recht/*.md``): one file per act, reviewed, with the dates of each place.

A place is ``## Art. 4 Abs. 1: Titel``, then optional lines of dates, then its text::

    gilt_ab: 2025-02-02      from when it applies, where that is not the state's own date
    gilt_bis: 2026-07-26     the place was dropped; its text says what became of it
    geaendert: 2026-07-27    since when it reads as summarised here
    frueher: …               what it said before, in one line of own words

What a place said before its change becomes a book of its own, so that a day in the past finds it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assistant.corpus.addresses import ActInfo, Acts, Address
from assistant.corpus.books import Book
from assistant.errors import AddressError, CorpusError
from assistant.types import Kind, Provision, Source

_DATED = re.compile(r"(gilt_ab|gilt_bis|geaendert):\s*(\S+)\s*$")
_EARLIER = re.compile(r"frueher:\s*(\S.*)$")


@dataclass(slots=True)
class _Entry:
    address: Address
    title: str
    line: int
    dates: dict[str, dt.date] = field(default_factory=dict)
    earlier: str = ""
    text: list[str] = field(default_factory=list)


def read_digest(path: Path, acts: Acts, name: str) -> tuple[Book, Book | None]:
    """The act as it stands, and what is known of its changed places before (``stand_davor`` in the head), or None.

    Raises CorpusError naming file and line.
    """
    head, body, offset = _head(path.read_text(encoding="utf-8"), name)
    info = acts.by_id(head.get("id", ""))
    if info is None:
        raise CorpusError(f"{name}: id „{head.get('id', '')}“ steht nicht in corpus/quellen.toml.")
    entries = _entries(body, offset, info, acts, name)
    places = {e.address.norm: _present(e, info) for e in entries}
    empty = next((norm for norm, p in places.items() if not p.text), None)
    if empty:
        raise CorpusError(f"{name}: zu {empty} steht kein Text. Erwartet wird eine Kurzfassung in eigenen Worten.")
    book = Book(_source(info, _state(head, "stand", name)), places, file=name)
    changed = [e for e in entries if "geaendert" in e.dates]
    for entry in entries:
        if entry.earlier and "geaendert" not in entry.dates:
            raise CorpusError(f"{name}, Zeile {entry.line}: zu „frueher“ fehlt „geaendert: JJJJ-MM-TT“.")
    if not changed:
        return book, None
    before = _source(info, _state(head, "stand_davor", name))
    last = max(e.dates["geaendert"] for e in changed) - dt.timedelta(days=1)
    return book, Book(before, {e.address.norm: _before(e, info) for e in changed}, last, name)


def _head(text: str, name: str) -> tuple[dict[str, str], list[str], int]:
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---" or "---" not in [line.strip() for line in lines[1:]]:
        raise CorpusError(f"{name}, Zeile 1: der Kopf zwischen zwei Zeilen „---“ fehlt (id, stand, geprueft).")
    end = next(i for i, line in enumerate(lines[1:], start=1) if line.strip() == "---")
    head = {k.strip(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:end])}
    return head, lines[end + 1 :], end + 2


def _state(head: Mapping[str, str], key: str, name: str) -> dt.date:
    try:
        return dt.date.fromisoformat(head.get(key, ""))
    except ValueError as error:
        raise CorpusError(f"{name}: {key} „{head.get(key, '')}“ ist kein Datum (JJJJ-MM-TT).") from error


def _source(info: ActInfo, state: dt.date) -> Source:
    return Source(info.id, info.short, info.title, info.level, state, Kind.KURZFASSUNG, info.page, info.verified)


def _entries(body: list[str], offset: int, info: ActInfo, acts: Acts, name: str) -> list[_Entry]:
    entries: list[_Entry] = []
    for number, line in enumerate(body, start=offset):
        if line.startswith("## "):
            place, _, title = line[3:].partition(":")
            entries.append(_Entry(_address(place.strip(), info.short, acts, name, number), title.strip(), number))
        elif not entries:
            continue
        elif not entries[-1].text and (dated := _DATED.match(line)):
            try:
                entries[-1].dates[dated[1]] = dt.date.fromisoformat(dated[2])
            except ValueError as error:
                raise CorpusError(f"{name}, Zeile {number}: {dated[1]} „{dated[2]}“ ist kein Datum.") from error
        elif not entries[-1].text and (before := _EARLIER.match(line)):
            entries[-1].earlier = before[1].strip()
        elif line.strip() or entries[-1].text:
            entries[-1].text.append(line.strip())
    return entries


def _address(place: str, short: str, acts: Acts, name: str, line: int) -> Address:
    if place == short:
        return Address(short)
    try:
        return acts.parse(f"{place} {short}")
    except AddressError as error:
        raise CorpusError(f"{name}, Zeile {line}: {error}") from error


def _heading(entry: _Entry, info: ActInfo) -> tuple[str, ...]:
    return (f"{entry.address.place or info.short} {entry.title}".strip(),)


def _present(entry: _Entry, info: ActInfo) -> Provision:
    return Provision(
        entry.address.norm, entry.address.label, info.id, _heading(entry, info), "\n".join(entry.text).strip(),
        Kind.KURZFASSUNG, entry.dates.get("gilt_ab"), entry.dates.get("gilt_bis"),
    )  # fmt: skip


def _before(entry: _Entry, info: ActInfo) -> Provision:
    """The place until its change; without words where only the day of the change is known."""
    return Provision(
        entry.address.norm, entry.address.label, info.id, _heading(entry, info), entry.earlier, Kind.KURZFASSUNG,
        entry.dates.get("gilt_ab"), entry.dates["geaendert"] - dt.timedelta(days=1),
    )  # fmt: skip
