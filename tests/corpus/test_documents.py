"""Local rules as Word and PDF: read to sections, quoted verbatim, refused in one line where they cannot be."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.ask.pipeline import answer_question
from assistant.cli import main
from assistant.corpus import documents
from assistant.corpus.documents import Document, Paragraph, arrange, clean, import_document, read_document
from assistant.corpus.limited import Limits, run_limited
from assistant.corpus.rules import read_guideline
from assistant.errors import CorpusError, ImportRefused
from assistant.index.build import build
from assistant.index.generation import current_folder
from assistant.index.published import PublishedIndex
from assistant.types import Answer, Question, Status, Verdict
from tests.conftest import NOW, TODAY, HashEmbedder, write_mini_corpus
from tests.corpus import damaged_papers, pages, papers


def parts(document: Document) -> dict[str, str]:
    return {part.title: part.text for part in document.parts}


def read(data: bytes) -> Document:
    return read_document(data, "x", "Dateiname")


# ---------------------------------------------------------------- Word


def test_headings_lists_and_tables_of_word_become_sections() -> None:
    document = read(papers.word())
    assert document.title == "Dienstanweisung KI"
    assert parts(document) == {
        "Dienstanweisung KI": "Beschlossen vom Verwaltungsvorstand.",
        "Daten › Grundsatz": f"{papers.RULE}\n1. Namen\n2. Adressen\n– Aktenzeichen",
        "Texte": f"{papers.ALLOWED}\nWerkzeug | Klasse\nModell | 1",
    }


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def paragraph(*runs: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (run("Nur ") + "<w:ins w:id='1'>" + run("eingefügt") + "</w:ins>", "Nur eingefügt"),
        (run("Bleibt") + "<w:del w:id='1'><w:r><w:delText>weg</w:delText></w:r></w:del>", "Bleibt"),
        (run("Sichtbar") + run("geheim", "<w:vanish/>"), "Sichtbar"),
        (run("Sichtbar ") + run("auch", "<w:vanish w:val='0'/>"), "Sichtbar auch"),
        ("<w:sdt><w:sdtContent>" + run("Steuerelement") + "</w:sdtContent></w:sdt>", "Steuerelement"),
        ("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r>", "a b c-d"),
        ("<w:r><w:instrText>PAGE</w:instrText></w:r>" + run("Feld"), "Feld"),
        (run("e\u0301 \ufb01n\u00ad\u200b\u00a0x"), "é fin x"),
        (
            run("davor") + "<w:r><mc:AlternateContent><mc:Choice><w:txbxContent>" + paragraph(run("Kasten"))
            + "</w:txbxContent></mc:Choice><mc:Fallback>" + run("doppelt") + "</mc:Fallback></mc:AlternateContent></w:r>",
            "davor\nKasten",
        ),
    ],
)  # fmt: skip
def test_the_words_are_those_a_reader_of_the_document_sees(inner: str, text: str) -> None:
    assert parts(read(papers.body(paragraph(inner)))) == {"Dateiname": text}


def test_contents_blocks_and_styles_of_contents_are_left_out() -> None:
    contents = "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj></w:sdtPr>"
    inner = contents + f"<w:sdtContent>{paragraph(run('Zweck ... 1'))}</w:sdtContent></w:sdt>"
    inner += f"<w:sdt><w:sdtContent>{paragraph(run('Bleibt.'))}</w:sdtContent></w:sdt>"
    assert parts(read(papers.body(inner))) == {"Dateiname": "Bleibt."}


def test_a_bold_short_line_and_an_outline_level_are_headings_a_bold_sentence_is_text() -> None:
    bold = "<w:b/>"
    inner = paragraph(run("Erstes"), properties="<w:outlineLvl w:val='0'/>") + paragraph(run("Satz."))
    inner += paragraph(run("Zweites", bold)) + paragraph(run("Ein ganzer fetter Satz.", bold))
    assert parts(read(papers.body(inner))) == {"Erstes": "Satz.", "Erstes › Zweites": "Ein ganzer fetter Satz."}


def test_a_cell_with_a_table_inside_is_read_row_by_row() -> None:
    inner = (
        "<w:tbl><w:tr><w:tc><w:p/></w:tc><w:tc>" + paragraph(run("b")) + paragraph(run("c")) + "</w:tc></w:tr></w:tbl>"
    )
    assert parts(read(papers.body(inner))) == {"Dateiname": "b c"}


NUMBERING = """<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="§ %1"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%2)"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="4"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1.%3"/></w:lvl></w:abstractNum>
<w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num>
<w:num w:numId="4"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>
</w:numbering>"""


def test_automatic_numbers_are_worked_out() -> None:
    def item(text: str, depth: int, number: int = 3) -> str:
        return paragraph(
            run(text), properties=f"<w:numPr><w:ilvl w:val='{depth}'/><w:numId w:val='{number}'/></w:numPr>"
        )

    inner = item("A", 0) + item("x", 1) + item("y", 1) + item("r", 2) + item("B", 0) + item("z", 1) + item("neu", 0, 4)
    data = papers.rewritten(papers.body(inner), {"word/numbering.xml": NUMBERING.encode()})
    assert parts(read(data)) == {"Dateiname": "§ 1 A\na) x\nb) y\n1.IV r\n§ 2 B\na) z\n§ 1 neu"}


# ---------------------------------------------------------------- PDF


def test_lines_of_a_pdf_are_joined_again_and_headings_guessed_with_their_page() -> None:
    document = read(papers.pdf(title="Dienstanweisung"))
    assert document.title == "Dienstanweisung"
    assert parts(document) == {
        "1 Zweck (Seite 1)": "Diese Dienstanweisung regelt den Einsatz von KI in allen Ämtern der Stadtverwaltung. Sie gilt "
        "auch für Auszubildende.",
        "2 Daten › 2.1 Grundsatz (Seite 1)": f"{papers.RULE}\nDas gilt für Vor- und Nachnamen, für KI-Dienste und in jeder "
        "Verwaltung.",
        "2 Daten › 2.1 Grundsatz (Seite 2)": "Erlaubt sind:\n1. Entwürfe ohne Personenbezug\n2. Übersetzungen öffentlicher "
        f"Texte\n– Zusammenfassungen von Gesetzen\n{papers.ALLOWED}",
        "Verstöße (Seite 3)": "Verstöße gegen diese Dienstanweisung können dienstrechtliche Folgen haben.",
        "§ 7 Inkrafttreten (Seite 3)": "Sie tritt am 1. Januar 2027 in Kraft.",
    }


@pytest.mark.parametrize("given", ["Dienstanweisung", "Microsoft Word - Dienstanweisung.docx"])
def test_a_pdf_is_called_as_it_calls_itself_without_what_word_adds(given: str) -> None:
    assert read(papers.pdf(title=given)).title == "Dienstanweisung"
    assert read(papers.pdf(title=".pdf")).title == "Dateiname"


def test_compressed_pages_say_the_same() -> None:
    assert read(papers.packed_pdf()) == read(papers.pdf())


def test_what_repeats_on_a_page_only_by_chance_stays() -> None:
    two = [["Kopfzeile der Stadt", "Nur ein Satz, der auf zwei Seiten steht."]] * 2
    assert sum(text.count("Nur ein Satz") for text in parts(read(papers.pdf(two))).values()) == 2


def test_a_page_without_text_does_not_hide_the_others() -> None:
    document = read(papers.pdf([[], ["Ein Satz auf der zweiten Seite steht hier."]]))
    assert parts(document) == {"Dateiname (Seite 2)": "Ein Satz auf der zweiten Seite steht hier."}


# ---------------------------------------------------------------- parts and words


def test_every_paragraph_is_in_exactly_one_part_and_titles_are_unique() -> None:
    document = arrange("T", [Paragraph("a"), Paragraph("H", 1), Paragraph("b"), Paragraph("H", 1), Paragraph("c"),
                             Paragraph("leer", 2), Paragraph("I", 1), Paragraph("U", 2), Paragraph("d")])  # fmt: skip
    assert parts(document) == {"T": "a", "H": "b", "H (2)": "c", "I › U": "d"}


def test_control_characters_never_reach_a_quotation() -> None:
    assert clean("\x1b[31mrot\u202e\u2028 \uf0b7 \ufeffja\x00") == "[31mrot – ja"


# ---------------------------------------------------------------- what is refused

BILLION = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>&b;</w:body></w:document>'
)
LOOP = papers.pdf().replace(b"/Kids [6 0 R", b"/Kids [2 0 R")
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "die Datei ist leer"),
    "blank": (lambda: b" \n", "die Datei ist leer"),
    "old-word": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 99, "Kennwort geschützt oder in einem alten"),
    "other": (lambda: b"GIF89a", "weder Word-Dokument noch PDF"),
    "cut": (lambda: papers.word()[:4000], "beschädigt oder abgebrochen"),
    "no-word": (lambda: pages.zipped(("a.txt", b"x")), "kein Word-Dokument"),
    "no-text": (lambda: papers.body("<w:p/>"), "enthält keinen Text"),
    "deep": (lambda: papers.body("<w:p>" * 400 + "</w:p>" * 400), "kein lesbares Word-Dokument"),
    "entities": (lambda: papers.rewritten(papers.word(), {"word/document.xml": BILLION}), "Entitäten"),
    "bomb": (lambda: papers.exploding_zip("word/document.xml", 300 * 2**20), "ausgepackt zu groß"),
    "small-bomb": (lambda: papers.exploding_zip("word/document.xml", 60 * 2**20), "-mal so groß"),
    "scan": (lambda: papers.pdf([[], [], ["x"]]), "vermutlich eingescannt.*OCR"),
    "password": (papers.locked_pdf, "mit Kennwort geschützt"),
    "cut-pdf": (lambda: papers.pdf()[:500], "kein lesbares PDF|beschädigt"),
    "pages": (lambda: papers.pdf([["Wort"]] * 501), "501 Seiten sind zu viele"),
    "loop": (lambda: LOOP, "lesbares PDF|beschädigt|keinen Text"),
    "pdf-bomb": (lambda: papers.exploding_pdf(60 * 2**20), "Seite 1 ist zu groß"),
    "pdf-large-bomb": (lambda: papers.exploding_pdf(200 * 2**20), "kein lesbares PDF|beschädigt"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_document_that_cannot_be_read_is_refused_in_one_german_line(tmp_path: Path, name: str) -> None:
    make, message = REFUSED[name]
    file = tmp_path / "Dienst anweisung.docx"
    file.write_bytes(make())
    with pytest.raises(ImportRefused, match=message) as caught:
        documents.read_untrusted_document(file, file.name)
    assert str(caught.value).startswith("Dienst anweisung.docx: ")
    assert "\n" not in str(caught.value)


def test_a_document_beyond_64_mb_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 1000)
    with pytest.raises(ImportRefused, match="zu groß"):
        read(papers.word())


# ---------------------------------------------------------------- from the folder to the answer


def town(tmp_path: Path, *, rules: bool, **files: bytes) -> Path:
    """A home whose guideline consists of these documents, with or without rule files beside them."""
    home = tmp_path / "heim"
    home.mkdir()
    write_mini_corpus(home)
    folder = home / "corpus" / "leitlinie"
    if not rules:
        (folder / "01-regeln.md").unlink()
    for name, data in files.items():
        (folder / name.replace("_", ".")).write_bytes(data)
    return home


def ask(home: Path, question: str) -> tuple[Answer, PublishedIndex]:
    build(home, HashEmbedder(), NOW)
    index = PublishedIndex(current_folder(home / "index"), HashEmbedder())
    try:
        return answer_question(Question(question, TODAY), index), index
    finally:
        index.close()


@pytest.mark.parametrize(("name", "data"), [("leitlinie_docx", papers.word()), ("leitlinie_pdf", papers.pdf())])
def test_a_guideline_in_one_document_is_quoted_verbatim_without_a_verdict(
    tmp_path: Path, name: str, data: bytes
) -> None:
    home = town(tmp_path, rules=False, **{name: data})
    answer, index = ask(home, "Darf ich Namen und Adressen in einen öffentlichen KI-Dienst eingeben?")
    assert (answer.status, answer.verdict, answer.rules) == (Status.TEILWEISE, None, ())
    quoted = {c.quote: c for c in answer.citations if c.source == "leitlinie"}
    assert papers.RULE in quoted
    assert "Grundsatz" in quoted[papers.RULE].label
    assert ("(Seite 1)" in quoted[papers.RULE].label) == name.endswith("pdf")
    for citation in quoted.values():
        assert citation.quote in index.guideline_book.places[citation.norm].text


def test_where_there_are_rules_they_decide_and_documents_are_only_quoted(tmp_path: Path) -> None:
    home = town(tmp_path, rules=True, anweisung_docx=papers.word())
    answer, index = ask(home, "Darf ich Namen und Adressen in ChatGPT eingeben?")
    assert (answer.status, answer.verdict, answer.rules[0]) == (Status.BEANTWORTET, Verdict.VERBOTEN, "personen")
    assert any("grundsatz" in norm for norm in index.guideline_book.places)


def test_sections_of_the_same_name_in_two_documents_are_both_kept(tmp_path: Path) -> None:
    other = papers.body(paragraph(run("Dienstanweisung KI", "<w:b/>")) + paragraph(run("Ganz anderer Satz.")))
    home = town(tmp_path, rules=False, a_docx=papers.word(), b_docx=papers.word(), c_docx=other)
    _, index = ask(home, "Was gilt für Namen?")
    texts = [place.text for place in index.guideline_book.places.values()]
    assert sum(papers.RULE in text for text in texts) == 2
    assert "Ganz anderer Satz." in texts


def test_an_opened_generation_takes_what_was_read_when_it_was_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = town(tmp_path, rules=False, leitlinie_pdf=papers.pdf())
    build(home, HashEmbedder(), NOW)
    before = read_guideline(home / "corpus").sections

    def never(*_: object, **__: object) -> Document:
        raise AssertionError("read again")

    monkeypatch.setattr(documents, "run_limited", never)
    kept = current_folder(home / "index") / "korpus"
    assert read_guideline(kept).sections == before
    (kept / "leitlinie" / "leitlinie.pdf").write_bytes(papers.packed_pdf())
    with pytest.raises(AssertionError, match="read again"):
        read_guideline(kept)


def test_what_was_kept_damaged_is_reported(tmp_path: Path) -> None:
    home = town(tmp_path, rules=False, leitlinie_pdf=papers.pdf())
    (home / "corpus" / "leitlinie" / f"leitlinie.pdf{documents.READ}").write_text("{")
    with pytest.raises(CorpusError, match=r"leitlinie\.pdf\.gelesen\.json: beschädigt.*index build"):
        read_guideline(home / "corpus")


def test_a_format_that_is_not_read_is_named_and_lock_files_are_not(tmp_path: Path) -> None:
    home = town(tmp_path, rules=True)
    folder = home / "corpus" / "leitlinie"
    (folder / "~$leitlinie.docx").write_bytes(b"x")
    (folder / ".~lock.leitlinie.docx#").write_bytes(b"x")
    assert len(read_guideline(home / "corpus").rules) == 5
    (folder / "Leitlinie.odt").write_bytes(b"x")
    with pytest.raises(CorpusError, match=r"corpus/leitlinie/Leitlinie\.odt: dieses Format wird nicht gelesen"):
        read_guideline(home / "corpus")


def test_an_unreadable_document_stops_the_build_and_names_the_file(tmp_path: Path) -> None:
    home = town(tmp_path, rules=True, scan_pdf=papers.pdf([[], []]))
    with pytest.raises(ImportRefused, match=r"^corpus/leitlinie/scan\.pdf: enthält keinen Text"):
        build(home, HashEmbedder(), NOW)


# ---------------------------------------------------------------- corpus import


@pytest.mark.parametrize(
    ("name", "data", "line"),
    [
        ("KI Anweisung.DOCX", papers.word(), "corpus/leitlinie/KI Anweisung.docx („Dienstanweisung KI“): 3 Abschnitte, 33 Wörter"),
        ("anweisung.pdf", papers.pdf(), "corpus/leitlinie/anweisung.pdf („anweisung“): 5 Abschnitte, 77 Wörter"),
        ("haus.md", b"# Hausregel\n\nEin Satz.\n", "corpus/leitlinie/haus.md („Hausregel“): 1 Abschnitte, 2 Wörter"),
    ],
)  # fmt: skip
def test_import_takes_a_document_over_unchanged(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    data: bytes,
    line: str,
) -> None:
    home = town(tmp_path, rules=True)
    monkeypatch.setenv("LEITPLANKE_HOME", str(home))
    (tmp_path / name).write_bytes(data)
    assert main(["corpus", "import", str(tmp_path / name)]) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"Eingespielt: {line}"
    target = home / line.partition(" („")[0]
    assert target.read_bytes() == data
    assert main(["corpus", "import", str(tmp_path / name), "--as", "dsgvo"]) == 1
    assert "kein Gesetz; --as und --stand weglassen" in capsys.readouterr().err


def test_a_law_whose_head_was_forgotten_does_not_become_a_rule() -> None:
    assert not documents.is_document(b"# KAPITEL I\n\n### Artikel 1: Ziel\n(1) Satz.\n")
    assert not documents.is_document("# Teil\n\n### § 2: Ziel\nSatz.\n".encode())
    assert not documents.is_document(b"---\ntitel: x\n---\n# KAPITEL I\n")
    assert documents.is_document("\ufeff# Leitlinie\n\n### § und Daten\nSatz.\n".encode())


def test_import_never_replaces_another_document(tmp_path: Path) -> None:
    home = town(tmp_path, rules=True, anweisung_docx=papers.word())
    (tmp_path / "anweisung.docx").write_bytes(papers.body(paragraph(run("Neu."))))
    with pytest.raises(ImportRefused, match="gibt es schon, mit anderem Inhalt"):
        import_document(home, tmp_path / "anweisung.docx")
    assert (home / "corpus" / "leitlinie" / "anweisung.docx").read_bytes() == papers.word()
    shutil.copy(home / "corpus" / "leitlinie" / "anweisung.docx", tmp_path / "anweisung.docx")
    assert import_document(home, tmp_path / "anweisung.docx")[0] == "corpus/leitlinie/anweisung.docx"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"# Kapitel\n\n## Regel\n\n```yaml\nid: [[[\n```\n", "kein gültiger yaml-Block"),
        (b"# Kapitel\n\n## Regel\n\n```yaml\nid: 2026-13-99\n```\n", "kein gültiger yaml-Block"),
        (b"# \xdcberschrift\n\nText\n", "keine UTF-8-Textdatei"),
        (b"# Nur eine \xc3\x9cberschrift\n", "keinen Text unter"),
    ],
)
def test_a_broken_chapter_is_not_taken_over(tmp_path: Path, data: bytes, message: str) -> None:
    home = town(tmp_path, rules=True)
    (tmp_path / "neu.md").write_bytes(data)
    with pytest.raises(CorpusError, match=message):
        import_document(home, tmp_path / "neu.md")
    assert not (home / "corpus" / "leitlinie" / "neu.md").exists()


# ---------------------------------------------------------------- mutations


@pytest.mark.parametrize(
    ("kind", "number"),
    [("docx", 200), ("pdf", 200), ("pdf-gepackt", 120), ("nativ", 150), ("alt", 150), ("markdown", 150), ("zip", 100)],
)
def test_damaged_files_are_read_or_refused_under_a_gigabyte_and_without_hanging(kind: str, number: int) -> None:
    limits = Limits(seconds=100.0, memory_mb=1024)
    read_well, refused, slowest, wrong = run_limited(damaged_papers.outcomes, kind, number, name=kind, limits=limits)
    assert wrong == []
    assert read_well + refused == number
    assert refused > number * 0.1
    assert slowest < 10
