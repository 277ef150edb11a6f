"""What a question says: which concepts it names, which norms, and whether it continues an earlier question.

A reading is evidence, not a decision. It is shown under "Warum?" and in ``search --json``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.corpus.addresses import LOWER_UNITS, Acts, Address
from assistant.corpus.vocabulary import Vocabulary
from assistant.index.german import fold

FOLLOW_UP = re.compile(
    r"^(?:danke\W+|ok(?:ay)?\W+|gut\W+|aha\W+|hm+\W+|alles klar\W+)?"
    r"(?:und|oder|aber|auch|sowie|gilt (?:das|dies\w*)|wenn|falls|was (?:ist )?(?:mit|wenn)|wie (?:ist|sieht) (?:es|das)|"
    r"warum|wieso|weshalb|and|what (?:if|about)|why|also|dann|sobald|selbst wenn|trotzdem|beim?|furs?|ab wann gilt das|"
    r"gerne?|nur|sogar|noch|dazu|davon|darf (?:ich|die|er|sie) (?:das|es|dann|auch)|kann ich (?:mir )?(?:das|es|den|die|ihn))\b",
)
POINTS_BACK = re.compile(r"\b(?:dafur|damit|davon|dort|dazu|es|ihn|it|that|this)\b")
PRONOUN = re.compile(
    r"\b(?:[Dd]ies|[Dd]afür|[Dd]amit|[Dd]avon|[Dd]ort|[Dd]azu|[Ee]s|ihn|er|sie|[Ee]ins|andere[rsn]?|it|that|this|"
    r"[Aa]uch|[Tt]rotzdem|[Dd]ann|[Dd]a|[Dd]abei|[Dd]araus|[Dd]anach)\b"
    # An article stands before a noun and points nowhere: "die Leitlinie", "den kleinen Saal".
    r"|\b(?:[Dd]as|[Dd]en|[Dd]ie)\b(?! (?:[\w-]+ ){0,2}[A-ZÄÖÜ])"
)
LETTER = re.compile(
    r"\b(?:buchst(?:abe|\.)?|lit(?:\.|era)?|nr\.?|nummer|abs(?:atz|\.)?|satz|unterabsatz)\s*[(]?([a-z]{1,2}|\d{1,3}[a-z]?)\b"
)
WORDING = re.compile(
    r"wortlaut|wortlich|zitier|wie lautet|was steht|was sagt|was regelt|genauen text|im text|verbatim|wording|what does"
)
STEERING = "merkmal:angriff"
ASKING = ("merkmal:erlaubnisfrage", "merkmal:pflichtfrage", "merkmal:auskunftsfrage", "merkmal:rechtsfrage")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
NEGATORS = ("merkmal:ohne_personenbezug", "daten:anonym", "daten:platzhalter")


@dataclass(frozen=True, slots=True)
class Reading:
    """``query`` is what is searched (with the earlier question where this one continues it), mended; ``written`` the same
    as it was typed; ``alone`` the question itself, mended.

    ``concepts`` maps keys such as "daten:sozialdaten" to the words that showed them.
    """

    query: str
    written: str
    alone: str
    concepts: Mapping[str, str]
    norms: tuple[Address, ...] = ()
    continues: bool = False
    wants_wording: bool = False
    inherited: frozenset[str] = field(default_factory=frozenset)

    def keys(self, kind: str) -> frozenset[str]:
        """The named keys of one kind ("daten", "werkzeug", "handlung", "merkmal"), without prefix."""
        return frozenset(k.partition(":")[2] for k in self.concepts if k.startswith(kind + ":"))

    def has(self, key: str) -> bool:
        """True if this concept was named."""
        return key in self.concepts


def continues(question: str, history: tuple[str, ...], own_topic: bool) -> bool:
    """True if the question goes on from the one before: it opens like a continuation, or is short and points back."""
    if not history:
        return False
    folded = fold(question).strip(" ?!.…„“\"'")
    words = folded.split()
    if FOLLOW_UP.match(folded) and len(words) <= 28:
        return not (own_topic and len(words) > 14)
    if own_topic:
        return len(words) <= 6 and bool(POINTS_BACK.search(folded))
    return len(words) <= 6 or (len(words) <= 12 and bool(PRONOUN.search(question)))


def _names_topic(concepts: Mapping[str, str]) -> bool:
    """True if a question says by itself what is done with AI, or with which data."""
    return "merkmal:ki" in concepts and any(key.startswith(("daten:", "handlung:")) for key in concepts)


def _without_commands(text: str, vocabulary: Vocabulary) -> str:
    """The text without sentences that only try to steer the assistant, if another sentence asks something."""
    sentences = _SENTENCE.split(text)
    read = [(sentence, vocabulary.read(sentence)) for sentence in sentences]
    kept = [(sentence, concepts) for sentence, concepts in read if STEERING not in concepts]
    asks = any(key in concepts for _, concepts in kept for key in ASKING)
    return " ".join(sentence for sentence, _ in kept) if asks else text


def _merge(earlier: Mapping[str, str], later: Mapping[str, str]) -> tuple[dict[str, str], frozenset[str]]:
    """Concepts of a continued question: a tool named anew replaces the earlier ones, everything else adds up."""
    names_tool = any(k.startswith("werkzeug:") for k in later)
    kept = {
        k: v
        for k, v in earlier.items()
        if not (names_tool and k.startswith("werkzeug:")) and not k.startswith("merkmal:")
    }
    return {**kept, **later}, frozenset(kept) - frozenset(later)


def read_question(
    asked: str, asked_before: tuple[str, ...], vocabulary: Vocabulary, acts: Acts, mend: Callable[[str], str]
) -> Reading:
    """Read one question. ``asked_before`` holds earlier questions, oldest first; ``mend`` corrects typing mistakes."""
    asked = _without_commands(asked, vocabulary)
    question, history = mend(asked), tuple(mend(text) for text in asked_before)
    # Mending may turn a rare word into another one: what was typed counts too.
    own = {**vocabulary.read(asked), **vocabulary.read(question)}
    goes_on = continues(question, history, _names_topic(own))
    norms = tuple(m.address for m in acts.mentions(asked))
    if not norms and WORDING.search(fold(question)):  # "Was steht im KI-MIG?": the act as a whole
        norms = tuple(Address(name) for name, _, _ in acts.names_in(asked)[:1])
    if not goes_on:
        return Reading(
            vocabulary.expand(question),
            vocabulary.expand(asked),
            question,
            own,
            norms,
            False,
            bool(WORDING.search(fold(question))),
        )
    # The line of a conversation: an earlier follow-up is read together with the question that began it.
    before, before_typed = history[-1], asked_before[-1]
    first = len(history) - 1
    while first > 0 and continues(history[first], history[:first], _names_topic(vocabulary.read(history[first]))):
        first -= 1
    if first < len(history) - 1:
        before, before_typed = f"{history[first]} {before}", f"{asked_before[first]} {before_typed}"
    concepts, inherited = _merge(vocabulary.read(before), own)
    if not norms:
        norms = _continued_norms(asked, asked_before, acts)
    return Reading(
        vocabulary.expand(f"{before} {question}"), vocabulary.expand(f"{before_typed} {asked}"), question, concepts, norms, True,
        bool(WORDING.search(fold(question))), inherited,
    )  # fmt: skip


def _continued_norms(question: str, before: Sequence[str], acts: Acts) -> tuple[Address, ...]:
    """ "Und Buchstabe k?" after a question on Art. 5 Abs. 1: the place below the one named last.

    What was named at the same or a lower level is replaced: "Und Absatz 5?" after Art. 50 Abs. 4 is Art. 50 Abs. 5.
    """
    earlier = next((found[-1].address for text in reversed(before) if (found := acts.mentions(text))), None)
    piece = LETTER.search(fold(question))
    if earlier is None or not piece or not earlier.parts:
        return ()
    top, source = Address(earlier.source, earlier.parts[:1]), earlier.source
    named = next((m.address.parts[-1] for m in acts.mentions(f"{top.place} {piece.group()} {source}")), top.parts[0])
    if named == top.parts[0]:
        return ()
    rank = LOWER_UNITS.index(named[0])
    above = tuple(p for p in earlier.parts[1:] if LOWER_UNITS.index(p[0]) < rank)
    return (Address(source, (*top.parts, *above, named)),)
