"""Rules that look at more than one place: when a name is a case, and what a name makes of a date or a file number.

A name alone is not yet blocked ("Frau Schmidt aus der IT sagt, das geht"). It is blocked together with a detail of a
case: health, benefits, complaints, employment, children, a letter to the person, or another finding. People who are
only cited, asked or in charge ("laut Herrn Baumann") need a detail about themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from assistant.ask.personal_names import Name, Written, find_names, is_common
from assistant.ask.personal_places import DATE, birth_year
from assistant.ask.personal_numbers import trivial
from assistant.ask.personal_text import MASK, Reading, Token, german_key, keys, word_list
from assistant.types import Finding

_OPINION = (
    r"sagt|sagte|sacht|meint|meinte|behauptet|findet|glaubt|erklärt|erklärte|erzählt|empfiehlt|empfohlen|rät|gesagt|gemeint|"
    r"vorgeschlagen|geraten|versichert|vertritt die|ist der (?:ansicht|meinung|auffassung)|hat recht|says|said|told|thinks|claims|claimed|recommended|suggested|explained"
)
_OPINION_AFTER = re.compile(
    rf"\W{{0,3}}(?:[\w.'-]{{1,30}}\W{{1,3}}){{0,6}}?(?:{_OPINION})\b(?! (?:die |der |das |unser\w{{0,2}} )?(?:ki|copilot|chatgpt|leitlinie|gesetz|modell|recht))"
)
_CITED_BEFORE = re.compile(
    rf"\b(?:laut|according to|zufolge|nach (?:ansicht|meinung|aussage|auskunft) von|gemäß|{_OPINION})\W{{1,3}}"
    r"(?:der|die|dem|unser\w{0,2})?\W?(?:herrn?|frau|mr|mrs|ms)?\W{0,3}(?:dr)?\W{0,3}$"
)
_RIGHT = re.compile(r"\W{0,3}(?:[\w.'-]{1,30}\W{1,3}){0,5}?(?:recht|richtig|right)\b")
_DEPARTMENT = re.compile(
    r"\W{0,3}(?:aus|ausm|vom|von|im|in|bei|beim|from|of|at)\s(?!das\b)(?:der|dem|den|unserer|unserem|our|the)?\s?(?:[\w-]{1,25}\s){0,2}?"
    r"(?:it|it-\w+|edv|personal\w+|\w{2,}amt|\w{2,}amte?s|bauhof|fachbereich|referat|sachgebiet|\w*abteilung|[\w-]*koordination|"
    r"\w*stelle|[\w-]*datenschutz|ki|hr|kämmerei|vorzimmer|[\w-]*verwaltung|rathaus|data cent\w+|department|office|team|rechenzentrum|"
    r"organisation|registratur|kasse|\w*büro|\w*buchhaltung|council)\b"
)
_ROLE_AFTER = re.compile(
    r"\W{0,3}(?:als|unser\w{0,2}|der|die|as|our|the)\s(?:[\w-]{1,20}\s){0,2}?"
    r"(?:[\w-]*beauftragte\w?|[\w-]*leit(?:er|erin|ung)\w?|chef\w{0,2}|[\w-]*koordinator\w{0,2}|vorsitzende\w?|dezernent\w{0,2}|justiziar\w{0,2}|"
    r"kämmer\w{2,3}|ansprech\w+|officer|manager|head)\b"
)
_GOVERNANCE = re.compile(
    r"freigab|freigeb|freischalt|freigegeben|leitlinie|positivlist|\bdsfa\b|datenschutz|zugang|zugriff|lizenz|schulung|kennzeichn|informier|beteilig|einbezieh|"
    r"einbind|admin|\bfragen\b|approv|access|guideline|licen[cs]e|policy"
)
_USES_A_TOOL = re.compile(
    r"\W{0,3}(?:[\w-]{1,20}\W){0,3}?(?:nutzt|benutzt|verwendet|testet|probiert|arbeitet|uses|tries)\b[^.?!\n]{0,50}?"
    r"(?:\bki\b|ki-|chatgpt|copilot|claude|gemini|deepl|\btool|assistent|software|sprachmodell|\bai\b)"
)
_ROLE_BEFORE = re.compile(
    r"(?:\w*beauftragte\w?|bürgermeister\w{0,2}|oberbürgermeister\w{0,2}|landr\w{2,5}|dezernent\w{0,2}|ansprechpartner\w{0,2}|ansprechperson|dozent\w{0,2}|trainer\w{0,2}|referent\w{0,2}|"
    r"leiter\w{0,2}|\w*leitung|chef\w{0,3}|vorgesetzte\w?|koordinator\w{0,2}|zuständig\w{0,2}|kollegen?|kollegin|kolleg\w{0,4}|vorsitzende\w?|kämmer\w{2,3}|personalrat\w{0,3}|colleague|boss|manager)\W{1,3}"
    r"(?:von )?(?:herrn?|frau|mr|mrs|ms)?\W{0,3}(?:dr)?\W{0,3}$"
)
_CONTACT = re.compile(
    r"zuständig|ansprechpartner|ansprechperson|vertritt|vertretung|wende ich|an wen|schulung|seminar|vortrag|workshop|leitet|den hut|fortbildung|im urlaub|nachfolg|abwesend|nicht da\\b|folien|"
    r"responsible|in charge|contact person|training"
)
_ABOUT_THEMSELVES = re.compile(
    r"\b(?:ihr|ihre|ihren|ihrem|ihrer|ihres|sein|seine|seinen|seinem|seiner|sie|er|ihm|ihn|his|her|she|he)\s"
    r"(?!(?:darf|dürf\w{1,3}|kann|könn\w{1,2}|muss|müss\w{1,2}|soll\w{0,2}|may|can|must)\b)"
)
_IS_SAID = re.compile(r"\W{0,2}(?:ist|sei|hat|habe|war|leidet|is|has|was|had)\b")
_END_OF_ACCOUNT = re.compile(r"[.?!\n]|\bki\b|ki-|chatgpt|copilot|\bai\b|leitlinie|sprachmodell|\btool|\bdarf ich|\bkann ich")

_CLOSING = re.compile(
    r"(?:mit (?:den )?(?:freundlichen|besten|herzlichen|lieben) gr(?:ü|ue|u)(?:ß|ss)en|freundliche gr(?:ü|ue)(?:ß|ss)e|\bmfg\b|\bm\.f\.g\.|hochachtungsvoll|"
    r"(?:viele|liebe|beste|schöne|herzliche) gr(?:ü|ue)(?:ß|ss)e|\bgru(?:ß|ss)\b|\blg\b|\bvg\b|kind regards|best regards|\bregards|yours (?:sincerely|faithfully)|"
    r"sincerely|best wishes|\bgez\b\.?|unterschrieben)"
)
_BORN_WORDS = frozenset({"geb", "geboren", "gebohren", "geborene", "geborener", "born", "am", "on", "dob", "im", "geburtsdatum"})
_FILE_NUMBER = re.compile(
    r"\b(az|aktenzeichen|aktennummer|geschäftszeichen|gesch\.?-?z|bg|bg[ -]?n(?:umm|r)\w{0,3}|kassenzeichen|kundenn\w{1,6}|kd\.?-?nr|"
    r"person\w{0,3}n(?:umm|r)\w{0,4}|pers\.?-?\s?nr|vorgangsn\w{1,6}|fallnummer|debitor\w{0,8}|vertragsn\w{1,6}|mitgliedsn\w{1,6}|buchungszeichen|"
    r"vorgang|reference|case (?:no|number)|personnel (?:no|number)|employee (?:no|number|id))\b[.:# ]{0,3}(?:nr\.?|nummer|number|no\.?|lautet|ist|is)?[.:# ]{0,3}"
    r"([a-z0-9][\w./-]{2,28}(?: [\w./-]{1,12}\d)?)"
)
_COURT_NUMBER = re.compile(r"^(?:[ivx]{1,5}|\d{1,3}) [a-z]{1,5}(?:-\w+)? \d+/\d\d|^[ct]-\d+/\d\d|^\d+/\d\d$")
_OWN = frozenset("mein meine meinen meinem meiner meines unser unsere unseren unserem unserer my our".split())
_PERSON_NUMBERS = ("pers", "bg", "employee")


@cache
def _details(section: str) -> re.Pattern[str]:
    """One pattern over a word's key for a section of ``daten/fallmerkmale.txt``."""
    forms = []
    for entry in word_list("fallmerkmale")[section]:
        stem = re.escape(german_key(entry.lstrip("*=")))
        forms.append({"*": f".*{stem}", "=": f"{stem}$"}.get(entry[0], stem))
    return re.compile("|".join(sorted(forms)))


def _has_detail(tokens: Sequence[Token], *sections: str) -> bool:
    """Whether a word of these sections occurs that is not the asking person's own ("mein Antrag")."""
    owners = ("", *(token.key for token in tokens))
    others = [token.key for token, owner in zip(tokens, owners, strict=False) if owner not in _OWN]
    return any(_details(section).match(key) for section in sections for key in others)


def case_findings(reading: Reading, found: Sequence[Finding]) -> Iterator[Finding]:
    """Findings that need the whole question: names with a case, birthdays and file numbers beside names."""
    names = find_names(reading)
    beside = [
        *_birthdays_beside(reading, names),
        *_names_before_birth(reading, found),
        *_signatures(reading, names),
        *_file_numbers(reading, bool(names)),
    ]
    yield from beside
    cases = [name for name in names if _is_case(reading, name, bool(found or beside))]
    yield from (Finding("Name", name.start, name.end) for name in cases)
    yield from _repeated(reading, cases)


def _is_case(reading: Reading, name: Name, certain: bool) -> bool:
    """Whether something is said about this person that the assistant must not be told.

    ``certain`` says that the question holds other personal data, which then belong to someone.
    """
    others = reading.tokens[: name.first] + reading.tokens[name.last + 1 :]
    if _is_cited(reading, name):
        return _speaks_of_themselves(reading, name)
    if name.written is Written.GIVEN or _has_role(reading, name):
        return _has_detail(others, "stark")
    if certain or _has_detail(others, "stark", "thema", "schreiben"):
        return True
    return name.written is not Written.LOOSE and _GOVERNANCE.search(reading.low) is None


def _is_cited(reading: Reading, name: Name) -> bool:
    """Whether the person only says or is asked something ("Herr Weber meint", "laut Frau Lenz", "hat Frau Klein recht")."""
    before = reading.before(name.start, 60)
    asked = re.search(r"\bhat\b", before) is not None and _RIGHT.match(reading.low, name.end) is not None
    return asked or bool(_OPINION_AFTER.match(reading.low, name.end) or _CITED_BEFORE.search(before))


def _has_role(reading: Reading, name: Name) -> bool:
    """Whether the person is mentioned as a colleague, an office holder, a user of a tool or someone in charge."""
    return bool(
        _DEPARTMENT.match(reading.low, name.end)
        or _ROLE_AFTER.match(reading.low, name.end)
        or _USES_A_TOOL.match(reading.low, name.end)
        or _ROLE_BEFORE.search(reading.before(name.start, 60))
        or _CONTACT.search(reading.around(name.start, name.end, 60, 30))
    )


def _speaks_of_themselves(reading: Reading, name: Name) -> bool:
    """Whether a cited person is also the one concerned: "Frau Kaya sagt, ihr Antrag …", "der kranke Herr Busch meint"."""
    opinion = _OPINION_AFTER.match(reading.low, name.end)
    heard = opinion.end() if opinion else name.end
    said = _IS_SAID.match(reading.low, name.end)
    if said and _has_detail([t for t in reading.tokens if name.end <= t.start < name.end + 50], "stark"):
        return True
    between = [t for t in reading.tokens if name.end <= t.start and t.end <= heard]
    if _has_detail(between[:-1], "stark"):
        return True
    end = _END_OF_ACCOUNT.search(reading.low, heard)
    account = reading.low[heard : min(heard + 160, end.start() if end else len(reading.low))]
    about = _ABOUT_THEMSELVES.search(account)
    if about is None:
        return False
    told = [t for t in reading.tokens if heard + about.start() <= t.start < heard + len(account)]
    return _has_detail(told, "stark") or (not _has_role(reading, name) and _has_detail(told, "thema"))


def _birthdays_beside(reading: Reading, names: Sequence[Name]) -> Iterator[Finding]:
    """A date right after a full name is a birthday: ``Leila Haddad, 12.5.92``."""
    for name in names:
        if name.written is Written.GIVEN:
            continue
        gap = re.compile(r"[\s,;(*]{1,4}").match(reading.low, name.end)
        date = DATE.match(reading.low, gap.end()) if gap else None
        if date is not None and 1905 <= birth_year(date) <= 2024:
            yield Finding("Geburtsdatum", date.start(), date.end())


def _names_before_birth(reading: Reading, found: Sequence[Finding]) -> Iterator[Finding]:
    """Two capital words before a birthday are a name, however rare: ``Ruprecht Zillinger, geboren am 17.6.1949``."""
    for birth in found:
        if birth.kind != "Geburtsdatum":
            continue
        earlier = [t for t in reading.tokens if birth.start - 60 < t.start and t.end <= birth.start]
        before = [t for t in earlier if t.key not in _BORN_WORDS][-2:]
        if len(before) == 2 and before[1].start - before[0].end == 1 and birth.start - before[1].end < 25:
            if all(t.capital and not is_common(t) and not t.key.startswith("muster") for t in before):
                yield Finding("Name", before[0].start, before[1].end)


def _signatures(reading: Reading, names: Sequence[Name]) -> Iterator[Finding]:
    """The name below a pasted letter: two words after the closing, or one known surname."""
    known = keys("nachnamen", "eindeutig")
    given = keys("vornamen", "eindeutig", "nur_gross")
    for closing in _CLOSING.finditer(reading.low):
        tokens = [t for t in reading.tokens if closing.end() <= t.start < closing.end() + 60][:6]
        while tokens and tokens[0].key in ("ihr", "ihre", "dein", "deine", "dr", "prof", "med", "herr", "frau", "i", "a", "im", "auftrag", "von"):
            tokens = tokens[1:]
        gap = reading.text[closing.end() : tokens[0].start] if tokens else "?"
        if len(gap) > 25 or any(c in gap for c in '?¤"“”«»[') or is_common(tokens[0]):
            continue
        pair = tokens[:2]
        beside = len(pair) == 2 and 0 < pair[1].start - pair[0].end <= 2 and not is_common(pair[1])
        person = beside and (pair[0].within(given) or (pair[0].capital and pair[1].capital))
        alone = len(pair[0].word) > 3 and not pair[0].within(given) and not reading.text[pair[0].end :].strip(" .!?\n\"“")
        if (person or alone or pair[0].within(known)) and not any("muster" in t.key for t in pair):
            whole = [name.end for name in names if name.start == pair[0].start]
            yield Finding("Name", pair[0].start, max([*whole, (pair[1] if beside and person else pair[0]).end]))


def _file_numbers(reading: Reading, named: bool) -> Iterator[Finding]:
    """File and customer numbers beside a name; numbers of employees and households also alone."""
    for match in _FILE_NUMBER.finditer(reading.low):
        label, number = match.groups()
        if sum(c.isdigit() for c in number) < 3 or _COURT_NUMBER.match(number) or MASK in number:
            continue
        bearer = _bearer(reading, match.end())
        person = label.startswith(_PERSON_NUMBERS) and not trivial(number)
        if named or person or bearer is not None:
            kind = "Personalnummer" if label.startswith(("pers", "employee")) else "Aktenzeichen"
            yield Finding(kind, match.start(2), match.end(2))
            if bearer is not None:
                yield bearer


def _bearer(reading: Reading, position: int) -> Finding | None:
    """The name right after a number: ``Kundennummer 448120 Schlottmann``, ``Personalnr. 77120 (Sczepanski)``."""
    for token in reading.tokens:
        if token.start >= position:
            gap = reading.text[position : token.start]
            known = token.within(keys("nachnamen", "eindeutig", "mehrdeutig"))
            fits = gap in (" ", ", ", " (") and len(token.word) > 3 and not is_common(token) and (token.capital or known)
            return Finding("Name", token.start, token.end) if fits else None
    return None


def _repeated(reading: Reading, cases: Sequence[Name]) -> Iterator[Finding]:
    """Further mentions of a name that was found, so that nothing of it is left after redaction."""
    words = {t.key for name in cases for t in reading.tokens[name.first : name.last + 1] if len(t.key) > 3 and t.capital}
    for token in reading.tokens:
        if token.capital and token.key.removesuffix("'s") in words:
            yield Finding("Name", token.start, token.end)
