"""Providers, models with prices, and profiles: what a platform admin decides for everybody.

A change raises the catalogue's version, so that it holds for the next call, and is audited: in the
installation's stream, or the tenant's where a tenant's override changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from agentverse import audit
from agentverse.llm import catalogue_store, installation, repository
from agentverse.llm.catalogue import ProfileSettings
from agentverse.llm.errors import NameTaken, NoSuchModel, NoSuchProfile, NoSuchProvider
from agentverse.llm.models import (
    ModelRow,
    PriceRow,
    ProfileOverrideRow,
    ProfileOverrideVersionRow,
    ProfileRow,
    ProfileVersionRow,
    ProviderRow,
)
from agentverse.llm.profiles import read_settings, settings_document
from agentverse.llm.repository import AnySession
from agentverse.llm.schemas import (
    CacheInvalidation,
    Invalidated,
    Model,
    ModelCreate,
    ModelUpdate,
    OwnCacheInvalidation,
    OwnProfileCreate,
    PriceVersion,
    Profile,
    ProfileCreate,
    ProfileFields,
    ProfileUpdate,
    Provider,
    ProviderCreate,
    ProviderUpdate,
    RateView,
    Tier,
)
from agentverse.platform.db.administration import PlatformSession
from agentverse.platform.db.session import TenantSession
from agentverse.platform.envelope_encryption import KeyRing
from agentverse.platform.errors import FieldError, InvalidInput
from agentverse.platform.ids import new_id
from agentverse.platform.outgoing.addresses import check_url
from agentverse.platform.pagination import Page, PageWanted, first_page
from agentverse.platform.scope import Scope
from agentverse.platform.settings import get_settings

Verb = Literal["create", "update", "invalidate"]
PRICES = (
    ("input", "input_usd_per_million"),
    ("output", "output_usd_per_million"),
    ("cached_input", "cached_input_usd_per_million"),
    ("cache_write", "cache_write_usd_per_million"),
    ("reasoning", "reasoning_usd_per_million"),
)
PROFILE_FIELDS = frozenset(ProfileFields.model_fields) | {"model"}
NOT_NULL = frozenset(
    name for name, field in ProfileFields.model_fields.items() if field.default is not None
)


def _record(
    db: PlatformSession,
    kind: str,
    verb: Verb,
    resource_id: UUID | None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Before the change commits: an entry that cannot be written undoes the change."""
    acted = Scope(
        tenant_id=audit.INSTALLATION,
        actor=db.scope.actor,
        credential=db.scope.credential,
        request_id=db.scope.request_id,
    )
    db.flush()
    audit.record_outside_tenants(
        action=f"llm_{kind}.{verb}",
        resource_type=f"llm_{kind}",
        scope=acted,
        resource_id=resource_id,
        before=before,
        after=after,
    )


# --- providers ----------------------------------------------------------------------------------


def create_provider(db: PlatformSession, body: ProviderCreate) -> Provider:
    """Raises NameTaken."""
    check_url(body.base_url, allow_private_network=body.allow_private_network, field="base_url")
    if repository.find_provider(db, body.name) is not None:
        raise NameTaken(f"There is a provider {body.name!r} already. Choose another name.")
    row = ProviderRow(
        id=new_id(),
        name=body.name,
        base_url=body.base_url,
        allow_private_network=body.allow_private_network,
    )
    if body.api_key is not None:
        row.sealed_api_key = _sealed(row.id, body.api_key.get_secret_value())
    db.add(row)
    repository.raise_version(db)
    made = _provider(row)
    _record(db, "provider", "create", row.id, after=made.model_dump(mode="json"))
    return made


def update_provider(db: PlatformSession, provider_id: UUID, body: ProviderUpdate) -> Provider:
    """Raises NoSuchProvider."""
    row = repository.get_provider(db, provider_id)
    if row is None:
        raise NoSuchProvider("There is no such provider. GET /providers lists them.")
    before = _provider(row).model_dump(mode="json")
    given = body.model_fields_set
    if "allow_private_network" in given and body.allow_private_network is not None:
        row.allow_private_network = body.allow_private_network
    if "base_url" in given and body.base_url is not None:
        row.base_url = body.base_url
    check_url(row.base_url, allow_private_network=row.allow_private_network, field="base_url")
    if "api_key" in given:
        key = body.api_key
        row.sealed_api_key = None if key is None else _sealed(row.id, key.get_secret_value())
    repository.raise_version(db)
    made = _provider(row)
    after = {**made.model_dump(mode="json"), "key_changed": "api_key" in given}
    _record(db, "provider", "update", row.id, before=before, after=after)
    return made


def list_providers(db: PlatformSession, wanted: PageWanted) -> Page[Provider]:
    rows = repository.list_providers(db, after=wanted.after, limit=wanted.size + 1)
    items, cursor = first_page([_provider(row) for row in rows], wanted.size)
    return Page[Provider](items=items, next_cursor=cursor)


def _sealed(provider_id: UUID, key: str) -> bytes:
    ring = KeyRing(get_settings().sealing_keys_file)
    return ring.seal(key, context=catalogue_store.secret_context(provider_id))


def _provider(row: ProviderRow) -> Provider:
    return Provider(
        id=row.id,
        name=row.name,
        base_url=row.base_url,
        has_api_key=row.sealed_api_key is not None,
        allow_private_network=row.allow_private_network,
        created_at=row.created_at,
    )


# --- models and prices --------------------------------------------------------------------------


def create_model(db: PlatformSession, body: ModelCreate) -> Model:
    """Raises InvalidInput for a provider that is not there, or NameTaken."""
    provider = repository.find_provider(db, body.provider)
    if provider is None:
        raise _wrong("provider", f"There is no provider {body.provider!r}; create it first.")
    if repository.find_model(db, provider.id, body.model) is not None:
        raise NameTaken(f"{body.provider}/{body.model} is there already; PATCH it instead.")
    row = ModelRow(
        id=new_id(),
        provider_id=provider.id,
        model=body.model,
        context_window=body.context_window,
        max_output_tokens=body.max_output_tokens,
        free=body.free,
        price_version=1,
    )
    db.add(row)
    db.flush()
    price = PriceRow(
        id=new_id(), model_id=row.id, version=1, source="admin", rates=_rates(body.model_dump())
    )
    db.add(price)
    repository.raise_version(db)
    made = _model(row, provider.name, price)
    _record(db, "model", "create", row.id, after=made.model_dump(mode="json"))
    return made


def update_model(db: PlatformSession, model_id: UUID, body: ModelUpdate) -> Model:
    """Prices that are given make a new version; calls that run keep theirs.

    Raises NoSuchModel, or InvalidInput where a model that costs something would have no price.
    """
    stored = repository.get_model(db, model_id)
    if stored is None:
        raise NoSuchModel("There is no such model. GET /models lists them.")
    row, provider, price = stored
    before = _model(row, provider, price).model_dump(mode="json")
    given = body.model_dump(exclude_unset=True)
    for name in ("context_window", "max_output_tokens", "free"):
        if given.get(name) is not None:
            setattr(row, name, given[name])
    if given.keys() & {"tiers", *(field for _, field in PRICES)}:
        price = _new_version(db, row, price, given)
    if not row.free and not {"input", "output"} <= {rate["unit"] for rate in price.rates}:
        raise _wrong("free", "A model that is not free needs a price for input and output.")
    repository.raise_version(db)
    made = _model(row, provider, price)
    _record(db, "model", "update", row.id, before=before, after=made.model_dump(mode="json"))
    return made


def _new_version(
    db: PlatformSession, row: ModelRow, price: PriceRow, given: dict[str, Any]
) -> PriceRow:
    row.price_version = repository.latest_price_version(db, row.id) + 1
    fresh = PriceRow(
        id=new_id(),
        model_id=row.id,
        version=row.price_version,
        source="admin",
        rates=_rates({**_fields(price.rates), **given}),
    )
    db.add(fresh)
    return fresh


def list_models(db: AnySession, wanted: PageWanted) -> Page[Model]:
    records = repository.list_models(db, after=wanted.after, limit=wanted.size + 1)
    items, cursor = first_page([_model(*one) for one in records], wanted.size)
    return Page[Model](items=items, next_cursor=cursor)


def list_prices(db: AnySession, wanted: PageWanted, model_id: UUID | None) -> Page[PriceVersion]:
    """Every version of every model's price, or of one model's; oldest first."""
    records = repository.list_prices(db, model_id, after=wanted.after, limit=wanted.size + 1)
    items, cursor = first_page([_price_version(*one) for one in records], wanted.size)
    return Page[PriceVersion](items=items, next_cursor=cursor)


def _price_version(price: PriceRow, model: ModelRow, provider: str) -> PriceVersion:
    return PriceVersion(
        id=price.id,
        created_at=price.created_at,
        model_id=model.id,
        model=f"{provider}/{model.model}",
        version=price.version,
        is_current=price.version == model.price_version,
        source=price.source,
        rates=[RateView(**rate) for rate in price.rates],
    )


def _rates(values: Mapping[str, Any]) -> list[Any]:
    """Rates as they are stored, from the fields of the wire."""
    rates: list[Any] = []

    def add(unit: str, usd: Any, above: int) -> None:
        if usd is not None:
            document = {"unit": unit, "usd_per_million": f"{Decimal(usd):f}"}
            rates.append({**document, "above_input_tokens": above})

    for unit, field in PRICES:
        add(unit, values.get(field), 0)
    for tier in values.get("tiers") or ():
        for unit, field in PRICES[:3]:
            add(unit, tier.get(field), tier["above_input_tokens"])
        if tier.get("cached_input_usd_per_million") is None:
            # Absent: as the tier's own input, not as the price below the tier.
            add("cached_input", tier["input_usd_per_million"], tier["above_input_tokens"])
    return rates


def _fields(rates: list[Any]) -> dict[str, Any]:
    """The wire's fields again, from stored rates: what a PATCH leaves as it is."""
    names = dict(PRICES)
    tiers: dict[int, dict[str, Any]] = {}
    fields: dict[str, Any] = {}
    for rate in rates:
        above = rate["above_input_tokens"]
        place = fields if above == 0 else tiers.setdefault(above, {"above_input_tokens": above})
        place[names[rate["unit"]]] = rate["usd_per_million"]
    return {**fields, "tiers": [Tier(**tier).model_dump() for tier in tiers.values()]}


def _model(row: ModelRow, provider: str, price: PriceRow) -> Model:
    return Model(
        id=row.id,
        name=f"{provider}/{row.model}",
        provider=provider,
        model=row.model,
        context_window=row.context_window,
        max_output_tokens=row.max_output_tokens,
        free=row.free,
        price_version=row.price_version,
        rates=[RateView(**rate) for rate in price.rates],
        created_at=row.created_at,
    )


# --- kept answers -------------------------------------------------------------------------------


def invalidate_cache(db: PlatformSession, body: CacheInvalidation) -> Invalidated:
    """Forget kept answers, for the next call in every process."""
    count = repository.invalidate_cache(db, tenant_id=body.tenant_id, profile_key=body.profile_key)
    after = {**body.model_dump(mode="json"), "invalidated": count}
    _record(db, "cache", "invalidate", None, after=after)
    return Invalidated(invalidated=count)


def invalidate_own_cache(db: TenantSession, body: OwnCacheInvalidation) -> Invalidated:
    count = repository.invalidate_cache(
        db, tenant_id=db.scope.tenant_id, profile_key=body.profile_key
    )
    audit.record(
        db,
        action="llm_cache.invalidate",
        resource_type="llm_cache",
        resource_id=None,
        after={**body.model_dump(mode="json"), "invalidated": count},
    )
    return Invalidated(invalidated=count)


# --- profiles -----------------------------------------------------------------------------------


def create_profile(db: PlatformSession, body: ProfileCreate) -> Profile:
    """A profile of the installation. A tenant's own is an override; see `create_override`.

    Raises NameTaken, or InvalidInput for models that are not there, are named twice, or an alias in
    use.
    """
    if repository.find_profile(db, body.profile_key) is not None:
        raise NameTaken(f"There is a profile {body.profile_key} already; PATCH it instead.")
    settings = _settings(body.model_dump(include=set(PROFILE_FIELDS)))
    _check(db, settings, body.profile_key)
    row = ProfileRow(
        id=new_id(),
        profile_key=body.profile_key,
        version=1,
        settings=settings_document(settings),
    )
    db.add(row)
    db.flush()
    db.add(ProfileVersionRow(profile_id=row.id, version=1, settings=row.settings))
    repository.raise_version(db)
    made = profile_view(row)
    _record(db, "profile", "create", row.id, after=made.model_dump(mode="json"))
    return made


def update_profile(db: PlatformSession, row: ProfileRow, body: ProfileUpdate) -> Profile:
    """Raises InvalidInput for a field that may not be empty, models that are not there, or an alias
    in use.
    """
    before = profile_view(row).model_dump(mode="json")
    settings = _changed(row.settings, body)
    _check(db, settings, row.profile_key)
    row.version, row.settings = row.version + 1, settings_document(settings)
    db.add(ProfileVersionRow(profile_id=row.id, version=row.version, settings=row.settings))
    repository.raise_version(db)
    made = profile_view(row)
    _record(db, "profile", "update", row.id, before=before, after=made.model_dump(mode="json"))
    return made


def get_profile(db: PlatformSession, profile_id: UUID) -> ProfileRow | ProfileOverrideRow:
    """The installation's profile or any tenant's override with this id. Raises NoSuchProfile."""
    profile = repository.get_profile(db, profile_id) or repository.get_override(db, profile_id)
    if profile is None:
        raise no_such_profile()
    return profile


def list_profiles(db: AnySession, wanted: PageWanted) -> Page[Profile]:
    """The installation's profiles and all tenants' overrides."""
    after, limit = wanted.after, wanted.size + 1
    rows = [
        *repository.list_profiles(db, after=after, limit=limit),
        *repository.list_overrides(db, after=after, limit=limit),
    ]
    return _profiles(sorted(rows, key=lambda row: row.id), wanted)


def _profiles(rows: Sequence[ProfileRow | ProfileOverrideRow], wanted: PageWanted) -> Page[Profile]:
    items, cursor = first_page([profile_view(row) for row in rows], wanted.size)
    return Page[Profile](items=items, next_cursor=cursor)


def create_override(db: TenantSession, body: OwnProfileCreate) -> Profile:
    """The tenant's own form of a profile, for all its projects or one.

    Raises NameTaken, or InvalidInput as `create_profile` does.
    """
    project = "" if body.project_id is None else str(body.project_id)
    if repository.find_override(db, body.profile_key, project) is not None:
        raise NameTaken(f"This override of {body.profile_key} is there already; PATCH it.")
    settings = _settings(body.model_dump(include=set(PROFILE_FIELDS)))
    _check(db, settings, body.profile_key)
    row = ProfileOverrideRow(
        id=new_id(),
        profile_key=body.profile_key,
        project=project,
        version=1,
        settings=settings_document(settings),
    )
    db.add(row)
    db.flush()
    _keep_override(db, row)
    made = profile_view(row)
    audit.record(
        db,
        action="llm_profile.create",
        resource_type="llm_profile",
        resource_id=row.id,
        after=made.model_dump(mode="json"),
    )
    return made


def update_override(db: TenantSession, override_id: UUID, body: ProfileUpdate) -> Profile:
    """Raises NoSuchProfile, or InvalidInput as `update_profile` does."""
    row = repository.get_override(db, override_id)
    if row is None:
        raise no_such_profile()
    before = profile_view(row).model_dump(mode="json")
    settings = _changed(row.settings, body)
    _check(db, settings, row.profile_key)
    row.version, row.settings = row.version + 1, settings_document(settings)
    _keep_override(db, row)
    made = profile_view(row)
    audit.record(
        db,
        action="llm_profile.update",
        resource_type="llm_profile",
        resource_id=row.id,
        before=before,
        after=made.model_dump(mode="json"),
    )
    return made


def _keep_override(db: TenantSession, row: ProfileOverrideRow) -> None:
    db.add(
        ProfileOverrideVersionRow(override_id=row.id, version=row.version, settings=row.settings)
    )
    repository.raise_version(db)


def list_overrides(db: TenantSession, wanted: PageWanted) -> Page[Profile]:
    rows = repository.list_overrides(db, after=wanted.after, limit=wanted.size + 1)
    return _profiles(rows, wanted)


def _settings(values: Mapping[str, Any]) -> ProfileSettings:
    document = dict(values)
    for name in ("fallback_models", "aliases"):
        document[name] = tuple(document.get(name) or ())
    return ProfileSettings(**document)


def _changed(stored: dict[str, Any], body: ProfileUpdate) -> ProfileSettings:
    given = body.model_dump(exclude_unset=True)
    for name in given:
        if given[name] is None and (name in NOT_NULL or name == "model"):
            raise _wrong(name, f"`{name}` cannot be empty.")
    for name in ("fallback_models", "aliases"):
        if name in given:
            given[name] = tuple(given[name])
    return replace(read_settings(stored), **given)


def _check(db: AnySession, settings: ProfileSettings, key: str) -> None:
    """A chain of known, priced models, each once; aliases that name nothing else."""
    chain = [*([] if settings.model is None else [settings.model]), *settings.fallback_models]
    own = installation.installation_model(get_settings())
    model_names = repository.model_names(db)
    if own is not None:
        model_names.add(own.name)
    for index, name in enumerate(chain):
        field = "model" if index == 0 and settings.model is not None else "fallback_models"
        if name not in model_names:
            raise _wrong(field, f"There is no model {name!r}. Create it first.")
        if name in chain[:index]:
            raise _wrong("fallback_models", f"{name} stands in the chain twice.")
    taken = repository.aliases(db)
    for alias in settings.aliases:
        if alias in model_names or taken.get(alias, key) != key:
            raise _wrong("aliases", f"{alias!r} names something else already.")


def profile_view(row: ProfileRow | ProfileOverrideRow) -> Profile:
    settings = read_settings(row.settings)
    project = row.project if isinstance(row, ProfileOverrideRow) else ""
    document = settings_document(settings)
    return Profile(
        id=row.id,
        profile_key=row.profile_key,
        tenant_id=row.tenant_id if isinstance(row, ProfileOverrideRow) else None,
        project_id=UUID(project) if project else None,
        version=row.version,
        created_at=row.created_at,
        **document,
    )


def no_such_profile() -> NoSuchProfile:
    return NoSuchProfile("There is no such profile. GET /profiles lists them.")


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors=[FieldError(field=field, message=message)])
