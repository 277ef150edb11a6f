"""Commands for a town’s folder: ``init``, ``doctor``."""

from __future__ import annotations

import argparse
from pathlib import Path

from assistant.cli.terms import Commands, as_json, now, print_json
from assistant.errors import LeitplankeError, UsageError
from assistant.settings import home_folder


def register(commands: Commands) -> None:
    """Add the commands of this module."""
    sub = commands.add("init", _init, "vollständigen Ordner für eine Stadt anlegen")
    sub.add_argument("ordner", nargs="?")
    sub.add_argument("--name")
    sub.add_argument("--compare", action="store_true", help="nichts anlegen: die Vorlage mit dem Ordner einer Stadt vergleichen")
    as_json(sub)
    as_json(commands.add("doctor", _doctor, "was da ist und was fehlt"))


def _init(args: argparse.Namespace) -> None:
    if args.compare:
        _compare(args)
        return
    missing = [name for name, value in (("ordner", args.ordner), ("--name", args.name)) if value is None]
    if missing or args.json:
        what = f"Es fehlt: {', '.join(missing)}" if missing else "--json gehört zu --compare"
        raise UsageError(f"{what}. Hilfe: leitplanke init --help")
    from assistant.setup import init_home

    init_home(home_folder({}), Path(args.ordner), args.name)
    print(f"Angelegt: {args.ordner}. Weiter: LEITPLANKE_HOME={args.ordner} leitplanke index build")


def _compare(args: argparse.Namespace) -> None:
    from assistant.corpus.template import compare, lines, to_json

    if args.name is not None:
        raise UsageError("Mit --compare wird nichts angelegt; --name weglassen. Hilfe: leitplanke init --help")
    comparison = compare(home_folder({}), Path(args.ordner) if args.ordner else home_folder())
    if args.json:
        print_json(to_json(comparison))
        return
    for line in lines(comparison):
        print(line)


def _doctor(args: argparse.Namespace) -> None:
    from assistant.setup import diagnose

    findings = diagnose(home_folder(), now().date())
    if args.json:
        print_json({"befunde": [{"was": f.what, "zustand": f.state, "hinweis": f.hint} for f in findings]})
    else:
        for f in findings:
            sign = {"gut": "✓", "hinweis": "–", "fehler": "✗"}[f.state]
            print(f"{sign} {f.what}" + (f" → {f.hint}" if f.hint else ""))
    if any(f.state == "fehler" for f in findings):
        raise LeitplankeError("Es fehlt etwas Nötiges; siehe die Zeilen mit ✗.")
