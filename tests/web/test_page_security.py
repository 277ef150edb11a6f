"""What goes in and out: allowed routes, bounded requests, headers, and the hashes of inline scripts."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from typing import Any

import pytest

from assistant.web.security import MAX_BODY, Hardened, allowed, script_hashes, start_policy
from assistant.web.shell import PLAIN

PAGE = (
    '<html\n\tlang="en"><head><meta property="og:url" content="https://gradio.app/" />'
    '<link rel="manifest" href="/manifest.json" /><script>eins()</script><script type="module" src="./a.js"></script>'
    "</head><body><gradio-app></gradio-app><script>\nzwei()</script></body></html>"
)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"), ("HEAD", "/"), ("GET", "/gesundheit"), ("GET", "/recht/ki-vo/art-50"), ("GET", "/assets/a.js"),
        ("POST", "/gradio_api/queue/join"), ("GET", "/gradio_api/queue/data"), ("GET", "/gradio_api/heartbeat/abc"),
    ],
)  # fmt: skip
def test_what_the_page_needs_is_reachable(method: str, path: str) -> None:
    assert allowed(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"), ("GET", "/gradio_api/file=/etc/passwd"), ("GET", "/gradio_api/proxy=http://x"),
        ("GET", "/monitoring"), ("GET", "/gradio_api/info"), ("POST", "/gradio_api/run/ask"), ("GET", "/docs"),
        ("POST", "/gradio_api/process_recording"), ("GET", "/gradio_api/runs"), ("POST", "/gradio_api/vibe-edit"),
        ("GET", "/static/../config"), ("POST", "/"), ("DELETE", "/recht/x"), ("GET", "/gradio_api/deep_link"),
    ],
)  # fmt: skip
def test_what_gradio_brings_besides_is_not(method: str, path: str) -> None:
    assert not allowed(method, path)


def test_inline_scripts_are_hashed_exactly_and_linked_ones_are_not() -> None:
    expected = [
        f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in ("eins()", "\nzwei()")
    ]
    assert script_hashes(PAGE) == expected


def test_the_policy_of_the_start_page_allows_no_inline_script_and_no_evaluation() -> None:
    policy = dict(part.strip().split(" ", 1) for part in start_policy(["'sha256-x'"]).split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self' 'sha256-x'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe-eval" not in str(policy)
    assert "http" not in str(policy)


def test_the_start_page_becomes_german_and_names_no_other_host() -> None:
    page = PLAIN.start_page(PAGE)
    assert 'lang="de"' in page
    assert "gradio.app/" not in page
    assert "manifest" not in page
    assert page.index("lp-sprung") < page.index("<gradio-app") < page.index("<footer")


def test_a_changed_template_of_gradio_is_noticed() -> None:
    with pytest.raises(ValueError, match="has changed"):
        PLAIN.start_page(PAGE.replace('lang="en"', 'lang="fr"'))


async def call(app: Any, scope: dict[str, Any], messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    pending = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(pending)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await Hardened(app)(scope, receive, send)  # type: ignore[arg-type]
    return sent


def request(method: str, path: str, headers: list[tuple[bytes, bytes]] | None = None) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "headers": headers or []}


async def never(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("must not be reached")


def test_a_large_request_is_refused_before_it_is_read() -> None:
    scope = request("POST", "/gradio_api/queue/join", [(b"content-length", str(MAX_BODY + 1).encode())])
    assert asyncio.run(call(never, scope, []))[0]["status"] == 413


def test_a_large_request_without_a_length_is_cut_off() -> None:
    seen: list[str] = []

    async def reading(scope: Any, receive: Any, send: Any) -> None:
        seen.append((await receive())["type"])
        seen.append((await receive())["type"])

    part = {"type": "http.request", "body": b"x" * (MAX_BODY - 1), "more_body": True}
    asyncio.run(call(reading, request("POST", "/gradio_api/queue/join"), [part, part]))
    assert seen == ["http.request", "http.disconnect"]


@pytest.mark.parametrize(
    ("sent", "arrives"),
    [
        (b'{"session_hash": "a", "fn_index": 3}', {"session_hash": "a", "fn_index": 3, "event_id": ""}),
        (b'{"fn_index": 3, "event_id": null}', {"fn_index": 3, "event_id": ""}),
        (b'{"fn_index": 3, "event_id": "e1"}', {"fn_index": 3, "event_id": "e1"}),
        (b"[1]", [1]),
    ],
)
@pytest.mark.parametrize("path", ["/gradio_api/cancel", "/gradio_api/reset"])
def test_ending_an_event_always_names_it(path: str, sent: bytes, arrives: object) -> None:
    assert json.loads(ended(path, sent)) == arrives


@pytest.mark.parametrize("sent", [b"", b"{", b"\xff", b'{"event_id": 1' + b"0" * 5000, b"[" * 9000])
def test_a_request_to_cancel_that_cannot_be_read_is_left_to_gradio(sent: bytes) -> None:
    assert ended("/gradio_api/cancel", sent) == sent


def ended(path: str, body: bytes) -> bytes:
    """What reaches Gradio of a request to end an event that comes in two pieces."""
    seen: list[dict[str, Any]] = []

    async def reading(scope: Any, receive: Any, send: Any) -> None:
        seen.extend([await receive(), await receive()])

    parts = [{"type": "http.request", "body": body[:7], "more_body": True}, {"type": "http.request", "body": body[7:]}]
    asyncio.run(call(reading, request("POST", path), [*parts, {"type": "http.disconnect"}]))
    assert [message["type"] for message in seen] == ["http.request", "http.disconnect"]
    return bytes(seen[0]["body"])


def test_a_request_to_cancel_that_breaks_off_or_is_too_large_ends_as_such() -> None:
    seen: list[str] = []

    async def reading(scope: Any, receive: Any, send: Any) -> None:
        seen.append((await receive())["type"])

    large = {"type": "http.request", "body": b"x" * MAX_BODY, "more_body": True}
    for parts in ([{"type": "http.disconnect"}], [large, large]):
        asyncio.run(call(reading, request("POST", "/gradio_api/cancel"), parts))
    assert seen == ["http.disconnect"] * 2


def test_websockets_are_not_answered() -> None:
    assert asyncio.run(call(never, {"type": "websocket", "path": "/"}, [])) == []


def test_headers_of_the_application_are_replaced_not_doubled() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"Cache-Control", b"public")]})
        await send({"type": "http.response.body", "body": b""})

    headers = asyncio.run(call(app, request("GET", "/recht/x"), []))[0]["headers"]
    assert [value for key, value in headers if key.lower() == b"cache-control"] == [b"no-store"]
