"""Writing a checked sum into ``models/manifest.toml``, with the comment of the administrator who answers for it.

Only the one line of the one model is changed; everything else of the file, comments included, stays as it is.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

from assistant.errors import ModelError
from assistant.models.manifest import (
    Manifest,
    ModelEntry,
    Progress,
    Purpose,
    check_folder,
    file_sum,
    folder_fingerprint,
    nearest,
    read_manifest,
)


def set_aside(home: Path, entry: ModelEntry) -> Path:
    """Where a fetched file waits whose sum differs: it is used after ``pin`` and replaced by the next ``pull``."""
    return home / "models" / "eigene" / f".abweichend-{entry.name}" / Path(entry.place).name


def entry_of(manifest: Manifest, name: str) -> ModelEntry:
    """The model with this name, whatever its purpose. Raises ModelError naming the nearest one."""
    entry = next((e for e in manifest.entries if e.name == name), None)
    if entry is None:
        names = [e.name for e in manifest.entries]
        raise ModelError(f"Das Modell „{name}“ steht nicht in {manifest.path}. {nearest(name, names)}")
    return entry


def pin(name: str, home: Path, comment: str, progress: Progress | None = None) -> str:
    """Enter the sum of the model that lies in ``models/`` (or was set aside by ``pull``) and return it.

    ``comment`` says who checked what, when and how. Raises ModelError if there is nothing to pin, the file is of a
    kind that is never loaded, or the manifest cannot be changed.
    """
    manifest = read_manifest(home)
    entry = entry_of(manifest, name)
    comment = " ".join(comment.split())
    if not comment or not comment.isprintable():
        raise ModelError("--kommentar ist leer. Erwartet wird, wer die Datei wann und womit geprüft hat.")
    places = (home / "models" / entry.place, set_aside(home, entry))
    place = next((p for p in places if p.exists()), None)
    if place is None:
        raise ModelError(f"{places[0]} fehlt; festhalten lässt sich nur, was da ist. Erst holen oder hinkopieren.")
    if entry.purpose is Purpose.GENERATOR:
        actual = file_sum(place, entry, progress)
    else:
        check_folder(place, entry, compare=False)
        actual = folder_fingerprint(place)
    _write(manifest.path, entry, actual, comment)
    return actual


def _write(path: Path, entry: ModelEntry, actual: str, comment: str) -> None:
    text = path.read_text(encoding="utf-8")
    changed = _with_sum(text, entry, actual, comment)
    try:
        wanted = [
            {**raw, "sha256": actual} if raw.get("name") == entry.name else raw
            for raw in tomllib.loads(text)["modell"]
        ]
        if tomllib.loads(changed)["modell"] != wanted:
            raise ValueError
    except ValueError:
        raise ModelError(
            f"{path} ist so geschrieben, dass die Summe nicht von selbst eingetragen werden kann. Bitte von Hand: "
            f'sha256 = "{actual}" bei „{entry.name}“, dahinter der Kommentar.'
        ) from None
    beside = path.with_name(f".{path.name}.neu")
    try:
        beside.write_text(changed, encoding="utf-8")
        os.replace(beside, path)
    except OSError as error:
        raise ModelError(f"{path} kann nicht geschrieben werden ({error.strerror}). Rechte prüfen.") from error


def _with_sum(text: str, entry: ModelEntry, actual: str, comment: str) -> str:
    """The manifest's text with this sum in the section of this model."""
    line = f'sha256 = "{actual}"  # {comment}'
    sections = re.split(r"(?m)^(?=\[\[modell\]\])", text)
    for number, section in enumerate(sections):
        if not re.search(rf"(?m)^name\s*=\s*[\"']{re.escape(entry.name)}[\"']", section):
            continue
        changed, found = re.subn(r"(?m)^sha256\s*=.*$", lambda _: line, section, count=1)
        if not found:
            changed = re.sub(r"(?m)^((?:datei|ordner)\s*=.*)$", lambda m: f"{m[1]}\n{line}", section, count=1)
        sections[number] = changed
    return "".join(sections)
