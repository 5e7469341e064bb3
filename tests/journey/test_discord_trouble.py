"""What goes wrong on Discord, and what people then see: one process, a strict local Discord that misbehaves."""

import asyncio
from types import SimpleNamespace

import pytest
import pytest_asyncio

from tests.fakes.discord_process import house
from tests.fakes.patience import PATIENCE_S

pytestmark = pytest.mark.asyncio(loop_scope="module")

FLUX = "black-forest-labs/flux-2-pro"
CALLBACK = "POST /interactions/**"
ANSWER = "PATCH /webhooks/**"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory):
    limits = "[limits]\nper_requester = 100"
    async with house(tmp_path_factory.mktemp("discord"), more=limits) as (server, easel, sim):
        yield server, easel, sim


@pytest_asyncio.fixture(loop_scope="module")
async def server(running):
    server, _, sim = running
    server.records.violations.clear()
    server.pings.clear()
    yield server
    server.faults.clear()
    sim.switchboard.armed.clear()
    assert server.violations == []
    assert server.pings == []


@pytest_asyncio.fixture(loop_scope="module")
async def place(server):
    guild = await server.guild("Foxes")
    channel = await server.channel(guild)
    mina, tom = server.user("mina"), server.user("tom")
    server.join(guild, mina)
    server.join(guild, tom, server.role(guild, "mods", "manage_guild", "manage_messages"))
    return SimpleNamespace(guild=guild, channel=channel, mina=mina, tom=tom)


class Held:
    """A picture that is painted until `go()`."""

    def __init__(self, sim):
        self._sim = sim
        sim.arm(f"poll_500@{FLUX}")

    def go(self):
        self._sim.switchboard.armed.clear()


@pytest.fixture
def held(running):
    return Held(running[2])


async def painting(server, user, channel, **options):
    """A picture under way: the service is at it."""
    asked = {"prompt": "a red fox", "model": "flux-2-pro", **options}
    inv = await server.slash(user, channel, "imagine", asked)
    await inv.response()
    await asyncio.sleep(0.3)
    return inv


async def pictured(server, channel, count=1, timeout=PATIENCE_S):
    """Exactly `count` messages of the channel, all with a picture."""
    await server.until(
        lambda: len(channel.visible) == count and all(one.images for one in channel.visible), timeout
    )
    return channel.visible


def excuse(inv):
    """The server itself refused the first response: that nobody answered is no misuse."""
    inv.delivered = False


# ── The first response ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", [10062, 40060])
async def test_a_refused_first_response_becomes_a_message_in_the_channel(server, place, code):
    server.faults.refuse(CALLBACK, code, times=100)
    inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "a red fox"})
    (message,) = await pictured(server, place.channel)
    assert message.interaction is None
    assert "mina" in message.text
    server.forgive("not answered yet")
    excuse(inv)


@pytest.mark.parametrize("trouble", ["fail", "cut_before", "cut_after", "fail_after"])
async def test_one_trouble_with_the_first_response_is_mended_in_time(server, place, trouble):
    getattr(server.faults, trouble)(CALLBACK)
    inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "a red fox"})
    await inv.response()
    await inv.pictured()
    assert place.channel.visible == [inv.message]


async def test_when_every_first_response_fails_the_channel_has_one_message(server, place):
    server.faults.fail(CALLBACK, 503, times=100)
    inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "a red fox"})
    await pictured(server, place.channel)
    # Whether one of them arrived is asked by the webhook, when three seconds are over by our clock and perhaps not by Discord's.
    server.forgive("not answered yet")
    excuse(inv)


async def test_a_private_picture_whose_first_response_failed_comes_as_a_direct_message(server, place):
    server.faults.refuse(CALLBACK, 10062, times=100)
    inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "a red fox", "private": True})
    await pictured(server, server.dm(place.mina))
    assert place.channel.visible == []
    excuse(inv)


async def test_a_post_whose_answer_was_lost_is_not_posted_twice(server, place):
    server.faults.refuse(CALLBACK, 10062, times=100)
    server.faults.cut_after("POST /channels/*/messages")
    inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "a red fox"})
    await pictured(server, place.channel)
    excuse(inv)


# ── Edits ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("trouble", ["fail", "cut_before", "cut_after", "fail_after"])
async def test_an_edit_is_repeated_until_it_is_done(server, place, trouble):
    inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "a red fox"})
    getattr(server.faults, trouble)(ANSWER, times=2)
    await inv.pictured()
    assert place.channel.visible == [inv.message]


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
async def test_a_rate_limit_is_waited_for(server, place, scope):
    server.faults.limit(ANSWER, 0.4, times=2, scope=scope)
    server.faults.limit("POST /channels/*/messages", 0.4, scope=scope)
    inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "a red fox"})
    message = await inv.pictured()
    await server.react(place.tom, message, "🔁")
    await pictured(server, place.channel, 2)


async def test_the_real_budgets_of_discord_are_kept(server, place):
    """A channel's own budget is spent: more replies wait for it, and none is refused."""
    inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "a red fox"})
    message = await inv.pictured()
    server.records.rate_limited = 0
    server.limits.overrides["POST /channels/{channel}/messages"] = (2, 0.6)
    try:
        people = [server.user(f"p{n}") for n in range(6)]
        for one in people:
            server.join(place.guild, one)
            await server.react(one, message, "🔁")
        await pictured(server, place.channel, 7)
    finally:
        server.limits.overrides.clear()


async def test_a_dead_token_leaves_the_edit_to_the_bot(server, place, held):
    inv = await painting(server, place.mina, place.channel)
    server.clock.advance(901)
    held.go()
    await inv.pictured()
    assert any(r.template == "/channels/{channel}/messages/{message}" for r in server.requests[-20:])
    assert place.channel.visible == [inv.message]


async def test_a_private_picture_after_the_tokens_death_comes_as_a_direct_message(server, place, held):
    inv = await painting(server, place.mina, place.channel, private=True)
    server.clock.advance(901)
    held.go()
    await pictured(server, server.dm(place.mina))
    assert not inv.message.images


async def test_where_direct_messages_are_closed_the_picture_waits_in_the_history(server, place, held):
    place.mina.dms_closed = True
    await painting(server, place.mina, place.channel, private=True)
    server.clock.advance(901)
    held.go()
    await server.until(lambda: [r for r in server.requests[-8:] if r.status == 403])
    await asyncio.sleep(0.5)
    inv = await server.slash(place.mina, place.channel, "easel history")
    await inv.shows("a red fox")


async def test_a_message_deleted_while_painting_is_not_posted_again(server, place, held):
    inv = await painting(server, place.mina, place.channel)
    await server.delete(place.tom, inv.message)
    held.go()
    await server.until(lambda: [r for r in server.requests[-5:] if r.status == 404])
    await asyncio.sleep(0.5)
    assert place.channel.visible == []
    own = await server.slash(place.mina, place.channel, "easel history")
    await own.shows("a red fox")


async def test_a_channel_deleted_while_painting_is_let_go(server, place, held):
    await painting(server, place.mina, place.channel)
    await server.delete_channel(place.channel)
    held.go()
    await server.until(lambda: [r for r in server.requests[-5:] if r.status == 404])
    other = await server.channel(place.guild, "other")
    inv = await server.slash(place.mina, other, "easel history")
    await inv.shows("a red fox")


async def test_a_server_that_removed_the_bot_is_let_go_and_others_go_on(server, place, held):
    await painting(server, place.mina, place.channel)
    server.clock.advance(901)
    await server.remove_guild(place.guild)
    held.go()
    await server.until(lambda: [r for r in server.requests[-6:] if r.status == 403])
    other = await server.guild("Others")
    channel = await server.channel(other)
    server.join(other, place.mina)
    inv = await server.slash(place.mina, channel, "imagine", {"prompt": "a blue fox"})
    await inv.pictured()


async def test_a_channel_where_the_bot_may_nothing_still_gets_its_picture(server, place):
    """The interaction's token needs no permission of the bot."""
    await server.overwrite(place.channel, server.bot, deny=("send_messages", "embed_links", "attach_files"))
    inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "a red fox"})
    await inv.pictured()


async def test_what_the_bot_may_not_edit_any_more_comes_as_a_direct_message(server, place, held):
    await painting(server, place.mina, place.channel)
    await server.overwrite(place.channel, server.bot, deny=("view_channel",))
    server.clock.advance(901)
    held.go()
    await pictured(server, server.dm(place.mina))


async def test_a_reply_to_a_reaction_that_may_not_be_posted_comes_as_a_direct_message(server, place):
    inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "a red fox"})
    message = await inv.pictured()
    await server.overwrite(place.channel, server.bot, deny=("send_messages",))
    await server.react(place.tom, message, "🔁")
    await pictured(server, server.dm(place.tom))


async def test_an_archived_thread_is_opened_and_a_locked_one_answered_directly(server, place, held):
    thread = await server.thread(place.channel)
    locked = await server.thread(place.channel, "locked")
    first = await painting(server, place.mina, thread)
    await painting(server, place.mina, locked)
    server.clock.advance(901)
    await server.archive(thread)
    await server.archive(locked, locked=True)
    held.go()
    await first.pictured()
    await pictured(server, server.dm(place.mina))
    assert not thread.archived


async def test_a_reaction_on_a_picture_that_vanished_meanwhile_posts_without_a_reference(server, place):
    inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "a red fox"})
    message = await inv.pictured()
    server.faults.delay("POST /channels/*/messages", 0.4)
    await server.react(place.tom, message, "🔁")
    await server.delete(place.tom, message)
    (new,) = await pictured(server, place.channel)
    assert "tom" in new.text


async def test_a_picture_that_discord_finds_too_large_comes_smaller(server, place):
    inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "a red fox"})
    server.faults.refuse(ANSWER, 40005, times=2)
    await inv.pictured()


# ── The gateway ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("trouble", ["drop", "reconnect", "invalidate"])
async def test_commands_go_on_after_the_connection_was_lost(server, running, place, trouble):
    sessions = set(server.gateway.sessions)
    await getattr(server, trouble)()
    if trouble == "drop":
        # Nobody listens: what is sent now is delivered by the RESUME.
        inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "a red fox"})
    else:
        await server.until(
            lambda: server.ready and (set(server.gateway.sessions) != sessions or trouble == "reconnect")
        )
        await asyncio.sleep(0.3)
        await server.until(lambda: server.ready)
        inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "a red fox"})
    await pictured(server, place.channel)
    assert len(place.channel.visible) == 1
    if inv.acknowledged is None:
        excuse(inv)
