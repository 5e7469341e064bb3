"""Jobs: accepted in one transaction with their hold and address, moved in one with their money."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.errors import StoreBusy, TooFast, TooMany
from bot.job import FIRST_SHOW_S, Asset, Job, Message, Move, State, assert_legal
from bot.model import Order
from bot.money import Fund, Reserve
from bot.ports import Address, Priority, Requester
from bot.store import accounts, forgetting, holds, meters, states
from bot.store.blocks import assert_not_blocked
from bot.store.database import Database, Rows, Steps, sql
from bot.store.due import present
from bot.store.moves import WAKE, close_when_told, move_job
from bot.store.reading import finished, get_job, recent, with_assets
from bot.store.rows import asset_of, job_of, millis, order_to_json, to_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may be under way at once; 0 means no limit."""

    per_requester: int = 0
    per_community: int = 0
    cooldown_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """All that the accept transaction needs to know."""

    job: str  # the new id
    request_key: str
    requester: Requester
    channel: str
    within: tuple[str, ...] = ()
    priority: Priority = Priority.NORMAL
    age_restricted: bool
    address: Address | None
    order: Order
    parent: str | None
    funds: tuple[Fund, ...]  # in draw order
    limits: Limits
    reserves: tuple[Reserve, ...] = ()
    now: float
    deadline_s: float
    lease_owner: str = ""  # a worker leases to itself what it accepts
    lease_s: float = 0.0
    first_show_s: float = FIRST_SHOW_S
    screened: bool = False  # whether no outside layer is to look at the prompt: the job is born `cleared`

    @property
    def message(self) -> Message | None:
        """The first message, to be posted; None where nobody waits for one."""
        if self.address is None:
            return None
        due_at = self.now + self.first_show_s
        return Message(job=self.job, address=self.address, tell=self.order.tell, due_at=due_at)


class Jobs:
    """The table of jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accept(self, acceptance: Acceptance) -> tuple[Job, bool]:
        """Makes the job with its hold, or finds the one that this request made before.

        Answers the job and whether it is new. Raises a Refusal: nothing was changed then.
        """
        return await self._database.write(_accept, acceptance)

    async def assert_within(self, who: Requester, limits: Limits, *, now: float) -> None:
        """Whether a person may order now, as far as that is their own doing. Raises TooFast and TooMany."""
        await self._database.read(_check_limits, who, replace(limits, per_community=0), "", now)

    async def move(self, job: Job, move: Move, *, now: float) -> Job:
        """Moves a job along one arrow, with its money and facts. Raises LostJob when it was moved meanwhile."""
        assert_legal(job, move)

        def steps() -> Steps[Job]:
            return move_job(job, move, now=now)

        return await self._database.write(steps)

    async def get(self, job: str) -> Job | None:
        """One job with its pictures."""
        return await self._database.read(get_job, job)

    async def by_request(self, request_key: str) -> Job | None:
        """The job that a request has made, if it did."""

        def steps() -> Steps[Job | None]:
            rows = yield sql("SELECT id FROM jobs WHERE request_key = :key", key=request_key)
            return (yield from get_job(rows[0]["id"])) if rows else None

        return await self._database.read(steps)

    async def recent(
        self, *, who: Requester | None = None, state: str | None = None, limit: int | None = None
    ) -> list[Job]:
        """Jobs, newest first: of one person or of all."""
        return await self._database.read(recent, who, state, limit)

    async def history(
        self,
        who: Requester,
        *,
        limit: int,
        before: float | None = None,
        words: Sequence[str] = (),
        offset: int = 0,
        everyone: bool = False,
    ) -> list[Job]:
        """A person's finished pictures that were not deleted, newest first; with words, those whose prompt has all.

        Of everybody in their community with `everyone`: without those that are their owner's alone.
        """
        return await self._database.read(
            finished, who, words, limit=limit, before=before, offset=offset, everyone=everyone
        )

    async def delete(self, job: str, *, now: float) -> list[str]:
        """Takes a picture out of the history and its messages; answers the keys of the files to remove."""

        def steps() -> Steps[list[str]]:
            found = yield sql(
                f"UPDATE jobs SET deleted = 1, version = version + 1, open = 1, due_at = :now, {WAKE}"
                " WHERE id = :job AND deleted = 0 RETURNING id",
                job=job,
                now=millis(now),
            )
            if not found:
                return []
            yield sql(
                "UPDATE messages SET due_at = :now, tries = 0 WHERE job = :job", job=job, now=millis(now)
            )
            yield from close_when_told(job)  # nobody may be there to be told
            yield sql("DELETE FROM favourites WHERE job = :job", job=job)
            gone = yield sql("DELETE FROM assets WHERE job = :job RETURNING key", job=job)
            return [row["key"] for row in gone]

        return await self._database.write(steps)

    async def forget(self, who: Requester, *, now: float, scope: str = "") -> tuple[list[str], list[str]]:
        """Erases a person's prompts, pictures and own defaults; the books keep the numbers.

        `scope` is where the defaults are kept. Answers jobs and file keys.
        """
        found = await self._database.write(forgetting.forget, who, scope, now=now)
        await self._database.scrub()
        return found

    async def ended_before(self, moment: float, *, limit: int) -> list[str]:
        """Jobs with pictures that ended before then."""

        def steps() -> Steps[list[str]]:
            rows = yield sql(
                "SELECT DISTINCT j.id FROM jobs j JOIN assets a ON a.job = j.id"
                " WHERE j.ended_at < :moment AND j.open = 0 LIMIT :limit",
                moment=millis(moment),
                limit=limit,
            )
            return [row["id"] for row in rows]

        return await self._database.read(steps)

    async def expire(self, job: str, *, now: float) -> list[str]:
        """Takes the pictures off a job; its messages lose their links. Answers the keys of the files."""

        def steps() -> Steps[list[str]]:
            yield sql(
                "UPDATE jobs SET version = version + 1, open = 1, due_at = :now,"
                f" reason = CASE WHEN state IN {states.FINISHED} THEN 'expired' ELSE reason END, {WAKE}"
                " WHERE id = :job",
                job=job,
                now=millis(now),
            )
            yield sql(
                "UPDATE messages SET due_at = :now, tries = 0 WHERE job = :job", job=job, now=millis(now)
            )
            yield from close_when_told(job)  # nobody may be there to be told
            gone = yield sql("DELETE FROM assets WHERE job = :job RETURNING key", job=job)
            return [row["key"] for row in gone]

        return await self._database.write(steps)

    async def drop_inputs(self, *, before: float) -> list[str]:
        """Takes what was given off some orders that ended before then without a picture; answers the keys, none at the end.

        So long it may be given again, by Try again.
        """

        def steps() -> Steps[list[str]]:
            gone = yield sql(
                "DELETE FROM assets WHERE key IN (SELECT a.key FROM assets a JOIN jobs j ON j.id = a.job"
                " WHERE a.role = 'input' AND a.created_at < :before AND j.ended_at < :before"
                " AND NOT EXISTS (SELECT 1 FROM assets b WHERE b.job = a.job AND b.role <> 'input')"
                " LIMIT 500) RETURNING key",
                before=millis(before),
            )
            return [row["key"] for row in gone]

        return await self._database.write(steps)

    async def people(self, surface: str, community: str) -> list[Requester]:
        """Who has prompts or pictures in a community that were not erased."""
        return await self._database.read(forgetting.people, surface, community)

    async def asset(self, key: str) -> tuple[Asset, Job] | None:
        """A picture and the job that it belongs to."""

        def steps() -> Steps[tuple[Asset, Job] | None]:
            rows = yield sql("SELECT * FROM assets WHERE key = :key", key=key)
            if not rows:
                return None
            job = yield from get_job(rows[0]["job"])
            return (asset_of(rows[0]), job) if job else None

        return await self._database.read(steps)

    async def counts(self) -> dict[str, int]:
        """How many jobs stand in each state."""

        def steps() -> Steps[dict[str, int]]:
            rows = yield sql("SELECT state, COUNT(*) AS n FROM jobs WHERE open = 1 GROUP BY state")
            return {row["state"]: int(row["n"]) for row in rows}

        return await self._database.read(steps)


# ── Accept ───────────────────────────────────────────────────────────────────────────────────────────


def _accept(a: Acceptance) -> Steps[tuple[Job, bool]]:
    # The row comes first: a repeat of the request waits here for the first one, and every transaction
    # takes its locks in the same order (job, accounts, meters). A refusal rolls all of it back.
    fresh = yield from _insert(a)
    if not fresh:
        known = yield sql("SELECT * FROM jobs WHERE request_key = :key", key=a.request_key)
        job = next(iter((yield from with_assets(known))), None)
        if job is None:
            raise StoreBusy(f"job {known[0]['id']} can't be read here: a newer Easel carries it")
        # With our own new id it is ours: a cut connection hid that our first drive held. It is still to be
        # shown and carried.
        return job, job.id == a.job
    # Opening locks this person's accounts, so that two requests of one person are counted in line.
    funds = yield from accounts.in_draw_order(a.requester, a.funds, now=a.now)
    available = yield from accounts.open_accounts(a.requester, funds, now=a.now)
    yield from assert_not_blocked(a.requester, now=a.now)
    yield from _check_limits(a.requester, a.limits, a.job, a.now)
    yield from meters.reserve(a.reserves, a.requester, now=a.now)
    yield from holds.hold(a.job, a.order.credits, funds, available, now=a.now)
    if a.message is not None:
        yield from insert_message(a.message)
    return job_of(fresh[0], order=a.order), True


_OTHERS = "surface = :surface AND community = :community AND id <> :job"
_UNDER_WAY = f"open = 1 AND {_OTHERS} AND state IN {states.LIVE}"


def _check_limits(who: Requester, limits: Limits, job: str, now: float) -> Steps[None]:
    others = {"surface": who.surface, "community": who.community, "job": job}
    if limits.cooldown_s:
        rows = yield sql(
            f"SELECT created_at FROM jobs WHERE {_OTHERS} AND user_id = :user AND created_at <= :present"
            " ORDER BY created_at DESC LIMIT 1",
            user=who.user,
            present=present(now),
            **others,
        )
        if rows and (wait_s := rows[0]["created_at"] / 1000 + limits.cooldown_s - now) > 0:
            raise TooFast(seconds=max(1, round(wait_s)))
    if limits.per_community:
        # The row is a turnstile: replicas count one after the other.
        yield sql(
            "INSERT INTO meters (id, used) VALUES (:id, 0) ON CONFLICT (id) DO UPDATE SET used = meters.used",
            id=f"turnstile:{who.surface}:{who.community}",
        )
        rows = yield sql(
            "SELECT COUNT(*) AS n, COUNT(CASE WHEN user_id = :user THEN 1 END) AS mine"
            f" FROM jobs WHERE {_UNDER_WAY}",
            user=who.user,
            **others,
        )
    elif limits.per_requester:
        rows = yield sql(
            f"SELECT 0 AS n, COUNT(*) AS mine FROM jobs WHERE {_UNDER_WAY} AND user_id = :user",
            user=who.user,
            **others,
        )
    else:
        return
    if limits.per_requester and rows[0]["mine"] >= limits.per_requester:
        raise TooMany("too-many-mine", limit=limits.per_requester)
    if limits.per_community and rows[0]["n"] >= limits.per_community:
        raise TooMany("too-many-community", limit=limits.per_community)


def _insert(a: Acceptance) -> Steps[Rows]:
    """Answers the new row, or nothing when this request made a job before."""
    who, now = a.requester, millis(a.now)
    reserved = [[r.meter, r.unit, r.amount] for r in a.reserves]
    return (
        yield sql(
            "INSERT INTO jobs (id, request_key, version, state, open, surface, community, user_id, user_name,"
            " language, channel, within_json, priority, age_restricted, provider, model, order_json, credits, meters_json, parent,"
            " lease_owner, lease_until, created_at, deadline_at, due_at)"
            " VALUES (:id, :request_key, 1, :state, 1, :surface, :community, :user, :name, :language,"
            " :channel, :within, :priority, :age_restricted, :provider, :model, :order_json, :credits, :meters, :parent,"
            " :lease_owner, :lease_until, :now, :deadline, :now)"
            " ON CONFLICT (request_key) DO NOTHING RETURNING *",
            id=a.job,
            request_key=a.request_key,
            state=str(State.CLEARED if a.screened else State.ACCEPTED),
            surface=who.surface,
            community=who.community,
            user=who.user,
            name=who.name,
            language=who.language,
            channel=a.channel,
            within=to_json(a.within),
            priority=str(a.priority),
            age_restricted=int(a.age_restricted),
            provider=a.order.provider,
            model=a.order.model,
            order_json=order_to_json(a.order),
            credits=a.order.credits,
            meters=to_json(reserved),
            parent=a.parent,
            lease_owner=a.lease_owner,
            lease_until=millis(a.now + a.lease_s) if a.lease_owner else 0,
            now=now,
            deadline=millis(a.now + a.deadline_s),
        )
    )


def insert_message(message: Message) -> Steps[bool]:
    """Adds a message to be posted; answers whether it is new."""
    fresh = yield sql(
        "INSERT INTO messages (id, job, role, surface, address_json, author, tell, due_at)"
        " VALUES (:id, :job, :role, :surface, :address, :author, :tell, :due)"
        " ON CONFLICT (id) DO NOTHING RETURNING id",
        id=message.id,
        job=message.job,
        role=str(message.role),
        surface=message.address.surface,
        address=to_json(dict(message.address.data)),
        author=message.author,
        tell=int(message.tell),
        due=millis(message.due_at),
    )
    return bool(fresh)
