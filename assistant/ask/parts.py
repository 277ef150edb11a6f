"""Compound questions: "Darf ich das, und muss ich es kennzeichnen?" asks two things and gets both answered.

A part is a clause that asks for itself: it opens with a verb of asking or a question word, or is a sentence of its own
with a question mark. What is only told ("Wir haben …") stays with the first part. Splitting is conservative: what
cannot be split safely is one question.
"""

from __future__ import annotations

import re

_VERB = (
    r"(?:darf|dürfen|durfte|kann|können|könnte|könnten|muss|müssen|müsste|soll|sollen|sollte|brauch\w*|benötig\w*|reicht|genügt|"
    r"gilt|geht|ist|sind|wird|werden|may|must|can|could|do|does|should|is|are)"
)
_PERSON = r"(?:ich|wir|man|die|der|das|es|den|dem|dafür|dabei|unser\w*|mein\w*|so|da|dann|i|we|it|the|that|this|my|our)"
_WORD = r"(?:wer|wen|wem|wie|wann|ab wann|wo|was|welche\w*|wofür|woran|warum|wieso|who|when|how|what|which)"
_OPENING = re.compile(rf"(?:{_VERB}\s+{_PERSON}|{_WORD})\b", re.IGNORECASE)
# Question words also open subordinate clauses ("wer wann und wie lange"); only a verb before its subject asks anew.
_JOINT = re.compile(
    rf"(?:,\s*|\s+[–-]\s+|\s+)(?=(?:und|oder|aber|and|or|but)\s+(?:ab wann\s+)?{_VERB}\s+{_PERSON}\b)", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=\?)\s+")
SHORTEST = 3
"""Words below which a clause is no question of its own ("und wie?")."""
MOST = 3


def split_question(text: str) -> tuple[str, ...]:
    """The parts in order, at most ``MOST``; one part, the text itself, where nothing asks a second time."""
    pieces = [piece for sentence in _SENTENCE.split(text) for piece in _JOINT.split(sentence)]
    parts: list[str] = []
    for piece in (p.strip(" ,") for p in pieces):
        if parts and not (_asks(piece) and _asks(parts[-1])):
            parts[-1] = f"{parts[-1]} {piece}"
        elif piece:
            parts.append(piece)
    return tuple(parts) if 1 < len(parts) <= MOST else (text,)


def _asks(piece: str) -> bool:
    return len(piece.split()) >= SHORTEST and bool(_OPENING.search(piece))
