"""Formex 4, the format of the Publications Office: Official Journal (``ACT``) and consolidated texts (``CONS.ACT``).

The Official Journal comes in several files, the act and one for each annex, usually in a zip with a notice (``DOC``)
that carries the day of publication; a consolidated text is one file. What a consolidated file marks as deleted
(``<?CLG.MDFO … ACTION="DELETED"?>`` to its ``<?CLG.MDFC …?>``) is no law any more and is left out, and so are
footnotes. Articles quoted in an amendment (``QUOT.S``) are wording of the amending article, not articles of the act.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from assistant.corpus.addresses import ActInfo
from assistant.corpus.lawtext import LawText
from assistant.corpus.readers.markup import Node, parse_xml, raised
from assistant.corpus.readers.outline import (
    CONSOLIDATED,
    NOTE,
    ActHead,
    Outline,
    act_builder,
    act_number,
    act_text,
    article_number,
    clean,
    header_date,
    item_label,
    journal_celex,
)
from assistant.errors import ImportRefused

_ACTS = frozenset({"ACT", "CONS.ACT", "CONS.DOC"})
_BLOCKS = frozenset({
    "ALINEA", "ARTICLE", "CONTENTS", "CORPUS", "DIVISION", "DLIST", "DLIST.ITEM", "GR.SEQ", "GR.TBL", "ITEM", "LIST",
    "NO.P", "NO.PARAG", "NP", "P", "PARAG", "QUOT.S", "ROW", "STI", "STI.ART", "SUBDIV", "TBL", "TI", "TI.ART", "TITLE", "TXT",
})  # fmt: skip
_SKIPPED = frozenset({"NOTE", "GR.NOTES", "BIB.INSTANCE", "BIB.DATA", "INCL.ELEMENT", "FINAL", "TOC"})
_DASHES = frozenset({"DASH", "NDASH", "MDASH"})
_JOIN = "\x02"  # inside a quotation mark: no space here, however the file is laid out


def read_formex(files: Sequence[bytes], name: str, info: ActInfo | None) -> LawText:
    """One act to its places; ``files`` are its parts in reading order. Raises ImportRefused: broken, no or another act."""
    roots = [parse_xml(data, name, instructions=True) for data in files]
    for root in roots:
        _drop_deleted(root, name)
    acts = [root for root in roots if root.tag in _ACTS]
    if len(acts) != 1:
        raise ImportRefused(
            f"{name}: enthält {len(acts)} Rechtsakte in Formex; erwartet wird genau einer (ACT oder CONS.ACT), "
            "mit seinen Anhängen am besten als ZIP des Herausgebers."
        )
    head = _head(acts[0], roots, name)
    builder = act_builder(head, name, info)
    walk = _Walk(Outline(builder))
    walk.act(acts[0])
    for root in roots:
        walk.annexes(root)
    walk.outline.finish()
    return act_text(head, builder, name, info, "der Text eines Rechtsakts in Formex")


def _drop_deleted(root: Node, name: str) -> None:
    """Removes the text between the marks of a deletion, also where these stand in different elements."""
    open_deletions: list[str] = []
    removable: list[Node] = []
    started: set[Node] = set()  # elements that began inside a deletion
    for event, node in etree.iterwalk(root, events=("start", "end", "pi")):
        if event == "start":
            if open_deletions:
                started.add(node)
                node.text = None
            continue
        if event == "pi":
            _follow_mark(node, open_deletions)
        elif open_deletions and node in started:
            removable.append(node)
        if open_deletions:
            node.tail = None
    if open_deletions:
        raise ImportRefused(f"{name}: eine Streichung hat kein Ende (CLG.MDFC fehlt). Die Datei neu holen.")
    for node in removable:
        parent = node.getparent()
        if parent is not None:
            _remove(parent, node)


def _follow_mark(node: Node, open_deletions: list[str]) -> None:
    """Opens or closes a deletion; the mark of an end names that of its beginning and the reverse."""
    marks = dict(re.findall(r'(\w+)="([^"]*)"', node.text or ""))
    if node.target == "CLG.MDFO" and marks.get("ACTION") == "DELETED":
        open_deletions.append(marks.get("IDREF", ""))
    elif node.target == "CLG.MDFC" and marks.get("ID", "") in open_deletions:
        open_deletions.remove(marks.get("ID", ""))


def _remove(parent: Node, node: Node) -> None:
    """Takes an element out and leaves what follows it."""
    tail, before = node.tail or "", node.getprevious()
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
    parent.remove(node)


def _head(act: Node, roots: Sequence[Node], name: str) -> ActHead:
    title = _text(act.find(".//TITLE/TI"))
    language = (act.findtext(".//LG.DOC") or act.findtext(".//LG.OJ") or "DE").strip().upper()
    consolidated = act.find("INFO.CONSLEG")
    number = act_number(title)
    if consolidated is not None or act.tag == "CONS.DOC":
        start = consolidated.get("START.DATE") if consolidated is not None else _iso(act.find("BIB.INSTANCE/DATE"))
        state = _date(start, name)
        reference = consolidated.get("CONSLEG.REF") if consolidated is not None else ""
        celex = f"0{reference}-{state:%Y%m%d}" if re.fullmatch(r"\d{4}[A-Z]\d{4}", reference or "") else ""
        return ActHead(state, language, celex, title, number, CONSOLIDATED)
    published = next(
        (
            _iso(node)
            for root in roots
            for path in ("PUBLICATION.REF", "BIB.OJ")
            for node in root.iterfind(f".//{path}/DATE")
        ),
        None,
    )
    note = (
        "Amtsblatt" if published else "Amtsblatt; Stand ist der Tag des Rechtsakts, nicht der seiner Veröffentlichung"
    )
    state = _date(published or _iso(act.find("BIB.INSTANCE/DATE")), name)
    return ActHead(state, language, journal_celex(title, number), title, number, note)


def _iso(node: Node) -> str | None:
    return node.get("ISO") if node is not None else None


def _date(text: str | None, name: str) -> dt.date:
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", text or "")
    if match is None:
        raise ImportRefused(f"{name}: kein Datum im Kopf. Erwartet wird ein Rechtsakt in Formex mit DATE ISO.")
    return header_date(match[1], match[2], match[3], name)


def _quotation_mark(node: Node) -> str:
    """The mark whose hexadecimal code the element carries, or nothing if that is none."""
    code = node.get("CODE") or ""
    value = int(code, 16) if re.fullmatch(r"[0-9A-Fa-f]{2,4}", code) else 0
    if value < 0x20 or 0xD800 <= value <= 0xDFFF:
        return ""
    return chr(value) + _JOIN if node.tag == "QUOT.START" else _JOIN + chr(value)


def _inline(node: Node) -> str:
    """The text of an element without what follows it; footnotes become a mark."""
    if not isinstance(node.tag, str):
        return ""
    if node.tag in _SKIPPED:
        return NOTE
    if node.tag in ("QUOT.START", "QUOT.END"):
        return _quotation_mark(node)
    text = (node.text or "") + "".join(map(_with_tail, node))
    if node.tag == "FT" and node.get("TYPE") == "NUMBER" and re.fullmatch(r"[0-9]{4,18}", text.strip()):
        return f"{int(text):,}".replace(",", " ")
    return raised(text) if node.tag == "HT" and node.get("TYPE") == "SUP" else text


def _with_tail(node: Node) -> str:
    text = _inline(node)
    return (f" {text} " if node.tag in _BLOCKS else text) + (node.tail or "")


def _clean(text: str) -> str:
    """Folded text. Line breaks beside brackets, marks and quotation marks are layout of the file, not spaces."""
    text = re.sub(r"\s+", lambda m: m[0] if m[0] == "\n" else "\n " if "\n" in m[0] else " ", text)
    text = re.sub(rf"\n? ?{_JOIN}\n? ?", "", text)
    text = re.sub(r"(?<=[(\[])\n ?|\n ?(?=[,.;:)\]])|(?<=[”“’»])\n(?=[^\s\w])", "", text)
    return clean(text)


def _text(node: Node | None) -> str:
    return "" if node is None else _clean(_inline(node))


@dataclass(slots=True)
class _Walk:
    """One pass over the files of an act."""

    outline: Outline

    def act(self, root: Node) -> None:
        """Recitals and articles with their chapters."""
        for recital in root.iterfind(".//PREAMBLE//CONSID/NP"):
            number = re.fullmatch(r"\(?(\d{1,3})[.)]", _text(recital.find("NO.P")))
            if number:
                self.outline.recital(number[1])
                for part in recital:
                    if part.tag != "NO.P":
                        self._node(part, 0)
        for terms in root.iterfind(".//ENACTING.TERMS"):
            self._terms(terms)

    def annexes(self, root: Node) -> None:
        """The annexes of one file in reading order."""
        for annex in root.iter("ANNEX", "CONS.ANNEX"):
            if any(above.tag == "QUOT.S" for above in annex.iterancestors()):
                continue
            title = [_text(part) for part in _titles(annex)]
            match = re.match(r"(?:ANHANG|ANNEX)\s+([IVXL]+)(?:\s*[:—–-]?\s+(.*))?$", title[0]) if title else None
            if match is None:
                continue
            self.outline.annex(match[1], match[2] or "")
            for more in title[1:]:
                self.outline.title(more)
            for part in annex:
                if part.tag != "TITLE":
                    self._node(part, 0)

    def _terms(self, node: Node) -> None:
        """Chapters, sections and articles; what stands outside of them is no provision."""
        for child in node:
            if child.tag == "DIVISION":
                for number, part in enumerate(_titles(child)):
                    self.outline.division(_text(part), begins=number == 0)
                self._terms(child)
            elif child.tag == "ARTICLE":
                self._article(child)

    def _article(self, article: Node) -> None:
        number = article_number(_text(article.find("TI.ART")))
        if number is None:
            return
        self.outline.article(number)
        for part in article:
            if part.tag == "STI.ART":
                self.outline.title(_text(part))
            elif part.tag != "TI.ART":
                self._node(part, 0)

    def _node(self, node: Node, depth: int, *, quoted: bool = False) -> None:
        tag = node.tag
        if not isinstance(tag, str) or tag in _SKIPPED:
            return
        if tag in ("NO.PARAG", "NO.P"):
            self._number(node, depth, quoted=quoted)
        elif tag == "NP":
            self._numbered(node, depth, quoted=quoted)
        elif tag == "LIST":
            self._list(node, depth, quoted=quoted)
        elif tag == "ROW":
            self.outline.line(_clean(" ".join(map(_inline, node))), depth, labelled=False)
        elif tag == "TITLE" and self.outline.in_annex and not quoted:
            for part in _titles_of(node):
                self.outline.group(_text(part))
        elif tag == "TITLE":
            for part in _titles_of(node):
                self.outline.line(_text(part), depth, labelled=False)
        else:
            self._children(node, depth, quoted=quoted or tag == "QUOT.S")

    def _children(self, node: Node, depth: int, *, quoted: bool) -> None:
        """Runs of text and inline elements are lines; blocks stand for themselves."""
        run = node.text or ""
        for child in node:
            if child.tag in _BLOCKS:
                self.outline.line(_clean(run), depth, labelled=not quoted)
                self._node(child, depth, quoted=quoted)
                run = child.tail or ""
            else:
                run += _inline(child) + (child.tail or "")
        self.outline.line(_clean(run), depth, labelled=not quoted)

    def _number(self, node: Node, depth: int, *, quoted: bool) -> None:
        text = _text(node)
        if quoted:
            self.outline.mark(text, depth, is_text=True)
        elif text:
            self.outline.paragraph(text, depth)

    def _numbered(self, node: Node, depth: int, *, quoted: bool) -> None:
        """A number and its text, one list deeper than what is around it."""
        number = _text(node.find("NO.P"))
        label = item_label(number)
        if label and not quoted:
            self.outline.mark(label, depth + 1)
        elif number:
            self.outline.mark(number, depth + 1, is_text=True)
        for part in node:
            if part.tag != "NO.P":
                self._node(part, depth + 1, quoted=quoted)

    def _list(self, node: Node, depth: int, *, quoted: bool) -> None:
        for item in node:
            if not isinstance(item.tag, str):
                continue
            if item.find("NP") is None:
                if node.get("TYPE") in _DASHES and not quoted:
                    self.outline.mark("—", depth + 1)
                self._children(item, depth + 1, quoted=quoted)
            else:
                self._children(item, depth, quoted=quoted)


def _titles(node: Node) -> Iterator[Node]:
    title = node.find("TITLE")
    return _titles_of(title) if title is not None else iter(())


def _titles_of(title: Node) -> Iterator[Node]:
    """The parts of a title in order: number and wording."""
    return (part for part in title if part.tag in ("TI", "STI"))
