"""``models list``, ``verify`` and ``pin`` as commands: exit status and lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.cli import main

WEIGHTS = b"GGUF Gewichte"


@pytest.fixture
def home(ready_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEITPLANKE_HOME", str(ready_home))
    return ready_home


def test_list_names_the_machine_and_every_model(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Dieser Rechner: ")
    assert {"eingebaut", "qwen3-4b", "bekko-a25m"} <= {line.split()[0] for line in out.splitlines()}


def test_verify_fails_when_something_is_faulty_and_pin_mends_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "verify"]) == 0
    (home / "models" / "Qwen3-4B-Q4_K_M.gguf").write_bytes(WEIGHTS)
    assert main(["models", "verify"]) == 1
    shown = capsys.readouterr()
    assert "fehlerhaft" in shown.out
    assert shown.err == "Nicht in Ordnung: qwen3-4b; siehe oben. Diese Modelle werden nicht benutzt.\n"
    assert main(["models", "pin", "qwen3-4b", "--kommentar", "verglichen, A. Beispiel"]) == 0
    assert main(["models", "verify"]) == 0
    text = (home / "models" / "manifest.toml").read_text(encoding="utf-8")
    assert "  # verglichen, A. Beispiel (" in text


def test_an_unknown_model_is_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "pin", "qwen3-4c", "--kommentar", "x"]) == 1
    assert "Gemeint war vermutlich „qwen3-4b“." in capsys.readouterr().err
