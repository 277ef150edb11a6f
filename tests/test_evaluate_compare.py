"""Two sets of answers side by side: which questions changed, in which order, and what is printed of it."""

from __future__ import annotations

import json

import pytest

from assistant.evaluate_compare import KINDS, NEWLY_PERMITTED, OTHER_RULE, OTHER_VERDICT, Outcome, compare


def question(key: str, **fields: object) -> dict[str, object]:
    row = {"id": key, "frage": f"Frage {key}?", "status": "beantwortet", "urteil": [], "regeln": [], "darf_nie": []}
    return {**row, **fields}


def answer(verdict: str | None = None, *rules: str, status: str = "beantwortet") -> dict[str, object]:
    return {"status": status, "urteil": verdict, "regeln": list(rules), "erwogen": [], "fundstellen": []}


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (answer("bedingt", "a"), answer("erlaubt", "b"), NEWLY_PERMITTED),
        (answer(status="ausserhalb"), answer("erlaubt", "b"), NEWLY_PERMITTED),
        (answer("erlaubt", "a"), answer("bedingt", "a"), OTHER_VERDICT),
        (answer(status="ausserhalb"), answer(status="nicht_geregelt"), OTHER_VERDICT),
        (answer("bedingt", "a"), answer(status="rueckfrage"), OTHER_VERDICT),
        (answer("erlaubt", "a"), answer("erlaubt", "b"), OTHER_RULE),
        (answer("bedingt", "a"), answer("bedingt"), OTHER_RULE),
    ],
)
def test_what_changed_has_a_kind(before: dict[str, object], after: dict[str, object], kind: str) -> None:
    (change,) = compare([question("1")], {"1": before}, {"1": after}, "x").changes
    assert (change.id, change.question, change.kind) == ("1", "Frage 1?", kind)
    assert (change.before, change.after) == (Outcome.of(before), Outcome.of(after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (answer("bedingt", "a", "b"), answer("bedingt", "a", "c")),
        (answer("bedingt", "a"), {**answer("bedingt", "a"), "text": "anders"}),
    ],
)
def test_further_rules_and_wording_are_no_change(before: dict[str, object], after: dict[str, object]) -> None:
    assert compare([question("1")], {"1": before}, {"1": after}, "x").changes == ()


def test_newly_permitted_stands_first_then_verdicts_then_rules() -> None:
    rows = [question(str(n)) for n in range(1, 6)]
    before = {str(n): answer("bedingt", "a") for n in range(1, 6)}
    after = {
        "1": answer("bedingt", "b"), "2": answer("verboten", "a"), "3": answer("erlaubt", "c"),
        "4": answer("verboten", "a"), "5": answer("erlaubt", "c"),
    }  # fmt: skip
    changes = compare(rows, before, after, "x").changes
    assert [c.id for c in changes] == ["3", "5", "2", "4", "1"]
    assert list(dict.fromkeys(c.kind for c in changes)) == list(KINDS)


def test_the_figures_of_both_stand_beside_each_other() -> None:
    rows = [question("1", urteil=["bedingt"]), question("2", urteil=["bedingt"])]
    before = {"1": answer("bedingt"), "2": answer("verboten")}
    found = compare(rows, before, {"1": answer("bedingt"), "2": answer("bedingt")}, "g-alt")
    first, second = found.figures[0]
    assert (first.name, first.hits, second.hits) == ("Urteil richtig", 1, 2)
    assert "Urteil richtig                       0.500    1.000       +0.500" in found.lines()
    assert not [line for line in found.lines() if line.startswith("Paare")], "was keinen Fall hat, steht nicht da"
    assert [f.name for f, _ in found.figures] == [f.name for _, f in found.figures]


def test_a_question_without_an_earlier_answer_is_counted_and_not_listed() -> None:
    found = compare([question("1"), question("2")], {"2": answer("bedingt")}, {"1": answer("erlaubt")}, "alt.jsonl")
    assert (found.missing, found.changes) == (1, ())
    assert "Dort ohne Antwort und deshalb als falsch gezählt: 1." in found.lines()


def test_what_is_printed_says_from_what_to_what() -> None:
    found = compare([question("1")], {"1": answer("bedingt", "a")}, {"1": answer("erlaubt", "b")}, "g-alt")
    assert found.lines()[0] == "\nVerglichen mit g-alt:"
    assert found.lines()[-2:] == [
        "\nAnders beantwortet: 1",
        "  neu erlaubt: 1 bedingt (a) → erlaubt (b)  Frage 1?",
    ]
    same = compare([question("1")], {"1": answer("bedingt", "a")}, {"1": answer("bedingt", "a")}, "g-alt")
    assert same.lines()[-1] == "\nAnders beantwortet: keine"


def test_the_json_has_both_outcomes() -> None:
    found = compare([question("1")], {"1": answer("bedingt", "a")}, {"1": answer(status="ausserhalb")}, "g-alt")
    data = json.loads(json.dumps(found.to_json()))
    assert (data["mit"], data["ohne_antwort"], data["zahlen"]["Urteil richtig"]["von"]) == ("g-alt", 0, 0)
    assert data["geaendert"] == [
        {
            "id": "1", "frage": "Frage 1?", "art": "anderes Urteil",
            "vorher": {"status": "beantwortet", "urteil": "bedingt", "regel": "a"},
            "nachher": {"status": "ausserhalb", "urteil": None, "regel": None},
        }
    ]  # fmt: skip
