"""Reads the guideline: its chapters with their rule blocks, and with them what ``tables.py`` reads.

People edit these files by hand, so every mistake is reported with file, line, field and what was expected. A chapter
is Markdown; a rule is a ``##`` heading, a fenced ``yaml`` block and prose. A chapter without rule blocks is plain
guideline text: it is indexed and quoted, without verdict. So are Word documents and PDF in the same folder.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assistant.corpus.documents import document_files, guideline_document
from assistant.corpus.tables import Contact, Tool, read_contacts, read_head, read_tools
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
FIELDS = {
    "id": str, "urteil": str, "satz": str, "bedingungen": list, "begruendung": str, "zustaendig": list, "normen": list,
    "handlung": list, "daten": list, "werkzeug": list, "ausnahme_von": list, "fragen": list,
}  # fmt: skip
"""The keys of a rule block, in the order in which they are written, each with its kind."""
KEYS = {"handlung": ACTIONS, "daten": DATA, "werkzeug": TOOLS}
"""The fields that take words of a closed list."""


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


LIBYAML: type[yaml.CSafeLoader] | None = getattr(yaml, "CSafeLoader", None)
LIBYAML_DEPTH = 100
INDENT = re.compile(r"^[ \-?]*", re.M)
LENIENT = re.compile(r"\t|[\[{][^\]}]*\?")
"""Tabs, and question marks in a list in brackets."""
HEADING = re.compile(r"(#{1,6})\s+(.*\S)\s*$")


def chapter_blocks(lines: Sequence[str]) -> list[tuple[int, int, str, list[str]]]:
    """(level, line number, title, body lines) for each heading; fenced blocks are never read as headings."""
    result: list[tuple[int, int, str, list[str]]] = []
    fenced = False
    for number, line in enumerate(lines, start=1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        heading = None if fenced else HEADING.match(line)
        if heading:
            result.append((len(heading[1]), number, heading[2], []))
        elif result:
            result[-1][3].append(line)
    return result


def split_fence(body: Sequence[str]) -> tuple[str | None, int, str]:
    """(yaml text or None, offset of its first line, prose)."""
    start = next((i for i, line in enumerate(body) if line.strip() == "```yaml"), None)
    if start is None:
        return None, 0, "\n".join(body).strip()
    end = next((i for i in range(start + 1, len(body)) if body[i].strip() == "```"), None)
    if end is None:
        return "", start, ""
    return "\n".join(body[start + 1 : end]), start + 1, "\n".join([*body[:start], *body[end + 1 :]]).strip()


def load_block(block: str, title: str, file: str, line: int) -> dict[str, Any]:
    """The fields of a yaml block that starts in ``line``. Raises RuleError if it cannot be read at all."""
    where = f"{file}, Zeile {line}"
    if not block:
        raise RuleError(f"der yaml-Block der Regel „{title}“ ist leer oder nicht mit ``` geschlossen.", where=where)
    try:
        raw = _loaded(block)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # the last two: no such day, nested beyond reason
        mark = getattr(error, "problem_mark", None)
        at = f"{file}, Zeile {line + mark.line}" if mark else where
        problem = getattr(error, "problem", None) or "nicht lesbar"
        raise RuleError(
            f"kein gültiger yaml-Block ({problem}). Texte mit Doppelpunkt in Anführungszeichen setzen.", where=at
        ) from error
    if not isinstance(raw, dict):
        raise RuleError(f"der yaml-Block der Regel „{title}“ enthält keine Felder wie „id: …“.", where=where)
    return raw


def _loaded(block: str) -> Any:
    """What PyYAML's own loader makes of a block, and its errors; by libyaml, many times faster, where that reads it.

    libyaml crashes the process where a block is nested too deep, and reads what the loader in Python refuses.
    """
    depth = block.count("[") + block.count("{") + max(map(len, INDENT.findall(block)))
    if LIBYAML is None or depth > LIBYAML_DEPTH or LENIENT.search(block):
        return yaml.safe_load(block)
    try:
        return yaml.load(block, Loader=LIBYAML)  # noqa: S506 - it is the safe loader in C
    except yaml.YAMLError:
        return yaml.safe_load(block)


def rule_problems(raw: Mapping[str, Any], block: str, file: str, line: int) -> Iterator[RuleError]:
    """Everything wrong with the fields of one rule, each with its line and field; nothing if the rule can be used."""

    def problem(field: str, what: str) -> RuleError:
        return RuleError(what, where=_at(block, field, file, line), field=field, rule=str(raw.get("id", "")))

    for name in raw:
        if name not in FIELDS:
            hint = _meant(str(name), FIELDS) or f" Bekannt sind: {', '.join(FIELDS)}."
            yield problem(str(name), f"unbekanntes Feld „{name}“.{hint}")
    sound = set()
    for name, kind in FIELDS.items():
        if name not in raw:
            yield problem(name, f"in der Regel fehlt das Feld „{name}“.")
        elif what := _wrong_kind(name, raw[name], kind):
            yield problem(name, what)
        else:
            sound.add(name)
    if "id" in sound and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", raw["id"]):
        yield problem("id", f"id „{raw['id']}“ – erwartet werden Kleinbuchstaben, Ziffern und Bindestriche.")
    if "urteil" in sound and raw["urteil"] not in list(Verdict):
        yield problem(
            "urteil", f"urteil „{raw['urteil']}“ ist unbekannt. Erwartet wird erlaubt, bedingt, verboten oder auskunft."
        )
    for name, known in KEYS.items():
        for value in raw[name] if name in sound else ():
            if value not in known:
                hint = _meant(value, known) or f" Bekannt sind: {', '.join(sorted(known))}."
                yield problem(name, f"{name} „{value}“ ist unbekannt.{hint}")
    if "fragen" in sound and len(raw["fragen"]) < MINIMUM_QUESTIONS:
        yield problem(
            "fragen",
            f"Regel „{raw.get('id')}“ hat {len(raw['fragen'])} Beispielfragen, erwartet werden mindestens "
            f"{MINIMUM_QUESTIONS}; daran wird die Regel gefunden.",
        )


def _wrong_kind(name: str, value: object, kind: type) -> str | None:
    if not isinstance(value, kind):
        return f"„{name}“ ist {value!r}, erwartet wird {'eine Liste' if kind is list else 'ein Text'}."
    if isinstance(value, list) and not all(isinstance(item, str) and item.strip() for item in value):
        return f"„{name}“ darf nur nicht leere Texte enthalten."
    return f"„{name}“ ist leer." if isinstance(value, str) and not value.strip() else None


def _meant(written: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(written, known, n=1)
    return f" Gemeint war vermutlich „{near[0]}“." if near else ""


def _parse_rule(title: str, block: str, prose: str, file: str, line: int) -> Rule:
    raw = load_block(block, title, file, line)
    for problem in rule_problems(raw, block, file, line):
        raise problem
    return Rule(
        id=raw["id"], title=title, verdict=Verdict(raw["urteil"]), sentence=raw["satz"].strip(),
        conditions=tuple(raw["bedingungen"]), reason=raw["begruendung"].strip(), offices=tuple(raw["zustaendig"]),
        norms=tuple(raw["normen"]), actions=frozenset(raw["handlung"]), data=frozenset(raw["daten"]),
        tools=frozenset(raw["werkzeug"]), exception_to=tuple(raw["ausnahme_von"]), questions=tuple(raw["fragen"]),
        prose=prose, file=file, line=line,
    )  # fmt: skip


def _at(block: str, key: str, file: str, line: int) -> str:
    """Where in the file a field stands."""
    offset = next((i for i, text in enumerate(block.splitlines()) if text.startswith(f"{key}:")), 0)
    return f"{file}, Zeile {line + offset}"


def read_chapter(path: Path, name: str) -> tuple[list[Rule], list[Section]]:
    """One chapter: its rules and its sections in order. Raises RuleError or CorpusError with file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{name}: keine UTF-8-Textdatei.") from error
    return parse_chapter(text, path.stem, name)


def parse_chapter(text: str, chapter: str, name: str) -> tuple[list[Rule], list[Section]]:
    """The same for the text of a chapter; ``chapter`` is its title until a heading names it. Raises RuleError."""
    rules: list[Rule] = []
    sections: list[Section] = []
    for level, number, title, body in chapter_blocks(text.splitlines()):
        block, offset, prose = split_fence(body)
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
    head = read_head(corpus / "leitlinie.toml")
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
    for problem in reference_problems(rules, contacts):
        raise problem
    return Guideline(
        info=GuidelineInfo(head.title, head.version, head.adopted),
        state=head.state,
        next_review=head.next_review,
        note=head.note,
        town=head.town,
        rules=tuple(rules),
        sections=tuple(sections),
        contacts=contacts,
        tools=read_tools(corpus / "positivliste.toml"),
    )


def reference_problems(rules: Sequence[Rule], contacts: Mapping[str, Contact]) -> Iterator[RuleError]:
    """What rules name that is not there: the same id twice, offices, base rules."""
    known: dict[str, Rule] = {}
    for rule in rules:
        where = f"{rule.file}, Zeile {rule.line}"
        if rule.id in known:
            first = known[rule.id]
            what = (
                f"id „{rule.id}“ steht schon in {first.file}, Zeile {first.line}. "
                "Jede Kennung darf nur einmal vorkommen."
            )
            yield RuleError(what, where=where, field="id", rule=rule.id)
        known.setdefault(rule.id, rule)
    for rule in rules:
        where = f"{rule.file}, Zeile {rule.line}"
        for office in rule.offices:
            if office not in contacts:
                what = f"zustaendig „{office}“ steht nicht in corpus/kontakte.toml.{_meant(office, contacts)}"
                yield RuleError(what, where=where, field="zustaendig", rule=rule.id)
        for other in rule.exception_to:
            if other not in known:
                what = f"ausnahme_von „{other}“ ist keine Regel dieser Leitlinie."
                yield RuleError(what, where=where, field="ausnahme_von", rule=rule.id)
