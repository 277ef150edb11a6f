"""Commands ``index …``: build, compare, publish, go back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from assistant.cli.terms import Commands, as_json, now, print_json, progress
from assistant.errors import LeitplankeError, UsageError
from assistant.settings import home_folder, read_settings


def register(commands: Commands) -> None:
    """Add the commands of this module."""
    commands.group("index", "Index bauen und veröffentlichen")
    commands.action("index", "build", _build, "neue Generation bauen")
    as_json(commands.action("index", "status", _status, "Generationen und Verlauf"))
    commands.action("index", "verify", _verify, "veröffentlichte Generation und Protokoll prüfen")
    sub = commands.action("index", "diff", _diff, "was sich mit einer Generation ändert, Antworten eingeschlossen")
    sub.add_argument("generationen", nargs="*", metavar="GENERATION")
    sub.add_argument("--bericht", metavar="DATEI", help="Bericht als eine HTML-Datei")
    commands.as_of(sub)
    as_json(sub)
    sub = commands.action("index", "rollback", _rollback, "zur vorigen veröffentlichten Generation")
    sub.add_argument("--freigabe", metavar="NAME")
    sub.add_argument("--kommentar", metavar="TEXT")
    sub = commands.action("index", "activate", _activate, "eine Generation veröffentlichen")
    sub.add_argument("generation")
    sub.add_argument("--freigabe", required=True, metavar="NAME")
    sub.add_argument("--kommentar", required=True, metavar="TEXT")


def _verify(args: argparse.Namespace) -> None:
    from assistant.index import generation as gen
    from assistant.index.published import PublishedIndex
    from assistant.models.embedder import open_embedder

    home = home_folder()
    index = home / "index"
    gen.read_log(index)
    opened = PublishedIndex(gen.current_folder(index), open_embedder(home, read_settings(home).embedder))
    try:
        opened.verify()
    finally:
        opened.close()
    gen.check_published(index)
    print(f"In Ordnung: {opened.generation}, {opened.manifest.counts['passagen']} Passagen, Prüfsummen stimmen.")


def _diff(args: argparse.Namespace) -> None:
    from assistant.index.diff import chosen, diff
    from assistant.index.diff_report import html, lines, summary, to_json
    from assistant.models.embedder import open_embedder

    home = home_folder()
    if len(args.generationen) not in (0, 2):
        raise UsageError("Zu „index diff“ gehören zwei Generationen oder keine (dann die veröffentlichte und die neueste).")
    old, new = chosen(home / "index", args.generationen)
    show, close = progress()
    try:
        found = diff(home, old, new, open_embedder(home, read_settings(home).embedder), args.as_of, show)
    finally:
        close()
    if args.bericht:
        from assistant.corpus.official import write_atomically

        try:
            write_atomically(Path(args.bericht), html(found).encode())
        except OSError as error:
            raise LeitplankeError(f"{args.bericht} kann nicht geschrieben werden ({error.strerror}).") from error
    if args.json:
        print_json(to_json(found))
    elif args.bericht:
        print(summary(found))
        print(f"Geschrieben: {args.bericht}")
    else:
        print("\n".join(lines(found)))


def _activate(args: argparse.Namespace) -> None:
    from assistant.index import generation as gen
    from assistant.index.answers import check_permissions
    from assistant.models.embedder import open_embedder

    home = home_folder()
    when = now()
    gen.check_files(gen.existing(home / "index", args.generation))
    show, close = progress()
    try:
        embedder = open_embedder(home, read_settings(home).embedder)
        note = check_permissions(home, args.generation, embedder, when.date(), show)
    finally:
        close()
    if note:
        print(note)
    gen.publish(
        home / "index", args.generation, when=when.isoformat(timespec="seconds"), by=args.freigabe, comment=args.kommentar
    )
    print(f"Veröffentlicht: {args.generation}")


def _rollback(args: argparse.Namespace) -> None:
    from assistant.index import generation as gen

    index = home_folder() / "index"
    when = now().isoformat(timespec="seconds")
    name = gen.rollback(index, when=when, by=args.freigabe or "rollback", comment=args.kommentar or "")
    print(f"Veröffentlicht: {name}")


def _build(args: argparse.Namespace) -> None:
    from assistant.index.build import build
    from assistant.models.embedder import open_embedder

    home = home_folder()
    embedder = open_embedder(home, read_settings(home).embedder)
    show, close = progress()
    try:
        result = build(home, embedder, now(), show)
    finally:
        close()
    print(
        f"Generation {result.generation}: {result.passages} Passagen, {result.new - result.changed} neu, "
        f"{result.changed} geändert, {result.unchanged} unverändert, {result.removed - result.changed} entfallen; "
        f"neu eingebettet: {result.new}. Fragen der Regelwahl: {result.questions}, neu eingebettet: {result.questions_new}."
    )
    if result.published:
        print("Veröffentlicht, weil es noch keine gab.")
    else:
        print(f"Zum Veröffentlichen: leitplanke index activate {result.generation} --freigabe NAME --kommentar TEXT")


def _status(args: argparse.Namespace) -> None:
    from assistant.index import generation as gen

    index = home_folder() / "index"
    current = gen.current(index)
    rows: list[dict[str, Any]] = []
    for name in gen.generations(index):
        manifest = gen.read_manifest(index / name)
        rows.append({"generation": name, "veroeffentlicht": name == current, "gebaut": manifest.built,
                     "anzahl": manifest.counts, "leitlinie": manifest.guideline, "staende": manifest.states})  # fmt: skip
    log = gen.read_log(index)
    if args.json:
        print_json({"aktuell": current, "generationen": rows, "verlauf": log})
        return
    if not rows:
        print("Kein Index. Mit „leitplanke index build“ bauen.")
    for row in rows:
        mark = "→" if row["veroeffentlicht"] else " "
        print(f"{mark} {row['generation']}  gebaut {row['gebaut']}  {row['anzahl']['passagen']} Passagen")
    if hint := gen.unfinished_publication(index):
        print(f"  {hint}")
    for entry in log[-5:]:
        print(f"  {entry['zeit']}  {entry['generation']}  Freigabe: {entry['freigabe']} – {entry['kommentar']}")
