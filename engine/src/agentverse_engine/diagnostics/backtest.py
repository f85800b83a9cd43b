"""Rolling origins: a forecast judged against baselines by what came after each origin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agentverse_engine.diagnostics.array_checks import Floats, Integers
from agentverse_engine.diagnostics.baselines import (
    Forecast,
    climatology,
    multinomial,
    persistence,
    random_walk_with_drift,
    seasonal_naive,
)
from agentverse_engine.diagnostics.fitted_baselines import (
    LEAST_FITTED,
    autoregression,
    exponential_smoothing,
    vector_autoregression,
)
from agentverse_engine.diagnostics.observations import Observations, held_out_split
from agentverse_engine.diagnostics.scores import (
    Coverage,
    continuous_ranked_probability_score,
    interval_coverage,
    probability_integral_transform,
)
from agentverse_engine.diagnostics.skill import Skill, skills
from agentverse_engine.errors import RequestError, StudyError
from agentverse_engine.numerics.number_checks import at_least

PLAIN: Mapping[str, Forecast] = {
    "persistence": persistence,
    "drift": random_walk_with_drift,
    "climatology": climatology,
}
FITTED: Mapping[str, Forecast] = {"ar": autoregression, "ets": exponential_smoothing}
LEVELS = (0.5, 0.8, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Backtest:
    """How a forecast fared at several origins.

    origins: int64[o], ticks; losses: float64[o], the mean score over the ticks ahead (and the
    columns), in the unit of the series; skills: against each baseline, by the same score;
    coverage: of central intervals; pit: float64[o, h, …], uniform for an honest forecast; cases:
    how many values were forecast.
    """

    origins: Integers
    losses: Floats
    skills: tuple[Skill, ...]
    coverage: tuple[Coverage, ...]
    pit: Floats
    cases: int

    @property
    def has_skill(self) -> bool:
        """Whether the lower bound of the skill is above 0 against every baseline."""
        return all(skill.has_skill for skill in self.skills)


def default_baselines(
    observations: Observations, *, season: int | None = None, respondents: int | None = None
) -> dict[str, Forecast]:
    """Return the baselines that suit a series, by name.

    season: ticks after which the pattern repeats, if it does; respondents: how many were asked,
    where the columns are shares counted in a survey. RequestError: a season below 2, fewer
    than 1 respondent.
    """
    baselines = {**PLAIN, **FITTED}
    if season is not None:
        baselines["seasonal_naive"] = seasonal_naive(season)
    if observations.value.ndim == 2 and observations.value.shape[1] > 1:
        baselines["var"] = vector_autoregression
    if respondents is not None:
        baselines["multinomial"] = multinomial(respondents)
    return baselines


def baseline_forecasts(
    observations: Observations, training: int, *, seed: int
) -> dict[str, Floats]:
    """Return the ensembles of the baselines for the held-out ticks, by name.

    float64[members, held out]. Of a history that is short or unevenly spaced only persistence,
    drift and climatology are given, for the others cannot be fitted.
    """
    history, ahead = observations.until(training), observations.tick[training:]
    even = np.ptp(np.diff(observations.tick)) == 0
    rivals = {**PLAIN, **FITTED} if even and training >= LEAST_FITTED else PLAIN
    return {name: rival(history, ahead, seed) for name, rival in rivals.items()}


def backtest(
    forecast: Forecast,
    observations: Observations,
    *,
    origins: Sequence[int],
    horizon: int,
    seed: int,
    baselines: Mapping[str, Forecast] | None = None,
    level: float = 0.95,
) -> Backtest:
    """Score a forecast against baselines, by the CRPS, at each origin for `horizon` values ahead.

    forecast: takes what was known at an origin, the ticks ahead int64[h] and a seed, and returns
    an ensemble float64[members, h] of what will be observed (float64[members, h, columns] where
    the series has several): observation noise is part of it (`with_observation_noise`,
    `sampled_shares`). origins: ticks, each the last one known. Raises LeakageError for a value
    that was known only after an origin, RequestError where the values left after an origin are
    fewer than the horizon, StudyError for an ensemble of another shape.
    """
    at_least("horizon", horizon, 1)
    rivals = default_baselines(observations) if baselines is None else dict(baselines)
    splits = [_split(observations, origin, horizon) for origin in _ascending(origins)]
    own = [_ensemble(forecast, *split[:2], seed) for split in splits]
    losses = np.array([_loss(one, split[2]) for one, split in zip(own, splits, strict=True)])
    rival_losses = {
        name: [_loss(_ensemble(rival, *split[:2], seed), split[2]) for split in splits]
        for name, rival in rivals.items()
    }
    members = min(len(one) for one in own)
    together = np.stack([one[:members] for one in own], axis=1)
    seen = np.stack([split[2] for split in splits])
    return Backtest(
        origins=np.array(origins, dtype=np.int64),
        losses=losses,
        skills=skills(
            losses, rival_losses, seed=seed, level=level, block=_overlap(splits, horizon)
        ),
        coverage=interval_coverage(together, seen, levels=LEVELS),
        pit=probability_integral_transform(together, seen, seed=seed),
        cases=seen.size,
    )


Split = tuple[Observations, Integers, Floats]  # history, ticks ahead, what came


def _ascending(origins: Sequence[int]) -> list[int]:
    given = [int(origin) for origin in origins]
    if not given or sorted(set(given)) != given:
        raise RequestError(
            "do not ascend.", field="origins", fix="Give each tick once, the earliest first."
        )
    return given


def _split(observations: Observations, origin: int, horizon: int) -> Split:
    training = held_out_split(observations, origin)
    left = len(observations) - training
    if left < horizon:
        raise RequestError(
            f"leave {left} values after tick {origin}, fewer than the horizon of {horizon}.",
            field="origins",
            fix="Use earlier origins or a shorter horizon.",
        )
    ahead = slice(training, training + horizon)
    return observations.until(training), observations.tick[ahead], observations.value[ahead]


def _ensemble(forecast: Forecast, history: Observations, ticks: Integers, seed: int) -> Floats:
    members = np.asarray(forecast(history, ticks, seed), dtype=np.float64)
    expected = (ticks.size, *history.value.shape[1:])
    if members.ndim == 0 or members.shape[1:] != expected or not np.isfinite(members).all():
        raise StudyError(
            f"returned shape {members.shape}, or values that are not finite.",
            field="forecast",
            fix=f"Return finite numbers, members × {' × '.join(map(str, expected))}.",
        )
    return members


def _loss(ensemble: Floats, seen: Floats) -> float:
    fair = len(ensemble) > 1
    return float(continuous_ranked_probability_score(ensemble, seen, fair=fair).mean())


def _overlap(splits: Sequence[Split], horizon: int) -> int:
    """Return how many origins in a row have forecasts of the same ticks."""
    sizes = [len(history) for history, _, _ in splits]
    return max(sum(size < first + horizon for size in sizes[at:]) for at, first in enumerate(sizes))
