"""Signals: what a decision maker sees of the simulated society, a share or a mean over cells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.scope_masks import scope_cells
from agentverse_engine.errors import PlanError
from agentverse_engine.inputs.events import Scope
from agentverse_engine.results.trajectory import Trajectory
from agentverse_engine.scenario.scenario import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A named outcome of the society over some regions and segments (none named: everyone).

    outcome: an alternative (its share, 0 to 1) or a level (its mean, in the level's unit).
    """

    name: str
    outcome: str
    regions: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()


def signals_of(scenario: Scenario, named: Sequence[Signal]) -> tuple[Signal, ...]:
    """Return the named signals, then every alternative and level over everyone, by its own name.

    Raises PlanError where a name is double or unknown, or where nobody lives.
    """
    outcomes = (*scenario.pack.alternatives, *(level.name for level in scenario.pack.levels))
    names = [signal.name for signal in named]
    for position, signal in enumerate(named):
        field = f"signals[{position}]"
        if not signal.name or names.count(signal.name) > 1 or signal.name in outcomes:
            raise PlanError(
                f"'{signal.name}' is empty or names something else as well.",
                field=f"{field}.name",
                fix="Give each signal a name of its own.",
            )
        _check_place(scenario, signal, outcomes, field)
    return (*named, *(Signal(name=name, outcome=name) for name in outcomes))


def _check_place(scenario: Scenario, signal: Signal, outcomes: Sequence[str], field: str) -> None:
    population = scenario.population
    for name, asked, known in (
        ("outcome", (signal.outcome,), outcomes),
        ("regions", signal.regions, population.regions),
        ("segments", signal.segments, population.segments),
    ):
        unknown = [one for one in asked if one not in known]
        if unknown:
            raise PlanError(
                f"'{unknown[0]}' does not exist here.",
                field=f"{field}.{name}",
                fix=f"Use one of: {', '.join(known)}.",
            )
    if not np.isin(population.cells(), cells_of(scenario, signal)).any():
        raise PlanError(
            "looks at regions and segments where nobody lives.",
            field=field,
            fix="Name others, or leave them out.",
        )


def cells_of(scenario: Scenario, signal: Signal) -> NDArray[np.int64]:
    """Return int64[k], the cells (segment * regions + region) that a signal looks at."""
    scope = Scope(regions=signal.regions, segments=signal.segments)
    return np.flatnonzero(scope_cells(scenario.population, scope))


def signal_series(scenario: Scenario, trajectory: Trajectory, signal: Signal) -> Floats:
    """Return float64[replicates, horizon+1], a signal at the end of each tick."""
    replicates, ticks, segments, regions, _ = trajectory.stock.shape
    shape = (replicates, ticks, segments * regions)
    stock = trajectory.stock.reshape(*shape, len(trajectory.alternatives))
    sums = trajectory.level_sums.reshape(*shape, len(trajectory.levels))
    return measured(scenario, signal, stock, sums)


def measured(
    scenario: Scenario, signal: Signal, stock: NDArray[np.integer], sums: NDArray[np.integer]
) -> Floats:
    """Return float64[...], a signal of counts int[..., cells, J] and level sums int[..., cells, K].

    The sums are whole numbers, so one division decides the value: the same bits everywhere.
    """
    cells, pack = cells_of(scenario, signal), scenario.pack
    people = stock[..., cells, :].sum(axis=(-2, -1), dtype=np.int64)
    if signal.outcome in pack.alternatives:
        at = pack.alternatives.index(signal.outcome)
        return stock[..., cells, at].sum(axis=-1, dtype=np.int64) / people
    at = pack.level(signal.outcome)
    total = sums[..., cells, at].sum(axis=-1, dtype=np.int64) / pack.levels[at].per_unit
    return np.asarray(total / people, dtype=np.float64)
