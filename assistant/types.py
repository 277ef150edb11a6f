"""Frozen values and closed enums that every other module speaks in.

This module imports nothing of ours. Everything here is data without behaviour beyond what is needed to print it;
the German strings are those of the contract and appear in JSON unchanged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the children that read files import this module, and must start fast and small
    import numpy as np
    from numpy.typing import NDArray


class Verdict(StrEnum):
    """What the guideline says about a use; the order of strictness is ``STRICTNESS``."""

    ERLAUBT = "erlaubt"
    BEDINGT = "bedingt"
    VERBOTEN = "verboten"
    AUSKUNFT = "auskunft"


STRICTNESS: Mapping[Verdict, int] = {Verdict.AUSKUNFT: 0, Verdict.ERLAUBT: 1, Verdict.BEDINGT: 2, Verdict.VERBOTEN: 3}


class Status(StrEnum):
    """The closed list of outcomes; each has exactly one user text (``ask/texts.py``)."""

    BEANTWORTET = "beantwortet"
    TEILWEISE = "teilweise"
    RUECKFRAGE = "rueckfrage"
    NICHT_GEREGELT = "nicht_geregelt"
    AUSSERHALB = "ausserhalb"
    BLOCKIERT_PERSONENBEZUG = "blockiert_personenbezug"
    AUSGELASTET = "ausgelastet"
    FEHLER = "fehler"


class Level(StrEnum):
    """Who made the norm."""

    EU = "EU"
    BUND = "Bund"
    LAND = "Land"
    STADT = "Stadt"


class Kind(StrEnum):
    """What a quotation is taken from."""

    LEITLINIE = "leitlinie"
    GESETZ = "gesetz"
    KURZFASSUNG = "kurzfassung"


class Validity(StrEnum):
    """Whether a provision holds on the day asked about."""

    GILT = "gilt"
    GILT_AB = "gilt_ab"
    AUFGEHOBEN = "aufgehoben"


class Lane(StrEnum):
    """Where a passage is searched; each lane has its own lexical index and its own vector collection."""

    REGELN = "regeln"
    LEITLINIE = "leitlinie"
    RECHT = "recht"
    ERWAEGUNGSGRUENDE = "erwaegungsgruende"
    ENGLISCH = "englisch"


@dataclass(frozen=True, slots=True)
class Source:
    """One act or the guideline. ``short`` is how it is cited ("KI-VO"); ``state`` is the date of its wording."""

    id: str
    short: str
    title: str
    level: Level
    state: dt.date
    kind: Kind
    url: str | None = None
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Provision:
    """One addressable place: an article, a paragraph, a point, a recital or a guideline rule.

    ``norm`` is the address written source first ("KI-VO Art. 50 Abs. 4"), ``text`` its verbatim wording with the
    places below it, one per line. ``valid_from`` is when it starts to apply, where that differs from its state.
    """

    norm: str
    label: str
    source: str
    heading: tuple[str, ...]
    text: str
    kind: Kind
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the guideline; all texts German, ``file``/``line`` where it stands for error messages."""

    id: str
    title: str
    verdict: Verdict
    sentence: str
    conditions: tuple[str, ...]
    reason: str
    offices: tuple[str, ...]
    norms: tuple[str, ...]
    actions: frozenset[str]
    data: frozenset[str]
    tools: frozenset[str]
    exception_to: tuple[str, ...]
    questions: tuple[str, ...]
    prose: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Passage:
    """What is indexed: ``text`` is searched together with its heading path; ``rule`` names the rule it belongs to."""

    id: str
    lane: Lane
    norm: str
    heading: tuple[str, ...]
    text: str
    rule: str | None = None

    @property
    def searchable(self) -> str:
        """The text that goes into both searches: heading path, then wording."""
        return " › ".join(self.heading) + "\n" + self.text if self.heading else self.text


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found, ``score`` higher is better (only comparable within one search), ``why`` for people."""

    passage: Passage
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quotation; ``quote`` is a verbatim substring of the indexed text of ``norm``."""

    number: int
    norm: str
    label: str
    source: str
    kind: Kind
    quote: str
    state: dt.date
    valid_from: dt.date | None
    valid_to: dt.date | None
    validity: Validity
    url: str | None

    def to_json(self) -> dict[str, object]:
        """The shape of one entry of ``fundstellen`` in the contract."""
        return {
            "nr": self.number, "norm": self.norm, "anzeige": self.label, "quelle": self.source, "art": self.kind.value,
            "zitat": self.quote, "stand": self.state.isoformat(),
            "gilt_ab": self.valid_from.isoformat() if self.valid_from else None,
            "gilt_bis": self.valid_to.isoformat() if self.valid_to else None,
            "geltung": self.validity.value, "url": self.url,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data noticed in a question: ``kind`` in German ("IBAN"), characters ``[start, end)``."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Considered:
    """A rule that was weighed, its value (0–1) and the reason it governs or does not."""

    rule: str
    value: float
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """A remark beside the answer, e.g. ``muster_leitlinie`` or ``modell_ausgelastet``."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class GuidelineInfo:
    """Title, version and adoption state of the guideline an answer rests on."""

    title: str
    version: str
    adopted: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the question, earlier questions of the same person (oldest first), the day asked about.

    ``day_given``: the day was named beside the question, so that one named within it does not count.
    """

    text: str
    as_of: dt.date
    history: tuple[str, ...] = ()
    day_given: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer as in the contract; ``text`` is Markdown whose statements carry ``[n]``."""

    question: str
    status: Status
    as_of: dt.date
    text: str
    guideline: GuidelineInfo
    generation: str
    verdict: Verdict | None = None
    rules: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    clarifications: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    considered: tuple[Considered, ...] = ()
    written_by: str = "auszug"
    notes: tuple[Note, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """The JSON object of the contract, keys in its order."""
        return {
            "frage": self.question, "status": self.status.value,
            "urteil": self.verdict.value if self.verdict else None,
            "regeln": list(self.rules), "bedingungen": list(self.conditions), "zustaendig": list(self.offices),
            "text": self.text, "fundstellen": [c.to_json() for c in self.citations],
            "rueckfragen": list(self.clarifications),
            "befunde": [{"art": f.kind, "von": f.start, "bis": f.end} for f in self.findings],
            "erwogen": [{"regel": c.rule, "wert": round(c.value, 4), "grund": c.reason} for c in self.considered],
            "stand": self.as_of.isoformat(),
            "leitlinie": {"titel": self.guideline.title, "fassung": self.guideline.version,
                          "beschlossen": self.guideline.adopted},
            "generation": self.generation, "verfasst_von": self.written_by,
            "hinweise": [{"code": n.code, "text": n.text} for n in self.notes],
            "dauer_ms": {k: round(v, 3) for k, v in self.timings_ms.items()},
        }  # fmt: skip


class Embedder(Protocol):
    """Seam 1: texts to vectors. Rows are L2-normalised float32, shape ``(len(texts), dimension)``."""

    @property
    def fingerprint(self) -> str: ...

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]: ...

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


class Generator(Protocol):
    """Seam 2: a local language model. ``stream`` yields text pieces; closing it stops the model."""

    @property
    def name(self) -> str: ...

    @property
    def budget(self) -> int: ...

    def count(self, text: str) -> int: ...

    def stream(
        self, prompt: Sequence[tuple[str, str]], *, max_tokens: int, grammar: str | None = None
    ) -> Iterator[str]: ...

    def close(self) -> None: ...


class Index(Protocol):
    """Seam 3: a published generation, read-only."""

    @property
    def generation(self) -> str: ...

    def search(self, query: str, lane: Lane, n: int) -> Sequence[Hit]: ...

    def lexical(self, query: str, lane: Lane, n: int) -> Sequence[Hit]: ...

    def provision(self, norm: str) -> Provision | None: ...

    def close(self) -> None: ...
