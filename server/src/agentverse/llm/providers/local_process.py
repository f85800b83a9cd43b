"""The trial model on this machine: its process is started on first use and stopped when idle."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

from agentverse.llm.attempt_outcomes import AttemptFailed
from agentverse.llm.catalogue import ProviderEntry
from agentverse.llm.local_model import (
    CONTEXT_TOKENS,
    LOCAL_URL,
    MODEL_FILE,
    OUTPUT_TOKENS,
)
from agentverse.llm.providers import local_server
from agentverse.llm.providers.openai_compatible import OpenAICompatibleProvider
from agentverse.llm.providers.provider import Progress, ProviderAnswer, ProviderRequest

START_SECONDS = 60.0
STOP_SECONDS = 5.0
IDLE_SECONDS = 300.0
# What a process needs to start, and nothing that may hold a key.
INHERITED = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "OMP_NUM_THREADS")


class LocalProvider:
    """Lives in one event loop. `idle_seconds`: after its last answer the process is stopped."""

    def __init__(self, entry: ProviderEntry, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self.name = entry.name
        self._folder = Path(entry.base_url.removeprefix(LOCAL_URL))
        self._idle_seconds = idle_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._server: OpenAICompatibleProvider | None = None
        self._changing = asyncio.Lock()
        self._running = 0
        self._rest: asyncio.TimerHandle | None = None
        self._stopping: set[asyncio.Task[None]] = set()

    @property
    def process_id(self) -> int | None:
        """Of the process that runs now."""
        return None if self._process is None else self._process.pid

    async def attempt(self, request: ProviderRequest, progress: Progress) -> ProviderAnswer:
        self._running += 1
        if self._rest is not None:
            self._rest.cancel()
        try:
            server = await self._started()
            return await server.attempt(request, progress)
        finally:
            self._running -= 1
            if not self._running:
                loop = asyncio.get_running_loop()
                self._rest = loop.call_later(self._idle_seconds, self._stop_if_idle)

    async def close(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
        async with self._changing:
            await self._stop()

    async def _started(self) -> OpenAICompatibleProvider:
        async with self._changing:
            if self._process is not None and self._process.returncode is not None:
                await self._stop()
            if self._server is None:
                address = await self._start()
                self._server = OpenAICompatibleProvider(
                    ProviderEntry(
                        name=self.name, base_url=f"{address}/v1", allow_private_network=True
                    )
                )
            return self._server

    async def _start(self) -> str:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", local_server.__file__),
            *(str(self._folder), str(self._folder / MODEL_FILE)),
            *(str(CONTEXT_TOKENS), str(OUTPUT_TOKENS)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: os.environ[name] for name in INHERITED if name in os.environ},
        )
        assert self._process.stdout is not None  # noqa: S101 - a pipe
        line = b""
        with suppress(TimeoutError):
            line = await asyncio.wait_for(self._process.stdout.readline(), START_SECONDS)
        address = line.decode(errors="replace").strip()
        if not address.startswith("http://127.0.0.1:"):
            await self._stop()
            raise AttemptFailed(
                "connect_failed",
                "The trial model did not start. Remove the folder local-model of the data home "
                "and install it again with `agentverse llm try --install`.",
            )
        return address

    def _stop_if_idle(self) -> None:
        async def stop() -> None:
            async with self._changing:
                if not self._running:
                    await self._stop()

        task = asyncio.get_running_loop().create_task(stop())
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

    async def _stop(self) -> None:
        process, server = self._process, self._server
        self._process = self._server = None
        if server is not None:
            await server.close()
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
