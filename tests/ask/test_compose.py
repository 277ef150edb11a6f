"""The extractive answer: first line, conditions that add up, numbered verbatim quotations."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.ask import texts
from assistant.ask.compose import MAX_CITATIONS, MAX_QUOTE, Parts, Quoter, choose_quote, compose, compose_unregulated
from assistant.ask.compose import sentences as cut
from assistant.ask.decide import Decision
from assistant.ask.reading import Reading, read_question
from assistant.corpus.law import Law, read_law
from assistant.corpus.official import import_official
from assistant.corpus.rules import Guideline, read_guideline
from assistant.corpus.vocabulary import read_vocabulary
from assistant.index.build import guideline_book
from assistant.types import Hit, Kind, Lane, Passage, Status, Validity, Verdict
from tests.conftest import TODAY, rule_block, write_mini_corpus

QUESTIONS = [f"Frage Nummer {n}?" for n in range(5)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("fassen")
    write_mini_corpus(home)
    corpus = home / "corpus"
    many = [
        rule_block(f"viele-{n}", "bedingt", QUESTIONS, bedingungen=f'["Gemeinsam.", "Nur {n}."]', zustaendig="[dsb]")
        for n in range(12)
    ]
    norms = '["DSGVO Art. 5 Abs. 1 lit. c", "VwVfG NRW § 35a", "KI-VO Art. 6"]'
    many.append(rule_block("land", "verboten", QUESTIONS, normen=norms))
    (corpus / "leitlinie" / "02-mehr.md").write_text("# Mehr\n\n" + "\n".join(many))
    with (corpus / "quellen.toml").open("a") as file:
        file.write(
            '[[quelle]]\nid = "vwvfg-nrw"\nkurz = "VwVfG NRW"\ntitel = "VwVfG NRW"\nebene = "Land"\neinheit = "§"\ngeprueft = false\n'
        )
    (corpus / "recht" / "vwvfg-nrw.md").write_text(
        "---\nid: vwvfg-nrw\nstand: 2026-11-22\n---\n## § 35a: Automatischer Bescheid\nNur wo ein Gesetz es zulässt.\n"
    )
    return corpus


@pytest.fixture(scope="module")
def guideline(corpus: Path) -> Guideline:
    return read_guideline(corpus)


@pytest.fixture(scope="module")
def law(corpus: Path) -> Law:
    return read_law(corpus)


@pytest.fixture
def quoter(guideline: Guideline, law: Law) -> Quoter:
    book = guideline_book(guideline)
    return Quoter(book.source, book.places, law, TODAY)


@pytest.fixture
def write(corpus: Path, guideline: Guideline, law: Law, quoter: Quoter) -> Callable[..., Parts]:
    vocabulary = read_vocabulary(corpus / "begriffe.toml")

    def read(question: str) -> Reading:
        return read_question(question, (), vocabulary, law.acts, lambda text: text)

    def run(
        verdict: Verdict, *rules: str, question: str = "Darf ich das?", violated: bool = False, related: str = ""
    ) -> Parts:
        decision = Decision(Status.BEANTWORTET, verdict, rules, violated)
        near = [rule for rule in guideline.rules if rule.id == related]
        return compose(decision, read(question), guideline, law, quoter, near)

    return run


# ---------------------------------------------------------------- quotations


@given(st.text(alphabet="abcÄ ß.,;–:\n1", max_size=1200), st.text(alphabet="abcÄ ", max_size=30))
def test_a_quotation_is_a_verbatim_piece_of_bounded_length(text: str, about: str) -> None:
    quote = choose_quote(text, about)
    assert quote in text
    assert len(quote) <= MAX_QUOTE
    assert quote or not any(c.isalpha() for c in text)


def test_a_word_without_end_is_cut_too() -> None:
    assert choose_quote("x" * 1000, "") == "x" * MAX_QUOTE


def test_the_sentence_nearest_to_the_question_is_quoted() -> None:
    text = " ".join(
        ["Dieser Satz handelt von Bäumen im Stadtpark."] * 8
        + ["Fotos sind vorher zu kennzeichnen."]
        + ["Schluss."] * 20
    )
    assert choose_quote(text, "Muss ich Fotos kennzeichnen?") == "Fotos sind vorher zu kennzeichnen."


def test_abbreviations_do_not_end_a_sentence() -> None:
    line = "Nach Art. 5 Abs. 1 Nr. 2 gilt das, z. B. Fotos. Es gilt immer."
    assert cut(line) == ["Nach Art. 5 Abs. 1 Nr. 2 gilt das, z. B. Fotos.", "Es gilt immer."]


def test_the_same_place_keeps_its_number(quoter: Quoter, law: Law, guideline: Guideline) -> None:
    place = law.acts.parse("Art. 50 Abs. 4 KI-VO")
    rule = guideline.rule("texte")
    assert rule is not None
    assert [quoter.law(place, "a"), quoter.rule(rule), quoter.law(place, "b"), quoter.rule(rule)] == [1, 2, 1, 2]
    assert [c.number for c in quoter.citations] == [1, 2]


def test_a_quotation_says_what_it_is_and_since_when_it_applies(quoter: Quoter, law: Law) -> None:
    quoter.law(law.acts.parse("Art. 50 Abs. 4 KI-VO"), "")
    quoter.law(law.acts.parse("Art. 6 KI-VO"), "")
    now, later = quoter.citations
    assert (now.norm, now.label, now.kind) == ("KI-VO Art. 50 Abs. 4", "Art. 50 Abs. 4 KI-VO", Kind.KURZFASSUNG)
    assert (now.validity, now.valid_from, now.state) == (Validity.GILT, dt.date(2026, 8, 2), dt.date(2026, 7, 27))
    assert later.validity is Validity.GILT_AB


def test_what_is_unknown_gets_no_number(quoter: Quoter, law: Law) -> None:
    passage = Passage("x", Lane.RECHT, "KI-VO Art. 99", (), "Text")
    assert quoter.hit(Hit(passage, 1.0, ""), "") is None
    assert quoter.citations == []


# ---------------------------------------------------------------- answers


def marks(parts: Parts) -> set[int]:
    return {int(n) for n in re.findall(r"\[(\d+)\]", parts.text)}


def test_the_governing_rule_comes_first_then_its_norms_then_the_rest(write: Callable[..., Parts]) -> None:
    parts = write(Verdict.VERBOTEN, "land", "mitschrift")
    assert [c.norm for c in parts.citations] == [
        "KI-Leitlinie land", "DSGVO Art. 5 Abs. 1 lit. c", "VwVfG NRW § 35a", "KI-VO Art. 6", "KI-Leitlinie mitschrift",
    ]  # fmt: skip
    assert marks(parts) == {1, 2, 3, 4, 5}
    assert parts.text.startswith("**Verboten.**\n\nSatz der Regel land. [1]")
    assert "Außerdem: Satz der Regel mitschrift. [5]" in parts.text


def test_a_permission_carries_the_base_conditions_first(write: Callable[..., Parts]) -> None:
    parts = write(Verdict.ERLAUBT, "texte")
    assert parts.conditions == (*texts.BASE_CONDITIONS, "Erste Bedingung.", "Zweite Bedingung.")
    assert parts.text.startswith(f"**{texts.FIRST_LINE[Verdict.ERLAUBT]}**")


def test_conditions_of_all_rules_add_up_without_repetition(write: Callable[..., Parts]) -> None:
    parts = write(Verdict.BEDINGT, *(f"viele-{n}" for n in range(5)))
    assert parts.conditions == ("Gemeinsam.", *(f"Nur {n}." for n in range(5)))


def test_information_beside_a_verdict_adds_no_conditions(write: Callable[..., Parts]) -> None:
    assert write(Verdict.BEDINGT, "viele-0", "frist").conditions == ("Gemeinsam.", "Nur 0.")


def test_offices_are_named_once_by_key_and_by_name(write: Callable[..., Parts]) -> None:
    parts = write(Verdict.BEDINGT, "viele-0", "viele-1", "mitschrift")
    assert parts.offices == ("dsb", "ki-koordination")
    assert "Zuständig: DSB, KI-Koordination." in parts.text


def test_a_violated_condition_opens_the_answer(write: Callable[..., Parts]) -> None:
    assert write(Verdict.VERBOTEN, "mitschrift", violated=True).text.startswith(f"**{texts.VIOLATED}**")


def test_many_rules_never_leave_a_mark_without_its_quotation(write: Callable[..., Parts]) -> None:
    parts = write(Verdict.BEDINGT, *(f"viele-{n}" for n in range(12)))
    assert len(parts.citations) <= MAX_CITATIONS
    assert marks(parts) <= {c.number for c in parts.citations}


# ---------------------------------------------------------------- norms asked for


def test_a_norm_that_is_asked_for_is_quoted_with_its_state_and_date(write: Callable[..., Parts]) -> None:
    parts = write(Verdict.AUSKUNFT, question="Was steht in Art. 50 Abs. 4 KI-VO?")
    assert (
        "Art. 50 Abs. 4 KI-VO (Kurzfassung in eigenen Worten, nicht der Wortlaut): Künstliche Inhalte offenlegen. [1]"
        in parts.text
    )
    assert "27.07.2026" in parts.text
    assert "02.08.2026" in parts.text
    assert [c.norm for c in parts.citations] == ["KI-VO Art. 50 Abs. 4"]


def test_a_norm_that_does_not_exist_is_said_so_and_nothing_is_quoted(write: Callable[..., Parts]) -> None:
    parts = write(Verdict.AUSKUNFT, question="Was steht in Art. 118 KI-VO?")
    assert "Art. 118 KI-VO gibt es nicht: Die KI-VO endet mit Art. 113." in parts.text
    assert parts.citations == ()


def test_a_norm_of_which_nothing_is_known_is_said_so(write: Callable[..., Parts]) -> None:
    parts = write(Verdict.AUSKUNFT, question="Was steht in Art. 77 KI-VO?")
    assert "Zu Art. 77 KI-VO liegt hier kein Text vor." in parts.text
    assert parts.citations == ()


def test_law_that_was_not_verified_is_named_but_its_wording_is_not_quoted(write: Callable[..., Parts]) -> None:
    parts = write(Verdict.AUSKUNFT, question="Was steht in § 35a VwVfG NRW?")
    assert "§ 35a VwVfG NRW (Kurzfassung in eigenen Worten, nicht der Wortlaut)" in parts.text
    assert "Der Wortlaut von VwVfG NRW liegt nicht vor und wird deshalb nicht zitiert." in parts.text
    assert [c.kind for c in parts.citations] == [Kind.KURZFASSUNG]


def test_a_wrong_norm_beside_a_verdict_is_corrected(write: Callable[..., Parts]) -> None:
    parts = write(Verdict.VERBOTEN, "personen", question="Darf ich das nach Art. 118 KI-VO eingeben?")
    assert parts.text.startswith("**Verboten.**")
    assert "Art. 118 KI-VO gibt es nicht" in parts.text


# ---------------------------------------------------------------- without a rule


def test_what_is_not_regulated_names_the_office_and_the_nearest_places(
    quoter: Quoter, guideline: Guideline, law: Law
) -> None:
    text = texts.STATUS_TEXT[Status.NICHT_GEREGELT]
    nearest = [
        Hit(Passage("1", Lane.LEITLINIE, "KI-Leitlinie texte", (), "x"), 1.0, ""),
        Hit(Passage("2", Lane.RECHT, "DSGVO Art. 4 Nr. 1", (), "x"), 1.0, ""),
    ]
    parts = compose_unregulated(text, guideline, law, quoter, nearest, "Darf eine Drohne fliegen?")
    assert parts.text.startswith(f"**{text}**")
    assert "Bitte vorher fragen: KI-Koordination." in parts.text
    assert parts.offices == ("ki-koordination",)
    assert [c.norm for c in parts.citations] == ["KI-Leitlinie texte", "DSGVO Art. 4 Nr. 1"]
    assert marks(parts) == {1, 2}


def test_without_anything_near_no_place_is_invented(quoter: Quoter, guideline: Guideline, law: Law) -> None:
    parts = compose_unregulated("Nicht geregelt.", guideline, law, quoter, (), "Darf eine Drohne fliegen?")
    assert (parts.citations, marks(parts)) == ((), set())


# ---------------------------------------------------------------- what stands near


def test_a_near_rule_is_named_to_read_on_and_quoted_last(write: Callable[..., Parts]) -> None:
    parts = write(Verdict.BEDINGT, "viele-0", related="land")
    number = next(c.number for c in parts.citations if c.norm == "KI-Leitlinie land")
    assert parts.text.split("\n")[-1].startswith("Siehe auch: ")
    assert parts.text.endswith(f"[{number}].")
    assert parts.citations[0].norm == "KI-Leitlinie viele-0"


def test_an_answer_with_many_sources_names_no_further_rule(write: Callable[..., Parts]) -> None:
    assert "Siehe auch" not in write(Verdict.BEDINGT, *(f"viele-{n}" for n in range(6)), related="land").text


OFFICIAL = """---
titel: KI-Verordnung
kurz: KI-VO
stand: 2026-07-27
---
### Artikel 5: Verbote
(1) Folgende Praktiken im KI-Bereich sind verboten:
a) die unterschwellige Beeinflussung, soweit sie nicht nach Absatz 2 erlaubt ist;
(2) Absatz 1 gilt nicht für Prüfungen.
"""


def test_a_point_comes_with_its_opening_words_and_what_it_refers_to(corpus: Path, guideline: Guideline, tmp_path: Path) -> None:
    shutil.copytree(corpus, tmp_path / "corpus")
    (tmp_path / "text.md").write_text(OFFICIAL)
    import_official(tmp_path, tmp_path / "text.md", TODAY)
    law, book = read_law(tmp_path / "corpus"), guideline_book(guideline)
    vocabulary = read_vocabulary(corpus / "begriffe.toml")
    reading = read_question("Was steht in Art. 5 Abs. 1 lit. a KI-VO?", (), vocabulary, law.acts, lambda text: text)
    decision = Decision(Status.BEANTWORTET, Verdict.AUSKUNFT)
    parts = compose(decision, reading, guideline, law, Quoter(book.source, book.places, law, TODAY))
    assert "Gehört zu: Art. 5 Abs. 1 KI-VO [2]." in parts.text
    assert "Verweist auf: Art. 5 Abs. 2 KI-VO [3]." in parts.text
    assert parts.citations[1].quote == "Folgende Praktiken im KI-Bereich sind verboten:"
