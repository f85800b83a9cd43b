"""Clause → what happens to each variable: operation, value, scope; or the problem, named."""

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from agentverse.universe.compiler.clauses import Clause, Problem, says_value
from agentverse.universe.compiler.compilation import Reason
from agentverse.universe.compiler.items import Amount
from agentverse.universe.compiler.lexicon import FUEL_WORDS, TIME_ADJECTIVES, phrase
from agentverse.universe.compiler.targets import TargetIndex, money_unit
from agentverse.universe.compiler.vocabulary import Vocabulary
from agentverse_engine.events import EventScript, Operation, Scope
from agentverse_engine.variables import Variable

_PER_YEAR = {"year": 1, "quarter": 4, "month": 12, "week": 52, "day": 365}
_DOLLARS = {"USD", "AUD", "CAD", "$"}
_MINUTES = {"second": Decimal(1) / 60, "minute": Decimal(1), "min": Decimal(1), "hour": Decimal(60)}


class Unmappable(Exception):
    """A clause that must not become a script."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _refuse(code: Reason, message: str) -> Unmappable:
    return Unmappable(Problem(code=code, message=message))


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    operation: Operation
    value: float
    notes: tuple[str, ...] = ()


def compile_clause(clause: Clause, index: TargetIndex) -> list[EventScript]:
    """Return the scripts of a clause; raise Unmappable instead of guessing."""
    if clause.problem:
        raise Unmappable(clause.problem)
    _check_words(clause)
    scope = _scope(clause, index.vocabulary)
    variables = _variables(clause, index)
    effects = [(variable, _effect(clause, variable)) for variable in variables]
    for note in dict.fromkeys(note for _, effect in effects for note in effect.notes):
        clause.assumptions.append(note)
    return [
        EventScript(
            variable=variable.name, operation=effect.operation, value=effect.value, scope=scope
        )
        for variable, effect in effects
    ]


def _check_words(clause: Clause) -> None:
    amount = clause.amount.amount if clause.amount else None
    if amount and amount.problem == "amount_vague":
        raise _refuse("amount_vague", "A range is not one amount: say one number.")
    if amount and amount.problem == "amount_ambiguous":
        raise _refuse(
            "amount_ambiguous", "The number can be read in two ways: write 1200, 1,200 or 1.2."
        )
    if amount and amount.problem == "wrong_unit":
        raise _refuse("wrong_unit", 'Say "30 %" of today\'s value, not percentage points.')
    if amount and amount.kind == "percent" and amount.per:
        raise _refuse("recurring", "A change that repeats is not known: say one change and when.")
    if len({item.sign for item in clause.directions}) > 1:
        raise _refuse("direction_conflict", "Both up and down are said: say one of them.")
    if _counts_things(clause):
        raise _refuse(
            "outcome", "How many people choose something is the outcome: say what changes its cost."
        )
    _check_instrument(clause)


def _counts_things(clause: Clause) -> bool:
    """Recognise "10 % more heat pumps", "more people buy", "installations rise"."""
    items = [item for item in clause.segment.items if item.kind != "preposition" or item.text]
    for left, right in pairwise(items):
        many = left.kind == "direction" and left.text.lower() in (
            "more",
            "fewer",
            "less",
            "additional",
            "extra",
        )
        if many and right.kind in ("alternatives", "segments") and clause.instrument is None:
            return True
        if many and right.kind == "people" and not clause.parameters and not clause.instrument:
            return True
        if right.kind == "people" and left.kind == "base" and not clause.parameters:
            return True
        if (
            left.kind == "quantity"
            and right.kind in ("people", "segments", "alternatives")
            and left.amount
            and left.amount.kind == "plain"
        ):
            return True
        if left.kind == "people" and right.kind == "families" and not clause.instrument:
            verb = right.text.lower().split()[0]
            if not verb.endswith("ing"):
                return True
    return _share_of_people(clause) or _plural_count(clause)


def _share_of_people(clause: Clause) -> bool:
    items = clause.segment.items
    for place, item in enumerate(items):
        if item.kind != "quantity" or place + 2 >= len(items) + 1:
            continue
        rest = items[place + 1 : place + 4]
        if rest and rest[0].text.lower() in ("of", "of all", "of the"):
            after = next((i for i in rest[1:] if i.kind not in ("filler", "preposition")), None)
            if after is not None and after.kind in ("people", "segments", "everyone"):
                return True
            if after is not None and after.kind == "alternatives" and _only_counts(clause):
                return True
    return False


def _only_counts(clause: Clause) -> bool:
    """ "A subsidy for 30 % of heat pumps" names no cost that the 30 % could be of."""
    return not clause.families and not clause.cost_word


def _plural_count(clause: Clause) -> bool:
    plural = any(i.kind == "families" and i.note == "plural" for i in clause.segment.items)
    factor = clause.amount and clause.amount.amount and clause.amount.amount.kind == "factor"
    verb = any(
        i.manner == "verb" or i.text.lower() in ("more", "fewer", "higher", "lower")
        for i in clause.directions
    )
    return plural and bool(verb or factor) and not clause.cost_word


def _check_instrument(clause: Clause) -> None:
    tool = clause.instrument
    if tool is None or clause.amount is None or clause.amount.amount is None:
        return
    level = f'"{tool.text}" has no level in this project: say how the cost itself changes.'
    if clause.directions and clause.sign != tool.sign:
        raise _refuse("policy_level", level)
    if clause.amount.amount.kind == "factor" or clause.amount.note == "free":
        raise _refuse("policy_level", level)
    if clause.amount.amount.sign and clause.amount.amount.sign != tool.sign:
        raise _refuse("policy_level", level)
    if _changes_instrument(clause) or (clause.has("to") and not clause.directions):
        raise _refuse("policy_level", level)


def _changes_instrument(clause: Clause) -> bool:
    """Recognise "raise the tax by", "a higher subsidy", "the subsidy falls"."""
    items = clause.segment.items
    tools = [i for i, item in enumerate(items) if item.kind == "instrument"]
    if not tools:
        return False
    tool = tools[0]
    for place, item in enumerate(items):
        if item.kind != "direction" or item.text.lower() in ("off", "back"):
            continue
        between = items[min(place, tool) + 1 : max(place, tool)]
        if place < tool:
            apart = ("families", "cost_word", "instrumental", "by", "quantity")
            if not any(i.kind in apart for i in between) and item.manner != "noun":
                return not item.money
        elif item.manner == "verb":
            after = [
                i
                for i in items[place:]
                if i.kind in ("families", "cost_word", "alternatives", "pronoun")
            ]
            if not after:
                return True
    return False


def _variables(clause: Clause, index: TargetIndex) -> list[Variable]:
    vocabulary = index.vocabulary
    if clause.parameters:
        return _parameters(clause, vocabulary)
    families = _families(clause, index)
    alternatives = _alternatives(clause, vocabulary)
    found = [
        variable
        for family in families
        for name in alternatives
        if (variable := vocabulary.attribute(family, name))
    ]
    if len(found) != len(families) * len(alternatives):
        raise _refuse("target_missing", "Not every one of these has such a variable.")
    return found


def _parameters(clause: Clause, vocabulary: Vocabulary) -> list[Variable]:
    names = dict.fromkeys(clause.parameters)
    tangled = [i for i in clause.segment.items if i.kind in ("alternatives", "families")]
    if tangled or clause.instrument:
        raise _refuse(
            "unclear",
            f'"{", ".join(names)}" is one number for all: it cannot be changed together with '
            "a cost in one part.",
        )
    return [variable for name in names if (variable := vocabulary.variable(name))]


def _families(clause: Clause, index: TargetIndex) -> tuple[str, ...]:
    if clause.families:
        return clause.families
    amount = clause.amount.amount if clause.amount else None
    if clause.every_cost:
        return index.one_off + index.recurring
    if amount and amount.kind == "duration" and clause.cost_word:
        raise _refuse("wrong_unit", "A cost needs an amount of money or a percentage.")
    if (amount and amount.kind == "duration") or _speaks_of_time(clause):
        return _only(index.timed, index, "time")
    if amount and amount.per and index.recurring:
        return _noted(clause, _only(index.recurring, index, "cost"), index)
    if _is_fuel_price(clause) and index.recurring:
        return _noted(clause, _only(index.recurring, index, "cost"), index)
    if not _speaks_of_money(clause):
        raise _refuse(
            "target_missing",
            f"Say what of it changes: {_labels(tuple(index.vocabulary.families), index)}.",
        )
    return _noted(clause, _only(index.one_off or index.recurring, index, "cost"), index)


def _only(names: tuple[str, ...], index: TargetIndex, what: str) -> tuple[str, ...]:
    if len(names) == 1:
        return names
    known = _labels(names or tuple(index.vocabulary.families), index)
    raise _refuse("target_missing", f"Say which {what} changes: {known}.")


def _labels(names: tuple[str, ...], index: TargetIndex) -> str:
    return " or ".join(index.vocabulary.families[name][0] for name in names)


def _noted(clause: Clause, names: tuple[str, ...], index: TargetIndex) -> tuple[str, ...]:
    label = index.vocabulary.families[names[0]][0]
    clause.assumptions.append(f'read "{_cost_text(clause)}" as {label}')
    return names


def _cost_text(clause: Clause) -> str:
    items = clause.segment.items
    word = next((i.text for i in items if i.kind == "cost_word"), "")
    money = next((i.text for i in clause.directions if i.money), "")
    return word or (clause.instrument.text if clause.instrument else "") or money or "cost"


def _is_fuel_price(clause: Clause) -> bool:
    if not (clause.cost_word and clause.bare and not clause.instrument):
        return False
    items = [i for i in clause.segment.items if i.kind in ("cost_word", "alternatives")]
    words = [i.text.lower() for i in items if i.kind == "alternatives"]
    costs = [i.text.lower() for i in items if i.kind == "cost_word"]
    return any(word in FUEL_WORDS for word in words) and any(
        cost in ("price", "prices", "cost", "costs") for cost in costs
    )


def _speaks_of_time(clause: Clause) -> bool:
    return any(phrase(item.text.lower()) in TIME_ADJECTIVES for item in clause.directions)


def _speaks_of_money(clause: Clause) -> bool:
    amount = clause.amount
    money = amount is not None and amount.amount is not None and amount.amount.kind == "money"
    off = any(i.money or i.text.lower() in ("off", "back") for i in clause.directions)
    costly = ("expensive", "costly", "dear", "pricey")
    base = any(i.text.lower().endswith(costly) for i in clause.segment.of("base"))
    return clause.cost_word or clause.instrument is not None or money or off or base


def _alternatives(clause: Clause, vocabulary: Vocabulary) -> tuple[str, ...]:
    chosen = clause.alternatives
    if not chosen and clause.excluded:
        chosen = tuple(vocabulary.alternatives)
    chosen = tuple(name for name in chosen if name not in clause.excluded)
    if not chosen:
        known = ", ".join(term[0] for term in vocabulary.alternatives.values())
        raise _refuse("alternative_missing", f'Say of which: {known}, or "all systems".')
    return chosen


def _scope(clause: Clause, vocabulary: Vocabulary) -> Scope:
    _check_exception(clause)
    start, end = _ticks(clause, vocabulary)
    return Scope(
        regions=_group(clause.regions, clause.excluded_regions, tuple(vocabulary.regions)),
        segments=_group(clause.segments, clause.excluded_segments, tuple(vocabulary.segments)),
        start_tick=start,
        end_tick=end,
    )


def _check_exception(clause: Clause) -> None:
    if clause.excluded_regions and clause.excluded_segments:
        raise _refuse(
            "unclear", "An exception can name regions or segments, not both: say one of them."
        )


def _group(
    chosen: tuple[str, ...], excluded: tuple[str, ...], every: tuple[str, ...]
) -> tuple[str, ...]:
    if excluded:
        kept = tuple(name for name in chosen or every if name not in excluded)
        if not kept:
            raise _refuse("scope_unknown", "Nobody is left after the exception.")
        return tuple(name for name in every if name in kept)
    return tuple(name for name in every if name in chosen)


def _ticks(clause: Clause, vocabulary: Vocabulary) -> tuple[int, int | None]:
    for timing in clause.timings:
        if timing.problem:
            raise _refuse(timing.problem, timing.message)
        if timing.assumption:
            clause.assumptions.append(timing.assumption)
    starts = {t.start for t in clause.timings if t.start is not None}
    ends = {t.end for t in clause.timings if t.end is not None}
    lengths = {t.duration for t in clause.timings if t.duration is not None}
    if len(starts) > 1 or len(ends) > 1 or len(lengths) > 1 or (ends and lengths):
        raise _refuse("time_invalid", "Two times are said for one change: say one.")
    start = next(iter(starts), 0)
    end = next(iter(ends), None)
    if lengths:
        start = start or 1
        end = start + lengths.pop() - 1
    return _checked_ticks(start, end, vocabulary)


def _checked_ticks(start: int, end: int | None, vocabulary: Vocabulary) -> tuple[int, int | None]:
    unit, horizon = vocabulary.tick_unit, vocabulary.horizon
    if start > horizon or (end is not None and end > horizon):
        late = start if start > horizon else end
        raise _refuse(
            "beyond_horizon",
            f"{unit.capitalize()} {late} lies beyond the horizon of {horizon} {unit}s: "
            f"say a {unit} from 1 to {horizon}.",
        )
    if end is not None and end < start:
        raise _refuse(
            "time_invalid", f"The end ({unit} {end}) lies before the start ({unit} {start})."
        )
    return start, end


def _effect(clause: Clause, variable: Variable) -> Effect:
    if clause.has("off_switch") or _is_switched_off(clause):
        return _switch_off(clause, variable)
    item = clause.amount
    if item is None or item.amount is None:
        raise _refuse("amount_missing", "Say by how much, in percent or in money.")
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
        raise _refuse("negated", f"{variable.label.capitalize()} cannot be switched off.")
    if clause.amount is not None and clause.amount.kind == "quantity":
        raise _refuse("unclear", "Both an amount and switching off are said.")
    note = f"switching off {variable.name} means its lowest value, {variable.minimum:g}"
    notes = (note,) if variable.minimum else ()
    return Effect(operation="set", value=variable.minimum, notes=notes)


def _in_unit_of(amount: Amount, variable: Variable) -> tuple[Amount, tuple[str, ...]]:
    if amount.kind == "money":
        return _money_in_unit(amount, variable)
    if amount.kind == "duration":
        return _clock_in_unit(amount, variable)
    if amount.kind == "plain" and variable.kind != "parameter":
        unit = variable.unit
        return replace(amount, unit=unit), (f"read {amount.value} as {amount.value} {unit}",)
    return amount, ()


def _money_in_unit(amount: Amount, variable: Variable) -> tuple[Amount, tuple[str, ...]]:
    currency, period = money_unit(variable.unit)
    same = amount.unit in ("*", currency) or (amount.unit == "$" and currency in _DOLLARS)
    if not currency or not same:
        raise _refuse("wrong_unit", f"{variable.label.capitalize()} is in {variable.unit}.")
    if amount.unit == "*" or amount.per == period:
        return amount, ()
    if not period:
        raise _refuse(
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
        raise _refuse("wrong_unit", f"{variable.label.capitalize()} is in {variable.unit}.")
    return replace(amount, value=amount.value * _MINUTES[amount.unit] / _MINUTES[unit]), ()


def _bound(clause: Clause, amount: Amount) -> Effect:
    if amount.kind not in ("money", "duration", "plain") or (
        clause.directions and not clause.has("cap", "floor")
    ):
        raise _refuse("amount_vague", "A floor or a cap needs an amount in the variable's unit.")
    if clause.directions and any(i.manner == "adjective" for i in clause.directions):
        raise _refuse("amount_vague", '"At least" and "at most" are no amount of change.')
    if clause.has("floor") and clause.has("cap"):
        raise _refuse("unclear", "A floor and a cap stand in one part: say each on its own.")
    _not_negative(amount)
    operation: Operation = "max" if clause.has("floor") else "min"
    return Effect(operation=operation, value=float(amount.value))


def _scaled_by_factor(clause: Clause, amount: Amount) -> Effect:
    if amount.value < 0 or amount.sign < 0:
        raise _refuse("negative_result", "A factor below zero is not possible.")
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
            raise _refuse("negative_result", "A value below zero is not possible.")
        return Effect(operation="multiply", value=float(share))
    if not sign:
        raise _refuse("direction_missing", "Say whether it rises or falls.")
    if sign < 0 and share > 1:
        raise _refuse("percent_over_100", "Nothing can fall by more than 100 %: say 100 % or less.")
    return Effect(operation="multiply", value=float(1 + sign * share))


def _is_share_of_today(clause: Clause, amount: Amount) -> bool:
    if clause.has("base"):
        return True
    at = any(i.kind == "at" and i.text.lower() in ("at", "for") for i in clause.segment.items)
    return at or (amount.kind == "fraction" and says_value(clause))


def _signed(clause: Clause, amount: Amount) -> int:
    said = clause.sign or (clause.instrument.sign if clause.instrument else 0)
    if amount.sign and said and amount.sign != said:
        raise _refuse("direction_conflict", "The sign and the word say opposite directions.")
    return amount.sign or said


def _moved(clause: Clause, amount: Amount, variable: Variable) -> Effect:
    sign = clause.sign or (clause.instrument.sign if clause.instrument else 0)
    is_value = says_value(clause) or variable.kind == "parameter"
    if (clause.has("to") and not clause.has("by")) or (
        not sign and is_value and not clause.has("by")
    ):
        _not_negative(amount)
        return Effect(operation="set", value=float(amount.value))
    sign = _signed(clause, amount)
    if amount.kind == "plain" and variable.kind != "parameter":
        raise _refuse("wrong_unit", f"Say {amount.value:g} of what: percent or {variable.unit}.")
    if not sign:
        raise _refuse(
            "direction_missing", "Say whether it rises or falls by that, or is the new value."
        )
    return Effect(operation="add", value=float(sign * amount.value))


def _not_negative(amount: Amount) -> None:
    if amount.sign < 0 or amount.value < 0:
        raise _refuse("negative_result", "A value below zero is not possible.")


def _checked(effect: Effect, variable: Variable) -> Effect:
    low, high = variable.minimum, variable.maximum
    if effect.operation == "multiply":
        low, high = 0.0, 1000.0
    elif effect.operation == "add":
        low, high = low - high, high - low
    if not low <= effect.value <= high:
        raise _refuse(
            "out_of_range",
            f"{effect.value:g} is outside what {variable.label} allows: "
            f"{variable.minimum:g} to {variable.maximum:g} {variable.unit}.",
        )
    return effect
