"""The catalogue as this process last read it. An admission that finds it outdated says so."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from agentverse.llm import installation, local_model, repository
from agentverse.llm.catalogue import Catalogue, ModelEntry, Overrides, Profile, ProviderEntry
from agentverse.llm.errors import SecretUnreadable
from agentverse.llm.pricing import FREE, Price, read_rates
from agentverse.llm.profiles import read_settings
from agentverse.platform.db.asynchronous import AsyncConnection, AsyncDatabase
from agentverse.platform.envelope_encryption import KeyRing, SealBroken
from agentverse.platform.settings import Settings

MOST_TENANTS_KEPT = 1000


class CatalogueStore:
    """Lives in one event loop."""

    def __init__(self, database: AsyncDatabase, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._catalogue: Catalogue | None = None
        self._overrides: dict[UUID, Overrides] = {}
        self._reading = asyncio.Lock()

    def forget(self) -> None:
        """The next call reads everything anew."""
        self._catalogue = None
        self._overrides.clear()

    async def current(self, tenant_id: UUID) -> tuple[Catalogue, Overrides]:
        """What calls of this tenant are resolved against. Raises DatabaseUnavailable."""
        cached = self._cached(tenant_id)
        if cached is not None:
            return cached
        # One reads for all that wait: a thousand first calls are one reading.
        async with self._reading:
            return self._cached(tenant_id) or await self._read(tenant_id)

    def _cached(self, tenant_id: UUID) -> tuple[Catalogue, Overrides] | None:
        catalogue, overrides = self._catalogue, self._overrides.get(tenant_id)
        return None if catalogue is None or overrides is None else (catalogue, overrides)

    async def _read(self, tenant_id: UUID) -> tuple[Catalogue, Overrides]:
        async with self._database.connection() as connection:
            catalogue = self._catalogue
            if catalogue is None:
                catalogue = await self._load(connection)
                self._overrides.clear()
            overrides = _read_overrides(await repository.load_overrides(connection, tenant_id))
        if len(self._overrides) >= MOST_TENANTS_KEPT:
            self._overrides.clear()
        self._catalogue = catalogue
        self._overrides[tenant_id] = overrides
        return catalogue, overrides

    async def fresh(self, tenant_id: UUID) -> tuple[Catalogue, Overrides]:
        """Like `current`, for what no admission checks: asks for the version first."""
        async with self._database.connection() as connection:
            version = await repository.catalogue_version(connection)
        if self._catalogue is not None and self._catalogue.version != version:
            self.forget()
        return await self.current(tenant_id)

    async def _load(self, connection: AsyncConnection) -> Catalogue:
        version, providers, models, profiles = await repository.load_catalogue(connection)
        ring = KeyRing(self._settings.sealing_keys_file)
        entries = {row["id"]: _read_provider(row, ring) for row in providers}
        own = installation.installation_model(self._settings)
        local = local_model.local_model(self._settings)
        built_in = [model for model in (own, local) if model is not None]
        registered = [_read_model(row, entries[row["provider_id"]]) for row in models]
        return Catalogue(
            version=version,
            models={model.name: model for model in (*built_in, *registered)},
            profiles={row["profile_key"]: _read_profile(row) for row in profiles},
            default_model=None if own is None else own.name,
        )


def secret_context(provider_id: UUID) -> str:
    """What a provider's sealed key is bound to."""
    return f"llm_providers/{provider_id}/api_key"


def _read_provider(row: dict[str, Any], ring: KeyRing) -> ProviderEntry:
    key: SecretStr | None = None
    if row["sealed_api_key"] is not None:
        try:
            opened = ring.open(bytes(row["sealed_api_key"]), context=secret_context(row["id"]))
        except SealBroken as error:
            raise SecretUnreadable(
                f"The key of the provider {row['name']} cannot be opened with the keys in "
                f"{Path('keys') / 'sealing.json'} of this installation's home. Restore that file, "
                "or give the provider its key again."
            ) from error
        key = SecretStr(opened)
    return ProviderEntry(
        name=row["name"],
        base_url=row["base_url"],
        api_key=key,
        allow_private_network=row["allow_private_network"],
    )


def _read_model(row: dict[str, Any], provider: ProviderEntry) -> ModelEntry:
    price: Price | None = None
    if row["free"]:
        price = FREE
    elif row["rates"] is not None:
        price = Price(
            source=row["source"], version=row["price_version"], rates=read_rates(row["rates"])
        )
    return ModelEntry(
        provider=provider,
        model=row["model"],
        context_window=row["context_window"],
        max_output_tokens=row["max_output_tokens"],
        price=price,
    )


def _read_profile(row: dict[str, Any]) -> Profile:
    return Profile(
        key=row["profile_key"],
        id=row["id"],
        version=row["version"],
        settings=read_settings(row["settings"]),
    )


def _read_overrides(rows: list[dict[str, Any]]) -> Overrides:
    return {(row["profile_key"], row["project"]): _read_profile(row) for row in rows}
