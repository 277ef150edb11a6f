"""The local language model as the rest of the program sees it: a client of the child process in ``worker.py``.

What it knows: how to start, ask, stop and restart that process, who is next in line and when patience ends. What it
does not know: prompts, rules, answers. One request is worked on at a time because a llama.cpp context can hold only
one; the others wait in a short line (``line.py``).

Time here is duration only (``time.monotonic``); the day asked about is never read.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import ModelBusy, ModelError
from assistant.models.child import STOPPED, Child, ChildOptions, events_until, interrupt, request_failure
from assistant.models.line import Attempt, AttendedGenerator, Line, Statistics
from assistant.models.manifest import ModelEntry, Purpose, find_generator, read_manifest, verify_file
from assistant.settings import Settings

log = logging.getLogger(__name__)

TEMPLATE_MARGIN = 64
"""Tokens kept free for the frame that a chat template puts around the messages."""

COUNT_S = 20.0
"""Patience for counting tokens, which takes milliseconds; more means that the process hangs."""

RETRY_AFTER_S = 60.0
"""After a failed start the next attempt waits this long, so that not every question pays for a broken file."""


def available_memory_gb(meminfo: Path = Path("/proc/meminfo")) -> float | None:
    """Memory (GiB) that can be used without swapping, as Linux reports it; None on other systems."""
    try:
        lines = meminfo.read_text(encoding="ascii").splitlines()
        line = next(line for line in lines if line.startswith("MemAvailable:"))
        return int(line.split()[1]) / 1024**2
    except (OSError, StopIteration, ValueError, IndexError):
        return None


class LocalGenerator:
    """A GGUF file behind the ``Generator`` seam. Safe to use from several threads.

    ``budget`` is how many tokens a prompt may have. ``stream`` raises ModelBusy (line full, or its turn did not come
    in time), ModelTooSlow (deadline passed while writing) and ModelError (cannot be loaded, ended unexpectedly).
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        context: int = 4096,
        threads: int = 0,
        waiting: int = 4,
        deadline_s: float = 120.0,
        answer_tokens: int = 320,
        thinking: bool = False,
        memory_gb: float | None = None,
        start_s: float = 120.0,
    ) -> None:
        """Starts nothing yet; the first use does, or ``start``."""
        self._name = name
        self._options = ChildOptions(path, context, threads, thinking, memory_gb, start_s)
        self._line = Line(waiting)
        self._deadline_s = deadline_s
        self._budget = context - answer_tokens - TEMPLATE_MARGIN
        self._child: Child | None = None
        self._starting = threading.Lock()
        self._failure: tuple[float, str] | None = None
        self._closed = False
        self._last: Statistics | None = None

    @property
    def name(self) -> str:
        """The name of the manifest; it becomes ``verfasst_von``."""
        return self._name

    @property
    def budget(self) -> int:
        """Tokens a prompt may have."""
        return self._budget

    @property
    def waiting(self) -> int:
        """How many requests are being worked on or wait; a new one would be behind them."""
        return len(self._line)

    @property
    def last(self) -> Statistics | None:
        """What the last request cost that was not lost with its process."""
        return self._last

    @property
    def template(self) -> str:
        """Family of the file's chat template (``manifest.TEMPLATES``); empty before the start or if unknown."""
        return self._child.template if self._child is not None else ""

    @property
    def pid(self) -> int | None:
        """Process id of the running child, None if there is none."""
        return self._child.pid if self._child is not None and self._child.alive else None

    def start(self) -> None:
        """Load the model now instead of with the first question. Raises ModelError."""
        self._running(time.monotonic() + self._options.start_s)

    def _running(self, until: float) -> Child:
        """The running child; a new one if there is none or it died. Raises ModelError or ModelBusy."""
        if not self._starting.acquire(timeout=max(0.0, until - time.monotonic())):
            raise ModelBusy("Das Sprachmodell wird gerade geladen und war bis zum Ablauf der Frist nicht bereit.")
        try:
            if self._closed:
                raise ModelError("Das Sprachmodell ist beendet worden. Bitte die Seite neu starten.")
            if self._child is not None and self._child.alive:
                return self._child
            if self._failure is not None and time.monotonic() < self._failure[0]:
                raise ModelError(self._failure[1])
            if self._child is not None:
                log.warning("Sprachmodell %s hat sich beendet und wird neu gestartet", self._name)
                self._child.kill()
            self._child = self._started()
            return self._child
        finally:
            self._starting.release()

    def _started(self) -> Child:
        try:
            self._check_memory()
            child = Child(self._options)
        except ModelError as error:
            self._failure = (time.monotonic() + RETRY_AFTER_S, str(error))
            raise
        self._failure = None
        return child

    def _check_memory(self) -> None:
        wanted, free = self._options.memory_gb, available_memory_gb()
        if wanted is not None and free is not None and free < wanted:
            raise ModelError(
                f"{self._name}: das Sprachmodell braucht {wanted:.1f} GB Arbeitsspeicher, frei sind {free:.1f} GB. Es "
                "geht ohne Sprachmodell weiter; in leitplanke.toml bei „generator“ ein kleineres nennen."
            )

    def count(self, text: str) -> int:
        """Tokens of ``text`` in this model. Does not wait in the line. Raises ModelError."""
        child = self._running(time.monotonic() + self._options.start_s)
        number, inbox = child.request("count", text=text)
        try:
            event = inbox.get(timeout=COUNT_S)
        except queue.Empty:
            child.kill()
            raise ModelError("Das Sprachmodell reagiert nicht und wird neu gestartet.") from None
        finally:
            child.forget(number)
        if event["event"] != "count":
            raise ModelError(request_failure(event))
        return int(event["count"])

    def stream(
        self,
        prompt: Sequence[tuple[str, str]],
        *,
        max_tokens: int,
        grammar: str | None = None,
        attempt: Attempt | None = None,
    ) -> Iterator[str]:
        """Text pieces for chat messages (role, text). Closing the iterator stops the model within a token or two.

        So does ``attempt.stop()`` from another thread, which raises ModelStopped here.
        """
        until = time.monotonic() + self._deadline_s
        attempt = attempt or Attempt()
        with self._line.turn(until, attempt):
            child = self._running(until)
            began = time.monotonic()
            number, inbox = child.request(
                "generate", messages=[list(m) for m in prompt], max_tokens=max_tokens, grammar=grammar
            )
            finished = False
            try:
                with attempt.waking(lambda: inbox.put(STOPPED)):
                    for event in events_until(inbox, until):
                        attempt.check()
                        if event["event"] == "text":
                            yield str(event["text"])
                            continue
                        finished = True
                        self._conclude(event, began)
            finally:
                if not finished:
                    ended = interrupt(child, number, inbox)
                    if ended["event"] == "done":
                        self._conclude(ended, began)
                child.forget(number)

    def _conclude(self, event: Mapping[str, Any], began: float) -> None:
        if event["event"] != "done":
            raise ModelError(request_failure(event))
        self._last = Statistics(
            int(event["prompt_tokens"]), int(event["reused"]), int(event["pieces"]), time.monotonic() - began
        )

    def close(self) -> None:
        """End the child process; the generator cannot be used afterwards."""
        with self._starting:
            self._closed = True
            if self._child is not None:
                self._child.stop()
                self._child = None


def open_generator(home: Path, settings: Settings) -> AttendedGenerator | None:
    """The generator that settings and ``models/`` name, its file verified; None if there is or shall be none.

    Raises ModelError (unknown name, missing or wrong file, address outside) and SettingsError. After a ModelError the
    caller shows the line and goes on without a model.
    """
    if settings.generator_url and settings.generator != "aus":
        from assistant.models.remote import open_server

        return open_server(home, settings)
    entry = find_generator(home, read_manifest(home), settings.generator)
    return _opened(home, settings, entry) if entry is not None else None


def open_file(home: Path, settings: Settings, name: str) -> tuple[LocalGenerator, ModelEntry]:
    """The generator of this name from ``models/``, whatever the settings choose; and its entry. Raises ModelError."""
    manifest = read_manifest(home)
    entry = manifest.get(name, Purpose.GENERATOR)
    return _opened(home, settings, entry), entry


def _opened(home: Path, settings: Settings, entry: ModelEntry) -> LocalGenerator:
    path = home / "models" / entry.file
    verify_file(path, entry)
    return LocalGenerator(
        path,
        name=entry.name,
        context=entry.context,
        threads=settings.modell_threads,
        waiting=settings.modell_warteschlange,
        deadline_s=float(settings.modell_frist_s),
        answer_tokens=settings.modell_antwort_tokens,
        thinking=entry.thinking,
        memory_gb=entry.memory_gb,
    )
