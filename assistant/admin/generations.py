"""What the pages say about generations: which there are, what of the corpus is in none yet, and where one can go back to."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.admin.job import report_files
from assistant.corpus.official import official_files
from assistant.errors import DamagedGeneration, LeitplankeError
from assistant.index import generation as gen
from assistant.index.lock import BUILDING, build_lock


@dataclass(frozen=True, slots=True)
class Built:
    """One generation. ``complete``: it still holds its vectors, so it can be published and asked."""

    name: str
    built: str
    passages: int
    published: bool
    complete: bool
    report: dict[str, Any] = field(default_factory=dict)
    """Figures of its change report against the published generation; empty where there is none."""


def built(index: Path) -> list[Built]:
    """All generations, newest first; damaged ones are left out (``doctor`` names them)."""
    try:
        current = gen.current(index)
    except DamagedGeneration:
        current = None
    rows = []
    for name in reversed(gen.generations(index)):
        try:
            manifest = gen.read_manifest(index / name)
        except DamagedGeneration:
            continue
        report = report_figures(index, current, name) if current else {}
        complete = (index / name / "passagen.jsonl").is_file()
        rows.append(Built(name, manifest.built, manifest.counts.get("passagen", 0), name == current, complete, report))
    return rows


def report_figures(index: Path, old: str, new: str) -> dict[str, Any]:
    """The figures of a report that was made; empty if there is none."""
    if not (gen.NAME.fullmatch(old) and gen.NAME.fullmatch(new)):
        return {}
    try:
        raw = json.loads(report_files(index, old, new)[1].read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return raw if isinstance(raw, dict) else {}


def history(index: Path) -> tuple[list[dict[str, Any]], str]:
    """(publications, newest first; a German line if log or published generation are not what they were, or "")."""
    try:
        entries = gen.read_log(index)
    except DamagedGeneration as error:
        return [], str(error)
    try:
        gen.check_published(index)
    except (LeitplankeError, OSError) as error:
        return entries[::-1], str(error) if isinstance(error, LeitplankeError) else "Die veröffentlichte Generation fehlt."
    return entries[::-1], ""


def previous(index: Path) -> str | None:
    """The generation published before the present one that can still be asked; None if there is none."""
    try:
        published, current = [entry["generation"] for entry in gen.read_log(index)], gen.current(index)
    except DamagedGeneration:
        return None
    usable = (g for g in reversed(published) if g != current and (index / g / "passagen.jsonl").is_file())
    return next(usable, None)


def builder_elsewhere(index: Path, now: dt.datetime) -> str:
    """Who builds at this moment in another process, in words; "" if nobody does."""
    lock = index / BUILDING
    if not lock.is_file():
        return ""
    with lock.open("rb") as handle:
        try:
            # Shared and only tried: it never keeps a build waiting for longer than this line.
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            try:
                with build_lock(index, now):
                    return ""
            except LeitplankeError as error:
                return str(error)
    return ""


def unbuilt(home: Path) -> list[str]:
    """Files of the corpus that read otherwise than in the newest generation: what a build would take up."""
    index, corpus = home / "index", home / "corpus"
    names = gen.generations(index)
    if not names:
        return []
    newest = index / names[-1]
    return sorted({*_differing(corpus, newest / "korpus"), *_new_law(corpus, newest), *_touched(corpus, newest)})


def _differing(corpus: Path, kept: Path) -> Iterator[str]:
    now = {p.name: p for p in (corpus / "leitlinie").glob("*") if p.is_file() and not p.name.startswith(".")}
    then = {p.name: p for p in (kept / "leitlinie").glob("*") if not p.name.endswith(".gelesen.json")}
    pairs = [(f"leitlinie/{name}", now.get(name), then.get(name)) for name in {*now, *then}]
    pairs += [(p.name, corpus / p.name, p) for p in kept.glob("*.toml")]
    for name, here, there in pairs:
        if here is None or there is None or not here.is_file() or here.read_bytes() != there.read_bytes():
            yield name


def _touched(corpus: Path, newest: Path) -> Iterator[str]:
    """What a generation keeps no copy of, by the time it was written: digests, everyday words, questions."""
    built = (newest / gen.MANIFEST).stat().st_mtime_ns
    for path in [*corpus.glob("recht/*.md"), *corpus.glob("fragen/*.jsonl"), corpus / "suchworte.toml"]:
        if path.is_file() and path.stat().st_mtime_ns > built:
            yield path.relative_to(corpus).as_posix()


def _new_law(corpus: Path, folder: Path) -> Iterator[str]:
    """Official texts whose file the generation does not know, by the name of the file."""
    try:
        known = {row["datei"] for row in json.loads((folder / "buecher.json").read_text(encoding="utf-8"))}
    except (OSError, ValueError, KeyError, TypeError):
        return
    for path in official_files(corpus):
        if path.name not in known and ".erwaegungsgruende" not in path.name:
            yield f"amtlich/{path.name}"
