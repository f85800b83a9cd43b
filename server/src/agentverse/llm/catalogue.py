"""What calls are resolved against: providers, models with prices, profiles with overrides.

A catalogue is one immutable value with a version. Admission compares the version with the
database's, so that no call runs on an outdated one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from pydantic import SecretStr

from agentverse.llm.errors import ModelNotFound, ModelNotPriced, NoProvider
from agentverse.llm.pricing import Price

PROFILE_PREFIX = "profile:"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEntry:
    """`allow_private_network` lets its address lie in a private network."""

    name: str
    base_url: str
    api_key: SecretStr | None = field(default=None, repr=False)
    allow_private_network: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """`price` is None where nobody has said what the model costs: it is not called."""

    provider: ProviderEntry
    model: str
    context_window: int
    max_output_tokens: int
    price: Price | None

    @property
    def name(self) -> str:
        return f"{self.provider.name}/{self.model}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSettings:
    """How to call. `model` None: the installation's own model (its settings)."""

    model: str | None = None
    fallback_models: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    temperature: float | None = None
    max_tokens: int | None = None
    system_prompt: str | None = None
    max_retries: int = 2
    connect_seconds: float = 5.0
    first_token_seconds: float = 30.0
    idle_seconds: float = 30.0
    total_seconds: float = 300.0
    cache_enabled: bool = False
    cache_ttl_seconds: int | None = None
    max_cost_per_request_usd: Decimal | None = None
    shrink_max_tokens: bool = False
    fallback_on_refusal: bool = False
    # Of answers that must fit the caller's schema; None: they are passed on unread.
    max_repairs: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One version of a profile, as it holds for one project of one tenant."""

    key: str
    id: UUID
    version: int
    settings: ProfileSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What one call is made of: the models in order, and how to ask them."""

    profile: Profile | None
    settings: ProfileSettings
    models: tuple[ModelEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """`default_model` is the one that the installation's own settings name."""

    version: int
    models: Mapping[str, ModelEntry]
    profiles: Mapping[str, Profile]
    default_model: str | None = None

    def aliases(self, overrides: "Overrides") -> dict[str, str]:
        """Alias → profile key. An override's aliases stand beside the installation's."""
        by_alias = {alias: key for key, p in self.profiles.items() for alias in p.settings.aliases}
        for (key, _project), profile in overrides.items():
            by_alias |= dict.fromkeys(profile.settings.aliases, key)
        return by_alias


# (profile key, project id or "") → the tenant's own form of the profile.
Overrides = Mapping[tuple[str, str], Profile]


def find_profile(
    catalogue: Catalogue, overrides: Overrides, key: str, project_id: UUID | None
) -> Profile | None:
    """Project before tenant before installation."""
    project = "" if project_id is None else str(project_id)
    return overrides.get((key, project)) or overrides.get((key, "")) or catalogue.profiles.get(key)


def resolve(
    catalogue: Catalogue, overrides: Overrides, wanted: str, project_id: UUID | None
) -> Target:
    """`profile:KEY`, an alias or `provider/model` → models and settings.

    Raises ModelNotFound, ModelNotPriced, and NoProvider where a profile leaves the model to the
    installation and the installation names none.
    """
    key = _profile_key(catalogue, overrides, wanted)
    if key is None:
        return Target(
            profile=None, settings=ProfileSettings(), models=(_priced(catalogue, wanted),)
        )
    profile = find_profile(catalogue, overrides, key, project_id)
    if profile is None:
        raise _unknown(wanted)
    first = profile.settings.model or catalogue.default_model
    if first is None:
        raise NoProvider(
            f"The profile {key} names no model and the installation has none. Give the profile a "
            "model, or set OPENROUTER_API_KEY or AGENTVERSE_LLM_BASE_URL, and "
            "AGENTVERSE_LLM_MODEL."
        )
    names = (first, *profile.settings.fallback_models)
    return Target(
        profile=profile,
        settings=profile.settings,
        models=tuple(_priced(catalogue, name) for name in names),
    )


def _profile_key(catalogue: Catalogue, overrides: Overrides, wanted: str) -> str | None:
    if wanted.startswith(PROFILE_PREFIX):
        return wanted.removeprefix(PROFILE_PREFIX)
    return catalogue.aliases(overrides).get(wanted)


def _priced(catalogue: Catalogue, name: str) -> ModelEntry:
    model = catalogue.models.get(name)
    if model is None:
        raise _unknown(name)
    if model.price is None:
        raise ModelNotPriced(
            f"Nobody has said what {name} costs, so its calls cannot be budgeted. Let a platform "
            "admin give it a price or mark it free."
        )
    return model


def _unknown(wanted: str) -> ModelNotFound:
    return ModelNotFound(
        f"There is no model or profile {wanted[:200]!r} here. GET /v1/models lists what may be "
        "asked; write `profile:KEY`, a profile's alias or `provider/model`."
    )
