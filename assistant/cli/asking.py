"""Commands that answer and show: ``ask``, ``search``, ``show``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from assistant.cli.terms import Commands, as_json, count, open_service, print_json, progress_over
from assistant.errors import LeitplankeError, UsageError
from assistant.types import Answer, GuidelineInfo, Question, Status

SHOWN_LINKS = 20
"""How many cross-references ``show`` prints in each direction; ``--json`` holds all."""

def register(commands: Commands) -> None:
    """Add the commands of this module."""
    sub = commands.add("ask", _ask, "eine Frage beantworten")
    sub.add_argument("frage", nargs="?")
    sub.add_argument("--batch", metavar="DATEI", help="Fragen als JSON-Zeilen")
    sub.add_argument("--out", metavar="DATEI", help="Antworten zu --batch")
    sub.add_argument("--engine", choices=("auszug", "modell"), default="auszug")
    commands.as_of(sub)
    as_json(sub)
    sub = commands.add("search", _search, "Fundstellen und erwogene Regeln zeigen")
    sub.add_argument("frage")
    sub.add_argument("-n", type=count, default=10, metavar="ANZAHL")
    commands.as_of(sub)
    as_json(sub)
    sub = commands.add("show", _show, "eine Fundstelle wörtlich zeigen")
    sub.add_argument("fundstelle")
    commands.as_of(sub)
    as_json(sub)


def _ask(args: argparse.Namespace) -> None:
    if args.batch:
        _ask_batch(args)
        return
    if args.frage is None:
        raise UsageError('Es fehlt die Frage. Beispiel: leitplanke ask "Darf ich …?" (oder --batch DATEI --out DATEI)')
    service = open_service(args.engine == "modell")
    try:
        answer = service.answer(Question(args.frage, args.as_of, day_given=args.day_given), engine=args.engine)
    finally:
        service.close()
    if args.json:
        print_json(answer.to_json())
    elif answer.status is not Status.FEHLER:
        print(_plain(answer, service))
    if answer.status is Status.FEHLER:
        raise LeitplankeError(answer.text)


def _plain(answer: Answer, service: Any) -> str:
    """The answer for a terminal."""
    lines = [answer.text.replace("**", "")]
    if answer.conditions:
        lines += ["", "Bedingungen:", *(f"  [ ] {c}" for c in answer.conditions)]
    if answer.clarifications:
        lines += ["", "Meinten Sie:", *(f"  – {c}" for c in answer.clarifications)]
    if answer.citations:
        lines += ["", "Quellen:"]
    for c in answer.citations:
        kind = " (Kurzfassung)" if c.kind == "kurzfassung" else ""
        since = f", gilt ab {c.valid_from:%d.%m.%Y}" if c.validity == "gilt_ab" and c.valid_from else ""
        since = f", aufgehoben, galt bis {c.valid_to:%d.%m.%Y}" if c.validity == "aufgehoben" and c.valid_to else since
        lines.append(f"  [{c.number}] {c.label}{kind}, Stand {c.state:%d.%m.%Y}{since}: „{c.quote}“")
    for note in answer.notes:
        lines += ["", f"Hinweis: {note.text}"]
    return "\n".join(lines)


def _ask_batch(args: argparse.Namespace) -> None:
    if not args.out:
        raise UsageError("Zu --batch gehört --out DATEI für die Antworten.")
    from assistant.corpus.questions import lines_of

    try:
        lines = lines_of(Path(args.batch), errors="replace")
    except OSError as error:
        raise LeitplankeError(f"{args.batch} kann nicht gelesen werden ({error.strerror}).") from error
    service = open_service(args.engine == "modell")
    try:
        # A lone surrogate from an input's "\\ud800" is written as that escape again, which is JSON.
        with Path(args.out).open("w", encoding="utf-8", errors="backslashreplace") as out:
            for line in progress_over(lines, "Fragen"):
                out.write(json.dumps(_answer_line(line, args, service), ensure_ascii=False) + "\n")
    except OSError as error:
        raise LeitplankeError(f"{args.out} kann nicht geschrieben werden ({error.strerror}).") from error
    finally:
        service.close()


def _answer_line(line: str, args: argparse.Namespace, service: Any) -> dict[str, object]:
    """One output object per input line; a bad line becomes status ``fehler``."""
    given: object = None
    try:
        raw = json.loads(line)
        given = raw.get("id")
        question, history = raw["frage"], raw.get("verlauf") or []
        if not isinstance(history, list) or not all(isinstance(text, str) for text in (question, *history)):
            raise TypeError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        text = "Diese Zeile ist keine Frage. Erwartet wird JSON mit „id“, „frage“ und, wenn nötig, „verlauf“ (Liste)."
        return {"id": given, **Answer("", Status.FEHLER, args.as_of, text, GuidelineInfo("", "", False), "").to_json()}
    answer = service.answer(Question(question, args.as_of, tuple(history), args.day_given), engine=args.engine)
    return {"id": given, **answer.to_json()}


def _search(args: argparse.Namespace) -> None:
    from assistant.ask.check import clean_question
    from assistant.ask.personal_data import find_personal_data
    from assistant.ask.texts import STATUS_TEXT
    from assistant.types import Lane

    text = clean_question(args.frage)
    if find_personal_data(args.frage):
        raise LeitplankeError(STATUS_TEXT[Status.BLOCKIERT_PERSONENBEZUG])
    service = open_service()
    try:
        found, generation = service.consider(Question(text, args.as_of))
        with service.pinned() as index:
            hits = {lane: index.search(found.reading.query, lane, args.n) for lane in Lane}
    finally:
        service.close()
    considered = found.match.considered(args.n)
    data = {
        "frage": text, "generation": generation,
        "lesart": {
            "merkmale": dict(found.reading.concepts), "normen": [a.norm for a in found.reading.norms],
            "folgefrage": found.reading.continues, "ausserhalb": round(found.match.outside, 4),
            "nicht_geregelt": round(found.match.unregulated, 4),
        },
        "entscheidung": {
            "status": found.decision.status.value, "grund": found.decision.why, "regeln": list(found.decision.rules),
            "urteil": found.decision.verdict.value if found.decision.verdict else None,
        },
        "erwogen": [{"regel": c.rule, "wert": round(c.value, 4), "grund": c.reason} for c in considered],
        "passagen": {
            lane.value: [
                {"norm": h.passage.norm, "wert": round(h.score, 5), "warum": h.why, "text": h.passage.text} for h in rows
            ]
            for lane, rows in hits.items()
        },
    }  # fmt: skip
    if args.json:
        print_json(data)
        return
    print("Erwogene Regeln:")
    for c in considered:
        print(f"  {c.value:5.2f}  {c.rule:<32}{c.reason}")
    for lane, rows in hits.items():
        print(f"\nSpur {lane.value}:")
        for h in rows:
            first = h.passage.text.split("\n")[0][:90]
            print(f"  {h.score:7.4f}  {h.passage.norm}: {first}  ({h.why})")


def _show(args: argparse.Namespace) -> None:
    from assistant.corpus.links import CrossReferences

    service = open_service()
    try:
        address, found, missing = service.find(args.fundstelle, args.as_of)
        if found is None or (missing and not found.exact):
            raise LeitplankeError(missing or f"Zu {address.label} liegt hier kein Text vor.")
        with service.pinned() as index:
            links = CrossReferences(index.law, args.as_of)
            names, named_by = links.outgoing(found.provision), links.incoming(found.provision)
    finally:
        service.close()
    provision, source = found.provision, found.source
    if args.json:
        print_json(
            {
                "norm": provision.norm, "anzeige": provision.label, "quelle": source.id, "art": provision.kind.value,
                "pfad": list(provision.heading), "text": provision.text, "stand": source.state.isoformat(),
                "gilt_ab": provision.valid_from.isoformat() if provision.valid_from else None,
                "gilt_bis": provision.valid_to.isoformat() if provision.valid_to else None,
                "geltung": found.validity.value, "url": source.url, "genau": found.exact,
                "verweist_auf": [a.norm for a in names], "erwaehnt_in": [a.norm for a in named_by],
            }
        )  # fmt: skip
        return
    kind = "" if provision.kind == "gesetz" else " – Kurzfassung in eigenen Worten, nicht der amtliche Text"
    print(f"{provision.label}{kind}")
    print(" › ".join(provision.heading))
    dates = [f"Stand {source.state:%d.%m.%Y}", found.validity.value.replace("_", " ")]
    if provision.valid_from:
        dates.append(f"anwendbar ab {provision.valid_from:%d.%m.%Y}")
    if provision.valid_to:
        dates.append(f"in dieser Fassung bis {provision.valid_to:%d.%m.%Y}")
    if not found.exact:
        dates.append(f"{address.label} selbst liegt nicht vor")
    print(" · ".join(dates) + "\n")
    print(provision.text)
    for title, places in (("Verweist auf", names), ("Wird erwähnt in", named_by)):
        if places:
            rest = f"; dazu {len(places) - SHOWN_LINKS} weitere" if len(places) > SHOWN_LINKS else ""
            print(f"\n{title}: {', '.join(a.label for a in places[:SHOWN_LINKS])}{rest}")
