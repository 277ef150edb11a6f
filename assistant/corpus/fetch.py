"""Fetching the official texts named in ``corpus/quellen.toml`` from their publishers: set-up only, never the page.

Decides what is asked of whom and what is taken over: a text is parsed and found complete before it may reach
``corpus/amtlich/``, and what is there is never replaced by less. The transport is ``corpus/download.py``.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.corpus.addresses import ActInfo, Acts, read_acts
from assistant.corpus.download import Opener, Unreachable, download, open_client, reachable
from assistant.corpus.law import RECITALS, import_official, official_files, read_imported, read_lock
from assistant.corpus.lawtext import LawText
from assistant.corpus.readers import read_untrusted
from assistant.errors import CorpusError, ImportRefused

if TYPE_CHECKING:
    import httpx

SHORTER = 0.9
"""A text with less than this share of the places or letters of one already here is not taken over."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One text to fetch: an act, or only the recitals of one. ``urls`` are tried in order."""

    info: ActInfo
    urls: tuple[str, ...]
    recitals: bool = False

    @property
    def label(self) -> str:
        return f"{self.info.short}, Erwägungsgründe" if self.recitals else self.info.short


def fetch_all(
    home: Path,
    ids: Sequence[str],
    today: dt.date,
    say: Callable[[str], None],
    *,
    quick: bool = False,
    opener: Opener = open_client,
) -> int:
    """Fetch the texts of these sources, or of all that have an address; ``say`` gets one German line per text.

    Returns how many texts are new. ``quick`` gives up on everything if the first publisher does not answer within
    five seconds. Raises ImportRefused if an id is unknown, if nothing could be fetched, or (without ``quick``) if any
    text could not.
    """
    wanted = _wanted(read_acts(home / "corpus" / "quellen.toml"), ids)
    if quick and not reachable(wanted[0].urls[0], opener):
        raise ImportRefused(
            f"{_host(wanted[0].urls[0])} antwortet nicht innerhalb von fünf Sekunden. Ohne Netz: Texte anderswo "
            "herunterladen und mit „leitplanke corpus import DATEI --as ID“ einspielen."
        )
    outcomes = []
    dead: set[str] = set()
    with opener() as client:
        for item in wanted:
            try:
                outcome, text = _fetch(home, item, today, client, dead)
            except CorpusError as error:
                say(f"{item.label}: nicht geholt – {error}")
                continue
            outcomes.append(outcome)
            say(f"{item.label}: {outcome}, Stand {text.state:%d.%m.%Y}, {_counts(text, item)}")
    with contextlib.suppress(OSError):  # not empty: begun downloads wait there
        (home / "corpus" / "amtlich" / ".laden").rmdir()
    new, failed = outcomes.count("geholt"), len(wanted) - len(outcomes)
    say(f"{new} geholt, {len(outcomes) - new} unverändert, {failed} nicht geholt.")
    if failed == len(wanted) or (failed and not quick):
        raise ImportRefused(f"{failed} von {len(wanted)} Texten nicht geholt; die Gründe stehen darüber.")
    return new


def _wanted(acts: Acts, ids: Sequence[str]) -> list[_Wanted]:
    infos = []
    for act_id in ids:
        info = acts.by_id(act_id)
        if info is None:
            known = ", ".join(i.id for i in acts.infos if i.fetch)
            raise ImportRefused(f"{act_id}: diese Quelle gibt es nicht. Holen lassen sich: {known}.")
        if not info.fetch:
            raise ImportRefused(
                f"{act_id}: in corpus/quellen.toml steht keine Adresse (abruf). Den Text mit „leitplanke corpus import“ "
                "einspielen."
            )
        infos.append(info)
    wanted = []
    for info in infos or [i for i in acts.infos if i.fetch]:
        wanted.append(_Wanted(info, tuple(_alternatives(info.fetch))))
        if info.fetch_recitals:
            wanted.append(_Wanted(info, tuple(_alternatives((info.fetch_recitals,))), recitals=True))
    if not wanted:
        raise ImportRefused("corpus/quellen.toml: bei keiner Quelle steht eine Adresse (abruf).")
    return wanted


def _alternatives(urls: Iterable[str]) -> list[str]:
    """The addresses, then the same EU acts in Cellar: the Publications Office's store for machines, which answers
    where EUR-Lex itself first asks visitors to run a script."""
    named = list(urls)
    eurlex = re.compile(r"https://eur-lex\.europa\.eu/.*CELEX(?::|%3A)([0-9A-Z]+(?:-\d{8})?)", re.IGNORECASE)
    acts = [match[1] for url in named if (match := eurlex.match(url))]
    return named + [f"https://publications.europa.eu/resource/celex/{act}" for act in acts]


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url


def _counts(text: LawText, item: _Wanted) -> str:
    units = ("ErwG",) if item.recitals else ("Art.", "§", "Anhang", "ErwG")
    return ", ".join(f"{n} {unit}" for unit in units if (n := text.count(unit)))


def _fetch(home: Path, item: _Wanted, today: dt.date, client: httpx.Client, dead: set[str]) -> tuple[str, LawText]:
    """The first address that gives a good text. ``dead`` collects hosts that did not answer at all."""
    reasons = []
    for url in item.urls:
        host = _host(url)
        if host in dead:
            reasons.append(f"{host} ist nicht erreichbar.")
            continue
        try:
            return _take(home, item, url, today, client)
        except Unreachable as error:
            dead.add(host)
            reasons.append(str(error))
        except CorpusError as error:
            reasons.append(str(error))
    raise ImportRefused(" ".join(reasons))


def _take(home: Path, item: _Wanted, url: str, today: dt.date, client: httpx.Client) -> tuple[str, LawText]:
    stem = f"{item.info.id}{RECITALS if item.recitals else ''}"
    part = download(url, home / "corpus" / "amtlich" / ".laden", stem, client)
    data = part.read_bytes()
    try:
        text = read_untrusted(data, _host(url), item.info)
        _complete(text, item, _host(url))
        if _is_here(home, item, data, text):
            return "unverändert", text
        if not item.recitals:
            _not_less(home, item, text, _host(url))
        named = part.with_name(f"{stem}{_ending(data)}")
        part.replace(named)
        try:
            import_official(home, named, today, item.info.id, url, recitals=item.recitals, text=text)
        finally:
            named.unlink()
        return "geholt", text
    finally:
        part.unlink(missing_ok=True)  # whole, but taken over or refused: nothing to resume


def _ending(data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        return ".zip"
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    return ".md" if start.startswith(b"---") else ".xml" if b"<dokumente" in start else ".html"


def _complete(text: LawText, item: _Wanted, host: str) -> None:
    """Refuses another language and what lacks articles, annexes or recitals named in ``quellen.toml``."""
    info = item.info
    if text.language != "DE":
        raise ImportRefused(f"{host}: liefert die Sprachfassung {text.language}, erwartet wird die deutsche.")
    if item.recitals:
        found = text.count("ErwG")
        if not found or found < info.recitals:
            raise ImportRefused(f"{host}: {found} Erwägungsgründe, erwartet werden {info.recitals or 'einige'}.")
        return
    top = re.compile(rf"{re.escape(info.short)} {re.escape(info.unit)} (\d+)[a-z]*")
    last = max((int(match[1]) for p in text.provisions if (match := top.fullmatch(p.norm))), default=0)
    if info.last and last < info.last:
        raise ImportRefused(
            f"{host}: der Text endet mit {info.unit} {last}, erwartet wird {info.unit} {info.last}. "
            "Ist das Gesetz kürzer geworden, „letzter“ in corpus/quellen.toml ändern."
        )
    if text.count("Anhang") < info.annexes:
        raise ImportRefused(f"{host}: {text.count('Anhang')} Anhänge, erwartet werden {info.annexes}.")


def _is_here(home: Path, item: _Wanted, data: bytes, text: LawText) -> bool:
    """True if these bytes, or another printing of the same words in the same state, are imported already."""
    lock = read_lock(home)
    for path in _present(home, item):
        entry = lock.get(path.name, {})
        if entry.get("sha256") == hashlib.sha256(data).hexdigest() and path.read_bytes() == data:
            return True
        old = _readable(path, item.info, lock)
        if entry and old and old.state == text.state and old.provisions == text.provisions:
            return True
    return False


def _not_less(home: Path, item: _Wanted, text: LawText, host: str) -> None:
    """Refuses a text much shorter than any state of the act that is here; recitals, often kept apart, do not count."""
    size, lock = _size(text), read_lock(home)
    for path in _present(home, item):
        old = _readable(path, item.info, lock)
        if old is None:
            continue
        before = _size(old)
        if size[0] < before[0] * SHORTER or size[1] < before[1] * SHORTER:
            raise ImportRefused(
                f"{host}: der Text ist kürzer als der vorhandene {path.name} ({size[0]} statt {before[0]} Fundstellen, "
                f"{size[1]} statt {before[1]} Zeichen). Der vorhandene bleibt; ist die Kürzung echt, mit "
                "„leitplanke corpus import“ einspielen."
            )


def _size(text: LawText) -> tuple[int, int]:
    body = [p for p in text.provisions if " ErwG " not in p.norm]
    return len(body), sum(len(p.text) for p in body)


def _present(home: Path, item: _Wanted) -> list[Path]:
    return [p for p in official_files(home / "corpus", item.info.id) if (RECITALS in p.name) == item.recitals]


def _readable(path: Path, info: ActInfo, lock: Mapping[str, Mapping[str, str]]) -> LawText | None:
    try:
        return read_imported(path, info, lock)
    except CorpusError:
        return None  # a damaged file protects nothing
