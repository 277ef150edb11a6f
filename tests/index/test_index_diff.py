"""What publishing a generation would change: found exactly, shown with what is newly permitted first, refused if false."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.corpus.diff import Fate
from assistant.corpus.law import read_law
from assistant.errors import IndexFailure, NoIndex
from assistant.index import generation as gen
from assistant.index.answers import check_permissions, example_questions, false_permissions, gold_questions
from assistant.index.build import BuildResult, build
from assistant.index.diff import GenerationDiff, chosen, diff
from assistant.index.diff_report import FORBIDDEN, html, lines, summary, to_json
from assistant.index.given import Answers, Kind, Outcome
from assistant.index.published import PublishedIndex
from tests.conftest import NOW, TODAY, HashEmbedder, rule_block, write_mini_corpus

CHAPTER = Path("corpus") / "leitlinie" / "01-regeln.md"
GOLD = Path("corpus") / "fragen" / "gold.jsonl"
PROTECTED = "Kann ich Kundendaten hochladen?"
Edit = Callable[[Path], None]


def silent(step: str, done: int, total: int) -> None:
    """Nobody looks."""


def replaced(file: Path, *pairs: tuple[str, str]) -> Edit:
    """An edit of one file; a text that is not there is a mistake of the test."""

    def edit(home: Path) -> None:
        text = (home / file).read_text()
        for before, after in pairs:
            assert before in text
            text = text.replace(before, after, 1)
        (home / file).write_text(text)

    return edit


SENTENCE = replaced(CHAPTER, ("Satz der Regel mitschrift.", "Satz der Regel mitschrift, geändert."))


def permit(home: Path) -> None:
    """The rule that forbids personal data now permits them."""
    replaced(CHAPTER, ("id: personen\nurteil: verboten", "id: personen\nurteil: erlaubt"))(home)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published generation, with one gold question that must never be permitted."""
    home = tmp_path_factory.mktemp("diff") / "heim"
    home.mkdir()
    write_mini_corpus(home)
    row = {"id": "p1", "frage": PROTECTED, "status": "beantwortet", "regeln": ["personen"], "darf_nie": ["erlaubt"], "runde": 3}
    (home / GOLD).write_text(json.dumps(row) + "\n")
    build(home, HashEmbedder(), NOW)
    return home


def edited(template: Path, home: Path, edit: Edit) -> tuple[Path, BuildResult, list[str]]:
    """(copy of the home with the edit built beside the published generation, result, what was embedded)."""
    shutil.copytree(template, home)
    edit(home)
    embedder = HashEmbedder()
    return home, build(home, embedder, NOW), embedder.embedded


def compared(home: Path) -> GenerationDiff:
    return diff(home, *chosen(home / "index", ()), HashEmbedder(), TODAY, silent)


@pytest.fixture(scope="module")
def sentence(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BuildResult, list[str]]:
    return edited(template, tmp_path_factory.mktemp("satz") / "heim", SENTENCE)


@pytest.fixture(scope="module")
def sentence_diff(sentence: tuple[Path, BuildResult, list[str]]) -> GenerationDiff:
    return compared(sentence[0])


@pytest.fixture(scope="module")
def permitted(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return edited(template, tmp_path_factory.mktemp("erlaubt") / "heim", permit)[0]


# --- one sentence


def test_one_changed_sentence_embeds_at_most_three_passages(sentence: tuple[Path, BuildResult, list[str]]) -> None:
    _, result, embedded = sentence
    assert 1 <= len(embedded) <= 3
    assert all("mitschrift, geändert" in text for text in embedded)
    assert (result.new, result.changed, result.removed) == (len(embedded),) * 3
    assert result.unchanged == result.passages - len(embedded)


def test_one_changed_sentence_is_one_rule_one_field_and_its_words(sentence_diff: GenerationDiff) -> None:
    (rule,) = sentence_diff.rules
    (change,) = rule.fields
    assert (rule.id, rule.fate, change.label) == ("mitschrift", Fate.GEAENDERT, "satz")
    assert sentence_diff.sources == ()
    assert sentence_diff.files == ()
    assert "satz: Satz der Regel [-mitschrift.-] {+mitschrift, geändert.+}" in "\n".join(lines(sentence_diff))


def test_the_answers_named_are_exactly_those_that_differ(
    sentence: tuple[Path, BuildResult, list[str]], sentence_diff: GenerationDiff
) -> None:
    index = sentence[0] / "index"
    old, new = (PublishedIndex(index / name, HashEmbedder()) for name in gen.generations(index))
    asked = [*example_questions([old.guideline, new.guideline]), *gold_questions(sentence[0])]
    before, after = Answers(old, TODAY), Answers(new, TODAY)
    expected = {a.id for a in asked if before.outcome(a) != after.outcome(a)}
    governed = {a.id for a in asked if "mitschrift" in after.outcome(a).rules}
    old.close()
    new.close()
    named = {c.asked.id for c in sentence_diff.answers}
    assert named == expected
    assert governed <= named
    assert governed, "no question reaches the changed rule: the test would say nothing"
    assert sentence_diff.asked == len(asked)


# --- every kind of change


def test_the_same_generation_twice_differs_in_nothing(template: Path) -> None:
    name = str(gen.current(template / "index"))
    found = diff(template, name, name, HashEmbedder(), TODAY, silent)
    assert (found.rules, found.sources, found.answers, found.files) == ((), (), (), ())
    assert (found.passages.new, found.passages.changed, found.passages.removed) == (0, 0, 0)


def test_rules_that_came_and_went_are_told_apart_from_changed_ones(template: Path, tmp_path: Path) -> None:
    fresh = rule_block("bilder", "bedingt", [f"Darf ich Bild Nummer {n} erzeugen?" for n in range(5)])

    def edit(home: Path) -> None:
        text = (home / CHAPTER).read_text()
        start = text.index("## Regel frist")
        (home / CHAPTER).write_text(text[:start] + fresh)

    found = compared(edited(template, tmp_path / "h", edit)[0])
    assert {(r.id, r.fate) for r in found.rules} == {("bilder", Fate.NEU), ("frist", Fate.ENTFALLEN)}
    assert found.rules[0].id == "bilder"
    assert found.passages.new > 0
    assert found.passages.removed > 0


def test_conditions_and_offices_are_named_as_such(template: Path, tmp_path: Path) -> None:
    edit = replaced(CHAPTER, ('bedingungen: ["Erste Bedingung.", "Zweite', 'bedingungen: ["Erste Bedingung, neu.", "Zweite'))
    found = compared(edited(template, tmp_path / "h", edit)[0])
    assert [r.id for r in found.rules] == ["texte"]
    kinds = {c.kind for c in found.answers}
    assert Kind.BEDINGUNGEN in kinds
    assert kinds <= {Kind.BEDINGUNGEN, Kind.QUELLEN, Kind.TEXT}
    assert "Erste [-Bedingung.-] {+Bedingung, neu.+} Zweite Bedingung." in "\n".join(lines(found))


def test_a_changed_place_of_the_law_is_shown_where_it_stands(template: Path, tmp_path: Path) -> None:
    edit = replaced(Path("corpus/recht/dsgvo.md"), ("Nur so viele Daten wie nötig.", "Nur die nötigen Daten."))
    found = compared(edited(template, tmp_path / "h", edit)[0])
    (source,) = found.sources
    assert (source.name, source.fate) == ("DSGVO, Kurzfassung", Fate.GEAENDERT)
    assert [c.norm for c in source.places] == ["DSGVO Art. 5 Abs. 1 lit. c"]
    assert {c.kind for c in found.answers} <= {Kind.QUELLEN, Kind.TEXT}


def test_an_act_that_came_is_named_once_with_its_number_of_places(template: Path, tmp_path: Path) -> None:
    def edit(home: Path) -> None:
        (home / "corpus" / "recht" / "ki-vo.md").unlink()

    found = compared(edited(template, tmp_path / "h", edit)[0])
    (source,) = found.sources
    assert (source.name, source.fate, source.places) == ("KI-VO, Kurzfassung", Fate.ENTFALLEN, ())
    assert source.count == len(read_law(template / "corpus").digests["KI-VO"].places)


def test_guideline_data_and_vocabulary_are_named(template: Path, tmp_path: Path) -> None:
    def edit(home: Path) -> None:
        replaced(Path("corpus/leitlinie.toml"), ('fassung = "1"', 'fassung = "2"'))(home)
        replaced(Path("corpus/kontakte.toml"), ("ki@stadt.example", "neu@stadt.example"))(home)
        replaced(Path("corpus/begriffe.toml"), ('"buergerdaten"', '"buergerdaten", "kundendaten"'))(home)

    found = compared(edited(template, tmp_path / "h", edit)[0])
    (source,) = found.sources
    assert {c.label for c in source.places} == {"Fassung", "Kontakte"}
    assert found.files == ("Vokabular (begriffe.toml)",)


# --- what is newly permitted


def test_newly_permitted_cases_stand_first_and_forbidden_ones_above_them(permitted: Path) -> None:
    found = compared(permitted)
    assert found.answers[0].asked.id == "p1"
    assert found.answers[0].forbidden
    order = [list(Kind).index(c.kind) for c in found.answers]
    assert order == sorted(order)
    assert [c.asked.id for c in found.forbidden] == ["p1"]
    assert FORBIDDEN in "\n".join(lines(found))
    assert "1 neu erlaubte Prüffragen" in summary(found)


def test_a_new_false_permission_is_refused_with_the_first_question_and_the_number(permitted: Path) -> None:
    newest = gen.generations(permitted / "index")[-1]
    with pytest.raises(IndexFailure, match=r"p1 .*1 solche von 1 Prüffragen") as caught:
        check_permissions(permitted, newest, HashEmbedder(), TODAY, silent)
    assert "\n" not in str(caught.value)


def test_a_false_permission_that_was_published_before_is_a_note(permitted: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(permitted, tmp_path / "h"))
    index = home / "index"
    first, second = gen.generations(index)
    gen.publish(index, second, when="2026-11-22", by="A. Beispiel", comment="ungeprüft")
    third = build(home, HashEmbedder(), NOW).generation
    note = check_permissions(home, third, HashEmbedder(), TODAY, silent)
    assert note.startswith("Hinweis: 1 von 1 Prüffragen")
    assert second in note
    assert "p1" in note
    assert check_permissions(home, first, HashEmbedder(), TODAY, silent) == ""


def test_without_a_readable_earlier_generation_nothing_counts_as_new(permitted: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(permitted, tmp_path / "h"))
    first, second = gen.generations(home / "index")
    (home / "index" / first / "passagen.jsonl").write_text("")
    found = false_permissions(home, second, HashEmbedder(), TODAY, silent)
    assert (found.new, found.known, found.compared) == ((), ("p1",), None)
    assert "keine frühere Generation lesbar" in check_permissions(home, second, HashEmbedder(), TODAY, silent)


def test_the_order_of_kinds_puts_what_is_worse_first() -> None:
    assert [k.value for k in Kind] == [
        "neu erlaubt", "anderes Urteil", "andere Regel", "andere Bedingungen", "andere Fundstellen", "anderer Wortlaut"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("verdict", "erlaubt", Kind.NEU_ERLAUBT), ("verdict", "verboten", Kind.URTEIL), ("status", "rueckfrage", Kind.URTEIL),
        ("rules", ("b",), Kind.REGEL), ("conditions", ("neu",), Kind.BEDINGUNGEN), ("offices", ("DSB",), Kind.BEDINGUNGEN),
        ("sources", (("Art. 1", "Zitat"),), Kind.QUELLEN), ("text", "anders", Kind.TEXT),
    ],
)  # fmt: skip
def test_each_difference_of_an_answer_has_its_kind(field: str, value: object, kind: Kind) -> None:
    before = Outcome("beantwortet", "bedingt", ("a",), (), (), (), "gleich")
    assert before.kind_of_change(dataclasses.replace(before, **{field: value})) is kind
    assert before.kind_of_change(before) is None


# --- which generations


def test_without_names_the_published_and_the_newest_are_compared(permitted: Path, template: Path) -> None:
    assert chosen(permitted / "index", ()) == tuple(gen.generations(permitted / "index"))
    with pytest.raises(IndexFailure, match="nichts zu vergleichen"):
        chosen(template / "index", ())


def test_an_unknown_generation_names_those_there_are(template: Path) -> None:
    with pytest.raises(NoIndex, match=f"Vorhanden: {gen.current(template / 'index')}"):
        chosen(template / "index", ("g-20200101-000000-000001", "g-20200101-000000-000001"))


# --- JSON and HTML


def test_the_json_says_whether_it_can_be_published_and_holds_every_change(permitted: Path) -> None:
    found = compared(permitted)
    data = json.loads(json.dumps(to_json(found)))
    assert data["veroeffentlichbar"] is False
    assert data["antworten"][0]["darf_nie_erlaubt"] is True
    assert data["antworten"][0]["nachher"]["urteil"] == "erlaubt" != data["antworten"][0]["vorher"]["urteil"]
    assert [a["id"] for a in data["antworten"]] == [c.asked.id for c in found.answers]
    words = data["regeln"][0]["felder"][0]["worte"]
    assert words == [{"art": "weg", "text": "verboten"}, {"art": "neu", "text": "erlaubt"}]


class _Page(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]


def test_the_page_is_german_loads_nothing_and_shows_foreign_text_as_text(template: Path, tmp_path: Path) -> None:
    edit = replaced(CHAPTER, ("Satz der Regel mitschrift.", "Satz <script>alert(1)</script><img src=x> mitschrift."))
    page = html(compared(edited(template, tmp_path / "h", edit)[0]))
    read = _Page(page)
    assert ("html", "lang", "de") in read.attributes
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(read.tags)
    assert not [a for a in read.attributes if a[1] in ("src", "href", "style") or a[1].startswith("on")]
    assert not re.search(r"https?:|@import|url\(", page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert read.tags.count("caption") == read.tags.count("table") > 0
    assert {"del", "ins", "h1", "main"} <= set(read.tags)


def test_the_page_follows_dark_mode_and_lets_words_break(sentence_diff: GenerationDiff) -> None:
    page = html(sentence_diff)
    assert "prefers-color-scheme: dark" in page
    assert "overflow-wrap: anywhere" in page
    style = re.sub(r"border: 1px", "", page[page.index("<style>") : page.index("</style>")])
    assert not re.search(r"\dp[xt]", style), "a fixed size would not grow with the text"


# --- as a command


@pytest.fixture
def command_home(ready_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEITPLANKE_HOME", str(ready_home))
    return ready_home


def test_the_command_prints_json_and_writes_the_page(
    command_home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    name, page = str(gen.current(command_home / "index")), tmp_path / "bericht.html"
    assert main(["index", "diff", name, name, "--json", "--bericht", str(page)]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["alt"], data["neu"], data["veroeffentlichbar"], data["antworten"]) == (name, name, True, [])
    assert page.read_text().startswith('<!doctype html>\n<html lang="de">')
    assert [p.name for p in tmp_path.glob("*.html")] == ["bericht.html"]


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (["g-20261122-120000-000001"], 2, "zwei Generationen oder keine"),
        ([], 1, "es gibt nichts zu vergleichen"),
        (["g-20200101-000000-000001"] * 2, 1, "Vorhanden: g-20261122"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    command_home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, line: str
) -> None:
    assert main(["index", "diff", *arguments]) == status
    error = capsys.readouterr().err
    assert line in error
    assert error.count("\n") == 1


def test_the_command_does_not_publish_a_new_false_permission(
    command_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"id": "p1", "frage": PROTECTED, "status": "beantwortet", "regeln": [], "darf_nie": ["erlaubt"], "runde": 3}
    (command_home / GOLD).write_text(json.dumps(row) + "\n")
    before = gen.current(command_home / "index")
    permit(command_home)
    assert main(["index", "build"]) == 0
    newest = gen.generations(command_home / "index")[-1]
    capsys.readouterr()
    assert main(["index", "activate", newest, "--freigabe", "A. Beispiel", "--kommentar", "Probe"]) == 1
    error = capsys.readouterr().err
    assert f"{newest} wird nicht veröffentlicht: die Prüffrage p1" in error
    assert error.count("\n") == 1
    assert gen.current(command_home / "index") == before
