"""What a reader must be told before any number: a baseline that leaves its data, and why.

One place says it, and every page, answer and export that shows the baseline shows it.
"""

from collections.abc import Mapping
from typing import Final

from agentverse.runs.domain_template import Template
from agentverse.runs.launches import Launch
from agentverse.runs.outcomes import listed_strip
from agentverse.runs.selection import TemplateSelection
from agentverse.universe import moving_starts
from agentverse.universe.headlines import Headline
from agentverse.universe.models import ProjectRow
from agentverse.universe.schemas import Notice

# Less than this is no departure, however narrow the interval.
POINT_TENTH: Final = 0.001


def notices(
    project: ProjectRow,
    selection: TemplateSelection,
    headline: Headline,
    baseline: Launch | None,
    *,
    survey: Mapping[str, float],
    labels: Mapping[str, str],
) -> list[Notice]:
    """survey: share of each alternative in the data the population was made of; labels: of these
    alternatives."""
    template = selection.template
    if baseline is None:
        return []
    if not template.surveyed:
        return moving_starts.notices(project, selection, headline, baseline)
    shown = [*_lost_fixed_point(project, headline, labels)]
    if "flow_share" in template.metrics:
        shown += _off_survey(project, template, headline, baseline, survey, labels)
    return shown


def _lost_fixed_point(
    project: ProjectRow, headline: Headline, labels: Mapping[str, str]
) -> list[Notice]:
    """Only where the rules were switched on: else nobody waits for their run."""
    calibration = headline.calibration
    if not project.social_rules or calibration is None or calibration.converged:
        return []
    worst = max(
        calibration.target,
        key=lambda name: abs(calibration.shares[name] - calibration.target[name]),
    )
    return [
        Notice(
            kind="no_fixed_point",
            message="With the social rules switched on, no constants of the alternatives lead to "
            f"the survey's shares ({calibration.iterations} tries). The nearest gives "
            f"{labels[worst]} {100 * calibration.shares[worst]:.1f} % where the survey has "
            f"{100 * calibration.target[worst]:.1f} %. So the run without them comes first. Make "
            "the pull of the neighbours weaker in a new project to have the rules first.",
        )
    ]


def _off_survey(
    project: ProjectRow,
    template: Template,
    headline: Headline,
    baseline: Launch,
    survey: Mapping[str, float],
    labels: Mapping[str, str],
) -> list[Notice]:
    """The alternative furthest from its share in the survey, if its interval misses that."""
    worst, name = 0.0, ""
    reported = ""
    for alternative, share in survey.items():
        strip = listed_strip(baseline, alternative, "flow_share", headline.variant)
        if strip is None:
            continue
        miss = max(strip.low - share, share - strip.high)
        if miss > max(worst, POINT_TENTH):
            worst, name = miss, alternative
            reported = (
                f"{100 * strip.low:.1f} to {100 * strip.high:.1f} % of choices in "
                f"{template.tick_unit}s {strip.from_tick}–{strip.to_tick}"
            )
    if not name:
        return []
    reason, way_out = _why(headline)
    return [
        Notice(
            kind="baseline_off",
            message=f"The baseline leaves its data: {labels[name]} has {100 * survey[name]:.1f} % "
            f"in the survey and {reported}. {reason} {way_out}",
        )
    ]


def _why(headline: Headline) -> tuple[str, str]:
    if headline.social_rules and headline.calibration is None:
        return (
            "Its social rules are on, and its constants were fitted without them and not moved.",
            "Run the baseline again, or start a project without the social rules.",
        )
    return (
        "So few personas or choices do not carry the survey's shares.",
        "Import the file with more personas, or let the run have more of them choose.",
    )
