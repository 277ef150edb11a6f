""" "Was würde das Urteil ändern?": the same question with one circumstance changed, decided again by the same steps.

Nothing here judges. A changed question is written (a sentence added, or the words that named a tool exchanged), it is
read again to see that the circumstance really changed, and what ``pipeline.consider`` decides for it is reported: who
asks the changed question gets that very answer. A milder verdict is only reported where its rule already spoke for the
question as it was asked, or is a named exception to the rule that governs it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.ask.decide import OPEN_TOOLS, VIOLATIONS, Decision
from assistant.ask.match import Match
from assistant.ask.personal_data import find_personal_data
from assistant.ask.pipeline import Considered, consider
from assistant.ask.reading import NEGATORS, Reading
from assistant.corpus.language import is_english
from assistant.corpus.vocabulary import Vocabulary
from assistant.index.german import fold
from assistant.index.published import PublishedIndex
from assistant.types import STRICTNESS, Question, Rule, Status, Verdict

SPOKE = 0.02
"""A milder rule must have had at least this value for the question as it was asked."""
_REWRITES = 6
"""Places of a question that are rewritten at most."""


class Circumstance(StrEnum):
    """What is changed; the page has words for each."""

    OHNE_PERSONEN = "ohne_personen"
    MIT_PERSONEN = "mit_personen"
    FREIGEGEBEN = "freigegeben"
    NICHT_FREIGEGEBEN = "nicht_freigegeben"
    BEIDES = "beides"
    GEPRUEFT = "geprueft"
    UNGEPRUEFT = "ungeprueft"
    OFFEN = "offen"
    HEIMLICH = "heimlich"
    AUSNAHME = "ausnahme"


@dataclass(frozen=True, slots=True)
class Change:
    """The verdict on ``question``, which differs from the one asked by ``circumstance`` only.

    ``rule`` is the id of the rule that governs it; ``title`` that rule's heading.
    """

    circumstance: Circumstance
    question: str
    verdict: Verdict
    rule: str
    title: str


@dataclass(frozen=True, slots=True)
class Changes:
    """``changed`` lead to another verdict, milder ones first and named exceptions last; ``same`` leave it as it is."""

    changed: tuple[Change, ...] = ()
    same: tuple[Circumstance, ...] = ()


_SAID = {
    Circumstance.OHNE_PERSONEN: (
        "Der Text ist vollständig anonymisiert, es kommen keine Namen vor.",
        "The text is fully anonymised and contains no names.",
    ),
    Circumstance.MIT_PERSONEN: (
        "Darin stehen Namen und Anschriften von Bürgerinnen und Bürgern.",
        "It contains names and addresses of residents.",
    ),
    Circumstance.FREIGEGEBEN: ("Sprachmodell der Stadt", "city's language model"),
    Circumstance.NICHT_FREIGEGEBEN: ("Ich benutze dafür ChatGPT.", "I use ChatGPT for it."),
    Circumstance.GEPRUEFT: ("nach eigener Prüfung", "after checking it myself"),
    Circumstance.UNGEPRUEFT: ("Das Ergebnis übernehme ich ungeprüft.", "The result goes out unchecked."),
    Circumstance.OFFEN: ("offen", "openly"),
    Circumstance.HEIMLICH: ("Das geschieht heimlich.", "This is done secretly."),
}
"""German and English words by which a question is changed: a sentence to add, or what stands in place of others."""
_REPLACEABLE_TOOLS = ("werkzeug:oeffentlicher_dienst", "werkzeug:nicht_freigegeben", "werkzeug:privates_konto")
_TIGHTENED = {
    Circumstance.MIT_PERSONEN: "daten:personenbezogen",
    Circumstance.NICHT_FREIGEGEBEN: "werkzeug:oeffentlicher_dienst",
    Circumstance.UNGEPRUEFT: "merkmal:ungeprueft",
    Circumstance.HEIMLICH: "merkmal:heimlich",
}
"""What the changed question must name, or nothing is reported."""


def what_would_change(question: Question, index: PublishedIndex, limit: int = 8) -> Changes:
    """The circumstances that would change the verdict on ``question``; empty where it has no verdict on a use."""
    if find_personal_data(question.text):
        return Changes()
    asked = consider(question, index)
    verdict = asked.decision.verdict
    if asked.decision.status is not Status.BEANTWORTET or verdict is None or verdict is Verdict.AUSKUNFT:
        return Changes()
    changed: list[Change] = []
    same: list[Circumstance] = []
    for circumstance, text in _variants(question.text, asked, index.vocabulary):
        if circumstance is Circumstance.BEIDES and any(_milder(change.verdict, verdict) for change in changed):
            continue  # one change is enough
        then = consider(replace(question, text=text), index)
        if not _really(circumstance, then.reading) or find_personal_data(text):
            continue
        if then.decision.verdict is verdict:
            same.append(circumstance)
        elif change := _reported(circumstance, text, asked, then.decision, index):
            changed.append(change)
    changed.sort(key=lambda change: STRICTNESS[change.verdict])
    named = {change.rule for change in changed}
    changed += (change for change in _exceptions(question, asked.decision, index) if change.rule not in named)
    return Changes(tuple(changed[:limit]), tuple(same))


def _milder(one: Verdict, other: Verdict) -> bool:
    return STRICTNESS[one] < STRICTNESS[other]


def _reported(
    circumstance: Circumstance, text: str, asked: Considered, then: Decision, index: PublishedIndex
) -> Change | None:
    """The change, if the changed question has a verdict on a use and, where that is milder, one that is grounded."""
    rule = index.guideline.rule(then.rules[0]) if then.rules else None
    if then.status is not Status.BEANTWORTET or then.verdict in (None, Verdict.AUSKUNFT) or rule is None:
        return None
    before = asked.decision.verdict or Verdict.VERBOTEN
    milder = _milder(then.verdict, before)
    # A way out that makes it stricter, or a trespass that makes it milder, is chance and would only confuse.
    if milder is (circumstance in _TIGHTENED) or (milder and not _grounded(rule, asked.decision, asked.match)):
        return None
    return Change(circumstance, text, then.verdict, rule.id, rule.title)


def _grounded(rule: Rule, decision: Decision, match: Match) -> bool:
    """Whether a milder rule is about the question as it was asked, so that added words alone cannot bring it in."""
    return match.values.get(rule.id, 0.0) >= SPOKE or any(base in decision.rules for base in rule.exception_to)


# ------------------------------------------------------------------------------------------ the changed questions


def _variants(text: str, asked: Considered, vocabulary: Vocabulary) -> Iterator[tuple[Circumstance, str]]:
    """Each circumstance that can be changed, with the question that has it changed; the ways out first."""
    reading = asked.reading
    say = _said(text)
    tools = [key for key in _REPLACEABLE_TOOLS if reading.has(key)]
    other_tool = _rewritten(text, tools, say(Circumstance.FREIGEGEBEN), vocabulary) if tools else None
    personal = bool(reading.keys("daten") & {"personenbezogen", "personenliste"}) or reading.has("merkmal:einzelfall")
    anonymous = any(reading.has(key) for key in NEGATORS)
    if personal and not anonymous:
        yield Circumstance.OHNE_PERSONEN, _added(text, say(Circumstance.OHNE_PERSONEN))
    if other_tool:
        yield Circumstance.FREIGEGEBEN, other_tool
    if other_tool and personal and not anonymous:
        yield Circumstance.BEIDES, _added(other_tool, say(Circumstance.OHNE_PERSONEN))
    for circumstance, key in ((Circumstance.GEPRUEFT, VIOLATIONS[1]), (Circumstance.OFFEN, VIOLATIONS[0])):
        if reading.has(key) and (mended := _rewritten(text, [key], say(circumstance), vocabulary)):
            yield circumstance, mended
    if asked.decision.verdict is not Verdict.VERBOTEN:
        for circumstance, key in _TIGHTENED.items():
            if not reading.has(key):
                yield circumstance, _added(text, say(circumstance))


def _said(text: str) -> Callable[[Circumstance], str]:
    column = 1 if is_english(text) else 0
    return lambda circumstance: _SAID[circumstance][column]


def _added(text: str, sentence: str) -> str:
    text = text.rstrip()
    return f"{text}{'' if text.endswith(('.', '?', '!')) else '.'} {sentence}"


def _rewritten(text: str, keys: list[str], words: str, vocabulary: Vocabulary) -> str | None:
    """``text`` with ``words`` wherever it names one of ``keys``; None if it still names one after that."""
    for _ in range(_REWRITES):
        named = vocabulary.read(text)
        found = next((named[key] for key in keys if key in named), None)
        if found is None:
            return text
        span = _place(text, found)
        if span is None:
            return None
        text = text[: span[0]] + words + text[span[1] :]
    return None


def _place(text: str, found: str) -> tuple[int, int] | None:
    """Where folded words stand in a text as it was written; None where they do not stand there as such."""
    folded, origin = "", []
    for position, letter in enumerate(text):
        piece = fold(letter)
        folded += piece
        origin += [position] * len(piece)
    match = re.search(r"\s+".join(re.escape(word) for word in found.split()), folded)
    return (origin[match.start()], origin[match.end() - 1] + 1) if match else None


def _really(circumstance: Circumstance, reading: Reading) -> bool:
    """Whether the changed question says what it should, so that nothing is reported that was not asked."""
    open_tools = bool(reading.keys("werkzeug") & OPEN_TOOLS) and not any(map(reading.has, _REPLACEABLE_TOOLS))
    anonymous = any(reading.has(key) for key in NEGATORS)
    if circumstance in _TIGHTENED:
        return reading.has(_TIGHTENED[circumstance])
    return {
        Circumstance.OHNE_PERSONEN: anonymous,
        Circumstance.FREIGEGEBEN: open_tools,
        Circumstance.BEIDES: anonymous and open_tools,
        Circumstance.GEPRUEFT: not reading.has(VIOLATIONS[1]),
        Circumstance.OFFEN: not reading.has(VIOLATIONS[0]),
    }[circumstance]


def _exceptions(question: Question, decision: Decision, index: PublishedIndex) -> Iterator[Change]:
    """The named exceptions to the governing rule, each by its first example question, if that is answered by it."""
    for rule in index.guideline.rules:
        if decision.rules[0] not in rule.exception_to or rule.id in decision.rules or not rule.questions:
            continue
        example = rule.questions[0]
        then = consider(replace(question, text=example, history=()), index).decision
        verdict = then.verdict
        if then.rules[:1] == (rule.id,) and verdict is rule.verdict and verdict is not decision.verdict:
            yield Change(Circumstance.AUSNAHME, example, rule.verdict, rule.id, rule.title)
