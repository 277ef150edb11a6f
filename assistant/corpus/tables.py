"""Reads the guideline's small tables: ``leitlinie.toml`` (title, version, adoption), ``kontakte.toml``, ``positivliste.toml``.

People edit these files by hand, so every mistake is reported with file, section and what was expected.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import CorpusError


@dataclass(frozen=True, slots=True)
class Head:
    """What ``leitlinie.toml`` says about the guideline; ``note`` stands beside every answer until it is adopted."""

    title: str
    version: str
    adopted: bool
    state: dt.date
    next_review: dt.date | None
    note: str
    town: str


@dataclass(frozen=True, slots=True)
class Contact:
    """One office of ``kontakte.toml``; ``placeholder`` while a town has not entered its own."""

    key: str
    name: str
    task: str
    mail: str
    phone: str
    room: str
    placeholder: bool


@dataclass(frozen=True, slots=True)
class Tool:
    """One entry of the positive list: which data classes (0–4) it may take."""

    id: str
    name: str
    kind: str
    classes: tuple[int, ...]
    classes_after_approval: tuple[int, ...]
    state: dt.date
    note: str


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CorpusError(f"{path} fehlt. Aus der Vorlage der Muster-Leitlinie kopieren.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: keine gültige TOML-Datei ({error}).") from error


def _need(data: Mapping[str, Any], key: str, kind: type, where: str) -> Any:
    if key not in data:
        raise CorpusError(f"{where}: „{key}“ fehlt.")
    if not isinstance(data[key], kind):
        raise CorpusError(f"{where}: „{key}“ ist {data[key]!r}, erwartet wird {kind.__name__}.")
    return data[key]


def read_contacts(path: Path) -> dict[str, Contact]:
    """Offices by key. Raises CorpusError."""
    result = {}
    for key, raw in _toml(path).items():
        where = f"{path}, [{key}]"
        if not isinstance(raw, dict):
            raise CorpusError(f"{where}: erwartet wird ein Abschnitt mit name, aufgabe, mail, telefon, raum.")
        result[key] = Contact(
            key, _need(raw, "name", str, where), raw.get("aufgabe", ""), raw.get("mail", ""), raw.get("telefon", ""),
            raw.get("raum", ""), bool(raw.get("platzhalter", False)),
        )  # fmt: skip
    return result


def read_tools(path: Path) -> tuple[Tool, ...]:
    """The positive list. Raises CorpusError."""
    tools = []
    for number, raw in enumerate(_toml(path).get("werkzeug", []), start=1):
        where = f"{path}, {number}. [[werkzeug]]"
        classes = _need(raw, "klassen", list, where)
        if not all(isinstance(c, int) and 0 <= c <= 4 for c in classes):
            raise CorpusError(f"{where}: klassen ist {classes}, erwartet werden Zahlen von 0 bis 4.")
        tools.append(
            Tool(
                _need(raw, "id", str, where), _need(raw, "name", str, where), raw.get("art", ""), tuple(classes),
                tuple(raw.get("klassen_nach_freigabe", ())), _need(raw, "stand", dt.date, where), raw.get("hinweis", ""),
            )
        )  # fmt: skip
    return tuple(tools)


def read_head(path: Path) -> Head:
    """Title, version, adoption and review. Raises CorpusError."""
    raw, where = _toml(path), str(path)
    for key in ("naechste_ueberpruefung", "beschlossen_am", "gilt_ab"):
        if key in raw:
            _need(raw, key, dt.date, where)
    adopted = bool(raw.get("beschlossen", False))
    return Head(
        _need(raw, "titel", str, where), str(_need(raw, "fassung", str, where)), adopted,
        _need(raw, "stand", dt.date, where), raw.get("naechste_ueberpruefung"),
        "" if adopted else raw.get("hinweis", ""), raw.get("kommune", ""),
    )  # fmt: skip
