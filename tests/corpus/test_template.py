"""What an update of the template brings: every difference with its author, nothing changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.corpus.template import RECORD, Change, compare, lines, to_json
from assistant.errors import SettingsError
from assistant.setup import init_home
from tests.conftest import ROOT, rule_block

QUESTIONS = [f"Frage {n}?" for n in range(5)]


@pytest.fixture
def template(mini_home: Path) -> Path:
    (mini_home / "models").mkdir(exist_ok=True)
    (mini_home / "models" / "manifest.toml").write_text("# Modelle\n")
    (mini_home / "corpus" / "entwuerfe").mkdir()
    (mini_home / "corpus" / "entwuerfe" / "x.md").write_text("# Entwurf\n")
    return mini_home


@pytest.fixture
def town(template: Path, tmp_path: Path) -> Path:
    init_home(template, tmp_path / "stadt", "Stadt Beispiel")
    return tmp_path / "stadt"


def edit(home: Path, name: str, old: str, new: str) -> None:
    path = home / "corpus" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def rules(home: Path, *more: str) -> None:
    path = home / "corpus" / "leitlinie" / "01-regeln.md"
    path.write_text("\n".join([path.read_text(), *more]))


def found(template: Path, town: Path) -> dict[Change, list[str]]:
    result: dict[Change, list[str]] = {}
    for difference in compare(template, town).differences:
        result.setdefault(difference.change, []).append(difference.name)
    return result


def state(folder: Path) -> dict[str, str]:
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}


def test_a_new_home_does_not_differ_from_its_template(template: Path, town: Path) -> None:
    comparison = compare(template, town)
    assert comparison.differences == ()
    assert comparison.same > 5
    assert comparison.made_from == comparison.program
    assert not (town / "corpus" / "entwuerfe").exists()


def test_a_home_made_from_the_shipped_template_does_not_differ_from_it(tmp_path: Path) -> None:
    init_home(ROOT, tmp_path / "stadt", "Stadt Beispiel")
    assert compare(ROOT, tmp_path / "stadt").differences == ()
    edit(tmp_path / "stadt", "leitlinie/09-personal.md", "urteil: verboten", "urteil: bedingt")
    changed = compare(ROOT, tmp_path / "stadt").differences
    assert [(d.change, d.name, d.fields) for d in changed] == [(Change.STADT, "bewerbungen", ("urteil",))]


def test_every_difference_has_its_author(template: Path, town: Path) -> None:
    edit(template, "leitlinie/01-regeln.md", "Satz der Regel texte.", "Neuer Satz der Vorlage.")
    edit(town, "leitlinie/01-regeln.md", "Satz der Regel personen.", "Satz der Stadt.")
    edit(template, "leitlinie/01-regeln.md", "Satz der Regel lokal.", "Anders in der Vorlage.")
    edit(town, "leitlinie/01-regeln.md", "urteil: bedingt", "urteil: verboten")
    rules(template, rule_block("neue-regel", "erlaubt", QUESTIONS))
    rules(town, rule_block("eigene-regel", "erlaubt", QUESTIONS))
    edit(town, "kontakte.toml", "ki@stadt.example", "ki@beispiel.example")
    (template / "corpus" / "suchworte-neu.toml").write_text("# neu\n")
    (town / "models" / "manifest.toml").unlink()
    (template / "corpus" / "begriffe.toml").unlink()
    assert found(template, town) == {
        Change.BEIDE: ["lokal"], Change.NEU: ["neue-regel", "corpus/suchworte-neu.toml"], Change.VORLAGE: ["texte"],
        Change.ENTFALLEN: ["corpus/begriffe.toml"], Change.STADT: ["personen", "corpus/kontakte.toml"],
        Change.ENTFERNT: ["models/manifest.toml"], Change.EIGEN: ["eigene-regel"],
    }  # fmt: skip
    both = compare(template, town).differences[0]
    assert (both.fields, both.verdicts) == (("urteil", "satz"), ("verboten", "bedingt"))


def test_a_change_that_the_town_took_over_is_no_difference(template: Path, town: Path) -> None:
    edit(template, "leitlinie/01-regeln.md", "Satz der Regel texte.", "Neuer Satz.")
    edit(town, "leitlinie/01-regeln.md", "Satz der Regel texte.", "Neuer Satz.")
    assert found(template, town) == {}


def test_a_rule_in_another_chapter_is_still_the_same_rule(template: Path, town: Path) -> None:
    path = town / "corpus" / "leitlinie" / "01-regeln.md"
    head, _, rest = path.read_text().partition("## Regel personen")
    moved, _, after = rest.partition("\n## ")
    path.write_text(f"{head}## {after}")
    (path.parent / "02-daten.md").write_text(f"# Daten\n\n## Regel personen{moved}\n")
    assert found(template, town) == {Change.EIGEN: ["corpus/leitlinie/02-daten.md"]}


def test_without_a_record_the_two_are_compared_as_they_are(template: Path, town: Path) -> None:
    (town / RECORD).unlink()
    edit(town, "leitlinie/01-regeln.md", "Satz der Regel personen.", "Satz der Stadt.")
    rules(template, rule_block("neue-regel", "erlaubt", QUESTIONS))
    rules(town, rule_block("eigene-regel", "erlaubt", QUESTIONS))
    assert found(template, town) == {
        Change.VERSCHIEDEN: ["personen"], Change.NUR_VORLAGE: ["neue-regel"], Change.NUR_STADT: ["eigene-regel"],
    }  # fmt: skip
    assert "nicht vermerkt" in next(lines(compare(template, town)))
    assert to_json(compare(template, town))["angelegt_mit"] is None


def test_a_damaged_record_and_a_wrong_folder_are_one_line(template: Path, town: Path, tmp_path: Path) -> None:
    (town / RECORD).write_text('{"programm": 1')
    with pytest.raises(SettingsError, match=r"vorlage.json ist beschädigt"):
        compare(template, town)
    with pytest.raises(SettingsError, match="ist die Vorlage selbst"):
        compare(template, template)
    with pytest.raises(SettingsError, match="corpus/ fehlt"):
        compare(template, tmp_path)


def test_the_command_compares_and_changes_nothing(
    town: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    own = tmp_path / "eigen"  # against the shipped template: this home was made from another one
    shutil.copytree(town, own)
    before = state(own)
    monkeypatch.setenv("LEITPLANKE_HOME", str(own))
    assert main(["init", "--compare"]) == 0
    shown = capsys.readouterr().out
    assert "Neu in der Vorlage:\n  Regel " in shown
    assert "Geändert wurde nichts." in shown
    assert main(["init", "--compare", str(own), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {d["was"] for d in data["unterschiede"] if d["art"] == "neu"} == {"regel", "datei"}
    assert state(own) == before
    for wrong, message in ((["--compare", "--name", "X"], "--name weglassen"), ([], "Es fehlt: ordner, --name"),
                           ([str(own), "--name", "X", "--json"], "--json gehört zu --compare")):  # fmt: skip
        assert main(["init", *wrong]) == 2
        assert message in capsys.readouterr().err
