"""Measuring the search: what counts as found, per article, in which lane, and what a broken set says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from assistant.errors import LeitplankeError
from assistant.evaluate_search import (
    COLLOQUIAL,
    FORMAL,
    WAYS,
    Mean,
    SearchQuestion,
    SearchResult,
    is_search_set,
    measure,
    place_of,
    read_search_questions,
)
from assistant.index.build import build
from assistant.index.generation import current_folder
from assistant.index.published import PublishedIndex
from assistant.types import Hit, Lane, Passage
from tests.conftest import NOW, HashEmbedder, write_mini_corpus

WORDS, VECTORS, BOTH = WAYS
Search = Callable[[str, Lane, int], Sequence[Hit]]


def asked(*gold: str, formal: str = "Was gilt?", colloquial: str = "", language: str = "de") -> SearchQuestion:
    return SearchQuestion("1", formal, colloquial, gold, language)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature home, built once: these tests only read it."""
    folder = tmp_path_factory.mktemp("suche") / "heim"
    folder.mkdir()
    write_mini_corpus(folder)
    build(folder, HashEmbedder(), NOW)
    return folder


@pytest.fixture
def index(home: Path) -> Iterator[PublishedIndex]:
    opened = PublishedIndex(current_folder(home / "index"), HashEmbedder())
    yield opened
    opened.close()


def finds(*norms: str) -> Search:
    """A search that always finds these norms, in this order."""
    hits = [Hit(Passage(n, Lane.RECHT, n, (), ""), 1.0 - i / 1000, "") for i, n in enumerate(norms)]
    return lambda query, lane, n: hits[:n]


@pytest.fixture
def searching(index: PublishedIndex, monkeypatch: pytest.MonkeyPatch) -> Callable[..., PublishedIndex]:
    """The miniature index whose three searches find what the test says."""

    def given(words: Search, vectors: Search | None = None, both: Search | None = None) -> PublishedIndex:
        for name, search in (("lexical", words), ("dense", vectors or words), ("search", both or words)):
            monkeypatch.setattr(index, name, search)
        return index

    return given


def figures(result: SearchResult, way: str = WORDS, wording: str = FORMAL) -> tuple[float, float, float]:
    """hit@5, recall@5 and MRR."""
    (found,) = [f for f in result.found if (f.way, f.wording) == (way, wording)]
    return found.hit.share, found.recall.share, found.rank.share


# ---------------------------------------------------------------- places


@pytest.mark.parametrize(
    ("norm", "place"),
    [
        ("KI-VO Art. 50 Abs. 4 UAbs. 2", "KI-VO Art. 50"),
        ("KI-VO Art. 4a", "KI-VO Art. 4a"),
        ("SGB X § 35 Abs. 1", "SGB X § 35"),
        ("KI-VO Anhang I Abschnitt A Nr. 2", "KI-VO Anhang I"),
        ("KI-VO Anhang III Nr. 4 lit. a", "KI-VO Anhang III Nr. 4 lit. a"),
        ("KI-VO Anhang III", "KI-VO Anhang III"),
        ("KI-VO Anhang XIII lit. b", "KI-VO Anhang XIII"),
        ("DSGVO ErwG 26", "DSGVO ErwG 26"),
        ("BITV 2.0", "BITV 2.0"),
    ],
)
def test_a_place_is_an_article_or_a_point_of_annex_three(norm: str, place: str) -> None:
    assert place_of(norm) == place


# ---------------------------------------------------------------- figures


def test_several_passages_of_an_article_are_one_place(searching: Callable[..., PublishedIndex]) -> None:
    many = [f"KI-VO Art. 6 Abs. {n}" for n in range(1, 9)]
    result = measure(searching(finds(*many, "KI-VO Art. 50 Abs. 1")), [asked("KI-VO Art. 50")])
    assert figures(result) == (1.0, 1.0, 0.5)


def test_an_article_is_found_whichever_of_its_paragraphs_is_named_first(
    searching: Callable[..., PublishedIndex],
) -> None:
    """Ranked are articles, so the paragraph that was found does not stand against the one that was expected."""
    result = measure(searching(finds("KI-VO Art. 50 Abs. 1")), [asked("KI-VO Art. 50 Abs. 4")])
    assert figures(result) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(("position", "hit"), [(1, 1.0), (5, 1.0), (6, 0.0)])
def test_a_hit_is_among_the_first_five_places(
    searching: Callable[..., PublishedIndex], position: int, hit: float
) -> None:
    norms = [f"KI-VO Art. {n}" for n in range(1, 9)]
    result = measure(searching(finds(*norms)), [asked(f"KI-VO Art. {position}")])
    assert figures(result) == (hit, hit, 1 / position)


def test_recall_is_the_share_of_the_norms_and_rank_that_of_the_first(searching: Callable[..., PublishedIndex]) -> None:
    norms = [f"KI-VO Art. {n}" for n in range(1, 9)]
    result = measure(searching(finds(*norms)), [asked("KI-VO Art. 2", "KI-VO Art. 4", "KI-VO Art. 7", "KI-VO Art. 99")])
    assert figures(result) == (1.0, 0.5, 0.5)


def test_nothing_found_is_zero(searching: Callable[..., PublishedIndex]) -> None:
    assert figures(measure(searching(finds()), [asked("KI-VO Art. 5")])) == (0.0, 0.0, 0.0)


def test_figures_are_means_over_the_questions(searching: Callable[..., PublishedIndex]) -> None:
    norms = finds("KI-VO Art. 1", "KI-VO Art. 2")
    result = measure(searching(norms), [asked("KI-VO Art. 1"), asked("KI-VO Art. 2"), asked("KI-VO Art. 3")])
    assert figures(result) == pytest.approx((2 / 3, 2 / 3, 0.5))
    assert (result.questions, result.found[0].hit.total) == (3, 3)


@pytest.mark.parametrize(
    ("gold", "found", "hit"),
    [
        ("KI-VO Anhang III Nr. 4 lit. a", "KI-VO Anhang III Nr. 4 lit. a", 1.0),
        ("KI-VO Anhang III Nr. 4 lit. a", "KI-VO Anhang III Nr. 4 lit. b", 0.0),
        ("KI-VO Anhang III Nr. 4 lit. a", "KI-VO Anhang III Nr. 4", 1.0),
        ("KI-VO Anhang III Nr. 4 lit. a", "KI-VO Anhang III", 0.0),
        ("KI-VO Anhang III", "KI-VO Anhang III Nr. 4 lit. b", 1.0),
        ("KI-VO Anhang I Nr. A1", "KI-VO Anhang I Abschnitt A Nr. 12", 1.0),
    ],
)
def test_points_of_annex_three_are_told_apart(
    searching: Callable[..., PublishedIndex], gold: str, found: str, hit: float
) -> None:
    assert figures(measure(searching(finds(found)), [asked(gold)]))[0] == hit


def test_only_places_of_the_acts_that_are_named_count(searching: Callable[..., PublishedIndex]) -> None:
    others = [f"DSGVO Art. {n}" for n in range(1, 21)]
    only_ki = measure(searching(finds(*others, "KI-VO Art. 5")), [asked("KI-VO Art. 5")])
    assert (only_ki.acts, figures(only_ki)) == (("KI-VO",), (1.0, 1.0, 1.0))
    both = measure(searching(finds(*others, "KI-VO Art. 5")), [asked("KI-VO Art. 5"), asked("DSGVO Art. 1")])
    assert (both.acts, figures(both)[0]) == (("DSGVO", "KI-VO"), 0.5)


def test_words_vectors_and_both_are_measured_apart(searching: Callable[..., PublishedIndex]) -> None:
    right, wrong = finds("KI-VO Art. 5"), finds("KI-VO Art. 6")
    result = measure(searching(wrong, right, wrong), [asked("KI-VO Art. 5")])
    assert [(f.way, f.hit.hits) for f in result.found] == [(WORDS, 0), (VECTORS, 1), (BOTH, 0)]


def test_the_two_wordings_are_measured_apart(searching: Callable[..., PublishedIndex]) -> None:
    def by_wording(query: str, lane: Lane, n: int) -> Sequence[Hit]:
        return finds("KI-VO Art. 5")(query, lane, n) if "salopp" in query else ()

    questions = [asked("KI-VO Art. 5", colloquial="salopp gefragt"), asked("KI-VO Art. 5")]
    result = measure(searching(by_wording), questions)
    assert figures(result, WORDS, FORMAL) == (0.0, 0.0, 0.0)
    assert figures(result, WORDS, COLLOQUIAL) == (1.0, 1.0, 1.0)
    assert [f.hit.total for f in result.found] == [2, 2, 2, 1, 1, 1]


def test_a_set_without_colloquial_wordings_has_no_figures_for_them(searching: Callable[..., PublishedIndex]) -> None:
    result = measure(searching(finds()), [asked("KI-VO Art. 5")])
    assert {f.wording for f in result.found} == {FORMAL}


def test_questions_without_a_norm_are_left_out_and_counted(searching: Callable[..., PublishedIndex]) -> None:
    result = measure(searching(finds("KI-VO Art. 5")), [asked(), asked("KI-VO Art. 5"), asked()])
    assert (result.questions, result.without_gold, figures(result)) == (1, 2, (1.0, 1.0, 1.0))
    nothing = measure(searching(finds("KI-VO Art. 5")), [asked()])
    assert (nothing.questions, nothing.without_gold, nothing.found) == (0, 1, ())


def test_an_act_that_is_not_in_the_index_is_named(searching: Callable[..., PublishedIndex]) -> None:
    result = measure(searching(finds()), [asked("KI-VO Art. 50", "UrhG § 44b")])
    assert result.absent == ("UrhG",)
    assert "Nicht im Index und deshalb nie gefunden: UrhG" in result.lines("x.jsonl")


def test_progress_goes_through_the_questions_that_are_searched(searching: Callable[..., PublishedIndex]) -> None:
    seen: list[int] = []

    def progress(items: Sequence[SearchQuestion]) -> Iterator[SearchQuestion]:
        seen.append(len(items))
        yield from items

    measure(searching(finds()), [asked(), asked("KI-VO Art. 5")], progress)
    assert seen == [1]


# ---------------------------------------------------------------- lanes and reading


def test_english_questions_search_the_english_texts_where_there_are_any(
    index: PublishedIndex, searching: Callable[..., PublishedIndex]
) -> None:
    lanes: list[Lane] = []

    def noting(query: str, lane: Lane, n: int) -> Sequence[Hit]:
        lanes.append(lane)
        return ()

    english, german = asked("DSGVO Art. 17", language="en"), asked("DSGVO Art. 17")
    assert measure(searching(noting), [english, german]).lanes == (Lane.RECHT,)
    index.lanes[Lane.ENGLISCH] = [Passage("1", Lane.ENGLISCH, "DSGVO Art. 17", (), "Right to erasure")]
    lanes.clear()
    assert measure(searching(noting), [english, german]).lanes == (Lane.ENGLISCH, Lane.RECHT)
    assert lanes == [Lane.ENGLISCH] * 3 + [Lane.RECHT] * 3


def test_questions_are_read_as_the_assistant_reads_them(searching: Callable[..., PublishedIndex]) -> None:
    queries: list[str] = []

    def noting(query: str, lane: Lane, n: int) -> Sequence[Hit]:
        queries.append(query)
        return ()

    measure(searching(noting), [asked("DSGVO Art. 5", formal="Was macht der DSB?")])
    assert queries == ["Was macht der DSB? Datenschutzbeauftragte"] * 3


def test_the_index_itself_finds_its_provisions(index: PublishedIndex) -> None:
    """All three ways run on a real generation."""
    result = measure(index, [asked("KI-VO Art. 50", formal="Künstliche Inhalte offenlegen: Offenlegung")])
    assert [f.hit.hits for f in result.found] == [1, 1, 1]


# ---------------------------------------------------------------- for people and programs


def test_what_is_printed_names_file_lane_acts_and_figures(searching: Callable[..., PublishedIndex]) -> None:
    result = measure(searching(finds("KI-VO Art. 5")), [asked("KI-VO Art. 5"), asked()])
    lines = result.lines("fragen.jsonl")
    assert "1 Fragen aus fragen.jsonl (1 ohne Norm nicht gezählt)" in lines[0]
    assert lines[1] == "Gesucht in der Spur recht, unter den Vorschriften von KI-VO"
    assert lines[-3].startswith("Frage: nur Wörter") and "1.000 (0.207–1.000)" in lines[-3]  # noqa: PT018
    data = result.to_json()
    assert (data["fragen"], data["ohne_norm"], data["spuren"], data["rechtsakte"]) == (1, 1, ["recht"], ["KI-VO"])
    way = data["suche"]["Frage"]["beides"]
    assert way["hit@5"] == {"treffer": 1, "von": 1, "anteil": 1.0, "intervall": [0.2065, 1.0]}
    assert way["mrr"] == {"mittel": 1.0, "von": 1, "intervall": [0.2065, 1.0]}
    json.dumps(data)


def test_the_mean_of_nothing_says_nothing() -> None:
    empty = Mean(0.0, 0)
    assert (empty.share, empty.interval()) == (0.0, (0.0, 1.0))


# ---------------------------------------------------------------- files


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("row", "search"),
    [
        ({"id": 1, "question": "x", "gold": []}, True),
        ({"id": 1, "question": "x", "gold": ["DSGVO Art. 5"], "frage": "x"}, True),
        ({"id": 1, "frage": "x", "status": "angriff"}, False),
        ({"id": 1, "frage": "x", "status": "angriff", "gold": []}, False),
        ({"id": 1, "frage": "x"}, False),
    ],
)
def test_a_set_with_norms_and_without_status_is_for_the_search(tmp_path: Path, row: object, search: bool) -> None:
    assert is_search_set(write(tmp_path / "f.jsonl", row)) is search


def test_an_empty_file_is_no_set_for_the_search(tmp_path: Path) -> None:
    assert not is_search_set(write(tmp_path / "f.jsonl"))


def test_a_letter_written_with_its_number_is_taken_apart_in_annexes_only(tmp_path: Path) -> None:
    written = [
        "KI-VO Anhang III Nr. 4a",
        "KI-VO Anhang I Nr. A1",
        "KI-VO Anhang III Nr. 2",
        "AO § 93 Nr. 4a",
        "KI-VO Art. 4a",
    ]
    (question,) = read_search_questions(write(tmp_path / "f.jsonl", {"id": 1, "question": "x", "gold": written}))
    assert question.gold == ("KI-VO Anhang III Nr. 4 lit. a", *written[1:])


def test_what_is_missing_has_its_default(tmp_path: Path) -> None:
    file = write(
        tmp_path / "f.jsonl", {"id": 1, "question": "x", "gold": [], "lang": None, "question_colloquial": None}
    )
    assert read_search_questions(file) == [SearchQuestion("1", "x", "", (), "de")]


@pytest.mark.parametrize(
    "bad",
    [
        {"id": 1, "gold": []},
        {"id": 1, "question": 3, "gold": []},
        {"id": 1, "question": "x"},
        {"id": 1, "question": "x", "gold": "DSGVO Art. 5"},
        {"id": 1, "question": "x", "gold": [5]},
        {"id": 1, "question": "x", "gold": [], "lang": ["de"]},
        {"id": 1, "question": "x", "gold": [], "question_colloquial": 7},
    ],
)
def test_a_broken_row_is_one_line_with_file_and_number(tmp_path: Path, bad: object) -> None:
    file = write(tmp_path / "fragen.jsonl", {"id": 0, "question": "x", "gold": []}, bad)
    with pytest.raises(LeitplankeError, match=r"fragen\.jsonl, Zeile 2: erwartet werden „question“") as caught:
        read_search_questions(file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "rows", "normed"),
    [
        ("kivo_unternehmensfragen_de", 100, 73),
        ("rtr_faq_de", 29, 15),
        ("gdpr_questions_en", 64, 60),
    ],
)
def test_the_public_sets_are_read(shared: Path, name: str, rows: int, normed: int) -> None:
    file = shared / "eval" / f"{name}.jsonl"
    if not file.is_file():
        pytest.skip(f"{file} fehlt")
    questions = read_search_questions(file)
    assert is_search_set(file)
    assert (len(questions), sum(bool(q.gold) for q in questions)) == (rows, normed)
