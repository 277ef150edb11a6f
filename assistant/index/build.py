"""Build one generation: sources → provisions → passages → vectors → files → verify → rename.

The steps are the list in ``build``. Nothing that readers see changes before the finished folder gets its name.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.corpus.documents import keep_read
from assistant.errors import IndexFailure
from assistant.index import generation as gen
from assistant.index.fitting import (
    BATCH,
    QuestionVectors,
    choice_key,
    fit_choice,
    learn_words,
    question_vectors,
    rule_samples,
    samples,
)
from assistant.index.lexical import LexicalLane
from assistant.index.lock import build_lock, check_room
from assistant.index.passages import (
    ENGLISH,
    GUIDELINE_SHORT,
    Inputs,
    all_books,
    all_passages,
    guideline_book,
    guideline_passages,
    read_inputs,
)
from assistant.index.published import PublishedIndex, passage_to_json, write_books
from assistant.index.reuse import ORIGIN, QUESTION_KEYS, QUESTION_ROWS, Earlier, content_key, earlier, program
from assistant.types import Embedder, Lane, Passage

log = logging.getLogger(__name__)

CHROMA_BATCH = 1000
HNSW = {"space": "cosine", "ef_search": 400}
"""With Chroma's 100 some of the nearest 30 passages are missed; measured by lane in docs/experiments.md."""
Progress = Callable[[str, int, int], None]
"""Called with (step in German, done, total)."""


@dataclass(frozen=True, slots=True)
class BuildResult:
    """Name of the new generation and what happened to its passages.

    ``new`` were embedded, ``changed`` of them at a place that lost a passage; ``removed`` counts both kinds of loss.
    ``questions`` are the texts that the rule choice is fitted on, ``questions_new`` of them were embedded; ``fitted``
    is False where the choice of the earlier generation holds.
    """

    generation: str
    passages: int
    new: int
    changed: int
    unchanged: int
    removed: int
    published: bool
    questions: int
    questions_new: int
    fitted: bool


@dataclass(frozen=True, slots=True)
class _Content:
    """All that is written: passages with their content hashes and vectors, the questions' vectors, what is reused."""

    passages: Sequence[Passage]
    keys: Sequence[str]
    rows: NDArray[np.float32]
    new: int
    questions: QuestionVectors


def _vectors(
    passages: Sequence[Passage], keys: Sequence[str], embedder: Embedder, before: Earlier, progress: Progress
) -> tuple[NDArray[np.float32], int]:
    """(rows, how many were computed anew)."""
    known = dict(before.vectors)
    missing = [i for i, key in enumerate(keys) if key not in known]
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        rows = np.asarray(embedder.passages([passages[i].searchable for i in batch]), dtype=np.float32)
        known |= {keys[i]: row for i, row in zip(batch, rows, strict=True)}
        progress("Passagen einbetten", min(start + BATCH, len(missing)), len(missing))
    return np.stack([known[key] for key in keys]).astype(np.float32), len(missing)


def _write_chroma(folder: Path, passages: Sequence[Passage], rows: NDArray[np.float32], progress: Progress) -> None:
    """One collection for each lane. Raises IndexFailure where Chroma cannot write, which it tells in its own way."""
    import sqlite3

    import chromadb.errors

    try:
        _fill_chroma(folder, passages, rows, progress)
    except (chromadb.errors.ChromaError, sqlite3.Error, AttributeError) as error:
        # Where it could not start once, Chroma fails the next time at what it did not set up then.
        raise IndexFailure(
            f"Die Vektoren können in {folder.parent} nicht abgelegt werden. Platz und Schreibrechte prüfen; der "
            "bisherige Index bleibt unverändert."
        ) from error


def _fill_chroma(folder: Path, passages: Sequence[Passage], rows: NDArray[np.float32], progress: Progress) -> None:
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(
        path=str(folder / "chroma"), settings=Settings(anonymized_telemetry=False, is_persistent=True)
    )
    done = 0
    try:
        for lane in Lane:
            members = [i for i, p in enumerate(passages) if p.lane is lane]
            if not members:
                continue
            collection = client.create_collection(
                f"spur-{lane.value}", embedding_function=None, configuration={"hnsw": HNSW}
            )
            for start in range(0, len(members), CHROMA_BATCH):
                batch = members[start : start + CHROMA_BATCH]
                collection.add(ids=[passages[i].id for i in batch], embeddings=rows[batch])
                done += len(batch)
                progress("Vektoren ablegen", done, len(passages))
    finally:
        client.close()


def _write_passages(folder: Path, inputs: Inputs, content: _Content, before: Earlier, progress: Progress) -> None:
    (folder / "passagen.jsonl").write_text("\n".join(map(passage_to_json, content.passages)) + "\n", encoding="utf-8")
    write_books(folder, all_books(inputs))
    _write_rows(folder, "vektoren.npy", "schluessel.json", content.rows, content.keys)
    _write_rows(folder, QUESTION_ROWS, QUESTION_KEYS, content.questions.rows, content.questions.keys)
    for number, lane in enumerate(Lane, start=1):
        members = [i for i, p in enumerate(content.passages) if p.lane is lane]
        target = folder / "lexikalisch" / lane.value
        if not members:
            continue
        if unchanged := before.lane(lane, [content.keys[i] for i in members]):
            shutil.copytree(unchanged, target)
        else:
            target.mkdir(parents=True)
            LexicalLane.build([content.passages[i].searchable for i in members]).save(target)
        progress("Wörter erfassen", number, len(Lane))


def _write_rows(folder: Path, name: str, keys_name: str, rows: NDArray[np.float32], keys: Sequence[str]) -> None:
    np.save(folder / name, rows, allow_pickle=False)
    (folder / keys_name).write_text(json.dumps(list(keys)), encoding="utf-8")


def _write_sources(folder: Path, home: Path) -> None:
    if (home / "models" / "tor.json").is_file():
        shutil.copy2(home / "models" / "tor.json", folder / "tor.json")
    corpus = home / "corpus"
    (folder / "korpus").mkdir()
    shutil.copytree(corpus / "leitlinie", folder / "korpus" / "leitlinie")
    keep_read(folder / "korpus" / "leitlinie")
    for name in ("leitlinie.toml", "positivliste.toml", "kontakte.toml", "begriffe.toml", "quellen.toml"):
        shutil.copy2(corpus / name, folder / "korpus" / name)


def _silent(step: str, done: int, total: int) -> None:
    """Progress nobody looks at."""


def build(home: Path, embedder: Embedder, now: dt.datetime, progress: Progress = _silent) -> BuildResult:
    """Build a generation of this home and, if there was none, publish it.

    Raises CorpusError for the sources and IndexFailure for the target; what was published before stays.
    """
    index = home / "index"
    seen = _stamps(home / "corpus")
    inputs = read_inputs(home, now.date())
    try:
        with build_lock(index, now):
            return _build(home, inputs, seen, embedder, now, progress)
    except OSError as error:
        raise IndexFailure(
            f"Der Index kann in {index} nicht geschrieben werden ({error.strerror or error}). Platz und Schreibrechte "
            "prüfen; der bisherige Index bleibt unverändert."
        ) from error


def _stamps(corpus: Path) -> dict[str, tuple[int, int]]:
    """Time of change and size of every file that is read."""
    return {
        str(path.relative_to(corpus)): ((found := path.stat()).st_mtime_ns, found.st_size)
        for path in sorted(corpus.rglob("*"))
        if path.is_file()
    }


def _build(
    home: Path, inputs: Inputs, seen: dict[str, tuple[int, int]], embedder: Embedder, now: dt.datetime, progress: Progress
) -> BuildResult:  # fmt: skip
    index = home / "index"
    gen.remove_unfinished(index)
    passages = all_passages(inputs)
    newest = next(reversed(gen.generations(index)), None)
    check_room(index, len(passages), index / newest if newest else None)
    before = earlier(index, embedder.fingerprint)
    name = gen.next_name(index, now)
    if not name.startswith(f"g-{now:%Y%m%d-%H%M%S}"):
        log.warning(
            "Die Uhr dieses Rechners (%s) steht vor dem letzten Bau; die neue Generation heißt deshalb %s. Uhr prüfen.",
            f"{now:%d.%m.%Y %H:%M:%S}", name,
        )  # fmt: skip
    folder = index / f".{name}"
    folder.mkdir()
    try:
        _write_sources(folder, home)
        _refuse_changed(home / "corpus", seen)
        content, fitted = _fill(folder, inputs, passages, embedder, before, progress)
        info = inputs.guideline.info
        gen.write_manifest(
            folder,
            gen.Manifest(
                name, gen.FORMAT, embedder.fingerprint,
                {"passagen": len(passages), "fragen": len(content.questions.keys)},
                {b.source.short: b.source.state.isoformat() for b in all_books(inputs)},
                {"titel": info.title, "fassung": info.version, "beschlossen": info.adopted},
                now.isoformat(timespec="seconds"), {},
            ),
        )  # fmt: skip
        progress("Prüfen", 0, 1)
        _verify(folder, embedder)
        progress("Prüfen", 1, 1)
        os.replace(folder, index / name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    published = gen.current(index) is None
    if published:
        gen.publish(index, name, when=now.isoformat(timespec="seconds"), by="Einrichtung", comment="erste Generation")
    gen.tidy(index)
    return BuildResult(
        name, len(passages), content.new, before.changed(passages, content.keys), len(passages) - content.new,
        len(set(before.places) - set(content.keys)), published, len(content.questions.keys), content.questions.new, fitted,
    )  # fmt: skip


def _refuse_changed(corpus: Path, seen: dict[str, tuple[int, int]]) -> None:
    """Raise IndexFailure if a source was edited between being read and being copied: the two would not fit."""
    now = _stamps(corpus)
    if changed := [name for name in sorted({*seen, *now}) if seen.get(name) != now.get(name)]:
        raise IndexFailure(
            f"corpus/{changed[0]} wurde geändert, während der Bau begann. Der bisherige Index bleibt; bitte „leitplanke "
            "index build“ noch einmal ausführen."
        )


def _fill(
    folder: Path, inputs: Inputs, passages: Sequence[Passage], embedder: Embedder, before: Earlier, progress: Progress
) -> tuple[_Content, bool]:
    """Write everything but the sources; (what was written, whether the rule choice was fitted anew)."""
    speller = learn_words(inputs.guideline, inputs.law, inputs.vocabulary, inputs.bank)
    speller.save(folder / "woerter.txt")
    rows = rule_samples(inputs.guideline, inputs.bank, inputs.vocabulary, speller)
    keys = [content_key(p) for p in passages]
    vectors, new = _vectors(passages, keys, embedder, before, progress)
    questions = question_vectors(
        rows, embedder, before.questions, lambda done, total: progress("Fragen einbetten", done, total)
    )
    content = _Content(passages, keys, vectors, new, questions)
    _write_passages(folder, inputs, content, before, progress)
    progress("Regelwahl anpassen", 0, 1)
    words = (folder / "korpus" / "begriffe.toml").read_bytes()
    key = choice_key(rows, words, embedder.fingerprint, program())
    if fitted := before.folder is None or before.choice != key:
        fit_choice(rows, inputs.vocabulary.read, questions).save(folder / "regelwahl.npz")
    else:
        shutil.copy2(before.folder / "regelwahl.npz", folder / "regelwahl.npz")
    (folder / ORIGIN).write_text(json.dumps({"programm": program(), "regelwahl": key}), encoding="utf-8")
    progress("Regelwahl anpassen", 1, 1)
    _write_chroma(folder, passages, vectors, progress)
    return content, fitted


def _verify(folder: Path, embedder: Embedder) -> None:
    opened = PublishedIndex(folder, embedder)
    try:
        opened.verify()
    finally:
        opened.close()


__all__ = [
    "ENGLISH",
    "GUIDELINE_SHORT",
    "BuildResult",
    "Inputs",
    "build",
    "guideline_book",
    "guideline_passages",
    "learn_words",
    "samples",
]
