"""The one model that the installation's settings name, beside those in the tables."""

from urllib.parse import urlsplit

from agentverse.llm.catalogue import ModelEntry, ProviderEntry
from agentverse.llm.pricing import FREE, Price, Rate
from agentverse.platform.errors import Misconfigured
from agentverse.platform.settings import Settings

OPENROUTER_URL = "https://openrouter.ai/api/v1"
SCRIPT_URL = "script:"


def installation_model(settings: Settings) -> ModelEntry | None:
    """A script, a server of one's own, or OpenRouter; None where nothing is set.

    Raises Misconfigured where an address is no address.
    """
    provider = _provider(settings)
    model = "scripted" if settings.llm_script is not None else settings.llm_model
    if provider is None or model is None:
        return None
    return ModelEntry(
        provider=provider,
        model=model,
        context_window=settings.llm_context_window,
        max_output_tokens=settings.llm_max_output_tokens,
        price=_price(settings),
    )


def _provider(settings: Settings) -> ProviderEntry | None:
    if settings.llm_script is not None:
        return ProviderEntry(name="scripted", base_url=SCRIPT_URL + str(settings.llm_script))
    if settings.llm_base_url is not None:
        # Whoever sets the installation's environment may name a server of their own network.
        return ProviderEntry(
            name=_checked_host(settings.llm_base_url),
            base_url=settings.llm_base_url,
            api_key=settings.llm_api_key,
            allow_private_network=True,
        )
    if settings.openrouter_api_key is not None:
        return ProviderEntry(
            name="openrouter", base_url=OPENROUTER_URL, api_key=settings.openrouter_api_key
        )
    return None


def _checked_host(base_url: str) -> str:
    """Host and port, by which the ledger names the provider; the URL may hold no password."""
    url = urlsplit(base_url)
    if url.scheme not in ("http", "https") or not url.hostname or url.username is not None:
        raise Misconfigured(
            "AGENTVERSE_LLM_BASE_URL must read http(s)://host[:port]/path without a user or "
            "password; put the key into AGENTVERSE_LLM_API_KEY."
        )
    return url.hostname if url.port is None else f"{url.hostname}:{url.port}"


def _price(settings: Settings) -> Price | None:
    if settings.llm_free or settings.llm_script is not None:
        return FREE
    into, out = settings.llm_input_usd_per_million, settings.llm_output_usd_per_million
    if into is None or out is None:
        return None
    rates = [Rate(unit="input", usd_per_million=into), Rate(unit="output", usd_per_million=out)]
    cached = settings.llm_cached_input_usd_per_million
    if cached is not None:
        rates.append(Rate(unit="cached_input", usd_per_million=cached))
    return Price(source="settings", rates=tuple(rates))
