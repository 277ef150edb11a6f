"""The extractive answer: verdict line, the rule's sentence, its conditions, the reason, and numbered quotations.

Every number, label, quotation and date is made here from provisions; nothing is paraphrased. A quotation is cut from
one provision at sentence ends and is always a verbatim substring of its text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.ask import texts
from assistant.ask.decide import Decision
from assistant.ask.reading import Reading
from assistant.corpus.addresses import Address
from assistant.corpus.law import Found, Law
from assistant.corpus.references import references
from assistant.corpus.rules import Guideline
from assistant.errors import AddressError
from assistant.index.build import GUIDELINE_SHORT
from assistant.index.german import terms
from assistant.types import Citation, Hit, Kind, Provision, Rule, Source, Validity, Verdict

MAX_QUOTE = 420
MAX_WHOLE = 1500
"""Characters of a provision that is quoted whole when its wording was asked for."""
MAX_CITATIONS = 9
REFERRED = 2
"""Places that a provision asked about refers to and that are quoted with it."""
POINTS = ("lit.", "Nr.", "Ziff.")
ROOM = 5
"""Up to this many sources an answer names a related rule besides."""
_SENTENCE_END = re.compile(
    r"(?<=[.!?;:])(?<!\d\.)(?<!\bAbs\.)(?<!\bArt\.)(?<!\bNr\.)(?<!\bz\.)(?<!\bB\.)(?<!\blit\.)(?<!\bu\.)\s+(?=[A-ZÄÖÜ„§\d(])"
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What an answer is made of besides its status."""

    text: str
    conditions: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    clarifications: tuple[str, ...] = ()


class Quoter:
    """Numbers quotations in the order in which they are asked for; the same place keeps its number."""

    def __init__(self, guideline_source: Source, provisions: Mapping[str, Provision], law: Law, as_of: dt.date) -> None:
        self._source, self._provisions, self._law, self.as_of = guideline_source, provisions, law, as_of
        self.citations: list[Citation] = []

    def rule(self, rule: Rule) -> int | None:
        """Quote a rule by its one-sentence answer."""
        norm = f"{GUIDELINE_SHORT} {rule.id}"
        place = self._provisions.get(norm)
        return self._add(place, self._source, Validity.GILT, rule.sentence) if place else None

    def hit(self, hit: Hit, about: str) -> int | None:
        """Quote a passage that was found, of the guideline or of the law."""
        place = self._provisions.get(hit.passage.norm)
        if place is not None:
            return self._add(place, self._source, Validity.GILT, choose_quote(place.text, about))
        return self.law(self._law.acts.parse(hit.passage.norm), about)

    def law(self, address: Address, about: str, *, whole: bool = False) -> int | None:
        """Quote a place of the law as it stands on the day asked about; None where nothing is known of it.

        ``whole``: all of it where that is not too long, otherwise its sentence nearest to ``about``.
        """
        found = self._law.find(address, self.as_of)
        if found is None:
            return None
        text = found.provision.text
        quote = text if whole and len(text) <= MAX_WHOLE else choose_quote(text, about)
        return self._add(found.provision, found.source, found.validity, quote)

    def place(self, found: Found, quote: str) -> int | None:
        """Quote these words of a place of the law."""
        return self._add(found.provision, found.source, found.validity, quote)

    def _add(self, place: Provision, source: Source, validity: Validity, quote: str) -> int | None:
        for known in self.citations:
            if known.norm == place.norm:
                return known.number
        if not quote or len(self.citations) >= MAX_CITATIONS:
            return None
        number = len(self.citations) + 1
        self.citations.append(
            Citation(
                number, place.norm, place.label, source.id, place.kind, quote, source.state, place.valid_from, place.valid_to,
                validity, source.url,
            )
        )  # fmt: skip
        return number


def sentences(line: str) -> list[str]:
    """Sentences of one line, each a substring of it."""
    return [s for s in (piece.strip() for piece in _SENTENCE_END.split(line)) if s]


def choose_quote(text: str, about: str) -> str:
    """The sentence of ``text`` nearest in words to ``about``, at most ``MAX_QUOTE`` characters, verbatim."""
    if len(text) <= MAX_QUOTE and "\n" not in text:
        return text.strip()
    wanted = set(terms(about))
    best, best_score = "", -1.0
    for order, line in enumerate(text.split("\n")):
        for position, sentence in enumerate(sentences(line)):
            shared = len(wanted & set(terms(sentence)))
            score = shared / (6 + len(sentence) ** 0.5) - 0.001 * (order + position)
            if len(sentence) >= 12 and score > best_score:
                best, best_score = sentence, score
    return _shorten(best or text.strip().split("\n")[0])


def _shorten(sentence: str) -> str:
    if len(sentence) <= MAX_QUOTE:
        return sentence
    cut = max(sentence.rfind(sign, 0, MAX_QUOTE) for sign in (", ", "; ", " – "))
    end = cut if cut > MAX_QUOTE // 2 else sentence.rfind(" ", 0, MAX_QUOTE)
    if end <= 0:  # one word without end
        end = MAX_QUOTE
    return sentence[:end].rstrip(" ,;")


def _mark(number: int | None) -> str:
    return f" [{number}]" if number else ""


def _addresses(law: Law, norms: Iterable[str]) -> list[Address]:
    result = []
    for norm in norms:
        try:
            result.append(law.acts.parse(norm))
        except AddressError:
            continue
    return result


def compose(
    decision: Decision, reading: Reading, guideline: Guideline, law: Law, quoter: Quoter, related: Sequence[Rule] = ()
) -> Parts:
    """The parts of a ``beantwortet`` answer. ``related``: rules that do not govern but are near, to read on."""
    rules = [rule for rule_id in decision.rules if (rule := guideline.rule(rule_id))]
    governing = (
        [r for r in rules if r.verdict is not Verdict.AUSKUNFT] if decision.verdict is not Verdict.AUSKUNFT else rules
    )
    if not rules or (reading.norms and decision.verdict is Verdict.AUSKUNFT):
        return _about_law(reading, rules, guideline, law, quoter, decision)
    lead, others = rules[0], rules[1:]
    lead_number = quoter.rule(lead)
    # The question first: norms it names, then the governing rule's own.
    asked = [(address, quoter.law(address, reading.alone)) for address in reading.norms]
    legal = [(a, quoter.law(a, f"{reading.alone} {lead.sentence}")) for a in _by_relevance(lead, law, reading)]
    lines = [f"**{first_line(decision)}**", "", f"{lead.sentence}{_mark(lead_number)}"]
    for other in others:
        lines += ["", f"Außerdem: {other.sentence}{_mark(quoter.rule(other))}"]
    if lead.reason:
        lines += ["", f"Warum: {lead.reason}{_mark(lead_number)}"]
    lines += _missing_lines(reading, law, quoter)
    basis = _basis([*asked, *legal])
    if basis:
        lines += ["", f"Rechtsgrundlage: {basis}."]
    for other in others[:1]:
        for address in _addresses(law, other.norms)[:2]:
            quoter.law(address, f"{reading.alone} {other.sentence}")
    offices = tuple(dict.fromkeys(o for rule in rules[:3] for o in rule.offices))
    lines += ["", f"Zuständig: {_office_names(guideline, offices)}."]
    lines += _see_also(related, reading, law, quoter)
    return Parts("\n".join(lines), _conditions(decision, governing or rules), offices, tuple(quoter.citations))


def _see_also(related: Sequence[Rule], reading: Reading, law: Law, quoter: Quoter) -> list[str]:
    """A near rule to read on, with its first norms, where the answer has room for sources."""
    if len(quoter.citations) >= ROOM or not related:
        return []
    rule = related[0]
    number = quoter.rule(rule)
    for address in _addresses(law, rule.norms)[: ROOM - len(quoter.citations)]:
        quoter.law(address, f"{reading.alone} {rule.sentence}")
    return ["", f"Siehe auch: {rule.title}{_mark(number)}."]


def first_line(decision: Decision) -> str:
    """The first line users act on."""
    if decision.violated:
        return texts.VIOLATED
    return texts.FIRST_LINE[decision.verdict or Verdict.AUSKUNFT]


def _conditions(decision: Decision, rules: Sequence[Rule]) -> tuple[str, ...]:
    """Conditions add up; a permission always carries the three base conditions first."""
    base = texts.BASE_CONDITIONS if decision.verdict is Verdict.ERLAUBT else ()
    return tuple(dict.fromkeys([*base, *(c for rule in rules for c in rule.conditions)]))


def _by_relevance(rule: Rule, law: Law, reading: Reading) -> list[Address]:
    """The rule's norms in their own order, those of acts the question names first."""
    addresses = _addresses(law, rule.norms)
    named = {address.source for address in reading.norms}
    return sorted(addresses, key=lambda a: a.source not in named)[:5]


def _basis(numbered: Sequence[tuple[Address, int | None]]) -> str:
    seen = dict.fromkeys(f"{address.label}{_mark(number)}" for address, number in numbered)
    return ", ".join(seen)


def _office_names(guideline: Guideline, keys: Sequence[str]) -> str:
    return ", ".join(guideline.contacts[k].name if k in guideline.contacts else k for k in keys)


def _missing_lines(reading: Reading, law: Law, quoter: Quoter) -> list[str]:
    found = [law.missing(address, quoter.as_of) for address in reading.norms]
    return [line for sentence in found if sentence for line in ("", sentence)]


def _about_law(
    reading: Reading, rules: Sequence[Rule], guideline: Guideline, law: Law, quoter: Quoter, decision: Decision
) -> Parts:
    """A question about a norm: what it says on the day, since when, and what the guideline makes of it."""
    norms = [line for address in reading.norms[:3] for line in _norm_lines(address, law, quoter, reading)]
    around = [line for address in reading.norms[:1] for line in _around(address, law, quoter, reading)]
    ours = []
    for rule in rules[:2]:
        ours += ["", f"In der Leitlinie: {rule.sentence}{_mark(quoter.rule(rule))}"]
        for own in _addresses(law, rule.norms)[:3]:
            quoter.law(own, reading.alone)
    # Who asks for the wording gets it first; who asks what follows from a norm gets the guideline's sentence first.
    lines = [f"**{first_line(decision)}**", *(norms + ours if reading.wants_wording else ours + norms), *around]
    offices = tuple(dict.fromkeys(o for rule in rules[:2] for o in rule.offices)) or ("rechtsamt",)
    lines += ["", f"Zuständig: {_office_names(guideline, offices)}."]
    return Parts("\n".join(lines), (), offices, tuple(quoter.citations))


def _around(address: Address, law: Law, quoter: Quoter, reading: Reading) -> list[str]:
    """The words that a point completes, and the places the provision refers to: both are needed to understand it."""
    found = law.find(address, quoter.as_of)
    if found is None or not found.exact or found.provision.kind is not Kind.GESETZ:
        return []
    lines: list[str] = []
    above = law.find(address.parent, quoter.as_of) if address.parent and address.parts[-1][0] in POINTS else None
    if above is not None and above.exact:
        opening = above.provision.text.split("\n")[0]
        number = quoter.place(above, opening if len(opening) <= MAX_QUOTE else choose_quote(opening, reading.alone))
        lines += ["", f"Gehört zu: {above.provision.label}{_mark(number)}."] if number else []
    targets = [t for t in references(found.provision, law.acts) if t.source == address.source and not t.contains(address)]
    named = [(t, quoter.law(t, reading.alone)) for t in targets[:REFERRED]]
    shown = _basis([(t, n) for t, n in named if n])
    return [*lines, "", f"Verweist auf: {shown}."] if shown else lines


def _norm_lines(address: Address, law: Law, quoter: Quoter, reading: Reading) -> list[str]:
    lines: list[str] = []
    if missing := law.missing(address, quoter.as_of):
        lines += ["", missing]
        info = law.acts.get(address.source)
        if info is None or info.last is None or not _exists_above(address, law, quoter.as_of):
            return lines
    number = quoter.law(address, reading.alone, whole=reading.wants_wording)
    if number is None:
        return lines or ["", f"Zu {address.label} liegt hier kein Text vor."]
    quoted = quoter.citations[number - 1]
    exact = quoted.norm == address.norm
    if not exact and not lines:
        lines += ["", f"Zu {address.label} liegt kein eigener Text vor; am nächsten liegt {quoted.label}."]
    kind = "" if quoted.kind is Kind.GESETZ else " (Kurzfassung in eigenen Worten, nicht der Wortlaut)"
    wording = quoted.quote.replace("\n", "\n\n")
    lines += ["", f"{quoted.label}{kind}: {wording} [{number}]", "", _validity_line(quoted)]
    info = law.acts.get(address.source)
    if info is not None and not info.verified and quoted.kind is not Kind.GESETZ:
        lines += ["", f"Der Wortlaut von {info.short} liegt nicht vor und wird deshalb nicht zitiert."]
    return lines


def _exists_above(address: Address, law: Law, as_of: dt.date) -> bool:
    """True if the article itself exists and only the place within it does not."""
    return law.missing(Address(address.source, address.parts[:1]), as_of) is None


def _validity_line(quoted: Citation) -> str:
    since = ""
    if quoted.valid_from:
        since = f" Anwendbar seit {quoted.valid_from:%d.%m.%Y}."
        if quoted.kind is Kind.GESETZ and quoted.valid_from < quoted.state:
            since = f" In dieser Fassung seit {quoted.state:%d.%m.%Y}, anwendbar seit {quoted.valid_from:%d.%m.%Y}."
    if quoted.validity is Validity.GILT_AB and quoted.valid_from:
        since = f" Gilt erst ab {quoted.valid_from:%d.%m.%Y}."
    if quoted.validity is Validity.AUFGEHOBEN and quoted.valid_to:
        since = f" Galt bis {quoted.valid_to:%d.%m.%Y}."
    return f"Stand der Vorschrift: {quoted.state:%d.%m.%Y}.{since}"


def compose_unregulated(
    text: str, guideline: Guideline, law: Law, quoter: Quoter, nearest: Sequence[Hit], about: str
) -> Parts:
    """``nicht_geregelt`` or ``teilweise``: the office, and the nearest passages as mere orientation."""
    lines = [f"**{text}**"]
    numbers = [quoter.hit(hit, about) for hit in nearest]
    shown = [f"{quoter.citations[n - 1].label} [{n}]" for n in numbers if n]
    offices = ("ki-koordination",)
    lines += ["", f"Bitte vorher fragen: {_office_names(guideline, offices)}."]
    if shown:
        lines += ["", f"Am nächsten liegen, ohne den Fall zu regeln: {'; '.join(shown)}."]
    return Parts("\n".join(lines), (), offices, tuple(quoter.citations))
