"""What a build takes over from an earlier generation: vectors by content hash, and what was made of unchanged inputs.

Vectors depend on text and embedder only. The words of a lane and the fitted rule choice also depend on the program
that made them, so ``herkunft.json`` names it; after an update of the program they are made anew.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

import assistant
from assistant.corpus.questions import lines_of
from assistant.errors import IndexFailure
from assistant.index import generation as gen
from assistant.types import Lane, Passage

ORIGIN = "herkunft.json"
QUESTION_KEYS, QUESTION_ROWS = "fragenschluessel.json", "fragenvektoren.npy"
PARTS = ("ask", "corpus", "index", "models", "types.py")
"""What of the program has a say in an answer or in a generation's files."""
LIBRARIES = ("bm25s", "chromadb", "numpy", "PyStemmer", "rapidfuzz", "scikit-learn", "scipy", "tokenizers")
Rows = NDArray[np.float32]
_NOTHING: Mapping[str, Rows] = MappingProxyType({})


@functools.cache
def program() -> str:
    """Checksum over the code that reads, builds and answers, and over the versions of the libraries it uses."""
    root = Path(assistant.__file__).parent
    total = hashlib.sha256()
    for part in PARTS:
        below = root / part
        for path in sorted(below.rglob("*")) if below.is_dir() else [below]:
            if path.is_file() and "__pycache__" not in path.parts:
                total.update(f"{path.relative_to(root)}\x1f{gen.sha256(path)}\x1f".encode())
    for name in LIBRARIES:
        total.update(f"{name} {importlib.metadata.version(name)}\x1f".encode())
    return total.hexdigest()


@dataclass(frozen=True, slots=True)
class Earlier:
    """The newest readable generation of the same embedder; everything empty where there is none.

    ``vectors`` and ``places`` of its passages and ``questions`` (vectors) by content hash. ``lanes`` holds the content
    hashes of each lane in order and ``choice`` the key of its fitted choice, both only if this program made them.
    """

    folder: Path | None = None
    vectors: Mapping[str, Rows] = field(default_factory=lambda: _NOTHING)
    places: Mapping[str, str] = field(default_factory=dict)
    questions: Mapping[str, Rows] = field(default_factory=lambda: _NOTHING)
    lanes: Mapping[Lane, tuple[str, ...]] = field(default_factory=dict)
    choice: str = ""

    def lane(self, lane: Lane, keys: Sequence[str]) -> Path | None:
        """The folder of a lane that holds the same texts in the same order, or None."""
        if self.folder is None or self.lanes.get(lane) != tuple(keys):
            return None
        return self.folder / "lexikalisch" / lane.value

    def changed(self, passages: Sequence[Passage], keys: Sequence[str]) -> int:
        """How many passages are new at a place that lost one."""
        present = set(keys)
        came = Counter(p.norm for p, key in zip(passages, keys, strict=True) if key not in self.places)
        went = Counter(norm for key, norm in self.places.items() if key not in present)
        return (came & went).total()


def earlier(index: Path, fingerprint: str) -> Earlier:
    """The newest generation of this embedder whose files are whole; an empty one where there is none."""
    for name in reversed(gen.generations(index)):
        try:
            if gen.check_files(index / name).embedder == fingerprint:
                return _read(index / name)
        except (IndexFailure, OSError, ValueError, KeyError, TypeError):
            continue
    return Earlier()


def _read(folder: Path) -> Earlier:
    keys, rows = _json(folder / "schluessel.json"), np.load(folder / "vektoren.npy", allow_pickle=False)
    passages = [json.loads(line) for line in lines_of(folder / "passagen.jsonl")]
    vectors = dict(zip(keys, rows, strict=True))
    places = {key: p["norm"] for key, p in zip(keys, passages, strict=True)}
    if not (folder / ORIGIN).is_file():  # built by a version that kept neither questions nor origin
        return Earlier(folder, vectors, places)
    questions = dict(
        zip(_json(folder / QUESTION_KEYS), np.load(folder / QUESTION_ROWS, allow_pickle=False), strict=True)
    )
    origin = _json(folder / ORIGIN)
    if origin["programm"] != program():
        return Earlier(folder, vectors, places, questions)
    lanes = {
        lane: tuple(key for key, p in zip(keys, passages, strict=True) if p["spur"] == lane.value) for lane in Lane
    }
    return Earlier(folder, vectors, places, questions, lanes, origin["regelwahl"])


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def content_key(passage: Passage) -> str:
    """Content hash of what is searched of a passage."""
    return hashlib.sha256(passage.searchable.encode()).hexdigest()[:24]
