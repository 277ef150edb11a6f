"""``leitplanke prove-local``: runs index, questions and pages with the network forbidden, and reports what happened.

The work is done by a child process (``assistant.proving``). Where the system allows it, the child gets a network
namespace of its own in which only the loopback exists: then the kernel forbids everything else, for native code and
grandchildren too, and counts what was tried. Elsewhere only Python's sockets are watched and refused, and the report
says so.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from assistant.errors import LeitplankeError

SECONDS = 300
"""After that the run is given up; with a language model it may take minutes."""
_UNSHARE = ("unshare", "--user", "--map-root-user", "--net")


class Way(StrEnum):
    """How the network is forbidden."""

    NAMENSRAUM = "namensraum"
    SOCKETS = "sockets"


class LeftTheHouse(LeitplankeError):
    """Something tried to reach another machine, or a page refers to one."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done, and what came of it."""

    what: str
    result: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page or resource as it was delivered; ``foreign`` are its references to other origins."""

    address: str
    status: int
    size: int
    sha256: str
    foreign: tuple[str, ...]


@dataclass(frozen=True)
class Proof:
    """What the child saw. ``counted`` are packets that found no way out, None where the kernel did not count."""

    way: Way
    day: dt.datetime
    steps: tuple[Step, ...]
    attempts: tuple[str, ...]
    loopback: int
    interfaces: tuple[str, ...]
    counted: int | None
    pages: tuple[Fetched, ...]
    versions: Mapping[str, str] = field(default_factory=dict)
    sums: Mapping[str, str] = field(default_factory=dict)

    @property
    def foreign(self) -> tuple[str, ...]:
        """References of pages to other origins, with the page."""
        return tuple(f"{page.address}: {reference}" for page in self.pages for reference in page.foreign)

    @property
    def holds(self) -> bool:
        """True if nothing tried to leave."""
        return not (self.attempts or self.counted or self.foreign)

    def violation(self) -> str:
        """One German line: what tried to leave."""
        found = [*self.attempts, *self.foreign]
        if self.counted and not self.attempts:
            found.append(f"{self.counted} Paket(e) ohne Weg nach außen, vom Kernel gezählt")
        more = f" und {len(found) - 3} weitere" if len(found) > 3 else ""
        return f"Nicht nur lokal: {'; '.join(found[:3])}{more}. Das Programm so nicht einsetzen und die Ursache suchen."


def possible_way() -> Way:
    """A namespace where this account may make one (Linux, not forbidden by the administrator), else watched sockets."""
    try:
        tried = subprocess.run(  # noqa: S603 - our own interpreter
            [*_UNSHARE, sys.executable, "-c", ""], capture_output=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return Way.SOCKETS
    return Way.NAMENSRAUM if tried.returncode == 0 else Way.SOCKETS


def prove(home: Path, now: dt.datetime, way: Way | None = None) -> Proof:
    """Run everything for ``home`` with the network forbidden. Raises LeitplankeError if the run itself fails."""
    way = way or possible_way()
    with tempfile.TemporaryDirectory(prefix="leitplanke-") as folder:
        result = Path(folder) / "ergebnis.json"
        command = [sys.executable, "-m", "assistant.proving", str(home), way.value, now.isoformat(), str(result)]
        if way is Way.NAMENSRAUM:
            command = [*_UNSHARE, *command]
        paths = [str(Path(__file__).resolve().parent.parent), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter
                command, env=environment, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise LeitplankeError(f"Der Nachweis war nach {SECONDS} Sekunden nicht fertig und wurde abgebrochen.") from error
        if not result.is_file():
            last = (done.stderr.strip().splitlines() or ["ohne Meldung"])[-1]
            raise LeitplankeError(f"Der Nachweis ist gescheitert: {last}")
        return _proof(json.loads(result.read_text(encoding="utf-8")), way, now)


def _proof(raw: Mapping[str, Any], way: Way, now: dt.datetime) -> Proof:
    pages: Sequence[Mapping[str, Any]] = raw["pages"]
    return Proof(
        way, now, tuple(Step(*row) for row in raw["steps"]), tuple(raw["attempts"]), raw["loopback"],
        tuple(raw["interfaces"]), raw["counted"],
        tuple(Fetched(p["address"], p["status"], p["size"], p["sha256"], tuple(p["foreign"])) for p in pages),
        raw["versions"], raw["sums"],
    )  # fmt: skip
