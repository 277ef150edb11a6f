"""Law of a home: digests, imports, states, validity."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from assistant.corpus.law import read_law
from assistant.corpus.official import import_official, read_lock
from assistant.errors import CorpusError, ImportRefused
from assistant.types import Kind, Validity
from tests.conftest import TODAY

OLD = """---
titel: KI-Verordnung
kurz: KI-VO
stand: 2024-07-12
---
### Artikel 4: Kompetenz
Alter Wortlaut.
### Artikel 50: Transparenz
(4) Alte Offenlegung.
(5) Alter Absatz.
"""
NEW = OLD.replace("2024-07-12", "2026-07-27").replace("Alter Wortlaut", "Neuer Wortlaut").replace("(5) Alter Absatz.\n", "")


def put(home: Path, text: str, name: str = "text.md") -> Path:
    file = home / name
    file.write_text(text)
    return file


def test_without_official_texts_the_digest_is_quoted_and_says_so(mini_home: Path) -> None:
    law = read_law(mini_home / "corpus")
    found = law.find(law.acts.parse("Art. 50 Abs. 4 KI-VO"), TODAY)
    assert found is not None
    assert (found.provision.kind, found.exact, found.validity) == (Kind.KURZFASSUNG, True, Validity.GILT)
    assert found.provision.valid_from == dt.date(2026, 8, 2)


def test_what_applies_later_is_marked(mini_home: Path) -> None:
    law = read_law(mini_home / "corpus")
    address = law.acts.parse("Art. 6 KI-VO")
    assert law.find(address, TODAY).validity is Validity.GILT_AB
    assert law.find(address, dt.date(2027, 12, 2)).validity is Validity.GILT


def test_an_imported_text_is_quoted_unchanged_and_keeps_the_reviewed_date(mini_home: Path) -> None:
    file = put(mini_home, NEW)
    import_official(mini_home, file, TODAY)
    stored = mini_home / "corpus" / "amtlich" / "ki-vo@2026-07-27.md"
    assert stored.read_bytes() == file.read_bytes()
    assert read_lock(mini_home)[stored.name]["eingespielt"] == "2026-11-22"
    law = read_law(mini_home / "corpus")
    found = law.find(law.acts.parse("Art. 50 Abs. 4 KI-VO"), TODAY)
    assert (found.provision.text, found.provision.kind) == ("Alte Offenlegung.", Kind.GESETZ)
    assert found.provision.valid_from == dt.date(2026, 8, 2)


def test_the_state_in_force_on_the_day_is_quoted(mini_home: Path) -> None:
    for text in (OLD, NEW):
        import_official(mini_home, put(mini_home, text), TODAY)
    law = read_law(mini_home / "corpus")
    address = law.acts.parse("Art. 4 KI-VO")
    assert law.find(address, TODAY).provision.text == "Neuer Wortlaut."
    old = law.find(address, dt.date(2025, 6, 1))
    assert (old.provision.text, old.provision.valid_to) == ("Alter Wortlaut.", dt.date(2026, 7, 26))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("Art. 118 KI-VO", "Art. 118 KI-VO gibt es nicht: Die KI-VO endet mit Art. 113."),
        ("ErwG 200 DSGVO", "ErwG 200 DSGVO gibt es nicht: Die Erwägungsgründe enden mit ErwG 173."),
        ("Art. 50 Abs. 5 KI-VO", "Art. 50 Abs. 5 KI-VO gibt es im Stand 27.07.2026 nicht; es gibt Art. 50 KI-VO. Der letzte Absatz dort ist Abs. 4."),
    ],
)
def test_a_place_that_does_not_exist_is_said_so(mini_home: Path, written: str, message: str) -> None:
    import_official(mini_home, put(mini_home, NEW), TODAY)
    law = read_law(mini_home / "corpus")
    assert law.missing(law.acts.parse(written), TODAY).startswith(message)


def test_a_shorter_text_never_replaces_a_good_one(mini_home: Path) -> None:
    import_official(mini_home, put(mini_home, NEW), TODAY)
    short = NEW[: NEW.index("### Artikel 50")]
    before = (mini_home / "corpus" / "amtlich" / "ki-vo@2026-07-27.md").read_bytes()
    with pytest.raises(ImportRefused, match="Der vorhandene bleibt"):
        import_official(mini_home, put(mini_home, short), TODAY)
    assert (mini_home / "corpus" / "amtlich" / "ki-vo@2026-07-27.md").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>Zugriff verweigert</html>", "nicht erkannt|kein Gesetz|Fehlerseite|keine"),
        (b"\x89PNG\r\n", "nicht erkannt"),
        (b"", "nicht erkannt|leer"),
        (NEW.replace("kurz: KI-VO", "kurz: XYZ").encode(), "steht nicht in corpus/quellen.toml"),
    ],
)
def test_what_is_no_law_is_refused_and_nothing_is_stored(mini_home: Path, content: bytes, message: str) -> None:
    file = mini_home / "unfug.md"
    file.write_bytes(content)
    with pytest.raises((ImportRefused, CorpusError), match=message) as caught:
        import_official(mini_home, file, TODAY)
    assert "\n" not in str(caught.value)
    assert not (mini_home / "corpus" / "amtlich.lock").exists()


def test_a_broken_digest_names_file_and_line(mini_home: Path) -> None:
    file = mini_home / "corpus" / "recht" / "ki-vo.md"
    file.write_text(file.read_text().replace("Art. 50 Abs. 4", "Absatz fünfzig"))
    with pytest.raises(CorpusError, match=r"corpus/recht/ki-vo.md, Zeile 5: .*keine Fundstelle"):
        read_law(mini_home / "corpus")
