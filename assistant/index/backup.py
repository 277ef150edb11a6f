"""``backup``: one archive of a home – corpus, settings, publication log, published generation, small models – with checksums.

The archive is a gzipped tar of plain files; its last member, ``sicherung.json``, names every other one with size and
SHA-256. It is written beside its target, read back and compared, and only then gets its name. Builds and publications
wait or are refused meanwhile; pages go on answering. Secrets and large weights are left out unless asked for.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from assistant.errors import BackupError
from assistant.index import generation as gen
from assistant.index.lock import build_lock, publish_lock
from assistant.index.restore import CONTENTS, FORMAT, checked_contents
from assistant.models.manifest import BUILT_IN
from assistant.settings import read_settings

SECRETS = ("admin.hash",)
KEPT_OF_OLD = (gen.MANIFEST, "fundstellen.jsonl", "buecher.json", "korpus")
"""What stays of a published generation for good, so that an exported note can be checked."""
SMALL_MODELS = ("manifest.toml", "tor.json", BUILT_IN)
INDEX_FILES = (gen.CURRENT, gen.LOG, "verwaltung.jsonl")
Progress = Callable[[str, int, int], None]
"""Called with (step in German, done, total)."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a backup holds. ``left_out`` are files of the home it does not hold and that one may miss, as paths."""

    files: int
    size: int
    generation: str | None
    left_out: tuple[str, ...]


def backup(
    home: Path, target: Path, now: dt.datetime, progress: Progress, *, models: bool = False, secrets: bool = False
) -> Saved:
    """Write the archive. Raises BackupError, IndexFailure (a build is running, a damaged generation); nothing is left."""
    if not target.name.endswith(".tar.gz"):
        raise BackupError(f"{target}: erwartet wird ein Dateiname, der auf .tar.gz endet.")
    if target.exists():
        raise BackupError(f"{target} gibt es schon; eine Sicherung überschreibt nichts. Anderen Namen wählen.")
    if target.resolve().is_relative_to(home / "corpus") or target.resolve().is_relative_to(home / "index"):
        raise BackupError(f"{target} liegt in dem, was gesichert wird. Einen Ordner außerhalb wählen.")
    beside = target.with_name(f".{target.name}.{os.getpid()}.neu")
    try:
        with ExitStack() as held:
            if (home / "index").is_dir():
                held.enter_context(build_lock(home / "index", now))
                held.enter_context(publish_lock(home / "index"))
            saved = _write(home, beside, now, progress, models, secrets)
        with beside.open("rb") as handle:
            checked_contents(handle, target.name, progress)
        os.replace(beside, target)
        return saved
    except OSError as error:
        raise BackupError(
            f"{target} kann nicht geschrieben werden ({error.strerror or error}). Platz und Rechte prüfen."
        ) from error
    finally:
        beside.unlink(missing_ok=True)


def _write(home: Path, beside: Path, now: dt.datetime, progress: Progress, models: bool, secrets: bool) -> Saved:
    current = gen.current(home / "index")
    if current is not None:
        gen.check_published(home / "index")
        gen.check_files(home / "index" / current)
    chosen = sorted(set(_chosen(home, current, models)))
    hidden = _secrets(home)
    chosen = [p for p in chosen if p not in hidden] + (sorted(hidden) if secrets else [])
    sums: dict[str, list[object]] = {}
    descriptor = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with (
        os.fdopen(descriptor, "wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6, filename="") as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        for number, path in enumerate(chosen, start=1):
            name = path.relative_to(home).as_posix()
            sums[name] = _add(archive, name, path, 0o600 if path in hidden else 0o644)
            progress("Sichern", number, len(chosen))
        data = {
            "format": FORMAT, "zeit": now.isoformat(timespec="seconds"), "generation": current, "dateien": sums,
        }  # fmt: skip
        written = json.dumps(data, ensure_ascii=False, indent=1).encode()
        archive.addfile(_info(CONTENTS, len(written), now.timestamp(), 0o644), io.BytesIO(written))
    everything = {p for p in [*_chosen(home, current, True), *hidden] if p.is_file()}
    left = tuple(sorted(p.relative_to(home).as_posix() for p in everything - set(chosen)))
    return Saved(len(sums), beside.stat().st_size, current, left)


def _chosen(home: Path, current: str | None, models: bool) -> Iterator[Path]:
    """The files to save. Raises BackupError for a link, which might lead out of the home."""
    yield from _below(home / "corpus")
    for path in [home / "leitplanke.toml", *home.glob("*.json")]:
        if path.is_file():
            yield _plain(path)
    for name in [""] if models else SMALL_MODELS:
        yield from _below(home / "models" / name)
    index = home / "index"
    yield from (_plain(index / name) for name in INDEX_FILES if (index / name).is_file())
    if current is not None:
        yield from _below(index / current)
    for name in {entry["generation"] for entry in gen.read_log(index)} - {current}:
        for part in KEPT_OF_OLD:
            yield from _below(index / name / part)


def _below(path: Path) -> Iterator[Path]:
    """The file, or all files in the folder but hidden ones, which are unfinished."""
    if path.is_file():
        yield _plain(path)
        return
    for found in sorted(path.rglob("*")):
        if not any(part.startswith(".") for part in found.relative_to(path).parts) and (
            found.is_symlink() or found.is_file()
        ):
            yield _plain(found)


def _plain(path: Path) -> Path:
    if path.is_symlink():
        raise BackupError(f"{path} ist eine Verknüpfung; gesichert werden nur Dateien. Die Datei selbst dorthin kopieren.")
    return path


def _secrets(home: Path) -> set[Path]:
    """Password hash of the admin page and the key of a model server, where they lie in the home."""
    named = [*SECRETS, read_settings(home).generator_schluesseldatei]
    paths = {(home / name).resolve() for name in named if name}
    return {path for path in paths if path.is_file() and path.is_relative_to(home)}


def _add(archive: tarfile.TarFile, name: str, path: Path, mode: int) -> list[object]:
    """Write one file; its size and checksum as they were written."""
    if path.name == "chroma.sqlite3":
        # A page may have it open: SQLite itself copies a state that is whole.
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / path.name
            _copy_database(path, copy)
            return _add_bytes(archive, name, copy, mode)
    return _add_bytes(archive, name, path, mode)


def _copy_database(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
    except sqlite3.Error as error:
        raise BackupError(f"{source} kann nicht gelesen werden ({error}). „leitplanke index verify“ ausführen.") from error


def _add_bytes(archive: tarfile.TarFile, name: str, path: Path, mode: int) -> list[object]:
    with path.open("rb") as handle:
        found = os.fstat(handle.fileno())
        summed = _Summed(handle)
        archive.addfile(_info(name, found.st_size, found.st_mtime, mode), summed)
    return [found.st_size, summed.total.hexdigest()]


def _info(name: str, size: int, changed: float, mode: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, int(changed), mode
    return info


class _Summed(io.RawIOBase):
    """Reads a file and sums what was read."""

    def __init__(self, handle: IO[bytes]) -> None:
        self._handle, self.total = handle, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._handle.read(size)
        self.total.update(data)
        return data
