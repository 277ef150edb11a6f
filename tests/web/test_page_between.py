"""States between question and answer are accessible too: loading, failed to load, busy, resting, the model writing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from conftest import Page, running
from page_browser import Browser
from page_fake import FakeAssistant
from selenium.webdriver.common.keys import Keys
from test_page_browser import assert_clean, violations

from assistant.admin.maintenance import Maintenance
from assistant.errors import LeitplankeError
from assistant.web import texts

Browse = Callable[..., Browser]


def _broken() -> FakeAssistant:
    raise LeitplankeError("Kein Index veröffentlicht. Mit „leitplanke index build“ bauen.")


@pytest.mark.parametrize("dark", [False, True], ids=["hell", "dunkel"])
def test_axe_finds_nothing_in_the_states_between(browse: Browse, axe_script: str, dark: bool) -> None:
    found: dict[str, list[str]] = {}

    def opened(page: Page) -> Browser:
        browser = browse(page.base, dark=dark)
        browser.open()
        browser.one("#frage textarea")
        return browser

    def look(state: str, browser: Browser) -> None:
        found[state] = violations(browser, axe_script)
        assert_clean(browser)

    with ExitStack() as pages:
        page = pages.enter_context(running(FakeAssistant(), loaded=False))
        browser = opened(page)
        browser.one("#frage textarea").send_keys("Bedingt: schon jetzt?", Keys.ENTER)
        browser.until(lambda: texts.GERMAN.loading in browser.text("#lp-lage"))
        look("lädt", browser)
        page.backend.load(_broken)
        browser.until(lambda: "Kein Index" in browser.text("#lp-lage"))
        assert browser.text("#lp-lage").startswith(texts.GERMAN.out_of_order)
        look("nicht geladen", browser)
    with running(FakeAssistant(), concurrent=1) as page:
        first, second = opened(page), opened(page)
        first.one("#frage textarea").send_keys("warte", Keys.ENTER)
        first.until(lambda: texts.GERMAN.waiting in first.text("#lp-lage"))
        look("wird beantwortet", first)
        second.ask("Bedingt: noch eine?")
        look("ausgelastet", second)
        page.api.release.set()
        first.until(lambda: first.all(".lp-antwort"))
        page.backend.maintenance = lambda: Maintenance("Der Assistent wird gepflegt.", True)
        first.one("#frage textarea").send_keys("Bedingt: in der Wartung?", Keys.ENTER)
        first.until(lambda: "wird gepflegt" in first.text("#lp-lage"))
        look("Wartung", first)
    with running(FakeAssistant(model="Qwen3-4B", model_seconds=60, first_sentence="Ersetzen Sie Namen. [1]")) as page:
        browser = opened(page)
        browser.ask("Bedingt: mit Modell?")
        browser.until(lambda: "Ersetzen Sie Namen." in browser.text("#lp-erlaeuterung"))
        look("Modell schreibt", browser)
        browser.one("#lp-halt").click()
        browser.until(lambda: texts.GERMAN.stopped in browser.text("#lp-fortschritt"))
        look("angehalten", browser)
    assert {state: names for state, names in found.items() if names} == {}
