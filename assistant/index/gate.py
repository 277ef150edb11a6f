"""Whether a question belongs here: one small logistic regression over what several views say of it.

The rule choice's own gate (words, n-grams, vector) is one view. The others are how near the question comes to any
rule, by margin and by vector, and what the reading names. The weights stand in ``models/tor.json`` and are made by
``python -m assistant.ask.calibrate``, which cross-validates over the question bank with a fresh embedder per fold:
the built-in embedder has seen the bank, so weights fitted with it would trust nearness too much. They hold for the
embedder whose fingerprint they carry; with any other one the rule choice's gate decides alone (``PLAIN``).

On disk: ``{"embedder": fingerprint, "merkmale": EVIDENCE, "gewichte": (len(EVIDENCE), 3), "achse": (3,)}``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.index.rulechoice import GATE, shares

NAMED = (
    "merkmal:ki", "merkmal:erlaubnisfrage", "merkmal:pflichtfrage", "merkmal:auskunftsfrage", "merkmal:rechtsfrage",
    "merkmal:arbeitsauftrag", "merkmal:angriff",
)  # fmt: skip
KINDS = ("werkzeug", "daten", "handlung")
EVIDENCE = (
    "getippt_statt_ungeregelt", "getippt_statt_ausserhalb", "gelesen_statt_ungeregelt", "gelesen_statt_ausserhalb",
    "allein_statt_ungeregelt", "allein_statt_ausserhalb", "naehe_getippt", "naehe_getippt_zweite", "naehe_gelesen",
    "abstand_getippt", "abstand_getippt_zweiter", "abstand_gelesen", *NAMED, *KINDS, "norm", "folgefrage",
)  # fmt: skip
"""``getippt``: as typed, ``gelesen``: mended, ``allein``: a follow-up without what it follows (else 0)."""


@dataclass(frozen=True)
class Gate:
    """``weights`` (len(EVIDENCE), 3) and ``bias`` (3,) for inside, unregulated, outside."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def shares(self, evidence: NDArray[np.float64]) -> tuple[float, float, float]:
        """Inside, unregulated and outside for one row of evidence, shape (len(EVIDENCE),); the sum is 1."""
        scores = self.bias + evidence @ self.weights
        inside, unregulated, outside = (float(s) for s in shares(scores.astype(np.float32)))
        return inside, unregulated, outside

    def save(self, path: Path, fingerprint: str) -> None:
        """Write the one file."""
        data = {
            "embedder": fingerprint, "merkmale": EVIDENCE, "gewichte": np.round(self.weights, 5).tolist(),
            "achse": np.round(self.bias, 5).tolist(),
        }  # fmt: skip
        path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def _plain() -> Gate:
    weights = np.zeros((len(EVIDENCE), len(GATE)))
    weights[0, 1] = weights[1, 2] = -1.0
    return Gate(weights, np.zeros(len(GATE)))


PLAIN = _plain()
"""What the rule choice's gate says, unchanged."""


def read_gate(path: Path, fingerprint: str) -> Gate:
    """The gate made for this embedder, or ``PLAIN`` if the file is missing or was made for another one or evidence."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        weights, bias = np.asarray(data["gewichte"], dtype=float), np.asarray(data["achse"], dtype=float)
        fits = data["embedder"] == fingerprint and tuple(data["merkmale"]) == EVIDENCE
    except (OSError, ValueError, KeyError, TypeError):
        return PLAIN
    return Gate(weights, bias) if fits and weights.shape == PLAIN.weights.shape and bias.shape == (3,) else PLAIN
