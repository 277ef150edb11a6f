"""An English question gets the same answer in an English frame; the guideline and the law are quoted in German.

The verdict line stays in German and is followed by its English counterpart, so that a clerk and a colleague who reads
over the shoulder see the same word. Where the official English text of a provision is installed, its sentence is set
beside the German quotation; only the German one is numbered, because it is what the guideline refers to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from assistant.ask.compose import choose_quote
from assistant.corpus.law import Law
from assistant.errors import AddressError
from assistant.index.build import ENGLISH
from assistant.types import Answer, Kind, Status, Verdict

FIRST: Mapping[Verdict, str] = {
    Verdict.ERLAUBT: "Permitted – with an approved tool, without protected data, and checked by yourself.",
    Verdict.BEDINGT: "Only under conditions – not before every point below is met.",
    Verdict.VERBOTEN: "Prohibited.",
    Verdict.AUSKUNFT: "Information.",
}
STATUS: Mapping[Status, str] = {
    Status.TEILWEISE: "No verdict is possible: the guideline has no rule with a verdict on this. The nearest passages are below.",
    Status.RUECKFRAGE: "That depends on what exactly you mean. Please choose one, or ask in more detail:",
    Status.NICHT_GEREGELT: (
        "Not regulated – and therefore not permitted until the AI coordination office has decided. This is no permission."
    ),
    Status.AUSSERHALB: (
        "I cannot help with that. I only answer whether and how AI may be used in the city administration, and what data "
        "protection and AI law say about it."
    ),
    Status.BLOCKIERT_PERSONENBEZUG: (
        "Your question contains details about a person. It was not processed any further and not stored. Please ask again "
        "without them – they are not needed for an answer."
    ),
    Status.AUSGELASTET: "Too many questions are being worked on. Please ask again in a minute.",
    Status.FEHLER: "The question could not be processed.",
}
LABELS: Mapping[str, str] = {
    "Außerdem:": "Also:", "Warum:": "Why:", "Rechtsgrundlage:": "Legal basis:", "Zuständig:": "In charge:",
    "Siehe auch:": "See also:", "In der Leitlinie:": "In the guideline:", "Bitte vorher fragen:": "Please ask first:",
    "Am nächsten liegen, ohne den Fall zu regeln:": "Nearest, without settling the case:", "Erkannt:": "Found:",
    "Stand der Vorschrift:": "Wording as of:", "Gehört zu:": "Part of:", "Verweist auf:": "Refers to:",
}  # fmt: skip
GERMAN_BELOW = "The guideline and the law are quoted in German, the language in which they apply."
BESIDE = 3
"""Citations beside which the English wording is set."""


def in_english(answer: Answer, law: Law) -> Answer:
    """The answer with an English frame; status, verdict, rules and citations are untouched."""
    first, _, rest = answer.text.partition("\n")
    line = FIRST[answer.verdict] if answer.verdict else STATUS.get(answer.status, "")
    lines = [first, "", f"**{line}** {GERMAN_BELOW if answer.citations else ''}".rstrip(), *map(_labelled, rest.split("\n"))]
    return replace(answer, text="\n".join([*lines, *_wording(answer, law)]).rstrip())


def _labelled(line: str) -> str:
    label = next((german for german in LABELS if line.startswith(german)), "")
    return LABELS[label] + line[len(label) :] if label else line


def _wording(answer: Answer, law: Law) -> list[str]:
    lines: list[str] = []
    for citation in answer.citations:
        if citation.kind is Kind.LEITLINIE or len(lines) >= 2 * BESIDE:
            continue
        try:
            found = law.find(law.acts.parse(citation.norm), answer.as_of, ENGLISH)
        except AddressError:
            continue
        if found is not None and found.exact:
            quote = choose_quote(found.provision.text, answer.question)
            lines += ["", f"English wording of [{citation.number}]: “{quote}”"]
    return lines
