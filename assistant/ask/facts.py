"""All that a draft may refer to, computed once per answer: passages, norms, figures, authorities, the answer's own
sentences, and what is certain about the verdict.

Only what code chose is trusted: verdict line, conditions, offices, quotations and labels. The rest of a passage may
be repeated where the passage is cited; the question proves nothing, because whoever asks could put words into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assistant.ask.figures import Figure, given_figures, known_date
from assistant.ask.ground import Ground, ground_of
from assistant.ask.modality import Frame, frame
from assistant.ask.named import Place, act_key, authorities_in, norms_in, parse_norm, without_norms
from assistant.ask.sentences import split_sentences, without_marks
from assistant.types import Answer, Citation

RULE_SOURCE = "KI-Leitlinie"

Written = tuple[str | None, Place]
"""A norm as a passage writes it: act key (None if it does not say) and place."""

_LEAD = re.compile(r"^(?:Außerdem|Warum|In der Leitlinie): ")
"""How the extractive answer introduces a sentence of a rule."""

_CODE = re.compile(r"\b[^\W\d_]*[A-ZÄÖÜ]{2,}[^\W\d_]*[-_]?\d[\w-]*\b|\b[A-ZÄÖÜ]{5,}\b")


@dataclass(frozen=True, slots=True)
class Facts:
    """Per citation number: ``passages`` (wording), ``mentioned`` (norms written there), ``figures_of``, ``ground_of``.

    ``norms`` are the citations' own; ``figures`` and ``codes`` those of the facts that need no citation;
    ``stated`` are plain (see ``plain``) sentences of the answer that already stands, ``explained`` also those of the
    governing rule's whole passage, which cannot contradict its own verdict.
    """

    passages: Mapping[int, str]
    norms: frozenset[tuple[str, Place]]
    mentioned: Mapping[int, frozenset[Written]]
    rules: frozenset[str]
    conditions: tuple[str, ...]
    texts: tuple[str, ...]
    known: frozenset[str]
    figures: frozenset[Figure]
    figures_of: Mapping[int, frozenset[Figure]]
    codes: frozenset[str]
    stated: frozenset[str]
    explained: frozenset[str]
    ground: Ground
    ground_of: Mapping[int, Ground]
    frame: Frame


def facts_of(answer: Answer, passages: Mapping[int, str]) -> Facts:
    """Facts of an answer and of the passages that the model was given, by citation number.

    A passage must contain wording of its citation's provision only; what is not in ``passages`` cannot be cited.
    """
    cited = [c for c in answer.citations if c.number in passages]
    governing = [c for c in cited if answer.rules and c.norm == f"{RULE_SOURCE} {answer.rules[0]}"]
    facts = (_first_paragraph(answer.text), *answer.conditions, *answer.offices)
    stated = (*facts, answer.text)
    texts = (*passages.values(), *facts)
    names = " ".join((*texts, *(f"{c.norm} {c.label}" for c in cited)))
    return Facts(
        passages=passages,
        norms=frozenset(parse_norm(c.norm) for c in cited if not c.norm.startswith(RULE_SOURCE)),
        mentioned={c.number: frozenset(_written(passages[c.number], c)) for c in cited},
        rules=frozenset([*answer.rules, *(c.norm.removeprefix(RULE_SOURCE).strip() for c in cited)]),
        conditions=answer.conditions,
        texts=texts,
        known=frozenset(act_key(a) for a in authorities_in(names)),
        figures=given_figures(without_norms(t) for t in facts) | frozenset(known_date(answer.as_of)),
        figures_of={c.number: given_figures([without_norms(passages[c.number])]) | _dates(c) for c in cited},
        codes=frozenset(codes_in(" ".join((answer.text, *facts, *(f"{c.quote} {c.label}" for c in answer.citations))))),
        stated=_sentences(stated),
        explained=_sentences((*stated, *(passages[c.number] for c in governing))),
        # What is talked about may be named in the words of the question; nothing is proven by them.
        ground=ground_of(_split((answer.text, *answer.conditions)), (names, answer.question)),
        ground_of={c.number: ground_of(_split([passages[c.number]]), ()) for c in cited},
        # The one-sentence answer of a conditional rule names its conditions too.
        frame=frame(answer.verdict, (*answer.conditions, *(c.quote for c in governing)), texts),
    )


def _first_paragraph(text: str) -> str:
    return text.split("\n\n", 1)[0]


def _dates(citation: Citation) -> frozenset[Figure]:
    days = (d for d in (citation.state, citation.valid_from, citation.valid_to) if d is not None)
    return frozenset(figure for day in days for figure in known_date(day))


def _written(text: str, citation: Citation) -> Iterable[Written]:
    """Norms in a passage; one without its act belongs to the act that the passage itself is taken from."""
    act = None if citation.norm.startswith(RULE_SOURCE) else parse_norm(citation.norm)[0]
    return ((norm.act or act, norm.place) for norm in norms_in(text) if norm.readable)


def _split(texts: Iterable[str]) -> Iterable[str]:
    return (sentence.text for text in texts for sentence in split_sentences(text))


def _sentences(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(plain(sentence) for sentence in _split(texts))


def codes_in(text: str) -> Iterable[str]:
    """Code words: capitals with digits ("KI-42") or long words in capitals."""
    return (match.group() for match in _CODE.finditer(text))


def plain(text: str) -> str:
    """A sentence without marks, spacing, lead and final stop, for comparing it with the answer's own."""
    return " ".join(without_marks(_LEAD.sub("", text)).split()).replace(" .", ".").strip(" .!").casefold()
