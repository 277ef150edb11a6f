"""Figures, dates and data classes in German text, in a form that can be compared.

"binnen 72 Stunden", "am 2. August 2026", "Klassen 2 bis 4": what a model repeats must stand in what it was
given, with the same unit. Norms and citation marks are taken out by the caller; their numbers are not figures.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator

Figure = tuple[str, str]
"""(kind, value): ("datum", "2026-08-02"), ("stunde", "72"), ("zahl", "72"), ("klasse", "2")."""

_NUMBER_WORDS = (
    "null ein eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn zwanzig"
).split()
_WORD_VALUES = {w: (i if i < 2 else i - 1) for i, w in enumerate(_NUMBER_WORDS)} | {
    "eine": 1, "einen": 1, "einem": 1, "einer": 1, "eines": 1, "zwo": 2, "hundert": 100, "tausend": 1000,
}  # fmt: skip
_ONES = "ein zwei drei vier fünf sechs sieben acht neun".split()
_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
_WORD_VALUES |= {
    f"{one}und{ten}": 10 * tens + ones for tens, ten in enumerate(_TENS, 2) for ones, one in enumerate(_ONES, 1)
}
_WORD_VALUES |= {ten: 10 * tens for tens, ten in enumerate(_TENS, 2)}
_WORD_VALUES |= {f"{one}hundert": 100 * ones for ones, one in enumerate(_ONES, 1)}
_WORD_VALUES |= {f"{one}tausend": 1000 * ones for ones, one in enumerate(_ONES, 1)}
WORDS = "|".join(sorted(_WORD_VALUES, key=len, reverse=True))

_MONTHS = {
    name: i
    for i, name in enumerate(
        "januar februar märz april mai juni juli august september oktober november dezember".split(), start=1
    )
}
_MONTH = "|".join(_MONTHS)
_UNIT_WORDS = {
    "stunde": r"stunden?", "tag": r"tage?[ns]?|werktage?[ns]?|kalendertage?[ns]?", "woche": r"wochen?",
    "monat": r"monat(?:e[ns]?|s)?", "jahr": r"jahre?[ns]?", "minute": r"minuten?", "sekunde": r"sekunden?",
    "prozent": r"prozent|%|v\.\s?h\.", "euro": r"euro|€|eur", "million": r"million(?:en)?|mio\.?",
    "milliarde": r"milliarden?|mrd\.?", "mal": r"mal|fach", "uhr": r"uhr",
}  # fmt: skip
_UNIT = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNIT_WORDS.items())
_DATE = re.compile(
    rf"(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})|(?P<d>\d{{1,2}})\.\s?(?P<m>\d{{1,2}})\.(?:\s?(?P<y>\d{{4}}|\d{{2}})(?!\d))?"
    rf"|(?P<d2>\d{{1,2}})\.\s?(?P<m2>{_MONTH})\b(?:\s+(?P<y2>\d{{4}}))?|\b(?P<m3>{_MONTH})\b(?:\s+(?P<y3>\d{{4}}))?",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    rf"(?P<number>(?<![\w.,])\d+(?:[.  ]\d{{3}})*(?:,\d+)?|\d+(?:,\d+)?|\b(?:{WORDS})\b)"
    rf"(?:(?:[\s-]|)(?:{_UNIT})(?![a-zäöüß]))?",
    re.IGNORECASE,
)
_CLASSES = re.compile(r"\b(?:daten)?klassen?\s+(\d(?:\s*(?:,|und|oder|bis|–|-)\s*\d)*)", re.IGNORECASE)
_PERIODS = re.compile(
    r"\b(?:halb|viertel)?(?:jährlich|monatlich|wöchentlich|täglich|stündlich)\w*|\bhalbe[srnm]?\s+jahr\w*",
    re.IGNORECASE,
)


def figures_in(text: str) -> frozenset[Figure]:
    """Figures and dates of a text. Norms and citation marks must have been taken out before."""
    text = unicodedata.normalize("NFKC", text)
    found: set[Figure] = set()

    def dated(match: re.Match[str]) -> str:
        found.update(_date_figures(match))
        return " "

    def classed(match: re.Match[str]) -> str:
        found.update(("klasse", v) for v in _class_values(match[1]))
        return " "

    text = _DATE.sub(dated, text)
    text = _CLASSES.sub(classed, text)
    found.update(("zeitraum", m.group().casefold()) for m in _PERIODS.finditer(text))
    for match in _QUANTITY.finditer(text):
        found.update(_quantity(match))
    return frozenset(found)


def _class_values(text: str) -> Iterator[str]:
    digits = [int(d) for d in re.findall(r"\d", text)]
    if re.search(r"bis|–|-", text) and len(digits) == 2:
        digits = list(range(digits[0], digits[1] + 1))
    yield from map(str, digits)


def _date_figures(match: re.Match[str]) -> Iterator[Figure]:
    if match["iso"]:
        year, month, day = match["iso"].split("-")
    else:
        day = match["d"] or match["d2"] or ""
        name = match["m2"] or match["m3"]
        month = str(_MONTHS[name.lower()]) if name else match["m"]
        year = match["y"] or match["y2"] or match["y3"] or ""
    if len(year) == 2:
        year = "20" + year
    yield from date_figures(int(year) if year else None, int(month), int(day) if day else None)


def date_figures(year: int | None, month: int, day: int | None) -> Iterator[Figure]:
    """The most precise figure of a written date; ``known_date`` adds the coarser ones for what is given."""
    if year and day:
        yield "datum", f"{year:04d}-{month:02d}-{day:02d}"
    elif day:
        yield "tag-monat", f"{month:02d}-{day:02d}"
    elif year:
        yield "monat-jahr", f"{year:04d}-{month:02d}"
    else:
        yield "monatsname", f"{month:02d}"


def known_date(value: dt.date) -> Iterator[Figure]:
    """Every way in which a given date may be repeated, from the full date to the bare year."""
    for year, month, day in ((value.year, value.month, value.day), (None, value.month, value.day)):
        yield from date_figures(year, month, day)
    yield from date_figures(value.year, value.month, None)
    yield from date_figures(None, value.month, None)
    yield "zahl", str(value.year)


def _quantity(match: re.Match[str]) -> Iterator[Figure]:
    raw = match["number"].lower()
    unit = next((name for name in _UNIT_WORDS if match[name]), None)
    if not raw[0].isdigit():
        # "ein", "zwei" are articles and plain words unless something measured follows.
        if unit is not None:
            yield unit, str(_WORD_VALUES[raw])
        return
    value = re.sub(r"[.\s ]", "", raw).replace(",", ".").lstrip("0") or "0"
    yield (unit or "zahl"), value


def given_figures(texts: Iterable[str]) -> frozenset[Figure]:
    """What may be repeated: all figures of the given texts, dates also in coarser form, figures also without unit."""
    found: set[Figure] = set()
    for text in texts:
        found |= figures_in(text)
    for kind, value in tuple(found):
        if kind == "datum":
            # An impossible date in a text given (a typing mistake there) still counts as written.
            try:
                found.update(known_date(dt.date.fromisoformat(value)))
            except ValueError:
                continue
        elif kind in ("tag-monat", "monat-jahr"):
            found.add(("monatsname", value[:2] if kind == "tag-monat" else value[-2:]))
            if kind == "monat-jahr":
                found.add(("zahl", value[:4]))
        elif kind in _UNIT_WORDS:
            found.add(("zahl", value))
    return frozenset(found)
