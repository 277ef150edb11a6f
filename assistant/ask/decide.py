"""Status and verdict from the reading and the matched rules. No language model, no wording.

The order of questions is the function ``decide``: outside? a question about a norm? which rules are applicable? which
of them governs? does the question say that a condition is violated? is a permission really earned? A permission is
the only outcome that has to be earned: it falls if the question names protected data or a tool that is not approved, if
it says that a condition is violated, or if permitting rules and the brake together are not sure enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.ask.match import Match
from assistant.ask.reading import ASKING, NEGATORS, STEERING, Reading
from assistant.corpus.addresses import Address
from assistant.corpus.rules import Guideline
from assistant.types import STRICTNESS, Rule, Status, Verdict

OPEN_DATA = frozenset({"oeffentlich", "intern", "anonym", "platzhalter"})
CLASS_3_OR_4 = frozenset(
    "besondere_kategorien sozialdaten steuerdaten personaldaten meldedaten jugendhilfe berufsgeheimnis angebote "
    "geschaeftsgeheimnis sicherheit intim nichtoeffentliche_sitzung".split()
)
OPEN_TOOLS = frozenset({"freigegeben", "eigenes_modell", "dieser_assistent"})
REPLACED_BY = ("daten:oeffentlich", "daten:anonym")
"""What a follow-up puts in the place of the data asked about before: "and if it is all invented?"."""
VIOLATIONS = ("merkmal:heimlich", "merkmal:ungeprueft", "merkmal:umgehung")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Chosen by cross-validation over the question bank; docs/experiments.md shows the curves."""

    refuse: float = 0.30
    """From this share of the gate for outside and unregulated together there is no answer."""
    surely_inside: float = 0.05
    """Up to this share of the gate a question need not name AI or ask for a permission to be permitted."""
    weak: float = 0.04
    """Below this value the best rule is no answer."""
    unclear: float = 0.10
    """Below this value of the best rule a short question is asked back."""
    also: float = 0.30
    """A further rule applies if its value is at least this share of the best one's and ``also_least``."""
    also_least: float = 0.10
    permit: float = 0.95
    """A permission needs at least this share of permitting rules …"""
    forbidding: float = 0.05
    """… at most this share of forbidding ones …"""
    brake: float = 0.60
    """… and at least this assurance that the question is one that may be permitted."""
    meant: float = 0.5
    """From this value of a permitting rule the question means it, even where its data or tool exclude it."""
    explains: float = 0.5
    """From this share a rule that informs is named beside a norm that was asked about."""
    short: int = 5
    """Words up to which a question counts as short."""
    bare: int = 3
    """Words up to which a question that names nothing is always asked back."""


DEFAULT = Thresholds()


@dataclass(frozen=True, slots=True)
class Decision:
    """Outcome without wording. ``rules`` is governing first; ``readings`` are rule ids to ask back about."""

    status: Status
    verdict: Verdict | None = None
    rules: tuple[str, ...] = ()
    violated: bool = False
    readings: tuple[str, ...] = ()
    why: str = ""


def _protected(reading: Reading) -> frozenset[str]:
    """Data classes the question names that are not open; what it says was taken out does not count."""
    named = reading.keys("daten") - OPEN_DATA
    if any(reading.has(key) for key in NEGATORS):
        named -= {"personenbezogen", "personenliste"}
    if any(reading.has(key) and key not in reading.inherited for key in REPLACED_BY):
        named -= {key.partition(":")[2] for key in reading.inherited}
    return named


def _applies(rule: Rule, reading: Reading) -> bool:
    """A permission applies only if nothing beyond its data and tools is named; any other rule if it is not excluded."""
    if rule.verdict is Verdict.ERLAUBT:
        return _protected(reading) <= rule.data and not (reading.keys("werkzeug") - OPEN_TOOLS - rule.tools)
    return True


def _triggered(rule: Rule, reading: Reading) -> bool:
    """True if the question names data or a tool that this restricting rule is about."""
    return bool(rule.data & _protected(reading)) or bool(rule.tools & (reading.keys("werkzeug") - OPEN_TOOLS))


def _applicable(guideline: Guideline, match: Match, reading: Reading, t: Thresholds) -> list[tuple[Rule, float]]:
    """Applicable rules, best first: the best match, and others close behind it or named by data or tool."""
    by_id = {rule.id: rule for rule in guideline.rules}
    ranked = [(by_id[i], v) for i, v in match.ranked() if i in by_id]
    usable = [(rule, v) for rule, v in ranked if _applies(rule, reading)]
    if not usable:
        return []
    best = usable[0][1]
    chosen = [usable[0]]
    for rule, value in usable[1:8]:
        close = value >= max(t.also * best, t.also_least)
        # What a question names by word needs less of the overall likeness to count.
        named = _triggered(rule, reading) and value >= max(0.12 * best, 0.02) and rule.verdict is not Verdict.ERLAUBT
        if close or named:
            chosen.append((rule, value))
    return chosen


def _govern(
    applicable: Sequence[tuple[Rule, float]], reading: Reading, asks_information: bool
) -> list[tuple[Rule, float]]:
    """Exceptions beat their base rule; then the stricter verdict governs; information only where nothing else applies."""
    ids = {rule.id for rule, _ in applicable}
    class_2_only = not (_protected(reading) & CLASS_3_OR_4)
    beaten = {
        base for rule, value in applicable for base in rule.exception_to
        if base in ids and class_2_only and value >= 0.5 * {r.id: v for r, v in applicable}[base]
    }  # fmt: skip
    left = [(rule, value) for rule, value in applicable if rule.id not in beaten]
    best_rule = left[0][0]
    if best_rule.verdict is Verdict.AUSKUNFT and (asks_information or all(v < 0.5 * left[0][1] for _, v in left[1:])):
        return left
    binding = [item for item in left if item[0].verdict is not Verdict.AUSKUNFT]
    rest = [item for item in left if item[0].verdict is Verdict.AUSKUNFT]
    # The best match stays in front unless a stricter rule applies too.
    binding.sort(key=lambda item: (-STRICTNESS[item[0].verdict], -item[1]))
    return [*binding, *rest]


def _share(guideline: Guideline, match: Match, verdict: Verdict) -> float:
    """Which share of what speaks for any rule speaks for rules of this verdict."""
    speaking = sum(match.values.get(rule.id, 0.0) for rule in guideline.rules if rule.verdict is verdict)
    return speaking / max(sum(match.values.values()), 1e-9)


def _permission_fails(rule: Rule, guideline: Guideline, match: Match, reading: Reading, t: Thresholds) -> str | None:
    """Why a permission is not earned, or None."""
    if _protected(reading) - rule.data:
        return "Die Frage nennt geschützte Daten."
    if reading.keys("werkzeug") - OPEN_TOOLS - rule.tools:
        return "Die Frage nennt ein Werkzeug, das nicht freigegeben ist."
    if any(reading.has(key) for key in VIOLATIONS):
        return "Die Frage sagt, dass eine Grundbedingung nicht eingehalten wird."
    if reading.has("merkmal:einzelfall") and not any(reading.has(key) for key in (*NEGATORS, "merkmal:allgemein")):
        return "Die Frage schildert den Fall eines bestimmten Menschen."
    if reading.has("merkmal:privat"):
        return "Die Frage betrifft Privates."
    if reading.has("merkmal:echter_fall"):
        return "Die Frage handelt von einem wirklichen Fall; Namen wegzulassen genügt meist nicht."
    if _share(guideline, match, Verdict.VERBOTEN) > t.forbidding:
        return "Auch verbietende Regeln kommen in Betracht."
    if _share(guideline, match, Verdict.ERLAUBT) < t.permit:
        return "Strengere Regeln liegen zu nah."
    if match.permission < t.brake:
        return "Die Frage ähnelt Fällen, die Bedingungen haben oder verboten sind."
    return None


def decide(reading: Reading, match: Match, guideline: Guideline, t: Thresholds = DEFAULT) -> Decision:
    """The decision for one reading. Pure; see the module text for the order."""
    asks_law = bool(reading.norms)
    if not guideline.rules and not asks_law:
        return Decision(Status.TEILWEISE, why="Die Leitlinie enthält keine Regeln mit Urteil.")
    if reading.has(STEERING) and not any(reading.has(key) for key in ASKING) and not asks_law:
        return Decision(Status.AUSSERHALB, why="Die Eingabe will den Assistenten steuern und stellt keine Frage.")
    if _orders_work(reading):
        return Decision(Status.AUSSERHALB, why="Das ist ein Arbeitsauftrag, keine Frage nach dem Einsatz von KI.")
    if match.outside + match.unregulated >= t.refuse and not asks_law:
        if match.outside >= match.unregulated:
            return Decision(Status.AUSSERHALB, why="Die Frage handelt nicht vom Einsatz von KI in der Verwaltung.")
        return Decision(Status.NICHT_GEREGELT, why="Der Einsatz ähnelt Fällen, die keine Regel erfasst.")
    if asks_law:  # the gate was not asked, so its doubts must not weaken the rules
        match = match.inside()
    asks_information = _asks_information(reading)
    applicable = _applicable(guideline, match, reading, t)
    if not applicable or applicable[0][1] < t.weak:
        if why := _excluded_permission(guideline, match, reading, t):
            return _without_permission(guideline, match, reading, why, t)
        return _no_rule(reading, match, asks_law, t)
    permission_asked = reading.has("merkmal:erlaubnisfrage") or reading.has("merkmal:pflichtfrage")
    if asks_law and (reading.wants_wording or not permission_asked):
        return Decision(
            Status.BEANTWORTET, Verdict.AUSKUNFT, _about_norms(guideline, match, reading, t),
            why="Gefragt ist, was dort steht.",
        )  # fmt: skip
    governing = _govern(applicable, reading, asks_information)
    rule = governing[0][0]
    if _is_unclear(reading, match, applicable, t):
        return Decision(Status.RUECKFRAGE, readings=_readings(match, guideline), why="Mehrere Lesarten sind möglich.")
    if rule.verdict is Verdict.ERLAUBT:
        return _permission(governing, guideline, match, reading, t)
    explains_only = rule.verdict is Verdict.AUSKUNFT and (asks_information or asks_law)
    violated = rule.verdict is not Verdict.VERBOTEN and not explains_only and any(reading.has(k) for k in VIOLATIONS)
    verdict = Verdict.VERBOTEN if violated else rule.verdict
    return Decision(Status.BEANTWORTET, verdict, _ids(governing), violated)


def _permission(
    governing: Sequence[tuple[Rule, float]], guideline: Guideline, match: Match, reading: Reading, t: Thresholds
) -> Decision:
    """The decision where a permitting rule governs."""
    doubted = match.outside + match.unregulated > t.surely_inside
    if doubted and not (reading.continues or _may_be_about_ai(reading)):
        return Decision(Status.AUSSERHALB, why="Die Frage nennt weder KI noch fragt sie nach einer Erlaubnis.")
    if why := _permission_fails(governing[0][0], guideline, match, reading, t):
        return _without_permission(guideline, match, reading, why, t)
    return Decision(Status.BEANTWORTET, Verdict.ERLAUBT, _ids(governing))


def together(whole: Decision, parts: Sequence[Decision]) -> Decision:
    """The decision on a question that asks several things: what the parts add to the decision on the whole.

    ``parts`` are those that were answered surely. The stricter verdict governs; a part never opens what the whole
    question does not permit, and information asked for besides adds its rule only.
    """
    if whole.status is not Status.BEANTWORTET:
        return whole
    informs = whole.verdict is Verdict.AUSKUNFT
    # The first of the strictest: max keeps the whole question where a part is no stricter.
    leading = whole if informs else max([whole, *parts], key=lambda d: STRICTNESS[d.verdict or Verdict.AUSKUNFT])
    rules = dict.fromkeys([*leading.rules, *whole.rules, *(part.rules[0] for part in parts if part.rules)])
    return replace(leading, rules=tuple(rules))


def _cites(rule: Rule, reading: Reading) -> bool:
    """True if the rule rests on an article that the question names."""
    articles = [Address(a.source, a.parts[:1]).norm for a in reading.norms]
    return any(norm == article or norm.startswith(article + " ") for norm in rule.norms for article in articles)


def _may_be_about_ai(reading: Reading) -> bool:
    named = ("merkmal:ki", "merkmal:erlaubnisfrage")
    return any(reading.has(key) for key in named) or bool(reading.keys("werkzeug"))


def _orders_work(reading: Reading) -> bool:
    """ "Schreib mir eine Einladung": asks for the work itself, not whether AI may do it."""
    asks = any(reading.has(key) for key in ASKING) or reading.has("merkmal:ki") or reading.norms
    return reading.has("merkmal:arbeitsauftrag") and not asks and not reading.keys("werkzeug")


def _about_norms(guideline: Guideline, match: Match, reading: Reading, t: Thresholds) -> tuple[str, ...]:
    """What the guideline says of the norms asked about: rules that rest on them, and the rule that explains the matter."""
    citing = [r.id for r in guideline.rules if _cites(r, reading)]
    best, value = match.ranked()[0] if match.values else ("", 0.0)
    rule = guideline.rule(best)
    explains = rule is not None and rule.verdict is Verdict.AUSKUNFT and value >= t.explains
    ordered = sorted(citing, key=lambda i: -match.values.get(i, 0.0))[:2]
    return tuple(dict.fromkeys([*([best] if explains else []), *ordered]))[:2]


def _ids(rules: Sequence[tuple[Rule, float]]) -> tuple[str, ...]:
    return tuple(rule.id for rule, _ in rules)


def _asks_information(reading: Reading) -> bool:
    return reading.has("merkmal:auskunftsfrage") and not reading.has("merkmal:erlaubnisfrage")


def _no_rule(reading: Reading, match: Match, asks_law: bool, t: Thresholds) -> Decision:
    if asks_law:
        return Decision(Status.BEANTWORTET, Verdict.AUSKUNFT, why="Gefragt ist nach einer Vorschrift.")
    if match.outside >= match.unregulated and not reading.has("merkmal:ki"):
        return Decision(Status.AUSSERHALB, why="Kein Bezug zum Einsatz von KI erkennbar.")
    return Decision(Status.NICHT_GEREGELT, why="Keine Regel passt sicher genug.")


def _is_unclear(reading: Reading, match: Match, applicable: Sequence[tuple[Rule, float]], t: Thresholds) -> bool:
    length = len(reading.alone.split())
    if length > t.short or reading.continues:
        return False
    if length <= t.bare and not any(reading.keys(kind) for kind in ("daten", "handlung", "werkzeug")):
        return reading.has("merkmal:erlaubnisfrage") or reading.has("merkmal:pflichtfrage")
    return applicable[0][1] < t.unclear and len(applicable) > 1


def _readings(match: Match, guideline: Guideline) -> tuple[str, ...]:
    known = {rule.id for rule in guideline.rules}
    return tuple(i for i, _ in match.ranked() if i in known)[:4]


def _excluded_permission(guideline: Guideline, match: Match, reading: Reading, t: Thresholds) -> str | None:
    """Why a permission that the question clearly means does not apply, or None if it means none."""
    best = next(iter(match.ranked()), ("", 0.0))
    rule = guideline.rule(best[0])
    if rule is None or rule.verdict is not Verdict.ERLAUBT or best[1] < t.meant:
        return None
    return _permission_fails(rule, guideline, match, reading, t)


def _without_permission(guideline: Guideline, match: Match, reading: Reading, why: str, t: Thresholds) -> Decision:
    """A permission was not earned: the strictest rule that the question names governs, else the nearest restricting one."""
    by_id = {rule.id: rule for rule in guideline.rules}
    restricting = [
        (by_id[i], v) for i, v in match.ranked()
        if i in by_id and by_id[i].verdict in (Verdict.BEDINGT, Verdict.VERBOTEN)
    ]  # fmt: skip
    named = [(rule, v) for rule, v in restricting if _triggered(rule, reading)]
    violated = any(reading.has(key) for key in VIOLATIONS)
    if named:
        strict = [item for item in named[:3] if item[0].verdict is Verdict.VERBOTEN] or named[:1]
        rule = strict[0][0]
        if violated and rule.verdict is Verdict.BEDINGT:
            return Decision(Status.BEANTWORTET, Verdict.VERBOTEN, (rule.id,), True, why=why)
        return Decision(Status.BEANTWORTET, rule.verdict, (rule.id,), why=why)
    if violated:
        best = match.ranked()[0][0]
        return Decision(Status.BEANTWORTET, Verdict.VERBOTEN, (best,), True, why=why)
    if restricting and restricting[0][1] >= t.also_least:
        return Decision(Status.BEANTWORTET, restricting[0][0].verdict, (restricting[0][0].id,), why=why)
    return Decision(Status.RUECKFRAGE, readings=_readings(match, guideline), why=why)
