"""What a sentence must be before anybody asks whether it is true: German prose, without mark-up, links or disguise.

Each check takes a sentence and the facts of the answer and returns in German what is wrong, or None.
"""

from __future__ import annotations

import re
import unicodedata

from assistant.ask.facts import Facts, plain
from assistant.ask.sentences import Sentence

LONGEST_SENTENCE = 600
"""Characters; office German is long, but what is longer than this is not a sentence."""


def stated(sentence: Sentence, facts: Facts) -> bool:
    """Whether it is, word for word, a sentence of the answer that already stands."""
    return plain(sentence.text) in facts.stated


_PUNCTUATION = frozenset(" .,;:!?()[]/-–—…'’‚‘\"„“”»«§%+=€·°")


_LETTERS = frozenset("äöüÄÖÜß")


def check_characters(sentence: Sentence, facts: Facts) -> str | None:
    """Only German letters, plain digits and ordinary punctuation: no mark-up, no look-alikes, nothing invisible.

    A word with another Latin letter ("Café", "dárf") must be written like that in the facts.
    """
    for word in re.split(r"[^\w]+", sentence.text):
        foreign = [c for c in word if not (c.isascii() or c in _LETTERS)]
        if foreign and not (all(_latin(c) for c in foreign) and any(word in text for text in facts.texts)):
            return f"unerwartetes Zeichen {unicodedata.name(foreign[0], repr(foreign[0]))}"
    for character in sentence.text:
        if not (character.isalnum() or character in _PUNCTUATION):
            return f"unerwartetes Zeichen {unicodedata.name(character, repr(character))}"
    return None


def _latin(character: str) -> bool:
    return character.isalpha() and unicodedata.name(character, "").startswith("LATIN ")


_LINK = re.compile(
    r"://|\bwww\.|\]\s*\(|\b(?:https?|ftp|file|data|javascript|mailto|tel)\s*:|"
    # A dot inside a word: an address or a file name. "z.B." and "2.8.2026" have single characters or digits there.
    r"[A-Za-zÄÖÜäöüß0-9-]{2,}\.[A-Za-zÄÖÜäöüß]{2,}",
    re.IGNORECASE,
)


def check_links(sentence: Sentence, _facts: Facts) -> str | None:
    """Addresses, links and file names."""
    match = _LINK.search(sentence.text)
    return f"Verweis „{match.group()}“" if match else None


def check_form(sentence: Sentence, _facts: Facts) -> str | None:
    """A whole sentence of ordinary length that asks nothing."""
    if not sentence.complete:
        return "der Satz ist nicht zu Ende"
    if len(sentence.text) > LONGEST_SENTENCE:
        return "der Satz ist zu lang"
    if "?" in sentence.text:
        return "eine Frage ist keine Antwort"
    if re.search(r"\b[^\W\d_]+\d+[^\W\d_]+\b|(?:\b[^\W\d_]\s){4,}", sentence.text):
        return "verfremdetes Wort"
    return None


_GERMAN = re.compile(
    r"\b(?:der|die|das|den|dem|des|ein\w*|und|oder|ist|sind|wird|werden|nicht|kein\w*|mit|für|auf|von|zu|im|in|bei|nach|"
    r"sie|es|er|dürfen|darf|müssen|muss|gilt|gelten|als|auch|nur|dass|wenn|diese\w*|ohne|an|zur|zum|aus|wer|hat|haben|"
    r"bleib\w*|regelt|regeln|kann|können|soll\w*|sowie|über|unter|durch|vor|bis|beim|vom|wie|ihre?\w?|gehör\w*)\b",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"\b(?:the|you|your|may|might|can|is|are|allowed|permitted|yes|okay|and|this|that|with|use|please|must|shall|should|"
    r"les|vous|pouvez|est|permis|une|puede|está|można|jest|evet|serbest)\b",
    re.IGNORECASE,
)


def check_language(sentence: Sentence, facts: Facts) -> str | None:
    """German only: the check against the verdict reads no other language."""
    if stated(sentence, facts):
        return None
    if not _GERMAN.search(sentence.text):
        return "kein deutscher Satz"
    match = _FOREIGN.search(sentence.text)
    return f"fremdsprachiges Wort „{match.group()}“" if match else None


def check_words(sentence: Sentence, facts: Facts) -> str | None:
    """ "er-laubt": German hyphens stand before a capital, save in words that the facts write like that."""
    for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*-[a-zäöüß]{2,}(?:-[^\W\d_]+)*", sentence.text):
        if not any(word in text for text in facts.texts):
            return f"verfremdetes Wort „{word}“"
    return None
