"""Fetching models of the manifest at set-up time, never while the program runs.

Decides what may be fetched, whether there is room, and that only a file whose sum was checked reaches its place. An
interrupted download of weights goes on where it stopped, also in a later call.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.errors import ModelError
from assistant.models.manifest import (
    CODE_ENDINGS,
    PICKLE_ENDINGS,
    ModelEntry,
    Progress,
    Purpose,
    SumDiffers,
    check_folder,
    read_manifest,
    record_of,
    verify_file,
)
from assistant.models.pinning import entry_of, pin, set_aside

EMBEDDER_FILES = ("*.safetensors", "*.json", "*.txt", "*.model")
"""What is fetched of an embedder's repository: weights without code, configuration, vocabulary."""

ATTEMPTS = 5
"""Failures in a row without a single new byte after which a download gives up."""

PARTIAL_CONTENT = 206
CHUNK = 1 << 20

NOT_FETCHED = (*("*" + ending for ending in PICKLE_ENDINGS + CODE_ENDINGS), "onnx/*", "openvino/*")


def pull(
    name: str,
    home: Path,
    progress: Progress | None = None,
    endpoint: str | None = None,
    first_sum: str = "beim ersten Holen festgehalten, nicht anderweitig geprüft",
) -> Path:
    """Fetch a model of the manifest into ``models/`` (set-up only). Raises ModelError; nothing half stays in place.

    ``endpoint`` (default ``HF_ENDPOINT``) names another hub. An interrupted download is resumed by the next call. A
    model whose sum differs is set aside, where ``pin`` finds it. An embedder without a sum in the manifest gets the
    one fetched, with ``first_sum`` as its comment, so that it cannot change unnoticed from then on.
    """
    entry = entry_of(read_manifest(home), name)
    if not entry.repository:
        raise ModelError(
            f"„{name}“ gehört zum Programm und wird nicht geladen; {home / 'models' / entry.place} prüfen."
        )
    target = home / "models" / entry.place
    if target.exists():
        if refusal := _check(target, entry, progress):
            raise refusal
        return target
    aside = set_aside(home, entry)
    if aside.exists():
        if _check(aside, entry, progress) is None:
            return _move(aside, target)
        shutil.rmtree(aside.parent)  # neither wanted nor pinned: fetched anew
    _check_space(home, entry)
    hub = endpoint or os.environ.get("HF_ENDPOINT") or None
    fetched = _fetch_file(entry, target, hub, progress) if entry.file else _fetch_folder(entry, target, hub)
    if refusal := _check(fetched, entry, progress):
        if isinstance(refusal, SumDiffers):
            aside.parent.mkdir(parents=True)
            os.replace(fetched, aside)
        shutil.rmtree(_loading_folder(target, entry), ignore_errors=True)
        raise refusal
    _move(fetched, target)
    shutil.rmtree(_loading_folder(target, entry), ignore_errors=True)
    if not entry.sha256:
        pin(name, home, first_sum)
    return target


def _check(place: Path, entry: ModelEntry, progress: Progress | None) -> ModelError | None:
    """Why what was fetched must not be used, or None."""
    try:
        if entry.purpose is Purpose.GENERATOR:
            verify_file(place, entry, progress)
        else:
            check_folder(place, entry)
    except ModelError as error:
        return error
    return None


def _move(fetched: Path, target: Path) -> Path:
    """Put what was checked in its place, with the record of its sum."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(fetched, target)
    if record_of(fetched).is_file():
        os.replace(record_of(fetched), record_of(target))
    return target


def _check_space(home: Path, entry: ModelEntry) -> None:
    needed = entry.bytes or int((entry.memory_gb or 0) * 1e9)
    free = shutil.disk_usage(home / "models").free
    if needed * 1.05 > free:
        raise ModelError(
            f"{home / 'models'}: für „{entry.name}“ werden {needed / 1e9:.1f} GB gebraucht, frei sind {free / 1e9:.1f} "
            "GB. Platz schaffen oder ein kleineres Modell wählen."
        )


def _loading_folder(target: Path, entry: ModelEntry) -> Path:
    """Where the download grows: below ``models/eigene/``, which is git-ignored and on the same disk."""
    models = target
    while models.name != "models":
        models = models.parent
    return models / "eigene" / f".laden-{entry.name}"


def _fetch_file(entry: ModelEntry, target: Path, endpoint: str | None, progress: Progress | None) -> Path:
    loading = _loading_folder(target, entry)
    loading.mkdir(parents=True, exist_ok=True)
    with _hub_errors(entry):
        return _fetch(entry, loading, endpoint, progress)


def _fetch(entry: ModelEntry, loading: Path, endpoint: str | None, progress: Progress | None) -> Path:
    """Fetch into ``loading``, going on where an earlier call stopped.

    The hub library itself begins anew after an interruption and would fetch 18 GB twice; it is used for addresses and
    facts about the file. A file changed on the hub has another etag and therefore another part file.
    """
    import httpx
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.utils import get_session

    url = hf_hub_url(entry.repository, entry.file, revision=entry.revision, endpoint=endpoint)
    facts = get_hf_file_metadata(url, token=False, endpoint=endpoint)
    size = facts.size or 0
    part = loading / f"{re.sub(r'[^0-9A-Za-z]', '', facts.etag or '')[:32]}.teil"
    part.touch()
    failures = 0
    while (before := part.stat().st_size) < size:
        trouble = None
        try:
            _append(get_session(), url, part, size, progress)
        except httpx.TransportError as error:
            trouble = error
        failures = 0 if part.stat().st_size > before else failures + 1
        if failures == ATTEMPTS:
            raise trouble or OSError("der Server liefert die Datei nicht vollständig")
        time.sleep(failures)
    return part


def _append(session: Any, url: str, part: Path, size: int, progress: Progress | None) -> None:
    """One request for what is missing; every chunk received is kept."""
    done = part.stat().st_size
    headers = {"Range": f"bytes={done}-", "Accept-Encoding": "identity"}
    with session.stream("GET", url, headers=headers, follow_redirects=True) as response:
        response.raise_for_status()
        if response.status_code != PARTIAL_CONTENT:
            done = 0
        with part.open("r+b") as stream:
            stream.seek(done)
            stream.truncate()
            for chunk in response.iter_raw(CHUNK):
                stream.write(chunk)
                stream.flush()
                done += len(chunk)
                if progress:
                    progress(done, size)


def _fetch_folder(entry: ModelEntry, target: Path, endpoint: str | None) -> Path:
    loading = _loading_folder(target, entry) / target.name
    loading.mkdir(parents=True, exist_ok=True)
    with _hub_errors(entry):
        from huggingface_hub import snapshot_download

        snapshot_download(
            entry.repository, revision=entry.revision, local_dir=loading, endpoint=endpoint, token=False,
            allow_patterns=list(EMBEDDER_FILES), ignore_patterns=list(NOT_FETCHED),
        )  # fmt: skip
    shutil.rmtree(loading / ".cache", ignore_errors=True)
    if not list(loading.rglob("*.safetensors")):
        shutil.rmtree(loading.parent, ignore_errors=True)
        raise ModelError(f"{entry.repository} enthält keine safetensors-Gewichte; dieses Modell wird nicht benutzt.")
    return loading


@contextlib.contextmanager
def _hub_errors(entry: ModelEntry) -> Iterator[None]:
    """Turns whatever the hub library raises into one German line; what was fetched so far stays for resuming."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        yield
    except ImportError as error:
        raise ModelError(
            "huggingface_hub ist nicht installiert. Das Modell von Hand nach models/ kopieren oder das Paket "
            "nachinstallieren."
        ) from error
    except Exception as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise ModelError(
            f"„{entry.name}“ konnte nicht geladen werden ({reason}). Verbindung und HF_ENDPOINT prüfen und noch "
            "einmal versuchen; der Download wird fortgesetzt. Ebenso gut kann die Datei nach models/ kopiert werden."
        ) from error
