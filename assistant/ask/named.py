"""What a sentence names and code can look up: norms, acts, figures and dates.

Deliberately independent of ``corpus/addresses.py``, which reads what people ask: there a generous reading helps, here
every doubt must count against the model. A spelling that is not understood is returned as ``unreadable`` and fails.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Place = tuple[tuple[str, str], ...]
"""A chain of (unit, value): (("Art.", "50"), ("Abs.", "4"))."""


@dataclass(frozen=True, slots=True)
class Norm:
    """A norm as written: act ("ki-vo", squashed; None if not said) and place. Empty place: could not be read."""

    act: str | None
    place: Place
    start: int
    end: int

    @property
    def readable(self) -> bool:
        """False where a range or a spelled-out number stands, which nothing can be compared with."""
        return bool(self.place)


_ALIASES = {
    "kivo": "kivo", "kiverordnung": "kivo", "aiact": "kivo", "euaiact": "kivo", "eukiverordnung": "kivo",
    "verordnungeu20241689": "kivo", "voeu20241689": "kivo",
    "dsgvo": "dsgvo", "eudsgvo": "dsgvo", "datenschutzgrundverordnung": "dsgvo", "gdpr": "dsgvo",
    "verordnungeu2016679": "dsgvo", "voeu2016679": "dsgvo",
    "grundgesetz": "gg", "strafgesetzbuch": "stgb", "abgabenordnung": "ao", "urheberrechtsgesetz": "urhg",
    "bundesdatenschutzgesetz": "bdsg", "beamtenstatusgesetz": "beamtstg", "kunsturhebergesetz": "kunsturhg",
    "kug": "kunsturhg", "bürgerlichesgesetzbuch": "bgb", "allgemeinesgleichbehandlungsgesetz": "agg",
    "geschäftsgeheimnisgesetz": "geschgehg", "datenschutzgesetznrw": "dsgnrw", "gemeindeordnungnrw": "gonrw",
    "verwaltungsverfahrensgesetznrw": "vwvfgnrw",
}  # fmt: skip
"""Names that mean the same act; keys without an entry stand for themselves. A name missing here only makes the check stricter."""

_UNITS = (
    (r"abs(?:ätze[ns]?|atz(?:es)?|\.)?", "Abs."),
    (r"(?:uabs\.?|unterabs(?:atz(?:es)?|\.))", "UAbs."),
    (r"(?:satz(?:es)?|sätze|s\.)", "Satz"),
    (r"(?:nr\.?|nummern?|ziff(?:ern?|\.))", "Nr."),
    (r"(?:lit\.?|litera|buchst(?:abe[ns]?|\.)|bst\.?)", "lit."),
    (r"(?:abschnitt(?:s|es)?)", "Abschnitt"),
)
_NUMBER_WORDS = (
    "null ein eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn zwanzig"
).split()
_WORD_VALUES = {w: (i if i < 2 else i - 1) for i, w in enumerate(_NUMBER_WORDS)} | {
    "eine": 1, "einen": 1, "einem": 1, "einer": 1, "eines": 1, "zwo": 2, "vierundzwanzig": 24, "dreißig": 30,
    "vierzig": 40, "achtundvierzig": 48, "fünfzig": 50, "sechzig": 60, "siebzig": 70, "zweiundsiebzig": 72,
    "achtzig": 80, "neunzig": 90, "hundert": 100, "tausend": 1000,
}  # fmt: skip
_WORDS = "|".join(sorted(_WORD_VALUES, key=len, reverse=True))

_TOP = re.compile(
    rf"""(?<![A-Za-zÄÖÜäöüß0-9])(?:
        (?P<art>art(?:\.|ikel[ns]?)?) | (?P<par>§§?|paragra(?:f|ph)(?:en|s)?)
      | (?P<anh>anh(?:\.|ang(?:s|es)?|änge[ns]?)|annex) | (?P<erw>erwg\.?|erw\.?\s?gr\.?|erwägungsgr(?:und(?:es)?|ünde[ns]?))
    )\s*(?P<value>\d{{1,3}}(?:\s?(?-i:[a-z])(?![A-Za-zäöüß.]))? | [IVX]{{1,5}}(?![A-Za-zäöüß0-9]) | (?:{_WORDS})(?![a-zäöüß]))""",
    re.IGNORECASE | re.VERBOSE,
)
_LOWER = re.compile(
    r"\s*,?\s*(?:"
    + "|".join(f"(?P<u{i}>{pattern})" for i, (pattern, _) in enumerate(_UNITS))
    + r")\s*(?P<value>\d{1,3}(?:[a-z](?![a-zäöüß]))?|[a-z]{1,2}(?![A-Za-zäöüß]))",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"\s*\(\s*(?P<paren>\d{1,3}[a-z]?|[a-z]{1,2})\s*\)|\s(?P<roman>[IVX]{1,4})(?![A-Za-z0-9äöüß])|\s(?P<letter>[a-z])(?![A-Za-z0-9äöüß.])"
)
_MORE = re.compile(r"\s*(?:,|und|oder|sowie|u\.|bis|–|-)\s*(?=(?:§§?\s*)?(?:\d|[a-z]\b|[IVX]+\b))")
_MORE_VALUE = re.compile(
    r"(?:§§?\s*)?(\d{1,3}(?:\s?[a-z](?![A-Za-zäöüß.]))?|[a-z]{1,2}(?![A-Za-zäöüß])|[IVX]{1,5}(?![A-Za-z]))"
)
_FOLLOWING = re.compile(r"\s*ff?\.")
_ACT_BODY = r"""(?:
      Verordnung\s*\(EU\)\s*(?:Nr\.\s*)?\d{4}/\d{1,4} | VO\s*\(EU\)\s*\d{4}/\d{1,4}
    | SGB[\s-]*(?:[IVX]+|\d{1,2})(?![a-z])
    | (?:EU[-\s])?AI[-\s]Act
    | [A-ZÄÖÜ][A-Za-zÄÖÜäöüß-]*(?:gesetz(?:es|buch|buchs|buches)?|verordnung|ordnung)(?:\s(?:NRW|NW))?(?![a-zäöüß-])
    | (?:[A-ZÄÖÜ][A-Za-zÄÖÜäöüß]*[-\s])?[A-ZÄÖÜ]+[A-Za-zÄÖÜäöü]*(?:G|GB|VO|O|V|DSG|UG)(?:[-\s](?:NRW|NW|\d\.\d))?(?![A-Za-zÄÖÜäöüß])
)"""
_ACT = re.compile(_ACT_BODY, re.VERBOSE)
_FILLER = re.compile(r"\s*,?\s*(?:(?:der|des|dem|die|das|von|aus|nach|in|im|zur|zum)\s+){0,3}")
_NOT_ACTS = frozenset(
    "gesetz verordnung ordnung zuordnung anordnung einordnung reihenfolge io so wo ko euvo tv av hv".split()
)
_COMMON_ORDNUNG = re.compile(r"(?:zu|an|ein|unter|über|neu|rang|größen|haus|tages|in)ordnung$")


def squash(name: str) -> str:
    """A name without spaces, hyphens, brackets and case, so that spellings can be compared."""
    return re.sub(r"[\s‑/().-]+", "", name).casefold()


def act_key(name: str) -> str:
    """The one key of an act under any of its known names."""
    key = squash(name)
    key = re.sub(r"(gesetz|buch)(?:es|s)$", r"\1", key)
    return _ALIASES.get(key, key)


def norms_in(text: str) -> tuple[Norm, ...]:
    """All norms written in running text, enumerations taken apart."""
    found: list[Norm] = []
    position = 0
    while match := _TOP.search(text, position):
        places, end = _places(text, match)
        act, start, end = _act_around(text, match.start(), end)
        found.extend(Norm(act, place, start, end) for place in places)
        position = max(end, match.end())
    return tuple(found)


def parse_norm(norm: str) -> tuple[str, Place]:
    """Act key and place of a norm in the contract's form ("KI-VO Art. 50 Abs. 4"); without a place the whole act."""
    match = _TOP.search(norm)
    if match is None:
        return act_key(norm), ()
    places, _ = _places(norm, match)
    return act_key(norm[: match.start()].strip()), places[0]


def _top_unit(match: re.Match[str]) -> str:
    return "Art." if match["art"] else "§" if match["par"] else "Anhang" if match["anh"] else "ErwG"


def _value(raw: str) -> str:
    return re.sub(r"\s+", "", raw).lower()


def _places(text: str, match: re.Match[str]) -> tuple[list[Place], int]:
    """The chain that begins at ``match`` and those enumerated after it; () for one that cannot be read."""
    unit, raw = _top_unit(match), match["value"]
    if not raw[0].isdigit() and not (unit == "Anhang" and re.fullmatch(r"[IVX]+", raw, re.IGNORECASE)):
        return [()], match.end()
    value = str(_roman(raw)) if unit == "Anhang" and not raw[0].isdigit() else _value(raw)
    chain: list[tuple[str, str]] = [(unit, value)]
    end = _extend(text, match.end(), chain)
    places: list[Place] = [tuple(chain)]
    while more := _MORE.match(text, end):
        next_value = _MORE_VALUE.match(text, more.end())
        if next_value is None:
            break
        joint = more.group().strip()
        raw_value = _value(next_value[1])
        if chain[-1][0] == "Anhang" and re.fullmatch(r"[ivx]+", raw_value):
            raw_value = str(_roman(raw_value))
        elif raw_value[0].isalpha() != chain[-1][1][0].isalpha():
            break  # "Abs. 1 und a …": another word, not another place
        chain = [*chain[:-1], (chain[-1][0], raw_value)]
        end = _extend(text, next_value.end(), chain)
        # What lies between the ends of a range is not named, so a range cannot be checked.
        places.append(() if joint in ("bis", "–", "-") else tuple(chain))
    if following := _FOLLOWING.match(text, end):
        end = following.end()
    return places, end


def _extend(text: str, end: int, chain: list[tuple[str, str]]) -> int:
    while chain[0][0] != "ErwG":
        if lower := _LOWER.match(text, end):
            unit = next(name for i, (_, name) in enumerate(_UNITS) if lower[f"u{i}"])
            chain.append((unit, _value(lower["value"])))
            end = lower.end()
        elif (short := _SHORT.match(text, end)) and (part := _short_part(short, chain)):
            chain.append(part)
            end = short.end()
        else:
            break
    return end


def _short_part(match: re.Match[str], chain: list[tuple[str, str]]) -> tuple[str, str] | None:
    units = [unit for unit, _ in chain]
    if raw := match["paren"]:
        if raw[0].isdigit():
            return ("Nr." if units[0] == "Anhang" or "Abs." in units else "Abs.", raw.lower())
        return ("lit.", raw.lower())
    if raw := match["roman"]:
        return ("Abs.", str(_roman(raw))) if len(chain) == 1 and units[0] in ("Art.", "§") else None
    if units[-1] in ("Abs.", "Nr.") and match["letter"]:
        return ("lit.", match["letter"])
    return None


def _roman(text: str) -> int:
    digits = {"i": 1, "v": 5, "x": 10}
    values = [digits[c] for c in text.lower()]
    return sum(-v if i + 1 < len(values) and values[i + 1] > v else v for i, v in enumerate(values))


def _act_around(text: str, start: int, end: int) -> tuple[str | None, int, int]:
    """The act a place belongs to: named right after it, or right before."""
    filler = _FILLER.match(text, end)
    at = filler.end() if filler else end
    if (after := _ACT.match(text, at)) and _is_act(after.group()):
        return act_key(after.group()), start, after.end()
    for before in reversed(list(_ACT.finditer(text, 0, start))):
        if not text[before.end() : start].strip(" ,:") and _is_act(before.group()):
            return act_key(before.group()), before.start(), end
    return None, start, end


def _is_act(name: str) -> bool:
    key = squash(name)
    if key in _NOT_ACTS or _COMMON_ORDNUNG.search(key):
        return False
    if re.search(r"(?:gesetz(?:es|buch|buches|buchs)?|ordnung)(?:nrw|nw)?$", key):
        return True
    return sum(c.isupper() for c in name) >= 2 or key in _ALIASES


_COURTS = re.compile(
    r"\b(?:EuGH|BGH|BVerfG|BVerwG|BAG|BSG|BFH|OVG|VGH|VG|OLG|LG|EDSA|DSK|BfDI|\w*gerichtshof\w*|\w*verfassungsgericht\w*|"
    r"\w*verwaltungsgericht\w*|\w*landesgericht\w*|\w*arbeitsgericht\w*)\b"
)
_DIVISIONS = re.compile(r"\b(?:Kapitel|Titel|Teil|Abschnitt)\s+(?:[IVX]+|\d+)\b")


def authorities_in(text: str) -> Iterator[str]:
    """Acts, courts and divisions of acts named without a place: "die DSGVO", "der EuGH", "Kapitel III"."""
    for match in _ACT.finditer(text):
        if _is_act(match.group()):
            yield match.group()
    for pattern in (_COURTS, _DIVISIONS):
        yield from (m.group() for m in pattern.finditer(text))


_ORPHAN = re.compile(
    r"(?<![A-Za-zÄÖÜäöüß])(?:" + "|".join(f"(?P<u{i}>{p})" for i, (p, _) in enumerate(_UNITS)) + r")"
    r"\s+(?P<value>\d{1,3}[a-z]?(?![A-Za-zäöüß0-9])|[a-z](?![A-Za-zäöüß.0-9]))",
    re.IGNORECASE,
)


def loose_places(text: str) -> Iterator[tuple[str, str]]:
    """(unit, value) named without article or section: "Absatz 4", "Nummer 2"."""
    for match in _ORPHAN.finditer(text):
        yield next(name for i, (_, name) in enumerate(_UNITS) if match[f"u{i}"]), _value(match["value"])


# --- figures and dates ------------------------------------------------------------------------------------------------

Figure = tuple[str, str]
"""(kind, value): ("datum", "2026-08-02"), ("stunde", "72"), ("zahl", "72"), ("klasse", "2")."""

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
    rf"(?P<number>(?<![\w.,])\d+(?:[.  ]\d{{3}})*(?:,\d+)?|\d+(?:,\d+)?|\b(?:{_WORDS})\b)"
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
