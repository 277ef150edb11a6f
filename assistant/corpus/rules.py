"""Reads the guideline: ``corpus/leitlinie.toml``, the chapters with their rule blocks, contacts and tool list.

People edit these files by hand, so every mistake is reported with file, line, field and what was expected. A chapter
is Markdown; a rule is a ``##`` heading, a fenced ``yaml`` block and prose. A chapter without rule blocks is plain
guideline text: it is indexed and quoted, without verdict. So are Word documents and PDF in the same folder.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assistant.corpus.documents import document_files, guideline_document
from assistant.errors import CorpusError, RuleError
from assistant.types import GuidelineInfo, Rule, Verdict

ACTIONS = frozenset(
    "formulieren zusammenfassen uebersetzen vereinfachen ideen programmieren recherchieren erklaeren_lassen "
    "veroeffentlichen buergeranfrage bescheid entscheiden anspruch_pruefen vorsortieren auswerten abgleichen hochladen "
    "eingeben anonymisieren bild_erzeugen bild_bearbeiten stimme_nachahmen aufzeichnen protokollieren erkennen_gesicht "
    "erkennen_emotion bewerten_menschen bewerbung_sichten ueberwachen stellenanzeige zeugnis kennzeichnen dokumentieren "
    "herausgeben nutzen_allgemein privat_nutzen installieren beantragen beschaffen betreiben selbst_handeln trainieren "
    "melden lernen informieren pruefen haften wer_ist_zustaendig".split()
)
DATA = frozenset(
    "oeffentlich intern personenbezogen anonym platzhalter besondere_kategorien sozialdaten steuerdaten personaldaten "
    "meldedaten jugendhilfe berufsgeheimnis angebote geschaeftsgeheimnis sicherheit fremdes_werk lizenzwerk personenbild "
    "stimme intim nichtoeffentliche_sitzung personenliste bewerbungsdaten".split()
)
TOOLS = frozenset(
    "oeffentlicher_dienst nicht_freigegeben privates_konto privates_geraet freigegeben eigenes_modell erweiterung "
    "update_funktion uebersetzungsdienst bildgenerator mitschreibdienst chatbot_buerger agent biometrie "
    "dieser_assistent".split()
)
MINIMUM_QUESTIONS = 5
_FIELDS = {
    "id": str, "urteil": str, "satz": str, "bedingungen": list, "begruendung": str, "zustaendig": list, "normen": list,
    "handlung": list, "daten": list, "werkzeug": list, "ausnahme_von": list, "fragen": list,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contact:
    """One office of ``kontakte.toml``; ``placeholder`` while a town has not entered its own."""

    key: str
    name: str
    task: str
    mail: str
    phone: str
    room: str
    placeholder: bool


@dataclass(frozen=True, slots=True)
class Tool:
    """One entry of the positive list: which data classes (0–4) it may take."""

    id: str
    name: str
    kind: str
    classes: tuple[int, ...]
    classes_after_approval: tuple[int, ...]
    state: dt.date
    note: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the guideline with its prose; ``rule`` is the id of the rule it states, if any. ``line`` is 0 in
    documents, which have none."""

    chapter: str
    title: str
    text: str
    file: str
    line: int
    rule: str | None


@dataclass(frozen=True, slots=True)
class Guideline:
    """The whole guideline as data."""

    info: GuidelineInfo
    state: dt.date
    next_review: dt.date | None
    note: str
    town: str
    rules: tuple[Rule, ...]
    sections: tuple[Section, ...]
    contacts: Mapping[str, Contact]
    tools: tuple[Tool, ...]

    def rule(self, rule_id: str) -> Rule | None:
        """The rule with this id, or None."""
        return next((r for r in self.rules if r.id == rule_id), None)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CorpusError(f"{path} fehlt. Aus der Vorlage der Muster-Leitlinie kopieren.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: keine gültige TOML-Datei ({error}).") from error


def _need(data: Mapping[str, Any], key: str, kind: type, where: str) -> Any:
    if key not in data:
        raise CorpusError(f"{where}: „{key}“ fehlt.")
    if not isinstance(data[key], kind):
        raise CorpusError(f"{where}: „{key}“ ist {data[key]!r}, erwartet wird {kind.__name__}.")
    return data[key]


def read_contacts(path: Path) -> dict[str, Contact]:
    """Offices by key. Raises CorpusError."""
    result = {}
    for key, raw in _toml(path).items():
        where = f"{path}, [{key}]"
        if not isinstance(raw, dict):
            raise CorpusError(f"{where}: erwartet wird ein Abschnitt mit name, aufgabe, mail, telefon, raum.")
        result[key] = Contact(
            key, _need(raw, "name", str, where), raw.get("aufgabe", ""), raw.get("mail", ""), raw.get("telefon", ""),
            raw.get("raum", ""), bool(raw.get("platzhalter", False)),
        )  # fmt: skip
    return result


def read_tools(path: Path) -> tuple[Tool, ...]:
    """The positive list. Raises CorpusError."""
    tools = []
    for number, raw in enumerate(_toml(path).get("werkzeug", []), start=1):
        where = f"{path}, {number}. [[werkzeug]]"
        classes = _need(raw, "klassen", list, where)
        if not all(isinstance(c, int) and 0 <= c <= 4 for c in classes):
            raise CorpusError(f"{where}: klassen ist {classes}, erwartet werden Zahlen von 0 bis 4.")
        tools.append(
            Tool(
                _need(raw, "id", str, where), _need(raw, "name", str, where), raw.get("art", ""), tuple(classes),
                tuple(raw.get("klassen_nach_freigabe", ())), _need(raw, "stand", dt.date, where), raw.get("hinweis", ""),
            )
        )  # fmt: skip
    return tuple(tools)


_HEADING = re.compile(r"(#{1,6})\s+(.*\S)\s*$")


def _blocks(lines: Sequence[str]) -> list[tuple[int, int, str, list[str]]]:
    """(level, line number, title, body lines) for each heading; fenced blocks are never read as headings."""
    result: list[tuple[int, int, str, list[str]]] = []
    fenced = False
    for number, line in enumerate(lines, start=1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        heading = None if fenced else _HEADING.match(line)
        if heading:
            result.append((len(heading[1]), number, heading[2], []))
        elif result:
            result[-1][3].append(line)
    return result


def _split_fence(body: Sequence[str]) -> tuple[str | None, int, str]:
    """(yaml text or None, offset of its first line, prose)."""
    start = next((i for i, line in enumerate(body) if line.strip() == "```yaml"), None)
    if start is None:
        return None, 0, "\n".join(body).strip()
    end = next((i for i in range(start + 1, len(body)) if body[i].strip() == "```"), None)
    if end is None:
        return "", start, ""
    return "\n".join(body[start + 1 : end]), start + 1, "\n".join([*body[:start], *body[end + 1 :]]).strip()


def _parse_rule(title: str, block: str, prose: str, file: str, line: int) -> Rule:
    where = f"{file}, Zeile {line}"
    if not block:
        raise RuleError(f"{where}: der yaml-Block der Regel „{title}“ ist leer oder nicht mit ``` geschlossen.")
    try:
        raw = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # the last two: no such day, nested beyond reason
        mark = getattr(error, "problem_mark", None)
        at = f"{file}, Zeile {line + mark.line}" if mark else where
        problem = getattr(error, "problem", None) or "nicht lesbar"
        raise RuleError(
            f"{at}: kein gültiger yaml-Block ({problem}). Texte mit Doppelpunkt in Anführungszeichen setzen."
        ) from error
    if not isinstance(raw, dict):
        raise RuleError(f"{where}: der yaml-Block der Regel „{title}“ enthält keine Felder wie „id: …“.")
    _check_fields(raw, block, file, line)
    try:
        verdict = Verdict(raw["urteil"])
    except ValueError as error:
        raise RuleError(
            f"{_at(block, 'urteil', file, line)}: urteil „{raw['urteil']}“ ist unbekannt. Erwartet wird erlaubt, "
            "bedingt, verboten oder auskunft."
        ) from error
    keys = {"handlung": ACTIONS, "daten": DATA, "werkzeug": TOOLS}
    for name, known in keys.items():
        for value in raw[name]:
            if value not in known:
                near = difflib.get_close_matches(value, known, n=1)
                hint = (
                    f" Gemeint war vermutlich „{near[0]}“." if near else f" Bekannt sind: {', '.join(sorted(known))}."
                )
                raise RuleError(f"{_at(block, name, file, line)}: {name} „{value}“ ist unbekannt.{hint}")
    if len(raw["fragen"]) < MINIMUM_QUESTIONS:
        raise RuleError(
            f"{_at(block, 'fragen', file, line)}: Regel „{raw['id']}“ hat {len(raw['fragen'])} Beispielfragen, "
            f"erwartet werden mindestens {MINIMUM_QUESTIONS}; daran wird die Regel gefunden."
        )
    return Rule(
        id=raw["id"], title=title, verdict=verdict, sentence=raw["satz"].strip(), conditions=tuple(raw["bedingungen"]),
        reason=raw["begruendung"].strip(), offices=tuple(raw["zustaendig"]), norms=tuple(raw["normen"]),
        actions=frozenset(raw["handlung"]), data=frozenset(raw["daten"]), tools=frozenset(raw["werkzeug"]),
        exception_to=tuple(raw["ausnahme_von"]), questions=tuple(raw["fragen"]), prose=prose, file=file, line=line,
    )  # fmt: skip


def _at(block: str, key: str, file: str, line: int) -> str:
    """Where in the file a field stands."""
    offset = next((i for i, text in enumerate(block.splitlines()) if text.startswith(f"{key}:")), 0)
    return f"{file}, Zeile {line + offset}"


def _check_fields(raw: Mapping[str, Any], block: str, file: str, line: int) -> None:
    for name in raw:
        if name not in _FIELDS:
            near = difflib.get_close_matches(str(name), _FIELDS, n=1)
            hint = f" Gemeint war vermutlich „{near[0]}“." if near else f" Bekannt sind: {', '.join(_FIELDS)}."
            raise RuleError(f"{_at(block, str(name), file, line)}: unbekanntes Feld „{name}“.{hint}")
    for name, kind in _FIELDS.items():
        if name not in raw:
            raise RuleError(f"{file}, Zeile {line}: in der Regel fehlt das Feld „{name}“.")
        value = raw[name]
        if not isinstance(value, kind):
            expected = "eine Liste" if kind is list else "ein Text"
            raise RuleError(f"{_at(block, name, file, line)}: „{name}“ ist {value!r}, erwartet wird {expected}.")
        if kind is list and not all(isinstance(item, str) and item.strip() for item in value):
            raise RuleError(f"{_at(block, name, file, line)}: „{name}“ darf nur nicht leere Texte enthalten.")
        if kind is str and not value.strip():
            raise RuleError(f"{_at(block, name, file, line)}: „{name}“ ist leer.")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", raw["id"]):
        raise RuleError(
            f"{_at(block, 'id', file, line)}: id „{raw['id']}“ – erwartet werden Kleinbuchstaben, Ziffern und Bindestriche."
        )


def read_chapter(path: Path, name: str) -> tuple[list[Rule], list[Section]]:
    """One chapter: its rules and its sections in order. Raises RuleError or CorpusError with file and line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise CorpusError(f"{name}: keine UTF-8-Textdatei.") from error
    chapter = path.stem
    rules: list[Rule] = []
    sections: list[Section] = []
    for level, number, title, body in _blocks(lines):
        block, offset, prose = _split_fence(body)
        if level == 1:
            chapter = title
        rule = _parse_rule(title, block, prose, name, number + offset + 1) if block is not None else None
        if rule:
            rules.append(rule)
        if rule or prose:
            sections.append(Section(chapter, title, prose, name, number, rule.id if rule else None))
    return rules, sections


def read_guideline(corpus: Path) -> Guideline:
    """The guideline below a ``corpus/`` folder. Raises CorpusError or RuleError; every message names file and line."""
    head = _toml(corpus / "leitlinie.toml")
    where = str(corpus / "leitlinie.toml")
    contacts = read_contacts(corpus / "kontakte.toml")
    rules: list[Rule] = []
    sections: list[Section] = []
    documents = document_files(corpus / "leitlinie")
    for path in sorted([*(corpus / "leitlinie").glob("*.md"), *documents]):
        name = f"corpus/leitlinie/{path.name}"
        if path in documents:
            document = guideline_document(path, name)
            sections += [Section(document.title, part.title, part.text, name, 0, None) for part in document.parts]
            continue
        new_rules, new_sections = read_chapter(path, name)
        rules += new_rules
        sections += new_sections
    if not sections:
        raise CorpusError(
            f"{corpus / 'leitlinie'} enthält keine Kapitel. Erwartet werden Markdown-Dateien (*.md), Word-Dokumente "
            "(*.docx) oder PDF mit Text (*.pdf)."
        )
    _check_references(rules, contacts)
    return Guideline(
        info=GuidelineInfo(
            _need(head, "titel", str, where),
            str(_need(head, "fassung", str, where)),
            bool(head.get("beschlossen", False)),
        ),
        state=_need(head, "stand", dt.date, where),
        next_review=head.get("naechste_ueberpruefung"),
        note="" if head.get("beschlossen") else head.get("hinweis", ""),
        town=head.get("kommune", ""),
        rules=tuple(rules),
        sections=tuple(sections),
        contacts=contacts,
        tools=read_tools(corpus / "positivliste.toml"),
    )


def _check_references(rules: Sequence[Rule], contacts: Mapping[str, Contact]) -> None:
    known: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in known:
            first = known[rule.id]
            raise RuleError(
                f"{rule.file}, Zeile {rule.line}: id „{rule.id}“ steht schon in {first.file}, Zeile {first.line}. "
                "Jede Kennung darf nur einmal vorkommen."
            )
        known[rule.id] = rule
    for rule in rules:
        for office in rule.offices:
            if office not in contacts:
                near = difflib.get_close_matches(office, contacts, n=1)
                hint = f" Gemeint war vermutlich „{near[0]}“." if near else ""
                raise RuleError(
                    f"{rule.file}, Zeile {rule.line}: zustaendig „{office}“ steht nicht in corpus/kontakte.toml.{hint}"
                )
        for other in rule.exception_to:
            if other not in known:
                raise RuleError(
                    f"{rule.file}, Zeile {rule.line}: ausnahme_von „{other}“ ist keine Regel dieser Leitlinie."
                )
