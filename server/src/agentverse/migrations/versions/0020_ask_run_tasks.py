"""Questions and runs become tasks; Idempotency-Keys of all requests move to the table of keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from agentverse.platform.db import row_security

revision = "0020_ask_run_tasks"
down_revision = "0019_plan_hybrid_tasks"
branch_labels = None
depends_on = None

TABLES = ("asks", "runs", "projects", "nodes", "tasks", "idempotency_keys", "audit_entries")
KEYED = {"asks": "ask.create", "projects": "project.create", "nodes": "node.create"}
ACTOR = """
coalesce((
    SELECT e.actor_kind || coalesce(':' || e.actor_id, '')
    FROM audit_entries e
    WHERE e.tenant_id = s.tenant_id AND e.resource_id = {resource} AND e.action = '{action}'
    ORDER BY e.id DESC LIMIT 1
), 'system')
"""
PROBLEM = """CASE WHEN {status} = 'failed'
    THEN coalesce(s.problem, '{{"code": "internal_error"}}') END"""
# A question's own work ended when its runs were queued, or when it turned out to lead to none.
ASK_STATUS = """CASE s.status WHEN 'queued' THEN 'queued' WHEN 'compiling' THEN 'running'
    WHEN 'failed' THEN 'failed' ELSE 'succeeded' END"""
# A task has its subject's id here, so that jobs that wait can be told which task is theirs.
ASKS = f"""
INSERT INTO tasks (tenant_id, id, created_at, kind, subject_type, subject_id, title, project_id,
                   group_id, actor, status, attempt, done, total, problem, started_at, finished_at)
SELECT s.tenant_id, s.id, s.created_at, 'ask', 'ask', s.id, left(s.question, 200), s.project_id,
       s.id, {ACTOR.format(resource="s.id", action="ask.create")}, {ASK_STATUS},
       CASE WHEN s.status = 'queued' THEN 0 ELSE 1 END,
       CASE WHEN s.status IN ('needs_input', 'running') THEN 1 ELSE 0 END, 1,
       {PROBLEM.format(status="s.status")},
       CASE WHEN s.status <> 'queued' THEN s.created_at END,
       CASE WHEN s.status NOT IN ('queued', 'compiling')
            THEN coalesce(s.finished_at, s.created_at) END
FROM asks s
"""
RUNS = f"""
INSERT INTO tasks (tenant_id, id, created_at, kind, subject_type, subject_id, title, project_id,
                   group_id, actor, status, attempt, cancel_requested, done, total, problem,
                   started_at, finished_at)
SELECT s.tenant_id, s.id, s.created_at, 'run', 'run', s.id,
       left(coalesce(p.name || ': ' || n.label, 'Run'), 200), s.project_id, s.launch_id,
       {ACTOR.format(resource="s.node_id", action="node.run")}, s.status, s.attempt,
       s.cancel_requested, s.tick, s.horizon, {PROBLEM.format(status="s.status")}, s.started_at,
       CASE WHEN s.status NOT IN ('queued', 'running')
            THEN coalesce(s.finished_at, s.started_at, s.created_at) END
FROM runs s
LEFT JOIN projects p ON p.tenant_id = s.tenant_id AND p.id = s.project_id
LEFT JOIN nodes n ON n.tenant_id = s.tenant_id AND n.id = s.node_id
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
SET task_name = '{name}',
    args = jsonb_set(args, ARRAY['payload'],
                     jsonb_build_object('task_id', args -> 'payload' -> '{id}'))
WHERE task_name IN ('{name}', '{before}') AND status IN ('todo', 'doing')
"""
PAYLOADS = (
    ("asks.CompileAsk", "universe.CompileAsk", "ask_id"),
    ("runs.ExecuteRun", "runs.ExecuteRun", "run_id"),
)
JOBS_BACK = """
UPDATE procrastinate_jobs j
SET args = jsonb_set(args, ARRAY['payload'], jsonb_build_object('{id}', t.subject_id))
FROM tasks t
WHERE j.task_name = '{name}' AND j.status IN ('todo', 'doing')
  AND t.id = (j.args -> 'payload' ->> 'task_id')::uuid
"""
# Before, a question could not be cancelled: then it has failed, and says so.
ASKS_BACK = """
UPDATE asks s
SET status = CASE t.status WHEN 'queued' THEN 'queued' WHEN 'running' THEN 'compiling'
                 WHEN 'succeeded' THEN CASE WHEN s.node_id IS NULL THEN 'needs_input'
                                            ELSE 'running' END
                 ELSE 'failed' END,
    problem = CASE WHEN t.status = 'cancelled' THEN '{"code": "cancelled"}' ELSE t.problem END,
    finished_at = CASE WHEN s.node_id IS NULL THEN t.finished_at END
FROM tasks t
WHERE t.tenant_id = s.tenant_id AND t.subject_id = s.id AND t.kind = 'ask'
"""
RUNS_BACK = """
UPDATE runs s
SET tick = t.done, attempt = t.attempt, cancel_requested = t.cancel_requested,
    problem = t.problem, started_at = t.started_at, finished_at = t.finished_at
FROM tasks t
WHERE t.tenant_id = s.tenant_id AND t.subject_id = s.id AND t.kind = 'run'
"""
KEYS_BACK = """
UPDATE {table} s SET idempotency_key = k.key, request_digest = k.digest
FROM idempotency_keys k
WHERE k.tenant_id = s.tenant_id AND k.resource_id = s.id
"""
ASK_STATUSES = "'queued', 'compiling', 'needs_input', 'running', 'failed'"
RUN_COLUMNS = ("cancel_requested", "tick", "attempt", "problem", "started_at", "finished_at")


def upgrade() -> None:
    with row_security.unforced(op, *TABLES):
        op.execute(ASKS)
        op.execute(RUNS)
        for table, action in KEYED.items():
            actor = ACTOR.format(resource="s.id", action=action)
            op.execute(KEYS.format(table=table, actor=actor))
    for name, before, payload_id in PAYLOADS:
        op.execute(JOBS.format(name=name, before=before, id=payload_id))
    for column in ("status", "problem", "finished_at"):
        op.drop_column("asks", column)
    for column in RUN_COLUMNS:
        op.drop_column("runs", column)
    for table in KEYED:
        op.drop_column(table, "idempotency_key")
        op.drop_column(table, "request_digest")


def downgrade() -> None:
    for table in KEYED:
        op.add_column(table, sa.Column("request_digest", sa.String()))
        op.add_column(table, sa.Column("idempotency_key", sa.String()))
        op.create_unique_constraint(
            op.f(f"uq_{table}_tenant_id"), table, ["tenant_id", "idempotency_key"]
        )
    _add_to_asks()
    _add_to_runs()
    with row_security.unforced(op, *TABLES):
        for name, _, payload_id in PAYLOADS:
            op.execute(JOBS_BACK.format(name=name, id=payload_id))
        op.execute(sa.text(ASKS_BACK.replace(":", "\\:")))
        op.execute(RUNS_BACK)
        for table in KEYED:
            op.execute(KEYS_BACK.format(table=table))
            if table != "nodes":
                op.execute(f"UPDATE {table} SET request_digest = '' WHERE request_digest IS NULL")
                op.alter_column(table, "request_digest", nullable=False)
            op.execute(
                f"DELETE FROM idempotency_keys k USING {table} s "
                "WHERE k.tenant_id = s.tenant_id AND k.resource_id = s.id"
            )
        op.execute("DELETE FROM tasks WHERE kind IN ('ask', 'run')")
    op.alter_column("asks", "status", nullable=False)
    op.create_check_constraint(op.f("ck_asks_status"), "asks", f"status IN ({ASK_STATUSES})")
    op.create_check_constraint(
        op.f("ck_asks_running_has_node"), "asks", "(status = 'running') = (node_id IS NOT NULL)"
    )
    op.create_check_constraint(op.f("ck_runs_tick"), "runs", "tick >= 0 AND tick <= horizon")


def _add_to_asks() -> None:
    op.add_column("asks", sa.Column("status", sa.String()))
    op.add_column("asks", sa.Column("problem", postgresql.JSONB()))
    op.add_column("asks", sa.Column("finished_at", sa.DateTime(timezone=True)))


def _add_to_runs() -> None:
    op.add_column("runs", sa.Column("problem", postgresql.JSONB()))
    for name in ("started_at", "finished_at"):
        op.add_column("runs", sa.Column(name, sa.DateTime(timezone=True)))
    for name in ("tick", "attempt"):
        op.add_column("runs", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "runs",
        sa.Column(
            "cancel_requested", sa.Boolean(), nullable=False, server_default=sa.text("false")
        ),
    )
