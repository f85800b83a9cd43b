"""Particles of approximate Bayesian computation: drawn by counting, run, moved and weighted."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agentverse_engine.diagnostics.array_checks import Floats, Integers
from agentverse_engine.diagnostics.studies import (
    Ranges,
    Simulate,
    checked_outcomes,
    study_seeds,
)
from agentverse_engine.errors import RequestError, StudyError
from agentverse_engine.numerics.rng import ABC_ANCESTOR, ABC_PERTURBATION, ABC_PRIOR, uniforms

# outcomes float64[n, s] -> float64[n], how far each is from what was observed, 0 or more
Distance = Callable[[Floats], Floats]
# points float64[n, k] within the bounds -> float64[n], density up to a constant, 0 or more
Density = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Particles:
    """Points that were run: float64[n, k], outcomes float64[n, s], distances float64[n].

    attempts: int64[n], the number of the proposal that each came from, within its generation.
    """

    points: Floats
    outcomes: Floats
    distances: Floats
    attempts: Integers

    def take(self, rows: Integers) -> "Particles":
        """Return some of the particles."""
        return Particles(
            points=self.points[rows],
            outcomes=self.outcomes[rows],
            distances=self.distances[rows],
            attempts=self.attempts[rows],
        )

    def followed_by(self, others: "Particles") -> "Particles":
        """Return these particles and then the others."""
        return Particles(
            points=np.concatenate([self.points, others.points]),
            outcomes=np.concatenate([self.outcomes, others.outcomes]),
            distances=np.concatenate([self.distances, others.distances]),
            attempts=np.concatenate([self.attempts, others.attempts]),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """A model, its distance from what was observed, its prior, and the seed of all draws."""

    simulate: Simulate
    distance: Distance
    ranges: Ranges
    prior: Density | None
    seed: int

    def from_prior(self, count: int) -> Particles:
        """Draw points uniformly within the bounds and run them; `density` then weights them."""
        attempts = np.arange(count)
        unit = uniforms(
            seed=self.seed,
            purpose=ABC_PRIOR,
            identity=attempts[:, np.newaxis],
            replicate=np.arange(self.ranges.low.size),
        )
        return self.run(self.ranges.scaled(unit), attempts, 0)

    def density(self, points: Floats) -> Floats:
        """Return the prior density float64[n] of points within the bounds, up to a constant."""
        if self.prior is None:
            return np.ones(len(points))
        density = np.asarray(self.prior(points), dtype=np.float64)
        if density.shape != (len(points),) or not np.isfinite(density).all() or (density < 0).any():
            raise StudyError(
                "returned something that is no density.",
                field="prior",
                fix="Return one finite number of 0 or more per point.",
            )
        return density

    def run(self, points: Floats, attempts: Integers, generation: int) -> Particles:
        """Run the model once per point, each with the seed of its generation and attempt."""
        seeds = study_seeds(self.seed, attempts, generation=generation)
        outcomes = np.asarray(self.simulate(points, seeds), dtype=np.float64)
        width = outcomes.shape[1] if outcomes.ndim == 2 else 1
        checked = checked_outcomes(outcomes, (len(points), width))
        return Particles(
            points=points,
            outcomes=checked,
            distances=self._distances(checked),
            attempts=attempts,
        )

    def _distances(self, outcomes: Floats) -> Floats:
        distances = np.asarray(self.distance(outcomes), dtype=np.float64)
        if distances.shape != (len(outcomes),) or not (distances >= 0).all():
            raise StudyError(
                "returned something else than one number of 0 or more per outcome.",
                field="distance",
                fix="Use distance_to(observed), or reduce over the last axis.",
            )
        return distances


class Kernel:
    """A mixture of normals around weighted particles, of twice their covariance."""

    def __init__(self, points: Floats, weights: Floats) -> None:
        self.points = points
        self.weights = weights
        self.heap: Floats = np.cumsum(weights)
        try:
            self.root = np.linalg.cholesky(2.0 * weighted_covariance(points, weights))
        except np.linalg.LinAlgError as error:
            raise StudyError(
                "leaves particles that do not differ enough.",
                field="distance",
                fix="Use more particles, a larger quantile, or fewer generations.",
            ) from error

    def propose(self, attempts: Integers, generation: int, seed: int) -> Floats:
        """Return points float64[n, k]: a particle drawn by weight, moved by a normal."""
        draw = uniforms(seed=seed, purpose=ABC_ANCESTOR, identity=attempts, tick=generation)
        ancestors = self.heap.searchsorted(draw * float(self.heap[-1]), side="right")
        moves = _normals(attempts, self.points.shape[1], generation, seed)
        return self.points[np.minimum(ancestors, len(self.points) - 1)] + moves @ self.root.T

    def density(self, points: Floats) -> Floats:
        """Return float64[n], the density with which points are proposed, up to a constant."""
        own = np.linalg.solve(self.root, self.points.T)
        others = np.linalg.solve(self.root, points.T)
        squares = ((others[:, :, np.newaxis] - own[:, np.newaxis]) ** 2).sum(axis=0)
        return np.exp(-0.5 * squares) @ self.weights


def _normals(attempts: Integers, parameters: int, generation: int, seed: int) -> Floats:
    """Return float64[n, parameters] of standard normals (Box & Muller 1958)."""
    pair = uniforms(
        seed=seed,
        purpose=ABC_PERTURBATION,
        identity=attempts[:, np.newaxis],
        tick=generation,
        replicate=np.arange(2 * parameters),
    )
    radius = np.sqrt(-2.0 * np.log(1.0 - pair[:, :parameters]))
    return radius * np.cos(2.0 * np.pi * pair[:, parameters:])


def weighted_covariance(points: Floats, weights: Floats) -> Floats:
    """Return float64[k, k] of points float64[n, k] and weights float64[n] that sum to 1."""
    centred = points - weights @ points
    return (weights[:, np.newaxis] * centred).T @ centred


def normalised(weights: Floats) -> Floats:
    """Return weights that sum to 1."""
    total = float(weights.sum())
    if total <= 0.0:
        raise RequestError(
            "is 0 at every point that was drawn.",
            field="prior",
            fix="Narrow the bounds to where it is above 0.",
        )
    return weights / total
