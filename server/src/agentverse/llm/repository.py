"""Every query of the router. Those that take a connection run on the router's event loop."""

from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import func, select

from agentverse.llm.models import CallRow
from agentverse.platform.db.asynchronous import AsyncConnection
from agentverse.platform.db.session import TenantSession

Document = dict[str, Any]


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
        connection, "SELECT app.llm_settle(%s, %s::jsonb)", tenant_id, _json(settlements)
    )


async def register_process(connection: AsyncConnection, process_id: UUID) -> None:
    await connection.execute("INSERT INTO llm_processes (id) VALUES (%s)", (process_id,))


async def touch_process(connection: AsyncConnection, process_id: UUID) -> bool:
    """A sign of life; False where the process has been declared dead."""
    found = await _value(
        connection,
        "UPDATE llm_processes SET seen_at = now() WHERE id = %s AND NOT dead RETURNING true",
        process_id,
    )
    return bool(found)


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


async def forgive(connection: AsyncConnection, target: str) -> None:
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


def sum_of_calls(db: TenantSession, origin: UUID) -> tuple[int, Decimal, int]:
    """Calls, their known cost, and how many of them have an unknown cost."""
    statement = select(
        func.count(),
        func.coalesce(func.sum(CallRow.cost_usd), Decimal(0)),
        func.count().filter(CallRow.cost_usd.is_(None)),
    ).where(CallRow.origin == origin)
    calls, cost, unknown = db.execute(statement).one()
    return calls, cost or Decimal(0), unknown


def held_usd(db: TenantSession) -> Decimal:
    statement = select(func.coalesce(func.sum(CallRow.hold_usd), Decimal(0))).where(
        CallRow.state == "reserved"
    )
    return db.execute(statement).scalar_one()


def get_call(db: TenantSession, call_id: UUID) -> CallRow | None:
    return db.scalars(select(CallRow).where(CallRow.id == call_id)).one_or_none()
