"""Many users, many questions, stop and sudden death: the model is never in anybody's way."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tiny_gguf import WORDS, write_tiny_gguf

from assistant.ask import wording
from assistant.ask.prompt import fixed_part
from assistant.ask.service import AssistantService
from assistant.models.child import Child, ChildOptions
from assistant.models.generator import LocalGenerator
from assistant.models.line import Attempt, Line, ModelStopped
from assistant.types import Question, Status
from assistant.web.desk import Backend, Desk
from tests.conftest import TODAY

Start = Callable[..., LocalGenerator]
ASK = [("system", "Regel der Stadt"), ("user", "Darf ich das?")]
LETTER = Question("Darf ich ein Rundschreiben mit KI entwerfen lassen?", TODAY)
PROVEN = "Satz der Regel texte. [1]"
"""The sentence of the rule that governs ``LETTER`` in the miniature home; a grammar makes the tiny model write it."""


@pytest.fixture(scope="module")
def word_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with the words of the prompt, so that this has a natural number of tokens."""
    path = tmp_path_factory.mktemp("woerter") / "woerter.gguf"
    words = dict.fromkeys([*WORDS, *re.findall(r"[A-Za-zÄÖÜäöüß]+", fixed_part())])
    write_tiny_gguf(path, words=list(words), context=4096)
    return path


@pytest.fixture
def service(ready_home: Path, word_model: Path) -> Iterator[AssistantService]:
    """The miniature home with the tiny model behind a line of four."""
    opened = AssistantService.open(ready_home, with_model=False)
    opened._generator = LocalGenerator(word_model, name="woerter", context=4096, threads=1, waiting=4, answer_tokens=80)
    yield opened
    opened.close()


def model_of(service: AssistantService) -> LocalGenerator:
    assert isinstance(service._generator, LocalGenerator)
    return service._generator


def resident_mb(pid: int) -> float:
    """Memory of a process in RAM."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        pytest.skip("braucht /proc")


def test_sixteen_users_get_the_verdict_within_a_second_and_wording_or_the_note(
    service: AssistantService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording, "source_grammar", lambda _numbers: f'root ::= "{PROVEN}"')
    service.warm_model()
    slowest: list[float] = []

    async def user(desk: Desk, begin: asyncio.Event) -> tuple[str, str]:
        await begin.wait()
        began = time.monotonic()
        question, answer = await desk.ask(LETTER.text, ())
        slowest.append(time.monotonic() - began)
        assert answer.status is Status.BEANTWORTET
        assert answer.verdict
        assert answer.citations
        worded = await desk.word(question, Attempt())
        assert worded is not None
        assert (worded.verdict, worded.conditions, worded.citations) == (
            answer.verdict, answer.conditions, answer.citations,
        )  # fmt: skip
        return worded.written_by, worded.notes[-1].code if worded.notes else ""

    async def all_users() -> list[tuple[str, str]]:
        desk, begin = Desk(Backend(service), lambda: TODAY, concurrent=8), asyncio.Event()
        users = [asyncio.ensure_future(user(desk, begin)) for _ in range(16)]
        await asyncio.sleep(0)
        begin.set()
        return await asyncio.gather(*users)

    before = model_of(service).pid
    outcomes = asyncio.run(all_users())
    assert all(by == "woerter" or code == "modell_ausgelastet" for by, code in outcomes)
    assert sum(by == "woerter" for by, _ in outcomes) >= 5
    assert model_of(service).pid == before
    assert max(slowest) < 3  # a hang, not a time: other work on the machine must not fail the test


def test_memory_stays_flat_over_many_requests(start: Start) -> None:
    generator = start()
    generator.start()
    pid, sizes = generator.pid, []
    assert pid is not None
    for number in range(200):
        for _ in generator.stream([ASK[0], ("user", f"Darf ich das {number}?")], max_tokens=8, grammar="root ::= [a-z]+"):
            pass
        if number in (60, 199):
            sizes.append((resident_mb(pid), resident_mb(os.getpid())))
    (model_before, own_before), (model_after, own_after) = sizes
    assert generator.pid == pid
    assert model_after - model_before < 4
    assert own_after - own_before < 4


def test_cancel_frees_the_worker_within_two_tokens(tmp_path: Path) -> None:
    path = tmp_path / "langsam.gguf"
    write_tiny_gguf(path, layers=6, width=512)
    child = Child(ChildOptions(path, 1024, 1, False, None, 60.0))
    try:
        number, inbox = child.request(
            "generate", messages=[["user", "Darf ich das?"]], max_tokens=900, grammar=None
        )
        for _ in range(4):
            assert inbox.get(timeout=30)["event"] == "text"
        already = inbox.qsize()  # written, but not yet read by us
        child.cancel(number)
        event, written = inbox.get(timeout=30), 0
        while event["event"] == "text":
            written += 1
            event = inbox.get(timeout=30)
        assert (event["event"], event["reason"]) == ("done", "cancelled")
        assert written - already <= 2
    finally:
        child.stop()


def test_stop_from_another_thread_frees_the_model(start: Start) -> None:
    generator, attempt = start(), Attempt()
    stream = generator.stream(ASK, max_tokens=900, attempt=attempt)
    next(stream)
    assert attempt.ahead == 0
    attempt.stop()
    with pytest.raises(ModelStopped):
        list(stream)
    assert generator.waiting == 0
    assert attempt.ahead is None
    assert list(generator.stream(ASK, max_tokens=3))


def test_stop_ends_the_waiting_in_the_line(start: Start) -> None:
    generator = start(deadline_s=60)
    served = generator.stream(ASK, max_tokens=900)
    next(served)
    attempts, gone = [Attempt() for _ in range(3)], []

    def wait(attempt: Attempt) -> None:
        try:
            list(generator.stream(ASK, max_tokens=3, attempt=attempt))
        except ModelStopped:
            gone.append(attempt)

    guests = []
    for place, attempt in enumerate(attempts, start=1):
        guests.append(threading.Thread(target=wait, args=(attempt,)))
        guests[-1].start()
        while attempt.ahead != place:
            time.sleep(0.005)
    attempts[1].stop()
    guests[1].join(5)
    assert gone == [attempts[1]]
    assert (attempts[0].ahead, attempts[2].ahead) == (1, 2)
    served.close()
    for guest in guests:
        guest.join(10)
    assert gone == [attempts[1]]
    assert generator.waiting == 0


def test_an_attempt_given_up_before_it_began_costs_nothing(start: Start) -> None:
    generator, attempt = start(), Attempt()
    attempt.stop()
    with pytest.raises(ModelStopped):
        next(generator.stream(ASK, max_tokens=3, attempt=attempt))
    assert generator.pid is None


def test_several_seats_are_served_at_once() -> None:
    line, attempts, came = Line(places=1, seats=2), [Attempt(), Attempt(), Attempt()], []
    until = time.monotonic() + 5

    def come() -> None:
        with line.turn(until, attempts[2]):
            came.append(attempts[2].ahead)

    waiting = threading.Thread(target=come)
    with line.turn(until, attempts[0]), line.turn(until, attempts[1]):
        waiting.start()
        while attempts[2].ahead is None:
            time.sleep(0.005)
        assert [a.ahead for a in attempts] == [0, 0, 1]
        assert came == []
    waiting.join(5)
    assert came == [0]


def test_a_stopped_wording_leaves_the_answer_with_its_own_note(service: AssistantService) -> None:
    attempt = Attempt()
    attempt.stop()
    extract, worded = service.answer(LETTER), service.answer(LETTER, engine="modell", attempt=attempt)
    assert (worded.text, worded.written_by) == (extract.text, "auszug")
    assert [n.code for n in worded.notes] == [*(n.code for n in extract.notes), "modell_abgebrochen"]


def test_a_model_killed_in_the_middle_is_a_note_and_the_next_question_is_worded(
    service: AssistantService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording, "source_grammar", lambda _numbers: f'root ::= "{PROVEN}" [a-z ]*')
    service.warm_model()
    pid = model_of(service).pid
    assert pid is not None

    def kill(_answer: object) -> None:
        os.kill(pid, signal.SIGKILL)

    struck = service.answer(LETTER, engine="modell", show=kill)
    assert struck.notes[-1].code == "modell_fehler"
    assert struck.text == service.answer(LETTER).text
    monkeypatch.setattr(wording, "source_grammar", lambda _numbers: f'root ::= "{PROVEN}"')
    assert service.answer(LETTER, engine="modell").written_by == "woerter"
    assert model_of(service).pid not in (None, pid)


def test_warming_up_reads_what_stands_before_every_question(
    service: AssistantService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording, "source_grammar", lambda _numbers: f'root ::= "{PROVEN}"')
    service.warm_model()
    model = model_of(service)
    assert service.answer(LETTER, engine="modell").written_by == "woerter"
    assert model.last is not None
    assert model.last.reused >= model.count(fixed_part())


def test_a_model_that_cannot_be_loaded_does_not_stop_the_warm_up(
    service: AssistantService, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service._generator = LocalGenerator(tmp_path / "fehlt.gguf", name="fehlt")
    service.warm_model()
    assert "fehlt.gguf" in caplog.text
    assert service.answer(LETTER, engine="modell").notes[-1].code == "modell_fehler"
