"""The variable registry of a project: for the screen, for the compiler, for the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

import agentverse_engine
from agentverse import populations
from agentverse.compiler import Alternative, Family, Term, Vocabulary, wording
from agentverse.platform.db.session import TenantSession
from agentverse.populations import Snapshot
from agentverse.populations.schemas import DecisionMapping
from agentverse.runs import RunSpec, launches, template_roles
from agentverse.runs.domain_template import BuiltTemplate, Template
from agentverse.runs.inputs import scenario_of, with_parameters
from agentverse.runs.selection import (
    TemplateSelection,
    build_template,
    population_of,
    select_template,
)
from agentverse.universe import repository
from agentverse.universe.headlines import Headline, headline_of
from agentverse.universe.models import ProjectRow
from agentverse.universe.schemas import (
    NamedGroup,
    NamedLevel,
    ShareWords,
    Variable,
    VariableRegistry,
)
from agentverse_engine import ChoiceModel, EventScript, Pack, Population, Scenario, Scope
from agentverse_engine.effects.choices_left import find_gap
from agentverse_engine.execution.recalibrating import with_appeals
from agentverse_engine.packs.consumer_choice import NOT_OFFERED


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Registry:
    """What a population can be asked about under a template, and in which words."""

    snapshot: Snapshot
    selection: TemplateSelection
    seed: int
    built: BuiltTemplate
    headline: Headline | None = None

    @property
    def template(self) -> Template:
        return self.selection.template

    @property
    def pack(self) -> Pack:
        return self.built.pack

    @property
    def variables(self) -> tuple[agentverse_engine.Variable, ...]:
        """What can be changed, with the appeals that the baseline was calibrated to, once it was
        run; who is offered what is a fact of the file and no lever."""
        levers = tuple(each for each in self.built.variables if each.family != NOT_OFFERED)
        shifts = None if self.headline is None else self.headline.shifts
        if self.template.surveyed or not shifts:
            return levers
        return with_appeals(levers, shifts)

    @property
    def names(self) -> tuple[str, ...]:
        """The alternatives."""
        return self.pack.alternatives

    @property
    def population(self) -> Population:
        """As its personas start."""
        return population_of(self.snapshot, self.selection, self.seed)

    @property
    def model(self) -> ChoiceModel:
        """The survey's choice model."""
        return self.snapshot.choice_model

    @property
    def outcome_alternative(self) -> str:
        """Looked at first: as the pack says, or the one whose constant is zero."""
        if self.pack.outcome:
            return self.pack.outcome
        return next(name for name in self.names if name not in self.model.constants)

    @property
    def estimated(self) -> tuple[str, ...]:
        """Names of the covariance's rows."""
        return tuple(self.snapshot.choice_fit.coefficients)

    @property
    def covariance(self) -> NDArray[np.float64]:
        return self.snapshot.choice_fit.covariance

    @property
    def alternative_labels(self) -> dict[str, str]:
        if not self.template.surveyed:
            return {name: self.pack.labels.get(name, name) for name in self.names}
        return {item.value: item.label for item in self.snapshot.mapping.alternatives}

    @property
    def words(self) -> ShareWords:
        """What its shares are shares of."""
        return words_of(self.template, self.snapshot.mapping.decision)

    @property
    def group_labels(self) -> dict[str, str]:
        """Labels of regions and segments by name."""
        return {item.name: item.label for item in self.snapshot.regions + self.snapshot.segments}

    @property
    def names_in_words(self) -> dict[str, str]:
        """Labels of everything a script may name; of groups where two share a name."""
        return {
            **{variable.name: variable.label for variable in self.variables},
            **{level.name: level.label for level in self.pack.levels},
            **self.alternative_labels,
            **self.group_labels,
        }

    @property
    def alternatives(self) -> list[NamedGroup]:
        """Alternatives with the personas that start with them."""
        counts = np.bincount(self.population.choice, minlength=len(self.names))
        labels = self.alternative_labels
        return [
            NamedGroup(name=name, label=labels[name], personas=int(counts[index]))
            for index, name in enumerate(self.names)
        ]

    @property
    def regions(self) -> list[NamedGroup]:
        return self._groups(self.snapshot.regions, self.snapshot.population.region)

    @property
    def segments(self) -> list[NamedGroup]:
        return self._groups(self.snapshot.segments, self.snapshot.population.segment)

    def scenario(self, spec: RunSpec, *, social_rules: bool | None = None) -> Scenario:
        """spec: of the registry's own project; social_rules: by default as the headline is read."""
        on = self.speaks_with_rules if social_rules is None else social_rules
        shifts = None if self.headline is None else self.headline.shifts_of(social_rules=on)
        return scenario_of(self.snapshot, spec, social_rules=on, shifts=shifts)

    @property
    def speaks_with_rules(self) -> bool:
        """Before there is a project: as the template would have it."""
        if self.headline is None:
            return self.template.social_by_default
        return self.headline.social_rules

    def vocabulary(
        self,
        horizon: int,
        parameters: Mapping[str, float],
        *,
        changed: frozenset[str] = frozenset(),
        subject: frozenset[str] = frozenset(),
        earlier: Sequence[EventScript] = (),
    ) -> Vocabulary:
        """The compiler's view. changed: variables that the node asked from already changes, by the
        scripts `earlier`; subject: words for what the project is about."""
        return Vocabulary(
            variables=with_parameters(self.variables, parameters),
            alternatives=self._alternative_terms(),
            families=self._family_terms(),
            regions=_terms(self.snapshot.regions),
            segments=_terms(self.snapshot.segments),
            horizon=horizon,
            tick_unit=self.template.tick_unit,
            people=_People(
                population=self.population,
                alternatives=self.names,
                horizon=horizon,
                earlier=tuple(earlier),
            ),
            changed=changed,
            subject=subject,
        )

    def _alternative_terms(self) -> dict[str, Alternative]:
        if not self.template.surveyed:
            labels = self.alternative_labels
            return {name: Alternative(labels[name]) for name in self.names}
        return {
            item.value: Alternative(item.label, tuple(item.synonyms))
            for item in self.snapshot.mapping.alternatives
        }

    def _family_terms(self) -> dict[str, Family]:
        if not self.template.surveyed:
            return {}
        return {
            item.name: Family(item.label, item.unit, tuple(item.synonyms))
            for item in self.snapshot.mapping.families
        }

    def _groups(self, labels: Sequence[Any], codes: NDArray[np.int16]) -> list[NamedGroup]:
        counts = np.bincount(codes, minlength=len(labels))
        return [
            NamedGroup(name=item.name, label=item.label, personas=int(counts[index]))
            for index, item in enumerate(labels)
        ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _People:
    """The frozen personas, as the compiler asks after them."""

    population: Population
    alternatives: tuple[str, ...]
    horizon: int
    earlier: tuple[EventScript, ...]

    def count(self, scope: Scope) -> int:
        return int(self._reached(scope).sum())

    def values(self, variable: str, scope: Scope) -> tuple[float, float] | None:
        column = self.population.attributes.get(variable)
        if column is None:
            return None
        reached = column[self._reached(scope)]
        return (float(reached.min()), float(reached.max())) if reached.size else None

    def without_choice(self, scripts: Sequence[EventScript]) -> int:
        chain = (*self.earlier, *scripts)
        gap = find_gap(chain, self.alternatives, self.population, self.horizon)
        return 0 if gap is None else gap.personas

    def _reached(self, scope: Scope) -> NDArray[np.bool_]:
        people = self.population
        return _among(people.region, people.regions, scope.regions) & _among(
            people.segment, people.segments, scope.segments
        )


def _among(
    codes: NDArray[np.int16], names: Sequence[str], wanted: Sequence[str]
) -> NDArray[np.bool_]:
    if not wanted:
        return np.ones(len(codes), dtype=np.bool_)
    return np.isin(codes, [index for index, name in enumerate(names) if name in wanted])


def load_registry(db: TenantSession, project: ProjectRow) -> Registry:
    registry = registry_for(db, project.population_id, template_of_project(project), project.seed)
    baseline = launches.of_node(db, repository.root_of(db, project.id).id).explored
    return replace(registry, headline=headline_of(project, baseline))


def registry_for(
    db: TenantSession, population_id: UUID, selection: TemplateSelection, seed: int
) -> Registry:
    snapshot = populations.load_snapshot(db, population_id)
    return Registry(
        snapshot=snapshot, selection=selection, seed=seed, built=build_template(snapshot, selection)
    )


def sentence(registry: Registry, project: ProjectRow, script: EventScript) -> str:
    """A script in the words of its project."""
    by_name = {variable.name: variable for variable in registry.variables}
    return wording.sentence(
        script,
        by_name[script.variable],
        names=registry.names_in_words,
        tick_unit=registry.template.tick_unit,
        horizon=project.horizon,
    )


def words_of(template: Template, decision: DecisionMapping) -> ShareWords:
    """Of a survey's choices in its own words; everywhere else shares are of people."""
    if not template.surveyed:
        return ShareWords(flow_share="people", stock_share="people")
    return ShareWords(flow_share=decision.choices, stock_share=decision.holders)


def template_of_project(project: ProjectRow) -> TemplateSelection:
    return select_template(
        project.domain_template,
        project.template_options,
        project.start_shares,
        template_roles.stored(project.roles),
    )


def spec_of(project: ProjectRow, event_scripts: Sequence[EventScript]) -> RunSpec:
    """What a run of this project with these scripts computes."""
    return RunSpec(
        population_id=project.population_id,
        template=template_of_project(project),
        event_scripts=tuple(event_scripts),
        parameters=dict(project.parameters),
        horizon=project.horizon,
        replicates=project.replicates,
        seed=project.seed,
        estimation=project.estimation,
    )


def wire_form(registry: Registry, project: ProjectRow, *, examples: list[str]) -> VariableRegistry:
    return VariableRegistry(
        variables=[_wire(registry, project, variable) for variable in registry.variables],
        alternatives=registry.alternatives,
        regions=registry.regions,
        segments=registry.segments,
        levels=[
            NamedLevel(
                name=level.name,
                label=level.label,
                unit=level.unit,
                minimum=level.minimum,
                maximum=level.maximum,
            )
            for level in registry.pack.levels
        ],
        examples=examples,
    )


def _terms(labels: Sequence[Any]) -> dict[str, Term]:
    return {item.name: Term(item.label, tuple(item.synonyms)) for item in labels}


def _wire(
    registry: Registry, project: ProjectRow, variable: agentverse_engine.Variable
) -> Variable:
    attribute = variable.kind == "attribute"
    values = registry.population.attributes[variable.name] if attribute else None
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
