"""Long work of the admin page, in a process of its own: ``python -m assistant.admin.job KIND HOME NOW …``.

Writes one JSON object a line: progress ``{"schritt", "fertig", "gesamt"}``, at the end ``{"ergebnis"}`` or ``{"fehler"}``.
It ends, and cleans up, when its standard input is closed: that is how the page cancels it, and what happens when the
page itself is gone.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from assistant.errors import LeitplankeError

REPORTS = "berichte"
_EVERY_SECONDS = 0.2

Progress = Callable[[str, int, int], None]


def report_files(index: Path, old: str, new: str) -> tuple[Path, Path]:
    """Where the change report of two generations lies: the page and its figures."""
    folder = index / REPORTS
    return folder / f"{old}_{new}.html", folder / f"{old}_{new}.json"


def _build(home: Path, now: dt.datetime, progress: Progress) -> dict[str, Any]:
    from assistant.index.build import build
    from assistant.models.embedder import open_embedder
    from assistant.settings import read_settings

    return dataclasses.asdict(build(home, open_embedder(home, read_settings(home).embedder), now, progress))


def _report(home: Path, now: dt.datetime, progress: Progress, old: str, new: str) -> dict[str, Any]:
    from assistant.corpus.official import write_atomically
    from assistant.index.diff import diff
    from assistant.index.diff_report import html, summary
    from assistant.models.embedder import open_embedder
    from assistant.settings import read_settings

    embedder = open_embedder(home, read_settings(home).embedder)
    found = diff(home, old, new, embedder, now.date(), progress)
    kinds: dict[str, int] = {}
    for change in found.answers:
        kinds[change.kind.value] = kinds.get(change.kind.value, 0) + 1
    figures = {
        "alt": old, "neu": new, "zeit": now.isoformat(timespec="seconds"), "gefragt": found.asked, "arten": kinds,
        "antworten": len(found.answers), "regeln": [rule.id for rule in found.rules], "texte": len(found.sources),
        "gesperrt": len(found.forbidden), "zusammenfassung": summary(found),
    }  # fmt: skip
    page, data = report_files(home / "index", old, new)
    page.parent.mkdir(exist_ok=True)
    write_atomically(page, html(found).encode())
    write_atomically(data, json.dumps(figures, ensure_ascii=False).encode())
    return figures


def _publish(home: Path, now: dt.datetime, progress: Progress, name: str, by: str, comment: str) -> dict[str, Any]:
    from assistant.index import generation as gen
    from assistant.index.answers import check_permissions
    from assistant.models.embedder import open_embedder
    from assistant.settings import read_settings

    index = home / "index"
    gen.check_files(gen.existing(index, name))
    note = check_permissions(home, name, open_embedder(home, read_settings(home).embedder), now.date(), progress)
    gen.publish(index, name, when=now.isoformat(timespec="seconds"), by=by, comment=comment)
    return {"generation": name, "hinweis": note}


KINDS: dict[str, Callable[..., dict[str, Any]]] = {"bauen": _build, "bericht": _report, "veroeffentlichen": _publish}


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _progress() -> Progress:
    last: dict[str, float] = {}

    def show(step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if done >= total or now - last.get(step, 0.0) > _EVERY_SECONDS:
            last[step] = now
            _say({"schritt": step, "fertig": done, "gesamt": total})

    return show


def _stop(number: int, frame: FrameType | None) -> None:
    raise SystemExit(3)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main(arguments: Sequence[str]) -> int:
    """Do one piece of work; 0 done, 1 refused with a German line, 3 cancelled."""
    kind, home, now, *rest = arguments
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _say({"ergebnis": KINDS[kind](Path(home), dt.datetime.fromisoformat(now), _progress(), *rest)})
    except LeitplankeError as error:
        _say({"fehler": " ".join(str(error).split())})
        return 1
    except OSError as error:
        _say({"fehler": f"Das Dateisystem meldet: {error.strerror}. Platz und Schreibrechte in {home} prüfen."})
        return 1
    return 0


if __name__ == "__main__":
    # Straight out: libraries keep threads that an interpreter would wait for.
    status = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(status)
