"""The page in a real Chromium: ask, see the verdict, open a quotation; nothing foreign, nothing stored."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Page, running
from page_browser import Browser
from page_fake import OUTCOMES, XSS, FakeAssistant, FakeOverview
from selenium.webdriver.common.keys import Keys

from assistant.web import texts

Browse = Callable[..., Browser]
BARE = """
import sys, gradio as gr
chat = gr.ChatInterface(lambda message, history: "Antwort")
chat.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)
"""


@pytest.fixture
def window(page: Page, browse: Browse) -> Browser:
    opened = browse(page.base)
    opened.open_chat()
    return opened


def assert_clean(browser: Browser) -> None:
    """No request to another host, no console error, nothing left in the browser."""
    assert browser.foreign_requests() == []
    assert browser.console() == []
    stored = "return [localStorage.length, sessionStorage.length, document.cookie]"
    assert browser.script(stored) == [0, 0, ""]


def test_ask_see_the_verdict_and_open_a_quotation(window: Browser) -> None:
    window.ask("Bedingt: Darf ich einen Fall mit Platzhaltern umformulieren lassen?")
    assert window.text(".lp-wort").startswith("Nur unter Bedingungen")
    window.until(lambda: window.all(".lp-ref"))
    window.one("#lp-erlaeuterung a.lp-ref").click()
    opened = window.one("#lp-quellen details[open]")
    assert "Mehr als nötig ist nicht zulässig." in opened.text
    assert opened.find_element("css selector", "mark").text == "Mehr als nötig ist nicht zulässig."
    assert "#" not in window.driver.current_url
    assert window.script("return document.activeElement.id") == "lp-1-f2"
    assert_clean(window)


def test_the_page_is_german_with_landmarks_and_tells_the_verdict_to_screen_readers(window: Browser) -> None:
    assert window.script("return document.documentElement.lang") == "de"
    assert [len(window.all(tag)) for tag in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    window.ask("Verboten: Bewerbungen bewerten?")
    window.until(lambda: window.script("return document.getElementById('lp-ansage').textContent"))
    said = window.script("return document.getElementById('lp-ansage').textContent")
    assert said.startswith("Verboten Nein, Bewerbungen dürfen nicht")
    doubled = (
        "return [...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => id && all.indexOf(id) < i)"
    )
    assert window.script(doubled) == []


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_verdict_is_in_view_without_scrolling(page: Page, browse: Browse, width: int, height: int) -> None:
    browser = browse(page.base, width=width, height=height)
    browser.open_chat()
    browser.ask("Bedingt: Darf ich das?")
    box = "const b = document.querySelector('.lp-wort').getBoundingClientRect(); "
    browser.until(lambda: browser.script(box + "return b.top >= 0 && b.bottom <= innerHeight"), "for the verdict")
    assert browser.script("return document.documentElement.scrollWidth <= innerWidth")


def test_at_four_hundred_percent_a_long_question_does_not_push_the_verdict_out_of_view(page: Page, browse: Browse) -> None:
    browser = browse(page.base, width=320, height=256)
    browser.open_chat()
    browser.ask("Bedingt: " + "Darf ich den Vermerk über die Sitzung mit dem hauseigenen Modell kürzen lassen? " * 3)
    top = "return document.querySelector('.lp-wort').getBoundingClientRect().top"
    browser.until(lambda: 0 <= browser.script(top) < 128, "for the verdict in the upper half")


def test_at_four_hundred_percent_busy_is_in_view_although_the_waiting_line_above_it_goes(browse: Browse) -> None:
    with running(FakeAssistant(), concurrent=1) as page:
        first, second = browse(page.base), browse(page.base, width=320, height=256)
        for browser in (first, second):
            browser.open_chat()
        first.one("#frage textarea").send_keys("warte", Keys.ENTER)
        first.until(lambda: "wird beantwortet" in first.text("#lp-lage"))
        second.ask("Bedingt: " + "Darf ich den Vermerk über die Sitzung mit dem hauseigenen Modell kürzen lassen? " * 2)
        time.sleep(1)
        top = "return document.querySelector('.lp-wort').getBoundingClientRect().top"
        assert 0 <= second.script(top) < 128
        page.api.release.set()


def test_at_four_hundred_percent_nothing_is_cut_off(page: Page, browse: Browse) -> None:
    browser = browse(page.base, width=320, height=256)  # 1280 by 1024 enlarged four times
    browser.open_chat()
    browser.ask("Bedingt: Darf ich das?")
    browser.script("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert browser.script("return document.documentElement.scrollWidth <= innerWidth")


def test_both_buttons_of_the_question_stay_together(window: Browser) -> None:
    tops = "return ['senden', 'neu'].map(n => document.getElementById('lp-' + n).getBoundingClientRect().top)"
    window.ask("Bedingt: Darf ich das?")
    window.until(lambda: window.all("#lp-neu"))
    for width in (1280, 640, 600, 500):
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        window.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        send, new = window.script(tops)
        assert send == new, width


def test_the_note_is_reached_from_the_verdict_by_keyboard(window: Browser) -> None:
    window.ask("Verboten: Bewerbungen bewerten?")
    window.until(lambda: window.all(".lp-knoepfe button"))
    window.script("document.querySelector('.lp-zur-akte a').focus()")
    window.driver.switch_to.active_element.send_keys(Keys.ENTER)
    buttons = "const b = document.querySelector('.lp-knoepfe').getBoundingClientRect(); "
    window.until(lambda: window.script(buttons + "return b.top >= 0 && b.bottom <= innerHeight"), "for the buttons")
    assert "#" not in window.driver.current_url
    window.driver.switch_to.active_element.send_keys(Keys.TAB)
    assert window.script("return document.activeElement.matches('.lp-knoepfe button')")


def test_half_characters_in_questions_and_on_buttons_break_nothing(browse: Browse) -> None:
    half = "\ud800"
    api = FakeAssistant(overview_=replace(FakeOverview(), examples=(f"Bedingt: halb {half}?",)))
    with running(api) as page:
        browser = browse(page.base)
        browser.open_chat()
        assert browser.text("#lp-beispiele button") == "Bedingt: halb \ufffd?"
        typed = (
            "const box = document.querySelector('#frage textarea'); box.value = 'iban ' + String.fromCharCode(0xd800); "
            "box.dispatchEvent(new Event('input', {bubbles: true}))"
        )
        browser.script(typed)
        browser.one("#lp-senden").click()
        browser.until(lambda: browser.all(".lp-antwort"), "for an answer")
        assert api.seen[-1][0].text == "iban \ufffd"
        assert_clean(browser)


def test_everything_works_by_keyboard(window: Browser) -> None:
    def press(*keys: str) -> None:
        window.driver.switch_to.active_element.send_keys(*keys)

    def focused(selector: str) -> bool:
        return bool(window.script("return document.activeElement.matches(arguments[0])", selector))

    def tab_to(selector: str) -> None:
        for _ in range(40):
            if focused(selector):
                return
            press(Keys.TAB)
        raise AssertionError(f"not reached by keyboard: {selector}")

    window.script("document.activeElement.blur()")
    tab_to("a.lp-sprung")
    press(Keys.ENTER)
    assert focused("#frage textarea")
    press("Bedingt: mit der Tastatur?", Keys.ENTER)
    window.until(lambda: window.all(".lp-antwort"))
    window.until(lambda: window.all(".lp-fundstelle"))
    tab_to(".lp-liste input")
    press(Keys.SPACE)
    assert window.one(".lp-liste input").is_selected()
    tab_to(".lp-fundstelle summary")
    press(Keys.ENTER)
    assert window.all(".lp-fundstelle details[open]")
    window.script("document.querySelector('#frage textarea').focus()")
    tab_to("#lp-neu")
    press(Keys.ENTER)
    window.until(lambda: not window.all(".lp-antwort"))
    assert_clean(window)


def test_every_outcome_has_its_layout_and_none_loads_or_runs_anything(window: Browser, page: Page) -> None:
    foreign = "return document.querySelectorAll('.lp img, .lp script, .lp iframe, .lp [onerror], .lp [style]').length"
    for kind, make in OUTCOMES.items():
        window.ask(f"{kind} DE89370400440532013000 {XSS}".replace("\n", " "))
        answer = make(page.api.seen[-1][0])
        look = texts.VERDICTS[answer.verdict] if answer.verdict else texts.OUTCOMES[answer.status]
        assert window.text(".lp-wort").startswith(look.word), kind
        assert window.script("return document.title").startswith("Leitplanke"), kind
        assert window.script(foreign) == 0, kind
        assert "<script>document.title='getroffen'</script>" in window.text(".lp-frage"), kind
    time.sleep(0.5)  # an image that were there would be requested by now
    assert_clean(window)


def test_examples_ask_themselves(window: Browser, page: Page) -> None:
    window.one("#lp-beispiele button").click()
    window.until(lambda: window.all(".lp-antwort"))
    assert page.api.overview_.examples[0] in window.text(".lp-frage")
    assert not window.one("#lp-beispiele").is_displayed()


def test_a_clarifying_question_is_answered_by_a_button(window: Browser) -> None:
    window.ask("unklar: Protokoll?")
    window.until(lambda: len(window.all("#lp-wahl button")) == 2)
    window.all("#lp-wahl button")[1].click()
    window.until(lambda: window.text(".lp-wort").startswith("Verboten"))
    assert "nichtöffentliches Protokoll" in window.text(".lp-frage")
    window.until(lambda: not window.all("#lp-wahl button"))


def test_personal_data_is_marked_and_can_be_replaced_in_one_click(window: Browser, page: Page) -> None:
    window.ask("iban Darf ich an DE89370400440532013000 schreiben?")
    assert window.text(".lp-frage mark") == "DE89370400440532013000"
    assert "DE89370400440532013000" in window.one("#frage textarea").get_attribute("value")
    window.until(lambda: window.all("#lp-wahl button"))
    window.one("#lp-wahl button").click()
    window.until(lambda: "[IBAN]" in window.text(".lp-frage"))
    assert page.api.seen[-1][0].text == "iban Darf ich an [IBAN] schreiben?"
    assert page.api.seen[-1][0].history == ()


def test_follow_ups_carry_the_questions_of_this_window_only(page: Page, browse: Browse) -> None:
    first, second = browse(page.base), browse(page.base)
    for browser in (first, second):
        browser.open_chat()
    first.ask("Bedingt: eins?")
    second.ask("Bedingt: fremd?")
    first.ask("Erlaubt: zwei?")
    assert page.api.seen[-1][0].history == ("Bedingt: eins?",)
    first.until(lambda: "eins?" in first.text("#lp-verlauf"))
    first.one("#lp-neu").click()
    first.until(lambda: not first.all(".lp-antwort") and not first.all("#lp-verlauf details"))
    first.ask("Bedingt: drei?")
    assert page.api.seen[-1][0].history == ()


def test_a_closed_window_leaves_nothing_in_memory(browse: Browse) -> None:
    with running(FakeAssistant()) as page:
        browser = browse(page.base)
        browser.open_chat()
        browser.ask("iban DE89370400440532013000")
        assert page.sessions() == 1
        browser.open("recht/dsgvo/art-5/abs-1/lit-c")
        browser.until(lambda: page.sessions() == 0, "for the session to be dropped")


def test_the_page_can_be_used_while_the_index_loads(browse: Browse) -> None:
    with running(FakeAssistant(), loaded=False) as page:
        browser = browse(page.base)
        browser.open()
        browser.one("#frage textarea").send_keys("Bedingt: schon jetzt?", Keys.ENTER)
        browser.until(lambda: "Der Index wird geladen" in browser.text("#lp-lage"))
        page.backend.load(lambda: page.api)
        browser.until(lambda: browser.all(".lp-antwort"))
        browser.until(lambda: "Muster-Leitlinie" in browser.text("#lp-lage"))
        time.sleep(0.5)
        assert browser.text(".lp-wort").startswith("Nur unter Bedingungen")


def test_busy_is_told_and_the_question_stays_in_the_box(browse: Browse) -> None:
    api = FakeAssistant()
    with running(api, concurrent=1) as page:
        first, second = browse(page.base), browse(page.base)
        for browser in (first, second):
            browser.open_chat()
        first.one("#frage textarea").send_keys("warte", Keys.ENTER)
        first.until(lambda: "wird beantwortet" in first.text("#lp-lage"))
        second.ask("Bedingt: noch eine?")
        assert second.text(".lp-wort") == texts.OUTCOMES[_busy()].word
        assert second.one("#frage textarea").get_attribute("value") == "Bedingt: noch eine?"
        api.release.set()
        first.until(lambda: first.all(".lp-antwort"))
        second.one("#lp-wahl button").click()
        second.until(lambda: second.text(".lp-wort").startswith("Nur unter Bedingungen"))
        assert second.one("#frage textarea").get_attribute("value") == ""
        assert not second.all("#lp-wahl button")


def _busy() -> Any:
    from assistant.types import Status

    return Status.AUSGELASTET


def test_the_model_replaces_only_the_explanation(browse: Browse) -> None:
    with running(FakeAssistant(model="Qwen3-4B", model_seconds=2)) as page:
        browser = browse(page.base)
        browser.open_chat()
        browser.ask("Bedingt: mit Modell?")
        browser.until(lambda: browser.all(".lp-wartet"))
        browser.one(".lp-liste input").click()
        browser.one(".lp-fundstelle summary").click()
        browser.until(lambda: browser.all(".lp-herkunft"))
        assert "Modelltext zu Bedingt: mit Modell?" in browser.text("#lp-erlaeuterung")
        assert "Qwen3-4B" in browser.text("#lp-erlaeuterung")
        assert browser.one(".lp-liste input").is_selected()
        assert browser.all(".lp-fundstelle details[open]")
        assert_clean(browser)


def test_a_new_question_ends_the_wording_of_the_one_before(browse: Browse) -> None:
    with running(FakeAssistant(model="Qwen3-4B", model_seconds=1.5)) as page:
        browser = browse(page.base)
        browser.open_chat()
        browser.ask("Verboten: erste?")
        browser.ask("ungeregelt: zweite?")
        time.sleep(2.5)
        assert "Modelltext" not in browser.text("#lp-erlaeuterung")
        browser.ask("Bedingt: dritte?")
        browser.until(lambda: "Modelltext zu Bedingt: dritte?" in browser.text("#lp-erlaeuterung"))


def test_who_waits_for_the_model_sees_how_many_are_before(browse: Browse) -> None:
    with running(FakeAssistant(model="Qwen3-4B", model_seconds=3, ahead=2)) as page:
        browser = browse(page.base)
        browser.open_chat()
        browser.ask("Bedingt: mit Modell?")
        browser.until(lambda: "noch 2 Fragen vor Ihrer" in browser.text("#lp-fortschritt"))
        browser.until(lambda: browser.all(".lp-herkunft"))
        assert not browser.text("#lp-fortschritt")


def test_proven_sentences_appear_while_the_model_writes(browse: Browse) -> None:
    with running(FakeAssistant(model="Qwen3-4B", model_seconds=3, first_sentence="Ersetzen Sie Namen. [1]")) as page:
        browser = browse(page.base)
        browser.open_chat()
        browser.ask("Bedingt: mit Modell?")
        browser.until(lambda: "Ersetzen Sie Namen." in browser.text("#lp-erlaeuterung"))
        assert browser.one("#lp-halt").is_displayed()
        browser.until(lambda: "Modelltext zu Bedingt" in browser.text("#lp-erlaeuterung"))
        assert not browser.all(".lp-wartet")


def test_stop_keeps_the_answer_and_frees_the_model(browse: Browse) -> None:
    api = FakeAssistant(model="Qwen3-4B", model_seconds=30)
    with running(api) as page:
        browser = browse(page.base)
        browser.open_chat()
        browser.ask("Bedingt: mit Modell?")
        before = browser.text("#lp-erlaeuterung")
        browser.until(lambda: browser.one("#lp-halt").is_displayed())
        browser.one("#lp-halt").click()
        browser.until(lambda: texts.GERMAN.stopped in browser.text("#lp-fortschritt"))
        browser.until(lambda: api.stopped == 1)
        assert browser.text("#lp-erlaeuterung") == before
        assert_clean(browser)


def test_leaving_frees_the_model(browse: Browse) -> None:
    api = FakeAssistant(model="Qwen3-4B", model_seconds=30)
    with running(api) as page:
        browser = browse(page.base)
        browser.open_chat()
        browser.ask("Bedingt: mit Modell?")
        browser.until(lambda: browser.one("#lp-halt").is_displayed())
        browser.close()
        until = time.monotonic() + 10
        while not api.stopped and time.monotonic() < until:
            time.sleep(0.05)
        assert api.stopped == 1


def test_the_page_of_a_provision_opens_in_a_window_of_its_own(window: Browser) -> None:
    window.ask("Bedingt: Wo steht das?")
    window.one(".lp-fundstelle summary").click()
    link = window.one(".lp-fundstelle .lp-weiter a")
    assert link.get_attribute("target") == "_blank"
    window.driver.get(link.get_attribute("href"))
    assert window.text("h1") == "Regel „platzhalter“"
    assert window.text("mark") == "wenn alle Angaben zur Person durch Platzhalter ersetzt sind"
    assert_clean(window)


@pytest.mark.parametrize("dark", [False, True], ids=["hell", "dunkel"])
def test_axe_finds_nothing_on_any_outcome(page: Page, browse: Browse, axe_script: str, dark: bool) -> None:
    browser = browse(page.base, dark=dark)
    browser.open_chat()
    found = {"start": violations(browser, axe_script)}
    for kind in OUTCOMES:
        browser.ask(f"{kind}: eine Frage DE89370400440532013000")
        browser.script("document.querySelectorAll('details').forEach(d => { d.open = true })")
        found[kind] = violations(browser, axe_script)
    browser.open("recht/dsgvo/art-5/abs-1/lit-c?von=0&bis=9")
    found["recht"] = violations(browser, axe_script)
    assert {state: names for state, names in found.items() if names} == {}


def violations(browser: Browser, script: str) -> list[str]:
    """The rules of WCAG 2.0 to 2.2, A and AA, and of good practice, that the page breaks, with the first place."""
    browser.script(script)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    run = "const done = arguments[arguments.length - 1]; axe.run(document, {runOnly: arguments[0]}).then(done)"
    result = browser.driver.execute_async_script(run, tags)
    return [f"{v['id']}: {v['nodes'][0]['html'][:150]}" for v in result["violations"]]


def test_the_page_starts_not_slower_than_twice_a_bare_gradio_chat(
    page: Page, browse: Browse, capsys: pytest.CaptureFixture[str]
) -> None:
    import socket
    import subprocess
    import sys
    from urllib.request import urlopen

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    bare = subprocess.Popen(
        [sys.executable, "-c", BARE, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(120):
            try:
                urlopen(address, timeout=5).close()
                break
            except OSError:
                time.sleep(0.5)
        rounds = [(usable(browse(page.base), "#frage textarea"), usable(browse(address), "textarea")) for _ in range(3)]
    finally:
        bare.terminate()
        bare.wait(20)
    ours, theirs = (sorted(column)[1] for column in zip(*rounds, strict=True))
    with capsys.disabled():
        sys.stdout.write(
            f"\nSeitenstart {ours:.2f} s, reine Gradio-Chatseite {theirs:.2f} s, {ours / theirs:.2f}-fach\n"
        )
    assert ours <= 2 * theirs, f"usable after {ours:.2f} s, a bare Gradio chat after {theirs:.2f} s"


def usable(browser: Browser, selector: str) -> float:
    """Seconds from opening the address until the question box is there, in a browser without anything cached."""
    started = time.monotonic()
    browser.open()
    browser.until(lambda: browser.all(selector))
    seconds = time.monotonic() - started
    browser.close()
    return seconds


def test_pictures_for_a_look(page: Page, browse: Browse, tmp_path: Path) -> None:
    browser = browse(page.base, width=390, height=844)
    browser.open_chat()
    browser.ask("Bedingt: ein Bild?")
    browser.picture(tmp_path / "bild.png")
    assert (tmp_path / "bild.png").read_bytes().startswith(b"\x89PNG")
