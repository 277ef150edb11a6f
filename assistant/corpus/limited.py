"""Runs a reading function in a child process with limits, so that a hostile file costs a refusal and nothing more.

``run_limited`` starts ``python -m assistant.corpus.limited``, hands over function and arguments, and waits. The kernel
holds the child to its address space, its processor time and the size of its answer; the parent holds it to the wall
time. A crash, a hang or a bomb in the file ends the child, and the parent says in one German line which limit it was.

The request is a pickle (we wrote it). The answer is read by an unpickler that knows only our own frozen values: what a
file made of the child cannot name anything else. Starting costs 0.1 to 0.2 s, most of it imports.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import enum
import importlib
import io
import json
import os
import pickle
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from assistant import errors
from assistant.errors import ImportRefused, LeitplankeError

T = TypeVar("T")

LARGE = 1024 * 1024
"""Bytes of a file above which reading may take a minute."""
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")
_TOO_MUCH = 5  # exit status: the answer did not fit


@dataclass(frozen=True, slots=True)
class Limits:
    """Wall time in seconds, address space and size of the answer in MB."""

    seconds: float = 10.0
    memory_mb: int = 1024
    answer_mb: int = 256

    @classmethod
    def for_size(cls, size: int) -> Limits:
        """The limits for a file of ``size`` bytes: ten seconds, a minute for large ones."""
        return cls(seconds=60.0 if size > LARGE else 10.0)


def run_limited(function: Callable[..., T], *arguments: object, name: str, limits: Limits | None = None) -> T:
    """``function(*arguments)`` computed in a child process. ``function`` is one of a module, no closure.

    Arguments are picklable; the result consists of plain values, dates and our own frozen dataclasses and enums.
    ``name`` is the file in error messages. Raises what the function raises of ours (LeitplankeError), and ImportRefused
    with one German line when a limit was reached, the child crashed, or the function failed in an unforeseen way.
    """
    limits = limits or Limits()
    header = json.dumps({"path": sys.path, **dataclasses.asdict(limits)}).encode() + b"\n"
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answered:
        asked.write(header + pickle.dumps((function, arguments)))
        asked.seek(0)
        code = _run_child(asked, answered, limits.seconds)
        answered.seek(0)
        data = answered.read()
    if code != 0:
        raise ImportRefused(f"{name}: {_death(code, limits)}")
    result: T = _result(data, name, limits)
    return result


def _run_child(asked: Any, answered: Any, seconds: float) -> int | None:
    """The exit status; None if the time was up. Files instead of pipes: nobody has to read while the other writes."""
    environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "assistant.corpus.limited"],
        stdin=asked, stdout=answered, stderr=subprocess.DEVNULL, env=environment, start_new_session=True,
    )  # fmt: skip
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        code = process.wait()
    finally:
        timer.cancel()
        if process.returncode is None:  # interrupted while waiting
            process.kill()
            process.wait()
    return None if late.is_set() and code != 0 else code


def _death(code: int | None, limits: Limits) -> str:
    """Why there is no result, and what to do."""
    again = "Die Datei ist vermutlich beschädigt; bitte neu holen oder neu speichern."
    if code in (None, -signal.SIGXCPU):
        return f"das Lesen wurde nach {limits.seconds:.0f} Sekunden abgebrochen. {again}"
    if code == _TOO_MUCH:
        return f"der gelesene Text ist größer als {limits.answer_mb} MB. {again}"
    if code == -signal.SIGKILL:  # not by us: the kernel had no memory left
        return f"zum Lesen fehlte Arbeitsspeicher. {again}"
    return f"das Lesen ist abgestürzt ({f'Signal {-code}' if code and code < 0 else f'Status {code}'}). {again}"


class _Answers(pickle.Unpickler):
    """Knows dates and the frozen dataclasses and enums of this program, nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("datetime", "date"):
            return dt.date
        if module.startswith("assistant.") and name.isidentifier():
            found = getattr(importlib.import_module(module), name, None)
            if isinstance(found, type) and (dataclasses.is_dataclass(found) or issubclass(found, enum.Enum)):
                return found
        raise pickle.UnpicklingError(f"unexpected {module}.{name}")


def _result(data: bytes, name: str, limits: Limits) -> Any:
    try:
        kind, value = _Answers(io.BytesIO(data)).load()
    except Exception as error:  # a damaged pickle raises nearly anything
        raise ImportRefused(f"{name}: das Ergebnis des Lesens ist unbrauchbar. Bitte die Datei neu holen.") from error
    if kind == "done":
        return value
    if kind == "memory":
        raise ImportRefused(
            f"{name}: zum Lesen reichen {limits.memory_mb} MB Arbeitsspeicher nicht. Die Datei ist beschädigt oder viel "
            "zu groß; bitte neu holen oder kürzen."
        )
    if kind == "failed":
        raise ImportRefused(f"{name}: nicht lesbar ({value}). Die Datei ist beschädigt; bitte neu holen.")
    known = getattr(errors, kind, ImportRefused)
    raise (known if isinstance(known, type) and issubclass(known, LeitplankeError) else ImportRefused)(value)


# ---------------------------------------------------------------- in the child


def _restrict(memory_mb: int, answer_mb: int, seconds: float) -> None:
    import resource

    megabyte = 2**20
    for what, value in (
        (resource.RLIMIT_AS, memory_mb * megabyte),
        (resource.RLIMIT_FSIZE, answer_mb * megabyte),
        (resource.RLIMIT_CPU, int(seconds) + 1),  # should the parent be gone
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # where the system knows no such limit, the others still hold
            resource.setrlimit(what, (value, value))


def _answer(request: bytes) -> tuple[str, object]:
    try:
        function, arguments = pickle.loads(request)  # noqa: S301 - written by our own parent
        return "done", function(*arguments)
    except LeitplankeError as error:
        return type(error).__name__, str(error)
    except MemoryError:
        return "memory", None
    except RecursionError:
        return "failed", "zu tief verschachtelt"
    except Exception as error:  # whatever a parser makes of a broken file is a refusal, never a crash of ours
        return "failed", re.sub(r"\W+", " ", type(error).__name__)


def _main() -> int:
    header = json.loads(sys.stdin.buffer.readline())
    with os.fdopen(os.dup(1), "wb") as answer:
        os.dup2(2, 1)  # what a library prints is no part of the answer
        sys.path[:] = header["path"]
        _restrict(header["memory_mb"], header["answer_mb"], header["seconds"])
        result = _answer(sys.stdin.buffer.read())
        try:
            answer.write(pickle.dumps(result))
            answer.flush()
        except MemoryError:
            answer.write(pickle.dumps(("memory", None)))
        except OSError:
            os._exit(_TOO_MUCH)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
