"""Editors for the tables beside the rules: contacts, positive list, vocabulary, and what is said about the guideline.

Each entry has a form of its own. Word lists of the vocabulary are one text, "Wort = Bedeutung" a line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.responses import Response

from assistant.admin.office import Office, Visit, go
from assistant.admin.pages.place import Place
from assistant.corpus.rules import TOOLS
from assistant.corpus.tableediting import Entry, Given, delete_entry, read_entries, write_entry
from assistant.corpus.vocabulary import KINDS
from assistant.errors import CorpusError, EditConflict, EntryRefused

LINE, LINES, FLAG, DAY, CLASSES, TOOL = "zeile", "zeilen", "ja", "tag", "klassen", "werkzeugart"
WORDS = "woerterliste"
CLASS_NAMES = (
    ("0", "0 – veröffentlicht"), ("1", "1 – intern"), ("2", "2 – Personen erkennbar"),
    ("3", "3 – besonders geschützt (nur nach gesonderter Freigabe)"), ("4", "4 – nie in ein KI-Werkzeug"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form; ``kind`` is one of the constants above."""

    name: str
    label: str
    help: str = ""
    kind: str = LINE
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Register:
    """One table: its address and file are ``table``; ``key_help`` says what a new entry's key is, "" if none can be added."""

    table: str
    title: str
    one: str
    intro: str
    fields: Sequence[Field]
    name: str = "name"
    key_help: str = ""


CONTACTS = Register(
    "kontakte", "Kontakte", "Stelle", "Die Stellen, die Antworten nennen. Funktionspostfächer sind besser als Namen von Personen.",
    (
        Field("name", "Name der Stelle", needed=True),
        Field("aufgabe", "Aufgabe", "Wofür ist sie zuständig? Ein Satz."),
        Field("mail", "E-Mail"), Field("telefon", "Telefon"), Field("raum", "Raum"),
        Field("platzhalter", "Angaben sind noch Platzhalter", "Angekreuzt zeigt die Chatseite „Kontakt noch nicht eingetragen“.", FLAG),
    ),
    key_help="Schlüssel, mit dem Regeln die Stelle nennen, zum Beispiel „it-service“. Bleibt für immer.",
)  # fmt: skip
TOOLS_LIST = Register(
    "positivliste", "Positivliste", "Werkzeug", "Was hier nicht steht, ist nicht freigegeben. Erst nach der schriftlichen Freigabe ändern.",
    (
        Field("name", "Name", "So steht das Werkzeug in Antworten.", needed=True),
        Field("art", "Art des Werkzeugs", "", TOOL),
        Field("klassen", "Zulässige Datenklassen", "Ohne weitere Freigabe.", CLASSES, needed=True),
        Field("klassen_nach_freigabe", "Nur in einzeln freigegebenen Verfahren", "", CLASSES),
        Field("stand", "Zuletzt geprüft am", "", DAY, needed=True),
        Field("hinweis", "Hinweis", "Ein Satz für die Beschäftigten."),
    ),
    key_help="Kennung, klein und ohne Umlaute, zum Beispiel „uebersetzer-rathaus“.",
)  # fmt: skip
VOCABULARY = Register(
    "begriffe", "Begriffe", "Begriff",
    "An diesen Wörtern erkennt der Assistent, wovon eine Frage handelt. Was eine Änderung bewirkt, zeigt nach dem Bau „Suche testen“.",
    (
        Field("name", "Name", "So heißt der Begriff für Menschen."),
        Field("woerter", "Wörter und Wendungen", "Eine je Zeile. * am Ende steht für jede Endung („übersetz*“), „...“ für bis zu drei Wörter dazwischen. Groß und klein ist gleich.", LINES, needed=True),
        Field("unscharf", "Auch mit einem Tippfehler erkennen", "Eigennamen, einer je Zeile.", LINES),
    ),
    key_help="Kennung aus der festen Liste, zum Beispiel „sozialdaten“.",
)  # fmt: skip
GUIDELINE = Register(
    "leitlinie", "Angaben zur Leitlinie", "", "Titel, Fassung, Beschluss und Überprüfung. Sie stehen bei jeder Antwort.",
    (
        Field("titel", "Titel", needed=True),
        Field("fassung", "Fassung", "Bei jeder inhaltlichen Änderung erhöhen.", needed=True),
        Field("stand", "Stand", "Tag, auf dessen Stand der Text gebracht wurde.", DAY, needed=True),
        Field("kommune", "Name der Stadt"),
        Field("beschlossen", "Die Stadt hat die Leitlinie förmlich beschlossen", "Erst dann fällt der Hinweis auf den Entwurf weg.", FLAG),
        Field("beschlossen_von", "Beschlossen von", "Zum Beispiel „Rat der Stadt“."),
        Field("beschlossen_am", "Beschlossen am", "", DAY), Field("gilt_ab", "Gilt ab", "", DAY),
        Field("naechste_ueberpruefung", "Nächste Überprüfung", "Spätestens sechs Monate nach dem Stand; die Übersicht erinnert einen Monat vorher.", DAY),
        Field("hinweis", "Hinweis bei jeder Antwort", "Nach dem Beschluss leeren."),
    ),
)  # fmt: skip
WORD_LISTS: Mapping[str, tuple[str, str]] = {
    "abkuerzung": ("Abkürzungen", "Abkürzung = ausgeschrieben, eine je Zeile."),
    "laie": ("Alltagswörter", "Alltagswort = Wort der Leitlinie, eines je Zeile."),
    "englisch": ("Englische Wörter", "Englisches Wort = deutsche Wörter, eines je Zeile. Damit werden englische Fragen gelesen."),
}
KIND_NAMES = {"werkzeug": "Werkzeuge", "daten": "Daten", "handlung": "Handlungen", "merkmal": "Merkmale"}


# ---------------------------------------------------------------- lists


def _list(register: Register, office: Office, visit: Visit) -> Response:
    entries = read_entries(office.corpus, register.table)
    query = " ".join(visit.query.get("suche", "").split()).lower()[:100]
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for entry in entries:
        if query in _searchable(entry):
            groups.setdefault(_group(register, entry), []).append((entry.key, _title(register, entry), _beside(register, entry)))
    return office.page(visit, "tabelle.html", register=register, groups=groups, query=query)


def _searchable(entry: Entry) -> str:
    return f"{entry.key} {entry.values}".lower()


def _group(register: Register, entry: Entry) -> str:
    if register is not VOCABULARY:
        return ""
    return KIND_NAMES[entry.key.partition(".")[0]] if "." in entry.key else "Wortlisten"


def _title(register: Register, entry: Entry) -> str:
    if register is VOCABULARY and entry.key in WORD_LISTS:
        return WORD_LISTS[entry.key][0]
    return str(entry.values.get(register.name) or entry.key)


def _beside(register: Register, entry: Entry) -> str:
    if register is CONTACTS:
        return "Platzhalter, noch nicht eingetragen" if entry.values.get("platzhalter") else str(entry.values.get("mail", ""))
    if register is TOOLS_LIST:
        return f"Klassen {', '.join(map(str, entry.values.get('klassen', ())))}; Stand {entry.values.get('stand', ''):%d.%m.%Y}"
    words = entry.values if entry.key in WORD_LISTS else entry.values.get("woerter", ())
    return f"{len(words)} {'Wort' if len(words) == 1 else 'Wörter'}"


# ---------------------------------------------------------------- forms


def _edit(register: Register, office: Office, visit: Visit) -> Response:
    entry = _entry(register, office, visit.params.get("key", ""))
    return _form(register, office, visit, entry, _shown(entry), {})


def _entry(register: Register, office: Office, key: str) -> Entry:
    found = next((e for e in read_entries(office.corpus, register.table) if e.key == key), None)
    if found is None:
        raise CorpusError(f"„{key}“ gibt es in corpus/{register.table}.toml nicht (mehr).")
    return found


def _save(register: Register, office: Office, visit: Visit) -> Response:
    entry = _entry(register, office, visit.params.get("key", ""))
    sent = _sent(register, entry.key, visit)
    given = _given(register, entry, sent)
    if isinstance(given, str):
        return _form(register, office, visit, entry, sent, {"woerter": given})
    try:
        with office.doing(visit, f"{register.title}{f': {entry.key}' if entry.key else ''} geändert"):
            saved = write_entry(office.corpus, register.table, entry.key, given, visit.one("pruefsumme"))
    except EntryRefused as refused:
        return _form(register, office, visit, entry, sent, dict(refused.problems), checksum=visit.one("pruefsumme"))
    except EditConflict:
        return _form(register, office, visit, entry, sent, {}, conflict=True)
    except CorpusError as error:
        return _form(register, office, visit, entry, sent, {"": str(error)}, checksum=visit.one("pruefsumme"))
    return go(f"/{register.table}" + (f"/{saved.key}" if saved.key else ""), "gespeichert")


def _delete(register: Register, office: Office, visit: Visit) -> Response:
    entry = _entry(register, office, visit.params["key"])
    if visit.one("sicher") != "ja":
        return _form(register, office, visit, entry, _shown(entry), {"": "Zum Löschen bitte erst das Kästchen ankreuzen."})
    try:
        with office.doing(visit, f"{register.title}: {entry.key} gelöscht"):
            delete_entry(office.corpus, register.table, entry.key, visit.one("pruefsumme"))
    except CorpusError as error:
        return _form(register, office, visit, entry, _shown(entry), {"": str(error)})
    return go(f"/{register.table}", "geloescht")


def _new(register: Register, office: Office, visit: Visit) -> Response:
    day = office.now().date()
    values = {f.name: day.isoformat() if f.name == "stand" else _blank(f) for f in register.fields}
    return _form(register, office, visit, None, values, {})


def _add(register: Register, office: Office, visit: Visit) -> Response:
    typed = visit.one("kennung").strip()
    key = f"{visit.one('art_des_begriffs')}.{typed}" if register is VOCABULARY else typed
    sent = _sent(register, key, visit)
    given = {**_converted(register, sent), **({"id": key} if register is TOOLS_LIST else {})}
    try:
        with office.doing(visit, f"{register.title}: {key} neu"):
            saved = write_entry(office.corpus, register.table, key, given, None)
    except EntryRefused as refused:
        return _form(register, office, visit, None, sent, dict(refused.problems))
    except CorpusError as error:
        return _form(register, office, visit, None, sent, {"": str(error)})
    return go(f"/{register.table}/{saved.key}", "gespeichert")


def _form(
    register: Register, office: Office, visit: Visit, entry: Entry | None, values: Mapping[str, Any], problems: Mapping[str, str],
    *, checksum: str = "", conflict: bool = False,
) -> Response:  # fmt: skip
    words = WORD_LISTS.get(entry.key) if entry is not None and register is VOCABULARY else None
    fields = (Field("woerter", *words, kind=WORDS),) if words else register.fields
    present = _shown(entry) if entry is not None else {}
    other = {f.label: present.get(f.name, "") for f in fields if present.get(f.name) != values.get(f.name)} if conflict else {}
    base = f"/{register.table}" if register is not GUIDELINE else ""
    labels = {f.name: f.label for f in fields}
    said = {name: what.replace(f"„{name}“", f"„{labels.get(name, name)}“") for name, what in problems.items()}
    return office.page(
        visit, "eintrag.html", status=409 if conflict else 400 if problems else 200, register=register, entry=entry,
        title=words[0] if words else _title(register, entry) if entry is not None and entry.key else register.title,
        fields=fields, values=values, problems=said, conflict=other, is_conflict=conflict,
        checksum=checksum or (entry.checksum if entry else ""), kinds=[(k, KIND_NAMES[k]) for k in KINDS], base=base,
        action=f"/{register.table}" + (f"/{entry.key}" if entry and entry.key else "/neu" if entry is None else ""),
        typed=visit.one("kennung"), chosen_kind=visit.one("art_des_begriffs") or "daten", class_names=CLASS_NAMES,
        tools=sorted(TOOLS), deletable=entry is not None and register is not GUIDELINE and not words,
    )  # fmt: skip


# ---------------------------------------------------------------- values of the file and of the form


def _blank(field: Field) -> Any:
    return False if field.kind == FLAG else () if field.kind in (LINES, CLASSES) else ""


def _shown(entry: Entry) -> dict[str, Any]:
    """The values as a form holds them: days as text, classes as texts, a word list as lines."""
    if entry.key in WORD_LISTS:
        return {"woerter": "\n".join(f"{word} = {meaning}" for word, meaning in entry.values.items())}
    return {name: _plain(value) for name, value in entry.values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return tuple(str(item) for item in value)
    return value if isinstance(value, bool) else str(value)


def _sent(register: Register, key: str, visit: Visit) -> dict[str, Any]:
    if register is VOCABULARY and key in WORD_LISTS:
        return {"woerter": visit.one("woerter")}
    return {f.name: _read(f, visit) for f in register.fields}


def _read(field: Field, visit: Visit) -> str | bool | tuple[str, ...]:
    if field.kind == LINES:
        return visit.lines(field.name)
    if field.kind == CLASSES:
        return visit.many(field.name)
    return visit.one(field.name) == "ja" if field.kind == FLAG else visit.one(field.name).strip()


def _given(register: Register, entry: Entry, sent: Mapping[str, Any]) -> dict[str, Given] | str:
    """What is to be written; a German line where a word list cannot be read."""
    if register is VOCABULARY and entry.key in WORD_LISTS:
        return _words(entry, str(sent["woerter"]))
    present = _shown(entry)
    fields = {f.name: f for f in register.fields}
    return {n: v for n, v in _converted(register, sent).items() if sent[n] != present.get(n, _blank(fields[n]))}


def _converted(register: Register, sent: Mapping[str, Any]) -> dict[str, Given]:
    """The form's values for the file; None takes a field away that may be missing."""
    return {
        f.name: None if sent[f.name] in ("", ()) and not f.needed and f.kind != FLAG else sent[f.name] for f in register.fields
    }


def _words(entry: Entry, text: str) -> dict[str, Given] | str:
    found: dict[str, Given] = dict.fromkeys(entry.values)
    seen: set[str] = set()
    for number, line in enumerate(text.split("\n"), start=1):
        word, sign, meaning = (part.strip() for part in line.partition("="))
        if not line.strip():
            continue
        if not sign or not word or not meaning:
            return f"Zeile {number} „{line.strip()[:60]}“: erwartet wird „Wort = Bedeutung“."
        if word in seen:
            return f"Zeile {number}: „{word}“ steht zweimal in der Liste."
        seen.add(word)
        found[word] = meaning
    return {word: meaning for word, meaning in found.items() if entry.values.get(word) != meaning}


def _places(register: Register) -> tuple[Place, ...]:
    base = f"/{register.table}"
    if register is GUIDELINE:
        return (Place("GET", base, partial(_edit, register)), Place("POST", base, partial(_save, register), back=base))
    return (
        Place("GET", base, partial(_list, register)),
        Place("GET", f"{base}/neu", partial(_new, register)),
        Place("POST", f"{base}/neu", partial(_add, register), back=base),
        Place("GET", f"{base}/{{key}}", partial(_edit, register), back=base),
        Place("POST", f"{base}/{{key}}", partial(_save, register), back=base),
        Place("POST", f"{base}/{{key}}/loeschen", partial(_delete, register), back=base),
    )


PLACES = tuple(place for register in (GUIDELINE, CONTACTS, TOOLS_LIST, VOCABULARY) for place in _places(register))
