"""The publishers' files: complete, to the letter, and the same act from two formats as one tree.

The wording is compared with ``tests.corpus.sources``, which takes it from the files without our readers. Everything
that differs is named here with its reason; a difference that is not named fails, and so does a name without one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest

from assistant.corpus.addresses import ActInfo, read_acts
from assistant.corpus.lawtext import LawText
from assistant.corpus.readers import read_official
from assistant.types import Level, Provision
from tests.conftest import ROOT
from tests.corpus import formex_files, pages, sources

ACT = ActInfo("ki-vo", "KI-VO", "KI-Verordnung – Verordnung (EU) 2024/1689", Level.EU, "Art.")

MARKDOWN = """---
titel: KI-Verordnung
kurz: KI-VO
stand: 2024-07-12
---
# Erwägungsgründe
(1) Grund 1.
(2) Grund 2.
# KAPITEL I: ALLGEMEINES
### Artikel 1: Verbote
(1) Verboten ist:
a) erstens:
i) dies;
ii) jenes;
b) zweitens ab 10²⁵.
Dazu gehört Fernes nicht.
Das gilt nicht sonntags.
(1a) Eingefügt.
### Artikel 2: Titel 2
(1) Wortlaut 2.
### Artikel 3: Titel 3
(1) Wortlaut 3.
# ANHANG I: Bereiche
1. Einleitung
Worum es geht.
a) Fernes.
""".encode()


def tree(text: LawText, *, recitals: bool = True) -> list[tuple[str, tuple[str, ...], str]]:
    """Norm, headings and wording of every place, in order."""
    return [(p.norm, p.heading, p.text) for p in text.provisions if recitals or " ErwG " not in p.norm]


@pytest.mark.parametrize("data", [pages.journal().replace(b"oj-", b""), formex_files.package()])
def test_an_act_of_the_journal_is_the_same_tree_from_every_format(data: bytes) -> None:
    assert tree(read_official(data, "akt", ACT)) == tree(read_official(pages.journal(), "seite.html", ACT))


@pytest.mark.parametrize("data", [pages.consolidated(), formex_files.consolidated()])
def test_a_consolidated_act_is_the_tree_of_the_journal_without_recitals(data: bytes) -> None:
    journal = read_official(pages.journal(), "seite.html", ACT)
    assert tree(read_official(data, "akt", ACT)) == tree(journal, recitals=False)


def test_plain_markdown_gives_the_same_tree_but_for_what_lines_cannot_tell() -> None:
    """A line without label before or after a list: Markdown cannot say whether it belongs to a point of it."""
    markdown, page = MARKDOWN, pages.journal()
    for line in ("Dazu gehört Fernes nicht.", "Worum es geht."):
        markdown = markdown.replace(f"{line}\n".encode(), b"")
        page = page.replace(f'<p class="oj-normal">{line}</p>'.encode(), b"")
    assert tree(read_official(markdown, "akt.md", ACT)) == tree(read_official(page, "seite.html", ACT))


# ---------------------------------------------------------------- the publishers' files

EU: dict[str, tuple[str, Callable[[bytes, str], dict[str, str]], str, dict[str, int]]] = {
    "formats/gdpr_en_eurlex_oj.xhtml": ("dsgvo", sources.eurlex, "2016-05-04", {"Art.": 99, "ErwG": 173}),
    "formats/gdpr_en_eurlex_consolidated.html": ("dsgvo", sources.eurlex, "2016-05-04", {"Art.": 99}),
    "formats/dsgvo_de_formex_2016.xml": ("dsgvo", sources.formex, "2016-04-27", {"Art.": 99, "ErwG": 173}),
    "texts/dsgvo_de.md": ("dsgvo", sources.markdown, "2018-05-23", {"Art.": 99, "ErwG": 173}),
    "formats/aiact_en_eurlex_oj.xhtml": (
        "ki-vo",
        sources.eurlex,
        "2024-07-12",
        {"Art.": 113, "ErwG": 180, "Anhang": 13},
    ),
    "texts/ki-vo_de_2024-07-12.md": ("ki-vo", sources.markdown, "2024-07-12", {"Art.": 113, "ErwG": 180, "Anhang": 13}),
    "formats/aiact_en_eurlex_consolidated_2026-07-27.html": (
        "ki-vo",
        sources.eurlex,
        "2026-07-27",
        {"Art.": 119, "Anhang": 14},
    ),
    "formats/aiact_en_formex_consolidated_2026-07-27.xml": (
        "ki-vo",
        sources.formex,
        "2026-07-27",
        {"Art.": 119, "Anhang": 14},
    ),
    "texts/ki-vo_de_2026-07-27.md": ("ki-vo", sources.markdown, "2026-07-27", {"Art.": 119, "ErwG": 180, "Anhang": 14}),
}

STATUTES = {
    "agg": "agg", "ao_1977": "ao", "bdsg_2018": "bdsg", "beamtstg": "beamtstg", "bgg": "bgg", "bitv_2_0": "bitv",
    "geschgehg": "geschgehg", "gg": "gg", "kunsturhg": "kunsturhg", "sgb_10": "sgb-10", "sgb_1": "sgb-1", "stgb": "stgb",
    "urhg": "urhg", "vwvfg": "vwvfg",
}  # fmt: skip
WITHOUT_CONTENTS = {"agg", "bitv_2_0", "gg", "kunsturhg"}
# The table of contents of SGB I still lists § 20 by heading; its text is "(weggefallen)".
STALE_CONTENTS = {"sgb_1": {"20"}}


@cache
def official(file: Path, act: str) -> LawText:
    return read_official(file.read_bytes(), file.name, read_acts(ROOT / "corpus" / "quellen.toml").by_id(act))


def statute(shared: Path, slug: str) -> tuple[Path, LawText]:
    file = next((shared / "law" / "formats" / "gii").glob(f"{slug}__*.xml"))
    return file, official(file, STATUTES[slug])


def eu(shared: Path, name: str) -> dict[str, Provision]:
    return {p.norm: p for p in official(shared / "law" / name, EU[name][0]).provisions}


def tops(norms: Iterable[str]) -> set[str]:
    """The articles, recitals and annexes in which these places are."""
    return {" ".join(norm.split(" ")[:3]) for norm in norms}


@pytest.mark.parametrize("name", EU)
def test_acts_of_the_union_are_complete(shared: Path, name: str) -> None:
    act, _, state, expected = EU[name]
    text = official(shared / "law" / name, act)
    assert {unit: count for unit in ("Art.", "ErwG", "Anhang") if (count := text.count(unit))} == expected
    assert all(p.text for p in text.provisions)
    assert text.state.isoformat() == state
    assert text.language == ("EN" if "_en_" in name else "DE")


@pytest.mark.parametrize("name", EU)
def test_every_article_recital_and_annex_has_the_wording_of_its_source(shared: Path, name: str) -> None:
    act, extract, _, expected = EU[name]
    found = eu(shared, name)
    short = "DSGVO" if act == "dsgvo" else "KI-VO"
    source = extract((shared / "law" / name).read_bytes(), short)
    assert len(source) == sum(expected.values())
    assert [n for n, wording in source.items() if n not in found or sources.canonical(found[n].text) != wording] == []


@pytest.mark.parametrize("slug", STATUTES)
def test_every_paragraph_of_a_statute_has_the_wording_of_its_source(shared: Path, slug: str) -> None:
    file, text = statute(shared, slug)
    places = {p.norm: p.text for p in text.provisions}
    source = sources.gii(file.read_bytes(), text.short)
    assert {n: sources.canonical(places[n]) for n in source if n in places} == source
    assert text.count("Art." if slug == "gg" else "§") == len(source)


@pytest.mark.parametrize("slug", sorted(set(STATUTES) - WITHOUT_CONTENTS))
def test_the_paragraphs_of_a_statute_are_those_of_its_own_table_of_contents(shared: Path, slug: str) -> None:
    file, text = statute(shared, slug)
    listed, repealed = sources.contents(file.read_bytes())
    found = {m[1] for p in text.provisions if (m := re.fullmatch(rf"{re.escape(text.short)} § (\w+)", p.norm))}
    assert listed - STALE_CONTENTS.get(slug, set()) == found
    assert not repealed & found


@pytest.mark.parametrize("slug", STATUTES)
def test_addresses_of_statutes_read_back_and_end_where_the_list_of_sources_says(shared: Path, slug: str) -> None:
    acts = read_acts(ROOT / "corpus" / "quellen.toml")
    _, text = statute(shared, slug)
    info = acts.by_id(STATUTES[slug])
    assert info is not None
    assert [p.label for p in text.provisions if acts.parse(p.label).norm != p.norm] == []
    assert (
        max(int(m[1]) for p in text.provisions if (m := re.match(rf"{re.escape(info.short)} \S+ (\d+)", p.norm)))
        == info.last
    )
    assert not any(" UAbs. " in p.norm for p in text.provisions)


def test_deleted_paragraphs_of_the_consolidated_act_are_not_law(shared: Path) -> None:
    """Regulation (EU) 2026/1744 deleted Art. 10(5), point 1 of Annex I Section A and points 7 and 9 of Annex VIII B."""
    name = "formats/aiact_en_formex_consolidated_2026-07-27.xml"
    assert b'<PARAG IDENTIFIER="010.005">' in (shared / "law" / name).read_bytes()
    found = eu(shared, name)
    gone = (
        "Art. 10 Abs. 5",
        "Anhang I Abschnitt A Nr. 1",
        "Anhang VIII Abschnitt B Nr. 7",
        "Anhang VIII Abschnitt B Nr. 9",
    )
    assert [place for place in gone if f"KI-VO {place}" in found] == []
    assert "KI-VO Art. 10 Abs. 6" in found
    assert "strictly necessary" not in found["KI-VO Art. 10"].text


# ---------------------------------------------------------------- the same act from two formats


def differing(one: dict[str, Provision], other: dict[str, Provision]) -> set[str]:
    """Places whose wording differs although no place within them does; layout of quotation marks aside."""

    def wording(provision: Provision) -> str:
        return re.sub(r"\s+", "", provision.text)

    changed = {n for n in one if n in other and wording(one[n]) != wording(other[n])}
    return {n for n in changed if not any(m.startswith(f"{n} ") for m in changed)}


def test_consolidated_html_and_formex_are_one_tree(shared: Path) -> None:
    page = official(shared / "law/formats/aiact_en_eurlex_consolidated_2026-07-27.html", "ki-vo")
    formex = official(shared / "law/formats/aiact_en_formex_consolidated_2026-07-27.xml", "ki-vo")
    assert len(page.provisions) == 1530
    assert tree(formex) == tree(page)
    assert (formex.state, formex.celex, formex.language) == (page.state, page.celex, page.language)


def amended(data: bytes) -> set[str]:
    """Articles and annexes that carry a mark of a change in the Formex file, read from its bytes."""
    text = data.decode()
    starts = [
        (m.start(), f"KI-VO {'Art.' if m[1] else 'Anhang'} {m[1] or m[2]}")
        for m in re.finditer(r"<TI\.ART>Article\s(\w+)</TI\.ART>|<P>ANNEX\s([IVX]+)</P>", text)
    ]
    found = set()
    for mark in re.finditer(r'<\?CLG\.MDFO ID="(\w+)"[^>]*\?>(<(?:ARTICLE|CONS\.ANNEX)\b)?', text):
        end = text.index(f'IDREF="{mark[1]}"', mark.end())
        found |= {norm for start, norm in starts if mark.end() <= start < end}
        if not mark[2]:
            found.add([norm for start, norm in starts if start < mark.start()][-1])
    return found


def test_what_was_not_amended_is_the_same_in_the_journal_and_in_both_consolidated_formats(shared: Path) -> None:
    """The amended articles and annexes are those the Formex file marks; all others are equal, place by place."""
    journal = eu(shared, "formats/aiact_en_eurlex_oj.xhtml")
    name = "formats/aiact_en_formex_consolidated_2026-07-27.xml"
    marked = amended((shared / "law" / name).read_bytes())
    assert {"KI-VO Art. 4a", "KI-VO Art. 60a", "KI-VO Art. 75a", "KI-VO Anhang XIV"} < marked
    for later in (eu(shared, name), eu(shared, "formats/aiact_en_eurlex_consolidated_2026-07-27.html")):
        before = {n: (p.heading, p.text) for n, p in journal.items() if " ErwG " not in n}
        after = {n: (p.heading, p.text) for n, p in later.items()}
        changed = tops(n for n in before.keys() | after.keys() if before.get(n) != after.get(n))
        assert changed == marked
        unchanged = [n for n in before if not tops([n]) & marked]
        assert [n for n in unchanged if before[n] != after[n]] == []
        assert len(unchanged) == 849


ENGLISH_CORRIGENDA = {
    "Art. 37 Abs. 1 lit. c", "Art. 41 Abs. 3", "Art. 41 Abs. 5", "Art. 42 Abs. 7", "Art. 43 Abs. 3", "Art. 43 Abs. 6",
    "Art. 57 Abs. 1 lit. p", "Art. 64 Abs. 1 lit. c", "Art. 64 Abs. 6", "Art. 64 Abs. 7", "Art. 64 Abs. 8",
    "Art. 65 Abs. 1 lit. a", "Art. 69 Abs. 2", "Art. 70 Abs. 1 lit. l", "Art. 70 Abs. 1 lit. o", "Art. 70 Abs. 1 lit. p",
}  # fmt: skip
"""Reworded by the corrigendum of 23 May 2018, which the consolidated text of the GDPR has and the journal has not."""


def test_the_english_gdpr_is_one_tree_from_both_pages_but_for_its_corrigendum(shared: Path) -> None:
    journal = {n: p for n, p in eu(shared, "formats/gdpr_en_eurlex_oj.xhtml").items() if " ErwG " not in n}
    later = eu(shared, "formats/gdpr_en_eurlex_consolidated.html")
    assert list(journal) == list(later)
    assert differing(journal, later) == {f"DSGVO {place}" for place in ENGLISH_CORRIGENDA}
    assert {n: p.heading for n, p in journal.items()} == {n: p.heading for n, p in later.items()}


GERMAN_CORRIGENDA = {
    "ErwG 47", "ErwG 71", "ErwG 145", "Art. 4 Nr. 18", "Art. 15 Abs. 4", "Art. 20 Abs. 4", "Art. 25 Abs. 1",
    "Art. 25 Abs. 2", "Art. 28 Abs. 3 lit. g", "Art. 28 Abs. 7", "Art. 30 Abs. 5", "Art. 32 Abs. 1", "Art. 33 Abs. 1",
    "Art. 37 Abs. 1 lit. a", "Art. 40 Abs. 3", "Art. 41 Abs. 3", "Art. 41 Abs. 5", "Art. 42 Abs. 7", "Art. 43 Abs. 3",
    "Art. 43 Abs. 6", "Art. 44", "Art. 57 Abs. 1 lit. p", "Art. 58 Abs. 1 lit. f", "Art. 58 Abs. 2 lit. e",
    "Art. 64 Abs. 1 lit. c", "Art. 64 Abs. 6", "Art. 64 Abs. 7", "Art. 64 Abs. 8", "Art. 65 Abs. 1 lit. a",
    "Art. 69 Abs. 2", "Art. 70 Abs. 1 lit. l", "Art. 70 Abs. 1 lit. o", "Art. 70 Abs. 1 lit. p", "Art. 77 Abs. 1",
    "Art. 79 Abs. 2", "Art. 83 Abs. 1", "Art. 83 Abs. 2", "Art. 88 Abs. 2",
}  # fmt: skip
"""Worded differently in the journal of 2016: reworded by the corrigenda of 22.11.2016 and 23.5.2018."""

DASHES = {"Art. 53 Abs. 1"}
"""The Markdown copy writes the items of a list without the dashes that stand before them."""

CORRECTED_TITLES = {"Art. 26", "Art. 64"}
"""Headings that the corrigenda changed."""


def test_the_german_gdpr_is_one_tree_from_formex_and_markdown_but_for_its_corrigenda(shared: Path) -> None:
    journal = eu(shared, "formats/dsgvo_de_formex_2016.xml")
    corrected = eu(shared, "texts/dsgvo_de.md")
    assert list(journal) == list(corrected)
    assert differing(journal, corrected) == {f"DSGVO {place}" for place in GERMAN_CORRIGENDA | DASHES}
    titles = tops(n for n in journal if journal[n].heading[-1] != corrected[n].heading[-1])
    assert titles == {f"DSGVO {place}" for place in CORRECTED_TITLES}


SLIPS = re.compile(r"KI-VO (?:Art\. (?:10[2-9]|2 Abs\. 13|4a Abs\. 2|113)\b|Anhang VIII Abschnitt B Nr\. 9$)")
"""Where the German copies differ: Art. 102-109 keep a footnote as a line; Art. 2(13), 4a(2), 113 and, in the older
copy, points 8 and 9 of Annex VIII Section B lost or gained a line break."""


def test_english_texts_have_the_norms_of_the_german_ones(shared: Path) -> None:
    """An English text stands beside the German one under the same addresses; what differs are slips of the German copy."""

    def norms(name: str) -> set[str]:
        return {n for n in eu(shared, name) if " ErwG " not in n}

    assert norms("texts/dsgvo_de.md") == norms("formats/gdpr_en_eurlex_consolidated.html")
    assert "KI-VO Art. 50 Abs. 4" in norms("formats/aiact_en_formex_consolidated_2026-07-27.xml")
    for german, english in (
        ("texts/ki-vo_de_2024-07-12.md", "formats/aiact_en_eurlex_oj.xhtml"),
        ("texts/ki-vo_de_2026-07-27.md", "formats/aiact_en_formex_consolidated_2026-07-27.xml"),
    ):
        different = norms(german) ^ norms(english)
        assert {n for n in different if not SLIPS.match(n)} == set()
        assert len(different) <= 12
