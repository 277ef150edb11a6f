"""Names that belong to nobody concerned: samples, public persons, authors, products, firms and institutions."""

from __future__ import annotations

import re
from functools import cache, partial

from rapidfuzz.distance import OSA

from assistant.ask.personal_candidate import Name, Written, follows, is_after
from assistant.ask.personal_text import MASK, Reading, Token, keys

_words = partial(keys, "personenwoerter")
_BUILDINGS = frozenset("haus strasse weg platz allee ring preis".split())
_INVENTED = re.compile(r"frei erfunden|ausgedacht|erfundene|fiktiv|namen (?:\w+ ){0,4}ersetzt|ersetzt habe")
_CHARACTER_BEFORE = re.compile(
    r"(?:assistent\w*|bot|avatar|figur|maskottchen|stück|film|buch|serie|handpuppe|roboter)\W{1,3}(?:herrn?|frau)? ?$"
)
_ANONYMOUS = frozenset({"nn", "xy", "xyz", "doe", "roe"})
_WORK_BEFORE = re.compile(
    r"\b(?:im stil|stil|gemälde|gedichte?|roman|krimi|thriller|bestseller|kinderbuch|hörspiel|buch|lehrbuch|fachbuch|hörbuch|kommentar|aufsatz|rede|zitat|spruch|"
    r"lied|song|film|serie|musik|artikel|beitrag|kolumne|biogra\w+|denkmal|ausstellung|konzert|lesung|"
    r"deepfake|avatar|autor|autorin|dichter|komponist|künstler|künstlerin|"
    r"schriftsteller\w{0,2}|sängerin|sänger|märchen|"
    r"schauspieler\w{0,2}|politiker\w{0,2}|style|poem|novel|book|speech|voice|stimme|liest|werk\w{0,2}|"
    r"theaterstück|namensgeber\w{0,2}|ehrenbürger\w{0,2})(?:\W{1,4}[\w'-]{1,25}){0,2}?"
    r"(?:\W{1,4}(?:von|of|by|about|über|zu|des|der|auf|prof|dr|in|heute|abend|hier)){0,4}\W{1,4}$"
)
_WORK_AFTER = re.compile(
    r"\W{0,3}(?:\(\D{0,3}1[0-8]\d\d\W|\(1\d{3}\s?-\s?\d{4}\)|,? ?(?:stgb|bgb|vwvfg|gg|dsgvo|ds-gvo)\b|"
    r",? in: |liest (?:aus|in|am|heute)|benannt|singt|"
    r"(?: [\w-]{1,20}){0,3} gemeinfrei|,? (?:allgemeines |das )?\w{0,12}recht,|\S{0,20},? \d{1,2}\. aufl|stellt (?:im museum )?aus|malte|dichtete)"
)
_LONG_AGO = re.compile(
    r"(?:von|um|anno|aus dem jahr|vom jahr|im jahr|aus) 1(?:[0-8]\d\d|9[0-3]\d)\b|jahrhundert|mittelalter"
)
_FIRM_BEFORE = re.compile(
    r"(?:büro|praxis|kanzlei|apotheke|autohaus|bäckerei|metzgerei|tischlerei|schreinerei|spedition|gärtnerei|verlag)\W{1,3}(?:prof\. |dr\. |graf von |freiherr von )*$"
)
_COMPANY_AFTER = re.compile(r" ?[&+] ?|(?: [\w-]{1,20}){0,2} (?:gmbh|kg|ag|ohg|ug|e\.? ?k|mbh|ltd|inc|und söhne)\b")


_PUBLIC_OFFICE = re.compile(
    r"openai|\btesla\b|\bmeta\b|facebook|microsoft|\bgoogle\b|\bgrok\b|\bx\b|twitter|nvidia|anthropic|bundes(?:kanzler|minister|"
    r"präsident|regierung|tag\b)|\bkanzler|\bminister|eu-kommission|kommissionspräsident|fristverschiebung|staatspräsident"
)
"""Firms and offices that make a surname one from the news ("Herr Altman, Chef von OpenAI")."""


def is_nobody(reading: Reading, name: Name) -> bool:
    """Whether the candidate is a sample, a public person, an author, a product or an institution."""
    words = [_without_genitive(token) for token in reading.tokens[name.first : name.last + 1]]
    last = words[-1]
    if (
        any(w.startswith(tuple(_words("muster"))) or OSA.distance(w, "mustermann") == 1 for w in words)
        or last in _ANONYMOUS
        or _masked(reading, name)
    ):
        return True
    if name.written is not Written.TITLED and last in keys("bekannte", "einzeln"):
        return True
    if last in keys("bekannte", "amt_und_nachname") and _PUBLIC_OFFICE.search(reading.low):
        return True
    if _CHARACTER_BEFORE.search(reading.before(name.start, 40)):
        return True
    if _INVENTED.search(reading.low) and last in keys("nachnamen", "mehrdeutig") | keys("woerter", "klein"):
        return True
    return _named_publicly(reading, name) or _is_institution(reading, name) or _is_author(reading, name)


def _without_genitive(token: Token) -> str:
    return token.key.removesuffix("'s")


def _masked(reading: Reading, name: Name) -> bool:
    """Whether the name touches a placeholder or is the first half of a compound ("Müller-")."""
    edges = reading.text[max(0, name.start - 1) : name.end + 1]
    return MASK in edges or reading.text[name.end : name.end + 1] == "-"


def _named_publicly(reading: Reading, name: Name) -> bool:
    """Whether the name, or it with a word before or after, is that of a known public person."""
    words = [_without_genitive(token) for token in reading.tokens[max(0, name.first - 2) : name.last + 4]]
    return any(tuple(words[i : i + n]) in _public() for n in (2, 3, 4) for i in range(min(3, len(words) - n + 1)))


@cache
def _public() -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(form.split("_")) for form in keys("bekannte", "voll"))


def _is_institution(reading: Reading, name: Name) -> bool:
    following = follows(reading, name.last + 1, "-")
    if following is not None and following.key in _BUILDINGS:
        return True
    if following is not None and following.capital and following.within(keys("woerter", "institution")):
        return True
    between = "." if name.first and len(reading.tokens[name.first - 1].word) < 3 else ""  # "St. Martin"
    if is_after(reading, name.first, _words("kein_mensch_nach")) and follows(reading, name.first, between) is not None:
        return True
    if _FIRM_BEFORE.search(reading.before(name.start, 40)):
        return True
    return _COMPANY_AFTER.match(reading.low, name.end) is not None


def _is_author(reading: Reading, name: Name) -> bool:
    if _LONG_AGO.search(reading.around(name.start, name.end, 70, 70)):
        return True
    if name.written is Written.TITLED:
        return False
    before = reading.before(name.start, 60)
    return bool(_WORK_BEFORE.search(before) or _WORK_AFTER.match(reading.low, name.end))
