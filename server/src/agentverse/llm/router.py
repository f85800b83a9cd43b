"""The one asynchronous engine: resolve, plan, admit, attempt, settle.

A call runs in a task of the router's own, so that it is settled whoever leaves. Doors and jobs
start calls and wait for them.
"""

import asyncio
import copy
import logging
import time

import orjson

from agentverse.llm import attempts
from agentverse.llm.attempts import AttemptContext, CallFailed
from agentverse.llm.breakers import SharedBreakers
from agentverse.llm.cache import answer_key, cache_keys, entry
from agentverse.llm.calls import Call, Cost
from agentverse.llm.catalogue import Catalogue, Overrides, resolve
from agentverse.llm.catalogue_store import CatalogueStore
from agentverse.llm.costing import cost_of
from agentverse.llm.errors import InvalidValue, LlmError, NoProvider, TickLoopRefused
from agentverse.llm.ledger import Document, Ledger, Stale, unavailable
from agentverse.llm.metrics import METRICS
from agentverse.llm.plans import make_plan, price_of
from agentverse.llm.pricing import ZERO, price_document
from agentverse.llm.providers import openai_format
from agentverse.llm.providers.pool import ProviderPool
from agentverse.llm.providers.provider import ProviderAnswer
from agentverse.llm.requests import CallRequest
from agentverse.llm.single_flight import FlightKey, SingleFlight
from agentverse.platform.db.asynchronous import AsyncDatabase
from agentverse.platform.db.outages import DatabaseUnavailable
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings

logger = logging.getLogger(__name__)

CONNECTIONS = 4
CONNECTION_WAIT_SECONDS = 2.0
# A catalogue that changes under one call again and again is somebody's loop, not an edit.
MOST_RESOLUTIONS = 5
# Whoever hangs up is read on for this long: the provider's own count beats an estimate.
READ_ON_SECONDS = 10.0
TICK_LOOP = "tick_loop"


class Router:
    """Everything one event loop needs to call models."""

    def __init__(self, settings: Settings) -> None:
        self._database = AsyncDatabase(
            connections=CONNECTIONS, wait_seconds=CONNECTION_WAIT_SECONDS
        )
        self._breakers = SharedBreakers(self._database)
        self.ledger = Ledger(self._database, self._breakers)
        self._store = CatalogueStore(self._database, settings)
        self._providers = ProviderPool()
        self._flights = SingleFlight()
        self._running: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        await self._database.open()
        await self.ledger.start()

    def end_calls(self) -> None:
        """End whatever runs: each call is settled, and a live answer ends with an error."""
        for task in tuple(self._running):
            task.cancel()

    async def close(self) -> None:
        """End every call, settle it, and let go of all connections."""
        self.end_calls()
        if self._running:
            await asyncio.wait(self._running, timeout=READ_ON_SECONDS)
        await self.ledger.stop()
        await self._providers.close()
        await self._database.close()

    async def catalogue(self, scope: Scope) -> tuple[Catalogue, Overrides]:
        """What may be asked now, for lists. Raises LedgerUnavailable."""
        try:
            return await self._store.fresh(scope.tenant_id)
        except DatabaseUnavailable as error:
            raise unavailable() from error

    async def plan(self, scope: Scope, request: CallRequest) -> Call:
        """The call as it would be made now: its models and its hold. Raises LlmError."""
        call = Call(scope, request)
        _plan(call, *await self.catalogue(scope))
        return call

    def start(self, scope: Scope, request: CallRequest) -> Call:
        """Begin a call; wait for `call.opened` or `call.ended`, and `leave` it when you go."""
        call = Call(scope, request)
        self.begin(call)
        return call

    def begin(self, call: Call) -> None:
        """Run a call in a task of the router's own."""
        call.task = asyncio.create_task(self._run(call))
        self._running.add(call.task)
        call.task.add_done_callback(self._running.discard)

    def leave(self, call: Call) -> None:
        """The caller has gone: no new attempt; the running one is read on for its count."""
        if call.ended.is_set() or call.left.is_set():
            return
        call.left.set()
        if call.task is not None:
            asyncio.get_running_loop().call_later(READ_ON_SECONDS, call.task.cancel)

    async def _run(self, call: Call) -> None:
        started = time.perf_counter()
        try:
            if await self._begin(call, started):
                await self._answer(call, started)
        except LlmError as error:
            call.error = error
        except asyncio.CancelledError:
            call.error = call.error or _ended()
        except Exception as error:
            logger.exception("A model call failed for a reason on our side.")
            call.error = error
        finally:
            _time(call, started)
            METRICS.count(call)
            if call.keys is not None:
                self._flights.end((call.scope.tenant_id, call.keys.key), call)
            call.end()

    async def _begin(self, call: Call, started: float) -> bool:
        """Resolve, then answer from what is kept, or commit the row (True: ask a model).

        Again where the catalogue changed in between.
        """
        if call.request.labels.feature == TICK_LOOP:
            METRICS.tick_loop_refused += 1
            raise TickLoopRefused(
                "A simulation tick never calls a model: compile words before the run. The call "
                "was refused and counted."
            )
        for _ in range(MOST_RESOLUTIONS):
            try:
                catalogue, overrides = await self._store.current(call.scope.tenant_id)
            except DatabaseUnavailable as error:
                raise unavailable() from error
            try:
                _plan(call, catalogue, overrides)
            except (LlmError, NoProvider):
                # What is refused here is checked by no admission, so ask whether it still holds.
                if (await self.catalogue(call.scope))[0].version != catalogue.version:
                    continue
                raise
            call.version = catalogue.version
            try:
                if await self._kept(call, started):
                    return False
                call_id = new_id()
                await self.ledger.admit(
                    call.scope.tenant_id, catalogue.version, _row(call, call_id)
                )
            except Stale:
                self._store.forget()
                continue
            call.report.call_id = call_id
            return True
        raise unavailable()

    async def _kept(self, call: Call, started: float) -> bool:
        """Answer from the cache, or with the answer of the same call that runs just now."""
        keys = call.keys
        if keys is None:
            return False
        call.report.cache = "MISS"
        flight = (call.scope.tenant_id, keys.key)
        if call.request.labels.cache == "refresh":
            return False
        with self._flights.looking(flight):
            looked_at = time.monotonic()
            call_id = new_id()
            row = {**_row(call, call_id), "key": keys.key, "request_hash": keys.request_hash}
            row["state"] = "replayed" if keys.by_caller else "cached"
            row["overhead_ms"] = round((time.perf_counter() - started) * 1000, 3)
            hit = await self.ledger.look_up(call.scope.tenant_id, call.version, row)
            if hit is None:
                return await self._follow(call, flight, looked_at, started)
        if hit["request_hash"] != keys.request_hash:
            raise InvalidValue(
                "This Idempotency-Key was used for another request. Use a new one.",
                param="Idempotency-Key",
            )
        call.report.call_id = call_id
        call.report.cache = "REPLAY" if keys.by_caller else "HIT"
        _serve(call, orjson.loads(hit["document"]), hit["served_model"])
        return True

    async def _follow(
        self, call: Call, flight: FlightKey, looked_at: float, started: float
    ) -> bool:
        """Wait for the same call's answer; where nobody asks for it, be the one who does."""
        while (leader := self._flights.leader(flight, since=looked_at)) not in (None, call):
            assert leader is not None  # noqa: S101 - narrows
            await leader.ended.wait()
            if not leader.left.is_set():
                await self._share(call, leader, started)
                return True
            looked_at = time.monotonic()
        self._flights.lead(flight, call)
        return False

    async def _share(self, call: Call, leader: Call, started: float) -> None:
        """End as the same call ended that another caller had begun; at no cost."""
        if leader.keys != call.keys:
            raise InvalidValue(
                "This Idempotency-Key is being used for another request. Use a new one.",
                param="Idempotency-Key",
            )
        call.report.cache = "COALESCED"
        call.report.call_id = new_id()
        _time(call, started)
        error = leader.error if isinstance(leader.error, LlmError) else None
        row = {
            **_row(call, call.report.call_id),
            "state": "failed" if leader.document is None else "coalesced",
            "served_model": leader.report.served_model,
            "finish_reason": leader.report.finish_reason,
            "error_code": None if error is None else error.code,
            "cost_source": "not_charged" if leader.document is None else "cache",
            "total_ms": round(call.report.total_ms),
            "overhead_ms": round(call.report.overhead_ms, 3),
        }
        await self.ledger.log(call.scope.tenant_id, row)
        if leader.document is None or leader.report.served_model is None:
            call.error = leader.error
            return
        _serve(call, copy.deepcopy(leader.document), leader.report.served_model)

    async def _answer(self, call: Call, started: float) -> None:
        """Attempts, then settlement, whatever ends them."""
        plan = call.plan
        assert plan is not None  # noqa: S101 - admitted
        context = AttemptContext(
            provider_of=self._providers.provider,
            breakers=self._breakers,
            left=call.left,
            on_event=call.take_event if _is_live(call) else None,
        )
        answer: ProviderAnswer | None = None
        state = "failed"
        # What a live answer's headers tell; the whole of it is known at the end.
        _time(call, started)
        try:
            answer = await attempts.run(plan, context, call.history)
            state = "cancelled" if call.left.is_set() else "succeeded"
        except CallFailed as failed:
            call.error = failed.error
            state = "cancelled" if call.left.is_set() else "failed"
        except asyncio.CancelledError:
            call.error = _ended()
            state = "cancelled"
        except Exception:
            await self._settle(call, "failed", None, started, error_code="internal_error")
            raise
        await self._settle(call, state, answer, started)
        if answer is not None:
            _deliver(call, answer.document)

    async def _settle(
        self,
        call: Call,
        state: str,
        answer: ProviderAnswer | None,
        started: float,
        *,
        error_code: str | None = None,
    ) -> None:
        report, history = call.report, call.history
        cost, usage = cost_of(call, answer)
        report.cost, report.usage = cost, usage
        report.attempts = len(history.attempts)
        if answer is not None:
            assert history.model is not None  # noqa: S101 - somebody answered
            report.served_model = history.model.name
            report.provider = history.model.provider.name
            report.finish_reason = answer.finish_reason
        _time(call, started)
        if error_code is None and isinstance(call.error, LlmError):
            error_code = call.error.code
        document = _settlement(call, state, answer, error_code)
        await asyncio.shield(self.ledger.settle(call.scope.tenant_id, document))


def _plan(call: Call, catalogue: Catalogue, overrides: Overrides) -> None:
    """Resolve the call and work out what it may cost."""
    request = call.request
    target = resolve(catalogue, overrides, request.model, request.labels.project_id)
    call.target = target
    call.report.profile = None if target.profile is None else target.profile.key
    call.plan = make_plan(target, request)
    call.keys = cache_keys(call.scope.tenant_id, call.plan, request, target.profile)


def _row(call: Call, call_id: object) -> Document:
    """The call as admission takes it, with the subjects that budgets are matched by."""
    scope, request, plan, target = call.scope, call.request, call.plan, call.target
    assert plan is not None and target is not None  # noqa: S101, PT018 - resolved
    labels, profile = request.labels, target.profile
    api_key_id = None if scope.credential is None else scope.credential.api_key_id
    subjects = {
        "tenant": "",
        "project": labels.project_id,
        "run": labels.run_id,
        "feature": labels.feature,
        "user": scope.actor.id if scope.actor.kind == "user" else None,
        "api_key": api_key_id,
        "profile": None if profile is None else profile.key,
    }
    return {
        "id": call_id,
        "subjects": [f"{kind}:{value}" for kind, value in subjects.items() if value is not None],
        "endpoint": request.endpoint,
        "origin": labels.origin,
        "actor_kind": scope.actor.kind,
        "actor_id": scope.actor.id,
        "api_key_id": api_key_id,
        "request_id": labels.request_id or scope.request_id,
        "project_id": labels.project_id,
        "run_id": labels.run_id,
        "feature": labels.feature,
        "profile_key": None if profile is None else profile.key,
        "profile_version": None if profile is None else profile.version,
        "requested_model": request.model,
        "stream": request.stream,
        "hold_usd": plan.hold_usd,
        "hold_tokens": plan.hold_tokens,
    }


def _settlement(
    call: Call, state: str, answer: ProviderAnswer | None, error_code: str | None
) -> Document:
    report, history = call.report, call.history
    cost, usage = report.cost, report.usage
    assert cost is not None  # noqa: S101 - set by _settle
    price = None if history.model is None else price_document(price_of(history.model))
    return {
        "id": report.call_id,
        "state": state,
        "provider": report.provider,
        "served_model": report.served_model if answer is not None else None,
        "provider_call_id": None if answer is None else answer.call_id,
        "finish_reason": report.finish_reason,
        "error_code": error_code,
        "input_tokens": None if usage is None else usage.input_tokens,
        "cached_input_tokens": None if usage is None else usage.cached_input_tokens,
        "cache_write_tokens": None if usage is None else usage.cache_write_tokens,
        "output_tokens": None if usage is None else usage.output_tokens,
        "reasoning_tokens": None if usage is None else usage.reasoning_tokens,
        "cost_usd": cost.usd,
        "cost_source": cost.source,
        "price": price,
        "reported_cost_usd": cost.reported_usd,
        "computed_cost_usd": cost.computed_usd,
        "attempt_count": len(history.attempts),
        "total_ms": round(report.total_ms),
        "overhead_ms": round(report.overhead_ms, 3),
        "store": _stored(call, state, answer),
        "attempts": [
            {
                "number": attempt.number,
                "provider": attempt.provider,
                "model": attempt.model,
                "outcome": attempt.outcome,
                "http_status": attempt.http_status,
                "error_code": attempt.error_code,
                "duration_ms": attempt.duration_ms,
            }
            for attempt in history.attempts
        ],
    }


def _time(call: Call, started: float) -> None:
    total = time.perf_counter() - started
    call.report.total_ms = total * 1000
    call.report.overhead_ms = max(total - call.history.upstream_seconds, 0.0) * 1000


def _serve(call: Call, document: Document, served_model: str) -> None:
    """A kept answer, as the caller wants it delivered."""
    call.report.served_model = served_model
    call.report.cost = Cost(usd=ZERO, source="cache")
    _deliver(call, document)


def _is_live(call: Call) -> bool:
    """Whether the caller sees the answer as it comes: one that must fit a schema is seen whole."""
    assert call.plan is not None  # noqa: S101 - admitted
    return call.request.stream and call.plan.output_schema is None


def _deliver(call: Call, document: Document) -> None:
    """A whole answer, for a live caller as events unless it has had them already."""
    if call.request.stream and not call.opened.is_set():
        for event in openai_format.as_events(document):
            call.take_event(event)
    call.document = document


def _stored(call: Call, state: str, answer: ProviderAnswer | None) -> list[Document]:
    """The answer as the cache keeps it: under the model that gave it."""
    keys, plan, target, model = call.keys, call.plan, call.target, call.history.model
    if state != "succeeded" or answer is None or keys is None:
        return []
    assert plan is not None and target is not None and model is not None  # noqa: S101, PT018
    profile = target.profile
    key = keys.key
    if not keys.by_caller:
        key = answer_key(call.scope.tenant_id, plan, call.request, profile, model)
    kept = entry(
        keys,
        key=key,
        document=answer.document,
        finish_reason=answer.finish_reason,
        profile_key=None if profile is None else profile.key,
        served_model=model.name,
        version=call.version,
    )
    return [] if kept is None else [kept]


def _ended() -> LlmError:
    return LlmError("The call was ended before the model had answered. Try again.")
