"""Tenants take turns in the queue: a job's priority says how many turns its tenant has had."""

import sqlalchemy as sa
from alembic import op

revision = "0029_turns"
down_revision = "0028_second_factors"
branch_labels = None
depends_on = None

# Start-time fair queueing (Goyal, Vin, Cheng 1997) with jobs of one size. A turn is counted up from
# 0 and stored as a negative priority, which the queue takes from the highest down. A job's turn
# follows its tenant's last one, but never lies before the first that waits: who comes late is not
# behind those who have waited long, nor before them because it was idle.
TAKE_TURN = """
CREATE FUNCTION app.take_turn() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant text := NEW.args -> 'scope' ->> 'tenant_id';
    first_waiting integer;
    own_last integer;
BEGIN
    SELECT -max(priority) INTO first_waiting FROM procrastinate_jobs
    WHERE status = 'todo' AND id <> NEW.id;
    IF first_waiting IS NULL THEN
        SELECT -min(priority) INTO first_waiting FROM procrastinate_jobs
        WHERE status = 'doing' AND id <> NEW.id;
    END IF;
    SELECT -min(priority) INTO own_last FROM procrastinate_jobs
    WHERE status IN ('todo', 'doing') AND args -> 'scope' ->> 'tenant_id' = tenant
      AND id <> NEW.id;
    NEW.priority := -greatest(
        coalesce(first_waiting, 0),
        coalesce(own_last + 1, 0),
        CASE TG_OP WHEN 'UPDATE' THEN 1 - OLD.priority ELSE 0 END
    );
    RETURN NEW;
END;
$$;
"""
TRIGGERS = """
CREATE INDEX ix_procrastinate_jobs_turns
    ON procrastinate_jobs ((args -> 'scope' ->> 'tenant_id'), priority)
    WHERE status IN ('todo', 'doing');
CREATE TRIGGER procrastinate_jobs_take_turn BEFORE INSERT ON procrastinate_jobs
    FOR EACH ROW EXECUTE FUNCTION app.take_turn();
-- Tried again it is behind the others. Jobs of one lock keep the order they were queued in.
CREATE TRIGGER procrastinate_jobs_take_turn_again
    BEFORE UPDATE OF status ON procrastinate_jobs
    FOR EACH ROW WHEN (OLD.status <> 'todo' AND NEW.status = 'todo' AND NEW.lock IS NULL)
    EXECUTE FUNCTION app.take_turn();
"""


def upgrade() -> None:
    op.execute(sa.text(TAKE_TURN))
    op.execute(sa.text(TRIGGERS))


def downgrade() -> None:
    op.execute(sa.text("DROP TRIGGER procrastinate_jobs_take_turn_again ON procrastinate_jobs"))
    op.execute(sa.text("DROP TRIGGER procrastinate_jobs_take_turn ON procrastinate_jobs"))
    op.execute(sa.text("DROP INDEX ix_procrastinate_jobs_turns"))
    op.execute(sa.text("DROP FUNCTION app.take_turn()"))
