"""The program's lives on Discord: a burst, restarts, kill -9 between calls, shards, a revoked token."""

import asyncio
import math
import sys

import pytest

from tests.fakes.discord.interactions import ANSWERED
from tests.fakes.discord_process import house
from tests.fakes.patience import PATIENCE_S

FLUX = "black-forest-labs/flux-2-pro"
CALLBACK = "/interactions/{interaction}/{token}/callback"
ANSWER = "/webhooks/{application}/{token}/messages/{message}"
POST = "/channels/{channel}/messages"


async def foxes(server, *, people=1, **facts):
    """A server, a channel, and people in it."""
    guild = await server.guild("Foxes", **facts)
    channel = await server.channel(guild)
    members = [server.user(f"p{n}") for n in range(people)]
    for one in members:
        server.join(guild, one)
    return guild, channel, members


def excuse(server):
    """The first response of a program that was killed meanwhile is nobody's misuse."""
    for one in server.invocations:
        one.delivered = one.delivered and one.acknowledged is not None


def misuses(server):
    """All but lateness: a busy machine hears 200 events late, and three seconds are no law of ours alone.

    A first response whose receipt came too late is given again, and refused: nobody sees two.
    """
    return [one for one in server.violations if one.kind not in ("late", "unanswered", "double response")]


# ── A burst ──────────────────────────────────────────────────────────────────────────────────────────


async def test_every_command_of_a_burst_becomes_one_picture(tmp_path):
    """200 commands at once, in one channel; who is answered too late for Discord has a message all the same."""
    async with house(tmp_path, more="[limits]\nper_community = 1000") as (server, easel, _sim):
        _, channel, people = await foxes(server, people=200)
        await asyncio.gather(
            *(server.slash(one, channel, "imagine", {"prompt": "a red fox"}) for one in people)
        )
        await easel.until(lambda: sum(bool(one.images) for one in channel.visible) == 200)
        assert len(channel.visible) == 200
        assert misuses(server) == []


@pytest.mark.long
async def test_every_command_of_a_burst_is_acknowledged_within_three_seconds(tmp_path, capsys):
    """On a quiet machine: each of 200 first responses is the placeholder itself."""
    async with house(tmp_path, more="[limits]\nper_community = 1000") as (server, easel, _sim):
        _, channel, people = await foxes(server, people=200)
        asked = await asyncio.gather(
            *(server.slash(one, channel, "imagine", {"prompt": "a red fox"}) for one in people)
        )
        await easel.until(lambda: all(one.acknowledged is not None or one.failed for one in asked))
        waits = sorted(one.ack_s or math.inf for one in asked)
        with capsys.disabled():
            # To stderr: with several processes of pytest, a worker's stdout is not shown.
            figures = f"p50 {waits[99]:.2f} s, p99 {waits[197]:.2f} s, worst {waits[-1]:.2f} s"
            print(f"\n200 commands in a burst: {figures}", file=sys.stderr, flush=True)
        assert waits[-1] < 3.0
        assert {one.response_type for one in asked} <= ANSWERED


async def test_two_hundred_at_once_with_credits_for_three_make_three_pictures(tmp_path):
    """One person, one instant: nothing is overspent, and who gets nothing is told so alone."""
    scarce = "[limits]\nper_requester = 1000\nper_community = 1000\n[quotas]\ndaily_allowance = 130"
    async with house(tmp_path, more=scarce) as (server, easel, sim):
        _, channel, (mina,) = await foxes(server)
        asked = await asyncio.gather(
            *(server.slash(mina, channel, "imagine", {"prompt": "a red fox"}) for _ in range(200))
        )
        await easel.until(lambda: all(one.acknowledged is not None or one.failed for one in asked))
        await easel.until(lambda: sum(bool(m.images) for m in channel.visible) == 3)
        # Who is answered too late, on a busy machine, sees that it failed; who had to wait is answered after that was said.
        await easel.until(
            lambda: sum(one.failed or any(m.ephemeral for m in one.messages) for one in asked) >= 197
        )
        assert sim.bill.generations == 3
        assert (await easel.said("check"))["ok"]
        assert misuses(server) == []


# ── Restarts ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_stop_and_a_start_with_pictures_in_flight(tmp_path):
    """What was under way is finished in the same messages; buttons of before work; nothing is registered anew."""
    async with house(tmp_path, lease_s=2) as (server, easel, sim):
        _, channel, (mina,) = await foxes(server)
        old = await server.slash(mina, channel, "imagine", {"prompt": "an old fox"})
        old = await old.pictured()
        sim.arm(f"poll_500@{FLUX}")
        flux = {"prompt": "a red fox", "model": "flux-2-pro"}
        inv = await server.slash(mina, channel, "imagine", flux)
        await inv.response()
        form = await (await server.press(mina, old, "Remix")).response()
        assert await easel.stop() == 0
        sim.switchboard.armed.clear()
        await easel.start()
        await inv.pictured()
        again = await server.press(mina, old, "Re-roll")
        await again.pictured()
        remixed = await server.submit(form, {"prompt": "a blue fox"})
        await remixed.pictured()
        assert len(channel.visible) == 4
        assert server.commands.writes == [("PUT", None)]
        assert server.violations == []


class Trap:
    """kill -9 at one moment: before or after the n-th call of a route."""

    def __init__(self, server, easel):
        self._easel = easel
        self._aim = None
        self.sprung = asyncio.Event()
        server.on_request(self._seen)

    def set(self, method, template, phase, skip=0):
        self._aim = [method, template, phase, skip]
        self.sprung.clear()

    def _seen(self, phase, request):
        if self._aim is None or self._aim[:3] != [request.method, request.template, phase]:
            return
        if self._aim[3] > 0:
            self._aim[3] -= 1
            return
        self._aim = None
        self._easel.kill()
        self.sprung.set()


MOMENTS = {
    "before the first response": ("POST", CALLBACK, "before", 0),
    "after the first response": ("POST", CALLBACK, "after", 0),
    "before the edit": ("PATCH", ANSWER, "before", 0),
    "after the edit": ("PATCH", ANSWER, "after", 0),
}
MORE = {
    "before the answer is looked for": ("GET", ANSWER, "before", 0),
    "before the post in the channel": ("POST", POST, "before", 0),
    "after the post in the channel": ("POST", POST, "after", 0),
}


async def killed_at(trap, easel, moment, act):
    """Does something, dies at the moment, and starts again."""
    trap.set(*moment)
    await act()
    async with asyncio.timeout(PATIENCE_S):
        await trap.sprung.wait()
    await easel.gone()
    await easel.start()


async def test_kill_9_between_two_calls_leaves_one_message_and_one_payment(tmp_path):
    """Whatever was under way ends as one finished message, and each picture was paid once.

    The simulated service honours no keys, so a submit that died is asked again (uncertain = retry).
    """
    async with house(tmp_path, lease_s=2, uncertain="retry") as (server, easel, _sim):
        trap = Trap(server, easel)
        guild, _, (mina,) = await foxes(server)
        for number, (name, moment) in enumerate(MOMENTS.items(), 1):
            channel = await server.channel(guild, f"c{number}")
            await killed_at(
                trap, easel, moment, lambda c=channel: server.slash(mina, c, "imagine", {"prompt": "a fox"})
            )
            await easel.until(lambda c=channel: [m for m in c.visible if m.images])
            await asyncio.sleep(0.2)
            assert len(channel.visible) == 1, name
            assert channel.visible[0].labels[0] == "Re-roll", name
        excuse(server)
        inv = await server.slash(mina, await server.channel(guild, "credits"), "easel credits")
        await inv.shows(f"You have {500 - 39 * len(MOMENTS)}")
        assert [one for one in server.violations if one.kind != "unanswered"] == []
        assert (await easel.said("check"))["ok"]


async def test_kill_9_while_a_reaction_and_a_pick_are_answered(tmp_path):
    async with house(tmp_path, lease_s=2, uncertain="retry") as (server, easel, _sim):
        trap = Trap(server, easel)
        _, channel, (mina,) = await foxes(server)
        first = await server.slash(mina, channel, "imagine", {"prompt": "a fox", "images": 2})
        sheet = await first.pictured()
        await killed_at(trap, easel, ("POST", POST, "after", 0), lambda: server.react(mina, sheet, "🔁"))
        await easel.until(lambda: len(channel.visible) == 2 and channel.visible[1].images)
        moment = ("POST", CALLBACK, "after", 0)
        await killed_at(trap, easel, moment, lambda: server.press(mina, sheet, "2"))
        again = await (await server.press(mina, sheet, "2")).response()
        assert (
            again.response_type == 6 or again.ephemeral
        )  # it stands there already, perhaps with a link to it
        assert [len(one.images) for one in channel.visible] == [1, 1, 1]
        one = channel.visible[2]
        await easel.until(lambda: one.edited_at or one.labels)
        await (await server.press(mina, one, "Delete")).response()
        await easel.until(lambda: one.deleted)
        assert server.violations == []


@pytest.mark.long
@pytest.mark.timeout(3000)
async def test_kill_9_twice_at_every_pair_of_moments(tmp_path):
    """The same with a second kill while the first one is healed."""
    async with house(tmp_path, lease_s=2, uncertain="retry", more="[quotas]\ndaily_allowance = 5000") as (
        server,
        easel,
        _sim,
    ):
        trap = Trap(server, easel)
        guild, _, (mina,) = await foxes(server)
        every = {**MOMENTS, **MORE}
        for first in MOMENTS:
            for second in every:
                channel = await server.channel(guild, "c")
                await killed_at(
                    trap, easel, every[first],
                    lambda c=channel: server.slash(mina, c, "imagine", {"prompt": "a fox"}),
                )  # fmt: skip
                trap.set(*every[second][:3], 0)
                waiting = asyncio.create_task(trap.sprung.wait())
                await asyncio.wait([waiting], timeout=6)
                if waiting.done():
                    await easel.gone()
                    await easel.start()
                waiting.cancel()
                trap._aim = None
                await easel.until(lambda c=channel: [m for m in c.visible if m.images])
                await asyncio.sleep(0.2)
                assert len(channel.visible) == 1, (first, second)
        excuse(server)
        assert (await easel.said("check"))["ok"]


# ── Tokens, shards, registration ─────────────────────────────────────────────────────────────────────


async def test_a_wrong_token_ends_the_program_with_a_sentence(tmp_path):
    async with house(tmp_path, start=False) as (server, easel, _sim):
        server.token = "another-token"
        await easel.start(up=False)
        assert await easel.gone() not in (0, -9)
        assert "[discord] token" in easel.tail()
        checked = await easel.said("check")
        (found,) = [one for one in checked["checks"] if one["name"] == "discord"]
        assert (found["ok"], "token" in found["fix"]) == (False, True)
        easel.process = None
        server.forgive()


async def test_a_token_that_is_revoked_while_it_runs_ends_the_program_at_once(tmp_path):
    """And it isn't tried again and again: ten thousand such calls ban an address."""
    async with house(tmp_path) as (server, easel, _sim):
        _, channel, (mina,) = await foxes(server)
        inv = await server.slash(mina, channel, "imagine", {"prompt": "a fox"})
        message = await inv.pictured()
        server.token = "another-token"
        await server.react(mina, message, "🔁")
        assert await easel.gone() not in (0, -9)
        assert "[discord] token" in easel.tail()
        assert len([r for r in server.requests if r.status == 401]) == 1
        easel.process = None
        server.forgive()


@pytest.mark.parametrize("ids", [(), (1,)])
async def test_shards_are_as_many_as_discord_advises_or_as_configured(tmp_path, ids):
    discord = f"shard_ids = {list(ids)}\nshard_count = 2" if ids else ""
    async with house(tmp_path, discord=discord, recommended_shards=2, start=False) as (server, easel, _sim):
        guilds = [await server.guild("a", shard=(n, 2)) for n in range(2)]
        await easel.start(up=False)
        await easel.until(lambda: len(server.gateway.live) == (len(ids) or 2))
        assert sorted(one.shard for one in server.gateway.live) == [(n, 2) for n in ids or (0, 1)]
        await asyncio.sleep(0.2)
        for guild in guilds[1:] if ids else guilds:
            channel = await server.channel(guild)
            user = server.user("mina")
            server.join(guild, user)
            inv = await server.slash(user, channel, "imagine", {"prompt": "a fox"})
            await inv.pictured()
        assert server.violations == []


async def test_commands_go_to_the_named_servers_too_and_only_when_they_changed(tmp_path):
    async with house(tmp_path, start=False, discord="guild_ids = [4242424242424242424, 1]") as (
        server,
        easel,
        _,
    ):
        guild = await server.guild("Foxes", guild_id=4242424242424242424)
        server.faults.fail("GET /applications/*/commands", 503)
        await easel.start()
        # The second id is no server of ours: a warning, and everything else goes on.
        assert server.commands.writes == [("PUT", None), ("PUT", guild.id)]
        await easel.stop()
        (command,) = [one for one in server.commands.scopes[None].values() if one["name"] == "imagine"]
        command["description_localizations"]["ko"] = "something older"
        await easel.start()
        assert server.commands.writes[2:] == [("PUT", None)]
        server.forgive()


async def test_large_pictures_come_as_a_smaller_copy_with_a_link_to_the_original(tmp_path):
    full, public = {"tiny_images": False}, "http://127.0.0.1:8420"
    async with house(tmp_path, public_url=public, simulation=full) as (server, _easel, _sim):
        _, channel, (mina,) = await foxes(server, file_limit_bytes=150_000)
        mina.file_limit_bytes = 150_000
        inv = await server.slash(mina, channel, "imagine", {"prompt": "a red fox"})
        message = await inv.pictured()
        assert len(message.attachments[0].data) < 150_000
        assert message.attachments[0].content_type == "image/jpeg"
        original = message.control("Original")
        assert original["url"].startswith("http://127.0.0.1:8420/a/")
        assert math.isclose(message.images[0].width / message.images[0].height, 1, abs_tol=0.01)
        assert server.violations == []
