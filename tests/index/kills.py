"""Kills a process that builds and publishes, over and over, and looks at what is left each time.

Run on its own for a longer series: ``python -m tests.index.kills FOLDER NUMBER [SEED]`` prints one JSON object. Every trial
starts from a copy of one home with a published generation and an edited rule, forks a process that builds and
publishes, ends it with SIGKILL, and then examines the home in a second process.
"""

from __future__ import annotations

import dataclasses
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

# Once, before the forks: importing these takes longer than a build.
import chromadb  # noqa: F401
import sklearn.linear_model  # noqa: F401

from assistant.ask.pipeline import answer_question
from assistant.index import generation as gen
from assistant.index.build import build
from assistant.index.published import PublishedIndex
from assistant.types import Question, Verdict
from tests.conftest import NOW, TODAY, HashEmbedder, write_mini_corpus

OLD, NEW = "Satz der Regel texte.", "Neuer Satz der Regel texte."
ASKED = Question("Darf ich ein Rundschreiben entwerfen lassen?", TODAY)
STEPS = (
    "Passagen einbetten", "Fragen einbetten", "Wörter erfassen", "Regelwahl anpassen", "Vektoren ablegen", "Prüfen",
)  # fmt: skip
WATCHED = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"})


@dataclasses.dataclass(frozen=True)
class Trial:
    """How one attempt was ended: at a named step, before the nth file operation in ``index/``, or after some time."""

    kind: str
    at: str | int | float


def make_template(folder: Path) -> None:
    """A home with one published generation and an edit that is not yet built."""
    folder.mkdir()
    write_mini_corpus(folder)
    build(folder, HashEmbedder(), NOW)
    chapter = folder / "corpus" / "leitlinie" / "01-regeln.md"
    chapter.write_text(chapter.read_text().replace(OLD, NEW))


def _forked(work: Callable[[], None]) -> int:
    """Process id of a child that does this work; it ends with 0, or with 1 and a traceback on stderr."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _waited(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def build_and_publish(home: Path, trial: Trial) -> None:
    """What is killed."""
    index, count = home / "index", 0

    def before_operation(event: str, args: tuple[object, ...]) -> None:
        nonlocal count
        if event in WATCHED and args and str(index) in str(args[0]):
            count += 1
            if count == trial.at:
                os.kill(os.getpid(), signal.SIGKILL)

    def progress(step: str, done: int, total: int) -> None:
        if trial.kind == "schritt" and step == trial.at:
            os.kill(os.getpid(), signal.SIGKILL)

    if trial.kind == "datei":
        sys.addaudithook(before_operation)
    built = build(home, HashEmbedder(), NOW, progress)
    gen.publish(index, built.generation, when=NOW.isoformat(), by="A. Beispiel", comment="Probe")


def count_operations(home: Path) -> int:
    """How many file operations in ``index/`` one build and publication takes."""

    def work() -> None:
        seen = 0

        def look(event: str, args: tuple[object, ...]) -> None:
            nonlocal seen
            if event in WATCHED and args and str(home / "index") in str(args[0]):
                seen += 1

        sys.addaudithook(look)
        build_and_publish(home, Trial("keiner", 0))
        (home / "zahl").write_text(str(seen))

    if _waited(_forked(work)) != 0:
        raise RuntimeError("the build that is not killed failed")
    return int((home / "zahl").read_text())


def examine(home: Path, before: str) -> None:
    """One complete published generation answers with its own sentence; the next build and publication mend the rest."""
    index = home / "index"
    _answers(index, NEW if gen.current(index) != before else OLD)
    assert gen.read_log(index)[0]["generation"] == before
    built = build(home, HashEmbedder(), NOW)
    gen.publish(index, built.generation, when=NOW.isoformat(), by="A. Beispiel", comment="danach")
    _answers(index, NEW)
    gen.check_published(index)
    assert not [*index.glob(".g-*"), *index.glob(".*.neu")], "something unfinished was left"


def _answers(index: Path, sentence: str) -> None:
    opened = PublishedIndex(gen.current_folder(index), HashEmbedder())
    opened.verify()
    answer = answer_question(ASKED, opened)
    opened.close()
    assert answer.verdict is Verdict.ERLAUBT, answer.status
    assert any(sentence in citation.quote for citation in answer.citations), [c.quote for c in answer.citations]


def one(template: Path, folder: Path, trial: Trial) -> tuple[bool, bool]:
    """(was the process killed, was everything as it must be afterwards)."""
    home = Path(shutil.copytree(template, folder))
    before = str(gen.current(home / "index"))
    child = _forked(lambda: build_and_publish(home, trial))
    if trial.kind == "zeit":
        time.sleep(float(trial.at))
        os.kill(child, signal.SIGKILL)
    killed = _waited(child) == -signal.SIGKILL
    well = _waited(_forked(lambda: examine(home, before))) == 0
    shutil.rmtree(home)
    return killed, well


def trials(number: int, operations: int, seconds: float, seed: int) -> list[Trial]:
    """Every named step once, the last file operations (publishing) all, then moments and file operations by chance."""
    chance = random.Random(seed)
    fixed = [Trial("schritt", step) for step in STEPS]
    fixed += [Trial("datei", n) for n in range(operations, max(operations - number // 3, 0), -1)]
    rest = [
        Trial("zeit", chance.uniform(0, seconds)) if n % 2 else Trial("datei", chance.randint(1, operations))
        for n in range(max(0, number - len(fixed)))
    ]
    return [*fixed, *rest][:number]


def series(folder: Path, number: int, seed: int = 1) -> dict[str, object]:
    """Counts of trials, kills and failures by kind; a failure's traceback goes to stderr."""
    template = folder / "vorlage"
    if _waited(_forked(lambda: make_template(template))) != 0:
        raise RuntimeError("the template could not be built")
    started = time.monotonic()
    operations = count_operations(Path(shutil.copytree(template, folder / "zaehlen")))
    seconds = time.monotonic() - started
    planned = trials(number, operations, seconds, seed)
    killed: Counter[str] = Counter()
    bad: list[dict[str, object]] = []
    for position, trial in enumerate(planned):
        hit, well = one(template, folder / f"versuch-{position}", trial)
        killed[trial.kind] += hit
        if not well:
            bad.append(dataclasses.asdict(trial))
    return {"versuche": len(planned), "getoetet": dict(killed), "operationen": operations, "fehlgeschlagen": bad}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(series(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)))
