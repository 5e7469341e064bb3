"""A first response that only says that one will come: kept by an edit, found again, and never in a placeholder's way."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import SurfaceError
from bot.ports import Place, Requester
from bot.words.words import Words
from integrations.discord import _wire, first, replies
from integrations.discord._wire import Rest
from integrations.discord.address import DiscordAddress
from integrations.discord.direct import Direct
from integrations.discord.messages import Messages
from integrations.discord.promises import Promise, Promises
from integrations.discord.replies import Caller, Replies
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

    @property
    def standing(self):
        """Of each message whether one person alone sees it, whether it still only promises, and what it says."""
        left = [one for one in self.channel.messages.values() if not one.deleted]
        return [(one.ephemeral, one.loading, one.text) for one in left]

    @property
    def direct(self):
        return [one.text for one in self.server.dm(self.mina).visible]

    def caller(self, address):
        """Mina, who waits for an answer."""
        who = Requester(
            surface="discord", community=str(self.guild.id), user=str(self.mina.id), language="en"
        )
        return Caller(who=who, where=DiscordAddress.of(address), place=Place(address=address))


@pytest.fixture
def hurried(monkeypatch):
    """Pauses that nobody waits for."""
    monkeypatch.setattr(first, "_PAUSES_S", (0.01, 0.01, 0.01))
    monkeypatch.setattr(replies, "_LATER_S", (0.01, 0.01))
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
    with world.promises.possible(DiscordAddress.of(address)):
        assert await world.promises.make(DiscordAddress.of(address), private=False)
        assert world.channel.visible[0].loading
        handle = await world.show(PLACEHOLDER, address)
    assert world.calls == [("POST", CALLBACK), ("PATCH", ORIGINAL)]
    await world.show(DONE, address, handle)
    (message,) = world.channel.visible
    assert (message.images != [], message.loading, handle.key) == (True, False, str(message.id))


async def test_none_is_made_beside_the_placeholder_nor_after_it(world):
    address = await world.where()
    where = DiscordAddress.of(address)
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
    where = DiscordAddress.of(address)
    with world.promises.possible(where):
        _, handle = await asyncio.gather(
            world.promises.make(where, private=False), world.show(PLACEHOLDER, address)
        )
    assert world.calls == [("POST", CALLBACK), ("PATCH", ORIGINAL)]
    assert [str(one.id) for one in world.channel.visible] == [handle.key]


@pytest.mark.parametrize("guessed", [True, False])
async def test_what_others_must_not_see_stands_in_no_promise_that_they_see(world, guessed):
    address = await world.where()
    where = DiscordAddress.of(address)
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
    where = DiscordAddress.of(address)
    with world.promises.possible(where):
        await world.promises.make(where, private=True)
        handle = await world.show(PLACEHOLDER, address)
    (message,) = [one for one in world.channel.messages.values() if not one.deleted]
    assert (message.ephemeral, str(message.id)) == (False, handle.key)


@pytest.mark.parametrize("later_s", [1.0, 5.0])
@pytest.mark.parametrize("card", [PLACEHOLDER, PRIVATE])
async def test_what_was_promised_before_a_crash_is_kept_after_it(world, card, later_s):
    address = await world.where()
    with world.promises.possible(DiscordAddress.of(address)):
        await world.promises.make(DiscordAddress.of(address), private=False)
    world.wake()
    world.late_s = later_s + 3.0
    handle = await world.show(card, address)
    (message,) = [one for one in world.channel.messages.values() if not one.deleted]
    assert (str(message.id), message.loading, message.ephemeral) == (handle.key, False, card.private)


async def test_a_promise_whose_every_answer_was_lost_is_kept_all_the_same(world, hurried):
    world.server.faults.cut_after("POST /interactions/**", times=9)
    address = await world.where()
    where = DiscordAddress.of(address)
    with world.promises.possible(where):
        assert await world.promises.make(where, private=False)
        assert await world.promises.of(where) is Promise.DOUBTFUL
        world.late_s = 3.0
        handle = await world.show(PLACEHOLDER, address)
    assert [str(one.id) for one in world.channel.visible] == [handle.key]


async def test_a_promise_that_people_have_removed_leaves_the_other_ways(world):
    address = await world.where()
    where = DiscordAddress.of(address)
    with world.promises.possible(where):
        await world.promises.make(where, private=False)
        await world.server.messages.delete(world.channel.visible[0])
        handle = await world.show(PLACEHOLDER, address)
    assert handle.data["via"] == "channel"


async def test_a_promise_that_discord_refuses_leaves_the_first_response_to_the_placeholder(world):
    world.server.faults.limit("POST /interactions/**", 0.1)
    address = await world.where()
    where = DiscordAddress.of(address)
    with world.promises.possible(where):
        assert not await world.promises.make(where, private=False)
        handle = await world.show(PLACEHOLDER, address)
    assert handle.key == str(world.channel.visible[0].id)


async def test_a_promise_that_was_not_kept_is_taken_back_and_told_to_the_person_alone(world):
    address = await world.where()
    where = DiscordAddress.of(address)
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
    where = DiscordAddress.of(address)
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
    where = DiscordAddress.of(await world.where(asked=f"{world.now() - 1_000:.3f}"))
    await world.replies.take_back(where, "Please ask once more")
    assert world.calls == []


# ── Lost on the way, and made again ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", ["cut_before", "cut_after"])
async def test_a_promise_that_was_lost_on_the_way_is_made_again_while_there_is_time(world, hurried, way):
    getattr(world.server.faults, way)("POST /interactions/**")
    address = await world.where()
    where = DiscordAddress.of(address)
    with world.promises.possible(where):
        assert await world.promises.make(where, private=False)
        assert await world.promises.of(where) is Promise.OPEN
        handle = await world.show(PLACEHOLDER, address)
    assert world.calls[-1] == ("PATCH", ORIGINAL)
    assert [str(one.id) for one in world.channel.visible] == [handle.key]


@pytest.mark.parametrize(("kind", "facts"), [("fail", []), ("cut_after", []), ("refuse", [200000])])
async def test_a_private_card_that_has_made_room_is_not_given_up_for_one_refusal(world, hurried, kind, facts):
    getattr(world.server.faults, kind)("POST /webhooks/**", *facts)
    address = await world.where()
    where = DiscordAddress.of(address)
    with world.promises.possible(where):
        await world.promises.make(where, private=False)
        handle = await world.show(PRIVATE, address)
    assert (handle.data["via"], handle.data["private"], world.direct) == ("token", "1", [])
    assert all(alone and not loading for alone, loading, _ in world.standing)
    world.server.forgive("retried")


# ── What one person is told ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("known", [True, False])
async def test_what_is_said_after_a_promise_was_kept_removes_nothing(world, known):
    """Who was charged and obeys "try again" pays twice."""
    caller = world.caller(address := await world.where())
    with world.replies.promising(caller):
        await world.replies.promise(caller, private=False)
        handle = await world.show(PLACEHOLDER, address)
        if not known:
            world.wake()
        await world.replies.tell(caller, "Not so fast.")
    assert [str(one.id) for one in world.channel.visible if not one.ephemeral] == [handle.key]
    assert any(alone and "Not so fast." in text for alone, _, text in world.standing)


@pytest.mark.parametrize("elsewhere", [True, False])
async def test_who_is_told_twice_is_told_alone(world, elsewhere):
    """The second one's refusal would stand in what the first one has promised before everybody."""
    address = await world.where()
    one, other = world.caller(address), world.caller(address)
    others = Replies(world.rest, words=Words("en"), direct=Direct(world.rest), promises=Promises(world.rest))
    others = others if elsewhere else world.replies
    with world.replies.promising(one), others.promising(other):
        await world.replies.promise(one, private=False)
        await others.promise(other, private=False)
        await others.tell(other, "Not so fast.")
        assert [alone for alone, _, _ in world.standing] == [True]
        await world.replies.tell(one, "Not so fast.")
    assert [alone for alone, _, _ in world.standing] == [True, True]
    world.server.forgive("double response")


async def test_what_is_told_beside_a_promise_that_was_refused_for_good_is_told_alone(world):
    world.server.faults.refuse("PATCH /webhooks/**", 200000, times=2)
    where = DiscordAddress.of(address := await world.where())
    with world.promises.possible(where):
        await world.promises.make(where, private=False)
        handle = await world.show(PLACEHOLDER, address)
    assert [str(one.id) for one in world.channel.visible] == [handle.key]
    world.wake()
    await world.replies.tell_alone(where, "Nothing came of it.")
    assert [alone for alone, _, text in world.standing if "Nothing came" in text] == [True]


@pytest.mark.parametrize("lasting", [True, False])
async def test_what_is_told_while_a_promise_still_stands_is_told_alone(world, hurried, lasting):
    """Discord doesn't remove it, and the placeholder is private: what is said goes directly."""
    where = DiscordAddress.of(address := await world.where())
    with world.promises.possible(where):
        await world.promises.make(where, private=False)
        world.server.faults.fail("DELETE /webhooks/**", 500, times=99 if lasting else 3)
        with pytest.raises(SurfaceError):
            await world.show(PRIVATE, address)
    world.wake()
    await world.replies.tell_alone(where, "Nothing came of it.")
    assert [text for alone, _, text in world.standing if "Nothing came" in text and not alone] == []
    assert ("Nothing came of it." in world.direct[0]) if lasting else world.standing[-1][0]


@pytest.mark.parametrize(
    ("kind", "pattern", "facts"),
    [
        ("cut_before", "POST /interactions/**", {"times": 4}),
        ("fail", "DELETE /webhooks/**", {"times": 3}),
        ("fail", "GET /webhooks/**", {"times": 3}),
        ("limit", "DELETE /webhooks/**", {"retry_after_s": 0.25}),
        ("fail", "POST /webhooks/**", {"times": 1}),
        ("cut_before", "POST /webhooks/**", {"times": 2}),
    ],
)
async def test_a_refusal_after_a_promise_is_told_through_whatever_fails_for_a_while(
    world, hurried, kind, pattern, facts
):
    getattr(world.server.faults, kind)(pattern, **facts)
    caller = world.caller(await world.where())
    with world.replies.promising(caller):
        await world.replies.promise(caller, private=False)
        assert await world.replies.send(caller, {"description": "Not so fast."})
    assert [(alone, loading) for alone, loading, _ in world.standing] == [(True, False)]
    assert "Not so fast." in world.standing[0][2]
    world.server.forgive("retried")


@pytest.mark.parametrize("pattern", ["POST /interactions/**", "DELETE /webhooks/**", "POST /webhooks/**"])
async def test_a_refusal_after_a_promise_is_told_directly_when_nothing_else_is_left(world, hurried, pattern):
    world.server.faults.cut_before(pattern, times=99)
    caller = world.caller(await world.where())
    with world.replies.promising(caller):
        await world.replies.promise(caller, private=False)
        assert await world.replies.send(caller, {"description": "Not so fast."})
    assert ["Not so fast." in text for text in world.direct] == [True]
    assert not any("Not so fast." in text for _, _, text in world.standing)
    world.server.forgive()


async def test_a_promise_that_is_taken_back_is_told_of_directly_where_discord_takes_no_more(world):
    where = DiscordAddress.of(await world.where())
    with world.promises.possible(where):
        await world.promises.make(where, private=False)
    world.wake()
    world.server.faults.fail("POST /webhooks/**", 500, times=9)
    await world.replies.take_back(where, "Please ask once more")
    assert (world.standing, "Please ask once more" in world.direct[0]) == ([], True)


@pytest.mark.parametrize("private", [True, False])
async def test_what_is_acknowledged_while_a_promise_is_under_way_leaves_none(world, private):
    caller = world.caller(await world.where())
    world.server.faults.delay("POST /interactions/**", 0.1)
    with world.replies.promising(caller):
        await asyncio.gather(
            world.replies.promise(caller, private=private), world.replies.acknowledge(caller)
        )
    assert world.standing == []
