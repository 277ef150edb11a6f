"""Rules that look at more than one place: when a name is a case, and what a name makes of a date or a file number.

A name alone is not always blocked ("Frau Schmidt aus der IT sagt, das geht"). It is blocked together with a detail of
a case: health, benefits, complaints, employment, children, a letter to the person, or another finding. People who are
only cited, in charge or mentioned as colleagues need a detail about themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.ask.personal_births import BIRTH_YEARS, DATE, birth_year
from assistant.ask.personal_candidate import Name, Written
from assistant.ask.personal_files import file_numbers
from assistant.ask.personal_names import find_names
from assistant.ask.personal_signatures import signatures
from assistant.ask.personal_text import Reading
from assistant.ask.personal_words import is_common, is_detail
from assistant.types import Finding


def case_findings(reading: Reading, found: Sequence[Finding]) -> Iterator[Finding]:
    """Findings that need the whole question: names with a case, birthdays and file numbers beside names.

    ``found`` are the findings so far, in characters of the reading like those yielded.
    """
    names = find_names(reading)
    beside = [
        *_birthdays_beside(reading, names),
        *_names_before_birth(reading, found),
        *signatures(reading, names),
        *file_numbers(reading, bool(names)),
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
    r"gemeint|vorgeschlagen|geraten|vertritt die|(?:fragt|wollte wissen|will wissen),? (?:ob wir|ob man|wie wir|welche)|ist der (?:ansicht|meinung|auffassung)|hat recht|says|said|"
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
    r"(?:[\w-]{1,25}\s){0,2}?(?:rpa|dsb|isb|jav|gpr|rechnungsprüf\w*|it|it-\w+|edv|procurement|purchasing|finance|legal|planning|housing|communications|einkauf|vergabe|personal\w+|\w{2,}amt|\w{2,}amte?s|bauhof|fachbereich|referat|sachgebiet|"
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
    r"informier|beteilig|einbezieh|einbind|admin|(?<!ki )(?<!kiste )(?<!modell )(?<!gpt )(?<!bot )\bfragen\b|approv|access|guideline|licen[cs]e|policy"
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


_GROUP_AFTER = re.compile(
    r"\W{0,3}(?:\w{1,20} )?(?:aus|in|von|aus der|in der|von der|der) (?:\w{2,20}(?:gruppe|klasse|kita)|gruppe|klasse|\d{1,2}[a-d])\b"
)
"""A child's group or class after the first name tells which child is meant."""


_AGE_AFTER = re.compile(
    r" ?[,(;] ?(?:gerade |erst )?\d{1,2}(?: jahre| j\.|[,;.)]| und |, )|,? (?:\w{1,10} ){0,2}(?:\d{1,2}|ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf) ?(?:jahre?|j\.|monate)|,? aged? \d"
)


def _is_case(question: _Question, name: Name) -> bool:
    """Whether something is said about this person that the assistant must not be told."""
    role = _has_role(question.reading, name)
    if _is_cited(question.reading, name) and (
        role or name.written is Written.GIVEN or _on_rules(question.reading, name)
    ):
        return _speaks_of_themselves(question.reading, name, role)
    told_apart = _GROUP_AFTER.match(question.reading.low, name.end) or _AGE_AFTER.match(question.reading.low, name.end)
    if name.written in (Written.GIVEN, Written.LOOSE) and told_apart:
        return True
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
