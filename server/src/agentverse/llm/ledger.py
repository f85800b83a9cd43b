"""One row before each call, settled exactly once; budgets hold and release with it.

Admissions and settlements of many calls share a round trip. A process that falls silent is dead:
another one charges what it held.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from agentverse.llm import repository
from agentverse.llm.budget_windows import window_end
from agentverse.llm.errors import BudgetExceeded, LedgerUnavailable
from agentverse.llm.grouping import Grouped
from agentverse.platform.db.asynchronous import AsyncDatabase, DataRefused
from agentverse.platform.db.outages import DatabaseUnavailable
from agentverse.platform.db.session import TenantSession
from agentverse.platform.ids import new_id

logger = logging.getLogger(__name__)

Document = dict[str, Any]

HEARTBEAT_SECONDS = 5.0
# Silence after which a process is dead; its holds are free within 60 seconds of its death.
STALE_SECONDS = 30.0
# How long an answer waits for its settlement; the settlement itself is tried until it succeeds.
SETTLEMENT_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 5.0
# What a settlement can do without.
BARE: Document = {"provider_call_id": None, "finish_reason": None, "store": [], "attempts": []}


class Stale(Exception):
    """The catalogue has changed since the call was resolved."""


class DeclaredDead(Exception):
    """This process was silent so long that another took it for dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """`cost_usd` is what is known; `unknown_cost_calls` counts what is not."""

    calls: int
    cost_usd: Decimal
    unknown_cost_calls: int = 0

    @property
    def cost_usd_text(self) -> str:
        """Plain digits, as they travel: `str` of a small Decimal is 3E-7."""
        return f"{self.cost_usd.normalize():f}"


class Ledger:
    """Admits and settles for one process. Lives in one event loop."""

    def __init__(self, database: AsyncDatabase, breaker_state: "BreakerState") -> None:
        self._database = database
        self._breakers = breaker_state
        self._process_id = new_id()
        self._admissions = Grouped(self._admit)
        self._settlements = Grouped(self._settle)
        self._look_ups = Grouped(self._look_up)
        self._logs = Grouped(self._log)
        self._pending: set[asyncio.Task[None]] = set()
        self._heart: asyncio.Task[None] | None = None
        self._registering = asyncio.Lock()
        self._registered = False

    async def start(self) -> None:
        self._heart = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        """Settle what waits and leave; nothing is held afterwards."""
        if self._heart is not None:
            self._heart.cancel()
        if self._pending:
            await asyncio.wait(self._pending, timeout=LONGEST_PAUSE_SECONDS)
        if not self._registered:
            return
        try:
            async with self._database.connection() as connection:
                await self._bury(connection, self._process_id)
        except DatabaseUnavailable:
            logger.warning("The ledger could not be told that this process ends.")

    async def admit(self, tenant_id: UUID, known_version: int, call: Document) -> None:
        """Commit the call's row. Raises BudgetExceeded, LedgerUnavailable or Stale."""
        try:
            await self._admit_or_start_anew((tenant_id, known_version), call)
        except DatabaseUnavailable as error:
            raise unavailable() from error

    async def _admit_or_start_anew(self, key: tuple[UUID, int], call: Document) -> None:
        await self._register()
        try:
            await self._admissions(key, call)
        except DeclaredDead:  # a machine that slept: nothing of this call is written yet
            await self._register()
            try:
                await self._admissions(key, call)
            except DeclaredDead as again:
                raise DatabaseUnavailable("This process is declared dead again.") from again

    async def look_up(self, tenant_id: UUID, known_version: int, call: Document) -> Document | None:
        """The kept answer of the call's key, its row written. Raises LedgerUnavailable, Stale."""
        try:
            return await self._look_ups((tenant_id, known_version), call)
        except DatabaseUnavailable as error:
            raise unavailable() from error

    async def log(self, tenant_id: UUID, call: Document) -> None:
        """The row of a call that another call's answer served. Raises LedgerUnavailable."""
        try:
            await self._logs(tenant_id, call)
        except DatabaseUnavailable as error:
            raise unavailable() from error

    async def settle(self, tenant_id: UUID, settlement: Document) -> None:
        """Settle the call's row; where that takes long it goes on behind the answer."""
        task = asyncio.create_task(self._settle_until_done(tenant_id, settlement))
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)
        await asyncio.wait([task], timeout=SETTLEMENT_SECONDS)

    async def _settle_until_done(self, tenant_id: UUID, settlement: Document) -> None:
        pause = 0.2
        while True:
            try:
                return await self._settlements(tenant_id, settlement)
            except DatabaseUnavailable:
                logger.warning("A settlement waits for the database.")
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _register(self) -> None:
        if self._registered:
            return
        async with self._registering:
            if self._registered:
                return
            async with self._database.connection() as connection:
                await repository.register_process(connection, self._process_id)
            self._registered = True

    async def _admit(self, key: tuple[UUID, int], calls: list[Document]) -> list[Exception | None]:
        tenant_id, version = key
        process_id = self._process_id
        async with self._database.connection() as connection:
            reply = await repository.admit_calls(
                connection,
                tenant_id,
                process_id=process_id,
                known_version=version,
                calls=calls,
            )
        if reply.get("stale"):
            return [Stale() for _ in calls]
        if reply.get("unregistered"):
            if process_id == self._process_id:  # else another call has started anew already
                self._start_anew()
            return [DeclaredDead() for _ in calls]
        self._breakers.learn(reply["breakers"])
        refused = reply["refused"]
        return [
            budget_exceeded(refused[str(call["id"])], call) if str(call["id"]) in refused else None
            for call in calls
        ]

    async def _look_up(
        self, key: tuple[UUID, int], calls: list[Document]
    ) -> list[Document | Exception | None]:
        tenant_id, version = key
        async with self._database.connection() as connection:
            reply = await repository.look_up_calls(
                connection, tenant_id, known_version=version, calls=calls
            )
        if reply.get("stale"):
            return [Stale() for _ in calls]
        return [reply["hits"].get(str(call["id"])) for call in calls]

    async def _log(self, tenant_id: UUID, calls: list[Document]) -> list[Exception | None]:
        async with self._database.connection() as connection:
            await repository.log_calls(connection, tenant_id, calls)
        return [None] * len(calls)

    def _start_anew(self) -> None:
        """Declared dead while it lived (a machine that slept): come back under another id."""
        self._process_id = new_id()
        self._registered = False

    async def _settle(self, tenant_id: UUID, settlements: list[Document]) -> list[Exception | None]:
        """One that the database refuses is settled by itself, so that it spoils no other."""
        try:
            await self._settle_together(tenant_id, settlements)
        except DataRefused as error:
            if len(settlements) == 1:
                return [await self._settle_bare(tenant_id, settlements[0], error)]
            return [(await self._settle(tenant_id, [one]))[0] for one in settlements]
        return [None] * len(settlements)

    async def _settle_bare(
        self, tenant_id: UUID, settlement: Document, refused: Exception
    ) -> Exception | None:
        """Without what a provider wrote: money and state are what must not be lost."""
        logger.error("A settlement was refused and is stored without its texts: %s", refused)
        try:
            await self._settle_together(tenant_id, [settlement | BARE])
        except DataRefused as error:
            return error
        return None

    async def _settle_together(self, tenant_id: UUID, settlements: list[Document]) -> None:
        async with self._database.connection() as connection:
            settled = await repository.settle_calls(connection, tenant_id, settlements)
        for late in {str(one["id"]) for one in settlements} - set(settled):
            logger.warning("Call %s had been charged as abandoned before it came back.", late)

    async def _beat(self) -> None:
        while True:
            try:
                await self.sweep()
            except DatabaseUnavailable:
                logger.warning("No heartbeat: the ledger cannot be reached.")
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def sweep(self) -> None:
        """Say that this process lives; charge the calls of those that died."""
        async with self._database.connection() as connection:
            if self._registered and not await repository.touch_process(
                connection, self._process_id
            ):
                self._start_anew()
            for process_id in await repository.declare_dead(connection, STALE_SECONDS):
                await self._bury(connection, process_id)

    async def _bury(self, connection: Any, process_id: UUID) -> None:
        for tenant_id in await repository.tenants_of_process(connection, process_id):
            await repository.abandon_calls(connection, tenant_id, process_id)
        await repository.forget_process(connection, process_id)


def unavailable() -> LedgerUnavailable:
    return LedgerUnavailable(
        "The ledger cannot be reached, so no provider was asked and nothing is spent. Try again "
        "in a few seconds.",
        retry_after_seconds=2.0,
    )


class BreakerState(Protocol):
    """Where admissions leave what the database says of failing targets."""

    def learn(self, states: dict[str, Document]) -> None: ...


def budget_exceeded(budget: Document, call: Document) -> BudgetExceeded:
    """The refusal with its arithmetic, held money included."""
    resets_at = window_end(budget["period"], budget["time_zone"], budget["window_start"])
    shown = {
        "id": budget["id"],
        "scope": budget["scope"],
        "scope_id": budget["scope_id"],
        "limit_usd": plain(budget["limit_usd"]),
        "spent_usd": plain(budget["spent_usd"]),
        "reserved_usd": plain(budget["reserved_usd"]),
        "resets_at": resets_at,
    }
    whose = (
        budget["scope"] if budget["scope_id"] is None else f"{budget['scope']} {budget['scope_id']}"
    )
    reset = "It does not reset." if resets_at is None else f"It resets at {resets_at}."
    return BudgetExceeded(
        f"The budget of the {whose} has no room: {_arithmetic(budget, call)} {reset} Lower "
        "`max_tokens`, wait for running calls, or ask an admin to raise the limit.",
        budget=shown,
    )


def _arithmetic(budget: Document, call: Document) -> str:
    """Of the limit that has no room: money, tokens or calls."""
    spent, held = Decimal(budget["spent_usd"]), Decimal(budget["reserved_usd"])
    if spent + held + Decimal(call["hold_usd"]) > Decimal(budget["limit_usd"]):
        return (
            f"limit {plain(budget['limit_usd'])} USD, spent {plain(spent)}, held by running calls "
            f"{plain(held)}, and this call may cost up to {plain(call['hold_usd'])}."
        )
    tokens = budget["spent_tokens"] + budget["reserved_tokens"] + call["hold_tokens"]
    if budget["limit_tokens"] is not None and tokens > budget["limit_tokens"]:
        return (
            f"limit {budget['limit_tokens']} tokens, used {budget['spent_tokens']}, held by "
            f"running calls {budget['reserved_tokens']}, and this call may use up to "
            f"{call['hold_tokens']}."
        )
    return f"limit {budget['limit_calls']} calls, and {budget['calls']} have been made."


def plain(usd: object) -> str:
    return f"{Decimal(str(usd)).normalize():f}"


def usage(db: TenantSession, *, origin: UUID) -> Usage:
    """What all calls made for `origin` (an ask, a run) cost together."""
    return usage_of_each(db, [origin])[origin]


def usage_of_each(db: TenantSession, origins: Sequence[UUID]) -> dict[UUID, Usage]:
    """The same for each of several origins, in one query."""
    nothing = Usage(calls=0, cost_usd=Decimal(0))
    made = {
        origin: Usage(calls=calls, cost_usd=cost, unknown_cost_calls=unknown)
        for origin, (calls, cost, unknown) in repository.sums_of_calls(db, origins).items()
    }
    return {origin: made.get(origin, nothing) for origin in origins}
