"""Whether a question is English: by its small words, without a library, because that is all that is ever asked."""

from __future__ import annotations

import re

_ENGLISH = frozenset(
    "a about after allowed an and any are as at be before but by can could did do does for from get has have how i if into "
    "is it its just let make may me must my need no not of on one or our out own put should that than the their them then "
    "there they this to up use using want we what when where which while who why will with without would you your".split()
)
_GERMAN = frozenset(
    "aber als am auch auf aus bei bin bis da dann darf das dass dem den der des die doch du ein eine einem einen einer er es "
    "für ganz gibt hab habe haben hat ich ihr im in ist ja kann kein keine man mein meine mich mir mit muss nach nicht noch nur "
    "ob oder schon sein sich sie sind so soll um und uns unser vom von vor war was wenn wer wie wir wird zu zum zur".split()
)
_WORD = re.compile(r"[a-zäöüß]+")


def is_english(text: str) -> bool:
    """True if English small words outnumber German ones."""
    words = _WORD.findall(text.lower())
    english, german = sum(word in _ENGLISH for word in words), sum(word in _GERMAN for word in words)
    # One word alone may be a typing mistake for a German one ("wann is Wahl").
    return english > max(1, german)
