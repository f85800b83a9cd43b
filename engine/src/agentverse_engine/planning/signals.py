"""Signals: what a decision maker sees of the simulated society, a share or a mean over cells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.scope_masks import scope_cells
from agentverse_engine.errors import PlanError
from agentverse_engine.inputs.events import Scope
from agentverse_engine.numerics.number_checks import whole
from agentverse_engine.results.ensembles import shares
from agentverse_engine.results.trajectory import Trajectory
from agentverse_engine.scenario.scenario import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A named outcome of the society over some regions and segments (none named: everyone).

    outcome: an alternative (its share, 0 to 1) or a level (its mean, in the level's unit).
    flow_ticks: left out, the share of everyone there; with an alternative alone, 1 to the horizon:
    the share of those who took something up during so many ticks (early in a run: during as many as
    there are from 1 on), the one at which it is read the last. A tick in which nobody did adds
    nothing; where nobody did in any of them the signal is nan, and no comparison with it holds.
    """

    name: str
    outcome: str
    flow_ticks: int | None = None
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
        _check_groups(scenario, signal, outcomes, field)
        _check_window(scenario, signal, field)
    return (*named, *(Signal(name=name, outcome=name) for name in outcomes))


def _check_groups(scenario: Scenario, signal: Signal, outcomes: Sequence[str], field: str) -> None:
    population = scenario.population
    for name, asked, allowed in (
        ("outcome", (signal.outcome,), outcomes),
        ("regions", signal.regions, population.regions),
        ("segments", signal.segments, population.segments),
    ):
        unknown = [one for one in asked if one not in allowed]
        if unknown:
            raise PlanError(
                f"'{unknown[0]}' does not exist here.",
                field=f"{field}.{name}",
                fix=f"Use one of: {', '.join(allowed)}.",
            )
    if not np.isin(population.cells(), cells_of(scenario, signal)).any():
        raise PlanError(
            "looks at regions and segments where nobody lives.",
            field=field,
            fix="Name others, or leave them out.",
        )


def _check_window(scenario: Scenario, signal: Signal, field: str) -> None:
    if signal.flow_ticks is None:
        return
    field = f"{field}.flow_ticks"
    if signal.outcome not in scenario.pack.alternatives:
        raise PlanError(
            f"is given, but nobody takes up '{signal.outcome}', a level.",
            field=field,
            fix=f"Leave it out, or use one of: {', '.join(scenario.pack.alternatives)}.",
        )
    whole(signal.flow_ticks, field=field, least=1, most=scenario.horizon, error=PlanError)


def cells_of(scenario: Scenario, signal: Signal) -> NDArray[np.int64]:
    """Return int64[k], the cells (segment * regions + region) that a signal looks at."""
    scope = Scope(regions=signal.regions, segments=signal.segments)
    return np.flatnonzero(scope_cells(scenario.population, scope))


def signal_series(scenario: Scenario, trajectory: Trajectory, signal: Signal) -> Floats:
    """Return float64[replicates, horizon+1], a signal at the end of each tick; nan: no value."""
    replicates, ticks, segments, regions, _ = trajectory.stock.shape
    shape = (replicates, ticks, segments * regions)
    if signal.flow_ticks is not None:
        flows = trajectory.flows.reshape(*shape, len(trajectory.alternatives))
        return _flow_series(scenario, signal, flows)
    stock = trajectory.stock.reshape(*shape, len(trajectory.alternatives))
    sums = trajectory.level_sums.reshape(*shape, len(trajectory.levels))
    return measured(scenario, signal, stock, sums)


def measured(
    scenario: Scenario, signal: Signal, stock: NDArray[np.integer], sums: NDArray[np.integer]
) -> Floats:
    """Return float64[...], a signal of counts int[..., cells, J] and level sums int[..., cells, K].

    The signal is one without flow_ticks. The sums are whole numbers, so one division decides the
    value: the same bits everywhere.
    """
    cells, pack = cells_of(scenario, signal), scenario.pack
    people = stock[..., cells, :].sum(axis=(-2, -1), dtype=np.int64)
    if signal.outcome in pack.alternatives:
        at = pack.alternatives.index(signal.outcome)
        return stock[..., cells, at].sum(axis=-1, dtype=np.int64) / people
    at = pack.level(signal.outcome)
    total = sums[..., cells, at].sum(axis=-1, dtype=np.int64) / pack.levels[at].per_unit
    return np.asarray(total / people, dtype=np.float64)


def flow_share(scenario: Scenario, signal: Signal, flows: NDArray[np.integer], tick: int) -> Floats:
    """Return float64[...], a signal with flow_ticks at a tick; nan where nobody took anything up.

    flows: int[..., ticks, cells, J], from tick 0 on, up to `tick` or beyond.
    """
    assert signal.flow_ticks is not None  # noqa: S101  a signal of what there is has no window
    window = flows[..., max(0, tick + 1 - signal.flow_ticks) : tick + 1, :, :]
    entered = window[..., cells_of(scenario, signal), :].sum(axis=(-3, -2), dtype=np.int64)
    return shares(entered)[..., scenario.pack.alternatives.index(signal.outcome)]


def _flow_series(scenario: Scenario, signal: Signal, flows: NDArray[np.integer]) -> Floats:
    """Return float64[R, ticks]: `flow_share` at each of the ticks of int[R, ticks, cells, J]."""
    assert signal.flow_ticks is not None  # noqa: S101  as in flow_share
    so_far = flows[..., cells_of(scenario, signal), :].sum(axis=-2, dtype=np.int64).cumsum(axis=1)
    entered = so_far.copy()
    entered[:, signal.flow_ticks :] -= so_far[:, : -signal.flow_ticks]
    return shares(entered)[..., scenario.pack.alternatives.index(signal.outcome)]
