"""``corpus diff``: two imported states of one act, named as "ki-vo@2024-07-12", and what became of each place.

Finds the states and lays the result out; the comparison itself is ``corpus/diff.py``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from assistant.corpus.addresses import read_acts
from assistant.corpus.books import Book
from assistant.corpus.diff import Change, Fate, rendered, words
from assistant.corpus.official import GERMAN, official_states
from assistant.errors import CorpusError

_WHAT = {Fate.NEU: "neu", Fate.ENTFALLEN: "entfallen", Fate.GEAENDERT: "geändert"}


def read_state(corpus: Path, written: str) -> Book:
    """The imported German text "ID@JJJJ-MM-TT". Raises CorpusError that names the known states."""
    acts = read_acts(corpus / "quellen.toml")
    act_id, _, day = written.partition("@")
    info = acts.by_id(act_id) or acts.get(act_id)
    if info is None:
        known = ", ".join(i.id for i in acts.infos)
        raise CorpusError(f"{written}: die Quelle „{act_id}“ gibt es nicht. Bekannt sind: {known}.")
    books = official_states(corpus, acts, info.id).get((GERMAN, info.short), [])
    by_day = {book.source.state: book for book in books}
    known = ", ".join(f"{info.id}@{state.isoformat()}" for state in sorted(by_day))
    there = f"Eingespielt sind: {known}." if known else f"Zu {info.short} ist kein amtlicher Text eingespielt."
    try:
        book = by_day.get(dt.date.fromisoformat(day))
    except ValueError as error:
        raise CorpusError(f"{written}: erwartet wird ID@JJJJ-MM-TT. {there}") from error
    if book is None:
        raise CorpusError(f"{written}: diesen Stand gibt es hier nicht. {there}")
    return book


def lines(changes: Sequence[Change], old: Book, new: Book) -> Iterator[str]:
    """The comparison for a terminal, grouped by article, words that went ``[-…-]`` and came ``{+…+}``."""
    yield f"{new.source.short}: Stand {old.source.state:%d.%m.%Y} → {new.source.state:%d.%m.%Y}"
    for top, group in groupby(changes, key=lambda c: c.top):
        yield ""
        yield f"{top} {new.source.short}"
        for change in group:
            yield f"  {_WHAT[change.fate]}: {change.label}"
            yield f"    {rendered(change)}"
    counts = {fate: sum(c.fate is fate for c in changes) for fate in Fate}
    tops = len({c.top for c in changes})
    yield ""
    yield (
        f"{len(changes)} Unterschiede in {tops} Artikeln, Paragrafen, Anhängen oder Erwägungsgründen: "
        + ", ".join(f"{n} {_WHAT[fate]}" for fate, n in counts.items())
        + "."
    )


def to_json(changes: Sequence[Change], old: Book, new: Book) -> dict[str, object]:
    """The comparison as one JSON object; ``worte`` are the runs of the word diff, whole."""
    return {
        "quelle": new.source.id,
        "alt": old.source.state.isoformat(),
        "neu": new.source.state.isoformat(),
        "artikel": list(dict.fromkeys(c.top for c in changes)),
        "unterschiede": [
            {
                "norm": c.norm, "anzeige": c.label, "art": c.fate.value,
                "worte": [{"art": part.value, "text": text} for part, text in words(c)],
            }
            for c in changes
        ],
    }  # fmt: skip
