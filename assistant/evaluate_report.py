"""A measurement as one HTML page for people: figures as tables with bars, the worst questions, what changed.

The page holds everything it needs and runs nothing: no script, nothing loaded, its own Content-Security-Policy forbids
both. Every bar repeats numbers that stand beside it, so it is hidden from screen readers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from assistant.corpus.official import write_atomically
from assistant.errors import LeitplankeError
from assistant.evaluate import Figure, Row, durations, falsely_permitted, score, verdict_by, verdict_right
from assistant.evaluate_compare import Comparison, Outcome
from assistant.evaluate_search import Mean, SearchResult
from assistant.index.generation import sha256

LESS_IS_BETTER = frozenset(
    {
        "Falsche Erlaubnis", "Urteil aus darf_nie", "zu mild: bedingt statt verboten", "Falsche Ablehnung",
        "Rückfrage statt Antwort", "Personenbezug Fehlalarm",
    }
)  # fmt: skip
FALSELY_PERMITTED, NEVER, WRONG = "falsche Erlaubnis", "schwerer Fehler (darf_nie)", "falsches Urteil"
KINDS = (FALSELY_PERMITTED, NEVER, WRONG)
"""Of a wrong verdict, the worst first."""

_STYLE = """
:root { color-scheme: light dark; --text: #1b1d21; --grund: #ffffff; --leise: #565b63; --linie: #c3c8d0;
  --spur: #e4e8ee; --bereich: #9fc0ea; --wert: #17559b; --achtung: #a03000; }
@media (prefers-color-scheme: dark) { :root { --text: #e9ebee; --grund: #16181c; --leise: #b3b9c2; --linie: #4a505a;
  --spur: #2b3038; --bereich: #3d6699; --wert: #a9cdfa; --achtung: #ffb38a; } }
body { margin: 0; background: var(--grund); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.25rem; margin-top: 2.5rem; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .2rem 1rem; }
dt { color: var(--leise); } dd { margin: 0; overflow-wrap: anywhere; }
.rolle { overflow-x: auto; margin: 1rem 0; } .rolle:focus-visible { outline: 3px solid var(--wert); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--linie); }
thead th { border-bottom-width: 2px; } tbody th { font-weight: 400; } .zahl { text-align: right; white-space: nowrap; }
td.frage { min-width: 16rem; overflow-wrap: anywhere; } .leise { color: var(--leise); } .achtung { color: var(--achtung); font-weight: 600; }
svg { display: block; width: 10rem; height: 1rem; } .spur { fill: var(--spur); } .bereich { fill: var(--bereich); } .wert { fill: var(--wert); }
@media (max-width: 45rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } svg { width: 5rem; } }
@media print { .rolle { overflow: visible; } }
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: the question file and the day the page is made; ``generation`` of a search measurement."""

    file: Path
    made: dt.date
    generation: str = ""


def check_target(path: Path) -> None:
    """Before measuring for minutes: whether the page can be written there at all. Raises LeitplankeError."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise LeitplankeError(f"Bericht {path}: erwartet wird ein Dateiname mit der Endung .html.")
    try:
        why = "ist ein Ordner" if path.is_dir() else "" if path.parent.is_dir() else f"der Ordner {path.parent} fehlt"
    except OSError as error:
        raise _unwritable(path, error) from error
    if why:
        raise LeitplankeError(f"Bericht {path}: {why}. Einen anderen Namen angeben oder den Ordner anlegen.")


def _unwritable(path: Path, error: OSError) -> LeitplankeError:
    return LeitplankeError(
        f"Bericht {path} kann nicht geschrieben werden ({error.strerror}). Name, Rechte und freien Platz prüfen."
    )


def write_page(path: Path, page: str) -> None:
    """Write the page whole or not at all. Raises LeitplankeError."""
    check_target(path)
    try:
        # A lone surrogate from an input's "\\ud800" cannot be written as UTF-8.
        write_atomically(path, page.encode("utf-8", errors="replace"))
    except OSError as error:
        raise _unwritable(path, error) from error


def answers_page(
    measured: Measured, rows: Sequence[Row], answers: Mapping[str, Row], comparison: Comparison | None = None
) -> str:
    """The page for answers to questions with an expected status and verdict."""
    facts = [
        *_file_facts(measured, len(rows)),
        ("Tag der Rechtslage", _distinct(_day(a.get("stand")) for a in answers.values())),
        ("Generation", _distinct(a.get("generation") for a in answers.values())),
        ("Leitlinie", _distinct(_guideline(a) for a in answers.values())),
        ("Verfasst von", _distinct(a.get("verfasst_von") for a in answers.values())),
    ]
    sections = [_figures_section(rows, answers), _duration_section(answers)]
    if comparison is not None:
        sections += [_comparison_section(comparison), _changes_section(comparison)]
    sections += [_by_section(rows, answers), _wrong_section(rows, answers)]
    return _page("Messung der Antworten", facts, sections)


def search_page(measured: Measured, result: SearchResult) -> str:
    """The page for a measurement of the search."""
    facts = [
        *_file_facts(measured, result.questions),
        ("Ohne Norm, nicht gezählt", str(result.without_gold)),
        ("Generation", measured.generation),
        ("Spur", ", ".join(lane.value for lane in result.lanes)),
        ("Rechtsakte", ", ".join(result.acts)),
        ("Nicht im Index", ", ".join(result.absent)),
    ]
    sections = []
    for name, figure in (("hit@5", "hit"), ("recall@5", "recall"), ("MRR", "rank")):
        rows = [[escape(f"{f.wording}: {f.way}"), *_share_cells(getattr(f, figure))] for f in result.found]
        sections.append(_table(f"{name} je Fassung der Frage und Art der Suche", ("Suche", *_SHARE_HEAD), rows))
    return _page("Messung der Suche", facts, sections)


# ---------------------------------------------------------------- facts


def _file_facts(measured: Measured, questions: int) -> list[tuple[str, str]]:
    return [
        ("Erstellt am", f"{measured.made:%d.%m.%Y}"),
        ("Fragen", f"{questions} aus {measured.file.name}"),
        ("SHA-256 der Fragen", sha256(measured.file)),
    ]


def _distinct(values: Iterable[object]) -> str:
    """What all answers say, or everything that some say: answers of a file may come from several runs."""
    return ", ".join(sorted({str(value) for value in values if value}))


def _day(value: object) -> str:
    try:
        return f"{dt.date.fromisoformat(str(value)):%d.%m.%Y}"
    except ValueError:
        return ""


def _guideline(answer: Row) -> str:
    info = answer.get("leitlinie")
    if not isinstance(info, dict) or not info.get("titel"):
        return ""
    return f"{info['titel']}, Fassung {info.get('fassung')}{'' if info.get('beschlossen') else ' (nicht beschlossen)'}"


# ---------------------------------------------------------------- sections

_SHARE_HEAD = ("Anteil", "Fälle", "95-%-Intervall", "Bild")


def _share_cells(figure: Figure | Mean) -> list[str]:
    """Share, count, Wilson interval and bar."""
    low, high = figure.interval()
    count = f"{figure.hits} von {figure.total}" if isinstance(figure, Figure) else str(figure.count)
    if not (figure.total if isinstance(figure, Figure) else figure.count):
        return ["–", count, "–", ""]
    return [f"{figure.share:.3f}", count, f"{low:.3f}–{high:.3f}", _bar(figure.share, low, high)]


def _bar(share: float, low: float, high: float) -> str:
    """A line from 0 to 1 with the interval as a band and the share as a mark."""
    return (
        '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="spur" width="100" height="10"/>'
        f'<rect class="bereich" x="{100 * low:.1f}" y="2" width="{max(0.5, 100 * (high - low)):.1f}" height="6"/>'
        f'<rect class="wert" x="{min(98.5, 98.5 * share):.1f}" width="1.5" height="10"/></svg>'
    )


def _figures_section(rows: Sequence[Row], answers: Mapping[str, Row]) -> str:
    lines = [[_figure_name(figure), *_share_cells(figure)] for figure in score(rows, answers)]
    return "<h2>Kennzahlen</h2>" + _table("Kennzahlen mit Intervall nach Wilson", ("Kennzahl", *_SHARE_HEAD), lines)


def _figure_name(figure: Figure) -> str:
    note = ' <span class="leise">(weniger ist besser)</span>' if figure.name in LESS_IS_BETTER else ""
    return escape(figure.name.strip()) + note


def _duration_section(answers: Mapping[str, Row]) -> str:
    taken = durations(answers)
    text = "Die Antworten sagen nicht, wie lange sie gedauert haben."
    if taken is not None:
        text = f"Median {taken.median:.1f} ms, 95. Perzentil {taken.high:.1f} ms, über {taken.count} Antworten."
    return f"<h2>Dauer je Antwort</h2><p>{text}</p>"


def _comparison_section(comparison: Comparison) -> str:
    lines = [
        [
            _figure_name(before),
            f"{before.share:.3f}",
            f"{after.share:.3f}",
            f"{after.share - before.share:+.3f}",
            f"{before.hits} → {after.hits} von {after.total}",
        ]
        for before, after in comparison.figures
        if after.total
    ]
    missing = (
        f"<p>Dort ohne Antwort und deshalb als falsch gezählt: {comparison.missing}.</p>" if comparison.missing else ""
    )
    head = ("Kennzahl", "vorher", "nachher", "Unterschied", "Fälle")
    name = escape(comparison.name)
    return f"<h2>Verglichen mit {name}</h2>{missing}" + _table(f"Vorher: {comparison.name}", head, lines)


def _changes_section(comparison: Comparison) -> str:
    if not comparison.changes:
        return "<p>Keine Frage wurde anders beantwortet.</p>"
    lines = [
        [escape(c.id), escape(c.kind), escape(c.before.line()), escape(c.after.line()), escape(c.question)]
        for c in comparison.changes
    ]
    caption = f"Anders beantwortet: {len(lines)} Fragen, neue Erlaubnisse zuerst"
    return _table(caption, ("Kennung", "Was", "vorher", "nachher", "Frage"), lines)


def _by_section(rows: Sequence[Row], answers: Mapping[str, Row]) -> str:
    parts = ["<h2>Urteil richtig nach Stil und Thema</h2>"]
    for field, title in (("stil", "Stil"), ("thema", "Thema")):
        lines = [
            [escape(figure.name.strip().removeprefix(field).strip() or "ohne Angabe"), *_share_cells(figure)]
            for figure in verdict_by(rows, answers, field)
        ]
        parts.append(_table(f"Urteil richtig nach {title}", (title, *_SHARE_HEAD), lines))
    return "".join(parts)


def _wrong_section(rows: Sequence[Row], answers: Mapping[str, Row]) -> str:
    wrong = [(kind, r, a) for r in rows if (kind := _wrong(r, a := answers.get(str(r["id"]), {})))]
    if not wrong:
        return "<h2>Falsche Urteile</h2><p>Keine.</p>"
    wrong.sort(key=lambda item: KINDS.index(item[0]))
    lines = [
        [escape(str(r["id"])), _kind_cell(kind), escape(_expected(r)), escape(_got(a)), escape(_asked(r))]
        for kind, r, a in wrong
    ]
    caption = f"{len(lines)} Fragen, die schlimmsten Fehler zuerst"
    table = _table(caption, ("Kennung", "Fehler", "erwartet", "bekommen", "Frage"), lines)
    return "<h2>Falsche Urteile</h2>" + table


def _wrong(row: Row, answer: Row) -> str:
    """The kind of a wrong verdict, "" for a right one or where none was expected."""
    if falsely_permitted(row, answer):
        return FALSELY_PERMITTED
    if answer.get("urteil") in row.get("darf_nie", []):
        return NEVER
    return WRONG if row.get("urteil") and not verdict_right(row, answer) else ""


def _kind_cell(kind: str) -> str:
    return escape(kind) if kind == WRONG else f'<span class="achtung">{escape(kind)}</span>'


def _expected(row: Row) -> str:
    verdicts = " oder ".join(row["urteil"]) or str(row["status"])
    return f"{verdicts} ({', '.join(row['regeln'])})" if row.get("regeln") else verdicts


def _got(answer: Row) -> str:
    return Outcome.of(answer).line() if answer else "keine Antwort"


def _asked(row: Row) -> str:
    """With the earlier questions of a conversation, without which a follow-up cannot be understood."""
    return " – ".join([*row.get("verlauf", []), row["frage"]])


# ---------------------------------------------------------------- the page

_NUMBERS = frozenset({"Anteil", "Fälle", "95-%-Intervall", "vorher", "nachher", "Unterschied"})


def _table(caption: str, head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """``lines`` are HTML; the first cell of each is its header. A table too wide for the window scrolls by itself."""
    compared = "Kennung" not in head
    classes = ["frage" if h == "Frage" else "zahl" if compared and h in _NUMBERS else "" for h in head]
    attributes = [f' class="{name}"' if name else "" for name in classes]
    titles = "".join(f'<th scope="col"{a}>{escape(h)}</th>' for h, a in zip(head, attributes, strict=True))
    body = "".join(
        f'<tr><th scope="row">{first}</th>'
        + "".join(f"<td{a}>{cell}</td>" for cell, a in zip(rest, attributes[1:], strict=True))
        + "</tr>"
        for first, *rest in lines
    )
    return (
        f'<div class="rolle" role="region" tabindex="0" aria-label="{escape(caption)}"><table><caption>{escape(caption)}'
        f"</caption><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _page(title: str, facts: Sequence[tuple[str, str]], sections: Sequence[str]) -> str:
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts if value)
    return (
        '<!DOCTYPE html>\n<html lang="de"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body><main><h1>{escape(title)}</h1>"
        f"<dl>{listed}</dl>\n" + "\n".join(sections) + "</main></body></html>\n"
    )
