"""recht.nrw.de: statutes of North Rhine-Westphalia, in the portal's own template and in the older one made with Word.

Both are runs of paragraphs whose labels stand in the text ("(1)", "1.", "a)"). In the own template an article is a
``section.legaldoc-article``; in the older one it begins with a ``p.lrdetail`` ("§ 35a", line break, heading) and list
items are indented. Headings of divisions are centred and bold; in the own template they stand at the end of the article
before. Footnotes, their marks "(Fn 20)" and the signatures at the end are not the wording of a provision.

The own template names its state ("Gültig ab"). The older text is a file of its own that names none: there the newest
day in the footnotes ("in Kraft getreten am …") is taken, unless the caller knows better.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from assistant.corpus.addresses import ActInfo
from assistant.corpus.lawtext import LawText, TreeBuilder
from assistant.corpus.readers.markup import Node, parse_page, raised
from assistant.errors import ImportRefused
from assistant.types import Kind, Provision

_NUMBER = re.compile(r"(§|Art(?:ikel|\.))\s*(\d+)\s*([a-z]{0,2})\b(?!\s*(?:,|bis\b|und\b|u\.))\s*(.*)", re.DOTALL)
_SEVERAL = re.compile(r"\(\d+[a-z]?\)\s+(?:bis|und|u\.)\s+\(")
_LABEL = re.compile(r"(?:\(\d{1,3}[a-z]?\)|\d{1,3}[a-z]?\.|[a-z]{1,3}\))\s")
_FOOTNOTE_MARK = re.compile(r"\s*\(\s*Fn\s*[\d\s,]+\)")
_DIVISION = re.compile(
    r"(?:(?:\w+er|\d+\.|[IVX]+\.)\s+)?(Buch|Teil|Kapitel|Abschnitt|Unterabschnitt|Titel)\b", re.IGNORECASE
)
_RANKS = {"buch": 0, "teil": 1, "kapitel": 2, "abschnitt": 3, "unterabschnitt": 4, "titel": 5}
_OTHER_HEADING = 6
_CLOSING = re.compile(
    r"(?:Die|Der|Das|Für d(?:en|ie))\s+(?:\w*[Mm]inister|Landesregierung|Präsident|Landtag)|Düsseldorf, den|"
    r"Zusatz\b|Anlagen?\b|Anhang\b|Hinweis"
)
_REPEALED = re.compile(r"\(?(?:weggefallen|aufgehoben|gestrichen|gegenstandslos|entfallen)\)?\.?", re.IGNORECASE)
_MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
_IN_FORCE = re.compile(
    rf"(?:in\s+Kraft\s+getreten\s+am|und\s+am)\s+(\d{{1,2}})\.\s*({'|'.join(_MONTHS)})\s+(\d{{4}})", re.IGNORECASE
)
_SKIPPED_TAGS = frozenset(
    {"script", "style", "button", "nav", "form", "head", "noscript", "iframe", "input", "template"}
)
_SKIPPED_CLASSES = frozenset({"footnote-container", "alert", "article-print", "paragraph-header"})
_BLOCKS = frozenset(
    {"p", "div", "section", "article", "table", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "center", "pre", "hr"}
    | {f"h{n}" for n in range(1, 7)}
)
_FRAME = re.compile(r"/system/files/BH/[\w.-]+\.html?")


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a page without text leads: an address within the portal, and the state of what is there, if it says so."""

    path: str
    stand: dt.date | None


def onward(data: bytes) -> Onward | None:
    """What a page of the portal leads to (the newest version of an act, or an older text's own file); None for others.

    For fetching: decides on the bytes alone, without parsing. Errors: none.
    """
    page = data[: 512 * 1024].decode("utf-8", "replace")
    if "legaldoc-article" in page or "lrdetail" in page:
        return None
    refresh = re.search(r"<meta[^>]+http-equiv=[\"']?refresh[^>]+?url=[\"']?([^\"'>\s]+)", page, re.IGNORECASE)
    frame = re.search(rf"<iframe[^>]+src=[\"']({_FRAME.pattern})", page)
    if refresh is None and frame is None:
        return None
    day = re.search(r"Gültig ab\s*</div>\s*<div[^>]*>\s*(\d{2})\.(\d{2})\.(\d{4})", page)
    try:
        stand = dt.date(int(day[3]), int(day[2]), int(day[1])) if day else None
    except ValueError:
        stand = None
    return Onward((frame or refresh)[1], stand)  # type: ignore[index]  # one of them is there


@dataclass(frozen=True, slots=True)
class _Block:
    """One paragraph of the page: its lines, and how it is set."""

    lines: tuple[str, ...]
    classes: frozenset[str] = frozenset()
    centred: bool = False
    bold: bool = False
    margin: float = 0.0

    @property
    def text(self) -> str:
        return " ".join(self.lines)


def read_recht_nrw(data: bytes, name: str, info: ActInfo | None, stand: dt.date | None = None) -> LawText:
    """One page to an act. ``stand`` is the state of a page that names none.

    Raises ImportRefused: cut off, another act, no state, or no articles.
    """
    root = parse_page(data, name)
    title = _title(root)
    short = info.short if info else _abbreviation(title)
    _same_act(title, name, info)
    own, valid_to = _validity(root)
    unit = "Artikel" if info and info.unit == "Art." else "Paragrafen"
    walk = _Walk(TreeBuilder(short, Kind.GESETZ, info.id if info else "", statute=True))
    walk.page(root)
    provisions = walk.provisions()
    if not provisions:
        raise ImportRefused(f"{name}: {_without_text(root, own, unit)}")
    if not short:
        raise ImportRefused(f"{name}: die Seite nennt kein Gesetz. Mit --as ID angeben, welches es ist.")
    return LawText(
        title=info.title if info else title,
        short=short,
        state=own or stand or _newest_change(root, name),
        valid_to=valid_to,
        note="recht.nrw.de",
        celex="",
        provisions=provisions,
    )


def _without_text(root: Node, state: dt.date | None, unit: str) -> str:
    """Why there is nothing to read; an older text stands in a file of its own behind the page that was saved."""
    places = [str(value) for node in root.iter("iframe", "a") for value in (node.get("src"), node.get("href")) if value]
    frame = next((found for place in places if (found := _FRAME.search(place))), None)
    if frame is None:
        return f"keine {unit} gefunden. Erwartet wird die Seite einer Fassung von recht.nrw.de."
    given = f" --stand {state.isoformat()}" if state else " --stand JJJJ-MM-TT"
    return (
        f"die Seite enthält den Gesetzestext nicht selbst. Auf ihr „Dokument herunterladen“ ({frame.group()}) wählen und "
        f"jene Datei einspielen, mit{given}."
    )


# ---------------------------------------------------------------- what the page says of itself


def _title(root: Node) -> str:
    """Name of the act with its abbreviation, or ""."""
    heading = next((n for n in root.iter("p") if "lrueberschrift" in _classes(n)), None)
    if heading is None:
        heading = next(root.iter("h1"), None)
    if heading is not None:
        return " ".join(_lines(heading))
    page = _fold(root.findtext(".//title") or "")
    return re.sub(r"^\d{2}\.\d{2}\.\d{4}\s+|\s*\|\s*RECHT\.NRW\.DE$", "", page)


def _names(title: str) -> list[str]:
    """ "VwVfG NRW", "Verwaltungsverfahrensgesetz NRW" and the full name, of a title that ends with the first two."""
    bracket = re.search(r"\(([^()]*)\)\s*$", title)
    if bracket:
        inner = [part.strip() for part in re.split(r"\s+[–—-]\s+", bracket[1])]
        return [*reversed(inner), title[: bracket.start()].strip()]
    dashed = re.search(r"\s[–—-]\s*([^–—-]+?)\s*[–—-]?\s*$", title)
    return [dashed[1], title[: dashed.start()].strip()] if dashed else [title]


def _abbreviation(title: str) -> str:
    return _names(title)[0]


def _same_act(title: str, name: str, info: ActInfo | None) -> None:
    def key(text: str) -> str:
        return re.sub(r"\W+", "", re.sub(r"\b(?:NW|Nordrhein-Westfalen)\b", "NRW", text)).lower()

    if info is None or not title:
        return
    known = {key(n) for n in (info.short, info.title, *info.names)}
    if not known & {key(n) for n in _names(title)}:
        raise ImportRefused(f"{name}: enthält „{_abbreviation(title)}“, erwartet wird {info.short}.")


def _validity(root: Node) -> tuple[dt.date | None, dt.date | None]:
    """(Gültig ab, Gültig bis) of the box above the text; None where it does not say."""
    found: dict[str, dt.date] = {}
    for label in root.iter("div"):
        value = label.getnext()
        if "field__label" not in _classes(label) or value is None:
            continue
        date = re.fullmatch(r"(\d{2})\.(\d{2})\.(\d{4})", _fold("".join(value.itertext())))
        if date:
            try:
                found[_fold(label.text or "")] = dt.date(int(date[3]), int(date[2]), int(date[1]))
            except ValueError:
                continue
    return found.get("Gültig ab"), found.get("Gültig bis")


def _newest_change(root: Node, name: str) -> dt.date:
    """The newest day on which a change came into force, according to the footnotes."""
    notes = " ".join(
        "".join(node.itertext())
        for node in root.iter("tr", "div")
        if (node.tag == "tr" and _is_footnote(node)) or _classes(node) & {"footnote-container", "change-history-item"}
    )
    days = []
    for day, month, year in _IN_FORCE.findall(notes):
        try:
            days.append(dt.date(int(year), _MONTHS.index(month.capitalize()) + 1, int(day)))
        except ValueError:
            continue
    if not days:
        raise ImportRefused(
            f"{name}: die Seite nennt keinen Stand. Mit --stand JJJJ-MM-TT angeben; auf recht.nrw.de steht er unter "
            "„Gültig ab“."
        )
    return max(days)


# ---------------------------------------------------------------- paragraphs


def _fold(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _classes(node: Node) -> frozenset[str]:
    return frozenset((node.get("class") or "").split())


def _is_footnote(node: Node) -> bool:
    return any((a.get("name") or "").startswith("FN") for a in node.iter("a"))


def _inline(node: Node) -> str:
    """Words of a paragraph; \n for a line break."""
    if not isinstance(node.tag, str) or node.tag in _SKIPPED_TAGS:
        return ""
    if node.tag == "br":
        return "\n"
    inner = _source(node.text) + "".join(_inline(child) + _source(child.tail) for child in node)
    return raised(inner) if node.tag == "sup" else inner


def _source(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


def _lines(node: Node) -> list[str]:
    text = _FOOTNOTE_MARK.sub("", _inline(node))
    return [line for part in text.split("\n") if (line := _fold(part))]


def _blocks(node: Node) -> Iterator[_Block]:
    """The paragraphs below an element in reading order; footnotes and the portal's buttons are left out."""
    run = node.text or ""
    for child in node:
        if not isinstance(child.tag, str) or child.tag in _SKIPPED_TAGS or _classes(child) & _SKIPPED_CLASSES:
            run += child.tail or ""
            continue
        nested = any(inner.tag in _BLOCKS for inner in child.iterdescendants())
        if child.tag not in _BLOCKS and not nested:
            run += _inline(child) + (child.tail or "")
            continue
        if _fold(run):
            yield _Block((_fold(run),))
        run = child.tail or ""
        if child.tag == "table":
            yield from _table(child)
        elif nested:
            yield from _blocks(child)
        elif lines := _lines(child):
            yield _block(child, lines)
    if _fold(run):
        yield _Block((_fold(run),))


def _table(table: Node) -> Iterator[_Block]:
    for row in table.iter("tr"):
        cells = [_fold(" ".join(_lines(cell))) for cell in row.iter("td", "th")]
        if any(cells) and not _is_footnote(row):
            yield _Block((" ".join(filter(None, cells)),))


def _block(node: Node, lines: list[str]) -> _Block:
    style, classes = (node.get("style") or "").lower(), _classes(node)
    centred = (
        node.get("align") == "center" or "text-align-center" in classes or "center" in style or "lrdetail" in classes
    )
    strong = " ".join(line for b in node.iter("b", "strong") for line in _lines(b))
    margin = re.search(r"margin-left:\s*([\d.]+)", style)
    bold = bool(strong) and _fold(strong) == " ".join(lines)
    return _Block(tuple(lines), classes, centred, bold, float(margin[1]) if margin else 0.0)


# ---------------------------------------------------------------- articles


@dataclass(slots=True)
class _Walk:
    """Feeds the builder, article by article; an article is complete when the next one or a heading begins."""

    builder: TreeBuilder
    article: tuple[str, str, str] | None = None
    body: list[_Block] = field(default_factory=list)
    divisions: list[tuple[int, str]] = field(default_factory=list)
    found: int = 0
    untitled: bool = False  # the last paragraph was "Teil I" without its name

    def page(self, root: Node) -> None:
        """Every article of the page, whichever template it has."""
        sections = [n for n in root.iter("section") if "legaldoc-article" in _classes(n)]
        for section in sections:
            number, headline = (_named(section, key) for key in ("field--field_num", "field--field_headline"))
            if number:
                self._begin(f"{number} {headline}")
            for block in _blocks(section):
                self._take(block)
        if not sections:
            for block in _blocks(root):
                self._take(block)
        self._end()

    def provisions(self) -> tuple[Provision, ...]:
        """What was found, in reading order."""
        return self.builder.provisions() if self.found else ()

    def _take(self, block: _Block) -> None:
        untitled, self.untitled = self.untitled, False
        if "lrdetail" in block.classes and _NUMBER.match(block.text):
            self._begin(block.text)
        elif block.centred and _DIVISION.match(block.text):
            self._division(block)
        elif _CLOSING.match(block.text) and (block.centred or block.bold or block.text.startswith("Hinweis:")):
            self._end()
        elif block.centred and untitled:
            rank, name = self.divisions.pop()
            self._open((rank, f"{name}: {block.text}"))
        elif block.centred and block.bold and (self.article or self.found):
            self._end()
            self._open((_OTHER_HEADING, block.text))
        elif self.article:
            self.body.append(block)

    def _begin(self, heading: str) -> None:
        self._end()
        if number := _NUMBER.match(heading):
            self.article = ("§" if number[1] == "§" else "Art.", number[2] + number[3], _fold(number[4]))

    def _division(self, block: _Block) -> None:
        self._end()
        kind = _DIVISION.match(block.text)
        self.untitled = len(block.lines) == 1 and len(block.text.split()) <= 2
        rank = _RANKS[kind[1].lower()] if kind else _OTHER_HEADING
        first, rest = block.lines[0], " ".join(block.lines[1:])
        self._open((rank, f"{first}: {rest}" if rest else first))

    def _open(self, division: tuple[int, str]) -> None:
        self.divisions = [*(d for d in self.divisions if d[0] < division[0]), division]
        self.builder.chapter(self.divisions[0][1])
        if len(self.divisions) > 1:
            self.builder.section(" › ".join(title for _, title in self.divisions[1:]))

    def _end(self) -> None:
        """The article is complete; what is repealed is left out, so that asking for it says it is not there."""
        article, body, self.article, self.body = self.article, self.body, None, []
        text = _fold(" ".join(block.text for block in body))
        if article is None or not text or _REPEALED.fullmatch(text):
            return
        self.found += 1
        self.builder.top(*article)
        step = min((block.margin for block in body if block.margin), default=1.0)
        for block in body:
            for line in _split(block.lines):
                several = bool(_SEVERAL.match(line))
                labelled = bool(_LABEL.match(line)) and not several
                # What has no label and is not indented goes on with the Absatz, not with the last item of its list.
                self.builder.line(line, labelled=labelled, depth=None if labelled else round(block.margin / step))


def _split(lines: tuple[str, ...]) -> list[str]:
    """Line breaks inside a paragraph count only before a label: "… unterliegt;<br>2. der Behörden …"."""
    result: list[str] = []
    for line in lines:
        if result and not _LABEL.match(line):
            result[-1] += f" {line}"
        else:
            result.append(line)
    return result


def _named(section: Node, css_class: str) -> str:
    found = next((n for n in section.iter("span", "div") if css_class in _classes(n)), None)
    return " ".join(_lines(found)) if found is not None else ""
