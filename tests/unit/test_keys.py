"""Changing the keys that sign links: old links end at once or after a grace, in running processes, too."""

import asyncio
import sqlite3
from typing import Any

import pytest

from bot.house import app as composition
from bot.pictures.links import LinkKey, Ring
from bot.store import open_store
from tests.fakes.command import command
from tests.fakes.patience import PATIENCE_S
from tests.journey.program import Home

NOW = 1_800_000_000.0
DAY_S = 86_400


def ring(keys):
    return Ring([LinkKey(name, secret) for name, secret in reversed(keys.items())])


@pytest.fixture
async def store(tmp_path):
    store = await open_store(f"sqlite:///{tmp_path}/easel.db")
    yield store
    await store.aclose()


async def test_a_rotation_ends_what_older_keys_have_signed_at_once(store, tmp_path):
    before = ring(await store.shared.link_keys(now=NOW))
    token = before.sign("pictures/j/1.png")
    [old] = (await store.shared.link_keys(now=NOW)).values()
    assert await store.shared.rotate_link_keys(now=NOW, grace_s=0) == ("2", 1)
    after = ring(await store.shared.link_keys(now=NOW))
    assert after.read(token, now=NOW) is None
    assert after.read(after.sign("pictures/j/1.png"), now=NOW) == "pictures/j/1.png"
    assert old.hex().encode() not in b"".join(p.read_bytes() for p in tmp_path.glob("*.db*"))


async def test_with_a_grace_older_links_are_read_until_then_and_the_new_key_signs(store):
    token = ring(await store.shared.link_keys(now=NOW)).sign("pictures/j/1.png")
    await store.shared.rotate_link_keys(now=NOW, grace_s=DAY_S)
    between = ring(await store.shared.link_keys(now=NOW + DAY_S - 1))
    assert between.read(token, now=NOW) == "pictures/j/1.png"
    assert between.sign("x").startswith("2.")
    assert ring(await store.shared.link_keys(now=NOW + DAY_S)).read(token, now=NOW) is None


async def test_a_later_rotation_brings_an_end_nearer_and_never_puts_it_off(store):
    await store.shared.link_keys(now=NOW)
    await store.shared.rotate_link_keys(now=NOW, grace_s=DAY_S)
    await store.shared.rotate_link_keys(now=NOW, grace_s=10 * DAY_S)
    assert list(await store.shared.link_keys(now=NOW + DAY_S)) == ["2", "3"]
    await store.shared.rotate_link_keys(now=NOW, grace_s=0)
    assert list(await store.shared.link_keys(now=NOW)) == ["4"]


async def test_no_name_is_ever_given_twice(store):
    """A link names its key: one of an ended key must not be read by a new one."""
    await store.shared.link_keys(now=NOW)
    names = [(await store.shared.rotate_link_keys(now=NOW, grace_s=0))[0] for _ in range(5)]
    assert names == ["2", "3", "4", "5", "6"]


async def test_the_newest_signs_also_when_the_clock_went_back(store):
    await store.shared.link_keys(now=NOW)
    await store.shared.rotate_link_keys(now=NOW - 1000, grace_s=DAY_S)
    assert list(await store.shared.link_keys(now=NOW - 1000)) == ["1", "2"]


async def test_a_running_process_takes_the_change_over(store, monkeypatch):
    class Served:
        def __init__(self):
            self.store, self.assets, self.turned = store, self, asyncio.Event()

        def turn(self, ring):
            self.ring = ring
            self.turned.set()

    monkeypatch.setattr(composition, "RING_S", 0.01)
    token = ring(await store.shared.link_keys(now=store.now())).sign("x")
    await store.shared.rotate_link_keys(now=store.now(), grace_s=0)
    served: Any = Served()
    task = asyncio.create_task(composition._keep_ring(served))
    async with asyncio.timeout(PATIENCE_S):
        await served.turned.wait()
    task.cancel()
    assert served.ring.read(token, now=store.now()) is None


def test_the_command_says_what_ends_and_when_and_shows_no_key(tmp_path):
    home = Home(tmp_path, "http://127.0.0.1:1/v1", "127.0.0.1:1")

    def keys(*words):
        return command("keys", *words, "--config", home.config)

    async def signs():
        store = await open_store(f"sqlite:///{home.database}")
        await store.shared.link_keys(now=store.now())
        await store.aclose()

    assert keys("list").code == 2  # it makes no database
    assert not home.database.exists()
    asyncio.run(signs())
    told = keys("rotate", "--grace-days", "7", "--json")
    assert told.json() == {"key": "2", "older": 1, "grace_days": 7.0}
    now = keys("rotate")
    assert "Those of 2 older keys end now" in now.out
    listed = keys("list", "--json")
    assert listed.json() == [{"key": "3", "signs": True}]
    connection = sqlite3.connect(home.database)
    values = [value for (value,) in connection.execute("SELECT value FROM secrets WHERE length(value) > 20")]
    memos = connection.execute("SELECT memo FROM audit WHERE action = 'keys' ORDER BY id").fetchall()
    connection.close()
    assert memos == [("7 days of grace",), ("0 days of grace",)]
    assert not any(value in told.out + now.out + listed.out for value in values)
