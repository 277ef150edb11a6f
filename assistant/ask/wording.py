"""Let the local model word an answer that already stands; what cannot be proven is not shown.

Verdict, rules, conditions, offices and citations pass through untouched. The verdict line stays the first line. A
sentence that fails its proof is withheld; where too many fail, the model gets one second try; then, and when it is
busy, slow or broken, the extractive answer remains and a note says why. Neither question nor draft is written to any
log, and no note repeats a word of the draft: it would show what was just withheld.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assistant.ask.draft import Draft
from assistant.ask.facts import facts_of
from assistant.ask.prompt import NO_ANSWER, TYPICAL_TOKENS, Prompt, build_prompt, first_line, source_grammar
from assistant.ask.proof import Proof
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
NOTE_NO_ANSWER = (
    "Das Sprachmodell fand in den Quellen nicht genug für eine ausformulierte Fassung. Die Antwort oben stammt "
    "unverändert aus Leitlinie und Recht."
)
NOTE_REJECTED = (
    "Der Text des Sprachmodells wird nicht gezeigt, weil sich zu wenig davon belegen ließ ({why}). Die Antwort oben "
    "stammt unverändert aus Leitlinie und Recht."
)
NOTE_WITHHELD = (
    "Vom Text des Sprachmodells fehlen {missing} von {all} Sätzen, weil sie sich nicht belegen ließen ({why})."
)

Show = Callable[[Answer], None]
"""Told every time another sentence is proven: the answer with the text so far."""


@dataclass(frozen=True, slots=True)
class Worded:
    """The answer to show and the proofs of all drafts, the last one last; none where no draft was written."""

    answer: Answer
    proofs: tuple[Proof, ...] = ()


def word_answer(
    answer: Answer,
    generator: Generator,
    provision_texts: Mapping[str, str],
    settings: Settings,
    *,
    show: Show | None = None,
) -> Answer:
    """The answer with proven prose, or unchanged except for one note. Only ``beantwortet`` is ever worded.

    ``provision_texts`` gives the wording of the cited provisions by norm; ``show`` is called while the model writes,
    in this thread. Text shown may be followed by an answer without it. Never raises because of the model.
    """
    return word(answer, generator, provision_texts, settings, show=show).answer


def word(
    answer: Answer,
    generator: Generator,
    provision_texts: Mapping[str, str],
    settings: Settings,
    *,
    show: Show | None = None,
) -> Worded:
    """As ``word_answer``, with what was withheld and why, for reports about a model."""
    if answer.status is not Status.BEANTWORTET or answer.verdict is None or not answer.citations:
        return Worded(answer)
    began = time.monotonic()
    proofs: list[Proof] = []
    try:
        for again in (False, True):
            # A second try that could not end in time is not begun.
            if again and time.monotonic() - began > settings.modell_frist_s / 2:
                break
            limit = min(TYPICAL_TOKENS, generator.budget)
            prompt = build_prompt(answer, provision_texts, generator.count, limit=limit, again=again)
            draft = _draft(answer, generator, prompt, settings.modell_antwort_tokens, show)
            if _gives_up(draft):
                return Worded(_noted(answer, "modell_ohne_antwort", NOTE_NO_ANSWER), tuple(proofs))
            proofs.append(draft.proof)
            if draft.proof.usable:
                return Worded(_shown(answer, draft.proof, generator.name), tuple(proofs))
            log.info("Entwurf verworfen: %s", _counted(proofs[-1:]))
    except ModelTooSlow:
        return Worded(_noted(answer, "modell_zu_langsam", NOTE_SLOW), tuple(proofs))
    except ModelBusy:
        return Worded(_noted(answer, "modell_ausgelastet", NOTE_BUSY), tuple(proofs))
    except ModelError as error:
        log.warning("Sprachmodell: %s", error)
        return Worded(_noted(answer, "modell_fehler", NOTE_FAILED.format(line=error)), tuple(proofs))
    rejected = NOTE_REJECTED.format(why=_counted(proofs))
    return Worded(_noted(answer, "modell_verworfen", rejected), tuple(proofs))


def _draft(answer: Answer, generator: Generator, prompt: Prompt, max_tokens: int, show: Show | None) -> Draft:
    """One draft, proven while it is written; one that has become hopeless is not read to its end."""
    draft = Draft(facts_of(answer, prompt.given))
    pieces = generator.stream(prompt.messages, max_tokens=max_tokens, grammar=source_grammar(prompt.given))
    try:
        for piece in pieces:
            if draft.feed(piece) and show is not None:
                show(_with_text(answer, draft.proof, generator.name))
            if draft.hopeless:
                break
        else:
            draft.finish()
    finally:
        # A generator object frees the model when closed; other iterators have nothing to free.
        with contextlib.suppress(AttributeError):
            pieces.close()  # type: ignore[attr-defined]
    return draft


def _gives_up(draft: Draft) -> bool:
    """Whether the model says, alone or among other things, that the sources do not answer."""
    return NO_ANSWER.rstrip(".") in draft.text


def _with_text(answer: Answer, proof: Proof, name: str) -> Answer:
    return dataclasses.replace(answer, text=f"{first_line(answer)}\n\n{proof.text}", written_by=name)


def _shown(answer: Answer, proof: Proof, name: str) -> Answer:
    shown = _with_text(answer, proof, name)
    if not proof.withheld:
        return shown
    why = ", ".join(f"Satz {w.number}: {w.reason.value}" for w in proof.withheld)
    missing = len(proof.withheld)
    text = NOTE_WITHHELD.format(missing=missing, all=missing + len(proof.kept), why=why)
    return _noted(shown, "modell_satz_fehlt", text)


def _counted(proofs: Sequence[Proof]) -> str:
    """Reasons with their counts over all drafts, without a word of them: "norm: 1, zahl: 2"."""
    counts = Counter(w.reason.value for proof in proofs for w in proof.withheld)
    if not counts:
        return "keine Quelle genannt"
    return ", ".join(f"{reason}: {number}" for reason, number in sorted(counts.items()))


def _noted(answer: Answer, code: str, text: str) -> Answer:
    return dataclasses.replace(answer, notes=(*answer.notes, Note(code, text)))
