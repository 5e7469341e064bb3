"""Small things that replicas share: handled events, learned pacing, the keys of links."""

import secrets
from itertools import count
from typing import Any

from bot.store.database import Database, Row, Steps, sql
from bot.store.rows import list_of, millis, readable, to_json

_LINK_KEY = "link-key:"
_LINK_KEYS = sql(
    f"SELECT name AS id, value FROM secrets WHERE name LIKE '{_LINK_KEY}%' ORDER BY made_at, name"
)
_KEY_BYTES = 32


class Shared:
    """What must not live in one process's memory."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def mark_seen(self, key: str, *, now: float, again_after_s: float = 7 * 86_400) -> bool:
        """Whether this event was not handled yet, on any replica; from now on it was."""
        drives = count()

        def steps() -> Steps[bool]:
            repeated = next(drives) > 0
            rows = yield sql(
                "INSERT INTO seen (key, at) VALUES (:key, :now) ON CONFLICT (key) DO UPDATE SET at = :now"
                " WHERE seen.at <= :expired RETURNING key",
                key=key,
                now=millis(now),
                expired=millis(now - again_after_s),
            )
            if rows or not repeated:
                return bool(rows)
            # Driven once more after a cut connection: the first drive may have held, and its millisecond is ours.
            ours = yield sql("SELECT key FROM seen WHERE key = :key AND at = :now", key=key, now=millis(now))
            return bool(ours)

        return await self._database.write(steps)

    async def has_seen(self, key: str) -> bool:
        """Whether this event was handled already, on any replica."""

        def steps() -> Steps[bool]:
            return bool((yield sql("SELECT key FROM seen WHERE key = :key", key=key)))

        return await self._database.read(steps)

    async def not_yet(self, key: str) -> None:
        """An event that was to be handled could not be: it comes again."""

        def steps() -> Steps[None]:
            yield sql("DELETE FROM seen WHERE key = :key", key=key)

        await self._database.write(steps)

    async def prune_seen(self, *, before: float) -> None:
        """Forgets old events."""

        def steps() -> Steps[None]:
            yield sql("DELETE FROM seen WHERE at < :before", before=millis(before))

        await self._database.write(steps)

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
        """The keys that sign asset links, made where there is none; the newest signs."""

        def steps() -> Steps[dict[str, bytes]]:
            rows = yield _LINK_KEYS
            if not (keys := readable(rows, _link_key)):
                taken = {row["id"] for row in rows}
                # The first free name, not one of chance: replicas that start at once make one key.
                yield sql(
                    "INSERT INTO secrets (name, value, made_at) VALUES (:name, :value, :now)"
                    " ON CONFLICT (name) DO NOTHING",
                    name=next(name for n in count(1) if (name := f"{_LINK_KEY}{n}") not in taken),
                    value=secrets.token_hex(_KEY_BYTES),
                    now=millis(now),
                )
                keys = readable((yield _LINK_KEYS), _link_key)
            return dict(keys)

        return await self._database.write(steps)

    async def alive(self) -> None:
        """Asks the database for a sign of life. Raises StoreBusy."""

        def steps() -> Steps[None]:
            yield sql("SELECT 1 AS one")

        await self._database.read(steps)


def _link_key(row: Row) -> tuple[str, bytes]:
    """A key and its name. Raises ValueError: who could guess a short one could sign."""
    key = bytes.fromhex(row["value"])
    if len(key) < _KEY_BYTES:
        raise ValueError(f"a link key of {len(key)} bytes")
    return row["id"].removeprefix(_LINK_KEY), key
