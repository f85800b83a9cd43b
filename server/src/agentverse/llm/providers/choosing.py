"""Which provider this installation uses: a script, a server of one's own, or OpenRouter."""

from urllib.parse import urlsplit

from agentverse.llm.errors import NoProvider
from agentverse.llm.providers.base import Provider
from agentverse.llm.providers.openai_compatible import OpenAICompatibleProvider
from agentverse.llm.providers.scripted import ScriptedProvider, read_script
from agentverse.platform.errors import Misconfigured
from agentverse.platform.settings import Settings

OPENROUTER_URL = "https://openrouter.ai/api/v1"


def provider_of(settings: Settings) -> Provider:
    if settings.llm_script is not None:
        return ScriptedProvider(script=read_script(settings.llm_script))
    if settings.llm_base_url is not None:
        return OpenAICompatibleProvider(
            name=checked_host(settings.llm_base_url),
            model=_model(settings),
            base_url=settings.llm_base_url,
            api_key=settings.llm_api_key,
        )
    if settings.openrouter_api_key is not None:
        return OpenAICompatibleProvider(
            name="openrouter",
            model=_model(settings),
            base_url=OPENROUTER_URL,
            api_key=settings.openrouter_api_key,
        )
    raise NoProvider(
        "Set OPENROUTER_API_KEY, or AGENTVERSE_LLM_BASE_URL to any OpenAI-compatible server, and "
        "AGENTVERSE_LLM_MODEL to the model to ask."
    )


def is_configured(settings: Settings) -> bool:
    return any((settings.llm_script, settings.llm_base_url, settings.openrouter_api_key))


def checked_host(base_url: str) -> str:
    """Host and port, by which the ledger names the provider; the URL may hold no password."""
    url = urlsplit(base_url)
    if url.scheme not in ("http", "https") or not url.hostname or url.username is not None:
        raise Misconfigured(
            "AGENTVERSE_LLM_BASE_URL must read http(s)://host[:port]/path without a user or "
            "password; put the key into AGENTVERSE_LLM_API_KEY."
        )
    return url.hostname if url.port is None else f"{url.hostname}:{url.port}"


def _model(settings: Settings) -> str:
    if settings.llm_model is None:
        raise NoProvider("Set AGENTVERSE_LLM_MODEL to the model to ask.")
    return settings.llm_model
