"""File, customer and personnel numbers: when one points at a person.

A number of an employee, a pupil or a household does so by itself. A file number does beside a name, beside a word for
the person it is about, or where it carries the sign of a procedure that only people have (``51-UVG-3391/25``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.ask.personal_numbers import trivial
from assistant.ask.personal_surroundings import PERSON_NEAR
from assistant.ask.personal_text import MASK, Reading, keys
from assistant.ask.personal_words import is_noun
from assistant.types import Finding

_NUMBER_WORD = r"(?:n(?:umm|u?m|r|o)?\w{0,5})"
_EMPLOYEE = (
    rf"pers(?:onal)?[a-zäöü]{{0,5}}[ .-]{{0,2}}n(?:umm|u?m|r|o)\w{{0,5}}|p\.?n\.?r?|persnr|"
    rf"(?:ma|mitarb\.?|mitarbeiter|beschäftigten|azubi|stamm)[ .-]{{1,2}}{_NUMBER_WORD}|mitarbeitern(?:r|ummer)|"
    r"personnel (?:no|number)|(?:employee|staff|payroll)[ -](?:no|number|id)"
)
_PERSON_OR_HOUSEHOLD = (
    rf"bg|bg[ -]?n(?:umm|r)\w{{0,3}}|bedarfsgem\w{{0,14}}|"
    rf"(?:matrikel|martikel|schüler|studenten|patienten|versicherten|klienten)[ .-]{{0,2}}{_NUMBER_WORD}"
)
_PAYMENT = r"kassenzeich\w{0,3}|buchungszeichen"
_FILE = (
    r"az|aktenzeich\w{0,3}|aktennummer|aktennr|(?:bei)?akte|geschäftszeichen|gesch\.?-?z|vorgangsn\w{1,6}|fallnummer|"
    r"vorgang|[\w-]{0,20}verfahren|reference|(?:file|case) (?:no|number)"
)
_CUSTOMER_NUMBER = rf"kundenn\w{{1,6}}|kd\.?-?nr|debitor\w{{0,8}}|vertragsn\w{{1,6}}|mitgliedsn\w{{1,6}}|k(?:un)?d(?:en)?[ .-]{_NUMBER_WORD}"
_LABELLED = re.compile(
    rf"\b(?:(?P<employee>{_EMPLOYEE})|(?P<household>{_PERSON_OR_HOUSEHOLD})|(?P<payment>{_PAYMENT})|(?P<file>{_FILE})|"
    rf"(?P<customer>{_CUSTOMER_NUMBER}))\b[.:# ]{{0,3}}(?:nr\.?|nummer|number|no\.?|lautet|ist|is|vom jobcenter \w{{1,12}},?)?"
    r"[.:# ]{0,3}(?P<number>(?:ja |sgb [ivx]{1,4} )?(?=[a-z]{0,8}[./-]?\d|[\w./-]{1,9}\d)[a-z0-9][\w./-]{2,28}(?: [\w./-]{1,12}\d)?|\d{1,4}(?: \d{1,4}){1,5}(?!\w))"
)
_HOUSEHOLD_NUMBER = re.compile(r"(?<![\w/-])\d{5}(?://|bg)\d{7}(?!\w)|(?<![\w-])\d{3}d\d{6}(?!\w)")
"""As the employment agencies number households and customers."""
_COURT_NUMBER = re.compile(r"(?:[ivx]{1,5}|\d{1,3}) [a-z]{1,5}(?:-\w+)? \d+/\d\d|[ct]-\d+/\d\d|\d+/\d\d$")
_PERSONAL_PROCEDURE = re.compile(
    r"(?:^|[\d ./-])(?:uvg|owi|wg|wog|wohng|but|hze|sgb|asyl|eb|ja|jgh|bst|gewa|wbs|aufenth|fe|pfl|uhv|bvfg|vorm|"
    r"adopt|betr|hilu|grusi|asylblg)(?=[\d ./-])"
)
_ABOUT_SOMEONE = re.compile(
    PERSON_NEAR.pattern + r"|\bmann\b|\bfraun?\b|\bkind|betreiber|schülerin|gewalt|zahlt n|gezahlt|abgelehnt|"
    r"\bdriver|\bchild|beistandschaft|vormund|wohngeld|unterhalt|grundsicherung|sozialhilfe|bürgergeld|sorgerecht|einbürger|aufenthalt|jugendhilfe|hundesteuer|pfändung|verschuld|\beltern"
)
_MATTER = re.compile(
    r"vormund|beistandschaft|wohngeld|unterhalt|grundsicherung|sozialhilfe|sorgerecht|einbürger|jugendhilfe"
)
_THINGS = re.compile(
    r"ticket|gmbh|\bag\b|rechnungsprüf|satzung|haushalt|dienstanweisung|server|software|vergabe|lieferant|anbieter"
)
_CUSTOMER = re.compile(
    r"\b(?:der|des|dem|den|die|zum|zur|vom|ein\w{0,2}) (?:kund|bürger|antragsteller|schuldner|mieter|patient|betroffen)\w{0,5}"
    r"(?: (?:mit|der|die|unter|hat|dessen|deren)){0,3}\W{0,2}$"
)
"""Right before a file number: it is the number of one customer or citizen."""


def file_numbers(reading: Reading, named: bool) -> Iterator[Finding]:
    """File and customer numbers of people; ``named`` tells whether the question holds a name."""
    for match in _LABELLED.finditer(reading.low):
        number = match["number"]
        if sum(c.isdigit() for c in number) < 3 or _COURT_NUMBER.match(number) or MASK in number:
            continue
        bearer = _bearer(reading, match.end())
        if named or bearer or (not trivial(number) and _of_a_person(reading, match)):
            yield Finding("Personalnummer" if match["employee"] else "Aktenzeichen", *match.span("number"))
            yield from bearer
    for match in _HOUSEHOLD_NUMBER.finditer(reading.low):
        yield Finding("Aktenzeichen", match.start(), match.end())


def _of_a_person(reading: Reading, match: re.Match[str]) -> bool:
    """Whether the number is that of one person or household, by its name, its signs or the words around it."""
    if match["employee"] or match["household"] or _CUSTOMER.search(reading.before(match.start(), 40)):
        return True
    around = f"{reading.around(match.start(), match.end(), 60, 70)} {match[0]}"
    if match["customer"] or _THINGS.search(around):
        return False
    if match["payment"] or _PERSONAL_PROCEDURE.search(match["number"]):
        return True
    about = _MATTER if match["file"] == "vorgang" else _ABOUT_SOMEONE
    return about.search(around) is not None


def _bearer(reading: Reading, position: int) -> tuple[Finding, ...]:
    """The name right after a number: ``Kundennummer 448120 Schlottmann``, ``Personalnr. 77120 (Sczepanski)``."""
    tokens = reading.between(position, position + 40)
    if tokens and tokens[0].key in keys("personenwoerter", "bezeichnung") and tokens[0].start - position <= 3:
        position, tokens = tokens[0].end, tokens[1:]
    for token in tokens[:1]:
        known = token.within(keys("nachnamen", "eindeutig", "mehrdeutig"))
        beside = reading.text[position : token.start] in (" ", ", ", " (")
        if beside and len(token.word) > 3 and not is_noun(token) and (token.capital or known):
            return (Finding("Name", token.start, token.end),)
    return ()
