"""A draft while it is being written: pieces of text in, proven sentences out.

A sentence is judged as soon as the word after it has begun and ended, because only then is it certain where it ends.
Judged one by one or as a whole, a draft gives the same result; a test compares the two over random pieces.
"""

from __future__ import annotations

import re
import unicodedata

from assistant.ask.facts import Facts
from assistant.ask.proof import Proof, Prover, too_many
from assistant.ask.sentences import Sentence, split_sentences

_THOUGHTS = (("<think>", "</think>"), ("[THINK]", "[/THINK]"))
"""How models mark thinking aloud where it cannot be switched off."""

FEWEST_TO_GIVE_UP = 3
"""Withheld sentences from which on a hopeless draft is not read to its end."""


class Draft:
    """Collects the pieces of one draft. ``feed`` and ``finish`` give the sentences that may be shown now."""

    def __init__(self, facts: Facts) -> None:
        self._prover = Prover(facts)
        self._text = ""
        self._judged = 0

    def feed(self, piece: str) -> tuple[Sentence, ...]:
        """Proven sentences that this piece completed."""
        self._text += piece
        if not piece or piece.isspace() or not re.search(r"\s", piece):
            return ()
        known = self._text[: max(self._text.rfind(sign) for sign in " \n\t") + 1]
        # The last one may go on.
        return self._judge(self._sentences(known)[:-1])

    def finish(self) -> tuple[Sentence, ...]:
        """Proven sentences of the rest; nothing follows."""
        return self._judge(self._sentences(self._text, ended=True))

    @property
    def text(self) -> str:
        """Everything fed so far, without thoughts."""
        return _without_thoughts(self._text, ended=True)

    @property
    def proof(self) -> Proof:
        """What has been found so far."""
        return self._prover.proof

    @property
    def hopeless(self) -> bool:
        """Whether it is no use reading on: several sentences withheld, and more than may be missing."""
        proof = self.proof
        return len(proof.withheld) >= FEWEST_TO_GIVE_UP and too_many(len(proof.withheld), len(proof.kept))

    @staticmethod
    def _sentences(text: str, *, ended: bool = False) -> tuple[Sentence, ...]:
        return split_sentences(unicodedata.normalize("NFC", _without_thoughts(text, ended=ended)))

    def _judge(self, sentences: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
        new = sentences[self._judged :]
        self._judged += len(new)
        return tuple(sentence for sentence in new if self._prover.judge(sentence))


def _without_thoughts(text: str, *, ended: bool) -> str:
    """Without a block of thoughts in front; nothing while it lasts or may be about to begin."""
    begun = text.lstrip()
    for opening, closing in _THOUGHTS:
        if begun.startswith(opening):
            return begun.partition(closing)[2]
        if opening.startswith(begun) and not ended:
            return ""
    return text
