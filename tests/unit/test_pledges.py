"""Who was told that they must wait is told again when nothing came of it, and only then."""

import asyncio
import contextlib
from dataclasses import dataclass, field

import pytest

from bot.errors import NotAllowed, StoreBusy
from bot.notices import Notice
from bot.ports import Address, Ask, Place
from bot.studio.pledges import IN_VAIN_AFTER_S, pledged
from tests.fakes.house import Town, open_town
from tests.fakes.reaching import Wall

HERE = Address(surface="discord", data={"channel": "art", "token": "t"})


@dataclass
class Promising(Wall):
    """A surface that says beforehand that an answer takes a while."""

    taken_back: list = field(default_factory=list)

    async def take_back(self, asked, text):
        self.taken_back.append((asked.data["token"], text))


@pytest.fixture
async def town(tmp_path):
    async with open_town(tmp_path) as town:
        town.wall = Promising()
        town.app.surfaces["discord"] = town.wall
        yield town


def ask_of(town: Town, said: list[str], key: str = "k1") -> Ask:
    async def waits() -> None:
        said.append(key)

    who = town.person("ann", surface="discord")
    return Ask(requester=who, place=Place(address=HERE), text="a red fox", request_key=key, waits=waits)


async def cut_off(town: Town, ask: Ask) -> None:
    """The process ends while the order waits."""
    with contextlib.suppress(asyncio.CancelledError):
        async with pledged(town.store, ask) as wait:
            await wait()
            raise asyncio.CancelledError


async def looked(town: Town) -> list[tuple[str, str]]:
    """What was taken back, a minute later."""
    assert await town.app.messenger.tell_what_is_due() == 0
    town.clock.now_s += IN_VAIN_AFTER_S + 1
    await town.app.messenger.tell_what_is_due()
    assert await town.app.messenger.tell_what_is_due() == 0
    return town.wall.taken_back


async def test_who_was_cut_off_is_told_so_with_their_words(town):
    said: list[str] = []
    await cut_off(town, ask_of(town, said))
    [(token, text)] = await looked(town)
    assert (said, token) == (["k1"], "t")
    assert text.endswith("nothing was charged. Please ask once more: a red fox")


async def test_who_has_got_an_order_or_a_refusal_is_told_nothing_else(town):
    async with pledged(town.store, ask_of(town, [])) as wait:
        await wait()
    with contextlib.suppress(NotAllowed):
        async with pledged(town.store, ask_of(town, [], "k2")) as wait:
            await wait()
            raise NotAllowed("channel")
    assert await looked(town) == []


async def test_who_was_cut_off_behind_the_order_sees_that(town):
    job = await town.ask(key="k3")
    notice = Notice(id="k3", to=job.requester, says="asked-in-vain", room=HERE, asked=True)
    await town.store.notices.keep(notice, due_at=town.clock())
    assert await looked(town) == []


async def test_who_waits_is_told_so_though_the_store_is_busy(town, monkeypatch):
    async def busy(*_args: object, **_more: object) -> None:
        raise StoreBusy

    monkeypatch.setattr(type(town.store.notices), "keep", busy)
    said: list[str] = []
    async with pledged(town.store, ask_of(town, said)) as wait:
        await wait()
    assert said == ["k1"]


async def test_where_nothing_can_be_said_nothing_is_noted(town):
    ask = Ask(requester=town.person(), place=Place(address=HERE), text="a fox", request_key="k5")
    await cut_off(town, ask)
    assert await looked(town) == []
