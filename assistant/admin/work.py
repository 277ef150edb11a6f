"""Starts, watches and cancels the one piece of long work that the admin page does at a time (see ``job``)."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from assistant.errors import LeitplankeError

_GRACE_SECONDS = 10.0
_TELLING_SECONDS = 5.0


class Stage(StrEnum):
    """How far a piece of work is; the words appear on the page."""

    LAEUFT = "läuft"
    FERTIG = "fertig"
    GESCHEITERT = "gescheitert"
    ABGEBROCHEN = "abgebrochen"


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work as it stands. ``kind`` is a key of ``job.KINDS``; ``result`` what it gave when it was done."""

    kind: str
    title: str
    who: str
    began: dt.datetime
    stage: Stage = Stage.LAEUFT
    step: str = "Vorbereiten"
    done: int = 0
    total: int = 0
    result: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    since: tuple[float, int] = (0.0, 0)
    """When the present step was first heard of (seconds of a clock that only goes forward), and how far it was then."""

    @property
    def running(self) -> bool:
        """Whether it is still going on."""
        return self.stage is Stage.LAEUFT

    def remaining(self, clock: float) -> float | None:
        """Seconds that the present step may still take; None where it is too early to tell."""
        began, start = self.since
        passed, did = clock - began, self.done - start
        return (self.total - self.done) * passed / did if did > 0 and passed > _TELLING_SECONDS else None


class Worker:
    """At most one child at a time; ``ended`` is told of every end, in a thread of its own."""

    def __init__(self, home: Path, ended: Callable[[Work], None]) -> None:
        self._home, self._ended = home, ended
        self._guard = threading.Lock()
        self._work: Work | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._cancelled = False
        self._closed = False

    @property
    def work(self) -> Work | None:
        """The current or last piece of work."""
        return self._work

    def start(self, kind: str, title: str, who: str, now: dt.datetime, *arguments: str) -> None:
        """Begin. Raises LeitplankeError while something else is going on."""
        with self._guard:
            if self._closed or (self._work is not None and self._work.running):
                raise LeitplankeError(
                    f"Gerade läuft schon etwas: {self._work.title if self._work else 'das Programm endet'}. Bitte warten oder abbrechen."
                )
            command = [sys.executable, "-P", "-m", "assistant.admin.job", kind, str(self._home), now.isoformat(), *arguments]
            environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
            try:
                child = subprocess.Popen(  # noqa: S603 - our own module, arguments we made
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
                )
            except OSError as error:
                raise LeitplankeError(f"Der Vorgang konnte nicht gestartet werden ({error.strerror}).") from error
            self._child, self._cancelled = child, False
            self._work = Work(kind, title, who, now)
            threading.Thread(target=self._watch, args=(child,), daemon=True, name="vorgang").start()

    def cancel(self) -> bool:
        """End what is going on; False if nothing is. The child cleans up, and is killed if it takes too long."""
        with self._guard:
            child = self._child
            if child is None or self._work is None or not self._work.running:
                return False
            self._cancelled = True
            if child.stdin is not None:
                with contextlib.suppress(OSError):
                    child.stdin.close()
            timer = threading.Timer(_GRACE_SECONDS, child.kill)
            timer.daemon = True
            timer.start()
        return True

    def close(self) -> None:
        """The program ends: nothing is left running."""
        self._closed = True
        child = self._child
        if self.cancel() and child is not None:
            try:
                child.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()

    def _watch(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None  # noqa: S101 - a pipe was asked for
        with child.stdout as lines:
            for line in lines:
                with contextlib.suppress(ValueError, KeyError, TypeError):  # what a library prints is no message
                    self._hear(json.loads(line))
        status = child.wait()
        with self._guard:
            if child.stdin is not None:
                with contextlib.suppress(OSError):
                    child.stdin.close()
            work = self._work
            if work is None:
                return
            if work.running:
                self._work = work = self._ending(work, status)
        self._ended(work)

    def _ending(self, work: Work, status: int) -> Work:
        if status == 0 and work.result:
            return replace(work, stage=Stage.FERTIG)
        if self._cancelled:
            return replace(work, stage=Stage.ABGEBROCHEN)
        lines = {-9: "das Betriebssystem hat ihn beendet, vermutlich fehlte Arbeitsspeicher"}
        why = work.error or f"Der Vorgang endete unerwartet ({lines.get(status, f'Status {status}')}). Veröffentlicht bleibt, was es war."
        return replace(work, stage=Stage.GESCHEITERT, error=why)

    def _hear(self, message: dict[str, Any]) -> None:
        with self._guard:
            work = self._work
            if work is None:
                return
            if "schritt" in message:
                step, done = str(message["schritt"]), int(message["fertig"])
                since = work.since if step == work.step else (time.monotonic(), done)
                self._work = replace(work, step=step, done=done, total=int(message["gesamt"]), since=since)
            elif "ergebnis" in message:
                self._work = replace(work, result=dict(message["ergebnis"]))
            elif "fehler" in message:
                self._work = replace(work, error=str(message["fehler"]))
