"""Members are suspended and invited; the platform role tells a tenant's audit why."""

import sqlalchemy as sa
from alembic import op

from agentverse.platform.db import row_security
from agentverse.platform.db.database_roles import DatabaseRole

revision = "0023_members"
down_revision = "0022_least_rights"
branch_labels = None
depends_on = None

DIRECTORY = """
CREATE FUNCTION app.list_invitation() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.status = 'open' THEN
        INSERT INTO public.invitation_directory (invitation_id, tenant_id, address)
        VALUES (NEW.id, NEW.tenant_id, NEW.address) ON CONFLICT DO NOTHING;
    ELSE
        DELETE FROM public.invitation_directory WHERE invitation_id = NEW.id;
    END IF;
    RETURN NEW;
END;
$$;
REVOKE ALL ON FUNCTION app.list_invitation() FROM PUBLIC;
CREATE TRIGGER invitations_listed AFTER INSERT OR UPDATE OF status ON invitations
    FOR EACH ROW EXECUTE FUNCTION app.list_invitation();
"""
ENTRY_COLUMNS = (
    "tenant_id, actor_kind, actor_id, credential_kind, credential_id, action, resource_type, "
    "resource_id, outcome, request_id, before, after, commitment"
)
MADE_BY_DATABASE = 'tenant_id, id, created_at, "transaction"'


def upgrade() -> None:
    op.add_column(
        "memberships", sa.Column("status", sa.String(), nullable=False, server_default="active")
    )
    op.alter_column("memberships", "status", server_default=None)
    op.create_check_constraint("status", "memberships", "status IN ('active', 'suspended')")
    _create_invitations()
    _create_directory()
    _let_platform_tell()


def _create_invitations() -> None:
    op.create_table(
        "invitations",
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
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("accepted_by", sa.Uuid()),
        sa.ForeignKeyConstraint(["tenant_id", "invited_by"], ["users.tenant_id", "users.id"]),
        sa.ForeignKeyConstraint(["tenant_id", "accepted_by"], ["users.tenant_id", "users.id"]),
        sa.UniqueConstraint("tenant_id", "token_hash"),
        sa.CheckConstraint("role IN ('owner', 'admin', 'analyst', 'viewer')", name="role"),
        sa.CheckConstraint("status IN ('open', 'accepted', 'declined', 'revoked')", name="status"),
    )
    row_security.protect(op, "invitations", rights="SELECT, INSERT, UPDATE")


def _create_directory() -> None:
    op.create_table(
        "invitation_directory",
        sa.Column("invitation_id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invitation_id"],
            ["invitations.tenant_id", "invitations.id"],
            ondelete="CASCADE",
        ),
        sa.Index("ix_invitation_directory_address", "address"),
    )
    op.execute(sa.text("ALTER TABLE invitation_directory ENABLE ROW LEVEL SECURITY"))
    op.execute(sa.text("REVOKE ALL ON invitation_directory FROM PUBLIC"))
    row_security.admit(op, "invitation_directory", DatabaseRole.PERSONS, rights="SELECT")
    op.execute(sa.text(DIRECTORY))


def _let_platform_tell() -> None:
    platform = row_security.quoted_role(op, DatabaseRole.PLATFORM)
    for statement in (
        f"GRANT USAGE ON SCHEMA app TO {platform}",
        f"GRANT EXECUTE ON FUNCTION app.tenant_id() TO {platform}",
    ):
        op.execute(sa.text(statement))
    row_security.admit(op, "organizations", DatabaseRole.PLATFORM, rights="SELECT")
    # A suspension and its entry in the tenant's own stream are one transaction.
    for table, rights in (
        ("audit_entries", f"INSERT ({ENTRY_COLUMNS}), SELECT ({MADE_BY_DATABASE})"),
        ("audit_personal", "SELECT, INSERT"),
        ("audit_terms", "SELECT, INSERT"),
    ):
        row_security.share(op, table, DatabaseRole.PLATFORM, rights=rights)


def downgrade() -> None:
    raise NotImplementedError("Restore the dump made before the upgrade.")
