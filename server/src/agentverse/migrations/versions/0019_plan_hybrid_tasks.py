"""Plans and hybrids become tasks; their Idempotency-Keys move to the table of keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from agentverse.platform.db import row_security

revision = "0019_plan_hybrid_tasks"
down_revision = "0018_persons"
branch_labels = None
depends_on = None

TABLES = ("plans", "hybrids", "projects", "nodes", "tasks", "idempotency_keys", "audit_entries")
# kind: table, payload type, id in its old payload, how far it was, up to how far
KINDS = {
    "plan": ("plans", "SearchPlan", "plan_id", "s.explored", "NULL::bigint"),
    "hybrid": (
        "hybrids",
        "SimulateHybrid",
        "hybrid_id",
        "round(s.progress * 2 * p.horizon * p.replicates)",
        "2 * p.horizon * p.replicates",
    ),
}
ACTOR = """
coalesce((
    SELECT e.actor_kind || coalesce(':' || e.actor_id, '')
    FROM audit_entries e
    WHERE e.tenant_id = s.tenant_id AND e.resource_id = s.id AND e.action = '{kind}.create'
    ORDER BY e.id DESC LIMIT 1
), 'system')
"""
# A task has its subject's id here, so that jobs that wait can be told which task is theirs.
BACKFILL = """
INSERT INTO tasks (tenant_id, id, created_at, kind, subject_type, subject_id, title, project_id,
                   group_id, actor, status, attempt, cancel_requested, done, total, problem,
                   started_at, finished_at)
SELECT s.tenant_id, s.id, s.created_at, '{kind}', '{kind}', s.id,
       left(p.name || ': ' || n.label, 200), s.project_id, s.id, {actor}, s.status, s.attempt,
       s.cancel_requested, {done}, {total},
       CASE WHEN s.status = 'failed' THEN coalesce(s.problem, '{{"code": "internal_error"}}') END,
       s.started_at,
       CASE WHEN s.status NOT IN ('queued', 'running')
            THEN coalesce(s.finished_at, s.started_at, s.created_at) END
FROM {table} s
JOIN projects p ON p.tenant_id = s.tenant_id AND p.id = s.project_id
JOIN nodes n ON n.tenant_id = s.tenant_id AND n.id = s.node_id
"""
KEYS = """
INSERT INTO idempotency_keys (tenant_id, id, actor, key, digest, resource_id, expires_at)
SELECT s.tenant_id, gen_random_uuid(), {actor}, s.idempotency_key, s.request_digest, s.id,
       s.created_at + interval '24 hours'
FROM {table} s
WHERE s.idempotency_key IS NOT NULL AND s.created_at > now() - interval '24 hours'
ON CONFLICT DO NOTHING
"""
# The context of a payload was another before contexts were divided.
JOBS = """
UPDATE procrastinate_jobs
SET task_name = '{table}.{payload}',
    args = jsonb_set(args, ARRAY['payload'],
                     jsonb_build_object('task_id', args -> 'payload' -> '{id}'))
WHERE task_name IN ('universe.{payload}', '{table}.{payload}') AND status IN ('todo', 'doing')
"""
RESTORE = """
UPDATE {table} s
SET attempt = t.attempt, cancel_requested = t.cancel_requested, problem = t.problem,
    started_at = t.started_at, finished_at = t.finished_at, {progress},
    idempotency_key = (SELECT k.key FROM idempotency_keys k
                       WHERE k.tenant_id = s.tenant_id AND k.resource_id = s.id),
    request_digest = coalesce((SELECT k.digest FROM idempotency_keys k
                               WHERE k.tenant_id = s.tenant_id AND k.resource_id = s.id), '')
FROM tasks t
WHERE t.tenant_id = s.tenant_id AND t.subject_id = s.id AND t.kind = '{kind}'
"""
PROGRESS_BACK = {
    "plan": "explored = t.done",
    "hybrid": "progress = t.done / greatest(1, t.total)::float",
}
JOBS_BACK = """
UPDATE procrastinate_jobs j
SET args = jsonb_set(args, ARRAY['payload'], jsonb_build_object('{id}', t.subject_id))
FROM tasks t
WHERE j.task_name = '{table}.{payload}' AND j.status IN ('todo', 'doing')
  AND t.id = (j.args -> 'payload' ->> 'task_id')::uuid
"""
MOVED = ("cancel_requested", "attempt", "problem", "started_at", "finished_at")
KEYED = ("idempotency_key", "request_digest")


def upgrade() -> None:
    op.drop_constraint(op.f("ck_tasks_progress"), "tasks")
    op.alter_column("tasks", "total", nullable=True, server_default=None)
    op.create_check_constraint(
        op.f("ck_tasks_progress"), "tasks", "done >= 0 AND (total IS NULL OR total >= 1)"
    )
    with row_security.unforced(op, *TABLES):
        for kind, (table, payload, payload_id, done, total) in KINDS.items():
            actor = ACTOR.format(kind=kind)
            op.execute(BACKFILL.format(kind=kind, table=table, actor=actor, done=done, total=total))
            op.execute(KEYS.format(table=table, actor=actor))
            op.execute(JOBS.format(table=table, payload=payload, id=payload_id))
    for table, progress in (("plans", "explored"), ("hybrids", "progress")):
        for column in (*MOVED, *KEYED, progress):
            op.drop_column(table, column)


def downgrade() -> None:
    for table in ("plans", "hybrids"):
        op.add_column(table, sa.Column("request_digest", sa.String(), server_default=""))
        op.add_column(table, sa.Column("idempotency_key", sa.String()))
        op.add_column(table, sa.Column("problem", postgresql.JSONB()))
        for name in ("started_at", "finished_at"):
            op.add_column(table, sa.Column(name, sa.DateTime(timezone=True)))
        op.add_column(
            table,
            sa.Column(
                "cancel_requested", sa.Boolean(), nullable=False, server_default=sa.text("false")
            ),
        )
        op.add_column(table, sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"))
        op.create_unique_constraint(
            op.f(f"uq_{table}_tenant_id"), table, ["tenant_id", "idempotency_key"]
        )
    op.add_column("plans", sa.Column("explored", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("hybrids", sa.Column("progress", sa.Float(), nullable=False, server_default="0"))
    with row_security.unforced(op, *TABLES):
        for kind, (table, payload, payload_id, _, _) in KINDS.items():
            op.execute(JOBS_BACK.format(table=table, payload=payload, id=payload_id))
            op.execute(RESTORE.format(kind=kind, table=table, progress=PROGRESS_BACK[kind]))
            op.execute(f"DELETE FROM tasks WHERE kind = '{kind}'")
            op.execute(
                f"DELETE FROM idempotency_keys k USING {table} s "
                "WHERE k.tenant_id = s.tenant_id AND k.resource_id = s.id"
            )
    for table in ("plans", "hybrids"):
        op.alter_column(table, "request_digest", nullable=False, server_default=None)
    op.drop_constraint(op.f("ck_tasks_progress"), "tasks")
    op.execute("ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE tasks SET total = 1 WHERE total IS NULL")
    op.execute("ALTER TABLE tasks FORCE ROW LEVEL SECURITY")
    op.alter_column("tasks", "total", nullable=False, server_default="1")
    op.create_check_constraint(op.f("ck_tasks_progress"), "tasks", "done >= 0 AND total >= 1")
