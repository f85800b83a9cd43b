"""Projects: only of ready populations, only with parameters inside the registry."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from factories.identity import Member
from factories.universe import make_answered, make_population, make_project
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from agentverse import populations
from agentverse.asks import compiling, examples
from agentverse.audit.models import AuditEntryRow
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import IdempotencyConflict
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.populations import lifecycle
from agentverse.populations.datasets import HEATING
from agentverse.populations.errors import PopulationNotFound
from agentverse.populations.schemas import ImportRequest, SynthesisOptions
from agentverse.universe import graph, projects
from agentverse.universe.errors import (
    AlternativeUnknown,
    ParameterOutOfRange,
    ParameterUnknown,
    PopulationNotUsable,
    ProjectNotFound,
)
from agentverse.universe.schemas import Project, ProjectCreate
from agentverse_engine import consumer_choice_parameters


def create(scope: Scope, *, key: str | None = None, **fields: object) -> Project:
    request = ProjectCreate.model_validate({"name": "Heat", **fields})
    with tenant_session(scope) as db:
        return projects.create_project(db, request, idempotency_key=key)


def test_create_project_has_a_root_that_was_not_run(scope: Scope) -> None:
    project = make_project(scope)
    with tenant_session(scope, read_only=True) as db:
        drawn = graph.list_nodes(db, project.id)
        audited = db.scalar(
            select(func.count())
            .select_from(AuditEntryRow)
            .where(AuditEntryRow.action == "project.create")
        )
    assert [(node.kind, node.status, node.outcome) for node in drawn.nodes] == [
        ("root", "not_run", None)
    ]
    assert (project.baseline_status, project.nodes, project.last_run_at) == ("not_run", 1, None)
    assert project.outcome_alternative == "hp", "the reference alternative"
    assert project.outcome_label == "heat pump", "as the mapping calls it"
    assert audited == 1


def test_lists_read_nothing_of_the_uploaded_files(
    scope: Scope,
    client: TestClient,
    auth_headers: Callable[[str], dict[str, str]],
    owner: psycopg.Connection,
) -> None:
    """What inspection saw grows with the file, so lists must do without it."""
    project = make_project(scope)
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(scope.tenant_id),))
    assert owner.execute("UPDATE populations SET inspection = '{}'").rowcount == 1
    headers = auth_headers("viewer")
    shown = client.get("/api/v1/projects", headers=headers).json()["items"]
    assert [(item["population_name"], item["personas"]) for item in shown] == [("Households", 600)]
    assert shown[0]["outcome_label"] == project.outcome_label
    assert client.get("/api/v1/populations", headers=headers).json()["items"][0]["personas"] == 600


def test_create_project_with_a_taken_name_gets_the_next_slug(scope: Scope) -> None:
    people = make_population(scope)
    slugs = [create(scope, name=name, population_id=people).slug for name in ("Heat!", "heat", "ü")]
    assert slugs == ["heat", "heat-2", "project"]


def test_create_project_of_an_unfinished_population_is_refused(scope: Scope) -> None:
    uploaded = populations.upload_population(scope, HEATING.path, file_name="heating.csv")
    with pytest.raises(PopulationNotUsable, match="uploaded"):
        create(scope, population_id=uploaded.id)


def test_create_project_of_another_tenants_population_is_refused(
    scope: Scope, other_member: Member
) -> None:
    people = make_population(scope)
    with pytest.raises(PopulationNotFound):
        create(other_member.scope, population_id=people)


def test_create_project_with_wrong_parameters_names_the_right_ones(scope: Scope) -> None:
    people = make_population(scope)
    with pytest.raises(ParameterUnknown, match="conformity, loss_aversion"):
        create(scope, population_id=people, parameters={"peer_pressure": 1})
    with pytest.raises(ParameterOutOfRange, match="between 0 and 3"):
        create(scope, population_id=people, parameters={"conformity": 4})
    with pytest.raises(AlternativeUnknown, match="ec, er, gc, gr, hp"):
        create(scope, population_id=people, outcome_alternative="wood")


def test_create_project_with_the_same_key_is_the_same_project(scope: Scope) -> None:
    people = make_population(scope)
    first = create(scope, key="k1", population_id=people)
    assert create(scope, key="k1", population_id=people).id == first.id
    with pytest.raises(IdempotencyConflict):
        create(scope, key="k1", name="Other", population_id=people)


def test_get_by_slug_of_an_unknown_name_lists_the_known_ones(scope: Scope) -> None:
    make_project(scope, name="Heating")
    with (
        pytest.raises(ProjectNotFound, match="Projects here: heating"),
        tenant_session(scope) as db,
    ):
        projects.get_by_slug(db, "cooling")


def test_list_variables_shows_the_projects_own_values(scope: Scope) -> None:
    project = make_project(scope, parameters={"conformity": 0.5})
    with tenant_session(scope, read_only=True) as db:
        registry = examples.list_variables(db, project.id)
    found = {variable.name: variable for variable in registry.variables}
    assert (found["conformity"].default, found["conformity"].value) == (1.67, 0.5)
    assert found["conformity"].assumption
    assert found["installation_cost.hp"].value is None
    assert 500 < (found["installation_cost.hp"].mean or 0) < 1500
    assert sum(group.personas for group in registry.regions) == 600
    assert {group.name for group in registry.alternatives} == {"ec", "er", "gc", "gr", "hp"}


def test_domain_template_is_the_engines_own_registry(
    client: TestClient, auth_headers: Callable[[str], dict[str, str]]
) -> None:
    """A project does not exist yet when its wizard asks."""
    url = "/api/v1/domain-templates"
    assert client.get(url).status_code == 401
    offered = client.get(url, headers=auth_headers("viewer")).json()
    found = next(template for template in offered if template["name"] == "consumer_choice")
    kept = ("name", "label", "unit", "minimum", "maximum", "default", "source", "assumption")
    rate, *others = consumer_choice_parameters()
    told, *rest = found["parameters"]
    assert rest == [{name: getattr(parameter, name) for name in kept} for parameter in others]
    assert (told["name"], told["default"]) == (rate.name, 1 / 12)
    assert told["assumption"], "how often people choose is not in a file until somebody says it"


TRAVEL = ("mode", "car", "train", "bus")


def make_travel(scope: Scope, folder: Path) -> UUID:
    """Another world through the ordinary import: three modes, two attributes, plain names."""
    rows = ["mode,cost.car,cost.train,cost.bus,time.car,time.train,time.bus,province,income"]
    for number in range(240):
        cost, time = (9 + number % 7, 5 + number % 5, 3 + number % 3), (30, 40 + number % 9, 55)
        values = (TRAVEL[1 + number % 3], *cost, *(minutes + number % 4 for minutes in time))
        province = ("north", "south", "islands")[number // 3 % 3]
        rows.append(",".join(map(str, (*values, province, number % 11 / 2))))
    file = folder / "travel.csv"
    file.write_text("\n".join(rows))
    uploaded = populations.upload_population(scope, file, file_name="travel.csv", name="Travel")
    with tenant_session(scope) as db:
        mapping = lifecycle.get_detail(db, uploaded.id).suggested_mapping
        assert mapping is not None
        options = SynthesisOptions(personas=400)
        populations.start_import(db, uploaded.id, ImportRequest(mapping=mapping, synthesis=options))
    run_queued_jobs()
    return uploaded.id


def examples_of(scope: Scope, project: Project) -> list[str]:
    """Each compiles as a whole: nothing unmapped, nothing contradictory."""
    with tenant_session(scope, read_only=True) as db:
        found = examples.list_variables(db, project.id).examples
    for question in found:
        compiled = compiling.compile_question(scope, project.id, question).wire
        assert compiled.event_scripts, question
        assert not compiled.unmapped, (question, compiled.unmapped)
        assert not compiled.contradictions, question
    return found


def test_list_nodes_comes_in_pages_with_the_edges_of_each(scope: Scope) -> None:
    answered = make_answered(scope)
    with tenant_session(scope, read_only=True) as db:
        whole = graph.list_nodes(db, answered.project.id)
        first = graph.list_nodes(db, answered.project.id, limit=1)
        second = graph.list_nodes(db, answered.project.id, limit=1, cursor=first.next_cursor)
    assert whole.next_cursor is None
    assert second.next_cursor is None
    assert [*first.nodes, *second.nodes] == whole.nodes
    assert [node.kind for node in whole.nodes] == ["root", "branch"]
    assert (first.edges, second.edges) == ([], whole.edges)
    assert second.nodes[0].difference is not None


def test_list_variables_gives_examples_in_the_registrys_own_words(scope: Scope) -> None:
    project = make_project(scope, horizon=36)
    assert examples_of(scope, project) == [
        "What if heat pump installation cost falls by 30% from month 6?",
        "What if central electric operating cost rises by 20% from month 6?",
        "What if heat pump installation cost falls by 50% for low income people from month 6?",
        "What if heat pump installation cost is halved in Central Valley?",
    ]


def test_list_variables_gives_examples_of_another_world(scope: Scope, tmp_path: Path) -> None:
    project = make_project(scope, population_id=make_travel(scope, tmp_path), name="Travel")
    found = examples_of(scope, project)
    assert found[0] == "What if train cost falls by 30% from month 1?"
    assert found[-1].endswith(" halved in the islands?")
