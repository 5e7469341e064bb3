"""One at a time for each key, and nothing kept of keys that nobody asks for."""

import asyncio
import contextlib

from bot.jobs.turns import Turns


async def test_a_late_comer_waits_behind_who_already_waits():
    turns, inside, most = Turns(), 0, 0

    async def work() -> None:
        nonlocal inside, most
        async with turns.of("job"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    async def stream() -> None:
        for _ in range(20):
            await work()

    await asyncio.gather(*(stream() for _ in range(5)))
    assert most == 1
    assert len(turns) == 0


async def test_keys_do_not_wait_for_one_another_and_a_cancelled_waiter_is_forgotten():
    turns = Turns()
    async with turns.of("a"), turns.of("b"):
        waiter = asyncio.create_task(turns.of("a").__aenter__())
        await asyncio.sleep(0)
        waiter.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiter
        assert len(turns) == 2
    assert len(turns) == 0
