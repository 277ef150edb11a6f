"""Every sentence the answer is framed with; one user text per status, one first line per verdict."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.types import Status, Verdict

FIRST_LINE: Mapping[Verdict, str] = {
    Verdict.ERLAUBT: "Erlaubt – mit freigegebenem Werkzeug, ohne geschützte Daten, selbst geprüft.",
    Verdict.BEDINGT: "Nur unter Bedingungen – erst wenn alle Punkte unten erfüllt sind.",
    Verdict.VERBOTEN: "Verboten.",
    Verdict.AUSKUNFT: "Auskunft.",
}
BASE_CONDITIONS = (
    "Das Werkzeug steht auf der Positivliste.",
    "Es werden nur Daten einer dort zugelassenen Klasse eingegeben.",
    "Das Ergebnis ist selbst geprüft.",
)
STATUS_TEXT: Mapping[Status, str] = {
    Status.BEANTWORTET: "",
    Status.TEILWEISE: (
        "Ein Urteil ist nicht möglich, weil die Leitlinie hierzu keine Regel mit Urteil enthält. Die nächsten Fundstellen stehen unten."
    ),
    Status.RUECKFRAGE: "Das hängt davon ab, was genau gemeint ist. Bitte wählen oder genauer fragen:",
    Status.NICHT_GEREGELT: (
        "Nicht geregelt – und damit nicht erlaubt, bis die KI-Koordination entschieden hat. Keine Regel der Leitlinie "
        "trifft diesen Fall; das ist keine Erlaubnis."
    ),
    Status.AUSSERHALB: (
        "Dazu kann ich nichts sagen. Ich beantworte nur Fragen dazu, ob und wie KI in der Stadtverwaltung eingesetzt "
        "werden darf und was im Datenschutz- und KI-Recht dazu steht."
    ),
    Status.BLOCKIERT_PERSONENBEZUG: (
        "Ihre Frage enthält Angaben zu einer Person. Sie wurde deshalb nicht weiter verarbeitet und nicht gespeichert. "
        "Bitte ohne diese Angaben noch einmal fragen – für die Antwort werden sie nicht gebraucht."
    ),
    Status.AUSGELASTET: "Gerade sind zu viele Fragen in Arbeit. Bitte in einer Minute noch einmal fragen.",
    Status.FEHLER: "Die Frage konnte nicht bearbeitet werden.",
}
VIOLATED = (
    "Verboten – so, wie Sie es beschreiben: Die Frage sagt, dass eine Bedingung nicht eingehalten wird. "
    "Ohne diesen Punkt gilt: nur unter Bedingungen."
)
TOO_LONG = "Die Frage hat {n} Zeichen; möglich sind höchstens {limit}. Bitte kürzer fragen, ohne Akteninhalte."
EMPTY = "Die Frage ist leer. Bitte einen Satz eingeben, zum Beispiel: „Darf ich ein Rundschreiben mit KI entwerfen?“"
BINARY = "Die Frage enthält Zeichen, die kein Text sind. Bitte die Frage als normalen Text eingeben."
NOTE_DIGEST = (
    "Amtliche Gesetzestexte sind nicht eingespielt. Zitiert werden Kurzfassungen in eigenen Worten; maßgeblich ist "
    "der amtliche Text."
)
NOTE_DAY = (
    "Die Frage nennt den {day}; geantwortet wird nach dem Recht dieses Tages. Die Leitlinie gilt wie veröffentlicht."
)
CHANGED = "{label} wurde zum {day} {fate}."
CHANGED_STATED = "Die Frage gibt früheres Recht wieder: {label} wurde zum {day} {fate}."
CHANGED_BEFORE = "Bis dahin galt (in eigenen Worten): {text}"
CHANGED_NOW = "Heute gilt"
NOTE_INDEX_AGE = "Leitlinie oder Recht wurden seit dem letzten Bau des Index geändert."
