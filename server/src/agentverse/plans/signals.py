"""Outcomes that a request looks at, as the engine's signals; and errors by the request's fields."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from agentverse.plans.schemas import GoalWire, SignalWire, StateOutcome
from agentverse.platform.errors import FieldError
from agentverse.universe.variables import Registry
from agentverse_engine.planning import Goal, Signal

# How the engine names a field of the signal at a place.
SIGNAL_FIELD: Final = re.compile(r"^signals\[(\d+)\](?:\.(outcome|regions|segments))?$")
FIELDS: Final = {"outcome": "of", "regions": "regions", "segments": "segments"}


def named_signals(
    signals: Sequence[SignalWire], goals: Sequence[GoalWire] = ()
) -> tuple[Signal, ...]:
    """The request's own, then one for each goal whose outcome is of single groups."""
    grouped = ((place, goals[place].outcome) for place in _grouped(goals))
    return (
        *(_signal(one.name, one.outcome) for one in signals),
        *(_signal(_name(place), outcome) for place, outcome in grouped if outcome),
    )


def engine_goals(goals: Sequence[GoalWire]) -> tuple[Goal, ...]:
    """An outcome over everyone is the signal that bears its alternative's or level's name."""
    grouped = set(_grouped(goals))
    return tuple(
        Goal(
            quantity=_name(place) if place in grouped else goal.looks_at,
            weight=goal.weight,
            from_tick=goal.from_tick,
            to_tick=goal.to_tick,
        )
        for place, goal in enumerate(goals)
    )


def request_field(field: str, signals: Sequence[SignalWire], goals: Sequence[GoalWire] = ()) -> str:
    """What the engine calls a signal's field, as the request calls it; other fields as they are."""
    found = SIGNAL_FIELD.match(field)
    if found is None:
        return field
    place, part = int(found.group(1)), found.group(2)
    own = place < len(signals)
    at = f"signals[{place}]" if own else f"goals[{_grouped(goals)[place - len(signals)]}]"
    if part is None:
        return at if own else f"{at}.outcome"
    return f"{at}.outcome.{FIELDS[part]}"


def wrong_kind(
    registry: Registry, signals: Sequence[SignalWire], goals: Sequence[GoalWire] = ()
) -> FieldError | None:
    """The first outcome whose kind does not fit what it is of; None: there is none."""
    levels = {level.name for level in registry.pack.levels}
    for at, outcome in _outcomes(signals, goals):
        kind = "level_mean" if outcome.of in levels else "stock_share"
        if outcome.kind != kind:
            what = "a level" if kind == "level_mean" else "an alternative"
            message = f"“{outcome.of}” is {what}; use {kind}."
            return FieldError(field=f"{at}.outcome.kind", message=message)
    return None


def _outcomes(
    signals: Sequence[SignalWire], goals: Iterable[GoalWire]
) -> Iterator[tuple[str, StateOutcome]]:
    for place, signal in enumerate(signals):
        yield f"signals[{place}]", signal.outcome
    for place, goal in enumerate(goals):
        if goal.outcome is not None:
            yield f"goals[{place}]", goal.outcome


def _signal(name: str, outcome: StateOutcome) -> Signal:
    return Signal(
        name=name,
        outcome=outcome.of,
        regions=tuple(outcome.regions),
        segments=tuple(outcome.segments),
    )


def _grouped(goals: Sequence[GoalWire]) -> list[int]:
    """Places of the goals whose outcome is not over everyone."""
    outcomes = ((place, goal.outcome) for place, goal in enumerate(goals))
    return [place for place, one in outcomes if one and (one.regions or one.segments)]


def _name(place: int) -> str:
    return f"goals[{place}].outcome"
