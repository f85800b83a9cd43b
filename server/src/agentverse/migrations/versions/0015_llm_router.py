"""The router's tables: catalogue, budgets, calls with attempts, rollups, processes, breakers.

Admission and settlement are functions: one statement, so one round trip, for any number of calls.
"""

import json
from importlib import import_module

from alembic import op
from sqlalchemy import text

from agentverse.platform.db import row_security
from agentverse.platform.db.database_roles import DatabaseRole

revision = "0015_llm_router"
down_revision = "0014_audit"
branch_labels = None
depends_on = None

# No tenant owns these: what the installation offers, and signs of life that hold only ids.
CATALOGUE_TABLES = """
CREATE TABLE llm_catalogue (
    id integer CONSTRAINT pk_llm_catalogue PRIMARY KEY CHECK (id = 1),
    version bigint NOT NULL
);
INSERT INTO llm_catalogue VALUES (1, 1);

CREATE TABLE llm_providers (
    id uuid CONSTRAINT pk_llm_providers PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    name varchar NOT NULL CONSTRAINT uq_llm_providers_name UNIQUE,
    base_url varchar NOT NULL,
    allow_private_network boolean NOT NULL,
    sealed_api_key bytea
);
CREATE TABLE llm_models (
    id uuid CONSTRAINT pk_llm_models PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    provider_id uuid NOT NULL REFERENCES llm_providers (id),
    model varchar NOT NULL,
    context_window integer NOT NULL CHECK (context_window > 0),
    max_output_tokens integer NOT NULL CHECK (max_output_tokens > 0),
    free boolean NOT NULL,
    price_version integer NOT NULL,
    CONSTRAINT uq_llm_models_provider_id_model UNIQUE (provider_id, model)
);
CREATE TABLE llm_prices (
    id uuid CONSTRAINT pk_llm_prices PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    model_id uuid NOT NULL REFERENCES llm_models (id),
    version integer NOT NULL,
    source varchar NOT NULL,
    rates jsonb NOT NULL,
    CONSTRAINT uq_llm_prices_model_id_version UNIQUE (model_id, version)
);
CREATE TABLE llm_profiles (
    id uuid CONSTRAINT pk_llm_profiles PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    profile_key varchar NOT NULL CONSTRAINT uq_llm_profiles_profile_key UNIQUE,
    version integer NOT NULL,
    settings jsonb NOT NULL
);
CREATE TABLE llm_profile_versions (
    id uuid CONSTRAINT pk_llm_profile_versions PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    profile_id uuid NOT NULL REFERENCES llm_profiles (id),
    version integer NOT NULL,
    settings jsonb NOT NULL,
    CONSTRAINT uq_llm_profile_versions_profile_id_version UNIQUE (profile_id, version)
);
CREATE TABLE llm_processes (
    id uuid CONSTRAINT pk_llm_processes PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    dead boolean NOT NULL DEFAULT false
);
CREATE TABLE llm_process_tenants (
    process_id uuid NOT NULL REFERENCES llm_processes (id) ON DELETE CASCADE,
    tenant_id uuid NOT NULL,
    CONSTRAINT pk_llm_process_tenants PRIMARY KEY (process_id, tenant_id)
);
CREATE TABLE llm_breakers (
    target varchar CONSTRAINT pk_llm_breakers PRIMARY KEY,
    failures integer NOT NULL,
    failed_at timestamptz NOT NULL,
    resting_until timestamptz NOT NULL,
    probed_until timestamptz NOT NULL
);
"""
# What the app role may do, and what the platform realm's.
CATALOGUE_RIGHTS = {
    "llm_catalogue": ("SELECT, UPDATE", "SELECT, UPDATE"),
    "llm_providers": ("SELECT", "SELECT, INSERT, UPDATE"),
    "llm_models": ("SELECT", "SELECT, INSERT, UPDATE"),
    "llm_prices": ("SELECT", "SELECT, INSERT"),
    "llm_profiles": ("SELECT", "SELECT, INSERT, UPDATE"),
    "llm_profile_versions": ("SELECT", "SELECT, INSERT"),
    "llm_processes": ("SELECT, INSERT, UPDATE, DELETE", "SELECT"),
    "llm_process_tenants": ("SELECT, INSERT, DELETE", "SELECT"),
    "llm_breakers": ("SELECT, INSERT, UPDATE, DELETE", "SELECT, DELETE"),
}

OWNED = """
    tenant_id uuid NOT NULL DEFAULT app.tenant_id() REFERENCES tenants (id),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL DEFAULT now(),
"""
TENANT_TABLES = f"""
CREATE TABLE llm_profile_overrides ({OWNED}
    profile_key varchar NOT NULL,
    project varchar NOT NULL,
    version integer NOT NULL,
    settings jsonb NOT NULL,
    CONSTRAINT pk_llm_profile_overrides PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_llm_profile_overrides_tenant_id_profile_key_project
        UNIQUE (tenant_id, profile_key, project)
);
CREATE TABLE llm_profile_override_versions ({OWNED}
    override_id uuid NOT NULL,
    version integer NOT NULL,
    settings jsonb NOT NULL,
    CONSTRAINT pk_llm_profile_override_versions PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_llm_profile_override_versions_tenant_id_override_id_version
        UNIQUE (tenant_id, override_id, version),
    FOREIGN KEY (tenant_id, override_id) REFERENCES llm_profile_overrides (tenant_id, id)
);
CREATE TABLE llm_budgets ({OWNED}
    scope varchar NOT NULL CHECK (scope IN
        ('tenant', 'project', 'run', 'feature', 'user', 'api_key', 'profile')),
    scope_id varchar,
    subject varchar NOT NULL,
    period varchar NOT NULL CHECK (period IN ('total', 'day', 'week', 'month')),
    time_zone varchar NOT NULL,
    limit_usd numeric(20, 10) NOT NULL CHECK (limit_usd >= 0),
    limit_tokens bigint CHECK (limit_tokens >= 0),
    limit_calls bigint CHECK (limit_calls >= 0),
    raised_limit_usd numeric(20, 10),
    raised_until timestamptz,
    active boolean NOT NULL DEFAULT true,
    CONSTRAINT pk_llm_budgets PRIMARY KEY (tenant_id, id)
);
CREATE INDEX ix_llm_budgets_subject ON llm_budgets (tenant_id, subject);
CREATE TABLE llm_budget_windows ({OWNED}
    budget_id uuid NOT NULL,
    window_start timestamptz NOT NULL,
    spent_usd numeric(20, 10) NOT NULL DEFAULT 0 CHECK (spent_usd >= 0),
    reserved_usd numeric(20, 10) NOT NULL DEFAULT 0 CHECK (reserved_usd >= 0),
    spent_tokens bigint NOT NULL DEFAULT 0 CHECK (spent_tokens >= 0),
    reserved_tokens bigint NOT NULL DEFAULT 0 CHECK (reserved_tokens >= 0),
    calls bigint NOT NULL DEFAULT 0,
    CONSTRAINT pk_llm_budget_windows PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_llm_budget_windows_tenant_id_budget_id_window_start
        UNIQUE (tenant_id, budget_id, window_start),
    FOREIGN KEY (tenant_id, budget_id) REFERENCES llm_budgets (tenant_id, id)
);
CREATE TABLE llm_attempts ({OWNED}
    call_id uuid NOT NULL,
    number integer NOT NULL,
    provider varchar NOT NULL,
    model varchar NOT NULL,
    outcome varchar NOT NULL,
    http_status integer,
    error_code varchar,
    duration_ms integer NOT NULL,
    CONSTRAINT pk_llm_attempts PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_llm_attempts_tenant_id_call_id_number UNIQUE (tenant_id, call_id, number),
    FOREIGN KEY (tenant_id, call_id) REFERENCES llm_calls (tenant_id, id)
);
CREATE TABLE llm_usage_hours ({OWNED}
    hour timestamptz NOT NULL,
    project varchar NOT NULL,
    run varchar NOT NULL,
    feature varchar NOT NULL,
    profile varchar NOT NULL,
    model varchar NOT NULL,
    api_key varchar NOT NULL,
    actor varchar NOT NULL,
    state varchar NOT NULL,
    calls bigint NOT NULL DEFAULT 0,
    unknown_cost_calls bigint NOT NULL DEFAULT 0,
    cost_usd numeric(20, 10) NOT NULL DEFAULT 0,
    input_tokens bigint NOT NULL DEFAULT 0,
    output_tokens bigint NOT NULL DEFAULT 0,
    attempts bigint NOT NULL DEFAULT 0,
    milliseconds bigint NOT NULL DEFAULT 0,
    CONSTRAINT pk_llm_usage_hours PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_llm_usage_hours_key UNIQUE
        (tenant_id, hour, project, run, feature, profile, model, api_key, actor, state)
);
"""
TENANT_RIGHTS = {
    "llm_profile_overrides": ("SELECT, INSERT, UPDATE, DELETE", "SELECT, INSERT, UPDATE, DELETE"),
    "llm_profile_override_versions": ("SELECT, INSERT, DELETE", "SELECT, INSERT, DELETE"),
    "llm_budgets": ("SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE"),
    "llm_budget_windows": ("SELECT, INSERT, UPDATE", "SELECT"),
    "llm_attempts": ("SELECT, INSERT", "SELECT"),
    "llm_usage_hours": ("SELECT, INSERT, UPDATE", "SELECT"),
}

# A row is a call now, and its attempts are children; the price stays in the row, as a document.
CALLS = """
ALTER TABLE llm_calls
    ADD COLUMN endpoint varchar NOT NULL DEFAULT 'chat',
    ADD COLUMN project_id uuid,
    ADD COLUMN run_id uuid,
    ADD COLUMN feature varchar,
    ADD COLUMN api_key_id uuid,
    ADD COLUMN profile_version integer,
    ADD COLUMN requested_model varchar,
    ADD COLUMN stream boolean NOT NULL DEFAULT false,
    ADD COLUMN process_id uuid,
    ADD COLUMN hold_tokens bigint NOT NULL DEFAULT 0,
    ADD COLUMN held_in jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN cache_write_tokens integer,
    ADD COLUMN price jsonb,
    ADD COLUMN reported_cost_usd numeric(20, 10),
    ADD COLUMN computed_cost_usd numeric(20, 10),
    ADD COLUMN attempt_count integer NOT NULL DEFAULT 0,
    ADD COLUMN total_ms integer,
    ADD COLUMN overhead_ms numeric(12, 3);
ALTER TABLE llm_calls RENAME COLUMN profile TO profile_key;
ALTER TABLE llm_calls
    ALTER COLUMN profile_key DROP NOT NULL,
    ALTER COLUMN provider DROP NOT NULL;
-- The owner is bound by row security too, and a migration has no tenant.
ALTER TABLE llm_calls DISABLE ROW LEVEL SECURITY;
ALTER TABLE llm_calls DISABLE TRIGGER llm_calls_settled_once;
UPDATE llm_calls SET
    requested_model = model,
    served_model = CASE WHEN served_model IS NULL THEN NULL ELSE provider || '/' || model END,
    attempt_count = 1,
    total_ms = latency_milliseconds,
    settled_at = coalesce(settled_at, CASE state WHEN 'abandoned' THEN expires_at END),
    price = jsonb_build_object('source', price_source, 'rates', jsonb_build_array(
        jsonb_build_object('unit', 'input', 'usd_per_million', input_usd_per_million::text),
        jsonb_build_object('unit', 'cached_input',
                           'usd_per_million', cached_input_usd_per_million::text),
        jsonb_build_object('unit', 'output', 'usd_per_million', output_usd_per_million::text)));
ALTER TABLE llm_calls ENABLE TRIGGER llm_calls_settled_once;
ALTER TABLE llm_calls ENABLE ROW LEVEL SECURITY;
DROP INDEX ix_llm_calls_reserved;
ALTER TABLE llm_calls
    ALTER COLUMN requested_model SET NOT NULL,
    DROP COLUMN model,
    DROP COLUMN input_usd_per_million,
    DROP COLUMN cached_input_usd_per_million,
    DROP COLUMN output_usd_per_million,
    DROP COLUMN price_source,
    DROP COLUMN expires_at,
    DROP COLUMN latency_milliseconds,
    DROP CONSTRAINT ck_llm_calls_state,
    DROP CONSTRAINT ck_llm_calls_settled;
ALTER TABLE llm_calls
    ADD CONSTRAINT ck_llm_calls_state CHECK (state IN ('reserved', 'succeeded', 'failed',
        'cancelled', 'abandoned', 'cached', 'coalesced', 'replayed')),
    ADD CONSTRAINT ck_llm_calls_settled CHECK ((state = 'reserved') = (settled_at IS NULL));
CREATE INDEX ix_llm_calls_reserved ON llm_calls (tenant_id, process_id) WHERE state = 'reserved';
CREATE INDEX ix_llm_calls_created ON llm_calls (tenant_id, created_at);
CREATE INDEX ix_llm_calls_run ON llm_calls (tenant_id, run_id, id);
"""

BECOME = """
-- One statement is one transaction here, so the tenant is set inside it and ends with it.
CREATE FUNCTION app.llm_become(tenant uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('app.tenant_id', true), '') <> '' THEN
        RAISE EXCEPTION 'a tenant is set already' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('app.tenant_id', tenant::text, true);
END;
$$;
CREATE FUNCTION app.llm_window_start(period text, zone text, moment timestamptz)
RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE period WHEN 'total' THEN timestamptz '1970-01-01 00:00:00+00'
                       ELSE date_trunc(period, moment, zone) END;
$$;
CREATE FUNCTION app.llm_limit_usd(budget llm_budgets, moment timestamptz)
RETURNS numeric LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN budget.raised_until > moment
                THEN greatest(budget.limit_usd, budget.raised_limit_usd)
                ELSE budget.limit_usd END;
$$;
"""

ADMIT = """
-- Commits a row for each call that every budget has room for; the others are refused.
CREATE FUNCTION app.llm_admit(
    tenant uuid, process uuid, known_version bigint, subjects text[], calls jsonb
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    windows uuid[];
    call jsonb;
    refusal jsonb;
    held jsonb;
    admitted jsonb[] := '{}';
    refused jsonb := '{}';
BEGIN
    IF (SELECT version FROM llm_catalogue) <> known_version THEN
        RETURN jsonb_build_object('stale', true);
    END IF;
    PERFORM 1 FROM llm_processes WHERE id = process AND NOT dead FOR SHARE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('unregistered', true);
    END IF;
    PERFORM app.llm_become(tenant);
    INSERT INTO llm_process_tenants VALUES (process, tenant) ON CONFLICT DO NOTHING;
    INSERT INTO llm_budget_windows (tenant_id, budget_id, window_start)
        SELECT tenant, b.id, app.llm_window_start(b.period, b.time_zone, moment)
        FROM llm_budgets b
        WHERE b.tenant_id = tenant AND b.active AND b.subject = ANY (subjects) AND NOT EXISTS (
            SELECT 1 FROM llm_budget_windows w
            WHERE w.tenant_id = tenant AND w.budget_id = b.id
              AND w.window_start = app.llm_window_start(b.period, b.time_zone, moment))
        ON CONFLICT DO NOTHING;
    SELECT array_agg(locked.id) INTO windows FROM (
        SELECT w.id FROM llm_budget_windows w
        JOIN llm_budgets b ON b.tenant_id = w.tenant_id AND b.id = w.budget_id
        WHERE b.tenant_id = tenant AND b.active AND b.subject = ANY (subjects)
          AND w.window_start = app.llm_window_start(b.period, b.time_zone, moment)
        ORDER BY w.budget_id FOR UPDATE OF w) AS locked;
    FOR call IN SELECT value FROM jsonb_array_elements(calls) LOOP
        held := '[]';
        IF windows IS NOT NULL THEN
            SELECT jsonb_build_object(
                'id', b.id, 'scope', b.scope, 'scope_id', b.scope_id,
                'limit_usd', app.llm_limit_usd(b, moment)::text,
                'spent_usd', w.spent_usd::text, 'reserved_usd', w.reserved_usd::text,
                'limit_tokens', b.limit_tokens, 'limit_calls', b.limit_calls,
                'spent_tokens', w.spent_tokens, 'reserved_tokens', w.reserved_tokens,
                'calls', w.calls, 'period', b.period, 'time_zone', b.time_zone,
                'window_start', w.window_start)
            INTO refusal
            FROM llm_budget_windows w
            JOIN llm_budgets b ON b.tenant_id = w.tenant_id AND b.id = w.budget_id
            WHERE w.tenant_id = tenant AND w.id = ANY (windows) AND call -> 'subjects' ? b.subject
              AND (w.spent_usd + w.reserved_usd + (call ->> 'hold_usd')::numeric
                       > app.llm_limit_usd(b, moment)
                   OR w.spent_tokens + w.reserved_tokens + (call ->> 'hold_tokens')::bigint
                       > b.limit_tokens
                   OR w.calls + 1 > b.limit_calls)
            ORDER BY b.id LIMIT 1;
            IF FOUND THEN
                refused := refused || jsonb_build_object(call ->> 'id', refusal);
                CONTINUE;
            END IF;
            WITH changed AS (
                UPDATE llm_budget_windows w SET
                    reserved_usd = w.reserved_usd + (call ->> 'hold_usd')::numeric,
                    reserved_tokens = w.reserved_tokens + (call ->> 'hold_tokens')::bigint,
                    calls = w.calls + 1
                FROM llm_budgets b
                WHERE b.tenant_id = w.tenant_id AND b.id = w.budget_id AND w.tenant_id = tenant
                  AND w.id = ANY (windows) AND call -> 'subjects' ? b.subject
                RETURNING w.id)
            SELECT coalesce(jsonb_agg(id), '[]') INTO held FROM changed;
        END IF;
        admitted := admitted || (call || jsonb_build_object('held_in', held));
    END LOOP;
    INSERT INTO llm_calls (
        tenant_id, id, created_at, state, endpoint, origin, actor_kind, actor_id, api_key_id,
        request_id, project_id, run_id, feature, profile_key, profile_version, requested_model,
        stream, process_id, hold_usd, hold_tokens, held_in)
    SELECT
        tenant, c.id, moment, 'reserved', c.endpoint, c.origin, c.actor_kind, c.actor_id,
        c.api_key_id, c.request_id, c.project_id, c.run_id, c.feature, c.profile_key,
        c.profile_version, c.requested_model, c.stream, process, c.hold_usd, c.hold_tokens,
        c.held_in
    FROM unnest(admitted) AS one, jsonb_to_record(one) AS c(
        id uuid, endpoint text, origin uuid, actor_kind text, actor_id uuid, api_key_id uuid,
        request_id text, project_id uuid, run_id uuid, feature text, profile_key text,
        profile_version integer, requested_model text, stream boolean, hold_usd numeric,
        hold_tokens bigint, held_in jsonb);
    RETURN jsonb_build_object('refused', refused, 'breakers', (
        SELECT coalesce(jsonb_object_agg(target, jsonb_build_object(
            'failures', failures,
            'resting_seconds', extract(epoch FROM resting_until - moment))), '{}')
        FROM llm_breakers));
END;
$$;
"""

APPLY = """
-- What a settlement moves: holds back, cost spent, sums added. `changes`: one entry per call.
CREATE FUNCTION app.llm_apply(tenant uuid, changes jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM llm_budget_windows w
        WHERE w.tenant_id = tenant AND w.id IN (
            SELECT v.value::uuid FROM jsonb_array_elements(changes) AS c,
                jsonb_array_elements_text(c -> 'held_in') AS v)
        ORDER BY w.budget_id FOR UPDATE;
    UPDATE llm_budget_windows w SET
        reserved_usd = w.reserved_usd - d.released_usd,
        spent_usd = w.spent_usd + d.charged_usd,
        reserved_tokens = w.reserved_tokens - d.released_tokens,
        spent_tokens = w.spent_tokens + d.charged_tokens
    FROM (
        SELECT v.value::uuid AS id,
            sum((c ->> 'released_usd')::numeric) AS released_usd,
            sum((c ->> 'charged_usd')::numeric) AS charged_usd,
            sum((c ->> 'released_tokens')::bigint) AS released_tokens,
            sum((c ->> 'charged_tokens')::bigint) AS charged_tokens
        FROM jsonb_array_elements(changes) AS c, jsonb_array_elements_text(c -> 'held_in') AS v
        GROUP BY v.value) AS d
    WHERE w.tenant_id = tenant AND w.id = d.id;
    PERFORM app.llm_sum(tenant, ARRAY(
        SELECT (c ->> 'id')::uuid FROM jsonb_array_elements(changes) AS c));
END;
$$;
-- Adds settled calls to the hourly sums that dashboards read.
CREATE FUNCTION app.llm_sum(tenant uuid, call_ids uuid[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO llm_usage_hours AS h (
        tenant_id, hour, project, run, feature, profile, model, api_key, actor, state, calls,
        unknown_cost_calls, cost_usd, input_tokens, output_tokens, attempts, milliseconds)
    SELECT tenant, date_trunc('hour', created_at, 'UTC'), coalesce(project_id::text, ''),
        coalesce(run_id::text, ''), coalesce(feature, ''), coalesce(profile_key, ''),
        coalesce(served_model, requested_model), coalesce(api_key_id::text, ''),
        coalesce(actor_id::text, ''), state, count(*), count(*) FILTER (WHERE cost_usd IS NULL),
        coalesce(sum(cost_usd), 0), coalesce(sum(input_tokens), 0),
        coalesce(sum(output_tokens), 0), sum(attempt_count), coalesce(sum(total_ms), 0)
    FROM llm_calls WHERE tenant_id = tenant AND id = ANY (call_ids)
    GROUP BY 2, 3, 4, 5, 6, 7, 8, 9, 10
    ORDER BY 2, 3, 4, 5, 6, 7, 8, 9, 10
    ON CONFLICT ON CONSTRAINT uq_llm_usage_hours_key DO UPDATE SET
        calls = h.calls + excluded.calls,
        unknown_cost_calls = h.unknown_cost_calls + excluded.unknown_cost_calls,
        cost_usd = h.cost_usd + excluded.cost_usd,
        input_tokens = h.input_tokens + excluded.input_tokens,
        output_tokens = h.output_tokens + excluded.output_tokens,
        attempts = h.attempts + excluded.attempts,
        milliseconds = h.milliseconds + excluded.milliseconds;
$$;
"""

SETTLE = """
-- Settles each call that is still open; answers the ids it settled.
CREATE FUNCTION app.llm_settle(tenant uuid, settlements jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    changes jsonb;
BEGIN
    PERFORM app.llm_become(tenant);
    -- A settlement that dies with the server's machine leaves an open row, which is charged.
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM 1 FROM llm_calls c WHERE c.tenant_id = tenant AND c.id IN (
        SELECT (s ->> 'id')::uuid FROM jsonb_array_elements(settlements) AS s)
        ORDER BY c.id FOR UPDATE;
    WITH given AS (
        SELECT s.* FROM jsonb_to_recordset(settlements) AS s(
            id uuid, state text, provider text, served_model text, provider_call_id text,
            finish_reason text, error_code text, input_tokens integer,
            cached_input_tokens integer, cache_write_tokens integer, output_tokens integer,
            reasoning_tokens integer, cost_usd numeric, cost_source text, price jsonb,
            reported_cost_usd numeric, computed_cost_usd numeric, attempt_count integer,
            total_ms integer, overhead_ms numeric)
    ), before AS (
        SELECT c.id, c.hold_usd, c.hold_tokens FROM llm_calls c JOIN given USING (id)
        WHERE c.tenant_id = tenant AND c.state = 'reserved'
    ), changed AS (
        UPDATE llm_calls c SET
            state = g.state, settled_at = clock_timestamp(), provider = g.provider,
            served_model = g.served_model, provider_call_id = g.provider_call_id,
            finish_reason = g.finish_reason, error_code = g.error_code,
            input_tokens = g.input_tokens, cached_input_tokens = g.cached_input_tokens,
            cache_write_tokens = g.cache_write_tokens, output_tokens = g.output_tokens,
            reasoning_tokens = g.reasoning_tokens, cost_usd = g.cost_usd,
            cost_source = g.cost_source, price = g.price,
            reported_cost_usd = g.reported_cost_usd, computed_cost_usd = g.computed_cost_usd,
            attempt_count = g.attempt_count, total_ms = g.total_ms, overhead_ms = g.overhead_ms
        FROM given g, before b
        WHERE c.tenant_id = tenant AND c.id = g.id AND b.id = g.id
        RETURNING c.*)
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'id', c.id, 'held_in', c.held_in,
        'released_usd', c.hold_usd, 'charged_usd', coalesce(c.cost_usd, 0),
        'released_tokens', c.hold_tokens,
        'charged_tokens', coalesce(c.input_tokens, 0) + coalesce(c.output_tokens, 0))), '[]')
    INTO changes FROM changed c;
    INSERT INTO llm_attempts (
        tenant_id, call_id, number, provider, model, outcome, http_status, error_code, duration_ms)
    SELECT tenant, (s ->> 'id')::uuid, a.number, a.provider, a.model, a.outcome, a.http_status,
        a.error_code, a.duration_ms
    FROM jsonb_array_elements(settlements) AS s, jsonb_to_recordset(s -> 'attempts') AS a(
        number integer, provider text, model text, outcome text, http_status integer,
        error_code text, duration_ms integer)
    WHERE s ->> 'id' IN (SELECT c ->> 'id' FROM jsonb_array_elements(changes) AS c);
    PERFORM app.llm_apply(tenant, changes);
    RETURN (SELECT coalesce(jsonb_agg(c -> 'id'), '[]') FROM jsonb_array_elements(changes) AS c);
END;
$$;
-- The calls of a process that died: nobody knows what they cost, so the whole hold is charged.
CREATE FUNCTION app.llm_abandon(tenant uuid, process uuid) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    changes jsonb;
BEGIN
    PERFORM app.llm_become(tenant);
    PERFORM 1 FROM llm_calls c
        WHERE c.tenant_id = tenant AND c.process_id = process AND c.state = 'reserved'
        ORDER BY c.id FOR UPDATE;
    WITH changed AS (
        UPDATE llm_calls c SET
            state = 'abandoned', settled_at = clock_timestamp(), error_code = 'process_died',
            cost_usd = c.hold_usd,
            cost_source = CASE c.hold_usd WHEN 0 THEN 'free' ELSE 'estimate' END
        WHERE c.tenant_id = tenant AND c.process_id = process AND c.state = 'reserved'
        RETURNING c.*)
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'id', c.id, 'held_in', c.held_in,
        'released_usd', c.hold_usd, 'charged_usd', c.hold_usd,
        'released_tokens', c.hold_tokens, 'charged_tokens', c.hold_tokens)), '[]')
    INTO changes FROM changed c;
    PERFORM app.llm_apply(tenant, changes);
    RETURN jsonb_array_length(changes);
END;
$$;
"""

SETTLED_ONCE = """
CREATE OR REPLACE FUNCTION app.refuse_second_settlement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'reserved' THEN
        RAISE EXCEPTION 'model call % is already settled', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END;
$$;
"""

FUNCTIONS = (
    "llm_abandon", "llm_settle", "llm_apply", "llm_sum", "llm_admit", "llm_limit_usd",
    "llm_window_start", "llm_become",
)  # fmt: skip

# Key → temperature, output tokens, cache: as the seed has them. The model is the installation's.
SEEDED_PROFILES: dict[str, tuple[float, int, bool]] = {
    "EVENT_COMPILER_INTENT": (0.3, 500, True),
    "EVENT_COMPILER_DECOMPOSE": (0.5, 1000, True),
    "EVENT_COMPILER_VARIABLE_MAP": (0.3, 1500, True),
    "SCENARIO_GENERATOR": (0.7, 2000, True),
    "EXPLANATION_GENERATOR": (0.5, 1500, True),
    "PERSONA_ENRICHMENT": (0.7, 1000, True),
    "DEEP_SEARCH": (0.5, 2000, True),
    "FOCUS_GROUP_DIALOGUE": (0.8, 2000, False),
}
SEED = """
WITH made AS (
    INSERT INTO llm_profiles (id, profile_key, version, settings)
    VALUES (gen_random_uuid(), :key, 1, CAST(:settings AS jsonb)) RETURNING id)
INSERT INTO llm_profile_versions (id, profile_id, version, settings)
SELECT gen_random_uuid(), id, 1, CAST(:settings AS jsonb) FROM made
"""


def upgrade() -> None:
    for script in (CATALOGUE_TABLES, CALLS, TENANT_TABLES):
        op.execute(text(script))
    app = row_security.quoted_app_role(op)
    platform = row_security.quoted_role(op, DatabaseRole.PLATFORM)
    for table, (of_app, of_platform) in CATALOGUE_RIGHTS.items():
        op.execute(text(f"REVOKE ALL ON {table} FROM PUBLIC"))
        op.execute(text(f"GRANT {of_app} ON {table} TO {app}"))
        op.execute(text(f"GRANT {of_platform} ON {table} TO {platform}"))
    for table, (of_app, of_platform) in TENANT_RIGHTS.items():
        row_security.protect(op, table, rights=of_app)
        row_security.admit(op, table, DatabaseRole.PLATFORM, rights=of_platform)
    row_security.admit(op, "llm_calls", DatabaseRole.PLATFORM, rights="SELECT")
    op.execute(text(f"GRANT USAGE ON SCHEMA app TO {platform}"))
    for script in (BECOME, ADMIT, APPLY, SETTLE, SETTLED_ONCE):
        op.execute(text(script))
    for key, (temperature, max_tokens, cached) in SEEDED_PROFILES.items():
        settings = {"temperature": temperature, "max_tokens": max_tokens, "cache_enabled": cached}
        op.get_bind().execute(text(SEED), {"key": key, "settings": json.dumps(settings)})


def downgrade() -> None:
    """Only an empty ledger goes back: what a call cost is not thrown away."""
    op.execute(text("ALTER TABLE llm_calls DISABLE ROW LEVEL SECURITY"))
    if op.get_bind().scalar(text("SELECT EXISTS (SELECT 1 FROM llm_calls)")):
        raise LookupError("The ledger holds calls; restore a backup instead of going back.")
    for function in FUNCTIONS:
        op.execute(text(f"DROP FUNCTION app.{function}"))
    for table in reversed((*CATALOGUE_RIGHTS, *TENANT_RIGHTS)):
        op.execute(text(f"DROP TABLE {table} CASCADE"))
    before = import_module("agentverse.migrations.versions.0002_llm")
    before.downgrade()
    before.upgrade()
