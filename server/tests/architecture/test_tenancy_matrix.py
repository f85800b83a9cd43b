"""Every operation of the running API against every caller who must not get in.

Generated from OpenAPI, so a new operation is covered or `PUBLIC`, `BODIES` and `IDS` go red.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

import jwt
import psycopg
import pytest
from factories.identity import (
    Member,
    access_token,
    add_member,
    bearer,
    key_bearer,
    make_api_key,
    make_invitation,
    make_session,
    revoked_key_bearer,
    suspend,
)
from factories.llm import make_ledger
from factories.populations import start_import, upload
from factories.privacy import make_export
from factories.tasks import task_of_subject
from factories.universe import (
    SMALL_HYBRID,
    SMALL_PLAN,
    Answered,
    make_answered,
    make_hybrid,
    make_plan,
)
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import delete, select

from agentverse.audit.models import AuditEntryRow
from agentverse.entrypoints.api import ROUTERS
from agentverse.identity import (
    PERMISSIONS,
    key_secrets,
    permissions_of,
    platform_tokens,
    signing_keys,
)
from agentverse.identity.models import MembershipRow
from agentverse.llm import door_contract
from agentverse.platform.db import database_roles, engines
from agentverse.platform.db.session import tenant_session
from agentverse.platform.http.authorization import ANY_CREDENTIAL, PLATFORM_REALM, SIGNED_IN
from agentverse.platform.http.context_router import (
    PermissionRoute,
    audit_action,
    is_public,
    permission_needed,
)
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings
from agentverse.populations.datasets import HEATING
from agentverse.runs.models import RunRow

# Open to everybody on purpose; nothing else may be.
PUBLIC = {
    "identity_register",
    "identity_login",
    "identity_one_time",
    "identity_refresh",
    "identity_logout",
    "identity_ask_to_reset_password",
    "identity_reset_password",
    "identity_look_at_invitation",
    "identity_sign_up_by_invitation",
    "health_live",
    "health_ready",
}
# What every member may do to themselves, whatever the role; each has its test in identity.
SELF_WRITES = {
    "identity_change_password",
    "identity_ask_to_verify_address",
    "identity_verify_address",
    "identity_logout_everywhere",
    "identity_end_session",
    "identity_switch_organization",
    "identity_update_own_user",
    "identity_begin_totp",
    "identity_confirm_totp",
    "identity_remove_totp",
    "identity_renew_recovery_codes",
    "identity_enter_platform",
    "identity_redeem_bootstrap_token",
    "identity_create_organization",
    "privacy_export_own_data",
    "privacy_delete_own_data",
    "identity_leave_organization",
    "identity_accept_invitation_by_token",
    "identity_accept_invitation",
    "identity_decline_invitation",
}
# A body that would be accepted from the right caller.
BODIES: dict[str, dict[str, Any]] = {
    "identity_create_api_key": {"json": {"name": "another", "scopes": ["projects:read"]}},
    "identity_rotate_api_key": {"json": {}},
    "identity_change_password": {
        "json": {"current_password": "not the right one", "new_password": "some words in a row"}
    },
    "identity_begin_totp": {"json": {"current_password": "not the right one"}},
    "identity_confirm_totp": {"json": {"code": "123456"}},
    "identity_remove_totp": {"json": {"current_password": "not the right one", "code": "1"}},
    "identity_renew_recovery_codes": {"json": {"code": "123456"}},
    "identity_enter_platform": {"json": {"second_factor": "123456"}},
    "identity_redeem_bootstrap_token": {"json": {"token": "nobody's"}},
    "identity_name_administrator": {"json": {"email": "new@example.org"}},
    "privacy_set_retention_policy": {"json": {"days": 365}},
    "privacy_delete_own_data": {"json": {"current_password": "not the right one"}},
    # As the change of its name, earlier in the contract, has left it; no worker runs here.
    "privacy_delete_organization": {"json": {"name": "Renamed"}},
    "identity_update_own_user": {"json": {"full_name": "Ada"}},
    "identity_update_user": {"json": {"role": "viewer"}},
    "identity_create_organization": {"json": {"name": "Another"}},
    "identity_update_current_organization": {"json": {"name": "Renamed"}},
    "identity_create_invitation": {"json": {"email": "new@example.org", "role": "viewer"}},
    "identity_accept_invitation_by_token": {"json": {"token": "nobody's"}},
    "identity_suspend_tenant": {"json": {"reason": "a test"}},
    "identity_set_quotas": {"json": {"unfinished_tasks": 10}},
    "identity_verify_address": {"json": {"token": "nobody's"}},
    "identity_switch_organization": {"json": {"tenant_id": str(new_id())}},
    "populations_import_population": {"json": {"mapping": HEATING.mapping.model_dump(mode="json")}},
    "populations_upload_population": {"files": {"file": ("x.csv", b"a,b\n1,2\n", "text/csv")}},
    "populations_read_population_anew": {"json": {}},
    "populations_update_population": {"json": {"name": "Renamed", "tags": ["a tag"]}},
    "universe_update_project": {"json": {"name": "Renamed", "compiler": "both"}},
    "universe_create_project": {"json": {"name": "Another", "population_id": "{population_id}"}},
    "asks_ask": {"json": {"question": "What if heat pumps cost half?"}},
    "universe_tune_node": {"json": {"values": {"replacement_rate": 0.1}}},
    "universe_preview_tune": {"json": {"values": {"replacement_rate": 0.1}}},
    "universe_branch_node": {
        "json": {
            "event_scripts": [{"variable": "conformity", "operation": "multiply", "value": 0.5}]
        }
    },
    "plans_start_plan": {"json": SMALL_PLAN},
    "hybrids_start_hybrid": {"json": SMALL_HYBRID},
    "llm_admin_create_provider": {"json": {"name": "x", "base_url": "https://example.org/v1"}},
    "llm_admin_update_provider": {"json": {"base_url": "https://example.org/v1"}},
    "llm_admin_create_model": {
        "json": {
            "provider": "x",
            "model": "m",
            "context_window": 1000,
            "max_output_tokens": 100,
            "free": True,
        }
    },
    "llm_admin_update_model": {"json": {"free": True}},
    "llm_admin_create_profile": {"json": {"profile_key": "CHAT", "model": "x/m"}},
    "llm_admin_update_profile": {"json": {"max_retries": 1}},
    "llm_admin_create_budget": {
        "json": {
            "tenant_id": str(new_id()),
            "scope": "tenant",
            "window": "day",
            "limit_usd": "1",
        }
    },
    "llm_admin_update_budget": {"json": {"limit_usd": "2"}},
    "llm_admin_invalidate_cache": {"json": {}},
    "llm_invalidate_own_cache": {"json": {}},
    "llm_explain_own_profile": {"json": {"prompt": "Hi"}},
    "llm_test_own_profile": {"json": {"prompt": "Hi"}},
    "llm_create_own_budget": {"json": {"scope": "tenant", "window": "day", "limit_usd": "1"}},
    "llm_create_alert_hook": {"json": {"url": "https://example.org/alerts"}},
    "llm_create_own_profile": {"json": {"profile_key": "CHAT", "model": "x/m"}},
    "llm_update_own_profile": {"json": {"max_retries": 1}},
    "asks_compile": {"json": {"question": "What if heat pumps cost half?"}},
}


# What Anthropic's and OpenAI's clients send. The profile is an override of tenant A's.
CHAT = {"model": "profile:OWN", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5}
BODIES.update(
    {
        "v1_chat_completions": {"json": CHAT},
        "v1_messages": {"json": CHAT},
        "v1_count_tokens": {"json": CHAT},
        "v1_embeddings": {"json": {"model": "profile:OWN", "input": "Hi"}},
        "v1_responses": {"json": {"model": "profile:OWN", "input": "Hi"}},
    }
)

# What is in a path and belongs to no tenant.
OF_NOBODY = {"model": "profile:EVENT_COMPILER_INTENT", "resource": "audit_words"}

# Lists that a foreign id leaves empty, as one of nothing would.
FILTERED = {
    "runs_list_runs",
    "tasks_list_tasks",
    "audit_list_audit_logs",
    "audit_export_audit_logs",
    "llm_list_own_calls",
    "llm_export_own_calls",
    "llm_summarise_own_costs",
    "llm_report_own_costs",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    id: str
    method: str
    path: str
    parameters: tuple[str, ...]
    has_body: bool

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(name for name in self.parameters if name.endswith("_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A tenant with one of everything, and the callers."""

    member: Member
    ids: dict[str, str]

    @property
    def scope(self) -> Scope:
        return self.member.scope


@pytest.fixture(scope="module")
def operations(app: FastAPI) -> list[Operation]:
    return [
        Operation(
            id=found["operationId"],
            method=method.upper(),
            path=path,
            parameters=tuple(
                parameter["name"]
                for parameter in found.get("parameters", [])
                if parameter["in"] in {"path", "query"}
            ),
            has_body="requestBody" in found,
        )
        for paths in (app.openapi()["paths"], door_contract.contract()["paths"])
        for path, methods in paths.items()
        for method, found in methods.items()
    ]


@pytest.fixture
def world(member: Member) -> World:
    answered = make_answered(member.scope)
    return World(member=member, ids=_ids(member.scope, answered))


def _ids(scope: Scope, answered: Answered) -> dict[str, str]:
    with tenant_session(scope, read_only=True) as db:
        run_id = db.scalars(select(RunRow.id).limit(1)).one()
        log_id = db.scalars(select(AuditEntryRow.id).limit(1)).one()
    export_id = make_export(scope)
    plan_id = make_plan(scope, answered.project).id
    hybrid_id = make_hybrid(scope, answered.project).id
    return {
        **make_ledger(scope),
        "export_id": str(export_id),
        "key_id": str(make_api_key(scope).id),
        "session_id": str(make_session(scope)),
        "invitation_id": str(make_invitation(scope).id),
        "project_id": str(answered.project.id),
        "population_id": str(answered.project.population_id),
        "node_id": str(answered.project.root_node_id),
        "other_id": str(answered.node_id),
        "ask_id": str(answered.ask.id),
        "run_id": str(run_id),
        "log_id": str(log_id),
        "tenant_id": str(scope.tenant_id),
        "user_id": str(scope.actor.id),
        "resource_id": str(run_id),
        "request_id": str(run_id),
        "plan_id": str(plan_id),
        "hybrid_id": str(hybrid_id),
        "task_id": str(task_of_subject(scope, answered.project.population_id)),
        "subject_id": str(answered.project.population_id),
    }


def call(
    client: TestClient, operation: Operation, ids: dict[str, str], headers: dict[str, str]
) -> tuple[int, bytes]:
    path = operation.path
    for name in operation.parameters:
        path = path.replace("{" + name + "}", ids.get(name, OF_NOBODY.get(name, "1")))
    query = {name: ids[name] for name in operation.ids if "{" + name + "}" not in operation.path}
    body = _filled(BODIES.get(operation.id, {}), ids)
    answer = client.request(operation.method, path, params=query, headers=headers, **body)
    return answer.status_code, answer.content


def _filled(body: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    if "json" not in body:
        return body
    document = {
        name: ids[value[1:-1]] if isinstance(value, str) and value.startswith("{") else value
        for name, value in body["json"].items()
    }
    return {"json": document}


PERMISSION_OF = {
    route.unique_id: permission_needed(route)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, PermissionRoute)
}
# The doors for models are no routes; their own document names what stands at them.
DOORS = frozenset(
    operation["operationId"]
    for methods in door_contract.contract()["paths"].values()
    for operation in methods.values()
)
PERMISSION_OF.update(dict.fromkeys(DOORS, door_contract.PERMISSION))
ACTION_OF = {
    route.unique_id: audit_action(route)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, PermissionRoute)
}


def closed(operations: list[Operation]) -> Iterator[Operation]:
    return (operation for operation in operations if operation.id not in PUBLIC)


def of_tenants(operations: list[Operation]) -> Iterator[Operation]:
    """Everything but the platform realm, which no credential of a tenant opens."""
    return (o for o in closed(operations) if PERMISSION_OF[o.id] != PLATFORM_REALM)


# --- the routes themselves ---------------------------------------------------------------------


def all_routes() -> Iterator[PermissionRoute]:
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, PermissionRoute), f"{route} bypasses ContextRouter"
            yield route


def test_public_routes_are_the_closed_list() -> None:
    assert {route.unique_id for route in all_routes() if is_public(route)} == PUBLIC


def test_every_other_route_needs_a_permission() -> None:
    for route in all_routes():
        assert (permission_needed(route) is None) == is_public(route), route.unique_id


def test_every_permission_that_a_role_holds_opens_something() -> None:
    # Granted already, for operations that are being built.
    waiting = {"audit:read", "members:read", "members:write", "llm:call"}
    granted = {permission for held in PERMISSIONS.values() for permission in held}
    used = {str(permission_needed(route)) for route in all_routes() if not is_public(route)}
    assert granted - used <= waiting
    assert used <= granted | {ANY_CREDENTIAL, SIGNED_IN, PLATFORM_REALM}


def test_writing_routes_need_a_writing_permission() -> None:
    exceptions = {
        "llm_explain_own_profile",  # stores nothing
        "llm_test_own_profile",  # spends as any call of whoever may make one
        "privacy_delete_organization",  # its permission says what it does
        "asks_compile",  # stores nothing, though it takes a body
        "universe_preview_tune",  # the same
        "tasks_cancel_task",  # asks for the write permission of the task's kind
    }
    for route in all_routes():
        permission = str(permission_needed(route))
        if "GET" in (route.methods or ()) or is_public(route) or permission == PLATFORM_REALM:
            continue
        # What a member does to their own sign-in and person needs no role.
        own = permission == SIGNED_IN and route.unique_id in SELF_WRITES
        assert permission.endswith(":write") or own or route.unique_id in exceptions


def test_operation_ids_are_one_each(operations: list[Operation]) -> None:
    names = [operation.id for operation in operations]
    assert len(names) == len(set(names))


def test_every_operation_with_a_body_has_one_here(operations: list[Operation]) -> None:
    assert {o.id for o in closed(operations) if o.has_body} == set(BODIES)


# --- who gets in -------------------------------------------------------------------------------


def forged(member: Member, settings: Settings, **changes: Any) -> str:
    token = access_token(member)
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    key = signing_keys.live_keys(settings)[0]
    return jwt.encode(kept, key.private, algorithm="EdDSA", headers={"kid": key.id})


def test_nobody_without_a_valid_credential_gets_in(
    client: TestClient,
    operations: list[Operation],
    member: Member,
    other_member: Member,
    settings: Settings,
) -> None:
    removed = add_member(member, "admin")
    stale, removed_key = bearer(removed), key_bearer(removed)
    with tenant_session(member.scope) as db:
        db.execute(delete(MembershipRow).where(MembershipRow.user_id == removed.user_id))
    credentials = {
        "nobody": {},
        "empty": {"Authorization": "Bearer "},
        "basic": {"Authorization": "Basic YTpi"},
        "garbage": {"Authorization": "Bearer not.a.token"},
        "expired": {"Authorization": f"Bearer {forged(member, settings, exp=1)}"},
        "wrong audience": {"Authorization": f"Bearer {forged(member, settings, aud='x')}"},
        "no tenant": {"Authorization": f"Bearer {forged(member, settings, tenant_id=None)}"},
        "tenant of another": {
            "Authorization": "Bearer "
            + forged(member, settings, tenant_id=str(other_member.tenant_id))
        },
        "refresh token": {"Authorization": f"Bearer {forged(member, settings, type='refresh')}"},
        "removed member": stale,
        "tenant header": {"X-Tenant-ID": str(member.tenant_id)},
        "revoked key": revoked_key_bearer(member),
        "unknown key": {"Authorization": f"Bearer {key_secrets.new_secret().text}"},
        "key of a removed member": removed_key,
    }
    ids = dict.fromkeys(_names(operations), str(new_id()))
    wrong = [
        (operation.id, who, status)
        for operation in closed(operations)
        for who, headers in credentials.items()
        if (status := call(client, operation, ids, headers)[0]) != 401
    ]
    assert wrong == []


def _names(operations: list[Operation]) -> set[str]:
    return {name for operation in operations for name in operation.ids}


def test_member_of_a_suspended_tenant_gets_403(
    client: TestClient, operations: list[Operation], member: Member
) -> None:
    headers = bearer(member)
    suspend(member.tenant_id)
    ids = dict.fromkeys(_names(operations), str(new_id()))
    for operation in closed(operations):
        assert call(client, operation, ids, headers)[0] == 403, operation.id


def test_viewer_may_read_everything_and_write_nothing(
    client: TestClient, operations: list[Operation], world: World
) -> None:
    headers = bearer(add_member(world.member, "viewer"))
    before = checksums(world.scope, without=AUDIT)
    for operation in closed(operations):
        if operation.id in SELF_WRITES:
            continue
        status, _ = call(client, operation, world.ids, headers)
        if operation.id == "privacy_download_export":
            assert status == 404, "the export is of who asked for it, and the owners"
            continue
        allowed = PERMISSION_OF[operation.id] in {*permissions_of("viewer"), SIGNED_IN} or (
            PERMISSION_OF[operation.id] == ANY_CREDENTIAL and operation.method == "GET"
        )
        assert status == (200 if allowed else 403), operation.id
    assert checksums(world.scope, without=AUDIT) == before


@pytest.mark.parametrize("credential", [bearer, key_bearer], ids=["owner", "owner's key"])
def test_owner_of_another_tenant_finds_nothing_and_changes_nothing(
    client: TestClient,
    operations: list[Operation],
    world: World,
    other_member: Member,
    credential: Callable[[Member], dict[str, str]],
) -> None:
    """A's ids and ids of nothing answer B with the same bytes; A's rows stay as they are."""
    headers = {**credential(other_member), "X-Request-ID": "the-same-request"}
    nothing = {name: str(new_id()) for name in world.ids}
    before = checksums(world.scope)
    addressed = [
        o for o in of_tenants(operations) if o.ids or "population_id" in str(BODIES.get(o.id))
    ]
    assert len(addressed) >= 20
    for operation in addressed:
        foreign = call(client, operation, world.ids, headers)
        missing = call(client, operation, nothing, headers)
        assert foreign == missing, operation.id
        # A filter by a foreign id is an empty list; a key stands for no person, whatever the id.
        by_key = credential is key_bearer and PERMISSION_OF[operation.id] == SIGNED_IN
        assert foreign[0] == (403 if by_key else 404) or operation.id in FILTERED, operation.id
    assert checksums(world.scope) == before


CANARY = "canary-of-tenant-a"


def plant_canaries(scope: Scope) -> int:
    """Write the canary into every text of tenant A's rows that takes it; returns into how many."""
    url = database_roles.conninfo(engines.current().urls.owner)
    planted = 0
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, false)", (str(scope.tenant_id),))
        columns = connection.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c "
            "JOIN pg_policies p ON p.tablename = c.table_name AND p.permissive = 'RESTRICTIVE' "
            "WHERE c.table_schema = 'public' AND c.data_type IN ('text', 'character varying') "
            "AND c.table_name NOT LIKE 'audit%'"
        ).fetchall()
        for table, column in columns:
            unique = f"'{CANARY}-' || md5(coalesce({column}, '') || id::text)"
            try:
                # Rows of a check constraint (a status, a kind) refuse it and stay as they are.
                done = connection.execute(f"UPDATE {table} SET {column} = {unique}".encode())
            except psycopg.Error:
                continue
            planted += done.rowcount > 0
    return planted


def test_nothing_of_a_tenant_appears_in_any_answer_to_another(
    client: TestClient, operations: list[Operation], world: World, other_member: Member
) -> None:
    """A canary in every text that A stores, and A's own ids: B's answers hold none of them."""
    own_headers = bearer(world.member)
    assert plant_canaries(world.scope) >= 15
    own = client.get("/api/v1/auth/me", headers=own_headers)
    assert CANARY.encode() in own.content, "the positive control: A's own answers show it"
    nothing = {name: str(new_id()) for name in world.ids}
    theirs = [CANARY.encode(), *(found.encode() for found in world.ids.values())]
    for headers in (bearer(other_member), key_bearer(other_member)):
        for operation in of_tenants(operations):
            for ids in (world.ids, nothing):
                status, body = call(client, operation, ids, headers)
                assert status < 500, operation.id
                assert [found for found in theirs if found in body] == [], operation.id


def test_lists_of_another_tenant_are_empty(
    client: TestClient, world: World, other_member: Member
) -> None:
    for path in ("projects", "populations", "runs", "tasks"):
        theirs = client.get(f"/api/v1/{path}", headers=bearer(other_member))
        own = client.get(f"/api/v1/{path}", headers=bearer(world.member))
        assert theirs.json()["items"] == []
        assert own.json()["items"], "the positive control"


def test_owner_reaches_every_reading_operation(
    client: TestClient, operations: list[Operation], world: World
) -> None:
    """The positive control of the whole matrix: the ids are real."""
    headers = bearer(world.member)
    for operation in of_tenants(operations):
        if operation.method == "GET":
            assert call(client, operation, world.ids, headers)[0] == 200, operation.id


def test_key_with_every_scope_reaches_what_its_maker_reads_but_the_person(
    client: TestClient, operations: list[Operation], world: World
) -> None:
    headers = key_bearer(world.member)
    for operation in of_tenants(operations):
        if operation.method == "GET":
            personal = PERMISSION_OF[operation.id] == SIGNED_IN
            wanted = 403 if personal else 200
            assert call(client, operation, world.ids, headers)[0] == wanted, operation.id


def test_realms_do_not_open_each_other(
    client: TestClient, operations: list[Operation], world: World, settings: Settings
) -> None:
    token = platform_tokens.issue_to_home_owner(settings)
    platform, tenant = {"Authorization": f"Bearer {token}"}, bearer(world.member)
    before = checksums(world.scope)
    for operation in closed(operations):
        other = PERMISSION_OF[operation.id] == PLATFORM_REALM
        headers = tenant if other else platform
        status, body = call(client, operation, world.ids, headers)
        word = b"permission_denied" if operation.id in DOORS else b"wrong_realm"
        assert (status, word in body) == (403, True), operation.id
    assert checksums(world.scope) == before


# What a refusal itself writes.
AUDIT = frozenset({"audit_entries", "audit_personal", "audit_terms"})


def checksums(scope: Scope, *, without: frozenset[str] = frozenset()) -> dict[str, str]:
    """A hash over every row of the tenant, table by table, without what signing in writes."""
    url = database_roles.conninfo(engines.current().urls.owner)
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, true)", (str(scope.tenant_id),))
        tables = connection.execute(
            "SELECT tablename FROM pg_policies WHERE permissive = 'RESTRICTIVE' "
            "AND tablename NOT IN ('refresh_families', 'refresh_tokens', 'one_time_tokens')"
        ).fetchall()
        return {table: _checksum(connection, table) for (table,) in tables if table not in without}


def _checksum(connection: psycopg.Connection, table: str) -> str:
    rows = "md5(coalesce(string_agg(t::text, '' ORDER BY t::text), ''))"
    query = f"SELECT count(*) || {rows} FROM {table} t"
    (found,) = connection.execute(query.encode()).fetchone() or ("",)
    return str(found)


# --- what each change leaves in the audit ------------------------------------------------------


# What persons do to themselves: it needs a password, a mailed link or another's invitation, is
# told in another tenant's stream, or ends the sign-in that this test goes on with.
# `server/tests/identity` calls them.
OF_THE_PERSON = SELF_WRITES - {"identity_update_own_user"}
# They change what the platform realm must have set up before; `server/tests/llm` calls them.
OF_A_MODEL = {"llm_create_own_profile", "llm_test_own_profile", "llm_update_own_profile"}


def fresh_ids(
    client: TestClient, operation: Operation, world: World, headers: dict[str, str]
) -> dict[str, str]:
    """Ids of what the operation can still change: what the world has may be finished."""
    if operation.id in {"identity_revoke_api_key", "identity_rotate_api_key"}:
        body = {"name": "fresh", "scopes": ["projects:read"]}
        made = client.post("/api/v1/api-keys", json=body, headers=headers)
        return {"key_id": made.json()["id"]}
    if operation.id in {"identity_update_user", "identity_remove_user"}:
        return {"user_id": str(add_member(world.member, "admin").user_id)}
    if operation.id in {
        "populations_import_population",
        "populations_read_population_anew",
        "universe_delete_population",
    }:
        return {"population_id": str(upload(world.scope))}
    if operation.id == "tasks_cancel_task":
        population_id = upload(world.scope)
        start_import(world.scope, population_id)
        return {"task_id": str(task_of_subject(world.scope, population_id))}
    if operation.id in {"universe_run_node", "universe_delete_project"}:
        body = {"name": "Fresh", "population_id": world.ids["population_id"]}
        made = client.post("/api/v1/projects", json=body, headers=headers)
        return {"node_id": made.json()["root_node_id"], "project_id": made.json()["id"]}
    if operation.id in {"runs_cancel_run", "runs_retry_run"}:
        node = world.ids["node_id"]
        made = client.post(f"/api/v1/nodes/{node}/run", headers=headers)
        run_id = made.json()["run_ids"][0]
        if operation.id == "runs_retry_run":
            client.post(f"/api/v1/runs/{run_id}/cancel", headers=headers)
        return {"run_id": run_id}
    return {}


def test_every_change_writes_exactly_the_entry_it_declares(
    client: TestClient, operations: list[Operation], world: World
) -> None:
    changing = [o for o in of_tenants(operations) if o.method != "GET" and ACTION_OF.get(o.id)]
    assert len(changing) >= 15
    for operation in changing:
        if operation.id in OF_THE_PERSON | OF_A_MODEL:
            continue
        headers = bearer(world.member)
        request_id = f"one-entry-{operation.id}"[:64]
        ids = {**world.ids, **fresh_ids(client, operation, world, headers)}
        status, body = call(client, operation, ids, {**headers, "X-Request-ID": request_id})
        assert status < 300, (operation.id, body)
        entries = written(world.scope, request_id)
        declared = [entry for entry in entries if fnmatch(entry, str(ACTION_OF[operation.id]))]
        assert len(declared) == 1, (operation.id, entries)


def test_a_refused_change_writes_its_own_action_as_denied(
    client: TestClient, operations: list[Operation], world: World
) -> None:
    headers = bearer(add_member(world.member, "viewer"))
    changing = [o for o in of_tenants(operations) if o.method != "GET" and ACTION_OF.get(o.id)]
    for operation in changing:
        if PERMISSION_OF[operation.id] == SIGNED_IN:
            continue
        request_id = f"denied-{operation.id}"[:64]
        status, _ = call(client, operation, world.ids, {**headers, "X-Request-ID": request_id})
        assert status == 403, operation.id
        denied = str(ACTION_OF[operation.id]).replace("*", "task")
        assert written(world.scope, request_id) == [denied], operation.id


def test_contract_names_the_action_of_every_change(app: FastAPI) -> None:
    told = {
        found["operationId"]: found.get("x-audit-action")
        for methods in app.openapi()["paths"].values()
        for found in methods.values()
    }
    assert told == ACTION_OF


def written(scope: Scope, request_id: str) -> list[str]:
    with tenant_session(scope, read_only=True) as db:
        wanted = select(AuditEntryRow.action).where(AuditEntryRow.request_id == request_id)
        return list(db.scalars(wanted))
