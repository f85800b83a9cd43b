"""Settings of a configured model, and sockets for loopback only."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_socket import enable_socket, socket_allow_hosts

from agentverse.platform.settings import Settings, get_settings


@pytest.fixture(autouse=True)
def _loopback_only() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    enable_socket()
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    yield
    socket_allow_hosts(None, allow_unix_socket=True)


@pytest.fixture
def configure(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Set AGENTVERSE_LLM_* for this test: `configure(MODEL="m", FREE="true")`."""
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)

    def apply(**values: str | Path) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"AGENTVERSE_LLM_{name}", str(value))
        get_settings.cache_clear()

    apply()
    yield apply
    monkeypatch.undo()
    get_settings.cache_clear()
