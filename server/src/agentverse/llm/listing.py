"""What may be asked now, as lists for people who choose: models with prices, profiles by key."""

import asyncio
from typing import get_args
from uuid import UUID

from agentverse.llm import completing
from agentverse.llm.catalogue import Catalogue, ModelEntry, Overrides, find_profile
from agentverse.llm.profiles import ProfileName
from agentverse.llm.schemas import (
    AvailableModel,
    AvailableModels,
    ProfileKeys,
    ProfileKeyView,
    RateView,
)
from agentverse.platform.scope import Scope, system_scope

STANDARD = frozenset(get_args(ProfileName))
# Whose overrides nobody has: the installation's own catalogue.
NO_TENANT = UUID(int=0)


def available_models(scope: Scope | None) -> AvailableModels:
    """Every model that a call may name, by name. scope: None for the installation itself."""
    catalogue, _ = _catalogue(scope)
    return AvailableModels(
        items=[_model(catalogue.models[name]) for name in sorted(catalogue.models)],
        default_model=catalogue.default_model,
    )


def profile_keys(scope: Scope | None) -> ProfileKeys:
    """Every profile that a call may name, by key. scope: None for the installation itself."""
    catalogue, overrides = _catalogue(scope)
    own = {key for key, project in overrides if not project}
    return ProfileKeys(
        items=[_profile(key, catalogue, overrides) for key in sorted({*catalogue.profiles, *own})]
    )


def _catalogue(scope: Scope | None) -> tuple[Catalogue, Overrides]:
    home = completing.router_of_process()
    whose = scope or system_scope(NO_TENANT)
    return asyncio.run_coroutine_threadsafe(home.router.catalogue(whose), home.loop).result()


def _model(entry: ModelEntry) -> AvailableModel:
    rates = () if entry.price is None else entry.price.rates
    return AvailableModel(
        name=entry.name,
        provider=entry.provider.name,
        model=entry.model,
        context_window=entry.context_window,
        max_output_tokens=entry.max_output_tokens,
        free=entry.price is not None and not any(rate.usd_per_million for rate in rates),
        priced=entry.price is not None,
        rates=[
            RateView(
                unit=rate.unit,
                usd_per_million=rate.usd_per_million,
                above_input_tokens=rate.above_input_tokens,
            )
            for rate in rates
        ],
    )


def _profile(key: str, catalogue: Catalogue, overrides: Overrides) -> ProfileKeyView:
    profile = find_profile(catalogue, overrides, key, None)
    assert profile is not None  # noqa: S101 - a key of one of both
    return ProfileKeyView(
        profile_key=key,
        is_standard=key in STANDARD,
        is_overridden=(key, "") in overrides,
        version=profile.version,
        model=profile.settings.model,
        fallback_models=list(profile.settings.fallback_models),
        temperature=profile.settings.temperature,
        max_tokens=profile.settings.max_tokens,
        system_prompt=profile.settings.system_prompt,
        cache_enabled=profile.settings.cache_enabled,
        cache_ttl_seconds=profile.settings.cache_ttl_seconds,
        max_cost_per_request_usd=profile.settings.max_cost_per_request_usd,
    )
