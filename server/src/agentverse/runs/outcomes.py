"""Outcomes: what is read of a run, by one reader; and the strips that lists show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agentverse.platform.errors import FieldError
from agentverse.runs.errors import OutcomeInvalid
from agentverse.runs.intervals import (
    Names,
    RunSeries,
    central,
    dots,
    interval_kind,
    level_means,
    window_shares,
)
from agentverse.runs.launches import Launch
from agentverse.runs.schemas import OutcomeKind, OutcomeStrip, RunVariant, ShareKind
from agentverse.runs.summaries import RunSummary

Floats = NDArray[np.float64]

# How requests call what an outcome is of.
NAMED: Final[Mapping[OutcomeKind, str]] = {
    "flow_share": "alternative",
    "stock_share": "alternative",
    "level_mean": "level",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One number per replicate: a share of an alternative, or the mean of a level.

    kind: flow_share (of those who took something up in the window), stock_share (of everyone, at
    its last tick), level_mean (in the level's unit, at its last tick); of: the alternative's or the
    level's name; segments, regions: whom it is read over, all where none are named; first_tick,
    last_tick: inclusive, from 1 on, and from 0 on where no flow is read.
    """

    kind: OutcomeKind
    of: str
    first_tick: int
    last_tick: int
    segments: Names = ()
    regions: Names = ()


def values(results: RunSeries | RunSummary, outcome: Outcome) -> Floats:
    """float64[replicates]; nan in a replicate that has none, since nobody took anything up.

    Raises OutcomeInvalid, by field, for a window outside the run, an unknown group, alternative or
    level; and of a summary, which has the whole run and everyone, for anything less.
    """
    return values_of(results, [outcome])[0]


def values_of(results: RunSeries | RunSummary, outcomes: Sequence[Outcome]) -> Floats:
    """Several at once, float64[outcomes, replicates]: what they share is added up once."""
    for outcome in outcomes:
        check(results, outcome)
    if isinstance(results, RunSummary):
        return np.array([results.values(one.kind, one.of) for one in outcomes])
    tables: dict[tuple[object, ...], Floats] = {}
    return np.array([_column(results, one, tables) for one in outcomes])


def check(results: RunSeries | RunSummary, outcome: Outcome) -> None:
    """Raise OutcomeInvalid with every field that names what the run does not have."""
    wrong = [
        *wrong_window(results.horizon, outcome),
        *_unknown(NAMED[outcome.kind], (outcome.of,), results.names(outcome.kind)),
        *_unknown("segment", outcome.segments, results.segments),
        *_unknown("region", outcome.regions, results.regions),
    ]
    if isinstance(results, RunSummary) and (outcome.first_tick, outcome.last_tick) != (
        1,
        results.horizon,
    ):
        wrong.append(FieldError(field="first_tick", message="a summary has the whole run only"))
    if wrong:
        raise OutcomeInvalid(
            " ".join(f"{one.field}: {one.message}." for one in wrong), errors=wrong
        )


def wrong_window(horizon: int, outcome: Outcome) -> list[FieldError]:
    """What keeps a run of so many ticks from having the outcome's, by the outcome's fields."""
    least = 1 if outcome.kind == "flow_share" else 0
    ticks = {"first_tick": outcome.first_tick, "last_tick": outcome.last_tick}
    wrong = [
        FieldError(field=name, message=f"{tick} does not lie between {least} and {horizon}")
        for name, tick in ticks.items()
        if not least <= tick <= horizon
    ]
    if not wrong and outcome.first_tick > outcome.last_tick:
        wrong = [FieldError(field="first_tick", message="must not lie after last_tick")]
    return wrong


def _unknown(field: str, names: Names, available: Sequence[str]) -> list[FieldError]:
    advice = f"use one of: {', '.join(available)}" if available else "the run has none"
    return [
        FieldError(field=field, message=f"“{name}” is unknown; {advice}")
        for name in names
        if name not in available
    ]


def _column(
    series: RunSeries, outcome: Outcome, tables: dict[tuple[object, ...], Floats]
) -> Floats:
    group = {"segments": outcome.segments, "regions": outcome.regions}
    if outcome.kind == "level_mean":
        at_end = series.of_ticks(outcome.last_tick, outcome.last_tick)
        return level_means(at_end, outcome.of, **group)[:, 0]
    key = (outcome.kind, outcome.first_tick, outcome.last_tick, outcome.segments, outcome.regions)
    if key not in tables:
        tables[key] = window_shares(
            series, outcome.kind, outcome.first_tick, outcome.last_tick, **group
        )
    return tables[key][:, series.alternatives.index(outcome.of)]


def strip(values: Floats, outcome: Outcome) -> OutcomeStrip:
    """values: float64[replicates], of this outcome or of the difference of two such."""
    low, median, high = central(values)
    flow = outcome.kind == "flow_share"
    if outcome.kind == "level_mean":
        raise TypeError("A strip shows a share; means of levels have strips of their own.")
    return OutcomeStrip(
        metric=outcome.kind,
        alternative=outcome.of,
        low=low,
        median=median,
        high=high,
        dots=dots(values),
        interval=interval_kind(len(values)),
        from_tick=outcome.first_tick if flow else outcome.last_tick,
        to_tick=outcome.last_tick,
    )


def listed_strip(
    launch: Launch | None, alternative: str, kind: ShareKind, variant: RunVariant
) -> OutcomeStrip | None:
    """The whole run's share; None where there is no run, or a replicate without a value."""
    summary = None if launch is None else launch.summary(variant)
    whole = _whole_run(summary, kind, alternative)
    return None if whole is None else strip(whole[1], whole[0])


def listed_difference(
    launch: Launch | None,
    base: Launch | None,
    alternative: str,
    kind: ShareKind,
    variant: RunVariant,
) -> OutcomeStrip | None:
    """Against the baseline, paired by replicate; None where either has no value."""
    sides = [None if one is None else one.summary(variant) for one in (launch, base)]
    own, other = (_whole_run(summary, kind, alternative) for summary in sides)
    if own is None or other is None:
        return None
    return strip(own[1] - other[1], own[0])


def _whole_run(
    summary: RunSummary | None, kind: ShareKind, alternative: str
) -> tuple[Outcome, Floats] | None:
    if summary is None:
        return None
    outcome = Outcome(kind=kind, of=alternative, first_tick=1, last_tick=summary.horizon)
    per_replicate = values(summary, outcome)
    return (outcome, per_replicate) if np.isfinite(per_replicate).all() else None
