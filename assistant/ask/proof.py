"""Proof of a model's draft, sentence by sentence, against the answer that already stands.

A model may word an answer, never change it. Each sentence is looked at alone and is either kept or withheld with a
reason. Kept means: its source numbers exist, every norm and authority it names is among the citations, every
quotation is verbatim, every figure and date was given, it carries no link and no mark-up, it is German prose, and
nothing in it contradicts the verdict. What cannot be understood is withheld.

Pure functions over values: no model, no index, no clock.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from assistant.ask.figures import Figure, figures_in, given_figures, known_date
from assistant.ask.modality import Frame, contradiction, frame
from assistant.ask.named import Norm, Place, act_key, authorities_in, loose_places, norms_in, parse_norm
from assistant.ask.sentences import Sentence, split_sentences
from assistant.types import Answer, Kind

RULE_SOURCE = "KI-Leitlinie"
LONGEST_SENTENCE = 600
"""Characters; office German is long, but what is longer than this is not a sentence."""


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


@dataclass(frozen=True, slots=True)
class Withheld:
    """A sentence that is not shown. ``detail`` is German and names what could not be proven."""

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
    def complete(self) -> bool:
        """True if there is a text, nothing was withheld and at least one source is cited."""
        return bool(self.kept) and not self.withheld and bool(self.cited)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a draft may refer to, computed once per answer."""

    passages: Mapping[int, str]
    norms: frozenset[tuple[str, Place]]
    rules: frozenset[str]
    texts: tuple[str, ...]
    known: frozenset[str]
    figures: frozenset[Figure]
    own_sentences: frozenset[str]
    frame: Frame


def facts_of(answer: Answer, passages: Mapping[int, str]) -> Facts:
    """Facts of an answer and of the passages that the model was given, by citation number.

    A passage must contain wording of its citation's provision only; what is not in ``passages`` cannot be cited.
    """
    cited = [c for c in answer.citations if c.number in passages]
    own = [passages[c.number] for c in cited if c.kind is Kind.LEITLINIE and c.norm == _rule_norm(answer)]
    own += [*answer.conditions, answer.text]
    # The one-sentence answer of a conditional rule names its conditions too.
    stated = [c.quote for c in cited if c.norm == _rule_norm(answer)]
    texts = (*passages.values(), *answer.conditions, *answer.offices, answer.text, answer.question)
    dates = [d for c in cited for d in (c.state, c.valid_from, c.valid_to) if d is not None]
    figures = set(given_figures(_without_norms(t) for t in texts))
    for date in (answer.as_of, *dates):
        figures.update(known_date(date))
    names = " ".join((*texts, *(c.norm + " " + c.label for c in cited)))
    return Facts(
        passages=passages,
        norms=frozenset(parse_norm(c.norm) for c in cited if not c.norm.startswith(RULE_SOURCE)),
        rules=frozenset([*answer.rules, *(c.norm.removeprefix(RULE_SOURCE).strip() for c in cited)]),
        texts=texts,
        known=frozenset(act_key(a) for a in authorities_in(names)),
        figures=frozenset(figures),
        own_sentences=frozenset(_plain(_LEAD.sub("", s.text)) for t in own for s in split_sentences(t)),
        frame=frame(answer.verdict, (*answer.conditions, *stated), texts),
    )


_LEAD = re.compile(r"^(?:Außerdem|Warum|In der Leitlinie): ")
"""How the extractive answer introduces a sentence of a rule."""


def _rule_norm(answer: Answer) -> str:
    return f"{RULE_SOURCE} {answer.rules[0]}" if answer.rules else ""


def prove(draft: str, answer: Answer, passages: Mapping[int, str]) -> Proof:
    """Check a whole draft."""
    facts = facts_of(answer, passages)
    kept, withheld = [], []
    cited: set[int] = set()
    for sentence in split_sentences(unicodedata.normalize("NFC", draft)):
        failure = prove_sentence(sentence, facts)
        if failure is None:
            kept.append(sentence)
            cited |= set(_numbers(sentence.text))
        else:
            withheld.append(failure)
    return Proof(tuple(kept), tuple(withheld), frozenset(cited))


def prove_sentence(sentence: Sentence, facts: Facts) -> Withheld | None:
    """None if the sentence may be shown. The checks run from form to meaning; the first failure is reported."""
    for reason, check in _CHECKS:
        if (detail := check(sentence, facts)) is not None:
            return Withheld(sentence.text, reason, detail)
    return None


# --- form -------------------------------------------------------------------------------------------------------------

_PUNCTUATION = frozenset(" .,;:!?()[]/-–—…'’‚‘\"„“”»«§%+=€·°")


def _check_characters(sentence: Sentence, _facts: Facts) -> str | None:
    """Only Latin letters, plain digits and ordinary punctuation: no mark-up, no look-alikes, nothing invisible."""
    for character in sentence.text:
        latin = character.isalpha() and unicodedata.name(character, "").startswith("LATIN ")
        if not (latin or character in _PUNCTUATION or (character.isascii() and character.isdigit())):
            return f"unerwartetes Zeichen {unicodedata.name(character, repr(character))}"
    return None


_LINK = re.compile(
    r"://|\bwww\.|\]\s*\(|\b(?:https?|ftp|file|data|javascript|mailto|tel)\s*:|"
    # A dot inside a word: an address or a file name. "z.B." and "2.8.2026" have single characters or digits there.
    r"[A-Za-zÄÖÜäöüß0-9-]{2,}\.[A-Za-zÄÖÜäöüß]{2,}",
    re.IGNORECASE,
)


def _check_links(sentence: Sentence, _facts: Facts) -> str | None:
    match = _LINK.search(sentence.text)
    return f"Verweis „{match.group()}“" if match else None


def _check_form(sentence: Sentence, _facts: Facts) -> str | None:
    if not sentence.complete:
        return "der Satz ist nicht zu Ende"
    if len(sentence.text) > LONGEST_SENTENCE:
        return "der Satz ist zu lang"
    if "?" in sentence.text:
        return "eine Frage ist keine Antwort"
    if re.search(r"\b[^\W\d_]+\d+[^\W\d_]+\b|(?:\b[^\W\d_]\s){4,}", sentence.text):
        return "verfremdetes Wort"
    return None


_GERMAN = re.compile(
    r"\b(?:der|die|das|den|dem|des|ein\w*|und|oder|ist|sind|wird|werden|nicht|kein\w*|mit|für|auf|von|zu|im|in|bei|nach|"
    r"sie|es|er|dürfen|darf|müssen|muss|gilt|gelten|als|auch|nur|dass|wenn|diese\w*|ohne|an|zur|zum|aus|wer|hat|haben)\b",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"\b(?:the|you|your|may|might|can|is|are|allowed|permitted|yes|okay|and|this|that|with|use|please|must|shall|should|"
    r"les|vous|pouvez|est|permis|une|puede|está|można|jest|evet|serbest)\b",
    re.IGNORECASE,
)


def _check_language(sentence: Sentence, _facts: Facts) -> str | None:
    """German only: the check against the verdict reads no other language."""
    words = re.findall(r"[^\W\d_]{2,}", re.sub(r"\[[^\]]*\]", " ", sentence.text))
    if len(words) >= 4 and not _GERMAN.search(sentence.text):
        return "kein deutscher Satz"
    match = _FOREIGN.search(sentence.text)
    return f"fremdsprachiges Wort „{match.group()}“" if match else None


# --- sources, norms, quotations, figures ------------------------------------------------------------------------------

_MARK = re.compile(r"\[([^\]]*)\]")
_SPOKEN_SOURCE = re.compile(
    r"\b(?:Quelle|Fundstelle|Passage|Textstelle|Beleg|Nummer in Klammern)\w*\s+(?:Nr\.\s*)?(\d+)", re.IGNORECASE
)


def _numbers(text: str) -> list[int]:
    return [int(n) for mark in _MARK.findall(text) for n in re.findall(r"\d+", mark)]


def _check_sources(sentence: Sentence, facts: Facts) -> str | None:
    text = sentence.text
    if text.count("[") != text.count("]") or re.search(r"\[[^\]]*\[", text):
        return "eckige Klammer ohne Gegenstück"
    for mark in _MARK.findall(text):
        if not re.fullmatch(r"\s*\d{1,2}(?:\s*[,;]\s*\d{1,2})*\s*", mark):
            return f"„[{mark}]“ ist keine Quellennummer"
    for number in [*_numbers(text), *(int(n) for n in _SPOKEN_SOURCE.findall(text))]:
        if number not in facts.passages:
            return f"die Quelle [{number}] gibt es nicht"
    return None


def _check_norms(sentence: Sentence, facts: Facts) -> str | None:
    text = _MARK.sub(" ", sentence.text)
    for norm in norms_in(text):
        if not _norm_given(norm, facts):
            return f"die Vorschrift „{text[norm.start : norm.end].strip()}“ ist keine der Fundstellen"
    rest = _without_norms(text)
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


def _norm_given(norm: Norm, facts: Facts) -> bool:
    """Named is what a citation is, what contains it, or what stands inside it in the text that was given."""
    if not norm.readable:
        return False
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
    """Every quotation stands word for word in one of the passages that the sentence cites."""
    text = sentence.text
    if re.search(r"[„“”\"»«]", _QUOTED.sub(" ", text)):
        return "Anführungszeichen ohne Gegenstück"
    sources = [_spaces(facts.passages[n]) for n in _numbers(text) if n in facts.passages]
    for groups in _QUOTED.findall(text):
        quote = _spaces("".join(groups))
        if not quote or not any(quote in source for source in sources):
            return f"„{quote}“ steht so nicht in der genannten Fundstelle"
    return None


def _check_figures(sentence: Sentence, facts: Facts) -> str | None:
    unknown = figures_in(_without_norms(_MARK.sub(" ", sentence.text))) - facts.figures
    return f"{sorted(unknown)[0][1]} ({sorted(unknown)[0][0]}) wurde nicht vorgegeben" if unknown else None


def _check_verdict(sentence: Sentence, facts: Facts) -> str | None:
    # A sentence of the governing rule itself cannot contradict it, whatever words it uses.
    if _plain(sentence.text) in facts.own_sentences:
        return None
    return contradiction(sentence.text, facts.frame)


_CHECKS = (
    (Reason.ZEICHEN, _check_characters),
    (Reason.VERWEIS, _check_links),
    (Reason.FORM, _check_form),
    (Reason.SPRACHE, _check_language),
    (Reason.QUELLE, _check_sources),
    (Reason.NORM, _check_norms),
    (Reason.ZITAT, _check_quotations),
    (Reason.ZAHL, _check_figures),
    (Reason.URTEIL, _check_verdict),
)


def _without_norms(text: str) -> str:
    """The text with every norm blanked out, so that its numbers are not taken for figures."""
    for norm in reversed(norms_in(text)):
        text = text[: norm.start] + " " * (norm.end - norm.start) + text[norm.end :]
    return text


def _spaces(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    return _spaces(_MARK.sub(" ", text)).replace(" .", ".").strip(" .!").casefold()
