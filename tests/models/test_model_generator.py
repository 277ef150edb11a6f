"""The real llama.cpp in its child process, on a tiny model with random weights."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_gguf import CHATML, INST, NO_SYSTEM, write_tiny_gguf

from assistant.errors import ModelBusy, ModelError
from assistant.models import child as child_module
from assistant.models import generator as generator_module
from assistant.models.child import ModelTooSlow
from assistant.models.generator import LocalGenerator, available_memory_gb, open_generator
from assistant.settings import Settings

Start = Callable[..., LocalGenerator]
ASK = [("system", "Regel der Stadt"), ("user", "Darf ich das?")]


def gone(pid: int, within_s: float = 3.0) -> bool:
    """Whether a process has ended (zombies count as ended)."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_writes_text_and_counts_what_it_cost(start: Start) -> None:
    generator = start()
    text = "".join(generator.stream(ASK, max_tokens=40))
    assert text
    assert generator.last is not None
    assert generator.last.pieces <= 40
    assert generator.last.prompt_tokens > generator.count("Regel der Stadt") + generator.count("Darf ich das?")


def test_same_question_gives_the_same_text_and_reuses_the_prompt(start: Start) -> None:
    generator = start()
    first = "".join(generator.stream(ASK, max_tokens=30))
    assert "".join(generator.stream(ASK, max_tokens=30)) == first
    assert generator.last is not None
    assert generator.last.reused == generator.last.prompt_tokens


def test_second_question_reuses_the_fixed_part(start: Start) -> None:
    generator = start()
    fixed = "Die Regel gilt. " * 20
    list(generator.stream([("system", fixed), ("user", "Darf ich das?")], max_tokens=5))
    list(generator.stream([("system", fixed), ("user", "Muss ich das?")], max_tokens=5))
    assert generator.last is not None
    assert generator.last.reused >= generator.count(fixed)
    assert generator.last.prompt_tokens - generator.last.reused < 60


def test_grammar_decides_what_can_be_written(start: Start) -> None:
    text = "".join(start().stream(ASK, max_tokens=30, grammar='root ::= ("ja" | "nein")'))
    assert text in ("ja", "nein")


def test_unreadable_grammar_is_refused_without_losing_the_process(start: Start) -> None:
    generator = start()
    generator.start()
    before = generator.pid
    with pytest.raises(ModelError, match="grammatik"):
        list(generator.stream(ASK, max_tokens=5, grammar="root ::= ("))
    assert generator.pid == before
    assert list(generator.stream(ASK, max_tokens=5))


def test_answer_is_bounded_by_what_is_left_of_the_context(start: Start) -> None:
    generator = start()
    text = "".join(generator.stream([("user", "Frage " * 90)], max_tokens=100_000))
    assert text
    assert generator.last is not None
    assert generator.last.prompt_tokens + generator.last.pieces <= 1024


def test_prompt_longer_than_the_context_is_one_german_line(start: Start) -> None:
    generator = start()
    with pytest.raises(ModelError, match=r"zu lang \(\d+ von 1024 Token\)"):
        list(generator.stream([("user", "Frage " * 3000)], max_tokens=5))
    assert list(generator.stream(ASK, max_tokens=5))


def test_budget_leaves_room_for_answer_and_frame(start: Start) -> None:
    generator = start(answer_tokens=200)
    assert generator.budget == 1024 - 200 - generator_module.TEMPLATE_MARGIN


@pytest.mark.parametrize("template", [CHATML, NO_SYSTEM, INST, None])
def test_chat_templates_of_different_families(start: Start, tmp_path: Path, template: str | None) -> None:
    path = tmp_path / "m.gguf"
    write_tiny_gguf(path, template=template)
    generator = start(path)
    assert "".join(generator.stream(ASK, max_tokens=10))


def test_thinking_is_switched_off_in_the_template(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    write_tiny_gguf(path)
    counts = []
    for thinking in (False, True):
        generator = start(path, thinking=thinking)
        list(generator.stream(ASK, max_tokens=1))
        assert generator.last is not None
        counts.append(generator.last.prompt_tokens)
    # The closed empty block "<think>\n\n</think>\n\n" stands only in the first prompt.
    assert counts[0] > counts[1]


def test_closing_the_stream_frees_the_model_at_once(start: Start) -> None:
    generator = start()
    stream = generator.stream(ASK, max_tokens=900)
    next(stream)
    began = time.monotonic()
    stream.close()
    assert time.monotonic() - began < 0.5
    assert generator.waiting == 0
    assert list(generator.stream(ASK, max_tokens=3))


def test_cancel_ends_the_reading_of_a_long_prompt(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    write_tiny_gguf(path, context=8192, layers=6)
    generator = start(path, context=8192, deadline_s=600)
    long = [("user", "Die Regel gilt nicht ohne Freigabe und das ist so. " * 90)]
    began = time.monotonic()
    next(generator.stream(long, max_tokens=1))
    whole = time.monotonic() - began
    generator.close()

    again = start(path, context=8192, deadline_s=whole / 4)
    again.start()
    began = time.monotonic()
    with pytest.raises(ModelTooSlow):
        next(again.stream(long, max_tokens=1))
    assert time.monotonic() - began < 0.75 * whole
    pid = again.pid
    assert list(again.stream(ASK, max_tokens=3))
    assert again.pid == pid


def test_deadline_while_writing_is_told_apart_from_a_busy_model(start: Start) -> None:
    generator = start(context=8192, deadline_s=0.4)
    generator.start()
    slow_reader = (time.sleep(0.01) for _ in generator.stream(ASK, max_tokens=8000))
    with pytest.raises(ModelTooSlow):
        list(slow_reader)
    assert generator.waiting == 0


def test_full_line_is_told_at_once(start: Start) -> None:
    generator = start(waiting=1)
    served = generator.stream(ASK, max_tokens=900)
    next(served)
    results: list[str] = []
    second = threading.Thread(target=lambda: results.append("".join(generator.stream(ASK, max_tokens=3))))
    second.start()
    while generator.waiting < 2:
        time.sleep(0.005)
    began = time.monotonic()
    with pytest.raises(ModelBusy, match="ausgelastet"):
        next(generator.stream(ASK, max_tokens=3))
    assert time.monotonic() - began < 0.2
    assert results == []
    served.close()
    second.join(5)
    assert results
    assert results[0]


def test_waiting_past_the_deadline_is_busy(start: Start) -> None:
    generator = start(deadline_s=30)
    served = generator.stream(ASK, max_tokens=900)
    next(served)
    generator._deadline_s = 0.1  # one impatient guest beside a patient one
    with pytest.raises(ModelBusy, match="Frist"):
        next(generator.stream(ASK, max_tokens=3))
    served.close()
    assert generator.waiting == 0


def test_sixteen_at_once_with_four_places(start: Start) -> None:
    generator = start(waiting=4)
    generator.start()
    outcome: list[str] = []
    gate = threading.Barrier(16)

    def ask() -> None:
        gate.wait()
        try:
            outcome.append("text" if "".join(generator.stream(ASK, max_tokens=20)) else "leer")
        except ModelBusy:
            outcome.append("voll")

    guests = [threading.Thread(target=ask) for _ in range(16)]
    for guest in guests:
        guest.start()
    for guest in guests:
        guest.join(30)
    assert len(outcome) == 16
    assert outcome.count("text") >= 5
    assert set(outcome) <= {"text", "voll"}


def test_counting_does_not_wait_for_the_answer_being_written(start: Start) -> None:
    generator = start()
    served = generator.stream(ASK, max_tokens=900)
    next(served)
    assert generator.count("Die Regel gilt") > 0
    served.close()


def test_killed_process_is_noticed_and_replaced(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    generator = start()
    stream = generator.stream(ASK, max_tokens=900)
    next(stream)
    pid = generator.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    with pytest.raises(ModelError, match=r"Signal SIGKILL.*neu gestartet"):
        list(stream)
    assert time.monotonic() - began < 2
    with caplog.at_level(logging.WARNING):
        assert list(generator.stream(ASK, max_tokens=3))
    assert generator.pid not in (None, pid)
    assert "neu gestartet" in caplog.text


def test_process_that_died_between_questions_is_replaced(start: Start) -> None:
    generator = start()
    generator.start()
    pid = generator.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    # The first question may still find the pipe closing; it says so, and the next one is answered.
    try:
        first = list(generator.stream(ASK, max_tokens=3))
    except ModelError:
        first = []
    assert first or list(generator.stream(ASK, max_tokens=3))


def test_hanging_process_is_replaced(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "GRACE_S", 0.3)
    generator = start(deadline_s=0.3)
    generator.start()
    pid = generator.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(ModelTooSlow):
        list(generator.stream(ASK, max_tokens=5))
    assert gone(pid)
    generator._deadline_s = 30  # loading again takes longer than the short deadline above
    assert list(generator.stream(ASK, max_tokens=3))


def test_close_ends_the_process(start: Start) -> None:
    generator = start()
    generator.start()
    pid = generator.pid
    assert pid is not None
    generator.close()
    assert gone(pid)
    with pytest.raises(ModelError, match="beendet worden"):
        next(generator.stream(ASK, max_tokens=3))


def test_child_ends_with_its_parent(tiny_model: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from assistant.models.generator import LocalGenerator\n"
        "g = LocalGenerator(Path(sys.argv[1]), name='w', context=1024, threads=1)\n"
        "s = g.stream([('user', 'Frage')], max_tokens=900); next(s); print(g.pid, flush=True); time.sleep(60)"
    )
    root = str(Path(__file__).resolve().parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tiny_model)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert gone(pid)


def test_file_that_is_no_model(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "kaputt.gguf"
    path.write_bytes(b"GGUF" + b"\x00" * 500)
    generator = start(path)
    with pytest.raises(ModelError, match=r"kaputt\.gguf.*ohne Sprachmodell"):
        generator.start()


def test_truncated_model(start: Start, tiny_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "halb.gguf"
    path.write_bytes(tiny_model.read_bytes()[:200_000])
    with pytest.raises(ModelError, match=r"halb\.gguf.*ohne Sprachmodell"):
        start(path).start()


def test_failed_start_is_not_paid_for_by_every_question(start: Start, tmp_path: Path) -> None:
    generator = start(tmp_path / "fehlt.gguf")
    with pytest.raises(ModelError):
        generator.start()
    began = time.monotonic()
    with pytest.raises(ModelError, match=r"fehlt\.gguf"):
        generator.count("Frage")
    assert time.monotonic() - began < 0.05


def test_missing_library_says_that_it_goes_on_without(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "llama_cpp.py").write_text("raise ImportError('nicht gebaut')", encoding="utf-8")
    environment = child_module._child_environment()  # the child's search path is what is replaced here
    environment["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{environment['PYTHONPATH']}"
    monkeypatch.setattr(child_module, "_child_environment", lambda: environment)
    with pytest.raises(ModelError, match=r"llama-cpp-python.*ohne Sprachmodell weiter"):
        start().start()


def test_too_little_memory_is_said_before_loading(start: Start) -> None:
    if available_memory_gb() is None:
        pytest.skip("braucht /proc/meminfo")
    generator = start(memory_gb=1e6)
    with pytest.raises(ModelError, match=r"braucht 1000000\.0 GB.*ohne Sprachmodell"):
        generator.start()


def test_memory_is_read_from_meminfo(tmp_path: Path) -> None:
    file = tmp_path / "meminfo"
    file.write_text("MemTotal: 9 kB\nMemAvailable:    2097152 kB\n", encoding="ascii")
    assert available_memory_gb(file) == 2.0
    assert available_memory_gb(tmp_path / "fehlt") is None


def test_child_has_neither_network_nor_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    monkeypatch.setenv("HF_TOKEN", "geheim")
    environment = child_module._child_environment()  # the promise is about exactly this
    assert "HTTPS_PROXY" not in environment
    assert "HF_TOKEN" not in environment
    code = (
        "import socket; from assistant.models import worker; worker._no_network()\n"
        "try: socket.create_connection(('127.0.0.1', 9))\n"
        "except PermissionError: print('verweigert')"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "verweigert"


def home_with(tmp_path: Path, sha256: str) -> Path:
    home = tmp_path / "home"
    (home / "models").mkdir(parents=True)
    (home / "models" / "manifest.toml").write_text(
        f"[[modell]]\nname = 'winzling'\nzweck = 'generator'\ndatei = 'winzling.gguf'\nlizenz = 'MIT'\n"
        f"sha256 = '{sha256}'\nkontext = 512\n",
        encoding="utf-8",
    )
    return home


def test_open_generator_end_to_end(tmp_path: Path) -> None:
    home = home_with(tmp_path, "0" * 64)
    assert open_generator(home, Settings()) is None
    digest = write_tiny_gguf(home / "models" / "winzling.gguf")
    with pytest.raises(ModelError, match=rf"Erwartet {'0' * 64}, gefunden {digest}"):
        open_generator(home, Settings())
    manifest = home / "models" / "manifest.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("0" * 64, digest), encoding="utf-8")
    assert open_generator(home, Settings(generator="aus")) is None
    generator = open_generator(home, Settings(modell_antwort_tokens=100, modell_threads=1))
    assert generator is not None
    try:
        assert generator.name == "winzling"
        assert generator.budget == 512 - 100 - generator_module.TEMPLATE_MARGIN
        assert "".join(generator.stream(ASK, max_tokens=5))
    finally:
        generator.close()
