"""Measuring the product: figures that can be checked by hand, with a model, without one, and as a report."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from assistant.ask.service import AssistantService
from assistant.bench import NO_MODEL, WORDED, Spread, measure, sample, spread
from assistant.cli import main
from assistant.models.line import Attempt, Statistics
from assistant.types import Question
from tests.conftest import TODAY

PROVEN = "Satz der Regel texte. [1]"
ALLOWED = Question("Darf ich ein Rundschreiben entwerfen lassen?", TODAY)
FORBIDDEN = Question("Darf ich Namen und Adressen in ChatGPT eingeben?", TODAY)
OUTSIDE = Question("Was gibt es in der Kantine?", TODAY)


class Scripted:
    """A model with known costs: writes the given texts one after the other, the last one again and again."""

    name, budget, pid = "skript", 4000, None

    def __init__(self, *texts: str) -> None:
        self.texts, self.asked = texts, 0
        self.last: Statistics | None = None

    def start(self) -> None:
        """Nothing to load."""

    def count(self, text: str) -> int:
        return len(text) // 3

    def stream(
        self,
        prompt: Sequence[tuple[str, str]],
        *,
        max_tokens: int,
        grammar: str | None = None,
        attempt: Attempt | None = None,
    ) -> Iterator[str]:
        text = self.texts[min(self.asked, len(self.texts) - 1)]
        self.asked += 1
        yield from re.findall(r"\S+\s*", text)
        self.last = Statistics(prompt_tokens=1000, reused=0 if self.asked == 1 else 900, pieces=5, seconds=2.0)

    def close(self) -> None:
        """Nothing to close."""


def result_of(home: Path, model: Scripted | None, *questions: Question):
    return measure(lambda: AssistantService.open(home, with_model=False), model, questions)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None), ([3.0], Spread(3.0, 3.0, 1)), ([4.0, 1.0], Spread(2.5, 4.0, 2)),
        (list(range(1, 101)), Spread(50.5, 95, 100)), (list(range(1, 20)), Spread(10, 19, 19)),
    ],
)  # fmt: skip
def test_median_and_95_percent(values: list[float], expected: Spread | None) -> None:
    assert spread(values) == expected


def test_a_sample_is_spread_evenly() -> None:
    questions = [Question(str(i), TODAY) for i in range(10)]
    assert [q.text for q in sample(questions, 5)] == ["0", "2", "4", "6", "8"]
    assert sample(questions, 50) == questions


def test_without_a_model_the_extract_is_measured_and_said_so(ready_home: Path) -> None:
    result = result_of(ready_home, None, ALLOWED, FORBIDDEN)
    assert (result.model, result.load_s, len(result.runs)) == (None, None, 2)
    data = result.to_json()
    assert data["hinweis"] == NO_MODEL
    assert data["werte"]["Urteil und Zitate (s)"]["anzahl"] == 2
    assert data["werte"]["Prompt (Token)"] is None
    assert next(result.lines()) == NO_MODEL


def test_with_a_model_tokens_read_and_reused_are_counted_per_question(ready_home: Path) -> None:
    result = result_of(ready_home, Scripted(PROVEN), ALLOWED, OUTSIDE, ALLOWED, ALLOWED)
    data = result.to_json()
    assert data["ausgang"] == {WORDED: 3}
    assert data["erste_frage_gelesen_token"] == 1000
    values = data["werte"]
    assert values["davon gelesen, ab der 2. Frage (Token)"] == {"median": 100, "p95": 100, "anzahl": 2}
    assert values["davon wiederverwendet, ab der 2. Frage (Token)"]["median"] == 900
    assert values["Prompt (Token)"] == {"median": 1000, "p95": 1000, "anzahl": 3}
    assert values["Schreiben (Token/s)"]["median"] == pytest.approx(2.0, rel=0.2)
    assert values["erster belegter Satz (s)"]["anzahl"] == 3
    assert data["modell"] == "skript"


def test_a_draft_that_is_withheld_counts_as_such_and_its_second_try_not_as_reuse(ready_home: Path) -> None:
    result = result_of(ready_home, Scripted("Sie dürfen alles eingeben [1]."), FORBIDDEN, FORBIDDEN)
    assert result.to_json()["ausgang"] == {"modell_verworfen": 2}
    assert len(result.drafts) == 4
    assert result.figures()["davon gelesen, ab der 2. Frage (Token)"] == Spread(100, 100, 1)
    assert result.figures()["erster belegter Satz (s)"] is None


def test_bench_prints_a_table_or_one_object(
    ready_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("LEITPLANKE_HOME", str(ready_home))
    assert main(["bench", "-n", "3"]) == 0
    assert capsys.readouterr().out.startswith(NO_MODEL + "\n3 Fragen; öffnen ")
    asked = {"id": "1", "frage": ALLOWED.text, "status": "beantwortet", "urteil": ["erlaubt"], "regeln": ["texte"]}
    (tmp_path / "f.jsonl").write_text(json.dumps(asked) + "\n", encoding="utf-8")
    assert main(["bench", "--json", "--fragen", str(tmp_path / "f.jsonl")]) == 0
    assert json.loads(capsys.readouterr().out)["fragen"] == 1


def with_tiny_model(home: Path) -> None:
    pytest.importorskip("llama_cpp", reason="llama-cpp-python fehlt")
    from tests.models.tiny_gguf import write_tiny_gguf

    digest = write_tiny_gguf(home / "models" / "wort.gguf", context=8192)
    with (home / "models" / "manifest.toml").open("a", encoding="utf-8") as manifest:
        manifest.write(
            f'\n[[modell]]\nname = "wort"\nzweck = "generator"\ndatei = "wort.gguf"\nlizenz = "MIT"\n'
            f'sha256 = "{digest}"\nkontext = 8192\nvorlage = "mistral"\n'
        )


def test_check_writes_a_report_of_the_example_questions_only(
    ready_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_tiny_model(ready_home)
    monkeypatch.setenv("LEITPLANKE_HOME", str(ready_home))
    monkeypatch.setenv("LEITPLANKE_MODELL_ANTWORT_TOKENS", "40")
    # The tiny model knows few words: its tokens are nearly characters, far more than those of a real one.
    monkeypatch.setattr("assistant.ask.wording.TYPICAL_TOKENS", 8000)
    report = tmp_path / "bericht.md"
    assert main(["models", "check", "wort", "-n", "2", "--out", str(report)]) == 0
    text = report.read_text(encoding="utf-8")
    assert text.startswith("# Modellbericht wort, ")
    assert "Chatvorlage der Datei: chatml (im Manifest steht mistral)" in text
    assert "Gemeinsamer Anfang bleibt laut Manifest ja; " in text
    asked = re.findall(r"(?m)^### (.+)$", text)
    rules = "".join(p.read_text(encoding="utf-8") for p in (ready_home / "corpus" / "leitlinie").glob("*.md"))
    assert asked
    assert all(question in rules for question in asked)
    figures = json.loads(report.with_suffix(".json").read_text(encoding="utf-8"))
    assert figures["vorlage"] == {"manifest": "mistral", "datei": "chatml"}
    assert figures["saetze"] == figures["belegt"] + sum(r["anzahl"] for r in figures["zurueckgehalten"].values())
    assert figures["messung"]["speicher_mib"]["Sprachmodell"] > 1
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith((".b", "b"))) == [
        "bericht.json", "bericht.md",
    ]  # fmt: skip


def test_check_names_what_is_missing(
    ready_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEITPLANKE_HOME", str(ready_home))
    assert main(["models", "check", "qwen3-4b"]) == 1
    assert "Qwen3-4B-Q4_K_M.gguf fehlt" in capsys.readouterr().err
    assert main(["models", "check", "eingebaut"]) == 1
    assert "Ein generator „eingebaut“ steht nicht" in capsys.readouterr().err
