"""Names beside the word that says who someone is, in fields of a form, in lists and with the surname first."""

from __future__ import annotations

import re
from functools import partial

from assistant.ask.personal_candidate import CLOSED, Name, Written, after_a_file, build, follows, is_after, surname_end
from assistant.ask.personal_strange import is_place, is_strange, name_like
from assistant.ask.personal_text import Reading, Token, keys
from assistant.ask.personal_words import (
    SHAPED,
    is_common,
    is_given,
    is_noun,
    known_surname,
    listed_surname,
    name_word,
    surname_at_all,
    surname_like,
)

_words = partial(keys, "personenwoerter")
_FIELD_START = re.compile(r"(?:^|[\n,;:.(\"„])\s*$")


def labelled(reading: Reading, index: int) -> Name | None:
    """``Bewerberin Ngozi Adeyemi``, ``die Gastwirtin Despina Karagiannis``, ``der Kollege Thielscher``."""
    label = reading.tokens[index]
    definite = is_after(reading, index, _words("bestimmt"))
    woman = label.capital and definite and label.key.endswith("in") and len(label.key) > 5 and not is_given(label)
    participle = label.key in _words("bezeichnung_partizip")
    first = follows(reading, index + 1, ":,.")
    given = first is not None and is_given(first)
    if (
        _ranked(label)
        and first is not None
        and not given
        and name_like(first)
        and is_strange(first)
        and not is_place(first)
    ):
        return build(reading, Written.LOOSE, index + 1, index + 1)
    if not _is_label(label) and not (woman or participle):
        return None
    if first is None or first.key in _words("anrede") or is_common(first):
        return None
    if first.capital and (full := _full_after_label(reading, index + 1)) is not None:
        return full
    second = follows(reading, index + 2)
    if is_given(first) and second is not None and surname_like(second):
        return None  # read as a first name with surname
    alone = follows(reading, index + 1) is not None
    one_person = first.capital and is_strange(first) and definite and alone and first.key[:2] != "ki" and not participle
    sure = is_given(first) or known_surname(first) or (first.capital and surname_at_all(first) and not participle)
    if sure or one_person or SHAPED.search(first.key) or says_something(reading, index + 1):
        return build(reading, Written.LOOSE, index + 1, index + 1)
    return None


def doctor(reading: Reading, index: int) -> Name | None:
    """``Dr. Sommerfeldt`` without "Herr" or "Frau"."""
    degree, surname = reading.tokens[index], follows(reading, index + 1, ".")
    if degree.key not in {"dr", "prof", "doktor"} or surname is None or is_given(surname) or is_place(surname):
        return None
    if surname.key in _words("grad"):
        return None
    known = listed_surname(surname) or (surname.capital and surname_at_all(surname))
    strange = len(surname.word) > 4 and not is_common(surname)
    return build(reading, Written.LOOSE, index + 1, index + 1) if known or strange else None


def _is_label(token: Token) -> bool:
    """Whether it is a word for who someone is, in any case: ``Klient``, ``Klienten``, ``Klägers``."""
    return any(form in _words("bezeichnung") for form in (token.key, *map(token.key.removesuffix, ("s", "n", "en"))))


def _ranked(label: Token) -> bool:
    """Whether it is a rank or profession that stands before a surname: ``Oberstudienrat``, ``Inspektorin``."""
    return label.capital and label.key.endswith(tuple(_words("dienstgrad")))


def says_something(reading: Reading, index: int) -> bool:
    """Whether the strange word is one of whom something is told: ``kollege pfannstiel kommt``, ``Kundin Tönnissen,``"""
    token, verb = reading.tokens[index], follows(reading, index + 1)
    if len(token.word) < 4 or follows(reading, index, ":.") is None:
        return False
    if is_common(token) or (token.capital and is_noun(token)):
        return False
    if not token.capital:
        participle = token.key.endswith(("t", "en"))
        return verb is not None and verb.key in _words("zeitwort") and not participle
    if not is_strange(token):
        return False
    return CLOSED.match(reading.text, token.end) is not None or (verb is not None and verb.key in _words("zeitwort"))


def _full_after_label(reading: Reading, first: int) -> Name | None:
    """Two or more name words from token ``first``, also with particles and with the surname first."""
    token, second = reading.tokens[first], follows(reading, first + 1)
    if token.key in _words("vorsatz"):
        end = surname_end(reading, first)
        given = None if end is None else follows(reading, end + 1, ",")
        return None if end is None else build(reading, Written.FULL, first, end + name_word(given))
    if second is None or not (second.key in _words("vorsatz") or (second.capital and surname_like(second))):
        return None
    end = surname_end(reading, first + 1)
    return None if end is None else build(reading, Written.FULL, first, end)


def on_a_form(reading: Reading, index: int) -> Name | None:
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


def surname_first(reading: Reading, index: int) -> Name | None:
    """``yilmaz kemal``, ``KRAWINKEL HELGA``."""
    surname, given = reading.tokens[index], follows(reading, index + 1)
    if given is None or not is_given(given) or is_given(surname):
        return None
    shouted = given.word.isupper() and surname.word.isupper() and len(surname.word) > 2 and not is_common(surname)
    following = follows(reading, index + 2)
    if not (shouted or listed_surname(surname)) or (following is not None and known_surname(following)):
        return None
    return build(reading, Written.FULL, index, index + 1)


def surname_comma_given(reading: Reading, index: int) -> Name | None:
    """``Pawlowski, Mia``; in small letters only after a preposition."""
    surname, given = reading.tokens[index], follows(reading, index + 1, ",;|/")
    if given is None or follows(reading, index + 1) is not None or is_given(surname):
        return None
    if len(given.word) == 1 and given.capital and reading.text[given.end : given.end + 1] == ".":
        sure = name_like(surname) and (listed_surname(surname) or is_strange(surname))
        return build(reading, Written.LOOSE, index, index + 1) if sure else None
    if not is_given(given):
        filed = after_a_file(reading, index) and follows(reading, index) is not None
        filed = filed and all(token.capital and is_strange(token) for token in (surname, given))
        return build(reading, Written.FULL, index, index + 1) if filed else None
    if not (given.capital and surname.capital):
        fits = is_after(reading, index, _words("vor_nachname")) and not is_common(surname)
        double = listed_surname(surname) and "-" in given.word
        return build(reading, Written.LOOSE, index, index + 1) if fits or double else None
    if (is_common(surname) and not surname_at_all(surname)) or given.word.isupper() > surname.word.isupper():
        return None
    closed = CLOSED.match(reading.text, given.end) is not None
    sure = closed or known_surname(surname) or after_a_file(reading, index)
    return build(reading, Written.FULL, index, index + 1) if sure else None
