"""One file over the network, carefully: https only, limits, a few redirects within one host, resumable.

Knows addresses and bytes, nothing of law. http is allowed for loopback addresses alone, which is where tests live.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urljoin, urlsplit, urlunsplit

from assistant.corpus.readers import MAX_BYTES, trouble
from assistant.errors import ImportRefused

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
TOTAL_SECONDS = 300.0
PAUSE_SECONDS = 1.0
ATTEMPTS = 3
REDIRECTS = 3
LIMIT = MAX_BYTES

_TYPES = frozenset(
    "text/html application/xhtml+xml application/xml text/xml application/zip application/x-zip-compressed "
    "application/octet-stream text/plain text/markdown".split()
)
_CELLAR = "publications.europa.eu"
_THREE_LETTERS = {"DE": "deu", "EN": "eng"}

Opener: TypeAlias = "Callable[[], contextlib.AbstractContextManager[httpx.Client]]"
Progress: TypeAlias = Callable[[int, int], None]
"""Bytes that are here, and of how many (0 where the server does not say)."""


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked for at an address that has several: a language ("DE", "EN"), as a page or in the Formex format."""

    language: str = "DE"
    formex: bool = False


GERMAN_PAGE = Form()


def _no_progress(done: int, total: int) -> None:
    """Nobody watches."""


class Unreachable(ImportRefused):
    """The host did not answer at all; asking it for another text is useless."""


class _AgainError(Exception):
    """Something passing went wrong; what was received is kept. The text is a German clause."""


def open_client() -> contextlib.AbstractContextManager[httpx.Client]:
    """The client for publishers: certificates verified against the system's and certifi's roots, proxies as set."""
    import certifi
    import httpx

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    direct = {f"all://{host}": httpx.HTTPTransport() for host in ("127.0.0.1", "localhost", "[::1]")}
    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    return httpx.Client(verify=context, timeout=timeout, follow_redirects=False, mounts=direct)


def reachable(url: str, opener: Opener) -> bool:
    """Whether the host answers anything within five seconds, name look-up and TLS included. Errors: none."""
    parts = urlsplit(_checked(url))
    finished = threading.Event()
    answers = []

    def knock() -> None:
        import httpx

        with contextlib.suppress(Exception), opener() as client:
            with contextlib.suppress(httpx.ReadTimeout):  # connected, and that was the question
                client.head(urlunsplit((parts.scheme, parts.netloc, "/", "", "")), timeout=CONNECT_SECONDS)
            answers.append(True)
        finished.set()

    # A thread, because the look-up of a name has no time limit of its own.
    threading.Thread(target=knock, daemon=True).start()
    finished.wait(CONNECT_SECONDS)
    return bool(answers)


def download(
    url: str, folder: Path, stem: str, client: httpx.Client, form: Form = GERMAN_PAGE, progress: Progress = _no_progress
) -> Path:
    """The file at this address as ``folder/stem.teil``, whole. What an earlier call began is continued if it can be.

    Raises Unreachable, or ImportRefused naming the host and what came instead of the file.
    """
    import httpx

    _checked(url)
    part = folder / f"{stem}.teil"
    host = urlsplit(url).hostname
    reason = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE_SECONDS * attempt)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _get(client, url, part, form, progress)
        except _AgainError as error:
            reason = str(error)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise Unreachable(f"{host}: {_why_not(error)}") from error
        except OSError as error:
            raise ImportRefused(
                f"{part}: kann nicht geschrieben werden ({error.strerror}). Platz und Rechte prüfen."
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            size = part.stat().st_size if part.exists() else 0
            reason = f"die Verbindung brach ab ({type(error).__name__}, {size} Bytes da)"
        else:
            _record(part).unlink(missing_ok=True)
            return part
    raise ImportRefused(f"{host}: {reason}. Später noch einmal versuchen.")


def _why_not(error: Exception) -> str:
    if "CERTIFICATE" in str(error).upper():
        return (
            "das TLS-Zertifikat wird nicht anerkannt. Prüft der Netzübergang der Verwaltung mit eigenem Zertifikat, "
            "dieses in SSL_CERT_FILE angeben."
        )
    return f"nicht erreichbar ({type(error).__name__}). Verbindung und Netzübergang prüfen."


def _loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise ImportRefused(f"„{url[:200]}“ ist keine Adresse. Erwartet wird https://…") from error
    secure = parts.scheme == "https" or (parts.scheme == "http" and _loopback(host))
    if not host or not secure or parts.username is not None:
        raise ImportRefused(f"„{url[:200]}“: geholt wird nur über https:// und ohne Zugangsdaten.")
    return url


def _redirected(url: str, location: str) -> str:
    """Where to go on: the same host, and https even where the publisher's redirect says http."""
    before = urlsplit(url)
    target = urlsplit(urljoin(url, location))
    if target.scheme == "http" and before.scheme == "https" and target.hostname == before.hostname:
        target = target._replace(scheme="https", netloc=re.sub(r":80$", "", target.netloc))
    if (target.hostname or "").removeprefix("www.") != (before.hostname or "").removeprefix("www."):
        raise ImportRefused(
            f"{before.hostname}: leitet auf einen anderen Rechner um ({target.hostname}); das wird nicht befolgt."
        )
    return _checked(urlunsplit(target))


def _get(client: httpx.Client, url: str, part: Path, form: Form, progress: Progress) -> None:
    """One request with its redirects; the body grows in ``part``."""
    first = f"{url} {form.language}{' formex' if form.formex else ''}"
    known = _resumable(part, first)
    for _ in range(REDIRECTS + 1):
        with client.stream("GET", url, headers=_headers(url, part, known, form)) as response:
            if response.status_code in (301, 302, 303, 307, 308):
                url = _redirected(url, response.headers.get("location", ""))
                continue
            host = urlsplit(url).hostname or ""
            _check_status(response, host, part)
            _check_head(response, host)
            _save(response, first, part, host, progress)
            return
    raise ImportRefused(f"{urlsplit(url).hostname}: mehr als {REDIRECTS} Weiterleitungen.")


def _headers(url: str, part: Path, validator: str, form: Form) -> dict[str, str]:
    cellar = urlsplit(url).hostname == _CELLAR  # its content negotiation takes one type and a three-letter language
    one_type = "application/zip;mtype=fmx4" if form.formex else "application/xhtml+xml"
    headers = {
        "User-Agent": "leitplanke (corpus fetch)",
        "Accept": one_type if cellar else "text/html, application/xhtml+xml, application/xml, */*;q=0.5",
        "Accept-Language": _THREE_LETTERS[form.language] if cellar else form.language.lower(),
        "Accept-Encoding": "identity",
    }
    if validator:
        headers |= {"Range": f"bytes={part.stat().st_size}-", "If-Range": validator}
    return headers


def _record(part: Path) -> Path:
    """Beside the part: what address and which version of the file it belongs to."""
    return part.with_suffix(".woher")


def _resumable(part: Path, url: str) -> str:
    """The version of the file that the part belongs to, or "" where it must begin anew."""
    try:
        record = json.loads(_record(part).read_text(encoding="utf-8"))
        known = record["url"] == url and part.stat().st_size > 0
        return str(record["fassung"]) if known else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _check_status(response: httpx.Response, host: str, part: Path) -> None:
    status = response.status_code
    if status == 206:
        start = re.match(r"bytes (\d+)-", response.headers.get("content-range", ""))
        if start and part.exists() and int(start[1]) == part.stat().st_size:
            return
    if status in (206, 416):
        part.unlink(missing_ok=True)
        raise _AgainError("die Fortsetzung eines abgebrochenen Abrufs passte nicht")
    if status == 200:
        return
    what = trouble(_beginning(response)) or {
        202: "eine Prüfseite gegen automatische Abrufe",  # how EUR-Lex answers programs, often without a word
        404: "die Meldung „nicht gefunden“",
    }.get(status)
    if status >= 500 or status == 429:
        raise _AgainError(f"Störung beim Herausgeber (Status {status}{', ' + what if what else ''})")
    raise ImportRefused(
        f"{host}: statt des Textes kam {what or 'eine Antwort ohne Text'} (Status {status}). Adresse in "
        "corpus/quellen.toml prüfen oder die Datei im Browser sichern und einspielen."
    )


def _beginning(response: httpx.Response) -> bytes:
    """Up to 64 KB of an answer that is no file, to name it."""
    data = b""
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > 65536:
            break
    return data


def _check_head(response: httpx.Response, host: str) -> None:
    kind = response.headers.get("content-type", "application/octet-stream").partition(";")[0].strip().lower()
    if kind not in _TYPES:
        raise ImportRefused(f"{host}: falsche Art von Datei ({kind[:60]}). Erwartet wird HTML, XML oder ZIP.")
    length = response.headers.get("content-length", "")
    if length.isdigit() and int(length) > LIMIT:
        raise ImportRefused(
            f"{host}: {int(length) // 2**20} MB sind zu groß; erwartet werden höchstens {LIMIT // 2**20} MB."
        )


def _save(response: httpx.Response, url: str, part: Path, host: str, progress: Progress) -> None:
    resumed = response.status_code == 206
    if not resumed:
        _note_version(response, url, part)
    deadline = time.monotonic() + TOTAL_SECONDS
    with part.open("ab" if resumed else "wb") as stream:
        done = stream.tell()
        length = response.headers.get("content-length", "")
        total = done + int(length) if length.isdigit() else 0
        for chunk in _chunks(response):
            done += len(chunk)
            if done > LIMIT:
                break
            stream.write(chunk)
            progress(done, total)
            if time.monotonic() > deadline:
                raise _AgainError(f"nach {TOTAL_SECONDS:.0f} Sekunden noch nicht fertig ({done} Bytes da)")
    if done > LIMIT:
        part.unlink()
        raise ImportRefused(f"{host}: zu groß; erwartet werden höchstens {LIMIT // 2**20} MB.")


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    encoded = response.headers.get("content-encoding", "identity").lower() != "identity"
    # No chunk size: httpx would hold back what does not fill a chunk, and lose it when the connection breaks.
    return response.iter_bytes() if encoded else response.iter_raw()


def _note_version(response: httpx.Response, url: str, part: Path) -> None:
    """Remember what a later request needs in order to continue; without a version it begins anew."""
    etag = response.headers.get("etag", "")
    version = etag if etag.startswith('"') else response.headers.get("last-modified", "")
    plain = response.headers.get("content-encoding", "identity").lower() == "identity"
    record = {"url": url, "fassung": version if plain else ""}
    _record(part).write_text(json.dumps(record), encoding="utf-8")
