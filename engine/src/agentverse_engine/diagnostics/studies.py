"""A model under study: a plain callable, named ranges of its parameters, and common seeds."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.diagnostics.array_checks import Floats, Integers, finite
from agentverse_engine.errors import RequestError, StudyError
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.numerics.rng import STUDY_SEED, uniforms

# parameters float64[k], seed -> one number, or a series float64[t]
Model = Callable[[Floats, int], float | Floats]
# points float64[n, k], seeds int64[m] -> float64[n, m] or [n, m, t]: every point with every seed
Evaluate = Callable[[Floats, Integers], Floats]
# points float64[n, k], seeds int64[n] -> float64[n, t]: each point with its own seed
Simulate = Callable[[Floats, Integers], Floats]
# name of a parameter -> its lowest and highest value, in its unit
Bounds = Mapping[str, tuple[float, float]]

SEED_RANGE = 2.0**53


def every_point_with_every_seed(model: Model) -> Evaluate:
    """Return an Evaluate that calls a plain model once per point and seed: common random numbers.

    Raises StudyError when the model fails to return one number or one series per call.
    """

    def evaluate(points: Floats, seeds: Integers) -> Floats:
        return _stacked([[model(point, int(seed)) for seed in seeds] for point in points])

    return evaluate


def each_point_with_its_seed(model: Model) -> Simulate:
    """Return a Simulate that calls a plain model once per point, for independent random numbers.

    model: (float64[k] point, seed) -> a number or float64[t]. StudyError, once it is called:
    outcomes that are no numbers or of different lengths.
    """

    def simulate(points: Floats, seeds: Integers) -> Floats:
        pairs = zip(points, seeds, strict=True)
        outcomes = _stacked([model(point, int(seed)) for point, seed in pairs])
        return outcomes.reshape(len(points), -1)

    return simulate


def _stacked(outcomes: Sequence[object]) -> Floats:
    try:
        return np.array(outcomes, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StudyError(
            "returned something that is neither a number nor series of one length.",
            field="model",
            fix="Return a float, or an array of the same length every time.",
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranges:
    """The box of parameters: names, and low, high float64[k] in their units."""

    names: tuple[str, ...]
    low: Floats
    high: Floats

    @staticmethod
    def of(bounds: Bounds) -> "Ranges":
        """Check that there is a parameter and that every range is finite and not empty."""
        if not bounds:
            raise RequestError("is empty.", field="bounds", fix="Name at least one parameter.")
        for name, (low, high) in bounds.items():
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise RequestError(
                    f"are {low} to {high}.",
                    field=f"bounds of {name}",
                    fix="Give two finite numbers, the lower first.",
                )
        edges = np.array(list(bounds.values()), dtype=np.float64)
        return Ranges(names=tuple(bounds), low=edges[:, 0], high=edges[:, 1])

    def contain(self, points: Floats) -> NDArray[np.bool_]:
        """Return bool[n], which points float64[n, k] lie within the box."""
        inside = (points >= self.low) & (points <= self.high)
        return np.asarray(inside.all(axis=1), dtype=np.bool_)

    def scaled(self, unit: Floats) -> Floats:
        """Return points float64[n, k] of the box from points of the unit cube."""
        return self.low + unit * (self.high - self.low)

    def point(self, values: ArrayLike) -> Floats:
        """Return one point float64[k], which must lie within the box."""
        point = finite("point", values)
        if point.shape != self.low.shape or not self.contain(point[np.newaxis])[0]:
            raise RequestError(
                "lies outside the bounds.",
                field="point",
                fix=f"Give a value within its range for each of: {', '.join(self.names)}.",
            )
        return point


def study_seeds(seed: int, runs: ArrayLike, *, generation: int = 0) -> Integers:
    """Return a seed below 2**53 for each run int64[m] of the model, drawn by counting."""
    draws = uniforms(seed=seed, purpose=STUDY_SEED, identity=runs, tick=generation)
    return (draws * SEED_RANGE).astype(np.int64)


def replicate_seeds(seed: int, replicates: int) -> Integers:
    """Return int64[replicates], the seeds that all points of a study have in common."""
    return study_seeds(seed, np.arange(at_least("replicates", replicates, 1)))


def evaluated(evaluate: Evaluate, points: Floats, seeds: Integers) -> Floats:
    """Return float64[n, m] of an Evaluate, checked."""
    outcomes = np.asarray(evaluate(points, seeds), dtype=np.float64)
    return checked_outcomes(outcomes, (len(points), len(seeds)))


def evaluated_series(evaluate: Evaluate, points: Floats, seeds: Integers, length: int) -> Floats:
    """Return float64[n, m, length] of an Evaluate, checked."""
    outcomes = np.asarray(evaluate(points, seeds), dtype=np.float64)
    return checked_outcomes(outcomes, (len(points), len(seeds), length))


def checked_outcomes(outcomes: Floats, shape: tuple[int, ...]) -> Floats:
    """Refuse outcomes of another shape, or that are not finite."""
    if outcomes.shape != shape:
        raise StudyError(
            f"returned the shape {outcomes.shape} where {shape} was asked for.",
            field="model",
            fix="Return points by seeds, and ticks on a third axis if a series is asked for.",
        )
    bad = int((~np.isfinite(outcomes)).sum())
    if bad:
        raise StudyError(
            f"returned {bad} of {outcomes.size} values that are nan or infinite.",
            field="model",
            fix="Narrow the bounds to where the model is defined.",
        )
    return outcomes
