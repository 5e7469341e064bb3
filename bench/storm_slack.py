"""A storm on Slack: many commands at once under Slack's published limits, with each fault at some percent.

    python bench/storm_slack.py                     # 1,000 commands, limits sixteen times as fast as Slack's
    python bench/storm_slack.py --commands 200 --scale 4 --seed 7

The whole house runs in this process, against the strict local Slack of the tests. `--scale` makes a minute of
Slack's limits shorter for both sides, so that a storm of an hour takes minutes; Retry-After stays whole seconds,
as Slack's is. Prints what the promises are about, and ends with 1 when one was broken.
"""

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import structlog  # noqa: E402 - after the path

from bot.configuration import config  # noqa: E402 - after the path
from bot.configuration.settings import Settings  # noqa: E402 - after the path
from bot.house.app import WORKER, open_app, serve  # noqa: E402 - after the path
from bot.house.building import App  # noqa: E402 - after the path
from bot.job import Job  # noqa: E402 - after the path
from integrations.simulator.app import Simulation, simulator  # noqa: E402 - after the path
from integrations.slack import _throttle  # noqa: E402 - after the path
from integrations.slack.people import SURFACE  # noqa: E402 - after the path
from tests.fakes.slack import Call, Invocation, SlackServer  # noqa: E402 - after the path
from tests.fakes.slack.limits import BURST  # noqa: E402 - after the path

CHANNELS = 10
IN_FLIGHT = 40  # people who press Enter at the same instant, again and again
INVALID_PERCENT = 1.0
NEVER = 10**9


def spoil(slack: SlackServer, rng: random.Random, share: float) -> None:
    """Each fault for its own share of the calls that it can hit, told by the seed."""

    def by_chance(_call: Call) -> bool:
        return rng.random() < share

    def pictured(call: Call) -> bool:
        return "slack_file" in str(call.args.get("blocks")) and by_chance(call)

    faults = slack.faults
    chance: dict[str, Any] = {"times": NEVER, "when": by_chance}
    for method in ("chat.postMessage", "chat.update", "files.getUploadURLExternal", "upload", "files.info"):
        faults.break_answer(method, status=503, content_type="text/plain", body="upstream", **chance)
    faults.cut("chat.postMessage", after=True, **chance)
    faults.fail("chat.update", "internal_error", **chance)
    faults.fail("chat.update", "invalid_blocks", times=NEVER, when=pictured)
    faults.fail("users.info", "internal_error", **chance)
    faults.break_answer("response_url", status=500, **chance)


def quicken(scale: float) -> None:
    """Slack's minute for the program, as for the fake."""
    _throttle.MINUTE_S /= scale
    _throttle.CAREFUL_S /= scale
    _throttle.CHANNEL_EVERY_S /= scale


def settings_of(folder: Path, slack: SlackServer, sim: Simulation) -> Settings:
    return config.load(
        None,
        environ={},
        http={"port": 0},
        store={"url": f"sqlite:///{folder / 'easel.db'}"},
        assets={"url": str(folder / "pictures")},
        gateway={"base_url": sim.base_url, "api_key": sim.api_key},
        fetch={"allow_hosts": [sim.address]},
        quotas={"daily_allowance": 10_000_000, "unnamed_budget": 10**9, "unnamed_together": 10**9},
        limits={"per_requester": 1_000, "per_community": 1_000},
        slack={
            "bot_token": slack.tokens.bot, "app_token": slack.tokens.app, "api_base_url": slack.api_base_url,
        },
    )  # fmt: skip


async def storm(
    slack: SlackServer, options: argparse.Namespace, rng: random.Random
) -> tuple[dict[int, float], list[Invocation]]:
    """All commands as people type them, some dozens in flight; answers when each was sent."""
    rooms = [slack.world.add_channel(f"art{n}") for n in range(CHANNELS)]
    people = [slack.world.add_person(f"person{n}") for n in range(40)]
    for room in rooms:
        room.members.update(person.id for person in people)
    gate, sent = asyncio.Semaphore(IN_FLIGHT), dict[int, float]()

    async def one(number: int) -> Invocation:
        async with gate:
            sent[number] = time.time()
            return await slack.command(
                rng.choice(people), rooms[number % CHANNELS], "/imagine", f"fox number{number}x"
            )

    return sent, await asyncio.gather(*(one(n) for n in range(options.commands)))


def _pictured(slack: SlackServer) -> set[str]:
    """The jobs whose picture stands somewhere."""
    shown = [m for m in slack.messages if any(block["type"] == "image" for block in m.blocks)]
    return {str((m.metadata or {})["event_payload"]["job"]) for m in shown}


async def settle(house: App, slack: SlackServer, options: argparse.Namespace, began: float) -> list[Job]:
    """Until every job ended and every picture stands, or the time is over; the jobs."""
    while True:
        jobs = await house.store.jobs.recent(limit=options.commands + 10)
        told = len(_pictured(slack))
        over = sum(job.state.ended for job in jobs)
        if (over == len(jobs) and told >= over) or time.monotonic() - began > options.minutes * 60:
            return jobs
        print(f"  {time.monotonic() - began:5.0f} s: {len(jobs)} jobs, {over} over, {told} shown", flush=True)
        await asyncio.sleep(5)


def waits_of(slack: SlackServer, sent: dict[int, float]) -> list[float]:
    """Seconds from each command to its placeholder."""
    posted = dict[int, float]()
    for message in slack.messages:
        number = message.shown.partition("number")[2].partition("x")[0]
        if number.isdecimal():
            at = float(message.ts)
            posted[int(number)] = min(at, posted.get(int(number), at))
    return sorted(at - sent[number] for number, at in posted.items())


def floor_s(options: argparse.Namespace, share: float) -> float:
    """The arithmetic of a channel's limit: a burst, then one a second."""
    in_channel = options.commands / CHANNELS
    return max(0.0, float(in_channel * share - BURST)) / float(options.scale)


def report(
    slack: SlackServer,
    jobs: list[Job],
    sent: dict[int, float],
    acts: list[Invocation],
    options: argparse.Namespace,
) -> list[str]:
    """Prints the numbers; answers the promises that were broken."""
    calls, waits = slack.calls, waits_of(slack, sent)
    refused = [c for c in calls if c.status == 429]
    percent = 100 * len(refused) / max(1, len(calls))
    acked = sum(act.acked for act in acts)
    pictured = _pictured(slack)
    paid_unseen = [j.id for j in jobs if (j.captured_credits or 0) > 0 and j.id not in pictured]
    print(
        f"commands {options.commands}, acknowledged {acked}, jobs {len(jobs)}, {Counter(j.state for j in jobs)}"
    )
    print(f"calls {len(calls)}: {dict(Counter(c.method for c in calls))}")
    print(f"sent before Retry-After was over: {slack.limits.early}")
    print(
        f"429 answers: {len(refused)} ({percent:.2f} % of calls) {dict(Counter(c.method for c in refused))}"
    )
    print(f"pictures seen {len(pictured)}; paid and not seen {len(paid_unseen)}")
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        if waits:
            at = waits[min(len(waits) - 1, int(len(waits) * share))]
            print(
                f"placeholder {name} {at:.1f} s, floor had all come at one instant {floor_s(options, share):.1f} s"
            )
    checks = {
        "calls before Retry-After was over": slack.limits.early > 0,
        "too many 429s": percent >= INVALID_PERCENT,
        "paid and not seen": bool(paid_unseen),
        "acknowledged and no job": len(jobs) < acked * 0.99,
        "not over": any(not job.state.ended for job in jobs),
    }
    return [name for name, broken in checks.items() if broken]


async def main(options: argparse.Namespace) -> int:
    rng = random.Random(options.seed)
    quicken(options.scale)
    with tempfile.TemporaryDirectory() as folder:
        async with SlackServer() as slack, simulator(latency=False, tiny_images=True) as sim:
            settings, stop, roles = settings_of(Path(folder), slack, sim), asyncio.Event(), {WORKER, SURFACE}
            async with open_app(settings, roles=roles, surfaces=[SURFACE]) as house:
                serving = asyncio.create_task(serve(house, roles=roles, stop=stop))
                try:
                    await slack.sockets.wait(1, 30)
                    slack.limits.enabled, slack.limits.scale = True, options.scale
                    spoil(slack, rng, options.faults / 100)
                    began = time.monotonic()
                    sent, acts = await storm(slack, options, rng)
                    print(f"all sent after {time.monotonic() - began:.1f} s", flush=True)
                    jobs = await settle(house, slack, options, began)
                    print(f"{time.monotonic() - began:.0f} s at {options.scale:g} times Slack's pace")
                    broken = report(slack, jobs, sent, acts, options)
                    broken += [f"the books: {problem}" for problem in await house.store.ledger.problems()]
                finally:
                    stop.set()
                    await serving
    for name in broken:
        print(f"BROKEN: {name}")
    return 1 if broken else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commands", type=int, default=1_000)
    parser.add_argument("--scale", type=float, default=16.0)
    parser.add_argument("--faults", type=float, default=5.0, help="percent of the calls that each fault hits")
    parser.add_argument("--seed", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=9.0, help="the most that it takes")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    sys.exit(asyncio.run(main(parser.parse_args())))
