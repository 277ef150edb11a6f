"""The web application: our own routes first, then Gradio's page for the chat, everything behind ``security``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import LeitplankeError
from assistant.types import Kind, Provision
from assistant.web import acts, guideline, information, note
from assistant.web.api import AssistantApi, Shelf
from assistant.web.appearance import Town, read_appearance
from assistant.web.chat import Chat, import_gradio, system_theme
from assistant.web.desk import Backend, Desk, State
from assistant.web.installed import installed_in
from assistant.web.markup import escape
from assistant.web.notefile import media_type, write
from assistant.web.paths import norm_from_path
from assistant.web.provisions import known_source, message_page, provision_page
from assistant.web.reading import MAX_QUERY
from assistant.web.shell import ASSET_PREFIX, ASSETS, COLOURS, LANGUAGES, PLAIN, Frame

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


@dataclass(frozen=True)
class Site:
    """What of the home the page shows besides answers: the town's looks, and what is installed (asked at each view)."""

    town: Town = field(default_factory=Town)
    installed: Callable[[], information.Installed] = information.Installed


def site_of(home: Path) -> Site:
    """What the page shows of a home. Raises CorpusError where ``corpus/erscheinung.toml`` cannot be used."""
    return Site(read_appearance(home / "corpus"), partial(installed_in, home))


def create_app(
    api: AssistantApi, *, today: Callable[[], dt.date], concurrent: int = CONCURRENT, site: Site | None = None
) -> FastAPI:
    """The application over an assistant that is already loaded. ``today`` gives the day answers are asked for."""
    return build_app(Backend(api), today=today, concurrent=concurrent, site=site)


def build_app(
    backend: Backend, *, today: Callable[[], dt.date], concurrent: int = CONCURRENT, site: Site | None = None
) -> FastAPI:
    """The application over an assistant that may still be loading."""
    gradio = import_gradio()
    from fastapi import FastAPI
    from fastapi.concurrency import run_in_threadpool
    from fastapi.responses import JSONResponse, PlainTextResponse, Response
    from fastapi.staticfiles import StaticFiles
    from starlette.requests import ClientDisconnect

    from assistant.web.security import Hardened

    site = site or Site()
    frames = {language: Frame(words, site.town) for language, words in LANGUAGES.items()}
    app = FastAPI(title="Leitplanke", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Hardened, frames=frames)

    def gesundheit(request: Request) -> JSONResponse:
        status, body = health(backend)
        return JSONResponse(body, status_code=status)

    async def vermerk(request: Request) -> Response:
        try:
            body = await request.body()
        except ClientDisconnect:  # gone, or cut off because it sent too much
            return PlainTextResponse("Die Anfrage ist zu groß oder unvollständig.\n", status_code=413)
        status, content, headers = await run_in_threadpool(note_response, body, today())
        return Response(content, status, headers)

    app.add_route(note.ADDRESS, vermerk, methods=["POST"])
    app.add_route("/gesundheit", gesundheit, methods=["GET"])
    mentions = acts.Mentions()
    for frame in frames.values():
        _add_pages(app, backend, frame, site, today, mentions)
    _add_looks(app, site.town)
    app.mount(ASSET_PREFIX.rstrip("/"), StaticFiles(directory=ASSETS))
    desk = Desk(backend, today, concurrent=concurrent)
    # The German one comes last: it is mounted at the root, where it would swallow all others.
    for frame in reversed(frames.values()):
        app = _with_chat(app, gradio, Chat(gradio, desk, frame.words), frame)
    return app


def _add_pages(
    app: FastAPI,
    backend: Backend,
    frame: Frame,
    site: Site,
    today: Callable[[], dt.date],
    mentions: acts.Mentions,
) -> None:
    """The pages to read in, in one language."""
    from fastapi.responses import HTMLResponse, RedirectResponse, Response

    def recht(request: Request) -> Response:
        asked = {name: request.query_params.get(name, "") for name in ("stand", "von", "bis")}
        path = request.path_params["path"]
        status, page = law_page(backend, path, **asked, today=today(), mentions=mentions, frame=frame)
        return HTMLResponse(page, status_code=status)

    def leitlinie(request: Request) -> Response:
        page_of = partial(guideline.guideline_page, frame=frame)
        status, page = reading_page(backend, page_of, request.query_params.get("suche", ""), frame)
        return HTMLResponse(page, status_code=status)

    def recht_liste(request: Request) -> Response:
        listed = partial(_acts_page, day=today(), frame=frame)
        status, page = reading_page(backend, listed, request.query_params.get("suche", ""), frame)
        return HTMLResponse(page, status_code=status)

    def auskunft(request: Request) -> Response:
        path = request.url.path.removeprefix(frame.words.prefix)
        return HTMLResponse(information.page(path, frame, backend.api, site.installed, today()))

    def anfang(request: Request) -> Response:
        return RedirectResponse(frame.address("/"))

    app.add_route(frame.address(guideline.ADDRESS), leitlinie, methods=["GET"])
    app.add_route(frame.address(acts.ADDRESS), recht_liste, methods=["GET"])
    app.add_route(frame.address("/recht/{path:path}"), recht, methods=["GET"])
    for address in information.ADDRESSES:
        app.add_route(frame.address(address), auskunft, methods=["GET"])
    if frame.words.prefix:
        app.add_route(frame.words.prefix, anfang, methods=["GET"])


def _add_looks(app: FastAPI, town: Town) -> None:
    """The town's colours and coat of arms, where it has set some."""
    from fastapi.responses import Response

    def farben(request: Request) -> Response:
        return Response(town.css(), media_type="text/css")

    def wappen(request: Request) -> Response:
        return Response(
            town.crest.content if town.crest else b"", media_type=town.crest.media_type if town.crest else None
        )

    if town.css():
        app.add_route(COLOURS, farben, methods=["GET"])
    if town.crest:
        app.add_route(ASSET_PREFIX + town.crest.name, wappen, methods=["GET"])


def _with_chat(app: FastAPI, gradio: object, chat: Chat, frame: Frame) -> FastAPI:
    """Gradio mounted in one language, with everything off that the page does not use."""
    blocks = chat.blocks
    blocks.state_session_capacity = _SESSIONS
    # ``queue`` takes its number of slots from ``max_threads``; the threads themselves are bounded afterwards.
    blocks.max_threads = _EVENT_SLOTS
    blocks.queue(default_concurrency_limit=CONCURRENT, max_size=_QUEUED, api_open=False)
    blocks.max_threads = _THREADS
    mounted: FastAPI = gradio.mount_gradio_app(  # type: ignore[attr-defined]
        app, blocks, path=frame.address("/"), theme=system_theme(gradio), footer_links=[], run_history=False, show_error=False,
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


def reading_page(
    backend: Backend, page: Callable[[Shelf, str], str], query: str, frame: Frame = PLAIN
) -> tuple[int, str]:
    """HTTP status and page that ``page`` makes of the published generation and a search, which may be anything."""
    api = backend.api
    if api is None:
        return 503, message_page(frame.words.not_ready, str(backend.error or frame.words.not_yet), frame)
    try:
        with api.pinned() as shelf:
            return 200, page(shelf, " ".join(query[:MAX_QUERY].split()))
    except LeitplankeError as error:
        return 404, message_page(frame.words.not_found, str(error), frame)


def _acts_page(shelf: Shelf, query: str, *, day: dt.date, frame: Frame) -> str:
    return acts.acts_page(shelf, day, query, frame)


def law_page(
    backend: Backend,
    path: str,
    *,
    stand: str,
    von: str,
    bis: str,
    today: dt.date,
    mentions: acts.Mentions | None = None,
    frame: Frame = PLAIN,
) -> tuple[int, str]:
    """HTTP status and page for ``/recht/<path>``; the query strings are taken as they come and may be nonsense."""
    api = backend.api
    if api is None:
        return 503, message_page(frame.words.not_ready, str(backend.error or frame.words.not_yet), frame)
    day = _day(stand) or today
    try:
        with api.pinned() as shelf:
            act = acts.act_of_path(path, shelf)
            contents = acts.act_page(shelf, act, day, frame) if act else None
        if contents is not None:
            return 200, contents
        norm = norm_from_path(path, _short_names(api))
        provision = api.provision(norm, day) if norm else None
        if provision is None:
            return 404, message_page(frame.words.not_found, frame.words.no_provision.format(path[:120]), frame)
        above, links = _around(api, provision, day, mentions or acts.Mentions(), frame)
    except LeitplankeError as error:
        return 404, message_page(frame.words.not_found, str(error), frame)
    span = _span(von, bis, len(provision.text))
    source = known_source(api, provision.source)
    return 200, provision_page(provision, source, day, span, above=above, links=links, frame=frame)


def _around(
    api: AssistantApi, provision: Provision, day: dt.date, mentions: acts.Mentions, frame: Frame
) -> tuple[str, str]:
    """The link to the page a provision belongs to, and its cross-references."""
    if provision.kind is Kind.LEITLINIE:
        target = frame.address(guideline.rule_address(guideline.anchor(provision.norm)))
        return f'<p class="lp-pfad"><a href="{escape(target)}">{frame.words.in_guideline}</a></p>', ""
    with api.pinned() as shelf:
        short = shelf.law.acts.parse(provision.norm).source
        links = mentions.shown(shelf, provision, day, frame)
    act = f'<a href="{escape(frame.address(acts.act_path(short)))}"{frame.words.quoted}>{escape(short)}</a>'
    up = f'<a href="{frame.address(acts.ADDRESS)}">{frame.words.law}</a> › {act}'
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
