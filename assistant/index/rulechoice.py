"""How strongly a question speaks for each rule: linear models over words, character n-grams and named concepts.

Fitted at every ``index build`` on the example questions of the rules and the question bank, so a rule that an
administrator adds takes part after a plain build. Two models share the features: the *gate* separates questions for
the guideline from ``ausserhalb`` (not about permitted AI use) and ``nicht_geregelt`` (an AI use that no rule covers);
the *choice* weighs the rules against each other; the *leaning* weighs the four verdicts, over whose rules all questions of
one verdict are learned together; the *brake* says how surely a question is one that may be permitted
at all, and is only ever used to refuse a permission.

On disk (``regelwahl.npz``): ``namen`` the features, ``idf`` per feature, ``klassen`` the rules (``urteile`` their verdicts), the gate's three
outcomes, the brake and the verdicts, ``gewichte`` float16 (features, outcomes), ``achse`` float32 (outcomes,), ``vektorgewichte``
float32 (dimension, 8): what the question's vector adds to gate, brake and verdicts.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.corpus.vocabulary import FIELD
from assistant.index.german import STOP_WORDS, stem, words
from assistant.types import Verdict

OUTSIDE = "ausserhalb"
UNREGULATED = "nicht_geregelt"
BLOCKS = ("wort", "gramm", "begriff", "feld")
BLOCK_WEIGHTS = (1.0, 2.0, 1.0, 1.0)
INSIDE = "innen"
GATE = (INSIDE, UNREGULATED, OUTSIDE)
PERMISSION = "freigabe"
LEANING = tuple(f"urteil:{verdict.value}" for verdict in Verdict)
_MORE = len(GATE) + 1 + len(LEANING)
"""Outcomes that follow the rules."""
VECTOR_WEIGHT = 2.0
NEVER = -1e4
Concepts = Callable[[str], Iterable[str]]


def features(text: str, concepts: Iterable[str]) -> list[Counter[str]]:
    """Feature counts per block: stems and neighbouring pairs; 3- to 5-grams; concepts read from the question; word groups."""
    # Dates, amounts and file numbers say nothing of the rule; "35a" and the like stay.
    given = ["0" if token.isdigit() else token for token in words(text)]
    tokens = [token for token in given if not token.startswith(FIELD)]
    stems = [stem(w) for w in tokens]
    single = [s for s, w in zip(stems, tokens, strict=True) if w not in STOP_WORDS]
    word_block = Counter(single)
    word_block.update(f"{a} {b}" for a, b in pairwise(stems))
    gram_block: Counter[str] = Counter()
    for token in tokens:
        if token in STOP_WORDS:
            continue
        bordered = f"_{token}_"
        for size in (3, 4, 5):
            gram_block.update(bordered[i : i + size] for i in range(len(bordered) - size + 1))
    groups = Counter(token for token in given if token.startswith(FIELD))
    return [word_block, gram_block, Counter(list(concepts)), groups]


@dataclass(frozen=True, slots=True)
class Weighed:
    """Margins per rule (any scale, higher is better); ``gate`` the scores of its three outcomes; ``permission`` 0–1;
    ``leaning`` per rule the share of its verdict among the four."""

    margins: Mapping[str, float]
    gate: tuple[float, float, float]
    permission: float
    leaning: Mapping[str, float]


@lru_cache(maxsize=1000)
def _damped(count: int) -> float:
    """How much a feature counts that occurs this often."""
    return float(1.0 + np.log(count))


def shares(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Softmax."""
    exponents = np.exp(scores - scores.max())
    return np.asarray(exponents / exponents.sum(), dtype=np.float32)


@dataclass(frozen=True)
class RuleChoice:
    """A fitted model; ``probabilities`` is all that the rest of the program uses."""

    names: tuple[str, ...]
    idf: NDArray[np.float32]
    classes: tuple[str, ...]
    verdicts: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    vector_weights: NDArray[np.float32]

    def __post_init__(self) -> None:
        object.__setattr__(self, "_position", {name: i for i, name in enumerate(self.names)})
        object.__setattr__(self, "_idf", self.idf.tolist())

    def _vector(self, blocks: Sequence[Counter[str]]) -> tuple[list[int], NDArray[np.float32]]:
        position: dict[str, int] = self._position  # type: ignore[attr-defined]  # set in __post_init__
        weights: list[float] = self._idf  # type: ignore[attr-defined]  # plain numbers: a third of the time of numpy's
        columns: list[int] = []
        values: list[float] = []
        for block, weight, counts in zip(BLOCKS, BLOCK_WEIGHTS, blocks, strict=True):
            found = [(position[key], n) for name, n in counts.items() if (key := f"{block}:{name}") in position]
            raw = [_damped(n) * weights[c] for c, n in found]
            norm = float(np.sqrt(sum(v * v for v in raw))) or 1.0
            columns += [c for c, _ in found]
            values += [weight * v / norm for v in raw]
        return columns, np.asarray(values, dtype=np.float32)

    def matrix(self, counted: Sequence[Sequence[Counter[str]]]) -> Any:
        """Sparse rows (len(counted), features) of counted texts, for fitting."""
        from scipy.sparse import csr_matrix

        rows = [self._vector(blocks) for blocks in counted]
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        columns = np.concatenate([np.asarray(c, dtype=np.int64) for c, _ in rows])
        values = np.concatenate([v for _, v in rows])
        return csr_matrix((values, columns, ends), shape=(len(rows), len(self.names)), dtype=np.float32)

    def weigh(self, text: str, concepts: Iterable[str], vector: NDArray[np.float32]) -> Weighed:
        """Margins of the rules, the gate's scores and the brake for one question; ``vector`` is its embedding."""
        if not self.classes:
            return Weighed({}, (0.0, NEVER, NEVER), 0.0, {})
        columns, values = self._vector(features(text, concepts))
        scores = self.bias + (values @ self.weights[columns] if columns else 0.0)
        scores[-_MORE:] += VECTOR_WEIGHT * (vector @ self.vector_weights)
        inside, unregulated, outside = (float(g) for g in scores[-_MORE:][: len(GATE)])
        margins = {rule: float(m) for rule, m in zip(self.classes, scores[:-_MORE], strict=False)}
        permission = 1.0 / (1.0 + float(np.exp(-np.clip(scores[-1 - len(LEANING)], -50.0, 50.0))))
        verdicts = dict(zip(LEANING, map(float, shares(scores[-len(LEANING) :])), strict=True))
        leaning = {rule: verdicts[verdict] for rule, verdict in zip(self.classes, self.verdicts, strict=False)}
        return Weighed(margins, (inside, unregulated, outside), permission, leaning)

    def save(self, path: Path) -> None:
        """Write the one file; strings as UTF-8 joined by line feeds, so that loading needs no pickle."""
        np.savez_compressed(
            path, namen=np.frombuffer("\n".join(self.names).encode(), dtype=np.uint8), idf=self.idf,
            klassen=np.frombuffer("\n".join(self.classes).encode(), dtype=np.uint8),
            urteile=np.frombuffer("\n".join(self.verdicts).encode(), dtype=np.uint8),
            gewichte=self.weights.astype(np.float16), achse=self.bias, vektorgewichte=self.vector_weights,
        )  # fmt: skip

    @classmethod
    def load(cls, path: Path) -> RuleChoice:
        """Read what ``save`` wrote."""
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as data:
            names = tuple(filter(None, data["namen"].tobytes().decode().split("\n")))
            classes = tuple(filter(None, data["klassen"].tobytes().decode().split("\n")))
            verdicts = tuple(filter(None, data["urteile"].tobytes().decode().split("\n")))
            return cls(
                names, data["idf"], classes, verdicts, data["gewichte"].astype(np.float32), data["achse"], data["vektorgewichte"]
            )


_NONE = np.zeros((0, 0), np.float32)
EMPTY = RuleChoice((), np.zeros(0, np.float32), (), (), _NONE, np.zeros(0, np.float32), _NONE)
"""For a guideline without rules: nothing is ever chosen."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One question to fit on: its text mended, the same with expansions, as it was written with expansions; a rule id
    or one of the gate's outcomes, its weight, whether it may be permitted, and its rule's verdict (empty: none)."""

    text: str
    expanded: str
    written: str
    outcome: str
    weight: float
    permitted: bool
    verdict: str


def fit(
    samples: Sequence[Sample], concepts: Concepts, vectors: NDArray[np.float32], written: NDArray[np.float32]
) -> RuleChoice:
    """Fit on ``samples``. ``vectors`` and ``written`` hold the embedding of each expanded and each written text, shape
    (len(samples), dimension). The gate is fitted on the written texts, choice and brake on the mended ones."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.svm import LinearSVC

    named = [list(concepts(s.text)) for s in samples]
    counted = [features(s.expanded, n) for s, n in zip(samples, named, strict=True)]
    typed = [features(s.written, n) for s, n in zip(samples, named, strict=True)]
    outcomes = [s.outcome for s in samples]
    names, idf = _vocabulary([*counted, *typed])
    rules = tuple(sorted(set(outcomes) - set(GATE)))
    classes = (*rules, *GATE, PERMISSION, *LEANING)
    verdict_of = {s.outcome: f"urteil:{s.verdict}" for s in samples}
    carried = tuple(verdict_of[rule] for rule in rules)
    model = RuleChoice(names, idf, classes, carried, np.zeros((len(names), 0), np.float32), np.zeros(0, np.float32), _NONE)
    matrix = model.matrix(counted)
    labels, weight = np.asarray(outcomes), np.asarray([s.weight for s in samples])
    inside = ~np.isin(labels, GATE)
    choice = LinearSVC(C=1.0, random_state=0).fit(matrix[inside], labels[inside], sample_weight=weight[inside])
    columns, bias = choice.coef_.T, choice.intercept_
    if len(rules) == 2:  # one margin for two classes: the second is its mirror image
        columns, bias = np.hstack([-columns, columns]), np.concatenate([-bias, bias])
    blocks = [(columns, bias)]
    on_typed = hstack([model.matrix(typed), csr_matrix(VECTOR_WEIGHT * written)]).tocsr()
    on_mended = hstack([matrix, csr_matrix(VECTOR_WEIGHT * vectors)]).tocsr()
    may = np.where([s.permitted for s in samples], PERMISSION, "")
    verdicts = np.asarray([verdict_of[outcome] for outcome in labels[inside]])
    blocks.append(_margins(on_typed, np.where(inside, INSIDE, labels), weight, GATE))
    blocks.append(_margins(on_mended, may, weight, (PERMISSION,)))
    blocks.append(_margins(on_mended[inside], verdicts, weight[inside], LEANING, strength=4.0, balanced=False))
    size = len(names)
    return RuleChoice(
        names, idf, classes, carried, np.hstack([c[:size] for c, _ in blocks]).astype(np.float32),
        np.concatenate([b for _, b in blocks]).astype(np.float32),
        np.hstack([c[size:] for c, _ in blocks[1:]]).astype(np.float32),
    )  # fmt: skip


def _margins(
    matrix: Any, labels: Any, weight: Any, wanted: Sequence[str], *, strength: float = 8.0, balanced: bool = True
) -> tuple[Any, Any]:
    """Columns and intercepts of a logistic regression for the ``wanted`` outcomes; NEVER for absent ones."""
    from sklearn.linear_model import LogisticRegression

    columns, bias = np.zeros((matrix.shape[1], len(wanted))), np.full(len(wanted), NEVER)
    present = sorted(set(labels))
    if len(present) == 1:
        if present[0] in wanted:
            bias[wanted.index(present[0])] = 0.0
        return columns, bias
    weighting = "balanced" if balanced else None
    model = LogisticRegression(C=strength, class_weight=weighting, max_iter=400).fit(matrix, labels, sample_weight=weight)
    coefficients, intercepts = model.coef_, model.intercept_
    if len(present) == 2:  # half of the margin each, so that their difference is the margin
        share = 0.5 if len(wanted) > 1 else 1.0
        coefficients, intercepts = (
            share * np.vstack([-coefficients, coefficients]),
            share * np.r_[-intercepts, intercepts],
        )
    for position, outcome in enumerate(wanted):
        if outcome in present:
            row = list(model.classes_).index(outcome)
            columns[:, position], bias[position] = coefficients[row], intercepts[row]
    return columns, bias


def _vocabulary(counted: Sequence[list[Counter[str]]]) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Feature names and inverse document frequencies; what occurs once is kept only as a single word."""
    frequency: Counter[str] = Counter()
    for blocks in counted:
        for block, counts in zip(BLOCKS, blocks, strict=True):
            frequency.update(f"{block}:{name}" for name in counts)
    names = tuple(sorted(n for n, count in frequency.items() if count >= 2 or (n.startswith("wort:") and " " not in n)))
    idf = np.asarray([np.log((1 + len(counted)) / (1 + frequency[n])) + 1.0 for n in names], dtype=np.float32)
    return names, idf
