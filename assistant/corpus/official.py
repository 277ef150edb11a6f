"""``corpus/amtlich/``: the official texts of a home, as their publishers served them, and how one is taken over.

Knows files, states and languages; what the texts say of a day is ``corpus/law.py``. Every file has an entry in the lock
(checksum, origin, date), and nothing here is ever replaced by less.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from assistant.corpus.addresses import ActInfo, Acts, read_acts
from assistant.corpus.books import Book
from assistant.corpus.lawtext import LawText
from assistant.corpus.readers import file_bytes, read_official, read_untrusted
from assistant.errors import CorpusError, ImportRefused
from assistant.types import Kind, Provision, Source

LOCK = "amtlich.lock"
RECITALS = ".erwaegungsgruende"
"""In the file name of an official text of which only the recitals are taken (``erwaegungsgruende_aus``)."""
GERMAN = "DE"


def official_states(corpus: Path, acts: Acts, act_id: str = "*") -> dict[tuple[str, str], list[Book]]:
    """The imported texts (of one act) by (language, short name), with recitals, undated. Raises CorpusError."""
    lock = _known_sums(corpus)
    official: dict[tuple[str, str], list[Book]] = {}
    recitals: dict[tuple[str, str], dict[str, Provision]] = {}
    for path in official_files(corpus, act_id):
        info_id = path.name.partition("@")[0]
        info = acts.by_id(info_id)
        if info is None:
            raise CorpusError(f"corpus/amtlich/{path.name}: „{info_id}“ steht nicht in corpus/quellen.toml.")
        text = read_imported(path, info, lock)
        key = (text.language, info.short)
        if RECITALS in path.name:
            recitals[key] = {p.norm: p for p in text.provisions if p.norm.startswith(f"{info.short} ErwG ")}
        else:
            official.setdefault(key, []).append(_book(text, info, path.name))
    return {key: _with_recitals(books, recitals.get(key, {})) for key, books in official.items()}


def read_imported(path: Path, info: ActInfo, lock: Mapping[str, Mapping[str, str]]) -> LawText:
    """One file of ``corpus/amtlich/``. Raises CorpusError.

    A file that is byte for byte what a child process read when it was imported is read in this process, because
    commands read all of them: 17 texts take 0.9 s here and 5.9 s in children. What somebody put there or changed since
    gets a child.
    """
    data = path.read_bytes()
    known = lock.get(path.name, {}).get("sha256") == hashlib.sha256(data).hexdigest()
    named = re.search(r"@(\d{4}-\d\d-\d\d)\.", path.name)
    try:
        stand = dt.date.fromisoformat(named[1]) if named else None
    except ValueError:
        stand = None
    return (read_official if known else read_untrusted)(data, path.name, info, stand)


def _known_sums(corpus: Path) -> dict[str, dict[str, str]]:
    try:
        return read_lock(corpus.parent)
    except CorpusError:
        return {}  # nothing is known, so everything is read with limits


def official_files(corpus: Path, act_id: str = "*") -> list[Path]:
    """The imported official texts (of one act), oldest state first; what an interrupted write left is none."""
    return sorted(p for p in (corpus / "amtlich").glob(f"{act_id}@*.*") if not p.name.startswith("."))


def _with_recitals(books: Sequence[Book], recitals: Mapping[str, Provision]) -> list[Book]:
    """Consolidated texts carry no recitals; those of the Official Journal hold for every state."""
    return [
        book
        if any(norm.startswith(f"{book.source.short} ErwG ") for norm in book.places)
        else replace(book, places={**recitals, **book.places})
        for book in books
    ]


def read_lock(home: Path) -> dict[str, dict[str, str]]:
    """Checksum, origin and date of each imported official text, by file name; empty if nothing was imported."""
    path = home / "corpus" / LOCK
    if not path.is_file():
        return {}
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(entries, dict) or not all(isinstance(e, dict) for e in entries.values()):
            raise ValueError
    except ValueError as error:
        raise CorpusError(
            f"{path} ist beschädigt. Die Datei löschen und die amtlichen Texte neu holen oder einspielen."
        ) from error
    return dict(entries)


def import_official(
    home: Path, file: Path, today: dt.date, as_id: str | None = None, origin: str = "", *, recitals: bool = False,
    language: str = GERMAN, stand: dt.date | None = None, text: LawText | None = None,
) -> LawText:  # fmt: skip
    """Take over one official text: ``corpus/amtlich/<id>@<state>.<ext>`` with bytes unchanged, and the lock entry.

    ``recitals``: only its recitals count (``<id>@<state>.erwaegungsgruende.<ext>``), for states that have none.
    ``language``: another than German stands beside it (``<id>@<state>.en.<ext>``).
    ``stand``: the state of a text that names none itself. ``text``: what was read from this file a moment ago.
    Raises ImportRefused (or CorpusError) with one German line; what was there before then stays as it was.
    """
    acts = read_acts(home / "corpus" / "quellen.toml")
    data = file_bytes(file)
    text, info = _recognised(data, file.name, acts, as_id, stand, text)
    if stand is not None and text.state != stand:
        raise ImportRefused(
            f"{file.name}: nennt selbst den Stand {text.state.isoformat()}, angegeben ist {stand.isoformat()}. --stand weglassen."
        )
    if text.language != language:
        raise ImportRefused(
            f"{file.name}: enthält die Sprachfassung {text.language}, erwartet wird {language}. Eine englische Fassung "
            "wird mit „--sprache en“ neben die deutsche gestellt."
        )
    lock = read_lock(home)
    folder = home / "corpus" / "amtlich"
    marks = (RECITALS if recitals else "") + ("" if language == GERMAN else f".{language.lower()}")
    stem = f"{info.id}@{text.state.isoformat()}{marks}"
    target = folder / f"{stem}{file.suffix.lower()}"
    existing = next(
        (p for p in official_files(home / "corpus", info.id) if p.name.removesuffix(p.suffix) == stem), None
    )
    if existing is not None and existing.read_bytes() != data:
        before = _provisions(existing, info, lock)
        if len(text.provisions) < before:
            raise ImportRefused(
                f"{file.name}: enthält {len(text.provisions)} Fundstellen, der vorhandene Text {existing.name} aber "
                f"{before}. Der vorhandene bleibt; zum Ersetzen ihn zuerst löschen."
            )
    lock = {k: v for k, v in lock.items() if existing is None or k != existing.name}
    lock[target.name] = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "herkunft": origin or file.name,
        "eingespielt": today.isoformat(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(target, data)
        write_atomically(
            home / "corpus" / LOCK, (json.dumps(lock, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
        )
    except OSError as error:
        raise ImportRefused(
            f"{target}: kann nicht geschrieben werden ({error.strerror}). Platz und Rechte prüfen."
        ) from error
    if existing is not None and existing != target:
        existing.unlink()
    return text


def _recognised(
    data: bytes, name: str, acts: Acts, as_id: str | None, stand: dt.date | None, text: LawText | None
) -> tuple[LawText, ActInfo]:
    """The text, and the known act it is: the one named, else the one the file names."""
    info = acts.by_id(as_id) if as_id else None
    if as_id and info is None:
        known = ", ".join(i.id for i in acts.infos)
        raise ImportRefused(f"--as {as_id}: diese Quelle gibt es nicht. Bekannt sind: {known}.")
    text = text or read_untrusted(data, name, info, stand)
    if info is None:
        # Publishers abbreviate in their own way ("SGB 1" for SGB I): the known names decide.
        named = acts.name_at(text.short, 0)
        info = acts.get(named[0]) if named else None
        text = read_untrusted(data, name, info, stand) if info else text
    if info is None:
        raise ImportRefused(f"{name}: „{text.short}“ steht nicht in corpus/quellen.toml. Mit --as ID angeben.")
    return text, info


def _provisions(path: Path, info: ActInfo, lock: Mapping[str, Mapping[str, str]]) -> int:
    """How many places an imported text has; 0 where it can no longer be read, so that it can be replaced."""
    try:
        return len(read_imported(path, info, lock).provisions)
    except CorpusError:
        return 0


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside the target, flush to disk, then replace: readers see the old bytes or the new, never half."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.neu")
    try:
        with beside.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _book(text: LawText, info: ActInfo, name: str) -> Book:
    source = Source(info.id, info.short, text.title or info.title, info.level, text.state, Kind.GESETZ, info.page)
    return Book(source, {p.norm: p for p in text.provisions}, text.valid_to, name, text.language)
