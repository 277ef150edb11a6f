"""What an update of the program brings for a town: the template's corpus and models against the town's own home.

``init`` records what the template was (``vorlage.json`` in the home: one checksum per rule and file). With it every
difference has an author: changed in the template since, changed by the town, or by both. Without it (a home made before
there was a record) the two are compared as they are, and that is said. Nothing is ever changed here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from assistant.corpus.official import write_atomically
from assistant.corpus.replacing import text_of
from assistant.corpus.rules import load_block
from assistant.corpus.ruletext import RuleForm, form_of, places, removed
from assistant.errors import CorpusError, SettingsError

RECORD = "vorlage.json"
_LEFT_OUT = re.compile(r"corpus/(?:amtlich|entwuerfe)|models/eigene/|\.gguf$|\.geprueft$|__pycache__|(?:^|/)[.~]")
_TOWN = {
    "corpus/leitlinie.toml": re.compile(r"(?m)^kommune\s*=.*$"),
    "corpus/erscheinung.toml": re.compile(r"(?m)^name\s*=.*$"),
}
"""Lines that hold the town's name, which init writes: no difference."""


class Change(StrEnum):
    """Who changed what; the first four ask for a decision."""

    BEIDE = "in der Vorlage und von der Stadt geändert"
    NEU = "neu in der Vorlage"
    VORLAGE = "in der Vorlage geändert"
    ENTFALLEN = "in der Vorlage entfallen"
    STADT = "von der Stadt geändert"
    ENTFERNT = "von der Stadt entfernt"
    EIGEN = "von der Stadt ergänzt"
    VERSCHIEDEN = "verschieden"
    NUR_VORLAGE = "nur in der Vorlage"
    NUR_STADT = "nur bei der Stadt"


@dataclass(frozen=True, slots=True)
class Part:
    """A rule or a file: ``name`` is the rule's id or the path in the home, ``title`` the rule's heading or ""."""

    name: str
    title: str
    file: str
    sum: str
    form: RuleForm | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """``fields`` are those of a rule in which template and town differ; ``verdicts`` (town, template) where they do."""

    change: Change
    name: str
    title: str
    file: str
    fields: tuple[str, ...] = ()
    verdicts: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """``made_from`` is the program that made the home, None without a record; ``same`` counts what is alike."""

    made_from: str | None
    program: str
    differences: tuple[Difference, ...]
    same: int


def write_record(template: Path, home: Path) -> None:
    """Record in a new home what the template was. Raises OSError."""
    sums = {name: part.sum for name, part in _parts(template).items()}
    raw = {"programm": _program(), "pruefsummen": sums}
    write_atomically(home / RECORD, (json.dumps(raw, ensure_ascii=False, indent=0) + "\n").encode())


def compare(template: Path, home: Path) -> Comparison:
    """Every rule and file in which the two differ, by kind of change. Raises CorpusError, RuleError or SettingsError."""
    if not (home / "corpus").is_dir():
        raise SettingsError(
            f"{home} ist kein Ordner einer Stadt: corpus/ fehlt. Anlegen mit „leitplanke init ORDNER --name …“."
        )
    if home.resolve() == template.resolve():
        raise SettingsError(f"{home} ist die Vorlage selbst. Den eigenen Ordner nennen oder LEITPLANKE_HOME setzen.")
    made_from, base = _record(home)
    theirs, ours = _parts(template), _parts(home)
    found = []
    for name in dict.fromkeys((*theirs, *ours, *(base or ()))):
        change = _change(name, base, theirs.get(name), ours.get(name))
        part = ours.get(name) or theirs.get(name)
        if change is not None and part is not None:
            found.append(_difference(change, part, theirs.get(name), ours.get(name)))
    order = list(Change)
    found.sort(key=lambda d: (order.index(d.change), d.file == d.name))  # rules before files
    same = sum(name in ours and ours[name].sum == part.sum for name, part in theirs.items())
    return Comparison(made_from, _program(), tuple(found), same)


def _change(name: str, base: Mapping[str, str] | None, theirs: Part | None, ours: Part | None) -> Change | None:
    new, own = theirs.sum if theirs else None, ours.sum if ours else None
    if new == own:
        return None
    if base is None:
        return Change.NUR_STADT if new is None else Change.NUR_VORLAGE if own is None else Change.VERSCHIEDEN
    old = base.get(name)
    if old == own:
        return Change.NEU if old is None else Change.ENTFALLEN if new is None else Change.VORLAGE
    if old == new:
        return Change.EIGEN if old is None else Change.ENTFERNT if own is None else Change.STADT
    return Change.BEIDE


def _difference(change: Change, part: Part, theirs: Part | None, ours: Part | None) -> Difference:
    fields: tuple[str, ...] = ()
    verdicts = None
    if theirs and ours and theirs.form and ours.form:
        new, own = ({"titel": f.title, **f.values, "prosa": f.prose} for f in (theirs.form, ours.form))
        fields = tuple(name for name in new if new[name] != own[name])
        if "urteil" in fields:
            verdicts = (ours.form.text("urteil"), theirs.form.text("urteil"))
    return Difference(change, part.name, part.title, part.file, fields, verdicts)


# ---------------------------------------------------------------- reading


def _program() -> str:
    try:
        return version("leitplanke")
    except PackageNotFoundError:  # run from a folder that is not installed
        return "unbekannt"


def _record(home: Path) -> tuple[str | None, dict[str, str] | None]:
    path = home / RECORD
    if not path.is_file():
        return None, None
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        sums = {str(name): str(value) for name, value in raw["pruefsummen"].items()}
        return str(raw["programm"]), sums
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"{path} ist beschädigt. Aus einer Sicherung zurückholen oder löschen; dann wird ohne sie verglichen."
        ) from error


def _parts(home: Path) -> dict[str, Part]:
    """Every rule by "regel:id", every file by its path; a chapter's file stands for what is not in its rules."""
    found: dict[str, Part] = {}
    for path in sorted(p for top in ("corpus", "models") for p in (home / top).rglob("*") if p.is_file()):
        name = path.relative_to(home).as_posix()
        if _LEFT_OUT.search(name):
            continue
        if path.parent == home / "corpus" / "leitlinie" and path.suffix == ".md":
            text = text_of(path, name)
            found |= {f"regel:{part.name}": part for part in _rules(text, name)}
            found[name] = Part(name, "", name, _sum(_without_rules(text)))
        elif name in _TOWN:
            found[name] = Part(name, "", name, _sum(_TOWN[name].sub("", text_of(path, name))))
        else:
            found[name] = Part(name, "", name, _file_sum(path, name))
    return found


def _rules(text: str, file: str) -> Iterator[Part]:
    lines = text.splitlines()
    for place in places(text):
        rule_id = load_block(place.block, place.title, file, place.first).get("id")
        section = "\n".join(lines[place.start : place.end])
        yield Part(str(rule_id), place.title, file, _sum(section), form_of(place, file))


def _without_rules(text: str) -> str:
    while place := next(places(text), None):
        text = removed(text, place)
    return text


def _sum(text: str) -> str:
    """Blank lines, line ends and blanks at the end of a line make no difference."""
    lines = [line.rstrip() for line in text.splitlines()]
    return hashlib.sha256("\n".join(line for line in lines if line).encode()).hexdigest()


def _file_sum(path: Path, name: str) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise CorpusError(f"{name} ist nicht lesbar ({error.strerror}). Rechte prüfen.") from error


# ---------------------------------------------------------------- for people


def lines(comparison: Comparison) -> Iterator[str]:
    """The comparison for a terminal."""
    if comparison.made_from is None:
        yield (
            "Zu diesem Ordner ist nicht vermerkt, aus welcher Vorlage er entstand. Verglichen wird nur, worin er sich von "
            "der jetzigen unterscheidet; wer etwas geändert hat, ist nicht zu sagen."
        )
    else:
        yield f"Angelegt mit Leitplanke {comparison.made_from}, verglichen mit der Vorlage von Leitplanke {comparison.program}."
    before = None
    for d in comparison.differences:
        if d.change is not before:
            yield f"\n{d.change.value[0].upper()}{d.change.value[1:]}:"
            before = d.change
        if d.file == d.name:
            yield f"  {d.name}"
            continue
        fields = f": {', '.join(d.fields)}" if d.fields else ""
        verdict = f" (Urteil hier {d.verdicts[0]}, in der Vorlage {d.verdicts[1]})" if d.verdicts else ""
        yield f"  Regel {d.name} „{d.title}“, {d.file}{fields}{verdict}"
    yield f"\nUnterschiede: {len(comparison.differences)}; gleiche Regeln und Dateien: {comparison.same}. Geändert wurde nichts."


def to_json(comparison: Comparison) -> dict[str, object]:
    """The comparison for ``--json``."""
    return {
        "angelegt_mit": comparison.made_from, "programm": comparison.program, "gleich": comparison.same,
        "unterschiede": [
            {"art": d.change.name.lower(), "was": "datei" if d.file == d.name else "regel", "name": d.name,
             "titel": d.title, "datei": d.file, "felder": list(d.fields),
             "urteil": {"stadt": d.verdicts[0], "vorlage": d.verdicts[1]} if d.verdicts else None}
            for d in comparison.differences
        ],
    }  # fmt: skip
