"""Said of a baseline that moves although nothing changes: how far, and which assumption does it.

Nothing should move without a cause. Where a template's rules have a point of rest, the start is
made one; where they have none, as when something spreads, the cause is named instead.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from agentverse.compiler import wording
from agentverse.runs import starting_points
from agentverse.runs.inputs import with_parameters
from agentverse.runs.launches import Launch
from agentverse.runs.selection import TemplateSelection
from agentverse.runs.starting_points import Mover
from agentverse.universe.headlines import Headline
from agentverse.universe.models import ProjectRow
from agentverse.universe.schemas import Notice
from agentverse_engine import Level, StartDrift

MOST_TOLD: Final = 2
# Templates whose earlier releases started people where the rules moved them at once.
RESTED: Final = frozenset({"opinion", "election"})


def notices(
    project: ProjectRow, selection: TemplateSelection, headline: Headline, baseline: Launch
) -> list[Notice]:
    """Of a template whose people are moved by rules; none where the run rests at its start."""
    summary = baseline.summary(headline.variant)
    if summary is None:
        return []
    if summary.start_drift is None:
        return [_earlier()] if selection.name in RESTED else []
    if not summary.start_drift:
        return []
    built = selection.template.build(None, selection.settled, selection.roles)
    variables = with_parameters(built.variables, project.parameters)
    message = drift_message(
        summary.start_drift,
        starting_points.movers(selection.template, selection.settled, variables),
        tick_unit=selection.template.tick_unit,
        first=project.outcome_alternative,
        labels=built.pack.labels,
        levels={level.name: level for level in built.pack.levels},
    )
    return [Notice(kind="start_drift", message=message)]


def _earlier() -> Notice:
    return Notice(
        kind="earlier_start",
        message="The baseline was run by an earlier release, whose rules moved people from their "
        "start at once. Run the baseline again before you compare anything with it.",
    )


def drift_message(
    drifts: Sequence[StartDrift],
    movers: Sequence[Mover],
    *,
    tick_unit: str,
    first: str,
    labels: Mapping[str, str],
    levels: Mapping[str, Level],
) -> str:
    """What leaves its start, by how much, what moves it, and what to do.

    first: the outcome that comes first where it is among them; labels: of the alternatives.
    """
    ordered = sorted(drifts, key=lambda one: (one.outcome != first, one.outcome in levels))
    moves = [
        _level(one, levels[one.outcome]) if one.outcome in levels else _share(one, labels)
        for one in ordered[:MOST_TOLD]
    ]
    left_out = len(ordered) - len(moves)
    if left_out:
        moves.append(f"{left_out} more")
    ticks = ordered[0].ticks
    within = f"the first {ticks} {tick_unit}s" if ticks > 1 else f"the first {tick_unit}"
    alike = (
        " All replicates move alike, so no interval shows it."
        if all(one.low == one.high for one in ordered)
        else ""
    )
    return (
        f"The baseline moves although nothing changes: in {within} {wording.listing(moves)}."
        f"{alike} {_causes(movers)} Read what a change adds to the baseline, or start a project "
        "with other values."
    )


def _share(drift: StartDrift, labels: Mapping[str, str]) -> str:
    name = labels.get(drift.outcome, drift.outcome)
    return (
        f"“{name}” goes from {100 * drift.start:.1f} to {100 * (drift.start + drift.moved):.1f} % "
        f"of people ({_points(drift.low)} to {_points(drift.high)} points)"
    )


def _points(share: float) -> str:
    return wording.signed(100 * share, 1)


def _level(drift: StartDrift, level: Level) -> str:
    unit = "" if level.unit == "1" else f" {level.unit}"
    return (
        f"the mean of “{level.label}” goes from {_amount(drift.start)} to "
        f"{_amount(drift.start + drift.moved)}{unit}"
    )


def _amount(value: float) -> str:
    """Whole thousands with commas, never as a power of ten."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _causes(movers: Sequence[Mover]) -> str:
    if not movers:
        return "No single assumption does it: the rules together do."
    return f"What moves it is assumed: {wording.listing([_cause(one) for one in movers])}."


def _cause(mover: Mover) -> str:
    if mover.value is None and not mover.source:
        return mover.text
    value = "" if mover.value is None else f" {mover.value:g}"
    unit = "" if mover.unit == "1" or mover.value is None else f" {mover.unit}"
    return f"{mover.text}{value}{unit} ({mover.source})"
