"""The provision tree: paragraphs, points, romans, subparagraphs, annexes, recitals."""

from __future__ import annotations

import re

import pytest

from assistant.corpus.addresses import read_acts
from assistant.corpus.lawtext import read_law_markdown
from assistant.errors import CorpusError
from tests.conftest import ROOT

SMALL = """---
titel: Kleine Verordnung
kurz: KV
stand: 2026-01-01
---
# Erwägungsgründe
(1) Ein Grund.
# KAPITEL I: Anfang
### Artikel 1: Liste
(1) Verboten ist:
a) erstens:
i) dies;
ii) jenes;
b) zweitens;
ba) eingefügt;
c) drittens.
Das gilt nicht sonntags.
(1a) Eingefügter Absatz.
### Artikel 2: Begriffe
1. „Ding“ ist ein Ding;
2. „Sache“ ist eine Sache.
### Artikel 2a: Buchstaben
h) ha:
i) eins;
ii) zwei.
# ANHANG II: Bereiche
1. Erster Bereich:
a) Fernes.
Dazu gehört Nahes nicht.
b) Weiteres.
"""


@pytest.fixture(scope="module")
def places() -> dict[str, str]:
    text = read_law_markdown(SMALL.encode(), "klein.md", "kv")
    return {p.norm: p.text for p in text.provisions}


def test_every_place_gets_its_address(places: dict[str, str]) -> None:
    assert list(places) == [
        "KV ErwG 1", "KV Art. 1", "KV Art. 1 Abs. 1", "KV Art. 1 Abs. 1 lit. a", "KV Art. 1 Abs. 1 lit. a Ziff. i",
        "KV Art. 1 Abs. 1 lit. a Ziff. ii", "KV Art. 1 Abs. 1 lit. b", "KV Art. 1 Abs. 1 lit. ba", "KV Art. 1 Abs. 1 lit. c",
        "KV Art. 1 Abs. 1 UAbs. 2", "KV Art. 1 Abs. 1a", "KV Art. 2", "KV Art. 2 Nr. 1", "KV Art. 2 Nr. 2", "KV Art. 2a",
        "KV Art. 2a lit. h", "KV Art. 2a lit. h Ziff. i", "KV Art. 2a lit. h Ziff. ii", "KV Anhang II", "KV Anhang II Nr. 1",
        "KV Anhang II Nr. 1 lit. a", "KV Anhang II Nr. 1 lit. b",
    ]  # fmt: skip


def test_a_place_holds_what_is_below_it_with_labels(places: dict[str, str]) -> None:
    assert places["KV Art. 1 Abs. 1 lit. a"] == "erstens:\ni) dies;\nii) jenes;"
    assert places["KV Art. 1 Abs. 1"].endswith("c) drittens.\nDas gilt nicht sonntags.")


def test_a_line_between_two_points_belongs_to_the_first(places: dict[str, str]) -> None:
    assert places["KV Anhang II Nr. 1 lit. a"] == "Fernes.\nDazu gehört Nahes nicht."


@pytest.mark.parametrize("mark", ["— ", "- ", ""])
def test_an_indent_is_no_subparagraph_but_part_of_the_one_it_stands_in(mark: str) -> None:
    lines = [
        "(1) Ernannt wird",
        f"{mark}vom Rat,",
        f"{mark}von der Regierung.",
        "Zugleich:",
        f"{mark}sofort.",
        "Danach.",
    ]
    law = SMALL.partition("# Erw")[0] + "### Artikel 1: Wahl\n" + "\n".join(lines)
    found = {p.norm: p.text for p in read_law_markdown(law.encode(), "klein.md", "kv").provisions}
    assert list(found) == ["KV Art. 1", "KV Art. 1 Abs. 1", "KV Art. 1 Abs. 1 UAbs. 2", "KV Art. 1 Abs. 1 UAbs. 3"]
    assert found["KV Art. 1"] == "\n".join(lines)
    assert found["KV Art. 1 Abs. 1 UAbs. 2"] == f"Zugleich:\n{mark}sofort."


def test_signatures_are_no_provisions_and_a_section_may_stand_over_its_title() -> None:
    end = (
        "Geschehen zu Brüssel am 1. Januar 2026.\nDie Präsidentin\n# ANHANG III: Mehr\nAbschnitt 1\nTitel\n1. Punkt.\n"
    )
    law = SMALL.partition("# Erw")[0] + "### Artikel 1: Geltung\nSie gilt.\n" + end
    found = {p.norm: p.text for p in read_law_markdown(law.encode(), "klein.md", "kv").provisions}
    assert found["KV Art. 1"] == "Sie gilt."
    assert found["KV Anhang III Abschnitt 1"] == "Abschnitt 1: Titel\n1. Punkt."
    assert "KV Anhang III Abschnitt 1 Nr. 1" in found


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"### Artikel 1: ohne Kopf", "Kopf fehlt"),
        (b"---\ntitel: X\nkurz: Y\n---\n### Artikel 1: A\n(1) B", "stand"),
        (b"---\ntitel: X\nkurz: Y\nstand: gestern\n---\n### Artikel 1: A\n(1) B", "kein Datum"),
        (b"---\ntitel: X\nkurz: Y\nstand: 2026-01-01\n---\nnichts", "keine Artikel"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_broken_texts_are_refused_by_name(data: bytes, message: str) -> None:
    with pytest.raises(CorpusError, match=message) as caught:
        read_law_markdown(data, "kaputt.md", "x")
    assert "kaputt.md" in str(caught.value)
    assert "\n" not in str(caught.value)


EXPECTED = {
    "dsgvo_de.md": {"Art.": 99, "ErwG": 173, "Anhang": 0},
    "ki-vo_de_2024-07-12.md": {"Art.": 113, "ErwG": 180, "Anhang": 13},
    "ki-vo_de_2026-07-27.md": {"Art.": 119, "ErwG": 180, "Anhang": 14},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_official_texts_are_complete_to_the_letter(shared, name: str) -> None:
    data = (shared / "law" / "texts" / name).read_bytes()
    text = read_law_markdown(data, name, "x")
    assert {unit: text.count(unit) for unit in EXPECTED[name]} == EXPECTED[name]
    places = {p.norm: p.text for p in text.provisions}
    source = re.sub(r"^Geschehen zu (?:(?!#).*\n)*", "", data.decode(), flags=re.MULTILINE)
    articles = re.findall(r"^### Artikel (\d+[a-z]?)[^\n]*\n(.*?)(?=^#|\Z)", source, re.DOTALL | re.MULTILINE)
    assert len(articles) == EXPECTED[name]["Art."]
    fold = lambda value: re.sub(r"\s+", "", value)  # noqa: E731
    different = [n for n, body in articles if fold(places[f"{text.short} Art. {n}"]) != fold(body)]
    assert different == []


def test_every_address_of_the_official_texts_reads_back_as_itself(shared) -> None:
    acts = read_acts(ROOT / "corpus" / "quellen.toml")
    for name in EXPECTED:
        text = read_law_markdown((shared / "law" / "texts" / name).read_bytes(), name, "x")
        wrong = [(p.label, acts.parse(p.label).norm) for p in text.provisions if acts.parse(p.label).norm != p.norm]
        assert wrong == []
