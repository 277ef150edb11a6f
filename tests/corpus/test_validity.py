"""From when each place of the KI-VO applies: a review table against Art. 113 and 111, then every day that matters.

The table is written from the German text of 27.7.2026 and of 12.7.2024, row by row with the place that says so.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.corpus.addresses import Address
from assistant.corpus.books import upwards
from assistant.corpus.diff import Fate, compare
from assistant.corpus.law import Law, read_law
from assistant.corpus.official import import_official
from assistant.errors import CorpusError
from assistant.types import Kind, Validity
from tests.conftest import ROOT, TODAY

NOW, FIRST = dt.date(2026, 7, 27), dt.date(2024, 7, 12)
PRESENT = [
    ("", "2026-08-02", "Art. 113 UAbs. 2"),
    ("Art. 1 bis 5", "2025-02-02", "Art. 113 lit. a: Kapitel I und II"),
    ("Art. 5 Abs. 1 lit. ba", "2026-12-02", "Art. 113 lit. a, Ausnahme"),
    ("Art. 5 Abs. 1 lit. bb", "2026-12-02", "Art. 113 lit. a, Ausnahme"),
    ("Art. 5 Abs. 1a", "2026-12-02", "Art. 113 lit. a, Ausnahme"),
    ("Art. 5 Abs. 1b", "2026-12-02", "Art. 113 lit. a, Ausnahme"),
    ("Art. 2 Abs. 13", "2026-07-27", "eingefügt durch VO (EU) 2026/1744"),
    ("Art. 3 Nr. 14a", "2026-07-27", "eingefügt durch VO (EU) 2026/1744"),
    ("Art. 3 Nr. 14b", "2026-07-27", "eingefügt durch VO (EU) 2026/1744"),
    ("Art. 4 Abs. 2", "2026-07-27", "eingefügt durch VO (EU) 2026/1744"),
    ("Art. 4 Abs. 3", "2026-07-27", "eingefügt durch VO (EU) 2026/1744"),
    ("Art. 4a", "2026-07-27", "eingefügt durch VO (EU) 2026/1744"),
    ("Art. 6 bis 27", "2027-12-02", "Art. 113 lit. c Ziff. i: Anhang III"),
    ("Art. 6 Abs. 1", "2028-08-02", "Art. 113 lit. c Ziff. ii: Anhang I"),
    ("Art. 6 Abs. 1c", "2028-08-02", "Art. 113 lit. c Ziff. ii: nur zu Abs. 1 lit. b"),
    ("Art. 6 Abs. 5", "2026-08-02", "Art. 113 lit. c, Ausnahme"),
    ("Art. 25 Abs. 3", "2028-08-02", "Art. 113 lit. c Ziff. ii: Produkte nach Anhang I"),
    ("Art. 28 bis 39", "2025-08-02", "Art. 113 lit. b: Kapitel III Abschnitt 4"),
    ("Art. 51 bis 56", "2025-08-02", "Art. 113 lit. b: Kapitel V"),
    ("Art. 64 bis 70", "2025-08-02", "Art. 113 lit. b: Kapitel VII"),
    ("Art. 78", "2025-08-02", "Art. 113 lit. b"),
    ("Art. 99 bis 100", "2025-08-02", "Art. 113 lit. b: Kapitel XII"),
    ("Art. 99 Abs. 6a", "2026-07-27", "eingefügt durch VO (EU) 2026/1744"),
    ("Art. 102 bis 110", "2026-07-27", "Art. 113 lit. d"),
    ("Art. 113 lit. d", "2026-07-27", "eingefügt durch VO (EU) 2026/1744"),
    ("Anhang I", "2028-08-02", "Art. 113 lit. c Ziff. ii"),
    ("Anhang II", "2025-02-02", "Art. 113 lit. a: gehört zu Art. 5 Abs. 1 lit. h"),
    ("Anhang III", "2027-12-02", "Art. 113 lit. c Ziff. i"),
    ("Anhang IV", "2027-12-02", "Art. 113 lit. c: gehört zu Art. 11"),
    ("Anhang XI", "2025-08-02", "Art. 113 lit. b: gehört zu Art. 53"),
    ("Anhang XII", "2025-08-02", "Art. 113 lit. b: gehört zu Art. 53"),
    ("Anhang XIII", "2025-08-02", "Art. 113 lit. b: gehört zu Art. 51"),
    ("Anhang XIV", "2026-07-27", "eingefügt durch VO (EU) 2026/1744"),
]
BEFORE = [
    ("", "2026-08-02", "Art. 113 UAbs. 2"),
    ("Art. 1 bis 5", "2025-02-02", "Art. 113 lit. a: Kapitel I und II"),
    ("Art. 6 Abs. 1", "2027-08-02", "Art. 113 lit. c"),
    ("Art. 28 bis 39", "2025-08-02", "Art. 113 lit. b: Kapitel III Abschnitt 4"),
    ("Art. 51 bis 56", "2025-08-02", "Art. 113 lit. b: Kapitel V"),
    ("Art. 64 bis 70", "2025-08-02", "Art. 113 lit. b: Kapitel VII"),
    ("Art. 78", "2025-08-02", "Art. 113 lit. b"),
    ("Art. 99 bis 100", "2025-08-02", "Art. 113 lit. b: Kapitel XII ohne Art. 101"),
    ("Anhang I", "2027-08-02", "Art. 113 lit. c: gehört zu Art. 6 Abs. 1"),
    ("Anhang II", "2025-02-02", "Art. 113 lit. a: gehört zu Art. 5 Abs. 1 lit. h"),
    ("Anhang XI", "2025-08-02", "Art. 113 lit. b: gehört zu Art. 53"),
    ("Anhang XII", "2025-08-02", "Art. 113 lit. b: gehört zu Art. 53"),
    ("Anhang XIII", "2025-08-02", "Art. 113 lit. b: gehört zu Art. 51"),
]


def expected(table: list[tuple[str, str, str]], norm: str) -> dt.date | None:
    """The date of the smallest row that the place lies in; recitals and the act as a whole have none."""
    if " ErwG " in norm or norm == "KI-VO":
        return None
    rows: dict[str, dt.date] = {}
    for place, day, _ in table:
        several = re.fullmatch(r"(Art\.) (\d+) bis (\d+)", place)
        names = [f"Art. {n}" for n in range(int(several[2]), int(several[3]) + 1)] if several else [place]
        rows |= {f"KI-VO {name}".strip(): dt.date.fromisoformat(day) for name in names}
    return next((rows[n] for n in upwards(norm) if n in rows), rows["KI-VO"])


@pytest.fixture(scope="module")
def shipped() -> Law:
    return read_law(ROOT / "corpus")


@pytest.fixture(scope="module")
def both(law_in_two_states: Law) -> Law:
    return law_in_two_states


# ---------------------------------------------------------------- the reviewed dates


def test_every_digest_of_the_ki_vo_has_the_date_of_the_review_table(shipped: Law) -> None:
    digest = shipped.digests["KI-VO"]
    dated = {n: p.valid_from for n, p in digest.places.items() if p.valid_to is None}
    assert len(dated) > 300
    assert {n: d for n, d in dated.items() if d != expected(PRESENT, n)} == {}


def test_every_place_of_the_first_wording_has_the_date_its_own_article_113_gave_it(both: Law) -> None:
    first = both.official["KI-VO"][0]
    assert first.source.state == FIRST
    assert {n: p.valid_from for n, p in first.places.items() if p.valid_from != expected(BEFORE, n)} == {}


def test_every_place_of_the_present_wording_has_its_date_and_inserted_ones_none_before_the_amendment(both: Law) -> None:
    first, present = both.official["KI-VO"]
    inserted = {c.norm for c in compare(first.places, present.places) if c.fate is Fate.NEU}
    assert len(inserted) > 35
    reviewed = {f"KI-VO {place}" for place, _, _ in PRESENT}
    wrong = {}
    for norm, place in present.places.items():
        day = expected(PRESENT, norm)
        new = next((n for n in upwards(norm) if n in inserted or n in reviewed), "") in inserted - reviewed
        if place.valid_from != (max(day, NOW) if day and new else day):
            wrong[norm] = (place.valid_from, day, new)
    assert wrong == {}


# ---------------------------------------------------------------- every day that matters

DAYS = [
    "2024-06-01", "2024-09-01", "2025-02-01", "2025-02-02", "2026-07-26", "2026-07-27", "2026-08-02", "2026-11-22",
    "2026-12-02", "2027-12-02", "2028-08-02", "2030-08-02",
]  # fmt: skip
MATRIX = {  # one sign a day: a gilt_ab, g gilt, x aufgehoben
    "Art. 3 Nr. 1": "aaaggggggggg",
    "Art. 4": "aaaggggggggg",
    "Art. 4a": "aaaaaggggggg",
    "Art. 5 Abs. 1 lit. c": "aaaggggggggg",
    "Art. 5 Abs. 1 lit. ba": "aaaaaaaagggg",
    "Art. 5 Abs. 1a": "aaaaaaaagggg",
    "Art. 5 Abs. 1b": "aaaaaaaagggg",
    "Art. 6 Abs. 1": "aaaaaaaaaagg",
    "Art. 6 Abs. 2": "aaaaaaaaaggg",
    "Art. 6 Abs. 5": "aaaaaagggggg",
    "Art. 10 Abs. 5": "aaaaaxxxxxxx",
    "Art. 26": "aaaaaaaaaggg",
    "Art. 27 Abs. 1": "aaaaaaaaaggg",
    "Art. 28": "aaaagggggggg",
    "Art. 50 Abs. 2": "aaaaaagggggg",
    "Art. 50 Abs. 4": "aaaaaagggggg",
    "Art. 78": "aaaagggggggg",
    "Art. 86 Abs. 1": "aaaaaagggggg",
    "Art. 102": "aaaaaggggggg",
    "Art. 111 Abs. 2": "aaaaaagggggg",
    "Art. 111 Abs. 4": "aaaaaagggggg",
    "Art. 113 lit. d": "aaaaaggggggg",
    "Anhang I": "aaaaaaaaaagg",
    "Anhang III Nr. 4": "aaaaaaaaaggg",
    "Anhang XIV": "aaaaaggggggg",
}
SIGNS = {"g": Validity.GILT, "a": Validity.GILT_AB, "x": Validity.AUFGEHOBEN}


def cases(matrix: dict[str, str]) -> Iterator[tuple[str, str, Validity]]:
    for place, row in matrix.items():
        assert len(row) == len(DAYS)
        yield from ((place, day, SIGNS[sign]) for day, sign in zip(DAYS, row, strict=True))


def check(law: Law, matrix: dict[str, str]) -> dict[tuple[str, str], object]:
    wrong: dict[tuple[str, str], object] = {}
    for place, day, validity in cases(matrix):
        asked = dt.date.fromisoformat(day)
        found = law.find(law.acts.parse(f"{place} KI-VO"), asked)
        assert found is not None
        shown = found.provision
        agrees = {
            Validity.GILT: (shown.valid_from is None or shown.valid_from <= asked) and not (shown.valid_to and shown.valid_to < asked),
            Validity.GILT_AB: bool(shown.valid_from and shown.valid_from > asked),
            Validity.AUFGEHOBEN: bool(shown.valid_to and shown.valid_to < asked),
        }  # fmt: skip
        if not found.exact or found.validity is not validity or not agrees[validity]:
            wrong[place, day] = (found.exact, found.validity.value, shown.valid_from, shown.valid_to)
    return wrong


def test_each_place_is_marked_rightly_on_each_day_from_the_official_states(both: Law) -> None:
    assert check(both, MATRIX) == {}


def test_each_place_is_marked_rightly_on_each_day_from_the_digests_alone(shipped: Law) -> None:
    assert not shipped.official.get("KI-VO")
    # Only the later wording of Art. 28 is summarised, so that before the change it is not yet the law.
    assert check(shipped, {**MATRIX, "Art. 28": "aaaaaggggggg"}) == {}


@pytest.mark.parametrize("day", DAYS)
def test_the_wording_is_that_of_the_day(both: Law, shipped: Law, day: str) -> None:
    asked = dt.date.fromisoformat(day)
    address = Address("KI-VO", (("Art.", "4"),))
    official, digest = both.find(address, asked), shipped.find(address, asked)
    old = asked < NOW
    assert official.source.state == (FIRST if old else NOW)
    assert ("nach besten Kräften" in official.provision.text) is old
    assert digest.provision.kind is Kind.KURZFASSUNG
    assert ("ausreichendes Maß" in digest.provision.text and "27.7.2026" not in digest.provision.text) is old
    assert official.provision.valid_to == digest.provision.valid_to == (dt.date(2026, 7, 26) if old else None)


def test_a_place_the_amendment_left_alone_has_no_end_in_the_older_state(both: Law) -> None:
    found = both.find(both.acts.parse("Art. 26 Abs. 1 KI-VO"), dt.date(2025, 6, 1))
    assert (found.source.state, found.provision.valid_from, found.provision.valid_to) == (
        FIRST,
        dt.date(2026, 8, 2),
        None,
    )


def test_the_last_day_for_systems_of_authorities_stands_in_the_wording(both: Law) -> None:
    for day in ("2026-11-22", "2030-08-02"):
        found = both.find(both.acts.parse("Art. 111 Abs. 2 KI-VO"), dt.date.fromisoformat(day))
        assert "bis zum 2. August 2030" in found.provision.text


@pytest.mark.parametrize(
    ("written", "day", "message"),
    [
        (
            "Art. 4a",
            "2025-03-01",
            "gibt es im Stand 12.07.2024 noch nicht; eingefügt wurde die Vorschrift zum 27.07.2026.",
        ),
        ("Art. 10 Abs. 5", "2026-11-22", "ist aufgehoben: Seit dem 27.07.2026 gibt es die Vorschrift nicht mehr."),
    ],
)
def test_a_place_of_another_state_is_called_that(both: Law, written: str, day: str, message: str) -> None:
    said = both.missing(both.acts.parse(f"{written} KI-VO"), dt.date.fromisoformat(day))
    assert said == f"{written} KI-VO {message}"


# ---------------------------------------------------------------- the same in miniature, without the shared texts

SOURCES = """
[[quelle]]
id = "ki-vo"
kurz = "KI-VO"
titel = "KI-Verordnung"
ebene = "EU"
einheit = "Art."

[[quelle.geltung]]
stand = 2024-07-12
ab = 2026-08-02
laut = "Art. 113"

[[quelle.geltung]]
stand = 2024-07-12
ab = 2025-02-02
laut = "Art. 113 lit. a"
orte = ["Art. 1 bis 2", "Anhang II"]
"""
OLD = """---
titel: KI-Verordnung
kurz: KI-VO
stand: 2024-07-12
---
# Erwägungsgründe
(1) Ein Grund.
### Artikel 1: Zweck
(1) Es bleibt, wie es ist.
(2) Fällt weg.
### Artikel 2: Kompetenz
Nach besten Kräften.
### Artikel 3: Pflichten
(1) Alle melden.
### Artikel 4: Entfällt
Ganz.
# ANHANG II: Taten
1. Diebstahl
"""
NEW = """---
titel: KI-Verordnung
kurz: KI-VO
stand: 2026-07-27
---
### Artikel 1: Zweck
(1) Es bleibt,  wie es ist.
### Artikel 2: Kompetenz
(1) Maßnahmen.
(2) Hilfe.
### Artikel 3: Pflichten
(1) Alle melden.
(1a) Auch Städte.
a) große
# ANHANG II: Taten
1. Diebstahl
"""
DIGEST = """---
id: ki-vo
stand: 2026-07-27
stand_davor: 2024-07-12
---
## Art. 1: Zweck
gilt_ab: 2025-02-02
Worum es geht.
## Art. 2: Kompetenz
gilt_ab: 2025-02-02
geaendert: 2026-07-27
frueher: So gut es ging.
Etwas tun.
## Art. 2 Abs. 1: Maßnahmen
gilt_ab: 2025-02-02
geaendert: 2026-07-27
Maßnahmen ergreifen.
## Art. 3: Pflichten
gilt_ab: 2027-12-02
Melden.
## Anhang II: Taten
gilt_ab: 2025-02-02
Taten.
"""


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    (tmp_path / "corpus" / "recht").mkdir(parents=True)
    (tmp_path / "corpus" / "quellen.toml").write_text(SOURCES)
    (tmp_path / "corpus" / "recht" / "ki-vo.md").write_text(DIGEST)
    return tmp_path


def imported(home: Path, *texts: str) -> Law:
    for number, text in enumerate(texts):
        file = home / f"{number}.md"
        file.write_text(text)
        import_official(home, file, TODAY)
    return read_law(home / "corpus")


def on(law: Law, place: str, day: str) -> tuple[str, str, str, dt.date | None]:
    found = law.find(law.acts.parse(f"{place} KI-VO"), dt.date.fromisoformat(day))
    return found.provision.text, found.source.state.isoformat()[:4], found.validity.value, found.provision.valid_to


END = dt.date(2026, 7, 26)


def test_two_states_side_by_side_give_each_day_its_wording_and_dates(mini: Path) -> None:
    law = imported(mini, NEW, OLD)
    assert on(law, "Art. 2", "2025-02-01") == ("Nach besten Kräften.", "2024", "gilt_ab", END)
    assert on(law, "Art. 2", "2025-02-02") == ("Nach besten Kräften.", "2024", "gilt", END)
    assert on(law, "Art. 2", "2026-07-26") == ("Nach besten Kräften.", "2024", "gilt", END)
    assert on(law, "Art. 2", "2026-07-27") == ("(1) Maßnahmen.\n(2) Hilfe.", "2026", "gilt", None)
    assert on(law, "Art. 1 Abs. 1", "2025-06-01") == ("Es bleibt, wie es ist.", "2024", "gilt", None)
    assert on(law, "Art. 1 Abs. 2", "2026-11-22") == ("Fällt weg.", "2024", "aufgehoben", END)
    assert on(law, "Art. 4", "2026-11-22") == ("Ganz.", "2024", "aufgehoben", END)
    assert on(law, "Art. 3 Abs. 1a", "2025-06-01")[1:3] == ("2026", "gilt_ab")
    assert on(law, "ErwG 1", "2026-11-22") == ("Ein Grund.", "2024", "gilt", None)


def test_inserted_places_apply_from_their_state_and_kept_ones_as_reviewed(mini: Path) -> None:
    law = imported(mini, OLD, NEW)
    dates = {n: p.valid_from and p.valid_from.isoformat() for n, p in law.official["KI-VO"][1].places.items()}
    assert dates == {
        "KI-VO Art. 1": "2025-02-02", "KI-VO Art. 1 Abs. 1": "2025-02-02", "KI-VO Art. 2": "2025-02-02",
        "KI-VO Art. 2 Abs. 1": "2025-02-02", "KI-VO Art. 2 Abs. 2": "2025-02-02", "KI-VO Art. 3": "2027-12-02",
        "KI-VO Art. 3 Abs. 1": "2027-12-02", "KI-VO Art. 3 Abs. 1a": "2027-12-02",
        "KI-VO Art. 3 Abs. 1a lit. a": "2027-12-02", "KI-VO Anhang II": "2025-02-02", "KI-VO Anhang II Nr. 1": "2025-02-02",
    }  # fmt: skip
    first = law.official["KI-VO"][0].places
    assert [str(first[f"KI-VO {n}"].valid_from) for n in ("Art. 1 Abs. 2", "Art. 3", "Anhang II Nr. 1", "ErwG 1")] == [
        "2025-02-02", "2026-08-02", "2025-02-02", "None",
    ]  # fmt: skip


def test_digests_alone_tell_what_held_before_the_change(mini: Path) -> None:
    law = read_law(mini / "corpus")
    assert on(law, "Art. 2", "2025-06-01") == ("So gut es ging.", "2024", "gilt", END)
    assert on(law, "Art. 2", "2025-01-01") == ("So gut es ging.", "2024", "gilt_ab", END)
    assert on(law, "Art. 2", "2026-07-27") == ("Etwas tun.", "2026", "gilt", None)
    early = law.find(law.acts.parse("Art. 2 Abs. 1 KI-VO"), dt.date(2025, 6, 1))
    assert (early.provision.text, early.validity, early.provision.valid_from) == (
        "Maßnahmen ergreifen.", Validity.GILT_AB, NOW,
    )  # fmt: skip


def test_the_newest_change_of_a_place_is_told_with_its_day(mini: Path) -> None:
    law = imported(mini, OLD, NEW)

    def change(place: str) -> tuple[str, str | None, str | None] | None:
        found = law.amendment(law.acts.parse(f"{place} KI-VO"), TODAY)
        return found and (found.day.isoformat(), found.before and found.before.text, found.after and found.after.text)

    assert change("Art. 2 Abs. 1") == ("2026-07-27", "Nach besten Kräften.", "Maßnahmen.")
    assert change("Art. 1 Abs. 2") == ("2026-07-27", "Fällt weg.", None)
    assert change("Art. 3 Abs. 1a") == ("2026-07-27", None, "Auch Städte.\na) große")
    assert change("Art. 1 Abs. 1") is None
    assert law.amendment(law.acts.parse("Art. 2 KI-VO"), dt.date(2026, 7, 26)) is None


def test_without_official_texts_the_digest_tells_the_change(mini: Path) -> None:
    law = read_law(mini / "corpus")
    found = law.amendment(law.acts.parse("Art. 2 KI-VO"), TODAY)
    assert (found.day, found.before.text, found.after.text) == (NOW, "So gut es ging.", "Etwas tun.")
    assert law.amendment(law.acts.parse("Art. 1 KI-VO"), TODAY) is None


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('laut = "Art. 113 lit. a"\n', "", r"2\. \[\[quelle.geltung\]\] zu KI-VO: es fehlt 'laut'"),
        ("ab = 2025-02-02", 'ab = "bald"', "stand und ab müssen ein Datum sein"),
        ("Art. 1 bis 2", "Kapitel I", "„Kapitel I“ ist kein Ort"),
    ],
)
def test_a_wrong_table_of_dates_is_named(mini: Path, before: str, after: str, message: str) -> None:
    path = mini / "corpus" / "quellen.toml"
    path.write_text(path.read_text().replace(before, after))
    with pytest.raises(CorpusError, match=message):
        read_law(mini / "corpus")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("stand_davor: 2024-07-12\n", "", "stand_davor „“ ist kein Datum"),
        ("geaendert: 2026-07-27\nfrueher", "frueher", "Zeile 9: zu „frueher“ fehlt „geaendert"),
        ("geaendert: 2026-07-27\nfrueher", "geaendert: morgen\nfrueher", "geaendert „morgen“ ist kein Datum"),
    ],
)
def test_wrong_facts_of_a_change_name_file_and_line(mini: Path, before: str, after: str, message: str) -> None:
    path = mini / "corpus" / "recht" / "ki-vo.md"
    path.write_text(path.read_text().replace(before, after))
    with pytest.raises(CorpusError, match=f"corpus/recht/ki-vo.md.*{message}"):
        read_law(mini / "corpus")
