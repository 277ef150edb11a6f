"""English questions: recognised, framed in English, with the same verdict and the same numbered German quotations."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.ask import english, texts
from assistant.ask.english import in_english
from assistant.corpus.books import Book
from assistant.corpus.language import is_english
from assistant.corpus.law import read_law
from assistant.types import Answer, Citation, GuidelineInfo, Kind, Level, Provision, Source, Status, Validity, Verdict
from tests.conftest import ROOT, write_mini_corpus

DAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("May I use ChatGPT for a press release?", True),
        ("is it ok to translate the letter with deepl", True),
        ("Darf ich ChatGPT für die Pressemitteilung nehmen?", False),
        ("wann is wider betriebsausflug", False),
        ("ChatGPT?", False),
        ("", False),
    ],
)
def test_the_language_of_a_question_is_told_by_its_small_words(text: str, expected: bool) -> None:
    assert is_english(text) is expected


def test_every_verdict_and_every_status_without_one_has_an_english_line() -> None:
    assert set(english.FIRST) == set(Verdict)
    assert set(english.STATUS) == set(Status) - {Status.BEANTWORTET}


def citation(norm: str, kind: Kind) -> Citation:
    return Citation(1, norm, norm, "ki-vo", kind, "Künstliche Inhalte offenlegen.", DAY, None, None, Validity.GILT, None)


def answer(text: str, *citations: Citation, verdict: Verdict | None = Verdict.BEDINGT) -> Answer:
    status = Status.BEANTWORTET if verdict else Status.AUSSERHALB
    return Answer(
        "Do I have to label it?", status, DAY, text, GuidelineInfo("L", "1", False), "g", verdict, citations=citations
    )


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    write_mini_corpus(tmp_path)
    return tmp_path / "corpus"


def test_the_frame_is_english_and_the_verdict_line_stays(corpus: Path) -> None:
    german = f"**{texts.FIRST_LINE[Verdict.BEDINGT]}**\n\nKennzeichnen. [1]\n\nZuständig: DSB."
    framed = in_english(answer(german, citation("KI-VO Art. 50 Abs. 4", Kind.KURZFASSUNG)), read_law(corpus))
    assert framed.text.split("\n\n")[0] == f"**{texts.FIRST_LINE[Verdict.BEDINGT]}**"
    assert f"**{english.FIRST[Verdict.BEDINGT]}**" in framed.text
    assert framed.text.endswith("Kennzeichnen. [1]\n\nIn charge: DSB.")
    assert (framed.verdict, framed.citations) == (Verdict.BEDINGT, answer(german, citation("KI-VO Art. 50 Abs. 4", Kind.KURZFASSUNG)).citations)


def test_a_refusal_is_explained_in_english(corpus: Path) -> None:
    framed = in_english(answer(f"**{texts.STATUS_TEXT[Status.AUSSERHALB]}**", verdict=None), read_law(corpus))
    assert framed.text.split("\n\n")[1] == f"**{english.STATUS[Status.AUSSERHALB]}**"


def test_the_english_wording_stands_beside_the_german_quotation(corpus: Path) -> None:
    law = read_law(corpus)
    text = "Deployers shall disclose that content has been generated."
    place = Provision("KI-VO Art. 50 Abs. 4", "Art. 50 Abs. 4 KI-VO", "ki-vo", ("Transparency",), text, Kind.GESETZ)
    source = Source("ki-vo", "KI-VO", "AI Act", Level.EU, dt.date(2026, 7, 27), Kind.GESETZ)
    book = Book(source, {place.norm: place}, language="EN")
    with_english = replace(law, foreign={"EN": {"KI-VO": (book,)}})
    framed = in_english(answer("**Nur.**", citation("KI-VO Art. 50 Abs. 4", Kind.KURZFASSUNG)), with_english)
    assert framed.text.endswith(f"English wording of [1]: “{text}”")


@pytest.mark.parametrize("label", english.LABELS)
def test_every_label_that_is_put_into_english_is_one_that_answers_use(label: str) -> None:
    sources = [p for p in (ROOT / "assistant" / "ask").glob("*.py") if p.name != "english.py"]
    assert any(label in p.read_text(encoding="utf-8") for p in sources)
