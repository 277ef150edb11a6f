"""The generation that questions are answered from, replaced by another without making anybody wait for it.

The question that first sees another generation opens it and is answered from it; all others go on with the one that is
open until the new one is ready. What was replaced is closed by its last reader. One that cannot be opened changes
nothing: the one before is served, and it is tried again after a while.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.errors import LeitplankeError
from assistant.index.published import PublishedIndex

log = logging.getLogger(__name__)

TRY_AGAIN_S = 10.0
"""Long enough that a generation that cannot be opened costs hardly anything, short enough after it was mended."""


class _Held:
    """An opened generation with the number of questions using it."""

    def __init__(self, index: PublishedIndex) -> None:
        self.index, self.users, self.replaced = index, 0, False


class OpenedIndex:
    """Holds one generation open; safe to use from several threads. ``opening`` makes an index of a folder."""

    def __init__(self, opening: Callable[[Path], PublishedIndex]) -> None:
        self._opening = opening
        self._turn = threading.Condition()
        self._held: _Held | None = None
        self._busy = False
        self._refused: tuple[Path, float] | None = None

    @contextmanager
    def reading(self, published: Callable[[], Path]) -> Iterator[PublishedIndex]:
        """The generation in the folder that ``published`` names, or the one before while it is opened or cannot be.

        Raises what ``published`` raises, and LeitplankeError where it cannot be opened and there is none before it.
        """
        mine = self._take(published)
        try:
            yield mine.index
        finally:
            with self._turn:
                mine.users -= 1
                unused = mine.replaced and mine.users == 0
            if unused:
                mine.index.close()

    def _take(self, published: Callable[[], Path]) -> _Held:
        with self._turn:
            while self._held is None and self._busy:
                self._turn.wait()
            folder, held = published(), self._held
            if held is not None and held.index.folder == folder:
                self._refused = None
            if held is not None and (held.index.folder == folder or self._busy or self._just_refused(folder)):
                held.users += 1
                return held
            self._busy = True
        try:
            return self._replaced(held, self._open(folder, held))
        finally:
            with self._turn:
                self._busy = False
                self._turn.notify_all()

    def _just_refused(self, folder: Path) -> bool:
        if self._refused is None:
            return False
        refused, at = self._refused
        return refused == folder and time.monotonic() - at < TRY_AGAIN_S

    def refused(self, index: PublishedIndex) -> bool:
        """Whether ``index`` is read because the one that should be could not be opened."""
        refused = self._refused
        return refused is not None and refused[0] != index.folder

    def _open(self, folder: Path, before: _Held | None) -> _Held:
        """The generation, ready to be searched; or the one before it where it cannot be opened."""
        try:
            index = self._opening(folder)
            if before is not None:
                try:
                    index.warm()
                except LeitplankeError:
                    index.close()
                    raise
            return _Held(index)
        except LeitplankeError as error:
            if before is None:
                raise
            log.warning("Generation %s wird nicht verwendet, die vorige antwortet weiter: %s", folder.name, error)
            with self._turn:
                self._refused = (folder, time.monotonic())
            return before

    def _replaced(self, before: _Held | None, mine: _Held) -> _Held:
        """``mine``, with a reader more, from now on; one before it that nobody reads any more is closed."""
        unused: _Held | None = None
        with self._turn:
            mine.users += 1
            if mine is not before:
                self._held, self._refused = mine, None
                if before is not None:
                    before.replaced = True
                    unused = before if before.users == 0 else None
        if unused is not None:
            unused.index.close()
        return mine

    def close(self) -> None:
        """Close what is open, at once or with its last reader."""
        with self._turn:
            while self._busy:
                self._turn.wait()
            held, self._held = self._held, None
            if held is not None:
                held.replaced = True
            unused = held is not None and held.users == 0
        if held is not None and unused:
            held.index.close()
