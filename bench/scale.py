"""How much one process does: whole pictures a second, and what each costs the database.

The real studio, worker and books against the simulated gateway in the same loop (no latency, tiny
pictures), on SQLite and, with `--postgres`, on a PostgreSQL from pip. Prints a table; `--json FILE` writes the figures.
docs/scale.md multiplies them.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.transactions import Tally
from bot.configuration import config
from bot.configuration.settings import Settings
from bot.house.app import open_app
from bot.ports import Address, Ask, Card, Handle, Place, Requester
from bot.process.telemetry import set_up_logs
from bot.store.database import Steps, sql
from integrations.simulator.app import simulator
from tests.fakes.postgres_server import database, server

# No outside check of pictures, whether the extra `nsfw` is installed or not: its classifier takes 60 ms a picture.
UNCHECKED: tuple[str, ...] = ()


class Silent:
    """A surface that takes every card and says nothing."""

    name = "bench"

    def __init__(self) -> None:
        self.shows: Counter[str] = Counter()
        self.over: set[str] = set()

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        del address
        self.shows[card.phase] += 1
        if card.phase in ("finished", "over"):
            self.over.add(card.job)
        return handle or Handle(key=card.job)

    async def tell(self, address: Address, text: str) -> None:
        del address, text

    async def aclose(self) -> None:
        return


def ask_of(number: int, text: str, key: str) -> Ask:
    """An order of one of many people."""
    return Ask(
        requester=Requester(surface="bench", community=f"c{number % 20}", user=f"u{number % 500}"),
        place=Place(address=Address(surface="bench")),
        text=text,
        request_key=key,
    )


def settings_for(url: str, folder: str, gateway: Any) -> Settings:
    return config.load(
        environ={},
        store={"url": url, "pool_size": 20},
        assets={"url": f"{folder}/assets"},
        gateway={"base_url": gateway.base_url, "api_key": gateway.api_key},
        fetch={"allow_hosts": [gateway.address]},
        moderation={"checks": UNCHECKED},
        quotas={"daily_allowance": 10**9, "unnamed_budget": 10**9, "unnamed_together": 10**9},
        limits={"per_requester": 1000, "per_community": 100_000},
        worker={"in_flight": 256},
        log={"level": "error"},
    )


def sizes() -> Steps[dict[str, int]]:
    counted = {}
    for table in ("jobs", "messages", "assets", "transfers", "accounts", "audit"):
        rows = yield sql(f"SELECT COUNT(*) AS n FROM {table}")
        counted[table] = int(rows[0]["n"])
    return counted


async def measure(url: str, pictures: int, at_once: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        async with simulator(latency=False, tiny_images=True) as gateway:
            settings = settings_for(url or f"sqlite:///{folder}/easel.db", folder, gateway)
            async with open_app(settings) as house:
                assert house.worker is not None
                silent = Silent()
                house.surfaces["bench"] = silent
                worker = asyncio.create_task(house.worker.run())
                tally = Tally()
                tally.watch(house.store.database)
                before = await house.store.database.read(footprint, url)
                figures = await load(house, silent, pictures, at_once)
                done = list(tally.transactions)
                writes = sum(one.writes for one in done)
                figures["transactions a picture"] = round(writes / pictures, 1)
                figures["reads a picture"] = round((len(done) - writes) / pictures, 1)
                figures["statements a picture"] = round(sum(one.statements for one in done) / pictures, 1)
                after = await house.store.database.read(footprint, url)
                for name, size_bytes in after.items():
                    figures[name] = round((size_bytes - before[name]) / 1024 / pictures, 1)
                rows = await house.store.database.read(sizes)
                figures["rows a picture"] = round(sum(rows.values()) / pictures, 1)
                figures["shows a picture"] = round(sum(silent.shows.values()) / pictures, 1)
                figures["problems"] = len(await house.store.ledger.problems())
                await house.worker.stop()
                worker.cancel()
                await asyncio.gather(worker, return_exceptions=True)
        if not url:
            size_bytes = (await asyncio.to_thread(Path(f"{folder}/easel.db").stat)).st_size
            figures["KiB a picture"] = round(size_bytes / 1024 / pictures, 1)
    return figures


def footprint(url: str) -> Steps[dict[str, int]]:
    """Bytes of the database and of its log so far, where the server tells."""
    if not url:
        return {}
    size = yield sql("SELECT pg_database_size(current_database()) AS n")
    log = yield sql("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS n")
    return {"KiB a picture": int(size[0]["n"]), "log KiB a picture": int(log[0]["n"])}


async def load(house: Any, silent: Silent, pictures: int, at_once: int) -> dict[str, Any]:
    gate = asyncio.Semaphore(at_once)
    acknowledged: list[float] = []

    async def one(number: int) -> None:
        async with gate:
            ask = ask_of(number, f"a red fox number {number} --model flux-2-pro", f"bench-{number}")
            began = time.perf_counter()
            job = (await house.studio.imagine(ask)).job
            acknowledged.append(time.perf_counter() - began)
            while job.id not in silent.over:  # noqa: ASYNC110 - thousands at once: one look is cheap
                await asyncio.sleep(0.02)

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(number) for number in range(pictures)))
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    acknowledged.sort()
    return {
        "pictures/s": round(pictures / wall_s, 1),
        "CPU ms a picture": round(1000 * cpu_s / pictures, 1),
        "ack p50 ms": round(1000 * acknowledged[len(acknowledged) // 2], 1),
        "ack p99 ms": round(1000 * acknowledged[int(len(acknowledged) * 0.99)], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument(
        "--postgres", action="store_true", help="also PostgreSQL; TEST_POSTGRES_URL names a server"
    )
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    set_up_logs(level="error", form="text")
    results = {"sqlite": asyncio.run(measure("", chosen.pictures, chosen.at_once))}
    if chosen.postgres:
        with server(durable=True) as running, database(running) as url:
            results["postgresql"] = asyncio.run(measure(url, chosen.pictures, chosen.at_once))
    for name in dict.fromkeys(name for figures in results.values() for name in figures):
        row = "  ".join(f"{results[d].get(name, '')!s:>10}" for d in results)
        print(f"{name:24} {row}")
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=2))
    sys.exit(any(r["problems"] for r in results.values()))


if __name__ == "__main__":
    main()
