"""What goes in and out of the admin page: strict headers on every response, bounded requests, no cross-site requests.

Scripts run only on the page that watches long work, and only our own file; the change report is shown in a frame of the
same origin and may itself do nothing at all.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_FORM = 2 * 2**20
"""Bytes of a form; the longest is the vocabulary's largest entry, well below."""
MAX_UPLOAD = 65 * 2**20
_NOTHING = "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
POLICY = f"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; {_NOTHING}"
WATCHING_POLICY = f"{POLICY}; script-src 'self'; connect-src 'self'"
FRAMING_POLICY = f"{POLICY}; frame-src 'self'"
# "no-referrer" would make browsers send "Origin: null" with our own forms.
_HEADERS = {
    "content-security-policy": POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cache-control": "no-store",
}
_STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)


def framed_headers(page: bytes) -> dict[str, str]:
    """Headers of the change report: its own style sheets by their hash, nothing else, and only within our frame."""
    hashes = (base64.b64encode(hashlib.sha256(style).digest()).decode() for style in _STYLE.findall(page))
    styles = " ".join(f"'sha256-{value}'" for value in hashes) or "'none'"
    policy = (
        f"default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'; object-src 'none'; "
        "frame-ancestors 'self'; sandbox"
    )
    return {"content-security-policy": policy, "x-frame-options": "SAMEORIGIN"}


def from_own_page(headers: Mapping[str, str], hosts: tuple[str, ...]) -> bool:
    """Whether a request that changes something was sent by a page of ours.

    Every browser of the last years says so in ``Origin``, most in ``Sec-Fetch-Site`` too; a request with neither is none
    of ours. ``hosts`` are the names this server is addressed by.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and origin is None:
        return False
    if site is not None and site != "same-origin":
        return False
    return origin is None or urlsplit(origin).netloc in hosts


class Strict:
    """ASGI middleware around the whole application. ``uploads`` are the paths that take files."""

    def __init__(self, app: App, uploads: frozenset[str] = frozenset()) -> None:
        self.app, self.uploads = app, uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            most = MAX_UPLOAD if scope["path"] in self.uploads else MAX_FORM
            if _declared(scope) > most:
                await _too_large(_strict(send))
            else:
                await self.app(scope, _bounded(receive, most), _strict(send))


def _declared(scope: Scope) -> int:
    return next((int(v) for k, v in scope["headers"] if k == b"content-length" and v.isdigit()), 0)


def _bounded(receive: Receive, most: int) -> Receive:
    seen = 0

    async def receive_at_most() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > most else message

    return receive_at_most


def _strict(send: Send) -> Send:
    async def send_strictly(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {key.lower() for key, _ in message["headers"]}
            ours = [(k.encode(), v.encode()) for k, v in _HEADERS.items() if k.encode() not in present]
            message = {**message, "headers": [*message["headers"], *ours]}
        await send(message)

    return send_strictly


async def _too_large(send: Send) -> None:
    body = "Die Anfrage ist zu groß.\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
