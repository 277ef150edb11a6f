"""Build one generation: sources → provisions → passages → vectors → files → verify → rename.

The steps are the list in ``build``. Nothing that readers see changes before the finished folder gets its name.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.corpus.books import Book
from assistant.corpus.documents import keep_read
from assistant.corpus.law import Law, read_law
from assistant.corpus.laywords import read_lay_words
from assistant.corpus.questions import BankQuestion, lines_of, read_bank
from assistant.corpus.rules import Guideline, read_guideline
from assistant.corpus.vocabulary import Vocabulary, read_vocabulary
from assistant.errors import CorpusError, IndexFailure
from assistant.index import generation as gen
from assistant.index.lexical import LexicalLane
from assistant.index.lock import build_lock, check_room
from assistant.index.published import PublishedIndex, passage_to_json, write_books
from assistant.index.rulechoice import EMPTY, OUTSIDE, UNREGULATED, RuleChoice, Sample, fit
from assistant.index.spelling import Speller, learn
from assistant.types import Embedder, Kind, Lane, Level, Passage, Provision, Source, Verdict

log = logging.getLogger(__name__)

GUIDELINE_SOURCE = "leitlinie"
GUIDELINE_SHORT = "KI-Leitlinie"
LONG_PASSAGE = 1200
"""Characters above which a guideline section is cut at paragraph ends."""
FRAGMENT = 60
"""Characters below which a point is only searched as part of its paragraph."""
LAY_WORDS = 12
"""Everyday words in one passage: more would weigh each of them down."""
CHROMA_BATCH = 1000
ENGLISH = "EN"
Progress = Callable[[str, int, int], None]
"""Called with (step in German, done, total)."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a generation is made from, read once."""

    guideline: Guideline
    law: Law
    vocabulary: Vocabulary
    lay_words: Mapping[str, tuple[str, ...]]
    bank: tuple[BankQuestion, ...]
    as_of: dt.date


@dataclass(frozen=True, slots=True)
class BuildResult:
    """Name of the new generation and what happened to its passages.

    ``new`` were embedded, ``changed`` of them at a place that lost a passage; ``removed`` counts both kinds of loss.
    """

    generation: str
    passages: int
    new: int
    changed: int
    unchanged: int
    removed: int
    published: bool


def read_inputs(home: Path, as_of: dt.date) -> Inputs:
    """All sources of a home. Raises CorpusError naming file and line."""
    corpus = home / "corpus"
    law = read_law(corpus)
    return Inputs(
        read_guideline(corpus),
        law,
        read_vocabulary(corpus / "begriffe.toml"),
        read_lay_words(corpus, law.acts),
        tuple(read_bank(corpus / "fragen")),
        as_of,
    )


def guideline_source(guideline: Guideline) -> Source:
    """The guideline as a source of quotations."""
    return Source(GUIDELINE_SOURCE, GUIDELINE_SHORT, guideline.info.title, Level.STADT, guideline.state, Kind.LEITLINIE)


def rule_text(guideline: Guideline, rule_id: str) -> str:
    """The text of a rule as it is quoted: sentence, conditions, reason and prose, one statement a line."""
    rule = guideline.rule(rule_id)
    if rule is None:
        raise KeyError(rule_id)
    return "\n".join([rule.sentence, *rule.conditions, rule.reason, rule.prose])


def guideline_provisions(guideline: Guideline) -> list[Provision]:
    """Rules as "KI-Leitlinie <id>", other sections as "KI-Leitlinie <chapter>: <title>"."""
    result: dict[str, Provision] = {}
    for section in guideline.sections:
        if section.rule:
            norm, text = f"{GUIDELINE_SHORT} {section.rule}", rule_text(guideline, section.rule)
            label = f"{GUIDELINE_SHORT}, Regel „{section.title}“"
        else:
            norm, text = f"{GUIDELINE_SHORT} {_slug(section.chapter)}.{_slug(section.title)}", section.text
            label = f"{GUIDELINE_SHORT}, {section.title}"
        heading = (section.chapter, section.title) if section.chapter != section.title else (section.chapter,)
        norm = _unused(norm, result)
        result[norm] = Provision(norm, label, GUIDELINE_SOURCE, heading, text, Kind.LEITLINIE)
    return list(result.values())


def _unused(norm: str, taken: Collection[str]) -> str:
    """The norm, numbered if a section of the same title has it already."""
    number = 2
    unique = norm
    while unique in taken:
        unique, number = f"{norm}-{number}", number + 1
    return unique


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower().translate(str.maketrans("äöüß", "aous"))).strip("-")


def guideline_book(guideline: Guideline) -> Book:
    """The guideline as a book beside the acts."""
    return Book(guideline_source(guideline), {p.norm: p for p in guideline_provisions(guideline)})


_TOP_ONLY = re.compile(r"(?:Art\.|§|Anhang|ErwG) \S+$")


def law_passages(book_places: Sequence[Provision], own_lane: Lane | None = None) -> Iterator[Passage]:
    """What is searched of the law: paragraphs, articles that have none, numbers and points that say something alone."""
    norms = {p.norm for p in book_places}
    with_paragraphs = {n.partition(" Abs. ")[0] for n in norms if " Abs. " in n}
    for place in book_places:
        lane = own_lane or (Lane.ERWAEGUNGSGRUENDE if " ErwG " in place.norm else Lane.RECHT)
        whole = bool(_TOP_ONLY.search(place.norm))
        parent = place.norm.rsplit(" ", 2)[0]
        fragment = parent in norms and (
            " UAbs. " in place.norm or " Ziff. " in place.norm or len(place.text) < FRAGMENT
        )
        # An article whose paragraphs are there, or a very long list, is found through its parts.
        if (whole and (place.norm in with_paragraphs or len(place.text) > 4 * LONG_PASSAGE)) or (
            not whole and fragment
        ):
            continue
        yield _passage(lane, place.norm, place.heading, place.text)


def _passage(lane: Lane, norm: str, heading: tuple[str, ...], text: str, rule: str | None = None) -> Passage:
    digest = hashlib.sha256("\x1f".join([lane.value, norm, *heading, text]).encode()).hexdigest()[:16]
    return Passage(digest, lane, norm, heading, text, rule)


def guideline_passages(guideline: Guideline, bank: Sequence[BankQuestion]) -> Iterator[Passage]:
    """Lane of rules (one passage for the rule, one per example question) and lane of guideline prose."""
    for rule in guideline.rules:
        norm = f"{GUIDELINE_SHORT} {rule.id}"
        yield _passage(Lane.REGELN, norm, (rule.title,), "\n".join([rule.sentence, *rule.conditions]), rule.id)
        for question in rule.questions:
            yield _passage(Lane.REGELN, norm, (), question, rule.id)
    known = {rule.id for rule in guideline.rules}
    for item in bank:
        if item.rules and item.rules[0] in known and not item.history:
            yield _passage(Lane.REGELN, f"{GUIDELINE_SHORT} {item.rules[0]}", (), item.question, item.rules[0])
    for provision in guideline_provisions(guideline):
        rule_id = provision.norm.removeprefix(GUIDELINE_SHORT + " ")
        for part in _cut(provision.text):
            yield _passage(
                Lane.LEITLINIE, provision.norm, provision.heading, part, rule_id if rule_id in known else None
            )


def _cut(text: str) -> Iterator[str]:
    part = ""
    for paragraph in text.split("\n"):
        if part and len(part) + len(paragraph) > LONG_PASSAGE:
            yield part
            part = ""
        part = f"{part}\n{paragraph}".strip()
    if part:
        yield part


def all_books(inputs: Inputs) -> list[Book]:
    """Guideline, digests and every imported state: what quotations of this generation can be taken from."""
    return [guideline_book(inputs.guideline), *inputs.law.all_books()]


def all_passages(inputs: Inputs) -> list[Passage]:
    """Every passage once, in a stable order. Of each act, the state that is quoted on the day of the build."""
    law = [p for book in inputs.law.books(inputs.as_of) for p in law_passages(list(book.places.values()))]
    passages = [*guideline_passages(inputs.guideline, inputs.bank), *law, *_plain_passages(inputs), *_english_passages(inputs)]
    return list({p.id: p for p in passages}.values())


def _plain_passages(inputs: Inputs) -> Iterator[Passage]:
    """Places of the law in plain words: by them they are found, quoted is the official text where it is installed."""
    for book in inputs.law.books(inputs.as_of):
        digest = inputs.law.digests.get(book.source.short)
        if digest is not None and digest is not book:
            yield from law_passages([p for norm, p in digest.places.items() if norm in book.places])
        yield from _lay_passages(inputs, book)


def _lay_passages(inputs: Inputs, book: Book, own_lane: Lane | None = None) -> Iterator[Passage]:
    """Everyday words of the places of one act, at the place itself or the nearest one above it that is there."""
    for norm, words in inputs.lay_words.items():
        if norm != book.source.short and not norm.startswith(book.source.short + " "):
            continue
        lane = own_lane or (Lane.ERWAEGUNGSGRUENDE if " ErwG " in norm else Lane.RECHT)
        nearest = norm
        while nearest not in book.places and nearest.count(" ") > 2:
            nearest = nearest.rsplit(" ", 2)[0]
        if nearest in book.places:
            for start in range(0, len(words), LAY_WORDS):
                text = ", ".join(words[start : start + LAY_WORDS])
                yield _passage(lane, nearest, book.places[nearest].heading, text)


def _english_passages(inputs: Inputs) -> Iterator[Passage]:
    """Articles and annexes of the English texts, for English questions; recitals are searched in German only."""
    for info in inputs.law.acts.infos:
        book = inputs.law.book(info.short, inputs.as_of, ENGLISH)
        if book is not None:
            articles = replace(book, places={norm: p for norm, p in book.places.items() if " ErwG " not in norm})
            yield from law_passages(list(articles.places.values()), Lane.ENGLISCH)
            yield from _lay_passages(inputs, articles, Lane.ENGLISCH)


def fit_choice(inputs: Inputs, speller: Speller, embedder: Embedder) -> RuleChoice:
    """The linear rule choice from the rules' example questions and the bank."""
    if not inputs.guideline.rules:
        return EMPTY
    if len(inputs.guideline.rules) < 2:
        raise CorpusError(
            "Die Leitlinie hat nur eine Regel; erwartet werden mindestens zwei (oder gar keine: dann wird nur zitiert)."
        )
    rows = samples(inputs.guideline, inputs.bank, inputs.vocabulary, speller)
    vectors, written = embedder.queries([s.expanded for s in rows]), embedder.queries([s.written for s in rows])
    return fit(rows, inputs.vocabulary.read, vectors, written)


def learn_words(guideline: Guideline, law: Law, vocabulary: Vocabulary, bank: Sequence[BankQuestion]) -> Speller:
    """The words this corpus knows: guideline, digests and vocabulary for sure, questions where a word is frequent."""
    trusted = [p.text for p in guideline_provisions(guideline)]
    trusted += [p.text for book in law.digests.values() for p in book.places.values()]
    asked = [q for rule in guideline.rules for q in rule.questions]
    return learn([*trusted, *vocabulary.terms], [*asked, *(item.question for item in bank)])


def samples(
    guideline: Guideline, bank: Sequence[BankQuestion], vocabulary: Vocabulary, speller: Speller
) -> list[Sample]:
    """What the rule choice is fitted on: example questions, the rules themselves (at half weight), and the bank."""
    verdicts = {rule.id: rule.verdict for rule in guideline.rules}
    rows: list[tuple[str, str, float, bool]] = []
    for rule in guideline.rules:
        may = rule.verdict is Verdict.ERLAUBT
        rows += [(question, rule.id, 1.0, may) for question in rule.questions]
        rows.append((f"{rule.title}. {rule.sentence}", rule.id, 0.5, may))
    for item in bank:
        outcome = item.rules[0] if item.rules else item.status
        if outcome in verdicts or outcome in (OUTSIDE, UNREGULATED):
            may = verdicts.get(outcome) is Verdict.ERLAUBT and Verdict.ERLAUBT not in item.never
            rows.append((" ".join([*item.history[-1:], item.question]), outcome, 1.0, may))
    expand = vocabulary.expand
    return [
        Sample(mended := speller.mend(text), expand(mended), expand(text), outcome, weight, may)
        for text, outcome, weight, may in rows
    ]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the newest generation of the same embedder holds: vectors and places of its passages, by content hash."""

    vectors: dict[str, NDArray[np.float32]]
    places: Mapping[str, str]


def _known(index: Path, fingerprint: str) -> _Known:
    """The newest generation that can be read; nothing where there is none, so that all is embedded anew."""
    for name in reversed(gen.generations(index)):
        folder = index / name
        try:
            if gen.check_files(folder).embedder != fingerprint:
                continue
            keys = json.loads((folder / "schluessel.json").read_text(encoding="utf-8"))
            rows = np.load(folder / "vektoren.npy", allow_pickle=False)
            norms = [json.loads(line)["norm"] for line in lines_of(folder / "passagen.jsonl")]
            return _Known(dict(zip(keys, rows, strict=True)), dict(zip(keys, norms, strict=True)))
        except (IndexFailure, OSError, ValueError, KeyError, TypeError):
            continue
    return _Known({}, {})


def _changed(passages: Sequence[Passage], keys: Sequence[str], known: _Known) -> int:
    """How many passages are new at a place that lost one."""
    present = set(keys)
    came = Counter(p.norm for p, key in zip(passages, keys, strict=True) if key not in known.places)
    went = Counter(norm for key, norm in known.places.items() if key not in present)
    return (came & went).total()


def _content_key(passage: Passage) -> str:
    return hashlib.sha256(passage.searchable.encode()).hexdigest()[:24]


def _vectors(
    passages: Sequence[Passage], embedder: Embedder, known: dict[str, NDArray[np.float32]], progress: Progress
) -> tuple[list[str], NDArray[np.float32], int]:
    """(keys, rows, how many were computed anew)."""
    keys = [_content_key(p) for p in passages]
    missing = [i for i, key in enumerate(keys) if key not in known]
    for start in range(0, len(missing), 256):
        batch = missing[start : start + 256]
        rows = np.asarray(embedder.passages([passages[i].searchable for i in batch]), dtype=np.float32)
        known |= {keys[i]: row for i, row in zip(batch, rows, strict=True)}
        progress("Passagen einbetten", min(start + 256, len(missing)), len(missing))
    return keys, np.stack([known[key] for key in keys]).astype(np.float32), len(missing)


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
                f"spur-{lane.value}", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
            )
            for start in range(0, len(members), CHROMA_BATCH):
                batch = members[start : start + CHROMA_BATCH]
                collection.add(ids=[passages[i].id for i in batch], embeddings=rows[batch])
                done += len(batch)
                progress("Vektoren ablegen", done, len(passages))
    finally:
        client.close()


def _write_own_files(
    folder: Path, home: Path, inputs: Inputs, passages: Sequence[Passage], keys: Sequence[str],
    rows: NDArray[np.float32], embedder: Embedder, progress: Progress,
) -> None:  # fmt: skip
    (folder / "passagen.jsonl").write_text("\n".join(map(passage_to_json, passages)) + "\n", encoding="utf-8")
    write_books(folder, all_books(inputs))
    np.save(folder / "vektoren.npy", rows, allow_pickle=False)
    (folder / "schluessel.json").write_text(json.dumps(list(keys)), encoding="utf-8")
    for number, lane in enumerate(Lane, start=1):
        texts = [p.searchable for p in passages if p.lane is lane]
        if texts:
            target = folder / "lexikalisch" / lane.value
            target.mkdir(parents=True)
            LexicalLane.build(texts).save(target)
        progress("Wörter erfassen", number, len(Lane))
    progress("Regelwahl anpassen", 0, 1)
    speller = learn_words(inputs.guideline, inputs.law, inputs.vocabulary, inputs.bank)
    speller.save(folder / "woerter.txt")
    fit_choice(inputs, speller, embedder).save(folder / "regelwahl.npz")
    if (home / "models" / "tor.json").is_file():
        shutil.copy2(home / "models" / "tor.json", folder / "tor.json")
    progress("Regelwahl anpassen", 1, 1)
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
    inputs = read_inputs(home, now.date())
    try:
        with build_lock(index, now):
            return _build(home, index, inputs, embedder, now, progress)
    except OSError as error:
        raise IndexFailure(
            f"Der Index kann in {index} nicht geschrieben werden ({error.strerror or error}). Platz und Schreibrechte "
            "prüfen; der bisherige Index bleibt unverändert."
        ) from error


def _build(
    home: Path, index: Path, inputs: Inputs, embedder: Embedder, now: dt.datetime, progress: Progress
) -> BuildResult:
    gen.remove_unfinished(index)
    passages = all_passages(inputs)
    newest = next(reversed(gen.generations(index)), None)
    check_room(index, len(passages), index / newest if newest else None)
    known = _known(index, embedder.fingerprint)
    keys, rows, new = _vectors(passages, embedder, dict(known.vectors), progress)
    name = gen.next_name(index, now)
    if not name.startswith(f"g-{now:%Y%m%d-%H%M%S}"):
        log.warning(
            "Die Uhr dieses Rechners (%s) steht vor dem letzten Bau; die neue Generation heißt deshalb %s. Uhr prüfen.",
            f"{now:%d.%m.%Y %H:%M:%S}", name,
        )  # fmt: skip
    folder = index / f".{name}"
    folder.mkdir()
    try:
        (folder / "pid").write_text(str(os.getpid()))
        _write_own_files(folder, home, inputs, passages, keys, rows, embedder, progress)
        _write_chroma(folder, passages, rows, progress)
        (folder / "pid").unlink()
        info = inputs.guideline.info
        gen.write_manifest(
            folder,
            gen.Manifest(
                name, gen.FORMAT, embedder.fingerprint, {"passagen": len(passages)},
                {b.source.short: b.source.state.isoformat() for b in all_books(inputs)},
                {"titel": info.title, "fassung": info.version, "beschlossen": info.adopted},
                now.isoformat(timespec="seconds"), {},
            ),
        )  # fmt: skip
        _verify(folder, embedder)
        os.replace(folder, index / name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    published = gen.current(index) is None
    if published:
        gen.publish(index, name, when=now.isoformat(timespec="seconds"), by="Einrichtung", comment="erste Generation")
    gen.tidy(index)
    removed = len(set(known.places) - set(keys))
    changed = _changed(passages, keys, known)
    return BuildResult(name, len(passages), new, changed, len(passages) - new, removed, published)


def _verify(folder: Path, embedder: Embedder) -> None:
    opened = PublishedIndex(folder, embedder)
    try:
        opened.verify()
    finally:
        opened.close()
