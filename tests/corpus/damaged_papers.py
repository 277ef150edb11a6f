"""A seeded stream of damaged documents, pages, chapters and archives, read one after the other in a limited child.

Kept apart from the tests so that the child imports little.
"""

from __future__ import annotations

import datetime as dt
import io
import random
import tempfile
import time
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from assistant.corpus.addresses import ActInfo
from assistant.corpus.documents import read_document
from assistant.corpus.readers import read_official
from assistant.corpus.rules import read_chapter
from assistant.errors import CorpusError
from assistant.types import Level
from tests.corpus import nrw_pages, pages, papers

ACT = ActInfo(
    "mustg-nrw", "MustG NRW", "Mustergesetz für das Land Nordrhein-Westfalen", Level.LAND, "§", ("Mustergesetz NRW",)
)
BDSG = ActInfo("bdsg", "BDSG", "Bundesdatenschutzgesetz", Level.BUND, "§")
CHAPTER = """# Kapitel

Vorwort.

## Regel

```yaml
id: regel
urteil: verboten
satz: "Nie."
bedingungen: []
begruendung: "Darum."
zustaendig: [dsb]
normen: ["DSGVO Art. 5"]
handlung: [eingeben]
daten: []
werkzeug: []
ausnahme_von: []
fragen: ["Eins?", "Zwei?", "Drei?", "Vier?", "Fünf?"]
```

Text.

## Weiteres

- Punkt
""".encode()

_SNIPPETS = (
    b"<", b">", b"&", b"&c;", b"\x00", b"\xff\xfe", b"</w:p>", b"<w:p>", b"<!--", b"<![CDATA[", b"(" * 60, b"1" * 5000, b"\n---\n",
    b"- [[[[[[[[[[", b"a: &a [*a]\n", b"2026-13-99", b"```\n", b"# ", b"<p class=lrdetail>\xc2\xa7 1<br>", b"margin-left:9e99",
    b"<w:numPr><w:ilvl w:val='-7'/><w:numId w:val='x'/></w:numPr>", b"<w:outlineLvl w:val='99999999999'/>", b" /Count -9 ",
    b" 5 0 R ", b"/Kids [2 0 R]", b"/Length 99999999", b"/Filter /FlateDecode", b"<< " * 400, b"[ " * 4000, b"(\\" * 90, b" Tj ",
    b"\xe2\x80\xa8\xe2\x80\xae\x1b[0m", b"Seite 1 von 3", b"<!DOCTYPE x [<!ENTITY c 'ccc'>]>", b"!!python/object:os.system ",
)  # fmt: skip


def damage(data: bytes, chance: random.Random) -> bytes:
    """Bits flipped, cut off, pieces put in, moved, or one element nested many times."""
    result = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 4])):
        if not result:
            break
        place, kind = chance.randrange(len(result)), chance.randrange(6)
        if kind == 0:
            for _ in range(chance.randint(1, 30)):
                result[chance.randrange(len(result))] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del result[place:]
        elif kind == 2:
            result[place : place + chance.choice([0, 4, 60])] = chance.choice(_SNIPPETS)
        elif kind == 3:
            piece = result[place : place + chance.choice([5, 50, 500])]
            result[chance.randrange(len(result)) : 0] = piece
        elif kind == 4:
            tag, deep = (
                chance.choice([b"w:p", b"w:tbl", b"w:sdt", b"p", b"div", b"table"]),
                chance.choice([5, 200, 300, 2000]),
            )
            place = max(bytes(result).rfind(b"><", 0, place) + 1, 0)
            result[place:place] = (b"<" + tag + b">") * deep + (b"</" + tag + b">") * chance.choice([0, deep])
        else:
            del result[place : place + chance.choice([1, 20, 200])]
    return bytes(result)


def damage_inside(data: bytes, chance: random.Random) -> bytes:
    """Mostly one file of a zip damaged and packed again; else the zip itself."""
    if chance.random() < 0.25:
        return damage(data, chance)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        likely = [n for n in archive.namelist() if n.endswith((".xml", ".rels"))]
        name = "word/document.xml" if "word/document.xml" in likely and chance.random() < 0.6 else chance.choice(likely)
        return papers.rewritten(data, {name: damage(archive.read(name), chance)})


def _chapter(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".md") as file:
        file.write(data)
        file.flush()
        read_chapter(Path(file.name), "kaputt")


def _document(data: bytes) -> None:
    read_document(data, "kaputt", "Titel")


@cache
def kinds() -> dict[str, tuple[bytes, Callable[[bytes, random.Random], bytes], Callable[[bytes], object]]]:
    """Kind of file: an undamaged one, what damages it, what reads it."""
    statute = pages.zipped(("a.xml", pages.statute()))
    state = dt.date(2026, 1, 1)
    return {
        "docx": (papers.word(), damage_inside, _document),
        "pdf": (papers.pdf(title="Titel"), damage, _document),
        "pdf-gepackt": (papers.packed_pdf(), damage, _document),
        "nativ": (nrw_pages.native(), damage, lambda d: read_official(d, "kaputt", ACT, state)),
        "alt": (nrw_pages.legacy(), damage, lambda d: read_official(d, "kaputt", ACT, state)),
        "markdown": (CHAPTER, damage, _chapter),
        "zip": (statute, damage_inside, lambda d: read_official(d, "kaputt", BDSG)),
    }


def outcomes(kind: str, number: int) -> tuple[int, int, float, list[str]]:
    """Of so many damaged files of a kind: read, refused, the longest time in seconds, and what went wrong."""
    whole, damaging, reading = kinds()[kind]
    reading(whole)
    chance = random.Random(f"papers {kind}")
    read, refused, slowest, wrong = 0, 0, 0.0, []
    for position in range(number):
        data = damaging(whole, chance)
        begun = time.monotonic()
        try:
            reading(data)
            read += 1
        except CorpusError as error:
            refused += 1
            if not str(error).startswith("kaputt") or len(str(error).splitlines()) != 1:
                wrong.append(f"{position}: {error!r}")
        except Exception as error:
            wrong.append(f"{position}: {error!r}"[:300])
        slowest = max(slowest, time.monotonic() - begun)
    return read, refused, slowest, wrong
