"""The law as this installation has it: official texts where imported, our own digests otherwise, each with dates.

``Law.find`` answers "what does this place say on that day": the official state in force on the day, else the digest. A
place that came later or went before is found where it stands, with the date. When a provision starts to apply is
reviewed data (``corpus/books.py``). Other languages stand beside the German text and never take its place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from assistant.corpus.addresses import Acts, Address, read_acts
from assistant.corpus.books import Book, chained, read_starts, with_starts
from assistant.corpus.digests import read_digest
from assistant.corpus.nearest import absent, beyond_end, lettered_absent
from assistant.corpus.official import GERMAN, official_states
from assistant.corpus.sentences import sentence_place
from assistant.types import Kind, Provision, Source, Validity


@dataclass(frozen=True, slots=True)
class Found:
    """A place on a day. ``exact`` is False where a larger or the nearest place had to be taken."""

    provision: Provision
    source: Source
    validity: Validity
    exact: bool


@dataclass(frozen=True, slots=True)
class Amendment:
    """What changed at a place: since ``day`` it reads as ``after`` (None: dropped), until then as ``before`` (None: new).

    ``before.text`` is "" where only the day is known.
    """

    norm: str
    label: str
    day: dt.date
    before: Provision | None
    after: Provision | None


@dataclass(frozen=True)
class Law:
    """All acts of this home. ``official`` holds every imported German state, oldest first; ``foreign`` the others, by
    language and act; ``earlier`` what the digests know of places before their change."""

    acts: Acts
    digests: Mapping[str, Book]
    official: Mapping[str, tuple[Book, ...]]
    earlier: Mapping[str, Book] = field(default_factory=dict)
    foreign: Mapping[str, Mapping[str, tuple[Book, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, acts: Acts, books: Iterable[Book]) -> Law:
        """The law made of these books (the reverse of ``all_books``); the guideline among them is left out."""
        digests: dict[str, Book] = {}
        earlier: dict[str, Book] = {}
        official: dict[str, tuple[Book, ...]] = {}
        foreign: dict[str, dict[str, tuple[Book, ...]]] = {}
        for book in books:
            short = book.source.short
            if book.source.kind is Kind.KURZFASSUNG:
                (earlier if book.valid_to else digests)[short] = book
            elif book.source.kind is Kind.GESETZ and book.language == GERMAN:
                official[short] = (*official.get(short, ()), book)
            elif book.source.kind is Kind.GESETZ:
                states = foreign.setdefault(book.language, {})
                states[short] = (*states.get(short, ()), book)
        return cls(acts, digests, official, earlier, foreign)

    def all_books(self) -> tuple[Book, ...]:
        """Every book: digests, what they knew before, official texts, other languages."""
        states = [*self.official.values(), *(found for acts in self.foreign.values() for found in acts.values())]
        return (*self.digests.values(), *self.earlier.values(), *(book for found in states for book in found))

    def books(self, as_of: dt.date) -> Iterator[Book]:
        """The book that is quoted for each act on this day."""
        for info in self.acts.infos:
            book = self.book(info.short, as_of)
            if book:
                yield book

    def states(self, short: str, language: str = GERMAN) -> tuple[Book, ...]:
        """The imported states of an act in one language, oldest first."""
        return (self.official if language == GERMAN else self.foreign.get(language, {})).get(short, ())

    def book(self, short: str, as_of: dt.date, language: str = GERMAN) -> Book | None:
        """The official state in force (or the oldest one); in German else the digest; else None."""
        states = self.states(short, language)
        in_force = [b for b in states if b.source.state <= as_of]
        if in_force:
            return in_force[-1]
        return states[0] if states else self.digests.get(short) if language == GERMAN else None

    def find(self, address: Address, as_of: dt.date, language: str = GERMAN) -> Found | None:
        """The place, or the nearest larger place that exists, or the first place within it; None if the act is unknown.

        In another language than German only its official texts are asked.
        """
        found = [f for book in self._candidates(address.source, as_of, language) if (f := _in_book(book, address))]
        if not found:
            return None
        book, provision, exact = next((f for f in found if f[2]), found[0])
        dated = self._on(provision, book, as_of)
        return Found(dated, book.source, validity(dated, as_of), exact)

    def _candidates(self, short: str, as_of: dt.date, language: str) -> Iterator[Book]:
        """Where a place is looked for: the state in force, later states, what digests know of the day, older states."""
        states = self.states(short, language)
        current = self.book(short, as_of, language) if states else None
        if current:
            yield current
            yield from states[states.index(current) + 1 :]
        if language == GERMAN:
            earlier, digest = self.earlier.get(short), self.digests.get(short)
            if earlier is not None and earlier.valid_to and as_of <= earlier.valid_to:
                in_force = {n: p for n, p in earlier.places.items() if p.text and p.valid_to and as_of <= p.valid_to}
                yield replace(earlier, places=in_force)
            if digest is not None:
                yield digest
        if current:
            yield from reversed(states[: states.index(current)])

    def _on(self, provision: Provision, book: Book, as_of: dt.date) -> Provision:
        """With the day from which this wording holds, where it is not yet the day asked about."""
        if book.source.kind is Kind.GESETZ:
            if book.source.state <= as_of:
                return provision
            return replace(provision, valid_from=max(provision.valid_from or as_of, book.source.state))
        earlier = self.earlier.get(book.source.short)
        before = earlier.places.get(provision.norm) if earlier is not None else None
        if before is None or before is provision or not before.valid_to or as_of > before.valid_to:
            return provision
        changed = before.valid_to + dt.timedelta(days=1)
        return replace(provision, valid_from=max(provision.valid_from or changed, changed))

    def amendment(self, address: Address, as_of: dt.date) -> Amendment | None:
        """The newest change of this place up to that day, by comparing states, else as the digest has it; or None."""
        wanted = _without_first_subparagraph(address).norm
        states = [b for b in self.states(address.source) if b.source.state <= as_of]
        for before, after in zip(reversed(states[:-1]), reversed(states[1:]), strict=True):
            old, new = before.places.get(wanted), after.places.get(wanted)
            if old is None and new is not None:
                old = _undivided(wanted, before)
            if (new and not old) or (old and old.valid_to and old.valid_to < after.source.state):
                return Amendment(wanted, address.label, after.source.state, old, new)
        if len(states) > 1:
            return None
        earlier, digest = self.earlier.get(address.source), self.digests.get(address.source)
        known = earlier.places.get(wanted) if earlier else None
        if known is None or digest is None or known.valid_to is None or known.valid_to >= as_of:
            return None
        now = digest.places.get(wanted)
        dropped = now is None or (now.valid_to is not None and now.valid_to < as_of)
        return Amendment(wanted, address.label, known.valid_to + dt.timedelta(days=1), known, None if dropped else now)

    def missing(self, address: Address, as_of: dt.date) -> str | None:
        """One German sentence if this place does not exist in the act, else None. Only official or complete data say so."""
        info = self.acts.get(address.source)
        if info is None or not address.parts:
            return None
        if beyond := beyond_end(address, info):
            return beyond
        book = self.book(address.source, as_of)
        if book is None or book.source.kind is not Kind.GESETZ:
            return lettered_absent(address, info, book.places) if book is not None else None
        wanted = _without_first_subparagraph(address)
        if (found := _in_book(book, address)) is not None and found[2]:
            return None
        return self._elsewhere(wanted, book) or absent(wanted, book.places, book.source.state)

    def _elsewhere(self, address: Address, book: Book) -> str | None:
        """Where another state has the place: since when, or until when."""
        states = self.states(address.source)
        position = states.index(book)
        for later in states[position + 1 :]:
            if address.norm in later.places:
                return (
                    f"{address.label} gibt es im Stand {book.source.state:%d.%m.%Y} noch nicht; eingefügt wurde die "
                    f"Vorschrift zum {later.source.state:%d.%m.%Y}."
                )
        for older, newer in zip(reversed(states[:position]), reversed(states[1 : position + 1]), strict=True):
            if address.norm in older.places:
                return f"{address.label} ist aufgehoben: Seit dem {newer.source.state:%d.%m.%Y} gibt es die Vorschrift nicht mehr."
        return None

    @cached_property
    def has_official(self) -> bool:
        """True if at least one official text is installed."""
        return any(self.official.values())


def _in_book(book: Book, address: Address) -> tuple[Book, Provision, bool] | None:
    wanted = _without_first_subparagraph(address)
    exact = book.places.get(address.norm) or book.places.get(wanted.norm) or sentence_place(book.places, address)
    if exact is not None:
        return book, exact, True
    upper: Address | None = wanted
    while upper is not None and upper.parts:
        norm = upper.norm
        near = book.places.get(norm) or next((p for n, p in book.places.items() if n.startswith(norm + " ")), None)
        if near is not None:
            return book, near, False
        upper = upper.parent
    first = next(iter(book.places.values()), None) if not address.parts else None
    return (book, first, False) if first is not None else None


def _undivided(norm: str, book: Book) -> Provision | None:
    """The larger place that held these words before it was divided into paragraphs."""
    upper = norm.rsplit(" ", 2)[0]
    return None if any(n.startswith(upper + " ") for n in book.places) else book.places.get(upper)


def _without_first_subparagraph(address: Address) -> Address:
    return Address(address.source, tuple(p for p in address.parts if p != ("UAbs.", "1")))


def validity(provision: Provision, as_of: dt.date) -> Validity:
    """``aufgehoben`` if it ended before the day, ``gilt_ab`` if it starts to apply after it, else ``gilt``."""
    if provision.valid_to and provision.valid_to < as_of:
        return Validity.AUFGEHOBEN
    return Validity.GILT_AB if provision.valid_from and provision.valid_from > as_of else Validity.GILT


def read_law(corpus: Path) -> Law:
    """Sources, digests and imported official texts below a ``corpus/`` folder. Raises CorpusError."""
    acts = read_acts(corpus / "quellen.toml")
    starts = read_starts(corpus / "quellen.toml")
    books: list[Book] = []
    digests: dict[str, Book] = {}
    for path in sorted((corpus / "recht").glob("*.md")):
        digest, earlier = read_digest(path, acts, f"corpus/recht/{path.name}")
        short = digest.source.short
        digests[short] = with_starts(digest, None, digest)
        books.append(digests[short])
        if earlier is not None:
            books.append(with_starts(earlier, starts.get((short, earlier.source.state)), digest))
    for (language, short), states in official_states(corpus, acts).items():
        dated = [with_starts(b, starts.get((short, b.source.state)), digests.get(short)) for b in states]
        books.extend(chained(dated, digests.get(short) if language == GERMAN else None))
    return Law.of(acts, books)
