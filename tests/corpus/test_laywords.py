"""The everyday words of the law: how the file is read, how mistakes are reported, and that the shipped file holds."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.corpus.addresses import Acts, read_acts
from assistant.corpus.law import read_law
from assistant.corpus.laywords import NAME, read_lay_words
from assistant.errors import CorpusError
from tests.conftest import ROOT

ENGLISH = re.compile(r"\b(?:the|of|to|for|is|are|do|does|my|we|they|with|from|by|on|who|what|how|can)\b")
"""Function words that hardly any German phrase holds: enough to tell whether a list has English phrases."""

SOURCES = """
[[quelle]]
id = "ki-vo"
kurz = "KI-VO"
titel = "Verordnung über künstliche Intelligenz"
ebene = "EU"
einheit = "Art."
letzter = 113
anhaenge = 14
erwaegungsgruende = 180
"""


@pytest.fixture
def acts(tmp_path: Path) -> Acts:
    path = tmp_path / "quellen.toml"
    path.write_text(SOURCES, encoding="utf-8")
    return read_acts(path)


def write(corpus: Path, text: str) -> Path:
    (corpus / NAME).write_text(text, encoding="utf-8")
    return corpus


def test_words_stand_under_the_norm_with_its_source_first(tmp_path: Path, acts: Acts) -> None:
    corpus = write(
        tmp_path,
        '"KI-VO Anhang III Nr. 4 lit. a" = ["Bewerbungen vorsortieren", "Lebensläufe bewerten"]\n'
        '"Art. 50 Abs. 1 KI-VO" = ["Chatbot"]\n',
    )
    assert read_lay_words(corpus, acts) == {
        "KI-VO Anhang III Nr. 4 lit. a": ("Bewerbungen vorsortieren", "Lebensläufe bewerten"),
        "KI-VO Art. 50 Abs. 1": ("Chatbot",),
    }


def test_without_the_file_there_are_no_words(tmp_path: Path, acts: Acts) -> None:
    assert read_lay_words(tmp_path, acts) == {}


def test_an_empty_file_holds_no_words(tmp_path: Path, acts: Acts) -> None:
    assert read_lay_words(write(tmp_path, "# nur ein Kommentar\n"), acts) == {}


@pytest.mark.parametrize(
    ("text", "named", "expected"),
    [
        ('"XYZ-VO Art. 5" = ["verboten"]', "XYZ-VO", "keine Fundstelle"),
        ('"Bewerbungen" = ["Lebensläufe"]', "Bewerbungen", "keine Fundstelle"),
        ('"KI-VO Art. 5 und Art. 6" = ["verboten"]', "Art. 5", "mehr als eine Fundstelle"),
        ('"KI-VO Art. 5" = "verboten"', "KI-VO Art. 5", "Liste von Wörtern"),
        ('"KI-VO Art. 5" = []', "KI-VO Art. 5", "Liste von Wörtern"),
        ('"KI-VO Art. 5" = ["verboten", 7]', "KI-VO Art. 5", "Liste von Wörtern"),
        ('"KI-VO Art. 5" = ["verboten", " "]', "KI-VO Art. 5", "Liste von Wörtern"),
        ('"KI-VO Art. 5" = ["verboten"', "corpus/suchworte.toml", "kein gültiges TOML"),
        ('"KI-VO Art. 5" = ["a"]\n"KI-VO Art. 5" = ["b"]', "corpus/suchworte.toml", "kein gültiges TOML"),
    ],
)
def test_a_mistake_is_one_german_line_that_names_file_and_place(
    tmp_path: Path, acts: Acts, text: str, named: str, expected: str
) -> None:
    with pytest.raises(CorpusError) as caught:
        read_lay_words(write(tmp_path, text), acts)
    message = str(caught.value)
    assert message.startswith("corpus/suchworte.toml: ")
    assert named in message
    assert expected in message
    assert "\n" not in message


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path, acts: Acts) -> None:
    (tmp_path / NAME).write_bytes('"KI-VO Art. 5" = ["ähnlich"]'.encode("latin-1"))
    with pytest.raises(CorpusError, match="kein gültiges TOML"):
        read_lay_words(tmp_path, acts)


def shipped() -> Iterator[tuple[str, list[str]]]:
    yield from tomllib.loads((ROOT / "corpus" / NAME).read_text(encoding="utf-8")).items()


def test_every_shipped_norm_is_a_place_of_the_digests_or_lies_within_one() -> None:
    law = read_law(ROOT / "corpus")
    acts = law.acts
    places = {short: book.places for short, book in law.digests.items()}
    lost = []
    for norm in read_lay_words(ROOT / "corpus", acts):
        address = acts.parse(norm)
        info = acts.get(address.source)
        if info and address.parts[0][0] == "ErwG":
            found = int(address.parts[0][1]) <= info.recitals
        else:
            place = address
            while place.parts and place.norm not in places[place.source] and place.parent:
                place = place.parent
            found = bool(place.parts)
        if not found:
            lost.append(norm)
    assert not lost


def test_the_shipped_file_names_each_place_once_in_the_written_form_of_the_contract() -> None:
    acts = read_acts(ROOT / "corpus" / "quellen.toml")
    assert list(read_lay_words(ROOT / "corpus", acts)) == [norm for norm, _ in shipped()]


def test_no_shipped_place_lists_a_phrase_twice() -> None:
    assert not [norm for norm, words in shipped() if len({w.casefold() for w in words}) < len(words)]


def test_every_area_of_annex_iii_and_every_prohibition_is_described_in_everyday_words() -> None:
    counts = {norm: len(words) for norm, words in shipped()}
    letters = [n for n in counts if n.startswith("KI-VO Anhang III Nr. ") and " lit. " in n]
    prohibitions = [n for n in counts if n.startswith("KI-VO Art. 5 Abs. 1 lit. ")]
    assert len(letters) == 24
    assert len(prohibitions) == 10
    assert not [n for n in (*letters, "KI-VO Anhang III Nr. 2") if counts[n] < 15]
    assert not [n for n in prohibitions if counts[n] < 10]


def test_every_provision_that_everyday_questions_reach_is_described_in_english_too() -> None:
    counts = {norm: sum(1 for phrase in words if ENGLISH.search(phrase)) for norm, words in shipped()}
    gdpr = [*range(1, 52), *range(55, 59), *range(77, 84), 85, 88, 89, 94, 99]
    articles = ["4", "4a", *range(9, 17), 25, 26, 27, 49, *range(51, 56), 57, 72, 73, 86, 99, 111, 113]
    wanted = [f"DSGVO Art. {n}" for n in gdpr]
    wanted += [f"KI-VO Art. {n}" for n in articles]
    wanted += [f"KI-VO Art. 50 Abs. {n}" for n in range(1, 5)]
    wanted += [norm for norm in counts if norm.startswith(("KI-VO Anhang III Nr. ", "KI-VO Art. 5 Abs. 1 lit. "))]
    assert not [norm for norm in wanted if not counts.get(norm)]
