"""Names of natural persons, found in how they are written; whether they matter is decided in ``personal_context``.

A candidate is a title with a surname ("Frau Demirel", "herr lübke"), a first name with a surname, a surname first
("Pawlowski, Mia"), a name after a label ("Bewerberin Adeyemi"), a known surname after an article ("der Müller"), or a
first name alone. Who is nobody concerned (``personal_nobody``) is left out here. The word lists are in ``daten/``; what is not in them is a name only beside something that is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from assistant.ask.personal_candidate import LONGEST, Name, Written, build, follows, is_after, surname_end
from assistant.ask.personal_labels import (
    doctor,
    labelled,
    on_a_form,
    says_something,
    surname_comma_given,
    surname_first,
)
from assistant.ask.personal_nobody import is_nobody
from assistant.ask.personal_strange import is_strange, is_very_strange
from assistant.ask.personal_text import Reading, Token, keys
from assistant.ask.personal_unlisted import (
    enumerated,
    household,
    initial_and_surname,
    introduced,
    rare_given_and_surname,
    small_and_strange,
    strange_words,
    surname_in_place,
)
from assistant.ask.personal_words import (
    SHAPED,
    is_common,
    is_given,
    is_noun,
    known_surname,
    name_word,
    surname_at_all,
    surname_like,
)

_words = partial(keys, "personenwoerter")
_AND = frozenset({"und", "u", "and"})
_UNSURE_TITLES = frozenset({"fr", "her"})  # also "freitag" and a word of English and of German
_HOUSEHOLD = ("familie", "fam", "ehepaar", "eheleute")  # also words for any of them
_SURE_TITLES = frozenset({"herr", "hr", "frau"})
_ANY = frozenset("bestimmte bestimmten eine einer jede jeder keine keiner manche welche welcher wenn".split())
_THE = frozenset("der die diese dieser das den dem ihre ihrer unsere".split())


def find_names(reading: Reading) -> tuple[Name, ...]:
    """All candidates in order, none within another."""
    found: list[Name] = []
    index = 0
    while index < len(reading.tokens):
        name = next((name for way in _WAYS if (name := way(reading, index)) is not None), None)
        if name is not None and not is_nobody(reading, name):
            found.append(name)
        index = index + 1 if name is None else name.last + 1
    return tuple(found)


# Surnames


# Title and surname


def _titled(reading: Reading, index: int) -> Name | None:
    """``Frau Dr. Demirel``, ``herr lübke``, ``Familie Ntumba``, ``Herr und Frau Kunze``."""
    title = reading.tokens[index]
    if title.key not in _words("anrede") and not title.key.endswith("familie"):
        return None
    first = _skip_offices(reading, index + 1)
    token = follows(reading, first, ".")
    if token is None:
        return None
    dutch = token.key in {"van", "ten", "ter", "el", "al"} and title.key in _SURE_TITLES
    known = known_surname(token) or is_given(token) or dutch
    sure = (token.capital or known) and (title.key not in _UNSURE_TITLES or known)
    shaped = title.key not in _UNSURE_TITLES and SHAPED.search(token.key) is not None and not is_common(token)
    strange = is_very_strange(token) and not (title.key in _UNSURE_TITLES or token.key.endswith(("t", "en")))
    sure = (
        sure
        or shaped
        or (strange and not is_after(reading, index, _words("unbestimmt") - _THE))
        or (title.key in _SURE_TITLES and says_something(reading, first))
    )
    if not sure and not _may_be_titled(reading, index, first):
        return None
    if title.key.endswith(_HOUSEHOLD) and not _of_a_household(reading, index, token):
        return None
    last = _titled_end(reading, first)
    return None if last is None else build(reading, Written.TITLED if sure else Written.LOOSE, first, last)


def _of_a_household(reading: Reading, index: int, token: Token) -> bool:
    """Whether a name follows "Familie" or "Ehepaar": not "eine Familie Kinderzuschlag", "hat die Familie Anspruch"."""
    if known_surname(token) or (not token.capital and is_very_strange(token)):
        return True
    if not token.capital or is_after(reading, index, _ANY):
        return False
    return not (is_after(reading, index, _THE) and is_noun(token))


def _may_be_titled(reading: Reading, index: int, first: int) -> bool:
    """Whether an unsure title ("fr.", "her") or a small unknown word after one can still be meant as a name."""
    title, token = reading.tokens[index], reading.tokens[first]
    if (
        title.key == "her"
        and (index == 0 or is_after(reading, index, _THE))
        and (is_very_strange(token) or "-" in token.word)
    ):
        return True
    if title.key == "her" and not SHAPED.search(token.key):
        following = follows(reading, first + 1)
        return index == 0 and token.capital and following is not None and not following.capital
    if title.key == "fr" and reading.text[title.end : title.end + 1] != ".":
        return title.capital and token.capital and is_after(reading, index, _words("vor_nachname"))
    return not is_after(reading, index, _words("unbestimmt"))


def _skip_offices(reading: Reading, position: int) -> int:
    """The token after academic degrees, offices and "und Frau" that may stand between title and surname."""
    offices = keys("woerter", "amt")
    for index in range(position, position + LONGEST):
        token = follows(reading, index, ".")
        if token is None:
            return index
        office = token.capital and token.within(offices) and not surname_at_all(token)
        following = follows(reading, index + 1)
        joins = token.key in _AND and following is not None and following.key in _words("anrede")
        if not (office or joins or token.key in _words("grad")):
            return index
    return position


def _titled_end(reading: Reading, position: int) -> int | None:
    """The last token of one or more names after a title."""
    if len(reading.tokens[position].word) == 1:
        following = follows(reading, position + 1, ".")
        return position + 1 if following is not None and following.capital and surname_like(following) else None
    end = surname_end(reading, position)
    if end is None and reading.tokens[position].key in {"van", "ten", "ter", "el", "al"}:
        parts = [follows(reading, i) for i in (position + 1, position + 2)]
        article = parts[0] is not None and parts[0].key in {"den", "der", "de", "het"}
        return position + 1 + (article and parts[1] is not None) if parts[0] is not None else None
    if end is None:
        return None
    while (more := follows(reading, end + 1)) is not None and end < position + LONGEST:
        open_ended = not known_surname(reading.tokens[end]) and surname_like(more) and is_strange(more)
        if not (known_surname(more) or (more.capital and (is_given(more) or open_ended))):
            break
        end += 1
    after = follows(reading, end + 1)
    if after is not None and is_given(reading.tokens[end]) and is_very_strange(after) and not _verb_ending(after):
        return end + 1
    noble = surname_end(reading, end + 1) if reading.tokens[end].capital and is_given(reading.tokens[end]) else None
    return end if noble is None else noble


# First names


def _full(reading: Reading, index: int) -> Name | None:
    """``Sandra Hoffmeister``, ``jörg tietz``, ``Fatima El Amrani``, ``Hans Joachim``."""
    token = reading.tokens[index]
    if not is_given(token):
        return None
    last = index
    while (more := follows(reading, last + 1)) is not None and last < index + LONGEST:
        if not is_given(more) or known_surname(more):
            break
        last += 1
    end = surname_end(reading, last + 1)
    if end is None or not _fits_given(token, reading.tokens[end]):
        return build(reading, Written.FULL if token.capital else Written.LOOSE, index, last) if last > index else None
    surname = reading.tokens[end]
    sure = surname.capital or known_surname(surname) or (is_very_strange(surname) and not _verb_ending(surname))
    double = follows(reading, end + 1)
    end += double is not None and (known_surname(double) or (sure and name_word(double) and not is_noun(double)))
    return build(reading, Written.FULL if sure else Written.LOOSE, index, end)


def _in_the_open(reading: Reading, index: int) -> bool:
    """Whether it is a place after all: ``auf der Heide``, ``im Jasmin``."""
    article = index > 1 and reading.tokens[index - 1].key in _THE and reading.tokens[index].key.endswith(("e", "a"))
    return article and reading.tokens[index - 2].key in {"auf", "in", "an", "hinter", "unter", "vor"}


def _verb_ending(token: Token) -> bool:
    return token.key.endswith(("t", "en", "te", "ig", "lich", "isch"))


def _fits_given(given: Token, surname: Token) -> bool:
    """Whether given name and surname are written alike: not ``Emma reinwerfen``, not ``lasse Beiträge``."""
    if given.capital == surname.capital or known_surname(surname):
        return True
    return surname.capital and not is_noun(surname)


def _given_alone(reading: Reading, index: int) -> Name | None:
    """``Emre``; said of someone known ("unsere Jessica", "Ekkehard und Sigrun Maybach") it is more than loose talk."""
    if not is_given(reading.tokens[index]) or _in_the_open(reading, index):
        return None
    joined = (word := follows(reading, index + 1)) is not None and word.key in _AND
    partner = _full(reading, index + 2) if joined and index + 2 < len(reading.tokens) else None
    if partner is not None and partner.written is Written.FULL:
        return build(reading, Written.FULL, index, index)
    other = reading.tokens[index + 2] if joined and index + 2 < len(reading.tokens) else None
    listed = follows(reading, index + 1, ",") if follows(reading, index + 1) is None else None
    couple = (other is not None and is_given(other)) or (listed is not None and is_given(listed))
    known = _words("bestimmt", "zwischen", "bezeichnung")
    beside = follows(reading, index) is not None and is_after(reading, index, known)
    return build(reading, Written.LOOSE if beside or couple else Written.GIVEN, index, index)


_WAYS: tuple[Callable[[Reading, int], Name | None], ...] = (
    _titled,
    on_a_form,
    labelled,
    doctor,
    surname_first,
    surname_comma_given,
    _full,
    introduced,
    _given_alone,
    rare_given_and_surname,
    small_and_strange,
    strange_words,
    initial_and_surname,
    surname_in_place,
    household,
    small_and_strange,
    enumerated,
)
"""The ways of writing a name; the first that fits at a word decides."""
