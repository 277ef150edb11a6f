"""Two states of one act side by side: which places were added, dropped or reworded, and word by word how.

Knows provisions, not where they come from. Publishers print the same words with different spaces, quotation marks,
dashes and footnote marks; ``same_words`` looks past these, so that only words decide. A change is reported where it
happened: at the deepest place whose own words differ, a place that came or went once, not again for all below it.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from assistant.types import Provision

RECITALS_UNIT = "ErwG"
CONTEXT = 8
"""Unchanged words shown on each side of a change."""

_SIGNS = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "–": "-", "—": "-", "‑": "-",
     "\xad": None, "\u200b": None}
)  # fmt: skip


_TOP = re.compile(r"(?:^|\s)((?:Art\.|§|Anhang|ErwG) \S+)")


class Fate(StrEnum):
    """What became of a place; the German words appear in output and JSON."""

    NEU = "neu"
    ENTFALLEN = "entfallen"
    GEAENDERT = "geaendert"


class Part(StrEnum):
    """One run of words in a word diff."""

    GLEICH = "gleich"
    WEG = "weg"
    NEU = "neu"


@dataclass(frozen=True, slots=True)
class Change:
    """One place that differs. ``before``/``after`` are its own words, of the whole place where it is new or dropped."""

    norm: str
    label: str
    fate: Fate
    before: str
    after: str

    @property
    def top(self) -> str:
        """The article, §, annex or recital it belongs to: "Art. 5"."""
        return top_place(self.norm)


def top_place(norm: str) -> str:
    """The largest place of a norm without the act: "Art. 5" of "KI-VO Art. 5 Abs. 1 lit. ba"."""
    found = _TOP.search(norm)
    return found[1] if found else ""


def folded(text: str) -> str:
    """The words of a text as they are compared: one kind of space, quotation mark and dash, none before punctuation."""
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).translate(_SIGNS))
    return re.sub(r" (?=[,.;:)\]])|(?<=[(\[]) ", "", text).strip()


_MARKS = re.compile(r"\((?:\*+|\d{1,2})\)|\^|,?\s*ELI: ?http[^)]*")
"""Footnote marks, signs for superscript and electronic addresses: printed by one publisher and not by another."""


def same_words(first: str, second: str) -> bool:
    """Whether two printings of a place have the same words."""
    return first == second or _bare(first) == _bare(second)


def _bare(text: str) -> str:
    lines = (_MARKS.sub("", folded(line)) for line in text.split("\n") if not line.startswith("(*)"))
    return "".join(re.sub(r"[\s\"']|[.;,)\s]+$|^- ", "", line) for line in lines).casefold()


def compare(old: Mapping[str, Provision], new: Mapping[str, Provision]) -> tuple[Change, ...]:
    """All differences between the places of two states, in the order of the newer one; dropped places where they stood.

    Recitals are left out where one side has none, as consolidated texts do.
    """
    skipped = RECITALS_UNIT if any(all(_unit(n) != RECITALS_UNIT for n in side) for side in (old, new)) else ""
    old, new = (
        {n: p for n, p in side.items() if _unit(n) != skipped and not p.text.startswith("(*)")} for side in (old, new)
    )
    below_old, below_new = _children(old), _children(new)
    changes: list[Change] = []

    def descend(norms: list[str]) -> None:
        for norm in norms:
            before, after = old.get(norm), new.get(norm)
            if before is None and after is not None:
                changes.append(Change(norm, after.label, Fate.NEU, "", _titled(after)))
            elif after is None and before is not None:
                changes.append(Change(norm, before.label, Fate.ENTFALLEN, _titled(before), ""))
            elif before is not None and after is not None and not same_words(_titled(before), _titled(after)):
                inside = changed(before, after)
                if not inside:
                    descend(_merged(below_old.get(norm, []), below_new.get(norm, [])))

    def changed(before: Provision, after: Provision) -> bool:
        """Adds the place itself if its own words differ; True if nothing below is worth looking at."""
        norm = after.norm
        first, second = below_old.get(norm, []), below_new.get(norm, [])
        if not first or not second:
            changes.append(Change(norm, after.label, Fate.GEAENDERT, _titled(before), _titled(after)))
            return True
        own = _own(before, first, old), _own(after, second, new)
        if not same_words(*own):
            changes.append(Change(norm, after.label, Fate.GEAENDERT, *own))
        return False

    descend(_merged(_tops(old), _tops(new)))
    return tuple(changes)


def _unit(norm: str) -> str:
    return top_place(norm).partition(" ")[0]


def _titled(place: Provision) -> str:
    """Title and words of a place; only a largest place has a title of its own."""
    if top_place(place.norm) != place.norm.removeprefix(place.norm.partition(f" {_unit(place.norm)} ")[0]).strip():
        return place.text
    title = place.heading[-1].removeprefix(top_place(place.norm)).strip() if place.heading else ""
    return f"{title}\n{place.text}".strip()


def _tops(places: Mapping[str, Provision]) -> list[str]:
    return [n for n in places if _parent(n, places) is None]


def _children(places: Mapping[str, Provision]) -> dict[str, list[str]]:
    """Places by the nearest larger place that exists, in reading order."""
    result: dict[str, list[str]] = {}
    for norm in places:
        parent = _parent(norm, places)
        if parent is not None:
            result.setdefault(parent, []).append(norm)
    return result


def _parent(norm: str, places: Mapping[str, Provision]) -> str | None:
    upper = norm.rsplit(" ", 2)[0]
    while upper.count(" ") >= 2 or (upper != norm and top_place(upper)):
        if upper in places:
            return upper
        shorter = upper.rsplit(" ", 2)[0]
        if shorter == upper:
            break
        upper = shorter
    return None


def _merged(old: list[str], new: list[str]) -> list[str]:
    """Both lists once, in the newer order; what only the older has follows what stood before it."""
    result = list(new)
    for position, norm in enumerate(old):
        if norm in result:
            continue
        earlier = next((n for n in reversed(old[:position]) if n in result), None)
        result.insert(result.index(earlier) + 1 if earlier else 0, norm)
    return result


def _own(place: Provision, children: list[str], places: Mapping[str, Provision]) -> str:
    """Title and words of a place without the lines of the places below it."""
    text = _titled(place)
    cursor = 0
    for child in children:
        words = places[child].text
        at = text.find(words, cursor)
        if at < 0:
            continue
        start = text.rfind("\n", 0, at) + 1  # the label stands before the words on the same line
        text = text[:start] + text[at + len(words) :].lstrip("\n")
        cursor = start
    return text.strip()


def words(change: Change) -> tuple[tuple[Part, str], ...]:
    """The word diff of one change: runs of words that stayed, went or came, in order."""
    before, after = _tokens(change.before), _tokens(change.after)
    matcher = difflib.SequenceMatcher(None, [folded(t) for t in before], [folded(t) for t in after], autojunk=False)
    runs: list[tuple[Part, str]] = []
    for operation, i, j, k, m in matcher.get_opcodes():
        if operation == "equal":
            runs.append((Part.GLEICH, " ".join(after[k:m])))
            continue
        if j > i:
            runs.append((Part.WEG, " ".join(before[i:j])))
        if m > k:
            runs.append((Part.NEU, " ".join(after[k:m])))
    return tuple(runs)


def _tokens(text: str) -> list[str]:
    return text.split()


def rendered(change: Change) -> str:
    """One line: what went in ``[-…-]``, what came in ``{+…+}``, long unchanged runs shortened to their ends."""
    return " ".join(_run(part, text) for part, text in _joined(words(change)))


def _joined(runs: tuple[tuple[Part, str], ...]) -> Iterator[tuple[Part, str]]:
    last = len(runs) - 1
    for position, (part, text) in enumerate(runs):
        if part is not Part.GLEICH:
            yield part, text
            continue
        pieces = text.split(" ")
        head = [] if position == 0 else pieces[:CONTEXT]
        tail = [] if position == last else pieces[-CONTEXT:]
        if len(head) + len(tail) >= len(pieces):
            yield part, text
        else:
            yield part, " ".join([*head, "…", *tail])


def _run(part: Part, text: str) -> str:
    return {Part.GLEICH: text, Part.WEG: f"[-{text}-]", Part.NEU: f"{{+{text}+}}"}[part]
