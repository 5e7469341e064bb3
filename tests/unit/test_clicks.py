"""Who clicks for a picture twice: once where the first was not answered, twice where they mean it; through kills, too."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import StoreBusy
from bot.job import Placed, Showing
from bot.jobs import patience
from bot.ports import Do
from bot.store.clicks import Clicks
from bot.store.favourites import Favourites
from bot.store.jobs import Jobs
from bot.store.messages import MessageTable
from bot.talk.answers import Nothing
from bot.talk.deeds import Pressed
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
from tests.fakes.house import FOX_CREDITS, open_town
from tests.fakes.patience import PATIENCE_S
from tests.fakes.unheard import cut_off, mark_unheard


@pytest.fixture
async def town(tmp_path):
    async with open_town(tmp_path) as town:
        town.app.surfaces["discord"] = Board()
        yield town


async def busy(*_: Any, **__: Any) -> Any:
    raise StoreBusy("the disk is slow")


@pytest.mark.parametrize("deed", [pressed, filled, reacted])
async def test_a_double_click_finds_the_order_that_was_kept_and_not_heard_of(town, monkeypatch, deed):
    """Each click has a key of its own; the second goes on with the first."""
    monkeypatch.setattr(patience, "PAUSES_S", (0.0, 0.0))
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    with cut_off(town.store):
        assert (await do(town, deed(town, "click-1", job))).again
    await assert_paid_once(town, left)
    await stands(town)
    again = await do(town, deed(town, "click-2", job))
    assert isinstance(again, Placed)
    await assert_paid_once(town, left)
    assert isinstance(await do(town, deed(town, "click-3", job)), Nothing), "a third is one too many"

    town.clock.now_s += REACTION_S
    assert isinstance(await do(town, deed(town, "click-4", job)), Placed)
    await assert_paid_once(town, left - FOX_CREDITS)


@pytest.mark.parametrize("deed", [pressed, filled, reacted])
async def test_what_was_not_kept_is_ordered_by_the_second_click(town, monkeypatch, deed):
    monkeypatch.setattr(patience, "PAUSES_S", (0.0, 0.0))
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    with monkeypatch.context() as patch:
        patch.setattr(type(town.store.jobs), "accept", busy)
        assert (await do(town, deed(town, "click-1", job))).again
    assert isinstance(await do(town, deed(town, "click-2", job)), Placed)
    await assert_paid_once(town, left)


@pytest.mark.parametrize("deed", [pressed, filled, reacted])
async def test_a_click_long_after_is_an_order_of_its_own(town, monkeypatch, deed):
    monkeypatch.setattr(patience, "PAUSES_S", (0.0, 0.0))
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    with cut_off(town.store):
        await do(town, deed(town, "click-1", job))
    await stands(town)
    town.clock.now_s += max(AGAIN_S, REACTION_S)
    placed = await do(town, deed(town, "click-2", job))
    assert isinstance(placed, Placed)
    assert placed.fresh
    await assert_paid_once(town, left - FOX_CREDITS)


@pytest.mark.parametrize("deed", [pressed, filled])
async def test_who_is_told_to_try_again_finds_the_order_that_was_kept(town, deed):
    """Whoever reads that has been slower than a double click is, and has paid all the same."""
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    with cut_off(town.store):
        assert (await do(town, deed(town, "click-1", job))).again
    await stands(town)
    town.clock.now_s += AGAIN_S - 1
    assert isinstance(await do(town, deed(town, "click-2", job)), Placed)
    await assert_paid_once(town, left)
    town.clock.now_s += DOUBLE_CLICK_S
    assert isinstance(await do(town, deed(town, "click-3", job)), Placed)
    await assert_paid_once(town, left - FOX_CREDITS)


@pytest.mark.parametrize("deed", [pressed, filled])
async def test_the_click_that_goes_on_has_a_double_of_its_own(town, deed):
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    with cut_off(town.store):
        assert (await do(town, deed(town, "click-1", job))).again
    await stands(town)
    town.clock.now_s += DOUBLE_CLICK_S - 0.1
    assert isinstance(await do(town, deed(town, "click-2", job)), Placed)
    town.clock.now_s += 0.2
    assert isinstance(await do(town, deed(town, "click-3", job)), Nothing)
    await assert_paid_once(town, left)


@pytest.mark.parametrize("deed", [pressed, filled, reacted])
async def test_a_mark_that_nobody_heard_of_hides_nothing(town, monkeypatch, deed):
    """A reaction is tried again by ourselves, a click by its person."""
    monkeypatch.setattr(patience, "PAUSES_S", (0.0, 0.0))
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    with mark_unheard(town.store, 1):
        first = await do(town, deed(town, "click-1", job))
    if deed is not reacted:
        assert first.again
        first = await do(town, deed(town, "click-2", job))
    assert isinstance(first, Placed)
    assert isinstance(await do(town, deed(town, "click-3", job)), Nothing)
    await assert_paid_once(town, left)


@pytest.mark.parametrize("deed", [pressed, filled, reacted])
async def test_while_nothing_can_be_seen_of_an_order_a_click_is_no_other(town, monkeypatch, deed):
    """However long that takes: who presses again then has seen nothing, and means the same."""
    monkeypatch.setattr(patience, "PAUSES_S", (0.0, 0.0))
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    with cut_off(town.store):
        await do(town, deed(town, "click-1", job))
    for later in ("click-2", "click-3"):
        town.clock.now_s += 2 * AGAIN_S
        assert not (await do(town, deed(town, later, job))).fresh
    await assert_paid_once(town, left)
    await stands(town)
    town.clock.now_s += REACTION_S
    assert (await do(town, deed(town, "click-5", job))).fresh
    await assert_paid_once(town, left - FOX_CREDITS)


@pytest.mark.parametrize("deed", [pressed, filled, reacted])
async def test_a_click_on_purpose_is_an_order_of_its_own(town, deed):
    """Who has seen what came of the first wants another."""
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    for number in range(1, 4):
        placed = await do(town, deed(town, f"click-{number}", job))
        assert (placed.fresh, placed.shown) == (True, Showing.POSTED)
        town.clock.now_s += REACTION_S if deed is reacted else DOUBLE_CLICK_S
    assert await town.left(town.person("ann", surface="discord")) == left - 3 * FOX_CREDITS


@pytest.mark.parametrize("deed", [pressed, filled])
async def test_a_refusal_is_told_once_for_a_double_click_and_again_for_the_next(town, deed):
    poor = (await town.draw(town.person("ann", surface="discord"))).id
    await town.rules(models=["gpt-image-1-mini"])
    assert (await do(town, deed(town, "click-1", poor))).refusal
    assert isinstance(await do(town, deed(town, "click-2", poor)), Nothing)
    town.clock.now_s += DOUBLE_CLICK_S
    assert (await do(town, deed(town, "click-3", poor))).refusal


@pytest.mark.parametrize("deed", [pressed, filled])
async def test_a_click_that_is_being_answered_has_no_second(town, monkeypatch, deed):
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    accept, begun, may = type(town.store.jobs).accept, asyncio.Event(), asyncio.Event()

    async def slow(*args: Any, **more: Any) -> Any:
        begun.set()
        await asyncio.wait_for(may.wait(), PATIENCE_S)
        return await accept(*args, **more)

    monkeypatch.setattr(type(town.store.jobs), "accept", slow)
    first = asyncio.create_task(do(town, deed(town, "click-1", job)))
    await asyncio.wait_for(begun.wait(), PATIENCE_S)
    town.clock.now_s += 2 * DOUBLE_CLICK_S
    assert isinstance(await do(town, deed(town, "click-2", job)), Nothing)
    may.set()
    assert isinstance(await first, Placed)
    await assert_paid_once(town, left)


async def test_an_order_that_was_called_off_may_be_asked_for_again(town, monkeypatch):
    """Nobody would have seen it, and its credits are back."""
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    first = town.app.studio._delivery.first

    async def nowhere(*_: Any, **__: Any) -> Showing:
        return Showing.IMPOSSIBLE

    monkeypatch.setattr(town.app.studio._delivery, "first", nowhere)
    assert not isinstance(await do(town, pressed(town, "click-1", job)), Placed)
    monkeypatch.setattr(town.app.studio._delivery, "first", first)
    town.clock.now_s += DOUBLE_CLICK_S
    assert (await do(town, pressed(town, "click-2", job))).fresh
    await assert_paid_once(town, left)


@pytest.mark.parametrize("mark", [1, 2])
async def test_a_mark_of_any_other_click_that_nobody_heard_of_hides_nothing(town, mark):
    job = await town.draw(town.person("ann", surface="discord"))
    click = Pressed(**done_by(town, "click-1"), do=Do.FAVOURITE, job=job.id, message="m1")
    with mark_unheard(town.store, mark):
        assert (await do(town, click)).again
    assert not (await do(town, replace(click, key="click-2"))).again
    assert len(await town.store.favourites.of(click.who)) == 1
    assert isinstance(await do(town, replace(click, key="click-3")), Nothing)


KILLS = [
    (Jobs, "accept", False),
    (Jobs, "accept", True),
    (MessageTable, "shown", False),
    (Clicks, "mark", True),
]


@pytest.mark.parametrize(("room", "verb", "done"), KILLS)
@pytest.mark.parametrize("deed", [pressed, filled, reacted])
@pytest.mark.parametrize("later_s", [0.1, DOUBLE_CLICK_S + 1, AGAIN_S - 1, 9 * AGAIN_S])
async def test_a_click_after_a_kill_orders_once(tmp_path, room, verb, done, deed, later_s):
    """On another replica, and by whoever comes after: with the words "this interaction failed", or none at all."""
    async with replicas(tmp_path) as (one, other):
        job = (await one.draw(one.person("ann", surface="discord"))).id
        left = await one.left(one.person("ann", surface="discord"))
        await killed_in(one, deed(one, "click-1", job), room, verb, done=done)
        pass_by(later_s, one, other)
        assert isinstance(await do(other, deed(other, "click-2", job)), Placed)
        await assert_paid_once(other, left)


@pytest.mark.parametrize("deed", [pressed, filled, reacted])
async def test_after_a_kill_an_order_that_another_has_shown_is_gone_on_with(tmp_path, deed):
    async with replicas(tmp_path) as (one, other):
        job = (await one.draw(one.person("ann", surface="discord"))).id
        left = await one.left(one.person("ann", surface="discord"))
        await killed_in(one, deed(one, "click-1", job), Jobs, "accept", done=True)
        await stands(other)
        pass_by(DOUBLE_CLICK_S + 1, one, other)
        assert isinstance(await do(other, deed(other, "click-2", job)), Placed)
        await assert_paid_once(other, left)
        pass_by(REACTION_S, one, other)
        assert (await do(other, deed(other, "click-3", job))).fresh, "on purpose"
        await assert_paid_once(other, left - FOX_CREDITS)


@pytest.mark.parametrize("deed", [pressed, filled, reacted])
async def test_a_click_on_another_replica_while_the_first_is_under_way_orders_once(tmp_path, deed):
    """That one may be killed, or only slow: it wakes, and finds what the second has ordered."""
    async with replicas(tmp_path) as (one, other):
        job = (await one.draw(one.person("ann", surface="discord"))).id
        left = await one.left(one.person("ann", surface="discord"))
        accept, begun, may = Jobs.accept, asyncio.Event(), asyncio.Event()

        async def slow(jobs: Jobs, *args: Any) -> Any:
            if jobs is one.store.jobs:
                begun.set()
                await asyncio.wait_for(may.wait(), PATIENCE_S)
            return await accept(jobs, *args)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Jobs, "accept", slow)
            first = asyncio.create_task(do(one, deed(one, "click-1", job)))
            await asyncio.wait_for(begun.wait(), PATIENCE_S)
            pass_by(DOUBLE_CLICK_S + 1, one, other)
            assert (await do(other, deed(other, "click-2", job))).fresh
            may.set()
            assert not (await first).fresh
        await assert_paid_once(other, left)


async def test_what_a_page_sends_again_after_a_kill_orders_once(tmp_path):
    """Both clicks fell into the time without a process: the page sends both again, and nobody has heard of the second."""
    async with replicas(tmp_path) as (one, other):
        job = (await one.draw(one.person("ann", surface="discord"))).id
        left = await one.left(one.person("ann", surface="discord"))
        first = pressed(one, "click-1", job)
        await killed_in(one, first, Jobs, "accept", done=True)
        pass_by(2 * DOUBLE_CLICK_S, one, other)
        again = replace(pressed(one, "click-2", job), retold=True)
        assert isinstance(await do(other, again), Placed)
        assert isinstance(await do(other, replace(first, retold=True)), Placed)
        await assert_paid_once(other, left)


def starred(town: Any, key: str, job: str, **more: Any) -> Pressed:
    return Pressed(**done_by(town, key), do=Do.FAVOURITE, job=job, message="m1", **more)


async def test_a_favourite_that_a_page_sends_again_is_turned_once(town):
    """Its answer was lost; or two clicks fell into a time without a process, and both are sent again."""
    job = (await town.draw(town.person("ann", surface="discord"))).id
    first = starred(town, "click-1", job)
    told = await do(town, first)
    pass_by(AGAIN_S, town)
    assert await do(town, replace(first, retold=True)) == told
    pass_by(DOUBLE_CLICK_S, town)
    gone = await do(town, starred(town, "click-2", job, retold=True))
    assert gone != told
    assert await do(town, starred(town, "click-3", job, retold=True)) == gone
    assert await town.store.favourites.of(first.who) == []


async def test_a_favourite_that_was_kept_unheard_is_not_dropped_by_who_tries_again(town, monkeypatch):
    job = (await town.draw(town.person("ann", surface="discord"))).id
    turn = Favourites.turn

    async def unheard(*args: Any, **more: Any) -> Any:
        await turn(*args, **more)
        raise StoreBusy("the connection was cut")

    with monkeypatch.context() as patch:
        patch.setattr(Favourites, "turn", unheard)
        assert (await do(town, starred(town, "click-1", job))).again
    pass_by(2 * DOUBLE_CLICK_S, town)
    assert not (await do(town, starred(town, "click-2", job))).again
    assert len(await town.store.favourites.of(town.person("ann", surface="discord"))) == 1
    pass_by(DOUBLE_CLICK_S, town)
    await do(town, starred(town, "click-3", job))
    assert await town.store.favourites.of(town.person("ann", surface="discord")) == []


@pytest.mark.parametrize("deed", [pressed, filled])
async def test_a_message_that_is_shown_late_is_an_answer_then(town, deed):
    """Until it stands, who presses again has seen nothing; then they mean another."""
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(town.app.surfaces["discord"], "show", busy)
        assert (await do(town, deed(town, "click-1", job))).shown is Showing.LATER
    pass_by(DOUBLE_CLICK_S, town)
    assert not (await do(town, deed(town, "click-2", job))).fresh
    await stands(town)
    pass_by(DOUBLE_CLICK_S, town)
    assert (await do(town, deed(town, "click-3", job))).fresh
    await assert_paid_once(town, left - FOX_CREDITS)


@pytest.mark.parametrize("deed", [pressed, filled])
async def test_who_goes_on_with_what_will_stand_soon_wants_another_when_it_does(tmp_path, deed):
    """Of the first click's process nothing was heard; the second's has promised it."""
    async with replicas(tmp_path) as (one, other):
        job = (await one.draw(one.person("ann", surface="discord"))).id
        left = await one.left(one.person("ann", surface="discord"))
        await killed_in(one, deed(one, "click-1", job), Jobs, "accept", done=True)
        pass_by(DOUBLE_CLICK_S, one, other)
        assert (await do(other, deed(other, "click-2", job))).shown is Showing.LATER
        await stands(other)
        pass_by(DOUBLE_CLICK_S, one, other)
        assert (await do(other, deed(other, "click-3", job))).fresh
        await assert_paid_once(other, left - FOX_CREDITS)
