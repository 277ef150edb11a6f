"""``index diff``: what publishing a generation would change – rules, provisions, passages and answers.

Compares values of two opened generations; ``diff_report.py`` prints the result. Every text is compared by word with
``corpus/diff.py``. A rule is compared field by field, the rest of the guideline and the law place by place.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from assistant.corpus.books import Book
from assistant.corpus.diff import Change, Fate, compare
from assistant.corpus.law import Law
from assistant.corpus.rules import Guideline
from assistant.errors import IndexFailure
from assistant.index import generation as gen
from assistant.index.answers import AnswerChange, Progress, compare_answers, example_questions, gold_questions
from assistant.index.given import Answers, Asked
from assistant.index.published import PublishedIndex
from assistant.types import Embedder, Kind, Rule

_INPUTS = {
    "korpus/begriffe.toml": "Vokabular (begriffe.toml)", "korpus/quellen.toml": "Rechtsquellen (quellen.toml)",
    "tor.json": "Tor vor der Regelwahl (tor.json)",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule that came, went or reads otherwise; ``fields`` are its differing fields, all of them if it is new or gone."""

    id: str
    title: str
    fate: Fate
    fields: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class SourceChange:
    """One source that came, went or differs. ``states`` are what it was and is; ``places`` its provisions that differ.

    A source that came or went as a whole lists no places; ``count`` is how many it has.
    """

    name: str
    fate: Fate
    states: tuple[str, str]
    places: tuple[Change, ...]
    count: int


@dataclass(frozen=True, slots=True)
class PassageCounts:
    """Passages by what became of them; ``changed`` are new ones at a place that lost one."""

    new: int
    changed: int
    unchanged: int
    removed: int


@dataclass(frozen=True, slots=True)
class GenerationDiff:
    """Everything that is different in ``new`` compared with ``old``; ``asked`` is how many questions both were asked.

    ``files`` are inputs that are only said to differ, in German: the vocabulary and what was learned elsewhere.
    """

    old: str
    new: str
    as_of: dt.date
    passages: PassageCounts
    rules: tuple[RuleChange, ...]
    sources: tuple[SourceChange, ...]
    files: tuple[str, ...]
    answers: tuple[AnswerChange, ...]
    asked: int

    @property
    def forbidden(self) -> tuple[AnswerChange, ...]:
        """Answers that keep ``new`` from being published."""
        return tuple(change for change in self.answers if change.forbidden)


def chosen(index: Path, names: Sequence[str]) -> tuple[str, str]:
    """The two generations to compare: those named, or the published one and the newest. Raises IndexFailure."""
    if len(names) == 2:
        return gen.existing(index, names[0]).name, gen.existing(index, names[1]).name
    published, newest = gen.current_folder(index).name, gen.generations(index)[-1]
    if published == newest:
        raise IndexFailure(
            f"Die veröffentlichte Generation {published} ist die neueste; es gibt nichts zu vergleichen. Erst „leitplanke "
            "index build“ ausführen oder zwei Generationen nennen."
        )
    return published, newest


def diff(home: Path, old: str, new: str, embedder: Embedder, as_of: dt.date, progress: Progress) -> GenerationDiff:
    """Compare two generations of a home. Raises IndexFailure for them and CorpusError for the gold questions."""
    gold = gold_questions(home)
    with (
        closing(PublishedIndex(gen.existing(home / "index", old), embedder)) as first,
        closing(PublishedIndex(gen.existing(home / "index", new), embedder)) as second,
    ):
        questions = [*example_questions([first.guideline, second.guideline]), *gold]
        return compare_indexes(first, second, questions, as_of, progress)


def compare_indexes(
    old: PublishedIndex, new: PublishedIndex, questions: Sequence[Asked], as_of: dt.date, progress: Progress
) -> GenerationDiff:
    """Compare two opened generations, asking both these questions."""
    sources = [*_guideline_text(old, new), *_law(old.law, new.law)]
    return GenerationDiff(
        old.generation, new.generation, as_of, _passages(old, new), _rules(old.guideline, new.guideline),
        tuple(sources), _files(old, new), compare_answers(Answers(old, as_of), Answers(new, as_of), questions, progress),
        len(questions),
    )  # fmt: skip


def _files(old: PublishedIndex, new: PublishedIndex) -> tuple[str, ...]:
    before, after = old.manifest.files, new.manifest.files
    return tuple(name for path, name in _INPUTS.items() if before.get(path) != after.get(path))


def _passages(old: PublishedIndex, new: PublishedIndex) -> PassageCounts:
    before, after = (
        {p.id: (p.lane, p.norm) for items in index.lanes.values() for p in items} for index in (old, new)
    )
    came = Counter(place for key, place in after.items() if key not in before)
    went = Counter(place for key, place in before.items() if key not in after)
    changed = (came & went).total()
    return PassageCounts(came.total() - changed, changed, len(after) - came.total(), went.total() - changed)


# ---------------------------------------------------------------- rules


def _rules(old: Guideline, new: Guideline) -> tuple[RuleChange, ...]:
    """In the order of the newer guideline; rules that are gone at the end."""
    gone = [rule for rule in old.rules if new.rule(rule.id) is None]
    pairs = [*((old.rule(rule.id), rule) for rule in new.rules), *((rule, None) for rule in gone)]
    found = []
    for before, after in pairs:
        fields = _differing(_fields(before, old), _fields(after, new))
        rule = after or before
        if fields and rule is not None:
            fate = Fate.NEU if before is None else Fate.ENTFALLEN if after is None else Fate.GEAENDERT
            found.append(RuleChange(rule.id, rule.title, fate, fields))
    return tuple(found)


def _fields(rule: Rule | None, guideline: Guideline) -> Mapping[str, str]:
    """The fields as an administrator names them; lists one entry a line. Offices are read with their contact."""
    if rule is None:
        return {}
    contacts = guideline.contacts
    offices = [contacts[key].name if key in contacts else key for key in rule.offices]
    return {
        "titel": rule.title, "urteil": rule.verdict.value, "satz": rule.sentence,
        "bedingungen": "\n".join(rule.conditions), "begruendung": rule.reason, "zustaendig": "\n".join(offices),
        "normen": "\n".join(rule.norms), "handlung": "\n".join(sorted(rule.actions)),
        "daten": "\n".join(sorted(rule.data)), "werkzeug": "\n".join(sorted(rule.tools)),
        "ausnahme_von": "\n".join(rule.exception_to), "fragen": "\n".join(rule.questions), "text": rule.prose,
    }  # fmt: skip


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    changes = []
    for name in after or before:
        first, second = before.get(name, ""), after.get(name, "")
        if first != second:
            fate = Fate.NEU if not first else Fate.ENTFALLEN if not second else Fate.GEAENDERT
            changes.append(Change(name, name, fate, first, second))
    return tuple(changes)


# ---------------------------------------------------------------- guideline prose and law


def _guideline_text(old: PublishedIndex, new: PublishedIndex) -> list[SourceChange]:
    """Sections of the guideline that state no rule, and the guideline's own data."""
    ids = {rule.id for index in (old, new) for rule in index.guideline.rules}
    before, after = (
        {n: p for n, p in index.guideline_book.places.items() if n.partition(" ")[2] not in ids} for index in (old, new)
    )
    heads = _head(old.guideline), _head(new.guideline)
    changes = [*_differing(*heads), *compare(before, after)]
    if not changes:
        return []
    versions = tuple(f"Fassung {index.guideline.info.version}" for index in (old, new))
    name = f"{new.guideline.info.title} (außer Regeln)"
    return [SourceChange(name, Fate.GEAENDERT, (versions[0], versions[1]), tuple(changes), len(after))]


def _head(guideline: Guideline) -> Mapping[str, str]:
    """What ``leitlinie.toml``, ``kontakte.toml`` and ``positivliste.toml`` say, one entry a line."""
    contacts = [f"{c.name}, {c.task}, {c.mail}, {c.phone}, {c.room}" for c in guideline.contacts.values()]
    tools = [
        f"{t.name}: Klassen {_numbers(t.classes)}, nach Freigabe {_numbers(t.classes_after_approval)}. {t.note}"
        for t in guideline.tools
    ]
    review = guideline.next_review
    return {
        "Titel": guideline.info.title, "Fassung": guideline.info.version,
        "Beschlossen": "ja" if guideline.info.adopted else "nein", "Hinweis": guideline.note,
        "Nächste Überprüfung": f"{review:%d.%m.%Y}" if review else "",
        "Kontakte": "\n".join(contacts), "Positivliste": "\n".join(tools),
    }  # fmt: skip


def _numbers(classes: Sequence[int]) -> str:
    return ", ".join(map(str, classes)) or "keine"


def _law(old: Law, new: Law) -> list[SourceChange]:
    """Every book that differs; a new state of an official text is compared with the newest one there was."""
    before, after = _series(old), _series(new)
    return [
        change
        for key in dict.fromkeys([*after, *before])
        if (change := _source(_name(key), before.get(key, {}), after.get(key, {}))) is not None
    ]


_Key = tuple[str, Kind, str]
"""Short name, official text or digest, language."""


def _series(law: Law) -> dict[_Key, dict[str, Book]]:
    """All books by what they are a state of; states as ISO dates, oldest first."""
    series: dict[_Key, dict[str, Book]] = {}
    for book in law.all_books():
        if not (book.source.kind is Kind.KURZFASSUNG and book.valid_to):  # derived from the digest itself
            key = (book.source.short, book.source.kind, book.language)
            series.setdefault(key, {})[book.source.state.isoformat()] = book
    return series


def _name(key: _Key) -> str:
    short, kind, language = key
    what = "Kurzfassung" if kind is Kind.KURZFASSUNG else "amtlicher Text"
    return f"{short}, {what}" + (f" ({language})" if language != "DE" else "")


def _source(name: str, before: Mapping[str, Book], after: Mapping[str, Book]) -> SourceChange | None:
    states = ", ".join(sorted(before)), ", ".join(sorted(after))
    if not before or not after:
        fate = Fate.NEU if after else Fate.ENTFALLEN
        present = after or before
        return SourceChange(name, fate, states, (), len(present[max(present)].places))
    old, new = before[max(before)], after[max(after)]
    places = compare(old.places, new.places)
    if not places and states == (states[1], states[0]):
        return None
    return SourceChange(name, Fate.GEAENDERT, states, places, len(new.places))
