"""Generations on disk: immutable folders, one pointer file, checksums over our own files.

::

    index/
      CURRENT                     name of the published generation, one line
      log.jsonl                   one line for every publication: checksum of the line before, checksum of itself
      g-20261122-174500-000001/   one generation
        manifest.json             counts, embedder fingerprint, guideline and law states, sha256 of the files below
        passagen.jsonl            one Passage a line, in index order
        fundstellen.jsonl         one Provision a line, with its source
        quellen.json              the Sources
        vektoren.npy, schluessel.json   float32 rows and the content hash of each, for reuse by the next build
        fragenvektoren.npy, fragenschluessel.json   the same of the questions that the rule choice is fitted on
        herkunft.json             which program made it and from what the rule choice was fitted, see reuse.py
        regelwahl.npz             see rulechoice.py
        tor.json                  see gate.py; missing where the embedder has none
        woerter.txt                 see spelling.py
        lexikalisch/<lane>/       see lexical.py
        korpus/                   the guideline and vocabulary files as they were read
        chroma/                   vectors, one collection per lane; Chroma changes its files when opened: not summed
      antworten/                  what generations were found to answer, see given.py; can be deleted at any time

A build writes into a folder whose name starts with "." and renames it when complete, so a crash leaves nothing that
could be taken for a generation.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.corpus.official import write_atomically
from assistant.corpus.questions import lines_of
from assistant.errors import DamagedGeneration, IndexFailure, NoIndex
from assistant.index.lock import publish_lock

CURRENT = "CURRENT"
LOG = "log.jsonl"
MANIFEST = "manifest.json"
ANSWERS = "antworten"
FORMAT = 3
KEEP = 3
NAME = re.compile(r"g-\d{8}-\d{6}-[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says of itself."""

    generation: str
    format: int
    embedder: str
    counts: dict[str, int]
    states: dict[str, str]
    guideline: dict[str, Any]
    built: str
    files: dict[str, str]


def sha256(path: Path) -> str:
    """Checksum of one file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def own_files(folder: Path) -> Iterator[Path]:
    """The files that checksums cover, in a stable order."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if path.is_file() and inside[0] != "chroma" and inside != (MANIFEST,):
            yield path


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Sum all own files and write ``manifest.json``."""
    files = {str(p.relative_to(folder)): sha256(p) for p in own_files(folder)}
    data = {
        "generation": manifest.generation, "format": manifest.format, "embedder": manifest.embedder,
        "anzahl": manifest.counts, "staende": manifest.states, "leitlinie": manifest.guideline,
        "gebaut": manifest.built, "dateien": files,
    }  # fmt: skip
    write_atomically(folder / MANIFEST, (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())


def read_manifest(folder: Path) -> Manifest:
    """The manifest. Raises DamagedGeneration with one German line."""
    try:
        raw = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest = Manifest(
            raw["generation"], raw["format"], raw["embedder"], raw["anzahl"], raw["staende"], raw["leitlinie"],
            raw["gebaut"], raw["dateien"],
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedGeneration(
            f"Generation {folder.name}: manifest.json fehlt oder ist beschädigt. Mit „leitplanke index build“ neu bauen."
        ) from error
    if manifest.format != FORMAT:
        raise DamagedGeneration(
            f"Generation {folder.name} hat das Format {manifest.format}, dieses Programm liest {FORMAT}. "
            "Mit „leitplanke index build“ neu bauen."
        )
    return manifest


def check_files(folder: Path) -> Manifest:
    """Compare every own file with its checksum. Raises DamagedGeneration naming the first file that differs."""
    manifest = read_manifest(folder)
    present = {str(p.relative_to(folder)) for p in own_files(folder)}
    for name, expected in manifest.files.items():
        if name not in present:
            raise DamagedGeneration(f"Generation {folder.name}: {name} fehlt. Mit „leitplanke index build“ neu bauen.")
        if sha256(folder / name) != expected:
            raise DamagedGeneration(
                f"Generation {folder.name}: {name} wurde verändert (Prüfsumme stimmt nicht). Mit „leitplanke index "
                "build“ neu bauen oder „leitplanke index rollback“ ausführen."
            )
    if extra := present - set(manifest.files):
        raise DamagedGeneration(f"Generation {folder.name}: unbekannte Datei {sorted(extra)[0]}. Datei entfernen.")
    return manifest


def generations(index: Path) -> list[str]:
    """Names of all complete generations, oldest first."""
    if not index.is_dir():
        return []
    return sorted(p.name for p in index.iterdir() if NAME.fullmatch(p.name) and (p / MANIFEST).is_file())


def next_name(index: Path, now: dt.datetime) -> str:
    """A name that sorts after every existing generation, also within one second or when the clock went backwards."""
    stamp, number = f"g-{now:%Y%m%d-%H%M%S}", 1
    if present := generations(index):
        newest, _, mark = present[-1].rpartition("-")
        if newest >= stamp:
            stamp, number = newest, int(mark, 16) + 1
    return f"{stamp}-{number:06x}"


def current(index: Path) -> str | None:
    """Name of the published generation; None if nothing was published. Raises DamagedGeneration for a broken pointer."""
    try:
        name = (index / CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedGeneration(f"{index / CURRENT} kann nicht gelesen werden. Rechte der Datei prüfen.") from error
    if not NAME.fullmatch(name):
        raise DamagedGeneration(
            f"{index / CURRENT} enthält keinen Namen einer Generation. Mit „leitplanke index activate GENERATION“ neu setzen."
        )
    return name


def current_folder(index: Path) -> Path:
    """Folder of the published generation. Raises NoIndex or DamagedGeneration."""
    name = current(index)
    if name is None:
        present = generations(index)
        hint = f" Vorhanden: {', '.join(present)} – „leitplanke index activate GENERATION“." if present else ""
        raise NoIndex(f"Es ist kein Index veröffentlicht. Bitte „leitplanke index build“ ausführen.{hint}")
    if not (index / name).is_dir():
        raise DamagedGeneration(
            f"Die veröffentlichte Generation {name} fehlt in {index}. Mit „leitplanke index build“ neu bauen oder mit "
            "„leitplanke index activate GENERATION“ eine andere wählen."
        )
    return index / name


def read_log(index: Path) -> list[dict[str, Any]]:
    """All publications, oldest first. Raises DamagedGeneration if a line was changed, taken out or put in."""
    path = index / LOG
    if not path.is_file():
        return []
    entries: list[dict[str, Any]] = []
    before = ""
    try:
        lines = lines_of(path)
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedGeneration(f"{path}: nicht lesbar. Aus der Sicherung wiederherstellen.") from error
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
            linked = entry["davor"] == before
        except (ValueError, TypeError, KeyError) as error:
            raise DamagedGeneration(
                f"{path}, Zeile {number}: nicht lesbar. Aus der Sicherung wiederherstellen."
            ) from error
        if not linked:
            raise DamagedGeneration(
                f"{path}, Zeile {number}: die Prüfsumme der Zeile davor stimmt nicht. Aus der Sicherung wiederherstellen."
            )
        before = hashlib.sha256(line.encode()).hexdigest()
        entries.append(entry)
    for number, entry in enumerate(entries, start=1):
        # The chain covers every line but the last; generations of earlier versions wrote no sum of their own.
        if "summe" in entry and entry["summe"] != _own_sum(entry):
            raise DamagedGeneration(
                f"{path}, Zeile {number}: die Prüfsumme stimmt nicht. Aus der Sicherung wiederherstellen."
            )
    return entries


def _own_sum(entry: dict[str, Any]) -> str:
    rest = {key: value for key, value in entry.items() if key != "summe"}
    return hashlib.sha256(json.dumps(rest, ensure_ascii=False).encode()).hexdigest()


def unfinished_publication(index: Path) -> str:
    """One German line if log and pointer name different generations, else "".

    That is so after a publication was killed between the two, or if one of them was changed by hand. Raises
    DamagedGeneration for a damaged log or pointer.
    """
    entries, name = read_log(index), current(index)
    last = entries[-1]["generation"] if entries else None
    if last == name:
        return ""
    return (
        f"Das Protokoll nennt zuletzt {last or 'keine Generation'}, veröffentlicht ist {name or 'keine'}: eine "
        "Veröffentlichung wurde unterbrochen. Mit „leitplanke index activate GENERATION“ wiederholen."
    )


def check_published(index: Path) -> None:
    """Log, pointer and the manifest of the published generation belong together. Raises DamagedGeneration."""
    if problem := unfinished_publication(index):
        raise DamagedGeneration(problem)
    entries = read_log(index)
    if entries and sha256(index / entries[-1]["generation"] / MANIFEST) != entries[-1]["manifest"]:
        raise DamagedGeneration(
            f"Generation {entries[-1]['generation']}: manifest.json ist nicht die freigegebene (Prüfsumme im Protokoll). "
            "Mit „leitplanke index build“ neu bauen und freigeben."
        )


def existing(index: Path, name: str) -> Path:
    """The folder of a complete generation. Raises NoIndex that names those there are."""
    if name not in (present := generations(index)):
        raise NoIndex(f"Generation „{name}“ gibt es nicht. Vorhanden: {', '.join(present) or 'keine'}.")
    return index / name


def publish(index: Path, name: str, *, when: str, by: str, comment: str) -> None:
    """Check the generation, write the log line, then replace the pointer. Raises IndexFailure before anything changes."""
    existing(index, name)
    try:
        with publish_lock(index):
            _publish(index, name, when, by, comment)
    except OSError as error:
        raise IndexFailure(
            f"In {index} kann nicht geschrieben werden ({error.strerror or error}). Platz und Schreibrechte prüfen; "
            "veröffentlicht bleibt, was es war."
        ) from error


def _publish(index: Path, name: str, when: str, by: str, comment: str) -> None:
    folder = existing(index, name)
    check_files(folder)
    read_log(index)
    log = index / LOG
    lines = lines_of(log) if log.is_file() else []
    before = hashlib.sha256(lines[-1].encode()).hexdigest() if lines else ""
    entry = {
        "zeit": when, "generation": name, "freigabe": _one_line(by), "kommentar": _one_line(comment),
        "manifest": sha256(folder / MANIFEST), "davor": before,
    }  # fmt: skip
    lines.append(json.dumps({**entry, "summe": _own_sum(entry)}, ensure_ascii=False))
    write_atomically(log, ("\n".join(lines) + "\n").encode())
    write_atomically(index / CURRENT, (name + "\n").encode())


def rollback(index: Path, *, when: str, by: str = "rollback", comment: str = "") -> str:
    """Publish the generation that was published before the present one; its name.

    Without ``comment`` the log says what was left. Raises NoIndex if there is none that is whole.
    """
    now = current(index)
    published = (entry["generation"] for entry in reversed(read_log(index)))
    before: str | None = next((n for n in published if n != now and (index / n / "chroma").is_dir()), None)
    if before is None:
        raise NoIndex("Es gibt keine frühere veröffentlichte Generation, zu der zurückgekehrt werden kann.")
    publish(index, before, when=when, by=by, comment=comment or f"zurück von {now}")
    return before


def _one_line(text: str) -> str:
    """What people typed: one line of text that can be written as UTF-8."""
    return " ".join(text.encode("utf-8", "replace").decode("utf-8").split())


def tidy(index: Path) -> list[str]:
    """Remove what is no longer needed: unfinished builds, vectors and Chroma of all but the last ``KEEP`` generations.

    Manifest and source texts of every published generation stay. Returns the names that were reduced.
    """
    with publish_lock(index):
        return _tidy(index)


def _tidy(index: Path) -> list[str]:
    published = [e["generation"] for e in read_log(index)]
    keep = set(generations(index)[-KEEP:]) | set(published[-KEEP:]) | {current(index) or ""}
    reduced = []
    for name in generations(index):
        if name in keep:
            continue
        if name in published:
            for path in (index / name).iterdir():
                if path.name not in (MANIFEST, "korpus", "fundstellen.jsonl", "buecher.json"):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        else:
            shutil.rmtree(index / name)
        reduced.append(name)
    for path in (index / ANSWERS).glob("*.json"):
        if path.stem not in keep:
            path.unlink(missing_ok=True)
    return reduced


def remove_unfinished(index: Path) -> None:
    """Delete what builds and publications left that did not end. Only for the holder of the build lock.

    No other process can be building then; a file that is just being written names the process that writes it.
    """
    for path in index.glob(".g-*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
    for path in [*index.glob(".*.neu"), *(index / ANSWERS).glob(".*.neu")]:
        writer = path.name.split(".")[-2]
        if not writer.isdigit() or not _alive(int(writer)):
            path.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
