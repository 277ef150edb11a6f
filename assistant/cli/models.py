"""Commands ``models …`` and ``bench``: what is installed, and how fast it is here."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from assistant.cli.terms import Commands, as_json, count, now, print_json, progress, progress_over
from assistant.errors import LeitplankeError
from assistant.models.listing import ModelRow
from assistant.settings import home_folder, read_settings
from assistant.types import Question


def register(commands: Commands) -> None:
    """Add the commands of this module."""
    commands.group("models", "Modelle")
    commands.action("models", "list", _list, "bekannte Modelle")
    commands.action("models", "verify", _verify, "Prüfsummen vergleichen")
    sub = commands.action("models", "pull", _pull, "ein Modell holen (nur Einrichtung, braucht Netz)")
    sub.add_argument("name")
    sub = commands.action("models", "pin", _pin, "die Prüfsumme eines vorhandenen Modells festhalten")
    sub.add_argument("name")
    sub.add_argument("--kommentar", required=True, metavar="TEXT", help="wer die Datei womit geprüft hat")
    text = "ein Sprachmodell an den Beispielfragen der Leitlinie prüfen, mit Bericht"
    sub = commands.action("models", "check", _check, text)
    sub.add_argument("name")
    sub.add_argument("--out", metavar="DATEI", help="Bericht (Markdown); daneben die Zahlen als JSON")
    sub.add_argument("-n", type=count, default=20, metavar="ANZAHL")
    commands.as_of(sub)
    sub = commands.add("bench", _bench, "Tempo und Speicher auf diesem Rechner messen")
    sub.add_argument("--fragen", metavar="DATEI", help="Fragen als JSON-Zeilen statt der Beispielfragen der Leitlinie")
    sub.add_argument("-n", type=count, default=20, metavar="ANZAHL")
    commands.as_of(sub)
    as_json(sub)


def _list(args: argparse.Namespace) -> None:
    from assistant.models.generator import available_memory_gb
    from assistant.models.listing import list_models, usable_cores

    free, cores = available_memory_gb(), usable_cores()
    print(f"Dieser Rechner: {cores} Kerne, {f'{free:.1f} GB' if free else 'unbekannt viel'} Arbeitsspeicher frei")
    _print_rows(list_models(home_folder(), free_gb=free, cores=cores))


def _verify(args: argparse.Namespace) -> None:
    from assistant.models.listing import verify_models

    _print_rows(verify_models(home_folder()))


def _print_rows(rows: Sequence[ModelRow]) -> None:
    for row in rows:
        print(row.line())
    if faulty := [row.name for row in rows if row.faulty]:
        raise LeitplankeError(f"Nicht in Ordnung: {', '.join(faulty)}; siehe oben. Diese Modelle werden nicht benutzt.")


def _pin(args: argparse.Namespace) -> None:
    from assistant.models.pinning import pin

    show, close = progress()
    try:
        comment = f"{args.kommentar} ({now():%d.%m.%Y})"
        path = pin(args.name, home_folder(), comment, lambda part, all_: show("Prüfsumme", part, all_))
    finally:
        close()
    print(f"Festgehalten: {path}")


def _pull(args: argparse.Namespace) -> None:
    from assistant.models.pull import pull

    show, close = progress()
    try:
        first = f"beim ersten Holen festgehalten, nicht anderweitig geprüft ({now():%d.%m.%Y})"
        path = pull(args.name, home_folder(), lambda part, all_: show("Laden", part, all_), first_sum=first)
    finally:
        close()
    print(f"Geladen und geprüft: {path}")


def _example_questions(home: Path, args: argparse.Namespace) -> Sequence[Question]:
    """The first example question of every rule, or those of a file; evenly thinned out to ``-n``."""
    from assistant.bench import sample
    from assistant.corpus.rules import read_guideline

    if getattr(args, "fragen", None):
        from assistant import evaluate

        rows = evaluate.read_questions(Path(args.fragen))
        questions = [Question(r["frage"], args.as_of, tuple(r["verlauf"])) for r in rows]
    else:
        questions = [Question(r.questions[0], args.as_of) for r in read_guideline(home / "corpus").rules if r.questions]
    return sample(questions, args.n)


def _bench(args: argparse.Namespace) -> None:
    from assistant.ask.service import AssistantService
    from assistant.bench import measure
    from assistant.models.generator import open_generator

    home = home_folder()
    questions = _example_questions(home, args)
    generator = open_generator(home, read_settings(home))
    try:
        result = measure(
            lambda: AssistantService.open(home, with_model=False), generator, progress_over(questions, "Fragen")
        )
    finally:
        if generator is not None:
            generator.close()
    if args.json:
        print_json(result.to_json())
    else:
        print("\n".join(result.lines()))


def _check(args: argparse.Namespace) -> None:
    from assistant.ask.service import AssistantService
    from assistant.bench import measure
    from assistant.modelcheck import Report, write
    from assistant.models.generator import available_memory_gb, open_file
    from assistant.models.listing import usable_cores

    home = home_folder()
    questions, free = _example_questions(home, args), available_memory_gb()
    generator, entry = open_file(home, read_settings(home), args.name)
    try:
        result = measure(
            lambda: AssistantService.open(home, with_model=False), generator, progress_over(questions, "Fragen")
        )
        report = Report(entry, generator.template, result, now().date().isoformat(), usable_cores(), free)
    finally:
        generator.close()
    places = write(report, Path(args.out or f"modellbericht-{entry.name}.md"))
    print("Geschrieben: " + ", ".join(str(place) for place in places))
