"""The door for orders when many come at once: in their order, so many at a time, and nobody waits unheard."""

import asyncio
import contextlib
from functools import partial
from itertools import count

import pytest

from bot.errors import NotAllowed, TooMany
from bot.ports import Requester, say_nothing
from bot.studio import admission
from bot.studio.admission import AT_ONCE, EACH_MOST, FEW, OWED_MOST, SOON_MOST, Admission
from tests.fakes.patience import PATIENCE_S

NUMBERS = count()


def someone(name: object) -> Requester:
    return Requester(surface="chat", community="club", user=str(name))


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
        """Everybody is somebody else."""
        with self.door.owing():
            async with self.door.turn(someone(number), partial(self.tell, number)):
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
    async with door.turn(someone(next(NUMBERS)), say_nothing):
        await asyncio.Event().wait()


async def test_what_has_time_stands_back_while_many_are_owed_an_answer_and_not_for_ever(monkeypatch):
    crowd = Crowd()
    tasks = await crowd.all_come(AT_ONCE)
    await asyncio.wait_for(crowd.door.wait_for_calm(), PATIENCE_S)
    tasks += [asyncio.create_task(crowd.come(AT_ONCE))]
    await asyncio.sleep(0)
    drawing = asyncio.create_task(crowd.door.wait_for_calm())
    await asyncio.sleep(0)
    assert not drawing.done()
    crowd.gate.set()
    await asyncio.wait_for(drawing, PATIENCE_S)
    await asyncio.gather(*tasks)
    crowd.gate.clear()
    monkeypatch.setattr(admission, "CALM_WITHIN_S", 0.01)
    tasks = await crowd.all_come(2 * AT_ONCE)
    await asyncio.wait_for(crowd.door.wait_for_calm(), PATIENCE_S)
    crowd.gate.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("refused", [True, False])
async def test_who_is_refused_inside_makes_room_like_everybody(refused):
    door = Admission()

    async def come() -> None:
        async with door.turn(someone(next(NUMBERS)), say_nothing):
            if refused:
                raise ValueError

    for _ in range(2 * AT_ONCE):
        with contextlib.suppress(ValueError):
            await asyncio.wait_for(come(), PATIENCE_S)


class Queue:
    """Orders at one door, which are let go by the test; who was let in, by their names."""

    def __init__(self, *, each: int = 0) -> None:
        self.door = Admission(each=each)
        self.inside: list[str] = []
        self.told: list[str] = []
        self.gate = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    async def come(self, name: str) -> None:
        async def tell() -> None:
            self.told.append(name)

        with self.door.owing():
            async with self.door.turn(someone(name), tell):
                self.inside.append(name)
                await self.gate.wait()

    async def comes(self, name: str, times: int) -> None:
        self.tasks += [asyncio.create_task(self.come(name)) for _ in range(times)]
        await asyncio.sleep(0)

    async def over(self) -> list[BaseException]:
        """Everybody gets what they came for; the refusals."""
        self.gate.set()
        done = await asyncio.wait_for(asyncio.gather(*self.tasks, return_exceptions=True), PATIENCE_S)
        return [one for one in done if one is not None]


async def test_one_with_many_orders_keeps_nobody_waiting():
    queue = Queue(each=1_000)
    await queue.comes("mina", 900)
    await queue.comes("bob", 1)
    await queue.comes("tom", 2)
    await asyncio.sleep(0)
    assert {"bob", "tom"}.isdisjoint(queue.told), "few go before them"
    assert await queue.over() == []
    assert queue.inside[AT_ONCE : AT_ONCE + 6] == ["mina", "bob", "tom", "mina", "tom", "mina"]
    assert len(queue.inside) == 903


async def test_who_has_many_waiting_is_refused_more_before_anything_is_said():
    queue = Queue()
    await queue.comes("mina", 2 * OWED_MOST)
    await queue.comes("bob", 1)
    await asyncio.sleep(0)
    assert queue.inside == ["mina"] * AT_ONCE
    assert 0 < len(queue.told) < EACH_MOST, "who is refused is told nothing else"
    refusals = await queue.over()
    assert "bob" in queue.inside[AT_ONCE : AT_ONCE + 2]
    assert [type(one) for one in refusals] == [TooMany] * (2 * OWED_MOST - EACH_MOST)
    queue.gate.clear()
    queue.tasks.clear()
    await queue.comes("mina", EACH_MOST)
    assert await queue.over() == [], "the others are over"


async def test_whoever_gives_up_counts_no_more():
    queue = Queue()
    for number in range(AT_ONCE):
        await queue.comes(f"p{number}", 1)
    for _ in range(2):
        await queue.comes("mina", EACH_MOST)
        for task in queue.tasks[AT_ONCE:]:
            task.cancel()
        await asyncio.gather(*queue.tasks[AT_ONCE:], return_exceptions=True)
        del queue.tasks[AT_ONCE:]
    await queue.comes("mina", EACH_MOST)
    assert await queue.over() == []
    assert queue.inside.count("mina") == EACH_MOST


async def test_an_operator_who_lets_one_have_many_pictures_lets_them_wait_for_as_many():
    queue = Queue(each=EACH_MOST + 5)
    await queue.comes("mina", EACH_MOST + 6)
    assert [type(one) for one in await queue.over()] == [TooMany]


async def test_more_than_can_be_answered_in_time_are_refused_whoever_they_are():
    queue = Queue()
    for number in range(OWED_MOST + 1):
        await queue.comes(f"p{number}", 1)
    [refusal] = await queue.over()
    assert isinstance(refusal, NotAllowed)
    assert refusal.reason == "busy"


async def test_a_platform_that_does_not_answer_holds_the_door_for_a_moment_only(monkeypatch):
    monkeypatch.setattr(admission, "TOLD_WITHIN_S", 0.01)
    crowd = Crowd()
    crowd.said.clear()
    tasks = await crowd.all_come(AT_ONCE + SOON_MOST + 1)
    await asyncio.sleep(0.05)
    assert crowd.told == [AT_ONCE + SOON_MOST]
    crowd.most_inside = 0
    crowd.gate.set()
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_S)
    assert crowd.most_inside == AT_ONCE
