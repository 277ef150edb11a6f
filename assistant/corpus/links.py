"""Both directions of the cross-references of an installation: what a provision refers to, and what refers to it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from assistant.corpus.addresses import Acts, Address
from assistant.corpus.law import Law
from assistant.corpus.references import Reference, address_of, existing, holds, named_in, references
from assistant.types import Kind, Provision

_RANGE = re.compile(r"(?<!\w)(\d{1,3})[a-z]?\)?\s*(?:bis|to|[–—-])\s*(?:§+\s*)?\(?(\d{1,3})")


@dataclass(frozen=True)
class CrossReferences:
    """What the provisions of an installation's law refer to and what refers to them, on one day.

    Kept by whoever asks more than once: what was found is remembered.
    """

    law: Law
    as_of: dt.date
    _incoming: dict[str, Incoming] = field(default_factory=dict, repr=False)

    def outgoing(self, provision: Provision) -> tuple[Address, ...]:
        """The places that this provision names."""
        short = address_of(provision.norm, self.law.acts).source
        return references(provision, self.law.acts, self._places(short, provision.norm))

    def incoming(self, provision: Provision) -> tuple[Address, ...]:
        """The places, of this act and of others, that name this provision."""
        address = address_of(provision.norm, self.law.acts)
        known = self._incoming.get(address.source)
        if known is None:
            places = self._places(address.source, provision.norm)
            others = tuple(b.places for b in self.law.books(self.as_of) if b.source.short != address.source)
            known = self._incoming[address.source] = Incoming(self.law.acts, address.source, places, others)
        return known.to(address)

    def _places(self, short: str, norm: str) -> Mapping[str, Provision]:
        """The provisions of the state quoted on the day; of the digest for what only that has."""
        digest, book = self.law.digests.get(short), self.law.book(short, self.as_of)
        if digest is not None and (book is None or (norm not in book.places and norm in digest.places)):
            book = digest
        return book.places if book is not None else {}


@dataclass(frozen=True)
class Incoming:
    """Who refers to the places of one act: its own provisions, and those of other acts that name it.

    ``places`` and each of ``others`` are the provisions of one act by norm. For an article asked about, only texts that
    can name it are read (its number, or a range around it, stands there), and what was found is remembered.
    """

    acts: Acts
    short: str
    places: Mapping[str, Provision]
    others: tuple[Mapping[str, Provision], ...] = ()
    _known: dict[Address, tuple[Reference, ...]] = field(default_factory=dict, repr=False)

    def to(self, address: Address) -> tuple[Address, ...]:
        """The places whose text names this one, or a place within it, in reading order; not those within itself."""
        top = Address(address.source, address.parts[:1])
        if top not in self._known:
            read = (r for p, places in self._candidates(top) for r in named_in(p, self.acts, places))
            self._known[top] = tuple(r for r in read if holds(top, r.target))
        named = [r.place for r in self._known[top] if holds(address, r.target) and not holds(address, r.place)]
        return tuple(dict.fromkeys(self._there(place) for place in named))

    def _candidates(self, top: Address) -> Iterator[tuple[Provision, Mapping[str, Provision]]]:
        """Whole articles and the like that may name this one."""
        names = self.acts.names.spellings(self.short)
        for places in (self.places, *self.others):
            for provision in self._tops(places):
                named = places is self.places or any(name in provision.text for name in names)
                if provision.norm == top.norm or (named and _may_name(provision.text, top)):
                    yield provision, places

    def _tops(self, places: Mapping[str, Provision]) -> Iterator[Provision]:
        """Articles, annexes and recitals, whose text holds all below them; of a digest, every entry."""
        first = next(iter(places), "")
        spaces = address_of(first, self.acts).source.count(" ") + 2  # all of an act have the same source
        return (p for norm, p in places.items() if norm.count(" ") == spaces or p.kind is Kind.KURZFASSUNG)

    def _there(self, place: Address) -> Address:
        """The smallest existing place that holds the line."""
        books, top = (self.places, *self.others), Address(place.source, place.parts[:1])
        if any(place.norm in b for b in books):
            return place
        holding = next((b for b in books if top.norm in b), {})
        return existing(place, holding) or top


def _may_name(text: str, top: Address) -> bool:
    """False where neither the number of this place nor a range around it stands in a text."""
    if not top.parts:
        return True
    value = top.parts[0][1]
    if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text):
        return True
    number = re.match(r"\d+", value)
    return number is not None and any(int(a) <= int(number.group()) <= int(b) for a, b in _RANGE.findall(text))
