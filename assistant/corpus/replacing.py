"""Replacing one text file of ``corpus/``: one writer at a time, only if it is still what was read, whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from assistant.corpus.official import write_atomically
from assistant.errors import CorpusError, EditConflict


def text_of(path: Path, name: str) -> str:
    """The text with its own line ends, unlike ``Path.read_text``. Raises CorpusError."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{name}: keine UTF-8-Textdatei. Als UTF-8 speichern.") from error
    except OSError as error:
        raise CorpusError(f"{name} fehlt oder ist nicht lesbar ({error.strerror}).") from error


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One writer at a time, in this process and in others; the kernel gives the lock back when the process ends."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise CorpusError(f"{folder} fehlt oder ist nicht lesbar ({error.strerror}).") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def replace_text(path: Path, was: str, new: str, name: str) -> None:
    """Write ``new`` where ``was`` stands; the same text is not written again. Raises EditConflict or CorpusError."""
    if new == was:
        return
    if text_of(path, name) != was:  # by hand, in the moment in between
        raise EditConflict(f"{name} wurde gerade von anderer Seite geändert. Nichts wurde gespeichert; neu öffnen.")
    try:
        for left in path.parent.glob(f".{path.name}.*.neu"):  # by a writer that was killed; whoever writes is alone here
            left.unlink(missing_ok=True)
        write_atomically(path, new.encode("utf-8"))
    except OSError as error:
        raise CorpusError(
            f"{name} kann nicht geschrieben werden ({error.strerror}). Platz und Rechte prüfen; der alte Stand bleibt."
        ) from error
