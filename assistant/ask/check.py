"""First step: is this a question that can be processed at all? Nothing else looks at the text before this."""

from __future__ import annotations

import re
import unicodedata

from assistant.ask import texts
from assistant.errors import QuestionError

MAX_CHARACTERS = 2000
_HALF = re.compile("[\ud800-\udfff]")


def clean_question(text: str) -> str:
    """The question in Unicode NFC without control and invisible characters.

    Raises QuestionError (one German line) if it is empty, longer than ``MAX_CHARACTERS`` or not text.
    """
    if not isinstance(text, str):
        raise QuestionError(texts.BINARY)
    normal = unicodedata.normalize("NFC", text)
    odd = sum(1 for c in normal if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") and c not in "\t\n\r")
    odd += normal.count("\ufffd")
    if odd > max(2, len(normal) // 50):
        raise QuestionError(texts.BINARY)
    visible = "".join(" " if c in "\t\n\r" else c for c in normal if c in "\t\n\r" or unicodedata.category(c)[0] != "C")
    visible = " ".join(visible.split())
    if not any(c.isalnum() for c in visible):
        raise QuestionError(texts.EMPTY)
    if len(visible) > MAX_CHARACTERS:
        raise QuestionError(texts.TOO_LONG.format(n=len(visible), limit=MAX_CHARACTERS))
    return visible


def showable(text: object) -> str:
    """A question as it can be written to any file: half characters (lone surrogates) become U+FFFD, so that positions
    stay; "" for what is no text."""
    return _HALF.sub("\ufffd", text) if isinstance(text, str) else ""
