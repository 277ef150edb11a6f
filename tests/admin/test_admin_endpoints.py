"""Every address of the administration × who asks, made from the application's own routes so that none is forgotten."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import pytest
from admin_page import HASH, NAME, NOW, OWN, PASSWORD, Person, client_of, make_office
from starlette.routing import Mount, Route

from assistant.admin.access import Proxy
from assistant.admin.app import create_app
from assistant.admin.guard import MAX_FORM, MAX_UPLOAD
from assistant.admin.office import COOKIE, Office
from assistant.admin.work import Worker

PUBLIC = {("GET", "/anmelden"), ("POST", "/anmelden")}
EXISTING = {
    "/regeln/{id}": "/regeln/texte", "/kontakte/{key}": "/kontakte/dsb", "/positivliste/{key}": "/positivliste/modell",
    "/begriffe/{key}": "/begriffe/daten.sozialdaten", "/entwuerfe/{id}": "/entwuerfe/fehlt",
}  # fmt: skip
MISSING_IS_FINE = {"/bericht/inhalt", "/entwuerfe/{id}", "/entwuerfe/{id}/verwerfen"}
"""Addresses of things that the miniature home does not have."""


def table() -> list[tuple[str, str]]:
    office = make_office(Path("/nirgends"))
    routes = [route for route in create_app(office).routes if isinstance(route, Route)]
    return [(method, route.path) for route in routes for method in sorted((route.methods or set()) - {"HEAD"})]


TABLE = table()
CHANGING = [path for method, path in TABLE if method == "POST"]
READING = [path for method, path in TABLE if method == "GET"]


def real(path: str) -> str:
    for pattern, existing in EXISTING.items():
        if path.startswith(pattern):
            return existing + path.removeprefix(pattern)
    assert "{" not in path, f"a new address needs an example in EXISTING: {path}"
    return path


@pytest.fixture(scope="module")
def home(ready_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all: what is refused changes nothing, and what is let through here has nothing to save."""
    return Path(shutil.copytree(ready_template, tmp_path_factory.mktemp("verwaltung") / "heim"))


@pytest.fixture
def office(home: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(Worker, "start", lambda *_: None)  # nothing here waits for a build
    return make_office(home)


def state(home: Path) -> str:
    """A checksum of everything the administration can change, but for its own log."""
    files = [p for p in (home / "corpus").rglob("*") if p.is_file()]
    files += [p for p in (home / "wartung.json", home / "index" / "CURRENT", home / "index" / "log.jsonl") if p.is_file()]
    return hashlib.sha256(b"".join(str(p).encode() + p.read_bytes() for p in sorted(files))).hexdigest()


def test_besides_the_routes_of_the_table_only_two_folders_of_assets_are_served() -> None:
    app = create_app(make_office(Path("/nirgends")))
    others = [route for route in app.routes if not isinstance(route, Route)]
    assert [route.path for route in others if isinstance(route, Mount)] == ["/eigen", "/verwaltung"]
    assert len(others) == 2
    assert {method for method, _ in TABLE} == {"GET", "POST"}


@pytest.mark.parametrize("path", READING)
def test_reading_needs_a_login_and_then_works(office: Office, path: str) -> None:
    anonymous = client_of(office).get(real(path))
    if ("GET", path) in PUBLIC:
        assert anonymous.status_code == 200
    else:
        assert (anonymous.status_code, anonymous.headers["location"]) == (303, "/anmelden")
        assert anonymous.text == ""
    known = Person(office).client.get(real(path))
    assert known.status_code in ((404, 400) if path in MISSING_IS_FINE else (200, 303)), known.text
    for answer in (anonymous, known):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", CHANGING)
@pytest.mark.parametrize(
    ("headers", "token", "known", "expected"),
    [
        (OWN, True, False, 401),
        (OWN, False, True, 403),
        ({"origin": "https://boese.example", "sec-fetch-site": "cross-site"}, True, True, 403),
        ({"origin": "https://boese.example"}, True, True, 403),
        ({"sec-fetch-site": "same-site"}, True, True, 403),
        ({"origin": "null"}, True, True, 403),
        ({}, True, True, 403),
    ],
    ids=["nicht angemeldet", "ohne Schlüssel", "fremde Seite", "fremder Ursprung", "Nachbar", "Ursprung null", "ohne Ursprung"],
)  # fmt: skip
def test_changing_is_refused_and_changes_nothing(
    office: Office, path: str, headers: dict[str, str], token: bool, known: bool, expected: int
) -> None:
    person = Person(office)
    client = person.client if known else client_of(office)
    before = state(office.home)
    data = {"formularschluessel": person.token if token else "geraten", "name": NAME, "kennwort": PASSWORD, "schalter": "an", "text": "x"}
    answer = client.post(real(path), data=data, headers=headers)
    if ("POST", path) in PUBLIC and headers == OWN:
        assert answer.status_code in (303, 403)  # logging in needs no session; with one it needs the form's token
    else:
        assert answer.status_code == expected
    assert state(office.home) == before
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", CHANGING)
def test_changing_is_let_through_with_login_and_token_and_its_problems_are_german_pages(office: Office, path: str) -> None:
    person = Person(office)
    answer = person.send(real(path))
    assert answer.status_code in ((303, 403) if path == "/anmelden" else (303, 400, 409)), answer.text
    if answer.status_code != 303:
        assert '<html lang="de">' in answer.text


def test_the_wrong_password_and_the_wrong_name_get_the_same_answer_and_no_cookie(office: Office) -> None:
    answers = [
        client_of(office, f"10.0.0.{number}").post("/anmelden", data={"name": name, "kennwort": password}, headers=OWN)
        for number, (name, password) in enumerate([(NAME, "falsch"), ("", PASSWORD), ("", ""), (NAME, "x" * 300)])
    ]
    assert {a.status_code for a in answers} == {403}
    assert {re.sub(r'value="[^"]*"', "", a.text) for a in answers} == {re.sub(r'value="[^"]*"', "", answers[0].text)}
    assert not any("set-cookie" in a.headers for a in answers)
    log = office.journal.path.read_text(encoding="utf-8")
    assert "falsch" not in log
    assert PASSWORD not in log


def test_after_four_wrong_passwords_the_right_one_has_to_wait(office: Office) -> None:
    client = client_of(office, "10.1.1.1")
    for _ in range(4):
        assert client.post("/anmelden", data={"name": NAME, "kennwort": "falsch"}, headers=OWN).status_code == 403
    refused = client.post("/anmelden", data={"name": NAME, "kennwort": PASSWORD}, headers=OWN)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    elsewhere = client_of(office, "10.1.1.2").post("/anmelden", data={"name": NAME, "kennwort": PASSWORD}, headers=OWN)
    assert elsewhere.status_code == 303


def test_the_cookie_is_for_this_site_only_and_secure_behind_tls(home: Path) -> None:
    proxy = Proxy.of("x-user", "10.9.9.9")
    office = make_office(home, proxy=proxy)
    data = {"name": NAME, "kennwort": PASSWORD}
    plain = client_of(office).post("/anmelden", data=data, headers=OWN).headers["set-cookie"].lower()
    assert "httponly" in plain
    assert "samesite=strict" in plain
    assert "secure" not in plain
    behind = client_of(office, "10.9.9.9").post("/anmelden", data=data, headers={**OWN, "x-forwarded-proto": "https"})
    assert "; secure" in behind.headers["set-cookie"].lower()
    forged = client_of(office).post("/anmelden", data=data, headers={**OWN, "x-forwarded-proto": "https"})
    assert "; secure" not in forged.headers["set-cookie"].lower()


def test_a_session_ends_by_idling_by_age_and_by_logging_out(home: Path) -> None:
    from assistant.admin.access import ABSOLUTE_SECONDS, IDLE_SECONDS, Sessions

    clock = [0.0]
    office = make_office(home, sessions=Sessions(lambda: clock[0]))
    person = Person(office)
    clock[0] += IDLE_SECONDS - 1
    assert person.client.get("/wartung").status_code == 200
    clock[0] += IDLE_SECONDS + 1
    assert person.client.get("/wartung").status_code == 303
    person = Person(office)
    for _ in range(int(ABSOLUTE_SECONDS / IDLE_SECONDS) + 1):
        clock[0] += IDLE_SECONDS - 1
        last = person.client.get("/wartung").status_code
    assert last == 303
    person = Person(office)
    cookie = person.client.cookies[COOKIE]
    assert person.send("/abmelden").status_code == 303
    stolen = client_of(office)
    stolen.cookies.set(COOKIE, cookie)
    assert stolen.get("/wartung").status_code == 303


def test_the_header_of_the_proxy_counts_only_from_its_address(home: Path) -> None:
    office = make_office(home, stored_hash=None, proxy=Proxy.of("X-Remote-User", "10.9.9.0/28"))
    header = {"x-remote-user": "m.schmitz"}
    inside = client_of(office, "10.9.9.3").get("/wartung", headers=header)
    assert inside.status_code == 200
    assert "m.schmitz" in inside.text
    for address, sent in (("10.9.9.77", header), ("testclient", header), ("10.9.9.3", {})):
        assert client_of(office, address).get("/wartung", headers=sent).status_code == 303
    assert client_of(office).post("/anmelden", data={"name": "x", "kennwort": ""}, headers=OWN).status_code == 403


def test_a_session_of_the_proxy_is_worth_nothing_without_its_header(home: Path) -> None:
    office = make_office(home, stored_hash=HASH, proxy=Proxy.of("x-remote-user", "10.9.9.3"))
    client = client_of(office, "10.9.9.3")
    assert client.get("/wartung", headers={"x-remote-user": "m.schmitz"}).status_code == 200
    assert client.get("/wartung").status_code == 303
    assert client.get("/wartung", headers={"x-remote-user": "jemand.anders"}).text.count("jemand.anders") == 1


def test_too_large_requests_are_cut_off(office: Office) -> None:
    person = Person(office)
    assert person.send("/wartung", {"text": "x" * (MAX_FORM + 1)}).status_code == 413
    assert person.send("/wartung", {f"feld{n}": "x" for n in range(500)}).status_code == 413
    files = {"datei": ("gross.html", b"x" * (MAX_UPLOAD + 1))}
    assert person.send("/einspielen", files=files).status_code == 413
    assert client_of(office).post("/einspielen", content=b"x" * 100, headers=OWN).status_code == 401


def test_every_action_is_logged_with_name_and_time(office: Office) -> None:
    person = Person(office)
    person.send("/wartung", {"schalter": "an", "text": "Kurze Pause", "ruht": "ja"})
    person.send("/bauen")
    person.send("/wartung", {"schalter": "aus"})
    entries, damage = office.journal.read()
    assert damage == ""
    assert [(e.who, e.what) for e in entries[:4]] == [
        (NAME, "Wartung ausgeschaltet"),
        (NAME, "Bau des Index begonnen"), (NAME, "Wartung eingeschaltet, Fragen ruhen"), (NAME, "Angemeldet"),
    ]  # fmt: skip
    assert entries[1].when == NOW.isoformat(timespec="seconds")
