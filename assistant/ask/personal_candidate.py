"""A possible name in a question, and how its words stand beside each other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import partial

from assistant.ask.personal_text import Reading, Token, keys
from assistant.ask.personal_words import ARABIC, known_surname, surname_like

LONGEST = 6
"""Words that one name, or what stands between title and name, may have; bounds every loop."""
CLOSED = re.compile(r"$|[,;:.)\n?!]| [(*]")
"""After a name: nothing that could belong to a thing named after it."""

_words = partial(keys, "personenwoerter")
_ARTICLES = frozenset({"der", "den", "dem"})


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


def follows(reading: Reading, index: int, between: str = "") -> Token | None:
    """Token ``index`` if only blanks, and characters of ``between``, separate it from the one before."""
    if not 0 < index < len(reading.tokens):
        return None
    gap = reading.text[reading.tokens[index - 1].end : reading.tokens[index].start]
    return reading.tokens[index] if 0 < len(gap) <= 3 and not gap.strip(between + " ") else None


def is_after(reading: Reading, index: int, words: frozenset[str]) -> bool:
    """Whether the token before ``index`` is one of ``words``."""
    return index > 0 and reading.tokens[index - 1].key in words


def build(reading: Reading, written: Written, first: int, last: int) -> Name:
    """The candidate made of the tokens ``[first, last]``."""
    return Name(written, first, last, reading.tokens[first].start, reading.tokens[last].end)


def surname_end(reading: Reading, index: int) -> int | None:
    """Index of the last token of a surname that begins at ``index``, over initials and particles; None without."""
    position = index
    while (token := follows(reading, position, ".:")) is not None and position < index + LONGEST:
        particle = token.key in _words("vorsatz") or (token.key in _ARTICLES and position > index)
        if not particle and not (len(token.word) == 1 and token.capital):
            break
        position += 1
    if token is None or not surname_like(token):
        return None
    unsure = position > index and not token.capital and not known_surname(token)
    return None if unsure and not is_after(reading, position, ARABIC) else position


def after_a_file(reading: Reading, index: int) -> bool:
    """Whether the word before token ``index`` is a kind of file or procedure: ``Leistungsakte``, ``Wohngeldantrag``."""
    return index > 0 and reading.tokens[index - 1].key.endswith(tuple(_words("vorgangsende")))
