"""A storm on Discord: many commands under its published limits while faults strike, one process of the program.

    python bench/storm_discord.py [--commands N] [--rate SHARE] [--per-second N] [--seed N] [--json FILE]

Each fault strikes that share of the commands (it is armed when the command is sent, and takes the next call
that it fits). One fault stays: the same share of the people take no direct messages, ask in a channel that takes
nothing from the bot, and their interaction's token dies with its first response. Nobody can show them anything,
so they must have their credits back.

Goals: no call before a Retry-After is over, invalid answers that were not made on purpose under 1 % of all calls,
every picture seen or refunded, which the books are asked for. The floor of the wait for a placeholder is what no
program could undercut. First responses have no limit of Discord's (each interaction has a route of its own, outside
of the 50 calls a second), so it is 0 s but where a rest was asked of all calls by tokens, and where the first
response was refused: a channel takes five posts in five seconds.
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
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.fakes.discord.faults import Faults
from tests.fakes.discord_process import house

REST_S = 1.0
POSTS, POSTS_PER_S = 5, 5.0  # of a channel
DEAD_TOKEN, NO_RIGHT, CLOSED_DMS, FOR_EVER = 50027, 50013, 50007, 10**9
ENDED_S = 12.0  # what can't be shown is confirmed by a second try before credits go back
IN_FLIGHT_S = (
    0.15  # what was sent before the refusal had reached us, on a machine that has nothing else to do
)
LOOK_S = 0.01
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
            shut = await server.channel(guild, "shut")
            server.faults.refuse(f"* /channels/{shut.id}/**", NO_RIGHT, times=FOR_EVER)
            unreached = round(PEOPLE * options.rate)
            people = [server.user(f"p{n}", dms_closed=n < unreached) for n in range(PEOPLE)]
            for one in people:
                server.join(guild, one)
            began, invocations, lags = time.monotonic(), [], Lags()
            watching = asyncio.create_task(lags.watch())
            for n in range(options.commands):
                for arm in FAULTS.values():
                    if rng.random() < options.rate:
                        arm(server.faults)
                one, asked = people[n % PEOPLE], {"prompt": f"fox number {n} of many"}
                place = shut if one.dms_closed else channels[n % CHANNELS]
                inv = await server.slash(one, place, "imagine", asked)
                if one.dms_closed:
                    dying = f"* /webhooks/*/{inv.token}/messages/*"
                    server.faults.refuse(dying, DEAD_TOKEN, times=FOR_EVER)
                invocations.append(inv)
                await asyncio.sleep(max(0.0, began + (n + 1) / options.per_second - time.monotonic()))
            seen_by = sum(not inv.user.dms_closed for inv in invocations)
            with contextlib.suppress(TimeoutError):
                await server.until(lambda: len(shown(server)) >= seen_by, options.patience)
            await asyncio.sleep(ENDED_S)
            watching.cancel()
            return measured(server, invocations, jobs(Path(folder)), lags, time.monotonic() - began)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A job as the books have it, in credits."""

    state: str
    captured: int
    refunded: int

    @property
    def given_back(self) -> bool:
        """Whether nothing of it was kept."""
        return self.state in ("finished", "failed", "cancelled") and self.captured == self.refunded


def jobs(folder: Path) -> dict[str, Paid]:
    """Every job's state and what it has cost, read from the database."""
    with contextlib.closing(sqlite3.connect(f"file:{folder}/easel.db?mode=ro", uri=True)) as db:
        rows = db.execute(
            "select j.id, j.state, sum(case t.kind when 'capture' then t.amount else 0 end),"
            " sum(case t.kind when 'refund' then t.amount else 0 end)"
            " from jobs j left join transfers t on t.job = j.id group by j.id"
        )
        return {
            job: Paid(state=state, captured=captured or 0, refunded=refunded or 0)
            for job, state, captured, refunded in rows
        }


def shown(server: Any) -> set[str]:
    """The jobs whose pictures people have before them; a finished message names its job below."""
    messages = [m for c in server.world.channels.values() for m in c.messages.values() if not m.deleted]
    return {m.embeds[0].get("footer", {}).get("text", "") for m in messages if m.images and m.embeds}


def measured(
    server: Any, invocations: list[Any], paid: dict[str, Paid], lags: "Lags", took_s: float
) -> dict[str, Any]:
    """What the records tell."""
    seen, rests = shown(server) & paid.keys(), rests_of(server.requests, lags)
    back = {job for job, one in paid.items() if one.given_back}
    finished = {job for job, one in paid.items() if one.state == "finished"}
    invalid = [r for r in server.requests if r.status in (401, 403, 404, 429)]
    on_purpose = [r for r in invalid if r.fault or r.error_code == CLOSED_DMS]
    for one, times in Counter(
        (r.method, r.template, r.status, r.error_code) for r in invalid if r not in on_purpose
    ).items():
        print("not made on purpose:", *one, f"{times} times")
    waits = sorted(filter(None, (waited(server, inv, n) for n, inv in enumerate(invocations))))
    floors = sorted(floors_of(server, invocations))
    return {
        "commands": len(invocations),
        "jobs": len(paid),
        "painted": len(finished),
        "seen": len(seen),
        "painted, not seen, refunded": len((finished & back) - seen),
        "not painted, credits released": len(back - finished),
        "seen and refunded, too": len(seen & back),
        "neither seen nor refunded": len(paid.keys() - seen - back),
        "calls": len(server.requests),
        "calls before Retry-After was over": too_early(server.requests, rests),
        "refusals whose rest could be judged": len(rests),
        "slowest turn of this machine s": round(max(lags.seen.values(), default=0.0), 3),
        "invalid on purpose": len(on_purpose),
        "invalid by us %": round(100 * (len(invalid) - len(on_purpose)) / len(server.requests), 2),
        "placeholders": len(waits),
        "placeholder p50 s": round(quantile(waits, 0.50), 3),
        "placeholder p99 s": round(quantile(waits, 0.99), 3),
        "floor p50 s": round(quantile(floors, 0.50), 3),
        "floor p99 s": round(quantile(floors, 0.99), 3),
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


def floors_of(server: Any, invocations: list[Any]) -> list[float]:
    """How long each placeholder had to wait, whoever asked for it: for the rests that Discord asked for."""
    rests = [
        (r.at + r.ended - r.started, r.at + r.ended - r.started + REST_S)
        for r in server.requests
        if r.status == 429 and (r.fault == "wall" or (is_global(r) and by_token(r)))
    ]
    refused = {
        r.path.split("/")[2]
        for r in server.requests
        if r.path.startswith("/interactions/") and r.fault == "code"
    }
    posted: dict[int, deque[float]] = {}
    return [
        floor_of(
            inv, rests, posted.setdefault(inv.channel.id, deque(maxlen=POSTS)), refused=str(inv.id) in refused
        )
        for inv in invocations
    ]


def floor_of(inv: Any, rests: list[tuple[float, float]], posted: deque[float], *, refused: bool) -> float:
    """Of one placeholder: a first response, else a post in its turn."""
    at = inv.created_at
    for begins, ends in sorted(rests):
        at = ends if begins <= at < ends else at
    if refused:
        if len(posted) == POSTS:
            at = max(at, posted[0] + POSTS_PER_S)
        posted.append(at)
    return float(at - inv.created_at)


def is_global(request: Any) -> bool:
    return bool((request.response or {}).get("global"))


class Lags:
    """How late this machine is: what its loop hears late was sent earlier than it seems."""

    def __init__(self) -> None:
        self.seen: dict[float, float] = {}

    async def watch(self) -> None:
        while True:
            due = time.monotonic() + LOOK_S
            await asyncio.sleep(LOOK_S)
            self.seen[time.monotonic()] = time.monotonic() - due

    def within(self, begins: float, ends: float) -> float:
        """The worst of a time; the program is another process beside this one, and as late."""
        return 2 * max((late for at, late in self.seen.items() if begins < at < ends), default=0.0)


def rests_of(requests: list[Any], lags: Lags) -> list[tuple[Any, float, float]]:
    """Each refusal with the time in which it forbade calls, without what may have been under way."""
    refusals = [r for r in requests if r.status == 429]
    found = [
        (r, r.ended + IN_FLIGHT_S + lags.within(r.ended - LOOK_S, r.ended + REST_S), r.ended + REST_S)
        for r in refusals
    ]
    return [rest for rest in found if rest[1] < rest[2]]


def too_early(requests: list[Any], rests: list[tuple[Any, float, float]]) -> int:
    """Calls that a refusal forbade, by its reach."""
    early = set[int]()
    for refusal, from_s, until_s in rests:
        for n, one in enumerate(requests):
            if from_s < one.started < until_s and reaches(refusal, one):
                early.add(n)
                print(
                    f"{one.started - refusal.ended:.2f} s after {refusal.fault}: {one.method} {one.template}"
                )
    return len(early)


def reaches(refusal: Any, one: Any) -> bool:
    if refusal.fault == "wall":
        return True
    if is_global(refusal):
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
        or not result["refusals whose rest could be judged"]
        or result["neither seen nor refunded"]
        or not result["painted, not seen, refunded"]
        or result["invalid by us %"] >= 1
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
