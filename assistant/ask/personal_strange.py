"""Whether a word is a strange one: no known name, and no ordinary word of the administration, mistyped or compound.

Lists of names never end, so a name must also be seen by what it is not. The ordinary words are the stems of the
project's own texts (``daten/gewoehnlich.txt``); compounds of them and words a slip away count as ordinary, too.
"""

from __future__ import annotations

from functools import cache, lru_cache

from rapidfuzz.distance import OSA

from assistant.ask.personal_text import Token, keys, word_list
from assistant.ask.personal_words import is_common, is_given, is_noun, surname_at_all
from assistant.index.german import stem

_LINKS = ("", "s", "n", "en", "es", "e")
"""What may join the halves of a German compound."""
_SHORTEST = 3
_LONG = 9
"""From this length on a word may be two slips off."""


def is_strange(token: Token) -> bool:
    """Whether neither the word nor a half of it with a hyphen is known as an ordinary one."""
    if len(token.key) < _SHORTEST or is_common(token) or is_noun(token):
        return False
    if token.capital and "-" in token.word:
        first, last = token.key.split("-")[0], token.key.split("-")[-1]
        known = keys("nachnamen", "eindeutig", "mehrdeutig") | keys("vornamen", "eindeutig", "mehrdeutig")
        odd = [not _ordinary(half) or half in known for half in (first, last)]
        return all(odd) and len(last) > 1
    return not any(_ordinary(half) for half in token.key.replace("'", "").split("-") if len(half) > 1)


def is_very_strange(token: Token) -> bool:
    """Whether it is strange and not just mistyped; asked where a small letter makes a slip as likely as a name."""
    return is_strange(token) and not any(_mistyped(half) for half in token.key.split("-") if half)


def name_like(token: Token) -> bool:
    """Whether a capital word is written like a name and is a known name or a strange word."""
    halves = token.word.replace("'", "-").split("-")
    written = (
        len(token.word) > 1 and all(half[:1].isupper() for half in halves if half) and not _abbreviated(token.word)
    )
    if not written or token.key in keys("woerter", "klein"):
        return False
    return is_given(token) or surname_at_all(token) or is_strange(token)


def is_place(token: Token) -> bool:
    """Whether it is a town, a district of one or a country."""
    return any(half in keys("orte", "ort") for half in (token.key, token.key.removesuffix("s"), *token.key.split("-")))


def adjective_like(token: Token) -> bool:
    """Whether an unknown capital word ends like the adjective before a noun: ``Künstliche``, ``Mobiles``."""
    return token.key.endswith(("liche", "liches", "licher", "ische", "isches", "ischer", "igen", "ische"))


def _abbreviated(word: str) -> bool:
    """Whether it has capitals inside, as products and abbreviations have."""
    return any(half.isupper() for half in word.split("-")) or any(
        c.isupper() for half in word.replace("'", "-").split("-") for c in half[3:]
    )


@cache
def _stems() -> frozenset[str]:
    return frozenset(word_list("gewoehnlich")["stamm"])


@cache
def _by_beginning() -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for known in sorted(_stems()):
        groups.setdefault(known[:1], []).append(known)
    return {letter: tuple(group) for letter, group in groups.items()}


@lru_cache(maxsize=20_000)
def _ordinary(key: str) -> bool:
    return stem(key) in _stems() or _compound(key)


def _compound(key: str) -> bool:
    """Whether the word is made of two known ones of at least four letters."""
    for cut in range(4, len(key) - 3):
        if stem(key[cut:]) not in _stems():
            continue
        left = key[:cut]
        if any(left.endswith(link) and stem(left[: len(left) - len(link)]) in _stems() for link in _LINKS):
            return True
    return False


@lru_cache(maxsize=20_000)
def _mistyped(key: str) -> bool:
    """Whether a known stem is one slip away, two for a long word."""
    written = stem(key)
    off = 2 if len(written) >= _LONG else 1
    return len(written) > 4 and any(
        OSA.distance(written, known, score_cutoff=off) <= off
        for known in _by_beginning().get(written[:1], ())
        if abs(len(known) - len(written)) <= off
    )
