"""Old law in a question: recognised by its words, its dates or the changed place; answered with the present wording."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from assistant.ask.pipeline import answer_question
from assistant.ask.superseded import superseded
from assistant.corpus.law import Law, read_law
from assistant.index.build import build
from assistant.index.generation import current_folder
from assistant.index.published import PublishedIndex
from assistant.types import Answer, Question, Validity
from tests.conftest import NOW, ROOT, TODAY, HashEmbedder, write_mini_corpus

BEFORE_CHANGE = dt.date(2026, 7, 26)
OLD_WORDS = "Müssen wir nach besten Kräften ein ausreichendes Maß an KI-Kompetenz sicherstellen?"
STATED = [
    (OLD_WORDS, "Art. 4"),
    ("Das Gesetz verlangt ein ausreichendes Maß an KI-Kompetenz beim Personal, stimmt das noch?", "Art. 4"),
    ("Gilt noch, dass die Hochrisiko-Pflichten ab dem 2. August 2026 gelten?", "Art. 113"),
    ("Ab August 2026 gelten doch die Hochrisiko-Pflichten nach Anhang III, oder?", "Art. 113"),
    ("Ab dem 2.8.2027 gelten die Pflichten für Produkte nach Anhang I?", "Art. 113"),
    ("Dürfen Kleinstunternehmen Teile des Qualitätsmanagementsystems vereinfacht erfüllen?", "Art. 63"),
]
PRESENT = [
    "Gelten die Transparenzpflichten seit dem 2. August 2026?",
    "Gilt die Kennzeichnungspflicht ab dem 2. August 2026?",
    "Gelten die Verbote seit dem 2. Februar 2025?",
    "Ab dem 2. Dezember 2027 gelten die Hochrisiko-Pflichten nach Anhang III?",
    "Seit dem 2. August 2026 müssen Chatbots sich zu erkennen geben, richtig?",
    "Müssen Systeme von Behörden bis zum 2. August 2030 angepasst werden?",
    "Welche Maßnahmen unterstützen die Entwicklung der KI-Kompetenz unseres Personals?",
    "Darf ich am 2. August 2026 ein Rundschreiben mit KI entwerfen?",
    "Reicht das Licht im Büro in ausreichendem Maß?",
]


@pytest.fixture(scope="module")
def shipped() -> Law:
    return read_law(ROOT / "corpus")


@pytest.fixture(scope="module")
def official(law_in_two_states: Law) -> Law:
    return law_in_two_states


def stated(law: Law, question: str, as_of: dt.date = TODAY) -> list[str]:
    return [s.amendment.label.split(" lit.")[0] for s in superseded(question, (), law, as_of) if s.stated]


@pytest.mark.parametrize(("question", "place"), STATED)
def test_old_law_is_recognised_from_the_digests_alone(shipped: Law, question: str, place: str) -> None:
    assert any(found.startswith(place) for found in stated(shipped, question))


@pytest.mark.parametrize(("question", "place"), STATED)
def test_old_law_is_recognised_beside_the_official_states(official: Law, question: str, place: str) -> None:
    assert any(found.startswith(place) for found in stated(official, question))


@pytest.mark.parametrize("question", PRESENT)
def test_present_law_is_not_taken_for_old(shipped: Law, official: Law, question: str) -> None:
    assert (stated(shipped, question), stated(official, question)) == ([], [])


@pytest.mark.parametrize(("question", "place"), STATED)
def test_before_the_change_the_same_words_were_the_law(shipped: Law, official: Law, question: str, place: str) -> None:
    assert (stated(shipped, question, BEFORE_CHANGE), stated(official, question, BEFORE_CHANGE)) == ([], [])


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        ("Art. 4 KI-VO", True),
        ("Art. 10 Abs. 5 KI-VO", True),
        ("Art. 113 KI-VO", True),
        ("Art. 50 Abs. 4 KI-VO", False),
        ("Art. 5 Abs. 1 lit. c KI-VO", False),
        ("Art. 5 Abs. 1 lit. ba KI-VO", False),  # inserted: there is no older law to warn of
        ("Art. 6 DSGVO", False),
        ("KI-VO", False),
    ],
)
def test_a_named_place_is_pointed_out_if_it_changed(shipped: Law, official: Law, written: str, changed: bool) -> None:
    for law in (shipped, official):
        found = superseded("Was steht da?", (law.acts.parse(written),), law, TODAY)
        assert [s.stated for s in found] == ([False] if changed else [])


# ---------------------------------------------------------------- the whole path in miniature

DIGEST = """---
id: ki-vo
stand: 2026-07-27
stand_davor: 2024-07-12
---
## Art. 4: Kennzeichnung
gilt_ab: 2025-02-02
geaendert: 2026-07-27
frueher: Städte mussten nach besten Kräften eine vollständige Kennzeichnung aller Entwürfe sichern.
Städte helfen bei der Kennzeichnung.
## Art. 7: Gestrichen
gilt_bis: 2026-07-26
geaendert: 2026-07-27
frueher: Jede Stadt meldete ihre Geräte.
Diese Vorschrift ist entfallen.
## Art. 50 Abs. 4: Offenlegung
gilt_ab: 2026-08-02
Künstliche Inhalte offenlegen.
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublishedIndex]:
    home = tmp_path_factory.mktemp("rechtsstand") / "heim"
    home.mkdir()
    write_mini_corpus(home)
    (home / "corpus" / "recht" / "ki-vo.md").write_text(DIGEST)
    build(home, HashEmbedder(), NOW)
    opened = PublishedIndex(current_folder(home / "index"), HashEmbedder())
    yield opened
    opened.close()


def notes(answer: Answer) -> dict[str, str]:
    return {note.code: note.text for note in answer.notes}


def test_the_answer_names_the_day_and_the_earlier_law_and_quotes_the_present_wording(index: PublishedIndex) -> None:
    asked = "Ab wann gilt: nach besten Kräften eine vollständige Kennzeichnung aller Entwürfe?"
    answer = answer_question(Question(asked, TODAY), index)
    assert notes(answer)["rechtsstand_geaendert"] == (
        "Die Frage gibt früheres Recht wieder: Art. 4 KI-VO wurde zum 27.07.2026 geändert. Bis dahin galt (in eigenen "
        "Worten): Städte mussten nach besten Kräften eine vollständige Kennzeichnung aller Entwürfe sichern."
    )
    quoted = next(c for c in answer.citations if c.norm == "KI-VO Art. 4")
    assert (quoted.quote, quoted.validity) == ("Städte helfen bei der Kennzeichnung.", Validity.GILT)
    assert answer.text.endswith(
        "Heute gilt (Art. 4 KI-VO, Stand 27.07.2026, Kurzfassung in eigenen Worten): Städte helfen bei der Kennzeichnung. "
        f"[{quoted.number}]"
    )
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))


def test_a_dropped_place_is_called_that(index: PublishedIndex) -> None:
    answer = answer_question(Question("Was steht in Art. 7 KI-VO?", TODAY), index)
    assert notes(answer)["rechtsstand_geaendert"].startswith("Art. 7 KI-VO wurde zum 27.07.2026 aufgehoben.")
    assert [(c.norm, c.validity) for c in answer.citations[:1]] == [("KI-VO Art. 7", Validity.AUFGEHOBEN)]


def test_a_place_that_never_changed_has_no_remark(index: PublishedIndex) -> None:
    answer = answer_question(Question("Was steht in Art. 50 Abs. 4 KI-VO?", TODAY), index)
    assert "rechtsstand_geaendert" not in notes(answer)


def test_a_day_named_in_the_question_is_the_day_asked_about(index: PublishedIndex) -> None:
    answer = answer_question(Question("Was galt am 1.3.2025 nach Art. 4 KI-VO?", TODAY), index)
    assert answer.as_of == dt.date(2025, 3, 1)
    assert notes(answer)["stand_aus_frage"].startswith("Die Frage nennt den 01.03.2025;")
    first = next(c for c in answer.citations if c.norm == "KI-VO Art. 4")
    assert (first.quote[:13], first.valid_to, first.validity) == ("Städte musste", BEFORE_CHANGE, Validity.GILT)
    assert "rechtsstand_geaendert" not in notes(answer)


def test_a_day_given_beside_the_question_goes_before_the_one_within(index: PublishedIndex) -> None:
    answer = answer_question(Question("Was galt am 1.3.2025 nach Art. 4 KI-VO?", TODAY, day_given=True), index)
    assert answer.as_of == TODAY
    assert "stand_aus_frage" not in notes(answer)
