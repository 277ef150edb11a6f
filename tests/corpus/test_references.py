"""Cross-references: which places a provision names, and who names it."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from assistant import cli
from assistant.corpus.addresses import Acts, read_acts
from assistant.corpus.law import read_law
from assistant.corpus.lawtext import read_law_markdown
from assistant.corpus.links import CrossReferences, Incoming
from assistant.corpus.official import import_official
from assistant.corpus.readers import read_official
from assistant.corpus.references import named_in, references
from assistant.types import Kind, Provision
from tests.conftest import ROOT, TODAY

ACTS = read_acts(ROOT / "corpus" / "quellen.toml")

# In our own words, in the forms of drafting that occur in the acts.
MINI = """---
titel: Probe
kurz: KI-VO
stand: 2026-07-27
---
### Artikel 1: Anfang
(1) Es gilt Artikel 3 Nummer 2.
Unterabsatz 1 gilt nicht für Anhang III Nummer 1 Buchstabe b.
(2) Wer nach Absatz 1 handelt, beachtet die Artikel 2 und 3 sowie die Artikel 2 bis 4.
a) außer im Fall des Buchstaben b dieses Absatzes;
b) oder nach Artikel 4 Absatz 2 Satz 2.
### Artikel 2: Fremdes
(1) Artikel 6 Absatz 1 Buchstabe e der Verordnung (EU) 2016/679 und Artikel 27 der Richtlinie (EU) 2016/680 bleiben.
(2) Gemäß Artikel 16 AEUV und Artikel 4 der Charta. Artikel 9 der genannten Charta ebenso.
(3) Nach Artikel 3 der vorliegenden Verordnung und § 5 BDSG.
(4) Auf Grund des Artikels 1 Absatz 2 oder des Artikels 4 der Richtlinie 95/46/EG.
### Artikel 3: Begriffe
1. eins nach Nummer 2;
2. zwei.
### Artikel 3a: Eingefügt
Nach Maßgabe des Artikels 99 und in Kapitel III Abschnitt 2 der Verordnung (EG) Nr. 3/2008.
### Artikel 4: Ende
(1) Siehe Absatz 2. Für Anhang III, ausgenommen Nummer 1 des genannten Anhangs, gilt Absatz 9 nicht.
(2) Erster Satz. Zweiter Satz nach Artikel 1 Absatz 2 Buchstaben a und b.
# ANHANG III: Liste
1. eins:
a) Unterpunkt nach Artikel 1;
b) weiterer Unterpunkt nach Buchstabe a.
"""

EXPECTED = [
    ("Art. 1 Abs. 1", ["Art. 3 Nr. 2", "Art. 1 Abs. 1 UAbs. 1", "Anhang III Nr. 1 lit. b"]),
    ("Art. 1 Abs. 1 UAbs. 2", ["Art. 1 Abs. 1 UAbs. 1", "Anhang III Nr. 1 lit. b"]),
    (
        "Art. 1 Abs. 2",
        ["Art. 1 Abs. 1", "Art. 2", "Art. 3", "Art. 3a", "Art. 4", "Art. 1 Abs. 2 lit. b", "Art. 4 Abs. 2 Satz 2"],
    ),
    ("Art. 1 Abs. 2 lit. a", ["Art. 1 Abs. 2 lit. b"]),
    ("Art. 2 Abs. 1", ["DSGVO Art. 6 Abs. 1 lit. e"]),
    ("Art. 2 Abs. 2", []),
    ("Art. 2 Abs. 3", ["Art. 3", "BDSG § 5"]),
    ("Art. 2 Abs. 4", []),
    ("Art. 3", ["Art. 3 Nr. 2"]),
    ("Art. 3 Nr. 1", ["Art. 3 Nr. 2"]),
    ("Art. 3a", []),
    ("Art. 4 Abs. 1", ["Art. 4 Abs. 2", "Anhang III", "Anhang III Nr. 1"]),
    ("Art. 4 Abs. 2", ["Art. 1 Abs. 2 lit. a", "Art. 1 Abs. 2 lit. b"]),
    ("Anhang III Nr. 1 lit. b", ["Anhang III Nr. 1 lit. a"]),
]


def _mini(text: str = MINI) -> dict[str, Provision]:
    return {p.norm: p for p in read_law_markdown(text.encode(), "probe.md", "ki-vo").provisions}


def _full(place: str) -> str:
    return place if place.startswith(("DSGVO", "BDSG")) else f"KI-VO {place}"


@pytest.mark.parametrize(("place", "targets"), EXPECTED)
def test_a_provision_names_the_places_that_its_words_mean(place: str, targets: list[str]) -> None:
    places = _mini()
    found = references(places[f"KI-VO {place}"], ACTS, places)
    assert [a.norm for a in found] == [_full(t) for t in targets]


def _provision(norm: str, text: str) -> Provision:
    address = ACTS.parse(norm)
    return Provision(norm, address.label, "x", (), text, Kind.GESETZ)


@pytest.mark.parametrize(
    ("norm", "text", "targets"),
    [
        ("DSGVO Art. 6 Abs. 3", "For the purposes of point (e) of paragraph 1 of this Article, the State shall act.",
         ["DSGVO Art. 6 Abs. 1 lit. e"]),
        ("KI-VO Art. 9 Abs. 2", "The measures in paragraphs 3 to 5 and in Annex III, point 4(a), shall apply of course.",
         ["KI-VO Art. 9 Abs. 3", "KI-VO Art. 9 Abs. 4", "KI-VO Art. 9 Abs. 5", "KI-VO Anhang III Nr. 4 lit. a"]),
        ("KI-VO Art. 9 Abs. 2", "Article 27 of Directive (EU) 2016/680 and the first subparagraph of Article 49(1) shall hold.",
         ["KI-VO Art. 49 Abs. 1 UAbs. 1"]),
        ("BDSG § 35 Abs. 1", "§ 3 Absatz 2 Satz 1 gilt, ebenso die Sätze 1 und 2 sowie § 203 des Strafgesetzbuches.",
         ["BDSG § 3 Abs. 2 Satz 1", "BDSG § 35 Abs. 1 Satz 1", "BDSG § 35 Abs. 1 Satz 2", "StGB § 203"]),
        ("SGB X § 67 Abs. 2", "Stellen nach § 35 des Ersten Buches und § 28 des Bundesmeldegesetzes und Artikel 3 des Vertrages.",
         ["SGB I § 35"]),
    ],
)  # fmt: skip
def test_english_texts_and_german_statutes_are_read_too(norm: str, text: str, targets: list[str]) -> None:
    assert [a.norm for a in references(_provision(norm, text), ACTS)] == targets


def test_a_reference_knows_the_line_it_stands_in_and_how_it_was_written() -> None:
    places = _mini()
    found = [(r.place.place, r.target.place, r.written) for r in named_in(places["KI-VO Art. 4"], ACTS, places)]
    assert ("Art. 4 Abs. 2", "Art. 1 Abs. 2 lit. a", "Artikel 1 Absatz 2 Buchstaben a und b") in found


def test_an_act_as_a_whole_and_an_amending_article_name_nothing() -> None:
    amending = "1. In Artikel 17 wird folgender Absatz angefügt:\n„(3) Unbeschadet des Absatzes 2 gilt Artikel 5.“"
    assert references(_provision("KI-VO", "Übersicht, siehe Art. 5 KI-VO."), ACTS) == ()
    assert references(_provision("KI-VO Art. 108", amending), ACTS) == ()


def test_both_directions_join_acts_and_name_the_smallest_place(mini_home: Path) -> None:
    file = mini_home / "probe.md"
    file.write_text(MINI.replace("Verordnung (EU) 2016/679", "DSGVO"))
    import_official(mini_home, file, TODAY)
    law = read_law(mini_home / "corpus")
    links = CrossReferences(law, TODAY)
    place = law.find(law.acts.parse("Art. 1 Abs. 2 KI-VO"), TODAY).provision
    assert [a.norm for a in links.incoming(place)] == ["KI-VO Art. 4 Abs. 2"]
    term = law.find(law.acts.parse("Art. 3 Nr. 2 KI-VO"), TODAY).provision
    assert [a.norm for a in links.incoming(term)] == ["KI-VO Art. 1 Abs. 1", "KI-VO Art. 3 Nr. 1"]
    assert [a.norm for a in links.outgoing(place)][-2:] == ["KI-VO Art. 1 Abs. 2 lit. b", "KI-VO Art. 4 Abs. 2 Satz 2"]
    elsewhere = _provision("DSGVO Art. 6", "")
    assert [a.norm for a in links.incoming(elsewhere)] == ["KI-VO Art. 2 Abs. 1"]


def test_every_entry_of_a_digest_is_read_for_what_names_a_place() -> None:
    texts = {"KI-VO": "Siehe Art. 6.", "KI-VO Art. 2 Abs. 7": "Mehr in Art. 5 bis 7 KI-VO.", "KI-VO Art. 9": "Wie Art. 60."}
    places = {n: Provision(n, n, "ki-vo", (), t, Kind.KURZFASSUNG) for n, t in texts.items()}
    assert [a.norm for a in Incoming(ACTS, "KI-VO", places).to(ACTS.parse("Art. 6 KI-VO"))] == ["KI-VO Art. 2 Abs. 7"]


def test_what_is_asked_again_is_remembered() -> None:
    links = Incoming(ACTS, "KI-VO", places := _mini())
    address = ACTS.parse("Art. 3 Nr. 2 KI-VO")
    first = links.to(address)
    places.clear()
    assert [a.parts[0] for a in links.to(address)] == [a.parts[0] for a in first] != []


def test_what_names_the_whole_article_from_inside_is_no_reference_to_it() -> None:
    places = _mini(MINI.replace("Siehe Absatz 2.", "Siehe Artikel 4."))
    assert "KI-VO Art. 4" not in [a.norm for a in references(places["KI-VO Art. 4 Abs. 1"], ACTS, places)]


def test_show_prints_both_directions(
    ready_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEITPLANKE_HOME", str(ready_home))
    assert cli.main(["show", "Art. 50 KI-VO", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert isinstance(shown["verweist_auf"], list)
    assert isinstance(shown["erwaehnt_in"], list)


# Read and decided by hand in the official texts: 28 provisions of each act drawn by chance, then hard ones.
# "Art. 12–14" stands for each of them.
SAMPLE = """
DSGVO Art. 68 Abs. 6 -> DSGVO Art. 65
DSGVO Art. 89 Abs. 3 -> DSGVO Art. 89 Abs. 1; DSGVO Art. 15; DSGVO Art. 16; DSGVO Art. 18–21
DSGVO Art. 70 Abs. 1 lit. h -> DSGVO Art. 70 Abs. 1 lit. e; DSGVO Art. 34 Abs. 1
DSGVO Art. 80 Abs. 1 -> DSGVO Art. 77–79; DSGVO Art. 82
DSGVO Art. 97 Abs. 4 -> DSGVO Art. 97 Abs. 1; DSGVO Art. 97 Abs. 2
DSGVO Art. 36 Abs. 1 -> DSGVO Art. 35
DSGVO Art. 35 Abs. 7 lit. c -> DSGVO Art. 35 Abs. 1
DSGVO Art. 82 Abs. 3 -> DSGVO Art. 82 Abs. 2
DSGVO Art. 70 Abs. 1 lit. n -> DSGVO Art. 40; DSGVO Art. 42
DSGVO Art. 35 Abs. 8 -> DSGVO Art. 40
DSGVO Art. 20 Abs. 1 lit. a -> DSGVO Art. 6 Abs. 1 lit. a; DSGVO Art. 9 Abs. 2 lit. a; DSGVO Art. 6 Abs. 1 lit. b
DSGVO Art. 66 Abs. 2 -> DSGVO Art. 66 Abs. 1
DSGVO Art. 49 Abs. 3 -> DSGVO Art. 49 Abs. 1 lit. a; DSGVO Art. 49 Abs. 1 lit. b; DSGVO Art. 49 Abs. 1 lit. c; DSGVO Art. 49 Abs. 1 UAbs. 2
DSGVO Art. 28 Abs. 3 UAbs. 2 -> DSGVO Art. 28 Abs. 3 lit. h
DSGVO Art. 18 Abs. 3 -> DSGVO Art. 18 Abs. 1
DSGVO Art. 83 Abs. 5 lit. b -> DSGVO Art. 12–22
DSGVO Art. 12 Abs. 7 -> DSGVO Art. 13; DSGVO Art. 14
DSGVO Art. 61 Abs. 5 -> DSGVO Art. 61 Abs. 4
DSGVO Art. 30 Abs. 1 lit. g -> DSGVO Art. 32 Abs. 1
DSGVO Art. 5 Abs. 2 -> DSGVO Art. 5 Abs. 1
DSGVO Art. 83 Abs. 4 -> DSGVO Art. 83 Abs. 2; DSGVO Art. 8; DSGVO Art. 11; DSGVO Art. 25–39; DSGVO Art. 42; DSGVO Art. 43; DSGVO Art. 41 Abs. 4
DSGVO Art. 14 Abs. 2 lit. g -> DSGVO Art. 22 Abs. 1; DSGVO Art. 22 Abs. 4
DSGVO Art. 14 Abs. 2 lit. b -> DSGVO Art. 6 Abs. 1 lit. f
DSGVO Art. 12 Abs. 2 -> DSGVO Art. 15–22; DSGVO Art. 11 Abs. 2
DSGVO Art. 43 Abs. 1 lit. a -> DSGVO Art. 55; DSGVO Art. 56
DSGVO Art. 9 Abs. 2 lit. j -> DSGVO Art. 89 Abs. 1
DSGVO Art. 70 Abs. 1 lit. g -> DSGVO Art. 70 Abs. 1 lit. e; DSGVO Art. 33 Abs. 1; DSGVO Art. 33 Abs. 2
DSGVO Art. 57 Abs. 1 lit. k -> DSGVO Art. 35 Abs. 4
DSGVO ErwG 106 ->
DSGVO ErwG 141 ->
DSGVO Art. 65 Abs. 6 -> DSGVO Art. 65 Abs. 1; DSGVO Art. 60 Abs. 7–9; DSGVO Art. 65 Abs. 5
DSGVO Art. 46 Abs. 5 -> DSGVO Art. 46 Abs. 2
DSGVO Art. 60 Abs. 8 -> DSGVO Art. 60 Abs. 7
DSGVO Art. 93 Abs. 3 ->
DSGVO Art. 6 Abs. 3 -> DSGVO Art. 6 Abs. 1 lit. c; DSGVO Art. 6 Abs. 1 lit. e
KI-VO Art. 60 Abs. 4 lit. i -> KI-VO Art. 61
KI-VO Art. 29 Abs. 4 UAbs. 2 -> KI-VO Anhang I Abschnitt A; KI-VO Art. 28 Abs. 8
KI-VO Art. 76 Abs. 5 -> KI-VO Art. 76 Abs. 3
KI-VO Art. 68 Abs. 4 -> KI-VO Art. 68 Abs. 3
KI-VO Art. 77 Abs. 4 -> KI-VO Art. 77 Abs. 1; KI-VO Art. 78
KI-VO Art. 45 Abs. 1 lit. a -> KI-VO Anhang VII
KI-VO Art. 16 lit. d -> KI-VO Art. 18
KI-VO Art. 49 Abs. 4 lit. c -> KI-VO Anhang VIII Abschnitt C Nr. 1–3
KI-VO Art. 2 Abs. 13 UAbs. 3 -> KI-VO Art. 97
KI-VO Art. 49 Abs. 2 -> KI-VO Art. 6 Abs. 3; KI-VO Art. 71
KI-VO Art. 60a Abs. 3 -> KI-VO Anhang I Abschnitt B
KI-VO Art. 30 Abs. 2 UAbs. 2 -> KI-VO Art. 97; KI-VO Anhang XIV
KI-VO Art. 75d Abs. 3 -> KI-VO Art. 75d Abs. 2
KI-VO Art. 100 Abs. 2 -> KI-VO Art. 5
KI-VO Art. 59 Abs. 2 -> KI-VO Art. 59 Abs. 1
KI-VO Art. 80 Abs. 1 -> KI-VO Art. 6 Abs. 3
KI-VO Art. 112 Abs. 1 -> KI-VO Art. 97; KI-VO Anhang III; KI-VO Art. 5
KI-VO Art. 75 Abs. 2a UAbs. 3 -> KI-VO Art. 75a
KI-VO Art. 25 Abs. 5 -> KI-VO Art. 25 Abs. 2; KI-VO Art. 25 Abs. 3
KI-VO Art. 73 Abs. 8 -> KI-VO Art. 73 Abs. 1
KI-VO Art. 2 Abs. 2 -> KI-VO Art. 6 Abs. 1; KI-VO Anhang I Abschnitt B; KI-VO Art. 60a; KI-VO Art. 102–112; KI-VO Art. 57–59
KI-VO Art. 77 Abs. 1b -> KI-VO Art. 77 Abs. 1
KI-VO Art. 75c Abs. 5 lit. c -> KI-VO Art. 75a Abs. 4
KI-VO Art. 16 lit. e -> KI-VO Art. 19
KI-VO Art. 56 Abs. 9 UAbs. 2 -> KI-VO Art. 56 Abs. 6; KI-VO Art. 53; KI-VO Art. 55; KI-VO Art. 56 Abs. 2; KI-VO Art. 98 Abs. 2
KI-VO Art. 48 Abs. 1 ->
KI-VO Art. 17 Abs. 1 lit. m ->
KI-VO Art. 43 Abs. 2 -> KI-VO Anhang III Nr. 2–8; KI-VO Anhang VI
KI-VO Art. 5 Abs. 5 -> KI-VO Art. 5 Abs. 1 lit. h; KI-VO Art. 5 Abs. 2; KI-VO Art. 5 Abs. 3; KI-VO Art. 5 Abs. 1 lit. h Ziff. iii
KI-VO Art. 49 Abs. 4 lit. a -> KI-VO Anhang VIII Abschnitt A Nr. 1–10
KI-VO Art. 53 Abs. 5 -> KI-VO Anhang XI; KI-VO Art. 97; KI-VO Anhang XI Abschnitt 1 Nr. 2 lit. d; KI-VO Anhang XI Abschnitt 1 Nr. 2 lit. e
KI-VO Art. 86 Abs. 1 -> KI-VO Anhang III; KI-VO Anhang III Nr. 2
KI-VO Art. 111 Abs. 1 -> KI-VO Art. 5; KI-VO Art. 113 lit. a; KI-VO Anhang X
KI-VO Art. 26 Abs. 9 -> KI-VO Art. 13; DSGVO Art. 35
KI-VO Art. 3 Nr. 37 -> DSGVO Art. 9 Abs. 1
KI-VO ErwG 140 -> DSGVO Art. 6 Abs. 4; DSGVO Art. 9 Abs. 2 lit. g; DSGVO Art. 22 Abs. 2 lit. b
KI-VO Art. 108 ->
KI-VO Art. 36 Abs. 4 -> KI-VO Art. 31
KI-VO Art. 5 Abs. 1a -> KI-VO Art. 5 Abs. 1 lit. ba; KI-VO Art. 5 Abs. 1 lit. bb
"""


def _sample() -> list[tuple[str, set[str]]]:
    rows = []
    for line in SAMPLE.strip().splitlines():
        norm, _, listed = line.partition(" ->")
        targets: set[str] = set()
        for target in filter(None, (t.strip() for t in listed.split(";"))):
            ends = re.fullmatch(r"(.* )(\d+)–(\d+)", target)
            targets |= {f"{ends[1]}{n}" for n in range(int(ends[2]), int(ends[3]) + 1)} if ends else {target}
        rows.append((norm, targets))
    return rows


def _official(shared: Path, acts: Acts) -> dict[str, dict[str, Provision]]:
    books = {}
    for name, act_id in (("dsgvo_de.md", "dsgvo"), ("ki-vo_de_2026-07-27.md", "ki-vo")):
        text = read_official((shared / "law" / "texts" / name).read_bytes(), name, acts.by_id(act_id))
        books[text.short] = {p.norm: p for p in text.provisions}
    return books


def test_references_of_the_official_texts_agree_with_the_sample_read_by_hand(shared: Path) -> None:
    books = _official(shared, ACTS)
    right = found_in_all = meant_in_all = 0
    for norm, meant in _sample():
        places = books[norm.split(" ")[0]]
        found = {a.norm for a in references(places[norm], ACTS, places)}
        right, found_in_all, meant_in_all = right + len(found & meant), found_in_all + len(found), meant_in_all + len(meant)
    assert meant_in_all >= 60
    assert right / found_in_all >= 0.99
    assert right / meant_in_all >= 0.98


def _by_paragraph(file: Path, act_id: str) -> set[tuple[str, str]]:
    """(article and paragraph it stands in, target) of every reference of an act, without subparagraphs and recitals."""
    text = read_official(file.read_bytes(), file.name, ACTS.by_id(act_id))
    places = {p.norm: p for p in text.provisions}
    tops = [p for p in places.values() if p.norm.count(" ") == 2 and " ErwG " not in p.norm]
    found = [r for p in tops for r in named_in(p, ACTS, places)]
    large = ("Art.", "Abs.", "Anhang", "Abschnitt")
    return {
        (" ".join(f"{u} {v}" for u, v in r.place.parts if u in large), re.sub(r" UAbs\. \d+", "", r.target.norm)) for r in found
    }


@pytest.mark.parametrize(
    ("act_id", "german", "english"),
    [
        ("dsgvo", "texts/dsgvo_de.md", "formats/gdpr_en_eurlex_consolidated.html"),
        ("ki-vo", "texts/ki-vo_de_2026-07-27.md", "formats/aiact_en_eurlex_consolidated_2026-07-27.html"),
    ],
)
def test_german_and_english_wording_name_the_same_places(shared: Path, act_id: str, german: str, english: str) -> None:
    one, other = (_by_paragraph(shared / "law" / file, act_id) for file in (german, english))
    assert len(one) > 600
    assert len(one & other) / len(one | other) >= 0.99


def test_every_target_in_the_official_texts_exists(shared: Path) -> None:
    for short, places in _official(shared, ACTS).items():
        tops = [p for p in places.values() if p.norm.count(" ") == 2]
        targets = {r.target for p in tops for r in named_in(p, ACTS, places) if r.target.source == short}
        plain = {re.sub(r" UAbs\. 1(?= |$)| Satz \d+$", "", a.norm) for a in targets}
        assert len(plain) > 200
        assert sorted(n for n in plain if n not in places) == []


def test_a_day_before_the_first_state_is_answered_from_what_there_is(mini_home: Path) -> None:
    law = read_law(mini_home / "corpus")
    day = dt.date(2016, 1, 1)
    place = law.find(law.acts.parse("Art. 50 KI-VO"), day).provision
    linked = Provision(place.norm, place.label, place.source, (), "Siehe Art. 6 Abs. 1 KI-VO.", place.kind)
    assert [a.norm for a in CrossReferences(law, day).outgoing(linked)] == ["KI-VO Art. 6 Abs. 1"]
