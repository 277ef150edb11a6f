"""A town's own guideline in: a document becomes drafts, and a draft that a person has completed becomes a rule."""

from __future__ import annotations

from starlette.responses import Response

from assistant.admin.office import Office, Visit, go
from assistant.admin.pages import ruleform
from assistant.admin.pages.importing import uploaded
from assistant.admin.pages.place import Place
from assistant.admin.pages.rules import new_form
from assistant.corpus.drafts import (
    FOLDER,
    accept_draft,
    discard_draft,
    drafts_from,
    read_draft,
    read_drafts,
    save_draft,
    write_drafts,
)
from assistant.errors import LeitplankeError, RuleRefused


def _list(office: Office, visit: Visit, *, status: int = 200, error: str = "", done: str = "") -> Response:
    drafts = read_drafts(office.corpus)
    return office.page(
        visit, "entwuerfe.html", status=status, error=error, done=done, drafts=drafts, heading=visit.one("abschnitt")
    )


def _show_list(office: Office, visit: Visit) -> Response:
    return _list(office, visit)


def _make(office: Office, visit: Visit) -> Response:
    office.journal.check()
    try:
        with uploaded(visit) as file:
            drafts = drafts_from(office.home, file, office.now().date(), visit.one("abschnitt").strip())
            written, kept = write_drafts(office.corpus / FOLDER, drafts)
            name = file.name
    except LeitplankeError as error:
        return _list(office, visit, status=400, error=str(error))
    office.log(visit, f"{len(written)} Entwürfe aus {name}")
    rest = f"; {len(kept)} gab es schon, sie blieben unverändert" if kept else ""
    return _list(office, visit, done=f"{len(written)} Entwürfe aus {name}{rest}.")


def _open(office: Office, visit: Visit) -> Response:
    draft = read_draft(office.corpus, visit.params["id"])
    return new_form(office, visit, draft.form, {}, "", draft)


def _go_on(office: Office, visit: Visit) -> Response:
    draft = read_draft(office.corpus, visit.params["id"])
    sent, chapter = ruleform.from_form(visit, draft.form), visit.one("kapitel")
    if visit.one("tun") != "uebernehmen":
        with office.doing(visit, f"Entwurf {draft.name} zwischengespeichert"):
            save_draft(office.corpus, draft.name, sent)
        return go(f"/entwuerfe/{draft.name}", "gemerkt")
    try:
        with office.doing(visit, f"Entwurf {draft.name} als Regel in {chapter} übernommen"):
            rule = accept_draft(office.corpus, draft.name, chapter, sent)
    except RuleRefused as refused:
        return new_form(office, visit, sent, ruleform.by_field(refused.problems), chapter, draft)
    return go(f"/regeln/{rule.form.text('id')}", "gespeichert")


def _discard(office: Office, visit: Visit) -> Response:
    draft = read_draft(office.corpus, visit.params["id"])
    if visit.one("sicher") != "ja":
        return new_form(office, visit, draft.form, {"": "Zum Verwerfen bitte erst das Kästchen ankreuzen."}, "", draft)
    with office.doing(visit, f"Entwurf {draft.name} verworfen"):
        discard_draft(office.corpus, draft.name)
    return go("/entwuerfe", "verworfen")


PLACES = (
    Place("GET", "/entwuerfe", _show_list),
    Place("POST", "/entwuerfe", _make, upload=True, back="/entwuerfe"),
    Place("GET", "/entwuerfe/{id}", _open, back="/entwuerfe"),
    Place("POST", "/entwuerfe/{id}", _go_on, back="/entwuerfe"),
    Place("POST", "/entwuerfe/{id}/verwerfen", _discard, back="/entwuerfe"),
)
