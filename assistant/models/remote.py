"""A model server in the own network as generator: any that speaks OpenAI's chat interface (llama-server, vLLM).

Same seam, line, deadline and errors as the local model, so that nothing behind it knows the difference. The server is
told the grammar; one that does not understand it is asked again without, and the proof alone protects.

Requests run in an event loop of their own, in one thread, because only there a request that nobody waits for any more
can be ended at once, whatever the server is doing. Neither key nor question nor answer is written to any log.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import queue
import ssl
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from assistant.errors import ModelBusy, ModelError, SettingsError
from assistant.models.child import STOPPED, Inbox, events_until
from assistant.models.generator import TEMPLATE_MARGIN
from assistant.models.line import Attempt, Line, Statistics
from assistant.models.own_network import ServerUrl, check_literal, look_up, read_url
from assistant.models.sse import Closing, pieces, unreadable
from assistant.settings import Settings

log = logging.getLogger(__name__)

CONNECT_S = 5.0
FIRST_GUESS = 2.5
"""Characters per token before the server has counted anything itself: few, so that a prompt rather ends too short."""
LONGEST_NAME = 80
LONGEST_LISTING = 1_000_000
KEY_VARIABLE = "LEITPLANKE_GENERATOR_KEY"

_EXTRAS = ("grammar", "chat_template_kwargs", "stream_options")
"""What not every server understands: constrained source numbers, thinking switched off, counted tokens."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How to reach and use the server. The key is kept out of every printed form."""

    url: ServerUrl
    model: str
    key: str = field(repr=False)
    tls: ssl.SSLContext | None
    public: bool
    context: int
    seats: int
    waiting: int
    deadline_s: float
    answer_tokens: int


class RemoteGenerator:
    """A server behind the ``Generator`` seam. Safe to use from several threads.

    ``stream`` raises ModelBusy (line full here or the server refuses for load), ModelTooSlow, ModelStopped and
    ModelError (not reachable, not allowed, not understood).
    """

    def __init__(self, options: ServerOptions) -> None:
        """Connects to nothing yet; raises ModelError for an address that can never be allowed."""
        check_literal(options.url, public=options.public)
        self._options = options
        self._line = Line(options.waiting, options.seats)
        self._model = options.model
        self._plain = False
        self._per_token = FIRST_GUESS
        self._guard = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._last: Statistics | None = None

    @property
    def name(self) -> str:
        """What the server calls the model; it becomes ``verfasst_von``."""
        return self._model or "Modellserver"

    @property
    def budget(self) -> int:
        """Tokens a prompt may have."""
        return self._options.context - self._options.answer_tokens - TEMPLATE_MARGIN

    @property
    def last(self) -> Statistics | None:
        """What the last finished request cost, as far as the server says so."""
        return self._last

    @property
    def pid(self) -> None:
        """The server is no process of ours."""
        return None

    @property
    def waiting(self) -> int:
        """How many requests are being worked on or wait."""
        return len(self._line)

    def count(self, text: str) -> int:
        """Tokens of ``text``, estimated: a server has no common way to count, but says afterwards what a prompt had."""
        return math.ceil(len(text) / self._per_token)

    def start(self) -> None:
        """See whether the server is there and which model it has. Raises ModelError."""
        future = self._submit(self._find_model())
        try:
            future.result(CONNECT_S * 2)
        except TimeoutError:
            future.cancel()
            raise ModelError(f"Der Modellserver {self._options.url.host} antwortet nicht.") from None

    def stream(
        self,
        prompt: Sequence[tuple[str, str]],
        *,
        max_tokens: int,
        grammar: str | None = None,
        attempt: Attempt | None = None,
    ) -> Iterator[str]:
        """Text pieces for chat messages (role, text). Closing the iterator or stopping ``attempt`` ends the request."""
        until = time.monotonic() + self._options.deadline_s
        attempt = attempt or Attempt()
        with self._line.turn(until, attempt):
            began, count = time.monotonic(), 0
            inbox: Inbox = queue.SimpleQueue()
            future = self._submit(self._talk(_body(prompt, max_tokens, grammar), inbox))
            try:
                with attempt.waking(lambda: inbox.put(STOPPED)):
                    for event in events_until(inbox, until):
                        attempt.check()
                        if event["event"] == "text":
                            count += 1
                            yield str(event["text"])
                            continue
                        closing = _closing(event)
                        self._conclude(closing, prompt, count, time.monotonic() - began)
            finally:
                future.cancel()

    def _conclude(self, closing: Closing, prompt: Sequence[tuple[str, str]], count: int, seconds: float) -> None:
        self._last = Statistics(closing.prompt_tokens, closing.reused, count, seconds)
        if closing.prompt_tokens:
            self._per_token = max(1.0, sum(len(text) for _, text in prompt) / closing.prompt_tokens)

    def close(self) -> None:
        """End all requests; the generator cannot be used afterwards."""
        with self._guard:
            self._closed = True
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)

    # --- in the loop

    def _submit(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        with self._guard:
            if self._closed:
                work.close()
                raise ModelError("Die Verbindung zum Modellserver ist beendet worden. Bitte die Seite neu starten.")
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_run, args=(self._loop,), daemon=True, name="modellserver").start()
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _talk(self, body: dict[str, Any], inbox: Inbox) -> None:
        """One request; its events, as those of the child process, go to ``inbox``. Every failure is an event too."""
        try:
            if not self._model:
                await self._find_model()
            async for piece in self._written({**body, "model": self._model}):
                if isinstance(piece, Closing):
                    inbox.put({"event": "done", "closing": piece})
                    return
                inbox.put({"event": "text", "text": piece})
        except ModelError as error:
            inbox.put({"event": "error", "error": error})
        except Exception as error:
            # Its text could quote the answer; the kind says enough.
            inbox.put({"event": "error", "error": unreadable(type(error).__name__)})
        finally:
            # Nobody may wait for a request that was ended together with the loop.
            inbox.put({"event": "gone"})

    async def _written(self, body: Mapping[str, Any]) -> AsyncIterator[str | Closing]:
        extras = {} if self._plain else {name: body[name] for name in _EXTRAS if name in body}
        plain = {name: value for name, value in body.items() if name not in _EXTRAS}
        async with self._response("POST", "/chat/completions", {**plain, **extras}) as response:
            if response.status_code == httpx.codes.OK:
                async for piece in pieces(response.aiter_raw()):
                    yield piece
                return
            if not (extras and response.status_code in (400, 404, 422, 500, 501)):
                raise _refusal(response.status_code, self._options.url.host)
        async with self._response("POST", "/chat/completions", plain) as response:
            if response.status_code != httpx.codes.OK:
                raise _refusal(response.status_code, self._options.url.host)
            self._plain = True
            log.info("Der Modellserver versteht keine Grammatik; Quellennummern prüft allein der Beleg")
            async for piece in pieces(response.aiter_raw()):
                yield piece

    async def _find_model(self) -> None:
        async with self._response("GET", "/models", None) as response:
            if response.status_code != httpx.codes.OK:
                raise _refusal(response.status_code, self._options.url.host)
            data = b""
            async for chunk in response.aiter_raw():
                data += chunk
                if len(data) > LONGEST_LISTING:
                    raise unreadable("zu viele Daten")
            try:
                found = str(httpx.Response(200, content=data).json()["data"][0]["id"])
            except (ValueError, LookupError, TypeError, RecursionError):
                raise unreadable("keine Liste der Modelle") from None
        self._model = self._model or "".join(c for c in Path(found).name if c.isprintable())[:LONGEST_NAME]

    @contextlib.asynccontextmanager
    async def _response(self, method: str, path: str, body: Mapping[str, Any] | None) -> AsyncIterator[httpx.Response]:
        """A response whose body has not been read, from an address checked a moment ago."""
        options = self._options
        address = await look_up(options.url, public=options.public)
        url = httpx.URL(options.url.base + path)
        headers = {"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity", "User-Agent": "Leitplanke"}
        if options.key:
            headers["Authorization"] = f"Bearer {options.key}"
        # No limit for reading here: the one who waits has the deadline, and ends the request when it passes.
        timeout = httpx.Timeout(None, connect=CONNECT_S)
        tls: ssl.SSLContext | bool = options.tls or False
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False, verify=tls, timeout=timeout) as client:
            request = client.build_request(
                method, url.copy_with(host=address), json=body, headers=headers,
                extensions={"sni_hostname": options.url.host} if options.url.tls else None,
            )  # fmt: skip
            try:
                response = await client.send(request, stream=True)
                try:
                    yield response
                finally:
                    await response.aclose()
            except httpx.ConnectError as error:
                raise _unreachable(options.url, error) from None
            except httpx.TimeoutException:
                raise ModelError(f"Der Modellserver {options.url.host} antwortet nicht.") from None
            except httpx.TransportError:
                raise ModelError(f"Der Modellserver {options.url.host} hat die Verbindung abgebrochen.") from None


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


def _body(prompt: Sequence[tuple[str, str]], max_tokens: int, grammar: str | None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "messages": [{"role": role, "content": text} for role, text in prompt],
        "max_tokens": max_tokens, "temperature": 0.0, "seed": 0, "stream": True,
        "stream_options": {"include_usage": True}, "chat_template_kwargs": {"enable_thinking": False},
    }  # fmt: skip
    return {**body, "grammar": grammar} if grammar else body


def _closing(event: Mapping[str, Any]) -> Closing:
    """What ends a request: its closing facts. Raises what went wrong instead."""
    if event["event"] == "done" and isinstance(event["closing"], Closing):
        return event["closing"]
    raise event.get("error") or ModelError("Die Verbindung zum Modellserver ist beendet worden.")


def _refusal(status: int, host: str) -> ModelError:
    """The German line for a status that is no answer."""
    if status in (401, 403):
        return ModelError(
            f"Der Modellserver {host} verlangt einen anderen Schlüssel ({status}). „generator_schluesseldatei“ prüfen."
        )
    if status in (429, 503):
        return ModelBusy(f"Der Modellserver {host} ist ausgelastet ({status}).")
    if httpx.codes.is_redirect(status):
        return ModelError(
            f"Der Modellserver {host} leitet weiter ({status}); dem wird nicht gefolgt. „generator_url“ berichtigen."
        )
    return ModelError(
        f"Der Modellserver {host} nimmt die Anfrage nicht an (Status {status}). „generator_url“, „generator_modell“ "
        "und „generator_kontext“ prüfen."
    )


def _unreachable(url: ServerUrl, error: httpx.ConnectError) -> ModelError:
    if isinstance(error.__cause__ or error.__context__, ssl.SSLError) or "CERTIFICATE" in str(error):
        return ModelError(
            f"Das Zertifikat des Modellservers {url.host} ist nicht vertrauenswürdig. Bei einer eigenen "
            "Zertifizierungsstelle deren Datei als „generator_zertifikatdatei“ nennen."
        )
    return ModelError(f"Der Modellserver {url.host}:{url.port} ist nicht erreichbar. Läuft er?")


def open_server(home: Path, settings: Settings, environ: Mapping[str, str] = os.environ) -> RemoteGenerator:
    """The generator that ``generator_url`` names; nothing is contacted. Raises SettingsError or ModelError."""
    url = read_url(settings.generator_url)
    key = _key(home, settings.generator_schluesseldatei, environ)
    if key and not url.tls and url.host not in ("127.0.0.1", "::1", "localhost"):
        log.warning("Der Schlüssel für den Modellserver %s geht unverschlüsselt durchs Netz; besser https", url.host)
    if settings.generator_oeffentlich:
        log.warning("Der Modellserver darf außerhalb des eigenen Netzes liegen: Fragen verlassen dann das Haus")
    return RemoteGenerator(
        ServerOptions(
            url=url, model=settings.generator_modell, key=key, public=settings.generator_oeffentlich,
            tls=_trust(home, settings.generator_zertifikatdatei) if url.tls else None,
            context=settings.generator_kontext, seats=max(1, settings.generator_gleichzeitig),
            waiting=settings.modell_warteschlange, deadline_s=float(settings.modell_frist_s),
            answer_tokens=settings.modell_antwort_tokens,
        )
    )  # fmt: skip


def _key(home: Path, file: str, environ: Mapping[str, str]) -> str:
    """The key from its file or the environment; never part of a message."""
    key = environ.get(KEY_VARIABLE, "")
    where = KEY_VARIABLE
    if file:
        where = f"„generator_schluesseldatei“ ({home / file})"
        try:
            key = (home / file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise SettingsError(f"{where} kann nicht gelesen werden. Pfad und Rechte prüfen.") from None
        if not key.strip():
            raise SettingsError(f"{where} ist leer; erwartet wird der Schlüssel in einer Zeile.")
    key = key.strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise SettingsError(f"{where}: erwartet wird der Schlüssel in einer Zeile, ohne Leerzeichen und Umlaute.")
    return key


def _trust(home: Path, file: str) -> ssl.SSLContext:
    """Whose certificates are believed: those of the system, or only those of the own authority."""
    try:
        return ssl.create_default_context(cafile=str(home / file) if file else None)
    except OSError:
        raise SettingsError(
            f"„generator_zertifikatdatei“ ({home / file}) ist keine lesbare Zertifikatsdatei (PEM). Pfad prüfen."
        ) from None
