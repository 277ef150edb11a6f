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
from urllib.parse import urljoin, urlsplit

from assistant.corpus.addresses import ActInfo, Acts, read_acts
from assistant.corpus.download import Form, Opener, Unreachable, download, open_client, reachable
from assistant.corpus.lawtext import LawText
from assistant.corpus.official import GERMAN, RECITALS, import_official, official_files, read_imported, read_lock
from assistant.corpus.readers import read_untrusted
from assistant.corpus.readers.recht_nrw import onward
from assistant.errors import CorpusError, ImportRefused

if TYPE_CHECKING:
    import httpx

STEPS = 3
"""Pages of one publisher that may lead to each other before the text."""
SHORTER = 0.9
"""A text with less than this share of the places or letters of one already here is not taken over."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One text to fetch: an act, or only the recitals of one. ``sources`` are tried in order."""

    info: ActInfo
    sources: tuple[tuple[str, Form], ...]
    recitals: bool = False
    language: str = GERMAN

    @property
    def label(self) -> str:
        name = self.info.short if self.language == GERMAN else f"{self.info.short} ({self.language})"
        return f"{name}, Erwägungsgründe" if self.recitals else name

    @property
    def stem(self) -> str:
        return f"{self.info.id}{RECITALS if self.recitals else ''}.{self.language.lower()}"


def fetch_all(
    home: Path,
    ids: Sequence[str],
    today: dt.date,
    say: Callable[[str], None],
    *,
    quick: bool = False,
    opener: Opener = open_client,
    language: str = GERMAN,
    progress: Callable[[str, int, int], None] = lambda label, done, total: None,
) -> int:
    """Fetch the texts of these sources, or of all that have an address; ``say`` gets one German line per text.

    Returns how many texts are new. ``quick`` gives up on everything if the first publisher does not answer within
    five seconds. ``language`` "EN": the English texts of EU acts, beside the German. ``progress`` gets label, bytes here
    and bytes in all (0: unknown). Raises ImportRefused if an id is unknown, if nothing could be fetched, or (without ``quick``) if any
    text could not.
    """
    wanted = _wanted(read_acts(home / "corpus" / "quellen.toml"), ids, language)
    if quick and not reachable(wanted[0].sources[0][0], opener):
        raise ImportRefused(
            f"{_host(wanted[0].sources[0][0])} antwortet nicht innerhalb von fünf Sekunden. Ohne Netz: Texte anderswo "
            "herunterladen und mit „leitplanke corpus import DATEI --as ID“ einspielen."
        )
    outcomes = []
    dead: set[str] = set()
    with opener() as client:
        for item in wanted:
            try:
                outcome, text = _fetch(home, item, today, client, dead, progress)
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


def _wanted(acts: Acts, ids: Sequence[str], language: str = GERMAN) -> list[_Wanted]:
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
        for urls, recitals in ((info.fetch, False), ((info.fetch_recitals or "",), True)):
            sources = tuple(_alternatives([url for url in urls if url], language))
            if sources:
                wanted.append(_Wanted(info, sources, recitals, language))
    if not wanted:
        raise ImportRefused(
            "corpus/quellen.toml: bei keiner Quelle steht eine Adresse (abruf)."
            if language == GERMAN
            else "Auf Englisch gibt es nur Rechtsakte der EU mit einer Adresse von EUR-Lex in corpus/quellen.toml."
        )
    return wanted


_EURLEX = re.compile(r"(https://eur-lex\.europa\.eu/.*)/DE/(.*CELEX(?::|%3A)([0-9A-Z]+(?:-\d{8})?).*)", re.IGNORECASE)


def _alternatives(urls: Iterable[str], language: str) -> list[tuple[str, Form]]:
    """The addresses, then the same EU acts in Cellar: the Publications Office's store for machines, which answers
    where EUR-Lex itself first asks visitors to run a script; as a page, else in Formex. In another language than
    German only what EUR-Lex has."""
    named, cellar = [], []
    for url in urls:
        act = _EURLEX.match(url)
        if act is not None:
            cellar.append(f"https://publications.europa.eu/resource/celex/{act[3]}")
            named.append((f"{act[1]}/{language}/{act[2]}", Form(language)))
        elif language == GERMAN:
            named.append((url, Form(language)))
    return named + [(url, Form(language, formex=formex)) for url in cellar for formex in (False, True)]


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url


def _counts(text: LawText, item: _Wanted) -> str:
    units = ("ErwG",) if item.recitals else ("Art.", "§", "Anhang", "ErwG")
    return ", ".join(f"{n} {unit}" for unit in units if (n := text.count(unit)))


def _fetch(
    home: Path, item: _Wanted, today: dt.date, client: httpx.Client, dead: set[str], progress: Callable[[str, int, int], None]
) -> tuple[str, LawText]:  # fmt: skip
    """The first address that gives a good text. ``dead`` collects hosts that did not answer at all."""
    reasons: dict[str, None] = {}
    folder = home / "corpus" / "amtlich" / ".laden"
    for url, form in item.sources:
        host = _host(url)
        if host in dead:
            reasons.setdefault(f"{host} ist nicht erreichbar.")
            continue
        try:
            part, stand = _load(url, folder, item, client, form, progress)
            return _take(home, item, url, part, today, stand)
        except Unreachable as error:
            dead.add(host)
            reasons.setdefault(str(error))
        except CorpusError as error:
            reasons.setdefault(str(error))
    raise ImportRefused(" ".join(reasons))


def _load(
    url: str, folder: Path, item: _Wanted, client: httpx.Client, form: Form, progress: Callable[[str, int, int], None]
) -> tuple[Path, dt.date | None]:
    """The file behind an address, and its state where only a page before it says so: recht.nrw.de leads to the newest
    version of an act, and from the page of an older text to the file it stands in."""
    stand = None
    for _ in range(STEPS):
        part = download(url, folder, item.stem, client, form, lambda done, total: progress(item.label, done, total))
        step = onward(part.read_bytes())
        target = urljoin(url, step.path) if step else url
        if step is None or urlsplit(target)[:2] != urlsplit(url)[:2]:
            break
        url, stand = target, step.stand or stand
    return part, stand


def _take(
    home: Path, item: _Wanted, url: str, part: Path, today: dt.date, stand: dt.date | None
) -> tuple[str, LawText]:
    data = part.read_bytes()
    try:
        text = read_untrusted(data, _host(url), item.info, stand)
        _complete(text, item, _host(url))
        if _is_here(home, item, data, text):
            return "unverändert", text
        if not item.recitals:
            _not_less(home, item, text, _host(url))
        named = part.with_name(f"{item.stem}{_ending(data)}")
        part.replace(named)
        try:
            import_official(
                home, named, today, item.info.id, url, recitals=item.recitals, language=item.language, text=text
            )
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
    if text.language != item.language:
        expected = "die deutsche" if item.language == GERMAN else item.language
        raise ImportRefused(f"{host}: liefert die Sprachfassung {text.language}, erwartet wird {expected}.")
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
    mark = "" if item.language == GERMAN else f".{item.language.lower()}"
    ending = re.escape(f"{RECITALS if item.recitals else ''}{mark}")
    found = official_files(home / "corpus", item.info.id)
    return [p for p in found if re.fullmatch(rf"[^@]+@\d{{4}}-\d\d-\d\d{ending}\.[a-z]+", p.name)]


def _readable(path: Path, info: ActInfo, lock: Mapping[str, Mapping[str, str]]) -> LawText | None:
    try:
        return read_imported(path, info, lock)
    except CorpusError:
        return None  # a damaged file protects nothing
