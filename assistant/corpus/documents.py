"""Local rules as office documents: Word (DOCX) and PDF with text, read into the sections that the guideline quotes.

A document becomes a title and parts; a part is the text below one heading, one paragraph, list item or table row a
line. What is not wording is left out: tables of contents, page headers and footers, footnotes, deleted and hidden text.
Reading happens in a child process (``limited.py``). A published generation keeps beside each document what was read from
it, bound to the document's checksum, so that opening the index reads nothing twice.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assistant.corpus.limited import Limits, run_limited
from assistant.corpus.readers import file_bytes
from assistant.errors import CorpusError, ImportRefused

MAX_BYTES = 64 * 2**20
READ = ".gelesen.json"
"""Ending of the file beside a document that holds what was read from it."""
SUFFIXES = (".docx", ".pdf")
_OTHER_SUFFIXES = (".doc", ".docm", ".dot", ".dotx", ".odt", ".rtf", ".pages")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph in reading order. ``level`` 0 is text, 1 the highest heading; ``page`` counts from 1, 0 is none."""

    text: str
    level: int = 0
    page: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """The text below one heading, in a PDF what begins on one page. ``title`` is the path of headings, with the page."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document as the guideline quotes it; part titles are unique."""

    title: str
    parts: tuple[Part, ...]


def clean(text: str) -> str:
    """One line as it is quoted: composed letters, no ligatures, invisible or control characters, single blanks."""
    text = re.sub(r"[ﬀ-ﬆ]", lambda m: unicodedata.normalize("NFKC", m.group()), unicodedata.normalize("NFC", text))
    text = re.sub(r"[•‣▪▫●○◦■□➢➔\uf000-\uf0ff]", "–", text)
    text = "".join(" " if sign.isspace() else sign for sign in text if sign.isspace() or _visible(sign))
    return re.sub(r" +", " ", text).strip()


def _visible(sign: str) -> bool:
    return unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def arrange(title: str, paragraphs: Iterable[Paragraph]) -> Document:
    """Paragraphs to parts, one for each heading that has text below it and for each of its pages; titles unique."""
    headings: list[tuple[int, str]] = []
    parts: list[tuple[str, list[str]]] = []
    page: int | None = None
    for paragraph in paragraphs:
        if paragraph.level:
            headings = [*(h for h in headings if h[0] < paragraph.level), (paragraph.level, paragraph.text)]
            page = None
            continue
        if page != paragraph.page:
            path = " › ".join(text for _, text in headings) or title
            parts.append((f"{path} (Seite {paragraph.page})" if paragraph.page else path, []))
            page = paragraph.page
        parts[-1][1].append(paragraph.text)
    seen: Counter[str] = Counter()
    unique = []
    for path, lines in parts:
        seen[path] += 1
        unique.append(Part(f"{path} ({seen[path]})" if seen[path] > 1 else path, "\n".join(lines)))
    return Document(title, tuple(unique))


def read_document(data: bytes, name: str, title: str) -> Document:
    """One document, recognised by its content; ``title`` is used where it has none. Raises ImportRefused.

    For files nobody has read before, use ``read_untrusted_document``.
    """
    if len(data) > MAX_BYTES:
        raise ImportRefused(
            f"{name}: {len(data) // 2**20} MB sind zu groß; erwartet werden höchstens {MAX_BYTES // 2**20} MB."
        )
    if data.startswith(b"PK\x03\x04"):
        from assistant.corpus.worddoc import read_docx

        document = read_docx(data, name, title)
    elif b"%PDF-" in data[:1024]:
        from assistant.corpus.pdftext import read_pdf

        document = read_pdf(data, name, title)
    else:
        raise ImportRefused(f"{name}: {_what(data)}")
    if not document.parts:
        raise ImportRefused(f"{name}: enthält keinen Text. Erwartet wird die Leitlinie oder Dienstanweisung selbst.")
    return document


def _what(data: bytes) -> str:
    if not data.strip():
        return "die Datei ist leer. Erwartet wird ein Word-Dokument (.docx) oder ein PDF mit Text."
    if data.startswith(_OLE):
        return "mit Kennwort geschützt oder in einem alten Word-Format. In Word ohne Kennwort als .docx speichern."
    return "weder Word-Dokument noch PDF. Als .docx oder als PDF mit Text speichern."


def read_untrusted_document(path: Path, name: str) -> Document:
    """One file in a child process with limits; titled by its name if it has no title. Raises ImportRefused."""
    data = file_bytes(path)
    title = re.sub(r"[_\s]+", " ", path.stem).strip()
    return _read_limited(data, name, title)


def _read_limited(data: bytes, name: str, title: str) -> Document:
    return run_limited(read_document, data, name, title, name=name, limits=Limits.for_size(len(data)))


# ---------------------------------------------------------------- documents of a guideline


def document_files(folder: Path) -> list[Path]:
    """The documents in a guideline's folder. Raises CorpusError for a format that would silently be left out."""
    found = []
    for path in sorted(folder.glob("*")):
        if path.name.startswith((".", "~$")) or not path.is_file():
            continue  # what Word and LibreOffice leave beside an open document
        if path.suffix.lower() in _OTHER_SUFFIXES:
            raise CorpusError(
                f"corpus/leitlinie/{path.name}: dieses Format wird nicht gelesen. Als .docx, als PDF mit Text oder als "
                "Markdown (.md) speichern, oder die Datei aus dem Ordner nehmen."
            )
        if path.suffix.lower() in SUFFIXES:
            found.append(path)
    return found


def guideline_document(path: Path, name: str) -> Document:
    """A document of the guideline: from what a generation keeps beside it if that belongs to it, else read anew."""
    kept = path.with_name(path.name + READ)
    if kept.is_file():
        try:
            raw = json.loads(kept.read_text(encoding="utf-8"))
            if raw["sha256"] == _sum(path):
                return Document(raw["titel"], tuple(Part(title, text) for title, text in raw["abschnitte"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CorpusError(f"{name}{READ}: beschädigt. Mit „leitplanke index build“ neu bauen.") from error
    return read_untrusted_document(path, name)


def keep_read(folder: Path) -> None:
    """Write beside every document of a finished copy what is read from it."""
    for path in document_files(folder):
        document = guideline_document(path, f"corpus/leitlinie/{path.name}")
        parts = [[part.title, part.text] for part in document.parts]
        raw = {"sha256": _sum(path), "titel": document.title, "abschnitte": parts}
        path.with_name(path.name + READ).write_text(json.dumps(raw, ensure_ascii=False), encoding="utf-8")


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_document(data: bytes) -> bool:
    """True for what ``import_document`` takes rather than the readers of laws: Word, PDF, a Markdown chapter."""
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    word = data.startswith(_OLE) or (data.startswith(b"PK\x03\x04") and b"word/" in data)
    chapter = start.startswith(b"#") and not re.search(rb"(?m)^### (?:Artikel|\xc2\xa7) ?\d", data)
    return word or b"%PDF-" in data[:1024] or chapter


def import_document(home: Path, file: Path) -> tuple[str, Document]:
    """Take a document over into the guideline's folder, bytes unchanged; what it is called there, and what it says.

    Raises ImportRefused or CorpusError with one German line: not readable, or another file has that name.
    """
    from assistant.corpus.official import write_atomically

    data = file_bytes(file)
    title = re.sub(r"[_\s]+", " ", file.stem).strip()
    if b"%PDF-" in data[:1024]:
        suffix = ".pdf"
    else:
        suffix = ".docx" if data.startswith((b"PK", _OLE)) else ".md"
    if suffix == ".md":
        document = run_limited(_chapter, file, file.name, name=file.name, limits=Limits.for_size(len(data)))
    else:
        document = _read_limited(data, file.name, title)
    name = f"{file.stem.lstrip('.~$') or 'dokument'}{suffix}"
    target = home / "corpus" / "leitlinie" / name
    if target.exists() and target.read_bytes() != data:
        raise ImportRefused(
            f"{file.name}: corpus/leitlinie/{name} gibt es schon, mit anderem Inhalt. Umbenennen oder die alte Datei zuerst "
            "löschen."
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, data)
    except OSError as error:
        raise ImportRefused(f"{target}: kann nicht geschrieben werden. Platz und Rechte prüfen.") from error
    return f"corpus/leitlinie/{name}", document


def _chapter(path: Path, name: str) -> Document:
    """A Markdown chapter as a document, to see that it can be read. Raises RuleError or CorpusError."""
    from assistant.corpus.rules import read_chapter

    _, sections = read_chapter(path, name)
    if not sections:
        raise CorpusError(
            f"{name}: enthält keinen Text unter Überschriften. Erwartet wird Markdown mit „# Überschrift“."
        )
    return Document(sections[0].chapter, tuple(Part(s.title, s.text) for s in sections))
