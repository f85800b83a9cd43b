"""Outcomes that a request looks at, as the engine's signals; and errors by the request's fields."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from agentverse.plans.schemas import GoalWire, OutcomeWire, SignalWire
from agentverse.platform.errors import FieldError
from agentverse.runs.outcomes import Outcome, wrong_window
from agentverse.universe.variables import Registry
from agentverse_engine import Scenario
from agentverse_engine.planning import Goal, Signal

# How the engine names a field of the signal at a place.
SIGNAL_FIELD: Final = re.compile(r"^signals\[(\d+)\](?:\.(outcome|regions|segments))?$")
FIELDS: Final = {"outcome": "of", "regions": "regions", "segments": "segments"}
# How goals name the ticks of their outcome's window.
TICKS: Final = {"first_tick": "from_tick", "last_tick": "to_tick"}


def named_signals(
    horizon: int, signals: Sequence[SignalWire], goals: Sequence[GoalWire] = ()
) -> tuple[Signal, ...]:
    """The request's own, then one for each goal whose outcome none of the engine's own is."""
    own = (_signal(one.name, one.outcome, one.window_ticks) for one in signals)
    outcomes = ((place, goals[place].outcome) for place in _named(goals))
    return (
        *own,
        *(
            _signal(_name(place), outcome, _ticks(_window(outcome, goals[place], horizon)))
            for place, outcome in outcomes
            if outcome
        ),
    )


def engine_goals(horizon: int, goals: Sequence[GoalWire]) -> tuple[Goal, ...]:
    """An outcome over everyone is the signal that bears its alternative's or level's name.

    A flow's window is that of its signal, which is read at the window's last tick.
    """
    named = set(_named(goals))
    return tuple(
        Goal(
            quantity=_name(index) if index in named else goal.looks_at,
            weight=goal.weight,
            from_tick=None if _is_flow(goal.outcome) else goal.from_tick,
            to_tick=goal.to_tick,
        )
        for index, goal in enumerate(goals)
    )


def request_field(field: str, signals: Sequence[SignalWire], goals: Sequence[GoalWire] = ()) -> str:
    """What the engine calls a signal's field, as the request calls it; other fields as they are."""
    match = SIGNAL_FIELD.match(field)
    if match is None:
        return field
    place, part = int(match.group(1)), match.group(2)
    own = place < len(signals)
    at = f"signals[{place}]" if own else f"goals[{_named(goals)[place - len(signals)]}]"
    if part is None:
        return at if own else f"{at}.outcome"
    return f"{at}.outcome.{FIELDS[part]}"


def wrong_flow(
    scenario: Scenario, signals: Sequence[SignalWire], goals: Sequence[GoalWire] = ()
) -> FieldError | None:
    """The first flow share of a level or without its window, or window of no flow; None: none."""
    levels = {level.name for level in scenario.pack.levels}
    for at, outcome in _outcomes(signals, goals):
        if _is_flow(outcome) and outcome.of in levels:
            return _level(at, outcome)
    for index, signal in enumerate(signals):
        message = _wrong_ticks(signal, scenario.horizon)
        if message:
            return FieldError(field=f"signals[{index}].window_ticks", message=message)
    for index, goal in enumerate(goals):
        if goal.outcome is not None and _is_flow(goal.outcome):
            for wrong in wrong_window(
                scenario.horizon, _window(goal.outcome, goal, scenario.horizon)
            ):
                field = f"goals[{index}].{TICKS[wrong.field]}"
                message = wrong.message.replace("last_tick", TICKS["last_tick"])
                return FieldError(field=field, message=message)
    return None


def wrong_kind(
    registry: Registry, signals: Sequence[SignalWire], goals: Sequence[GoalWire] = ()
) -> FieldError | None:
    """The first outcome whose kind does not fit what it is of; None: there is none."""
    levels = {level.name for level in registry.pack.levels}
    template = registry.template
    for at, outcome in _outcomes(signals, goals):
        if outcome.of in levels:
            if outcome.kind != "level_mean":
                return _level(at, outcome)
        elif outcome.kind == "level_mean":
            message = f"“{outcome.of}” is an alternative; use {' or '.join(template.metrics)}."
            return FieldError(field=f"{at}.outcome.kind", message=message)
        elif outcome.kind not in template.metrics:
            message = (
                f"A project of the template “{template.label}” has no {outcome.kind}; use "
                f"{' or '.join(template.metrics)}."
            )
            return FieldError(field=f"{at}.outcome.kind", message=message)
    return None


def _level(at: str, outcome: OutcomeWire) -> FieldError:
    message = f"“{outcome.of}” is a level; use level_mean."
    return FieldError(field=f"{at}.outcome.kind", message=message)


def _wrong_ticks(signal: SignalWire, horizon: int) -> str:
    if not _is_flow(signal.outcome):
        return "" if signal.window_ticks is None else "only a flow_share has a window; leave it out"
    if signal.window_ticks is None:
        return f"a flow_share needs a window; give its ticks, from 1 to {horizon}"
    if signal.window_ticks > horizon:
        return f"{signal.window_ticks} does not lie between 1 and {horizon}"
    return ""


def _outcomes(
    signals: Sequence[SignalWire], goals: Iterable[GoalWire]
) -> Iterator[tuple[str, OutcomeWire]]:
    for index, signal in enumerate(signals):
        yield f"signals[{index}]", signal.outcome
    for index, goal in enumerate(goals):
        if goal.outcome is not None:
            yield f"goals[{index}]", goal.outcome


def _is_flow(outcome: OutcomeWire | None) -> bool:
    return outcome is not None and outcome.kind == "flow_share"


def _window(outcome: OutcomeWire, goal: GoalWire, horizon: int) -> Outcome:
    """What a run says of a goal's outcome; of the whole run where the goal names no ticks."""
    return Outcome(
        kind=outcome.kind,
        of=outcome.of,
        segments=tuple(outcome.segments),
        regions=tuple(outcome.regions),
        first_tick=1 if goal.from_tick is None else goal.from_tick,
        last_tick=horizon if goal.to_tick is None else goal.to_tick,
    )


def _ticks(window: Outcome) -> int:
    return window.last_tick - window.first_tick + 1


def _signal(name: str, outcome: OutcomeWire, ticks: int | None) -> Signal:
    """ticks: of a flow's window."""
    return Signal(
        name=name,
        outcome=outcome.of,
        flow_ticks=ticks if _is_flow(outcome) else None,
        regions=tuple(outcome.regions),
        segments=tuple(outcome.segments),
    )


def _named(goals: Sequence[GoalWire]) -> list[int]:
    """Places of the goals whose outcome is not over everyone, or a flow."""
    outcomes = ((place, goal.outcome) for place, goal in enumerate(goals))
    return [
        place for place, one in outcomes if one and (one.regions or one.segments or _is_flow(one))
    ]


def _name(place: int) -> str:
    return f"goals[{place}].outcome"
