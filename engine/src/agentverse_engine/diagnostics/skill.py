"""Skill: how much of a baseline's loss a model saves, with an interval over forecast origins."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from agentverse_engine.diagnostics.array_checks import (
    Floats,
    between_zero_and_one,
    finite,
    same_shape,
)
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.numerics.rng import BOOTSTRAP, uniforms

LEAST_BLOCKS = 8  # fewer independent origins give no interval that keeps its level


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """How much of a baseline's loss a model saves: 1 - loss / baseline_loss (Murphy 1988).

    loss, baseline_loss: means over the origins, in the unit of the score; score: 1 is perfect, 0
    as good as the baseline, minus infinity if the baseline is without loss and the model is not;
    low, high: bootstrap interval of the score, without bounds where there are too few origins.
    """

    baseline: str
    loss: float
    baseline_loss: float
    score: float
    low: float
    high: float
    origins: int

    @property
    def has_skill(self) -> bool:
        """Whether the lower bound of the interval is above 0."""
        return self.low > 0.0


def skills(
    losses: ArrayLike,
    baseline_losses: Mapping[str, ArrayLike],
    *,
    seed: int,
    level: float = 0.95,
    block: int = 1,
    resamples: int = 2000,
) -> tuple[Skill, ...]:
    """Compare the losses of a model with those of baselines at the same origins.

    losses and each of baseline_losses: float64[origins], by one score that is 0 at best in the
    mean. The central interval of `level` resamples origins, the same for model and baseline, in
    circular blocks of `block` (Politis & Romano 1992): as many as the origins whose forecasts
    overlap. With fewer than 8 blocks the bounds are infinite, for they would not keep their level.
    RequestError for losses of different shapes.
    """
    own = finite("losses", losses)
    at_least("block", block, 1)
    at_least("resamples", resamples, 2)
    between_zero_and_one("level", level)
    rows = _resampled_rows(own.size, block, resamples, seed)
    return tuple(
        _skill(name, own, finite(name, other), rows, level)
        for name, other in baseline_losses.items()
    )


def _skill(name: str, own: Floats, other: Floats, rows: Floats | None, level: float) -> Skill:
    same_shape(name, other, "losses", own)
    loss, baseline_loss = float(own.mean()), float(other.mean())
    low, high = -np.inf, np.inf
    if rows is not None:
        scores = skill_score(rows @ own, rows @ other)
        tail = (1.0 - level) / 2.0
        low, high = np.quantile(scores, [tail, 1.0 - tail], method="inverted_cdf").tolist()
    return Skill(
        baseline=name,
        loss=loss,
        baseline_loss=baseline_loss,
        score=float(skill_score(loss, baseline_loss)),
        low=low,
        high=high,
        origins=own.size,
    )


def skill_score(loss: ArrayLike, baseline_loss: ArrayLike) -> Floats:
    """Return 1 - loss / baseline_loss; 0 where neither loses anything, -inf where only the model
    does."""
    own, other = np.asarray(loss, dtype=np.float64), np.asarray(baseline_loss, dtype=np.float64)
    divisor = np.where(other > 0.0, other, 1.0)
    return np.where(other > 0.0, 1.0 - own / divisor, np.where(own > 0.0, -np.inf, 0.0))


def _resampled_rows(origins: int, block: int, resamples: int, seed: int) -> Floats | None:
    """Return float64[resamples, origins], how much each origin weighs in each resample."""
    blocks = -(-origins // block)
    if blocks < LEAST_BLOCKS:
        return None
    draws = uniforms(
        seed=seed,
        purpose=BOOTSTRAP,
        identity=np.arange(blocks),
        replicate=np.arange(resamples)[:, np.newaxis],
    )
    starts = (draws * origins).astype(np.int64)
    rows = (starts[:, :, np.newaxis] + np.arange(block)) % origins
    rows = rows.reshape(resamples, -1)[:, :origins]
    flat = rows + origins * np.arange(resamples)[:, np.newaxis]
    counts = np.bincount(flat.reshape(-1), minlength=resamples * origins)
    return counts.reshape(resamples, origins) / origins
