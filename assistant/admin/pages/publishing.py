"""Build, watch, compare, publish and go back."""

from __future__ import annotations

import math
import time

from starlette.responses import HTMLResponse, JSONResponse, Response

from assistant.admin import generations, guard
from assistant.admin.job import report_files
from assistant.admin.office import Office, Visit, go
from assistant.admin.pages.place import Place
from assistant.errors import LeitplankeError
from assistant.index import generation as gen

COMMENT = 300
_NEXT = {
    "bauen": ("/bericht", "Weiter zum Änderungsbericht"),
    "bericht": ("/bericht", "Bericht ansehen"),
    "veroeffentlichen": ("/veroeffentlichen", "Zum Verlauf"),
}


# ---------------------------------------------------------------- building and watching


def _build_page(office: Office, visit: Visit) -> Response:
    work = office.worker.work
    elsewhere = "" if work is not None and work.running else generations.builder_elsewhere(office.index, office.now())
    return office.page(
        visit, "bauen.html", unbuilt=generations.unbuilt(office.home), rows=generations.built(office.index),
        elsewhere=elsewhere, busy=work is not None and work.running,
    )  # fmt: skip


def _build(office: Office, visit: Visit) -> Response:
    office.journal.check()
    office.worker.start("bauen", "Index bauen", visit.name, office.now())
    office.log(visit, "Bau des Index begonnen")
    return go("/vorgang")


def _watch(office: Office, visit: Visit) -> Response:
    work = office.worker.work
    if work is None:
        return go("/bauen")
    target, label = _NEXT[work.kind]
    if work.kind == "bericht":
        target = f"/bericht?alt={work.result.get('alt', '')}&neu={work.result.get('neu', '')}"
    running = guard.WATCHING_POLICY if work.running else ""
    return office.page(visit, "vorgang.html", policy=running, shown=work, line=_line(office), target=target, label=label)


def _state(office: Office, visit: Visit) -> Response:
    work = office.worker.work
    if work is None or not work.running:
        return JSONResponse({"laeuft": False})
    return JSONResponse({"laeuft": True, "fertig": work.done, "gesamt": work.total, "zeile": _line(office)})


def _line(office: Office) -> str:
    work = office.worker.work
    if work is None:
        return ""
    if not work.total:
        return f"{work.step} …"
    seconds = work.remaining(time.monotonic())
    rest = "" if seconds is None else f", noch etwa {math.ceil(seconds / 60)} min" if seconds > 90 else ", gleich fertig"
    return f"{work.step}: {_thousands(work.done)} von {_thousands(work.total)}{rest}"


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _cancel(office: Office, visit: Visit) -> Response:
    if office.worker.cancel():
        office.log(visit, "Abbruch verlangt")
    return go("/vorgang")


# ---------------------------------------------------------------- comparing


def _pair(office: Office, visit: Visit) -> tuple[str, str]:
    """The two generations named in the address or the form; else the published and the newest one."""
    old = visit.query.get("alt", "") or visit.one("alt")
    new = visit.query.get("neu", "") or visit.one("neu")
    rows = generations.built(office.index)
    published = next((row.name for row in rows if row.published), "")
    newest = next((row.name for row in rows if row.complete and not row.published), "")
    return old or published, new or newest


def _report_page(office: Office, visit: Visit) -> Response:
    old, new = _pair(office, visit)
    rows = [row for row in generations.built(office.index) if row.complete]
    figures = generations.report_figures(office.index, old, new)
    policy = guard.FRAMING_POLICY if figures else ""
    published = next((row.name for row in rows if row.published), "")
    return office.page(
        visit, "bericht.html", policy=policy, rows=rows, old=old, new=new, figures=figures,
        can_publish=bool(figures) and old == published and new != published,
    )  # fmt: skip


def _report(office: Office, visit: Visit) -> Response:
    old, new = (gen.existing(office.index, visit.one(key)).name for key in ("alt", "neu"))
    if old == new:
        raise LeitplankeError("Zweimal dieselbe Generation: Bitte zwei verschiedene wählen.")
    office.journal.check()
    office.worker.start("bericht", f"Änderungsbericht {old} → {new}", visit.name, office.now(), old, new)
    office.log(visit, f"Änderungsbericht begonnen: {old} → {new}")
    return go("/vorgang")


def _report_content(office: Office, visit: Visit) -> Response:
    old, new = visit.query.get("alt", ""), visit.query.get("neu", "")
    if not (gen.NAME.fullmatch(old) and gen.NAME.fullmatch(new)):
        return office.refusal(visit, 404, "Kein Bericht", "Zu diesen Generationen gibt es keinen Bericht.", "/bericht")
    try:
        page = report_files(office.index, old, new)[0].read_bytes()
    except OSError:
        return office.refusal(visit, 404, "Kein Bericht", "Zu diesen Generationen gibt es keinen Bericht.", "/bericht")
    return HTMLResponse(page, headers=guard.framed_headers(page))


# ---------------------------------------------------------------- publishing


def _publish_page(office: Office, visit: Visit, *, status: int = 200, error: str = "", **values: str) -> Response:
    rows = generations.built(office.index)
    entries, damage = generations.history(office.index)
    published = next((row for row in rows if row.published), None)
    candidates = [row for row in rows if row.complete and not row.published]
    before = generations.previous(office.index)
    return office.page(
        visit, "veroeffentlichen.html", status=status, error=error, published=published, candidates=candidates,
        entries=entries, damage=damage, before=next((row for row in rows if row.name == before), None),
        approver=values.get("freigabe", visit.name), comment=values.get("kommentar", ""),
        chosen=values.get("generation", visit.query.get("neu", "")),
    )  # fmt: skip


def _publish(office: Office, visit: Visit) -> Response:
    name, by, comment = visit.one("generation"), visit.one("freigabe").strip(), visit.one("kommentar").strip()
    given = {"generation": name, "freigabe": by, "kommentar": comment}
    if problem := _incomplete(by, comment, confirmed=visit.one("gelesen") == "ja"):
        return _publish_page(office, visit, status=400, error=problem, **given)
    gen.existing(office.index, name)
    office.journal.check()
    office.worker.start("veroeffentlichen", f"Veröffentlichen von {name}", visit.name, office.now(), name, by, comment)
    office.log(visit, f"Veröffentlichung begonnen: {name}, Freigabe {by}")
    return go("/vorgang")


def _incomplete(by: str, comment: str, *, confirmed: bool) -> str:
    if not by:
        return "Freigabe: Bitte eintragen, wer freigibt."
    if not comment or len(comment) > COMMENT:
        return f"Kommentar: Bitte in 1 bis {COMMENT} Zeichen sagen, was sich ändert."
    return "" if confirmed else "Bitte bestätigen, dass die freigebende Person die Änderungen kennt."


def _roll_back(office: Office, visit: Visit) -> Response:
    comment = visit.one("grund").strip()
    before, current = generations.previous(office.index), gen.current(office.index)
    if before is None:
        raise LeitplankeError("Es gibt keine frühere veröffentlichte Generation, zu der zurückgekehrt werden kann.")
    if visit.one("ziel") != before:
        raise LeitplankeError("Inzwischen wurde etwas anderes veröffentlicht. Bitte die Seite neu öffnen und prüfen.")
    if not comment or len(comment) > COMMENT:
        return _publish_page(office, visit, status=400, error=f"Grund: Bitte in 1 bis {COMMENT} Zeichen sagen, warum zurückgekehrt wird.")
    when = office.now().isoformat(timespec="seconds")
    with office.doing(visit, f"Zurückgekehrt zu {before} (von {current})"):
        gen.publish(office.index, before, when=when, by=visit.name, comment=f"zurück von {current}: {comment}")
    return go("/veroeffentlichen", "zurueck")


PLACES = (
    Place("GET", "/bauen", _build_page),
    Place("POST", "/bauen", _build, back="/bauen"),
    Place("GET", "/vorgang", _watch),
    Place("GET", "/vorgang/stand", _state),
    Place("POST", "/vorgang/abbrechen", _cancel, back="/vorgang"),
    Place("GET", "/bericht", _report_page),
    Place("POST", "/bericht", _report, back="/bericht"),
    Place("GET", "/bericht/inhalt", _report_content),
    Place("GET", "/veroeffentlichen", _publish_page),
    Place("POST", "/veroeffentlichen", _publish, back="/veroeffentlichen"),
    Place("POST", "/zurueck", _roll_back, back="/veroeffentlichen"),
)
