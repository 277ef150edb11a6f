"""PDF with text to paragraphs: lines joined again, hyphens at line ends undone, page headers and footers left out.

A PDF knows no paragraphs and no headings. What is guessed here is guessed cautiously: a line becomes a heading only if it
is numbered or stands alone, is short, and does not read like a sentence; otherwise it stays text. The wording itself is
never changed beyond the joining of lines. Words are extracted by pypdf.
"""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.corpus.documents import Document, Paragraph, arrange, clean
from assistant.errors import ImportRefused

MAX_PAGES = 500
MAX_LETTERS = 5_000_000
MAX_PAGE_STREAM = 20 * 2**20
"""Bytes of drawing commands of one page: pypdf needs some thirty times as much memory for them."""
_EDGE = 3
"""Lines at the top and at the bottom of a page that may repeat from page to page."""
_FEW_LETTERS = 20

_PAGE_NUMBER = re.compile(r"(?:[-–—]\s*)?(?:Seite\s*)?\d{1,4}(?:\s*(?:von|/)\s*\d{1,4})?(?:\s*[-–—])?", re.IGNORECASE)
_CONTENTS = re.compile(r".*(?:\.\s?){4,}\s*\d+$|Inhalt(?:sverzeichnis|sübersicht)?$")
_BULLET = re.compile(r"(?:[–—-]|o(?=\s))\s+\S")
_LABEL = re.compile(r"(?:\(\d{1,3}[a-z]?\)|\d{1,3}\.|\d{1,3}\)|[a-z]{1,2}\)|\([a-z]\))\s+\S")
_NUMBERED = re.compile(
    r"(?:§+\s*\d+[a-z]?|(?:Artikel|Art\.|Abschnitt|Kapitel|Teil|Anlage|Anhang)\s+(?:\d+|[IVX]+|[A-Z])\b|"
    r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?|[IVX]{1,5}\.|[A-Z]\.)\s*[:–—-]?\s+(?=[A-ZÄÖÜ„])"
)
_LONGEST_HEADING = 90
_SENTENCE_END = re.compile(r"[.!?;:,)“\"]$")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    page: int
    first: bool  # of its page


def read_pdf(data: bytes, name: str, title: str) -> Document:
    """One PDF. Raises ImportRefused with one German line: password, scanned, too long, damaged."""
    pages, named = _pages(data, name)
    letters = [sum(map(len, page)) for page in pages]
    if sum(count < _FEW_LETTERS for count in letters) > len(letters) / 2:
        raise ImportRefused(
            f"{name}: enthält keinen Text, vermutlich eingescannt. Mit Texterkennung (OCR) als durchsuchbares PDF "
            "speichern oder das Word-Dokument nehmen."
        )
    lines = list(_without_edges(pages))
    return arrange(
        re.sub(r"^Microsoft Word - |\.(?:docx?|pdf)$", "", clean(named)).strip() or title, _paragraphs(lines)
    )


def _pages(data: bytes, name: str) -> tuple[list[list[str]], str]:
    """The lines of each page, cleaned, and the title the file gives itself."""
    from pypdf import PasswordType, PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            raise ImportRefused(f"{name}: mit Kennwort geschützt. Ohne Kennwort speichern.")
        if len(reader.pages) > MAX_PAGES:
            raise ImportRefused(
                f"{name}: {len(reader.pages)} Seiten sind zu viele; erwartet werden höchstens {MAX_PAGES}. Nur den Teil "
                "mit den Regeln nehmen."
            )
        pages: list[list[str]] = []
        total = 0
        for page in reader.pages:
            contents = page.get_contents()
            if contents is not None and len(contents.get_data()) > MAX_PAGE_STREAM:
                raise ImportRefused(f"{name}: Seite {len(pages) + 1} ist zu groß. Die Datei neu als PDF speichern.")
            text = page.extract_text()
            total += len(text)
            if total > MAX_LETTERS:
                raise ImportRefused(
                    f"{name}: mehr als {MAX_LETTERS // 10**6} Millionen Zeichen. Nur den Teil mit den Regeln nehmen."
                )
            pages.append([line for raw in text.split("\n") if (line := clean(raw.replace("\xad", "-")))])
        return pages, str((reader.metadata.title if reader.metadata else None) or "")
    except (ImportRefused, MemoryError, RecursionError):
        raise
    except DependencyError as error:
        raise ImportRefused(f"{name}: verschlüsselt. Ohne Verschlüsselung als PDF speichern.") from error
    except PyPdfError as error:
        raise ImportRefused(f"{name}: kein lesbares PDF. In einem PDF-Programm öffnen und neu speichern.") from error
    except Exception as error:  # a broken PDF makes pypdf raise nearly anything
        raise ImportRefused(f"{name}: beschädigt. In einem PDF-Programm öffnen und neu als PDF speichern.") from error


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _without_edges(pages: Sequence[Sequence[str]]) -> Iterator[_Line]:
    """All lines but page numbers, lines of a table of contents, and what repeats at the edges of most pages."""
    edges: Counter[str] = Counter()
    for page in pages:
        edges.update({_shape(line) for line in (*page[:_EDGE], *page[-_EDGE:])})
    often = max(3, len(pages) / 2)
    for number, page in enumerate(pages, start=1):
        first = True
        for place, line in enumerate(page):
            at_edge = place < _EDGE or place >= len(page) - _EDGE
            if at_edge and (edges[_shape(line)] >= often or _PAGE_NUMBER.fullmatch(line)):
                continue
            if not _CONTENTS.match(line):
                yield _Line(line, number, first)
                first = False


def _paragraphs(lines: Sequence[_Line]) -> Iterator[Paragraph]:
    lengths = sorted(len(line.text) for line in lines)
    full = lengths[int(len(lengths) * 0.9)] if lengths else 0  # a line of the usual width
    open_text, open_page, last = "", 0, ""
    for position, line in enumerate(lines):
        following = lines[position + 1].text if position + 1 < len(lines) else ""
        level = _heading_level(line.text, last, following, full)
        goes_on = bool(last) and not level and _goes_on(line.text, last, full)
        if open_text and not goes_on:
            yield Paragraph(open_text, 0, open_page)
            open_text = ""
        if level:
            yield Paragraph(line.text, level)
            last = ""
            continue
        if not open_text:
            open_page = line.page
        open_text = _joined(open_text, line.text)
        last = line.text
    if open_text:
        yield Paragraph(open_text, 0, open_page)


def _heading_level(line: str, last: str, following: str, full: int) -> int:
    """1 to 4 for a line that must be a heading, else 0. ``last`` is the line above in the same text, "" after a heading."""
    complete = not last or bool(re.search(r"[.!?;:“\"]$", last)) or len(last) < 0.7 * full
    if len(line) > _LONGEST_HEADING or _SENTENCE_END.search(line) or not following or following[0].islower():
        return 0
    if not complete or re.search(r"[.!?]\s", re.sub(r"^\S+\s", "", line)):
        return 0
    if numbered := _NUMBERED.match(line):
        dots = (numbered[1] or "").count(".")
        # "1. Namen und Adressen" may be an item of a list: it is one if it is followed or preceded by its like.
        listed = _LABEL.match(line) and (_LABEL.match(following) or _LABEL.match(last))
        return 0 if listed else 1 + dots
    words = line.split()
    alone = line[0].isupper() and len(words) <= 8 and len(line) <= 60 and len(following) >= max(40, 0.6 * full)
    return 1 if alone and (not last or bool(re.search(r"[.!?]$", last))) and following[0].isupper() else 0


def _goes_on(line: str, last: str, full: int) -> bool:
    """True if the line continues the paragraph of the line above."""
    if _BULLET.match(line) or _LABEL.match(line):
        return False
    if line[0].islower() or last.endswith("-"):
        return True
    ended = bool(re.search(r"[.!?:;“]$", last))
    return not (ended and len(last) < 0.85 * full) and not len(last) < 0.5 * full


def _joined(text: str, line: str) -> str:
    """Two lines as one: "Verwal-" "tung" is a word; "KI-" "Leitlinie" and "Vor-" "und Nachname" keep their hyphen."""
    if not text:
        return line
    if text.endswith("-") and len(text) > 1 and text[-2].isalpha():
        if re.match(r"(?:und|oder|bzw\.|sowie)\b", line):
            return f"{text} {line}"
        return text[:-1] + line if line[0].islower() else text + line
    return f"{text} {line}"
