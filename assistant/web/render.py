"""From an ``Answer`` to the HTML of the page, in three parts that Gradio shows one below the other.

``head`` is what a hurried reader needs: verdict, answer in a sentence, conditions, office. ``explanation`` is the rest
of the text; it is replaced when the local model has worded it. ``sources`` are the numbered quotations, why this
answer, and as of when it holds. Nothing here trusts its input: all text is escaped, the only links are to our own
pages, to the official page of a source and to an office's mail address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.types import Answer, Citation, Status
from assistant.web import texts
from assistant.web.api import AssistantApi
from assistant.web.markup import block, blocks, escape, find_span, marked
from assistant.web.note import EXPORTED, note_of, sealed
from assistant.web.parts import (
    card,
    conditions_list,
    findings_list,
    note_buttons,
    note_form,
    notes_list,
    offices_list,
)
from assistant.web.provisions import (
    date,
    excerpt,
    heading_path,
    known_source,
    official_link,
    provision_link,
    shown_as,
    source_chips,
    validity_chip,
)
from assistant.web.symbols import symbol

SHOWN_QUESTION = 1200
"""Characters of a question that are repeated above its answer."""
_OFFICE_LINES = ("Zuständig: ", "Bitte vorher fragen: ")
_FROM_MODEL = "Formuliert vom lokalen Sprachmodell „{}“. Urteil, Bedingungen und Fundstellen stammen nicht vom Modell."
_WHY = (
    "Das Urteil folgt aus Regeln der Leitlinie, nicht aus einem Sprachmodell. Erwogen wurden, mit ihrer Nähe zur Frage:"
)


def look_of(answer: Answer) -> texts.Look:
    """Word, symbol and colours of this outcome."""
    return texts.VERDICTS[answer.verdict] if answer.verdict else texts.OUTCOMES[answer.status]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer's text taken apart: what stands in the heading, below it, and in the explanation (Markdown blocks)."""

    heading: str
    lead: tuple[str, ...]
    rest: tuple[str, ...]


def take_apart(answer: Answer) -> Said:
    """The parts of ``answer.text``.

    Its first block is the line users act on: where it begins with the outcome's word ("Erlaubt – mit …"), the words
    after that belong to the heading. Of an answer the next block, the rule's sentence, stands with the verdict. What
    the page shows in a form of its own (offices, readings to choose, findings) is not repeated as text.
    """
    pieces = [piece for piece in blocks(answer.text) if not (answer.offices and piece.startswith(_OFFICE_LINES))]
    if not pieces:
        return Said("", (), ())
    word = look_of(answer).word
    first = pieces[0]
    if first.startswith("**") and first.endswith("**") and "**" not in first[2:-2]:
        first = first[2:-2]
    acted_on = re.match(re.escape(word) + r"(?!\w)", first) is not None
    heading = first[len(word) :].strip() if acted_on else ""
    lead = [] if acted_on else [first]
    others = pieces[1:]
    if answer.status is Status.BEANTWORTET and not lead:
        lead, others = others[:1], others[1:]
    if answer.clarifications or answer.findings:
        others = []
    return Said("" if heading == "." else heading, tuple(lead), tuple(others))


class AnswerPage:
    """Renders one answer. ``turn`` makes its element ids unique among the answers of a conversation."""

    def __init__(self, answer: Answer, api: AssistantApi, turn: int) -> None:
        self.answer = answer
        self.api = api
        self.turn = turn
        self._numbers = {citation.number for citation in answer.citations}

    def _anchor(self, name: str) -> str:
        return f"lp-{self.turn}-{name}"

    def reference(self, number: int) -> str | None:
        """The link of a source number, or None where the answer has no such source."""
        if number not in self._numbers:
            return None
        target = self._anchor(f"f{number}")
        return f'<a class="lp-ref" href="#{target}" aria-label="Fundstelle {number}">&#91;{number}&#93;</a>'

    def _blocks(self, pieces: Sequence[str]) -> str:
        return "".join(block(piece, self.reference) for piece in pieces)

    # --- the verdict and what follows from it

    def head(self) -> str:
        """Question, verdict, answer in a sentence, conditions, office."""
        answer = self.answer
        body = self._question() + self._banner()
        if answer.status is Status.BLOCKIERT_PERSONENBEZUG:
            body += findings_list(answer.findings)
        if answer.conditions:
            body += conditions_list(answer.conditions, answer.verdict, self._form() if answer.status in EXPORTED else "")
        if answer.offices:
            body += offices_list(answer.offices, self.api.contacts())
        return f'<article class="lp lp-antwort" aria-labelledby="{self._anchor("u")}">{body}</article>'

    def _question(self) -> str:
        question = self.answer.question
        spans = [(finding.start, finding.end) for finding in self.answer.findings]
        more = " …" if len(question) > SHOWN_QUESTION else ""
        shown = marked(question[:SHOWN_QUESTION], spans) + more
        return f'<p class="lp-frage"><span class="lp-marke">Ihre Frage</span> {shown}</p>'

    def _banner(self) -> str:
        look, said = look_of(self.answer), take_apart(self.answer)
        # The dash is read, not shown: what follows it stands on a line of its own.
        dash, rest = ("– ", said.heading[2:]) if said.heading.startswith("– ") else ("", said.heading)
        heading = (
            f' <span class="lp-rest"><span class="lp-nur-vorlesen">{dash}</span>{escape(rest)}</span>' if rest else ""
        )
        line = f'<p class="lp-zeile">{escape(look.line)}</p>' if look.line and not said.heading else ""
        return (
            f'<div class="lp-urteil lp-u-{look.key}">{symbol(look.key)}<div class="lp-urteil-text">'
            f'<h2 id="{self._anchor("u")}" class="lp-wort">{escape(look.word)}{heading}</h2>{line}'
            f'<div class="lp-satz">{self._blocks(said.lead)}</div></div></div>'
        )

    # --- the explanation

    def explanation(self) -> str:
        """The text below the verdict, with notes."""
        answer = self.answer
        if answer.written_by == "auszug":
            body = self._blocks(take_apart(answer).rest)
        else:
            # A worded text is one piece of prose: its first sentence is not the rule's and stays with it.
            said = take_apart(answer)
            body = f'<p class="lp-herkunft">{_FROM_MODEL.format(escape(answer.written_by))}</p>'
            body += self._blocks([*said.lead, *said.rest])
        body += notes_list(answer.notes)
        # The content of the note is here, because it must change with the wording.
        form = note_form(self._form(), sealed(note_of(answer, self.api))) if answer.status in EXPORTED else ""
        return (card(self._anchor("e"), "Erläuterung", body) if body else "") + form

    def _form(self) -> str:
        return self._anchor("vermerk")

    # --- quotations, reasons, state

    def sources(self) -> str:
        """Numbered quotations, the rules considered, and as of when all this holds."""
        answer = self.answer
        parts: list[str] = []
        if answer.citations:
            items = "".join(self._citation(citation) for citation in answer.citations)
            heading = texts.CITATIONS_HEADING.get(answer.status, "Fundstellen")
            parts.append(card(self._anchor("q"), heading, f'<ul class="lp-fundstellen">{items}</ul>'))
        if answer.considered:
            parts.append(f'<div class="lp lp-karte">{self._why()}</div>')
        if answer.status in EXPORTED:
            parts.append(note_buttons(self._form(), self._anchor("a")))
            parts.append(f'<p class="lp lp-stand">{self._state()}</p>')
        return "".join(parts)

    def _citation(self, citation: Citation) -> str:
        label = escape(citation.label)
        chips = validity_chip(citation.validity, citation.valid_from, citation.valid_to)
        chips += source_chips(citation.kind, known_source(self.api, citation.source))
        return (
            f'<li id="{self._anchor(f"f{citation.number}")}" class="lp-fundstelle" tabindex="-1">'
            '<p class="lp-fundkopf">'
            f'<span class="lp-nr">{citation.number}</span> <strong>{label}</strong> {chips} '
            f'<span class="lp-fassung">Fassung vom {date(citation.state)}</span></p>'
            f'<blockquote class="lp-zitat"><p>{shown_as(citation.kind)(citation.quote)}</p></blockquote>'
            f'<details><summary>Im Zusammenhang lesen<span class="lp-nur-vorlesen">: {label}</span></summary>'
            f'<div class="lp-vorschrift">{self._context(citation)}</div></details></li>'
        )

    def _context(self, citation: Citation) -> str:
        provision = self.api.provision(citation.norm, self.answer.as_of)
        if provision is None:
            return "<p>Der Wortlaut dieser Stelle ist nicht installiert.</p>" + official_link(citation.url)
        span = find_span(provision.text, citation.quote)
        link_text = f'Als eigene Seite öffnen<span class="lp-nur-vorlesen">: {escape(citation.label)}</span>'
        link = provision_link(citation.norm, link_text, day=self.answer.as_of, span=span)
        return (
            heading_path(provision.heading)
            + excerpt(provision.text, provision.kind, span)
            + f'<p class="lp-weiter">{link}</p>'
            + official_link(citation.url)
        )

    def _why(self) -> str:
        rows: list[str] = []
        for considered in self.answer.considered:
            link = provision_link(f"KI-Leitlinie {considered.rule}", f"<code>{escape(considered.rule)}</code>")
            near = f"{max(0.0, min(1.0, considered.value)):.0%}"
            rows.append(f'<li>{link} <span class="lp-wert">({near})</span>: {escape(considered.reason)}</li>')
        return f"<details><summary>Warum diese Antwort?</summary><p>{_WHY}</p><ul>{''.join(rows)}</ul></details>"

    def _state(self) -> str:
        answer = self.answer
        adopted = "beschlossen" if answer.guideline.adopted else "nicht beschlossen"
        return (
            f"Rechtsstand {date(answer.as_of)} · {escape(answer.guideline.title)}, Fassung "
            f"{escape(answer.guideline.version)} ({adopted}) · "
            f'<span class="lp-zusammen">Index {escape(answer.generation)}</span>'
        )

    # --- once the next question has been asked

    def folded(self) -> str:
        """The answer in short, folded to question and verdict."""
        answer, look = self.answer, look_of(self.answer)
        body = "".join(block(piece) for piece in blocks(answer.text))
        if answer.conditions:
            body += "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in answer.conditions) + "</ul>"
        for citation in answer.citations:
            link = provision_link(citation.norm, escape(citation.label), day=answer.as_of)
            body += f"<p>&#91;{citation.number}&#93; {link}</p>"
        return (
            f'<details class="lp-karte"><summary><span class="lp-chip lp-u-{look.key}">{escape(look.word)}</span> '
            f"{escape(answer.question)}</summary><div>{body}</div></details>"
        )


def earlier_list(pages: Sequence[AnswerPage]) -> str:
    """Earlier questions of this window, newest first, each folded to question and verdict."""
    if not pages:
        return ""
    items = "".join(page.folded() for page in reversed(pages))
    heading = '<h2 id="lp-frueher">Frühere Fragen in diesem Gespräch</h2>'
    return f'<section class="lp lp-frueher" aria-labelledby="lp-frueher">{heading}{items}</section>'
