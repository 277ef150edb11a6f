"""The lines of one article sorted into paragraphs, subparagraphs, numbers, points and romans.

Knows the drafting of Union law and of German statutes, and no file format: a line is its words, the label in front and,
where the markup says so, the number of lists around it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
LABEL = re.compile(r"(?:\((\d{1,3}[a-z]?)\)|(\d{1,3}(?:\.\d{1,2})?[a-z]?)\.(?=\s|$)|([a-z]{1,4})\))(?:\s+(?=\S)|$)")


@dataclass(slots=True)
class Node:
    """A place with its own lines and the places below it; ``parts`` is its address within the act."""

    parts: tuple[tuple[str, str], ...]
    heading: tuple[str, ...]
    label: str
    lines: list[str] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    named: bool = True  # False: words that belong to the place above and have no address of their own

    def text(self) -> str:
        """Its wording and, one per line with their labels, the places below."""
        below = ["\n".join(filter(None, [f"{child.label} {child.text()}".strip()])) for child in self.children]
        return "\n".join(line for line in [*self.lines, *below] if line)


@dataclass(frozen=True, slots=True)
class Line:
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


def _labels_behind(lines: Sequence[Line]) -> list[_Labels]:
    """For every line what follows it; from the end, because a search from each line would take the square of the time."""
    result: list[_Labels] = []
    behind = _Labels()
    for line in reversed(lines):
        result.append(behind)
        if line.match:
            behind = _Labels(line.match, line.match[3] or behind.letter)
    return result[::-1]


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


class Arranger:
    """Sorts the lines of one article into paragraphs, subparagraphs, numbers, points and romans."""

    def __init__(self, top: Node, statute: bool = False) -> None:
        self.top, self.statute = top, statute
        self.used: set[tuple[tuple[str, str], ...]] = set()
        self.base = top
        self.stack: list[Node] = []  # number, point, roman below the current paragraph
        self.sub = 1

    def arrange(self, lines: Sequence[Line]) -> None:
        """All lines of the article, in reading order."""
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
        node = Node(parts, (*self.top.heading, title), "", [title])
        self.top.children.append(node)
        self.base, self.stack, self.sub = node, [], 1

    def _labelled(self, line: Line, match: re.Match[str], following: _Labels) -> None:
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
        node = Node((*self.top.parts, ("Abs.", number)), self.top.heading, f"({number})", [text])
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
        node = Node(parts, parent.heading, label, [text], named=not (taken and self.statute))
        parent.children.append(node)
        self.stack.append(node)

    def _continuation(self, line: Line, following: _Labels) -> None:
        if line.depth is not None:
            del self.stack[line.depth :]
        if self.stack and (line.depth is not None or self._list_goes_on(following)):
            _add(self.stack[-1], line.text)
            return
        if not self.base.lines and not self.base.children:
            self.base.lines.append(line.text)
            return
        if line.text.startswith(("— ", "– ", "- ")) or line.text[0].islower():
            # An indent, or the rest of a sentence, is no subparagraph: it is cited within what it belongs to.
            _add(self._open_subparagraph(), line.text)
            return
        self.sub += 1
        self.stack = []
        if self.statute:
            _add(self.base, line.text)
            return
        self.base.children.append(
            Node((*self.base.parts, ("UAbs.", str(self.sub))), self.base.heading, "", [line.text])
        )

    def _open_subparagraph(self) -> Node:
        last = self.base.children[-1] if self.base.children else self.base
        return last if last.parts[-1][0] == "UAbs." else self.base

    def _list_goes_on(self, following: _Labels) -> bool:
        """True if the next labelled line continues the open list, so that this line belongs to the open point."""
        if following.first is None:
            return self._in_annex and any(n.parts[-1][0] == "Nr." for n in self.stack)
        _, number, letter = following.first.groups()
        if letter:
            return any(_successor(n.parts[-1][1], letter) for n in self.stack if n.parts[-1][0] in ("lit.", "Ziff."))
        return bool(number) and any(n.parts[-1][0] == "Nr." and n.parts[-1][1] != number for n in self.stack)


def _add(node: Node, text: str) -> None:
    """More words of this place, after what it already holds."""
    if node.children:
        node.children.append(Node(node.parts, node.heading, "", [text], named=False))
    else:
        node.lines.append(text)
