"""``leitplanke prove-local``: both ways of forbidding the network, planted violations, and the report."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.errors import LeitplankeError
from assistant.prove import Fetched, Proof, Step, Way, possible_way, prove
from assistant.provereport import report, write_report
from assistant.web.origins import in_css, in_headers, in_html, resources

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
BASE = "http://127.0.0.1:7860/"
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'"
PLANTED = """
import sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "assistant.ask.service" and not hasattr(sys, "planted"):
            sys.planted = True
            {code}
sys.meta_path.insert(0, Finder())
"""
BY_PYTHON = """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try: s.connect(("192.0.2.1", 443))
            except OSError: pass
            s.close()
"""
BY_NATIVE_CODE = """
            import ctypes, socket, struct
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            to = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(443), bytes((192, 0, 2, 1)))
            ctypes.CDLL(None).connect(s.fileno(), to, 16)
            s.close()
"""
GOOD = Proof(
    Way.NAMENSRAUM, NOW, (Step("Index öffnen", "Generation g-1"),), (), 3, ("lo",), 0,
    (Fetched("/", 200, 10, "ab" * 32, ()),), {"Python": "3.11"}, {"Programm": "cd" * 32},
)  # fmt: skip


def plant(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Makes the child try to leave when it imports the service, that is after the watch has begun."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(PLANTED.format(code=code.strip()), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest.fixture
def namespaces() -> None:
    if possible_way() is not Way.NAMENSRAUM:
        pytest.skip("eigene Netz-Namensräume sind auf diesem Rechner nicht erlaubt (unshare)")


APPEARANCE = '[stadt]\nname = "Kleinstadt"\nwappen = "wappen.svg"\n[farben]\nkopf = "#7a0019"\n'
CREST = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
ADMIN = (
    "/anmelden", "/", "/regeln", "/regeln/neu", "/kontakte", "/positivliste", "/begriffe", "/leitlinie", "/einspielen", "/entwuerfe",
    "/bauen", "/bericht", "/veroeffentlichen", "/suche", "/wartung", "/protokoll",
)  # fmt: skip


def test_in_a_namespace_everything_runs_and_nothing_tries_to_leave(ready_home: Path, namespaces: None) -> None:
    (ready_home / "corpus" / "erscheinung.toml").write_text(APPEARANCE, encoding="utf-8")
    (ready_home / "corpus" / "wappen.svg").write_text(CREST, encoding="utf-8")
    before = sorted(ready_home.rglob("*"))
    proof = prove(ready_home, NOW, Way.NAMENSRAUM)
    assert (proof.holds, proof.attempts, proof.interfaces, proof.counted) == (True, (), ("lo",), 0)
    addresses = {page.address for page in proof.pages}
    read = ("/", "/leitlinie", "/recht", "/so-geht-es", "/datenschutz", "/barrierefreiheit", "/versionen")
    assert {"/gesundheit", *read, *(f"/en{path}" for path in read)} <= addresses
    for loaded in ("/eigen/seite.css", "/eigen/stadt.css", "/eigen/wappen.svg", "Verwaltung /verwaltung/verwaltung.css"):
        assert any(address.startswith(loaded) for address in addresses), loaded
    assert {f"Verwaltung {path}" for path in ADMIN} <= addresses
    assert any(address.startswith("Verwaltung /regeln/") and not address.endswith("/neu") for address in addresses)
    assert sorted(ready_home.rglob("*")) == before, "the administration was only looked at"
    assert proof.loopback >= len(addresses)
    assert sum(step.what.startswith("Frage: ") for step in proof.steps) > 1


def test_a_connection_by_python_is_reported_and_refused_where_only_sockets_are_watched(
    ready_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(tmp_path / "b", monkeypatch, BY_PYTHON)
    monkeypatch.setenv("LEITPLANKE_HOME", str(ready_home))
    file = tmp_path / "bericht.html"
    assert main(["prove-local", "--art", "sockets", "--bericht", str(file)]) == 1
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "192.0.2.1" in said.err
    assert "nicht bestanden" in file.read_text(encoding="utf-8")


def test_a_connection_by_native_code_is_counted_by_the_kernel_in_a_namespace(
    ready_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, namespaces: None
) -> None:
    plant(tmp_path / "b", monkeypatch, BY_NATIVE_CODE)
    proof = prove(ready_home, NOW, Way.NAMENSRAUM)
    assert proof.attempts == ()
    assert proof.counted
    assert not proof.holds
    assert "vom Kernel gezählt" in proof.violation()


def test_a_home_in_which_something_is_missing_is_one_german_line(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    with pytest.raises(LeitplankeError, match=r"Der Nachweis ist gescheitert: .*manifest.toml fehlt"):
        prove(tmp_path, NOW, Way.SOCKETS)


@pytest.mark.parametrize(
    "page",
    [
        '<script src="https://cdn.example/x.js"></script>', '<link rel="stylesheet" href="//fonts.example/f.css">',
        '<img srcset="a.png 1x, https://b.example/b.png 2x">', '<a href="https://b.example/">ohne Kennzeichnung</a>',
        '<p style="background: url(https://b.example/x)">', "<style>@import 'https://b.example/x.css';</style>",
        '<script>fetch("https:\\/\\/b.example\\/x")</script>', '<form action="http://127.0.0.1:9/"></form>',
        '<meta http-equiv="refresh" content="0; url=https://b.example/">', '<iframe src="https://b.example/"></iframe>',
    ],
)  # fmt: skip
def test_a_page_that_names_another_origin_is_found(page: str) -> None:
    assert in_html(page, BASE)


def test_own_addresses_namespaces_data_and_marked_links_are_not_foreign() -> None:
    page = (
        '<a href="https://eur-lex.europa.eu/" rel="noopener external">x</a><a href="/recht">y</a><img src="data:,x">'
        f'<script>var root = "{BASE}"</script><svg xmlns="http://www.w3.org/2000/svg"></svg><a href="mailto:a@b.example">z</a>'
    )
    assert in_html(page, BASE) == ()
    loading = '<link href="/a.css"><script src="https://b.example/b.js"></script><iframe src="/c"></iframe><a href="/d">d</a>'
    assert resources(loading, BASE) == [BASE + "a.css", BASE + "c"]


def test_style_sheets_and_headers_are_checked_too() -> None:
    assert in_css("a { background: url('/b.png') } @font-face { src: url(//c.example/f.woff) }", BASE) == ("//c.example/f.woff",)
    assert in_headers({"content-security-policy": POLICY}, BASE) == ()
    assert in_headers({}, BASE) == ("keine Content-Security-Policy",)
    assert in_headers({"content-security-policy": POLICY + "; img-src https://b.example"}, BASE)
    assert in_headers({"content-security-policy": POLICY, "link": "<https://b.example/x>; rel=preload"}, BASE)
    assert in_headers({"content-security-policy": POLICY, "set-cookie": "a=b"}, BASE) == ("Cookie",)


@pytest.mark.parametrize(
    "change",
    [
        {"attempts": ("connect 192.0.2.1",)}, {"counted": 2},
        {"pages": (Fetched("/", 200, 1, "", ("https://b.example/",)),)},
    ],
)  # fmt: skip
def test_any_of_the_three_signs_breaks_the_proof(change: dict[str, object]) -> None:
    assert GOOD.holds
    assert not replace(GOOD, **change).holds  # type: ignore[arg-type]
    assert "\n" not in replace(GOOD, **change).violation()  # type: ignore[arg-type]


class Tags(HTMLParser):
    """Names of all elements and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {tag, *(name for name, _ in attrs)}


def test_the_report_is_self_contained_and_dated_and_says_how_and_with_what() -> None:
    text = report(GOOD)
    assert not {"script", "link", "img", "src", "href"} & Tags(text).names
    for piece in ("22.11.2026", "Netz-Namensraum", "g-1", "cd" * 32, "Versuche nach außen</td><td>keine", 'lang="de"'):
        assert piece in text


def test_the_weaker_way_says_what_it_cannot_see() -> None:
    text = report(replace(GOOD, way=Way.SOCKETS, counted=None))
    assert "Nicht gesehen werden Verbindungen von Bibliotheken in anderen Sprachen" in text
    assert "nicht gezählt" in text


def test_hostile_values_are_escaped_in_the_report() -> None:
    assert "<script>" not in report(replace(GOOD, attempts=("connect <script>",)))


def test_a_report_that_cannot_be_written_is_one_german_line_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(LeitplankeError, match="kann nicht geschrieben werden"):
        write_report(tmp_path / "fehlt" / "b.html", GOOD)
    write_report(tmp_path / "b.html", GOOD)
    assert [file.name for file in tmp_path.iterdir()] == ["b.html"]
