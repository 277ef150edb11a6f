"""English, the information pages and a town's looks in a real Chromium."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Page, running
from page_browser import Browser
from page_fake import OUTCOMES, FakeAssistant
from test_page_browser import assert_clean, violations

from assistant.web.app import site_of
from assistant.web.information import ADDRESSES
from assistant.web.texts import GERMAN
from assistant.web.texts_english import ENGLISH

Browse = Callable[..., Browser]
ARMS = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 36"><path d="M2 2h26v18a13 13 0 01-26 0z" fill="#fff" '
    'stroke="#222"/><path d="M8 8h14v10H8z" fill="#8a0f1e"/></svg>'
)
DRAWN = "const image = document.querySelector('.lp-stadt img'); return image.complete && image.naturalWidth > 0"
GROUND = "return getComputedStyle(document.querySelector(arguments[0])).backgroundColor"


@pytest.fixture
def english(page: Page, browse: Browse) -> Browser:
    browser = browse(page.base + "en/")
    browser.open_chat()
    return browser


def test_the_whole_conversation_can_be_had_in_english(english: Browser, page: Page) -> None:
    assert english.script("return document.documentElement.lang") == "en"
    assert english.all("#lp-beispiele button")[0].text == ENGLISH.example_questions[0]
    assert english.one("#lp-senden").text == ENGLISH.send
    english.ask("bedingt May I use AI for this?")
    assert english.text(".lp-wort").startswith("Only under conditions")
    english.until(lambda: english.all("#lp-aenderung li"))
    english.one("#lp-aenderung summary").click()
    assert ENGLISH.verdicts[OUTCOMES["erlaubt"](page.api.seen[-1][0]).verdict].word in english.text("#lp-aenderung")  # type: ignore[index]
    assert english.one("#lp-quellen blockquote").get_attribute("lang") == "de"
    english.one(".lp-knoepfe button[value=kopie]").click()
    english.until(lambda: english.text(".lp-vermerk-lage") == ENGLISH.copied)
    english.one(".lp-fundstelle summary").click()
    assert "/en/recht/" in english.one(".lp-fundstelle .lp-weiter a").get_attribute("href")
    assert english.script("return document.documentElement.lang") == "en"
    english.base = page.base
    assert_clean(english)


def test_the_language_is_changed_by_a_link_and_never_stored(page: Page, browse: Browse) -> None:
    browser = browse(page.base)
    browser.open_chat()
    browser.one(".lp-sprache a").click()
    browser.until(lambda: browser.driver.current_url.endswith("/en/"))
    browser.until(lambda: browser.all("#lp-beispiele button"))
    browser.one(".lp-fuss a").click()
    browser.driver.switch_to.window(browser.driver.window_handles[-1])
    browser.until(lambda: browser.driver.current_url.endswith("/en/so-geht-es"))
    assert browser.text("h1") == "How it works"
    browser.one(".lp-sprache a").click()
    browser.until(lambda: browser.text("h1") == "So geht es")
    assert_clean(browser)


@pytest.mark.parametrize("dark", [False, True], ids=["hell", "dunkel"])
def test_axe_finds_nothing_on_information_pages_and_in_english(
    page: Page, browse: Browse, axe_script: str, dark: bool
) -> None:
    browser = browse(page.base, dark=dark)
    found = {}
    for prefix in ("",) if dark else ("", "en/"):
        for address in ADDRESSES:
            browser.open(prefix + address.strip("/"))
            found[prefix + address] = violations(browser, axe_script)
    for address in ("en/leitlinie", "en/recht", "en/recht/dsgvo/art-5/abs-1/lit-c?von=0&bis=9"):
        browser.open(address)
        found[address] = violations(browser, axe_script)
    browser.base += "en/"
    browser.open_chat()
    found["en"] = violations(browser, axe_script)
    for kind in (
        ("bedingt", "iban", "unklar") if dark else ("bedingt", "verboten", "ungeregelt", "iban", "unklar", "leer")
    ):
        browser.ask(f"{kind}: eine Frage DE89370400440532013000")
        browser.script("document.querySelectorAll('details').forEach(d => { d.open = true })")
        found[f"en {kind}"] = violations(browser, axe_script)
    assert {state: names for state, names in found.items() if names} == {}


@pytest.mark.parametrize("dark", [False, True], ids=["hell", "dunkel"])
def test_a_town_s_looks_are_on_every_page_and_stay_accessible(
    browse: Browse, axe_script: str, tmp_path: Path, dark: bool
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "wappen.svg").write_text(ARMS, encoding="utf-8")
    (corpus / "erscheinung.toml").write_text(
        '[stadt]\nname = "Stadt Kempen"\nwappen = "wappen.svg"\n'
        '[farben]\nkopf = "#8a0f1e"\nknopf = "#8a0f1e"\nverweis = "#8a0f1e"\n',
        encoding="utf-8",
    )
    site = site_of(tmp_path)
    colours = site.town.dark if dark else site.town.light
    expected = "rgb({}, {}, {})".format(*(int(colours["kopf"][i : i + 2], 16) for i in (1, 3, 5)))
    with running(FakeAssistant(), site=site) as page:
        browser = browse(page.base, dark=dark)
        for address in ("", "recht", "so-geht-es"):
            browser.open(address)
            browser.one(".lp-stadt")
            assert browser.script(GROUND, ".lp-kopf") == expected, address
            assert "Stadt Kempen" in browser.text(".lp-stadt")
            browser.until(lambda: browser.script(DRAWN), "for the coat of arms")
            assert violations(browser, axe_script) == [], address
        browser.open_chat()
        assert browser.script(GROUND, "#lp-senden") == expected
        assert_clean(browser)


def test_what_would_change_the_verdict_comes_by_itself_without_moving_the_page(page: Page, browse: Browse) -> None:
    browser = browse(page.base)
    browser.open_chat()
    browser.ask("Verboten: geht das anders?")
    browser.until(lambda: browser.all("#lp-aenderung li"))
    assert not browser.all("#lp-aenderung details[open]")
    browser.one("#lp-aenderung summary").click()
    said = browser.text("#lp-aenderung")
    assert GERMAN.circumstances[FakeAssistant().changes(page.api.seen[-1][0]).changed[0].circumstance] in said
    assert "Daran ändert nichts: mit einem freigegebenen Werkzeug." in said
    browser.ask("auskunft Was steht da?")
    browser.until(lambda: not browser.all("#lp-aenderung summary"))
    assert_clean(browser)


def test_where_nothing_is_regulated_a_similar_question_is_one_click_away(page: Page, browse: Browse) -> None:
    browser = browse(page.base)
    browser.open_chat()
    browser.ask("ungeregelt: Wärmebild?")
    browser.until(lambda: browser.all("#lp-wahl button"))
    assert (
        browser.text("#lp-wahl button")
        == "Ähnlich und geregelt: Bedingt: Darf ich einen Fall mit Platzhaltern eingeben?"
    )
    browser.one("#lp-wahl button").click()
    browser.until(lambda: browser.text(".lp-wort").startswith("Nur unter Bedingungen"))
    assert page.api.seen[-1][0].text == "Bedingt: Darf ich einen Fall mit Platzhaltern eingeben?"
    assert browser.foreign_requests() == []
    assert browser.console() == []


def test_asking_again_at_once_leaves_no_error_in_the_console(page: Page, browse: Browse) -> None:
    browser = browse(page.base)
    browser.open_chat()
    for number in range(12):
        browser.ask(f"Bedingt: Frage {number}?")
    time.sleep(0.5)
    assert browser.console() == []


def test_on_paper_an_answer_has_its_words_and_no_empty_boxes(page: Page, browse: Browse) -> None:
    browser = browse(page.base)
    browser.open_chat()
    browser.ask("Erlaubt: erste?")
    browser.ask("Bedingt: für das Papier?")
    browser.until(lambda: browser.all("#lp-aenderung li"))
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    seen = "return [...document.querySelectorAll(arguments[0])].filter(e => e.offsetHeight > 0).map(e => e.innerText)"
    cards = browser.script(seen, ".lp-karte, .lp-antwort")
    assert len(cards) == 3
    assert all(text.strip() for text in cards)
    assert browser.script(seen, ".lp-kopf, #lp-eingabe, .lp-fuss, .lp-frueher, .lp-knoepfe") == []


@pytest.mark.parametrize("address", ["so-geht-es", "datenschutz", "barrierefreiheit", "versionen", "en/versionen"])
def test_information_pages_fit_a_phone_and_four_hundred_percent(page: Page, browse: Browse, address: str) -> None:
    browser = browse(page.base, width=320, height=256)
    browser.open(address)
    browser.one("h1")
    assert browser.script("return document.documentElement.scrollWidth <= innerWidth")
