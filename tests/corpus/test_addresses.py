"""Addresses: written forms, printing, order, containment."""

from __future__ import annotations

import pytest

from assistant.corpus.addresses import Acts, Address, read_acts
from assistant.errors import AddressError, CorpusError
from tests.conftest import ROOT

ACTS = read_acts(ROOT / "corpus" / "quellen.toml")

WRITTEN = [
    ("Art. 6 I e DSGVO", "DSGVO Art. 6 Abs. 1 lit. e"),
    ("Artikel 6 Absatz 1 Buchst. e DS-GVO", "DSGVO Art. 6 Abs. 1 lit. e"),
    ("GDPR Article 6(1)(e)", "DSGVO Art. 6 Abs. 1 lit. e"),
    ("§ 35a VwVfG NRW", "VwVfG NRW § 35a"),
    ("§ 35a VwVfG", "VwVfG § 35a"),
    ("§§ 22 ff. KUG", "KunstUrhG § 22"),
    ("Anhang III Nummer 4 a KI-VO", "KI-VO Anhang III Nr. 4 lit. a"),
    ("Anhang 3 KI-Verordnung", "KI-VO Anhang III"),
    ("ErwG 26 DSGVO", "DSGVO ErwG 26"),
    ("Erwägungsgrund 43 der Datenschutz-Grundverordnung", "DSGVO ErwG 43"),
    ("Art. 50 Abs. 4 UAbs. 2 KI-VO", "KI-VO Art. 50 Abs. 4 UAbs. 2"),
    ("AI Act Art. 5 Abs. 1 lit. ba", "KI-VO Art. 5 Abs. 1 lit. ba"),
    ("Art. 5 Abs. 1 Buchstabe h Ziffer ii KI-VO", "KI-VO Art. 5 Abs. 1 lit. h Ziff. ii"),
    ("Art. 5 Abs. 1a KI-VO", "KI-VO Art. 5 Abs. 1a"),
    ("UrhG § 44b", "UrhG § 44b"),
    ("SGB X § 67b", "SGB X § 67b"),
    ("GG Art. 20 Abs. 3", "GG Art. 20 Abs. 3"),
    ("BITV 2.0", "BITV 2.0"),
    ("KI-MIG", "KI-MIG"),
    ("artikl 50 von der ki vo", "KI-VO Art. 50"),
    ("Anhang VII Nr. 3.1 KI-VO", "KI-VO Anhang VII Nr. 3.1"),
    ("Anhang XI Abschnitt 1 Nr. 2 KI-VO", "KI-VO Anhang XI Abschnitt 1 Nr. 2"),
]


@pytest.mark.parametrize(("written", "norm"), WRITTEN)
def test_written_forms_are_read(written: str, norm: str) -> None:
    assert ACTS.parse(written).norm == norm


@pytest.mark.parametrize("written", ["", "hallo", "Art. DSGVO", "§", "Artikel fünf", "12.3.2026"])
def test_what_is_no_norm_is_refused_in_german(written: str) -> None:
    with pytest.raises(AddressError, match="keine Fundstelle"):
        ACTS.parse(written)


def test_two_norms_at_once_are_refused() -> None:
    with pytest.raises(AddressError, match="mehr als eine"):
        ACTS.parse("§ 203 StGB und § 353b StGB")


def test_norms_in_running_text_take_the_act_named_with_them() -> None:
    found = ACTS.mentions("Was sagt § 203 StGB und § 353b, und gilt Art. 4 Nr. 1 DSGVO?")
    assert [m.address.norm for m in found] == ["StGB § 203", "StGB § 353b", "DSGVO Art. 4 Nr. 1"]


def test_a_norm_without_any_act_is_not_guessed() -> None:
    assert ACTS.mentions("Was steht in Art. 5?") == []


@pytest.mark.parametrize("text", ["Ich war im Art Hotel 5", "DIN 18040-1:2010-10", "Abschnitt 3 des Kellers", "C-634/21"])
def test_look_alikes_are_no_norms(text: str) -> None:
    assert ACTS.mentions(text) == []


def test_order_puts_4a_between_4_and_5_and_annexes_after_articles() -> None:
    places = [("Art.", "5"), ("Anhang", "III"), ("Art.", "4a"), ("Art.", "4"), ("Art.", "10"), ("Anhang", "IX")]
    ordered = sorted((Address("KI-VO", (p,)) for p in places), key=lambda a: a.sort_key)
    assert [a.place for a in ordered] == ["Art. 4", "Art. 4a", "Art. 5", "Art. 10", "Anhang III", "Anhang IX"]


def test_containment_ignores_a_left_out_subparagraph() -> None:
    whole, point = ACTS.parse("Art. 5 Abs. 1 KI-VO"), ACTS.parse("Art. 5 Abs. 1 UAbs. 1 lit. c KI-VO")
    assert whole.contains(point)
    assert not point.contains(whole)
    assert not whole.contains(ACTS.parse("Art. 5 Abs. 1a KI-VO"))


def test_a_source_without_a_needed_field_is_reported_with_its_number(tmp_path) -> None:
    file = tmp_path / "quellen.toml"
    file.write_text('[[quelle]]\nid = "x"\nkurz = "X"\n')
    with pytest.raises(CorpusError, match=r"1\. \[\[quelle\]\] fehlt das Feld 'titel'"):
        read_acts(file)


def test_an_unknown_act_is_none() -> None:
    assert Acts(()).get("KI-VO") is None
