"""Parsing of publishers' markup under limits: no network, no entities, no depth or size beyond what law needs.

Knows nothing of any publisher's format. Everything that cannot be trusted is refused with one German line.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from typing import Any, TypeAlias

from lxml import etree

from assistant.corpus.archives import refuse_bombs, refuse_nested
from assistant.corpus.readers import MAX_BYTES
from assistant.errors import ImportRefused

MAX_FILES = 500
Node: TypeAlias = Any  # an element of lxml, which has no types of its own

_SUPERSCRIPTS = str.maketrans("0123456789+-−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ")


def parse_xml(data: bytes, name: str, *, instructions: bool = False) -> Node:
    """The root of a well-formed XML file, entities unresolved but for the characters HTML names.

    ``instructions``: keep processing instructions, which in Formex mark what was deleted.
    """
    if re.search(rb"<!ENTITY", data, re.IGNORECASE):
        raise ImportRefused(f"{name}: enthält eigene Entitäten (<!ENTITY …>). Die Datei beim Herausgeber neu holen.")
    # huge_tree stays off: libxml2 then stops at a depth of 256 and at texts of 10 MB, far above any act.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=not instructions,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ImportRefused(f"{name}: kein vollständiges XML ({_reason(error)}). Die Datei neu holen.") from error
    _name_entities(root, name)
    return root


def parse_page(data: bytes, name: str) -> Node:
    """The root of an HTML or XHTML page with plain tag names ("p", not "{namespace}p"). UTF-8 only, and complete."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ImportRefused(f"{name}: keine UTF-8-Datei. Erwartet wird die Seite des Herausgebers.") from error
    if not data.rstrip().lower().endswith(b"</html>"):
        raise ImportRefused(f"{name}: die Seite bricht ab (kein </html> am Ende). Die Datei neu holen.")
    try:
        root = parse_xml(data, name)  # XHTML as XML: the HTML rules would leave <a/> open
    except ImportRefused:
        parser = etree.HTMLParser(
            encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
        )
        root = etree.fromstring(data, parser)
        if root is None or any("depth" in entry.message.lower() for entry in parser.error_log):
            raise ImportRefused(f"{name}: die Seite ist nicht lesbar (zu tief verschachtelt oder leer).") from None
    for node in root.iter(etree.Element):
        if node.tag.startswith("{"):
            node.tag = node.tag.rpartition("}")[2]
    return root


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:120]


def _name_entities(root: Node, name: str) -> None:
    """Replaces ``&nbsp;`` and its like by their characters; anything else is refused."""
    for entity in list(root.iter(etree.Entity)):
        character = html.unescape(entity.text)
        if character == entity.text:
            raise ImportRefused(f"{name}: unbekannte Entität {entity.text}. Erwartet wird die Datei des Herausgebers.")
        parent, before = entity.getparent(), entity.getprevious()
        added = character + (entity.tail or "")
        if before is not None:
            before.tail = (before.tail or "") + added
        else:
            parent.text = (parent.text or "") + added
        parent.remove(entity)


def raised(text: str) -> str:
    """Superscript digits as characters of their own, so that "10²⁵" does not become "1025"; other text unchanged."""
    stripped = text.strip()
    return text.translate(_SUPERSCRIPTS) if re.fullmatch(r"[0-9+−-]+", stripped) else text


def unzip_xml(data: bytes, name: str) -> list[bytes]:
    """The XML files in a zip, in the order of their names.

    Raises ImportRefused for archives that are encrypted, damaged, without XML, or explode when unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            refuse_bombs(archive, len(data), name, most_bytes=MAX_BYTES, most_files=MAX_FILES)
            refuse_nested(archive, name)
            members = sorted((e for e in archive.infolist() if e.filename.lower().endswith(".xml")), key=lambda e: e.filename)
            if not members:
                raise ImportRefused(
                    f"{name}: das Archiv enthält 0 XML-Dateien. Erwartet wird das ZIP des Herausgebers."
                )
            return _unpacked(archive, members, name)
    except ImportRefused:
        raise
    except Exception as error:  # zipfile, zlib and lzma raise errors without a common base
        raise ImportRefused(f"{name}: das Archiv ist beschädigt oder verschlüsselt. Die Datei neu holen.") from error


def _unpacked(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], name: str) -> list[bytes]:
    """The contents, counted while they are unpacked: the figures of an archive may be false."""
    contents: list[bytes] = []
    left = MAX_BYTES
    for member in members:
        with archive.open(member) as stream:
            contents.append(stream.read(left + 1))
        left -= len(contents[-1])
        if left < 0:
            raise ImportRefused(f"{name}: das Archiv ist ausgepackt größer als {MAX_BYTES // 2**20} MB.")
    return contents
