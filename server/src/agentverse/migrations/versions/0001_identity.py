"""Identity, audit, the job queue and the tenant function that row security calls."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

from agentverse.platform.db import row_security

revision = "0001_identity"
down_revision = None
branch_labels = None
depends_on = None

# What a worker and an enqueuing session need, and no more (no TRUNCATE, no DDL).
QUEUE_RIGHTS = {
    "procrastinate_jobs": "SELECT, INSERT, UPDATE, DELETE",
    "procrastinate_events": "SELECT, INSERT",
    "procrastinate_workers": "SELECT, INSERT, UPDATE, DELETE",
    "procrastinate_periodic_defers": "SELECT, INSERT, UPDATE, DELETE",
}
QUEUE_SEQUENCES = (
    "procrastinate_jobs_id_seq",
    "procrastinate_events_id_seq",
    "procrastinate_periodic_defers_id_seq",
)


def upgrade() -> None:
    row_security.create_tenant_function(op)
    _create_tenants()
    _create_people()
    _create_sign_ins()
    _create_audit()
    _create_queue()
    op.execute(sa.text(f"GRANT SELECT ON alembic_version TO {row_security.quoted_app_role(op)}"))


def _tenant_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            sa.ForeignKey("tenants.id"),
            primary_key=True,
            server_default=sa.text("app.tenant_id()"),
        ),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
        ),
    ]


def _of_user() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"])


def _create_tenants() -> None:
    op.create_table(
        "tenants",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'suspended')", name="status"),
    )
    row_security.protect(op, "tenants", column="id")


def _create_people() -> None:
    op.create_table(
        "organizations",
        *_tenant_columns(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.UniqueConstraint("tenant_id", "slug"),
    )
    op.create_table(
        "users",
        *_tenant_columns(),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String()),
        sa.UniqueConstraint("tenant_id", "email"),
    )
    op.create_table(
        "memberships",
        *_tenant_columns(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        _of_user(),
        sa.UniqueConstraint("tenant_id", "user_id"),
        sa.CheckConstraint("role IN ('owner', 'admin', 'analyst', 'viewer')", name="role"),
    )
    for table in ("organizations", "users", "memberships"):
        row_security.protect(op, table)


def _create_sign_ins() -> None:
    op.create_table(
        "sign_in_directory",
        sa.Column("email", sa.String(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        _of_user(),
    )
    _protect_directory()
    op.create_table(
        "sign_in_attempts",
        sa.Column("address_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Index("ix_sign_in_attempts_last_failed_at", "last_failed_at"),
    )
    op.execute(
        sa.text(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_attempts TO "
            + row_security.quoted_app_role(op)
        )
    )
    op.create_table(
        "refresh_families",
        *_tenant_columns(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_because", sa.String()),
        _of_user(),
        sa.Index("ix_refresh_families_user", "tenant_id", "user_id"),
    )
    op.create_table(
        "refresh_tokens",
        *_tenant_columns(),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["tenant_id", "family_id"], ["refresh_families.tenant_id", "refresh_families.id"]
        ),
        sa.UniqueConstraint("tenant_id", "token_hash"),
        sa.Index("ix_refresh_tokens_family", "tenant_id", "family_id"),
    )
    op.create_table(
        "one_time_tokens",
        *_tenant_columns(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        _of_user(),
        sa.UniqueConstraint("tenant_id", "token_hash"),
    )
    for table in ("refresh_families", "refresh_tokens", "one_time_tokens"):
        row_security.protect(op, table)


def _protect_directory() -> None:
    """Readable before a tenant is known (that is its purpose); written only by its tenant."""
    role = row_security.quoted_app_role(op)
    for statement in (
        "ALTER TABLE sign_in_directory ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE sign_in_directory FORCE ROW LEVEL SECURITY",
        "CREATE POLICY sign_in_directory_read ON sign_in_directory FOR SELECT USING (true)",
        "CREATE POLICY sign_in_directory_insert ON sign_in_directory FOR INSERT "
        "WITH CHECK (tenant_id = (SELECT app.tenant_id()))",
        "CREATE POLICY sign_in_directory_delete ON sign_in_directory FOR DELETE "
        "USING (tenant_id = (SELECT app.tenant_id()))",
        f"GRANT SELECT, INSERT, DELETE ON sign_in_directory TO {role}",
    ):
        op.execute(sa.text(statement))


def _create_audit() -> None:
    op.create_table(
        "audit_entries",
        *_tenant_columns(),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("chain_hash", sa.LargeBinary()),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("resource_type", sa.String(), nullable=False),
        sa.Column("resource_id", sa.Uuid()),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("request_id", sa.String()),
        sa.Column("before", postgresql.JSONB()),
        sa.Column("after", postgresql.JSONB()),
        sa.Index("ix_audit_entries_tenant_created", "tenant_id", "created_at"),
        sa.Index("ix_audit_entries_resource", "tenant_id", "resource_type", "resource_id"),
    )
    row_security.protect(op, "audit_entries", rights="SELECT, INSERT")


def _create_queue() -> None:
    role = row_security.quoted_app_role(op)
    # The whole script at once, past SQLAlchemy's parameter parsing: it contains colons.
    driver_connection = op.get_bind().connection.driver_connection
    assert driver_connection is not None  # noqa: S101 - a migration always runs online
    driver_connection.execute(SchemaManager.get_schema())
    for table, rights in QUEUE_RIGHTS.items():
        op.execute(sa.text(f"REVOKE ALL ON {table} FROM PUBLIC"))
        op.execute(sa.text(f"GRANT {rights} ON {table} TO {role}"))
    for sequence in QUEUE_SEQUENCES:
        op.execute(sa.text(f"GRANT USAGE ON SEQUENCE {sequence} TO {role}"))


def downgrade() -> None:
    raise NotImplementedError("The first revision is undone by dropping the database.")
