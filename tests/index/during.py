"""Asks from other processes without pause while one home is rebuilt and published again and again.

Run on its own: ``python -m tests.index.during FOLDER ROUNDS [HOME]`` prints one JSON object; HOME is copied first and
opened with the built-in embedder, without it a miniature home is made. In every round a number in one rule's sentence
and in one condition (in the miniature also in a law that the rule cites) goes up, so each generation says which one it
is; an answer whose parts carry different numbers, or another than its generation's, is mixed.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TextIO

import numpy as np

from assistant.ask.service import AssistantService
from assistant.index import generation as gen
from assistant.index.build import build
from assistant.models.embedder import open_embedder
from assistant.settings import Settings
from assistant.types import Embedder, Lane, Question, Status
from tests.conftest import NOW, ROOT, TODAY, HashEmbedder, write_mini_corpus

MARK = re.compile(r"Nummer (\d+)\.")
ASKERS = 2
THREADS = 2
"""In each process, as a page has them: while one question opens the new generation, others come."""
QUIET_S = 3.0
SWAP_S = 1.0
"""How long after a publication a question counts as asked during the swap."""


def embedder_of(home: Path) -> Embedder:
    """The built-in embedder where there is one, else that of the tests."""
    return open_embedder(home, "eingebaut") if (home / "models" / "eingebaut").is_dir() else HashEmbedder()


def marked_rule(home: Path) -> tuple[Path, str, str]:
    """(chapter, id, first example question) of the first rule that can be permitted."""
    for chapter in sorted((home / "corpus" / "leitlinie").glob("*.md")):
        found = re.search(r"^id: (\S+)\nurteil: erlaubt$.*?^fragen:\n\s+- \"?(.*?)\"?$", chapter.read_text(), re.M | re.S)
        if found:
            return chapter, found[1], found[2]
    raise ValueError("no rule that permits")


def mark(home: Path, number: int) -> None:
    """Let this home say which generation it becomes."""
    chapter, rule, _ = marked_rule(home)
    text = chapter.read_text()
    start = text.index(f"id: {rule}\n")
    head, block = text[:start], text[start:]
    block = re.sub(r"^satz: .*$", f'satz: "Erlaubt ist es nach Nummer {number}."', block, count=1, flags=re.M)
    block = re.sub(
        r"^bedingungen:.*?(?=^\w)", f'bedingungen: ["Bedingung Nummer {number}."]\n', block, count=1, flags=re.M | re.S
    )
    chapter.write_text(head + block)
    digest = home / "corpus" / "recht" / "dsgvo.md"
    if "Nur so viele Daten" in digest.read_text():
        digest.write_text(re.sub(r"wie nötig.*", f"wie nötig nach Nummer {number}.", digest.read_text()))


def ask(home: Path, out: Path) -> None:
    """Until the file "ende" is there: answer and search in several threads of one service, one JSON line each."""
    service = AssistantService(home, Settings(), embedder_of(home), None)
    with out.open("w") as lines, ThreadPoolExecutor(THREADS) as pool:
        for asking in [pool.submit(_ask, service, home, lines) for _ in range(THREADS)]:
            asking.result()
    service.close()


def _ask(service: AssistantService, home: Path, lines: TextIO) -> None:
    _, rule, text = marked_rule(home)
    question = Question(text, TODAY)
    while not (home / "ende").exists():
        started = time.time()
        answer = service.answer(question)
        answered = time.time()
        with service.pinned() as index:
            index.search(text, Lane.LEITLINIE, 10)
        searched = time.time()
        words = " ".join([answer.text, *answer.conditions, *(c.quote for c in answer.citations)])
        row = {
            "um": started, "antwort": answered - started, "suche": searched - answered, "generation": answer.generation,
            "nummern": sorted({int(n) for n in MARK.findall(words)}),
            "gut": answer.status is Status.BEANTWORTET and rule in answer.rules,
        }  # fmt: skip
        lines.write(json.dumps(row) + "\n")
        lines.flush()


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Number, and median, 99th percentile and maximum in milliseconds."""
    if not seconds:
        return {"zahl": 0}
    p50, p99, most = (round(float(v) * 1000, 2) for v in np.percentile(seconds, [50, 99, 100]))
    return {"zahl": len(seconds), "p50_ms": p50, "p99_ms": p99, "max_ms": most}


def series(folder: Path, rounds: int, source: Path | None = None) -> dict[str, object]:
    """Failed and mixed answers, answers by generation, and times in quiet, while building and during swaps."""
    home = folder / "heim"
    if source is None:
        home.mkdir()
        write_mini_corpus(home)
    else:
        for part in ("corpus", "models"):
            shutil.copytree(source / part, home / part)
    embedder = embedder_of(home)
    mark(home, 0)
    numbers = {build(home, embedder, NOW).generation: 0}
    outs = [folder / f"antworten-{n}.jsonl" for n in range(ASKERS)]
    command = [sys.executable, "-m", "tests.index.during", "--fragen", str(home)]
    askers = [subprocess.Popen([*command, str(out)], cwd=ROOT) for out in outs]
    swaps = []
    try:
        _wait_for(outs)
        began = time.time()
        time.sleep(QUIET_S)
        building = time.time()
        for number in range(1, rounds + 1):
            mark(home, number)
            name = build(home, embedder, NOW).generation
            numbers[name] = number
            swaps.append(time.time())
            gen.publish(home / "index", name, when=NOW.isoformat(), by="A. Beispiel", comment=str(number))
            time.sleep(SWAP_S)
    finally:
        (home / "ende").touch()
        ended = [asker.wait(60) for asker in askers]
    rows = [json.loads(line) for out in outs for line in out.read_text().splitlines()]
    return {**judged(rows, numbers, began, building, swaps), "enden": ended}


def _wait_for(outs: list[Path]) -> None:
    until = time.monotonic() + 120
    while not all(out.is_file() and out.stat().st_size for out in outs):
        if time.monotonic() > until:
            raise TimeoutError("the askers did not begin")
        time.sleep(0.05)


def judged(
    rows: list[dict[str, object]], numbers: dict[str, int], began: float, building: float, swaps: list[float]
) -> dict[str, object]:
    """What came out; noticed is the longest time after a publication that an answer still came from before."""
    times: dict[str, dict[str, list[float]]] = {kind: {"ruhe": [], "bau": [], "wechsel": []} for kind in ("antwort", "suche")}
    late = 0.0
    for row in rows:
        at = float(str(row["um"]))
        before = [s for s in swaps if s <= at]
        kind = "wechsel" if before and at - before[-1] <= SWAP_S else "bau" if at >= building else "ruhe"
        if at >= began:
            for what, kinds in times.items():
                kinds[kind].append(float(str(row[what])))
        if before and numbers[str(row["generation"])] < len(before):
            late = max(late, at - before[-1])
    return {
        "antworten": len(rows), "gescheitert": sum(not row["gut"] for row in rows),
        "gemischt": sum(row["nummern"] != [numbers.get(str(row["generation"]))] for row in rows),
        "generationen": dict(Counter(numbers[str(row["generation"])] for row in rows)), "noch_alte_s": round(late, 3),
        **{what: {kind: percentiles(values) for kind, values in kinds.items()} for what, kinds in times.items()},
    }  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1] == "--fragen":
        ask(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        given = Path(sys.argv[3]).resolve() if len(sys.argv) > 3 else None
        sys.stdout.write(json.dumps(series(Path(sys.argv[1]), int(sys.argv[2]), given), indent=1) + "\n")
