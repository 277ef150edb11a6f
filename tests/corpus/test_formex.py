"""Formex: every place with its address, nothing that was deleted, quoted or put in a footnote, and bad files by name."""

from __future__ import annotations

import datetime as dt

import pytest

from assistant.corpus.addresses import ActInfo
from assistant.corpus.lawtext import LawText
from assistant.corpus.readers import read_official
from assistant.errors import ImportRefused
from assistant.types import Level
from tests.corpus import formex_files as files
from tests.corpus.pages import zipped

ACT = ActInfo("ki-vo", "KI-VO", "KI-Verordnung – Verordnung (EU) 2024/1689", Level.EU, "Art.")


def places(text: LawText) -> dict[str, str]:
    return {p.norm: p.text for p in text.provisions}


def one_article(content: str) -> dict[str, str]:
    """The places of article 4 with this content."""
    article = f'<ARTICLE IDENTIFIER="004"><TI.ART>Artikel 4</TI.ART><STI.ART>Neues</STI.ART>{content}</ARTICLE>'
    found = places(read_official(files.journal(extra=article), "akt.xml", ACT))
    return {n: t for n, t in found.items() if n.startswith("KI-VO Art. 4")}


def test_the_journal_comes_in_several_files_and_is_dated_by_its_publication() -> None:
    text = read_official(files.package(), "L.zip", ACT)
    assert (text.state, text.language, text.celex, text.note) == (
        dt.date(2024, 7, 12), "DE", "32024R1689", "Amtsblatt",
    )  # fmt: skip
    assert {unit: text.count(unit) for unit in ("ErwG", "Art.", "Anhang")} == {"ErwG": 2, "Art.": 3, "Anhang": 1}
    headings = {p.norm: p.heading for p in text.provisions}
    assert headings["KI-VO Art. 1 Abs. 1 lit. b"] == ("KAPITEL I: ALLGEMEINES", "Art. 1 Verbote")
    assert headings["KI-VO Anhang I Nr. 1"] == ("Anhang I Bereiche",)


def test_an_act_without_its_notice_is_dated_by_the_act_and_says_so() -> None:
    text = read_official(files.journal(), "akt.xml", ACT)
    assert text.state == dt.date(2024, 6, 13)
    assert "nicht der seiner Veröffentlichung" in text.note


def test_the_consolidated_act_has_the_state_of_its_head() -> None:
    text = read_official(files.consolidated(), "akt.xml", ACT)
    assert (text.state, text.celex, text.count("ErwG")) == (dt.date(2026, 7, 27), "02024R1689-20260727", 0)
    assert not any("Brüssel" in p.text or "ABl." in p.text or "Vertrag" in p.text for p in text.provisions)


def test_lettered_articles_and_inserted_points_have_addresses() -> None:
    inserted = (
        '<ARTICLE IDENTIFIER="004A"><TI.ART>Artikel 4a</TI.ART><STI.ART>Neues</STI.ART><PARAG><NO.PARAG>1.</NO.PARAG>'
        '<ALINEA><P>Es gilt:</P><LIST TYPE="alpha"><ITEM><NP><NO.P>(a)</NO.P><TXT>eins;</TXT></NP></ITEM><ITEM><NP>'
        "<NO.P>(ba)</NO.P><TXT>zwei.</TXT></NP></ITEM></LIST></ALINEA></PARAG></ARTICLE>"
    )
    found = places(read_official(files.consolidated(extra=inserted), "akt.xml", ACT))
    assert found["KI-VO Art. 4a Abs. 1 lit. ba"] == "zwei."
    assert found["KI-VO Art. 4a Abs. 1"] == "Es gilt:\na) eins;\nba) zwei."


def test_definitions_are_numbers_and_dashes_are_text() -> None:
    found = one_article(
        '<ALINEA><P>Es bedeutet:</P><LIST TYPE="ARAB"><ITEM><NP><NO.P>1.</NO.P><TXT><QUOT.START CODE="201E"/>Ding'
        '<QUOT.END CODE="201C"/> ein Ding:</TXT><P><LIST TYPE="DASH"><ITEM><P>groß,</P></ITEM><ITEM><P>klein.</P>'
        "</ITEM></LIST></P></NP></ITEM></LIST></ALINEA>"
    )
    assert found["KI-VO Art. 4 Nr. 1"] == "„Ding“ ein Ding:\n— groß,\n— klein."


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('von <QUOT.START CODE="2018"/>Art<QUOT.END CODE="2019"/>.', "von ‘Art’."),
        ('(\n   <QUOT.START CODE="201E"/>\nArt\n   <QUOT.END CODE="201C"/>\n) gilt', "(„Art“) gilt"),
        ('(\n   <QUOT.START CODE="201E"/>\nArt\n   <QUOT.END CODE="201C"/>\n-Stoff, \n  und', "(„Art“-Stoff, und"),
        ('die \n   <QUOT.START CODE="201E"/>\nArt\n   <QUOT.END CODE="201C"/>\n gilt', "die „Art“ gilt"),
        ('kein <QUOT.START CODE="zz"/>Zeichen<QUOT.END CODE="D800"/> hier', "kein Zeichen hier"),
        ("des Rates\n   <NOTE><P>ABl.</P></NOTE>, dann", "des Rates, dann"),
        ('vom \n <DATE ISO="20240101">1. Januar</DATE> an (\n  <REF.DOC.OJ>ABl. L 1</REF.DOC.OJ>).\n', "vom 1. Januar an (ABl. L 1)."),
        ('bis zu EUR <FT TYPE="NUMBER">35000000</FT> oder <FT TYPE="NUMBER">900</FT>', "bis zu EUR 35 000 000 oder 900"),
        ('ab 10<HT TYPE="SUP">25</HT> <HT TYPE="ITALIC">FLOPS</HT>', "ab 10²⁵ FLOPS"),
        ("vor<?PAGE NO='3'?> und nach der Seite", "vor und nach der Seite"),
        ("z.&#160;B. &#8211; so", "z. B. – so"),
    ],
)  # fmt: skip
def test_the_wording_is_as_printed_however_the_file_is_laid_out(source: str, expected: str) -> None:
    assert one_article(f"<ALINEA>{source}</ALINEA>")["KI-VO Art. 4"] == expected


def test_an_article_quoted_in_an_amendment_is_wording_of_the_amending_article() -> None:
    found = places(read_official(files.journal(extra=files.QUOTED), "akt.xml", ACT))
    assert not any(n.startswith("KI-VO Art. 9") for n in found)
    assert found["KI-VO Art. 4"] == (
        "Es wird eingefügt:\n„Artikel 9\nFremdes\n(1) Fremder Satz.\n(2) Fremde Liste:\na) fremder Punkt.“"
    )
    assert not {"KI-VO Art. 4 Abs. 1", "KI-VO Art. 4 lit. a"} & set(found)


def test_a_heading_within_an_article_is_wording_and_its_paragraphs_have_addresses() -> None:
    paragraph = "<PARAG><NO.PARAG>({0})</NO.PARAG><ALINEA>Satz {0}.</ALINEA></PARAG>"
    titled = f"<SUBDIV><TITLE><TI><P>Abschnitt 1</P></TI></TITLE>{paragraph.format(2)}</SUBDIV>"
    found = one_article(paragraph.format(1) + titled)
    assert found["KI-VO Art. 4 Abs. 2"] == "Satz 2."
    assert "Abschnitt 1" in found["KI-VO Art. 4"]


PARAGRAPH = "<PARAG><NO.PARAG>({})</NO.PARAG><ALINEA>Satz {}.</ALINEA></PARAG>"


def test_what_is_marked_as_deleted_is_left_out() -> None:
    found = one_article(PARAGRAPH.format(1, 1) + files.deletion(PARAGRAPH.format(2, 2)) + PARAGRAPH.format(3, 3))
    assert found["KI-VO Art. 4"] == "(1) Satz 1.\n(3) Satz 3."
    assert "KI-VO Art. 4 Abs. 2" not in found


def test_a_deletion_within_a_sentence_takes_only_its_words() -> None:
    found = one_article(f"<ALINEA>Vorn {files.deletion('und <HT>mitten</HT> drin ')}und hinten.</ALINEA>")
    assert found["KI-VO Art. 4"] == "Vorn und hinten."


def test_a_deletion_may_begin_and_end_in_different_elements() -> None:
    opened, closed = files.deletion("|").split("|")
    found = one_article(
        f"<ALINEA>Bleibt.{opened} Weg.</ALINEA><ALINEA>Auch weg.</ALINEA><ALINEA>Weg.{closed} Bleibt auch.</ALINEA>"
    )
    assert found["KI-VO Art. 4"] == "Bleibt.\nBleibt auch."


def test_other_marks_of_changes_delete_nothing() -> None:
    marked = files.deletion(PARAGRAPH.format(1, 1)).replace("DELETED", "REPLACED")
    assert one_article(marked)["KI-VO Art. 4"] == "(1) Satz 1."


def test_deletions_lie_within_each_other() -> None:
    inner = files.deletion("Innen.", "D2")
    assert (
        one_article(f"<ALINEA>Da. {files.deletion(f'Vor. {inner} Nach. ')}Dort.</ALINEA>")["KI-VO Art. 4"]
        == "Da. Dort."
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (files.annex(), "0 Rechtsakte"),
        (zipped(("a.xml", files.journal()), ("b.xml", files.journal())), "2 Rechtsakte"),
        (files.journal(number="2016/679"), "2016/679, erwartet wird KI-VO"),
        (files.journal()[:-30], "kein vollständiges XML"),
        (files.journal().replace(b"TI.ART", b"TI.XXX"), "keine Artikel"),
        (files.journal().replace(b"20240613", b"2024"), "kein Datum"),
        (files.consolidated(date="20261399"), "kein Datum"),
        (files.consolidated(date="99999999"), "kein Datum"),
        (files.consolidated(extra=files.deletion("<ALINEA/>").split("<?CLG.MDFC")[0]), "kein Ende"),
        (b'<!DOCTYPE ACT [<!ENTITY a "b">]>' + files.journal().partition(b"?>")[2], "Entitäten"),
        (b'<!DOCTYPE ACT SYSTEM "http://example.org/x.dtd">' + files.journal().partition(b"?>")[2].replace(b"Wortlaut", b"&x;"), "Entität"),
        (b"<ACT>" + b"<P>" * 100_000 + b"</P>" * 100_000 + b"</ACT>", "XML|tief"),
    ],
)  # fmt: skip
def test_what_is_no_whole_act_is_refused_by_name(data: bytes, message: str) -> None:
    with pytest.raises(ImportRefused, match=message) as caught:
        read_official(data, "kaputt.xml", ACT)
    assert str(caught.value).startswith("kaputt.xml: ")
    assert "\n" not in str(caught.value)


def test_an_act_that_is_not_known_is_called_by_its_number() -> None:
    assert read_official(files.journal(number="2099/1"), "akt.xml", None).short == "Verordnung (EU) 2099/1"
