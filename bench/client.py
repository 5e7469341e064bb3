"""What one request costs: our client (aiohttp's session, within bounds) beside aiohttp and httpx as they come.

    python -m bench --only client

A hundred at once to a local service in a process of its own; processor time of the asking process, in turns.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable

import aiohttp
import httpx
from aiohttp import web

from bench.table import Figure
from integrations.providers import _wire

AT_ONCE, REQUESTS, TURNS = 100, 400, 3
Ask = Callable[[], Awaitable[object]]


async def _serve() -> None:
    """Says its address, and answers until its input ends."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"status": "processing", "id": "local"})

    app = web.Application()
    app.router.add_get("/operation", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}/operation", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


async def _cost_ms(ask: Ask, *, requests: int) -> float:
    """Processor milliseconds of one request."""
    numbers = iter(range(requests))

    async def task() -> None:
        for _ in numbers:
            await ask()

    began = time.process_time()
    await asyncio.gather(*(task() for _ in range(AT_ONCE)))
    return 1000 * (time.process_time() - began) / requests


async def _compared(url: str) -> dict[str, float]:
    wire, own = _wire.Wire(), aiohttp.ClientSession(trust_env=False)
    theirs = httpx.AsyncClient(trust_env=False, timeout=60)

    async def by_us() -> object:
        return await wire.get(url, within_s=30)

    async def by_aiohttp() -> object:
        async with own.get(url) as response:
            return await response.read()

    async def by_httpx() -> object:
        return (await theirs.get(url)).content

    asked = {"ours": by_us, "aiohttp": by_aiohttp, "httpx": by_httpx}
    costs: dict[str, list[float]] = {name: [] for name in asked}
    try:
        for ask in asked.values():
            await _cost_ms(ask, requests=AT_ONCE)  # connections
        for _ in range(TURNS):
            for name, ask in asked.items():
                costs[name].append(await _cost_ms(ask, requests=REQUESTS))
    finally:
        await asyncio.gather(wire.aclose(), own.close(), theirs.aclose())
    return {name: statistics.median(all_) for name, all_ in costs.items()}


async def _measured() -> dict[str, float]:
    pipe = asyncio.subprocess.PIPE
    serving = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.client", "serve", stdin=pipe, stdout=pipe
    )
    assert serving.stdin is not None
    assert serving.stdout is not None
    try:
        return await _compared((await serving.stdout.readline()).decode().strip())
    finally:
        serving.stdin.close()
        await serving.wait()


def figures() -> dict[str, Figure]:
    """The rows of the one table."""
    costs = asyncio.run(_measured())
    return {
        "http.aiohttp": Figure(ours=costs["ours"], theirs=costs["aiohttp"]),
        "http.httpx": Figure(ours=costs["ours"], theirs=costs["httpx"]),
    }


if __name__ == "__main__":
    asyncio.run(_serve())
