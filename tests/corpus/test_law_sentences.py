"""Sentences of a provision, counted as they are cited."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.corpus.addresses import Address
from assistant.corpus.law import Law, read_law
from assistant.corpus.official import import_official
from assistant.corpus.sentences import sentence_place, sentences
from assistant.types import Kind, Provision
from tests.conftest import TODAY, write_mini_corpus


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Eins gilt. Zwei gilt auch.", ["Eins gilt.", "Zwei gilt auch."]),
        ("Nach Abs. 1 Nr. 2 gilt dies. Das Nähere bzw. Weitere z. B. nicht.",
         ["Nach Abs. 1 Nr. 2 gilt dies.", "Das Nähere bzw. Weitere z. B. nicht."]),
        ("Es gilt ab dem 2. August 2026. Am 3. Tag endet es.", ["Es gilt ab dem 2. August 2026.", "Am 3. Tag endet es."]),
        ("Das folgt aus Artikel 5. Danach gilt mehr.", ["Das folgt aus Artikel 5.", "Danach gilt mehr."]),
        ("Das folgt aus Kapitel IX. Danach gilt mehr.", ["Das folgt aus Kapitel IX.", "Danach gilt mehr."]),
        ("Er heißt „Adam.“ Dann folgt B.", ["Er heißt „Adam.“", "Dann folgt B."]),
        ("Erlaubt ist:\na) eins. Auch das;\nb) zwei.\nDies gilt nicht nachts.",
         ["Erlaubt ist:\na) eins. Auch das;\nb) zwei.", "Dies gilt nicht nachts."]),
        ("Wer\n1. dies oder\n2. das tut,\nhandelt falsch. Der Versuch ist frei.",
         ["Wer\n1. dies oder\n2. das tut,\nhandelt falsch.", "Der Versuch ist frei."]),
        ("Ohne Punkt", ["Ohne Punkt"]),
        ("(1) Ein Artikel mit Absätzen.\n(2) Noch einer.", []),
        ("", []),
    ],
)  # fmt: skip
def test_sentences_are_cut_where_they_surely_end(text: str, expected: list[str]) -> None:
    assert list(sentences(text)) == expected


def _places(kind: Kind = Kind.GESETZ) -> dict[str, Provision]:
    texts = {"Art. 1 Abs. 1": "Erster. Zweiter:\na) Punkt.\nb) Strich.\nDritter.", "Art. 1 Abs. 1 lit. a": "Punkt."}
    return {f"X {n}": Provision(f"X {n}", f"{n} X", "x", (), t, kind) for n, t in texts.items()}


def _address(*parts: tuple[str, str]) -> Address:
    return Address("X", (("Art.", "1"), ("Abs.", "1"), *parts))


def test_a_sentence_is_answered_verbatim_under_its_own_norm() -> None:
    found = sentence_place(_places(), _address(("Satz", "3")))
    assert (found.norm, found.label, found.text) == ("X Art. 1 Abs. 1 Satz 3", "Art. 1 Abs. 1 Satz 3 X", "Dritter.")


def test_a_point_cited_with_its_sentence_is_the_point_if_it_stands_there() -> None:
    assert sentence_place(_places(), _address(("Satz", "2"), ("lit.", "a"))).norm == "X Art. 1 Abs. 1 lit. a"
    assert sentence_place(_places(), _address(("Satz", "1"), ("lit.", "a"))) is None
    assert sentence_place(_places(), _address(("Satz", "2"), ("lit.", "z"))) is None


def test_the_sentences_of_a_digest_are_not_those_of_the_law() -> None:
    digest = _places(Kind.KURZFASSUNG)
    assert sentence_place(digest, _address(("Satz", "2"))) is None
    assert sentence_place(digest, _address(("Satz", "1"), ("lit.", "a"))).norm == "X Art. 1 Abs. 1 lit. a"


@pytest.mark.parametrize("number", ["0", "4"])
def test_a_sentence_that_is_not_there_is_none(number: str) -> None:
    assert sentence_place(_places(), _address(("Satz", number))) is None


def test_an_address_without_a_sentence_is_none() -> None:
    assert sentence_place(_places(), _address(("lit.", "a"))) is None


@pytest.fixture(scope="module")
def law(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Law:
    home = tmp_path_factory.mktemp("saetze")
    write_mini_corpus(home)
    import_official(home, shared / "law" / "texts" / "dsgvo_de.md", TODAY)
    return read_law(home / "corpus")


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("Art. 6 Abs. 3 Satz 2 DSGVO", "Der Zweck der Verarbeitung", "übertragen wurde."),
        ("Art. 28 Abs. 3 Satz 3 DSGVO", "Mit Blick auf Unterabsatz 1", "verstößt."),
        ("Art. 6 Abs. 1 Satz 2 DSGVO", "Unterabsatz 1 Buchstabe f gilt nicht", "Verarbeitung."),
        ("Art. 6 Abs. 1 S. 1 lit. e DSGVO", "die Verarbeitung ist für die Wahrnehmung", ";"),
        ("Art. 28 Abs. 3 S. 2 lit. h DSGVO", "dem Verantwortlichen alle", "."),
        ("Art. 83 Abs. 2 Satz 2 lit. k DSGVO", "jegliche anderen erschwerenden", "."),
    ],
)
def test_sentences_of_the_official_text_are_found(law: Law, written: str, start: str, end: str) -> None:
    address = law.acts.parse(written)
    found = law.find(address, TODAY)
    assert found.exact
    assert found.provision.text.startswith(start)
    assert found.provision.text.endswith(end)
    assert law.missing(address, TODAY) is None
