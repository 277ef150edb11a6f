"""An answer for the file: what the page showed, as a dated note in Markdown or Word, made in memory on request.

Nothing is kept on the server for this: the page holds the content of its note, sealed with a key of this process, and
sends it back with the ticks. What comes back unsealed or changed is refused, so a note says what was answered here.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
import re
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from urllib.parse import parse_qs

from assistant.errors import LeitplankeError
from assistant.types import Answer, Citation, Status, Validity, Verdict
from assistant.web import texts
from assistant.web.api import AssistantApi
from assistant.web.markup import blocks, visible
from assistant.web.texts import GERMAN

ADDRESS = "/vermerk"
EXPORTED = frozenset({Status.BEANTWORTET, Status.TEILWEISE, Status.NICHT_GEREGELT})
"""Outcomes that rest on guideline and law: dated, and worth a note. One with personal data is never noted."""
CHECKLISTS = frozenset({Verdict.ERLAUBT, Verdict.BEDINGT})
"""Verdicts whose conditions are ticked."""
_KEY = secrets.token_bytes(32)
_MAX_FIELDS = 200
_ITEM = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_HEADING = re.compile(r"^\s*#{1,6}\s+")


class NoteRefused(LeitplankeError):
    """What was sent to make a note of was not made by this page."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A numbered quotation with all that says as of when it holds."""

    number: int
    label: str
    kind: str
    quote: str
    state: str
    validity: str
    url: str


@dataclass(frozen=True, slots=True)
class Note:
    """The content of a note, plain texts only; ``paragraphs`` of the answer, list items begin with "• "."""

    question: str
    as_of: str
    verdict: str
    paragraphs: tuple[str, ...]
    conditions: tuple[str, ...]
    checklist: bool
    offices: tuple[str, ...]
    quotations: tuple[Quoted, ...]
    rules: tuple[str, ...]
    guideline: str
    generation: str
    written_by: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A note to make: its content, which conditions are ticked, and whether as ``md`` or ``docx``."""

    note: Note
    ticked: frozenset[int]
    form: str


def note_of(answer: Answer, api: AssistantApi) -> Note:
    """What a note of ``answer`` contains."""
    look = texts.VERDICTS[answer.verdict] if answer.verdict else texts.OUTCOMES[answer.status]
    contacts = api.contacts()
    offices = [contacts[key].name if key in contacts else key for key in answer.offices]
    adopted = "beschlossen" if answer.guideline.adopted else "nicht beschlossen"
    return Note(
        question=visible(answer.question),
        as_of=german_day(answer.as_of),
        verdict=look.word,
        paragraphs=tuple(line for piece in blocks(answer.text) for line in _plain(piece)),
        conditions=tuple(visible(text) for text in answer.conditions),
        checklist=answer.verdict in CHECKLISTS,
        offices=tuple(visible(name) for name in offices),
        quotations=tuple(_quoted(citation) for citation in answer.citations),
        rules=answer.rules,
        guideline=f"{visible(answer.guideline.title)}, Fassung {answer.guideline.version} ({adopted})",
        generation=answer.generation,
        written_by=answer.written_by,
        remarks=tuple(visible(note.text) for note in answer.notes),
    )


def _plain(piece: str) -> list[str]:
    """One Markdown block as lines without signs; a paragraph is one line, every list item one."""
    lines = [line for line in visible(piece).split("\n") if line.strip()]
    if _ITEM.match(lines[0]):
        joined: list[str] = []
        for line in lines:
            if _ITEM.match(line):
                joined.append("• " + _ITEM.sub("", line, count=1))
            else:
                joined[-1] += " " + line.strip()
    else:
        joined = [" ".join(_HEADING.sub("", line).strip() for line in lines)]
    return [line.replace("**", "").replace("`", "") for line in joined]


def _quoted(citation: Citation) -> Quoted:
    validity = GERMAN.validity[citation.validity]
    if citation.validity is Validity.GILT_AB and citation.valid_from:
        validity += f" {german_day(citation.valid_from)}"
    if citation.validity is Validity.AUFGEHOBEN and citation.valid_to:
        validity += f", galt bis {german_day(citation.valid_to)}"
    return Quoted(
        citation.number, citation.label, GERMAN.kinds[citation.kind], visible(citation.quote), german_day(citation.state),
        validity, citation.url or "",
    )  # fmt: skip


def german_day(day: dt.date) -> str:
    """A day as in letters: 22.11.2026."""
    return f"{day.day}.{day.month}.{day.year}"


def file_name(request: Request, day: dt.date) -> str:
    """The name under which the browser saves a note."""
    return f"vermerk-ki-leitlinie-{day.isoformat()}.{request.form}"


# ---------------------------------------------------------------- there and back through the page


def sealed(note: Note) -> str:
    """The content as the page holds it: compressed, with a seal, letters and digits only."""
    data = zlib.compress(json.dumps(asdict(note), ensure_ascii=True).encode("ascii"), 6)
    return base64.urlsafe_b64encode(_seal(data) + data).decode("ascii")


def _seal(data: bytes) -> bytes:
    return hmac.digest(_KEY, data, hashlib.sha256)


def unsealed(text: str) -> Note:
    """The content that ``sealed`` made. Raises NoteRefused for anything else."""
    try:
        raw = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise NoteRefused(_NOT_OURS) from error
    seal, data = raw[:32], raw[32:]
    if not hmac.compare_digest(seal, _seal(data)):
        raise NoteRefused(_NOT_OURS)
    fields = json.loads(zlib.decompress(data))
    quotations = tuple(Quoted(**row) for row in fields.pop("quotations"))
    lists = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
    return Note(**{**fields, **lists}, quotations=quotations)


_NOT_OURS = (
    "Dieser Vermerk lässt sich nicht mehr erstellen: Der Assistent wurde inzwischen neu gestartet. Bitte die Frage noch "
    "einmal stellen."
)


def read_request(body: bytes) -> Request:
    """The form as a browser sends it. Raises NoteRefused."""
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise NoteRefused(_NOT_OURS) from error
    note = unsealed(fields.get("inhalt", [""])[0])
    numbers = range(len(note.conditions))
    ticked = frozenset(i for i in numbers if str(i) in fields.get("bedingung", []))
    form = fields.get("art", ["md"])[0]
    return Request(note, ticked, form if form in ("md", "docx") else "md")


def tick_line(request: Request, day: dt.date) -> str:
    """How many conditions the asking person had ticked when the note was made."""
    number, of = len(request.ticked), len(request.note.conditions)
    return f"Angekreuzt von der fragenden Person, Stand {german_day(day)}: {number} von {of}."


def facts(note: Note, day: dt.date) -> Sequence[tuple[str, str]]:
    """The rows that date a note."""
    author = "aus den Quellen zusammengestellt" if note.written_by == "auszug" else f"Sprachmodell „{note.written_by}“"
    rows = [
        ("Vermerk vom", german_day(day)),
        ("Rechtsstand (gefragt für den)", note.as_of),
        ("Leitlinie", note.guideline),
        ("Angewandte Regeln", ", ".join(note.rules)),
        ("Index (Generation)", note.generation),
        ("Erläuterung", author),
    ]
    return [row for row in rows if row[1]]


CLOSING = (
    "Erstellt mit Leitplanke. Das Urteil gibt die KI-Leitlinie wieder und ersetzt keine Entscheidung der zuständigen "
    "Stelle. Kurzfassungen sind nicht der amtliche Text."
)
