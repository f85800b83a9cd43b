"""How near a project's baseline stays to the survey that its choice model was fitted to."""

from dataclasses import dataclass

from agentverse import populations
from agentverse.comparisons import findings
from agentverse.platform.db.session import TenantSession
from agentverse.runs import launches
from agentverse.runs.outcomes import listed_strip
from agentverse.runs.schemas import OutcomeStrip, RunVariant
from agentverse.universe import ProjectRow, root_of, variables


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyFit:
    """The outcome alternative in the survey, and in the baseline's new installations (None where
    they have not been computed, or where the template counts none)."""

    chosen: int
    surveyed: int
    baseline: dict[RunVariant, OutcomeStrip | None]


def read_survey_fit(db: TenantSession, project: ProjectRow) -> SurveyFit | None:
    """None where the project's alternatives are not the survey's."""
    template = variables.template_of_project(project).template
    if not template.surveyed:
        return None
    counts = populations.get_report(db, project.population_id).import_report.choice_counts
    counted = "flow_share" in template.metrics
    root = launches.of_node(db, root_of(db, project.id).id)
    explored = root.explored if counted else None
    variants: tuple[RunVariant, ...] = ("with_social_rules", "without_social_rules")
    return SurveyFit(
        chosen=counts.get(project.outcome_alternative, 0),
        surveyed=sum(counts.values()),
        baseline={
            variant: listed_strip(
                explored, project.outcome_alternative, "flow_share", variant=variant
            )
            for variant in variants
        },
    )


def sentence(survey_fit: SurveyFit, *, label: str, tick_unit: str) -> str:
    """Why the baseline need not look like the survey, in the project's own numbers."""
    share = 100 * survey_fit.chosen / survey_fit.surveyed
    fit = (
        "The constants of the alternatives were fitted without the social rules, so with the rules "
        "on the baseline need not reproduce the survey's shares: "
        f"{survey_fit.chosen:,} of {survey_fit.surveyed:,} in the survey ({share:.1f} %) chose "
        f"{label}"
    )
    social = survey_fit.baseline["with_social_rules"]
    plain = survey_fit.baseline["without_social_rules"]
    if social is None or plain is None:
        return f"{fit}."
    return (
        f"{fit}; of the baseline's new installations in {tick_unit}s {social.from_tick}–"
        f"{social.to_tick} its share is {findings.share_range(social)} with the rules and "
        f"{findings.share_range(plain)} without them."
    )
