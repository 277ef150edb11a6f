"""Figures, dates and data classes, compared with their units."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.ask.figures import figures_in, given_figures, known_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("binnen 72 Stunden", {("stunde", "72")}),
        ("die 72-Stunden-Frist", {("stunde", "72")}),
        ("innerhalb von zweiundsiebzig Stunden", {("stunde", "72")}),
        ("einen Monat", {("monat", "1")}),
        ("alle sechs Monate", {("monat", "6")}),
        ("am 2. August 2026", {("datum", "2026-08-02")}),
        ("seit 2.8.2026", {("datum", "2026-08-02")}),
        ("seit 02.08.2026", {("datum", "2026-08-02")}),
        ("im August 2026", {("monat-jahr", "2026-08")}),
        ("im Jahr 2027", {("zahl", "2027")}),
        ("bis zu 15.000.000 Euro", {("euro", "15000000")}),
        ("7,5 %", {("prozent", "7.5")}),
        ("Klassen 2 bis 4", {("klasse", "2"), ("klasse", "3"), ("klasse", "4")}),
        ("Datenklassen 0 und 1", {("klasse", "0"), ("klasse", "1")}),
        ("Klassen 0 und 1", {("klasse", "0"), ("klasse", "1")}),
        ("halbjährlich", {("zeitraum", "halbjährlich")}),
        ("ein Werkzeug und zwei Personen", set()),
    ],
)
def test_figures(text: str, expected: set[tuple[str, str]]) -> None:
    assert figures_in(text) == expected


def test_another_unit_is_another_figure() -> None:
    known = given_figures(["binnen 72 Stunden"])
    assert figures_in("72 Stunden") <= known
    assert figures_in("die 72") <= known
    assert not figures_in("72 Tage") <= known


@given(st.dates(dt.date(1990, 1, 1), dt.date(2050, 12, 31)))
def test_a_given_date_may_be_repeated_in_every_form(date: dt.date) -> None:
    months = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
    known = given_figures([f"gilt ab {date.day}.{date.month}.{date.year}"]) | set(known_date(date))
    month = months[date.month - 1]
    for form in (
        f"{date:%d.%m.%Y}", f"{date:%Y-%m-%d}", f"{date.day}. {month} {date.year}", f"{date.day}. {month}",
        f"{month} {date.year}", f"im {month}", f"{date.year}",
    ):  # fmt: skip
        assert figures_in(form) <= known, form


@given(st.dates(dt.date(1990, 1, 1), dt.date(2050, 12, 31)), st.dates(dt.date(1990, 1, 1), dt.date(2050, 12, 31)))
def test_another_date_is_not_known(given_date: dt.date, written: dt.date) -> None:
    known = given_figures([f"gilt ab {given_date:%d.%m.%Y}"])
    assert (figures_in(f"am {written:%d.%m.%Y}") <= known) == (written == given_date)
