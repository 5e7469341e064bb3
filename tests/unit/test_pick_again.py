"""A press on a picture's number always leads somewhere, and whoever made a message can take it away."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import NotAllowed, ShowFailure, SurfaceError
from bot.job import Placed, Showing
from bot.ports import Address, Ask, Handle, Pick, Place
from bot.talk.answers import Note
from bot.talk.deeds import Typed
from tests.fakes.house import open_town


class Wall:
    """A surface where people can tear messages down, and a way can be shut."""

    name = "discord"

    def __init__(self) -> None:
        self.standing: dict[str, str] = {}
        self.asked: list[bool] = []
        self.shut = False

    async def run(self) -> None: ...

    async def show(self, card, address, handle):
        self.asked.append(card.forced)
        if self.shut:
            raise SurfaceError("no way", kind=ShowFailure.FORBIDDEN)
        if handle is None:
            handle = Handle(key=f"m{len(self.asked)}")
            self.standing[handle.key] = address.data["channel"]
        elif handle.key not in self.standing:
            raise SurfaceError("torn down", kind=ShowFailure.GONE)
        if card.gone:
            del self.standing[handle.key]
        return handle

    async def tell(self, address, text): ...
    async def aclose(self) -> None: ...


@pytest.fixture
async def town(tmp_path: Path):
    async with open_town(tmp_path) as town:
        town.wall = town.app.surfaces["discord"] = Wall()
        yield town


def _ask(town, user: str, channel: str = "general") -> Ask:
    place = Place(address=Address(surface="discord", data={"channel": channel}), channel=channel)
    return Ask(requester=town.person(user), place=place, text="", request_key=f"press-{next(town.numbers)}")


async def _two(town):
    return await town.draw(text="a red fox --model flux-2-pro --n 2")


async def test_the_first_press_posts_and_the_second_says_where_it_stands(town):
    job = await _two(town)
    first = await town.app.studio.pick(job.id, 1, _ask(town, "tom"))
    assert (first.fresh, first.shown) == (True, Showing.POSTED)
    again = await town.app.studio.pick(job.id, 1, _ask(town, "kim", "other"))
    assert (again.fresh, again.message.handle.key) == (False, next(iter(town.wall.standing)))
    assert again.message.address.data == {"channel": "general"}
    assert town.wall.asked == [False, True], "the second press looked whether it stands"


async def test_what_was_torn_down_comes_anew_where_the_press_was(town):
    job = await _two(town)
    await town.app.studio.pick(job.id, 1, _ask(town, "tom"))
    town.wall.standing.clear()
    again = await town.app.studio.pick(job.id, 1, _ask(town, "kim", "other"))
    assert (again.fresh, again.shown) == (True, Showing.POSTED)
    assert list(town.wall.standing.values()) == ["other"]


async def test_a_way_that_is_shut_now_makes_no_second_message(town):
    job = await _two(town)
    await town.app.studio.pick(job.id, 1, _ask(town, "tom"))
    town.wall.shut = True
    again = await town.app.studio.pick(job.id, 1, _ask(town, "kim", "other"))
    assert (again.fresh, again.message.handle is not None) == (False, True)
    assert len(await town.store.messages.of(job.id)) == 1


async def test_whoever_picked_can_take_that_message_away_and_nobody_else(town):
    job = await _two(town)
    await town.app.studio.pick(job.id, 1, _ask(town, "tom"))
    with pytest.raises(NotAllowed):
        await town.app.studio.delete(job.id, town.person("kim"), role=Pick(1))
    with pytest.raises(NotAllowed):
        await town.app.studio.delete(job.id, town.person("tom"))
    await town.app.studio.delete(job.id, town.person("tom"), role=Pick(1))
    assert await town.app.delivery.tell(job.id) is None
    assert town.wall.standing == {}
    assert (await town.store.jobs.get(job.id)).images, "the picture itself stays"
    again = await town.app.studio.pick(job.id, 1, _ask(town, "tom"))
    assert (again.fresh, len(town.wall.standing)) == (True, 1)


async def test_only_ones_own_picture_tells_when_it_is_done(town):
    job = await town.ask()
    with pytest.raises(NotAllowed):
        await town.app.studio.tell_when_done(job.id, town.person("tom"))
    await town.app.studio.tell_when_done(job.id, town.person())
    await town.fail(job)
    with pytest.raises(NotAllowed, match="already-over"):
        await town.app.studio.tell_when_done(job.id, town.person())


async def test_an_order_that_nobody_would_see_is_called_off_and_its_event_told_again_says_nothing_new(town):
    town.wall.shut = True
    place = Place(address=Address(surface="discord", data={"channel": "general"}), channel="general")
    deed = Typed(who=town.person(), place=place, key="discord:e1", text="a red fox")
    left = await town.left()
    ordered = await town.app.talk.do(deed)
    assert (ordered.fresh, ordered.shown) == (True, Showing.LATER), "one refusal is not final"
    shown = ordered.shown
    for _ in range(3):  # refused once more, called off, and its end can't be told there
        told = await town.store.messages.told(ordered.job.id)
        shown = await town.app.delivery.first(told.job, told.messages[0])
    assert shown is Showing.IMPOSSIBLE
    assert await town.left() == left
    again = await town.app.talk.do(deed)
    assert isinstance(again, Placed)
    assert (again.fresh, again.shown) == (False, Showing.IMPOSSIBLE)
    # Its own program asks again because the answer may have been lost: then it is told.
    assert isinstance(await town.app.talk.do(replace(deed, retold=True)), Note)
