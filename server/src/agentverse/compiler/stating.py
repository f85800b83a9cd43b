"""Clause → how much its words say, without a look at any variable."""

from agentverse.compiler.clauses import Clause, says_value
from agentverse.compiler.items import Amount
from agentverse.compiler.refusals import refuse
from agentverse.compiler.said import Mode, SaidAmount

_UNITS = {"percent": "%", "fraction": "fraction", "factor": "times"}


def state(clause: Clause, *, own_words: bool) -> SaidAmount:
    """own_words: the variable is named by itself, so that a lone number is its value.

    Raises Unmappable where words and signs disagree or no amount is said.
    """
    if _is_removed(clause):
        return SaidAmount(mode="remove")
    item = clause.amount
    if item is None or item.amount is None:
        raise refuse("amount_missing", "Say by how much, in percent or in money.")
    amount = item.amount
    direction = _direction(clause, amount)
    mode = _mode(clause, amount, own_words=own_words)
    said = SaidAmount(
        mode=mode,
        number=-amount.value if mode == "set" and amount.sign < 0 else amount.value,
        unit=unit_of(amount),
        per=amount.per,
        direction=direction,
        of_today=clause.has("base") and not any(r == "complement" for r, _ in clause.relations),
        more=clause.sign > 0 and any(i.manner == "adjective" for i in clause.directions),
        leans=bool(clause.lean and not clause.sign),
        complement=clause.is_complement,
        text=item.text,
    )
    return _checked(said, amount)


def unit_of(amount: Amount) -> str:
    """The unit as the intermediate form has it."""
    return _UNITS.get(amount.kind, amount.unit)


def _is_removed(clause: Clause) -> bool:
    if clause.has("off_switch") or (clause.amount is None and bool(clause.parameters)):
        if clause.amount is not None and clause.amount.kind == "quantity":
            raise refuse("unclear", "Both an amount and switching off are said.")
        return True
    return False


def _direction(clause: Clause, amount: Amount) -> int:
    said = clause.sign or (clause.instrument.sign if clause.instrument else 0) or clause.lean
    if amount.sign and said and amount.sign != said and not _is_new_value(clause):
        raise refuse("direction_conflict", "The sign and the word say opposite directions.")
    return amount.sign or said


def _is_new_value(clause: Clause) -> bool:
    return clause.has("to") and not clause.has("by")


def _mode(clause: Clause, amount: Amount, *, own_words: bool) -> Mode:
    if clause.has("floor", "cap"):
        return _bound(clause, amount)
    if amount.kind == "factor":
        return "scale"
    if amount.kind == "points":
        return "set" if _is_new_value(clause) else "points"
    if _is_new_value(clause):
        return "set"
    if amount.kind in ("percent", "fraction"):
        return "scale" if _direction(clause, amount) else _still(clause, amount)
    leaning = clause.sign or (clause.instrument.sign if clause.instrument else 0) or clause.lean
    named = (says_value(clause) or own_words) and not _is_step(clause, amount)
    if not leaning and named and not clause.has("by"):
        return "set"
    return "shift" if _direction(clause, amount) else "unsaid"


def _still(clause: Clause, amount: Amount) -> Mode:
    """A percentage without a direction is a new value where the words say so."""
    if clause.has("by"):
        raise refuse("direction_missing", "Say whether it rises or falls.")
    at = any(i.kind == "at" and i.text.lower() in ("at", "for") for i in clause.segment.items)
    fraction = amount.kind == "fraction" and says_value(clause)
    return "set" if at or fraction or clause.has("base") else "unsaid"


def _bound(clause: Clause, amount: Amount) -> Mode:
    if clause.directions and any(i.manner == "adjective" for i in clause.directions):
        raise refuse("amount_vague", '"At least" and "at most" are no amount of change.')
    if clause.has("floor") and clause.has("cap"):
        raise refuse("unclear", "A floor and a cap stand in one part: say each on its own.")
    return "floor" if clause.has("floor") else "cap"


def _is_step(clause: Clause, amount: Amount) -> bool:
    """Tell "operating cost: +$30" from "heat pumps cost -$500"."""
    if clause.has("at") or not amount.sign:
        return False
    return amount.sign > 0 or not clause.cost_word


def _checked(said: SaidAmount, amount: Amount) -> SaidAmount:
    if said.mode in ("scale", "shift", "points") and not said.number:
        raise refuse("nothing_changes", "A change by 0 changes nothing: say how much.")
    if said.unit == "times" and (amount.value < 0 or amount.sign < 0):
        raise refuse("negative_result", "A factor below zero is not possible.")
    return said
