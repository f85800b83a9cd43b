"""The model door beside a bare pass-through, in front of one echo upstream on this machine.

Everything is on: keys, budgets, the durable ledger, sums. Numbers of two machines, or of two
moments of a busy one, are not to be compared; the ratios of one run are.

Run: make bench-gateway. Load generator and upstream share the machine's cores with what they
measure, and the pass-through shares them in the same way.
"""

import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import aiohttp

REQUESTS = 2000
WARM_UP = 200
AT_ONCE = 32
ONE_BY_ONE = 400

ECHO = """
import asyncio, json, sys, uvloop
from aiohttp import web

HEAD = {"id": "x", "object": "chat.completion", "created": 1, "model": "echo"}
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
MESSAGE = {"role": "assistant", "content": "Hello there"}
WHOLE = json.dumps({**HEAD, "choices": [
    {"index": 0, "message": MESSAGE, "finish_reason": "stop"}], "usage": USAGE}).encode()
PIECE = {**HEAD, "choices": [{"index": 0, "delta": MESSAGE, "finish_reason": "stop"}]}
STREAM = (b"data: " + json.dumps(PIECE).encode() + b"\\n\\ndata: "
          + json.dumps({**HEAD, "choices": [], "usage": USAGE}).encode()
          + b"\\n\\ndata: [DONE]\\n\\n")

async def answer(request):
    body = await request.json()
    if body.get("stream"):
        return web.Response(body=STREAM, content_type="text/event-stream")
    return web.Response(body=WHOLE, content_type="application/json")

app = web.Application()
app.router.add_post("/v1/chat/completions", answer)
uvloop.install()
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""
BARE = """
import sys, aiohttp, uvloop
from aiohttp import web

async def answer(request):
    body = await request.read()
    async with request.app["session"].post(sys.argv[2], data=body) as upstream:
        return web.Response(body=await upstream.read(), content_type="application/json")

async def start(app):
    app["session"] = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

async def stop(app):
    await app["session"].close()

app = web.Application()
app.on_startup.append(start)
app.on_cleanup.append(stop)
app.router.add_post("/v1/chat/completions", answer)
uvloop.install()
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")


def started(stack: ExitStack, command: list[str], port: int, **environment: str) -> None:
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    stack.callback(process.wait)
    stack.callback(process.send_signal, signal.SIGTERM)
    wait_for(port)


async def one(session: aiohttp.ClientSession, url: str, body: bytes) -> float:
    begun = time.perf_counter()
    async with session.post(url, data=body) as answer:
        await answer.read()
        assert answer.status == 200, await answer.text()
    return (time.perf_counter() - begun) * 1000


async def measured(url: str, key: str, model: str) -> tuple[float, float]:
    """Requests a second with many at once, and the median of one by one in milliseconds."""
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "Hi"}]}).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
        for _ in range(WARM_UP):
            await one(session, url, body)
        begun = time.perf_counter()
        places = asyncio.Semaphore(AT_ONCE)

        async def placed() -> None:
            async with places:
                await one(session, url, body)

        await asyncio.gather(*(placed() for _ in range(REQUESTS)))
        rate = REQUESTS / (time.perf_counter() - begun)
        times = [await one(session, url, body) for _ in range(ONE_BY_ONE)]
    return rate, statistics.median(times)


async def prepared(base: str, upstream: str, admin: str) -> str:
    """A tenant with a key and three budgets, a priced model, a profile that keeps answers."""
    async with aiohttp.ClientSession(base) as session:

        async def post(path: str, token: str, **body: object) -> dict[str, str]:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            async with session.post(path, json=body, headers=headers) as answer:
                assert answer.status < 300, await answer.text()
                return await answer.json()

        owner = await post(
            "/api/v1/auth/register",
            "",
            email="bench@example.org",
            password="a long enough password for a bench",  # noqa: S106
            full_name="",
            organization_name="Bench",
        )
        token = owner["access_token"]
        key = (await post("/api/v1/api-keys", token, name="bench", scopes=["llm:call"]))["key"]
        llm = "/api/v1/admin/llm"
        await post(
            f"{llm}/providers", admin, name="echo", base_url=upstream, allow_private_network=True
        )
        await post(
            f"{llm}/models",
            admin,
            provider="echo",
            model="m",
            context_window=1000,
            max_output_tokens=10,
            input_usd_per_million="0.15",
            output_usd_per_million="0.6",
        )
        await post(f"{llm}/profiles", admin, profile_key="KEPT", model="echo/m", cache_enabled=True)
        for window in ("total", "day", "month"):
            limit = {"scope": "tenant", "window": window, "limit_usd": "1000"}
            await post("/api/v1/llm/budgets", token, **limit)
        return key


def main() -> None:
    cli = str(Path(sys.executable).with_name("agentverse"))
    with tempfile.TemporaryDirectory(prefix="agentverse-bench-") as home, ExitStack() as stack:
        Path(home).chmod(0o755)
        echo, bare, ours = free_port(), free_port(), free_port()
        upstream = f"http://127.0.0.1:{echo}/v1"
        started(stack, [sys.executable, "-c", ECHO, str(echo)], echo)
        target = f"{upstream}/chat/completions"
        started(stack, [sys.executable, "-c", BARE, str(bare), target], bare)
        started(stack, [cli, "serve", "--port", str(ours)], ours, AGENTVERSE_HOME=home)
        admin = subprocess.run(
            [cli, "admin", "token"],
            env={**os.environ, "AGENTVERSE_HOME": home},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        key = asyncio.run(prepared(f"http://127.0.0.1:{ours}", upstream, admin))
        door = f"http://127.0.0.1:{ours}/v1/chat/completions"
        passing = f"http://127.0.0.1:{bare}/v1/chat/completions"
        base_rate, base_median = asyncio.run(measured(passing, key, "echo/m"))
        print("| | calls/s | of bare | median ms | times bare |\n|---|---|---|---|---|")
        print(f"| bare pass-through | {base_rate:.0f} | 1 | {base_median:.2f} | 1 |")
        for name, model in (("all on", "echo/m"), ("kept answer", "profile:KEPT")):
            rate, median = asyncio.run(measured(door, key, model))
            print(
                f"| {name} | {rate:.0f} | {rate / base_rate:.2f} | {median:.2f} "
                f"| {median / base_median:.1f} |"
            )


if __name__ == "__main__":
    main()
