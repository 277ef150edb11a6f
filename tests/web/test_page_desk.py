"""Waiting until the assistant is loaded, telling busy, and never failing or logging a question."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from page_fake import DAY, FakeAssistant

from assistant.errors import NoIndex
from assistant.models.line import Attempt
from assistant.types import Question, Status
from assistant.web import desk as desk_module
from assistant.web import texts
from assistant.web.desk import Backend, Desk, State


def make(api: FakeAssistant | None, concurrent: int = 2) -> Desk:
    return Desk(Backend(api), lambda: DAY, concurrent=concurrent)


def test_a_question_is_asked_as_of_today_with_its_history() -> None:
    api = FakeAssistant()
    question, answer = asyncio.run(make(api).ask("Bedingt?", ("davor",)))
    assert question == Question("Bedingt?", DAY, ("davor",))
    assert answer.status is Status.BEANTWORTET
    assert api.seen == [(question, "auszug")]


def test_a_question_waits_until_the_assistant_is_loaded() -> None:
    async def ask() -> Status:
        desk = make(None)
        threading.Timer(0.2, desk.backend.load, [FakeAssistant]).start()
        return (await desk.ask("Bedingt?", ()))[1].status

    assert asyncio.run(ask()) is Status.BEANTWORTET


def test_a_failed_start_is_told_in_its_own_words() -> None:
    def broken() -> FakeAssistant:
        raise NoIndex("Es gibt keinen Index. Mit „leitplanke index build“ bauen.")

    desk = make(None)
    desk.backend.load(broken)
    answer = asyncio.run(desk.ask("Bedingt?", ()))[1]
    assert desk.backend.state is State.FEHLER
    assert (answer.status, answer.text) == (Status.FEHLER, "Es gibt keinen Index. Mit „leitplanke index build“ bauen.")


def test_an_unexpected_failure_while_loading_becomes_one_german_line(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> FakeAssistant:
        raise RuntimeError("boom")

    backend = Backend()
    backend.load(broken)
    assert "RuntimeError" in str(backend.error)
    assert "boom" in caplog.text


def test_too_many_questions_at_once_are_told_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "QUEUE_SECONDS", 0.1)
    api = FakeAssistant()

    async def ask() -> list[Status]:
        desk = make(api, concurrent=1)
        first = asyncio.create_task(desk.ask("warte", ()))
        await asyncio.sleep(0.05)
        second = await desk.ask("Bedingt?", ())
        api.release.set()
        third = await desk.ask("Bedingt?", ())
        return [(await first)[1].status, second[1].status, third[1].status]

    assert asyncio.run(ask()) == [Status.BEANTWORTET, Status.AUSGELASTET, Status.BEANTWORTET]


def test_an_unexpected_failure_is_an_answer_and_its_log_does_not_quote_the_question(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = asyncio.run(make(FakeAssistant()).ask("kaputt geheimes Wort", ()))[1]
    assert (answer.status, answer.text) == (Status.FEHLER, texts.UNEXPECTED)
    assert "ValueError" in caplog.text
    assert "geheimes" not in caplog.text


def test_an_error_line_is_shown_as_it_is() -> None:
    assert "Der Index ist beschädigt." in asyncio.run(make(FakeAssistant()).ask("unlesbar", ()))[1].text


def test_wording_that_fails_leaves_the_extract() -> None:
    desk = make(FakeAssistant(model="m"))
    assert asyncio.run(desk.word(Question("kaputt", DAY), Attempt())) is None
    worded = asyncio.run(desk.word(Question("Bedingt?", DAY), Attempt()))
    assert worded is not None
    assert worded.written_by == "m"


def test_a_full_line_before_the_model_never_delays_an_answer() -> None:
    api = FakeAssistant(model="m", model_seconds=20)

    async def asking() -> float:
        desk = make(api, concurrent=8)
        waiting = [asyncio.ensure_future(desk.word(Question(f"Bedingt {i}?", DAY), Attempt())) for i in range(40)]
        while len(api.seen) < 40:
            await asyncio.sleep(0.01)
        began = time.monotonic()
        await desk.ask("Bedingt?", ())
        passed = time.monotonic() - began
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return passed

    assert asyncio.run(asking()) < 1


def test_cancelling_the_wording_stops_the_model() -> None:
    api = FakeAssistant(model="m", model_seconds=20)
    attempt = Attempt()

    async def leaving() -> None:
        task = asyncio.ensure_future(make(api).word(Question("Bedingt?", DAY), attempt))
        while not api.seen:
            await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(leaving())
    assert attempt.stopped


def test_the_end_of_the_page_stops_every_wording() -> None:
    api = FakeAssistant(model="m", model_seconds=20)

    async def ending() -> int:
        desk = make(api)
        tasks = [asyncio.ensure_future(desk.word(Question(f"Bedingt {i}?", DAY), Attempt())) for i in range(3)]
        while len(api.seen) < 3:
            await asyncio.sleep(0.01)
        desk.backend.stop_wording()
        await asyncio.gather(*tasks)
        return api.stopped

    assert asyncio.run(ending()) == 3
