"""Days on which the law changes next, read from the law itself and shown by ``doctor``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from assistant.corpus.coming import coming
from assistant.corpus.law import read_law
from assistant.setup import diagnose
from tests.conftest import ROOT, TODAY


def test_places_that_begin_to_apply_are_named_by_day_and_act(mini_home: Path) -> None:
    (date,) = coming(read_law(mini_home / "corpus"), TODAY)
    assert date.line() == "02.12.2027, KI-VO: Stellen gelten neu (Art. 6)"


def test_a_day_that_has_come_is_no_longer_named(mini_home: Path) -> None:
    law = read_law(mini_home / "corpus")
    assert coming(law, dt.date(2027, 12, 2)) == ()
    assert [d.day for d in coming(law, dt.date(2026, 8, 1))] == [dt.date(2026, 8, 2), dt.date(2027, 12, 2)]


def test_many_places_are_counted(mini_home: Path) -> None:
    file = mini_home / "corpus" / "recht" / "ki-vo.md"
    places = "".join(f"## Art. {n}: Titel\ngilt_ab: 2027-12-02\nWortlaut.\n" for n in range(70, 80))
    file.write_text(file.read_text() + places)
    (date,) = coming(read_law(mini_home / "corpus"), TODAY)
    assert date.line().endswith("(Art. 6, Art. 70, Art. 71, Art. 72, Art. 73, Art. 74 und 5 weitere)")


def test_the_shipped_law_names_the_second_of_december() -> None:
    first = coming(read_law(ROOT / "corpus"), TODAY)[0]
    assert (first.day, first.act, first.places) == (dt.date(2026, 12, 2), "KI-VO", ("Art. 5",))


def findings(home: Path, today: dt.date) -> dict[str, tuple[str, str]]:
    return {f.what: (f.state, f.hint) for f in diagnose(home, today)}


def test_doctor_tells_what_is_to_be_done_about_the_law_when_it_is_near(mini_home: Path) -> None:
    what = "02.12.2027, KI-VO: Stellen gelten neu (Art. 6)"
    assert findings(mini_home, TODAY)[what] == ("hinweis", "")
    assert findings(mini_home, dt.date(2027, 11, 22))[what] == ("hinweis", "Regeln dazu prüfen")


@pytest.mark.parametrize(
    ("day", "what", "state"),
    [
        (dt.date(2027, 1, 1), "Nächste Überprüfung der Leitlinie: 22.05.2027", "gut"),
        (dt.date(2027, 5, 1), "Die Überprüfung der Leitlinie ist am 22.05.2027 fällig", "hinweis"),
        (dt.date(2027, 5, 22), "Die Überprüfung der Leitlinie war am 22.05.2027 fällig", "hinweis"),
    ],
)
def test_doctor_names_the_next_review_of_the_guideline(mini_home: Path, day: dt.date, what: str, state: str) -> None:
    head = mini_home / "corpus" / "leitlinie.toml"
    head.write_text(head.read_text() + "naechste_ueberpruefung = 2027-05-22\n")
    assert findings(mini_home, day)[what][0] == state


def test_doctor_says_so_where_no_review_is_planned(mini_home: Path) -> None:
    assert findings(mini_home, TODAY)["Kein Tag für die Überprüfung der Leitlinie"][0] == "hinweis"
