"""Budgets of a tenant: what may be spent, by whom or for what, in which window."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agentverse import audit
from agentverse.llm import repository
from agentverse.llm.budget_windows import window_end
from agentverse.llm.errors import NoSuchBudget
from agentverse.llm.models import BudgetRow, BudgetWindowRow
from agentverse.llm.pricing import ZERO
from agentverse.llm.repository import AnySession
from agentverse.llm.schemas import Budget, BudgetUpdate, OwnBudgetCreate
from agentverse.platform.db.session import TenantSession
from agentverse.platform.errors import FieldError, InvalidInput
from agentverse.platform.ids import new_id
from agentverse.platform.pagination import Page, PageWanted, first_page

BY_ID = frozenset({"project", "run", "user", "api_key"})


def create_budget(db: TenantSession, body: OwnBudgetCreate) -> Budget:
    """Raises InvalidInput by field. Holds for the next call."""
    scope_id = _scope_id(body)
    try:
        ZoneInfo(body.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise _wrong("time_zone", "Name a time zone as in Europe/Berlin.") from None
    row = BudgetRow(
        id=new_id(),
        scope=body.scope,
        scope_id=scope_id,
        subject=f"{body.scope}:{scope_id or ''}",
        period=body.window,
        time_zone=body.time_zone,
        limit_usd=body.limit_usd,
        limit_tokens=body.limit_tokens,
        limit_calls=body.limit_calls,
    )
    db.add(row)
    db.flush()
    made = budget_view(db, row)
    _record(db, "create", made, None)
    return made


def update_budget(db: TenantSession, budget_id: UUID, body: BudgetUpdate) -> Budget:
    """Raises NoSuchBudget, or InvalidInput for a field that may not be empty or half a raise."""
    row = repository.get_budget(db, budget_id, for_update=True)
    if row is None:
        raise no_such_budget()
    before = budget_view(db, row)
    for name, value in body.model_dump(exclude_unset=True).items():
        if value is None and name in ("limit_usd", "active"):
            raise _wrong(name, f"`{name}` cannot be empty.")
        setattr(row, name, value)
    if (row.raised_limit_usd is None) != (row.raised_until is None):
        raise _wrong("raised_until", "A raise needs both its limit and its end.")
    db.flush()
    made = budget_view(db, row)
    _record(db, "update", made, before)
    return made


def get_budget(db: AnySession, budget_id: UUID) -> Budget:
    """Raises NoSuchBudget."""
    row = repository.get_budget(db, budget_id)
    if row is None:
        raise no_such_budget()
    return budget_view(db, row)


def list_budgets(db: AnySession, wanted: PageWanted, tenant_id: UUID | None = None) -> Page[Budget]:
    rows = repository.list_budgets(db, tenant_id, after=wanted.after, limit=wanted.size + 1)
    items, cursor = first_page([budget_view(db, row) for row in rows], wanted.size)
    return Page[Budget](items=items, next_cursor=cursor)


def budget_view(db: AnySession, row: BudgetRow) -> Budget:
    """The budget with what its current window has spent and holds."""
    started, window = repository.current_window(db, row)
    ends = window_end(row.period, row.time_zone, started)
    return Budget.model_validate(
        {
            "id": row.id,
            "tenant_id": row.tenant_id,
            "scope": row.scope,
            "scope_id": row.scope_id,
            "window": row.period,
            "time_zone": row.time_zone,
            "limit_usd": row.limit_usd,
            "limit_tokens": row.limit_tokens,
            "limit_calls": row.limit_calls,
            "raised_limit_usd": row.raised_limit_usd,
            "raised_until": row.raised_until,
            "active": row.active,
            "window_start": started if row.period != "total" else row.created_at,
            "resets_at": ends,
            "created_at": row.created_at,
            **_sums(window),
        }
    )


def _sums(window: BudgetWindowRow | None) -> dict[str, Any]:
    if window is None:
        return {"spent_usd": ZERO, "reserved_usd": ZERO, "calls": 0}
    return {
        "spent_usd": window.spent_usd,
        "reserved_usd": window.reserved_usd,
        "calls": window.calls,
    }


def _scope_id(body: OwnBudgetCreate) -> str | None:
    if body.scope == "tenant":
        if body.scope_id is not None:
            raise _wrong("scope_id", "A tenant's budget has no scope_id.")
        return None
    if body.scope_id is None:
        raise _wrong("scope_id", f"Say which {body.scope} the budget is for.")
    if body.scope not in BY_ID:
        return body.scope_id
    try:
        return str(UUID(body.scope_id))
    except ValueError:
        raise _wrong("scope_id", f"A {body.scope} is named by its id (a UUID).") from None


def _record(db: TenantSession, verb: str, made: Budget, before: Budget | None) -> None:
    audit.record(
        db,
        action=f"llm_budget.{verb}",
        resource_type="llm_budget",
        resource_id=made.id,
        before=None if before is None else before.model_dump(mode="json"),
        after=made.model_dump(mode="json"),
    )


def no_such_budget() -> NoSuchBudget:
    return NoSuchBudget("There is no such budget. GET /budgets lists them.")


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors=[FieldError(field=field, message=message)])
