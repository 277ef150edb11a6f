"""What every page of the administration shares: the home, the clock, the log, long work, templates, and one visit."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from assistant.admin.access import Proxy, Session, Sessions, Throttle
from assistant.admin.journal import Journal
from assistant.admin.work import Stage, Work, Worker
from assistant.web import shell

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
ASSET_PREFIX = "/verwaltung/"
COOKIE = "leitplanke-verwaltung"

MENU: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("", (("/", "Übersicht"),)),
    ("Pflegen", (
        ("/regeln", "Regeln"), ("/leitlinie", "Angaben zur Leitlinie"), ("/kontakte", "Kontakte"),
        ("/positivliste", "Positivliste"), ("/begriffe", "Begriffe"), ("/einspielen", "Einspielen"), ("/entwuerfe", "Entwürfe"),
    )),
    ("Herausgeben", (("/bauen", "Bauen"), ("/bericht", "Änderungsbericht"), ("/veroeffentlichen", "Veröffentlichen"))),
    ("Betreiben", (("/suche", "Suche testen"), ("/wartung", "Wartung"), ("/protokoll", "Protokoll"))),
)  # fmt: skip

MESSAGES: Mapping[str, str] = {
    "gespeichert": "Gespeichert. In den Antworten steht es erst, wenn ein neuer Index gebaut und veröffentlicht ist.",
    "geloescht": "Gelöscht. In den Antworten fehlt es erst, wenn ein neuer Index gebaut und veröffentlicht ist.",
    "gemerkt": "Zwischengespeichert. Eine Regel ist der Entwurf damit noch nicht.",
    "verworfen": "Der Entwurf ist gelöscht.",
    "zurueck": "Die frühere Generation ist wieder veröffentlicht. Die Chatseite antwortet ab sofort danach.",
    "wartung-an": "Eingeschaltet. Die Chatseite zeigt den Hinweis ab sofort.",
    "wartung-aus": "Ausgeschaltet. Die Chatseite arbeitet wieder wie gewohnt.",
    "abgemeldet": "Sie sind abgemeldet.",
}
"""What a page says after a redirect, by the code in its address."""


@dataclass(frozen=True)
class Visit:
    """One request of a person who is logged in (``session`` is None only on public pages)."""

    path: str
    session: Session | None
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, Sequence[str]] = field(default_factory=dict)
    upload: tuple[str, bytes] | None = None
    token: str = ""
    address: str = ""
    secure: bool = False

    @property
    def name(self) -> str:
        """Who it is, for the log."""
        return self.session.name if self.session else ""

    def one(self, key: str) -> str:
        """A single field of the form, with plain line feeds; "" where it is missing."""
        return next(iter(self.form.get(key, ())), "").replace("\r\n", "\n").replace("\r", "\n")

    def lines(self, key: str) -> tuple[str, ...]:
        """A field with one entry a line; empty lines count for nothing."""
        return tuple(line.strip() for line in self.one(key).split("\n") if line.strip())

    def many(self, key: str) -> tuple[str, ...]:
        """The ticked boxes of one name."""
        return tuple(self.form.get(key, ()))


class Office:
    """The shared state of one running admin page."""

    def __init__(
        self, home: Path, now: Callable[[], dt.datetime], *, stored_hash: str | None, proxy: Proxy | None,
        sessions: Sessions | None = None, throttle: Throttle | None = None,
    ) -> None:  # fmt: skip
        self.home, self.now, self.stored_hash, self.proxy = home, now, stored_hash, proxy
        self.sessions, self.throttle = sessions or Sessions(), throttle or Throttle()
        self.journal = Journal(home)
        self.worker = Worker(home, self._log_end)

    @property
    def corpus(self) -> Path:
        """Where guideline and law lie."""
        return self.home / "corpus"

    @property
    def index(self) -> Path:
        """Where the generations lie."""
        return self.home / "index"

    @contextmanager
    def doing(self, visit: Visit, what: str) -> Iterator[None]:
        """Around a change: it is logged once it succeeded, and not begun where the log cannot be written."""
        self.journal.check()
        yield
        self.log(visit, what)

    def log(self, visit: Visit, what: str) -> None:
        """One line in the log. Raises LeitplankeError if that is impossible."""
        self.journal.add(self.now(), visit.name or "(nicht angemeldet)", what)

    def _log_end(self, work: Work) -> None:
        detail = str(work.result.get("generation", "")) if work.stage is Stage.FERTIG else work.error
        self.journal.add(self.now(), work.who, f"{work.title}: {work.stage.value}{f' ({detail})' if detail else ''}")

    # --- answers

    @cached_property
    def _templates(self) -> Environment:
        made = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        made.globals.update(menu=MENU, look=shell.asset, own=_own_asset, work=lambda: self.worker.work)
        made.filters["tag"] = _day
        made.filters["zeit"] = _time
        made.filters["zahl"] = lambda number: f"{number:,}".replace(",", ".")
        return made

    def page(self, visit: Visit, template: str, *, status: int = 200, policy: str = "", **values: Any) -> Response:
        """A whole page. ``values`` are text: the templates escape them."""
        message = MESSAGES.get(visit.query.get("meldung", ""), "")
        context = {"error": "", **values, "visit": visit, "session": visit.session, "message": message}
        html = self._templates.get_template(template).render(context)
        return HTMLResponse(html, status, {"content-security-policy": policy} if policy else None)

    def refusal(self, visit: Visit, status: int, heading: str, line: str, back: str = "/") -> Response:
        """A page that says in one line why not."""
        return self.page(visit, "meldung.html", status=status, heading=heading, line=line, back=back)


def go(target: str, message: str = "") -> Response:
    """To another page after something was done; ``message`` is a key of ``MESSAGES``."""
    return RedirectResponse(f"{target}{'&' if '?' in target else '?'}meldung={message}" if message else target, 303)


def with_session(answer: Response, token: str, visit: Visit) -> Response:
    """The answer with the cookie of a session that begins."""
    answer.set_cookie(COOKIE, token, path="/", secure=visit.secure, httponly=True, samesite="strict")
    return answer


def without_session(answer: Response, visit: Visit) -> Response:
    """The answer that takes the cookie away."""
    answer.delete_cookie(COOKIE, path="/", secure=visit.secure, httponly=True, samesite="strict")
    return answer


def _own_asset(name: str) -> str:
    return f"{ASSET_PREFIX}{name}?v={hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]}"


def _day(value: dt.date | str | None) -> str:
    if isinstance(value, str):
        value = dt.date.fromisoformat(value[:10])
    return f"{value:%d.%m.%Y}" if value else ""


def _time(value: dt.datetime | str) -> str:
    try:
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    return f"{moment:%d.%m.%Y, %H:%M} Uhr"
