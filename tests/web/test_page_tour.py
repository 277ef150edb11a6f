"""The whole way of somebody who tries everything, recorded: no request elsewhere, no complaint of the browser."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

from conftest import Page
from page_browser import Browser
from page_fake import OUTCOMES
from pypdf import PdfReader

from assistant.web.information import ADDRESSES

Browse = Callable[..., Browser]
READING = (
    "leitlinie", "leitlinie?suche=Fallbeispiel", "recht", "recht?suche=Betreiber", "recht/ki-vo", "recht/ki-vo/art-50/abs-4",
    "recht/ki-leitlinie/platzhalter", "recht/gibt-es-nicht",
)  # fmt: skip
WATCH_POLICY = "addEventListener('securitypolicyviolation', e => (window.lpVerstoss ??= []).push(e.violatedDirective))"
BROKEN_POLICY = "return window.lpVerstoss ?? []"


def begin(browse: Browse, base: str) -> Browser:
    browser = browse(base)
    browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH_POLICY})
    return browser


def clean(browser: Browser, expected: str = "404") -> None:
    """Nothing was asked of another host, nothing complained about but pages that are missing on purpose."""
    assert browser.foreign_requests() == []
    assert [line for line in browser.console() if expected not in line] == []
    assert browser.script(BROKEN_POLICY) == []


def test_the_whole_tour_asks_nobody_else_and_breaks_no_policy(page: Page, browse: Browse, tmp_path: Path) -> None:
    """Every page in both languages, every outcome with all its details, note, copy, print, new conversation."""
    browser = begin(browse, page.base)
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    for prefix in ("", "en/"):
        for address in (*READING, *(a.strip("/") for a in ADDRESSES)):
            browser.open(prefix + address)
            browser.one("main")
            clean(browser)
    browser.open_chat()
    for kind in OUTCOMES:
        browser.ask(f"{kind}: die Rundreise DE89370400440532013000")
        browser.script("document.querySelectorAll('details').forEach(d => { d.open = true })")
        clean(browser)
    browser.ask("Bedingt: für die Akte?")
    browser.one(".lp-liste input").click()
    browser.one(".lp-fundstelle summary").click()
    for form in ("docx", "md"):
        button = browser.one(f".lp-knoepfe button[value={form}]")
        browser.script("arguments[0].scrollIntoView({block: 'center'})", button)
        button.click()
        browser.until(lambda form=form: list(tmp_path.glob(f"vermerk-*.{form}")), f"for the note as {form}")
    browser.one(".lp-knoepfe button[value=kopie]").click()
    browser.until(lambda: "Kopiert" in browser.text(".lp-vermerk-lage"))
    browser.until(lambda: browser.all("#lp-verlauf details"))
    printed = browser.driver.execute_cdp_cmd("Page.printToPDF", {})["data"]
    paper = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(base64.b64decode(printed))).pages)
    assert "Nur unter Bedingungen" in paper
    assert "Neues Gespräch" not in paper
    browser.one("#lp-neu").click()
    browser.until(lambda: not browser.all(".lp-antwort"))
    clean(browser)
    assert browser.script("return [localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert len(browser.requests()) > 50  # the recorder did record


def test_the_recorder_notices_a_foreign_request_and_a_broken_policy(page: Page, browse: Browse) -> None:
    browser = begin(browse, page.base)
    browser.open("recht")
    browser.one("main")
    browser.script("const bild = new Image(); bild.src = 'http://fremd.example/x.png'; document.body.append(bild)")
    browser.until(lambda: browser.script(BROKEN_POLICY))
    assert browser.script(BROKEN_POLICY) == ["img-src"]
    assert any("fremd.example" in line for line in browser.console())
