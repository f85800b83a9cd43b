"""Whether a script changes anything from the values of today, and leaves them possible."""

from collections.abc import Sequence

from agentverse.compiler.refusals import Unmappable, refuse
from agentverse.compiler.resolving import applied
from agentverse.compiler.vocabulary import Vocabulary
from agentverse_engine.inputs.events import EventScript
from agentverse_engine.inputs.variables import Variable
from agentverse_engine.packs.availability_variables import FAMILY

_TOLERANCE = 1e-9


def check_from_today(
    script: EventScript, variable: Variable, vocabulary: Vocabulary
) -> tuple[str, ...]:
    """Return what has to be said of it.

    Raises Unmappable for a change of nothing or of nobody, and for one that leaves the range.
    """
    if vocabulary.people and not vocabulary.people.count(script.scope):
        raise refuse(
            "scope_unknown",
            "Nobody among the personas is in all of these groups: name fewer of them, or others.",
        )
    today = vocabulary.today(variable, script.scope)
    if today is None:
        return ()
    _check_sign(script, variable, today)
    after = tuple(applied(script, value) for value in today)
    if all(abs(new - old) <= _TOLERANCE for new, old in zip(after, today, strict=True)):
        raise refuse("nothing_changes", _nothing(script, variable, today))
    outside = [value for value in after if not _within(value, variable)]
    if len(outside) == len(after):
        raise refuse("out_of_range", _outside(variable, outside[0]))
    if not outside:
        return ()
    return (_outside(variable, outside[0]) + " Whoever passes that stays at it.",)


def find_nothing_left(scripts: Sequence[EventScript], vocabulary: Vocabulary) -> str:
    """Why removals together cannot be; "" where everybody keeps something to choose."""
    if vocabulary.people is None or not any(_removes(script, vocabulary) for script in scripts):
        return ""
    count = vocabulary.people.without_choice(scripts)
    if not count:
        return ""
    return (
        f"With this {count:,} personas would have nothing left to choose: keep at least one "
        "alternative for everybody."
    )


def _removes(script: EventScript, vocabulary: Vocabulary) -> bool:
    variable = vocabulary.variable(script.variable)
    return variable is not None and variable.family == FAMILY


def find_no_effect(script: EventScript, vocabulary: Vocabulary) -> str:
    """Why a change changes nothing or cannot be; "" where it does."""
    variable = vocabulary.variable(script.variable)
    if variable is None:
        return ""
    try:
        check_from_today(script, variable, vocabulary)
    except Unmappable as refusal:
        return refusal.problem.message
    return ""


def _outside(variable: Variable, value: float) -> str:
    became = f"{value:.6g} {_unit(variable)}".strip()
    return (
        f"{variable.label.capitalize()} would become {became}: it can be {variable.minimum:g} to "
        f"{variable.maximum:g}."
    )


def _within(value: float, variable: Variable) -> bool:
    return variable.minimum - _TOLERANCE <= value <= variable.maximum + _TOLERANCE


def _check_sign(script: EventScript, variable: Variable, today: tuple[float, float]) -> None:
    if script.operation == "multiply" and min(today) < 0:
        raise refuse(
            "amount_ambiguous",
            f"{variable.label.capitalize()} is below zero now, so a percentage of it says no "
            'direction: say a new value, such as "is set to 1".',
        )


def _nothing(script: EventScript, variable: Variable, today: tuple[float, float]) -> str:
    value = f"{today[0]:g} {_unit(variable)}".strip()
    name = variable.label
    if script.operation == "multiply" and script.value != 1:
        return (
            f"{name.capitalize()} is {value} now, and a part of that changes nothing: say the new "
            f"value, between {variable.minimum:g} and {variable.maximum:g}."
        )
    return f"{name.capitalize()} is {value} now, so this changes nothing."


def _unit(variable: Variable) -> str:
    return "" if variable.unit == "1" else variable.unit
