"""What is to be run: one frozen value from a project's node to the engine's scenario."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter

from agentverse.runs import template_roles
from agentverse.runs.models import RunRow
from agentverse.runs.selection import TemplateSelection, select_template
from agentverse_engine import EventScript

SCRIPTS: Final = TypeAdapter(tuple[EventScript, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """All that decides a run's result but its variant and the content of the frozen population.

    parameters: values other than the registry's defaults, by name. estimation: whether each
    replicate has coefficients of its own, drawn from what the fit leaves open; whoever moves the
    choice model's constants does it without, since a draw stands in for its constant.
    """

    population_id: UUID
    template: TemplateSelection
    event_scripts: tuple[EventScript, ...]
    parameters: Mapping[str, float]
    horizon: int
    replicates: int
    seed: int
    estimation: bool = False

    def columns(self) -> dict[str, Any]:
        """As a run's row stores it."""
        shares = self.template.start_shares
        return {
            "population_id": self.population_id,
            "domain_template": self.template.name,
            "template_options": dict(self.template.options),
            "start_shares": None if shares is None else dict(shares),
            "roles": {
                name: item.model_dump(mode="json")
                for name, item in template_roles.wire(self.template.roles).items()
            },
            "event_scripts": [asdict(script) for script in self.event_scripts],
            "parameters": dict(self.parameters),
            "horizon": self.horizon,
            "replicates": self.replicates,
            "seed": self.seed,
            "estimation": self.estimation,
        }


def spec_of(row: RunRow) -> RunSpec:
    """The value that `columns` was made of."""
    return RunSpec(
        population_id=row.population_id,
        template=template_of(row),
        event_scripts=SCRIPTS.validate_python(row.event_scripts),
        parameters=row.parameters,
        horizon=row.horizon,
        replicates=row.replicates,
        seed=row.seed,
        estimation=row.estimation,
    )


def template_of(row: RunRow) -> TemplateSelection:
    return select_template(
        row.domain_template,
        row.template_options,
        row.start_shares,
        template_roles.stored(row.roles),
    )
