"""The child process of ``prove``: opens the index, asks, serves the page to itself, and writes down every connection.

``python -m assistant.proving HOME WAY NOW RESULT``. The audit hook is set before anything of ours is imported. In a
namespace it only watches (the kernel forbids); otherwise it refuses as well.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import fcntl
import hashlib
import ipaddress
import json
import os
import platform
import socket
import struct
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.prove import Fetched, Step, Way

if TYPE_CHECKING:
    from assistant.ask.service import AssistantService
    from assistant.types import Answer

_PACKAGES = ("leitplanke", "gradio", "fastapi", "uvicorn", "chromadb", "bm25s", "torch", "transformers", "llama-cpp-python")
_UP = 1
_SIOCSIFFLAGS = 0x8914


class Watch:
    """Every connection Python makes in this process, by the interpreter's own audit events."""

    def __init__(self, *, refuse: bool) -> None:
        self.attempts: list[str] = []
        self.loopback = 0
        self._refuse = refuse
        sys.addaudithook(self._seen)

    def _seen(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            target = _target(arguments[0], arguments[1])
        elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"):
            host = arguments[0]
            target = host[0] if isinstance(host, tuple) else host
        else:
            return
        if _is_here(target):
            self.loopback += event == "socket.connect"
            return
        self.attempts.append(f"{event.removeprefix('socket.')} {target}{_caller()}")
        if self._refuse:
            raise OSError(errno.ENETUNREACH, "Netz gesperrt (Nachweis)")


def _target(connection: Any, address: Any) -> object:
    if connection.family == getattr(socket, "AF_UNIX", None) or address is None:
        return None  # on this machine, or connected before
    return address[0] if isinstance(address, tuple) else address


def _is_here(target: object) -> bool:
    """Whether this is the machine itself; None and "" are what a program says for its own address."""
    name = target.decode("ascii", "replace") if isinstance(target, bytes) else target
    if name is None or name in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(name).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _caller() -> str:
    """The file that asked for it, nearest first outside the standard library."""
    frame = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if file != __file__ and ("site-packages" in file or "assistant" in file):
            return f" (aus {'/'.join(Path(file).parts[-3:])})"
        if frame.f_back is None:
            break
        frame = frame.f_back
    return ""


def raise_loopback() -> None:
    """Switch the loopback of a fresh namespace on; nothing else is in it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", _UP))


def interfaces() -> list[str]:
    """The network interfaces that this process can see."""
    return [name for _, name in socket.if_nameindex()]


def without_route() -> int | None:
    """How many packets of this namespace found no way out, as the kernel counts them; None where it does not say."""
    total = 0
    try:
        rows = [line.split() for line in Path("/proc/net/snmp").read_text("ascii").splitlines() if line.startswith("Ip:")]
        total += int(dict(zip(*rows, strict=True))["OutNoRoutes"])
        pairs = [line.split() for line in Path("/proc/net/snmp6").read_text("ascii").splitlines()]
        total += next(int(number) for name, number in pairs if name == "Ip6OutNoRoutes")
    except (OSError, ValueError, KeyError, StopIteration):
        return None
    return total


# ---------------------------------------------------------------- what is run


def ask_examples(service: AssistantService, day: dt.date) -> tuple[list[Step], list[Answer]]:
    """Every example question of the page, the first one also worded by the model where there is one."""
    from assistant.types import Question

    steps, answers = [], []
    for number, text in enumerate(service.overview().examples):
        engine = "modell" if number == 0 and service.has_model() else "auszug"
        answer = service.answer(Question(text, day), engine=engine)
        answers.append(answer)
        verdict = f", {answer.verdict.value}" if answer.verdict else ""
        steps.append(Step(f"Frage: {text}", f"{answer.status.value}{verdict}, {len(answer.citations)} Fundstellen"))
    return steps, answers


# ---------------------------------------------------------------- what it ran with


def versions() -> dict[str, str]:
    """Program, interpreter, system and the packages that matter."""
    found = {"Python": platform.python_version(), "System": f"{platform.system()} {platform.release()}"}
    for name in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def sums(service: AssistantService) -> dict[str, str]:
    """SHA-256 of the program's own files together, and of the manifest that sums the generation's files."""
    package = Path(__file__).resolve().parent
    together = hashlib.sha256()
    for file in sorted(package.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            together.update(f"{file.relative_to(package).as_posix()}\0{_sha(file.read_bytes())}\n".encode())
    with service.pinned() as index:
        manifest = _sha((index.folder / "manifest.json").read_bytes())
        return {
            "Programm (alle Dateien)": together.hexdigest(), f"Generation {index.generation} (manifest.json)": manifest,
            "Embedder": index.manifest.embedder,
        }  # fmt: skip


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def run(home: Path, now: dt.datetime, watch: Watch, *, counting: bool) -> dict[str, Any]:
    """Everything, in order; the result as JSON values."""
    before = without_route() if counting else None
    from assistant.ask.service import open_without_broken_model
    from assistant.provepages import admin_pages, staff_pages

    service, why = open_without_broken_model(home)
    try:
        model = "mit Sprachmodell" if service.has_model() else "ohne Sprachmodell"
        steps = [Step("Index öffnen", f"Generation {service.overview().generation}, {model}{': ' + why if why else ''}")]
        asked, answers = ask_examples(service, now.date())
        staff = staff_pages(service, home, now.date(), answers)
        admin = admin_pages(home, now)
        steps += [*asked, _fetched("Seite starten und abrufen", staff), _fetched("Verwaltung starten und abrufen", admin)]
        pages = staff + admin
        after = without_route() if counting else None
        return {
            "steps": [(s.what, s.result) for s in steps], "attempts": watch.attempts, "loopback": watch.loopback,
            "interfaces": interfaces(), "counted": after - before if after is not None and before is not None else None,
            "pages": [asdict(p) for p in pages], "versions": versions(), "sums": sums(service),
        }  # fmt: skip
    finally:
        service.close()


def _fetched(what: str, pages: Sequence[Fetched]) -> Step:
    return Step(what, f"{len(pages)} Adressen, {sum(page.size for page in pages)} Byte")


def main(arguments: list[str]) -> None:
    """Entry point of the child; a failure is one German line on standard error."""
    home, way, now, result = Path(arguments[0]), Way(arguments[1]), dt.datetime.fromisoformat(arguments[2]), Path(arguments[3])
    watch = Watch(refuse=way is Way.SOCKETS)
    if way is Way.NAMENSRAUM:
        raise_loopback()
    from assistant.errors import LeitplankeError

    try:
        found = run(home, now, watch, counting=way is Way.NAMENSRAUM)
    except LeitplankeError as error:
        raise SystemExit(str(error)) from error
    result.write_text(json.dumps(found), encoding="utf-8")
    # What the libraries still have running in the background must not keep the result waiting.
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
