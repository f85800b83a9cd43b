"""The variable registry of a project: for the screen, for the compiler, for the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

import agentverse_engine
from agentverse import populations
from agentverse.platform.db.session import TenantSession
from agentverse.populations import Snapshot
from agentverse.runs.inputs import registry_of, scenario_of, with_parameters
from agentverse.universe.compiler import Alternative, Family, Term, Vocabulary
from agentverse.universe.models import ProjectRow
from agentverse.universe.schemas import (
    DomainTemplate,
    NamedGroup,
    TemplateParameter,
    Variable,
    VariableRegistry,
)
from agentverse_engine import ChoiceModel, EventScript, Scenario, consumer_choice_parameters


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Registry:
    """What a population can be asked about, and in which words."""

    snapshot: Snapshot
    variables: tuple[agentverse_engine.Variable, ...]

    @property
    def model(self) -> ChoiceModel:
        return self.snapshot.model

    @property
    def reference_alternative(self) -> str:
        """The one whose constant is zero."""
        names = self.model.alternatives
        return next(name for name in names if name not in self.model.constants)

    @property
    def estimated(self) -> tuple[str, ...]:
        """Names of the covariance's rows."""
        return tuple(self.snapshot.fit.coefficients)

    @property
    def covariance(self) -> NDArray[np.float64]:
        return self.snapshot.fit.covariance

    @property
    def alternative_labels(self) -> dict[str, str]:
        return {item.value: item.label for item in self.snapshot.mapping.alternatives}

    @property
    def group_labels(self) -> dict[str, str]:
        """Labels of regions and segments by name."""
        return {item.name: item.label for item in self.snapshot.regions + self.snapshot.segments}

    @property
    def alternatives(self) -> list[NamedGroup]:
        """Alternatives with the personas that start with them."""
        counts = np.bincount(
            self.snapshot.population.choice, minlength=len(self.model.alternatives)
        )
        labels = self.alternative_labels
        return [
            NamedGroup(name=name, label=labels[name], personas=int(counts[place]))
            for place, name in enumerate(self.model.alternatives)
        ]

    @property
    def regions(self) -> list[NamedGroup]:
        return self._groups(self.snapshot.regions, self.snapshot.population.region)

    @property
    def segments(self) -> list[NamedGroup]:
        return self._groups(self.snapshot.segments, self.snapshot.population.segment)

    def scenario(
        self,
        *,
        event_scripts: Sequence[EventScript],
        parameters: Mapping[str, float],
        horizon: int,
        seed: int,
        replicates: int,
        social_rules: bool,
    ) -> Scenario:
        return scenario_of(
            self.snapshot,
            event_scripts=event_scripts,
            parameters=parameters,
            horizon=horizon,
            seed=seed,
            replicates=replicates,
            social_rules=social_rules,
        )

    def vocabulary(self, horizon: int, parameters: Mapping[str, float]) -> Vocabulary:
        """The compiler's view."""
        mapping = self.snapshot.mapping
        return Vocabulary(
            variables=with_parameters(self.variables, parameters),
            alternatives={
                item.value: Alternative(item.label, tuple(item.synonyms))
                for item in mapping.alternatives
            },
            families={
                item.name: Family(item.label, item.unit, tuple(item.synonyms))
                for item in mapping.families
            },
            regions=_terms(self.snapshot.regions),
            segments=_terms(self.snapshot.segments),
            horizon=horizon,
            tick_unit="month",
        )

    def _groups(self, labels: Sequence[Any], codes: NDArray[np.int16]) -> list[NamedGroup]:
        counts = np.bincount(codes, minlength=len(labels))
        return [
            NamedGroup(name=item.name, label=item.label, personas=int(counts[place]))
            for place, item in enumerate(labels)
        ]


def load_registry(db: TenantSession, population_id: UUID) -> Registry:
    snapshot = populations.load_snapshot(db, population_id)
    return Registry(snapshot=snapshot, variables=registry_of(snapshot))


def wire_form(registry: Registry, project: ProjectRow, *, examples: list[str]) -> VariableRegistry:
    return VariableRegistry(
        variables=[_wire(registry, project, variable) for variable in registry.variables],
        alternatives=registry.alternatives,
        regions=registry.regions,
        segments=registry.segments,
        examples=examples,
    )


def consumer_choice() -> DomainTemplate:
    """The domain's parameters before there is a project, as the engine has them."""
    return DomainTemplate(
        parameters=[
            TemplateParameter.model_validate(parameter)
            for parameter in consumer_choice_parameters()
        ]
    )


def _terms(labels: Sequence[Any]) -> dict[str, Term]:
    return {item.name: Term(item.label, tuple(item.synonyms)) for item in labels}


def _wire(
    registry: Registry, project: ProjectRow, variable: agentverse_engine.Variable
) -> Variable:
    attribute = variable.kind == "attribute"
    values = registry.snapshot.population.attributes[variable.name] if attribute else None
    return Variable(
        name=variable.name,
        label=variable.label,
        unit=variable.unit,
        minimum=variable.minimum,
        maximum=variable.maximum,
        default=variable.default,
        value=project.parameters.get(variable.name, variable.default),
        mean=None if values is None else float(values.mean()),
        kind=variable.kind,
        family=variable.family,
        alternative=variable.alternative,
        moves=list(variable.moves),
        source=variable.source,
        assumption=variable.assumption,
        synonyms=list(variable.synonyms),
    )
