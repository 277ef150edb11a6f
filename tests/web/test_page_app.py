"""The running application over HTTP, without a browser: routes, headers, health."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

import pytest
from conftest import Page, running
from page_fake import FakeAssistant

from assistant.errors import DamagedGeneration, LeitplankeError
from assistant.web.app import law_page
from assistant.web.chat import _QUIET
from assistant.web.desk import Backend
from assistant.web.security import script_hashes

DAY = dt.date(2026, 11, 22)


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    text: str


def fetch(page: Page, path: str, method: str = "GET", body: bytes | None = None) -> Response:
    connection = HTTPConnection(urlsplit(page.base).netloc, timeout=20)
    try:
        connection.request(method, path, body, {"Accept-Encoding": "br, gzip"})
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, headers, answer.read().decode("utf-8", "replace"))
    finally:
        connection.close()


def test_the_start_page_is_german_with_a_policy_for_exactly_its_scripts(page: Page) -> None:
    response = fetch(page, "/")
    assert response.status == 200
    assert '<html\n\tlang="de"' in response.text
    policy = response.headers["content-security-policy"]
    hashes = script_hashes(response.text)
    assert hashes
    assert all(value in policy for value in hashes)
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'sha256-" in policy
    assert "frame-ancestors 'none'" in policy


def test_the_start_page_names_no_other_host(page: Page) -> None:
    text = fetch(page, "/").text.replace(page.base.rstrip("/"), "")
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text


@pytest.mark.parametrize("path", ["/", "/gesundheit", "/recht/dsgvo/art-5", "/theme.css", "/gibt-es-nicht"])
def test_every_response_carries_the_strict_headers(page: Page, path: str) -> None:
    headers = fetch(page, path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src" in headers["content-security-policy"]


def test_answers_are_never_kept_by_the_browser_but_program_files_are(page: Page) -> None:
    start = fetch(page, "/")
    assert start.headers["cache-control"] == "no-store"
    script = next(part.split('"')[0] for part in start.text.split('src="') if part.startswith("/eigen/seite.js"))
    assert "immutable" in fetch(page, script).headers["cache-control"]


def test_health_says_what_is_installed_and_nothing_personal(page: Page) -> None:
    response = fetch(page, "/gesundheit")
    assert response.status == 200
    assert json.loads(response.text) == {
        "bereit": True,
        "zustand": "bereit",
        "generation": "2026-11-22-a1b2c3",
        "leitlinie": {"titel": "Muster-Leitlinie für den Einsatz von KI", "fassung": "0.1", "beschlossen": False},
        "amtliche_texte": False,
        "modell": False,
    }


def test_a_provision_has_a_page_with_the_quoted_words_marked(page: Page) -> None:
    response = fetch(page, "/recht/dsgvo/art-5/abs-1/lit-c?stand=2026-11-22&von=0&bis=8")
    assert response.status == 200
    assert "<mark>Personen</mark>" in response.text
    assert "script" not in response.headers["content-security-policy"]


def test_a_written_norm_is_an_address_too(page: Page) -> None:
    assert fetch(page, "/recht/" + quote("KI-Leitlinie platzhalter")).status == 200


@pytest.mark.parametrize("query", ["von=5&bis=2", "von=x&bis=y", "von=0&bis=99999", "von=²&bis=³", "stand=gestern"])
def test_nonsense_in_the_query_shows_the_provision_without_marks(page: Page, query: str) -> None:
    response = fetch(page, "/recht/dsgvo/art-5/abs-1/lit-c?" + quote(query, safe="=&"))
    assert response.status == 200
    assert "<mark>" not in response.text


def test_an_unknown_provision_is_a_german_page_that_escapes_what_was_asked(page: Page) -> None:
    response = fetch(page, "/recht/" + quote("<script>alert(1)</script> x"))
    assert response.status == 404
    assert "keine Vorschrift installiert" in response.text
    assert "<script>" not in response.text


@pytest.mark.parametrize("path", ["/gradio_api/info", "/docs", "/openapi.json", "/gradio_api/file=/etc/hostname"])
def test_routes_the_page_does_not_need_are_not_found(page: Page, path: str) -> None:
    assert fetch(page, path).status == 404


def test_uploads_are_not_possible(page: Page) -> None:
    assert fetch(page, "/gradio_api/upload", "POST", b"x").status == 404


def test_a_huge_question_is_refused_without_reading_it(page: Page) -> None:
    assert fetch(page, "/gradio_api/queue/join", "POST", b"x" * 300_000).status == 413


def test_gradio_keeps_its_settings(page: Page) -> None:
    text = fetch(page, "/").text
    assert '"analytics_enabled":false' in text
    assert "fonts.googleapis" not in text + fetch(page, "/theme.css").text
    assert '"api_visibility":"public"' not in text


def test_telemetry_is_off_in_the_environment(page: Page) -> None:
    import os

    assert _QUIET.items() <= os.environ.items()


def test_while_loading_the_page_is_there_and_health_says_so() -> None:
    with running(FakeAssistant(), loaded=False) as page:
        assert fetch(page, "/").status == 200
        health = fetch(page, "/gesundheit")
        assert (health.status, json.loads(health.text)) == (503, {"bereit": False, "zustand": "laedt"})
        assert fetch(page, "/recht/dsgvo/art-5").status == 503


class Damaged(FakeAssistant):
    """The index was damaged after the start."""

    def overview(self) -> None:  # type: ignore[override]
        raise DamagedGeneration("Der Index ist beschädigt.")


def test_a_damaged_index_is_told_by_health_and_law_pages() -> None:
    from assistant.web.app import health

    backend = Backend(Damaged())
    assert health(backend) == (503, {"bereit": False, "zustand": "fehler"})
    status, text = law_page(backend, "ki-vo/art-50", stand="", von="", bis="", today=DAY)
    assert status == 404
    assert "Der Index ist beschädigt." in text


def test_a_failed_start_is_told_by_law_pages() -> None:
    def broken() -> FakeAssistant:
        raise LeitplankeError("Kein Index.")

    backend = Backend()
    backend.load(broken)
    assert "Kein Index." in law_page(backend, "x", stand="", von="", bis="", today=DAY)[1]
