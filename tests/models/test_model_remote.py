"""A model server instead of a file: who may be asked, what is sent, and that no misbehaviour does harm."""

from __future__ import annotations

import datetime as dt
import logging
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from chat_server import GOOD, OK, ChatServer, ended, running, said, status

from assistant.ask.service import AssistantService
from assistant.errors import ModelBusy, ModelError, SettingsError
from assistant.models import remote as subject
from assistant.models.child import ModelTooSlow
from assistant.models.generator import open_generator
from assistant.models.line import Attempt, ModelStopped
from assistant.models.own_network import checked, read_url
from assistant.models.remote import RemoteGenerator, open_server
from assistant.models.sse import LONGEST_LINE, LONGEST_STREAM
from assistant.settings import Settings
from assistant.types import Question

ASK = [("system", "Regel der Stadt"), ("user", "Darf ich das?")]
Connect = Callable[..., RemoteGenerator]


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with running(ChatServer()) as made:
        yield made


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Connect]:
    """Generators by settings; closed after the test."""
    made: list[RemoteGenerator] = []

    def make(server: ChatServer, host: str = "127.0.0.1", scheme: str = "http", **options: Any) -> RemoteGenerator:
        settings = Settings(generator_url=f"{scheme}://{host}:{server.port}/v1", **options)
        made.append(open_server(tmp_path, settings, {}))
        return made[-1]

    yield make
    for generator in made:
        generator.close()


def text_of(generator: RemoteGenerator, **options: Any) -> str:
    return "".join(generator.stream(ASK, **{"max_tokens": 50, **options}))


def names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Every name stands for these addresses; returns the names looked up."""
    asked: list[str] = []

    def look_up(host: str, port: int, *_: object, **__: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


# --- what is sent and received


def test_text_arrives_in_pieces_with_what_it_cost(server: ChatServer, connect: Connect) -> None:
    generator = connect(server)
    assert list(generator.stream(ASK, max_tokens=50)) == ["Das ist ", "verboten [1]."]
    assert generator.last is not None
    assert (generator.last.prompt_tokens, generator.last.reused, generator.last.pieces) == (30, 10, 2)


def test_prompt_limits_and_grammar_are_sent_and_thinking_is_switched_off(server: ChatServer, connect: Connect) -> None:
    text_of(connect(server, generator_modell="stadt"), grammar='root ::= "ja"')
    (body,) = server.bodies
    assert body["messages"][1] == {"role": "user", "content": "Darf ich das?"}
    assert (body["model"], body["max_tokens"], body["temperature"], body["stream"]) == ("stadt", 50, 0.0, True)
    assert body["grammar"] == 'root ::= "ja"'
    assert body["chat_template_kwargs"] == {"enable_thinking": False}


def test_the_first_model_offered_is_used_and_named_without_its_folder(server: ChatServer, connect: Connect) -> None:
    generator = connect(server)
    generator.start()
    assert generator.name == "stadt-8b.gguf"
    text_of(generator)
    assert server.bodies[0]["model"] == "stadt-8b.gguf"


def test_a_server_without_grammar_is_asked_again_without_and_from_then_on(server: ChatServer, connect: Connect) -> None:
    server.answers = [[status(400)], GOOD, GOOD]
    generator = connect(server)
    assert text_of(generator, grammar="g") == text_of(generator, grammar="g") == "Das ist verboten [1]."
    assert ["grammar" in body for body in server.bodies] == [True, False, False]


def test_tokens_are_estimated_carefully_and_then_as_the_server_counted(server: ChatServer, connect: Connect) -> None:
    generator = connect(server)
    assert generator.count("x" * 100) == 40
    text_of(generator)  # the prompt of 28 characters had 30 tokens
    assert generator.count("x" * 100) == 100
    server.answers = [(OK, said("a"), ended(prompt_tokens=7))]
    text_of(generator)
    assert generator.count("x" * 100) == 25


def test_budget_follows_the_settings(server: ChatServer, connect: Connect) -> None:
    assert connect(server, generator_kontext=8192, modell_antwort_tokens=500).budget == 8192 - 500 - 64


# --- who may be asked


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.7.7", "::1", "fd00::1", "::ffff:10.0.0.1"]
)
def test_addresses_of_the_own_network_are_allowed(address: str) -> None:
    assert ip_address(checked("h", [address], public=False)) == ip_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8", "172.32.0.1", "169.254.169.254", "0.0.0.0",  # noqa: S104 - refused
        "100.64.0.1", "198.18.0.1", "224.0.0.1",
        "2001:db8::1", "2600::1", "fe80::1", "::", "::ffff:8.8.8.8", "64:ff9b::808:808",
    ],
)  # fmt: skip
def test_all_other_addresses_are_refused_unless_allowed(address: str) -> None:
    with pytest.raises(ModelError, match="nicht zum eigenen Netz"):
        checked("h", ["10.0.0.1", address], public=False)
    assert ip_address(checked("h", [address], public=True)) == ip_address(address)


def test_a_number_outside_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"203\.0\.113\.9.*generator_oeffentlich"):
        open_server(tmp_path, Settings(generator_url="https://203.0.113.9/v1"), {})
    with pytest.raises(ModelError, match="2001:db8::9"):
        open_server(tmp_path, Settings(generator_url="https://[2001:db8::9]/v1"), {})


def test_a_name_that_leads_outside_is_refused(
    server: ChatServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, "127.0.0.1", "203.0.113.9")
    with pytest.raises(ModelError, match=r"203\.0\.113\.9"):
        text_of(connect(server, host="modell.stadt.example"))
    assert server.seen == []


def test_a_name_is_looked_up_once_a_request_and_contacted_at_what_was_checked(
    server: ChatServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = names(monkeypatch, "127.0.0.1")
    assert text_of(connect(server, host="modell.stadt.example", generator_modell="m"))
    assert asked == ["modell.stadt.example"]
    assert server.seen[0][1]["host"] == f"modell.stadt.example:{server.port}"


def test_an_unknown_name_is_one_german_line(
    server: ChatServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ModelError, match=r"modell\.stadt\.example ist im Netz nicht bekannt"):
        text_of(connect(server, host="modell.stadt.example"))


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_redirects_are_not_followed(server: ChatServer, connect: Connect, code: int) -> None:
    server.answers = [[status(code, f"Location: http://127.0.0.1:{server.port}/anderswo")]]
    with pytest.raises(ModelError, match="leitet weiter"):
        text_of(connect(server))
    assert {path for path, _, _ in server.seen} == {"/v1/models", "/v1/chat/completions"}


def test_proxies_of_the_environment_are_not_used(
    server: ChatServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert text_of(connect(server))


@pytest.mark.parametrize(
    "url",
    [
        "modell:8080", "ftp://10.0.0.1/v1", "http://", "http://ich:geheim@10.0.0.1/v1", "http://10.0.0.1/v1?x=1",
        "http://10.0.0.1/v1#x", "http://10.0.0.1:99999/v1", "http://[fe80::1%25eth0]/v1", "http://mödell/v1",
    ],
)  # fmt: skip
def test_what_is_no_server_address_is_named(url: str) -> None:
    with pytest.raises(SettingsError, match="„generator_url“ ist"):
        read_url(url)


def test_the_port_follows_the_scheme() -> None:
    assert (read_url("https://h/v1/").port, read_url("http://h/v1").port) == (443, 80)
    assert read_url("https://h/v1/").base == "https://h/v1"


# --- key and certificates


def test_the_key_comes_from_a_file_or_the_environment(server: ChatServer, tmp_path: Path) -> None:
    (tmp_path / "schluessel").write_text("sk-datei\n", encoding="utf-8")
    url = f"http://127.0.0.1:{server.port}/v1"
    for settings, environ in (
        (Settings(generator_url=url, generator_schluesseldatei="schluessel"), {"LEITPLANKE_GENERATOR_KEY": "sk-um"}),
        (Settings(generator_url=url), {"LEITPLANKE_GENERATOR_KEY": "sk-um"}),
        (Settings(generator_url=url), {}),
    ):
        generator = open_server(tmp_path, settings, environ)
        generator.start()
        generator.close()
    assert [headers.get("authorization") for _, headers, _ in server.seen] == ["Bearer sk-datei", "Bearer sk-um", None]


@pytest.mark.parametrize(("content", "why"), [("", "leer"), ("sk-a\nsk-b", "einer Zeile"), ("schlüssel", "Umlaute")])
def test_a_broken_key_file_is_named_without_its_content(tmp_path: Path, content: str, why: str) -> None:
    (tmp_path / "k").write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=why) as caught:
        open_server(tmp_path, Settings(generator_url="http://10.0.0.1/v1", generator_schluesseldatei="k"), {})
    assert not content or content not in str(caught.value)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"generator_schluesseldatei.*nicht gelesen"):
        open_server(tmp_path, Settings(generator_url="http://10.0.0.1/v1", generator_schluesseldatei="fehlt"), {})


def test_neither_key_nor_question_nor_answer_is_logged(
    server: ChatServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers = [GOOD, [status(500)], (OK, said("Geheimes"), "data: {kaputt Geheimes\n\n")]
    settings = Settings(generator_url=f"http://127.0.0.1:{server.port}/v1", generator_modell="m")
    generator = open_server(tmp_path, settings, {"LEITPLANKE_GENERATOR_KEY": "sk-geheim"})
    lines = [repr(generator._options)]  # what a traceback of another program might print
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            try:
                text_of(generator)
            except ModelError as error:
                lines.append(str(error))
    generator.close()
    said_somewhere = caplog.text + "\n".join(lines)
    assert len(lines) == 3
    for word in ("sk-geheim", "Darf ich", "Geheimes", "verboten"):
        assert word not in said_somewhere


def test_a_key_sent_in_the_clear_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    environ = {"LEITPLANKE_GENERATOR_KEY": "sk-geheim"}
    for url, warned in (("http://10.0.0.1/v1", True), ("https://10.0.0.1/v1", False), ("http://localhost/v1", False)):
        caplog.clear()
        open_server(tmp_path, Settings(generator_url=url), environ)
        assert ("unverschlüsselt" in caplog.text) is warned
        assert "sk-geheim" not in caplog.text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Certificate and key of a server called ``modell.stadt.example``, signed by itself."""
    if not shutil.which("openssl"):
        pytest.skip("openssl fehlt, das Zertifikat für diesen Test kann nicht gemacht werden")
    folder = tmp_path_factory.mktemp("tls")
    name = "modell.stadt.example"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-keyout", "key.pem", "-out", "cert.pem", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
        ],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.parametrize(("host", "own_authority", "works"), [
    ("modell.stadt.example", True, True), ("modell.stadt.example", False, False), ("anders.example", True, False),
])  # fmt: skip
def test_certificates_are_verified_by_name_and_authority(
    certificate: tuple[Path, Path], connect: Connect, monkeypatch: pytest.MonkeyPatch, host: str, own_authority: bool,
    works: bool,
) -> None:  # fmt: skip
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificate)
    names(monkeypatch, "127.0.0.1")
    with running(ChatServer(), tls) as server:
        options = {"generator_zertifikatdatei": str(certificate[0])} if own_authority else {}
        generator = connect(server, host=host, scheme="https", **options)
        if works:
            assert text_of(generator) == "Das ist verboten [1]."
        else:
            with pytest.raises(ModelError, match="Zertifikat"):
                text_of(generator)
            assert server.seen == []


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("kein Zertifikat", encoding="utf-8")
    for file in ("ca.pem", "fehlt.pem"):
        with pytest.raises(SettingsError, match=f"generator_zertifikatdatei.*{file}"):
            open_server(
                tmp_path, Settings(generator_url="https://10.0.0.1/v1", generator_zertifikatdatei=file), {}
            )


# --- misbehaviour


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ([status(500)], "Status 500"),
        ([status(404)], "Status 404"),
        ([status(401)], "anderen Schlüssel"),
        ([""], "Verbindung abgebrochen"),
        (["Guten Tag\r\n\r\n"], "Verbindung abgebrochen"),
        ([OK], "abgebrochen"),
        ([OK, said("Das ist ")], "abgebrochen"),
        ([OK.replace("Connection", "Content-Length: 9000\r\nConnection"), said("Das")], "Verbindung abgebrochen"),
        ([OK, "data: {\n\n"], "unverständlich"),
        ([OK, "data: " + "[" * 60_000 + "\n\n"], "unverständlich"),
        ([OK, "data: 7\n\n"], "unverständlich"),
        ([OK, 'data: {"choices": [{"delta": {"content": ["x"]}}]}\n\n'], "unverständlich"),
        ([OK, 'data: {"choices": ["x"]}\n\n'], "unverständlich"),
        ([OK, 'data: {"error": {"message": "Darf ich das?"}}\n\n'], "meldet beim Schreiben einen Fehler"),
        ([OK, "data: " + "x" * (LONGEST_LINE + 10)], "zu viele Daten"),
        ([OK, *([": " + "x" * 60_000 + "\n"] * (LONGEST_STREAM // 60_000 + 2))], "zu viele Daten"),
        ([OK.replace("200 OK", "200 OK\r\nContent-Encoding: gzip"), "\x1f\x8b\x00\x00"], "abgebrochen"),
    ],
)
def test_every_misbehaviour_is_one_german_line_and_the_next_question_works(
    server: ChatServer, connect: Connect, answer: Iterable[str], line: str
) -> None:
    server.answers = [answer, answer, GOOD]
    generator = connect(server, generator_modell="m")
    generator._plain = True  # without the second try, which is another test
    for _ in range(2):
        with pytest.raises(ModelError, match=line) as caught:
            text_of(generator)
        assert "\n" not in str(caught.value)
        assert "Darf ich" not in str(caught.value)
    assert text_of(generator) == "Das ist verboten [1]."
    assert generator.waiting == 0


@pytest.mark.parametrize("code", [429, 503])
def test_a_server_under_load_is_busy(server: ChatServer, connect: Connect, code: int) -> None:
    server.answers = [[status(code)]]
    with pytest.raises(ModelBusy, match="ausgelastet"):
        text_of(connect(server))


@pytest.mark.parametrize("listing", ["", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", status(404)])
def test_a_server_without_models_is_one_line(server: ChatServer, connect: Connect, listing: str) -> None:
    server.listing = listing
    with pytest.raises(ModelError, match="Modellserver"):
        connect(server).start()


def test_nobody_listening_is_one_line(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ModelError, match=rf"127\.0\.0\.1:{port} ist nicht erreichbar"):
        text_of(connect(ChatServer(port=port)))


@pytest.mark.parametrize("answer", [(30.0,), (OK, 30.0), (OK, said("Das "), 30.0)], ids=["stumm", "Kopf", "halb"])
def test_a_server_that_hangs_is_left_at_the_deadline(
    server: ChatServer, connect: Connect, answer: tuple[str | float, ...]
) -> None:
    server.answers = [answer]
    generator = connect(server, generator_modell="m", modell_frist_s=1)
    began = time.monotonic()
    with pytest.raises(ModelTooSlow):
        text_of(generator)
    assert time.monotonic() - began < 3
    until = time.monotonic() + 5
    while not server.left and time.monotonic() < until:
        time.sleep(0.01)
    assert server.left == 1


def test_a_server_that_drips_is_left_at_the_deadline(server: ChatServer, connect: Connect) -> None:
    server.answers = [(OK, *([said("x"), 0.05] * 400))]
    generator = connect(server, generator_modell="m", modell_frist_s=1)
    began = time.monotonic()
    with pytest.raises(ModelTooSlow):
        text_of(generator)
    assert time.monotonic() - began < 3


def test_stop_ends_the_request_at_once(server: ChatServer, connect: Connect) -> None:
    server.answers = [(OK, said("Das "), 30.0), GOOD]
    generator, attempt = connect(server, generator_modell="m"), Attempt()
    stream = generator.stream(ASK, max_tokens=50, attempt=attempt)
    assert next(stream) == "Das "
    threading.Timer(0.05, attempt.stop).start()
    began = time.monotonic()
    with pytest.raises(ModelStopped):
        next(stream)
    assert time.monotonic() - began < 2
    assert text_of(generator)
    assert server.left == 1


def test_as_many_requests_at_once_as_configured(server: ChatServer, connect: Connect) -> None:
    server.answers = [(OK, 0.3, said("a"), ended())]
    generator = connect(server, generator_modell="m", generator_gleichzeitig=2, modell_warteschlange=10)
    guests = [threading.Thread(target=text_of, args=(generator,)) for _ in range(6)]
    for guest in guests:
        guest.start()
    for guest in guests:
        guest.join(10)
    assert (len(server.bodies), server.busiest) == (6, 2)


def test_the_line_is_bounded_here_too(server: ChatServer, connect: Connect) -> None:
    server.answers = [(OK, said("a"), 30.0)]
    generator = connect(server, generator_modell="m", generator_gleichzeitig=1, modell_warteschlange=0)
    served = generator.stream(ASK, max_tokens=5)
    next(served)
    with pytest.raises(ModelBusy, match="ausgelastet"):
        text_of(generator)
    served.close()


def test_closing_ends_requests_and_refuses_new_ones(server: ChatServer, connect: Connect) -> None:
    server.answers = [(OK, said("a"), 30.0)]
    generator = connect(server, generator_modell="m")
    stream = generator.stream(ASK, max_tokens=5)
    next(stream)
    generator.close()
    with pytest.raises(ModelError, match="beendet"):
        next(stream)
    with pytest.raises(ModelError, match="beendet"):
        text_of(generator)


def test_settings_choose_between_file_server_and_nothing(server: ChatServer, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{server.port}/v1"
    generator = open_generator(tmp_path, Settings(generator_url=url))
    assert isinstance(generator, RemoteGenerator)
    generator.close()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "manifest.toml").touch()
    assert open_generator(tmp_path, Settings(generator_url=url, generator="aus")) is None


def test_a_server_that_fails_leaves_the_extractive_answer_with_a_note(server: ChatServer, ready_home: Path) -> None:
    server.answers = [[status(500)]]
    url = f"http://127.0.0.1:{server.port}/v1"
    (ready_home / "leitplanke.toml").write_text(f'generator_url = "{url}"\n', encoding="utf-8")
    question = Question("Darf ich ein Rundschreiben mit KI entwerfen lassen?", dt.date(2026, 11, 22))
    service = AssistantService.open(ready_home)
    try:
        extract, worded = service.answer(question), service.answer(question, engine="modell")
    finally:
        service.close()
    assert (worded.text, worded.verdict, worded.citations) == (extract.text, extract.verdict, extract.citations)
    assert worded.notes[-1].code == "modell_fehler"
    assert "Status 500" in worded.notes[-1].text


# --- a real one


@pytest.fixture(scope="module")
def real_server(tiny_model: Path) -> Iterator[int]:
    """llama-cpp-python's own server over the tiny model, with a key."""
    for module in ("llama_cpp", "sse_starlette", "starlette_context", "pydantic_settings"):
        pytest.importorskip(module, reason=f"{module} fehlt: der echte Modellserver kann nicht gestartet werden")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable, "-m", "llama_cpp.server", "--model", str(tiny_model), "--host", "127.0.0.1",
            "--port", str(port), "--n_ctx", "1024", "--n_threads", "1", "--interrupt_requests", "false",
            "--api_key", "sk-probe",
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "HOST": "127.0.0.1"},
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while True:
            try:
                asked = Request(f"http://127.0.0.1:{port}/v1/models", headers={"Authorization": "Bearer sk-probe"})
                with urlopen(asked, timeout=2):
                    break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def real(real_server: int, tmp_path: Path) -> Iterator[RemoteGenerator]:
    settings = Settings(generator_url=f"http://127.0.0.1:{real_server}/v1", generator_kontext=1024)
    generator = open_server(tmp_path, settings, {subject.KEY_VARIABLE: "sk-probe"})
    yield generator
    generator.close()


def test_a_real_server_writes_and_obeys_the_grammar(real: RemoteGenerator) -> None:
    real.start()
    assert real.name == "winzling.gguf"
    assert len(list(real.stream(ASK, max_tokens=12))) == 12
    assert text_of(real, grammar='root ::= ("ja" | "nein")') in ("ja", "nein")


def test_a_real_server_is_free_again_after_stop(real: RemoteGenerator) -> None:
    stream = real.stream(ASK, max_tokens=900)
    next(stream)
    stream.close()
    began = time.monotonic()
    assert text_of(real, max_tokens=3)
    assert time.monotonic() - began < 5


def test_a_real_server_refuses_a_wrong_key_and_a_prompt_too_long(real_server: int, tmp_path: Path) -> None:
    settings = Settings(generator_url=f"http://127.0.0.1:{real_server}/v1", generator_modell="winzling")
    generator = open_server(tmp_path, settings, {subject.KEY_VARIABLE: "sk-falsch"})
    with pytest.raises(ModelError, match="anderen Schlüssel"):
        text_of(generator)
    generator.close()
    generator = open_server(tmp_path, settings, {subject.KEY_VARIABLE: "sk-probe"})
    with pytest.raises(ModelError, match=r"abgebrochen|Status 400"):
        list(generator.stream([("user", "Frage " * 3000)], max_tokens=5))
    assert text_of(generator, max_tokens=3)
    generator.close()
