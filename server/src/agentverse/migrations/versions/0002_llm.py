"""The ledger of model calls: one row before each call, settled exactly once."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from agentverse.platform.db import row_security

revision = "0002_llm"
down_revision = "0001_identity"
branch_labels = None
depends_on = None

MONEY = sa.Numeric(20, 10)

# The application settles with a conditional UPDATE; this holds even against a bug in it.
SETTLED_ONCE = """
CREATE FUNCTION app.refuse_second_settlement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state NOT IN ('reserved', 'abandoned') THEN
        RAISE EXCEPTION 'model call % is already settled', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER llm_calls_settled_once BEFORE UPDATE ON llm_calls
    FOR EACH ROW EXECUTE FUNCTION app.refuse_second_settlement();
"""


def upgrade() -> None:
    op.create_table(
        "llm_calls",
        *_tenant_columns(),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("origin", sa.Uuid()),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("request_id", sa.String()),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("input_usd_per_million", MONEY, nullable=False),
        sa.Column("cached_input_usd_per_million", MONEY, nullable=False),
        sa.Column("output_usd_per_million", MONEY, nullable=False),
        sa.Column("price_source", sa.String(), nullable=False),
        sa.Column("hold_usd", MONEY, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        *_settlement_columns(),
        sa.CheckConstraint(
            "state IN ('reserved', 'succeeded', 'failed', 'cancelled', 'abandoned')", name="state"
        ),
        sa.CheckConstraint(
            "(state IN ('reserved', 'abandoned')) = (settled_at IS NULL)", name="settled"
        ),
        sa.CheckConstraint(
            "(cost_usd IS NULL) = (cost_source IS NULL OR cost_source = 'unknown')", name="cost"
        ),
        sa.CheckConstraint("hold_usd >= 0 AND cost_usd >= 0", name="money"),
        sa.Index("ix_llm_calls_origin", "tenant_id", "origin"),
        sa.Index(
            "ix_llm_calls_reserved",
            "tenant_id",
            "expires_at",
            postgresql_where=sa.text("state = 'reserved'"),
        ),
    )
    row_security.protect(op, "llm_calls", rights="SELECT, INSERT, UPDATE")
    op.execute(sa.text(SETTLED_ONCE))


def _settlement_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("served_model", sa.String()),
        sa.Column("provider_call_id", sa.String()),
        sa.Column("finish_reason", sa.String()),
        sa.Column("error_code", sa.String()),
        sa.Column("input_tokens", sa.Integer()),
        sa.Column("cached_input_tokens", sa.Integer()),
        sa.Column("output_tokens", sa.Integer()),
        sa.Column("reasoning_tokens", sa.Integer()),
        sa.Column("cost_usd", MONEY),
        sa.Column("cost_source", sa.String()),
        sa.Column("latency_milliseconds", sa.Integer()),
    ]


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
    op.drop_table("llm_calls")
    op.execute(sa.text("DROP FUNCTION app.refuse_second_settlement()"))
