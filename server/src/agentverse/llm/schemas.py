"""Wire types of the router's administration. Money travels as plain decimal text in USD."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, PlainSerializer, SecretStr, model_validator

from agentverse.llm.plans import plain
from agentverse.platform.wire import RequestModel, WireModel

LARGEST_USD = Decimal(10**9)


def _money_only(value: Any) -> Any:
    """A float has been a number of JSON: take the digits that were written."""
    return str(value) if isinstance(value, float) else value


Money = Annotated[Decimal, PlainSerializer(plain, return_type=str, when_used="json")]
MoneyIn = Annotated[
    Decimal,
    BeforeValidator(_money_only),
    Field(ge=0, le=LARGEST_USD, max_digits=20, decimal_places=10),
]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,62}$")]
ModelName = Annotated[str, Field(min_length=3, max_length=300, pattern=r"^[^/\s]+/\S+$")]
ProfileKey = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
Alias = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\s:]+$")]
Seconds = Annotated[float, Field(gt=0, le=3600)]
# Further tries at an answer that does not fit the caller's JSON schema; null: it is passed on.
Repairs = Annotated[int, Field(ge=0, le=3)]
Label = Annotated[str, Field(min_length=1, max_length=64)]
BudgetScope = Literal["tenant", "project", "run", "feature", "user", "api_key", "profile"]
Window = Literal["total", "day", "week", "month"]
GroupBy = Literal["tenant", "project", "feature", "run", "profile", "model", "day", "user", "key"]
ExportFormat = Literal["csv", "jsonl", "json"]
CallState = Literal[
    "reserved",
    "succeeded",
    "failed",
    "cancelled",
    "abandoned",
    "cached",
    "coalesced",
    "replayed",
]


class ProviderCreate(RequestModel):
    name: Name
    base_url: Annotated[str, Field(max_length=500)]
    api_key: SecretStr | None = None
    allow_private_network: bool = False


class ProviderUpdate(RequestModel):
    base_url: Annotated[str, Field(max_length=500)] | None = None
    api_key: SecretStr | None = None
    allow_private_network: bool | None = None


class Provider(WireModel):
    id: UUID
    name: str
    base_url: str
    has_api_key: bool
    allow_private_network: bool
    created_at: datetime


class Tier(RequestModel):
    """Prices of a whole call whose input is longer than the threshold."""

    above_input_tokens: Annotated[int, Field(gt=0, lt=2**31)]
    input_usd_per_million: MoneyIn
    output_usd_per_million: MoneyIn
    cached_input_usd_per_million: MoneyIn | None = None


class ModelCreate(RequestModel):
    provider: Name
    model: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S+$")]
    context_window: Annotated[int, Field(gt=0, lt=2**31)]
    max_output_tokens: Annotated[int, Field(gt=0, lt=2**31)]
    input_usd_per_million: MoneyIn | None = None
    output_usd_per_million: MoneyIn | None = None
    cached_input_usd_per_million: MoneyIn | None = None
    cache_write_usd_per_million: MoneyIn | None = None
    reasoning_usd_per_million: MoneyIn | None = None
    tiers: list[Tier] | None = None
    free: bool = False

    @model_validator(mode="after")
    def _priced_or_free(self) -> "ModelCreate":
        priced = self.input_usd_per_million is not None and self.output_usd_per_million is not None
        if not priced and not self.free:
            raise ValueError(
                "give input_usd_per_million and output_usd_per_million, or set free to true: a "
                "model without a price cannot be budgeted"
            )
        return self


class ModelUpdate(RequestModel):
    """Prices that are given make a new version together with those that stand."""

    context_window: Annotated[int, Field(gt=0, lt=2**31)] | None = None
    max_output_tokens: Annotated[int, Field(gt=0, lt=2**31)] | None = None
    input_usd_per_million: MoneyIn | None = None
    output_usd_per_million: MoneyIn | None = None
    cached_input_usd_per_million: MoneyIn | None = None
    cache_write_usd_per_million: MoneyIn | None = None
    reasoning_usd_per_million: MoneyIn | None = None
    tiers: list[Tier] | None = None
    free: bool | None = None


class RateView(WireModel):
    unit: str
    usd_per_million: Money
    above_input_tokens: int


class Model(WireModel):
    id: UUID
    name: str
    provider: str
    model: str
    context_window: int
    max_output_tokens: int
    free: bool
    price_version: int
    rates: list[RateView]
    created_at: datetime


class AvailableModel(WireModel):
    """A model that may be asked now: from the tables, the settings or this machine.

    `rates` are empty where it is free; `priced` false: nobody has said what it costs, so it is not
    called.
    """

    name: str
    provider: str
    model: str
    context_window: int
    max_output_tokens: int
    free: bool
    priced: bool
    rates: list[RateView]


class AvailableModels(WireModel):
    items: list[AvailableModel]
    default_model: str | None = Field(
        description="The installation's own, for profiles that name none."
    )


class ProfileKeyView(WireModel):
    """A profile that may be asked by `profile:KEY`."""

    profile_key: str
    is_standard: bool = Field(description="Whether AgentVerse itself asks it.")
    is_overridden: bool = Field(description="Whether the tenant has a form of its own.")
    version: int
    model: str | None = Field(description="null: the installation's own.")
    fallback_models: list[str]
    temperature: float | None
    max_tokens: int | None
    system_prompt: str | None
    cache_enabled: bool
    cache_ttl_seconds: int | None
    max_cost_per_request_usd: Money | None


class ProfileKeys(WireModel):
    items: list[ProfileKeyView]


class PriceVersion(WireModel):
    """What a model cost from `created_at` until its next version; no rates: it is free."""

    id: UUID
    created_at: datetime
    model_id: UUID
    model: str
    version: int
    is_current: bool
    source: str
    rates: list[RateView]


class ProfileFields(RequestModel):
    fallback_models: Annotated[list[ModelName], Field(max_length=10)] = []  # noqa: RUF012
    aliases: Annotated[list[Alias], Field(max_length=20)] = []  # noqa: RUF012
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(gt=0, lt=2**31)] | None = None
    system_prompt: Annotated[str, Field(max_length=100_000)] | None = None
    max_retries: Annotated[int, Field(ge=0, le=10)] = 2
    connect_seconds: Seconds = 5
    first_token_seconds: Seconds = 30
    idle_seconds: Seconds = 30
    total_seconds: Seconds = 300
    cache_enabled: bool = False
    cache_ttl_seconds: Annotated[int, Field(gt=0, lt=2**31)] | None = None
    max_cost_per_request_usd: MoneyIn | None = None
    shrink_max_tokens: bool = False
    fallback_on_refusal: bool = False
    max_repairs: Repairs | None = None


class ProfileCreate(ProfileFields):
    profile_key: ProfileKey
    tenant_id: UUID | None = None
    project_id: UUID | None = None
    model: ModelName


class OwnProfileCreate(ProfileFields):
    """A tenant's own form of a profile."""

    profile_key: ProfileKey
    project_id: UUID | None = None
    model: ModelName


class ProfileUpdate(RequestModel):
    """Only what is given changes; null clears what may be empty."""

    model: ModelName | None = None
    fallback_models: Annotated[list[ModelName], Field(max_length=10)] = []  # noqa: RUF012
    aliases: Annotated[list[Alias], Field(max_length=20)] = []  # noqa: RUF012
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(gt=0, lt=2**31)] | None = None
    system_prompt: Annotated[str, Field(max_length=100_000)] | None = None
    max_retries: Annotated[int, Field(ge=0, le=10)] = 2
    connect_seconds: Seconds = 5
    first_token_seconds: Seconds = 30
    idle_seconds: Seconds = 30
    total_seconds: Seconds = 300
    cache_enabled: bool = False
    cache_ttl_seconds: Annotated[int, Field(gt=0, lt=2**31)] | None = None
    max_cost_per_request_usd: MoneyIn | None = None
    shrink_max_tokens: bool = False
    fallback_on_refusal: bool = False
    max_repairs: Repairs | None = None


class Profile(WireModel):
    id: UUID
    profile_key: str
    tenant_id: UUID | None
    project_id: UUID | None
    version: int
    created_at: datetime
    model: str | None
    fallback_models: list[str]
    aliases: list[str]
    temperature: float | None
    max_tokens: int | None
    system_prompt: str | None
    max_retries: int
    connect_seconds: float
    first_token_seconds: float
    idle_seconds: float
    total_seconds: float
    cache_enabled: bool
    cache_ttl_seconds: int | None
    max_cost_per_request_usd: Money | None
    shrink_max_tokens: bool
    fallback_on_refusal: bool
    max_repairs: int | None


class OwnBudgetCreate(RequestModel):
    """A budget of one's own tenant. `window` begins in `time_zone`."""

    scope: BudgetScope
    scope_id: Label | None = None
    window: Window
    limit_usd: MoneyIn
    limit_tokens: Annotated[int, Field(ge=0, lt=2**62)] | None = None
    limit_calls: Annotated[int, Field(ge=0, lt=2**62)] | None = None
    time_zone: Annotated[str, Field(max_length=64)] = "UTC"


class BudgetCreate(OwnBudgetCreate):
    tenant_id: UUID


class BudgetUpdate(RequestModel):
    """`raised_limit_usd` holds until `raised_until`; null ends it."""

    limit_usd: MoneyIn | None = None
    raised_limit_usd: MoneyIn | None = None
    raised_until: datetime | None = None
    active: bool | None = None


class Budget(WireModel):
    id: UUID
    tenant_id: UUID
    scope: BudgetScope
    scope_id: str | None
    window: Window
    time_zone: str
    limit_usd: Money
    limit_tokens: int | None
    limit_calls: int | None
    raised_limit_usd: Money | None
    raised_until: datetime | None
    active: bool
    spent_usd: Money
    reserved_usd: Money
    calls: int
    window_start: datetime | None
    resets_at: datetime | None
    created_at: datetime


class Alert(WireModel):
    """A budget's window has reached `threshold` percent of a limit: money, tokens or calls."""

    id: UUID
    created_at: datetime
    tenant_id: UUID
    budget_id: UUID
    window_start: datetime
    threshold: Literal[50, 80, 95, 100]
    spent_usd: Money
    limit_usd: Money


class AlertHookCreate(RequestModel):
    url: Annotated[str, Field(max_length=500)]


class AlertHook(WireModel):
    id: UUID
    created_at: datetime
    url: str


class AlertHookCreated(AlertHook):
    """`secret` is shown once; with it a receiver checks who sent a message."""

    secret: str


class DeliverAlert(WireModel):
    """A job's payload; `app.llm_alert` queues it."""

    delivery_id: UUID


class Attempt(WireModel):
    number: int
    provider: str
    model: str
    outcome: str
    http_status: int | None
    error_code: str | None
    duration_ms: int


class Call(WireModel):
    id: UUID
    created_at: datetime
    settled_at: datetime | None
    tenant_id: UUID
    project_id: UUID | None
    run_id: UUID | None
    feature: str | None
    user_id: UUID | None
    api_key_id: UUID | None
    endpoint: str
    profile_key: str | None
    profile_version: int | None
    requested_model: str
    served_model: str | None
    provider: str | None
    stream: bool
    state: CallState
    error_code: str | None
    finish_reason: str | None
    input_tokens: int | None
    cached_input_tokens: int | None
    cache_write_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    cost_usd: Money | None
    cost_source: str | None
    hold_usd: Money
    attempt_count: int
    total_ms: int | None
    overhead_ms: float | None


class CallDetail(Call):
    attempts: list[Attempt]


class CallFilter(WireModel):
    """What lists, sums and exports may be narrowed to; `from` is the first moment, `to` the end."""

    tenant_id: UUID | None = None
    project_id: UUID | None = None
    run_id: UUID | None = None
    feature: str | None = None
    profile_key: str | None = None
    state: CallState | None = None
    since: datetime | None = None
    until: datetime | None = None


class ProfileTrial(RequestModel):
    """What to ask a profile, for a project of the tenant or for none."""

    prompt: Annotated[str, Field(min_length=1, max_length=20_000)]
    project_id: UUID | None = None
    max_tokens: Annotated[int, Field(gt=0, le=1000)] = 100


class Explanation(WireModel):
    """What a call would do. `hold_usd` is what it would hold of each budget, at most its cost."""

    profile_key: str
    profile_version: int
    models: list[str]
    input_tokens: int
    output_tokens: int
    hold_usd: Money
    max_cost_per_request_usd: Money | None


class TrialAnswer(WireModel):
    text: str
    call: CallDetail


class CacheInvalidation(RequestModel):
    """What to forget; nothing given: every kept answer."""

    tenant_id: UUID | None = None
    profile_key: ProfileKey | None = None


class OwnCacheInvalidation(RequestModel):
    profile_key: ProfileKey | None = None


class Invalidated(WireModel):
    invalidated: int


class CacheStatistics(WireModel):
    """What is kept now, and how many of all calls it answered; `coalesced`: a running call did."""

    entries: int
    size_bytes: int
    calls: int
    cached: int
    coalesced: int
    replayed: int


class Costs(WireModel):
    calls: int
    cost_usd: Money
    input_tokens: int
    output_tokens: int
    unknown_cost_calls: int


class CostRow(Costs):
    """`key`: the tenant, project, … or day that the sums are of; empty where a call has none."""

    key: str


class CostReport(WireModel):
    rows: list[CostRow]
