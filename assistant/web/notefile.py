"""The note as a file: Markdown, and Word by python-docx. Both show the same content in the same order."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

from assistant.web.note import CLOSING, Note, Request, facts, tick_line

TITLE = "Vermerk: Auskunft zur KI-Leitlinie"
_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~$])")
_MARKER = re.compile(r"^(\s*)([-+]|\d+[.)])(\s)")


def write(request: Request, day: dt.date) -> bytes:
    """The bytes of the note; ``day`` is the day it is made."""
    return docx(request, day) if request.form == "docx" else markdown(request, day).encode("utf-8")


def media_type(form: str) -> str:
    """What the browser is told about the file."""
    if form == "docx":
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return "text/markdown; charset=utf-8"


def _safe(text: str) -> str:
    """``text`` so that no Markdown program makes a link, picture, heading or HTML of it."""
    lines = (_MARKER.sub(r"\1\\\2\3", _SIGNS.sub(r"\\\1", line)) for line in text.split("\n"))
    return "\n".join(lines)


def _cited(text: str) -> str:
    """As ``_safe``; numbers of sources stay readable."""
    return re.sub(r"\\\[(\d{1,3})\\\]", r"[\1]", _safe(text))


def _block(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in _safe(text).split("\n"))


def markdown(request: Request, day: dt.date) -> str:
    """The note as Markdown."""
    note = request.note
    parts = [f"# {TITLE}", "\n".join(f"- **{name}:** {_safe(value)}" for name, value in facts(note, day))]
    parts += ["## Frage", _block(note.question), f"## Urteil: {note.verdict}", *_paragraphs(note)]
    if note.conditions:
        parts += ["## Bedingungen", _conditions(request)]
        if note.checklist:
            parts.append(tick_line(request, day))
    if note.offices:
        parts += ["## Zuständig", "\n".join(f"- {_safe(name)}" for name in note.offices)]
    if note.quotations:
        parts.append("## Fundstellen")
    for q in note.quotations:
        parts.append(f"**[{q.number}] {_safe(q.label)}** – {q.kind}, Fassung vom {q.state}, {q.validity}")
        parts.append(_block(q.quote))
        if q.url:
            parts.append(f"Amtliche Seite: {_safe(q.url)}")
    if note.remarks:
        parts += ["## Hinweise", "\n".join(f"- {_safe(text)}" for text in note.remarks)]
    return "\n\n".join([*parts, f"---\n\n{CLOSING}"]) + "\n"


def _paragraphs(note: Note) -> list[str]:
    """Paragraphs, and following list items as one list."""
    out: list[str] = []
    for text in note.paragraphs:
        item = text.startswith("• ")
        line = f"- {_cited(text[2:])}" if item else _cited(text)
        if item and out and out[-1].startswith("- "):
            out[-1] += "\n" + line
        else:
            out.append(line)
    return out


def _conditions(request: Request) -> str:
    note = request.note
    boxes = (("[x] " if i in request.ticked else "[ ] ") if note.checklist else "" for i in range(len(note.conditions)))
    return "\n".join(f"- {box}{_safe(text)}" for box, text in zip(boxes, note.conditions, strict=True))


def docx(request: Request, day: dt.date) -> bytes:
    """The note as a Word document with real headings, lists and a language, so that it can be read aloud."""
    from docx import Document

    note, document = request.note, Document()
    _properties(document, day)
    document.add_heading(TITLE, level=1)
    for name, value in facts(note, day):
        _labelled(document, name, value)
    _section(document, "Frage", [note.question], style="Quote")
    document.add_heading(f"Urteil: {note.verdict}", level=2)
    for text in note.paragraphs:
        item = text.startswith("• ")
        document.add_paragraph(text[2:] if item else text, style="List Bullet" if item else None)
    if note.conditions:
        document.add_heading("Bedingungen", level=2)
        for i, text in enumerate(note.conditions):
            box = ("☒ " if i in request.ticked else "☐ ") if note.checklist else ""
            document.add_paragraph(box + text, style=None if box else "List Bullet")
        if note.checklist:
            document.add_paragraph(tick_line(request, day))
    _section(document, "Zuständig", note.offices, style="List Bullet")
    _quotations(document, note)
    _section(document, "Hinweise", note.remarks, style="List Bullet")
    document.add_paragraph(CLOSING)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _properties(document: Any, day: dt.date) -> None:
    """Title and language instead of the template's; the day and no more, so that nothing tells who made it when."""
    properties = document.core_properties
    properties.title, properties.author, properties.comments = TITLE, "Leitplanke", ""
    properties.language = "de-DE"
    properties.created = properties.modified = dt.datetime(day.year, day.month, day.day)
    from docx.oxml.ns import qn

    fonts = document.styles.element.find(f".//{qn('w:lang')}")
    if fonts is not None:
        fonts.set(qn("w:val"), "de-DE")


def _labelled(document: Any, name: str, value: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = 0
    paragraph.add_run(f"{name}: ").bold = True
    paragraph.add_run(value)


def _section(document: Any, heading: str, lines: Any, *, style: str) -> None:
    if not lines:
        return
    document.add_heading(heading, level=2)
    for line in lines:
        document.add_paragraph(line, style=style)


def _quotations(document: Any, note: Note) -> None:
    if note.quotations:
        document.add_heading("Fundstellen", level=2)
    for q in note.quotations:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        paragraph.add_run(f"[{q.number}] {q.label}").bold = True
        paragraph.add_run(f" – {q.kind}, Fassung vom {q.state}, {q.validity}")
        document.add_paragraph(q.quote, style="Quote")
        if q.url:
            document.add_paragraph(f"Amtliche Seite: {q.url}")
