"""Constants of a choice model moved until the simulated flow shares are those of the data.

A logit's constants are fitted without the social rules, so with the rules on the simulated shares
leave the data. The contraction α_j ← α_j + ln(S_j / Ŝ_j) brings them back (Berry, Levinsohn &
Pakes 1995; Train 2009, section 2.8), on common random numbers, damped where a step leads away and
with the secant step of Anderson (1965) where it leads there.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from agentverse_engine.errors import ScenarioError
from agentverse_engine.execution.executor import ShouldCancel
from agentverse_engine.execution.simulate import simulate_ensemble
from agentverse_engine.inputs.variables import Variable
from agentverse_engine.numerics.mathematics import logarithms
from agentverse_engine.packs.consumer_choice import with_constants
from agentverse_engine.scenario.scenario import Scenario

# A share is reached within a tenth of a point, or within what chance hides; but where replicates
# end in different states, their error is no excuse.
POINT_TENTH: Final = 0.001
ERRORS: Final = 2.0
MOST_TOLERANCE: Final = 0.02
# The search goes on to a quarter of that, as far as steps still lead nearer.
AIM: Final = 0.25
MOST_ITERATIONS: Final = 40
LEAST_DAMPING: Final = 1 / 32
# The family of what speaks for each alternative of an election whatever one's opinion.
APPEAL: Final = "appeal"
# First steps need few replicates; the last are taken with all of them.
FEW_REPLICATES: Final = 4
# Shifts lie on this grid, so that the last bit of a sum cannot make another scenario.
DIGITS: Final = 6

Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration:
    """What was added to the constants, and how near that comes to the target.

    shifts: utility per alternative, 0 for the reference; shares, target, tolerance: shares of
    those who chose in the window, by alternative; converged: every share lies within its tolerance
    of the target. Where it is false the shifts are those of the nearest shares found.
    """

    shifts: Mapping[str, float]
    shares: Mapping[str, float]
    target: Mapping[str, float]
    tolerance: Mapping[str, float]
    first_tick: int
    last_tick: int
    iterations: int
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Point:
    """Shifts tried, the shares they lead to, what is within reach, and the next step from here."""

    shifts: Vector
    shares: Vector
    tolerance: Vector
    step: Vector

    def miss(self, target: Vector) -> float:
        """The largest distance from the target, in tolerances."""
        return max(
            abs(share - wanted) / least
            for share, wanted, least in zip(self.shares, target, self.tolerance, strict=True)
        )


def recalibrate(
    scenario: Scenario,
    target: Mapping[str, float],
    *,
    first_tick: int = 1,
    last_tick: int | None = None,
    should_cancel: ShouldCancel | None = None,
) -> Recalibration:
    """Return the shifts with which the scenario's shares in the window equal the target.

    With a choice model these are shares of those who choose, and its constants are shifted; in an
    election, where everybody intends something at every tick, they are shares of everybody, and
    the appeals are shifted. target: share by alternative, each above 0, summing to 1; first_tick,
    last_tick: inclusive, from 1 to the horizon (default: its end). ScenarioError: a target that no
    constant reaches.
    """
    names = scenario.pack.alternatives
    search = _Search(
        scenario=scenario,
        target=_checked(names, target),
        window=(first_tick, scenario.horizon if last_tick is None else last_tick),
        reference=_reference(scenario),
        should_cancel=should_cancel,
    )
    few = min(FEW_REPLICATES, scenario.replicates)
    start = search.nearest(tuple(0.0 for _ in names), few) if few < scenario.replicates else None
    nearest = search.nearest(
        start.shifts if start else tuple(0.0 for _ in names), scenario.replicates
    )
    return Recalibration(
        shifts=dict(zip(names, nearest.shifts, strict=True)),
        shares=dict(zip(names, nearest.shares, strict=True)),
        target=dict(zip(names, search.target, strict=True)),
        tolerance=dict(zip(names, nearest.tolerance, strict=True)),
        first_tick=search.window[0],
        last_tick=search.window[1],
        iterations=search.iterations,
        converged=nearest.miss(search.target) <= 1.0,
    )


class _Search:
    """Walks towards the fixed point and counts the simulations that it takes."""

    def __init__(
        self,
        *,
        scenario: Scenario,
        target: Vector,
        window: tuple[int, int],
        reference: int,
        should_cancel: ShouldCancel | None,
    ) -> None:
        self.scenario = scenario
        self.target = target
        self.window = window
        self.iterations = 0
        self._reference = reference
        self._should_cancel = should_cancel

    def nearest(self, start: Vector, replicates: int) -> _Point:
        """The first point from here on that is near enough, or the nearest one found."""
        best, before = self._at(start, replicates), None
        damping = 1.0
        for _ in range(MOST_ITERATIONS // 2):
            miss = best.miss(self.target)
            if miss <= AIM or damping < (LEAST_DAMPING if miss > 1.0 else 1.0):
                break
            tried = self._at(self._next(best, before, damping), replicates)
            if tried.miss(self.target) < best.miss(self.target):
                best, before = tried, best
            else:
                damping, before = damping / 2, None
        return best

    def _next(self, at: _Point, before: _Point | None, damping: float) -> Vector:
        step = at.step if before is None else _secant(at, before)
        moved = [shift + damping * by for shift, by in zip(at.shifts, step, strict=True)]
        own = moved[self._reference]
        return tuple(round(shift - own, DIGITS) for shift in moved)

    def _at(self, shifts: Vector, replicates: int) -> _Point:
        self.iterations += 1
        shifted = dict(zip(self.scenario.pack.alternatives, shifts, strict=True))
        scenario = replace(with_shifts(self.scenario, shifted), replicates=replicates)
        trajectory = simulate_ensemble(
            scenario, dense_replicates=0, should_cancel=self._should_cancel
        )
        first, last = self.window
        counted = trajectory.flows if scenario.pack.model is not None else trajectory.stock
        counts = counted[:, first : last + 1].sum(axis=(1, 2, 3), dtype=np.int64)
        return self._point(shifts, counts.tolist())

    def _point(self, shifts: Vector, counts: Sequence[Sequence[int]]) -> _Point:
        """counts: of each replicate, by alternative."""
        totals = [sum(own) for own in counts]
        if not all(totals):
            raise ScenarioError(
                "leave no choice in some replicate.",
                field="first_tick, last_tick",
                fix="Choose a longer window, more personas, or a higher rate of choices.",
            )
        rows = [
            [number / total for number in own] for own, total in zip(counts, totals, strict=True)
        ]
        shares = tuple(math.fsum(column) / len(rows) for column in zip(*rows, strict=True))
        errors = (
            _standard_error(column, mean)
            for column, mean in zip(zip(*rows, strict=True), shares, strict=True)
        )
        return _Point(
            shifts=shifts,
            shares=shares,
            tolerance=tuple(
                min(max(POINT_TENTH, ERRORS * error), MOST_TOLERANCE) for error in errors
            ),
            # A share that nobody chose is taken as half a choice, so that its constant may rise.
            step=_logs(self.target, shares, least=0.5 / sum(totals)),
        )


def with_shifts(scenario: Scenario, shifts: Mapping[str, float]) -> Scenario:
    """Return the scenario with its constants, or its appeals, moved by utilities per alternative.

    EstimationError, ScenarioError: an alternative that has neither.
    """
    if scenario.pack.model is not None:
        return replace(scenario, pack=with_constants(scenario.pack, shifts))
    return replace(scenario, variables=with_appeals(scenario.variables, shifts))


def with_appeals(
    variables: Sequence[Variable], shifts: Mapping[str, float]
) -> tuple[Variable, ...]:
    """Return the registry with the appeals moved, within their bounds; others as they are."""
    return tuple(
        replace(variable, default=_within(variable, shifts[variable.alternative or ""]))
        if variable.family == APPEAL and variable.alternative in shifts
        else variable
        for variable in variables
    )


def _within(variable: Variable, shift: float) -> float:
    moved = (variable.default or 0.0) + shift
    return min(max(moved, variable.minimum), variable.maximum)


def _logs(target: Vector, shares: Vector, *, least: float) -> Vector:
    wanted, simulated = (
        logarithms(np.array(values)).tolist()
        for values in (target, [max(share, least) for share in shares])
    )
    return tuple(one - other for one, other in zip(wanted, simulated, strict=True))


def _secant(at: _Point, before: _Point) -> Vector:
    """Anderson's step with one point of memory: where the last two steps would cancel."""
    turned = [new - old for new, old in zip(at.step, before.step, strict=True)]
    size = math.fsum(one * one for one in turned)
    if size == 0:
        return at.step
    weight = math.fsum(by * one for by, one in zip(at.step, turned, strict=True)) / size
    moved = [new - old for new, old in zip(at.shifts, before.shifts, strict=True)]
    return tuple(
        by - weight * (walked + one) for by, walked, one in zip(at.step, moved, turned, strict=True)
    )


def _standard_error(values: Sequence[float], mean: float) -> float:
    """Of the mean of replicates; of one replicate alone it is not known."""
    if len(values) < 2:
        return 0.0
    squares = math.fsum((value - mean) ** 2 for value in values)
    return math.sqrt(squares / (len(values) - 1) / len(values))


def _reference(scenario: Scenario) -> int:
    """The place of the alternative whose constant stays as it is."""
    names, model = scenario.pack.alternatives, scenario.pack.model
    free = [name for name in names if model is not None and name not in model.constants]
    return names.index(free[0]) if free else len(names) - 1


def _checked(names: Sequence[str], target: Mapping[str, float]) -> Vector:
    for name in names:
        share = target.get(name, 0.0)
        if not 0.0 < share < 1.0:
            raise ScenarioError(
                f"is {share:g}; no finite constant leads to it.",
                field=f"target.{name}",
                fix="Give every alternative a share above 0, or leave it out of the choice.",
            )
    if abs(math.fsum(target.values()) - 1.0) > POINT_TENTH or set(target) != set(names):
        raise ScenarioError(
            f"sums to {math.fsum(target.values()):g} over {', '.join(target)}.",
            field="target",
            fix=f"Give shares that sum to 1 over {', '.join(names)}.",
        )
    return tuple(float(target[name]) for name in names)
