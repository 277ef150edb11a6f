"""Fixed German texts of the page: words for verdicts and outcomes, chips, labels.

What an outcome means in the case at hand is said by ``Answer.text``; here are only the headings around it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.ask.texts import NOTE_DIGEST, STATUS_TEXT
from assistant.types import Kind, Status, Validity, Verdict

PRODUCT = "Leitplanke"
CLAIM = "Darf ich KI dafür nutzen?"
LOADING = "Der Index wird geladen. Sie können Ihre Frage schon eingeben; sie wird beantwortet, sobald er bereit ist."
WAITING = "Ihre Frage wird beantwortet …"
WORDING = "Das lokale Sprachmodell formuliert eine ausführlichere Erläuterung …"
STOP = "Nicht ausformulieren"
STOPPED = "Das Ausformulieren ist abgebrochen. Die Antwort ist vollständig."
NOT_YET = "Der Index wird geladen. Bitte gleich noch einmal versuchen."
DIGESTS_ONLY = NOTE_DIGEST
BUSY = STATUS_TEXT[Status.AUSGELASTET]
UNEXPECTED = (
    STATUS_TEXT[Status.FEHLER]
    + " Bitte noch einmal versuchen; bleibt es dabei, hilft der IT-Service mit dem Protokoll."
)
NO_PROVISION = (
    "Unter der Adresse „{}“ ist keine Vorschrift installiert. Erwartet wird zum Beispiel /recht/ki-vo/art-50/abs-4."
)
MAIL_SUBJECT = "Frage zur KI-Leitlinie"
REDACT = "Angaben durch Platzhalter ersetzen und erneut fragen"


def ahead(number: int) -> str:
    """What someone sees who waits for the model; ``number`` requests come before."""
    if number == 0:
        return WORDING
    before = "eine Frage" if number == 1 else f"{number} Fragen"
    return f"Das lokale Sprachmodell formuliert noch {before} vor Ihrer. Die Antwort ist schon vollständig."


@dataclass(frozen=True, slots=True)
class Look:
    """How an outcome appears: its word, the key of its symbol and colours, and a second line where it needs one."""

    word: str
    key: str
    line: str = ""


VERDICTS: Mapping[Verdict, Look] = {
    Verdict.ERLAUBT: Look("Erlaubt", "erlaubt"),
    Verdict.BEDINGT: Look("Nur unter Bedingungen", "bedingt"),
    Verdict.VERBOTEN: Look("Verboten", "verboten"),
    Verdict.AUSKUNFT: Look("Auskunft", "auskunft"),
}
OUTCOMES: Mapping[Status, Look] = {
    Status.BEANTWORTET: Look("Antwort", "auskunft"),
    Status.TEILWEISE: Look("Kein Urteil möglich", "offen", "Das ist keine Erlaubnis."),
    Status.RUECKFRAGE: Look("Rückfrage", "frage"),
    Status.NICHT_GEREGELT: Look("Nicht geregelt", "offen", "Das ist keine Erlaubnis."),
    Status.AUSSERHALB: Look("Nicht meine Aufgabe", "neutral"),
    Status.BLOCKIERT_PERSONENBEZUG: Look("Angaben zu einer Person gefunden", "schutz"),
    Status.AUSGELASTET: Look("Zurzeit ausgelastet", "neutral"),
    Status.FEHLER: Look("Nicht beantwortet", "fehler"),
}
KINDS: Mapping[Kind, str] = {
    Kind.LEITLINIE: "Leitlinie",
    Kind.GESETZ: "Gesetzestext",
    Kind.KURZFASSUNG: "Kurzfassung – nicht der amtliche Text",
}
VALIDITY: Mapping[Validity, str] = {
    Validity.GILT: "gilt",
    Validity.GILT_AB: "gilt ab",
    Validity.AUFGEHOBEN: "aufgehoben",
}
CITATIONS_HEADING: Mapping[Status, str] = {
    Status.NICHT_GEREGELT: "Nächstliegende Fundstellen",
    Status.TEILWEISE: "Passende Fundstellen",
}

_MISSING = {*Verdict} - {*VERDICTS}, {*Status} - {*OUTCOMES}, {*Kind} - {*KINDS}, {*Validity} - {*VALIDITY}
if any(_MISSING):  # a new value of an enum must get its words here before anything is shown
    raise RuntimeError(f"texts without words: {_MISSING}")
