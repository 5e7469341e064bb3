"""In which servers Easel is: who removed it while nobody listened is noticed, and nobody else; who may add it."""

import asyncio
import contextlib
import json
import sqlite3

import pytest

from tests.fakes.discord_process import house


async def homes(server, number, **facts):
    """Servers with a channel and a person each."""
    made = []
    for n in range(number):
        guild = await server.guild(f"s{n}", **facts)
        channel, user = await server.channel(guild), server.user(f"p{n}")
        server.join(guild, user)
        made.append((guild, channel, user))
    return made


async def started(easel, shards):
    await easel.start(up=False)
    await easel.until(lambda: len(easel.server.gateway.live) == shards)


async def paint(guild, channel, user, *, server):
    inv = await server.slash(user, channel, "imagine", {"prompt": "a red fox"})
    await inv.pictured()


def leaving(easel):
    """The servers whose people's data is to be erased."""
    with contextlib.closing(sqlite3.connect(f"file:{easel.folder}/easel.db?mode=ro", uri=True)) as db:
        rows = db.execute("select settings_json from settings where scope like 'life:%'")
        lives = [json.loads(one) for (one,) in rows]
    return {one["community"] for one in lives if one.get("left_at")}


async def until(holds):
    while not holds():
        await asyncio.sleep(0.02)


def asked_about(server):
    return [r.path.rpartition("/")[2] for r in server.requests if r.template == "/guilds/{guild}"]


@pytest.mark.parametrize("shards", [1, pytest.param(2, marks=pytest.mark.long)])
async def test_a_server_that_removed_easel_while_it_was_down_is_to_be_erased(tmp_path, shards):
    """An outage is no leave, nor is a list that came in part; and who is back is at home again."""
    async with house(tmp_path, recommended_shards=shards, start=False) as (server, easel, _sim):
        await started(easel, shards)
        here, gone, out, untold = made = await homes(server, 4)
        for one in made:
            await paint(*one, server=server)
        await easel.stop()
        gone[0].bot_in, out[0].out, untold[0].untold = False, True, True
        await started(easel, shards)
        await until(lambda: leaving(easel))
        await easel.until(lambda: str(untold[0].id) in asked_about(server))
        assert leaving(easel) == {str(gone[0].id)}
        assert set(asked_about(server)) == {str(gone[0].id), str(untold[0].id)}
        await paint(*here, server=server)
        await easel.stop()
        gone[0].bot_in = True
        await started(easel, shards)
        await until(lambda: not leaving(easel))
        assert server.violations == []


async def test_a_server_that_removed_easel_while_the_line_was_lost_is_to_be_erased(tmp_path):
    """The program runs on, and begins another session."""
    async with house(tmp_path) as (server, easel, _sim):
        _here, gone = made = await homes(server, 2)
        for one in made:
            await paint(*one, server=server)
        gone[0].bot_in = False
        await server.gateway.invalidate()
        await until(lambda: leaving(easel))
        assert leaving(easel) == {str(gone[0].id)}
        assert asked_about(server) == [str(gone[0].id)]
        assert server.violations == []


async def test_a_discord_that_can_t_say_it_begins_no_erasure(tmp_path):
    async with house(tmp_path) as (server, easel, _sim):
        (one,) = await homes(server, 1)
        await paint(*one, server=server)
        await easel.stop()
        one[0].bot_in = False
        server.faults.fail("GET /guilds/*", 503, times=100)
        await easel.start()
        await easel.until(lambda: len(asked_about(server)) == 3)
        assert leaving(easel) == set()
        server.faults.clear()
        await easel.stop()
        await easel.start()
        await until(lambda: leaving(easel) == {str(one[0].id)})
        server.forgive()


# ── Who may add it ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("named", ["", '[quotas]\ncommunities = ["1"]'])
@pytest.mark.parametrize("public", [True, False])
async def test_a_bot_that_anybody_may_add_is_said_plainly_until_servers_are_named(tmp_path, public, named):
    loud = public and not named
    async with house(tmp_path, more=named, bot_public=public, start=loud) as (_server, easel, _sim):
        told = {row["name"]: row for row in (await easel.said("check"))["checks"]}["discord_public"]
        strangers = "names none: each community that adds it gets 500 credits a person a day"
        assert (strangers in told["detail"]) == loud
        assert ("switch Public Bot off" in told["fix"]) == loud
        assert not loud or strangers in easel.log.read_text()
