"""Many people at once, and many questions: everybody is told something, and nothing piles up in memory."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections import Counter

import pytest
from conftest import running
from page_clients import PATIENCE, Told, ask_at_once, ask_in_turn
from page_fake import OUTCOMES, FakeAssistant

from assistant.bench import resident_mib
from assistant.types import Status, Verdict
from assistant.web import texts

BUSY = texts.OUTCOMES[Status.AUSGELASTET].word
ANSWERED = texts.VERDICTS[Verdict.BEDINGT].word
PEOPLE = 30
GROWTH_MIB = 16.0
"""More than the allocator's own ups and downs, and less than 300 answers with their pages would take."""


def test_thirty_people_at_once_are_all_answered_or_told_busy(capsys: pytest.CaptureFixture[str]) -> None:
    with running(FakeAssistant(seconds=0.6), concurrent=4) as page:
        told = ask_at_once(page.base, [f"Bedingt: Frage {i}?" for i in range(PEOPLE)])
    words = Counter(answer.word for answer in told)
    assert ANSWERED in words
    assert set(words) <= {BUSY, ANSWERED}, words
    assert words.total() == PEOPLE
    slowest = max(answer.seconds for answer in told)
    assert slowest < PATIENCE
    with capsys.disabled():
        sys.stdout.write(f"\n{PEOPLE} Personen zugleich: {dict(words)}, die letzte nach {slowest:.2f} s\n")


def test_while_every_place_is_taken_everybody_else_is_told_busy_and_later_served() -> None:
    api = FakeAssistant()
    with running(api, concurrent=2) as page:
        held: list[Told] = []
        waiting = threading.Thread(target=lambda: held.extend(ask_at_once(page.base, ["warte", "warte"])))
        waiting.start()
        while len(api.seen) < 2:
            waiting.join(0.05)
        told = ask_at_once(page.base, [f"Bedingt: Frage {i}?" for i in range(PEOPLE)])
        assert {answer.word for answer in told} == {BUSY}
        api.release.set()
        waiting.join(PATIENCE)
        assert [answer.word for answer in held] == [ANSWERED, ANSWERED]
        assert ask_at_once(page.base, ["Verboten: und jetzt?"])[0].word == texts.VERDICTS[Verdict.VERBOTEN].word


def test_hundreds_of_questions_leave_no_session_and_no_growing_memory(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeAssistant()
    kinds = list(OUTCOMES)
    with running(api) as page:
        ask_in_turn(page.base, [f"{kinds[i % len(kinds)]}: warmlaufen {i}?" for i in range(100)])
        gc.collect()
        before = resident_mib(os.getpid())
        told = ask_in_turn(page.base, [f"{kinds[i % len(kinds)]}: Frage {i}?" for i in range(300)])
        api.seen.clear()
        gc.collect()
        after = resident_mib(os.getpid())
        assert all(answer.word for answer in told)
        end = time.monotonic() + 30
        while page.sessions() and time.monotonic() < end:
            time.sleep(0.1)
        assert page.sessions() == 0
    if before is None or after is None:
        pytest.skip("der Speicher eines Prozesses ist hier nicht ablesbar")
    with capsys.disabled():
        sys.stdout.write(f"\nSpeicher nach 100 Fragen {before:.0f} MiB, nach weiteren 300 {after:.0f} MiB\n")
    assert after - before < GROWTH_MIB
