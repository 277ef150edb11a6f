"""A town's looks: colours that can be read, a coat of arms that only draws, and one German line for everything else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant.errors import CorpusError
from assistant.setup import init_home
from assistant.web.appearance import COLOURS, CONTRAST, DARK, FILE, GROUNDS, Town, contrast, read_appearance
from assistant.web.crest import MAX_BYTES
from assistant.web.shell import ASSETS, Frame

SHIPPED = Path(__file__).resolve().parents[2] / "corpus" / FILE
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'


def appearance(folder: Path, text: str) -> Town:
    (folder / FILE).write_text(text, encoding="utf-8")
    return read_appearance(folder)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(CorpusError) as caught:
        appearance(folder, text)
    assert str(folder / FILE) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_without_a_file_and_with_the_shipped_one_the_page_has_its_own_looks(tmp_path: Path) -> None:
    assert read_appearance(tmp_path) == Town()
    shutil.copy(SHIPPED, tmp_path)
    shipped = read_appearance(tmp_path)
    assert (shipped.name, shipped.crest, shipped.css()) == ("", None, "")
    assert shipped.statements["datenschutz.rechtsgrundlage"] == ""


def test_the_colours_in_the_file_are_those_of_the_style_sheet() -> None:
    sheet = (ASSETS / "seite.css").read_text(encoding="utf-8")
    light, dark = sheet.split("@media (prefers-color-scheme: dark)")[:2]
    for key, (name, value) in COLOURS.items():
        assert f"{name}: {value};" in light, key
        assert f"{name}: {DARK[key]};" in dark, key
    for is_dark, part in ((False, light), (True, dark)):
        for name, value in zip(("--lp-grund", "--lp-flaeche", "--lp-flaeche2"), GROUNDS[is_dark], strict=True):
            assert f"{name}: {value};" in part


def test_a_town_sets_its_colours_and_the_dark_ones_are_derived_readably(tmp_path: Path) -> None:
    town = appearance(tmp_path, '[farben]\nkopf = "#8A0F1E"\nknopf = "#8a0f1e"\nverweis = "#8a0f1e"\n')
    assert town.light["kopf"] == "#8a0f1e"
    assert "--lp-akzent: #8a0f1e;" in town.css()
    assert "--lp-fokus: #8a0f1e;" in town.css()
    assert contrast(town.dark["kopf_schrift"], town.dark["kopf"]) >= CONTRAST
    assert all(contrast(town.dark["verweis"], ground) >= CONTRAST for ground in GROUNDS[True])
    assert town.dark["verweis"] != DARK["verweis"]


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#0b4f94", "#0b4f94", 1.0)]
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert round(contrast(one, other), 2) == ratio == round(contrast(other, one), 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[farben]\nverweis = "#ffcc00"', "verweis (#ffcc00) auf dem Seitengrund #f3f5f7 (#f3f5f7) hat den Kontrast 1,3"),
        ('[farben]\nkopf = "#dddddd"', "kopf_schrift (#ffffff) auf kopf (#dddddd)"),
        ('[farben_dunkel]\nknopf = "#999999"', "[farben_dunkel] knopf_schrift (#f2f6fa) auf knopf (#999999)"),
        ('[farben]\nkopf = "rot"', "erwartet wird eine Farbe"),
        ('[farben]\nkopf = "#1b3a5c; } body { display: none"', "erwartet wird eine Farbe"),
        ("[farben]\nkopf = 3", "erwartet wird eine Farbe"),
        ('[farben]\nkopv = "#000000"', "Gemeint war vermutlich „kopf“"),
        ('[farbe]\nkopf = "#000000"', "Gemeint war vermutlich „farben“"),
        ('farben = "blau"', "Erwartet wird [farben]"),
        ("[stadt]\nname = 5", "erwartet wird ein Text in Anführungszeichen"),
        ("[stadt\n", "keine gültige TOML-Datei"),
        ('[stadt]\nwappen = "fehlt.svg"', "kann nicht gelesen werden"),
        ('[stadt]\nwappen = "../geheim.svg"', "liegt außerhalb"),
        ('[stadt]\nwappen = "/etc/passwd"', "liegt außerhalb"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_file_key_and_what_was_expected(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path, text)


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>", '<path onclick="alert(1)" d="M0 0"/>', "<foreignObject/>", '<use href="http://x/#a"/>',
        '<image href="http://boese.example/p.png"/>', '<a href="javascript:alert(1)"><path/></a>',
        '<animate attributeName="href" values="javascript:alert(1)"/>', "<style>@import url(http://x)</style>",
        '<rect style="fill: url(http://x/y)"/>', '<rect fill="url(//x)"/>', '<div xmlns="http://www.w3.org/1999/xhtml"/>',
        '<use xmlns:x="http://www.w3.org/1999/xlink" x:href="data:image/svg+xml,x"/>', '<set onbegin="x()"/>',
    ],
)  # fmt: skip
def test_an_svg_that_does_more_than_draw_is_refused(tmp_path: Path, inside: str) -> None:
    (tmp_path / "wappen.svg").write_text(SVG.format(inside), encoding="utf-8")
    assert "SVG-Zeichnung ohne Skript" in refusal(tmp_path, '[stadt]\nwappen = "wappen.svg"')


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>', b"GIF89a", b"", b"<html/>",
        SVG.format("<script/>").encode("utf-16"), b'<?xml-stylesheet href="http://x"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    ],
)  # fmt: skip
def test_what_is_no_plain_image_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "wappen.svg").write_bytes(content)
    assert "Erwartet wird ein PNG-Bild oder eine SVG-Zeichnung" in refusal(tmp_path, '[stadt]\nwappen = "wappen.svg"')


def test_a_large_image_is_refused_and_a_plain_one_kept_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "gross.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * MAX_BYTES)
    assert "größer als 200 KB" in refusal(tmp_path, '[stadt]\nwappen = "gross.png"')
    drawing = SVG.format('<defs><linearGradient id="g"/></defs><path d="M0 0h9" style="fill:url(#g)"/><use href="#g"/>')
    (tmp_path / "wappen.svg").write_text(drawing, encoding="utf-8")
    crest = appearance(tmp_path, '[stadt]\nwappen = "wappen.svg"').crest
    assert crest is not None
    assert (crest.content.decode(), crest.media_type) == (drawing, "image/svg+xml")


def test_the_name_is_escaped_and_leads_every_page(tmp_path: Path) -> None:
    page = Frame(town=appearance(tmp_path, '[stadt]\nname = "Stadt <b>Köln</b>"\n')).page("T", "", path="/recht")
    assert "Stadt &lt;b&gt;Köln&lt;/b&gt;" in page


def test_a_new_home_shows_the_name_it_was_made_for_unless_another_is_set(tmp_path: Path) -> None:
    init_home(SHIPPED.parents[1], tmp_path / "kempen", "Stadt Kempen")
    corpus = tmp_path / "kempen" / "corpus"
    assert read_appearance(corpus).name == "Stadt Kempen"
    assert appearance(corpus, '[stadt]\nname = "Kempen am Niederrhein"').name == "Kempen am Niederrhein"
    (corpus / FILE).unlink()
    assert read_appearance(corpus).name == "Stadt Kempen"
    (corpus / "leitlinie.toml").write_text('kommune = "Musterstadt"', encoding="utf-8")
    assert read_appearance(corpus).name == ""
