"""What kind of number a variable is, which decides what a percentage of it can mean."""

from decimal import Decimal
from typing import Literal

from agentverse.compiler.targets import money_unit
from agentverse_engine.inputs.variables import Variable

# level: an amount or an index; rate, share: percentages say its value; change: a difference that
# starts at 0 and is itself said in percent; price: money.
Measure = Literal["level", "price", "rate", "share", "change"]
_PERIODS = ("year", "quarter", "month", "week", "day", "tick")
_PER_YEAR = {
    "year": Decimal(1),
    "quarter": Decimal(4),
    "month": Decimal(12),
    "week": Decimal(365) / 7,
    "day": Decimal(365),
}


def measure_of(variable: Variable) -> Measure:
    unit = variable.unit.lower()
    if money_unit(variable.unit)[0]:
        return "price"
    if variable.name.endswith("_change") and unit == "share":
        return "change"
    if unit.startswith(("%", "per ")):
        return "rate"
    if unit == "share" or _is_fraction(variable):
        return "share"
    return "level"


def point_size(variable: Variable) -> Decimal | None:
    """How much one percentage point is in the variable's unit; None where it is no percentage."""
    if measure_of(variable) in ("level", "price"):
        return None
    return Decimal(1) if variable.unit.startswith("%") else Decimal("0.01")


def period_of(variable: Variable, tick_unit: str) -> str:
    """What a rate is counted per: "year", "month"; "" where it is no rate."""
    period = _period_in(variable.unit.lower())
    return tick_unit if period == "tick" else period


def rescaled(value: Decimal, variable: Variable, *, said: str, own: str) -> Decimal:
    """A rate said per one period, per another: chances compound, other rates add up."""
    periods = _PER_YEAR[said] / _PER_YEAR[own]
    if _is_chance(variable) and 0 <= value <= 1:
        return 1 - (1 - value) ** periods
    return value * periods


def _period_in(unit: str) -> str:
    for joint in ("per ", "a ", "/"):
        _, separator, period = unit.rpartition(joint)
        if separator and period in _PERIODS:
            return period
    return ""


def _is_fraction(variable: Variable) -> bool:
    """A number without a unit that says a part of a whole."""
    words = variable.label.lower()
    return variable.unit == "1" and variable.minimum >= 0 and (
        variable.maximum == 1 or (variable.maximum < 1 and words.startswith(("share", "chance")))
    )  # fmt: skip


def _is_chance(variable: Variable) -> bool:
    return variable.label.lower().startswith(("chance", "share"))
