"""What is said of a place that does not exist: that it does not, and which real place is nearest to it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping

from assistant.corpus.addresses import ActInfo, Address, the
from assistant.corpus.citing import to_roman
from assistant.corpus.sentences import sentences
from assistant.types import Provision

_LAST = {
    "Abs.": "Der letzte Absatz", "UAbs.": "Der letzte Unterabsatz", "Satz": "Der letzte Satz", "Nr.": "Die letzte Nummer",
    "lit.": "Der letzte Buchstabe", "Ziff.": "Die letzte Ziffer", "Abschnitt": "Der letzte Abschnitt",
}  # fmt: skip
_SWAPPED = {"Abs.": ("Nr.", "UAbs."), "Nr.": ("Abs.", "lit."), "lit.": ("Nr.", "Ziff."), "UAbs.": ("Abs.", "Satz")}


def beyond_end(address: Address, info: ActInfo) -> str | None:
    """One German sentence if the act ends before this place, or has no places of its kind; None if it may have it."""
    unit, value = address.parts[0]
    number = re.match(r"\d+", value)
    counted = int(number.group()) if number else 0
    if unit == info.unit:
        if info.last and counted > info.last:
            return f"{address.label} gibt es nicht: {the(info.short)} endet mit {unit} {info.last}."
        return None
    if not info.verified:
        return None
    romans = [to_roman(n) for n in range(1, info.annexes + 1)]
    if unit == "Anhang" and value not in romans:
        why = f"Die Anhänge enden mit Anhang {romans[-1]}" if romans else f"{the(info.short)} hat keine Anhänge"
        return f"{address.label} gibt es nicht: {why}."
    if unit == "ErwG" and counted > info.recitals:
        ends = f"Die Erwägungsgründe enden mit ErwG {info.recitals}"
        why = ends if info.recitals else f"{the(info.short)} hat keine Erwägungsgründe"
        return f"{address.label} gibt es nicht: {why}."
    return None


def lettered_absent(address: Address, info: ActInfo, places: Mapping[str, Provision]) -> str | None:
    """The same for an inserted article ("Art. 4b"), said only where ``places`` hold every article of the act."""
    unit, value = address.parts[0]
    if unit != info.unit or not info.last or value.isdigit():
        return None
    tops = _siblings(Address(address.source), unit, places)
    if value in tops or sum(v.isdigit() for v in tops) < info.last:
        return None
    near = _closest(value, tops)
    return f"{address.label} gibt es nicht. Am nächsten liegt {unit} {near} {info.short}."


def absent(address: Address, places: Mapping[str, Provision], state: dt.date) -> str:
    """One German sentence for a place that this state of the act does not have, with the nearest that it has."""
    gone = f"{address.label} gibt es im Stand {state:%d.%m.%Y} nicht"
    depth = len(address.parts) - 1
    while depth and Address(address.source, address.parts[:depth]).norm not in places:
        depth -= 1
    upper, missing = Address(address.source, address.parts[:depth]), address.parts[depth]
    if not depth:
        near = _closest(missing[1], _siblings(upper, missing[0], places))
        hint = f" Am nächsten liegt {missing[0]} {near} {address.source}." if near else ""
        return f"{gone}.{hint}"
    return f"{gone}; es gibt {upper.label}.{_hint(upper, missing, address, places)}"


def _hint(upper: Address, missing: tuple[str, str], address: Address, places: Mapping[str, Provision]) -> str:
    """What is there instead of the first missing part: the place under another unit, the end of the list, or nothing."""
    unit, value = missing
    rest = address.parts[len(upper.parts) + 1 :]
    meant = [((other, value), *rest) for other in _SWAPPED.get(unit, ())]
    if unit == "Abs." and rest:  # "Art. 113 Abs. 3 lit. a": paragraphs without a number are not counted
        meant.append(rest)
    if split := re.fullmatch(r"(\d+)([a-z])", value):  # "Nr. 4a" for "Nr. 4 lit. a"
        meant.append(((unit, split[1]), ("lit.", split[2]), *rest))
    for parts in meant:
        candidate = Address(address.source, (*upper.parts, *parts))
        if candidate.norm in places:
            return f" Gemeint ist wohl {candidate.label}."
    if unit == "Satz":
        count = len(sentences(places[upper.norm].text))
        return f" {_LAST[unit]} dort ist Satz {count}." if count else ""
    siblings = _siblings(upper, unit, places)
    if not siblings:
        return ""
    highest, wanted = max(siblings, key=_order), value
    if _order(wanted) > _order(highest):
        return f" {_LAST[unit]} dort ist {unit} {highest}."
    return f" Am nächsten liegt {Address(address.source, (*upper.parts, (unit, _closest(value, siblings) or highest))).label}."


def _siblings(upper: Address, unit: str, places: Mapping[str, Provision]) -> list[str]:
    """The values of this unit right below ``upper``, also of places that only occur as part of a longer norm."""
    start = f"{upper.norm} {unit} "
    return list(dict.fromkeys(norm[len(start) :].split(" ", 1)[0] for norm in places if norm.startswith(start)))


def _order(value: str) -> tuple[int, str]:
    number = re.match(r"\d+", value)
    return (int(number.group()), value[number.end() :]) if number else (0, value)


def _closest(value: str, values: Iterable[str]) -> str | None:
    """The value before ``value``, where there is one, else the one after: 4a for 4b, 113 for 200."""
    ordered = sorted(values, key=_order)
    before = [v for v in ordered if _order(v) <= _order(value)]
    return before[-1] if before else ordered[0] if ordered else None
