"""``leitplanke eval``: comparing, generations, the page and the search, each as it is typed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant import cli
from assistant.cli import measuring
from assistant.index import generation as gen
from assistant.index.build import build
from assistant.models.embedder import open_embedder
from tests.conftest import NOW, rule_block

LETTER = "Darf ich ein Rundschreiben mit KI entwerfen lassen?"
ROWS = [
    {"id": "1", "frage": LETTER, "status": "beantwortet", "urteil": ["erlaubt"], "regeln": ["texte"], "stil": "formal", "paar": "p"},
    {"id": "2", "frage": "Rundschreiben an alle Ämter mit KI schreiben?", "status": "beantwortet", "urteil": ["erlaubt"], "paar": "p"},
]  # fmt: skip

Eval = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, ready_home: Path) -> Eval:
    """Runs ``leitplanke eval`` in this process on ``ready_home``: (exit status, stdout, stderr)."""
    for name in list(os.environ):
        if name.startswith("LEITPLANKE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LEITPLANKE_HOME", str(ready_home))

    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        status = cli.main(["eval", *map(str, arguments), "--as-of", "2026-11-22"])
        return (status, *capsys.readouterr())

    return command


def failure(done: tuple[int, str, str], status: int = 1) -> str:
    """The one German line of a failure."""
    assert (done[0], done[1]) == (status, "")
    assert done[2].count("\n") == 1
    return done[2]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return write(tmp_path / "fragen.jsonl", ROWS)


@pytest.fixture
def norms(tmp_path: Path) -> Path:
    row = {"id": "s1", "question": "Künstliche Inhalte offenlegen", "gold": ["KI-VO Art. 50"]}
    return write(tmp_path / "normen.jsonl", [row, {"id": "s2", "question": "x", "gold": []}])


@pytest.fixture
def stricter(ready_home: Path) -> str:
    """A second generation, not published, in which circulars are forbidden and translations permitted."""
    chapter = ready_home / "corpus" / "leitlinie" / "01-regeln.md"
    chapter.write_text(chapter.read_text().replace("id: texte\nurteil: erlaubt", "id: texte\nurteil: verboten"))
    permitted = [
        f"Darf die KI {what} übersetzen?" for what in ("ein Merkblatt", "Hinweise", "Schilder", "Flyer", "Menüs")
    ]
    (ready_home / "corpus" / "leitlinie" / "02-neu.md").write_text(
        "# Neu\n\n" + rule_block("uebersetzen", "erlaubt", permitted, daten="[oeffentlich]", werkzeug="[freigegeben]")
    )
    return build(ready_home, open_embedder(ready_home, "eingebaut"), NOW).generation


def test_paired_wordings_are_printed(run: Eval, questions: Path) -> None:
    status, out, _ = run(questions)
    assert status == 0
    assert "Paare gleich beantwortet           1.000  (1 von 1" in out


def test_answers_may_come_from_a_generation_that_is_not_published(
    run: Eval, questions: Path, stricter: str, ready_home: Path
) -> None:
    assert stricter != gen.current(ready_home / "index")
    published, other = (json.loads(run(questions, "--json", *more)[1]) for more in ((), ("--generation", stricter)))
    assert (published["Urteil richtig"]["treffer"], other["Urteil richtig"]["treffer"]) == (2, 0)


def test_two_generations_are_compared(run: Eval, questions: Path, stricter: str) -> None:
    """From the named one to the published one: what was forbidden there is newly permitted here."""
    data = json.loads(run(questions, "--json", "--vergleich", stricter)[1])["vergleich"]
    assert (data["mit"], data["zahlen"]["Urteil richtig"]["treffer"]) == (stricter, 0)
    assert [(c["id"], c["art"], c["nachher"]["urteil"]) for c in data["geaendert"]] == [
        ("1", "neu erlaubt", "erlaubt"),
        ("2", "neu erlaubt", "erlaubt"),
    ]
    out = run(questions, "--vergleich", stricter)[1]
    assert f"Verglichen mit {stricter}:" in out
    assert "Anders beantwortet: 2" in out


def test_answers_of_files_are_compared(run: Eval, questions: Path, tmp_path: Path) -> None:
    empty: dict[str, Any] = {"regeln": [], "erwogen": [], "fundstellen": [], "dauer_ms": {}}
    before = write(tmp_path / "a.jsonl", [{"id": "1", "status": "beantwortet", "urteil": "bedingt", **empty}])
    after = write(tmp_path / "b.jsonl", [{"id": "1", "status": "beantwortet", "urteil": "erlaubt", **empty}])
    status, out, _ = run(questions, "--answers", after, "--vergleich", before)
    assert status == 0
    assert "Verglichen mit a.jsonl:" in out
    assert f"neu erlaubt: 1 bedingt → erlaubt  {LETTER}" in out
    assert "Dort ohne Antwort und deshalb als falsch gezählt: 1." in out


def test_a_page_is_written_beside_what_is_printed(run: Eval, questions: Path, stricter: str, tmp_path: Path) -> None:
    target = tmp_path / "bericht.html"
    status, out, _ = run(questions, "--vergleich", stricter, "--bericht", target)
    assert (status, out.splitlines()[-1]) == (0, f"Bericht: {target}")
    page = target.read_text(encoding="utf-8")
    assert "Mini-Leitlinie, Fassung 1" in page
    assert f"Verglichen mit {stricter}" in page
    status, out, _ = run(questions, "--bericht", target, "--json")
    assert "Paare gleich beantwortet" in json.loads(out), "nichts als ein JSON-Objekt"


def test_norms_measure_the_search(run: Eval, norms: Path, tmp_path: Path, ready_home: Path) -> None:
    status, out, _ = run(norms, "--bericht", tmp_path / "suche.html")
    assert status == 0
    assert "1 Fragen aus normen.jsonl (1 ohne Norm nicht gezählt)" in out
    assert "Frage: nur Wörter               1.000 (0.207–1.000)" in out
    assert "Messung der Suche" in (tmp_path / "suche.html").read_text(encoding="utf-8")
    data = json.loads(run(norms, "--json")[1])
    assert (data["generation"], data["fragen"]) == (gen.current(ready_home / "index"), 1)
    assert data["suche"]["Frage"]["nur Wörter"]["hit@5"]["treffer"] == 1


def test_the_search_of_another_generation_is_measured(run: Eval, norms: Path, stricter: str) -> None:
    assert json.loads(run(norms, "--json", "--generation", stricter)[1])["generation"] == stricter


@pytest.mark.parametrize("option", ["--generation", "--vergleich"])
def test_a_generation_that_is_not_there_is_named(run: Eval, questions: Path, ready_home: Path, option: str) -> None:
    line = failure(run(questions, option, "g-20200101-000000-000001"))
    assert "Generation „g-20200101-000000-000001“ gibt es nicht. Vorhanden: g-" in line


def test_a_generation_is_asked_for_by_its_name_only(run: Eval, questions: Path) -> None:
    assert "Generation „../index“ gibt es nicht" in failure(run(questions, "--generation", "../index"))


def test_a_file_to_compare_with_that_cannot_be_read_is_named(run: Eval, questions: Path, tmp_path: Path) -> None:
    assert "fehlt.jsonl kann nicht gelesen werden" in failure(run(questions, "--vergleich", tmp_path / "fehlt.jsonl"))


def test_a_page_that_cannot_be_written_is_said_before_measuring(
    run: Eval, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "_eval_answers", lambda *_: pytest.fail("gemessen"))
    assert "der Ordner" in failure(run(questions, "--bericht", tmp_path / "fehlt" / "b.html"))
    assert "mit der Endung .html" in failure(run(questions, "--bericht", questions))


def test_given_answers_have_no_generation_to_choose(run: Eval, questions: Path) -> None:
    assert "nur eines davon angeben" in failure(run(questions, "--answers", "a.jsonl", "--generation", "g-1"), 2)


@pytest.mark.parametrize("option", ["--answers", "--vergleich"])
def test_the_search_is_not_measured_from_answers(run: Eval, norms: Path, option: str) -> None:
    assert "hier wird die Suche gemessen, ohne --answers und --vergleich" in failure(run(norms, option, "a.jsonl"), 2)
