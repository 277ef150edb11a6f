"""What a single word is: an ordinary one, a first name, a surname, a detail of a case or something a family gets.

Every question is about one word and is answered from the lists in ``daten/``; where the word stands is looked at in
``personal_names``.
"""

from __future__ import annotations

import re
from functools import cache, partial

from assistant.ask.personal_text import Token, german_key, keys, word_list

_words = partial(keys, "personenwoerter")
ARABIC = frozenset({"al", "el", "abu", "ben"})
"""Beginnings of surnames that need not be known otherwise."""
SHAPED = re.compile(
    r".{3}(?:hoff|kamp|brink|brock|owski|ewski|inski|czyk|wicz|oglu|ovic|meier|meyer|maier|schmidt|schmitz|wirth|koetter|"
    r"huber|mueller|broich|huizen|husen|stroem|enko|shvili)$"
)
"""Endings that unknown words of a German text have only when they are surnames."""
FOREIGN = re.compile(r"[^a-zäöüßéèêàâôîûçA-ZÄÖÜÉÈ'-]")
"""A letter that neither German words nor their usual loan words have."""


# Ordinary words and names


def is_common(token: Token) -> bool:
    """Whether the word is an ordinary one rather than a name."""
    if token.within(keys("woerter", "klein", "begriff", "amt", "institution")):
        return True
    if token.key.startswith("ki-"):
        return True
    return token.key.endswith(_office_endings()) and not surname_at_all(token)


@cache
def _office_endings() -> tuple[str, ...]:
    return tuple(_words("amtsende"))


def surname_at_all(token: Token) -> bool:
    return token.within(keys("nachnamen", "eindeutig", "mehrdeutig"))


def listed_surname(token: Token) -> bool:
    return token.within(keys("nachnamen", "eindeutig"))


def known_surname(token: Token) -> bool:
    """Whether the word is a surname and, as written here, nothing else; of a double name one half must be known."""
    halves = token.key.split("-")
    if len(halves) == 2 and halves[0] in ARABIC:
        return True
    if len(halves) == 2 and token.capital:
        return not keys("nachnamen", "eindeutig", "mehrdeutig").isdisjoint(halves)
    if len(halves) == 2 and not listed_surname(token):
        return all(half in keys("nachnamen", "eindeutig") for half in halves)
    return listed_surname(token)


def is_given(token: Token) -> bool:
    """Whether the word is a first name and, as written here, nothing else; of a double name both ends must be."""
    sure = keys("vornamen", "eindeutig")
    if token.within(sure) or (token.capital and token.within(keys("vornamen", "nur_gross"))):
        return True
    parts = token.key.split("-")
    return len(parts) > 1 and parts[0] in sure and parts[-1] in sure


def surname_like(token: Token) -> bool:
    """Whether the word may be a surname after a title or first name: known, or not an ordinary word."""
    if len(token.word.strip("'-")) < 2:
        return False
    if known_surname(token) or (token.capital and surname_at_all(token)):
        return True
    return not is_common(token) and len(token.word) >= (2 if token.capital else 3)


def name_word(token: Token | None) -> bool:
    """Whether there is a word and it is a capital one that is not ordinary."""
    return token is not None and token.capital and not is_common(token)


# Details of a case


@cache
def _stems(section: str) -> tuple[frozenset[str], re.Pattern[str], re.Pattern[str]]:
    """Whole words, beginnings and parts of words of a section of ``daten/fallmerkmale.txt``."""
    whole: set[str] = set()
    forms: dict[str, list[str]] = {"begin": [], "part": []}
    for entry in word_list("fallmerkmale")[section]:
        stem = german_key(entry.lstrip("*="))
        if entry.startswith("="):
            whole.add(stem)
        else:
            forms["part" if entry.startswith("*") else "begin"].append(re.escape(stem))
    return frozenset(whole), re.compile("|".join(forms["begin"])), re.compile("|".join(forms["part"]))


def is_detail(token: Token, *sections: str) -> bool:
    for section in sections:
        whole, begin, part = _stems(section)
        if token.key in whole or begin.match(token.key) or part.search(token.key):
            return True
    return False


def is_noun(token: Token) -> bool:
    """Whether a capital word is a thing, an act or a detail of a case ("Anspruch", "Zuschlag") and no known surname."""
    if known_surname(token):
        return False
    return is_common(token) or token.key.endswith(thing_endings()) or is_detail(token, "stark", "thema", "schreiben")


@cache
def thing_endings() -> tuple[str, ...]:
    return tuple(_words("sachende"))


def is_verb_like(token: Token) -> bool:
    """Whether a small word can be the verb after a name: a listed one or one that ends like "brüllt"."""
    return not token.capital and (is_common(token) or (token.key.endswith("t") and len(token.key) > 3))
