"""Requests are counted by the generic cell rate algorithm, in the database all processes share.

A process takes a second's worth of requests at a time and hands them out from memory, so that
no row is written for each request; it can let in at most that many too many.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final
from uuid import UUID

from agentverse import audit
from agentverse.identity import repository
from agentverse.platform.db.session import tenant_session
from agentverse.platform.http.rate_limits import Allowance, refused
from agentverse.platform.scope import Scope, system_scope
from agentverse.platform.settings import get_settings

WINDOW_SECONDS: Final = 60
MOST_REMEMBERED: Final = 10_000
# A limit of an endpoint class is per user, like the general one.
ASK: Final = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """quota: requests in WINDOW_SECONDS, all of them at once if need be; 0: no limit."""

    policy: str
    tenant_id: UUID
    subject: str
    quota: int

    @property
    def lease(self) -> int:
        """How many requests a process takes at a time."""
        return max(1, self.quota // WINDOW_SECONDS)

    @property
    def seconds_each(self) -> float:
        return WINDOW_SECONDS / self.quota


@dataclass(slots=True, kw_only=True)
class _Lease:
    """left: requests to hand out; backlog: seconds until the whole quota is back, as of `since`."""

    left: int
    backlog: float
    since: float

    def backlog_now(self) -> float:
        return max(0.0, self.backlog - (time.monotonic() - self.since))


_lock = Lock()
_leases: OrderedDict[tuple[UUID, str], _Lease] = OrderedDict()


def limit_request(
    scope: Scope | None, *, address: str, rate_class: str | None
) -> Sequence[Allowance]:
    """Implements platform's RateLimiter."""
    limits = _of_address(address) if scope is None else _of_scope(scope, rate_class)
    return [_count(limit) for limit in limits if limit.quota]


def limit_model_call(scope: Scope) -> None:
    """Count one request at the model doors, where the installation sets a limit.

    Raises RateLimited.
    """
    for limit in _of_model_calls(scope):
        allowance = _count(limit)
        if allowance.retry_after_seconds:
            raise refused(allowance)


def forget() -> None:
    """Take nothing from memory any more, as a process does that has just begun."""
    with _lock:
        _leases.clear()


def _of_address(address: str) -> list[Limit]:
    quota = get_settings().address_requests_per_minute
    subject = f"address:{address}"
    return [Limit(policy="address", tenant_id=audit.INSTALLATION, subject=subject, quota=quota)]


def _sender(scope: Scope) -> tuple[str, UUID | None]:
    """Whose requests are counted together: an API key's, else a user's."""
    credential = scope.credential
    if credential is not None and credential.kind == "api_key":
        return "key", credential.id
    return "user", scope.actor.id


def _of_scope(scope: Scope, rate_class: str | None) -> list[Limit]:
    settings = get_settings()
    policy, who = _sender(scope)
    wanted = [
        (policy, f"{policy}:{who}", settings.requests_per_minute),
        ("tenant", "tenant", settings.tenant_requests_per_minute),
    ]
    if rate_class == ASK:
        wanted.append((ASK, f"{ASK}:{who}", settings.asks_per_minute))
    return [
        Limit(policy=name, tenant_id=scope.tenant_id, subject=subject, quota=quota)
        for name, subject, quota in wanted
    ]


def _of_model_calls(scope: Scope) -> list[Limit]:
    settings = get_settings()
    policy, who = _sender(scope)
    wanted = [
        (policy, f"model:{policy}:{who}", settings.llm_requests_per_minute),
        ("tenant", "model:tenant", settings.tenant_llm_requests_per_minute),
    ]
    return [
        Limit(policy=name, tenant_id=scope.tenant_id, subject=subject, quota=quota)
        for name, subject, quota in wanted
        if quota
    ]


def _count(limit: Limit) -> Allowance:
    with _lock:
        lease = _leases.get((limit.tenant_id, limit.subject))
        if lease is not None and (lease.left or _is_spent(limit, lease)):
            return _hand_out(limit, lease)
    lease = _take(limit)
    with _lock:
        _remember(limit, lease)
        return _hand_out(limit, lease)


def _take(limit: Limit) -> _Lease:
    with tenant_session(system_scope(limit.tenant_id)) as db:
        granted, backlog = repository.take_requests(
            db,
            limit.subject,
            quota=limit.quota,
            window_seconds=WINDOW_SECONDS,
            wanted=limit.lease,
        )
    return _Lease(left=granted, backlog=backlog, since=time.monotonic())


def _hand_out(limit: Limit, lease: _Lease) -> Allowance:
    """One request of the lease, or none: a refusal is remembered until it would be let in."""
    let_in = lease.left > 0
    lease.left -= let_in
    backlog = lease.backlog_now()
    unleased = math.floor((WINDOW_SECONDS - backlog) / limit.seconds_each + 1e-6)
    wait = backlog + limit.seconds_each - WINDOW_SECONDS
    return Allowance(
        policy=limit.policy,
        quota=limit.quota,
        window_seconds=WINDOW_SECONDS,
        remaining=min(limit.quota, max(0, unleased) + lease.left) if let_in else 0,
        reset_seconds=math.ceil(max(0.0, backlog - lease.left * limit.seconds_each)),
        retry_after_seconds=0 if let_in else max(1, math.ceil(wait)),
    )


def _is_spent(limit: Limit, lease: _Lease) -> bool:
    """Whether asking the database again is no use yet."""
    return lease.backlog_now() + limit.seconds_each > WINDOW_SECONDS


def _remember(limit: Limit, lease: _Lease) -> None:
    name = (limit.tenant_id, limit.subject)
    current = _leases.get(name)
    if current is not None:
        # Two requests found the lease used up at once and each took one.
        lease.left += current.left
    _leases[name] = lease
    _leases.move_to_end(name)
    while len(_leases) > MOST_REMEMBERED:
        _leases.popitem(last=False)
