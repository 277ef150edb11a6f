"""The question bank of an installation: ``corpus/fragen/*.jsonl``, one question a line.

Fields: ``id, frage, verlauf, status, urteil, regeln, darf_nie, stil, runde``; the same shape as an evaluation file.
Rounds listed in ``JUDGING`` are never used to fit anything: they measure.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import CorpusError
from assistant.types import Status

JUDGING = frozenset({3})


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


def read_bank(folder: Path, *, judging: bool = False) -> list[BankQuestion]:
    """All questions that may be used for fitting (``judging=False``) or only those kept for measuring.

    Raises CorpusError with file and line.
    """
    result = []
    known = {s.value for s in Status} | {"angriff"}
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if not line.strip():
                continue
            where = f"corpus/fragen/{path.name}, Zeile {number}"
            try:
                raw = json.loads(line)
                item = BankQuestion(
                    str(raw["id"]), str(raw["frage"]), tuple(raw.get("verlauf", ())), str(raw["status"]),
                    tuple(raw.get("regeln", ())), tuple(raw.get("darf_nie", ())), int(raw.get("runde", 0)),
                )  # fmt: skip
            except (ValueError, KeyError, TypeError) as error:
                raise CorpusError(f"{where}: erwartet wird JSON mit id, frage, status, regeln, runde.") from error
            if item.status not in known:
                raise CorpusError(f"{where}: status „{item.status}“ ist unbekannt. Bekannt: {', '.join(sorted(known))}.")
            if (item.round in JUDGING) == judging:
                result.append(item)
    return result
