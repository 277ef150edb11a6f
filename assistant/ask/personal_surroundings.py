"""Words around a number or a street that tell whose it is: an authority's, a public place's or a private person's.

Each pattern is searched in a few dozen lower-case characters before and after the place in question.
"""

from __future__ import annotations

import re

AUTHORITY = re.compile(
    r"rathaus|\w{3,}büros?\b|bürgerbuero|buergerbuero|bürgerservice|\w*verwaltung|\w{2,}(?<!ges)amt\b|\w{2,}(?<!ges)amte?s\b|"
    r"\b(?:anlauf|außen|dienst|erfassungs|geschäfts|koordinierungs|leit|melde|neben|ordnungs|press?e|post|service|"
    r"vergabe|wohngeld|zulassungs|ausländer|beratungs|verbraucher)stelle\b|beratungs\w+|\bamt\b|behörde|ministerium|aufsicht\b|regierung\b|landesbetrieb|klinikum|klinik\b|archiv\b|ministry|abfuhr\b|universität|hochschule|\w*verband\b|genossenschaft|akademie|rechenzentrum|\blvr\b|\blwl\b|agentur für arbeit|kammer\b|institut\b|"
    r"\bldi\b|\bbfdi\b|landesbeauftragte|zentrale\b|hotline|servicenummer|bauhof|feuerwehr|polizei|jobcenter|"
    r"bücherei\b|bibliothek\b|museum|volkshochschule|\bvhs\b|musikschule|kreishaus|fachbereich|postfach|impressum|"
    r"sekretariat|öffnungszeiten|gericht\b|notdienst|stadtwerke|krankenhaus|bundesnetzagentur|anstalt\b|agentur\b|diensthandy|dienstliche|"
    r"notruf|bürgertelefon|servicetelefon|\blibrary\b|bereitschaft|wertstoffhof|recyclinghof|betriebshof|schwimmbad|hallenbad|freibad|tierheim|feuerwache|rettungswache|\bwache\b|faxgerät|friedhof\b|schule\b|"
    r"gymnasium|kita\b|kindergarten|industriestr|citizens' office|district office|youth office|tax office|\w+ authority|town hall|city hall|council office|fire department|"
    r"fire station|police|public library|municipal|registry office"
)
"""Offices and public institutions, whose numbers and addresses are meant to be known."""

PUBLIC_PLACE = re.compile(
    r"halle\b|baugrube|pressezeile|pressetext|kanalarbeiten|asphalt|glasfaser|fassade|spatenstich|richtfest|denkmalschutz|anwohnerinfo|baustelle\b|sperrung|gesperrt|baugebiet|bebauungsplan|sanierung|\bumbau|\bneubau|haltestelle|spielplatz|"
    r"kirche\b|denkmal|filiale|gmbh|\bfirma\b|hotel\b|gewerbegebiet|\bmarkt\b|stadion|wahllokal|parkhaus|theater|kreuzung|"
    r"bahnhof\b|sitz der|adresse der stadt|veranstaltung|zentrum\b|\bverein\b|jugendtreff|altenheim|seniorenheim|"
    r"eröffn|einweih|chatbot|unterstand|\bampel|kreisverkehr|festplatz|treffpunkt|wochenmarkt"
)
"""Buildings, building sites and events at an address that is nobody's home."""

PERSON_NEAR = re.compile(
    r"mieter|wohnen\b|\bleute\b|anwohner|bewohner|wohnt|wohnhaft|wohnung|eigentümer|eigentumer|halter|familie|antragsteller|\bbürgers?\b|"
    r"\bbürgerin\b|\bherrn?\b|\bfrau\b|nachbar|gemeldet|tenant|resident|\bowner|neighbour|neighbor|landlord|\bliving|complained|\bwoman\b|\bmann\b|lives|beschwerdeführer|privat|jemand|schuldner|"
    r"\bkunde|\bkundin|\bmutter\b|\bvater\b|\bdame\b|rentner|\bempf\.|empfänger|klient|patient|\btyp\b|applicant|bewerber|handy|mr\b|mrs\b|"
    r"\bms\b|\bgeb\b|grüße|gruß|\bmfg\b|regards|absender|inhaber|hinweisgeber"
)
"""A private person to whom an address or number may belong."""

VEHICLE = re.compile(
    r"halter|fahrer|besitzer|eigentümer|gehör|parkt|parken|falschpark|fals?c?h?parker|knöllchen|kennzeichen|fahrzeug|\bkfz\b|\bpkw\b|"
    r"\bauto\b|\bwagen\b|nummernschild|abgeschleppt|geblitzt|verwarn|owner|driver|\bcar\b|\bvan\b|\btruck|\blorry|tyre|licen[cs]e plate|motorrad|"
    r"roller|kraftrad|abschlepp|scheibe|am steuer|\bauton|\bkrad\b|moped|mofa|wohnmobil|\bquad\b|anhänger|lkw|transporter|bulli|zugelassen|kenn?z?ei[ch]{1,2}e?n|bußgeld|ordnungswidrig|anhörungsbogen|gehweg|"
    r"einfahrt|halteverbot|abgemeldet|stilllegung|unfall|anzeige\b|blockier|geschwindigkeit|zu schnell|tempo \d"
)
OFFICIAL_VEHICLE = re.compile(
    r"dienstwagen|dienstfahrzeug|dienst-?kfz|fuhrpark|bauhof|städtische|feuerwehr(?!zufahrt|einfahrt|gasse)|kehrmaschine|stadteigen|"
    r"unser\w{0,2} (?:\w{1,20} )?(?:wagen|fahrzeug)|einsatzfahrzeug|poolfahrzeug"
)
OWNER = re.compile(r"halter|fahrer|besitzer|eigentümer|beschwer|einspruch|nachbar|\bherr|\bfrau|owner|driver")


def of_an_authority(around: str) -> bool:
    """Whether ``around`` names an authority and no private person."""
    return AUTHORITY.search(around) is not None and PERSON_NEAR.search(around) is None
