"""What a planner answers: plans ranked by real ensembles, and what stood in the way of the rest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.planning.constraints import Miss
from agentverse_engine.planning.exploring import Explorer, Pruning
from agentverse_engine.planning.paths import Course, Steps
from agentverse_engine.scenario.scenario import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Plan:
    """A path with the result of its real ensemble.

    value: the mean over replicates of goals less penalties, values float64[replicates], interval
    (low, high) their central share. gain: (low, median, high) of the difference to doing nothing,
    replicate by replicate with common random numbers. estimate: what the planner had guessed.
    scenario: what was run; digest: of its trajectory. course: scripts, and series by replicate.
    """

    steps: Steps
    value: float
    interval: tuple[float, float]
    gain: tuple[float, float, float]
    values: Floats
    estimate: float
    money: float
    time_ticks: int
    course: Course
    scenario: Scenario
    digest: str

    def __repr__(self) -> str:
        low, high = self.interval
        return f"Plan({words(self.steps)}: {self.value:.6g} [{low:.6g}, {high:.6g}])"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Infeasibility:
    """Why no path is a plan.

    obstacles: the constraints in the way, those that the nearest path misses first; nearest: the
    path that misses least, all misses taken as shares of their bounds, and what it misses.
    untried: paths that would do by the forecast, beyond those whose ensembles did not.
    """

    obstacles: tuple[Pruning, ...]
    nearest: Steps
    misses: tuple[Miss, ...]
    untried: int

    @property
    def words(self) -> str:
        """The explanation in a sentence or two."""
        names = ", ".join(f"'{one.constraint}'" for one in self.obstacles)
        far = "; ".join(f"'{miss.constraint}' by {miss.amount:g}" for miss in self.misses)
        more = f" {self.untried} more candidates were not run." if self.untried else ""
        return f"No path keeps to {names}. The nearest, {words(self.nearest)}, misses {far}.{more}"

    def __repr__(self) -> str:
        return f"Infeasibility({self.words})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Answer:
    """plans: best first; empty with an `infeasibility` where no path keeps to what is hard.

    prunings: by constraint, in the order met. Of the paths explored, each is a candidate, cut,
    unfinished or dominated; evaluated: candidates whose ensembles were run; dropped: paths to go
    on from that a narrow beam let go.
    """

    plans: tuple[Plan, ...]
    prunings: tuple[Pruning, ...]
    explored: int
    candidates: int
    evaluated: int
    dominated: int
    dropped: int
    infeasibility: Infeasibility | None

    def __repr__(self) -> str:
        answer = repr(list(self.plans)) if self.plans else repr(self.infeasibility)
        return f"Answer({self.explored:,} paths explored: {answer})"

    @property
    def best(self) -> Plan | None:
        """The first plan; None where there is none."""
        return self.plans[0] if self.plans else None


def words(steps: Steps) -> str:
    """Return a path in words."""
    return ", ".join(f"{step.action} at tick {step.tick}" for step in steps) or "doing nothing"


def infeasibility_of(explorer: Explorer, untried: int) -> Infeasibility:
    """Explain why there is no plan: first what the nearest path misses, then what most met."""
    assert explorer.nearest is not None  # noqa: S101  doing nothing is appraised, and missed
    _, nearest, misses = explorer.nearest
    named = {miss.constraint for miss in misses}
    ordered = sorted(
        explorer.prunings.values(), key=lambda one: (one.constraint not in named, -_count(one))
    )
    return Infeasibility(obstacles=tuple(ordered), nearest=nearest, misses=misses, untried=untried)


def _count(pruning: Pruning) -> int:
    return pruning.refused + pruning.cut + pruning.unfinished + pruning.rejected
