"""A child process reads for us: its result comes back, and whatever happens to it ends in one German line."""

from __future__ import annotations

import datetime as dt
import os
import pickle
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from assistant.corpus import limited
from assistant.corpus.lawtext import LawText
from assistant.corpus.limited import Limits, run_limited
from assistant.errors import CorpusError, ImportRefused, RuleError
from assistant.types import Kind, Provision

LAW = LawText(
    "Titel", "TestG", dt.date(2026, 1, 2), None, "", "",
    (Provision("TestG § 1", "§ 1 TestG", "testg", ("Teil", "§ 1"), "Wörtlich „so“.", Kind.GESETZ),),
)  # fmt: skip


# What the child runs; pickled by name, so they are functions of this module.


def give_law(text: str) -> LawText:
    assert text == "hin"
    return LAW


def sleep_long() -> None:
    time.sleep(60)


def spin() -> None:
    while True:
        pass


def take_memory() -> int:
    return len([bytearray(50_000_000) for _ in range(100)])


def answer_much() -> bytes:
    return b"x" * 5_000_000


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def leave() -> None:
    os._exit(7)


def raise_rule_error() -> None:
    raise RuleError("datei.md, Zeile 3: urteil fehlt.")


def raise_unforeseen() -> None:
    raise ZeroDivisionError("geheim: Inhalt der Datei")


def go_deep() -> int:
    return 1 + go_deep()


def give_path() -> Path:
    return Path("/etc/passwd")


def print_loudly() -> str:
    sys.stdout.write("ein Parser redet mit")
    os.system("echo auch am Interpreter vorbei")  # noqa: S605 - fixed text
    return "Ergebnis"


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("true",)


def give_evil() -> Evil:
    return Evil()


def test_values_of_ours_come_back_equal() -> None:
    assert run_limited(give_law, "hin", name="a.xml") == LAW


def test_what_a_parser_prints_is_no_part_of_the_result() -> None:
    assert run_limited(print_loudly, name="a.pdf") == "Ergebnis"


def test_an_error_of_ours_keeps_its_class_and_text() -> None:
    with pytest.raises(RuleError, match=r"^datei\.md, Zeile 3: urteil fehlt\.$"):
        run_limited(raise_rule_error, name="datei.md")


@pytest.mark.parametrize(
    ("function", "limits", "message"),
    [
        (sleep_long, Limits(seconds=0.7), "nach 1 Sekunden abgebrochen"),
        (spin, Limits(seconds=0.7), "nach 1 Sekunden abgebrochen"),
        (take_memory, Limits(memory_mb=300), "300 MB Arbeitsspeicher"),
        (answer_much, Limits(answer_mb=2), "größer als 2 MB"),
        (crash, Limits(), "Signal 11"),
        (leave, Limits(), "Status 7"),
        (raise_unforeseen, Limits(), "ZeroDivisionError"),
        (go_deep, Limits(), "verschachtelt"),
        (give_path, Limits(), "unbrauchbar"),
        (give_evil, Limits(), "unbrauchbar"),
    ],
)
def test_a_limit_a_crash_or_a_hang_is_one_german_line(function: Any, limits: Limits, message: str) -> None:
    started = time.monotonic()
    with pytest.raises(ImportRefused, match=message) as caught:
        run_limited(function, name="böse.docx", limits=limits)
    line = str(caught.value)
    assert line.startswith("böse.docx: ")
    assert "\n" not in line
    assert "geheim" not in line
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "forged",
    [
        pickle.dumps(("done", Evil())),
        pickle.dumps(("done", os.system)),
        b"cassistant.corpus.limited\nsubprocess\n.",
        b"cassistant.corpus.limited\nrun_limited\n.",
        b"\x80\x04.",
        b"",
    ],
)
def test_an_answer_cannot_name_anything_but_our_values(forged: bytes) -> None:
    with pytest.raises(ImportRefused, match="unbrauchbar"):
        limited._result(forged, "x", Limits())


def test_an_unknown_kind_of_error_is_a_refusal() -> None:
    for kind in ("annotations", "Unbekannt", "ImportRefused"):
        with pytest.raises(ImportRefused, match="Grund"):
            limited._result(pickle.dumps((kind, "Grund")), "x", Limits())


def test_large_files_get_a_minute() -> None:
    assert Limits.for_size(10_000).seconds == 10.0
    assert Limits.for_size(20_000_000).seconds == 60.0


def say_who_and_sleep(note: str) -> None:
    Path(note).write_text(str(os.getpid()))
    time.sleep(60)


def test_a_stopped_child_is_gone(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(CorpusError):
        run_limited(say_who_and_sleep, str(note), name="x", limits=Limits(seconds=1.5))
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)
