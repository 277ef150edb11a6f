"""How strongly a question speaks for each rule: a linear model over words, character n-grams and named concepts.

It is fitted at every ``index build`` on the example questions of the rules and the question bank, so a rule that an
administrator adds takes part after a plain build. It knows nothing of verdicts. Besides the rules it has two
outcomes, ``ausserhalb`` (not about permitted AI use) and ``nicht_geregelt`` (an AI use that no rule covers), learnt
from the bank. Values are probabilities that sum to one.

On disk (``regelwahl.npz``): ``namen`` the features, ``idf`` and ``block`` per feature, ``klassen`` the outcomes,
``gewichte`` float32 (features, outcomes), ``achse`` float32 (outcomes,).
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.index.german import STOP_WORDS, stem, words

OUTSIDE = "ausserhalb"
UNREGULATED = "nicht_geregelt"
BLOCKS = ("wort", "gramm", "begriff")
BLOCK_WEIGHTS = (1.0, 1.0, 0.8)
Concepts = Callable[[str], Iterable[str]]


def features(text: str, concepts: Iterable[str]) -> list[Counter[str]]:
    """Feature counts per block: stems and neighbouring pairs; 3- to 5-grams; concepts read from the question."""
    tokens = words(text)
    stems = [stem(w) for w in tokens]
    single = [s for s, w in zip(stems, tokens, strict=True) if w not in STOP_WORDS]
    word_block = Counter(single)
    word_block.update(f"{a} {b}" for a, b in zip(stems, stems[1:], strict=False))
    gram_block: Counter[str] = Counter()
    for token in tokens:
        if token in STOP_WORDS:
            continue
        bordered = f"_{token}_"
        for size in (3, 4, 5):
            gram_block.update(bordered[i : i + size] for i in range(len(bordered) - size + 1))
    return [word_block, gram_block, Counter(list(concepts))]


@dataclass(frozen=True)
class RuleChoice:
    """A fitted model; ``probabilities`` is all that the rest of the program uses."""

    names: tuple[str, ...]
    idf: NDArray[np.float32]
    classes: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def __post_init__(self) -> None:
        object.__setattr__(self, "_position", {name: i for i, name in enumerate(self.names)})

    def _vector(self, text: str, concepts: Iterable[str]) -> tuple[list[int], NDArray[np.float32]]:
        position: dict[str, int] = self._position  # type: ignore[attr-defined]  # set in __post_init__
        columns: list[int] = []
        values: list[float] = []
        for block, weight, counts in zip(BLOCKS, BLOCK_WEIGHTS, features(text, concepts), strict=True):
            found = [(position[key], n) for name, n in counts.items() if (key := f"{block}:{name}") in position]
            raw = [(1.0 + np.log(n)) * self.idf[c] for c, n in found]
            norm = float(np.sqrt(sum(v * v for v in raw))) or 1.0
            columns += [c for c, _ in found]
            values += [weight * v / norm for v in raw]
        return columns, np.asarray(values, dtype=np.float32)

    def probabilities(self, text: str, concepts: Iterable[str]) -> dict[str, float]:
        """Probability per outcome (rule ids, ``ausserhalb``, ``nicht_geregelt``)."""
        if not self.classes:
            return {}
        columns, values = self._vector(text, concepts)
        logits = self.bias + (values @ self.weights[columns] if columns else 0.0)
        exponents = np.exp(logits - logits.max())
        shares = exponents / exponents.sum()
        return dict(zip(self.classes, (float(s) for s in shares), strict=True))

    def save(self, path: Path) -> None:
        """Write the one file; strings as UTF-8 joined by line feeds, so that loading needs no pickle."""
        np.savez_compressed(
            path, namen=np.frombuffer("\n".join(self.names).encode(), dtype=np.uint8), idf=self.idf,
            klassen=np.frombuffer("\n".join(self.classes).encode(), dtype=np.uint8),
            gewichte=self.weights.astype(np.float16), achse=self.bias,
        )  # fmt: skip

    @classmethod
    def load(cls, path: Path) -> RuleChoice:
        """Read what ``save`` wrote."""
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as data:
            names = tuple(filter(None, data["namen"].tobytes().decode().split("\n")))
            classes = tuple(filter(None, data["klassen"].tobytes().decode().split("\n")))
            return cls(names, data["idf"], classes, data["gewichte"].astype(np.float32), data["achse"])


EMPTY = RuleChoice((), np.zeros(0, np.float32), (), np.zeros((0, 0), np.float32), np.zeros(0, np.float32))
"""For a guideline without rules: nothing is ever chosen."""


def fit(
    texts: Sequence[str], outcomes: Sequence[str], weights: Sequence[float], concepts: Concepts, strength: float = 12.0
) -> RuleChoice:
    """Fit on ``texts`` with one outcome each (``weights`` per text). ``strength`` is the inverse regularisation."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    counted = [features(text, concepts(text)) for text in texts]
    frequency: Counter[str] = Counter()
    for blocks in counted:
        for block, counts in zip(BLOCKS, blocks, strict=True):
            frequency.update(f"{block}:{name}" for name in counts)
    names = tuple(sorted(n for n, count in frequency.items() if count >= 2 or n.startswith("wort:") and " " not in n))
    idf = np.asarray([np.log((1 + len(texts)) / (1 + frequency[n])) + 1.0 for n in names], dtype=np.float32)
    classes = tuple(sorted(set(outcomes)))
    empty = RuleChoice(names, idf, classes, np.zeros((len(names), len(classes)), np.float32), np.zeros(len(classes), np.float32))
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for row, text in enumerate(texts):
        found, weighted = empty._vector(text, concepts(text))
        rows += [row] * len(found)
        columns += found
        values += [float(v) for v in weighted]
    matrix = csr_matrix((values, (rows, columns)), shape=(len(texts), len(names)), dtype=np.float32)
    model = LogisticRegression(C=strength, max_iter=300, tol=1e-3)
    model.fit(matrix, list(outcomes), sample_weight=np.asarray(weights))
    return RuleChoice(names, idf, classes, model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32))
