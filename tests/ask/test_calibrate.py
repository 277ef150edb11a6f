"""Cross-validation: nobody is judged by what it taught, and the fitted gate separates what can be separated."""

from __future__ import annotations

import numpy as np

from assistant.ask.calibrate import fit_gate, folds
from assistant.corpus.questions import BankQuestion
from assistant.index.gate import EVIDENCE
from assistant.index.rulechoice import INSIDE, OUTSIDE, UNREGULATED


def item(name: str) -> BankQuestion:
    return BankQuestion(name, f"Frage {name}?", (), "beantwortet", ("regel",), (), 1)


def test_every_question_is_held_out_once() -> None:
    bank = [item(f"r1-{n:03}") for n in range(50)]
    held = [q.id for learn, judge in folds(bank, 5) for q in judge if q not in learn]
    assert sorted(held) == [q.id for q in bank]


def test_two_wordings_of_one_case_share_a_fold() -> None:
    bank = [item(f"p5-{n:03}{letter}") for n in range(40) for letter in "ab"]
    for learn, judge in folds(bank, 4):
        assert {q.id[:-1] for q in learn} & {q.id[:-1] for q in judge} == set()


def test_the_fitted_gate_tells_the_outcomes_apart() -> None:
    chance = np.random.default_rng(1)
    wanted = [INSIDE, UNREGULATED, OUTSIDE] * 60
    evidence = chance.normal(size=(180, len(EVIDENCE)))
    evidence[:, -1] = 0.0  # evidence that never varies must not break the fit
    for row, outcome in zip(evidence, wanted, strict=True):
        row[0] += 6.0 * (outcome != UNREGULATED)
        row[1] += 6.0 * (outcome != OUTSIDE)
    gate = fit_gate(evidence, wanted)
    best = [(INSIDE, UNREGULATED, OUTSIDE)[int(np.argmax(gate.shares(row)))] for row in evidence]
    assert np.mean([a == b for a, b in zip(best, wanted, strict=True)]) > 0.95
