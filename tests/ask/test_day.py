"""The day that a question itself asks about, and dates that are only told."""

from __future__ import annotations

import datetime as dt

import pytest

from assistant.ask.day import day_asked


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("Was galt am 1.3.2025 zur KI-Kompetenz?", "2025-03-01"),
        ("Was steht in Art. 4 KI-VO, Stand 1. März 2025?", "2025-03-01"),
        ("Was gilt am 2. Dezember 2026 neu?", "2026-12-02"),
        ("Am 1.6.2025 galt welche Fassung?", "2025-06-01"),
        ("Art. 4 KI-VO in der Fassung vom 12.7.2024", "2024-07-12"),
        ("Rechtslage am 2025-03-01?", "2025-03-01"),
        ("Welche Pflichten galten für Städte am 15. Juni 2025?", "2025-06-15"),
    ],
)
def test_a_question_for_the_law_of_a_day_gives_that_day(question: str, day: str) -> None:
    assert day_asked(question) == dt.date.fromisoformat(day)


@pytest.mark.parametrize(
    "question",
    [
        "Welche Frist gilt, wenn die Panne am 3.3.2026 passiert ist?",
        "Gilt Art. 50 ab dem 2. August 2026?",
        "Gilt die Verordnung vom 13. Juni 2024 auch für uns?",
        "Galt Art. 4 am 31.2.2025?",
        "Was galt vor dem 27.7.2026?",
        "Was galt am 1.3.2025 und was am 1.3.2026?",
        "Bis zum 2. August 2030 gilt eine Frist, oder?",
        "Am 3.3.2026 tagt der Rat. Darf die KI mitschreiben?",
        "Was gilt im März 2025?",
    ],
)
def test_a_date_that_is_only_told_leaves_the_day_as_it_is(question: str) -> None:
    assert day_asked(question) is None
