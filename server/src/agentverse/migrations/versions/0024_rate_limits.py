"""How many requests each sender has sent lately, in one row that all processes share."""

import sqlalchemy as sa
from alembic import op

from agentverse.platform.db import row_security

revision = "0024_rate_limits"
down_revision = "0023_members"
branch_labels = None
depends_on = None

# The caller's own rights: row security holds. The generic cell rate algorithm (ITU-T I.371):
# `spent_until` runs ahead of the clock by a share of the window for each request, and never by
# more than the window. What a crash forgets of it is no loss worth waiting for the disk.
TAKE = """
CREATE FUNCTION app.take_requests(
    wanted_subject text, quota integer, window_seconds double precision, wanted integer,
    OUT granted integer, OUT backlog double precision
) LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    seconds_each double precision := window_seconds / quota;
    spent timestamptz;
    moment timestamptz;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO rate_limits (id, subject, spent_until)
    VALUES (gen_random_uuid(), wanted_subject, clock_timestamp())
    ON CONFLICT (tenant_id, subject) DO NOTHING;
    IF FOUND AND random() < 0.02 THEN
        DELETE FROM rate_limits
        WHERE tenant_id = app.tenant_id() AND spent_until < clock_timestamp() - interval '1 hour';
    END IF;
    SELECT spent_until INTO STRICT spent FROM rate_limits
    WHERE tenant_id = app.tenant_id() AND subject = wanted_subject FOR UPDATE;
    moment := clock_timestamp();
    backlog := least(greatest(extract(epoch FROM spent - moment), 0), window_seconds);
    granted := least(wanted, floor((window_seconds - backlog) / seconds_each + 1e-6)::integer);
    IF granted > 0 THEN
        backlog := backlog + granted * seconds_each;
        UPDATE rate_limits SET spent_until = moment + make_interval(secs => backlog)
        WHERE tenant_id = app.tenant_id() AND subject = wanted_subject;
    END IF;
END;
$$;
REVOKE ALL ON FUNCTION app.take_requests(text, integer, double precision, integer) FROM PUBLIC;
"""


def upgrade() -> None:
    op.create_table(
        "rate_limits",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
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
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("spent_until", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("tenant_id", "subject"),
    )
    row_security.protect(op, "rate_limits")
    op.execute(sa.text(TAKE))
    role = row_security.quoted_app_role(op)
    op.execute(
        sa.text(
            "GRANT EXECUTE ON FUNCTION app.take_requests(text, integer, double precision, integer) "
            f"TO {role}"
        )
    )


def downgrade() -> None:
    op.execute(sa.text("DROP FUNCTION app.take_requests(text, integer, double precision, integer)"))
    op.drop_table("rate_limits")
