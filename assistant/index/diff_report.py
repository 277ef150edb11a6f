"""The change report of ``index diff`` as text, as JSON and as one HTML file that needs nothing else.

Newly permitted cases stand first everywhere, those that a gold question rules out above all others. The HTML has no
script, loads nothing, follows the reader's dark mode and lets long words break, so that it can be enlarged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from assistant.corpus.diff import Change, Fate, Part, rendered, words
from assistant.index.answers import AnswerChange
from assistant.index.diff import GenerationDiff, RuleChange, SourceChange
from assistant.index.given import Kind, Outcome

FATES = {Fate.NEU: "neu", Fate.ENTFALLEN: "entfallen", Fate.GEAENDERT: "geändert"}
FORBIDDEN = "Darf nach den Prüffragen nie erlaubt sein – verhindert die Veröffentlichung"


def lines(found: GenerationDiff) -> Iterator[str]:
    """For a terminal; words that went in ``[-…-]``, words that came in ``{+…+}``."""
    yield f"Generation {found.old} → {found.new}, gefragt nach dem {found.as_of:%d.%m.%Y}"
    yield summary(found)
    yield ""
    yield f"Antworten: {len(found.answers) or 'keine'} von {found.asked} anders"
    for kind, group in groupby(found.answers, key=lambda c: c.kind):
        members = list(group)
        yield f"\n{kind.value} ({len(members)})"
        for change in members:
            yield from _answer_lines(change)
    yield f"\nRegeln: {len(found.rules) or 'keine'} anders"
    for rule in found.rules:
        yield f"  {FATES[rule.fate]}: {rule.id} („{rule.title}“)"
        yield from (f"    {change.label}: {rendered(change)}" for change in rule.fields)
    yield f"\nTexte: {len(found.sources) or 'keine'} anders"
    for source in found.sources:
        yield f"  {_source_title(source)}"
        yield from (f"    {FATES[c.fate]}: {c.label}: {rendered(c)}" for c in source.places)
    if found.files:
        yield f"\nAußerdem geändert: {', '.join(found.files)}"


def summary(found: GenerationDiff) -> str:
    """One line of counts."""
    p, blocked = found.passages, len(found.forbidden)
    line = (
        f"Passagen: {p.new} neu, {p.changed} geändert, {p.unchanged} unverändert, {p.removed} entfallen. "
        f"Regeln: {len(found.rules)} anders. Antworten: {len(found.answers)} von {found.asked} anders, davon "
        f"{sum(c.kind is Kind.NEU_ERLAUBT for c in found.answers)} neu erlaubt."
    )
    return f"{line} Nicht veröffentlichbar: {blocked} neu erlaubte Prüffragen dürfen nie erlaubt sein." if blocked else line


def _answer_lines(change: AnswerChange) -> Iterator[str]:
    yield f"  {'! ' if change.forbidden else ''}{change.asked.id}: {' / '.join([*change.asked.history, change.asked.text])}"
    if change.forbidden:
        yield f"    {FORBIDDEN}"
    if change.before.line() != change.after.line():
        yield f"    {change.before.line()} → {change.after.line()}"
    yield from (f"    {c.label}: {rendered(c)}" for c in details(change))


def details(change: AnswerChange) -> tuple[Change, ...]:
    """What of an answer differs besides verdict and rules: conditions, offices and sources, else the wording."""
    before, after = _parts(change.before), _parts(change.after)
    texts = [(name, before[name], after[name]) for name in before if before[name] != after[name]]
    if not texts and change.before.text != change.after.text:
        texts = [("Wortlaut", change.before.text, change.after.text)]
    return tuple(Change(name, name, Fate.GEAENDERT, old, new) for name, old, new in texts)


def _parts(outcome: Outcome) -> dict[str, str]:
    return {
        "Bedingungen": "\n".join(outcome.conditions),
        "Zuständig": "\n".join(outcome.offices),
        "Fundstellen": "\n".join(f"{label}: „{quote}“" for label, quote in outcome.sources),
    }


def _source_title(source: SourceChange) -> str:
    before, after = source.states
    state = after or before if before == after or not (before and after) else f"{before} → {after}"
    number = f"{len(source.places)} Stellen" if source.places else f"{source.count} Fundstellen"
    return f"{FATES[source.fate]}: {source.name}, {state} ({number})"


# ---------------------------------------------------------------- JSON


def to_json(found: GenerationDiff) -> dict[str, object]:
    """The comparison as one JSON object; ``worte`` are the runs of the word diff, whole."""
    p = found.passages
    return {
        "alt": found.old, "neu": found.new, "stand": found.as_of.isoformat(), "gefragt": found.asked,
        "veroeffentlichbar": not found.forbidden,
        "passagen": {"neu": p.new, "geaendert": p.changed, "unveraendert": p.unchanged, "entfallen": p.removed},
        "antworten": [_answer_json(c) for c in found.answers],
        "regeln": [
            {"id": r.id, "titel": r.title, "art": r.fate.value, "felder": [_change_json(c) for c in r.fields]}
            for r in found.rules
        ],
        "texte": [
            {
                "quelle": s.name, "art": s.fate.value, "staende": {"alt": s.states[0], "neu": s.states[1]},
                "fundstellen": s.count, "unterschiede": [_change_json(c) for c in s.places],
            }
            for s in found.sources
        ],
        "dateien": list(found.files),
    }  # fmt: skip


def _change_json(change: Change) -> dict[str, object]:
    runs = [{"art": part.value, "text": text} for part, text in words(change)]
    return {"norm": change.norm, "anzeige": change.label, "art": change.fate.value, "worte": runs}


def _answer_json(change: AnswerChange) -> dict[str, object]:
    return {
        "id": change.asked.id, "frage": change.asked.text, "verlauf": list(change.asked.history),
        "art": change.kind.value, "darf_nie_erlaubt": change.forbidden,
        "vorher": _outcome_json(change.before), "nachher": _outcome_json(change.after),
    }  # fmt: skip


def _outcome_json(outcome: Outcome) -> dict[str, object]:
    return {
        "status": outcome.status, "urteil": outcome.verdict, "regeln": list(outcome.rules),
        "bedingungen": list(outcome.conditions), "zustaendig": list(outcome.offices),
        "fundstellen": [{"anzeige": label, "zitat": quote} for label, quote in outcome.sources],
    }  # fmt: skip


# ---------------------------------------------------------------- HTML

_STYLE = """
:root { color-scheme: light dark; --grund: #fff; --schrift: #1b1b1b; --linie: #767676; --weg: #fbe3e1; --neu: #dff3e3;
  --warnung: #8f1d14; }
@media (prefers-color-scheme: dark) { :root { --grund: #16181b; --schrift: #ececec; --linie: #9a9a9a; --weg: #5a211c;
  --neu: #1d4a2a; --warnung: #ff9d92; } }
body { background: var(--grund); color: var(--schrift); font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto;
  max-width: 70rem; padding: 1rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }
caption { text-align: left; font-weight: bold; padding: .5rem 0; }
th, td { border: 1px solid var(--linie); padding: .4rem .6rem; text-align: left; vertical-align: top; }
th[scope=row] { font-weight: normal; }
del { background: var(--weg); } ins { background: var(--neu); }
.sperre { color: var(--warnung); font-weight: bold; }
@media (max-width: 45rem) { thead { position: absolute; left: -99rem; } tr, th, td { display: block; }
  tr { margin-bottom: 1rem; } }
"""


def html(found: GenerationDiff) -> str:
    """One self-contained page. Everything that people wrote is escaped."""
    title = f"Änderungsbericht {found.old} → {found.new}"
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p>Gefragt nach dem {found.as_of:%d.%m.%Y}. {escape(summary(found))}</p>",
        "<p>Weggefallene Wörter sind <del>durchgestrichen</del>, neue <ins>unterstrichen</ins>.</p>",
        "<h2>Antworten</h2>", *_answer_tables(found),
        "<h2>Regeln</h2>", *_rule_tables(found.rules),
        "<h2>Texte</h2>", *_source_tables(found.sources),
    ]  # fmt: skip
    if found.files:
        body.append(f"<p>Außerdem geändert: {escape(', '.join(found.files))}</p>")
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return f'<!doctype html>\n<html lang="de"><head>{head}<style>{_STYLE}</style></head><body><main>\n' + (
        "\n".join(body) + "\n</main></body></html>\n"
    )


def _answer_tables(found: GenerationDiff) -> Iterator[str]:
    if not found.answers:
        yield f"<p>Alle {found.asked} Fragen werden beantwortet wie zuvor.</p>"
    for kind, group in groupby(found.answers, key=lambda c: c.kind):
        rows = [(_question(c), escape(c.before.line()), escape(c.after.line()), _runs(details(c))) for c in group]
        yield _table(f"{kind.value} ({len(rows)})", ("Frage", "Vorher", "Nachher", "Unterschiede"), rows)


def _question(change: AnswerChange) -> str:
    text = escape(" / ".join([*change.asked.history, change.asked.text]))
    warning = f'<br><span class="sperre">{FORBIDDEN}</span>' if change.forbidden else ""
    return f"{text}<br><small>{escape(change.asked.id)}</small>{warning}"


def _rule_tables(rules: Iterable[RuleChange]) -> Iterator[str]:
    tables = [
        _table(f"{FATES[r.fate]}: {r.id} („{r.title}“)", ("Feld", "Wortlaut"), [(escape(c.label), _marked(c)) for c in r.fields])
        for r in rules
    ]  # fmt: skip
    yield from tables or ["<p>Keine Regel ist anders.</p>"]


def _source_tables(sources: Iterable[SourceChange]) -> Iterator[str]:
    empty = True
    for source in sources:
        empty = False
        rows = [(escape(f"{c.label} ({FATES[c.fate]})"), _marked(c)) for c in source.places]
        title = _source_title(source)
        yield _table(title, ("Fundstelle", "Wortlaut"), rows) if rows else f"<p>{escape(title)}</p>"
    if empty:
        yield "<p>Kein Text ist anders.</p>"


def _table(caption: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Cells are HTML already, caption and heads are text."""
    top = "".join(f'<th scope="col">{escape(h)}</th>' for h in heads)
    lines = (
        f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>" for first, *rest in rows
    )
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _runs(changes: Iterable[Change]) -> str:
    return "".join(f"<div><strong>{escape(c.label)}:</strong> {_marked(c)}</div>" for c in changes)


def _marked(change: Change) -> str:
    tags = {Part.GLEICH: "{}", Part.WEG: "<del>{}</del>", Part.NEU: "<ins>{}</ins>"}
    return " ".join(tags[part].format(escape(text)) for part, text in words(change))
