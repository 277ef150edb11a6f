"""The report of ``prove-local`` for the data protection officer: one German HTML file that needs nothing else."""

from __future__ import annotations

import html
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from assistant.errors import LeitplankeError
from assistant.prove import Proof, Way

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#17202b;background:#fff}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{border:1px solid #8a95a1;padding:.3rem .5rem;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#eef1f4}code{font-size:.85rem}"
    ".gut{border-left:.4rem solid #17643a;background:#e6f4ea;padding:.7rem 1rem}"
    ".schlecht{border-left:.4rem solid #9b1c1c;background:#fdeaea;padding:.7rem 1rem}"
    "@media print{body{margin:0;font-size:10pt}}"
)
_HOW = {
    Way.NAMENSRAUM: (
        "Eigener Netz-Namensraum des Linux-Kernels. Darin gibt es nur die Schleife im Rechner selbst (lo) und keinen Weg "
        "nach außen, auch nicht für Bibliotheken in anderen Sprachen und für Kindprozesse. Zusätzlich wurde jede "
        "Verbindung von Python mitgeschrieben, und der Kernel hat gezählt, wie viele Pakete keinen Weg fanden."
    ),
    Way.SOCKETS: (
        "Ein eigener Netz-Namensraum war auf diesem Rechner nicht möglich oder nicht gewünscht. Stattdessen wurde jede "
        "Verbindung und jede Namensauflösung von Python mitgeschrieben und, wenn sie den Rechner verlassen sollte, "
        "verweigert. Nicht gesehen werden Verbindungen von Bibliotheken in anderen Sprachen und von Kindprozessen (etwa "
        "dem Sprachmodell)."
    ),
}
_NOT_SHOWN = (
    "Der Nachweis gilt für diese Fassung, diese Einstellungen und diesen Lauf. Er ersetzt keine Firewall.",
    "Befehle zur Einrichtung (corpus fetch, models pull, pip) brauchen das Netz und wurden nicht ausgeführt.",
    "Skripte wurden nicht Zeile für Zeile gelesen. Was sie im Browser laden dürfen, begrenzt die "
    "Content-Security-Policy; dass sie nur den eigenen Server nennt, wurde bei jeder Antwort geprüft.",
    "Die Verwaltung wurde angemeldet gelesen, von jeder Art ihrer Seiten eine; geändert wurde dort nichts. Wer sich anmeldet, "
    "bekommt von ihr ein Cookie für die Sitzung; die Seite für die Beschäftigten setzt keines.",
    "Links zu amtlichen Seiten sind als extern gekennzeichnet und werden erst auf einen Klick geöffnet.",
    "Was der Browser, das Betriebssystem oder andere Programme auf dem Rechner senden, wurde nicht geprüft.",
)


def report(proof: Proof) -> str:
    """The whole report."""
    day = f"{proof.day:%d.%m.%Y, %H:%M Uhr (%Z)}"
    title = "Nachweis: Leitplanke arbeitet ohne Netz"
    return (
        f'<!doctype html><html lang="de"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body><main>'
        f"<h1>{title}</h1><p>Durchgeführt am {day} mit dem Befehl <code>leitplanke prove-local</code>.</p>{_verdict(proof)}"
        f"<h2>So wurde das Netz gesperrt</h2><p>{_HOW[proof.way]}</p>"
        f"<h2>Was ausgeführt wurde</h2>{_table(('Schritt', 'Ergebnis'), ((s.what, s.result) for s in proof.steps))}"
        f"<h2>Verbindungen</h2>{_connections(proof)}"
        f"<h2>Seiten und Dateien</h2>{_pages(proof)}"
        f"<h2>Womit</h2>{_table(('Bestandteil', 'Fassung'), proof.versions.items())}"
        f"<h2>Prüfsummen (SHA-256)</h2>{_table(('Bestandteil', 'Summe'), proof.sums.items())}"
        f"<h2>Was dieser Bericht nicht zeigt</h2><ul>{''.join(f'<li>{_text(line)}</li>' for line in _NOT_SHOWN)}</ul>"
        "</main></body></html>\n"
    )


def _verdict(proof: Proof) -> str:
    if proof.holds:
        return (
            '<p class="gut"><strong>Ergebnis: Nichts hat versucht, den Rechner zu verlassen,</strong> und keine Seite '
            "verweist auf einen anderen Rechner.</p>"
        )
    return f'<p class="schlecht"><strong>Ergebnis: nicht bestanden.</strong> {_text(proof.violation())}</p>'


def _connections(proof: Proof) -> str:
    counted = "nicht gezählt" if proof.counted is None else str(proof.counted)
    rows = [
        ("Versuche nach außen", str(len(proof.attempts)) if proof.attempts else "keine"),
        ("Pakete ohne Weg nach außen (Zählung des Kernels)", counted),
        ("Verbindungen innerhalb des Rechners (Abruf der eigenen Seite)", str(proof.loopback)),
        ("Netzschnittstellen, die das Programm sehen konnte", ", ".join(proof.interfaces)),
    ]
    tried = _table(("Versuch nach außen",), ((attempt,) for attempt in proof.attempts)) if proof.attempts else ""
    return _table(("", "Anzahl"), rows) + tried


def _pages(proof: Proof) -> str:
    rows = (
        (p.address, str(p.size), p.sha256[:16] + "…", "; ".join(p.foreign) or "keine") for p in proof.pages
    )  # fmt: skip
    return _table(("Adresse", "Byte", "SHA-256", "Verweise auf andere Rechner"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f'<th scope="col">{_text(cell)}</th>' if cell else "<td></td>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _text(value: str) -> str:
    return html.escape(value.encode("utf-8", "replace").decode("utf-8"))


def write_report(file: Path, proof: Proof) -> None:
    """Write the report whole or not at all. Raises LeitplankeError where that is not possible."""
    data = report(proof).encode("utf-8")
    try:
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".bericht-", delete=False) as handle:
            handle.write(data)
        Path(handle.name).chmod(0o644)
        os.replace(handle.name, file)
    except OSError as error:
        raise LeitplankeError(f"{file} kann nicht geschrieben werden ({error.strerror}). Ordner und Rechte prüfen.") from error
