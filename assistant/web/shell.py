"""The page around Gradio: head, landmarks, skip link, live region; and the plain pages without Gradio.

Gradio's own start page is English, names foreign hosts in its metadata and has no landmarks of ours. ``german_start``
rewrites it on the way out. It fails loudly if Gradio's template changes, so that an update cannot quietly undo it.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from assistant.web import texts
from assistant.web.markup import escape

ASSETS = Path(__file__).parent / "assets"
ASSET_PREFIX = "/eigen/"
_READING = (("/leitlinie", "Leitlinie"), ("/recht", "Recht"))
_ALL_PAGES = (("/", "Frage stellen"), *_READING)
_FOREIGN_META = re.compile(r'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*>')
_MANIFEST = re.compile(r'\s*<link rel="manifest"[^>]*>')
_FRAME_RESIZER = re.compile(r"\s*<script>\s*\(\(\) => \{.*?iframeResizer.*?</script>", re.DOTALL)


def asset(name: str) -> str:
    """The address of one of our assets; it changes with the content, so that browsers may keep it."""
    digest = hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]
    return f"{ASSET_PREFIX}{name}?v={digest}"


def _head() -> str:
    return (
        f'<link rel="stylesheet" href="{asset("seite.css")}">'
        f'<link rel="icon" type="image/svg+xml" href="{asset("leitplanke.svg")}">'
        '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">'
    )


def _top(*, skip_to: str, heading: str, new_window: bool) -> str:
    """The head of every page. From the chat the pages to read open beside it, so that the conversation stays."""
    pages = _READING if new_window else _ALL_PAGES
    opened = ' target="_blank" rel="noopener"' if new_window else ""
    hint = '<span class="lp-nur-vorlesen"> (neues Fenster)</span>' if new_window else ""
    links = "".join(f'<li><a href="{target}"{opened}>{name}{hint}</a></li>' for target, name in pages)
    return (
        f'<a class="lp-sprung" href="#{skip_to}">Zum Inhalt springen</a>'
        '<header class="lp-kopf"><div class="lp-breite">'
        f'<p class="lp-name"><a href="/">{texts.PRODUCT}</a></p>{heading}'
        f'<nav class="lp-seiten" aria-label="Seiten"><ul>{links}</ul></nav></div></header>'
    )


def _bottom() -> str:
    return (
        '<footer class="lp-fuss"><div class="lp-breite"><p>Dieser Assistent läuft vollständig im Haus. Fragen und '
        "Antworten werden nicht gespeichert; der Verlauf gilt nur für dieses Fenster und wird beim Schließen "
        "verworfen.</p>"
        "<p>Das Urteil gibt die KI-Leitlinie wieder. Im Zweifel entscheidet die zuständige Stelle.</p></div></footer>"
    )


def german_start(page: str) -> str:
    """Gradio's start page with our language, metadata, landmarks and assets. ValueError if it looks unfamiliar."""
    page = _replace_once(page, '<html\n\tlang="en"', '<html\n\tlang="de"')
    page = _MANIFEST.sub("", _FOREIGN_META.sub("", page))
    page = _FRAME_RESIZER.sub("", page)
    page = _replace_once(page, "</head>", f'{_head()}<script src="{asset("seite.js")}" defer></script></head>')
    heading = f'<h1 class="lp-anspruch">{texts.CLAIM}</h1>'
    before = (
        _top(skip_to="frage", heading=heading, new_window=True)
        + '<p id="lp-start" class="lp-breite">Die Seite wird geladen …</p>'
        + '<noscript><p class="lp-breite">Diese Seite braucht JavaScript vom eigenen Server. Ohne JavaScript antwortet '
        "der Befehl „leitplanke ask“.</p></noscript>"
    )
    after = _bottom() + '<div id="lp-ansage" class="lp-nur-vorlesen" role="status" aria-live="polite"></div>'
    page = _replace_once(page, "<gradio-app", before + "<gradio-app")
    return _replace_once(page, "</gradio-app>", "</gradio-app>" + after)


def _replace_once(page: str, old: str, new: str) -> str:
    if page.count(old) != 1:
        raise ValueError(f"Gradio's start page has changed: {old!r} found {page.count(old)} times")
    return page.replace(old, new)


def plain_page(title: str, body: str) -> str:
    """A whole page of our own, without scripts. ``body`` is HTML, ``title`` is text."""
    return (
        f'<!doctype html><html lang="de"><head><meta charset="utf-8"><title>{escape(title)} – {texts.PRODUCT}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{_head()}</head><body class="lp-eigen">'
        f'{_top(skip_to="inhalt", heading="", new_window=False)}<main id="inhalt" class="lp-breite" tabindex="-1">{body}'
        f'<p class="lp"><a href="/">Zum Assistenten</a></p></main>{_bottom()}</body></html>'
    )
