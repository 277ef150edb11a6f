"""German running text into sentences and clauses, for checking what a model wrote.

It knows abbreviations, dates and citation marks, and that a full stop inside a quotation ends nothing. It does not
understand grammar: where it errs, it should cut too little rather than hide the end of a sentence from a check.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

OPENING, CLOSING = "„»", "“«"
"""Quotation marks that show their direction; the straight one opens and closes in turn."""

_MARKS = r"(?:\s*\[[^\[\]\n]{0,40}\])*"
_ENDING = re.compile(rf"[.!?…]+[\"“«»”’)]*{_MARKS}")
_ABBREVIATIONS = frozenset(
    "abs abt allg anh art aufl az bd bsp buchst bzgl bzw ca d dergl dgl dr e erwg etc evtl exkl f ff fr frl geb gem "
    "gemäß ggf ggfs grds h hr hrsg i inkl insb insbes jh kap lit lt m max min mind mio mrd nr o p prof rn rspr s "
    "sog st std str tel u uabs unterabs usw v var vgl z ziff zit zzgl".split()
)
# After these a capital letter still begins a new sentence.
_MAY_END = frozenset("etc ff usw".split())
_MONTHS = "januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember"
_BEGINS_SENTENCE = re.compile(
    r"(?:der|die|das|dies|diese|dieser|dieses|sie|er|es|ein|eine|ich|wir|man|bitte|wenn|dann|dort|dabei|damit|daher|"
    r"deshalb|außerdem|auch|aber|nur|wer|für|in|im|bei|mit|nach|ohne|nein|ja)\b",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with its citation marks; ``paragraph`` counts from 0, ``complete`` if it ends like a sentence."""

    text: str
    paragraph: int
    complete: bool


def split_sentences(text: str) -> tuple[Sentence, ...]:
    """All sentences in order. Blank lines and list items begin paragraphs; list marks are dropped."""
    found: list[Sentence] = []
    number = 0
    for block in _blocks(text):
        parts = _cut(block)
        for part in parts:
            found.append(Sentence(part, number, bool(re.search(rf"[.!?…:][\"“«»”’)]*{_MARKS}$", part))))
        number += bool(parts)
    return tuple(found)


def _blocks(text: str) -> list[str]:
    blocks: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        lines: list[str] = []
        for line in paragraph.split("\n"):
            if _LIST_MARK.match(line) and lines:
                blocks.append(" ".join(lines))
                lines = []
            lines.append(_LIST_MARK.sub("", line).strip())
        blocks.append(" ".join(lines))
    return [" ".join(b.split()) for b in blocks if b.strip()]


def _cut(block: str) -> list[str]:
    parts: list[str] = []
    start = 0
    for match in _ENDING.finditer(block):
        if match.end() < start or not _ends_here(block, match):
            continue
        if _inside_quotation(block[start : match.end()]):
            continue
        parts.append(block[start : match.end()].strip())
        start = match.end()
    if rest := block[start:].strip():
        parts.append(rest)
    return parts


def _inside_quotation(text: str) -> bool:
    depth = sum(text.count(c) for c in OPENING) - sum(text.count(c) for c in CLOSING)
    return depth > 0 or text.count('"') % 2 == 1


def _ends_here(block: str, match: re.Match[str]) -> bool:
    after = block[match.end() :]
    if not after:
        return True
    if not after[0].isspace():
        return False
    following = after.lstrip()
    if match.group()[0] != ".":
        return True
    before = re.search(r"([^\W\d_]+|\d+)$", block[: match.start()])
    if before is None:
        return True
    word = before.group(1)
    if word.isdigit():
        return _ends_after_number(block[: before.start()], following)
    if word.lower() in _ABBREVIATIONS and len(match.group()) == 1:
        return word.lower() in _MAY_END and bool(_BEGINS_SENTENCE.match(following)) and following[0].isupper()
    # "z. B.", "i. V. m.": a single letter is never the last word of a sentence.
    return len(word) > 1 or (word.isupper() and not following[0].islower())


def _ends_after_number(before: str, following: str) -> bool:
    """ "am 2. August" and "die 3. Stufe" go on; "bis 2026. Die Stadt" ends."""
    if re.match(_MONTHS, following, re.IGNORECASE) or following[0].isdigit() or following[0].islower():
        return False
    return bool(_BEGINS_SENTENCE.match(following)) or not re.search(
        r"\b(?:am|der|die|das|den|dem|im|zum)\s*$", before, re.IGNORECASE
    )


_MARK = re.compile(r"\[([^\]]*)\]")


def marks_in(text: str) -> tuple[str, ...]:
    """What stands between square brackets."""
    return tuple(_MARK.findall(text))


def numbers_in(text: str) -> tuple[int, ...]:
    """Source numbers in square brackets, in order."""
    return tuple(int(number) for mark in marks_in(text) for number in re.findall(r"\d+", mark))


def without_marks(text: str) -> str:
    """The text with a space in place of everything in square brackets."""
    return _MARK.sub(" ", text)


_JOINS = re.compile(
    r"(?:aber|doch|jedoch|sondern|denn|außer|ausgenommen|dass|daß|weil|da|wenn|falls|sofern|soweit|solange|sobald|ob|"
    r"obwohl|während|damit|indem|bis|bevor|ehe|nachdem|als|wie|der|die|das|dem|den|deren|dessen|was|wer|wo|wobei|"
    r"womit|es sei denn|so|dann|also|auch|selbst|nur|statt|anstatt|um|ohne|trotzdem|dennoch|allerdings|hingegen|dagegen|"
    r"vorausgesetzt|und|oder|"
    # A finite verb at the beginning: the main clause goes on after a relative clause.
    r"d[aü]rf(?:en|t|te|ten)?|ist|sind|bleibt|bleiben|wird|werden|k[aö]nn(?:en|te|ten)?|muss|müssen|soll(?:en|te|ten)?)\b",
    re.IGNORECASE,
)


# "Wir empfehlen, das Werkzeug zu nutzen": an infinitive belongs to the verb before the comma.
_INFINITIVE = re.compile(r"^(?!\s*(?:um|ohne|statt|anstatt)\b).*\b(?:zu \w+e?n|\w+zu(?!g)\w+en)\W*$", re.IGNORECASE)


def clauses(sentence: str, signal: re.Pattern[str]) -> tuple[str, ...]:
    """Parts of a sentence that can be negated on their own.

    A comma inside an enumeration separates nothing ("Namen, Adressen und Daten dürfen Sie nicht eingeben"): a part
    counts on its own only if it begins like a clause or contains ``signal``.
    """
    parts: list[str] = []
    for chunk in re.split(r"[;:–—]|\s-\s|\(|\)", sentence):
        pieces = chunk.split(",")
        current = pieces[0]
        for piece in pieces[1:]:
            if _INFINITIVE.search(piece):
                current += "," + piece
            elif _JOINS.match(piece.strip()) or (signal.search(piece) and signal.search(current)):
                parts.append(current)
                current = piece
            else:
                current += "," + piece
        parts.append(current)
    return tuple(s for part in parts for s in _split_joined(part, signal) if s.strip(" .!?,"))


def _split_joined(part: str, signal: re.Pattern[str]) -> list[str]:
    """Cut at "und"/"oder" only where both sides say something of their own."""
    result, rest = [], part
    for match in re.finditer(r"\b(?:und|oder|aber|sondern|doch|jedoch)\b", part):
        cut = match.start() - (len(part) - len(rest))
        left, right = rest[:cut], rest[cut:]
        if cut > 0 and signal.search(left) and signal.search(right):
            result.append(left)
            rest = right
    return [*result, rest]
