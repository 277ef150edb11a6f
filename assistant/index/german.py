"""German text to search terms: folding, stop words, stemming and character n-grams.

Stemming is Snowball's (PyStemmer), BM25 is bm25s; this module only decides what they are fed. Umlauts are folded to
their base letters, because people under time pressure leave out the dots, and ß to ss.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

WORD = re.compile(r"[a-z0-9]+")
STOP_WORDS = frozenset(
    """aber als also am an auch auf aus bei beim bin bis bist da dabei dadurch dafuer dafur damit dann das dass dein
    deine dem den denn der des deshalb die dies diese dieser dieses doch dort du durch ein eine einem einen einer eines er
    es etwas euch fuer fur hab habe haben hat hatte hier ich ihm ihn ihnen ihr ihre im in ins ist ja jede jeder jedes jetzt
    kann kein keine koennen konnen man mehr mein meine meinem meinen meiner mich mir mit nach ne nem nen ner noch nun nur ob
    oder sehr sein seine sich sie sind so soll sollen sollte und uns unser unsere unserem unseren unserer unter vom von vor
    war waere ware was weil welche welcher welches wenn wer werde werden wie wieder will wir wird wo wollen wurde zu zum zur
    darf duerfen durfen muss muessen mussen bitte mal eigentlich gerne gern denn schon halt eben wohl
    the a an of to in is are be for on with and or i we may can my our it that this do does""".split()
)
"""Words that carry no topic. "ohne", "nicht", "nie" and "selbst" are kept: they change the case."""


@cache
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("german")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Snowball stem of one folded word."""
    return str(_stemmer().stemWord(word))


def fold(text: str) -> str:
    """Lower case, ß to ss, accents and umlaut dots removed; punctuation stays."""
    text = unicodedata.normalize("NFKD", text.replace("ß", "ss").lower())
    return "".join(c for c in text if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """Folded words in order, stop words included."""
    return WORD.findall(fold(text))


def terms(text: str) -> list[str]:
    """Stems without stop words, for BM25 over words."""
    return [stem(w) for w in words(text) if w not in STOP_WORDS]


def grams(text: str, size: int = 5) -> list[str]:
    """Character n-grams of each word with its borders, for compounds and typing mistakes: "_akte_" → "_akte", "akte_"."""
    result = []
    for word in words(text):
        if word in STOP_WORDS:
            continue
        bordered = f"_{word}_"
        if len(bordered) <= size:
            result.append(bordered)
        else:
            result.extend(bordered[i : i + size] for i in range(len(bordered) - size + 1))
    return result
