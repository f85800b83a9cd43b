"""Strips: one share with its interval and 20 equally likely futures."""

import numpy as np
from numpy.typing import NDArray

from agentverse.runs.intervals import central, dots, interval_kind
from agentverse.runs.launches import Launch
from agentverse.runs.schemas import Metric, OutcomeStrip, RunVariant

Floats = NDArray[np.float64]

# Lists and maps show one outcome, over the whole run, for every node of a project.
LISTED_VARIANT: RunVariant = "with_social_rules"


def strip(
    values: Floats, *, metric: Metric, alternative: str, from_tick: int, to_tick: int
) -> OutcomeStrip:
    """values: float64[replicates]. The stock is a level, so its window is its last tick."""
    low, median, high = central(values)
    return OutcomeStrip(
        metric=metric,
        alternative=alternative,
        low=low,
        median=median,
        high=high,
        dots=dots(values),
        interval=interval_kind(len(values)),
        from_tick=to_tick if metric == "stock" else from_tick,
        to_tick=to_tick,
    )


def listed_strip(
    launch: Launch | None,
    alternative: str,
    metric: Metric,
    *,
    variant: RunVariant = LISTED_VARIANT,
) -> OutcomeStrip | None:
    values = _listed(launch, alternative, metric, variant)
    if launch is None or values is None:
        return None
    return _whole_run(values, launch, alternative, metric)


def listed_difference(
    launch: Launch | None, base: Launch | None, alternative: str, metric: Metric
) -> OutcomeStrip | None:
    """Against the baseline, paired by replicate."""
    values, other = (_listed(one, alternative, metric) for one in (launch, base))
    if launch is None or values is None or other is None:
        return None
    return _whole_run(values - other, launch, alternative, metric)


def _listed(
    launch: Launch | None,
    alternative: str,
    metric: Metric,
    variant: RunVariant = LISTED_VARIANT,
) -> Floats | None:
    if launch is None:
        return None
    return launch.whole_run_shares(variant, metric, alternative)


def _whole_run(values: Floats, launch: Launch, alternative: str, metric: Metric) -> OutcomeStrip:
    return strip(
        values,
        metric=metric,
        alternative=alternative,
        from_tick=1,
        to_tick=launch.runs[0].horizon,
    )
