"""The whole guideline on one page, ``/leitlinie``: contents, every rule at ``#rule-id``, search, print view."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from assistant.corpus.rules import Guideline
from assistant.errors import AddressError
from assistant.types import Lane, Provision, Rule
from assistant.web.api import Shelf
from assistant.web.markup import escape, inline
from assistant.web.paths import provision_path
from assistant.web.reading import Result, beginning, found, results_list, running_text, search_form
from assistant.web.shell import PLAIN, Frame
from assistant.web.texts import Words

ADDRESS = "/leitlinie"


def rule_address(rule: str) -> str:
    """Where a rule stands on the page of the guideline."""
    return f"{ADDRESS}#{rule}"


def anchor(norm: str) -> str:
    """The anchor of a section: the rule's id, or chapter and title."""
    return norm.rpartition(" ")[2]


def guideline_page(shelf: Shelf, query: str = "", frame: Frame = PLAIN) -> str:
    """The guideline to read; with ``query`` the search results instead, with links into the guideline."""
    words, info = frame.words, shelf.guideline.info
    address = frame.address(ADDRESS)
    places = tuple(shelf.guideline_book.places.values())
    top = f"<h1{words.quoted}>{escape(info.title)}</h1>{_state(shelf.guideline, words)}"
    top += search_form(address, words.search_guideline, query, words)
    if query:
        results = results_list(query, _results(shelf, query, frame), words)
        back = f'<p class="lp-weiter"><a href="{address}">{words.whole_guideline}</a></p>'
        body = f'<article class="lp lp-seite">{top}{results}{back}</article>'
        return frame.page(words.searched_guideline, body, path=ADDRESS)
    chapters = [(name, tuple(group)) for name, group in groupby(places, key=lambda p: p.heading[0])]
    body = "".join(
        _chapter(shelf, number, name, group, frame) for number, (name, group) in enumerate(chapters, start=1)
    )
    body = f"{top}{_contents(chapters, words)}<div{words.quoted}>{body}</div>"
    return frame.page(info.title, f'<article class="lp lp-seite lp-lesen">{body}</article>', path=ADDRESS)


def _state(guideline: Guideline, words: Words) -> str:
    info = guideline.info
    state = words.guideline_state.format(
        version=escape(info.version), adopted=words.guideline_adopted[info.adopted], day=words.date(guideline.state)
    )
    review = f" · {words.next_review.format(words.date(guideline.next_review))}" if guideline.next_review else ""
    note = f'<aside class="lp-kasten" aria-label="{words.state_note}"><p{words.quoted}>{escape(guideline.note)}</p></aside>'
    return f'<p class="lp-stand">{state}{review}</p>' + (note if guideline.note else "")


def _results(shelf: Shelf, query: str, frame: Frame) -> list[Result]:
    places = shelf.guideline_book.places
    norms = (norm for norm in found(shelf, query, (Lane.REGELN, Lane.LEITLINIE)) if norm in places)
    return [_result(shelf, places[norm], frame) for norm in norms]


def _result(shelf: Shelf, place: Provision, frame: Frame) -> Result:
    rule = shelf.guideline.rule(anchor(place.norm))
    path = place.heading[0] if rule is None else f"{place.heading[0]} · {frame.words.verdicts[rule.verdict].word}"
    said = beginning((rule.sentence if rule else place.text).replace("**", "").replace("`", ""))
    return Result(frame.address(rule_address(anchor(place.norm))), place.heading[-1], path, said)


def _contents(chapters: Iterable[tuple[str, tuple[Provision, ...]]], words: Words) -> str:
    """Chapters, each unfolding to its sections; native elements, so that it works by keyboard and without script."""
    items: list[str] = []
    for number, (name, places) in enumerate(chapters, start=1):
        links = "".join(
            f'<li><a href="#{escape(anchor(p.norm))}">{escape(p.heading[-1])}</a></li>'
            for p in places
            if len(p.heading) > 1
        )
        below = (
            f'<details><summary>{words.sections}<span class="lp-nur-vorlesen"{words.quoted}>: {escape(name)}</span></summary>'
            f"<ul{words.quoted}>{links}</ul></details>"
        )
        items.append(f'<li><a href="#kapitel-{number}"{words.quoted}>{escape(name)}</a>{below if links else ""}</li>')
    title = f'<h2 id="inhalt-titel">{words.contents}</h2>'
    return f'<nav class="lp-inhalt" aria-labelledby="inhalt-titel">{title}<ol>{"".join(items)}</ol></nav>'


def _chapter(shelf: Shelf, number: int, name: str, places: tuple[Provision, ...], frame: Frame) -> str:
    heading = f'<h2 id="kapitel-{number}">{number}. {escape(name)}</h2>'
    body = "".join(_section(shelf, place, frame) for place in places)
    return f'<section class="lp-kapitel" aria-labelledby="kapitel-{number}">{heading}{body}</section>'


def _section(shelf: Shelf, place: Provision, frame: Frame) -> str:
    name = escape(anchor(place.norm))
    rule = shelf.guideline.rule(anchor(place.norm))
    title = f"<h3>{escape(place.heading[-1])}</h3>" if len(place.heading) > 1 else ""
    body = _rule(shelf, rule, frame) if rule else running_text(place.text, frame.words)
    kind = "lp-regel" if rule else "lp-teil"
    return f'<section id="{name}" class="{kind}" tabindex="-1">{title}{body}</section>'


def _rule(shelf: Shelf, rule: Rule, frame: Frame) -> str:
    words = frame.words
    look = words.verdicts[rule.verdict]
    conditions = "".join(f"<li>{inline(text)}</li>" for text in rule.conditions)
    contacts = shelf.guideline.contacts
    offices = ", ".join(escape(contacts[key].name if key in contacts else key) for key in rule.offices)
    # Around stands German: what is ours is marked where it is in another language.
    own = f' lang="{words.language}"' if words.quoted else ""
    rows = f"<p><strong{own}>{words.reason}:</strong> {inline(rule.reason)}</p>" if rule.reason else ""
    rows += f"<p><strong{own}>{words.offices}:</strong> {offices}</p>" if offices else ""
    rows += f"<p><strong{own}>{words.legal_basis}:</strong> {_norms(shelf, rule, frame)}</p>" if rule.norms else ""
    return (
        f'<p class="lp-fundkopf"><span class="lp-chip lp-u-{look.key}"{own}>{escape(look.word)}</span> '
        f'<span class="lp-stand"><span{own}>{words.rule}</span> <code>{escape(rule.id)}</code></span></p>'
        f'<p class="lp-regelsatz">{inline(rule.sentence)}</p>'
        + (f"<ul>{conditions}</ul>" if conditions else "")
        + rows
        + running_text(rule.prose, words)
    )


def _norms(shelf: Shelf, rule: Rule, frame: Frame) -> str:
    links = []
    for norm in rule.norms:
        try:
            label = shelf.law.acts.parse(norm).label
        except AddressError:
            label = norm
        links.append(f'<a href="{escape(frame.address(provision_path(norm)))}">{escape(label)}</a>')
    return ", ".join(links)
