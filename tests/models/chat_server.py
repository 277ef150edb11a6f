"""A chat server that behaves as a test wants: well, or as badly as one can."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

OK = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
LISTING = (
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    '{"object": "list", "data": [{"id": "/modelle/stadt-8b.gguf"}]}'
)


def status(code: int, *headers: str) -> str:
    """A response without a body."""
    return "\r\n".join([f"HTTP/1.1 {code} X", "Content-Length: 0", "Connection: close", *headers, "", ""])


def said(text: str) -> str:
    """An event with a piece of text."""
    return "data: " + json.dumps({"choices": [{"delta": {"content": text}, "finish_reason": None}]}) + "\n\n"


def ended(prompt_tokens: int = 30, cached: int = 10) -> str:
    """The closing events of a stream."""
    usage = {"prompt_tokens": prompt_tokens, "prompt_tokens_details": {"cached_tokens": cached}}
    closing = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
    return f"data: {json.dumps(closing)}\n\ndata: {json.dumps({'choices': [], 'usage': usage})}\n\ndata: [DONE]\n\n"


GOOD = (OK, said("Das ist "), said("verboten [1]."), ended())


@dataclass
class ChatServer:
    """Answers the n-th chat request with the n-th of ``answers`` (the last one again and again).

    A number among the pieces of an answer is a pause in seconds. ``seen`` are the requests: path, headers, body;
    ``left`` counts clients that hung up while they were being answered.
    """

    answers: list[Iterable[str | float]] = field(default_factory=lambda: [GOOD])
    listing: str = LISTING
    seen: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    left: int = 0
    port: int = 0
    busiest: int = 0
    _busy: int = 0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """Bodies of the chat requests."""
        return [body for path, _, body in self.seen if path.endswith("/chat/completions")]

    def serve(self, connection: socket.socket) -> None:
        """One request, one answer."""
        with contextlib.closing(connection), contextlib.suppress(OSError):
            path, headers, body = _request(connection)
            with self._guard:
                self.seen.append((path, headers, body))
                turn = len(self.bodies) - 1
                self._busy += 1
                self.busiest = max(self.busiest, self._busy)
            pieces = [self.listing] if path.endswith("/models") else self.answers[min(turn, len(self.answers) - 1)]
            try:
                for piece in pieces:
                    self._send(connection, piece)
            finally:
                with self._guard:
                    self._busy -= 1

    def _send(self, connection: socket.socket, piece: str | float) -> None:
        if isinstance(piece, str):
            connection.sendall(piece.encode())
            return
        # A client that is still there sends nothing more; one that has left ends the wait.
        until = time.monotonic() + piece
        connection.settimeout(piece)
        try:
            if connection.recv(1) == b"":
                self.left += 1
                raise ConnectionError
        except TimeoutError:
            assert time.monotonic() >= until - 0.1


def _request(connection: socket.socket) -> tuple[str, dict[str, str], dict[str, Any]]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return first.split(" ")[1], headers, json.loads(body or b"{}")


@contextlib.contextmanager
def running(server: ChatServer, tls: ssl.SSLContext | None = None) -> Iterator[ChatServer]:
    """The server on a free port of this machine until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

        def talk(connection: socket.socket) -> None:
            # A handshake that fails is the client's refusal, which is what some tests want.
            with contextlib.suppress(OSError):
                server.serve(tls.wrap_socket(connection, server_side=True) if tls else connection)

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
    accepting.join(5)
