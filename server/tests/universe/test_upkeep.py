"""Rename, tag, delete: refused while used, whole when done, and always told in the audit."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from factories.populations import make_population, upload
from factories.universe import make_answered, make_project
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from agentverse.audit.models import AuditEntryRow
from agentverse.entrypoints import tables
from agentverse.platform.clock import now
from agentverse.platform.db.base import Row
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.platform.settings import get_settings
from agentverse.populations.models import PopulationRow
from agentverse.universe import branching, upkeep
from agentverse.universe.errors import PopulationInUse, ProjectBusy

Headers = Callable[[str], dict[str, str]]
_ = tables  # every context's tables
OF_A_PROJECT = (
    "nodes", "edges", "event_scripts", "asks", "plans", "hybrids", "runs", "run_artifacts",
    "checkpoints", "tasks",
)  # fmt: skip


def rows_in(scope: Scope, table: str) -> int:
    with tenant_session(scope, read_only=True) as db:
        return db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def actions(scope: Scope) -> list[str]:
    with tenant_session(scope, read_only=True) as db:
        return list(db.scalars(select(AuditEntryRow.action).order_by(AuditEntryRow.id)))


def files_of(scope: Scope) -> list[Path]:
    return [*(get_settings().artifacts / str(scope.tenant_id)).iterdir()]


def test_project_goes_with_all_that_hangs_on_it_and_frees_its_population(scope: Scope) -> None:
    project = make_answered(scope).project
    with tenant_session(scope) as db, pytest.raises(PopulationInUse, match=project.name):
        upkeep.delete_population(db, project.population_id)
    with tenant_session(scope) as db:
        upkeep.delete_project(db, project.id)
    left = {table: rows_in(scope, table) for table in OF_A_PROJECT}
    assert left == dict.fromkeys(OF_A_PROJECT, 0) | {"tasks": 1}, "the import's task stays"
    with tenant_session(scope) as db:
        upkeep.delete_population(db, project.population_id)
    assert (rows_in(scope, "populations"), rows_in(scope, "tasks"), files_of(scope)) == (0, 0, [])
    assert actions(scope)[-2:] == ["project.delete", "population.delete"]


def test_project_that_is_computed_stays(scope: Scope) -> None:
    project = make_project(scope)
    with tenant_session(scope) as db:
        branching.run_node(db, project.root_node_id)
    with tenant_session(scope) as db, pytest.raises(ProjectBusy, match="2 tasks"):
        upkeep.delete_project(db, project.id)
    assert rows_in(scope, "projects") == 1


def test_file_that_another_population_was_made_of_stays(scope: Scope) -> None:
    gone, kept = make_population(scope), make_population(scope)
    with tenant_session(scope) as db:
        upkeep.delete_population(db, gone)
    with tenant_session(scope, read_only=True) as db:
        row = db.get_one(PopulationRow, (scope.tenant_id, kept))
        named = {row.upload_key, row.snapshot_key, row.refused_key}
    assert {f"{scope.tenant_id}/{file.name}" for file in files_of(scope)} == named


def test_every_key_to_a_project_or_node_cascades() -> None:
    keys = [
        key
        for table in Row.metadata.tables.values()
        for key in table.foreign_key_constraints
        if key.referred_table.name in {"projects", "nodes"}
    ]
    assert len(keys) >= 8
    assert [f"{key.table}: {key.ondelete}" for key in keys if key.ondelete != "CASCADE"] == []


def test_upload_that_nobody_imported_expires_with_the_next_one(scope: Scope) -> None:
    old, fresh, ready = upload(scope), upload(scope), make_population(scope)
    long_ago = now() - timedelta(days=get_settings().upload_kept_days + 1)
    with tenant_session(scope) as db:
        for population_id in (old, ready):
            db.get_one(PopulationRow, (scope.tenant_id, population_id)).updated_at = long_ago
    newest = upload(scope)
    with tenant_session(scope, read_only=True) as db:
        found = set(db.scalars(select(PopulationRow.id)))
    assert found == {fresh, ready, newest}
    assert actions(scope)[-2:] == ["population.expire", "population.upload"]


def test_names_and_tags_change_and_nothing_else(
    client: TestClient, scope: Scope, auth_headers: Headers
) -> None:
    project = make_project(scope)
    for address in (f"projects/{project.id}", f"populations/{project.population_id}"):
        path = f"/api/v1/{address}"
        before = client.get(path, headers=auth_headers("analyst"))
        body = {"name": " Renamed ", "tags": ["Wave 3", "wave 3", " pilot "]}
        stale = client.patch(
            path, json=body, headers={**auth_headers("analyst"), "If-Match": '"another"'}
        )
        assert stale.status_code == 412
        tag = {"If-Match": before.headers["etag"]}
        changed = client.patch(path, json=body, headers={**auth_headers("analyst"), **tag})
        assert changed.status_code == 200, changed.text
        expected = before.json() | {"name": "Renamed", "tags": ["Wave 3", "pilot"]}
        seen = changed.json() | {"population_name": expected.get("population_name")}
        assert {key: seen.get(key) for key in expected} == expected
        blank = client.patch(path, json={"name": "  "}, headers=auth_headers("analyst"))
        assert blank.status_code == 422
        assert client.patch(path, json=body, headers=auth_headers("viewer")).status_code == 403
        assert client.delete(path, headers=auth_headers("viewer")).status_code == 403
    refused = client.delete(
        f"/api/v1/populations/{project.population_id}", headers=auth_headers("analyst")
    )
    assert refused.status_code == 409
    assert "Renamed" in refused.json()["detail"]
    for address in (f"projects/{project.id}", f"populations/{project.population_id}"):
        assert (
            client.delete(f"/api/v1/{address}", headers=auth_headers("analyst")).status_code == 204
        )
        assert client.get(f"/api/v1/{address}", headers=auth_headers("analyst")).status_code == 404
