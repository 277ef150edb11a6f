"""Guideline files: what is read, and how mistakes are reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.corpus.rules import read_guideline
from assistant.errors import CorpusError, RuleError
from assistant.types import Verdict
from tests.conftest import ROOT, rule_block

QUESTIONS = ["Eins?", "Zwei?", "Drei?", "Vier?", "Fünf?"]


def chapter(home: Path) -> Path:
    return home / "corpus" / "leitlinie" / "01-regeln.md"


def test_a_rule_is_read_with_all_fields(mini_home: Path) -> None:
    guideline = read_guideline(mini_home / "corpus")
    rule = guideline.rule("lokal")
    assert rule is not None
    assert rule.verdict is Verdict.BEDINGT
    assert rule.exception_to == ("personen",)
    assert rule.conditions == ("Erste Bedingung.", "Zweite Bedingung.")
    assert (rule.title, rule.prose) == ("Regel lokal", "Erläuterung zu dieser Regel.")


BROKEN = {
    "unknown verdict": (rule_block("neu", "vielleicht", QUESTIONS), r"Zeile 6: urteil „vielleicht“ ist unbekannt.*erlaubt, bedingt"),
    "unknown data": (rule_block("neu", "verboten", QUESTIONS, daten="[personenbezogn]"), "Gemeint war vermutlich „personenbezogen“"),
    "too few questions": (rule_block("neu", "verboten", QUESTIONS[:2]), "2 Beispielfragen, erwartet werden mindestens 5"),
    "unknown field": (rule_block("neu", "verboten", QUESTIONS).replace("satz:", "saz:"), "unbekanntes Feld „saz“.*„satz“"),
    "unknown office": (rule_block("neu", "verboten", QUESTIONS, zustaendig="[ki-kordination]"), "ki-koordination"),
    "unknown exception": (rule_block("neu", "verboten", QUESTIONS, ausnahme_von="[fehlt]"), "ausnahme_von „fehlt“"),
    "bad id": (rule_block("Neue Regel", "verboten", QUESTIONS), "Kleinbuchstaben"),
    "not yaml": (rule_block("neu", "verboten", QUESTIONS, satz='"offen'), "kein gültiger yaml-Block"),
    "not closed": ("## Regel\n\n```yaml\nid: neu\n", "nicht mit ``` geschlossen"),
    "wrong kind": (rule_block("neu", "verboten", QUESTIONS, normen='"DSGVO Art. 5"'), "erwartet wird eine Liste"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_rule_is_one_line_with_file_and_line(mini_home: Path, case: str) -> None:
    text, message = BROKEN[case]
    (mini_home / "corpus" / "leitlinie" / "02-neu.md").write_text("# Neu\n" + text)
    with pytest.raises(RuleError, match=message) as caught:
        read_guideline(mini_home / "corpus")
    assert "corpus/leitlinie/02-neu.md, Zeile " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_same_id_twice_names_both_places(mini_home: Path) -> None:
    (mini_home / "corpus" / "leitlinie" / "02-neu.md").write_text("# Neu\n" + rule_block("texte", "verboten", QUESTIONS))
    with pytest.raises(RuleError, match=r"02-neu.md, Zeile \d+: id „texte“ steht schon in corpus/leitlinie/01-regeln.md"):
        read_guideline(mini_home / "corpus")


def test_a_chapter_without_rules_is_plain_text(mini_home: Path) -> None:
    chapter(mini_home).write_text("# Grundsätze\n\nMenschen entscheiden.\n\n## Ziel\n\nEntlasten.\n")
    guideline = read_guideline(mini_home / "corpus")
    assert guideline.rules == ()
    assert [s.title for s in guideline.sections] == ["Grundsätze", "Ziel"]


@pytest.mark.parametrize("name", ["leitlinie.toml", "kontakte.toml", "positivliste.toml"])
def test_a_missing_or_broken_file_is_named(mini_home: Path, name: str) -> None:
    file = mini_home / "corpus" / name
    file.write_text("= kaputt")
    with pytest.raises(CorpusError, match=f"{name}: keine gültige TOML-Datei"):
        read_guideline(mini_home / "corpus")
    file.unlink()
    with pytest.raises(CorpusError, match=f"{name} fehlt"):
        read_guideline(mini_home / "corpus")


def test_the_shipped_guideline_has_every_rule_with_its_verdict(shared: Path) -> None:
    import re

    signs = {"E": "erlaubt", "B": "bedingt", "V": "verboten", "I": "auskunft"}
    text = (shared / "design" / "leitlinie.md").read_text(encoding="utf-8")
    expected = {m[1]: signs[m[2]] for m in re.finditer(r"^\| ([a-z0-9-]+) \| ([EBVI]) \|", text, re.MULTILINE)}
    guideline = read_guideline(ROOT / "corpus")
    assert len(expected) == 106
    assert {r.id: r.verdict.value for r in guideline.rules} == expected


def test_every_shipped_rule_has_questions_conditions_reason_office_and_prose() -> None:
    for rule in read_guideline(ROOT / "corpus").rules:
        assert len(rule.questions) >= 8, rule.id
        assert len(set(rule.questions)) == len(rule.questions), rule.id
        assert rule.conditions, rule.id
        assert rule.reason, rule.id
        assert rule.offices, rule.id
        assert len(rule.prose) > 100, rule.id


def test_a_shipped_permission_never_covers_protected_data_or_foreign_tools() -> None:
    open_data = {"oeffentlich", "intern", "anonym", "platzhalter"}
    for rule in read_guideline(ROOT / "corpus").rules:
        if rule.verdict is Verdict.ERLAUBT:
            assert rule.data <= open_data, rule.id
            assert rule.tools <= {"freigegeben", "eigenes_modell", "dieser_assistent"}, rule.id


def test_prose_and_data_of_the_annexes_agree() -> None:
    guideline = read_guideline(ROOT / "corpus")
    annexes = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "corpus" / "leitlinie").glob("3*.md")}
    for tool in guideline.tools:
        assert tool.name in annexes["30-anlage-positivliste.md"]
    for contact in guideline.contacts.values():
        assert contact.mail in annexes["35-anlage-kontakte.md"], contact.key
    review = f"{guideline.next_review:%d.%m.%Y}".lstrip("0").replace(".0", ".")
    rule = guideline.rule("ueberpruefung")
    assert rule is not None
    assert review in rule.sentence + rule.prose + " ".join(rule.conditions) or f"{guideline.next_review:%d.%m.%Y}" in rule.prose
