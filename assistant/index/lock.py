"""Who may write in ``index/``: one build at a time, one publication at a time, and room on the disk beforehand.

The kernel gives a lock back when its process ends, however it ends; what stands in the file only says who holds it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import IndexFailure

BUILDING = ".sperre"
PUBLISHING = ".sperre-freigabe"
BYTES_PER_PASSAGE = 8_000
"""Of a generation without a predecessor; 4,400 measured with the built-in embedder, larger ones have longer vectors."""
RESERVE = 1.5
"""Part of the newest generation's size that must be free for the next one."""


@contextlib.contextmanager
def build_lock(index: Path, now: dt.datetime) -> Iterator[None]:
    """Only one build at a time. Raises IndexFailure that names the process that builds, since when and how long."""
    index.mkdir(parents=True, exist_ok=True)
    with (index / BUILDING).open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            raise IndexFailure(
                f"Der Index wird gerade gebaut ({_owner(handle.read(), now)}). Bitte warten und erneut versuchen."
            ) from error
        handle.seek(0)
        handle.truncate()
        handle.write(f"{os.getpid()} {now.isoformat(timespec='seconds')}\n")
        handle.flush()
        yield


def _owner(written: str, now: dt.datetime) -> str:
    """ "Prozess 123, seit 22.11.2026 12:00 Uhr, 4 Minuten"; without the age where the clock says otherwise."""
    pid, _, stamp = written.strip().partition(" ")
    if not pid:
        return "anderer Prozess"
    try:
        since = dt.datetime.fromisoformat(stamp)
        age = int((now - since).total_seconds() // 60)
    except (ValueError, TypeError):
        return f"Prozess {pid}"
    known = f"Prozess {pid}, seit {since:%d.%m.%Y %H:%M} Uhr"
    return f"{known}, {age} Minuten" if age >= 0 else known


@contextlib.contextmanager
def publish_lock(index: Path) -> Iterator[None]:
    """Only one publication at a time, and no tidying meanwhile; waits for the other, which takes seconds."""
    with (index / PUBLISHING).open("a", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def check_room(index: Path, passages: int, newest: Path | None) -> None:
    """Raise IndexFailure if the disk has no room for one more generation; ``newest`` is the one before, if any."""
    needed = passages * BYTES_PER_PASSAGE
    if newest is not None:
        needed = int(RESERVE * sum(path.stat().st_size for path in newest.rglob("*") if path.is_file()))
    free = shutil.disk_usage(index).free
    if free < needed:
        raise IndexFailure(
            f"Für eine neue Generation sind etwa {_megabytes(needed)} MB nötig, in {index} sind {_megabytes(free)} MB frei. "
            "Platz schaffen; der bisherige Index bleibt unverändert."
        )


def _megabytes(size: int) -> str:
    return f"{max(size, 0) / 1e6:.1f}".replace(".", ",")
