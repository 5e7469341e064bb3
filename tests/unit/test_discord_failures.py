"""Discord's refusals, walked by their table: what is done before something is painted, and afterwards."""

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest

from bot.errors import ShowFailure, SurfaceError
from bot.ports import Phase
from integrations.discord import messages
from integrations.discord._wire import DiscordFault, Rest
from integrations.discord.direct import NEW_PER_MIN, UNASKED_EVERY_S, Direct
from integrations.discord.failures import FAILURES, Remedy
from integrations.discord.messages import Messages
from integrations.discord.settings import DiscordSettings
from tests.fakes.discord import DiscordServer
from tests.fakes.discord.errors import CODES
from tests.fakes.discord_world import DONE, PLACEHOLDER, World
from tests.fakes.there import there

UNKNOWN = 999_999
EVERY = [*FAILURES, UNKNOWN]
PASSING = [code for code, one in FAILURES.items() if one.after is Remedy.LATER]
IN_CHANNEL = ("PATCH /webhooks/**", "PATCH /channels/**", "POST /channels/{}/messages")
OVER = replace(DONE, pictures=(), originals=(), phase=Phase.OVER, headline="It didn't work out")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(messages, "_TRY_AGAIN_S", 0.01)


@pytest.fixture
async def world():
    async with DiscordServer() as server:
        guild = await server.guild("Foxes")
        channel = await server.channel(guild)
        mina = server.user("mina")
        server.join(guild, mina)
        server.commands.replace(None, [{"name": "imagine", "description": "Make a picture"}])
        rest = Rest(DiscordSettings(token=server.token, api_base_url=server.api_base_url))
        yield World(server, guild, channel, mina, rest)
        await rest.aclose()
        assert server.pings == []


def refuse(world, code, *patterns, times=9_999):
    for pattern in patterns:
        world.server.faults.refuse(pattern.format(world.channel.id), code, times=times)


def seen_directly(world):
    return [one for one in world.server.dm(world.mina).visible if one.images]


def everywhere(world):
    return [one for one in (*world.channel.visible, *world.server.dm(world.mina).visible) if one.images]


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("code", [code for code in EVERY if code not in PASSING])
async def test_what_was_painted_reaches_the_person_whatever_the_channel_says_for_ever(world, code, private):
    address = await world.where()
    handle = await world.show(replace(PLACEHOLDER, private=private), address)
    refuse(world, code, *IN_CHANNEL)
    moved = await world.show(replace(DONE, private=private), address, handle)
    assert moved.data["via"] == "direct"
    assert len(seen_directly(world)) == 1
    world.server.faults.clear()
    await world.show(replace(DONE, private=private, headline="Later"), address, moved)
    assert len(everywhere(world)) == 1


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("code", EVERY)
async def test_a_single_refusal_of_an_edit_is_never_final(world, code, private):
    address = await world.where()
    handle = await world.show(replace(PLACEHOLDER, private=private), address)
    # A broken server is asked three times at once.
    refuse(world, code, "PATCH /webhooks/**", times=3 if CODES[code][0] == 503 else 1)
    done = replace(DONE, private=private)
    if code in PASSING:
        with pytest.raises(SurfaceError) as caught:
            await world.show(done, address, handle)
        assert caught.value.kind is ShowFailure.LATER
        await asyncio.sleep(caught.value.retry_after_s or 0)
    handle = await world.show(done, address, handle)
    message = world.server.world.find(int(handle.data["channel"]), int(handle.data["message"]))
    assert message.images


@pytest.mark.parametrize("code", EVERY)
async def test_what_can_not_be_shown_before_it_is_painted_is_forbidden_or_comes_later(world, code):
    """The core cancels what is forbidden, and the credits go back."""
    address = await world.where()
    refuse(world, code, "POST /interactions/**", "POST /channels/**", "POST /users/**", "GET /webhooks/**")
    world.late_s = 4
    with pytest.raises(SurfaceError) as caught:
        await world.show(PLACEHOLDER, address)
    assert caught.value.kind is (ShowFailure.LATER if code in PASSING else ShowFailure.FORBIDDEN)
    assert world.channel.visible == []


@pytest.mark.parametrize("code", [code for code in EVERY if code not in PASSING])
async def test_an_unfinished_message_that_can_not_be_edited_waits_for_its_end(world, code):
    address = await world.where()
    handle = await world.show(PLACEHOLDER, address)
    refuse(world, code, *IN_CHANNEL)
    after = await world.show(replace(PLACEHOLDER, headline="Your place is 3"), address, handle)
    assert after.key == handle.key
    assert world.server.dm(world.mina).visible == []
    moved = await world.show(DONE, address, after)
    assert (moved.data["via"], len(seen_directly(world))) == ("direct", 1)


async def test_where_automod_objects_to_the_words_the_picture_comes_without_them(world):
    """Before and after: the prompt is what it objects to, the alternative text repeats it."""

    async def moderate(phase, request):
        if phase == "before" and "a fox" in repr(request.body):
            world.server.faults.refuse(f"{request.method} {request.path}", 200000)

    world.server.on_request(moderate)
    address = await world.where()
    handle = await world.show(PLACEHOLDER, address)
    await world.show(DONE, address, handle)
    (message,) = world.channel.visible
    assert message.images
    assert "a fox" not in message.text
    assert len(world.server.requests) == 4


async def test_a_message_that_people_removed_while_it_was_painted_comes_directly_and_once(world):
    address = await world.where()
    handle = await world.show(PLACEHOLDER, address)
    await world.server.messages.delete(world.channel.messages[int(handle.key)])
    waiting = await world.show(replace(PLACEHOLDER, headline="Soon"), address, handle)
    calls = len(world.server.requests)
    waiting = await world.show(replace(PLACEHOLDER, headline="Sooner"), address, waiting)
    assert len(world.server.requests) == calls
    moved = await world.show(DONE, address, waiting)
    assert (world.channel.visible, len(seen_directly(world))) == ([], 1)
    assert moved.data["via"] == "direct"


@pytest.mark.parametrize("noticed", [False, True])
async def test_a_removed_message_without_a_picture_is_gone(world, noticed):
    address = await world.where()
    handle = await world.show(PLACEHOLDER, address)
    await world.server.messages.delete(world.channel.messages[int(handle.key)])
    if noticed:
        handle = await world.show(replace(PLACEHOLDER, headline="Soon"), address, handle)
    with pytest.raises(SurfaceError) as caught:
        await world.show(OVER, address, handle)
    assert caught.value.kind is ShowFailure.GONE
    assert (world.channel.visible, world.server.dm(world.mina).visible) == ([], [])


async def test_a_picture_that_was_seen_and_removed_is_not_sent_again(world):
    address = await world.where()
    handle = await world.show(DONE, address)
    await world.server.messages.delete(world.channel.messages[int(handle.key)])
    with pytest.raises(SurfaceError) as caught:
        await world.show(replace(DONE, headline="Later"), address, handle)
    assert caught.value.kind is ShowFailure.GONE
    assert everywhere(world) == []


async def test_a_reply_that_may_not_be_one_is_a_plain_post(world):
    refuse(world, 160002, "POST /channels/**", times=1)
    where = await world.where(token="", interaction="", reply=str(world.server.world.snowflakes.next()))
    await world.show(DONE, where)
    (message,) = world.channel.visible
    assert message.reference is None


def test_the_table_knows_only_codes_of_discord_and_its_words_are_short():
    assert set(FAILURES) <= set(CODES)
    assert all(one.says and len(one.says) < 60 for one in FAILURES.values())
    assert DiscordFault(418, 0).remedy is Remedy.OTHER
    assert DiscordFault(500, 0, doubtful=True).remedy is Remedy.LATER


# ── Direct messages ──────────────────────────────────────────────────────────────────────────────────


class Time:
    now = 1_000.0

    def __call__(self):
        return self.now


async def test_new_direct_messages_are_few_a_minute_and_known_ones_are_free(world):
    direct = Direct(world.rest, clock=(clock := Time()))
    people = [world.server.user(f"p{n}") for n in range(NEW_PER_MIN + 5)]
    for one in people[:NEW_PER_MIN]:
        await direct.open(str(one.id))
    with pytest.raises(DiscordFault) as caught:
        await direct.open(str(people[-1].id))
    assert (caught.value.status, caught.value.sent) == (429, False)
    assert 0 < there(caught.value.retry_after_s) <= 60
    await direct.open(str(people[0].id))
    assert len(world.server.requests) == NEW_PER_MIN
    clock.now += 61
    await direct.open(str(people[-1].id))


async def test_a_paid_picture_waits_for_the_budget_and_comes(world):
    clock = Time()
    direct = Direct(world.rest, clock=clock)
    world.messages = Messages(world.rest, gallery=world.wall, direct=direct, clock=world.now)
    for _ in range(NEW_PER_MIN):
        await direct.open(str(world.server.user("p").id))
    address = await world.where(bot="")
    world.late_s = 901
    with pytest.raises(SurfaceError) as caught:
        await world.show(DONE, address)
    assert caught.value.kind is ShowFailure.LATER
    clock.now += 61
    await world.show(DONE, address)
    assert len(seen_directly(world)) == 1


def test_something_unasked_is_told_once_an_hour():
    direct = Direct(cast("Any", None), clock=(clock := Time()))
    assert [direct.claim_telling("1") for _ in range(12)].count(True) == 1
    assert direct.claim_telling("2")
    clock.now += UNASKED_EVERY_S
    assert direct.claim_telling("1")
