"""HTTP doors of the router's administration: the platform's, and each tenant's own slice."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse

from agentverse.llm import (
    administering,
    alerting,
    budgets,
    call_reports,
    completing,
    listing,
    repository,
)
from agentverse.llm.call_reports import Sessions
from agentverse.llm.models import ProfileOverrideRow
from agentverse.llm.permissions import (
    CallLlm,
    ExportLlm,
    PlatformAdmin,
    ReadAll,
    ReadLlm,
    WriteCatalogue,
    WriteLlm,
)
from agentverse.llm.schemas import (
    Alert,
    AlertHook,
    AlertHookCreate,
    AlertHookCreated,
    AvailableModels,
    Budget,
    BudgetCreate,
    BudgetUpdate,
    CacheInvalidation,
    CacheStatistics,
    Call,
    CallDetail,
    CallFilter,
    CallState,
    CostReport,
    Costs,
    Explanation,
    ExportFormat,
    GroupBy,
    Invalidated,
    Model,
    ModelCreate,
    ModelUpdate,
    OwnBudgetCreate,
    OwnCacheInvalidation,
    OwnProfileCreate,
    PriceVersion,
    Profile,
    ProfileCreate,
    ProfileKey,
    ProfileKeys,
    ProfileTrial,
    ProfileUpdate,
    Provider,
    ProviderCreate,
    ProviderUpdate,
    TrialAnswer,
)
from agentverse.platform.db.administration import platform_session
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import FieldError, InvalidInput
from agentverse.platform.http.context_router import ContextRouter, audits, stores_nothing
from agentverse.platform.pagination import (
    DEFAULT_LIMIT,
    MAXIMUM_LIMIT,
    Page,
    PageWanted,
    page_wanted,
)
from agentverse.platform.scope import PlatformScope, Scope

admin_router = ContextRouter("llm_admin", prefix="/api/v1/admin/llm")
router = ContextRouter("llm", prefix="/api/v1/llm")

MEDIA_TYPES: dict[ExportFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "json": "application/json",
}


def _filter(
    project_id: UUID | None = None,
    run_id: UUID | None = None,
    feature: str | None = None,
    profile_key: str | None = None,
    state: CallState | None = None,
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
) -> CallFilter:
    for name, moment in (("from", since), ("to", until)):
        if moment is not None and moment.tzinfo is None:
            message = "must say its offset from UTC, as in 2026-01-31T12:00:00Z"
            raise InvalidInput(
                f"`{name}` {message}.", errors=[FieldError(field=name, message=message)]
            )
    return CallFilter(
        project_id=project_id,
        run_id=run_id,
        feature=feature,
        profile_key=profile_key,
        state=state,
        since=since,
        until=until,
    )


OwnFilter = Annotated[CallFilter, Depends(_filter)]


def _filter_all(own: OwnFilter, tenant_id: UUID | None = None) -> CallFilter:
    return own.model_copy(update={"tenant_id": tenant_id})


AnyFilter = Annotated[CallFilter, Depends(_filter_all)]


def _page(cursor: str | None = None, limit: int = MAXIMUM_LIMIT) -> PageWanted:
    return page_wanted(cursor, limit)


# Of lists that admins make by hand: whoever says nothing gets as much as a page can hold.
Paged = Annotated[PageWanted, Depends(_page)]


@contextmanager
def _inside(admin: PlatformScope, tenant_id: UUID) -> Generator[TenantSession]:
    """The platform admin at work in one tenant: its rows and its audit. Raises InvalidInput."""
    scope = Scope(
        tenant_id=tenant_id,
        actor=admin.actor,
        credential=admin.credential,
        request_id=admin.request_id,
    )
    with tenant_session(scope) as db:
        if not repository.tenant_exists(db):
            message = "There is no such tenant."
            raise InvalidInput(message, errors=[FieldError(field="tenant_id", message=message)])
        yield db


# --- the platform's -----------------------------------------------------------------------------


@admin_router.post("/providers", status_code=201)
@audits("llm_provider.create")
def create_provider(body: ProviderCreate, db: WriteCatalogue) -> Provider:
    return administering.create_provider(db, body)


@admin_router.get("/providers")
def list_providers(db: ReadAll, wanted: Paged) -> Page[Provider]:
    return administering.list_providers(db, wanted)


@admin_router.patch("/providers/{provider_id}")
@audits("llm_provider.update")
def update_provider(provider_id: UUID, body: ProviderUpdate, db: WriteCatalogue) -> Provider:
    return administering.update_provider(db, provider_id, body)


@admin_router.post("/models", status_code=201)
@audits("llm_model.create")
def create_model(body: ModelCreate, db: WriteCatalogue) -> Model:
    return administering.create_model(db, body)


@admin_router.get("/models")
def list_models(db: ReadAll, wanted: Paged) -> Page[Model]:
    return administering.list_models(db, wanted)


@admin_router.patch("/models/{model_id}")
@audits("llm_model.update")
def update_model(model_id: UUID, body: ModelUpdate, db: WriteCatalogue) -> Model:
    return administering.update_model(db, model_id, body)


@admin_router.get("/available-models")
def list_available_models(_admin: PlatformAdmin) -> AvailableModels:
    """What calls may name now, beside the tables also the settings' own and this machine's."""
    return listing.available_models(None)


@admin_router.get("/profile-keys")
def list_profile_keys(_admin: PlatformAdmin) -> ProfileKeys:
    return listing.profile_keys(None)


@admin_router.get("/prices")
def list_prices(db: ReadAll, wanted: Paged, model_id: UUID | None = None) -> Page[PriceVersion]:
    """Every version of every model's price: what past calls were paid by is never changed."""
    return administering.list_prices(db, wanted, model_id)


@admin_router.post("/profiles", status_code=201)
@audits("llm_profile.create")
def create_profile(body: ProfileCreate, admin: PlatformAdmin) -> Profile:
    """Without `tenant_id` for everybody, else that tenant's own form of the profile."""
    if body.tenant_id is None:
        if body.project_id is not None:
            message = "A project's profile needs its tenant_id."
            raise InvalidInput(message, errors=[FieldError(field="tenant_id", message=message)])
        with platform_session(admin) as db:
            return administering.create_profile(db, body)
    own = OwnProfileCreate.model_validate(body.model_dump(exclude={"tenant_id"}))
    with _inside(admin, body.tenant_id) as inside:
        return administering.create_override(inside, own)


@admin_router.get("/profiles")
def list_profiles(db: ReadAll, wanted: Paged) -> Page[Profile]:
    return administering.list_profiles(db, wanted)


@admin_router.get("/profiles/{profile_id}")
def get_profile(profile_id: UUID, db: ReadAll) -> Profile:
    return administering.profile_view(administering.get_profile(db, profile_id))


@admin_router.patch("/profiles/{profile_id}")
@audits("llm_profile.update")
def update_profile(profile_id: UUID, body: ProfileUpdate, admin: PlatformAdmin) -> Profile:
    with platform_session(admin) as db:
        profile = administering.get_profile(db, profile_id)
        if not isinstance(profile, ProfileOverrideRow):
            return administering.update_profile(db, profile, body)
        tenant_id = profile.tenant_id
    with _inside(admin, tenant_id) as inside:
        return administering.update_override(inside, profile_id, body)


@admin_router.post("/budgets", status_code=201)
@audits("llm_budget.create")
def create_budget(body: BudgetCreate, admin: PlatformAdmin) -> Budget:
    own = OwnBudgetCreate.model_validate(body.model_dump(exclude={"tenant_id"}))
    with _inside(admin, body.tenant_id) as db:
        return budgets.create_budget(db, own)


@admin_router.get("/budgets")
def list_budgets(db: ReadAll, wanted: Paged, tenant_id: UUID | None = None) -> Page[Budget]:
    return budgets.list_budgets(db, wanted, tenant_id)


@admin_router.get("/budgets/{budget_id}")
def get_budget(budget_id: UUID, db: ReadAll) -> Budget:
    return budgets.get_budget(db, budget_id)


@admin_router.patch("/budgets/{budget_id}")
@audits("llm_budget.update")
def update_budget(budget_id: UUID, body: BudgetUpdate, admin: PlatformAdmin) -> Budget:
    with platform_session(admin, read_only=True) as db:
        tenant_id = budgets.get_budget(db, budget_id).tenant_id
    with _inside(admin, tenant_id) as inside:
        return budgets.update_budget(inside, budget_id, body)


@admin_router.get("/alerts")
def list_alerts(db: ReadAll, wanted: Paged, tenant_id: UUID | None = None) -> Page[Alert]:
    """Which budgets have reached which thresholds, newest first."""
    return alerting.list_alerts(db, wanted, tenant_id)


@admin_router.get("/calls")
def list_calls(
    db: ReadAll, wanted: AnyFilter, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Call]:
    return call_reports.list_calls(db, wanted, cursor=cursor, limit=limit)


@admin_router.get("/calls/export")
def export_calls(
    admin: PlatformAdmin,
    wanted: AnyFilter,
    form: Annotated[ExportFormat, Query(alias="format")] = "csv",
) -> StreamingResponse:
    return _export(lambda: platform_session(admin, read_only=True), wanted, form)


@admin_router.get("/calls/{call_id}")
def get_call(call_id: UUID, db: ReadAll) -> CallDetail:
    return call_reports.get_call(db, call_id)


@admin_router.post("/cache/invalidate")
@audits("llm_cache.invalidate")
def invalidate_cache(body: CacheInvalidation, db: WriteCatalogue) -> Invalidated:
    return administering.invalidate_cache(db, body)


@admin_router.get("/cache")
def describe_cache(
    db: ReadAll, tenant_id: UUID | None = None, profile_key: str | None = None
) -> CacheStatistics:
    statistics = repository.cache_statistics(db, tenant_id=tenant_id, profile_key=profile_key)
    return CacheStatistics(**statistics)


@admin_router.get("/costs/summary")
def summarise_costs(db: ReadAll, wanted: AnyFilter) -> Costs:
    return call_reports.cost_summary(db, wanted)


@admin_router.get("/costs/report")
def report_costs(db: ReadAll, wanted: AnyFilter, group_by: GroupBy = "day") -> CostReport:
    return call_reports.cost_report(db, wanted, group_by)


# --- a tenant's own -----------------------------------------------------------------------------


@router.get("/calls")
def list_own_calls(
    db: ReadLlm, wanted: OwnFilter, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Call]:
    return call_reports.list_calls(db, wanted, cursor=cursor, limit=limit)


@router.get("/calls/export")
def export_own_calls(
    scope: ExportLlm,
    wanted: OwnFilter,
    form: Annotated[ExportFormat, Query(alias="format")] = "csv",
) -> StreamingResponse:
    return _export(lambda: tenant_session(scope, read_only=True), wanted, form)


@router.get("/calls/{call_id}")
def get_own_call(call_id: UUID, db: ReadLlm) -> CallDetail:
    return call_reports.get_call(db, call_id)


@router.post("/cache/invalidate")
@audits("llm_cache.invalidate")
def invalidate_own_cache(body: OwnCacheInvalidation, db: WriteLlm) -> Invalidated:
    return administering.invalidate_own_cache(db, body)


@router.get("/cache")
def describe_own_cache(db: ReadLlm, profile_key: str | None = None) -> CacheStatistics:
    return CacheStatistics(
        **repository.cache_statistics(db, tenant_id=db.scope.tenant_id, profile_key=profile_key)
    )


@router.get("/costs/summary")
def summarise_own_costs(db: ReadLlm, wanted: OwnFilter) -> Costs:
    return call_reports.cost_summary(db, wanted)


@router.get("/costs/report")
def report_own_costs(db: ReadLlm, wanted: OwnFilter, group_by: GroupBy = "day") -> CostReport:
    return call_reports.cost_report(db, wanted, group_by)


@router.get("/budgets")
def list_own_budgets(db: ReadLlm, wanted: Paged) -> Page[Budget]:
    return budgets.list_budgets(db, wanted)


@router.post("/budgets", status_code=201)
@audits("llm_budget.create")
def create_own_budget(body: OwnBudgetCreate, db: WriteLlm) -> Budget:
    """Beside those of the platform, which hold all the same: the narrower one decides."""
    return budgets.create_budget(db, body)


@router.get("/budgets/{budget_id}")
def get_own_budget(budget_id: UUID, db: ReadLlm) -> Budget:
    return budgets.get_budget(db, budget_id)


@router.get("/alerts")
def list_own_alerts(db: ReadLlm, wanted: Paged) -> Page[Alert]:
    """Which budgets have reached which thresholds, newest first."""
    return alerting.list_alerts(db, wanted)


@router.get("/alert-hooks")
def list_alert_hooks(db: ReadLlm, wanted: Paged) -> Page[AlertHook]:
    return alerting.list_hooks(db, wanted)


@router.post("/alert-hooks", status_code=201)
@audits("llm_alert_hook.create")
def create_alert_hook(body: AlertHookCreate, db: WriteLlm) -> AlertHookCreated:
    """An address that is told of every alert, signed with the secret that is shown once."""
    return alerting.create_hook(db, body)


@router.delete("/alert-hooks/{hook_id}", status_code=204)
@audits("llm_alert_hook.delete")
def delete_alert_hook(hook_id: UUID, db: WriteLlm) -> None:
    alerting.delete_hook(db, hook_id)


@router.get("/available-models")
def list_own_available_models(scope: ExportLlm) -> AvailableModels:
    """What calls may name now, beside the tables also the settings' own and this machine's."""
    return listing.available_models(scope)


@router.get("/profile-keys")
def list_own_profile_keys(scope: ExportLlm) -> ProfileKeys:
    """What calls may name as `profile:KEY`, and which of them are the tenant's own form."""
    return listing.profile_keys(scope)


@router.get("/models")
def list_own_models(db: ReadLlm, wanted: Paged) -> Page[Model]:
    return administering.list_models(db, wanted)


@router.get("/profiles")
def list_own_profiles(db: ReadLlm, wanted: Paged) -> Page[Profile]:
    """The tenant's own forms of profiles; `/v1/models` names all that may be asked."""
    return administering.list_overrides(db, wanted)


@router.post("/profiles", status_code=201)
@audits("llm_profile.create")
def create_own_profile(body: OwnProfileCreate, db: WriteLlm) -> Profile:
    return administering.create_override(db, body)


@router.post("/profiles/{profile_key}/explain")
@stores_nothing
def explain_own_profile(profile_key: ProfileKey, body: ProfileTrial, scope: CallLlm) -> Explanation:
    """What asking it would do; nothing is spent."""
    return completing.explain(scope, profile=profile_key, trial=body)


@router.post("/profiles/{profile_key}/test")
@audits("llm_profile.test")
def test_own_profile(profile_key: ProfileKey, body: ProfileTrial, scope: CallLlm) -> TrialAnswer:
    """Ask it for real: the answer, its attempts, cost and latency. Budgets hold as for any call."""
    return completing.try_profile(scope, profile=profile_key, trial=body)


@router.patch("/profiles/{profile_id}")
@audits("llm_profile.update")
def update_own_profile(profile_id: UUID, body: ProfileUpdate, db: WriteLlm) -> Profile:
    return administering.update_override(db, profile_id, body)


def _export(open_session: Sessions, wanted: CallFilter, form: ExportFormat) -> StreamingResponse:
    return StreamingResponse(
        call_reports.export_calls(open_session, wanted, form),
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="llm-calls.{form}"'},
    )
