"""Cross-validation over the question bank, and the gate's weights that come of it.

``python -m assistant.ask.calibrate [HOME]`` writes ``models/tor.json`` and prints what the held-out questions gave.
With ``--neue-regeln`` it instead measures rules that came after training: one group of rules after another is unknown to
the embedder and enters the index with five example questions each; all other questions on them are asked.
For each fold everything that learns from questions – embedder, spelling, rule choice – is made anew from the other
folds, so that no question is judged by a model that knows it. Two wordings of one case share a fold. Judging rounds
are not read. Run it after ``make_embedder``; it takes a few minutes and gives the same file from the same texts.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.ask.match import match_rules, views
from assistant.ask.reading import read_question
from assistant.corpus.law import Law, read_law
from assistant.corpus.questions import BankQuestion, read_bank
from assistant.corpus.rules import Guideline, read_guideline
from assistant.corpus.vocabulary import Vocabulary, read_vocabulary
from assistant.index.build import guideline_passages, learn_words, samples
from assistant.index.gate import EVIDENCE, PLAIN, Gate
from assistant.index.rulechoice import GATE, INSIDE, OUTSIDE, UNREGULATED, RuleChoice, fit
from assistant.index.spelling import Speller
from assistant.models.embedder import StaticEmbedder, open_embedder
from assistant.models.make_embedder import SEED, make
from assistant.settings import home_folder
from assistant.types import Hit, Lane

FOLDS = 5
GROUPS = 8
EXAMPLES = 5
FALSE_REFUSALS = (0.02, 0.03, 0.045)
"""Shares of questions refused wrongly at which the printed table says how many others are refused rightly."""


@dataclass(frozen=True)
class FoldIndex:
    """What matching needs of an index, made in memory from some of the questions."""

    vocabulary: Vocabulary
    rule_choice: RuleChoice
    gate: Gate
    speller: Speller
    law: Law
    embedder: StaticEmbedder
    rules: tuple[str, ...]
    means: NDArray[np.float32]

    def vector(self, query: str) -> NDArray[np.float32]:
        """The question's vector, shape (dimension,)."""
        return np.asarray(self.embedder.queries([query])[0], dtype=np.float32)

    def likeness(self, vector: NDArray[np.float32]) -> dict[str, float]:
        """Cosine to each rule's mean vector."""
        return dict(zip(self.rules, (float(c) for c in self.means @ vector), strict=True))

    def lexical(self, query: str, lane: Lane, n: int) -> Sequence[Hit]:
        """Nothing: neighbours only give reasons for people."""
        return ()


def fold_index(
    home: Path, bank: Sequence[BankQuestion], gate: Gate = PLAIN, new_rules: Collection[str] = ()
) -> FoldIndex:
    """An index that has learned from ``bank`` and the guideline of ``home`` only.

    ``new_rules`` came after the embedder was made: it does not know them, and they have ``EXAMPLES`` questions each.
    """
    corpus = home / "corpus"
    guideline, law = read_guideline(corpus), read_law(corpus)
    few = tuple(replace(r, questions=r.questions[:EXAMPLES]) if r.id in new_rules else r for r in guideline.rules)
    guideline = replace(guideline, rules=few)
    vocabulary = read_vocabulary(corpus / "begriffe.toml")
    with tempfile.TemporaryDirectory() as folder:
        make(home, bank, Path(folder), new_rules)
        embedder = StaticEmbedder(Path(folder))
    speller = learn_words(guideline, law, vocabulary, bank)
    rows = samples(guideline, bank, vocabulary, speller)
    choice = fit(
        rows, vocabulary.read, embedder.queries([s.expanded for s in rows]), embedder.queries([s.written for s in rows])
    )
    rules, means = _means(guideline, bank, embedder)
    return FoldIndex(vocabulary, choice, gate, speller, law, embedder, rules, means)


def _means(
    guideline: Guideline, bank: Sequence[BankQuestion], embedder: StaticEmbedder
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    texts: dict[str, list[str]] = {}
    for passage in guideline_passages(guideline, bank):
        if passage.lane is Lane.REGELN and passage.rule:
            texts.setdefault(passage.rule, []).append(passage.searchable)
    means = np.stack([embedder.passages(items).mean(axis=0) for items in texts.values()])
    return tuple(texts), np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), dtype=np.float32)


def folds(bank: Sequence[BankQuestion], count: int = FOLDS) -> Iterator[tuple[list[BankQuestion], list[BankQuestion]]]:
    """(learn from, judge) per fold; wordings of one case, whose ids differ in a last letter, stay together."""
    chance = random.Random(SEED)
    case = {item.id: re.sub("(?<=[0-9])[a-z]$", "", item.id) for item in bank}
    place = {name: chance.randrange(count) for name in sorted(set(case.values()))}
    for number in range(count):
        held = [item for item in bank if place[case[item.id]] == number]
        yield [item for item in bank if place[case[item.id]] != number], held


def _outcome(item: BankQuestion) -> str | None:
    """What the gate should say, or None where it is not asked."""
    if item.status in (OUTSIDE, UNREGULATED):
        return item.status
    return INSIDE if item.status == "beantwortet" else None


def gather(home: Path, bank: Sequence[BankQuestion]) -> tuple[NDArray[np.float64], list[str]]:
    """Evidence of every held-out question, shape (questions, len(EVIDENCE)), and what the gate should say of it."""
    rows, wanted = [], []
    for number, (learn, held) in enumerate(folds(bank), start=1):
        index = fold_index(home, learn)
        for item in held:
            outcome = _outcome(item)
            if outcome:
                reading = read_question(
                    item.question, item.history, index.vocabulary, index.law.acts, index.speller.mend
                )
                rows.append(views(reading, index)[2])
                wanted.append(outcome)
        print(f"Teil {number} von {FOLDS}: {len(rows)} Fragen beurteilt", flush=True)
    return np.stack(rows), wanted


def fit_gate(evidence: NDArray[np.float64], wanted: Sequence[str]) -> Gate:
    """Logistic regression on standardised evidence, with the standardisation folded into the weights."""
    from sklearn.linear_model import LogisticRegression

    middle, spread = evidence.mean(axis=0), evidence.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    model = LogisticRegression(C=1.0, max_iter=3000).fit((evidence - middle) / spread, np.asarray(wanted))
    order = [list(model.classes_).index(outcome) for outcome in GATE]
    weights = model.coef_[order].T / spread[:, None]
    return Gate(weights, model.intercept_[order] - middle @ weights)


def _report(name: str, gate: Gate, evidence: NDArray[np.float64], wanted: Sequence[str]) -> None:
    refused = np.asarray([1.0 - gate.shares(row)[0] for row in evidence])
    outcome = np.asarray(wanted)
    print(name)
    for share in FALSE_REFUSALS:
        limit = np.quantile(refused[outcome == INSIDE], 1.0 - share)
        found = {o: float((refused[outcome == o] >= limit).mean()) for o in (OUTSIDE, UNREGULATED)}
        print(
            f"  falsche Ablehnung {share:.3f}: außerhalb {found[OUTSIDE]:.3f}, nicht geregelt {found[UNREGULATED]:.3f}"
            f" (Schwelle {limit:.2f})"
        )


def measure_new_rules(home: Path, bank: Sequence[BankQuestion]) -> None:
    """Print hit@1 and hit@5 of the questions on rules that came after training."""
    ids = sorted(rule.id for rule in read_guideline(home / "corpus").rules)
    ranks: list[int] = []
    for number in range(GROUPS):
        group = frozenset(ids[number::GROUPS])
        index = fold_index(home, [item for item in bank if not group & set(item.rules)], new_rules=group)
        for item in bank:
            if item.rules and item.rules[0] in group:
                reading = read_question(
                    item.question, item.history, index.vocabulary, index.law.acts, index.speller.mend
                )
                order = [rule for rule, _ in match_rules(reading, index).ranked()]
                ranks.append(min(order.index(rule) for rule in item.rules if rule in order))
        hits = {n: sum(rank < n for rank in ranks) / len(ranks) for n in (1, 5)}
        print(f"Gruppe {number + 1} von {GROUPS}: {len(ranks)} Fragen, Treffer@1 {hits[1]:.3f}, @5 {hits[5]:.3f}", flush=True)


def main() -> None:
    """Command line of this script."""
    parser = argparse.ArgumentParser(description="Bestimmt die Gewichte des Tors durch Kreuzvalidierung.")
    parser.add_argument("home", nargs="?", type=Path, default=None)
    parser.add_argument("--neue-regeln", action="store_true", help="messen, wie neue Regeln gefunden werden")
    given = parser.parse_args()
    home = given.home or home_folder()
    bank = read_bank(home / "corpus" / "fragen")
    if given.neue_regeln:
        measure_new_rules(home, bank)
        return
    evidence, wanted = gather(home, bank)
    gate = fit_gate(evidence, wanted)
    _report("Tor der Regelwahl allein", PLAIN, evidence, wanted)
    _report(f"mit allen {len(EVIDENCE)} Merkmalen", gate, evidence, wanted)
    gate.save(home / "models" / "tor.json", open_embedder(home, "eingebaut").fingerprint)


if __name__ == "__main__":
    main()
