"""Pieces shared by the pages to read in: running text with tables, search field, search results.

Plain HTML without scripts; the search is a form that is sent by the browser itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.types import Hit, Lane
from assistant.web.api import Shelf
from assistant.web.markup import block, blocks, escape, inline
from assistant.web.texts import GERMAN, Words

MAX_QUERY = 200
"""Characters of a search that are looked at."""
SHOWN_HITS = 12
_DEPTH = 60
_SNIPPET = 220
_RULER = re.compile(r"\|?[\s:|-]+\|?")


@dataclass(frozen=True, slots=True)
class Result:
    """A place found: where it is on our pages, its name, its heading path, and how it begins."""

    target: str
    name: str
    path: str
    beginning: str


def running_text(text: str, words: Words = GERMAN) -> str:
    """A Markdown text of ours as HTML: paragraphs, lists, bold, code and tables; everything else is escaped."""
    return "".join(_table(piece, words) if _is_table(piece) else block(piece) for piece in blocks(text))


def _is_table(piece: str) -> bool:
    lines = piece.split("\n")
    return len(lines) > 2 and "|" in lines[0] and "-" in lines[1] and _RULER.fullmatch(lines[1].strip()) is not None


def _table(piece: str, words: Words) -> str:
    """A table that scrolls within itself where it is too wide, so that the page never does."""
    head, _, *rows = [
        [inline(cell.strip()) for cell in line.strip().strip("|").split("|")] for line in piece.split("\n")
    ]
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="lp-tabelle" tabindex="0" role="group" aria-label="{words.table}">'
        f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def search_form(address: str, label: str, query: str, words: Words = GERMAN) -> str:
    """The search field; ``address`` is the page that shows the results."""
    return (
        f'<form class="lp-suche" role="search" method="get" action="{address}"><label for="suche">{escape(label)}</label>'
        f'<div class="lp-suchzeile"><input id="suche" name="suche" type="search" maxlength="{MAX_QUERY}" '
        f'autocomplete="off" aria-describedby="suche-hinweis" value="{escape(query)}">'
        f'<button type="submit">{words.search}</button></div>'
        f'<p id="suche-hinweis" class="lp-stand">{words.search_hint}</p></form>'
    )


def found(shelf: Shelf, query: str, lanes: Sequence[Lane]) -> list[str]:
    """The norms that fit ``query`` best by their words, best first, each once."""
    best: dict[str, float] = {}
    hits: Iterable[Hit] = (hit for lane in lanes for hit in shelf.lexical(query, lane, _DEPTH))
    for hit in hits:
        best[hit.passage.norm] = max(best.get(hit.passage.norm, 0.0), hit.score)
    return sorted(best, key=lambda norm: -best[norm])[:SHOWN_HITS]


def beginning(text: str) -> str:
    """How a text begins, cut at a word end."""
    line = " ".join(text.split())
    return line if len(line) <= _SNIPPET else line[:_SNIPPET].rsplit(" ", 1)[0] + " …"


def results_list(query: str, results: Sequence[Result], words: Words = GERMAN) -> str:
    """What was found, as a list of links; says so where there is nothing."""
    shown = escape(query)
    if not results:
        return (
            '<section class="lp-treffer" aria-labelledby="treffer">'
            f'<h2 id="treffer">{words.nothing_found.format(shown)}</h2><p>{words.nothing_found_hint}</p></section>'
        )
    items = "".join(
        f'<li><a href="{escape(r.target)}">{escape(r.name)}</a><span class="lp-pfad">{escape(r.path)}</span>'
        f"<p>{escape(r.beginning)}</p></li>"
        for r in results
    )
    one = len(results) == 1
    heading = words.found_one.format(shown) if one else words.found_many.format(len(results), shown)
    return (
        f'<section class="lp-treffer" aria-labelledby="treffer"><h2 id="treffer">{heading}</h2>'
        f"<ol{words.quoted}>{items}</ol></section>"
    )
