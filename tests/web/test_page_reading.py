"""The pages to read in, over HTTP: the guideline, the lists of the law, both searches, cross-references."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from conftest import Page
from page_fake import DAY, XSS, FakeAssistant, FakeShelf
from test_page_app import fetch

from assistant.errors import NoIndex
from assistant.web.acts import act_page, acts_page, tops_of
from assistant.web.app import law_page, reading_page
from assistant.web.desk import Backend
from assistant.web.guideline import guideline_page
from assistant.web.security import READING_POLICY


def test_the_guideline_shows_every_section_at_its_anchor_and_lists_it_in_the_contents(page: Page) -> None:
    text = fetch(page, "/leitlinie").text
    anchors = re.findall(r'<section id="([^"]+)"', text)
    assert anchors == ["ziele.ziele", "platzhalter"]
    inside = set(re.findall(r'href="#([^"]+)"', text))
    assert {"kapitel-1", "kapitel-2", "platzhalter"} <= inside
    assert inside <= set(re.findall(r'id="([^"]+)"', text))


def test_a_rule_shows_verdict_conditions_office_and_a_link_to_its_law(page: Page) -> None:
    text = fetch(page, "/leitlinie").text
    rule = text[text.index('<section id="platzhalter"') :]
    for piece in ("Nur unter Bedingungen", "Alle Namen sind ersetzt.", "ki-koordination", '<a href="/recht/dsgvo/art-5">'):
        assert piece in rule


def test_tables_of_the_guideline_are_tables(page: Page) -> None:
    assert "<td><strong>hilft</strong></td>" in fetch(page, "/leitlinie").text


def test_hostile_text_in_guideline_or_search_stays_text(page: Page) -> None:
    for path in ("/leitlinie", f"/leitlinie?suche={quote(XSS)}", f"/recht?suche={quote(XSS)}"):
        text = fetch(page, path).text
        assert "&lt;script&gt;" in text
        assert re.search(r"<(script|img|iframe)|href=\"(javascript|//|http://boese)", text) is None


def test_search_links_to_the_place_in_the_guideline(page: Page) -> None:
    text = fetch(page, "/leitlinie?suche=Fallbeispiel").text
    assert "1 Stelle zu „Fallbeispiel“" in text
    assert '<a href="/leitlinie#platzhalter">Fallbeispiele</a>' in text


def test_a_search_without_a_hit_says_that_this_is_no_permission(page: Page) -> None:
    text = fetch(page, "/leitlinie?suche=Einhorn").text
    assert "Nichts gefunden zu „Einhorn“" in text
    assert "heißt nicht, dass etwas erlaubt ist" in text


def test_an_empty_search_shows_the_whole_guideline() -> None:
    assert reading_page(Backend(FakeAssistant()), guideline_page, " \n ")[1] == guideline_page(FakeShelf())


@pytest.mark.parametrize("path", ["/leitlinie", "/recht"])
def test_only_pages_with_a_search_field_may_send_forms_and_only_here(page: Page, path: str) -> None:
    assert fetch(page, path).headers["content-security-policy"] == READING_POLICY
    assert "form-action 'self'" in READING_POLICY
    assert "form-action 'none'" in fetch(page, "/recht/dsgvo/art-5").headers["content-security-policy"]


def test_the_list_of_the_law_names_every_act_with_its_state(page: Page) -> None:
    text = fetch(page, "/recht").text
    assert '<a href="/recht/dsgvo"><strong>DSGVO</strong>' in text
    assert "Stand 4.5.2016" in text
    assert "Stand 27.7.2026" in text


def test_the_contents_of_an_act_list_articles_first_and_say_what_does_not_hold_yet(page: Page) -> None:
    text = fetch(page, "/recht/ki-vo").text
    assert text.index("Art. 50 Abs. 4 KI-VO") < text.index("ErwG 1")
    assert "gilt ab 2.12.2026" in text


def test_contents_hold_no_part_of_an_article_that_is_there_itself() -> None:
    book = next(FakeShelf().law.books(DAY))
    assert [place.norm for place in tops_of(book)] == ["DSGVO Art. 5"]


def test_an_act_that_is_not_installed_has_no_contents() -> None:
    shelf = FakeShelf()
    assert act_page(shelf, "BGB", DAY) is None


def test_search_in_the_law_finds_provisions(page: Page) -> None:
    assert 'href="/recht/ki-vo/art-50/abs-4"' in fetch(page, "/recht?suche=Betreiber").text


def test_a_provision_says_what_it_refers_to_and_leads_to_its_act(page: Page) -> None:
    provision = FakeShelf().law.book("DSGVO", DAY)
    assert provision is not None
    status, text = law_page(Backend(Installed()), "dsgvo/art-5", stand="", von="", bis="", today=DAY)
    assert status == 200
    assert '<a href="/recht/dsgvo">DSGVO</a>' in text
    assert "Verweist auf" in text
    assert 'href="/recht/ki-vo/art-50' in text


def test_a_rule_page_leads_into_the_guideline(page: Page) -> None:
    assert 'href="/leitlinie#platzhalter"' in fetch(page, "/recht/ki-leitlinie/platzhalter").text


class Installed(FakeAssistant):
    """Answers for provisions from its law."""

    def provision(self, norm: str, as_of: object) -> object:  # type: ignore[override]
        return next((b.places[norm] for b in FakeShelf().law.books(DAY) if norm in b.places), None)


class Unbuilt(FakeAssistant):
    """Nothing is published."""

    def pinned(self) -> object:  # type: ignore[override]
        raise NoIndex("Es gibt noch keinen Index.")


def test_without_an_index_every_page_says_so_in_one_line() -> None:
    for page_of in (guideline_page, lambda shelf, query: acts_page(shelf, DAY, query)):
        status, text = reading_page(Backend(Unbuilt()), page_of, "")
        assert (status, "Es gibt noch keinen Index." in text) == (404, True)
    assert reading_page(Backend(), guideline_page, "")[0] == 503


def test_the_chat_page_links_to_both_in_a_new_window(page: Page) -> None:
    text = fetch(page, "/").text
    for target in ("/leitlinie", "/recht"):
        assert f'<a href="{target}" target="_blank" rel="noopener">' in text
