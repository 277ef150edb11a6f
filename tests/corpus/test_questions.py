"""The question bank: what is read, what is kept for measuring, and mistakes with file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.corpus.questions import JUDGING, BankQuestion, lines_of, read_bank
from assistant.corpus.rules import read_guideline
from assistant.errors import CorpusError
from tests.conftest import ROOT


def line(**fields: object) -> str:
    row = {"id": "a", "frage": "Darf ich?", "status": "beantwortet", "regeln": ["texte"], "runde": 1, **fields}
    return json.dumps(row, ensure_ascii=False)


def write(folder: Path, *lines: str, name: str = "bank.jsonl") -> Path:
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_question_is_read_with_its_history_and_what_it_must_never_get(tmp_path: Path) -> None:
    write(tmp_path, line(verlauf=["Vorher?"], darf_nie=["erlaubt"]))
    assert read_bank(tmp_path) == [
        BankQuestion("a", "Darf ich?", ("Vorher?",), "beantwortet", ("texte",), ("erlaubt",), 1)
    ]


def test_fields_that_are_missing_are_empty(tmp_path: Path) -> None:
    write(tmp_path, '{"id": 7, "frage": "Darf ich?", "status": "angriff"}')
    assert read_bank(tmp_path) == [BankQuestion("7", "Darf ich?", (), "angriff", (), (), 0)]


def test_judging_rounds_are_read_only_for_measuring(tmp_path: Path) -> None:
    write(tmp_path, line(id="fit"), line(id="judge", runde=min(JUDGING)))
    assert [q.id for q in read_bank(tmp_path)] == ["fit"]
    assert [q.id for q in read_bank(tmp_path, judging=True)] == ["judge"]


def test_all_files_are_read_in_order_and_blank_lines_skipped(tmp_path: Path) -> None:
    write(tmp_path, line(id="2"), "", "   ", line(id="3"), name="b.jsonl")
    write(tmp_path, line(id="1"), name="a.jsonl")
    assert [q.id for q in read_bank(tmp_path)] == ["1", "2", "3"]


def test_a_folder_without_questions_is_empty(tmp_path: Path) -> None:
    assert read_bank(tmp_path) == []
    assert read_bank(tmp_path / "fehlt") == []


@pytest.mark.parametrize(
    "bad",
    [
        "{kaputt", "[]", "7", "[" * 100_000, line(verlauf="Vorher?"), line(regeln="texte"), line(darf_nie=[1]),
        line(runde="zwei"), line(verlauf=None), '{"id": "a", "frage": "Darf ich?"}',
    ],
)  # fmt: skip
def test_a_broken_line_is_named_with_file_and_line(tmp_path: Path, bad: str) -> None:
    write(tmp_path, line(), bad)
    with pytest.raises(CorpusError, match=r"corpus/fragen/bank\.jsonl, Zeile 2: erwartet wird JSON") as caught:
        read_bank(tmp_path)
    assert "\n" not in str(caught.value)


def test_an_unknown_status_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    write(tmp_path, line(status="beantwortt"))
    with pytest.raises(CorpusError, match=r"Zeile 1: status „beantwortt“ ist unbekannt. Bekannt: .*beantwortet"):
        read_bank(tmp_path)


def test_a_file_that_is_no_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "bank.jsonl").write_bytes('{"frage": "Prüfung"}'.encode("latin-1"))
    with pytest.raises(CorpusError, match=r"corpus/fragen/bank\.jsonl: keine UTF-8-Textdatei"):
        read_bank(tmp_path)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"a", ["a"]),
        (b"a\n", ["a"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\n\nb\n\n", ["a", "", "b", ""]),
        (b"\xef\xbb\xbfa\n", ["a"]),
        ("a\u2028b\x85c\x0bd\n".encode(), ["a\u2028b\x85c\x0bd"]),
    ],
)
def test_only_a_line_feed_ends_a_line(tmp_path: Path, data: bytes, expected: list[str]) -> None:
    (tmp_path / "x").write_bytes(data)
    assert lines_of(tmp_path / "x") == expected


def test_the_shipped_bank_names_only_rules_that_exist_and_no_question_twice() -> None:
    known = {rule.id for rule in read_guideline(ROOT / "corpus").rules}
    fitting, judging = read_bank(ROOT / "corpus" / "fragen"), read_bank(ROOT / "corpus" / "fragen", judging=True)
    assert {r for q in fitting + judging for r in q.rules} <= known
    ids = [q.id for q in fitting + judging]
    assert len(set(ids)) == len(ids)
    measured = {(q.history, q.question) for q in judging}
    assert not measured & {(q.history, q.question) for q in fitting}
