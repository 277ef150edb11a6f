"""Rule blocks are read by libyaml where that is there, with the results and the errors of PyYAML's own loader."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from assistant.corpus import rules as subject
from assistant.corpus.rules import chapter_blocks, load_block, split_fence
from assistant.errors import RuleError
from tests.conftest import ROOT

BLOCK = """id: texte
urteil: bedingt
satz: "Texte: mit Prüfung – auch „kurze“."
bedingungen:
  - Das Werkzeug steht auf der Liste.
  - "Alles ist geprüft: von einem Menschen."
begruendung: >
  Fehler fallen
  auf die Stadt zurück.
normen: [DSGVO Art. 5 Abs. 1, KI-VO Art. 50]
daten: []
seit: 2026-11-22
nummer: 0o17
"""
SLIPS = [*"[]{}:,-?\"'#&*!|>%@` \n\t\x07=<~0é", "\n  ", "\n- ", "<<: ", "2026-13-01", "!!int ", "\r\n", "\\x41", "---\n", "\u2028"]


def pure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "LIBYAML", None)


def read(block: str) -> object:
    """The fields, or the error with its line."""
    try:
        return repr(load_block(block, "Titel", "corpus/leitlinie/01.md", 7))
    except RuleError as error:
        return str(error)


def test_slips_are_read_and_reported_as_by_the_loader_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(26)
    blocks = [BLOCK]
    for _ in range(400):
        at = draw.randrange(len(BLOCK))
        blocks.append(BLOCK[:at] + draw.choice(SLIPS) + BLOCK[at + draw.randrange(3) :])
    fast = [read(block) for block in blocks]
    pure(monkeypatch)
    assert fast == [read(block) for block in blocks]
    broken = {str(result).split(":")[0] for result in fast if "kein gültiger yaml-Block" in str(result)}
    assert len(broken) > 3, "errors name different lines"


def test_the_shipped_rules_are_the_same_with_both_loaders(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = [
        block
        for chapter in sorted((ROOT / "corpus" / "leitlinie").glob("*.md"))
        for *_, body in chapter_blocks(chapter.read_text(encoding="utf-8").splitlines())
        if (block := split_fence(body)[0])
    ]
    assert len(blocks) > 50
    fast = [read(block) for block in blocks]
    pure(monkeypatch)
    assert fast == [read(block) for block in blocks]


@pytest.mark.parametrize(
    "nested", ['"[" * 60000', '"{a: " * 60000', '"\\n" + "- " * 60000', '"\\n" + "? " * 60000', '"[" * 60000 + "]" * 60000']
)
def test_a_block_nested_beyond_reason_is_an_error_and_no_crash(nested: str) -> None:
    code = (
        "from assistant.corpus.rules import load_block\nfrom assistant.errors import RuleError\n"
        f"try: load_block('id: ' + {nested}, 'Titel', 'x.md', 7)\nexcept RuleError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, cwd=Path(ROOT), capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "kein gültiger yaml-Block" in done.stdout


@pytest.mark.skipif(not hasattr(yaml, "CSafeLoader"), reason="PyYAML ist hier ohne libyaml gebaut")
def test_libyaml_is_used_where_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "safe_load", lambda block: pytest.fail("the slow loader was used"))
    assert load_block(BLOCK, "Titel", "x.md", 7)["id"] == "texte"
