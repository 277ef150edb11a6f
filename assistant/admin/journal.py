"""The log of the admin page: who did what and when, one line each, chained like the log of publications.

A line names what was changed, never the text of a question. Each holds the checksum of the line before and its own, so
that a line that was changed, taken out or put in shows. A damaged log keeps being written: the page says that it is.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import LeitplankeError

FILE = "verwaltung.jsonl"
_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """One action. ``when`` is an ISO time."""

    when: str
    who: str
    what: str


class Journal:
    """Appends to ``index/verwaltung.jsonl`` and reads it; safe between threads and processes."""

    def __init__(self, home: Path) -> None:
        self.path = home / "index" / FILE

    def check(self) -> None:
        """Raise LeitplankeError unless a line can be written: what cannot be logged is not begun."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab"):
                pass
        except OSError as error:
            raise LeitplankeError(
                f"{self.path}: das Protokoll kann nicht geschrieben werden ({error.strerror}); deshalb wurde nichts geändert. "
                "Platz und Rechte prüfen."
            ) from error

    def add(self, when: dt.datetime, who: str, what: str) -> None:
        """Write one line. Raises LeitplankeError if that is impossible."""
        self.check()
        try:
            with self.path.open("a+b") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                handle.seek(0)
                written = handle.read()
                lines = written.splitlines()
                before = hashlib.sha256(lines[-1]).hexdigest() if lines else ""
                entry = {"zeit": when.isoformat(timespec="seconds"), "wer": _line(who), "was": _line(what), "davor": before}
                # Where a line was cut off by a crash, the next one starts on its own.
                start = b"" if written.endswith(b"\n") or not written else b"\n"
                handle.write(start + json.dumps({**entry, "summe": _sum(entry)}, ensure_ascii=False).encode() + b"\n")
                handle.flush()
                os.fsync(handle.fileno())
        except OSError as error:
            raise LeitplankeError(
                f"{self.path}: das Protokoll konnte nicht geschrieben werden ({error.strerror}). Platz und Rechte prüfen."
            ) from error

    def read(self) -> tuple[list[Entry], str]:
        """(all entries, newest first; one German line about the first damage, or "")."""
        entries: list[Entry] = []
        damage, before = "", ""
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return [], ""
        except OSError as error:
            return [], f"{self.path} kann nicht gelesen werden ({error.strerror})."
        for number, line in enumerate(lines, start=1):
            try:
                raw = json.loads(line)
                entry = Entry(str(raw["zeit"]), str(raw["wer"]), str(raw["was"]))
                intact = raw["davor"] == before and raw["summe"] == _sum({k: v for k, v in raw.items() if k != "summe"})
            except (ValueError, KeyError, TypeError, AttributeError):
                entry, intact = Entry("", "", "(unlesbare Zeile)"), False
            if not intact and not damage:
                damage = f"{self.path}, Zeile {number}: die Prüfsumme stimmt nicht; die Zeile oder eine davor wurde verändert."
            before = hashlib.sha256(line).hexdigest()
            entries.append(entry)
        return entries[::-1], damage


def _sum(entry: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(entry, ensure_ascii=False).encode()).hexdigest()


def _line(text: str) -> str:
    return " ".join(text.encode("utf-8", "replace").decode("utf-8").split())[:_LENGTH]
