"""What people are to be told: written in the transaction of what it tells of, taken by one process at a time."""

from bot.notices import Notice
from bot.ports import Address, Requester
from bot.store.database import Database, Row, Steps, sql
from bot.store.events import address_text
from bot.store.rows import millis, object_of, readable, to_json


def note(what: Notice, *, now: float) -> Steps[None]:
    """Keeps one; a part of another transaction."""
    yield sql(
        "INSERT INTO notices (id, surface, community, user_id, language, says, facts_json, address_json, due_at)"
        " VALUES (:id, :surface, :community, :user, :language, :says, :facts, :address, :now)"
        " ON CONFLICT (id) DO NOTHING",
        id=what.id,
        surface=what.to.surface,
        community=what.to.community,
        user=what.to.user,
        language=what.to.language,
        says=what.says,
        facts=to_json(dict(what.facts)),
        address=address_text(what.room),
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

    async def claim(self, *, now: float, lease_s: float, limit: int) -> list[Notice]:
        """Takes what is to be told now, for so long. A look costs no transaction that writes."""

        def look() -> Steps[bool]:
            return bool((yield sql(f"{_DUE} LIMIT 1", now=millis(now))))

        def take() -> Steps[list[Notice]]:
            rows = yield sql(
                f"WITH free AS MATERIALIZED ({_DUE} ORDER BY due_at LIMIT :limit {{skip_locked}})"
                " UPDATE notices SET lease_until = :until WHERE id IN (SELECT id FROM free) RETURNING *",
                now=millis(now),
                until=millis(now + lease_s),
                limit=limit,
            )
            return readable(rows, _notice)

        return await self._database.write(take) if await self._database.read(look) else []

    async def put_off(self, notice: Notice, *, due_at: float, again: bool = True) -> None:
        """It is tried then; `again`: this was a try."""

        def steps() -> Steps[None]:
            yield sql(
                "UPDATE notices SET tries = tries + :one, due_at = :due, lease_until = 0 WHERE id = :id",
                one=int(again),
                due=millis(due_at),
                id=notice.id,
            )

        await self._database.write(steps)

    async def end(self, notice: Notice) -> None:
        """It was told, or nobody can be."""

        def steps() -> Steps[None]:
            yield sql("DELETE FROM notices WHERE id = :id", id=notice.id)

        await self._database.write(steps)

    async def prune(self, *, before: float) -> None:
        """Takes away what nobody could be told in all the time."""

        def steps() -> Steps[None]:
            yield sql("DELETE FROM notices WHERE due_at < :before", before=millis(before))

        await self._database.write(steps)


_DUE = "SELECT id FROM notices WHERE due_at <= :now AND lease_until <= :now"


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
        tries=int(row["tries"]),
    )
