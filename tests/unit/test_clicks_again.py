"""Clicks that a platform tells again, and those that follow an end: what was a second click stays one, and no wish is lost."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import StoreBusy
from bot.ports import Address, Do, Place
from bot.store.jobs import Jobs
from bot.talk.answers import Nothing
from bot.talk.deeds import Filled, Pressed
from bot.talk.once import AGAIN_S, DOUBLE_CLICK_S, REACTION_S
from tests.fakes.clicks import (
    Board,
    assert_paid_once,
    do,
    done_by,
    filled,
    killed_in,
    pass_by,
    pressed,
    reacted,
    replicas,
    stands,
)
from tests.fakes.house import open_town
from tests.fakes.patience import PATIENCE_S

CLICKS = [pressed, filled, reacted]


@pytest.fixture
async def town(tmp_path):
    async with open_town(tmp_path) as town:
        town.app.surfaces["discord"] = Board()
        yield town


def ann(town: Any) -> Any:
    return town.person("ann", surface="discord")


def is_new(answer: Any) -> bool:
    return bool(getattr(answer, "fresh", False))


async def busy(*_: Any, **__: Any) -> Any:
    raise StoreBusy("the disk is slow")


@pytest.mark.parametrize("deed", CLICKS)
@pytest.mark.parametrize("retold", [False, True])
async def test_a_click_that_went_on_with_another_s_order_does_so_when_it_is_told_again(
    tmp_path, deed, retold
):
    """Its answer was lost in its turn, and the platform or the page sends it once more, when the mark has cooled."""
    async with replicas(tmp_path) as (one, other):
        job = (await one.draw(ann(one))).id
        left = await one.left(ann(one))
        await killed_in(one, deed(one, "click-1", job), Jobs, "accept", done=True)
        pass_by(DOUBLE_CLICK_S + 1, one, other)
        second = deed(other, "click-2", job)
        assert not (await do(other, second)).fresh
        await stands(other)
        pass_by(REACTION_S + 1, one, other)
        assert not is_new(await do(other, replace(second, retold=retold)))
        await assert_paid_once(other, left)


@pytest.mark.parametrize("deed", CLICKS)
@pytest.mark.parametrize("retold", [False, True])
async def test_a_double_click_is_one_when_it_is_told_again_too(town, deed, retold):
    job = (await town.draw(ann(town))).id
    left = await town.left(ann(town))
    await do(town, deed(town, "click-1", job))
    assert isinstance(await do(town, deed(town, "click-2", job)), Nothing)
    pass_by(REACTION_S + 1, town)
    assert not is_new(await do(town, replace(deed(town, "click-2", job), retold=retold)))
    await assert_paid_once(town, left)


@pytest.mark.parametrize("deed", CLICKS)
async def test_so_is_one_that_came_while_the_first_was_being_answered(town, monkeypatch, deed):
    job = (await town.draw(ann(town))).id
    left = await town.left(ann(town))
    accept, begun, may = Jobs.accept, asyncio.Event(), asyncio.Event()

    async def slow(*args: Any, **more: Any) -> Any:
        begun.set()
        await asyncio.wait_for(may.wait(), PATIENCE_S)
        return await accept(*args, **more)

    monkeypatch.setattr(Jobs, "accept", slow)
    first = asyncio.create_task(do(town, deed(town, "click-1", job)))
    await asyncio.wait_for(begun.wait(), PATIENCE_S)
    assert isinstance(await do(town, deed(town, "click-2", job)), Nothing)
    may.set()
    assert is_new(await first)
    pass_by(REACTION_S + 1, town)
    assert isinstance(await do(town, deed(town, "click-2", job)), Nothing)
    await assert_paid_once(town, left)


async def test_a_refusal_is_kept_for_the_click_that_is_gone_on_with(tmp_path):
    """Told again when the rules have changed, neither of the two orders what its person was refused."""
    async with replicas(tmp_path) as (one, other):
        job = (await one.draw(ann(one))).id
        await killed_in(one, pressed(one, "click-1", job), Jobs, "accept", done=False)
        await other.rules(models=["gpt-image-1-mini"])
        pass_by(DOUBLE_CLICK_S + 1, one, other)
        assert (await do(other, pressed(other, "click-2", job))).refusal
        assert isinstance(await do(other, pressed(other, "click-3", job)), Nothing), "a double click"
        await other.rules(models=[])
        pass_by(DOUBLE_CLICK_S + 1, one, other)
        for told_again in ("click-1", "click-2", "click-3"):
            assert isinstance(await do(other, pressed(other, told_again, job)), Nothing)
        assert (await do(other, pressed(other, "click-4", job))).fresh


@pytest.mark.parametrize("deed", CLICKS)
async def test_what_is_drawn_and_stands_nowhere_is_no_reason_to_order_another(town, deed):
    """It is paid. Where the chat is down a picture is sooner done than its first message stands."""
    job = (await town.draw(ann(town))).id
    left = await town.left(ann(town))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(town.app.surfaces["discord"], "show", busy)
        placed = await do(town, deed(town, "click-1", job))
    await town.finish(placed.job)
    pass_by(2 * AGAIN_S, town)
    assert not (await do(town, deed(town, "click-2", job))).fresh
    await assert_paid_once(town, left)


@pytest.mark.parametrize("deed", CLICKS)
@pytest.mark.parametrize("how", ["cancelled", "failed", "deleted"])
async def test_after_an_end_that_brought_nothing_a_click_orders(tmp_path, deed, how):
    """Of the first click nobody heard; but who has cancelled or deleted it has seen it, and what failed costs nothing."""
    async with replicas(tmp_path) as (one, other):
        job = (await one.draw(ann(one))).id
        await killed_in(one, deed(one, "click-1", job), Jobs, "accept", done=True)
        await stands(other)
        pass_by(DOUBLE_CLICK_S + 1, one, other)
        first = await other.store.jobs.by_request("click-1")
        assert first is not None
        if how == "cancelled":
            await other.app.studio.cancel(first.id, ann(other))
        elif how == "failed":
            await other.fail(first)
        else:
            await other.finish(first)
            await other.app.studio.delete(first.id, ann(other))
        wait_s = 0 if deed is not reacted else REACTION_S
        pass_by(wait_s, one, other)
        assert (await do(other, deed(other, "click-2", job))).fresh


@pytest.mark.parametrize("elsewhere", ["channel", "community"])
async def test_the_same_words_in_another_place_are_another_order(tmp_path, elsewhere):
    async with replicas(tmp_path) as (one, other):
        await one.draw(ann(one))
        here = Filled(**done_by(one, "click-1"), text="a blue fox --model flux-2-pro")
        await killed_in(one, here, Jobs, "accept", done=True)
        pass_by(DOUBLE_CLICK_S, one, other)
        there = replace(here, key="click-2")
        if elsewhere == "channel":
            address = Address(surface="discord", data={"channel": "sea"})
            there = replace(there, place=Place(address=address, channel="sea"))
        else:
            there = replace(there, who=one.person("ann", surface="discord", community="another"))
        assert (await do(other, there)).fresh


async def test_a_favourite_that_is_sent_again_after_another_click_stays_turned(town):
    """Its answer was lost, and its person has clicked once more before the page sent it again."""
    job = (await town.draw(ann(town))).id
    first = Pressed(**done_by(town, "click-1"), do=Do.FAVOURITE, job=job, message="m1")
    await do(town, first)
    pass_by(DOUBLE_CLICK_S, town)
    gone = await do(town, replace(first, key="click-2"))
    pass_by(DOUBLE_CLICK_S, town)
    assert await do(town, replace(first, retold=True)) == gone
    assert await town.store.favourites.of(ann(town)) == []
