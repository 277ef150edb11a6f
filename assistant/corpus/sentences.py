"""Sentences of a provision, as they are counted when law is cited ("Abs. 1 Satz 2").

Cut conservatively: what is not surely the end of a sentence is none. A list belongs to the sentence that introduces it;
a line without label begins a new sentence only where the one before ended and it does not go on in lower case. No reader gives sentences a
place of their own, so they are resolved here, against the wording.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from assistant.corpus.addresses import Address
from assistant.types import Kind, Provision

_LABEL = re.compile(r"(?:\(\d{1,3}[a-z]?\)|\d{1,3}(?:\.\d{1,2})?[a-z]?\.|[a-z]{1,4}\))(?:\s|$)")
_ENDING = re.compile(r"[.!?][“”\"’)]*(?=\s+[„»(\"]?[A-ZÄÖÜ§])")
_ABBREVIATIONS = frozenset(
    "abl abs abschn anh art aufl az bd bek bgbl bsp buchst bzgl bzw ca d dgl dr ebd etc evtl f ff gem ggf h halbs hs i idf inkl "
    "insb kap lit m mio mrd nr nrn o prof rdnr rn s sog st str tel teilbd u uabs ua usw v vgl z ziff zit".split()
)
_MONTHS = frozenset("januar februar märz april mai juni juli august september oktober november dezember".split())
_BEFORE_ORDINAL = frozenset("am vom zum im der des dem den die das ab".split())


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of one provision's text, each a verbatim substring of it; () where its text is divided further.

    ``text`` is the wording with the places below it, one per line.
    """
    if not text or re.match(r"\(\d", text):
        return ()
    starts = [0]
    position = 0
    before, listed = "", False  # the line before, and whether it is part of a list
    for line in text.split("\n"):
        if _LABEL.match(line):
            listed = True
        else:
            over = re.search(r"[.!?][“”\"’)]*$", before) or (listed and before.endswith(";"))
            if over and not line[:1].islower() and not line.startswith(("–", "—", "-")):
                starts.append(position)
            starts.extend(position + end for end in _ends(line))
            listed = False
        before = line
        position += len(line) + 1
    ends = [*starts[1:], len(text)]
    return tuple(piece for a, b in zip(starts, ends, strict=True) if (piece := text[a:b].strip()))


def _ends(line: str) -> list[int]:
    """Where in a line a sentence is over and another begins."""
    found = []
    for match in _ENDING.finditer(line):
        before = re.findall(r"[\wÄÖÜäöüß]+", line[: match.start()][-60:])
        last = before[-1].lower() if before else ""
        following = line[match.end() :].split(maxsplit=1)[0].strip("„(\"").lower().rstrip(".,;")
        if match.group().startswith("."):
            if last in _ABBREVIATIONS or (len(last) == 1 and not last.isdigit()):
                continue
            ordinal = following in _MONTHS or (len(before) > 1 and before[-2].lower() in _BEFORE_ORDINAL)
            if last.isdigit() and len(last) <= 2 and ordinal:
                continue
        found.append(match.end())
    return found


def sentence_place(places: Mapping[str, Provision], address: Address) -> Provision | None:
    """The place an address with a sentence means; None where the address has none or the sentence is not there.

    "Abs. 1 Satz 2" gives that sentence, verbatim, under its own norm. "Abs. 1 Satz 2 Nr. 3" gives the number, provided
    that it stands in this sentence.
    """
    at = next((i for i, (unit, _) in enumerate(address.parts) if unit == "Satz"), None)
    if at is None:
        return None
    above = Address(address.source, tuple(p for p in address.parts[:at] if p != ("UAbs.", "1")))
    rest = address.parts[at + 1 :]
    below = places.get(Address(address.source, (*above.parts, *rest)).norm) if rest else None
    if below is not None and below.kind is Kind.KURZFASSUNG:
        return below
    whole = places.get(above.norm)
    if whole is None or whole.kind is Kind.KURZFASSUNG:  # the sentences of a digest are not those of the law
        return None
    number, found = int(address.parts[at][1]), sentences(whole.text)
    if not 1 <= number <= len(found):
        return None
    if not rest:
        return replace(whole, norm=address.norm, label=address.label, text=found[number - 1])
    return below if below is not None and below.text.split("\n")[0] in found[number - 1] else None
