"""The vocabulary administrators maintain: what a pattern matches, and how mistakes in the file are reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.corpus.vocabulary import Vocabulary, _one_slip, read_vocabulary
from assistant.errors import CorpusError
from tests.conftest import ROOT


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "begriffe.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def words(tmp_path: Path) -> Vocabulary:
    return read_vocabulary(
        write(
            tmp_path,
            '[werkzeug.oeffentlicher_dienst]\nname = "öffentlicher Dienst"\nwoerter = ["chat gpt*", "chatgpt"]\n'
            'unscharf = ["chatgpt", "perplexity"]\n'
            '[daten.sicherheit]\nname = "Sicherheit"\nwoerter = ["netzplän*", "passwör*", "*schlüssel"]\nunscharf = ["netzplan"]\n'
            '[daten.anonym]\nname = "anonym"\nwoerter = ["namen"]\n'
            '[merkmal.heimlich]\nname = "heimlich"\nwoerter = ["heimlich", "ohne dass ... merkt"]\n'
            '[abkuerzung]\nDSB = "Datenschutzbeauftragte"\nDSFA = "Datenschutz-Folgenabschätzung"\n'
            '[laie]\n"spick zettel" = "Merkblatt"\n',
        )
    )


@pytest.mark.parametrize(
    ("text", "key", "shown"),
    [
        ("Darf ich ChatGPT nutzen?", "werkzeug:oeffentlicher_dienst", "chatgpt"),
        ("mit Chat-GPTs arbeiten", "werkzeug:oeffentlicher_dienst", "chat-gpts"),
        ("CHAT  GPT", "werkzeug:oeffentlicher_dienst", "chat gpt"),
        ("Unsere Netzpläne", "daten:sicherheit", "netzplane"),
        ("die NETZPLAENE", None, None),
        ("der Generalschlüssel", "daten:sicherheit", "generalschlussel"),
        ("ein Passwoerter-Heft", None, None),
        ("Passwörter-Heft", "daten:sicherheit", "passworter-heft"),
        ("ganz heimlich", "merkmal:heimlich", "heimlich"),
        ("unheimlich gut", None, None),
        ("ohne dass es einer wirklich merkt", "merkmal:heimlich", "ohne dass es einer wirklich merkt"),
        ("ohne dass merkt", "merkmal:heimlich", "ohne dass merkt"),
        ("ohne dass das hier vor Ort jemals merkt", None, None),
    ],
)
def test_a_pattern_matches_whole_words_with_its_stars_and_gaps(
    words: Vocabulary, text: str, key: str | None, shown: str | None
) -> None:
    assert words.read(text) == ({key: shown} if key else {})


@pytest.mark.parametrize("slip", ["chatgtp", "chatgp", "chatgptt", "shatgpt", "chqtgpt", "cahtgpt"])
def test_a_proper_name_is_recognised_with_one_slip(words: Vocabulary, slip: str) -> None:
    assert words.read(f"Darf ich {slip} nutzen?") == {"werkzeug:oeffentlicher_dienst": slip}


@pytest.mark.parametrize("far", ["chtgtp", "chatbot", "plexity"])
def test_two_slips_are_another_word(words: Vocabulary, far: str) -> None:
    assert words.read(f"Darf ich {far} nutzen?") == {}


def test_a_name_that_is_only_listed_as_fuzzy_is_recognised_as_written(words: Vocabulary) -> None:
    assert "werkzeug:oeffentlicher_dienst" in words.read("Darf ich Perplexity nutzen?")


@pytest.mark.parametrize(
    "text",
    [
        "ohne Passwörter",
        "keine echten Passwörter",
        "Weder Netzpläne noch Passwörter",
        "kein Netzplan",
        "without passwörter",
    ],
)
def test_data_that_is_denied_is_not_named(words: Vocabulary, text: str) -> None:
    assert "daten:sicherheit" not in words.read(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("ohne ChatGPT", "werkzeug:oeffentlicher_dienst"),
        ("nicht heimlich, sondern ohne Namen", "daten:anonym"),
        ("ohne Netzpläne, aber mit Passwörtern", "daten:sicherheit"),
    ],
)
def test_only_data_can_be_denied_and_only_right_before_the_word(words: Vocabulary, text: str, key: str) -> None:
    assert key in words.read(text)


def test_abbreviations_and_everyday_words_are_expanded_once_behind_the_text(words: Vocabulary) -> None:
    assert words.expand("Was sagt der dsb zur DSFA? dsb!") == (
        "Was sagt der dsb zur DSFA? dsb! Datenschutzbeauftragte Datenschutz-Folgenabschätzung"
    )
    assert words.expand("Der DSBler") == "Der DSBler"
    assert words.expand("mein Spick Zettel").endswith(" Merkblatt")


def test_without_expansions_a_text_stays_as_it_is() -> None:
    assert Vocabulary((), {}).expand("Was sagt der DSB?") == "Was sagt der DSB?"


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=80))
def test_any_text_can_be_read_and_expanded(text: str) -> None:
    shipped = _shipped()
    assert all(words for words in shipped.read(text).values())
    assert shipped.expand(text).startswith(text)


_CACHE: list[Vocabulary] = []


def _shipped() -> Vocabulary:
    if not _CACHE:
        _CACHE.append(read_vocabulary(ROOT / "corpus" / "begriffe.toml"))
    return _CACHE[0]


@given(st.text(alphabet="abc", min_size=4, max_size=8), st.data())
def test_one_slip_is_what_it_says(name: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(name) - 1))
    added = name[:position] + "z" + name[position:]
    wrong = name[:position] + "z" + name[position + 1 :]
    twice = "zz" + name
    assert _one_slip(added, name)
    assert _one_slip(wrong, name)
    assert not _one_slip(twice, name)


# ---------------------------------------------------------------- the file


def test_the_shipped_file_names_every_concept_for_people() -> None:
    assert len(_shipped().concepts) > 60
    assert all(c.name.strip() for c in _shipped().concepts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("= kaputt", "keine gültige TOML-Datei"),
        ('[daten.sozialdatn]\nwoerter = ["x"]', "kein bekanntes Merkmal. Bekannt: .*sozialdaten"),
        ('[handlung.fliegen]\nwoerter = ["x"]', "kein bekanntes Merkmal"),
        ("[merkmal.neu]\nname = 'x'", "braucht eine Liste woerter"),
        ('[merkmal.neu]\nwoerter = "x"', "braucht eine Liste woerter"),
        ("[merkmal.neu]\nwoerter = [1]", "erwartet wird eine Liste von Texten"),
        ('[merkmal.neu]\nwoerter = ["x"]\nunscharf = "chatgpt"', "unscharf.*erwartet wird eine Liste von Texten"),
        ('[merkmal.neu]\nwoerter = ["x"]\nunscharf = [7]', "erwartet wird eine Liste von Texten"),
        ('[merkmal.neu]\nwoerter = ["x"]\nwort = "y"', "kennt „wort“ nicht"),
        ('[merkmale.neu]\nwoerter = ["x"]', "unbekannter Abschnitt „merkmale“"),
        ("merkmal = 3", "„merkmal“ ist kein Abschnitt"),
        ('abkuerzung = "DSB"', "„abkuerzung“ ist kein Abschnitt"),
        ("[merkmal]\nneu = 3", "braucht eine Liste woerter"),
    ],
)
def test_a_mistake_is_one_german_line_with_file_and_table(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message) as caught:
        read_vocabulary(write(tmp_path, text))
    assert "begriffe.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_or_one_that_is_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"begriffe\.toml fehlt"):
        read_vocabulary(tmp_path / "begriffe.toml")
    (tmp_path / "begriffe.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CorpusError, match="keine gültige TOML-Datei"):
        read_vocabulary(tmp_path / "begriffe.toml")


@pytest.mark.parametrize("empty", ["[]", '[""]', '["*"]', '["..."]', '[" * "]'])
def test_an_empty_pattern_matches_nothing(tmp_path: Path, empty: str) -> None:
    words = read_vocabulary(write(tmp_path, f"[merkmal.neu]\nwoerter = {empty}\n"))
    assert words.read("Darf ich das? Ja, nein; vielleicht!") == {}


# ---------------------------------------------------------------- word groups


@pytest.fixture
def grouped(tmp_path: Path) -> Vocabulary:
    return read_vocabulary(
        write(tmp_path, '[wortfeld]\nfeier = "Fest Grillen Jubiläum"\nanschreiben = "Einladung Flyer"\nkind = "Kita Enkel"\n')
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("das Grillen", ["wortfeldfeier"]),
        ("unsere Jubiläen", []),
        ("Sommerfest-Flyer", ["wortfeldanschreiben"]),
        ("Grilleneinladungen", ["wortfeldanschreiben"]),
        ("Jubiläumsplanung", ["wortfeldfeier"]),
        ("Einladung, Flyer, Kita", ["wortfeldanschreiben", "wortfeldkind"]),
        ("kita kitas", ["wortfeldkind"]),
        ("der Kitaplatz", []),
        ("nichts davon", []),
    ],
)
def test_a_word_brings_its_group_and_a_compound_that_of_its_head(grouped: Vocabulary, text: str, names: list[str]) -> None:
    assert grouped.with_groups(text) == " ".join([text, *names])


def test_words_of_groups_are_known_to_the_speller(grouped: Vocabulary) -> None:
    assert any("Jubiläum" in term for term in grouped.terms)


def test_without_groups_the_text_stays_as_it_is(words: Vocabulary) -> None:
    assert words.with_groups("das Grillen") == "das Grillen"
