"""The command line: exit statuses, one German line for what goes wrong, one JSON object where that is asked for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant import cli
from assistant.ask import texts
from assistant.index import generation as gen
from assistant.types import Status
from tests.conftest import ROOT

LETTER = "Darf ich ein Rundschreiben mit KI entwerfen lassen?"
IBAN = "DE89370400440532013000"
ANSWER_KEYS = [
    "frage", "status", "urteil", "regeln", "bedingungen", "zustaendig", "text", "fundstellen", "rueckfragen", "befunde",
    "erwogen", "stand", "leitlinie", "generation", "verfasst_von", "hinweise", "dauer_ms",
]  # fmt: skip
OFFICIAL = (
    "---\ntitel: KI-Verordnung\nkurz: KI-VO\nstand: 2026-07-27\n---\n### Artikel 50: Transparenz\n(4) Neuer Wortlaut.\n"
)


@dataclass(frozen=True)
class Done:
    """What one command returned and wrote."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on stdout; anything else beside it fails here."""
        return json.loads(self.out)

    def failed(self, status: int = 1) -> str:
        """The one German line of a failure."""
        assert (self.status, self.out) == (status, "")
        return self.line()

    def line(self) -> str:
        """The only line on stderr."""
        assert self.err.count("\n") == 1
        assert self.err.endswith("\n")
        assert "Traceback" not in self.err
        return self.err[:-1]


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, ready_home: Path) -> Run:
    """Runs a command in this process on ``ready_home``."""
    for name in list(os.environ):
        if name.startswith("LEITPLANKE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LEITPLANKE_HOME", str(ready_home))

    def command(*arguments: str) -> Done:
        capsys.readouterr()
        status = cli.main(list(arguments))
        return Done(status, *capsys.readouterr())

    return command


# ---------------------------------------------------------------- wrong usage


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Es fehlt: BEFEHL. Hilfe: leitplanke --help"),
        (["frag"], "BEFEHL: 'frag' gibt es nicht; möglich sind"),
        (["ask"], 'Es fehlt die Frage. Beispiel: leitplanke ask "Darf ich …?"'),
        (["ask", "--batch", "x.jsonl"], "Zu --batch gehört --out DATEI"),
        (["ask", LETTER, "--engine", "zauber"], "--engine: 'zauber' gibt es nicht; möglich sind"),
        (["ask", LETTER, "--as-of", "gestern"], "--as-of: „gestern“ ist kein Datum; erwartet wird JJJJ-MM-TT"),
        (["ask", LETTER, "--as-of", "2026-02-30"], "--as-of: „2026-02-30“ ist kein Datum"),
        (["ask", LETTER, "--as-of"], "--as-of: dahinter fehlt die Angabe"),
        (["ask", LETTER, "--unsinn"], "Diese Angabe gibt es nicht: --unsinn"),
        (["ask", LETTER, "--json=ja"], "--json: dahinter gehört keine Angabe ('ja')"),
        (["search"], "Es fehlt: frage"),
        (["search", LETTER, "-n", "viele"], "-n: „viele“ ist keine Anzahl"),
        (["search", LETTER, "-n", "0"], "-n: „0“ ist keine Anzahl"),
        (["search", LETTER, "-n", "-3"], "-n: "),
        (["serve", "--port", "http"], "--port: 'http' ist keine ganze Zahl"),
        (["show"], "Es fehlt: fundstelle"),
        (["corpus"], "Es fehlt: aktion"),
        (["corpus", "import"], "Es fehlt: datei"),
        (["index", "activate", "g-1"], "Es fehlt: --freigabe, --kommentar"),
        (["init", "ordner"], "Es fehlt: --name"),
        (["eval"], "Es fehlt: datei"),
    ],
)
def test_wrong_usage_is_one_german_line_and_status_2(run: Run, arguments: list[str], message: str) -> None:
    line = run(*arguments).failed(2)
    assert message in line
    for english in ("argument", "required", "invalid", "expected", "choose", "unrecognized"):
        assert english not in line.replace("activate", "")


# ---------------------------------------------------------------- ask


def test_an_answer_is_printed_for_people(run: Run) -> None:
    done = run("ask", LETTER)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(texts.FIRST_LINE["erlaubt"])  # type: ignore[index]  # a StrEnum is its value
    assert "  [ ] Das Werkzeug steht auf der Positivliste." in done.out
    assert "  [1] KI-Leitlinie, Regel „Regel texte“, Stand 22.11.2026: „Satz der Regel texte.“" in done.out
    assert "(Kurzfassung)" in done.out
    assert "Hinweis: Entwurf" in done.out
    assert "**" not in done.out


def test_an_answer_as_json_is_one_object_with_the_keys_of_the_contract(run: Run) -> None:
    done = run("ask", LETTER, "--json")
    assert (done.status, done.err, list(done.json)) == (0, "", ANSWER_KEYS)
    assert (done.json["status"], done.json["urteil"], done.json["regeln"]) == ("beantwortet", "erlaubt", ["texte"])


def test_the_day_asked_about_is_passed_on(run: Run) -> None:
    for day, validity in (("2027-12-01", "gilt_ab"), ("2027-12-02", "gilt")):
        data = run("ask", "Was steht in Art. 6 KI-VO?", "--json", "--as-of", day).json
        assert (data["stand"], data["fundstellen"][0]["geltung"]) == (day, validity)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", texts.EMPTY),
        ("   \n", texts.EMPTY),
        ("x" * 10_000, "Die Frage hat 10000 Zeichen; möglich sind höchstens 2000."),
        ("\x01\x02\x03\x04", texts.BINARY),
        ("\udcff\udcfe\udcfd\udcfc", texts.BINARY),
    ],
    ids=["empty", "blank", "long", "control", "bytes"],
)
def test_a_question_that_cannot_be_processed_is_one_line(run: Run, question: str, message: str) -> None:
    assert message in run("ask", question).failed()
    done = run("ask", question, "--json")
    assert (done.status, done.json["status"], list(done.json)) == (1, "fehler", ANSWER_KEYS)
    assert message in done.line()


def test_half_characters_from_the_shell_do_not_break_the_output(run: Run) -> None:
    done = run("ask", f"\udcff {LETTER}", "--json")
    assert (done.status, done.json["frage"]) == (0, f"\ufffd {LETTER}")


@pytest.mark.parametrize(
    ("question", "status"),
    [
        (f"Darf ich {IBAN} eingeben?", Status.BLOCKIERT_PERSONENBEZUG),
        ("Wie wird das Wetter morgen?", Status.AUSSERHALB),
        ("Darf eine Drohne Bäume zählen?", Status.NICHT_GEREGELT),
    ],
)
def test_other_outcomes_are_answers_and_no_failures(run: Run, question: str, status: Status) -> None:
    done = run("ask", question)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(texts.STATUS_TEXT[status])
    assert IBAN not in done.out


def test_without_a_model_the_answer_says_so(run: Run) -> None:
    assert "Es ist kein Sprachmodell eingerichtet" in run("ask", LETTER, "--engine", "modell").out


# ---------------------------------------------------------------- ask --batch


def batch(run: Run, folder: Path, lines: Sequence[str | bytes]) -> list[dict[str, Any]]:
    data = b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines)
    (folder / "fragen.jsonl").write_bytes(data)
    done = run("ask", "--batch", str(folder / "fragen.jsonl"), "--out", str(folder / "antworten.jsonl"))
    assert (done.status, done.out, done.err) == (0, "", "")
    return [json.loads(line) for line in (folder / "antworten.jsonl").read_bytes().removesuffix(b"\n").split(b"\n")]


def test_a_batch_gives_one_answer_per_line_in_order(run: Run, tmp_path: Path) -> None:
    rows = [
        {"id": "a", "frage": LETTER},
        {"id": 2, "frage": "Und im eigenen Modell?", "verlauf": ["Darf ich Bürgerdaten in ChatGPT eingeben?"]},
    ]
    answers = batch(run, tmp_path, [json.dumps(row) for row in rows])
    assert [(a["id"], a["urteil"]) for a in answers] == [("a", "erlaubt"), (2, "bedingt")]
    assert all(list(a) == ["id", *ANSWER_KEYS] for a in answers)


BROKEN: tuple[str | bytes, ...] = (
    "kein json", "", "[]", "7", "null", '{"id": "ohne"}', '{"id": "zahl", "frage": 5}',
    '{"id": "text", "frage": "x", "verlauf": "y"}', '{"id": "liste", "frage": "x", "verlauf": [1]}', '{"id": "leer", "frage": ""}',
    "[" * 100_000, b'{"id": "roh", "frage": "\xff\xfe\xfd\xfc"}', '{"id": "lang", "frage": "' + "x" * 10_000 + '"}',
)  # fmt: skip


def test_a_broken_line_becomes_one_failed_answer_and_the_rest_goes_on(run: Run, tmp_path: Path) -> None:
    good = json.dumps({"id": "gut", "frage": LETTER})
    answers = batch(run, tmp_path, [good, *BROKEN, good])
    assert len(answers) == len(BROKEN) + 2
    assert [a["id"] for a in answers if a["status"] != "fehler"] == ["gut", "gut"]
    failed = answers[1:-1]
    assert [a["id"] for a in failed] == [None] * 5 + ["ohne", "zahl", "text", "liste", "leer", None, "roh", "lang"]
    assert all(a["status"] == "fehler" and a["urteil"] is None and "\n" not in a["text"] for a in failed)
    assert all(list(a) == ["id", *ANSWER_KEYS] for a in answers)


def test_odd_characters_neither_split_nor_break_a_batch(run: Run, tmp_path: Path) -> None:
    lines: list[str | bytes] = [
        b'\xef\xbb\xbf{"id": "bom", "frage": "Darf ich ein Rundschreiben entwerfen lassen?"}',
        '{"id": "zeile", "frage": "Darf ich ein\u2028Rundschreiben\x85 entwerfen lassen?"}',
        '{"id": "\\ud800", "frage": "Darf ich \\udfff ein Rundschreiben entwerfen lassen?"}',
    ]
    answers = batch(run, tmp_path, lines)
    assert [a["id"] for a in answers] == ["bom", "zeile", "\ud800"]
    assert [a["urteil"] for a in answers] == ["erlaubt"] * 3


def test_personal_data_in_a_batch_is_blocked_line_by_line(run: Run, tmp_path: Path) -> None:
    answers = batch(run, tmp_path, [json.dumps({"id": 1, "frage": f"Darf ich {IBAN} eingeben?"})])
    assert [b["art"] for b in answers[0]["befunde"]] == ["IBAN"]


def test_an_empty_batch_gives_no_answers(run: Run, tmp_path: Path) -> None:
    (tmp_path / "leer.jsonl").write_bytes(b"")
    assert run("ask", "--batch", str(tmp_path / "leer.jsonl"), "--out", str(tmp_path / "aus.jsonl")).status == 0
    assert (tmp_path / "aus.jsonl").read_bytes() == b""


def test_files_of_a_batch_that_cannot_be_used_are_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "f.jsonl").write_text(json.dumps({"id": 1, "frage": LETTER}) + "\n")
    missing = run("ask", "--batch", str(tmp_path / "fehlt.jsonl"), "--out", str(tmp_path / "a.jsonl"))
    assert "fehlt.jsonl kann nicht gelesen werden" in missing.failed()
    no_folder = run("ask", "--batch", str(tmp_path / "f.jsonl"), "--out", str(tmp_path / "fehlt" / "a.jsonl"))
    assert "kann nicht geschrieben werden" in no_folder.failed()


def test_nothing_that_was_asked_is_kept_in_the_home(run: Run, ready_home: Path) -> None:
    before = {p for p in ready_home.rglob("*") if p.is_file()}
    run("ask", "Darf ich ein Rundschreiben über Zebrafinken entwerfen lassen?")
    run("ask", f"Zebrafinken {IBAN}")
    run("search", "Zebrafinken und Rundschreiben")
    files = [p for p in ready_home.rglob("*") if p.is_file()]
    assert {p.suffix for p in set(files) - before} <= {".pid", ""}
    assert not [p for p in files if b"Zebrafink" in p.read_bytes() or IBAN.encode() in p.read_bytes()]


# ---------------------------------------------------------------- search and show


def test_search_lists_rules_and_passages_without_an_answer(run: Run) -> None:
    done = run("search", LETTER)
    assert done.status == 0
    assert "Erwogene Regeln:" in done.out
    assert "Spur recht:" in done.out
    assert "texte" in done.out.split("\n")[1]


def test_search_as_json_shows_reading_decision_and_ranked_passages(run: Run) -> None:
    data = run("search", f"  {LETTER}\n", "--json", "-n", "3").json
    assert list(data) == ["frage", "generation", "lesart", "entscheidung", "erwogen", "passagen"]
    assert data["frage"] == LETTER
    assert data["entscheidung"]["urteil"] == "erlaubt"
    assert "merkmal:erlaubnisfrage" in data["lesart"]["merkmale"]
    assert next(e["regel"] for e in data["erwogen"]) == "texte"
    assert set(data["passagen"]) == {"regeln", "leitlinie", "recht", "erwaegungsgruende", "englisch"}
    ranked = [p["wert"] for p in data["passagen"]["regeln"]]
    assert ranked == sorted(ranked, reverse=True)
    assert len(ranked) == len(data["erwogen"]) == 3


def test_search_refuses_personal_data_and_what_is_no_question(run: Run) -> None:
    assert run("search", f"IBAN {IBAN}").failed() == texts.STATUS_TEXT[Status.BLOCKIERT_PERSONENBEZUG]
    assert run("search", " ").failed() == texts.EMPTY


def test_show_prints_a_provision_with_state_and_validity(run: Run) -> None:
    done = run("show", "Artikel 50 Abs 4 KI VO", "--as-of", "2026-01-01")
    assert done.status == 0
    assert "Art. 50 Abs. 4 KI-VO – Kurzfassung in eigenen Worten, nicht der amtliche Text" in done.out
    assert "Stand 27.07.2026" in done.out
    assert "02.08.2026" in done.out
    assert done.out.endswith("Künstliche Inhalte offenlegen.\n")


def test_show_as_json_is_one_object(run: Run) -> None:
    data = run("show", "Art. 50 Abs. 4 KI-VO", "--json", "--as-of", "2026-01-01").json
    assert data["text"] == "Künstliche Inhalte offenlegen."
    assert (data["norm"], data["art"], data["geltung"], data["genau"]) == (
        "KI-VO Art. 50 Abs. 4",
        "kurzfassung",
        "gilt_ab",
        True,
    )
    assert (data["stand"], data["gilt_ab"], data["gilt_bis"]) == ("2026-07-27", "2026-08-02", None)


def test_show_says_when_a_larger_place_is_shown(run: Run) -> None:
    assert run("show", "Art. 50 Abs. 4 UAbs. 2 KI-VO", "--json").json["genau"] is False
    assert "Art. 50 Abs. 4 UAbs. 2 KI-VO selbst liegt nicht vor" in run("show", "Art. 50 Abs. 4 UAbs. 2 KI-VO").out


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("Art. 118 KI-VO", "Art. 118 KI-VO gibt es nicht: Die KI-VO endet mit Art. 113."),
        ("Art. 77 KI-VO", "Zu Art. 77 KI-VO liegt hier kein Text vor."),
        ("Quatsch", "„Quatsch“ ist keine Fundstelle"),
        ("", "ist keine Fundstelle"),
        ("Art. 4\nUnsinn", "ist keine Fundstelle"),
        ("Art. 5 und Art. 6 KI-VO", "enthält mehr als eine Fundstelle"),
    ],
)
def test_show_refuses_what_is_not_there_in_one_line(run: Run, written: str, message: str) -> None:
    assert message in run("show", written).failed()
    assert message in run("show", written, "--json").failed()


# ---------------------------------------------------------------- corpus


def test_corpus_status_lists_guideline_and_sources(run: Run) -> None:
    assert "Mini-Leitlinie, Fassung 1 (nicht beschlossen), 5 Regeln" in run("corpus", "status").out
    data = run("corpus", "status", "--json").json
    assert data["leitlinie"]["regeln"] == 5
    assert {q["id"]: (q["amtlich"], q["kurzfassungen"]) for q in data["quellen"]} == {
        "dsgvo": ([], 2),
        "ki-vo": ([], 2),
    }


def test_an_imported_text_is_quoted_after_build_and_activate(run: Run, tmp_path: Path, ready_home: Path) -> None:
    (tmp_path / "text.md").write_text(OFFICIAL)
    done = run("corpus", "import", str(tmp_path / "text.md"))
    assert (done.status, done.err) == (0, "")
    assert "Eingespielt: KI-VO, Stand 27.07.2026: 1 Art." in done.out
    (source,) = [q for q in run("corpus", "status", "--json").json["quellen"] if q["id"] == "ki-vo"]
    assert [s["stand"] for s in source["amtlich"]] == ["2026-07-27"]
    assert run("show", "Art. 50 Abs. 4 KI-VO", "--json").json["art"] == "kurzfassung", "not built yet"
    run("index", "build")
    newest = gen.generations(ready_home / "index")[-1]
    run("index", "activate", newest, "--freigabe", "A. Beispiel", "--kommentar", "amtlicher Text")
    shown = run("show", "Art. 50 Abs. 4 KI-VO", "--json").json
    assert (shown["art"], shown["text"]) == ("gesetz", "Neuer Wortlaut.")


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (None, [], "kann nicht gelesen werden"),
        (b"\x89PNG\r\n\x1a\n", [], "nicht erkannt"),
        (OFFICIAL.encode(), ["--as", "bgb"], "--as bgb: diese Quelle gibt es nicht. Bekannt sind: dsgvo, ki-vo."),
        (OFFICIAL.replace("KI-VO", "BGB").encode(), [], "steht nicht in corpus/quellen.toml"),
    ],
    ids=["missing", "image", "unknown-id", "unknown-act"],
)
def test_what_is_no_law_is_not_imported(
    run: Run, tmp_path: Path, ready_home: Path, content: bytes | None, arguments: list[str], message: str
) -> None:
    if content is not None:
        (tmp_path / "text.md").write_bytes(content)
    assert message in run("corpus", "import", str(tmp_path / "text.md"), *arguments).failed()
    assert not list(ready_home.glob("corpus/amtlich/*"))


def test_corpus_check_lists_every_finding_and_fails(run: Run, ready_home: Path) -> None:
    assert run("corpus", "check").out == "Keine Befunde.\n"
    chapter = ready_home / "corpus" / "leitlinie" / "01-regeln.md"
    chapter.write_text(chapter.read_text().replace("KI-VO Art. 50 Abs. 4", "KI-VO Art. 118"))
    done = run("corpus", "check")
    assert done.status == 1
    assert done.line() == "1 Befunde. Die Stellen oben berichtigen."
    assert "corpus/leitlinie/01-regeln.md" in done.out
    assert "Art. 118 KI-VO gibt es nicht" in done.out


def test_a_broken_rule_is_named_with_file_and_line(run: Run, ready_home: Path) -> None:
    chapter = ready_home / "corpus" / "leitlinie" / "01-regeln.md"
    chapter.write_text(chapter.read_text().replace("urteil: erlaubt", "urteil: erlaupt"))
    for command in (["corpus", "check"], ["corpus", "status"], ["index", "build"]):
        line = run(*command).failed()
        assert line.startswith("corpus/leitlinie/01-regeln.md, Zeile ")
        assert "erlaupt" in line
    assert run("ask", LETTER).status == 0, "the published generation still answers"


# ---------------------------------------------------------------- index


def built(run: Run) -> str:
    done = run("index", "build")
    assert (done.status, done.err) == (0, "")
    return done.out.split()[1].rstrip(":")


def test_a_generation_waits_for_its_release(run: Run, ready_home: Path) -> None:
    before = gen.current(ready_home / "index")
    done = run("index", "build")
    name = gen.generations(ready_home / "index")[-1]
    assert f"leitplanke index activate {name} --freigabe NAME --kommentar TEXT" in done.out
    assert gen.current(ready_home / "index") == before
    activated = run("index", "activate", name, "--freigabe", "A. Beispiel", "--kommentar", "Probe")
    assert (activated.status, activated.out) == (0, f"Veröffentlicht: {name}\n")
    assert gen.current(ready_home / "index") == name
    assert run("ask", LETTER, "--json").json["generation"] == name


def test_the_first_build_is_published_at_once(run: Run, ready_home: Path) -> None:
    shutil.rmtree(ready_home / "index")
    assert "Veröffentlicht, weil es noch keine gab." in run("index", "build").out
    assert run("ask", LETTER).status == 0


def test_index_status_shows_generations_and_who_released_them(run: Run, ready_home: Path) -> None:
    first, second = gen.current(ready_home / "index"), built(run)
    run("index", "activate", second, "--freigabe", "A. Beispiel", "--kommentar", "Probe")
    data = run("index", "status", "--json").json
    assert data["aktuell"] == second
    assert [(g["generation"], g["veroeffentlicht"]) for g in data["generationen"]] == [(first, False), (second, True)]
    assert [e["freigabe"] for e in data["verlauf"]] == ["Einrichtung", "A. Beispiel"]
    printed = run("index", "status").out
    assert f"→ {second}" in printed
    assert "Freigabe: A. Beispiel – Probe" in printed


def test_index_status_of_an_empty_home_says_what_to_do(run: Run, ready_home: Path) -> None:
    shutil.rmtree(ready_home / "index")
    assert run("index", "status").out == "Kein Index. Mit „leitplanke index build“ bauen.\n"
    assert run("index", "status", "--json").json == {"aktuell": None, "generationen": [], "verlauf": []}


def test_rollback_returns_to_what_was_published_before(run: Run, ready_home: Path) -> None:
    first, second = gen.current(ready_home / "index"), built(run)
    assert "keine frühere veröffentlichte Generation" in run("index", "rollback").failed()
    run("index", "activate", second, "--freigabe", "A. Beispiel", "--kommentar", "Probe")
    assert run("index", "rollback").out == f"Veröffentlicht: {first}\n"
    assert gen.current(ready_home / "index") == first
    assert gen.read_log(ready_home / "index")[-1]["kommentar"] == f"zurück von {second}"


def test_index_verify_passes_on_what_was_built(run: Run, ready_home: Path) -> None:
    name = gen.current(ready_home / "index")
    done = run("index", "verify")
    assert (done.status, done.out.startswith(f"In Ordnung: {name}, ")) == (0, True)


def test_activating_what_is_not_there_changes_nothing(run: Run, ready_home: Path) -> None:
    before = gen.current(ready_home / "index")
    for name in ("g-1", "../etc", "g-20260101-000000-abcdef"):
        line = run("index", "activate", name, "--freigabe", "A", "--kommentar", "B").failed()
        assert line == f"Generation „{name}“ gibt es nicht. Vorhanden: {before}."
    assert gen.current(ready_home / "index") == before


def test_activating_a_damaged_generation_changes_nothing(run: Run, ready_home: Path) -> None:
    before, name = gen.current(ready_home / "index"), built(run)
    (ready_home / "index" / name / "passagen.jsonl").write_text("")
    line = run("index", "activate", name, "--freigabe", "A", "--kommentar", "B").failed()
    assert f"{name}: passagen.jsonl wurde verändert" in line
    assert gen.current(ready_home / "index") == before


# ---------------------------------------------------------------- a damaged home

ASKING = (["ask", LETTER], ["ask", LETTER, "--json"], ["search", LETTER], ["show", "Art. 6 KI-VO"], ["index", "verify"])


def _no_pointer(home: Path) -> None:
    (home / "index" / gen.CURRENT).unlink()


def _dangling_pointer(home: Path) -> None:
    (home / "index" / gen.CURRENT).write_text("g-20200101-000000-000001\n")


def _garbled_pointer(home: Path) -> None:
    (home / "index" / gen.CURRENT).write_bytes(b"\xff\x00")


def _no_manifest(home: Path) -> None:
    (gen.current_folder(home / "index") / "manifest.json").unlink()


def _cut_passages(home: Path) -> None:
    path = gen.current_folder(home / "index") / "passagen.jsonl"
    path.write_bytes(path.read_bytes()[:-200])


def _cut_choice(home: Path) -> None:
    path = gen.current_folder(home / "index") / "regelwahl.npz"
    path.write_bytes(path.read_bytes()[:200])


def _other_embedder(home: Path) -> None:
    (home / "models" / "eingebaut" / "config.json").write_text("{ }")


def _no_embedder(home: Path) -> None:
    shutil.rmtree(home / "models" / "eingebaut")


def _cut_embedder(home: Path) -> None:
    path = home / "models" / "eingebaut" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])


def _unknown_embedder(home: Path) -> None:
    (home / "leitplanke.toml").write_text('embedder = "eingebautt"\n')


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_no_pointer, "Es ist kein Index veröffentlicht. Bitte „leitplanke index build“ ausführen."),
        (_dangling_pointer, "g-20200101-000000-000001 fehlt"),
        (_garbled_pointer, "CURRENT"),
        (_no_manifest, "manifest.json fehlt oder ist beschädigt"),
        (_cut_passages, "unvollständig oder beschädigt"),
        (_cut_choice, "unvollständig oder beschädigt"),
        (_other_embedder, "mit einem anderen Embedder gebaut"),
        (_no_embedder, "eingebaut fehlt. Den Ordner dorthin kopieren"),
        (_cut_embedder, "kann nicht geladen werden. Ordner vollständig neu kopieren"),
        (_unknown_embedder, "eingebautt"),
    ],
)
@pytest.mark.parametrize("arguments", ASKING, ids=lambda a: " ".join(x for x in a if x.isalpha() or x[:2] == "--"))
def test_a_damaged_home_is_one_german_line(
    run: Run, ready_home: Path, damage: Callable[[Path], None], message: str, arguments: list[str]
) -> None:
    damage(ready_home)
    assert message in run(*arguments).failed()


def test_missing_vectors_are_one_german_line(run: Run, ready_home: Path) -> None:
    shutil.rmtree(gen.current_folder(ready_home / "index") / "chroma")
    for arguments in (["search", LETTER], ["index", "verify"], ["ask", "Darf eine Drohne Bäume zählen?"]):
        assert "die Vektoren in chroma/ fehlen oder sind beschädigt" in run(*arguments).failed()


def test_a_missing_pointer_can_be_set_again(run: Run, ready_home: Path) -> None:
    name = gen.current(ready_home / "index")
    assert name is not None
    _no_pointer(ready_home)
    assert name in run("ask", LETTER).failed()
    assert run("index", "activate", name, "--freigabe", "A", "--kommentar", "B").status == 0
    assert run("ask", LETTER).status == 0


def test_another_embedder_needs_a_new_build(run: Run, ready_home: Path) -> None:
    _other_embedder(ready_home)
    assert "index build" in run("ask", LETTER).failed()
    name = built(run)
    run("index", "activate", name, "--freigabe", "A", "--kommentar", "neuer Embedder")
    assert run("ask", LETTER).status == 0


def test_a_home_that_is_none_is_named(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LEITPLANKE_HOME", str(tmp_path / "nirgends"))
    for arguments in (["ask", LETTER], ["doctor"], ["index", "status"], ["corpus", "check"]):
        assert "ist kein vollständiger Ordner (corpus/ fehlt)" in run(*arguments).failed()


def test_a_mistake_in_the_settings_is_named(run: Run, ready_home: Path) -> None:
    (ready_home / "leitplanke.toml").write_text("prot = 8000\n")
    assert "unbekannte Einstellung „prot“. Gemeint war vermutlich „port“." in run("ask", LETTER).failed()


# ---------------------------------------------------------------- eval, init, doctor


def test_eval_runs_the_product_or_scores_given_answers_alike(run: Run, tmp_path: Path) -> None:
    rows = [
        {"id": "1", "frage": LETTER, "status": "beantwortet", "urteil": ["erlaubt"], "regeln": ["texte"], "darf_nie": [], "stil": "formal"},
        {"id": "2", "frage": "Wie wird das Wetter morgen?", "status": "ausserhalb", "darf_nie": ["erlaubt"]},
        {"id": "3", "frage": f"Darf ich {IBAN} eingeben?", "status": "blockiert_personenbezug"},
    ]  # fmt: skip
    file, answers = tmp_path / "fragen.jsonl", tmp_path / "antworten.jsonl"
    file.write_text("\n".join(json.dumps(r) for r in rows) + "\n")
    measured = run("eval", str(file), "--json", "--as-of", "2026-11-22").json
    assert measured["Urteil richtig"] == {"treffer": 1, "von": 1, "anteil": 1.0, "intervall": [0.2065, 1.0]}
    assert (measured["Falsche Erlaubnis"]["treffer"], measured["Personenbezug erkannt"]["treffer"]) == (0, 1)
    run("ask", "--batch", str(file), "--out", str(answers), "--as-of", "2026-11-22")
    assert run("eval", str(file), "--answers", str(answers), "--json").json == measured
    printed = run("eval", str(file), "--answers", str(answers)).out
    assert "3 Fragen aus fragen.jsonl" in printed
    assert "stil formal" in printed
    assert "Dauer je Antwort: Median" in printed


def test_eval_names_a_broken_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "f.jsonl").write_text('{"id": 1}\n')
    assert "Zeile 1: erwartet werden „frage“ und „status“" in run("eval", str(tmp_path / "f.jsonl")).failed()
    assert "kann nicht gelesen werden" in run("eval", str(tmp_path / "fehlt.jsonl")).failed()


def test_init_makes_a_home_that_builds_and_answers(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ready_home: Path
) -> None:
    monkeypatch.setattr(
        cli.home, "home_folder", lambda environ=os.environ: Path(environ.get("LEITPLANKE_HOME", str(ready_home)))
    )
    done = run("init", str(tmp_path / "stadt"), "--name", "Stadt Beispiel")
    assert (done.status, done.err) == (0, "")
    assert "leitplanke index build" in done.out
    monkeypatch.setenv("LEITPLANKE_HOME", str(tmp_path / "stadt"))
    assert "Veröffentlicht" in run("index", "build").out
    assert run("ask", LETTER, "--json").json["urteil"] == "erlaubt"


def test_init_refuses_a_folder_that_is_not_empty(run: Run, tmp_path: Path) -> None:
    (tmp_path / "voll").mkdir()
    (tmp_path / "voll" / "datei").write_text("x")
    assert "ist nicht leer" in run("init", str(tmp_path / "voll"), "--name", "Stadt Beispiel").failed()


def test_doctor_lists_what_is_there(run: Run) -> None:
    done = run("doctor")
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert all(line[:2] in ("✓ ", "– ") for line in lines)
    assert any(line.startswith("✓ Index g-") for line in lines)
    findings = run("doctor", "--json").json["befunde"]
    assert len(findings) == len(lines)
    assert all(list(f) == ["was", "zustand", "hinweis"] and f["zustand"] in ("gut", "hinweis") for f in findings)


@pytest.mark.parametrize("damage", [_no_pointer, _cut_passages, _other_embedder, _cut_embedder, _unknown_embedder])
def test_doctor_marks_what_is_broken_and_goes_on(run: Run, ready_home: Path, damage: Callable[[Path], None]) -> None:
    damage(ready_home)
    done = run("doctor")
    assert (done.status, done.line()) == (1, "Es fehlt etwas Nötiges; siehe die Zeilen mit ✗.")
    assert "✗ Index" in done.out
    data = run("doctor", "--json")
    assert data.status == 1
    assert [f["was"] for f in data.json["befunde"] if f["zustand"] == "fehler"][-1] == "Index"


# ---------------------------------------------------------------- as a program


def program(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LEITPLANKE_")}
    return subprocess.run(
        [sys.executable, "-m", "assistant", *arguments], cwd=ROOT, check=False, capture_output=True, timeout=60,
        env={**kept, "LEITPLANKE_HOME": str(home), **environment},
    )  # fmt: skip


def test_as_a_program_json_is_all_there_is_on_stdout(ready_home: Path) -> None:
    done = program(ready_home, "ask", LETTER, "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert list(json.loads(done.stdout)) == ANSWER_KEYS


def test_as_a_program_a_failure_is_one_line_even_on_a_narrow_terminal(ready_home: Path) -> None:
    done = program(ready_home, "show", "Art. 118 KI-VO", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"Art. 118 KI-VO gibt es nicht: Die KI-VO endet mit Art. 113.\n"
    doctor = program(ready_home, "doctor", PYTHONIOENCODING="ascii")
    assert (doctor.returncode, doctor.stderr) == (0, b"")
