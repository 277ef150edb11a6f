"""Detectors for where a person lives and what they drive.

Unlike a number with a check digit, a street or a plate means nothing by itself: each detector therefore looks
at the words around it. Findings are in characters of the reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, partial
from itertools import chain

from assistant.ask.personal_surroundings import AUTHORITY, OFFICIAL_VEHICLE, OWNER, PERSON_NEAR, PUBLIC_PLACE, VEHICLE
from assistant.ask.personal_text import Reading, Token, german_key, keys
from assistant.types import Finding

# Addresses

_streets = partial(keys, "strassen")
_PREPOSITIONS = re.compile(
    r"(?:^|[\s,;(])(?:am|im|an der|an den|auf dem|auf der|auf den|in der|in den|zum|zur|zu den|unter den|unter der|unter dem|hinter dem|hinter den|hinter der|"
    r"vor dem|vor der|vor den|über den|bei den|bei der|beim|hinterm|vorm|unterm|überm|aufm)\s$"
)
_LIVES_THERE = re.compile(r"(?:mieter|bewohn|wohnt|anwohner|eigentümer|familie|nachbar)\w{0,3} (?:an|auf) der $")
_HOUSE_NUMBER = re.compile(
    r"(?:\.?,?\s{1,2}|\.)(?:nr\.?\s?|hausnr\.?\s?|hausnummer\s)?[1-9]\d{0,3}(?:\s?[a-h](?!\w))?(?:\s?[-/+]\s?\d{1,4}[a-h]?(?!\w))?"
    r"(?![\w:%§€]|[.,/-]\d)(?!\s(?:%|€|(?:euro|eur|uhr|km|m|meter|jahr|tag|stunden|minuten|kinder|prozent|mal|personen)\b|"
    r"bis \d))"
)
_POSTCODE_AFTER = re.compile(r"[,;/|\s]{1,4}(?:in\s)?(?:d-)?\d{5}\s{1,2}[^\W\d_][\w.-]{2,30}")
_DOOR = re.compile(
    r",? ?\(?(?:\d{1,2}\.? ?(?:og|etage|stock|obergeschoss)|(?:erd|dach|ober|keller)geschoss|[ed]g\\b|hinterhaus|kellerwohnung|"
    r"(?:whg|wohnung|app|apartment|flat|zimmer|zi)\.? ?\d{1,3}|\d(?:st|nd|rd|th) floor)(?:,? (?:links|rechts|mitte|re|li)\b)?\)?"
)
_POSTCODE_BEFORE = re.compile(r"(?<!\d)\d{5}\s[^\W\d_][\w-]{2,30},?\s{1,2}$")
_NUMBER_FIRST = re.compile(
    r"\b(?:haus ?(?:nr\.?|nummer)|hausnummer|hausnr\.?|nr\.?|nummer) [1-9]\d{0,2} ?[a-h]? (?:am|im|an der|in der|auf der|auf dem|beim|von der|zum|zur) "
    r"[a-zäöüß][\w-]{3,30}|\b[1-9]\d{0,3} [a-zäöüß]{3,24}(?:strasse|straße|str\.|weg|allee|gasse|platz|ring|damm)\b"
)
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
        end = number.end()
        while (door := _DOOR.match(reading.low, end)) is not None:
            end = door.end()
        yield Finding("Anschrift", start, max(end, postcode.end() if postcode else end))
    yield from _nearby_numbers(reading)


@cache
def _endings(*sections: str) -> tuple[str, ...]:
    return tuple(_streets(*sections))


def _nearby_numbers(reading: Reading) -> Iterator[Finding]:
    """``haus nr 9 am mühlenteich``, ``nummer 17 in der heinrichstraße``: the number before the street."""
    for match in _NUMBER_FIRST.finditer(reading.low):
        before = reading.before(match.start(), 12)
        if before.endswith(("der aus ", "die aus ")) or PERSON_NEAR.search(
            reading.around(match.start(), match.end(), 90, 70)
        ):
            yield Finding("Anschrift", match.start(), match.end())


def _clear(token: Token) -> bool:
    """Whether the word is a street by itself: a clear ending, or one named after a person ("Otto-Hahn-Ring")."""
    named_after = token.key.count("-") >= 2 and token.key.endswith(_endings("moeglich"))
    return named_after or (token.key.endswith(_endings("deutlich")) and token.key not in _streets("nie"))


def _street_start(reading: Reading, index: int) -> int | None:
    """Where the street name that ends with token ``index`` begins; None if it is no street name."""
    token = reading.tokens[index]
    if token.key in _ALONE:
        previous = reading.tokens[index - 1] if index else None
        adjacent = previous is not None and token.start - previous.end <= 2 and previous.key.endswith(("er", "e", "en"))
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

_PLATE = re.compile(
    r"(?<![\w-])([a-zäöü]{1,3})\s?[- :_./]\s?([a-z]{1,2}) ?[ _:./-]? ?([1-9]\d{0,3}) ?[eh]?(?!\w|[.,:/]\d|-\d)"
)
_PLATE_IN_ONE = re.compile(r"(?<![\w-])([a-zäöü]{1,3}?)[a-z]{1,2}[1-9]\d{0,3}[eh]?(?!\w|[.,:/-]\d)")
_PLATE_WITH_TOWN = re.compile(r"(?<![\w-])[a-zäöüß]{4,18}-[a-z]{1,2}-[1-9]\d{0,3}[eh]?(?!\w|[.,:/-]\d)")
_PARKED = re.compile(r"[a-zäöü]{1,3}-[a-z]{1,2} \d{1,4}[eh]? (?:steht|stand|parkt|blockiert)\b")
_INSURANCE_PLATE = re.compile(r"(?:kenn?z?eichen|moped|mofa|roller)[^.?!]{0,30}?\b(\d{3} ?[a-z]{3})\b")
_PLATE_SAID = re.compile(
    r"tüv|kenn?z?ei[ch]{1,2}e?n\w{0,7}|kennzeichen|nummernschild|auton\w{4,6}|\\bkfz|\\bpkw|falschpark|halter|plate\\b|\\bhalter\\b|abgeschleppt|knöllchen|parkt|fahrer"
)
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
        if not (VEHICLE.search(around) or _PARKED.match(reading.low, match.start())) or (
            not capitals and code in _LOWER_WORDS and "kennz" not in around
        ):
            continue
        if not OFFICIAL_VEHICLE.search(around) or OWNER.search(around):
            yield Finding("Kennzeichen", match.start(), match.end())
    for match in _INSURANCE_PLATE.finditer(reading.low):
        yield Finding("Kennzeichen", match.start(1), match.end(1))
    for match in chain(_PLATE_IN_ONE.finditer(reading.low), _PLATE_WITH_TOWN.finditer(reading.low)):
        code = match.group(1) if match.lastindex else None
        around = reading.around(match.start(), match.end(), 40, 40)
        if (code is None or german_key(code) in codes) and _PLATE_SAID.search(around):
            yield Finding("Kennzeichen", match.start(), match.end())
