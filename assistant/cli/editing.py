"""Commands for a town's own text: ``corpus entwurf``."""

from __future__ import annotations

import argparse
from pathlib import Path

from assistant.cli.terms import Commands, as_json, now, print_json
from assistant.settings import home_folder


def register(commands: Commands) -> None:
    """Add the commands of this module."""
    sub = commands.action("corpus", "entwurf", _draft, "aus eigener Leitlinie (Word, PDF) Entwürfe für Regeln machen")
    sub.add_argument("datei")
    sub.add_argument("--kapitel", default="", metavar="TEXT", help="nur Abschnitte, deren Überschrift diesen Text enthält")
    sub.add_argument("--out", metavar="ORDNER", help="wohin; Vorgabe corpus/entwuerfe")
    as_json(sub)


def _draft(args: argparse.Namespace) -> None:
    from assistant.corpus.drafts import FOLDER, drafts_from, to_json, write_drafts

    home = home_folder()
    folder = Path(args.out) if args.out else home / "corpus" / FOLDER
    drafts = drafts_from(home, Path(args.datei), now().date(), args.kapitel)
    written, kept = write_drafts(folder, drafts)
    if args.json:
        print_json({"ordner": str(folder), "geschrieben": [p.name for p in written], "unveraendert": [p.name for p in kept],
                    "entwuerfe": [to_json(draft) for draft in drafts]})  # fmt: skip
        return
    for path in written:
        print(f"Entwurf: {path}")
    for path in kept:
        print(f"Liegt schon da, unverändert gelassen: {path}")
    print(f"{len(written)} Entwürfe ohne Urteil in {folder}. Ein Mensch ergänzt Urteil, Satz, Bedingungen und Fragen.")
