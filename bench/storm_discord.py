"""A storm on Discord: many commands under its published limits while faults strike, one process of the program.

    python bench/storm_discord.py [--commands N] [--rate SHARE] [--per-second N] [--seed N] [--json FILE]

Each fault strikes that share of the commands (it is armed when the command is sent, and takes the next call
that it fits). Goals: no call before a Retry-After is over, invalid answers that were not made on purpose under
1 % of all calls, every picture seen or refunded. First responses have no limit at Discord: the floor of the wait
for a placeholder is 0 s, but where a first response was refused, for a channel takes five posts in five seconds.
"""

import argparse
import asyncio
import contextlib
import json
import math
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.fakes.discord.faults import Faults
from tests.fakes.discord_process import house

REST_S = 1.0
IN_FLIGHT_S = 0.15  # what was sent before the refusal had reached us
PEOPLE, CHANNELS = 100, 25
EDIT, CALLBACK, ANY = "PATCH /webhooks/**", "POST /interactions/**", "* /**"
FAULTS: dict[str, Callable[[Faults], Any]] = {
    "wall": lambda faults: faults.wall(ANY, REST_S),
    "global": lambda faults: faults.limit(ANY, REST_S, scope="global"),
    "global, body alone": lambda faults: faults.limit_barely(ANY, REST_S, scope="global"),
    "route": lambda faults: faults.limit(EDIT, REST_S),
    "500": lambda faults: faults.fail(ANY, 500),
    "503 after": lambda faults: faults.fail_after(EDIT, 503),
    "cut before": lambda faults: faults.cut_before(ANY),
    "cut after": lambda faults: faults.cut_after(EDIT),
    "callback over": lambda faults: faults.refuse(CALLBACK, 10062),
    "AutoMod": lambda faults: faults.refuse(EDIT, 200000),
    "unknown webhook": lambda faults: faults.refuse(EDIT, 10015),
    "right": lambda faults: faults.refuse(EDIT, 50013),
}


async def storm(options: argparse.Namespace) -> dict[str, Any]:
    """The measurements of one run."""
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        more = "[limits]\nper_requester = 100"
        async with house(folder, more=more) as (server, _easel, _sim):
            server.limits.enforced = True
            guild = await server.guild("Foxes")
            channels = [await server.channel(guild, f"c{n}") for n in range(CHANNELS)]
            people = [server.user(f"p{n}") for n in range(PEOPLE)]
            for one in people:
                server.join(guild, one)
            began, invocations = time.monotonic(), []
            for n in range(options.commands):
                for arm in FAULTS.values():
                    if rng.random() < options.rate:
                        arm(server.faults)
                asked = {"prompt": f"fox number {n} of many"}
                invocations.append(
                    await server.slash(people[n % PEOPLE], channels[n % CHANNELS], "imagine", asked)
                )
                await asyncio.sleep(max(0.0, began + (n + 1) / options.per_second - time.monotonic()))
            with contextlib.suppress(TimeoutError):
                await server.until(lambda: len(shown(server)) >= options.commands, options.patience)
            await asyncio.sleep(2)
            return measured(server, invocations, jobs(Path(folder)), time.monotonic() - began)


def jobs(folder: Path) -> dict[str, str]:
    """The state of every job, read from the database."""
    with contextlib.closing(sqlite3.connect(f"file:{folder}/easel.db?mode=ro", uri=True)) as db:
        return dict(db.execute("select id, state from jobs"))


def shown(server: Any) -> set[str]:
    """The jobs whose pictures people have before them; a finished message names its job below."""
    messages = [m for c in server.world.channels.values() for m in c.messages.values() if not m.deleted]
    return {m.embeds[0].get("footer", {}).get("text", "") for m in messages if m.images and m.embeds}


def measured(server: Any, invocations: list[Any], states: dict[str, str], took_s: float) -> dict[str, Any]:
    """What the records tell."""
    seen = shown(server)
    finished = {job for job, state in states.items() if state == "finished"}
    invalid = [r for r in server.requests if r.status in (401, 403, 404, 429)]
    waits = sorted(filter(None, (waited(server, inv, n) for n, inv in enumerate(invocations))))
    return {
        "commands": len(invocations),
        "jobs": len(states),
        "finished": len(finished),
        "finished and not seen": len(finished - seen),
        "ended without a picture, refunded": len(
            [s for s in states.values() if s in ("failed", "cancelled")]
        ),
        "neither ended": len([s for s in states.values() if s not in ("finished", "failed", "cancelled")]),
        "calls": len(server.requests),
        "calls before Retry-After was over": too_early(server.requests),
        "invalid on purpose": len([r for r in invalid if r.fault]),
        "invalid by us %": round(100 * len([r for r in invalid if not r.fault]) / len(server.requests), 2),
        "placeholders": len(waits),
        "placeholder p50 s": round(quantile(waits, 0.50), 3),
        "placeholder p99 s": round(quantile(waits, 0.99), 3),
        "floor s": 0.0,
        "seconds": round(took_s, 1),
    }


def waited(server: Any, inv: Any, number: int) -> float | None:
    """From the command to its first message, wherever it stands."""
    if inv.message is not None:
        return float(inv.message.created_at - inv.created_at)
    text = f"fox number {number} of many"
    places = (inv.channel, server.world.dm(inv.user))
    at = [m.created_at for c in places for m in c.messages.values() if text in m.text]
    return float(min(at) - inv.created_at) if at else None


def too_early(requests: list[Any]) -> int:
    """Calls that a refusal forbade, by its reach; those under way when it was told don't count."""
    early = set[int]()
    refusals = [r for r in requests if r.status == 429]
    for refusal in refusals:
        from_s, until_s = refusal.ended + IN_FLIGHT_S, refusal.ended + REST_S
        for n, one in enumerate(requests):
            if from_s < one.started < until_s and reaches(refusal, one):
                early.add(n)
    return len(early)


def reaches(refusal: Any, one: Any) -> bool:
    if refusal.fault == "wall":
        return True
    if (refusal.response or {}).get("global"):
        return by_token(refusal) == by_token(one)
    return bool((refusal.method, refusal.path) == (one.method, one.path))


def by_token(request: Any) -> bool:
    return bool(request.path.startswith(("/webhooks/", "/interactions/")))


def quantile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, math.ceil(share * len(values)) - 1)] if values else math.nan


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--commands", type=int, default=1_000)
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--per-second", type=float, default=8.0)
    parser.add_argument("--patience", type=float, default=180.0)
    parser.add_argument("--seed", type=int, default=12)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    result = asyncio.run(storm(options))
    for name, value in result.items():
        print(f"{name:>36}  {value}")
    if options.json:
        options.json.write_text(json.dumps(result, indent=1))
    good = not (
        result["calls before Retry-After was over"]
        or result["finished and not seen"]
        or result["invalid by us %"] >= 1
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
