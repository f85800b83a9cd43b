"""Quotas of a tenant's work: reserved when it is queued, given back when it ends."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from agentverse.platform.clock import now
from agentverse.platform.db.session import TenantSession
from agentverse.platform.ids import least_id_of
from agentverse.platform.settings import get_settings
from agentverse.tasks import repository
from agentverse.tasks.errors import QuotaReached
from agentverse.tasks.schemas import Quota

QuotaName = Literal["unfinished_tasks", "tasks_per_day"]

REMEDIES: Final[dict[QuotaName, str]] = {
    "unfinished_tasks": "Wait until some of it has ended, or cancel some",
    "tasks_per_day": "Go on after midnight (UTC)",
}


def reserve(db: TenantSession) -> None:
    """Room for one more task, which nobody else takes before this transaction ends.

    Raises QuotaReached.
    """
    repository.lock_quotas(db)
    moment = now()
    for quota in described(db, moment):
        if quota.used >= quota.limit:
            raise _reached(quota, moment)


def described(db: TenantSession, moment: datetime) -> list[Quota]:
    """Each quota of the session's tenant, and how much of it is used."""
    limits = limits_of(db)
    used: dict[QuotaName, int] = {
        "unfinished_tasks": repository.count_unfinished(db),
        "tasks_per_day": repository.count_since(db, least_id_of(_midnight(moment))),
    }
    return [Quota(name=name, limit=limits[name], used=used[name]) for name in limits]


def limits_of(db: TenantSession) -> dict[QuotaName, int]:
    """Those that were set for the session's tenant, else the installation's."""
    settings = get_settings()
    default: dict[QuotaName, int] = {
        "unfinished_tasks": settings.unfinished_tasks,
        "tasks_per_day": settings.tasks_per_day,
    }
    overrides = repository.set_quotas(db)
    return {name: overrides.get(name, limit) for name, limit in default.items()}


def set_limits(db: TenantSession, wanted: Mapping[QuotaName, int | None]) -> None:
    """For the session's tenant, from the next task on; None: the installation's from now on."""
    for name, limit in wanted.items():
        repository.forget_quota(db, name)
        if limit is not None:
            repository.add_quota(db, name, limit)


def _reached(quota: Quota, moment: datetime) -> QuotaReached:
    waiting: dict[str, Any] = {}
    if quota.name == "tasks_per_day":
        rest = _midnight(moment) + timedelta(days=1) - moment
        waiting = {"retry_after_seconds": int(rest.total_seconds()) + 1}
    return QuotaReached(
        f"Your organization may have {quota.limit:,} ({quota.name}) and has {quota.used:,}. "
        f"{REMEDIES[quota.name]}, or ask whoever runs this server for more.",
        quota=quota.name,
        **waiting,
    )


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
