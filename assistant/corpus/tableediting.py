"""Changing one entry of a table from a form: contacts, positive list, vocabulary, the head of the guideline.

An entry is one section of the file: ``[dsb]``, the ``[[werkzeug]]`` with an id, ``[daten.sozialdaten]``, a word list such
as ``[abkuerzung]``, or ``leitlinie.toml`` as a whole. Only that section is parsed and written (tomlkit, which keeps
comments and order); all other bytes stay. Before the file is replaced, its own reader reads what would be written.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array

from assistant.corpus.replacing import alone, replace_text, text_of
from assistant.corpus.rules import TOOLS, read_chapter, reference_problems
from assistant.corpus.tables import read_contacts, read_head, read_tools
from assistant.corpus.vocabulary import KINDS, TABLES, read_vocabulary
from assistant.errors import CorpusError, EditConflict, EntryRefused

Given = str | bool | dt.date | tuple[str, ...] | tuple[int, ...] | None
"""What a form gives for a field; dates and numbers may come as text. None or "" removes a field that may be missing."""

TEXT, NEEDED, FLAG, DAY, NEEDED_DAY, CLASSES, NEEDED_CLASSES, WORDS, NEEDED_WORDS, KIND = (
    "Text", "Text, nötig", "ja oder nein", "Tag", "Tag, nötig", "Datenklassen", "Datenklassen, nötig", "Wörter", "Wörter, nötig",
    "Werkzeugart",
)  # fmt: skip
_CONCEPT = {"name": TEXT, "woerter": NEEDED_WORDS, "unscharf": WORDS}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "kontakte": {"name": NEEDED, "aufgabe": TEXT, "mail": TEXT, "telefon": TEXT, "raum": TEXT, "platzhalter": FLAG},
    "positivliste": {"id": NEEDED, "name": NEEDED, "art": KIND, "klassen": NEEDED_CLASSES, "klassen_nach_freigabe": CLASSES,
                     "stand": NEEDED_DAY, "hinweis": TEXT},
    "begriffe": _CONCEPT,
    "leitlinie": {"titel": NEEDED, "fassung": NEEDED, "stand": NEEDED_DAY, "beschlossen": FLAG, "beschlossen_von": TEXT,
                  "beschlossen_am": DAY, "gilt_ab": DAY, "naechste_ueberpruefung": DAY, "hinweis": TEXT, "kommune": TEXT},
}  # fmt: skip
"""Fields of the entries of each file with their kind; the word lists of ``begriffe`` map a word to a text instead."""
_READERS: Mapping[str, Callable[[Path], object]] = {
    "kontakte": read_contacts, "positivliste": read_tools, "begriffe": read_vocabulary, "leitlinie": read_head,
}  # fmt: skip
_HEADER = re.compile(r"\s*\[(\[)?\s*([\w.\"-]+(?:\s*\.\s*[\w\"-]+)*)\s*\](\])?\s*(?:#.*)?")
_KEY = re.compile(r"[A-Za-z0-9_-]+")
_WHOLE = ""
"""The key of the only entry of ``leitlinie.toml``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it was read; ``values`` are those of the file (lists as tuples), ``checksum`` belongs to them."""

    key: str
    values: Mapping[str, Any]
    checksum: str


def read_entries(corpus: Path, table: str) -> tuple[Entry, ...]:
    """All entries of ``table`` (a key of FIELDS) in the order of the file. Raises CorpusError."""
    text = text_of(_path(corpus, table), _name(table))
    return tuple(_entry(key, values) for key, values in _entries(_parsed(text, table), table))


def write_entry(corpus: Path, table: str, key: str, given: Mapping[str, Given], checksum: str | None) -> Entry:
    """Change the given fields of one entry, the others stay; ``checksum`` None makes a new entry.

    Returns the entry as it now stands. Raises EntryRefused with every field that is wrong, EditConflict if the entry was
    changed since it was read, CorpusError with the reader's own line for what only the whole file shows.
    """
    with alone(corpus):
        text = text_of(_path(corpus, table), _name(table))
        known = dict(_entries(_parsed(text, table), table))
        _check_state(table, key, known.get(key), checksum)
        values = dict(_accepted(table, key, given, known))
        text_new = _with_section(text, table, key) if checksum is None else text
        new_key = str(values.get("id", key)) if table == "positivliste" else key
        start, end = _section(text_new, table, key)
        section = _changed(text_new[start:end], table, key, values)
        _publish(corpus, table, text, text_new[:start] + section + text_new[end:], {key, new_key})
    return next(entry for entry in read_entries(corpus, table) if entry.key == new_key)


def delete_entry(corpus: Path, table: str, key: str, checksum: str) -> None:
    """Remove an entry with what belongs to it. Raises as ``write_entry``, also if a rule names the contact."""
    with alone(corpus):
        text = text_of(_path(corpus, table), _name(table))
        _check_state(table, key, dict(_entries(_parsed(text, table), table)).get(key), checksum)
        if table == "leitlinie":
            raise CorpusError("corpus/leitlinie.toml wird nicht gelöscht, nur geändert.")
        start, end = _section(text, table, key)
        above, below = text[:start].rstrip("\n"), text[end:].strip("\n")
        _publish(corpus, table, text, "\n\n".join(part for part in (above, below) if part) + "\n", {key})


# ---------------------------------------------------------------- reading


def _path(corpus: Path, table: str) -> Path:
    return corpus / f"{table}.toml"


def _name(table: str) -> str:
    return f"corpus/{table}.toml"


def _parsed(text: str, table: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CorpusError(f"{_name(table)}: keine gültige TOML-Datei ({error}).") from error


def _entries(data: Mapping[str, Any], table: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if table == "leitlinie":
        yield _WHOLE, data
    elif table == "positivliste":
        yield from ((str(raw.get("id")), raw) for raw in data.get("werkzeug", []))
    elif table == "kontakte":
        yield from ((key, raw) for key, raw in data.items() if isinstance(raw, dict))
    else:
        for top, raw in data.items():
            if top in KINDS:
                yield from ((f"{top}.{key}", concept) for key, concept in raw.items())
            elif top in TABLES:
                yield top, raw


def _entry(key: str, values: Mapping[str, Any]) -> Entry:
    plain = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return Entry(key, plain, hashlib.sha256(json.dumps([key, values], default=str).encode()).hexdigest())


def _check_state(table: str, key: str, found: Mapping[str, Any] | None, checksum: str | None) -> None:
    if checksum is None:
        if found is not None:
            raise EntryRefused(_name(table), (("id", f"„{key}“ gibt es schon."),))
        if table != "leitlinie" and not all(_KEY.fullmatch(part) for part in key.split(".")):
            what = f"Kennung „{key}“ – erwartet werden Buchstaben ohne Umlaute, Ziffern, Bindestriche."
            raise EntryRefused(_name(table), (("id", what),))
    elif found is None or _entry(key, found).checksum != checksum:
        raise EditConflict(
            f"{_name(table)}: „{key or 'die Angaben'}“ wurde inzwischen geändert. Nichts wurde gespeichert; neu öffnen und die "
            "Änderung dort eintragen."
        )


# ---------------------------------------------------------------- what a form gives


def _accepted(
    table: str, key: str, given: Mapping[str, Given], known: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, Any]]:
    """The given fields as values of the file; None where the field goes. Raises EntryRefused with all mistakes."""
    words = table == "begriffe" and "." not in key
    kinds = dict.fromkeys(given, TEXT) if words else FIELDS[table]
    values, problems = [], []
    missing = [n for n, kind in kinds.items() if kind.endswith("nötig") and n not in given] if key not in known else []
    problems += [(name, f"„{name}“ fehlt.") for name in missing]
    old = _entry(key, known[key]).values if key in known else {}
    for name, value in given.items():
        if name in old and old[name] == value and type(old[name]) is type(value):
            continue
        try:
            values.append((name, _value(name, kinds.get(name), value)))
        except ValueError as error:
            problems.append((name, str(error)))
    new_id = given.get("id")
    if table == "positivliste" and new_id != key and new_id in known:
        problems.append(("id", f"„{new_id}“ gibt es schon."))
    if problems:
        raise EntryRefused(f"{_name(table)}, {key}" if key else _name(table), tuple(problems))
    return sorted(values, key=lambda pair: list(kinds).index(pair[0]))


def _value(name: str, kind: str | None, given: Given) -> Any:
    """One value as TOML writes it. Raises ValueError with the German reason."""
    if kind is None:
        raise ValueError(f"das Feld „{name}“ gibt es hier nicht.")
    empty = given is None or given in ("", ()) or (isinstance(given, str) and not given.strip())
    if empty and kind.endswith("nötig"):
        raise ValueError(f"„{name}“ ist leer.")
    if kind == FLAG:
        if not isinstance(given, bool):
            raise ValueError(f"„{name}“ ist {given!r}, erwartet wird ja oder nein.")
        return given
    if kind in (DAY, NEEDED_DAY):
        return None if empty else _day(name, given)
    if kind in (CLASSES, NEEDED_CLASSES):
        return None if empty else _classes(name, given)
    if kind in (WORDS, NEEDED_WORDS):
        items = [" ".join(w.split()) for w in given if isinstance(w, str)] if isinstance(given, tuple) else []
        return list(dict.fromkeys(w for w in items if w)) or (None if kind == WORDS else _fail(f"„{name}“ ist leer."))
    if given is None:
        return None
    if not isinstance(given, str) or not given.isprintable():
        raise ValueError(f"„{name}“ ist {given!r:.60}, erwartet wird eine Zeile Text.")
    if kind == KIND and given.strip() and given.strip() not in TOOLS:
        raise ValueError(f"{name} „{given}“ ist unbekannt. Bekannt sind: {', '.join(sorted(TOOLS))}.")
    return given.strip()


def _fail(text: str) -> Any:
    raise ValueError(text)


def _day(name: str, given: Given) -> dt.date:
    try:
        return given if isinstance(given, dt.date) else dt.date.fromisoformat(str(given).strip())
    except ValueError:
        raise ValueError(f"„{name}“ ist „{given}“, erwartet wird ein Tag wie 2027-05-22.") from None


def _classes(name: str, given: Given) -> list[int]:
    written = [str(c) for c in given] if isinstance(given, tuple) else re.split(r"[,;\s]+", str(given).strip())
    if not all(re.fullmatch("[0-4]", c) for c in written):
        raise ValueError(f"{name} ist „{', '.join(written)}“, erwartet werden Zahlen von 0 bis 4.")
    return sorted({int(c) for c in written})


# ---------------------------------------------------------------- writing


def _headers(text: str) -> Iterator[tuple[str, int]]:
    """(dotted key, offset) of every section header."""
    at = 0
    for line in text.splitlines(keepends=True):
        if (found := _HEADER.fullmatch(line.rstrip("\r\n"))) and bool(found[1]) == bool(found[3]):
            yield re.sub(r'[\s"]', "", found[2]), at
        at += len(line)


def _section(text: str, table: str, key: str) -> tuple[int, int]:
    """Where an entry stands; comments and blank lines right above the next header belong to the next."""
    if table == "leitlinie":
        return 0, len(text)
    headers = list(_headers(text))
    if table == "positivliste":
        tools = [at for name, at in headers if name == "werkzeug"]
        ids = [str(raw.get("id")) for raw in tomllib.loads(text).get("werkzeug", [])]
        start = tools[ids.index(key)] if len(tools) == len(ids) and key in ids else None
    else:
        start = next((at for name, at in headers if name == key), None)
    if start is None:
        raise CorpusError(f"{_name(table)}: der Abschnitt „{key}“ ist nicht als [{key}] geschrieben. Von Hand ändern.")
    end = next((at for _, at in headers if at > start), len(text))
    lines = text[start:end].splitlines(keepends=True)
    while re.fullmatch(r"\s*(?:#.*)?\s*", lines[-1]):
        lines.pop()
    return start, start + sum(map(len, lines))


def _with_section(text: str, table: str, key: str) -> str:
    """The file with an empty section for a new entry at its end."""
    header = f'[[werkzeug]]\nid = "{key}"\n' if table == "positivliste" else f"[{key}]\n"
    return (text.rstrip("\n") + "\n\n" if text.strip() else "") + header


def _changed(section: str, table: str, key: str, values: Mapping[str, Any]) -> str:
    """The section with some values changed; a field that stands there as a comment is written in its place."""
    for name, value in values.items():
        if value is not None and not re.search(rf"(?m)^\s*{re.escape(name)}\s*=", section):
            written = f"{name} = {tomlkit.item(value).as_string()}".replace("\\", r"\\")
            section = re.sub(rf"(?m)^#\s*{re.escape(name)}\s*=.*$", written, section, count=1)
    try:
        document = tomlkit.parse(section)
    except TOMLKitError as error:
        raise CorpusError(
            f"Der Abschnitt „{section[:40].strip()}“ ist ungewöhnlich geschrieben. Von Hand ändern."
        ) from error
    body: Any = document["werkzeug"][0] if table == "positivliste" else document  # type: ignore[index]
    for part in key.split(".") if table in ("kontakte", "begriffe") else ():
        body = body[part]
    for name, value in values.items():
        if value is None:
            body.pop(name, None)
        elif isinstance(value, list) and isinstance(body.get(name), Array):
            _change_list(body, name, value)
        elif (name in body and body[name] != value) or (name not in body and value != ""):
            body[name] = _listed(value) if isinstance(value, list) else value
    return tomlkit.dumps(document)


def _change_list(body: Any, name: str, wanted: list[Any]) -> None:
    """Words that stay keep their line and its comment; new ones come at the end."""
    old = list(body[name])
    if old == wanted:
        return
    for gone in [value for value in old if value not in wanted]:
        body[name].remove(gone)
    body[name].extend(value for value in wanted if value not in old)
    if list(body[name]) != wanted:  # another order, or a word that stood there twice
        body[name] = _listed(wanted)


def _listed(values: list[Any]) -> Array:
    array = tomlkit.array()
    array.extend(values)
    return array.multiline(sum(len(str(v)) + 4 for v in values) > 100)


def _publish(corpus: Path, table: str, was: str, new: str, keys: set[str]) -> None:
    """Replace the file if its reader accepts it and nothing but the entries ``keys`` reads differently."""
    others = [[e for e in _entries(_parsed(t, table), table) if e[0] not in keys] for t in (was, new)]
    if others[0] != others[1]:
        raise CorpusError(
            f"{_name(table)} ist ungewöhnlich geschrieben; die Änderung träfe andere Einträge. Von Hand ändern."
        )
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / f"{table}.toml"
        trial.write_bytes(new.encode("utf-8"))
        try:
            _READERS[table](trial)
        except CorpusError as error:
            raise CorpusError(str(error).replace(str(trial), _name(table))) from error
        if table == "kontakte":
            chapters = sorted((corpus / "leitlinie").glob("*.md"))
            rules = [rule for path in chapters for rule in read_chapter(path, f"corpus/leitlinie/{path.name}")[0]]
            for problem in reference_problems(rules, read_contacts(trial)):
                raise problem
    replace_text(_path(corpus, table), was, new, _name(table))
