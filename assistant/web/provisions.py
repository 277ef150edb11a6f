"""Provisions as HTML: chips, the passage around a quotation, and the page below ``/recht/``.

The page is plain HTML without scripts, so that it can be read, printed and enlarged anywhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from assistant.errors import LeitplankeError
from assistant.types import Kind, Provision, Source, Validity
from assistant.web.api import AssistantApi
from assistant.web.markup import escape, marked_lines, without_signs
from assistant.web.paths import provision_path
from assistant.web.shell import PLAIN, Frame
from assistant.web.texts import GERMAN, Words

CONTEXT_CHARS = 2500
"""How much of a long provision is shown before and after the quotation; the rest is one click away."""


def validity_chip(
    validity: Validity, valid_from: dt.date | None, valid_to: dt.date | None, words: Words = GERMAN
) -> str:
    """gilt, gilt ab (day), or aufgehoben (since day)."""
    said = words.validity[validity]
    if validity is Validity.GILT_AB and valid_from:
        said += f" {words.date(valid_from)}"
    if validity is Validity.AUFGEHOBEN and valid_to:
        said += f" ({words.valid_until.format(words.date(valid_to))})"
    return f'<span class="lp-chip lp-c-{validity.value}">{said}</span>'


def source_chips(kind: Kind, source: Source | None, words: Words = GERMAN) -> str:
    """Level (Stadt, Land, Bund, EU), kind, and whether the source could be checked against its wording."""
    chips = f'<span class="lp-chip"{words.quoted}>{escape(source.level.value)}</span>' if source else ""
    chips += f'<span class="lp-chip lp-c-{kind.value}">{words.kinds[kind]}</span>'
    if source and not source.verified:
        chips += f'<span class="lp-chip lp-c-kurzfassung">{words.unverified}</span>'
    return chips


def known_source(api: AssistantApi, source_id: str) -> Source | None:
    """The source, or None where it is not known any more (an answer may be older than the corpus)."""
    try:
        return api.source(source_id)
    except (LeitplankeError, KeyError):
        return None


def shown_as(kind: Kind) -> Callable[[str], str]:
    """How wording becomes HTML: the law exactly as it stands, our own Markdown texts without their signs."""
    return escape if kind is Kind.GESETZ else without_signs


def excerpt(text: str, kind: Kind, span: tuple[int, int] | None, words: Words = GERMAN) -> str:
    """``text`` with the quoted words marked; of a long text the part around them, cut at line ends."""
    start, end = 0, len(text)
    if span and len(text) > 2 * CONTEXT_CHARS + span[1] - span[0]:
        start = text.rfind("\n", 0, max(0, span[0] - CONTEXT_CHARS)) + 1
        cut = text.find("\n", min(len(text), span[1] + CONTEXT_CHARS))
        end = len(text) if cut < 0 else cut
    elif len(text) > 2 * CONTEXT_CHARS:
        cut = text.find("\n", 2 * CONTEXT_CHARS)
        end = len(text) if cut < 0 else cut
    shown = marked_lines(text[start:end], [(span[0] - start, span[1] - start)] if span else [], shown_as(kind))
    more = '<p class="lp-auslassung">[…]</p>'
    # Scrolls within itself, so it must be reachable by keyboard.
    return (
        f'<div class="lp-text" tabindex="0" role="group" aria-label="{words.wording_of}"><div{words.quoted}>'
        f"{more if start else ''}{shown}{more if end < len(text) else ''}</div></div>"
    )


def provision_link(
    norm: str,
    text: str,
    *,
    day: dt.date | None = None,
    span: tuple[int, int] | None = None,
    words: Words = GERMAN,
) -> str:
    """A link to our page of a provision, in a new window so that the conversation stays. ``text`` is HTML."""
    target = words.prefix + provision_path(norm)
    if day:
        target += f"?stand={day.isoformat()}"
        if span:
            target += f"&amp;von={span[0]}&amp;bis={span[1]}"
    hint = f'<span class="lp-nur-vorlesen"> ({words.new_window})</span>'
    return f'<a href="{target}" target="_blank" rel="noopener">{text}{hint}</a>'


def official_link(url: str | None, words: Words = GERMAN) -> str:
    """A link to the official page, marked as leading outside; nothing is loaded from there before the click."""
    if url is None or not url.startswith(("https://", "http://")):
        return ""
    host = escape(url.split("/")[2])
    return (
        f'<p class="lp-weiter"><a href="{escape(url)}" rel="noopener noreferrer external" target="_blank">'
        f'{words.official}</a> <span class="lp-extern">({words.external.format(host)})</span></p>'
    )


def validity_on(provision: Provision, day: dt.date) -> Validity:
    """Whether the provision holds on ``day``; ``valid_to`` is its last day."""
    if provision.valid_from and provision.valid_from > day:
        return Validity.GILT_AB
    if provision.valid_to and provision.valid_to < day:
        return Validity.AUFGEHOBEN
    return Validity.GILT


def heading_path(heading: tuple[str, ...], words: Words = GERMAN) -> str:
    """Chapter and section a provision stands in."""
    return f'<p class="lp-pfad"{words.quoted}>' + " › ".join(escape(h) for h in heading) + "</p>" if heading else ""


def provision_page(
    provision: Provision,
    source: Source | None,
    day: dt.date,
    span: tuple[int, int] | None,
    *,
    above: str = "",
    links: str = "",
    frame: Frame = PLAIN,
) -> str:
    """The whole page for one provision, the characters of ``span`` marked.

    ``above`` leads to the page it belongs to, ``links`` are its cross-references; both are HTML.
    """
    words = frame.words
    chips = validity_chip(validity_on(provision, day), provision.valid_from, provision.valid_to, words)
    chips += source_chips(provision.kind, source, words)
    state = words.checked_for.format(words.date(day))
    if source:
        version = words.version_of.format(words.date(source.state))
        state = f"<span{words.quoted}>{escape(source.title)}</span> · {version} · {state}"
    wording = marked_lines(provision.text, [span] if span else [], shown_as(provision.kind))
    body = (
        f'<article class="lp lp-seite">{above}{heading_path(provision.heading, words)}'
        f"<h1{words.quoted}>{escape(provision.label)}</h1>"
        f'<p class="lp-fundkopf">{chips}</p><p class="lp-stand">{state}</p>'
        f'<div class="lp-vorschrift"{words.quoted}>{wording}</div>'
        f"{links}{official_link(source.url if source else None, words)}</article>"
    )
    path = (
        provision_path(provision.norm) + f"?stand={day.isoformat()}" + (f"&von={span[0]}&bis={span[1]}" if span else "")
    )
    return frame.page(provision.label, body, path=path)


def message_page(title: str, line: str, frame: Frame = PLAIN) -> str:
    """A page that says one thing: not found, not ready, not readable."""
    body = f'<article class="lp lp-seite"><h1>{escape(title)}</h1><p>{escape(line)}</p></article>'
    return frame.page(title, body, path="/")
