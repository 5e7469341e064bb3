"""What is remembered for a while is bounded, and the newest stays; others are asked once in a while."""

import asyncio

from bot.process.recent import Lookups, Recent
from tests.fakes.patience import PATIENCE_S


def test_the_oldest_is_forgotten_and_what_is_set_again_is_new():
    known = Recent[str, int](2)
    known["a"], known["b"] = 1, 2
    known["a"] = 3
    known["c"] = 4
    assert dict(known) == {"a": 3, "c": 4}
    assert known.get("b") is None


def test_it_counts_as_far_as_it_remembers():
    times = Recent[str, int](2)
    assert [times.count(name) for name in ("a", "a", "b", "a", "c", "d", "a")] == [1, 2, 1, 3, 1, 1, 1]


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


def told(ask, clock):
    return Lookups[str, str](
        ask, most=9, wait_s=PATIENCE_S, again_s=600, unknown_s=5, good_for_s=3_600, clock=clock
    )


async def test_others_are_asked_once_in_a_while_and_what_they_told_outlives_their_silence():
    asked, clock = [], Clock()

    async def ask(name):
        asked.append(name)
        return name.upper() if len(asked) == 1 else None

    known = told(ask, clock)
    assert [await known.of("a"), await known.of("a"), len(asked)] == ["A", "A", 1]
    clock.now += 601
    assert [await known.of("a"), await known.of("a"), len(asked)] == ["A", "A", 2]
    clock.now += 3_600
    assert [await known.of("a"), len(asked)] == [None, 3]
    await known.aclose()


async def test_all_who_ask_at_once_share_one_question_and_nobody_waits_for_long():
    asked, go = [], asyncio.Event()

    async def ask(name):
        asked.append(name)
        await go.wait()
        return name

    known = told(ask, Clock())
    answers = asyncio.gather(*(known.of("a") for _ in range(3)))
    await asyncio.sleep(0)
    go.set()
    assert (await answers, asked) == (["a"] * 3, ["a"])
    go.clear()
    hasty = Lookups[str, str](ask, most=9, wait_s=0, again_s=1, unknown_s=1, good_for_s=1)
    assert await hasty.of("b") is None
    await hasty.aclose()
