"""The question as the personal-data detectors see it, and the word lists they look names up in.

``read`` undoes what copying and scanning do to a text (letter spacing, zero-width characters, full-width digits) and
remembers for every character where it stood, so that findings can be given in characters of the original.
This module knows nothing about what is personal.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

MASK = "\N{CURRENCY SIGN}"
"""Stands for every character of a placeholder; no detector takes it for a letter, a digit or a separator."""

_DROPPED = frozenset("\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\ufeff\N{SOFT HYPHEN}")
_SAME_LENGTH = str.maketrans(
    dict.fromkeys("\u00a0\u202f\u3000\t\r" + "".join(map(chr, range(0x2000, 0x200B))), " ")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
    | dict.fromkeys("\u2018\u2019\u00b4\u0060\u02bc", "'")
    | {"İ": "I"}  # its lower case has two characters, everything else keeps its length
)
_LETTER_SPACED = re.compile(r"(?<!\S)(?:\S ){3,}\S(?!\S)")
_PLACEHOLDERS = re.compile(
    r"\[[A-ZÄÖÜ][A-ZÄÖÜ ./_-]{1,30}\]|\{\{[^{}\n]{1,40}\}\}|<[^<>@\d\n]{1,30}>|\b[xX]{3,}\b|_{3,}|\*{3,}|…"
)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae"})


def german_key(word: str) -> str:
    """Lower-case ASCII form with ae, oe, ue, ss: ``Müller`` and ``Mueller`` become ``mueller``."""
    if word.isascii():
        return word.lower()
    return _without_marks(word.lower().translate(_GERMAN))


def plain_key(word: str) -> str:
    """Lower-case form with all marks dropped: ``Müller`` and ``Muller`` become ``muller``."""
    if word.isascii():
        return word.lower()
    return _without_marks(word.lower().replace("ß", "ss").replace("ı", "i").replace("ł", "l").replace("ø", "o"))


def _without_marks(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


@dataclass(frozen=True, slots=True)
class Token:
    """A word of letters, apostrophes and hyphens at ``[start, end)`` of the read text; ``key`` is its German key."""

    word: str
    key: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        return self.word[0].isupper()

    def within(self, words: frozenset[str]) -> bool:
        """Whether the word, with or without genitive s, is one of ``words`` (both keys of each, see ``keys``)."""
        return self.key in words or (self.key.endswith("s") and self.key[:-1].rstrip("'") in words)


@dataclass(frozen=True, slots=True)
class Reading:
    """The cleaned text, its lower-case twin of equal length, its words, and where each character came from."""

    text: str
    low: str
    tokens: tuple[Token, ...]
    origin: Sequence[int]

    def before(self, position: int, characters: int) -> str:
        """Up to ``characters`` lower-case characters that end at ``position``."""
        return self.low[max(0, position - characters) : position]

    def after(self, position: int, characters: int) -> str:
        """Up to ``characters`` lower-case characters that begin at ``position``."""
        return self.low[position : position + characters]

    def between(self, start: int, end: int) -> tuple[Token, ...]:
        """The words that begin at or after ``start`` and before ``end``."""
        first = bisect_left(self.tokens, start, key=lambda token: token.start)
        return self.tokens[first : bisect_left(self.tokens, end, lo=first, key=lambda token: token.start)]

    def around(self, start: int, end: int, before: int, after: int) -> str:
        """The lower-case surroundings of ``[start, end)`` without itself, joined by a space."""
        return f"{self.before(start, before)} {self.after(end, after)}"


def read(question: str) -> Reading:
    """Clean ``question`` for detection; ``origin`` has one entry per cleaned character and one for the end."""
    text, origin = _composed(question)
    text, origin = _close_letter_spacing(text, origin)
    text = _PLACEHOLDERS.sub(lambda match: MASK * len(match[0]), text)
    tokens = tuple(Token(m[0], german_key(m[0]), m.start(), m.end()) for m in _WORD.finditer(text))
    return Reading(text, text.lower(), tokens, origin)


def _composed(question: str) -> tuple[str, Sequence[int]]:
    """One character per visible character, with the position each came from."""
    if question.isascii():
        return question.translate(_SAME_LENGTH), range(len(question) + 1)
    characters: list[str] = []
    origin: list[int] = []
    for position, character in enumerate(question):
        if character in _DROPPED:
            continue
        if characters and unicodedata.combining(character):
            joined = unicodedata.normalize("NFC", characters[-1] + character)
            characters[-1] = joined if len(joined) == 1 else characters[-1]
            continue
        wide = unicodedata.normalize("NFKC", character) if character >= "\uff00" else character
        characters.append(wide if len(wide) == 1 else character)
        origin.append(position)
    return "".join(characters).translate(_SAME_LENGTH), [*origin, len(question)]


def _close_letter_spacing(text: str, origin: Sequence[int]) -> tuple[str, Sequence[int]]:
    """``I B A N`` becomes ``IBAN``: at least four single characters with one space between each."""
    kept: list[str] = []
    places: list[int] = []
    position = 0
    for match in _LETTER_SPACED.finditer(text):
        kept.append(text[position : match.start()])
        kept.append(match[0][::2])
        places += origin[position : match.start()]
        places += origin[match.start() : match.end() : 2]
        position = match.end()
    if not kept:
        return text, origin
    return "".join([*kept, text[position:]]), [*places, *origin[position:]]


@cache
def word_list(name: str) -> dict[str, tuple[str, ...]]:
    """The sections of ``daten/<name>.txt``, words as written; read once per process."""
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (files(__package__) / "daten" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[] "), [])
        elif not line.startswith("#"):
            current += line.split()
    return {section: tuple(words) for section, words in sections.items()}


@cache
def keys(name: str, *sections: str) -> frozenset[str]:
    """Both keys of every word in ``sections`` of ``daten/<name>.txt``, for ``Token.within``."""
    lists = word_list(name)
    return frozenset(form for s in sections for w in lists[s] for form in (german_key(w), plain_key(w)))
