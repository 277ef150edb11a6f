"""The parent's end of the pipe to ``worker.py``: start a process, send requests, receive events, end it.

A ``Child`` is one process and is used until that ends; deciding when to start another is ``generator.py``'s business.
A reading thread sorts events into one queue per request, so that counting can happen while an answer is written.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ModelBusy, ModelError

log = logging.getLogger(__name__)

Inbox = queue.SimpleQueue[Mapping[str, Any]]

STOPPED: Mapping[str, Any] = {"event": "stopped"}
"""Put among the events of a request to wake its reader when the person who asked has left."""

GRACE_S = 5.0
"""How long a cancelled request may take to end before the process is replaced."""

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "OMP_NUM_THREADS", "SYSTEMROOT")


class ModelTooSlow(ModelBusy):
    """The deadline passed while this request was being worked on."""


@dataclass(frozen=True, slots=True)
class ChildOptions:
    """How the child loads the model. ``threads`` 0 means every core, ``memory_gb`` None means no check."""

    path: Path
    context: int
    threads: int
    thinking: bool
    memory_gb: float | None
    start_s: float


class Child:
    """One running worker process. It is used until it ends or fails, then replaced by a new one."""

    def __init__(self, options: ChildOptions) -> None:
        """Start and load. Raises ModelError in German if that does not succeed within ``start_s``."""
        self._numbers = itertools.count(1)
        self._inboxes: dict[int, Inbox] = {0: queue.SimpleQueue()}
        self._lock = threading.Lock()
        # A lock of its own: while a long prompt is being written, events must still be taken from the other pipe, or
        # both processes could wait for each other.
        self._writing = threading.Lock()
        self._gone: dict[str, Any] | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "assistant.models.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_child_environment(),
        )  # fmt: skip
        if self._process.stdin is None or self._process.stdout is None:
            raise ModelError("Der Prozess des Sprachmodells hat keine Verbindung. Bitte noch einmal versuchen.")
        self._requests, self._replies = self._process.stdin, self._process.stdout
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.context = self._load(options)
        except BaseException:
            self.kill()
            raise

    def _load(self, options: ChildOptions) -> int:
        self._send(
            {"op": "load", "path": str(options.path), "context": options.context, "threads": options.threads,
             "thinking": options.thinking}
        )  # fmt: skip
        try:
            event = self._inboxes[0].get(timeout=options.start_s)
        except queue.Empty:
            raise ModelError(
                f"{options.path.name}: das Sprachmodell war nach {options.start_s:.0f} s nicht geladen. Es geht ohne "
                "Sprachmodell weiter; ein kleineres Modell oder mehr Arbeitsspeicher hilft."
            ) from None
        if event["event"] == "ready":
            self.template = str(event["template"])
            return int(event["context"])
        raise ModelError(_start_failure(options.path, event))

    def _read(self) -> None:
        try:
            for line in self._replies:
                event = json.loads(line)
                with self._lock:
                    inbox = self._inboxes.get(int(event.get("id", 0)))
                if inbox is not None:
                    inbox.put(event)
        finally:
            code = self._process.wait()
            with self._lock:
                self._gone = {"event": "gone", "code": code}
                waiting, self._inboxes = list(self._inboxes.values()), {}
            for inbox in waiting:
                inbox.put(self._gone)

    def _send(self, request: Mapping[str, object]) -> None:
        data = json.dumps(request).encode("ascii") + b"\n"
        # A broken pipe is reported by the reader as "gone", together with the exit status.
        with contextlib.suppress(OSError, ValueError), self._writing:
            self._requests.write(data)
            self._requests.flush()

    @property
    def alive(self) -> bool:
        """Whether requests still reach a process."""
        return self._gone is None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process id, for ``doctor`` and tests."""
        return self._process.pid

    def request(self, op: str, **fields: object) -> tuple[int, Inbox]:
        """Send a request; its events arrive in the returned queue, a ``gone`` event if the process ends."""
        number = next(self._numbers)
        inbox: Inbox = queue.SimpleQueue()
        with self._lock:
            if self._gone is not None:
                inbox.put(self._gone)
                return number, inbox
            self._inboxes[number] = inbox
        self._send({"op": op, "id": number, **fields})
        return number, inbox

    def cancel(self, number: int) -> None:
        """Ask the process to end this request; it answers with ``done``."""
        self._send({"op": "cancel", "id": number})

    def forget(self, number: int) -> None:
        """Later events of this request are dropped."""
        with self._lock:
            self._inboxes.pop(number, None)

    def kill(self) -> None:
        """End the process now and wait for it."""
        self._process.kill()
        self._finish()

    def stop(self) -> None:
        """End the process in good order: closing its input is its sign to leave."""
        with contextlib.suppress(OSError, ValueError), self._writing:
            self._requests.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2.0)
        self.kill()

    def _finish(self) -> None:
        self._process.wait()
        self._reader.join(2.0)
        for pipe in (self._requests, self._replies):
            with contextlib.suppress(OSError, ValueError):
                pipe.close()


def _child_environment() -> dict[str, str]:
    """Few variables and no proxy: the child neither needs the network nor anybody's secrets."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    root = str(Path(__file__).resolve().parents[2])
    return {**kept, "PYTHONPATH": root, "PYTHONUTF8": "1", "HF_HUB_OFFLINE": "1", "GGML_NO_BACKTRACE": "1"}


def _start_failure(path: Path, event: Mapping[str, Any]) -> str:
    if event["event"] == "gone":
        return (
            f"{path.name}: das Sprachmodell hat sich beim Laden beendet ({_exit_words(event['code'])}). Die Datei ist "
            "vermutlich beschädigt oder zu groß für diesen Rechner; es geht ohne Sprachmodell weiter."
        )
    if event.get("code") == "llama_fehlt":
        return (
            "llama-cpp-python ist nicht installiert oder lässt sich nicht laden; es geht ohne Sprachmodell weiter. "
            "Mit einem C++-Compiler „pip install llama-cpp-python“ nachholen."
        )
    return (
        f"{path.name}: llama.cpp kann diese Datei nicht laden. Erwartet wird ein GGUF-Sprachmodell; Datei neu holen "
        "und mit „leitplanke models verify“ prüfen. Es geht ohne Sprachmodell weiter."
    )


def _exit_words(code: object) -> str:
    if isinstance(code, int) and code < 0:
        with contextlib.suppress(ValueError):
            return f"Signal {signal.Signals(-code).name}"
    return f"Rückgabewert {code}"


def events_until(inbox: Inbox, until: float) -> Iterator[Mapping[str, Any]]:
    """Events up to and including the last one of a request. Raises ModelTooSlow when ``until`` (monotonic) passes.

    ``STOPPED`` among them only wakes the reader.
    """
    while True:
        left = until - time.monotonic()
        try:
            # Without time left nothing more is taken, even if it already lies there: a reader who is slow himself
            # would otherwise keep the model beyond the deadline.
            event = inbox.get(timeout=left) if left > 0 else None
        except queue.Empty:
            event = None
        if event is None:
            raise ModelTooSlow("Das Sprachmodell hat die Antwort nicht innerhalb der Frist fertig geschrieben.")
        yield event
        if event["event"] not in ("text", "stopped"):
            return


def interrupt(child: Child, number: int, inbox: Inbox) -> Mapping[str, Any]:
    """Stop a request that nobody reads any more and return its last event; a process that does not obey is replaced."""
    child.cancel(number)
    try:
        *_, last = events_until(inbox, time.monotonic() + GRACE_S)
    except ModelTooSlow:
        log.warning("Das Sprachmodell hat auf den Abbruch nicht reagiert; der Prozess wird ersetzt")
        child.kill()
        return {"event": "gone"}
    return last


def request_failure(event: Mapping[str, Any]) -> str:
    """The German line for an event that ends a request badly."""
    if event["event"] == "gone":
        return f"Das Sprachmodell hat sich unerwartet beendet ({_exit_words(event['code'])}) und wird neu gestartet."
    if event.get("code") == "prompt_zu_lang":
        return f"Der Text für das Sprachmodell ist zu lang ({event.get('detail')} Token). Bitte kürzer fragen."
    return f"Das Sprachmodell konnte die Anfrage nicht bearbeiten ({event.get('code')}, {event.get('detail')})."
