"""Row-security DDL for migrations: one call makes a table obey the tenant rule."""

from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType

from alembic.operations import Operations
from sqlalchemy import text

from agentverse.platform.db.database_roles import DatabaseRole

# A migration passes `alembic.op`, the module that stands in for the running Operations.
MigrationOperations = Operations | ModuleType

POLICY_ROLES = text(
    "SELECT string_agg(quote_ident(CAST(role AS text)), ', ') "
    "FROM pg_policies, unnest(roles) AS role "
    "WHERE schemaname = 'public' AND tablename = :table AND policyname = :policy"
)

TENANT_FUNCTION = """
CREATE SCHEMA IF NOT EXISTS app;
CREATE FUNCTION app.tenant_id() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    current_tenant text := current_setting('app.tenant_id', true);
BEGIN
    IF current_tenant IS NULL OR current_tenant = '' THEN
        RAISE EXCEPTION 'no tenant is set for this transaction'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN current_tenant::uuid;
END;
$$;
"""


def quoted_role(op: MigrationOperations, role: DatabaseRole) -> str:
    """The login that the running migration was told for `role`, quoted for SQL."""
    logins: dict[DatabaseRole, str] = op.get_context().opts.get("logins") or {}
    return op.get_bind().dialect.identifier_preparer.quote(logins.get(role, role.login))


def quoted_app_role(op: MigrationOperations) -> str:
    return quoted_role(op, DatabaseRole.APP)


def create_tenant_function(op: MigrationOperations) -> None:
    op.execute(text(TENANT_FUNCTION))
    op.execute(text(f"GRANT USAGE ON SCHEMA app TO {quoted_app_role(op)}"))
    op.execute(text(f"GRANT EXECUTE ON FUNCTION app.tenant_id() TO {quoted_app_role(op)}"))


@contextmanager
def unforced(op: MigrationOperations, *tables: str) -> Generator[None]:
    """Let the tables' owner, who runs migrations, read and write the rows of every tenant."""
    for table in tables:
        op.execute(text(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"))
    yield
    for table in tables:
        op.execute(text(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"))


def protect(
    op: MigrationOperations,
    table: str,
    *,
    column: str = "tenant_id",
    rights: str = "SELECT, INSERT, UPDATE, DELETE",
) -> None:
    """Force row security on `table` and grant the app role `rights` on it.

    RESTRICTIVE: a later permissive policy can only narrow what the tenant rule lets through.
    Bound to the app role and the owner; any other role sees nothing until `admit` lets it in.
    """
    role = quoted_app_role(op)
    for statement in (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {table}_base ON {table} AS PERMISSIVE FOR ALL TO "
        f"{role}, CURRENT_USER USING (true) WITH CHECK (true)",
        # The sub-select is evaluated once per statement, not once per row.
        f"CREATE POLICY {table}_tenant ON {table} AS RESTRICTIVE FOR ALL TO "
        f"{role}, CURRENT_USER "
        f"USING ({column} = (SELECT app.tenant_id())) "
        f"WITH CHECK ({column} = (SELECT app.tenant_id()))",
        f"REVOKE ALL ON {table} FROM PUBLIC",
        f"GRANT {rights} ON {table} TO {role}",
    ):
        op.execute(text(statement))


def admit(op: MigrationOperations, table: str, role: DatabaseRole, *, rights: str) -> None:
    """Let another role than the app's at a protected table's rows, whatever their tenant."""
    quoted = quoted_role(op, role)
    op.execute(
        text(
            f"CREATE POLICY {table}_{role} ON {table} AS PERMISSIVE FOR ALL TO {quoted} "
            "USING (true) WITH CHECK (true)"
        )
    )
    op.execute(text(f"GRANT {rights} ON {table} TO {quoted}"))


def share(op: MigrationOperations, table: str, role: DatabaseRole, *, rights: str) -> None:
    """Let another role at a protected table under the same tenant rule as the app's role."""
    quoted = quoted_role(op, role)
    for policy in (f"{table}_base", f"{table}_tenant"):
        held = op.get_bind().scalar(POLICY_ROLES, {"table": table, "policy": policy})
        op.execute(text(f"ALTER POLICY {policy} ON {table} TO {held}, {quoted}"))
    op.execute(text(f"GRANT {rights} ON {table} TO {quoted}"))
