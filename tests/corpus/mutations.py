"""Damaged law: seeds in every format and a seeded stream of mutations of each, the same in every run.

``python -m tests.corpus.mutations`` reads many of them in this process under a memory limit and prints what came of it;
the test of memory runs that in a child.
"""

from __future__ import annotations

import copy
import io
import json
import random
import re
import resource
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator

from lxml import etree

from assistant.corpus.addresses import ActInfo
from assistant.corpus.readers import read_official
from assistant.errors import CorpusError
from assistant.types import Level
from tests.corpus import formex_files, pages

EU = ActInfo("ki-vo", "KI-VO", "KI-Verordnung – Verordnung (EU) 2024/1689", Level.EU, "Art.")
BUND = ActInfo("bdsg", "BDSG", "Bundesdatenschutzgesetz", Level.BUND, "§")

MARKDOWN = """---
titel: Kleine Verordnung
kurz: KV
stand: 2026-01-01
gilt_bis: 2030-01-01
---
# Erwägungsgründe
(1) Ein Grund.
# KAPITEL I: Anfang
## ABSCHNITT 1: Erstes
### Artikel 1: Liste
(1) Verboten ist:
a) erstens:
i) dies;
ii) jenes;
h) ha:
i) anderes.
Das gilt nicht sonntags.
(1a) Eingefügt.
### § 2a: Nummern
1. Ding;
3.1. Sache.
# ANHANG II: Bereiche
## Abschnitt A – Fernes
1. Erster Bereich:
a) Fernes.
""".encode()

MARKED = formex_files.deletion("<PARAG><NO.PARAG>(2)</NO.PARAG><ALINEA>Weg.</ALINEA></PARAG>")
SEEDS: dict[str, tuple[bytes, ActInfo | None]] = {
    "markdown": (MARKDOWN, None),
    "eurlex-journal": (pages.journal(), EU),
    "eurlex-consolidated": (pages.consolidated(), EU),
    "gii": (pages.statute(), BUND),
    "gii-zip": (pages.zipped(("a.xml", pages.statute())), BUND),
    "formex-journal": (formex_files.journal(extra=formex_files.QUOTED), EU),
    "formex-consolidated": (formex_files.consolidated(extra=MARKED), EU),
    "formex-zip": (formex_files.package(), EU),
}

_BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
_SNIPPETS = (
    b"<", b">", b"&", b"&c;", b"&#0;", b"&#x110000;", b"\x00", b"\xff\xfe", b"<p>", b"</p>", b"<!--", b"<![CDATA[", b"]]>",
    b"(" * 40, b"(99999999999999999999) ", b"1" * 5000, b"\xc2\xb9\xc2\xb2 ", b"\xd9\xa3. ", b"\n---\n", b"### Artikel 1: x\n",
    b"# ANHANG IV: y\n", b"zzzz) ", b"iv) ", b"<?xml version='1.0'?>", _BOMB, b'<?CLG.MDFO ID="O9" IDREF="C9" ACTION="DELETED"?>',
    b'<?CLG.MDFC ID="C9"?>', b'<QUOT.START CODE="110000"/>', b'<FT TYPE="NUMBER">\xd9\xa3\xd9\xa3\xd9\xa3\xd9\xa3\xd9\xa3</FT>',
    b"<NP><NO.P>(1)</NO.P></NP>", b"<table><tr><td>(1)</td><td/></tr></table>", b"<DL><DT>1.</DT></DL>", b'xmlns:a="b" ',
    "\u2028\u202e\x1b[0m".encode(), b"v. 99.99.9999 ", b"20269999",
)  # fmt: skip


def _flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 20)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def _insert(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 4)):
        position = chance.randrange(len(data))
        data[position : position + chance.choice([0, 0, 1, 40])] = chance.choice(_SNIPPETS)


def _move(data: bytearray, chance: random.Random) -> None:
    """A piece is taken out and put in somewhere else, some of them twice."""
    start = chance.randrange(len(data))
    piece = data[start : start + chance.choice([3, 30, 300])]
    if chance.random() < 0.5:
        del data[start : start + len(piece)]
    position = chance.randrange(len(data) + 1)
    data[position:position] = piece


def _swap_tags(data: bytearray, chance: random.Random) -> None:
    """Two elements exchange their names everywhere, or the lines of a text their places."""
    names = sorted(set(re.findall(rb"</([\w.]+)>", data)))
    if len(names) > 2:
        one, other = chance.sample(names, 2)
        exchange = {one: other, other: one}
        data[:] = re.sub(rb"(</?)([\w.]+)(?=[\s/>])", lambda m: m[1] + exchange.get(m[2], m[2]), data)
    else:
        lines = bytes(data).split(b"\n")
        chance.shuffle(lines)
        data[:] = b"\n".join(lines)


_WORDS = (
    "",
    "(1)",
    "1.",
    "(a)",
    "a)",
    "ii)",
    "—",
    "Artikel 5",
    "Article 7a",
    "ANHANG III",
    "(weggefallen)",
    "-",
    "‘3.",
    "x" * 999,
)


def _rearrange(data: bytearray, chance: random.Random) -> None:
    """Elements are taken out, doubled, moved into others, emptied; what comes out is well-formed."""
    try:
        root = etree.fromstring(bytes(data), etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        _insert(data, chance)
        return
    for _ in range(chance.randint(1, 8)):
        nodes = list(root.iter(etree.Element))[1:]
        if len(nodes) < 2:
            break
        node, other = chance.sample(nodes, 2)
        change = chance.randrange(6)
        if change == 0:
            node.getparent().remove(node)
        elif change == 1:
            other.append(copy.deepcopy(node))
        elif change == 2:
            node.text = chance.choice(_WORDS)
        elif change == 3:
            node.tail = chance.choice(_WORDS)
        elif change == 4 and node.attrib:
            node.set(chance.choice(sorted(node.attrib)), chance.choice(_WORDS))
        else:
            node.tag = other.tag
    data[:] = etree.tostring(root, encoding="utf-8")


def _nest(data: bytearray, chance: random.Random) -> None:
    """Around a piece, one element many times over."""
    tag = chance.choice([b"p", b"div", b"table", b"P", b"DL", b"DD", b"LIST", b"ITEM", b"QUOT.S", b"DIVISION", b"span"])
    deep = chance.choice([5, 60, 240, 300, 3000])
    start = chance.randrange(len(data))
    if chance.random() < 0.7:  # between two elements, so that the result may be well-formed
        start = max(bytes(data).rfind(b"><", 0, start) + 1, 0)
    data[start:start] = b"<" + tag + b">" * 1 + (b"<" + tag + b">") * (deep - 1) + b"x" + (b"</" + tag + b">") * deep


_MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip,
    _cut,
    _insert,
    _insert,
    _move,
    _swap_tags,
    _nest,
)


def _mutant(data: bytes, chance: random.Random) -> bytes:
    """One damaged version: of a zip mostly one of its members, of markup half the time still well-formed."""
    if data.startswith(b"PK") and chance.random() < 0.7:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(member, archive.read(member)) for member in archive.namelist()]
        chosen = chance.randrange(len(members))
        members[chosen] = (members[chosen][0], _mutant(members[chosen][1], chance))
        return pages.zipped(*members)
    damaged = bytearray(data)
    kinds = (_rearrange,) if chance.random() < 0.5 and data.startswith(b"<") else _MUTATIONS
    for _ in range(chance.choice([1, 1, 2, 3])):
        if damaged:
            chance.choice(kinds)(damaged, chance)
    return bytes(damaged)


def mutants(name: str, number: int) -> Iterator[bytes]:
    """So many damaged versions of a seed; the same for the same name."""
    chance = random.Random(f"law {name}")
    return (_mutant(SEEDS[name][0], chance) for _ in range(number))


def outcome(data: bytes, info: ActInfo | None) -> str:
    """ "read" or "refused"; whatever else the reader raises passes through."""
    try:
        read_official(data, "kaputt.dat", info)
    except CorpusError as error:
        message = str(error)
        assert message.startswith("kaputt.dat: "), message
        assert len(message.splitlines()) == 1, message
        return "refused"
    return "read"


def main(number: int, limit: int) -> None:
    """Reads ``number`` mutants of every seed with at most ``limit`` bytes of memory; prints counts and growth in MB."""
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for data, info in SEEDS.values():
        outcome(data, info)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    counts = Counter(outcome(data, SEEDS[name][1]) for name in SEEDS for data in mutants(name, number))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    sys.stdout.write(json.dumps({**counts, "grown_mb": grown / 1024}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
