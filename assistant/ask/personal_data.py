"""Personal data in a question: found before anything else is done with it, and replaced where it must be shown.

``DETECTORS`` lists what is recognised by itself; ``personal_context`` adds what only the whole question shows. Nothing
is sent, stored or logged. The findings are a safeguard for the clerk, no proof that a text is anonymous.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence

from assistant.ask import personal_contact as contact
from assistant.ask import personal_numbers as numbers
from assistant.ask import personal_places as places
from assistant.ask.personal_births import births
from assistant.ask.personal_context import case_findings
from assistant.ask.personal_text import Reading, read
from assistant.types import Finding

DETECTORS: tuple[Callable[[Reading], Iterable[Finding]], ...] = (
    numbers.ibans,
    numbers.old_accounts,
    numbers.cards,
    numbers.tax_ids,
    numbers.pension_numbers,
    numbers.health_numbers,
    numbers.id_cards,
    contact.emails,
    contact.phones,
    places.addresses,
    places.plates,
    births,
)
"""In order of precedence: where two findings overlap, the earlier detector's is kept."""


def find_personal_data(text: str) -> tuple[Finding, ...]:
    """Personal data in ``text``: sorted, not overlapping, half-open character spans of ``text``; empty if none."""
    reading = read(text)
    size = len(reading.text)
    alone = _without_overlaps((finding for detect in DETECTORS for finding in detect(reading)), size)
    found = _without_overlaps([*alone, *case_findings(reading, alone)], size)
    return tuple(_in_original(text, reading, finding) for finding in sorted(found, key=lambda f: f.start))


def redact(text: str, findings: Sequence[Finding]) -> str:
    """``text`` with every finding replaced by its kind in brackets: ``[NAME]``, ``[IBAN]``."""
    pieces: list[str] = []
    position = 0
    for finding in sorted(findings, key=lambda f: f.start):
        pieces += [text[position : finding.start], f"[{finding.kind.upper()}]"]
        position = max(position, finding.end)
    return "".join([*pieces, text[position:]])


def _without_overlaps(findings: Iterable[Finding], size: int) -> list[Finding]:
    """The findings that overlap no earlier one, all within ``size`` characters."""
    taken = bytearray(size)
    kept: list[Finding] = []
    for finding in findings:
        if not any(taken[finding.start : finding.end]):
            taken[finding.start : finding.end] = b"\1" * (finding.end - finding.start)
            kept.append(finding)
    return kept


def _in_original(text: str, reading: Reading, finding: Finding) -> Finding:
    """The finding in characters of ``text``, with the combining marks that belong to its last character."""
    end = reading.origin[finding.end - 1] + 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return Finding(finding.kind, reading.origin[finding.start], end)
