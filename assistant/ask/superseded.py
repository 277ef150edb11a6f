"""Old law in a question: words or dates that a provision had until it was changed, and places that changed or went.

Nothing is known here of single provisions. A wording counts as old if a run of three words stands in a superseded
text and in no present one of the same act; a date, if the superseded text says it of what is asked and no present
text does so as well. Superseded texts are older official states and the earlier wordings that the digests know.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.ask import texts
from assistant.ask.compose import MAX_WHOLE, Quoter
from assistant.ask.figures import figures_in, given_figures
from assistant.corpus.addresses import Address
from assistant.corpus.law import Amendment, Law
from assistant.index.german import STOP_WORDS, stem, words
from assistant.types import Kind, Provision

RUN = 3
"""Words in a row that must be the same."""
MOST = 2
"""Changed provisions that are pointed out; more would hide the answer."""
LEAST = 40
"""Characters of a superseded text below which its words are no evidence (signatures, "entfallen")."""

_PAST = re.compile(r"\b(?:früher|bisher|ehemal|damal|bis dahin|gestrichen)\w*", re.IGNORECASE)
"""Marks a sentence of a digest that tells of the past; it is no present wording."""
_SENTENCE = re.compile(r"(?<=[.;:!?])\s+(?=[A-ZÄÖÜ„(])|\n")
_DAYS = frozenset(("datum", "tag-monat", "monat-jahr"))


@dataclass(frozen=True, slots=True)
class Superseded:
    """A changed provision that a question is about; ``stated`` if the question says what held before the change."""

    amendment: Amendment
    stated: bool


def superseded(question: str, named: Sequence[Address], law: Law, as_of: dt.date) -> tuple[Superseded, ...]:
    """Changed provisions whose old law the question states, then changed ones it names; at most ``MOST``."""
    found: dict[str, Superseded] = {}
    for place in _stated(question, law, as_of):
        amendment = law.amendment(law.acts.parse(place.norm), as_of)
        if amendment is not None:
            found.setdefault(_top(amendment), Superseded(amendment, True))
    for address in named:
        amendment = law.amendment(address, as_of) if address.parts else None
        if amendment is not None and amendment.before is not None:
            found.setdefault(_top(amendment), Superseded(amendment, False))
    return tuple(found.values())[:MOST]


def change_note(item: Superseded, law: Law) -> str:
    """One German remark: what was changed, when, and what held before where the digest knows it."""
    change = item.amendment
    pattern = texts.CHANGED_STATED if item.stated else texts.CHANGED
    fate = "aufgehoben" if change.after is None else "geändert"
    sentence = pattern.format(label=change.label, day=f"{change.day:%d.%m.%Y}", fate=fate)
    book = law.earlier.get(law.acts.parse(change.norm).source)
    known = book.places.get(change.norm) if book else None
    return " ".join([sentence, *([texts.CHANGED_BEFORE.format(text=known.text)] if known and known.text else [])])


def change_line(item: Superseded, law: Law, quoter: Quoter, question: str) -> str | None:
    """The present wording with its number, for the answer's text; None if nothing is known of it."""
    number = quoter.law(law.acts.parse(item.amendment.norm), question, whole=True)
    if number is None:
        return None
    quoted = quoter.citations[number - 1]
    place = law.find(law.acts.parse(quoted.norm), quoter.as_of)
    if place is not None and len(place.provision.text) <= MAX_WHOLE:
        # A sentence that an earlier step chose may be just the one that did not change.
        quoted = quoter.citations[number - 1] = replace(quoted, quote=place.provision.text)
    kind = "" if quoted.kind is Kind.GESETZ else ", Kurzfassung in eigenen Worten"
    quote = quoted.quote.replace("\n", "\n\n")
    return f"{texts.CHANGED_NOW} ({quoted.label}, Stand {quoted.state:%d.%m.%Y}{kind}): {quote} [{number}]"


def _top(amendment: Amendment) -> str:
    return " ".join(amendment.norm.rsplit(" Abs. ")[0].split(" lit. ")[0].split())


def _stated(question: str, law: Law, as_of: dt.date) -> Iterator[Provision]:
    """Superseded places that the question repeats best, in words or in dates."""
    asked = _words(question)
    runs = {asked[i : i + RUN] for i in range(len(asked) - RUN + 1)}
    dates = {figure for figure in figures_in(question) if figure[0] in _DAYS}
    scored: list[tuple[int, str, Provision]] = []
    for place in _ended(law, as_of):
        said = len(_shared_runs(runs, asked, place, law, as_of)) or (
            _says_date(asked, dates, place, law, as_of) if dates else 0
        )
        if said:
            scored.append((-said, place.norm, place))
    best = min((said for said, _, _ in scored), default=0)
    # Of a place and a larger one the smaller says what changed.
    equal = [place for said, _, place in scored if said == best]
    yield from sorted(equal, key=lambda place: -place.norm.count(" "))


def _ended(law: Law, as_of: dt.date) -> Iterator[Provision]:
    """Superseded wordings, as small as they are known: of the digests, then of older official states."""
    for book in law.earlier.values():
        yield from (p for p in book.places.values() if p.text and p.valid_to and p.valid_to < as_of)
    for states in law.official.values():
        for book in states[:-1]:
            ended = [p for p in book.places.values() if p.valid_to and p.valid_to < as_of and len(p.text) >= LEAST]
            larger = {p.norm.rsplit(" ", 2)[0] for p in ended}
            yield from (p for p in ended if p.norm not in larger)


@lru_cache(maxsize=1024)
def _words(text: str) -> tuple[str, ...]:
    return tuple(words(text))


@lru_cache(maxsize=1024)
def _line(text: str) -> str:
    return f" {' '.join(_words(text))} "


def _shared_runs(
    runs: set[tuple[str, ...]], asked: tuple[str, ...], place: Provision, law: Law, as_of: dt.date
) -> set[tuple[str, ...]]:
    """Runs of the question that only the superseded text has; none unless there are two, or one and its topic."""
    line = _line(place.text)
    shared = {run for run in runs if f" {' '.join(run)} " in line and len(_topics(run)) > 1}
    if not shared:
        return shared
    now = _line("\n".join(_present(law, place, as_of)))
    shared = {run for run in shared if f" {' '.join(run)} " not in now}
    beside = _topics(asked) & _topics(_words(place.text)) - {stem(w) for run in shared for w in run}
    return shared if len(shared) > 1 or (shared and beside) else set()


def _says_date(asked: tuple[str, ...], dates: set[tuple[str, str]], place: Provision, law: Law, as_of: dt.date) -> int:
    """How many words of the question the superseded text says together with its date, if no present text says more."""
    before = _best_with(asked, dates, [place.text])
    if before < 2:
        return 0
    return before if before > _best_with(asked, dates, _present(law, place, as_of)) else 0


def _best_with(asked: tuple[str, ...], dates: set[tuple[str, str]], texts: Sequence[str]) -> int:
    """The most topics of the question that one sentence with its date has."""
    best, topics = 0, _topics(asked)
    years = [value[:4] if kind != "tag-monat" else f"{int(value[-2:])}." for kind, value in dates]
    for text in texts:
        for sentence in _SENTENCE.split(text) if any(year in text for year in years) else ():
            if any(year in sentence for year in years):
                shared = len(topics & _topics(_words(sentence)))
                if shared > best and dates & _figures(sentence):
                    best = shared
    return best


@lru_cache(maxsize=4096)
def _figures(sentence: str) -> frozenset[tuple[str, str]]:
    return given_figures([sentence])


def _topics(found: tuple[str, ...]) -> frozenset[str]:
    return frozenset(stem(w) for w in found if w not in STOP_WORDS and not w.isdigit() and len(w) > 2)


def _present(law: Law, place: Provision, as_of: dt.date) -> list[str]:
    """The present texts of the act, and what the digests say of the present: they name topics that dates leave out."""
    short = law.acts.parse(place.norm).source
    book, digest = law.book(short, as_of), law.digests.get(short)
    official = book.places.values() if book is not None and book.source.kind is Kind.GESETZ else ()
    reviewed = digest.places.values() if digest is not None else ()
    largest = short.count(" ") + 2
    return [
        *(p.text for p in official if p.norm.count(" ") == largest),
        *(s for p in reviewed for s in _SENTENCE.split(p.text) if not _PAST.search(s)),
    ]
