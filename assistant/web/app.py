"""The web application: our own routes first, then Gradio's page for the chat, everything behind ``security``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from assistant.errors import LeitplankeError
from assistant.types import Kind, Provision
from assistant.web import acts, guideline, note, texts
from assistant.web.api import AssistantApi, Shelf
from assistant.web.chat import Chat, import_gradio, system_theme
from assistant.web.desk import Backend, Desk, State
from assistant.web.markup import escape
from assistant.web.notefile import media_type, write
from assistant.web.paths import norm_from_path
from assistant.web.provisions import known_source, message_page, provision_page
from assistant.web.reading import MAX_QUERY
from assistant.web.shell import ASSET_PREFIX, ASSETS

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

CONCURRENT = 8
"""Questions computed at the same time, as the setting ``gleichzeitig``."""
_QUEUED = 200
_SESSIONS = 200
_EVENT_SLOTS = 64
"""Events Gradio works on at once; they mostly wait (for the index, for the model), ``Desk`` bounds the computing."""
_THREADS = 8


def create_app(api: AssistantApi, *, today: Callable[[], dt.date], concurrent: int = CONCURRENT) -> FastAPI:
    """The application over an assistant that is already loaded. ``today`` gives the day answers are asked for."""
    return build_app(Backend(api), today=today, concurrent=concurrent)


def build_app(backend: Backend, *, today: Callable[[], dt.date], concurrent: int = CONCURRENT) -> FastAPI:
    """The application over an assistant that may still be loading."""
    gradio = import_gradio()
    from fastapi import FastAPI
    from fastapi.concurrency import run_in_threadpool
    from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
    from fastapi.staticfiles import StaticFiles
    from starlette.requests import ClientDisconnect

    from assistant.web.security import Hardened

    app = FastAPI(title="Leitplanke", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Hardened)
    mentions = acts.Mentions()

    def gesundheit(request: Request) -> JSONResponse:
        status, body = health(backend)
        return JSONResponse(body, status_code=status)

    def recht(request: Request) -> HTMLResponse:
        asked = {name: request.query_params.get(name, "") for name in ("stand", "von", "bis")}
        status, page = law_page(backend, request.path_params["path"], **asked, today=today(), mentions=mentions)
        return HTMLResponse(page, status_code=status)

    def leitlinie(request: Request) -> HTMLResponse:
        status, page = reading_page(backend, guideline.guideline_page, request.query_params.get("suche", ""))
        return HTMLResponse(page, status_code=status)

    def recht_liste(request: Request) -> HTMLResponse:
        listed = partial(_acts_page, day=today())
        status, page = reading_page(backend, listed, request.query_params.get("suche", ""))
        return HTMLResponse(page, status_code=status)

    async def vermerk(request: Request) -> Response:
        try:
            body = await request.body()
        except ClientDisconnect:  # gone, or cut off because it sent too much
            return PlainTextResponse("Die Anfrage ist zu groß oder unvollständig.\n", status_code=413)
        status, content, headers = await run_in_threadpool(note_response, body, today())
        return Response(content, status, headers)

    app.add_route(note.ADDRESS, vermerk, methods=["POST"])
    app.add_route("/gesundheit", gesundheit, methods=["GET"])
    app.add_route(guideline.ADDRESS, leitlinie, methods=["GET"])
    app.add_route(acts.ADDRESS, recht_liste, methods=["GET"])
    app.add_route("/recht/{path:path}", recht, methods=["GET"])
    app.mount(ASSET_PREFIX.rstrip("/"), StaticFiles(directory=ASSETS))
    return _with_chat(app, gradio, Chat(gradio, Desk(backend, today, concurrent=concurrent)))


def _with_chat(app: FastAPI, gradio: object, chat: Chat) -> FastAPI:
    """Gradio mounted with everything off that the page does not use."""
    blocks = chat.blocks
    blocks.state_session_capacity = _SESSIONS
    # ``queue`` takes its number of slots from ``max_threads``; the threads themselves are bounded afterwards.
    blocks.max_threads = _EVENT_SLOTS
    blocks.queue(default_concurrency_limit=CONCURRENT, max_size=_QUEUED, api_open=False)
    blocks.max_threads = _THREADS
    mounted: FastAPI = gradio.mount_gradio_app(  # type: ignore[attr-defined]
        app, blocks, path="/", theme=system_theme(gradio), footer_links=[], run_history=False, show_error=False,
        max_file_size="1b", allowed_paths=[], blocked_paths=["/"], enable_monitoring=False, pwa=False, ssr_mode=False,
        mcp_server=False, favicon_path=None, app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
    )  # fmt: skip
    return mounted


def health(backend: Backend) -> tuple[int, dict[str, object]]:
    """HTTP status and body of the health endpoint: what is installed, nothing of what was asked."""
    api = backend.api
    if api is None:
        return 503, {"bereit": False, "zustand": backend.state.value}
    try:
        overview = api.overview()
    except LeitplankeError:
        return 503, {"bereit": False, "zustand": State.FEHLER.value}
    guideline = overview.guideline
    return 200, {
        "bereit": True,
        "zustand": State.BEREIT.value,
        "generation": overview.generation,
        "leitlinie": {"titel": guideline.title, "fassung": guideline.version, "beschlossen": guideline.adopted},
        "amtliche_texte": overview.official,
        "modell": api.has_model(),
    }


def note_response(body: bytes, day: dt.date) -> tuple[int, bytes, dict[str, str]]:
    """HTTP status, bytes and headers for a note that the page asks for with its form."""
    try:
        request = note.read_request(body)
    except LeitplankeError as error:
        return 400, f"{error}\n".encode(), {"content-type": "text/plain; charset=utf-8"}
    name = note.file_name(request, day)
    headers = {"content-type": media_type(request.form), "content-disposition": f'attachment; filename="{name}"'}
    return 200, write(request, day), headers


def reading_page(backend: Backend, page: Callable[[Shelf, str], str], query: str) -> tuple[int, str]:
    """HTTP status and page that ``page`` makes of the published generation and a search, which may be anything."""
    api = backend.api
    if api is None:
        return 503, message_page("Noch nicht bereit", str(backend.error or texts.NOT_YET))
    try:
        with api.pinned() as shelf:
            return 200, page(shelf, " ".join(query[:MAX_QUERY].split()))
    except LeitplankeError as error:
        return 404, message_page("Nicht gefunden", str(error))


def _acts_page(shelf: Shelf, query: str, *, day: dt.date) -> str:
    return acts.acts_page(shelf, day, query)


def law_page(
    backend: Backend, path: str, *, stand: str, von: str, bis: str, today: dt.date, mentions: acts.Mentions | None = None
) -> tuple[int, str]:
    """HTTP status and page for ``/recht/<path>``; the query strings are taken as they come and may be nonsense."""
    api = backend.api
    if api is None:
        return 503, message_page("Noch nicht bereit", str(backend.error or texts.NOT_YET))
    day = _day(stand) or today
    try:
        with api.pinned() as shelf:
            act = acts.act_of_path(path, shelf)
            contents = acts.act_page(shelf, act, day) if act else None
        if contents is not None:
            return 200, contents
        norm = norm_from_path(path, _short_names(api))
        provision = api.provision(norm, day) if norm else None
        if provision is None:
            return 404, message_page("Nicht gefunden", texts.NO_PROVISION.format(path[:120]))
        above, links = _around(api, provision, day, mentions or acts.Mentions())
    except LeitplankeError as error:
        return 404, message_page("Nicht gefunden", str(error))
    span = _span(von, bis, len(provision.text))
    source = known_source(api, provision.source)
    return 200, provision_page(provision, source, day, span, above=above, links=links)


def _around(api: AssistantApi, provision: Provision, day: dt.date, mentions: acts.Mentions) -> tuple[str, str]:
    """The link to the page a provision belongs to, and its cross-references."""
    if provision.kind is Kind.LEITLINIE:
        target = guideline.rule_address(guideline.anchor(provision.norm))
        return f'<p class="lp-pfad"><a href="{escape(target)}">In der Leitlinie lesen</a></p>', ""
    with api.pinned() as shelf:
        short = shelf.law.acts.parse(provision.norm).source
        links = mentions.shown(shelf, provision, day)
    up = f'<a href="{acts.ADDRESS}">Recht</a> › <a href="{escape(acts.act_path(short))}">{escape(short)}</a>'
    return f'<p class="lp-pfad">{up}</p>', links


def _short_names(api: AssistantApi) -> list[str]:
    return [*(source.short for source in api.overview().sources), "KI-Leitlinie"]


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _span(von: str, bis: str, length: int) -> tuple[int, int] | None:
    if not (von.isascii() and von.isdigit() and bis.isascii() and bis.isdigit()) or max(len(von), len(bis)) > 9:
        return None
    start, end = int(von), int(bis)
    return (start, end) if start < end <= length else None
