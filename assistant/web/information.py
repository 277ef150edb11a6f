"""Pages about the page: how it works, data protection, accessibility, versions.

Their texts are Markdown files in ``seiten``, one per language; a place like ``{datenschutz.verantwortlich}`` is what the
town says in ``corpus/erscheinung.toml``, or a mark that it has to. A text that has no twin is shown in German.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote as percent
from urllib.parse import urlsplit

from assistant.errors import LeitplankeError
from assistant.web.api import AssistantApi
from assistant.web.markup import escape
from assistant.web.reading import running_text
from assistant.web.shell import Frame
from assistant.web.texts import Words

TEXTS = Path(__file__).parent / "seiten"
VERSIONS = "/versionen"
ADDRESSES = ("/so-geht-es", "/datenschutz", "/barrierefreiheit", VERSIONS)
_PLACE = re.compile(r"&#123;([a-z]+\.[a-z&#;0-9]+)&#125;")
"""A place to be filled in, as it stands once the text around it has been escaped."""
_REACHED = re.compile(r"(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)|(?P<page>https://[^\s<>\"“”„()]*[^\s<>\"“”„().,;:!?])")
_PREPARED = {
    "barrierefreiheit.kontakt": (
        "Hindernis auf den Seiten des Assistenten Leitplanke",
        "Auf welcher Seite (Adresse):\r\n\r\nWas nicht ging:\r\n\r\nBenutztes Hilfsmittel (freiwillig):\r\n\r\n"
        "Gewünschte Form der Antwort:\r\n",
    )
}
"""Subject and body of the mail that somebody writes to an address stated there; the page itself sends and keeps nothing."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The last report of ``prove-local``: its file name, the day it says, and whether it was passed."""

    file: str
    day: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Installed:
    """What is installed besides guideline and law. Models are (name, checksum); empty where there is none."""

    program: str = ""
    embedder: tuple[str, str] = ("", "")
    model: tuple[str, str] = ("", "")
    proof: Proof | None = None


def page(path: str, frame: Frame, api: AssistantApi | None, installed: Callable[[], Installed], today: dt.date) -> str:
    """The whole page for one of ``ADDRESSES``."""
    if path == VERSIONS:
        return _versions(frame, api, installed(), today)
    own = TEXTS / f"{path.strip('/')}.{frame.words.language}.md"
    german = not own.is_file()
    text = (TEXTS / f"{path.strip('/')}.de.md" if german else own).read_text(encoding="utf-8")
    title, body = text.removeprefix("# ").split("\n", 1)
    shown = _PLACE.sub(lambda place: _stated(place[1].replace("&#95;", "_"), frame), _sections(body))
    remark = f"<p>{frame.words.german_only}</p>" if german and frame.words.quoted else ""
    language = frame.words.quoted if german else ""
    article = f'<article class="lp lp-seite">{remark}<div{language}><h1>{escape(title)}</h1>{shown}</div></article>'
    return frame.page(title, article, path=path)


def _sections(text: str) -> str:
    """A text with headings ``## …``; everything else as in the guideline."""
    first, *rest = re.split(r"(?m)^## ", text)
    parts = [running_text(first)]
    for section in rest:
        heading, body = section.split("\n", 1)
        parts.append(f"<h2>{escape(heading)}</h2>{running_text(body)}")
    return "".join(parts)


def _stated(key: str, frame: Frame) -> str:
    said = frame.town.statements.get(key, "")
    if said:
        return f"<span{frame.words.quoted}>{_linked(said, key, frame.words)}</span>"
    return f'<span class="lp-chip lp-c-platzhalter">{frame.words.to_fill_in}</span>'


def _linked(said: str, key: str, words: Words) -> str:
    """What the town says, with its mail addresses and pages as links."""
    pieces, position = [], 0
    for found in _REACHED.finditer(said):
        shown = escape(found[0])
        pieces.append(escape(said[position : found.start()]))
        if found["mail"]:
            subject, body = (percent(part) for part in _PREPARED.get(key, ("", "")))
            query = f"?subject={subject}&amp;body={body}" if subject else ""
            pieces.append(f'<a href="mailto:{percent(found[0], safe="@")}{query}">{shown}</a>')
        else:
            mark = f'<span class="lp-extern">({words.external.format(escape(urlsplit(found[0]).netloc))})</span>'
            pieces.append(f'<a href="{shown}" rel="noopener noreferrer external" target="_blank">{shown}</a> {mark}')
        position = found.end()
    return "".join([*pieces, escape(said[position:])])


# ---------------------------------------------------------------------------------------------------- versions


def _versions(frame: Frame, api: AssistantApi | None, installed: Installed, today: dt.date) -> str:
    words = frame.words
    said = words.version_rows
    rows = [(said["programm"], escape(installed.program) or "–")]
    law = ""
    try:
        if api is None:
            raise LeitplankeError(words.not_yet)
        overview = api.overview()
        adopted = words.guideline_adopted[overview.guideline.adopted]
        title = f"<span{words.quoted}>{escape(overview.guideline.title)}</span>"
        rows.append((said["leitlinie"], f"{title}, {escape(overview.guideline.version)} ({adopted})"))
        rows.append((said["index"], f"<code>{escape(overview.generation)}</code>"))
        sources = [
            (
                f"<span{words.quoted}>{escape(source.short)} – {escape(source.title)}</span>",
                words.kinds[source.kind], words.date(source.state),
            )
            for source in overview.sources
        ]  # fmt: skip
        law = f"<h2>{said['texte']}</h2>" + _table((said["quelle"], said["art"], said["stand"]), sources, words)
    except LeitplankeError as error:
        rows.append((said["index"], f"<span{words.quoted}>{escape(str(error))}</span>"))
    rows.append((said["embedder"], _model(installed.embedder) or "–"))
    rows.append((said["modell"], _model(installed.model) or said["keines"]))
    rows.append((said["nachweis"], _proof(installed.proof, said)))
    table = _table((said["bestandteil"], said["fassung"]), rows, words)
    state = f'<p class="lp-stand">{words.law_state.format(words.date(today))}</p>'
    body = (
        f'<article class="lp lp-seite"><h1>{words.versions}</h1>{state}{table}<p>{said["erklaert"]}</p>{law}</article>'
    )
    return frame.page(words.versions, body, path=VERSIONS)


def _model(model: tuple[str, str]) -> str:
    name, checksum = model
    sum_ = f" <code>{escape(checksum)}</code>" if checksum else ""
    return f"{escape(name)}{sum_}" if name else ""


def _proof(proof: Proof | None, said: Mapping[str, str]) -> str:
    if proof is None:
        return said["kein_nachweis"]
    return (
        f"{said['bestanden'] if proof.passed else said['nicht_bestanden']}, {escape(proof.day)} ({escape(proof.file)})"
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], words: Words) -> str:
    """A table that scrolls within itself; the cells are HTML, the first of each row names it."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>' for first, *rest in rows
    )
    table = f'<table class="lp-breit"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="lp-tabelle" tabindex="0" role="group" aria-label="{words.table}">{table}</div>'
