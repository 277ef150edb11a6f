"""What a delivered page refers to beyond its own origin: in HTML, in style sheets, and in the headers.

Scripts are not judged by their text; what they may load is decided by the Content-Security-Policy, which is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

_LOADING = {"src", "href", "action", "formaction", "poster", "data", "background", "ping", "xlink:href", "manifest"}
_CSS_URL = re.compile(r"""url\(\s*["']?([^"')\s]+)|@import\s+["']([^"']+)""", re.IGNORECASE)
_ABSOLUTE = re.compile(r"""(?:https?|wss?):\\?/\\?/[^\s"'\\<>)]+""")
_NAMESPACES = ("http://www.w3.org/",)
_SILENT = ("data:", "blob:", "mailto:", "tel:", "#", "about:")
_POLICY_WORDS = re.compile(r"'(?:self|none|unsafe-inline|sha256-[A-Za-z0-9+/=]+)'|data:|blob:")
_TELLING = ("link", "location", "refresh", "report-to", "reporting-endpoints", "nel", "set-cookie", "sourcemap")


class _Page(HTMLParser):
    """Collects what the browser would load or follow, and the text of inline styles and scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.loaded: list[str] = []
        self.marked: list[str] = []
        self.styles: list[str] = []
        self.scripts: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._inside = tag if tag in ("style", "script") else ""
        if tag in ("a", "area") and "external" in values.get("rel", "").split():
            self.marked.append(values.pop("href", ""))
        self.loaded += [value for name, value in values.items() if name in _LOADING]
        self.loaded += [part.split()[0] for part in values.get("srcset", "").split(",") if part.strip()]
        self.styles.append(values.get("style", ""))
        if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            self.loaded.append(values.get("content", "").partition("=")[2])

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.styles.append(data)
        elif self._inside == "script":
            self.scripts.append(data)


def in_html(text: str, address: str) -> tuple[str, ...]:
    """Foreign references of a page; links that are marked as external and followed only on a click are none."""
    page = _Page()
    page.feed(text)
    page.close()
    named = [found for script in page.scripts for found in _ABSOLUTE.findall(script)]
    styled = [reference for style in page.styles for reference in css_references(style)]
    return foreign([*page.loaded, *styled, *named], address)


def resources(text: str, address: str) -> list[str]:
    """Paths on the same origin that a page loads: styles, scripts, pictures, frames; no links to other pages."""
    found = re.findall(r"""<(?:link|script|img|iframe)\b[^>]*?\s(?:href|src)=["']([^"']+)""", text)
    absolute = (urljoin(address, reference) for reference in found)
    own = urlsplit(address).netloc
    return list(dict.fromkeys(url for url in absolute if urlsplit(url).netloc == own))


def css_references(text: str) -> list[str]:
    """Everything that a style sheet loads."""
    return [first or second for first, second in _CSS_URL.findall(text)]


def in_css(text: str, address: str) -> tuple[str, ...]:
    """Foreign references of a style sheet."""
    return foreign(css_references(text), address)


def in_headers(headers: Mapping[str, str], address: str) -> tuple[str, ...]:
    """Foreign references of a response's headers (names in lower case), or that the policy is missing."""
    found = [reference for name in _TELLING if name in headers for reference in _ABSOLUTE.findall(headers[name])]
    bad = list(foreign(found, address))
    if "set-cookie" in headers:
        bad.append("Cookie")
    policy = headers.get("content-security-policy", "")
    if "default-src" not in policy:
        return (*bad, "keine Content-Security-Policy")
    for directive in policy.split(";"):
        name, *sources = directive.split() or [""]
        bad += [f"Content-Security-Policy {name} {source}" for source in sources if not _POLICY_WORDS.fullmatch(source)]
    return tuple(bad)


def foreign(references: Iterable[str], address: str) -> tuple[str, ...]:
    """Those of ``references`` that lead to another origin than ``address``, each once."""
    own = urlsplit(address)[:2]
    found = []
    for reference in references:
        cleaned = reference.strip().replace("\\/", "/")
        if not cleaned or cleaned.startswith((*_SILENT, *_NAMESPACES)):
            continue
        if urlsplit(urljoin(address, cleaned))[:2] != own:
            found.append(cleaned)
    return tuple(dict.fromkeys(found))
