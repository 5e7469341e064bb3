"""Small things that replicas share: handled events, learned pacing, the keys of links."""

import math
import secrets
from itertools import count
from typing import Any

from bot.errors import StoreBusy
from bot.process.recent import Recent
from bot.store.database import MAY_HAVE_HELD, Database, Row, Rows, Steps, sql
from bot.store.due import present
from bot.store.rows import list_of, millis, readable, seconds, to_json

_LINK_KEY = "link-key:"
_LINK_END = "link-key-end:"
_LINK_KEYS = sql(
    f"SELECT name AS id, value FROM secrets WHERE name LIKE '{_LINK_KEY}%' ORDER BY made_at, name"
)
_TAKEN = sql(f"SELECT name, made_at FROM secrets WHERE name LIKE '{_LINK_KEY}%'")
_KEY_BYTES = 32
_UNHEARD_MOST = 5_000
_DAY_MS = 86_400_000
# What a running Easel writes anyway, with an index on its time.
_HAPPENED = (
    ("seen", "at"),
    ("audit", "at"),
    ("events", "at"),
    ("jobs", "ended_at"),
    ("assets", "created_at"),
)


class Shared:
    """What must not live in one process's memory."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._unheard = Recent[str, float](_UNHEARD_MOST)  # what may have been marked, and when

    async def mark_seen(self, key: str, *, now: float, again_after_s: float = 7 * 86_400) -> bool:
        """Whether this event was not handled yet, on any replica; from now on it was.

        One that is as far ahead was marked by a clock that has been set back since: it hides nothing. Nor does a mark of
        ours that nobody heard of, because the store was busy then: its millisecond tells. Raises StoreBusy.
        """
        unheard_at = self._unheard.pop(key, -math.inf)
        again = now - again_after_s < unheard_at <= now
        marked_at = unheard_at if again else now

        def steps() -> Steps[bool]:
            rows = yield sql(
                "INSERT INTO seen (key, at) VALUES (:key, :now) ON CONFLICT (key) DO UPDATE SET at = :now"
                " WHERE seen.at <= :expired OR seen.at >= CAST(:ahead AS BIGINT) RETURNING key",
                key=key,
                now=millis(marked_at),
                expired=millis(now - again_after_s),
                ahead=millis(now + again_after_s),
            )
            # Driven once more after a cut connection, by the database or by whoever was told that it is busy.
            if rows or not (again or (yield MAY_HAVE_HELD)):
                return bool(rows)
            return bool(
                (
                    yield sql(
                        "SELECT key FROM seen WHERE key = :key AND at = :at", key=key, at=millis(marked_at)
                    )
                )
            )

        try:
            return await self._database.write(steps)
        except StoreBusy:
            self._unheard[key] = marked_at
            raise

    async def has_seen(self, key: str) -> bool:
        """Whether this event was handled already, on any replica."""

        def steps() -> Steps[bool]:
            return bool((yield sql("SELECT key FROM seen WHERE key = :key", key=key)))

        return await self._database.read(steps)

    async def unmark(self, key: str) -> None:
        """An event that was to be handled could not be: it comes again."""

        def steps() -> Steps[None]:
            yield sql("DELETE FROM seen WHERE key = :key", key=key)

        await self._database.write(steps)

    async def prune_seen(self, *, before: float) -> None:
        """Forgets old events."""

        def steps() -> Steps[None]:
            yield sql("DELETE FROM seen WHERE at < :before", before=millis(before))

        await self._database.write(steps)

    async def moments(self, *, now: float) -> tuple[float | None, float | None]:
        """The newest moment at which something happened that is kept, and the newest a day before that or more.

        What is later than now was written by a clock that was ahead.
        """

        def steps() -> Steps[tuple[float | None, float | None]]:
            newest = yield from _newest(present(now))
            before = None if newest is None else (yield from _newest(newest - _DAY_MS))
            return seconds(newest), seconds(before)

        return await self._database.read(steps)

    async def memory(self, model: str) -> tuple[Any, ...] | None:
        """What pacing has learned of a model; behind the numbers that we know may stand a newer Easel's."""

        def steps() -> Steps[tuple[Any, ...] | None]:
            rows = yield sql("SELECT memory_json FROM pace WHERE model = :model", model=model)
            return tuple(list_of(rows[0]["memory_json"])) if rows else None

        return await self._database.read(steps)

    async def remember(self, model: str, memory: tuple[float, ...]) -> None:
        """Keeps what pacing has learned; the last writer wins, which is good enough for a hint.

        What a newer Easel keeps behind our numbers stays.
        """

        def steps() -> Steps[None]:
            rows = yield sql("SELECT memory_json FROM pace WHERE model = :model", model=model)
            more = list_of(rows[0]["memory_json"])[len(memory) :] if rows else []
            yield sql(
                "INSERT INTO pace (model, memory_json) VALUES (:model, :memory)"
                " ON CONFLICT (model) DO UPDATE SET memory_json = :memory",
                model=model,
                memory=to_json([*memory, *more]),
            )

        await self._database.write(steps)

    async def link_keys(self, *, now: float) -> dict[str, bytes]:
        """The keys that sign asset links, made where there is none; the newest signs. One that has ended is none."""

        def steps() -> Steps[dict[str, bytes]]:
            taken = yield _TAKEN  # before the look: of replicas that find none together, all make the same one
            keys = yield from _live_keys(now)
            if not keys:
                yield from _add_key(taken, now)
                keys = yield from _live_keys(now)
            return keys

        return await self._database.write(steps)

    async def rotate_link_keys(self, *, now: float, grace_s: float) -> tuple[str, int]:
        """Makes a new key; what older ones have signed ends at once, or after the grace.

        Answers the new key's id, and how many older ones there were.
        """

        def steps() -> Steps[tuple[str, int]]:
            older = yield from _live_keys(now)
            new = yield from _add_key((yield _TAKEN), now)
            for key in older:
                yield from _end_key(key, millis(now + grace_s), at_once=not grace_s)
            return new, len(older)

        found = await self._database.write(steps)
        await self._database.scrub()
        return found

    async def alive(self) -> None:
        """Asks the database for a sign of life. Raises StoreBusy."""

        def steps() -> Steps[None]:
            yield sql("SELECT 1 AS one")

        await self._database.read(steps)


def _newest(until: int) -> Steps[int | None]:
    """The newest moment of them, in the database's milliseconds, that is no later."""
    each = " UNION ALL ".join(
        f"SELECT MAX({at}) AS at FROM {table} WHERE {at} <= CAST(:until AS BIGINT)" for table, at in _HAPPENED
    )
    rows = yield sql(f"SELECT MAX(at) AS at FROM ({each}) AS each", until=until)
    found: int | None = rows[0]["at"]
    return found


def _live_keys(now: float) -> Steps[dict[str, bytes]]:
    """The keys by their ids, the newest last."""
    ends = yield sql(f"SELECT name, value FROM secrets WHERE name LIKE '{_LINK_END}%'")
    ended = {row["name"].removeprefix(_LINK_END) for row in ends if int(row["value"]) <= millis(now)}
    rows = yield _LINK_KEYS
    return dict(readable([row for row in rows if row["id"].removeprefix(_LINK_KEY) not in ended], _link_key))


def _add_key(taken: Rows, now: float) -> Steps[str]:
    """Makes a key that is newer than those that are taken; answers its id."""
    names = {row["name"] for row in taken}
    # The first free name, not one of chance: replicas that start at once make one key.
    name = next(name for n in count(len(names) + 1) if (name := f"{_LINK_KEY}{n}") not in names)
    yield sql(
        "INSERT INTO secrets (name, value, made_at) VALUES (:name, :value, :now)"
        " ON CONFLICT (name) DO NOTHING",
        name=name,
        value=secrets.token_hex(_KEY_BYTES),
        now=max([millis(now), *(row["made_at"] + 1 for row in taken)]),
    )
    return name.removeprefix(_LINK_KEY)


def _end_key(key: str, end: int, *, at_once: bool) -> Steps[None]:
    """A key is read until then, or not once more; an end that was set before may only come nearer.

    Its name stays taken: no link of it may ever be read by another key of that name.
    """
    if at_once:
        yield sql("UPDATE secrets SET value = '' WHERE name = :name", name=f"{_LINK_KEY}{key}")
        end = 0
    before = yield sql("SELECT value FROM secrets WHERE name = :name", name=f"{_LINK_END}{key}")
    yield sql(
        "INSERT INTO secrets (name, value, made_at) VALUES (:name, :value, 0)"
        " ON CONFLICT (name) DO UPDATE SET value = :value",
        name=f"{_LINK_END}{key}",
        value=str(min([end, *(int(row["value"]) for row in before)])),
    )


def _link_key(row: Row) -> tuple[str, bytes]:
    """A key and its name. Raises ValueError: who could guess a short one could sign."""
    key = bytes.fromhex(row["value"])
    if len(key) < _KEY_BYTES:
        raise ValueError(f"a link key of {len(key)} bytes")
    return row["id"].removeprefix(_LINK_KEY), key
