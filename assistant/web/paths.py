"""Stable addresses of provisions on the page: ``KI-VO Art. 50 Abs. 4`` is ``/recht/ki-vo/art-50/abs-4``.

Built so that an address in an exported note can be typed and read. A norm that does not fit the pattern keeps its
written form as one quoted segment; both kinds of address are understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

PREFIX = "/recht/"
_UNITS = {
    "Art.": "art", "§": "par", "Anhang": "anhang", "ErwG": "erwg", "Abschnitt": "abschnitt", "Abs.": "abs",
    "UAbs.": "uabs", "Satz": "satz", "Nr.": "nr", "lit.": "lit", "Ziff.": "ziff",
}  # fmt: skip
_NAMES = {slug: unit for unit, slug in _UNITS.items()}
_UPPER = {"Anhang", "Abschnitt"}
_TOP = re.compile(r" (?=(?:Art\.|§|Anhang|ErwG) )")
_PART = re.compile("(" + "|".join(re.escape(unit) for unit in _UNITS) + r") (\S+)(?: |$)")
_RULE_ID = re.compile(r"[a-z][a-z0-9.-]*")
_PLAIN = re.compile(r"[a-z0-9./-]+")
_SEGMENT = re.compile(r"([a-z]+)-([0-9a-z.]+)")


def slug(source: str) -> str:
    """The short name of a source as a path segment: "VwVfG NRW" is ``vwvfg-nrw``."""
    return re.sub(r"\s+", "-", source.strip()).lower()


def provision_path(norm: str) -> str:
    """Where the page shows ``norm``, beginning with ``/recht/``."""
    readable = _readable(norm)
    return PREFIX + (readable if readable else quote(norm, safe="", errors="replace"))


def _readable(norm: str) -> str | None:
    source, *rest = _TOP.split(norm, maxsplit=1)
    if not rest:
        before, space, last = norm.rpartition(" ")
        if space and _RULE_ID.fullmatch(last):
            source, segments = before, [last]
        else:
            segments = []
    else:
        parts = _PART.findall(rest[0])
        if " ".join(f"{unit} {value}" for unit, value in parts) != rest[0]:
            return None
        segments = [f"{_UNITS[unit]}-{value.lower()}" for unit, value in parts]
    path = "/".join([slug(source), *segments])
    # Only plain letters, and only what the way back reproduces exactly, may be shortened.
    return path if _PLAIN.fullmatch(path) and norm_from_path(path, [source]) == norm else None


def norm_from_path(path: str, sources: Iterable[str]) -> str | None:
    """The norm behind what follows ``/recht/``; ``sources`` are the known short names. None if it is no address.

    A path that is not in the readable form is taken as a written norm.
    """
    first, *segments = path.strip("/").split("/")
    source = next((name for name in sources if slug(name) == first.lower()), None)
    if source is None:
        return path if " " in path else None
    if len(segments) == 1 and not _is_part(segments[0]) and _RULE_ID.fullmatch(segments[0]):
        return f"{source} {segments[0]}"
    parts = [source]
    for segment in segments:
        match = _SEGMENT.fullmatch(segment)
        if match is None or match[1] not in _NAMES:
            return None
        unit = _NAMES[match[1]]
        parts.append(f"{unit} {match[2].upper() if unit in _UPPER else match[2]}")
    return " ".join(parts)


def _is_part(segment: str) -> bool:
    match = _SEGMENT.fullmatch(segment)
    return match is not None and match[1] in _NAMES and (match[2][0].isdigit() or match[1] in ("anhang", "lit"))
