"""Clause and variable → operation and value, in the variable's unit."""

from dataclasses import dataclass, replace
from decimal import Decimal

from agentverse.compiler.clauses import Clause, says_value
from agentverse.compiler.items import Amount
from agentverse.compiler.refusals import refuse
from agentverse.compiler.targets import ANY_CURRENCY, money_unit
from agentverse.compiler.vocabulary import has_own_words
from agentverse_engine.inputs.events import Operation
from agentverse_engine.inputs.variables import Variable

_PER_YEAR = {"year": 1, "quarter": 4, "month": 12, "week": 52, "day": 365}
_DOLLARS = {"USD", "AUD", "CAD", "$"}
_MINUTES = {"second": Decimal(1) / 60, "minute": Decimal(1), "min": Decimal(1), "hour": Decimal(60)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    operation: Operation
    value: float
    notes: tuple[str, ...] = ()


def effect_on(clause: Clause, variable: Variable) -> Effect:
    if clause.has("off_switch") or _is_switched_off(clause):
        return _switch_off(clause, variable)
    item = clause.amount
    if item is None or item.amount is None:
        raise refuse("amount_missing", "Say by how much, in percent or in money.")
    amount, notes = _in_unit_of(item.amount, variable)
    if clause.has("floor", "cap"):
        effect = _bound(clause, amount)
    elif amount.kind == "factor":
        effect = _scaled_by_factor(clause, amount)
    elif amount.kind in ("percent", "fraction"):
        effect = _scaled_by_share(clause, amount)
    else:
        effect = _moved(clause, amount, variable)
    return _checked(replace(effect, notes=effect.notes + notes), variable)


def _is_switched_off(clause: Clause) -> bool:
    return clause.amount is None and bool(clause.parameters)


def _switch_off(clause: Clause, variable: Variable) -> Effect:
    if variable.kind != "parameter":
        raise refuse("negated", f"{variable.label.capitalize()} cannot be switched off.")
    if clause.amount is not None and clause.amount.kind == "quantity":
        raise refuse("unclear", "Both an amount and switching off are said.")
    note = f"switching off {variable.name} means its lowest value, {variable.minimum:g}"
    notes = (note,) if variable.minimum else ()
    return Effect(operation="set", value=variable.minimum, notes=notes)


def _in_unit_of(amount: Amount, variable: Variable) -> tuple[Amount, tuple[str, ...]]:
    if amount.kind == "money":
        return _money_in_unit(amount, variable)
    if amount.kind == "duration":
        return _clock_in_unit(amount, variable)
    if amount.kind == "plain" and not has_own_words(variable):
        unit = variable.unit
        return replace(amount, unit=unit), (f"read {amount.value} as {amount.value} {unit}",)
    return amount, ()


def _money_in_unit(amount: Amount, variable: Variable) -> tuple[Amount, tuple[str, ...]]:
    currency, period = money_unit(variable.unit)
    same = (
        amount.unit in ("*", currency)
        or currency == ANY_CURRENCY
        or (amount.unit == "$" and currency in _DOLLARS)
    )
    if not currency or not same:
        raise refuse("wrong_unit", f"{variable.label.capitalize()} is in {variable.unit}.")
    if amount.unit == "*" or amount.per == period:
        return amount, ()
    if not period:
        raise refuse(
            "wrong_unit",
            f"{variable.label.capitalize()} is paid once, in {variable.unit}, "
            f"not per {amount.per}.",
        )
    if not amount.per:
        return amount, (
            f"read ${amount.value:g} as {amount.value:g} {variable.unit}".replace("$", ""),
        )
    factor = Decimal(_PER_YEAR[amount.per]) / Decimal(_PER_YEAR.get(period, 1))
    value = amount.value * factor
    note = f"{amount.value:g} per {amount.per} is {value:g} per {period}"
    return replace(amount, value=value), (note,)


def _clock_in_unit(amount: Amount, variable: Variable) -> tuple[Amount, tuple[str, ...]]:
    unit = variable.unit.lower().removesuffix("s")
    if unit not in _MINUTES or amount.per:
        raise refuse("wrong_unit", f"{variable.label.capitalize()} is in {variable.unit}.")
    return replace(amount, value=amount.value * _MINUTES[amount.unit] / _MINUTES[unit]), ()


def _bound(clause: Clause, amount: Amount) -> Effect:
    if amount.kind not in ("money", "duration", "plain") or (
        clause.directions and not clause.has("cap", "floor")
    ):
        raise refuse("amount_vague", "A floor or a cap needs an amount in the variable's unit.")
    if clause.directions and any(i.manner == "adjective" for i in clause.directions):
        raise refuse("amount_vague", '"At least" and "at most" are no amount of change.')
    if clause.has("floor") and clause.has("cap"):
        raise refuse("unclear", "A floor and a cap stand in one part: say each on its own.")
    _not_negative(amount)
    operation: Operation = "max" if clause.has("floor") else "min"
    return Effect(operation=operation, value=float(amount.value))


def _scaled_by_factor(clause: Clause, amount: Amount) -> Effect:
    if amount.value < 0 or amount.sign < 0:
        raise refuse("negative_result", "A factor below zero is not possible.")
    if clause.sign < 0 and amount.value > 1:
        share = 1 / amount.value
        note = f"read as 1/{amount.value:g} of today's value"
        return Effect(operation="multiply", value=float(share), notes=(note,))
    more = clause.sign > 0 and any(item.manner == "adjective" for item in clause.directions)
    notes = (f"read as {amount.value:g} times today's value",) if more else ()
    return Effect(operation="multiply", value=float(amount.value), notes=notes)


def _scaled_by_share(clause: Clause, amount: Amount) -> Effect:
    share = amount.value / 100 if amount.kind == "percent" else amount.value
    sign = _signed(clause, amount)
    if (clause.has("to") and not clause.has("by")) or (
        not sign and _is_share_of_today(clause, amount)
    ):
        if amount.sign < 0:
            raise refuse("negative_result", "A value below zero is not possible.")
        return Effect(operation="multiply", value=float(share))
    if not sign:
        raise refuse("direction_missing", "Say whether it rises or falls.")
    if not share:
        raise refuse("nothing_changes", "A change by 0 % changes nothing: say how much.")
    if sign < 0 and share > 1:
        raise refuse("percent_over_100", "Nothing can fall by more than 100 %: say 100 % or less.")
    return Effect(operation="multiply", value=float(1 + sign * share))


def _is_share_of_today(clause: Clause, amount: Amount) -> bool:
    if clause.has("base"):
        return True
    at = any(i.kind == "at" and i.text.lower() in ("at", "for") for i in clause.segment.items)
    return at or (amount.kind == "fraction" and says_value(clause))


def _signed(clause: Clause, amount: Amount) -> int:
    said = clause.sign or (clause.instrument.sign if clause.instrument else 0)
    if amount.sign and said and amount.sign != said:
        raise refuse("direction_conflict", "The sign and the word say opposite directions.")
    return amount.sign or said


def _moved(clause: Clause, amount: Amount, variable: Variable) -> Effect:
    sign = clause.sign or (clause.instrument.sign if clause.instrument else 0)
    is_value = (says_value(clause) or has_own_words(variable)) and not _is_step(clause, amount)
    if (clause.has("to") and not clause.has("by")) or (
        not sign and is_value and not clause.has("by")
    ):
        _not_negative(amount)
        return Effect(operation="set", value=float(amount.value))
    sign = _signed(clause, amount)
    if amount.kind == "plain" and not has_own_words(variable):
        raise refuse("wrong_unit", f"Say {amount.value:g} of what: percent or {variable.unit}.")
    if not sign:
        raise refuse(
            "direction_missing", "Say whether it rises or falls by that, or is the new value."
        )
    if not amount.value:
        raise refuse("nothing_changes", "A change by 0 changes nothing: say how much.")
    return Effect(operation="add", value=float(sign * amount.value))


def _is_step(clause: Clause, amount: Amount) -> bool:
    """Tell "operating cost: +$30" from "heat pumps cost -$500"."""
    if clause.has("at") or not amount.sign:
        return False
    return amount.sign > 0 or not clause.cost_word


def _not_negative(amount: Amount) -> None:
    if amount.sign < 0 or amount.value < 0:
        raise refuse("negative_result", "A value below zero is not possible.")


def _checked(effect: Effect, variable: Variable) -> Effect:
    low, high = variable.minimum, variable.maximum
    if effect.operation == "multiply":
        low, high = 0.0, 1000.0
    elif effect.operation == "add":
        low, high = low - high, high - low
    if not low <= effect.value <= high:
        raise refuse(
            "out_of_range",
            f"{effect.value:g} is outside what {variable.label} allows: "
            f"{variable.minimum:g} to {variable.maximum:g} {variable.unit}.",
        )
    return effect
