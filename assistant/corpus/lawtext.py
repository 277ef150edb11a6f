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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from assistant.corpus.addresses import Address
from assistant.errors import CorpusError
from assistant.types import Kind, Provision

_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_LABEL = re.compile(r"(?:\((\d{1,3}[a-z]?)\)|(\d{1,3}(?:\.\d{1,2})?[a-z]?)\.(?=\s|$)|([a-z]{1,4})\))(?:\s+(?=\S)|$)")


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


@dataclass(slots=True)
class _Node:
    parts: tuple[tuple[str, str], ...]
    heading: tuple[str, ...]
    label: str
    lines: list[str] = field(default_factory=list)
    children: list[_Node] = field(default_factory=list)
    named: bool = True  # False: words that belong to the place above and have no address of their own

    def text(self) -> str:
        below = ["\n".join(filter(None, [f"{child.label} {child.text()}".strip()])) for child in self.children]
        return "\n".join(line for line in [*self.lines, *below] if line)


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a place. ``depth`` counts the lists around it where the markup says so, else None."""

    text: str
    match: re.Match[str] | None
    depth: int | None = None
    section: bool = False


@dataclass(frozen=True, slots=True)
class _Labels:
    """What is labelled behind a line: the first label, and the first letter."""

    first: re.Match[str] | None = None
    letter: str | None = None


def _labels_behind(lines: Sequence[_Line]) -> list[_Labels]:
    """For every line what follows it; from the end, because a search from each line would take the square of the time."""
    result: list[_Labels] = []
    behind = _Labels()
    for line in reversed(lines):
        result.append(behind)
        if line.match:
            behind = _Labels(line.match, line.match[3] or behind.letter)
    return result[::-1]


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
        self._tops: list[_Node] = []
        self._lines: list[_Line] = []

    def chapter(self, title: str) -> None:
        """A chapter or part begins; its title heads the path of what follows."""
        self._flush()
        self._chapter, self._section = title.strip(), ""

    def section(self, title: str) -> None:
        """A section within the chapter begins; inside an annex it becomes part of the address."""
        if self._tops and self._tops[-1].parts[0][0] == "Anhang":
            self._lines.append(_Line(title.strip(), None, section=True))
            return
        self._flush()
        self._section = title.strip()

    def top(self, unit: str, value: str, title: str = "") -> None:
        """A new article ("Art.", "5"), "§", "Anhang" ("III") or "ErwG" begins."""
        self._flush()
        named = f"{unit} {value}" + (f" {title.strip()}" if title.strip() else "")
        path = (named,) if unit in ("ErwG", "Anhang") else (self._chapter, self._section, named)
        self._tops.append(_Node(((unit, value),), tuple(filter(None, path)), ""))

    def line(self, text: str, *, labelled: bool = True, depth: int | None = None) -> None:
        """One line of the current place, with its label in front ("(1) …", "a) …") or none.

        ``labelled`` False: what looks like a label is text. ``depth``: in how many lists the line stands (a list item
        in the first list: 1); without it, a line between two items is taken for part of the first.
        """
        if not self._tops:
            return
        folded = re.sub(r"\s+", " ", text).strip()
        if folded:
            self._lines.append(_Line(folded, _LABEL.match(folded) if labelled else None, depth))

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
                _Arranger(top, self.statute or top.parts[0][0] == "§").arrange(self._lines)
        self._lines = []


def _walk(node: _Node) -> Iterable[_Node]:
    if node.named:
        yield node
        for child in node.children:
            yield from _walk(child)


def _successor(label: str, following: str) -> bool:
    """True if ``following`` can come right after ``label`` in one list: b after a, ba after b, bb after ba, c after bb."""
    if label == following or not label or not following:
        return False
    if following == label + "a" or (
        len(label) > 1 and label[:-1] == following[:-1] and _next(label[-1]) == following[-1]
    ):
        return True
    return len(following) == 1 and _next(label[0]) == following


def _next(letter: str) -> str:
    return chr(ord(letter) + 1)


class _Arranger:
    """Sorts the lines of one article into paragraphs, subparagraphs, numbers, points and romans."""

    def __init__(self, top: _Node, statute: bool = False) -> None:
        self.top, self.statute = top, statute
        self.used: set[tuple[tuple[str, str], ...]] = set()
        self.base = top
        self.stack: list[_Node] = []  # number, point, roman below the current paragraph
        self.sub = 1

    def arrange(self, lines: Sequence[_Line]) -> None:
        for line, following in zip(lines, _labels_behind(lines), strict=True):
            if line.section or (self._in_annex and re.match(r"Abschnitt [A-Z0-9] [—–-]", line.text)):
                self._section(line.text)
            elif line.match is None:
                self._continuation(line, following)
            else:
                self._labelled(line, line.match, following)

    @property
    def _in_annex(self) -> bool:
        return self.top.parts[0][0] == "Anhang"

    def _section(self, title: str) -> None:
        number = re.match(r"(?:Abschnitt|Section)\s+([A-Z0-9]+)", title, re.IGNORECASE)
        parts = (*self.top.parts, ("Abschnitt", number[1].upper() if number else title))
        node = _Node(parts, (*self.top.heading, title), "", [title])
        self.top.children.append(node)
        self.base, self.stack, self.sub = node, [], 1

    def _labelled(self, line: _Line, match: re.Match[str], following: _Labels) -> None:
        text = line.text[match.end() :]
        bracketed, number, letter = match.groups()
        roman = bool(letter) and self._is_roman(letter, following)  # asks for the roman open before this line
        if line.depth is not None:
            del self.stack[max(line.depth - 1, 0) :]
        if bracketed and not self._in_annex:
            self._paragraph(bracketed, text)
        elif bracketed or number:
            self._item("Nr.", bracketed or number, match.group().strip(), text)
        elif roman:
            self._item("Ziff.", letter, match.group().strip(), text)
        else:
            self._item("lit.", letter, match.group().strip(), text)

    def _is_roman(self, letter: str, following: _Labels) -> bool:
        if letter not in _ROMANS:
            return False
        open_roman = next((n.parts[-1][1] for n in reversed(self.stack) if n.parts[-1][0] == "Ziff."), None)
        if open_roman is not None and _ROMANS.index(open_roman) + 1 == _ROMANS.index(letter):
            return True
        if letter != "i":
            return False
        point = next((n.parts[-1][1] for n in reversed(self.stack) if n.parts[-1][0] == "lit."), None)
        if point != "h":
            return point is not None
        return following.letter == "ii"

    def _paragraph(self, number: str, text: str) -> None:
        node = _Node((*self.top.parts, ("Abs.", number)), self.top.heading, f"({number})", [text])
        self.top.children.append(node)
        self.base, self.stack, self.sub = node, [], 1

    def _item(self, unit: str, value: str, label: str, text: str) -> None:
        order = ("Nr.", "lit.", "Ziff.")
        same = [i for i, n in enumerate(self.stack) if n.parts[-1][0] == unit]
        if same and self.statute and unit == "lit." and len(value) > 1 and len(set(value)) == 1:
            del self.stack[same[0] + 1 :]
        elif same:
            del self.stack[same[0] :]
        elif unit == "Nr." and self.stack and self.base.parts[-1][0] == "Art.":
            self.stack = []
        elif unit != "Nr.":
            self.stack = [n for n in self.stack if order.index(n.parts[-1][0]) < order.index(unit) or unit == "Ziff."]
        parent = self.stack[-1] if self.stack else self.base
        parts = (*parent.parts, (unit, value))
        taken = parts in self.used and self.sub > 1
        if taken and not self.statute:
            parts = (*parent.parts, ("UAbs.", str(self.sub)), (unit, value))
        self.used.add(parts)
        # A second list in one Absatz of a statute is cited by its sentence, which no format numbers: no address
        # rather than a wrong one.
        node = _Node(parts, parent.heading, label, [text], named=not (taken and self.statute))
        parent.children.append(node)
        self.stack.append(node)

    def _continuation(self, line: _Line, following: _Labels) -> None:
        if line.depth is not None:
            del self.stack[line.depth :]
        if self.stack and (line.depth is not None or self._list_goes_on(following)):
            _add(self.stack[-1], line.text)
            return
        if not self.base.lines and not self.base.children:
            self.base.lines.append(line.text)
            return
        self.sub += 1
        self.stack = []
        if self.statute:
            _add(self.base, line.text)
            return
        self.base.children.append(
            _Node((*self.base.parts, ("UAbs.", str(self.sub))), self.base.heading, "", [line.text])
        )

    def _list_goes_on(self, following: _Labels) -> bool:
        """True if the next labelled line continues the open list, so that this line belongs to the open point."""
        if following.first is None:
            return self._in_annex and any(n.parts[-1][0] == "Nr." for n in self.stack)
        _, number, letter = following.first.groups()
        if letter:
            return any(_successor(n.parts[-1][1], letter) for n in self.stack if n.parts[-1][0] in ("lit.", "Ziff."))
        return bool(number) and any(n.parts[-1][0] == "Nr." and n.parts[-1][1] != number for n in self.stack)


def _add(node: _Node, text: str) -> None:
    """More words of this place, after what it already holds."""
    if node.children:
        node.children.append(_Node(node.parts, node.heading, "", [text], named=False))
    else:
        node.lines.append(text)


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


def read_law_markdown(data: bytes, name: str, source: str) -> LawText:
    """Plain law Markdown to an act. ``name`` is used in errors. Raises CorpusError with file and expectation."""
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{name}: keine UTF-8-Textdatei. Erwartet wird Gesetzestext als Markdown.") from error
    fields, body = _front_matter(text, name)
    builder = TreeBuilder(fields["kurz"], Kind.GESETZ, source)
    in_recitals = False
    for line in map(str.strip, body.splitlines()):
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
