"""What a home has installed, for the page of versions: program, embedder, language model, the last local-only proof."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from assistant.errors import LeitplankeError
from assistant.models.manifest import Purpose, find_generator, folder_fingerprint, read_manifest
from assistant.settings import read_settings
from assistant.web.information import Installed, Proof

REPORTS = "nachweis*.html"
"""Where the report of ``prove-local`` is looked for: in the home, under the name that the documents recommend."""
_MOST_BYTES = 2_000_000
_DAY = re.compile(r"Durchgeführt am ([0-9][0-9.,: A-Za-zÄÖÜäöü()+-]{8,60}) mit dem Befehl")


def installed_in(home: Path) -> Installed:
    """What is there now; a part that cannot be read is left empty, because ``doctor`` is who complains."""
    try:
        program = version("leitplanke")
    except PackageNotFoundError:
        program = ""
    return Installed(program, _embedder(home), _model(home), _proof(home))


def _embedder(home: Path) -> tuple[str, str]:
    try:
        entry = read_manifest(home).get(read_settings(home).embedder, Purpose.EMBEDDER)
        return entry.name, f"SHA-256 {entry.sha256 or folder_fingerprint(home / 'models' / entry.place)}"
    except (LeitplankeError, OSError):
        return "", ""


def _model(home: Path) -> tuple[str, str]:
    try:
        settings = read_settings(home)
        if settings.generator == "aus":
            return "", ""
        if settings.generator_url:
            return settings.generator_modell or settings.generator_url, ""
        entry = find_generator(home, read_manifest(home), settings.generator)
    except LeitplankeError:
        return "", ""
    return (entry.name, f"SHA-256 {entry.sha256}" if entry.sha256 else "") if entry else ("", "")


def _proof(home: Path) -> Proof | None:
    """The newest report whose day can be read."""
    try:
        files = sorted(home.glob(REPORTS), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in files:
            with file.open(encoding="utf-8", errors="replace") as handle:
                text = handle.read(_MOST_BYTES)
            if found := _DAY.search(text):
                return Proof(file.name, found[1], 'class="gut"' in text)
    except OSError:
        return None
    return None
