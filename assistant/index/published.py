"""One generation opened for reading: passages, provisions, lexical lanes, vectors and the rule choice.

Dense search asks the lane's Chroma collection (``exact.py`` in a folder that cannot be written); lexical search asks
bm25s; both are joined by reciprocal-rank fusion.
An opened generation never changes; the page opens the new one beside it when the pointer moves and closes the old.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from assistant.corpus.addresses import read_acts
from assistant.corpus.books import Book
from assistant.corpus.law import Law
from assistant.corpus.rules import Guideline, read_guideline
from assistant.corpus.vocabulary import Vocabulary, read_vocabulary
from assistant.errors import CorpusError, DamagedGeneration, WrongEmbedder
from assistant.index.exact import ExactLanes, writable
from assistant.index.gate import read_gate
from assistant.index.generation import check_files, read_manifest
from assistant.index.lexical import LexicalLane
from assistant.index.rulechoice import RuleChoice
from assistant.index.spelling import Speller
from assistant.types import Embedder, Hit, Kind, Lane, Level, Passage, Provision, Source

RRF_CONSTANT = 20
"""Smaller than the usual 60: lanes are short, so the first ranks should count more (docs/experiments.md)."""
DENSE_WEIGHT = 1.0
LEXICAL_WEIGHT = 1.0
RECALL_AT = 30
"""As deep as a search asks for at least."""
LEAST_RECALL = 0.95
"""Of the passages that exact search finds; with this corpus it is at least 0.99 on average (docs/experiments.md)."""
WORDS_ONLY = frozenset({Lane.ENGLISCH})
"""Lanes that are searched by words alone: the built-in embedder knows German, and its vectors worsened English search."""


def passage_to_json(passage: Passage) -> str:
    """One line of ``passagen.jsonl``."""
    return json.dumps(
        {
            "id": passage.id, "spur": passage.lane.value, "norm": passage.norm, "pfad": passage.heading,
            "text": passage.text, "regel": passage.rule,
        },
        ensure_ascii=False,
    )  # fmt: skip


def write_books(folder: Path, books: Sequence[Book]) -> None:
    """``buecher.json`` (sources and validity) and ``fundstellen.jsonl`` (one provision a line, with its book)."""
    listed = [
        {
            "id": b.source.id, "kurz": b.source.short, "titel": b.source.title, "ebene": b.source.level.value,
            "stand": b.source.state.isoformat(), "art": b.source.kind.value, "url": b.source.url,
            "geprueft": b.source.verified, "gilt_bis": _iso(b.valid_to), "datei": b.file, "sprache": b.language,
        }
        for b in books
    ]  # fmt: skip
    (folder / "buecher.json").write_text(json.dumps(listed, ensure_ascii=False, indent=1), encoding="utf-8")
    with (folder / "fundstellen.jsonl").open("w", encoding="utf-8") as handle:
        for number, book in enumerate(books):
            for p in book.places.values():
                row = [number, p.norm, p.label, p.heading, p.text, _iso(p.valid_from), _iso(p.valid_to)]
                handle.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_books(folder: Path) -> list[Book]:
    """What ``write_books`` wrote."""
    listed = json.loads((folder / "buecher.json").read_text(encoding="utf-8"))
    sources = [
        Source(
            r["id"], r["kurz"], r["titel"], Level(r["ebene"]), dt.date.fromisoformat(r["stand"]), Kind(r["art"]),
            r["url"], r["geprueft"],
        )
        for r in listed
    ]  # fmt: skip
    places: list[dict[str, Provision]] = [{} for _ in listed]
    for number, norm, label, heading, text, starts, ends in _lines(folder / "fundstellen.jsonl"):
        source = sources[number]
        places[number][norm] = Provision(
            norm, label, source.id, tuple(heading), text, source.kind, _date(starts), _date(ends)
        )
    return [
        Book(source, found, _date(r["gilt_bis"]), r["datei"], r["sprache"])
        for source, found, r in zip(sources, places, listed, strict=True)
    ]


def _iso(value: dt.date | None) -> str | None:
    return value.isoformat() if value else None


def _date(value: str | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if value else None


def _lines(path: Path) -> list[Any]:
    with path.open(encoding="utf-8") as handle:
        return [json.loads(line) for line in handle if line.strip()]


class PublishedIndex:
    """Implements the ``Index`` seam for one generation folder.

    Raises DamagedGeneration if files are missing or do not parse, WrongEmbedder if vectors come from another one.
    """

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self.folder = folder
        self.manifest = read_manifest(folder)
        if embedder.fingerprint != self.manifest.embedder:
            raise WrongEmbedder(
                f"Der Index {folder.name} wurde mit einem anderen Embedder gebaut ({self.manifest.embedder[:24]}…, "
                f"eingestellt ist {embedder.fingerprint[:24]}…). Mit „leitplanke index build“ neu bauen und aktivieren "
                "oder die Einstellung „embedder“ zurücksetzen."
            )
        self._embedder = embedder
        try:
            self._load()
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile, StopIteration, CorpusError) as error:
            raise DamagedGeneration(
                f"Generation {folder.name} ist unvollständig oder beschädigt. Mit „leitplanke index verify“ prüfen, mit "
                "„leitplanke index build“ neu bauen."
            ) from error
        self._connecting = threading.Lock()
        self._client: Any = None
        self._collections: dict[Lane, Any] = {}
        self._exact: ExactLanes | None = None

    def _load(self) -> None:
        raw = _lines(self.folder / "passagen.jsonl")
        passages = [Passage(r["id"], Lane(r["spur"]), r["norm"], tuple(r["pfad"]), r["text"], r["regel"]) for r in raw]
        if len(passages) != self.manifest.counts["passagen"]:
            raise ValueError("count")
        self.lanes: dict[Lane, list[Passage]] = {lane: [p for p in passages if p.lane is lane] for lane in Lane}
        self._by_id = {p.id: p for p in passages}
        books = read_books(self.folder)
        corpus = self.folder / "korpus"
        self.guideline: Guideline = read_guideline(corpus)
        self.vocabulary: Vocabulary = read_vocabulary(corpus / "begriffe.toml")
        self.law: Law = Law.of(read_acts(corpus / "quellen.toml"), books)
        self.guideline_book: Book = next(b for b in books if b.source.kind is Kind.LEITLINIE)
        self.speller = Speller.load(self.folder / "woerter.txt")
        self.rule_choice = RuleChoice.load(self.folder / "regelwahl.npz")
        self.gate = read_gate(self.folder / "tor.json", self.manifest.embedder)
        self._rules, self._rule_vectors = self._means(passages)
        self._lexical = {
            lane: LexicalLane.load(self.folder / "lexikalisch" / lane.value, len(items))
            for lane, items in self.lanes.items()
            if items
        }

    def _means(self, passages: Sequence[Passage]) -> tuple[list[str], NDArray[np.float32]]:
        """Rules and the normalised mean vector of each one's passages in the lane of rules."""
        rows = np.load(io.BytesIO((self.folder / "vektoren.npy").read_bytes()), allow_pickle=False)
        members: dict[str, list[int]] = {}
        for position, passage in enumerate(passages):
            if passage.lane is Lane.REGELN and passage.rule:
                members.setdefault(passage.rule, []).append(position)
        if not members:
            return [], np.zeros((0, rows.shape[1]), dtype=np.float32)
        means = np.stack([rows[positions].mean(axis=0) for positions in members.values()])
        lengths = np.linalg.norm(means, axis=1, keepdims=True)
        return list(members), (means / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)

    @property
    def generation(self) -> str:
        """Name of the generation."""
        return self.folder.name

    def provision(self, norm: str) -> Provision | None:
        """A guideline section or the newest wording of a norm in this generation, or None."""
        places = [self.guideline_book.places, *(b.places for b in self.law.digests.values())]
        places += [b.places for states in self.law.official.values() for b in states]
        return next((found[norm] for found in reversed(places) if norm in found), None)

    def lexical(self, query: str, lane: Lane, n: int) -> Sequence[Hit]:
        """The ``n`` best passages by words and character n-grams; score 0–1."""
        items = self.lanes[lane]
        if not items:
            return ()
        scores = self._lexical[lane].scores(query)
        order = np.argsort(-scores, kind="stable")[:n]
        return [Hit(items[i], float(scores[i]), "Wörter") for i in order if scores[i] > 0]

    def dense(self, query: str, lane: Lane, n: int) -> Sequence[Hit]:
        """The ``n`` nearest passages by vector; score is the cosine."""
        if not self.lanes[lane]:
            return ()
        vector = self.vector(query)
        if not vector.any():
            return ()
        if (exact := self._instead_of_chroma()) is not None:
            return [Hit(self.lanes[lane][i], cosine, "Sinn") for i, cosine in exact.nearest(lane, vector, n)]
        with self._chroma_errors():
            found = self._collection(lane).query(
                query_embeddings=[vector.tolist()], n_results=min(n, len(self.lanes[lane])), include=["distances"]
            )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [Hit(self._by_id[i], 1.0 - float(d), "Sinn") for i, d in pairs]

    def vector(self, query: str) -> NDArray[np.float32]:
        """The question's vector, shape (dimension,)."""
        rows: NDArray[np.float32] = self._embedder.queries([query])
        return np.asarray(rows[0], dtype=np.float32)

    def likeness(self, vector: NDArray[np.float32]) -> dict[str, float]:
        """Cosine between a question's vector and the mean vector of each rule's passages."""
        if not len(self._rule_vectors):
            return {}
        return dict(zip(self._rules, (float(c) for c in self._rule_vectors @ vector), strict=True))

    def search(self, query: str, lane: Lane, n: int) -> Sequence[Hit]:
        """The ``n`` best passages by weighted reciprocal-rank fusion of dense and lexical search."""
        totals: dict[str, float] = {}
        reasons: dict[str, list[str]] = {}
        depth = max(30, 3 * n)
        for weight, hits in (
            (LEXICAL_WEIGHT, self.lexical(query, lane, depth)),
            (DENSE_WEIGHT, () if lane in WORDS_ONLY else self.dense(query, lane, depth)),
        ):
            for rank, hit in enumerate(hits):
                totals[hit.passage.id] = totals.get(hit.passage.id, 0.0) + weight / (RRF_CONSTANT + rank)
                reasons.setdefault(hit.passage.id, []).append(f"{hit.why} Platz {rank + 1}")
        order = sorted(totals, key=lambda i: (-totals[i], i))[:n]
        return [Hit(self._by_id[i], totals[i], ", ".join(reasons[i])) for i in order]

    @contextmanager
    def _chroma_errors(self) -> Iterator[None]:
        try:
            # Chroma would make an empty database where there is none.
            if not (self.folder / "chroma" / "chroma.sqlite3").is_file():
                raise ValueError("chroma.sqlite3")
            yield
        except Exception as error:  # Chroma raises many kinds, even AttributeError when it cannot start a second time
            raise DamagedGeneration(
                f"Generation {self.generation}: die Vektoren in chroma/ fehlen oder sind beschädigt. Mit „leitplanke "
                "index build“ neu bauen und aktivieren oder „leitplanke index rollback“ ausführen."
            ) from error

    def _instead_of_chroma(self) -> ExactLanes | None:
        """Exact search where Chroma's files are there but cannot be written; None where Chroma can be used."""
        chroma = self.folder / "chroma"
        if self._exact is None and self._client is None and (chroma / "chroma.sqlite3").is_file() and not writable(chroma):
            self._exact = self._all_rows()
        return self._exact

    def _all_rows(self) -> ExactLanes:
        """The lanes' vectors for exact search."""
        members: dict[Lane, list[int]] = {}
        for position, passage in enumerate(self._by_id.values()):
            members.setdefault(passage.lane, []).append(position)
        try:
            return ExactLanes(self.folder / "vektoren.npy", members)
        except (OSError, ValueError, IndexError) as error:
            raise DamagedGeneration(
                f"Generation {self.generation}: vektoren.npy fehlt oder ist beschädigt. Mit „leitplanke index build“ "
                "neu bauen."
            ) from error

    def _collection(self, lane: Lane) -> Any:
        with self._connecting:
            if self._client is None:
                import chromadb
                from chromadb.config import Settings

                self._client = chromadb.PersistentClient(
                    path=str(self.folder / "chroma"), settings=Settings(anonymized_telemetry=False, is_persistent=True)
                )
            if lane not in self._collections:
                self._collections[lane] = self._client.get_collection(f"spur-{lane.value}", embedding_function=None)
            return self._collections[lane]

    def warm(self) -> None:
        """Open the vectors of every lane, so that no question waits for that. Raises DamagedGeneration."""
        if self._instead_of_chroma() is not None:
            return
        anything = [1.0] * self._rule_vectors.shape[1]
        for lane, items in self.lanes.items():
            if items and lane not in WORDS_ONLY:
                with self._chroma_errors():
                    self._collection(lane).query(query_embeddings=[anything], n_results=1, include=[])

    def verify(self) -> None:
        """Checksums, vector counts, that sampled passages find themselves, and dense search against exact search.

        Raises DamagedGeneration.

        In a folder that cannot be written only what is searched there instead of Chroma is looked at.
        """
        check_files(self.folder)
        for lane, items in self.lanes.items():
            if not items:
                continue
            if self._instead_of_chroma() is None:
                self._check_count(lane, len(items))
            for passage in items[:: max(1, len(items) // 20)]:
                found = {h.passage.text for h in self.lexical(passage.searchable, lane, 5)}
                if passage.text not in found:
                    raise DamagedGeneration(
                        f"Generation {self.generation}: Passage {passage.id} findet sich selbst nicht. Mit „leitplanke "
                        "index build“ neu bauen."
                    )
        if self._instead_of_chroma() is None:
            self._check_recall(self._all_rows())

    def _check_recall(self, exact: ExactLanes) -> None:
        """Sampled vectors of each lane must find with Chroma what exact search finds."""
        for lane, items in self.lanes.items():
            if not items or lane in WORDS_ONLY:
                continue
            n = min(RECALL_AT, -(-len(items) // 3))  # with all of a lane nothing could be missed
            with self._chroma_errors():
                recall = exact.recall(lane, partial(self._places, lane, n), n)
            if recall < LEAST_RECALL:
                raise DamagedGeneration(
                    f"Generation {self.generation}: die Suche nach Sinn findet in der Spur {lane.value} nur {recall:.0%} "
                    f"der nächsten Passagen, erwartet werden {LEAST_RECALL:.0%}. Mit „leitplanke index build“ neu bauen."
                )

    def _places(self, lane: Lane, n: int, vector: NDArray[np.float32]) -> list[int]:
        places = {p.id: place for place, p in enumerate(self.lanes[lane])}
        found = self._collection(lane).query(query_embeddings=[vector.tolist()], n_results=n, include=[])
        return [places[i] for i in found["ids"][0]]

    def _check_count(self, lane: Lane, expected: int) -> None:
        with self._chroma_errors():
            count = self._collection(lane).count()
        if count != expected:
            raise DamagedGeneration(
                f"Generation {self.generation}: {count} Vektoren in der Spur {lane.value}, erwartet {expected}. "
                "Mit „leitplanke index build“ neu bauen."
            )

    def close(self) -> None:
        """Release Chroma's files; the object cannot be used for dense search afterwards."""
        if self._client is not None:
            self._client.close()
            self._client = None
            self._collections = {}
