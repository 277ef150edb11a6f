"""A town's own guideline becomes drafts: suggestions and remarks, never a verdict, never a rule by itself."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.corpus.drafts import (
    accept_draft,
    discard_draft,
    drafts_from,
    read_draft,
    read_drafts,
    save_draft,
    write_drafts,
)
from assistant.corpus.rules import read_guideline
from assistant.errors import CorpusError, ImportRefused, RuleError, RuleRefused
from tests.conftest import TODAY
from tests.corpus import papers

QUESTIONS = tuple(f"Frage {n}?" for n in range(5))


def word(*blocks: tuple[str, int]) -> bytes:
    """A Word document of (text, heading level or 0)."""
    import docx

    document = docx.Document()
    for text, level in blocks:
        if level:
            document.add_heading(text, level)
        else:
            document.add_paragraph(text)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


PAPER = word(
    ("3. Umgang mit Personendaten", 1),
    ("Namen und Adressen dürfen nicht in ChatGPT eingegeben werden. Es gilt Art. 5 Abs. 1 lit. c DSGVO.", 0),
    ("# Im Zweifel fragt man die KI-Koordination.", 0),
    ("Texte", 1), ("Gruß aus dem Rathaus.", 0),
    ("Texte", 1), ("Ein zweiter Abschnitt gleichen Namens.", 0),
)  # fmt: skip


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "dienstanweisung.docx"
    path.write_bytes(PAPER)
    return path


def test_a_document_becomes_drafts_with_suggestions_and_an_empty_verdict(mini_home: Path, paper: Path) -> None:
    drafts = drafts_from(mini_home, paper, TODAY)
    assert [d.name for d in drafts] == ["umgang-mit-personendaten", "texte-2", "texte-3"]  # a rule "texte" exists
    first = drafts[0]
    assert {d.form.text("urteil") for d in drafts} == {""}
    assert first.source == "dienstanweisung.docx, Abschnitt „3. Umgang mit Personendaten“"
    assert [d.form.title for d in drafts] == ["3. Umgang mit Personendaten", "Texte", "Texte"]
    assert first.form.prose.startswith("Namen und Adressen dürfen nicht in ChatGPT eingegeben werden.")
    assert first.form.texts("normen") == ("DSGVO Art. 5 Abs. 1 lit. c",)
    assert first.form.texts("zustaendig") == ("ki-koordination",)
    assert "oeffentlicher_dienst" in first.form.texts("werkzeug")
    assert first.form.texts("daten") == ("personenbezogen",)


def test_wording_that_sounds_like_a_verdict_is_quoted_for_a_person(mini_home: Path, paper: Path) -> None:
    first, second, _ = drafts_from(mini_home, paper, TODAY)
    quoted = [r for r in first.remarks if r.startswith("Für das Urteil zu lesen")]
    assert quoted == ["Für das Urteil zu lesen: „Namen und Adressen dürfen nicht in ChatGPT eingegeben werden.“"]
    assert any(r.startswith("Ähnliche Regeln gibt es schon: personen (") for r in first.remarks)
    assert any("vielleicht ist er keine Regel" in r for r in second.remarks)


def test_an_article_that_does_not_exist_is_remarked(mini_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    path.write_bytes(word(("A", 1), ("Nach Art. 140 DSGVO ist das zu prüfen.", 0)))
    remarks = drafts_from(mini_home, path, TODAY)[0].remarks
    assert [r for r in remarks if "Art. 140" in r and "gibt es" in r]


def test_a_pdf_section_over_two_pages_is_one_draft(mini_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "leitlinie.pdf"
    path.write_bytes(papers.pdf())
    drafts = drafts_from(mini_home, path, TODAY)
    assert [d.name for d in drafts] == ["zweck", "grundsatz", "verstoesse", "inkrafttreten"]
    assert drafts[1].form.title == "2.1 Grundsatz"
    assert drafts[1].source.endswith("„2 Daten › 2.1 Grundsatz (Seite 1)“")
    assert papers.RULE in drafts[1].form.prose
    assert papers.ALLOWED in drafts[1].form.prose


def test_only_the_named_chapter_is_taken(mini_home: Path, paper: Path) -> None:
    assert [d.name for d in drafts_from(mini_home, paper, TODAY, "personendaten")] == ["umgang-mit-personendaten"]
    with pytest.raises(ImportRefused, match=r"keine Überschrift enthält „Abfall“\. Es gibt zum Beispiel „3. Umgang"):
        drafts_from(mini_home, paper, TODAY, "Abfall")


def test_a_draft_comes_back_as_it_was_written_and_work_on_it_is_not_overwritten(mini_home: Path, paper: Path) -> None:
    corpus = mini_home / "corpus"
    drafts = drafts_from(mini_home, paper, TODAY)
    written, kept = write_drafts(corpus / "entwuerfe", drafts)
    assert (len(written), kept) == (3, [])
    assert sorted(read_drafts(corpus), key=lambda d: d.name) == sorted(drafts, key=lambda d: d.name)
    form = drafts[0].form
    half = dataclasses.replace(form, values={**form.values, "urteil": "verboten"})
    save_draft(corpus, drafts[0].name, half)
    written, kept = write_drafts(corpus / "entwuerfe", drafts_from(mini_home, paper, TODAY))
    assert (written, len(kept)) == ([], 3)
    again = read_draft(corpus, drafts[0].name)
    assert (again.form.text("urteil"), again.remarks, again.source) == ("verboten", drafts[0].remarks, drafts[0].source)


def test_drafts_are_no_rules_wherever_they_lie(mini_home: Path, paper: Path) -> None:
    corpus = mini_home / "corpus"
    before = read_guideline(corpus).rules
    drafts = drafts_from(mini_home, paper, TODAY)
    write_drafts(corpus / "entwuerfe", drafts)
    assert read_guideline(corpus).rules == before
    with pytest.raises(CorpusError, match="dort liest der Assistent fertige Regeln"):
        write_drafts(corpus / "leitlinie", drafts)
    for draft in drafts:
        misplaced = corpus / "leitlinie" / f"99-{draft.name}.md"
        misplaced.write_bytes((corpus / "entwuerfe" / f"{draft.name}.md").read_bytes())
        with pytest.raises(RuleError, match=rf"99-{draft.name}.md, Zeile \d+: „urteil“ ist leer"):
            read_guideline(corpus)
        misplaced.unlink()


def test_a_completed_draft_becomes_a_rule_and_is_gone(mini_home: Path, paper: Path) -> None:
    corpus = mini_home / "corpus"
    draft = drafts_from(mini_home, paper, TODAY)[0]
    write_drafts(corpus / "entwuerfe", [draft])
    values = {**draft.form.values, "satz": "So nicht.", "begruendung": "Weil.", "fragen": QUESTIONS}
    with pytest.raises(RuleRefused, match="„urteil“ ist leer") as caught:
        accept_draft(corpus, draft.name, "01-regeln.md", dataclasses.replace(draft.form, values=values))
    assert [p.field for p in caught.value.problems] == ["urteil"]
    assert read_draft(corpus, draft.name) == draft
    done = dataclasses.replace(draft.form, values={**values, "urteil": "verboten"})
    rule = accept_draft(corpus, draft.name, "01-regeln.md", done)
    assert rule.form == done
    assert read_guideline(corpus).rules[-1].id == "umgang-mit-personendaten"
    assert read_drafts(corpus) == ()
    with pytest.raises(CorpusError, match=r"corpus/entwuerfe/umgang-mit-personendaten.md fehlt"):
        discard_draft(corpus, draft.name)
    with pytest.raises(CorpusError, match="ist kein Name eines Entwurfs"):
        read_draft(corpus, "../leitlinie/01-regeln")


def test_the_command_says_what_it_wrote(
    mini_home: Path, paper: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEITPLANKE_HOME", str(mini_home))
    assert main(["corpus", "entwurf", str(paper), "--kapitel", "Texte"]) == 0
    assert "2 Entwürfe ohne Urteil" in capsys.readouterr().out
    assert sorted(p.name for p in (mini_home / "corpus" / "entwuerfe").iterdir()) == ["texte-2.md", "texte-3.md"]
    assert main(["corpus", "entwurf", str(paper), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["geschrieben"], len(data["unveraendert"])) == (["umgang-mit-personendaten.md"], 2)
    assert data["entwuerfe"][0]["regel"]["urteil"] == ""
    (mini_home / "text.txt").write_text("nur Text")
    assert main(["corpus", "entwurf", str(mini_home / "text.txt")]) == 1
    assert "weder Word-Dokument noch PDF" in capsys.readouterr().err
