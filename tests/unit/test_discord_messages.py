"""Messages about a job when time has passed, answers were lost, or Discord refuses: by REST alone."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import ShowFailure, SurfaceError
from bot.ports import Handle, Pick
from integrations.discord._wire import DiscordFault, Rest
from integrations.discord.address import DiscordAddress
from integrations.discord.settings import DiscordSettings
from tests.fakes.discord import DiscordServer
from tests.fakes.discord_world import DONE, PLACEHOLDER, SHOWN, World
from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there


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
        assert server.violations == []
        assert server.pings == []


async def test_the_token_edits_while_it_lives_and_the_bot_afterwards(world):
    address = await world.where()
    handle = await world.show(PLACEHOLDER, address)
    await world.show(DONE, address, handle)
    assert world.server.requests[-1].template == "/webhooks/{application}/{token}/messages/{message}"
    world.late_s = 901
    await world.show(replace(DONE, headline="Later"), address, handle)
    assert world.server.requests[-1].template == "/channels/{channel}/messages/{message}"
    assert world.channel.visible[0].images


async def test_private_and_past_the_token_only_an_end_is_told_directly(world):
    address = await world.where()
    handle = await world.show(replace(PLACEHOLDER, private=True), address)
    world.late_s = 901
    same = await world.show(replace(PLACEHOLDER, private=True, headline="Still"), address, handle)
    assert same == handle
    moved = await world.show(replace(DONE, private=True), address, handle)
    assert moved.data["via"] == "direct"
    assert world.server.dm(world.mina).visible[0].images
    again = await world.show(replace(DONE, private=True, headline="More"), address, moved)
    assert again.key == moved.key


async def test_a_picture_that_went_directly_and_whose_answer_was_lost_comes_once(world):
    """Also after a kill, and when Discord has forgotten the nonce: a direct message is looked for like any other."""
    address = await world.where()
    handle = await world.show(replace(PLACEHOLDER, private=True), address)
    world.late_s = 901
    done = replace(DONE, private=True)
    lost = await world.show(done, address, handle)
    for message in world.server.dm(world.mina).visible:
        message.nonce = None
    found = await world.show(replace(done, headline="Done in 9 s"), address, handle)
    assert (found.key, found.data["via"]) == (lost.key, "direct")
    (only,) = world.server.dm(world.mina).visible
    assert "Done in 9 s" in only.text
    assert only.images


async def test_where_only_the_person_brought_the_app_the_end_comes_directly(world):
    away = await world.server.guild("Away", bot_in=False)
    channel = await world.server.channel(away)
    world.mina.installed = True
    world.server.join(away, world.mina)
    world.server.commands.replace(
        None, [{"name": "imagine", "description": "x", "integration_types": [0, 1]}]
    )
    world.channel = channel
    address = await world.where(guild=str(away.id), channel=str(channel.id), bot="")
    handle = await world.show(PLACEHOLDER, address)
    await world.show(DONE, address, handle)
    assert channel.visible[0].images
    world.late_s = 901
    moved = await world.show(replace(DONE, headline="Later"), address, handle)
    assert moved.data["via"] == "direct"


async def test_a_lost_handle_is_found_by_the_answer_while_the_token_lives(world):
    address = await world.where()
    await world.show(PLACEHOLDER, address)
    world.late_s = 60
    handle = await world.show(DONE, address)
    assert len(world.channel.visible) == 1
    assert handle.key == str(world.channel.visible[0].id)
    assert world.channel.visible[0].images


async def test_a_lost_handle_is_looked_for_soon_where_the_clock_was_set_back(world):
    address = await world.where()
    first = await world.show(PLACEHOLDER, address)
    world.late_s = -3600
    async with asyncio.timeout(PATIENCE_S):
        found = await world.show(DONE, address)
    assert (found.key, len(world.channel.visible)) == (first.key, 1)


@pytest.mark.parametrize(("asked_late_s", "late_s"), [(0, -3600), (3600, 0), (3600, 1000), (-3600, 1000)])
async def test_a_lost_post_is_found_whatever_our_clock_said_when_it_was_asked_and_says_now(
    world, asked_late_s, late_s
):
    """Discord has forgotten the nonce, and the interaction's token is dead: only the look back can find it."""
    world.late_s = asked_late_s
    address = await world.where(token="")
    first = await world.show(PLACEHOLDER, address)
    for message in world.channel.visible:
        message.nonce = None
    world.late_s = late_s
    found = await world.show(DONE, address)
    assert (found.key, len(world.channel.visible)) == (first.key, 1)


async def test_a_lost_handle_is_found_by_the_buttons_after_the_tokens_death(world):
    address = await world.where()
    await world.show(PLACEHOLDER, address)
    for n in range(5):
        await world.server.say(world.mina, world.channel, f"chatter {n}")
    world.late_s = 1000
    handle = await world.show(DONE, address)
    ours = [one for one in world.channel.visible if one.author is world.server.bot]
    assert [str(one.id) for one in ours] == [handle.key]
    assert ours[0].images


async def test_a_lost_pick_is_not_taken_for_the_pick_beside_it(world):
    """Both are about one job: an edit of the other would put this picture in that one's place."""
    address = DiscordAddress(
        channel=str(world.channel.id), user=str(world.mina.id), bot="1", asked=f"{world.now():.3f}"
    ).address
    second = await world.show(replace(DONE, role=Pick(2)), address)
    world.late_s = 1000
    third = await world.show(replace(DONE, role=Pick(3)), address)
    assert third.key != second.key
    for message in world.channel.visible:
        message.nonce = None  # Discord remembers it for some minutes
    again = await world.show(replace(DONE, role=Pick(3)), address)
    assert (again.key, len(world.channel.visible)) == (third.key, 2)


async def test_where_nothing_is_found_it_is_posted(world):
    address = await world.where()
    world.late_s = 1000
    handle = await world.show(DONE, address)
    assert (handle.data["via"], len(world.channel.visible)) == ("channel", 1)


async def test_without_the_right_to_read_the_history_it_is_posted_all_the_same(world):
    await world.server.overwrite(world.channel, world.server.bot, deny=("read_message_history",))
    address = await world.where()
    world.late_s = 1000
    await world.show(DONE, address)
    assert len(world.channel.visible) == 1


async def test_a_repeated_post_that_discord_answers_with_the_old_message_is_brought_up_to_date(world):
    """Within some minutes the same nonce is the same message, which says what was true when it was made."""
    address = DiscordAddress(
        channel=str(world.channel.id), user=str(world.mina.id), bot="1", asked=str(world.now())
    ).address
    first = await world.show(PLACEHOLDER, address)
    again = await world.show(DONE, address)
    assert again.key == first.key
    assert world.channel.visible[0].images


async def test_two_messages_of_one_job_are_two(world):
    """A pick's nonce and buttons are its own."""
    address = DiscordAddress(
        channel=str(world.channel.id), user=str(world.mina.id), bot="1", asked="0"
    ).address
    first = await world.show(DONE, address)
    pick = await world.show(replace(DONE, role=Pick(2)), address)
    assert first.key != pick.key
    again = await world.show(replace(DONE, role=Pick(2)), address)
    assert (again.key, len(world.channel.visible)) == (pick.key, 2)


async def test_a_picture_gets_as_much_room_as_the_place_gives(world):
    world.guild.boost_level = 3
    await world.show(DONE, await world.where())
    assert 20 * 1024 * 1024 < world.wall.asked_bytes < 25 * 1024 * 1024
    world.guild.boost_level = 0
    await world.show(DONE, await world.where())
    assert 9 * 1024 * 1024 < world.wall.asked_bytes < 10 * 1024 * 1024


async def test_a_large_picture_is_no_part_of_the_first_response(world):
    """Three seconds are too few to be sure: the words first, the picture by an edit at once."""
    large = replace(DONE, pictures=(replace(SHOWN, size_bytes=9_000_000),))
    address = await world.where()
    await world.show(large, address)
    (message,) = world.channel.visible
    assert message.images
    assert not message.history[0].attachments


async def test_a_missing_right_is_forbidden_and_a_long_rest_is_later(world):
    address = await world.where()
    handle = await world.show(PLACEHOLDER, address)
    world.late_s = 901
    world.mina.dms_closed = True
    await world.server.overwrite(world.channel, world.server.bot, deny=("view_channel",))
    with pytest.raises(SurfaceError) as caught:
        await world.show(DONE, address, handle)
    assert caught.value.kind in (ShowFailure.FORBIDDEN, ShowFailure.GONE)
    await world.server.overwrite(world.channel, world.server.bot)
    world.server.faults.limit("PATCH /channels/**", 60, times=3)
    with pytest.raises(SurfaceError) as caught:
        await world.show(DONE, address, handle)
    assert caught.value.kind is ShowFailure.LATER
    assert 50 < there(caught.value.retry_after_s) < 61


async def test_after_a_revoked_token_nothing_more_is_sent(world):
    address = DiscordAddress(channel=str(world.channel.id), user=str(world.mina.id), bot="1").address
    world.server.token = "another"
    for _ in range(3):
        with pytest.raises(SurfaceError):
            await world.show(DONE, address)
    assert len([one for one in world.server.requests if one.status == 401]) == 1
    assert world.rest.revoked.is_set()
    world.server.forgive()


async def test_a_wall_before_the_api_rests_everything(world):
    """A 429 that isn't the API's: every call waits for it."""
    world.server.faults.wall("GET /users/@me", 30)
    with pytest.raises(DiscordFault):
        await world.rest.call("GET", "/users/@me")
    with pytest.raises(DiscordFault) as caught:
        await world.rest.call("GET", "/gateway/bot")
    assert there(caught.value.retry_after_s) > 0
    assert len(world.server.requests) == 1


async def test_removing_by_either_way_and_what_is_too_old_to_be_removed(world):
    gone = replace(DONE, gone=True, actions=())
    for late_s in (0, 901):
        address = await world.where()
        handle = await world.show(DONE, address)
        world.late_s += late_s
        await world.show(gone, address, handle)
        assert world.channel.visible == []
        world.late_s = 0.0
    address = await world.where()
    handle = await world.show(replace(DONE, private=True), address)
    world.late_s = 901
    assert await world.show(replace(gone, private=True), address, handle) == handle
    assert await world.show(gone, address, None) == Handle(key="")


async def test_what_was_posted_in_place_of_a_message_stands_once_also_after_a_kill(world):
    """Discord may have forgotten the nonce by then, and people have talked since: newest first it is found."""
    address = await world.where()
    handle = await world.show(PLACEHOLDER, address)
    world.late_s = 901
    world.server.faults.refuse(f"PATCH /channels/*/messages/{handle.key}", 50005, times=9)
    lost = await world.show(DONE, address, handle)
    assert lost.key != handle.key
    for n in range(150):
        await world.server.say(world.mina, world.channel, f"chatter {n}")
    for message in world.channel.visible:
        message.nonce = None
    found = await world.show(replace(DONE, headline="Done in 9 s"), address, handle)
    ours = [str(one.id) for one in world.channel.visible if one.author is world.server.bot]
    assert (found.key, ours) == (lost.key, [handle.key, lost.key])
    assert "Done in 9 s" in world.channel.messages[int(lost.key)].text


async def test_what_stands_in_place_of_a_message_and_can_not_be_edited_either_is_replaced_once(world):
    """Each has a nonce of its own: Discord doesn't answer with the one that can't be edited, again and again."""
    address = await world.where()
    handle = await world.show(PLACEHOLDER, address)
    world.late_s = 901
    world.server.faults.refuse("PATCH /channels/**", 50005, times=9)
    second = await world.show(DONE, address, handle)
    again = replace(DONE, actions=DONE.actions[:1])
    third = await world.show(again, address, handle)
    ours = [str(one.id) for one in world.channel.visible if one.author is world.server.bot]
    assert ours == [handle.key, second.key, third.key]


@pytest.mark.parametrize("late_s", [0, 30, 901])
@pytest.mark.parametrize("by", ["the token", "the bot", "a direct message"])
async def test_a_message_that_no_handle_tells_of_is_removed_with_its_job(world, by, late_s):
    """The process died between the post and its record: no placeholder ever hangs."""
    address = {
        "the token": await world.where(),
        "the bot": DiscordAddress(
            channel=str(world.channel.id), user=str(world.mina.id), bot="1", asked=f"{world.now():.3f}"
        ).address,
        "a direct message": DiscordAddress(user=str(world.mina.id), asked=f"{world.now():.3f}").address,
    }[by]
    lost = await world.show(PLACEHOLDER, address)
    world.late_s = late_s
    await world.show(replace(PLACEHOLDER, gone=True, actions=()), address)
    assert world.server.world.find(int(lost.data["channel"]), int(lost.key)) is None


async def test_a_promise_whose_job_was_deleted_says_no_longer_that_it_is_loading(world):
    address = await world.where()
    where = DiscordAddress.of(address)
    await world.rest.call("POST", where.callback, {"type": 5, "data": {"flags": 0}})
    (promise,) = world.channel.visible
    await world.show(replace(PLACEHOLDER, gone=True, actions=()), address)
    assert promise.deleted


async def test_what_another_job_says_is_not_removed_with_this_one(world):
    address = await world.where()
    handle = await world.show(replace(PLACEHOLDER, job="01m7za57f5evfned4t7d0apt9w"), address)
    for late_s in (0, 901):
        world.late_s = late_s
        await world.show(replace(PLACEHOLDER, gone=True, actions=()), address)
    assert [str(one.id) for one in world.channel.visible] == [handle.key]
