"""The name below a pasted letter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from assistant.ask.personal_candidate import Name
from assistant.ask.personal_text import MASK, Reading, Token, keys
from assistant.ask.personal_words import is_common, is_given
from assistant.types import Finding

_CLOSING = re.compile(
    r"(?:mit (?:den )?(?:freundliche[nm]|besten|herzliche[nm]|lieben) gr(?:ü|ue|u)(?:ß|ss)(?:en)?|hochachtungsvoll|"
    r"(?:freundliche|viele|liebe|beste|schöne|herzliche) gr(?:ü|ue)(?:ß|ss)e|\bm\.?f\.?g\b\.?|\bgru(?:ß|ss)\b|\blg\b|"
    r"\bvg\b|\bregards|yours (?:sincerely|faithfully)|sincerely|best wishes|\bgez\b\.?|unterschrieben|\b(?:vielen |herzlichen |many )?(?:dank|danke|thanks|thank you|cheers|ciao|tsch(?:ö|üss|au)|bis (?:dann|bald|morgen)|servus|cordially|love)(?=, [\w. -]{2,40}[,.!]?\W))"
)
_END_OF_LETTER = re.compile(r"[ .!?]*(?:\n|$|[\"“”»«])")
_BEFORE_SIGNATURE = frozenset("ihr ihre dein deine dr prof med herr frau i a im auftrag von".split())


def signatures(reading: Reading, names: Sequence[Name]) -> Iterator[Finding]:
    """The name below a pasted letter: two words after the closing, or one that is a surname or stands last."""
    ends = {name.start: name.end for name in names}
    for closing in _CLOSING.finditer(reading.low):
        tokens = list(reading.between(closing.end(), closing.end() + 60)[:6])
        while tokens and (tokens[0].key in _before_signature() or _is_initial(reading, tokens[0])):
            tokens.pop(0)
        if not tokens or is_common(tokens[0]) or tokens[0].key.startswith("muster"):
            continue
        gap = reading.text[closing.end() : tokens[0].start]
        end = _signature_end(reading, tokens)
        if end is not None and len(gap) <= 25 and not any(c in gap for c in f'?{MASK}"“”«»['):
            yield Finding("Name", tokens[0].start, max(end, ends.get(tokens[0].start, 0)))


@cache
def _before_signature() -> frozenset[str]:
    return _BEFORE_SIGNATURE | keys("personenwoerter", "vorsatz")


def _is_initial(reading: Reading, token: Token) -> bool:
    return len(token.word) == 1 and reading.text[token.end : token.end + 1] == "."


def _signature_end(reading: Reading, tokens: Sequence[Token]) -> int | None:
    """Where a name that begins with the first of ``tokens`` ends; None if it is none."""
    first, second = tokens[0], tokens[1] if len(tokens) > 1 else None
    given = is_given(first)
    if second is not None and 0 < second.start - first.end <= 2 and (given or (first.capital and second.capital)):
        sample = second.key.startswith("muster")
        if not sample and not is_common(second):
            return second.end
    last_word = len(first.word) > 3 and not given and _END_OF_LETTER.match(reading.text, first.end) is not None
    return first.end if last_word or first.within(keys("nachnamen", "eindeutig")) else None
