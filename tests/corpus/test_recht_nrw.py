"""recht.nrw.de: both templates give the same tree; footnotes and signatures are no law; a state is found or asked for."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.ask.pipeline import answer_question
from assistant.cli import main
from assistant.corpus import official
from assistant.corpus.addresses import ActInfo, read_acts
from assistant.corpus.fetch import fetch_all
from assistant.corpus.law import read_law
from assistant.corpus.lawtext import LawText
from assistant.corpus.readers import read_official, read_untrusted, trouble
from assistant.corpus.readers.recht_nrw import Onward, onward
from assistant.errors import ImportRefused
from assistant.index.build import build
from assistant.index.generation import current_folder
from assistant.index.published import PublishedIndex
from assistant.types import Kind, Level, Question
from tests.conftest import NOW, ROOT, TODAY, HashEmbedder
from tests.corpus.nrw_pages import TITLE, legacy, native

ACT = ActInfo("mustg-nrw", "MustG NRW", "Mustergesetz für das Land Nordrhein-Westfalen", Level.LAND, "§", ("MustG NW",))
STATE = dt.date(2023, 5, 5)

EXPECTED = {
    "MustG NRW § 1": "(1) Stellen sind\n1. Behörden,\n2. andere, nämlich\na) Vereine,\nb) Verbände;\nund gelten als eine.\n"
    "(2) Ab 10³ Fällen gilt & bleibt es so.",
    "MustG NRW § 1 Abs. 1": "Stellen sind\n1. Behörden,\n2. andere, nämlich\na) Vereine,\nb) Verbände;\nund gelten als eine.",
    "MustG NRW § 1 Abs. 1 Nr. 1": "Behörden,",
    "MustG NRW § 1 Abs. 1 Nr. 2": "andere, nämlich\na) Vereine,\nb) Verbände;",
    "MustG NRW § 1 Abs. 1 Nr. 2 lit. a": "Vereine,",
    "MustG NRW § 1 Abs. 1 Nr. 2 lit. b": "Verbände;",
    "MustG NRW § 1 Abs. 2": "Ab 10³ Fällen gilt & bleibt es so.",
    "MustG NRW § 2": "Ein Satz. Noch ein Satz vom 2. Mai.",
    "MustG NRW § 3": "(1) bis (3) (aufgehoben)\n(4) Dieses Gesetz tritt in Kraft.",
    "MustG NRW § 3 Abs. 4": "Dieses Gesetz tritt in Kraft.",
}
HEADINGS = {
    "MustG NRW § 1": ("Teil 1: Allgemeines", "Abschnitt 1: Anfang", "§ 1 Anwendung"),
    "MustG NRW § 3": ("Teil 2: Schluss", "§ 3 Ende"),
}


def places(text: LawText) -> dict[str, str]:
    return {p.norm: p.text for p in text.provisions}


@pytest.mark.parametrize("page", [native(), legacy()])
def test_both_templates_give_every_place_its_address_and_leave_out_what_is_no_law(page: bytes) -> None:
    text = read_official(page, "seite.html", ACT)
    assert places(text) == EXPECTED
    assert {p.norm: p.heading for p in text.provisions if p.norm in HEADINGS} == HEADINGS
    assert (text.state, text.title) == (STATE, ACT.title)


def test_only_the_own_template_says_until_when_a_version_holds() -> None:
    assert read_official(native(), "seite.html", ACT).valid_to == dt.date(2024, 12, 31)
    assert read_official(native(ends=""), "seite.html", ACT).valid_to is None
    assert read_official(legacy(), "seite.html", ACT).valid_to is None


@pytest.mark.parametrize(
    ("title", "short"),
    [
        (TITLE, "MustG NRW"),
        ("Gesetz über Muster (Mustergesetz - MustG NRW)", "MustG NRW"),
        ("Gesetz über Muster – MustG NRW –", "MustG NRW"),
        ("Gemeindeordnung (GO NRW)", "GO NRW"),
        ("Landesverfassung", "Landesverfassung"),
    ],
)
def test_an_act_nobody_named_calls_itself_as_its_page_does(title: str, short: str) -> None:
    for page in (native(title=title), legacy(title=title)):
        assert read_official(page, "seite.html", None).short == short


def test_line_breaks_inside_a_paragraph_count_only_before_a_label() -> None:
    page = legacy().replace(
        b"Ein Satz. Noch", b"Er gilt nicht f\xc3\xbcr<br>\n1. Schulen,\n<br><br>2. andere<br>\nStellen. Noch"
    )
    found = places(read_official(page, "seite.html", ACT))
    assert found["MustG NRW § 2"] == "Er gilt nicht für\n1. Schulen,\n2. andere Stellen. Noch ein Satz vom 2. Mai."
    assert found["MustG NRW § 2 Nr. 2"] == "andere Stellen. Noch ein Satz vom 2. Mai."


def test_a_table_in_an_article_is_its_text_row_by_row() -> None:
    page = native().replace(b"<p>Ein Satz.", b"<table><tr><td>Gruppe</td><td>9 b</td></tr></table><p>Ein Satz.")
    assert places(read_official(page, "seite.html", ACT))["MustG NRW § 2"].startswith("Gruppe 9 b\nEin Satz.")


def test_a_text_without_state_takes_the_given_one() -> None:
    given = dt.date(2024, 1, 1)
    assert read_official(legacy(notes=False), "x.htm", ACT, given).state == given
    assert read_official(legacy(), "x.htm", ACT, given).state == given
    assert read_official(native(), "x.htm", ACT, given).state == STATE


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (legacy(notes=False), r"nennt keinen Stand\. Mit --stand JJJJ-MM-TT"),
        (legacy()[:-30], "bricht ab"),
        (native(title="Gemeindeordnung (GO NRW)"), "enthält „GO NRW“, erwartet wird MustG NRW"),
        (native(title="Mustergesetz des Bundes (Mustergesetz – MustG)"), "erwartet wird MustG NRW"),
        (
            native(body='<iframe src="/system/files/BH/4844-26032.htm"></iframe>'),
            r"4844-26032\.htm.*--stand 2023-05-05",
        ),
        (native(body='<p class="lrdetail">Vorwort</p>'), "keine Paragrafen gefunden"),
        (native(starts="99.99.2023", ends="").replace(b"in Kraft", b"in Arbeit"), "nennt keinen Stand"),
    ],
)
def test_what_cannot_be_taken_over_is_one_german_line(page: bytes, message: str) -> None:
    with pytest.raises(ImportRefused, match=message) as caught:
        read_untrusted(page, "seite.html", ACT)
    assert str(caught.value).startswith("seite.html: ")
    assert "\n" not in str(caught.value)


def test_a_nameless_page_asks_which_act_it_is() -> None:
    page = legacy().replace(b"class=lrueberschrift", b"class=x")
    with pytest.raises(ImportRefused, match="Mit --as ID angeben"):
        read_official(page, "seite.html", None)
    assert read_official(page, "seite.html", ACT).short == "MustG NRW"


def test_a_statute_that_speaks_of_a_queue_is_no_error_page() -> None:
    assert trouble(native().replace(b"Vereine", b"Warteschlange")) is None
    assert trouble(b"<html><body>Warteschlange</body></html>") == "eine Warteschlange"


# ---------------------------------------------------------------- excerpts of the real pages


def test_the_excerpt_of_the_older_template_gives_the_tree_of_the_same_federal_provisions(shared: Path) -> None:
    """§§ 35a and 36 of the two Verwaltungsverfahrensgesetze have the same wording; their sources could not differ more."""
    formats, acts = shared / "law" / "formats", read_acts(ROOT / "corpus" / "quellen.toml")
    page = (formats / "EXCERPT_recht-nrw_legacy_VwVfG-NRW_35-36.html").read_bytes()
    federal = next((formats / "gii").glob("vwvfg__*"))
    ours = read_official(page, "seite.html", acts.by_id("vwvfg-nrw"), STATE)
    theirs = read_official(federal.read_bytes(), federal.name, acts.by_id("vwvfg"))
    found = {p.norm: (p.heading, p.text) for p in ours.provisions if "§ 35 " not in f"{p.norm} "}
    same = {p.norm.replace("VwVfG", "VwVfG NRW"): (p.heading, p.text) for p in theirs.provisions}
    assert len(found) == 10
    assert found == {norm: same[norm] for norm in found}
    assert ours.count("§") == 3


def test_the_excerpt_of_the_own_template_has_no_word_of_portal_or_footnotes(shared: Path) -> None:
    page = (shared / "law" / "formats" / "EXCERPT_recht-nrw_native_LOeG-NRW_7-8.html").read_bytes()
    text = read_official(b"<html>" + page + b"</html>", "seite.html", ACT, STATE)
    assert [p.label for p in text.provisions] == [
        "§ 7 MustG NRW", "§ 7 Abs. 1 MustG NRW", "§ 7 Abs. 2 MustG NRW", "§ 8 MustG NRW",
    ]  # fmt: skip
    assert not any(word in p.text for p in text.provisions for word in ("Link", "GV. NRW", "Fußnote", "Mehr"))
    assert [p.heading for p in text.provisions if p.norm.endswith("§ 8")] == [("§ 8 Tankstellen",)]


# ---------------------------------------------------------------- imported


@pytest.fixture
def home(mini_home: Path) -> Path:
    """The miniature home, which knows the statute of these pages."""
    with (mini_home / "corpus" / "quellen.toml").open("a", encoding="utf-8") as sources:
        sources.write(
            f'[[quelle]]\nid = "{ACT.id}"\nkurz = "{ACT.short}"\ntitel = "{ACT.title}"\nnamen = ["Mustergesetz NRW"]\n'
            'ebene = "Land"\neinheit = "§"\ngeprueft = false\n'
        )
    return mini_home


def take(home: Path, page: bytes, *arguments: str) -> int:
    """Import a page through the command line."""
    file = home.parent / "seite.HTML"
    file.write_bytes(page)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEITPLANKE_HOME", str(home))
        return main(["corpus", "import", str(file), *arguments])


def test_a_page_that_names_act_and_state_is_taken_over_as_it_is(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert take(home, native()) == 0
    assert capsys.readouterr().out.startswith("Eingespielt: MustG NRW, Stand 05.05.2023: 3 §\n")
    assert (home / "corpus" / "amtlich" / "mustg-nrw@2023-05-05.html").read_bytes() == native()


def test_a_given_state_is_remembered_with_the_file(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert take(home, legacy(notes=False)) == 1
    assert "Mit --stand JJJJ-MM-TT angeben" in capsys.readouterr().err
    assert take(home, legacy(notes=False), "--stand", "2024-02-01") == 0
    law = read_law(home / "corpus")
    (book,) = law.states("MustG NRW")
    assert (book.source.state, book.places["MustG NRW § 2"].text) == (dt.date(2024, 2, 1), EXPECTED["MustG NRW § 2"])


def test_a_state_that_contradicts_the_page_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert take(home, native(), "--stand", "2024-02-01") == 1
    assert "nennt selbst den Stand 2023-05-05, angegeben ist 2024-02-01" in capsys.readouterr().err
    assert not (home / "corpus" / "amtlich").exists()


def test_only_what_was_imported_unchanged_is_read_without_a_child(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take(home, native())
    read_apart: list[str] = []

    def spy(data: bytes, name: str, *arguments: Any) -> LawText:
        read_apart.append(name)
        return read_official(data, name, *arguments)

    monkeypatch.setattr(official, "read_untrusted", spy)
    read_law(home / "corpus")
    assert read_apart == []
    file = home / "corpus" / "amtlich" / "mustg-nrw@2023-05-05.html"
    file.write_bytes(native().replace(b"Vereine", b"Vereinigungen"))
    law = read_law(home / "corpus")
    assert read_apart == [file.name]
    assert law.states("MustG NRW")[0].places["MustG NRW § 1 Abs. 1 Nr. 2 lit. a"].text == "Vereinigungen,"
    (home / "corpus" / "amtlich.lock").write_text("{")
    read_law(home / "corpus")
    assert read_apart == [file.name] * 2


def test_an_imported_wording_is_quoted_without_saying_that_there_is_none(home: Path) -> None:
    take(home, native(ends=""))
    build(home, HashEmbedder(), NOW)
    index = PublishedIndex(current_folder(home / "index"), HashEmbedder())
    try:
        answer = answer_question(Question("Was steht in § 2 MustG NRW?", TODAY), index)
    finally:
        index.close()
    assert [(c.label, c.quote, c.kind) for c in answer.citations][:1] == [
        ("§ 2 MustG NRW", EXPECTED["MustG NRW § 2"], Kind.GESETZ)
    ]
    assert "liegt nicht vor" not in answer.text


# ---------------------------------------------------------------- fetched

TERM = "https://recht.nrw.de/taxonomy/term/27"
REFRESH = b'<html><head><meta http-equiv="refresh" content="0;url=\'/lrgv/gesetz/05052023-muster\'"></head></html>'
FRAME = native(body='<iframe src="/system/files/BH/4844-26032.htm" width="100%"></iframe>')


def fetched(home: Path, **pages: bytes) -> list[str]:
    """What fetching the statute says when the portal serves these pages (by the end of their path)."""
    sources = home / "corpus" / "quellen.toml"
    sources.write_text(f'{sources.read_text(encoding="utf-8")}abruf = ["{TERM}"]\n', encoding="utf-8")

    def answer(request: httpx.Request) -> httpx.Response:
        name = next((n for n in pages if request.url.path.endswith(n) and request.url.host == "recht.nrw.de"), None)
        content = pages[name] if name else b"<html>Nicht gefunden</html>"
        stream = httpx.ByteStream(content)
        return httpx.Response(200 if name else 404, stream=stream, headers={"content-type": "text/html"})

    lines: list[str] = []
    with contextlib.suppress(ImportRefused):
        fetch_all(
            home, [ACT.id], TODAY, lines.append, opener=lambda: httpx.Client(transport=httpx.MockTransport(answer))
        )
    return lines


def test_the_address_of_an_act_leads_to_the_page_of_its_newest_version(home: Path) -> None:
    assert fetched(home, **{"27": REFRESH, "muster": native()})[0] == "MustG NRW: geholt, Stand 05.05.2023, 3 §"
    assert (home / "corpus" / "amtlich" / "mustg-nrw@2023-05-05.html").read_bytes() == native()


def test_the_page_of_an_older_text_leads_to_its_file_and_gives_the_state(home: Path) -> None:
    lines = fetched(home, **{"27": REFRESH, "muster": FRAME, "4844-26032.htm": legacy(notes=False)})
    assert lines[0] == "MustG NRW: geholt, Stand 05.05.2023, 3 §"
    assert read_law(home / "corpus").states("MustG NRW")[0].source.state == STATE
    assert not (home / "corpus" / "amtlich" / ".laden").exists()


@pytest.mark.parametrize("target", [b"/taxonomy/term/27", b"https://recht.example/muster", b"//recht.example/muster"])
def test_pages_that_lead_in_circles_or_elsewhere_are_left(home: Path, target: bytes) -> None:
    page = REFRESH.replace(b"/lrgv/gesetz/05052023-muster", target)
    assert "nicht geholt" in fetched(home, **{"27": page, "muster": native()})[0]


@pytest.mark.parametrize("page", [native(), legacy(), b"", b"<html><iframe src='/karte'></iframe></html>", b"\xff\xfe"])
def test_a_text_leads_nowhere(page: bytes) -> None:
    assert onward(page) is None


def test_a_day_that_does_not_exist_is_no_state() -> None:
    assert onward(FRAME.replace(b"05.05.2023", b"99.99.2023")) == Onward("/system/files/BH/4844-26032.htm", None)
