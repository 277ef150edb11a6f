"""Let the local model word an answer that already stands, and show the wording only if all of it is proven.

Verdict, rules, conditions, offices and citations pass through untouched. The verdict line stays the first line. When
the model is busy, slow, broken or not to be believed, the extractive answer remains and a note says why the wording
is missing. Neither question nor draft is written to any log.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import re
from collections import Counter
from collections.abc import Mapping

from assistant.ask.prompt import NO_ANSWER, TYPICAL_TOKENS, Prompt, build_prompt, first_line, source_grammar
from assistant.ask.proof import Proof, prove
from assistant.errors import ModelBusy, ModelError
from assistant.models.child import ModelTooSlow
from assistant.settings import Settings
from assistant.types import Answer, Generator, Note, Status

log = logging.getLogger(__name__)

NOTE_BUSY = (
    "Das Sprachmodell ist gerade ausgelastet. Die Antwort oben ist vollständig; nur die ausformulierte Fassung fehlt."
)
NOTE_SLOW = (
    "Das Sprachmodell war nicht rechtzeitig fertig. Die Antwort oben ist vollständig; nur die ausformulierte Fassung "
    "fehlt."
)
NOTE_FAILED = "Die ausformulierte Fassung fehlt: {line}"
NOTE_REJECTED = (
    "Der Text des Sprachmodells wird nicht gezeigt, weil er sich nicht vollständig belegen ließ ({why}). Die Antwort "
    "oben stammt unverändert aus Leitlinie und Recht."
)
_THOUGHT = re.compile(r"^\s*<think>.*?</think>\s*", re.DOTALL)


def word_answer(answer: Answer, generator: Generator, provision_texts: Mapping[str, str], settings: Settings) -> Answer:
    """The answer with proven prose, or unchanged except for one note. Only ``beantwortet`` is ever worded.

    ``provision_texts`` gives the wording of the cited provisions by norm. Never raises because of the model.
    """
    if answer.status is not Status.BEANTWORTET or answer.verdict is None or not answer.citations:
        return answer
    try:
        prompt = build_prompt(answer, provision_texts, generator.count, limit=min(TYPICAL_TOKENS, generator.budget))
        draft = _draft(generator, prompt, settings.modell_antwort_tokens)
    except ModelTooSlow:
        return _noted(answer, "modell_zu_langsam", NOTE_SLOW)
    except ModelBusy:
        return _noted(answer, "modell_ausgelastet", NOTE_BUSY)
    except ModelError as error:
        log.warning("Sprachmodell: %s", error)
        return _noted(answer, "modell_fehler", NOTE_FAILED.format(line=error))
    return _judged(answer, draft, prompt, generator.name)


def _draft(generator: Generator, prompt: Prompt, max_tokens: int) -> str:
    """The whole draft; nothing of it is seen by anybody before it is proven."""
    pieces = generator.stream(prompt.messages, max_tokens=max_tokens, grammar=source_grammar(prompt.given))
    try:
        return _THOUGHT.sub("", "".join(pieces)).strip()
    finally:
        # A generator object frees the model when closed; other iterators have nothing to free.
        with contextlib.suppress(AttributeError):
            pieces.close()  # type: ignore[attr-defined]


def _judged(answer: Answer, draft: str, prompt: Prompt, name: str) -> Answer:
    if not draft or draft.rstrip(".") == NO_ANSWER.rstrip("."):
        return _noted(answer, "modell_verworfen", NOTE_REJECTED.format(why="das Modell fand keine Antwort"))
    proof = prove(draft, answer, prompt.given)
    if not proof.complete:
        log.info("Entwurf verworfen: %s", _why(proof))
        return _noted(answer, "modell_verworfen", NOTE_REJECTED.format(why=_why(proof)))
    return dataclasses.replace(answer, text=f"{first_line(answer)}\n\n{proof.text}", written_by=name)


def _why(proof: Proof) -> str:
    """Reasons with their counts, without a word of the draft: "norm: 1, zahl: 2"."""
    counts = Counter(w.reason.value for w in proof.withheld)
    if not counts:
        return "keine Quelle genannt"
    return ", ".join(f"{reason}: {number}" for reason, number in sorted(counts.items()))


def _noted(answer: Answer, code: str, text: str) -> Answer:
    return dataclasses.replace(answer, notes=(*answer.notes, Note(code, text)))
