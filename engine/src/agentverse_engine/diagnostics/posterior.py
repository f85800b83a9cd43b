"""Which parameters agree with what was observed: approximate Bayesian computation (ABC)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from agentverse_engine.diagnostics.array_checks import (
    Floats,
    Integers,
    between_zero_and_one,
    finite,
)
from agentverse_engine.diagnostics.particles import (
    Density,
    Distance,
    Kernel,
    Particles,
    Study,
    normalised,
    weighted_covariance,
)
from agentverse_engine.diagnostics.studies import Bounds, Ranges, Simulate
from agentverse_engine.errors import RequestError
from agentverse_engine.numerics.number_checks import at_least


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posterior:
    """A weighted sample of parameters: not one best point, for many may do as well.

    points: float64[n, k], in the units of the bounds; weights: float64[n], sum 1; outcomes:
    float64[n, s], what the model gave there; distances: float64[n]; tolerances: the largest
    distance let through by each generation, the last one being that of this sample; proposals:
    how many points were drawn in all.
    """

    parameters: tuple[str, ...]
    points: Floats
    weights: Floats
    outcomes: Floats
    distances: Floats
    tolerances: tuple[float, ...]
    proposals: int

    @property
    def effective_sample_size(self) -> float:
        """1 / sum of squared weights: equal draws that would be worth as much (Kish 1965)."""
        return float(1.0 / (self.weights**2).sum())

    def mean(self) -> dict[str, float]:
        """Return the posterior mean of each parameter."""
        return dict(zip(self.parameters, (self.weights @ self.points).tolist(), strict=True))

    def covariance(self) -> Floats:
        """Return float64[k, k], the weighted covariance of the parameters."""
        return weighted_covariance(self.points, self.weights)

    def quantile(self, parameter: str, probability: float) -> float:
        """Return the smallest value at or below which lies `probability` of the weight.

        RequestError: no parameter of this name, a probability outside 0 to 1.
        """
        between_zero_and_one("probability", probability)
        if parameter not in self.parameters:
            raise RequestError(
                f"is '{parameter}'.", field="parameter", fix=f"Use {', '.join(self.parameters)}."
            )
        values = self.points[:, self.parameters.index(parameter)]
        order = np.argsort(values, kind="stable")
        reached = int(np.cumsum(self.weights[order]).searchsorted(probability))
        return float(values[order][min(reached, values.size - 1)])


def distance_to(observed: ArrayLike) -> Distance:
    """Return the root mean square difference from float64[s] `observed`.

    Of an outcome that is longer, only the first s values are looked at. RequestError: values that
    are not finite.
    """
    seen = finite("observed", observed)

    def distance(outcomes: Floats) -> Floats:
        return np.sqrt(((outcomes[:, : seen.size] - seen) ** 2).mean(axis=1))

    return distance


def rejection_posterior(
    simulate: Simulate,
    distance: Distance,
    bounds: Bounds,
    *,
    seed: int,
    draws: int = 10_000,
    keep: int = 500,
    prior: Density | None = None,
) -> Posterior:
    """Draw from the bounds, keep the nearest (Pritchard et al. 1999; Beaumont et al. 2002).

    prior: density within the bounds (default uniform), by which the kept are weighted. Raises
    RequestError for fewer draws than are kept, StudyError for outcomes that are not finite.
    """
    at_least("keep", keep, 2)
    at_least("draws", draws, keep)
    study = Study(
        simulate=simulate, distance=distance, ranges=Ranges.of(bounds), prior=prior, seed=seed
    )
    drawn = study.from_prior(draws)
    kept = drawn.take(np.sort(np.argsort(drawn.distances, kind="stable")[:keep]))
    weights = normalised(study.density(kept.points))
    return _posterior(study, kept, weights, (float(kept.distances.max()),), draws)


def sequential_posterior(
    simulate: Simulate,
    distance: Distance,
    bounds: Bounds,
    *,
    seed: int,
    particles: int = 500,
    generations: int = 6,
    quantile: float = 0.5,
    most_proposals: int = 100_000,
    prior: Density | None = None,
    batch: int | None = None,
) -> Posterior:
    """Close in on the posterior by generations (ABC-SMC: Sisson et al. 2007; Toni et al. 2009).

    Each generation starts from the one before, moved by a normal of twice its weighted covariance
    and weighted by importance (Beaumont et al. 2009); its tolerance is the `quantile` of the
    distances before (Del Moral, Doucet & Jasra 2012). It ends early, with fewer tolerances, when a
    generation cannot be filled within `most_proposals` in all. `batch`, how many points the model
    is given at a time, changes nothing else. Raises RequestError for unusable arguments, StudyError
    for outcomes that are not finite.
    """
    at_least("particles", particles, 2)
    at_least("generations", generations, 1)
    at_least("most_proposals", most_proposals, particles)
    between_zero_and_one("quantile", quantile)
    batch_size = at_least("batch", particles if batch is None else batch, 1)
    study = Study(
        simulate=simulate, distance=distance, ranges=Ranges.of(bounds), prior=prior, seed=seed
    )
    sample = study.from_prior(particles)
    weights = normalised(study.density(sample.points))
    tolerances, proposals = [float(sample.distances.max())], particles
    for generation in range(1, generations):
        near = _Generation(
            study=study,
            kernel=Kernel(sample.points, weights),
            generation=generation,
            batch=batch_size,
        )
        tolerance = float(np.quantile(sample.distances, quantile))
        filled, tried = near.fill(particles, tolerance, most_proposals - proposals)
        proposals += tried
        if filled is None:
            break
        sample, weights = filled, near.weights(filled)
        tolerances.append(tolerance)
    return _posterior(study, sample, weights, tuple(tolerances), proposals)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Generation:
    """One generation: proposals of a kernel, run until enough lie within the tolerance."""

    study: Study
    kernel: Kernel
    generation: int
    batch: int

    def fill(self, particles: int, tolerance: float, budget: int) -> tuple[Particles | None, int]:
        """Return the first so many that are near enough, or None, and how many were proposed.

        Both go by the order of the attempts, so the batch does not show.
        """
        accepted: Particles | None = None
        for first in range(0, budget, self.batch):
            attempts = np.arange(first, min(first + self.batch, budget))
            near = self._near(attempts, tolerance)
            if near is None:
                continue
            accepted = near if accepted is None else accepted.followed_by(near)
            if len(accepted.attempts) >= particles:
                filled = accepted.take(np.arange(particles))
                return filled, int(filled.attempts[-1]) + 1
        return None, max(budget, 0)

    def _near(self, attempts: Integers, tolerance: float) -> Particles | None:
        points = self.kernel.propose(attempts, self.generation, self.study.seed)
        usable = np.flatnonzero(self.study.ranges.contain(points))
        usable = usable[self.study.density(points[usable]) > 0]
        if usable.size == 0:
            return None
        run = self.study.run(points[usable], attempts[usable], self.generation)
        return run.take(np.flatnonzero(run.distances <= tolerance))

    def weights(self, sample: Particles) -> Floats:
        """Return float64[n]: prior density over the density of being proposed."""
        return normalised(self.study.density(sample.points) / self.kernel.density(sample.points))


def _posterior(
    study: Study,
    sample: Particles,
    weights: Floats,
    tolerances: tuple[float, ...],
    proposals: int,
) -> Posterior:
    return Posterior(
        parameters=study.ranges.names,
        points=sample.points,
        weights=weights,
        outcomes=sample.outcomes,
        distances=sample.distances,
        tolerances=tolerances,
        proposals=proposals,
    )
