"""Who may use the language model now, who waits, and who does not want it any more.

A model serves one request at a time (a server of its own may serve several); the others wait in a short line in the
order in which they came, and whoever finds it full is told at once. An ``Attempt`` is one such wish as both sides see
it: the page reads how many are before it and may stop it, the model's side obeys.

Time here is duration only (``time.monotonic``).
"""

from __future__ import annotations

import collections
import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.errors import ModelBusy
from assistant.types import Generator


class ModelStopped(ModelBusy):
    """The person who asked has left or pressed stop."""


class Attempt:
    """One person's wish for text from the model. ``stop`` may be called from any thread and more than once."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._stopped = False
        self._wakers: list[Callable[[], None]] = []
        self.ahead: int | None = None
        """Requests that are finished before this one begins: 0 while it is being served, None outside of the line."""

    @property
    def stopped(self) -> bool:
        """Whether nobody waits for the text any more."""
        return self._stopped

    def stop(self) -> None:
        """Give up: whoever waits in the line or for a piece of text is woken with ModelStopped."""
        with self._guard:
            self._stopped = True
            wakers = tuple(self._wakers)
        for wake in wakers:
            wake()

    @contextlib.contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Within the block ``stop`` calls ``wake``; at once if it was called before."""
        with self._guard:
            self._wakers.append(wake)
        if self._stopped:
            wake()
        try:
            yield
        finally:
            with self._guard:
                self._wakers.remove(wake)

    def check(self) -> None:
        """Raises ModelStopped after ``stop``."""
        if self._stopped:
            raise ModelStopped("Die ausformulierte Fassung wurde abgebrochen.")


class Line:
    """First come, first served: ``seats`` are served at once, ``places`` may wait behind them."""

    def __init__(self, places: int, seats: int = 1) -> None:
        self._places, self._seats = places, seats
        self._guests: collections.deque[Attempt] = collections.deque()
        self._moved = threading.Condition()

    def __len__(self) -> int:
        """Everybody in the line, including those being served."""
        return len(self._guests)

    @contextlib.contextmanager
    def turn(self, until: float, attempt: Attempt) -> Iterator[None]:
        """Wait until it is one's turn, which lasts as long as the block.

        Raises ModelBusy if the line is full or ``until`` (monotonic) passes, ModelStopped if the attempt is given up.
        """
        attempt.check()
        with self._moved:
            if len(self._guests) >= self._seats + self._places:
                raise ModelBusy(
                    f"Das Sprachmodell ist ausgelastet ({len(self._guests)} Anfragen vor Ihnen, mehr als "
                    f"{self._places} dürfen nicht warten). Bitte später noch einmal fragen."
                )
            self._guests.append(attempt)
            self._announce()
        try:
            self._wait(until, attempt)
            yield
        finally:
            with self._moved:
                self._guests.remove(attempt)
                attempt.ahead = None
                self._announce()

    def _wait(self, until: float, attempt: Attempt) -> None:
        with attempt.waking(self._nudge), self._moved:
            came = self._moved.wait_for(
                lambda: attempt.stopped or attempt.ahead == 0, max(0.0, until - time.monotonic())
            )
        attempt.check()
        if not came:
            raise ModelBusy("Das Sprachmodell war bis zum Ablauf der Frist mit anderen Fragen beschäftigt.")

    def _nudge(self) -> None:
        with self._moved:
            self._moved.notify_all()

    def _announce(self) -> None:
        """Tell everybody their place; the caller holds the lock."""
        for place, guest in enumerate(self._guests):
            guest.ahead = max(0, place - self._seats + 1)
        self._moved.notify_all()


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the last finished request cost: prompt tokens, how many of them were reused, pieces written, seconds."""

    prompt_tokens: int
    reused: int
    pieces: int
    seconds: float


class AttendedGenerator(Generator, Protocol):
    """A generator with a line, whose requests can be watched and stopped."""

    @property
    def last(self) -> Statistics | None:
        """What the last request cost that ended in good order or by being closed."""
        ...

    @property
    def pid(self) -> int | None:
        """The process that holds the model, if it runs on this machine."""
        ...

    def stream(
        self,
        prompt: Sequence[tuple[str, str]],
        *,
        max_tokens: int,
        grammar: str | None = None,
        attempt: Attempt | None = None,
    ) -> Iterator[str]: ...

    def start(self) -> None:
        """Make ready what the first question would wait for. Raises ModelError."""
        ...


class OnBehalf:
    """A generator used for one attempt: whoever words the answer need not know that somebody may stop it."""

    def __init__(self, generator: AttendedGenerator, attempt: Attempt) -> None:
        self._generator, self._attempt = generator, attempt

    @property
    def name(self) -> str:
        """As of the generator."""
        return self._generator.name

    @property
    def budget(self) -> int:
        """As of the generator."""
        return self._generator.budget

    def count(self, text: str) -> int:
        """As of the generator; raises ModelStopped after ``stop``."""
        self._attempt.check()
        return self._generator.count(text)

    def stream(
        self, prompt: Sequence[tuple[str, str]], *, max_tokens: int, grammar: str | None = None
    ) -> Iterator[str]:
        """As of the generator; raises ModelStopped after ``stop``."""
        return self._generator.stream(prompt, max_tokens=max_tokens, grammar=grammar, attempt=self._attempt)

    def close(self) -> None:
        """The generator is shared and stays open."""
