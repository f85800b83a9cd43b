"""What was said of how much, and a variable → operation and value: the only way to a script.

Pure. Here alone is decided what a number means for a variable: by what kind of number it is
(`measures`), its unit, its range and the project's clock.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from agentverse.compiler.measures import measure_of, period_of, point_size, rescaled
from agentverse.compiler.refusals import refuse
from agentverse.compiler.said import SaidAmount
from agentverse.compiler.targets import ANY_CURRENCY, counted_in, money_unit
from agentverse.compiler.vocabulary import has_own_words
from agentverse_engine.inputs.events import EventScript, Operation
from agentverse_engine.inputs.variables import Variable

_PER_YEAR = {"year": 1, "quarter": 4, "month": 12, "week": 52, "day": 365}
_DOLLARS = {"USD", "AUD", "CAD", "$"}
_MINUTES = {"second": Decimal(1) / 60, "minute": Decimal(1), "min": Decimal(1), "hour": Decimal(60)}
_POINTS = {"pp": Decimal(1), "bp": Decimal("0.01"), "points": Decimal(1)}
_BOUNDS: dict[str, Operation] = {"floor": "max", "cap": "min"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    operation: Operation
    value: float
    notes: tuple[str, ...] = ()


def resolve(said: SaidAmount, variable: Variable, *, tick_unit: str) -> Effect:
    """Raises Unmappable with the way out where the number has no one meaning for the variable."""
    if said.complement:
        said = _of_the_rest(said, variable)
    return _checked(_READERS.get(said.unit, _absolute)(said, variable, tick_unit), variable)


def _of_the_rest(said: SaidAmount, variable: Variable) -> SaidAmount:
    """ "Contacts fall by 30 %" is a contact reduction of 30 % where there was none."""
    way_out = f"Say it of {variable.name.replace('_', ' ')}: the share that is taken away."
    if said.unit == "times" and said.number <= 1:
        said = replace(said, unit="fraction", mode="set")
    if said.unit not in ("%", "fraction") or variable.default != 0 or said.per:
        raise refuse("amount_ambiguous", way_out)
    share = said.number / 100 if said.unit == "%" else said.number
    if said.mode == "set":
        share = 1 - share
    elif said.mode == "scale" and said.direction > 0:
        raise refuse("out_of_range", f"More than all is not possible. {way_out}")
    return replace(said, mode="set", unit="%", number=100 * share, of_today=False)


def _removed(variable: Variable) -> Effect:
    if variable.kind != "parameter":
        raise refuse("negated", f"{variable.label.capitalize()} cannot be switched off.")
    note = f"switching off {variable.name} means its lowest value, {variable.minimum:g}"
    return _effect("set", variable.minimum, *((note,) if variable.minimum else ()))


def _effect(operation: Operation, value: Decimal | float, *notes: str) -> Effect:
    return Effect(operation=operation, value=float(value), notes=notes)


def _percentage(said: SaidAmount, variable: Variable, tick_unit: str) -> Effect:
    if said.mode in _BOUNDS:
        raise refuse("amount_vague", "A floor or a cap needs an amount in the variable's unit.")
    share = said.number / 100 if said.unit == "%" else said.number
    if said.mode == "scale":
        return _moved_by_share(said, share, variable)
    if point_size(variable) is not None and not said.of_today:
        return _set_percentage(said, share, variable, tick_unit)
    if said.per:
        raise refuse("recurring", "A change that repeats is not known: say one change and when.")
    if said.mode == "unsaid":
        raise refuse("direction_missing", "Say whether it rises or falls.")
    if share < 0:
        raise refuse("negative_result", "A value below zero is not possible.")
    return _effect("multiply", share)


def _moved_by_share(said: SaidAmount, share: Decimal, variable: Variable) -> Effect:
    if said.per:
        raise refuse("recurring", "A change that repeats is not known: say one change and when.")
    measure = measure_of(variable)
    if measure == "change" and not said.of_today:
        return _effect("add", said.direction * share)
    if said.leans and measure in ("rate", "share"):
        size = point_size(variable) or Decimal(1)
        return _effect("add", said.direction * share * 100 * size, _as_points(said, variable))
    if variable.unit.startswith("%"):
        raise refuse("amount_ambiguous", _points_or_part(said, variable))
    if said.direction < 0 and share > 1:
        raise refuse("percent_over_100", "Nothing can fall by more than 100 %: say 100 % or less.")
    return _effect("multiply", 1 + said.direction * share)


def _as_points(said: SaidAmount, variable: Variable) -> str:
    return f'read "{said.text}" of {variable.name.replace("_", " ")} as percentage points'


def _points_or_part(said: SaidAmount, variable: Variable) -> str:
    number = f"{float(said.number):g}"
    name = variable.name.replace("_", " ")
    return (
        f'"{said.text}" of {name} can mean {number} percentage points or {number} % of today\'s '
        f'{_value(variable)}: say "by {number} percentage points", or the new value, such as '
        f'"{name} is set to 5 %".'
    )


def _set_percentage(said: SaidAmount, share: Decimal, variable: Variable, tick_unit: str) -> Effect:
    name = variable.name.replace("_", " ")
    if measure_of(variable) == "change":
        raise refuse(
            "amount_ambiguous",
            f'Say by how much it changes, such as "{name} rises by 3 %" or "falls by 3 %".',
        )
    if said.unit == "fraction" and variable.default != 0:
        raise refuse(
            "amount_ambiguous",
            f'"{said.text}" can be a part of today\'s value or the new value: say "{name} falls '
            'by 50 %" or "is set to 50 %".',
        )
    value, notes = _per_period(share, said, variable, tick_unit)
    size = point_size(variable) or Decimal(1)
    return _effect("set", value * 100 * size, *notes)


def _per_period(
    value: Decimal, said: SaidAmount, variable: Variable, tick_unit: str
) -> tuple[Decimal, tuple[str, ...]]:
    own = period_of(variable, tick_unit)
    if not said.per or said.per == own:
        return value, ()
    if not own:
        raise refuse("recurring", "A change that repeats is not known: say one change and when.")
    into = rescaled(value, variable, said=said.per, own=own)
    return into, (f'read "{said.text}" as {float(into):.4g} per {own}',)


def _points(said: SaidAmount, variable: Variable, _: str) -> Effect:
    size = point_size(variable)
    points = said.number * _POINTS[said.unit]
    if size is None and said.unit == "points" and measure_of(variable) == "level":
        size = Decimal(1)
    if size is None:
        raise refuse("wrong_unit", 'Say "30 %" of today\'s value, not percentage points.')
    if said.mode == "set":
        return _effect("set", points * size)
    if said.mode != "points" or not said.direction:
        raise refuse("direction_missing", "Say whether it rises or falls by that.")
    return _effect("add", said.direction * points * size)


def _times(said: SaidAmount, variable: Variable, _: str) -> Effect:
    if said.mode in _BOUNDS:
        raise refuse("amount_vague", "A floor or a cap needs an amount in the variable's unit.")
    if measure_of(variable) == "change":
        raise refuse(
            "amount_ambiguous",
            f"{variable.label.capitalize()} is {_value(variable)} now: say by how much it changes, "
            'such as "by 100 %" or "by −50 %".',
        )
    if said.direction < 0 and said.number > 1:
        note = f"read as 1/{said.number:g} of today's value"
        return _effect("multiply", 1 / said.number, note)
    notes = (f"read as {said.number:g} times today's value",) if said.more else ()
    return _effect("multiply", said.number, *notes)


def _absolute(said: SaidAmount, variable: Variable, tick_unit: str) -> Effect:
    """Money, minutes and lone numbers."""
    if said.mode == "remove":
        return _removed(variable)
    number, notes = _in_unit(said, variable, tick_unit)
    if said.mode in _BOUNDS:
        return _effect(_BOUNDS[said.mode], _not_below(number, variable), *notes)
    if said.mode == "set":
        return _effect("set", _not_below(number, variable), *notes)
    if not said.unit and not has_own_words(variable):
        raise refuse("wrong_unit", f"Say {said.number:g} of what: percent or {variable.unit}.")
    if said.mode == "unsaid":
        raise refuse(
            "direction_missing", "Say whether it rises or falls by that, or is the new value."
        )
    return _effect("add", said.direction * number, *notes)


def _in_unit(
    said: SaidAmount, variable: Variable, tick_unit: str
) -> tuple[Decimal, tuple[str, ...]]:
    if not said.unit or tuple(said.unit.split()) == counted_in(variable):
        return _lone(said, variable, tick_unit)
    if said.unit in _MINUTES:
        return _clock(said, variable), ()
    return _money(said, variable)


def _lone(said: SaidAmount, variable: Variable, tick_unit: str) -> tuple[Decimal, tuple[str, ...]]:
    if not has_own_words(variable):
        if said.per:
            raise refuse("wrong_unit", f"{variable.label.capitalize()} is in {variable.unit}.")
        unit = variable.unit
        return said.number, (f"read {said.number} as {said.number} {unit}",)
    size = point_size(variable)
    if size is not None and size != 1 and said.number > 1 and variable.maximum <= 10:
        number = f"{float(said.number):g}"
        raise refuse(
            "out_of_range",
            f"{variable.label.capitalize()} goes from {variable.minimum:g} to "
            f"{variable.maximum:g}: say {number} %, or {float(said.number / 100):g}.",
        )
    return _per_period(said.number, said, variable, tick_unit)


def _money(said: SaidAmount, variable: Variable) -> tuple[Decimal, tuple[str, ...]]:
    currency, period = money_unit(variable.unit)
    same = (
        said.unit in ("*", currency)
        or currency == ANY_CURRENCY
        or (said.unit == "$" and currency in _DOLLARS)
    )
    if not currency or not same:
        raise refuse("wrong_unit", f"{variable.label.capitalize()} is in {variable.unit}.")
    if said.unit == "*" or said.per == period:
        return said.number, ()
    if not period:
        raise refuse(
            "wrong_unit",
            f"{variable.label.capitalize()} is paid once, in {variable.unit}, not per {said.per}.",
        )
    if not said.per:
        note = f"read ${said.number:g} as {said.number:g} {variable.unit}".replace("$", "")
        return said.number, (note,)
    value = said.number * Decimal(_PER_YEAR[said.per]) / Decimal(_PER_YEAR.get(period, 1))
    return value, (f"{said.number:g} per {said.per} is {value:g} per {period}",)


def _clock(said: SaidAmount, variable: Variable) -> Decimal:
    unit = variable.unit.lower().removesuffix("s")
    if unit not in _MINUTES or said.per:
        raise refuse("wrong_unit", f"{variable.label.capitalize()} is in {variable.unit}.")
    return said.number * _MINUTES[said.unit] / _MINUTES[unit]


def _not_below(number: Decimal, variable: Variable) -> Decimal:
    if number < 0 and variable.minimum >= 0:
        raise refuse("negative_result", "A value below zero is not possible.")
    return number


def applied(effect: Effect | EventScript, value: float) -> float:
    """What a value becomes."""
    match effect.operation:
        case "set":
            return effect.value
        case "multiply":
            return value * effect.value
        case "add":
            return value + effect.value
        case "min":
            return min(value, effect.value)
        case "max":
            return max(value, effect.value)


def _checked(effect: Effect, variable: Variable) -> Effect:
    """Whatever the value today is, the effect has to be possible."""
    low, high = variable.minimum, variable.maximum
    if effect.operation == "multiply":
        low, high = 0.0, 1000.0
    elif effect.operation == "add":
        low, high = low - high, high - low
    if not low <= effect.value <= high:
        raise refuse("out_of_range", f"{effect.value:g} is outside what {_allowed(variable)}.")
    return effect


def _allowed(variable: Variable) -> str:
    return f"{variable.label} allows: {variable.minimum:g} to {variable.maximum:g} {variable.unit}"


def _value(variable: Variable) -> str:
    return "value" if variable.default is None else f"{variable.default:g} {variable.unit}"


_READERS: dict[str, Callable[[SaidAmount, Variable, str], Effect]] = {
    "%": _percentage,
    "fraction": _percentage,
    "times": _times,
    "pp": _points,
    "bp": _points,
    "points": _points,
}
