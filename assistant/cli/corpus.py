"""Commands ``corpus …``: what the guideline and the law are made of."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from assistant.cli.terms import Commands, as_json, date, now, print_json, progress
from assistant.errors import LeitplankeError, UsageError
from assistant.settings import home_folder


def register(commands: Commands) -> None:
    """Add the commands of this module."""
    commands.group("corpus", "Leitlinie und Rechtstexte")
    as_json(commands.action("corpus", "status", _status, "was eingespielt ist"))
    sub = commands.action("corpus", "fetch", _fetch, "amtliche Texte holen (nur Einrichtung, braucht Netz)")
    sub.add_argument("ids", nargs="*", metavar="ID")
    sub.add_argument("--kurz", action="store_true", help="nach fünf Sekunden ohne Verbindung aufgeben")
    sub.add_argument("--sprache", choices=("de", "en"), default="de", help="die englischen Texte von EUR-Lex holen")
    sub = commands.action("corpus", "import", _import, "eine Datei einspielen")
    sub.add_argument("datei")
    sub.add_argument("--as", dest="als", metavar="ID")
    sub.add_argument("--sprache", choices=("de", "en"), default="de", help="englische Fassung neben der deutschen")
    sub.add_argument("--stand", type=date, metavar="JJJJ-MM-TT", help="Stand, wenn die Datei selbst keinen nennt")
    sub = commands.action("corpus", "diff", _diff, "zwei eingespielte Stände vergleichen")
    sub.add_argument("alt", metavar="ID@STAND")
    sub.add_argument("neu", metavar="ID@STAND")
    as_json(sub)
    commands.action("corpus", "check", _check, "zitierte Normen prüfen")


def _fetch(args: argparse.Namespace) -> None:
    from assistant.corpus.fetch import fetch_all

    show, close = progress()
    try:
        language = args.sprache.upper()
        fetch_all(home_folder(), args.ids, now().date(), print, quick=args.kurz, language=language, progress=show)
    finally:
        close()


def _check(args: argparse.Namespace) -> None:
    from assistant.corpus.checking import check_corpus

    findings = check_corpus(home_folder(), now().date())
    for line in findings:
        print(line)
    if findings:
        raise LeitplankeError(f"{len(findings)} Befunde. Die Stellen oben berichtigen.")
    print("Keine Befunde.")


def _diff(args: argparse.Namespace) -> None:
    from assistant.corpus.diff import compare
    from assistant.corpus.states import lines, read_state, to_json

    home = home_folder()
    old, new = (read_state(home / "corpus", written) for written in (args.alt, args.neu))
    if old.source.id != new.source.id:
        raise UsageError("Verglichen werden zwei Stände derselben Quelle: ki-vo@2024-07-12 ki-vo@2026-07-27.")
    changes = compare(old.places, new.places)
    if args.json:
        print_json(to_json(changes, old, new))
        return
    for line in lines(changes, old, new):
        print(line)


def _import(args: argparse.Namespace) -> None:
    from assistant.corpus.documents import import_document, is_document
    from assistant.corpus.official import import_official
    from assistant.corpus.readers import file_bytes

    home = home_folder()
    file = Path(args.datei)
    if is_document(file_bytes(file)):
        if args.als or args.stand:
            raise LeitplankeError(
                f"{file.name}: Word, PDF und Markdown ohne Kopf sind eigene Regeln, kein Gesetz; --as und --stand weglassen. "
                "Gesetze als HTML oder XML des Herausgebers einspielen."
            )
        name, document = import_document(home, file)
        words = sum(len(part.text.split()) for part in document.parts)
        print(f"Eingespielt: {name} („{document.title}“): {len(document.parts)} Abschnitte, {words} Wörter")
    else:
        text = import_official(home, file, now().date(), args.als, language=args.sprache.upper(), stand=args.stand)
        count = {unit: n for unit in ("Art.", "§", "Anhang", "ErwG") if (n := text.count(unit))}
        counted = ", ".join(f"{n} {u}" for u, n in count.items())
        print(f"Eingespielt: {text.short}, Stand {text.state:%d.%m.%Y}: {counted}")
    print("Damit daraus zitiert wird: „leitplanke index build“ und danach „leitplanke index activate GENERATION …“.")


def _status(args: argparse.Namespace) -> None:
    from assistant.corpus.law import read_law
    from assistant.corpus.official import read_lock
    from assistant.corpus.rules import read_guideline

    home = home_folder()
    guideline, law, lock = read_guideline(home / "corpus"), read_law(home / "corpus"), read_lock(home)
    rows: list[dict[str, Any]] = []
    for info in law.acts.infos:
        states = law.official.get(info.short, ())
        digest = law.digests.get(info.short)
        rows.append(
            {
                "id": info.id, "kurz": info.short,
                "amtlich": [
                    {"stand": b.source.state.isoformat(), "fundstellen": len(b.places), **lock.get(b.file, {})} for b in states
                ],
                "kurzfassungen": len(digest.places) if digest else 0,
            }
        )  # fmt: skip
    if args.json:
        print_json({"leitlinie": {"titel": guideline.info.title, "fassung": guideline.info.version,
                                   "beschlossen": guideline.info.adopted, "regeln": len(guideline.rules)}, "quellen": rows})  # fmt: skip
        return
    adopted = "beschlossen" if guideline.info.adopted else "nicht beschlossen"
    print(f"{guideline.info.title}, Fassung {guideline.info.version} ({adopted}), {len(guideline.rules)} Regeln")
    for row in rows:
        listed = ", ".join(f"Stand {s['stand']} ({s['fundstellen']} Fundstellen)" for s in row["amtlich"])
        print(f"  {row['kurz']:<12} amtlich: {listed or 'nicht eingespielt'}; Kurzfassungen: {row['kurzfassungen']}")
