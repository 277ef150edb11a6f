"""recht.nrw.de: both templates give the same tree; footnotes and signatures are no law; a state is found or asked for."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from assistant.corpus.addresses import ActInfo, read_acts
from assistant.corpus.lawtext import LawText
from assistant.corpus.readers import read_official, read_untrusted, trouble
from assistant.errors import ImportRefused
from assistant.types import Level
from tests.conftest import ROOT

ACT = ActInfo("mustg-nrw", "MustG NRW", "Mustergesetz für das Land Nordrhein-Westfalen", Level.LAND, "§", ("MustG NW",))
STATE = dt.date(2023, 5, 5)

BODY = [
    ("§ 1", "Anwendung", ["(1) Stellen sind", "1. Behörden,", "2. andere, nämlich", "a) Vereine,", "b) Verbände;",
                          "und gelten als eine.", "(2) Ab 10<sup>3</sup> Fällen gilt &amp;&nbsp;bleibt es so."]),
    ("§ 2", "Ohne Absatz", ["Ein Satz. Noch ein Satz vom 2. Mai."]),
    ("§ 2a", "Weg", ["(weggefallen)"]),
    ("§ 3", "Ende", ["(1) bis (3) (aufgehoben)", "(4) Dieses Gesetz tritt in Kraft."]),
]  # fmt: skip

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
TITLE = "Mustergesetz für das Land Nordrhein-Westfalen (Mustergesetz NRW – MustG NRW)"
NOTE = (
    '<div class="footnote-container"><button>Fußnoten</button><div class="footnote-item"><p>§ 1 geändert durch Gesetz vom '
    "25. April 2023 (GV. NRW. S. 230), in Kraft getreten am 5. Mai 2023.</p></div></div>"
)


def native(
    *, title: str = TITLE, starts: str = "05.05.2023", ends: str = "31.12.2024", body: str | None = None
) -> bytes:
    """A page in the portal's own template."""

    def section(number: str, headline: str, text: str) -> str:
        named = f'<h2><span class="field field--field_num">{number}</span> <span class="field field--field_headline">{headline}</span></h2>'
        return (
            '<section class="legaldoc-article"><div class="paragraph"><div class="alert alert-status"><p>Link kopiert</p></div>'
            f'<div class="paragraph-header">{named if number else ""}<ul><li>Paragraph ausdrucken</li></ul></div>{NOTE}'
            f'<div class="field field--field_text"><div class="tex2jax_process">{text}</div></div></div></section>'
        )

    after = {"§ 2": '<p class="text-align-center"><strong>Teil 2<br>Schluss</strong></p>',
             "§ 3": '<p class="text-align-center">Die Landesregierung<br>Nordrhein-Westfalen</p><p class="text-align-center">Der Innenminister</p><p>Unterschrift</p>'}  # fmt: skip
    first = (
        '<p class="text-align-center">Vom 1. Januar 2000</p><p class="text-align-center"><strong>Teil 1</strong></p>'
        '<p class="text-align-center"><strong>Allgemeines</strong></p><p style="text-align:center"><strong>Abschnitt 1<br>Anfang</strong></p>'
    )
    sections = section("", "", first) + "".join(
        section(n, h, "".join(f"<p>{p}</p>" for p in ps) + after.get(n, "")) for n, h, ps in BODY
    )
    box = "".join(
        f'<div class="info-box-item"><div class="field__label">{label}</div> <div class="field__item"> {day} </div></div>'
        for label, day in (("Gültig ab", starts), ("Gültig bis", ends)) if day
    )  # fmt: skip
    return (
        f'<!DOCTYPE html><html><head><title>{starts} {title} | RECHT.NRW.DE</title></head><body><nav>Menü</nav>{box}'
        f'<h1 class="font-size-h1-small">{title}</h1><div class="field--field_body">{sections if body is None else body}</div>'
        "<footer><p>Impressum</p></footer></body></html>"
    ).encode()  # fmt: skip


def legacy(*, title: str = TITLE, notes: bool = True) -> bytes:
    """The same act as Word once saved it: a table of contents in front, indented lists, footnotes in a table."""

    def paragraph(text: str) -> str:
        indent = 72 if text[0].isdigit() else 144 if text[1] == ")" else 0
        return f"<p style='margin-left:{indent}.0pt'>{text}</p>" if indent else f"<p>{text}</p>"

    articles = ""
    for number, headline, paragraphs in BODY:
        if number == "§ 3":
            articles += "<p align=center style='text-align:center'><b>Teil 2<br>\nSchluss</b> </p>"
        articles += f'<p class=lrdetail>{number} <span>(Fn <a href="#FN2"><b>2</b></a>, <a href="#FN3">3</a>)</span><br>\n{headline}</p>'
        articles += "\n".join(map(paragraph, paragraphs))
    contents = "".join(f"<p>{number} {headline}</p>" for number, headline, _ in BODY)
    table = (
        "<table><tr><td><p><a name=FN1>Fn 1</a></p></td><td><p class=lrfundstelle>GV. NRW. S. 602; geändert durch Gesetz, in\n"
        "Kraft getreten am 19. Februar 2022 und am 1.&nbsp;Januar\n2023; Gesetz, in Kraft getreten am 5. Mai 2023. Es tritt am "
        "1. Januar 2030 außer Kraft.</p></td></tr></table>"
    )
    return f"""<html><head><meta charset="utf-8"><style>p.lrdetail {{margin:0}}</style></head><body lang=DE>
<div class=WordSection1><p class=lrueberschrift>{title.replace(" (", "<br> (")}</p>
<p align=center style='text-align:center'><b>Inhaltsübersicht</b></p>{contents}
<p align=center style='text-align:center'><b>Teil 1<br>
Allgemeines</b></p><p align=center style='text-align:center'>Abschnitt 1<br>
Anfang</p>{articles}<p align=center style='text-align:center'>Der Innenminister</p><p><b>Hinweis:</b><br>Vollzitat: MustG NRW</p>
{table if notes else ""}<p><u6:p>&nbsp;</p></div></body></html>""".encode()


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
