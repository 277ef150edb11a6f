"""A running administration for the tests: the application over a miniature home, and a person who is logged in."""

from __future__ import annotations

import datetime as dt
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from starlette.testclient import TestClient

from assistant.admin.app import create_app
from assistant.admin.office import Office

sys.path.append(str(Path(__file__).resolve().parent.parent / "web"))  # the browser of the page's tests

PASSWORD = "vier zufällige lange Wörter"  # noqa: S105 - of a test
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""As strong as it has to be for a test: checking the real one takes as long as it should."""
NAME = "Erika Muster"
NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
OWN = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}


def make_office(home: Path, **values: Any) -> Office:
    """An office whose clock stands still unless ``now`` is given."""
    return Office(home, values.pop("now", lambda: NOW), stored_hash=values.pop("stored_hash", HASH), proxy=values.pop("proxy", None), **values)


def client_of(office: Office, address: str = "testclient") -> TestClient:
    """A browser that follows no redirect and has no session yet."""
    return TestClient(create_app(office), follow_redirects=False, client=(address, 50000))


class Person:
    """Somebody at the administration; ``send`` fills in the token of the form."""

    def __init__(self, office: Office, password: str = PASSWORD) -> None:
        self.office, self.client = office, client_of(office)
        answer = self.client.post("/anmelden", data={"name": NAME, "kennwort": password}, headers=OWN)
        assert answer.status_code == 303, answer.text
        self.token = self.value("/wartung", "formularschluessel")

    def page(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def value(self, path: str, field: str) -> str:
        """A hidden field of the last form of a page that has it."""
        return re.findall(rf'name="{field}" value="([^"]*)"', self.page(path))[0]

    def send(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        return self.client.post(path, data={"formularschluessel": self.token, **(data or {})}, headers=OWN, **more)


def wait_for_end(office: Office, seconds: float = 120) -> Any:
    """The piece of work once it is no longer running."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        work = office.worker.work
        if work is not None and not work.running:
            return work
        time.sleep(0.05)
    raise AssertionError(f"still running: {office.worker.work}")


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The real server on a free port until the block ends; its address with a slash at the end."""
    import uvicorn

    from assistant.web.serve import address_of, listen

    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, proxy_headers=False, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield address_of(listener)
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
