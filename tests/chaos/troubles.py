"""What can happen to an installation, each as one act at a random instant."""

import asyncio
import random
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from integrations.simulator.fault_effects import Point
from integrations.simulator.fault_list import FAULTS
from tests.chaos.ground import LEASE_S, Ground, Replica

Trouble = Callable[[Ground, random.Random], Awaitable[None]]
HIDDEN_MODEL = "stability-ai/sdxl"  # faults that take a model off the list strike this one alone
LOCKS = (
    "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None);"
    " c.execute('BEGIN EXCLUSIVE'); time.sleep(float(sys.argv[2])); c.execute('ROLLBACK')"
)


async def kill(ground: Ground, rng: random.Random) -> None:
    """kill -9 of one replica, or of all at once; in the middle of its work, or of its start."""
    chosen = ground.replicas if rng.random() < 0.3 else [rng.choice(ground.replicas)]
    if rng.random() < 0.7:
        for replica in chosen:
            await replica.ready()
    await asyncio.sleep(rng.uniform(0, 1.5))
    await asyncio.gather(*(replica.kill() for replica in chosen))
    await asyncio.gather(*(replica.start() for replica in chosen))


async def stop(ground: Ground, rng: random.Random) -> None:
    """SIGSTOP for longer than the lease, then SIGCONT."""
    replica = await _ready_one(ground, rng)
    replica.send(signal.SIGSTOP)
    await asyncio.sleep(LEASE_S + rng.uniform(1, 4))
    replica.send(signal.SIGCONT)


async def cut(ground: Ground, rng: random.Random) -> None:
    """Every connection to the database is cut, in the middle of whatever it does."""
    await asyncio.sleep(rng.uniform(0, 0.6))
    connection = await asyncpg.connect(ground.url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'easel' AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()


async def restart(ground: Ground, rng: random.Random) -> None:
    """The database's server dies without goodbye and comes back."""
    assert ground.restart is not None
    await asyncio.sleep(rng.uniform(0, 2))
    await asyncio.to_thread(ground.restart)


async def lock(ground: Ground, rng: random.Random) -> None:
    """Another process holds the SQLite file."""
    held_s = str(rng.choice((0.5, 3.0, 7.0)))
    file = str(ground.folder / "easel.db")
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", LOCKS, file, held_s)
    await process.wait()


async def fill(ground: Ground, rng: random.Random) -> None:
    """The disk of the pictures is full for some seconds."""
    filler = ground.assets_folder / "filler"
    await asyncio.to_thread(_fill, filler)
    await asyncio.sleep(rng.uniform(2, 5))
    filler.unlink()


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as target:
        while True:
            try:
                target.write(b"\0" * 4096)
            except OSError:
                return


async def shut(ground: Ground, rng: random.Random) -> None:
    """The bucket answers 503 to everything for some seconds."""
    assert ground.bucket is not None
    ground.bucket.close_door()
    await asyncio.sleep(rng.uniform(2, 6))
    ground.bucket.shut = False


async def _ready_one(ground: Ground, rng: random.Random) -> Replica:
    replica = rng.choice(ground.replicas)
    await replica.ready()
    await asyncio.sleep(rng.uniform(0, 1))
    return replica


TROUBLES: dict[str, Trouble] = {
    "kill": kill,
    "stop": stop,
    "cut": cut,
    "restart": restart,
    "lock": lock,
    "fill": fill,
    "shut": shut,
}


# ── The gateway ──────────────────────────────────────────────────────────────────────────────────────


async def arm_all(ground: Ground, share: float, *, each: bool = False) -> None:
    """Arms every fault. At each point of the protocol a call meets one with probability `share` all together,
    or, with `each`, every single fault strikes with it."""
    at_point = {p: sum(p in fault.effects for fault in FAULTS.values()) for p in Point}
    async with httpx.AsyncClient(
        base_url=ground.sim.origin, timeout=10, trust_env=False, verify=False
    ) as client:
        (await client.delete("/_sim/faults")).raise_for_status()
        for name, fault in FAULTS.items():
            crowd = max(at_point[point] for point in fault.effects)
            probability = share if each else 1 - (1 - share) ** (1 / crowd)
            more: dict[str, Any] = {"model": HIDDEN_MODEL} if fault.hides_model else {}
            if name == "balance_exhausted":
                more = {"times": 1}  # it closes the provider for a minute: once is enough
            armed = {"name": name, "probability": probability, **more}
            (await client.post("/_sim/faults", json=armed)).raise_for_status()
