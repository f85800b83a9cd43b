"""API keys, their secrets, and the directory that only one definer function answers from."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from agentverse.platform.db import row_security

revision = "0013_api_keys"
down_revision = "0012_database_roles"
branch_labels = None
depends_on = None

# Both run as the owner of the directory, which no other role can read or write.
DIRECTORY = """
CREATE FUNCTION app.list_api_key_secret() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.api_key_directory (public_id, tenant_id)
    VALUES (NEW.public_id, NEW.tenant_id);
    RETURN NEW;
END;
$$;
REVOKE ALL ON FUNCTION app.list_api_key_secret() FROM PUBLIC;
CREATE TRIGGER api_key_secrets_listed AFTER INSERT ON api_key_secrets
    FOR EACH ROW EXECUTE FUNCTION app.list_api_key_secret();

CREATE FUNCTION app.api_key_tenant(wanted text) RETURNS uuid LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT tenant_id FROM public.api_key_directory WHERE public_id = wanted
$$;
REVOKE ALL ON FUNCTION app.api_key_tenant(text) FROM PUBLIC;
"""


def upgrade() -> None:
    op.create_table(
        "api_keys",
        *_tenant_columns(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        sa.Index("ix_api_keys_user", "tenant_id", "user_id"),
    )
    op.create_table(
        "api_key_secrets",
        *_tenant_columns(),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("pepper_version", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["tenant_id", "key_id"], ["api_keys.tenant_id", "api_keys.id"]),
        sa.UniqueConstraint("tenant_id", "public_id"),
        sa.Index("ix_api_key_secrets_key", "tenant_id", "key_id"),
    )
    row_security.protect(op, "api_keys", rights="SELECT, INSERT, UPDATE")
    row_security.protect(op, "api_key_secrets", rights="SELECT, INSERT, UPDATE")
    _create_directory()


def _create_directory() -> None:
    op.create_table(
        "api_key_directory",
        sa.Column("public_id", sa.String(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "public_id"],
            ["api_key_secrets.tenant_id", "api_key_secrets.public_id"],
            ondelete="CASCADE",
        ),
    )
    # No policy and no right: nobody but the owner, whose functions are the only way in.
    op.execute(sa.text("ALTER TABLE api_key_directory ENABLE ROW LEVEL SECURITY"))
    op.execute(sa.text("REVOKE ALL ON api_key_directory FROM PUBLIC"))
    op.execute(sa.text(DIRECTORY))
    role = row_security.quoted_app_role(op)
    op.execute(sa.text(f"GRANT EXECUTE ON FUNCTION app.api_key_tenant(text) TO {role}"))


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


def downgrade() -> None:
    for table in ("api_key_directory", "api_key_secrets", "api_keys"):
        op.drop_table(table)
    op.execute(sa.text("DROP FUNCTION app.api_key_tenant(text)"))
    op.execute(sa.text("DROP FUNCTION app.list_api_key_secret()"))
