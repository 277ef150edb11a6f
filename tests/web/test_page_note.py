"""Notes for the file: what they contain, that only our own content becomes one, and that nothing in it is active."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from conftest import Page
from page_fake import DAY, OUTCOMES, XSS, FakeAssistant, blocked, conditional, forbidden, hostile, unregulated
from test_page_app import fetch

from assistant.types import Answer, Question
from assistant.web.app import note_response
from assistant.web.note import EXPORTED, NoteRefused, note_of, read_request, sealed, unsealed
from assistant.web.notefile import markdown
from assistant.web.render import AnswerPage

QUESTION = Question("Darf ich das?", DAY)


def body_of(answer: Answer, *ticked: int, art: str = "md") -> bytes:
    """What a browser sends for the note of ``answer``."""
    content = sealed(note_of(answer, FakeAssistant()))
    return urlencode([("inhalt", content), *(("bedingung", i) for i in ticked), ("art", art)]).encode()


def note_text(answer: Answer, *ticked: int) -> str:
    return markdown(read_request(body_of(answer, *ticked)), DAY)


def test_a_note_holds_question_verdict_ticks_office_quotations_and_all_dates() -> None:
    answer = conditional(QUESTION)
    text = note_text(answer, 1)
    for piece in (
        "> Darf ich das?", "## Urteil: Nur unter Bedingungen", "- [ ] ", "- [x] ", "KI-Koordination",
        "**[1] Regel „platzhalter“** – Leitlinie, Fassung vom 1.11.2026, gilt", "> Mehr als nötig ist nicht zulässig.",
        "gilt ab 2.12.2026", "Rechtsstand (gefragt für den):** 22.11.2026", "Vermerk vom:** 22.11.2026",
        "Fassung 0.1 (nicht beschlossen)", "2026-11-22-a1b2c3", "1 von ",
    ):  # fmt: skip
        assert piece in text
    assert text.count("- [x] ") == 1
    assert f"- [x] {answer.conditions[1]}" in text


def test_a_word_note_says_the_same_with_real_headings_and_a_language() -> None:
    from docx import Document

    status, content, headers = note_response(body_of(conditional(QUESTION), 0, art="docx"), DAY)
    assert status == 200
    assert headers["content-disposition"] == 'attachment; filename="vermerk-ki-leitlinie-2026-11-22.docx"'
    document = Document(io.BytesIO(content))
    headings = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert headings[1:] == [
        "Frage",
        "Urteil: Nur unter Bedingungen",
        "Bedingungen",
        "Zuständig",
        "Fundstellen",
        "Hinweise",
    ]
    text = "\n".join(p.text for p in document.paragraphs)
    assert text.count("☒ ") == 1
    assert "Mehr als nötig ist nicht zulässig." in text
    assert (document.core_properties.language, document.core_properties.comments) == ("de-DE", "")


def test_conditions_of_a_prohibition_are_points_without_boxes() -> None:
    answer = replace(forbidden(QUESTION), conditions=("Ein Mensch entscheidet.",))
    text = note_text(answer, 0)
    assert "- Ein Mensch entscheidet." in text
    assert "[x]" not in text
    assert "Angekreuzt" not in text


def test_not_regulated_is_noted_as_no_verdict() -> None:
    assert "## Urteil: Nicht geregelt" in note_text(unregulated(QUESTION))


@pytest.mark.parametrize("make", OUTCOMES.values(), ids=OUTCOMES)
def test_only_answers_that_rest_on_guideline_and_law_can_be_noted(make: object) -> None:
    answer = make(QUESTION)  # type: ignore[operator]
    page = AnswerPage(answer, FakeAssistant(), 1)
    offered = 'action="/vermerk"' in page.explanation()
    assert offered == ("Für die Akte" in page.closing()) == (answer.status in EXPORTED)


def test_a_question_with_personal_data_is_never_in_a_form() -> None:
    page = AnswerPage(blocked(QUESTION), FakeAssistant(), 1)
    assert "<form" not in page.head() + page.explanation() + page.sources()


def test_the_note_of_a_worded_answer_holds_that_wording() -> None:
    worded = replace(conditional(QUESTION), text="Ersetzen Sie zuerst alle Namen. [1]", written_by="modell-x")
    content = re.search(r'name="inhalt" value="([^"]+)"', AnswerPage(worded, FakeAssistant(), 1).explanation())
    assert content is not None
    note = unsealed(content[1])
    assert note.paragraphs == ("Ersetzen Sie zuerst alle Namen. [1]",)
    assert "Sprachmodell „modell-x“" in note_text(worded)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s[:-8] + "AAAAAAA=",
        lambda s: "",
        lambda s: "äöü",
        lambda s: s[:40],
        lambda s: ("B" if s[0] == "A" else "A") + s[1:],
    ],
)
def test_content_that_the_page_did_not_make_is_refused(change: object) -> None:
    text = sealed(note_of(conditional(QUESTION), FakeAssistant()))
    with pytest.raises(NoteRefused):
        unsealed(change(text))  # type: ignore[operator]


@pytest.mark.parametrize("body", [b"", b"inhalt=x", b"\xff\xfe", b"&".join([b"a=1"] * 500)])
def test_a_nonsense_form_is_one_german_line(body: bytes) -> None:
    status, content, _ = note_response(body, DAY)
    assert status == 400
    assert content.decode().count("\n") == 1
    assert "Frage noch einmal stellen" in content.decode()


def test_ticks_beyond_the_conditions_and_unknown_forms_are_ignored() -> None:
    request = read_request(body_of(conditional(QUESTION), 0, 77, art="exe"))
    assert request.ticked == {0}
    assert request.form == "md"


def test_hostile_texts_are_neither_link_nor_picture_nor_html_in_markdown() -> None:
    text = note_text(replace(hostile(QUESTION), question=XSS))
    assert re.search(r"(?<!\\)(<script|<img|<a |<iframe|!\[)", text) is None
    assert re.search(r"(?<!\\)\]\(", text) is None


def test_signs_that_word_cannot_hold_do_not_break_the_file() -> None:
    answer = replace(conditional(QUESTION), question="a\x00\x0b\ud800\u202eb")
    status, content, _ = note_response(body_of(answer, art="docx"), DAY)
    assert (status, content[:2]) == (200, b"PK")


def test_the_page_delivers_the_note_as_a_download_that_nobody_keeps(page: Page) -> None:
    response = fetch(page, "/vermerk", "POST", body_of(conditional(QUESTION), 0))
    assert response.status == 200
    assert response.headers["content-disposition"].startswith("attachment;")
    assert response.headers["cache-control"] == "no-store"
    assert "## Fundstellen" in response.text
    assert fetch(page, "/vermerk").status == 404
