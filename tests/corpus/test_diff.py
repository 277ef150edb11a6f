"""Comparing two states: where they differ, word by word, and the KI-VO against its official English texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.corpus.addresses import read_acts
from assistant.corpus.diff import Change, Fate, compare, rendered, same_words, words
from assistant.corpus.law import read_law
from assistant.corpus.lawtext import read_law_markdown
from assistant.corpus.official import import_official, official_states
from assistant.corpus.readers import read_official
from assistant.corpus.states import read_state
from assistant.errors import CorpusError, ImportRefused
from assistant.types import Provision
from tests.conftest import ROOT, TODAY
from tests.corpus import pages

HEAD = "---\ntitel: T\nkurz: KI-VO\nstand: {}\n---\n"
OLD = """### Artikel 1: Verbote
(1) Verboten ist:
a) das Lügen;
b) das Stehlen.
Das gilt immer.
(2) Ausnahmen gibt es nicht.
### Artikel 2: Kompetenz
Alle sorgen nach besten Kräften für Wissen.
### Artikel 3: Ende
(1) Schluss.
### Artikel 4: Titel
(1) Bleibt.
"""
NEW = """### Artikel 1: Verbote
(1) Verboten ist:
a) das Lügen;
ba) das Täuschen;
b) das Stehlen von Sachen.
Das gilt immer.
(1a) Eingefügt.
a) mit Buchstabe
### Artikel 2: Kompetenz
(1) Alle ergreifen Maßnahmen für Wissen.
(2) Neu.
### Artikel 4: Anderer Titel
(1) Bleibt.
# ANHANG I: Liste
1. Erstes
"""


def places(text: str, state: str = "2024-07-12") -> dict[str, Provision]:
    read = read_law_markdown((HEAD.format(state) + text).encode(), "text.md", "ki-vo")
    return {p.norm: p for p in read.provisions}


def found(old: str, new: str) -> list[tuple[str, str]]:
    return [(c.fate.value, c.norm.removeprefix("KI-VO ")) for c in compare(places(old), places(new))]


def test_each_change_is_named_once_at_the_deepest_place_that_differs() -> None:
    assert found(OLD, NEW) == [
        ("neu", "Art. 1 Abs. 1 lit. ba"),
        ("geaendert", "Art. 1 Abs. 1 lit. b"),
        ("entfallen", "Art. 1 Abs. 2"),
        ("neu", "Art. 1 Abs. 1a"),
        ("geaendert", "Art. 2"),
        ("entfallen", "Art. 3"),
        ("geaendert", "Art. 4"),
        ("neu", "Anhang I"),
    ]


def test_the_same_text_has_no_differences() -> None:
    assert found(OLD, OLD) == []


def test_a_place_whose_own_words_differ_is_named_without_the_places_below_it() -> None:
    changes = compare(places(OLD), places(OLD.replace("Verboten ist:", "Untersagt ist:")))
    assert [(c.norm, c.before, c.after) for c in changes] == [
        ("KI-VO Art. 1 Abs. 1", "Verboten ist:", "Untersagt ist:")
    ]


def test_an_inserted_annex_article_or_recital_is_named_and_a_missing_kind_is_not_compared() -> None:
    recitals = "# Erwägungsgründe\n(1) Grund.\n"
    assert found(recitals + OLD, OLD) == []
    assert found(recitals + OLD, recitals.replace("Grund.", "Anderer Grund.") + OLD) == [("geaendert", "ErwG 1")]
    annex = "# ANHANG I: Liste\n1. Erstes\n"
    assert found(OLD + annex, OLD + annex + annex.replace("ANHANG I", "ANHANG II")) == [("neu", "Anhang II")]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("die „Charta“ —  siehe", 'die "Charta" - siehe', True),
        ("nach Artikel 5 (1) , also", "nach Artikel 5, also", True),
        ("10^25 Operationen", "1025 Operationen", True),
        ("(ABl. L, ELI: http://data.europa.eu/eli/reg/2024/1/oj)", "(ABl. L)", True),
        ("7\u00a0% des Umsatzes;", "7% des Umsatzes", True),
        ("Text\n(*) Fußnote", "Text", True),
        ("sofern es sich um", "sofern es sich nicht um", False),
        ("bis zum 2. August 2026", "bis zum 2. August 2027", False),
        ("Absatz 1", "Absatz 1a", False),
    ],
)
def test_printing_does_not_count_and_words_do(first: str, second: str, same: bool) -> None:
    assert same_words(first, second) is same


def test_words_that_went_and_came_are_marked() -> None:
    change = Change(
        "KI-VO Art. 2", "Art. 2 KI-VO", Fate.GEAENDERT, "Alle sorgen nach Kräften dafür.", "Alle sorgen immer dafür."
    )
    assert rendered(change) == "Alle sorgen [-nach Kräften-] {+immer+} dafür."
    assert "".join(part.value[0] for part, _ in words(change)) == "gwng"


def test_long_unchanged_runs_are_shortened_to_the_words_beside_the_change() -> None:
    same = " ".join(f"w{n}" for n in range(50))
    change = Change("n", "n", Fate.GEAENDERT, f"{same} alt {same}", f"{same} neu {same}")
    ends = "w42 w43 w44 w45 w46 w47 w48 w49", "w0 w1 w2 w3 w4 w5 w6 w7"
    assert rendered(change) == f"… {ends[0]} [-alt-] {{+neu+}} {ends[1]} …"
    assert " ".join(text for _, text in words(change)) == f"{same} alt neu {same}"


# ---------------------------------------------------------------- the command


@pytest.fixture
def home(mini_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEITPLANKE_HOME", str(mini_home))
    for state, text in (("2024-07-12", OLD), ("2026-07-27", NEW)):
        file = mini_home / f"{state}.md"
        file.write_text(HEAD.format(state) + text)
        import_official(mini_home, file, TODAY)
    return mini_home


def test_the_command_lists_changes_by_article_with_the_words(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["corpus", "diff", "ki-vo@2024-07-12", "ki-vo@2026-07-27"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == [
        "KI-VO: Stand 12.07.2024 → 27.07.2026", "", "Art. 1 KI-VO", "  neu: Art. 1 Abs. 1 lit. ba KI-VO", "    {+das Täuschen;+}",
    ]  # fmt: skip
    assert "    das [-Stehlen.-] {+Stehlen von Sachen.+}" in lines
    assert "    {+Anderer+} Titel" in lines
    assert lines[-1].endswith("3 neu, 2 entfallen, 3 geändert.")


def test_the_command_gives_one_json_object(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["corpus", "diff", "ki-vo@2024-07-12", "ki-vo@2026-07-27", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["quelle"], data["alt"], data["neu"]) == ("ki-vo", "2024-07-12", "2026-07-27")
    assert data["artikel"] == ["Art. 1", "Art. 2", "Art. 3", "Art. 4", "Anhang I"]
    title = data["unterschiede"][-2]
    assert title["worte"] == [{"art": "neu", "text": "Anderer"}, {"art": "gleich", "text": "Titel"}]


@pytest.mark.parametrize(
    ("old", "new", "message", "status"),
    [
        ("ki-vo@2025-01-01", "ki-vo@2026-07-27", "ki-vo@2025-01-01: diesen Stand gibt es hier nicht. Eingespielt sind: ki-vo@2024-07-12, ki-vo@2026-07-27.", 1),
        ("ki-vo", "ki-vo@2026-07-27", "ki-vo: erwartet wird ID@JJJJ-MM-TT. Eingespielt sind: ki-vo@2024-07-12, ki-vo@2026-07-27.", 1),
        ("aeuv@2024-01-01", "ki-vo@2026-07-27", "aeuv@2024-01-01: die Quelle „aeuv“ gibt es nicht. Bekannt sind: dsgvo, ki-vo.", 1),
        ("ki-vo@2024-07-12", "dsgvo@2026-07-27", "dsgvo@2026-07-27: diesen Stand gibt es hier nicht. Zu DSGVO ist kein amtlicher Text eingespielt.", 1),
    ],
)  # fmt: skip
def test_an_unknown_state_is_answered_with_the_known_ones(
    home: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, message: str, status: int
) -> None:
    assert main(["corpus", "diff", old, new]) == status
    assert capsys.readouterr().err == message + "\n"


def test_two_different_acts_are_not_compared(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "dsgvo.md"
    file.write_text(HEAD.format("2018-05-23").replace("KI-VO", "DSGVO") + OLD)
    import_official(home, file, TODAY)
    assert main(["corpus", "diff", "dsgvo@2018-05-23", "ki-vo@2026-07-27"]) == 2
    assert capsys.readouterr().err.startswith("Verglichen werden zwei Stände derselben Quelle")


# ---------------------------------------------------------------- other languages


def test_an_english_text_stands_beside_the_german_and_never_replaces_it(home: Path) -> None:
    file = home / "english.html"
    file.write_bytes(pages.consolidated(language="EN", word="Wording"))
    with pytest.raises(ImportRefused, match=r"Sprachfassung EN, erwartet wird DE.*--sprache en"):
        import_official(home, file, TODAY, "ki-vo")
    import_official(home, file, TODAY, "ki-vo", language="EN")
    assert (home / "corpus" / "amtlich" / "ki-vo@2026-07-27.en.html").read_bytes() == file.read_bytes()
    law = read_law(home / "corpus")
    address = law.acts.parse("Art. 3 Abs. 1 KI-VO")
    assert [b.source.state.isoformat() for b in law.official["KI-VO"]] == ["2024-07-12", "2026-07-27"]
    assert law.find(address, TODAY, "EN").provision.text == "Wording 3."
    assert law.find(address, TODAY).provision.text == "Schluss."
    assert [b.language for b in law.books(TODAY) if b.source.short == "KI-VO"] == ["DE"]
    assert law.find(law.acts.parse("Art. 1 DSGVO"), TODAY, "EN") is None


def test_a_german_text_is_not_taken_for_an_english_one(home: Path) -> None:
    file = home / "deutsch.html"
    file.write_bytes(pages.consolidated())
    with pytest.raises(ImportRefused, match="Sprachfassung DE, erwartet wird EN"):
        import_official(home, file, TODAY, "ki-vo", language="EN")


# ---------------------------------------------------------------- the KI-VO itself


def test_the_german_states_of_the_ki_vo_differ_in_the_articles_in_which_the_official_english_ones_do(
    shared: Path,
) -> None:
    info = read_acts(ROOT / "corpus" / "quellen.toml").by_id("ki-vo")

    def read(name: str) -> dict[str, Provision]:
        text = read_official((shared / "law" / name).read_bytes(), name, info)
        return {p.norm: p for p in text.provisions}

    german = compare(read("texts/ki-vo_de_2024-07-12.md"), read("texts/ki-vo_de_2026-07-27.md"))
    formats = "formats/aiact_en_eurlex_{}".format
    english = compare(read(formats("oj.xhtml")), read(formats("consolidated_2026-07-27.html")))
    german_tops, english_tops = ({c.top for c in changes} for changes in (german, english))
    assert len(english_tops) >= 45
    assert english_tops - german_tops == set()
    # The German consolidation prints the two sections of Annex XI as headings and the first text as plain lines.
    assert german_tops - english_tops <= {"Anhang XI"}
    added = {c.norm for c in german if c.fate is Fate.NEU}
    assert {f"KI-VO Art. {n}" for n in ("4a", "60a", "75a", "75b", "75c", "75d")} <= added
    assert {"KI-VO Art. 5 Abs. 1 lit. ba", "KI-VO Art. 5 Abs. 1b", "KI-VO Anhang XIV", "KI-VO Art. 111 Abs. 4"} <= added
    assert "KI-VO Art. 10 Abs. 5" in {c.norm for c in german if c.fate is Fate.ENTFALLEN}


def test_states_are_found_by_id_or_name(home: Path) -> None:
    assert read_state(home / "corpus", "KI-VO@2024-07-12").places.keys() == places(OLD).keys()
    acts = read_acts(home / "corpus" / "quellen.toml")
    assert list(official_states(home / "corpus", acts, "ki-vo")) == [("DE", "KI-VO")]
    with pytest.raises(CorpusError, match="diesen Stand gibt es hier nicht"):
        read_state(home / "corpus", "ki-vo@2026-07-28")
