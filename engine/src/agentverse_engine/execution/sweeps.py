"""Many ensembles of one scenario: over parameter points, or until an interval is narrow enough."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import RequestError
from agentverse_engine.execution.executor import Executor, Progress, RunMonitor, ShouldCancel, Work
from agentverse_engine.execution.plausibility_checks import check_plausibility
from agentverse_engine.execution.recording import BatchRecord
from agentverse_engine.execution.running import Batch, batches, fresh_batches
from agentverse_engine.execution.simulate import batch_size_of, run_options, trajectory_of
from agentverse_engine.execution.threads import ThreadExecutor
from agentverse_engine.numerics.number_checks import at_least, finite
from agentverse_engine.results.ensembles import normal_width, wilson_interval
from agentverse_engine.results.trajectory import Trajectory
from agentverse_engine.scenario.scenario import Scenario

Point = Mapping[str, float]
Outcome = Callable[[Trajectory], ArrayLike]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Sweep:
    """The ensembles of a sweep, in the order of its points; all used the same random numbers."""

    points: tuple[Point, ...]
    trajectories: tuple[Trajectory, ...]

    def __len__(self) -> int:
        return len(self.points)

    def __iter__(self) -> Iterator[tuple[Point, Trajectory]]:
        return iter(zip(self.points, self.trajectories, strict=True))

    def __getitem__(self, point: Point) -> Trajectory:
        if point not in self.points:
            raise RequestError(
                f"has no point {dict(point)}.", field="sweep", fix="Use one of `points`."
            )
        return self.trajectories[self.points.index(point)]

    def __repr__(self) -> str:
        names = ", ".join(self.points[0])
        return f"Sweep({len(self)} points of {names}; {self.trajectories[0].replicates} replicates)"


def sweep(
    scenario: Scenario,
    points: Mapping[str, Sequence[float]] | Sequence[Point],
    *,
    executor: Executor | None = None,
    threads: int | None = None,
    batch: int | None = None,
    progress: Progress | None = None,
    should_cancel: ShouldCancel | None = None,
    dense_replicates: int = 0,
) -> Sweep:
    """Run an ensemble at each point: values of parameters, in their units, in place of defaults.

    points: the values of each parameter, of which all combinations are run (the last name varies
    fastest), or a list of points. Every point uses the seed of the scenario, so differences
    between points are paired by replicate (common random numbers). The executor sees the batches
    of all points together. RequestError: no point, or a name that is no parameter; VariableError:
    a value outside the variable's bounds; plausibility checks that fail and are not allowed, as in
    simulate_ensemble.
    """
    wanted = _points(points)
    scenarios = tuple(at_point(scenario, point) for point in wanted)
    chosen = executor or ThreadExecutor()
    options = run_options(chosen, threads=threads, dense_replicates=dense_replicates)
    batch_size = batch_size_of(chosen, scenario, batch)
    jobs = [
        job
        for scenario_index, one in enumerate(scenarios)
        for job in batches(one, batch_size, scenario_index=scenario_index)
    ]
    monitor = RunMonitor(scenario.horizon, jobs, progress=progress, should_cancel=should_cancel)
    work = Work(scenarios=scenarios, options=options, jobs=tuple(jobs), monitor=monitor)
    by_scenario = _by_scenario(jobs, chosen.run(work), len(scenarios))
    return Sweep(
        points=wanted,
        trajectories=tuple(
            trajectory_of(one, records, options)
            for one, records in zip(scenarios, by_scenario, strict=True)
        ),
    )


def _points(points: Mapping[str, Sequence[float]] | Sequence[Point]) -> tuple[Point, ...]:
    if isinstance(points, Mapping):
        for name, values in points.items():
            _check_list(values, f"points.{name}")
        checked = tuple(
            dict(zip(points, values, strict=True)) for values in product(*points.values())
        )
    else:
        _check_list(points, "points")
        checked = tuple(dict(point) for point in points)
    if not checked or not all(checked):
        raise RequestError(
            "has no point, or one that says nothing.",
            field="points",
            fix="Give at least one parameter with at least one value.",
        )
    return checked


def _check_list(values: object, field: str) -> None:
    """A number, a text and None are no list of values or points; an array is one."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise RequestError(f"is {values!r:.60}.", field=field, fix="Give a list, also of one.")


def at_point(scenario: Scenario, point: Point) -> Scenario:
    """Return a scenario with other defaults of some parameters."""
    parameters = {item.name for item in scenario.variables if item.kind == "parameter"}
    for name in point:
        if name not in parameters:
            raise RequestError(
                f"'{name}' is no parameter.",
                field="points",
                fix=f"Use one of: {', '.join(sorted(parameters))}.",
            )
        if name in scenario.draws.parameters:
            raise RequestError(
                f"'{name}' is drawn for each replicate; a point would change nothing.",
                field="points",
                fix="Take it out of the scenario's draws.",
            )
    return replace(
        scenario,
        variables=tuple(
            replace(item, default=point[item.name]) if item.name in point else item
            for item in scenario.variables
        ),
    )


def _by_scenario(
    jobs: Sequence[Batch], records: Sequence[BatchRecord], positions: int
) -> list[list[BatchRecord]]:
    by_scenario: list[list[BatchRecord]] = [[] for _ in range(positions)]
    for job, record in zip(jobs, records, strict=True):
        by_scenario[job.scenario_index].append(record)
    return by_scenario


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Narrowed:
    """An outcome with an interval of the wanted half-width, and the replicates needed.

    values: float64[replicates]; mean and half_width: in the outcome's unit; is_narrow: whether the
    half-width asked for was reached before the most replicates were.
    """

    trajectory: Trajectory
    values: NDArray[np.float64]
    mean: float
    half_width: float
    level: float
    is_narrow: bool

    def __repr__(self) -> str:
        short = "" if self.is_narrow else ", not as narrow as asked for"
        return (
            f"Narrowed({self.mean:.6g} ± {self.half_width:.2g} at {self.level:.0%}, "
            f"{self.replicates} replicates{short})"
        )

    @property
    def replicates(self) -> int:
        """How many replicates were run."""
        return self.values.size


def simulate_until(
    scenario: Scenario,
    outcome: Outcome,
    *,
    half_width: float,
    level: float = 0.9,
    least: int = 30,
    most: int = 1000,
    executor: Executor | None = None,
    threads: int | None = None,
    batch: int | None = None,
    progress: Progress | None = None,
    should_cancel: ShouldCancel | None = None,
    dense_replicates: int = 1,
) -> Narrowed:
    """Run more replicates until the interval of the outcome's mean is narrow enough.

    outcome: one number per replicate, from a Trajectory; its interval is mean ± z s / sqrt(n), s
    the standard deviation (Chow & Robbins 1965). Or one bool per replicate; the interval of their
    share is Wilson's. It is looked at after `least` replicates, and again whenever there are half
    as many more, up to `most`. Replicates do not depend on how many there are, so the result is
    the ensemble of that size. To stop at the first narrow interval covers somewhat less than
    `level`; `least` keeps that small. `progress` is called with (replicates, most) at each look.
    Failed plausibility checks that the scenario does not allow are refused, as in
    simulate_ensemble. RequestError: a width or number of replicates out of range, an outcome that
    is not one finite number for each replicate.
    """
    _check_stopping(half_width, level, least, most)
    check_plausibility(scenario)
    chosen = executor or ThreadExecutor()
    options = run_options(chosen, threads=threads, dense_replicates=dense_replicates)
    records: list[BatchRecord] = []
    for first, count in pairwise(_looks(least, most)):
        now = replace(scenario, replicates=count)
        batch_size = batch_size_of(chosen, replace(scenario, replicates=count - first), batch)
        jobs = fresh_batches(first, count, batch_size)
        monitor = RunMonitor(scenario.horizon, jobs, should_cancel=should_cancel)
        work = Work(scenarios=(now,), options=options, jobs=tuple(jobs), monitor=monitor)
        records += chosen.run(work)
        narrowed = _narrowed(trajectory_of(now, records, options), outcome, level, half_width)
        if progress is not None:
            progress(count, most)
        if narrowed.is_narrow or count == most:
            return narrowed
    raise AssertionError("the last look is at the most replicates")  # pragma: no cover


def _looks(least: int, most: int) -> Iterator[int]:
    yield 0
    count = least
    while count < most:
        yield count
        count += -(-count // 2)
    yield most


def _check_stopping(half_width: float, level: float, least: int, most: int) -> None:
    if finite(half_width, field="half_width", error=RequestError) <= 0.0:
        raise RequestError(
            f"is {half_width}.", field="half_width", fix="Use a finite number above 0."
        )
    normal_width(level)
    at_least("least", least, 2)
    if at_least("most", most, 1) < least:
        raise RequestError(f"is {most}.", field="most", fix=f"Use {least} (least) or more.")


def _narrowed(run: Trajectory, outcome: Outcome, level: float, wanted: float) -> Narrowed:
    given = np.asarray(outcome(run))
    values = given.astype(np.float64)
    if values.shape != (run.replicates,) or not np.isfinite(values).all():
        raise RequestError(
            f"returned the shape {values.shape} or a value that is no number.",
            field="outcome",
            fix=f"Return one finite number for each of the {run.replicates} replicates.",
        )
    half_width = _half_width(values, level, is_share=given.dtype == np.bool_)
    return Narrowed(
        trajectory=run,
        values=values,
        mean=float(values.mean()),
        half_width=half_width,
        level=level,
        is_narrow=half_width <= wanted,
    )


def _half_width(values: NDArray[np.float64], level: float, *, is_share: bool) -> float:
    if is_share:
        low, high = wilson_interval(values.sum(), values.size, level)
        return float(high - low) / 2.0
    return normal_width(level) * float(values.std(ddof=1)) / math.sqrt(values.size)
