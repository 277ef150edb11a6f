"""Let the local model look once more where rules lie close together; it can only make an answer stricter.

Off unless set (``modell_regelwahl``), because without real weights nobody could measure that it helps. The model sees
the question and the candidates and may write nothing but one of their ids. What it chooses counts only if that rule
is stricter than the verdict that stands and is no permission; any failure leaves the answer as it is.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from collections.abc import Sequence

from assistant.ask.compose import Quoter, compose
from assistant.ask.decide import Decision
from assistant.ask.match import Match
from assistant.ask.pipeline import consider
from assistant.ask.prompt import neutralise, shipped_text
from assistant.corpus.rules import Guideline
from assistant.errors import ModelError
from assistant.index.published import PublishedIndex
from assistant.types import STRICTNESS, Answer, Generator, Note, Question, Rule, Status, Verdict

log = logging.getLogger(__name__)

NONE = "keine"
MOST = 4
"""Candidates shown to the model."""
CLOSE = 0.5
"""A rule is a candidate if its value is at least this share of the governing rule's."""
NOTE = "Das Sprachmodell hat unter ähnlichen Regeln eine strengere für zutreffend gehalten; sie geht vor."


def stricter_answer(question: Question, answer: Answer, index: PublishedIndex, generator: Generator) -> Answer:
    """The answer by a stricter rule if one lies close and the model chooses it; else the same answer.

    Never raises because of the model. The result's verdict is never milder, and never ``erlaubt`` unless it was.
    """
    if answer.status is not Status.BEANTWORTET or answer.verdict is None or not answer.rules:
        return answer
    considered = consider(dataclasses.replace(question, as_of=answer.as_of), index)
    candidates = close_rules(answer, considered.match, index.guideline)
    if not any(stricter(rule, answer.verdict) for rule in candidates):
        return answer
    try:
        chosen = choose(question.text, candidates, generator)
    except ModelError as error:
        log.warning("Sprachmodell: %s", error)
        return answer
    if chosen is None or not stricter(chosen, answer.verdict):
        return answer
    decision = Decision(Status.BEANTWORTET, chosen.verdict, (chosen.id, *(r for r in answer.rules if r != chosen.id)))
    book = index.guideline_book
    quoter = Quoter(book.source, book.places, index.law, answer.as_of)
    parts = compose(decision, considered.reading, index.guideline, index.law, quoter)
    return dataclasses.replace(
        answer, verdict=chosen.verdict, rules=decision.rules, text=parts.text, conditions=parts.conditions,
        offices=parts.offices, citations=parts.citations, notes=(*answer.notes, Note("modell_regelwahl", NOTE)),
    )  # fmt: skip


def stricter(rule: Rule, verdict: Verdict) -> bool:
    """Whether a rule may replace this verdict: it restricts, and more than that."""
    return rule.verdict in (Verdict.BEDINGT, Verdict.VERBOTEN) and STRICTNESS[rule.verdict] > STRICTNESS[verdict]


def close_rules(answer: Answer, match: Match, guideline: Guideline) -> tuple[Rule, ...]:
    """The governing rule and those whose value is close to its own, best first."""
    least = CLOSE * match.values.get(answer.rules[0], 0.0)
    ranked = [rule for rule_id, value in match.ranked() if value >= least and (rule := guideline.rule(rule_id))]
    return tuple(ranked[:MOST])


def choose(question: str, candidates: Sequence[Rule], generator: Generator) -> Rule | None:
    """The candidate that the model names, None for "keine" or anything else. Raises ModelError."""
    listed = "\n".join(f"{rule.id}: {neutralise(rule.sentence)}" for rule in candidates)
    asked = f"REGELN\n{listed}\n\nFRAGE\n<frage>\n{neutralise(question)[:600]}\n</frage>\n\nKENNUNG"
    messages = (("system", shipped_text("prompt_regelwahl_v1.txt")), ("user", asked))
    pieces = generator.stream(messages, max_tokens=24, grammar=choice_grammar(candidates))
    try:
        said = "".join(pieces).strip()
    finally:
        # A generator object frees the model when closed; other iterators have nothing to free.
        with contextlib.suppress(AttributeError):
            pieces.close()  # type: ignore[attr-defined]
    return next((rule for rule in candidates if rule.id == said), None)


def choice_grammar(candidates: Sequence[Rule]) -> str:
    """A GBNF grammar: one of the ids, or "keine"."""
    return "root ::= " + " | ".join(f'"{name}"' for name in (*(rule.id for rule in candidates), NONE)) + "\n"
