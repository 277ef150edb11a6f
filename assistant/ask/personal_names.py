"""Names of natural persons, found in how they are written; whether they matter is decided in ``personal_context``.

A candidate is a title with a surname ("Frau Demirel", "herr lübke"), a first name with a surname, a surname first
("Pawlowski, Mia"), a name after a label ("Bewerberin Adeyemi"), a known surname after an article ("der Müller"), or a
first name alone. Public persons, sample names, institutions and products are left out here. The word lists are in
``daten/``; what is not in them is a name only beside something that is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial

from assistant.ask.personal_text import MASK, Reading, Token, keys


class Written(Enum):
    """How surely it is a name, which decides how much else must be said for it to count.

    Titled and full names are sure; a loose one may be an ordinary word (small letters, unknown surname); a first name
    alone says little about who is meant.
    """

    TITLED = "titled"
    FULL = "full"
    LOOSE = "loose"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Name:
    """A possible person: tokens ``[first, last]``, characters ``[start, end)`` of the reading."""

    written: Written
    first: int
    last: int
    start: int
    end: int


_LONGEST = 6
"""Words that one name, or what stands between title and name, may have; bounds every loop."""

_words = partial(keys, "personenwoerter")
_AND = frozenset({"und", "u", "and"})
_UNSURE_TITLES = frozenset({"fr", "her"})  # also "freitag" and a word of English and of German
_HOUSEHOLD = ("familie", "fam")  # also the office for families
_ARTICLES = frozenset({"der", "den", "dem"})
_ARABIC = frozenset({"al", "el", "abu", "ben"})
_ANONYMOUS = frozenset({"nn", "xy", "xyz", "doe", "roe"})
_VERSUS = re.compile(r" \./\. ")
_SHAPED = re.compile(
    r".{3}(?:hoff|kamp|brink|brock|owski|ewski|inski|czyk|wicz|oglu|ovic|meier|meyer|maier|schmidt|schmitz|wirth|koetter|"
    r"huber|mueller|broich|huizen|husen|stroem|enko|shvili)$"
)
"""Endings that unknown words of a German text have only when they are surnames."""
_FOREIGN = re.compile(r"[^a-zäöüßéèêàâôîûçA-ZÄÖÜÉÈ'-]")
"""A letter that neither German words nor their usual loan words have."""


def find_names(reading: Reading) -> tuple[Name, ...]:
    """All candidates in order, none within another."""
    found: list[Name] = []
    index = 0
    while index < len(reading.tokens):
        name = next((name for way in _WAYS if (name := way(reading, index)) is not None), None)
        if name is not None and not _is_nobody(reading, name):
            found.append(name)
        index = index + 1 if name is None else name.last + 1
    return tuple(found)


# What single words are


def is_common(token: Token) -> bool:
    """Whether the word is an ordinary one rather than a name."""
    if token.within(keys("woerter", "klein", "begriff", "amt", "institution")):
        return True
    return token.key.endswith(_office_endings()) and not _surname_at_all(token)


@cache
def _office_endings() -> tuple[str, ...]:
    return tuple(_words("amtsende"))


def _surname_at_all(token: Token) -> bool:
    return token.within(keys("nachnamen", "eindeutig", "mehrdeutig"))


def _listed_surname(token: Token) -> bool:
    return token.within(keys("nachnamen", "eindeutig"))


def _known_surname(token: Token) -> bool:
    """Whether the word is a surname and, as written here, nothing else; of a double name one half must be known."""
    halves = token.key.split("-")
    if len(halves) == 2 and halves[0] in _ARABIC:
        return True
    if len(halves) == 2 and token.capital:
        return not keys("nachnamen", "eindeutig", "mehrdeutig").isdisjoint(halves)
    return _listed_surname(token)


def _given(token: Token) -> bool:
    """Whether the word is a first name and, as written here, nothing else; of a double name both ends must be."""
    sure = keys("vornamen", "eindeutig")
    if token.within(sure) or (token.capital and token.within(keys("vornamen", "nur_gross"))):
        return True
    parts = token.key.split("-")
    return len(parts) > 1 and parts[0] in sure and parts[-1] in sure


def _surname_like(token: Token) -> bool:
    """Whether the word may be a surname after a title or first name: known, or not an ordinary word."""
    if len(token.word.strip("'-")) < 2:
        return False
    if _known_surname(token) or (token.capital and _surname_at_all(token)):
        return True
    return not is_common(token) and len(token.word) >= (2 if token.capital else 3)


def _name_word(token: Token | None) -> bool:
    """Whether there is a word and it is a capital one that is not ordinary."""
    return token is not None and token.capital and not is_common(token)


# Where words stand


def _follows(reading: Reading, index: int, between: str = "") -> Token | None:
    """Token ``index`` if only blanks, and characters of ``between``, separate it from the one before."""
    if not 0 < index < len(reading.tokens):
        return None
    gap = reading.text[reading.tokens[index - 1].end : reading.tokens[index].start]
    return reading.tokens[index] if 0 < len(gap) <= 3 and not gap.strip(between + " ") else None


def _before(reading: Reading, index: int, words: frozenset[str]) -> bool:
    """Whether the token before ``index`` is one of ``words``."""
    return index > 0 and reading.tokens[index - 1].key in words


def _build(reading: Reading, written: Written, first: int, last: int) -> Name:
    return Name(written, first, last, reading.tokens[first].start, reading.tokens[last].end)


def _surname_end(reading: Reading, index: int) -> int | None:
    """Index of the last token of a surname that begins at ``index``, over initials and particles; None without."""
    position = index
    while (token := _follows(reading, position, ".:")) is not None and position < index + _LONGEST:
        particle = token.key in _words("vorsatz") or (token.key in _ARTICLES and position > index)
        if not particle and not (len(token.word) == 1 and token.capital):
            break
        position += 1
    if token is None or not _surname_like(token):
        return None
    unsure = position > index and not token.capital and not _known_surname(token)
    return None if unsure and not _before(reading, position, _ARABIC) else position


# Title and surname


def _titled(reading: Reading, index: int) -> Name | None:
    """``Frau Dr. Demirel``, ``herr lübke``, ``Familie Ntumba``, ``Herr und Frau Kunze``."""
    title = reading.tokens[index]
    if title.key not in _words("anrede") and not title.key.endswith("familie"):
        return None
    first = _skip_offices(reading, index + 1)
    token = _follows(reading, first, ".")
    if token is None:
        return None
    known = _known_surname(token) or _given(token)
    sure = (token.capital or known) and (title.key not in _UNSURE_TITLES or known)
    if not sure and not _may_be_titled(reading, index, first):
        return None
    if title.key.endswith(_HOUSEHOLD) and not token.capital and not _known_surname(token):
        return None
    last = _titled_end(reading, first)
    return None if last is None else _build(reading, Written.TITLED if sure else Written.LOOSE, first, last)


def _may_be_titled(reading: Reading, index: int, first: int) -> bool:
    """Whether an unsure title ("fr.", "her") or a small unknown word after one can still be meant as a name."""
    title, token = reading.tokens[index], reading.tokens[first]
    if title.key == "her":
        following = _follows(reading, first + 1)
        return index == 0 and token.capital and following is not None and not following.capital
    if title.key == "fr" and reading.text[title.end : title.end + 1] != ".":
        return False
    return not _before(reading, index, _words("unbestimmt"))


def _skip_offices(reading: Reading, position: int) -> int:
    """The token after academic degrees, offices and "und Frau" that may stand between title and surname."""
    offices = keys("woerter", "amt")
    for index in range(position, position + _LONGEST):
        token = _follows(reading, index, ".")
        if token is None:
            return index
        office = token.capital and token.within(offices) and not _surname_at_all(token)
        following = _follows(reading, index + 1)
        joins = token.key in _AND and following is not None and following.key in _words("anrede")
        if not (office or joins or token.key in _words("grad")):
            return index
    return position


def _titled_end(reading: Reading, position: int) -> int | None:
    """The last token of one or more names after a title."""
    if len(reading.tokens[position].word) == 1:
        following = _follows(reading, position + 1, ".")
        return position + 1 if following is not None and following.capital and _surname_like(following) else None
    end = _surname_end(reading, position)
    if end is None:
        return None
    while (more := _follows(reading, end + 1)) is not None and end < position + _LONGEST:
        open_ended = not _known_surname(reading.tokens[end]) and _surname_like(more)
        if not (_known_surname(more) or (more.capital and (_given(more) or open_ended))):
            break
        end += 1
    noble = _surname_end(reading, end + 1) if reading.tokens[end].capital and _given(reading.tokens[end]) else None
    return end if noble is None else noble


# Labels and forms


def _labelled(reading: Reading, index: int) -> Name | None:
    """``Bewerberin Ngozi Adeyemi``, ``die Gastwirtin Despina Karagiannis``, ``der Kollege Thielscher``."""
    label = reading.tokens[index]
    definite = _before(reading, index, _words("bestimmt"))
    woman = label.capital and definite and label.key.endswith("in") and len(label.key) > 5
    if label.key not in _words("bezeichnung") and not woman:
        return None
    first = _follows(reading, index + 1, ":,.")
    if first is None or first.key in _words("anrede") or is_common(first):
        return None
    if first.capital and (full := _full_after_label(reading, index + 1)) is not None:
        return full
    second = _follows(reading, index + 2)
    if _given(first) and second is not None and _surname_like(second):
        return None  # read as a first name with surname
    if _SHAPED.search(first.key):
        return _build(reading, Written.LOOSE, index + 1, index + 1)
    one_person = first.capital and definite and _follows(reading, index + 1) is not None and first.key[:2] != "ki"
    sure = _given(first) or _known_surname(first) or (first.capital and _surname_at_all(first))
    return _build(reading, Written.LOOSE, index + 1, index + 1) if sure or one_person else None


def _full_after_label(reading: Reading, first: int) -> Name | None:
    """Two or more name words from token ``first``, also with particles and with the surname first."""
    token, second = reading.tokens[first], _follows(reading, first + 1)
    if token.key in _words("vorsatz"):
        end = _surname_end(reading, first)
        given = None if end is None else _follows(reading, end + 1, ",")
        return None if end is None else _build(reading, Written.FULL, first, end + _name_word(given))
    if second is None or not (second.key in _words("vorsatz") or (second.capital and _surname_like(second))):
        return None
    end = _surname_end(reading, first + 1)
    return None if end is None else _build(reading, Written.FULL, first, end)


_FIELD_START = re.compile(r"(?:^|[\n,;:.(\"„])\s*$")


def _on_a_form(reading: Reading, index: int) -> Name | None:
    """``Name: Krawinkel``, ``Vorname HELGA``: a colon or capitals after the name of a field."""
    label, value = reading.tokens[index], _follows(reading, index + 1, ":")
    if label.key not in _words("formular") or value is None or not _name_word(value):
        return None
    colon = ":" in reading.text[label.end : value.start] and _FIELD_START.search(reading.before(label.start, 6))
    shouted = len(value.word) > 2 and value.word.isupper()
    if not (colon or shouted or _known_surname(value)):
        return None
    more = _follows(reading, index + 2, ",")
    both = more is not None and _name_word(more) and (_given(more) or _known_surname(more))
    return _build(reading, Written.FULL, index + 1, index + 1 + both)


def _surname_first(reading: Reading, index: int) -> Name | None:
    """``yilmaz kemal``, ``KRAWINKEL HELGA``."""
    surname, given = reading.tokens[index], _follows(reading, index + 1)
    if given is None or not _given(given) or _given(surname):
        return None
    shouted = given.word.isupper() and surname.word.isupper() and len(surname.word) > 2 and not is_common(surname)
    following = _follows(reading, index + 2)
    if not (shouted or _listed_surname(surname)) or (following is not None and _known_surname(following)):
        return None
    return _build(reading, Written.FULL, index, index + 1)


_CLOSED = re.compile(r"$|[,;:.)\n?!]| [(*]")


def _surname_comma_given(reading: Reading, index: int) -> Name | None:
    """``Pawlowski, Mia``; in small letters only after a preposition."""
    surname, given = reading.tokens[index], _follows(reading, index + 1, ",")
    if given is None or _follows(reading, index + 1) is not None or not _given(given) or _given(surname):
        return None
    if not (given.capital and surname.capital):
        fits = _before(reading, index, _words("vor_nachname")) and not is_common(surname)
        return _build(reading, Written.LOOSE, index, index + 1) if fits else None
    if (is_common(surname) and not _surname_at_all(surname)) or given.word.isupper() > surname.word.isupper():
        return None
    closed = _CLOSED.match(reading.text, given.end) is not None
    return _build(reading, Written.FULL, index, index + 1) if closed or _known_surname(surname) else None


# First names


def _full(reading: Reading, index: int) -> Name | None:
    """``Sandra Hoffmeister``, ``jörg tietz``, ``Fatima El Amrani``, ``Hans Joachim``."""
    token = reading.tokens[index]
    if not _given(token):
        return None
    last = index
    while (more := _follows(reading, last + 1)) is not None and last < index + _LONGEST:
        if not _given(more) or _known_surname(more):
            break
        last += 1
    end = _surname_end(reading, last + 1)
    if end is None or (token.capital and not reading.tokens[end].capital and not _known_surname(reading.tokens[end])):
        return _build(reading, Written.FULL if token.capital else Written.LOOSE, index, last) if last > index else None
    sure = reading.tokens[end].capital or _known_surname(reading.tokens[end])
    double = _follows(reading, end + 1)
    end += double is not None and _known_surname(double)
    return _build(reading, Written.FULL if sure else Written.LOOSE, index, end)


def _given_alone(reading: Reading, index: int) -> Name | None:
    """``Emre``; said of someone known ("unsere Jessica", "Ekkehard und Sigrun Maybach") it is more than loose talk."""
    if not _given(reading.tokens[index]):
        return None
    joined = (word := _follows(reading, index + 1)) is not None and word.key in _AND
    partner = _full(reading, index + 2) if joined and index + 2 < len(reading.tokens) else None
    if partner is not None and partner.written is Written.FULL:
        return _build(reading, Written.FULL, index, index)
    known = _words("bestimmt", "zwischen", "bezeichnung")
    beside = _follows(reading, index) is not None and _before(reading, index, known)
    return _build(reading, Written.LOOSE if beside else Written.GIVEN, index, index)


def _rare_given_and_surname(reading: Reading, index: int) -> Name | None:
    """A capital word that is no common first name before a surname: known, or written with foreign letters."""
    token, surname = reading.tokens[index], _follows(reading, index + 1)
    if surname is None or not _name_word(token) or not _name_word(surname):
        return None
    halves = token.key.split("-")
    double = len(halves) == 2 and not keys("vornamen", "eindeutig", "mehrdeutig").isdisjoint(halves)
    if _FOREIGN.search(token.word + surname.word) or double:
        return _build(reading, Written.FULL, index, index + 1)
    if not _listed_surname(surname):
        return None
    if token.within(keys("vornamen", "mehrdeutig", "nur_gross")):
        return _build(reading, Written.FULL, index, index + 1)
    strange = index > 0 and len(token.word) > 2 and not token.key.endswith(("en", "er")) and not _surname_at_all(token)
    return _build(reading, Written.LOOSE, index, index + 1) if strange else None


def _initial_and_surname(reading: Reading, index: int) -> Name | None:
    """``K. Wiśniewska``."""
    token, surname = reading.tokens[index], _follows(reading, index + 1, ".")
    if len(token.word) != 1 or not token.capital or surname is None or not surname.capital:
        return None
    dotted = reading.text[token.end : token.end + 1] == "."
    return _build(reading, Written.FULL, index, index + 1) if dotted and _listed_surname(surname) else None


def _surname_in_place(reading: Reading, index: int) -> Name | None:
    """A known surname after an article, a preposition or a kind of file: ``der müller``, ``Wohngeldantrag Kaya``."""
    token = reading.tokens[index]
    if _follows(reading, index, ":.") is None:
        return None
    if _VERSUS.match(reading.text, token.end) and _name_word(token):
        return _build(reading, Written.FULL, index, index)
    if not _listed_surname(token) and (not _SHAPED.search(token.key) or is_common(token)):
        return None
    before = reading.tokens[index - 1]
    if before.key in _words("zwischen") and index > 1:
        before = reading.tokens[index - 2]
    fits = before.key in _words("vor_nachname") or before.key.endswith(tuple(_words("vorgangsende")))
    return _build(reading, Written.LOOSE, index, index) if fits else None


_WAYS: tuple[Callable[[Reading, int], Name | None], ...] = (
    _titled,
    _on_a_form,
    _labelled,
    _surname_first,
    _surname_comma_given,
    _full,
    _given_alone,
    _rare_given_and_surname,
    _initial_and_surname,
    _surname_in_place,
)
"""The ways of writing a name; the first that fits at a word decides."""


# Who is nobody

_WORK_BEFORE = re.compile(
    r"\b(?:im stil|stil|gemälde|gedichte?|roman|buch|lehrbuch|fachbuch|hörbuch|kommentar|aufsatz|rede|zitat|spruch|"
    r"lied|song|film|serie|musik|artikel|beitrag|kolumne|biogra\w+|denkmal|ausstellung|konzert|lesung|"
    r"nachruf auf|deepfake|avatar|autor|autorin|dichter|komponist|künstler|künstlerin|"
    r"schriftsteller\w{0,2}|sängerin|sänger|märchen|"
    r"schauspieler\w{0,2}|politiker\w{0,2}|style|poem|novel|book|speech|voice|stimme|liest|werk\w{0,2}|"
    r"theaterstück|namensgeber\w{0,2}|ehrenbürger\w{0,2})(?:\W{1,4}[\w'-]{1,25}){0,2}?"
    r"(?:\W{1,4}(?:von|of|by|about|über|zu|des|der|auf|prof|dr|in|heute|abend|hier)){0,4}\W{1,4}$"
)
_WORK_AFTER = re.compile(
    r"\W{0,3}(?:\(\D{0,3}1[0-8]\d\d\W|\(1\d{3}\s?-\s?\d{4}\)|,? ?(?:stgb|bgb|vwvfg|gg|dsgvo|ds-gvo)\b|"
    r",? in: |liest (?:aus|in|am|heute)|benannt|singt|"
    r",? (?:allgemeines |das )?\w{0,12}recht,|\S{0,20},? \d{1,2}\. aufl|stellt (?:im museum )?aus|malte|dichtete)"
)
_COMPANY_AFTER = re.compile(r" ?&|(?: [\w-]{1,20}){0,2} (?:gmbh|kg|ag|ohg|ug|e\.? ?k|mbh|ltd|inc|und söhne)\b")


def _is_nobody(reading: Reading, name: Name) -> bool:
    """Whether the candidate is a sample, a public person, an author, a product or an institution."""
    words = [_without_genitive(token) for token in reading.tokens[name.first : name.last + 1]]
    last = words[-1]
    if any(w.startswith(tuple(_words("muster"))) for w in words) or last in _ANONYMOUS or _masked(reading, name):
        return True
    if name.written is not Written.TITLED and last in keys("bekannte", "einzeln"):
        return True
    return _named_publicly(reading, name) or _is_institution(reading, name) or _is_author(reading, name)


def _without_genitive(token: Token) -> str:
    return token.key.removesuffix("'s")


def _masked(reading: Reading, name: Name) -> bool:
    """Whether the name touches a placeholder or is the first half of a compound ("Müller-")."""
    edges = reading.text[max(0, name.start - 1) : name.end + 1]
    return MASK in edges or reading.text[name.end : name.end + 1] == "-"


def _named_publicly(reading: Reading, name: Name) -> bool:
    """Whether the name, or it with a word before or after, is that of a known public person."""
    words = [_without_genitive(token) for token in reading.tokens[max(0, name.first - 2) : name.last + 4]]
    return any(tuple(words[i : i + n]) in _public() for n in (2, 3, 4) for i in range(min(3, len(words) - n + 1)))


@cache
def _public() -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(form.split("_")) for form in keys("bekannte", "voll"))


def _is_institution(reading: Reading, name: Name) -> bool:
    following = _follows(reading, name.last + 1, "-")
    if following is not None and following.capital and following.within(keys("woerter", "institution")):
        return True
    if _before(reading, name.first, _words("kein_mensch_nach")) and _follows(reading, name.first, ".") is not None:
        return True
    return _COMPANY_AFTER.match(reading.low, name.end) is not None


def _is_author(reading: Reading, name: Name) -> bool:
    if name.written is Written.TITLED:
        return False
    before = reading.before(name.start, 60)
    return bool(_WORK_BEFORE.search(before) or _WORK_AFTER.match(reading.low, name.end))
