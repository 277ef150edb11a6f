"""Runs the page: takes the port, shows the page at once, loads the assistant in the background."""

from __future__ import annotations

import asyncio
import datetime as dt
import errno
import logging
import socket
import sys
import threading
from collections.abc import Callable

from assistant.admin.maintenance import Maintenance
from assistant.errors import LeitplankeError
from assistant.types import Question
from assistant.web.api import AssistantApi
from assistant.web.app import CONCURRENT, Site, build_app
from assistant.web.desk import Backend

logger = logging.getLogger(__name__)

WARM_UP = "Darf ich ein Rundschreiben mit KI entwerfen?"
_HIGHEST_PORT = 65535
_GRACE_SECONDS = 3
_LOOK_SECONDS = 0.2


def serve(
    api_factory: Callable[[], AssistantApi],
    *,
    host: str,
    port: int,
    today: Callable[[], dt.date],
    concurrent: int = CONCURRENT,
    site: Site | None = None,
    maintenance: Callable[[], Maintenance | None] = lambda: None,
) -> None:
    """Serves until interrupted. ``site`` is what the page shows of the home besides answers; ``maintenance`` is asked
    before every question for a notice to staff. Port 0 takes any free one; the address is printed once the page can be opened.

    Raises LeitplankeError if the address cannot be used, or if ``api_factory`` fails: then the server stops.
    """
    listener = listen(host, port)
    try:
        backend = Backend(maintenance=maintenance)
        app = build_app(backend, today=today, concurrent=concurrent, site=site)
        asyncio.run(_run(app, backend, lambda: warmed(api_factory(), today()), listener))
    except KeyboardInterrupt:
        pass
    finally:
        listener.close()
        if backend.api is not None:
            backend.api.close()
    if backend.error:
        raise backend.error


def warmed(api: AssistantApi, day: dt.date) -> AssistantApi:
    """``api`` after one question of our own, so that no clerk waits for what is loaded with the first one."""
    api.answer(Question(WARM_UP, day))
    # On its own: questions are answered without the model until it is there.
    threading.Thread(target=api.warm_model, daemon=True, name="modell-laden").start()
    return api


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, taken before anything slow happens. Raises LeitplankeError with what to do."""
    try:
        if not 0 <= port <= _HIGHEST_PORT:  # getaddrinfo would silently take the number modulo 65536
            raise OverflowError(port)
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, OverflowError, UnicodeError) as error:
        raise LeitplankeError(
            f"Adresse „{host}“, Port {port}: nicht verwendbar. Erwartet werden Name oder IP-Adresse dieses Rechners "
            "(üblich: 127.0.0.1) und ein Port von 1 bis 65535."
        ) from error
    listener = socket.socket(family, kind, protocol)
    if sys.platform != "win32":  # on Windows the option would let a second program take the same port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise LeitplankeError(_why_not(error, host, port)) from error
    listener.setblocking(False)
    return listener


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno in (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)):
        return (
            f"Port {port} auf {host} ist schon belegt. Läuft die Seite bereits? Sonst das andere Programm beenden oder "
            f"mit „leitplanke serve --port {port + 1 if port < _HIGHEST_PORT else 7860}“ einen anderen Port nehmen."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} auf {host} darf dieses Benutzerkonto nicht öffnen. Einen Port ab 1024 nehmen, etwa 7860."
    return f"Adresse {host}, Port {port}: nicht verwendbar ({error.strerror}). Üblich: --host 127.0.0.1 --port 7860."


async def _run(app: object, backend: Backend, api_factory: Callable[[], AssistantApi], listener: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=_GRACE_SECONDS
    )  # fmt: skip
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(_LOOK_SECONDS / 10)
    if server.started:
        line = f"Leitplanke läuft: {address_of(listener)}  (beenden mit Strg+C)"
        print(line, flush=True)  # noqa: T201 - for the user, not a log
        # A daemon thread: an interrupt while the index is loading must not wait for it.
        threading.Thread(target=backend.load, args=(api_factory,), daemon=True, name="laden").start()
    while not serving.done() and backend.error is None:
        await asyncio.sleep(_LOOK_SECONDS)
        if backend.api is not None:
            break
    if backend.error is not None:
        server.should_exit = True
    try:
        await serving
    finally:
        # Otherwise the end of the loop would wait for threads in which the model still writes.
        backend.stop_wording()


def address_of(listener: socket.socket) -> str:
    """The address to open in a browser on this machine."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
