"""How a town's page looks: ``corpus/erscheinung.toml`` with name, coat of arms, colours and the statements it must make.

Colours become a style sheet of custom properties, nothing else of the page depends on them. A pair of colours that
cannot be read (contrast below 4.5, WCAG 2.2 success criterion 1.4.3) is refused before the page starts.
"""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from assistant.errors import CorpusError
from assistant.web.crest import Crest, read_crest

FILE = "erscheinung.toml"
CONTRAST = 4.5
PLACEHOLDER = "Musterstadt"
"""The name in the template, which is no town."""
COLOURS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "kopf": ("--lp-akzent", "#1b3a5c"), "kopf_schrift": ("--lp-auf-akzent", "#ffffff"),
    "knopf": ("--lp-knopf", "#1b3a5c"), "knopf_schrift": ("--lp-auf-knopf", "#ffffff"),
    "verweis": ("--lp-link", "#0b4f94"),
})  # fmt: skip
"""Key in the file, custom property, and the value without a town's own."""
DARK: Mapping[str, str] = MappingProxyType({
    "kopf": "#16293f", "kopf_schrift": "#f2f6fa", "knopf": "#16293f", "knopf_schrift": "#f2f6fa", "verweis": "#9cc7f5",
})  # fmt: skip
GROUNDS = {False: ("#f3f5f7", "#ffffff", "#f0f3f6"), True: ("#11161c", "#1a212a", "#222b36")}
"""The grounds of the page (``--lp-grund``, ``--lp-flaeche``, ``--lp-flaeche2``), light and dark."""
STATEMENTS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "datenschutz": ("verantwortlich", "beauftragte", "rechtsgrundlage", "aufsicht", "protokolle"),
    "barrierefreiheit": ("ergebnis", "bewertet_am", "maengel", "kontakt", "ombudsstelle"),
})  # fmt: skip
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Town:
    """What a town has set. ``light`` and ``dark`` map the keys of ``COLOURS``; empty: the page's own colours.

    ``statements`` maps "datenschutz.verantwortlich" and the like to what the town says there, "" where it is open.
    """

    name: str = ""
    crest: Crest | None = None
    light: Mapping[str, str] = field(default_factory=dict)
    dark: Mapping[str, str] = field(default_factory=dict)
    statements: Mapping[str, str] = field(default_factory=dict)

    def css(self) -> str:
        """The style sheet with the town's colours, "" where there are none."""
        if not self.light and not self.dark:
            return ""
        light, dark = _rules(self.light), _rules(self.dark)
        return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"

    def css_version(self) -> str:
        """Changes with the colours, so that browsers may keep the sheet."""
        return hashlib.sha256(self.css().encode()).hexdigest()[:12]


def _rules(colours: Mapping[str, str]) -> str:
    shown = {COLOURS[key][0]: value for key, value in colours.items()}
    if "verweis" in colours:
        shown["--lp-fokus"] = colours["verweis"]
    return " ".join(f"{name}: {value};" for name, value in shown.items())


def read_appearance(corpus: Path) -> Town:
    """The town's file; the plain page where there is none. Raises CorpusError naming file, key and what was expected."""
    path = corpus / FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Town(_name_of_guideline(corpus))
    except OSError as error:
        raise CorpusError(f"{path} kann nicht gelesen werden ({error.strerror}). Rechte prüfen.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: keine gültige TOML-Datei ({error}).") from error
    tables = {"stadt": ("name", "wappen"), "farben": tuple(COLOURS), "farben_dunkel": tuple(COLOURS), **STATEMENTS}
    _check_keys(path, "", data, tuple(tables))
    for name, keys in tables.items():
        table = data.setdefault(name, {})
        if not isinstance(table, dict):
            raise CorpusError(f"{path}: „{name}“ ist kein Abschnitt. Erwartet wird [{name}].")
        _check_keys(path, f"[{name}] ", table, keys)
    town, light = data["stadt"], _colours(path, "farben", data["farben"])
    dark = _colours(path, "farben_dunkel", data["farben_dunkel"])
    if light or dark:
        light = {**{key: default for key, (_, default) in COLOURS.items()}, **light}
        dark = {**_derived(light), **dark}
        _check_contrast(path, "farben", light, dark=False)
        _check_contrast(path, "farben_dunkel", dark, dark=True)
    crest = _text(path, "[stadt] wappen", town.get("wappen", ""))
    statements = {
        f"{name}.{key}": _text(path, f"[{name}] {key}", data[name].get(key, "")) for name, keys in STATEMENTS.items() for key in keys
    }  # fmt: skip
    name = _text(path, "[stadt] name", town.get("name", "")) or _name_of_guideline(corpus)
    return Town(name, read_crest(path, crest) if crest else None, light, dark, statements)


def _name_of_guideline(corpus: Path) -> str:
    """The town that the guideline is for, "" where that is a placeholder or cannot be read (``corpus check`` says why)."""
    try:
        name = tomllib.loads((corpus / "leitlinie.toml").read_text(encoding="utf-8")).get("kommune", "")
    except (OSError, ValueError):
        return ""
    return name if isinstance(name, str) and name.isprintable() and name != PLACEHOLDER else ""


def _check_keys(path: Path, where: str, table: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = next((key for key in table if key not in known), None)
    if unknown is not None:
        near = difflib.get_close_matches(unknown, known, n=1)
        hint = f"Gemeint war vermutlich „{near[0]}“." if near else f"Bekannt sind: {', '.join(known)}."
        raise CorpusError(f"{path}: {where}„{unknown}“ ist unbekannt. {hint}")


def _text(path: Path, where: str, value: object) -> str:
    """A text, or a day as people write it."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return f"{value.day}.{value.month}.{value.year}"
    if not isinstance(value, str) or not all(c.isprintable() or c == "\n" for c in value):
        raise CorpusError(f"{path}: {where} ist {value!r:.60}, erwartet wird ein Text in Anführungszeichen.")
    return value.strip()


def _colours(path: Path, table: str, values: Mapping[str, object]) -> dict[str, str]:
    for key, value in values.items():
        if not isinstance(value, str) or not _COLOUR.fullmatch(value):
            raise CorpusError(f'{path}: [{table}] {key} ist {value!r:.40}, erwartet wird eine Farbe wie "#1b3a5c".')
    return {key: str(value).lower() for key, value in values.items()}


# ---------------------------------------------------------------------------------------------------- contrast


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours "#rrggbb", 1 to 21 (WCAG 2.2, "contrast ratio" and "relative luminance")."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _pairs(colours: Mapping[str, str], *, dark: bool) -> list[tuple[str, str, str, str]]:
    """(name, colour, name of its ground, ground) of everything that is read."""
    pairs = [
        ("kopf_schrift", colours["kopf_schrift"], "kopf", colours["kopf"]),
        ("knopf_schrift", colours["knopf_schrift"], "knopf", colours["knopf"]),
    ]
    return pairs + [("verweis", colours["verweis"], f"dem Seitengrund {ground}", ground) for ground in GROUNDS[dark]]


def _check_contrast(path: Path, table: str, colours: Mapping[str, str], *, dark: bool) -> None:
    for name, colour, ground_name, ground in _pairs(colours, dark=dark):
        ratio = contrast(colour, ground)
        if ratio < CONTRAST:
            shown = f"{ratio:.2f}".replace(".", ",")
            raise CorpusError(
                f"{path}: [{table}] {name} ({colour}) auf {ground_name} ({ground}) hat den Kontrast {shown}, nötig ist 4,5. "
                "Eine der beiden Farben dunkler oder heller wählen."
            )


def _derived(light: Mapping[str, str]) -> dict[str, str]:
    """Colours for the dark view: grounds darkened, links lightened, each until it can be read."""
    dark = dict(DARK)
    for ground, text in (("kopf", "kopf_schrift"), ("knopf", "knopf_schrift")):
        if light[ground] != COLOURS[ground][1]:
            dark[ground] = _towards(light[ground], "#000000", (dark[text],), least=8.0)
    if light["verweis"] != COLOURS["verweis"][1]:
        dark["verweis"] = _towards(light["verweis"], "#ffffff", GROUNDS[True], least=7.0)
    return dark


def _towards(colour: str, end: str, others: tuple[str, ...], *, least: float) -> str:
    """``colour`` mixed with ``end`` in steps of a twentieth until its contrast to all ``others`` is ``least``."""
    for step in range(21):
        mixed = "#" + "".join(
            f"{round(int(colour[i : i + 2], 16) * (20 - step) / 20 + int(end[i : i + 2], 16) * step / 20):02x}"
            for i in (1, 3, 5)
        )
        if all(contrast(mixed, other) >= least for other in others):
            return mixed
    return end
