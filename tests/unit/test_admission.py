"""The door for orders when many come at once: in their order, so many at a time, and nobody waits unheard."""

import asyncio
import contextlib
from functools import partial

import pytest

from bot import admission
from bot.admission import AT_ONCE, FEW, SOON_MOST, Admission
from bot.ports import say_nothing
from tests.fakes.patience import PATIENCE_S


class Crowd:
    """People at one door, each of whom is let go by the test."""

    def __init__(self) -> None:
        self.door = Admission()
        self.inside: list[int] = []
        self.most_inside = self.now_inside = 0
        self.told: list[int] = []
        self.gate, self.said = asyncio.Event(), asyncio.Event()
        self.said.set()

    async def come(self, number: int) -> None:
        with self.door.owing():
            async with self.door.turn(partial(self.tell, number)):
                self.inside.append(number)
                self.now_inside += 1
                self.most_inside = max(self.most_inside, self.now_inside)
                await self.gate.wait()
                await asyncio.sleep(0)
                self.now_inside -= 1

    async def tell(self, number: int) -> None:
        self.told.append(number)
        await self.said.wait()

    async def all_come(self, count: int) -> list[asyncio.Task[None]]:
        tasks = [asyncio.create_task(self.come(number)) for number in range(count)]
        await asyncio.sleep(0)
        return tasks


async def test_so_many_at_a_time_are_let_in_and_in_the_order_of_coming():
    crowd = Crowd()
    tasks = await crowd.all_come(3 * AT_ONCE)
    assert crowd.inside == list(range(AT_ONCE))
    crowd.gate.set()
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_S)
    assert crowd.inside == list(range(3 * AT_ONCE))
    assert crowd.most_inside == AT_ONCE


async def test_who_comes_behind_a_long_line_hears_of_it_at_once_and_once():
    crowd = Crowd()
    tasks = await crowd.all_come(AT_ONCE + SOON_MOST + 5)
    behind = list(range(AT_ONCE + SOON_MOST, AT_ONCE + SOON_MOST + 5))
    await asyncio.sleep(0)
    assert crowd.told == behind
    crowd.gate.set()
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_S)
    assert crowd.told == behind


async def test_while_people_are_told_few_are_let_in_but_never_none():
    """A platform that takes its time over what it is told must not keep the others' people out."""
    crowd = Crowd()
    crowd.said.clear()
    tasks = await crowd.all_come(AT_ONCE + SOON_MOST + 1)
    await asyncio.sleep(0)
    assert crowd.told == [AT_ONCE + SOON_MOST]
    crowd.gate.set()
    while crowd.now_inside > FEW:
        await asyncio.sleep(0)
    crowd.most_inside = 0
    await asyncio.wait_for(asyncio.gather(*tasks[: AT_ONCE + SOON_MOST]), PATIENCE_S)
    assert crowd.most_inside == FEW
    crowd.said.set()
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_S)
    assert crowd.inside == list(range(AT_ONCE + SOON_MOST + 1))


async def test_who_is_not_accepted_for_long_hears_of_it_inside_as_well_as_in_the_line(monkeypatch):
    monkeypatch.setattr(admission, "PATIENCE_S", 0.01)
    crowd = Crowd()
    tasks = await crowd.all_come(AT_ONCE + 1)
    while len(crowd.told) <= AT_ONCE:
        await asyncio.sleep(0.01)
    crowd.gate.set()
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_S)
    assert sorted(crowd.told) == list(range(AT_ONCE + 1))


async def test_whoever_gives_up_leaves_no_place_behind():
    crowd = Crowd()
    tasks = await crowd.all_come(2 * AT_ONCE + 1)
    for task in tasks[AT_ONCE : 2 * AT_ONCE]:
        task.cancel()
    crowd.gate.set()
    await asyncio.sleep(0)
    # The last one's place may be given in the very moment in which somebody gives up.
    tasks[0].cancel()
    await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), PATIENCE_S)
    assert crowd.inside[-1] == 2 * AT_ONCE
    crowd.inside.clear()
    await asyncio.wait_for(asyncio.gather(*(crowd.come(n) for n in range(AT_ONCE))), PATIENCE_S)
    assert crowd.inside == list(range(AT_ONCE)), "all places are there again"


async def test_a_place_given_in_the_moment_of_giving_up_goes_to_the_next():
    door = Admission()
    first = [asyncio.create_task(_through(door)) for _ in range(AT_ONCE)]
    await asyncio.sleep(0)
    second, third = asyncio.create_task(_through(door)), asyncio.create_task(_through(door))
    await asyncio.sleep(0)
    first[0].cancel()  # its place is the second's
    await asyncio.sleep(0)
    second.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await second
    await asyncio.sleep(0)
    assert not third.done()
    for task in first:
        task.cancel()
    await asyncio.gather(*first, return_exceptions=True)
    third.cancel()


async def _through(door: Admission) -> None:
    async with door.turn(say_nothing):
        await asyncio.Event().wait()


async def test_what_has_time_stands_back_while_many_are_owed_an_answer_and_not_for_ever(monkeypatch):
    crowd = Crowd()
    tasks = await crowd.all_come(AT_ONCE)
    await asyncio.wait_for(crowd.door.calm(), PATIENCE_S)
    tasks += [asyncio.create_task(crowd.come(AT_ONCE))]
    await asyncio.sleep(0)
    drawing = asyncio.create_task(crowd.door.calm())
    await asyncio.sleep(0)
    assert not drawing.done()
    crowd.gate.set()
    await asyncio.wait_for(drawing, PATIENCE_S)
    await asyncio.gather(*tasks)
    crowd.gate.clear()
    monkeypatch.setattr(admission, "CALM_WITHIN_S", 0.01)
    tasks = await crowd.all_come(2 * AT_ONCE)
    await asyncio.wait_for(crowd.door.calm(), PATIENCE_S)
    crowd.gate.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("refused", [True, False])
async def test_who_is_refused_inside_makes_room_like_everybody(refused):
    door = Admission()

    async def come() -> None:
        async with door.turn(say_nothing):
            if refused:
                raise ValueError

    for _ in range(2 * AT_ONCE):
        with contextlib.suppress(ValueError):
            await asyncio.wait_for(come(), PATIENCE_S)
