"""Cross-references inside the law: which places a provision names, resolved to addresses.

Computed from the wording whenever asked, nothing is stored. Relative forms ("Absatz 1 Buchstabe c", "Unterabsatz 1",
"paragraph 2 of this Article") are resolved against the line they stand in; places of acts that are not known here
("Artikel 16 AEUV") are left out, and so is what only looks like a reference to this act.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from assistant.corpus.addresses import Acts, Address
from assistant.corpus.citing import LOWER_UNITS, TOP_UNITS, Group, Parts, Span, expanded, groups
from assistant.corpus.sentences import sentence_place
from assistant.types import Kind, Provision

_RANK = dict.fromkeys(TOP_UNITS, 0) | {unit: i for i, unit in enumerate(LOWER_UNITS, start=1)}
_LABEL = re.compile(r"(?:\((\d{1,3}[a-z]?)\)|(\d{1,3}(?:\.\d{1,2})?[a-z]?)\.|([a-z]{1,2})\))(?:\s|$)")
_SECTION = re.compile(r"(?:Abschnitt|Section)\s+([A-Z0-9]+)\b", re.I)
_FILLER = re.compile(r"(?:\s+Artikel R\d+)?[,\s\u00a0]*\(?(?:(?:der|des|of|the|von|to|d\.)\s+){0,3}(?:dem\s+)?", re.I)
_FILLER_AND_ADJECTIVES = re.compile(
    r"[,\s\u00a0]*(?:(?:der|des|of|the)\s+){1,2}(?:[A-ZÄÖÜ]?[a-zäöü]+en\s+){0,2}", re.I
)
_OWN = re.compile(
    r"\s*(?:(?:(?:in|of|nach|unter)\s+)?(?:dieser|dieses|diesem|this|der vorliegenden|des vorliegenden|der hiesigen)\s+"
    r"(?:Verordnung|Gesetz|Buch|Artikel|Absatz|Unterabsatz|Paragra|Abschnitt|Kapitel|Regulation|Article|paragraph|point|"
    r"subparagraph|Annex|Anhang))",
    re.I,
)
_THAT = re.compile(
    r"\s*,?\s*(?:(?:der|des|of|in)\s+(?:genannten|vorgenannten|dortigen|letztgenannten|said)|(?:of\s+)?(?:jener|jenes|that|those))"
    r"\s+(?:Verordnung|Richtlinie|Gesetze?s|Beschluss|Regulation|Directive|Decision|Artikels|Article)"
    r"|\s+(?:dieser Richtlinie|dieses Beschlusses|of this (?:Directive|Decision)|thereof)\b",
    re.I,
)
_THAT_ANNEX = re.compile(r"\s+(?:des genannten Anhangs|jenes Anhangs|of that Annex)", re.I)
_WHOSE = re.compile(r"\b(?:deren|dessen)\s+$")
_JOINED = re.compile(r"\s*(?:,|und|oder|sowie|and|or)\s+(?:des|der|den|dem)\s+", re.I)
_LISTED_ACT = re.compile(r"\d+\.\s+(?:Verordnung|Richtlinie|Beschluss|Regulation|Directive|Decision)\s", re.I)
_AMENDS = re.compile(
    r"wie folgt geändert|(?:wird|werden) (?:der |die |das )?folgende\w*\s+\w+ (?:angefügt|eingefügt|hinzugefügt)|"
    r"amended as follows|the following (?:sub)?(?:paragraph|point|article)s? (?:is|are) (?:added|inserted)",
    re.I,
)
_ENGLISH = re.compile(r"\b(?:the|shall|of)\b", re.I)


@dataclass(frozen=True, slots=True)
class Reference:
    """``target`` is named in the line of ``place``; ``written`` are the characters it was read from."""

    place: Address
    target: Address
    written: str


def references(
    provision: Provision, acts: Acts, places: Mapping[str, Provision] | None = None
) -> tuple[Address, ...]:
    """The places that a provision and those within it name, in reading order, each once; not itself or what holds it.

    ``places`` are the provisions of the same act and state by norm. With them, targets are places that exist (or the
    nearest place above), and ranges include inserted places ("Art. 4 bis 6" holds Art. 4a).
    """
    own = address_of(provision.norm, acts)
    found = [r.target for r in named_in(provision, acts, places) if not holds(r.target, own)]
    return tuple(dict.fromkeys(found))


def named_in(provision: Provision, acts: Acts, places: Mapping[str, Provision] | None = None) -> Iterator[Reference]:
    """Every reference in a provision's text, each with the line's own place, repeated ones too."""
    own = address_of(provision.norm, acts)
    if not own.parts:
        return
    english = len(_ENGLISH.findall(provision.text[:400])) > 2
    paragraph = "Abs." if english and own.parts[0][0] != "§" else "§"
    amends = bool(_AMENDS.search(provision.text[:1500]))
    if provision.kind is Kind.KURZFASSUNG:
        places = None  # a digest is not complete: what it has no entry for may well exist
    for place, line in _lines(own, provision.text):
        before: list[Address] = []  # what the line has named so far
        for group, act, explicit in _with_acts(line, own.source, acts, paragraph):
            if act is None or (not explicit and (amends or _LISTED_ACT.match(line))):
                continue
            inside = places if act == own.source else None
            at = _that_annex(line, group, before) or place
            for span in group.spans:
                found = list(_targets(span, act, at, acts, inside))
                if not found and inside is not None and group.top not in TOP_UNITS:
                    found = list(_under(before, span, inside))
                before += found
                yield from (Reference(place, target, line[group.start : group.end]) for target in found)


def _with_acts(line: str, own: str, acts: Acts, paragraph: str) -> list[tuple[Group, str | None, bool]]:
    """The places of a line, each with the act meant (None: not known here) and whether it is named with the place."""
    found = [(g, *_act(line, g, own, acts)) for g in groups(line, relative=True, paragraph=paragraph)]
    for number in range(len(found) - 2, -1, -1):
        group, act, explicit = found[number]
        after, its_act, its_explicit = found[number + 1]
        # "des Artikels 25 Absatz 6 oder des Artikels 26 der Richtlinie 95/46/EG": both belong to the directive.
        if its_explicit and not explicit and act == own and group.top == after.top and group.top in TOP_UNITS:
            joined = _JOINED.fullmatch(line, group.end, after.start)
            found[number] = (group, its_act, True) if joined else found[number]
    return found


def _that_annex(line: str, group: Group, before: list[Address]) -> Address | None:
    """The annex meant by "Nummer 2 des genannten Anhangs"."""
    if not _THAT_ANNEX.match(line, group.end):
        return None
    return next((Address(a.source, a.parts[:1]) for a in reversed(before) if a.parts[0][0] == "Anhang"), None)


def _under(before: list[Address], span: Span, places: Mapping[str, Provision]) -> Iterator[Address]:
    """A relative place below or beside what the line named just before: "Nummern 1 bis 10 mit Ausnahme der Nummer 6"."""
    for parts in expanded(span):
        rank = _RANK[parts[0][0]]
        for named in reversed(before):
            above = tuple(p for p in named.parts if _RANK[p[0]] < rank)
            if above and (there := _place(Address(named.source, (*above, *parts)), places)):
                yield there
                break


def address_of(norm: str, acts: Acts) -> Address:
    """The address of a norm in the contract's form, which needs no reading."""
    known = acts.name_at(norm, 0)
    if known is None:
        return Address(norm)
    words = norm[known[1] :].split()
    return Address(known[0], tuple(zip(words[::2], words[1::2], strict=True)))


def _lines(own: Address, text: str) -> Iterator[tuple[Address, str]]:
    """Each line of a text with the place it belongs to, as far as its label tells."""
    place = own
    for number, line in enumerate(text.split("\n")):
        label = _LABEL.match(line)
        if label is None or (number == 0 and label[1] is None and len(own.parts) > 1):
            section = _SECTION.match(line) if len(own.parts) == 1 and own.parts[0][0] == "Anhang" else None
            part = ("Abschnitt", section[1].upper()) if section else None
            place = Address(own.source, (*own.parts[:1], part)) if part else place if number == 0 else _trimmed(place, own)
        else:
            place = _labelled(place, own, label)
        yield place, line


def _trimmed(place: Address, own: Address) -> Address:
    """A line without label goes back to the paragraph it stands in."""
    kept = tuple(p for p in place.parts if _RANK[p[0]] <= _RANK["Abs."])
    return Address(own.source, kept if len(kept) >= len(own.parts) else own.parts)


def _labelled(place: Address, own: Address, label: re.Match[str]) -> Address:
    bracketed, number, letter = label.groups()
    if bracketed and own.parts[0][0] in ("Art.", "§"):
        unit, value = "Abs.", bracketed
    elif bracketed or number:
        unit, value = "Nr.", bracketed or number
    else:
        unit, value = "lit.", letter
    above = tuple(p for p in place.parts if _RANK[p[0]] < _RANK[unit])
    above = above if len(above) >= len(own.parts) else own.parts
    if above[-1][0] == unit and _RANK[unit] <= _RANK[own.parts[-1][0]]:
        return place
    return Address(own.source, (*above, (unit, value)))


def _act(line: str, group: Group, own: str, acts: Acts) -> tuple[str | None, bool]:
    """(act meant, whether it is named with the place); None for an act that is not known here."""
    if _OWN.match(line, group.end) or _THAT_ANNEX.match(line, group.end):
        return own, False
    that = _THAT.match(line, group.end) or _WHOSE.search(line, 0, group.start)
    if that and not (group.top not in TOP_UNITS and "thereof" in that.group()):
        last = acts.names.last_in(line[: group.start])
        return (last.short if last else None), True
    starts_below = group.top not in TOP_UNITS
    for filler in (_FILLER_AND_ADJECTIVES, _FILLER):  # "des Ersten Buches" is a name, "der Europäischen Konvention" not
        match = filler.match(line, group.end)
        end = match.end() if match else group.end
        named = acts.names.at(line, end, slips=False)
        if named is not None and line[group.end : end].strip(" \u00a0") != ",":
            return (None if starts_below and named.short != own else named.short), True
    if not starts_below and not _fits(group, own, acts):
        return None, False
    return own, False


def _fits(group: Group, own: str, acts: Acts) -> bool:
    info = acts.get(own)
    return info is not None and group.top in (info.unit, "Anhang", "ErwG") and (group.top != "Anhang" or info.annexes > 0)


def _targets(
    span: Span, act: str, place: Address, acts: Acts, places: Mapping[str, Provision] | None
) -> Iterator[Address]:
    """The addresses a span means, seen from ``place``."""
    info = acts.get(act)
    for parts in _between(span, act, place, places):
        whole = _absolute(parts, place, places) if parts[0][0] not in TOP_UNITS else Address(act, parts)
        if whole is None or (info is not None and whole.parts[0][0] in ("Art.", "§") and whole.parts[0][0] != info.unit):
            continue
        target = whole if places is None else existing(whole, places)
        if target is None or (parts[0][0] not in TOP_UNITS and holds(target, place)):
            continue  # a relative place that is not there, or a heading's own number
        yield target


def holds(outer: Address, inner: Address) -> bool:
    """True if ``inner`` is ``outer`` or lies in it, subparagraphs taken seriously (unlike ``Address.contains``)."""
    return outer.source == inner.source and inner.parts[: len(outer.parts)] == outer.parts


def _between(span: Span, act: str, place: Address, places: Mapping[str, Provision] | None) -> tuple[Parts, ...]:
    """All places of a span; with ``places``, those that are really there, inserted ones included."""
    counted = expanded(span, limit=60)
    if span.last is None or places is None:
        return counted
    first = _absolute(span.first, place, places) if span.first[0][0] not in TOP_UNITS else Address(act, span.first)
    if first is None:
        return counted
    unit = span.first[-1][0]
    low, high = (Address(act, ((unit, parts[-1][1]),)).sort_key for parts in (span.first, span.last))
    start = f"{Address(act, first.parts[:-1]).norm} {unit} "
    values = dict.fromkeys(norm[len(start) :].split(" ", 1)[0] for norm in places if norm.startswith(start))
    inside = [v for v in values if low <= Address(act, ((unit, v),)).sort_key <= high]
    return tuple((*span.first[:-1], (unit, v)) for v in inside) or counted


def _absolute(parts: Parts, place: Address, places: Mapping[str, Provision] | None) -> Address | None:
    """A relative chain completed with what stands above it in the line it was written in."""
    rank = _RANK[parts[0][0]]
    if parts[0][0] == "Abschnitt" and place.parts[0][0] != "Anhang":
        return None  # the sections of a chapter are no places
    if parts[0][0] == "Satz":
        rank = _RANK["UAbs."]
    above = [p for p in place.parts if _RANK[p[0]] < rank]
    if not above or above[0][0] == "ErwG":
        return None
    candidates = [Address(place.source, (*above, *parts))]
    if len(above) > 1 and parts[0][0] in ("lit.", "Nr."):
        candidates += [Address(place.source, (*above[:n], *parts)) for n in range(len(above) - 1, 0, -1)]
    if places is None:
        return candidates[0]
    return next((c for c in candidates if _place(c, places)), candidates[0])


def _place(address: Address, places: Mapping[str, Provision]) -> Address | None:
    """The address under which this very place stands in ``places``, or None."""
    plain = Address(address.source, tuple(p for p in address.parts if p != ("UAbs.", "1")))
    if address.norm in places or (plain.norm in places and address.parts[-1] == ("UAbs.", "1")):
        return address
    if plain.norm in places:
        return plain
    if (found := sentence_place(places, address)) is not None:
        depth = found.norm.count(" ") - address.source.count(" ")
        return address if found.norm == address.norm else Address(address.source, _without_sentence(address)[: depth // 2])
    if len(plain.parts) > 1 and plain.parts[1][0] in ("Abs.", "UAbs."):
        # "Article 3(14)" is a definition; "Artikel 113 Absatz 3 Buchstabe a" counts paragraphs without a number.
        top, value, rest = plain.parts[0], plain.parts[1][1], plain.parts[2:]
        others: list[Parts] = [(top, ("Nr.", value), *rest), (top, ("UAbs.", value), *rest), *([(top, *rest)] if rest else [])]
        return next((a for parts in others if (a := replace(plain, parts=parts)).norm in places), None)
    return None


def _without_sentence(address: Address) -> Parts:
    return tuple(p for p in address.parts if p[0] != "Satz" and p != ("UAbs.", "1"))


def existing(address: Address, places: Mapping[str, Provision]) -> Address | None:
    """The place itself, or the nearest place above it that exists.

    None where the article does not exist, or not the paragraph, number or point right below it: then another act is meant.
    """
    second = address.parts[:2]
    if len(second) > 1 and second[1][0] in ("Abs.", "Nr.", "lit.") and not _place(Address(address.source, second), places):
        return None
    upper: Address | None = address
    while upper is not None and upper.parts:
        if found := _place(upper, places):
            return found
        upper = upper.parent
    return None
