"""The database's own catalogue: every table obeys the tenant rule, or is on a short closed list."""

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from agentverse.entrypoints import tables
from agentverse.platform.db import database_roles, engines
from agentverse.platform.db.base import Row, TenantOwned
from agentverse.platform.db.database_roles import DatabaseRole
from agentverse.platform.db.embedded import Cluster
from agentverse.platform.errors import Misconfigured
from agentverse.platform.settings import Settings

# Each with the reason why no tenant owns its rows.
CLOSED_LIST = {
    "alembic_version": "the revision of the database",
    "persons": "global: in any number of tenants; read by the person directory's role only",
    "person_tokens": "of a person; read by the person directory's role only",
    "person_totp": "of a person; its secret is sealed; read by the same role only",
    "recovery_codes": "of a person, hashes only; read by the same role only",
    "administrators": "persons who may enter the platform realm; read by the same role only",
    "bootstrap_tokens": "make a person an administrator; hashes, read by the same role only",
    "invitation_directory": "open invitations by address; kept by a trigger, for the same role",
    "person_tenants": "where a person is a member; kept by triggers, read by the same role only",
    "sign_in_attempts": "counts guesses at any address, known or not; holds only a hash",
    "api_key_directory": "public id to tenant, before one is known; no role but the owner reads it",
    "audit_horizon": "one row: how far the sealer is; holds transaction numbers",
    "llm_catalogue": "one number: the version of what calls are resolved against",
    "llm_providers": "what the installation offers to all tenants; keys are sealed",
    "llm_models": "what the installation offers to all tenants",
    "llm_prices": "what the installation's models cost",
    "llm_profiles": "the installation's own; a tenant's are overrides",
    "llm_profile_versions": "the installation's own; a tenant's are overrides",
    "llm_processes": "signs of life",
    "llm_process_tenants": "where to look for a dead process's holds; only ids",
    "llm_breakers": "which models rest; names of models and times",
    "procrastinate_jobs": "the worker serves all tenants; payloads hold ids",
    "procrastinate_events": "history of the queue",
    "procrastinate_workers": "signs of life",
    "procrastinate_periodic_defers": "schedules",
}

# The tenant tables that a role besides the app's was let at by name.
ADMITTED: dict[DatabaseRole, set[str]] = {
    DatabaseRole.PLATFORM: {
        *("organizations", "tenant_quotas", "audit_personal", "audit_terms"),
        "tenants",
        *(
            "llm_alerts",
            "llm_attempts",
            "llm_cache",
            "llm_budget_windows",
            "llm_budgets",
            "llm_calls",
            "llm_usage_hours",
        ),
        *("llm_profile_override_versions", "llm_profile_overrides"),
    },
    # Under the tenant rule: a change of a person writes its entry in the same transaction.
    DatabaseRole.PERSONS: {"audit_personal", "audit_terms"},
    DatabaseRole.SEALER: {
        "audit_checkpoints",
        "audit_counts",
        "audit_entries",
        "audit_personal",
        "audit_seals",
        "audit_streams",
    },
}

ROW_SECURITY = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity
FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
AND NOT c.relispartition
"""
PARTITIONS = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, c.relacl::text,
    EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)
FROM pg_class c WHERE c.relispartition AND c.relkind = 'r'
"""
RESTRICTIVE = """
SELECT tablename, cmd, qual, with_check FROM pg_policies
WHERE schemaname = 'public' AND permissive = 'RESTRICTIVE'
"""
PRIMARY_KEYS = """
SELECT c.conrelid::regclass::text, array_agg(a.attname ORDER BY k.position)
FROM pg_constraint c
CROSS JOIN unnest(c.conkey) WITH ORDINALITY AS k(column_number, position)
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.column_number
WHERE c.contype = ANY(%s) AND c.connamespace = 'public'::regnamespace
GROUP BY c.oid
"""
FOREIGN_KEYS = """
SELECT c.conrelid::regclass::text, c.confrelid::regclass::text, array_agg(a.attname::text)
FROM pg_constraint c
CROSS JOIN unnest(c.conkey) AS k(column_number)
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.column_number
WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
GROUP BY c.oid
"""


def tenant_tables(owner: psycopg.Connection) -> set[str]:
    return {name for name, _, _ in owner.execute(ROW_SECURITY).fetchall()} - set(CLOSED_LIST)


def test_closed_list_names_only_tables_that_exist(owner: psycopg.Connection) -> None:
    assert set(CLOSED_LIST) <= {name for name, _, _ in owner.execute(ROW_SECURITY).fetchall()}


def test_every_tenant_table_forces_row_security(owner: psycopg.Connection) -> None:
    rows = owner.execute(ROW_SECURITY).fetchall()
    unforced = {name for name, enabled, forced in rows if not (enabled and forced)}
    assert unforced <= set(CLOSED_LIST)


def test_partitions_are_reached_through_their_table_or_not_at_all(
    owner: psycopg.Connection,
) -> None:
    partitions = owner.execute(PARTITIONS).fetchall()
    assert len(partitions) >= 6
    for name, forced, rights, has_policy in partitions:
        granted = {right.split("=")[0] for right in (rights or "{}").strip("{}").split(",")}
        assert granted <= {"", "agentverse_owner"}, name
        assert forced, name
        assert not has_policy, name


def test_every_tenant_table_has_the_restrictive_policy(owner: psycopg.Connection) -> None:
    found = {
        table: (command, using, check)
        for table, command, using, check in owner.execute(RESTRICTIVE).fetchall()
    }
    for table in tenant_tables(owner):
        column = "id" if table == "tenants" else "tenant_id"
        rule = f"({column} = ( SELECT app.tenant_id() AS tenant_id))"
        assert found.get(table) == ("ALL", rule, rule), table


def test_every_key_of_a_tenant_table_starts_with_the_tenant(owner: psycopg.Connection) -> None:
    keys = owner.execute(PRIMARY_KEYS, (["p", "u"],)).fetchall()
    for table, columns in keys:
        if table in tenant_tables(owner) - {"tenants"}:
            assert columns[0] == "tenant_id", f"{table} {columns}"


def test_every_reference_between_tenant_tables_carries_the_tenant(
    owner: psycopg.Connection,
) -> None:
    references = owner.execute(FOREIGN_KEYS).fetchall()
    assert references
    for table, target, columns in references:
        # A person is global; the user that stands for them in a tenant is not.
        if table in tenant_tables(owner) and target != "persons":
            assert "tenant_id" in columns, f"{table} → {target} {columns}"


def test_no_role_holds_power_around_row_security(database: engines.Database) -> None:
    engines.refuse_powerful_roles(database)


def test_no_policy_is_for_everybody(owner: psycopg.Connection) -> None:
    """A role made for something else sees nothing until a policy names it."""
    for_everybody = owner.execute(
        "SELECT tablename, policyname FROM pg_policies WHERE 'public' = ANY(roles)"
    ).fetchall()
    assert for_everybody == []


@pytest.mark.parametrize("role", [role for role in DatabaseRole if role != "app"])
def test_other_roles_see_no_tenant_table_unless_admitted(
    role: DatabaseRole, database: engines.Database, owner: psycopg.Connection
) -> None:
    with psycopg.connect(database_roles.conninfo(database.urls.logins[role])) as connection:
        held = {
            table
            for table in tenant_tables(owner)
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
            if connection.execute("SELECT has_table_privilege(%s, %s)", (table, right)).fetchone()
            == (True,)
        }
    assert held == ADMITTED.get(role, set())


def test_no_login_may_truncate_refer_or_hook(owner: psycopg.Connection) -> None:
    """Rights that row security does not bind, and triggers, which run as whoever writes."""
    logins = [role.login for role in DatabaseRole]
    held = owner.execute(
        "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants "
        "WHERE grantee = ANY(%s) "
        "AND privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')",
        (logins,),
    ).fetchall()
    assert held == []


def test_nothing_is_granted_to_everybody(owner: psycopg.Connection) -> None:
    held = owner.execute(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
        "WHERE grantee = 'PUBLIC' AND table_schema = 'public'"
    ).fetchall()
    assert held == []


def test_functions_with_their_owners_rights_pin_the_search_path(
    owner: psycopg.Connection,
) -> None:
    """And nobody may call one who was not named."""
    functions = owner.execute(
        "SELECT p.proname, p.proconfig, p.proacl::text FROM pg_proc p "
        "JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE p.prosecdef AND n.nspname IN ('app', 'public')"
    ).fetchall()
    assert functions
    for name, settings, rights in functions:
        assert any(setting.startswith("search_path=") for setting in settings or ()), name
        assert rights is not None, f"{name} is executable by everybody"
        assert not any(right.startswith("=") for right in rights.strip("{}").split(",")), name


def test_no_view_looks_past_row_security(owner: psycopg.Connection) -> None:
    views = owner.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname IN ('public', 'app') AND (c.relkind = 'm' OR (c.relkind = 'v' "
        "AND NOT coalesce(c.reloptions @> ARRAY['security_invoker=true'], false)))"
    ).fetchall()
    assert views == []


@pytest.mark.parametrize("role", ["owner", "superuser"])
def test_powerful_roles_are_refused(
    role: str, database: engines.Database, cluster: Cluster, settings: Settings
) -> None:
    superuser = cluster.superuser_url.set(database="agentverse")
    url = database.urls.owner if role == "owner" else superuser
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection, pytest.raises(Misconfigured, match=role):
        engines.refuse_powerful_role(connection)


def test_app_role_may_not_change_audit_entries(database: engines.Database) -> None:
    with psycopg.connect(database_roles.conninfo(database.urls.app)) as connection:
        for right in ("UPDATE", "DELETE", "TRUNCATE"):
            held = connection.execute(
                "SELECT has_table_privilege('audit_entries', %s)", (right,)
            ).fetchone()
            assert held == (False,), right


@pytest.mark.parametrize("column", ["id", "created_at", "transaction"])
def test_app_role_may_not_say_when_an_audit_entry_was_written(
    database: engines.Database, column: str
) -> None:
    with psycopg.connect(database_roles.conninfo(database.urls.app)) as connection:
        for right, held in (("INSERT", False), ("UPDATE", False), ("SELECT", True)):
            found = connection.execute(
                "SELECT has_column_privilege('audit_entries', %s, %s)", (column, right)
            ).fetchone()
            assert found == (held,), right


def test_app_role_may_not_seal(database: engines.Database) -> None:
    with psycopg.connect(database_roles.conninfo(database.urls.app)) as connection:
        for table in ("audit_seals", "audit_checkpoints", "audit_streams", "audit_horizon"):
            for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
                found = connection.execute(
                    "SELECT has_table_privilege(%s, %s)", (table, right)
                ).fetchone()
                assert found == (False,), f"{right} on {table}"


def test_app_role_may_create_nothing(database: engines.Database) -> None:
    with (
        psycopg.connect(database_roles.conninfo(database.urls.app)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE sneaky (id int)")


def test_every_tenant_model_is_a_tenant_table(owner: psycopg.Connection) -> None:
    owned = {
        str(getattr(mapper.class_, "__tablename__", ""))
        for mapper in Row.registry.mappers
        if issubclass(mapper.class_, TenantOwned)
    }
    assert owned | {"tenants"} == tenant_tables(owner)


def test_migrations_and_models_agree(database: engines.Database) -> None:
    engine = create_engine(database.urls.owner, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": _is_ours, "compare_type": True}
        )
        assert compare_metadata(context, tables.metadata) == []


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    others = ("procrastinate_", "audit_entries_")
    return kind != "table" or not (name or "").startswith(others)


def test_app_role_cannot_change_its_tenants_status(database: engines.Database) -> None:
    with psycopg.connect(database_roles.conninfo(database.urls.app)) as connection:
        for right in ("UPDATE", "DELETE", "TRUNCATE"):
            held = connection.execute(
                "SELECT has_any_column_privilege('tenants', 'UPDATE') OR "
                "has_table_privilege('tenants', %s)",
                (right,),
            ).fetchone()
            assert held == (False,), right
