"""The law as this installation has it: official texts where imported, our own digests otherwise, each with dates.

``Law.find`` answers "what does this place say on that day": the newest official state in force on the day, else the
digest. When a provision starts to apply is reviewed data in the digests (``gilt_ab``) and holds for the official
wording of the same place too, because no publisher's format carries it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from assistant.corpus.addresses import ActInfo, Acts, Address, read_acts
from assistant.corpus.lawtext import LawText
from assistant.corpus.readers import read_official
from assistant.errors import AddressError, CorpusError, ImportRefused
from assistant.types import Kind, Provision, Source, Validity

LOCK = "amtlich.lock"
RECITALS = ".erwaegungsgruende"
"""In the file name of an official text of which only the recitals are taken (``erwaegungsgruende_aus``)."""


@dataclass(frozen=True, slots=True)
class Book:
    """One act in one state, official or digest; ``places`` by norm, in reading order."""

    source: Source
    places: Mapping[str, Provision]
    valid_to: dt.date | None = None
    file: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A place on a day. ``exact`` is False where a larger or the nearest place had to be taken."""

    provision: Provision
    source: Source
    validity: Validity
    exact: bool


@dataclass(frozen=True)
class Law:
    """All acts of this home. ``official`` holds every imported state, oldest first."""

    acts: Acts
    digests: Mapping[str, Book]
    official: Mapping[str, tuple[Book, ...]]

    def books(self, as_of: dt.date) -> Iterator[Book]:
        """The book that is quoted for each act on this day."""
        for info in self.acts.infos:
            book = self.book(info.short, as_of)
            if book:
                yield book

    def book(self, short: str, as_of: dt.date) -> Book | None:
        """The official state in force (or the oldest one), else the digest, else None."""
        states = self.official.get(short, ())
        in_force = [b for b in states if b.source.state <= as_of]
        if in_force:
            return in_force[-1]
        return states[0] if states else self.digests.get(short)

    def find(self, address: Address, as_of: dt.date) -> Found | None:
        """The place, or the nearest larger place that exists, or the first place within it; None if the act is unknown."""
        found = [f for book in self._candidates(address.source, as_of) if (f := self._in_book(book, address, as_of))]
        return next((f for f in found if f.exact), found[0] if found else None)

    def _candidates(self, short: str, as_of: dt.date) -> Iterator[Book]:
        first = self.book(short, as_of)
        if first:
            yield first
        digest = self.digests.get(short)
        if digest and digest is not first:
            yield digest

    def _in_book(self, book: Book, address: Address, as_of: dt.date) -> Found | None:
        exact = book.places.get(address.norm)
        wanted = _without_first_subparagraph(address)
        if exact is None and wanted != address:
            exact = book.places.get(wanted.norm)
        provision, is_exact = exact, exact is not None
        upper: Address | None = wanted
        while provision is None and upper is not None and upper.parts:
            provision = book.places.get(upper.norm) or next(
                (p for norm, p in book.places.items() if norm.startswith(upper.norm + " ")), None
            )
            upper = upper.parent
        if provision is None and not address.parts:
            provision = next(iter(book.places.values()), None)
        if provision is None:
            return None
        dated = self.dated(provision, book)
        return Found(dated, book.source, validity(dated, book, as_of), is_exact)

    def dated(self, provision: Provision, book: Book) -> Provision:
        """The provision with the reviewed date from which it applies, inherited from the places above it."""
        start = provision.valid_from
        digest = self.digests.get(book.source.short)
        if start is None and digest is not None:
            parts = provision.norm
            while start is None and " " in parts:
                entry = digest.places.get(parts)
                start = entry.valid_from if entry else None
                parts = parts.rsplit(" ", 2)[0]
        return Provision(
            provision.norm, provision.label, provision.source, provision.heading, provision.text, provision.kind,
            start, provision.valid_to or book.valid_to,
        )  # fmt: skip

    def missing(self, address: Address, as_of: dt.date) -> str | None:
        """One German sentence if this place does not exist in the act, else None. Only official or complete data say so."""
        info = self.acts.get(address.source)
        if info is None or not address.parts:
            return None
        unit, value = address.parts[0]
        number = re.match(r"\d+", value)
        limits = {info.unit: info.last, "ErwG": info.recitals or None}
        limit = limits.get(unit)
        names = {"Art.": "Artikel", "§": "Paragraf", "ErwG": "Erwägungsgrund"}
        if limit and number and int(number.group()) > limit:
            name = {"Art.": "Art.", "§": "§"}.get(unit, "ErwG")
            return (
                f"{address.label} gibt es nicht: Der letzte {names[unit]} der Quelle {info.short} ist {name} {limit}."
            )
        book = self.book(address.source, as_of)
        if book is None or book.source.kind is not Kind.GESETZ:
            return None
        wanted = _without_first_subparagraph(address)
        if wanted.norm in book.places:
            return None
        upper = wanted.parent
        while upper is not None and upper.parts and upper.norm not in book.places:
            upper = upper.parent
        if upper is None or not upper.parts:
            return f"{address.label} gibt es im Stand {book.source.state:%d.%m.%Y} nicht."
        below = [n for n in book.places if n.startswith(upper.norm + " ")]
        last = max((n for n in below if n.count(" ") == upper.norm.count(" ") + 2), key=below.index, default=None)
        end = f" Die Aufzählung dort endet mit {last.removeprefix(upper.norm).strip()}." if last else ""
        return f"{address.label} gibt es im Stand {book.source.state:%d.%m.%Y} nicht; es gibt {upper.label}.{end}"

    @cached_property
    def has_official(self) -> bool:
        """True if at least one official text is installed."""
        return any(self.official.values())


def _without_first_subparagraph(address: Address) -> Address:
    return Address(address.source, tuple(p for p in address.parts if p != ("UAbs.", "1")))


def validity(provision: Provision, book: Book, as_of: dt.date) -> Validity:
    """``gilt_ab`` if it starts to apply (or the act's only state begins) after the day, ``aufgehoben`` if it ended."""
    if provision.valid_to and provision.valid_to < as_of:
        return Validity.AUFGEHOBEN
    starts = provision.valid_from or (book.source.state if book.source.kind is Kind.GESETZ else None)
    return Validity.GILT_AB if starts and starts > as_of else Validity.GILT


def _digest_head(text: str, name: str) -> tuple[dict[str, str], list[str], int]:
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---" or "---" not in [line.strip() for line in lines[1:]]:
        raise CorpusError(f"{name}, Zeile 1: der Kopf zwischen zwei Zeilen „---“ fehlt (id, stand, geprueft).")
    end = next(i for i, line in enumerate(lines[1:], start=1) if line.strip() == "---")
    head = {k.strip(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:end])}
    return head, lines[end + 1 :], end + 2


def read_digest(path: Path, acts: Acts, name: str) -> Book:
    """One file of ``corpus/recht/``: ``## Art. 4 Nr. 1: Titel``, optional ``gilt_ab: JJJJ-MM-TT``, text in own words.

    Raises CorpusError naming file and line.
    """
    head, body, offset = _digest_head(path.read_text(encoding="utf-8"), name)
    info = acts.by_id(head.get("id", ""))
    if info is None:
        raise CorpusError(f"{name}: id „{head.get('id', '')}“ steht nicht in corpus/quellen.toml.")
    try:
        state = dt.date.fromisoformat(head.get("stand", ""))
    except ValueError as error:
        raise CorpusError(f"{name}: stand „{head.get('stand', '')}“ ist kein Datum (JJJJ-MM-TT).") from error
    source = Source(info.id, info.short, info.title, info.level, state, Kind.KURZFASSUNG, info.page, info.verified)
    places: dict[str, Provision] = {}
    current: tuple[Address, str] | None = None
    dates: dict[str, dt.date] = {}
    text: list[str] = []

    def close() -> None:
        if current is None:
            return
        address, title = current
        places[address.norm] = Provision(
            address.norm, address.label, info.id, (f"{address.place or info.short} {title}".strip(),),
            "\n".join(text).strip(), Kind.KURZFASSUNG, dates.get("gilt_ab"), dates.get("gilt_bis"),
        )  # fmt: skip

    for number, line in enumerate(body, start=offset):
        if line.startswith("## "):
            close()
            place, _, title = line[3:].partition(":")
            current, dates, text = (
                (_digest_address(place.strip(), info.short, acts, name, number), title.strip()),
                {},
                [],
            )
        elif (dated := re.match(r"(gilt_ab|gilt_bis):\s*(\S+)\s*$", line)) and current and not text:
            try:
                dates[dated[1]] = dt.date.fromisoformat(dated[2])
            except ValueError as error:
                raise CorpusError(f"{name}, Zeile {number}: {dated[1]} „{dated[2]}“ ist kein Datum.") from error
        elif current and (line.strip() or text):
            text.append(line.strip())
    close()
    empty = next((norm for norm, p in places.items() if not p.text), None)
    if empty:
        raise CorpusError(f"{name}: zu {empty} steht kein Text. Erwartet wird eine Kurzfassung in eigenen Worten.")
    return Book(source, places, file=name)


def _digest_address(place: str, short: str, acts: Acts, name: str, line: int) -> Address:
    if place == short:
        return Address(short)
    try:
        return acts.parse(f"{place} {short}")
    except AddressError as error:
        raise CorpusError(f"{name}, Zeile {line}: {error}") from error


def _book(text: LawText, info_id: str, acts: Acts, name: str) -> Book:
    info = acts.by_id(info_id)
    if info is None:
        raise CorpusError(f"{name}: „{info_id}“ steht nicht in corpus/quellen.toml. Dort zuerst die Quelle eintragen.")
    source = Source(info.id, info.short, text.title or info.title, info.level, text.state, Kind.GESETZ, info.page)
    return Book(source, {p.norm: p for p in text.provisions}, text.valid_to, name)


def read_law(corpus: Path) -> Law:
    """Sources, digests and imported official texts below a ``corpus/`` folder. Raises CorpusError."""
    acts = read_acts(corpus / "quellen.toml")
    digests = {}
    for path in sorted((corpus / "recht").glob("*.md")):
        book = read_digest(path, acts, f"corpus/recht/{path.name}")
        digests[book.source.short] = book
    official: dict[str, list[Book]] = {}
    recitals: dict[str, dict[str, Provision]] = {}
    for path in official_files(corpus):
        info_id = path.name.partition("@")[0]
        info = acts.by_id(info_id)
        if info is None:
            raise CorpusError(f"corpus/amtlich/{path.name}: „{info_id}“ steht nicht in corpus/quellen.toml.")
        text = read_official(path.read_bytes(), path.name, info)
        if RECITALS in path.name:
            recitals[info.short] = {p.norm: p for p in text.provisions if p.norm.startswith(f"{info.short} ErwG ")}
        else:
            official.setdefault(info.short, []).append(_book(text, info_id, acts, path.name))
    return Law(acts, digests, {k: _chained(_with_recitals(v, recitals.get(k, {}))) for k, v in official.items()})


def official_files(corpus: Path, act_id: str = "*") -> list[Path]:
    """The imported official texts (of one act), oldest state first; what an interrupted write left is none."""
    return sorted(p for p in (corpus / "amtlich").glob(f"{act_id}@*.*") if not p.name.startswith("."))


def _with_recitals(books: Sequence[Book], recitals: Mapping[str, Provision]) -> list[Book]:
    """Consolidated texts carry no recitals; those of the Official Journal hold for every state."""
    return [
        book
        if any(norm.startswith(f"{book.source.short} ErwG ") for norm in book.places)
        else Book(book.source, {**recitals, **book.places}, book.valid_to, book.file)
        for book in books
    ]


def _chained(books: Sequence[Book]) -> tuple[Book, ...]:
    """States oldest first; each but the newest ends the day before the next begins."""
    ordered = sorted(books, key=lambda b: b.source.state)
    result = []
    for book, later in zip(ordered, [*ordered[1:], None], strict=True):
        ends = book.valid_to or (later.source.state - dt.timedelta(days=1) if later else None)
        result.append(Book(book.source, book.places, ends, book.file))
    return tuple(result)


def read_lock(home: Path) -> dict[str, dict[str, str]]:
    """Checksum, origin and date of each imported official text, by file name; empty if nothing was imported."""
    path = home / "corpus" / LOCK
    if not path.is_file():
        return {}
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CorpusError(f"{path} ist beschädigt. Die amtlichen Texte bitte neu einspielen.") from error
    return dict(entries)


def import_official(
    home: Path, file: Path, today: dt.date, as_id: str | None = None, origin: str = "", *, recitals: bool = False
) -> LawText:
    """Take over one official text: ``corpus/amtlich/<id>@<state>.<ext>`` with bytes unchanged, and the lock entry.

    ``recitals``: only its recitals count (``<id>@<state>.erwaegungsgruende.<ext>``), for states that have none.
    Raises ImportRefused (or CorpusError) with one German line; what was there before then stays as it was.
    """
    acts = read_acts(home / "corpus" / "quellen.toml")
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ImportRefused(f"{file} kann nicht gelesen werden ({error.strerror}). Pfad und Rechte prüfen.") from error
    info = acts.by_id(as_id) if as_id else None
    if as_id and info is None:
        known = ", ".join(i.id for i in acts.infos)
        raise ImportRefused(f"--as {as_id}: diese Quelle gibt es nicht. Bekannt sind: {known}.")
    text = read_official(data, file.name, info)
    if info is None:
        # Publishers abbreviate in their own way ("SGB 1" for SGB I): the known names decide.
        named = acts.name_at(text.short, 0)
        info = acts.get(named[0]) if named else None
        text = read_official(data, file.name, info) if info else text
    if info is None:
        raise ImportRefused(f"{file.name}: „{text.short}“ steht nicht in corpus/quellen.toml. Mit --as ID angeben.")
    folder = home / "corpus" / "amtlich"
    stem = f"{info.id}@{text.state.isoformat()}"
    target = folder / f"{stem}{RECITALS if recitals else ''}{file.suffix.lower()}"
    same_state = [p for p in official_files(home / "corpus", info.id) if p.name.startswith(f"{stem}.")]
    existing = next((p for p in same_state if (RECITALS in p.name) == recitals), None)
    if existing is not None and existing.read_bytes() != data:
        before = _provisions(existing, info)
        if len(text.provisions) < before:
            raise ImportRefused(
                f"{file.name}: enthält {len(text.provisions)} Fundstellen, der vorhandene Text {existing.name} aber "
                f"{before}. Der vorhandene bleibt; zum Ersetzen ihn zuerst löschen."
            )
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(target, data)
    if existing is not None and existing != target:
        existing.unlink()
    lock = {k: v for k, v in read_lock(home).items() if existing is None or k != existing.name}
    lock[target.name] = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "herkunft": origin or file.name,
        "eingespielt": today.isoformat(),
    }
    write_atomically(
        home / "corpus" / LOCK, (json.dumps(lock, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    )
    return text


def _provisions(path: Path, info: ActInfo) -> int:
    """How many places an imported text has; 0 where it can no longer be read, so that it can be replaced."""
    try:
        return len(read_official(path.read_bytes(), path.name, info).provisions)
    except CorpusError:
        return 0


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside the target, flush to disk, then replace: readers see the old bytes or the new, never half."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.neu")
    with beside.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(beside, path)
