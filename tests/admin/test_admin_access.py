"""The parts of access alone: password file, slow-down, proxy settings, log, maintenance notice, and the command."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from admin_page import HASH, NOW, PASSWORD

from assistant.admin import access, passwords
from assistant.admin.guard import framed_headers, from_own_page
from assistant.admin.journal import Journal
from assistant.admin.maintenance import LENGTH, Maintenance, read_maintenance, write_maintenance
from assistant.admin.pages.importing import safe_name
from assistant.errors import LeitplankeError, SettingsError


def test_only_the_hash_is_stored_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = passwords.write_hash(tmp_path, passwords.make_hash(PASSWORD))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSWORD not in file.read_text()
    stored = passwords.read_hash(tmp_path, {})
    assert stored is not None
    assert passwords.matches(stored, PASSWORD)
    assert not passwords.matches(stored, PASSWORD + " ")
    assert passwords.read_hash(tmp_path, {passwords.VARIABLE: HASH}) == HASH


@pytest.mark.parametrize("password", ["", "elf zeichen", "x" * 257])
def test_short_and_endless_passwords_are_refused(password: str) -> None:
    with pytest.raises(SettingsError, match="12 bis 256"):
        passwords.make_hash(password)


def test_a_hash_that_others_can_read_or_that_is_none_is_refused(tmp_path: Path) -> None:
    assert passwords.read_hash(tmp_path, {}) is None
    file = passwords.write_hash(tmp_path, HASH)
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        passwords.read_hash(tmp_path, {})
    passwords.write_hash(tmp_path, "geheim")
    with pytest.raises(SettingsError, match="kein"):
        passwords.read_hash(tmp_path, {})
    with pytest.raises(SettingsError, match=passwords.VARIABLE):
        passwords.read_hash(tmp_path, {passwords.VARIABLE: "geheim"})
    assert not passwords.matches("geheim", "geheim")


def test_waiting_doubles_is_bounded_and_is_forgotten() -> None:
    clock = [0.0]
    throttle = access.Throttle(lambda: clock[0])
    waits = []
    for _ in range(20):
        throttle.failed("10.0.0.1")
        waits.append(throttle.wait("10.0.0.1"))
    assert waits[:3] == [0.0, 0.0, 0.0]
    assert waits[3:6] == [2.0, 4.0, 8.0]
    assert waits[-1] == access.LONGEST_WAIT
    clock[0] += access.FORGET_SECONDS + 1
    assert throttle.wait("10.0.0.1") == 0


def test_one_network_of_ipv6_counts_as_one_address_and_memory_is_bounded() -> None:
    throttle = access.Throttle(lambda: 0.0)
    for number in range(access.FREE_TRIES):
        throttle.failed(f"2001:db8::{number:x}")
    assert throttle.wait("2001:db8::ffff") > 0
    assert throttle.wait("2001:db8:1::1") == 0
    for number in range(access.MAX_ADDRESSES * 2):
        throttle.failed(f"10.{number // 65536}.{number // 256 % 256}.{number % 256}")
    assert len(throttle._failed) == access.MAX_ADDRESSES


def test_sessions_are_bounded_and_the_one_unused_for_longest_goes() -> None:
    sessions = access.Sessions(lambda: 0.0)
    first, _ = sessions.begin("erste")
    second, _ = sessions.begin("zweite")
    assert sessions.find(first) is not None
    for number in range(access.MAX_SESSIONS - 1):
        sessions.begin(str(number))
    assert sessions.find(second) is None
    assert sessions.find(first) is not None
    assert sessions.find("") is None


@pytest.mark.parametrize(("header", "addresses"), [("X-User", ""), ("X-User", "rathaus"), ("", "10.0.0.1/99")])
def test_half_a_proxy_is_an_error(header: str, addresses: str) -> None:
    with pytest.raises(SettingsError, match="admin_proxy"):
        access.Proxy.of(header, addresses)


def test_no_proxy_is_no_error_and_names_are_one_printable_line() -> None:
    assert access.Proxy.of("", " ") is None
    proxy = access.Proxy.of("X-User", "10.0.0.1, 2001:db8::/32")
    assert proxy is not None
    assert proxy.name("2001:db8::5", {"x-user": " A\x00\nB "}) == "A B"
    assert proxy.name("kein Rechner", {"x-user": "A"}) == ""
    only_tls = access.Proxy.of("", "10.0.0.1")
    assert only_tls is not None
    assert only_tls.trusts("10.0.0.1")
    assert only_tls.name("10.0.0.1", {"": "A", "x-user": "A"}) == ""


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"origin": "https://verwaltung.stadt"}, True), ({"sec-fetch-site": "same-origin"}, True),
        ({"origin": "https://verwaltung.stadt", "sec-fetch-site": "same-origin"}, True), ({}, False), ({"origin": "null"}, False),
        ({"origin": "https://verwaltung.stadt.boese.example"}, False), ({"origin": "https://boese.example@verwaltung.stadt"}, False),
        ({"origin": "https://verwaltung.stadt", "sec-fetch-site": "cross-site"}, False), ({"sec-fetch-site": "none"}, False),
    ],
)  # fmt: skip
def test_what_counts_as_sent_by_our_own_page(headers: dict[str, str], own: bool) -> None:
    assert from_own_page(headers, ("verwaltung.stadt",)) is own


def test_the_report_in_its_frame_may_show_its_style_and_nothing_else() -> None:
    policy = framed_headers(b"<style>p{}</style><p style='x'><script>1</script>")["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("sandbox")
    assert "script" not in policy
    assert "unsafe" not in policy


def test_the_log_is_a_chain_that_shows_every_change_and_goes_on_all_the_same(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for number in range(3):
        journal.add(NOW, "Erika", f"Schritt {number}\nzweite Zeile")
    entries, damage = journal.read()
    assert [e.what for e in entries] == [f"Schritt {n} zweite Zeile" for n in (2, 1, 0)]
    assert damage == ""
    whole = journal.path.read_text()
    lines = whole.splitlines(keepends=True)
    for changed in (whole.replace("Schritt 1", "Schritt 9"), lines[0] + lines[2], whole.replace("Schritt 2", "x"), lines[1] + lines[2]):
        journal.path.write_text(changed)
        assert "Prüfsumme" in journal.read()[1]
    journal.path.write_text(whole + '{"zeit": "abgebro')
    journal.add(NOW, "Erika", "danach")
    entries, damage = journal.read()
    assert entries[0].what == "danach"
    assert "Zeile 4" in damage


def test_what_cannot_be_logged_is_not_begun(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.path.mkdir(parents=True)
    with pytest.raises(LeitplankeError, match="nichts geändert"):
        journal.check()


def test_the_notice_is_written_read_and_taken_away(tmp_path: Path) -> None:
    assert read_maintenance(tmp_path) is None
    write_maintenance(tmp_path, Maintenance("Bis  12 Uhr\nPause", resting=True))
    assert read_maintenance(tmp_path) == Maintenance("Bis 12 Uhr Pause", resting=True)
    (tmp_path / "wartung.json").write_text("{")
    assert read_maintenance(tmp_path) == Maintenance("Wartung: Der Assistent wird gerade gepflegt.", resting=False)
    write_maintenance(tmp_path, None)
    assert read_maintenance(tmp_path) is None
    for text in (" ", "x" * (LENGTH + 1)):
        with pytest.raises(LeitplankeError, match="1 bis"):
            write_maintenance(tmp_path, Maintenance(text, resting=False))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\Ordner\\Leitlinie 2026.docx", "Leitlinie 2026.docx"), ("..", "datei"), ("a\x00<b>.html", "a_b_.html")],
)  # fmt: skip
def test_the_name_of_an_upload_names_no_folder(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept


def run(home: Path, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LEITPLANKE_HOME": str(home)}
    environment.pop(passwords.VARIABLE, None)
    command = [sys.executable, "-m", "assistant", "admin", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, env=environment, check=False, timeout=120)


def test_without_password_and_proxy_the_command_refuses_to_start(mini_home: Path) -> None:
    done = run(mini_home, "--port", "0")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "leitplanke admin passwort" in done.stderr
    (mini_home / "leitplanke.toml").write_text('admin_proxy_adressen = "127.0.0.1"\n')  # for TLS only: nobody vouches
    assert run(mini_home, "--port", "0").returncode == 1


def test_the_password_is_asked_for_twice_and_only_its_hash_written(mini_home: Path) -> None:
    done = run(mini_home, "passwort", text=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    stored = passwords.read_hash(mini_home, {})
    assert stored is not None
    assert passwords.matches(stored, PASSWORD)
    assert PASSWORD not in done.stdout + done.stderr
    different = run(mini_home, "passwort", text=f"{PASSWORD}\nanders\n")
    assert (different.returncode, different.stderr.count("\n")) == (1, 1)
    shown = run(mini_home, "passwort", "--zeigen", text=f"{PASSWORD}\n{PASSWORD}\n")
    assert passwords.matches(shown.stdout.strip(), PASSWORD)
    assert passwords.read_hash(mini_home, {}) == stored


def test_the_log_holds_one_json_object_a_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.add(NOW, "E\ud800", "x" * 1000)
    raw = json.loads(journal.path.read_text())
    assert set(raw) == {"zeit", "wer", "was", "davor", "summe"}
    assert len(raw["was"]) == 300


def test_the_command_prints_its_address_serves_and_ends_cleanly(mini_home: Path) -> None:
    environment = {**os.environ, "LEITPLANKE_HOME": str(mini_home), passwords.VARIABLE: HASH}
    command = [sys.executable, "-m", "assistant", "admin", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = re.findall(r"http://127\.0\.0\.1:\d+/", line)[0]
        with urlopen(f"{address}anmelden", timeout=60) as answer:
            assert "Kennwort der Verwaltung" in answer.read().decode()
            assert "server" not in {name.lower() for name in answer.headers}
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def test_a_notice_without_rest_stands_above_the_answers_and_one_with_rest_replaces_them() -> None:
    from page_fake import DAY, FakeAssistant

    from assistant.web.chat import Chat, import_gradio
    from assistant.web.conversation import Conversation
    from assistant.web.desk import Backend, Desk

    notice = [Maintenance("Heute <b>neu</b> gefasst.", resting=False)]
    api = FakeAssistant()
    chat = Chat(import_gradio(), Desk(Backend(api, maintenance=lambda: notice[0]), lambda: DAY, concurrent=1))

    async def asked() -> dict[str, str]:
        shown: dict[str, str] = {}
        async for update in chat.ask("Erlaubt: geht das?", Conversation()):
            shown |= {part.elem_id: value for part, value in update.items() if isinstance(value, str)}
        return shown

    answered = asyncio.run(asked())
    assert "Heute &lt;b&gt;neu&lt;/b&gt; gefasst." in answered["lp-lage"]
    assert "lp-urteil" in answered["lp-antwort"]
    notice[0] = Maintenance("Pause.", resting=True)
    resting = asyncio.run(asked())
    assert "Pause." in resting["lp-lage"]
    assert "lp-antwort" not in resting
    assert resting["frage"] == "Erlaubt: geht das?"
