"""Laws of stored JSON that is not as we write it: what can't be read costs its row, and no other; what says more is read."""

import json
from collections.abc import Awaitable, Callable, Mapping

import pytest

from bot.events import TellingWay
from bot.money import Reserve
from bot.notices import Notice
from bot.ports import Address, Handle
from bot.store import Store
from bot.store.leases import Leases
from tests.fakes.books import NOW, accept, person, run
from tests.fakes.columns import columns

BAD, GOOD = person("bad"), person("good")
MORE = {"tomorrow": {"deep": ["er", 1]}}
ROOM = Address(surface=BAD.surface, data={"channel": "mods"})
# Another kind of value, no JSON, nothing, half a letter, and more brackets than a stack holds.
SPOILED = ("[1]", "5", "{", "null", '"\\ud800"', '{"x": [' + "[" * 100_000)
CAP = Reserve(meter="budget", unit="credits", amount=4, cap=100, refusal="budget-empty", renews_at=None)

Reading = Callable[[Store, float], Awaitable[set[str]]]


async def furnish(store: Store) -> None:
    """Two of everything that keeps JSON: one by the name of each person."""
    for who in (BAD, GOOD):
        name = who.user
        job = await accept(store, name, who, reserves=[CAP])
        (message,) = await store.messages.of(name)
        await store.messages.shown(message, Handle(key=f"C/{name}"), version=0, digest="", now=NOW)
        await store.events.report(job, who, now=NOW)
        for allowance in (1, 2):
            await store.communities.change(scope(name), {"allowance": allowance}, actor=who, now=NOW)
        await store.shared.remember(name, (1.0, 2.0))
        await store.drafts.keep(name, who, {"prompt": name}, now=NOW)
        await store.notices.keep(Notice(id=name, to=who, says="hello", room=ROOM), due_at=NOW)
    # As if they had been told, and something was done since.
    await run(store, "UPDATE tellings SET address_json = '{}', \"key\" = event")


def scope(name: str) -> str:
    return f"community:slack:{name}"


async def leased(store: Store, now: float) -> set[str]:
    return {job.id for job in await Leases(store.database).claim("w", now=now, lease_s=0, limit=9)}


async def carried(store: Store, now: float) -> set[str]:
    board = await store.messages.board("slack", "club", limit=9)
    told = [await store.messages.told(name) for name in ("bad", "good")]
    each = [one for name in ("bad", "good") for one in await store.messages.of(name)]
    assert {message.job for message, _ in board} == {one.job for one in each}
    return {one.job for one in each} | {one.job.id for one in told if one is not None and one.messages}


async def ruled(store: Store, now: float) -> set[str]:
    found = await store.communities.all_rules(limit=9)
    return {name.rpartition(":")[2] for name, values in found if values}


async def ruled_once(store: Store, now: float) -> set[str]:
    return {name for name in ("bad", "good") if await store.communities.history(scope(name))}


async def remembered(store: Store, now: float) -> set[str]:
    found = {name: await store.shared.memory(name) for name in ("bad", "good")}
    return {name for name, memory in found.items() if (memory or ())[:2] == (1.0, 2.0)}


async def told(store: Store, now: float) -> set[str]:
    await store.events.of("slack", "club", limit=9)
    room, hook = [
        {str(one.event.job) for one in await store.events.claim(way, now=now, lease_s=0, limit=9)}
        for way in TellingWay
    ]
    assert room == hook
    return room


async def drafted(store: Store, now: float) -> set[str]:
    return {who.user for who in (BAD, GOOD) if await store.drafts.get(who.user, who)}


async def noticed(store: Store, now: float) -> set[str]:
    return {one.id for one in await store.notices.claim(now=now, lease_s=0, limit=9)}


_OF_JOB, _OF_EVENT = "job = 'bad'", "event IN (SELECT id FROM events WHERE job = 'bad')"
# Which row is spoiled, who reads it, and whether the row goes on all the same, by what can be read of it.
LAWS: Mapping[str, tuple[str, Reading, bool]] = {
    "jobs.order_json": ("id = 'bad'", leased, False),
    "jobs.within_json": ("id = 'bad'", leased, False),
    "jobs.meters_json": ("id = 'bad'", leased, True),
    "messages.address_json": (_OF_JOB, carried, False),
    "messages.data_json": (_OF_JOB, carried, False),
    "settings.settings_json": (f"scope = '{scope('bad')}'", ruled, False),
    "settings_history.settings_json": (f"scope = '{scope('bad')}'", ruled_once, False),
    "pace.memory_json": ("model = 'bad'", remembered, False),
    "events.facts_json": (_OF_JOB, told, False),
    "events.address_json": (_OF_JOB, told, False),
    "tellings.address_json": (_OF_EVENT, told, False),
    "tellings.data_json": (_OF_EVENT, told, False),
    "drafts.draft_json": ("id = 'bad'", drafted, False),
    "notices.facts_json": ("id = 'bad'", noticed, False),
    "notices.address_json": ("id = 'bad'", noticed, False),
}


class SpoiledLaws:
    def test_each_column_of_json_has_its_law(self):
        assert {f"{table}.{name}" for table, name in columns() if name.endswith("_json")} == set(LAWS)

    @pytest.mark.parametrize("column", LAWS)
    async def test_what_can_t_be_read_in_it_costs_its_row_alone(self, store: Store, column: str):
        table, _, name = column.partition(".")
        where, read, goes_on = LAWS[column]
        await furnish(store)
        assert await read(store, NOW + 1) == {"bad", "good"}
        for number, spoiled in enumerate(SPOILED, 2):
            await run(store, f"UPDATE {table} SET {name} = :kept WHERE {where}", kept=spoiled)
            found = await read(store, NOW + number)
            assert found == ({"bad", "good"} if goes_on else {"good"}), spoiled[:20]

    @pytest.mark.parametrize("column", LAWS)
    async def test_what_a_newer_easel_adds_to_it_costs_nothing(self, store: Store, column: str):
        table, _, name = column.partition(".")
        where, read, _ = LAWS[column]
        await furnish(store)
        rows = await run(store, f"SELECT {name} FROM {table} WHERE {where}")
        for text in {str(row[name] or "{}") for row in rows}:
            stored = json.loads(text)
            more = stored | MORE if isinstance(stored, dict) else [*stored, "tomorrow"]
            await run(
                store,
                f"UPDATE {table} SET {name} = :more WHERE {where} AND COALESCE({name}, '{{}}') = :kept",
                more=json.dumps(more),
                kept=text,
            )
        assert rows
        assert await read(store, NOW + 1) == {"bad", "good"}
