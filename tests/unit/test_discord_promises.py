"""A first response that only says that one will come: kept by an edit, found again, and never in a placeholder's way."""

import asyncio
from dataclasses import replace

import pytest

from bot.words import Words
from integrations.discord import _wire, first
from integrations.discord._wire import Rest
from integrations.discord.address import Where
from integrations.discord.direct import Direct
from integrations.discord.messages import Messages
from integrations.discord.promises import Promise, Promises
from integrations.discord.replies import Replies
from integrations.discord.settings import DiscordSettings
from tests.fakes.discord import DiscordServer
from tests.fakes.discord_world import DONE, PLACEHOLDER, World

PRIVATE = replace(PLACEHOLDER, private=True)
CALLBACK = "/interactions/{interaction}/{token}/callback"
ORIGINAL = "/webhooks/{application}/{token}/messages/{message}"


class Town(World):
    """The same with somebody who promises."""

    def __init__(self, *args):
        super().__init__(*args)
        self.wake()

    def wake(self):
        """What a process knows that has just started."""
        self.promises = Promises(self.rest)
        self.messages = Messages(self.rest, gallery=self.wall, clock=self.now, promises=self.promises)
        self.replies = Replies(self.rest, words=Words("en"), direct=Direct(self.rest), promises=self.promises)

    @property
    def calls(self):
        return [(one.method, one.template) for one in self.server.requests]


@pytest.fixture
def hurried(monkeypatch):
    """Pauses that nobody waits for."""
    monkeypatch.setattr(first, "_PAUSES_S", (0.01, 0.01, 0.01))
    monkeypatch.setattr(_wire, "_BACK_OFF_S", (0.01, 0.01))
    monkeypatch.setattr(_wire, "PATIENCE_S", 0.1)


@pytest.fixture
async def world():
    async with DiscordServer() as server:
        guild = await server.guild("Foxes")
        channel = await server.channel(guild)
        mina = server.user("mina")
        server.join(guild, mina)
        server.commands.replace(None, [{"name": "imagine", "description": "Make a picture"}])
        rest = Rest(DiscordSettings(token=server.token, api_base_url=server.api_base_url))
        yield Town(server, guild, channel, mina, rest)
        await rest.aclose()
        assert server.violations == []
        assert server.pings == []


async def test_a_promise_becomes_the_placeholder_by_one_edit(world):
    address = await world.where()
    with world.promises.possible(Where.of(address)):
        assert await world.promises.make(Where.of(address), private=False)
        assert world.channel.visible[0].loading
        handle = await world.show(PLACEHOLDER, address)
    assert world.calls == [("POST", CALLBACK), ("PATCH", ORIGINAL)]
    await world.show(DONE, address, handle)
    (message,) = world.channel.visible
    assert (message.images != [], message.loading, handle.key) == (True, False, str(message.id))


async def test_none_is_made_beside_the_placeholder_nor_after_it(world):
    address = await world.where()
    where = Where.of(address)
    with world.promises.possible(where):
        shown, made = await asyncio.gather(
            world.show(PLACEHOLDER, address), world.promises.make(where, private=False)
        )
        assert not made
        assert not await world.promises.make(where, private=False)
    assert world.calls == [("POST", CALLBACK)]
    assert shown.key == str(world.channel.visible[0].id)


async def test_the_placeholder_waits_for_a_promise_that_is_under_way(world):
    address = await world.where()
    where = Where.of(address)
    with world.promises.possible(where):
        _, handle = await asyncio.gather(
            world.promises.make(where, private=False), world.show(PLACEHOLDER, address)
        )
    assert world.calls == [("POST", CALLBACK), ("PATCH", ORIGINAL)]
    assert [str(one.id) for one in world.channel.visible] == [handle.key]


@pytest.mark.parametrize("guessed", [True, False])
async def test_what_others_must_not_see_stands_in_no_promise_that_they_see(world, guessed):
    address = await world.where()
    where = Where.of(address)
    with world.promises.possible(where):
        await world.promises.make(where, private=guessed)
        handle = await world.show(PRIVATE, address)
    await world.show(replace(DONE, private=True), address, handle)
    seen = [one for one in world.channel.visible if not one.ephemeral]
    assert seen == []
    (mine,) = [one for one in world.channel.messages.values() if one.ephemeral and not one.deleted]
    assert (bool(mine.images), str(mine.id)) == (True, handle.key)
    assert handle.data["private"] == "1"


async def test_what_everybody_may_see_stands_in_no_promise_that_one_sees(world):
    address = await world.where()
    where = Where.of(address)
    with world.promises.possible(where):
        await world.promises.make(where, private=True)
        handle = await world.show(PLACEHOLDER, address)
    (message,) = [one for one in world.channel.messages.values() if not one.deleted]
    assert (message.ephemeral, str(message.id)) == (False, handle.key)


@pytest.mark.parametrize("later_s", [1.0, 5.0])
@pytest.mark.parametrize("card", [PLACEHOLDER, PRIVATE])
async def test_what_was_promised_before_a_crash_is_kept_after_it(world, card, later_s):
    address = await world.where()
    with world.promises.possible(Where.of(address)):
        await world.promises.make(Where.of(address), private=False)
    world.wake()
    world.late_s = later_s + 3.0
    handle = await world.show(card, address)
    (message,) = [one for one in world.channel.messages.values() if not one.deleted]
    assert (str(message.id), message.loading, message.ephemeral) == (handle.key, False, card.private)


async def test_a_promise_whose_every_answer_was_lost_is_kept_all_the_same(world, hurried):
    world.server.faults.cut_after("POST /interactions/**", times=9)
    address = await world.where()
    where = Where.of(address)
    with world.promises.possible(where):
        assert await world.promises.make(where, private=False)
        assert await world.promises.of(where) is Promise.DOUBTFUL
        world.late_s = 3.0
        handle = await world.show(PLACEHOLDER, address)
    assert [str(one.id) for one in world.channel.visible] == [handle.key]


async def test_a_promise_that_people_have_removed_leaves_the_other_ways(world):
    address = await world.where()
    where = Where.of(address)
    with world.promises.possible(where):
        await world.promises.make(where, private=False)
        await world.server.messages.delete(world.channel.visible[0])
        handle = await world.show(PLACEHOLDER, address)
    assert handle.data["via"] == "channel"


async def test_a_promise_that_discord_refuses_leaves_the_first_response_to_the_placeholder(world):
    world.server.faults.limit("POST /interactions/**", 0.1)
    address = await world.where()
    where = Where.of(address)
    with world.promises.possible(where):
        assert not await world.promises.make(where, private=False)
        handle = await world.show(PLACEHOLDER, address)
    assert handle.key == str(world.channel.visible[0].id)


async def test_a_promise_that_was_not_kept_is_taken_back_and_told_to_the_person_alone(world):
    address = await world.where()
    where = Where.of(address)
    with world.promises.possible(where):
        assert await world.promises.make(where, private=False)
    world.wake()
    await world.replies.take_back(where, "Please ask once more")
    (told,) = [one for one in world.channel.messages.values() if not one.deleted]
    assert (told.ephemeral, told.embeds[0]["description"]) == (True, "Please ask once more")
    await world.replies.take_back(where, "Please ask once more")
    assert [one for one in world.channel.messages.values() if not one.deleted] == [told]


async def test_what_stands_in_a_promises_place_stays_and_where_none_was_made_nothing_is_said(world):
    address = await world.where()
    where = Where.of(address)
    await world.replies.take_back(where, "Please ask once more")
    assert world.channel.visible == []
    # Who was killed before it could answer is the only one who may ask.
    (asked,) = world.server.forgive("not answered yet")
    assert "used before its callback" in asked.detail
    with world.promises.possible(where):
        assert await world.promises.make(where, private=False)
        await world.show(PLACEHOLDER, address)
    world.wake()
    await world.replies.take_back(where, "Please ask once more")
    (placeholder,) = world.channel.visible
    assert not placeholder.loading


async def test_a_promise_that_discord_itself_has_ended_needs_no_word(world):
    where = Where.of(await world.where(asked=f"{world.now() - 1_000:.3f}"))
    await world.replies.take_back(where, "Please ask once more")
    assert world.calls == []


# ── Lost on the way, and made again ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", ["cut_before", "cut_after"])
async def test_a_promise_that_was_lost_on_the_way_is_made_again_while_there_is_time(world, hurried, way):
    getattr(world.server.faults, way)("POST /interactions/**")
    address = await world.where()
    where = Where.of(address)
    with world.promises.possible(where):
        assert await world.promises.make(where, private=False)
        assert await world.promises.of(where) is Promise.OPEN
        handle = await world.show(PLACEHOLDER, address)
    assert world.calls[-1] == ("PATCH", ORIGINAL)
    assert [str(one.id) for one in world.channel.visible] == [handle.key]
