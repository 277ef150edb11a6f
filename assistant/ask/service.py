"""One home opened for asking: the published generation, the embedder and, if there is one, the language model.

The pointer is read for every question: the first one after a publication opens the new generation and is answered from
it, others meanwhile still from the one before (``opened.py``). A question keeps the generation it began with.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.ask.change import Changes, what_would_change
from assistant.ask.check import showable
from assistant.ask.opened import OpenedIndex
from assistant.ask.pipeline import Considered, answer_question, consider
from assistant.corpus.addresses import Address
from assistant.corpus.law import Found
from assistant.corpus.tables import Contact
from assistant.errors import AddressError, CorpusError, LeitplankeError, ModelError, NoIndex
from assistant.index.generation import current_folder, generations
from assistant.index.published import PublishedIndex
from assistant.models.embedder import open_embedder
from assistant.models.line import Attempt, AttendedGenerator, OnBehalf
from assistant.settings import Settings, read_settings
from assistant.types import Answer, Embedder, GuidelineInfo, Note, Provision, Question, Source, Status

log = logging.getLogger(__name__)

EXAMPLES = (
    "Darf ich eine interne Rundmail mit dem städtischen Sprachmodell entwerfen?",
    "Kann ich die E-Mail einer Bürgerin in ChatGPT einfügen?",
    "Muss ich ein KI-Bild auf der Homepage kennzeichnen?",
    "Was steht in Art. 50 Abs. 4 KI-VO?",
)

NOTE_STOPPED = (
    "Das Ausformulieren wurde abgebrochen. Die Antwort oben ist vollständig; nur die ausformulierte Fassung fehlt."
)

NOTE_BEFORE = (
    "Die zuletzt veröffentlichte Fassung der Quellen lässt sich nicht öffnen; diese Antwort kommt aus der vorigen. Bitte "
    "der Administration melden."
)


@dataclass(frozen=True, slots=True)
class Overview:
    """What is installed, for the page and ``doctor``."""

    guideline: GuidelineInfo
    guideline_note: str
    generation: str
    sources: tuple[Source, ...]
    official: bool
    examples: tuple[str, ...]


class AssistantService:
    """Answers questions for one home; safe to use from several threads.

    With ``generation``, a name such as "g-20261122-174500-000001", it answers from that one, whatever is published.
    """

    def __init__(
        self,
        home: Path,
        settings: Settings,
        embedder: Embedder,
        generator: AttendedGenerator | None,
        generation: str | None = None,
    ) -> None:
        self.home, self.settings, self._generation = home, settings, generation
        self._generator = generator
        self._opened = OpenedIndex(lambda folder: PublishedIndex(folder, embedder))

    @classmethod
    def open(cls, home: Path, *, with_model: bool = True, generation: str | None = None) -> AssistantService:
        """Open a home, on the published generation or on the named one.

        Raises LeitplankeError with one German line where it cannot answer at all.
        """
        settings = read_settings(home)
        embedder = open_embedder(home, settings.embedder)
        generator: AttendedGenerator | None = None
        if with_model:
            from assistant.models.generator import open_generator

            generator = open_generator(home, settings)
        service = cls(home, settings, embedder, generator, generation)
        with service.pinned():
            return service

    @contextmanager
    def pinned(self) -> Iterator[PublishedIndex]:
        """The published generation (or the one that was named), held open until the block ends.

        The one before it while another question opens the new one, and where that cannot be opened.
        """
        with self._opened.reading(self._folder) as index:
            yield index

    def _folder(self) -> Path:
        index = self.home / "index"
        if self._generation is None:
            return current_folder(index)
        if self._generation not in (present := generations(index)):
            raise NoIndex(f"Generation „{self._generation}“ gibt es nicht. Vorhanden: {', '.join(present) or 'keine'}.")
        return index / self._generation

    def answer(
        self,
        question: Question,
        *,
        engine: str = "auszug",
        attempt: Attempt | None = None,
        show: Callable[[Answer], None] | None = None,
    ) -> Answer:
        """The answer; failures are its status. ``engine="modell"`` words it with the local model where there is one.

        ``attempt`` shows from another thread how long the line before the model is, and can end the wording; ``show``
        is given every proven state of the wording while the model writes.
        """
        try:
            with self.pinned() as index:
                answer = answer_question(question, index)
                if self._opened.refused(index):
                    answer = replace(answer, notes=(*answer.notes, Note("vorige_fassung", NOTE_BEFORE)))
                if engine != "modell" or answer.status is not Status.BEANTWORTET:
                    return answer
                if self.settings.modell_regelwahl and self._generator is not None:
                    from assistant.ask.choice import stricter_answer

                    model = OnBehalf(self._generator, attempt or Attempt())
                    answer = stricter_answer(question, answer, index, model)
                texts = {c.norm: p.text for c in answer.citations if (p := self._place(index, c.norm, answer.as_of))}
        except LeitplankeError as error:
            blank = GuidelineInfo("", "", False)
            return Answer(showable(question.text), Status.FEHLER, question.as_of, str(error), blank, "")
        return self._worded(answer, texts, attempt or Attempt(), show)

    def _worded(
        self,
        answer: Answer,
        texts: Mapping[str, str],
        attempt: Attempt,
        show: Callable[[Answer], None] | None,
    ) -> Answer:
        from assistant.ask.wording import word_answer

        if self._generator is None:
            note = Note(
                "kein_modell",
                "Es ist kein Sprachmodell eingerichtet; die Antwort ist aus den Quellen zusammengestellt.",
            )
            return replace(answer, notes=(*answer.notes, note))
        worded = word_answer(answer, OnBehalf(self._generator, attempt), texts, self.settings, show=show)
        if attempt.stopped and worded.written_by == answer.written_by:
            return replace(answer, notes=(*answer.notes, Note("modell_abgebrochen", NOTE_STOPPED)))
        return worded

    def consider(self, question: Question) -> tuple[Considered, str]:
        """Reading, matched rules and decision without composing; and the generation."""
        with self.pinned() as index:
            return consider(question, index), index.generation

    def changes(self, question: Question) -> Changes:
        """Which circumstances would change the verdict on ``question``; raises LeitplankeError without an index."""
        with self.pinned() as index:
            return what_would_change(question, index)

    @staticmethod
    def _place(index: PublishedIndex, norm: str, as_of: dt.date) -> Provision | None:
        own = index.guideline_book.places.get(norm)
        if own is not None:
            return own
        try:
            found = index.law.find(index.law.acts.parse(norm), as_of)
        except AddressError:
            return None
        return found.provision if found is not None and found.exact else None

    def provision(self, norm: str, as_of: dt.date) -> Provision | None:
        """The full text of a norm as it stands on that day, or None if it is not there."""
        with self.pinned() as index:
            return self._place(index, norm, as_of)

    def find(self, written: str, as_of: dt.date) -> tuple[Address, Found | None, str | None]:
        """For ``show``: the address, what was found, and a sentence if the place does not exist. Raises AddressError."""
        with self.pinned() as index:
            address = index.law.acts.parse(written)
            return address, index.law.find(address, as_of), index.law.missing(address, as_of)

    def source(self, source_id: str) -> Source:
        """The act or guideline with this id. Raises CorpusError for an unknown one."""
        return next((s for s in self.overview().sources if s.id == source_id), None) or self._unknown(source_id)

    @staticmethod
    def _unknown(source_id: str) -> Source:
        raise CorpusError(f"Die Quelle „{source_id}“ ist im veröffentlichten Index nicht enthalten.")

    def contacts(self) -> Mapping[str, Contact]:
        """Offices by key."""
        with self.pinned() as index:
            return index.guideline.contacts

    def overview(self) -> Overview:
        """What is installed at this moment."""
        with self.pinned() as index:
            books = {b.source.short: b.source for b in index.law.digests.values()}
            for short, states in index.law.official.items():
                books[short] = states[-1].source
            return Overview(
                index.guideline.info, index.guideline.note, index.generation,
                (index.guideline_book.source, *books.values()), index.law.has_official, EXAMPLES,
            )  # fmt: skip

    def has_model(self) -> bool:
        """Whether a local language model can word answers."""
        return self._generator is not None

    def warm_model(self) -> None:
        """Load the model and let it read what stands before every question, so that nobody waits for either.

        Takes as long as that takes; a model that cannot be used is one line in the log and is tried again later.
        """
        if self._generator is None:
            return
        from assistant.ask.prompt import fixed_part

        try:
            self._generator.start()
            pieces = self._generator.stream([("system", fixed_part()), ("user", "Bereit?")], max_tokens=1)
            for _ in pieces:
                pass
        except ModelError as error:
            log.warning("Sprachmodell: %s", error)

    def close(self) -> None:
        """Release the index and stop the model's process."""
        self._opened.close()
        if self._generator is not None:
            self._generator.close()


def open_without_broken_model(home: Path) -> tuple[AssistantService, str]:
    """The service, without the model where that cannot be used; and the line that says why (or "")."""
    try:
        return AssistantService.open(home), ""
    except ModelError as error:
        return AssistantService.open(home, with_model=False), str(error)
