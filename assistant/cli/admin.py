"""Command ``admin``: the admin page, and its password."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from assistant.cli.terms import Commands, now
from assistant.errors import LeitplankeError, SettingsError, UsageError
from assistant.settings import home_folder, read_settings


def register(commands: Commands) -> None:
    """Add the commands of this module."""
    sub = commands.add("admin", _admin, "Verwaltungsseite starten oder ihr Kennwort setzen")
    sub.add_argument("aktion", nargs="?", choices=("passwort",), metavar="passwort", help="nur das Kennwort setzen")
    sub.add_argument("--host")
    sub.add_argument("--port", type=int)
    sub.add_argument("--zeigen", action="store_true", help="den Hash nur zeigen, für LEITPLANKE_ADMIN_PASSWORD_HASH")


def _admin(args: argparse.Namespace) -> None:
    if args.aktion == "passwort":
        _password(show=args.zeigen)
        return
    if args.zeigen:
        raise UsageError("--zeigen gehört zu „leitplanke admin passwort“.")
    from assistant.admin.serve import serve_admin

    home = home_folder()
    settings = read_settings(home)
    serve_admin(home, settings, host=args.host or settings.admin_host, port=args.port or settings.admin_port, now=now)


def _password(*, show: bool) -> None:
    from assistant.admin.passwords import make_hash, write_hash

    home = home_folder()
    first = _asked("Neues Kennwort der Verwaltung: ")
    if first != _asked("Noch einmal: "):
        raise LeitplankeError("Die beiden Eingaben sind verschieden; nichts wurde geändert.")
    hashed = make_hash(first)
    if show:
        print(hashed)
        return
    print(f"Gespeichert: {write_hash(home, hashed)} (nur der Hash; nur für dieses Konto lesbar). Eine laufende Verwaltung neu starten.")


def _asked(prompt: str) -> str:
    """One line without echo; from a pipe where there is no terminal, so that it can be automated."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    line: Any = sys.stdin.readline()
    if not line:
        raise SettingsError("Es kam kein Kennwort. Erwartet werden zwei gleiche Zeilen oder eine Eingabe am Terminal.")
    return str(line).rstrip("\n")
