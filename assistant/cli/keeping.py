"""Commands for keeping a home safe: ``backup``, ``restore``."""

from __future__ import annotations

import argparse
from pathlib import Path

from assistant.cli.terms import Commands, now, progress
from assistant.settings import home_folder


def register(commands: Commands) -> None:
    """Add the commands of this module."""
    sub = commands.add("backup", _backup, "alles sichern, was nicht neu geholt werden kann")
    sub.add_argument("datei", metavar="DATEI.tar.gz")
    sub.add_argument("--mit-modellen", action="store_true", help="auch geholte Sprachmodelle und Embedder")
    sub.add_argument("--mit-geheimnissen", action="store_true", help="auch admin.hash und Schlüsseldatei des Modellservers")
    sub = commands.add("restore", _restore, "eine Sicherung in einen leeren Ordner zurückspielen")
    sub.add_argument("datei", metavar="DATEI.tar.gz")
    sub.add_argument("ordner")


def _backup(args: argparse.Namespace) -> None:
    from assistant.index.backup import backup

    show, close = progress()
    try:
        saved = backup(
            home_folder(), Path(args.datei), now(), show, models=args.mit_modellen, secrets=args.mit_geheimnissen
        )
    finally:
        close()
    published = f"veröffentlichte Generation {saved.generation}" if saved.generation else "keine veröffentlichte Generation"
    print(f"Gesichert: {args.datei}, {saved.files} Dateien, {max(1, saved.size // 10**6)} MB, {published}.")
    if saved.left_out:
        folders = dict.fromkeys("/".join(name.split("/")[:3]) for name in saved.left_out)
        print(f"Nicht enthalten (gesondert aufbewahren): {', '.join(folders)}")


def _restore(args: argparse.Namespace) -> None:
    from assistant.index.restore import restore

    show, close = progress()
    try:
        published = restore(Path(args.datei), Path(args.ordner), show)
    finally:
        close()
    print(f"Zurückgespielt: {args.ordner}, " + (f"veröffentlicht ist {published}." if published else "kein Index."))
    print(f"Weiter: LEITPLANKE_HOME={args.ordner} leitplanke doctor")
