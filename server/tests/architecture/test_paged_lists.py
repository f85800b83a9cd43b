"""Every paged list of the contract takes its own cursors and no other."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from factories.identity import Member, bearer, make_api_key
from factories.universe import make_project
from fastapi import FastAPI
from fastapi.testclient import TestClient

from agentverse.entrypoints.api import ROUTERS
from agentverse.identity import platform_tokens
from agentverse.platform import pagination
from agentverse.platform.clock import now
from agentverse.platform.http.authorization import PLATFORM_REALM
from agentverse.platform.http.context_router import PermissionRoute, permission_needed
from agentverse.platform.ids import new_id
from agentverse.platform.pagination import CursorBinding, encode_cursor, query_of
from agentverse.platform.settings import Settings

OF_PLATFORM = {
    route.path
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, PermissionRoute) and permission_needed(route) == PLATFORM_REALM
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedList:
    path: str
    owner: str
    filters: dict[str, str]
    headers: dict[str, str]

    def bound(self, **changes: str) -> CursorBinding:
        return CursorBinding(
            query=query_of(self.path, {**self.filters, **changes}.items()), owner=self.owner
        )


def cursor_of(bound: CursorBinding) -> str:
    token = pagination.binding.set(bound)
    try:
        return encode_cursor(new_id())
    finally:
        pagination.binding.reset(token)


@pytest.fixture
def lists(app: FastAPI, member: Member, settings: Settings) -> list[PagedList]:
    token = platform_tokens.issue_to_home_owner(settings)
    platform, tenant = {"Authorization": f"Bearer {token}"}, bearer(member)
    project = make_project(member.scope)
    ids = {"tenant_id": str(member.tenant_id), "project_id": str(project.id)}
    found: list[PagedList] = []
    for template, methods in app.openapi()["paths"].items():
        parameters: list[dict[str, Any]] = methods.get("get", {}).get("parameters", [])
        if "cursor" not in {parameter["name"] for parameter in parameters}:
            continue
        of_platform = template in OF_PLATFORM
        needed = [p["name"] for p in parameters if p["in"] == "query" and p.get("required")]
        found.append(
            PagedList(
                path=template.format(**ids),
                owner=PLATFORM_REALM if of_platform else str(member.tenant_id),
                filters={name: ids[name] for name in needed},
                headers=platform if of_platform else tenant,
            )
        )
    return found


@pytest.fixture
def read(client: TestClient) -> Callable[[PagedList, str], Any]:
    def reading(of: PagedList, cursor: str) -> Any:
        return client.get(of.path, params={**of.filters, "cursor": cursor}, headers=of.headers)

    return reading


def test_every_list_takes_its_own_cursor_and_refuses_every_other(
    lists: list[PagedList],
    read: Callable[[PagedList, str], Any],
    other_member: Member,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert len(lists) >= 20
    yesterday = now() - timedelta(days=1, seconds=1)
    with monkeypatch.context() as patch:
        patch.setattr(pagination, "now", lambda: yesterday)
        expired = {of.path: cursor_of(of.bound()) for of in lists}
    for of in lists:
        own = read(of, cursor_of(of.bound()))
        assert own.status_code == 200, (of.path, own.text)
        wrong = {
            "expired": expired[of.path],
            "another tenant's": cursor_of(
                CursorBinding(query=of.bound().query, owner=str(other_member.tenant_id))
            ),
            "another list's": cursor_of(CursorBinding(query='["/other", []]', owner=of.owner)),
            "with other filters": cursor_of(of.bound(search="salt")),
            "unsigned": urlsafe_b64encode(new_id().bytes).decode().rstrip("="),
        }
        for what, cursor in wrong.items():
            refused = read(of, cursor)
            assert refused.status_code == 422, (of.path, what)
            assert refused.json()["errors"][0]["field"] == "cursor", (of.path, what)


def test_pages_of_a_list_follow_each_other_for_its_tenant_only(
    client: TestClient, member: Member, other_headers: dict[str, str]
) -> None:
    made = [str(make_api_key(member.scope).id) for _ in range(3)]
    headers, path = bearer(member), "/api/v1/api-keys?limit=1"
    seen: list[str] = []
    cursors = [""]
    for _ in made:
        page = client.get(path + cursors[-1], headers=headers).json()
        seen += [key["id"] for key in page["items"]]
        cursors.append(f"&cursor={page['next_cursor']}")
    assert seen == made[::-1]
    assert cursors[-1] == "&cursor=None", "the last page says so"
    assert client.get(path + cursors[1], headers=other_headers).status_code == 422
