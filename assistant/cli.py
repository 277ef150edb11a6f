"""Command line ``leitplanke``; thin: parses, calls, prints. ``python -m assistant`` is the same program.

This is the outermost place and the only one that reads the clock. Exit status 0 done, 1 the request could not be met
(one German line on stderr), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import LeitplankeError, UsageError
from assistant.settings import home_folder, read_settings
from assistant.types import Answer, GuidelineInfo, Question, Status

SHOWN_LINKS = 20
"""How many cross-references ``show`` prints in each direction; ``--json`` holds all."""


def _date(value: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"„{value}“ ist kein Datum; erwartet wird JJJJ-MM-TT") from None


def _count(value: str) -> int:
    if not re.fullmatch("[0-9]{1,4}", value) or int(value) < 1:
        raise argparse.ArgumentTypeError(f"„{value}“ ist keine Anzahl; erwartet wird eine ganze Zahl von 1 bis 9999")
    return int(value)


_WRONG_USAGE = (
    (r"the following arguments are required: (.*)", r"Es fehlt: \1"),
    (r"unrecognized arguments: (.*)", r"Diese Angabe gibt es nicht: \1"),
    (r"ambiguous option: (.*) could match (.*)", r"\1 ist nicht eindeutig; gemeint sein können \2"),
    (r"argument (.*?): invalid choice: (.*?) \(choose from (.*)\)", r"\1: \2 gibt es nicht; möglich sind \3"),
    (r"argument (.*?): expected one argument", r"\1: dahinter fehlt die Angabe"),
    (r"argument (.*?): ignored explicit argument (.*)", r"\1: dahinter gehört keine Angabe (\2)"),
    (r"argument (.*?): invalid \w+ value: (.*)", r"\1: \2 ist keine ganze Zahl"),
    (r"argument (.*?): (.*)", r"\1: \2"),
)
"""What argparse says in English, and the same in German; the rest of each message is our own."""


class _Day(argparse.Action):
    """The day, and that it was named: one within the question then does not count."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: Any = None) -> None:
        namespace.as_of, namespace.day_given = values, True


class _Parser(argparse.ArgumentParser):
    """German wording for wrong usage."""

    def error(self, message: str) -> Any:
        for pattern, german in _WRONG_USAGE:
            if found := re.fullmatch(pattern, message, re.DOTALL):
                message = found.expand(german)
                break
        raise UsageError(f"{message}. Hilfe: {self.prog} --help")


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()


def _print_json(data: object) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=1))


def _progress() -> tuple[Callable[[str, int, int], None], Callable[[], None]]:
    """(progress callback, close): bars on a terminal, silence when output is piped."""
    if not sys.stderr.isatty():
        return (lambda step, done, total: None), (lambda: None)
    from tqdm import tqdm

    bars: dict[str, Any] = {}

    def show(step: str, done: int, total: int) -> None:
        bar = bars.get(step) or bars.setdefault(step, tqdm(total=total or 1, desc=step, unit="", leave=False))
        bar.n = done
        bar.refresh()

    def close() -> None:
        for bar in bars.values():
            bar.close()

    return show, close


def _progress_over(items: Sequence[Any], title: str) -> Iterator[Any]:
    from tqdm import tqdm

    yield from tqdm(items, desc=title, unit="", leave=False, disable=not sys.stderr.isatty())


# ---------------------------------------------------------------- asking


def _service(args: argparse.Namespace, with_model: bool = False) -> Any:
    from assistant.ask.service import AssistantService

    return AssistantService.open(home_folder(), with_model=with_model)


def _ask(args: argparse.Namespace) -> None:
    if args.batch:
        _ask_batch(args)
        return
    if args.frage is None:
        raise UsageError('Es fehlt die Frage. Beispiel: leitplanke ask "Darf ich …?" (oder --batch DATEI --out DATEI)')
    service = _service(args, args.engine == "modell")
    try:
        answer = service.answer(Question(args.frage, args.as_of, day_given=args.day_given), engine=args.engine)
    finally:
        service.close()
    if args.json:
        _print_json(answer.to_json())
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
    service = _service(args, args.engine == "modell")
    try:
        # A lone surrogate from an input's "\\ud800" is written as that escape again, which is JSON.
        with Path(args.out).open("w", encoding="utf-8", errors="backslashreplace") as out:
            for line in _progress_over(lines, "Fragen"):
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
    service = _service(args)
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
        _print_json(data)
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

    service = _service(args)
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
        _print_json(
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


# ---------------------------------------------------------------- corpus and index


def _corpus(args: argparse.Namespace) -> None:
    home = home_folder()
    if args.aktion == "status":
        _corpus_status(home, args)
    elif args.aktion == "import":
        _corpus_import(home, args)
    elif args.aktion == "fetch":
        from assistant.corpus.fetch import fetch_all

        show, close = _progress()
        try:
            language = args.sprache.upper()
            fetch_all(home, args.ids, _now().date(), print, quick=args.kurz, language=language, progress=show)
        finally:
            close()
    elif args.aktion == "diff":
        _corpus_diff(home, args)
    else:
        from assistant.corpus.checking import check_corpus

        findings = check_corpus(home, _now().date())
        for line in findings:
            print(line)
        if findings:
            raise LeitplankeError(f"{len(findings)} Befunde. Die Stellen oben berichtigen.")
        print("Keine Befunde.")


def _corpus_diff(home: Path, args: argparse.Namespace) -> None:
    from assistant.corpus.diff import compare
    from assistant.corpus.states import lines, read_state, to_json

    old, new = (read_state(home / "corpus", written) for written in (args.alt, args.neu))
    if old.source.id != new.source.id:
        raise UsageError("Verglichen werden zwei Stände derselben Quelle: ki-vo@2024-07-12 ki-vo@2026-07-27.")
    changes = compare(old.places, new.places)
    if args.json:
        _print_json(to_json(changes, old, new))
        return
    for line in lines(changes, old, new):
        print(line)


def _corpus_import(home: Path, args: argparse.Namespace) -> None:
    from assistant.corpus.documents import import_document, is_document
    from assistant.corpus.official import import_official
    from assistant.corpus.readers import file_bytes

    file = Path(args.datei)
    if is_document(file_bytes(file)):
        if args.als or args.stand:
            raise LeitplankeError(
                f"{file.name}: Word, PDF und Markdown ohne Kopf sind eigene Regeln, kein Gesetz; --as und --stand weglassen. "
                "Gesetze als HTML oder XML des Herausgebers einspielen."
            )
        name, document = import_document(home, file)
        words = sum(len(part.text.split()) for part in document.parts)
        print(f"Eingespielt: {name} („{document.title}“): {len(document.parts)} Abschnitte, {words} Wörter")
    else:
        text = import_official(home, file, _now().date(), args.als, language=args.sprache.upper(), stand=args.stand)
        count = {unit: n for unit in ("Art.", "§", "Anhang", "ErwG") if (n := text.count(unit))}
        counted = ", ".join(f"{n} {u}" for u, n in count.items())
        print(f"Eingespielt: {text.short}, Stand {text.state:%d.%m.%Y}: {counted}")
    print("Damit daraus zitiert wird: „leitplanke index build“ und danach „leitplanke index activate GENERATION …“.")


def _corpus_status(home: Path, args: argparse.Namespace) -> None:
    from assistant.corpus.law import read_law
    from assistant.corpus.official import read_lock
    from assistant.corpus.rules import read_guideline

    guideline, law, lock = read_guideline(home / "corpus"), read_law(home / "corpus"), read_lock(home)
    rows: list[dict[str, Any]] = []
    for info in law.acts.infos:
        states = law.official.get(info.short, ())
        digest = law.digests.get(info.short)
        rows.append(
            {
                "id": info.id, "kurz": info.short,
                "amtlich": [
                    {"stand": b.source.state.isoformat(), "fundstellen": len(b.places), **lock.get(b.file, {})} for b in states
                ],
                "kurzfassungen": len(digest.places) if digest else 0,
            }
        )  # fmt: skip
    if args.json:
        _print_json({"leitlinie": {"titel": guideline.info.title, "fassung": guideline.info.version,
                                   "beschlossen": guideline.info.adopted, "regeln": len(guideline.rules)}, "quellen": rows})  # fmt: skip
        return
    adopted = "beschlossen" if guideline.info.adopted else "nicht beschlossen"
    print(f"{guideline.info.title}, Fassung {guideline.info.version} ({adopted}), {len(guideline.rules)} Regeln")
    for row in rows:
        listed = ", ".join(f"Stand {s['stand']} ({s['fundstellen']} Fundstellen)" for s in row["amtlich"])
        print(f"  {row['kurz']:<12} amtlich: {listed or 'nicht eingespielt'}; Kurzfassungen: {row['kurzfassungen']}")


def _index(args: argparse.Namespace) -> None:
    from assistant.index import generation as gen

    home = home_folder()
    index = home / "index"
    if args.aktion == "build":
        _index_build(home)
    elif args.aktion == "status":
        _index_status(index, args)
    elif args.aktion == "verify":
        from assistant.index.published import PublishedIndex
        from assistant.models.embedder import open_embedder

        gen.read_log(index)
        opened = PublishedIndex(gen.current_folder(index), open_embedder(home, read_settings(home).embedder))
        try:
            opened.verify()
        finally:
            opened.close()
        gen.check_published(index)
        print(f"In Ordnung: {opened.generation}, {opened.manifest.counts['passagen']} Passagen, Prüfsummen stimmen.")
    elif args.aktion == "diff":
        _index_diff(home, args)
    elif args.aktion == "activate":
        _activate(home, args)
    else:
        _rollback(index)


def _index_diff(home: Path, args: argparse.Namespace) -> None:
    from assistant.index.diff import chosen, diff
    from assistant.index.diff_report import html, lines, summary, to_json
    from assistant.models.embedder import open_embedder

    if len(args.generationen) not in (0, 2):
        raise UsageError("Zu „index diff“ gehören zwei Generationen oder keine (dann die veröffentlichte und die neueste).")
    old, new = chosen(home / "index", args.generationen)
    show, close = _progress()
    try:
        found = diff(home, old, new, open_embedder(home, read_settings(home).embedder), args.as_of, show)
    finally:
        close()
    if args.bericht:
        from assistant.corpus.official import write_atomically

        try:
            write_atomically(Path(args.bericht), html(found).encode())
        except OSError as error:
            raise LeitplankeError(f"{args.bericht} kann nicht geschrieben werden ({error.strerror}).") from error
    if args.json:
        _print_json(to_json(found))
    elif args.bericht:
        print(summary(found))
        print(f"Geschrieben: {args.bericht}")
    else:
        print("\n".join(lines(found)))


def _activate(home: Path, args: argparse.Namespace) -> None:
    from assistant.index import generation as gen
    from assistant.index.answers import check_permissions
    from assistant.models.embedder import open_embedder

    now = _now()
    gen.check_files(gen.existing(home / "index", args.generation))
    show, close = _progress()
    try:
        embedder = open_embedder(home, read_settings(home).embedder)
        note = check_permissions(home, args.generation, embedder, now.date(), show)
    finally:
        close()
    if note:
        print(note)
    gen.publish(
        home / "index", args.generation, when=now.isoformat(timespec="seconds"), by=args.freigabe, comment=args.kommentar
    )
    print(f"Veröffentlicht: {args.generation}")


def _rollback(index: Path) -> None:
    from assistant.index import generation as gen

    published = [e["generation"] for e in gen.read_log(index)]
    now = gen.current(index)
    before = next((g for g in reversed(published) if g != now and (index / g / "chroma").is_dir()), None)
    if before is None:
        raise LeitplankeError("Es gibt keine frühere veröffentlichte Generation, zu der zurückgekehrt werden kann.")
    gen.publish(index, before, when=_now().isoformat(timespec="seconds"), by="rollback", comment=f"zurück von {now}")
    print(f"Veröffentlicht: {before}")


def _index_build(home: Path) -> None:
    from assistant.index.build import build
    from assistant.models.embedder import open_embedder

    embedder = open_embedder(home, read_settings(home).embedder)
    show, close = _progress()
    try:
        result = build(home, embedder, _now(), show)
    finally:
        close()
    print(
        f"Generation {result.generation}: {result.passages} Passagen, {result.new - result.changed} neu, "
        f"{result.changed} geändert, {result.unchanged} unverändert, {result.removed - result.changed} entfallen; "
        f"neu eingebettet: {result.new}."
    )
    if result.published:
        print("Veröffentlicht, weil es noch keine gab.")
    else:
        print(f"Zum Veröffentlichen: leitplanke index activate {result.generation} --freigabe NAME --kommentar TEXT")


def _index_status(index: Path, args: argparse.Namespace) -> None:
    from assistant.index import generation as gen

    current = gen.current(index)
    rows: list[dict[str, Any]] = []
    for name in gen.generations(index):
        manifest = gen.read_manifest(index / name)
        rows.append({"generation": name, "veroeffentlicht": name == current, "gebaut": manifest.built,
                     "anzahl": manifest.counts, "leitlinie": manifest.guideline, "staende": manifest.states})  # fmt: skip
    log = gen.read_log(index)
    if args.json:
        _print_json({"aktuell": current, "generationen": rows, "verlauf": log})
        return
    if not rows:
        print("Kein Index. Mit „leitplanke index build“ bauen.")
    for row in rows:
        mark = "→" if row["veroeffentlicht"] else " "
        print(f"{mark} {row['generation']}  gebaut {row['gebaut']}  {row['anzahl']['passagen']} Passagen")
    if hint := gen.unfinished_publication(index):
        print(f"  {hint}")
    for entry in log[-5:]:
        print(f"  {entry['zeit']}  {entry['generation']}  Freigabe: {entry['freigabe']} – {entry['kommentar']}")


# ---------------------------------------------------------------- models, evaluation, set-up


def _models(args: argparse.Namespace) -> None:
    from assistant.models.generator import available_memory_gb
    from assistant.models.listing import list_models, usable_cores, verify_models

    home = home_folder()
    if args.aktion in ("pull", "pin"):
        _fetch_or_pin(home, args)
        return
    if args.aktion == "check":
        _check_model(home, args)
        return
    if args.aktion == "list":
        free, cores = available_memory_gb(), usable_cores()
        rows = list_models(home, free_gb=free, cores=cores)
        print(f"Dieser Rechner: {cores} Kerne, {f'{free:.1f} GB' if free else 'unbekannt viel'} Arbeitsspeicher frei")
    else:
        rows = verify_models(home)
    for row in rows:
        print(row.line())
    if faulty := [row.name for row in rows if row.faulty]:
        raise LeitplankeError(f"Nicht in Ordnung: {', '.join(faulty)}; siehe oben. Diese Modelle werden nicht benutzt.")


def _fetch_or_pin(home: Path, args: argparse.Namespace) -> None:
    from assistant.models.pinning import pin
    from assistant.models.pull import pull

    show, close = _progress()
    day = f"{_now():%d.%m.%Y}"
    try:
        if args.aktion == "pin":
            comment = f"{args.kommentar} ({day})"
            done = f"Festgehalten: {pin(args.name, home, comment, lambda part, all_: show('Prüfsumme', part, all_))}"
        else:
            first = f"beim ersten Holen festgehalten, nicht anderweitig geprüft ({day})"
            path = pull(args.name, home, lambda part, all_: show("Laden", part, all_), first_sum=first)
            done = f"Geladen und geprüft: {path}"
    finally:
        close()
    print(done)


def _example_questions(home: Path, args: argparse.Namespace) -> Sequence[Question]:
    """The first example question of every rule, or those of a file; evenly thinned out to ``-n``."""
    from assistant.bench import sample
    from assistant.corpus.rules import read_guideline

    if getattr(args, "fragen", None):
        from assistant import evaluate

        rows = evaluate.read_questions(Path(args.fragen))
        questions = [Question(r["frage"], args.as_of, tuple(r["verlauf"])) for r in rows]
    else:
        questions = [Question(r.questions[0], args.as_of) for r in read_guideline(home / "corpus").rules if r.questions]
    return sample(questions, args.n)


def _bench(args: argparse.Namespace) -> None:
    from assistant.ask.service import AssistantService
    from assistant.bench import measure
    from assistant.models.generator import open_generator

    home = home_folder()
    questions = _example_questions(home, args)
    generator = open_generator(home, read_settings(home))
    try:
        result = measure(
            lambda: AssistantService.open(home, with_model=False), generator, _progress_over(questions, "Fragen")
        )
    finally:
        if generator is not None:
            generator.close()
    if args.json:
        _print_json(result.to_json())
    else:
        print("\n".join(result.lines()))


def _check_model(home: Path, args: argparse.Namespace) -> None:
    from assistant.ask.service import AssistantService
    from assistant.bench import measure
    from assistant.modelcheck import Report, write
    from assistant.models.generator import available_memory_gb, open_file
    from assistant.models.listing import usable_cores

    questions, free = _example_questions(home, args), available_memory_gb()
    generator, entry = open_file(home, read_settings(home), args.name)
    try:
        result = measure(
            lambda: AssistantService.open(home, with_model=False), generator, _progress_over(questions, "Fragen")
        )
        report = Report(entry, generator.template, result, _now().date().isoformat(), usable_cores(), free)
    finally:
        generator.close()
    places = write(report, Path(args.out or f"modellbericht-{entry.name}.md"))
    print("Geschrieben: " + ", ".join(str(place) for place in places))


def _eval(args: argparse.Namespace) -> None:
    from assistant import evaluate_report, evaluate_search

    file = Path(args.datei)
    if args.answers and args.generation:
        raise UsageError("--answers bewertet vorhandene Antworten, --generation erzeugt neue; nur eines davon angeben.")
    if args.bericht:
        evaluate_report.check_target(Path(args.bericht))
    if evaluate_search.is_search_set(file):
        _eval_search(args, file)
    else:
        _eval_answers(args, file)
    if args.bericht and not args.json:
        print(f"\nBericht: {args.bericht}")


def _eval_answers(args: argparse.Namespace, file: Path) -> None:
    from assistant import evaluate, evaluate_compare, evaluate_report

    rows = evaluate.read_questions(file)
    other = _other_answers(args, rows) if args.vergleich else None
    answers = evaluate.read_answers(Path(args.answers)) if args.answers else _answers_to(args, rows, args.generation)
    compared = evaluate_compare.compare(rows, other, answers, Path(args.vergleich).name) if other is not None else None
    if args.bericht:
        measured = evaluate_report.Measured(file, _now().date())
        evaluate_report.write_page(Path(args.bericht), evaluate_report.answers_page(measured, rows, answers, compared))
    figures = evaluate.score(rows, answers)
    if args.json:
        more = {"vergleich": compared.to_json()} if compared else {}
        _print_json({**{f.name: f.to_json() for f in figures}, **more})
        return
    print(f"{len(rows)} Fragen aus {file.name}; Anteil (Treffer von Zahl; 95-%-Intervall nach Wilson)")
    for figure in figures:
        print(figure.line())
    print("\nUrteil richtig nach Stil und Thema:")
    for field in ("stil", "thema"):
        for figure in evaluate.verdict_by(rows, answers, field):
            print(figure.line())
    if taken := evaluate.durations(answers):
        print(f"\n{taken.line()}")
    if compared:
        print("\n".join(compared.lines()))


def _other_answers(args: argparse.Namespace, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """What ``--vergleich`` names: a generation of this home, else a file of answers."""
    from assistant import evaluate
    from assistant.index.generation import NAME

    if NAME.fullmatch(args.vergleich):
        return _answers_to(args, rows, args.vergleich)
    return evaluate.read_answers(Path(args.vergleich))


def _answers_to(
    args: argparse.Namespace, rows: Sequence[Mapping[str, Any]], generation: str | None
) -> Mapping[str, Mapping[str, Any]]:
    """The product's answers by id, from one generation of this home (None: the published one)."""
    from assistant.ask.service import AssistantService

    service = AssistantService.open(home_folder(), with_model=False, generation=generation)
    try:
        return {
            str(r["id"]): service.answer(Question(r["frage"], args.as_of, tuple(r["verlauf"]), args.day_given)).to_json()
            for r in _progress_over(rows, f"Fragen {generation or ''}".strip())
        }
    finally:
        service.close()


def _eval_search(args: argparse.Namespace, file: Path) -> None:
    from assistant import evaluate_report, evaluate_search
    from assistant.ask.service import AssistantService

    if args.answers or args.vergleich:
        raise UsageError(f"{file} enthält Normen („gold“): hier wird die Suche gemessen, ohne --answers und --vergleich.")
    questions = evaluate_search.read_search_questions(file)
    service = AssistantService.open(home_folder(), with_model=False, generation=args.generation)
    try:
        with service.pinned() as index:
            found = evaluate_search.measure(index, questions, lambda asked: _progress_over(asked, "Fragen"))
            generation = index.generation
    finally:
        service.close()
    if args.bericht:
        measured = evaluate_report.Measured(file, _now().date(), generation)
        evaluate_report.write_page(Path(args.bericht), evaluate_report.search_page(measured, found))
    if args.json:
        _print_json({"generation": generation, **found.to_json()})
    else:
        print("\n".join(found.lines(file.name)))


def _init(args: argparse.Namespace) -> None:
    from assistant.setup import init_home

    init_home(home_folder({}), Path(args.ordner), args.name)
    print(f"Angelegt: {args.ordner}. Weiter: LEITPLANKE_HOME={args.ordner} leitplanke index build")


def _doctor(args: argparse.Namespace) -> None:
    from assistant.setup import diagnose

    findings = diagnose(home_folder(), _now().date())
    if args.json:
        _print_json({"befunde": [{"was": f.what, "zustand": f.state, "hinweis": f.hint} for f in findings]})
    else:
        for f in findings:
            sign = {"gut": "✓", "hinweis": "–", "fehler": "✗"}[f.state]
            print(f"{sign} {f.what}" + (f" → {f.hint}" if f.hint else ""))
    if any(f.state == "fehler" for f in findings):
        raise LeitplankeError("Es fehlt etwas Nötiges; siehe die Zeilen mit ✗.")


def _prove_local(args: argparse.Namespace) -> None:
    from assistant.prove import LeftTheHouse, Way, prove
    from assistant.provereport import write_report

    proof = prove(home_folder(), _now(), Way(args.art) if args.art else None)
    if args.bericht:
        write_report(Path(args.bericht), proof)
    if not proof.holds:
        raise LeftTheHouse(proof.violation())
    for step in proof.steps:
        print(f"✓ {step.what}: {step.result}")
    print(f"✓ Verbindungen nach außen: keine (geprüft mit: {proof.way.value}); innerhalb des Rechners: {proof.loopback}")
    print(f"✓ Seiten und Dateien ohne Verweis auf andere Rechner: {len(proof.pages)}")
    if args.bericht:
        print(f"Bericht: {args.bericht}")


def _serve(args: argparse.Namespace) -> None:
    from assistant.ask.service import open_without_broken_model
    from assistant.web.serve import serve

    home = home_folder()
    settings = read_settings(home)

    def open_service() -> Any:
        service, why = open_without_broken_model(home)
        if why:
            logging.getLogger("leitplanke").warning("Ohne Sprachmodell: %s", why)
        return service

    serve(open_service, host=args.host or settings.host, port=args.port or settings.port, today=lambda: _now().date(), concurrent=settings.gleichzeitig)


def _parser() -> argparse.ArgumentParser:  # noqa: PLR0915 - one block per command, in the order of the contract
    parser = _Parser(prog="leitplanke", description="Auskunft zur KI-Leitlinie, ganz auf eigener Hardware.")
    commands = parser.add_subparsers(dest="befehl", required=True, metavar="BEFEHL", parser_class=_Parser)
    today = _now().date()

    def command(name: str, run: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        return sub

    def as_of(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--as-of", action=_Day, type=_date, default=today, metavar="JJJJ-MM-TT", help="Tag, nach dessen Recht gefragt ist"
        )
        sub.set_defaults(day_given=False)

    def as_json(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--json", action="store_true", help="ein JSON-Objekt statt Text")

    sub = command("serve", _serve, "Chatseite starten")
    sub.add_argument("--host")
    sub.add_argument("--port", type=int)
    sub = command("ask", _ask, "eine Frage beantworten")
    sub.add_argument("frage", nargs="?")
    sub.add_argument("--batch", metavar="DATEI", help="Fragen als JSON-Zeilen")
    sub.add_argument("--out", metavar="DATEI", help="Antworten zu --batch")
    sub.add_argument("--engine", choices=("auszug", "modell"), default="auszug")
    as_of(sub)
    as_json(sub)
    sub = command("search", _search, "Fundstellen und erwogene Regeln zeigen")
    sub.add_argument("frage")
    sub.add_argument("-n", type=_count, default=10, metavar="ANZAHL")
    as_of(sub)
    as_json(sub)
    sub = command("show", _show, "eine Fundstelle wörtlich zeigen")
    sub.add_argument("fundstelle")
    as_of(sub)
    as_json(sub)
    actions = command("corpus", _corpus, "Leitlinie und Rechtstexte").add_subparsers(
        dest="aktion", required=True, parser_class=_Parser
    )
    as_json(actions.add_parser("status", help="was eingespielt ist"))
    sub = actions.add_parser("fetch", help="amtliche Texte holen (nur Einrichtung, braucht Netz)")
    sub.add_argument("ids", nargs="*", metavar="ID")
    sub.add_argument("--kurz", action="store_true", help="nach fünf Sekunden ohne Verbindung aufgeben")
    sub.add_argument("--sprache", choices=("de", "en"), default="de", help="die englischen Texte von EUR-Lex holen")
    sub = actions.add_parser("import", help="eine Datei einspielen")
    sub.add_argument("datei")
    sub.add_argument("--as", dest="als", metavar="ID")
    sub.add_argument("--sprache", choices=("de", "en"), default="de", help="englische Fassung neben der deutschen")
    sub.add_argument("--stand", type=_date, metavar="JJJJ-MM-TT", help="Stand, wenn die Datei selbst keinen nennt")
    sub = actions.add_parser("diff", help="zwei eingespielte Stände vergleichen")
    sub.add_argument("alt", metavar="ID@STAND")
    sub.add_argument("neu", metavar="ID@STAND")
    as_json(sub)
    actions.add_parser("check", help="zitierte Normen prüfen")
    actions = command("index", _index, "Index bauen und veröffentlichen").add_subparsers(
        dest="aktion", required=True, parser_class=_Parser
    )
    actions.add_parser("build", help="neue Generation bauen")
    as_json(actions.add_parser("status", help="Generationen und Verlauf"))
    actions.add_parser("verify", help="veröffentlichte Generation und Protokoll prüfen")
    sub = actions.add_parser("diff", help="was sich mit einer Generation ändert, Antworten eingeschlossen")
    sub.add_argument("generationen", nargs="*", metavar="GENERATION")
    sub.add_argument("--bericht", metavar="DATEI", help="Bericht als eine HTML-Datei")
    as_of(sub)
    as_json(sub)
    actions.add_parser("rollback", help="zur vorigen veröffentlichten Generation")
    sub = actions.add_parser("activate", help="eine Generation veröffentlichen")
    sub.add_argument("generation")
    sub.add_argument("--freigabe", required=True, metavar="NAME")
    sub.add_argument("--kommentar", required=True, metavar="TEXT")
    actions = command("models", _models, "Modelle").add_subparsers(dest="aktion", required=True, parser_class=_Parser)
    actions.add_parser("list", help="bekannte Modelle")
    actions.add_parser("verify", help="Prüfsummen vergleichen")
    actions.add_parser("pull", help="ein Modell holen (nur Einrichtung, braucht Netz)").add_argument("name")
    sub = actions.add_parser("pin", help="die Prüfsumme eines vorhandenen Modells festhalten")
    sub.add_argument("name")
    sub.add_argument("--kommentar", required=True, metavar="TEXT", help="wer die Datei womit geprüft hat")
    sub = actions.add_parser("check", help="ein Sprachmodell an den Beispielfragen der Leitlinie prüfen, mit Bericht")
    sub.add_argument("name")
    sub.add_argument("--out", metavar="DATEI", help="Bericht (Markdown); daneben die Zahlen als JSON")
    sub.add_argument("-n", type=_count, default=20, metavar="ANZAHL")
    as_of(sub)
    sub = command("bench", _bench, "Tempo und Speicher auf diesem Rechner messen")
    sub.add_argument("--fragen", metavar="DATEI", help="Fragen als JSON-Zeilen statt der Beispielfragen der Leitlinie")
    sub.add_argument("-n", type=_count, default=20, metavar="ANZAHL")
    as_of(sub)
    as_json(sub)
    sub = command("eval", _eval, "Antworten messen")
    sub.add_argument("datei")
    sub.add_argument("--answers", metavar="DATEI")
    sub.add_argument("--generation", metavar="NAME", help="aus dieser Generation antworten statt aus der veröffentlichten")
    sub.add_argument("--vergleich", metavar="WOMIT", help="Antworten (Datei) oder eine Generation, mit der verglichen wird")
    sub.add_argument("--bericht", metavar="DATEI", help="dazu eine HTML-Seite schreiben")
    as_of(sub)
    as_json(sub)
    sub = command("init", _init, "vollständigen Ordner für eine Stadt anlegen")
    sub.add_argument("ordner")
    sub.add_argument("--name", required=True)
    as_json(command("doctor", _doctor, "was da ist und was fehlt"))
    sub = command("prove-local", _prove_local, "nachweisen, dass nichts das Haus verlässt")
    sub.add_argument("--bericht", metavar="DATEI", help="Bericht (HTML) für die Datenschutzbeauftragten")
    sub.add_argument("--art", choices=("namensraum", "sockets"), help="Art der Sperre (Vorgabe: die stärkste mögliche)")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show "✓" or "→" gets an escape, no traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        args = _parser().parse_args(arguments)
        args.run(args)
    except LeitplankeError as error:
        # One line, also where a path or a question that is quoted in it holds line feeds.
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        print("Abgebrochen.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0
