"""Detectors for e-mail addresses and telephone numbers of people, also dictated ones.

Each detector is a pure function from a reading to findings in characters of the reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from assistant.ask.personal_numbers import labelled, trivial
from assistant.ask.personal_surroundings import of_an_authority
from assistant.ask.personal_text import Reading, keys
from assistant.types import Finding

_EMAIL = re.compile(
    r"(?<![\w.+-])([\w+-]{1,40}(?:\.[\w+-]{1,40}){0,5})(?: ?@ ?| ?[(\[{] ?(?:at|ät|@) ?[)\]}] ?)"
    r"([\w-]{1,60}(?:(?:\.| ?[(\[{] ?(?:dot|punkt) ?[)\]}] ?)[\w-]{1,60}){0,4})"
)
_EMAIL_IN_WORDS = re.compile(
    r"(?<![\w.+-])((?=[\w+-]{0,40}[._\d-]| ?\w{1,40} (?:punkt|dot) )[\w+-]{1,40}(?:(?:\.| punkt | dot )[\w+-]{1,40}){0,5})"
    r" (?:at|ät) ([\w-]{1,60}(?:(?:\.| punkt | dot )[\w-]{1,60}){1,4})"
)
"""``s.kern at web punkt de``; the name has a dot, a digit or a stroke, unlike "look at web.de"."""
_FREEMAIL = re.compile(
    r"(?:gmx|web|gmail|googlemail|hotmail|outlook|yahoo|icloud|t-online|freenet|posteo|mailbox|live|arcor|aol|vodafone|"
    r"netcologne|proton|protonmail|mail|online|unitybox)\b"
)
_EMAIL_DICTATED = re.compile(
    r"(?<![\w.+-])([\w.+-]{2,40}(?: (?:punkt|dot|bindestrich|minus|unterstrich) [\w+-]{1,30}){0,4}) (?:at|ät|klammeraffe) "
    r"((?:gmx|web|gmail|googlemail|hotmail|outlook|yahoo|icloud|t-online|freenet|posteo|aol) (?:punkt|dot) (?:de|com|net|org))\b"
)
_LOCAL_PART = re.compile(r"[^\W\d_]+")

_PHONE = re.compile(r"(?<![\w/,+])(?<![\d\w][.-])(?:\+ ?|\(?\+|00|\(?0 ?)[1-9][\d ()/.-]{3,22}\d(?![\w])")
_PHONE_WORD = re.compile(
    r"\b(?:tel|telefon\w{0,8}|fon|ruf\w{0,8}|rückruf\w{0,8}|handy\w{0,8}|mobil\w{0,8}|fax\w{0,8}|phone|mobile|cell|"
    r"call\w{0,3}|nummer|nr|anruf\w{0,3}|angerufen|erreichbar|whatsapp|durchwahl|sms)\b"
)
_LOCAL_NUMBER = re.compile(
    r"\b(?:tel|telefon|telefonnummer|fon|handy|rufnummer|phone)\b[.:, ]{0,3}(?:nr\.? ?)?"
    r"([1-9]\d{2,4}[ /-]?\d{2,5})(?![\w]|[./-]\d)"
)
_SERVICE_NUMBER = re.compile(r"^(?:\+?49|0)?(?:800|180\d|18\d|900|137|138|700|116\d{3}|11\d\b|19222)")
_NOT_A_PHONE = re.compile(r"-0$|^\d{1,2}\.\d{1,2}\.(?:\d{2}|\d{4})(?!\d)|[/-](?:19|20)\d\d$|^\d{1,3}(?:\.\d{2}){2,}$")


_SCANNED = re.compile(
    r"\b(?:tel|telefon|fon|ruf|handy|hndy|mobil|phone|fax)[a-zäöü.]{0,10}[.: ]{1,3}(\(?[o0][\do ()/.-]{6,20}[\do])(?!\w)"
)
"""A telephone number in which a scanner read a nought as the letter."""


def emails(reading: Reading) -> Iterator[Finding]:
    """E-mail addresses of people; mailboxes of offices and sample addresses are none."""
    functional = keys("postfaecher", "ganz")
    endings = tuple(keys("postfaecher", "ende"))
    units = keys("postfaecher", "anfang")
    given = keys("vornamen", "eindeutig")
    for match in chain(*(pattern.finditer(reading.low) for pattern in (_EMAIL, _EMAIL_IN_WORDS, _EMAIL_DICTATED))):
        local, domain = match.groups()
        if not any(sign in domain for sign in (".", "(", " ")) and not _FREEMAIL.match(domain):
            continue
        parts = _LOCAL_PART.findall(local)
        if local in functional or not parts or any(p.startswith(("muster", "vorname", "xx")) for p in parts):
            continue
        office = parts[0] in units or any(p in functional or p.endswith(endings) for p in parts)
        private = _FREEMAIL.match(domain) is not None or any(p in given for p in parts if p not in functional)
        if private or not office:
            yield Finding("E-Mail-Adresse", match.start(), match.end())


def phones(reading: Reading) -> Iterator[Finding]:
    """Telephone and fax numbers of people, German and foreign; numbers of offices and services are none."""
    for match in _PHONE.finditer(reading.low):
        end = _phone_end(reading, match.start(), match.end())
        if end is not None:
            start = match.start() + (1 if reading.low[match.start()] == "(" and ")" not in match[0] else 0)
            yield Finding("Telefonnummer", start, end)
    yield from _dictated_numbers(reading)
    for match in _SCANNED.finditer(reading.low):
        if _plausible_phone(match[1].replace("o", "0"), True) and not _of_an_office(
            reading, match.start(1), match.end()
        ):
            yield Finding("Telefonnummer", match.start(1), match.end())
    for match in _LOCAL_NUMBER.finditer(reading.low):
        digits = "".join(c for c in match[1] if c.isdigit())
        if 5 <= len(digits) <= 9 and not trivial(digits) and not _of_an_office(reading, match.start(1), match.end()):
            yield Finding("Telefonnummer", match.start(1), match.end())


def _phone_end(reading: Reading, start: int, end: int) -> int | None:
    """Where the telephone number from ``start`` ends: the longest prefix, cut at separators, that is one."""
    said = labelled(reading, start, _PHONE_WORD, 30)
    for _ in range(6):
        written = reading.low[start:end]
        if _plausible_phone(written, said):
            return None if _of_an_office(reading, start, end) else end
        shorter = max(written.rfind(c) for c in " ()/.-")
        if shorter < 6:
            return None
        end = start + len(written[:shorter].rstrip(" ()/.-"))
    return None


def _plausible_phone(written: str, labelled: bool) -> bool:
    import phonenumbers  # 50 ms of import that most questions never need

    digits = "".join(c for c in written if c.isdigit() or c == "+")
    if not 7 <= len(digits) <= 16 or _NOT_A_PHONE.search(written) or _SERVICE_NUMBER.match(digits.removeprefix("00")):
        return False
    if trivial(digits[1:]) or trivial(digits.lstrip("0+49")) or (not labelled and len(digits) < 9):
        return False
    try:
        number = phonenumbers.parse(written.replace("(0)", ""), "DE")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number) or (labelled and phonenumbers.is_possible_number(number))


def _of_an_office(reading: Reading, start: int, end: int) -> bool:
    """Whether the surroundings name an authority and no private person."""
    return of_an_authority(reading.around(start, end, 110, 60))


_DIGIT_WORDS = r"(?:null|eins?|zwei|zwo|drei|vier|fünf|fuenf|sechs|sieben|acht|neun|zero|one|two|three|four|five|six|seven|eight|nine)"
_DICTATED = re.compile(rf"\b{_DIGIT_WORDS}(?:(?: |, | - |-|/| / ){_DIGIT_WORDS}){{6,18}}\b")


def _dictated_numbers(reading: Reading) -> Iterator[Finding]:
    """Seven or more digits in words: ``null eins sieben eins drei neun zwo``."""
    for match in _DICTATED.finditer(reading.low):
        if not _of_an_office(reading, match.start(), match.end()):
            yield Finding("Telefonnummer", match.start(), match.end())
