"""Every query of the router. Those that take a connection run on the router's event loop."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    String,
    delete,
    func,
    literal,
    select,
    table,
    text,
    update,
)
from sqlalchemy import cast as cast_to

from agentverse.llm.models import (
    AlertDeliveryRow,
    AlertHookRow,
    AlertRow,
    AttemptRow,
    BudgetRow,
    BudgetWindowRow,
    CacheRow,
    CallRow,
    CatalogueRow,
    ModelRow,
    PriceRow,
    ProfileOverrideRow,
    ProfileRow,
    ProviderRow,
    UsageHourRow,
)
from agentverse.llm.schemas import CallFilter
from agentverse.platform.db.administration import PlatformSession
from agentverse.platform.db.asynchronous import AsyncConnection
from agentverse.platform.db.session import TenantSession

Document = dict[str, Any]
# What is read in either realm: across tenants, or one tenant's.
AnySession = PlatformSession | TenantSession


# --- on the event loop: one statement, one round trip, one transaction --------------------------


def _json(value: Any) -> str:
    return orjson.dumps(value, default=_text).decode()


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(type(value).__name__)


async def _value(connection: AsyncConnection, statement: str, *values: Any) -> Any:
    cursor = await connection.execute(cast("Any", statement), values)
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def admit_calls(
    connection: AsyncConnection,
    tenant_id: UUID,
    *,
    process_id: UUID,
    known_version: int,
    calls: list[Document],
) -> Document:
    """Commit rows for the calls that every budget has room for; see the function's comment."""
    subjects = sorted({subject for call in calls for subject in call["subjects"]})
    return await _value(
        connection,
        "SELECT app.llm_admit(%s, %s, %s, %s::text[], %s::jsonb)",
        *(tenant_id, process_id, known_version, subjects, _json(calls)),
    )


async def settle_calls(
    connection: AsyncConnection, tenant_id: UUID, settlements: list[Document]
) -> list[str]:
    """The ids of the calls that were open and are settled now."""
    return await _value(
        connection, "SELECT app.llm_settle_and_store(%s, %s::jsonb)", tenant_id, _json(settlements)
    )


async def look_up_calls(
    connection: AsyncConnection, tenant_id: UUID, *, known_version: int, calls: list[Document]
) -> Document:
    """Answers that are kept, by call id; the rows of those hits are written with it."""
    return await _value(
        connection,
        "SELECT app.llm_look_up(%s, %s, %s::jsonb)",
        *(tenant_id, known_version, _json(calls)),
    )


async def log_calls(connection: AsyncConnection, tenant_id: UUID, calls: list[Document]) -> None:
    """Rows of calls that were answered by another call's answer."""
    await _value(connection, "SELECT app.llm_log_calls(%s, %s::jsonb)", tenant_id, _json(calls))


async def register_process(connection: AsyncConnection, process_id: UUID) -> None:
    await connection.execute("INSERT INTO llm_processes (id) VALUES (%s)", (process_id,))


async def touch_process(connection: AsyncConnection, process_id: UUID) -> bool:
    """A sign of life; False where the process has been declared dead."""
    alive = await _value(
        connection,
        "UPDATE llm_processes SET seen_at = now() WHERE id = %s AND NOT dead RETURNING true",
        process_id,
    )
    return bool(alive)


async def declare_dead(connection: AsyncConnection, stale_seconds: float) -> list[UUID]:
    """Mark silent processes dead, so that they admit nothing more; all that are."""
    await connection.execute(
        "UPDATE llm_processes SET dead = true "
        "WHERE NOT dead AND seen_at < now() - make_interval(secs => %s)",
        (stale_seconds,),
    )
    cursor = await connection.execute("SELECT id FROM llm_processes WHERE dead")
    return [row[0] for row in await cursor.fetchall()]


async def tenants_of_process(connection: AsyncConnection, process_id: UUID) -> list[UUID]:
    cursor = await connection.execute(
        "SELECT tenant_id FROM llm_process_tenants WHERE process_id = %s", (process_id,)
    )
    return [row[0] for row in await cursor.fetchall()]


async def abandon_calls(connection: AsyncConnection, tenant_id: UUID, process_id: UUID) -> int:
    return await _value(connection, "SELECT app.llm_abandon(%s, %s)", tenant_id, process_id)


async def forget_process(connection: AsyncConnection, process_id: UUID) -> None:
    await connection.execute("DELETE FROM llm_processes WHERE id = %s", (process_id,))


async def count_failure(
    connection: AsyncConnection,
    target: str,
    *,
    rests_after: int,
    rest_seconds: float,
    longest_rest_seconds: float,
    forgotten_after_seconds: float,
) -> tuple[int, float]:
    """Count a failure of the target; failures in a row and for how long it rests now."""
    cursor = await connection.execute(
        """
        INSERT INTO llm_breakers AS b (target, failures, failed_at, resting_until, probed_until)
        VALUES (%(target)s, 1, now(), 'epoch', 'epoch')
        ON CONFLICT (target) DO UPDATE SET
            failures = CASE WHEN b.failed_at < now() - make_interval(secs => %(forgotten)s)
                            THEN 1 ELSE b.failures + 1 END,
            failed_at = now(),
            probed_until = 'epoch',
            resting_until = CASE
                WHEN b.failures + 1 < %(rests_after)s
                     OR b.failed_at < now() - make_interval(secs => %(forgotten)s)
                THEN 'epoch'::timestamptz
                ELSE now() + make_interval(secs => least(
                    %(longest)s, %(rest)s * power(2, least(b.failures + 1 - %(rests_after)s, 10))))
                END
        RETURNING failures,
            CASE WHEN resting_until > now() THEN extract(epoch FROM resting_until - now())
                 ELSE 0 END
        """,
        {
            "target": target,
            "rests_after": rests_after,
            "rest": rest_seconds,
            "longest": longest_rest_seconds,
            "forgotten": forgotten_after_seconds,
        },
    )
    failures, resting = cast("tuple[int, Decimal]", await cursor.fetchone())
    return failures, float(resting)


async def claim_probe(connection: AsyncConnection, target: str, probe_seconds: float) -> bool:
    """Whether this call is the one that may probe a target whose rest has ended."""
    cursor = await connection.execute(
        "UPDATE llm_breakers SET probed_until = now() + make_interval(secs => %s) "
        "WHERE target = %s AND resting_until <= now() AND probed_until <= now() RETURNING true",
        (probe_seconds, target),
    )
    if await cursor.fetchone() is not None:
        return True
    cursor = await connection.execute("SELECT 1 FROM llm_breakers WHERE target = %s", (target,))
    return await cursor.fetchone() is None


async def forget_failures(connection: AsyncConnection, target: str) -> None:
    await connection.execute("DELETE FROM llm_breakers WHERE target = %s", (target,))


async def catalogue_version(connection: AsyncConnection) -> int:
    return await _value(connection, "SELECT version FROM llm_catalogue")


async def _rows(connection: AsyncConnection, statement: str, *values: Any) -> list[Document]:
    cursor = await connection.execute(cast("Any", statement), values)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]


async def load_catalogue(
    connection: AsyncConnection,
) -> tuple[int, list[Document], list[Document], list[Document]]:
    """Version, providers, models with their current prices, profiles; all of one moment."""
    async with connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        version = await catalogue_version(connection)
        providers = await _rows(connection, "SELECT * FROM llm_providers")
        models = await _rows(
            connection,
            "SELECT m.*, p.source, p.rates FROM llm_models m LEFT JOIN llm_prices p "
            "ON p.model_id = m.id AND p.version = m.price_version",
        )
        profiles = await _rows(connection, "SELECT * FROM llm_profiles")
    return version, providers, models, profiles


async def load_overrides(connection: AsyncConnection, tenant_id: UUID) -> list[Document]:
    async with connection.transaction():
        await connection.execute("SELECT app.llm_become(%s)", (tenant_id,))
        return await _rows(
            connection, "SELECT * FROM llm_profile_overrides WHERE tenant_id = %s", tenant_id
        )


# --- in a session -------------------------------------------------------------------------------


def sums_of_calls(
    db: TenantSession, origins: Sequence[UUID]
) -> dict[UUID, tuple[int, Decimal, int]]:
    """Calls made for each origin, their known cost, and how many of them have an unknown cost.

    An origin for which no call was made is left out.
    """
    statement = (
        select(
            CallRow.origin,
            func.count(),
            func.coalesce(func.sum(CallRow.cost_usd), Decimal(0)),
            func.count().filter(CallRow.cost_usd.is_(None)),
        )
        .where(CallRow.origin.in_(origins))
        .group_by(CallRow.origin)
    )
    rows = db.execute(statement)
    return {
        origin: (calls, cost or Decimal(0), unknown)
        for origin, calls, cost, unknown in rows
        if origin is not None
    }


def held_usd(db: TenantSession) -> Decimal:
    """Money set aside for calls that are running now."""
    statement = select(func.coalesce(func.sum(CallRow.hold_usd), Decimal(0))).where(
        CallRow.state == "reserved"
    )
    return db.execute(statement).scalar_one()


def get_call(db: TenantSession, call_id: UUID) -> CallRow | None:
    return db.scalars(select(CallRow).where(CallRow.id == call_id)).one_or_none()


# --- the catalogue, in sessions of the platform realm or a tenant's -----------------------------


def raise_version(db: AnySession) -> None:
    """Whatever calls are resolved against has changed: the next admission notices."""
    db.execute(update(CatalogueRow).values(version=CatalogueRow.version + 1))


def find_provider(db: AnySession, name: str) -> ProviderRow | None:
    return db.scalars(select(ProviderRow).where(ProviderRow.name == name)).one_or_none()


def get_provider(db: AnySession, provider_id: UUID) -> ProviderRow | None:
    return db.get(ProviderRow, provider_id, with_for_update=True)


def list_providers(db: AnySession, *, after: UUID | None, limit: int) -> list[ProviderRow]:
    """Oldest first, newer than `after`; so are the other lists of what an admin makes."""
    statement = select(ProviderRow).order_by(ProviderRow.id).limit(limit)
    if after is not None:
        statement = statement.where(ProviderRow.id > after)
    return list(db.scalars(statement))


def find_model(db: AnySession, provider_id: UUID, model: str) -> ModelRow | None:
    statement = select(ModelRow).where(ModelRow.provider_id == provider_id, ModelRow.model == model)
    return db.scalars(statement).one_or_none()


def _models() -> Select[ModelRow, str, PriceRow]:
    return (
        select(ModelRow, ProviderRow.name, PriceRow)
        .join(ProviderRow, ProviderRow.id == ModelRow.provider_id)
        .join(
            PriceRow,
            (PriceRow.model_id == ModelRow.id) & (PriceRow.version == ModelRow.price_version),
        )
    )


def get_model(db: AnySession, model_id: UUID) -> tuple[ModelRow, str, PriceRow] | None:
    statement = _models().where(ModelRow.id == model_id).with_for_update(of=ModelRow)
    record = db.execute(statement).one_or_none()
    if record is None:
        return None
    row, provider, price = record
    return row, provider, price


def list_models(
    db: AnySession, *, after: UUID | None, limit: int
) -> list[tuple[ModelRow, str, PriceRow]]:
    statement = _models().order_by(ModelRow.id).limit(limit)
    if after is not None:
        statement = statement.where(ModelRow.id > after)
    return [(row, provider, price) for row, provider, price in db.execute(statement)]


def model_names(db: AnySession) -> set[str]:
    statement = select(ProviderRow.name, ModelRow.model).join(
        ProviderRow, ProviderRow.id == ModelRow.provider_id
    )
    return {f"{provider}/{model}" for provider, model in db.execute(statement)}


def list_prices(
    db: AnySession, model_id: UUID | None, *, after: UUID | None, limit: int
) -> list[tuple[PriceRow, ModelRow, str]]:
    """Every version, with its model and the provider's name."""
    statement = (
        select(PriceRow, ModelRow, ProviderRow.name)
        .join(ModelRow, ModelRow.id == PriceRow.model_id)
        .join(ProviderRow, ProviderRow.id == ModelRow.provider_id)
        .order_by(PriceRow.id)
        .limit(limit)
    )
    if model_id is not None:
        statement = statement.where(PriceRow.model_id == model_id)
    if after is not None:
        statement = statement.where(PriceRow.id > after)
    return [(price, model, provider) for price, model, provider in db.execute(statement)]


def latest_price_version(db: AnySession, model_id: UUID) -> int:
    statement = select(func.max(PriceRow.version)).where(PriceRow.model_id == model_id)
    return db.execute(statement).scalar_one()


def find_profile(db: AnySession, key: str) -> ProfileRow | None:
    return db.scalars(select(ProfileRow).where(ProfileRow.profile_key == key)).one_or_none()


def get_profile(db: AnySession, profile_id: UUID) -> ProfileRow | None:
    return db.get(ProfileRow, profile_id, with_for_update=True)


def list_profiles(
    db: AnySession, *, after: UUID | None = None, limit: int | None = None
) -> list[ProfileRow]:
    statement = select(ProfileRow).order_by(ProfileRow.id).limit(limit)
    if after is not None:
        statement = statement.where(ProfileRow.id > after)
    return list(db.scalars(statement))


def aliases(db: AnySession) -> dict[str, str]:
    """Alias → key of the installation's profile that has it."""
    return {
        alias: row.profile_key
        for row in list_profiles(db)
        for alias in row.settings.get("aliases", ())
    }


def get_override(db: AnySession, override_id: UUID) -> ProfileOverrideRow | None:
    statement = select(ProfileOverrideRow).where(ProfileOverrideRow.id == override_id)
    return db.scalars(statement.with_for_update()).one_or_none()


def find_override(db: TenantSession, key: str, project: str) -> ProfileOverrideRow | None:
    statement = select(ProfileOverrideRow).where(
        ProfileOverrideRow.profile_key == key, ProfileOverrideRow.project == project
    )
    return db.scalars(statement).one_or_none()


def list_overrides(db: AnySession, *, after: UUID | None, limit: int) -> list[ProfileOverrideRow]:
    statement = select(ProfileOverrideRow).order_by(ProfileOverrideRow.id).limit(limit)
    if after is not None:
        statement = statement.where(ProfileOverrideRow.id > after)
    return list(db.scalars(statement))


def invalidate_cache(db: AnySession, *, tenant_id: UUID | None, profile_key: str | None) -> int:
    """Forget kept answers; how many there were. What runs now is not kept either."""
    statement = delete(CacheRow)
    if tenant_id is not None:
        statement = statement.where(CacheRow.tenant_id == tenant_id)
    if profile_key is not None:
        statement = statement.where(CacheRow.profile_key == profile_key)
    raise_version(db)
    result = db.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount


def cache_statistics(
    db: AnySession, *, tenant_id: UUID | None, profile_key: str | None
) -> dict[str, int]:
    """Entries and bytes that are kept, and from the hourly sums who was answered by them."""
    kept = select(func.count(), func.coalesce(func.sum(func.octet_length(CacheRow.document)), 0))
    of_state = {
        state: func.coalesce(func.sum(UsageHourRow.calls).filter(UsageHourRow.state == state), 0)
        for state in ("cached", "coalesced", "replayed")
    }
    called = select(func.coalesce(func.sum(UsageHourRow.calls), 0), *of_state.values())
    if tenant_id is not None:
        kept = kept.where(CacheRow.tenant_id == tenant_id)
        called = called.where(UsageHourRow.tenant_id == tenant_id)
    if profile_key is not None:
        kept = kept.where(CacheRow.profile_key == profile_key)
        called = called.where(UsageHourRow.profile == profile_key)
    entries, size = db.execute(kept).one()
    calls, *answered = db.execute(called).one()
    counts = dict(zip(of_state, map(int, answered), strict=True))
    return {"entries": entries, "size_bytes": int(size), "calls": int(calls), **counts}


# --- budgets ------------------------------------------------------------------------------------


def get_budget(db: AnySession, budget_id: UUID, *, for_update: bool = False) -> BudgetRow | None:
    statement = select(BudgetRow).where(BudgetRow.id == budget_id)
    return db.scalars(statement.with_for_update() if for_update else statement).one_or_none()


def list_budgets(
    db: AnySession, tenant_id: UUID | None, *, after: UUID | None, limit: int
) -> list[BudgetRow]:
    statement = select(BudgetRow).order_by(BudgetRow.id).limit(limit)
    if after is not None:
        statement = statement.where(BudgetRow.id > after)
    if tenant_id is not None:
        statement = statement.where(BudgetRow.tenant_id == tenant_id)
    return list(db.scalars(statement))


def current_window(db: AnySession, row: BudgetRow) -> tuple[datetime, BudgetWindowRow | None]:
    """When the budget's current window began, and what it has spent; None before its first call."""
    started: datetime = db.execute(
        select(func.app.llm_window_start(row.period, row.time_zone, func.now()))
    ).scalar_one()
    statement = select(BudgetWindowRow).where(
        BudgetWindowRow.tenant_id == row.tenant_id,
        BudgetWindowRow.budget_id == row.id,
        BudgetWindowRow.window_start == started,
    )
    return started, db.scalars(statement).one_or_none()


def list_alerts(
    db: AnySession, tenant_id: UUID | None, *, before: UUID | None, limit: int
) -> list[AlertRow]:
    """Newest first, older than `before`."""
    statement = select(AlertRow).order_by(AlertRow.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(AlertRow.id < before)
    if tenant_id is not None:
        statement = statement.where(AlertRow.tenant_id == tenant_id)
    return list(db.scalars(statement))


def list_alert_hooks(db: TenantSession, *, after: UUID | None, limit: int) -> list[AlertHookRow]:
    statement = select(AlertHookRow).order_by(AlertHookRow.id).limit(limit)
    if after is not None:
        statement = statement.where(AlertHookRow.id > after)
    return list(db.scalars(statement))


def find_alert_hook(db: TenantSession, hook_id: UUID) -> AlertHookRow | None:
    return db.scalars(select(AlertHookRow).where(AlertHookRow.id == hook_id)).one_or_none()


def find_delivery(
    db: TenantSession, delivery_id: UUID
) -> tuple[AlertDeliveryRow, AlertRow, AlertHookRow] | None:
    """None where its hook has been deleted."""
    statement = (
        select(AlertDeliveryRow, AlertRow, AlertHookRow)
        .join(AlertRow, AlertRow.id == AlertDeliveryRow.alert_id)
        .join(AlertHookRow, AlertHookRow.id == AlertDeliveryRow.hook_id)
        .where(AlertDeliveryRow.id == delivery_id)
    )
    record = db.execute(statement).one_or_none()
    return None if record is None else (record[0], record[1], record[2])


# --- calls and sums -----------------------------------------------------------------------------


def _matching(wanted: CallFilter) -> list[ColumnElement[bool]]:
    by_column = {
        CallRow.tenant_id: wanted.tenant_id,
        CallRow.project_id: wanted.project_id,
        CallRow.run_id: wanted.run_id,
        CallRow.feature: wanted.feature,
        CallRow.profile_key: wanted.profile_key,
        CallRow.state: wanted.state,
    }
    return [column == value for column, value in by_column.items() if value is not None]


def list_calls(
    db: AnySession, wanted: CallFilter, *, before: UUID | None, limit: int
) -> list[CallRow]:
    """Newest first, older than `before`."""
    statement = select(CallRow).where(*_matching(wanted), *_between(wanted.since, wanted.until))
    if before is not None:
        statement = statement.where(CallRow.id < before)
    return list(db.scalars(statement.order_by(CallRow.id.desc()).limit(limit)))


def next_calls(
    db: AnySession, wanted: CallFilter, *, after: UUID | None, limit: int
) -> list[CallRow]:
    """Oldest first, newer than `after`: an export's next page."""
    statement = select(CallRow).where(*_matching(wanted), *_between(wanted.since, wanted.until))
    if after is not None:
        statement = statement.where(CallRow.id > after)
    return list(db.scalars(statement.order_by(CallRow.id).limit(limit)))


def _between(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if since is not None:
        conditions.append(CallRow.created_at >= since)
    if until is not None:
        conditions.append(CallRow.created_at < until)
    return conditions


def find_call(db: AnySession, call_id: UUID) -> CallRow | None:
    return db.scalars(select(CallRow).where(CallRow.id == call_id)).one_or_none()


def attempts_of(db: AnySession, call: CallRow) -> list[AttemptRow]:
    statement = (
        select(AttemptRow)
        .where(AttemptRow.tenant_id == call.tenant_id, AttemptRow.call_id == call.id)
        .order_by(AttemptRow.number)
    )
    return list(db.scalars(statement))


def sum_hours(
    db: AnySession,
    wanted: CallFilter,
    first: datetime | None,
    last: datetime | None,
    group_by: str | None,
) -> list[Document]:
    """Sums of whole hours, by key."""
    by_column = {
        UsageHourRow.tenant_id: wanted.tenant_id,
        UsageHourRow.project: wanted.project_id,
        UsageHourRow.run: wanted.run_id,
        UsageHourRow.feature: wanted.feature,
        UsageHourRow.profile: wanted.profile_key,
        UsageHourRow.state: wanted.state,
    }
    conditions = [
        column == (value if column is UsageHourRow.tenant_id else str(value))
        for column, value in by_column.items()
        if value is not None
    ]
    if first is not None:
        conditions.append(UsageHourRow.hour >= first)
    if last is not None:
        conditions.append(UsageHourRow.hour < last)
    row = UsageHourRow
    keys: dict[str | None, ColumnElement[Any]] = {
        None: literal(""),
        "tenant": cast_to(row.tenant_id, String),
        "project": row.project.expression,
        "run": row.run.expression,
        "feature": row.feature.expression,
        "profile": row.profile.expression,
        "model": row.model.expression,
        "user": row.actor.expression,
        "key": row.api_key.expression,
        "day": func.to_char(row.hour.op("AT TIME ZONE")("UTC"), "YYYY-MM-DD"),
    }
    statement = select(
        keys[group_by].label("key"),
        func.sum(row.calls).label("calls"),
        func.sum(row.cost_usd).label("cost_usd"),
        func.sum(row.input_tokens).label("input_tokens"),
        func.sum(row.output_tokens).label("output_tokens"),
        func.sum(row.unknown_cost_calls).label("unknown_cost_calls"),
    )
    return _summed(db, statement.where(*conditions))


def sum_calls_between(
    db: AnySession, wanted: CallFilter, since: datetime, until: datetime, group_by: str | None
) -> list[Document]:
    """Sums of the settled calls of a part of an hour, by key."""
    row = CallRow

    def text_of(column: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.coalesce(cast_to(column, String), "")

    keys: dict[str | None, ColumnElement[Any]] = {
        None: literal(""),
        "tenant": text_of(row.tenant_id.expression),
        "project": text_of(row.project_id.expression),
        "run": text_of(row.run_id.expression),
        "feature": text_of(row.feature.expression),
        "profile": text_of(row.profile_key.expression),
        "model": func.coalesce(row.served_model, row.requested_model),
        "user": text_of(row.actor_id.expression),
        "key": text_of(row.api_key_id.expression),
        "day": func.to_char(row.created_at.op("AT TIME ZONE")("UTC"), "YYYY-MM-DD"),
    }
    statement = select(
        keys[group_by].label("key"),
        func.count().label("calls"),
        func.sum(row.cost_usd).label("cost_usd"),
        func.sum(row.input_tokens).label("input_tokens"),
        func.sum(row.output_tokens).label("output_tokens"),
        func.count().filter(row.cost_usd.is_(None)).label("unknown_cost_calls"),
    )
    conditions = [*_matching(wanted), *_between(since, until), row.state != "reserved"]
    return _summed(db, statement.where(*conditions))


def _summed(db: AnySession, statement: Select[*tuple[Any, ...]]) -> list[Document]:
    rows = db.execute(statement.group_by(text("1"))).mappings()
    return [dict(row) for row in rows if row["calls"]]


def tenant_exists(db: TenantSession) -> bool:
    """Whether the session's tenant is one: row security shows no other."""
    return db.execute(select(func.count()).select_from(table("tenants"))).scalar_one() == 1
