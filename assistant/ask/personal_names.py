"""Names of natural persons, found in how they are written; whether they matter is decided in ``personal_context``.

A candidate is a title with a surname ("Frau Demirel", "herr lübke"), a first name with a surname, a surname first
("Pawlowski, Mia"), a name after a label ("Bewerberin Adeyemi"), a known surname after an article ("der Müller"), or a
first name alone. Who is nobody concerned (``personal_nobody``) is left out here. The word lists are in ``daten/``; what is not in them is a name only beside something that is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from assistant.ask.personal_candidate import Name, Written, build, follows, is_after
from assistant.ask.personal_nobody import is_nobody
from assistant.ask.personal_text import Reading, Token, keys
from assistant.ask.personal_words import (
    ARABIC,
    FOREIGN,
    SHAPED,
    is_common,
    is_detail,
    is_given,
    is_noun,
    is_verb_like,
    known_surname,
    listed_surname,
    name_word,
    surname_at_all,
    surname_like,
    thing_endings,
)

_LONGEST = 6
"""Words that one name, or what stands between title and name, may have; bounds every loop."""

_words = partial(keys, "personenwoerter")
_AND = frozenset({"und", "u", "and"})
_UNSURE_TITLES = frozenset({"fr", "her"})  # also "freitag" and a word of English and of German
_HOUSEHOLD = ("familie", "fam", "ehepaar", "eheleute")  # also words for any of them
_SURE_TITLES = frozenset({"herr", "hr", "frau"})
_ANY = frozenset("bestimmte bestimmten eine einer jede jeder keine keiner manche welche welcher wenn".split())
_THE = frozenset("der die diese dieser das den dem ihre ihrer unsere".split())
_CASE = frozenset({"fall", "akte"})
_OF_SOMEONE = frozenset("fuer gegen von war".split())
_SENTENCE_START = re.compile(r"(?:^|[.?!:\n„“\"] ?)$")
_ARTICLES = frozenset({"der", "den", "dem"})
_VERSUS = re.compile(r" \./\. ")


def find_names(reading: Reading) -> tuple[Name, ...]:
    """All candidates in order, none within another."""
    found: list[Name] = []
    index = 0
    while index < len(reading.tokens):
        name = next((name for way in _WAYS if (name := way(reading, index)) is not None), None)
        if name is not None and not is_nobody(reading, name):
            found.append(name)
        index = index + 1 if name is None else name.last + 1
    return tuple(found)


# Surnames


def _surname_end(reading: Reading, index: int) -> int | None:
    """Index of the last token of a surname that begins at ``index``, over initials and particles; None without."""
    position = index
    while (token := follows(reading, position, ".:")) is not None and position < index + _LONGEST:
        particle = token.key in _words("vorsatz") or (token.key in _ARTICLES and position > index)
        if not particle and not (len(token.word) == 1 and token.capital):
            break
        position += 1
    if token is None or not surname_like(token):
        return None
    unsure = position > index and not token.capital and not known_surname(token)
    return None if unsure and not is_after(reading, position, ARABIC) else position


# Title and surname


def _titled(reading: Reading, index: int) -> Name | None:
    """``Frau Dr. Demirel``, ``herr lübke``, ``Familie Ntumba``, ``Herr und Frau Kunze``."""
    title = reading.tokens[index]
    if title.key not in _words("anrede") and not title.key.endswith("familie"):
        return None
    first = _skip_offices(reading, index + 1)
    token = follows(reading, first, ".")
    if token is None:
        return None
    known = known_surname(token) or is_given(token)
    sure = (token.capital or known) and (title.key not in _UNSURE_TITLES or known)
    shaped = title.key not in _UNSURE_TITLES and SHAPED.search(token.key) is not None and not is_common(token)
    sure = sure or shaped or (title.key in _SURE_TITLES and _says_something(reading, first))
    if not sure and not _may_be_titled(reading, index, first):
        return None
    if title.key.endswith(_HOUSEHOLD) and not _of_a_household(reading, index, token):
        return None
    last = _titled_end(reading, first)
    return None if last is None else build(reading, Written.TITLED if sure else Written.LOOSE, first, last)


def _of_a_household(reading: Reading, index: int, token: Token) -> bool:
    """Whether a name follows "Familie" or "Ehepaar": not "eine Familie Kinderzuschlag", "hat die Familie Anspruch"."""
    if known_surname(token):
        return True
    if not token.capital or is_after(reading, index, _ANY):
        return False
    return not (is_after(reading, index, _THE) and is_noun(token))


def _may_be_titled(reading: Reading, index: int, first: int) -> bool:
    """Whether an unsure title ("fr.", "her") or a small unknown word after one can still be meant as a name."""
    title, token = reading.tokens[index], reading.tokens[first]
    if title.key == "her" and not SHAPED.search(token.key):
        following = follows(reading, first + 1)
        return index == 0 and token.capital and following is not None and not following.capital
    if title.key == "fr" and reading.text[title.end : title.end + 1] != ".":
        return title.capital and token.capital and is_after(reading, index, _words("vor_nachname"))
    return not is_after(reading, index, _words("unbestimmt"))


def _skip_offices(reading: Reading, position: int) -> int:
    """The token after academic degrees, offices and "und Frau" that may stand between title and surname."""
    offices = keys("woerter", "amt")
    for index in range(position, position + _LONGEST):
        token = follows(reading, index, ".")
        if token is None:
            return index
        office = token.capital and token.within(offices) and not surname_at_all(token)
        following = follows(reading, index + 1)
        joins = token.key in _AND and following is not None and following.key in _words("anrede")
        if not (office or joins or token.key in _words("grad")):
            return index
    return position


def _titled_end(reading: Reading, position: int) -> int | None:
    """The last token of one or more names after a title."""
    if len(reading.tokens[position].word) == 1:
        following = follows(reading, position + 1, ".")
        return position + 1 if following is not None and following.capital and surname_like(following) else None
    end = _surname_end(reading, position)
    if end is None:
        return None
    while (more := follows(reading, end + 1)) is not None and end < position + _LONGEST:
        open_ended = not known_surname(reading.tokens[end]) and surname_like(more)
        if not (known_surname(more) or (more.capital and (is_given(more) or open_ended))):
            break
        end += 1
    noble = _surname_end(reading, end + 1) if reading.tokens[end].capital and is_given(reading.tokens[end]) else None
    return end if noble is None else noble


# Labels and forms


def _labelled(reading: Reading, index: int) -> Name | None:
    """``Bewerberin Ngozi Adeyemi``, ``die Gastwirtin Despina Karagiannis``, ``der Kollege Thielscher``."""
    label = reading.tokens[index]
    definite = is_after(reading, index, _words("bestimmt"))
    woman = label.capital and definite and label.key.endswith("in") and len(label.key) > 5
    participle = label.key in _words("bezeichnung_partizip")
    if label.key not in _words("bezeichnung") and not (woman or participle):
        return None
    first = follows(reading, index + 1, ":,.")
    if first is None or first.key in _words("anrede") or is_common(first):
        return None
    if first.capital and (full := _full_after_label(reading, index + 1)) is not None:
        return full
    second = follows(reading, index + 2)
    if is_given(first) and second is not None and surname_like(second):
        return None  # read as a first name with surname
    alone = follows(reading, index + 1) is not None
    one_person = first.capital and definite and alone and first.key[:2] != "ki" and not participle
    sure = is_given(first) or known_surname(first) or (first.capital and surname_at_all(first) and not participle)
    if sure or one_person or SHAPED.search(first.key) or _says_something(reading, index + 1):
        return build(reading, Written.LOOSE, index + 1, index + 1)
    return None


def _says_something(reading: Reading, index: int) -> bool:
    """Whether the strange word is one of whom something is told: ``kollege pfannstiel kommt``, ``Kundin Tönnissen,``"""
    token, verb = reading.tokens[index], follows(reading, index + 1)
    if len(token.word) < 4 or follows(reading, index, ":.") is None:
        return False
    if is_common(token) or (token.capital and is_noun(token)):
        return False
    if not token.capital:
        participle = token.key.endswith(("t", "en"))
        return verb is not None and verb.key in _words("zeitwort") and not participle
    return _CLOSED.match(reading.text, token.end) is not None or (verb is not None and verb.key in _words("zeitwort"))


def _full_after_label(reading: Reading, first: int) -> Name | None:
    """Two or more name words from token ``first``, also with particles and with the surname first."""
    token, second = reading.tokens[first], follows(reading, first + 1)
    if token.key in _words("vorsatz"):
        end = _surname_end(reading, first)
        given = None if end is None else follows(reading, end + 1, ",")
        return None if end is None else build(reading, Written.FULL, first, end + name_word(given))
    if second is None or not (second.key in _words("vorsatz") or (second.capital and surname_like(second))):
        return None
    end = _surname_end(reading, first + 1)
    return None if end is None else build(reading, Written.FULL, first, end)


_FIELD_START = re.compile(r"(?:^|[\n,;:.(\"„])\s*$")


def _on_a_form(reading: Reading, index: int) -> Name | None:
    """``Name: Krawinkel``, ``Vorname HELGA``: a colon or capitals after the name of a field."""
    label, value = reading.tokens[index], follows(reading, index + 1, ":")
    if label.key not in _words("formular") or value is None or not name_word(value):
        return None
    colon = ":" in reading.text[label.end : value.start] and _FIELD_START.search(reading.before(label.start, 6))
    shouted = len(value.word) > 2 and value.word.isupper()
    if not (colon or shouted or known_surname(value)):
        return None
    more = follows(reading, index + 2, ",")
    both = more is not None and name_word(more) and (is_given(more) or known_surname(more))
    return build(reading, Written.FULL, index + 1, index + 1 + both)


def _surname_first(reading: Reading, index: int) -> Name | None:
    """``yilmaz kemal``, ``KRAWINKEL HELGA``."""
    surname, given = reading.tokens[index], follows(reading, index + 1)
    if given is None or not is_given(given) or is_given(surname):
        return None
    shouted = given.word.isupper() and surname.word.isupper() and len(surname.word) > 2 and not is_common(surname)
    following = follows(reading, index + 2)
    if not (shouted or listed_surname(surname)) or (following is not None and known_surname(following)):
        return None
    return build(reading, Written.FULL, index, index + 1)


_CLOSED = re.compile(r"$|[,;:.)\n?!]| [(*]")


def _surname_comma_given(reading: Reading, index: int) -> Name | None:
    """``Pawlowski, Mia``; in small letters only after a preposition."""
    surname, given = reading.tokens[index], follows(reading, index + 1, ",")
    if given is None or follows(reading, index + 1) is not None or is_given(surname):
        return None
    if not is_given(given):
        filed = _after_a_file(reading, index) and all(t.capital and not is_noun(t) for t in (surname, given))
        return build(reading, Written.FULL, index, index + 1) if filed else None
    if not (given.capital and surname.capital):
        fits = is_after(reading, index, _words("vor_nachname")) and not is_common(surname)
        double = listed_surname(surname) and "-" in given.word
        return build(reading, Written.LOOSE, index, index + 1) if fits or double else None
    if (is_common(surname) and not surname_at_all(surname)) or given.word.isupper() > surname.word.isupper():
        return None
    closed = _CLOSED.match(reading.text, given.end) is not None
    sure = closed or known_surname(surname) or _after_a_file(reading, index)
    return build(reading, Written.FULL, index, index + 1) if sure else None


# First names


def _full(reading: Reading, index: int) -> Name | None:
    """``Sandra Hoffmeister``, ``jörg tietz``, ``Fatima El Amrani``, ``Hans Joachim``."""
    token = reading.tokens[index]
    if not is_given(token):
        return None
    last = index
    while (more := follows(reading, last + 1)) is not None and last < index + _LONGEST:
        if not is_given(more) or known_surname(more):
            break
        last += 1
    end = _surname_end(reading, last + 1)
    if end is None or not _fits_given(token, reading.tokens[end]):
        return build(reading, Written.FULL if token.capital else Written.LOOSE, index, last) if last > index else None
    sure = reading.tokens[end].capital or known_surname(reading.tokens[end])
    double = follows(reading, end + 1)
    end += double is not None and (known_surname(double) or (sure and name_word(double) and not is_noun(double)))
    return build(reading, Written.FULL if sure else Written.LOOSE, index, end)


def _fits_given(given: Token, surname: Token) -> bool:
    """Whether given name and surname are written alike: not ``Emma reinwerfen``, not ``lasse Beiträge``."""
    if given.capital == surname.capital or known_surname(surname):
        return True
    return surname.capital and not is_noun(surname)


def _given_alone(reading: Reading, index: int) -> Name | None:
    """``Emre``; said of someone known ("unsere Jessica", "Ekkehard und Sigrun Maybach") it is more than loose talk."""
    if not is_given(reading.tokens[index]):
        return None
    joined = (word := follows(reading, index + 1)) is not None and word.key in _AND
    partner = _full(reading, index + 2) if joined and index + 2 < len(reading.tokens) else None
    if partner is not None and partner.written is Written.FULL:
        return build(reading, Written.FULL, index, index)
    known = _words("bestimmt", "zwischen", "bezeichnung")
    beside = follows(reading, index) is not None and is_after(reading, index, known)
    return build(reading, Written.LOOSE if beside else Written.GIVEN, index, index)


def _rare_given_and_surname(reading: Reading, index: int) -> Name | None:
    """A capital word that is no common first name before a surname: known, or written with foreign letters."""
    token, surname = reading.tokens[index], follows(reading, index + 1)
    if surname is None or not name_word(token) or not name_word(surname) or token.key.endswith(thing_endings()):
        return None
    halves = token.key.split("-")
    double = len(halves) == 2 and not keys("vornamen", "eindeutig", "mehrdeutig").isdisjoint(halves)
    if FOREIGN.search(token.word + surname.word) or double:
        return build(reading, Written.FULL, index, index + 1)
    if not listed_surname(surname):
        return None
    if token.within(keys("vornamen", "mehrdeutig", "nur_gross")):
        return build(reading, Written.FULL, index, index + 1)
    strange = index > 0 and len(token.word) > 2 and not token.key.endswith(("en", "er")) and not surname_at_all(token)
    return build(reading, Written.LOOSE, index, index + 1) if strange else None


def _strange_words(reading: Reading, index: int) -> Name | None:
    """Two strange capital words where a person is spoken of: ``Antrag von Chukwuemeka Obiora``, ``Gerhild Ox wurde``."""
    first, second = reading.tokens[index], follows(reading, index + 1)
    if second is None or not (_may_be_strange_name(first) and _may_be_strange_name(second)) or is_given(second):
        return None
    verb = follows(reading, index + 2)
    starts = _SENTENCE_START.search(reading.before(first.start, 4)) is not None
    told = starts and verb is not None and verb.key in _words("zeitwort")
    adjective = first.key.endswith(("e", "er", "es", "en"))  # "Künstliche Intelligenz", "Nächste Woche"
    someone = (told or is_after(reading, index, _OF_SOMEONE)) and not adjective
    return build(reading, Written.LOOSE, index, index + 1) if someone or _after_a_file(reading, index) else None


def _may_be_strange_name(token: Token) -> bool:
    """Whether it is written like a name and no noun, product or abbreviation is known that looks like it."""
    halves = token.word.split("-")
    written = len(token.word) > 3 and all(half[:1].isupper() and half[1:].islower() for half in halves)
    return written and not is_noun(token) and not is_common(token)


def _initial_and_surname(reading: Reading, index: int) -> Name | None:
    """``K. Wiśniewska``."""
    token, surname = reading.tokens[index], follows(reading, index + 1, ".")
    if len(token.word) != 1 or not token.capital or surname is None or not surname.capital:
        return None
    dotted = reading.text[token.end : token.end + 1] == "."
    return build(reading, Written.FULL, index, index + 1) if dotted and listed_surname(surname) else None


def _surname_in_place(reading: Reading, index: int) -> Name | None:
    """A known surname after an article, a preposition or a kind of file: ``der müller``, ``Wohngeldantrag Kaya``."""
    token = reading.tokens[index]
    opposed = _VERSUS.match(reading.text, token.end) or reading.before(token.start, 5) == " ./. "
    if opposed and name_word(token):
        return build(reading, Written.FULL, index, index)
    if follows(reading, index, ":.") is None:
        return None
    shaped = SHAPED.search(token.key) and not is_common(token) and not _typing_mistake(token)
    closed = _CLOSED.match(reading.text, token.end) is not None
    only_case = is_after(reading, index, _CASE) and closed and _may_be_strange_name(token)
    if not (listed_surname(token) or shaped or only_case) or _qualifies(reading, index):
        return None
    place = index - 2 if is_after(reading, index, _words("zwischen")) and index > 1 else index - 1
    fits = reading.tokens[place].key in _words("vor_nachname") or _after_a_file(reading, place + 1)
    return build(reading, Written.LOOSE, index, index) if fits else None


def _qualifies(reading: Reading, index: int) -> bool:
    """Whether a small word belongs to a thing named after it: ``den tonn brennofen``."""
    token, following = reading.tokens[index], follows(reading, index + 1)
    if token.capital or following is None or following.capital:
        return False
    return not (is_verb_like(following) or is_given(following) or is_detail(following, "stark", "thema"))


def _typing_mistake(token: Token) -> bool:
    """Whether it is a place with a doubled last letter: ``bauhoff``."""
    return token.key[-1] == token.key[-2] and token.key[:-1] in keys("strassen", "nie")


def _after_a_file(reading: Reading, index: int) -> bool:
    """Whether the word before token ``index`` is a kind of file or procedure: ``Leistungsakte``, ``Wohngeldantrag``."""
    return index > 0 and reading.tokens[index - 1].key.endswith(tuple(_words("vorgangsende")))


_WAYS: tuple[Callable[[Reading, int], Name | None], ...] = (
    _titled,
    _on_a_form,
    _labelled,
    _surname_first,
    _surname_comma_given,
    _full,
    _given_alone,
    _rare_given_and_surname,
    _strange_words,
    _initial_and_surname,
    _surname_in_place,
)
"""The ways of writing a name; the first that fits at a word decides."""
