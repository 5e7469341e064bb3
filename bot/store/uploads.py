"""Pictures that people handed to us, until an order takes them: whose they are, and never more than there is room for."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import NotAllowed
from bot.ports import Requester
from bot.store.database import Database, Row, Steps, sql
from bot.store.rows import millis

OF_PERSON = "surface = :surface AND community = :community AND user_id = :user"
_PAGE_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One picture that was handed to us."""

    key: str
    media_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How many pictures wait at most, and how many bytes: of one person, and of all together."""

    each: int
    each_bytes: int
    all: int
    all_bytes: int


class UploadTable:
    """The table of uploads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, who: Requester, upload: Upload, room: Capacity, *, now: float) -> list[str]:
        """Keeps it; answers the keys of that person's oldest ones, which make room for it.

        Raises NotAllowed where all people's together leave none: nothing was changed then.
        """
        return await self._database.write(_add, who, upload, room, now=now)

    async def get(self, key: str, who: Requester) -> Upload | None:
        """An upload of this person's; another's is none."""

        def steps() -> Steps[Upload | None]:
            rows = yield sql(
                f'SELECT * FROM uploads WHERE "key" = :key AND {OF_PERSON}', key=key, **_person(who)
            )
            return _upload_of(rows[0]) if rows else None

        return await self._database.read(steps)

    async def drop(self, keys: Sequence[str], who: Requester) -> list[str]:
        """Takes away this person's uploads; answers the keys of those that there were."""

        def steps() -> Steps[list[str]]:
            gone: list[Row] = []
            for key in keys:
                gone += yield sql(
                    f'DELETE FROM uploads WHERE "key" = :key AND {OF_PERSON} RETURNING "key"',
                    key=key,
                    **_person(who),
                )
            return [row["key"] for row in gone]

        return await self._database.write(steps)

    async def expire(self, *, before: float) -> list[str]:
        """Takes away some that are older; answers their keys, none at the end."""

        def steps() -> Steps[list[str]]:
            rows = yield sql(
                'DELETE FROM uploads WHERE "key" IN (SELECT "key" FROM uploads WHERE created_at < :before'
                ' ORDER BY created_at LIMIT :limit) RETURNING "key"',
                before=millis(before),
                limit=_PAGE_ROWS,
            )
            return [row["key"] for row in rows]

        return await self._database.write(steps)


def _add(who: Requester, upload: Upload, room: Capacity, *, now: float) -> Steps[list[str]]:
    # The row comes first: of two at once the second counts the first.
    yield sql(
        'INSERT INTO uploads ("key", surface, community, user_id, media_type, size_bytes, sha256, created_at)'
        " VALUES (:key, :surface, :community, :user, :media_type, :size, :sha256, :now)"
        ' ON CONFLICT ("key") DO NOTHING',
        key=upload.key,
        media_type=upload.media_type,
        size=upload.size_bytes,
        sha256=upload.sha256,
        now=millis(now),
        **_person(who),
    )
    gone = yield from _make_room(who, upload, room)
    rows = yield sql("SELECT COUNT(*) AS n, COALESCE(SUM(size_bytes), 0) AS size FROM uploads")
    if rows[0]["n"] > room.all or rows[0]["size"] > room.all_bytes:
        raise NotAllowed("uploads-full")
    return gone


def _make_room(who: Requester, upload: Upload, room: Capacity) -> Steps[list[str]]:
    """Takes away the oldest of this person's that are too many beside the new one."""
    rows = yield sql(
        f'SELECT "key", size_bytes FROM uploads WHERE {OF_PERSON} AND "key" <> :key'
        ' ORDER BY created_at DESC, "key"',
        key=upload.key,
        **_person(who),
    )
    left_bytes, gone = room.each_bytes - upload.size_bytes, []
    for place, row in enumerate(rows, 2):
        left_bytes -= row["size_bytes"]
        if place > room.each or left_bytes < 0:
            gone.append(row["key"])
            yield sql('DELETE FROM uploads WHERE "key" = :key', key=row["key"])
    return gone


def forget(who: Requester) -> Steps[list[str]]:
    """Takes away all that a person handed to us; a part of another transaction. Answers the keys."""
    gone = yield sql(f'DELETE FROM uploads WHERE {OF_PERSON} RETURNING "key"', **_person(who))
    return [row["key"] for row in gone]


def _person(who: Requester) -> dict[str, str]:
    return {"surface": who.surface, "community": who.community, "user": who.user}


def _upload_of(row: Row) -> Upload:
    return Upload(
        key=row["key"], media_type=row["media_type"], size_bytes=row["size_bytes"], sha256=row["sha256"]
    )
