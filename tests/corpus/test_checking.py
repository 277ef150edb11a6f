"""``corpus check``: what guideline and digests cite exists and still stands as they say."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from assistant.corpus.checking import check_corpus
from assistant.corpus.official import import_official
from assistant.errors import CorpusError
from tests.conftest import ROOT, TODAY, rule_block

QUESTIONS = [f"Frage {n}?" for n in range(5)]


def add_rule(home: Path, rule_id: str, verdict: str, **fields: str) -> None:
    (home / "corpus" / "leitlinie" / f"{rule_id}.md").write_text(
        "# Mehr\n\n" + rule_block(rule_id, verdict, QUESTIONS, **fields)
    )


def test_a_sound_corpus_has_no_findings(mini_home: Path) -> None:
    assert check_corpus(mini_home, TODAY) == []


def test_the_shipped_corpus_has_no_findings(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus", ignore=shutil.ignore_patterns("amtlich*"))
    assert check_corpus(tmp_path, TODAY) == []


def test_the_shipped_corpus_agrees_with_the_official_texts(tmp_path: Path, shared: Path) -> None:
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus", ignore=shutil.ignore_patterns("amtlich*"))
    for text in sorted((shared / "law" / "texts").glob("*.md")):
        import_official(tmp_path, text, TODAY)
    assert check_corpus(tmp_path, TODAY) == []


@pytest.mark.parametrize(
    ("norm", "message"),
    [
        ("KI-VO Art. 118", "Art. 118 KI-VO gibt es nicht: Die KI-VO endet mit Art. 113."),
        ("KI-VO Art. 7", "zu Art. 7 KI-VO gibt es weder einen amtlichen Text noch eine Kurzfassung."),
        ("BGB § 1", "„BGB § 1“ ist keine Fundstelle"),
        ("irgendwo", "„irgendwo“ ist keine Fundstelle"),
    ],
)
def test_a_norm_that_cannot_be_quoted_is_named_with_rule_file_and_line(
    mini_home: Path, norm: str, message: str
) -> None:
    add_rule(mini_home, "neu", "bedingt", normen=f'["{norm}"]')
    (finding,) = check_corpus(mini_home, TODAY)
    assert finding.startswith("corpus/leitlinie/neu.md, Zeile 6, Regel neu: ")
    assert message in finding
    assert "\n" not in finding


def test_a_norm_that_ended_is_named(mini_home: Path) -> None:
    digest = mini_home / "corpus" / "recht" / "ki-vo.md"
    digest.write_text(digest.read_text().replace("gilt_ab: 2026-08-02", "gilt_bis: 2026-10-01"))
    (finding,) = check_corpus(mini_home, TODAY)
    assert "Regel frist: Art. 50 Abs. 4 KI-VO ist aufgehoben." in finding
    assert check_corpus(mini_home, dt.date(2026, 9, 1)) == []


def test_a_digest_of_a_place_that_does_not_exist_is_named(mini_home: Path) -> None:
    with (mini_home / "corpus" / "recht" / "dsgvo.md").open("a") as file:
        file.write("## Art. 120: Erfunden\nDas steht nirgends.\n")
    (finding,) = check_corpus(mini_home, TODAY)
    assert finding.startswith("corpus/recht/dsgvo.md: Art. 120 DSGVO gibt es nicht")


def test_a_digest_is_compared_with_the_imported_text(mini_home: Path) -> None:
    text = mini_home / "text.md"
    text.write_text(
        "---\ntitel: KI-Verordnung\nkurz: KI-VO\nstand: 2026-07-27\n---\n### Artikel 50: Transparenz\n(4) Neu.\n"
    )
    import_official(mini_home, text, TODAY)
    (finding,) = check_corpus(mini_home, TODAY)
    assert finding == "corpus/recht/ki-vo.md: Art. 6 KI-VO gibt es im Stand 27.07.2026 nicht. Am nächsten liegt Art. 50 KI-VO."


SAME = {"handlung": "[eingeben]", "daten": "[steuerdaten]", "werkzeug": "[freigegeben]"}


def test_two_rules_that_apply_to_the_same_and_disagree_are_named(mini_home: Path) -> None:
    add_rule(mini_home, "eins", "bedingt", **SAME)
    add_rule(mini_home, "zwei", "verboten", **SAME)
    (finding,) = check_corpus(mini_home, TODAY)
    assert "Regel zwei (verboten) gilt für dasselbe wie eins (bedingt), ohne benannte Ausnahme." in finding


@pytest.mark.parametrize("fields", [{**SAME, "ausnahme_von": "[eins]"}, {**SAME, "daten": "[sozialdaten]"}])
def test_a_named_exception_or_another_data_class_is_no_contradiction(mini_home: Path, fields: dict[str, str]) -> None:
    add_rule(mini_home, "eins", "bedingt", **SAME)
    add_rule(mini_home, "zwei", "verboten", **fields)
    assert check_corpus(mini_home, TODAY) == []


def test_a_corpus_that_cannot_be_read_is_one_error(mini_home: Path) -> None:
    (mini_home / "corpus" / "quellen.toml").unlink()
    with pytest.raises(CorpusError, match=r"quellen\.toml fehlt"):
        check_corpus(mini_home, TODAY)
