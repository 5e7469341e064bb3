"""What was ordered is paid: from then on nobody is told that it went wrong, or they ask once more and pay twice."""

import asyncio
from typing import Any

import pytest

from bot.errors import StoreBusy
from bot.job import Placed, Showing
from bot.jobs import patience
from bot.ports import Address, Do, Handle, Place
from bot.talk.answers import Nothing
from bot.talk.deeds import Begun, Deed, Filled, Pressed, Reacted, Sign, Typed
from bot.talk.once import AGAIN_S, DOUBLE_CLICK_S, REACTION_S
from tests.fakes.house import FOX, FOX_CREDITS, Town, open_town
from tests.fakes.patience import PATIENCE_S
from tests.fakes.reaching import Wall
from tests.fakes.unheard import cut_off, mark_unheard

HERE = Address(surface="discord", data={"channel": "art"})


class Board(Wall):
    """A surface on which everything stands."""

    shown = 0

    async def show(self, card, address, handle):
        self.shown += 1
        return Handle(key=f"m{self.shown}", data={})


@pytest.fixture
async def town(tmp_path):
    async with open_town(tmp_path) as town:
        town.app.surfaces["discord"] = Board()
        yield town


async def busy(*_: Any, **__: Any) -> Any:
    raise StoreBusy("the disk is slow")


async def broken(*_: Any, **__: Any) -> Any:
    raise ZeroDivisionError


async def typed(town: Town, *, retold: bool = False) -> Any:
    who = town.person("ann", surface="discord")
    return await town.app.talk.do(
        Typed(who=who, place=Place(address=HERE, channel="art"), key="k1", text=FOX, retold=retold)
    )


async def assert_paid_once(town: Town, left: int) -> None:
    assert await town.left(town.person("ann", surface="discord")) == left - FOX_CREDITS


@pytest.mark.parametrize("trouble", [busy, broken])
@pytest.mark.parametrize("verb", ["shown", "put_off"])
async def test_a_placeholder_that_cannot_be_recorded_makes_no_refusal(town, monkeypatch, trouble, verb):
    left = await town.left(town.person("ann", surface="discord"))
    if verb == "put_off":
        monkeypatch.setattr(town.app.surfaces["discord"], "show", busy)
    monkeypatch.setattr(type(town.store.messages), verb, trouble)
    answer = await typed(town)
    assert isinstance(answer, Placed)
    assert answer.shown is Showing.LATER
    await assert_paid_once(town, left)


async def test_an_order_that_is_told_again_while_the_store_is_busy_stands(town, monkeypatch):
    left = await town.left(town.person("ann", surface="discord"))
    await typed(town)
    monkeypatch.setattr(type(town.store.messages), "told", busy)
    answer = await typed(town, retold=True)
    assert isinstance(answer, Placed)
    assert not answer.fresh
    await assert_paid_once(town, left)


async def test_an_order_that_nobody_sees_and_that_cannot_be_called_off_now_stands(town, monkeypatch):
    async def nowhere(*_: Any, **__: Any) -> Showing:
        return Showing.IMPOSSIBLE

    monkeypatch.setattr(town.app.studio._delivery, "first", nowhere)
    monkeypatch.setattr(type(town.store.jobs), "move", busy)
    assert isinstance(await typed(town), Placed)


async def test_a_commit_of_which_nothing_was_heard_is_looked_for(town, monkeypatch):
    left = await town.left(town.person("ann", surface="discord"))
    accept = type(town.store.jobs).accept

    async def unheard(*args: Any, **more: Any) -> Any:
        await accept(*args, **more)
        raise StoreBusy("the connection was cut")

    monkeypatch.setattr(type(town.store.jobs), "accept", unheard)
    assert isinstance(await typed(town), Placed)
    await assert_paid_once(town, left)


async def test_where_nothing_was_accepted_the_store_may_be_busy(town, monkeypatch):
    left = await town.left(town.person("ann", surface="discord"))
    monkeypatch.setattr(type(town.store.jobs), "accept", busy)
    answer = await typed(town)
    assert answer.again, "they may ask once more"
    assert answer.typed == FOX, "a form has closed over it, or a command is gone from the box"
    assert await town.left(town.person("ann", surface="discord")) == left


async def test_a_placeholder_does_not_wait_for_a_note_to_end(town, monkeypatch):
    """Who was told to wait is noted; a slow store ends that behind the placeholder."""
    seen: list[int] = []

    async def end(*_: Any) -> None:
        seen.append(town.app.surfaces["discord"].shown)
        raise StoreBusy("the disk is slow")

    async def waits() -> None:
        told.set()

    told = asyncio.Event()
    monkeypatch.setattr(type(town.store.notices), "end", end)
    accept = type(town.store.jobs).accept

    async def late(*args: Any, **more: Any) -> Any:
        await asyncio.wait_for(told.wait(), PATIENCE_S)
        return await accept(*args, **more)

    monkeypatch.setattr(type(town.store.jobs), "accept", late)
    who = town.person("ann", surface="discord")
    deed = Typed(who=who, place=Place(address=HERE, channel="art"), key="k2", text=FOX, waits=waits)
    assert isinstance(await town.app.talk.do(deed), Placed)
    assert seen == [1]


def done_by(town: Town, key: str) -> dict[str, Any]:
    who = town.person("ann", surface="discord")
    return {"who": who, "place": Place(address=HERE, channel="art"), "key": key}


def pressed(town: Town, key: str, job: str) -> Deed:
    return Pressed(**done_by(town, key), do=Do.REROLL, job=job, message="m1")


def filled(town: Town, key: str, job: str) -> Deed:
    return Filled(**done_by(town, key), text="a blue fox --model flux-2-pro", begun=Begun(parent=job))


def reacted(town: Town, key: str, job: str) -> Deed:
    return Reacted(**done_by(town, key), sign=Sign.AGAIN, job=job, message="m1")


@pytest.mark.parametrize("deed", [pressed, filled, reacted])
async def test_a_double_click_finds_the_order_that_was_kept_and_not_heard_of(town, monkeypatch, deed):
    """Each click has a key of its own; the second goes on with the first."""
    monkeypatch.setattr(patience, "PAUSES_S", (0.0, 0.0))
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    with cut_off(town.store):
        assert (await town.app.talk.do(deed(town, "click-1", job))).again
    await assert_paid_once(town, left)
    again = await town.app.talk.do(deed(town, "click-2", job))
    assert isinstance(again, Placed)
    await assert_paid_once(town, left)
    assert isinstance(await town.app.talk.do(deed(town, "click-3", job)), Nothing), "a third is one too many"

    town.clock.now_s += REACTION_S
    assert isinstance(await town.app.talk.do(deed(town, "click-4", job)), Placed)
    await assert_paid_once(town, left - FOX_CREDITS)


@pytest.mark.parametrize("deed", [pressed, filled, reacted])
async def test_what_was_not_kept_is_ordered_by_the_second_click(town, monkeypatch, deed):
    monkeypatch.setattr(patience, "PAUSES_S", (0.0, 0.0))
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    with monkeypatch.context() as patch:
        patch.setattr(type(town.store.jobs), "accept", busy)
        assert (await town.app.talk.do(deed(town, "click-1", job))).again
    assert isinstance(await town.app.talk.do(deed(town, "click-2", job)), Placed)
    await assert_paid_once(town, left)


@pytest.mark.parametrize("deed", [pressed, filled, reacted])
async def test_a_click_long_after_is_an_order_of_its_own(town, monkeypatch, deed):
    monkeypatch.setattr(patience, "PAUSES_S", (0.0, 0.0))
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    with cut_off(town.store):
        await town.app.talk.do(deed(town, "click-1", job))
    town.clock.now_s += REACTION_S
    placed = await town.app.talk.do(deed(town, "click-2", job))
    assert isinstance(placed, Placed)
    assert placed.fresh
    await assert_paid_once(town, left - FOX_CREDITS)


@pytest.mark.parametrize("deed", [pressed, filled])
async def test_who_is_told_to_try_again_finds_the_order_that_was_kept(town, deed):
    """Whoever reads that has been slower than a double click is, and has paid all the same."""
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    with cut_off(town.store):
        assert (await town.app.talk.do(deed(town, "click-1", job))).again
    town.clock.now_s += AGAIN_S - 1
    assert isinstance(await town.app.talk.do(deed(town, "click-2", job)), Placed)
    await assert_paid_once(town, left)
    town.clock.now_s += DOUBLE_CLICK_S
    assert isinstance(await town.app.talk.do(deed(town, "click-3", job)), Placed)
    await assert_paid_once(town, left - FOX_CREDITS)


@pytest.mark.parametrize("deed", [pressed, filled])
async def test_the_click_that_goes_on_has_a_double_of_its_own(town, deed):
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    with cut_off(town.store):
        assert (await town.app.talk.do(deed(town, "click-1", job))).again
    town.clock.now_s += DOUBLE_CLICK_S - 0.1
    assert isinstance(await town.app.talk.do(deed(town, "click-2", job)), Placed)
    town.clock.now_s += 0.2
    assert isinstance(await town.app.talk.do(deed(town, "click-3", job)), Nothing)
    await assert_paid_once(town, left)


@pytest.mark.parametrize(("deed", "mark"), [(pressed, 1), (pressed, 2), (filled, 1), (reacted, 1)])
async def test_a_mark_that_nobody_heard_of_hides_nothing(town, monkeypatch, deed, mark):
    """A reaction is tried again by ourselves, a click by its person."""
    monkeypatch.setattr(patience, "PAUSES_S", (0.0, 0.0))
    job = (await town.draw(town.person("ann", surface="discord"))).id
    left = await town.left(town.person("ann", surface="discord"))
    with mark_unheard(town.store, mark):
        first = await town.app.talk.do(deed(town, "click-1", job))
    if deed is not reacted:
        assert first.again
        first = await town.app.talk.do(deed(town, "click-2", job))
    assert isinstance(first, Placed)
    assert isinstance(await town.app.talk.do(deed(town, "click-3", job)), Nothing)
    await assert_paid_once(town, left)
