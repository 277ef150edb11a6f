"""EUR-Lex pages: Official Journal XHTML (with and without ``oj-`` classes) and consolidated HTML, German and English.

The walk turns both layouts into the lines of plain law Markdown ("(1) …", "a) …", "1. …") together with the depth of
the list they stand in, so that the same act gives the same tree. Footnotes and editorial marks (▼M1, ►C1 … ◄) are
left out; they are not the wording of a provision. The closing formula and the signatures belong to no article.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from assistant.corpus.addresses import ActInfo
from assistant.corpus.lawtext import LawText, TreeBuilder
from assistant.corpus.readers.markup import Node, parse_page, raised
from assistant.errors import ImportRefused
from assistant.types import Kind

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
_NOTE = "\x01"


@dataclass(frozen=True, slots=True)
class _Head:
    """What the page says of itself before its articles begin."""

    state: dt.date
    language: str
    celex: str
    title: str
    number: str  # "2016/679"
    consolidated: bool


def read_eurlex(data: bytes, name: str, info: ActInfo | None) -> LawText:
    """One EUR-Lex page to an act. Raises ImportRefused: cut off, another act, without date or articles."""
    root = parse_page(data, name)
    head = _head(root, name)
    expected = re.search(r"\((?:EU|EG|EWG)\)\s*(?:Nr\.\s*)?(\d+/\d+)", info.title) if info else None
    if info and expected and head.number and expected[1] != head.number:
        raise ImportRefused(f"{name}: enthält den Rechtsakt {head.number}, erwartet wird {info.short} ({expected[1]}).")
    short = info.short if info else f"Verordnung (EU) {head.number}"
    walk = _Walk(TreeBuilder(short, Kind.GESETZ, info.id if info else ""), head.language)
    walk.body(root)
    text = LawText(
        title=info.title if info else head.title,
        short=short,
        state=head.state,
        valid_to=None,
        note="Konsolidierte Fassung; authentisch ist nur das Amtsblatt" if head.consolidated else "Amtsblatt",
        celex=head.celex,
        provisions=walk.builder.provisions(),
        language=head.language,
    )
    if not text.count("Art."):
        raise ImportRefused(f"{name}: keine Artikel gefunden. Erwartet wird der Text eines Rechtsakts von EUR-Lex.")
    return text


def _classes(node: Node) -> set[str]:
    return {name.removeprefix("oj-") for name in (node.get("class") or "").split()}


def _first(root: Node, name: str) -> str:
    found = next((node for node in root.iter("p") if name in _classes(node)), None)
    return _text(found) if found is not None else ""


def _head(root: Node, name: str) -> _Head:
    titles = []
    for node in root.iter("p"):
        if _classes(node) & {"doc-ti", "title-doc-first", "title-doc-last"}:
            titles.append(_text(node))
        elif titles:
            break
    title = " ".join(titles)
    numbered = re.search(r"\((?:EU|EG|EC|EWG|EEC)\)\s*(?:Nr\.|No)?\s*(\d+/\d+)", title)
    number = numbered[1] if numbered else ""
    line = re.search(r"(\d{5}\w\d{4})\D*?—\s*([A-Z]{2})\s*—\s*(\d{1,2})\.(\d{1,2})\.(\d{4})", _first(root, "reference"))
    if line:
        state = _date(line[5], line[4], line[3], name)
        celex = f"{line[1]}-{state:%Y%m%d}"
        return _Head(state, line[2], celex, title, number, consolidated=True)
    printed = re.search(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", _first(root, "hd-date"))
    if not printed:
        raise ImportRefused(f"{name}: kein Datum im Kopf. Erwartet wird das Amtsblatt oder eine konsolidierte Fassung.")
    heading = next((_text(n) for n in root.iter("p") if _classes(n) & _ARTICLE), "")
    language = _first(root, "hd-lg") or ("EN" if heading.startswith("Article") else "DE")
    year, _, serial = number.partition("/")
    celex = f"3{year}R{int(serial):04d}" if len(year) == 4 and title[:2].upper() in ("VE", "RE") else ""
    return _Head(_date(printed[3], printed[2], printed[1], name), language, celex, title, number, consolidated=False)


def _date(year: str, month: str, day: str, name: str) -> dt.date:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError as error:
        raise ImportRefused(f"{name}: „{day}.{month}.{year}“ im Kopf ist kein Datum.") from error


def _is_note(node: Node) -> bool:
    """A reference to a footnote: the number with or without its brackets."""
    return node.tag == "a" and bool(re.match(r"ntc|src\.", node.get("id") or ""))


def _inline(node: Node) -> str:
    """The text of an element without what follows it; footnote references become a mark."""
    if not isinstance(node.tag, str):
        return ""
    if _is_note(node):
        return _NOTE
    if node.tag == "br":
        return " "
    text = (node.text or "") + "".join(_inline(child) + (child.tail or "") for child in node)
    return raised(text) if node.tag == "sup" or _classes(node) & {"super", "superscript"} else text


def _clean(text: str) -> str:
    """Whitespace folded, footnote references and marks of changes taken out."""
    text = re.sub(rf"\s*\(\s*{_NOTE}\s*\)|\s*{_NOTE}", "", text)
    text = re.sub(r"\s+", " ", re.sub(r"[▼►][A-Z]+\d*|◄", "", text))
    return re.sub(r"(?<=\d) (?=[.,;](?: |$))", "", text).strip()  # "1 500 000 ." of consolidated pages


def _text(node: Node) -> str:
    return _clean(_inline(node))


def _label(text: str) -> str | None:
    """The label of a list item as Markdown writes it ("a)", "1.", "3.1.", "—"), or None if this is no label."""
    if match := re.fullmatch(r"\(?(\d{1,3}[a-z]{0,2})[.)]|(\d{1,3}\.\d{1,2})\.?", text):
        return f"{match[1] or match[2]}."
    if match := re.fullmatch(r"\(?([a-z]{1,4})[.)]", text):
        return f"{match[1]})"
    return "—" if text in ("—", "–", "-") else None


@dataclass(slots=True)
class _Walk:
    """One pass over a page. Headings are held back until the first line below them, because titles come in parts."""

    builder: TreeBuilder
    language: str
    preamble: bool = True  # before the first chapter or article only recitals are taken
    recital: bool = False
    top: list[str] = field(default_factory=list)  # unit, value, titles … of an article or annex not yet begun
    division: list[str] = field(default_factory=list)  # heading parts of a chapter or section not yet begun
    group: str = ""  # "Section 1" of an annex, whose title is the next heading
    annex: bool = False
    offset: int = 0  # numbered headings of an annex open above the current line
    label: str = ""  # read, its words still to come
    label_depth: int = 0
    held: tuple[str, bool, int] | None = None  # the last line: closing quotes may still come

    def body(self, root: Node) -> None:
        """Read the whole page into the builder."""
        for part in root.iter("body"):
            self._children(part, 0)
        self._begin()

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
            self._paragraph_number(_text(node), depth)
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
                self._line(_clean(run), depth)
                self._node(child, depth)
                run = child.tail or ""
            else:
                run += _inline(child) + (child.tail or "")
        self._line(_clean(run), depth)

    def _row(self, row: Node, depth: int) -> None:
        """A label and its text, or the cells of a real table as one line."""
        cells = [cell for cell in row if isinstance(cell.tag, str) and _text(cell)]
        if not cells:
            return
        first = _text(cells[0])
        label = _label(first) if len(cells) > 1 else None
        if label is None:
            quoted = re.fullmatch(r"[‘„“\"]\(?\d+[a-z]?[.)]", first)
            self._line(" ".join(_text(cell) for cell in cells), depth + (1 if quoted else 0), labelled=False)
            return
        if self.preamble and not self.recital:
            self._recital(label, cells[1:])
            return
        self._mark(label, depth + 1)
        for cell in cells[1:]:
            self._children(cell, depth + 1)

    def _recital(self, label: str, cells: list[Node]) -> None:
        number = re.fullmatch(r"(\d{1,3})\.", label)
        if number is None:
            return
        self._begin()
        self.top, self.recital = ["ErwG", number[1]], True
        for cell in cells:
            self._children(cell, 0)
        self._begin()
        self.recital = False

    def _paragraph_number(self, text: str, depth: int) -> None:
        match = re.fullmatch(r"\(?(\d{1,3}[a-z]{0,2})[.)]", text)
        if match is None or depth:
            self._mark(text, depth)  # "‘3." of a paragraph quoted inside an amendment
        else:
            self._mark(f"{match[1]}." if self.annex else f"({match[1]})", depth)

    def _mark(self, label: str, depth: int) -> None:
        """The label of the next line; an earlier one that got no words ("1. (a) …") stands alone."""
        if self.label:
            alone, self.label = self.label, ""
            self._line(alone, self.label_depth)
        self.label, self.label_depth = label, depth

    def _line(self, text: str, depth: int, *, labelled: bool = True, paragraph: bool = False) -> None:
        if not text or (self.preamble and not self.recital) or _IMPRINT.match(text):
            return
        if re.fullmatch(r"[;,.’”“\"')\]]+", text) and self.held:
            self.held = (self.held[0] + text, *self.held[1:])
            return
        if not self.label and paragraph and not (depth or self.annex or self.preamble) and self.language != "DE":
            text = re.sub(r"^(\d{1,3}[a-z]?)\.\s", r"(\1) ", text)
        self._flush()
        if self.label:
            text, labelled = f"{self.label} {text}", self.label != "—" and re.match(r"[‘„“\"]", self.label) is None
            self.label = ""
        if self.top:
            self._open_top()
        self.held = (text, labelled, depth + self.offset)

    def _flush(self) -> None:
        """Hand the last line over."""
        if self.held:
            text, labelled, depth = self.held
            self.builder.line(text, labelled=labelled, depth=depth)
        self.held = None

    def _open_top(self) -> None:
        if self.division:
            self._open_division()
        unit, value, *titles = self.top
        self.builder.top(unit, value, " ".join(titles))
        self.top, self.offset = [], 0

    def _open_division(self) -> None:
        title = ": ".join(filter(None, [self.division[0], " ".join(self.division[1:])]))
        if re.match(r"(?:ABSCHNITT|SECTION|UNTERABSCHNITT|SUB-?SECTION)\b", title, re.IGNORECASE):
            self.builder.section(title)
        else:
            self.builder.chapter(title)
        self.division = []

    def _begin(self) -> None:
        """What was held back is complete."""
        self._flush()
        if self.top:
            self._open_top()

    def _heading(self, classes: set[str], text: str) -> None:
        if not text:
            return
        article = re.fullmatch(r"(?:Artikel|Article)\s+(\d+)\s*([a-z]{0,2})", text) if classes & _ARTICLE else None
        annex = re.match(r"(?:ANHANG|ANNEX)\s+([IVXL]+)(?:\s*[:—–-]?\s+(.*))?$", text) if classes & _ANNEX else None
        if article:
            self._begin()
            self.preamble, self.annex = False, False
            self.top = ["Art.", article[1] + article[2]]
        elif annex:
            self._begin()
            self.preamble, self.annex = False, True
            self.top = ["Anhang", annex[1], *filter(None, [annex[2]])]
        elif classes & (_ARTICLE_TITLE | _ANNEX):
            if self.top:
                self.top.append(text)
        elif classes & _DIVISION:
            self._begin()
            self.preamble = False
            self._division(text, begins=bool(classes & {"ti-section-1", "title-division-1"}))
        else:
            self._group(text)

    def _division(self, text: str, *, begins: bool) -> None:
        if begins and self.division:
            self._open_division()
        self.division.append(text)

    def _group(self, text: str) -> None:
        """A heading inside an annex: "Section A …", "1. Introduction", "b. Codes", or plain words."""
        self._begin()
        if re.fullmatch(r"(?:Abschnitt|Section|ABSCHNITT|SECTION)\s+[A-Z0-9]+", text):
            self.group = text
            return
        if self.group or re.match(r"(?:Abschnitt|Section)\s+[A-Z0-9]+\b", text, re.IGNORECASE):
            self.builder.section(f"{self.group}: {text}" if self.group else text)
            self.group, self.offset = "", 0
            return
        number = re.match(r"(\d{1,2}\.)\s+(?=\S)", text)
        letter = re.match(r"([a-z])[.)]\s+(?=\S)", text)
        if number or letter:
            self.offset = 1 if number else 2
            self.builder.line(text if number else re.sub(r"^(\w)\.", r"\1)", text), depth=self.offset)
        else:
            self._line(text, 0, labelled=False)
