"""What is done in the background is bounded, logged when it breaks, and gets a moment at the end."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.process.background import Background, Refreshing, end
from tests.fakes.patience import PATIENCE_S


async def test_what_is_too_much_is_refused_and_never_begun():
    background, go, begun = Background("work", most=1), asyncio.Event(), []

    async def work(name):
        begun.append(name)
        await go.wait()

    assert background.start(work("first"))
    assert not background.start(work("second"))
    go.set()
    await background.aclose(PATIENCE_S)
    assert begun == ["first"]
    assert background.start(work("third"))
    await background.aclose(PATIENCE_S)
    assert begun == ["first", "third"]


async def test_one_person_does_not_take_all_the_places():
    background, go, begun = Background("work", most=3, each=1), asyncio.Event(), list[str]()

    async def work(name: str) -> None:
        begun.append(name)
        await go.wait()

    assert background.start(work("mina"), whose="mina")
    assert not background.start(work("mina"), whose="mina")
    assert background.start(work("bob"), whose="bob")
    assert background.start(work("nobody"))
    assert not background.start(work("tom"), whose="tom"), "all together have a bound, too"
    go.set()
    await background.aclose(PATIENCE_S)
    assert background.start(work("mina"), whose="mina"), "what is over counts no more"
    await background.aclose(PATIENCE_S)
    assert begun == ["mina", "bob", "nobody", "mina"]


async def test_what_breaks_is_logged_and_ends_no_other():
    background, done = Background("work", most=2), asyncio.Event()

    async def breaks():
        raise ValueError("on the way")

    async def goes_on():
        await asyncio.sleep(0)
        done.set()

    with capture_logs() as logs:
        background.start(breaks())
        background.start(goes_on())
        await asyncio.wait_for(done.wait(), PATIENCE_S)
    assert [(line["what"], line["log_level"]) for line in logs] == [("work", "error")]
    await background.aclose()


async def test_the_end_lets_finish_what_can_and_cancels_what_goes_on():
    background, told = Background("work", most=3), []

    async def soon():
        await asyncio.sleep(0)
        told.append("done")

    async def never():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            told.append("cancelled")
            raise

    background.start(never())
    background.start(soon())
    await background.aclose(grace_s=0.05)
    assert told == ["done", "cancelled"]


async def test_what_is_ended_before_it_began_leaves_no_coroutine_behind():
    """A warning of one that was never awaited would fail this test."""
    background, begun = Background("work", most=1), []

    async def work():
        begun.append(True)

    background.start(work())
    await background.aclose(grace_s=0)
    assert begun == []


async def test_tasks_that_are_over_are_no_matter():
    async def breaks():
        raise ValueError("on the way")

    over = asyncio.create_task(breaks())
    with pytest.raises(ValueError, match="on the way"):
        await over
    await end([over])
    await end([])


async def test_what_changes_often_is_refreshed_now_and_then_and_for_its_last_change():
    state, seen, go = {"n": 0}, [], asyncio.Event()

    async def refresh(key):
        seen.append((key, state["n"]))
        await go.wait()

    refreshing = Refreshing("pages", refresh, every_s=0.0, most=1)
    refreshing.changed("a")
    refreshing.changed("b")  # too much at once: it is left undone
    await asyncio.sleep(0)
    for n in range(1, 6):
        state["n"] = n
        refreshing.changed("a")
    go.set()
    async with asyncio.timeout(PATIENCE_S):
        while len(seen) < 2:
            await asyncio.sleep(0)
    await refreshing.aclose()
    assert seen == [("a", 0), ("a", 5)]
