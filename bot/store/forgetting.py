"""What leaves the rows: by a person's wish, with a community that is left, and with time.

docs/security.md has the table of where a person's data lives, and which of these takes it away.
"""

from collections.abc import Sequence

from bot.ports import PASSING, Requester
from bot.store import drafts, events, notices, purchases, uploads
from bot.store.database import Database, Row, Steps, sql
from bot.store.moves import WAKE, close_when_told
from bot.store.rows import erased_order, millis, object_of, to_json

_PAGE_ROWS = 200
# An order of which nothing is left that a person wrote; what else stands in it is the catalogue's.
_BARE = """order_json LIKE '%"prompt":""%' AND order_json LIKE '%"typed":""%'"""
_OUR_OWN_MEMO = (
    "CASE WHEN actor = 'easel' THEN memo ELSE '' END"  # says nothing of a person, and is read again
)
_OF_PERSON = "surface = :surface AND community = :community AND user_id = :user"


def people(surface: str, community: str) -> Steps[list[Requester]]:
    """Who has words, a name or pictures in a community that were not erased."""
    rows = yield sql(
        "SELECT DISTINCT user_id FROM jobs WHERE surface = :surface AND community = :community"
        f" AND (user_name <> '' OR deleted = 0 OR detail <> '' OR NOT ({_BARE}))"
        " UNION SELECT user_id FROM favourites WHERE surface = :surface AND community = :community",
        surface=surface,
        community=community,
    )
    return [Requester(surface=surface, community=community, user=row["user_id"]) for row in rows]


def forget(who: Requester, scope: str, *, now: float) -> Steps[tuple[list[str], list[str]]]:
    """Erases a person's prompts, names, pictures and own defaults (`scope`). Answers jobs and file keys."""
    person = {"surface": who.surface, "community": who.community, "user": who.user}
    rows = yield sql(f"SELECT * FROM jobs WHERE {_OF_PERSON} AND ended_at IS NOT NULL ORDER BY id", **person)
    keys: list[str] = []
    for row in rows:
        keys += yield from _erase_job(row, now=now)
    keys += yield from uploads.forget(who)
    # What others wrote about the person goes as well; of a block that holds, the reason stands with it.
    yield sql(
        f"UPDATE audit SET prompt = NULL, memo = {_OUR_OWN_MEMO} WHERE {_OF_PERSON}",
        **person,
    )
    accounts = f"SELECT id FROM accounts WHERE {_OF_PERSON}"
    yield sql(
        f"UPDATE transfers SET memo = {_OUR_OWN_MEMO} WHERE memo <> ''"
        f" AND (debit IN ({accounts}) OR credit IN ({accounts}))",
        **person,
    )
    yield from events.forget(who)
    yield from drafts.forget(who)
    yield from notices.forget(who)
    yield from purchases.forget(who)
    yield sql(f"DELETE FROM favourites WHERE {_OF_PERSON}", **person)
    # What the person did to others' pictures (a report) quotes these.
    yield sql(
        "UPDATE audit SET prompt = NULL WHERE prompt IS NOT NULL AND surface = :surface"
        " AND community = :community AND job IN (SELECT id FROM jobs"
        f" WHERE {_OF_PERSON})",
        **person,
    )
    if scope:
        for table in ("settings", "settings_history"):
            yield sql(f"DELETE FROM {table} WHERE scope = :scope", scope=scope)
    return [row["id"] for row in rows], keys


def _erase_job(row: Row, *, now: float) -> Steps[list[str]]:
    """The words of one job go, and its messages are told; answers the keys of its files."""
    job, moment = row["id"], millis(now)
    yield sql(
        f"UPDATE jobs SET deleted = 1, version = version + 1, open = 1, due_at = :now, {WAKE},"
        " order_json = :order_json, user_name = '', detail = '', story = '' WHERE id = :id",
        id=job,
        now=moment,
        order_json=erased_order(row["order_json"]),
    )
    yield sql("UPDATE messages SET due_at = :now, tries = 0 WHERE job = :id", id=job, now=moment)
    yield from close_when_told(job)
    yield sql("DELETE FROM favourites WHERE job = :id", id=job)
    gone = yield sql("DELETE FROM assets WHERE job = :id RETURNING key", id=job)
    return [g["key"] for g in gone]


class Forgetting:
    """What time takes away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def erase_words(self, *, after: float, before: float) -> float | None:
        """Takes the words off some jobs that ended between; answers where to go on, or None at the end.

        The pictures stay, and all numbers.
        """

        def steps() -> Steps[float | None]:
            rows = yield from _ended("id, ended_at, order_json", after, before)
            for row in rows:
                yield sql(
                    "UPDATE jobs SET order_json = :order_json, detail = '', story = ''"
                    f" WHERE id = :id AND NOT ({_BARE} AND detail = '' AND story = '')",
                    id=row["id"],
                    order_json=erased_order(row["order_json"]),
                )
            return _last(rows)

        return await self._database.write(steps)

    async def erase_passing_rights(self, *, after: float, before: float) -> float | None:
        """Takes the rights that have ended out of the addresses of some jobs that ended between; as `erase_words` does."""

        def steps() -> Steps[float | None]:
            rows = yield from _ended("id, ended_at", after, before)
            for row in rows:
                found = yield sql("SELECT id, address_json FROM messages WHERE job = :job", job=row["id"])
                for message in found:
                    if (bare := _without_rights(message["address_json"])) is not None:
                        yield sql(
                            "UPDATE messages SET address_json = :bare WHERE id = :id",
                            id=message["id"],
                            bare=bare,
                        )
            return _last(rows)

        return await self._database.write(steps)


def _ended(columns: str, after: float, before: float) -> Steps[Sequence[Row]]:
    """A page of jobs by their end. Those that ended in the same millisecond all belong to one page."""
    moments = yield sql(
        "SELECT ended_at FROM jobs WHERE ended_at > :after AND ended_at < :before ORDER BY ended_at"
        f" LIMIT 1 OFFSET {_PAGE_ROWS}",
        after=millis(after),
        before=millis(before),
    )
    until = moments[0]["ended_at"] if moments else millis(before) - 1
    return (
        yield sql(
            f"SELECT {columns} FROM jobs WHERE ended_at > :after AND ended_at <= :until ORDER BY ended_at",
            after=millis(after),
            until=until,
        )
    )


def _last(rows: Sequence[Row]) -> float | None:
    return rows[-1]["ended_at"] / 1000 if rows else None


def _without_rights(text: str) -> str | None:
    """A stored address without what has passed; None where there is nothing of that kind in it."""
    try:
        address = object_of(text)
    except ValueError:
        return None
    bare = {name: value for name, value in address.items() if name not in PASSING}
    return to_json(bare) if len(bare) < len(address) else None
