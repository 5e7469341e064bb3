"""Parked jobs come back in moments, never too early, and those that were parked later for less come first."""

import asyncio

from bot.jobs.pacing import TOGETHER_S
from bot.jobs.parking import AT_ONCE, Parking
from tests.chaos.virtual_time import now, run


def test_who_is_due_at_about_the_same_moment_comes_together_and_not_before():
    async def story() -> None:
        parking, began = Parking(), now()
        wanted = {f"job-{n}": 2 + 0.05 * n for n in range(20)}
        for job, seconds in wanted.items():
            parking.put(job, seconds)
        moments = 0
        came: dict[str, float] = {}
        while len(came) < len(wanted):
            for _until, job in await parking.take_due():
                came[job] = now() - began
            moments += 1
        assert all(-0.011 < came[job] - wanted[job] < TOGETHER_S + 0.002 for job in wanted)
        assert moments <= 6

    run(story())


def test_one_that_is_parked_later_for_less_is_not_kept_waiting_and_a_close_ends_the_wait():
    async def story() -> None:
        parking, began = Parking(), now()
        parking.put("late", 100)
        waiting = asyncio.create_task(parking.take_due())
        await asyncio.sleep(1)
        due = parking.put("soon", 2)
        assert await waiting == [(due, "soon")]
        assert now() - began < 3.3
        waiting = asyncio.create_task(parking.take_due())
        await asyncio.sleep(1)
        parking.close()
        assert await waiting == []

    run(story())


def test_of_thousands_that_are_due_at_once_a_few_come_in_each_turn_of_the_loop():
    async def story() -> None:
        parking, turns, came = Parking(), [0], list[tuple[int, int]]()
        for n in range(1_000):
            parking.put(f"job-{n}", 2)

        async def others() -> None:
            while True:
                turns[0] += 1
                await asyncio.sleep(0)

        await asyncio.sleep(5)
        ticking = asyncio.create_task(others())
        while sum(few for few, _ in came) < 1_000:
            came.append((len(await parking.take_due()), turns[0]))
        ticking.cancel()
        assert max(few for few, _ in came) <= AT_ONCE
        assert len({turn for _, turn in came}) == len(came), "nobody else had a turn between"

    run(story())
