"""Every edit takes the version that was read: a stale one is told the present one."""

from dataclasses import dataclass
from typing import Any

import pytest
from factories.identity import Member, add_member, bearer
from factories.universe import make_project
from fastapi import FastAPI
from fastapi.testclient import TestClient

from agentverse.identity import platform_tokens
from agentverse.platform.settings import Settings

API = "/api/v1"
# Versions of their own that nobody compares yet.
WAITING = {
    f"{API}/admin/llm/providers/{{provider_id}}",
    f"{API}/admin/llm/models/{{model_id}}",
    f"{API}/admin/llm/profiles/{{profile_id}}",
    f"{API}/admin/llm/budgets/{{budget_id}}",
    f"{API}/llm/profiles/{{profile_id}}",
}
# Two changes of each thing that is edited, and the path that it is read at.
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    f"{API}/users/me": ({"full_name": "Ada"}, {"full_name": "Ada Lovelace"}),
    f"{API}/users/{{user_id}}": ({"role": "analyst"}, {"role": "viewer"}),
    f"{API}/organizations/current": ({"name": "First"}, {"name": "Second"}),
    f"{API}/admin/tenants/{{tenant_id}}/quotas": ({"tasks_per_day": 7}, {"tasks_per_day": 9}),
    f"{API}/projects/{{project_id}}": ({"name": "First"}, {"name": "Second"}),
    f"{API}/populations/{{population_id}}": ({"name": "First"}, {"name": "Second"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    client: TestClient
    path: str
    headers: dict[str, str]

    def read(self) -> Any:
        return self.client.get(self.path, headers=self.headers)

    def change(self, body: dict[str, Any], if_match: str | None) -> Any:
        given = {} if if_match is None else {"If-Match": if_match}
        return self.client.patch(self.path, json=body, headers={**self.headers, **given})


def test_every_edit_of_the_contract_takes_a_version(app: FastAPI) -> None:
    edits = {
        path: {p["name"] for p in methods["patch"].get("parameters", [])}
        for path, methods in app.openapi()["paths"].items()
        if "patch" in methods
    }
    assert {path for path, names in edits.items() if "if-match" not in names} == WAITING
    assert set(edits) - WAITING == set(CHANGES)


@pytest.mark.parametrize("path", CHANGES)
def test_stale_edit_changes_nothing_and_is_shown_the_present_version(
    client: TestClient, member: Member, settings: Settings, path: str
) -> None:
    target = add_member(member, "admin")
    ids = {"tenant_id": member.tenant_id, "user_id": target.user_id}
    if "{project_id}" in path or "{population_id}" in path:
        project = make_project(member.scope)
        ids |= {"project_id": project.id, "population_id": project.population_id}
    filled = path.format(**ids)
    token = platform_tokens.issue_to_home_owner(settings)
    headers = {"Authorization": f"Bearer {token}"} if "/admin/" in path else bearer(member)
    editor = Editor(client=client, path=filled, headers=headers)
    first, second = CHANGES[path]
    read = editor.read().headers["ETag"]
    changed = editor.change(first, read)
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] == editor.read().headers["ETag"] != read
    for stale in (read, '"nothing"', f"W/{changed.headers['ETag']}", "unquoted"):
        refused = editor.change(second, stale)
        assert (refused.status_code, refused.json()["code"]) == (412, "changed_meanwhile")
        assert refused.json()["current"] == editor.read().json() == changed.json()
    several = f'"other", {refused.json()["etag"]}'
    assert editor.change(second, several).status_code == 200
    for unconditional in (None, "*"):
        assert editor.change(first, unconditional).status_code == 200
