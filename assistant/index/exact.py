"""Exact search over a generation's own vectors: where Chroma cannot open its files, and to check what Chroma finds.

Measured against Chroma with the built-in embedder: docs/experiments.md.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.types import Lane

Rows = NDArray[np.float32]
SAME_COSINE = 1e-4
"""Equal but for rounding: Chroma computes in single precision."""


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

    def recall(self, lane: Lane, found: Callable[[Rows], Sequence[int]], n: int, sample: int = 20) -> float:
        """Share of the ``n`` nearest that ``found`` finds, over about ``sample`` of the lane's own vectors; 1.0 if none.

        ``found`` gives places in the lane; one that is as near as the farthest of the nearest counts, too.
        """
        rows = self._rows[lane]
        shares = []
        for row in rows[:: max(1, len(rows) // sample)]:
            if row.any():
                least = self.nearest(lane, row, n)[-1][1] - SAME_COSINE
                shares.append(float((rows[list(found(row))] @ row >= least).sum()) / n)
        return sum(shares) / len(shares) if shares else 1.0
