"""A fake assistant with realistic answers for every outcome; the question's first word chooses which."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from assistant.ask.change import Change, Changes, Circumstance
from assistant.ask.texts import EMPTY, STATUS_TEXT
from assistant.corpus.addresses import ActInfo, Acts
from assistant.corpus.books import Book
from assistant.corpus.law import Law
from assistant.corpus.rules import Guideline
from assistant.errors import LeitplankeError
from assistant.models.line import Attempt
from assistant.types import (
    Answer,
    Citation,
    Considered,
    Finding,
    GuidelineInfo,
    Hit,
    Kind,
    Lane,
    Level,
    Note,
    Passage,
    Provision,
    Question,
    Rule,
    Source,
    Status,
    Validity,
    Verdict,
)

DAY = dt.date(2026, 11, 22)
STATE = dt.date(2026, 11, 1)
GUIDELINE = GuidelineInfo("Muster-Leitlinie für den Einsatz von KI", "0.1", False)
XSS = (
    "<script>document.title='getroffen'</script><img src=x onerror=\"document.title='getroffen'\"> "
    '![bild](http://boese.example/p.png) [klick](http://boese.example/) <a href="javascript:alert(1)">x</a> '
    "</div></details> $$\\href{http://b.example}{x}$$ `code` **fett**\n\n<iframe src=//boese.example></iframe>\n\n# H"
)


@dataclass(frozen=True)
class FakeContact:
    key: str
    name: str
    task: str
    mail: str = ""
    phone: str = ""
    room: str = ""
    placeholder: bool = False


@dataclass(frozen=True)
class FakeOverview:
    guideline: GuidelineInfo = GUIDELINE
    guideline_note: str = (
        "Muster-Leitlinie, Entwurf, nicht beschlossen. Verbindlich ist nur, was Ihre Stadt beschlossen hat."
    )
    generation: str = "2026-11-22-a1b2c3"
    sources: tuple[Source, ...] = (
        Source("leitlinie", "KI-Leitlinie", "Muster-Leitlinie", Level.STADT, STATE, Kind.LEITLINIE),
        Source(
            "dsgvo", "DSGVO", "Datenschutz-Grundverordnung – Verordnung (EU) 2016/679", Level.EU, dt.date(2016, 5, 4),
            Kind.KURZFASSUNG, "https://eur-lex.europa.eu/legal-content/DE/TXT/?uri=CELEX:02016R0679-20160504",
        ),
        Source(
            "ki-vo", "KI-VO", "KI-Verordnung – Verordnung (EU) 2024/1689", Level.EU, dt.date(2026, 7, 27),
            Kind.KURZFASSUNG, "https://eur-lex.europa.eu/legal-content/DE/TXT/?uri=CELEX:02024R1689-20260727",
        ),
        Source("sgb-x", "SGB X", "Sozialgesetzbuch X", Level.BUND, dt.date(2026, 1, 1), Kind.GESETZ, verified=False),
    )  # fmt: skip
    official: bool = False
    examples: tuple[str, ...] = (
        "Darf ich ein Sitzungsprotokoll mit KI zusammenfassen?",
        "Kann ich ChatGPT für eine Rundmail benutzen?",
        "Muss ich kennzeichnen, dass ein Text mit KI entstanden ist?",
        "Wie beantrage ich ein neues KI-Werkzeug?",
    )


CONTACTS: Mapping[str, FakeContact] = {
    "ki-koordination": FakeContact(
        "ki-koordination", "KI-Koordination", "berät und legt die Leitlinie aus", "ki-koordination@stadt.example",
        "02234 501-100", "Rathaus, Zimmer 214",
    ),
    "dsb": FakeContact("dsb", "Datenschutzbeauftragte", "nimmt zu personenbezogenen Daten Stellung", placeholder=True),
}  # fmt: skip
PROVISIONS: Mapping[str, Provision] = {
    "KI-Leitlinie platzhalter": Provision(
        "KI-Leitlinie platzhalter", "Regel „platzhalter“", "leitlinie", ("Schutz von Daten", "Fallbeispiele"),
        "Ein Fallbeispiel darf in ein freigegebenes Werkzeug, wenn alle Angaben zur Person durch Platzhalter ersetzt "
        "sind.\n"
        "Wer den Fall kennt, darf ihn am Ergebnis nicht wiedererkennen.",
        Kind.LEITLINIE,
    ),
    "DSGVO Art. 5 Abs. 1 lit. c": Provision(
        "DSGVO Art. 5 Abs. 1 lit. c", "Art. 5 Abs. 1 lit. c DSGVO", "dsgvo", ("Kapitel II – Grundsätze", "Art. 5"),
        "Personenbezogene Daten müssen sich auf das beschränken, was der Zweck verlangt.\n"
        "Mehr als nötig ist nicht zulässig.",
        Kind.KURZFASSUNG,
    ),
    "KI-VO Art. 50 Abs. 4": Provision(
        "KI-VO Art. 50 Abs. 4", "Art. 50 Abs. 4 KI-VO", "ki-vo", ("Kapitel IV – Transparenz", "Art. 50"),
        "\n".join(f"Absatz {i}: " + "Betreiber legen offen, was künstlich erzeugt ist. " * 4 for i in range(1, 60)),
        Kind.KURZFASSUNG, valid_from=dt.date(2026, 12, 2),
    ),
}  # fmt: skip


def citation(
    number: int, norm: str, quote: str, *, state: dt.date = STATE, validity: Validity = Validity.GILT
) -> Citation:
    """A quotation of one of ``PROVISIONS``."""
    provision = PROVISIONS[norm]
    source = next(s for s in FakeOverview().sources if s.id == provision.source)
    return Citation(
        number, norm, provision.label, provision.source, provision.kind, quote, state, provision.valid_from, None,
        validity, source.url,
    )  # fmt: skip


CITATIONS = (
    citation(1, "KI-Leitlinie platzhalter", "wenn alle Angaben zur Person durch Platzhalter ersetzt sind"),
    citation(2, "DSGVO Art. 5 Abs. 1 lit. c", "Mehr als nötig ist nicht zulässig."),
    citation(3, "KI-VO Art. 50 Abs. 4", "Absatz 30: Betreiber legen offen", validity=Validity.GILT_AB),
)


def _answer(question: Question, status: Status, text: str) -> Answer:
    return Answer(
        question.text, status, question.as_of, text, GUIDELINE, "2026-11-22-a1b2c3",
        notes=(Note("muster_leitlinie", "Muster-Leitlinie, nicht beschlossen."),),
    )  # fmt: skip


def conditional(question: Question) -> Answer:
    """*bedingt* with everything an answer can have."""
    return replace(
        _answer(
            question,
            Status.BEANTWORTET,
            "**Nur unter Bedingungen – erst wenn alle Punkte unten erfüllt sind.**\n\n"
            "Ja, wenn vorher alle Angaben zur Person durch Platzhalter ersetzt sind. [1]\n\n"
            "Warum: Ein Sprachmodell braucht für einen besseren Satz keine Namen. "
            "Was nicht eingegeben wird, kann auch nicht abfließen. [2]\n\n"
            "Das gilt besonders für:\n- Namen und Anschriften,\n- **Aktenzeichen** und Geburtsdaten.\n\n"
            "Veröffentlichte Texte sind ab Dezember zu kennzeichnen. [3] Diese Nummer gibt es nicht: [9].\n\n"
            "Zuständig: KI-Koordination, Datenschutzbeauftragte.",
        ),
        verdict=Verdict.BEDINGT,
        rules=("platzhalter", "kennzeichnung"),
        conditions=(
            "Das Werkzeug steht auf der Positivliste.",
            "Namen, Anschriften, Aktenzeichen und Daten sind durch Platzhalter ersetzt.",
            "Aus dem übrigen Text lässt sich niemand erkennen.",
            "Das Ergebnis ist selbst geprüft.",
        ),
        offices=("ki-koordination", "dsb"),
        citations=CITATIONS,
        considered=(
            Considered("platzhalter", 0.82, "trifft Handlung und Datenklasse"),
            Considered("personenbezogene-daten", 0.61, "Grundregel; „platzhalter“ ist ihre benannte Ausnahme"),
        ),
    )


def allowed(question: Question) -> Answer:
    """*erlaubt*: the first line is always the same reservation."""
    return replace(
        conditional(question),
        verdict=Verdict.ERLAUBT,
        text="**Erlaubt – mit freigegebenem Werkzeug, ohne geschützte Daten, selbst geprüft.**\n\n"
        "Einen eigenen Entwurf dürfen Sie sprachlich verbessern lassen. [1]\n\nDer Inhalt bleibt Ihre Verantwortung.",
    )


def forbidden(question: Question) -> Answer:
    """*verboten*."""
    return replace(
        conditional(question),
        verdict=Verdict.VERBOTEN,
        text="**Verboten.**\n\nNein, Bewerbungen dürfen nicht von KI bewertet werden. [1]\n\n"
        "Die Auswahl treffen Menschen.",
    )


def information(question: Question) -> Answer:
    """*auskunft*."""
    return replace(
        conditional(question),
        verdict=Verdict.AUSKUNFT,
        text="**Auskunft.**\n\nDie Pflicht gilt ab dem 2.12. [3]",
        conditions=(),
    )


def blocked(question: Question) -> Answer:
    """Personal data: an IBAN or a name in the question."""
    start = question.text.find("DE")
    findings = (Finding("IBAN", start, start + 22),) if start >= 0 else (Finding("Name", 0, len(question.text)),)
    text = f"**{STATUS_TEXT[Status.BLOCKIERT_PERSONENBEZUG]}**\n\nErkannt: {findings[0].kind}."
    return replace(_answer(question, Status.BLOCKIERT_PERSONENBEZUG, text), findings=findings)


def unregulated(question: Question) -> Answer:
    """No rule applies."""
    text = (
        f"**{STATUS_TEXT[Status.NICHT_GEREGELT]}**\n\nBitte vorher fragen: KI-Koordination.\n\n"
        "Am nächsten liegen, ohne den Fall zu regeln: Regel „platzhalter“ [1]; Art. 5 DSGVO [2]."
    )
    return replace(
        _answer(question, Status.NICHT_GEREGELT, text), offices=("ki-koordination",), citations=CITATIONS[:2],
        considered=(Considered("platzhalter", 0.21, "zu weit entfernt"),),
    )  # fmt: skip


def partial(question: Question) -> Answer:
    """Passages without a verdict."""
    text = (
        f"**{STATUS_TEXT[Status.TEILWEISE]}**\n\nBitte vorher fragen: KI-Koordination.\n\n"
        "Am nächsten liegen, ohne den Fall zu regeln: Regel „platzhalter“ [1]."
    )
    return replace(
        _answer(question, Status.TEILWEISE, text), offices=("ki-koordination",), citations=CITATIONS[:1]
    )


def unclear(question: Question) -> Answer:
    """Two readings to choose from."""
    return replace(
        _answer(question, Status.RUECKFRAGE, f"**{STATUS_TEXT[Status.RUECKFRAGE]}**\n\n- Öffentlich\n- Geheim"),
        clarifications=(
            "Bedingt: Darf ich ein öffentliches Protokoll zusammenfassen lassen?",
            "Verboten: Darf ich ein nichtöffentliches Protokoll zusammenfassen lassen?",
        ),
    )


def outside(question: Question) -> Answer:
    """Not about the guideline."""
    return _answer(question, Status.AUSSERHALB, f"**{STATUS_TEXT[Status.AUSSERHALB]}**")


def failed(question: Question) -> Answer:
    """The question could not be processed."""
    return _answer(question, Status.FEHLER, EMPTY)


DAMAGED = "Der Index ist beschädigt. Mit „leitplanke index build“ neu bauen."


def out_of_order(question: Question) -> Answer:
    """The question is sound, and the assistant is not."""
    return _answer(question, Status.FEHLER, DAMAGED)


def hostile(question: Question) -> Answer:
    """Every text of the answer tries to become code, a link or an image."""
    bad = replace(CITATIONS[0], quote=XSS, label=XSS, url="javascript:alert(1)")
    return replace(
        conditional(question), text=XSS + "\n\n" + XSS + " [1]", conditions=(XSS,), offices=(XSS, "ki-koordination"),
        citations=(bad, *CITATIONS[1:]), considered=(Considered(XSS, 0.5, XSS),), notes=(Note("x", XSS),),
        generation=XSS,
    )  # fmt: skip


OUTCOMES: Mapping[str, Callable[[Question], Answer]] = {
    "bedingt": conditional, "erlaubt": allowed, "verboten": forbidden, "auskunft": information, "iban": blocked,
    "ungeregelt": unregulated, "teilweise": partial, "unklar": unclear, "wetter": outside, "leer": failed, "gestört": out_of_order,
    "boese": hostile,
}  # fmt: skip


RULE = Rule(
    id="platzhalter", title="Fallbeispiele", verdict=Verdict.BEDINGT,
    sentence="Ein Fallbeispiel darf in ein freigegebenes Werkzeug, wenn alle Angaben ersetzt sind.",
    conditions=("Alle Namen sind ersetzt.",), reason="Ein Modell braucht keine Namen.", offices=("ki-koordination",),
    norms=("DSGVO Art. 5",), actions=frozenset(), data=frozenset(), tools=frozenset(), exception_to=(), questions=("Bedingt: Darf ich einen Fall mit Platzhaltern eingeben?",),
    prose="**Beispiel.** Aus „Frau A.“ wird „eine Bürgerin“.", file="06.md", line=1,
)  # fmt: skip
ACTS = Acts(
    (
        ActInfo("dsgvo", "DSGVO", "Datenschutz-Grundverordnung", Level.EU, "Art."),
        ActInfo("ki-vo", "KI-VO", "KI-Verordnung", Level.EU, "Art."),
    )
)


def _law_book(short: str, places: Sequence[Provision]) -> Book:
    source = next(s for s in FakeOverview().sources if s.short == short)
    return Book(source, {place.norm: place for place in places})


@dataclass(frozen=True)
class FakeShelf:
    """A generation to read in: two chapters, two acts, and a search that finds what holds the word."""

    generation: str = "2026-11-22-a1b2c3"
    guideline: Guideline = field(
        default_factory=lambda: Guideline(
            GUIDELINE, STATE, dt.date(2027, 5, 22), "Muster, nicht beschlossen", "Musterstadt", (RULE,), (), {}, ()
        )
    )
    guideline_book: Book = field(
        default_factory=lambda: Book(
            FakeOverview().sources[0],
            {
                p.norm: p
                for p in (
                    Provision(
                        "KI-Leitlinie ziele.ziele", "Ziele", "leitlinie", ("Ziele",),
                        f"Wofür das gut ist.\n\n| Stelle | Aufgabe |\n|---|---|\n| IT | **hilft** |\n\n{XSS}", Kind.LEITLINIE,
                    ),
                    PROVISIONS["KI-Leitlinie platzhalter"],
                )
            },
        )
    )  # fmt: skip
    law: Law = field(
        default_factory=lambda: Law.of(
            ACTS,
            [
                _law_book(
                    "DSGVO",
                    (
                        Provision(
                            "DSGVO Art. 5", "Art. 5 DSGVO", "dsgvo", ("Art. 5 Grundsätze",),
                            "Mehr als nötig ist nicht zulässig; siehe Artikel 50 KI-VO.", Kind.KURZFASSUNG,
                        ),
                        PROVISIONS["DSGVO Art. 5 Abs. 1 lit. c"],
                    ),
                ),
                _law_book(
                    "KI-VO",
                    (
                        Provision(
                            "KI-VO ErwG 1", "ErwG 1 KI-VO", "ki-vo", ("ErwG 1",), "Zweck der Verordnung.", Kind.KURZFASSUNG
                        ),
                        PROVISIONS["KI-VO Art. 50 Abs. 4"],
                    ),
                ),
            ],
        )
    )  # fmt: skip

    def lexical(self, query: str, lane: Lane, n: int) -> Sequence[Hit]:
        books = {Lane.LEITLINIE: (self.guideline_book,), Lane.RECHT: tuple(self.law.books(DAY))}.get(lane, ())
        places = (p for book in books for p in book.places.values() if query.lower() in p.text.lower())
        return [Hit(Passage(p.norm, lane, p.norm, p.heading, p.text), 1.0, "Wörter") for p in places][:n]


@dataclass
class FakeAssistant:
    """Satisfies ``AssistantApi``; ``seen`` are the questions asked, ``model`` a model's name or empty."""

    model: str = ""
    model_seconds: float = 0.0
    seconds: float = 0.0
    overview_: FakeOverview = field(default_factory=FakeOverview)
    seen: list[tuple[Question, str]] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    ahead: int = 0
    first_sentence: str = ""
    stopped: int = 0
    warmed: threading.Event = field(default_factory=threading.Event)
    closed: bool = False

    def answer(
        self,
        question: Question,
        *,
        engine: str = "auszug",
        attempt: Attempt | None = None,
        show: Callable[[Answer], None] | None = None,
    ) -> Answer:
        self.seen.append((question, engine))
        first = (question.text.split() or ["leer"])[0].strip(":").lower()
        if first == "kaputt":
            raise ValueError(f"etwas mit der Frage {question.text}")
        if first == "unlesbar":
            raise LeitplankeError(DAMAGED)
        if first == "warte":
            self.release.wait(20)
        if engine == "modell" and attempt is not None:
            if show is not None and self.first_sentence:
                show(replace(conditional(question), text=f"**Kopf.**\n\n{self.first_sentence}", written_by=self.model))
            self._word(attempt)
        time.sleep(0.0 if engine == "modell" else self.seconds)
        answer = OUTCOMES.get(first, conditional)(question)
        if engine == "modell" and self.model:
            text = f"Modelltext zu {question.text}: Ersetzen Sie zuerst alle Namen. [1]\n\nPrüfen Sie das Ergebnis. [2]"
            return replace(answer, text=text, written_by=self.model)
        return answer

    def _word(self, attempt: Attempt) -> None:
        """The time a model takes, unless it is stopped; ``ahead`` of others first."""
        attempt.ahead = self.ahead
        given_up = threading.Event()
        with attempt.waking(given_up.set):
            given_up.wait(self.model_seconds)
        self.stopped += attempt.stopped

    def changes(self, question: Question) -> Changes:
        mended = Change(
            Circumstance.OHNE_PERSONEN, f"{question.text} Ohne Namen.", Verdict.ERLAUBT, "platzhalter", XSS
        )  # fmt: skip
        return Changes((mended,), (Circumstance.FREIGEGEBEN,))

    def warm_model(self) -> None:
        self.warmed.set()

    def close(self) -> None:
        self.closed = True

    def has_model(self) -> bool:
        return bool(self.model)

    def provision(self, norm: str, as_of: dt.date) -> Provision | None:
        return PROVISIONS.get(norm)

    @contextmanager
    def pinned(self) -> Iterator[FakeShelf]:
        yield FakeShelf()

    def source(self, source_id: str) -> Source:
        for source in self.overview_.sources:
            if source.id == source_id:
                return source
        raise LeitplankeError(f"Unbekannte Quelle „{source_id}“.")

    def contacts(self) -> Mapping[str, FakeContact]:
        return CONTACTS

    def overview(self) -> FakeOverview:
        return self.overview_
