"""How acts are called: known names in any spelling, numbers of EU acts, books of the Sozialgesetzbuch, slips of the pen.

Also says when words name an act that is *not* known ("Art. 16 AEUV"): such a place must never be taken for one of an
act that happens to be named nearby.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

_BOOKS = ("ersten", "zweiten", "dritten", "vierten", "fünften", "sechsten", "siebten", "achten", "neunten", "zehnten",
          "elften", "zwölften", "dreizehnten", "vierzehnten")  # fmt: skip
_ROMANS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV")
_BOOK = re.compile(
    rf"({'|'.join(_BOOKS)})\s+buch(?:es|e)?(?:\s+\(?(?:des\s+)?sozialgesetzbuch(?:e?s)?\)?)?(?![\wäöü])", re.I
)
_SGB = re.compile(r"SGB[\s-]*([IVX]+|\d{1,2})(?![\w])", re.I)
_NUMBER = re.compile(
    r"(?:(?:(?:EU-)?(?:Verordnung|VO|Richtlinie|RL|Regulation|Directive)|Beschluss(?:es)?|Decision)\s*)"
    r"(?:\((?:EU|EG|EWG|EC|EEC)[^)]{0,12}\)\s*)?(?:Nr\.?|No\.?)?\s*(\d{2,4}/\d{1,4})(?:/(?:EU|EG|EWG|JI|EC))*",
    re.I,
)
_KINDS = (
    r"gesetz(?:es|buch(?:e?s)?)?|ordnung|verordnung|richtlinie|satzung|vertrag(?:e?s)?|abkommens?|übereinkommens?|kodex|"
    r"staatsvertrag(?:e?s)?|verfassung|charta|anweisung|vereinbarung|leitlinie"
)
_OTHER = re.compile(
    rf"""(?:
        (?-i:[A-ZÄÖÜ])[\wäöüß-]*(?:{_KINDS})(?:\s(?:NRW|NW))?
      | (?-i:[A-Z][a-z]+(?:\s[A-Z][a-z]+)?\sAct)
      | (?-i:Gesetz(?:es)?|Vertrag(?:e?s)?|Charta|Abkommens?|Übereinkommens?|Einführungsgesetz(?:es)?|Regulation|Directive
          |Richtlinie|Verordnung|Beschluss(?:es)?|Satzung|Protokolls?|Charter|Treaty|Anhangs|Annex\sto|Empfehlung|Recommendation|Rahmenbeschluss(?:es)?)
      | (?-i:(?:[A-ZÄÖÜ][a-zäöü]{{0,4}}-?){{1,8}}(?:G|GB|VO|GO|O|V|RL)|AEUV|EUV|GRCh|EMRK|TVöD)
        (?:[\s-](?-i:NRW|NW|[IVX]+))?
    )(?![\wäöüÄÖÜß])""",
    re.I | re.X,
)
_NO_ACTS = frozenset(
    "zuordnung anordnung einordnung unordnung rangordnung größenordnung tagesordnung hausordnung vertrag satzung".split()
)
_TOKEN = re.compile(r"[A-Za-zÄÖÜäöü][\wÄÖÜäöüß-]*")
_WORD_BEFORE = re.compile(r"([A-Za-zÄÖÜäöü][\wÄÖÜäöüß-]*)[\s,:]*$")


@dataclass(frozen=True, slots=True)
class Named:
    """An act named in the characters ``[start, end)``; ``short`` is None for an act that is not known here."""

    short: str | None
    start: int
    end: int


def squash(name: str) -> str:
    """A name without blanks, hyphens and case, so that spellings can be compared."""
    return re.sub(r"[\s‑-]+", "", name).lower()


@dataclass(frozen=True)
class ActNames:
    """``names`` by short name, the short name among them; ``numbers`` of EU acts ("2016/679") to short names."""

    names: Mapping[str, Sequence[str]]
    numbers: Mapping[str, str]

    @cached_property
    def _body(self) -> str:
        every = sorted({n for names in self.names.values() for n in names}, key=len, reverse=True)
        loose = "|".join(
            re.sub(r"(gesetz|buch)(?=$|\[)", r"\1(?:e?s)?", re.escape(n).replace(r"\ ", r"[\s‑-]+"), flags=re.I).replace(
                r"\-", "[-‑ ]?"
            )
            for n in every
        )
        return rf"(?:EU[-‑ ])?({loose})(?:-neu)?(?![A-Za-zÄÖÜäöüß0-9])"

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![A-Za-zÄÖÜäöüß0-9])(?<![A-Za-z0-9]-){self._body}", re.I)

    @cached_property
    def _pattern_at(self) -> re.Pattern[str]:
        return re.compile(self._body, re.I)

    @cached_property
    def _lookup(self) -> dict[str, str]:
        return {squash(n): short for short, names in self.names.items() for n in names}

    def _short(self, written: str) -> str:
        key = squash(written)
        return self._lookup.get(key) or self._lookup[re.sub(r"(gesetz|buch)e?s", r"\1", key)]

    def known_at(self, text: str, start: int) -> tuple[str, int] | None:
        """The known act named exactly at ``start``: (short name, end), or None."""
        match = self._pattern_at.match(text, start)
        if match:
            return self._short(match[1]), match.end()
        number = _NUMBER.match(text, start)
        if number and number[1] in self.numbers:
            return self.numbers[number[1]], number.end()
        book = _BOOK.match(text, start)
        short = f"SGB {_ROMANS[_BOOKS.index(book[1].lower())]}" if book else ""
        return (short, book.end()) if book and short in self.names else None

    def known_in(self, text: str) -> list[tuple[str, int, int]]:
        """All known acts named in a text: (short name, start, end)."""
        named = [(self._short(m[1]), m.start(), m.end()) for m in self._pattern.finditer(text)]
        numbered = [(self.numbers[m[1]], m.start(), m.end()) for m in _NUMBER.finditer(text) if m[1] in self.numbers]
        inner = [n for n in numbered if not any(a <= n[1] < b for _, a, b in named)]
        return sorted([*named, *inner], key=lambda n: n[1])

    def spellings(self, short: str) -> tuple[str, ...]:
        """Words of which one stands in every text that names this act."""
        number = tuple(n for n, known in self.numbers.items() if known == short)
        book = short.removeprefix("SGB ")
        ordinal = (f"{_BOOKS[_ROMANS.index(book)].capitalize()} Buch",) if book in _ROMANS else ()
        return (*self.names.get(short, ()), *number, *ordinal)

    def at(self, text: str, start: int, *, slips: bool = True) -> Named | None:
        """The act named at ``start``, known or not; with ``slips``, a slip of the pen counts as the name meant."""
        if known := self.known_at(text, start):
            return Named(known[0], start, known[1])
        for pattern in (_NUMBER, _BOOK, _SGB):
            if match := pattern.match(text, start):
                return Named(None, start, match.end())
        token = _TOKEN.match(text, start)
        if slips and token and (meant := self._slip(token.group())):
            return Named(meant, start, token.end())
        other = _OTHER.match(text, start)
        if other and squash(other.group()) not in _NO_ACTS:
            return Named(None, start, other.end())
        return None

    def before(self, text: str, end: int) -> Named | None:
        """The act named right before ``end``, with nothing but blanks, commas or a colon in between."""
        known = next((n for n in reversed(self.known_in(text[:end])) if not text[n[2] : end].strip(" ,:\u00a0")), None)
        if known:
            return Named(*known)
        token = _WORD_BEFORE.search(text[:end])
        if token and (meant := self._slip(token[1])):
            return Named(meant, token.start(1), token.end(1))
        if token and _OTHER.fullmatch(token[1]) and squash(token[1]) not in _NO_ACTS:
            return Named(None, token.start(1), token.end(1))
        return None

    def last_in(self, text: str) -> Named | None:
        """The act named last in a text by name or number, known or not ("der genannten Verordnung")."""
        known = [Named(*n) for n in self.known_in(text)]
        numbers = [Named(None, m.start(), m.end()) for m in _NUMBER.finditer(text) if m[1] not in self.numbers]
        return max([*known, *numbers], key=lambda n: n.start, default=None)

    def nearest(self, written: str) -> str | None:
        """The short name of the act whose name looks most like ``written``, or None where none does."""
        if re.search(r"\w\s+act$", written, re.I):  # "Data Act" is no slip of the pen for "AI Act"
            return None
        close = difflib.get_close_matches(squash(written), list(self._lookup), n=1, cutoff=0.6)
        return self._lookup[close[0]] if close else None

    def _slip(self, token: str) -> str | None:
        """The act meant by a name with two letters exchanged, or by a long one with a letter too many or too few.

        Short names differ by one letter only (VwVG, VwVfG), so nothing else is mended.
        """
        key = squash(token)
        if len(key) < 5 or key in self._lookup or key.startswith("sgb"):
            return None
        for known, short in self._lookup.items():
            if len(known) == len(key) and sorted(known) == sorted(key):
                differing = [i for i, (a, b) in enumerate(zip(known, key, strict=True)) if a != b]
                if len(differing) == 2 and differing[1] == differing[0] + 1:
                    return short
        if len(key) >= 9:
            close = difflib.get_close_matches(key, [k for k in self._lookup if len(k) >= 9], n=1, cutoff=0.93)
            return self._lookup[close[0]] if close else None
        return None
