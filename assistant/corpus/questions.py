"""The question bank of an installation: ``corpus/fragen/*.jsonl``, one question a line.

Fields: ``id, frage, verlauf, status, urteil, regeln, darf_nie, stil, runde``; the same shape as an evaluation file.
Rounds listed in ``JUDGING`` are never used to fit anything: they measure.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import CorpusError
from assistant.types import Status

JUDGING = frozenset({8})


@dataclass(frozen=True, slots=True)
class BankQuestion:
    """One question of the bank."""

    id: str
    question: str
    history: tuple[str, ...]
    status: str
    rules: tuple[str, ...]
    never: tuple[str, ...]
    round: int


def lines_of(path: Path, errors: str = "strict") -> list[str]:
    """The lines of a JSON-lines file, blank ones included; a byte-order mark is dropped.

    Only a line feed ends a line: ``str.splitlines`` would cut at U+2028, which may stand inside a question.
    """
    text = path.read_text(encoding="utf-8-sig", errors=errors)
    return text.removesuffix("\n").split("\n") if text else []


def read_bank(folder: Path, *, judging: bool = False) -> list[BankQuestion]:
    """All questions that may be used for fitting (``judging=False``) or only those kept for measuring.

    Raises CorpusError with file and line.
    """
    result = []
    known = {s.value for s in Status} | {"angriff"}
    for path in sorted(folder.glob("*.jsonl")):
        try:
            lines = lines_of(path)
        except UnicodeDecodeError as error:
            raise CorpusError(f"corpus/fragen/{path.name}: keine UTF-8-Textdatei. Als UTF-8 speichern.") from error
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            where = f"corpus/fragen/{path.name}, Zeile {number}"
            try:
                raw = json.loads(line)
                item = BankQuestion(
                    str(raw["id"]), str(raw["frage"]), _texts(raw, "verlauf"), str(raw["status"]),
                    _texts(raw, "regeln"), _texts(raw, "darf_nie"), int(raw.get("runde", 0)),
                )  # fmt: skip
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise CorpusError(
                    f"{where}: erwartet wird JSON mit id, frage, status, regeln, runde (verlauf, regeln und darf_nie als Listen)."
                ) from error
            if item.status not in known:
                raise CorpusError(
                    f"{where}: status „{item.status}“ ist unbekannt. Bekannt: {', '.join(sorted(known))}."
                )
            if (item.round in JUDGING) == judging:
                result.append(item)
    return result


def _texts(raw: dict[str, Any], field: str) -> tuple[str, ...]:
    """A list of texts. Raises TypeError for anything else: one text would be read as a list of letters."""
    values = raw.get(field, [])
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise TypeError(field)
    return tuple(values)
