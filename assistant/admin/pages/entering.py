"""Logging in and out."""

from __future__ import annotations

import math
import threading

from starlette.responses import Response

from assistant.admin.access import shown_name
from assistant.admin.office import Office, Visit, go, with_session, without_session
from assistant.admin.pages.place import Place
from assistant.admin.passwords import matches

_WRONG = "Name oder Kennwort stimmt nicht. Es wird nicht gesagt, was davon."
_one_at_a_time = threading.Semaphore(2)
"""Checking a password takes 64 MB on purpose: many at once must not fill the memory."""


def _form(office: Office, visit: Visit) -> Response:
    if visit.session is not None:
        return go("/")
    return office.page(visit, "anmelden.html", name="", password=office.stored_hash is not None)


def _enter(office: Office, visit: Visit) -> Response:
    name = shown_name(visit.one("name"))
    wait = office.throttle.wait(visit.address)
    if wait > 0:
        line = f"Zu viele Fehlversuche. Bitte {math.ceil(wait)} Sekunden warten."
        answer = office.page(visit, "anmelden.html", status=429, name=name, password=True, error=line)
        answer.headers["retry-after"] = str(math.ceil(wait))
        return answer
    with _one_at_a_time:
        right = office.stored_hash is not None and matches(office.stored_hash, visit.one("kennwort"))
    if not right or not name:
        office.throttle.failed(visit.address)
        office.log(visit, "Anmeldung abgelehnt")
        return office.page(visit, "anmelden.html", status=403, name=name, password=True, error=_WRONG)
    office.throttle.succeeded(visit.address)
    office.journal.add(office.now(), name, "Angemeldet")
    token, _ = office.sessions.begin(name)
    return with_session(go("/"), token, visit)


def _leave(office: Office, visit: Visit) -> Response:
    office.sessions.end(visit.token)
    office.log(visit, "Abgemeldet")
    return without_session(go("/anmelden", "abgemeldet"), visit)


PLACES = (
    Place("GET", "/anmelden", _form, public=True),
    Place("POST", "/anmelden", _enter, public=True),
    Place("POST", "/abmelden", _leave),
)
