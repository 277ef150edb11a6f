"""The vocabulary administrators maintain (``corpus/begriffe.toml``): which words mean which action, data or tool.

``[werkzeug.x]``, ``[daten.x]``, ``[handlung.x]`` and ``[merkmal.x]`` tables hold ``woerter`` (patterns) and
``unscharf`` (proper names also recognised with one typing mistake). ``[abkuerzung]`` and ``[laie]`` map an
abbreviation or everyday word to the words that the guideline uses, ``[englisch]`` an English word to German ones: an
English question is read together with its German words. ``[wortfeld]`` names groups of words that stand for the same
thing or occur in the same situations: matching sees the group beside the word. A pattern compares folded text; ``*`` at its end
or start stands for any ending or beginning, ``...`` between words for up to three words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from assistant.corpus.language import is_english
from assistant.corpus.rules import ACTIONS, DATA, TOOLS
from assistant.errors import CorpusError
from assistant.index.german import STOP_WORDS, fold, stem, words

KINDS = ("werkzeug", "daten", "handlung", "merkmal")
TABLES = ("abkuerzung", "laie", "englisch", "wortfeld")
_KNOWN = {"werkzeug": TOOLS, "daten": DATA, "handlung": ACTIONS}
FUZZY_MINIMUM = 5
FIELD = "wortfeld"
"""What a word group's name begins with where it stands as a word of its own among the words of a question."""
_SHORTEST_PART = 5
"""Letters from which the end or the beginning of a compound is looked up in the word groups."""
DENIED = re.compile(
    r"(?<![a-z0-9])(?:ohne|keine[mnrs]?|kein|keinerlei|weder|without|no)\s+(?:(?:echte|konkrete|vertrauliche|interne)[mnrs]?\s+)?"
    r"(?:[a-z0-9-]+\s+(?:und|oder|noch|or|and)\s+)*$"
)
"""What stands right before a word that is denied: "ohne Netzpläne und ", "keine echten "."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One table of ``begriffe.toml``: ``key`` is "daten:sozialdaten", ``name`` its German name for people."""

    key: str
    name: str
    pattern: re.Pattern[str]
    fuzzy: tuple[str, ...]

    @property
    def deniable(self) -> bool:
        """True for data: "ohne Passwörter" does not name passwords; for tools and traits a denial changes the case."""
        return self.key.startswith("daten:") and self.key not in ("daten:anonym", "daten:platzhalter")

    def first_named(self, matches: Iterable[re.Match[str]], folded: str) -> re.Match[str] | None:
        """The first match in ``folded`` that is not denied."""
        return next((m for m in matches if not (self.deniable and DENIED.search(folded[: m.start()]))), None)


@dataclass(frozen=True)
class Vocabulary:
    """All concepts and word replacements."""

    concepts: tuple[Concept, ...]
    expansions: Mapping[str, str]
    terms: tuple[str, ...] = ()
    """Every word written in the file, for the speller."""
    english: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Stem to the names of its word groups."""

    def read(self, text: str) -> dict[str, str]:
        """Concepts found in a text: key to the words that showed it, folded."""
        folded = re.sub(r"\s+", " ", fold(f"{text} · {german}" if (german := self.in_german(text)) else text))
        tokens = list(re.finditer(r"[a-z0-9]+", folded))
        distinct = {token.group() for token in tokens}
        found = {}
        for concept in self.concepts:
            match = concept.first_named(concept.pattern.finditer(folded), folded)
            if match is None and concept.fuzzy:
                slips = {t for t in distinct for name in concept.fuzzy if t != name and _one_slip(t, name)}
                match = concept.first_named((m for m in tokens if m.group() in slips), folded) if slips else None
            if match is not None:
                found[concept.key] = match.group().strip()
        return found

    @cached_property
    def _expansion_pattern(self) -> re.Pattern[str]:
        keys = sorted(self.expansions, key=len, reverse=True)
        return re.compile(r"(?<![a-z0-9])(" + "|".join(map(re.escape, keys)) + r")(?![a-z0-9])")

    def expand(self, text: str) -> str:
        """The text with, after it, the words that its abbreviations and everyday words stand for, and the German ones."""
        german = self.in_german(text)
        text = f"{text} {german}" if german else text
        if not self.expansions:
            return text
        found = dict.fromkeys(m[1] for m in self._expansion_pattern.finditer(fold(text)))
        return " ".join([text, *(self.expansions[key] for key in found)])

    def with_groups(self, text: str) -> str:
        """The text with, after it, the names of the word groups that its words belong to."""
        if not self.groups:
            return text
        named = dict.fromkeys(name for word in words(text) if word not in STOP_WORDS for name in self._group_names(word))
        return " ".join([text, *named])

    @cached_property
    def _group_names(self) -> Callable[[str], tuple[str, ...]]:
        @lru_cache(maxsize=50_000)
        def names(word: str) -> tuple[str, ...]:
            """Of the word, else of the longest end that is known (the head of a compound), else of its beginning."""
            ends = (word[cut:] for cut in range(len(word) - _SHORTEST_PART + 1))
            beginnings = (word[:cut] for cut in range(len(word) - 1, _SHORTEST_PART, -1))
            parts = [word] if len(word) < _SHORTEST_PART else [*ends, *beginnings]
            return next((self.groups[s] for s in map(stem, parts) if s in self.groups), ())

        return names

    def in_german(self, text: str) -> str:
        """The known words of an English text in German, in their order; empty for any other text."""
        if not self.english or not is_english(text):
            return ""
        found = re.findall(r"[a-z]+(?:-[a-z]+)*(?:'s)?", text.lower())
        return " ".join(self.english[word] for word in found if word in self.english)


def _one_slip(word: str, name: str) -> bool:
    """True if one letter is wrong, missing, added or swapped with its neighbour; the first letter may be wrong too."""
    if abs(len(word) - len(name)) > 1 or len(word) < FUZZY_MINIMUM - 1:
        return False
    if word == name:
        return True
    start = next((i for i, (a, b) in enumerate(zip(word, name, strict=False)) if a != b), min(len(word), len(name)))
    rest_word, rest_name = word[start:], name[start:]
    return (
        rest_word[1:] == rest_name[1:]
        or rest_word[1:] == rest_name
        or rest_word == rest_name[1:]
        or (rest_word[:2] == rest_name[:2][::-1] and rest_word[2:] == rest_name[2:])
    )


def _regex(pattern: str) -> str:
    folded = fold(pattern.strip())
    pieces = []
    for part in re.split(r"\s*\.\.\.\s*", folded):
        words = []
        for word in part.split():
            core = re.escape(word.strip("*"))
            words.append(
                ("[a-z0-9-]*" if word.startswith("*") else "") + core + ("[a-z0-9-]*" if word.endswith("*") else "")
            )
        pieces.append(r"[\s-]+".join(words))
    return r"\W+(?:\w+\W+){0,3}?".join(pieces)


def _concept(kind: str, key: str, raw: Any, where: str) -> Concept:
    if not isinstance(raw, dict) or not isinstance(raw.get("woerter"), list):
        raise CorpusError(f"{where}: [{kind}.{key}] braucht eine Liste woerter = […].")
    if kind in _KNOWN and key not in _KNOWN[kind]:
        raise CorpusError(
            f"{where}: [{kind}.{key}] ist kein bekanntes Merkmal. Bekannt: {', '.join(sorted(_KNOWN[kind]))}."
        )
    unknown = set(raw) - {"name", "woerter", "unscharf"}
    if unknown:
        raise CorpusError(
            f"{where}: [{kind}.{key}] kennt „{sorted(unknown)[0]}“ nicht; erwartet: name, woerter, unscharf."
        )
    for part in ("woerter", "unscharf"):
        values = raw.get(part, [])
        if not isinstance(values, list) or not all(isinstance(w, str) for w in values):
            raise CorpusError(
                f"{where}: [{kind}.{key}] {part} ist {values!r:.60}, erwartet wird eine Liste von Texten."
            )
    # What is recognised with a typing mistake is recognised without one.
    patterns = [_regex(w) for w in (*raw["woerter"], *raw.get("unscharf", [])) if w.strip(" *.")]
    body = "|".join(sorted(patterns, key=len, reverse=True)) or r"(?!x)x"
    fuzzy = tuple(fold(w) for w in raw.get("unscharf", ()) if len(w) >= FUZZY_MINIMUM)
    return Concept(f"{kind}:{key}", raw.get("name", key), re.compile(rf"(?<![a-z0-9])(?:{body})(?![a-z0-9])"), fuzzy)


def read_vocabulary(path: Path) -> Vocabulary:
    """The vocabulary file. Raises CorpusError naming file and table."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CorpusError(f"{path} fehlt. Aus der Vorlage kopieren.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: keine gültige TOML-Datei ({error}).") from error
    unknown = set(data) - {*KINDS, *TABLES}
    if unknown:
        raise CorpusError(
            f"{path}: unbekannter Abschnitt „{sorted(unknown)[0]}“. Erwartet: {', '.join((*KINDS, *TABLES))}."
        )
    loose = next((table for table, values in data.items() if not isinstance(values, dict)), None)
    if loose:
        raise CorpusError(
            f"{path}: „{loose}“ ist kein Abschnitt. Erwartet wird zum Beispiel [abkuerzung] oder [daten.sozialdaten]."
        )
    concepts = [_concept(kind, key, raw, str(path)) for kind in KINDS for key, raw in data.get(kind, {}).items()]
    english = {key.lower(): str(value) for key, value in data.get("englisch", {}).items()}
    expansions = {
        fold(key): str(value) for table in ("abkuerzung", "laie") for key, value in data.get(table, {}).items()
    }
    written = [
        w for kind in KINDS for raw in data.get(kind, {}).values() for w in (*raw["woerter"], *raw.get("unscharf", ()))
    ]
    groups = {FIELD + "".join(words(name)): str(listed) for name, listed in data.get(FIELD, {}).items()}
    terms = (*written, *expansions, *expansions.values(), *english, *english.values(), *groups.values())
    return Vocabulary(tuple(concepts), expansions, terms, english, _by_stem(groups))


def _by_stem(groups: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Stem to the names of the groups that list a word of it."""
    found: dict[str, dict[str, None]] = {}
    for name, listed in groups.items():
        for word in words(listed):
            if word not in STOP_WORDS:
                found.setdefault(stem(word), {})[name] = None
    return {key: tuple(names) for key, names in found.items()}
