"""Dates of birth, in digits and in words; a date means nothing by itself, so the words around it decide."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.ask.personal_text import Reading
from assistant.types import Finding

_MONTHS = r"(?:jan|feb|mär|maer|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dez|dec)[a-zäöü]{0,6}"
DATE = re.compile(
    r"(?<![\w.,/])(?:(?:0?[1-9]|[12]\d|3[01])(?:\s?[./-]\s?)(?:0?[1-9]|1[0-2])(?:\s?[./-]\s?)((?:19|20)?\d\d)"
    rf"|(?:0?[1-9]|[12]\d|3[01])(?:\.|st|nd|rd|th)?\s?(?:of )?{_MONTHS}\.?,?\s?((?:19|20)\d\d|\d\d)"
    r"|(?:0?[1-9]|[12]\d|3[01])\.? ?(?:viii|vii|vi|iv|v|iii|ii|i|xii|xi|x|ix)\.? ?((?:19|20)\d\d)"
    rf"|{_MONTHS} (?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?,? ((?:19|20)\d\d)"
    r"|((?:19|20)\d\d)-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?!\w|[.,/-]\d)"
)
_BORN = (
    r"(?:\bgeb\b\.?|\bgebo?h?o?h?r[en]{1,2}\w{0,2}|\bgeburtsdat\w{0,3}|\bge?b[a-zöäü]{0,7}dat\w{0,3}|\bgeb\.?-?\s?dat\w{0,3}|\bgeb\.-\s?dat|"
    r"(?<!\d\. )(?<!\dter )\bgebu?r[tz]{1,2}s?tag(?=(?: ist| am| ist am)?[ :]{0,2}$)|\bborn|\bdob|date of birth|\*)"
)
_BORN_BEFORE = re.compile(rf"{_BORN}(?:[^\d\n]{{0,16}}|[^\d\n.?!]{{0,40}})$")
_BORN_AFTER = re.compile(r"\s?(?:in [\w-]{2,30} )?(?:geboren\b|geb\b|gebohren\b|geborn\b|born\b|zur welt)")
_LIMIT = re.compile(r"\b(?:vor|nach|ab|seit|bis|und|zwischen|before|after|since)\s(?:dem|zum|the)?\s?(?:\w{1,12}\s)?$")
_BORN_IN_MONTH = re.compile(r"\bgeb(?:oren)?\.? (?:im |in )?((?:0?[1-9]|1[0-2])[/.](?:19|20)\d\d)(?!\w|[./]\d)")
_BORN_IN_DIGITS = re.compile(
    r"\bge?b[a-zöäü]{0,7}(?:dat\w{0,3})?\b\.?-?\s?(?:dat\w{0,3}\.?)?[ :]{1,3}"
    r"((?:0[1-9]|[12]\d|3[01]) ?(?:0[1-9]|1[0-2]) ?(?:19|20)?\d\d)(?![\w/]|[.,-]\d)"
)
_BORN_IN_A_FIELD = re.compile(
    r"\bge?b[a-zöäü]{0,7}dat\w{0,3}\.?[ :]{1,3}(\d{1,2}[./-]\d{1,2}[./-]\d{2,4})(?![\w/]|[.,-]\d)"
)
_YEAR_IN_WORDS = (
    r"(?:(?:19|20)\d\d|(?:neunzehn|zwei)(?:hundert|tausend)[a-zäöüß]{0,30}|[a-zäöüß]{0,12}(?:zig|ßig|ssig)|[3-9]\d)"
)
_ORDINAL = r"(?:[a-zäöüß]{2,22}t(?:e|en|er)|(?:0?[1-9]|[12]\d|3[01])t?e[nr])"
_DAY_IN_WORDS = rf"\b{_ORDINAL} (?:{_MONTHS}|{_ORDINAL}) {_YEAR_IN_WORDS}\b"
_BORN_IN_WORDS = re.compile(
    rf"(?<!\w)({_ORDINAL} (?!hand|person|stelle|mal)[a-zäöüß]{{3,12}}t(?:er|en) (?:neunzehn|zwei)(?:hundert|tausend)[a-zäöüß]{{0,30}})|"
    rf"{_BORN}[^\d\n]{{0,16}}?({_DAY_IN_WORDS})|({_DAY_IN_WORDS})(?: in [\w-]{{2,30}})?,? (?:gebo?h?ren|born|zur welt|auf die welt)"
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
    for pattern in (_BORN_IN_MONTH, _BORN_IN_DIGITS, _BORN_IN_A_FIELD, _BORN_IN_WORDS):
        for match in pattern.finditer(reading.low):
            group = match.lastindex or 1
            yield Finding("Geburtsdatum", match.start(group), match.end(group))
