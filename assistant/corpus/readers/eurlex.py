"""EUR-Lex pages: Official Journal XHTML (with and without ``oj-`` classes) and consolidated HTML, German and English.

The walk turns both layouts into the lines of plain law Markdown ("(1) …", "a) …", "1. …") together with the depth of
the list they stand in, so that the same act gives the same tree. Footnotes and editorial marks (▼M1, ►C1 … ◄) are
left out; they are not the wording of a provision. The closing formula and the signatures belong to no article.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.corpus.addresses import ActInfo
from assistant.corpus.lawtext import LawText
from assistant.corpus.readers.markup import Node, parse_page, raised
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

_SKIPPED = re.compile(
    r"note|footnote|modref|disclaimer|reference|hd-.*|signatory|toc-.*|title-fam-member.*|title-doc-.*|final|arrow"
)
_ARTICLE = {"ti-art", "title-article-norm"}
_ARTICLE_TITLE = {"sti-art", "stitle-article-norm"}
_DIVISION = {"ti-section-1", "ti-section-2", "title-division-1", "title-division-2"}
_ANNEX = {"doc-ti", "title-annex-1", "title-annex-2"}
_GROUP = re.compile(r"ti-grseq-\d|title-gr-seq-level-\d")
_BLOCKS = frozenset({"p", "div", "table", "tbody", "thead", "tr", "td", "th", "ul", "ol", "li", "hr", "dl", "dd", "dt"})
_IMPRINT = re.compile(r"ELI: https?://\S+$|ISSN \d{4}-\d{3}[\dX]\b")


def read_eurlex(data: bytes, name: str, info: ActInfo | None) -> LawText:
    """One EUR-Lex page to an act. Raises ImportRefused: cut off, another act, without date or articles."""
    root = parse_page(data, name)
    head = _head(root, name)
    builder = act_builder(head, name, info)
    _Walk(Outline(builder), head.language).body(root)
    return act_text(head, builder, name, info, "der Text eines Rechtsakts von EUR-Lex")


def _classes(node: Node) -> set[str]:
    return {name.removeprefix("oj-") for name in (node.get("class") or "").split()}


def _first(root: Node, name: str) -> str:
    found = next((node for node in root.iter("p") if name in _classes(node)), None)
    return _text(found) if found is not None else ""


def _head(root: Node, name: str) -> ActHead:
    titles = []
    for node in root.iter("p"):
        if _classes(node) & {"doc-ti", "title-doc-first", "title-doc-last"}:
            titles.append(_text(node))
        elif titles:
            break
    title = " ".join(titles)
    number = act_number(title)
    line = re.search(r"(\d{5}\w\d{4})\D*?—\s*([A-Z]{2})\s*—\s*(\d{1,2})\.(\d{1,2})\.(\d{4})", _first(root, "reference"))
    if line:
        state = header_date(line[5], line[4], line[3], name)
        celex = f"{line[1]}-{state:%Y%m%d}"
        return ActHead(state, line[2], celex, title, number, CONSOLIDATED)
    printed = re.search(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", _first(root, "hd-date"))
    if not printed:
        raise ImportRefused(f"{name}: kein Datum im Kopf. Erwartet wird das Amtsblatt oder eine konsolidierte Fassung.")
    heading = next((_text(n) for n in root.iter("p") if _classes(n) & _ARTICLE), "")
    language = _first(root, "hd-lg") or ("EN" if heading.startswith("Article") else "DE")
    state = header_date(printed[3], printed[2], printed[1], name)
    return ActHead(state, language, journal_celex(title, number), title, number, "Amtsblatt")


def _is_note(node: Node) -> bool:
    """A reference to a footnote: the number with or without its brackets."""
    return node.tag == "a" and bool(re.match(r"ntc|src\.", node.get("id") or ""))


def _inline(node: Node) -> str:
    """The text of an element without what follows it; footnote references become a mark."""
    if not isinstance(node.tag, str):
        return ""
    if _is_note(node):
        return NOTE
    if node.tag == "br":
        return " "
    text = (node.text or "") + "".join(_inline(child) + (child.tail or "") for child in node)
    return raised(text) if node.tag == "sup" or _classes(node) & {"super", "superscript"} else text


def _text(node: Node) -> str:
    return clean(_inline(node))


@dataclass(slots=True)
class _Walk:
    """One pass over a page."""

    outline: Outline
    language: str
    preamble: bool = True  # before the first chapter or article only recitals are taken
    recital: bool = False

    def body(self, root: Node) -> None:
        """Read the whole page into the outline."""
        for part in root.iter("body"):
            self._children(part, 0)
        self.outline.finish()

    def _node(self, node: Node, depth: int) -> None:
        classes = _classes(node)
        if any(_SKIPPED.fullmatch(name) for name in classes) and not classes & _ANNEX:
            return
        if re.match(r"fnp_|tit_\d+$", node.get("id") or "") or node.tag in ("head", "script", "style"):
            return
        if classes & (_ARTICLE | _ARTICLE_TITLE | _DIVISION | _ANNEX) or any(_GROUP.fullmatch(c) for c in classes):
            self._heading(classes, _text(node))
        elif node.tag == "table":
            for row in node.iter("tr"):
                if next(row.iterancestors("table")) is node:
                    self._row(row, depth)
        elif classes & {"grid-list", "grid-container", "enumeration-spacing"}:
            self._row(node, depth)
        elif "no-parag" in classes:
            self.outline.paragraph(_text(node), depth)
        elif node.tag == "p" and not any(child.tag in _BLOCKS for child in node):
            self._line(_text(node), depth, paragraph="normal" in classes)
        else:
            self._children(node, depth)

    def _children(self, node: Node, depth: int) -> None:
        """Runs of text and inline elements are lines; blocks stand for themselves."""
        run = node.text or ""
        for child in node:
            if not isinstance(child.tag, str):
                run += child.tail or ""
            elif child.tag in _BLOCKS or "no-parag" in _classes(child):
                self._line(clean(run), depth)
                self._node(child, depth)
                run = child.tail or ""
            else:
                run += _inline(child) + (child.tail or "")
        self._line(clean(run), depth)

    def _row(self, row: Node, depth: int) -> None:
        """A label and its text, or the cells of a real table as one line."""
        cells = [cell for cell in row if isinstance(cell.tag, str) and _text(cell)]
        if not cells:
            return
        first = _text(cells[0])
        label = item_label(first) if len(cells) > 1 else None
        if label is None:
            quoted = re.fullmatch(r"[‘„“\"]\(?\d+[a-z]?[.)]", first)
            self._line(" ".join(_text(cell) for cell in cells), depth + (1 if quoted else 0), labelled=False)
            return
        if self.preamble and not self.recital:
            self._recital(label, cells[1:])
            return
        self.outline.mark(label, depth + 1)
        for cell in cells[1:]:
            self._children(cell, depth + 1)

    def _recital(self, label: str, cells: list[Node]) -> None:
        number = re.fullmatch(r"(\d{1,3})\.", label)
        if number is None:
            return
        self.outline.recital(number[1])
        self.recital = True
        for cell in cells:
            self._children(cell, 0)
        self.outline.finish()
        self.recital = False

    def _line(self, text: str, depth: int, *, labelled: bool = True, paragraph: bool = False) -> None:
        if (self.preamble and not self.recital) or _IMPRINT.match(text):
            return
        nested = depth or self.outline.in_annex or self.preamble
        if paragraph and not nested and not self.outline.label and self.language != "DE":
            text = re.sub(r"^(\d{1,3}[a-z]?)\.\s", r"(\1) ", text)
        self.outline.line(text, depth, labelled=labelled)

    def _heading(self, classes: set[str], text: str) -> None:
        if not text:
            return
        article = article_number(text) if classes & _ARTICLE else None
        annex = re.match(r"(?:ANHANG|ANNEX)\s+([IVXL]+)(?:\s*[:—–-]?\s+(.*))?$", text) if classes & _ANNEX else None
        if article:
            self.preamble = False
            self.outline.article(article)
        elif annex:
            self.preamble = False
            self.outline.annex(annex[1], annex[2] or "")
        elif classes & (_ARTICLE_TITLE | _ANNEX):
            self.outline.title(text)
        elif classes & _DIVISION:
            self.preamble = False
            self.outline.division(text, begins=bool(classes & {"ti-section-1", "title-division-1"}))
        else:
            self.outline.group(text)
