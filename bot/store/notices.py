"""What people are to be told: written in the transaction of what it tells of, taken by one process at a time."""

from bot.notices import Notice
from bot.ports import Address, Requester
from bot.store.database import Database, Row, Steps, sql
from bot.store.due import DUE, due_facts, put_off_until
from bot.store.events import address_text
from bot.store.rows import millis, object_of, readable, to_json


def note(what: Notice, *, now: float) -> Steps[None]:
    """Keeps one that is to be told then; a part of another transaction."""
    yield sql(
        "INSERT INTO notices"
        " (id, surface, community, user_id, language, says, facts_json, address_json, asked, due_at)"
        " VALUES (:id, :surface, :community, :user, :language, :says, :facts, :address, :asked, :now)"
        " ON CONFLICT (id) DO NOTHING",
        id=what.id,
        surface=what.to.surface,
        community=what.to.community,
        user=what.to.user,
        language=what.to.language,
        says=what.says,
        facts=to_json(dict(what.facts)),
        # Where somebody asked can be answered by a right that passes; it is not kept for longer than that.
        address=to_json(dict(what.room.data)) if what.asked and what.room else address_text(what.room),
        asked=int(what.asked),
        now=millis(now),
    )


def forget(who: Requester) -> Steps[None]:
    """Nothing is told to whoever wants to be forgotten."""
    yield sql(
        "DELETE FROM notices WHERE surface = :surface AND community = :community AND user_id = :user",
        surface=who.surface,
        community=who.community,
        user=who.user,
    )


class Notices:
    """Hands them out and ends them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, notice: Notice, *, due_at: float) -> None:
        """Keeps one by itself."""
        await self._database.write(lambda: note(notice, now=due_at))

    async def claim(self, *, now: float, lease_s: float, limit: int) -> list[Notice]:
        """Takes what is to be told now, for so long. A look costs no transaction that writes."""
        due = due_facts(now)

        def look() -> Steps[bool]:
            return bool((yield sql(f"SELECT id FROM notices WHERE {DUE} LIMIT 1", **due)))

        def take() -> Steps[list[Notice]]:
            yield sql(_NOT_IN_VAIN, **due)
            rows = yield sql(
                f"WITH free AS MATERIALIZED (SELECT id FROM notices WHERE {DUE} ORDER BY due_at LIMIT :limit {{skip_locked}})"
                " UPDATE notices SET lease_until = :until WHERE id IN (SELECT id FROM free) RETURNING *",
                **due,
                until=millis(now + lease_s),
                limit=limit,
            )
            return readable(rows, _notice)

        return await self._database.write(take) if await self._database.read(look) else []

    async def put_off(self, notice: Notice, *, now: float, wait_s: float, again: bool = True) -> None:
        """It is tried then, in PUT_OFF_MOST_S at most; `again`: this was a try."""

        def steps() -> Steps[None]:
            yield sql(
                "UPDATE notices SET tries = tries + :one, due_at = :due, lease_until = 0 WHERE id = :id",
                one=int(again),
                due=put_off_until(now, wait_s),
                id=notice.id,
            )

        await self._database.write(steps)

    async def end(self, notice: str) -> None:
        """It was told, or nobody can be, or need be."""

        def steps() -> Steps[None]:
            yield sql("DELETE FROM notices WHERE id = :id", id=notice)

        await self._database.write(steps)

    async def prune(self, *, before: float) -> None:
        """Takes away what nobody could be told in all the time."""

        def steps() -> Steps[None]:
            yield sql("DELETE FROM notices WHERE due_at < :before", before=millis(before))

        await self._database.write(steps)


# What was asked has its job, and whoever asked sees that.
_NOT_IN_VAIN = (
    f"DELETE FROM notices WHERE asked = 1 AND {DUE}"
    " AND EXISTS (SELECT 1 FROM jobs WHERE jobs.request_key = notices.id)"
)


def _notice(row: Row) -> Notice:
    address = row["address_json"]
    return Notice(
        id=row["id"],
        to=Requester(
            surface=row["surface"],
            community=row["community"],
            user=row["user_id"],
            language=row["language"],
        ),
        says=row["says"],
        facts=object_of(row["facts_json"]),
        room=None if address is None else Address(surface=row["surface"], data=object_of(address)),
        asked=bool(row["asked"]),
        tries=int(row["tries"]),
    )
