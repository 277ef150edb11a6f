"""Changing one entry of a table: only it changes, comments stay, every mistake is shown at its field."""

from __future__ import annotations

import difflib
import shutil
import tomllib
from pathlib import Path

import pytest

from assistant.corpus.rules import read_guideline
from assistant.corpus.tableediting import FIELDS, Entry, delete_entry, read_entries, write_entry
from assistant.corpus.tables import read_head
from assistant.corpus.vocabulary import read_vocabulary
from assistant.errors import CorpusError, EditConflict, EntryRefused, RuleError
from tests.conftest import ROOT

TOOLS = """# Vorwort der Positivliste
#   id  kurze Kennung

[[werkzeug]]
id = "eins"
name = "Werkzeug Eins"   # der erste
art = "eigenes_modell"
klassen = [0, 1]
stand = 2026-11-22

# über dem zweiten
[[werkzeug]]
id = "zwei"
name = 'Werkzeug Zwei'
klassen = [0]
klassen_nach_freigabe = [2]
stand = 2026-11-22
"""
WORDS = """# Vokabular

[daten.sozialdaten]
name = "Sozialdaten"
woerter = [
  # Leistungen
  "bürgergeld*", "wohngeld*",
  "grundsicherung", # allein
]
unscharf = ["wohngeld"]

# Kürzel
[abkuerzung]
DSB = "Datenschutzbeauftragte"
"VT-Ö" = "Verzeichnis"
"""


@pytest.fixture
def corpus(mini_home: Path) -> Path:
    folder = mini_home / "corpus"
    (folder / "positivliste.toml").write_text(TOOLS)
    (folder / "begriffe.toml").write_text(WORDS)
    return folder


def entry(corpus: Path, table: str, key: str) -> Entry:
    return next(e for e in read_entries(corpus, table) if e.key == key)


def save(corpus: Path, table: str, key: str, **given: object) -> tuple[list[str], list[str]]:
    """The lines that went and came."""
    path = corpus / f"{table}.toml"
    before = path.read_text()
    write_entry(corpus, table, key, given, entry(corpus, table, key).checksum)  # type: ignore[arg-type]
    rows = list(difflib.ndiff(before.splitlines(), path.read_text().splitlines()))
    return [r[2:] for r in rows if r[:2] == "- "], [r[2:] for r in rows if r[:2] == "+ "]


def test_one_field_of_one_entry_changes_one_line(corpus: Path) -> None:
    assert save(corpus, "positivliste", "eins", name="Neu") == (
        ['name = "Werkzeug Eins"   # der erste'], ['name = "Neu"   # der erste'])  # fmt: skip
    assert save(corpus, "positivliste", "zwei", klassen="1, 0", stand="2027-01-02") == (
        ["klassen = [0]", "stand = 2026-11-22"], ["klassen = [0, 1]", "stand = 2027-01-02"])  # fmt: skip
    assert save(corpus, "positivliste", "zwei", klassen_nach_freigabe="") == (["klassen_nach_freigabe = [2]"], [])
    assert save(corpus, "kontakte", "dsb", mail="dsb@stadt.example", platzhalter=True) == (
        [], ['mail = "dsb@stadt.example"', "platzhalter = true"])  # fmt: skip
    assert save(corpus, "leitlinie", "", fassung="2", beschlossen=True, hinweis="") == (
        ['fassung = "1"', "beschlossen = false", 'hinweis = "Entwurf"'], ['fassung = "2"', "beschlossen = true", 'hinweis = ""'])  # fmt: skip


def test_words_that_stay_keep_their_lines(corpus: Path) -> None:
    words = ("bürgergeld*", "grundsicherung", "neues  wort")
    assert save(corpus, "begriffe", "daten.sozialdaten", woerter=words) == (
        ['  "bürgergeld*", "wohngeld*",'], ['  "bürgergeld*",', '  "neues wort",'])  # fmt: skip
    assert read_vocabulary(corpus / "begriffe.toml").read("ein neues Wort") == {"daten:sozialdaten": "neues wort"}
    other = save(corpus, "begriffe", "daten.sozialdaten", woerter=("b", "a"), unscharf=())[1]
    assert other == ['  "b",', '  "a"']


def test_a_word_list_takes_new_words_and_loses_old_ones(corpus: Path) -> None:
    given = {"VT-Ö": "Verzeichnis der Tätigkeiten", "DSB": None, "Ä B": 'mit "Zitat"'}
    write_entry(corpus, "begriffe", "abkuerzung", given, entry(corpus, "begriffe", "abkuerzung").checksum)
    assert tomllib.loads((corpus / "begriffe.toml").read_text())["abkuerzung"] == {
        "VT-Ö": "Verzeichnis der Tätigkeiten", "Ä B": 'mit "Zitat"'}  # fmt: skip
    assert "# Kürzel\n[abkuerzung]" in (corpus / "begriffe.toml").read_text()


def test_an_entry_is_added_and_removed_without_a_trace(corpus: Path) -> None:
    before = (corpus / "positivliste.toml").read_bytes()
    new = write_entry(corpus, "positivliste", "drei", {
        "stand": "2026-12-01", "id": "drei", "name": "Drei", "art": "freigegeben", "klassen": "0", "hinweis": ""}, None)  # fmt: skip
    assert (corpus / "positivliste.toml").read_text() == TOOLS + (
        '\n[[werkzeug]]\nid = "drei"\nname = "Drei"\nart = "freigegeben"\nklassen = [0]\nstand = 2026-12-01\n'
    )
    assert [tool.id for tool in read_guideline(corpus).tools] == ["eins", "zwei", "drei"]
    delete_entry(corpus, "positivliste", "drei", new.checksum)
    assert (corpus / "positivliste.toml").read_bytes() == before
    delete_entry(corpus, "positivliste", "eins", entry(corpus, "positivliste", "eins").checksum)
    assert (corpus / "positivliste.toml").read_text().startswith("# Vorwort der Positivliste\n#   id  kurze Kennung\n\n# über dem")
    added = write_entry(corpus, "begriffe", "daten.steuerdaten", {"woerter": ("steuerbescheid",)}, None)
    assert added.values == {"woerter": ("steuerbescheid",)}


REFUSED = [
    ("positivliste", "eins", {"klassen": "0, 5"}, "klassen", "erwartet werden Zahlen von 0 bis 4"),
    ("positivliste", "eins", {"stand": "morgen"}, "stand", "erwartet wird ein Tag wie"),
    ("positivliste", "eins", {"stand": ""}, "stand", "ist leer"),
    ("positivliste", "eins", {"art": "orakel"}, "art", "art „orakel“ ist unbekannt"),
    ("positivliste", "eins", {"id": "zwei"}, "id", "„zwei“ gibt es schon"),
    ("kontakte", "dsb", {"name": " "}, "name", "ist leer"),
    ("kontakte", "dsb", {"mail": "a\nb"}, "mail", "eine Zeile Text"),
    ("kontakte", "dsb", {"platzhalter": "ja"}, "platzhalter", "erwartet wird ja oder nein"),
    ("kontakte", "dsb", {"fax": "1"}, "fax", "gibt es hier nicht"),
    ("begriffe", "daten.sozialdaten", {"woerter": ()}, "woerter", "ist leer"),
    ("leitlinie", "", {"naechste_ueberpruefung": "22.5.2027"}, "naechste_ueberpruefung", "erwartet wird ein Tag"),
]


@pytest.mark.parametrize(("table", "key", "given", "field", "message"), REFUSED)
def test_a_mistake_is_named_at_its_field_and_nothing_is_written(
    corpus: Path, table: str, key: str, given: dict[str, object], field: str, message: str
) -> None:
    before = (corpus / f"{table}.toml").read_bytes()
    with pytest.raises(EntryRefused, match=message) as caught:
        save(corpus, table, key, **given)
    assert [name for name, _ in caught.value.problems] == [field]
    assert str(caught.value).startswith(f"corpus/{table}.toml")
    assert (corpus / f"{table}.toml").read_bytes() == before


def test_what_only_the_reader_knows_is_said_with_the_real_name_of_the_file(corpus: Path) -> None:
    before = (corpus / "begriffe.toml").read_bytes()
    with pytest.raises(CorpusError, match=r"^corpus/begriffe.toml: \[daten.erfunden\] ist kein bekanntes Merkmal"):
        write_entry(corpus, "begriffe", "daten.erfunden", {"woerter": ("x",)}, None)
    assert (corpus / "begriffe.toml").read_bytes() == before


def test_a_contact_that_a_rule_names_cannot_be_deleted(corpus: Path) -> None:
    with pytest.raises(RuleError, match=r"01-regeln.md, Zeile \d+: zustaendig „ki-koordination“ steht nicht in corpus/kontakte"):
        delete_entry(corpus, "kontakte", "ki-koordination", entry(corpus, "kontakte", "ki-koordination").checksum)
    delete_entry(corpus, "kontakte", "dsb", entry(corpus, "kontakte", "dsb").checksum)
    assert [e.key for e in read_entries(corpus, "kontakte")] == ["ki-koordination"]


def test_an_entry_changed_meanwhile_is_not_overwritten(corpus: Path) -> None:
    old = entry(corpus, "kontakte", "dsb")
    save(corpus, "kontakte", "ki-koordination", raum="1")  # another entry is no conflict
    write_entry(corpus, "kontakte", "dsb", {"raum": "2"}, old.checksum)
    for change in (lambda: write_entry(corpus, "kontakte", "dsb", {"raum": "3"}, old.checksum),
                   lambda: delete_entry(corpus, "kontakte", "dsb", old.checksum)):  # fmt: skip
        with pytest.raises(EditConflict, match="„dsb“ wurde inzwischen geändert"):
            change()
    with pytest.raises(EntryRefused, match="„dsb“ gibt es schon"):
        write_entry(corpus, "kontakte", "dsb", {"name": "DSB"}, None)
    with pytest.raises(EntryRefused, match="Kennung „Neue Stelle“"):
        write_entry(corpus, "kontakte", "Neue Stelle", {"name": "Neu"}, None)
    with pytest.raises(EntryRefused, match="„name“ fehlt"):
        write_entry(corpus, "kontakte", "neu", {"mail": "x"}, None)
    with pytest.raises(CorpusError, match="wird nicht gelöscht"):
        delete_entry(corpus, "leitlinie", "", entry(corpus, "leitlinie", "").checksum)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vorlage") / "corpus"
    shutil.copytree(ROOT / "corpus", folder, ignore=shutil.ignore_patterns("fragen", "recht", "amtlich*"))
    return folder


def test_saving_the_shipped_tables_unchanged_changes_no_byte(shipped: Path) -> None:
    for table in ("kontakte", "positivliste", "leitlinie"):
        before = (shipped / f"{table}.toml").read_bytes()
        for old in read_entries(shipped, table):
            given = {name: value for name, value in old.values.items() if name in FIELDS[table]}
            write_entry(shipped, table, old.key, given, old.checksum)
        assert (shipped / f"{table}.toml").read_bytes() == before
    before = (shipped / "begriffe.toml").read_bytes()
    for old in [read_entries(shipped, "begriffe")[n] for n in (0, 20, -1)]:
        write_entry(shipped, "begriffe", old.key, old.values, old.checksum)
    assert (shipped / "begriffe.toml").read_bytes() == before


def test_the_adoption_is_entered_where_the_template_shows_it(shipped: Path) -> None:
    old = read_entries(shipped, "leitlinie")[0]
    write_entry(shipped, "leitlinie", "", {
        "beschlossen": True, "beschlossen_am": "2027-01-01", "beschlossen_von": "Rat", "naechste_ueberpruefung": "2027-07-01",
        "hinweis": ""}, old.checksum)  # fmt: skip
    text = (shipped / "leitlinie.toml").read_text()
    assert "\nbeschlossen_am = 2027-01-01\n# gilt_ab = 2027-01-01\n" in text
    assert text.count("#") == (ROOT / "corpus" / "leitlinie.toml").read_text().count("#") - 1
    head = read_head(shipped / "leitlinie.toml")
    assert (head.adopted, head.note, str(head.next_review)) == (True, "", "2027-07-01")
