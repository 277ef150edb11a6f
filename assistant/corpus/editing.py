"""Changing one rule of the guideline from a form: read it, write it back, add one, delete one.

Whoever saves says what he had read (``checksum``): if the rule is no longer that, nothing is written (EditConflict). What
would be written is read first, by the same code that reads the guideline; a rule with mistakes is refused with all of
them, each with the field it belongs to (RuleRefused). Files are replaced as a whole, one writer at a time; only the
rule's own section changes. Nothing here publishes anything: the index is built and activated as ever.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.corpus.replacing import alone, replace_text, text_of
from assistant.corpus.rules import HEADING, load_block, parse_chapter, read_chapter, reference_problems, rule_problems
from assistant.corpus.ruletext import (
    EMPTY,
    Place,
    RuleForm,
    Values,
    appended,
    edited_block,
    find_place,
    form_of,
    removed,
    replaced,
    standard_block,
    tidy,
)
from assistant.corpus.tables import Contact, read_contacts
from assistant.errors import CorpusError, EditConflict, RuleError, RuleRefused

__all__ = ["EMPTY", "Chapter", "EditableRule", "RuleForm", "Values", "add_rule", "chapters", "check_rule", "delete_rule",
           "read_rule", "write_rule"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chapter:
    """A Markdown file of the guideline: ``file`` is "corpus/leitlinie/09-personal.md", ``rules`` are (id, title)."""

    file: str
    title: str
    rules: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EditableRule:
    """A rule as it was read. ``checksum`` belongs to its section; ``problems`` is empty unless the file has mistakes."""

    file: str
    line: int
    form: RuleForm
    checksum: str
    problems: tuple[RuleError, ...] = ()


def chapters(corpus: Path) -> tuple[Chapter, ...]:
    """All chapters in order, also those without rules. Raises RuleError or CorpusError for one that cannot be read."""
    found = []
    for path in _files(corpus):
        rules, sections = read_chapter(path, _name(path))
        title = sections[0].chapter if sections else path.stem
        found.append(Chapter(_name(path), title, tuple((rule.id, rule.title) for rule in rules)))
    return tuple(found)


def read_rule(corpus: Path, rule_id: str) -> EditableRule:
    """One rule for the form. Raises CorpusError if there is none, RuleError if its block is no YAML."""
    path, text, place = _find(corpus, rule_id)
    return _editable(path, text, place)


def check_rule(corpus: Path, form: RuleForm, rule_id: str | None = None) -> tuple[RuleError, ...]:
    """What would be refused, without writing; () if the rule can be saved. ``rule_id``: the one it replaces, None if new."""
    try:
        if rule_id is None:
            path = next(iter(_files(corpus)), None)
            _added(corpus, path, form) if path else None
        else:
            _changed(corpus, _find(corpus, rule_id), form)
    except RuleRefused as refused:
        return refused.problems
    return ()


def write_rule(corpus: Path, rule_id: str, form: RuleForm, checksum: str) -> EditableRule:
    """Save a changed rule; returns it as it now stands, with the checksum for the next change.

    Raises RuleRefused with every mistake, EditConflict if the rule was changed since it was read, CorpusError if it is
    gone or the file cannot be written.
    """
    with alone(corpus / "leitlinie"):
        path, text, place = _current(corpus, rule_id, checksum)
        new = _changed(corpus, (path, text, place), form)
        replace_text(path, text, new, _name(path))
        return _reread(path, new, tidy(form).text("id"))


def add_rule(corpus: Path, chapter: str, form: RuleForm) -> EditableRule:
    """Append a new rule to a chapter ("corpus/leitlinie/09-personal.md" or "09-personal.md"). Raises as ``write_rule``."""
    with alone(corpus / "leitlinie"):
        path = next((p for p in _files(corpus) if p.name == Path(chapter).name), None)
        if path is None:
            raise CorpusError(f"„{chapter}“ ist kein Kapitel. Es gibt: {', '.join(p.name for p in _files(corpus))}.")
        text = _text(path)
        new = _added(corpus, path, form)
        replace_text(path, text, new, _name(path))
        return _reread(path, new, tidy(form).text("id"))


def delete_rule(corpus: Path, rule_id: str, checksum: str) -> None:
    """Remove a rule with heading, block and prose. Raises RuleRefused if another rule refers to it, else as above."""
    with alone(corpus / "leitlinie"):
        path, text, place = _current(corpus, rule_id, checksum)
        new = removed(text, place)
        _refuse_references(corpus, path, new, rule_id)
        replace_text(path, text, new, _name(path))


# ---------------------------------------------------------------- what would be written, and whether it may be


def _changed(corpus: Path, found: tuple[Path, str, Place], form: RuleForm) -> str:
    """The chapter with the rule changed. Raises RuleRefused."""
    path, text, place = found
    wanted = _settled(form, form_of(place, _name(path)))
    _refuse(_form_problems(wanted, edited_block(place.block, wanted.values), _name(path), place.first))
    new = replaced(text, place, wanted)
    _refuse_references(corpus, path, new, wanted.text("id"))
    return new


def _added(corpus: Path, path: Path, form: RuleForm) -> str:
    """The chapter with one more rule at its end. Raises RuleRefused."""
    text, wanted = _text(path), tidy(form)
    line = len(text.splitlines()) + 4
    _refuse(_form_problems(wanted, standard_block(wanted.values), _name(path), line))
    new = appended(text, wanted)
    _refuse_references(corpus, path, new, wanted.text("id"))
    return new


def _settled(form: RuleForm, was: RuleForm) -> RuleForm:
    """The tidied form, except that what is the same as before stays exactly as it was written."""
    new, old = tidy(form), tidy(was)
    values = {
        name: was.values[name] if new.values[name] == old.values[name] else new.values[name] for name in new.values
    }
    return RuleForm(
        was.title if new.title == old.title else new.title, was.prose if new.prose == old.prose else new.prose, values
    )


def _form_problems(form: RuleForm, block: str, file: str, line: int) -> Iterator[RuleError]:
    where = f"{file}, Zeile {line}"
    everything = {
        "titel": form.title,
        "prosa": form.prose,
        **{n: v if isinstance(v, str) else "\n".join(v) for n, v in form.values.items()},
    }
    for name, text in everything.items():
        if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t" for sign in text):
            yield RuleError(
                f"„{name}“ enthält unsichtbare Steuerzeichen. Den Text neu eintippen.", where=where, field=name
            )
    if not form.title:
        yield RuleError("die Überschrift fehlt.", where=where, field="titel")
    fenced = False
    for text in form.prose.split("\n"):
        if text.lstrip().startswith("```"):
            fenced = not fenced
            if text.strip() == "```yaml":
                what = "ein yaml-Block im Text würde als weitere Regel gelesen. Neue Regeln einzeln anlegen."
                yield RuleError(what, where=where, field="prosa")
        elif not fenced and HEADING.match(text):
            what = f"„{text[:40]}“ ist eine Überschrift; der Text einer Regel hat keine. Fett schreiben: **…**"
            yield RuleError(what, where=where, field="prosa")
    if fenced:
        yield RuleError("ein mit ``` begonnener Block ist nicht geschlossen.", where=where, field="prosa")
    yield from rule_problems(
        {n: v if isinstance(v, str) else list(v) for n, v in form.values.items()}, block, file, line
    )


def _refuse(problems: Iterator[RuleError]) -> None:
    if found := tuple(problems):
        raise RuleRefused(found)


def _refuse_references(corpus: Path, path: Path, new: str, rule_id: str) -> None:
    """Read the whole guideline with this chapter as it would be. Raises RuleRefused for references that break by it.

    Another rule that cannot be read raises its own RuleError.
    """
    texts = {other: _text(other) for other in _files(corpus)}
    contacts = read_contacts(corpus / "kontakte.toml")
    try:
        before = {problem.what for problem in _references(texts, contacts)}
    except RuleError:  # perhaps this very rule, which is being mended
        before = set()
    refused = []
    for problem in _references({**texts, path: new}, contacts):
        if problem.rule == rule_id:
            refused.append(problem)
        elif problem.what not in before:  # another rule names this one, which would be gone
            where = str(problem).removesuffix(f": {problem.what}")
            refused.append(RuleError(problem.what, where=where, field="id", rule=rule_id))
    _refuse(iter(refused))


def _references(texts: Mapping[Path, str], contacts: Mapping[str, Contact]) -> Iterator[RuleError]:
    rules = [rule for path, text in texts.items() for rule in parse_chapter(text, path.stem, _name(path))[0]]
    return reference_problems(rules, contacts)


# ---------------------------------------------------------------- files


def _files(corpus: Path) -> list[Path]:
    return sorted((corpus / "leitlinie").glob("*.md"))


def _name(path: Path) -> str:
    return f"corpus/leitlinie/{path.name}"


def _text(path: Path) -> str:
    return text_of(path, _name(path))


def _find(corpus: Path, rule_id: str) -> tuple[Path, str, Place]:
    for path in _files(corpus):
        text = _text(path)
        if place := find_place(text, rule_id, _name(path)):
            return path, text, place
    raise CorpusError(f"Die Regel „{rule_id}“ gibt es in dieser Leitlinie nicht (mehr).")


def _current(corpus: Path, rule_id: str, checksum: str) -> tuple[Path, str, Place]:
    path, text, place = _find(corpus, rule_id)
    if _checksum(text, place) != checksum:
        raise EditConflict(
            f"{_name(path)}: die Regel „{rule_id}“ wurde inzwischen geändert. Nichts wurde gespeichert; neu öffnen und die "
            "Änderung dort eintragen."
        )
    return path, text, place


def _checksum(text: str, place: Place) -> str:
    section = "".join(text.splitlines(keepends=True)[place.start : place.end])
    return hashlib.sha256(section.encode()).hexdigest()


def _editable(path: Path, text: str, place: Place) -> EditableRule:
    raw = load_block(place.block, place.title, _name(path), place.first)
    problems = tuple(rule_problems(raw, place.block, _name(path), place.first))
    return EditableRule(_name(path), place.first, form_of(place, _name(path)), _checksum(text, place), problems)


def _reread(path: Path, text: str, rule_id: str) -> EditableRule:
    place = find_place(text, rule_id, _name(path))
    if place is None:
        raise CorpusError(f"{_name(path)}: die Regel „{rule_id}“ ist nach dem Speichern nicht zu finden.")
    return _editable(path, text, place)
