"""Words that any explanation needs and no source has to lend: connecting, pointing, asking somebody, checking.

Data for ``proof.py``. None of them permits, forbids or promises anything by itself.
"""

from __future__ import annotations

from assistant.ask.modality import stems

ORDINARY = stems(
    """
    deshalb daher darum dadurch damit danach davor dabei dafür dazu daran darauf darüber hierzu hierfür hierbei somit
    zuerst zunächst anschließend zuletzt schließlich außerdem zudem ebenfalls ebenso jedoch dennoch trotzdem während
    solange sobald sofern soweit bevor nachdem zwischen innerhalb außerhalb gegenüber aufgrund wegen anhand gemäß
    welche welcher welches diese dieser dieses jeder jedes jeden jeweils manche einige mehrere andere anderer anderen
    selbst bereits weiter weitere weiteren weiterhin immer wieder genau gerade etwas nichts niemand jemand
    nicht nichts keine keinen keiner keinem keines niemals
    werden worden wurde wurden würde haben hatte hätte können könnte müssen müsste sollen sollte dürfen dürfte möchten
    bleiben bleibt gelten heißt bedeutet betrifft gehört gehören ergibt folgt steht stehen liegt liegen stellt stellen
    bitte fragen wenden melden klären prüfen geprüft beachten sprechen informieren abstimmen einholen warten vermeiden
    unterlassen dokumentieren beantworten beantwortet helfen hilft unterstützt nennen nennt regelt regeln gegeben erhalten
    ergebnis antwort quelle quellen leitlinie stadt stadtverwaltung verwaltung dienststelle stelle ansprechpartner
    zuständig zuständige zuständigen beschäftigte beschäftigten mitarbeitende kolleginnen kollegen vorhaben vorgehen
    verboten untersagt unzulässig verbot bedingung bedingungen voraussetzung voraussetzungen punkte punkt grund gründe
    artikel absatz absätze paragraf paragraph satz nummer buchstabe anhang kapitel abschnitt regel vorschrift gesetz
    verordnung recht rechtsgrundlage klasse klassen frist fristen binnen spätestens vorfall
    vorher zuvor nachher später unten genannt genannte genannten aufgeführt folgende folgenden
    """
)
