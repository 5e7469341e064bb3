"""Four workers and two front ends on one PostgreSQL, all processes of their own: how much they do together.

    python -m bench.replicas [--seconds 60] [--at-once 60] [--workers 4] [--fronts 2]
    python -m bench.replicas --per-second 12          # so many orders, whatever becomes of them

Front ends take orders that nobody watches, workers claim them and draw them at a simulated gateway without latency
(in the bench's own process). Without `--per-second` so many are kept under way: the highest rate that the machine
gives. Prints each minute, then what each kind of process cost, how late it was, and whether the books are right.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

from bench.processes import cost_of, ended_cpu_s, parent_of
from bot.process.telemetry import set_up_logs
from bot.store import Store, open_store
from bot.store.database import Steps, sql
from integrations.simulator.app import simulator
from tests.fakes.postgres_server import database, server

READY_S, SETTLE_S, LOOK_S = 120.0, 60.0, 10.0
Process = asyncio.subprocess.Process


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What the database and the system tell at one moment; all but the last four only grow."""

    at: float
    finished: int
    transactions: int
    log_bytes: int
    worker_s: float  # of the processor
    pixels_s: float  # of the processes in which the workers decode pictures
    front_s: float
    server_s: float
    bench_s: float
    open_jobs: int
    load: float
    worker_bytes: int
    database_bytes: int


class Crew:
    """The processes, and the server that they share."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.workers: list[Process] = []
        self.fronts: list[Process] = []
        self._server = 0

    async def look(self) -> Moment:
        told = await self._store.database.read(_counters)
        self._server = self._server or parent_of(told["pid"])
        server_cost, workers = cost_of(self._server), [cost_of(one.pid) for one in self.workers]
        return Moment(
            at=time.monotonic(),
            finished=told["finished"],
            transactions=told["transactions"],
            log_bytes=told["log_bytes"],
            worker_s=sum(one.cpu_s for one in workers),
            pixels_s=sum(one.children_cpu_s for one in workers),
            front_s=sum(cost_of(one.pid).cpu_s for one in self.fronts),
            server_s=server_cost.cpu_s + server_cost.children_cpu_s + ended_cpu_s(self._server),
            bench_s=cost_of().cpu_s,
            open_jobs=told["open_jobs"],
            load=os.getloadavg()[0],
            worker_bytes=max(one.resident_bytes for one in workers),
            database_bytes=told["database_bytes"],
        )


def _counters() -> Steps[dict[str, int]]:
    rows = yield sql(
        "SELECT pg_backend_pid() AS pid, pg_database_size(current_database()) AS database_bytes,"
        " (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()) AS transactions,"
        " (SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')) AS log_bytes,"
        " (SELECT COUNT(*) FROM jobs WHERE state = 'finished') AS finished,"
        " (SELECT COUNT(*) FROM jobs WHERE open = 1) AS open_jobs"
    )
    return {name: int(value) for name, value in dict(rows[0]).items()}


def _waits() -> Steps[list[float]]:
    """Seconds from each order to its picture, the shortest first."""
    rows = yield sql("SELECT ended_at - created_at AS ms FROM jobs WHERE state = 'finished' ORDER BY 1")
    return [row["ms"] / 1000 for row in rows]


def between(one: Moment, other: Moment) -> str:
    """What a while was like."""
    took_s, done = other.at - one.at, max(1, other.finished - one.finished)

    def share(name: str) -> str:
        return f"{100 * (getattr(other, name) - getattr(one, name)) / took_s:.0f}"

    return (
        f"{done / took_s:5.1f} pictures/s  {(other.transactions - one.transactions) / took_s:4.0f} transactions/s"
        f"  {(other.log_bytes - one.log_bytes) / took_s / 2**20:.2f} MiB/s of log"
        f"  processor: workers {share('worker_s')} + {share('pixels_s')} %, fronts {share('front_s')} %, PostgreSQL {share('server_s')} %,"
        f" gateway {share('bench_s')} %  the largest worker {other.worker_bytes / 2**20:.0f} MiB"
        f"  {other.open_jobs} open  load {other.load:.1f}"
    )


@contextlib.asynccontextmanager
async def process(role: str, told: dict[str, Any]) -> AsyncIterator[Process]:
    """One that is ready; killed at the end if it hasn't ended."""
    pipe = asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.replica", role, json.dumps(told), stdin=pipe, stdout=pipe
    )
    try:
        async with asyncio.timeout(READY_S):
            await _heard(running)
        yield running
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def _heard(running: Process) -> str:
    assert running.stdout is not None
    line = (await running.stdout.readline()).decode().strip()
    assert line, "it ended without a word"
    return line


async def _say(running: Process, line: str) -> None:
    assert running.stdin is not None
    running.stdin.write(f"{line}\n".encode())
    await running.stdin.drain()


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
                "checked": options.checked,
                "at_once": options.at_once // options.fronts,
            }
            store = await open_store(url)  # made once, before all come
            try:
                return await _measured(options, told, store)
            finally:
                await store.aclose()


async def _measured(options: argparse.Namespace, told: dict[str, Any], store: Store) -> int:
    async with contextlib.AsyncExitStack() as stack:
        crew = Crew(store)
        for number in range(options.workers + options.fronts):
            role, crowd = ("worker", crew.workers) if number < options.workers else ("front", crew.fronts)
            crowd.append(await stack.enter_async_context(process(role, told | {"name": f"front{number}"})))
        for one in (*crew.workers, *crew.fronts):
            await _say(one, "begin")
        begun = last = await crew.look()
        async with asyncio.timeout(options.seconds + SETTLE_S):
            ending = asyncio.gather(*(_heard(one) for one in crew.fronts))
            while not ending.done():
                await asyncio.wait([ending], timeout=LOOK_S)
                now = await crew.look()
                if now.at - last.at >= options.each:
                    print(f"{now.at - begun.at:5.0f} s  {between(last, now)}", flush=True)
                    last = now
            over = await crew.look()
        fronts = [json.loads(line) for line in ending.result()]
        settled = await _settled(crew)
        for one in crew.workers:
            await _say(one, "end")
        workers = [json.loads(await _heard(one)) for one in crew.workers]
        problems = await store.ledger.problems()
        report(begun, over, settled, fronts, workers)
        waits = await store.database.read(_waits)
        if waits:
            middle, late = statistics.median(waits), waits[int(0.99 * (len(waits) - 1))]
            print(
                f"from an order to its picture: {middle:.1f} s in the median, {late:.1f} s at the 99th percentile"
            )
        print(f"the books: {problems or 'right'}")
        return int(bool(problems) or settled.open_jobs > 0)


async def _settled(crew: Crew) -> Moment:
    until = time.monotonic() + SETTLE_S
    while (now := await crew.look()).open_jobs and time.monotonic() < until:  # noqa: ASYNC110 - others finish them
        await asyncio.sleep(0.5)
    return now


def report(
    begun: Moment,
    over: Moment,
    settled: Moment,
    fronts: list[dict[str, float]],
    workers: list[dict[str, float]],
) -> None:
    """What was measured, in lines."""
    done = max(1, over.finished - begun.finished)
    print(f"in all   {between(begun, over)}")
    print(
        f"accepted {worst(fronts, 'accepted', sum):.0f}, finished {settled.finished - begun.finished}"
        f" in {settled.at - begun.at:.0f} s; {worst(fronts, 'busy', sum):.0f} had no place at the database,"
        f" {worst(fronts, 'waiting', sum):.0f} still waited at the door"
    )
    for name, field in (
        ("workers", "worker_s"), ("their pixels", "pixels_s"), ("front ends", "front_s"), ("PostgreSQL", "server_s"), ("the gateway", "bench_s")
    ):  # fmt: skip
        print(
            f"processor a picture, {name}: {1000 * (getattr(over, field) - getattr(begun, field)) / done:.1f} ms"
        )
    print(f"transactions a picture: {(over.transactions - begun.transactions) / done:.1f}")
    print(f"log a picture: {(over.log_bytes - begun.log_bytes) / 1024 / done:.1f} KiB;"
          f" database {(over.database_bytes - begun.database_bytes) / 1024 / done:.1f} KiB")  # fmt: skip
    print(f"accepting: {worst(fronts, 'accept_p50_ms'):.0f} ms in the median,"
          f" {worst(fronts, 'accept_p99_ms'):.0f} ms at the 99th percentile")  # fmt: skip
    for name, told in (("front ends", fronts), ("workers", workers)):
        print(
            f"the loops of {name} are late by {worst(told, 'late_p50_ms'):.1f} ms in the median,"
            f" {worst(told, 'late_p99_ms'):.0f} ms at the 99th percentile, {worst(told, 'late_max_ms'):.0f} ms at most"
        )
    print(
        f"the largest worker holds {over.worker_bytes / 2**20:.0f} MiB ({begun.worker_bytes / 2**20:.0f} at first)"
    )


def worst(told: Iterable[dict[str, float]], name: str, of: Any = max) -> float:
    """Of several processes."""
    return float(of(one[name] for one in told))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--at-once", type=int, default=60, help="kept under way, all front ends together")
    parser.add_argument("--per-second", type=float, default=0.0, help="orders, all front ends together")
    parser.add_argument(
        "--checked", action="store_true", help="with the checks of pictures that are installed"
    )
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--fronts", type=int, default=2)
    parser.add_argument("--each", type=float, default=60.0, help="seconds from line to line")
    options = parser.parse_args()
    set_up_logs(level="error", form="text")
    with server(durable=True) as running, database(running) as url:
        return asyncio.run(run(options, url))


if __name__ == "__main__":
    sys.exit(main())
