"""The whole guideline on one page, ``/leitlinie``: contents, every rule at ``#rule-id``, search, print view."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from assistant.corpus.rules import Guideline
from assistant.errors import AddressError
from assistant.types import Lane, Provision, Rule
from assistant.web import texts
from assistant.web.api import Shelf
from assistant.web.markup import escape, inline
from assistant.web.paths import provision_path
from assistant.web.provisions import date
from assistant.web.reading import Result, beginning, found, results_list, running_text, search_form
from assistant.web.shell import plain_page

ADDRESS = "/leitlinie"


def rule_address(rule: str) -> str:
    """Where a rule stands on the page of the guideline."""
    return f"{ADDRESS}#{rule}"


def anchor(norm: str) -> str:
    """The anchor of a section: the rule's id, or chapter and title."""
    return norm.rpartition(" ")[2]


def guideline_page(shelf: Shelf, query: str = "") -> str:
    """The guideline to read; with ``query`` the search results instead, with links into the guideline."""
    info = shelf.guideline.info
    places = tuple(shelf.guideline_book.places.values())
    top = f"<h1>{escape(info.title)}</h1>{_state(shelf.guideline)}"
    top += search_form(ADDRESS, "In der Leitlinie suchen", query)
    if query:
        results = results_list(query, _results(shelf, query))
        back = f'<p class="lp-weiter"><a href="{ADDRESS}">Ganze Leitlinie lesen</a></p>'
        return plain_page("Suche in der Leitlinie", f'<article class="lp lp-seite">{top}{results}{back}</article>')
    chapters = [(name, tuple(group)) for name, group in groupby(places, key=lambda p: p.heading[0])]
    body = "".join(_chapter(shelf, number, name, group) for number, (name, group) in enumerate(chapters, start=1))
    return plain_page(info.title, f'<article class="lp lp-seite lp-lesen">{top}{_contents(shelf, chapters)}{body}</article>')


def _state(guideline: Guideline) -> str:
    info = guideline.info
    adopted = "beschlossen" if info.adopted else "Entwurf, nicht beschlossen"
    review = f" · nächste Überprüfung {date(guideline.next_review)}" if guideline.next_review else ""
    note = f'<aside class="lp-kasten" aria-label="Hinweis zum Stand"><p>{escape(guideline.note)}</p></aside>'
    return (
        f'<p class="lp-stand">Fassung {escape(info.version)} ({adopted}) · Stand {date(guideline.state)}{review}</p>'
        + (note if guideline.note else "")
    )


def _results(shelf: Shelf, query: str) -> list[Result]:
    places = shelf.guideline_book.places
    norms = (norm for norm in found(shelf, query, (Lane.REGELN, Lane.LEITLINIE)) if norm in places)
    return [_result(shelf, places[norm]) for norm in norms]


def _result(shelf: Shelf, place: Provision) -> Result:
    rule = shelf.guideline.rule(anchor(place.norm))
    path = place.heading[0] if rule is None else f"{place.heading[0]} · {texts.VERDICTS[rule.verdict].word}"
    said = beginning((rule.sentence if rule else place.text).replace("**", "").replace("`", ""))
    return Result(f"{ADDRESS}#{anchor(place.norm)}", place.heading[-1], path, said)


def _contents(shelf: Shelf, chapters: Iterable[tuple[str, tuple[Provision, ...]]]) -> str:
    """Chapters, each unfolding to its sections; native elements, so that it works by keyboard and without script."""
    items: list[str] = []
    for number, (name, places) in enumerate(chapters, start=1):
        links = "".join(
            f'<li><a href="#{escape(anchor(p.norm))}">{escape(p.heading[-1])}</a></li>' for p in places if len(p.heading) > 1
        )
        below = (
            '<details><summary>Abschnitte<span class="lp-nur-vorlesen">: '
            f"{escape(name)}</span></summary><ul>{links}</ul></details>"
        )
        items.append(f'<li><a href="#kapitel-{number}">{escape(name)}</a>{below if links else ""}</li>')
    return f'<nav class="lp-inhalt" aria-labelledby="inhalt-titel"><h2 id="inhalt-titel">Inhalt</h2><ol>{"".join(items)}</ol></nav>'


def _chapter(shelf: Shelf, number: int, name: str, places: tuple[Provision, ...]) -> str:
    heading = f'<h2 id="kapitel-{number}">{number}. {escape(name)}</h2>'
    return f'<section class="lp-kapitel" aria-labelledby="kapitel-{number}">{heading}{"".join(_section(shelf, p) for p in places)}</section>'


def _section(shelf: Shelf, place: Provision) -> str:
    name = escape(anchor(place.norm))
    rule = shelf.guideline.rule(anchor(place.norm))
    title = f"<h3>{escape(place.heading[-1])}</h3>" if len(place.heading) > 1 else ""
    body = _rule(shelf, rule) if rule else running_text(place.text)
    kind = "lp-regel" if rule else "lp-teil"
    return f'<section id="{name}" class="{kind}" tabindex="-1">{title}{body}</section>'


def _rule(shelf: Shelf, rule: Rule) -> str:
    look = texts.VERDICTS[rule.verdict]
    conditions = "".join(f"<li>{inline(text)}</li>" for text in rule.conditions)
    contacts = shelf.guideline.contacts
    offices = ", ".join(escape(contacts[key].name if key in contacts else key) for key in rule.offices)
    rows = f"<p><strong>Begründung:</strong> {inline(rule.reason)}</p>" if rule.reason else ""
    rows += f"<p><strong>Zuständig:</strong> {offices}</p>" if offices else ""
    rows += f"<p><strong>Rechtsgrundlage:</strong> {_norms(shelf, rule)}</p>" if rule.norms else ""
    return (
        f'<p class="lp-fundkopf"><span class="lp-chip lp-u-{look.key}">{escape(look.word)}</span> '
        f'<span class="lp-stand">Regel <code>{escape(rule.id)}</code></span></p>'
        f'<p class="lp-regelsatz">{inline(rule.sentence)}</p>'
        + (f"<ul>{conditions}</ul>" if conditions else "")
        + rows
        + running_text(rule.prose)
    )


def _norms(shelf: Shelf, rule: Rule) -> str:
    links = []
    for norm in rule.norms:
        try:
            label = shelf.law.acts.parse(norm).label
        except AddressError:
            label = norm
        links.append(f'<a href="{escape(provision_path(norm))}">{escape(label)}</a>')
    return ", ".join(links)
