"""Between the page and the assistant: waits until it is loaded, bounds how much runs at once, and never fails.

The assistant answers in threads, because it computes; the page stays responsive. Too many questions at once lead to
the outcome ``ausgelastet`` after two seconds instead of a page that hangs.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from enum import StrEnum
from functools import partial

from assistant.admin.maintenance import Maintenance
from assistant.ask.change import Changes
from assistant.errors import LeitplankeError
from assistant.models.line import Attempt
from assistant.types import Answer, GuidelineInfo, Question, Status
from assistant.web import texts
from assistant.web.api import AssistantApi

logger = logging.getLogger(__name__)

QUEUE_SECONDS = 1.2
LOAD_SECONDS = 120.0
_POLL_SECONDS = 0.1
_WORDING_THREADS = 64
"""Waiting for the model takes a thread each; apart from those that answer, so that a full line never delays an answer.
How many may wait is the model's own setting, all others are refused at once and need no thread any more."""


class State(StrEnum):
    """Whether questions can be answered; the German words appear in the health endpoint."""

    LAEDT = "laedt"
    BEREIT = "bereit"
    FEHLER = "fehler"


class Backend:
    """Holds the assistant once it is there. Loading happens at most once, in a thread of the caller."""

    def __init__(
        self, api: AssistantApi | None = None, maintenance: Callable[[], Maintenance | None] = lambda: None
    ) -> None:
        self._api, self.maintenance = api, maintenance
        self._error: LeitplankeError | None = None
        self._done = threading.Event()
        self._attempts: set[Attempt] = set()
        if api is not None:
            self._done.set()

    def load(self, factory: Callable[[], AssistantApi]) -> None:
        """Runs ``factory`` and keeps its result, or its error for ``error``. Blocks; returns normally either way."""
        try:
            self._api = factory()
        except LeitplankeError as error:
            self._error = error
        except Exception as error:  # the page must say that loading failed, whatever the reason
            logger.exception("Laden gescheitert")
            self._error = LeitplankeError(
                f"Der Assistent konnte nicht geladen werden ({type(error).__name__}); siehe Protokoll."
            )
        self._done.set()

    @property
    def api(self) -> AssistantApi | None:
        """The assistant, or None while loading or after a failure."""
        return self._api

    @property
    def error(self) -> LeitplankeError | None:
        """Why loading failed."""
        return self._error

    @property
    def state(self) -> State:
        """What can be said to users and monitors."""
        if self._api is not None:
            return State.BEREIT
        return State.FEHLER if self._done.is_set() else State.LAEDT

    @contextmanager
    def wording(self, attempt: Attempt) -> Iterator[None]:
        """The model words something within the block; when that is left, for whatever reason, nobody waits for it."""
        self._attempts.add(attempt)
        try:
            yield
        finally:
            self._attempts.discard(attempt)
            attempt.stop()

    def stop_wording(self) -> None:
        """The page ends: nobody waits for the model any more."""
        for attempt in tuple(self._attempts):
            attempt.stop()

    async def loaded(self, seconds: float = LOAD_SECONDS) -> AssistantApi | None:
        """The assistant as soon as it is there; None if loading failed or takes longer than ``seconds``."""
        deadline = time.monotonic() + seconds
        while not self._done.is_set() and time.monotonic() < deadline:
            await asyncio.sleep(_POLL_SECONDS)
        return self._api


class Desk:
    """Takes questions from the page. ``concurrent`` of them are computed at once; wording by a model counts apart."""

    def __init__(self, backend: Backend, today: Callable[[], dt.date], *, concurrent: int) -> None:
        self.backend = backend
        self.today = today
        self._places = asyncio.Semaphore(concurrent)
        self._aside = asyncio.Semaphore(1)
        self._wording = ThreadPoolExecutor(_WORDING_THREADS, thread_name_prefix="modell")

    async def ask(self, text: str, history: tuple[str, ...]) -> tuple[Question, Answer]:
        """Question and answer as of today; every failure is an answer with its status."""
        question = Question(text, self.today(), history)
        api = await self.backend.loaded()
        if api is None:
            line = str(self.backend.error) if self.backend.error else texts.GERMAN.loading
            return question, self._outcome(question, Status.FEHLER, line)
        async with self._place() as free:
            if not free:
                return question, self._outcome(question, Status.AUSGELASTET, texts.BUSY)
            return question, await self._computed(question, partial(api.answer, question, engine="auszug"))

    async def word(
        self, question: Question, attempt: Attempt, show: Callable[[Answer], None] | None = None
    ) -> Answer | None:
        """The answer worded by the local model; None if nothing better than the extract came of it.

        ``show`` is given, in another thread, every proven state of the wording. Cancelling the awaiting task ends ``attempt`` and with it the model's work.
        """
        api = self.backend.api
        if api is None:
            return None
        with self.backend.wording(attempt):
            wording = partial(api.answer, question, engine="modell", attempt=attempt, show=show)
            answer = await self._computed(question, wording, self._wording)
        return None if answer.status in (Status.FEHLER, Status.AUSGELASTET) else answer

    async def changes(self, question: Question) -> Changes:
        """What would change the verdict; one at a time, because nobody waits for it and answers come first."""
        api = self.backend.api
        if api is None:
            return Changes()
        async with self._aside:
            return await asyncio.to_thread(api.changes, question)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[bool]:
        try:
            await asyncio.wait_for(self._places.acquire(), QUEUE_SECONDS)
        except TimeoutError:
            yield False
            return
        try:
            yield True
        finally:
            self._places.release()

    async def _computed(
        self, question: Question, answering: Callable[[], Answer], threads: ThreadPoolExecutor | None = None
    ) -> Answer:
        """What ``answering`` gives in a thread; every failure is an answer with its status."""
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, answering)
        except LeitplankeError as error:
            return self._outcome(question, Status.FEHLER, str(error))
        except Exception as error:  # one failing question must not take the page down
            # The message could quote the question: only kind and place may reach the log.
            last = error.__traceback__
            while last is not None and last.tb_next is not None:
                last = last.tb_next
            place = f"{last.tb_frame.f_code.co_filename}:{last.tb_lineno}" if last else "?"
            logger.error("unerwarteter Fehler beim Antworten: %s in %s", type(error).__name__, place)
            return self._outcome(question, Status.FEHLER, texts.UNEXPECTED)

    def _outcome(self, question: Question, status: Status, line: str) -> Answer:
        """An answer that the page gives itself, because the assistant could not."""
        return Answer(question.text, status, question.as_of, line, GuidelineInfo("", "", False), "")
