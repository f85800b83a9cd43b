"""Budgets tell of themselves: each threshold once a window, and each telling to each hook once."""

from importlib import import_module

from alembic import op
from sqlalchemy import text

from agentverse.platform.db import row_security
from agentverse.platform.db.database_roles import DatabaseRole

revision = "0027_llm_alerts"
down_revision = "0026_estimation"
branch_labels = None
depends_on = None

ID = """
-- Ids that the database makes and lists are paged by: UUIDv7, as the server's own.
CREATE FUNCTION app.time_ordered_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (lpad(to_hex(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
        || '7' || substr(random.digits, 14))::uuid
    FROM (SELECT replace(gen_random_uuid()::text, '-', '') AS digits) AS random;
$$;
"""
OWNED = """
    tenant_id uuid NOT NULL DEFAULT app.tenant_id() REFERENCES tenants (id),
    id uuid NOT NULL DEFAULT app.time_ordered_id(),
    created_at timestamptz NOT NULL DEFAULT now(),
"""
TABLES = f"""
CREATE TABLE llm_alerts ({OWNED}
    budget_id uuid NOT NULL,
    window_start timestamptz NOT NULL,
    threshold integer NOT NULL,
    spent_usd numeric(20, 10) NOT NULL,
    limit_usd numeric(20, 10) NOT NULL,
    CONSTRAINT pk_llm_alerts PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_llm_alerts_tenant_id_budget_id_window_start_threshold
        UNIQUE (tenant_id, budget_id, window_start, threshold),
    FOREIGN KEY (tenant_id, budget_id) REFERENCES llm_budgets (tenant_id, id)
);
CREATE INDEX ix_llm_alerts_id ON llm_alerts (id);
CREATE TABLE llm_alert_hooks ({OWNED}
    url varchar NOT NULL,
    sealed_secret bytea NOT NULL,
    CONSTRAINT pk_llm_alert_hooks PRIMARY KEY (tenant_id, id)
);
CREATE TABLE llm_alert_deliveries ({OWNED}
    alert_id uuid NOT NULL,
    hook_id uuid NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    delivered_at timestamptz,
    last_error varchar,
    CONSTRAINT pk_llm_alert_deliveries PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_llm_alert_deliveries_tenant_id_alert_id_hook_id
        UNIQUE (tenant_id, alert_id, hook_id),
    FOREIGN KEY (tenant_id, alert_id) REFERENCES llm_alerts (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, hook_id) REFERENCES llm_alert_hooks (tenant_id, id) ON DELETE CASCADE
);
"""

# The job's name and arguments are those of `agentverse.llm.schemas.DeliverAlert`.
ALERT = """
-- Tells once of every threshold that these windows have reached. In the transaction that spends:
-- whatever is spent has been told, and a delivery has its job.
CREATE FUNCTION app.llm_alert(tenant uuid, windows uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    delivery uuid;
BEGIN
    FOR delivery IN
        WITH reached AS (
            SELECT w.budget_id, w.window_start, w.spent_usd,
                app.llm_limit_usd(b, moment) AS limit_usd,
                greatest(w.spent_usd / nullif(app.llm_limit_usd(b, moment), 0),
                         w.spent_tokens::numeric / nullif(b.limit_tokens, 0),
                         w.calls::numeric / nullif(b.limit_calls, 0)) AS share
            FROM llm_budget_windows w
            JOIN llm_budgets b ON b.tenant_id = w.tenant_id AND b.id = w.budget_id
            WHERE w.tenant_id = tenant AND w.id = ANY (windows) AND b.active
        ), told AS (
            INSERT INTO llm_alerts (
                tenant_id, budget_id, window_start, threshold, spent_usd, limit_usd)
            SELECT tenant, r.budget_id, r.window_start, t.percent, r.spent_usd, r.limit_usd
            FROM reached r, unnest(ARRAY[50, 80, 95, 100]) AS t(percent)
            WHERE r.share * 100 >= t.percent
            ORDER BY r.budget_id, t.percent
            ON CONFLICT DO NOTHING
            RETURNING id)
        INSERT INTO llm_alert_deliveries (tenant_id, alert_id, hook_id)
        SELECT tenant, a.id, h.id FROM told a, llm_alert_hooks h WHERE h.tenant_id = tenant
        RETURNING id
    LOOP
        PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(
            'default', 'llm.DeliverAlert', 0, NULL, NULL,
            jsonb_build_object(
                'scope', jsonb_build_object(
                    'tenant_id', tenant, 'actor', jsonb_build_object('kind', 'system', 'id', NULL),
                    'permissions', '[]'::jsonb, 'credential', NULL, 'request_id', NULL),
                'payload', jsonb_build_object('delivery_id', delivery)),
            NULL)::procrastinate_job_to_defer_v1]);
    END LOOP;
END;
$$;
"""
# What a settlement moves, as 0015 has it, and then what budgets have to tell.
TELLING = (
    "    PERFORM app.llm_sum(tenant, ARRAY(",
    "    PERFORM app.llm_alert(tenant, ARRAY(\n"
    "        SELECT DISTINCT v.value::uuid FROM jsonb_array_elements(changes) AS c,\n"
    "            jsonb_array_elements_text(c -> 'held_in') AS v));\n"
    "    PERFORM app.llm_sum(tenant, ARRAY(",
)


def _apply() -> str:
    """`app.llm_apply` as the router's first migration made it."""
    before = import_module("agentverse.migrations.versions.0015_llm_router")
    function, _, _ = before.APPLY.partition("-- Adds settled calls")
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


def upgrade() -> None:
    for script in (ID, TABLES):
        op.execute(text(script))
    row_security.protect(op, "llm_alerts", rights="SELECT, INSERT")
    row_security.protect(op, "llm_alert_hooks", rights="SELECT, INSERT, DELETE")
    row_security.protect(op, "llm_alert_deliveries", rights="SELECT, INSERT, UPDATE")
    row_security.admit(op, "llm_alerts", DatabaseRole.PLATFORM, rights="SELECT")
    op.execute(text(ALERT))
    op.execute(text(_apply().replace(*TELLING)))


def downgrade() -> None:
    op.execute(text(_apply()))
    op.execute(text("DROP FUNCTION app.llm_alert"))
    for table in ("llm_alert_deliveries", "llm_alert_hooks", "llm_alerts"):
        op.execute(text(f"DROP TABLE {table}"))
    op.execute(text("DROP FUNCTION app.time_ordered_id"))
