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
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum

from assistant.errors import LeitplankeError
from assistant.types import Answer, GuidelineInfo, Question, Status
from assistant.web import texts
from assistant.web.api import AssistantApi

logger = logging.getLogger(__name__)

QUEUE_SECONDS = 2.0
LOAD_SECONDS = 120.0
_POLL_SECONDS = 0.1


class State(StrEnum):
    """Whether questions can be answered; the German words appear in the health endpoint."""

    LAEDT = "laedt"
    BEREIT = "bereit"
    FEHLER = "fehler"


class Backend:
    """Holds the assistant once it is there. Loading happens at most once, in a thread of the caller."""

    def __init__(self, api: AssistantApi | None = None) -> None:
        self._api = api
        self._error: LeitplankeError | None = None
        self._done = threading.Event()
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

    async def ask(self, text: str, history: tuple[str, ...]) -> tuple[Question, Answer]:
        """Question and answer as of today; every failure is an answer with its status."""
        question = Question(text, self.today(), history)
        api = await self.backend.loaded()
        if api is None:
            line = str(self.backend.error) if self.backend.error else texts.LOADING
            return question, self._outcome(question, Status.FEHLER, line)
        async with self._place() as free:
            if not free:
                return question, self._outcome(question, Status.AUSGELASTET, texts.BUSY)
            return question, await self._answer(api, question, "auszug")

    async def word(self, question: Question) -> Answer | None:
        """The answer worded by the local model; None if nothing better than the extract came of it."""
        api = self.backend.api
        if api is None:
            return None
        answer = await self._answer(api, question, "modell")
        return None if answer.status in (Status.FEHLER, Status.AUSGELASTET) else answer

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

    async def _answer(self, api: AssistantApi, question: Question, engine: str) -> Answer:
        try:
            return await asyncio.to_thread(api.answer, question, engine=engine)
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
