"""Names that no list holds, seen by their strange words and by where they stand."""

from __future__ import annotations

import re
from functools import partial

from assistant.ask.personal_candidate import CLOSED, LONGEST, Name, Written, after_a_file, build, follows, is_after
from assistant.ask.personal_strange import adjective_like, is_place, is_strange, is_very_strange, name_like
from assistant.ask.personal_text import Reading, Token, keys
from assistant.ask.personal_words import (
    FOREIGN,
    SHAPED,
    is_common,
    is_detail,
    is_given,
    is_verb_like,
    listed_surname,
    name_word,
    surname_at_all,
    thing_endings,
)

_words = partial(keys, "personenwoerter")
_CASE = frozenset({"fall", "akte"})
_OF_SOMEONE = frozenset(
    "fuer gegen von an bei vom der dem den des die mit herr herrn frau zu kollege kollegin ist war".split()
)
_THE = frozenset("der den dem unser unsere unseren".split())
_NO_NAME_ENDS = tuple(
    "ell lich ig isch bar sam los end ende enden iert ieren ung heit keit strasse str weg platz".split()
)
_INTRODUCED = re.compile(
    r"(?:\bnamens|\bmit (?:vor|nach)?namen?|\bhei(?:ß|ss)t|\bsich als|\bgenannt|\bnamed|\bcalled|\bnennt sich)(?: mit (?:nach|vor)namen)? $"
)
_ROW_BEFORE = re.compile(
    r"(?:anwesend|teilnehm|namen|bewerb|entschuldigt|liste|mitglied|kolleg|kinder|schüler|eingeladen|gäste)[^.?!]{0,80}$"
)
_COURT = re.compile(
    r"\b(?:[lk]g|olg|[oa]?vg|bgh|eugh|bverwg|bverfg|l?ag|bag|bsg|lsg|bfh|urteil|beschluss|entscheidung|rs\.)\b[^?!]{0,50}$"
)
_NUMBERED = re.compile(r"(?:^|\s)\d{1,2}[.)] $")
_CELL_BEFORE = re.compile(r"[,;|]$")
_OF_A_THING = re.compile(
    r"\bki\b|bot\b|assistent|programm|system|modell|roboter|avatar|\btool|software|app\b|maschine|hund\b|katze|figur|maskottchen|kuscheltier|boot|schiff|fahrzeug|stra(?:ß|ss)e|firma|projekt"
)
_PLACE_BEFORE = frozenset("in nach".split())
_VERSUS = re.compile(r" \./\. ")


def rare_given_and_surname(reading: Reading, index: int) -> Name | None:
    """A capital word that is no common first name before a surname: known, or written with foreign letters."""
    token, surname = reading.tokens[index], follows(reading, index + 1)
    if surname is None or not name_word(token) or not name_word(surname) or token.key.endswith(thing_endings()):
        return None
    halves = token.key.split("-")
    double = len(halves) == 2 and not keys("vornamen", "eindeutig", "mehrdeutig").isdisjoint(halves)
    if FOREIGN.search(token.word + surname.word) or double:
        return build(reading, Written.FULL, index, index + 1)
    if not listed_surname(surname):
        return None
    if token.within(keys("vornamen", "mehrdeutig", "nur_gross")):
        return build(reading, Written.FULL, index, index + 1)
    strange = index > 0 and len(token.word) > 2 and not token.key.endswith(("en", "er")) and not surname_at_all(token)
    return build(reading, Written.LOOSE, index, index + 1) if strange else None


def strange_words(reading: Reading, index: int) -> Name | None:
    """Two words written like names of which one is strange: ``Leokadia Pfundstein``, ``für Dinh Van Hoa``."""
    first, second = reading.tokens[index], follows(reading, index + 1)
    if second is None or second.capital != first.capital:
        return None
    if not first.capital:
        return _small_strange_words(reading, index)
    last = index
    while last < index + LONGEST and (more := follows(reading, last + 1)) is not None:
        if not (name_like(more) or (more.key in _words("vorsatz") and _goes_on(reading, last + 2))):
            break
        last += 1
    tokens = reading.tokens[index : last + 1]
    if first.key.endswith(tuple(_words("vorgangsende"))):
        return None
    if last == index or not name_like(first) or is_after(reading, index, _PLACE_BEFORE) or adjective_like(first):
        return None
    strange = sum(is_strange(token) and not surname_at_all(token) for token in tokens)
    given = first.within(keys("vornamen", "mehrdeutig"))
    cell = _CELL_BEFORE.search(reading.before(first.start, 1)) is not None
    if (strange == 0 and not cell) or (not given and is_place(tokens[0])) or is_place(tokens[-1]):
        return None
    sure = strange == len(tokens) or given
    return build(reading, Written.FULL if sure else Written.LOOSE, index, last)


def _goes_on(reading: Reading, index: int) -> bool:
    """Whether a word written like a name stands at ``index``, after a particle."""
    token = follows(reading, index)
    return token is not None and name_like(token)


def _small_strange_words(reading: Reading, index: int) -> Name | None:
    """``der hacki böhmermann``, ``an jost tiggelbeck``: in small letters only where a person is spoken of."""
    first, second = reading.tokens[index], reading.tokens[index + 1]
    if not (is_after(reading, index, _OF_SOMEONE) or (index == 0 and is_told(reading, index + 2))):
        return None
    if second.key.endswith(_NO_NAME_ENDS) or first.key.endswith(_NO_NAME_ENDS):
        return None
    if is_given(second):
        return None
    if not is_very_strange(second) or not (is_very_strange(first) or first.within(keys("vornamen", "mehrdeutig"))):
        return None
    return None if is_place(first) or is_place(second) else build(reading, Written.LOOSE, index, index + 1)


def is_told(reading: Reading, index: int) -> bool:
    """Whether the verb of something told about a person stands at ``index``."""
    verb = follows(reading, index)
    return verb is not None and verb.key in _words("zeitwort")


def initial_and_surname(reading: Reading, index: int) -> Name | None:
    """``K. Wiśniewska``, ``N. Gärtner-Hollmann``."""
    token, surname = reading.tokens[index], follows(reading, index + 1, ".")
    if len(token.word) != 1 or not token.capital or surname is None or not surname.capital:
        return None
    if reading.text[token.end : token.end + 1] != "." or is_place(surname):
        return None
    if is_given(surname):
        return None
    strange = is_strange(surname) and name_like(surname) and len(surname.word) > 3 and token.word not in "IVX"
    return build(reading, Written.FULL, index, index + 1) if strange or listed_surname(surname) else None


def household(reading: Reading, index: int) -> Name | None:
    """``die wagners von nebenan``, ``bei den Brinkmanns``: a surname in the plural after an article."""
    token, following = reading.tokens[index], follows(reading, index + 1)
    if not token.key.endswith("s") or not is_after(reading, index, frozenset({"die", "den", "bei"})):
        return None
    if not any(token.key[:-1] in keys("nachnamen", section) for section in ("eindeutig", "mehrdeutig")):
        return None
    plural = following is not None and following.key in _words("mehrzahl")
    return build(reading, Written.LOOSE, index, index) if plural and not _ordinary_plural(token) else None


def _ordinary_plural(token: Token) -> bool:
    return token.within(keys("woerter", "klein", "begriff"))


def small_and_strange(reading: Reading, index: int) -> Name | None:
    """``der sahin hat``, ``von schröttke``: a small word that is no mistyped one, where a person is told of."""
    token = reading.tokens[index]
    if token.capital or follows(reading, index) is None or len(token.word) < 4 or not is_very_strange(token):
        return None
    told = is_told(reading, index + 1)
    if (
        not (told and is_after(reading, index, _THE))
        or is_place(token)
        or token.key.endswith(("er", "en", "te", *_NO_NAME_ENDS))
    ):
        return None
    return build(reading, Written.LOOSE, index, index)


def surname_in_place(reading: Reading, index: int) -> Name | None:
    """A known surname after an article, a preposition or a kind of file: ``der müller``, ``Wohngeldantrag Kaya``."""
    token = reading.tokens[index]
    if _opposed(reading, index):
        return build(reading, Written.FULL, index, index)
    numbered = _NUMBERED.search(reading.before(token.start, 5)) is not None and CLOSED.match(reading.text, token.end)
    if numbered and name_like(token) and (listed_surname(token) or is_strange(token)):
        return build(reading, Written.LOOSE, index, index)
    if follows(reading, index, ":.") is None:
        return None
    shaped = SHAPED.search(token.key) and not is_common(token) and not _typing_mistake(token)
    closed = CLOSED.match(reading.text, token.end) is not None
    only_case = _after_a_matter(reading, index, closed) and name_like(token) and is_strange(token)
    if not (listed_surname(token) or shaped or only_case) or _qualifies(reading, index):
        return None
    place = index - 2 if is_after(reading, index, _words("zwischen")) and index > 1 else index - 1
    fits = reading.tokens[place].key in _words("vor_nachname") or after_a_file(reading, place + 1)
    return build(reading, Written.LOOSE, index, index) if fits else None


def _qualifies(reading: Reading, index: int) -> bool:
    """Whether a small word belongs to a thing named after it: ``den tonn brennofen``."""
    token, following = reading.tokens[index], follows(reading, index + 1)
    if token.capital or following is None or following.capital:
        return False
    return not (is_verb_like(following) or is_given(following) or is_detail(following, "stark", "thema"))


def _typing_mistake(token: Token) -> bool:
    """Whether it is a place with a doubled last letter: ``bauhoff``."""
    return token.key[-1] == token.key[-2] and token.key[:-1] in keys("strassen", "nie")


def _opposed(reading: Reading, index: int) -> bool:
    """Whether it is a party of a dispute: ``Krüger ./. Stadt``, ``Piontek gegen Wallrabenstein``."""
    token = reading.tokens[index]
    if _COURT.search(reading.before(token.start, 60)):
        return False
    if _VERSUS.match(reading.text, token.end) or reading.before(token.start, 5) == " ./. ":
        return name_word(token)
    following, before = follows(reading, index + 1), follows(reading, index)
    other = follows(reading, index + 2) if following is not None and following.key == "gegen" else None
    if other is None and before is not None and before.key == "gegen" and index > 1:
        other = reading.tokens[index - 2]
    return other is not None and all(name_like(t) and is_strange(t) and not is_place(t) for t in (token, other))


def _after_a_matter(reading: Reading, index: int, closed: bool) -> bool:
    """Whether the word before is a case or a kind of procedure that is named after people: ``Betreuungssache``."""
    if index == 0:
        return False
    return (closed and is_after(reading, index, _CASE)) or reading.tokens[index - 1].key.endswith(("sache", "sachen"))


def introduced(reading: Reading, index: int) -> Name | None:
    """``namens Gutjahr``, ``sie heißt Kunold``: a word like a name after one that introduces it."""
    token = reading.tokens[index]
    if (
        not name_like(token)
        or _OF_A_THING.search(reading.before(token.start, 60))
        or not _INTRODUCED.search(reading.before(token.start, 30))
    ):
        return None
    return build(reading, Written.LOOSE, index, index)


def enumerated(reading: Reading, index: int) -> Name | None:
    """``Anwesend: Strotmann, Uhlenbrock, Yeboah``: strange words in a row with commas."""
    token = reading.tokens[index]
    if not (name_like(token) and is_strange(token)) or is_place(token):
        return None
    if not _ROW_BEFORE.search(reading.before(token.start, 90)):
        return None
    others = [follows(reading, i, ",;/") for i in (index + 1, index + 2)]
    if follows(reading, index + 1) is not None or any(o is None or not name_like(o) or is_place(o) for o in others[:1]):
        return None
    other = others[0]
    return build(reading, Written.LOOSE, index, index) if other is not None and is_strange(other) else None
