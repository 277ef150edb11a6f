"""Rules: listed by chapter with a search, changed in a form, added, deleted."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from assistant.admin.office import Office, Visit, go
from assistant.admin.pages import ruleform
from assistant.admin.pages.place import Place
from assistant.corpus.drafts import Draft
from assistant.corpus.editing import (
    EMPTY,
    EditableRule,
    RuleForm,
    add_rule,
    chapters,
    delete_rule,
    read_rule,
    write_rule,
)
from assistant.corpus.rules import read_guideline
from assistant.errors import EditConflict, RuleError, RuleRefused
from assistant.types import Rule


def _list(office: Office, visit: Visit) -> Response:
    query = " ".join(visit.query.get("suche", "").split())[:100]
    broken: RuleError | None = None
    groups: list[tuple[str, list[Rule]]] = []
    try:
        guideline = read_guideline(office.corpus)
        titles = {section.rule: section.chapter for section in guideline.sections if section.rule}
        for rule in guideline.rules:
            chapter = titles.get(rule.id, "")
            if not groups or groups[-1][0] != chapter:
                groups.append((chapter, []))
            if _fits(rule, query):
                groups[-1][1].append(rule)
    except RuleError as error:
        broken = error
    found = [(chapter, rules) for chapter, rules in groups if rules]
    return office.page(
        visit, "regeln.html", groups=found, query=query, broken=broken, count=sum(len(rules) for _, rules in found)
    )


def _fits(rule: Rule, query: str) -> bool:
    text = "\n".join([
        rule.id, rule.title, rule.verdict.value, rule.sentence, *rule.conditions, *rule.norms, *rule.questions, rule.prose
    ]).lower()  # fmt: skip
    return all(word in text for word in query.lower().split())


def _edit(office: Office, visit: Visit) -> Response:
    rule = read_rule(office.corpus, visit.params["id"])
    return _form(office, visit, rule.form, rule, ruleform.by_field(rule.problems), reading=True)


def _save(office: Office, visit: Visit) -> Response:
    rule_id = visit.params["id"]
    now = read_rule(office.corpus, rule_id)
    sent = ruleform.from_form(visit, now.form)
    sent = RuleForm(sent.title, sent.prose, {**sent.values, "id": rule_id})
    differing = ruleform.changed(now.form, sent)
    try:
        with office.doing(visit, f"Regel {rule_id} geändert: {', '.join(differing) or 'nichts'}"):
            write_rule(office.corpus, rule_id, sent, visit.one("pruefsumme"))
    except RuleRefused as refused:
        return _form(office, visit, sent, now, ruleform.by_field(refused.problems), checksum=visit.one("pruefsumme"))
    except EditConflict:
        return _form(office, visit, sent, now, {}, conflict=True)
    return go(f"/regeln/{rule_id}", "gespeichert")


def _delete(office: Office, visit: Visit) -> Response:
    rule_id = visit.params["id"]
    rule = read_rule(office.corpus, rule_id)
    if visit.one("sicher") != "ja":
        return _form(office, visit, rule.form, rule, {"": "Zum Löschen bitte erst das Kästchen ankreuzen."})
    try:
        with office.doing(visit, f"Regel {rule_id} gelöscht"):
            delete_rule(office.corpus, rule_id, visit.one("pruefsumme"))
    except RuleRefused as refused:
        return _form(office, visit, rule.form, rule, {"": refused.what})
    except EditConflict:
        return _form(office, visit, rule.form, rule, {"": "Die Regel wurde inzwischen geändert. Bitte ansehen und erneut löschen."})
    return go("/regeln", "geloescht")


def _new(office: Office, visit: Visit) -> Response:
    return new_form(office, visit, EMPTY, {}, visit.query.get("kapitel", ""))


def _add(office: Office, visit: Visit) -> Response:
    sent, chapter = ruleform.from_form(visit), visit.one("kapitel")
    try:
        with office.doing(visit, f"Regel {visit.one('id').strip()} neu in {chapter}"):
            added = add_rule(office.corpus, chapter, sent)
    except RuleRefused as refused:
        return new_form(office, visit, sent, ruleform.by_field(refused.problems), chapter)
    return go(f"/regeln/{added.form.text('id')}", "gespeichert")


def new_form(
    office: Office, visit: Visit, form: RuleForm, problems: dict[str, str], chapter: str, draft: Draft | None = None
) -> Response:
    """The form of a rule that does not exist yet; ``draft`` is what it is made from, to read beside it."""
    return office.page(
        visit, "regel.html", status=400 if problems else 200, form=form, problems=problems, rule=None, conflict={}, reading=False,
        checksum="", action=f"/entwuerfe/{draft.name}" if draft else "/regeln/neu", chapters=chapters(office.corpus), chapter=chapter, draft=draft, **_terms(office),
    )  # fmt: skip


def _form(
    office: Office, visit: Visit, form: RuleForm, rule: EditableRule, problems: dict[str, str], *, checksum: str = "",
    conflict: bool = False, reading: bool = False,
) -> Response:  # fmt: skip
    """The form of a rule; ``reading``: as it stands in the file, with the mistakes that it has there."""
    present, sent = ruleform.shown(rule.form), ruleform.shown(form)
    other = {ruleform.LABELS[n]: text for n, text in present.items() if text.strip() != sent[n].strip()} if conflict else {}
    return office.page(
        visit, "regel.html", status=409 if conflict else 400 if problems and not reading else 200, form=form,
        problems=problems, rule=rule, reading=reading,
        conflict=other, checksum=checksum or rule.checksum, action=f"/regeln/{rule.form.text('id')}", chapters=(), chapter="",
        draft=None, **_terms(office),
    )  # fmt: skip


def _terms(office: Office) -> dict[str, Any]:
    return {
        "labels": ruleform.LABELS, "help": ruleform.HELP, "verdicts": ruleform.VERDICTS, "optional": ruleform.OPTIONAL,
        "choices": ruleform.choices(office.corpus),
    }  # fmt: skip


PLACES = (
    Place("GET", "/regeln", _list),
    Place("GET", "/regeln/neu", _new),
    Place("POST", "/regeln/neu", _add, back="/regeln"),
    Place("GET", "/regeln/{id}", _edit, back="/regeln"),
    Place("POST", "/regeln/{id}", _save, back="/regeln"),
    Place("POST", "/regeln/{id}/loeschen", _delete, back="/regeln"),
)
