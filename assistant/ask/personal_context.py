"""Rules that look at more than one place: when a name is a case, and what a name makes of a date or a file number.

A name alone is not always blocked ("Frau Schmidt aus der IT sagt, das geht"). It is blocked together with a detail of
a case: health, benefits, complaints, employment, children, a letter to the person, or another finding. People who are
only cited, in charge or mentioned as colleagues need a detail about themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from assistant.ask.personal_candidate import Name, Written
from assistant.ask.personal_names import find_names
from assistant.ask.personal_numbers import trivial
from assistant.ask.personal_places import BIRTH_YEARS, DATE, birth_year
from assistant.ask.personal_text import MASK, Reading, Token, keys
from assistant.ask.personal_words import is_common, is_detail, is_noun
from assistant.types import Finding


def case_findings(reading: Reading, found: Sequence[Finding]) -> Iterator[Finding]:
    """Findings that need the whole question: names with a case, birthdays and file numbers beside names.

    ``found`` are the findings so far, in characters of the reading like those yielded.
    """
    names = find_names(reading)
    beside = [
        *_birthdays_beside(reading, names),
        *_names_before_birth(reading, found),
        *_signatures(reading, names),
        *_file_numbers(reading, bool(names)),
    ]
    yield from beside
    if names:
        governance = _GOVERNANCE.search(reading.low) is not None
        question = _Question(reading, _details_of(reading), bool(found or beside), governance)
        cases = [name for name in names if _is_case(question, name)]
        yield from (Finding("Name", name.start, name.end) for name in cases)
        yield from _repeated(reading, cases)


# Details of a case


@dataclass(frozen=True, slots=True)
class _Details:
    """Which tokens are details: ``strong`` ones of a person, and ``all`` including subjects and letters."""

    strong: frozenset[int]
    all: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Question:
    """A reading with its details.

    ``certain`` if it holds other personal data, which then belong to someone; ``governance`` if it asks about approval,
    access, training or who must be involved, as one does about colleagues without a case.
    """

    reading: Reading
    details: _Details
    certain: bool
    governance: bool


_OWN = frozenset("mein meine meinen meinem meiner meines unser unsere unseren unserem unserer my our".split())
"""Before a word: it is the asking person's own ("mein Antrag")."""


def _details_of(reading: Reading) -> _Details:
    tokens = reading.tokens
    others = [i for i, token in enumerate(tokens) if i == 0 or tokens[i - 1].key not in _OWN]
    strong = frozenset(i for i in others if is_detail(tokens[i], "stark"))
    return _Details(strong, strong | {i for i in others if is_detail(tokens[i], "thema", "schreiben")})


def _outside(details: frozenset[int], name: Name) -> bool:
    """Whether there is a detail that is not a word of the name itself."""
    within = sum(index in details for index in range(name.first, name.last + 1))
    return len(details) > within


# When a name is a case

_OPINION = (
    r"(?:sagt|sagte|sacht|meint|meinte|behauptet|findet(?=[ ,]+(?:dass|man|das|es|wir|ki)\b)|glaubt|"
    r"erklärt|erklärte|erzählt|empfiehlt|empfohlen|rät|gesagt|"
    r"gemeint|vorgeschlagen|geraten|vertritt die|ist der (?:ansicht|meinung|auffassung)|hat recht|says|said|"
    r"told|thinks|claims|claimed|recommended|suggested|explained)\b"
)
_OPINION_AFTER = re.compile(
    rf"\W{{0,3}}(?:[\w.'-]{{1,30}}\W{{1,3}}){{0,6}}?{_OPINION}"
    r"(?! (?:die |der |das |unser\w{0,2} )?(?:ki|copilot|chatgpt|leitlinie|gesetz|modell|recht))"
)
_CITED_BEFORE = re.compile(
    rf"\b(?:laut|according to|zufolge|nach (?:ansicht|meinung|aussage|auskunft) von|gemäß|{_OPINION})\W{{1,3}}"
    r"(?:der|die|dem|unser\w{0,2})?\W?(?:herrn?|frau|mr|mrs|ms)?\W{0,3}(?:dr)?\W{0,3}$"
)
_ASKED_BEFORE = re.compile(r"\bhat\b")
_RIGHT_AFTER = re.compile(r"\W{0,3}(?:[\w.'-]{1,30}\W{1,3}){0,5}?(?:recht|richtig|right)\b")
_DEPARTMENT_AFTER = re.compile(
    r"\W{0,3}(?:in (?:it|hr)\b|(?:aus|ausm|vom|von|from|of)\s(?:der|dem|den|unserer|unserem|our|the)?\s?"
    r"(?:[\w-]{1,25}\s){0,2}?(?:it|it-\w+|edv|personal\w+|\w{2,}amt|\w{2,}amte?s|bauhof|fachbereich|referat|sachgebiet|"
    r"\w*abteilung|[\w-]*koordination|\w*stelle|[\w-]*datenschutz|ki|hr|kämmerei|vorzimmer|[\w-]*verwaltung|"
    r"rathaus|data cent\w+|department|office|team|rechenzentrum|organisation|registratur|kasse|presse|"
    r"\w*büro|\w*buchhaltung|council)\b)"
)
_ROLE_AFTER = re.compile(
    r"\W{0,3}(?:als|unser\w{0,2}|der|die|as|our|the)\s(?:[\w-]{1,20}\s){0,2}?(?:[\w-]*beauftragte\w?|"
    r"[\w-]*leit(?:er|erin|ung)\w?|chef\w{0,2}|[\w-]*koordinator\w{0,2}|[\w-]*vorsitzende\w?|dezernent\w{0,2}|"
    r"justiziar\w{0,2}|kämmer\w{2,3}|ansprech\w+|officer|manager|head)\b"
)
_TOOL_AFTER = re.compile(
    r"\W{0,3}(?:[\w-]{1,20}\W){0,3}?(?:nutzt|benutzt|verwendet|testet|probiert|arbeitet|uses|tries)\b[^.?!\n]{0,50}?"
    r"(?:\bki\b|ki-|chatgpt|copilot|claude|gemini|deepl|\btool|assistent|software|sprachmodell|\bai\b)"
)
_ROLE_BEFORE = re.compile(
    r"\b(?:[\w-]{0,30}beauftragte\w?|(?:ober)?bürgermeister\w{0,2}|landr\w{2,5}|dezernent\w{0,2}|ansprechpartner\w{0,2}|"
    r"ansprechperson|dozent\w{0,2}|trainer\w{0,2}|referent\w{0,2}|[\w-]{0,20}leiter\w{0,2}|[\w-]{0,20}leitung|chef\w{0,3}|"
    r"vorgesetzte\w?|koordinator\w{0,2}|zuständig\w{0,2}|kolleg\w{0,4}|vorsitzende\w?|kämmer\w{2,3}|personalrat\w{0,3}|"
    r"colleague|boss|manager)\W{1,3}(?:von )?(?:herrn?|frau|mr|mrs|ms)?\W{0,3}(?:dr)?\W{0,3}$"
)
_IN_CHARGE = re.compile(
    r"zuständig|ansprechpartner|ansprechperson|vertritt|vertretung|wende ich|an wen|"
    r"\bschulung|grundschulung|\bseminar|vortrag|workshop|"
    r"\bleitet|den hut|\bfortbildung|ist im urlaub|nachfolg|abwesend|folien|responsible|in charge|contact person|"
    r"training"
)
_GOVERNANCE = re.compile(
    r"freigab|freigeb|freischalt|leitlinie|positivlist|\bdsfa\b|datenschutz|zugang|zugriff|lizenz|schulung|kennzeichn|"
    r"informier|beteilig|einbezieh|einbind|admin|\bfragen\b|approv|access|guideline|licen[cs]e|policy"
)

_RULES = re.compile(
    r"\bki\b|ki-|chatgpt|copilot|deepl|\bai\b|\btool|prompt|sprachmodell|leitlinie|kennzeichn|freigab|"
    r"freigegeb|erlaubt|verbot|\bdarf|\bdürf|\bgeht\b|stimmt|richtig|zulässig|regel\b|\bart\. ?\d|§|dsgvo|"
    r"dsfa|allowed|approv|automatisiert|vorsortier"
)
_END_OF_SENTENCE = re.compile(r"[.?!\n](?:\s|$)")
_LINKS = frozenset("von vom der des fuer an ueber gegen zu of for to about against".split())
_OWN_WORKS = (
    "fortbildung",
    "kurs",
    "hilfe",
    "termin",
    "bericht",
    "vermerk",
    "stellungnahme",
    "unterstuetz",
    "genehmig",
    "erlaub",
)
_THEMSELVES = re.compile(
    r"\b(?:ihr|ihre|ihren|ihrem|ihrer|ihres|sein|seine|seinen|seinem|seiner|sie|er|ihm|ihn|his|her|she|he)\s"
    r"(?!(?:darf|dürf\w{1,3}|kann|könn\w{1,2}|muss|müss\w{1,2}|soll\w{0,2}|may|can|must)\b)"
)
_IS_SAID_TO_BE = re.compile(r"\W{0,2}(?:ist|sei|hat|habe|war|leidet|is|has|was|had)\b")
_END_OF_ACCOUNT = re.compile(
    r"[.?!\n]|\bki\b|ki-|chatgpt|copilot|\bai\b|leitlinie|sprachmodell|\btool|\bdarf ich|\bkann ich"
)


def _is_case(question: _Question, name: Name) -> bool:
    """Whether something is said about this person that the assistant must not be told."""
    role = _has_role(question.reading, name)
    if _is_cited(question.reading, name) and (
        role or name.written is Written.GIVEN or _on_rules(question.reading, name)
    ):
        return _speaks_of_themselves(question.reading, name, role)
    if name.written is Written.GIVEN or role:
        return _outside(question.details.strong, name) or _is_about(question.reading, name)
    if question.certain or _outside(question.details.all, name):
        return True
    return name.written is not Written.LOOSE and not question.governance


def _is_cited(reading: Reading, name: Name) -> bool:
    """Whether the person only says something: "Herr Weber meint", "laut Frau Lenz", "hat Frau Klein recht"."""
    before = reading.before(name.start, 60)
    if _ASKED_BEFORE.search(before) and _RIGHT_AFTER.match(reading.low, name.end):
        return True
    return bool(_OPINION_AFTER.match(reading.low, name.end) or _CITED_BEFORE.search(before))


def _has_role(reading: Reading, name: Name) -> bool:
    """Whether the person is mentioned as a colleague, an office holder, a user of a tool or someone in charge."""
    after = (_DEPARTMENT_AFTER, _ROLE_AFTER, _TOOL_AFTER)
    if any(pattern.match(reading.low, name.end) for pattern in after):
        return True
    if _ROLE_BEFORE.search(reading.before(name.start, 60)):
        return True
    return _IN_CHARGE.search(reading.around(name.start, name.end, 60, 30)) is not None


def _on_rules(reading: Reading, name: Name) -> bool:
    """Whether what a cited person says is about rules and tools rather than about a case."""
    end = _END_OF_SENTENCE.search(reading.low, name.end, name.end + 200)
    return (
        _RULES.search(reading.low, max(0, name.start - 60), (end.start() if end else name.end + 200) + 30) is not None
    )


def _is_about(reading: Reading, name: Name) -> bool:
    """Whether a matter is named as the person's: "Bewerbung von Kollegin Weber", "Zeugnis für unseren Azubi Finn"."""
    words = reading.tokens[max(0, name.first - 4) : name.first]
    for matter, link in pairwise(words):
        if link.key in _LINKS and is_detail(matter, "thema") and not matter.key.startswith(_OWN_WORKS):
            return True
    return False


def _speaks_of_themselves(reading: Reading, name: Name, role: bool) -> bool:
    """Whether a cited person is also concerned: "Frau Kaya sagt, ihr Antrag …", "es heißt, Herr Busch sei krank"."""
    opinion = _OPINION_AFTER.match(reading.low, name.end)
    heard = opinion.end() if opinion else name.end
    if _IS_SAID_TO_BE.match(reading.low, name.end) and _strong_between(reading, name.end, name.end + 50):
        return True
    if opinion and _strong_between(reading, name.end, opinion.end() - 1):
        return True
    end = _END_OF_ACCOUNT.search(reading.low, heard, heard + 160)
    until = end.start() if end else heard + 160
    about = _THEMSELVES.search(reading.low, heard, until)
    if about is None:
        return False
    told = reading.between(about.start(), until)
    sections = ("stark",) if role else ("stark", "thema")
    return any(is_detail(token, *sections) for token in told)


def _strong_between(reading: Reading, start: int, end: int) -> bool:
    return any(is_detail(token, "stark") for token in reading.between(start, end))


def _repeated(reading: Reading, cases: Sequence[Name]) -> Iterator[Finding]:
    """Further mentions of a name that was found, so that nothing of it is left after redaction."""
    of_names = (token for name in cases for token in reading.tokens[name.first : name.last + 1])
    words = {token.key for token in of_names if len(token.key) > 3 and token.capital}
    for token in reading.tokens:
        if token.capital and token.key.removesuffix("'s") in words:
            yield Finding("Name", token.start, token.end)


# Birthdays

_BIRTHDAY_GAP = re.compile(r"[\s,;(*]{1,4}")
_BORN_WORDS = frozenset("geb geboren gebohren geborene geborener born am on dob im geburtsdatum".split())


def _birthdays_beside(reading: Reading, names: Sequence[Name]) -> Iterator[Finding]:
    """A date right after a full name is a birthday: ``Leila Haddad, 12.5.92``."""
    for name in names:
        gap = _BIRTHDAY_GAP.match(reading.low, name.end)
        date = DATE.match(reading.low, gap.end()) if gap and name.written is not Written.GIVEN else None
        if date is not None and birth_year(date) in BIRTH_YEARS:
            yield Finding("Geburtsdatum", date.start(), date.end())


def _names_before_birth(reading: Reading, found: Sequence[Finding]) -> Iterator[Finding]:
    """Two capital words before a birthday are a name, however rare: ``Ruprecht Zillinger, geboren am 17.6.1949``."""
    for birth in found:
        if birth.kind != "Geburtsdatum":
            continue
        words = [t for t in reading.between(birth.start - 60, birth.start) if t.key not in _BORN_WORDS][-2:]
        if len(words) < 2 or words[1].start - words[0].end != 1 or birth.start - words[1].end >= 25:
            continue
        if all(t.capital and not is_common(t) and not t.key.startswith("muster") for t in words):
            yield Finding("Name", words[0].start, words[1].end)


# Signatures

_CLOSING = re.compile(
    r"(?:mit (?:den )?(?:freundliche[nm]|besten|herzliche[nm]|lieben) gr(?:ü|ue|u)(?:ß|ss)(?:en)?|hochachtungsvoll|"
    r"(?:freundliche|viele|liebe|beste|schöne|herzliche) gr(?:ü|ue)(?:ß|ss)e|\bm\.?f\.?g\b\.?|\bgru(?:ß|ss)\b|\blg\b|"
    r"\bvg\b|\bregards|yours (?:sincerely|faithfully)|sincerely|best wishes|\bgez\b\.?|unterschrieben)"
)
_END_OF_LETTER = re.compile(r"[ .!?]*(?:\n|$|[\"“”»«])")
_BEFORE_SIGNATURE = frozenset("ihr ihre dein deine dr prof med herr frau i a im auftrag von".split())


def _signatures(reading: Reading, names: Sequence[Name]) -> Iterator[Finding]:
    """The name below a pasted letter: two words after the closing, or one that is a surname or stands last."""
    ends = {name.start: name.end for name in names}
    for closing in _CLOSING.finditer(reading.low):
        tokens = list(reading.between(closing.end(), closing.end() + 60)[:6])
        while tokens and (tokens[0].key in _before_signature() or _is_initial(reading, tokens[0])):
            tokens.pop(0)
        if not tokens or is_common(tokens[0]) or tokens[0].key.startswith("muster"):
            continue
        gap = reading.text[closing.end() : tokens[0].start]
        end = _signature_end(reading, tokens)
        if end is not None and len(gap) <= 25 and not any(c in gap for c in f'?{MASK}"“”«»['):
            yield Finding("Name", tokens[0].start, max(end, ends.get(tokens[0].start, 0)))


@cache
def _before_signature() -> frozenset[str]:
    return _BEFORE_SIGNATURE | keys("personenwoerter", "vorsatz")


def _is_initial(reading: Reading, token: Token) -> bool:
    return len(token.word) == 1 and reading.text[token.end : token.end + 1] == "."


def _signature_end(reading: Reading, tokens: Sequence[Token]) -> int | None:
    """Where a name that begins with the first of ``tokens`` ends; None if it is none."""
    first, second = tokens[0], tokens[1] if len(tokens) > 1 else None
    given = first.within(keys("vornamen", "eindeutig", "nur_gross"))
    if second is not None and 0 < second.start - first.end <= 2 and (given or (first.capital and second.capital)):
        sample = second.key.startswith("muster")
        if not sample and not is_common(second):
            return second.end
    last_word = len(first.word) > 3 and not given and _END_OF_LETTER.match(reading.text, first.end) is not None
    return first.end if last_word or first.within(keys("nachnamen", "eindeutig")) else None


# File numbers

_FILE_NUMBER = re.compile(
    r"\b(az|aktenzeich\w{0,3}|aktennummer|geschäftszeichen|gesch\.?-?z|bg|bg[ -]?n(?:umm|r)\w{0,3}|kassenzeich\w{0,3}|"
    r"kundenn\w{1,6}|kd\.?-?nr|pers\w{0,5}[ .-]{0,2}n(?:umm|u?m|r|o)\w{0,5}|vorgangsn\w{1,6}|fallnummer|debitor\w{0,8}|"
    r"(?:mitarbeiter|beschäftigten|azubi|stamm|matrikel|martikel|schüler|studenten|patienten|versicherten|klienten)"
    r"[ .-]{0,2}n(?:umm|u?m|r|o)\w{0,5}|bedarfsgem\w{0,14}|"
    r"vertragsn\w{1,6}|mitgliedsn\w{1,6}|buchungszeichen|vorgang|reference|case (?:no|number)|personnel (?:no|number)|"
    r"(?:employee|staff|payroll) (?:no|number|id)|pnr)\b[.:# ]{0,3}(?:nr\.?|nummer|number|no\.?|lautet|ist|is)?[.:# ]{0,3}"
    r"([a-z0-9][\w./-]{2,28}(?: [\w./-]{1,12}\d)?|\d{1,3}(?: \d{1,3}){1,5}(?!\w))"
)
_COURT_NUMBER = re.compile(r"(?:[ivx]{1,5}|\d{1,3}) [a-z]{1,5}(?:-\w+)? \d+/\d\d|[ct]-\d+/\d\d|\d+/\d\d$")
_ONE_PERSON_OR_HOUSEHOLD = (
    *(
        "pers",
        "bg",
        "bedarfsgem",
        "employee",
        "staff",
        "payroll",
        "pnr",
        "mitarbeiter",
        "beschäftigten",
        "azubi",
        "stamm",
        "matrikel",
        "martikel",
    ),
    *("schüler", "studenten", "patienten", "versicherten", "klienten"),
)
_CUSTOMER = re.compile(
    r"\b(?:der|des|dem|den|die|zum|zur|vom|ein\w{0,2}) (?:kund|bürger|antragsteller|schuldner|mieter|patient|betroffen)\w{0,5}"
    r"(?: (?:mit|der|die|unter|hat|dessen|deren)){0,3}\W{0,2}$"
)
"""Right before a file number: it is the number of one customer or citizen."""
_EMPLOYEE = ("pers", "employee", "staff", "payroll", "pnr", "mitarbeiter", "beschäftigten", "azubi", "stamm")


def _file_numbers(reading: Reading, named: bool) -> Iterator[Finding]:
    """File and customer numbers beside a name; numbers of employees, pupils and households also alone."""
    for match in _FILE_NUMBER.finditer(reading.low):
        label, number = match.groups()
        if sum(c.isdigit() for c in number) < 3 or _COURT_NUMBER.match(number) or MASK in number:
            continue
        bearer = _bearer(reading, match.end())
        person = label.startswith(_ONE_PERSON_OR_HOUSEHOLD) or _CUSTOMER.search(reading.before(match.start(), 40))
        person = person and not trivial(number)
        if named or person or bearer:
            kind = "Personalnummer" if label.startswith(_EMPLOYEE) else "Aktenzeichen"
            yield Finding(kind, match.start(2), match.end(2))
            yield from bearer


def _bearer(reading: Reading, position: int) -> tuple[Finding, ...]:
    """The name right after a number: ``Kundennummer 448120 Schlottmann``, ``Personalnr. 77120 (Sczepanski)``."""
    tokens = reading.between(position, position + 40)
    if tokens and tokens[0].key in keys("personenwoerter", "bezeichnung") and tokens[0].start - position <= 3:
        position, tokens = tokens[0].end, tokens[1:]
    for token in tokens[:1]:
        known = token.within(keys("nachnamen", "eindeutig", "mehrdeutig"))
        beside = reading.text[position : token.start] in (" ", ", ", " (")
        if beside and len(token.word) > 3 and not is_noun(token) and (token.capital or known):
            return (Finding("Name", token.start, token.end),)
    return ()
