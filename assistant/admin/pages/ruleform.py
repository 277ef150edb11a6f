"""The form of a rule: its fields with label and help, and how a sent form becomes a rule again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.admin.office import Visit
from assistant.corpus.editing import EMPTY, RuleForm
from assistant.corpus.rules import FIELDS, KEYS
from assistant.corpus.tables import read_contacts
from assistant.corpus.vocabulary import read_vocabulary
from assistant.errors import LeitplankeError, RuleError

LABELS: Mapping[str, str] = {
    "titel": "Überschrift", "id": "Kennung", "urteil": "Urteil", "satz": "Antwort in einem Satz",
    "bedingungen": "Bedingungen", "begruendung": "Begründung", "zustaendig": "Zuständig", "normen": "Rechtsgrundlage",
    "handlung": "Handlung", "daten": "Daten", "werkzeug": "Werkzeug", "ausnahme_von": "Ausnahme von",
    "fragen": "Beispielfragen", "prosa": "Text der Regel",
}  # fmt: skip
HELP: Mapping[str, str] = {
    "titel": "So heißt die Regel in der Leitlinie.",
    "id": "Kurz, klein, ohne Umlaute und Leerzeichen, zum Beispiel „protokolle-intern“. Bleibt für immer.",
    "satz": "Dieser Satz steht unter dem Urteil, wörtlich.",
    "bedingungen": "Eine je Zeile, als ganzer Satz. Beschäftigte haken sie ab.",
    "begruendung": "Warum gilt das? Ein bis zwei Sätze.",
    "zustaendig": "Schlüssel der Stellen, eine je Zeile, die wichtigste zuerst.",
    "normen": "Eine Vorschrift je Zeile, Gesetz zuerst: „DSGVO Art. 5 Abs. 1 lit. c“ oder „UrhG § 44b“.",
    "handlung": "Was wird getan? Nichts angekreuzt heißt: gleichgültig.",
    "daten": "Um welche Daten geht es? Nichts angekreuzt heißt: gleichgültig.",
    "werkzeug": "Womit? Nichts angekreuzt heißt: gleichgültig.",
    "ausnahme_von": "Kennungen der Regeln, denen diese hier vorgeht, eine je Zeile. Meist leer.",
    "fragen": "Mindestens fünf, eine je Zeile, so wie Beschäftigte fragen. Daran wird die Regel gefunden.",
    "prosa": "Steht in der Leitlinie unter der Regel und wird mit zitiert. Absätze durch eine leere Zeile.",
}  # fmt: skip
VERDICTS = (
    ("erlaubt", "erlaubt – ohne weitere Genehmigung"), ("bedingt", "bedingt – erst muss etwas vorliegen oder entschieden sein"),
    ("verboten", "verboten"), ("auskunft", "auskunft – die Regel erklärt nur, sie erlaubt und verbietet nichts"),
)  # fmt: skip
OPTIONAL = frozenset({"ausnahme_von", "bedingungen", "normen"})


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen: (key, name) pairs for the closed lists, and the offices."""

    words: Mapping[str, Sequence[tuple[str, str]]]
    offices: Sequence[tuple[str, str]]


def choices(corpus: Path) -> Choices:
    """Names from the vocabulary and the contacts; keys alone where those cannot be read at the moment."""
    try:
        names = {concept.key: concept.name for concept in read_vocabulary(corpus / "begriffe.toml").concepts}
    except LeitplankeError:
        names = {}
    try:
        offices = [(key, contact.name) for key, contact in read_contacts(corpus / "kontakte.toml").items()]
    except LeitplankeError:
        offices = []
    words = {
        field: sorted(((key, names.get(f"{field}:{key}", key)) for key in known), key=lambda pair: pair[1].lower())
        for field, known in KEYS.items()
    }
    return Choices(words, offices)


def from_form(visit: Visit, was: RuleForm = EMPTY) -> RuleForm:
    """What was sent. Ticked words stay in the order in which they stood, new ones follow."""
    values: dict[str, str | tuple[str, ...]] = {}
    for name, kind in FIELDS.items():
        if name in KEYS:
            ticked = visit.many(name)
            values[name] = (*(w for w in was.texts(name) if w in ticked), *(w for w in ticked if w not in was.texts(name)))
        else:
            values[name] = visit.lines(name) if kind is list else visit.one(name)
    return RuleForm(visit.one("titel"), visit.one("prosa"), values)


def by_field(problems: Sequence[RuleError]) -> dict[str, str]:
    """What is wrong, by field; "" holds what belongs to none."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        label = LABELS.get(problem.field, "")
        what = problem.what.replace(f"„{problem.field}“", f"„{label}“") if label else problem.what
        found.setdefault(problem.field if label else "", []).append(what)
    return {name: " ".join(what) for name, what in found.items()}


def shown(form: RuleForm) -> dict[str, str]:
    """Every field as one text, to compare and to show."""
    texts = {"titel": form.title, **{n: v if isinstance(v, str) else "\n".join(v) for n, v in form.values.items()}}
    return {**texts, "prosa": form.prose}


def changed(before: RuleForm, after: RuleForm) -> list[str]:
    """Labels of the fields that differ."""
    old, new = shown(before), shown(after)
    return [LABELS[name] for name in old if old[name].strip() != new[name].strip()]
