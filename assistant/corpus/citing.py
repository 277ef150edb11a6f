"""The grammar of written places of law: "Art. 6 Abs. 1 lit. a, b", "Artikeln 13 und 14", "point (e) of Article 6(1)".

It knows how places are written in German and English, in full, abbreviated, bracketed or by position ("§ 35 I 2"),
in lists and ranges, from the large to the small or the other way round. It does not know any act and no text: which
act is meant, and whether a place exists, is decided by those who call ``groups``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

Parts = tuple[tuple[str, str], ...]
"""A chain of (unit, value), largest first: (("Art.", "5"), ("Abs.", "1"))."""

TOP_UNITS = ("Art.", "§", "Anhang", "ErwG")
LOWER_UNITS = ("Abschnitt", "Abs.", "UAbs.", "Satz", "Nr.", "lit.", "Ziff.")
_RANK = dict.fromkeys(TOP_UNITS, 0) | {unit: i for i, unit in enumerate(LOWER_UNITS, start=1)}

_WORDS = {
    "Art.": r"art(?:ikel[ns]?|icles?|ikl|iekl|tt\.|\.)?",
    "§": r"§{1,2}|paragra(?:f|ph)(?:en|s)?",
    "Anhang": r"anh(?:ang(?:s|es)?|änge[ns]?|\.)?|annex(?:es)?",
    "ErwG": r"erw\.?\s?gr?(?:ünde[ns]?|\.)?|erwägungsgr(?:und(?:es)?|ünde[ns]?)|erwaegungsgrund|recitals?|(?<![/(])(?-i:EG)",
    "Abschnitt": r"abschnitt(?:s|es|en?)?|abschn\.|sections?",
    "Abs.": r"abs(?:atz(?:es)?|ätze[ns]?|\.)?|paras?\.?|paragraphs?",
    "UAbs.": r"u(?:nter)?abs(?:atz(?:es)?|ätze[ns]?|\.)?|ua|subparagraphs?",
    "Hs.": r"halbsatz|halbs\.|hs\.?",
    "Satz": r"satz(?:es)?|sätze[ns]?|sentences?|s\.?",
    "Ziff.": r"ziff(?:ern?|\.)?|(?:sub-?)?points?",
    "Nr.": r"nr[ns]?\.?|nummern?|ziff(?:ern?|\.)?|nos?\.?|numbers?|points?",
    "lit.": r"lit(?:era|t)?\.?|(?:doppel)?buchst(?:abe[ns]?|\.)?|bst\.?|points?",
}
_NUMBER = r"\d{1,3}"
_VALUES = {
    # "§ 35 a VwVfG NRW" is the older way of writing § 35a: only where nothing else can be meant by the letter.
    "Art.": rf"{_NUMBER}(?:\s?(?-i:[a-eg-z])(?=\s*(?:$|[,;.?!)„“\"]|(?-i:[A-ZÄÖÜ(])|abs|satz|nr|lit))|[a-z](?![\w]))?(?!\d)",
    "Anhang": r"(?:[IVX]{1,5}|\d{1,2})(?![\wäöü])",
    "ErwG": rf"{_NUMBER}(?!\d)",
    "Abschnitt": r"(?:[A-Z]|\d{1,2})(?![\wäöü])",
    "Abs.": r"(?:\(\d{1,2}[a-z]?\)|\d{1,2}(?:[a-z](?![\wäöü]))?(?!\d)|(?-i:[IVX]{1,4})(?![\wäöü]))",
    "UAbs.": r"\d{1,2}(?!\d)",
    "Hs.": r"\d",
    "Satz": r"\d{1,2}(?!\d)",
    "Nr.": rf"(?:\({_NUMBER}[a-z]?\)|{_NUMBER}(?:\.\d{{1,2}}\.?|(?-i:[a-z])(?![\wäöü]))?)(?!\d|\s?/\s?\d)",
    "lit.": r"\(?[a-z]{1,2}(?![\wäöü])\)?",
    "Ziff.": r"\(?[ivx]{1,5}(?![\wäöü])\)?",
}
_VALUES["§"] = _VALUES["Art."]
# "Buchstaben" is no "Buchstabe n": a letter stands apart from the word.
_GAP = r"(?:\s+|(?<=[.§])|(?=[\d(]))"
_UNIT = {unit: re.compile(rf"(?:{words}){_GAP}(?={value})", re.I) for (unit, words), value in
         ((item, _VALUES[item[0]]) for item in _WORDS.items())}  # fmt: skip
_VALUE = {unit: re.compile(value, re.I) for unit, value in _VALUES.items()}
_SPACE = re.compile(r"[\s\u00a0]*")
_COMMA = re.compile(r"\s*,\s*|\s*\.(?=\s*(?:abs|nr|lit|satz))\s*", re.I)
_JOINT = re.compile(
    r"\s*(?:(?P<range>bis(?: einschließlich)?|to|[–—-]|through)|,?\s*(?:und|oder|sowie|beziehungsweise|bzw\.|u\.|and|or)(?: nach)?"
    r"|(?:i\.?\s?V\.?\s?m\.?|in Verbindung mit)(?: dem)?|[,/])\s*",
    re.I,
)
_UPWARD = re.compile(r",?\s+(?:des|der|of(?: the)?|in|von|zu)\s+(?:vorliegenden\s+)?", re.I)
_BRACKET = re.compile(r"\s?\(\s*(\d{1,3}[a-z]?|[a-z]{1,4})\s*\)", re.I)
_ROMAN = re.compile(r"\s+([IVX]{1,4})(?![\w.-])")
_BARE_NUMBER = re.compile(r"\s+(\d{1,2})(?![\w.])")
_BARE_LETTER = re.compile(r"\s+([a-z]{1,2})(?![\wäöüß.-])\)?")
_DOUBLE_LETTER = re.compile(r"\s+(([a-z])\2)(?![\wäöüß.-])\)?")
_BARE_NUMERAL = re.compile(r"\s+([ivx]{1,5})\)")
_NUMBER_OF_ANNEX = re.compile(r",?\s+(\d{1,2})(?:\.(?!\d)|(?![\d.]))")
_DOTTED = re.compile(r"\.(\d{1,2})(?![\d]|\.\d)")
_MORE = re.compile(r"\s*(?:ff?\b\.?|et seq\.?)", re.I)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_START = re.compile(
    rf"(?<![\wäöüÄÖÜ§])(?=(?:{'|'.join(_WORDS.values())}){_GAP}\(?(?:\d|[a-z]{{1,5}}(?![\wäöü]))|(?:{'|'.join(_ORDINALS)})\s)", re.I
)
_ORDINAL = re.compile(rf"({'|'.join(_ORDINALS)})\s+(subparagraph|sentence|paragraph)s?\b", re.I)
_ORDINAL_UNIT = {"subparagraph": "UAbs.", "sentence": "Satz", "paragraph": "UAbs."}
_NO_LETTER = frozenset("in im an am so ob ja da zu es er of or to is as at be by do if it no on we".split())
_COUNTED = re.compile(
    r"\s*(?:mal|male|stück|euro|€|%|prozent|uhr|tagen?|wochen?|monate[ns]?|jahre[ns]?|weiteren?|seiten?|personen)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Span:
    """One place, or all places from ``first`` to ``last`` (a range)."""

    first: Parts
    last: Parts | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Places written together, in the characters ``[start, end)``; ``following``: "f." or "ff." stands behind."""

    spans: tuple[Span, ...]
    start: int
    end: int
    following: bool = False

    @property
    def top(self) -> str:
        """The unit the first place begins with."""
        return self.spans[0].first[0][0]


def roman_value(text: str) -> int | None:
    """The number that a roman numeral of any case stands for, or None."""
    digits = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
    low = text.lower()
    if not low or any(c not in digits for c in low):
        return None
    values = [digits[c] for c in low]
    return sum(-v if i + 1 < len(values) and values[i + 1] > v else v for i, v in enumerate(values))


def to_roman(number: int) -> str:
    """The upper-case roman numeral of a number below 50."""
    result = ""
    for value, sign in ((40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while number >= value:
            result, number = result + sign, number - value
    return result


def groups(text: str, *, relative: bool = False, paragraph: str = "§") -> Iterator[Group]:
    """All places written in a text, in order.

    ``relative``: also those that begin below the article ("Absatz 1 Buchstabe c"); ``paragraph`` is what the word
    "paragraph" means at the beginning: "§", or "Abs." in the English text of an EU act.
    """
    position = 0
    while start := _START.search(text, position):
        group = _group(text, start.start(), paragraph)
        if group is None or (not relative and group.top not in TOP_UNITS):
            position = start.start() + 1
            continue
        yield group
        position = group.end


def expanded(span: Span, limit: int = 20) -> tuple[Parts, ...]:
    """Every place of a span whose ends can be counted between ("Art. 12" to "Art. 14"); only the ends beyond ``limit``.

    Places inserted in between ("Art. 12a") are not known here.
    """
    if span.last is None:
        return (span.first,)
    (unit, low), high = span.first[-1], span.last[-1][1]
    counted: list[str] = []
    if low.isdigit() and high.isdigit():
        counted = [str(n) for n in range(int(low), int(high) + 1)]
    elif len(low) == len(high) == 1 and unit == "lit.":
        counted = [chr(n) for n in range(ord(low), ord(high) + 1)]
    elif (first := roman_value(low)) and (last := roman_value(high)):
        numerals = [to_roman(n) for n in range(first, last + 1)]
        counted = numerals if unit == "Anhang" else [n.lower() for n in numerals]
    if not 1 < len(counted) <= limit:
        counted = [low, high]
    return tuple((*span.first[:-1], (unit, value)) for value in counted)


def _clean(unit: str, raw: str) -> str:
    value = re.sub(r"[\s()]", "", raw).rstrip(".")
    if unit == "Anhang":
        return to_roman(int(value)) if value.isdigit() else value.upper()
    if unit == "Abschnitt":
        return value.upper()
    if unit == "Abs." and (roman := roman_value(value)):
        return str(roman)
    return value.lower()


def _unit_at(text: str, position: int, chain: Parts, paragraph: str) -> tuple[str, str, int] | None:
    """A unit word with its value at ``position``: (unit, value, end), or None."""
    if ordinal := _ORDINAL.match(text, position):
        unit = _ORDINAL_UNIT[ordinal[2].lower()]
        return unit, str(_ORDINALS.index(ordinal[1].lower()) + 1), ordinal.end()
    for unit, pattern in _UNIT.items():
        match = pattern.match(text, position)
        if match is None or (unit == "Ziff." and not any(u == "lit." for u, _ in chain)):
            continue
        if unit == "§" and (chain or paragraph == "Abs.") and "§" not in match.group():
            continue  # inside a chain, and in English acts, "paragraph" is an Absatz
        if unit in ("Satz", "lit.", "Abs.") and not chain and len(match.group().strip()) <= 2:
            continue  # "S. 5" alone is a page
        value = _VALUE[unit].match(text, match.end())
        if value is None or (unit == "lit." and match.group()[0] in "pP" and value.group().lower() in _NO_LETTER):
            continue  # "point of view"
        return unit, _clean(unit, value.group()), value.end()
    return None


def _short_at(text: str, position: int, chain: Parts) -> tuple[str, str, int] | None:
    """A place told by its position only: "6(1)(e)", "6 I e", "35 I 2", "Nr. 4 a"."""
    units = [unit for unit, _ in chain]
    last = units[-1]
    if match := _BRACKET.match(text, position):
        value = match[1].lower()
        if value[0].isdigit():
            return ("Nr." if units[0] == "Anhang" or "Abs." in units else "Abs."), value, match.end()
        deeper = "lit." in units and roman_value(value) is not None
        if len(value) > 2 and not deeper:
            return None
        return ("Ziff." if deeper else "lit."), value, match.end()
    if last == "Anhang" and (match := _NUMBER_OF_ANNEX.match(text, position)) and not _COUNTED.match(text, match.end()):
        return "Nr.", match[1], match.end()
    if last == "Art." and (match := _DOTTED.match(text, position)):  # "Art. 6.1 GDPR"
        return "Abs.", match[1], match.end()
    if last == "lit." and (match := _BARE_NUMERAL.match(text, position)):
        return "Ziff.", match[1], match.end()
    if len(chain) == 1 and last in ("Art.", "§") and (match := _ROMAN.match(text, position)):
        return "Abs.", str(roman_value(match[1])), match.end()
    if last == "Abs." and (match := _BARE_NUMBER.match(text, position)) and _by_position(text, match, chain):
        return "Satz", match[1], match.end()
    if last == "lit." and (match := _DOUBLE_LETTER.match(text, position)):
        return "lit.", match[1], match.end()
    if last in ("Abs.", "Nr.", "Satz") and (match := _BARE_LETTER.match(text, position)):
        return None if match[1] in _NO_LETTER else ("lit.", match[1], match.end())
    return None


def _by_position(text: str, match: re.Match[str], chain: Parts) -> bool:
    """True if a bare number after the Absatz is a sentence: only in the style that writes the Absatz in roman."""
    written = text[: match.start()].rstrip()
    return bool(re.search(r"\s[IVX]{1,4}$", written)) and not _COUNTED.match(text, match.end()) and len(chain) == 2


def _extend(text: str, end: int, chain: Parts, paragraph: str) -> tuple[Parts, int]:
    """Everything further down that is written right behind: "Art. 6" + "Abs. 1" + "lit. e"."""
    while chain[0][0] != "ErwG":
        after = _COMMA.match(text, end)
        found = None
        for position in (_SPACE.match(text, end).end(), after.end() if after else None):  # type: ignore[union-attr]
            if position is not None and (found := _unit_at(text, position, chain, paragraph)):
                break
        if found and not _fits(found[0], chain, comma=after is not None):
            found = None
        found = found or _short_at(text, end, chain)
        if found is None:
            break
        unit, value, end = found
        if unit == "Abs." and chain[0][0] == "Anhang":  # "Anhang VII Nummer 4.6 Absatz 5"
            unit = "UAbs."
        if unit != "Hs.":  # half sentences are quoted with their sentence
            chain = (*chain, (unit, value))
    return chain, end


def _fits(unit: str, chain: Parts, *, comma: bool) -> bool:
    """True if ``unit`` can stand below the end of ``chain``; "Satz" may follow a number too ("Nr. 3 Satz 2")."""
    units = [u for u, _ in chain]
    if unit == "Hs.":
        return True
    if unit == "Abs." and units[0] == "Anhang":
        return "UAbs." not in units
    if unit in TOP_UNITS or (unit == "Abschnitt" and units[0] != "Anhang"):
        return False
    if unit == "lit." and units[-1] == "lit.":
        return not comma and len(units) > 1
    if unit == "Satz":
        return "Satz" not in units
    return _RANK[unit] > max((_RANK[u] for u in units if u != "Satz"), default=_RANK["Satz"])


def _group(text: str, start: int, paragraph: str) -> Group | None:
    first = _unit_at(text, start, (), paragraph)
    if first is None or first[0] == "Hs.":
        return None
    unit, value, end = first
    if unit in TOP_UNITS and _COUNTED.match(text, end):
        return None
    chain, end = _extend(text, end, ((unit, value),), paragraph)
    spans = [Span(chain)]
    spans, end = _listed(text, end, spans, paragraph)
    if (above := _above(text, end, spans, paragraph)) is not None:
        spans, end = above
    following = _MORE.match(text, end)
    return Group(tuple(spans), start, following.end() if following else end, bool(following))


def _listed(text: str, end: int, spans: list[Span], paragraph: str) -> tuple[list[Span], int]:
    """Further places joined by "und", "oder", a comma or "bis"."""
    while joint := _JOINT.match(text, end):
        last = spans[-1].last or spans[-1].first
        found = _next_in_list(text, joint, last, paragraph)
        if found is None:
            break
        chain, end = found
        if joint["range"]:
            if len(chain) != len(last) or spans[-1].last is not None:
                break
            spans[-1] = Span(spans[-1].first, chain)
        else:
            spans.append(Span(chain))
    return spans, end


def _next_in_list(text: str, joint: re.Match[str], last: Parts, paragraph: str) -> tuple[Parts, int] | None:
    """The place behind a joint, with what it shares with the one before: "Abs. 1 und 2", "Abs. 1 und Art. 9"."""
    position = joint.end()
    found = _unit_at(text, position, last, paragraph)
    again = _BRACKET.match(text, position)
    if found is None and again and again[1][0].isdigit() and last[-1][0] == "lit." and any(u == "Abs." for u, _ in last):
        found = ("Abs.", again[1].lower(), again.end())  # "Article 60(4)(d)-(j) and (5)-(9)"
    if found is None:
        unit = last[-1][0]
        value = _VALUE[unit].match(text, position)
        if value is None or _COUNTED.match(text, value.end()) or not _same_kind(unit, value.group(), text, joint):
            return None
        found = (unit, _clean(unit, value.group()), value.end())
        if unit == "Nr." and re.search(r"[a-z]$", last[-1][1]) and not joint["range"] and found[1].isalpha():
            return None
        return _extend(text, found[2], (*last[:-1], found[:2]), paragraph)
    unit, value_text, end = found
    if unit in TOP_UNITS:
        if last[0][0] not in TOP_UNITS or _COUNTED.match(text, end):
            return None
        return _extend(text, end, ((unit, value_text),), paragraph)
    at = next((i for i, (u, _) in enumerate(last) if u == unit), None)
    if at is None:
        # "Abs. 1 lit. e, Satz 2" goes back to the Absatz; what would lie deeper than the last place begins anew.
        at = next((i for i, (u, _) in enumerate(last) if _RANK[u] > _RANK[unit]), None)
    if at is None or (at == 0 and last[0][0] in TOP_UNITS):
        return None
    return _extend(text, end, (*last[:at], (unit, value_text)), paragraph)


def _same_kind(unit: str, raw: str, text: str, joint: re.Match[str]) -> bool:
    """False where what follows a joint only looks like a further value ("Buchstabe a, es sei denn")."""
    if unit == "Anhang":
        return not raw.isdigit()  # "Anhang III, 4 a" is a number of this annex
    if unit != "lit.":
        return True
    after = text[joint.end() + len(raw) :]
    return len(_clean(unit, raw)) == 1 or raw.startswith("(") or bool(re.match(r"\s*(?:$|[,;:.)]|und|oder|and|or|der|des)", after))


def _above(text: str, end: int, spans: list[Span], paragraph: str) -> tuple[list[Span], int] | None:
    """What stands above, written behind: "point (e) of Article 6(1)", "Buchstabe c des Absatzes 1"."""
    lowest = spans[0].first[0][0]
    if lowest in ("Art.", "Anhang", "ErwG"):
        return None
    joint = _UPWARD.match(text, end) or (re.compile(r"\s+").match(text, end) if lowest != "§" else None)
    found = _unit_at(text, joint.end(), (), paragraph) if joint else None
    if found is None:
        return None
    if lowest == "§":
        if found[0] not in ("Art.", "Anhang"):
            return None
        spans = [Span(_as_paragraph(s.first), _as_paragraph(s.last) if s.last else None) for s in spans]
        lowest = "Abs."
    if _RANK[found[0]] >= _RANK[lowest]:
        return None
    chain, end = _extend(text, found[2], (found[:2],), paragraph)
    if _RANK[chain[-1][0]] >= _RANK[lowest]:
        return None
    raised = [Span((*chain, *s.first), (*chain, *s.last) if s.last else None) for s in spans]
    return _above(text, end, raised, paragraph) or (raised, end)


def _as_paragraph(parts: Parts) -> Parts:
    """The word "paragraph" before "of Article 5" is an Absatz."""
    return (("Abs.", parts[0][1]), *parts[1:])
