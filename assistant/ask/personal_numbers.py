"""Detectors for numbers and addresses that identify a person by themselves: accounts and identifiers.

Each detector is a pure function from a reading to findings in characters of the reading. A number with a valid check
digit counts without further ado; one without (a typing mistake, an old number) counts only beside its name ("IBAN",
"Steuer-ID"). Every pattern is bounded, so the time grows with the length of the text and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import iban, luhn
from stdnum.de import idnr

from assistant.ask.personal_text import Reading
from assistant.types import Finding

IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
    "YE": 30,
}  # fmt: skip

NEUTRAL_NUMBER = re.compile(
    r"(?:ticket|\binc|\breq|bestell|artikel|auftrag|vergabe|rechnung|inventar|serie|modell|version|build|drucksache|"
    r"vorlage|isbn|issn|ean|gtin|cpv|liefer|anlage|sachkonto|produkt|kostenst|haushalt|ausschreib|lizenz|zähler|"
    r"störung|beschluss|celex)[\w-]{0,14}[ .:#-]{0,3}(?:nr|nummer|number|no)?[ .:#-]{0,3}$"
)
"""Right before a number: it counts things or transactions, not people."""

_LOOKALIKE_DIGITS = str.maketrans("oli", "011")
_EVEN_RUNS = ("0123456789" * 2, "9876543210" * 2)


def trivial(characters: str) -> bool:
    """Whether these are sample digits: few different ones, or counted up or down."""
    digits = "".join(c for c in characters if c.isdigit())
    return len(set(digits)) <= 2 or (len(digits) >= 5 and any(digits in run or digits[:9] in run for run in _EVEN_RUNS))


def labelled(reading: Reading, start: int, pattern: re.Pattern[str], reach: int = 40) -> bool:
    """Whether ``pattern`` is found in the ``reach`` lower-case characters before ``start``."""
    return pattern.search(reading.before(start, reach)) is not None


def _explained(reading: Reading, end: int, pattern: re.Pattern[str]) -> bool:
    """Whether the name of the number comes after it in the same sentence: ``7129… ist die Steuer-ID``."""
    return pattern.search(reading.after(end, 60).split("?")[0].split(". ")[0]) is not None


def _neutral(reading: Reading, start: int) -> bool:
    return NEUTRAL_NUMBER.search(reading.before(start, 40)) is not None


# Accounts and cards

_IBAN_HEAD = re.compile(r"(?:(?<![a-z0-9])|(?<=iban))[a-z]{2}[ .:-]?[\doli][ ]?[\doli](?=[ ./|-]{0,2}[a-z0-9])")
_GERMAN_ACCOUNT = re.compile(r"[\doli]+(?![^\W_])")
_ANY_ACCOUNT = re.compile(r"[a-z0-9]")
_ACCOUNT_WORD = re.compile(r"iban|konto|kto|bankverbindung|überweis|account|sepa|lastschrift")
_OLD_ACCOUNT = re.compile(
    r"\b(?:konto(?:nummer|nr)?|kto)\b\W{0,3}(?:nr\b)?\W{0,3}(\d[\d ]{5,11}\d)\D{1,12}\d[\d ]{6,10}\d"
)
_CARD = re.compile(r"(?<![\w.,-])(?:\d{4}([ .-]?)\d{4}\1\d{4}\1\d{1,7}|3\d{3}[ -]?\d{6}[ -]?\d{5})(?![\w,]|[.-]\d)")
_CARD_HEAD = re.compile(r"4|5[0-9]|2[2-7]|3[4-9]|6")
_CARD_WORD = re.compile(r"karte|karten(?:nr|nummer)|card|visa|mastercard|amex|girocard")


def ibans(reading: Reading) -> Iterator[Finding]:
    """International account numbers of every country, in any grouping, also mistyped ones beside "IBAN" or "Konto"."""
    for head in _IBAN_HEAD.finditer(reading.low):
        country = head[0][:2].upper()
        length = IBAN_LENGTHS.get(country)
        if length is None:
            continue
        allowed = _GERMAN_ACCOUNT if country == "DE" else _ANY_ACCOUNT
        end, code = _collect(reading.low, head.start(), length, allowed)
        if country == "DE":
            code = code[:2] + code[2:].translate(_LOOKALIKE_DIGITS)
        whole = len(code) == length and not reading.low[end : end + 1].isalnum()
        if trivial(code[4:]):
            continue
        written_like_one = country == "DE" and code[2:].isdigit() and len(code) >= length - 2
        said = labelled(reading, head.start(), _ACCOUNT_WORD) and sum(c.isdigit() for c in code) >= 12
        mistyped = said and (whole or country == "DE")
        if mistyped or written_like_one or (whole and iban.is_valid(code.upper(), check_country=False)):
            yield Finding("IBAN", head.start(), end)


def _collect(low: str, start: int, length: int, allowed: re.Pattern[str]) -> tuple[int, str]:
    """Up to ``length`` letters and digits from ``start``, at most two separators between them, and where they end.

    What is not ``allowed`` after a separator is the next word of the sentence.
    """
    taken: list[str] = []
    end = position = start
    while len(taken) < length and position < len(low):
        if position > end and not allowed.match(low, position) and low[position].isalnum():
            break
        if low[position].isalnum():
            taken.append(low[position])
            position += 1
            end = position
        elif low[position] in " ./|-\n" and position - end < 2:
            position += 1
        else:
            break
    return end, "".join(taken)


def old_accounts(reading: Reading) -> Iterator[Finding]:
    """An account number followed by a bank code, as on old forms."""
    for match in _OLD_ACCOUNT.finditer(reading.low):
        if not trivial(match[1]):
            yield Finding("Bankverbindung", match.start(1), match.end())


def cards(reading: Reading) -> Iterator[Finding]:
    """Payment card numbers: known first digits and Luhn sum; beside "Karte" also mistyped ones."""
    for match in _CARD.finditer(reading.low):
        digits = "".join(c for c in match[0] if c.isdigit())
        if trivial(digits) or not _CARD_HEAD.match(digits) or not 13 <= len(digits) <= 19:
            continue
        said = labelled(reading, match.start(), _CARD_WORD)
        if said or (luhn.is_valid(digits) and not _neutral(reading, match.start())):
            yield Finding("Kartennummer", match.start(), match.end())


# Identifiers given by the state

_TAX_ID = re.compile(r"(?<![\w-])(?<!\d[ .,/])\d{2}[ ./-]?\d{3}[ ./-]?\d{3}[ ./-]?\d{3}(?![\w]|[ .,/-]\d)")
_TAX_LABELLED = re.compile(
    r"(?:\bid-?n(?:r|umm\w{0,3})|\bsteu[a-zä]{0,3}r?-?\s?id[a-z]{0,20}|\btin|\btax id)(?:-?nr)?[ .:]{1,3}(?:lautet |ist )?((?:\d[ ./-]{0,2}){10}\d)(?![\w]|[.,/-]\d)"
)
_TAX_WORD = re.compile(
    r"steu[a-zä]{0,3}r?-?\s?(?:id|in?dent\w{0,20}|nummer|nr)|\bid[ -]?n(?:r|umm)|\bidentifikationsn|\btin\b|\btax\b[ -]?(?:id|number)|st\.-?nr"
)
_TAX_NUMBER = re.compile(r"(?<![\w/])\d{2,3} ?/ ?\d{3,4} ?/ ?\d{4,5}(?![\w/])")
_PENSION = re.compile(r"(?<!\w)\d{2}[ .-]?\d{2}[ .]?\d{2}[ .]?\d{2}[ .-]?[a-z][ .-]?\d{2}[ ]?\d(?!\w)")
_PENSION_WORD = re.compile(r"rente|sozialvers|\bsv\b|\bsvnr|\brvnr|\bvsnr|versicherungsn|pension|social security")
_HEALTH = re.compile(r"(?<![\w-])[a-z][ ]?\d{3}[ ]?\d{3}[ ]?\d{3}(?!\w|-\d)")
_HEALTH_WORD = re.compile(r"versichert|\bkv\b|\bkvnr|krankenk|krankenvers|gesundheitskarte|\begk\b|\bkasse|insur")
_ID_CARD = re.compile(
    r"(?<![\w-])(?:(?=[a-z]{1,3}\d)[cfghjklmnprtvwxyz](?: ?[cfghjklmnprtvwxyz0-9]){8,9}|\d{10})(?!\w)"
)
_ID_WORD = re.compile(
    r"ausweis|\bperso\b|\bpass\b|reisep|\bpassport|\bpass-?(?:nr|nummer)|aufenthaltstitel|\bid[ -]card|\bidentity"
)
_LICENCE = re.compile(r"(?<![\w-])[a-z]\d{2}[0-9a-z]{6}\d[0-9a-z](?!\w)")
_LICENCE_WORD = re.compile(r"führerschein|fahrerlaubnis|driv\w{2,4} licen")
_WEIGHTS_PENSION = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)


def _compact(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _digit_sums(digits: str, weights: tuple[int, ...]) -> int:
    return sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(digits, weights, strict=True))


def _letter_as_digits(letter: str) -> str:
    return f"{ord(letter) - ord('a') + 1:02d}"


def valid_pension_number(code: str) -> bool:
    """Check digit of a lower-case pension insurance number of twelve characters (VKVV § 4)."""
    digits = code[:8] + _letter_as_digits(code[8]) + code[9:11]
    return _digit_sums(digits, _WEIGHTS_PENSION) % 10 == int(code[11])


def valid_health_number(code: str) -> bool:
    """Check digit of a lower-case health insurance number, a letter and nine digits (SGB V § 290: weights 1 and 2)."""
    return _digit_sums(_letter_as_digits(code[0]) + code[1:9], (1, 2) * 5) % 10 == int(code[9])


def valid_id_card(code: str) -> bool:
    """Check digit of a serial number of ten lower-case characters (ICAO Doc 9303: weights 7, 3, 1)."""
    total = sum(int(c, 36) * weight for c, weight in zip(code[:9], (7, 3, 1) * 3, strict=True))
    return code[9].isdigit() and total % 10 == int(code[9])


def tax_ids(reading: Reading) -> Iterator[Finding]:
    """Tax identification numbers (eleven digits); beside "Steuernummer" also the older numbers with strokes."""
    for match in _TAX_ID.finditer(reading.low):
        digits = _compact(match[0])
        said = labelled(reading, match.start(), _TAX_WORD) or _explained(reading, match.end(), _TAX_WORD)
        valid = idnr.is_valid(digits) and not _neutral(reading, match.start()) and digits[0] != "0"
        if not trivial(digits) and (said or valid):
            yield Finding("Steuer-ID", match.start(), match.end())
    for match in _TAX_LABELLED.finditer(reading.low):
        if not trivial(match[1]):
            yield Finding("Steuer-ID", match.start(1), match.end(1))
    for match in _TAX_NUMBER.finditer(reading.low):
        if labelled(reading, match.start(), _TAX_WORD) and not trivial(match[0]):
            yield Finding("Steuernummer", match.start(), match.end())


def pension_numbers(reading: Reading) -> Iterator[Finding]:
    """Pension insurance numbers, in which the birthday is written."""
    for match in _PENSION.finditer(reading.low):
        code = _compact(match[0])
        plausible = 1 <= int(code[4:6]) <= 12 and code[8].isascii()
        if plausible and (valid_pension_number(code) or labelled(reading, match.start(), _PENSION_WORD)):
            yield Finding("Rentenversicherungsnummer", match.start(), match.end())


def health_numbers(reading: Reading) -> Iterator[Finding]:
    """Health insurance numbers: a letter and nine digits."""
    for match in _HEALTH.finditer(reading.low):
        code = _compact(match[0])
        if trivial(code) and not labelled(reading, match.start(), _HEALTH_WORD, 25):
            continue
        valid = valid_health_number(code) and not _neutral(reading, match.start())
        if valid or labelled(reading, match.start(), _HEALTH_WORD) or _explained(reading, match.end(), _HEALTH_WORD):
            yield Finding("Krankenversichertennummer", match.start(), match.end())


def id_cards(reading: Reading) -> Iterator[Finding]:
    """Serial numbers of identity cards and passports, driving licences beside their name."""
    for match in _ID_CARD.finditer(reading.low):
        code = _compact(match[0])
        digits = sum(c.isdigit() for c in code)
        said = labelled(reading, match.start(), _ID_WORD) or _explained(reading, match.end(), _ID_WORD)
        if not 9 <= len(code) <= 10 or digits < (2 if said else 5) or trivial(code):
            continue
        checked = len(code) == 10 and digits < 10 and valid_id_card(code)
        if said or (checked and not _neutral(reading, match.start())):
            yield Finding("Ausweisnummer", match.start(), match.end())
    for match in _LICENCE.finditer(reading.low):
        if labelled(reading, match.start(), _LICENCE_WORD) and sum(c.isdigit() for c in match[0]) >= 4:
            yield Finding("Führerscheinnummer", match.start(), match.end())
