"""Addresses of law: parse how people write them, print the German short form, order and contain.

An address is a source and a chain of places ("Art. 5", "Abs. 1", "lit. c"). Two written forms are fixed by the
contract: the *norm* with the source first ("KI-VO Art. 5 Abs. 1 lit. c") and the *label* with the source last
("Art. 5 Abs. 1 lit. c KI-VO"). Which sources exist is data (``corpus/quellen.toml``). This module knows nothing of
texts: whether a place exists is asked of the provisions.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from assistant.errors import AddressError, CorpusError
from assistant.types import Level

TOP_UNITS = ("Art.", "§", "Anhang", "ErwG")
LOWER_UNITS = ("Abschnitt", "Abs.", "UAbs.", "Satz", "Nr.", "lit.", "Ziff.")


@dataclass(frozen=True, slots=True)
class Address:
    """``source`` is the short name of the act ("KI-VO"), ``parts`` the chain of (unit, value)."""

    source: str
    parts: tuple[tuple[str, str], ...] = ()

    @property
    def place(self) -> str:
        """The chain alone: "Art. 5 Abs. 1 lit. c"."""
        return " ".join(f"{unit} {value}" for unit, value in self.parts)

    @property
    def norm(self) -> str:
        """Source first, as in the contract's ``norm``."""
        return f"{self.source} {self.place}".strip()

    @property
    def label(self) -> str:
        """Source last, as in the contract's ``anzeige``."""
        return f"{self.place} {self.source}".strip()

    @property
    def parent(self) -> Address | None:
        """The next larger place, or None for a whole act."""
        return Address(self.source, self.parts[:-1]) if self.parts else None

    def contains(self, other: Address) -> bool:
        """True if ``other`` is this place or lies within it (subparagraphs may be left out when citing points)."""
        if self.source != other.source:
            return False
        mine = [p for p in self.parts if p[0] != "UAbs."]
        theirs = [p for p in other.parts if p[0] != "UAbs."]
        return theirs[: len(mine)] == mine

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Orders articles before annexes before recitals and 4 before 4a before 5."""
        key: list[object] = [self.source]
        for unit, value in self.parts:
            rank = (TOP_UNITS + LOWER_UNITS).index(unit)
            number = re.match(r"\d+", value)
            roman = _roman_value(value) if unit in ("Anhang", "Ziff.") else None
            key.append((rank, int(number.group()) if number else roman or 0, value))
        return tuple(key)


@dataclass(frozen=True, slots=True)
class ActInfo:
    """One ``[[quelle]]`` of ``quellen.toml``."""

    id: str
    short: str
    title: str
    level: Level
    unit: str
    names: tuple[str, ...] = ()
    last: int | None = None
    annexes: int = 0
    recitals: int = 0
    verified: bool = True
    page: str | None = None
    fetch: tuple[str, ...] = ()
    fetch_recitals: str | None = None


def _roman_value(text: str) -> int | None:
    digits = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
    low = text.lower()
    if not low or any(c not in digits for c in low):
        return None
    values = [digits[c] for c in low]
    return sum(-v if i + 1 < len(values) and values[i + 1] > v else v for i, v in enumerate(values))


def _to_roman(number: int) -> str:
    result = ""
    for value, sign in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while number >= value:
            result, number = result + sign, number - value
    return result


# One pattern per unit, tolerant of the ways in which people write it. ``Art. 6 I e`` and ``6(1)(e)`` are handled by
# the short forms at the end of the chain.
_VALUE = r"\d{1,3}[a-z]?"
_TOP = re.compile(
    rf"""(?<![A-Za-zÄÖÜäöü0-9])(?:
        (?P<art>(?:art(?:ikels?|ikeln|icles?|ikl|iekl|\.)?)\s*(?P<artv>{_VALUE})(?![\d]))
      | (?P<par>(?:§§?|paragraf(?:en)?|paragraph(?:en)?)\s*(?P<parv>{_VALUE}))
      | (?P<anh>(?:anhangs?|anh\.?|annex)\s+(?P<anhv>[ivx]{{1,5}}|\d{{1,2}})(?![A-Za-z0-9]))
      | (?P<erw>(?:erw\.?\s*g(?:r)?\.?|erwg\.?|erwägungsgrund(?:es)?|erwaegungsgrund|recital)\s*(?P<erwv>\d{{1,3}}))
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_LOWER = re.compile(
    rf"""\s*,?\s*(?:
        (?P<absch>(?:abschnitts?|section)\s*(?P<abschv>[A-Z]|\d{{1,2}})(?![A-Za-zäöü]))
      | (?P<abs>(?:abs(?:atz(?:es)?|\.)?|paragraph|para\.?)\s*(?P<absv>{_VALUE}))
      | (?P<uabs>(?:uabs\.?|unterabs(?:atz(?:es)?|\.)|unterabsatz)\s*(?P<uabsv>\d{{1,2}}))
      | (?P<satz>(?:satz(?:es)?|s\.)\s*(?P<satzv>\d{{1,2}}))
      | (?P<nr>(?:nr\.?|nummer|ziffer|ziff\.?|no\.|number|point)\s*(?P<nrv>\d{{1,3}}(?:\.\d{{1,2}}|[a-z](?![a-zäöü]))?))
      | (?P<lit>(?:lit(?:era|\.)?|buchst(?:abe(?:ns?)?|\.)?|bst\.?|point)\s*(?P<litv>[a-z]{{1,2}})(?![a-zäöü]))
      | (?P<zif>(?:ziff(?:er|\.)?)\s*(?P<zifv>[ivx]{{1,5}})(?![a-z]))
      | (?P<brnum>\(\s*(?P<brnumv>{_VALUE})\s*\))
      | (?P<brlit>\(\s*(?P<brlitv>[a-z]{{1,2}})\s*\))
      | (?P<rom>(?P<romv>[IVX]{{1,4}})(?![A-Za-z0-9.-]))
      | (?P<bare>(?P<barev>[a-z]{{1,2}})(?![A-Za-zäöüß0-9.-]))
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_AND_MORE = re.compile(r"\s*(?:ff?\.|et seq\.?)", re.IGNORECASE)
_FILLER = re.compile(r"\s*,?\s*(?:(?:von|aus|nach|in|im|of|the|der|des|dem|die|das|d\.)\s+){0,3}", re.IGNORECASE)


_SHORT_WORDS = frozenset(("in", "im", "an", "am", "so", "ob", "ja", "da", "zu"))


def _top_part(match: re.Match[str]) -> tuple[str, str]:
    if match["art"]:
        return ("Art.", match["artv"].lower())
    if match["par"]:
        return ("§", match["parv"].lower())
    if match["anh"]:
        value = match["anhv"]
        return ("Anhang", _to_roman(int(value)) if value.isdigit() else value.upper())
    return ("ErwG", match["erwv"])


def _lower_part(match: re.Match[str], parts: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """The next place in the chain, or None where the characters are not meant as one."""
    units = [unit for unit, _ in parts]
    if match["absch"]:
        return ("Abschnitt", match["abschv"].upper())
    if match["abs"]:
        return ("Abs.", match["absv"].lower())
    if match["uabs"]:
        return ("UAbs.", match["uabsv"])
    if match["satz"]:
        return ("Satz", match["satzv"])
    if match["nr"]:
        return ("Nr.", match["nrv"].lower())
    if match["lit"]:
        return ("lit.", match["litv"].lower())
    if match["zif"]:
        return ("Ziff.", match["zifv"].lower())
    if match["brnum"]:
        return ("Nr." if units[0] == "Anhang" or "Abs." in units else "Abs.", match["brnumv"].lower())
    if match["brlit"]:
        roman = _roman_value(match["brlitv"]) is not None and "lit." in units
        return ("Ziff." if roman else "lit.", match["brlitv"].lower())
    if match["rom"]:
        value = _roman_value(match["romv"])
        # "Art. 6 I e": an upper-case roman right after the article is the paragraph; a lower-case one is no place.
        if value is None or match["romv"] != match["romv"].upper() or units != [units[0]] or units[0] == "Anhang":
            return None
        return ("Abs.", str(value))
    # A bare letter is a point only right after a paragraph or number: "Art. 6 I e", "Anhang III Nr. 4 a".
    bare = match["barev"] or ""
    if bare and bare == bare.lower() and units[-1] in ("Abs.", "Nr.") and bare not in _SHORT_WORDS:
        return ("lit.", bare)
    return None


@dataclass(frozen=True, slots=True)
class Mention:
    """A norm named in running text: its address, and the characters ``[start, end)`` it was written in."""

    address: Address
    start: int
    end: int


@dataclass(frozen=True)
class Acts:
    """The known acts and how they are called."""

    infos: tuple[ActInfo, ...]
    _by_short: Mapping[str, ActInfo] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_short", {info.short: info for info in self.infos})

    def get(self, short: str) -> ActInfo | None:
        """The act cited by this short name, or None."""
        return self._by_short.get(short)

    def by_id(self, act_id: str) -> ActInfo | None:
        """The act with this id, or None."""
        return next((info for info in self.infos if info.id == act_id), None)

    @cached_property
    def _names(self) -> re.Pattern[str]:
        names = sorted({n for info in self.infos for n in (info.short, *info.names)}, key=len, reverse=True)
        loose = "|".join(re.escape(n).replace(r"\ ", r"\s+").replace(r"\-", r"[-‑ ]?") for n in names)
        return re.compile(rf"(?<![A-Za-zÄÖÜäöüß0-9])({loose})(?![A-Za-zÄÖÜäöüß0-9])", re.IGNORECASE)

    @cached_property
    def _lookup(self) -> dict[str, str]:
        return {_squash(n): info.short for info in self.infos for n in (info.short, *info.names)}

    def name_at(self, text: str, start: int) -> tuple[str, int] | None:
        """The act named exactly at ``start``: (short name, end), or None."""
        match = self._names.match(text, start)
        return (self._lookup[_squash(match[1])], match.end()) if match else None

    def names_in(self, text: str) -> list[tuple[str, int, int]]:
        """All acts named in a text: (short name, start, end)."""
        return [(self._lookup[_squash(m[1])], m.start(), m.end()) for m in self._names.finditer(text)]

    def mentions(self, text: str, default: str | None = None) -> list[Mention]:
        """All norms named in running text, in order. ``default`` is the act meant where none is named."""
        found: list[Mention] = []
        position = 0
        while match := _TOP.search(text, position):
            position = match.end()
            mention = self._mention(text, match, default, found[-1] if found else None)
            if mention:
                found.append(mention)
                position = max(position, mention.end)
        return found

    def _mention(self, text: str, match: re.Match[str], default: str | None, before: Mention | None) -> Mention | None:
        parts, end = _chain(text, match)
        start = match.start()
        after = self.name_at(text, ((filler := _FILLER.match(text, end)) and filler.end()) or end)
        if after:
            source, end = after
        else:
            source_before = next(
                (n for n in reversed(self.names_in(text[:start])) if not text[n[2] : start].strip(" ,:")), None
            )
            if source_before:
                source, start = source_before[0], source_before[1]
            elif before is not None and re.fullmatch(
                r"\s*(?:,|und|oder|sowie|bis|and|or)\s*", text[before.end : start]
            ):
                source = before.address.source
            else:
                named = {name for name, _, _ in self.names_in(text)}
                if len(named) == 1:
                    source = named.pop()
                elif default:
                    source = default
                else:
                    return None
        info = self.get(source)
        if info and parts[0][0] in ("Art.", "§") and parts[0][0] != info.unit:
            parts = ((info.unit, parts[0][1]), *parts[1:])
        return Mention(Address(source, parts), start, end)

    def parse(self, text: str) -> Address:
        """The one norm that ``text`` is. Raises AddressError with a German line otherwise."""
        stripped = text.strip()
        whole = self.name_at(stripped, 0)
        if whole and whole[1] == len(stripped):
            return Address(whole[0])
        found = self.mentions(stripped)
        if len(found) == 1 and not stripped[: found[0].start].strip() and not stripped[found[0].end :].strip(" .?"):
            return found[0].address
        if not found:
            raise AddressError(
                f"„{stripped[:80]}“ ist keine Fundstelle, die ich lesen kann. Erwartet wird zum Beispiel "
                "„Art. 50 Abs. 4 KI-VO“, „§ 35 SGB I“ oder „ErwG 26 DSGVO“."
            )
        raise AddressError(f"„{stripped[:80]}“ enthält mehr als eine Fundstelle. Bitte genau eine nennen.")


def _squash(name: str) -> str:
    return re.sub(r"[\s‑-]+", "", name).lower()


def _chain(text: str, match: re.Match[str]) -> tuple[tuple[tuple[str, str], ...], int]:
    parts: list[tuple[str, str]] = [_top_part(match)]
    end = match.end()
    while parts[0][0] != "ErwG" and (lower := _LOWER.match(text, end)):
        part = _lower_part(lower, parts)
        if part is None:
            break
        parts.append(part)
        end = lower.end()
    if more := _AND_MORE.match(text, end):
        end = more.end()
    return tuple(parts), end


def read_acts(path: Path) -> Acts:
    """Acts from ``quellen.toml``. Raises CorpusError naming the file and what was expected."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CorpusError(
            f"{path} fehlt. Erwartet wird die Liste der Rechtsquellen; aus der Vorlage kopieren."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: keine gültige TOML-Datei ({error}).") from error
    infos = []
    for number, raw in enumerate(data.get("quelle", []), start=1):
        try:
            infos.append(
                ActInfo(
                    id=raw["id"], short=raw["kurz"], title=raw["titel"], level=Level(raw["ebene"]), unit=raw["einheit"],
                    names=tuple(raw.get("namen", ())), last=raw.get("letzter"), annexes=raw.get("anhaenge", 0),
                    recitals=raw.get("erwaegungsgruende", 0), verified=raw.get("geprueft", True),
                    page=raw.get("seite"), fetch=tuple(raw.get("abruf", ())),
                    fetch_recitals=raw.get("erwaegungsgruende_aus"),
                )
            )  # fmt: skip
        except KeyError as error:
            raise CorpusError(f"{path}: in der {number}. [[quelle]] fehlt das Feld {error}.") from error
        except ValueError as error:
            raise CorpusError(f"{path}: {number}. [[quelle]]: ebene muss EU, Bund, Land oder Stadt sein.") from error
    return Acts(tuple(infos))


def contains_norm(norms: Iterable[Address], wanted: Address) -> bool:
    """True if one of ``norms`` is, contains or lies within ``wanted``."""
    return any(n.contains(wanted) or wanted.contains(n) for n in norms)
