"""The administration in a real Chromium: accessible on every page, narrow screens, and the whole way from rule to answer."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from admin_page import HASH, NAME, PASSWORD, make_office, serving
from page_browser import Browser, missing

from assistant.admin.app import create_app
from assistant.admin.job import KINDS
from assistant.admin.maintenance import read_maintenance
from assistant.admin.office import Office
from assistant.admin.pages.trying import OPENED
from assistant.index import generation as gen

QUESTION = "Darf ich ein Rundschreiben entwerfen lassen?"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
Browse = Callable[..., Browser]


@pytest.fixture
def browse(tmp_path: Path) -> Iterator[Browse]:
    if reason := missing():
        pytest.skip(reason)
    opened: list[Browser] = []

    def browse_(base: str, **options: Any) -> Browser:
        opened.append(Browser(base, tmp_path / f"profil{len(opened)}", **options))
        return opened[-1]

    yield browse_
    for browser in opened:
        browser.close()


@pytest.fixture
def axe() -> str:
    package = pytest.importorskip("axe_core_python", reason="axe-core-python fehlt")
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def now() -> dt.datetime:
    return dt.datetime.now().astimezone()


@pytest.fixture(scope="module")
def office(ready_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A home with an unpublished second generation, its report, a draft, and something in the log."""
    home = Path(shutil.copytree(ready_template, tmp_path_factory.mktemp("browser") / "heim"))
    chapter = home / "corpus" / "leitlinie" / "01-regeln.md"
    chapter.write_text(chapter.read_text().replace("id: texte\nurteil: erlaubt", "id: texte\nurteil: bedingt"))
    index = home / "index"
    first = str(gen.current(index))
    made = KINDS["bauen"](home, now(), lambda *_: None)
    KINDS["bericht"](home, now(), lambda *_: None, first, made["generation"])
    (home / "corpus" / "entwuerfe").mkdir()
    chapter.write_text(chapter.read_text().replace("Erläuterung zu dieser Regel.", "Geänderte Erläuterung.", 1))
    office = make_office(home, now=now, stored_hash=HASH)
    office.journal.add(now(), NAME, "Etwas getan")
    yield office
    office.worker.close()
    OPENED.close()


def log_in(browser: Browser) -> None:
    browser.open("anmelden")
    browser.one("#name").send_keys(NAME)
    browser.one("#kennwort").send_keys(PASSWORD)
    press(browser, "form.va-formular button")
    browser.until(lambda: browser.all("form.va-abmelden"))


def press(browser: Browser, selector: str) -> None:
    def pressed() -> bool:  # again where the page was exchanged in between
        element = browser.one(selector)
        browser.script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()
        return True

    browser.until(pressed, selector)


def finished(browser: Browser, words: str) -> None:
    """Waits for long work, on machines that are slow and shared."""
    end = time.monotonic() + 170
    while True:
        try:
            browser.until(lambda: words in browser.text("#vorgang"), words)
            return
        except AssertionError:
            if time.monotonic() > end:
                raise


def violations(browser: Browser, script: str, dark: bool) -> list[str]:
    """What axe finds; dark pages differ only in their colours."""
    browser.script(script)
    run = "const done = arguments[arguments.length - 1]; axe.run(document, {runOnly: arguments[0]}).then(done)"
    result = browser.driver.execute_async_script(run, ["color-contrast"] if dark else AXE_TAGS)
    return [f"{v['id']}: {v['nodes'][0]['html'][:150]}" for v in result["violations"]]


def pages(office: Office) -> list[str]:
    old, new = gen.current(office.index), gen.generations(office.index)[-1]
    return [
        "", "regeln", "regeln?suche=nichts+davon", "regeln/texte", "regeln/neu", "leitlinie", "kontakte", "kontakte/dsb",
        "kontakte/neu", "positivliste", "positivliste/modell", "begriffe", "begriffe/daten.sozialdaten", "begriffe/abkuerzung",
        "einspielen", "entwuerfe", "bauen", f"bericht?alt={old}&neu={new}", "veroeffentlichen", "suche", "wartung", "protokoll",
        "gibt-es-nicht",
    ]  # fmt: skip


@pytest.mark.parametrize("dark", [False, True], ids=["hell", "dunkel"])
def test_axe_finds_nothing_on_any_page_and_nothing_foreign_is_asked_for(office: Office, browse: Browse, axe: str, dark: bool) -> None:
    found: dict[str, list[str]] = {}
    with serving(create_app(office)) as base:
        browser = browse(base, dark=dark)
        browser.open("anmelden")
        found["anmelden"] = violations(browser, axe, dark)
        log_in(browser)
        noise = browser.console()
        for path in pages(office):
            browser.open(path)
            noise += [line for line in browser.console() if "404" not in line]
            browser.script("document.querySelectorAll('main details').forEach(d => { d.open = true })")
            found[path] = violations(browser, axe, dark)
        browser.open("suche")
        browser.one("#eingabe").send_keys(QUESTION)
        press(browser, "main form button.va-haupt")
        browser.until(lambda: browser.all("#spuren"))
        found["suche mit Ergebnis"] = violations(browser, axe, dark)
        browser.open("regeln/texte")
        browser.script("document.querySelector('#satz').value = ''; document.querySelector('#fragen').value = 'Eine?'")
        press(browser, "main form button.va-haupt")
        browser.until(lambda: browser.all(".va-feldfehler"))
        found["Regel mit Fehlern"] = violations(browser, axe, dark)
        noise += [line for line in browser.console() if "400" not in line]
        assert {path: names for path, names in found.items() if names} == {}
        assert (noise, browser.foreign_requests()) == ([], [])
        browser.driver.get("about:blank")


def test_on_a_phone_and_at_four_hundred_percent_no_page_scrolls_sideways(office: Office, browse: Browse) -> None:
    with serving(create_app(office)) as base:
        browser = browse(base, width=320, height=480)
        log_in(browser)
        assert not browser.one(".va-menue").is_displayed()
        assert browser.one(".va-klappmenue summary").is_displayed()
        for path in pages(office):
            browser.open(path)
            assert browser.script("return document.documentElement.scrollWidth <= innerWidth"), path


def test_from_the_changed_rule_to_the_changed_answer_and_back(ready_home: Path, browse: Browse) -> None:
    """Log in, change a verdict, build, see the answer in the report, publish, ask in another window, roll back."""
    from assistant.ask.service import AssistantService
    from assistant.web.app import build_app
    from assistant.web.desk import Backend

    office = make_office(ready_home, now=now)
    service = AssistantService.open(ready_home, with_model=False)
    chat = build_app(Backend(service, maintenance=lambda: read_maintenance(ready_home)), today=lambda: dt.date(2026, 11, 22))
    try:
        with serving(create_app(office)) as base, serving(chat) as chat_base:
            staff = browse(chat_base)
            staff.open_chat()
            staff.ask(QUESTION)
            staff.until(lambda: "Erlaubt" in staff.text(".lp-urteil"), "Erlaubt")

            admin = browse(base)
            log_in(admin)
            admin.open("regeln?suche=rundschreiben")
            press(admin, "main a[href='/regeln/texte']")
            press(admin, "input[name=urteil][value=verboten]")
            press(admin, "main form button.va-haupt")
            admin.until(lambda: "Gespeichert" in admin.text(".va-meldung"))

            admin.open("bauen")
            press(admin, "main form button.va-haupt")
            finished(admin, "Fertig.")
            press(admin, "#vorgang a.va-haupt")
            press(admin, "main form button.va-haupt")
            finished(admin, "Fertig.")
            press(admin, "#vorgang a.va-haupt")
            admin.driver.switch_to.frame(admin.one("iframe.va-bericht"))
            report = admin.text("main")
            assert re.search(rf"{re.escape(QUESTION)}.*?erlaubt \(texte\).*?verboten \(texte\)", report, re.DOTALL)
            admin.driver.switch_to.default_content()

            staff.ask("Darf der Vermerk sprachlich geglättet werden?")
            staff.until(lambda: "Erlaubt" in staff.text(".lp-urteil"), "Erlaubt")
            # Not clicked: below a frame that is still loading the click may land beside it.
            admin.driver.get(admin.one("a[href^='/veroeffentlichen?']").get_attribute("href"))
            admin.one("#kommentar").send_keys("Rundschreiben verboten")
            press(admin, "input[name=gelesen]")
            press(admin, "main form button.va-haupt")
            finished(admin, "Veröffentlicht ist")
            staff.ask(QUESTION)
            staff.until(lambda: "Verboten" in staff.text(".lp-urteil"), "Verboten")

            admin.open("wartung")
            press(admin, "button[value=an]")
            admin.until(lambda: "Eingeschaltet" in admin.text("main"))
            staff.one("#frage textarea").send_keys("Darf ich das noch einmal wissen?\n")
            staff.until(lambda: "wird gerade gepflegt" in staff.text("#lp-lage"))
            staff.until(lambda: "Verboten" in staff.text(".lp-urteil"), "Verboten")
            press(admin, "button[value=aus]")
            admin.until(lambda: "Ausgeschaltet" in admin.text("main"))

            admin.open("veroeffentlichen")
            admin.one("#grund").send_keys("Irrtum")
            press(admin, "button.va-gefahr")
            admin.until(lambda: "wieder veröffentlicht" in admin.text(".va-meldung"))
            staff.ask(QUESTION)
            staff.until(lambda: "Erlaubt" in staff.text(".lp-urteil"), "Erlaubt")
            assert (admin.console(), admin.foreign_requests()) == ([], [])
    finally:
        office.worker.close()
        service.close()
