"""What every command shares: German wording for wrong usage, days and counts, progress, JSON, and how commands are told.

This is the only place that reads the clock.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from assistant.errors import UsageError
from assistant.settings import home_folder

Run = Callable[[argparse.Namespace], None]

def date(value: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"„{value}“ ist kein Datum; erwartet wird JJJJ-MM-TT") from None


def count(value: str) -> int:
    if not re.fullmatch("[0-9]{1,4}", value) or int(value) < 1:
        raise argparse.ArgumentTypeError(f"„{value}“ ist keine Anzahl; erwartet wird eine ganze Zahl von 1 bis 9999")
    return int(value)


_WRONG_USAGE = (
    (r"the following arguments are required: (.*)", r"Es fehlt: \1"),
    (r"unrecognized arguments: (.*)", r"Diese Angabe gibt es nicht: \1"),
    (r"ambiguous option: (.*) could match (.*)", r"\1 ist nicht eindeutig; gemeint sein können \2"),
    (r"argument (.*?): invalid choice: (.*?) \(choose from (.*)\)", r"\1: \2 gibt es nicht; möglich sind \3"),
    (r"argument (.*?): expected one argument", r"\1: dahinter fehlt die Angabe"),
    (r"argument (.*?): ignored explicit argument (.*)", r"\1: dahinter gehört keine Angabe (\2)"),
    (r"argument (.*?): invalid \w+ value: (.*)", r"\1: \2 ist keine ganze Zahl"),
    (r"argument (.*?): (.*)", r"\1: \2"),
)
"""What argparse says in English, and the same in German; the rest of each message is our own."""


class Day(argparse.Action):
    """The day, and that it was named: one within the question then does not count."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: Any = None) -> None:
        namespace.as_of, namespace.day_given = values, True


class Parser(argparse.ArgumentParser):
    """German wording for wrong usage."""

    def error(self, message: str) -> Any:
        for pattern, german in _WRONG_USAGE:
            if found := re.fullmatch(pattern, message, re.DOTALL):
                message = found.expand(german)
                break
        raise UsageError(f"{message}. Hilfe: {self.prog} --help")


class Commands:
    """The commands of the program; each module of this package adds its own with ``register``."""

    def __init__(self, parser: Parser, today: dt.date) -> None:
        self._today = today
        self._commands = parser.add_subparsers(dest="befehl", required=True, metavar="BEFEHL", parser_class=Parser)
        self._groups: dict[str, Any] = {}

    def add(self, name: str, run: Run, text: str) -> argparse.ArgumentParser:
        """A command of one word."""
        sub: argparse.ArgumentParser = self._commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        return sub

    def group(self, name: str, text: str) -> Any:
        """A command that only its actions follow, made where it is first named."""
        if name not in self._groups:
            sub = self._commands.add_parser(name, help=text, description=text)
            self._groups[name] = sub.add_subparsers(dest="aktion", required=True, parser_class=Parser)
        return self._groups[name]

    def action(self, group: str, name: str, run: Run, text: str) -> argparse.ArgumentParser:
        """A command of two words; its group is there already."""
        sub: argparse.ArgumentParser = self._groups[group].add_parser(name, help=text)
        sub.set_defaults(run=run)
        return sub

    def as_of(self, sub: argparse.ArgumentParser) -> None:
        """``--as-of``: the day whose law is asked for."""
        sub.add_argument(
            "--as-of", action=Day, type=date, default=self._today, metavar="JJJJ-MM-TT", help="Tag, nach dessen Recht gefragt ist"
        )
        sub.set_defaults(day_given=False)


def as_json(sub: argparse.ArgumentParser) -> None:
    """``--json``: one object, nothing else on stdout."""
    sub.add_argument("--json", action="store_true", help="ein JSON-Objekt statt Text")


def now() -> dt.datetime:
    return dt.datetime.now().astimezone()


def print_json(data: object) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=1))


def progress() -> tuple[Callable[[str, int, int], None], Callable[[], None]]:
    """(progress callback, close): bars on a terminal, silence when output is piped."""
    if not sys.stderr.isatty():
        return (lambda step, done, total: None), (lambda: None)
    from tqdm import tqdm

    bars: dict[str, Any] = {}

    def show(step: str, done: int, total: int) -> None:
        bar = bars.get(step) or bars.setdefault(step, tqdm(total=total or 1, desc=step, unit="", leave=False))
        bar.n = done
        bar.refresh()

    def close() -> None:
        for bar in bars.values():
            bar.close()

    return show, close


def progress_over(items: Sequence[Any], title: str) -> Iterator[Any]:
    from tqdm import tqdm

    yield from tqdm(items, desc=title, unit="", leave=False, disable=not sys.stderr.isatty())


def open_service(with_model: bool = False) -> Any:
    from assistant.ask.service import AssistantService

    return AssistantService.open(home_folder(), with_model=with_model)
