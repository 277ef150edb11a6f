"""Both directions of the cross-references of an installation: what a provision refers to, and what refers to it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from assistant.corpus.addresses import Acts, Address
from assistant.corpus.law import Law
from assistant.corpus.references import Reference, address_of, existing, holds, named_in, references
from assistant.types import Provision


@dataclass(frozen=True)
class CrossReferences:
    """What the provisions of an installation's law refer to and what refers to them, on one day.

    Kept by whoever asks more than once: each act is read in full at its first question, and then remembered.
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
    """Who refers to the places of one act. Its provisions, and those of other acts that name it, are read once, when
    first asked. ``places`` and each of ``others`` are the provisions of one act by norm."""

    acts: Acts
    short: str
    places: Mapping[str, Provision]
    others: tuple[Mapping[str, Provision], ...] = ()

    @cached_property
    def _by_article(self) -> Mapping[str, tuple[Reference, ...]]:
        found: dict[str, list[Reference]] = defaultdict(list)
        for provision, places in self._candidates():
            for reference in named_in(provision, self.acts, places):
                if reference.target.source == self.short:
                    found[Address(self.short, reference.target.parts[:1]).norm].append(reference)
        return {norm: tuple(listed) for norm, listed in found.items()}

    def _candidates(self) -> Iterator[tuple[Provision, Mapping[str, Provision]]]:
        """Whole articles and the like that may name a place of this act."""
        named = self.acts.names.spellings(self.short)
        for places in (self.places, *self.others):
            tops = (p for p in places.values() if len(address_of(p.norm, self.acts).parts) == 1)
            for provision in tops:
                if places is self.places or any(name in provision.text for name in named):
                    yield provision, places

    def to(self, address: Address) -> tuple[Address, ...]:
        """The places whose text names this one, or a place within it, in reading order; not those within itself."""
        listed = self._by_article.get(Address(address.source, address.parts[:1]).norm, ())
        named = [r.place for r in listed if holds(address, r.target) and not holds(address, r.place)]
        return tuple(dict.fromkeys(self._there(place) for place in named))

    def _there(self, place: Address) -> Address:
        """The smallest existing place that holds the line."""
        books = (self.places, *self.others)
        holding = next((b for b in books if Address(place.source, place.parts[:1]).norm in b), None)
        return place if holding is None else existing(place, holding) or place
