"""The gate: what it says plainly, and that its weights hold only for the embedder they were made for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from assistant.index.gate import EVIDENCE, PLAIN, Gate, read_gate
from tests.conftest import ROOT


def evidence(**given: float) -> np.ndarray:
    row = np.zeros(len(EVIDENCE))
    for name, value in given.items():
        row[EVIDENCE.index(name)] = value
    return row


def test_the_plain_gate_passes_on_what_the_rule_choice_says() -> None:
    inside, unregulated, outside = PLAIN.shares(
        evidence(getippt_statt_ungeregelt=3.0, getippt_statt_ausserhalb=1.0, naehe_getippt=0.9)
    )
    total = 1 + np.exp(-3) + np.exp(-1)
    assert (inside, unregulated, outside) == pytest.approx((1 / total, np.exp(-3) / total, np.exp(-1) / total))


def test_a_saved_gate_is_read_back_for_its_embedder_only(tmp_path: Path) -> None:
    gate = Gate(np.arange(len(EVIDENCE) * 3, dtype=float).reshape(-1, 3) / 10, np.array([1.0, 0.0, -1.0]))
    gate.save(tmp_path / "tor.json", "statisch:eins")
    again = read_gate(tmp_path / "tor.json", "statisch:eins")
    assert np.array_equal(again.weights, gate.weights)
    assert np.array_equal(again.bias, gate.bias)
    assert read_gate(tmp_path / "tor.json", "statisch:zwei") is PLAIN


@pytest.mark.parametrize("text", ["", "{}", '{"embedder": "e", "merkmale": ["alt"], "gewichte": [[1, 2, 3]], "achse": [0, 0, 0]}'])
def test_a_gate_that_does_not_fit_is_not_used(tmp_path: Path, text: str) -> None:
    (tmp_path / "tor.json").write_text(text)
    assert read_gate(tmp_path / "tor.json", "e") is PLAIN
    assert read_gate(tmp_path / "fehlt.json", "e") is PLAIN


def test_the_shipped_gate_belongs_to_the_shipped_embedder() -> None:
    from assistant.models.embedder import open_embedder

    data = json.loads((ROOT / "models" / "tor.json").read_text(encoding="utf-8"))
    assert data["embedder"] == open_embedder(ROOT, "eingebaut").fingerprint
    assert tuple(data["merkmale"]) == EVIDENCE
