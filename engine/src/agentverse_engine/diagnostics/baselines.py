"""The forecasts a model has to beat, and whether it does."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from agentverse_engine.diagnostics.array_checks import Floats
from agentverse_engine.diagnostics.observations import Observations


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """How much of a baseline's loss a model saves: 1 - loss / baseline_loss (Murphy 1988).

    1 is perfect; 0 or less is no skill, and has_skill says so. Minus infinity if the baseline is
    without loss and the model is not.
    """

    baseline: str
    loss: float
    baseline_loss: float
    score: float
    has_skill: bool


def persistence(observations: Observations, training: int) -> Floats:
    """Return float64[held out], the last of the `training` values repeated."""
    return np.full(len(observations) - training, observations.value[training - 1])


def linear_trend(observations: Observations, training: int) -> Floats:
    """Return float64[held out], the least-squares line through the `training` values, prolonged."""
    tick = observations.tick.astype(np.float64)
    known, value = tick[:training], observations.value[:training]
    centred = known - known.mean()
    slope = float((centred * value).sum() / (centred**2).sum())
    return value.mean() + slope * (tick[training:] - known.mean())


def baseline_forecasts(observations: Observations, training: int) -> dict[str, Floats]:
    """Return the forecasts of every baseline for the held-out ticks, by name."""
    return {
        "persistence": persistence(observations, training),
        "trend": linear_trend(observations, training),
    }


def skills(loss: float, baseline_losses: Mapping[str, float]) -> tuple[Skill, ...]:
    """Compare one loss (0 or more) with those of the baselines, each in the same unit."""
    return tuple(
        Skill(
            baseline=name,
            loss=loss,
            baseline_loss=other,
            score=score,
            has_skill=score > 0.0,
        )
        for name, other in baseline_losses.items()
        for score in (_skill_score(loss, other),)
    )


def _skill_score(loss: float, baseline_loss: float) -> float:
    if baseline_loss == 0.0:
        return 0.0 if loss == 0.0 else -np.inf
    return 1.0 - loss / baseline_loss
