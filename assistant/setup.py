"""Setting up: a complete home for a town (``init``) and what is there and what is missing (``doctor``)."""

from __future__ import annotations

import datetime as dt
import importlib.util
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import LeitplankeError, SettingsError
from assistant.settings import Settings

CONFIG = """# Einstellungen dieser Installation; alle Schlüssel erklärt docs/einstellungen.md.
# host = "127.0.0.1"
# port = 7860
"""
REVIEW_NOTICE = dt.timedelta(days=30)
LAW_NOTICE = dt.timedelta(days=92)
"""How long before a day something is to be done about it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``doctor``; ``state`` is gut, hinweis or fehler."""

    what: str
    state: str
    hint: str = ""


def init_home(template: Path, target: Path, town: str) -> None:
    """Copy corpus and models of the template into an empty folder and enter the town's name.

    What the template was is recorded, for ``init --compare``. Raises SettingsError if the folder is not empty or cannot be
    written; nothing is left half done.
    """
    from assistant.corpus.template import write_record

    town = town.strip()
    if not town or '"' in town or "\\" in town or not town.isprintable():
        raise SettingsError(
            f"--name „{town}“: erwartet wird der Name der Kommune ohne Anführungszeichen, z. B. „Stadt Kempen“."
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise SettingsError(f"{target} ist nicht leer. Bitte einen neuen oder leeren Ordner nennen.")
    target = target.resolve()  # "." has no name to put another folder beside it
    beside = target.with_name(f".{target.name}.neu")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        shutil.copytree(template / "corpus", beside / "corpus", ignore=shutil.ignore_patterns("amtlich*", "entwuerfe"))
        shutil.copytree(template / "models", beside / "models", ignore=shutil.ignore_patterns("*.gguf", "eigene"))
        (beside / "index").mkdir()
        (beside / "leitplanke.toml").write_text(CONFIG, encoding="utf-8")
        head = beside / "corpus" / "leitlinie.toml"
        text = re.sub(r'(?m)^kommune = ".*"', f'kommune = "{town}"', head.read_text(encoding="utf-8"))
        head.write_text(text, encoding="utf-8")
        write_record(template, beside)
        if target.exists():
            target.rmdir()
        beside.rename(target)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise SettingsError(
            f"{target} kann nicht angelegt werden ({error.strerror}). Platz und Rechte prüfen."
        ) from error


def diagnose(home: Path, today: dt.date) -> list[Finding]:
    """Everything ``doctor`` looks at, in the order in which it would be mended."""
    return [
        Finding(f"Python {sys.version_info.major}.{sys.version_info.minor}", "gut"),
        *_attempt("Einstellungen", lambda: _settings(home)),
        *_attempt("Leitlinie", lambda: _guideline(home, today)),
        *_attempt("Recht", lambda: _law(home, today)),
        *_attempt("Embedder", lambda: _embedder(home)),
        *_attempt("Index", lambda: _index(home)),
        *_attempt("Sprachmodell", lambda: _generator(home), failing="hinweis"),
    ]


def _attempt(what: str, look: object, failing: str = "fehler") -> Iterator[Finding]:
    try:
        yield from look()  # type: ignore[operator]  # a generator function without arguments
    except LeitplankeError as error:
        yield Finding(what, failing, str(error))


def _settings(home: Path) -> Iterator[Finding]:
    from assistant.settings import read_settings

    settings = read_settings(home)
    yield Finding(f"Einstellungen in {home}: Seite auf {settings.host}:{settings.port}", "gut")
    if settings.host not in ("127.0.0.1", "::1", "localhost"):
        yield Finding(
            "Die Seite ist im Netz erreichbar",
            "hinweis",
            "nur hinter einem Reverse-Proxy mit TLS betreiben (docs/betrieb.md)",
        )


def _guideline(home: Path, today: dt.date) -> Iterator[Finding]:
    from assistant.corpus.rules import read_guideline

    guideline = read_guideline(home / "corpus")
    yield Finding(f"{guideline.info.title}, Fassung {guideline.info.version}, {len(guideline.rules)} Regeln", "gut")
    if not guideline.info.adopted:
        yield Finding(
            "Die Leitlinie ist nicht beschlossen", "hinweis", "nach dem Beschluss corpus/leitlinie.toml ausfüllen"
        )
    yield _review(guideline.next_review, today)
    if placeholders := [c.key for c in guideline.contacts.values() if c.placeholder]:
        yield Finding(f"{len(placeholders)} Kontakte sind Platzhalter", "hinweis", "corpus/kontakte.toml ausfüllen")


def _review(day: dt.date | None, today: dt.date) -> Finding:
    """When the guideline is to be reviewed, and what to do about it from a month before."""
    if day is None:
        return Finding("Kein Tag für die Überprüfung der Leitlinie", "hinweis", "in corpus/leitlinie.toml eintragen")
    if day > today + REVIEW_NOTICE:
        return Finding(f"Nächste Überprüfung der Leitlinie: {day:%d.%m.%Y}", "gut")
    when = "war" if day <= today else "ist"
    what = f"Die Überprüfung der Leitlinie {when} am {day:%d.%m.%Y} fällig"
    return Finding(what, "hinweis", "überprüfen und das Datum erneuern")


def _law(home: Path, today: dt.date) -> Iterator[Finding]:
    from assistant.corpus.coming import coming
    from assistant.corpus.law import read_law

    law = read_law(home / "corpus")
    yield Finding(f"{len(law.digests)} Rechtsquellen als Kurzfassung", "gut")
    official = [b.source for b in law.books(today) if b.source.short in law.official]
    if official:
        yield Finding("Amtliche Texte: " + ", ".join(f"{s.short} ({s.state:%d.%m.%Y})" for s in official), "gut")
    else:
        yield Finding(
            "Keine amtlichen Gesetzestexte eingespielt", "hinweis", "leitplanke corpus fetch oder corpus import DATEI"
        )
    for date in coming(law, today):
        yield Finding(date.line(), "hinweis", "Regeln dazu prüfen" if date.day <= today + LAW_NOTICE else "")


def _embedder(home: Path) -> Iterator[Finding]:
    from assistant.models.embedder import open_embedder
    from assistant.settings import read_settings

    name = read_settings(home).embedder
    open_embedder(home, name)
    yield Finding(f"Embedder „{name}“ lädt", "gut")


def _index(home: Path) -> Iterator[Finding]:
    from assistant.index.generation import current_folder
    from assistant.index.published import PublishedIndex
    from assistant.models.embedder import open_embedder
    from assistant.settings import read_settings

    opened = PublishedIndex(current_folder(home / "index"), open_embedder(home, read_settings(home).embedder))
    try:
        opened.verify()
    finally:
        opened.close()
    yield Finding(f"Index {opened.generation}: {opened.manifest.counts['passagen']} Passagen, Prüfsummen stimmen", "gut")


def _generator(home: Path) -> Iterator[Finding]:
    from assistant.models.manifest import find_generator, read_manifest
    from assistant.settings import read_settings

    settings = read_settings(home)
    if settings.generator_url and settings.generator != "aus":
        yield from _server(home, settings)
        return
    if importlib.util.find_spec("llama_cpp") is None:
        yield Finding(
            "llama-cpp-python ist nicht installiert", "hinweis", "ohne Sprachmodell wird aus den Quellen geantwortet"
        )
        return
    entry = find_generator(home, read_manifest(home), settings.generator)
    if entry is None:
        yield Finding(
            "Kein Sprachmodell in models/", "hinweis", "leitplanke models list zeigt, welche passen; nötig ist keines"
        )
    else:
        yield Finding(f"Sprachmodell {entry.name}", "gut")


def _server(home: Path, settings: Settings) -> Iterator[Finding]:
    from assistant.models.remote import open_server

    server = open_server(home, settings)
    try:
        server.start()
    finally:
        server.close()
    yield Finding(f"Modellserver {settings.generator_url} antwortet, Modell {server.name}", "gut")
    if settings.generator_oeffentlich:
        yield Finding(
            "Der Modellserver darf außerhalb des eigenen Netzes liegen", "hinweis", "Fragen verlassen dann das Haus"
        )
