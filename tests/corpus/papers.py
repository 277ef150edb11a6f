"""A miniature guideline of a town as Word document and as PDF, and the same pages in bad condition."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from functools import cache

RULE = "Namen und Adressen dürfen nicht in öffentliche KI-Dienste eingegeben werden."
ALLOWED = "Rundschreiben ohne Personenbezug darf das städtische Sprachmodell entwerfen."


@cache
def word() -> bytes:
    """Headings by style, a numbered list, a table; made with python-docx."""
    import docx

    document = docx.Document()
    document.add_heading("Dienstanweisung KI", 0)
    document.add_paragraph("Beschlossen vom Verwaltungsvorstand.")
    document.add_heading("Daten", 1)
    document.add_heading("Grundsatz", 2)
    document.add_paragraph(RULE)
    for item in ("Namen", "Adressen"):
        document.add_paragraph(item, style="List Number")
    document.add_paragraph("Aktenzeichen", style="List Bullet")
    document.add_heading("Texte", 1)
    document.add_paragraph(ALLOWED)
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (c for row in table.rows for c in row.cells), ("Werkzeug", "Klasse", "Modell", "1"), strict=True
    ):
        cell.text = text
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def rewritten(data: bytes, changes: Mapping[str, bytes]) -> bytes:
    """A zip with some of its files replaced or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, old.read(name)))
        for name in changes.keys() - set(old.namelist()):
            new.writestr(name, changes[name])
    return stream.getvalue()


def body(inner: str) -> bytes:
    """A Word document of these body elements."""
    xml = (
        '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<w:body>{inner}</w:body></w:document>"
    )
    return rewritten(word(), {"word/document.xml": xml.encode()})


LINES = (
    ("Stadt Beispiel – Dienstanweisung KI", "Inhalt", "1 Zweck ........ 1", "2 Daten ........ 1",
     "1 Zweck", "Diese Dienstanweisung regelt den Einsatz von KI in allen Ämtern der Stadtver-",
     "waltung. Sie gilt auch für Auszubildende.", "2 Daten", "2.1 Grundsatz", f"{RULE[:64]}-", RULE[64:],
     "Das gilt für Vor-", "und Nachnamen, für KI-", "Dienste und in jeder Ver-", "Seite 1 von 3"),
    ("Stadt Beispiel – Dienstanweisung KI", "waltung.", "Erlaubt sind:", "1. Entwürfe ohne Personenbezug",
     "2. Übersetzungen öffentlicher Texte", "• Zusammenfassungen von Gesetzen", ALLOWED, "Seite 2 von 3"),
    ("Stadt Beispiel – Dienstanweisung KI", "Verstöße", "Verstöße gegen diese Dienstanweisung können dienstrechtliche Folgen haben.",
     "§ 7 Inkrafttreten", "Sie tritt am 1. Januar 2027 in Kraft.", "Seite 3 von 3"),
)  # fmt: skip


def pdf(pages: Sequence[Sequence[str]] = LINES, *, title: str = "") -> bytes:
    """A PDF with one font and one line of text below the other."""

    def shown(text: str) -> bytes:
        raw = text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        return b"(" + raw + b") Tj T*"

    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"",
               b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
               b"<< /Title (" + title.encode("cp1252") + b") >>"]  # fmt: skip
    kids = []
    for lines in pages:
        stream = b"BT /F1 11 Tf 14 TL 60 780 Td " + b" ".join(map(shown, lines)) + b" ET"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            b"/Contents %d 0 R >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    return _file(objects)


def _file(objects: Sequence[bytes]) -> bytes:
    result, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(result))
        result += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer << /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(result))
    return result + head + table + tail


def locked_pdf() -> bytes:
    """The PDF with a password."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    writer.encrypt("geheim", algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def packed_pdf() -> bytes:
    """The PDF with compressed page contents."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    for page in writer.pages:
        page.compress_content_streams()
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def exploding_pdf(size: int) -> bytes:
    """A PDF whose one page unpacks to ``size`` bytes of drawing commands."""
    packed = zlib.compress(b"q Q " * (size // 4), 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>",
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(packed), packed),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R >>",
    ]  # fmt: skip
    return _file(objects)


def exploding_zip(name: str, size: int) -> bytes:
    """A zip whose one file unpacks to ``size`` bytes of zeros."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as handle,
    ):
        for _ in range(size // 2**20):
            handle.write(bytes(2**20))
    return stream.getvalue()
