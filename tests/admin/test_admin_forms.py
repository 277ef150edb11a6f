"""Forms: what is saved, what is refused at its field with nothing lost, and changes by others that are not overwritten."""

from __future__ import annotations

import html
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from admin_page import NOW, OWN, Person, client_of, make_office

from assistant.corpus.editing import read_rule
from assistant.corpus.tableediting import read_entries

RULE = "/regeln/texte"


@pytest.fixture
def person(mini_home: Path) -> Person:
    return Person(make_office(mini_home))


def rule_form(person: Person, path: str = RULE) -> dict[str, Any]:
    """The fields of a rule's form as a browser would send them back."""
    page = html.unescape(person.page(path)).partition("loeschen")[0]
    fields: dict[str, Any] = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    fields |= dict(re.findall(r'<input id="(\w+)" name="\w+" type="text" value="([^"]*)"', page))
    fields |= {name: text.strip("\n") for name, text in re.findall(r'<textarea id="(\w+)"[^>]*>(.*?)</textarea>', page, re.DOTALL)}
    for kind, name, value in re.findall(r'<input type="(radio|checkbox)" name="(\w+)" value="([^"]*)" checked>', page):
        fields[name] = value if kind == "radio" else [*fields.get(name, []), value]
    return fields


def test_saving_a_form_untouched_changes_no_byte(person: Person) -> None:
    chapter = person.office.corpus / "leitlinie" / "01-regeln.md"
    before = chapter.read_bytes()
    assert person.send(RULE, rule_form(person)).headers["location"] == f"{RULE}?meldung=gespeichert"
    assert chapter.read_bytes() == before


def test_a_changed_verdict_and_a_ticked_word_are_saved_and_nothing_else(person: Person) -> None:
    form = rule_form(person)
    assert form["urteil"] == "erlaubt"
    assert sorted(form["daten"]) == ["intern", "oeffentlich"]
    form["urteil"], form["daten"] = "bedingt", [*form["daten"], "angebote"]
    assert person.send(RULE, form).status_code == 303
    saved = read_rule(person.office.corpus, "texte").form
    assert (saved.text("urteil"), saved.texts("daten")) == ("bedingt", ("oeffentlich", "intern", "angebote"))
    assert saved.texts("bedingungen") == ("Erste Bedingung.", "Zweite Bedingung.")
    assert person.office.journal.read()[0][0].what == "Regel texte geändert: Urteil, Daten"


def test_mistakes_stand_at_their_fields_and_nothing_that_was_typed_is_lost(person: Person) -> None:
    form = {**rule_form(person), "satz": " ", "fragen": "Nur eine?", "zustaendig": "gibt-es-nicht", "prosa": "Neu <b>getippt</b> & lang"}
    answer = person.send(RULE, form)
    assert answer.status_code == 400
    for field in ("satz", "fragen"):
        assert re.search(rf'class="va-feldfehler" id="{field}-fehler">[^<]', answer.text), field
        assert re.search(rf'id="{field}"[^>]*aria-describedby="{field}-fehler[^>]*aria-invalid="true"', answer.text), field
    assert "Neu &lt;b&gt;getippt&lt;/b&gt; &amp; lang" in answer.text
    assert "gibt-es-nicht</textarea>" in answer.text
    assert "Nur eine?</textarea>" in answer.text
    assert read_rule(person.office.corpus, "texte").form.text("satz") == "Satz der Regel texte."


def test_what_somebody_else_changed_meanwhile_is_shown_and_not_overwritten(person: Person) -> None:
    form = {**rule_form(person), "satz": "Meine Fassung."}
    other = {**rule_form(person), "satz": "Die andere Fassung."}
    assert person.send(RULE, other).status_code == 303
    answer = person.send(RULE, form)
    assert answer.status_code == 409
    assert "Die andere Fassung." in answer.text
    assert "Meine Fassung.</textarea>" in answer.text
    assert read_rule(person.office.corpus, "texte").form.text("satz") == "Die andere Fassung."
    seen = re.findall(r'name="pruefsumme" value="([^"]+)"', answer.text)[0]
    assert person.send(RULE, {**form, "pruefsumme": seen}).status_code == 303
    assert read_rule(person.office.corpus, "texte").form.text("satz") == "Meine Fassung."


def test_a_new_rule_is_added_to_its_chapter_and_deleted_only_when_it_was_confirmed(person: Person) -> None:
    form = {
        **rule_form(person), "id": "neue-regel", "kapitel": "corpus/leitlinie/01-regeln.md", "titel": "Neue Regel", "pruefsumme": "",
        "fragen": "\n".join(f"Ganz neue Frage {n}?" for n in range(5)),
    }  # fmt: skip
    assert "id-fehler" in person.send("/regeln/neu", {**form, "id": "Nicht Gut"}).text
    assert person.send("/regeln/neu", form).headers["location"] == "/regeln/neue-regel?meldung=gespeichert"
    assert "Neue Regel" in person.page("/regeln?suche=ganz+neue")
    assert "Regel frist" not in person.page("/regeln?suche=ganz+neue")
    checksum = person.value("/regeln/neue-regel", "pruefsumme")
    assert person.send("/regeln/neue-regel/loeschen", {"pruefsumme": checksum}).status_code == 400
    assert person.send("/regeln/neue-regel/loeschen", {"pruefsumme": checksum, "sicher": "ja"}).status_code == 303
    assert "neue-regel" not in person.page("/regeln")


def test_a_rule_that_others_refer_to_is_not_deleted(person: Person) -> None:
    checksum = person.value("/regeln/personen", "pruefsumme")
    answer = person.send("/regeln/personen/loeschen", {"pruefsumme": checksum, "sicher": "ja"})
    assert answer.status_code == 400
    assert "ausnahme_von" in answer.text
    assert "Regel personen" in person.page("/regeln")


def test_a_guideline_broken_by_hand_is_named_with_a_way_to_mend_it(person: Person) -> None:
    chapter = person.office.corpus / "leitlinie" / "01-regeln.md"
    chapter.write_text(chapter.read_text().replace("urteil: erlaubt", "urteil: vielleicht"))
    page = person.page("/regeln")
    assert "Zeile" in page
    assert 'href="/regeln/texte"' in page
    form = {**rule_form(person), "urteil": "erlaubt"}
    assert person.send(RULE, form).status_code == 303
    assert "vielleicht" not in chapter.read_text()


def test_contacts_are_changed_added_and_kept_while_a_rule_names_them(person: Person) -> None:
    checksum = person.value("/kontakte/ki-koordination", "pruefsumme")
    sent = {"pruefsumme": checksum, "name": "KI-Stelle", "mail": "ki@stadt.example", "telefon": "02152 917-1", "platzhalter": "ja"}
    assert person.send("/kontakte/ki-koordination", sent).status_code == 303
    raw = tomllib.loads((person.office.corpus / "kontakte.toml").read_text())
    assert raw["ki-koordination"] == {"name": "KI-Stelle", "mail": "ki@stadt.example", "telefon": "02152 917-1", "platzhalter": True}
    assert person.send("/kontakte/ki-koordination", sent).status_code == 409
    refused = person.send("/kontakte/ki-koordination", {**sent, "pruefsumme": person.value("/kontakte/ki-koordination", "pruefsumme"), "name": ""})
    assert refused.status_code == 400
    assert 'id="name-fehler"' in refused.text
    gone = person.send("/kontakte/ki-koordination/loeschen", {"pruefsumme": person.value("/kontakte/ki-koordination", "pruefsumme"), "sicher": "ja"})
    assert gone.status_code == 400
    assert "zustaendig" in gone.text
    assert person.send("/kontakte/neu", {"kennung": "it-service", "name": "IT"}).headers["location"] == "/kontakte/it-service?meldung=gespeichert"
    assert "id-fehler" not in person.page("/kontakte/neu")
    assert "gibt es schon" in person.send("/kontakte/neu", {"kennung": "it-service", "name": "IT"}).text


def test_the_positive_list_takes_classes_as_boxes(person: Person) -> None:
    sent = {"pruefsumme": person.value("/positivliste/modell", "pruefsumme"), "name": "Modell", "art": "eigenes_modell", "stand": "2026-11-20"}
    assert "klassen-fehler" in person.send("/positivliste/modell", sent).text
    assert person.send("/positivliste/modell", {**sent, "klassen": ["0", "2"]}).status_code == 303
    (tool,) = read_entries(person.office.corpus, "positivliste")
    assert (tool.values["klassen"], tool.values["art"], f"{tool.values['stand']}") == ((0, 2), "eigenes_modell", "2026-11-20")


def test_words_of_the_vocabulary_are_lines_and_lists_are_pairs(person: Person) -> None:
    concept = "/begriffe/daten.sozialdaten"
    sent = {"pruefsumme": person.value(concept, "pruefsumme"), "name": "Sozialdaten", "woerter": "sozialakte*\n\nwohngeld*\n"}
    assert person.send(concept, sent).status_code == 303
    entries = {entry.key: entry for entry in read_entries(person.office.corpus, "begriffe")}
    assert entries["daten.sozialdaten"].values["woerter"] == ("sozialakte*", "wohngeld*")
    words = {"pruefsumme": person.value("/begriffe/abkuerzung", "pruefsumme"), "woerter": "ISB = Informationssicherheit\nkaputt"}
    refused = person.send("/begriffe/abkuerzung", words)
    assert "Zeile 2" in refused.text
    assert "kaputt</textarea>" in refused.text
    assert person.send("/begriffe/abkuerzung", {**words, "woerter": "ISB = Informationssicherheit"}).status_code == 303
    entries = {entry.key: entry for entry in read_entries(person.office.corpus, "begriffe")}
    assert entries["abkuerzung"].values == {"ISB": "Informationssicherheit"}


def test_adoption_and_review_of_the_guideline_are_days(person: Person) -> None:
    sent = {
        "pruefsumme": person.value("/leitlinie", "pruefsumme"), "titel": "Leitlinie", "fassung": "2", "stand": "2026-11-22",
        "beschlossen": "ja", "beschlossen_am": "2026-11-20", "naechste_ueberpruefung": "morgen", "kommune": "Kleinstadt",
    }  # fmt: skip
    assert "naechste_ueberpruefung-fehler" in person.send("/leitlinie", sent).text
    assert person.send("/leitlinie", {**sent, "naechste_ueberpruefung": "2027-05-01"}).status_code == 303
    raw = tomllib.loads((person.office.corpus / "leitlinie.toml").read_text())
    assert raw["beschlossen"] is True
    assert f"{raw['naechste_ueberpruefung']}" == "2027-05-01"


def test_a_document_is_taken_in_and_a_broken_one_refused_in_one_line(person: Person) -> None:
    own = {"datei": ("Dienstanweisung.md", b"# Dienstanweisung\n\n## Geltung\n\nGilt ab sofort.\n")}
    done = person.send("/einspielen", files=own)
    assert done.status_code == 200
    assert "corpus/leitlinie/Dienstanweisung.md" in done.text
    assert (person.office.corpus / "leitlinie" / "Dienstanweisung.md").is_file()
    for name, data in (("a.pdf", b"%PDF-1.7 kaputt"), ("b.docx", b"PK\x03\x04word/kaputt"), ("c.html", b"<html>kein Gesetz"), ("d", b"")):
        refused = person.send("/einspielen", files={"datei": (name, data)})
        assert refused.status_code == 400
        assert 'role="alert"' in refused.text
    wrong = person.send("/einspielen", {"quelle": "dsgvo"}, files=own)
    assert "kein Gesetz" in wrong.text
    assert not list((person.office.corpus / "amtlich").glob("*"))


def test_a_document_becomes_drafts_and_a_draft_a_rule_only_with_a_verdict_by_a_person(person: Person) -> None:
    import docx

    document = docx.Document()
    document.add_heading("Rundschreiben", level=1)
    document.add_paragraph("Rundschreiben darf man mit KI nur nach Prüfung versenden. Siehe Art. 5 DSGVO.")
    path = person.office.home / "eigene.docx"
    document.save(str(path))
    made = person.send("/entwuerfe", files={"datei": ("eigene.docx", path.read_bytes())})
    assert "1 Entwürfe aus eigene.docx" in made.text
    address = re.findall(r'href="(/entwuerfe/[^"]+)"', made.text)[0]
    form = rule_form(person, address)
    assert "urteil" not in form
    form |= {"kapitel": "corpus/leitlinie/01-regeln.md", "id": "rundschreiben"}
    assert person.send(address, {**form, "tun": "merken", "satz": "Halb fertig."}).headers["location"] == f"{address}?meldung=gemerkt"
    assert "Halb fertig." in person.page(address)
    refused = person.send(address, {**form, "tun": "uebernehmen"})
    assert refused.status_code == 400
    assert "urteil-fehler" in refused.text
    whole = {
        **form, "tun": "uebernehmen", "urteil": "bedingt", "satz": "Nach Prüfung.", "begruendung": "Weil.", "zustaendig": "dsb",
        "fragen": "\n".join(f"Rundschreiben Nummer {n}?" for n in range(5)),
    }  # fmt: skip
    assert person.send(address, whole).headers["location"] == "/regeln/rundschreiben?meldung=gespeichert"
    assert client_of(person.office).get(address).status_code == 303
    assert "Rundschreiben" in person.page("/regeln")
    assert "href=\"/entwuerfe/" not in person.page("/entwuerfe")


def test_a_log_that_cannot_be_written_keeps_a_rule_from_being_changed(person: Person) -> None:
    form = {**rule_form(person), "satz": "Anders."}
    person.office.journal.path.unlink()
    person.office.journal.path.mkdir()
    assert "Protokoll kann nicht geschrieben werden" in person.send(RULE, form).text
    assert read_rule(person.office.corpus, "texte").form.text("satz") == "Satz der Regel texte."


def test_the_overview_puts_errors_first_and_leads_to_where_they_are_mended(person: Person) -> None:
    page = person.page("/")
    errors, hints = page.index("va-z-fehler"), page.index("va-z-hinweis")
    assert errors < hints
    assert re.search(r"Kein Tag für die Überprüfung der Leitlinie\s+<a href=\"/leitlinie\">", page)
    assert "02.12.2027, KI-VO: Stellen gelten neu" in page
    assert NOW.date().isoformat() not in page


def test_a_search_address_with_markup_is_shown_as_text(person: Person) -> None:
    page = person.page("/regeln?suche=<script>alert(1)</script>")
    assert "<script>" not in page
    assert OWN["origin"] not in page
