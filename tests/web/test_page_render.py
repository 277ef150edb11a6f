"""An answer as HTML: every outcome has its own layout, nothing in an answer becomes code, links are only ours."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from page_fake import (
    CITATIONS,
    CONTACTS,
    DAMAGED,
    DAY,
    OUTCOMES,
    PROVISIONS,
    FakeAssistant,
    FakeContact,
    blocked,
    conditional,
    failed,
    hostile,
    out_of_order,
    unclear,
    unregulated,
)

from assistant.errors import LeitplankeError
from assistant.types import Answer, Kind, Note, Question, Status, Validity, Verdict
from assistant.web import texts
from assistant.web.note import EXPORTED
from assistant.web.parts import banners, contact_line, notes_list
from assistant.web.provisions import excerpt, official_link, provision_page, validity_chip, validity_on
from assistant.web.render import AnswerPage, earlier_list, take_apart

QUESTION = Question("Darf ich das?", DAY)
ALLOWED_TAGS = {
    "a", "article", "aside", "blockquote", "button", "circle", "code", "details", "div", "form", "h2", "h3", "input",
    "label", "li", "mark", "ol", "p", "path", "rect", "section", "span", "strong", "summary", "svg", "ul",
}  # fmt: skip


class Tree(HTMLParser):
    """Tags with attributes, and the text shown."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.shown = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}))

    def handle_data(self, data: str) -> None:
        self.shown += data

    def values(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]


def whole(answer: Answer, turn: int = 1) -> str:
    page = AnswerPage(answer, FakeAssistant(), turn)
    below = page.sources() + page.changes(FakeAssistant().changes(QUESTION)) + page.closing()
    return page.head() + page.explanation() + below + page.folded()


@pytest.mark.parametrize("make", OUTCOMES.values(), ids=OUTCOMES)
def test_every_outcome_is_one_line_of_known_tags_without_handlers(make: object) -> None:
    html = whole(make(QUESTION))  # type: ignore[operator]
    tree = Tree(html)
    assert "\n" not in html
    assert {tag for tag, _ in tree.elements} <= ALLOWED_TAGS
    assert not [name for _, attributes in tree.elements for name in attributes if name.startswith("on")]
    assert set(tree.values("action")) <= {"/vermerk"}
    assert len(tree.values("id")) == len(set(tree.values("id")))


@pytest.mark.parametrize("make", OUTCOMES.values(), ids=OUTCOMES)
def test_the_outcome_is_said_in_words_and_by_a_symbol(make: object) -> None:
    answer = make(QUESTION)  # type: ignore[operator]
    look = texts.VERDICTS[answer.verdict] if answer.verdict else texts.OUTCOMES[answer.status]
    head = AnswerPage(answer, FakeAssistant(), 1).head()
    assert re.search(rf'<h2 [^>]*class="lp-wort">{look.word}', head)
    assert head.index("<svg") < head.index(look.word) < head.index("lp-satz")


def test_outcomes_differ_in_shape_not_only_in_colour() -> None:
    from assistant.web.symbols import symbol

    shapes = {look.key: symbol(look.key) for look in (*texts.VERDICTS.values(), *texts.OUTCOMES.values())}
    assert len(set(shapes.values())) == len(shapes)


def test_hostile_answers_only_have_our_own_links() -> None:
    tree = Tree(whole(hostile(QUESTION)))
    for href in tree.values("href"):
        parts = urlsplit(href)
        assert parts.scheme in ("", "https", "mailto"), href
        assert href.startswith(
            ("#lp-", "/recht/", "https://eur-lex.europa.eu/", "mailto:ki-koordination@stadt.example?")
        )
    assert tree.values("src") == []
    assert "![bild](http://boese.example/p.png)" in tree.shown


def test_the_first_line_belongs_to_the_heading_and_the_sentence_to_the_verdict() -> None:
    said = take_apart(conditional(QUESTION))
    assert said.heading == "– erst wenn alle Punkte unten erfüllt sind."
    assert said.lead == ("Ja, wenn vorher alle Angaben zur Person durch Platzhalter ersetzt sind. [1]",)
    assert said.rest[0].startswith("Warum: ")
    assert not [block for block in said.rest if block.startswith("Zuständig")]


def test_a_word_that_only_begins_like_the_verdict_is_not_taken_for_it() -> None:
    answer = replace(conditional(QUESTION), verdict=Verdict.AUSKUNFT, text="Auskunftspflichten bestehen.\n\nMehr.")
    assert take_apart(answer).lead == ("Auskunftspflichten bestehen.",)


def test_a_permission_shows_its_reservation_as_the_contract_words_it() -> None:
    head = AnswerPage(OUTCOMES["erlaubt"](QUESTION), FakeAssistant(), 1).head()
    assert "Erlaubt – mit freigegebenem Werkzeug, ohne geschützte Daten, selbst geprüft." in Tree(head).shown


def test_an_answer_without_text_is_shown_too() -> None:
    assert texts.OUTCOMES[Status.FEHLER].word in whole(
        replace(conditional(QUESTION), status=Status.FEHLER, verdict=None, text="")
    )


def test_not_regulated_says_that_it_is_no_permission() -> None:
    html = whole(unregulated(QUESTION))
    assert "keine Erlaubnis" in html
    assert "Nächstliegende Fundstellen" in html
    assert "KI-Koordination" in html


def test_a_failure_says_whom_to_tell_before_the_line_for_it() -> None:
    head = AnswerPage(out_of_order(QUESTION), FakeAssistant(), 1).head()
    contact = "ki-koordination@stadt.example"
    assert head.index(texts.GERMAN.out_of_order) < head.index(contact) < head.index(DAMAGED)
    assert f'<p class="lp-technik">Für die IT: <span>{DAMAGED}</span></p>' in head


def test_a_failure_is_told_even_if_no_office_can_be_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(_: FakeAssistant) -> object:
        raise LeitplankeError(DAMAGED)

    monkeypatch.setattr(FakeAssistant, "contacts", damaged)
    head = AnswerPage(out_of_order(QUESTION), FakeAssistant(), 1).head()
    assert texts.GERMAN.out_of_order in head
    assert DAMAGED in head
    assert texts.GERMAN.offices not in head


@pytest.mark.parametrize("text", ["", "x" * 2001, "\x00" * 9])
def test_a_question_that_cannot_be_read_is_no_failure_to_be_told(text: str) -> None:
    answer = failed(Question(text, DAY))
    head = AnswerPage(answer, FakeAssistant(), 1).head()
    assert answer.text in head
    assert texts.GERMAN.out_of_order not in head
    assert "Für die IT" not in head


@pytest.mark.parametrize("make", OUTCOMES.values(), ids=OUTCOMES)
def test_the_verdict_leads_to_the_note_where_there_is_one(make: object) -> None:
    answer = make(QUESTION)  # type: ignore[operator]
    page = AnswerPage(answer, FakeAssistant(), 7)
    jump = f'<a href="#lp-7-akte">{texts.GERMAN.to_the_file}</a>'
    assert (jump in page.head()) is (answer.status in EXPORTED)
    assert ('id="lp-7-akte"' in page.closing()) is (answer.status in EXPORTED)


def test_readings_are_left_to_the_buttons() -> None:
    assert "Öffentlich" not in AnswerPage(unclear(QUESTION), FakeAssistant(), 1).head()


def test_personal_data_is_marked_in_the_question_and_named() -> None:
    answer = blocked(Question("Konto DE89370400440532013000 sperren?", DAY))
    head = AnswerPage(answer, FakeAssistant(), 1).head()
    assert "Konto <mark>DE89370400440532013000</mark> sperren?" in head
    assert "<li>IBAN</li>" in head


def test_a_long_question_is_shortened_where_it_is_repeated() -> None:
    head = AnswerPage(conditional(Question("x" * 10_000, DAY)), FakeAssistant(), 1).head()
    assert head.count("x") < 2000


def test_conditions_can_be_ticked_where_something_may_be_done() -> None:
    assert AnswerPage(conditional(QUESTION), FakeAssistant(), 1).head().count('type="checkbox"') == 4
    assert "checkbox" not in AnswerPage(OUTCOMES["verboten"](QUESTION), FakeAssistant(), 1).head()


def test_only_sources_that_exist_become_links() -> None:
    html = AnswerPage(conditional(QUESTION), FakeAssistant(), 3).explanation()
    assert 'href="#lp-3-f2"' in html
    assert "&#91;9&#93;" in html
    assert "lp-3-f9" not in html


def test_a_quotation_opens_its_provision_with_the_quoted_words_marked() -> None:
    html = AnswerPage(conditional(QUESTION), FakeAssistant(), 1).sources()
    assert "<mark>wenn alle Angaben zur Person durch Platzhalter ersetzt sind</mark>" in html
    assert 'id="lp-1-f1"' in html
    assert "Schutz von Daten › Fallbeispiele" in html
    start = PROVISIONS[CITATIONS[0].norm].text.index(CITATIONS[0].quote)
    span = f"von={start}&amp;bis={start + len(CITATIONS[0].quote)}"
    assert f"/recht/ki-leitlinie/platzhalter?stand=2026-11-22&amp;{span}" in html


def test_a_quotation_says_validity_level_kind_and_state() -> None:
    html = AnswerPage(conditional(QUESTION), FakeAssistant(), 1).sources()
    for words in ("gilt ab 2.12.2026", ">EU<", "Kurzfassung – nicht der amtliche Text", "Fassung vom 1.11.2026"):
        assert words in html


def test_a_provision_that_is_not_installed_is_said_so() -> None:
    answer = replace(conditional(QUESTION), citations=(replace(CITATIONS[0], norm="DSGVO Art. 99"),))
    assert "nicht installiert" in AnswerPage(answer, FakeAssistant(), 1).sources()


def test_an_unknown_source_does_not_break_the_answer() -> None:
    answer = replace(conditional(QUESTION), citations=(replace(CITATIONS[0], source="weg"),))
    assert "lp-fundstelle" in AnswerPage(answer, FakeAssistant(), 1).sources()


def test_law_is_shown_exactly_and_our_texts_without_markdown_signs() -> None:
    quoted = replace(CITATIONS[0], quote="- **Wort** `x`")
    own = AnswerPage(replace(conditional(QUESTION), citations=(quoted,)), FakeAssistant(), 1).sources()
    law = replace(quoted, kind=Kind.GESETZ)
    exact = AnswerPage(replace(conditional(QUESTION), citations=(law,)), FakeAssistant(), 1).sources()
    assert "• Wort x" in Tree(own).shown
    assert "- **Wort** `x`" in Tree(exact).shown


def test_a_long_provision_is_cut_around_the_quotation() -> None:
    text = PROVISIONS["KI-VO Art. 50 Abs. 4"].text
    start = text.index("Absatz 30")
    html = excerpt(text, Kind.GESETZ, (start, start + 9))
    assert "<mark>Absatz 30</mark>" in html
    assert html.count("[…]") == 2
    assert "Absatz 1:" not in html
    assert excerpt(text, Kind.GESETZ, None).count("[…]") == 1
    assert "[…]" not in excerpt("kurz", Kind.GESETZ, (0, 4))


def test_worded_text_replaces_the_explanation_and_says_by_whom() -> None:
    worded = replace(
        conditional(QUESTION), written_by="Qwen <3>", text="**Nur unter Bedingungen.**\n\nZuerst so. [1]\n\nDann so."
    )
    html = AnswerPage(worded, FakeAssistant(), 1).explanation()
    assert "„Qwen &lt;3&gt;“" in html
    assert "Zuerst so." in html
    assert "Dann so." in html


def test_why_lists_the_rules_considered_with_reason() -> None:
    html = AnswerPage(conditional(QUESTION), FakeAssistant(), 1).sources()
    assert "Warum diese Antwort?" in html
    assert "(82%)" in html
    assert "Grundregel" in html


def test_notes_are_shown_except_those_the_page_always_shows() -> None:
    notes = (Note("muster_leitlinie", "Muster"), Note("modell_ausgelastet", "Modell <voll>"))
    assert notes_list(notes) == '<ul class="lp-hinweise"><li>Modell &lt;voll&gt;</li></ul>'
    assert notes_list(notes[:1]) == ""


def test_a_contact_has_a_mail_link_with_nothing_but_a_subject() -> None:
    line = contact_line(CONTACTS["ki-koordination"])
    assert 'href="mailto:ki-koordination@stadt.example?subject=Frage%20zur%20KI-Leitlinie"' in line
    assert "02234 501-100" in line


def test_a_placeholder_contact_is_marked_and_not_linked() -> None:
    line = contact_line(replace(CONTACTS["dsb"], mail="a@b.example"))
    assert "noch nicht eingetragen" in line
    assert "href" not in line


@pytest.mark.parametrize("mail", ["x", "a@b.example?bcc=c@d.example", 'a"@b.example', "javascript:alert(1)"])
def test_what_is_no_mail_address_is_never_linked(mail: str) -> None:
    assert "href" not in contact_line(FakeContact("k", "Stelle", "", mail))


def test_banners_say_what_holds_for_every_answer() -> None:
    assert "Muster &lt;1&gt;" in banners(guideline_note="Muster <1>", official=True)
    assert texts.GERMAN.digests_only in banners(guideline_note="", official=False)
    assert banners(guideline_note="", official=True) == ""


def test_the_official_page_is_marked_as_leading_outside() -> None:
    link = official_link("https://eur-lex.europa.eu/x?a=1&b=2")
    assert 'href="https://eur-lex.europa.eu/x?a=1&amp;b=2"' in link
    assert 'rel="noopener noreferrer external"' in link
    assert "externer Link zu eur-lex.europa.eu" in link
    assert official_link("javascript:alert(1)") == official_link(None) == ""


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "expected"),
    [
        (None, None, Validity.GILT),
        (DAY, DAY, Validity.GILT),
        (DAY + dt.timedelta(1), None, Validity.GILT_AB),
        (None, DAY - dt.timedelta(1), Validity.AUFGEHOBEN),
    ],
)
def test_validity_on_a_day(valid_from: dt.date | None, valid_to: dt.date | None, expected: Validity) -> None:
    provision = replace(PROVISIONS["KI-VO Art. 50 Abs. 4"], valid_from=valid_from, valid_to=valid_to)
    assert validity_on(provision, DAY) is expected
    assert texts.GERMAN.validity[expected] in validity_chip(expected, valid_from, valid_to)


def test_the_page_of_a_provision_is_german_complete_and_without_scripts() -> None:
    api = FakeAssistant()
    page = provision_page(PROVISIONS["DSGVO Art. 5 Abs. 1 lit. c"], api.source("dsgvo"), DAY, (0, 8))
    assert page.startswith('<!doctype html><html lang="de">')
    assert "<mark>Personen</mark>" in page
    assert "<script" not in page
    assert page.count("<main ") == page.count("<h1>") == 1


def test_earlier_questions_are_folded_newest_first() -> None:
    api = FakeAssistant()
    pages = [AnswerPage(conditional(Question(f"Frage {i}", DAY)), api, i) for i in (1, 2)]
    html = earlier_list(pages)
    assert html.index("Frage 2") < html.index("Frage 1")
    assert "<details open" not in html
    assert earlier_list([]) == ""
