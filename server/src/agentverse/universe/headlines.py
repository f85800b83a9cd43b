"""Which of a node's two runs speaks first, and why.

Where people choose by a model fitted to a survey, the social rules are an assumption that the
survey does not identify: out of sample they forecast worse than a plain logit. So they speak first
only where the project switched them on, and only with constants that reproduce the survey.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from agentverse.runs.launches import Launch
from agentverse.runs.schemas import Calibration, RunVariant
from agentverse.universe.models import ProjectRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """variant: whose numbers come first; calibration: of the baseline's run with the rules;
    plain: of its run without them, where a template's constants are fitted to nothing."""

    variant: RunVariant
    calibration: Calibration | None
    plain: Calibration | None = None

    @property
    def social_rules(self) -> bool:
        return self.variant == "with_social_rules"

    @property
    def other(self) -> RunVariant:
        return "without_social_rules" if self.social_rules else "with_social_rules"

    @property
    def shifts(self) -> Mapping[str, float] | None:
        """Of the constants in the run that comes first."""
        return self.shifts_of(social_rules=self.social_rules)

    def shifts_of(self, *, social_rules: bool) -> Mapping[str, float] | None:
        calibration = self.calibration if social_rules else self.plain
        return None if calibration is None else calibration.shifts


def about(variables: Iterable[str], alternatives: Collection[str], *, default: str) -> str:
    """The alternative that a node is about: of the first of its changes that is of one.

    variables: names of what it changes, in order; default: where they are of no alternative.
    """
    named = (variable.partition(".")[2] for variable in variables)
    return next((name for name in named if name in alternatives), default)


def headline_of(project: ProjectRow, baseline: Launch | None) -> Headline:
    """baseline: the last explored launch of the project's root; None: there is none yet."""
    calibration = None if baseline is None else baseline.run("with_social_rules").calibration
    plain = None if baseline is None else baseline.run("without_social_rules").calibration
    lost = calibration is not None and not calibration.converged
    switched_on = project.social_rules and not lost
    return Headline(
        variant="with_social_rules" if switched_on else "without_social_rules",
        calibration=calibration,
        plain=plain,
    )
