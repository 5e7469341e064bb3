"""A community server of 500 people through a month: orders, failures, refusals, cancels, refunds and new rules.

The real Studio, Worker and provider draw from the simulated gateway over HTTP; only the clock leaps. At the
end the books balance to the credit with what the gateway says it billed.
"""

import asyncio
import contextlib
import random
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.errors import LostJob, NotAllowed, Refusal
from bot.job import Job, State
from integrations.simulator.app import simulator
from tests.fakes.house import Town, at, new_sqlite, open_house
from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there

BEGIN = at("2026-11-01 00:00", "Europe/Berlin")
DAYS = 30
PEOPLE = 500
MODELS = (
    "gpt-image-1-mini",
    "gemini-2.5-flash-image",
    "flux-2-pro",
    "grok-imagine-image",
    "sdxl",
    "seedream-4",
)
# Each with its probability a request. All of them end soon.
FAULTS = (
    "operation_fails=0.04", "operation_refused=0.03", "refused=0.02", "fewer_images=0.05", "more_images=0.03",
    "accepted_answer_lost=0.02", "accepted_500=0.01", "cut_before_accept=0.02", "invalid_422=0.02",
    "poll_500_once=0.05", "not_an_image=0.02", "empty_result=0.01",
)  # fmt: skip


@dataclass
class LeapingClock:
    """Real seconds, and the days that the test leaps over."""

    leapt_s: float = BEGIN
    began_s: float = field(default_factory=time.monotonic)

    def __call__(self) -> float:
        return self.leapt_s + time.monotonic() - self.began_s

    def to(self, moment: float) -> None:
        self.leapt_s += max(0.0, moment - self())


@dataclass
class Month:
    """What people and moderators do, drawn by one seed; and what is expected of it."""

    town: Town[LeapingClock]
    rng: random.Random
    refused: Counter = field(default_factory=Counter)
    granted: int = 0
    taken: int = 0
    refunded: int = 0
    pressed: int = 0

    def someone(self):
        number = int(self.rng.triangular(0, PEOPLE, 0))
        roles = {0: ["patron"], 1: ["artist"], 2: ["guest"], 3: ["helper"]}.get(number % 10, [])
        return self.town.person(f"p{number}", roles=roles, moderator=number < 3)

    def wish(self) -> str:
        images = self.rng.choices((1, 2, 3, 4), (70, 15, 5, 10))[0]
        subject = self.rng.choice(("a red fox", "a blue house", "the sea at night", "a naked schoolgirl"))
        return f"{subject} {self.rng.randrange(10**6)} --model {self.rng.choice(MODELS)} --n {images}"

    async def order(self) -> None:
        who = self.someone()
        try:
            job = await self.town.ask(who, self.wish(), channel=self.rng.choice(("art", "lab", "general")))
        except Refusal as refusal:
            self.refused[refusal.reason] += 1
            return
        if self.rng.random() < 0.1:
            await asyncio.sleep(self.rng.random() * 0.05)
            with contextlib.suppress(LostJob, NotAllowed):
                await self.town.app.studio.cancel(job.id, who)

    async def moderate(self, day: int) -> None:
        """A grant, something taken back, a refund, each pressed twice; a block; every few days other rules."""
        desk, mod, town = self.town.app.desk, self.town.mod, self.town
        for _ in range(2):
            await desk.grant(mod, town.person(f"p{day}"), 200, memo="prize", key=f"grant-{day}")
        self.granted += 200
        taken = [
            await desk.take(mod, town.person(f"p{day - 1}"), 50, memo="", key=f"take-{day}") for _ in range(2)
        ]
        self.taken += taken[-1].amount
        finished = [
            job for job in await town.store.jobs.recent(state="finished", limit=20) if job.captured_credits
        ]
        if finished:
            job = self.rng.choice(finished)
            self.refunded += sum([await desk.refund(mod, job.id, memo="blurry") for _ in range(2)])
        await desk.block(mod, town.person(f"p{day * 7}"), reason="spam", seconds=86_400)
        await town.rules(**RULES.get(day, {}))


ROLES: dict[str, dict[str, Any]] = {
    "patron": {"allowance": 400, "free_models": ["sdxl"]},
    "artist": {"allowance": 200},
    "guest": {"allowance": 0},
    "helper": {"exempt": True},
}
RULES: dict[int, dict[str, Any]] = {
    0: {
        "time_zone": "Europe/Berlin",
        "allowance": 90,
        "roles": ROLES,
        "budget": 60_000,
        "channels": ["art", "lab"],
    },
    4: {"allowance": 150},
    7: {"period": "week", "price_factors": {"flux-2-pro": 1.1, "sdxl": 0.5}},
    9: {"period": "day"},
    12: {"time_zone": "Asia/Seoul", "budget_period": "week", "budget": 20_000},
    16: {"owners_exempt": True, "allowance": 60},
    20: {"time_zone": "America/New_York", "max_price": 40, "images_max": 2},
    24: {"models": ["gpt-image-1-mini", "flux-2-pro", "sdxl"], "cooldown_s": 5},
    27: {"models": None, "cooldown_s": None, "max_price": None},
}


async def _all_over(town: Town) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while sum((await town.store.jobs.counts()).values()):
            await asyncio.sleep(0.02)


async def _live(month: Month, orders: int) -> None:
    town = month.town
    for day in range(DAYS):
        town.clock.to(BEGIN + day * 86_400 + 3600)
        await month.moderate(day)
        town.clock.to(BEGIN + (day * 24 + (8, 15, 22)[day % 3]) * 3600)
        count = orders // DAYS + (month.rng.random() < orders % DAYS / DAYS)
        await asyncio.gather(*(month.order() for _ in range(count)))
        await _all_over(town)


# ── What must hold at the end ────────────────────────────────────────────────────────────────────────


async def _sum(town: Town, kind: str) -> int:
    rows = await town.rows(
        "SELECT COALESCE(SUM(amount), 0) AS n FROM transfers WHERE kind = :kind", kind=kind
    )
    return int(rows[0]["n"])


async def _assert_books(month: Month, jobs: list[Job]) -> None:
    town = month.town
    assert await town.store.ledger.problems() == []
    assert await _sum(town, "capture") == sum(job.captured_credits for job in jobs)
    assert await _sum(town, "refund") == month.refunded > 0
    assert await _sum(town, "revoke") == month.taken
    by_hand = await town.rows("SELECT SUM(amount) AS n FROM transfers WHERE kind = 'grant' AND actor = 'mod'")
    assert by_hand[0]["n"] == month.granted
    (total,) = await town.rows("SELECT SUM(posted) AS posted, SUM(held) AS held FROM accounts")
    given = await _sum(town, "grant") + await _sum(town, "refund")
    assert total["held"] == 0
    assert total["posted"] == given - await _sum(town, "capture") - await _sum(town, "revoke")


async def _assert_allowances(town: Town) -> None:
    """No date pays anybody more than the highest that any rule gave in its time."""
    rows = await town.rows("SELECT id, given FROM accounts WHERE kind = 'allowance'")
    highest = max(role.get("allowance", 0) for role in ROLES.values())
    assert all(row["given"] <= highest for row in rows)
    per_person = Counter(row["id"].split(":")[3] for row in rows)
    assert max(per_person.values()) <= DAYS + 2


def _assert_bill(jobs: list[Job], simulation) -> None:
    """Captured and spent by the operator is what was billed, job by job; what is in doubt may be less."""
    billed: dict[str, int] = defaultdict(int)
    for line in simulation.bill.lines:
        billed[line.idempotency_key.rpartition("-")[0]] += line.credits
    assert sum(billed.values()) == simulation.bill.credits
    doubted = 0
    for job in jobs:
        cost = job.cost_usd_micros // 1000  # a gateway's credit is a thousandth of a dollar
        if job.doubtful or (job.state in (State.CANCELLED, State.WITHHELD) and cost):
            assert 0 <= billed[job.id] <= cost
            doubted += cost - billed[job.id]
        else:
            assert billed[job.id] == cost, (job.state, job.reason, billed[job.id], cost)
        if job.state is State.FINISHED and job.order.credits:
            assert job.captured_credits == job.order.credits_each * len(job.images)
    assert sum(job.cost_usd_micros for job in jobs) // 1000 - doubted == simulation.bill.credits
    assert not billed.keys() - {job.id for job in jobs}


async def _assert_meters(month: Month, jobs: list[Job], simulation) -> None:
    town = month.town
    cost = sum(job.cost_usd_micros for job in jobs)
    money = await town.rows("SELECT SUM(used) AS n FROM meters WHERE id LIKE 'money:%'")
    assert money[0]["n"] == cost
    report = await town.app.desk.usage(town.mod, days=DAYS + 5)
    assert sum(line.usd_micros for line in report.lines) == cost
    assert sum(line.credits for line in report.lines) == await _sum(town, "capture")
    assert sum(line.pictures for line in report.lines) == sum(len(job.images) for job in jobs)
    assert sum(line.jobs for line in report.lines) == len(jobs)
    assert report.refused_prompts == month.refused["prompt-refused"]


async def _month(folder: Path, orders: int, seed: int) -> None:
    async with simulator(latency=False, tiny_images=True, faults=FAULTS, seed=seed) as simulation:
        quick = {"usual_s": 0.05}
        sections: dict[str, Any] = {
            "gateway": {"base_url": simulation.base_url, "api_key": simulation.api_key, "polls_per_s": 2000},
            "models": dict.fromkeys(
                [
                    "black-forest-labs/flux-2-pro",
                    "xai/grok-imagine-image",
                    "stability-ai/sdxl",
                    "bytedance/seedream-4",
                ],
                quick,
            ),
            "quotas": {"communities": ["any", "club"], "monthly_usd": 10_000},
            "worker": {"deadline_s": 60},
        }
        clock = LeapingClock()
        hosts = (f"{simulation.host}:{simulation.port}",)
        async with open_house(new_sqlite(folder), clock, works=True, allow_hosts=hosts, **sections) as app:
            month = Month(Town(app, clock), random.Random(seed))
            running = asyncio.create_task(there(app.worker).run())
            try:
                await _live(month, orders)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
            jobs = [there(await app.store.jobs.get(job.id)) for job in await app.store.jobs.recent()]
            assert all(job.state.ended for job in jobs)
            print(Counter(f"{job.state} {job.reason}" for job in jobs), dict(month.refused))
            await _assert_books(month, jobs)
            await _assert_allowances(month.town)
            _assert_bill(jobs, simulation)
            await _assert_meters(month, jobs, simulation)
            assert len({job.state for job in jobs}) >= 4
            assert {"credits-missing", "channel-closed", "prompt-refused"} <= month.refused.keys()


async def test_a_month_of_a_community_balances_with_what_the_gateway_billed(tmp_path):
    await _month(tmp_path, orders=700, seed=7)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(3))
async def test_busy_months_balance_too(tmp_path, seed):
    await _month(tmp_path, orders=6000, seed=seed)
