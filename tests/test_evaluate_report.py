"""The HTML page of a measurement: what stands in it, that it loads nothing, and that everybody can read it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html

from assistant import evaluate_report as subject
from assistant.errors import LeitplankeError
from assistant.evaluate import Figure, score
from assistant.evaluate_compare import compare
from assistant.evaluate_report import (
    KINDS,
    LESS_IS_BETTER,
    Measured,
    answers_page,
    check_target,
    search_page,
    write_page,
)
from assistant.evaluate_search import Found, Mean, SearchResult
from assistant.types import Lane
from tests.web.page_browser import Browser, missing

DAY = dt.date(2026, 11, 22)
ROWS = [
    {"id": "f-1", "frage": "Darf ich <b>das</b> & mehr?", "status": "beantwortet", "urteil": ["bedingt"], "regeln": ["lokal"],
     "darf_nie": ["erlaubt"], "verlauf": ["Und vorher?"], "stil": "formal", "thema": "A"},
    {"id": "f-2", "frage": "Wie wird das Wetter?", "status": "ausserhalb", "urteil": [], "regeln": [], "darf_nie": ["erlaubt"],
     "verlauf": []},
    {"id": "f-3", "frage": "Darf ich das nicht?", "status": "beantwortet", "urteil": ["verboten"], "regeln": [],
     "darf_nie": ["bedingt"], "verlauf": [], "stil": "druck", "thema": "B"},
    {"id": "f-4", "frage": "Was gilt?", "status": "beantwortet", "urteil": ["auskunft"], "regeln": ["frist"],
     "darf_nie": [], "verlauf": [], "stil": "formal", "thema": "A"},
]  # fmt: skip


def answer(verdict: str | None = None, *rules: str, status: str = "beantwortet", **fields: object) -> dict[str, object]:
    return {
        "status": status, "urteil": verdict, "regeln": list(rules), "erwogen": [], "fundstellen": [], "stand": "2026-11-22",
        "generation": "g-20261122-120000-000001", "verfasst_von": "auszug", "dauer_ms": {"lesen": 4.0, "fassen": 6.0},
        "leitlinie": {"titel": "KI-Leitlinie <X>", "fassung": "1.0", "beschlossen": False}, **fields,
    }  # fmt: skip


GIVEN = {
    "f-1": answer("bedingt", "lokal"),
    "f-2": answer("erlaubt"),
    "f-3": answer("bedingt"),
    "f-4": answer("verboten", "x"),
}


@pytest.fixture
def measured(tmp_path: Path) -> Measured:
    file = tmp_path / "fragen.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in ROWS) + "\n")
    return Measured(file, DAY, "g-20261122-120000-000001")


def text_of(page: str) -> str:
    return " ".join(html.fromstring(page).text_content().split())


def table(page: str, caption: str) -> list[list[str]]:
    """The cells of the table whose caption begins so, without its head."""
    (found,) = [t for t in html.fromstring(page).iter("table") if t.find("caption").text_content().startswith(caption)]
    return [[" ".join(cell.text_content().split()) for cell in line] for line in found.find("tbody")]


# ---------------------------------------------------------------- what stands in it


def facts(page: str) -> dict[str, str]:
    listed = html.fromstring(page).find(".//dl")
    return {name.text_content(): value.text_content() for name, value in zip(listed[::2], listed[1::2], strict=True)}


def test_it_says_what_was_measured(measured: Measured) -> None:
    page = answers_page(measured, ROWS, GIVEN)
    assert facts(page) == {
        "Erstellt am": "22.11.2026",
        "Fragen": "4 aus fragen.jsonl",
        "SHA-256 der Fragen": hashlib.sha256(measured.file.read_bytes()).hexdigest(),
        "Tag der Rechtslage": "22.11.2026",
        "Generation": "g-20261122-120000-000001",
        "Leitlinie": "KI-Leitlinie <X>, Fassung 1.0 (nicht beschlossen)",
        "Verfasst von": "auszug",
    }
    assert "Median 10.0 ms, 95. Perzentil 10.0 ms, über 4 Antworten." in text_of(page)


def test_answers_of_several_runs_are_all_named(measured: Measured) -> None:
    given = {**GIVEN, "f-1": answer("bedingt", generation="g-20261101-120000-000001", leitlinie=None, stand="x")}
    assert "g-20261101-120000-000001, g-20261122-120000-000001" in text_of(answers_page(measured, ROWS, given))


def test_answers_without_durations_say_so(measured: Measured) -> None:
    given = {key: {**row, "dauer_ms": {}} for key, row in GIVEN.items()}
    assert "Die Antworten sagen nicht, wie lange" in text_of(answers_page(measured, ROWS, given))


def test_every_figure_stands_there_with_its_interval(measured: Measured) -> None:
    lines = table(answers_page(measured, ROWS, GIVEN), "Kennzahlen")
    for figure, line in zip(score(ROWS, GIVEN), lines, strict=True):
        low, high = figure.interval()
        assert line[0].startswith(figure.name)
        if figure.total:
            assert line[1:4] == [f"{figure.share:.3f}", f"{figure.hits} von {figure.total}", f"{low:.3f}–{high:.3f}"]
        else:
            assert line[1] == "–"


def test_where_less_is_better_the_page_says_so(measured: Measured) -> None:
    assert {f.name for f in score([], {})} >= LESS_IS_BETTER
    names = [line[0] for line in table(answers_page(measured, ROWS, GIVEN), "Kennzahlen")]
    assert {n.removesuffix(" (weniger ist besser)") for n in names if n.endswith("besser)")} == LESS_IS_BETTER


def test_styles_and_topics_have_tables_of_their_own(measured: Measured) -> None:
    page = answers_page(measured, ROWS, GIVEN)
    assert [line[:3] for line in table(page, "Urteil richtig nach Stil")] == [
        ["druck", "0.000", "0 von 1"],
        ["formal", "0.500", "1 von 2"],
    ]
    assert [line[0] for line in table(page, "Urteil richtig nach Thema")] == ["A", "B"]


def test_the_worst_errors_stand_first_with_expected_and_got(measured: Measured) -> None:
    assert table(answers_page(measured, ROWS, GIVEN), "3 Fragen, die schlimmsten") == [
        ["f-2", KINDS[0], "ausserhalb", "erlaubt", "Wie wird das Wetter?"],
        ["f-3", KINDS[1], "verboten", "bedingt", "Darf ich das nicht?"],
        ["f-4", KINDS[2], "auskunft (frist)", "verboten (x)", "Was gilt?"],
    ]


def test_a_missing_answer_is_a_wrong_one(measured: Measured) -> None:
    lines = table(answers_page(measured, ROWS[:1], {}), "1 Fragen")
    assert lines == [["f-1", KINDS[2], "bedingt (lokal)", "keine Antwort", "Und vorher? – Darf ich <b>das</b> & mehr?"]]


def test_without_errors_it_says_none(measured: Measured) -> None:
    assert "Falsche UrteileKeine." in text_of(answers_page(measured, ROWS[:1], GIVEN))


def test_the_comparison_stands_there_with_differences_and_changes(measured: Measured) -> None:
    earlier = {**GIVEN, "f-2": answer(status="ausserhalb"), "f-4": answer("auskunft", "frist")}
    page = answers_page(measured, ROWS, GIVEN, compare(ROWS, earlier, GIVEN, "g-<alt>"))
    lines = {line[0]: line[1:] for line in table(page, "Vorher: g-<alt>")}
    assert lines["Urteil richtig"] == ["0.667", "0.333", "-0.333", "2 → 1 von 3"]
    assert [line[:2] for line in table(page, "Anders beantwortet: 2")] == [
        ["f-2", "neu erlaubt"],
        ["f-4", "anderes Urteil"],
    ]
    assert "Verglichen mit g-<alt>" in text_of(page)
    assert "Verglichen" not in text_of(answers_page(measured, ROWS, GIVEN))


def test_equal_runs_have_no_changes_and_missing_answers_are_counted(measured: Measured) -> None:
    same = text_of(answers_page(measured, ROWS, GIVEN, compare(ROWS, GIVEN, GIVEN, "x")))
    assert "Keine Frage wurde anders beantwortet." in same
    assert "Dort ohne Antwort" not in same
    some = compare(ROWS, {"f-1": GIVEN["f-1"]}, GIVEN, "x")
    assert "Dort ohne Antwort und deshalb als falsch gezählt: 3." in text_of(answers_page(measured, ROWS, GIVEN, some))


def test_the_page_of_the_search_has_three_tables(measured: Measured) -> None:
    found = Found("Frage", "nur Wörter", Figure("hit@5", 1, 2), Mean(1.5, 2), Mean(0.5, 2))
    result = SearchResult((found,), 2, 7, (Lane.RECHT,), ("KI-VO",), ("UrhG",))
    page = search_page(measured, result)
    assert table(page, "hit@5")[0][:3] == ["Frage: nur Wörter", "0.500", "1 von 2"]
    assert table(page, "recall@5")[0][:3] == ["Frage: nur Wörter", "0.750", "2"]
    assert table(page, "MRR")[0][:3] == ["Frage: nur Wörter", "0.250", "2"]
    said = facts(page)
    assert (said["Fragen"], said["Ohne Norm, nicht gezählt"]) == ("2 aus fragen.jsonl", "7")
    assert (said["Spur"], said["Rechtsakte"], said["Nicht im Index"]) == ("recht", "KI-VO", "UrhG")
    assert said["Generation"] == "g-20261122-120000-000001"


@pytest.mark.parametrize(("hits", "total"), [(0, 10), (5, 10), (10, 10), (1, 1)])
def test_bars_stay_within_their_line_and_repeat_the_numbers(hits: int, total: int) -> None:
    figure = Figure("x", hits, total)
    _, band, mark = html.fromstring(subject._bar(figure.share, *figure.interval())).findall("rect")
    low, high = figure.interval()
    assert float(band.get("x")) == pytest.approx(100 * low, abs=0.06)
    assert float(band.get("width")) == pytest.approx(100 * (high - low), abs=0.06)
    assert float(mark.get("x")) == pytest.approx(98.5 * figure.share, abs=0.06)
    assert float(mark.get("x")) + float(mark.get("width")) <= 100


# ---------------------------------------------------------------- safe and readable


@pytest.fixture
def page(measured: Measured) -> str:
    """Everything the page can hold."""
    earlier = {**GIVEN, "f-2": answer(status="ausserhalb"), "f-4": answer("auskunft", "frist")}
    return answers_page(measured, ROWS, GIVEN, compare(ROWS, earlier, GIVEN, "g-<alt>"))


def test_nothing_runs_and_nothing_is_loaded(page: str) -> None:
    root = html.fromstring(page)
    assert not list(root.iter("script", "link", "img", "iframe", "object", "a", "base", "form"))
    names = {name for element in root.iter() for name in element.attrib}
    assert not {n for n in names if n.startswith("on") or n in ("src", "href", "xlink:href", "style", "srcset")}
    assert "url(" not in page
    assert "@import" not in page
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_what_a_question_holds_is_text(page: str) -> None:
    assert "Darf ich <b>das</b>" not in page
    assert not list(html.fromstring(page).iter("b", "x", "alt"))


def test_tables_have_captions_and_headers_with_scope(page: str) -> None:
    root = html.fromstring(page)
    assert (root.get("lang"), root.xpath("//meta[@charset]/@charset")) == ("de", ["utf-8"])
    assert "user-scalable" not in page
    tables = list(root.iter("table"))
    assert len(tables) == 6
    for one in tables:
        assert one.find("caption").text_content().strip()
        assert {th.get("scope") for th in one.find("thead").iter("th")} == {"col"}
        for line in one.find("tbody"):
            assert [cell.tag for cell in line] == ["th", *["td"] * (len(line) - 1)]
            assert line[0].get("scope") == "row"
        region = one.getparent()
        assert (region.get("role"), region.get("tabindex")) == ("region", "0")
        assert region.get("aria-label")
    assert {svg.get("aria-hidden") for svg in root.iter("svg")} == {"true"}


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_colours_have_enough_contrast_in_both_modes() -> None:
    """4.5 for text, 3 for the marks of the bars, in light and dark mode."""
    modes = [dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in subject._STYLE.split("@media")[:2]]
    assert [len(mode) for mode in modes] == [8, 8]
    for mode in modes:
        for text in ("text", "leise", "achtung"):
            assert contrast(mode[text], mode["grund"]) >= 4.5
        for ground in ("spur", "bereich"):
            assert contrast(mode["wert"], mode[ground]) >= 3


@pytest.fixture(params=[False, True], ids=["hell", "dunkel"])
def browser(request: pytest.FixtureRequest, page: str, tmp_path: Path) -> Iterator[Browser]:
    if why := missing():
        pytest.skip(why)
    write_page(tmp_path / "bericht.html", page)
    # Half of 1280 pixels is what a zoom of 200 % leaves.
    opened = Browser(f"file://{tmp_path}/", tmp_path / "profil", width=640, dark=request.param)
    yield opened
    opened.close()


def test_a_browser_shows_it_without_complaint_at_twice_the_size(browser: Browser, page: str) -> None:
    import axe_core_python

    browser.open("bericht.html")
    assert browser.script("return document.documentElement.scrollWidth <= innerWidth")
    assert browser.script("return getComputedStyle(document.querySelector('svg')).width") == "80px"
    assert [url for url in browser.requests() if not url.endswith("/bericht.html")] == []
    assert browser.console() == []
    browser.script((Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    run = "const done = arguments[arguments.length - 1]; axe.run(document, {runOnly: arguments[0]}).then(done)"
    found = browser.driver.execute_async_script(run, tags)
    assert [f"{v['id']}: {v['nodes'][0]['html'][:150]}" for v in found["violations"]] == []


# ---------------------------------------------------------------- writing


def test_an_older_page_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "bericht.html"
    write_page(target, "alt")
    write_page(target, "neu \ud800")
    assert target.read_text(encoding="utf-8") == "neu ?"
    assert [p.name for p in tmp_path.iterdir()] == ["bericht.html"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bericht.txt", "erwartet wird ein Dateiname mit der Endung .html"),
        ("fragen.jsonl", "erwartet wird ein Dateiname mit der Endung .html"),
        ("fehlt/bericht.html", "fehlt. Einen anderen Namen angeben oder den Ordner anlegen"),
        ("ordner.html", "ist ein Ordner"),
        ("x" * 300 + ".html", "kann nicht geschrieben werden (File name too long)"),
    ],
)
def test_a_target_that_cannot_be_is_refused_before_anything_is_measured(
    tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / "ordner.html").mkdir()
    with pytest.raises(LeitplankeError) as caught:
        check_target(tmp_path / name)
    assert message in str(caught.value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_one_line_and_leaves_the_older_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "bericht.html"
    write_page(target, "alt")
    monkeypatch.setattr(subject, "write_atomically", full)
    with pytest.raises(LeitplankeError, match=r"bericht\.html kann nicht geschrieben werden \(No space left"):
        write_page(target, "neu")
    assert target.read_text() == "alt"
