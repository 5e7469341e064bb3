"""One process of bench/replicas.py: a worker that draws, or a front end that takes orders.

It says `ready` once it could begin, begins when it is told to by a line, ends with its input, and says then what it
has seen: how late its loop was, and how long people waited for what it accepted.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

from bench.lateness import late, quantile
from bench.scale import UNCHECKED, ask_of
from bot.configuration import config
from bot.configuration.settings import Settings
from bot.errors import StoreBusy
from bot.house.app import open_app
from bot.house.building import App
from bot.ports import Place
from bot.process.telemetry import set_up_logs
from bot.store.database import Steps, sql

TOP_UP_S, DOOR_S = 0.25, 20.0


def settings_of(told: dict[str, Any]) -> Settings:
    """Of each of the processes."""
    return config.load(
        environ={},
        store={"url": told["store"], "pool_size": 8},
        assets={"url": told["assets"]},
        gateway={"base_url": told["gateway"], "api_key": told["key"]},
        fetch={"allow_hosts": [told["address"]]},
        moderation={"checks": None if told["checked"] else UNCHECKED},
        quotas={"daily_allowance": 10**9, "unnamed_budget": 10**9, "unnamed_together": 10**9},
        limits={"per_requester": 1000, "per_community": 100_000},
        worker={"in_flight": 256},
        log={"level": "error"},
    )


@dataclass(slots=True)
class Told:
    """What one process says at its end."""

    lates_s: list[float] = field(default_factory=list)
    asked: int = 0
    accepted_s: list[float] = field(default_factory=list)
    busy: int = 0  # orders that the database had no time for

    @property
    def at_the_door(self) -> int:
        """Orders that are being accepted."""
        return self.asked - len(self.accepted_s) - self.busy

    def line(self) -> str:
        """As JSON: figures in milliseconds."""
        lates, accepted = sorted(self.lates_s), sorted(self.accepted_s)
        figures = {
            "late_p50_ms": 1000 * quantile(lates, 0.5),
            "late_p99_ms": 1000 * quantile(lates, 0.99),
            "late_max_ms": 1000 * max(lates, default=0.0),
            "accepted": len(accepted),
            "accept_p50_ms": 1000 * quantile(accepted, 0.5),
            "accept_p99_ms": 1000 * quantile(accepted, 0.99),
            "busy": self.busy,
            "waiting": self.at_the_door,
        }
        return json.dumps(figures)


async def line_in() -> str:
    """The next line of our input; nothing once it has ended."""
    return await asyncio.to_thread(sys.stdin.readline)


@contextlib.asynccontextmanager
async def watched() -> AsyncIterator[Told]:
    """Ready; begins when it is told to, and says at the end what it has seen."""
    told = Told()
    print("ready", flush=True)
    await line_in()
    watching = asyncio.create_task(late(told.lates_s))
    try:
        yield told
    finally:
        watching.cancel()
        print(told.line(), flush=True)


async def work(told: dict[str, Any]) -> None:
    """A worker, until its input ends."""
    async with open_app(settings_of(told)) as house:
        assert house.worker is not None
        working = asyncio.create_task(house.worker.run())
        async with watched():
            await line_in()
        await house.worker.stop(1)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def take(told: dict[str, Any]) -> None:
    """A front end: so many orders a second, or as many as keep so many under way, until its time is over."""
    async with open_app(settings_of(told), roles=()) as house, watched() as seen:
        orders = evenly(told) if told["per_second"] else topping_up(house, told, seen)
        under_way = set[asyncio.Task[None]]()
        async for _ in orders:
            order = asyncio.create_task(_order(house, told["name"], seen.asked, seen))
            seen.asked += 1
            under_way.add(order)
            order.add_done_callback(under_way.discard)
        await _last_ones(under_way)


async def _last_ones(under_way: set[asyncio.Task[None]]) -> None:
    """Those at the door have a while; who hasn't come in then is counted as waiting."""
    if under_way:
        _, waiting = await asyncio.wait(under_way, timeout=DOOR_S)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _order(house: App, front: str, number: int, seen: Told) -> None:
    """One order that nobody watches."""
    ask = ask_of(number, f"a red fox number {number} --model flux-2-pro", f"{front}-{number}")
    began = time.perf_counter()
    try:
        await house.studio.imagine(replace(ask, place=Place(address=None)))
    except StoreBusy:
        seen.busy += 1
    else:
        seen.accepted_s.append(time.perf_counter() - began)


async def evenly(told: dict[str, Any]) -> AsyncIterator[None]:
    """So many a second, whatever becomes of them."""
    began = time.monotonic()
    for number in range(round(told["seconds"] * told["per_second"])):
        await asyncio.sleep(max(0.0, began + number / told["per_second"] - time.monotonic()))
        if time.monotonic() > began + told["seconds"]:
            return
        yield


async def topping_up(house: App, told: dict[str, Any], seen: Told) -> AsyncIterator[None]:
    """As many as are missing, again and again: the highest rate that the machine gives."""
    until = time.monotonic() + told["seconds"]
    while time.monotonic() < until:
        try:
            open_jobs = await house.store.database.read(_open_jobs, f"{told['name']}-%")
        except StoreBusy:
            continue  # it has waited for its patience
        for _ in range(told["at_once"] - open_jobs - seen.at_the_door):
            yield
        await asyncio.sleep(TOP_UP_S)


def _open_jobs(keys: str) -> Steps[int]:
    rows = yield sql("SELECT COUNT(*) AS n FROM jobs WHERE open = 1 AND request_key LIKE :keys", keys=keys)
    return int(rows[0]["n"])


if __name__ == "__main__":
    set_up_logs(level="error", form="text")
    role, wanted = sys.argv[1:]
    asyncio.run({"worker": work, "front": take}[role](json.loads(wanted)))
