"""A community of 1,000 through a month: joins, roles, reports, codes, gifts, purchases and chargebacks, and moderators who change their minds.

Two replicas share its database and its pictures, and whatever is done may be done at both at once, or be killed on
the way. At the end the books balance, rules are those that somebody set last, and every event stands in the
moderators' room exactly once, with each act about it by whoever did it. It is random; the seed is printed.
"""

import asyncio
import contextlib
import itertools
import random
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from obstore.store import MemoryStore

from bot.errors import Refusal
from bot.events import Event
from bot.job import HIDDEN, Asset, Job, State
from bot.jobs.herald import LEASE_S
from bot.ports import Do, Requester, RoomAct
from bot.shops import Reversal, Sale
from bot.store.codes import Batch
from tests.fakes.house import FOX, MINI, Clock, Town, at, new_sqlite, open_house
from tests.fakes.room import Wall
from tests.fakes.there import there

BEGIN, DAY_S = "2026-11-01 09:00", 86_400.0
PEOPLE, DAYS, CODES, CODE_CREDITS, BOUGHT_CREDITS = 1_000, 30, 40, 120, 90
NAKED = "a naked woman, explicit porn"
ACTS: tuple[RoomAct, ...] = (Do.HIDE, Do.HIDE, Do.RELEASE, Do.REFUND, Do.BLOCK, Do.WRONG, Do.DISMISS)
PARTS: dict[str, tuple[Any, ...]] = {"allowance": (60, 200), "images_max": (1, 4), "max_price": (8, 50)}


@dataclass
class Life:
    """What people do, drawn by one seed; and what is expected of it."""

    towns: list[Town[Clock]]
    wall: Wall
    rng: random.Random
    codes: list[str] = field(default_factory=list)
    roles: dict[str, dict[str, Any]] = field(default_factory=dict)
    redeemed: int = 0
    granted: int = 0
    gifts: int = 0
    bought: int = 0
    disputed: int = 0
    lines: Counter[str] = field(default_factory=Counter)  # acts that were told as done, by event
    kills: int = 0
    numbers: Iterator[int] = field(default_factory=itertools.count)
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def clock(self) -> Clock:
        return self.towns[0].clock

    def anyone(self) -> Requester:
        """Most are quiet, some are busy; whoever is new has joined within the hour."""
        number = int(self.rng.triangular(0, PEOPLE, 0))
        joined = self.clock() - (600 if self.rng.random() < 0.05 else 40 * DAY_S)
        roles = [f"r{number % 4}"] if number % 3 == 0 else []
        return self.towns[0].person(f"p{number}", roles=roles, joined_at=joined)

    async def at_both(self, act: Any) -> list[Any]:
        """Both replicas are asked for the same at once; answers what came of it, errors too."""
        return await asyncio.gather(*map(act, self.towns), return_exceptions=True)

    async def killed_or_not(self, work: Any) -> Any:
        """Done; or cut off on its way, as by a kill: what it has written stands, and nothing else."""
        task = asyncio.ensure_future(work)
        if self.rng.random() < 0.1:
            for _ in range(self.rng.randrange(40)):
                await asyncio.sleep(0)
            self.kills += task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            return await task
        return None

    # ── Members ──────────────────────────────────────────────────────────────────────────────────────

    async def order(self) -> None:
        town, who = self.rng.choice(self.towns), self.anyone()
        words = self.rng.choices((FOX, MINI, NAKED), (5, 4, 1))[0]
        try:
            job = await self.killed_or_not(town.ask(who, words, key=f"order{next(self.numbers)}"))
        except Refusal as refusal:
            self.refused[refusal.reason] += 1
            if refusal.reason == "prompt-refused":
                await self.insist(town, who)
            return
        if job is not None:
            await self.draw(town, job)

    async def insist(self, town: Town[Clock], who: Requester) -> None:
        """Some can't believe it, and are paused."""
        for _ in range(self.rng.choice((0, 0, 2))):
            with pytest.raises(Refusal) as caught:
                await town.ask(who, NAKED, key=f"order{next(self.numbers)}")
            self.refused[caught.value.reason] += 1

    async def draw(self, town: Town[Clock], job: Job) -> None:
        """It becomes a picture, or fails, or a check keeps it for the moderators."""
        fate = self.rng.random()
        if fate < 0.1:
            await town.fail(job)
            return
        painting = await town.go(job, State.CLEARED, State.SUBMITTING)
        kept = await town.app.assets.keep(f"pictures/{job.id}/1", b"bytes", "image/png")
        if fate < 0.2:
            aside = (Asset(key=kept.key, role="quarantine"),)
            await town.end(painting, State.WITHHELD, capture=0, reason="withheld-quarantine", assets=aside)
            return
        price = job.order.credits
        done = await town.end(painting, State.FINISHED, capture=price, assets=(Asset(key=kept.key),))
        if fate < 0.4:
            reporter = self.anyone()
            await self.at_both(lambda one: one.app.studio.report(done.id, reporter))

    async def spend_a_code(self) -> None:
        """Two want the same one, at both replicas."""
        if not self.codes:
            return
        code, people = self.codes.pop(), [self.anyone(), self.anyone()]
        got = await asyncio.gather(
            *(town.app.vouchers.redeem(who, code) for town, who in zip(self.towns, people, strict=True)),
            return_exceptions=True,
        )
        fresh = [one for one in got if not isinstance(one, BaseException) and not one.again]
        assert len(fresh) == 1, got
        self.redeemed += fresh[0].credits

    async def give(self, key: str) -> None:
        """Whoever was granted something gives of it; the press arrives at both replicas."""
        giver, to = self.anyone(), self.towns[0].person(f"friend{self.rng.randrange(50)}")
        await self.at_both(lambda one: one.app.desk.grant(one.mod, giver, 60, memo="prize", key=f"g{key}"))
        self.granted += 60
        given = await self.at_both(lambda one: one.app.vouchers.give(giver, to, 25, memo="", key=key))
        self.gifts += sum(one is True for one in given)
        assert sum(one is True for one in given) <= 1, given

    async def buy(self) -> None:
        """The shop tells both replicas of a payment, again where one was killed; some get their money back, some before."""
        origin, whole = f"pay{next(self.numbers)}", BOUGHT_CREDITS
        sale = Sale(
            shop="stripe", origin=origin, product="pack", credits=whole, buyer=self.anyone(), paid=900
        )
        back = Reversal(shop="stripe", origin=origin, id="dispute", part=900, whole=900)
        told = [lambda town: self.killed_or_not(town.app.purchases.paid(sale))]
        if self.rng.random() < 0.5:
            told.append(lambda town: self.killed_or_not(town.app.purchases.went_back(back)))
            self.disputed += 1
        self.rng.shuffle(told)
        for tell in told * 2:
            await self.at_both(tell)
        await self.towns[0].app.purchases.paid(sale)
        if len(told) > 1:
            await self.towns[0].app.purchases.went_back(back)
        self.bought += 1

    # ── Moderators ───────────────────────────────────────────────────────────────────────────────────

    async def change_rules(self) -> None:
        """Each replica sets another part of the rules of the same role, or of two, at once."""
        name, parts = f"r{self.rng.randrange(4)}", self.rng.sample(list(PARTS), 2)
        chosen = [{part: self.rng.choice(PARTS[part])} for part in parts]
        await asyncio.gather(
            *(
                town.app.rulemaking.set_part(town.mod, "roles", name, one)
                for town, one in zip(self.towns, chosen, strict=True)
            )
        )
        self.roles[name] = self.roles.get(name, {}) | chosen[0] | chosen[1]

    async def handle(self) -> None:
        """A moderator presses a button of an event, another the same at the other replica."""
        events = await self.towns[0].store.events.of("discord", "club", limit=25)
        open_ones = [one for one in events if not one.settled]
        if not open_ones:
            return
        event, do = self.rng.choice(open_ones), self.rng.choice(ACTS)
        people = [self.towns[0].person(name, moderator=True) for name in ("kim", "lee")]
        before = len(event.acts)
        got = await asyncio.gather(
            *(
                self.killed_or_not(town.app.handling.act(event.id, do, who))
                for town, who in zip(self.towns, people, strict=True)
            ),
            return_exceptions=True,
        )
        wrong = [one for one in got if isinstance(one, BaseException) and not isinstance(one, Refusal)]
        assert wrong == []
        now = there(await self.towns[0].store.events.get(event.id))
        added = len(now.acts) - before
        told = any(one is not None and not isinstance(one, BaseException) for one in got)
        assert added in ((1,) if told else (0, 1)), "one line for what two did at once, and none lost"
        if self.rng.random() < 0.3:
            await self.towns[1].app.desk.unblock(people[0], self.towns[0].person(event.user or "nobody"))

    async def tell(self) -> None:
        """Both heralds look at once; now and then one dies after it has posted."""
        self.wall.dies = self.rng.random() < 0.3
        await self.at_both(lambda one: one.app.herald.tell_what_is_due())
        self.kills, self.wall.dies = self.kills + self.wall.dies, False
        self.clock.now_s += LEASE_S + 1
        while any(await self.at_both(lambda one: one.app.herald.tell_what_is_due())):
            pass

    async def sweep(self) -> None:
        """Another replica draws what a killed one had accepted."""
        for job in await self.towns[1].store.jobs.recent():
            if not job.state.ended:
                await self.draw(self.towns[1], job)

    async def day(self, number: int, orders: int) -> None:
        await asyncio.gather(*(self.order() for _ in range(orders)))
        await self.sweep()
        await self.spend_a_code()
        await self.give(f"gift{number}")
        await self.buy()
        await self.change_rules()
        for _ in range(3):
            await self.handle()
        await self.tell()


# ── What must hold at the end ────────────────────────────────────────────────────────────────────────


async def _sums(town: Town[Clock]) -> dict[str, int]:
    rows = await town.rows("SELECT kind, SUM(amount) AS n FROM transfers GROUP BY kind")
    return {row["kind"]: int(row["n"]) for row in rows}


async def _assert_books(life: Life) -> None:
    town = life.towns[0]
    assert await town.store.ledger.problems() == []
    sums = await _sums(town)
    jobs = [there(await town.store.jobs.get(one.id)) for one in await town.store.jobs.recent()]
    assert all(job.state.ended for job in jobs)
    assert sums["capture"] == sum(job.captured_credits for job in jobs)
    assert sums.get("redeem", 0) == life.redeemed
    assert sums.get("gift", 0) == 25 * life.gifts
    assert sums["purchase"] == BOUGHT_CREDITS * life.bought
    kept = await town.store.purchases.list()
    assert sum(one.reversed for one in kept) == BOUGHT_CREDITS * life.disputed
    assert sums.get("chargeback", 0) == sum(one.taken for one in kept) <= BOUGHT_CREDITS * life.disputed
    by_hand = await town.rows("SELECT SUM(amount) AS n FROM transfers WHERE kind = 'grant' AND actor = 'mod'")
    assert by_hand[0]["n"] == life.granted
    (total,) = await town.rows("SELECT SUM(posted) AS posted, SUM(held) AS held FROM accounts")
    came = sum(sums.get(kind, 0) for kind in ("grant", "refund", "redeem", "purchase"))
    gone = sums["capture"] + sums.get("chargeback", 0)
    assert (total["posted"], total["held"]) == (came - gone, 0)


async def _every_event(town: Town[Clock]) -> list[Event]:
    rows = await town.rows("SELECT id FROM events ORDER BY id")
    return [there(await town.store.events.get(row["id"])) for row in rows]


async def _assert_told(life: Life) -> None:
    """Each event is one message in the room, posted once more only where its first post's answer was killed."""
    town = life.towns[0]
    events = await _every_event(town)
    assert {card.job for card in life.wall.cards.values()} == {event.id for event in events}
    assert life.wall.posts == len(events)
    for name, card in life.wall.cards.items():
        assert life.wall.begun[name] == 1 + life.wall.died[name]
        event = next(one for one in events if one.id == card.job)
        said = [label for label, _ in card.times]
        assert [label for label in said if label.endswith((" by Kim", " by Lee"))] == [
            there(town.app.words).say(f"event-did-{act.do}", "en", name=act.name) for act in event.acts[-5:]
        ], "who did what stands in the message"
    reports = await town.rows("SELECT COUNT(*) AS n FROM audit WHERE action = 'report'")
    assert reports[0]["n"] == sum(event.kind == "report" for event in events)


async def _assert_nothing_by_nobody(life: Life) -> None:
    """Whatever moderators did by the room's buttons has its line in the room, also where they were killed."""
    town = life.towns[0]
    events = await _every_event(town)
    acts = Counter((act.do, event.job) for event in events for act in event.acts)
    refunds = await town.rows("SELECT COUNT(*) AS n FROM transfers WHERE kind = 'refund'")
    assert refunds[0]["n"] == sum(count for (do, _), count in acts.items() if do is Do.REFUND)
    hidden = await town.rows("SELECT id FROM jobs WHERE reason = :hidden", hidden=HIDDEN)
    assert all(acts[Do.HIDE, row["id"]] for row in hidden)
    released = await town.rows("SELECT id FROM jobs WHERE reason = 'released'")
    assert all(acts[Do.RELEASE, row["id"]] for row in released)


async def _live(folder: Path, *, days: int, orders: int, seed: int) -> Life:
    url, clock, bucket, wall = new_sqlite(folder), Clock(at(BEGIN)), MemoryStore(), Wall()
    sections: dict[str, Any] = {
        "quotas": {"communities": ["any", "club"]},
        "communities": {"may_loosen": "any"},
        "moderation": {"quarantine": True, "strikes": 2},
    }
    async with contextlib.AsyncExitStack() as stack:
        apps = [
            await stack.enter_async_context(open_house(url, clock, bucket=bucket, **sections))
            for _ in range(2)
        ]
        for app in apps:
            app.surfaces["discord"] = wall
        life = Life([Town(app, clock) for app in apps], wall, random.Random(seed))
        town = life.towns[0]
        await town.rules(allowance=120, newcomer_wait_s=3600, gifts=50, budget=orders * days * 8)
        await town.app.rulemaking.set_room(town.mod, "mods")
        batch = Batch(name="november", credits=CODE_CREDITS, per_person=CODES)
        life.codes = list(await town.app.vouchers.make(batch, CODES, actor=town.mod))
        for number in range(days):
            clock.now_s = max(clock.now_s, at(BEGIN) + number * DAY_S)
            await life.day(number, orders)
        await life.sweep()
        await life.tell()
        await _assert_books(life)
        await _assert_told(life)
        await _assert_nothing_by_nobody(life)
        own = (await town.app.rulemaking.settings(town.mod))[1]
        assert own["roles"] == life.roles
        print(f"seed {seed}:", dict(life.refused), f"{life.kills} kills,", f"{wall.posts} events")
        return life


async def test_some_days_of_a_community_leave_no_event_untold_and_no_act_by_nobody(tmp_path):
    life = await _live(tmp_path, days=4, orders=14, seed=11)
    assert life.wall.posts > 5


@pytest.mark.long
@pytest.mark.timeout(1200)
async def test_a_month_of_a_thousand_members(tmp_path):
    seed = secrets.randbelow(10**6)
    print("seed", seed)
    life = await _live(tmp_path, days=DAYS, orders=120, seed=seed)
    assert {"waiting-newcomer", "prompt-refused", "paused-strikes"} <= life.refused.keys()
