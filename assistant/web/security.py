"""What goes in and out: only the routes the page needs, bounded requests, and strict headers on every response.

Gradio brings upload, proxy, file, monitoring and recording routes that this page never uses. They are not reachable:
what is not on the list below is not found. Inline scripts of the start page are allowed by their hash, computed from
the very bytes sent; nothing else inline, nothing evaluated, nothing from another host.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from types import MappingProxyType
from typing import Any

from assistant.web.shell import ASSET_PREFIX, LANGUAGES, PLAIN, Frame

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 256 * 1024
"""Bytes of a request; a question has at most a few thousand characters, the rest is Gradio's envelope."""
INFORMATION = ("/so-geht-es", "/datenschutz", "/barrierefreiheit", "/versionen")
_ENDING = frozenset({"/gradio_api/cancel", "/gradio_api/reset"})
"""Addresses by which the page ends what it sent before."""
_EXACT = {
    "GET": {
        "/", *(words.prefix for words in LANGUAGES.values() if words.prefix), "/gesundheit", "/leitlinie", "/recht", *INFORMATION, "/theme.css", "/config", "/favicon.ico",
        "/gradio_api/queue/data", "/gradio_api/app_id", "/gradio_api/startup-events",
    },
    "POST": {"/vermerk", "/gradio_api/queue/join", *_ENDING},
}  # fmt: skip
_BELOW = {"GET": ("/recht/", ASSET_PREFIX, "/assets/", "/static/", "/gradio_api/heartbeat/"), "POST": ()}
_INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_COMMON = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_NOTHING_LOADED = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
PLAIN_POLICY = f"default-src 'none'; style-src 'self'; img-src 'self'; {_NOTHING_LOADED}"
"""For everything but the start page: styles and the icon from here, no script at all."""
READING_POLICY = PLAIN_POLICY.replace("form-action 'none'", "form-action 'self'")
"""For the pages with a search field, which asks this server."""
_SEARCHED = frozenset({"/leitlinie", "/recht"})


def script_hashes(page: str) -> list[str]:
    """CSP sources for the inline scripts of ``page``, in order."""
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE.findall(page))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def start_policy(hashes: Iterable[str]) -> str:
    """The policy of the start page. Gradio sets style attributes, hence inline styles; scripts are never inline."""
    scripts = " ".join(["'self'", *dict.fromkeys(hashes)])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; media-src 'none'; frame-src 'none'; worker-src 'none'; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )


def allowed(method: str, path: str) -> bool:
    """Whether the page needs this route, in any language. HEAD counts as GET."""
    method = "GET" if method == "HEAD" else method
    path = without_language(path)[1]
    if ".." in path.split("/"):
        return False
    return path in _EXACT.get(method, ()) or path.startswith(_BELOW.get(method, ()))


def without_language(path: str) -> tuple[str, str]:
    """The language that a path asks for by its prefix, and the path without it: "/en/recht" is ("en", "/recht")."""
    for words in LANGUAGES.values():
        if words.prefix and path.startswith(words.prefix + "/"):
            return words.language, path.removeprefix(words.prefix)
    return PLAIN.words.language, path


class Hardened:
    """ASGI middleware around the whole application; ``frames`` are the looks of the start page by language."""

    def __init__(self, app: App, frames: Mapping[str, Frame] = MappingProxyType({"de": PLAIN})) -> None:
        self.app = app
        self.frames = frames

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no websockets: Gradio's queue answers by server-sent events
        language, path = without_language(scope["path"])
        if not allowed(scope["method"], scope["path"]) or language not in self.frames:
            await _plain(send, 404, "Diese Adresse gibt es hier nicht.")
        elif _declared_length(scope) > MAX_BODY:
            await _plain(send, 413, "Die Anfrage ist zu groß.")
        elif path in _ENDING:
            await self.app(scope, await _naming_an_event(_bounded(receive)), _with_headers(send, path))
        elif path == "/":
            await self._start_page(scope, receive, send, self.frames[language])
        else:
            await self.app(scope, _bounded(receive), _with_headers(send, path))

    async def _start_page(self, scope: Scope, receive: Receive, send: Send, frame: Frame) -> None:
        """Collects Gradio's start page, makes it ours and sends it with the hashes of its scripts."""
        headers = [(key, value) for key, value in scope["headers"] if key != b"accept-encoding"]
        start: Message = {}
        body = bytearray()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))

        await self.app({**scope, "headers": headers}, receive, collect)
        if start["status"] != 200 or scope["method"] == "HEAD":
            await _respond(send, start["status"], bytes(body), PLAIN_POLICY, _content_type(start))
            return
        page = frame.start_page(body.decode("utf-8"))
        await _respond(send, 200, page.encode(), start_policy(script_hashes(page)), b"text/html; charset=utf-8")


def _content_type(start: Message) -> bytes:
    return next((value for key, value in start["headers"] if key.lower() == b"content-type"), b"text/plain")


def _declared_length(scope: Scope) -> int:
    for key, value in scope["headers"]:
        if key == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _bounded(receive: Receive) -> Receive:
    """``receive`` that ends a request without a declared length once it has grown too large."""
    seen = 0

    async def receive_at_most() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > MAX_BODY else message

    return receive_at_most


async def _naming_an_event(receive: Receive) -> Receive:
    """``receive`` of a request to end something, read whole, that always names an event.

    The page may end what it has just sent before it was told the event's name. Gradio would refuse that; with an
    empty name it ends what is running of it.
    """
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return _replay(message, receive)
        body += message.get("body", b"")
        more = message.get("more_body", False)
    with contextlib.suppress(ValueError, RecursionError):
        asked = json.loads(body)
        if isinstance(asked, dict) and asked.get("event_id") is None:
            body = bytearray(json.dumps({**asked, "event_id": ""}).encode())
    return _replay({"type": "http.request", "body": bytes(body), "more_body": False}, receive)


def _replay(first: Message, receive: Receive) -> Receive:
    """``first``, then what ``receive`` gives."""
    waiting = [first]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed


def _with_headers(send: Send, path: str) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            policy = READING_POLICY if path in _SEARCHED else PLAIN_POLICY
            ours = {**_COMMON, "content-security-policy": policy, "cache-control": _cache(path)}
            kept = [(key, value) for key, value in message["headers"] if key.decode().lower() not in ours]
            message = {**message, "headers": kept + [(k.encode(), v.encode()) for k, v in ours.items()]}
        await send(message)

    return send_with_headers


def _cache(path: str) -> str:
    """Program files may be kept (their names or queries change with their content); nothing else ever."""
    if path.startswith(("/assets/", ASSET_PREFIX)):
        return "public, max-age=31536000, immutable"
    return "no-cache" if path.startswith("/static/") or path == "/theme.css" else "no-store"


async def _plain(send: Send, status: int, line: str) -> None:
    await _respond(send, status, (line + "\n").encode(), PLAIN_POLICY, b"text/plain; charset=utf-8")


async def _respond(send: Send, status: int, body: bytes, policy: str, content_type: bytes) -> None:
    headers = {**_COMMON, "content-security-policy": policy, "cache-control": "no-store"}
    pairs = [(k.encode(), v.encode()) for k, v in headers.items()]
    pairs += [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
