"""People who click for a picture, on one replica or two, and processes that are killed while they answer."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.ports import Address, Do, Handle, Place
from bot.talk.deeds import Begun, Deed, Filled, Pressed, Reacted, Sign
from tests.fakes.house import FOX_CREDITS, Town, new_sqlite, open_town
from tests.fakes.patience import PATIENCE_S
from tests.fakes.reaching import Wall

HERE = Address(surface="discord", data={"channel": "art"})


class Board(Wall):
    """A surface on which everything stands."""

    shown = 0

    async def show(self, card, address, handle):
        self.shown += 1
        return Handle(key=f"m{self.shown}", data={})


async def assert_paid_once(town: Town, left: int) -> None:
    assert await town.left(town.person("ann", surface="discord")) == left - FOX_CREDITS


async def do(town: Town, deed: Deed) -> Any:
    """The answer, of whatever kind it is."""
    return await town.app.talk.do(deed)


def done_by(town: Town, key: str) -> dict[str, Any]:
    who = town.person("ann", surface="discord")
    return {"who": who, "place": Place(address=HERE, channel="art"), "key": key}


def pressed(town: Town, key: str, job: str) -> Deed:
    return Pressed(**done_by(town, key), do=Do.REROLL, job=job, message="m1")


def filled(town: Town, key: str, job: str) -> Deed:
    return Filled(**done_by(town, key), text="a blue fox --model flux-2-pro", begun=Begun(parent=job))


def reacted(town: Town, key: str, job: str) -> Deed:
    return Reacted(**done_by(town, key), sign=Sign.AGAIN, job=job, message="m1")


async def stands(town: Town, *, by: str = "another process") -> None:
    """What was ordered and not heard of is shown by whoever takes over."""
    (row,) = await town.rows("SELECT job FROM messages WHERE key IS NULL")
    told = await town.store.messages.told(row["job"])
    assert told is not None
    await town.store.messages.shown(
        told.messages[0], Handle(key="m9", data={}), version=1, digest="d", now=town.clock(), by=by
    )


@contextlib.asynccontextmanager
async def replicas(folder: Path) -> AsyncIterator[tuple[Town, Town]]:
    """Two processes on one database."""
    url = new_sqlite(folder)
    async with open_town(folder, url=url) as one, open_town(folder, url=url) as other:
        for town in (one, other):
            town.app.surfaces["discord"] = Board()
        yield one, other


def pass_by(seconds: float, *towns: Town) -> None:
    for town in towns:
        town.clock.now_s += seconds


async def killed_in(town: Town, deed: Deed, room: Any, verb: str, *, done: bool) -> None:
    """The process ends where it is `done` with a verb of the store, or just before that."""
    act, there = getattr(room, verb), asyncio.Event()

    async def last(*args: Any, **more: Any) -> Any:
        if done:
            await act(*args, **more)
        there.set()
        await asyncio.Event().wait()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, verb, last)
        doing = asyncio.create_task(town.app.talk.do(deed))
        await asyncio.wait_for(there.wait(), PATIENCE_S)
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)
