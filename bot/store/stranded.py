"""Jobs that nobody can carry: their rows can't be read here, and no newer Easel comes for them. An operator ends them."""

from bot.errors import NotAllowed, NotThere
from bot.job import State
from bot.ports import Requester
from bot.store import audit, holds
from bot.store.database import Database, Rows, Steps, sql
from bot.store.moves import WAKE, close_when_told, correct_meters
from bot.store.rows import job_of, mended_order, millis, readable, requester_of


class Stranded:
    """The last way out for a hold."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self) -> list[str]:
        """The jobs that go on and can't be read here, oldest first."""

        def steps() -> Steps[list[str]]:
            rows = yield sql("SELECT * FROM jobs WHERE ended_at IS NULL ORDER BY created_at, id")
            known = {job.id for job in readable(rows, job_of)}
            return [row["id"] for row in rows if row["id"] not in known]

        return await self._database.read(steps)

    async def end(self, job: str, *, actor: Requester, now: float) -> int:
        """Ends it as failed: the hold is free, the books say who did it, and its message can be told.

        Answers how many credits are free. Raises NotThere, or NotAllowed for what is over or can be carried.
        """

        def steps() -> Steps[int]:
            rows = yield sql("SELECT * FROM jobs WHERE id = :job {for_update}", job=job)
            if not rows:
                raise NotThere
            if rows[0]["ended_at"] is not None:
                raise NotAllowed("already-over")
            if readable(rows, job_of):
                raise NotAllowed("not-stranded", job=job)
            yield from _end(rows, actor, now=now)
            return int(rows[0]["credits"])

        return await self._database.write(steps)


def _end(rows: Rows, actor: Requester, *, now: float) -> Steps[None]:
    row = rows[0]
    # Nobody can tell any more what the service has painted: what was sent there counts as spent (ruling 4).
    asked = row["submitted_at"] is not None
    ended = yield sql(
        "UPDATE jobs SET version = version + 1, state = :failed, reason = :reason, detail = :detail,"
        " order_json = :order_json, open = 1, ended_at = :now, due_at = :now, captured_credits = 0,"
        f" spent_credits = spent_credits + :spent, {WAKE} WHERE id = :job RETURNING *",
        job=row["id"],
        failed=str(State.FAILED),
        reason="failed",
        detail=f"could not be read; ended by {actor.user}",
        order_json=mended_order(row),
        spent=row["credits"] if asked else 0,
        now=millis(now),
    )
    yield from holds.settle(row["id"], 0, now=now)
    yield from correct_meters(ended[0], 1.0 if asked else 0.0)
    yield sql("UPDATE messages SET due_at = :now, tries = 0 WHERE job = :job", job=row["id"], now=millis(now))
    yield from audit.insert(
        requester_of(row), "end", now=now, job=row["id"], channel=row["channel"], actor=actor.user
    )
    yield from close_when_told(row["id"])
