"""Readers of official texts: one module per publisher's format, all giving the same provision tree."""

from __future__ import annotations

from assistant.corpus.addresses import ActInfo
from assistant.corpus.lawtext import LawText, read_law_markdown
from assistant.errors import ImportRefused

MAX_BYTES = 64 * 1024 * 1024


def read_official(data: bytes, name: str, info: ActInfo | None) -> LawText:
    """An official text to its provisions, whatever its format. ``info`` is the act where it is already known.

    Raises ImportRefused or CorpusError with one German line.
    """
    if len(data) > MAX_BYTES:
        raise ImportRefused(f"{name}: {len(data) // 2**20} MB sind zu groß; erwartet werden höchstens 64 MB.")
    if data.lstrip()[:3] == b"---":
        return read_law_markdown(data, name, info.id if info else "")
    raise ImportRefused(f"{name}: Format nicht erkannt. Erwartet wird Gesetzestext als Markdown mit Kopf.")
