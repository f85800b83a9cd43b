"""Exports and deletions: what was asked for, and two functions that erase one tenant's rows.

The functions run as the owner, whom row security binds to the transaction's tenant like everybody.
"""

import sqlalchemy as sa
from alembic import op

from agentverse.platform.db import row_security
from agentverse.platform.db.database_roles import DatabaseRole

revision = "0035_privacy"
down_revision = "0034_compilers"
branch_labels = None
depends_on = None

STATUSES = "'active', 'suspended', 'deleting', 'deleted'"

# What proves that nobody changed the past stays: it holds ids, hashes and counts, no words.
ERASE = """
CREATE FUNCTION app.erase_tenant(wanted text[], kept_task uuid) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    named text;
    found bigint;
    erased bigint := 0;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.tenants
                   WHERE id = app.tenant_id() AND status IN ('deleting', 'deleted'))
    THEN
        RAISE EXCEPTION 'the tenant is not being deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    FOREACH named IN ARRAY wanted LOOP
        IF named IN ('tenants', 'audit_entries', 'audit_seals', 'audit_checkpoints',
                     'audit_streams', 'audit_counts')
            OR NOT EXISTS (SELECT 1 FROM pg_policies WHERE schemaname = 'public'
                           AND tablename = named AND permissive = 'RESTRICTIVE')
        THEN
            RAISE EXCEPTION 'no rows of % are erased', named
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF named = 'tasks' THEN
            DELETE FROM public.tasks WHERE tenant_id = app.tenant_id() AND id <> kept_task;
        ELSE
            EXECUTE format('DELETE FROM public.%I WHERE tenant_id = app.tenant_id()', named);
        END IF;
        GET DIAGNOSTICS found = ROW_COUNT;
        erased := erased + found;
    END LOOP;
    DELETE FROM public.procrastinate_jobs
    WHERE args -> 'scope' ->> 'tenant_id' = app.tenant_id()::text
        AND status NOT IN ('todo', 'doing');
    RETURN erased;
END;
$$;
REVOKE ALL ON FUNCTION app.erase_tenant(text[], uuid) FROM PUBLIC;

-- of_actor: what they did, and what was done to them; about: an address of theirs.
CREATE FUNCTION app.erase_audit_words(of_actor uuid, about text, older_than timestamptz)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    erased bigint;
BEGIN
    DELETE FROM public.audit_personal words
    WHERE words.tenant_id = app.tenant_id()
        AND (older_than IS NULL OR words.created_at < older_than)
        AND (of_actor IS NULL OR strpos(lower(words.texts::text), lower(about)) > 0 OR EXISTS (
            SELECT 1 FROM public.audit_entries entry
            WHERE entry.tenant_id = words.tenant_id AND entry.id = words.id
                AND of_actor IN (entry.actor_id, entry.resource_id)));
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END;
$$;
REVOKE ALL ON FUNCTION app.erase_audit_words(uuid, text, timestamptz) FROM PUBLIC;
"""


def upgrade() -> None:
    op.execute(
        sa.text(
            "ALTER TABLE tenants DROP CONSTRAINT ck_tenants_status, "
            f"ADD CONSTRAINT ck_tenants_status CHECK (status IN ({STATUSES}))"
        )
    )
    op.create_table(
        "privacy_requests",
        sa.Column("tenant_id", sa.Uuid(), sa.ForeignKey("tenants.id"), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("file_key", sa.String()),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("kind IN ('export', 'deletion')", name="kind"),
        sa.CheckConstraint("subject IN ('organization', 'user')", name="subject"),
        sa.Index("ix_privacy_requests_user", "tenant_id", "user_id"),
    )
    row_security.protect(op, "privacy_requests")
    op.execute(sa.text(ERASE))
    platform = row_security.quoted_role(op, DatabaseRole.PLATFORM)
    for function in ("erase_tenant(text[], uuid)", "erase_audit_words(uuid, text, timestamptz)"):
        op.execute(sa.text(f"GRANT EXECUTE ON FUNCTION app.{function} TO {platform}"))


def downgrade() -> None:
    raise NotImplementedError("What was erased does not come back; restore a backup.")
