"""What people keep for themselves: pictures of jobs, each under a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.errors import NotAllowed
from bot.job import Job
from bot.ports import Requester
from bot.store.clicks import Click, mark_apart
from bot.store.database import Database, Row, Steps, sql
from bot.store.reading import get_job
from bot.store.rows import millis

FAVOURITES_MOST = 200  # of one person in one community
NAME_MOST = 60  # characters
_WORDS = 6  # of a prompt, where nobody gave a name
_OF_PERSON = "surface = :surface AND community = :community AND user_id = :user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Favourite:
    """One kept picture. `index` counts from 1; 0 is all pictures of the job."""

    name: str
    job: Job
    index: int


class Favourites:
    """The table of favourites."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def turn(self, who: Requester, job: str, index: int, *, click: Click, now: float) -> bool:
        """Keeps a picture, or no longer where it was kept; answers whether it is kept now.

        Once for a deed, and once for a double click. Raises NotAllowed where there is no room.
        """

        def steps() -> Steps[bool]:
            picture = {**_person(who), "job": job, "index": index}
            this = f"{_OF_PERSON} AND job = :job AND idx = :index"
            new = yield from mark_apart(click, "favourite", now=now)
            if not new:
                return bool((yield sql(f"SELECT job FROM favourites WHERE {this}", **picture)))
            if (yield sql(f"DELETE FROM favourites WHERE {this} RETURNING job", **picture)):
                return False
            yield from _keep(who, job, index, now)
            return True

        return await self._database.write(steps)

    async def drop(self, who: Requester, job: str, index: int) -> bool:
        """Answers whether it was kept."""

        def steps() -> Steps[bool]:
            gone = yield sql(
                f"DELETE FROM favourites WHERE {_OF_PERSON} AND job = :job AND idx = :index RETURNING job",
                **_person(who),
                job=job,
                index=index,
            )
            return bool(gone)

        return await self._database.write(steps)

    async def rename(self, who: Requester, job: str, index: int, name: str) -> None:
        """Gives it a name."""

        def steps() -> Steps[None]:
            yield sql(
                f"UPDATE favourites SET name = :name WHERE {_OF_PERSON} AND job = :job AND idx = :index",
                **_person(who),
                job=job,
                index=index,
                name=name[:NAME_MOST],
            )

        await self._database.write(steps)

    async def of(self, who: Requester) -> list[Favourite]:
        """A person's favourites, newest first, each under a name of its own; what can't be read is left out."""
        return await self._database.read(_of, who)


def _keep(who: Requester, job: str, index: int, now: float) -> Steps[None]:
    rows = yield sql(f"SELECT COUNT(*) AS n FROM favourites WHERE {_OF_PERSON}", **_person(who))
    if rows[0]["n"] >= FAVOURITES_MOST:
        raise NotAllowed("favourites-full", limit=FAVOURITES_MOST)
    yield sql(
        "INSERT INTO favourites (job, idx, surface, community, user_id, kept_at)"
        " VALUES (:job, :index, :surface, :community, :user, :now) ON CONFLICT DO NOTHING",
        **_person(who),
        job=job,
        index=index,
        now=millis(now),
    )


def _of(who: Requester) -> Steps[list[Favourite]]:
    rows = yield sql(
        f"SELECT * FROM favourites WHERE {_OF_PERSON} ORDER BY kept_at, job, idx", **_person(who)
    )
    jobs: dict[str, Job] = {}
    for job in dict.fromkeys(row["job"] for row in rows):
        found = yield from get_job(job)
        if found is not None:
            jobs[job] = found
    return _named([row for row in rows if row["job"] in jobs], jobs)[::-1]


def _named(rows: Sequence[Row], jobs: Mapping[str, Job]) -> list[Favourite]:
    """The oldest has the plain name, another of that name a number behind it."""
    taken: set[str] = set()
    found = []
    for row in rows:
        job = jobs[row["job"]]
        plain = row["name"] or called(job)
        names = (plain, *(f"{plain} {n}" for n in range(2, len(rows) + 2)))
        name = next(name for name in names if name.casefold() not in taken)
        taken.add(name.casefold())
        found.append(Favourite(name=name, job=job, index=row["idx"]))
    return found


def called(job: Job) -> str:
    """What a picture is called where nobody gave it a name: its first words, which go when they are forgotten."""
    words = job.order.subject.replace(",", " ").split()[:_WORDS]
    return " ".join(words)[:NAME_MOST].rstrip() or job.id[-_WORDS:]


def _person(who: Requester) -> dict[str, str]:
    return {"surface": who.surface, "community": who.community, "user": who.user}
