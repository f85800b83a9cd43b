"""Populations: uploads, imports and frozen snapshots."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from agentverse.platform.db import row_security

revision = "0003_populations"
down_revision = "0002_llm"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "populations",
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
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("upload_key", sa.String(200), nullable=False),
        sa.Column("inspection", postgresql.JSONB(), nullable=False),
        sa.Column("request", postgresql.JSONB()),
        sa.Column("stage", postgresql.JSONB()),
        sa.Column("problem", postgresql.JSONB()),
        sa.Column("personas", sa.Integer()),
        sa.Column("digest", sa.String(64)),
        sa.Column("snapshot_key", sa.String(200)),
        sa.Column("refused_key", sa.String(200)),
        sa.Column("report", postgresql.JSONB()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('uploaded', 'importing', 'ready', 'failed')", name="status_known"
        ),
        sa.CheckConstraint(
            "(status = 'ready') = (digest IS NOT NULL AND snapshot_key IS NOT NULL "
            "AND report IS NOT NULL AND personas IS NOT NULL)",
            name="ready_is_whole",
        ),
        sa.CheckConstraint("(status = 'failed') = (problem IS NOT NULL)", name="failed_says_why"),
    )
    row_security.protect(op, "populations")


def downgrade() -> None:
    op.drop_table("populations")
