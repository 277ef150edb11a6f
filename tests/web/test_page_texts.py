"""The page in two languages: every text has its twin, and what stays German is marked as German."""

from __future__ import annotations

import dataclasses
import datetime as dt
import string
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from page_fake import DAY, OUTCOMES, FakeAssistant, FakeShelf, conditional
from test_page_render import Tree

from assistant.corpus.language import is_english
from assistant.types import Answer, Question, Status, Verdict
from assistant.web.acts import act_page, acts_page
from assistant.web.guideline import guideline_page
from assistant.web.render import AnswerPage
from assistant.web.shell import LANGUAGES, Frame
from assistant.web.texts import GERMAN, Look
from assistant.web.texts_english import ENGLISH

ENGLISH_FRAME = Frame(ENGLISH)
SAME = {"Information", "Index"}
"""Words that are the same in both languages."""


def texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Every text below a field, with a path that is the same in both languages."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Look):
        yield from texts(value.word, f"{path}.word")
        yield from texts(value.line, f"{path}.line")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts(item, f"{path}[{key}]")


def all_texts(words: object) -> dict[str, str]:
    fields = (f.name for f in dataclasses.fields(words))  # type: ignore[arg-type]
    return dict(pair for name in fields for pair in texts(getattr(words, name), name))


def test_every_text_has_an_english_twin_with_the_same_places_to_fill_in() -> None:
    german, english = all_texts(GERMAN), all_texts(ENGLISH)
    assert german.keys() == english.keys()
    for path, text in german.items():
        assert bool(text) == bool(english[path]) or path == "prefix", path
        assert not text or text != english[path] or text in SAME, path
        places = [
            sorted(p[1] or "" for p in string.Formatter().parse(t) if p[1] is not None) for t in (text, english[path])
        ]
        assert places[0] == places[1], path


def test_no_english_text_is_german() -> None:
    umlauts = {path: text for path, text in all_texts(ENGLISH).items() if set(text) & set("äöüßÄÖÜ„")}
    assert umlauts == {}


def test_days_are_written_as_people_write_them() -> None:
    assert (GERMAN.date(dt.date(2026, 11, 2)), ENGLISH.date(dt.date(2026, 11, 2))) == ("2.11.2026", "2 Nov 2026")


def shown(answer: Answer) -> str:
    page = AnswerPage(answer, FakeAssistant(), 1, ENGLISH)
    below = page.sources() + page.changes(FakeAssistant().changes(Question("x", DAY))) + page.closing()
    return page.head() + page.explanation() + below + page.folded()


@pytest.mark.parametrize("kind", [kind for kind in OUTCOMES if kind != "boese"])
def test_outside_of_what_is_marked_german_an_english_answer_has_no_german_text(kind: str) -> None:
    html = shown(OUTCOMES[kind](Question("May I use AI for this?", DAY)))
    own = "".join(_unmarked(html))
    for word in ("Fundstelle", "Zuständig", "Bedingung", "Erläuterung", "Akte", "Rechtsstand", "gilt ", "Fassung"):
        assert word not in own, word


def _unmarked(html: str) -> Iterator[str]:
    """The text that stands in no element with ``lang="de"``, and labels for screen readers."""
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[bool] = []
            self.found: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.found.append(dict(attrs).get("aria-label") or "")
            if tag not in ("input", "br"):
                self.open.append(dict(attrs).get("lang") == "de")

        def handle_endtag(self, tag: str) -> None:
            self.open.pop()

        def handle_data(self, data: str) -> None:
            if not any(self.open):
                self.found.append(data)

    reader = Reader()
    reader.feed(html)
    return iter(reader.found)


def test_the_line_acted_on_is_english_whatever_language_was_asked_in() -> None:
    html = AnswerPage(conditional(Question("Darf ich das?", DAY)), FakeAssistant(), 1, ENGLISH).head()
    assert "Only under conditions" in html
    assert "not before every point below is met." in html
    assert 'lang="de"' in html
    assert "Nur unter Bedingungen" not in html


def test_a_german_page_marks_english_questions_and_nothing_else() -> None:
    html = AnswerPage(conditional(Question("May I use this for my work?", DAY)), FakeAssistant(), 1).head()
    assert '<span lang="en">May I use' in html
    assert 'lang="de"' not in html


@pytest.mark.parametrize("status", [Status.NICHT_GEREGELT, Status.AUSGELASTET, Status.FEHLER])
def test_outcomes_without_a_verdict_say_so_in_english(status: Status) -> None:
    answer = replace(conditional(Question("Darf ich?", DAY)), status=status, verdict=None, text="**Deutsche Zeile.**")
    html = AnswerPage(answer, FakeAssistant(), 1, ENGLISH).head()
    assert ENGLISH.outcomes[status].word in html
    assert ("Deutsche Zeile" in html) is (status is Status.FEHLER)


def test_every_link_of_an_english_page_to_our_pages_stays_english() -> None:
    shelf = FakeShelf()
    contents = act_page(shelf, "DSGVO", DAY, ENGLISH_FRAME)
    assert contents is not None
    for page in (guideline_page(shelf, "", ENGLISH_FRAME), acts_page(shelf, DAY, "", ENGLISH_FRAME), contents):
        for tag, attributes in Tree(page).elements:
            target = attributes.get("href") or attributes.get("action") or ""
            if tag in ("a", "form") and target.startswith("/") and attributes.get("hreflang") != "de":
                assert target.startswith("/en/"), target


def test_the_other_language_is_offered_at_the_same_place() -> None:
    for words in LANGUAGES.values():
        other = next(w for w in LANGUAGES.values() if w is not words)
        page = Frame(words).page("T", "", path="/recht/ki-vo?stand=2026-11-22")
        assert f'href="{other.prefix}/recht/ki-vo?stand=2026-11-22" lang="{other.language}"' in page
        assert f'<html lang="{words.language}">' in page


def test_english_examples_are_english() -> None:
    assert all(is_english(example) for example in ENGLISH.example_questions)


def test_only_a_verdict_on_a_use_can_change() -> None:
    asked = Question("x", DAY)
    for make in OUTCOMES.values():
        page = AnswerPage(make(asked), FakeAssistant(), 1)
        uses = page.answer.verdict in (Verdict.ERLAUBT, Verdict.BEDINGT, Verdict.VERBOTEN)
        assert bool(page.changes(None)) is uses
