"""Is what a sentence says said in the sources? By words and polarity, not by meaning.

Lists of words never end: whoever permits in words that nobody listed does so in words that no source has, or in the
source's words with its "not" left out. So a sentence must share its words with the sources, and with one of their
sentences it must agree in whether something is denied. What is too free to be compared is withheld.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.ask import signals
from assistant.ask.ordinary import CONNECTING, ORDINARY

LEAST_SHARED = 0.4
"""Share of a sentence's words that one sentence of the sources must have …"""
LEAST_KNOWN = 2 / 3
"""… and that all sources together must have."""
LEAST_OF_ORDER = 1 / 2
"""The same for an order to ask, report or check, and for a plain prohibition: both are on the safe side."""

_STEM = 6


def content(text: str) -> frozenset[str]:
    """Beginnings (6 letters) of the words that carry meaning; words of three letters and less carry none."""
    words = re.findall(r"[a-zäöüß]{4,}", text.lower().replace("-", " "))
    return frozenset(w[:_STEM] for w in words) - CONNECTING


def denies(text: str) -> bool:
    """Whether a text says that something is not, must not be or is kept out."""
    text = signals.NOT_REALLY.sub(" ", text)
    return bool(signals.NOT.search(text) or signals.FORBIDDEN.search(text) or signals.WITHOUT_GUARDED.search(text))


_PARTS = re.compile(r"[,;:–—()]|\b(?:und|oder|sondern|aber)\b")


@dataclass(frozen=True, slots=True)
class Ground:
    """What is said: ``words`` of all sources, and ``said``, per sentence and part its words and whether it denies."""

    words: frozenset[str]
    said: tuple[tuple[frozenset[str], bool], ...]


def ground_of(sentences: Iterable[str], named: Iterable[str]) -> Ground:
    """Ground of source sentences; ``named`` are texts that lend only their words (question, labels)."""
    units = (unit for sentence in sentences for unit in (sentence, *_PARTS.split(sentence)))
    said = tuple((words, denies(unit)) for unit in units if (words := content(unit)))
    lent = frozenset().union(*(content(text) for text in named))
    return Ground(lent.union(*(words for words, _ in said)), said)


def merged(grounds: Iterable[Ground]) -> Ground:
    """One ground of several."""
    listed = tuple(grounds)
    return Ground(frozenset().union(*(g.words for g in listed)), tuple(said for g in listed for said in g.said))


def groundless(text: str, ground: Ground, *, safe: bool) -> str | None:
    """What the sources do not say, in German; None if they do.

    ``text`` is without norms, which are proven otherwise. ``safe``: an order to ask or a
    prohibition.
    """
    words = content(text)
    if not words:
        return None
    unknown = words - ground.words - (ORDINARY if safe else frozenset())
    if len(words) - len(unknown) < (LEAST_OF_ORDER if safe else LEAST_KNOWN) * len(words):
        return f"„{min(unknown)}…“ kommt in den Fundstellen nicht vor"
    if safe:
        return None
    least = max(min(2, len(words)), LEAST_SHARED * len(words))
    near = [denied for said, denied in ground.said if len(words & said) >= least]
    if not near:
        return "kein Satz der Fundstellen sagt das"
    return None if denies(text) in near else "die Fundstellen sagen das Gegenteil"
