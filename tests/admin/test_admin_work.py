"""Long work: built, watched, cancelled; reported, published or refused, and taken back."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from admin_page import NAME, NOW, Person, make_office, wait_for_end

from assistant.admin.generations import unbuilt
from assistant.admin.office import Office
from assistant.admin.pages.trying import OPENED
from assistant.admin.work import Stage, Work
from assistant.index import generation as gen
from assistant.index.lock import build_lock

QUESTION = "Darf ich ein Rundschreiben entwerfen lassen?"


@pytest.fixture
def office(ready_home: Path) -> Iterator[Office]:
    made = make_office(ready_home)
    yield made
    made.worker.close()
    OPENED.close()


def set_verdict(office: Office, verdict: str) -> None:
    chapter = office.corpus / "leitlinie" / "01-regeln.md"
    chapter.write_text(re.sub(r"id: texte\nurteil: \w+", f"id: texte\nurteil: {verdict}", chapter.read_text()))


def build(person: Person) -> str:
    """A new generation, built over the page; its name."""
    assert person.send("/bauen").headers["location"] == "/vorgang"
    work = wait_for_end(person.office)
    assert work.stage is Stage.FERTIG, work.error
    return str(work.result["generation"])


def test_build_report_publish_and_back_with_everything_logged(office: Office) -> None:
    person = Person(office)
    first = gen.current(office.index)
    assert "Alle Texte stehen im neuesten Index" in person.page("/")
    set_verdict(office, "verboten")
    assert "leitlinie/01-regeln.md" in person.page("/bauen")
    second = build(person)
    assert second in person.page("/vorgang")
    assert gen.current(office.index) == first

    assert person.send("/bericht", {"alt": first, "neu": second}).status_code == 303
    work = wait_for_end(office)
    assert work.stage is Stage.FERTIG, work.error
    page = person.page(f"/bericht?alt={first}&neu={second}")
    assert 'href="/regeln/texte"' in page
    content = person.client.get(f"/bericht/inhalt?alt={first}&neu={second}")
    assert QUESTION in content.text
    assert content.headers["content-security-policy"].endswith("sandbox")
    assert content.headers["x-frame-options"] == "SAMEORIGIN"
    assert "noch kein Änderungsbericht" not in person.page("/veroeffentlichen")

    form = {"generation": second, "freigabe": "Bürgermeisterin", "kommentar": "Rundschreiben <verboten>"}
    assert "kennt" in person.send("/veroeffentlichen", form).text
    assert gen.current(office.index) == first
    assert person.send("/veroeffentlichen", {**form, "gelesen": "ja"}).status_code == 303
    assert wait_for_end(office).stage is Stage.FERTIG
    assert gen.current(office.index) == second
    page = person.page("/veroeffentlichen")
    assert "Rundschreiben &lt;verboten&gt;" in page
    assert "Bürgermeisterin" in page

    assert person.send("/zurueck", {"ziel": second, "grund": "Irrtum"}).status_code == 400
    assert person.send("/zurueck", {"ziel": first, "grund": ""}).status_code == 400
    assert person.send("/zurueck", {"ziel": first, "grund": "Irrtum"}).status_code == 303
    assert gen.current(office.index) == first
    said = [entry.what for entry in office.journal.read()[0]][::-1]
    assert [re.sub(r"g-[\w-]+", "g", line) for line in said] == [
        "Angemeldet", "Bau des Index begonnen", "Index bauen: fertig (g)", "Änderungsbericht begonnen: g → g",
        "Änderungsbericht g → g: fertig", "Veröffentlichung begonnen: g, Freigabe Bürgermeisterin",
        "Veröffentlichen von g: fertig (g)", "Zurückgekehrt zu g (von g)",
    ]  # fmt: skip


def test_a_false_permission_against_a_gold_question_is_not_published(office: Office) -> None:
    person = Person(office)
    set_verdict(office, "verboten")
    before = build(person)
    gen.publish(office.index, before, when=NOW.isoformat(), by=NAME, comment="strenger")
    set_verdict(office, "erlaubt")
    row = {"id": "nie-1", "frage": QUESTION, "status": "beantwortet", "regeln": ["texte"], "darf_nie": ["erlaubt"], "runde": 3}
    (office.corpus / "fragen" / "streng.jsonl").write_text(json.dumps(row) + "\n")
    name = build(person)
    form = {"generation": name, "freigabe": NAME, "kommentar": "x", "gelesen": "ja"}
    assert person.send("/veroeffentlichen", form).status_code == 303
    work = wait_for_end(office)
    assert work.stage is Stage.GESCHEITERT
    assert "nie-1" in work.error
    assert "nie-1" in person.page("/vorgang")
    assert gen.current(office.index) == before


def test_one_thing_at_a_time_and_cancelling_leaves_nothing(office: Office) -> None:
    person = Person(office)
    set_verdict(office, "verboten")
    before = sorted(p.name for p in office.index.iterdir() if p.name.startswith(("g-", ".g-")))
    assert person.send("/bauen").status_code == 303
    assert "läuft schon etwas" in person.send("/bauen").text
    assert "läuft" in person.page("/")
    page = person.client.get("/vorgang")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert person.client.get("/vorgang/stand").json()["laeuft"] is True
    assert person.send("/vorgang/abbrechen").status_code == 303
    work = wait_for_end(office)
    assert work.stage is Stage.ABGEBROCHEN
    assert person.client.get("/vorgang/stand").json() == {"laeuft": False}
    assert "script-src" not in person.client.get("/vorgang").headers["content-security-policy"]
    assert sorted(p.name for p in office.index.iterdir() if p.name.startswith(("g-", ".g-"))) == before


def test_a_build_of_another_process_is_named_and_not_disturbed(office: Office) -> None:
    person = Person(office)
    held, done = threading.Event(), threading.Event()

    def other() -> None:
        with build_lock(office.index, NOW):
            held.set()
            done.wait(60)

    thread = threading.Thread(target=other)
    thread.start()
    try:
        assert held.wait(30)
        assert re.search(r"gerade gebaut \(Prozess \d+, seit 22\.11\.2026", person.page("/bauen"))
        person.send("/bauen")
        work = wait_for_end(office)
        assert work.stage is Stage.GESCHEITERT
        assert "gerade gebaut" in work.error
    finally:
        done.set()
        thread.join()
    assert "gerade gebaut" not in person.page("/bauen")


def test_a_broken_guideline_ends_the_build_with_its_own_line(office: Office) -> None:
    person = Person(office)
    set_verdict(office, "vielleicht")
    person.send("/bauen")
    work = wait_for_end(office)
    assert work.stage is Stage.GESCHEITERT
    assert "urteil „vielleicht“ ist unbekannt" in work.error
    assert "urteil „vielleicht“ ist unbekannt" in person.page("/vorgang")


def test_a_killed_child_is_a_failure_in_words_and_the_page_goes_on(office: Office) -> None:
    person = Person(office)
    person.send("/bauen")
    child = office.worker._child
    assert child is not None
    child.kill()
    work = wait_for_end(office)
    assert work.stage is Stage.GESCHEITERT
    assert "Arbeitsspeicher" in work.error
    assert build(person)


def test_the_search_tester_shows_reading_rules_lanes_and_answer_and_keeps_nothing(office: Office) -> None:
    person = Person(office)
    name = gen.current(office.index)
    page = person.send("/suche", {"eingabe": QUESTION, "generation": name, "tag": "2026-11-22"}).text
    for shown in (">erlaubt</strong>", "Regeln und Beispielfragen", "Text der Leitlinie", "Sinn Platz", "merkmal:erlaubnisfrage", "Satz der Regel texte."):
        assert shown in page, shown
    assert "Rundschreiben" not in office.journal.path.read_text()
    blocked = person.send("/suche", {"eingabe": "Darf ich die Akte von Herrn Karl Bäumer, geboren am 3.4.1961, eingeben?", "generation": name})
    assert blocked.status_code == 400
    assert "Erwogene Regeln" not in blocked.text
    assert person.send("/suche", {"eingabe": QUESTION, "generation": "g-gibt-es-nicht"}).status_code == 400
    assert "erwartet wird ein Datum" in person.send("/suche", {"eingabe": QUESTION, "generation": name, "tag": "gestern"}).text


def test_a_report_is_only_read_by_the_names_of_two_generations(office: Office) -> None:
    person = Person(office)
    (office.home / "geheim.html").write_text("geheim")
    for old, new in (("../../geheim", ""), ("..", "geheim.html"), ("g-20261122-120000-000001", "../../geheim")):
        answer = person.client.get("/bericht/inhalt", params={"alt": old, "neu": new})
        assert answer.status_code == 404
        assert "geheim" not in answer.text


def test_how_long_a_step_still_takes_is_told_once_there_is_something_to_go_by() -> None:
    work = Work("bericht", "Bericht", NAME, NOW, step="Fragen", done=10, total=1000, since=(100.0, 10))
    assert work.remaining(200.0) is None
    assert replace(work, done=110).remaining(103.0) is None
    assert replace(work, done=110).remaining(200.0) == 890.0


def test_what_the_next_build_would_take_up_is_named(office: Office) -> None:
    assert unbuilt(office.home) == []
    bank, digest = office.corpus / "fragen" / "bank.jsonl", office.corpus / "recht" / "ki-vo.md"
    for path in (bank, digest):
        path.write_text(path.read_text())
    (office.corpus / "leitlinie" / "02-neu.md").write_text("# Neu\n\nText.\n")
    (office.corpus / "kontakte.toml").write_text((office.corpus / "kontakte.toml").read_text() + "\n")
    assert unbuilt(office.home) == ["fragen/bank.jsonl", "kontakte.toml", "leitlinie/02-neu.md", "recht/ki-vo.md"]
