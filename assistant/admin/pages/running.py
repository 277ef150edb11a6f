"""Running the service: the maintenance switch, and the log of what was done here."""

from __future__ import annotations

from starlette.responses import Response

from assistant.admin.maintenance import LENGTH, Maintenance, read_maintenance, write_maintenance
from assistant.admin.office import Office, Visit, go
from assistant.admin.pages.place import Place
from assistant.errors import LeitplankeError

SHOWN = 200
_PROPOSED = "Der Assistent wird gerade gepflegt. Bitte versuchen Sie es in einer halben Stunde wieder."


def _switch(office: Office, visit: Visit) -> Response:
    notice = read_maintenance(office.home)
    return office.page(
        visit, "wartung.html", on=notice is not None, text=notice.text if notice else _PROPOSED,
        resting=notice.resting if notice else True, most=LENGTH,
    )  # fmt: skip


def _set(office: Office, visit: Visit) -> Response:
    if visit.one("schalter") == "aus":
        with office.doing(visit, "Wartung ausgeschaltet"):
            write_maintenance(office.home, None)
        return go("/wartung", "wartung-aus")
    notice = Maintenance(visit.one("text"), resting=visit.one("ruht") == "ja")
    try:
        with office.doing(visit, f"Wartung eingeschaltet, Fragen {'ruhen' if notice.resting else 'werden beantwortet'}"):
            write_maintenance(office.home, notice)
    except LeitplankeError as error:
        return office.page(
            visit, "wartung.html", status=400, error=str(error), on=read_maintenance(office.home) is not None,
            text=notice.text, resting=notice.resting, most=LENGTH,
        )  # fmt: skip
    return go("/wartung", "wartung-an")


def _journal(office: Office, visit: Visit) -> Response:
    entries, damage = office.journal.read()
    return office.page(visit, "protokoll.html", entries=entries[:SHOWN], count=len(entries), damage=damage)


PLACES = (
    Place("GET", "/wartung", _switch),
    Place("POST", "/wartung", _set, back="/wartung"),
    Place("GET", "/protokoll", _journal),
)
