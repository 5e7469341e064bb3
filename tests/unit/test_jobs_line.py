"""The line before the providers: fair, cancellable, closed at a stop."""

import asyncio
import random
from collections import Counter
from dataclasses import replace

import pytest

from bot.job import Job, State
from bot.jobs.line import Line
from bot.model import Order
from bot.ports import Priority, Requester
from tests.fakes.patience import PATIENCE_S


def job_of(user: str, number: int) -> Job:
    return Job(
        id=f"{user}-{number}",
        version=1,
        state=State.CLEARED,
        requester=Requester(surface="chat", community="c", user=user),
        order=Order(provider="p", model="m", prompt="fox", credits_each=1),
        created_at=float(number),
        deadline_at=600.0,
        due_at=0.0,
    )


async def waiting(line: Line, *jobs: Job) -> list[asyncio.Task[bool]]:
    tasks = [asyncio.create_task(line.enter(job)) for job in jobs]
    await asyncio.sleep(0)
    return tasks


async def test_whoever_has_the_fewest_under_way_goes_first_then_the_oldest():
    line = Line(2)
    for number in (1, 2):
        assert await line.enter(job_of("ann", number))
    order = [job_of("ann", 3), job_of("ann", 4), job_of("bob", 5), job_of("cleo", 6)]
    tasks = await waiting(line, *order)
    seen: list[str] = []
    holders = ["ann-1", "ann-2"]
    while len(seen) < len(tasks):
        line.leave(holders.pop(0))
        await asyncio.sleep(0)
        for job, task in zip(order, tasks, strict=True):
            if task.done() and job.id not in seen:
                seen.append(job.id)
                holders.append(job.id)
    assert seen == ["bob-5", "ann-3", "cleo-6", "ann-4"]


async def test_the_place_in_line_counts_from_one_and_is_nothing_for_who_need_not_wait():
    line = Line(1)
    assert await line.enter(job_of("ann", 1))
    tasks = await waiting(line, job_of("ann", 2), job_of("bob", 3))
    assert [line.position(j) for j in ("ann-1", "ann-2", "bob-3", "nobody")] == [0, 2, 1, 0]
    line.close()
    assert await asyncio.gather(*tasks) == [False, False]


async def test_who_has_joined_has_a_place_or_a_number_before_it_waits():
    line = Line(1)
    for number in (1, 2, 3):
        line.join(job_of("ann", number))
        line.join(job_of("ann", number))
    assert [line.position(f"ann-{number}") for number in (1, 2, 3)] == [0, 1, 2]
    assert await line.enter(job_of("ann", 1))
    line.leave("ann-2")
    line.leave("ann-1")
    assert (line.in_flight, line.waiting) == (1, 0), "who left its number is not called"
    assert await line.enter(job_of("ann", 3))


async def test_whoever_gives_up_leaves_no_place_behind():
    line = Line(1)
    assert await line.enter(job_of("ann", 1))
    first, second = await waiting(line, job_of("bob", 2), job_of("cleo", 3))
    first.cancel()
    await asyncio.sleep(0)
    line.leave("ann-1")
    assert await asyncio.wait_for(second, PATIENCE_S)
    assert (line.in_flight, line.waiting) == (1, 0)


async def test_a_place_given_in_the_moment_of_giving_up_goes_to_the_next():
    line = Line(1)
    assert await line.enter(job_of("ann", 1))
    first, second = await waiting(line, job_of("bob", 2), job_of("cleo", 3))
    line.leave("ann-1")  # bob's turn has come
    first.cancel()  # and bob has gone, before he could take it
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await asyncio.wait_for(second, PATIENCE_S)
    line.leave("cleo-3")
    assert line.in_flight == 0
    assert await line.enter(job_of("dan", 4))


async def test_what_is_under_way_already_takes_its_place_even_beyond_the_bound():
    line = Line(1)
    line.resume(job_of("ann", 1))
    line.resume(job_of("ann", 2))
    line.resume(job_of("ann", 2))
    assert line.in_flight == 2
    (third,) = await waiting(line, job_of("bob", 3))
    line.leave("ann-1")
    await asyncio.sleep(0)
    assert not third.done(), "two were under way where one may be"
    line.leave("ann-2")
    assert await asyncio.wait_for(third, PATIENCE_S)


async def test_nobody_enters_a_closed_line_and_leaving_twice_is_leaving_once():
    line = Line(1)
    assert await line.enter(job_of("ann", 1))
    line.leave("ann-1")
    line.leave("ann-1")
    assert await line.enter(job_of("ann", 1))
    assert not (await waiting(line, job_of("bob", 2)))[0].done()
    line.close()
    assert await line.enter(replace(job_of("cleo", 3))) is False


async def test_who_comes_next_is_named_a_few_of_each_surface():
    line = Line(1)
    assert line.expected(job_of("zoe", 99)) == 0
    line.join(job_of("ann", 0))
    assert line.expected(job_of("zoe", 99)) == 1
    for number in range(1, 9):
        line.join(job_of(f"p{number}", number))
    assert line.expected(job_of("zoe", 99)) == 9
    assert line.expected(replace(job_of("zoe", 99), priority=Priority.FAST)) == 1, (
        "who is fast comes before them"
    )
    assert line.next_up(3) == [job_of(f"p{number}", number).id for number in (1, 2, 3)]


async def test_who_is_fast_goes_first_and_who_is_relaxed_waits_no_longer_than_its_patience(seed):
    """Many orders of many people: by rank at every turn, each of them at last, and places that are true."""
    rng, line = random.Random(seed), Line(3)
    orders = [
        replace(
            job_of(f"p{rng.randrange(25)}", number),
            id=f"j{number}",
            created_at=number * 5.0137,
            priority=rng.choice(list(Priority)),
        )
        for number in range(200)
    ]
    for order in orders:
        line.join(order)
    holders, waiting, running = orders[:3], orders[3:], Counter(one.requester.user for one in orders[:3])

    def rank(one: Job) -> tuple[int, float]:
        return running[one.requester.user], one.created_at + one.priority.patience_s

    while waiting:
        waiting.sort(key=rank)
        assert line.position(waiting[0].id) == 1
        assert line.position(waiting[-1].id) <= len(waiting)
        done = holders.pop(rng.randrange(len(holders)))
        running[done.requester.user] -= 1
        following = min(waiting, key=rank)
        line.leave(done.id)
        assert line.position(following.id) == 0, "whoever was next has the place"
        waiting.remove(following)
        holders.append(following)
        running[following.requester.user] += 1
    assert line.in_flight == len(holders)


async def test_who_is_relaxed_never_starves():
    """However many come after it that are fast, it has its turn when its patience is over."""
    line = Line(1)
    line.join(job_of("holder", 0))
    line.join(replace(job_of("mina", 1), priority=Priority.RELAXED))
    holder, turns = "holder-0", 0
    while line.position("mina-1"):
        turns += 1
        newcomer = replace(job_of(f"p{turns}", 1 + turns * 60), priority=Priority.FAST)
        line.join(newcomer)
        line.leave(holder)
        holder = newcomer.id
    assert turns == Priority.RELAXED.patience_s / 60


class Moment(float):
    """A time that counts how often it is compared with another."""

    compared = 0

    def __add__(self, other: float) -> "Moment":
        return Moment(float(self) + other)

    def __lt__(self, other: float) -> bool:
        Moment.compared += 1
        return float(self) < float(other)

    def __eq__(self, other: object) -> bool:
        Moment.compared += 1
        return float(self) == other

    __hash__ = float.__hash__


async def test_a_place_among_thousands_is_looked_up_and_nobody_is_counted_for_it():
    """Each of a burst is told its place: a walk along the line for each would be a walk squared."""
    line, many = Line(1), 2_000
    line.join(job_of("holder", 0))
    for number in range(many):
        line.join(replace(job_of(f"p{number % 200}", number), created_at=Moment(number)))
    Moment.compared = 0
    assert line.position(f"p{(many - 1) % 200}-{many - 1}") == many
    assert Moment.compared < 50
