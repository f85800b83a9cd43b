"""Fitting a model to what was observed up to a cutoff, and judging it by what came after."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from agentverse_engine.diagnostics.array_checks import Floats, Integers
from agentverse_engine.diagnostics.backtest import baseline_forecasts
from agentverse_engine.diagnostics.baselines import Forecast
from agentverse_engine.diagnostics.observations import Observations, held_out_split
from agentverse_engine.diagnostics.particles import Density
from agentverse_engine.diagnostics.posterior import Posterior, distance_to, sequential_posterior
from agentverse_engine.diagnostics.scores import continuous_ranked_probability_score
from agentverse_engine.diagnostics.skill import Skill, skills
from agentverse_engine.diagnostics.studies import (
    Bounds,
    Evaluate,
    Ranges,
    Simulate,
    checked_outcomes,
    evaluated_series,
    replicate_seeds,
)
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.numerics.rng import POSTERIOR_RESAMPLING, uniforms
from agentverse_engine.optional import require


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """The best point that was found, and how it fared on the ticks it was not shown.

    training_loss, held_out_loss: root mean square error, in the unit of the series; forecast:
    float64[held out], mean over replicates; skills: by root mean square error, against the mean of
    each baseline (one origin, so without bounds: see `backtest`); losses: float64[trials], the
    training loss of each trial in order.
    """

    parameters: dict[str, float]
    training_loss: float
    held_out_loss: float
    forecast: Floats
    skills: tuple[Skill, ...]
    losses: Floats


def calibrate(
    evaluate: Evaluate,
    observations: Observations,
    bounds: Bounds,
    *,
    cutoff: int,
    seed: int,
    trials: int = 200,
    replicates: int = 1,
) -> Calibration:
    """Search the bounds for the smallest training error (tree of Parzen estimators: Bergstra 2011).

    evaluate: returns float64[n, m, t], a value for every tick of the observations; all trials share
    the seeds of their replicates. The search sees the ticks up to `cutoff` and nothing else. It
    gives one point, without a word on others that do as well: for these see calibrate_posterior.
    Raises LeakageError for a training value that was not known at the cutoff. RequestError for
    bounds, numbers or a cutoff out of range, StudyError for outcomes of another shape or not
    finite, MissingExtra without optuna.
    """
    at_least("trials", trials, 1)
    ranges, seeds = Ranges.of(bounds), replicate_seeds(seed, replicates)
    training = held_out_split(observations, cutoff)
    points = np.empty((trials, len(ranges.names)))
    series = np.empty((trials, len(observations)))

    def training_loss(trial: int, point: Floats) -> float:
        runs = evaluated_series(evaluate, point[np.newaxis], seeds, len(observations))
        points[trial], series[trial] = point, runs[0].mean(axis=0)
        return _root_mean_square(series[trial, :training] - observations.value[:training])

    losses = _search(training_loss, ranges, seed, trials)
    best = int(losses.argmin())
    forecast = series[best, training:]
    held_out = _held_out_loss(forecast, observations, training)
    rivals = {
        name: [_held_out_loss(ensemble.mean(axis=0), observations, training)]
        for name, ensemble in baseline_forecasts(observations, training, seed=seed).items()
    }
    return Calibration(
        parameters=dict(zip(ranges.names, points[best].tolist(), strict=True)),
        training_loss=float(losses[best]),
        held_out_loss=held_out,
        forecast=forecast,
        skills=skills([held_out], rivals, seed=seed),
        losses=losses,
    )


def _search(loss: Callable[[int, Floats], float], ranges: Ranges, seed: int, trials: int) -> Floats:
    """Return the loss float64[trials] of the points that Optuna proposes one after the other."""
    optuna = require("optuna", extra="diagnostics")
    distributions = {
        name: optuna.distributions.FloatDistribution(low, high)
        for name, low, high in zip(
            ranges.names, ranges.low.tolist(), ranges.high.tolist(), strict=True
        )
    }
    study = _quiet_study(optuna, seed)
    losses = np.empty(trials)
    for number in range(trials):
        trial = study.ask(distributions)
        losses[number] = loss(number, np.array([trial.params[name] for name in ranges.names]))
        study.tell(trial, losses[number])
    return losses


def _quiet_study(optuna: ModuleType, seed: int) -> Any:
    """Return a study in memory; Optuna would announce it on the terminal."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        sampler = optuna.samplers.TPESampler(seed=seed % 2**32)  # it takes 32 bits
        return optuna.create_study(sampler=sampler)
    finally:
        optuna.logging.set_verbosity(verbosity)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PosteriorCalibration:
    """A posterior sample, and how its forecasts fared on the ticks it was not shown.

    held_out_loss: mean continuous ranked probability score of the weighted sample, in the unit of
    the series; forecast: float64[particles, held out]; skills: of baselines' ensembles by the same
    score (one origin, so without bounds: `posterior_forecast` in `backtest` has several).
    """

    posterior: Posterior
    held_out_loss: float
    forecast: Floats
    skills: tuple[Skill, ...]


def calibrate_posterior(
    simulate: Simulate,
    observations: Observations,
    bounds: Bounds,
    *,
    cutoff: int,
    seed: int,
    particles: int = 500,
    generations: int = 6,
    most_proposals: int = 100_000,
    prior: Density | None = None,
) -> PosteriorCalibration:
    """Find the parameters that agree with the training ticks, by sequential_posterior.

    simulate: returns float64[n, t], a value for every tick of the observations. The distance is
    the root mean square error over the ticks up to `cutoff`. Raises LeakageError for a training
    value that was not known at the cutoff. RequestError for bounds, numbers or a cutoff out of
    range, and StudyError for outcomes of another shape or not finite and particles that do not
    differ enough.
    """
    training = held_out_split(observations, cutoff)

    def whole_series(points: Floats, seeds: Integers) -> Floats:
        series = np.asarray(simulate(points, seeds), dtype=np.float64)
        return checked_outcomes(series, (len(points), len(observations)))

    posterior = sequential_posterior(
        whole_series,
        distance_to(observations.value[:training]),
        bounds,
        seed=seed,
        particles=particles,
        generations=generations,
        most_proposals=most_proposals,
        prior=prior,
    )
    forecast = posterior.outcomes[:, training:]
    scores = continuous_ranked_probability_score(
        forecast, observations.value[training:], weights=posterior.weights
    )
    loss = float(scores.mean())
    rivals = {
        name: [
            float(
                continuous_ranked_probability_score(ensemble, observations.value[training:]).mean()
            )
        ]
        for name, ensemble in baseline_forecasts(observations, training, seed=seed).items()
    }
    return PosteriorCalibration(
        posterior=posterior,
        held_out_loss=loss,
        forecast=forecast,
        skills=skills([loss], rivals, seed=seed),
    )


def posterior_forecast(
    simulate: Simulate,
    bounds: Bounds,
    *,
    particles: int = 500,
    generations: int = 6,
    most_proposals: int = 100_000,
    prior: Density | None = None,
) -> Forecast:
    """Return a forecast for `backtest` that is calibrated anew at each origin.

    simulate: returns float64[n, t], a value for every tick from the first observation on, at least
    as far as the origins and their horizon reach. The ensemble is the posterior sample, each
    particle as often as its weight says (systematic resampling: Carpenter, Clifford & Fearnhead
    1999). The forecast raises what calibrate_posterior raises: LeakageError, RequestError,
    StudyError.
    """

    def forecast(history: Observations, ticks: Integers, seed: int) -> Floats:
        observed_ticks, ahead = len(history), ticks.size

        def whole_series(points: Floats, seeds: Integers) -> Floats:
            series = np.asarray(simulate(points, seeds), dtype=np.float64)
            return checked_outcomes(
                series[:, : observed_ticks + ahead], (len(points), observed_ticks + ahead)
            )

        posterior = sequential_posterior(
            whole_series,
            distance_to(history.value),
            bounds,
            seed=seed,
            particles=particles,
            generations=generations,
            most_proposals=most_proposals,
            prior=prior,
        )
        offset = float(uniforms(seed=seed, purpose=POSTERIOR_RESAMPLING, identity=observed_ticks))
        steps = (np.arange(particles) + offset) / particles
        rows = np.minimum(np.cumsum(posterior.weights).searchsorted(steps), particles - 1)
        return posterior.outcomes[rows, observed_ticks:]

    return forecast


def _held_out_loss(forecast: Floats, observations: Observations, training: int) -> float:
    return _root_mean_square(forecast - observations.value[training:])


def _root_mean_square(errors: Floats) -> float:
    return float(np.sqrt((errors**2).mean()))
