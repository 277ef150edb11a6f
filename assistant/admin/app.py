"""The application of the admin page: every route goes through one gate, so that none can be forgotten.

The gate (``_guarded``) checks in this order: sent by our own page, logged in, token of the form. Only what is marked
``public`` is served to people who are not logged in.
"""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from assistant.admin import guard
from assistant.admin.access import Session, same
from assistant.admin.office import ASSET_PREFIX, ASSETS, COOKIE, Office, Visit, go, with_session
from assistant.admin.pages import PLACES, Place
from assistant.errors import LeitplankeError
from assistant.web import shell

logger = logging.getLogger(__name__)

TOKEN = "formularschluessel"  # noqa: S105 - the name of the field, no secret
_FIELDS = 400
Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(office: Office) -> Starlette:
    """The application over one home."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(office.worker.close)

    async def unknown(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        line = "Diese Adresse gibt es hier nicht." if status == 404 else "So kann diese Adresse nicht aufgerufen werden."
        return office.refusal(_visit(office, request, None), status, "Nicht gefunden", line)

    routes: list[BaseRoute] = [Route(p.path, _guarded(office, p), methods=[p.method], name=p.path) for p in PLACES]
    routes += [
        Mount(shell.ASSET_PREFIX.rstrip("/"), StaticFiles(directory=shell.ASSETS)),
        Mount(ASSET_PREFIX.rstrip("/"), StaticFiles(directory=ASSETS)),
    ]
    uploads = frozenset(p.path for p in PLACES if p.upload)
    return Starlette(
        routes=routes, lifespan=lifespan, exception_handlers={404: unknown, 405: unknown},
        middleware=[Middleware(guard.Strict, uploads=uploads)],
    )  # fmt: skip


def _guarded(office: Office, place: Place) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        changing = place.method == "POST"
        visit = _visit(office, request, None)
        if changing and not guard.from_own_page(request.headers, _hosts(office, request)):
            return office.refusal(visit, 403, "Abgelehnt", "Die Anfrage kam nicht von einer Seite dieser Verwaltung.")
        token, session = _session(office, request, may_begin=not changing)
        visit = replace(visit, session=session)
        if token:
            try:
                await run_in_threadpool(office.log, visit, "Angemeldet über den Proxy")
            except LeitplankeError as error:
                return office.refusal(replace(visit, session=None), 400, "Das ging nicht", str(error))
        if session is None and not place.public:
            return go("/anmelden") if not changing else office.refusal(
                visit, 401, "Nicht angemeldet", "Die Anmeldung ist abgelaufen. Es wurde nichts gespeichert.", "/anmelden"
            )  # fmt: skip
        if changing:
            filled = await _filled(request, visit)
            if filled is None:
                return office.refusal(visit, 413, "Zu groß", "Die Eingabe ist zu groß oder unvollständig angekommen.")
            visit = filled
            if session is not None and not same(session.csrf, visit.one(TOKEN)):
                return office.refusal(visit, 403, "Abgelehnt", "Das Formular ist veraltet. Bitte die Seite neu öffnen.")
        try:
            answer = await run_in_threadpool(place.answer, office, visit)
        except LeitplankeError as error:
            answer = office.refusal(visit, 400, "Das ging nicht", " ".join(str(error).split()), place.back)
        except Exception as error:  # one broken page must not take the others down
            # The message could quote what was typed: only kind and place may reach the log.
            last = traceback.extract_tb(error.__traceback__)[-1]
            logger.error("unerwarteter Fehler auf %s: %s in %s:%s", place.path, type(error).__name__, last.filename, last.lineno)
            line = "Unerwarteter Fehler; das Protokoll des Servers nennt die Stelle. Veröffentlicht bleibt, was es war."
            answer = office.refusal(visit, 500, "Das ging nicht", line, place.back)
        return with_session(answer, token, visit) if token else answer

    return endpoint


def _visit(office: Office, request: Request, session: Session | None) -> Visit:
    address = request.client.host if request.client else ""
    secure = request.url.scheme == "https"
    if office.proxy is not None and office.proxy.trusts(address):
        secure = secure or request.headers.get("x-forwarded-proto", "") == "https"
        address = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip() or address
    return Visit(
        request.url.path, session, params={k: str(v) for k, v in request.path_params.items()},
        query=dict(request.query_params), token=request.cookies.get(COOKIE, ""), address=address, secure=secure,
    )  # fmt: skip


def _hosts(office: Office, request: Request) -> tuple[str, ...]:
    """The names this server is addressed by: the Host header, from a trusted proxy also the one it was asked for."""
    named = [request.headers.get("host", "")]
    if office.proxy is not None and office.proxy.trusts(request.client.host if request.client else ""):
        named.append(request.headers.get("x-forwarded-host", ""))
    return tuple(name for name in named if name)


def _session(office: Office, request: Request, *, may_begin: bool) -> tuple[str, Session | None]:
    """(token of a session that was begun just now or "", session or None)."""
    session = office.sessions.find(request.cookies.get(COOKIE, ""))
    vouched = ""
    if office.proxy is not None:
        vouched = office.proxy.name(request.client.host if request.client else "", request.headers)
    if session is not None and (not session.proxied or session.name == vouched):
        return "", session
    if vouched and may_begin:
        return office.sessions.begin(vouched, proxied=True)
    return "", None


async def _filled(request: Request, visit: Visit) -> Visit | None:
    """The visit with its form; None if that was too large or cut off."""
    try:
        async with request.form(max_files=1, max_fields=_FIELDS, max_part_size=guard.MAX_FORM) as sent:
            form: dict[str, list[str]] = {}
            upload = None
            for key, value in sent.multi_items():
                if isinstance(value, UploadFile):
                    upload = (value.filename or "", await value.read()) if value.filename else upload
                else:
                    form.setdefault(key, []).append(value)
    except (ClientDisconnect, MultiPartException, HTTPException):
        return None
    return replace(visit, form=form, upload=upload)
