"""What ``prove`` reads of the two servers, the page for staff and the administration, each served to itself.

Every page is fetched with what it loads, and judged by ``web.origins``. Of the administration one page of each kind is
read as somebody sees it who is logged in; nothing is changed there, because only links are followed and none of them
changes anything.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import re
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit

from assistant.admin.app import create_app as create_admin
from assistant.admin.office import COOKIE, Office
from assistant.admin.pages import PLACES
from assistant.errors import LeitplankeError
from assistant.prove import Fetched
from assistant.web.app import create_app, site_of
from assistant.web.information import ADDRESSES
from assistant.web.origins import css_references, in_css, in_headers, in_html, resources
from assistant.web.paths import provision_path
from assistant.web.serve import address_of, listen
from assistant.web.shell import LANGUAGES

if TYPE_CHECKING:
    from assistant.ask.service import AssistantService
    from assistant.types import Answer

_ADMIN = "Verwaltung "
_SEARCH = "Protokoll"
_START_SECONDS = 60
_LINK = re.compile(r"""<a\b[^>]*?\shref=["']([^"'#]+)""")
_FIXED = frozenset(place.path for place in PLACES if place.method == "GET" and "{" not in place.path)
_VARYING = {
    place.path: re.compile(re.sub(r"\{\w+\}", "[^/]+", place.path))
    for place in PLACES if place.method == "GET" and "{" in place.path
}  # fmt: skip


@contextlib.contextmanager
def served(app: Any) -> Iterator[str]:
    """The application on a free port of the loopback until the block ends; gives its address."""
    import uvicorn

    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(app, log_level="error", access_log=False, proxy_headers=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    end = time.monotonic() + _START_SECONDS
    while not server.started and thread.is_alive() and time.monotonic() < end:
        time.sleep(0.05)
    try:
        yield address_of(listener)
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def staff_pages(service: AssistantService, home: Path, day: dt.date, answers: Sequence[Answer]) -> list[Fetched]:
    """The page as ``leitplanke serve`` shows it, in every language, with the provisions that ``answers`` quote."""
    norms = dict.fromkeys(citation.norm for answer in answers for citation in answer.citations)
    shown = ("/", "/leitlinie", f"/leitlinie?suche={quote(_SEARCH)}", "/recht", f"/recht?suche={quote(_SEARCH)}", *ADDRESSES)
    paths = [words.prefix + path for words in LANGUAGES.values() for path in (*shown, *map(provision_path, norms))]
    with served(create_app(service, today=lambda: day, site=site_of(home))) as base:
        return _Fetching(base).all([*paths, "/gesundheit"])


def admin_pages(home: Path, now: dt.datetime) -> list[Fetched]:
    """The administration, logged in: no password is set up for it, the session is only known here."""
    office = Office(home, lambda: now, stored_hash=None, proxy=None)
    with served(create_admin(office)) as base:
        entrance = _Fetching(base, name=_ADMIN).all(["/anmelden"])
        token, _ = office.sessions.begin("Nachweis")
        fetching = _Fetching(base, name=_ADMIN, cookie=f"{COOKIE}={token}", following=True)
        inside = fetching.all(["/"])
    known = {page.address for page in entrance}
    return entrance + [page for page in inside if page.address not in known]


class _Fetching:
    """Fetches addresses of one server with everything that they load, each once."""

    def __init__(self, base: str, *, name: str = "", cookie: str = "", following: bool = False) -> None:
        self._base, self._name, self._cookie, self._following = base, name, cookie, following
        self._kinds: set[str] = set()
        self._waiting: list[str] = []

    def all(self, paths: Iterable[str]) -> list[Fetched]:
        """``paths`` first; with ``following`` also what they link to. LeitplankeError for an answer that is no success."""
        self._waiting = [urljoin(self._base, path) for path in paths]
        fetched: dict[str, Fetched] = {}
        while self._waiting:
            url = self._waiting.pop(0)
            if url not in fetched:
                fetched[url] = self._one(url)
        return list(fetched.values())

    def _one(self, url: str) -> Fetched:
        status, headers, body = self._get(url)
        path = "/" + url.removeprefix(self._base)
        if status != HTTPStatus.OK:
            raise LeitplankeError(f"Die Seite {self._name}{path} antwortet mit {status}; erwartet wird 200.")
        kind, text = headers.get("content-type", ""), body.decode("utf-8", "replace")
        bad = in_headers(headers, url)
        if "html" in kind:
            bad += in_html(text, url)
            self._waiting += resources(text, url)
            if self._following:
                self._waiting += self._links(text, url)
        elif "css" in kind:
            bad += in_css(text, url)
            self._waiting += [u for u in (urljoin(url, r) for r in css_references(text)) if u.startswith(self._base)]
        return Fetched(self._name + path, status, len(body), hashlib.sha256(body).hexdigest(), bad)

    def _links(self, text: str, url: str) -> Iterator[str]:
        """Links to pages of a kind that was not read yet; searches and messages in an address make no new kind."""
        for reference in _LINK.findall(text):
            target = urljoin(url, unescape(reference))
            path = urlsplit(target).path
            kind = path if path in _FIXED else next((k for k, form in _VARYING.items() if form.fullmatch(path)), "")
            if target.startswith(self._base) and kind and kind not in self._kinds:
                self._kinds.add(kind)
                yield target

    def _get(self, url: str) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(url)
        connection = HTTPConnection(parts.netloc, timeout=_START_SECONDS)
        try:
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", path, headers={"Cookie": self._cookie} if self._cookie else {})
            response = connection.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        finally:
            connection.close()
