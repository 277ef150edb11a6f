"""A running page for the tests: the real server on a free port, the fake assistant behind it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import page_browser
import pytest
from page_fake import DAY, FakeAssistant

from assistant.web.app import Site, build_app
from assistant.web.desk import Backend
from assistant.web.serve import address_of, listen


class Page:
    """One running page: its address, the assistant behind it, and Gradio's blocks."""

    def __init__(self, base: str, api: FakeAssistant, backend: Backend, sessions: Callable[[], int]) -> None:
        self.base, self.api, self.backend, self.sessions = base, api, backend, sessions


@contextmanager
def running(
    api: FakeAssistant, *, loaded: bool = True, concurrent: int = 8, site: Site | None = None
) -> Iterator[Page]:
    """The page over ``api`` on a free port until the block ends."""
    import uvicorn

    backend = Backend(api if loaded else None)
    app = build_app(backend, today=lambda: DAY, concurrent=concurrent, site=site)
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    blocks: Any = next(route.app for route in app.routes if getattr(route, "path", None) == "").blocks
    try:
        yield Page(address_of(listener), api, backend, lambda: len(blocks.state_holder.session_data))
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@pytest.fixture(scope="session")
def page() -> Iterator[Page]:
    """A page without a language model, shared by the tests that only look."""
    with running(FakeAssistant()) as made:
        yield made


@pytest.fixture(scope="session")
def chromium() -> None:
    """Skips where there is no browser."""
    reason = page_browser.missing()
    if reason:
        pytest.skip(reason)


@pytest.fixture
def browse(chromium: None, tmp_path: Path) -> Iterator[Callable[..., page_browser.Browser]]:
    """Opens browser windows that are closed after the test."""
    opened: list[page_browser.Browser] = []

    def browse_(base: str, **options: Any) -> page_browser.Browser:
        opened.append(page_browser.Browser(base, tmp_path / f"profil{len(opened)}", **options))
        return opened[-1]

    yield browse_
    for browser in opened:
        browser.close()


@pytest.fixture(scope="session")
def axe_script() -> str:
    """The source of axe-core (4 or newer) from the file named by AXE_CORE_JS or a package that brings it."""
    named = os.environ.get("AXE_CORE_JS")
    candidates = [Path(named)] if named else []
    for package, inside in (
        ("axe_playwright_python", "axe.min.js"),
        ("axe_core_python", "axe.min.js"),
    ):
        from importlib.util import find_spec

        spec = find_spec(package)
        if spec and spec.origin:
            candidates.append(Path(spec.origin).parent / inside)
    for file in candidates:
        if file.is_file():
            return file.read_text(encoding="utf-8")
    pytest.skip("axe-core fehlt (Paket axe-core-python, oder AXE_CORE_JS auf axe.min.js setzen)")
