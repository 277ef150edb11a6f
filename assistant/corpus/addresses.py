"""Addresses of law: parse how people write them, print the German short form, order and contain.

An address is a source and a chain of places ("Art. 5", "Abs. 1", "lit. c"). Two written forms are fixed by the
contract: the *norm* with the source first ("KI-VO Art. 5 Abs. 1 lit. c") and the *label* with the source last
("Art. 5 Abs. 1 lit. c KI-VO"). Which sources exist is data (``corpus/quellen.toml``). This module knows nothing of
texts: whether a place exists is asked of the provisions.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from assistant.corpus.actnames import ActNames, Named
from assistant.corpus.citing import LOWER_UNITS, TOP_UNITS, Group, expanded, groups, roman_value
from assistant.errors import AddressError, AmbiguousAddress, CorpusError
from assistant.types import Level

__all__ = ["LOWER_UNITS", "TOP_UNITS", "ActInfo", "Acts", "Address", "Mention", "read_acts", "the"]


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
            roman = roman_value(value) if unit in ("Anhang", "Ziff.") else None
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


_CONNECTED = re.compile(
    r"\s*(?:[,;/]|und|oder|sowie|bis|auch|and|or|bzw\.|u\.)?\s*"
    r"(?:i\.?\s?V\.?\s?m\.?|in Verbindung mit|in conjunction with|read with)?\s*(?:(?:mit|des|der|den|dem|nach)\s+)?",
    re.IGNORECASE,
)
_FILLER = re.compile(r"[\s\u00a0]*,?\s*(?:(?:von|aus|nach|in|im|of|the|der|des|dem|die|das|d\.|zur|zum)\s+){0,3}", re.IGNORECASE)
_LEADING = re.compile(
    r"(?:(?:vgl\.?|vergleiche|siehe|s\.|gem\.|gemäß|nach|laut|lt\.|see|der|die|das|im|in|den|dem|zu|the|under)\s+)+", re.IGNORECASE
)
_BARE_PLACE = re.compile(r"[\s:,]+\d{1,3}[a-z]?(?![\w./])")
_OF_THE_UNION = re.compile(r"(?:der (?:EU|Europäischen Union)|\(EU\)|of the (?:EU|European Union))", re.IGNORECASE)
_LOWER_ALONE = "Absatz, Satz, Nummer oder Buchstabe"


@dataclass(frozen=True, slots=True)
class Mention:
    """A norm named in running text: its address, and the characters ``[start, end)`` it was written in.

    ``written`` is the unit it was written with, where the act has another one ("§ 6 DSGVO").
    """

    address: Address
    start: int
    end: int
    written: str = ""


@dataclass(slots=True)
class _Seen:
    """Places found in a text while the act they belong to is being worked out."""

    group: Group
    start: int
    end: int
    source: str | None = None
    unknown: bool = False  # an act is named with it that is not known here


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
    def names(self) -> ActNames:
        """How these acts are called; the number of an EU act is taken from its title."""
        numbers = {n[1]: i.short for i in self.infos if (n := re.search(r"\(EU\)\s*(\d{4}/\d+)", i.title))}
        return ActNames({i.short: (i.short, *i.names) for i in self.infos}, numbers)

    def name_at(self, text: str, start: int) -> tuple[str, int] | None:
        """The act named exactly at ``start``: (short name, end), or None."""
        return self.names.known_at(text, start)

    def names_in(self, text: str) -> list[tuple[str, int, int]]:
        """All acts named in a text: (short name, start, end)."""
        return self.names.known_in(text)

    def mentions(self, text: str, default: str | None = None) -> list[Mention]:
        """All norms named in running text, in order. ``default`` is the act meant where none is named."""
        return [m for seen in self._seen(text, default) if seen.source for m in self._addresses(seen, seen.source)]

    def _addresses(self, seen: _Seen, source: str) -> Iterator[Mention]:
        info = self.get(source)
        for span in seen.group.spans:
            for parts in expanded(span):
                unit, value = parts[0]
                other = info is not None and unit in ("Art.", "§") and unit != info.unit
                if info is not None and other:
                    parts = ((info.unit, value), *parts[1:])  # noqa: PLW2901
                yield Mention(Address(source, parts), seen.start, seen.end, unit if other else "")

    def _fits(self, group: Group, short: str) -> bool:
        """True if the act has places of this kind, so that it may be meant though it is not named there."""
        info = self.get(short)
        if info is None:
            return False
        has = {"Anhang": info.annexes > 0, "ErwG": info.recitals > 0}
        return has.get(group.top, group.top == info.unit)

    def _seen(self, text: str, default: str | None) -> list[_Seen]:
        found = list(groups(text))
        starts = {g.start for g in found}
        seen = [self._named_beside(text, group, starts) for group in found]
        for before, one in pairwise(seen):  # "§ 203 StGB und § 353b"
            if self._open(one) and before.source and self._joined(text, before, one):
                one.source = before.source
        for one, after in reversed(list(pairwise(seen))):  # "Art. 6 Abs. 1 lit. a, Art. 9 DSGVO"
            if self._open(one) and after.source and self._joined(text, one, after):
                one.source = after.source
        named = {name for name, _, _ in self.names_in(text)}
        for one in seen:
            if self._open(one):
                if len(named) == 1 and self._fits(one.group, only := next(iter(named))):
                    one.source = only
                elif not named and default and self._fits(one.group, default):
                    one.source = default
        return seen

    @staticmethod
    def _open(one: _Seen) -> bool:
        return one.source is None and not one.unknown

    def _joined(self, text: str, left: _Seen, right: _Seen) -> bool:
        source = left.source or right.source or ""
        open_one = right if left.source else left
        return bool(_CONNECTED.fullmatch(text, left.end, right.start)) and self._fits(open_one.group, source)

    def _named_beside(self, text: str, group: Group, starts: set[int]) -> _Seen:
        """The places with the act named right behind or right before them."""
        one = _Seen(group, group.start, group.end)
        filler = _FILLER.match(text, group.end)
        after = self.names.at(text, filler.end() if filler else group.end)
        before = self.names.before(text, group.start)
        if after and before and re.compile(r"[\s:,]*").match(text, after.end).end() in starts:  # type: ignore[union-attr]
            after = None  # "KI-VO Art. 5 DSGVO Art. 6": each act stands before its article
        if after:
            one.source, one.unknown, one.end = after.short, after.short is None, after.end
        elif before:
            one.source, one.unknown, one.start = before.short, before.short is None, before.start
        return one

    def parse(self, text: str) -> Address:
        """The one norm that ``text`` is.

        Raises AddressError with a German line that says what is missing or meant, AmbiguousAddress where several
        places can be meant.
        """
        stripped = text.strip(" \t\n„“\"'.?!")
        stripped = stripped[lead.end() :] if (lead := _LEADING.match(stripped)) else stripped
        whole = self.names.at(stripped, 0)
        if whole and whole.short:
            if whole.end == len(stripped):
                return Address(whole.short)
            if _BARE_PLACE.match(stripped, whole.end) and (info := self.get(whole.short)):  # "DSGVO 6", "SGB X 67b"
                stripped = f"{whole.short} {info.unit} {stripped[whole.end :].strip()}"
        seen = self._seen(stripped, None)
        found = [m for one in seen if one.source for m in self._addresses(one, one.source)]
        open_ones = [one for one in seen if not one.source]
        shown = stripped[:80]
        if not seen:
            raise AddressError(self._unreadable(stripped, whole))
        if open_ones:
            raise self._without_act(stripped, open_ones[0])
        if len(found) > 1:
            choices = tuple(dict.fromkeys(m.address.label for m in found))
            raise AmbiguousAddress(
                f"„{shown}“ enthält mehr als eine Fundstelle. Bitte genau eine nennen: {_or(choices)}.", choices
            )
        mention = found[0]
        rest = f"{stripped[: mention.start]} {stripped[mention.end :]}".strip(" .,;:?!")
        if rest and not _OF_THE_UNION.fullmatch(rest):
            raise AddressError(
                f"„{shown}“ ist keine Fundstelle, die ich ganz lesen kann: Unklar ist „{rest[:40]}“. Lesbar ist "
                f"„{mention.address.label}“."
            )
        if mention.written:
            raise AddressError(self.other_unit(mention))
        return mention.address

    def _unreadable(self, text: str, whole: Named | None) -> str:
        """Why no place could be read in ``text``."""
        shown = text[:80]
        if next(groups(text, relative=True), None):
            return (
                f"„{shown}“ ist keine Fundstelle: {_LOWER_ALONE} allein genügt nicht. Bitte Artikel oder Paragraf und "
                "die Quelle dazu nennen, zum Beispiel „Art. 50 Abs. 4 KI-VO“."
            )
        near = self.names.nearest(text) if whole or re.fullmatch(r"[\w-]{3,20}", text) else None
        if near:
            return f"„{shown}“ ist keine Fundstelle und keine Quelle, die ich kenne. Meinten Sie „{near}“?"
        return (
            f"„{shown}“ ist keine Fundstelle, die ich lesen kann. Erwartet wird zum Beispiel "
            "„Art. 50 Abs. 4 KI-VO“, „§ 35 SGB I“ oder „ErwG 26 DSGVO“."
        )

    def _without_act(self, text: str, one: _Seen) -> AddressError:
        place, shown = Address("", one.group.spans[0].first).place, text[:80]
        if one.unknown:
            name = f"{text[one.start : one.group.start]}{text[one.group.end : one.end]}".strip(" ,:")
            near = self.names.nearest(name)
            hint = f" Meinten Sie „{place} {near}“?" if near and self._fits(one.group, near) else ""
            return AddressError(f"„{shown}“ ist keine Fundstelle: Die Quelle „{name}“ kenne ich nicht.{hint}")
        rest = text[one.end :].strip(" .,")
        near = self.names.nearest(rest) if rest and " " not in rest else None
        if near and self._fits(one.group, near):
            return AddressError(
                f"„{shown}“ ist keine Fundstelle: Die Quelle „{rest}“ kenne ich nicht. Meinten Sie „{place} {near}“?"
            )
        choices = self.choices(text)
        if not choices:
            return AddressError(f"„{shown}“ ist keine Fundstelle: Die Quelle fehlt, und keine bekannte reicht so weit.")
        more = " oder eine weitere" if len(choices) > 6 else ""
        return AmbiguousAddress(
            f"„{shown}“ ist keine Fundstelle, weil die Quelle fehlt. Gemeint sein kann {_or(choices[:6])}{more}.",
            choices,
        )

    def choices(self, text: str) -> tuple[str, ...]:
        """What a place named without its act can mean: "Art. 7" gives "Art. 7 DSGVO", "Art. 7 KI-VO" and so on.

        Empty where no place is named, or an act is named with one of them.
        """
        seen = self._seen(text, None)
        if not seen or not all(self._open(one) for one in seen):
            return ()
        return tuple(Address(i.short, seen[0].group.spans[0].first).label for i in self.having(seen[0].group))

    def having(self, group: Group) -> list[ActInfo]:
        """The acts in their listed order that can have such a place, as far as their size is known."""
        number = re.match(r"\d+", group.spans[0].first[0][1])
        return [
            info for info in self.infos
            if info.verified and self._fits(group, info.short)
            and (number is None or group.top == "ErwG" or not info.last or int(number.group()) <= info.last)
        ]  # fmt: skip

    def other_unit(self, mention: Mention) -> str:
        """What is wrong with a place written with a unit that its act does not have ("§ 6 DSGVO"); "" for all others."""
        if not mention.written:
            return ""
        info = self.get(mention.address.source)
        names = {"Art.": "Artikel", "§": "Paragrafen"}
        unit = info.unit if info else "Art."
        return (
            f"{the(mention.address.source)} ist in {names[unit]} gegliedert, nicht in {names[mention.written]}: "
            f"Diese Fundstelle gibt es nicht. Gemeint ist wohl „{mention.address.label}“."
        )


def the(short: str) -> str:
    """The short name of an act with its German article: "Die DSGVO", "Das BDSG"."""
    core = re.sub(r"(?:\s(?:NRW|NW|[IVX]+|[\d.]+))+$", "", short)
    return f"{'Die' if core.endswith(('O', 'V')) else 'Das'} {short}"


def _or(choices: Sequence[str]) -> str:
    quoted = [f"„{c}“" for c in choices]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} oder {quoted[-1]}"


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
