"""A person's authenticator app and recovery codes."""

import sqlalchemy as sa
from alembic import op

from agentverse.platform.db import row_security
from agentverse.platform.db.database_roles import DatabaseRole

revision = "0028_second_factors"
down_revision = "0027_llm_alerts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_totp",
        _person(primary_key=True),
        _made(),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _made(),
        _person(primary_key=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("person_id", "code_hash"),
    )
    for table in ("person_totp", "recovery_codes"):
        op.execute(sa.text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))
        op.execute(sa.text(f"REVOKE ALL ON {table} FROM PUBLIC"))
        row_security.admit(op, table, DatabaseRole.PERSONS, rights="SELECT, INSERT, UPDATE, DELETE")


def _made() -> sa.Column[object]:
    return sa.Column("created_at", sa.DateTime(timezone=True), nullable=False)


def _person(*, primary_key: bool) -> sa.Column[object]:
    return sa.Column(
        "person_id",
        sa.Uuid(),
        sa.ForeignKey("persons.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


def downgrade() -> None:
    op.drop_table("recovery_codes")
    op.drop_table("person_totp")
