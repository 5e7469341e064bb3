"""The program as a process, on strict stand-ins for Discord and the gateway: what people wait for, and what it costs.

    python -m bench --only steady burst waiting

The stand-ins run in the bench's own process, so processor time and memory are those of the program alone; the
processes in which it decodes pictures are told beside it. Pictures are small, so that no pixels are measured, and
no classifier looks at them: what one costs is its model's.
"""

import asyncio
import contextlib
import itertools
import logging
import re
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx

from bench.lateness import quantile
from bench.processes import Cost, cost_of
from bench.table import Figure
from bot.configuration.settings import WorkerSection
from bot.process.telemetry import set_up_logs
from tests.fakes.discord.interactions import DEFER
from tests.fakes.discord_process import Easel, house
from tests.fakes.free_ports import free_port

PEOPLE, CHANNELS = 200, 40
CALM, CALM_AT_ONCE = 120, 6
RATE_PER_S, RATED = 50.0, 750
PATIENTLY = 3  # times as long as they should take, commands are sent: not all of them, on a busy machine
BURST, BURST_WITHIN_S = 1_000, 0.7
UNDER_WAY = 1_500
LATE_S = 3.0  # Discord's patience
BEGUN_AT_ONCE = 16  # so many wait for their placeholder, so that none is late, however slow the machine
DRAWN_S = 300.0  # about how long each of those under way is drawn: few are finished before the last has begun
_LOOKED_AT = """
[bot]
default_models = ["black-forest-labs/flux-2-pro"]
"""  # the usual model answers its submit with the picture, and nothing of it is looked at
IDLE_S, LOOK_S = 8.0, 15.0
PATIENCE_S = 60.0  # for what is asked for, of a machine that is busy
_USUAL_S = 9.0  # of the model in the simulation
_NUMBERS = itertools.count()
_PLENTY = """
[limits]
per_requester = 1000
per_community = 100000
[quotas]
daily_allowance = 100000000
[moderation]
checks = []  # pictures are not looked at, whether the classifier is installed or not: it takes 60 ms each
"""


@dataclass(slots=True)
class Club:
    """A running program with a server full of people, and when each of them was answered."""

    server: Any
    easel: Easel
    address: str
    ready_s: float = 0.0
    people: list[Any] = field(default_factory=list)
    channels: list[Any] = field(default_factory=list)
    asked: list[tuple[float, Any]] = field(default_factory=list)  # when, and the command
    answered: dict[str, float] = field(
        default_factory=dict
    )  # by the command's id: its first response, of any kind

    @property
    def cost(self) -> Cost:
        assert self.easel.process is not None
        return cost_of(self.easel.process.pid)

    async def settle(self) -> None:
        """People come in, and everything is used once: what is made at first use is not a picture's."""
        guild = await self.server.guild("Foxes")
        self.channels = [await self.server.channel(guild, f"c{n}") for n in range(CHANNELS)]
        self.people = [self.server.user(f"p{n}") for n in range(PEOPLE)]
        for one in self.people:
            self.server.join(guild, one)
        self.server.on_request(self._note)

    def _note(self, phase: str, request: Any) -> None:
        first = phase == "after" and request.path.endswith("/callback")
        if first and 0 < request.status < httpx.codes.BAD_REQUEST:
            self.answered[request.path.split("/")[2]] = time.monotonic()

    async def ask(self, count: int, per_s: float) -> None:
        """So many commands, evenly; nobody waits for an answer."""
        began = time.monotonic()
        for n in range(count):
            if time.monotonic() > began + PATIENTLY * max(count / per_s, 5):
                break
            await asyncio.sleep(max(0.0, began + n / per_s - time.monotonic()))
            prompt = {"prompt": f"a red fox number {next(_NUMBERS)} of many"}
            at = time.monotonic()
            place = self.channels[n % CHANNELS]
            self.asked.append(
                (at, await self.server.slash(self.people[n % PEOPLE], place, "imagine", prompt))
            )

    async def draw(self, count: int, at_once: int) -> None:
        """So many pictures, a few at once: as fast as this machine can, so that nothing is late."""
        await self._each(count, at_once, lambda one: one.pictured(timeout=PATIENCE_S))

    async def begin(self, count: int, at_once: int) -> None:
        """The same, and nobody waits for more than the placeholder."""
        await self._each(count, at_once, lambda one: one.response(timeout=PATIENCE_S))

    async def _each(self, count: int, at_once: int, until: Callable[[Any], Awaitable[object]]) -> None:
        numbers = iter(range(count))

        async def person() -> None:
            for n in numbers:
                prompt = {"prompt": f"a red fox number {next(_NUMBERS)} of many"}
                place = self.channels[n % CHANNELS]
                await until(await self.server.slash(self.people[n % PEOPLE], place, "imagine", prompt))

        await asyncio.gather(*(person() for _ in range(at_once)))

    async def told(self, metric: str) -> float:
        """What the program itself says, of all labels together."""
        async with httpx.AsyncClient(trust_env=False) as client:
            lines = (await client.get(f"{self.address}/metrics")).text
        return sum(float(n) for n in re.findall(rf"^{metric}(?:{{.*}})? (\S+)", lines, re.MULTILINE))

    async def pictured(self) -> int:
        """How many see their picture, as soon as all do, or patience ends."""
        return await self._counted(
            lambda: sum(1 for _, one in self.asked if one.message and one.message.images)
        )

    async def acknowledged(self) -> int:
        """How many had a first response in the end."""
        return await self._counted(lambda: len(self.answered))

    async def placed(self) -> int:
        """How many see their placeholder, or what became of it: as the answer, or as a message in the channel."""
        await self._counted(lambda: sum(_stands(one) for _, one in self.asked))
        return sum(_stands(one) or _is_posted(one) for _, one in self.asked)

    async def _counted(self, count: Any) -> int:
        until = time.monotonic() + PATIENCE_S
        while (found := int(count())) < len(self.asked) and time.monotonic() < until:  # noqa: ASYNC110 - thousands
            await asyncio.sleep(0.2)
        return found

    def waits_s(self) -> list[float]:
        """Of each command until its first response, the shortest first; who got none has waited as long as we did."""
        return sorted(self.answered.get(str(one.id), at + PATIENCE_S) - at for at, one in self.asked)


def _stands(one: Any) -> bool:
    """Whether the answer to a command says more than that something will come."""
    return any(not message.loading and not message.deleted for message in one.messages)


def _is_posted(one: Any) -> bool:
    (prompt,) = (option["value"] for option in one.data["options"])
    return any(prompt in message.text for message in one.channel.messages.values())


@contextlib.asynccontextmanager
async def club(more: str = "", *, sections: str = "", **simulation: Any) -> AsyncIterator[Club]:
    """The program, ready. `more` goes into its section [worker], `sections` behind all."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        opened = house(
            folder,
            more=_PLENTY + sections,
            simulation=simulation,
            start=False,
            port=port,
            lease_s=WorkerSection().lease_s,  # as it is set up; tests have shorter ones
        )
        async with opened as (server, easel, _sim):
            easel.config.write_text(easel.config.read_text().replace("[worker]\n", f"[worker]\n{more}\n"))
            one = Club(server, easel, f"http://127.0.0.1:{port}")
            began = time.monotonic()
            starting = asyncio.create_task(easel.start())
            await _ready(one.address)
            one.ready_s = time.monotonic() - began
            await starting
            await one.settle()
            try:
                yield one
            finally:
                if easel.process is not None and easel.process.returncode is None:
                    easel.kill()  # what is under way is of no interest
                    await easel.gone()


async def _ready(address: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(PATIENCE_S):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(f"{address}/readyz")).status_code == httpx.codes.OK:
                    return
            await asyncio.sleep(0.02)


async def _steady() -> dict[str, Figure]:
    """Started, idle, a few at once, and then fifty commands a second."""
    async with club():
        pass  # what is compiled at the very first start is kept
    async with club() as one:
        await asyncio.sleep(2)
        idle = one.cost
        await asyncio.sleep(IDLE_S)
        after = one.cost
        figures = {
            "start.ready": Figure(ours=one.ready_s),
            "idle.cpu": Figure(ours=100 * (after.cpu_s - idle.cpu_s) / IDLE_S),
            "idle.memory": Figure(
                ours=after.resident_bytes / 2**20,
                note=f"and {after.children_bytes / 2**20:.0f} MiB in processes that decode pictures",
            ),
        }
        await one.draw(20, CALM_AT_ONCE)  # what is made at first use is not a picture's
        before, calls = one.cost, len(one.server.requests)
        await one.draw(CALM, CALM_AT_ONCE)
        spent, calls = one.cost, len(one.server.requests) - calls
        drawn_ms = 1000 * (spent.cpu_s - before.cpu_s) / CALM
        decoded_ms = 1000 * (spent.children_cpu_s - before.children_cpu_s) / CALM
        before, fast = one.cost, len(one.server.requests)
        await one.ask(RATED, RATE_PER_S)
        seen = await one.pictured()
        waits = one.waits_s()
        quick_ms = 1000 * (one.cost.cpu_s - before.cpu_s) / max(1, seen)
        quick_calls = (len(one.server.requests) - fast) / max(1, seen)
        took_s = one.asked[-1][0] - one.asked[0][0]
        told = f"sent {len(waits) / took_s:.0f} a second for {took_s:.0f} s"
        figures["ack.p50"] = Figure(ours=1000 * statistics.median(waits), note=told)
        figures["ack.p99"] = Figure(ours=1000 * quantile(waits, 0.99))
        figures["picture.cpu"] = Figure(
            ours=drawn_ms,
            note=f"{CALM} pictures, {CALM_AT_ONCE} at once; {decoded_ms:.1f} ms more in processes that decode them;"
            f" {quick_ms:.1f} ms at 50 commands a second",
        )
        figures["picture.calls"] = Figure(
            ours=calls / CALM, note=f"{quick_calls:.1f} at 50 commands a second"
        )
        return figures


async def _burst() -> dict[str, Figure]:
    """A thousand commands within less than a second, for pictures that take their usual time."""
    async with club(latency=True) as one:
        await one.ask(20, 20)
        await one.pictured()
        one.asked.clear()
        one.answered.clear()
        before = one.cost
        await one.ask(BURST, BURST / BURST_WITHIN_S)
        took_s = one.asked[-1][0] - one.asked[0][0]
        await one.acknowledged()
        spent_ms = 1000 * (one.cost.cpu_s - before.cpu_s) / BURST
        waits = one.waits_s()
        promised = sum(command.response_type == DEFER for _, command in one.asked)
        placed = await one.placed()
        placed_s = time.monotonic() - one.asked[0][0]
        posted = sum(not _stands(command) and _is_posted(command) for _, command in one.asked)
        return {
            "burst.p99": Figure(
                ours=quantile(waits, 0.99),
                note=f"sent within {took_s:.1f} s, the last after {waits[-1]:.1f} s; {spent_ms:.1f} ms of processor"
                f" each until then; {promised} were told first that a placeholder will come",
            ),
            "burst.late": Figure(ours=sum(wait > LATE_S for wait in waits)),
            "burst.unseen": Figure(
                ours=len(one.asked) - placed,
                note=f"{placed} after {placed_s:.1f} s, {posted} of them as a message in the channel",
            ),
        }


async def _waiting() -> dict[str, Figure]:
    """Fifteen hundred at once that are drawn for minutes: what each holds, and what their polls cost."""
    worker, speed = "in_flight = 4000\ndeadline_s = 3600", _USUAL_S / DRAWN_S
    async with club(worker, sections=_LOOKED_AT, latency=True, speed=speed) as one:
        await one.begin(20, BEGUN_AT_ONCE)
        await asyncio.sleep(2)
        before, first = one.cost, await one.told("easel_in_flight")
        await one.begin(UNDER_WAY, BEGUN_AT_ONCE)
        await asyncio.sleep(8)
        more, looks = await one.told("easel_in_flight") - first, await one.told("easel_polls_total")
        began, under_way = time.monotonic(), one.cost
        await asyncio.sleep(LOOK_S)
        spent, took_s = one.cost, time.monotonic() - began
        looks = await one.told("easel_polls_total") - looks
        grown = spent.resident_bytes - before.resident_bytes
        return {
            "waiting.memory": Figure(
                ours=grown / 1024 / more,
                note=f"{before.resident_bytes / 2**20:.0f} MiB before, {spent.resident_bytes / 2**20:.0f} MiB"
                f" with {more:.0f} more",
            ),
            "waiting.cpu": Figure(
                ours=100 * (spent.cpu_s - under_way.cpu_s) / took_s,
                note=f"with {more + first:.0f} under way, {looks / took_s:.0f} looks a second",
            ),
        }


def steady() -> dict[str, Figure]:
    return _run(_steady())


def burst() -> dict[str, Figure]:
    return _run(_burst())


def waiting() -> dict[str, Figure]:
    return _run(_waiting())


def _run(measuring: Coroutine[Any, Any, dict[str, Figure]]) -> dict[str, Figure]:
    set_up_logs(level="error", form="text")
    logging.disable(logging.CRITICAL)  # of the stand-ins: a program that is ended cuts what they say
    return asyncio.run(measuring)
