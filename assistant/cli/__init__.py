"""Command line ``leitplanke``; thin: parses, calls, prints. ``python -m assistant`` is the same program.

This is the outermost place. Exit status 0 done, 1 the request could not be met (one German line on stderr), 2 wrong
usage. Each module of this package registers its own commands.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Sequence

from assistant.cli import admin, asking, corpus, editing, home, index, keeping, measuring, models, serving
from assistant.cli.terms import Commands, Parser, now
from assistant.errors import LeitplankeError, UsageError

GROUPS = (serving, admin, asking, corpus, editing, index, models, measuring, keeping, home)


def parser() -> Parser:
    """Every command with its options."""
    program = Parser(prog="leitplanke", description="Auskunft zur KI-Leitlinie, ganz auf eigener Hardware.")
    commands = Commands(program, now().date())
    for module in GROUPS:
        module.register(commands)
    return program


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show "✓" or "→" gets an escape, no traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        args = parser().parse_args(arguments)
        args.run(args)
    except LeitplankeError as error:
        # One line, also where a path or a question that is quoted in it holds line feeds.
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        print("Abgebrochen.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0
