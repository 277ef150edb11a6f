"""``restore``: an archive of ``backup`` becomes a home again, in an empty folder, whole or not at all.

The archive is read twice. First every member is looked at and summed, and nothing is written: only plain files below
the folders of a home, each once, as many and as large as the archive itself says, no more than the disk has room for.
Then they are unpacked beside the target, which gets its name when index and log were checked there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from assistant.errors import BackupError
from assistant.index import generation as gen

CONTENTS = "sicherung.json"
FORMAT = 1
MOST_FILES = 200_000
MOST_CONTENTS = 64 * 2**20
"""Bytes of ``sicherung.json``; a file is about 150 of them."""
RATIO = 200
PLAUSIBLE = 64 * 2**20
"""A gzip stream that unpacks to more than this and to more than ``RATIO`` times its size is no backup of ours."""
PARTS = ("corpus", "index", "models")
Progress = Callable[[str, int, int], None]
"""Called with (step in German, done, total)."""


def restore(archive: Path, target: Path, progress: Progress) -> str | None:
    """Unpack into a new or empty folder; the published generation's name. Raises BackupError or IndexFailure."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BackupError(f"{target} ist nicht leer. Zurückgespielt wird nur in einen neuen oder leeren Ordner.")
    target = target.resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}.neu")
    try:
        with archive.open("rb") as handle:
            sums = checked_contents(handle, archive.name, progress, room=_free(target))
            handle.seek(0)
            beside.mkdir(parents=True)
            _unpack(handle, archive.name, sums, beside, progress)
        published = gen.current(beside / "index")
        if published is not None:
            gen.check_published(beside / "index")
            gen.check_files(beside / "index" / published)
        if target.exists():
            target.rmdir()
        beside.rename(target)
        return published
    except OSError as error:
        raise BackupError(
            f"{archive} kann nicht nach {target} zurückgespielt werden ({error.strerror or error}). Datei, Platz und Rechte "
            "prüfen."
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _free(target: Path) -> int:
    """Bytes free where the target will be."""
    return shutil.disk_usage(next(p for p in (target, *target.parents) if p.exists())).free


def checked_contents(
    handle: IO[bytes], shown: str, progress: Progress, room: int | None = None
) -> dict[str, tuple[int, str]]:
    """Size and checksum of every file, after all of them were compared; nothing is written. Raises BackupError."""
    size = os.fstat(handle.fileno()).st_size
    found: dict[str, tuple[int, str]] = {}
    listed: dict[str, tuple[int, str]] | None = None
    unpacked = 0
    with _opened(handle, shown) as archive:
        for member in archive:
            if listed is not None:
                raise _damaged(shown, "hinter dem Verzeichnis steht noch etwas")
            _check_member(member, shown, found)
            unpacked += member.size
            if len(found) >= MOST_FILES or (unpacked > PLAUSIBLE and unpacked > RATIO * size):
                raise BackupError(f"{shown}: das Archiv ist ausgepackt unglaubhaft groß und wird nicht gelesen.")
            if room is not None and unpacked > room:
                raise BackupError(
                    f"{shown}: ausgepackt mehr als die {room // 10**6} MB, die frei sind. Platz schaffen oder anderen Ordner "
                    "nennen."
                )
            if member.name == CONTENTS:
                listed = _listed(_content(archive, member), member.size, shown)
            else:
                found[member.name] = (member.size, _sum(_content(archive, member)))
                progress("Prüfen", len(found), len(found))
    if listed is None:
        raise _damaged(shown, f"das Verzeichnis {CONTENTS} fehlt")
    for name in sorted({*listed, *found}):
        if listed.get(name) != found.get(name):
            raise _damaged(shown, f"{_shown(name)} stimmt nicht mit der Prüfsumme überein")
    return found


@contextmanager
def _opened(handle: IO[bytes], shown: str) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(fileobj=handle, mode="r:gz") as archive:
            yield archive
    except (tarfile.TarError, EOFError, zlib.error, ValueError) as error:
        raise _damaged(shown, "es ist kein vollständiges .tar.gz") from error
    except OSError as error:
        if error.errno is None:  # gzip's own: not a gzip file, or its checksum differs
            raise _damaged(shown, "es ist kein vollständiges .tar.gz") from error
        raise


def _damaged(shown: str, why: str) -> BackupError:
    return BackupError(f"{shown}: {why}. Die Datei neu kopieren oder eine andere Sicherung nehmen.")


def _shown(name: str) -> str:
    return "„" + "".join(sign for sign in name if sign.isprintable())[-80:] + "“"


def _check_member(member: tarfile.TarInfo, shown: str, found: dict[str, tuple[int, str]]) -> None:
    """Raises BackupError for anything but a plain file at a place of its own below the folders of a home."""
    path = PurePosixPath(member.name)
    inside = not path.is_absolute() and ".." not in path.parts and path.as_posix() == member.name
    known = len(path.parts) == 1 or path.parts[0] in PARTS
    if not member.isreg() or member.sparse is not None or not inside or not known or "\\" in member.name:
        raise BackupError(f"{shown}: {_shown(member.name)} gehört nicht in eine Sicherung; es wird nichts ausgepackt.")
    if member.name in found:
        raise BackupError(f"{shown}: {_shown(member.name)} kommt zweimal vor; es wird nichts ausgepackt.")


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(member)
    if content is None:
        raise tarfile.ReadError(member.name)
    return content


def _sum(content: IO[bytes]) -> str:
    total = hashlib.sha256()
    while data := content.read(1 << 20):
        total.update(data)
    return total.hexdigest()


def _listed(content: IO[bytes], size: int, shown: str) -> dict[str, tuple[int, str]]:
    if size > MOST_CONTENTS:
        raise _damaged(shown, f"das Verzeichnis {CONTENTS} ist zu groß")
    try:
        data: dict[str, Any] = json.loads(content.read())
        if data["format"] != FORMAT:
            raise BackupError(f"{shown} hat das Format {data['format']}, dieses Programm liest {FORMAT}.")
        return {str(name): (int(length), str(total)) for name, (length, total) in data["dateien"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(shown, f"das Verzeichnis {CONTENTS} ist nicht lesbar") from error


def _unpack(
    handle: IO[bytes], shown: str, sums: dict[str, tuple[int, str]], beside: Path, progress: Progress
) -> None:
    with _opened(handle, shown) as archive:
        for number, member in enumerate((m for m in archive if m.name != CONTENTS), start=1):
            if member.name not in sums or not member.isreg():
                raise _damaged(shown, "sie hat sich beim Lesen verändert")
            archive.extract(member, beside, filter="data")
            if gen.sha256(beside / member.name) != sums[member.name][1]:
                raise _damaged(shown, f"{_shown(member.name)} hat sich beim Lesen verändert")
            progress("Zurückspielen", number, len(sums))
