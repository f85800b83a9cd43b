"""Answers kept per tenant: looked up, logged and stored in statements that calls make anyway."""

from alembic import op
from sqlalchemy import text

from agentverse.platform.db import row_security
from agentverse.platform.db.database_roles import DatabaseRole

revision = "0021_llm_cache"
down_revision = "0020_ask_run_tasks"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE llm_cache (
    tenant_id uuid NOT NULL DEFAULT app.tenant_id() REFERENCES tenants (id),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL DEFAULT now(),
    key varchar NOT NULL,
    request_hash varchar NOT NULL,
    profile_key varchar,
    served_model varchar NOT NULL,
    finish_reason varchar,
    document text NOT NULL,
    expires_at timestamptz,
    CONSTRAINT pk_llm_cache PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_llm_cache_tenant_id_key UNIQUE (tenant_id, key)
);
CREATE INDEX ix_llm_cache_expires ON llm_cache (tenant_id, expires_at);
-- A page of calls across tenants, newest first.
CREATE INDEX ix_llm_calls_id ON llm_calls (id);
"""

LOG = """
-- Rows of calls that cost nothing: answered from the cache or by another call's answer.
CREATE FUNCTION app.llm_log(tenant uuid, calls jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO llm_calls (
        tenant_id, id, created_at, settled_at, state, endpoint, origin, actor_kind, actor_id,
        api_key_id, request_id, project_id, run_id, feature, profile_key, profile_version,
        requested_model, stream, hold_usd, served_model, provider, finish_reason, error_code,
        cost_usd, cost_source, total_ms, overhead_ms)
    SELECT
        tenant, c.id, clock_timestamp(), clock_timestamp(), c.state, c.endpoint, c.origin,
        c.actor_kind, c.actor_id, c.api_key_id, c.request_id, c.project_id, c.run_id, c.feature,
        c.profile_key, c.profile_version, c.requested_model, c.stream, 0, c.served_model,
        split_part(c.served_model, '/', 1), c.finish_reason, c.error_code, 0, c.cost_source,
        c.total_ms, c.overhead_ms
    FROM jsonb_to_recordset(calls) AS c(
        id uuid, state text, endpoint text, origin uuid, actor_kind text, actor_id uuid,
        api_key_id uuid, request_id text, project_id uuid, run_id uuid, feature text,
        profile_key text, profile_version integer, requested_model text, stream boolean,
        served_model text, finish_reason text, error_code text, cost_source text,
        total_ms integer, overhead_ms numeric);
    PERFORM app.llm_sum(tenant, ARRAY(
        SELECT (c ->> 'id')::uuid FROM jsonb_array_elements(calls) AS c));
END;
$$;
CREATE FUNCTION app.llm_log_calls(tenant uuid, calls jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM app.llm_become(tenant);
    PERFORM app.llm_log(tenant, calls);
END;
$$;
-- Looks each call's key up; a hit's row is written in the same statement, so that none is lost.
CREATE FUNCTION app.llm_look_up(tenant uuid, known_version bigint, calls jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    hits jsonb;
BEGIN
    IF (SELECT version FROM llm_catalogue) <> known_version THEN
        RETURN jsonb_build_object('stale', true);
    END IF;
    PERFORM app.llm_become(tenant);
    SELECT coalesce(jsonb_object_agg(c ->> 'id', jsonb_build_object(
        'request_hash', e.request_hash, 'served_model', e.served_model,
        'finish_reason', e.finish_reason, 'document', e.document)), '{}')
    INTO hits
    FROM jsonb_array_elements(calls) AS c
    JOIN llm_cache e ON e.tenant_id = tenant AND e.key = c ->> 'key'
        AND (e.expires_at IS NULL OR e.expires_at > clock_timestamp());
    IF hits <> '{}' THEN
        PERFORM app.llm_log(tenant, (
            SELECT jsonb_agg(c || jsonb_build_object(
                'cost_source', 'cache', 'total_ms', 0,
                'served_model', hits -> (c ->> 'id') ->> 'served_model',
                'finish_reason', hits -> (c ->> 'id') ->> 'finish_reason'))
            FROM jsonb_array_elements(calls) AS c
            WHERE hits ? (c ->> 'id')
              AND hits -> (c ->> 'id') ->> 'request_hash' = c ->> 'request_hash'));
    END IF;
    RETURN jsonb_build_object('hits', hits);
END;
$$;
-- Keeps answers, unless what they were resolved against has changed since (or was invalidated).
CREATE FUNCTION app.llm_store(tenant uuid, settlements jsonb) RETURNS void LANGUAGE sql AS $$
    DELETE FROM llm_cache WHERE tenant_id = tenant AND expires_at < now();
    INSERT INTO llm_cache (
        tenant_id, key, request_hash, profile_key, served_model, finish_reason, document,
        expires_at)
    SELECT DISTINCT ON (e.key) tenant, e.key, e.request_hash, e.profile_key, e.served_model,
        e.finish_reason, e.document, now() + make_interval(secs => e.ttl_seconds)
    FROM jsonb_array_elements(settlements) AS s, jsonb_to_recordset(s -> 'store') AS e(
        key text, request_hash text, profile_key text, served_model text, finish_reason text,
        document text, ttl_seconds integer, version bigint)
    WHERE e.version = (SELECT version FROM llm_catalogue)
    ON CONFLICT (tenant_id, key) DO UPDATE SET
        created_at = now(), request_hash = excluded.request_hash,
        served_model = excluded.served_model, finish_reason = excluded.finish_reason,
        document = excluded.document, expires_at = excluded.expires_at;
$$;
CREATE FUNCTION app.llm_settle_and_store(tenant uuid, settlements jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    settled jsonb := app.llm_settle(tenant, settlements);
BEGIN
    PERFORM app.llm_store(tenant, (
        SELECT coalesce(jsonb_agg(s), '[]') FROM jsonb_array_elements(settlements) AS s
        WHERE s -> 'store' <> '[]' AND settled ? (s ->> 'id')));
    RETURN settled;
END;
$$;
"""
FUNCTIONS = (
    "llm_settle_and_store",
    "llm_store",
    "llm_look_up",
    "llm_log_calls",
    "llm_log",
)


def upgrade() -> None:
    op.execute(text(TABLE))
    row_security.protect(op, "llm_cache")
    row_security.admit(op, "llm_cache", DatabaseRole.PLATFORM, rights="SELECT, DELETE")
    op.execute(text(LOG))


def downgrade() -> None:
    for function in FUNCTIONS:
        op.execute(text(f"DROP FUNCTION app.{function}"))
    op.execute(text("DROP TABLE llm_cache"))
    op.execute(text("DROP INDEX ix_llm_calls_id"))
