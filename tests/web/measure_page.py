"""Figures of the page of one installation, printed as one JSON object.

``python tests/web/measure_page.py HOME viele|speicher|start`` starts ``leitplanke serve`` over HOME on a free port, and

- ``viele`` lets 30 people ask at the same moment, five times: the slowest until answer or "busy", and what was told;
- ``speicher`` asks 2,000 questions of the question bank, four at a time, each in a window of its own, and gives the
  memory of the server (resident, MiB) before, and after 500, 1,000, 1,500 and 2,000;
- ``start`` opens the page and a bare Gradio chat five times in turn, in browsers that have cached nothing: seconds
  until a question can be typed, seconds from Enter to the verdict (the reply), medians, and the ratios of the medians.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "web")]

from page_browser import Browser, missing  # noqa: E402
from page_clients import ask_at_once, ask_in_turn  # noqa: E402

from assistant.bench import resident_mib  # noqa: E402

PEOPLE = 30
ROUNDS = 5
STEPS = (500, 1000, 1500, 2000)
QUESTION = "Muss ich ein KI-Bild auf der Homepage kennzeichnen?"
BARE = """
import sys, gradio as gr
chat = gr.ChatInterface(lambda message, history: "Antwort")
chat.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)
"""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int, path: str, home: str) -> Iterator[tuple[str, int]]:
    """Address and process of a server, once it answers ``path``."""
    environment = {**os.environ, "LEITPLANKE_HOME": home, "GRADIO_ANALYTICS_ENABLED": "False"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    base = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(240):
            try:
                urlopen(base + path, timeout=5).close()
                break
            except OSError:
                time.sleep(0.5)
        yield base, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _page(home: str) -> Any:
    port = _free_port()
    command = [sys.executable, "-m", "assistant", "serve", "--port", str(port)]
    return _running(command, port, "gesundheit", home)


def _bank(home: str) -> list[str]:
    """The question bank, mixed: its files hold one kind of question after the other."""
    files = sorted((Path(home) / "corpus" / "fragen").glob("*.jsonl"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    random.Random(7).shuffle(lines)
    return [json.loads(line)["frage"] for line in lines]


def many(home: str) -> dict[str, Any]:
    """30 people at the same moment."""
    questions = _bank(home)
    slowest, told = [], Counter[str]()
    with _page(home) as (base, _):
        ask_in_turn(base, questions[-3:])  # the first ones load what later ones have
        for i in range(ROUNDS):
            answers = ask_at_once(base, questions[i * PEOPLE : (i + 1) * PEOPLE])
            slowest.append(round(max(answer.seconds for answer in answers), 2))
            told.update(answer.word or "nichts" for answer in answers)
    return {"personen": PEOPLE, "laengste_s": slowest, "gesagt": dict(told)}


def memory(home: str) -> dict[str, Any]:
    """Memory over many questions."""
    questions = iter(islice(cycle(_bank(home)), STEPS[-1]))
    with _page(home) as (base, pid):
        ask_in_turn(base, [QUESTION])
        resident, asked = {"0": round(resident_mib(pid) or 0, 1)}, 0
        unanswered = 0
        for step in STEPS:
            answers = ask_in_turn(base, list(islice(questions, step - asked)))
            unanswered += sum(not answer.word for answer in answers)
            asked = step
            resident[str(step)] = round(resident_mib(pid) or 0, 1)
    return {"fragen": asked, "ohne_antwort": unanswered, "speicher_mib": resident}


def start(home: str) -> dict[str, Any]:
    """Seconds to a usable page and to the verdict, beside a bare Gradio chat."""
    if reason := missing():
        raise SystemExit(reason)
    port = _free_port()
    bare = _running([sys.executable, "-c", BARE, str(port)], port, "", home)
    with _page(home) as (ours, _), bare as (theirs, _):
        pairs = [
            (_opened(ours, "#frage textarea", ".lp-wort"), _opened(theirs, "textarea", "[data-testid=bot]"))
            for _ in range(ROUNDS)
        ]
    result: dict[str, Any] = {}
    for i, what in enumerate(("bedienbar_s", "urteil_s")):
        own, other = (median(times[i] for times in column) for column in zip(*pairs, strict=True))
        result[what] = {"seite": round(own, 2), "gradio": round(other, 2), "verhaeltnis": round(own / other, 2)}
    return result


def _opened(base: str, box: str, reply: str) -> tuple[float, float]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(base, Path(profile))
        try:
            started = time.monotonic()
            browser.open()
            browser.until(lambda: browser.all(box))
            usable = time.monotonic() - started
            time.sleep(1.5)  # what the page still loads must not count as answering
            browser.one(box).send_keys(QUESTION)
            started = time.monotonic()
            browser.one(box).send_keys("\n")
            browser.until(lambda: browser.all(reply))
            return usable, time.monotonic() - started
        finally:
            browser.close()


KINDS = {"viele": many, "speicher": memory, "start": start}

if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[2] not in KINDS:
        raise SystemExit("Aufruf: python tests/web/measure_page.py HEIM viele|speicher|start")
    print(json.dumps(KINDS[sys.argv[2]](sys.argv[1]), ensure_ascii=False))  # noqa: T201
