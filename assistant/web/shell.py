"""The page around Gradio: head, landmarks, skip link, live region; and the plain pages without Gradio.

Gradio's own start page is English, names foreign hosts in its metadata and has no landmarks of ours. ``start_page``
rewrites it on the way out. It fails loudly if Gradio's template changes, so that an update cannot quietly undo it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from assistant.web.appearance import Town
from assistant.web.markup import escape
from assistant.web.texts import GERMAN, PRODUCT, Words
from assistant.web.texts_english import ENGLISH

ASSETS = Path(__file__).parent / "assets"
ASSET_PREFIX = "/eigen/"
COLOURS = ASSET_PREFIX + "stadt.css"
LANGUAGES = {words.language: words for words in (GERMAN, ENGLISH)}
_FOREIGN_META = re.compile(r'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*>')
_MANIFEST = re.compile(r'\s*<link rel="manifest"[^>]*>')
_FRAME_RESIZER = re.compile(r"\s*<script>\s*\(\(\) => \{.*?iframeResizer.*?</script>", re.DOTALL)


def asset(name: str) -> str:
    """The address of one of our assets; it changes with the content, so that browsers may keep it."""
    digest = hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]
    return f"{ASSET_PREFIX}{name}?v={digest}"


@dataclass(frozen=True)
class Frame:
    """What every page stands in: the language of the interface and the looks of the town."""

    words: Words = GERMAN
    town: Town = field(default_factory=Town)

    def address(self, path: str) -> str:
        """Where ``path`` ("/recht") is found in this language."""
        return self.words.prefix + path

    # --- pieces

    def _head(self) -> str:
        colours = f'<link rel="stylesheet" href="{COLOURS}?v={self.town.css_version()}">' if self.town.css() else ""
        return (
            f'<link rel="stylesheet" href="{asset("seite.css")}">{colours}'
            f'<link rel="icon" type="image/svg+xml" href="{asset("leitplanke.svg")}">'
            '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">'
        )

    def _links(self, pages: tuple[tuple[str, str], ...], *, new_window: bool) -> str:
        """A list of links; from the chat they open beside it, so that the conversation stays."""
        opened = ' target="_blank" rel="noopener"' if new_window else ""
        hint = f'<span class="lp-nur-vorlesen"> ({self.words.new_window})</span>' if new_window else ""
        items = (f'<li><a href="{self.address(path)}"{opened}>{name}{hint}</a></li>' for path, name in pages)
        return f"<ul>{''.join(items)}</ul>"

    def _top(self, *, skip_to: str, heading: str, path: str, chat: bool) -> str:
        """The head of every page; ``path`` is this page's own, without the language's prefix."""
        words = self.words
        reading = (("/leitlinie", words.guideline), ("/recht", words.law))
        pages = reading if chat else (("/", words.ask), *reading)
        return (
            f'<a class="lp-sprung" href="#{skip_to}">{words.skip}</a>'
            f'<header class="lp-kopf"><div class="lp-breite">{self._town()}'
            f'<p class="lp-name"><a href="{self.address("/")}">{PRODUCT}</a></p>{heading}'
            f'<nav class="lp-seiten" aria-label="{words.pages}">{self._links(pages, new_window=chat)}</nav>'
            f'<p class="lp-sprache">{self._other_language(path)}</p></div></header>'
        )

    def _town(self) -> str:
        town = self.town
        image = ""
        if town.crest:
            image = f'<img src="{ASSET_PREFIX}{town.crest.name}?v={town.crest.version}" alt="" height="40">'
        name = f"<span>{escape(town.name)}</span>" if town.name else ""
        return f'<p class="lp-stadt"{self.words.quoted if name else ""}>{image}{name}</p>' if image or name else ""

    def _other_language(self, path: str) -> str:
        other = next(words for words in LANGUAGES.values() if words.language != self.words.language)
        code = other.language
        return f'<a href="{escape(other.prefix + path)}" lang="{code}" hreflang="{code}">{self.words.other}</a>'

    def _bottom(self, *, chat: bool) -> str:
        words = self.words
        pages = (
            ("/so-geht-es", words.how), ("/datenschutz", words.privacy), ("/barrierefreiheit", words.accessibility),
            ("/versionen", words.versions),
        )  # fmt: skip
        return (
            f'<footer class="lp-fuss"><div class="lp-breite"><p>{words.in_house}</p><p>{words.no_advice}</p>'
            f'<nav class="lp-seiten" aria-label="{words.about}">{self._links(pages, new_window=chat)}</nav>'
            "</div></footer>"
        )

    # --- whole pages

    def start_page(self, page: str) -> str:
        """Gradio's start page with our language, metadata, landmarks and assets. ValueError if it looks unfamiliar."""
        words = self.words
        language = f'<html\n\tlang="{words.language}" data-sprache="{words.language}"'
        page = _replace_once(page, '<html\n\tlang="en"', language)
        page = _MANIFEST.sub("", _FOREIGN_META.sub("", page))
        page = _FRAME_RESIZER.sub("", page)
        page = _replace_once(page, "</head>", f'{self._head()}<script src="{asset("seite.js")}" defer></script></head>')
        heading = f'<h1 class="lp-anspruch">{words.claim}</h1>'
        before = (
            self._top(skip_to="frage", heading=heading, path="/", chat=True)
            + f'<p id="lp-start" class="lp-breite">{words.page_loads}</p>'
            + f'<noscript><p class="lp-breite">{words.no_script}</p></noscript>'
        )
        after = (
            self._bottom(chat=True)
            + '<div id="lp-ansage" class="lp-nur-vorlesen" role="status" aria-live="polite"></div>'
        )
        page = _replace_once(page, "<gradio-app", before + "<gradio-app")
        return _replace_once(page, "</gradio-app>", "</gradio-app>" + after)

    def page(self, title: str, body: str, *, path: str) -> str:
        """A whole page of our own, without scripts. ``body`` is HTML, ``title`` is text.

        ``path`` is the page's own address without the language's prefix; the other language is offered there.
        """
        words = self.words
        return (
            f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
            f"<title>{escape(title)} – {PRODUCT}</title>"
            f'<meta name="viewport" content="width=device-width, initial-scale=1">{self._head()}</head>'
            f'<body class="lp-eigen">{self._top(skip_to="inhalt", heading="", path=path, chat=False)}'
            f'<main id="inhalt" class="lp-breite" tabindex="-1">{body}'
            f'<p class="lp lp-weiter"><a href="{self.address("/")}">{words.to_assistant}</a></p></main>'
            f"{self._bottom(chat=False)}</body></html>"
        )


PLAIN = Frame()
"""German, without a town's own looks."""


def _replace_once(page: str, old: str, new: str) -> str:
    if page.count(old) != 1:
        raise ValueError(f"Gradio's start page has changed: {old!r} found {page.count(old)} times")
    return page.replace(old, new)
