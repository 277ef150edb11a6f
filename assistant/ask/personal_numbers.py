"""Detectors for numbers and addresses that identify a person by themselves: accounts, identifiers, contact data.

Each detector is a pure function from a reading to findings in characters of the reading. A number with a valid check
digit counts without further ado; one without (a typing mistake, an old number) counts only beside its name ("IBAN",
"Steuer-ID"). Every pattern is bounded, so the time grows with the length of the text and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from stdnum import iban, luhn
from stdnum.de import idnr

from assistant.ask.personal_surroundings import of_an_authority
from assistant.ask.personal_text import Reading, keys
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


def _labelled(reading: Reading, start: int, pattern: re.Pattern[str], reach: int = 40) -> bool:
    return pattern.search(reading.before(start, reach)) is not None


def _explained(reading: Reading, end: int, pattern: re.Pattern[str]) -> bool:
    """Whether the name of the number comes after it in the same sentence: ``7129… ist die Steuer-ID``."""
    return pattern.search(reading.after(end, 60).split("?")[0].split(". ")[0]) is not None


def _neutral(reading: Reading, start: int) -> bool:
    return NEUTRAL_NUMBER.search(reading.before(start, 40)) is not None


# Accounts and cards

_IBAN_HEAD = re.compile(r"(?:(?<![a-z0-9])|(?<=iban))[a-z]{2}[ .:-]?[\doli][ ]?[\doli](?=[ ./-]{0,2}[a-z0-9])")
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
        labelled = _labelled(reading, head.start(), _ACCOUNT_WORD) and sum(c.isdigit() for c in code) >= 12
        mistyped = labelled and (whole or country == "DE")
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
        elif low[position] in " ./-\n" and position - end < 2:
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
        labelled = _labelled(reading, match.start(), _CARD_WORD)
        if labelled or (luhn.is_valid(digits) and not _neutral(reading, match.start())):
            yield Finding("Kartennummer", match.start(), match.end())


# Identifiers given by the state

_TAX_ID = re.compile(r"(?<![\w-])(?<!\d[ .,/])\d{2}[ ./-]?\d{3}[ ./-]?\d{3}[ ./-]?\d{3}(?![\w]|[ .,/-]\d)")
_TAX_WORD = re.compile(
    r"steuer-?\s?(?:id|in?dent\w{0,20}|nummer|nr)|\bid[ -]?n(?:r|umm)|\bidentifikationsn|\btin\b|\btax\b[ -]?(?:id|number)|st\.-?nr"
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
        labelled = _labelled(reading, match.start(), _TAX_WORD) or _explained(reading, match.end(), _TAX_WORD)
        valid = idnr.is_valid(digits) and not _neutral(reading, match.start()) and digits[0] != "0"
        if not trivial(digits) and (labelled or valid):
            yield Finding("Steuer-ID", match.start(), match.end())
    for match in _TAX_NUMBER.finditer(reading.low):
        if _labelled(reading, match.start(), _TAX_WORD) and not trivial(match[0]):
            yield Finding("Steuernummer", match.start(), match.end())


def pension_numbers(reading: Reading) -> Iterator[Finding]:
    """Pension insurance numbers, in which the birthday is written."""
    for match in _PENSION.finditer(reading.low):
        code = _compact(match[0])
        plausible = 1 <= int(code[4:6]) <= 12 and code[8].isascii()
        if plausible and (valid_pension_number(code) or _labelled(reading, match.start(), _PENSION_WORD)):
            yield Finding("Rentenversicherungsnummer", match.start(), match.end())


def health_numbers(reading: Reading) -> Iterator[Finding]:
    """Health insurance numbers: a letter and nine digits."""
    for match in _HEALTH.finditer(reading.low):
        code = _compact(match[0])
        if trivial(code) and not _labelled(reading, match.start(), _HEALTH_WORD, 25):
            continue
        valid = valid_health_number(code) and not _neutral(reading, match.start())
        if valid or _labelled(reading, match.start(), _HEALTH_WORD) or _explained(reading, match.end(), _HEALTH_WORD):
            yield Finding("Krankenversichertennummer", match.start(), match.end())


def id_cards(reading: Reading) -> Iterator[Finding]:
    """Serial numbers of identity cards and passports, driving licences beside their name."""
    for match in _ID_CARD.finditer(reading.low):
        code = _compact(match[0])
        digits = sum(c.isdigit() for c in code)
        labelled = _labelled(reading, match.start(), _ID_WORD)
        if not 9 <= len(code) <= 10 or digits < (2 if labelled else 5) or trivial(code):
            continue
        checked = len(code) == 10 and digits < 10 and valid_id_card(code)
        if labelled or (checked and not _neutral(reading, match.start())):
            yield Finding("Ausweisnummer", match.start(), match.end())
    for match in _LICENCE.finditer(reading.low):
        if _labelled(reading, match.start(), _LICENCE_WORD) and sum(c.isdigit() for c in match[0]) >= 4:
            yield Finding("Führerscheinnummer", match.start(), match.end())


# Contact data

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
_LOCAL_PART = re.compile(r"[^\W\d_]+")

_PHONE = re.compile(r"(?<![\w/,+])(?<![\d\w][.-])(?:\+ ?|\(?\+|00|\(?0)[1-9][\d ()/.-]{3,22}\d(?![\w])")
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


def emails(reading: Reading) -> Iterator[Finding]:
    """E-mail addresses of people; mailboxes of offices and sample addresses are none."""
    functional = keys("postfaecher", "ganz")
    endings = tuple(keys("postfaecher", "ende"))
    units = keys("postfaecher", "anfang")
    given = keys("vornamen", "eindeutig")
    for match in chain(_EMAIL.finditer(reading.low), _EMAIL_IN_WORDS.finditer(reading.low)):
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
    for match in _LOCAL_NUMBER.finditer(reading.low):
        digits = _compact(match[1])
        if 5 <= len(digits) <= 9 and not trivial(digits) and not _of_an_office(reading, match.start(1), match.end()):
            yield Finding("Telefonnummer", match.start(1), match.end())


def _phone_end(reading: Reading, start: int, end: int) -> int | None:
    """Where the telephone number from ``start`` ends: the longest prefix, cut at separators, that is one."""
    labelled = _labelled(reading, start, _PHONE_WORD, 30)
    for _ in range(6):
        written = reading.low[start:end]
        if _plausible_phone(written, labelled):
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
