"""Lexical search in one lane: BM25 over stems and over character 5-grams, both by the library bm25s.

On disk (folder ``lexikalisch/<lane>``): what bm25s writes for each of the two fields, nothing of our own.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.index.german import grams, terms

GRAM_WEIGHT = 0.5
"""Share of the 5-gram score; docs/experiments.md has the comparison."""


def _bm25s() -> Any:
    """The library, without the debug lines it writes by default."""
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.WARNING)
    return bm25s


class LexicalLane:
    """BM25 scores for all passages of one lane, in the order in which they were given."""

    def __init__(self, words: Any, ngrams: Any, size: int) -> None:
        self._words, self._ngrams, self.size = words, ngrams, size

    @classmethod
    def build(cls, texts: Sequence[str]) -> LexicalLane:
        """Index ``texts``; at least one is needed."""
        bm25s = _bm25s()
        fields: list[Any] = []
        for analyse in (terms, grams):
            field = bm25s.BM25(k1=1.2, b=0.6)
            # An empty document would break the library's matrix; the placeholder can never be asked for.
            field.index([analyse(text) or ["\x00"] for text in texts], show_progress=False)
            fields.append(field)
        return cls(fields[0], fields[1], len(texts))

    def save(self, folder: Path) -> None:
        """Write both fields below ``folder``."""
        for name, field in (("woerter", self._words), ("gramme", self._ngrams)):
            field.save(str(folder / name), show_progress=False)

    @classmethod
    def load(cls, folder: Path, size: int) -> LexicalLane:
        """Read what ``save`` wrote."""
        bm25s = _bm25s()
        fields = [bm25s.BM25.load(str(folder / name), load_corpus=False) for name in ("woerter", "gramme")]
        return cls(fields[0], fields[1], size)

    def scores(self, query: str) -> NDArray[np.float32]:
        """One score per passage, each field scaled to its own maximum so that the two can be added. Shape (size,)."""
        total = np.zeros(self.size, dtype=np.float32)
        for field, analyse, weight in (
            (self._words, terms, 1.0 - GRAM_WEIGHT),
            (self._ngrams, grams, GRAM_WEIGHT),
        ):
            known = [t for t in analyse(query) if t in field.vocab_dict]
            if known:
                values = field.get_scores(known)
                top = float(values.max())
                if top > 0:
                    total += np.float32(weight) * (values / top).astype(np.float32)
        return total
