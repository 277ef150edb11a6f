"""The search tester: how a question is read, what is found, and what would be answered – from any generation.

Nothing of it is kept or logged, and a question with personal data is refused as on the chat page.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from assistant.admin import generations
from assistant.admin.office import Office, Visit
from assistant.admin.pages.place import Place
from assistant.ask.check import clean_question
from assistant.ask.personal_data import find_personal_data
from assistant.ask.service import AssistantService
from assistant.ask.texts import STATUS_TEXT
from assistant.errors import LeitplankeError
from assistant.types import Lane, Question, Status
from assistant.web.reading import running_text

KEPT = 2
"""Generations held open: the published one and the one that is to be published."""
HITS = 6
CONSIDERED = 8
LANES = {
    Lane.REGELN: "Regeln und Beispielfragen", Lane.LEITLINIE: "Text der Leitlinie", Lane.RECHT: "Recht",
    Lane.ERWAEGUNGSGRUENDE: "Erwägungsgründe", Lane.ENGLISCH: "Englische Texte",
}  # fmt: skip


class _Opened:
    """Services by home and generation; the one unused for longest is closed. Asking is one at a time."""

    def __init__(self) -> None:
        self.guard = threading.Lock()
        self._kept: OrderedDict[tuple[Path, str], AssistantService] = OrderedDict()

    def service(self, home: Path, generation: str) -> AssistantService:
        key = (home, generation)
        if key not in self._kept:
            self._kept[key] = AssistantService.open(home, with_model=False, generation=generation)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)[1].close()
        self._kept.move_to_end(key)
        return self._kept[key]

    def close(self) -> None:
        """Let go of everything."""
        with self.guard:
            while self._kept:
                self._kept.popitem()[1].close()


OPENED = _Opened()


def _form(office: Office, visit: Visit) -> Response:
    return _page(office, visit, "", "", office.now().date())


def _try(office: Office, visit: Visit) -> Response:
    question, name = visit.one("eingabe").strip(), visit.one("generation")
    try:
        day = dt.date.fromisoformat(visit.one("tag") or office.now().date().isoformat())
    except ValueError:
        return _page(office, visit, question, name, office.now().date(), error="Tag: erwartet wird ein Datum (JJJJ-MM-TT).")
    try:
        text = clean_question(question)
        if find_personal_data(question):
            return _page(office, visit, question, name, day, error=STATUS_TEXT[Status.BLOCKIERT_PERSONENBEZUG])
        with OPENED.guard:
            found = _found(OPENED.service(office.home, name), text, day)
    except LeitplankeError as error:
        return _page(office, visit, question, name, day, error=str(error))
    return _page(office, visit, question, name, day, found=found)


def _found(service: AssistantService, text: str, day: dt.date) -> dict[str, Any]:
    question = Question(text, day)
    found, _ = service.consider(question)
    answer = service.answer(question)
    with service.pinned() as index:
        lanes = {LANES[lane]: index.search(found.reading.query, lane, HITS) for lane in Lane}
        titles = {rule.id: rule.title for rule in index.guideline.rules}
    return {
        "reading": found.reading, "match": found.match, "decision": found.decision, "answer": answer, "titles": titles,
        "text": Markup(running_text(answer.text)),  # noqa: S704 - escaped by our own renderer
        "considered": found.match.considered(CONSIDERED), "lanes": {name: hits for name, hits in lanes.items() if hits},
    }  # fmt: skip


def _page(
    office: Office, visit: Visit, question: str, name: str, day: dt.date, *, found: dict[str, Any] | None = None, error: str = ""
) -> Response:
    rows = [row for row in generations.built(office.index) if row.complete]
    chosen = name or next((row.name for row in rows if row.published), "")
    return office.page(
        visit, "suche.html", status=400 if error else 200, question=question, chosen=chosen, rows=rows, day=day, found=found,
        error=error,
    )  # fmt: skip


PLACES = (Place("GET", "/suche", _form), Place("POST", "/suche", _try, back="/suche"))
