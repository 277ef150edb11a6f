"""What a build learns from the questions of rules and bank: known words, the samples of the rule choice, its fit.

The vectors of the samples' texts are kept in the generation by content hash (``fragenvektoren.npy``), and a choice
that was fitted on the very same samples by the very same program is taken over as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.corpus.law import Law
from assistant.corpus.questions import BankQuestion
from assistant.corpus.rules import Guideline
from assistant.corpus.vocabulary import Vocabulary
from assistant.errors import CorpusError
from assistant.index.passages import guideline_provisions
from assistant.index.rulechoice import EMPTY, OUTSIDE, UNREGULATED, Concepts, RuleChoice, Sample, fit
from assistant.index.spelling import Speller, learn
from assistant.types import Embedder, Verdict

BATCH = 256
"""Texts given to the embedder at once, so that progress can be shown."""
Counted = Callable[[int, int], None]
"""Called with (done, total)."""


def learn_words(guideline: Guideline, law: Law, vocabulary: Vocabulary, bank: Sequence[BankQuestion]) -> Speller:
    """The words this corpus knows: guideline, digests and vocabulary for sure, questions where a word is frequent."""
    trusted = [p.text for p in guideline_provisions(guideline)]
    trusted += [p.text for book in law.digests.values() for p in book.places.values()]
    asked = [q for rule in guideline.rules for q in rule.questions]
    return learn([*trusted, *vocabulary.terms], [*asked, *(item.question for item in bank)])


def samples(
    guideline: Guideline, bank: Sequence[BankQuestion], vocabulary: Vocabulary, speller: Speller
) -> list[Sample]:
    """What the rule choice is fitted on: example questions, the rules themselves (at half weight), and the bank."""
    verdicts = {rule.id: rule.verdict for rule in guideline.rules}
    rows: list[tuple[str, str, float, bool]] = []
    for rule in guideline.rules:
        may = rule.verdict is Verdict.ERLAUBT
        rows += [(question, rule.id, 1.0, may) for question in rule.questions]
        rows.append((f"{rule.title}. {rule.sentence}", rule.id, 0.5, may))
    for item in bank:
        outcome = item.rules[0] if item.rules else item.status
        if outcome in verdicts or outcome in (OUTSIDE, UNREGULATED):
            may = verdicts.get(outcome) is Verdict.ERLAUBT and Verdict.ERLAUBT not in item.never
            rows.append((" ".join([*item.history[-1:], item.question]), outcome, 1.0, may))

    def expand(text: str) -> str:
        return vocabulary.with_groups(vocabulary.expand(text))

    def sample(text: str, outcome: str, weight: float, may: bool) -> Sample:
        mended, verdict = speller.mend(text), verdicts[outcome].value if outcome in verdicts else ""
        return Sample(mended, expand(mended), expand(text), outcome, weight, may, verdict)

    return [sample(*row) for row in rows]


def rule_samples(
    guideline: Guideline, bank: Sequence[BankQuestion], vocabulary: Vocabulary, speller: Speller
) -> list[Sample]:
    """``samples`` of a guideline that has rules, else none. Raises CorpusError for a single rule."""
    if not guideline.rules:
        return []
    if len(guideline.rules) < 2:
        raise CorpusError(
            "Die Leitlinie hat nur eine Regel; erwartet werden mindestens zwei (oder gar keine: dann wird nur zitiert)."
        )
    return samples(guideline, bank, vocabulary, speller)


@dataclass(frozen=True, slots=True)
class QuestionVectors:
    """Vectors of the samples' texts, each text once: ``keys`` their content hashes, ``rows`` (len(keys), dimension).

    ``new`` of them were computed, the others were known.
    """

    keys: tuple[str, ...]
    rows: NDArray[np.float32]
    new: int

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The rows of these texts, shape (len(texts), dimension)."""
        position = {key: number for number, key in enumerate(self.keys)}
        return self.rows[[position[text_key(text)] for text in texts]]


def text_key(text: str) -> str:
    """Content hash of a question's text."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def question_vectors(
    rows: Sequence[Sample], embedder: Embedder, known: Mapping[str, NDArray[np.float32]], counted: Counted
) -> QuestionVectors:
    """Embed what is not known yet of the samples' expanded and written texts."""
    texts = {text_key(text): text for row in rows for text in (row.expanded, row.written)}
    vectors = {key: known[key] for key in texts if key in known}
    missing = [key for key in texts if key not in known]
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        vectors |= zip(batch, np.asarray(embedder.queries([texts[k] for k in batch]), dtype=np.float32), strict=True)
        counted(min(start + BATCH, len(missing)), len(missing))
    stacked = np.stack([vectors[key] for key in texts]) if texts else np.zeros((0, 0))
    return QuestionVectors(tuple(texts), stacked.astype(np.float32), len(missing))


def choice_key(rows: Sequence[Sample], vocabulary_file: bytes, fingerprint: str, program: str) -> str:
    """Checksum over everything a fit depends on: samples, vocabulary, embedder and program."""
    given = [hashlib.sha256(vocabulary_file).hexdigest(), fingerprint, program, *map(astuple, rows)]
    return hashlib.sha256(json.dumps(given, ensure_ascii=False).encode()).hexdigest()


def fit_choice(rows: Sequence[Sample], read: Concepts, vectors: QuestionVectors) -> RuleChoice:
    """The linear rule choice fitted on these samples; empty for none."""
    if not rows:
        return EMPTY
    return fit(rows, read, vectors.of([s.expanded for s in rows]), vectors.of([s.written for s in rows]))
