"""What was ordered is paid: from then on nobody is told that it went wrong, or they ask once more and pay twice."""

import asyncio
from typing import Any

import pytest

from bot.errors import StoreBusy
from bot.job import Placed, Showing
from bot.ports import Place
from bot.talk.deeds import Typed
from tests.fakes.clicks import HERE, Board, assert_paid_once
from tests.fakes.house import FOX, Town, open_town
from tests.fakes.patience import PATIENCE_S


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
