"""Proof of a model's draft, sentence by sentence, against the answer that already stands.

A model may word an answer, never change it. Each sentence is either kept or withheld with a reason. Kept means: its
source numbers exist, every norm and authority it names is a citation or stands in the passage it cites, every
quotation, figure and date stands in a passage it cites, it carries no link and no mark-up, it is German prose, and
nothing in it contradicts the verdict. What cannot be understood is withheld, and so is a sentence that points back to
one that was withheld. ``draft.py`` applies this while a model is still writing.

Pure functions over values: no model, no index, no clock.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from assistant.ask.facts import Facts, codes_in, facts_of, plain
from assistant.ask.figures import figures_in
from assistant.ask.form import check_characters, check_form, check_language, check_links, check_words, stated
from assistant.ask.ground import content, groundless, merged
from assistant.ask.modality import contradiction, on_the_safe_side
from assistant.ask.named import Norm, Place, act_key, authorities_in, loose_places, norms_in, without_norms
from assistant.ask.sentences import Sentence, marks_in, numbers_in, split_sentences, without_marks
from assistant.types import Answer


class Reason(StrEnum):
    """Why a sentence was withheld; the German words appear in notes and in ``--json``."""

    ZEICHEN = "zeichen"
    VERWEIS = "verweis"
    QUELLE = "quelle"
    NORM = "norm"
    ZITAT = "zitat"
    ZAHL = "zahl"
    URTEIL = "urteil"
    SPRACHE = "sprache"
    FORM = "form"
    BELEG = "beleg"
    BEZUG = "bezug"


@dataclass(frozen=True, slots=True)
class Withheld:
    """A sentence that is not shown, and which of the draft it is (from 1). ``detail`` is German and may repeat words
    of the draft, so neither it nor ``sentence`` belongs on a page or in a log.
    """

    number: int
    sentence: str
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Result: sentences kept in order, sentences withheld, source numbers used by the kept ones."""

    kept: tuple[Sentence, ...]
    withheld: tuple[Withheld, ...]
    cited: frozenset[int]

    @property
    def text(self) -> str:
        """The kept sentences as Markdown paragraphs."""
        paragraphs: dict[int, list[str]] = {}
        for sentence in self.kept:
            paragraphs.setdefault(sentence.paragraph, []).append(sentence.text)
        return "\n\n".join(" ".join(sentences) for sentences in paragraphs.values())

    @property
    def usable(self) -> bool:
        """True if the kept sentences make a text of their own: most of the draft, with at least one source."""
        return bool(self.kept) and bool(self.cited) and not too_many(len(self.withheld), len(self.kept))

    @property
    def complete(self) -> bool:
        """True if there is a text, nothing was withheld and at least one source is cited."""
        return bool(self.kept) and not self.withheld and bool(self.cited)


def too_many(withheld: int, kept: int) -> bool:
    """Whether so much of a draft is missing that the rest cannot be trusted to say what it meant: over a third."""
    return 2 * withheld > kept


class Prover:
    """Takes sentences in order and keeps or withholds each."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._kept: list[Sentence] = []
        self._withheld: list[Withheld] = []
        self._gap = False

    def judge(self, sentence: Sentence) -> bool:
        """Whether the sentence may be shown after those before it."""
        found = prove_sentence(sentence, self._facts)
        if found is None and self._gap and _POINTS_BACK.match(sentence.text) and not stated(sentence, self._facts):
            found = Reason.BEZUG, "der Satz davor wird nicht gezeigt"
        self._gap = found is not None
        if found is None:
            self._kept.append(sentence)
            return True
        self._withheld.append(Withheld(len(self._kept) + len(self._withheld) + 1, sentence.text, *found))
        return False

    @property
    def proof(self) -> Proof:
        """What has been found so far."""
        cited = frozenset(number for sentence in self._kept for number in numbers_in(sentence.text))
        return Proof(tuple(self._kept), tuple(self._withheld), cited)


def prove(draft: str, answer: Answer, passages: Mapping[int, str]) -> Proof:
    """Check a whole draft."""
    prover = Prover(facts_of(answer, passages))
    for sentence in split_sentences(unicodedata.normalize("NFC", draft)):
        prover.judge(sentence)
    return prover.proof


def prove_sentence(sentence: Sentence, facts: Facts) -> tuple[Reason, str] | None:
    """None if the sentence may be shown as it stands. From form to meaning; the first failure is reported."""
    for reason, check in _CHECKS:
        if (detail := check(sentence, facts)) is not None:
            return reason, detail
    return None


def _copied(sentence: Sentence, facts: Facts) -> bool:
    """Whether it stands, word for word, in a passage that it cites."""
    text = _spaces(without_marks(sentence.text)).replace(" .", ".")
    passages = (facts.passages[n] for n in numbers_in(sentence.text) if n in facts.passages)
    return any(text in _spaces(line) for passage in passages for line in passage.split("\n"))


_POINTS_BACK = re.compile(
    r"\W*(?:das|dies\w*|jene\w*|solche\w*|da(?:zu|bei|für|mit|nach|von|durch|rauf|ran|rin|neben|gegen|her|nn)|hier\w*|"
    r"deshalb|deswegen|darum|daher|auch|ebenso|ebenfalls|gleiches|dasselbe|beide\w*|sonst|andernfalls|ansonsten|es|er|"
    r"ihre?\w?|sein\w*|aber|doch|jedoch|allerdings|dennoch|trotzdem|denn|und|oder|außerdem|so|letztere\w*|dort)\b",
    re.IGNORECASE,
)
"""Beginnings that lean on the sentence before; without it they would lean on another one."""


# --- sources, norms, quotations, figures ------------------------------------------------------------------------------

_SPOKEN_SOURCE = re.compile(
    r"\b(?:Quelle|Fundstelle|Passage|Textstelle|Beleg|Nummer in Klammern)\w*\s+(?:Nr\.\s*)?(\d+)", re.IGNORECASE
)


def _check_sources(sentence: Sentence, facts: Facts) -> str | None:
    text = sentence.text
    if text.count("[") != text.count("]") or re.search(r"\[[^\]]*\[", text):
        return "eckige Klammer ohne Gegenstück"
    for mark in marks_in(text):
        if not re.fullmatch(r"\s*\d{1,2}(?:\s*[,;]\s*\d{1,2})*\s*", mark):
            return f"„[{mark}]“ ist keine Quellennummer"
    for number in [*numbers_in(text), *(int(n) for n in _SPOKEN_SOURCE.findall(text))]:
        if number not in facts.passages:
            return f"die Quelle [{number}] gibt es nicht"
    return None


def _check_norms(sentence: Sentence, facts: Facts) -> str | None:
    if _copied(sentence, facts):
        return None
    text = without_marks(sentence.text)
    for norm in norms_in(text):
        if not _norm_given(norm, facts, numbers_in(sentence.text)):
            return f"die Vorschrift „{text[norm.start : norm.end].strip()}“ ist keine der Fundstellen"
    rest = without_norms(text)
    for name in authorities_in(rest):
        if act_key(name) not in facts.known:
            return f"„{name}“ kommt in den Fundstellen nicht vor"
    for unit, value in loose_places(rest):
        if not any((unit, value) in place for _, place in facts.norms) and not _stands_in(unit, value, facts.texts):
            return f"„{unit} {value}“ ist keine der Fundstellen"
    for rule in re.findall(r"\b(?:Regel|KI-Leitlinie)\s+[„\"]?([a-zäöüß]+(?:-[a-zäöüß]+)+)", text):
        if rule not in facts.rules:
            return f"die Regel „{rule}“ ist keine der Fundstellen"
    return None


def _norm_given(norm: Norm, facts: Facts, cited: Iterable[int]) -> bool:
    """Named is what a citation is, what contains it, what stands inside it in the text that was given, or what a
    passage cited by the sentence names itself.
    """
    if not norm.readable:
        return False
    for act, place in (written for number in cited for written in facts.mentioned.get(number, ())):
        if place[: len(norm.place)] == norm.place and norm.act in (None, act):
            return True
    for act, place in facts.norms:
        if norm.act is not None and norm.act != act:
            continue
        mine = _without_subparagraphs(norm.place)
        theirs = _without_subparagraphs(place)
        if theirs[: len(mine)] == mine and (norm.place == place or _subparagraphs_agree(norm.place, place)):
            return True
        if theirs and mine[: len(theirs)] == theirs:
            inner = norm.place[len(place) :] if norm.place[: len(place)] == place else mine[len(theirs) :]
            if all(_stands_in(unit, value, facts.texts) for unit, value in inner):
                return True
    return False


def _without_subparagraphs(place: Place) -> Place:
    return tuple(part for part in place if part[0] not in ("UAbs.", "Satz"))


def _subparagraphs_agree(mine: Place, theirs: Place) -> bool:
    return all(part in theirs for part in mine if part[0] in ("UAbs.", "Satz"))


def _stands_in(unit: str, value: str, texts: tuple[str, ...]) -> bool:
    """Whether a text shows a paragraph, number or letter in one of the ways in which law is printed."""
    escaped = re.escape(value)
    patterns = {
        "Abs.": rf"\({escaped}\)|\bAbs(?:\.|atz(?:es)?)\s*{escaped}\b",
        "Nr.": rf"(?:^|\s){escaped}[.)]\s|\b(?:Nr\.|Nummer|Ziffer)\s*{escaped}\b",
        "lit.": rf"(?:^|\s|\(){escaped}\)|\b(?:lit\.|Buchstabe[ns]?|Buchst\.)\s*{escaped}\b",
    }
    pattern = patterns.get(unit)
    return pattern is not None and any(re.search(pattern, text, re.MULTILINE) for text in texts)


_QUOTED = re.compile(r"„([^„“”\"]*)[“”\"]|\"([^\"„“”]*)[\"“”]|»([^»«]*)«|«([^»«]*)»|‚([^‚‘]*)‘")


def _check_quotations(sentence: Sentence, facts: Facts) -> str | None:
    """Every quotation stands word for word in one line of a passage that the sentence cites, or in a condition."""
    text = sentence.text
    if stated(sentence, facts):
        return None
    if re.search(r"[„“”\"»«]", _QUOTED.sub(" ", text)):
        return "Anführungszeichen ohne Gegenstück"
    passages = (facts.passages[n] for n in numbers_in(text) if n in facts.passages)
    sources = [_spaces(line) for passage in (*passages, *facts.conditions) for line in passage.split("\n")]
    for groups in _QUOTED.findall(text):
        quote = _spaces("".join(groups))
        if not quote or not any(quote in source for source in sources):
            return f"„{quote}“ steht so nicht in der genannten Fundstelle"
    return None


def _check_figures(sentence: Sentence, facts: Facts) -> str | None:
    """Figures and dates stand in a passage that the sentence cites or in what needs no citation (verdict, conditions).

    Code words ("KI-42") must even stand in what code chose: a quotation, a label, a condition.
    """
    for code in codes_in(without_marks(sentence.text)):
        if code not in facts.codes and act_key(code) not in facts.known:
            return f"die Kennung „{code}“ wurde nicht vorgegeben"
    if stated(sentence, facts) or _copied(sentence, facts):
        return None
    cited = [facts.figures_of.get(number, frozenset()) for number in numbers_in(sentence.text)]
    unknown = figures_in(without_norms(without_marks(sentence.text))) - facts.figures.union(*cited)
    return f"{min(unknown)[1]} ({min(unknown)[0]}) wurde nicht vorgegeben" if unknown else None


def _check_verdict(sentence: Sentence, facts: Facts) -> str | None:
    # A sentence of the governing rule itself cannot contradict it, whatever words it uses.
    if plain(sentence.text) in facts.explained:
        return None
    return contradiction(sentence.text, facts.frame)


def _check_ground(sentence: Sentence, facts: Facts) -> str | None:
    if plain(sentence.text) in facts.explained or _copied(sentence, facts):
        return None
    text = without_norms(without_marks(sentence.text))
    named = bool(norms_in(sentence.text) or figures_in(text))
    if not content(text) and not named and not on_the_safe_side(text, facts.frame):
        return "sagt nichts, was in den Fundstellen steht"
    cited = [facts.ground_of[number] for number in numbers_in(sentence.text) if number in facts.ground_of]
    ground = merged([facts.ground, *(cited or facts.ground_of.values())])
    return groundless(text, ground, safe=on_the_safe_side(text, facts.frame))


_CHECKS = (
    (Reason.ZEICHEN, check_characters),
    (Reason.VERWEIS, check_links),
    (Reason.FORM, check_form),
    (Reason.SPRACHE, check_language),
    (Reason.QUELLE, _check_sources),
    (Reason.NORM, _check_norms),
    (Reason.ZITAT, _check_quotations),
    (Reason.ZAHL, _check_figures),
    (Reason.FORM, check_words),
    (Reason.URTEIL, _check_verdict),
    (Reason.BELEG, _check_ground),
)


def _spaces(text: str) -> str:
    return " ".join(text.split())
