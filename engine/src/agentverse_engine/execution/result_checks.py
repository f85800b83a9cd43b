"""Checks of a result by name: what an ensemble shows that a reader would take for more than it is.

`plausibility_checks` looks at a scenario before a run; these look at what came out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import RequestError
from agentverse_engine.execution.executor import Executor
from agentverse_engine.execution.sweeps import sweep
from agentverse_engine.numerics.number_checks import at_least, finite
from agentverse_engine.results.ensembles import interval, normal_width
from agentverse_engine.results.trajectory import Trajectory
from agentverse_engine.scenario.scenario import Scenario

ResultCheck = Literal["drift_without_cause", "zero_width", "narrower_than_sampling"]
ROUNDING = 1e-12
FIRST_TICKS = 10
AT_REST = 0.001  # a tenth of a point
LEAST_REPLICATES = 5  # fewer have no interval to speak of
NEAR_TIPPING = 0.5  # 10 % more conformity moves the outcome by 5 points


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A check that a result fails: its name, the outcome at fault, what is so, what to do."""

    check: ResultCheck
    outcome: str
    message: str
    fix: str


def result_checks(
    trajectory: Trajectory, *, level: float = 0.9, respondents: int | None = None
) -> tuple[Finding, ...]:
    """Return what is doubtful about a result, outcome by outcome; nothing is raised for it.

    drift_without_cause: no script acted, and yet an outcome moved between the first tick and the
    last by more than its interval is wide: the start is no rest point. zero_width: all replicates
    are alike, though the outcome moved. narrower_than_sampling: the interval of a share is
    narrower than the sampling error of the `respondents` whom the personas stand for (None: not
    looked at). level: of the interval, between 0 and 1. RequestError: fewer than 5 replicates.
    """
    if trajectory.replicates < LEAST_REPLICATES:
        raise RequestError(
            f"has {trajectory.replicates} replicates.",
            field="trajectory",
            fix=f"Give a run of {LEAST_REPLICATES} or more.",
        )
    findings: list[Finding] = []
    for outcome, values in _outcomes(trajectory):
        if not any(entry.first_tick >= 0 for entry in trajectory.ledger):
            findings += _drift(outcome, values, level)
        findings += _zero_width(outcome, values)
        if respondents is not None and outcome in trajectory.alternatives:
            asked = at_least("respondents", respondents, 1)
            findings += _narrow(outcome, values[:, -1], level, asked)
    return tuple(findings)


def _outcomes(trajectory: Trajectory) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield each share and each mean, float64[R, horizon+1]."""
    shares = trajectory.shares()
    for position, name in enumerate(trajectory.alternatives):
        yield name, shares[:, :, position]
    for scale in trajectory.levels:
        yield scale.name, trajectory.level_means(scale.name)


def _drift(outcome: str, values: NDArray[np.float64], level: float) -> list[Finding]:
    low, median, high = (float(one) for one in interval(values[:, -1] - values[:, 0], level))
    if abs(median) <= max(high - low, ROUNDING):
        return []
    return [
        Finding(
            check="drift_without_cause",
            outcome=outcome,
            message=f"moves by {median:+.3g} without an event; its interval is {high - low:.2g} "
            "wide.",
            fix="Start from the state that the rules lead to, or compare with a run of no event.",
        )
    ]


def _zero_width(outcome: str, values: NDArray[np.float64]) -> list[Finding]:
    last = values[:, -1]
    if np.ptp(last) > 0.0 or np.ptp(values) == 0.0:
        return []
    return [
        Finding(
            check="zero_width",
            outcome=outcome,
            message=f"is {last[0]:.4g} in all {last.size} replicates: no rule draws anything.",
            fix="Read it as one number, not as an interval; vary the start or the parameters.",
        )
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDrift:
    """How far an outcome moves in the first ticks, by its median replicate.

    outcome: an alternative or a level; start, moved, low, high: a share (0 to 1) or a mean in the
    level's unit, low and high the central interval of what it moved by; ticks: until when.
    """

    outcome: str
    start: float
    moved: float
    low: float
    high: float
    ticks: int


def start_drift(
    trajectory: Trajectory, *, ticks: int = FIRST_TICKS, level: float = 0.9
) -> tuple[StartDrift, ...]:
    """Return the outcomes that leave their start by more than their interval is wide.

    Looked at: shares and means after so many ticks, or at the end of a shorter run, whether or not
    scripts act. A share that moves by less than a tenth of a point, or a mean by less than a
    thousandth of its start, is at rest even where all replicates are alike. level: of the
    interval, between 0 and 1. RequestError: ticks below 1.
    """
    last = min(at_least("ticks", ticks, 1), trajectory.horizon)
    drifts: list[StartDrift] = []
    for outcome, values in _outcomes(trajectory):
        low, moved, high = (float(one) for one in interval(values[:, last] - values[:, 0], level))
        start = float(values[0, 0])
        least = AT_REST * (1.0 if outcome in trajectory.alternatives else abs(start))
        if abs(moved) > max(high - low, least, ROUNDING):
            drift = StartDrift(
                outcome=outcome, start=start, moved=moved, low=low, high=high, ticks=last
            )
            drifts.append(drift)
    return tuple(drifts)


def _narrow(
    outcome: str, last: NDArray[np.float64], level: float, respondents: int
) -> list[Finding]:
    low, median, high = (float(one) for one in interval(last, level))
    error = 2.0 * normal_width(level) * np.sqrt(median * (1.0 - median) / respondents)
    if high - low >= error:
        return []
    return [
        Finding(
            check="narrower_than_sampling",
            outcome=outcome,
            message=f"has an interval {high - low:.2g} wide; {respondents} respondents alone leave "
            f"{error:.2g}.",
            fix="Add the sampling error (diagnostics.sampled_shares), or resample the respondents.",
        )
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Susceptibility:
    """How an outcome at the last tick answers to a relative change of a parameter.

    value: d outcome / d ln parameter, median over the replicates; low, high: their central 90 %;
    of a share, or of a mean as a share of its level's range.
    """

    parameter: str
    outcome: str
    value: float
    low: float
    high: float

    @property
    def near_tipping_point(self) -> bool:
        """Whether 10 % more of the parameter moves the outcome by more than 5 points."""
        return abs(self.value) > NEAR_TIPPING


def susceptibility(
    scenario: Scenario,
    outcome: str,
    *,
    parameter: str = "conformity",
    change: float = 0.1,
    executor: Executor | None = None,
) -> Susceptibility:
    """Run a scenario with a little less and a little more of a parameter, paired by replicate.

    outcome: an alternative or a level; change: relative, between 0 and 1, kept within the bounds
    of the parameter. Near a tipping point a social outcome answers without measure (Brock &
    Durlauf 2001), and small errors of the parameter become large ones of the answer. RequestError:
    no such parameter or outcome, or a default of 0, of which there is no relative change.
    """
    if not 0.0 < finite(change, field="change", error=RequestError) < 1.0:
        raise RequestError(f"is {change}.", field="change", fix="Use a number between 0 and 1.")
    less, more = _around(scenario, parameter, change)
    below, above = sweep(scenario, {parameter: [less, more]}, executor=executor).trajectories
    moved = _last(above, outcome) - _last(below, outcome)
    low, median, high = interval(moved / np.log(more / less))
    return Susceptibility(
        parameter=parameter, outcome=outcome, value=float(median), low=float(low), high=float(high)
    )


def _around(scenario: Scenario, parameter: str, change: float) -> tuple[float, float]:
    candidates = [item for item in scenario.variables if item.name == parameter and item.default]
    if not candidates or candidates[0].default is None or candidates[0].default <= 0.0:
        raise RequestError(
            f"'{parameter}' is no parameter with a default above 0.",
            field="parameter",
            fix="Name a parameter of the scenario's variables.",
        )
    default = float(candidates[0].default)
    less = max(default * (1.0 - change), candidates[0].minimum)
    more = min(default * (1.0 + change), candidates[0].maximum)
    if not 0.0 < less < more:
        raise RequestError(
            "leaves the bounds of the parameter.", field="change", fix="Use a smaller change."
        )
    return less, more


def _last(trajectory: Trajectory, outcome: str) -> NDArray[np.float64]:
    """Return float64[R], a share, or a mean as a share of its level's range."""
    if outcome in trajectory.alternatives:
        return trajectory.shares()[:, -1, trajectory.alternatives.index(outcome)]
    means = trajectory.level_means(outcome)[:, -1]
    scale = next(scale for scale in trajectory.levels if scale.name == outcome)
    return means * scale.per_unit / (scale.high - scale.low)
