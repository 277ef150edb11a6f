"""The few settings, read once: defaults < ``leitplanke.toml`` < ``LEITPLANKE_*``.

An unknown key is an error with a suggestion, so that a typing mistake never silently keeps a default. Every setting
is documented in ``docs/einstellungen.md``; a test compares the two.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import SettingsError

PREFIX = "LEITPLANKE_"
NOT_SETTINGS = {
    "LEITPLANKE_HOME", "LEITPLANKE_SHARED", "LEITPLANKE_GENERATOR_KEY", "LEITPLANKE_ADMIN_PASSWORD_HASH",
}  # fmt: skip
"""Environment variables with our prefix that are read elsewhere: the home folder, in tests the shared data, and the
key of a model server and the password's hash of the admin page, which stand in no value that might be shown."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults. ``embedder`` and ``generator`` name entries of ``models/manifest.toml``."""

    host: str = "127.0.0.1"
    port: int = 7860
    embedder: str = "eingebaut"
    generator: str = "auto"
    """``auto``: the first generator of the manifest whose file lies in ``models/``; ``aus``: never a model."""
    generator_url: str = ""
    """A model server in the own network (OpenAI-compatible) used instead of a file; empty: none."""
    generator_modell: str = ""
    """The server's name for the model; empty: the first it offers."""
    generator_schluesseldatei: str = ""
    generator_zertifikatdatei: str = ""
    generator_oeffentlich: bool = False
    """Whether the server may have an address outside of the own network."""
    generator_kontext: int = 4096
    generator_gleichzeitig: int = 4
    """Requests that the server works on at the same time."""
    modell_frist_s: int = 120
    modell_warteschlange: int = 4
    modell_antwort_tokens: int = 320
    modell_regelwahl: int = 0
    """1: the model looks once more where rules lie close together; it can only make an answer stricter."""
    modell_threads: int = 0
    """0: as many as there are cores."""
    gleichzeitig: int = 8
    """Questions answered at the same time by the page; further ones wait or are told that it is busy."""
    admin_host: str = "127.0.0.1"
    admin_port: int = 7861
    admin_proxy_kopf: str = ""
    """Header into which a proxy writes who is logged in; counts only from ``admin_proxy_adressen``."""
    admin_proxy_adressen: str = ""
    """Addresses or networks of that proxy, comma-separated."""


def _convert(name: str, value: object, kind: type, where: str) -> object:
    if kind is int and isinstance(value, str) and re.fullmatch(r"\s*-?[0-9]{1,9}\s*", value):
        value = int(value)
    if kind is bool and value in ("true", "false"):
        value = value == "true"
    if isinstance(value, bool) is not (kind is bool) or not isinstance(value, kind):
        expected = {int: "eine ganze Zahl", bool: "true oder false"}.get(kind, "ein Text in Anführungszeichen")
        raise SettingsError(f"{where}: „{name}“ ist {value!r}, erwartet wird {expected}.")
    if isinstance(value, int) and value < 0:
        raise SettingsError(f"{where}: „{name}“ ist {value}, erwartet wird eine Zahl ab 0.")
    return value


def _merge(base: Settings, values: Mapping[str, object], where: str) -> Settings:
    kinds = {f.name: type(getattr(Settings(), f.name)) for f in dataclasses.fields(Settings)}
    changes: dict[str, object] = {}
    for name, value in values.items():
        if name not in kinds:
            near = difflib.get_close_matches(name, kinds, n=1)
            hint = f" Gemeint war vermutlich „{near[0]}“." if near else f" Bekannt sind: {', '.join(kinds)}."
            raise SettingsError(f"{where}: unbekannte Einstellung „{name}“.{hint}")
        changes[name] = _convert(name, value, kinds[name], where)
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]  # checked by kind above


def home_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The home folder: ``LEITPLANKE_HOME`` or the checkout. Raises SettingsError if it is no home."""
    named = environ.get("LEITPLANKE_HOME")
    home = Path(named).expanduser() if named else Path(__file__).resolve().parent.parent
    if not (home / "corpus").is_dir():
        raise SettingsError(
            f"{home} ist kein vollständiger Ordner (corpus/ fehlt). Mit „leitplanke init ORDNER --name …“ anlegen "
            "oder LEITPLANKE_HOME auf den richtigen Ordner setzen."
        )
    return home.resolve()


def read_settings(home: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings of this home. Raises SettingsError naming the file or variable."""
    settings = Settings()
    file = home / "leitplanke.toml"
    if file.is_file():
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(f"{file} kann nicht gelesen werden ({error.strerror}). Rechte prüfen.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file}: keine gültige TOML-Datei ({error}).") from error
        settings = _merge(settings, values, str(file))
    variables = {
        key[len(PREFIX) :].lower(): value
        for key, value in environ.items()
        if key.startswith(PREFIX) and key not in NOT_SETTINGS
    }
    return _merge(settings, variables, "Umgebungsvariable " + PREFIX + "…")
