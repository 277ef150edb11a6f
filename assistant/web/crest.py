"""A town's coat of arms: an SVG or PNG file of the home that the page shows as an image.

Browsers run nothing inside an image, and the response carries a policy that allows nothing. An SVG that contains more
than drawing is refused all the same, because it may be opened on its own or end up in a document.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from assistant.errors import CorpusError

MAX_BYTES = 200 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"
_ELEMENTS = frozenset(
    "svg g defs symbol use title desc metadata path rect circle ellipse line polyline polygon text tspan clipPath mask "
    "linearGradient radialGradient stop pattern style marker switch".split()
)
"""Elements that only draw; what is not listed (script, foreignObject, image, animate, a …) is refused."""
_DRAWING = ("http://www.w3.org/2000/svg", "")
_OTHER_LIVE = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML")
"""Formats that a browser would show inside; elements of any other (notes of drawing programs) do nothing."""
_REACHING = re.compile(r"url\s*\(\s*['\"]?(?!#)|@import|expression|javascript:|\\", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Crest:
    """The bytes as they are, their media type, and a short checksum for the address."""

    content: bytes
    media_type: str
    version: str

    @property
    def name(self) -> str:
        """File name in the address."""
        return "wappen.svg" if self.media_type == "image/svg+xml" else "wappen.png"


def read_crest(settings: Path, name: str) -> Crest:
    """The file ``name`` beside ``settings``. Raises CorpusError with what was expected."""
    folder = settings.parent.resolve()
    path = (folder / name).resolve()
    where = f"{settings}: [stadt] wappen „{name}“"
    if not path.is_relative_to(folder):
        raise CorpusError(f"{where} liegt außerhalb von {folder}. Die Datei daneben legen und nur ihren Namen nennen.")
    try:
        with path.open("rb") as handle:
            content = handle.read(MAX_BYTES + 1)
    except OSError as error:
        raise CorpusError(
            f"{where} kann nicht gelesen werden ({error.strerror}). Die Datei nach {folder} legen."
        ) from error
    if len(content) > MAX_BYTES:
        raise CorpusError(f"{where} ist größer als {MAX_BYTES // 1024} KB. Das Bild verkleinern.")
    if content.startswith(_PNG):
        kind = "image/png"
    elif why := _not_plain_svg(content):
        raise CorpusError(
            f"{where}: {why} Erwartet wird ein PNG-Bild oder eine SVG-Zeichnung ohne Skript und Verweise."
        )
    else:
        kind = "image/svg+xml"
    return Crest(content, kind, hashlib.sha256(content).hexdigest()[:12])


def _not_plain_svg(content: bytes) -> str:
    """Why this is no SVG that only draws; "" if it is one."""
    if any(sign in content.upper() for sign in (b"<!DOCTYPE", b"<!ENTITY", b"<?XML-STYLESHEET", b"\0")):
        return "Die Datei enthält mehr als eine Zeichnung in UTF-8 (DOCTYPE, ENTITY, Stylesheet oder Nullzeichen)."
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - without DOCTYPE there are no entities to expand
    except (ElementTree.ParseError, ValueError, LookupError):
        return "Die Datei ist weder PNG noch lesbares SVG."
    if _plain_name(root.tag) != (_DRAWING[0], "svg"):
        return "Die Datei ist kein SVG."
    for element in root.iter():
        if not isinstance(element.tag, str):  # a comment or processing instruction
            continue
        space, name = _plain_name(element.tag)
        if space in _DRAWING and name not in _ELEMENTS:
            return f"Das Element „{name}“ ist nicht zugelassen."
        if space in _OTHER_LIVE:
            return f"Das Element „{name}“ aus einem anderen Format ist nicht zugelassen."
        if name == "style" and _REACHING.search(element.text or ""):
            return "Das Element „style“ verweist auf anderes."
        for key, value in element.attrib.items():
            attribute = _plain_name(key)[1].lower()
            if attribute.startswith("on") or (attribute in ("href", "src") and not value.strip().startswith("#")):
                return f"Das Attribut „{attribute}“ ist nicht zugelassen."
            if attribute not in ("d", "points") and _REACHING.search(value):
                return f"Das Attribut „{attribute}“ verweist auf anderes."
    return ""


def _plain_name(tag: str) -> tuple[str, str]:
    space, _, name = tag.rpartition("}")
    return space.lstrip("{"), name
