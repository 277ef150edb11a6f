"""Which models exist, where they lie and whether a file is what it claims to be.

Reads ``models/manifest.toml`` and looks into ``models/``. It loads no model and needs no network (fetching is
``pull.py``). Files are trusted by their sha256; formats that can carry program code are refused by name.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from assistant.errors import ModelError

MANIFEST = "manifest.toml"
BUILT_IN = "eingebaut"
PICKLE_ENDINGS = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib")
CODE_ENDINGS = (".py", ".so", ".dll", ".dylib")

_GGUF_MAGIC = b"GGUF"
_CHUNK = 1 << 20

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes altogether."""


class SumDiffers(ModelError):
    """A file is what it should be in kind, but not the one of the manifest; it can be pinned."""


class Purpose(StrEnum):
    """What a model is for."""

    GENERATOR = "generator"
    EMBEDDER = "embedder"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One ``[[modell]]``. ``file`` is set for generators, ``folder`` (below ``models/``) for embedders.

    ``cores`` is the fewest for which it is recommended; ``template`` one of ``TEMPLATES``; ``keeps_prefix`` whether
    llama.cpp can cut its memory part-way, so that only what is new in a prompt is read.
    """

    name: str
    purpose: Purpose
    licence: str
    repository: str = ""
    revision: str = "main"
    file: str = ""
    folder: str = ""
    sha256: str = ""
    bytes: int | None = None
    memory_gb: float | None = None
    context: int = 4096
    thinking: bool = False
    cores: int = 1
    template: str = ""
    keeps_prefix: bool = True
    query_prefix: str = ""
    passage_prefix: str = ""

    @property
    def place(self) -> str:
        """Where it lies below ``models/``."""
        return self.file or self.folder


@dataclass(frozen=True, slots=True)
class Manifest:
    """All known models in the order of the file, which is the order of preference."""

    path: Path
    entries: tuple[ModelEntry, ...]

    def get(self, name: str, purpose: Purpose) -> ModelEntry:
        """The entry with this name. Raises ModelError naming the nearest one."""
        names = [e.name for e in self.entries if e.purpose is purpose]
        for entry in self.entries:
            if entry.name == name and entry.purpose is purpose:
                return entry
        raise ModelError(f"Ein {purpose.value} „{name}“ steht nicht in {self.path}. {nearest(name, names)}")


TEMPLATES = ("chatml", "mistral", "gemma", "granite")
"""Families of chat templates that prompt and tests know."""

_FIELDS: Mapping[str, tuple[str, type]] = {
    "name": ("name", str), "zweck": ("purpose", str), "lizenz": ("licence", str), "repository": ("repository", str),
    "revision": ("revision", str), "datei": ("file", str), "ordner": ("folder", str), "sha256": ("sha256", str),
    "bytes": ("bytes", int), "speicher_gb": ("memory_gb", float), "kontext": ("context", int),
    "denken": ("thinking", bool), "praefix_frage": ("query_prefix", str), "praefix_text": ("passage_prefix", str),
    "kerne": ("cores", int), "vorlage": ("template", str), "praefix_bleibt": ("keeps_prefix", bool),
}  # fmt: skip
_KIND_WORDS = {
    str: "ein Text in Anführungszeichen",
    int: "eine ganze Zahl",
    float: "eine Zahl",
    bool: "true oder false",
}


def nearest(name: str, names: list[str]) -> str:
    """A German sentence: the name probably meant, or all that are known."""
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"Gemeint war vermutlich „{near[0]}“." if near else f"Bekannt sind: {', '.join(names) or 'keine'}."


def read_manifest(home: Path) -> Manifest:
    """The manifest of a home. Raises ModelError with file, entry and what was expected."""
    path = home / "models" / MANIFEST
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{path} fehlt. Erwartet wird die Liste der Modelle; aus der Vorlage kopieren.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: keine gültige TOML-Datei ({error}).") from error
    raw_entries = data.get("modell", [])
    if not isinstance(raw_entries, list) or set(data) - {"modell"}:
        raise ModelError(f"{path}: erwartet werden nur Abschnitte [[modell]].")
    entries = tuple(_read_entry(raw, f"{path}, {n}. [[modell]]") for n, raw in enumerate(raw_entries, start=1))
    names = [e.name for e in entries]
    if double := next((n for n in names if names.count(n) > 1), None):
        raise ModelError(f"{path}: der Name „{double}“ kommt zweimal vor; jeder Name darf nur einmal stehen.")
    return Manifest(path, entries)


def _read_entry(raw: object, where: str) -> ModelEntry:
    if not isinstance(raw, dict):
        raise ModelError(f"{where}: erwartet wird ein Abschnitt mit Feldern.")
    values: dict[str, Any] = {}
    for key, value in raw.items():
        if key not in _FIELDS:
            raise ModelError(f"{where}: unbekanntes Feld „{key}“. {nearest(key, list(_FIELDS))}")
        field, kind = _FIELDS[key]
        allowed = (int, float) if kind is float else (kind,)
        if not isinstance(value, allowed) or (kind is not bool and isinstance(value, bool)):
            raise ModelError(f"{where}: „{key}“ ist {value!r}, erwartet wird {_KIND_WORDS[kind]}.")
        values[field] = float(value) if kind is float and isinstance(value, int) else value
    for key in ("name", "zweck", "lizenz"):
        if not raw.get(key):
            raise ModelError(f"{where}: das Feld „{key}“ fehlt.")
    try:
        entry = ModelEntry(**{**values, "purpose": Purpose(values["purpose"])})
    except ValueError as error:
        raise ModelError(f'{where}: „zweck“ muss "generator" oder "embedder" sein.') from error
    _check_entry(entry, where)
    return entry


def _check_entry(entry: ModelEntry, where: str) -> None:
    if entry.purpose is Purpose.GENERATOR:
        if entry.file != Path(entry.file).name or not entry.file.endswith(".gguf") or "\\" in entry.file:
            raise ModelError(
                f"{where}: „datei“ ist {entry.file!r}, erwartet wird der Name einer .gguf-Datei ohne Ordner. Andere "
                "Formate (etwa .bin, .pt, .pkl) können Programmcode enthalten und werden nicht geladen."
            )
        if entry.template and entry.template not in TEMPLATES:
            raise ModelError(f"{where}: „vorlage“ ist {entry.template!r}. {nearest(entry.template, list(TEMPLATES))}")
        if entry.context < 512:
            raise ModelError(f"{where}: „kontext“ ist {entry.context}, erwartet werden mindestens 512 Token.")
    else:
        parts = PurePosixPath(entry.folder).parts
        if not parts or entry.file or ".." in parts or entry.folder.startswith("/") or "\\" in entry.folder:
            raise ModelError(f"{where}: „ordner“ ist {entry.folder!r}, erwartet wird ein Ordner unter models/.")
    if entry.sha256 and not re.fullmatch(r"[0-9a-f]{64}", entry.sha256):
        raise ModelError(f"{where}: „sha256“ muss aus 64 Zeichen 0–9 und a–f bestehen.")


def find_generator(home: Path, manifest: Manifest, setting: str) -> ModelEntry | None:
    """The generator to use: ``auto`` the first whose file lies in ``models/``, ``aus`` none, else the one named.

    Raises ModelError if the named one is unknown or its file is missing.
    """
    if setting == "aus":
        return None
    folder = home / "models"
    if setting == "auto":
        generators = (e for e in manifest.entries if e.purpose is Purpose.GENERATOR)
        return next((e for e in generators if (folder / e.file).is_file()), None)
    entry = manifest.get(setting, Purpose.GENERATOR)
    if not (folder / entry.file).is_file():
        raise ModelError(
            f"{folder / entry.file} fehlt. Die Datei dorthin kopieren oder mit „leitplanke models pull {entry.name}“ "
            "laden; bis dahin geht es ohne Sprachmodell weiter."
        )
    return entry


def file_sum(path: Path, entry: ModelEntry, progress: Progress | None = None) -> str:
    """The sha256 of a GGUF file. Raises ModelError if it is missing or none.

    Reading gigabytes takes long, so a sum once computed is kept beside the file (``….geprueft``) together with size
    and time of change, and computed again when either differs.
    """
    if not path.is_file():
        raise ModelError(
            f"{path} fehlt. Die Datei dorthin kopieren oder mit „leitplanke models pull {entry.name}“ laden."
        )
    with path.open("rb") as stream:
        if stream.read(4) != _GGUF_MAGIC:
            raise ModelError(
                f"{path} ist keine GGUF-Datei (vermutlich ein abgebrochener oder falscher Download). Erwartet wird "
                f"{entry.file} aus {entry.repository or 'dem Manifest'}; löschen und neu holen."
            )
    return _known_sum(path) or _compute_sum(path, progress)


def verify_file(path: Path, entry: ModelEntry, progress: Progress | None = None) -> str:
    """Check that ``path`` is the GGUF file of the manifest; returns its sha256. Raises ModelError otherwise."""
    actual = file_sum(path, entry, progress)
    if not entry.sha256:
        raise SumDiffers(
            f"{entry.name}: im Manifest steht keine Prüfsumme. Die Datei hat {actual}; nach eigener Prüfung mit "
            f"„leitplanke models pin {entry.name} --kommentar …“ festhalten."
        )
    if actual != entry.sha256:
        raise SumDiffers(
            f"{path}: die Prüfsumme stimmt nicht. {differing(entry, actual)}"
        )
    return actual


def differing(entry: ModelEntry, actual: str) -> str:
    """Both sums and what can be done, for a message."""
    return (
        f"Erwartet {entry.sha256}, gefunden {actual}. Neu holen; ist die neue Fassung gewollt und geprüft, mit "
        f"„leitplanke models pin {entry.name} --kommentar …“ festhalten."
    )


def record_of(path: Path) -> Path:
    """The file beside a model file that keeps its checked sum."""
    return path.with_name(path.name + ".geprueft")


def _known_sum(path: Path) -> str | None:
    """The sum kept from an earlier check, if the file has not been touched since."""
    # An unreadable record only means that the sum is computed again.
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        record = json.loads(record_of(path).read_text(encoding="utf-8"))
        status = path.stat()
        if record["bytes"] == status.st_size and record["geaendert_ns"] == status.st_mtime_ns:
            return str(record["sha256"])
    return None


def _compute_sum(path: Path, progress: Progress | None) -> str:
    status, digest, done = path.stat(), hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            done += len(chunk)
            if progress:
                progress(done, status.st_size)
    record = {"sha256": digest.hexdigest(), "bytes": status.st_size, "geaendert_ns": status.st_mtime_ns}
    # A read-only models/ is fine: the sum is then computed at every start.
    with contextlib.suppress(OSError):
        record_of(path).write_text(json.dumps(record) + "\n", encoding="utf-8")
    return digest.hexdigest()


def folder_fingerprint(folder: Path) -> str:
    """Checksum over names and contents of all files of a model folder."""
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".md"):
        total.update(str(path.relative_to(folder)).encode())
        with path.open("rb") as stream:
            total.update(hashlib.file_digest(stream, "sha256").digest())
    return total.hexdigest()


def check_folder(folder: Path, entry: ModelEntry, *, compare: bool = True) -> None:
    """Refuse an embedder folder that is missing, differs from its sum, or holds pickles or program code.

    ``compare=False`` leaves the sum out. Raises ModelError.
    """
    if not folder.is_dir():
        how = "" if entry.name == BUILT_IN else f" oder mit „leitplanke models pull {entry.name}“ laden"
        raise ModelError(f"{folder} fehlt. Den Ordner dorthin kopieren{how}.")
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        if file.suffix.lower() in PICKLE_ENDINGS + CODE_ENDINGS:
            raise ModelError(
                f"{file} kann Programmcode enthalten und wird nicht geladen. Die Datei entfernen; erwartet werden nur "
                "safetensors-Gewichte und Textdateien."
            )
    _check_no_code_named(folder)
    if compare and entry.sha256 and (actual := folder_fingerprint(folder)) != entry.sha256:
        raise SumDiffers(f"{folder}: die Prüfsumme stimmt nicht. {differing(entry, actual)}")


def _check_no_code_named(folder: Path) -> None:
    """Configuration can name code to be fetched or imported; only that of the libraries themselves is run."""
    for file in sorted(folder.rglob("*.json")):
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue  # what cannot be read is reported when it is loaded
        modules = data if file.name == "modules.json" and isinstance(data, list) else []
        kinds = [m["type"] for m in modules if isinstance(m, dict) and isinstance(m.get("type"), str)]
        foreign = not all(kind.startswith("sentence_transformers.") for kind in kinds)
        if foreign or (isinstance(data, dict) and "auto_map" in data):
            raise ModelError(
                f"{file} verlangt mitgelieferten Programmcode (auto_map oder fremde Module); das wird nicht geladen. "
                "Ein Modell wählen, das ohne auskommt."
            )
