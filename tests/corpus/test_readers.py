"""Publishers' formats: recognised by content, the same tree from each, complete, and nothing else taken for law."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from assistant.corpus import readers
from assistant.corpus.addresses import ActInfo
from assistant.corpus.lawtext import LawText
from assistant.corpus.readers import read_official, trouble
from assistant.errors import ImportRefused
from assistant.types import Level
from tests.corpus import pages

ACT = ActInfo("ki-vo", "KI-VO", "KI-Verordnung – Verordnung (EU) 2024/1689", Level.EU, "Art.")
BDSG = ActInfo("bdsg", "BDSG", "Bundesdatenschutzgesetz", Level.BUND, "§")


def places(text: LawText) -> dict[str, str]:
    return {p.norm: p.text for p in text.provisions}


# ---------------------------------------------------------------- EUR-Lex


@pytest.mark.parametrize("page", [pages.journal(), pages.journal().replace(b"oj-", b""), pages.consolidated()])
def test_both_layouts_of_eurlex_give_every_place_its_address(page: bytes) -> None:
    text = read_official(page, "seite.html", ACT)
    found = {norm: value for norm, value in places(text).items() if " ErwG " not in norm}
    assert found == {
        "KI-VO Art. 1": "(1) Verboten ist:\na) erstens:\ni) dies;\nii) jenes;\nb) zweitens ab 10²⁵.\n"
        "Dazu gehört Fernes nicht.\nDas gilt nicht sonntags.\n(1a) Eingefügt.",
        "KI-VO Art. 1 Abs. 1": "Verboten ist:\na) erstens:\ni) dies;\nii) jenes;\nb) zweitens ab 10²⁵.\n"
        "Dazu gehört Fernes nicht.\nDas gilt nicht sonntags.",
        "KI-VO Art. 1 Abs. 1 lit. a": "erstens:\ni) dies;\nii) jenes;",
        "KI-VO Art. 1 Abs. 1 lit. a Ziff. i": "dies;",
        "KI-VO Art. 1 Abs. 1 lit. a Ziff. ii": "jenes;",
        "KI-VO Art. 1 Abs. 1 lit. b": "zweitens ab 10²⁵.\nDazu gehört Fernes nicht.",
        "KI-VO Art. 1 Abs. 1 UAbs. 2": "Das gilt nicht sonntags.",
        "KI-VO Art. 1 Abs. 1a": "Eingefügt.",
        "KI-VO Art. 2": "(1) Wortlaut 2.",
        "KI-VO Art. 2 Abs. 1": "Wortlaut 2.",
        "KI-VO Art. 3": "(1) Wortlaut 3.",
        "KI-VO Art. 3 Abs. 1": "Wortlaut 3.",
        "KI-VO Anhang I": "1. Einleitung\nWorum es geht.\na) Fernes.",
        "KI-VO Anhang I Nr. 1": "Einleitung\nWorum es geht.\na) Fernes.",
        "KI-VO Anhang I Nr. 1 lit. a": "Fernes.",
    }


def test_the_journal_has_recitals_its_own_date_and_headings() -> None:
    text = read_official(pages.journal(), "seite.html", ACT)
    assert (text.state, text.language, text.celex) == (dt.date(2024, 7, 12), "DE", "32024R1689")
    assert places(text)["KI-VO ErwG 2"] == "Grund 2."
    headings = {p.norm: p.heading for p in text.provisions}
    assert headings["KI-VO Art. 1 Abs. 1 lit. b"] == ("KAPITEL I: ALLGEMEINES", "Art. 1 Verbote")
    assert headings["KI-VO Anhang I"] == ("Anhang I Bereiche",)
    assert not any("Brüssel" in p.text or "ELI:" in p.text or "ABl." in p.text for p in text.provisions)


def test_the_consolidated_page_has_its_state_in_the_first_line() -> None:
    text = read_official(pages.consolidated(), "seite.html", ACT)
    assert (text.state, text.celex, text.count("ErwG")) == (dt.date(2026, 7, 27), "02024R1689-20260727", 0)


def test_the_heading_of_a_quoted_article_is_wording() -> None:
    quoted = (
        b'<p class="oj-ti-art">\xe2\x80\x9eArtikel 9</p><div class="eli-title"><p class="oj-sti-art">Fremdes</p></div>'
    )
    page = pages.journal().replace(b"(1)   Wortlaut 3.</p>", b"(1)   Neu ist:</p>" + quoted)
    assert places(read_official(page, "seite.html", ACT))["KI-VO Art. 3"] == "(1) Neu ist:\n„Artikel 9\nFremdes"


def test_an_english_text_has_the_addresses_of_the_german_one_and_its_own_title() -> None:
    german = pages.journal(language="EN").decode()
    english = german.replace("Artikel ", "Article ").replace(
        "VERORDNUNG (EU) 2024/1689 DES RATES", "REGULATION (EU) 2024/1689"
    )
    text = read_official(english.replace("(1)   ", "1.   ").replace("(1a)   ", "1a.   ").encode(), "page.html", ACT)
    assert (text.language, text.title, text.celex) == ("EN", "REGULATION (EU) 2024/1689", "32024R1689")
    assert places(text) == places(read_official(pages.journal(), "seite.html", ACT))


def test_an_item_without_words_of_its_own_keeps_its_address() -> None:
    page = pages.consolidated().replace(b'<p class="norm">erstens:</p>', b"")
    found = places(read_official(page, "seite.html", ACT))
    assert found["KI-VO Art. 1 Abs. 1 lit. a"] == "i) dies;\nii) jenes;"
    assert found["KI-VO Art. 1 Abs. 1 lit. a Ziff. i"] == "dies;"


def test_named_characters_of_html_are_read() -> None:
    page = pages.consolidated().replace("Eingefügt.".encode(), b"Eingef&uuml;gt.")
    assert places(read_official(page, "seite.html", ACT))["KI-VO Art. 1 Abs. 1a"] == "Eingefügt."


# ---------------------------------------------------------------- gesetze-im-internet


@pytest.mark.parametrize("data", [pages.statute(), pages.zipped(("BJNR.xml", pages.statute()), ("bild.jpg", b"x"))])
def test_a_statute_gives_every_place_its_address(data: bytes) -> None:
    text = read_official(data, "xml.zip", BDSG)
    assert places(text) == {
        "BDSG § 1": "(1) Stellen sind\n1. Behörden,\n2. andere:\na) aa) eine,\nbb) noch eine\nb) Weitere.\n"
        "und gelten als eine. Ferner\n1. Vereine.\n(2) bis (4) (weggefallen)",
        "BDSG § 1 Abs. 1": "Stellen sind\n1. Behörden,\n2. andere:\na) aa) eine,\nbb) noch eine\nb) Weitere.\n"
        "und gelten als eine. Ferner\n1. Vereine.\n(2) bis (4) (weggefallen)",
        "BDSG § 1 Abs. 1 Nr. 1": "Behörden,",
        "BDSG § 1 Abs. 1 Nr. 2": "andere:\na) aa) eine,\nbb) noch eine\nb) Weitere.",
        "BDSG § 1 Abs. 1 Nr. 2 lit. a": "aa) eine,\nbb) noch eine",
        "BDSG § 1 Abs. 1 Nr. 2 lit. a lit. aa": "eine,",
        "BDSG § 1 Abs. 1 Nr. 2 lit. a lit. bb": "noch eine",
        "BDSG § 1 Abs. 1 Nr. 2 lit. b": "Weitere.",
        "BDSG § 2": "Wortlaut 2.",
        "BDSG § 3": "(1) Wortlaut 3.",
        "BDSG § 3 Abs. 1": "Wortlaut 3.",
    }
    assert text.state == dt.date(2024, 5, 6)
    assert text.provisions[0].heading == ("Teil 1: Allgemeines", "§ 1 Anwendung")


def test_a_paragraph_without_wording_is_no_provision_unless_its_heading_says_what_it_was() -> None:
    dash = pages.statute().replace(b"<P>Wortlaut 2.</P>", b"<P>-</P>")
    titled = dash.replace(
        "<enbez>§ 2</enbez><titel></titel>".encode(), "<enbez>§ 2</enbez><titel>Änderung</titel>".encode()
    )
    repealed = titled.replace("<titel>Änderung</titel>".encode(), b"<titel>(weggefallen)</titel>")
    assert "BDSG § 2" not in places(read_official(dash, "x.xml", BDSG))
    assert "BDSG § 2" not in places(read_official(repealed, "x.xml", BDSG))
    assert places(read_official(titled, "x.xml", BDSG))["BDSG § 2"] == "-"


def test_an_unchanged_statute_is_dated_by_its_file() -> None:
    assert read_official(pages.statute(changed=""), "x.xml", BDSG).state == dt.date(2025, 1, 1)


def test_an_unknown_statute_calls_itself_as_the_file_does() -> None:
    assert read_official(pages.statute(name="XYZG"), "x.xml", None).short == "XYZG"


# ---------------------------------------------------------------- what is refused

BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "leer"),
        (b"  \n", "leer"),
        (b"\x89PNG\r\n", "Format nicht erkannt"),
        (b"%PDF-1.7", "Format nicht erkannt"),
        (b"<html><body>Guten Tag</body></html>", "Format nicht erkannt"),
        (pages.CHALLENGE, "Prüfseite gegen automatische Abrufe"),
        (pages.CLOUDFRONT, "Sperrseite des Netzes"),
        (pages.DENIED, "Zugriff verweigert"),
        (pages.QUEUE, "Warteschlange"),
        (b"<?xml version='1.0'?><ACT><ARTICLE/></ACT>", "Formex"),
        (pages.journal()[:-400], "bricht ab"),
        (pages.journal().replace(b"Wortlaut 2", b"\xff\xfe"), "UTF-8"),
        (pages.journal().replace(b"12.7.2024", b""), "kein Datum"),
        (pages.journal().replace(b"12.7.2024", b"32.7.2024"), "kein Datum"),
        (pages.journal(number="2016/679"), "2016/679, erwartet wird KI-VO"),
        (pages.journal().replace(b"Artikel ", b"Vorschrift "), "keine Artikel"),
        (pages.statute(extra=BOMB), "Entitäten"),
        (pages.statute()[:-40], "kein vollständiges XML"),
        (pages.statute(name="StGB"), "enthält „StGB“, erwartet wird"),
        (pages.statute(changed="").replace(b"builddate", b"bd"), "kein Stand"),
        (b"<dokumente builddate='20250101'><norm/></dokumente>", "keine Paragrafen"),
        (pages.zipped(("a.txt", b"x")), "0 XML-Dateien"),
        (pages.zipped(("a.xml", b"<a/>"), ("b.xml", b"<a/>")), "2 XML-Dateien"),
        (pages.zipped(("a.xml", pages.statute()))[:400], "beschädigt"),
        (b"PK\x03\x04" + b"\x00" * 60, "beschädigt"),
        (b"<html>" + b"<div>" * 100_000 + b'<p class="oj-ti-art">' + b"</div>" * 100_000 + b"</html>", "tief|lesbar|Datum"),
    ],
)  # fmt: skip
def test_what_is_no_whole_law_is_refused_by_name(data: bytes, message: str) -> None:
    act = replace(BDSG, short="BDSG") if b"dokumente" in data or data[:2] == b"PK" else ACT
    with pytest.raises(ImportRefused, match=message) as caught:
        read_official(data, "kaputt.dat", act)
    assert str(caught.value).startswith("kaputt.dat: ")
    assert "\n" not in str(caught.value)


def test_a_law_that_speaks_of_access_denied_is_no_error_page() -> None:
    page = pages.consolidated(word="Zugriff verweigert, Warteraum, 404")
    assert trouble(page) is None
    assert read_official(page, "seite.html", ACT).count("Art.") == 3


def test_too_much_is_refused_before_and_while_unpacking(monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.corpus.readers import markup

    packed = pages.zipped(("a.xml", pages.statute()), ("gross.bin", b"0" * 3_000_000))
    monkeypatch.setattr(markup, "MAX_BYTES", 2_000_000)
    with pytest.raises(ImportRefused, match="ausgepackt zu groß"):
        read_official(packed, "bombe.zip", BDSG)
    monkeypatch.setattr(readers, "MAX_BYTES", 1000)
    with pytest.raises(ImportRefused, match="zu groß"):
        read_official(b"<" * 2000, "gross.html", ACT)


def test_an_archive_that_lies_about_its_size_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.corpus.readers import markup

    statute = pages.statute(last=200)
    packed = pages.zipped(("a.xml", statute))
    size = len(statute).to_bytes(4, "little")
    assert packed.count(size) == 2
    monkeypatch.setattr(markup, "MAX_BYTES", len(statute) - 1)
    with pytest.raises(ImportRefused, match=r"größer als|beschädigt"):
        read_official(packed.replace(size, (100).to_bytes(4, "little")), "luegt.zip", BDSG)
