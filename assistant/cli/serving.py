"""Commands around the page: ``serve``, ``prove-local``."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import Any

from assistant.cli.terms import Commands, now
from assistant.settings import home_folder, read_settings


def register(commands: Commands) -> None:
    """Add the commands of this module."""
    sub = commands.add("serve", _serve, "Chatseite starten")
    sub.add_argument("--host")
    sub.add_argument("--port", type=int)
    sub = commands.add("prove-local", _prove_local, "nachweisen, dass nichts das Haus verlässt")
    sub.add_argument("--bericht", metavar="DATEI", help="Bericht (HTML) für die Datenschutzbeauftragten")
    sub.add_argument("--art", choices=("namensraum", "sockets"), help="Art der Sperre (Vorgabe: die stärkste mögliche)")


def _serve(args: argparse.Namespace) -> None:
    from assistant.admin.maintenance import read_maintenance
    from assistant.ask.service import open_without_broken_model
    from assistant.web.app import site_of
    from assistant.web.serve import serve

    home = home_folder()
    settings = read_settings(home)

    def open_service() -> Any:
        service, why = open_without_broken_model(home)
        if why:
            logging.getLogger("leitplanke").warning("Ohne Sprachmodell: %s", why)
        return service

    serve(
        open_service, host=args.host or settings.host, port=args.port or settings.port, today=lambda: now().date(),
        concurrent=settings.gleichzeitig, site=site_of(home), maintenance=lambda: read_maintenance(home),
    )  # fmt: skip


def _prove_local(args: argparse.Namespace) -> None:
    from assistant.prove import LeftTheHouse, Way, prove
    from assistant.provereport import write_report

    proof = prove(home_folder(), now(), Way(args.art) if args.art else None)
    if args.bericht:
        write_report(Path(args.bericht), proof)
    if not proof.holds:
        raise LeftTheHouse(proof.violation())
    for step in proof.steps:
        print(f"✓ {step.what}: {step.result}")
    print(f"✓ Verbindungen nach außen: keine (geprüft mit: {proof.way.value}); innerhalb des Rechners: {proof.loopback}")
    print(f"✓ Seiten und Dateien ohne Verweis auf andere Rechner: {len(proof.pages)}")
    if args.bericht:
        print(f"Bericht: {args.bericht}")
