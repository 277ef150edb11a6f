"""Words that any explanation needs and no source has to lend.

Data for ``ground.py``. ``CONNECTING`` words carry no meaning of their own and are never looked at; ``ORDINARY`` ones
may stand in an order to ask, report or check and in a prohibition, where there is nothing to lose.
"""

from __future__ import annotations

import re

_LETTERS = 6


def _beginnings(text: str) -> frozenset[str]:
    return frozenset(word[:_LETTERS] for word in re.findall(r"[a-zäöüß]{4,}", text))


CONNECTING = _beginnings(
    """
    deshalb daher darum dadurch damit danach davor dabei dafür dazu daran darauf darüber daraus hierzu hierfür hierbei
    zuerst zunächst anschließend zuletzt schließlich außerdem zudem ebenfalls ebenso jedoch dennoch trotzdem während
    solange sobald sofern soweit bevor nachdem zwischen innerhalb außerhalb gegenüber aufgrund wegen anhand gemäß
    somit also aber auch dann dass denn diese dieser dieses diesem diesen eine einer eines einem einen jeder jedes jeden
    jede jedem welche welcher welches etwa sonst oder sowie sich sind seid sein seine seiner seinem seinen ihre ihrer
    ihrem ihren ihnen wird werden worden wurde wurden würde habe haben hatte hätte kann können könnte muss müssen müsste
    soll sollen sollte darf dürfen dürfte möchte mögen bleibt bleiben beim nach über unter durch ohne oben unten
    nicht nichts kein keine keinen keiner keinem keines niemals noch schon hier dort wenn weil wann wohl mehr
    regelt regeln steht stehen gilt gelten gibt folgt ergibt nennt näheres seit gehört gehören
    absatz absätze artikel paragraf paragraph satz nummer buchstabe anhang
    heißt bedeutet betreffend lautet bitte
    """
)

ORDINARY = _beginnings(
    """
    fragen wenden melden klären prüfen beachten sprechen informieren abstimmen einholen warten vermeiden unterlassen
    dokumentieren nachfragen beantragen lesen helfen hilft weiterhelfen nennen unterrichten binnen spätestens sofort
    umgehend vorher zuvor vorfall ergebnis antwort quelle leitlinie stadt verwaltung stelle zuständig ansprechpartner
    selbst direkt verboten untersagt unzulässig verbot eingeben eingegeben nutzen verwenden genutzt verwendet hochladen
    nutzung eingabe einsatz verwendung werkzeug daten anspruch vorhaben grundsätzlich
    """
)
