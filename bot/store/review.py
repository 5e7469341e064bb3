"""Withheld pictures that wait for the moderators: listed, released for free, or thrown away."""

from collections.abc import Mapping

from bot.events import Doing
from bot.job import HIDDEN, Job, State
from bot.ports import Requester
from bot.store import audit, events
from bot.store.database import Database, Steps, sql
from bot.store.moves import WAKE
from bot.store.reading import get_job
from bot.store.rows import millis

_APART = "apart"  # the role of what a check held back, while the others of its job are hidden


class Review:
    """The moderators' pile. `of`: the act of the room that it is, kept with it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, surface: str, community: str, *, limit: int = 25) -> list[Job]:
        """Withheld jobs whose pictures were kept, oldest first."""

        def steps() -> Steps[list[Job]]:
            rows = yield sql(
                "SELECT id FROM jobs WHERE surface = :surface AND community = :community"
                " AND state = :withheld AND deleted = 0 AND EXISTS"
                " (SELECT 1 FROM assets a WHERE a.job = jobs.id AND a.role = 'quarantine')"
                " ORDER BY created_at LIMIT :limit",
                surface=surface,
                community=community,
                withheld=str(State.WITHHELD),
                limit=limit,
            )
            found = []
            for row in rows:
                job = yield from get_job(row["id"])
                if job is not None:
                    found.append(job)
            return found

        return await self._database.read(steps)

    async def hide(
        self, job: str, moved: Mapping[str, str], *, actor: Requester, now: float, of: Doing | None = None
    ) -> list[str] | None:
        """Takes shown pictures out of the chat, for the moderators to keep: `moved` says where each lies now.

        Answers the keys whose files, and with them the links, are to go; None where there is nothing to hide any more.
        """

        def steps() -> Steps[list[str] | None]:
            rows = yield sql(
                "UPDATE jobs SET state = :withheld, reason = :hidden, version = version + 1, open = 1, due_at = :now,"
                f" {WAKE} WHERE id = :job AND state = :finished AND deleted = 0 RETURNING id",
                job=job,
                withheld=str(State.WITHHELD),
                finished=str(State.FINISHED),
                hidden=HIDDEN,
                now=millis(now),
            )
            if not rows:
                return None
            # What a check had held back before stays held back when the others are shown again.
            yield sql(
                f"UPDATE assets SET role = '{_APART}' WHERE job = :job AND role = 'quarantine'", job=job
            )
            for old, new in moved.items():
                yield sql(
                    'UPDATE assets SET "key" = :new, role = \'quarantine\' WHERE "key" = :old AND job = :job',
                    old=old,
                    new=new,
                    job=job,
                )
            sheets = yield sql(
                "DELETE FROM assets WHERE job = :job AND role = 'sheet' RETURNING key", job=job
            )
            yield sql(
                "UPDATE messages SET due_at = :now, tries = 0 WHERE job = :job", job=job, now=millis(now)
            )
            yield from audit.insert(actor, "hide", now=now, job=job, actor=actor.user)
            yield from events.acted(of, now=now)
            return [*moved, *(row["key"] for row in sheets)]

        return await self._database.write(steps)

    async def release(self, job: str, *, actor: Requester, now: float, of: Doing | None = None) -> bool:
        """Delivers a withheld picture after all, free of charge (ruling 4). Answers whether it was now."""

        def steps() -> Steps[bool]:
            rows = yield sql(
                "UPDATE jobs SET state = :finished, reason = 'released', version = version + 1, open = 1,"
                f" due_at = :now, {WAKE}"
                " WHERE id = :job AND state = :withheld AND deleted = 0 AND EXISTS"
                " (SELECT 1 FROM assets a WHERE a.job = jobs.id AND a.role = 'quarantine') RETURNING id",
                job=job,
                finished=str(State.FINISHED),
                withheld=str(State.WITHHELD),
                now=millis(now),
            )
            if not rows:
                return False
            yield sql("UPDATE assets SET role = 'image' WHERE job = :job AND role = 'quarantine'", job=job)
            yield sql(
                f"UPDATE assets SET role = 'quarantine' WHERE job = :job AND role = '{_APART}'", job=job
            )
            yield sql(
                "UPDATE messages SET due_at = :now, tries = 0 WHERE job = :job", job=job, now=millis(now)
            )
            yield from audit.insert(actor, "release", now=now, job=job, actor=actor.user)
            yield from events.acted(of, now=now)
            return True

        return await self._database.write(steps)

    async def discard(self, job: str, *, actor: Requester, now: float, of: Doing | None = None) -> list[str]:
        """Throws withheld pictures away; answers the keys of their files."""

        def steps() -> Steps[list[str]]:
            gone = yield sql(
                f"DELETE FROM assets WHERE job = :job AND role IN ('quarantine', '{_APART}') RETURNING key",
                job=job,
            )
            if gone:
                yield from audit.insert(actor, "discard", now=now, job=job, actor=actor.user)
                yield from events.acted(of, now=now)
            return [row["key"] for row in gone]

        return await self._database.write(steps)
