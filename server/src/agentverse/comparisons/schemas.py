"""Wire types of comparisons: differences paired by replicate, drivers, the closed form."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from agentverse.platform.wire import WireModel
from agentverse.runs.schemas import (
    Band,
    Basis,
    Calibration,
    IntervalKind,
    OutcomeStrip,
    RunVariant,
    StoredShareKind,
)
from agentverse.universe.schemas import NamedGroup, Notice


class ShareDifference(WireModel):
    """Percentages as shares 0 … 1; difference = branch − base, paired by replicate."""

    metric: StoredShareKind
    alternative: str
    segment: str | None
    region: str | None
    base: OutcomeStrip
    branch: OutcomeStrip
    difference: OutcomeStrip
    clear: bool = Field(description="The interval of the difference excludes zero.")
    branch_higher_of_20: int = Field(
        description="Of the 20 paired differences, how many lie above zero: of 20 futures, those "
        "in which the branch is higher than its base."
    )


class Driver(WireModel):
    """One cause of the difference of the alternative's share that the comparison is about."""

    name: str
    label: str
    kind: Literal["change", "social_rules", "interaction"]
    effect: float
    low: float = Field(
        description="90 % of the estimation's sampling distribution, or of the replicates."
    )
    high: float
    clear: bool
    method: str


class ClosedForm(WireModel):
    """Expected logit shares with the social rules off, beside the simulation of the same."""

    alternative: str
    base: float
    branch: float
    difference: float
    difference_low: float = Field(description="90 % of the estimation's sampling distribution.")
    difference_high: float
    simulated_base: OutcomeStrip
    simulated_branch: OutcomeStrip
    simulated_difference: OutcomeStrip


class IntervalPart(WireModel):
    """What one source of uncertainty adds to the spread of a difference."""

    kind: Literal["chance", "estimation"] = Field(
        description="The randomness of the simulation, or the error of the estimated coefficients."
    )
    variance: float = Field(description="Over the replicates, of the difference of shares.")
    share: float = Field(description="Of the sum of the parts.")


class LevelStrip(WireModel):
    """The mean of a level with its interval and 20 equally likely futures, in its unit."""

    low: float
    median: float
    high: float
    dots: list[float]
    interval: IntervalKind
    tick: int


class LevelDifference(WireModel):
    """Two nodes' means of one level in one group at the end of the window, paired."""

    name: str
    label: str
    unit: str
    segment: str | None
    region: str | None
    base: LevelStrip
    branch: LevelStrip
    difference: LevelStrip
    clear: bool
    branch_higher_of_20: int


class LevelPair(WireModel):
    """Everyone's mean of one level over time."""

    name: str
    base: Band
    branch: Band
    difference: Band


class SeriesPair(WireModel):
    alternative: str
    metric: StoredShareKind
    base: Band
    branch: Band
    difference: Band


class Comparison(WireModel):
    project_id: UUID
    base_node_id: UUID
    branch_node_id: UUID
    metric: StoredShareKind
    from_tick: int
    to_tick: int
    ticks: list[int]
    base_label: str = Field(description="What differences are measured against.")
    branch_label: str
    sentence: str = Field(description="The finding in one sentence.")
    about: str = Field(description="The alternative that was asked about, told first.")
    headline: RunVariant = Field(
        description="Whose numbers `differences`, `segments`, `levels` and `series` are."
    )
    notices: list[Notice]
    basis: Basis = Field(description="What the headline's differences rest on.")
    calibration: Calibration | None
    alternatives: list[NamedGroup]
    differences: list[ShareDifference] = Field(description="Everyone, an entry per alternative.")
    segments: list[ShareDifference] = Field(description="Each segment, then each region.")
    with_social_rules: list[ShareDifference] = Field(description="Everyone, each alternative.")
    without_social_rules: list[ShareDifference] = Field(description="The same, switched off.")
    levels: list[LevelDifference] = Field(description="Everyone, then each segment and region.")
    drivers: list[Driver] = Field(description="Causes of the headline's difference.")
    assumption_effects: list[Driver] = Field(
        description="What an assumption would add that the headline does without."
    )
    closed_form: list[ClosedForm] = Field(
        description="Empty where the template, or an event by persona or condition, has none."
    )
    series: list[SeriesPair]
    level_series: list[LevelPair]
    interval: IntervalKind
    interval_parts: list[IntervalPart] = Field(
        description="Of the difference of `about` without the social rules. Empty "
        "where it has no closed form, or the project's replicates share their coefficients."
    )
    assumptions: list[str]
    base_digest: str
    branch_digest: str
