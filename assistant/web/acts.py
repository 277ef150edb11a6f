"""The installed law to read: ``/recht`` lists the acts, ``/recht/ki-vo`` the contents of one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from assistant.corpus.addresses import Address
from assistant.corpus.books import Book
from assistant.corpus.law import validity
from assistant.corpus.links import CrossReferences
from assistant.errors import AddressError
from assistant.types import Lane, Level, Provision, Source, Validity
from assistant.web.api import Shelf
from assistant.web.markup import escape
from assistant.web.paths import PREFIX, provision_path, slug
from assistant.web.provisions import official_link, source_chips, validity_chip
from assistant.web.reading import Result, beginning, found, results_list, running_text, search_form
from assistant.web.shell import PLAIN, Frame

ADDRESS = PREFIX.rstrip("/")
_LEVELS = (Level.EU, Level.BUND, Level.LAND, Level.STADT)
_UNITS = ("Art.", "§", "Anhang", "ErwG")
SHOWN_LINKS = 12
_PLACE = re.compile(r"(?:Art\.|§|Anhang|ErwG) .*")
_FOLDED = frozenset({"ErwG"})
"""Long lists that hardly anybody reads through: folded."""


def acts_page(shelf: Shelf, day: dt.date, query: str = "", frame: Frame = PLAIN) -> str:
    """All installed acts with their states; with ``query`` the places of the law that fit it best."""
    words, address = frame.words, frame.address(ADDRESS)
    form = search_form(address, words.search_law, query, words)
    if query:
        shown = results_list(query, _results(shelf, query, day, frame), words)
        shown += f'<p class="lp-weiter"><a href="{address}">{words.all_acts}</a></p>'
    else:
        books = sorted(shelf.law.books(day), key=lambda book: _LEVELS.index(book.source.level))
        levels = groupby(books, key=lambda book: book.source.level)
        shown = "".join(_level(level, tuple(of), frame) for level, of in levels)
    state = f'<p class="lp-stand">{words.law_state.format(words.date(day))}</p>'
    title = words.searched_law if query else words.law
    body = f'<article class="lp lp-seite"><h1>{words.law_title}</h1>{state}{form}{shown}</article>'
    return frame.page(title, body, path=ADDRESS)


def _level(level: Level, books: Sequence[Book], frame: Frame) -> str:
    items = "".join(f"<li>{_act(book.source, frame)}</li>" for book in books)
    return f'<h2>{frame.words.levels[level]}</h2><ul class="lp-akte">{items}</ul>'


def _act(source: Source, frame: Frame) -> str:
    words = frame.words
    return (
        f'<a href="{escape(frame.address(act_path(source.short)))}"{words.quoted}><strong>{escape(source.short)}</strong> – {escape(source.title)}</a>'
        f'<span class="lp-fundkopf">{source_chips(source.kind, source, words)}'
        f'<span class="lp-fassung">{words.state_of.format(words.date(source.state))}</span></span>'
    )


def act_path(short: str) -> str:
    """The page with the contents of an act."""
    return PREFIX + slug(short)


def act_of_path(path: str, shelf: Shelf) -> str | None:
    """The short name of the act whose contents are asked for, or None where the path names something else."""
    asked = path.strip("/").lower()
    return next((info.short for info in shelf.law.acts.infos if slug(info.short) == asked), None)


def act_page(shelf: Shelf, short: str, day: dt.date, frame: Frame = PLAIN) -> str | None:
    """The contents of one act: its articles, annexes and recitals with headings; None if it is not installed."""
    book = shelf.law.book(short, day)
    if book is None:
        return None
    words, source = frame.words, book.source
    whole = book.places.get(short)
    overview = f'<div class="lp-vorschrift"{words.quoted}>{running_text(whole.text, words)}</div>' if whole else ""
    tops = sorted(tops_of(book), key=lambda place: _rank(_unit(place, short)))
    groups = groupby(tops, key=lambda place: _unit(place, short))
    lists = "".join(_group(unit, tuple(places), day, frame) for unit, places in groups)
    body = (
        f'<article class="lp lp-seite"><p class="lp-pfad"><a href="{frame.address(ADDRESS)}">{words.law}</a></p>'
        f"<h1{words.quoted}>{escape(short)}</h1><p{words.quoted}>{escape(source.title)}</p>"
        f'<p class="lp-fundkopf">{source_chips(source.kind, source, words)}'
        f'<span class="lp-fassung">{words.state_of.format(words.date(source.state))}</span></p>'
        f"{overview}{lists}{official_link(source.url, words)}</article>"
    )
    return frame.page(words.contents_of.format(short), body, path=act_path(short))


def tops_of(book: Book) -> Iterator[Provision]:
    """Articles, annexes and recitals in reading order; of a digest also smaller places whose article is not in it."""
    short = book.source.short
    for norm, place in book.places.items():
        parts = norm.removeprefix(short).split()
        top = " ".join([short, *parts[:2]])
        if parts and (norm == top or top not in book.places):
            yield place


def _unit(place: Provision, short: str) -> str:
    return place.norm.removeprefix(short).split()[0]


def _rank(unit: str) -> int:
    """Recitals come last, though they stand first in the text: articles are what is looked for."""
    return _UNITS.index(unit) if unit in _UNITS else len(_UNITS)


def _group(unit: str, places: Sequence[Provision], day: dt.date, frame: Frame) -> str:
    name = frame.words.units.get(unit, unit)
    chapters = groupby(places, key=lambda place: place.heading[:-1])
    body = "".join(_chapter(chapter, tuple(of), day, frame) for chapter, of in chapters)
    if unit in _FOLDED:
        summary = frame.words.show_all.format(len(places), name)
        return f"<h2>{name}</h2><details><summary>{summary}</summary>{body}</details>"
    return f"<h2>{name}</h2>{body}"


def _chapter(chapter: tuple[str, ...], places: Sequence[Provision], day: dt.date, frame: Frame) -> str:
    title = f"<h3{frame.words.quoted}>{escape(' › '.join(chapter))}</h3>" if chapter else ""
    items = "".join(f"<li>{_line(place, day, frame)}</li>" for place in places)
    return f'{title}<ul class="lp-artikel">{items}</ul>'


def _line(place: Provision, day: dt.date, frame: Frame) -> str:
    """A link with number and heading; when it does not simply hold, that is said."""
    words = frame.words
    own = place.heading[-1] if place.heading else ""
    where = _PLACE.search(place.norm)
    if where is None or not own.startswith(where[0]):
        own = f"{place.label}: {own}" if own else place.label
    holds = validity(place, day)
    chip = "" if holds is Validity.GILT else " " + validity_chip(holds, place.valid_from, place.valid_to, words)
    return f'<a href="{escape(frame.address(provision_path(place.norm)))}"{words.quoted}>{escape(own)}</a>{chip}'


def _results(shelf: Shelf, query: str, day: dt.date, frame: Frame) -> list[Result]:
    results: list[Result] = []
    for norm in found(shelf, query, (Lane.RECHT, Lane.ERWAEGUNGSGRUENDE)):
        try:
            place = shelf.law.find(shelf.law.acts.parse(norm), day)
        except AddressError:
            continue
        if place is not None and place.exact:
            provision = place.provision
            path = " › ".join(provision.heading)
            results.append(
                Result(frame.address(provision_path(norm)), provision.label, path, beginning(provision.text))
            )
    return results


class Mentions:
    """What provisions refer to and where they are mentioned; what was found for one generation and day is kept."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[str, dt.date], CrossReferences] | None = None

    def shown(self, shelf: Shelf, provision: Provision, day: dt.date, frame: Frame = PLAIN) -> str:
        """Both directions as HTML, nothing where there are none."""
        key, kept = (shelf.generation, day), self._kept
        if kept is None or kept[0] != key:
            self._kept = kept = (key, CrossReferences(shelf.law, day))
        own = provision.norm + " "
        names = [place for place in kept[1].outgoing(provision) if not place.norm.startswith(own)]
        words = frame.words
        body = _links(words.refers_to, names, frame) + _links(words.mentioned_in, kept[1].incoming(provision), frame)
        return f'<section class="lp-verweise" aria-label="{words.references}">{body}</section>' if body else ""


def _links(title: str, places: Sequence[Address], frame: Frame) -> str:
    if not places:
        return ""
    words = frame.words
    links = [
        f'<a href="{escape(frame.address(provision_path(place.norm)))}"{words.quoted}>{escape(place.label)}</a>'
        for place in places
    ]
    rest = links[SHOWN_LINKS:]
    name = f'<span class="lp-nur-vorlesen">: {escape(title)}</span>'
    more = (
        f"<details><summary>{words.more.format(len(rest))}{name}</summary><p>{', '.join(rest)}</p></details>"
        if rest
        else ""
    )
    return f"<p><strong>{escape(title)}:</strong> {', '.join(links[:SHOWN_LINKS])}</p>{more}"
