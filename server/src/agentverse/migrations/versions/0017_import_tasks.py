"""Imports become tasks: where one stands and why it failed move there from its population."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from agentverse.platform.db import row_security

revision = "0017_import_tasks"
down_revision = "0016_tasks"
branch_labels = None
depends_on = None

TABLES = ("populations", "tasks", "audit_entries")
FAILED_SAYS_WHY = "(status = 'failed') = (problem IS NOT NULL)"

# The newest entry of an import says who asked for it. A task has its population's id here, so
# that jobs that wait can be told which task is theirs; new ones have an id of their own.
BACKFILL = """
INSERT INTO tasks (tenant_id, id, created_at, kind, subject_type, subject_id, title, group_id,
                   actor, status, attempt, done, total, label, problem, started_at, finished_at)
SELECT p.tenant_id, p.id, p.created_at, 'import', 'population', p.id, p.name, p.id,
       coalesce((
           SELECT e.actor_kind || coalesce(':' || e.actor_id, '')
           FROM audit_entries e
           WHERE e.tenant_id = p.tenant_id AND e.resource_type = 'population'
             AND e.resource_id = p.id AND e.action = 'population.import'
           ORDER BY e.id DESC LIMIT 1
       ), 'system'),
       s.status,
       CASE WHEN s.status = 'queued' THEN 0 ELSE 1 END,
       CASE WHEN s.status = 'succeeded' THEN 1
            ELSE greatest(0, coalesce((p.stage ->> 'done')::bigint, 0)) END,
       greatest(1, coalesce((p.stage ->> 'total')::bigint, 1)),
       coalesce(p.stage ->> 'name', ''),
       p.problem,
       CASE WHEN s.status <> 'queued' THEN p.created_at END,
       CASE WHEN s.status IN ('succeeded', 'failed') THEN p.updated_at END
FROM populations p
CROSS JOIN LATERAL (
    SELECT CASE p.status
        WHEN 'ready' THEN 'succeeded'
        WHEN 'failed' THEN 'failed'
        WHEN 'importing' THEN
            CASE WHEN p.stage ->> 'name' = 'queued' THEN 'queued' ELSE 'running' END
    END AS status
) s
WHERE p.status <> 'uploaded'
"""
JOBS = """
UPDATE procrastinate_jobs
SET args = jsonb_set(args, '{payload}', jsonb_build_object(:new, args -> 'payload' -> :old))
WHERE task_name = 'populations.BuildPopulation' AND status IN ('todo', 'doing')
"""
RESTORE = """
UPDATE populations p
SET problem = CASE WHEN p.status = 'failed' THEN t.problem END,
    stage = CASE WHEN p.status = 'importing' THEN jsonb_build_object(
        'name', CASE WHEN t.status = 'queued' THEN 'queued' ELSE t.label END,
        'done', t.done, 'total', t.total) END
FROM tasks t
WHERE t.tenant_id = p.tenant_id AND t.subject_id = p.id AND t.kind = 'import'
  AND t.id = (SELECT max(n.id::text)::uuid FROM tasks n
              WHERE n.tenant_id = p.tenant_id AND n.subject_id = p.id AND n.kind = 'import')
"""
# Back to the id of the population, which a task that came later does not have for its own.
JOBS_BACK = """
UPDATE procrastinate_jobs j
SET args = jsonb_set(args, '{payload}', jsonb_build_object('population_id', t.subject_id))
FROM tasks t
WHERE j.task_name = 'populations.BuildPopulation' AND j.status IN ('todo', 'doing')
  AND t.id = (j.args -> 'payload' ->> 'task_id')::uuid
"""


def upgrade() -> None:
    with row_security.unforced(op, *TABLES):
        op.execute(BACKFILL)
    op.execute(sa.text(JOBS).bindparams(new="task_id", old="population_id"))
    op.drop_constraint(op.f("ck_populations_failed_says_why"), "populations")
    op.drop_column("populations", "stage")
    op.drop_column("populations", "problem")


def downgrade() -> None:
    op.add_column("populations", sa.Column("stage", postgresql.JSONB()))
    op.add_column("populations", sa.Column("problem", postgresql.JSONB()))
    with row_security.unforced(op, *TABLES):
        op.execute(JOBS_BACK)
        op.execute(RESTORE)
        op.execute("DELETE FROM tasks WHERE kind = 'import'")
    op.create_check_constraint(
        op.f("ck_populations_failed_says_why"), "populations", FAILED_SAYS_WHY
    )
