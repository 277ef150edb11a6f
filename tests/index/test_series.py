"""The longer series as short tests: the same code, fewer rounds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.corpus.rules import read_guideline
from assistant.index.build import build
from assistant.types import Question
from tests.conftest import NOW, ROOT, TODAY, HashEmbedder, write_mini_corpus
from tests.index.during import judged, mark
from tests.index.goback import there_and_back
from tests.index.ratio import compare


def test_asking_while_the_index_is_rebuilt_and_published_never_fails_or_mixes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.index.during", str(tmp_path), "3"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["gescheitert"], found["gemischt"], found["enden"]) == (0, 0, [0, 0])
    assert set(found["generationen"]) == {"0", "1", "2", "3"}, "every publication was noticed"


@pytest.mark.parametrize(
    ("numbers", "good", "expected"),
    [([1], True, (0, 0)), ([0], True, (0, 1)), ([0, 1], True, (0, 1)), ([], True, (0, 1)), ([1], False, (1, 0))],
)
def test_the_series_knows_a_mixed_and_a_failed_answer(numbers: list[int], good: bool, expected: tuple[int, int]) -> None:
    row = {"um": 10.0, "antwort": 0.1, "suche": 0.1, "generation": "g-b", "nummern": numbers, "gut": good}
    found = judged([row], {"g-a": 0, "g-b": 1}, 0.0, 5.0, [9.5])
    assert (found["gescheitert"], found["gemischt"]) == expected
    assert found["antwort"]["wechsel"]["zahl"] == 1  # type: ignore[index]


def test_one_changed_sentence_costs_at_most_a_fifth_of_a_full_build_in_texts_embedded(tmp_path: Path) -> None:
    source = tmp_path / "quelle"
    source.mkdir()
    write_mini_corpus(source)
    (tmp_path / "lauf").mkdir()
    found = compare(source, tmp_path / "lauf")
    full, part = found["voll"], found["nach_einem_satz"]
    assert isinstance(full, dict)
    assert isinstance(part, dict)
    assert 1 <= part["new"] <= 3
    assert part["texte_eingebettet"] <= 0.2 * full["texte_eingebettet"]
    assert found["gleiche_bytes"] is True
    assert found["bericht"]["regeln"] == [found["regel"]]  # type: ignore[index]
    assert found["bericht"]["antworten"] > found["bericht"]["ohne_die_regel"]  # type: ignore[index]


def test_going_back_restores_every_answer_of_a_running_page(built_home: Path) -> None:
    mark(built_home, 1)
    build(built_home, HashEmbedder(), NOW)
    asked = [q for rule in read_guideline(built_home / "corpus").rules for q in rule.questions]
    found = there_and_back(built_home, [Question(text, TODAY) for text in asked], HashEmbedder())
    assert (found["zurueck_zu_der_ersten"], found["danach_anders"]) == (True, 0)
    assert found["mit_der_neueren_anders"], "publishing changed nothing: the test would say nothing"
