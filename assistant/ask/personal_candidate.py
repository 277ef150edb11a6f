"""A possible name in a question, and how its words stand beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from assistant.ask.personal_text import Reading, Token


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
