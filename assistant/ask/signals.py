"""The German words by which a sentence permits, forbids, excepts, waives or twists.

Data for ``modality.py``: one compiled pattern per kind of signal. Words are taken from ordinary office German; they are
lists and not a model, so that a reader can see what is caught and add what is missing.
"""

from __future__ import annotations

import re


def _words(listed: str) -> re.Pattern[str]:
    """One pattern for a list of words or small patterns, separated by ``;`` or line ends, whole words, any case."""
    patterns = "|".join(p.strip() for p in re.split(r"[;\n]", listed) if p.strip())
    return re.compile(rf"(?<![a-zäöüß-])(?:{patterns})(?![a-zäöüß-])", re.IGNORECASE)


USE = _words(
    r"""
    (?:be)?nutzen; verwenden; einsetzen; ein(?:zu)?geben; eintippen; einfügen; ein(?:zu)?speisen
    hoch(?:zu)?laden; kopieren; hinein\w+; reinkopieren; übermitteln; übernehmen; auswerten; verarbeiten
    teilen; weitergeben; senden; schicken; veröffentlichen; machen; tun; loslegen; weitermachen
    starten; ausprobieren; testen; erstellen; schreiben lassen; entscheiden; bewerten; filtern
    aufzeichnen; mitschneiden; installieren; anmelden; überspringen; weglassen; verzichten; vorgehen
    verfahren; zugreifen
    """
)
USE_FINITE = _words(
    r"""
    nutzen; verwenden; setzen; geben; laden; kopieren; fügen; tippen; übernehmen; machen; tun; senden
    schicken; lassen; nehmen; greifen; probieren
    """
)
HARMLESS_VERBS = _words(
    r"""
    wenden; fragen; nachfragen; anfragen; melden; klären; beantragen; beachten; sprechen; informieren
    unterlassen; vermeiden; dokumentieren; vermerken; prüfen; nachlesen; lesen; finden; erreichen
    kontaktieren; abstimmen; beteiligen; warten; abwarten; schützen; sichern; achten; denken; bedenken
    kennzeichnen; festhalten; verlangen; ersuchen; bitten; einholen; entfernen; streichen; löschen
    benachrichtigen; unterrichten; ersetzen; schwärzen; anonymisieren
    """
)
"""What anybody may always do: ask, check, wait, report."""

HARMLESS_ORDERS = _words(
    r"""
    nehmen Sie (?:[\w-]+ ){0,6}(?:kontakt|rücksprache); stimmen Sie (?:[\w-]+ ){0,10}ab
    stellen Sie (?:[\w-]+ ){0,4}(?:antrag|allgemeine fragen); holen Sie (?:[\w-]+ ){0,8}ein
    halten Sie (?:[\w-]+ ){0,10}(?:fest|ein); halten Sie sich; legen Sie (?:[\w-]+ ){0,8}offen
    schalten Sie (?:[\w-]+ ){0,8}(?:ab|aus); weisen Sie (?:[\w-]+ ){0,10}hin; sehen Sie (?:[\w-]+ ){0,8}ab
    """
)
"""Orders of the same kind whose verb stands in two parts."""

SPOKEN_TO = _words(r"fragen; anfragen; nachfragen; bitten; ersuchen; wenden; sprechen; informieren; unterrichten")
TOOL = re.compile(
    r"chatgpt|copilot|gemini|claude|deepseek|deepl|chatbot|sprachmodell|\bmodell\b|\bwerkzeug\b|"
    r"(?:ki-)?dienst\b|assistent|\bKI\b(?!-(?:Koordination|Leitlinie))",
    re.IGNORECASE,
)
"""Asking people is harmless, asking a machine is using it."""

STATE = _words(
    r"""
    erlaub(?:t|en|e|te|st); gestatte(?:t|n|te)?; zulässig; zugelassen; zulassen; genehmigt; freigegeben
    freigestellt; legal; legitim; rechtmäßig; rechtskonform; datenschutzkonform; unbedenklich
    unproblematisch; unkritisch; unschädlich; statthaft; okay; ok; in ordnung; akzeptabel; vertretbar
    machbar; möglich; denkbar; befugt; berechtigt; ermächtigt; toleriert; geduldet; hinnehmbar
    rechtens; sauber; konform; gedeckt; abgedeckt; zugestimmt; abgesegnet; rechtssicher; straffrei
    gebilligt; bewilligt; einwandfrei; sicher; harmlos; empfehlenswert; ratsam; sinnvoll; erwünscht
    willkommen; unbeschränkt; uneingeschränkt
    """
)
MAY = _words(r"d[aü]rf(?:en|t|te|ten|test|tet|st)?; darf(?:st)?")
CAN = _words(r"k[aö]nn(?:en|t|te|ten|st|test)?")
OUGHT = _words(
    r"""
    soll(?:en|te|ten|st|test)?; m[uü]ss(?:en|t|te|ten)?; muss(?:t)?; mögen; empfehl\w*; empfiehlt
    """
)
ADDRESSED = re.compile(
    r"\b(?:Sie|Ihnen|werden)\b|\b(?i:man|du|ihr|wir|jede[rm]?|alle|dir|euch|beschäftigte\w*|mitarbeit\w+|kolleg\w+)\b"
)
ACQUITTAL = _words(
    r"""
    kein(?:e|erlei)? (?:problem|thema|hindernis|verbot|einwand|einwände|bedenken|risiko|verstoß)
    kein(?:e|erlei)? (?:grund zur sorge|hürden?|schranken?|einschränkung(?:en)?)
    (?:da|hier|dem)?gegen (?:spricht|steht|ist) (?:\w+ ){0,3}(?:nichts|kein\w*)
    spricht (?:\w+ ){0,3}(?:nichts|kein\w*); (?:dem|ihr|ihm|hier) steht (?:\w+ ){0,3}(?:nichts|kein\w*)
    steht (?:\w+ ){0,4}(?:nichts|kein\w*) (?:\w+ ){0,2}(?:entgegen|im wege?)
    nichts (?:\w+ ){0,3}(?:dagegen|entgegen|einzuwenden|auszusetzen|im wege); (?:niemand|nichts) hindert
    hindert sie (?:\w+ ){0,2}(?:niemand|nichts); grünes licht; nur zu; freie hand; keine sorge; bedenkenlos
    problemlos; einfach(?= (?:\w+ ){0,2}\w+(?:en|ern|eln)\b); ohne weiteres; ohne bedenken; ruhig; einfach so; nach belieben; jederzeit
    l(?:ä|a)ss(?:t|en) (?:\w+ ){0,4}zu; merkt (?:\w+ ){0,3}niemand; niemand merkt; schadet (?:\w+ ){0,2}nicht
    nicht strafbar; (?:verstößt|verstoßen) (?:\w+ ){0,4}gegen kein\w*; verletz(?:t|en) (?:\w+ ){0,3}kein\w*
    kein\w* grund\b[^.]{0,60}\b(?:zu verzichten|zu unterlassen|abzusehen); nichts zu befürchten; nichts passieren
    haben (?:sie )?(?:die|eine|meine|unsere|deren|seine) (?:erlaubnis|genehmigung|zustimmung|freigabe|einwilligung)
    haben (?:sie )?das recht; steht ihnen frei; ihnen frei; es geht; das geht; geht klar; klappt
    das funktioniert; (?:das|es) passt; passt schon; alles klar; los geht.?s
    """
)
"""Phrases that permit whatever else the clause says; they contain their own negation."""

FORBIDDEN = _words(
    r"""
    verboten\w*; untersag\w*; unzulässig\w*; unerlaubt\w*; unstatthaft; rechtswidrig\w*; strafbar\w*
    illegal\w*; tabu; ausgeschlossen; verbiete[nt]?; verbot(?:e|s|es)?; verstößt; verstoßen; verstoß
    verletzt; gesperrt; unterbleibt; unterbleiben; unterlassen
    """
)
NOT = _words(
    r"""
    nicht; nichts; kein(?:e|en|em|er|es|erlei)?; nie; niemals; niemand(?:em|en)?; nirgends; keinesfalls
    keineswegs; weder; auf keinen fall; unter keinen umständen; in keinem fall; mitnichten; nimmer; kaum
    """
)
NOT_REALLY = re.compile(
    r"\bnicht (?:nur|zuletzt|bloß|allein|lediglich|selten|einmal)\b|\bnicht wahr\b|"
    # "nicht öffentliche Daten": the adjective is negated, not the sentence.
    r"\b[Nn]icht(?= (?!unter\b|über\b|hinter\b|wegen\b|gegen\b|zwischen\b|neben\b|d[aei][sermn]\b|eine|seine|ihre)"
    r"[a-zäöüß]+(?:e|en|er|es|em) (?:[a-zäöüß]+ )?[A-ZÄÖÜ])|\bkein\w* (?:zweifel|frage)\b",
)
TURNED = _words(
    r"""
    zögern; scheuen; hindern; abhalten; unterlassen; vergessen; zurückschrecken; versäumen
    """
)
UNLESS = _words(r"ohne; bevor; ehe; bis")
ONLY = _words(r"nur; lediglich; bloß; ausschließlich; allenfalls; höchstens; ausnahmsweise")
EXCEPTION = _words(
    r"""
    außer; ausgenommen; mit ausnahme; es sei denn; abgesehen von; ausnahm(?:e|en|sweise); bis auf
    """
)
NO_EXCEPTION = _words(r"ohne (?:jede )?ausnahmen?; keine(?:rlei)? ausnahmen?; ausnahmslos")
TWISTED = _words(
    r"""
    stimmt nicht; stimmt (?:\w+ ){0,2}nicht; trifft (?:\w+ ){0,2}nicht; gilt (?:\w+ ){0,3}nicht; falsch
    irrtum; irrtümlich; gerücht; mythos; märchen; angeblich\w*; vermeintlich\w*; scheinbar\w*
    nicht mehr; nicht länger; aufgehoben; bislang; bisher; früher; damals; inzwischen; mittlerweile
    war; waren; hieß es; nicht so; nicht der fall; nicht zutreffend; unzutreffend; unwahr; überholt
    veraltet; ironie; (?:ein|nur|als) scherz; quatsch; unsinn; ignorier\w*; vergiss; vergessen sie
    in wahrheit; in wirklichkeit; tatsächlich aber; umgangen; umgehen; trick; schlupfloch
    """
)
"""Words that turn the meaning of what stands beside them; no proof needs them."""

LOOSENED = re.compile(
    r"(?:bedingung|voraussetzung|regel|leitlinie|pflicht|vorschrift|verbot|vorgabe|grenze)\w*\b[^.;]{0,40}"
    r"\b(?:(?:gelten|gilt|greif(?:t|en)|besteht|bestehen|bind(?:et|en)|zähl(?:t|en)|treffen|trifft)\b[^.;]{0,25}"
    r"\b(?:nicht|nie|kaum|weder)\b|entf(?:ä|a)ll\w*|erl(?:i|ö)sch\w*|endet|hinfällig|gegenstandslos|unverbindlich|"
    r"empfehlung|vorschlag|formalität|formsache|erledigt|ausgesetzt|außer kraft|verzichtbar)|"
    r"\bnicht (?:daran |an \w+ )?gebunden\b|\bgebunden sind sie nicht\b|"
    r"\bnicht (?:einhalten|einzuhalten|beachten|zu beachten|befolgen|zu befolgen)\b",
    re.IGNORECASE,
)
"""Rules, conditions or the prohibition said not to hold."""

CLAIMED = re.compile(
    r"(?:bedingung|voraussetzung)\w*\b[^.;]{0,30}\b(?:erfüllt|gegeben|eingehalten|vorhanden|liegen\b[^.;]{0,20}\bvor)\b|"
    r"(?:freigabe|zustimmung|genehmigung|einwilligung|vertrag|erlaubnis|prüfung|rechtsgrundlage)\w*\b[^.;,]{0,25}"
    r"\b(?:liegt|liegen|ist|sind|wurde|wurden|besteht)\b[^.;,]{0,30}"
    r"\b(?:vor|erteilt|da|vorhanden|abgeschlossen|eingeholt|erfolgt|gegeben|erledigt|geschehen)\b",
    re.IGNORECASE,
)
"""A condition said to be met already, which no source can know."""

OPEN_STILL = re.compile(
    r"\b(?:wenn|falls|sofern|soweit|solange|sobald|erst|nur|bis|bevor|ehe|ob|dass|muss|müssen|soll\w*|nicht|kein\w*|noch|"
    r"vorausgesetzt|vorher|zuvor)\b",
    re.IGNORECASE,
)
"""What makes of such a claim a mere condition."""

CONDITION = _words(
    r"""
    nur; wenn; falls; sofern; soweit; solange; sobald; erst; vorausgesetzt; voraussetzung\w*
    bedingung\w*
    nach (?:der |einer )?(?:freigabe|prüfung|genehmigung|zustimmung|entscheidung|anmeldung|einwilligung); unter
    ohne; mit; ausschließlich; bevor; vorher; zuvor; es sei denn; nach
    """
)
CONDITION_CLAUSE = _words(
    r"""
    nur; wenn; falls; sofern; soweit; solange; sobald; erst; vorausgesetzt; voraussetzung\w*; bedingung\w*; bevor
    """
)
"""Conditions that cannot be mere circumstances, as "mit" and "nach" can."""

NO_CONDITION = _words(
    r"""
    auch wenn; selbst wenn; auch ohne; selbst ohne; egal; unabhängig; gleichgültig; ohne weiteres
    ohne (?:\w+ ){0,2}(?:freigabe|prüfung|genehmigung|zustimmung|rücksprache|kontrolle|einwilligung)
    ohne (?:\w+ ){0,2}(?:vertrag|kennzeichnung|beteiligung|bedingung\w*|einschränkung\w*|voraussetzung\w*)
    ohne (?:\w+ ){0,2}(?:abstimmung|anmeldung|rechtsgrundlage)
    bedingungslos; uneingeschränkt\w*; unbeschränkt\w*; jederzeit; immer; stets; in jedem fall
    beliebig\w*; generell; grundsätzlich; ungeprüft\w*; heimlich\w*; nur zu
    """
)
NEED = _words(
    r"""
    nötig; notwendig; erforderlich; braucht; brauchen; benötig\w*; bedarf; m[uü]ss(?:en|t)?
    verpflichtet; vorgeschrieben; verlangt; zwingend
    """
)
WAIVED = _words(
    r"""
    entfällt; entfallen; entbehrlich; überflüssig; unnötig; verzichtbar; keine (?:\w+ )?pflicht
    verzichten; weglassen; erübrigt; überspringen; sparen
    """
)
DUTY = re.compile(
    r"freigabe|freigegeben|prüf|genehmig|zustimmung|vertrag|einwillig|kennzeich|rücksprache|beteilig|anmeld|"
    r"rechtsgrundlage|pflicht|kontroll|melde|frag|dokument|vermerk|hinweis|schulung|positivliste|abstimm|"
    r"folgenabschätzung|dsfa|halten|beacht|einhalt|vier-?augen|datenschutz|regel|leitlinie|bedingung|"
    r"voraussetzung|anonymis|lösch|informier",
    re.IGNORECASE,
)
"""What one may be obliged to; a sentence that waives anything else ("braucht keine echten Daten") is harmless."""

GUARDED = re.compile(
    r"personenbezogen|personenbezug|\bnamen?\b|adress|anschrift|gesundheit|krank|sozial(?:daten|geheimnis)|steuer|"
    r"personalakt|bewerb|vertraulich|geheim|passw|zugangsdaten|privat|ungeprüft|heimlich|nicht freigegeben|"
    r"besondere[nr]? kategorien|geschützt|schützenswert|klassen? [1-4]|aktenzeichen|geburtsd|telefon|kennzeichen|"
    r"diagnos|\bechte?n? (?:daten|fälle)|falldaten|meldedaten|patient|kundendaten|bürgerdaten|nichtöffentlich|"
    r"unterschrift|foto|gesicht|stimme",
    re.IGNORECASE,
)
"""What no "erlaubt" of the guideline ever covers, and what restrictions beside an "erlaubt" are about."""

TOTAL = _words(
    r"""
    generell; grundsätzlich; immer; ausnahmslos; in jedem fall; stets; schlechthin; komplett; völlig
    """
)
WITHOUT_GUARDED = re.compile(r"\b(?:ohne|kein\w*|nicht|weder|frei von)\b", re.IGNORECASE)
STATE_CLAUSE = re.compile(
    r"^\s*(?:wenn|falls|sofern|soweit|solange|bis|bevor|ob|auch wenn|selbst wenn|"
    r"(?:(?:für|in|mit|bei|von|zu|auf|aus|über) )?(?:die|das|der|dem|den|welche[rs]?))\b.*"
    r"(?:freigegeben|zugelassen|genehmigt|erlaubt|zulässig|möglich)\s+"
    r"(?:ist|sind|sei|wird|werden|wurde|wurden|worden ist|hat|haben)\s*$",
    re.IGNORECASE,
)
"""A subordinate clause that only mentions a state: "bis ein Verfahren freigegeben ist" permits nothing."""
