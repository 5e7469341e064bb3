"""Ten thousand jobs under way in one process: what they hold, and what their polls cost.

    python -m bench.under_way [--jobs 10000] [--look 20]

Accepted by the store and carried by the real worker on a SQLite file, of a service that never finishes and allows 50
looks a second. Nobody is shown anything: it is the core alone. Prints memory, processor time, looks and the loop's lag.
"""

import argparse
import asyncio
import contextlib
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace

from bench.books import acceptance
from bench.processes import cost_of
from bench.scale import settings_for
from bot.house.app import open_app
from bot.house.building import App
from bot.model import Order
from bot.process.telemetry import set_up_logs
from bot.provider import Input, Outcome, Pending, Provider
from integrations.simulator.app import simulator

TICK_S = 0.02
AT_ONCE = 64


class Endless:
    """A provider whose pictures are never done."""

    def __init__(self, inner: Provider) -> None:
        self._inner = inner
        self.name, self.models = inner.name, inner.models
        self.honours_keys, self.polls_per_s = inner.honours_keys, 50.0
        self.cancel, self.standing, self.aclose = inner.cancel, inner.standing, inner.aclose
        self.submits = self.looks = 0

    async def submit(
        self, order: Order, *, key: str, inputs: Sequence[Input] = (), webhook: str = ""
    ) -> Outcome:
        del order, key, inputs, webhook
        self.submits += 1
        return Pending(operation=f"operation-{self.submits}")

    async def poll(self, operation: str, *, order: Order) -> Outcome:
        del order
        self.looks += 1
        return Pending(operation=operation)


async def _lags(found: list[float]) -> None:
    """How late the loop is, again and again."""
    while True:
        due = time.perf_counter() + TICK_S
        await asyncio.sleep(TICK_S)
        found.append(time.perf_counter() - due)


async def _begin(house: App, jobs: int, model: str) -> None:
    assert house.worker is not None
    owner, numbers = house.worker.owner, iter(range(jobs))

    async def some() -> None:
        for number in numbers:
            wanted = acceptance(number, "u")
            job, _ = await house.store.jobs.accept(
                replace(
                    wanted,
                    order=replace(wanted.order, model=model),
                    address=None,
                    limits=replace(wanted.limits, per_requester=0, per_community=0),
                    now=house.store.now(),
                    deadline_s=3600,
                    lease_owner=owner,
                    lease_s=60,
                    screened=True,
                )
            )
            assert house.worker is not None
            house.worker.take(job)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


async def run(jobs: int, look_s: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with simulator(latency=False, tiny_images=True) as gateway:
            settings = settings_for(f"sqlite:///{folder}/easel.db", folder, gateway)
            crowded = settings.worker.model_copy(update={"in_flight": jobs + 1, "lease_s": 60.0})
            async with open_app(settings.model_copy(update={"worker": crowded})) as house:
                assert house.worker is not None
                (name, inner), *_ = house.providers.items()
                endless = house.providers[name] = Endless(inner)
                working = asyncio.create_task(house.worker.run())
                before = cost_of()
                await _begin(house, jobs, house.catalog.models[0].id)
                while endless.submits < jobs:  # noqa: ASYNC110 - one look is cheap
                    await asyncio.sleep(0.2)
                await asyncio.sleep(5)
                begun, looks, lags = cost_of(), endless.looks, list[float]()
                watching = asyncio.create_task(_lags(lags))
                await asyncio.sleep(look_s)
                after = cost_of()
                watching.cancel()
                working.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await working
                lags.sort()
                held_kib = (begun.resident_bytes - before.resident_bytes) / 1024
                print(f"{jobs} under way: {held_kib / 1024:.0f} MiB more, {held_kib / jobs:.1f} KiB each")
                print(f"to get there: {1000 * (begun.cpu_s - before.cpu_s) / jobs:.1f} ms of processor each")
                print(
                    f"waiting: {100 * (after.cpu_s - begun.cpu_s) / look_s:.1f} % of a core at"
                    f" {(endless.looks - looks) / look_s:.0f} looks a second"
                )
                print(f"the loop is late by {1000 * lags[len(lags) // 2]:.1f} ms in the median,"
                      f" {1000 * lags[int(len(lags) * 0.99)]:.0f} ms at the 99th percentile")  # fmt: skip
                await house.worker.stop(0.1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--look", type=float, default=20.0, help="seconds in which they are watched")
    chosen = parser.parse_args()
    set_up_logs(level="error", form="text")
    asyncio.run(run(chosen.jobs, chosen.look))
