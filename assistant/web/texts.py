"""Every fixed text of the page, in German; ``texts_english`` holds the twin of each.

What an outcome means in the case at hand is said by ``Answer.text``; here is only what stands around it. A new text is
a new field of ``Words``, so that no language can be forgotten.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.ask.change import Circumstance
from assistant.ask.texts import NOTE_DIGEST, STATUS_TEXT
from assistant.types import Kind, Level, Status, Validity, Verdict

PRODUCT = "Leitplanke"


@dataclass(frozen=True, slots=True)
class Look:
    """How an outcome appears: its word, the key of its symbol and colours, and a second line where it needs one."""

    word: str
    key: str
    line: str = ""


@dataclass(frozen=True)
class Words:
    """The texts of one language. ``prefix`` stands before the path of every page; ``{}`` is filled in by the caller."""

    language: str
    prefix: str
    other: str
    """The name of the other language, in that language."""
    months: tuple[str, ...]
    """Short names of the months; empty where days are written in figures."""

    # head and foot of every page
    claim: str
    skip: str
    pages: str
    about: str
    new_window: str
    ask: str
    guideline: str
    law: str
    how: str
    privacy: str
    accessibility: str
    versions: str
    in_house: str
    no_advice: str
    page_loads: str
    no_script: str
    to_assistant: str

    # question and waiting
    question: str
    placeholder: str
    send: str
    new: str
    examples: str
    example_questions: tuple[str, ...]
    """Questions in this language; empty: those of the installation, which are German."""
    loading: str
    waiting: str
    wording: str
    wording_after_one: str
    wording_after: str
    stop: str
    stopped: str
    redact: str
    again: str
    regulated: str

    # answer
    verdicts: Mapping[Verdict, Look]
    outcomes: Mapping[Status, Look]
    your_question: str
    conditions: Mapping[Verdict, str]
    offices: str
    no_contact: str
    mail_subject: str
    found: str
    out_of_order: str
    for_it: str
    explanation: str
    from_model: str
    reference: str
    citations: str
    citations_of: Mapping[Status, str]
    version_of: str
    in_context: str
    not_installed: str
    own_page: str
    why: str
    why_text: str
    similar: str
    change: str
    change_waits: str
    change_text: str
    circumstances: Mapping[Circumstance, str]
    stays: str
    exceptions: str
    no_change: str
    all_conditions: str
    permission_basis: str
    for_the_file: str
    to_the_file: str
    note_text: str
    note_buttons: Mapping[str, str]
    copied: str
    saved: str
    note_failed: str
    as_of: str
    adopted: Mapping[bool, str]
    earlier: str
    state_notes: str
    digests_only: str

    # sources
    kinds: Mapping[Kind, str]
    validity: Mapping[Validity, str]
    valid_until: str
    unverified: str
    wording_of: str
    official: str
    external: str
    checked_for: str

    # pages to read in
    table: str
    search: str
    search_hint: str
    nothing_found: str
    nothing_found_hint: str
    found_one: str
    found_many: str
    search_guideline: str
    searched_guideline: str
    whole_guideline: str
    state_note: str
    guideline_state: str
    guideline_adopted: Mapping[bool, str]
    next_review: str
    contents: str
    sections: str
    reason: str
    legal_basis: str
    rule: str
    in_guideline: str
    law_title: str
    law_state: str
    search_law: str
    searched_law: str
    all_acts: str
    levels: Mapping[Level, str]
    units: Mapping[str, str]
    contents_of: str
    state_of: str
    show_all: str
    references: str
    refers_to: str
    mentioned_in: str
    more: str

    # messages
    not_ready: str
    not_yet: str
    not_found: str
    no_provision: str

    version_rows: Mapping[str, str]

    # fields a town has to fill in
    to_fill_in: str
    german_only: str

    def __post_init__(self) -> None:
        missing = [
            {*Verdict} - {*self.verdicts}, {*Status} - {*self.outcomes}, {*Kind} - {*self.kinds},
            {*Validity} - {*self.validity}, {*Circumstance} - {Circumstance.AUSNAHME} - {*self.circumstances}, {*Level} - {*self.levels},
        ]  # fmt: skip
        if any(missing):  # a new value of an enum must get its words here before anything is shown
            raise ValueError(f"texts without words: {missing}")

    @property
    def quoted(self) -> str:
        """The attribute of an element whose content stays German."""
        return "" if self.language == "de" else ' lang="de"'

    def date(self, day: dt.date) -> str:
        """A day as people write it: 22.11.2026, or 22 Nov 2026."""
        if not self.months:
            return f"{day.day}.{day.month}.{day.year}"
        return f"{day.day} {self.months[day.month - 1]} {day.year}"

    def ahead(self, number: int) -> str:
        """What someone sees who waits for the model; ``number`` requests come before."""
        if number == 0:
            return self.wording
        return self.wording_after_one if number == 1 else self.wording_after.format(number)


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
BUSY = STATUS_TEXT[Status.AUSGELASTET]
UNEXPECTED = STATUS_TEXT[Status.FEHLER] + " Art und Stelle des Fehlers stehen im Protokoll des Dienstes."

GERMAN = Words(
    language="de",
    prefix="",
    other="English",
    months=(),
    claim="Darf ich KI dafür nutzen?",
    skip="Zum Inhalt springen",
    pages="Seiten",
    about="Über diese Seite",
    new_window="neues Fenster",
    ask="Frage stellen",
    guideline="Leitlinie",
    law="Recht",
    how="So geht es",
    privacy="Datenschutz",
    accessibility="Barrierefreiheit",
    versions="Versionen",
    in_house=(
        "Dieser Assistent läuft vollständig im Haus. Fragen und Antworten werden nicht gespeichert; der Verlauf gilt nur "
        "für dieses Fenster und wird beim Schließen verworfen."
    ),
    no_advice="Das Urteil gibt die KI-Leitlinie wieder. Im Zweifel entscheidet die zuständige Stelle.",
    page_loads="Die Seite wird geladen …",
    no_script=(
        "Diese Seite braucht JavaScript vom eigenen Server. Ohne JavaScript antwortet der Befehl „leitplanke ask“."
    ),
    to_assistant="Zum Assistenten",
    question="Ihre Frage",
    placeholder="zum Beispiel: Darf ich ein Protokoll mit KI zusammenfassen?",
    send="Fragen",
    new="Neues Gespräch",
    examples="Beispiele",
    example_questions=(),
    loading="Der Index wird geladen. Sie können Ihre Frage schon eingeben; sie wird beantwortet, sobald er bereit ist.",
    waiting="Ihre Frage wird beantwortet …",
    wording="Das lokale Sprachmodell formuliert eine ausführlichere Erläuterung …",
    wording_after_one=(
        "Das lokale Sprachmodell formuliert noch eine Frage vor Ihrer. Die Antwort ist schon vollständig."
    ),
    wording_after="Das lokale Sprachmodell formuliert noch {} Fragen vor Ihrer. Die Antwort ist schon vollständig.",
    stop="Nicht ausformulieren",
    stopped="Das Ausformulieren ist abgebrochen. Die Antwort ist vollständig.",
    redact="Angaben durch Platzhalter ersetzen und erneut fragen",
    again="Noch einmal fragen",
    regulated="Ähnlich und geregelt: {}",
    verdicts=VERDICTS,
    outcomes=OUTCOMES,
    your_question="Ihre Frage",
    conditions={
        Verdict.ERLAUBT: "Bedingungen",
        Verdict.BEDINGT: "Bedingungen",
        Verdict.VERBOTEN: "Was dabei gilt",
        Verdict.AUSKUNFT: "Das ist zu beachten",
    },
    offices="Zuständig",
    no_contact="Kontakt noch nicht eingetragen",
    mail_subject="Frage zur KI-Leitlinie",
    found="Gefunden und oben markiert",
    out_of_order=(
        "Der Assistent ist zurzeit gestört. Bitte versuchen Sie es in einigen Minuten noch einmal. Bleibt es dabei, sagen "
        "Sie bitte der KI-Koordination oder der IT Bescheid, am besten mit der Zeile „Für die IT“."
    ),
    for_it="Für die IT",
    explanation="Erläuterung",
    from_model=(
        "Formuliert vom lokalen Sprachmodell „{}“. Urteil, Bedingungen und Fundstellen stammen nicht vom Modell."
    ),
    reference="Fundstelle {}",
    citations="Fundstellen",
    citations_of={Status.NICHT_GEREGELT: "Nächstliegende Fundstellen", Status.TEILWEISE: "Passende Fundstellen"},
    version_of="Fassung vom {}",
    in_context="Im Zusammenhang lesen",
    not_installed="Der Wortlaut dieser Stelle ist nicht installiert.",
    own_page="Als eigene Seite öffnen",
    why="Warum diese Antwort?",
    why_text=(
        "Das Urteil folgt aus Regeln der Leitlinie, nicht aus einem Sprachmodell. Erwogen wurden, mit ihrer Nähe zur "
        "Frage:"
    ),
    similar="Ähnlich",
    change="Was würde das Urteil ändern?",
    change_waits="Das wird gerade ermittelt …",
    change_text="Dieselbe Frage, jeweils mit einem anderen Umstand noch einmal entschieden:",
    circumstances={
        Circumstance.OHNE_PERSONEN: "Ohne Namen und ohne andere Angaben zu Personen",
        Circumstance.MIT_PERSONEN: "Mit Namen oder anderen Angaben zu Personen",
        Circumstance.FREIGEGEBEN: "Mit einem freigegebenen Werkzeug",
        Circumstance.NICHT_FREIGEGEBEN: "Mit einem nicht freigegebenen Werkzeug, etwa ChatGPT",
        Circumstance.BEIDES: "Mit einem freigegebenen Werkzeug und ohne Angaben zu Personen",
        Circumstance.GEPRUEFT: "Wenn ein Mensch das Ergebnis prüft",
        Circumstance.UNGEPRUEFT: "Ohne dass ein Mensch das Ergebnis prüft",
        Circumstance.OFFEN: "Offen statt heimlich",
        Circumstance.HEIMLICH: "Heimlich",
    },
    stays="Daran ändert nichts: {}.",
    exceptions="Eigene Regeln, die davon abweichen; sie gelten nur für den Fall, den sie beschreiben:",
    no_change="Keiner der geprüften Umstände führt zu einem anderen Urteil.",
    all_conditions="Alle Bedingungen oben gelten zusammen: Solange eine fehlt, ist es nicht erlaubt.",
    permission_basis="Die Erlaubnis gilt nur mit freigegebenem Werkzeug, ohne geschützte Daten und selbst geprüft.",
    for_the_file="Für die Akte",
    to_the_file="Für die Akte speichern",
    note_text=(
        "Frage, Urteil, Bedingungen mit Ihren Häkchen und alle Zitate mit Stand. Auf dem Server bleibt nichts zurück."
    ),
    note_buttons={
        "docx": "Als Word-Datei speichern", "md": "Als Markdown speichern", "kopie": "Mit Quellen kopieren",
    },
    copied="Kopiert. Mit Strg+V einfügen.",
    saved="Gespeichert als {}; der Browser legt Downloads meist in „Downloads“ ab.",
    note_failed="Das ging nicht. Bitte noch einmal versuchen oder die Seite drucken.",
    as_of="Rechtsstand {day} · {title}, Fassung {version} ({adopted})",
    adopted={True: "beschlossen", False: "nicht beschlossen"},
    earlier="Frühere Fragen in diesem Gespräch",
    state_notes="Hinweise zum Stand",
    digests_only=NOTE_DIGEST,
    kinds={
        Kind.LEITLINIE: "Leitlinie",
        Kind.GESETZ: "Gesetzestext",
        Kind.KURZFASSUNG: "Kurzfassung – nicht der amtliche Text",
    },
    validity={Validity.GILT: "gilt", Validity.GILT_AB: "gilt ab", Validity.AUFGEHOBEN: "aufgehoben"},
    valid_until="galt bis {}",
    unverified="nicht am Wortlaut geprüft",
    wording_of="Wortlaut",
    official="Amtliche Seite öffnen",
    external="externer Link zu {}, neues Fenster",
    checked_for="Geltung geprüft für den {}",
    table="Tabelle",
    search="Suchen",
    search_hint="Keine Namen oder Aktenzeichen eingeben: Suchworte stehen in der Adresszeile.",
    nothing_found="Nichts gefunden zu „{}“",
    nothing_found_hint=(
        "Versuchen Sie ein anderes oder ein kürzeres Wort. Dass nichts gefunden wird, heißt nicht, dass etwas erlaubt ist."
    ),
    found_one="1 Stelle zu „{}“, beste zuerst",
    found_many="{} Stellen zu „{}“, beste zuerst",
    search_guideline="In der Leitlinie suchen",
    searched_guideline="Suche in der Leitlinie",
    whole_guideline="Ganze Leitlinie lesen",
    state_note="Hinweis zum Stand",
    guideline_state="Fassung {version} ({adopted}) · Stand {day}",
    guideline_adopted={True: "beschlossen", False: "Entwurf, nicht beschlossen"},
    next_review="nächste Überprüfung {}",
    contents="Inhalt",
    sections="Abschnitte",
    reason="Begründung",
    legal_basis="Rechtsgrundlage",
    rule="Regel",
    in_guideline="In der Leitlinie lesen",
    law_title="Recht zum Nachlesen",
    law_state="Wie es am {} installiert ist.",
    search_law="Im Recht suchen",
    searched_law="Suche im Recht",
    all_acts="Alle Gesetze und Verordnungen",
    levels={
        Level.EU: "Europäische Union", Level.BUND: "Bund", Level.LAND: "Land Nordrhein-Westfalen", Level.STADT: "Stadt",
    },
    units={"Art.": "Artikel", "§": "Paragrafen", "Anhang": "Anhänge", "ErwG": "Erwägungsgründe"},
    contents_of="{}: Inhalt",
    state_of="Stand {}",
    show_all="{} {} anzeigen",
    references="Verweise",
    refers_to="Verweist auf",
    mentioned_in="Wird erwähnt in",
    more="{} weitere",
    not_ready="Noch nicht bereit",
    not_yet="Der Index wird geladen. Bitte gleich noch einmal versuchen.",
    not_found="Nicht gefunden",
    no_provision=(
        "Unter der Adresse „{}“ ist keine Vorschrift installiert. Erwartet wird zum Beispiel /recht/ki-vo/art-50/abs-4."
    ),
    version_rows={
        "programm": "Programm Leitplanke", "leitlinie": "Leitlinie", "index": "Index", "embedder": "Embedder (Suche)",
        "modell": "Sprachmodell", "nachweis": "Nachweis ohne Netz", "keines": "keines; geantwortet wird aus den Quellen",
        "kein_nachweis": "keiner hinterlegt (leitplanke prove-local --bericht nachweis.html)",
        "bestanden": "bestanden", "nicht_bestanden": "nicht bestanden", "bestandteil": "Bestandteil", "fassung": "Fassung",
        "texte": "Eingespielte Texte", "quelle": "Quelle", "art": "Art", "stand": "Stand",
        "erklaert": "Prüfsummen zeigen, dass die Dateien unverändert sind; die Administration kann sie vergleichen.",
    },
    to_fill_in="von der Stadt auszufüllen",
    german_only="Diese Seite gibt es nur auf Deutsch.",
)  # fmt: skip
