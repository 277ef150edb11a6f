"""What ``models list`` and ``models verify`` show: which models are there, sound, and fit this machine."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.errors import ModelError
from assistant.models.manifest import (
    ModelEntry,
    Progress,
    Purpose,
    check_folder,
    read_manifest,
    record_of,
    verify_file,
)

PRESENT, ABSENT, SOUND, FAULTY = "vorhanden", "nicht geladen", "in Ordnung", "fehlerhaft"


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model; ``state`` is a German word, ``detail`` what to do about it."""

    name: str
    purpose: str
    state: str
    size_gb: float | None
    memory_gb: float | None
    licence: str
    place: str
    detail: str = ""
    recommended: bool = False

    @property
    def faulty(self) -> bool:
        """Whether it is there but must not be used."""
        return self.state == FAULTY

    def line(self) -> str:
        """The row for a terminal."""
        size = f"{self.size_gb:.1f} GB" if self.size_gb else "–"
        memory = f"{self.memory_gb:.1f} GB Speicher" if self.memory_gb else ""
        mark = "empfohlen" if self.recommended else ""
        return (
            f"{self.name:<22}{self.purpose:<10} {self.state:<14}{mark:<10}{size:>9}  {memory:<18} {self.licence:<12} "
            f"{self.place}  {self.detail}"
        ).rstrip()


def usable_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def recommended(entries: Iterable[ModelEntry], free_gb: float | None, cores: int) -> ModelEntry | None:
    """The first generator of the manifest that fits into free memory (GiB) and has enough cores; None if none does.

    Where free memory is unknown, nothing is recommended: too large a model stops the whole machine.
    """
    if free_gb is None:
        return None
    fitting = (
        e for e in entries if e.purpose is Purpose.GENERATOR and (e.memory_gb or 0.0) <= free_gb and e.cores <= cores
    )
    return next(fitting, None)


def list_models(home: Path, *, free_gb: float | None, cores: int) -> list[ModelRow]:
    """Every model of the manifest, whether it is there, and the one recommended for this machine."""
    manifest, folder = read_manifest(home), home / "models"
    best = recommended(manifest.entries, free_gb, cores)
    return [
        replace(_row(entry, PRESENT if (folder / entry.place).exists() else ABSENT), recommended=entry is best)
        for entry in manifest.entries
    ]


def verify_models(home: Path, progress: Progress | None = None) -> list[ModelRow]:
    """Every model that is there, however it came there, checked anew."""
    manifest, folder = read_manifest(home), home / "models"
    return [_verified(folder / e.place, e, progress) for e in manifest.entries if (folder / e.place).exists()]


def _verified(place: Path, entry: ModelEntry, progress: Progress | None) -> ModelRow:
    try:
        if entry.purpose is Purpose.GENERATOR:
            record_of(place).unlink(missing_ok=True)
            verify_file(place, entry, progress)
        else:
            check_folder(place, entry)
    except ModelError as error:
        return _row(entry, FAULTY, str(error))
    return _row(entry, SOUND)


def _row(entry: ModelEntry, state: str, detail: str = "") -> ModelRow:
    size = entry.bytes / 1e9 if entry.bytes else None
    return ModelRow(
        entry.name, entry.purpose.value, state, size, entry.memory_gb, entry.licence, entry.place, detail
    )  # fmt: skip
