"""A place named without its act is asked back; one that does not exist, or is no article but a section, is answered as such."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.ask.pipeline import answer_question
from assistant.index.generation import current_folder
from assistant.index.published import PublishedIndex
from assistant.models.embedder import open_embedder
from assistant.types import Answer, Question, Status
from tests.conftest import TODAY


@pytest.fixture(scope="module")
def index(ready_template: Path) -> Iterator[PublishedIndex]:
    opened = PublishedIndex(current_folder(ready_template / "index"), open_embedder(ready_template, "eingebaut"))
    yield opened
    opened.close()


def _ask(index: PublishedIndex, text: str, *history: str) -> Answer:
    return answer_question(Question(text, TODAY, history), index)


def test_a_place_without_its_act_is_asked_back_with_the_acts_that_have_it(index: PublishedIndex) -> None:
    answer = _ask(index, "Was steht in Art. 50 Abs. 4?")
    assert answer.status is Status.RUECKFRAGE
    assert answer.clarifications == ("Was steht in Art. 50 Abs. 4 DSGVO?", "Was steht in Art. 50 Abs. 4 KI-VO?")
    assert "- Art. 50 Abs. 4 KI-VO" in answer.text
    assert answer.verdict is None


def test_each_choice_is_answered_when_it_is_taken(index: PublishedIndex) -> None:
    choices = _ask(index, "Was steht in Art. 50 Abs. 4?").clarifications
    assert [_ask(index, choice).status for choice in choices] == [Status.BEANTWORTET] * 2


@pytest.mark.parametrize(
    "question",
    [
        "Was steht in Art. 16 AEUV?",
        "Was steht in § 5 der Dienstanweisung?",
        "Was steht in Art. 50 Abs. 4 KI-VO?",
        "Darf ich Art. 50 im Rundschreiben erwähnen?",
    ],
)
def test_nobody_is_asked_for_an_act_that_was_named_or_not_asked_about(index: PublishedIndex, question: str) -> None:
    assert not any(c.startswith(("Was steht in Art.", "Was steht in §")) for c in _ask(index, question).clarifications)


def test_a_continued_question_keeps_its_act(index: PublishedIndex) -> None:
    answer = _ask(index, "Und was steht in Abs. 5?", "Was steht in Art. 50 Abs. 4 KI-VO?")
    assert not answer.clarifications


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Was steht in Art. 114 KI-VO?", "Art. 114 KI-VO gibt es nicht: Die KI-VO endet mit Art. 113."),
        ("Was steht in ErwG 200 DSGVO?", "ErwG 200 DSGVO gibt es nicht: Die Erwägungsgründe enden mit ErwG 173."),
    ],
)
def test_a_place_that_does_not_exist_is_answered_as_such(index: PublishedIndex, question: str, sentence: str) -> None:
    answer = _ask(index, question)
    assert answer.status is Status.BEANTWORTET
    assert sentence in answer.text


def _other_units(answer: Answer) -> list[str]:
    return [note.text for note in answer.notes if note.code == "andere_einheit"]


def test_a_section_of_an_act_that_has_articles_is_answered_with_the_remark_that_there_is_none(index: PublishedIndex) -> None:
    answer = _ask(index, "Was steht in § 6 KI-VO, und noch einmal: § 6 KI-VO?")
    assert "KI-VO Art. 6" in [citation.norm for citation in answer.citations]
    assert _other_units(answer) == [
        "Die KI-VO ist in Artikel gegliedert, nicht in Paragrafen: Diese Fundstelle gibt es nicht. Gemeint ist wohl „Art. 6 KI-VO“."
    ]


@pytest.mark.parametrize("question", ["Was steht in Art. 6 KI-VO?", "Was steht in § 6 der Hausordnung?", "Und Abs. 4?"])
def test_a_place_in_the_unit_of_its_act_or_of_no_known_act_carries_no_such_remark(index: PublishedIndex, question: str) -> None:
    assert _other_units(_ask(index, question, "Was steht in Art. 50 KI-VO?")) == []
