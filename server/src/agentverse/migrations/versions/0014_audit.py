"""The audit as a sealer can seal it: partitioned entries, an erasable part, seals, checkpoints.

Entries of before are carried over with their ids and times; their free text moves to the erasable
part, and they are sealed like new ones.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from agentverse.audit import personal
from agentverse.platform.db import row_security
from agentverse.platform.db.database_roles import DatabaseRole

revision = "0014_audit"
down_revision = "0013_api_keys"
branch_labels = None
depends_on = None

OLD = "audit_entries_before"
BATCH = 1000

FUNCTIONS = """
CREATE FUNCTION app.uuid_floor(moment timestamptz) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT (lpad(to_hex(floor(extract(epoch FROM moment) * 1000)::bigint), 12, '0')
        || '00000000000000000000')::uuid
$$;

-- UUIDv7 of the database's own clock, on servers before PostgreSQL 18 too.
CREATE FUNCTION app.new_audit_id() RETURNS uuid
LANGUAGE plpgsql VOLATILE PARALLEL SAFE SET search_path = pg_catalog AS $$
BEGIN
    IF current_setting('server_version_num')::int >= 180000 THEN
        RETURN uuidv7();
    END IF;
    RETURN encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING
        substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
        FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid;
END;
$$;

-- One partition a month, made ahead. Run by the sealer: its owner's rights, no arguments to misuse.
CREATE FUNCTION app.add_audit_partitions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '2s' AS $$
DECLARE
    first timestamptz;
    partition text;
    added integer := 0;
BEGIN
    FOR ahead IN 0..3 LOOP
        first := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead))
            AT TIME ZONE 'UTC';
        partition := 'audit_entries_' || to_char(first AT TIME ZONE 'UTC', 'YYYY_MM');
        CONTINUE WHEN to_regclass('public.' || partition) IS NOT NULL;
        EXECUTE format(
            'CREATE TABLE public.%I PARTITION OF public.audit_entries FOR VALUES FROM (%L) TO (%L)',
            partition,
            app.uuid_floor(first),
            app.uuid_floor((first AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC')
        );
        -- No policy: a partition is reached through its table or not at all.
        EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', partition);
        EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', partition);
        added := added + 1;
    END LOOP;
    RETURN added;
END;
$$;
"""

PAST_PARTITION = """
DO $$
BEGIN
    EXECUTE format(
        'CREATE TABLE audit_entries_past PARTITION OF audit_entries '
        'FOR VALUES FROM (MINVALUE) TO (%L)',
        app.uuid_floor(date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')
    );
END;
$$;
CREATE TABLE audit_entries_other PARTITION OF audit_entries DEFAULT;
ALTER TABLE audit_entries_past ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entries_past FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_entries_other ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entries_other FORCE ROW LEVEL SECURITY;
"""

CARRIED = (
    "tenant_id, id, created_at, actor_kind, actor_id, action, resource_type, resource_id, outcome, "
    "request_id"
)
# Not id, created_at and transaction: those are the database's to say.
ENTRY_COLUMNS = (
    "tenant_id, actor_kind, actor_id, credential_kind, credential_id, action, resource_type, "
    "resource_id, outcome, request_id, before, after, commitment"
)


def upgrade() -> None:
    op.execute(f"ALTER TABLE audit_entries RENAME TO {OLD}")
    op.execute(f"ALTER TABLE {OLD} RENAME CONSTRAINT pk_audit_entries TO pk_{OLD}")
    for index in ("ix_audit_entries_tenant_created", "ix_audit_entries_resource"):
        op.execute(f"DROP INDEX {index}")
    op.execute(sa.text(FUNCTIONS.replace(":", "\\:")))
    _create_entries()
    _create_personal()
    _create_seals()
    _carry_over()
    _protect()


def _stream(*, id_default: str | None = None) -> list[sa.Column[Any]]:
    return [
        sa.Column(
            "tenant_id", sa.Uuid(), nullable=False, server_default=sa.text("app.tenant_id()")
        ),
        sa.Column(
            "id",
            sa.Uuid(),
            nullable=False,
            server_default=None if id_default is None else sa.text(id_default),
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("clock_timestamp()"),
        ),
    ]


def _create_entries() -> None:
    op.create_table(
        "audit_entries",
        *_stream(id_default="app.new_audit_id()"),
        sa.Column(
            "transaction",
            sa.BigInteger(),
            nullable=False,
            server_default=sa.text("(pg_current_xact_id()::text)::bigint".replace(":", "\\:")),
        ),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("credential_kind", sa.String()),
        sa.Column("credential_id", sa.Uuid()),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("resource_type", sa.String(), nullable=False),
        sa.Column("resource_id", sa.Uuid()),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("request_id", sa.String()),
        sa.Column("before", postgresql.JSONB()),
        sa.Column("after", postgresql.JSONB()),
        sa.Column("commitment", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        postgresql_partition_by="RANGE (id)",
    )
    op.execute(sa.text(PAST_PARTITION.replace(":", "\\:")))
    op.execute("SELECT app.add_audit_partitions()")
    for name, columns in (
        ("action", ["tenant_id", "action", "id"]),
        ("resource_type", ["tenant_id", "resource_type", "id"]),
        ("resource", ["tenant_id", "resource_id", "id"]),
        ("actor", ["tenant_id", "actor_id", "id"]),
        ("request", ["tenant_id", "request_id", "id"]),
        ("transaction", ["transaction"]),
    ):
        op.create_index(f"ix_audit_entries_{name}", "audit_entries", columns)


def _create_personal() -> None:
    op.create_table(
        "audit_personal",
        *_stream(),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.String()),
        sa.Column("agent", sa.String()),
        sa.Column("texts", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.Index("ix_audit_personal_address", "tenant_id", "address", "id"),
    )
    op.create_table(
        "audit_terms",
        *_stream(),
        sa.Column("term", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "term", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["audit_personal.tenant_id", "audit_personal.id"],
            ondelete="CASCADE",
        ),
        sa.Index("ix_audit_terms_entry", "tenant_id", "id"),
    )


def _create_seals() -> None:
    op.create_table(
        "audit_seals",
        *_stream(),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "position"),
    )
    op.create_table(
        "audit_checkpoints",
        *_stream(),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "size"),
    )
    op.create_table(
        "audit_streams",
        *_stream(),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("signed_size", sa.BigInteger(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_table(
        "audit_counts",
        *_stream(),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("resource_type", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint(
            "tenant_id", "hour", "action", "resource_type", "outcome", "actor_kind"
        ),
    )
    op.create_table(
        "audit_horizon",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("cluster", sa.BigInteger(), nullable=False),
        sa.Column("below", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
    )


def _carry_over() -> None:
    """Every tenant's rows, so the owner of the old table looks past its row security once."""
    op.execute(f"ALTER TABLE {OLD} NO FORCE ROW LEVEL SECURITY")
    connection = op.get_bind()
    result = connection.execute(
        sa.text(f"SELECT {CARRIED}, before, after FROM {OLD} ORDER BY sequence"),
        execution_options={"yield_per": BATCH},
    )
    for rows in result.mappings().partitions():
        _carry(connection, rows)
    op.drop_table(OLD)


def _carry(connection: sa.Connection, rows: Sequence[Any]) -> None:
    entries: list[dict[str, Any]] = []
    personals: list[dict[str, Any]] = []
    terms: list[dict[str, Any]] = []
    for row in rows:
        documents, texts = personal.split({"before": row["before"], "after": row["after"]})
        entry = {**row, **documents, "commitment": None}
        if texts:
            about = personal.Personal(
                salt=personal.new_salt(), address=None, agent=None, texts=texts
            )
            entry["commitment"] = about.commitment
            key = {"tenant_id": row["tenant_id"], "id": row["id"]}
            personals.append({**key, "salt": about.salt, "texts": texts})
            terms += [{**key, "term": term} for term in sorted(about.terms)]
        entries.append(entry)
    for table, columns, values in (
        ("audit_entries", f"{CARRIED}, before, after, commitment", entries),
        ("audit_personal", "tenant_id, id, salt, texts", personals),
        ("audit_terms", "tenant_id, id, term", terms),
    ):
        if values:
            names = ", ".join(f":{name.strip()}" for name in columns.split(","))
            json = [
                sa.bindparam(n, type_=postgresql.JSONB(none_as_null=True))
                for n in ("before", "after", "texts")
                if n in columns.split(", ")
            ]
            statement = sa.text(f"INSERT INTO {table} ({columns}) VALUES ({names})")
            connection.execute(statement.bindparams(*json), values)


def _protect() -> None:
    app = row_security.quoted_app_role(op)
    sealer = row_security.quoted_role(op, DatabaseRole.SEALER)
    for table, rights in (
        ("audit_entries", f"SELECT, INSERT ({ENTRY_COLUMNS})"),
        ("audit_personal", "SELECT, INSERT, DELETE"),
        ("audit_terms", "SELECT, INSERT"),
        ("audit_seals", "SELECT"),
        ("audit_checkpoints", "SELECT"),
        ("audit_streams", "SELECT"),
        ("audit_counts", "SELECT"),
    ):
        row_security.protect(op, table, rights=rights)
    for table, rights in (
        ("audit_entries", "SELECT"),
        ("audit_personal", "SELECT"),
        ("audit_seals", "SELECT, INSERT"),
        ("audit_checkpoints", "SELECT, INSERT"),
        ("audit_streams", "SELECT, INSERT, UPDATE"),
        ("audit_counts", "SELECT, INSERT, UPDATE"),
    ):
        row_security.admit(op, table, DatabaseRole.SEALER, rights=rights)
    for statement in (
        "REVOKE ALL ON audit_horizon FROM PUBLIC",
        f"GRANT SELECT ON audit_horizon TO {app}",
        f"GRANT SELECT, INSERT, UPDATE ON audit_horizon TO {sealer}",
        f"GRANT USAGE ON SCHEMA app TO {sealer}",
        f"GRANT EXECUTE ON FUNCTION app.uuid_floor(timestamptz) TO {app}",
        f"GRANT EXECUTE ON FUNCTION app.new_audit_id() TO {app}",
        "REVOKE ALL ON FUNCTION app.add_audit_partitions() FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION app.add_audit_partitions() TO {sealer}",
    ):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError(
        "What is sealed cannot be unsealed: restore the dump made before the upgrade."
    )
