"""Word documents (DOCX) to paragraphs: headings by style, automatic numbers worked out, tables row by row.

python-docx opens the package and knows the styles. The text is taken from the markup itself, because its
``Paragraph.text`` leaves out inserted text, content controls and fields. Deleted, moved-away and hidden text, tables of
contents, footnotes, page headers and footers are left out.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import nsmap

from assistant.corpus.archives import refuse_bombs
from assistant.corpus.documents import Document, Paragraph, arrange, clean
from assistant.errors import ImportRefused

MAX_UNPACKED = 256 * 2**20
MAX_FILES = 3000
_W = f"{{{nsmap['w']}}}"
_LEFT_OUT = frozenset(f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr"))
_GUESSED = 7  # the level of a bold line without a heading style: below all that have one
_LONGEST_HEADING = 120


def read_docx(data: bytes, name: str, title: str) -> Document:
    """One Word document. Raises ImportRefused with one German line."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            refuse_bombs(archive, len(data), name, most_bytes=MAX_UNPACKED, most_files=MAX_FILES)
            if "word/document.xml" not in archive.namelist():
                raise ImportRefused(f"{name}: ein Archiv, aber kein Word-Dokument. In Word als .docx speichern.")
            with archive.open("word/document.xml") as stream:
                if re.search(rb"<!(?:ENTITY|DOCTYPE)", stream.read(65536), re.IGNORECASE):
                    raise ImportRefused(
                        f"{name}: enthält eigene Entitäten, die Word nie schreibt. Neu als .docx speichern."
                    )
    except ImportRefused:
        raise
    except Exception as error:  # zipfile and zlib raise errors without a common base
        raise ImportRefused(f"{name}: beschädigt oder abgebrochen. In Word öffnen und neu speichern.") from error
    import docx

    try:
        document = docx.Document(io.BytesIO(data))
        body = document.element.body
        walk = _Walk(_Styles(document.styles.element), _Numbers(_numbering(document)))
        paragraphs = list(walk.blocks(body))
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # zipfile, lxml and python-docx raise errors without a common base
        raise ImportRefused(
            f"{name}: kein lesbares Word-Dokument. In Word öffnen und neu als .docx speichern."
        ) from error
    named = clean(walk.title) or clean(document.core_properties.title or "")
    return arrange(named or title, paragraphs)


def _numbering(document: Any) -> Any:
    return next((r.target_part.element for r in document.part.rels.values() if r.reltype.endswith("/numbering")), None)


def _value(node: Any, *path: str) -> str | None:
    """The ``w:val`` of an element below ``node``; "" where it stands without one, None where it is missing."""
    found = node.find("/".join(f"{_W}{step}" for step in path)) if node is not None else None
    return None if found is None else found.get(f"{_W}val", "")


class _Styles:
    """Paragraph styles by id, each with those it is based on."""

    def __init__(self, element: Any) -> None:
        self._styles = {s.get(f"{_W}styleId"): s for s in element.iter(f"{_W}style")}

    def chain(self, style_id: str | None) -> Iterator[Any]:
        """The style and its bases, nearest first."""
        seen: set[str] = set()
        while style_id and style_id in self._styles and style_id not in seen:
            seen.add(style_id)
            yield self._styles[style_id]
            style_id = _value(self._styles[style_id], "basedOn")

    def names(self, style_id: str | None) -> list[str]:
        """Names of the style and its bases, small letters."""
        return [(_value(style, "name") or "").lower() for style in self.chain(style_id)]


@dataclass(slots=True)
class _Numbers:
    """The automatic numbers of headings and lists, counted on in reading order."""

    element: Any
    counts: dict[str, list[int]] = field(default_factory=dict)
    _levels: dict[str, dict[int, tuple[str, str, int]]] = field(default_factory=dict)
    _lists: dict[str, str] = field(default_factory=dict)
    _restarting: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.element is None:
            return
        for abstract in self.element.iter(f"{_W}abstractNum"):
            levels = {}
            for level in abstract.iter(f"{_W}lvl"):
                start = _value(level, "start") or "1"
                form = (_value(level, "numFmt") or "decimal", _value(level, "lvlText") or "")
                levels[int(level.get(f"{_W}ilvl") or 0)] = (*form, int(start))
            self._levels[abstract.get(f"{_W}abstractNumId") or ""] = levels
        for number in self.element.iter(f"{_W}num"):
            list_id = number.get(f"{_W}numId") or ""
            self._lists[list_id] = _value(number, "abstractNumId") or ""
            if _value(number, "lvlOverride", "startOverride") is not None:
                self._restarting.add(list_id)

    def label(self, list_id: str, depth: int) -> str:
        """The label of the next item ("3.2", "a)", "–"), "" for a list that shows none."""
        abstract = self._lists.get(list_id, "")
        levels = self._levels.get(abstract, {})
        if not 0 <= depth < 9 or depth not in levels:
            return ""
        if list_id in self._restarting:
            self._restarting.remove(list_id)
            self.counts.pop(abstract, None)
        counts = self.counts.setdefault(abstract, [0] * 9)
        form, text, start = levels[depth]
        counts[depth] = counts[depth] + 1 if counts[depth] else start
        counts[depth + 1 :] = [0] * (8 - depth)
        if form == "bullet":
            return "–"
        if form == "none":
            return ""
        return re.sub(r"%([1-9])", lambda m: self._shown(levels, counts, int(m[1]) - 1), text)

    @staticmethod
    def _shown(levels: dict[int, tuple[str, str, int]], counts: list[int], depth: int) -> str:
        form, _, start = levels.get(depth, ("decimal", "", 1))
        return _numeral(counts[depth] or start, form)


def _numeral(number: int, form: str) -> str:
    if form in ("lowerLetter", "upperLetter") and 1 <= number <= 26:
        letter = chr(ord("a") + number - 1)
        return letter if form == "lowerLetter" else letter.upper()
    if form in ("lowerRoman", "upperRoman") and 1 <= number <= 3999:
        roman = ""
        for value, sign in ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
                            (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):  # fmt: skip
            roman, number = roman + sign * (number // value), number % value
        return roman if form == "upperRoman" else roman.lower()
    return str(number)


@dataclass(slots=True)
class _Walk:
    """Body, content controls, text boxes and tables in reading order."""

    styles: _Styles
    numbers: _Numbers
    title: str = ""

    def blocks(self, container: Any) -> Iterator[Paragraph]:
        for child in container:
            if child.tag == f"{_W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield from self._table(child)
            elif child.tag == f"{_W}sdt":
                if _value(child, "sdtPr", "docPartObj", "docPartGallery") != "Table of Contents":
                    content = child.find(f"{_W}sdtContent")
                    yield from self.blocks(content if content is not None else ())
            elif child.tag in (f"{_W}customXml", f"{_W}ins", f"{_W}moveTo"):
                yield from self.blocks(child)

    def _paragraph(self, node: Any) -> Iterator[Paragraph]:
        style = _value(node, "pPr", "pStyle") or self._default()
        names = self.styles.names(style)
        if any(name.startswith(("toc ", "verzeichnis ", "toc heading", "inhaltsverzeichnis")) for name in names):
            return
        text = clean(_text(node))
        if text:
            label = self._label(node, style)
            level = self._level(node, style, names, text, in_list=bool(label))
            if level == 0 and not self.title and names and names[0] in ("title", "titel"):
                self.title = text
            else:
                yield Paragraph(f"{label} {text}".strip(), max(level, 0))
        for box in _boxes(node):
            yield from self.blocks(box)

    def _default(self) -> str | None:
        return "Normal" if "Normal" in self.styles._styles else None

    def _label(self, node: Any, style: str | None) -> str:
        own = [node.find(f"{_W}pPr"), *(s.find(f"{_W}pPr") for s in self.styles.chain(style))]
        list_id = next((v for p in own if (v := _value(p, "numPr", "numId")) is not None), "0")
        depth = next((v for p in own if (v := _value(p, "numPr", "ilvl")) is not None), "0")
        return self.numbers.label(list_id, int(depth or 0)) if list_id != "0" else ""

    def _level(self, node: Any, style: str | None, names: list[str], text: str, *, in_list: bool) -> int:
        """1 to 9 for a heading, 0 for text."""
        for name in names:
            if match := re.match(r"(?:heading|überschrift)\s*([1-9])", name):
                return int(match[1])
        own = [node.find(f"{_W}pPr"), *(s.find(f"{_W}pPr") for s in self.styles.chain(style))]
        outline = next((v for p in own if (v := _value(p, "outlineLvl")) is not None), "9")
        if outline.isdigit() and int(outline) < 9:
            return int(outline) + 1
        guessed = not in_list and len(text) <= _LONGEST_HEADING and not re.search(r"[.:;,]$", text) and _all_bold(node)
        return _GUESSED if guessed else 0

    def _table(self, table: Any) -> Iterator[Paragraph]:
        for row in table.iter(f"{_W}tr"):
            cells = [clean(" ".join(_text(p) for p in cell.iter(f"{_W}p"))) for cell in row.iterchildren(f"{_W}tc")]
            if any(cells):
                yield Paragraph(" | ".join(filter(None, cells)))


def _hidden(run: Any) -> bool:
    value = _value(run, "rPr", "vanish")
    return value is not None and value not in ("0", "false", "off")


def _left_out(node: Any) -> bool:
    """Not wording, or (Fallback) the same wording again for older programs."""
    return node.tag in _LEFT_OUT or str(node.tag).endswith("}Fallback")


def _text(node: Any) -> str:
    """The words of a paragraph as a reader sees them; text boxes in it are paragraphs of their own."""
    result = ""
    for child in node:
        if _left_out(child) or child.tag == f"{_W}txbxContent":
            continue
        if child.tag == f"{_W}t":
            result += child.text or ""
        elif child.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            result += " "
        elif child.tag == f"{_W}noBreakHyphen":
            result += "-"
        elif child.tag != f"{_W}r" or not _hidden(child):
            result += _text(child)
    return result


def _boxes(node: Any) -> Iterator[Any]:
    for child in node:
        if child.tag == f"{_W}txbxContent":
            yield child
        elif not _left_out(child):
            yield from _boxes(child)


def _all_bold(node: Any) -> bool:
    runs = [r for r in node.iter(f"{_W}r") if clean(_text(r))]
    return bool(runs) and all(_value(r, "rPr", "b") not in (None, "0", "false") for r in runs)
