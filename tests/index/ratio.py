"""What a build costs after one sentence was changed, as part of a full build of the same sources in the same run.

``python -m tests.index.ratio HOME FOLDER [--kurz]`` copies HOME to FOLDER, builds it, changes the sentence of one rule, builds
again, compares with a full build in every byte, and prints one JSON object. The embedder is the built-in one; every
text it is given is counted and charged ``COST_S`` on top of the computing time, as a slow embedder would take; on a
machine that others use too, the time on the wall says little. ``--kurz``: without the comparison and the report.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.index import generation as gen
from assistant.index.build import build
from assistant.index.diff import chosen, diff
from assistant.models.embedder import open_embedder
from assistant.types import Embedder
from tests.conftest import NOW, TODAY, HashEmbedder

COST_S = 0.02


class Counted:
    """Another embedder, counting what it is given."""

    def __init__(self, inner: Embedder) -> None:
        self._inner, self.fingerprint = inner, inner.fingerprint
        self.texts = 0

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += len(texts)
        return self._inner.queries(texts)

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += len(texts)
        return self._inner.passages(texts)


def change_one_sentence(home: Path) -> str:
    """Puts one word more into the sentence of the first rule; the rule's id."""
    for chapter in sorted((home / "corpus" / "leitlinie").glob("*.md")):
        text = chapter.read_text()
        if found := re.search(r"^id: (\S+)$.*?^satz: \"?", text, re.M | re.S):
            chapter.write_text(text[: found.end()] + "Neu: " + text[found.end() :])
            return found[1]
    raise ValueError("no rule")


def measured(home: Path, embedder: Embedder) -> dict[str, object]:
    """One build: texts embedded, seconds on the wall and of computing, and the latter with the texts' cost."""
    counted = Counted(embedder)
    started, computed = time.monotonic(), time.process_time()
    result = build(home, counted, NOW)
    computing = time.process_time() - computed
    return {
        **asdict(result), "texte_eingebettet": counted.texts, "uhr_s": round(time.monotonic() - started, 2),
        "rechenzeit_s": round(computing, 2), "mit_kosten_s": round(computing + COST_S * counted.texts, 2),
    }  # fmt: skip


def own_bytes(folder: Path) -> dict[str, str]:
    """Checksums of all files but the manifest, which holds name and time."""
    return gen.read_manifest(folder).files


def compare(source: Path, folder: Path, *, short: bool = False) -> dict[str, object]:
    """Full build, incremental build, full build of the changed sources; and what the change report names."""
    home, fresh = folder / "heim", folder / "frisch"
    for part in ("corpus", "models"):
        shutil.copytree(source / part, home / part)
    embedder = open_embedder(home, "eingebaut") if (home / "models" / "eingebaut").is_dir() else HashEmbedder()
    full = measured(home, embedder)
    rule = change_one_sentence(home)
    part_only = measured(home, embedder)
    result: dict[str, object] = {
        "regel": rule, "voll": full, "nach_einem_satz": part_only,
        "anteil": round(float(str(part_only["mit_kosten_s"])) / float(str(full["mit_kosten_s"])), 4),
    }  # fmt: skip
    if short:
        return result
    for part in ("corpus", "models"):
        shutil.copytree(home / part, fresh / part)
    result["voll_danach"] = again = measured(fresh, embedder)
    result["gleiche_bytes"] = own_bytes(home / "index" / str(part_only["generation"])) == own_bytes(
        fresh / "index" / str(again["generation"])
    )
    started = time.monotonic()
    found = diff(home, *chosen(home / "index", ()), embedder, TODAY, lambda *_: None)
    result["bericht"] = {
        "regeln": [r.id for r in found.rules], "antworten": len(found.answers), "gefragt": found.asked,
        "ohne_die_regel": sum(rule not in (*c.before.rules, *c.after.rules) for c in found.answers),
        "sekunden": round(time.monotonic() - started, 1),
    }  # fmt: skip
    return result


if __name__ == "__main__":
    figures = compare(Path(sys.argv[1]).resolve(), Path(sys.argv[2]), short="--kurz" in sys.argv)
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
