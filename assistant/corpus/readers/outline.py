"""From a publisher's headings, labels and lines to the places of an act: what EUR-Lex pages and Formex share.

``Outline`` is the one way into the tree for both, so that the same act in two formats gives the same places. It holds
back what only the next element completes: titles that come in parts, labels whose words follow, and the last line,
whose closing quotation mark may stand in an element of its own.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from assistant.corpus.addresses import ActInfo
from assistant.corpus.lawtext import LawText, TreeBuilder
from assistant.errors import ImportRefused
from assistant.types import Kind

NOTE = "\x01"
"""Stands in raw text where a footnote is referred to; ``clean`` takes it out."""

_NUMBERED = re.compile(r"\((?:EU|EG|EC|EWG|EEC)\)\s*(?:Nr\.|No)?\s*(\d+/\d+)")


def clean(text: str) -> str:
    """Whitespace folded, footnote references and marks of changes (▼M1, ►C1 … ◄) taken out."""
    text = " ".join(re.sub(r"[▼►][A-Z]+\d*|◄", "", text).split())
    text = re.sub(rf" ?\( ?{NOTE} ?\)| ?{NOTE}", "", text)
    return re.sub(r"(?<=\d) (?=[.,;](?: |$))", "", text).strip()  # "1 500 000 ." of consolidated pages


def item_label(text: str) -> str | None:
    """The label of a list item as Markdown writes it ("a)", "1.", "3.1.", "—"), or None if this is no label."""
    if match := re.fullmatch(r"\(?(\d{1,3}[a-z]{0,2})[.)]|(\d{1,3}\.\d{1,2})\.?", text):
        return f"{match[1] or match[2]}."
    if match := re.fullmatch(r"\(?([a-z]{1,4})[.)]", text):
        return f"{match[1]})"
    return "—" if text in ("—", "–", "-") else None


def article_number(text: str) -> str | None:
    """ "4a" of the heading "Artikel 4a" or "Article 4a", else None."""
    match = re.fullmatch(r"(?:Artikel|Article)\s+(\d+)\s*([a-z]{0,2})", text)
    return match[1] + match[2] if match else None


def act_number(title: str) -> str:
    """ "2016/679" of "VERORDNUNG (EU) 2016/679 DES …", else ""."""
    numbered = _NUMBERED.search(title)
    return numbered[1] if numbered else ""


def journal_celex(title: str, number: str) -> str:
    """The CELEX number of a regulation in the Official Journal ("32016R0679"), else ""."""
    year, _, serial = number.partition("/")
    return f"3{year}R{int(serial):04d}" if len(year) == 4 and title[:2].upper() in ("VE", "RE") else ""


CONSOLIDATED = "Konsolidierte Fassung; authentisch ist nur das Amtsblatt"


@dataclass(frozen=True, slots=True)
class ActHead:
    """What a publisher's file says of an act before its articles begin; ``number`` is "2016/679"."""

    state: dt.date
    language: str
    celex: str
    title: str
    number: str
    note: str


def act_builder(head: ActHead, name: str, info: ActInfo | None) -> TreeBuilder:
    """The empty tree of an act under its known or its official name. Raises ImportRefused for another act."""
    refuse_other_act(head.number, name, info)
    return TreeBuilder(info.short if info else f"Verordnung (EU) {head.number}", Kind.GESETZ, info.id if info else "")


def act_text(head: ActHead, builder: TreeBuilder, name: str, info: ActInfo | None, expected: str) -> LawText:
    """The act that was read; ``expected`` says in German what the file should have been. Raises ImportRefused."""
    text = LawText(
        title=info.title if info and head.language == "DE" else head.title,
        short=info.short if info else f"Verordnung (EU) {head.number}",
        state=head.state,
        valid_to=None,
        note=head.note,
        celex=head.celex,
        provisions=builder.provisions(),
        language=head.language,
    )
    if not text.count("Art."):
        raise ImportRefused(f"{name}: keine Artikel gefunden. Erwartet wird {expected}.")
    return text


def refuse_other_act(number: str, name: str, info: ActInfo | None) -> None:
    """Raises ImportRefused if the file holds another act than the one it is read as."""
    expected = act_number(info.title) if info else ""
    if info and expected and number and expected != number:
        raise ImportRefused(f"{name}: enthält den Rechtsakt {number}, erwartet wird {info.short} ({expected}).")


def header_date(year: str, month: str, day: str, name: str) -> dt.date:
    """A date of the file's head. Raises ImportRefused."""
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError as error:
        raise ImportRefused(f"{name}: „{day}.{month}.{year}“ im Kopf ist kein Datum.") from error


@dataclass(slots=True)
class Outline:
    """Headings, labels and lines of one act in reading order; ``finish`` hands over what is still held back."""

    builder: TreeBuilder
    in_annex: bool = False
    top: list[str] = field(default_factory=list)  # unit, value, titles … of an article or annex not yet begun
    divisions: list[str] = field(default_factory=list)  # heading parts of a chapter or section not yet begun
    named_group: str = ""  # "Section 1" of an annex, whose title is the next heading
    offset: int = 0  # numbered headings of an annex open above the current line
    label: str = ""  # read, its words still to come
    label_depth: int = 0
    label_is_text: bool = False
    held: tuple[str, bool, int] | None = None  # the last line: closing quotes may still come

    def article(self, number: str) -> None:
        """An article begins ("4a")."""
        self._begin("Art.", number)

    def recital(self, number: str) -> None:
        """A recital begins ("26")."""
        self._begin("ErwG", number)

    def annex(self, number: str, title: str = "") -> None:
        """An annex begins ("III")."""
        self._begin("Anhang", number, *filter(None, [title]))

    def title(self, text: str) -> None:
        """A title, or another part of it, of the article or annex that just began; elsewhere it is wording."""
        if self.top:
            self.top.append(text)
        else:
            self.line(text, 0, labelled=False)

    def division(self, text: str, *, begins: bool) -> None:
        """The heading of a chapter or section; ``begins`` is False for the second part of one."""
        self.finish()
        if begins and self.divisions:
            self._open_division()
        self.divisions.append(text)

    def group(self, text: str) -> None:
        """A heading inside an annex: "Section A …", "1. Introduction", "b. Codes", or plain words."""
        self.finish()
        if re.fullmatch(r"(?:Abschnitt|Section|ABSCHNITT|SECTION)\s+[A-Z0-9]+", text):
            self.named_group = text
            return
        if self.named_group or re.match(r"(?:Abschnitt|Section)\s+[A-Z0-9]+\b", text, re.IGNORECASE):
            self.builder.section(f"{self.named_group}: {text}" if self.named_group else text)
            self.named_group, self.offset = "", 0
            return
        number = re.match(r"(\d{1,2}\.)\s+(?=\S)", text)
        letter = re.match(r"([a-z])[.)]\s+(?=\S)", text)
        if number or letter:
            self.offset = 1 if number else 2
            self.builder.line(text if number else re.sub(r"^(\w)\.", r"\1)", text), depth=self.offset)
        else:
            self.line(text, 0, labelled=False)

    def paragraph(self, text: str, depth: int) -> None:
        """The number in front of a paragraph, "(1)" or "1."; anything else ("‘3." in an amendment) is text."""
        match = re.fullmatch(r"\(?(\d{1,3}[a-z]{0,2})[.)]", text)
        if match is None or depth:
            self.mark(text, depth)
        else:
            self.mark(f"{match[1]}." if self.in_annex else f"({match[1]})", depth)

    def mark(self, label: str, depth: int, *, is_text: bool = False) -> None:
        """The label of the next line; an earlier one that got no words ("1. (a) …") stands alone.

        ``is_text``: a number in front of quoted words ("‘3." in an amendment), which labels no place of this act.
        """
        if self.label:
            alone, self.label = self.label, ""
            self.line(alone, self.label_depth, labelled=not self.label_is_text)
        self.label, self.label_depth = label, depth
        self.label_is_text = is_text or label == "—" or re.match(r"[‘„“\"]", label) is not None

    def line(self, text: str, depth: int, *, labelled: bool = True) -> None:
        """One line with the number of lists around it. ``labelled`` False: what looks like a label is text."""
        if not text:
            return
        if re.fullmatch(r"[;,.’”“\"')\]]+", text) and self.held:
            self.held = (self.held[0] + text, *self.held[1:])
            return
        self._flush()
        if self.label:
            text, labelled, self.label = f"{self.label} {text}", not self.label_is_text, ""
        if self.top:
            self._open_top()
        self.held = (text, labelled, depth + self.offset)

    def finish(self) -> None:
        """What was held back is complete."""
        if self.label:
            self.mark("", 0)
        self._flush()
        if self.top:
            self._open_top()

    def _begin(self, unit: str, value: str, *titles: str) -> None:
        self.finish()
        self.in_annex = unit == "Anhang"
        self.top = [unit, value, *titles]

    def _flush(self) -> None:
        if self.held:
            text, labelled, depth = self.held
            self.builder.line(text, labelled=labelled, depth=depth)
        self.held = None

    def _open_top(self) -> None:
        if self.divisions:
            self._open_division()
        unit, value, *titles = self.top
        self.builder.top(unit, value, " ".join(titles))
        self.top, self.offset = [], 0

    def _open_division(self) -> None:
        title = ": ".join(filter(None, [self.divisions[0], " ".join(self.divisions[1:])]))
        if re.match(r"(?:ABSCHNITT|SECTION|UNTERABSCHNITT|SUB-?SECTION)\b", title, re.IGNORECASE):
            self.builder.section(title)
        else:
            self.builder.chapter(title)
        self.divisions = []
