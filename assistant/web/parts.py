"""Small pieces of the page as HTML: conditions, offices, findings, notes, banners, state lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote as percent

from assistant.types import Finding, Note, Verdict
from assistant.web.api import Contact
from assistant.web.markup import escape
from assistant.web.note import ADDRESS as NOTE_ADDRESS
from assistant.web.texts import GERMAN, Words

_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_QUIET_NOTES = frozenset({"muster_leitlinie", "nur_kurzfassungen"})
"""Notes that the page shows permanently anyway."""
_TICKED = frozenset({Verdict.ERLAUBT, Verdict.BEDINGT})
"""Verdicts whose conditions are a checklist."""


def section(heading: str, body: str) -> str:
    """A part of an answer under its heading. ``body`` is HTML, ``heading`` is text."""
    return f'<section class="lp-abschnitt"><h3>{escape(heading)}</h3>{body}</section>'


def card(anchor: str, heading: str, body: str, place: str = "") -> str:
    """A card of its own, named by its heading; ``anchor`` is a unique id, ``place`` the one of a card to jump to."""
    title = f'<h3 id="{anchor}">{escape(heading)}</h3>'
    target = f' id="{place}" tabindex="-1"' if place else ""
    return f'<section class="lp lp-karte" aria-labelledby="{anchor}"{target}>{title}{body}</section>'


def conditions_list(conditions: Sequence[str], verdict: Verdict | None, form: str = "", words: Words = GERMAN) -> str:
    """The conditions: a checklist to be ticked where something may be done, else plain points.

    Ticks stay in this window, unless the person makes a note with them: ``form`` is the id of its form.
    """
    verdict = verdict or Verdict.BEDINGT
    heading = words.conditions[verdict]
    if verdict not in _TICKED:
        return section(heading, f"<ul{words.quoted}>{''.join(f'<li>{escape(text)}</li>' for text in conditions)}</ul>")
    belongs = f' name="bedingung" form="{form}"' if form else ""
    items = "".join(
        f'<li><label><input type="checkbox" value="{i}"{belongs}> <span>{escape(text)}</span></label></li>'
        for i, text in enumerate(conditions)
    )
    return section(heading, f'<ul class="lp-liste"{words.quoted}>{items}</ul>')


def offices_list(keys: Sequence[str], contacts: Mapping[str, Contact], words: Words = GERMAN) -> str:
    """Who is responsible, with contact; an office without an entry is shown by its key."""
    lines = (contact_line(contacts[key], words) if key in contacts else escape(key) for key in keys)
    return section(words.offices, f'<ul class="lp-stellen">{"".join(f"<li>{line}</li>" for line in lines)}</ul>')


def contact_line(contact: Contact, words: Words = GERMAN) -> str:
    """One office: name, task, and how to reach it. Placeholders are marked and never linked."""
    line = f"<strong{words.quoted}>{escape(contact.name)}</strong>"
    if contact.task:
        line += f' <span class="lp-aufgabe"{words.quoted}>{escape(contact.task)}</span>'
    if contact.placeholder:
        return line + f' <span class="lp-chip lp-c-platzhalter">{words.no_contact}</span>'
    reach = [part for part in (mail_link(contact.mail, words), escape(contact.phone), escape(contact.room)) if part]
    joined = " · ".join(f'<span class="lp-zusammen">{part}</span>' for part in reach)
    return line + (f'<span class="lp-kontakt">{joined}</span>' if reach else "")


def mail_link(address: str, words: Words = GERMAN) -> str:
    """A mail link with a subject and nothing of the question; plain text if this is no mail address."""
    if not _MAIL.fullmatch(address):
        return escape(address)
    target = f"mailto:{percent(address, safe='@')}?subject={percent(words.mail_subject)}"
    return f'<a href="{target}">{escape(address)}</a>'


def findings_list(findings: Sequence[Finding], words: Words = GERMAN) -> str:
    """Which kinds of personal data were found; nothing if none are given."""
    items = "".join(f"<li>{escape(kind)}</li>" for kind in dict.fromkeys(f.kind for f in findings))
    return section(words.found, f"<ul{words.quoted}>{items}</ul>") if items else ""


def notes_list(notes: Sequence[Note], words: Words = GERMAN) -> str:
    """Remarks beside the answer, except those the page shows anyway."""
    items = "".join(f"<li>{escape(note.text)}</li>" for note in notes if note.code not in _QUIET_NOTES)
    return f'<ul class="lp-hinweise"{words.quoted}>{items}</ul>' if items else ""


def banners(*, guideline_note: str, official: bool, words: Words = GERMAN) -> str:
    """What holds for every answer: the guideline is only a model text, no official law is installed."""
    items = f"<p{words.quoted}>{escape(guideline_note)}</p>" if guideline_note else ""
    items += "" if official else f"<p>{escape(words.digests_only)}</p>"
    return f'<aside class="lp lp-banner" aria-label="{words.state_notes}">{items}</aside>' if items else ""


def note_form(form: str, content: str) -> str:
    """What a note is made of, unseen; its buttons (``note_buttons``) and the ticks belong to it by its id."""
    return (
        f'<form id="{form}" method="post" action="{NOTE_ADDRESS}" hidden>'
        f'<input type="hidden" name="inhalt" value="{content}"></form>'
    )


def note_jump(place: str, words: Words = GERMAN) -> str:
    """The way from the verdict to the note, which stands below everything it is made of."""
    return f'<p class="lp-zur-akte"><a href="#{place}">{words.to_the_file}</a></p>'


def note_buttons(form: str, anchor: str, place: str, words: Words = GERMAN) -> str:
    """Copy the answer, or save it as a note. Works without script, then as a plain download.

    ``anchor`` is the id of the heading, ``place`` the one that ``note_jump`` leads to.
    """
    buttons = "".join(
        f'<button type="submit" form="{form}" name="art" value="{value}">{text}</button>'
        for value, text in words.note_buttons.items()
    )
    said = f'data-kopiert="{words.copied}" data-gespeichert="{words.saved}" data-fehler="{words.note_failed}"'
    return card(
        anchor,
        words.for_the_file,
        f'<p>{words.note_text}</p><div class="lp-knoepfe">{buttons}</div>'
        f'<p class="lp-vermerk-lage" role="status" {said}></p>',
        place,
    )


def state_line(text: str, *, waiting: bool) -> str:
    """One line about what the program is doing, or why it cannot answer."""
    kind = "lp-wartet" if waiting else "lp-stoerung"
    return f'<p class="lp lp-lage {kind}">{escape(text)}</p>'


def for_it(text: str, words: Words = GERMAN) -> str:
    """What went wrong, for those who can mend it; the program says that in German only."""
    return f'<p class="lp-technik">{words.for_it}: <span{words.quoted}>{escape(text)}</span></p>'


def trouble(text: str, words: Words = GERMAN) -> str:
    """Something is out of order: what to do about it in plain words, then the line for those who can mend it."""
    return f'<div class="lp lp-lage lp-stoerung"><p>{words.out_of_order}</p>{for_it(text, words)}</div>'
