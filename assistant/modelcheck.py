"""``models check``: what one model does with the example questions of the rules, as a report that a town can send back.

The questions are those of the published guideline and nothing else, so the report holds nothing personal and nothing
that anybody asked; drafts of the model are quoted in it, also withheld ones, because that is what is to be judged.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.ask.proof import Proof, Reason
from assistant.bench import Result, Run
from assistant.errors import ModelError
from assistant.models.manifest import ModelEntry

SAMPLES = 10
WITHHELD_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Report:
    """One model on one machine. ``template`` is what its file says about its chat template, ``day`` ISO."""

    entry: ModelEntry
    template: str
    result: Result
    day: str
    cores: int
    free_gb: float | None

    @property
    def _proofs(self) -> tuple[Proof, ...]:
        return tuple(proof for run in self.result.runs if run.worded for proof in run.worded.proofs)

    def figures(self) -> dict[str, object]:
        """What is counted: sentences by fate, contradictions to the verdict, answers by outcome, speed, machine."""
        kept = sum(len(proof.kept) for proof in self._proofs)
        reasons = Counter(w.reason for proof in self._proofs for w in proof.withheld)
        total = kept + reasons.total()
        return {
            "modell": self.entry.name, "datei": self.entry.file, "sha256": self.entry.sha256, "tag": self.day,
            "programm": importlib.metadata.version("leitplanke"), "llama_cpp": _version("llama-cpp-python"),
            "rechner": {"bauart": platform.machine(), "kerne": self.cores, "frei_gb": _rounded(self.free_gb)},
            "vorlage": {"manifest": self.entry.template, "datei": self.template},
            "saetze": total, "belegt": kept,
            "zurueckgehalten": {
                reason.value: {"anzahl": reasons[reason], "anteil": round(reasons[reason] / total, 4)}
                for reason in Reason
                if reasons[reason]
            },
            "gegen_das_urteil": reasons[Reason.URTEIL],
            "messung": self.result.to_json(),
        }  # fmt: skip

    def markdown(self) -> str:
        """The report for people."""
        return "\n".join([*self._head(), *self._sentences(), *self._samples(), *self._withheld()]) + "\n"

    def _head(self) -> Iterator[str]:
        entry, free = self.entry, f"{self.free_gb:.1f} GB" if self.free_gb else "unbekannt"
        yield f"# Modellbericht {entry.name}, {self.day}\n"
        yield "Gefragt wurden nur Beispielfragen der Leitlinie; der Bericht enthält keine Fragen von Beschäftigten.\n"
        yield f"- Datei: {entry.file}, sha256 {entry.sha256}, Lizenz {entry.licence}"
        yield f"- Rechner: {platform.machine()}, {self.cores} Kerne, {free} Arbeitsspeicher frei vor dem Laden"
        yield f"- llama-cpp-python {_version('llama-cpp-python')}, Leitplanke {importlib.metadata.version('leitplanke')}"
        found = self.template or "unbekannt"
        same = "wie im Manifest" if found == entry.template else f"im Manifest steht {entry.template or 'nichts'}"
        yield f"- Chatvorlage der Datei: {found} ({same})"
        reused = self.result.figures()["davon wiederverwendet, ab der 2. Frage (Token)"]
        measured = f"{reused.median:.0f} Token im Median" if reused else "nichts gemessen"
        yield f"- Gemeinsamer Anfang bleibt laut Manifest {'ja' if entry.keeps_prefix else 'nein'}; {measured}\n"
        yield "## Tempo\n\n```"
        yield from self.result.lines()
        yield "```\n"

    def _sentences(self) -> Iterator[str]:
        kept = sum(len(proof.kept) for proof in self._proofs)
        reasons = Counter(w.reason for proof in self._proofs for w in proof.withheld)
        total = kept + reasons.total()
        yield "## Sätze\n"
        yield f"{total} geschrieben, {kept} belegt, {reasons[Reason.URTEIL]} gegen das Urteil (nicht gezeigt).\n"
        if reasons:
            yield "| Grund | zurückgehalten | Anteil aller Sätze |\n|---|---|---|"
            for reason, number in reasons.most_common():
                yield f"| {reason.value} | {number} | {100 * number / total:.1f} % |"
            yield ""

    def _samples(self) -> Iterator[str]:
        yield "## Antworten\n"
        for run in [r for r in self.result.runs if r.worded][:SAMPLES]:
            yield f"### {run.answer.question}\n"
            yield f"Urteil: {run.answer.verdict.value if run.answer.verdict else '–'}; Ausgang: {run.outcome}\n"
            yield from (f"> {line}" for line in _text(run).splitlines())
            yield ""

    def _withheld(self) -> Iterator[str]:
        rows = [
            (run, w) for run in self.result.runs if run.worded for proof in run.worded.proofs for w in proof.withheld
        ]
        if rows:
            yield "## Zurückgehaltene Sätze\n"
        for run, w in rows[:WITHHELD_SHOWN]:
            sentence = " ".join(w.sentence.split())
            yield f"- {w.reason.value} ({run.answer.rules[0] if run.answer.rules else '–'}): {sentence}"


def _text(run: Run) -> str:
    """The wording that was shown, or nothing."""
    worded = run.worded.answer if run.worded else run.answer
    return worded.text if worded.written_by != "auszug" else "(keine Fassung des Modells)"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "fehlt"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def write(report: Report, path: Path) -> tuple[Path, Path]:
    """Write the report as Markdown to ``path`` and its figures beside it as JSON; returns both places.

    Raises ModelError if that is not possible; a half-written file never stands there.
    """
    figures = path.with_suffix(".json")
    try:
        for place, text in (
            (path, report.markdown()),
            (figures, json.dumps(report.figures(), ensure_ascii=False, indent=1) + "\n"),
        ):
            beside = place.with_name(f".{place.name}.neu")
            beside.write_text(text, encoding="utf-8")
            os.replace(beside, place)
    except OSError as error:
        raise ModelError(f"{path} kann nicht geschrieben werden ({error.strerror}). Platz und Rechte prüfen.") from error
    return path, figures
