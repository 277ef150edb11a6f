"""The day a question itself asks about: "Was galt am 1.3.2025?", "Art. 4 KI-VO, Stand 1. März 2025".

Only a full date counts, and only where the words around it ask for the law of that day; a date that is merely told
("die Panne am 3.3.2026", "ab dem 2.8.2026", "bis zum …") leaves the day as it is.
"""

from __future__ import annotations

import datetime as dt
import re

from assistant.ask.figures import figures_in

_MONTH = "januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember"
_DATE = rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}\.\s?(?:\d{{1,2}}\.|{_MONTH})\s?\d{{4}})(?!\d)"
_ASKS = re.compile(
    r"\b(?:galt(?:en)?|gilt|gelten|rechtslage|anwendbar|anzuwenden)\b[^,;:.?!]{0,60}?\bam\s+" + f"(?P<on>{_DATE})"
    r"|\b(?:rechts)?(?:stand|lage|fassung)\b\s*:?\s*(?:(?:vom|zum|am|per)\s+)?" + f"(?P<state>{_DATE})"
    r"|\bam\s+" + f"(?P<first>{_DATE})" + r"[^,;:.?!]{0,60}?\b(?:galt(?:en)?|gilt|gelten)\b",
    re.IGNORECASE,
)  # fmt: skip
_ANY = re.compile(_DATE, re.IGNORECASE)


def day_asked(question: str) -> dt.date | None:
    """The one day whose law the question asks for, or None."""
    found = _ASKS.search(question)
    if found is None or len(_ANY.findall(question)) != 1:
        return None
    written = found["on"] or found["state"] or found["first"]
    values = [value for kind, value in figures_in(written) if kind == "datum"]
    try:
        return dt.date.fromisoformat(values[0]) if values else None
    except ValueError:  # 31.2.2025
        return None
