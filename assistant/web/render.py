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

from assistant.ask.change import Change, Changes, Circumstance
from assistant.ask.check import clean_question
from assistant.ask.english import FIRST, GERMAN_BELOW, LABELS, STATUS
from assistant.corpus.language import is_english
from assistant.errors import LeitplankeError, QuestionError
from assistant.types import Answer, Citation, Status, Verdict
from assistant.web.api import AssistantApi
from assistant.web.markup import block, blocks, escape, find_span, marked
from assistant.web.note import EXPORTED, note_of, sealed
from assistant.web.parts import (
    card,
    conditions_list,
    findings_list,
    for_it,
    note_buttons,
    note_form,
    note_jump,
    notes_list,
    offices_list,
)
from assistant.web.provisions import (
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
from assistant.web.texts import GERMAN, Look, Words

SHOWN_QUESTION = 1200
"""Characters of a question that are repeated above its answer."""
SHOWN_UNANSWERED = 200
"""The same where it was not answered: it stands in the box still, and the reason must be in view."""
_TOLD = "ki-koordination"
"""The office that is told where the assistant is out of order."""
_OFFICE_LINES = tuple(
    f"{label} " for german in ("Zuständig:", "Bitte vorher fragen:") for label in (german, LABELS[german])
)
_ENGLISH_LINES = tuple(f"**{line}**" for line in (*FIRST.values(), *STATUS.values()))


def look_of(answer: Answer, words: Words = GERMAN) -> Look:
    """Word, symbol and colours of this outcome."""
    return words.verdicts[answer.verdict] if answer.verdict else words.outcomes[answer.status]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer's text taken apart: what stands in the heading, below it, and in the explanation (Markdown blocks).

    ``english`` is the line that an English question gets below the German one, "" for others.
    """

    heading: str
    lead: tuple[str, ...]
    rest: tuple[str, ...]
    english: str = ""


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
    english = others.pop(0) if others and others[0].startswith(_ENGLISH_LINES) else ""
    if answer.status is Status.BEANTWORTET and not lead:
        lead, others = others[:1], others[1:]
    if answer.clarifications or answer.findings:
        others = []
    return Said("" if heading == "." else heading, tuple(lead), tuple(others), english)


class AnswerPage:
    """Renders one answer. ``turn`` makes its element ids unique among the answers of a conversation.

    The texts around the answer are ``words``; what the answer itself says stays in its language and is marked with it.
    """

    def __init__(self, answer: Answer, api: AssistantApi, turn: int, words: Words = GERMAN) -> None:
        self.answer = answer
        self.words = words
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
        return f'<a class="lp-ref" href="#{target}" aria-label="{self.words.reference.format(number)}">&#91;{number}&#93;</a>'

    def _blocks(self, pieces: Sequence[str]) -> str:
        return "".join(self._marked(piece, block(piece, self.reference)) for piece in pieces)

    def _language(self, text: str) -> str:
        """The attribute that names the language of ``text``, "" where it is that of the page."""
        spoken = "en" if is_english(text) else "de"
        return "" if spoken == self.words.language else f' lang="{spoken}"'

    def _marked(self, text: str, shown: str) -> str:
        """One element of HTML, with the language of ``text``."""
        return shown.replace(">", f"{self._language(text)}>", 1)

    # --- the verdict and what follows from it

    def head(self) -> str:
        """Question, verdict, answer in a sentence, conditions, office."""
        answer, words = self.answer, self.words
        body = self._question() + self._banner()
        if answer.status in EXPORTED:
            body += note_jump(self._anchor("akte"), words)
        if answer.status is Status.BLOCKIERT_PERSONENBEZUG:
            body += findings_list(answer.findings, words)
        if answer.conditions:
            form = self._form() if answer.status in EXPORTED else ""
            body += conditions_list(answer.conditions, answer.verdict, form, words)
        if answer.offices:
            body += offices_list(answer.offices, self.api.contacts(), words)
        if self._out_of_order():
            body += self._told()
        return f'<article class="lp lp-antwort" aria-labelledby="{self._anchor("u")}">{body}</article>'

    def _out_of_order(self) -> bool:
        """Whether the assistant failed, and not the question: that one can be mended by whoever asks."""
        try:
            return self.answer.status is Status.FEHLER and bool(clean_question(self.answer.question))
        except QuestionError:
            return False

    def _told(self) -> str:
        """Whom to tell, if that can be looked up in spite of the failure, and what to tell."""
        try:
            contacts = self.api.contacts()
        except LeitplankeError:
            contacts = {}
        office = offices_list((_TOLD,), contacts, self.words) if _TOLD in contacts else ""
        return office + for_it(" ".join(take_apart(self.answer).lead), self.words)

    def _question(self) -> str:
        question = self.answer.question
        spans = [(finding.start, finding.end) for finding in self.answer.findings]
        limit = SHOWN_UNANSWERED if self.answer.status in (Status.FEHLER, Status.AUSGELASTET) else SHOWN_QUESTION
        shown = marked(question[:limit], spans) + (" …" if len(question) > limit else "")
        mark = f'<span class="lp-marke">{self.words.your_question}</span>'
        return f'<p class="lp-frage">{mark} <span{self._language(question)}>{shown}</span></p>'

    def _banner(self) -> str:
        look, said = look_of(self.answer, self.words), take_apart(self.answer)
        if self.words.language == "en":
            said = self._in_english(said)
        if self._out_of_order():
            said = Said("", (self.words.out_of_order,), ())
        # The dash is read, not shown: what follows it stands on a line of its own.
        dash, rest = ("– ", said.heading[2:]) if said.heading.startswith("– ") else ("", said.heading)
        heading = (
            f' <span class="lp-rest"><span class="lp-nur-vorlesen">{dash}</span>{escape(rest)}</span>' if rest else ""
        )
        line = f'<p class="lp-zeile">{escape(look.line)}</p>' if look.line and not said.heading else ""
        return (
            f'<div class="lp-urteil lp-u-{look.key}">{symbol(look.key)}<div class="lp-urteil-text">'
            f'<h2 id="{self._anchor("u")}" class="lp-wort">{escape(look.word)}{heading}</h2>{line}'
            f'<div class="lp-satz">{self._blocks([*filter(None, [said.english]), *said.lead])}</div></div></div>'
        )

    def _in_english(self, said: Said) -> Said:
        """The line users act on in English, whatever language was asked in."""
        answer = self.answer
        if answer.verdict is not None:
            first = FIRST[answer.verdict].removeprefix(look_of(answer, self.words).word).strip()
            below = GERMAN_BELOW if answer.citations else ""
            return Said("" if first == "." else first, said.lead, said.rest, below)
        # Why it failed is only said in German.
        lead = said.lead if answer.status is Status.FEHLER else ()
        return Said("", lead, said.rest, STATUS.get(answer.status, ""))

    # --- the explanation

    def explanation(self) -> str:
        """The text below the verdict, with notes."""
        answer = self.answer
        if answer.written_by == "auszug":
            body = self._blocks(take_apart(answer).rest)
        else:
            # A worded text is one piece of prose: its first sentence is not the rule's and stays with it.
            said = take_apart(answer)
            origin = self.words.from_model.format(escape(answer.written_by))
            body = f'<p class="lp-herkunft">{origin}</p>'
            body += self._blocks([*said.lead, *said.rest])
        body += notes_list(answer.notes, self.words)
        # The content of the note is here, because it must change with the wording.
        form = note_form(self._form(), sealed(note_of(answer, self.api))) if answer.status in EXPORTED else ""
        return (card(self._anchor("e"), self.words.explanation, body) if body else "") + form

    def _form(self) -> str:
        return self._anchor("vermerk")

    # --- quotations, reasons, state

    def sources(self) -> str:
        """Numbered quotations and the rules considered."""
        answer, words = self.answer, self.words
        parts: list[str] = []
        if answer.citations:
            items = "".join(self._citation(citation) for citation in answer.citations)
            heading = words.citations_of.get(answer.status, words.citations)
            parts.append(card(self._anchor("q"), heading, f'<ul class="lp-fundstellen">{items}</ul>'))
        if answer.considered:
            parts.append(f'<div class="lp lp-karte">{self._why()}</div>')
        return "".join(parts)

    def closing(self) -> str:
        """The note for the file, and as of when all this holds; only below answers that may be kept."""
        if self.answer.status not in EXPORTED:
            return ""
        state = f'<p class="lp lp-stand">{self._state()}</p>'
        return note_buttons(self._form(), self._anchor("a"), self._anchor("akte"), self.words) + state

    def _citation(self, citation: Citation) -> str:
        label, words = escape(citation.label), self.words
        chips = validity_chip(citation.validity, citation.valid_from, citation.valid_to, words)
        chips += source_chips(citation.kind, known_source(self.api, citation.source), words)
        quote = shown_as(citation.kind)(citation.quote)
        return (
            f'<li id="{self._anchor(f"f{citation.number}")}" class="lp-fundstelle" tabindex="-1">'
            '<p class="lp-fundkopf">'
            f'<span class="lp-nr">{citation.number}</span> <strong{words.quoted}>{label}</strong> {chips} '
            f'<span class="lp-fassung">{words.version_of.format(words.date(citation.state))}</span></p>'
            f'<blockquote class="lp-zitat"{self._language(citation.quote)}><p>{quote}</p></blockquote>'
            f'<details><summary>{words.in_context}<span class="lp-nur-vorlesen">: {label}</span></summary>'
            f'<div class="lp-vorschrift">{self._context(citation)}</div></details></li>'
        )

    def _context(self, citation: Citation) -> str:
        words, provision = self.words, self.api.provision(citation.norm, self.answer.as_of)
        if provision is None:
            return f"<p>{words.not_installed}</p>" + official_link(citation.url, words)
        span = find_span(provision.text, citation.quote)
        link_text = f'{words.own_page}<span class="lp-nur-vorlesen">: {escape(citation.label)}</span>'
        link = provision_link(citation.norm, link_text, day=self.answer.as_of, span=span, words=words)
        return (
            heading_path(provision.heading, words)
            + excerpt(provision.text, provision.kind, span, words)
            + f'<p class="lp-weiter">{link}</p>'
            + official_link(citation.url, words)
        )

    def _why(self) -> str:
        rows: list[str] = []
        words = self.words
        for considered in self.answer.considered:
            link = self._rule_link(considered.rule, f"<code>{escape(considered.rule)}</code>")
            near = f"{max(0.0, min(1.0, considered.value)):.0%}"
            why = considered.reason.replace("Ähnlich:", f"{words.similar}:", 1)
            reason = f": <span{self._language(why)}>{escape(why)}</span>" if why else ""
            rows.append(f'<li>{link} <span class="lp-wert">({near})</span>{reason}</li>')
        return f"<details><summary>{words.why}</summary><p>{words.why_text}</p><ul>{''.join(rows)}</ul></details>"

    def _rule_link(self, rule: str, shown: str) -> str:
        return provision_link(f"KI-Leitlinie {rule}", shown, words=self.words)

    # --- what would change the verdict

    def may_change(self) -> bool:
        """Whether there is a verdict on a use, which other circumstances may change."""
        return self.answer.verdict not in (None, Verdict.AUSKUNFT)

    def changes(self, found: Changes | None) -> str:
        """What would change the verdict; None while that is being worked out."""
        if not self.may_change():
            return ""
        body = f"<p>{self.words.change_waits}</p>" if found is None else self._changes(found)
        return f'<div class="lp lp-karte"><details><summary>{self.words.change}</summary>{body}</details></div>'

    def _changes(self, found: Changes) -> str:
        words = self.words
        exceptions = [change for change in found.changed if change.circumstance is Circumstance.AUSNAHME]
        tried = [change for change in found.changed if change not in exceptions]
        shown = f"<p>{words.change_text}</p>{self._changed(tried)}" if tried else f"<p>{words.no_change}</p>"
        if found.same:
            same = (words.circumstances[circumstance] for circumstance in found.same)
            shown += f"<p>{words.stays.format('; '.join(said[0].lower() + said[1:] for said in same))}</p>"
        if exceptions:
            shown += f"<p>{words.exceptions}</p>{self._changed(exceptions)}"
        if self.answer.verdict is Verdict.ERLAUBT:
            shown += f"<p>{words.permission_basis}</p>"
        if self.answer.verdict is Verdict.BEDINGT and self.answer.conditions:
            shown += f"<p>{words.all_conditions}</p>"
        return shown

    def _changed(self, changes: Sequence[Change]) -> str:
        rows = []
        for change in changes:
            look = self.words.verdicts[change.verdict]
            chip = f'<span class="lp-chip lp-u-{look.key}">{escape(look.word)}</span>'
            rule = self._rule_link(change.rule, f"<span{self.words.quoted}>{escape(change.title)}</span>")
            said = self.words.circumstances.get(change.circumstance)
            rows.append(f"<li>{said}: {chip} – {rule}</li>" if said else f"<li>{rule}: {chip}</li>")
        return f"<ul>{''.join(rows)}</ul>"

    def _state(self) -> str:
        answer, words = self.answer, self.words
        state = words.as_of.format(
            day=words.date(answer.as_of),
            title=f"<span{words.quoted}>{escape(answer.guideline.title)}</span>",
            version=escape(answer.guideline.version),
            adopted=words.adopted[answer.guideline.adopted],
        )
        return f'{state} · <span class="lp-zusammen">Index {escape(answer.generation)}</span>'

    # --- once the next question has been asked

    def folded(self) -> str:
        """The answer in short, folded to question and verdict."""
        answer, look = self.answer, look_of(self.answer, self.words)
        body = "".join(self._marked(piece, block(piece)) for piece in blocks(answer.text))
        if answer.conditions:
            body += (
                f"<ul{self.words.quoted}>" + "".join(f"<li>{escape(text)}</li>" for text in answer.conditions) + "</ul>"
            )
        for citation in answer.citations:
            label = f"<span{self.words.quoted}>{escape(citation.label)}</span>"
            link = provision_link(citation.norm, label, day=answer.as_of, words=self.words)
            body += f"<p>&#91;{citation.number}&#93; {link}</p>"
        return (
            f'<details class="lp-karte"><summary><span class="lp-chip lp-u-{look.key}">{escape(look.word)}</span> '
            f"<span{self._language(answer.question)}>{escape(answer.question)}</span></summary><div>{body}</div></details>"
        )


def earlier_list(pages: Sequence[AnswerPage]) -> str:
    """Earlier questions of this window, newest first, each folded to question and verdict."""
    if not pages:
        return ""
    items = "".join(page.folded() for page in reversed(pages))
    heading = f'<h2 id="lp-frueher">{pages[0].words.earlier}</h2>'
    return f'<section class="lp lp-frueher" aria-labelledby="lp-frueher">{heading}{items}</section>'
