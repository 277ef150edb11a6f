"""A town's own guideline (Word or PDF) as rule drafts, to be completed and reviewed by a person.

A draft is a file of its own in ``corpus/entwuerfe/``, where the guideline reader does not look, in the form of a rule: the
document's heading and wording, suggestions for id, applicability, offices and norms, and an empty verdict. A verdict is
never suggested: sentences that sound like one are quoted as a remark. A rule with an empty verdict is refused by the
reader of the guideline, wherever its file is put.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.corpus.documents import Part, read_untrusted_document
from assistant.corpus.editing import EditableRule, add_rule
from assistant.corpus.law import Law, read_law
from assistant.corpus.official import write_atomically
from assistant.corpus.replacing import text_of
from assistant.corpus.rules import KEYS, Guideline, read_guideline
from assistant.corpus.ruletext import EMPTY, RuleForm, appended, form_of, places, tidy
from assistant.corpus.sentences import sentences
from assistant.corpus.vocabulary import Vocabulary, read_vocabulary
from assistant.errors import CorpusError, ImportRefused
from assistant.index.german import fold
from assistant.index.lexical import LexicalLane

FOLDER = "entwuerfe"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PAGE = re.compile(r" \(Seite (\d+)\)(?: \(\d+\))?$")
_NUMBERING = re.compile(r"^\s*(?:§+\s*)?(?:\d+[a-z]?(?:\.\d+)*[.)]?|[IVX]+\.|[A-Za-z][.)])\s+")
_SOUNDS_LIKE_VERDICT = re.compile(
    r"\b(?:verbot\w*|verbiet\w*|untersag\w*|unzulassig\w*|zulassig\w*|erlaub\w*|gestatte\w*|darf|durfen|muss|mussen|nur|"
    r"vorbehalten|genehmig\w*|freigegeben\w*|freigabe)\b"
)
_MOST_QUOTED = 5
_NEAREST = 3
_LONGEST_ID = 48


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft: ``name`` of its file, ``source`` says where it comes from, ``remarks`` are for the person, ``form`` is
    the rule as far as it goes."""

    name: str
    source: str
    remarks: tuple[str, ...]
    form: RuleForm


def drafts_from(home: Path, file: Path, today: dt.date, chapter: str = "") -> tuple[Draft, ...]:
    """Drafts for the sections of a document, of those whose heading contains ``chapter``; nothing is written.

    Raises ImportRefused for a document that cannot be read, CorpusError if the home's own files cannot be.
    """
    document = read_untrusted_document(file, file.name)
    parts = _joined(document.parts)
    if not any(fold(chapter) in fold(p.title) for p in parts):
        headings = ", ".join(f"„{p.title}“" for p in parts[:8])
        raise ImportRefused(f"{file.name}: keine Überschrift enthält „{chapter}“. Es gibt zum Beispiel {headings}.")
    corpus = home / "corpus"
    guideline, vocabulary, law = read_guideline(corpus), read_vocabulary(corpus / "begriffe.toml"), read_law(corpus)
    nearest = _Nearest(guideline)
    taken = {rule.id for rule in guideline.rules}
    drafts = []
    for part in parts:
        title = _heading(part, parts)
        name = _free(_slug(title), taken)
        taken.add(name)
        if fold(chapter) not in fold(part.title):  # it has its name nevertheless: another run names it alike
            continue
        form = _suggested(name, title, part.text, guideline, vocabulary, law)
        remarks = tuple(_remarks(form, part.text, vocabulary, law, nearest, today))
        drafts.append(Draft(name, f"{file.name}, Abschnitt „{part.title}“", remarks, form))
    return tuple(drafts)


def write_drafts(folder: Path, drafts: Iterable[Draft]) -> tuple[list[Path], list[Path]]:
    """(written, left as they were): a draft that lies there already may have been worked on and is never overwritten."""
    if folder.resolve().name == "leitlinie":
        raise CorpusError(
            f"{folder}: dort liest der Assistent fertige Regeln. Für Entwürfe einen anderen Ordner nennen."
        )
    written: list[Path] = []
    kept: list[Path] = []
    for draft in drafts:
        path = folder / f"{draft.name}.md"
        if path.exists():
            kept.append(path)
            continue
        _write(path, draft)
        written.append(path)
    return written, kept


def read_drafts(corpus: Path) -> tuple[Draft, ...]:
    """All drafts of a home by name. Raises CorpusError or RuleError for a file that is none."""
    return tuple(read_draft(corpus, path.stem) for path in sorted((corpus / FOLDER).glob("*.md")))


def read_draft(corpus: Path, name: str) -> Draft:
    """One draft. Raises CorpusError."""
    path, where = _path(corpus, name), f"corpus/{FOLDER}/{name}.md"
    text = text_of(path, where)
    place = next(places(text), None)
    if place is None:
        raise CorpusError(f"{where}: kein Entwurf einer Regel. Erwartet wird eine Überschrift mit yaml-Block.")
    head = text.splitlines()[: place.start]
    source = next((line[2:].removeprefix("Entwurf aus ") for line in head if line.startswith("# ")), path.name)
    return Draft(name, source, tuple(line[2:] for line in head if line.startswith("- ")), form_of(place, where))


def save_draft(corpus: Path, name: str, form: RuleForm) -> Draft:
    """Keep what a person has filled in so far; nothing has to be complete. Raises CorpusError."""
    old = read_draft(corpus, name)
    draft = Draft(name, old.source, old.remarks, tidy(form))
    _write(_path(corpus, name), draft)
    return draft


def accept_draft(corpus: Path, name: str, chapter: str, form: RuleForm) -> EditableRule:
    """Make a completed draft a rule of a chapter and remove it. Raises as ``editing.add_rule``; then the draft stays.

    Without a verdict, a sentence and enough questions there is no rule.
    """
    path = _path(corpus, name)
    read_draft(corpus, name)
    rule = add_rule(corpus, chapter, form)
    path.unlink(missing_ok=True)
    return rule


def discard_draft(corpus: Path, name: str) -> None:
    """Remove a draft. Raises CorpusError if there is none."""
    read_draft(corpus, name)
    _path(corpus, name).unlink(missing_ok=True)


# ---------------------------------------------------------------- suggestions


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Sections that run over several pages as one, named by their first page."""
    result: list[Part] = []
    for part in parts:
        path = _PAGE.sub("", part.title)
        if result and _PAGE.search(part.title) and _PAGE.sub("", result[-1].title) == path:
            result[-1] = Part(result[-1].title, f"{result[-1].text}\n{part.text}")
        else:
            result.append(part)
    return result


def _heading(part: Part, parts: Sequence[Part]) -> str:
    """The last heading of its path, without page and without the number that the reader gave to tell it from its like."""
    path = _PAGE.sub("", part.title)
    plain = re.sub(r" \(\d+\)$", "", path)
    known = any(_PAGE.sub("", other.title) == plain for other in parts)
    return (plain if known else path).split(" › ")[-1]


def _slug(title: str) -> str:
    text = re.sub(
        "[äöüß]", lambda m: {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}[m.group()], _NUMBERING.sub("", title).lower()
    )
    words = re.findall(r"[a-z0-9]+", fold(text))
    while len("-".join(words)) > _LONGEST_ID and len(words) > 1:
        words.pop()
    return "-".join(words)[:_LONGEST_ID] or "abschnitt"


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else next(n for i in range(2, 10_000) if (n := f"{name}-{i}") not in taken)


def _suggested(name: str, title: str, text: str, guideline: Guideline, vocabulary: Vocabulary, law: Law) -> RuleForm:
    found = vocabulary.read(text)
    applicable = {
        field: tuple(sorted(k for key in found if (k := key.removeprefix(f"{field}:")) != key and k in known))
        for field, known in KEYS.items()
    }
    folded = fold(text)
    offices = tuple(c.key for c in guideline.contacts.values() if any(fold(n) in folded for n in _names(c.name)))
    norms = tuple(dict.fromkeys(mention.address.norm for mention in law.acts.mentions(text)))
    values = {**EMPTY.values, "id": name, "zustaendig": offices, "normen": norms, **applicable}
    return RuleForm(title, "\n\n".join(_as_prose(line) for line in text.split("\n") if line.strip()), values)


def _names(name: str) -> list[str]:
    """How an office is named in a text: "Datenschutzbeauftragte (DSB)" without and only with its abbreviation."""
    return [part for piece in name.split("(") if len(part := piece.strip(" )")) > 2]


def _as_prose(line: str) -> str:
    """A line of the document as Markdown that is no heading and opens no block."""
    return re.sub(r"^(?=#|```)", r"\\", line.strip())


def _remarks(
    form: RuleForm, text: str, vocabulary: Vocabulary, law: Law, nearest: _Nearest, today: dt.date
) -> Iterator[str]:
    yield "Das Urteil ist leer. Es trägt ein Mensch ein, ebenso Satz, Bedingungen und mindestens fünf Beispielfragen."
    found = vocabulary.read(text)
    shown = [f"{k.replace(':', ' ')} („{word}“)" for k, word in found.items() if k.partition(":")[0] in KEYS]
    if shown:
        yield f"Anwendungsbereich vorgeschlagen nach den Wörtern: {', '.join(shown)}."
    else:
        yield "Der Text nennt keine bekannte Handlung, keine Daten und kein Werkzeug; vielleicht ist er keine Regel."
    telling = [
        s for line in text.split("\n") for s in sentences(line) or (line,) if _SOUNDS_LIKE_VERDICT.search(fold(s))
    ]
    for sentence in telling[:_MOST_QUOTED]:
        yield f"Für das Urteil zu lesen: „{sentence}“"
    if len(telling) > _MOST_QUOTED:
        yield f"Weitere {len(telling) - _MOST_QUOTED} Sätze dieser Art stehen im Text."
    for norm in form.texts("normen"):
        if missing := law.missing(law.acts.parse(norm), today):
            yield missing
    if near := nearest.to(f"{form.title}\n{text}"):
        yield f"Ähnliche Regeln gibt es schon: {', '.join(near)}. Vergleichen, ob eine davon zu ändern genügt."


class _Nearest:
    """The existing rules that share most words with a text."""

    def __init__(self, guideline: Guideline) -> None:
        self._rules = guideline.rules
        texts = [" ".join((r.title, r.sentence, *r.conditions, *r.questions)) for r in guideline.rules]
        self._lane = LexicalLane.build(texts) if texts else None

    def to(self, text: str) -> list[str]:
        if self._lane is None:
            return []
        scores = self._lane.scores(text)
        best = sorted(range(len(self._rules)), key=lambda n: -scores[n])[:_NEAREST]
        return [f"{self._rules[n].id} ({self._rules[n].title})" for n in best if scores[n] > 0]


# ---------------------------------------------------------------- files


def _path(corpus: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise CorpusError(f"„{name}“ ist kein Name eines Entwurfs.")
    return corpus / FOLDER / f"{name}.md"


def _write(path: Path, draft: Draft) -> None:
    head = "\n".join([f"# Entwurf aus {draft.source}", "", *(f"- {remark}" for remark in draft.remarks), ""])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, appended(head, tidy(draft.form)).encode("utf-8"))
    except OSError as error:
        raise CorpusError(
            f"{path} kann nicht geschrieben werden ({error.strerror}). Platz und Rechte prüfen."
        ) from error


def to_json(draft: Draft) -> Mapping[str, object]:
    """The draft for ``--json``."""
    values = {name: list(v) if isinstance(v, tuple) else v for name, v in draft.form.values.items()}
    return {"name": draft.name, "quelle": draft.source, "bemerkungen": list(draft.remarks), "titel": draft.form.title,
            "regel": values, "prosa": draft.form.prose}  # fmt: skip
