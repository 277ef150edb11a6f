"""Command ``eval``: answers and search measured against expected ones."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.cli.terms import Commands, as_json, now, print_json, progress_over
from assistant.errors import UsageError
from assistant.settings import home_folder
from assistant.types import Question


def register(commands: Commands) -> None:
    """Add the commands of this module."""
    sub = commands.add("eval", _eval, "Antworten messen")
    sub.add_argument("datei")
    sub.add_argument("--answers", metavar="DATEI")
    sub.add_argument("--generation", metavar="NAME", help="aus dieser Generation antworten statt aus der veröffentlichten")
    sub.add_argument("--vergleich", metavar="WOMIT", help="Antworten (Datei) oder eine Generation, mit der verglichen wird")
    sub.add_argument("--bericht", metavar="DATEI", help="dazu eine HTML-Seite schreiben")
    commands.as_of(sub)
    as_json(sub)


def _eval(args: argparse.Namespace) -> None:
    from assistant import evaluate_report, evaluate_search

    file = Path(args.datei)
    if args.answers and args.generation:
        raise UsageError("--answers bewertet vorhandene Antworten, --generation erzeugt neue; nur eines davon angeben.")
    if args.bericht:
        evaluate_report.check_target(Path(args.bericht))
    if evaluate_search.is_search_set(file):
        _eval_search(args, file)
    else:
        _eval_answers(args, file)
    if args.bericht and not args.json:
        print(f"\nBericht: {args.bericht}")


def _eval_answers(args: argparse.Namespace, file: Path) -> None:
    from assistant import evaluate, evaluate_compare, evaluate_report

    rows = evaluate.read_questions(file)
    other = _other_answers(args, rows) if args.vergleich else None
    answers = evaluate.read_answers(Path(args.answers)) if args.answers else _answers_to(args, rows, args.generation)
    compared = evaluate_compare.compare(rows, other, answers, Path(args.vergleich).name) if other is not None else None
    if args.bericht:
        measured = evaluate_report.Measured(file, now().date())
        evaluate_report.write_page(Path(args.bericht), evaluate_report.answers_page(measured, rows, answers, compared))
    figures = evaluate.score(rows, answers)
    if args.json:
        more = {"vergleich": compared.to_json()} if compared else {}
        print_json({**{f.name: f.to_json() for f in figures}, **more})
        return
    print(f"{len(rows)} Fragen aus {file.name}; Anteil (Treffer von Zahl; 95-%-Intervall nach Wilson)")
    for figure in figures:
        print(figure.line())
    print("\nUrteil richtig nach Stil und Thema:")
    for field in ("stil", "thema"):
        for figure in evaluate.verdict_by(rows, answers, field):
            print(figure.line())
    if taken := evaluate.durations(answers):
        print(f"\n{taken.line()}")
    if compared:
        print("\n".join(compared.lines()))


def _other_answers(args: argparse.Namespace, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """What ``--vergleich`` names: a generation of this home, else a file of answers."""
    from assistant import evaluate
    from assistant.index.generation import NAME

    if NAME.fullmatch(args.vergleich):
        return _answers_to(args, rows, args.vergleich)
    return evaluate.read_answers(Path(args.vergleich))


def _answers_to(
    args: argparse.Namespace, rows: Sequence[Mapping[str, Any]], generation: str | None
) -> Mapping[str, Mapping[str, Any]]:
    """The product's answers by id, from one generation of this home (None: the published one)."""
    from assistant.ask.service import AssistantService

    service = AssistantService.open(home_folder(), with_model=False, generation=generation)
    try:
        return {
            str(r["id"]): service.answer(Question(r["frage"], args.as_of, tuple(r["verlauf"]), args.day_given)).to_json()
            for r in progress_over(rows, f"Fragen {generation or ''}".strip())
        }
    finally:
        service.close()


def _eval_search(args: argparse.Namespace, file: Path) -> None:
    from assistant import evaluate_report, evaluate_search
    from assistant.ask.service import AssistantService

    if args.answers or args.vergleich:
        raise UsageError(f"{file} enthält Normen („gold“): hier wird die Suche gemessen, ohne --answers und --vergleich.")
    questions = evaluate_search.read_search_questions(file)
    service = AssistantService.open(home_folder(), with_model=False, generation=args.generation)
    try:
        with service.pinned() as index:
            found = evaluate_search.measure(index, questions, lambda asked: progress_over(asked, "Fragen"))
            generation = index.generation
    finally:
        service.close()
    if args.bericht:
        measured = evaluate_report.Measured(file, now().date(), generation)
        evaluate_report.write_page(Path(args.bericht), evaluate_report.search_page(measured, found))
    if args.json:
        print_json({"generation": generation, **found.to_json()})
    else:
        print("\n".join(found.lines(file.name)))
