"""Typing mistakes: an unknown word is read as the known word that it is one or two slips away from.

Known are the words of guideline, digests and vocabulary, and those that occur often enough in the questions. The
edit distance is rapidfuzz's; this module decides what is known and how far a word may be off. Short words are left
alone, because there another word is always near.

On disk (``woerter.txt``): one known word a line, the most frequent first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from assistant.corpus.language import is_english
from assistant.index.german import WORD, fold, words

SHORTEST = 5
LONG = 9
"""From this length on two slips are allowed."""
OFTEN = 3
"""A word that only questions use is known if it occurs this often: once or twice may be a mistake itself."""
_TOKEN = re.compile(r"[^\W\d_]+")


class Speller:
    """Knows words and mends texts; ``ranked`` is most frequent first."""

    def __init__(self, ranked: Iterable[str]) -> None:
        self.ranked = tuple(ranked)
        self._known = frozenset(self.ranked)
        self._by_initial: dict[str, list[str]] = {}
        for known in self.ranked:
            if len(known) >= SHORTEST:
                self._by_initial.setdefault(known[0], []).append(known)
        self.mend_word = lru_cache(maxsize=20_000)(self._mend_word)

    def mend(self, text: str) -> str:
        """The text with unknown words replaced by the known ones they are closest to; an English text as it is."""
        if is_english(text):
            return text
        return _TOKEN.sub(lambda m: self.mend_word(m.group()), text)

    def _mend_word(self, word: str) -> str:
        folded = fold(word)
        if len(folded) < SHORTEST or folded in self._known or not WORD.fullmatch(folded):
            return word
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        allowed = 2 if len(folded) >= LONG else 1
        near = [w for w in self._by_initial.get(folded[0], ()) if abs(len(w) - len(folded)) <= allowed]
        # extractOne takes the first of equal distance, which is the most frequent word.
        best = process.extractOne(folded, near, scorer=OSA.distance, score_cutoff=allowed)
        return str(best[0]) if best else word

    def save(self, path: Path) -> None:
        """Write the one file."""
        path.write_text("\n".join(self.ranked) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Speller:
        """Read what ``save`` wrote."""
        return cls(path.read_text(encoding="utf-8").split())


def learn(trusted: Iterable[str], questions: Iterable[str]) -> Speller:
    """A speller that knows every word of ``trusted`` texts and the frequent ones of ``questions``."""
    sure = Counter(w for text in trusted for w in words(text) if not w.isdigit())
    asked = Counter(w for text in questions for w in words(text) if not w.isdigit())
    total = sure + Counter({w: n for w, n in asked.items() if n >= OFTEN or w in sure})
    return Speller(sorted(total, key=lambda w: (-total[w], w)))
