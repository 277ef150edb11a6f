"""``corpus check``: does what guideline and digests cite exist, and does it still stand as they say?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from assistant.corpus.law import Law, read_law
from assistant.corpus.rules import Guideline, read_guideline
from assistant.errors import AddressError
from assistant.types import Rule, Validity


def check_corpus(home: Path, today: dt.date) -> list[str]:
    """One German line per finding, with file and line. Raises CorpusError if a file cannot be read at all."""
    guideline, law = read_guideline(home / "corpus"), read_law(home / "corpus")
    findings = [line for rule in guideline.rules for line in _rule_norms(rule, law, today)]
    findings += _same_applicability(guideline)
    findings += [
        line for book in law.digests.values() for line in _digest_places(book.file, list(book.places), law, today)
    ]
    return findings


def _rule_norms(rule: Rule, law: Law, today: dt.date) -> Iterator[str]:
    where = f"{rule.file}, Zeile {rule.line}, Regel {rule.id}"
    for norm in rule.norms:
        try:
            address = law.acts.parse(norm)
        except AddressError as error:
            yield f"{where}: {error}"
            continue
        found = law.find(address, today)
        if missing := law.missing(address, today):
            yield f"{where}: {missing}"
        elif found is None or not found.exact:
            yield f"{where}: zu {address.label} gibt es weder einen amtlichen Text noch eine Kurzfassung."
        elif found.validity is Validity.AUFGEHOBEN:
            yield f"{where}: {address.label} ist aufgehoben."


def _digest_places(file: str, norms: list[str], law: Law, today: dt.date) -> Iterator[str]:
    for norm in norms:
        address = law.acts.parse(norm)
        place = law.digests[address.source].places[norm]
        if place.valid_to is None and (missing := law.missing(address, today)):
            yield f"{file}: {missing}"


def _same_applicability(guideline: Guideline) -> Iterator[str]:
    """Two rules that apply to exactly the same and say different things, without one being a named exception."""
    seen: dict[tuple[frozenset[str], ...], Rule] = {}
    for rule in guideline.rules:
        key = (rule.actions, rule.data, rule.tools)
        if not all(key):
            continue
        other = seen.setdefault(key, rule)
        exempt = rule.id in other.exception_to or other.id in rule.exception_to
        if other is not rule and other.verdict is not rule.verdict and not exempt:
            yield (
                f"{rule.file}, Zeile {rule.line}: Regel {rule.id} ({rule.verdict.value}) gilt für dasselbe wie {other.id} "
                f"({other.verdict.value}), ohne benannte Ausnahme."
            )
