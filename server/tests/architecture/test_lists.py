"""Lists read rows: no file, and no more statements for many rows than for one."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from factories.universe import (
    Answered,
    answer,
    make_answered,
    make_hybrid,
    make_plan,
    make_project,
    run_baseline,
)
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event

from agentverse import populations
from agentverse.platform.scope import Scope
from agentverse.platform.storage.local import LocalArtifactStore
from agentverse.populations import snapshots
from agentverse.populations.datasets import HEATING

CONTRACT: Final = Path(__file__).resolve().parents[3] / "contracts/openapi.json"

# Each list of what belongs to a project, and of tasks.
LISTS: Final = {
    "/api/v1/populations",
    "/api/v1/projects",
    "/api/v1/nodes",
    "/api/v1/runs",
    "/api/v1/projects/{project_id}/asks",
    "/api/v1/projects/{project_id}/plans",
    "/api/v1/projects/{project_id}/hybrids",
    "/api/v1/tasks",
}
# Of persons, keys, the journal, the model door and privacy: a row there knows of no file.
OTHERS: Final = {
    *("admin", "api-keys", "audit", "auth", "invitations", "llm", "organizations", "privacy"),
    *("sessions", "users"),
}


def lists_of(document: dict[str, Any]) -> set[str]:
    """The paths whose answer is a page."""
    schemas = document["components"]["schemas"]

    def is_page(operation: dict[str, Any]) -> bool:
        content = operation["responses"].get("200", {}).get("content", {})
        name = content.get("application/json", {}).get("schema", {}).get("$ref", "")
        return "next_cursor" in schemas.get(name.rpartition("/")[2], {}).get("properties", {})

    return {
        path
        for path, item in document["paths"].items()
        if is_page(item.get("get") or {"responses": {}})
    }


def test_every_list_of_a_project_is_among_those_that_are_counted() -> None:
    paths = lists_of(json.loads(CONTRACT.read_text()))
    ours = {path for path in paths if path.split("/")[3] not in OTHERS}
    assert ours == LISTS
    assert len(paths) > len(ours)


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Generator[tuple[list[str], list[str]]]:
    """The SQL statements that are executed inside, and the stored files that are looked for."""
    statements: list[str] = []
    files: list[str] = []
    path_of = LocalArtifactStore.path

    def keep(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    def note(store: LocalArtifactStore, tenant_id: UUID, key: str) -> Any:
        files.append(key)
        return path_of(store, tenant_id, key)

    snapshots._read.cache_clear()  # pyright: ignore[reportPrivateUsage]
    event.listen(Engine, "before_cursor_execute", keep)
    with monkeypatch.context() as patch:
        patch.setattr(LocalArtifactStore, "path", note)
        yield statements, files
    event.remove(Engine, "before_cursor_execute", keep)


def counted(
    client: TestClient, headers: dict[str, str], project_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> dict[str, tuple[int, list[str]]]:
    """Of each list: its rows and the statements it took. It reads no file."""
    result: dict[str, tuple[int, list[str]]] = {}
    for path in sorted(LISTS):
        query = {"project_id": str(project_id)} if path in ("/api/v1/nodes", "/api/v1/runs") else {}
        with recorded(monkeypatch) as (statements, files):
            shown = client.get(path.format(project_id=project_id), params=query, headers=headers)
        assert shown.status_code == 200, shown.text
        document = shown.json()
        assert files == [], f"{path} reads files"
        assert [text for text in statements if "populations.inspection" in text] == [], path
        result[path] = (len(document.get("items", document.get("nodes"))), list(statements))
    return result


def add_one_more_of_each(scope: Scope, answered: Answered) -> None:
    """Another population and project with runs, and in the first project all that it may hold."""
    people = answered.project.population_id
    populations.upload_population(scope, HEATING.path, file_name="heating.csv", name="More")
    another = make_project(scope, name="Another", population_id=people)
    run_baseline(scope, another)
    project = answered.project
    answer(scope, project)
    make_plan(scope, project)
    make_hybrid(scope, project)


def test_list_of_many_rows_reads_no_file_and_takes_the_statements_of_one_row(
    scope: Scope,
    client: TestClient,
    auth_headers: Callable[[str], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = make_answered(scope, personas=100)
    make_plan(scope, answered.project)
    make_hybrid(scope, answered.project)
    look = partial(counted, client, auth_headers("viewer"), answered.project.id, monkeypatch)
    look()  # what is noted once for each key and minute
    few = look()
    add_one_more_of_each(scope, answered)
    many = look()

    assert {path for path in LISTS if many[path][0] <= few[path][0]} == set()
    more = {
        path: (len(few[path][1]), len(many[path][1]))
        for path in LISTS
        if len(many[path][1]) > len(few[path][1])
    }
    assert more == {}, "statements for few and for many rows"
