"""Nodes made without a question: their Idempotency-Key and the request it stood for."""

import sqlalchemy as sa
from alembic import op

revision = "0007_branches"
down_revision = "0006_templates"
branch_labels = None
depends_on = None

KEY = "uq_nodes_tenant_id_idempotency_key"


def upgrade() -> None:
    op.add_column("nodes", sa.Column("idempotency_key", sa.String()))
    op.add_column("nodes", sa.Column("request_digest", sa.String()))
    op.create_unique_constraint(op.f(KEY), "nodes", ["tenant_id", "idempotency_key"])


def downgrade() -> None:
    op.drop_constraint(op.f(KEY), "nodes")
    op.drop_column("nodes", "request_digest")
    op.drop_column("nodes", "idempotency_key")
