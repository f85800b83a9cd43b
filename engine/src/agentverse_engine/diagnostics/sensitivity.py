"""Which parameters move an outcome: Morris screening and Sobol indices, by SALib."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from agentverse_engine.diagnostics.array_checks import Floats, between_zero_and_one
from agentverse_engine.diagnostics.studies import (
    Bounds,
    Evaluate,
    Ranges,
    evaluated,
    replicate_seeds,
)
from agentverse_engine.diagnostics.variance import crossed_variance
from agentverse_engine.errors import RequestError, StudyError
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.optional import require

EXTRA: Final = "diagnostics"


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementaryEffects:
    """What moving one parameter over its whole range does, in the unit of the outcome.

    mu: mean effect with its sign; mu_star: mean of its size, +- `mu_star_half_width`; sigma:
    standard deviation over starting points, 0 when the parameter acts linearly and alone.
    """

    parameter: str
    mu: float
    mu_star: float
    mu_star_half_width: float
    sigma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MorrisScreening:
    """Effects in the order of the bounds, and how many runs of the model they took."""

    effects: tuple[ElementaryEffects, ...]
    runs: int

    def ranking(self) -> tuple[str, ...]:
        """Return the parameters, the one with the largest mu_star first."""
        ordered = sorted(self.effects, key=lambda effect: -effect.mu_star)
        return tuple(effect.parameter for effect in ordered)


def morris_screening(
    evaluate: Evaluate,
    bounds: Bounds,
    *,
    seed: int,
    trajectories: int = 20,
    levels: int = 4,
    replicates: int = 1,
    level: float = 0.95,
    resamples: int = 1000,
) -> MorrisScreening:
    """Screen parameters by elementary effects (Morris 1991; mu_star: Campolongo et al. 2007).

    Takes trajectories (k + 1) points; each is run with the same `replicates` seeds and averaged.
    `level`: of the bootstrap interval of mu_star. Raises RequestError for fewer than 2
    trajectories, odd levels or unusable bounds, StudyError for outcomes that are not finite.
    MissingExtra without SALib.
    """
    at_least("trajectories", trajectories, 2)
    at_least("resamples", resamples, 2)
    between_zero_and_one("level", level)
    if levels < 2 or levels % 2:
        raise RequestError(f"is {levels}.", field="levels", fix="Use an even number, 4 or 6.")
    ranges, seeds = Ranges.of(bounds), replicate_seeds(seed, replicates)
    sampling = require("SALib.sample.morris", extra=EXTRA)
    points = np.asarray(sampling.sample(_problem(ranges), trajectories, levels, seed=seed))
    outcomes = evaluated(evaluate, points, seeds)
    indices = require("SALib.analyze.morris", extra=EXTRA).analyze(
        _problem(ranges),
        points,
        outcomes.mean(axis=1),
        num_resamples=resamples,
        conf_level=level,
        num_levels=levels,
        seed=seed,
    )
    return MorrisScreening(effects=_elementary_effects(ranges, indices), runs=outcomes.size)


def _elementary_effects(ranges: Ranges, indices: Any) -> tuple[ElementaryEffects, ...]:
    return tuple(
        ElementaryEffects(
            parameter=name,
            mu=float(indices["mu"][position]),
            mu_star=float(indices["mu_star"][position]),
            mu_star_half_width=float(indices["mu_star_conf"][position]),
            sigma=float(indices["sigma"][position]),
        )
        for position, name in enumerate(ranges.names)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SobolIndex:
    """The share of variance a parameter explains alone (first) and with all it interacts with."""

    parameter: str
    first: float
    first_half_width: float
    total: float
    total_half_width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SobolIndices:
    """Indices of the mean over replicates, in the order of the bounds.

    unexplained_share: 1 - sum of first, what no parameter explains alone: interactions, and noise
    that common seeds did not remove; estimates may stray below 0 by their half widths.
    noise_share: the share of the variance of a single run that its seed makes, alone or together
    with the parameters (two-way analysis of variance); None for one replicate, which cannot tell.
    """

    indices: tuple[SobolIndex, ...]
    unexplained_share: float
    noise_share: float | None
    runs: int

    def index(self, parameter: str) -> SobolIndex:
        """Return the index of one parameter; KeyError if there is none of that name."""
        return {index.parameter: index for index in self.indices}[parameter]


def sobol_indices(
    evaluate: Evaluate,
    bounds: Bounds,
    *,
    seed: int,
    samples: int = 1024,
    replicates: int = 1,
    level: float = 0.95,
    resamples: int = 200,
) -> SobolIndices:
    """Estimate first-order and total indices (Saltelli et al. 2010; Sobol' 2001).

    Takes samples (k + 2) points, samples a power of 2 (scrambled Sobol' sequence); each is run
    with the same `replicates` seeds and averaged. Half widths: of bootstrap intervals of `level`.
    Raises RequestError for unusable arguments, StudyError for outcomes that never vary.
    MissingExtra without SALib.
    """
    if samples < 2 or samples & (samples - 1):
        raise RequestError(f"is {samples}.", field="samples", fix="Use a power of 2, such as 1024.")
    at_least("resamples", resamples, 2)
    between_zero_and_one("level", level)
    ranges, seeds = Ranges.of(bounds), replicate_seeds(seed, replicates)
    sampling = require("SALib.sample.sobol", extra=EXTRA)
    points = np.asarray(
        sampling.sample(_problem(ranges), samples, calc_second_order=False, seed=seed)
    )
    outcomes = evaluated(evaluate, points, seeds)
    mean = outcomes.mean(axis=1)
    if np.ptp(mean) == 0.0:
        raise StudyError(
            "returned the same everywhere, so there is no variance to share out.",
            field="model",
            fix="Widen the bounds or look at another outcome.",
        )
    # SALib takes seed 0 for "none given" and would fall back on the global generator.
    indices = require("SALib.analyze.sobol", extra=EXTRA).analyze(
        _problem(ranges),
        mean,
        calc_second_order=False,
        num_resamples=resamples,
        conf_level=level,
        seed=seed + 1,
    )
    return _sobol_result(ranges, indices, outcomes)


def _sobol_result(ranges: Ranges, indices: Any, outcomes: Floats) -> SobolIndices:
    indices = tuple(
        SobolIndex(
            parameter=name,
            first=float(indices["S1"][position]),
            first_half_width=float(indices["S1_conf"][position]),
            total=float(indices["ST"][position]),
            total_half_width=float(indices["ST_conf"][position]),
        )
        for position, name in enumerate(ranges.names)
    )
    return SobolIndices(
        indices=indices,
        unexplained_share=1.0 - sum(index.first for index in indices),
        noise_share=_noise_share(outcomes),
        runs=outcomes.size,
    )


def _noise_share(outcomes: Floats) -> float | None:
    if outcomes.shape[1] < 2:
        return None
    return 1.0 - crossed_variance(outcomes, ("parameters", "seed")).share("parameters")


def _problem(ranges: Ranges) -> dict[str, Any]:
    """Return the bounds in SALib's words; anew each time, since SALib writes into it."""
    pairs = np.stack([ranges.low, ranges.high], axis=1)
    return {"num_vars": len(ranges.names), "names": list(ranges.names), "bounds": pairs.tolist()}
