"""One adapter, with its pooled connections, for each provider an event loop talks to."""

import asyncio
from pathlib import Path

from agentverse.llm.catalogue import ProviderEntry
from agentverse.llm.installation import SCRIPT_URL
from agentverse.llm.local_model import LOCAL_URL
from agentverse.llm.providers.local_process import LocalProvider
from agentverse.llm.providers.openai_compatible import OpenAICompatibleProvider
from agentverse.llm.providers.provider import Provider
from agentverse.llm.providers.scripted import ScriptedProvider

# Calls that began with a replaced address or key may still run this long.
REPLACED_SECONDS = 600.0


class ProviderPool:
    def __init__(self) -> None:
        self._open: dict[str, tuple[ProviderEntry, Provider]] = {}
        self._replaced: list[Provider] = []
        self._closing: set[asyncio.Task[None]] = set()

    def provider(self, entry: ProviderEntry) -> Provider:
        """The adapter of this entry; another address or key makes another adapter."""
        opened = self._open.get(entry.name)
        if opened is not None and opened[0] == entry:
            return opened[1]
        made = _adapter(entry)
        self._open[entry.name] = (entry, made)
        if opened is not None:
            self._retire(opened[1])
        return made

    def _retire(self, provider: Provider) -> None:
        self._replaced.append(provider)

        def end() -> None:
            if provider in self._replaced:
                self._replaced.remove(provider)
                task = asyncio.get_running_loop().create_task(provider.close())
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)

        asyncio.get_running_loop().call_later(REPLACED_SECONDS, end)

    async def close(self) -> None:
        for provider in (*(made for _, made in self._open.values()), *self._replaced):
            await provider.close()
        self._open.clear()
        self._replaced.clear()


def _adapter(entry: ProviderEntry) -> Provider:
    if entry.base_url.startswith(SCRIPT_URL):
        return ScriptedProvider(Path(entry.base_url.removeprefix(SCRIPT_URL)))
    if entry.base_url.startswith(LOCAL_URL):
        return LocalProvider(entry)
    return OpenAICompatibleProvider(entry)
