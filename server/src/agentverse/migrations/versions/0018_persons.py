"""Persons beside tenants: one credential in any number of organizations, behind its own role."""

import sqlalchemy as sa
from alembic import op

from agentverse.platform.db import row_security
from agentverse.platform.db.database_roles import DatabaseRole

revision = "0018_persons"
down_revision = "0017_import_tasks"
branch_labels = None
depends_on = None

# Which tenants a person is a member of follows from the tenants' own tables and nothing else.
DIRECTORY = """
CREATE FUNCTION app.list_membership() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM public.person_tenants
        WHERE tenant_id = OLD.tenant_id AND user_id = OLD.user_id;
        RETURN OLD;
    END IF;
    INSERT INTO public.person_tenants (person_id, tenant_id, user_id)
    SELECT person_id, tenant_id, id FROM public.users
    WHERE tenant_id = NEW.tenant_id AND id = NEW.user_id AND person_id IS NOT NULL;
    RETURN NEW;
END;
$$;
REVOKE ALL ON FUNCTION app.list_membership() FROM PUBLIC;
CREATE TRIGGER memberships_listed AFTER INSERT OR DELETE ON memberships
    FOR EACH ROW EXECUTE FUNCTION app.list_membership();

CREATE FUNCTION app.list_user() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.person_id IS NULL THEN
        DELETE FROM public.person_tenants WHERE tenant_id = NEW.tenant_id AND user_id = NEW.id;
    ELSE
        UPDATE public.person_tenants SET person_id = NEW.person_id
        WHERE tenant_id = NEW.tenant_id AND user_id = NEW.id;
    END IF;
    RETURN NEW;
END;
$$;
REVOKE ALL ON FUNCTION app.list_user() FROM PUBLIC;
CREATE TRIGGER users_listed AFTER UPDATE OF person_id ON users
    FOR EACH ROW EXECUTE FUNCTION app.list_user();
"""

# Everybody who is there keeps their id, address and password; whoever came first holds it.
CARRY_OVER = """
INSERT INTO persons (id, created_at, address, full_name, password_hash)
    SELECT id, created_at, email, full_name, password_hash FROM users;
UPDATE users SET person_id = id;
INSERT INTO person_tenants (person_id, tenant_id, user_id)
    SELECT users.person_id, users.tenant_id, users.id FROM users
    JOIN memberships m ON m.tenant_id = users.tenant_id AND m.user_id = users.id;
"""

ENTRY_COLUMNS = (
    "tenant_id, actor_kind, actor_id, credential_kind, credential_id, action, resource_type, "
    "resource_id, outcome, request_id, before, after, commitment"
)
MADE_BY_DATABASE = 'tenant_id, id, created_at, "transaction"'


def upgrade() -> None:
    _create_persons()
    op.add_column("users", sa.Column("person_id", sa.Uuid()))
    _create_person_tenants()
    with row_security.unforced(op, "users", "memberships"):
        op.execute(sa.text(CARRY_OVER))
        _bind_users()
    op.execute(sa.text(DIRECTORY))
    op.drop_table("sign_in_directory")
    _describe_sign_ins()
    _let_persons_in()


def _create_persons() -> None:
    op.create_table(
        "persons",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String()),
        sa.Column("verified_at", sa.DateTime(timezone=True)),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("last_tenant_id", sa.Uuid()),
        sa.CheckConstraint("verified_at IS NULL OR expires_at IS NULL", name="verified_stays"),
        sa.Index("ix_persons_address", "address"),
        sa.Index(
            "uq_persons_address_holder",
            "address",
            unique=True,
            postgresql_where=sa.text("expires_at IS NULL"),
        ),
    )
    op.create_table(
        "person_tokens",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "person_id", sa.Uuid(), sa.ForeignKey("persons.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("purpose IN ('verify_address', 'reset_password')", name="purpose"),
        sa.Index("ix_person_tokens_person", "person_id", "purpose"),
    )


def _create_person_tenants() -> None:
    op.create_table(
        "person_tenants",
        sa.Column(
            "person_id",
            sa.Uuid(),
            sa.ForeignKey("persons.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("tenant_id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], ondelete="CASCADE"
        ),
    )


def _bind_users() -> None:
    op.create_foreign_key(None, "users", "persons", ["person_id"], ["id"], ondelete="SET NULL")
    op.create_unique_constraint(None, "users", ["tenant_id", "person_id"])
    op.create_index("ix_users_person", "users", ["person_id"])
    op.drop_constraint("uq_users_tenant_id_email", "users")
    op.drop_column("users", "password_hash")


def _describe_sign_ins() -> None:
    op.add_column(
        "refresh_families",
        sa.Column(
            "refreshed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
        ),
    )
    op.alter_column("refresh_families", "refreshed_at", server_default=None)
    op.add_column("refresh_families", sa.Column("address", sa.String()))
    op.add_column("refresh_families", sa.Column("agent", sa.String()))


def _let_persons_in() -> None:
    role = row_security.quoted_role(op, DatabaseRole.PERSONS)
    op.execute(sa.text(f"GRANT USAGE ON SCHEMA app TO {role}"))
    op.execute(sa.text(f"GRANT EXECUTE ON FUNCTION app.tenant_id() TO {role}"))
    for table, rights in (
        ("persons", "SELECT, INSERT, UPDATE, DELETE"),
        ("person_tokens", "SELECT, INSERT, UPDATE, DELETE"),
        ("person_tenants", "SELECT"),
    ):
        op.execute(sa.text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))
        op.execute(sa.text(f"REVOKE ALL ON {table} FROM PUBLIC"))
        row_security.admit(op, table, DatabaseRole.PERSONS, rights=rights)
    # A change of a person and its audit entry are one transaction, in one tenant's stream.
    for table, rights in (
        ("audit_entries", f"INSERT ({ENTRY_COLUMNS}), SELECT ({MADE_BY_DATABASE})"),
        ("audit_personal", "SELECT, INSERT"),
        ("audit_terms", "SELECT, INSERT"),
    ):
        row_security.share(op, table, DatabaseRole.PERSONS, rights=rights)


def downgrade() -> None:
    raise NotImplementedError("A person may be in several tenants by now; restore a backup.")
