"""Clauses that read like a change but are none: counts of people, levels of a policy, ranges."""

from itertools import pairwise

from agentverse.compiler.clauses import Clause
from agentverse.compiler.lexicon import TIME_ADJECTIVES, phrase
from agentverse.compiler.refusals import refuse


def check_words(clause: Clause) -> None:
    amount = clause.amount.amount if clause.amount else None
    if amount and amount.problem == "amount_vague":
        raise refuse("amount_vague", "A range is not one amount: say one number.")
    if amount and amount.problem == "amount_ambiguous":
        raise refuse(
            "amount_ambiguous", "The number can be read in two ways: write 1200, 1,200 or 1.2."
        )
    _check_relations(clause)
    _check_adjectives(clause)
    if len({item.sign for item in clause.directions}) > 1:
        raise refuse("direction_conflict", "Both up and down are said: say one of them.")
    if _counts_things(clause):
        raise refuse(
            "outcome", "How many people choose something is the outcome: say what changes its cost."
        )
    _check_instrument(clause)


def _check_relations(clause: Clause) -> None:
    """A word beside a variable that does not name it: "turnout", "a subsidy"."""
    roles = {role for role, _ in clause.relations}
    if "outcome" in roles:
        raise refuse(
            "outcome",
            f"This is what the run computes. Say what moves it: {_names(clause)}, and by how much.",
        )
    leans = bool(roles & {"policy", "move"})
    if not leans:
        return
    if "same" in roles:
        if clause.sign and clause.sign != clause.lean:
            raise refuse("direction_conflict", "Its words say opposite directions.")
        return
    factor = clause.amount and clause.amount.amount and clause.amount.amount.kind == "factor"
    level = clause.has("to") and "policy" in roles
    if clause.directions or factor or level or clause.has("off_switch", "negation"):
        raise refuse(
            "policy_level", f"This has no level of its own here: say how {_names(clause)} changes."
        )


def _names(clause: Clause) -> str:
    return " or ".join(name.replace("_", " ") for name in dict.fromkeys(clause.parameters))


def _check_adjectives(clause: Clause) -> None:
    """ "Cheaper" and "faster" say a direction of money and of time, not of other numbers."""
    if not clause.parameters:
        return
    for item in clause.directions:
        timed = phrase(item.text.lower()) in TIME_ADJECTIVES
        if timed or (item.money and "price" not in clause.parameters):
            raise refuse(
                "direction_conflict",
                f'"{item.text}" does not say whether {_names(clause)} rises or falls: say which.',
            )


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
        if item.amount is None or item.amount.kind == "money" or place + 2 >= len(items) + 1:
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
        raise refuse("policy_level", level)
    if clause.amount.amount.kind == "factor" or clause.amount.note == "free":
        raise refuse("policy_level", level)
    if clause.amount.amount.sign and clause.amount.amount.sign != tool.sign:
        raise refuse("policy_level", level)
    if _changes_instrument(clause) or (clause.has("to") and not clause.directions):
        raise refuse("policy_level", level)


def _changes_instrument(clause: Clause) -> bool:
    """Recognise "raise the tax by", "a higher subsidy", "the subsidy falls"."""
    items = clause.segment.items
    tools = [i for i, item in enumerate(items) if item.kind == "instrument"]
    if not tools:
        return False
    tool = tools[0]
    for place, item in enumerate(items):
        if (
            item.kind != "direction"
            or item not in clause.directions
            or item.text.lower() in ("off", "back")
        ):
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
