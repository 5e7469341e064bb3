"""The battery: real processes over a running load, and everything that can happen to them.

    python -m tests.chaos.battery --kills 200 --replicas 2 --database postgres --seed 7

Prints the seed and the figures; ends with 1 when a promise was broken. docs/reliability.md has the
figures of a long run.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

from bot.errors import StoreBusy
from bot.store import Store, open_store
from tests.chaos.ground import Ground, ground, may_mount
from tests.chaos.load import Load
from tests.chaos.troubles import TROUBLES, arm_all
from tests.chaos.verdict import drained, judge

NEEDS = {"cut": "postgres", "restart": "postgres", "lock": "sqlite", "fill": "disk", "shut": "bucket"}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How often each trouble comes, in a random order."""

    database: str = "sqlite"
    replicas: int = 1
    pictures: str = "folder"
    seed: int = 1
    rate: float = 4.0  # orders a second
    faults: float = 0.2  # the share of the gateway's calls that meet one
    kill: int = 0
    stop: int = 0
    cut: int = 0
    restart: int = 0
    lock: int = 0
    fill: int = 0
    shut: int = 0
    storm_s: float = 0.0  # every fault with 20 %, each
    drain_every: int = 50  # so many troubles, then all must come to rest
    minutes: float = 0.0  # no new trouble after that; what was really done is printed

    def troubles(self, rng: random.Random) -> list[str]:
        wanted = [name for name in TROUBLES for _ in range(getattr(self, name))]
        for name in set(wanted) & NEEDS.keys():
            if NEEDS[name] not in (self.database, self.pictures):
                raise SystemExit(f"{name} needs {NEEDS[name]}")
        rng.shuffle(wanted)
        return wanted


@dataclass
class Report:
    """What came out."""

    plan: Plan
    done: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    drains_s: list[float] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    def lines(self) -> list[str]:
        rows = {
            "seed": self.plan.seed,
            "database": self.plan.database,
            "replicas": self.plan.replicas,
            "pictures": self.plan.pictures,
            "troubles": dict(self.done),
            "seconds": round(self.seconds),
            "longest drain s": round(max(self.drains_s, default=0), 1),
            **self.figures,
            "broken promises": len(self.problems),
        }
        return [f"{name:30} {value}" for name, value in rows.items()] + self.problems[:50]


async def battery(plan: Plan) -> Report:
    """One installation through all its troubles."""
    rng, report, began = random.Random(plan.seed), Report(plan), time.monotonic()
    troubles = plan.troubles(rng)
    async with ground(
        database=plan.database, pictures=plan.pictures, replicas=plan.replicas, seed=plan.seed
    ) as stands:
        store = await open_store(stands.url, pool_size=4)
        try:
            await _through(plan, troubles, Round(stands, store, rng, report))
        finally:
            await store.aclose()
    for replica in stands.replicas:
        report.problems += [f"a bug in the log: {bug}"[:1500] for bug in replica.bugs]
    report.figures["starts"] = sum(replica.starts for replica in stands.replicas)
    report.figures["warnings"] = dict(sum((Counter(r.counts) for r in stands.replicas), Counter()))
    report.seconds = time.monotonic() - began
    return report


@dataclass
class Round:
    """What every round works with."""

    stands: Ground
    store: Store
    rng: random.Random
    report: Report
    orders: list[Any] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def is_late(self) -> bool:
        limit_s = 60 * self.report.plan.minutes
        return bool(limit_s) and time.monotonic() - self.began > limit_s


async def _through(plan: Plan, troubles: list[str], at: Round) -> None:
    for first in range(0, len(troubles), plan.drain_every):
        batch = troubles[first : first + plan.drain_every]
        await arm_all(at.stands, plan.faults)
        async with _loaded(plan, at):
            for name in batch:
                if at.is_late:
                    break
                await TROUBLES[name](at.stands, at.rng)
                at.report.done[name] += 1
                await _books(at)
        await _rest(at, f"{at.report.done.total()} troubles")
        if at.is_late:
            return
    if plan.storm_s:
        await arm_all(at.stands, 0.2, each=True)
        async with _loaded(plan, at):
            await asyncio.sleep(plan.storm_s)
            at.report.done["storm"] += 1
        await _rest(at, "the storm")


@contextlib.asynccontextmanager
async def _loaded(plan: Plan, at: Round) -> Any:
    """Orders come in meanwhile; at the end every one of them has been answered."""
    load = Load(at.stands, at.store, at.rng, plan.rate, at.orders)
    running = asyncio.create_task(load.run())
    try:
        yield
        await asyncio.sleep(0.5)
    finally:
        load.stop()
        for replica in at.stands.replicas:
            await replica.ready()
        await running
    at.report.figures["refused"] = dict(Counter(at.report.figures.get("refused", {})) + load.refused)


async def _books(at: Round) -> None:
    """The books hold at every instant, whatever has just happened."""
    with contextlib.suppress(StoreBusy):
        at.report.problems += [
            f"after {sum(at.report.done.values())}: {p}" for p in await at.store.ledger.problems()
        ]


async def _rest(at: Round, when: str) -> None:
    stuck, seconds = await drained(at.store)
    at.report.drains_s.append(seconds)
    verdict = await judge(at.stands, at.store, at.orders)
    at.report.problems += [f"after {when}: {problem}" for problem in [*stuck, *verdict.problems]]
    at.report.figures |= verdict.figures
    print(f"after {when}: {len(verdict.problems)} problems, drained in {seconds:.1f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for one in fields(Plan):
        name = {"kill": "kills", "stop": "stops", "cut": "cuts", "restart": "restarts", "lock": "locks"}
        flag = name.get(one.name, one.name).replace("_", "-")
        parser.add_argument(f"--{flag}", dest=one.name, type=type(one.default), default=one.default)
    plan = Plan(**vars(parser.parse_args()))
    if plan.pictures == "disk" and not may_mount():
        raise SystemExit("a small disk needs the right to mount one")
    report = asyncio.run(battery(plan))
    print("\n".join(report.lines()))
    sys.exit(bool(report.problems))


if __name__ == "__main__":
    main()
