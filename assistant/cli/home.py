"""Commands for a town’s folder: ``init``, ``doctor``."""

from __future__ import annotations

import argparse
from pathlib import Path

from assistant.cli.terms import Commands, as_json, now, print_json
from assistant.errors import LeitplankeError
from assistant.settings import home_folder


def register(commands: Commands) -> None:
    """Add the commands of this module."""
    sub = commands.add("init", _init, "vollständigen Ordner für eine Stadt anlegen")
    sub.add_argument("ordner")
    sub.add_argument("--name", required=True)
    as_json(commands.add("doctor", _doctor, "was da ist und was fehlt"))


def _init(args: argparse.Namespace) -> None:
    from assistant.setup import init_home

    init_home(home_folder({}), Path(args.ordner), args.name)
    print(f"Angelegt: {args.ordner}. Weiter: LEITPLANKE_HOME={args.ordner} leitplanke index build")


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
