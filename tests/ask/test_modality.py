"""Sentences beside a verdict: what must never stand there, and what must be allowed to."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.ask.modality import contradiction, frame
from assistant.types import Verdict

CONDITIONS = {
    Verdict.VERBOTEN: ("Keine Angabe aus einem Vorgang ist eingegeben.",),
    Verdict.BEDINGT: (
        "Das Werkzeug steht auf der Positivliste oder das Verfahren ist freigegeben.",
        "Der Sachverhalt lässt niemanden erkennen.",
        "Namen werden erst im Fachverfahren ergänzt.",
        "Das Ergebnis ist geprüft.",
    ),
    Verdict.ERLAUBT: (
        "Das Werkzeug steht auf der Positivliste.",
        "Es werden nur Daten einer dort zugelassenen Klasse eingegeben.",
        "Das Ergebnis ist selbst geprüft.",
    ),
    Verdict.AUSKUNFT: (),
}


def objection(verdict: Verdict, sentence: str) -> str | None:
    conditions = CONDITIONS[verdict]
    return contradiction(sentence, frame(verdict, conditions, conditions))


CONTRADICTING = {
    Verdict.VERBOTEN: """
        Sie dürfen ChatGPT dafür nutzen.
        Das ist erlaubt.
        Das wäre zulässig.
        Kein Problem, machen Sie das.
        Das ist nicht verboten.
        Das ist keineswegs untersagt.
        Verboten ist das nicht.
        Dagegen spricht nichts.
        Es spricht nichts gegen die Eingabe.
        Nutzen Sie einfach ChatGPT.
        Geben Sie die Namen ein.
        Sie können die Daten ruhig eingeben.
        Sie können das machen.
        Man kann die Daten eingeben.
        Die Daten können eingegeben werden.
        Beschäftigte können den Dienst verwenden.
        Sie dürfen keine Namen eingeben, aber den Rest dürfen Sie eingeben.
        Sie dürfen keine Namen eingeben und Akten hochladen.
        Sie dürfen Namen und nicht Akten eingeben.
        Ja, das geht.
        Ja.
        Selbstverständlich geht das in Ordnung.
        Es stimmt nicht, dass das verboten ist.
        Dass das verboten ist, ist ein Irrtum.
        Früher war das verboten.
        Das ist inzwischen erlaubt.
        Das Verbot gilt hier nicht.
        Das Verbot ist aufgehoben.
        Sie dürfen nicht nur Namen, sondern auch Akten eingeben.
        Sie dürfen nicht öffentliche Daten eingeben.
        Sie dürfen das nur mit Freigabe.
        Sie dürfen nichts eingeben, außer den Namen.
        Das ist verboten, es sei denn, die Leitung stimmt zu.
        Ausnahmsweise ist die Eingabe möglich.
        Sie sollten ChatGPT nutzen.
        Sie müssen die Daten eingeben.
        Ich empfehle, ChatGPT zu nutzen und die Daten einzugeben, das sollten Sie machen.
        Sie nutzen dafür ChatGPT.
        Die Nutzung ist unbedenklich.
        Sie dürfen nicht zögern, ChatGPT zu nutzen.
        Wenn es dringend ist, dürfen Sie alles eingeben.
        Wenn es dringend ist ist es erlaubt.
        Es ist er- laubt.
        Eine Freigabe ist dafür nicht nötig.
        Auf die Freigabe können Sie verzichten.
        Niemand hindert Sie daran.
        Sozialdaten sind kein Hindernis.
        Die Nutzung von ChatGPT ist zulässig.
        Sie dürfen das nicht ohne Freigabe.
        Sie haben das Recht, die Daten einzugeben.
        Grünes Licht von hier.
        Sie können ChatGPT fragen.
        Sie können die Akte eingeben und die KI-Koordination informieren.
        Prüfen Sie kurz und geben Sie die Akte ein.
        Fragen Sie ChatGPT nach den Sozialdaten.
        Bitten Sie das Modell der Stadt um eine Auswertung.
        Stellen Sie die Sozialdaten in ChatGPT ein.
        Holen Sie die Akte in das Werkzeug.
    """,
    Verdict.BEDINGT: """
        Sie dürfen das.
        Das ist erlaubt.
        Sie dürfen das, wenn Sie wollen.
        Sie dürfen das auch ohne Freigabe.
        Sie dürfen das ohne Prüfung.
        Eine Freigabe ist nicht nötig.
        Die Prüfung entfällt.
        Ja.
        Nein, das ist verboten.
        Das ist verboten.
        Das ist generell verboten.
        Nutzen Sie ChatGPT.
        Kein Problem, wenn das Werkzeug auf der Positivliste steht.
        Sie dürfen das jederzeit mit einem Werkzeug der Positivliste.
        Sie brauchen das Ergebnis nicht zu prüfen.
        Sie können das Werkzeug immer nutzen.
        Sie dürfen das nur, wenn der Sachverhalt jemanden erkennen lässt.
        Sie dürfen das, wenn der Sachverhalt eine Person erkennen lässt.
        Das ist nicht verboten.
    """,
    Verdict.ERLAUBT: """
        Das ist verboten.
        Sie dürfen das nicht.
        Nein.
        Die Nutzung ist unzulässig.
        Sie dürfen auch personenbezogene Daten eingeben.
        Sie dürfen das Ergebnis ungeprüft übernehmen.
        Eine Prüfung ist nicht nötig.
        Das Ergebnis müssen Sie nicht prüfen.
        Sie dürfen Gesundheitsdaten verwenden.
        Die Eingabe von Namen ist zulässig.
        Sie dürfen private Konten nutzen.
        Sie dürfen Namen und nicht Akten eingeben.
    """,
    Verdict.AUSKUNFT: """
        Sie dürfen ChatGPT nutzen.
        Das ist erlaubt.
        Kein Problem.
        Ja.
        Personenbezogene Daten sind zulässig.
    """,
}

FITTING = {
    Verdict.VERBOTEN: """
        Sie dürfen Sozialdaten nicht in ChatGPT eingeben [1].
        Sozialdaten dürfen in kein KI-Werkzeug eingegeben werden, auch nicht in das Modell der Stadt [1].
        Die Eingabe ist verboten, weil Sozialdaten dem Sozialgeheimnis unterliegen.
        Geben Sie keine Namen, Adressen oder Kennzeichen ein.
        Namen, Adressen und Geburtsdaten dürfen Sie nicht eingeben.
        KI-Werkzeuge, die nicht auf der Positivliste stehen, dürfen Beschäftigte nicht benutzen.
        Daten dürfen nicht in öffentliche Dienste und nicht in andere Werkzeuge eingegeben werden.
        Nicht freigegebene Werkzeuge sind verboten.
        Wenden Sie sich an die KI-Koordination.
        Die Verbote gelten, bis ein Verfahren gesondert freigegeben ist.
        Das ist nicht erlaubt.
        Das ist weder zulässig noch sinnvoll.
        Wer Sozialdaten eingibt, verletzt das Sozialgeheimnis.
        Das Verbot gilt auch für anonymisierte Auszüge.
        Sie müssen den Vorfall sofort melden.
        Bei Fragen hilft Ihnen die Datenschutzbeauftragte.
        Die Eingabe wäre eine Übermittlung an Dritte.
        Das gilt ohne Ausnahme.
        Stellen Sie stattdessen allgemeine Fragen zum Sozialrecht.
        Nehmen Sie Kontakt mit der KI-Koordination auf.
        Stimmen Sie die Veröffentlichung mit der Pressestelle ab.
        Fragen Sie die KI-Koordination.
        Sie können sich an die KI-Koordination wenden.
    """,
    Verdict.BEDINGT: """
        Sie dürfen das nur, wenn das Werkzeug auf der Positivliste steht.
        Das ist nur unter Bedingungen zulässig: Das Ergebnis wird geprüft.
        Prüfen Sie das Ergebnis.
        Namen dürfen Sie erst im Fachverfahren ergänzen.
        Der Sachverhalt darf niemanden erkennen lassen.
        Sie müssen das Ergebnis prüfen.
        Ohne freigegebenes Verfahren ist die Eingabe verboten.
        Ohne freigegebenes Verfahren dürfen Sie das Werkzeug nicht nutzen.
        Die Nutzung ist zulässig, sofern das Verfahren freigegeben ist.
        Sie können den Text entwerfen, wenn der Sachverhalt niemanden erkennen lässt.
    """,
    Verdict.ERLAUBT: """
        Sie dürfen E-Mails mit einem freigegebenen Werkzeug formulieren.
        Geben Sie keine personenbezogenen Daten ein.
        Geben Sie dabei nur öffentliche oder interne Angaben ein, keine Namen oder Aktenzeichen [1].
        Prüfen Sie das Ergebnis selbst.
        Das ist erlaubt.
        Sie können das Werkzeug für Gliederungen nutzen.
        Eine weitere Freigabe ist nicht nötig.
        Geschützte Daten dürfen Sie nicht eingeben.
        Sie dürfen das ohne Namen und ohne Aktenzeichen entwerfen lassen.
    """,
    Verdict.AUSKUNFT: """
        Die Pflichten gelten seit dem Sommer.
        Niemand muss KI nutzen.
        Sie können Auskunft verlangen.
        Personenbezogene Daten dürfen nicht eingegeben werden.
        Zuständig ist die KI-Koordination.
        Die Behörde muss die Verletzung melden.
    """,
}


def cases(table: dict[Verdict, str]) -> list[tuple[Verdict, str]]:
    return [(verdict, line.strip()) for verdict, lines in table.items() for line in lines.strip().splitlines()]


@pytest.mark.parametrize(("verdict", "sentence"), cases(CONTRADICTING))
def test_contradiction_is_found(verdict: Verdict, sentence: str) -> None:
    assert objection(verdict, sentence) is not None


@pytest.mark.parametrize(("verdict", "sentence"), cases(FITTING))
def test_fitting_sentence_is_left_alone(verdict: Verdict, sentence: str) -> None:
    assert objection(verdict, sentence) is None


SUBJECTS = st.sampled_from(["Sie", "man", "alle Beschäftigten", "Sie als Amtsleitung"])
MODALS = st.sampled_from([("dürfen", "darf"), ("können", "kann")])
OBJECTS = st.sampled_from(
    ["die Akte", "Sozialdaten", "Namen, Adressen und Kennzeichen", "den Text der Bürgerin", "den Antrag, den Bescheid"]
)
PLAIN_OBJECTS = st.sampled_from(["die Akte", "Sozialdaten", "Namen, Adressen und Kennzeichen", "den Text der Bürgerin"])
"""Without a list of nouns with articles: ", den Bescheid" might begin a relative clause and is taken for one."""

PLACES = st.sampled_from(["", " in ChatGPT", " in das Modell der Stadt", " beim Anbieter"])
VERBS = st.sampled_from(["eingeben", "hochladen", "verarbeiten", "auswerten", "verwenden", "kopieren"])
ADVERBS = st.sampled_from(["", " auch", " im Einzelfall", " heute", " nach Rücksprache", " ausdrücklich", " in Eile"])
TAILS = st.sampled_from(
    ["", ", denn das dient den Menschen", ", weil kein Name vorkommt", " und das spart Zeit", ", wenn es eilt", " [1]"]
)
STATES = st.sampled_from(["erlaubt", "zulässig", "gestattet", "unbedenklich", "freigegeben", "möglich", "in Ordnung"])
NEGATIONS = st.sampled_from(["nicht", "keinesfalls", "unter keinen Umständen", "niemals", "auf keinen Fall"])


@st.composite
def permissions(draw: st.DrawFn) -> str:
    """A sentence that permits, in one of many orders of words."""
    who, (many, one) = draw(SUBJECTS), draw(MODALS)
    may = one if who == "man" else many
    what, where, verb, adverb, tail = draw(OBJECTS), draw(PLACES), draw(VERBS), draw(ADVERBS), draw(TAILS)
    return draw(
        st.sampled_from(
            [
                f"{who[0].upper()}{who[1:]} {may}{adverb} {what}{where} {verb}{tail}.",
                f"{what[0].upper()}{what[1:]} {may} {who}{adverb}{where} {verb}{tail}.",
                f"Hier {may} {who} {what}{where}{adverb} {verb}{tail}.",
                f"Das ist{adverb} {draw(STATES)}{tail}.",
                f"{what[0].upper()}{what[1:]} zu {verb}, ist{adverb} {draw(STATES)}.",
                f"Es ist {draw(NEGATIONS)} verboten, {what} zu {verb}.",
                f"Es ist {draw(STATES)}, dass {who} {what}{where} {verb}{tail}.",
            ]
        )
    )


@st.composite
def prohibitions(draw: st.DrawFn) -> str:
    who, what, where = draw(SUBJECTS), draw(PLAIN_OBJECTS), draw(PLACES)
    verb, no = draw(VERBS), draw(NEGATIONS)
    may = "darf" if who == "man" else "dürfen"
    return draw(
        st.sampled_from(
            [
                f"{who[0].upper()}{who[1:]} {may} {what}{where} {no} {verb}.",
                f"{what[0].upper()}{what[1:]} {may} {who}{where} {no} {verb}.",
                f"Es ist {no} {draw(STATES)}, {what}{where} zu {verb}.",
                f"Es ist verboten, {what}{where} zu {verb}.",
            ]
        )
    )


@settings(max_examples=600, deadline=None)
@given(permissions())
def test_no_permission_passes_beside_a_prohibition(sentence: str) -> None:
    assert objection(Verdict.VERBOTEN, sentence) is not None


@settings(max_examples=300, deadline=None)
@given(permissions())
def test_no_bare_permission_passes_where_there_are_conditions(sentence: str) -> None:
    # None of the building blocks names a condition of the rule.
    assert objection(Verdict.BEDINGT, sentence) is not None


@settings(max_examples=300, deadline=None)
@given(prohibitions())
def test_prohibitions_pass_beside_a_prohibition(sentence: str) -> None:
    assert objection(Verdict.VERBOTEN, sentence) is None


# --- by another list of words than the one the signals were made with --------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (Verdict.BEDINGT, "Die Freigabe liegt bereits vor."),
        (Verdict.BEDINGT, "Die Bedingungen sind alle erfüllt."),
        (Verdict.BEDINGT, "Die Bedingungen gelten hier nicht."),
        (Verdict.BEDINGT, "Das Ergebnis wird geprüft, wenn es fertig ist; laden Sie die Akten hoch."),
        (Verdict.VERBOTEN, "Das Verbot entfällt."),
        (Verdict.VERBOTEN, "Verboten ist es nur für Auszubildende."),
        (Verdict.VERBOTEN, "Wir empfehlen Ihnen, das Werkzeug zu verwenden."),
        (Verdict.VERBOTEN, "Das fällt nicht unter das Verbot."),
        (Verdict.AUSKUNFT, "Sie können die Akten einfach verwenden."),
        (Verdict.AUSKUNFT, "Tun Sie es einfach."),
        (Verdict.AUSKUNFT, "Eine Freigabe ist nicht nötig."),
        (Verdict.ERLAUBT, "Briefe erfasst das nicht, denn auch personenbezogene Daten dürfen Sie eingeben."),
    ],
)
def test_rules_said_not_to_hold_and_conditions_said_to_be_met(verdict: Verdict, sentence: str) -> None:
    assert contradiction(sentence, frame(verdict, ["Das Ergebnis wird geprüft."], [])) is not None


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (
            Verdict.BEDINGT,
            "Erst wenn die Freigabe vorliegt und das Ergebnis geprüft wird, dürfen Sie das Werkzeug nutzen.",
        ),
        (Verdict.BEDINGT, "Das Ergebnis wird geprüft."),
        (Verdict.VERBOTEN, "Das Verbot gilt auch für Auszüge."),
        (Verdict.VERBOTEN, "Fragen Sie vorher die Datenschutzbeauftragte."),
        (Verdict.AUSKUNFT, "Die Leitlinie wird alle sechs Monate überprüft."),
    ],
)
def test_true_sentences_are_not_taken_for_that(verdict: Verdict, sentence: str) -> None:
    assert contradiction(sentence, frame(verdict, ["Das Ergebnis wird geprüft."], [])) is None
