"""Looks at an archive before anything in it is unpacked: how much would come out, and whether that is plausible."""

from __future__ import annotations

import zipfile

from assistant.errors import ImportRefused

RATIO = 200
"""Unpacked bytes per packed byte; XML of laws and of Word reaches 5 to 40."""
PLAUSIBLE = 8 * 2**20
"""Up to this many unpacked bytes, any ratio will do: nothing is exhausted by them."""
_ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar", ".jar")


def refuse_bombs(archive: zipfile.ZipFile, size: int, name: str, *, most_bytes: int, most_files: int) -> None:
    """Raises ImportRefused if this archive of ``size`` bytes says it holds too much. Its figures may be false:
    whoever unpacks counts too."""
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > most_files or unpacked > most_bytes:
        raise ImportRefused(
            f"{name}: das Archiv ist ausgepackt zu groß; erwartet werden höchstens {most_bytes // 2**20} MB "
            f"in {most_files} Dateien."
        )
    if unpacked > PLAUSIBLE and unpacked > RATIO * size:
        raise ImportRefused(
            f"{name}: das Archiv wird beim Auspacken {unpacked // max(size, 1)}-mal so groß; höchstens {RATIO}-mal ist "
            "glaubhaft. Die Datei neu holen oder neu speichern."
        )


def refuse_nested(archive: zipfile.ZipFile, name: str) -> None:
    """Raises ImportRefused if there is an archive in this archive."""
    nested = next((n for n in archive.namelist() if n.lower().endswith(_ARCHIVES)), None)
    if nested is not None:
        shown = "".join(sign for sign in nested if sign.isprintable())[-60:]
        raise ImportRefused(f"{name}: enthält ein weiteres Archiv ({shown}). Erwartet wird das ZIP des Herausgebers.")
