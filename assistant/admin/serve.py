"""Runs the admin page on its own port; refuses to start where nobody could be told apart from anybody."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path

from assistant.admin.access import Proxy
from assistant.admin.passwords import read_hash
from assistant.errors import SettingsError
from assistant.settings import Settings
from assistant.web.serve import address_of, listen

_GRACE_SECONDS = 3


def serve_admin(home: Path, settings: Settings, *, host: str, port: int, now: Callable[[], dt.datetime]) -> None:
    """Serves until interrupted; prints the address once the page can be opened. Port 0 takes any free one.

    Raises SettingsError without a password and a trusted proxy, LeitplankeError if the address cannot be used.
    """
    proxy = Proxy.of(settings.admin_proxy_kopf, settings.admin_proxy_adressen)
    stored = read_hash(home)
    if stored is None and (proxy is None or not proxy.header):
        raise SettingsError(
            "Die Verwaltung hat noch kein Kennwort und startet deshalb nicht. Mit „leitplanke admin passwort“ eines setzen oder "
            "die Anmeldung über einen Proxy einrichten (docs/betrieb.md)."
        )
    from assistant.admin.app import create_app
    from assistant.admin.office import Office

    listener = listen(host, port)
    try:
        office = Office(home, now, stored_hash=stored, proxy=proxy)
        asyncio.run(_run(create_app(office), address_of(listener), listener))
    except KeyboardInterrupt:
        pass
    finally:
        listener.close()


async def _run(app: object, address: str, listener: object) -> None:
    import uvicorn

    # Headers of proxies are judged by our own rules, against the addresses in the settings.
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, timeout_graceful_shutdown=_GRACE_SECONDS
    )  # fmt: skip
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.02)
    if server.started:
        print(f"Leitplanke-Verwaltung läuft: {address}  (beenden mit Strg+C)", flush=True)  # noqa: T201 - for the user
    await serving
