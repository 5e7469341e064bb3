"""What the operator looks at: what is under way, the newest jobs, and who somebody is. By indexes and bounds alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.job import Job
from bot.ports import Requester
from bot.store import states
from bot.store.database import Database, Row, Steps, sql
from bot.store.rows import EVER, job_of, millis, readable

_SEARCHED_MOST = 5_000  # of the newest jobs, whose people's names are looked through
_PEOPLE_MOST = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """Jobs of one route that stand alike and are not closed. `since` is unix seconds of the oldest."""

    provider: str
    model: str
    state: str
    jobs: int
    since: float


class Overview:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def under_way(self) -> list[UnderWay]:
        """What goes on, or has ended and is not told everywhere yet, by route and state."""

        def steps() -> Steps[list[UnderWay]]:
            rows = yield sql(
                "SELECT provider, model, state, COUNT(*) AS jobs, MIN(created_at) AS since FROM jobs"
                " WHERE open = 1 GROUP BY provider, model, state ORDER BY jobs DESC, provider, model, state LIMIT 500"
            )
            return [
                UnderWay(
                    provider=row["provider"],
                    model=row["model"],
                    state=row["state"],
                    jobs=int(row["jobs"]),
                    since=row["since"] / 1000,
                )
                for row in rows
            ]

        return await self._database.read(steps)

    async def oldest(self, *, limit: int) -> list[Job]:
        """The jobs that have gone on for the longest."""

        def steps() -> Steps[list[Job]]:
            rows = yield sql(
                f"SELECT * FROM jobs WHERE open = 1 AND state IN {states.LIVE} ORDER BY created_at, id LIMIT :limit",
                limit=limit,
            )
            return readable(rows, job_of)

        return await self._database.read(steps)

    async def newest(self, *, limit: int, bad: bool = False) -> list[Job]:
        """The jobs that ended last; `bad`: of the last thousands those without a picture."""

        def steps() -> Steps[list[Job]]:
            rows = yield sql(
                "SELECT j.* FROM (SELECT id, state, ended_at FROM jobs WHERE ended_at < :ever"
                f" ORDER BY ended_at DESC LIMIT {_SEARCHED_MOST}) AS lately JOIN jobs j ON j.id = lately.id"
                f" WHERE :every = 1 OR lately.state NOT IN {states.FINISHED}"
                " ORDER BY lately.ended_at DESC, j.id DESC LIMIT :limit",
                ever=millis(EVER),
                every=int(not bad),
                limit=limit,
            )
            return readable(rows, job_of)

        return await self._database.read(steps)

    async def of_person(self, who: Requester, *, limit: int) -> list[Job]:
        """A person's last jobs, newest first."""

        def steps() -> Steps[list[Job]]:
            rows = yield sql(
                "SELECT * FROM jobs WHERE surface = :surface AND community = :community AND user_id = :user"
                " ORDER BY created_at DESC LIMIT :limit",
                surface=who.surface,
                community=who.community,
                user=who.user,
                limit=limit,
            )
            return readable(rows, job_of)

        return await self._database.read(steps)

    async def people(self, typed: str) -> list[Requester]:
        """Who has this id, wherever they were; and of those who asked lately, whose name has it in it."""

        def steps() -> Steps[list[Requester]]:
            ids = yield sql(
                "SELECT DISTINCT surface, community, user_id FROM accounts WHERE user_id = :typed"
                f" ORDER BY surface, community LIMIT {_PEOPLE_MOST}",
                typed=typed,
            )
            names = yield sql(
                "SELECT DISTINCT surface, community, user_id, user_name FROM"
                " (SELECT surface, community, user_id, user_name FROM jobs"
                f" ORDER BY id DESC LIMIT {_SEARCHED_MOST}) AS lately"
            )
            return _people(ids, names, typed.casefold())

        return await self._database.read(steps)


def _people(ids: Sequence[Row], names: Sequence[Row], typed: str) -> list[Requester]:
    """Letters are compared here: databases differ in what they call a small letter."""
    called = {_person(row): str(row["user_name"]) for row in names}
    found = dict.fromkeys(map(_person, ids))
    found |= dict.fromkeys(who for who, name in called.items() if typed and typed in name.casefold())
    return [
        Requester(surface=surface, community=community, user=user, name=called.get((surface, community, user), ""))
        for surface, community, user in list(found)[:_PEOPLE_MOST]
    ]  # fmt: skip


def _person(row: Row) -> tuple[str, str, str]:
    return row["surface"], row["community"], row["user_id"]
