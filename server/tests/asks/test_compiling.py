"""From a question to a node: what compile says it understood is what the node's scripts say."""

from uuid import UUID

import pytest
from factories.universe import make_population, make_project

from agentverse.asks import compiling, examples
from agentverse.asks.compiling import Compiled
from agentverse.platform.db.session import tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope
from agentverse.runs.domains import TEMPLATES
from agentverse.runs.schemas import TemplateName
from agentverse.universe import branching, graph, repository
from agentverse.universe.schemas import NodeDetail, Project


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
        assert compiled.wire.understood == [script.sentence for script in node.event_scripts]
        assert compiled.wire.event_scripts == node.event_scripts
        assert all(script.sentence in node.explanation for script in node.event_scripts)
