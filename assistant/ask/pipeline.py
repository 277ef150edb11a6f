"""From a question to an answer: the visible list of steps, and the only place where errors become statuses.

Each step is one pure function over values, in its own module::

    clean     check.clean_question           text that can be processed at all
    protect   personal_data                  personal data stops everything before it begins
    read      reading.read_question          concepts, norms, continuation of an earlier question; parts.split_question
    match     match.match_rules              which rules it speaks for
    decide    decide.decide                  status and verdict
    search    index.search                   passages for what is not decided by a rule
    compose   compose                        verdict line, conditions, numbered quotations
    change    superseded                     law the question states or names that has been changed since
    english   english.in_english             an English frame where the question is English
    word      wording.word_answer            only with a model: prose around the same facts, proven before display
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from assistant.ask import texts
from assistant.ask.check import clean_question, showable
from assistant.ask.compose import Parts, Quoter, compose, compose_unregulated
from assistant.ask.day import day_asked
from assistant.ask.decide import DEFAULT, Decision, Thresholds, decide, together
from assistant.ask.english import in_english
from assistant.ask.match import Match, match_rules
from assistant.ask.parts import split_question
from assistant.ask.personal_data import find_personal_data
from assistant.ask.reading import Reading, read_question
from assistant.ask.superseded import change_line, change_note, superseded
from assistant.corpus.language import is_english
from assistant.errors import LeitplankeError, QuestionError
from assistant.index.published import PublishedIndex
from assistant.types import Answer, Finding, Hit, Lane, Note, Question, Status, Verdict

CONSIDERED = 5
MAX_CHOICES = 6
"""Acts offered when a place is named without its act."""
RELATED = 0.01
"""A rule of at least this value may be named to read on."""
SURE = 0.5
"""A part of a compound question adds its rule if that rule has at least this share."""


@dataclass(slots=True)
class _Clock:
    """Milliseconds per step, for the answer's ``dauer_ms``."""

    timings: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.timings[name] = self.timings.get(name, 0.0) + (time.perf_counter() - started) * 1000


@dataclass(frozen=True, slots=True)
class Considered:
    """What the decision rests on; ``search --json`` and "Warum?" show it."""

    reading: Reading
    match: Match
    decision: Decision


def consider(question: Question, index: PublishedIndex, thresholds: Thresholds = DEFAULT) -> Considered:
    """Read, match and decide, without composing."""
    return _consider(question, index, thresholds, _Clock())


def _consider(question: Question, index: PublishedIndex, thresholds: Thresholds, clock: _Clock) -> Considered:
    """The question as a whole; where it asks several things, each of them too."""
    whole = _consider_one(question, index, thresholds, clock)
    parts = split_question(question.text)
    if len(parts) == 1:
        return whole
    sure = []
    for number, part in enumerate(parts):
        asked = Question(part, question.as_of, (*question.history, *parts[:number]))
        found = _consider_one(asked, index, thresholds, clock)
        rule = found.decision.rules[0] if found.decision.rules else ""
        if found.decision.status is Status.BEANTWORTET and found.match.inside().values.get(rule, 0.0) >= SURE:
            sure.append(found.decision)
    return replace(whole, decision=together(whole.decision, sure))


def _consider_one(question: Question, index: PublishedIndex, thresholds: Thresholds, clock: _Clock) -> Considered:
    with clock.step("lesen"):
        reading = read_question(question.text, question.history, index.vocabulary, index.law.acts, index.speller.mend)
    with clock.step("regeln"):
        match = match_rules(reading, index)
    with clock.step("entscheiden"):
        decision = decide(reading, match, index.guideline, thresholds)
    return Considered(reading, match, decision)


def answer_question(question: Question, index: PublishedIndex, thresholds: Thresholds = DEFAULT) -> Answer:
    """The extractive answer to one question from one pinned generation. Never raises LeitplankeError."""
    answer = _answer(question, index, thresholds)
    return in_english(answer, index.law) if is_english(answer.question) else answer


def _answer(question: Question, index: PublishedIndex, thresholds: Thresholds) -> Answer:
    clock = _Clock()
    blank = Answer(
        showable(question.text), Status.FEHLER, question.as_of, "",
        index.guideline.info, index.generation, notes=_notes(index),
    )  # fmt: skip
    try:
        with clock.step("pruefen"):
            text = clean_question(question.text)
        with clock.step("personenbezug"):
            findings = find_personal_data(question.text)
        if findings:
            return _blocked(blank, findings, clock)
        day = None if question.day_given else day_asked(text)
        if day is not None:
            note = Note("stand_aus_frage", texts.NOTE_DAY.format(day=f"{day:%d.%m.%Y}"))
            blank = replace(blank, as_of=day, notes=(*blank.notes, note))
        cleaned = Question(text, day or question.as_of, _usable_history(question.history))
        return _decided(cleaned, blank, index, thresholds, clock)
    except LeitplankeError as error:
        return replace(blank, status=Status.FEHLER, text=str(error), timings_ms=clock.timings)


def _usable_history(history: Sequence[str]) -> tuple[str, ...]:
    """Earlier questions that can be read; those with personal data are left out."""
    usable = []
    for text in history:
        try:
            cleaned = clean_question(text)
        except QuestionError:
            continue
        if not find_personal_data(cleaned):
            usable.append(cleaned)
    return tuple(usable)


def _blocked(blank: Answer, findings: Sequence[Finding], clock: _Clock) -> Answer:
    kinds = ", ".join(dict.fromkeys(f.kind for f in findings))
    text = f"**{texts.STATUS_TEXT[Status.BLOCKIERT_PERSONENBEZUG]}**\n\nErkannt: {kinds}."
    return replace(
        blank, status=Status.BLOCKIERT_PERSONENBEZUG, text=text, findings=tuple(findings), offices=("dsb",),
        timings_ms=clock.timings,
    )  # fmt: skip


def _decided(question: Question, blank: Answer, index: PublishedIndex, thresholds: Thresholds, clock: _Clock) -> Answer:
    found = _consider(question, index, thresholds, clock)
    reading, match, decision = found.reading, found.match, found.decision
    if (asked := _which_act(reading, blank, index)) is not None:
        return replace(asked, timings_ms=clock.timings)
    frame = replace(blank, status=decision.status, considered=match.considered(CONSIDERED))
    with clock.step("fassen"):
        composed = _COMPOSERS[decision.status](decision, reading, frame, index, question)
        if decision.status in _WITH_LAW:
            composed = _with_changes(composed, reading, index, question)
            composed = replace(composed, notes=(*composed.notes, *_other_units(question, index)))
    return replace(composed, timings_ms=clock.timings)


def _other_units(question: Question, index: PublishedIndex) -> tuple[Note, ...]:
    """Of each place written with a unit that its act does not have ("§ 6 DSGVO"), that it was read as the other."""
    acts = index.law.acts
    hints = dict.fromkeys(acts.other_unit(mention) for mention in acts.mentions(question.text))
    return tuple(Note("andere_einheit", hint) for hint in hints if hint)


def _which_act(reading: Reading, frame: Answer, index: PublishedIndex) -> Answer | None:
    """ "Was steht in Art. 7?": asked back with the acts that have such a place; None where that is clear."""
    if reading.norms or not reading.wants_wording:
        return None
    places = index.law.acts.choices(reading.alone)[:MAX_CHOICES]
    if not places:
        return None
    lines = [f"**{texts.STATUS_TEXT[Status.RUECKFRAGE]}**", "", *(f"- {place}" for place in places)]
    options = tuple(f"Was steht in {place}?" for place in places)
    return replace(
        frame, status=Status.RUECKFRAGE, text="\n".join(lines), clarifications=options, offices=("rechtsamt",)
    )


def _with_changes(answer: Answer, reading: Reading, index: PublishedIndex, question: Question) -> Answer:
    """Where the question states or names law that was changed: the day, what held before, and the present wording."""
    found = superseded(question.text, reading.norms, index.law, question.as_of)
    quoter = _quoter(index, question)
    quoter.citations = list(answer.citations)
    lines = [line for item in found if item.stated and (line := change_line(item, index.law, quoter, question.text))]
    notes = tuple(Note("rechtsstand_geaendert", change_note(item, index.law)) for item in found)
    return replace(
        answer,
        text="\n\n".join([answer.text, *lines]),
        citations=tuple(quoter.citations),
        notes=(*answer.notes, *notes),
    )


Composer = Callable[[Decision, Reading, Answer, PublishedIndex, Question], Answer]


def _quoter(index: PublishedIndex, question: Question) -> Quoter:
    book = index.guideline_book
    return Quoter(book.source, book.places, index.law, question.as_of)


def _with_parts(frame: Answer, parts: Parts) -> Answer:
    return replace(
        frame, text=parts.text, conditions=parts.conditions, offices=parts.offices, citations=parts.citations,
        clarifications=parts.clarifications,
    )  # fmt: skip


def _answered(decision: Decision, reading: Reading, frame: Answer, index: PublishedIndex, question: Question) -> Answer:
    near = [c.rule for c in frame.considered if c.value >= RELATED and c.rule not in decision.rules]
    related = [rule for rule_id in near if (rule := index.guideline.rule(rule_id))]
    parts = compose(decision, reading, index.guideline, index.law, _quoter(index, question), related)
    return replace(_with_parts(frame, parts), verdict=decision.verdict or Verdict.AUSKUNFT, rules=decision.rules)


def _unregulated(
    decision: Decision, reading: Reading, frame: Answer, index: PublishedIndex, question: Question
) -> Answer:
    law = Lane.ENGLISCH if is_english(question.text) and index.lanes[Lane.ENGLISCH] else Lane.RECHT
    nearest = [*_search(index, reading, Lane.LEITLINIE, 3), *_search(index, reading, law, 2)]
    parts = compose_unregulated(
        texts.STATUS_TEXT[decision.status], index.guideline, index.law, _quoter(index, question), nearest, reading.alone
    )
    return _with_parts(frame, parts)


def _search(index: PublishedIndex, reading: Reading, lane: Lane, n: int) -> list[Hit]:
    """The ``n`` best passages of different provisions."""
    best: dict[str, Hit] = {}
    for hit in index.search(reading.query, lane, 3 * n):
        best.setdefault(hit.passage.norm, hit)
    return list(best.values())[:n]


def _asked_back(
    decision: Decision, reading: Reading, frame: Answer, index: PublishedIndex, question: Question
) -> Answer:
    rules = [rule for rule_id in decision.readings if (rule := index.guideline.rule(rule_id))]
    options = tuple(rule.questions[0] for rule in rules)
    lines = [f"**{texts.STATUS_TEXT[Status.RUECKFRAGE]}**", "", *(f"- {rule.title}" for rule in rules)]
    return replace(frame, text="\n".join(lines), clarifications=options, offices=("ki-koordination",))


def _refused(decision: Decision, reading: Reading, frame: Answer, index: PublishedIndex, question: Question) -> Answer:
    return replace(frame, text=f"**{texts.STATUS_TEXT[decision.status]}**", considered=())


_COMPOSERS: dict[Status, Composer] = {
    Status.BEANTWORTET: _answered,
    Status.RUECKFRAGE: _asked_back,
    Status.NICHT_GEREGELT: _unregulated,
    Status.TEILWEISE: _unregulated,
    Status.AUSSERHALB: _refused,
}


_WITH_LAW = frozenset((Status.BEANTWORTET, Status.NICHT_GEREGELT, Status.TEILWEISE))


def _notes(index: PublishedIndex) -> tuple[Note, ...]:
    notes = []
    if index.guideline.note:
        notes.append(Note("muster_leitlinie", index.guideline.note))
    if not index.law.has_official:
        notes.append(Note("nur_kurzfassungen", texts.NOTE_DIGEST))
    return tuple(notes)
