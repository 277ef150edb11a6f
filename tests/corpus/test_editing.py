"""Changing one rule: only it changes, mistakes are shown at their field, nobody's change is overwritten."""

from __future__ import annotations

import contextlib
import dataclasses
import multiprocessing
import os
import random
import re
import shutil
import signal
import time
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.corpus.editing import EMPTY, add_rule, chapters, check_rule, delete_rule, read_rule, write_rule
from assistant.corpus.rules import FIELDS, parse_chapter, read_guideline
from assistant.corpus.ruletext import (
    RuleForm,
    edited_block,
    find_place,
    form_of,
    places,
    replaced,
    standard_block,
    tidy,
)
from assistant.errors import CorpusError, EditConflict, RuleRefused
from assistant.types import Rule
from tests.conftest import ROOT

SHIPPED = sorted((ROOT / "corpus" / "leitlinie").glob("*.md"))

ODD = """# Kapitel

Vorwort.

## Erste # Regel

Text vor dem Block.

```yaml
id: erste   # nicht ändern
urteil: bedingt   # erlaubt | bedingt | verboten
satz: 'Einfach ''zitiert'', mit Doppelpunkt: ja.'
bedingungen:
    # zur ersten
    - Nackt geschrieben   # dahinter
    - "Zweite."
    # am Ende
begruendung: >
  Gefaltet
  über zwei Zeilen.
zustaendig: [ "ki-koordination" , dsb ]   # zwei
normen: []
# vor handlung
handlung: []
daten: [intern]
werkzeug: []
ausnahme_von: []
fragen:
  - "Eins?"
  - "Zwei?"
  - "Drei?"
  - "Vier?"
  - "Fünf?"
```

Prosa der ersten.

```
## keine Überschrift
```

## Ohne Regel

Text.
"""


def section(text: str) -> RuleForm:
    place = find_place(text, "erste", "kapitel.md")
    assert place is not None
    return form_of(place, "kapitel.md")


def change(text: str, **values: object) -> str:
    place = find_place(text, "erste", "kapitel.md")
    assert place is not None
    form = form_of(place, "kapitel.md")
    own = {k: values.pop(k) for k in ("title", "prose") if k in values}
    return replaced(text, place, dataclasses.replace(form, values={**form.values, **values}, **own))


def lines_changed(old: str, new: str) -> tuple[list[str], list[str]]:
    import difflib

    rows = list(difflib.ndiff(old.splitlines(), new.splitlines()))
    return [r[2:] for r in rows if r[:2] == "- "], [r[2:] for r in rows if r[:2] == "+ "]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_writing_what_was_read_leaves_every_chapter_as_it_is(path: Path) -> None:
    text = path.read_bytes().decode()
    for place in places(text):
        assert replaced(text, place, form_of(place, path.name)) == text


def test_the_template_is_written_in_standard_form() -> None:
    blocks = [place.block for path in SHIPPED for place in places(path.read_text(encoding="utf-8"))]
    assert len(blocks) > 50
    for path in SHIPPED:
        for place in places(path.read_text(encoding="utf-8")):
            assert standard_block(form_of(place, path.name).values) == place.block


def shipped_rules() -> list[tuple[Path, str]]:
    return [(path, rule_id) for path in SHIPPED for rule_id in re.findall(r"(?m)^id: (\S+)$", path.read_text(encoding="utf-8"))]


@cache
def unchanged(path: Path) -> list[Rule]:
    return parse_chapter(path.read_bytes().decode(), "", "")[0]


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60).filter(lambda t: t.strip())


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.sampled_from(shipped_rules()), st.sampled_from(["satz", "begruendung", "bedingungen", "normen", "title", "prose"]),
       TEXT, st.integers(0, 9))  # fmt: skip
def test_a_change_of_one_field_changes_only_that_rule(where: tuple[Path, str], field: str, value: str, at: int) -> None:
    path, rule_id = where
    text = path.read_bytes().decode()
    place = find_place(text, rule_id, path.name)
    assert place is not None
    form = form_of(place, path.name)
    if field in ("title", "prose"):
        new = dataclasses.replace(form, **{field: value if field == "title" else f"Neu: {value}"})
    elif isinstance(form.values[field], tuple):
        items = list(form.texts(field))
        items.insert(at, value)
        new = dataclasses.replace(form, values={**form.values, field: tuple(items)})
    else:
        new = dataclasses.replace(form, values={**form.values, field: value})
    new = tidy(new)
    before, after = unchanged(path), parse_chapter(replaced(text, place, new), "", "")[0]
    attribute = {"satz": "sentence", "begruendung": "reason", "bedingungen": "conditions", "normen": "norms"}.get(field, field)
    for old, now in zip(before, after, strict=True):
        differing = {f.name for f in dataclasses.fields(Rule) if getattr(old, f.name) != getattr(now, f.name)} - {"line"}
        assert differing <= ({attribute} if old.id == rule_id else set())
    written = next(r for r in after if r.id == rule_id)
    assert getattr(written, attribute) == (getattr(new, field) if field in ("title", "prose") else new.values[field])


def test_a_changed_field_keeps_comments_and_quoting_of_all_others() -> None:
    assert lines_changed(ODD, change(ODD, urteil="verboten")) == (
        ["urteil: bedingt   # erlaubt | bedingt | verboten"], ["urteil: verboten   # erlaubt | bedingt | verboten"])  # fmt: skip
    assert lines_changed(ODD, change(ODD, zustaendig=("dsb", "neue-stelle", "ki-koordination"))) == (
        ['zustaendig: [ "ki-koordination" , dsb ]   # zwei'], ['zustaendig: [dsb, neue-stelle, "ki-koordination"]   # zwei'])  # fmt: skip
    assert lines_changed(ODD, change(ODD, begruendung="Neu: anders.")) == (
        ["begruendung: >", "  Gefaltet", "  über zwei Zeilen."], ['begruendung: "Neu: anders."'])  # fmt: skip
    assert lines_changed(ODD, change(ODD, handlung=("eingeben",)))[1] == ["handlung: [eingeben]"]


def test_list_items_that_stay_keep_their_lines_and_comments() -> None:
    new = change(ODD, bedingungen=("Zweite.", "Dritte: neu.", "Nackt geschrieben"))
    assert '    - "Zweite."\n    # am Ende\n    - "Dritte: neu."\n    # zur ersten\n    - Nackt geschrieben   # dahinter\n' in new
    assert section(new).texts("bedingungen") == ("Zweite.", "Dritte: neu.", "Nackt geschrieben")
    emptied = change(ODD, bedingungen=())
    assert section(emptied).texts("bedingungen") == ()
    assert lines_changed(ODD, emptied)[1] == ["bedingungen: []"]


def test_heading_and_prose_are_changed_by_themselves() -> None:
    assert lines_changed(ODD, change(ODD, title="Neue Überschrift")) == (["## Erste # Regel"], ["## Neue Überschrift"])
    new = change(ODD, prose="Neu.\n\nZweiter Absatz.")
    assert section(new).prose == "Neu.\n\nZweiter Absatz."
    assert new.endswith("```\n\nNeu.\n\nZweiter Absatz.\n\n## Ohne Regel\n\nText.\n")


@pytest.mark.parametrize("block", [
    "{id: erste, urteil: bedingt, satz: Eins, begruendung: Zwei}",
    "id: erste\nurteil: &u bedingt\nsatz: *u\nbegruendung: Zwei",
    "id: erste\nsatz: Eins\nsatz: Zwei\nurteil: bedingt\nbegruendung: |\n  # keine Anmerkung\n",
])  # fmt: skip
def test_blocks_written_in_an_unusual_way_end_with_the_right_values(block: str) -> None:
    import yaml

    values = {name: ("neu",) if kind is list else "neu" for name, kind in FIELDS.items()}
    wanted = {name: ["neu"] if kind is list else "neu" for name, kind in FIELDS.items()}
    assert yaml.safe_load(edited_block(block, values)) == wanted


@pytest.mark.parametrize("word", ["no", "null", "12", "1e3", "2026-01-01", "ja: nein", "# x", "- x", "a\\b", 'a"b', "", "~", "Ä…“"])
def test_any_text_comes_back_as_it_was_entered(word: str) -> None:
    values = {**EMPTY.values, "id": "erste", "satz": word, "normen": (word,), "fragen": (word, word)}
    text = f"## T\n\n```yaml\n{standard_block(values)}\n```\n"
    assert section(text).values == values


def test_windows_line_ends_are_kept() -> None:
    text = ODD.replace("\n", "\r\n")
    new = change(text, satz="Neu.", prose="A\n\nB")
    assert new.count("\n") == new.count("\r\n")
    assert section(new).prose == "A\n\nB"


# ---------------------------------------------------------------- in a home


@pytest.fixture
def corpus(mini_home: Path) -> Path:
    return mini_home / "corpus"


def others(corpus: Path, rule_id: str) -> set[Rule]:
    return {dataclasses.replace(r, line=0) for r in read_guideline(corpus).rules if r.id != rule_id}


def edited(form: RuleForm, **values: object) -> RuleForm:
    return dataclasses.replace(form, values={**form.values, **values})


def test_a_saved_rule_is_read_by_the_guideline(corpus: Path) -> None:
    before = others(corpus, "texte")
    rule = read_rule(corpus, "texte")
    saved = write_rule(corpus, "texte", edited(rule.form, urteil="verboten", satz=" Neu:\r\nzwei Zeilen. "), rule.checksum)
    now = read_guideline(corpus).rule("texte")
    assert now is not None
    assert (now.verdict.value, now.sentence) == ("verboten", "Neu: zwei Zeilen.")
    assert others(corpus, "texte") == before
    assert saved == read_rule(corpus, "texte")
    assert saved.checksum != rule.checksum


def test_saving_an_unchanged_rule_does_not_touch_the_file(corpus: Path) -> None:
    rule = read_rule(corpus, "texte")
    path = corpus / "leitlinie" / Path(rule.file).name
    before = (path.stat().st_ino, path.read_bytes())
    browser = dataclasses.replace(rule.form, prose=rule.form.prose.replace("\n", "\r\n") + "\r\n")
    assert write_rule(corpus, "texte", browser, rule.checksum).checksum == rule.checksum
    assert (path.stat().st_ino, path.read_bytes()) == before


REFUSED = {
    "urteil": ("vielleicht", "urteil „vielleicht“ ist unbekannt"),
    "satz": (" ", "„satz“ ist leer"),
    "daten": (("personenbezogn",), "Gemeint war vermutlich „personenbezogen“"),
    "zustaendig": (("ki-kordination",), "steht nicht in corpus/kontakte.toml. Gemeint war vermutlich „ki-koordination“"),
    "ausnahme_von": (("fehlt",), "ist keine Regel dieser Leitlinie"),
    "fragen": (("Eins?", " "), "1 Beispielfragen, erwartet werden mindestens 5"),
    "id": ("personen", "id „personen“ steht schon in"),
    "bedingungen": (("Bell\x07.",), "Steuerzeichen"),
}


@pytest.mark.parametrize("field", REFUSED)
def test_a_mistake_is_named_at_its_field_and_nothing_is_written(corpus: Path, field: str) -> None:
    value, message = REFUSED[field]
    rule = read_rule(corpus, "texte")
    before = (corpus / "leitlinie" / Path(rule.file).name).read_bytes()
    with pytest.raises(RuleRefused, match=message) as caught:
        write_rule(corpus, "texte", edited(rule.form, **{field: value}), rule.checksum)
    assert [p.field for p in caught.value.problems] == [field]
    assert f"{rule.file}, Zeile " in str(caught.value)
    assert f"{rule.file}, Zeile " not in caught.value.problems[0].what.split("steht schon")[0]
    assert (corpus / "leitlinie" / Path(rule.file).name).read_bytes() == before


@pytest.mark.parametrize(("prose", "message"), [
    ("Text\n# Neue Regel\n", "ist eine Überschrift"), ("```yaml\nid: x\n```", "als weitere Regel gelesen"), ("```\noffen", "nicht geschlossen"),
])  # fmt: skip
def test_prose_cannot_break_out_of_its_rule(corpus: Path, prose: str, message: str) -> None:
    rule = read_rule(corpus, "texte")
    with pytest.raises(RuleRefused, match=message) as caught:
        write_rule(corpus, "texte", dataclasses.replace(rule.form, prose=prose), rule.checksum)
    assert caught.value.field == "prosa"


def test_all_mistakes_are_reported_at_once(corpus: Path) -> None:
    rule = read_rule(corpus, "texte")
    form = dataclasses.replace(edited(rule.form, urteil="x", satz="", daten=("y",)), title="")
    assert [p.field for p in check_rule(corpus, form, "texte")] == ["titel", "satz", "urteil", "daten"]
    assert check_rule(corpus, rule.form, "texte") == ()
    assert {p.field for p in check_rule(corpus, EMPTY)} >= {"titel", "id", "urteil", "satz", "fragen"}


def test_a_rule_that_was_broken_by_hand_can_be_mended_in_the_form(corpus: Path) -> None:
    path = corpus / "leitlinie" / "01-regeln.md"
    path.write_text(path.read_text().replace("urteil: erlaubt", "urteil: erlaupt", 1))
    rule = read_rule(corpus, "texte")
    assert [p.field for p in rule.problems] == ["urteil"]
    write_rule(corpus, "texte", edited(rule.form, urteil="erlaubt"), rule.checksum)
    assert read_guideline(corpus).rule("texte") is not None


def test_a_rule_changed_meanwhile_is_not_overwritten(corpus: Path) -> None:
    rule = read_rule(corpus, "texte")
    other = read_rule(corpus, "personen")
    write_rule(corpus, "texte", edited(rule.form, satz="Erste Änderung."), rule.checksum)
    with pytest.raises(EditConflict, match=r"01-regeln.md: die Regel „texte“ wurde inzwischen geändert"):
        write_rule(corpus, "texte", edited(rule.form, satz="Zweite Änderung."), rule.checksum)
    assert read_rule(corpus, "texte").form.text("satz") == "Erste Änderung."
    write_rule(corpus, "personen", edited(other.form, satz="Anderes."), other.checksum)  # another rule is no conflict


def test_a_new_rule_is_added_to_its_chapter_and_deleted_again(corpus: Path) -> None:
    path = corpus / "leitlinie" / "01-regeln.md"
    before = path.read_bytes()
    form = edited(read_rule(corpus, "texte").form, id="neu", ausnahme_von=("personen",))
    added = add_rule(corpus, "01-regeln.md", dataclasses.replace(form, title="Ganz neu", prose="Erläuterung."))
    assert path.read_bytes().startswith(before)
    assert [r.id for r in read_guideline(corpus).rules][-1] == "neu"
    assert chapters(corpus)[0].rules[-1] == ("neu", "Ganz neu")
    assert added == read_rule(corpus, "neu")
    personen = read_rule(corpus, "personen")
    with pytest.raises(RuleRefused, match="ausnahme_von „personen“ ist keine Regel"):
        delete_rule(corpus, "personen", personen.checksum)
    with pytest.raises(RuleRefused, match="ausnahme_von „personen“") as caught:
        write_rule(corpus, "personen", edited(personen.form, id="leute"), personen.checksum)
    assert caught.value.field == "id"
    delete_rule(corpus, "neu", added.checksum)
    assert path.read_bytes() == before
    with pytest.raises(CorpusError, match=r"„neu“ gibt es in dieser Leitlinie nicht"):
        read_rule(corpus, "neu")
    with pytest.raises(CorpusError, match=r"„99-fehlt.md“ ist kein Kapitel. Es gibt: 01-regeln.md"):
        add_rule(corpus, "99-fehlt.md", form)


def _append_question(corpus: Path, text: str, count: int) -> None:
    done = 0
    while done < count:
        rule = read_rule(corpus, "texte")
        form = edited(rule.form, fragen=(*rule.form.texts("fragen"), f"{text} {done}?"))
        try:
            write_rule(corpus, "texte", form, rule.checksum)
            done += 1
        except EditConflict:
            continue


def test_two_writers_at_once_lose_no_change(corpus: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_append_question, args=(corpus, name, 15)) for name in ("Anna", "Bert")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    questions = read_rule(corpus, "texte").form.texts("fragen")
    assert {f"{name} {n}?" for name in ("Anna", "Bert") for n in range(15)} <= set(questions)
    assert [p.name for p in (corpus / "leitlinie").iterdir() if p.name.startswith(".")] == []


def _append_and_report(corpus: Path, start: int, done: Connection) -> None:
    for n in range(start, start + 10_000):
        rule = read_rule(corpus, "texte")
        form = edited(rule.form, bedingungen=(*rule.form.texts("bedingungen")[-3:], f"Bedingung {n}."))
        write_rule(corpus, "texte", form, rule.checksum)
        done.send(n)


def test_a_writer_that_is_killed_leaves_a_whole_file_with_every_change_it_reported(corpus: Path) -> None:
    context = multiprocessing.get_context("fork")
    chance = random.Random(6)
    last = 0
    for _ in range(10):
        receiving, sending = context.Pipe(duplex=False)
        writer = context.Process(target=_append_and_report, args=(corpus, last + 1, sending))
        writer.start()
        sending.close()
        assert receiving.poll(60)  # it works
        time.sleep(chance.random() * 0.3)
        writer.kill()
        writer.join(60)
        with contextlib.suppress(EOFError):
            while True:
                last = receiving.recv()
        receiving.close()
        rule = read_guideline(corpus).rule("texte")
        assert rule is not None
        stands = int(rule.conditions[-1].removeprefix("Bedingung ").rstrip("."))
        assert stands in (last, last + 1)  # the next change may have been written and not yet reported
        last = stands
    assert last > 10


def _die_at(corpus: Path, step: str) -> None:
    setattr(os, step, lambda *args: os.kill(os.getpid(), signal.SIGKILL))
    rule = read_rule(corpus, "texte")
    write_rule(corpus, "texte", edited(rule.form, satz="Nie gespeichert."), rule.checksum)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_writer_killed_while_writing_leaves_the_old_rule_and_the_next_one_tidies_up(corpus: Path, step: str) -> None:
    folder = corpus / "leitlinie"
    before = (folder / "01-regeln.md").read_bytes()
    writer = multiprocessing.get_context("fork").Process(target=_die_at, args=(corpus, step))
    writer.start()
    writer.join(60)
    assert writer.exitcode == -signal.SIGKILL
    assert (folder / "01-regeln.md").read_bytes() == before
    assert len([p for p in folder.iterdir() if p.name.startswith(".")]) == 1
    rule = read_rule(corpus, "texte")
    write_rule(corpus, "texte", edited(rule.form, satz="Gespeichert."), rule.checksum)
    assert [p.name for p in folder.iterdir()] == ["01-regeln.md"]


def test_a_full_disk_is_one_line_and_the_old_rule_stays(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("assistant.corpus.replacing.write_atomically", full)
    rule = read_rule(corpus, "texte")
    with pytest.raises(CorpusError, match=r"kann nicht geschrieben werden \(No space left.*der alte Stand bleibt"):
        write_rule(corpus, "texte", edited(rule.form, satz="Neu."), rule.checksum)


def test_the_shipped_guideline_can_be_edited_as_a_whole(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(ROOT / "corpus", corpus, ignore=shutil.ignore_patterns("fragen", "recht", "amtlich*"))
    before = others(corpus, "bewerbungen")
    rule = read_rule(corpus, "bewerbungen")
    path = corpus / "leitlinie" / "09-personal.md"
    text = path.read_text()
    write_rule(corpus, "bewerbungen", edited(rule.form, urteil="bedingt"), rule.checksum)
    assert lines_changed(text, path.read_text()) == (["urteil: verboten"], ["urteil: bedingt"])
    assert others(corpus, "bewerbungen") == before
