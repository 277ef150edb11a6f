"""Names of natural persons, found in how they are written; whether they matter is decided in ``personal_context``.

A candidate is a title with a surname ("Frau Demirel", "herr lübke"), a first name with a surname, a surname first
("Pawlowski, Mia"), a labelled name ("Bewerberin Adeyemi"), a known surname after an article ("der Müller"), or a first
name alone. Public persons, sample names, institutions and products are left out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from assistant.ask.personal_text import MASK, Reading, Token, keys, word_list


class Written(Enum):
    """How surely it is a name, which decides how much else must be said for it to count.

    Titled and full names are sure; a loose one may be an ordinary word (small letters, unknown surname); a first name
    alone says little about who is meant.
    """

    TITLED = "titled"
    FULL = "full"
    LOOSE = "loose"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Name:
    """A possible person: tokens ``[first, last]``, characters ``[start, end)`` of the reading."""

    written: Written
    first: int
    last: int
    start: int
    end: int


_TITLES = frozenset(
    "herr herrn hern hernn herrrn hr hrn frau frauu fraau fru frua fraeulein familie fam fr her eheleute ehepaar mr mrs ms miss mister mme".split()
)
_UNSURE_TITLES = frozenset({"fr", "her"})
_HOUSEHOLD = frozenset({"familie", "fam"})
_ACADEMIC = frozenset("dr prof med jur phil dipl ing rer nat doktor professor professorin msc ba".split())
_PARTICLES = frozenset("von van de el al ben bin abu di da dos del della le la ten ter freiherr freifrau graf graefin baron".split())
_ARTICLE_PARTICLES = frozenset({"der", "den", "dem"})
_NOT_NAMED = frozenset("eine einer die diese dieser jede jeder als wenn meine seine junge aeltere keine welche manche".split())
_LABELS = frozenset(
    "antragsteller antragstellerin bewerber bewerberin mieter mieterin halter halterin patient patientin schueler schuelerin "
    "nachbar nachbarin anwohner anwohnerin azubi azubine auszubildende auszubildender auszubildenden mitarbeiter mitarbeiterin "
    "kollege kollegin kollegen beschwerdefuehrer beschwerdefuehrerin beschaeftigte beschaeftigter beschaeftigten kunde kundin "
    "klient klientin witwe witwer rentner rentnerin eigentuemer eigentuemerin bewohner bewohnerin betreute betreuter schuldner "
    "schuldnerin praktikant praktikantin angestellte angestellter beamter beamte beamtin hausmeister kassierer kassiererin "
    "amtmann stadtamtfrau stadtamtmann amtsrat amtsraetin stadtinspektor stadtinspektorin sachbearbeiter sachbearbeiterin erzieherin "
    "erzieher gaertner sohn tochter mutter vater kind baby oma opa bruder schwester ehemann ehefrau zeuge zeugin steuerpflichtige "
    "steuerpflichtiger asylbewerber asylbewerberin gefluechtete gefluechteter hundehalter hundehalterin erblasser erblasserin "
    "verstorbene verstorbener leistungsempfaenger leistungsempfaengerin kontoinhaber kontoinhaberin zahlungspflichtige buerger "
    "buergerin absender absenderin einwohner einwohnerin pflegling muendel fahrer fahrerin kraftfahrer reinigungskraft "
    "gastwirt unternehmer landwirt lehrer arzt vermieter handwerker student pensionaer inhaber geschaeftsfuehrer bauherr paechter "
    "investor rechtsanwalt ratsherr ratsherrn ratsfrau stadtverordneter soldat erbe erbin witwe wirt antragst petent petentin kolege kolegin koleg kollegn einwender einwenderin pflegekraft fachkraft kraftfahrerin hausmeisterin "
    "applicant resident tenant employee student pupil client colleague patient neighbour neighbor owner trainee widow".split()
)
_SINGULAR = frozenset("der die dem den des unser unsere unserem unseren unserer mein meine meinem meinen ihr sein the our my".split())
_FORM_LABELS = frozenset("name nachname familienname vorname geburtsname kontoinhaber betreff absender".split())
_BEFORE_SURNAME = frozenset(
    "der die dem den des vom beim von fuer an gegen wegen bei herrn fall akte vorgang sache antrag widerspruch beschwerde "
    "betreff bescheid ehepaar geschwister eheleute familie gez".split()
)
_FILE_ENDINGS = ("antrag", "akte", "bescheid", "fall", "vorschuss", "beschwerde", "geld", "sache", "vorgang", "zeugnis")
_BETWEEN = frozenset("alte alten junge jungen kleine kleinen olle dicke liebe netten nette".split())
_NOT_BEFORE = frozenset(
    "sankt st chatbot bot assistent assistentin projekt system software app tool modell programm plattform haus kita strasse "
    "firma verlag unternehmen anbieter hersteller dienstleister heisst namens genannt "
    "haeuser heilige heiliger heiligen klinik schule dienst produkt avatar sprachassistent sprachassistentin "
    "bundeskanzler bundeskanzlerin kanzler kanzlerin bundespraesident praesident praesidentin minister ministerin "
    "ministerpraesident ministerpraesidentin bundesminister bundesministerin papst koenig koenigin kaiser kaiserin kommissar".split()
)
_OFFICE_ENDINGS = (
    "verwaltung", "amt", "buero", "stelle", "team", "stadt", "rat", "kasse", "schule", "dienst", "service", "bereich", "abteilung",
    "beauftragte", "beauftragter", "beauftragten", "leiter", "leiterin", "leitung", "meisterin", "praesidentin", "praesident", "raetin",
    "aerztin", "anwaeltin", "anwalt", "vorsitzende", "vorsitzender", "ministerin", "minister", "ung", "keit", "heit", "schaft", "verordneter",
)  # fmt: skip
_FOREIGN = re.compile(r"[^a-zäöüßéèêàâôîûçA-ZÄÖÜÉÈ'-]")
"""A letter that neither German words nor their usual loan words have."""
_SAMPLE = ("muster", "beispiel", "platzhalter")
_WORK_BEFORE = re.compile(
    r"\b(?:im stil|stil|gemälde|gedichte?|roman|buch|lehrbuch|fachbuch|hörbuch|kommentar|aufsatz|rede|zitat|spruch|lied|song|film|serie|musik|studie|gutachten|biogra\w+|"
    r"denkmal|ausstellung|konzert|lesung|nachruf auf|deepfake|avatar|autor|autorin|dichter|komponist|maler|künstler|künstlerin|schriftsteller\w{0,2}|sängerin|sänger|"
    r"schauspieler\w{0,2}|politiker\w{0,2}|style|poem|novel|book|speech|song|voice|stimme|liest|spricht|werk\w{0,2}|märchen|theaterstück|namensgeber\w{0,2}|ehrenbürger\w{0,2})"
    r"(?:\W{1,4}[\w'’-]{1,25}){0,2}?(?:\W{1,4}(?:von|of|by|about|über|zu|des|der|auf|prof|dr|in|heute|abend|hier))*\W{1,4}$|\bnach$"
)
_WORK_AFTER = re.compile(
    r"\W{0,3}(?:\(\D{0,3}1[0-9]\d\d\W|,? ?(?:stgb|bgb|vwvfg|gg|dsgvo|ds-gvo)\b|,? in: |,? (?:allgemeines |das )?\w{0,12}recht,|\S{0,20},? \d+\. aufl|liest|"
    r"stellt (?:im museum )?aus|benannt|singt|schrieb|malte|dichtete)"
)
_COMPANY_AFTER = re.compile(r"(?: ?&|(?: [\w-]{1,20}){0,2} (?:gmbh|kg|ag|ohg|ug|e\.? ?k|mbh|ltd|inc|und söhne)\b)")


def find_names(reading: Reading) -> tuple[Name, ...]:
    """All candidates in order, none within another."""
    found: list[Name] = []
    index = 0
    while index < len(reading.tokens):
        name = _name_at(reading, index)
        if name is not None and not _is_nobody(reading, name):
            found.append(name)
        index = name.last + 1 if name is not None else index + 1
    return tuple(found)


def _name_at(reading: Reading, index: int) -> Name | None:
    """The candidate that begins with token ``index``; the first way of writing that fits decides."""
    return (
        _titled(reading, index)
        or _labelled(reading, index)
        or _reversed(reading, index)
        or _full_or_given(reading, index)
        or _surname_in_place(reading, index)
    )


def _build(reading: Reading, written: Written, first: int, last: int) -> Name:
    return Name(written, first, last, reading.tokens[first].start, reading.tokens[last].end)


def _follows(reading: Reading, index: int, between: str = " ") -> Token | None:
    """Token ``index`` if only blanks, and characters of ``between``, separate it from the one before."""
    if not 0 < index < len(reading.tokens):
        return None
    gap = reading.text[reading.tokens[index - 1].end : reading.tokens[index].start]
    return reading.tokens[index] if 0 < len(gap) <= 3 and not gap.strip(between + " ") else None


def is_common(token: Token) -> bool:
    """Whether the word is an ordinary one rather than a name."""
    if token.within(keys("woerter", "klein", "begriff", "amt", "institution")):
        return True
    return token.key.endswith(_OFFICE_ENDINGS) and not token.within(_surnames())


def _surnames() -> frozenset[str]:
    return keys("nachnamen", "eindeutig", "mehrdeutig")


def _known_surname(token: Token) -> bool:
    """Whether the word is a surname and, as written here, nothing else."""
    parts = token.word.split("-")
    if len(parts) == 2 and token.capital:
        return any(Token(p, token_key, 0, 0).within(_surnames()) for p, token_key in zip(parts, token.key.split("-"), strict=False))
    return token.within(keys("nachnamen", "eindeutig"))


def _given(token: Token) -> bool:
    """Whether the word is a first name and, as written here, nothing else."""
    head = token.key.split("-")[0]
    sure = keys("vornamen", "eindeutig")
    if token.within(sure) or (token.capital and token.within(keys("vornamen", "nur_gross"))):
        return True
    tail = token.key.rsplit("-", 1)[-1]
    return "-" in token.key and head in sure and tail in sure


def _surname_like(token: Token) -> bool:
    """Whether the word may be a surname after a title or first name: known, or capital and not an ordinary word."""
    if len(token.word.strip("'-")) < 2:
        return False
    if _known_surname(token):
        return True
    if token.capital:
        return token.within(_surnames()) or not is_common(token)
    return not is_common(token) and len(token.word) >= 3


def _surname_end(reading: Reading, index: int) -> int | None:
    """Index of the last token of a surname that begins at ``index``, over initials and particles; None without."""
    position = index
    while (token := _follows(reading, position, ".:")) is not None and (
        token.key in _PARTICLES
        or (token.key in _ARTICLE_PARTICLES and position > index)
        or (len(token.word) == 1 and token.capital)
    ):
        position += 1
    token = _follows(reading, position, ".")
    if token is None or not _surname_like(token):
        return None
    unsure = position > index and not token.capital and not _known_surname(token)
    return None if unsure and reading.tokens[position - 1].key not in ("al", "el", "abu", "ben") else position


# Title and surname


def _titled(reading: Reading, index: int) -> Name | None:
    title = reading.tokens[index]
    if title.key not in _TITLES or (title.key == "her" and not title.capital and index > 0):
        return None
    first = _skip_offices(reading, index + 1)
    token = _follows(reading, first, ".")
    if token is None or (title.key in _HOUSEHOLD and not token.capital and not _known_surname(token)):
        return None
    sure = token.capital or _known_surname(token) or _given(token)
    if title.key in _UNSURE_TITLES and not (_known_surname(token) or _given(token)):
        following = _follows(reading, first + 1)
        misspelt = title.key == "her" and index == 0 and token.capital and following is not None and not following.capital
        if not misspelt and reading.text[title.end : title.end + 1] != ".":
            return None
        sure = False
    if not sure and index and reading.tokens[index - 1].key in _NOT_NAMED:
        return None
    last = _titled_end(reading, first)
    return None if last is None else _build(reading, Written.TITLED if sure else Written.LOOSE, first, last)


def _skip_offices(reading: Reading, position: int) -> int:
    """The token after academic degrees, offices and "und Frau" that may stand between title and surname."""
    offices = keys("woerter", "amt")
    while (token := _follows(reading, position, ".")) is not None and (
        token.key in _ACADEMIC
        or (token.capital and token.within(offices) and not token.within(_surnames()))
        or _joins_titles(reading, position)
    ):
        position += 1
    return position


def _joins_titles(reading: Reading, position: int) -> bool:
    """Whether token ``position`` is the "und" of "Herr und Frau Kunze"."""
    following = _follows(reading, position + 1)
    return reading.tokens[position].key in ("und", "u", "and") and following is not None and following.key in _TITLES


def _titled_end(reading: Reading, position: int) -> int | None:
    """The last token of one or more names after a title."""
    token = _follows(reading, position, ".")
    if token is None:
        return None
    if len(token.word) == 1:
        following = _follows(reading, position + 1, ".")
        return position + 1 if following is not None and following.capital and _surname_like(following) else None
    end = _surname_end(reading, position)
    if end is None:
        return None
    while (more := _follows(reading, end + 1)) is not None and _continues(reading, end, more):
        end += 1
    particles = _surname_end(reading, end + 1) if _given(reading.tokens[end]) and reading.tokens[end].capital else None
    return end if particles is None else particles


def _continues(reading: Reading, end: int, more: Token) -> bool:
    """Whether ``more`` belongs to the name that so far ends with token ``end``."""
    if _known_surname(more):
        return True
    return more.capital and (_given(more) or (not _known_surname(reading.tokens[end]) and _surname_like(more)))


# Labels and forms


def _labelled(reading: Reading, index: int) -> Name | None:
    label = reading.tokens[index]
    if label.key in _FORM_LABELS:
        return _on_a_form(reading, index)
    woman = label.capital and label.key.endswith("in") and len(label.key) > 5 and index > 0 and reading.tokens[index - 1].key in _SINGULAR
    if label.key not in _LABELS and not woman:
        return None
    first = _follows(reading, index + 1, ":,.")
    if first is None or first.key in _TITLES or is_common(first):
        return None
    if first.key in _PARTICLES and first.capital and (end := _surname_end(reading, index + 1)) is not None:
        given = _follows(reading, end + 1, ",")
        return _build(reading, Written.FULL, index + 1, end + (given is not None and given.capital and not is_common(given)))
    second = _follows(reading, index + 2)
    if first.capital and second is not None and second.capital and _surname_like(second):
        return _build(reading, Written.FULL, index + 1, _surname_end(reading, index + 2) or index + 2)
    end = _surname_end(reading, index + 2) if first.capital and second is not None and second.key in _PARTICLES else None
    if end is not None:
        return _build(reading, Written.FULL, index + 1, end)
    if _given(first) and second is not None and _surname_like(second):
        return None  # read as a first name with surname
    spaced = _follows(reading, index + 1) is not None
    if _given(first) or _known_surname(first) or (first.capital and spaced and _one_person(reading, index)):
        return _build(reading, Written.LOOSE, index + 1, index + 1)
    return None


def _one_person(reading: Reading, index: int) -> bool:
    """Whether the label ``index`` speaks of one person ("der Kollege"), not of several ("Mieter Wohnungen")."""
    return index > 0 and reading.tokens[index - 1].key in _SINGULAR and reading.tokens[index + 1].key[:2] not in ("ki", "it")


def _on_a_form(reading: Reading, index: int) -> Name | None:
    """``Name: Krawinkel``, ``Vorname HELGA``: a colon or capitals after the label."""
    value = _follows(reading, index + 1, ":")
    if value is None or is_common(value) or not value.capital:
        return None
    colon = ":" in reading.text[reading.tokens[index].end : value.start]
    shouted = len(value.word) > 2 and value.word.isupper()
    at_start = re.search(r"(?:^|[\n,;:.(\"„])\s*$", reading.text[: reading.tokens[index].start][-6:]) is not None
    if (colon and at_start) or shouted or _known_surname(value):
        more = _follows(reading, index + 2, ",")
        both = more is not None and more.capital and not is_common(more) and (_given(more) or _known_surname(more))
        return _build(reading, Written.FULL, index + 1, index + 2 if both else index + 1)
    return None


def _reversed(reading: Reading, index: int) -> Name | None:
    """``Pawlowski, Mia`` and ``yilmaz kemal``."""
    surname = reading.tokens[index]
    plain = _follows(reading, index + 1)
    shouted = plain is not None and plain.word.isupper() and surname.word.isupper() and len(surname.word) > 2 and not is_common(surname)
    if plain is not None and _given(plain) and not _given(surname) and (shouted or surname.within(keys("nachnamen", "eindeutig"))):
        following = _follows(reading, index + 2)
        if following is None or not _known_surname(following):
            return _build(reading, Written.FULL, index, index + 1)
    comma = _follows(reading, index + 1, ",")
    if comma is None or plain is not None or not _given(comma):
        return None
    if not (comma.capital and surname.capital):
        after_preposition = index > 0 and reading.tokens[index - 1].key in _BEFORE_SURNAME and not is_common(surname)
        return _build(reading, Written.LOOSE, index, index + 1) if after_preposition else None
    if not (_known_surname(surname) or surname.within(_surnames()) or not is_common(surname)) or _given(surname):
        return None
    if comma.word.isupper() and not surname.word.isupper():
        return None
    rest = reading.text[comma.end : comma.end + 2]
    closed = rest[:1] in ("", ",", ";", ":", ".", ")", "\n", "?", "!") or rest.startswith((" (", " *"))
    return _build(reading, Written.FULL, index, index + 1) if closed or _known_surname(surname) else None


# First names


def _full_or_given(reading: Reading, index: int) -> Name | None:
    token = reading.tokens[index]
    if not _given(token):
        return _rare_given_and_surname(reading, index) or _initial_and_surname(reading, index)
    last = index
    while (more := _follows(reading, last + 1)) is not None and _given(more) and not _known_surname(more):
        last += 1
    end = _surname_end(reading, last + 1)
    if end is not None:
        surname = reading.tokens[end]
        if surname.capital or not token.capital or _known_surname(surname):
            sure = surname.capital or _known_surname(surname)
            double = _follows(reading, end + 1)
            end += double is not None and _known_surname(double)
            return _build(reading, Written.FULL if sure else Written.LOOSE, index, end)
    if last > index:
        return _build(reading, Written.FULL if token.capital else Written.LOOSE, index, last)
    return _given_in_place(reading, index)


def _given_in_place(reading: Reading, index: int) -> Name:
    """A first name alone; said of someone known ("unsere Jessica", "der kleine Taylan"), or beside a full name, it is more."""
    before = reading.tokens[index - 1] if _follows(reading, index) is not None else None
    known = before is not None and (before.key in _SINGULAR or before.key in _BETWEEN or before.key in _LABELS)
    joined = (und := _follows(reading, index + 1)) is not None and und.key in ("und", "u", "and") and index + 2 < len(reading.tokens)
    partner = _full_or_given(reading, index + 2) if joined and _given(reading.tokens[index + 2]) else None
    if partner is not None and partner.written is Written.FULL:
        return _build(reading, Written.FULL, index, index)
    return _build(reading, Written.LOOSE if known else Written.GIVEN, index, index)


def _rare_given_and_surname(reading: Reading, index: int) -> Name | None:
    """A capital word that is no common first name before a surname: known, or written with foreign letters."""
    token, following = reading.tokens[index], _follows(reading, index + 1)
    if following is None or not (token.capital and following.capital) or is_common(token) or is_common(following):
        return None
    if _FOREIGN.search(token.word + following.word) or _given_parts(token):
        return _build(reading, Written.FULL, index, index + 1)
    unsure = token.within(keys("vornamen", "mehrdeutig")) or token.within(keys("vornamen", "nur_gross"))
    foreign = index > 0 and len(token.word) > 2 and not token.key.endswith(("en", "er"))
    if following.within(keys("nachnamen", "eindeutig")) and (unsure or (foreign and not token.within(_surnames()))):
        return _build(reading, Written.FULL if unsure else Written.LOOSE, index, index + 1)
    return None


def _given_parts(token: Token) -> bool:
    """Whether one half of a hyphened word is a first name: ``Anh-Thu``."""
    parts = frozenset(token.key.split("-"))
    return len(parts) == 2 and not parts.isdisjoint(keys("vornamen", "eindeutig", "mehrdeutig"))


def _initial_and_surname(reading: Reading, index: int) -> Name | None:
    """``K. Wiśniewska``."""
    token = reading.tokens[index]
    following = _follows(reading, index + 1, ".")
    if len(token.word) != 1 or not token.capital or following is None or not following.capital:
        return None
    dotted = reading.text[token.end : token.end + 1] == "."
    known = following.within(keys("nachnamen", "eindeutig"))
    return _build(reading, Written.FULL, index, index + 1) if dotted and known else None


def _surname_in_place(reading: Reading, index: int) -> Name | None:
    """A known surname after an article, a preposition or a kind of file: ``der müller``, ``Wohngeldantrag Kaya``."""
    token = reading.tokens[index]
    if not token.within(keys("nachnamen", "eindeutig")) or index == 0:
        return None
    previous = _follows(reading, index, ":.")
    if previous is None:
        return None
    before = reading.tokens[index - 1]
    if before.key in _BETWEEN and index > 1:
        before = reading.tokens[index - 2]
    if before.key in _BEFORE_SURNAME or before.key.endswith(_FILE_ENDINGS):
        return _build(reading, Written.LOOSE, index, index)
    return None


# Who is nobody


@dataclass(frozen=True, slots=True)
class _Public:
    full: frozenset[tuple[str, ...]]
    single: frozenset[str]


def _public() -> _Public:
    full = frozenset(tuple(form.split("_")) for form in keys("bekannte", "voll"))
    return _Public(full, keys("bekannte", "einzeln"))


def _is_nobody(reading: Reading, name: Name) -> bool:
    """Whether the candidate is a sample, a public person, an author, a product or an institution."""
    words = tuple(t.key.removesuffix("'s") for t in reading.tokens[name.first : name.last + 1])
    if any(word.startswith(_SAMPLE) for word in words) or MASK in reading.text[name.start - 1 : name.end + 1]:
        return True
    if reading.text[name.end : name.end + 1] == "-":
        return True
    if words[-1] in ("nn", "xy", "xyz", "doe", "roe") or (name.written is not Written.TITLED and words[-1] in word_list("bekannte")["einzeln"]):
        return True
    if _named_publicly(reading, name):
        return True
    following = _follows(reading, name.last + 1, "-")
    if following is not None and following.within(keys("woerter", "institution")) and following.capital:
        return True
    previous = reading.tokens[name.first - 1] if name.first else None
    if previous is not None and previous.key in _NOT_BEFORE and _follows(reading, name.first, ".") is not None:
        return True
    if _COMPANY_AFTER.match(reading.low, name.end):
        return True
    before = reading.before(name.start, 60)
    return name.written is not Written.TITLED and bool(_WORK_BEFORE.search(before) or _WORK_AFTER.match(reading.low, name.end))


def _named_publicly(reading: Reading, name: Name) -> bool:
    """Whether the name, or it with a word before or after, is that of a known public person."""
    full = _public().full
    tokens = [t.key.removesuffix("'s") for t in reading.tokens[max(0, name.first - 2) : name.last + 4]]
    return any(tuple(tokens[i : i + n]) in full for n in (2, 3, 4) for i in range(min(3, len(tokens) - n + 1)))
