"""Makes the built-in embedder reproducibly from the project's own texts.

``python -m assistant.models.make_embedder [HOME]`` writes ``models/eingebaut/``: a WordPiece tokenizer trained on the
guideline, the digests and the question bank, and a ``StaticEmbedding`` table. The table starts from word
co-occurrence (PPMI, truncated SVD) in the same texts and is then trained contrastively: two questions of the same
rule, and a question and its rule, are near; questions of other rules are far. Seeds are fixed, one thread computes,
so the same machine gives the same bytes. Judging rounds of the bank and everything outside the home are not read.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.corpus.law import read_law
from assistant.corpus.questions import BankQuestion, read_bank
from assistant.corpus.rules import read_guideline
from assistant.corpus.vocabulary import read_vocabulary
from assistant.index.build import learn_words
from assistant.index.german import fold
from assistant.index.rulechoice import OUTSIDE, UNREGULATED
from assistant.settings import home_folder

SEED = 20261122
WORDS, PIECES, PIECE = 6000, 1500, 3
"""Whole words, beginnings and endings in the vocabulary; shortest length of a piece."""
DIMENSION = 128
WINDOW = 6
EPOCHS = 12
BATCH = 192
RATE = 0.02
TEMPERATURE = 0.07


def training_texts(
    home: Path, bank: Sequence[BankQuestion], without: Collection[str] = ()
) -> tuple[list[str], list[tuple[str, str]]]:
    """(all running text, (question or rule text, outcome) pairs). ``without``: rules that must stay unknown."""
    corpus = home / "corpus"
    guideline, law = read_guideline(corpus), read_law(corpus)
    vocabulary = read_vocabulary(corpus / "begriffe.toml")
    speller = learn_words(guideline, law, vocabulary, bank)

    def expand(text: str) -> str:
        return vocabulary.with_groups(vocabulary.expand(speller.mend(text)))

    known = [s for s in guideline.sections if s.rule not in without]
    running = [line for s in known for line in s.text.split("\n") if line.strip()]
    running += [p.text for book in law.digests.values() for p in book.places.values()]
    pairs: list[tuple[str, str]] = []
    for rule in (r for r in guideline.rules if r.id not in without):
        own = [rule.title, rule.sentence, rule.reason, " ".join(rule.conditions), *rule.questions]
        pairs += [(expand(text), rule.id) for text in own if text]
    for item in bank:
        outcome = item.rules[0] if item.rules else item.status
        if item.rules or outcome in (OUTSIDE, UNREGULATED):
            pairs.append((expand(" ".join([*item.history[-1:], item.question])), outcome))
    return [fold(t) for t in running] + [fold(t) for t, _ in pairs], [(fold(t), outcome) for t, outcome in pairs]


def train_tokenizer(texts: Sequence[str]) -> Any:
    """A WordPiece tokenizer on folded text: frequent words whole, others by frequent beginnings and endings.

    The library's own trainer breaks ties by chance; here every choice is sorted, so that the same texts give the same
    vocabulary.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers

    pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(True)])
    counts = Counter(word for text in texts for word, _ in pre_tokenizer.pre_tokenize_str(text))
    beginnings: Counter[str] = Counter()
    endings: Counter[str] = Counter()
    for word, count in counts.items():
        for cut in range(PIECE, len(word) - PIECE + 1):
            beginnings[word[:cut]] += count
            endings["##" + word[cut:]] += count
    letters = sorted({c for word in counts for c in word})
    frequent = Counter({word: count for word, count in counts.items() if count > 1})
    pieces = [*_top(frequent, WORDS), *_top(beginnings, PIECES), *_top(endings, PIECES)]
    tokens = dict.fromkeys(["[PAD]", "[UNK]", *letters, *(f"##{c}" for c in letters), *pieces])
    vocabulary = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106 - a token's name, no secret
    tokenizer.pre_tokenizer = pre_tokenizer
    return tokenizer


def _top(counts: Counter[str], n: int) -> list[str]:
    return sorted(counts, key=lambda piece: (-counts[piece], piece))[:n]


def start_table(ids: Sequence[Sequence[int]], size: int) -> NDArray[np.float32]:
    """Co-occurrence vectors: positive pointwise mutual information within ``WINDOW`` tokens, truncated SVD."""
    from scipy.sparse import coo_matrix
    from sklearn.decomposition import TruncatedSVD

    pairs: Counter[tuple[int, int]] = Counter()
    for line in ids:
        for i, a in enumerate(line):
            for b in line[i + 1 : i + 1 + WINDOW]:
                pairs[a, b] += 1
                pairs[b, a] += 1
    rows = np.fromiter((a for a, _ in pairs), dtype=np.int64)
    columns = np.fromiter((b for _, b in pairs), dtype=np.int64)
    counts = np.fromiter(pairs.values(), dtype=np.float64)
    matrix = coo_matrix((counts, (rows, columns)), shape=(size, size))
    totals = np.asarray(matrix.sum(axis=1)).ravel()
    ppmi = np.maximum(
        np.log(counts * counts.sum() / (totals[rows] * totals[columns] ** 0.75 * totals.sum() ** 0.25)), 0.0
    )
    reduced = TruncatedSVD(DIMENSION, n_iter=4, random_state=SEED).fit_transform(
        coo_matrix((ppmi, (rows, columns)), shape=(size, size)).tocsr()
    )
    lengths = np.linalg.norm(reduced, axis=1, keepdims=True)
    return np.asarray(reduced / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)


def train_table(
    table: NDArray[np.float32], pairs: Sequence[tuple[Sequence[int], str]], frequency: Counter[int]
) -> NDArray[np.float32]:
    """Contrastive training with in-batch negatives; frequent tokens start short, so that topic words lead the mean."""
    import torch

    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    chance = random.Random(SEED)
    total = sum(frequency.values())
    weight = np.asarray([1e-3 / (1e-3 + frequency[i] / total) for i in range(len(table))], dtype=np.float32)
    bag = torch.nn.EmbeddingBag(len(table), table.shape[1], mode="mean")
    with torch.no_grad():
        bag.weight.copy_(torch.from_numpy(table * weight[:, None]))
    optimiser = torch.optim.Adam(bag.parameters(), lr=RATE * 0.05)
    groups: dict[str, list[Sequence[int]]] = {}
    for ids, outcome in pairs:
        if ids:
            groups.setdefault(outcome, []).append(ids)

    def embed(items: Sequence[Sequence[int]]) -> Any:
        # Leaving out tokens at random stops the table from leaning on one word of a question.
        kept = [[t for t in ids if chance.random() > 0.15] or list(ids) for ids in items]
        offsets = np.cumsum([0, *(len(k) for k in kept[:-1])])
        flat = torch.tensor([t for k in kept for t in k])
        return torch.nn.functional.normalize(bag(flat, torch.from_numpy(offsets)), dim=1)

    outcomes = sorted(groups)
    steps = sum(len(g) for g in groups.values()) // BATCH
    for _ in range(EPOCHS):
        for _ in range(steps):
            chosen = [chance.choice(outcomes) for _ in range(BATCH)]
            left = embed([chance.choice(groups[o]) for o in chosen])
            right = embed([chance.choice(groups[o]) for o in chosen])
            codes = torch.tensor([outcomes.index(o) for o in chosen])
            same = codes[:, None] == codes[None, :]
            logits = (left @ right.T) / TEMPERATURE
            targets = same.float() / same.float().sum(1, keepdim=True)
            loss = torch.nn.functional.cross_entropy(logits, targets)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return np.asarray(bag.weight.detach().numpy(), dtype=np.float32)


def make(home: Path, bank: Sequence[BankQuestion], folder: Path, without: Collection[str] = ()) -> None:
    """Train on the texts of ``home`` and these questions and write the model's four files into ``folder``."""
    from safetensors.numpy import save_file

    running, pairs = training_texts(home, bank, without)
    tokenizer = train_tokenizer(running)
    ids = [e.ids for e in tokenizer.encode_batch(running, add_special_tokens=False)]
    encoded = tokenizer.encode_batch([t for t, _ in pairs], add_special_tokens=False)
    table = start_table(ids, tokenizer.get_vocab_size())
    frequency = Counter(t for line in ids for t in line)
    table = train_table(table, [(e.ids, o) for e, (_, o) in zip(encoded, pairs, strict=True)], frequency)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    save_file({"embedding.weight": table}, str(folder / "model.safetensors"))
    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"}]
    (folder / "modules.json").write_text(json.dumps(modules, indent=1) + "\n", encoding="utf-8")
    (folder / "config.json").write_text("{}\n", encoding="utf-8")


def main() -> None:
    """Command line of this script."""
    parser = argparse.ArgumentParser(description="Macht den eingebauten Embedder aus den Texten des Projekts.")
    parser.add_argument("home", nargs="?", type=Path, default=None)
    home = parser.parse_args().home or home_folder()
    make(home, read_bank(home / "corpus" / "fragen"), home / "models" / "eingebaut")


if __name__ == "__main__":
    main()
