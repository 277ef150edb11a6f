"""Files in: official texts of laws, and a town's own rules as documents.

Every file is read in a child process with limits before anything of it lies in the home (``corpus/limited.py``).
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.responses import Response

from assistant.admin.office import Office, Visit
from assistant.admin.pages.place import Place
from assistant.corpus.addresses import ActInfo, read_acts
from assistant.corpus.documents import MAX_BYTES, document_files, import_document, is_document
from assistant.corpus.official import import_official, official_files, read_lock
from assistant.errors import ImportRefused, LeitplankeError

_LANGUAGES = (("de", "deutsch"), ("en", "englisch, neben die deutsche Fassung"))
_OPTIONS = (
    ("Mit --as ID angeben.", "Bitte unter „Welches Gesetz?“ auswählen."), ("--stand weglassen.", "Das Feld „Stand“ leer lassen."),
    ("Mit --stand JJJJ-MM-TT angeben.", "Bitte das Feld „Stand“ ausfüllen."),
    ("wird mit „--sprache en“ neben die deutsche gestellt.", "bitte unter „Sprache“ so wählen."),
)  # fmt: skip
"""What the messages of the command advise, and where that stands on this page."""


def _page(office: Office, visit: Visit, *, status: int = 200, error: str = "", done: str = "") -> Response:
    return office.page(
        visit, "einspielen.html", status=status, error=error, done=done, acts=_acts(office), files=_files(office),
        documents=[p.name for p in document_files(office.corpus / "leitlinie")], languages=_LANGUAGES,
        act=visit.one("quelle"), state=visit.one("stand"), language=visit.one("sprache") or "de", most=MAX_BYTES // 2**20,
    )  # fmt: skip


def _acts(office: Office) -> tuple[ActInfo, ...]:
    return tuple(sorted(read_acts(office.corpus / "quellen.toml").infos, key=lambda info: info.short.lower()))


def _files(office: Office) -> list[tuple[str, str, str]]:
    """(file, day it was imported, origin) of every official text."""
    lock = read_lock(office.home)
    entries = ((path.name, lock.get(path.name, {})) for path in official_files(office.corpus))
    return [(name, entry.get("eingespielt", ""), entry.get("herkunft", "von Hand abgelegt")) for name, entry in entries]


def _show(office: Office, visit: Visit) -> Response:
    return _page(office, visit)


def _take(office: Office, visit: Visit) -> Response:
    office.journal.check()
    try:
        with uploaded(visit) as file:
            document = is_document(file.read_bytes())
            done = _document(office, visit, file) if document else _law(office, visit, file)
    except LeitplankeError as error:
        line = str(error)
        for command, here in _OPTIONS:
            line = line.replace(command, here)
        return _page(office, visit, status=400, error=line)
    office.log(visit, f"Eingespielt: {done}")
    return _page(office, visit, done=done)


@contextmanager
def uploaded(visit: Visit) -> Iterator[Path]:
    """The file that was sent, under its own name in a folder that is gone afterwards. Raises ImportRefused without one."""
    if visit.upload is None or not visit.upload[1]:
        raise ImportRefused("Bitte eine Datei auswählen, die nicht leer ist.")
    with tempfile.TemporaryDirectory(prefix="leitplanke-") as folder:
        file = Path(folder) / safe_name(visit.upload[0])
        file.write_bytes(visit.upload[1])
        yield file


def safe_name(sent: str) -> str:
    """What a browser says a file is called, as a plain name without folders; its ending stays."""
    name = re.sub(r"[^\w .,()@+-]+", "_", re.split(r"[\\/]", sent)[-1]).strip(" .")
    return name[-120:] or "datei"


def _document(office: Office, visit: Visit, file: Path) -> str:
    if visit.one("quelle") or visit.one("stand"):
        raise ImportRefused(
            f"{file.name}: Word, PDF und Markdown sind eigene Regeln, kein Gesetz. „Welches Gesetz?“ und „Stand“ leer lassen; "
            "Gesetze als HTML oder XML des Herausgebers einspielen."
        )
    name, document = import_document(office.home, file)
    return f"{name} („{document.title}“): {len(document.parts)} Abschnitte"


def _law(office: Office, visit: Visit, file: Path) -> str:
    try:
        state = dt.date.fromisoformat(visit.one("stand")) if visit.one("stand") else None
    except ValueError as error:
        raise ImportRefused("Stand: erwartet wird ein Datum (JJJJ-MM-TT).") from error
    text = import_official(
        office.home, file, office.now().date(), visit.one("quelle") or None, language=(visit.one("sprache") or "de").upper(),
        stand=state,
    )  # fmt: skip
    return f"{text.short}, Stand {text.state:%d.%m.%Y}: {len(text.provisions)} Fundstellen"


PLACES = (
    Place("GET", "/einspielen", _show),
    Place("POST", "/einspielen", _take, upload=True, back="/einspielen"),
)
