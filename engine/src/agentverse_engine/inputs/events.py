"""Event scripts: what an intervention changes, for whom, when, and how strongly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np

from agentverse_engine.errors import ScriptError
from agentverse_engine.numerics.canonical import listed

Operation = Literal["set", "add", "multiply", "min", "max"]
ProfileKind = Literal[
    "step",
    "instantaneous",
    "pulse",
    "linear_decay",
    "exponential_decay",
    "lagged",
    "custom",
]
Comparison = Literal["<", "<=", ">", ">="]
# What each means; a comparison with nan is not true.
COMPARE = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
Hold = Literal["once", "while"]
SCOPE_LISTS = ("regions", "segments", "personas", "where")


def _hold_lists(owner: object, names: Sequence[str]) -> None:
    """Keep lists as tuples, which the caller cannot change; validate_scripts refuses the rest."""
    for name in names:
        value = getattr(owner, name)
        if isinstance(value, list):
            object.__setattr__(owner, name, tuple(cast("list[object]", value)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Only the personas whose attribute compares so, e.g. income < 30,000; as they start."""

    attribute: str
    comparison: Comparison
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Who and when: an empty tuple means everyone; ticks are inclusive; None = to the horizon.

    personas: ids of the population; `where`: all of its comparisons must hold.
    """

    regions: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    start_tick: int = 0
    end_tick: int | None = None
    personas: tuple[int, ...] = ()
    where: tuple[Where, ...] = ()

    def __post_init__(self) -> None:
        _hold_lists(self, SCOPE_LISTS)

    @property
    def by_persona(self) -> bool:
        """Whether it distinguishes personas of one segment and region."""
        return bool(self.personas or self.where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What must be so in the simulated world, at the tick before, for a script to act.

    outcome: an alternative (its share of the personas in the scope's segments and regions, 0 to 1;
    `personas` and `where` narrow who is acted on, not who is looked at) or a level (their mean, in
    its unit). once: the script starts at the first tick at which it holds, and its intensity
    counts from there; while: it acts at every tick at which it holds.
    """

    outcome: str
    comparison: Comparison
    value: float
    hold: Hold = "once"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntensityProfile:
    """How strongly a script acts over time, from 0 (not at all) to 1 (in full).

    step: in full all the while; instantaneous: at its first tick only; pulse: in full for
    `duration_ticks` (default 1); linear_decay: from 1 to 0 over `duration_ticks`;
    exponential_decay: halves every `half_life_ticks`; lagged: rises by equal steps and is in full
    at the `lag_ticks`-th tick of the script; custom: `values`, one a tick, then 0.
    """

    kind: ProfileKind = "step"
    duration_ticks: int | None = None
    half_life_ticks: float | None = None
    lag_ticks: int | None = None
    values: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        _hold_lists(self, ("values",))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventScript:
    """One change of one variable, executable without a model.

    set: the value itself; add, multiply: the value added or multiplied; min: at most the value;
    max: at least the value. Effects overlay the base value and never accumulate over ticks.
    Scripts of one `bundle` occur together or not at all, by the first one's draw.
    """

    variable: str
    operation: Operation
    value: float
    scope: Scope = Scope()
    intensity: IntensityProfile = IntensityProfile()
    probability: float = 1.0
    label: str = ""
    condition: Condition | None = None
    bundle: str = ""


def bundled(
    name: str, event_scripts: Sequence[EventScript], *, probability: float = 1.0
) -> tuple[EventScript, ...]:
    """Return the scripts as one event: all of them occur in a replicate, or none does.

    probability: of the event, 0 to 1. ScriptError: no name, or what is no list of scripts.
    """
    if not name:
        raise ScriptError("is empty.", field="bundle", fix="Give the bundle a name.")
    scripts = listed(event_scripts, field="event_scripts", of=EventScript, error=ScriptError)
    return tuple(replace(script, bundle=name, probability=probability) for script in scripts)
