"""What a generation is made from: the sources of a home, their provisions and the passages that are searched.

Knows no files of a generation and no embedder; ``build.py`` writes what is made here.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.corpus.books import Book
from assistant.corpus.law import Law, read_law
from assistant.corpus.laywords import read_lay_words
from assistant.corpus.questions import BankQuestion, read_bank
from assistant.corpus.rules import Guideline, read_guideline
from assistant.corpus.vocabulary import Vocabulary, read_vocabulary
from assistant.types import Kind, Lane, Level, Passage, Provision, Source

GUIDELINE_SOURCE = "leitlinie"
GUIDELINE_SHORT = "KI-Leitlinie"
LONG_PASSAGE = 1200
"""Characters above which a guideline section is cut at paragraph ends."""
FRAGMENT = 60
"""Characters below which a point is only searched as part of its paragraph."""
LAY_WORDS = 12
"""Everyday words in one passage: more would weigh each of them down."""
ENGLISH = "EN"


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a generation is made from, read once."""

    guideline: Guideline
    law: Law
    vocabulary: Vocabulary
    lay_words: Mapping[str, tuple[str, ...]]
    bank: tuple[BankQuestion, ...]
    as_of: dt.date


def read_inputs(home: Path, as_of: dt.date) -> Inputs:
    """All sources of a home. Raises CorpusError naming file and line."""
    corpus = home / "corpus"
    law = read_law(corpus)
    return Inputs(
        read_guideline(corpus),
        law,
        read_vocabulary(corpus / "begriffe.toml"),
        read_lay_words(corpus, law.acts),
        tuple(read_bank(corpus / "fragen")),
        as_of,
    )


def guideline_source(guideline: Guideline) -> Source:
    """The guideline as a source of quotations."""
    return Source(GUIDELINE_SOURCE, GUIDELINE_SHORT, guideline.info.title, Level.STADT, guideline.state, Kind.LEITLINIE)


def rule_text(guideline: Guideline, rule_id: str) -> str:
    """The text of a rule as it is quoted: sentence, conditions, reason and prose, one statement a line."""
    rule = guideline.rule(rule_id)
    if rule is None:
        raise KeyError(rule_id)
    return "\n".join([rule.sentence, *rule.conditions, rule.reason, rule.prose])


def guideline_provisions(guideline: Guideline) -> list[Provision]:
    """Rules as "KI-Leitlinie <id>", other sections as "KI-Leitlinie <chapter>: <title>"."""
    result: dict[str, Provision] = {}
    for section in guideline.sections:
        if section.rule:
            norm, text = f"{GUIDELINE_SHORT} {section.rule}", rule_text(guideline, section.rule)
            label = f"{GUIDELINE_SHORT}, Regel „{section.title}“"
        else:
            norm, text = f"{GUIDELINE_SHORT} {_slug(section.chapter)}.{_slug(section.title)}", section.text
            label = f"{GUIDELINE_SHORT}, {section.title}"
        heading = (section.chapter, section.title) if section.chapter != section.title else (section.chapter,)
        norm = _unused(norm, result)
        result[norm] = Provision(norm, label, GUIDELINE_SOURCE, heading, text, Kind.LEITLINIE)
    return list(result.values())


def _unused(norm: str, taken: Collection[str]) -> str:
    """The norm, numbered if a section of the same title has it already."""
    number = 2
    unique = norm
    while unique in taken:
        unique, number = f"{norm}-{number}", number + 1
    return unique


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower().translate(str.maketrans("äöüß", "aous"))).strip("-")


def guideline_book(guideline: Guideline) -> Book:
    """The guideline as a book beside the acts."""
    return Book(guideline_source(guideline), {p.norm: p for p in guideline_provisions(guideline)})


_TOP_ONLY = re.compile(r"(?:Art\.|§|Anhang|ErwG) \S+$")


def law_passages(book_places: Sequence[Provision], own_lane: Lane | None = None) -> Iterator[Passage]:
    """What is searched of the law: paragraphs, articles that have none, numbers and points that say something alone."""
    norms = {p.norm for p in book_places}
    with_paragraphs = {n.partition(" Abs. ")[0] for n in norms if " Abs. " in n}
    for place in book_places:
        lane = own_lane or (Lane.ERWAEGUNGSGRUENDE if " ErwG " in place.norm else Lane.RECHT)
        whole = bool(_TOP_ONLY.search(place.norm))
        parent = place.norm.rsplit(" ", 2)[0]
        fragment = parent in norms and (
            " UAbs. " in place.norm or " Ziff. " in place.norm or len(place.text) < FRAGMENT
        )
        # An article whose paragraphs are there, or a very long list, is found through its parts.
        if (whole and (place.norm in with_paragraphs or len(place.text) > 4 * LONG_PASSAGE)) or (
            not whole and fragment
        ):
            continue
        yield _passage(lane, place.norm, place.heading, place.text)


def _passage(lane: Lane, norm: str, heading: tuple[str, ...], text: str, rule: str | None = None) -> Passage:
    digest = hashlib.sha256("\x1f".join([lane.value, norm, *heading, text]).encode()).hexdigest()[:16]
    return Passage(digest, lane, norm, heading, text, rule)


def guideline_passages(guideline: Guideline, bank: Sequence[BankQuestion]) -> Iterator[Passage]:
    """Lane of rules (one passage for the rule, one per example question) and lane of guideline prose."""
    for rule in guideline.rules:
        norm = f"{GUIDELINE_SHORT} {rule.id}"
        yield _passage(Lane.REGELN, norm, (rule.title,), "\n".join([rule.sentence, *rule.conditions]), rule.id)
        for question in rule.questions:
            yield _passage(Lane.REGELN, norm, (), question, rule.id)
    known = {rule.id for rule in guideline.rules}
    for item in bank:
        if item.rules and item.rules[0] in known and not item.history:
            yield _passage(Lane.REGELN, f"{GUIDELINE_SHORT} {item.rules[0]}", (), item.question, item.rules[0])
    for provision in guideline_provisions(guideline):
        rule_id = provision.norm.removeprefix(GUIDELINE_SHORT + " ")
        for part in _cut(provision.text):
            yield _passage(
                Lane.LEITLINIE, provision.norm, provision.heading, part, rule_id if rule_id in known else None
            )


def _cut(text: str) -> Iterator[str]:
    part = ""
    for paragraph in text.split("\n"):
        if part and len(part) + len(paragraph) > LONG_PASSAGE:
            yield part
            part = ""
        part = f"{part}\n{paragraph}".strip()
    if part:
        yield part


def all_books(inputs: Inputs) -> list[Book]:
    """Guideline, digests and every imported state: what quotations of this generation can be taken from."""
    return [guideline_book(inputs.guideline), *inputs.law.all_books()]


def all_passages(inputs: Inputs) -> list[Passage]:
    """Every passage once, in a stable order. Of each act, the state that is quoted on the day of the build."""
    law = [p for book in inputs.law.books(inputs.as_of) for p in law_passages(list(book.places.values()))]
    passages = [*guideline_passages(inputs.guideline, inputs.bank), *law, *_plain_passages(inputs), *_english_passages(inputs)]
    return list({p.id: p for p in passages}.values())


def _plain_passages(inputs: Inputs) -> Iterator[Passage]:
    """Places of the law in plain words: by them they are found, quoted is the official text where it is installed."""
    for book in inputs.law.books(inputs.as_of):
        digest = inputs.law.digests.get(book.source.short)
        if digest is not None and digest is not book:
            yield from law_passages([p for norm, p in digest.places.items() if norm in book.places])
        yield from _lay_passages(inputs, book)


def _lay_passages(inputs: Inputs, book: Book, own_lane: Lane | None = None) -> Iterator[Passage]:
    """Everyday words of the places of one act, at the place itself or the nearest one above it that is there."""
    for norm, words in inputs.lay_words.items():
        if norm != book.source.short and not norm.startswith(book.source.short + " "):
            continue
        lane = own_lane or (Lane.ERWAEGUNGSGRUENDE if " ErwG " in norm else Lane.RECHT)
        nearest = norm
        while nearest not in book.places and nearest.count(" ") > 2:
            nearest = nearest.rsplit(" ", 2)[0]
        if nearest in book.places:
            for start in range(0, len(words), LAY_WORDS):
                text = ", ".join(words[start : start + LAY_WORDS])
                yield _passage(lane, nearest, book.places[nearest].heading, text)


def _english_passages(inputs: Inputs) -> Iterator[Passage]:
    """Articles and annexes of the English texts, for English questions; recitals are searched in German only."""
    for info in inputs.law.acts.infos:
        book = inputs.law.book(info.short, inputs.as_of, ENGLISH)
        if book is not None:
            articles = replace(book, places={norm: p for norm, p in book.places.items() if " ErwG " not in norm})
            yield from law_passages(list(articles.places.values()), Lane.ENGLISCH)
            yield from _lay_passages(inputs, articles, Lane.ENGLISCH)
