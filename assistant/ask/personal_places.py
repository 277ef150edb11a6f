"""Detectors for where a person lives, what they drive and when they were born.

Unlike a number with a check digit, a street, a plate or a date means nothing by itself: each detector therefore looks
at the words around it. Findings are in characters of the reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, partial

from assistant.ask.personal_surroundings import AUTHORITY, OFFICIAL_VEHICLE, OWNER, PERSON_NEAR, PUBLIC_PLACE, VEHICLE
from assistant.ask.personal_text import Reading, Token, german_key, keys
from assistant.types import Finding

# Addresses

_streets = partial(keys, "strassen")
_PREPOSITIONS = re.compile(
    r"(?:^|[\s,;(])(?:am|im|an der|an den|auf dem|auf der|in der|in den|zum|zur|unter den|hinter dem|vor dem|beim|hinterm|vorm|unterm|überm)\s$"
)
_LIVES_THERE = re.compile(r"(?:mieter|bewohn|wohnt|anwohner|eigentümer|familie|nachbar)\w{0,3} (?:an|auf) der $")
_HOUSE_NUMBER = re.compile(
    r"(?:\.?,?\s{1,2}|\.)(?:nr\.?\s?|hausnr\.?\s?|hausnummer\s)?[1-9]\d{0,3}(?:\s?[a-h](?!\w))?(?:\s?[-/+]\s?\d{1,4}[a-h]?(?!\w))?"
    r"(?![\w:%§€]|[.,/-]\d)(?!\s(?:%|€|(?:euro|eur|uhr|km|m|meter|jahr|tag|stunden|minuten|kinder|prozent|mal|personen)\b|"
    r"bis \d))"
)
_POSTCODE_AFTER = re.compile(r"[,;\s]{1,4}(?:in\s)?(?:d-)?\d{5}\s{1,2}[^\W\d_][\w.-]{2,30}")
_POSTCODE_BEFORE = re.compile(r"(?<!\d)\d{5}\s[^\W\d_][\w-]{2,30},?\s{1,2}$")
_SAMPLE = ("muster", "beispiel", "platzhalter")
_ALONE = frozenset("strasse str weg allee platz ring damm gasse ufer pfad berg hof".split())
"""Endings that are words of their own: ``Aachener Straße``."""


def addresses(reading: Reading) -> Iterator[Finding]:
    """A street with a house number, unless it is the address of an office, a public building or a sample."""
    for index, token in enumerate(reading.tokens):
        number = _HOUSE_NUMBER.match(reading.low, token.end)
        if number is None:
            continue
        start = _street_start(reading, index)
        if start is None or token.key.startswith(_SAMPLE) or "muster" in reading.before(token.start, 50):
            continue
        postcode = _POSTCODE_AFTER.match(reading.low, number.end())
        before = _POSTCODE_BEFORE.search(reading.before(start, 45))
        around = reading.around(start, number.end(), 90, 70)
        person = PERSON_NEAR.search(around) is not None
        if not (_clear(token) or person or postcode or before):
            continue
        if not person and (AUTHORITY.search(around) or PUBLIC_PLACE.search(around)):
            continue
        if before:
            start -= len(before[0])
        yield Finding("Anschrift", start, postcode.end() if postcode else number.end())


@cache
def _endings(*sections: str) -> tuple[str, ...]:
    return tuple(_streets(*sections))


def _clear(token: Token) -> bool:
    """Whether the word is a street by itself: a clear ending, or one named after a person ("Otto-Hahn-Ring")."""
    named_after = token.key.count("-") >= 2 and token.key.endswith(_endings("moeglich"))
    return named_after or (token.key.endswith(_endings("deutlich")) and token.key not in _streets("nie"))


def _street_start(reading: Reading, index: int) -> int | None:
    """Where the street name that ends with token ``index`` begins; None if it is no street name."""
    token = reading.tokens[index]
    if token.key in _ALONE:
        previous = reading.tokens[index - 1] if index else None
        adjacent = previous is not None and token.start - previous.end <= 2 and previous.key.endswith("er")
        return previous.start if previous is not None and adjacent else None
    if token.key in _streets("nie", "kein_ort"):
        return None
    if token.key.endswith(_endings("deutlich", "moeglich")) and len(token.key) >= 6:
        return token.start
    if (start := _after_preposition(reading, index)) is not None:
        return start
    number = _HOUSE_NUMBER.match(reading.low, token.end)
    return token.start if number and _POSTCODE_AFTER.match(reading.low, number.end()) and len(token.key) > 3 else None


def _after_preposition(reading: Reading, index: int) -> int | None:
    """``Am Mühlenbach 3``, ``An der Alten Post 12``: a preposition, up to two capitals, a number."""
    token = reading.tokens[index]
    if len(token.word) < 4 or not (token.capital or _LIVES_THERE.search(reading.before(token.start, 40))):
        return None
    start = token.start
    previous = reading.tokens[index - 1] if index else None
    if previous and previous.capital and previous.key.endswith("en") and reading.text[previous.end : start] == " ":
        start = previous.start
    match = _PREPOSITIONS.search(reading.before(start, 12))
    return start - len(match[0].lstrip(" \n,;(")) if match else None


# Number plates

_PLATE = re.compile(r"(?<![\w-])([a-zäöü]{1,3})\s?[- :_]\s?([a-z]{1,2})[ _:-]?([1-9]\d{0,3})[eh]?(?!\w|[.,:/]\d|-\d)")
_LOWER_WORDS = frozenset("in an am da du er es ab bei so wo zu we ist im um ob ja je me".split())


def plates(reading: Reading) -> Iterator[Finding]:
    """Number plates beside an owner, a driver or a private vehicle."""
    codes = keys("kennzeichen", "unterscheidungszeichen")
    for match in _PLATE.finditer(reading.low):
        code, letters, _ = match.groups()
        if german_key(code) not in codes or letters in ("vo", "rl") or (code, letters) == ("din", "en"):
            continue
        around = reading.around(match.start(), match.end(), 90, 90)
        capitals = reading.text[match.start(1)].isupper()
        if not VEHICLE.search(around) or (not capitals and code in _LOWER_WORDS and "kennz" not in around):
            continue
        if not OFFICIAL_VEHICLE.search(around) or OWNER.search(around):
            yield Finding("Kennzeichen", match.start(), match.end())


# Dates of birth

_MONTHS = r"(?:jan|feb|mär|maer|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dez|dec)[a-zäöü]{0,6}"
DATE = re.compile(
    r"(?<![\w.,/])(?:(?:0?[1-9]|[12]\d|3[01])(?:\s?[./-]\s?)(?:0?[1-9]|1[0-2])(?:\s?[./-]\s?)((?:19|20)?\d\d)"
    rf"|(?:0?[1-9]|[12]\d|3[01])(?:\.|st|nd|rd|th)?\s?(?:of )?{_MONTHS}\.?,?\s?((?:19|20)\d\d|\d\d)"
    rf"|{_MONTHS} (?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?,? ((?:19|20)\d\d)"
    r"|((?:19|20)\d\d)-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?!\w|[.,/-]\d)"
)
_BORN = (
    r"(?:\bgeb\b\.?|\bgebo?h?o?h?r[en]{1,2}\w{0,2}|\bgeburtsdat\w{0,3}|\bgebdat\w{0,3}|\bgeb\.?-?\s?dat\w{0,3}|"
    r"(?<!\d\. )(?<!\dter )\bgeburtstag(?=(?: ist| am| ist am)?[ :]{0,2}$)|\bborn|\bdob|date of birth|\*)"
)
_BORN_BEFORE = re.compile(rf"{_BORN}[^\d\n]{{0,16}}$")
_BORN_AFTER = re.compile(r"\s?(?:in [\w-]{2,30} )?(?:geboren\b|born\b)")
_LIMIT = re.compile(r"\b(?:vor|nach|ab|seit|bis|und|zwischen|before|after|since)\s(?:dem|zum|the)?\s?(?:\w{1,12}\s)?$")
_BORN_IN_MONTH = re.compile(r"\bgeb(?:oren)?\.? (?:im |in )?((?:0?[1-9]|1[0-2])[/.](?:19|20)\d\d)(?!\w|[./]\d)")
_BORN_IN_DIGITS = re.compile(
    r"\bgeb(?:urts|oren)?(?:dat\w{0,3})?\b\.?-?\s?(?:dat\w{0,3}\.?)?[ :]{1,3}"
    r"((?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)?\d\d)(?![\w/]|[.,-]\d)"
)
_YEAR_IN_WORDS = r"(?:(?:19|20)\d\d|(?:neunzehn|zwei)(?:hundert|tausend)[a-zäöüß]{0,30})"
_DAY_IN_WORDS = rf"\b[a-zäöüß]{{4,22}}ten {_MONTHS} {_YEAR_IN_WORDS}\b"
_BORN_IN_WORDS = re.compile(
    rf"{_BORN}[^\d\n]{{0,16}}?({_DAY_IN_WORDS})|({_DAY_IN_WORDS})(?: in [\w-]{{2,30}})? gebo?h?ren"
)
BIRTH_YEARS = range(1905, 2027)
"""Years in which someone alive may have been born; a date beside a name that is later is an appointment."""


def birth_year(match: re.Match[str]) -> int:
    """The year of a ``DATE`` match; two digits stand for the hundred years up to 2029."""
    digits = next(group for group in match.groups() if group)
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 30 else 1900)


def births(reading: Reading) -> Iterator[Finding]:
    """Dates said to be someone's birthday; limits of laws ("vor dem 1.1.1964 Geborene") and history are none."""
    for match in DATE.finditer(reading.low):
        before = reading.before(match.start(), 60)
        said = _BORN_BEFORE.search(before) or _BORN_AFTER.match(reading.low, match.end())
        if said and not _LIMIT.search(before) and birth_year(match) in BIRTH_YEARS and "muster" not in before:
            yield Finding("Geburtsdatum", match.start(), match.end())
    for pattern in (_BORN_IN_MONTH, _BORN_IN_DIGITS, _BORN_IN_WORDS):
        for match in pattern.finditer(reading.low):
            group = match.lastindex or 1
            yield Finding("Geburtsdatum", match.start(group), match.end(group))
