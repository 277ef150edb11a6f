"""Damaged law in every format is read or refused in one German line: no crash, no hang, no runaway memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from tests.conftest import ROOT
from tests.corpus import formex_files, pages
from tests.corpus.mutations import MARKDOWN, SEEDS, mutants, outcome

EACH = 300


@pytest.mark.parametrize("name", SEEDS)
def test_damaged_texts_are_read_or_refused_but_never_crash_or_hang(name: str) -> None:
    info = SEEDS[name][1]
    assert outcome(SEEDS[name][0], info) == "read"
    outcomes = []
    for data in mutants(name, EACH):
        begun = time.monotonic()
        outcomes.append(outcome(data, info))
        assert time.monotonic() - begun < 10
    assert len(set(mutants(name, EACH))) > EACH * 0.85
    assert outcomes.count("refused") > EACH * 0.2


def _article(content: str) -> bytes:
    return formex_files.consolidated(extra=f"<ARTICLE><TI.ART>Artikel 7</TI.ART><ALINEA>{content}</ALINEA></ARTICLE>")


ROW = b"<tr><td><p>(a)</p></td><td><p>x</p></td></tr>"
LONG = {
    "blanks": _article(" \n" * 40_000 + "x"),
    "quotation marks": _article('<QUOT.START CODE="2018"/> \n ' * 10_000),
    "open deletions": _article('<?CLG.MDFO ACTION="DELETED" IDREF="a"?>' * 5000 + '<?CLG.MDFC ID="a"?>' * 5000),
    "blanks in a page": pages.consolidated().replace(b"erstens:", b" " * 80_000 + b"x"),
    "rows": pages.consolidated().replace(b"erstens:", b"<table>" + ROW * 10_000 + b"</table>"),
    "lines": MARKDOWN + b"text\n" * 40_000,
    "points": MARKDOWN + b"a) x\n" * 20_000,
}


@pytest.mark.parametrize("data", LONG.values(), ids=LONG)
def test_reading_takes_no_square_of_the_length(data: bytes) -> None:
    begun = time.monotonic()
    assert outcome(data, None) == "read"
    assert time.monotonic() - begun < 10


def test_a_tag_without_a_name_is_no_error_of_ours() -> None:
    """Found by mutation: HTML takes "x}" for the name of a tag, which looks like a namespace without a name."""
    assert outcome(pages.consolidated().replace(b"</body>", b"<x}></body>"), None) == "read"


def test_damaged_texts_leave_no_memory_behind() -> None:
    """Far under the limit of 1 GB that an import may use, however many were read before."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.corpus.mutations", "60", str(1024**3)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["read"] + result["refused"] == 60 * len(SEEDS)
    assert result["grown_mb"] < 100
