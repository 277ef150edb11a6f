"""The pages to read in, and the note for the file, in a real Chromium: accessible, by keyboard, nothing foreign."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Page
from page_browser import Browser
from selenium.webdriver.common.keys import Keys
from test_page_browser import assert_clean, violations

Browse = Callable[..., Browser]
PAGES = (
    "leitlinie", "leitlinie?suche=Fallbeispiel", "leitlinie?suche=Einhorn", "recht", "recht?suche=Betreiber",
    "recht/ki-vo", "recht/ki-vo/art-50/abs-4", "recht/ki-leitlinie/platzhalter", "recht/gibt-es-nicht",
)  # fmt: skip


@pytest.mark.parametrize("dark", [False, True], ids=["hell", "dunkel"])
def test_axe_finds_nothing_on_the_pages_to_read_and_nothing_foreign_is_asked_for(
    page: Page, browse: Browse, axe_script: str, dark: bool
) -> None:
    browser = browse(page.base, dark=dark)
    found: dict[str, list[str]] = {}
    noise: list[str] = []
    for path in PAGES:
        browser.open(path)
        noise += [line for line in browser.console() if "404" not in line]
        browser.script("document.querySelectorAll('details').forEach(d => { d.open = true })")
        found[path] = violations(browser, axe_script)
    assert {path: names for path, names in found.items() if names} == {}
    assert (noise, browser.foreign_requests()) == ([], [])


def test_at_four_hundred_percent_no_page_scrolls_sideways(page: Page, browse: Browse) -> None:
    browser = browse(page.base, width=320, height=256)
    for path in PAGES:
        browser.open(path)
        assert browser.script("return document.documentElement.scrollWidth <= innerWidth"), path


def press(browser: Browser, *keys: str) -> None:
    browser.driver.switch_to.active_element.send_keys(*keys)


def tab_to(browser: Browser, selector: str) -> None:
    for _ in range(60):
        if browser.script("return document.activeElement.matches(arguments[0])", selector):
            return
        press(browser, Keys.TAB)
    raise AssertionError(f"not reached by keyboard: {selector}")


def test_the_guideline_is_searched_and_opened_by_keyboard_without_any_script(page: Page, browse: Browse) -> None:
    browser = browse(page.base)
    browser.open("leitlinie")
    tab_to(browser, "a.lp-sprung")
    tab_to(browser, "#suche")
    press(browser, "Fallbeispiel", Keys.ENTER)
    browser.until(lambda: "suche=Fallbeispiel" in browser.driver.current_url)
    assert browser.script("return document.scripts.length") == 0
    tab_to(browser, ".lp-treffer a")
    press(browser, Keys.ENTER)
    browser.until(lambda: browser.driver.current_url.endswith("/leitlinie#platzhalter"))
    top = "return document.querySelector('#platzhalter').getBoundingClientRect().top"
    browser.until(lambda: 0 <= browser.script(top) < browser.script("return innerHeight"))


def test_ask_open_a_quotation_tick_and_save_the_note_by_keyboard(page: Page, browse: Browse, tmp_path: Path) -> None:
    folder = tmp_path / "geladen"
    browser = browse(page.base)
    browser.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder), "eventsEnabled": False}
    )
    browser.open_chat()
    browser.script("document.querySelector('#frage textarea').focus()")
    press(browser, "Bedingt: für die Akte?", Keys.ENTER)
    browser.until(lambda: browser.all(".lp-fundstelle") and browser.all(".lp-knoepfe button"))
    tab_to(browser, ".lp-liste input")
    press(browser, Keys.SPACE)
    # Gradio takes the browser's own drawing from boxes; a ticked one was then invisible.
    drawn = "return getComputedStyle(document.querySelector('.lp-liste input')).appearance"
    assert browser.script(drawn) == "auto"
    tab_to(browser, ".lp-fundstelle summary")
    press(browser, Keys.ENTER)
    assert browser.all(".lp-fundstelle details[open]")
    tab_to(browser, ".lp-knoepfe button[value=md]")
    press(browser, Keys.ENTER)
    browser.until(lambda: "Gespeichert als" in browser.text(".lp-vermerk-lage"))
    file = folder / "vermerk-ki-leitlinie-2026-11-22.md"
    browser.until(file.is_file, "for the download")
    text = file.read_text(encoding="utf-8")
    assert "> Bedingt: für die Akte?" in text
    assert text.count("- [x] ") == 1
    tab_to(browser, ".lp-knoepfe button[value=kopie]")
    press(browser, Keys.ENTER)
    browser.until(lambda: "Kopiert" in browser.text(".lp-vermerk-lage"))
    assert browser.all(".lp-antwort")
    assert browser.one(".lp-liste input").is_selected()
    assert_clean(browser)


def test_without_our_script_the_note_is_a_plain_download(page: Page, browse: Browse, tmp_path: Path) -> None:
    folder = tmp_path / "geladen"
    browser = browse(page.base)
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    browser.open_chat()
    browser.ask("Bedingt: ohne Skript?")
    browser.until(lambda: browser.all(".lp-knoepfe button"))
    browser.script("document.addEventListener('submit', e => e.stopImmediatePropagation(), true)")
    browser.one(".lp-knoepfe button[value=docx]").click()
    browser.until((folder / "vermerk-ki-leitlinie-2026-11-22.docx").is_file, "for the download")
    assert browser.all(".lp-antwort")
    assert_clean(browser)
