"""The maintenance switch: a small file in the home that the chat page reads for every question.

``wartung.json`` holds a text for staff and whether questions rest meanwhile. The chat page
imports this module and nothing else of the admin page.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from assistant.corpus.official import write_atomically
from assistant.errors import LeitplankeError

FILE = "wartung.json"
LENGTH = 500
_UNREADABLE = "Wartung: Der Assistent wird gerade gepflegt."


@dataclass(frozen=True, slots=True)
class Maintenance:
    """What staff read above the question; ``resting``: no question is answered meanwhile."""

    text: str
    resting: bool


def read_maintenance(home: Path) -> Maintenance | None:
    """The notice, or None in normal service. A file that cannot be read counts as a notice, with answers."""
    try:
        raw = json.loads((home / FILE).read_text(encoding="utf-8"))
        text, resting = raw["text"], raw["ruht"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return Maintenance(_UNREADABLE, resting=False)
    return Maintenance(str(text)[:LENGTH], resting is True)


def write_maintenance(home: Path, notice: Maintenance | None) -> None:
    """Switch on with a notice, off with None. Raises LeitplankeError for an empty text or where writing fails."""
    target = home / FILE
    try:
        if notice is None:
            target.unlink(missing_ok=True)
            return
        text = " ".join(notice.text.split())
        if not text or len(text) > LENGTH:
            raise LeitplankeError(f"Text für die Beschäftigten: erwartet werden 1 bis {LENGTH} Zeichen, es sind {len(text)}.")
        data = json.dumps({"text": text, "ruht": notice.resting}, ensure_ascii=False)
        write_atomically(target, data.encode("utf-8", "replace") + b"\n")
    except OSError as error:
        raise LeitplankeError(f"{target} kann nicht geschrieben werden ({error.strerror}). Platz und Rechte prüfen.") from error
