"""Four workers and two front ends on one PostgreSQL, all processes of their own: how much they do together.

    python -m bench.replicas [--seconds 60] [--per-second 20] [--workers 4] [--fronts 2]

Front ends take orders that nobody watches, workers claim them and draw them at a simulated gateway without latency.
Prints what was accepted and finished, the processor time of each kind of process, and whether the books are right.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from bench.processes import cost_of
from bench.scale import ask_of
from bot import config
from bot.app import open_app
from bot.ports import Place
from bot.settings import Settings
from bot.store import Store, open_store
from bot.store.database import Steps, sql
from bot.telemetry import set_up_logs
from integrations.simulator.app import simulator
from tests.fakes.postgres_server import database, server

SETTLE_S = 60.0


def settings_of(told: dict[str, Any]) -> Settings:
    return config.load(
        environ={},
        store={"url": told["store"], "pool_size": 8},
        assets={"url": told["assets"]},
        gateway={"base_url": told["gateway"], "api_key": told["key"]},
        fetch={"allow_hosts": [told["address"]]},
        quotas={"daily_allowance": 10**9, "unnamed_budget": 10**9, "unnamed_together": 10**9},
        limits={"per_requester": 1000, "per_community": 100_000},
        worker={"in_flight": 256},
        log={"level": "error"},
    )


async def work(told: dict[str, Any]) -> None:
    """A worker, until its input ends."""
    async with open_app(settings_of(told)) as house:
        assert house.worker is not None
        working = asyncio.create_task(house.worker.run())
        await asyncio.to_thread(sys.stdin.read)
        await house.worker.stop(1)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def take(told: dict[str, Any]) -> None:
    """A front end: so many orders a second, each by a task of its own."""
    async with open_app(settings_of(told), roles=()) as house:
        began, number, orders = time.monotonic(), 0, set[asyncio.Task[Any]]()
        while (at := time.monotonic() - began) < told["seconds"]:
            key = f"{told['name']}-{number}"
            ask = ask_of(number, f"a red fox number {key} --model flux-2-pro", key)
            orders.add(asyncio.create_task(house.studio.imagine(replace(ask, place=Place(address=None)))))
            number += 1
            await asyncio.sleep(max(0.0, number / told["per_second"] - at))
        await asyncio.gather(*orders)


@contextlib.asynccontextmanager
async def process(role: str, told: dict[str, Any]) -> AsyncIterator[asyncio.subprocess.Process]:
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.replicas",
        "--role",
        role,
        json.dumps(told),
        stdin=asyncio.subprocess.PIPE,
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


def _states() -> Steps[dict[str, int]]:
    rows = yield sql("SELECT state, COUNT(*) AS n FROM jobs GROUP BY state")
    return {row["state"]: int(row["n"]) for row in rows}


async def run(options: argparse.Namespace, url: str) -> int:
    async with simulator(latency=False, tiny_images=True) as gateway:
        with tempfile.TemporaryDirectory() as folder:
            told = {
                "store": url,
                "assets": f"{folder}/assets",
                "gateway": gateway.base_url,
                "key": gateway.api_key,
                "address": gateway.address,
                "seconds": options.seconds,
                "per_second": options.per_second / options.fronts,
            }
            store = await open_store(url)  # made once, before all come
            try:
                return await _measured(options, told, store)
            finally:
                await store.aclose()


async def _measured(options: argparse.Namespace, told: dict[str, Any], store: Store) -> int:
    async with contextlib.AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(process("worker", told)) for _ in range(options.workers)]
        fronts = [
            await stack.enter_async_context(process("front", told | {"name": f"front{n}"}))
            for n in range(options.fronts)
        ]
        began = time.monotonic()
        for front in fronts:
            await front.wait()
        accepted_s = time.monotonic() - began
        while time.monotonic() - began < options.seconds + SETTLE_S:
            states = await store.database.read(_states)
            if sum(states.values()) == states.get("finished", 0):
                break
            await asyncio.sleep(0.5)
        took_s = time.monotonic() - began
        worked_ms = 1000 * sum(cost_of(one.pid).cpu_s for one in workers)
        states = await store.database.read(_states)
        total, finished = sum(states.values()), states.get("finished", 0)
        problems = await store.ledger.problems()
        print(f"accepted {total} in {accepted_s:.0f} s; finished {finished} in {took_s:.0f} s: {states}")
        print(
            f"{finished / took_s:.1f} pictures a second; workers {worked_ms / max(1, finished):.0f} ms each"
        )
        print(f"this process, with the gateway: {1000 * cost_of().cpu_s / max(1, finished):.0f} ms each")
        print(f"the books: {problems or 'right'}")
        return int(bool(problems) or finished < total)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--per-second", type=float, default=20.0, help="orders, all front ends together")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--fronts", type=int, default=2)
    parser.add_argument("--role", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    set_up_logs(level="error", form="text")
    if options.role:
        role, told = options.role
        asyncio.run((work if role == "worker" else take)(json.loads(told)))
        return 0
    with server(durable=True) as running, database(running) as url:
        return asyncio.run(run(options, url))


if __name__ == "__main__":
    sys.exit(main())
