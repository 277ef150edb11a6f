"""What a sentence names and code can look up: norms, acts and authorities.

Deliberately independent of ``corpus/addresses.py``, which reads what people ask: there a generous reading helps, here
every doubt must count against the model. A spelling that is not understood is returned as ``unreadable`` and fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.ask.figures import WORDS

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
"""Names that mean the same act; others stand for themselves, so a name missing here only makes the check stricter."""

_UNITS = (
    (r"abs(?:ätze[ns]?|atz(?:es)?|\.)?", "Abs."),
    (r"(?:uabs\.?|unterabs(?:atz(?:es)?|\.))", "UAbs."),
    (r"(?:satz(?:es)?|sätze|s\.)", "Satz"),
    (r"(?:nr\.?|nummern?|ziff(?:ern?|\.))", "Nr."),
    (r"(?:lit\.?|litera|buchst(?:abe[ns]?|\.)|bst\.?)", "lit."),
    (r"(?:abschnitt(?:s|es)?)", "Abschnitt"),
)
_TOP = re.compile(
    rf"""(?<![A-Za-zÄÖÜäöüß0-9])(?:
        (?P<art>art(?:\.|ikel[ns]?)?) | (?P<par>§§?|paragra(?:f|ph)(?:en|s)?)
      | (?P<anh>anh(?:\.|ang(?:s|es)?|änge[ns]?)|annex)
      | (?P<erw>erwg\.?|erw\.?\s?gr\.?|erwägungsgr(?:und(?:es)?|ünde[ns]?))
    )\s*
    (?P<value>
        \d{{1,3}}(?:\s?(?-i:[a-z])(?![A-Za-zäöüß.]))? | [IVX]{{1,5}}(?![A-Za-zäöüß0-9]) | (?:{WORDS})(?![a-zäöüß])
    )
    """,
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
    | KI[-\s]VO | (?:[A-ZÄÖÜ]{2,}-)?[A-ZÄÖÜ]+[A-Za-zÄÖÜäöü]*(?:G|GB|VO|O|V|DSG|UG)
      (?:[-\s](?:NRW|NW|\d\.\d))?(?![A-Za-zÄÖÜäöüß])
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


def without_norms(text: str) -> str:
    """The text with every norm blanked out, same length, so that its numbers are not taken for figures."""
    for norm in reversed(norms_in(text)):
        text = text[: norm.start] + " " * (norm.end - norm.start) + text[norm.end :]
    return text


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
