"""What budgets tell: alerts as a list, and signed messages to a tenant's own addresses."""

from uuid import UUID

import orjson

from agentverse import audit
from agentverse.llm import repository
from agentverse.llm.errors import NoSuchAlertHook
from agentverse.llm.models import AlertHookRow, AlertRow
from agentverse.llm.repository import AnySession
from agentverse.llm.schemas import Alert, AlertHook, AlertHookCreate, AlertHookCreated
from agentverse.platform.clock import now
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.envelope_encryption import KeyRing
from agentverse.platform.ids import new_id
from agentverse.platform.outgoing import webhooks
from agentverse.platform.outgoing.addresses import check_url
from agentverse.platform.outgoing.webhooks import WebhookFailed
from agentverse.platform.pagination import Page, PageWanted, first_page
from agentverse.platform.scope import Scope
from agentverse.platform.settings import get_settings

EVENT = "llm.budget.threshold_reached"


def list_alerts(db: AnySession, wanted: PageWanted, tenant_id: UUID | None = None) -> Page[Alert]:
    """Newest first."""
    rows = repository.list_alerts(db, tenant_id, before=wanted.after, limit=wanted.size + 1)
    items, cursor = first_page([_alert(row) for row in rows], wanted.size)
    return Page[Alert](items=items, next_cursor=cursor)


def create_hook(db: TenantSession, body: AlertHookCreate) -> AlertHookCreated:
    """An address that is told of every alert from now on. Raises InvalidInput."""
    check_url(body.url, allow_private_network=_private_allowed(), field="url")
    secret, hook_id = webhooks.new_secret(), new_id()
    sealed = _ring().seal(secret, context=_context(hook_id))
    row = AlertHookRow(id=hook_id, url=body.url, sealed_secret=sealed)
    db.add(row)
    db.flush()
    audit.record(
        db,
        action="llm_alert_hook.create",
        resource_type="llm_alert_hook",
        resource_id=row.id,
        after={"url": row.url},
    )
    return AlertHookCreated(id=row.id, created_at=row.created_at, url=row.url, secret=secret)


def list_hooks(db: TenantSession, wanted: PageWanted) -> Page[AlertHook]:
    rows = repository.list_alert_hooks(db, after=wanted.after, limit=wanted.size + 1)
    hooks = [AlertHook(id=row.id, created_at=row.created_at, url=row.url) for row in rows]
    items, cursor = first_page(hooks, wanted.size)
    return Page[AlertHook](items=items, next_cursor=cursor)


def delete_hook(db: TenantSession, hook_id: UUID) -> None:
    """What has not been delivered is not delivered any more. Raises NoSuchAlertHook."""
    row = repository.find_alert_hook(db, hook_id)
    if row is None:
        raise NoSuchAlertHook("There is no such address. GET /alert-hooks lists them.")
    audit.record(
        db,
        action="llm_alert_hook.delete",
        resource_type="llm_alert_hook",
        resource_id=row.id,
        before={"url": row.url},
    )
    db.delete(row)


def deliver(scope: Scope, delivery_id: UUID) -> None:
    """Send one alert to one address; no transaction is open meanwhile.

    Raises WebhookFailed, after which it is tried again.
    """
    with tenant_session(scope, read_only=True) as db:
        record = repository.find_delivery(db, delivery_id)
    if record is None or record[0].delivered_at is not None:
        return
    delivery, alert, hook = record
    try:
        webhooks.send(
            hook.url,
            _body(alert),
            secret=_ring().open(bytes(hook.sealed_secret), context=_context(hook.id)),
            message_id=str(delivery.id),
            moment=now(),
            allow_private_network=_private_allowed(),
        )
    except WebhookFailed as error:
        _record(scope, delivery_id, error.detail)
        raise
    _record(scope, delivery_id, None)


def _record(scope: Scope, delivery_id: UUID, error: str | None) -> None:
    with tenant_session(scope) as db:
        record = repository.find_delivery(db, delivery_id)
        if record is None:
            return
        row = record[0]
        row.attempts += 1
        row.last_error = error
        row.delivered_at = now() if error is None else None


def _body(alert: AlertRow) -> bytes:
    data = _alert(alert).model_dump(mode="json")
    return orjson.dumps({"type": EVENT, "timestamp": data["created_at"], "data": data})


def _alert(row: AlertRow) -> Alert:
    return Alert.model_validate({name: getattr(row, name) for name in Alert.model_fields})


def _ring() -> KeyRing:
    return KeyRing(get_settings().sealing_keys_file)


def _context(hook_id: UUID) -> str:
    return f"llm_alert_hooks/{hook_id}/secret"


def _private_allowed() -> bool:
    return get_settings().webhooks_to_private_networks
