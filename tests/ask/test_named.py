"""Norms, acts and authorities in running text, in the spellings in which people and models write them."""

from __future__ import annotations

import pytest

from assistant.ask.named import act_key, authorities_in, loose_places, norms_in, parse_norm

ART_50_4 = (("Art.", "50"), ("Abs.", "4"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Art. 50 Abs. 4 KI-VO", [("kivo", ART_50_4)]),
        ("Artikel 50 Absatz 4 der KI-Verordnung", [("kivo", ART_50_4)]),
        ("Art. 50 IV AI Act", [("kivo", ART_50_4)]),
        ("Art. 50(4) KI-VO", [("kivo", ART_50_4)]),
        ("KI-VO Art. 50 Abs. 4", [("kivo", ART_50_4)]),
        ("Artikel 50 Absatz 4 der Verordnung (EU) 2024/1689", [("kivo", ART_50_4)]),
        ("§ 44b UrhG", [("urhg", (("§", "44b"),))]),
        ("§ 44 b des Urheberrechtsgesetzes", [("urhg", (("§", "44b"),))]),
        ("§§ 39, 40 VwVfG NRW", [("vwvfgnrw", (("§", "39"),)), ("vwvfgnrw", (("§", "40"),))]),
        ("Art. 13, 14 und 15 DSGVO", [("dsgvo", (("Art.", n),)) for n in ("13", "14", "15")]),
        ("Art. 6 I e DSGVO", [("dsgvo", (("Art.", "6"), ("Abs.", "1"), ("lit.", "e")))]),
        (
            "Artikel 5 Absatz 1 Buchstabe c der Datenschutz-Grundverordnung",
            [("dsgvo", (("Art.", "5"), ("Abs.", "1"), ("lit.", "c")))],
        ),
        ("Anhang III Nr. 4 lit. a KI-VO", [("kivo", (("Anhang", "3"), ("Nr.", "4"), ("lit.", "a")))]),
        ("Anhang 3 Nr. 5 a der KI-VO", [("kivo", (("Anhang", "3"), ("Nr.", "5"), ("lit.", "a")))]),
        ("Erwägungsgrund 26 DSGVO", [("dsgvo", (("ErwG", "26"),))]),
        ("§ 35 SGB I", [("sgbi", (("§", "35"),))]),
        ("Art. 5 des Grundgesetzes", [("gg", (("Art.", "5"),))]),
        ("nach § 823 BGB haften", [("bgb", (("§", "823"),))]),
        ("nach Art. 9 ist das so", [(None, (("Art.", "9"),))]),
        ("dieser Artikel sagt nichts", []),
        ("Art und Weise", []),
    ],
)
def test_spellings(text: str, expected: list[tuple[str | None, object]]) -> None:
    assert [(n.act, n.place) for n in norms_in(text)] == expected


@pytest.mark.parametrize("text", ["Art. 13 bis 15 DSGVO", "§§ 33–35 SGB I", "Artikel fünf der DSGVO", "§ zwanzig AO"])
def test_what_cannot_be_compared_is_unreadable(text: str) -> None:
    assert not all(n.readable for n in norms_in(text))


def test_norms_of_the_contract() -> None:
    assert parse_norm("KI-VO Art. 50 Abs. 4") == ("kivo", ART_50_4)
    assert parse_norm("BITV 2.0") == (act_key("BITV 2.0"), ())


def test_acts_and_courts_without_a_place() -> None:
    named = list(authorities_in("Nach der DSGVO, dem Strafgesetzbuch, dem EuGH und Kapitel III gilt die Ordnung."))
    assert named == ["DSGVO", "Strafgesetzbuch", "EuGH", "Kapitel III"]


def test_ordinary_office_words_are_no_acts() -> None:
    text = "Die KI-Koordination, DSB, ISB, EU, NRW, ChatGPT, die IT und die Zuordnung im Gesetz; VS-NfD und DSFA."
    assert list(authorities_in(text)) == []


def test_places_without_an_article() -> None:
    assert list(loose_places("Absatz 4 und Nummer 2 sowie Buchstabe c, aber nicht im Absatz davor")) == [
        ("Abs.", "4"), ("Nr.", "2"), ("lit.", "c"),
    ]  # fmt: skip
