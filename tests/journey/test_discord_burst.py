"""More commands at once than the program can take in on a slow disk."""

import asyncio
import contextlib
import sqlite3
import time
from collections import Counter

import pytest

from bench.storm_discord import jobs, shown
from tests.fakes.discord.interactions import CALLBACK, DEADLINE_S
from tests.fakes.discord_process import house

COMMANDS, PEOPLE, CHANNELS = 200, 30, 10
BUSY_S, FREE_S = 1.6, 0.05  # the disk serves somebody else for so long, and then us
PRIVATE_EVERY = 25
MORE = """
[limits]
per_requester = 1000
per_community = 1000
[quotas]
daily_allowance = 1000000
[moderation]
checks = []
blocked_words = ["zeppelin"]
"""


@contextlib.contextmanager
def slow(database):
    """Somebody else writes into the database nearly all the time."""
    over = False

    def hold():
        with contextlib.closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as connection:
            while not over:
                connection.execute("BEGIN IMMEDIATE")
                time.sleep(BUSY_S)
                connection.execute("ROLLBACK")
                time.sleep(FREE_S)

    loop = asyncio.get_running_loop()
    holding = loop.run_in_executor(None, hold)
    try:
        yield holding
    finally:
        over = True


async def test_on_a_slow_disk_each_of_a_crowd_is_answered_once_and_the_books_are_right(tmp_path):
    await crowd(tmp_path)


@pytest.mark.long
async def test_on_a_slow_disk_all_of_a_crowd_are_answered_in_time(tmp_path):
    """On a quiet machine."""
    assert await crowd(tmp_path) == set()


async def crowd(folder):
    """Who was answered too late for Discord, by the number: what a busy machine may do, and each has a picture all the same."""
    async with house(folder, more=MORE) as (server, easel, _sim):
        guild = await server.guild("Foxes")
        channels = [await server.channel(guild, f"c{n}") for n in range(CHANNELS)]
        people = [server.user(f"p{n}") for n in range(PEOPLE)]
        for one in people:
            server.join(guild, one)
        first = await server.slash(people[0], channels[0], "imagine", {"prompt": "a first fox"})
        await first.pictured()
        with slow(folder / "easel.db") as holding:
            asked = [
                await server.slash(
                    people[n % PEOPLE], channels[n % CHANNELS], "imagine", {"prompt": words(n)}
                )
                for n in range(COMMANDS)
            ]
            await easel.until(lambda: all(one.acknowledged is not None or one.failed for one in asked))
        await holding
        wanted = {n for n in range(COMMANDS) if "zeppelin" not in words(n)}
        await easel.until(lambda: len(shown(server)) == len(wanted) + 1)
        late = {n for n in range(COMMANDS) if not in_time(asked[n])}
        refused = [asked[n] for n in range(COMMANDS) if n not in wanted | late]
        await easel.until(lambda: all(alone(one) for one in refused))

        # Each has one message, where its first response was; only what is nobody else's business is private.
        stands = {
            n: [one for one in asked[n].messages if not one.deleted] for n in range(COMMANDS) if n not in late
        }
        assert Counter(len(some) for some in stands.values()) == {1: len(stands)}
        private = {n for n, some in stands.items() if some[0].ephemeral}
        assert private == {n for n in stands if n % PRIVATE_EVERY == 1 or n not in wanted}
        posted = server.calls("POST", "/channels/{channel}/messages")
        assert len(posted) <= len(late)

        paid = jobs(folder)
        assert len(paid) == len(wanted) + 1 == len(shown(server))
        assert Counter(one.state for one in paid.values()) == {"finished": len(wanted) + 1}
        (ledger,) = [one for one in (await easel.said("check"))["checks"] if one["name"] == "ledger"]
        assert ledger["ok"], ledger
        assert late or server.violations == []
        assert server.pings == []
        return late


def in_time(asked):
    """Whether it was answered within Discord's three seconds, also on the clock on the wall."""
    answers = [
        r for r in asked.server.calls("POST", CALLBACK) if asked.token in r.path and (r.status or 500) < 300
    ]
    return bool(answers) and asked.stood_s - (asked.server.clock.now() - answers[0].at) < DEADLINE_S


def words(number):
    """Most of them a fox for everybody; a few private, and a few that are refused."""
    if number % PRIVATE_EVERY == 0:
        return f"a zeppelin number {number}"
    return f"a fox number {number}{' --private' if number % PRIVATE_EVERY == 1 else ''}"


def alone(asked):
    """Whether nothing but a private sentence stands there."""
    left = [one for one in asked.messages if not one.deleted]
    return len(left) == 1 and left[0].ephemeral and not left[0].loading
