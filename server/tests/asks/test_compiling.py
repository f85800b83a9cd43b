"""From a question to a node: what compile says it understood is what the node's scripts say."""

from typing import Any
from uuid import UUID

import pytest
from factories.universe import make_population, make_project

from agentverse import universe
from agentverse.asks import compiling, examples
from agentverse.asks.compiling import Compiled
from agentverse.platform.db.session import tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope
from agentverse.runs.domains import TEMPLATES
from agentverse.runs.schemas import TemplateName
from agentverse.universe import branching, graph, repository
from agentverse.universe.errors import EventScriptInvalid
from agentverse.universe.event_schemas import EventScriptInput, ScopeWire
from agentverse.universe.schemas import NodeDetail, Project
from agentverse.universe.variables import Registry, load_registry


@pytest.fixture
def population(scope: Scope) -> UUID:
    return make_population(scope, personas=200)


def fork(scope: Scope, project: Project, question: str, compiled: Compiled) -> NodeDetail:
    """The node that an ask makes, without its runs."""
    with tenant_session(scope) as db:
        parent = repository.root_of(db, project.id)
        node = branching.fork(db, parent, compiled.branch(question, new_id(), ()))
        return graph.node_detail(db, node.id)


@pytest.mark.parametrize("template", TEMPLATES)
def test_compile_says_of_each_example_what_its_node_says(
    scope: Scope, population: UUID, template: TemplateName
) -> None:
    project = make_project(scope, population_id=population, parameters={}, domain_template=template)
    with tenant_session(scope, read_only=True) as db:
        questions = examples.list_variables(db, project.id).examples
    assert len(questions) >= 2
    for question in questions:
        compiled = compiling.compile_question(scope, project.id, question)
        node = fork(scope, project, question, compiled)
        told = [part.sentence for part in compiled.wire.understood]
        assert told == [script.sentence for script in node.event_scripts]
        assert all(part.text and part.text in question for part in compiled.wire.understood)
        assert compiled.wire.event_scripts == node.event_scripts
        assert all(script.sentence in node.explanation for script in node.event_scripts)


def test_compile_offers_what_may_be_meant_with_values_before_and_after(
    scope: Scope, population: UUID
) -> None:
    project = make_project(scope, population_id=population)
    wire = compiling.compile_question(scope, project.id, "Heat pumps are 30% cheaper, oh nice").wire
    assert wire.needs_confirmation
    (script,) = wire.event_scripts or wire.suggestions[0].event_scripts
    (values,) = wire.values or wire.suggestions[0].values
    registry = registry_of(scope, project)
    column = registry.population.attributes[script.variable]
    whole = values.groups[0]
    assert (whole.name, whole.personas) == ("", len(column))
    assert whole.before == pytest.approx(column.mean())
    assert whole.after == pytest.approx(0.7 * column.mean())
    assert sum(group.personas for group in values.groups[1:]) == len(column)
    for group in values.groups[1:]:
        place = registry.population.segments.index(group.name)
        inside = registry.population.segment == place
        assert group.before == pytest.approx(column[inside].mean())


def test_tell_edited_counts_on_from_the_node_and_only_whom_it_reaches(
    scope: Scope, population: UUID
) -> None:
    project = make_project(scope, population_id=population)
    compiled = compiling.compile_question(
        scope, project.id, "Installation cost of heat pumps down 15%"
    )
    node = fork(scope, project, "Installation cost of heat pumps down 15%", compiled)
    (earlier,) = compiled.compilation.event_scripts
    population_ = registry_of(scope, project).population
    region = population_.regions[0]
    edited = EventScriptInput(
        variable=earlier.variable,
        operation="multiply",
        value=0.5,
        scope=ScopeWire(regions=[region], start_tick=3),
    )
    wire = compiling.tell_edited(scope, project.id, [edited], parent_node_id=node.id)
    inside = population_.region == 0
    whole = wire.values[0].groups[0]
    today = population_.attributes[earlier.variable][inside].mean()
    assert wire.values[0].first_tick == 3
    assert whole.personas == inside.sum()
    assert whole.before == pytest.approx(0.85 * today)
    assert whole.after == pytest.approx(0.5 * 0.85 * today)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"variable": "magic"}, "event_scripts[0].variable"),
        ({"value": -5.0}, "event_scripts[0].value"),
        ({"value": 1.0}, "event_scripts[0].value"),
        ({"scope": {"regions": ["nowhere"]}}, "event_scripts[0].scope.regions"),
    ],
)
def test_tell_edited_names_the_field_of_what_cannot_be(
    scope: Scope, population: UUID, change: dict[str, Any], field: str
) -> None:
    project = make_project(scope, population_id=population)
    (script,) = compiling.compile_question(
        scope, project.id, "Installation cost of heat pumps down 15%"
    ).compilation.event_scripts
    sent = {"variable": script.variable, "operation": "multiply", "value": 0.5, **change}
    with pytest.raises(EventScriptInvalid) as refused:
        compiling.tell_edited(scope, project.id, [EventScriptInput.model_validate(sent)])
    assert [error.field for error in refused.value.errors] == [field]


def registry_of(scope: Scope, project: Project) -> Registry:
    with tenant_session(scope, read_only=True) as db:
        return load_registry(db, universe.get_project(db, project.id))
