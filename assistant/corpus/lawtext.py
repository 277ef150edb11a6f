"""The provision tree of an act, and the reader for plain law Markdown.

``TreeBuilder`` is fed article by article, line by line, and yields the same provisions whatever format the lines
came from; each publisher's reader drives it. Every place that can be cited becomes one ``Provision`` whose text is
its own wording and, below it, the places it contains, one per line with their labels.

Plain law Markdown: front matter, ``# Erwägungsgründe`` with ``(n) …``, ``# KAPITEL``, ``## ABSCHNITT``,
``### Artikel n: Überschrift``, then ``(n) …`` paragraphs, ``a) …`` points, ``1. …`` numbers, ``i) …`` romans; a line
without label continues the paragraph above as a new subparagraph. Annexes are ``# ANHANG III: …``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.corpus.addresses import Address
from assistant.corpus.arranging import LABEL, Arranger, Line, Node
from assistant.errors import CorpusError
from assistant.types import Kind, Provision


@dataclass(frozen=True, slots=True)
class LawText:
    """An act in one state, in one language ("DE", "EN")."""

    title: str
    short: str
    state: dt.date
    valid_to: dt.date | None
    note: str
    celex: str
    provisions: tuple[Provision, ...]
    language: str = "DE"

    def count(self, unit: str) -> int:
        """How many top-level places of this unit ("Art.", "§", "ErwG", "Anhang") the act has."""
        return sum(
            1 for p in self.provisions if re.fullmatch(rf"{re.escape(self.short)} {re.escape(unit)} \S+", p.norm)
        )


class TreeBuilder:
    """Collects the places of one act in reading order.

    Call ``chapter``/``section`` for headings, ``top`` for an article, paragraph (§), annex or recital, then ``line``
    for each line of it; ``provisions`` gives the result. ``statute`` is German federal drafting: what follows a list
    belongs to the Absatz (there are no numbered subparagraphs), and "aa)" lies below "a)"; for acts in §§ it is
    always on.
    """

    def __init__(self, short: str, kind: Kind = Kind.GESETZ, source: str = "", *, statute: bool = False) -> None:
        self.short, self.kind, self.source, self.statute = short, kind, source, statute
        self._chapter = self._section = ""
        self._tops: list[Node] = []
        self._lines: list[Line] = []

    def chapter(self, title: str) -> None:
        """A chapter or part begins; its title heads the path of what follows."""
        self._flush()
        self._chapter, self._section = title.strip(), ""

    def section(self, title: str) -> None:
        """A section within the chapter begins; inside an annex it becomes part of the address."""
        if self._tops and self._tops[-1].parts[0][0] == "Anhang":
            self._lines.append(Line(title.strip(), None, section=True))
            return
        self._flush()
        self._section = title.strip()

    def top(self, unit: str, value: str, title: str = "") -> None:
        """A new article ("Art.", "5"), "§", "Anhang" ("III") or "ErwG" begins."""
        self._flush()
        named = f"{unit} {value}" + (f" {title.strip()}" if title.strip() else "")
        path = (named,) if unit in ("ErwG", "Anhang") else (self._chapter, self._section, named)
        self._tops.append(Node(((unit, value),), tuple(filter(None, path)), ""))

    def line(self, text: str, *, labelled: bool = True, depth: int | None = None) -> None:
        """One line of the current place, with its label in front ("(1) …", "a) …") or none.

        ``labelled`` False: what looks like a label is text. ``depth``: in how many lists the line stands (a list item
        in the first list: 1); without it, a line between two items is taken for part of the first.
        """
        if not self._tops:
            return
        folded = re.sub(r"\s+", " ", text).strip()
        if folded:
            self._lines.append(Line(folded, LABEL.match(folded) if labelled else None, depth))

    def provisions(self) -> tuple[Provision, ...]:
        """All places in reading order; every norm occurs once."""
        self._flush()
        result: list[Provision] = []
        seen: set[str] = set()
        for top in self._tops:
            for node in _walk(top):
                address = Address(self.short, node.parts)
                if address.norm in seen:
                    continue
                seen.add(address.norm)
                result.append(Provision(address.norm, address.label, self.source, node.heading, node.text(), self.kind))
        return tuple(result)

    def _flush(self) -> None:
        if self._tops and self._lines:
            if self._tops[-1].parts[0][0] == "ErwG":
                self._tops[-1].lines.extend(line.text for line in self._lines)
            else:
                top = self._tops[-1]
                Arranger(top, self.statute or top.parts[0][0] == "§").arrange(self._lines)
        self._lines = []


def _walk(node: Node) -> Iterable[Node]:
    if node.named:
        yield node
        for child in node.children:
            yield from _walk(child)


def _front_matter(text: str, name: str) -> tuple[dict[str, str], str]:
    match = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    if not match:
        raise CorpusError(
            f"{name}: der Kopf fehlt. Erwartet wird am Anfang ein Block zwischen zwei Zeilen „---“ mit titel, kurz, stand."
        )
    fields = {}
    for line in match[1].splitlines():
        key, separator, value = line.partition(":")
        if separator:
            fields[key.strip()] = value.strip().strip('"')
    for key in ("titel", "kurz", "stand"):
        if not fields.get(key):
            raise CorpusError(f"{name}: im Kopf fehlt „{key}“.")
    return fields, text[match.end() :]


def _date(value: str, name: str, key: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        raise CorpusError(f"{name}: {key} „{value}“ ist kein Datum. Erwartet wird JJJJ-MM-TT.") from error


_ARTICLE = re.compile(r"###\s+(Artikel|§)\s*(\d+[a-z]?)\s*(?::\s*(.*))?$")
_ANNEX = re.compile(r"#\s+ANHANG\s+([IVXL]+)\s*(?::\s*(.*))?$")
_RECITAL = re.compile(r"\((\d+)\)\s+(.*)")


def _tidied(body: str) -> str:
    """Without place, day and signatures behind the last article; "Abschnitt 1" over its title as one heading."""
    body = re.sub(r"^Geschehen zu .*?(?=^# |\Z)", "", body, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"^(Abschnitt [A-Z0-9]{1,2})\n(?=[^\n#])", r"## \1: ", body, flags=re.MULTILINE)


def read_law_markdown(data: bytes, name: str, source: str) -> LawText:
    """Plain law Markdown to an act. ``name`` is used in errors. Raises CorpusError with file and expectation."""
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{name}: keine UTF-8-Textdatei. Erwartet wird Gesetzestext als Markdown.") from error
    fields, body = _front_matter(text, name)
    builder = TreeBuilder(fields["kurz"], Kind.GESETZ, source)
    in_recitals = False
    for line in map(str.strip, _tidied(body).splitlines()):
        if article := _ARTICLE.match(line):
            in_recitals = False
            builder.top("Art." if article[1] == "Artikel" else "§", article[2], article[3] or "")
        elif annex := _ANNEX.match(line):
            in_recitals = False
            builder.top("Anhang", annex[1], annex[2] or "")
        elif line.startswith("## "):
            builder.section(line[3:])
        elif line.startswith("# "):
            in_recitals = line[2:].strip().lower().startswith("erwägungsgründe")
            builder.chapter("" if in_recitals else line[2:])
        elif in_recitals and (recital := _RECITAL.match(line)):
            builder.top("ErwG", recital[1])
            builder.line(recital[2])
        else:
            builder.line(line)
    provisions = builder.provisions()
    if not provisions:
        raise CorpusError(f"{name}: keine Artikel oder Paragrafen gefunden. Erwartet werden Zeilen „### Artikel 1: …“.")
    ends = fields.get("gilt_bis")
    return LawText(
        title=fields["titel"],
        short=fields["kurz"],
        state=_date(fields["stand"], name, "stand"),
        valid_to=_date(ends, name, "gilt_bis") if ends else None,
        note=fields.get("hinweis", ""),
        celex=fields.get("celex", ""),
        provisions=provisions,
    )
