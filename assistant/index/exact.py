"""Exact search over a generation's own vectors, for where Chroma cannot open its files because it would write in them.

Measured against Chroma with the built-in embedder: docs/experiments.md.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.types import Lane

Rows = NDArray[np.float32]


def writable(chroma: Path) -> bool:
    """Whether this process may write in a Chroma folder; not on a read-only file system, whoever it runs as."""
    return os.access(chroma, os.W_OK) and os.access(chroma / "chroma.sqlite3", os.W_OK)


class ExactLanes:
    """The rows of ``vektoren.npy`` by lane; ``members`` are the row numbers of each lane's passages in their order."""

    def __init__(self, file: Path, members: Mapping[Lane, Sequence[int]]) -> None:
        rows: Rows = np.load(io.BytesIO(file.read_bytes()), allow_pickle=False)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        rows = (rows / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
        self._rows = {lane: rows[list(positions)] for lane, positions in members.items() if positions}

    def nearest(self, lane: Lane, vector: Rows, n: int) -> list[tuple[int, float]]:
        """(place in the lane, cosine) of the ``n`` nearest passages, nearest first; equal ones in their order."""
        cosines = self._rows[lane] @ (vector / np.linalg.norm(vector))
        return [(int(i), float(cosines[i])) for i in np.argsort(-cosines, kind="stable")[:n]]
