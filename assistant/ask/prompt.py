"""The prompt for wording an answer: fixed part, facts, passages, question – in this order.

The fixed part comes first and never changes within a version, so that the model's memory of it is reused from one
question to the next. Verdict and conditions are given as facts. Passages and question are data: fenced, numbered, and
stripped of everything that a chat template or the fence itself would take for a sign of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from assistant.errors import ModelError
from assistant.types import Answer, Citation

VERSION = "v2"
TYPICAL_TOKENS = 1500
"""Aim for the whole prompt: on two cores it takes 20 seconds to read, which is as long as anybody waits."""

NO_ANSWER = "Die Quellen beantworten das nicht."
"""What the model is told to write when the passages do not answer the question."""

LONGEST_PASSAGE = 700
LONGEST_QUESTION = 600
MOST_CONDITIONS = 8

Count = Callable[[str], int]
"""Tokens of a text in the model that will read it."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages (role, text); ``given`` holds the wording shown to the model by citation number, unaltered."""

    version: str
    messages: tuple[tuple[str, str], ...]
    given: Mapping[int, str]
    tokens: int


def fixed_part(version: str = VERSION) -> str:
    """The instructions of a version. Raises ModelError if the file is not installed."""
    return shipped_text(f"prompt_{version}.txt")


def second_try(version: str = VERSION) -> str:
    """What is said in addition after a draft that could not be proven. Raises ModelError like ``fixed_part``."""
    return shipped_text(f"prompt_{version}_nochmal.txt")


@cache
def shipped_text(name: str) -> str:
    """A text file beside this module, without its last line end. Raises ModelError if it is not installed."""
    try:
        return resources.files("assistant.ask").joinpath(name).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, OSError) as error:
        raise ModelError(f"assistant/ask/{name} fehlt. Das Programm neu installieren.") from error


_REPLACED = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")", "{": "(", "}": ")", "`": "'", "|": "/", "#": " "})


def neutralise(text: str) -> str:
    """Data that cannot end its fence, start a role or pass for a source number.

    Control tokens of all known templates need angle or square brackets or a bar; invisible characters are dropped.
    """
    visible = (
        c if c in "\n\t" or unicodedata.category(c)[0] != "C" else "" for c in unicodedata.normalize("NFC", text)
    )
    return re.sub(r"[ \t]*\n\s*", "\n", "".join(visible)).translate(_REPLACED).strip()


def build_prompt(
    answer: Answer, provision_texts: Mapping[str, str], count: Count, *, limit: int, again: bool = False
) -> Prompt:
    """The prompt for an answer, at most ``limit`` tokens; ``again`` after a draft that could not be proven.

    ``provision_texts`` gives the wording of provisions by norm; a citation without one is shown by its quotation.
    Passages are in the order of the citations, the governing rule first; the last ones are left out when the budget
    is short. Raises ModelError if not even the first passage fits.
    """
    said = frozenset(line.strip() for line in answer.conditions[:MOST_CONDITIONS])
    passages = {c.number: (c, _passage(provision_texts.get(c.norm, ""), c.quote, said)) for c in answer.citations}
    numbers = list(passages)
    tail = f"\n\n{second_try()}" if again else ""
    while numbers:
        shown = [passages[n] for n in numbers]
        # What is added stands last, so that a second try evaluates nothing again but its own few words.
        messages = (("system", fixed_part()), ("user", f"{_user_part(answer, shown)}{tail}\n\nANTWORT"))
        tokens = sum(count(text) for _, text in messages)
        if tokens <= limit:
            return Prompt(VERSION, messages, {c.number: text for c, text in shown}, tokens)
        numbers.pop()
    raise ModelError(f"Frage und Fundstelle passen nicht in den Prompt des Sprachmodells ({limit} Token).")


def _passage(text: str, quote: str, said: frozenset[str]) -> str:
    """What is shown of a provision; lines already ``said`` as conditions are not read twice."""
    shorter = "\n".join(line for line in text.split("\n") if line.strip() and line.strip() not in said)
    return excerpt(shorter if quote in shorter else text, quote)


def excerpt(text: str, quote: str) -> str:
    """The part of a provision to show: all of it if short, else whole lines around the quotation.

    Always contains ``quote`` and is a verbatim piece of ``text``; without a text it is the quotation itself.
    """
    start = text.find(quote)
    if start < 0 or not quote:
        return quote or text[:LONGEST_PASSAGE]
    if len(text) <= LONGEST_PASSAGE:
        return text.strip()
    end = start + len(quote)
    start = text.rfind("\n", 0, start) + 1
    end = text.find("\n", end) if "\n" in text[end:] else len(text)
    if end - start > LONGEST_PASSAGE:
        return quote
    for line_end in (i for i, c in enumerate(text) if c == "\n" and i > end):
        if line_end - start > LONGEST_PASSAGE:
            break
        end = line_end
    return text[start:end].strip()


def first_line(answer: Answer) -> str:
    """The verdict line as shown to the user, with its emphasis."""
    return answer.text.split("\n", 1)[0].strip()


def _user_part(answer: Answer, shown: Iterable[tuple[Citation, str]]) -> str:
    lines = ["ERGEBNIS", first_line(answer).strip("*# ")]
    if answer.conditions:
        lines += ["Bedingungen:", *("- " + neutralise(c) for c in answer.conditions[:MOST_CONDITIONS])]
    if office := _office_line(answer):
        lines.append(office)
    lines += ["", "QUELLEN"]
    for citation, text in shown:
        lines += [f'<quelle nr="{citation.number}" stelle="{_title(citation)}">', neutralise(text), "</quelle>"]
    lines += ["", "FRAGE", "<frage>", neutralise(_shortened(answer.question)), "</frage>"]
    return "\n".join(lines)


def _title(citation: Citation) -> str:
    """Where a passage stands, with the date from which it applies if it does not apply yet."""
    since = f", gilt ab {citation.valid_from:%d.%m.%Y}" if citation.valid_from and citation.validity != "gilt" else ""
    return neutralise(citation.label + since).replace('"', "'")


def _office_line(answer: Answer) -> str:
    """The office by name, as the extractive text says it; its keys are for machines."""
    match = re.search(r"^Zuständig: .*$", answer.text, re.MULTILINE)
    return neutralise(match.group()) if match else ("Zuständig: " + ", ".join(answer.offices) if answer.offices else "")


def _shortened(question: str) -> str:
    return question if len(question) <= LONGEST_QUESTION else question[:LONGEST_QUESTION].rsplit(" ", 1)[0] + " …"


def source_grammar(numbers: Iterable[int]) -> str:
    """A GBNF grammar: the sentence that the sources do not answer, or free prose that cites at least once.

    Square brackets hold only these source numbers; angle brackets, mark-up signs and back-quotes cannot be written at
    all. Raises ValueError without numbers.
    """
    alternatives = " | ".join(f'"{n}"' for n in sorted(set(numbers)))
    if not alternatives:
        raise ValueError("a grammar for sources needs at least one number")
    return (
        f'root ::= "{NO_ANSWER}" | prose+ mark (prose | mark)*\n'
        "prose ::= [^\\[\\]<>{}|`#*_~^\\\\@$]\n"
        f'mark ::= "[" ({alternatives}) "]"\n'
    )
