"""Fetching models, against a small hub of our own on this machine."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assistant.errors import ModelError
from assistant.models import pull as subject
from assistant.models.listing import verify_models
from assistant.models.manifest import Purpose, folder_fingerprint, read_manifest
from assistant.models.pinning import pin
from assistant.models.pull import pull

COMMIT = "a" * 40
WEIGHTS = b"GGUF" + bytes(range(256)) * 4000


@dataclass
class Hub:
    """Files of one repository, the requests seen, and after how many bytes the next downloads break off."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    seen: list[tuple[str, str, str | None]] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chat page, made by other tests in this process, switches the hub off for good; a pull is a process of its own."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)


@pytest.fixture
def hub() -> Iterator[Hub]:
    state = Hub()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """No output in tests."""

        def _head(self, code: int, headers: Mapping[str, str]) -> None:
            self.send_response(code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def _listing(self) -> None:
            names = [
                {"rfilename": n, "type": "file", "path": n, "size": len(c), "oid": "0"} for n, c in state.files.items()
            ]
            tree = "/tree/" in self.path
            body = json.dumps(names if tree else {"id": "o/r", "sha": COMMIT, "siblings": names}).encode()
            self._head(200, {"Content-Type": "application/json", "Content-Length": str(len(body))})
            self.wfile.write(body)

        def _answer(self, *, body: bool) -> None:
            wanted = self.headers.get("Range")
            state.seen.append((self.command, self.path, wanted))
            if self.path.startswith("/api/"):
                self._listing()
                return
            name = self.path.split("?")[0].split("/resolve/")[1].split("/", 1)[1]
            content = state.files.get(name)
            if content is None:
                self._head(404, {"X-Error-Code": "EntryNotFound", "Content-Length": "0"})
                return
            start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
            etag = hashlib.sha256(content).hexdigest()
            headers = {
                "ETag": f'"{etag}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes",
                "Content-Length": str(len(content) - start),
            }  # fmt: skip
            if start:
                headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self._head(206 if start else 200, headers)
            if not body:
                return
            part = content[start:]
            if state.breaks:
                part = part[: state.breaks.pop(0)]
            self.wfile.write(part)
            self.close_connection = True

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture(autouse=True)
def own_hub_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")


def make_home(tmp_path: Path, sha256: str, **more: object) -> Path:
    home = tmp_path / "home"
    (home / "models").mkdir(parents=True)
    lines = [f"{key} = {json.dumps(value)}" for key, value in more.items()]
    (home / "models" / "manifest.toml").write_text(
        "[[modell]]\nname = 'm'\nzweck = 'generator'\nrepository = 'o/r'\ndatei = 'm.gguf'\nlizenz = 'MIT'\n"
        f"sha256 = '{sha256}'\n" + "\n".join(lines) + "\n"
        "[[modell]]\nname = 'e'\nzweck = 'embedder'\nrepository = 'o/r'\nordner = 'eigene/e'\nlizenz = 'MIT'\n"
        "[[modell]]\nname = 'eingebaut'\nzweck = 'embedder'\nordner = 'eingebaut'\nlizenz = 'MIT'\n",
        encoding="utf-8",
    )
    return home


GOOD = hashlib.sha256(WEIGHTS).hexdigest()


def test_fetched_file_is_checked_and_put_in_place(tmp_path: Path, hub: Hub) -> None:
    home = make_home(tmp_path, GOOD, bytes=len(WEIGHTS))
    hub.files["m.gguf"] = WEIGHTS
    progress: list[int] = []
    path = pull("m", home, lambda done, _total: progress.append(done), endpoint=hub.url)
    assert path == home / "models" / "m.gguf"
    assert path.read_bytes() == WEIGHTS
    assert progress[-1] == len(WEIGHTS)
    assert sorted(p.name for p in (home / "models").iterdir() if p.is_file()) == [
        "m.gguf",
        "m.gguf.geprueft",
        "manifest.toml",
    ]
    assert not list((home / "models" / "eigene").iterdir())


def test_second_pull_asks_nobody(tmp_path: Path, hub: Hub) -> None:
    home = make_home(tmp_path, GOOD)
    (home / "models" / "m.gguf").write_bytes(WEIGHTS)
    assert pull("m", home, endpoint=hub.url) == home / "models" / "m.gguf"
    assert hub.seen == []


def test_endpoint_comes_from_the_environment(tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    home = make_home(tmp_path, GOOD)
    hub.files["m.gguf"] = WEIGHTS
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    pull("m", home)
    assert any("/o/r/resolve/main/m.gguf" in path for _, path, _ in hub.seen)


def test_wrong_sum_stops_shows_both_and_can_be_pinned(tmp_path: Path, hub: Hub) -> None:
    home = make_home(tmp_path, "0" * 64)
    hub.files["m.gguf"] = WEIGHTS
    for _ in range(2):
        with pytest.raises(ModelError, match=rf"Erwartet {'0' * 64}, gefunden {GOOD}.*models pin m"):
            pull("m", home, endpoint=hub.url)
        assert not (home / "models" / "m.gguf").exists()
    fetched = len(hub.seen)
    before = (home / "models" / "manifest.toml").read_text(encoding="utf-8")
    assert pin("m", home, "geprüft von A. Beispiel") == GOOD
    after = (home / "models" / "manifest.toml").read_text(encoding="utf-8")
    assert after == before.replace(f"sha256 = '{'0' * 64}'", f'sha256 = "{GOOD}"  # geprüft von A. Beispiel')
    assert pull("m", home, endpoint=hub.url).read_bytes() == WEIGHTS
    assert len(hub.seen) == fetched, "what was fetched is used, not fetched again"


def test_what_is_no_model_is_not_kept_for_pinning(tmp_path: Path, hub: Hub) -> None:
    home = make_home(tmp_path, GOOD)
    hub.files["m.gguf"] = b"<html>Anmeldung</html>"
    with pytest.raises(ModelError, match="keine GGUF-Datei"):
        pull("m", home, endpoint=hub.url)
    assert not list((home / "models" / "eigene").iterdir())
    with pytest.raises(ModelError, match="festhalten lässt sich nur, was da ist"):
        pin("m", home, "geprüft")


def test_a_copied_file_is_pinned_and_then_used(tmp_path: Path) -> None:
    home = make_home(tmp_path, "0" * 64)
    (home / "models" / "m.gguf").write_bytes(WEIGHTS)
    pin("m", home, "Summe der Herausgeberseite verglichen, A. Beispiel")
    assert [r.state for r in verify_models(home)] == ["in Ordnung"]


@pytest.mark.parametrize("comment", ["", "  \n "])
def test_pinning_needs_a_comment(tmp_path: Path, comment: str) -> None:
    home = make_home(tmp_path, "0" * 64)
    (home / "models" / "m.gguf").write_bytes(WEIGHTS)
    with pytest.raises(ModelError, match="--kommentar ist leer"):
        pin("m", home, comment)


def test_a_manifest_that_cannot_be_edited_safely_stays_as_it_is(tmp_path: Path) -> None:
    home = make_home(tmp_path, "0" * 64)
    (home / "models" / "m.gguf").write_bytes(WEIGHTS)
    manifest = home / "models" / "manifest.toml"
    text = (
        f'modell = [{{name = "m", zweck = "generator", datei = "m.gguf", lizenz = "MIT", sha256 = "{"0" * 64}"}}]\n'
    )
    manifest.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=rf"von Hand.*{GOOD}"):
        pin("m", home, "geprüft")
    assert manifest.read_text(encoding="utf-8") == text


def test_a_comment_cannot_write_another_line_of_the_manifest(tmp_path: Path) -> None:
    home = make_home(tmp_path, "0" * 64)
    (home / "models" / "m.gguf").write_bytes(WEIGHTS)
    pin("m", home, "geprüft\nlizenz = 'keine' \\1 #")
    (entry, *_) = read_manifest(home).entries
    assert (entry.sha256, entry.licence) == (GOOD, "MIT")


def test_an_embedder_is_pinned_when_it_is_first_fetched(tmp_path: Path, hub: Hub) -> None:
    home = make_home(tmp_path, GOOD)
    hub.files |= {"config.json": b"{}", "model.safetensors": b"x" * 100}
    folder = pull("e", home, endpoint=hub.url, first_sum="zuerst geholt")
    assert "# zuerst geholt" in (home / "models" / "manifest.toml").read_text(encoding="utf-8")
    assert read_manifest(home).get("e", Purpose.EMBEDDER).sha256 == folder_fingerprint(folder)
    (folder / "model.safetensors").write_bytes(b"y" * 100)
    with pytest.raises(ModelError, match="Prüfsumme stimmt nicht"):
        pull("e", home, endpoint=hub.url)


def test_broken_download_is_resumed_by_the_next_call(tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    home = make_home(tmp_path, GOOD)
    hub.files["m.gguf"] = WEIGHTS
    monkeypatch.setattr(subject, "CHUNK", 65536)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    hub.breaks = [100_000] + [0] * 6
    with pytest.raises(ModelError, match="fortgesetzt"):
        pull("m", home, endpoint=hub.url)
    assert not (home / "models" / "m.gguf").exists()
    hub.breaks, hub.seen = [], []
    pull("m", home, endpoint=hub.url)
    assert (home / "models" / "m.gguf").read_bytes() == WEIGHTS
    first = next(wanted for method, _, wanted in hub.seen if method == "GET")
    assert first is not None
    assert int(first.removeprefix("bytes=").split("-")[0]) >= 65536


def test_unreachable_hub_is_one_german_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    home = make_home(tmp_path, GOOD)
    with pytest.raises(ModelError, match=r"konnte nicht geladen werden.*HF_ENDPOINT") as caught:
        pull("m", home, endpoint="http://127.0.0.1:9")
    assert "\n" not in str(caught.value)


def test_missing_file_on_the_hub(tmp_path: Path, hub: Hub) -> None:
    with pytest.raises(ModelError, match="konnte nicht geladen werden"):
        pull("m", make_home(tmp_path, GOOD), endpoint=hub.url)


def test_disk_is_checked_before_anything_is_fetched(tmp_path: Path, hub: Hub) -> None:
    home = make_home(tmp_path, GOOD, bytes=10**17)
    with pytest.raises(ModelError, match="Platz schaffen"):
        pull("m", home, endpoint=hub.url)
    assert hub.seen == []


def test_unknown_and_built_in_names(tmp_path: Path) -> None:
    home = make_home(tmp_path, GOOD)
    with pytest.raises(ModelError, match="steht nicht in"):
        pull("n", home)
    with pytest.raises(ModelError, match="gehört zum Programm"):
        pull("eingebaut", home)


def test_embedder_comes_without_pickles_and_code(tmp_path: Path, hub: Hub) -> None:
    home = make_home(tmp_path, GOOD)
    hub.files |= {
        "config.json": b"{}", "model.safetensors": b"x" * 100, "pytorch_model.bin": b"boese", "modeling.py": b"boese",
        "onnx/model.json": b"{}", "1_Pooling/config.json": b"{}",
    }  # fmt: skip
    folder = pull("e", home, endpoint=hub.url)
    names = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    assert names == ["1_Pooling/config.json", "config.json", "model.safetensors"]
    assert pull("e", home, endpoint=hub.url) == folder


def test_embedder_without_safetensors_is_not_kept(tmp_path: Path, hub: Hub) -> None:
    home = make_home(tmp_path, GOOD)
    hub.files |= {"config.json": b"{}", "pytorch_model.bin": b"boese"}
    with pytest.raises(ModelError, match="keine safetensors"):
        pull("e", home, endpoint=hub.url)
    assert not (home / "models" / "eigene" / "e").exists()


def test_missing_hub_library_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = make_home(tmp_path, GOOD)
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    with pytest.raises(ModelError, match="huggingface_hub ist nicht installiert"):
        subject.pull("m", home, endpoint="http://127.0.0.1:9")
