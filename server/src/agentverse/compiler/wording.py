"""Event scripts in plain words: the one place that says what a script does.

`label` is the short form that the compiler writes into a script: part of a scenario's digest, so
its words never change. `sentence` is what people read of a script of any origin.
"""

import math
from collections.abc import Mapping, Sequence

from agentverse.compiler.vocabulary import Vocabulary
from agentverse_engine.inputs.events import EventScript, Scope
from agentverse_engine.inputs.variables import Variable
from agentverse_engine.packs.availability_variables import FAMILY

MINUS = "−"
# Longer labels explain a variable; in a sentence its name reads better.
LABEL_WORDS = 4


def label(script: EventScript, vocabulary: Vocabulary) -> str:
    """For example “installation cost of heat pump × 0.7 from month 6 in valley”."""
    variable = vocabulary.variable(script.variable)
    name = variable.label if variable else script.variable
    unit = variable.unit if variable and variable.unit != "1" else ""
    scope = script.scope
    parts = (
        name,
        _operation(script, unit),
        _ticks(scope, vocabulary.tick_unit),
        _group("in", [vocabulary.regions[region][0] for region in scope.regions]),
        _group("for", [vocabulary.segments[segment][0] for segment in scope.segments]),
    )
    return " ".join(part for part in parts if part)


def called(variable: Variable) -> str:
    """What sentences call a variable: its label, or its name where the label explains it."""
    if variable.alternative is not None or len(variable.label.split()) <= LABEL_WORDS:
        return variable.label
    return variable.name.replace("_", " ")


def change(script: EventScript, variable: Variable) -> str:
    """What happens to the variable: “installation cost of heat pump −30 %”."""
    name = called(variable)
    if variable.family == FAMILY and script.operation == "set" and script.value in (0, 1):
        return f"{name.removeprefix('availability of ')} {'' if script.value else 'not '}available"
    if script.operation == "multiply":
        return f"{name} {signed(100 * (script.value - 1), None)} %"
    if script.operation == "add":
        return f"{name} {_with_sign(script.value, _step(script.value, variable.unit))}"
    words = {"set": "set to", "min": "at most", "max": "at least"}
    return f"{name} {words[script.operation]} {_amount(script.value, variable.unit)}"


def sentence(
    script: EventScript,
    variable: Variable,
    *,
    names: Mapping[str, str],
    tick_unit: str,
    horizon: int,
) -> str:
    """A script in plain words: what, for whom, when, how. names: labels of what it names."""
    parts = [
        change(script, variable),
        _who(script, names),
        _period(script, tick_unit, horizon),
        *_manner(script, names, tick_unit),
    ]
    return ", ".join(parts)


def short(sentence: str) -> str:
    """A script's sentence without the words that say nothing is left out."""
    return sentence.replace(", for everyone", "").removesuffix(", all the time")


def node_label(sentences: Sequence[str]) -> str:
    """What a node is called that has no label of its own: its scripts, shortened."""
    return "; ".join(short(sentence) for sentence in sentences)


def composition(earlier: Sequence[str]) -> str:
    """What a node says of inherited changes of the same variables."""
    return (
        f"Applied after what it starts from, which already has: {'; '.join(earlier)}. Where both "
        "act, the later change works on the result of the earlier."
    )


def contradiction(sentences: Sequence[str]) -> str:
    """What people read of two scripts, by their sentences, that cannot both be meant."""
    first, second = sentences
    return (
        f"“{first}” and “{second}” cannot both hold at the same time for the same people: keep "
        "one, or give them separate times, regions or segments."
    )


def listing(parts: Sequence[str]) -> str:
    """a, b and c."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def preposition(unit: str) -> str:
    """On a day, in anything longer."""
    return "on" if unit == "day" else "in"


def _operation(script: EventScript, unit: str) -> str:
    value = f"{abs(script.value):g}"
    if script.operation == "multiply":
        return f"× {value}"
    sign = MINUS if script.value < 0 else "+"
    words = {"add": sign, "set": "=", "min": "at most", "max": "at least"}
    return f"{words[script.operation]} {value} {unit}".strip()


def _ticks(scope: Scope, unit: str) -> str:
    if scope.end_tick is not None and scope.start_tick == scope.end_tick:
        return f"in {unit} {scope.start_tick}"
    parts = [f"from {unit} {scope.start_tick}"] if scope.start_tick else []
    parts += [f"until {unit} {scope.end_tick}"] if scope.end_tick is not None else []
    return " ".join(parts)


def _group(preposition: str, labels: Sequence[str]) -> str:
    return f"{preposition} {', '.join(labels)}" if labels else ""


def who(scope: Scope, names: Mapping[str, str]) -> str:
    """Whom a scope's groups are: “for low income in the valley”, “for everyone”."""
    parts = [listing([names.get(name, name) for name in scope.segments])] if scope.segments else []
    if scope.regions:
        parts.append(f"in {listing([names.get(name, name) for name in scope.regions])}")
    return f"for {' '.join(parts)}" if scope.segments else " ".join(parts) or "for everyone"


def _who(script: EventScript, names: Mapping[str, str]) -> str:
    group = who(script.scope, names)
    return f"{_named_personas(script) or group}{_whose(script, names)}"


def _named_personas(script: EventScript) -> str:
    """Single personas; a group besides narrows them further."""
    count = len(script.scope.personas)
    if not count:
        return ""
    narrowed = " of the groups named" if script.scope.segments or script.scope.regions else ""
    return f"for {count:,} named persona{'s' if count > 1 else ''}{narrowed}"


def _whose(script: EventScript, names: Mapping[str, str]) -> str:
    tests = [
        f"{names.get(item.attribute, item.attribute)} {item.comparison} {item.value:,.10g}"
        for item in script.scope.where
    ]
    return f" whose {listing(tests)}" if tests else ""


def _manner(script: EventScript, names: Mapping[str, str], unit: str) -> list[str]:
    """Intensity over time, condition, chance and bundle; nothing where they are the plain ones."""
    condition = script.condition
    parts = [_fading(script, unit)]
    if condition is not None:
        outcome = names.get(condition.outcome, condition.outcome)
        when = "once" if condition.hold == "once" else "while"
        parts.append(f"{when} {outcome} {condition.comparison} {condition.value:g}")
    if script.probability < 1:
        parts.append(f"with a chance of {100 * script.probability:g} %")
    if script.bundle:
        parts.append(f"together with all of “{script.bundle}”")
    return [text for text in parts if text]


def _fading(script: EventScript, unit: str) -> str:
    profile = script.intensity
    if profile.kind == "linear_decay":
        return f"fading out over {profile.duration_ticks} {unit}s"
    if profile.kind == "exponential_decay":
        return f"halving every {profile.half_life_ticks:g} {unit}s"
    if profile.kind == "lagged":
        return f"building up over {profile.lag_ticks} {unit}s"
    return f"at {len(profile.values)} given strengths" if profile.kind == "custom" else ""


def _period(script: EventScript, unit: str, horizon: int) -> str:
    start, end = script.scope.start_tick, script.scope.end_tick
    pulse = script.intensity.duration_ticks if script.intensity.kind == "pulse" else 1
    if script.intensity.kind == "pulse" and pulse is not None and pulse > 1:
        return f"for {pulse} {unit}s from {unit} {max(start, 1)}"
    if script.intensity.kind in ("pulse", "instantaneous") or start == end:
        return f"{preposition(unit)} {unit} {start} only"
    if end is None or end >= horizon:
        return "all the time" if start <= 1 else f"from {unit} {start}"
    return f"from {unit} {max(start, 1)} to {end}"


def _amount(value: float, unit: str) -> str:
    if unit == "share":
        return _amount(100 * value, "%")
    number = f"{abs(value):,.10g}"
    sign = MINUS if value < 0 else ""
    if unit.startswith("USD"):
        return f"{sign}${number}{unit.removeprefix('USD').replace('/', ' per ')}"
    # Whoever knows an index knows where it started.
    return (
        f"{sign}{number}" if unit == "1" or unit.startswith("index") else f"{sign}{number} {unit}"
    )


def _step(value: float, unit: str) -> str:
    """By how much something moves: percentages by points, so that +1 % means one thing only."""
    if unit == "share":
        return _amount(100 * value, "pp")
    return _amount(value, "pp" if unit.startswith("%") else unit)


def _with_sign(value: float, amount: str) -> str:
    return amount if value < 0 else f"+{amount}"


def signed(value: float, digits: int | None) -> str:
    size = f"{abs(value):.6g}" if digits is None else f"{abs(value):.{digits}f}"
    if math.isclose(float(size), 0.0):
        return size
    return f"{MINUS if value < 0 else '+'}{size}"
