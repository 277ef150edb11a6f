"""The first page: what needs attention, and the state of guideline, law, index, model and disk."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.responses import Response

from assistant.admin import generations
from assistant.admin.office import MENU, Office, Visit
from assistant.admin.pages.place import Place
from assistant.corpus.checking import check_corpus
from assistant.corpus.law import read_law
from assistant.errors import LeitplankeError
from assistant.index import generation as gen
from assistant.setup import Finding, diagnose

LOW_DISK = 2**30
FRESH_SECONDS = 600
"""After that, checksums of the index are compared again although nothing seems to have changed."""
_LEADS = (
    ("corpus/kontakte.toml", "/kontakte"), ("corpus/leitlinie.toml", "/leitlinie"), ("Datum erneuern", "/leitlinie"),
    ("Regeln dazu prüfen", "/regeln"), ("corpus import", "/einspielen"), ("index build", "/bauen"),
    ("index activate", "/veroeffentlichen"),
)  # fmt: skip
"""Where on these pages the advice of ``doctor`` can be followed."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to look at; ``state`` is fehler or hinweis, ``target`` where it can be mended ("" if not here)."""

    state: str
    text: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One source of law: its official states, or "" where only the digest is there."""

    name: str
    states: str
    digests: int


def _overview(office: Office, visit: Visit) -> Response:
    today = office.now().date()
    looked, acts = _looked(office.home, today, (_stamp(office.home), int(time.monotonic() // FRESH_SECONDS)))
    notices = [*_of_now(office), *(_notice(f) for f in looked if f.state != "gut")]
    notices.sort(key=lambda n: n.state != "fehler")
    rows = generations.built(office.index)
    return office.page(
        visit, "uebersicht.html", notices=notices, names={target: name for _, places in MENU for target, name in places}, good=[f for f in looked if f.state == "gut"], acts=acts,
        published=next((row for row in rows if row.published), None), waiting=_waiting(rows),
        unbuilt=generations.unbuilt(office.home), free=shutil.disk_usage(office.home).free,
        used=sum(p.stat().st_size for p in office.index.rglob("*") if p.is_file()) if office.index.is_dir() else 0,
    )  # fmt: skip


def _waiting(rows: list[generations.Built]) -> list[generations.Built]:
    """Generations newer than the published one: built, not approved."""
    names = [row.name for row in rows if row.published]
    return [row for row in rows if row.complete and not row.published and (not names or row.name > names[0])]


def _notice(found: Finding) -> Notice:
    target = next((target for sign, target in _LEADS if sign in found.hint), "")
    advice = found.hint if found.state == "fehler" or not target else ""
    return Notice(found.state, f"{found.what}: {advice}" if advice else found.what, target)


def _of_now(office: Office) -> list[Notice]:
    """What can change between two looks without any file of the corpus changing."""
    notices = []
    if shutil.disk_usage(office.home).free < LOW_DISK:
        notices.append(Notice("fehler", "Auf der Platte ist weniger als 1 GB frei. Platz schaffen, bevor gebaut wird."))
    if damage := office.journal.read()[1]:
        notices.append(Notice("fehler", damage, "/protokoll"))
    if problem := generations.history(office.index)[1]:
        notices.append(Notice("fehler", problem, "/veroeffentlichen"))
    return notices


@lru_cache(maxsize=2)
def _looked(home: Path, today: dt.date, stamp: object) -> tuple[tuple[Finding, ...], tuple[Act, ...]]:
    """``doctor`` and ``corpus check``, which take seconds: once for each state of the home."""
    found = diagnose(home, today)
    try:
        found += [Finding(line, "hinweis", "Regeln dazu prüfen") for line in check_corpus(home, today)]
        law = read_law(home / "corpus")
    except LeitplankeError as error:
        return (*found, *([Finding("Prüfung der Normen", "fehler", str(error))] if _new(found, error) else [])), ()
    acts = []
    for info in law.acts.infos:
        states = [f"{book.source.state:%d.%m.%Y}" for book in law.official.get(info.short, ())]
        digest = law.digests.get(info.short)
        acts.append(Act(info.short, ", ".join(states), len(digest.places) if digest else 0))
    return tuple(found), tuple(acts)


def _new(found: list[Finding], error: LeitplankeError) -> bool:
    return all(str(error) not in finding.hint for finding in found)


def _stamp(home: Path) -> object:
    """Changes with every file of corpus and settings, the published generation, and the models there are."""
    files = [p for folder in ("corpus", "models") for p in (home / folder).rglob("*") if p.is_file()]
    files += [p for p in (home / "leitplanke.toml", home / "index" / gen.CURRENT) if p.is_file()]
    return hash(tuple(sorted((str(p), (s := p.stat()).st_mtime_ns, s.st_size) for p in files)))


PLACES = (Place("GET", "/", _overview),)
