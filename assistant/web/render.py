"""From an ``Answer`` to the HTML of the page, in three parts that Gradio shows one below the other.

``head`` is what a hurried reader needs: verdict, answer in a sentence, conditions, office. ``explanation`` is the rest
of the text; it is replaced when the local model has worded it. ``sources`` are the numbered quotations, why this
answer, and as of when it holds. Nothing here trusts its input: all text is escaped, the only links are to our own
pages, to the official page of a source and to an office's mail address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote as percent

from assistant.types import Answer, Citation, Finding, Note, Status, Verdict
from assistant.web import texts
from assistant.web.api import AssistantApi, Contact
from assistant.web.markup import block, blocks, escape, find_span, marked, merge_spans
from assistant.web.paths import provision_path
from assistant.web.provisions import citation_chips, date, excerpt, heading_path, known_source, official_link
from assistant.web.symbols import symbol

_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_QUIET_NOTES = {"muster_leitlinie"}
"""Notes that the page shows permanently anyway."""


def look_of(answer: Answer) -> texts.Look:
    """Word, symbol and colours of this outcome."""
    return texts.VERDICTS[answer.verdict] if answer.verdict else texts.OUTCOMES[answer.status]


def split_text(answer: Answer) -> tuple[list[str], list[str]]:
    """The answer's Markdown blocks: those that belong to the verdict, and the explanation.

    The verdict takes the first block; a permission takes two, because its first line is always the same reservation.
    Outcomes without a verdict have no explanation: their text is short and all of it counts.
    """
    pieces = blocks(answer.text)
    if answer.status is not Status.BEANTWORTET:
        return pieces, []
    lead = 2 if answer.verdict is Verdict.ERLAUBT else 1
    return pieces[:lead], pieces[lead:]


class AnswerPage:
    """Renders one answer. ``turn`` makes its element ids unique among the answers of a conversation."""

    def __init__(self, answer: Answer, api: AssistantApi, turn: int) -> None:
        self.answer = answer
        self.api = api
        self.turn = turn
        self.numbers = {citation.number for citation in answer.citations}

    def reference(self, number: int) -> str | None:
        """The link of a source number, or None where the answer has no such source."""
        if number not in self.numbers:
            return None
        return (
            f'<a class="lp-ref" href="#{self._anchor(number)}" aria-label="Fundstelle {number}">'
            f"&#91;{number}&#93;</a>"
        )

    def _anchor(self, number: int) -> str:
        return f"lp-{self.turn}-f{number}"

    # --- the verdict and what follows from it

    def head(self) -> str:
        """Question, verdict, answer in a sentence, conditions, office."""
        answer = self.answer
        parts = [self._question(), self._banner()]
        if answer.status is Status.BLOCKIERT_PERSONENBEZUG:
            parts.append(findings_list(answer.findings))
        if answer.conditions:
            parts.append(conditions_list(answer.conditions, answer.verdict))
        if answer.offices:
            parts.append(offices_list(answer.offices, self.api.contacts()))
        return f'<article class="lp lp-antwort" aria-labelledby="lp-{self.turn}-u">{"".join(parts)}</article>'

    def _question(self) -> str:
        spans = [(f.start, f.end) for f in self.answer.findings]
        shown = self.answer.question if len(self.answer.question) <= 1200 else self.answer.question[:1200] + " …"
        return f'<p class="lp-frage"><span class="lp-marke">Ihre Frage</span> {marked(shown, spans)}</p>'

    def _banner(self) -> str:
        look = look_of(self.answer)
        lead, _ = split_text(self.answer)
        line = f'<p class="lp-zeile">{escape(look.line)}</p>' if look.line else ""
        said = "".join(block(piece, self.reference) for piece in lead)
        return (
            f'<div class="lp-urteil lp-u-{look.key}">{symbol(look.key)}<div class="lp-urteil-text">'
            f'<h2 id="lp-{self.turn}-u" class="lp-wort">{escape(look.word)}</h2>{line}'
            f'<div class="lp-satz">{said}</div></div></div>'
        )

    # --- the explanation

    def explanation(self, *, pending: bool = False) -> str:
        """The text below the verdict, with notes; ``pending`` while the local model is still wording it."""
        answer = self.answer
        worded = answer.written_by != "auszug"
        # A worded text is one piece of prose: its first paragraph is not the rule's sentence and is not cut off.
        pieces = blocks(answer.text) if worded else split_text(answer)[1]
        body = ""
        if worded:
            body = (
                f'<p class="lp-herkunft">Formuliert vom lokalen Sprachmodell „{escape(answer.written_by)}“. Urteil, '
                "Bedingungen und Fundstellen stammen aus der Leitlinie, nicht vom Modell.</p>"
            )
        body += "".join(block(piece, self.reference) for piece in pieces)
        if pending:
            body += '<p class="lp-wartet">Das lokale Sprachmodell formuliert eine ausführlichere Erläuterung …</p>'
        body += notes_list(answer.notes)
        if not body:
            return ""
        return f'<section class="lp lp-karte" aria-labelledby="lp-{self.turn}-e"><h3 id="lp-{self.turn}-e">Erläuterung</h3>{body}</section>'

    # --- quotations, reasons, state

    def sources(self) -> str:
        """Numbered quotations, the rules considered, and as of when all this holds."""
        answer = self.answer
        parts: list[str] = []
        if answer.citations:
            heading = texts.CITATIONS_HEADING.get(answer.status, "Fundstellen")
            items = "".join(self._citation(citation) for citation in answer.citations)
            parts.append(
                f'<section class="lp lp-karte" aria-labelledby="lp-{self.turn}-q">'
                f'<h3 id="lp-{self.turn}-q">{heading}</h3><ul class="lp-fundstellen">{items}</ul></section>'
            )
        if answer.considered:
            parts.append(f'<div class="lp lp-karte">{self._why()}</div>')
        if answer.status is not Status.FEHLER:
            parts.append(f'<p class="lp lp-stand">{self._state()}</p>')
        return "".join(parts)

    def _citation(self, citation: Citation) -> str:
        source = known_source(self.api, citation.source)
        chips = citation_chips(citation, source)
        state = f'<span class="lp-fassung">Fassung vom {date(citation.state)}</span>'
        return (
            f'<li id="{self._anchor(citation.number)}" class="lp-fundstelle" tabindex="-1">'
            f'<p class="lp-fundkopf"><span class="lp-nr">{citation.number}</span> <strong>{escape(citation.label)}</strong> {chips} {state}</p>'
            f'<blockquote class="lp-zitat"><p>{escape(citation.quote)}</p></blockquote>'
            f"<details><summary>Im Zusammenhang lesen<span class=\"lp-nur-vorlesen\">: {escape(citation.label)}</span></summary>"
            f'<div class="lp-vorschrift">{self._context(citation)}</div></details></li>'
        )

    def _context(self, citation: Citation) -> str:
        provision = self.api.provision(citation.norm, self.answer.as_of)
        if provision is None:
            return "<p>Der Wortlaut dieser Stelle ist nicht installiert.</p>" + official_link(citation.url)
        span = find_span(provision.text, citation.quote)
        target = provision_path(citation.norm) + f"?stand={self.answer.as_of.isoformat()}"
        if span:
            target += f"&amp;von={span[0]}&amp;bis={span[1]}"
        page = f'<p class="lp-weiter"><a href="{target}">Als eigene Seite öffnen<span class="lp-nur-vorlesen">: {escape(citation.label)}</span></a></p>'
        return heading_path(provision.heading) + excerpt(provision.text, span) + page + official_link(citation.url)

    def _why(self) -> str:
        rows = "".join(
            f'<li><a href="{provision_path("KI-Leitlinie " + c.rule)}"><code>{escape(c.rule)}</code></a> '
            f'<span class="lp-wert">({max(0.0, min(1.0, c.value)):.0%})</span>: {escape(c.reason)}</li>'
            for c in self.answer.considered
        )
        return (
            "<details><summary>Warum diese Antwort?</summary><p>Das Urteil folgt aus Regeln der Leitlinie, nicht aus einem "
            f'Sprachmodell. Geprüft wurden, mit ihrer Nähe zur Frage:</p><ul class="lp-erwogen">{rows}</ul></details>'
        )

    def _state(self) -> str:
        answer = self.answer
        adopted = "beschlossen" if answer.guideline.adopted else "nicht beschlossen"
        return (
            f"Rechtsstand {date(answer.as_of)} · {escape(answer.guideline.title)}, Fassung "
            f"{escape(answer.guideline.version)} ({adopted}) · Index {escape(answer.generation)}"
        )


def conditions_list(conditions: Sequence[str], verdict: Verdict | None) -> str:
    """The conditions as a checklist that can be ticked; ticks stay in this window only."""
    heading = {Verdict.VERBOTEN: "Was dabei gilt", Verdict.AUSKUNFT: "Das ist zu beachten"}.get(
        verdict or Verdict.BEDINGT, "Bedingungen"
    )
    items = "".join(f'<li><label><input type="checkbox"> <span>{escape(text)}</span></label></li>' for text in conditions)
    return f'<section class="lp-abschnitt"><h3>{heading}</h3><ul class="lp-liste">{items}</ul></section>'


def offices_list(keys: Sequence[str], contacts: Mapping[str, Contact]) -> str:
    """Who is responsible, with contact; an office without an entry is shown by its key."""
    items = "".join(f"<li>{contact_line(contacts[key])}</li>" if key in contacts else f"<li>{escape(key)}</li>" for key in keys)
    return f'<section class="lp-abschnitt"><h3>Zuständig</h3><ul class="lp-stellen">{items}</ul></section>'


def contact_line(contact: Contact) -> str:
    """One office: name, task, and how to reach it. Placeholders are marked and never linked."""
    line = f"<strong>{escape(contact.name)}</strong>"
    if contact.task:
        line += f' <span class="lp-aufgabe">{escape(contact.task)}</span>'
    if contact.placeholder:
        return line + ' <span class="lp-chip lp-c-platzhalter">Kontakt noch nicht eingetragen</span>'
    reach = [part for part in (mail_link(contact.mail), escape(contact.phone), escape(contact.room)) if part]
    return line + (f'<span class="lp-kontakt">{" · ".join(reach)}</span>' if reach else "")


def mail_link(address: str) -> str:
    """A mail link with a subject and nothing of the question; plain text if this is no mail address."""
    if not _MAIL.fullmatch(address):
        return escape(address)
    target = f"mailto:{percent(address, safe='@')}?subject={percent(texts.MAIL_SUBJECT)}"
    return f'<a href="{target}">{escape(address)}</a>'


def findings_list(findings: Sequence[Finding]) -> str:
    """Which kinds of personal data were found."""
    kinds = list(dict.fromkeys(f.kind for f in findings))
    items = "".join(f"<li>{escape(kind)}</li>" for kind in kinds)
    return f'<section class="lp-abschnitt"><h3>Gefunden und oben markiert</h3><ul>{items}</ul></section>' if items else ""


def notes_list(notes: Sequence[Note]) -> str:
    """Remarks beside the answer, except those the page shows anyway."""
    items = "".join(f"<li>{escape(note.text)}</li>" for note in notes if note.code not in _QUIET_NOTES)
    return f'<ul class="lp-hinweise">{items}</ul>' if items else ""


def redacted(question: str, findings: Sequence[Finding]) -> str:
    """``question`` with every finding replaced by its kind in brackets."""
    pieces: list[str] = []
    position = 0
    for start, end in merge_spans([(f.start, f.end) for f in findings], len(question)):
        kind = next(f.kind for f in findings if f.start <= start < f.end)
        pieces += [question[position:start], f"[{kind}]"]
        position = end
    return "".join([*pieces, question[position:]])


def banners(*, guideline_note: str, official: bool) -> str:
    """What holds for every answer: the guideline is only a model text, no official law is installed."""
    lines = [line for line in (guideline_note, "" if official else texts.DIGESTS_ONLY) if line]
    items = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<aside class="lp lp-banner" aria-label="Hinweise zum Stand">{items}</aside>' if items else ""


def state_line(text: str, *, waiting: bool) -> str:
    """One line about what the program is doing, or why it cannot answer."""
    kind = "lp-wartet" if waiting else "lp-stoerung"
    return f'<p class="lp lp-lage {kind}">{escape(text)}</p>'


def earlier_list(pages: Sequence[AnswerPage]) -> str:
    """Earlier questions of this window, newest first, each folded to question and verdict."""
    if not pages:
        return ""
    items = "".join(_earlier(page) for page in reversed(pages))
    return f'<section class="lp lp-frueher" aria-labelledby="lp-frueher"><h2 id="lp-frueher">Frühere Fragen in diesem Gespräch</h2>{items}</section>'


def _earlier(page: AnswerPage) -> str:
    look = look_of(page.answer)
    said = "".join(block(piece) for piece in blocks(page.answer.text))
    conditions = "".join(f"<li>{escape(text)}</li>" for text in page.answer.conditions)
    listed = "".join(
        f'<li>[{c.number}] <a href="{provision_path(c.norm)}?stand={page.answer.as_of.isoformat()}">{escape(c.label)}</a></li>'
        for c in page.answer.citations
    )
    return (
        f'<details class="lp-karte"><summary><span class="lp-chip lp-u-{look.key}">{escape(look.word)}</span> '
        f"{escape(page.answer.question)}</summary><div>{said}"
        + (f"<ul>{conditions}</ul>" if conditions else "")
        + (f'<ul class="lp-kurzliste">{listed}</ul>' if listed else "")
        + "</div></details>"
    )
