"""Fetching from publishers, against a local server that does everything wrong that publishers and networks do."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import http.server
import os
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from assistant.corpus import download, fetch
from assistant.corpus.fetch import fetch_all
from assistant.corpus.law import read_law
from assistant.corpus.official import read_lock
from assistant.corpus.readers import read_official, read_untrusted
from assistant.errors import CorpusError, ImportRefused
from tests.conftest import ROOT, TODAY
from tests.corpus import formex_files, nrw_pages, pages

HTML, XML, ZIP = "text/html;charset=UTF-8", "application/xml", "application/zip"


@dataclass
class Reply:
    """What the server answers. ``cut`` closes the connection after so many bytes of the body."""

    body: bytes = b""
    kind: str = HTML
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


Answer = Reply | Callable[[http.server.BaseHTTPRequestHandler], Reply]


class Publisher:
    """A server on this machine; ``routes`` may change between requests, ``seen`` holds path and headers of each."""

    def __init__(self) -> None:
        self.routes: dict[str, Answer] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        publisher = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.seen.append((self.path, dict(self.headers)))
                answer = publisher.routes.get(self.path, Reply(b"<html>Nicht gefunden</html>", status=404))
                try:
                    reply = answer(self) if callable(answer) else answer
                except OSError:  # it wrote by itself, and left, or was left
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in {
                    "Content-Type": reply.kind,
                    "Content-Length": str(len(reply.body)),
                    **reply.headers,
                }.items():
                    if value:
                        self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # whoever asked has had enough
                    self.wfile.write(reply.body if reply.cut is None else reply.body[: reply.cut])
                self.close_connection = True

            def do_HEAD(self) -> None:
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def asked(self, path: str) -> int:
        return sum(1 for seen, _ in self.seen if seen == path)


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0.0)
    running = Publisher()
    yield running
    running.server.shutdown()
    running.server.server_close()


SOURCES = """
[[quelle]]
id = "ki-vo"
kurz = "KI-VO"
titel = "KI-Verordnung – Verordnung (EU) 2024/1689"
ebene = "EU"
einheit = "Art."
letzter = 3
anhaenge = 1
erwaegungsgruende = 2
abruf = ["{url}/ki-vo"]
erwaegungsgruende_aus = "{url}/ki-vo-abl"

[[quelle]]
id = "bdsg"
kurz = "BDSG"
titel = "Bundesdatenschutzgesetz"
ebene = "Bund"
einheit = "§"
letzter = 3
abruf = ["{url}/bdsg/xml.zip"]

[[quelle]]
id = "dsg-nrw"
kurz = "DSG NRW"
titel = "Landesdatenschutzgesetz"
ebene = "Land"
einheit = "§"
geprueft = false
"""


@pytest.fixture
def home(tmp_path: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose sources are fetched from the local publisher, which serves all of them well.

    What arrives is read in this process; the tests that show the child at work put it back.
    """
    monkeypatch.setattr(fetch, "read_untrusted", read_official)
    (tmp_path / "corpus" / "recht").mkdir(parents=True)
    (tmp_path / "corpus" / "quellen.toml").write_text(SOURCES.replace("{url}", publisher.url))
    publisher.routes = {
        "/ki-vo": Reply(pages.consolidated()),
        "/ki-vo-abl": Reply(pages.journal(), "application/xhtml+xml"),
        "/bdsg/xml.zip": Reply(pages.zipped(("BJNR.xml", pages.statute())), ZIP),
    }
    return tmp_path


def stored(home: Path) -> dict[str, bytes]:
    folder = home / "corpus" / "amtlich"
    return {p.name: p.read_bytes() for p in folder.glob("*") if p.is_file()} if folder.is_dir() else {}


def run(home: Path, *ids: str, quick: bool = False) -> tuple[list[str], str]:
    """The lines said, and the error line if it failed."""
    lines: list[str] = []
    try:
        fetch_all(home, ids, TODAY, lines.append, quick=quick)
    except ImportRefused as error:
        return lines, str(error)
    return lines, ""


# ---------------------------------------------------------------- what goes well


def test_everything_named_is_fetched_unchanged_and_recorded(
    home: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "read_untrusted", read_untrusted)
    lines: list[str] = []
    assert fetch_all(home, [], TODAY, lines.append) == 3
    assert lines == [
        "KI-VO: geholt, Stand 27.07.2026, 3 Art., 1 Anhang",
        "KI-VO, Erwägungsgründe: geholt, Stand 12.07.2024, 2 ErwG",
        "BDSG: geholt, Stand 06.05.2024, 3 §",
        "3 geholt, 0 unverändert, 0 nicht geholt.",
    ]
    assert stored(home) == {
        "ki-vo@2026-07-27.html": pages.consolidated(),
        "ki-vo@2024-07-12.erwaegungsgruende.html": pages.journal(),
        "bdsg@2024-05-06.zip": publisher.routes["/bdsg/xml.zip"].body,
    }
    entry = read_lock(home)["ki-vo@2026-07-27.html"]
    assert entry == {
        "sha256": hashlib.sha256(pages.consolidated()).hexdigest(),
        "herkunft": f"{publisher.url}/ki-vo",
        "eingespielt": "2026-11-22",
    }
    assert [p.name for p in (home / "corpus" / "amtlich").iterdir() if p.is_dir()] == []


def test_the_recitals_of_the_journal_are_those_of_the_consolidated_text(home: Path) -> None:
    run(home)
    law = read_law(home / "corpus")
    found = law.find(law.acts.parse("ErwG 2 KI-VO"), TODAY)
    assert found is not None
    assert (found.exact, found.provision.text, found.source.state) == (True, "Grund 2.", dt.date(2026, 7, 27))
    assert [b.file for b in law.official["KI-VO"]] == ["ki-vo@2026-07-27.html"]
    assert law.find(law.acts.parse("Art. 2 KI-VO"), TODAY).provision.text == "(1) Wortlaut 2."


def test_recitals_of_the_same_day_do_not_replace_the_act(home: Path, publisher: Publisher) -> None:
    publisher.routes["/ki-vo"] = Reply(pages.consolidated(date="12.07.2024"))
    assert run(home, "ki-vo")[1] == ""
    assert set(stored(home)) == {"ki-vo@2024-07-12.html", "ki-vo@2024-07-12.erwaegungsgruende.html"}


def test_a_second_fetch_changes_nothing(home: Path, publisher: Publisher) -> None:
    run(home)
    before = stored(home), (home / "corpus" / "amtlich.lock").read_bytes()
    publisher.routes["/ki-vo"] = Reply(pages.consolidated().replace(b"<head>", b"<head><!-- generated_on:20261122 -->"))
    lines, error = run(home)
    assert error == ""
    assert lines[0] == "KI-VO: unverändert, Stand 27.07.2026, 3 Art., 1 Anhang"
    assert lines[-1] == "0 geholt, 3 unverändert, 0 nicht geholt."
    assert (stored(home), (home / "corpus" / "amtlich.lock").read_bytes()) == before


def test_a_new_state_stands_beside_the_old(home: Path, publisher: Publisher) -> None:
    run(home)
    publisher.routes["/bdsg/xml.zip"] = Reply(
        pages.zipped(("B.xml", pages.statute(changed="1.9.2026", word="Neu"))), ZIP
    )
    lines, _ = run(home, "bdsg")
    assert lines[0] == "BDSG: geholt, Stand 01.09.2026, 3 §"
    law = read_law(home / "corpus")
    assert law.find(law.acts.parse("§ 2 BDSG"), TODAY).provision.text == "Neu 2."
    assert law.find(law.acts.parse("§ 2 BDSG"), dt.date(2025, 1, 1)).provision.text == "Wortlaut 2."


def test_a_damaged_copy_is_replaced(home: Path) -> None:
    run(home)
    (home / "corpus" / "amtlich" / "bdsg@2024-05-06.zip").write_bytes(b"PK\x03\x04kaputt")
    assert run(home, "bdsg")[0][0] == "BDSG: geholt, Stand 06.05.2024, 3 §"
    assert read_law(home / "corpus").official["BDSG"]


def test_redirects_within_the_host_are_followed(home: Path, publisher: Publisher) -> None:
    publisher.routes["/ki-vo"] = Reply(status=303, headers={"Location": "/weiter"})
    publisher.routes["/weiter"] = Reply(status=302, headers={"Location": f"{publisher.url}/ziel"})
    publisher.routes["/ziel"] = Reply(pages.consolidated())
    assert run(home, "ki-vo")[1] == ""


def test_a_compressed_answer_is_unpacked(home: Path, publisher: Publisher) -> None:
    import gzip

    publisher.routes["/ki-vo"] = Reply(gzip.compress(pages.consolidated()), headers={"Content-Encoding": "gzip"})
    assert run(home, "ki-vo")[1] == ""
    assert stored(home)["ki-vo@2026-07-27.html"] == pages.consolidated()


# ---------------------------------------------------------------- what goes wrong

PAGE = pages.consolidated()


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(b"<html>Nicht gefunden</html>", status=404), "Meldung „nicht gefunden“ \\(Status 404\\)"),
        (Reply(b"", status=403), "Antwort ohne Text \\(Status 403\\)"),
        (Reply(pages.DENIED, status=403), "Zugriff verweigert.*403"),
        (Reply(b"kaputt", status=500), "Störung beim Herausgeber \\(Status 500\\)"),
        (Reply(b"<html>Wartungsarbeiten</html>", status=503), "Status 503, eine Wartungs"),
        (Reply(b"", status=429), "Status 429"),
        (Reply(pages.CHALLENGE, status=202), "Prüfseite gegen automatische Abrufe \\(Status 202\\)"),
        (Reply(b"", status=202), "Prüfseite gegen automatische Abrufe \\(Status 202\\)"),
        (Reply(pages.CHALLENGE), "Prüfseite gegen automatische Abrufe"),
        (Reply(pages.CLOUDFRONT), "Sperrseite des Netzes"),
        (Reply(pages.QUEUE), "Warteschlange"),
        (Reply(b"<html>Guten Tag</html>"), "Format nicht erkannt"),
        (Reply(b""), "leer"),
        (Reply(b"%PDF-1.7", "application/pdf"), "falsche Art von Datei \\(application/pdf\\)"),
        (Reply(PAGE, cut=2000), "die Verbindung brach ab"),
        (Reply(PAGE[:-900], headers={"Content-Length": ""}), "die Seite bricht ab"),
        (Reply(b"x", headers={"Content-Length": str(2**40)}), "zu groß"),
        (Reply(status=302, headers={"Location": "http://127.0.0.2/ki-vo"}), "anderen Rechner um \\(127.0.0.2\\)"),
        (Reply(status=302, headers={"Location": "http://boese.example/ki-vo"}), "anderen Rechner"),
        (Reply(status=302, headers={"Location": "file:///etc/passwd"}), "anderen Rechner"),
        (Reply(status=302, headers={"Location": "/ki-vo"}), "mehr als 3 Weiterleitungen"),
        (Reply(b"nicht gepackt", headers={"Content-Encoding": "gzip"}), "die Verbindung brach ab"),
        (Reply(pages.consolidated(language="EN")), "Sprachfassung EN"),
        (Reply(pages.consolidated(articles=2)), "endet mit Art. 2, erwartet wird Art. 3"),
        (Reply(pages.consolidated(annexes=())), "0 Anhänge, erwartet werden 1"),
        (Reply(pages.consolidated(number="2016/679")), "2016/679, erwartet wird KI-VO"),
        (Reply(pages.statute(), XML), "enthält „BDSG 2018“, erwartet wird KI-VO"),
    ],
)  # fmt: skip
def test_what_is_no_good_text_is_named_and_leaves_everything_as_it_was(
    home: Path, publisher: Publisher, reply: Reply, message: str
) -> None:
    run(home)
    before = stored(home), (home / "corpus" / "amtlich.lock").read_bytes()
    publisher.routes["/ki-vo"] = reply
    lines, error = run(home, "ki-vo")
    assert error.startswith("1 von 2 Texten nicht geholt")
    assert lines[0].startswith("KI-VO: nicht geholt – 127.0.0.1: ")
    assert re.search(message, lines[0]), lines[0]
    assert all("\n" not in line for line in lines)
    assert (stored(home), (home / "corpus" / "amtlich.lock").read_bytes()) == before


def test_too_much_without_a_length_is_stopped(
    home: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "LIMIT", 1000)
    publisher.routes["/ki-vo"] = Reply(PAGE, headers={"Content-Length": ""})
    assert "zu groß" in run(home, "ki-vo")[0][0]
    assert stored(home) == {}


def test_a_slow_publisher_is_left(home: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "TOTAL_SECONDS", -1.0)
    assert "noch nicht fertig" in run(home, "bdsg")[0][0]


def test_a_good_text_is_not_replaced_by_a_much_shorter_one(home: Path, publisher: Publisher) -> None:
    publisher.routes["/ki-vo"] = Reply(pages.consolidated(articles=20))
    run(home)
    before = stored(home)
    publisher.routes["/ki-vo"] = Reply(pages.consolidated(date="01.08.2026"))
    lines, error = run(home, "ki-vo")
    assert "kürzer als der vorhandene ki-vo@2026-07-27.html" in lines[0]
    assert error
    assert stored(home) == before


def test_too_few_recitals_are_refused(home: Path, publisher: Publisher) -> None:
    publisher.routes["/ki-vo-abl"] = Reply(pages.journal(recitals=1))
    lines, _ = run(home, "ki-vo")
    assert "1 Erwägungsgründe, erwartet werden 2" in lines[1]
    assert set(stored(home)) == {"ki-vo@2026-07-27.html"}


def test_one_failure_does_not_stop_the_others(home: Path, publisher: Publisher) -> None:
    del publisher.routes["/ki-vo"]
    lines, error = run(home)
    assert lines[-1] == "2 geholt, 0 unverändert, 1 nicht geholt."
    assert error == "1 von 3 Texten nicht geholt; die Gründe stehen darüber."
    assert run(home, quick=True)[1] == ""


@pytest.mark.parametrize(("act", "message"), [("dsg-nrw", "keine Adresse"), ("bgb", "diese Quelle gibt es nicht")])
def test_sources_without_an_address_are_named(home: Path, publisher: Publisher, act: str, message: str) -> None:
    lines, error = run(home, act)
    assert lines == []
    assert message in error
    assert publisher.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "http://eur-lex.europa.eu/x",
        "ftp://127.0.0.1/x",
        "https://ich:geheim@eur-lex.europa.eu/x",
        "unfug",
        "https://[::1",
    ],
)
def test_only_https_is_asked(home: Path, publisher: Publisher, url: str) -> None:
    text = (home / "corpus" / "quellen.toml").read_text()
    (home / "corpus" / "quellen.toml").write_text(text.replace(f"{publisher.url}/bdsg/xml.zip", url))
    lines, error = run(home, "bdsg")
    assert error
    assert "https://" in lines[0]
    assert publisher.seen == []


# ---------------------------------------------------------------- interruptions


def ranged(body: bytes, etag: str, cut: int) -> Callable[[http.server.BaseHTTPRequestHandler], Reply]:
    """A server that breaks off the whole file after ``cut`` bytes and serves the rest of the same version."""

    def answer(request: http.server.BaseHTTPRequestHandler) -> Reply:
        wanted = request.headers.get("Range")
        if wanted and request.headers.get("If-Range") == etag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            whole = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}", "ETag": etag}
            return Reply(body[start:], ZIP, 206, whole)
        return Reply(body, ZIP, 200, {"ETag": etag}, cut=cut)

    return answer


def test_a_broken_download_is_continued(home: Path, publisher: Publisher) -> None:
    body = pages.zipped(("B.xml", pages.statute()))
    publisher.routes["/bdsg/xml.zip"] = ranged(body, '"1"', 300)
    assert run(home, "bdsg")[1] == ""
    assert stored(home)["bdsg@2024-05-06.zip"] == body
    assert publisher.seen[1][1]["Range"] == "bytes=300-"


def test_a_later_call_continues_what_an_earlier_began(home: Path, publisher: Publisher) -> None:
    body = pages.zipped(("B.xml", pages.statute()))
    publisher.routes["/bdsg/xml.zip"] = Reply(body, ZIP, headers={"ETag": '"1"'}, cut=300)
    assert "brach ab" in run(home, "bdsg")[0][0]
    assert (home / "corpus" / "amtlich" / ".laden" / "bdsg.de.teil").stat().st_size == 300
    assert read_law(home / "corpus").official == {}
    publisher.seen.clear()
    publisher.routes["/bdsg/xml.zip"] = ranged(body, '"1"', 300)
    assert run(home, "bdsg")[1] == ""
    assert [h.get("Range") for _, h in publisher.seen] == ["bytes=300-"]
    assert stored(home)["bdsg@2024-05-06.zip"] == body


def test_a_file_that_changed_meanwhile_begins_anew(home: Path, publisher: Publisher) -> None:
    old, new = (pages.zipped(("B.xml", pages.statute(word=w))) for w in ("Alt", "Neu"))
    publisher.routes["/bdsg/xml.zip"] = Reply(old, ZIP, headers={"ETag": '"1"'}, cut=300)
    run(home, "bdsg")
    publisher.routes["/bdsg/xml.zip"] = ranged(new, '"2"', 10**6)
    assert run(home, "bdsg")[1] == ""
    assert stored(home)["bdsg@2024-05-06.zip"] == new


def test_a_wrong_continuation_is_not_glued_on(home: Path, publisher: Publisher) -> None:
    body = pages.zipped(("B.xml", pages.statute()))

    def confused(request: http.server.BaseHTTPRequestHandler) -> Reply:
        if request.headers.get("Range"):
            return Reply(body[100:], ZIP, 206, {"Content-Range": f"bytes 100-{len(body) - 1}/{len(body)}"})
        return Reply(body, ZIP, headers={"ETag": '"1"'}, cut=300 if publisher.asked("/bdsg/xml.zip") == 1 else None)

    publisher.routes["/bdsg/xml.zip"] = confused
    assert run(home, "bdsg")[1] == ""
    assert stored(home)["bdsg@2024-05-06.zip"] == body


def test_a_passing_disturbance_is_waited_out(home: Path, publisher: Publisher) -> None:
    good = publisher.routes["/ki-vo"]
    publisher.routes["/ki-vo"] = lambda _: good if publisher.asked("/ki-vo") > 1 else Reply(status=503)
    assert run(home, "ki-vo")[1] == ""


def test_a_server_that_ignores_the_resume_gives_the_whole_file_once(home: Path, publisher: Publisher) -> None:
    body = pages.zipped(("B.xml", pages.statute()))
    first = {"ETag": '"1"'}

    def stubborn(request: http.server.BaseHTTPRequestHandler) -> Reply:
        return Reply(body, ZIP, headers=first, cut=300 if publisher.asked("/bdsg/xml.zip") == 1 else None)

    publisher.routes["/bdsg/xml.zip"] = stubborn
    assert run(home, "bdsg")[1] == ""
    assert [h.get("Range") for _, h in publisher.seen] == [None, "bytes=300-"]
    assert stored(home)["bdsg@2024-05-06.zip"] == body


def test_a_connection_reset_in_the_middle_is_continued(home: Path, publisher: Publisher) -> None:
    """A reset, not a close: what had arrived before it counts."""
    body = pages.zipped(("B.xml", pages.statute()))
    follow = ranged(body, '"1"', len(body))

    def reset(request: http.server.BaseHTTPRequestHandler) -> Reply:
        if publisher.asked("/bdsg/xml.zip") > 1:
            return follow(request)
        head = f'HTTP/1.0 200 OK\r\nContent-Type: {ZIP}\r\nContent-Length: {len(body)}\r\nETag: "1"\r\n\r\n'
        request.wfile.write(head.encode() + body[:300])
        request.wfile.flush()
        time.sleep(0.2)  # else the reset overtakes the bytes
        request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.connection.close()
        raise ConnectionResetError

    publisher.routes["/bdsg/xml.zip"] = reset
    assert run(home, "bdsg")[1] == ""
    assert publisher.seen[1][1]["Range"] == "bytes=300-"
    assert stored(home)["bdsg@2024-05-06.zip"] == body


def test_another_language_or_form_does_not_continue_the_part_of_the_first(home: Path, publisher: Publisher) -> None:
    publisher.routes["/bdsg/xml.zip"] = Reply(b"PK" + b"x" * 500, ZIP, headers={"ETag": '"1"'}, cut=300)
    run(home, "bdsg")
    publisher.seen.clear()
    folder = home / "corpus" / "amtlich" / ".laden"
    publisher.routes["/bdsg/xml.zip"] = Reply(b"ganz", ZIP)
    with download.open_client() as client:
        part = download.download(f"{publisher.url}/bdsg/xml.zip", folder, "bdsg.de", client, download.Form("EN"))
    assert part.read_bytes() == b"ganz"
    assert "Range" not in publisher.seen[0][1]


# ---------------------------------------------------------------- slow, silent, swollen, full


def dripping(seconds: float) -> Callable[[http.server.BaseHTTPRequestHandler], Reply]:
    """A server that promises a page and gives it byte by byte."""

    def answer(request: http.server.BaseHTTPRequestHandler) -> Reply:
        head = f"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(PAGE)}\r\n\r\n"
        request.wfile.write(head.encode())
        for position in range(len(PAGE)):
            request.wfile.write(PAGE[position : position + 1])
            request.wfile.flush()
            time.sleep(seconds)
        raise ConnectionResetError

    return answer


def test_a_dripping_publisher_is_left_when_the_time_is_over(
    home: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "TOTAL_SECONDS", 0.2)
    publisher.routes["/ki-vo"] = dripping(0.02)
    begun = time.monotonic()
    lines, _ = run(home, "ki-vo")
    assert "noch nicht fertig" in lines[0]
    assert time.monotonic() - begun < 20
    assert set(stored(home)) == {"ki-vo@2024-07-12.erwaegungsgruende.html"}


def test_a_silent_publisher_is_left(home: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def silent(request: http.server.BaseHTTPRequestHandler) -> Reply:
        released.wait(20)
        return Reply(status=503)

    publisher.routes["/bdsg/xml.zip"] = silent
    lines: list[str] = []
    monkeypatch.setattr(download, "READ_SECONDS", 0.2)
    with contextlib.suppress(ImportRefused):
        fetch_all(home, ["bdsg"], TODAY, lines.append)
    released.set()
    assert "die Verbindung brach ab (ReadTimeout, 0 Bytes da)" in lines[0]


def test_a_page_that_swells_when_unpacked_is_stopped(
    home: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gzip

    monkeypatch.setattr(download, "LIMIT", 2 * 2**20)
    bomb = gzip.compress(b"<html>" + bytes(40 * 2**20))
    assert len(bomb) < 100_000
    publisher.routes["/ki-vo"] = Reply(bomb, headers={"Content-Encoding": "gzip"})
    assert "zu groß; erwartet werden höchstens 2 MB" in run(home, "ki-vo")[0][0]
    assert set(stored(home)) == {"ki-vo@2024-07-12.erwaegungsgruende.html"}
    assert not list((home / "corpus" / "amtlich").glob(".laden/*.teil"))


@pytest.mark.parametrize(
    "bomb", [pages.zipped(("a.xml", bytes(80 * 2**20))), pages.zipped(*((f"{n}.xml", b"<a/>") for n in range(300)))]
)
def test_an_archive_that_swells_is_refused(
    home: Path, publisher: Publisher, bomb: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "read_untrusted", read_untrusted)
    publisher.routes["/bdsg/xml.zip"] = Reply(bomb, ZIP)
    lines, error = run(home, "bdsg")
    assert lines[0].startswith("BDSG: nicht geholt – 127.0.0.1: ")
    assert error
    assert stored(home) == {}


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_disk_while_loading_is_said_and_leaves_the_text(
    home: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(home)
    before = stored(home), (home / "corpus" / "amtlich.lock").read_bytes()
    publisher.routes["/bdsg/xml.zip"] = Reply(pages.zipped(("B.xml", pages.statute(changed="1.9.2026"))), ZIP)
    monkeypatch.setattr(download, "_save", full)
    lines, error = run(home, "bdsg")
    assert "bdsg.de.teil: kann nicht geschrieben werden (No space left on device). Platz und Rechte prüfen." in lines[0]
    assert error
    assert (stored(home), (home / "corpus" / "amtlich.lock").read_bytes()) == before


def test_a_full_disk_while_taking_over_leaves_no_half_text(
    home: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(home)
    before = stored(home), (home / "corpus" / "amtlich.lock").read_bytes()
    publisher.routes["/bdsg/xml.zip"] = Reply(pages.zipped(("B.xml", pages.statute(changed="1.9.2026"))), ZIP)
    monkeypatch.setattr(os, "fsync", full)
    lines, _ = run(home, "bdsg")
    assert "bdsg@2026-09-01.zip: kann nicht geschrieben werden (No space left on device)" in lines[0]
    assert (stored(home), (home / "corpus" / "amtlich.lock").read_bytes()) == before
    assert not [p for p in (home / "corpus" / "amtlich").iterdir() if p.name.endswith(".neu")]


@pytest.mark.parametrize("damage", [b"{", b"[1, 2]", b'{"x": 1}', b"\xff\xfe"])
def test_a_damaged_lock_is_named_and_nothing_is_changed(home: Path, damage: bytes) -> None:
    run(home)
    lock = home / "corpus" / "amtlich.lock"
    lock.write_bytes(damage)
    before = stored(home)
    lines, error = run(home, "bdsg")
    assert "amtlich.lock ist beschädigt. Die Datei löschen" in lines[0]
    assert error
    assert (stored(home), lock.read_bytes()) == (before, damage)
    lock.unlink()
    assert run(home, "bdsg")[1] == ""
    assert list(read_lock(home)) == ["bdsg@2024-05-06.zip"]


def test_progress_tells_bytes_and_the_whole_of_each_text(home: Path, publisher: Publisher) -> None:
    told: dict[str, tuple[int, int]] = {}
    fetch_all(home, [], TODAY, lambda _: None, progress=lambda label, done, total: told.update({label: (done, total)}))
    sizes = {name: len(publisher.routes[path].body) for name, path in (
        ("KI-VO", "/ki-vo"), ("KI-VO, Erwägungsgründe", "/ki-vo-abl"), ("BDSG", "/bdsg/xml.zip"),
    )}  # fmt: skip
    assert told == {name: (size, size) for name, size in sizes.items()}


# ---------------------------------------------------------------- no network


def closed_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_a_refused_connection_is_said_once_per_text_and_asked_once(home: Path, publisher: Publisher) -> None:
    text = (home / "corpus" / "quellen.toml").read_text()
    (home / "corpus" / "quellen.toml").write_text(text.replace(publisher.url, closed_port()))
    lines, error = run(home)
    assert "nicht erreichbar (ConnectError)" in lines[0]
    assert lines[1] == "KI-VO, Erwägungsgründe: nicht geholt – 127.0.0.1 ist nicht erreichbar."
    assert error.startswith("3 von 3 Texten nicht geholt")


def test_in_a_hurry_one_knock_decides(home: Path, publisher: Publisher) -> None:
    text = (home / "corpus" / "quellen.toml").read_text()
    (home / "corpus" / "quellen.toml").write_text(text.replace(publisher.url, closed_port()))
    lines, error = run(home, quick=True)
    assert lines == []
    assert error.startswith("127.0.0.1 antwortet nicht innerhalb von fünf Sekunden")
    assert "\n" not in error
    (home / "corpus" / "quellen.toml").write_text(text)
    assert run(home, quick=True)[1] == ""


def test_a_hanging_name_lookup_ends_the_knock_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    @contextlib.contextmanager
    def hanging() -> Iterator[httpx.Client]:
        released.wait(10)
        yield httpx.Client()

    monkeypatch.setattr(download, "CONNECT_SECONDS", 0.2)
    begun = time.monotonic()
    with pytest.raises(ImportRefused, match="antwortet nicht"):
        fetch_all(home, [], TODAY, print, quick=True, opener=hanging)
    assert time.monotonic() - begun < 5
    released.set()


def test_an_unknown_certificate_is_refused(home: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate", request=request)

    lines = with_transport(home, publisher, broken)
    assert "TLS-Zertifikat wird nicht anerkannt" in lines[0]


def test_the_client_verifies_certificates() -> None:
    import ssl

    with download.open_client() as client:
        context = client._transport._pool._ssl_context
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert (client.timeout.connect, client.follow_redirects) == (5.0, False)


# ---------------------------------------------------------------- EUR-Lex and Cellar

EURLEX = "https://eur-lex.europa.eu/legal-content/DE/TXT/HTML/?uri=CELEX:02024R1689-20260727"
CELLAR = "https://publications.europa.eu/resource/celex/02024R1689-20260727"


def with_transport(
    home: Path, publisher: Publisher, answer: Callable[[httpx.Request], httpx.Response], language: str = "DE"
) -> list[str]:
    text = (home / "corpus" / "quellen.toml").read_text()
    (home / "corpus" / "quellen.toml").write_text(text.replace(f'"{publisher.url}/ki-vo"', f'"{EURLEX}"'))
    lines: list[str] = []
    with contextlib.suppress(CorpusError):
        fetch_all(
            home, ["ki-vo"], TODAY, lines.append, language=language,
            opener=lambda: httpx.Client(transport=httpx.MockTransport(answer)),
        )  # fmt: skip
    return lines


def test_where_eurlex_wants_a_browser_cellar_is_asked_over_https(home: Path, publisher: Publisher) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.url.host == "eur-lex.europa.eu":
            return httpx.Response(202, headers={"x-amzn-waf-action": "challenge"})
        if request.url.path.startswith("/resource/celex/"):
            return httpx.Response(303, headers={"Location": "http://publications.europa.eu/resource/cellar/1/DOC_1"})
        return httpx.Response(
            200, stream=httpx.ByteStream(pages.consolidated()), headers={"Content-Type": "application/xhtml+xml"}
        )

    lines = with_transport(home, publisher, answer)
    assert lines[0] == "KI-VO: geholt, Stand 27.07.2026, 3 Art., 1 Anhang"
    assert [str(r.url) for r in asked[:3]] == [EURLEX, CELLAR, "https://publications.europa.eu/resource/cellar/1/DOC_1"]
    assert [asked[1].headers[h] for h in ("Accept", "Accept-Language")] == ["application/xhtml+xml", "deu"]
    assert read_lock(home)["ki-vo@2026-07-27.html"]["herkunft"] == CELLAR


def test_where_no_page_is_to_be_had_formex_is_taken(home: Path, publisher: Publisher) -> None:
    archive = pages.zipped(("a.xml", formex_files.consolidated()))
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["Accept"])
        if "fmx4" not in asked[-1]:
            return httpx.Response(404, content=b"<html>not found</html>")
        return httpx.Response(
            200, stream=httpx.ByteStream(archive), headers={"Content-Type": "application/zip;mtype=fmx4"}
        )

    lines = with_transport(home, publisher, answer)
    assert lines[0] == "KI-VO: geholt, Stand 27.07.2026, 3 Art., 1 Anhang"
    assert asked[1:3] == ["application/xhtml+xml", "application/zip;mtype=fmx4"]
    assert stored(home)["ki-vo@2026-07-27.zip"] == archive


def test_the_english_text_is_fetched_beside_the_german(home: Path, publisher: Publisher) -> None:
    run(home)
    before = stored(home)
    english = pages.consolidated(language="EN", word="Wording")
    asked: list[tuple[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((str(request.url), request.headers["Accept-Language"]))
        if request.url.host == "eur-lex.europa.eu":
            return httpx.Response(202)
        return httpx.Response(200, stream=httpx.ByteStream(english), headers={"Content-Type": "application/xhtml+xml"})

    lines = with_transport(home, publisher, answer, "EN")
    assert lines == [
        "KI-VO (EN): geholt, Stand 27.07.2026, 3 Art., 1 Anhang",
        "1 geholt, 0 unverändert, 0 nicht geholt.",
    ]
    assert asked == [(EURLEX.replace("/DE/", "/EN/"), "en"), (CELLAR, "eng")]
    assert stored(home) == {**before, "ki-vo@2026-07-27.en.html": english}
    law = read_law(home / "corpus")
    assert law.find(law.acts.parse("Art. 2 KI-VO"), TODAY, "EN").provision.text == "(1) Wording 2."
    assert law.find(law.acts.parse("Art. 2 KI-VO"), TODAY).provision.text == "(1) Wortlaut 2."
    assert with_transport(home, publisher, answer, "EN")[0].startswith("KI-VO (EN): unverändert")


def test_a_german_page_is_not_taken_for_the_english_one(home: Path, publisher: Publisher) -> None:
    lines = with_transport(home, publisher, lambda _: httpx.Response(200, stream=httpx.ByteStream(PAGE)), "EN")
    assert "liefert die Sprachfassung DE, erwartet wird EN" in lines[0]
    assert stored(home) == {}


def test_only_acts_of_the_eu_are_fetched_in_english(home: Path, publisher: Publisher) -> None:
    with pytest.raises(ImportRefused, match="Auf Englisch gibt es nur Rechtsakte der EU"):
        fetch_all(home, ["bdsg"], TODAY, print, language="EN")


def test_every_address_in_vain_is_named(home: Path, publisher: Publisher) -> None:
    lines = with_transport(home, publisher, lambda _: httpx.Response(202))
    assert "eur-lex.europa.eu: statt des Textes kam eine Prüfseite" in lines[0]
    assert "publications.europa.eu: statt des Textes" in lines[0]


def test_every_shipped_address_is_https_and_eu_acts_have_an_alternative() -> None:
    from assistant.corpus.addresses import read_acts

    wanted = fetch._wanted(read_acts(ROOT / "corpus" / "quellen.toml"), [])
    assert len(wanted) >= 18
    for item in wanted:
        assert all(download._checked(url).startswith("https://") for url, _ in item.sources)
        assert (len(item.sources) == 3) == (item.info.level == "EU")


# ---------------------------------------------------------------- recht.nrw.de

NRW = """
[[quelle]]
id = "mustg-nrw"
kurz = "MustG NRW"
titel = "Mustergesetz NRW"
ebene = "Land"
einheit = "§"
letzter = 3
abruf = ["{url}/lrgv/gesetz/05052023-mustergesetz"]
"""


@pytest.fixture
def nrw(home: Path, publisher: Publisher) -> Path:
    path = home / "corpus" / "quellen.toml"
    path.write_text(path.read_text() + NRW.replace("{url}", publisher.url))
    publisher.routes["/lrgv/gesetz/05052023-mustergesetz"] = Reply(nrw_pages.native())
    return home


def test_a_statute_of_the_land_is_fetched_from_its_page(nrw: Path) -> None:
    lines, error = run(nrw, "mustg-nrw")
    assert (lines[0], error) == ("MustG NRW: geholt, Stand 05.05.2023, 3 §", "")
    law = read_law(nrw / "corpus")
    assert law.find(law.acts.parse("§ 1 Abs. 1 Nr. 1 MustG NRW"), TODAY).provision.text == "Behörden,"


def test_a_page_of_the_land_without_its_paragraphs_replaces_nothing(nrw: Path, publisher: Publisher) -> None:
    run(nrw, "mustg-nrw")
    before = stored(nrw)
    publisher.routes["/lrgv/gesetz/05052023-mustergesetz"] = Reply(
        nrw_pages.native(body="<p>Bitte Skripte zulassen.</p>")
    )
    lines, error = run(nrw, "mustg-nrw")
    assert lines[0].startswith("MustG NRW: nicht geholt – 127.0.0.1: ")
    assert error
    assert stored(nrw) == before


# ---------------------------------------------------------------- the publishers' own files


def test_the_published_files_arrive_whole(home: Path, publisher: Publisher, shared: Path) -> None:
    """English pages served as if German: only the language mark is changed, because no German page is at hand."""
    formats = shared / "law" / "formats"
    german = {
        "02016R0679-20160504": ("gdpr_en_eurlex_consolidated.html", b"\xe2\x80\x94 EN \xe2\x80\x94", b"\xe2\x80\x94 DE \xe2\x80\x94"),
        "32016R0679": ("gdpr_en_eurlex_oj.xhtml", b'oj-hd-lg">EN<', b'oj-hd-lg">DE<'),
        "02024R1689-20260727": ("aiact_en_eurlex_consolidated_2026-07-27.html", b"\xe2\x80\x94 EN \xe2\x80\x94", b"\xe2\x80\x94 DE \xe2\x80\x94"),
        "32024R1689": ("aiact_en_eurlex_oj.xhtml", b'oj-hd-lg">EN<', b'oj-hd-lg">DE<'),
    }  # fmt: skip
    sources = (ROOT / "corpus" / "quellen.toml").read_text()
    sources = sources.replace("https://eur-lex.europa.eu/legal-content/DE/TXT/HTML/?uri=CELEX:", f"{publisher.url}/")
    sources = sources.replace("https://www.gesetze-im-internet.de/", f"{publisher.url}/gii/")
    (home / "corpus" / "quellen.toml").write_text(sources)
    for celex, (name, before, after) in german.items():
        publisher.routes[f"/{celex}"] = Reply((formats / name).read_bytes().replace(before, after))
    for file in (formats / "gii").glob("*.xml"):
        slug, _, rest = file.name.partition("__")
        publisher.routes[f"/gii/{slug}/xml.zip"] = Reply(pages.zipped((rest, file.read_bytes())), ZIP)
    lines, error = run(home)
    assert (lines[-1], error) == ("18 geholt, 0 unverändert, 0 nicht geholt.", "")
    assert "DSGVO, Erwägungsgründe: geholt, Stand 04.05.2016, 173 ErwG" in lines
    law = read_law(home / "corpus")

    def count(short: str, unit: str) -> int:
        places = law.book(short, TODAY).places
        return sum(n.startswith(f"{short} {unit} ") and n.count(" ") == 2 for n in places)

    assert [count("DSGVO", u) for u in ("Art.", "ErwG")] == [99, 173]
    assert [count("KI-VO", u) for u in ("Art.", "ErwG", "Anhang")] == [119, 180, 14]
    assert len(law.official) == 16
    publisher.routes["/32016R0679"] = Reply((formats / "gdpr_en_eurlex_oj.xhtml").read_bytes())
    assert "Sprachfassung EN" in run(home, "dsgvo")[0][1]
