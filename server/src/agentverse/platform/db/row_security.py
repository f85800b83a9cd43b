"""Row-security DDL for migrations: one call makes a table obey the tenant rule."""

from types import ModuleType

from alembic.operations import Operations
from sqlalchemy import text

# A migration passes `alembic.op`, the module that stands in for the running Operations.
MigrationOperations = Operations | ModuleType

APP_ROLE = "agentverse_app"

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


def app_role(op: MigrationOperations) -> str:
    """The role the API and the worker connect as, as the running migration was told."""
    context_options = op.get_context().opts
    return str(context_options.get("app_role") or APP_ROLE)


def quoted_app_role(op: MigrationOperations) -> str:
    return op.get_bind().dialect.identifier_preparer.quote(app_role(op))


def create_tenant_function(op: MigrationOperations) -> None:
    op.execute(text(TENANT_FUNCTION))
    op.execute(text(f"GRANT USAGE ON SCHEMA app TO {quoted_app_role(op)}"))
    op.execute(text(f"GRANT EXECUTE ON FUNCTION app.tenant_id() TO {quoted_app_role(op)}"))


def protect(
    op: MigrationOperations,
    table: str,
    *,
    column: str = "tenant_id",
    rights: str = "SELECT, INSERT, UPDATE, DELETE",
) -> None:
    """Force row security on `table` and grant the app role `rights` on it.

    RESTRICTIVE: a later permissive policy can only narrow what the tenant rule lets through.
    """
    role = quoted_app_role(op)
    for statement in (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {table}_base ON {table} AS PERMISSIVE FOR ALL TO PUBLIC "
        "USING (true) WITH CHECK (true)",
        # The sub-select is evaluated once per statement, not once per row.
        f"CREATE POLICY {table}_tenant ON {table} AS RESTRICTIVE FOR ALL TO PUBLIC "
        f"USING ({column} = (SELECT app.tenant_id())) "
        f"WITH CHECK ({column} = (SELECT app.tenant_id()))",
        f"REVOKE ALL ON {table} FROM PUBLIC",
        f"GRANT {rights} ON {table} TO {role}",
    ):
        op.execute(text(statement))
