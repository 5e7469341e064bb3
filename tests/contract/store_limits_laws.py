"""Laws of the limits: how much may be under way, cooldowns, blocks, and caps in books of their own."""

import asyncio

import pytest

from bot.errors import NotAllowed, NotEnoughCredits, TooFast, TooMany
from bot.job import Asset, State
from bot.money import Reserve
from bot.store import Store
from bot.store.jobs import Limits
from tests.fakes.books import NOW, accept, end, finish, person, run

ANN, BOB = person("ann"), person("bob")


async def race(store: Store, count: int, *, people=(ANN,), **kwargs) -> list:
    """Many accepts at once, of these people in turn; answers jobs and refusals."""
    return await asyncio.gather(
        *(accept(store, f"j{n}", people[n % len(people)], credits=1, **kwargs) for n in range(count)),
        return_exceptions=True,
    )


def refusals(outcomes: list, kind: type) -> list:
    found = [o for o in outcomes if isinstance(o, Exception)]
    assert all(isinstance(o, kind) for o in found), found
    return found


def budget(amount: int, cap: int | None, *, meter: str = "budget:m") -> Reserve:
    return Reserve(meter=meter, unit="credits", amount=amount, cap=cap, refusal="budget-spent")


async def used(store: Store, meter: str = "budget:m") -> int:
    return await store.usage.meter(meter)


class LimitsLaws:
    async def test_racers_of_one_person_never_pass_its_limit(self, store: Store):
        outcomes = await race(store, 20, limits=Limits(per_requester=3))
        refused = refusals(outcomes, TooMany)
        assert len(refused) == 17
        assert (refused[0].reason, refused[0].facts) == ("too-many-mine", {"limit": 3})

    async def test_racers_of_one_community_never_pass_its_limit(self, store: Store):
        people = [person(f"p{n}") for n in range(20)]
        outcomes = await race(store, 20, people=people, limits=Limits(per_community=5))
        refused = refusals(outcomes, TooMany)
        assert len(refused) == 15
        assert refused[0].reason == "too-many-community"

    async def test_an_ended_job_makes_room(self, store: Store):
        limits = Limits(per_requester=1, per_community=1)
        await end(store, await accept(store, "j1", limits=limits), State.FAILED, 0)
        await accept(store, "j2", limits=limits)
        with pytest.raises(TooMany):
            await accept(store, "j3", limits=limits)

    async def test_others_pictures_and_other_places_do_not_count(self, store: Store):
        limits = Limits(per_requester=1, per_community=2)
        await accept(store, "j1", limits=limits)
        await accept(store, "j2", BOB, limits=limits)
        await accept(store, "j3", person("ann", "elsewhere"), limits=limits)

    async def test_of_racers_one_passes_the_cooldown(self, store: Store):
        outcomes = await race(store, 10, limits=Limits(cooldown_s=30))
        assert len(refusals(outcomes, TooFast)) == 9

    async def test_the_cooldown_says_how_long_and_ends(self, store: Store):
        limits = Limits(cooldown_s=30)
        await accept(store, "j1", limits=limits)
        with pytest.raises(TooFast) as refused:
            await accept(store, "j2", limits=limits, now=NOW + 12)
        assert refused.value.facts == {"seconds": 18}
        await accept(store, "j3", limits=limits, now=NOW + 30)

    async def test_a_refused_order_starts_no_cooldown(self, store: Store):
        limits = Limits(cooldown_s=30)
        with pytest.raises(NotEnoughCredits):
            await accept(store, "j1", credits=9, entitled=1, limits=limits)
        await accept(store, "j2", limits=limits)

    async def test_the_blocked_are_refused_until_then(self, store: Store):
        await store.communities.block(ANN, reason="spam", actor=BOB, until=NOW + 60, now=NOW)
        with pytest.raises(NotAllowed) as refused:
            await accept(store, "j1")
        assert refused.value.reason == "blocked"
        assert refused.value.facts == {"why": "spam", "until": NOW + 60}
        await accept(store, "j2", now=NOW + 61)
        await accept(store, "j3", BOB)

    async def test_racers_never_pass_a_cap(self, store: Store):
        people = [person(f"p{n}") for n in range(10)]
        outcomes = await race(store, 60, people=people, reserves=[budget(3, 30)])
        assert len(refusals(outcomes, NotAllowed)) == 50
        assert await used(store) == 30

    async def test_a_cap_counts_also_while_there_is_none(self, store: Store):
        await accept(store, "j1", reserves=[budget(7, None)])
        with pytest.raises(NotAllowed):
            await accept(store, "j2", reserves=[budget(4, 10)])
        assert await used(store) == 7

    async def test_an_order_greater_than_the_cap_is_refused_at_once(self, store: Store):
        with pytest.raises(NotAllowed):
            await accept(store, "j1", reserves=[budget(7, 6)])
        assert await run(store, "SELECT * FROM meters") == []

    async def test_the_end_corrects_what_was_reserved(self, store: Store):
        job = await accept(store, "j1", credits=8, images=4, reserves=[budget(8, 10)])
        await finish(store, job, 2)
        assert await used(store) == 2

    async def test_money_is_what_the_pictures_cost(self, store: Store):
        money = Reserve(meter="money:m", unit="usd_micros", amount=4000, cap=5000, refusal="money-stop")
        job = await accept(store, "j1", credits=8, images=4, reserves=[money, budget(8, 10)])
        await finish(store, job, 2, assets=(Asset(key="j1/1.png"),))
        assert (await used(store, "money:m"), await used(store)) == (1000, 2)

    async def test_a_reported_cost_counts_before_our_estimate(self, store: Store):
        money = Reserve(meter="money:m", unit="usd_micros", amount=1000, cap=5000, refusal="money-stop")
        job = await accept(store, "j1", reserves=[money])
        await end(store, job, State.FAILED, 0, cost_usd_micros=777)
        assert await used(store, "money:m") == 777

    @pytest.mark.parametrize("fact", ["spent", "doubtful"])
    async def test_what_the_operator_may_have_paid_stays_counted(self, store: Store, fact: str):
        job = await accept(store, "j1", reserves=[budget(4, 10)])
        await end(store, job, State.FAILED, 0, **{fact: True})
        assert await used(store) == 4

    async def test_all_room_comes_back_when_nothing_was_made(self, store: Store):
        jobs = [await accept(store, f"j{n}", reserves=[budget(4, 100)]) for n in range(10)]
        await asyncio.gather(*(end(store, job, State.FAILED, 0) for job in jobs))
        assert await used(store) == 0
