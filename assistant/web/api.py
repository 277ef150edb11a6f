"""What the page needs from the rest of the program, as structural types.

The page knows nothing of indexes, embedders or models: whoever answers questions satisfies ``AssistantApi``; the tests
use a fake. ``Contact`` and ``Overview`` are Protocols too, so that the answering side keeps its own values.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from assistant.ask.change import Changes
from assistant.corpus.books import Book
from assistant.corpus.law import Law
from assistant.corpus.rules import Guideline
from assistant.models.line import Attempt
from assistant.types import Answer, GuidelineInfo, Hit, Lane, Provision, Question, Source


class Contact(Protocol):
    """An office a clerk can turn to; ``placeholder`` while the town has not entered its own."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def task(self) -> str: ...

    @property
    def mail(self) -> str: ...

    @property
    def phone(self) -> str: ...

    @property
    def room(self) -> str: ...

    @property
    def placeholder(self) -> bool: ...


class Overview(Protocol):
    """What is installed: the guideline, the law, the published generation, example questions for the box."""

    @property
    def guideline(self) -> GuidelineInfo: ...

    @property
    def guideline_note(self) -> str: ...

    @property
    def generation(self) -> str: ...

    @property
    def sources(self) -> tuple[Source, ...]: ...

    @property
    def official(self) -> bool: ...

    @property
    def examples(self) -> tuple[str, ...]: ...


class Shelf(Protocol):
    """One published generation to read in: the guideline, the law, and the search by words."""

    @property
    def generation(self) -> str: ...

    @property
    def guideline(self) -> Guideline: ...

    @property
    def guideline_book(self) -> Book: ...

    @property
    def law(self) -> Law: ...

    def lexical(self, query: str, lane: Lane, n: int) -> Sequence[Hit]: ...


class AssistantApi(Protocol):
    """Answers questions and shows sources. All methods are safe to call from several threads at once."""

    def answer(
        self,
        question: Question,
        *,
        engine: str = "auszug",
        attempt: Attempt | None = None,
        show: Callable[[Answer], None] | None = None,
    ) -> Answer:
        """The answer; failures are its status. ``engine="modell"`` words it with the local model (up to a minute).

        ``attempt`` then tells how many are before it, and ends it when stopped; ``show`` is called in the same thread
        with the answer as far as it is written and proven.
        """
        ...

    def changes(self, question: Question) -> Changes:
        """Which circumstances would change the verdict on ``question``; a few times as long as an answer."""
        ...

    def warm_model(self) -> None:
        """Load the language model, if there is one, before the first question needs it; takes up to minutes."""
        ...

    def close(self) -> None:
        """The page has ended: release the index and the model's process."""
        ...

    def has_model(self) -> bool:
        """Whether a local language model can word answers."""
        ...

    def provision(self, norm: str, as_of: dt.date) -> Provision | None:
        """The full text of a norm as it stands on that day, or None if it is not installed."""
        ...

    def pinned(self) -> AbstractContextManager[Shelf]:
        """The published generation, held open until the block ends. Raises LeitplankeError if there is none."""
        ...

    def source(self, source_id: str) -> Source:
        """The act or guideline with this id. Raises LeitplankeError for an unknown one."""
        ...

    def contacts(self) -> Mapping[str, Contact]:
        """Offices by their key in ``corpus/kontakte.toml``."""
        ...

    def overview(self) -> Overview:
        """What is installed at this moment; cheap enough to be asked on every page load."""
        ...
