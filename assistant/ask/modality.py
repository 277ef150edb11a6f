"""Does a German sentence permit or forbid, and does that fit the verdict?

The verdict stands before a model writes a word. This module looks for what would undo it: a permission where the
guideline forbids, an unconditional one where it sets conditions, a prohibition where it allows. It reads signals, not
meaning, and takes every doubt against the sentence: a sentence lost costs a little comfort, a false permission costs
a leak.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.ask import signals
from assistant.ask.sentences import clauses
from assistant.types import Verdict


@dataclass(frozen=True, slots=True)
class Stance:
    """What one clause does: permits, forbids, or neither.

    ``doubtful`` where negation does not settle it; ``unless`` for "nicht … ohne …", which permits under a condition.
    """

    permits: bool = False
    forbids: bool = False
    doubtful: bool = False
    unless: bool = False


def _folded(text: str) -> str:
    """Without citation marks, hyphen-breaks and doubled spaces, so that a broken word is still found."""
    text = re.sub(r"\[[^\]]*\]", " ", text)
    text = re.sub(r"(\w)-\s+(?=\w)", r"\1", text)
    return " ".join(text.split())


_SIGNAL = re.compile(
    "|".join(
        p.pattern
        for p in (
            signals.STATE,
            signals.MAY,
            signals.CAN,
            signals.OUGHT,
            signals.FORBIDDEN,
            signals.ACQUITTAL,
            signals.NEED,
        )
    ),
    re.IGNORECASE,
)
_POSITION = re.compile(
    "|".join(p.pattern for p in (signals.STATE, signals.MAY, signals.FORBIDDEN, signals.ACQUITTAL)), re.IGNORECASE
)
_IMPERATIVE = re.compile(
    r"^\W*(?:(?:bitte|dann|also|daher|nun|jetzt|so|aber|und|doch|oder|sondern|denn)\s+)*([A-ZÄÖÜa-zäöü][a-zäöüß]+(?:en|ern|eln)|[Tt]un)\s+Sie\b|"
    # Written large in the middle it is the beginning of a sentence that lacks its full stop.
    r"\b([A-ZÄÖÜ][a-zäöüß]+(?:en|ern|eln))\s+Sie\b"
)
_TOLD = re.compile(r"\bSie\s+([a-zäöüß]+en)\b|\b([a-zäöüß]+en)\s+Sie\b")
_FREE_YES = re.compile(
    r"^\W*(?i:ja|jawohl|klar|natürlich|selbstverständlich|sicher|gewiss|doch)\b|\b(?:Ja|Jawohl|Klar|Natürlich)\b"
)
_FREE_NO = re.compile(r"^\W*nein\b", re.IGNORECASE)


_PARTIAL = re.compile(r"(?:,|\bund|\boder|\baber|\bsondern)\s+(?:auch |aber )?(?:nicht|kein\w*)\b", re.IGNORECASE)


def _negations(clause: str) -> int:
    """How often a clause is negated: 0, 1, or 2 for "more than once or only in part".

    "in keine Liste und in kein Werkzeug" is one negation said twice, "Namen und nicht Akten" negates only a part.
    """
    text = signals.NOT_REALLY.sub(" ", clause)
    counts = [len(signals.NOT.findall(part)) for part in re.split(r",|\b(?:und|oder|sowie|noch)\b", text)]
    if not sum(counts):
        return 0
    partial = _PARTIAL.search(text)
    if partial and not signals.NOT.search(text[: partial.start()]):
        return 2
    return 1 if max(counts) == 1 else 2


def _permission_signals(clause: str) -> int:
    """How often a clause says that something may be done, negated or not."""
    if signals.STATE_CLAUSE.match(clause.strip(" ,.!")):
        return 0
    count = len(signals.MAY.findall(clause)) + len(
        signals.STATE.findall(re.sub(r"\b(?:so|wie) \w+ wie möglich|\bwie möglich", " ", clause))
    )
    if signals.CAN.search(clause) and signals.ADDRESSED.search(clause) and not _only_harmless(clause):
        count += 1
    if signals.OUGHT.search(clause) and signals.USE.search(clause):
        count += 1
    orders = [first or later for first, later in _IMPERATIVE.findall(clause)]
    if any(not _harmless(verb, clause) for verb in orders) or _told_to_use(clause):
        count += 1
    return count


def _only_harmless(clause: str) -> bool:
    """Whether "Sie können …" speaks of nothing but asking, checking or reporting."""
    if signals.USE.search(clause) or not signals.HARMLESS_VERBS.search(clause):
        return False
    return not (signals.SPOKEN_TO.search(clause) and signals.TOOL.search(clause))


def _harmless(verb: str, clause: str) -> bool:
    """Whether an order is one that nobody needs a permission for: ask somebody, check, report, wait."""
    if signals.SPOKEN_TO.fullmatch(verb) and signals.TOOL.search(clause):
        return False
    return bool(signals.HARMLESS_VERBS.fullmatch(verb) or signals.HARMLESS_ORDERS.search(clause))


def _told_to_use(clause: str) -> bool:
    """ "Sie nutzen dafür ChatGPT": a plain statement that describes the use as the thing to do."""
    return any(signals.USE_FINITE.fullmatch(a or b) for a, b in _TOLD.findall(clause)) and not signals.MAY.search(
        clause
    )


def stance(clause: str) -> Stance:
    """What a clause does. Exactly one negation turns a permission into a prohibition and the other way round."""
    if signals.ACQUITTAL.search(clause):
        return Stance(permits=True)
    permissions, prohibitions = _permission_signals(clause), len(signals.FORBIDDEN.findall(clause))
    negations = _negations(clause)
    if permissions + prohibitions == 0:
        return Stance()
    if permissions and prohibitions:
        # "Die Eingabe ist verboten und nicht erlaubt" stays one clause only if nothing else separates it.
        return Stance(permits=negations != 1, forbids=True, doubtful=negations != 1)
    if permissions:
        said_twice = permissions == 1 or bool(re.search(r"\bweder\b.*\bnoch\b", clause))
        clean = negations == 1 and said_twice and not signals.TURNED.search(clause)
        unless = clean and bool(signals.UNLESS.search(clause))
        return Stance(
            permits=negations == 0, forbids=clean and not unless, doubtful=negations > 0 and not clean, unless=unless
        )
    return Stance(permits=negations == 1, forbids=negations == 0, doubtful=negations > 1)


def stems(text: str) -> frozenset[str]:
    """Beginnings (6 letters) of the content words of a text, for finding a condition again in other words."""
    skip = {"werden", "wurden", "können", "müssen", "dürfen", "sollen", "dieser", "dieses", "diesem", "einer", "eines"}
    words = re.findall(r"[a-zäöüß]{5,}", text.casefold().replace("-", " "))
    return frozenset(w[:6] for w in words if w not in skip)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition by the beginnings of its words; ``negative`` if it excludes something ("keine Namen")."""

    words: frozenset[str]
    negative: bool

    def named_in(self, text: str) -> bool:
        """Whether a text speaks of it in the same sense: two of its words at least, and a negation if it has one."""
        shared = len(stems(text) & self.words)
        return shared >= min(2, len(self.words)) and (not self.negative or _excludes(text))


def _excludes(text: str) -> bool:
    return bool(signals.NOT.search(text) or signals.WITHOUT_GUARDED.search(text))


@dataclass(frozen=True, slots=True)
class Frame:
    """What is certain about an answer: verdict, conditions, stems of all that was given."""

    verdict: Verdict | None
    conditions: tuple[Condition, ...]
    given: frozenset[str]


def frame(verdict: Verdict | None, conditions: Iterable[str], given: Iterable[str]) -> Frame:
    """Frame of an answer from its German texts."""
    listed = tuple(Condition(words, _excludes(c)) for c in conditions if (words := stems(c)))
    return Frame(verdict, listed, stems(" ".join(given)))


def contradiction(sentence: str, certain: Frame) -> str | None:
    """Why the sentence cannot stand beside the verdict, in German; None if it can."""
    text = _folded(sentence)
    if signals.TWISTED.search(text) and (_POSITION.search(text) or _FREE_YES.search(text) or _FREE_NO.match(text)):
        return "verkehrt eine Aussage ins Gegenteil oder in die Vergangenheit"
    if signals.LOOSENED.search(text):
        return "nimmt der Regel ihre Geltung"
    parts = [c.strip() for c in clauses(text, _SIGNAL)]
    if any(signals.CLAIMED.search(part) and not signals.OPEN_STILL.search(part) for part in parts):
        return "behauptet, eine Bedingung sei erfüllt"
    check = {
        Verdict.VERBOTEN: _against_forbidden,
        Verdict.BEDINGT: _against_conditional,
        Verdict.ERLAUBT: _against_allowed,
        Verdict.AUSKUNFT: _against_information,
    }.get(certain.verdict or Verdict.AUSKUNFT, _against_information)
    return check(text, parts, certain)


_HELPS = re.compile(r"\b(?:hilft|helfen|zuständig|ansprechpartner\w*|ansprechstelle)\b", re.IGNORECASE)


def _about_use(part: str) -> bool:
    """Whether a part that can be read as a permission speaks of doing something with a tool: "bestimmt werden kann"
    and the like describe.
    """
    plain_words = signals.MAY, signals.STATE, signals.ACQUITTAL, signals.FORBIDDEN, signals.USE, signals.USE_FINITE
    return any(words.search(part) for words in plain_words) or bool(_IMPERATIVE.search(part))


def on_the_safe_side(sentence: str, certain: Frame) -> bool:
    """Whether a sentence that contradicts nothing only orders harmless things, forbids what is forbidden, or repeats
    a permission together with a condition of the rule: nobody does wrong who follows it.
    """
    text = _folded(sentence)
    parts = clauses(text, _SIGNAL)
    stances = [stance(part) for part in parts]
    if any(s.doubtful or s.permits for s in stances):
        return certain.verdict is Verdict.BEDINGT and _names_condition(text, certain)
    if certain.verdict is Verdict.VERBOTEN and any(s.forbids for s in stances):
        return True
    told = _IMPERATIVE.search(text) or _HELPS.search(text)
    return bool(told) and not any(signals.NOT.search(part) for part in parts)


def _against_forbidden(text: str, parts: list[str], _certain: Frame) -> str | None:
    if _FREE_YES.search(text):
        return "bejaht, was verboten ist"
    if signals.EXCEPTION.search(signals.NO_EXCEPTION.sub(" ", text)):
        return "nennt eine Ausnahme vom Verbot"
    for part in parts:
        position = stance(part)
        if position.permits or position.doubtful or position.unless:
            return "erlaubt, was verboten ist"
        if signals.ONLY.search(part) and _permission_signals(part):
            return "erlaubt einen Teil dessen, was verboten ist"
        if re.search(r"\b(?:nur|lediglich|bloß|allenfalls)\b", part, re.IGNORECASE) and signals.FORBIDDEN.search(part):
            return "beschränkt das Verbot"
        if _second_half_permits(part):
            return "verneint nur die erste Hälfte"
        if _waives(part):
            return "erlässt eine Pflicht"
    return None


def _second_half_permits(part: str) -> bool:
    """ "Sie dürfen keine Namen eingeben und Akten hochladen": the negation may reach only to "und"."""
    if not (signals.MAY.search(part) or signals.CAN.search(part)):
        return False
    halves = re.split(r"\b(?:und|oder)\b", re.sub(r"^\W*(?:und|oder)\b", "", part), maxsplit=1)
    if len(halves) < 2 or not _negations(halves[0]) or _negations(halves[1]):
        return False
    return bool(signals.USE.search(halves[0]) and signals.USE.search(halves[1]) and len(halves[1].split()) > 1)


def _waives(part: str) -> bool:
    if not signals.DUTY.search(part):
        return False
    return bool(
        signals.WAIVED.search(part)
        or (signals.NEED.search(part) and _negations(part) and not signals.FORBIDDEN.search(part))
    )


def _against_conditional(text: str, _parts: list[str], certain: Frame) -> str | None:
    if _FREE_YES.search(text) or _FREE_NO.match(text):
        return "bejaht oder verneint ohne Bedingung"
    for said in _segments(text):
        conditional = bool(signals.CONDITION.search(said)) and _names_condition(said, certain)
        free = signals.NO_CONDITION.search(said)
        for part in clauses(said, _SIGNAL):
            if found := _lifts_condition(part, said, bound=conditional and not free):
                return found
    return None


_BREAKS = re.compile(r"[;–—]|\s-\s|,?\s(?=(?:aber|jedoch|doch|denn|wobei|trotzdem|dennoch)\b)")
_SOFT_BREAK = re.compile(r":|,\s(?=(?:und|oder)\b)")


def _segments(text: str) -> list[str]:
    """What a condition reaches: not beyond a semicolon, a dash or a "but", nor beyond a colon or an "and" to a new
    permission.
    """
    found: list[str] = []
    for part in _BREAKS.split(signals.NOT_REALLY.sub(" ", text)):
        first, *more = _SOFT_BREAK.split(part)
        found.append(first)
        for after in more:
            if _permission_signals(after) or _POSITION.search(after):
                found.append(after)
            else:
                found[-1] += ", " + after
    return found


def _lifts_condition(part: str, said: str, *, bound: bool) -> str | None:
    position = stance(part)
    if position.unless:
        return None
    if (position.permits or position.doubtful) and not bound:
        return "erlaubt ohne Bedingung"
    if position.permits and signals.ACQUITTAL.search(part):
        return "erlaubt ohne Bedingung"
    if position.forbids and not position.permits and _forbids_all(part, said):
        return "verbietet, was unter Bedingungen zulässig ist"
    return "erlässt eine Bedingung" if _waives(part) else None


def _names_condition(text: str, certain: Frame) -> bool:
    """Whether what stands after a condition word is one of the rule's own conditions."""
    said = [text[match.start() :] for match in signals.CONDITION.finditer(text)]
    said += [text] if signals.ONLY.search(text) else []
    return any(condition.named_in(part) for part in said for condition in certain.conditions)


def _forbids_all(part: str, text: str) -> bool:
    if signals.TOTAL.search(part):
        return True
    about = re.match(
        r"^\W*(?:das|dies|es|die nutzung|der einsatz|so etwas)\s+(?:ist|bleibt|wäre)\b", part, re.IGNORECASE
    )
    return bool(about) and not signals.CONDITION.search(text)


def _against_allowed(text: str, _parts: list[str], _certain: Frame) -> str | None:
    if _FREE_NO.match(text):
        return "verneint, was erlaubt ist"
    for said in _segments(text):
        for part in clauses(said, _SIGNAL):
            if found := _changes_permission(part, said):
                return found
    return None


def _changes_permission(part: str, said: str) -> str | None:
    position = stance(part)
    if position.permits and _widens(part, said):
        return "erlaubt mehr als die Regel"
    if position.doubtful and (_widens(part, said) or not signals.GUARDED.search(said)):
        return "lässt offen, ob es erlaubt ist"
    if position.forbids and not signals.GUARDED.search(part):
        return "verbietet, was erlaubt ist"
    if _waives(part) and re.search(
        r"prüf|kontroll|werkzeug|positivliste|daten|original|kennzeichn", part, re.IGNORECASE
    ):
        return "erlässt eine Grundbedingung"
    return None


def _widens(part: str, text: str) -> bool:
    """A permission that mentions guarded data or careless use without excluding it."""
    if signals.NO_CONDITION.search(part) and re.search(r"prüf|ohne|heimlich", part, re.IGNORECASE):
        return True
    for match in signals.GUARDED.finditer(text):
        before = text[max(0, match.start() - 40) : match.start()]
        if match.group().lower() in ("ungeprüft", "heimlich") or not signals.WITHOUT_GUARDED.search(before):
            return True
    return False


def _against_information(text: str, _parts: list[str], certain: Frame) -> str | None:
    if _FREE_YES.search(text) or _FREE_NO.match(text):
        return "bejaht oder verneint, wo nur Auskunft gefragt ist"
    for said in _segments(text):
        conditional = bool(signals.CONDITION_CLAUSE.search(said)) and bool(stems(said) & certain.given)
        free = signals.NO_CONDITION.search(said)
        for part in clauses(said, _SIGNAL):
            position = stance(part)
            if (
                (position.permits or position.doubtful)
                and _about_use(part)
                and (free or not conditional or _widens(part, said) or signals.ACQUITTAL.search(part))
            ):
                return "erlaubt etwas, obwohl nur Auskunft gegeben wird"
            if _waives(part):
                return "erlässt eine Pflicht"
    return None
