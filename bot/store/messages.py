"""Our messages about jobs: where they stand, what they say, and which are behind."""

from bot.job import Job, Message, Snapshot
from bot.money import Fund
from bot.ports import AGAIN, Handle, Requester
from bot.store import audit, holds
from bot.store.database import Database, Steps, sql
from bot.store.jobs import insert_message
from bot.store.moves import ONE_MORE_LINE, WAKE, close_when_told, lock_job
from bot.store.reading import get_job
from bot.store.rows import message_of, millis, readable, to_json
from bot.store.states import FINISHED
from bot.story import Became, line_of_edit

UNDELIVERED = "undelivered"  # in the audit log
_JOBS_LOOKED_AT, _MESSAGES_MOST = 2_000, 100


class MessageTable:
    """The table of messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def told(self, job: str) -> Snapshot | None:
        """A job and all its messages as they stand together, in one look."""
        return await self._database.read(_told, job)

    async def of(self, job: str) -> list[Message]:
        """All messages of a job, the main one first."""

        def steps() -> Steps[list[Message]]:
            rows = yield sql("SELECT * FROM messages WHERE job = :job ORDER BY role", job=job)
            return readable(rows, message_of)

        return await self._database.read(steps)

    async def find(self, surface: str, key: str) -> Message | None:
        """The message that a reaction or a press belongs to."""

        def steps() -> Steps[Message | None]:
            rows = yield sql(
                "SELECT * FROM messages WHERE surface = :surface AND key = :key", surface=surface, key=key
            )
            return next(iter(readable(rows, message_of)), None)

        return await self._database.read(steps)

    async def board(self, surface: str, community: str, *, limit: int) -> list[tuple[Message, int]]:
        """The messages of a community's newest jobs, each with its job's version; cheap enough to ask often."""

        def steps() -> Steps[list[tuple[Message, int]]]:
            rows = yield sql(
                "SELECT m.*, j.version FROM (SELECT id, version FROM jobs WHERE surface = :surface"
                " AND community = :community AND deleted = 0 ORDER BY created_at DESC LIMIT :limit) j"
                " JOIN messages m ON m.job = j.id WHERE m.gone = 0",
                surface=surface,
                community=community,
                limit=limit,
            )
            return readable(rows, lambda row: (message_of(row), row["version"]))

        return await self._database.read(steps)

    async def pictures(self, who: Requester, *, keys: str, since: float) -> list[Message]:
        """The messages that show finished pictures, the newest picture first; their keys begin with `keys`.

        Of the community's newest jobs since a moment alone: whoever goes on from a picture does so soon.
        """

        def steps() -> Steps[list[Message]]:
            rows = yield sql(
                "SELECT m.* FROM (SELECT id, state, created_at FROM jobs WHERE surface = :surface"
                " AND community = :community AND created_at >= :since AND deleted = 0"
                " ORDER BY created_at DESC LIMIT :most) j JOIN messages m ON m.job = j.id"
                f" WHERE m.key LIKE :keys AND j.state IN {FINISHED} AND m.gone = 0"
                " ORDER BY j.created_at DESC, m.role LIMIT :limit",
                surface=who.surface,
                community=who.community,
                keys=f"{keys}%",
                since=millis(since),
                most=_JOBS_LOOKED_AT,
                limit=_MESSAGES_MOST,
            )
            return readable(rows, message_of)

        return await self._database.read(steps)

    async def add(self, message: Message) -> bool:
        """Adds one more message of a job (a pick, a re-post); answers whether it is new."""

        def steps() -> Steps[bool]:
            yield from lock_job(message.job)
            fresh = yield from insert_message(message)
            if fresh:
                yield sql(f"UPDATE jobs SET open = 1, {WAKE} WHERE id = :job", job=message.job)
            return fresh

        return await self._database.write(steps)

    async def shown(
        self,
        message: Message,
        handle: Handle,
        *,
        version: int,
        digest: str,
        now: float,
        known: Job | None = None,
        by: str = "",
        answers: bool = False,
    ) -> Snapshot | None:
        """The message says this version now; a job that has ended and is told everywhere is closed.

        Not where somebody else than `by` carries it: an edit of theirs may be under way, which they tell again, and
        whoever takes over from a dead one shows the end once more.
        A message that somebody wants removed since we looked at it stays behind. Answers how the job and
        its messages stand after it, as the verbs below do: what changed meanwhile needs no further look.
        `known` is the job as the message says it; while that is its version, it isn't read again. `answers`: whoever asked
        for it sees it as what came of that (bot/store/clicks.py).
        """

        def steps() -> Steps[Snapshot | None]:
            job = yield from lock_job(message.job)
            same = known if known is not None and known.version == job.version else None
            yield sql(
                "UPDATE messages SET key = :key, data_json = :data, digest = :digest, tries = 0, given_up = 0,"
                f" {ONE_MORE_LINE}, refused = 0, lost_at = NULL, due_at = :now, answered = answered | :answers,"
                " shown = CASE WHEN gone = :gone AND tell = :tell THEN :version ELSE shown END WHERE id = :id",
                id=message.id,
                key=handle.key,
                data=to_json(dict(handle.data)),
                gone=int(message.gone),
                tell=int(message.tell),
                version=version,
                answers=int(answers),
                digest=digest,
                line=line_of_edit(Became.SHOWN, now=now, version=version),
                now=millis(now),
            )
            if (
                job.ended and version < job.version
            ):  # over the end, which another process may have told and closed
                yield sql(f"UPDATE jobs SET open = 1, {WAKE} WHERE id = :job AND open = 0", job=message.job)
            elif job.ended and job.carrier in ("", by):
                yield from close_when_told(message.job)
            return (yield from _told(message.job, same))

        return await self._database.write(steps)

    async def show_again(self, job: str, *, now: float) -> bool:
        """What the messages of an open job say is said once more, whatever is known of it; answers whether there is one."""

        def steps() -> Steps[bool]:
            yield from lock_job(job)
            rows = yield sql(
                "UPDATE messages SET shown = 0, digest = '', due_at = :now WHERE job = :job AND key IS NOT NULL"
                " AND given_up = 0 AND EXISTS (SELECT 1 FROM jobs WHERE id = :job AND open = 1) RETURNING id",
                job=job,
                now=millis(now),
            )
            return bool(rows)

        return await self._database.write(steps)

    async def close(self, job: str) -> None:
        """Closes a job that has ended and has nobody left to be told."""

        def steps() -> Steps[None]:
            yield from lock_job(job)
            yield from close_when_told(job)

        await self._database.write(steps)

    async def put_off(self, message: Message, *, due_at: float, refused: bool = False) -> Snapshot | None:
        """Shows it again later; counts the try, and remembers whether it was refused for good."""
        line = line_of_edit(Became.REFUSED if refused else Became.LATER, now=self._database.now())

        def steps() -> Steps[Snapshot | None]:
            yield sql(
                f"UPDATE messages SET tries = tries + 1, refused = :refused, due_at = :due, {ONE_MORE_LINE}"
                " WHERE id = :id",
                id=message.id,
                refused=int(refused),
                line=line,
                due=millis(due_at),
            )
            return (yield from _told(message.job))

        return await self._database.write(steps)

    async def lose(
        self, message: Message, of: Job, fund: Fund | None, *, due_at: float, now: float
    ) -> Snapshot | None:
        """Nobody can see it now, and it is shown again later; with a fund what was paid goes back, once."""

        def steps() -> Steps[Snapshot | None]:
            yield from lock_job(message.job)
            rows = yield sql("SELECT lost_at FROM messages WHERE id = :id AND lost_at IS NULL", id=message.id)
            if rows and fund is not None:
                back = yield from holds.give_back(of.id, of.requester, fund, actor="easel", memo="", now=now)
                yield from audit.insert(
                    of.requester,
                    UNDELIVERED,
                    now=now,
                    job=of.id,
                    channel=of.channel,
                    actor="easel",
                    memo=str(back),
                )
            if rows:
                yield sql(
                    "UPDATE messages SET lost_at = :now, tries = 0, refused = 0, due_at = :due,"
                    f" {ONE_MORE_LINE} WHERE id = :id",
                    id=message.id,
                    line=line_of_edit(Became.LOST, now=now),
                    now=millis(now),
                    due=millis(due_at),
                )
            return (yield from _told(message.job))

        return await self._database.write(steps)

    async def try_again(self, surface: str, *, now: float) -> None:
        """What nobody could see on a surface, or not where it should stand, is due at once."""

        def steps() -> Steps[None]:
            lost = "surface = :surface AND lost_at IS NOT NULL AND given_up = 0"
            yield sql(
                f"UPDATE jobs SET {WAKE} WHERE open = 1 AND id IN (SELECT job FROM messages WHERE {lost})",
                surface=surface,
            )
            yield sql(f"UPDATE messages SET due_at = :now WHERE {lost}", surface=surface, now=millis(now))
            rows = yield sql(
                "UPDATE messages SET shown = 0, digest = '', due_at = :now WHERE surface = :surface AND given_up = 0"
                " AND shown > 0 AND data_json LIKE :again RETURNING job",
                surface=surface,
                again=f'%"{AGAIN}":%',
                now=millis(now),
            )
            for row in rows:
                yield sql(f"UPDATE jobs SET open = 1, {WAKE} WHERE id = :job", job=row["job"])

        await self._database.write(steps)

    async def ask_to_tell(self, message: Message, *, now: float) -> bool:
        """The person wants to be told when it is done; its card says so. Answers whether that is new."""

        def steps() -> Steps[bool]:
            yield from lock_job(message.job)
            rows = yield sql(
                "UPDATE messages SET tell = 1, shown = 0, due_at = :now WHERE id = :id AND tell = 0 RETURNING id",
                id=message.id,
                now=millis(now),
            )
            return bool(rows)

        return await self._database.write(steps)

    async def give_up(self, message: Message) -> Snapshot | None:
        """Nobody can be told here any more (channel gone, right missing): the picture stays in the history.

        An older replica beside us, which doesn't know the column, tries such a message once more if its job
        changes, and gives it up in its own way: by a `shown` that no version reaches, which says "told" to us.
        """
        line = line_of_edit(Became.GIVEN_UP, now=self._database.now())

        def steps() -> Steps[Snapshot | None]:
            yield from lock_job(message.job)
            yield sql(
                f"UPDATE messages SET given_up = 1, {ONE_MORE_LINE} WHERE id = :id",
                id=message.id,
                line=line,
            )
            yield from close_when_told(message.job)
            return (yield from _told(message.job))

        return await self._database.write(steps)

    async def remove(self, message: Message, *, now: float) -> None:
        """Wants one message removed from the chat; the job's others stay."""

        def steps() -> Steps[None]:
            yield from lock_job(message.job)
            yield sql(
                "UPDATE messages SET gone = 1, given_up = 0, refused = 0, lost_at = NULL, shown = 0, tries = 0,"
                " due_at = :now WHERE id = :id",
                id=message.id,
                now=millis(now),
            )
            yield sql(f"UPDATE jobs SET open = 1, {WAKE} WHERE id = :job", job=message.job)

        await self._database.write(steps)

    async def drop(self, message: Message) -> Snapshot | None:
        """Forgets a message that was removed from the chat."""

        def steps() -> Steps[Snapshot | None]:
            yield from lock_job(message.job)
            yield sql("DELETE FROM messages WHERE id = :id", id=message.id)
            yield from close_when_told(message.job)
            return (yield from _told(message.job))

        return await self._database.write(steps)


def _told(job: str, known: Job | None = None) -> Steps[Snapshot | None]:
    """`known`: the job as it is, where that is certain."""
    found = known if known is not None else (yield from get_job(job))
    if found is None:
        return None
    rows = yield sql("SELECT * FROM messages WHERE job = :job ORDER BY role", job=job)
    return Snapshot(job=found, messages=tuple(readable(rows, message_of)))
