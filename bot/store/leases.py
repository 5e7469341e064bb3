"""Leases: a replica's time-limited right to work on a job. They save work; the version keeps it right."""

from collections.abc import Iterable, Sequence

from bot.job import Job
from bot.store import states
from bot.store.database import Database, Steps, sql
from bot.store.due import leases_end
from bot.store.reading import with_assets
from bot.store.rows import millis

_UNREADABLE_MAX = 1000
# What ends later was given by a clock that has been set back since.
RESTS_MOST_S = 3_600.0

# Whoever has the fewest pictures under way goes first; of these who has waited longest, by their priority.
_FAIR = (
    "(SELECT COUNT(*) FROM jobs r WHERE r.open = 1 AND r.surface = j.surface AND r.community = j.community"
    f" AND r.user_id = j.user_id AND r.state IN {states.PAINTING}), j.created_at + {states.PATIENCE_MS}"
)


class Leases:
    """Claims, renews and gives back."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._unreadable: dict[
            str, None
        ] = {}  # jobs at their versions, oldest first: another Easel's to carry

    async def claim(self, owner: str, *, now: float, lease_s: float, limit: int) -> list[Job]:
        """Takes open jobs that nobody works on, and those of the owner's own that have ended, perhaps by another's hand.

        One that can't be read is given back at once, for whoever can read it, and isn't taken again by us
        until it has changed; the others are taken.
        """

        def steps() -> Steps[tuple[list[Job], list[str]]]:
            rows = yield sql(
                # Materialized: a plan that ran the inner query twice would take more than the limit.
                "WITH free AS MATERIALIZED (SELECT j.id FROM jobs j WHERE j.open = 1"
                f" AND (j.lease_until < :now OR (j.lease_owner = :owner AND j.state IN {states.ENDED})"
                " OR j.lease_until > CASE WHEN j.lease_owner = '' THEN CAST(:rests_end AS BIGINT)"
                " ELSE CAST(:leases_end AS BIGINT) END)"
                " AND :unreadable NOT LIKE '% ' || j.id || '@' || j.version || ' %'"
                f" ORDER BY {_FAIR} LIMIT :limit {{skip_locked}})"
                " UPDATE jobs SET lease_owner = :owner, lease_until = :until"
                " WHERE id IN (SELECT id FROM free) RETURNING *",
                owner=owner,
                until=millis(now + lease_s),
                now=millis(now),
                rests_end=millis(now + RESTS_MOST_S),
                leases_end=leases_end(now),
                limit=limit,
                unreadable=f" {' '.join(self._unreadable)} ",
            )
            jobs = yield from with_assets(rows)
            readable = {job.id for job in jobs}
            left = [row for row in rows if row["id"] not in readable]
            for row in left:
                yield sql("UPDATE jobs SET lease_owner = '', lease_until = 0 WHERE id = :id", id=row["id"])
            return jobs, [f"{row['id']}@{row['version']}" for row in left]

        jobs, left = await self._database.write(steps)
        self._leave(left)
        return jobs

    def _leave(self, jobs: Iterable[str]) -> None:
        self._unreadable |= dict.fromkeys(jobs)
        while len(self._unreadable) > _UNREADABLE_MAX:
            del self._unreadable[next(iter(self._unreadable))]

    async def renew(self, owner: str, *, now: float, lease_s: float) -> set[str]:
        """Prolongs all leases of one owner in one statement; answers the jobs that are still its own."""

        def steps() -> Steps[set[str]]:
            rows = yield sql(
                "UPDATE jobs SET lease_until = :until WHERE open = 1 AND lease_owner = :owner RETURNING id",
                owner=owner,
                until=millis(now + lease_s),
            )
            return {row["id"] for row in rows}

        return await self._database.write(steps)

    async def holder(self, job: str) -> str:
        """Who holds the lease now, or "" when the job is closed or nobody's."""

        def steps() -> Steps[str]:
            rows = yield sql("SELECT lease_owner FROM jobs WHERE id = :id", id=job)
            return rows[0]["lease_owner"] if rows else ""

        return await self._database.read(steps)

    async def carries(self, owner: str, job: Job) -> bool:
        """Whether the lease is this owner's, and nobody has moved the job on."""

        def steps() -> Steps[bool]:
            rows = yield sql(
                "SELECT id FROM jobs WHERE id = :id AND lease_owner = :owner AND version = :version",
                id=job.id,
                owner=owner,
                version=job.version,
            )
            return bool(rows)

        return await self._database.read(steps)

    async def open_ones(self, jobs: Iterable[str]) -> set[str]:
        """Which of these are open: something is still to be done or told."""

        def steps() -> Steps[set[str]]:
            found = set()
            for job in jobs:
                if (yield sql("SELECT id FROM jobs WHERE id = :id AND open = 1", id=job)):
                    found.add(job)
            return found

        return await self._database.read(steps)

    async def rest(self, owner: str, job: str, *, until: float) -> None:
        """Gives back a job with which nothing is to be done before then, in RESTS_MOST_S at most: nobody claims it meanwhile."""

        def steps() -> Steps[None]:
            yield sql(
                "UPDATE jobs SET lease_owner = '', lease_until = :until WHERE id = :id AND lease_owner = :owner",
                id=job,
                owner=owner,
                until=millis(until),
            )

        await self._database.write(steps)

    async def release(self, owner: str, jobs: Sequence[str] | None = None) -> None:
        """Gives back some jobs, or all, so that another replica goes on at once."""

        def steps() -> Steps[None]:
            if jobs is None:
                yield sql(
                    "UPDATE jobs SET lease_owner = '', lease_until = 0 WHERE open = 1 AND lease_owner = :owner",
                    owner=owner,
                )
            for job in jobs or ():
                yield sql(
                    "UPDATE jobs SET lease_owner = '', lease_until = 0 WHERE id = :id AND lease_owner = :owner",
                    id=job,
                    owner=owner,
                )

        await self._database.write(steps)
