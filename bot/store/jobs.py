"""Jobs: accepted in one transaction with their hold and address, moved in one with their money."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.errors import LostJob, NotAllowed, TooFast, TooMany
from bot.jobs.model import ENDS, Asset, Job, Message, Move, State, assert_legal
from bot.ports import Address, Order, Requester
from bot.store import audit, ledger
from bot.store.database import Database, Row, Steps, sql
from bot.store.ledger import Fund
from bot.store.rows import asset_of, job_of, millis, order_to_json

_LIVE = "('accepted', 'cleared', 'submitting', 'rendering')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """A cap that takes part in a job: `amount` is reserved at accept and corrected when the job ends."""

    meter: str
    unit: str  # credits, usd_micros
    amount: int
    cap: int | None  # None only counts
    refusal: str = ""  # message id when the cap is reached


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
    first_show_s: float = 8.0  # how long the accepting process alone may post the first message


class Jobs:
    """The table of jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accept(self, acceptance: Acceptance) -> tuple[Job, bool]:
        """Makes the job with its hold, or finds the one that this request made before.

        Answers the job and whether it is new. Raises a Refusal: nothing was changed then.
        """
        return await self._database.write(_accept, acceptance)

    async def move(self, job: Job, move: Move, *, now: float) -> Job:
        """Moves a job along one arrow, with its money and facts. Raises LostJob when it was moved meanwhile."""
        assert_legal(job, move)
        return await self._database.write(_move, job, move, now=now)

    async def get(self, job: str) -> Job | None:
        """One job with its pictures."""
        return await self._database.read(_get, job)

    async def by_request(self, request_key: str) -> Job | None:
        """The job that a request has made, if it did."""

        def steps() -> Steps[Job | None]:
            rows = yield sql("SELECT id FROM jobs WHERE request_key = :key", key=request_key)
            return (yield from _get(rows[0]["id"])) if rows else None

        return await self._database.read(steps)

    async def recent(
        self, *, who: Requester | None = None, state: str | None = None, limit: int | None = None
    ) -> list[Job]:
        """Jobs, newest first: of one person or of all."""
        return await self._database.read(_recent, who, state, limit)

    async def history(self, who: Requester, *, limit: int, before: float | None = None) -> list[Job]:
        """A person's finished pictures that were not deleted, newest first."""

        def steps() -> Steps[list[Job]]:
            rows = yield sql(
                "SELECT * FROM jobs WHERE surface = :surface AND community = :community AND user_id = :user"
                " AND state = 'finished' AND deleted = 0 AND created_at < :before"
                " ORDER BY created_at DESC LIMIT :limit",
                surface=who.surface,
                community=who.community,
                user=who.user,
                before=millis(before) if before is not None else 2**53,
                limit=limit,
            )
            return (yield from with_assets(rows))

        return await self._database.read(steps)

    async def delete(self, job: str, *, now: float) -> list[str]:
        """Takes a picture out of the history and its messages; answers the keys of the files to remove."""

        def steps() -> Steps[list[str]]:
            found = yield sql(
                "UPDATE jobs SET deleted = 1, version = version + 1, open = 1, due_at = :now"
                " WHERE id = :job AND deleted = 0 RETURNING id",
                job=job,
                now=millis(now),
            )
            if not found:
                return []
            yield sql(
                "UPDATE messages SET due_at = :now, tries = 0 WHERE job = :job", job=job, now=millis(now)
            )
            gone = yield sql("DELETE FROM assets WHERE job = :job RETURNING key", job=job)
            return [row["key"] for row in gone]

        return await self._database.write(steps)

    async def forget(self, who: Requester, *, now: float) -> tuple[list[str], list[str]]:
        """Erases a person's prompts and pictures; the books keep the numbers. Answers jobs and file keys."""

        def steps() -> Steps[tuple[list[str], list[str]]]:
            person = {"surface": who.surface, "community": who.community, "user": who.user}
            of_person = "surface = :surface AND community = :community AND user_id = :user"
            rows = yield sql(f"SELECT * FROM jobs WHERE {of_person} AND ended_at IS NOT NULL", **person)
            jobs, keys = [], []
            for row in rows:
                blank = replace(job_of(row).order, prompt="", typed="", subject="", parameters={})
                yield sql(
                    "UPDATE jobs SET deleted = 1, version = version + 1, open = 1, due_at = :now,"
                    " order_json = :order_json, user_name = '', detail = '' WHERE id = :id",
                    id=row["id"],
                    now=millis(now),
                    order_json=order_to_json(blank),
                )
                yield sql(
                    "UPDATE messages SET due_at = :now, tries = 0 WHERE job = :id",
                    id=row["id"],
                    now=millis(now),
                )
                gone = yield sql("DELETE FROM assets WHERE job = :id RETURNING key", id=row["id"])
                jobs.append(row["id"])
                keys += [g["key"] for g in gone]
            yield sql(f"UPDATE audit SET prompt = NULL WHERE {of_person}", **person)
            return jobs, keys

        return await self._database.write(steps)

    async def asset(self, key: str) -> tuple[Asset, Job] | None:
        """A picture and the job that it belongs to."""

        def steps() -> Steps[tuple[Asset, Job] | None]:
            rows = yield sql("SELECT * FROM assets WHERE key = :key", key=key)
            if not rows:
                return None
            job = yield from _get(rows[0]["job"])
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
    known = yield sql("SELECT id FROM jobs WHERE request_key = :key", key=a.request_key)
    if known:
        job = yield from _get(known[0]["id"])
        assert job is not None
        return job, False
    # Opening locks this person's accounts, so that two requests of one person stand in line here.
    accounts = yield from ledger.open_accounts(a.requester, a.funds, now=a.now)
    known = yield sql("SELECT id FROM jobs WHERE request_key = :key", key=a.request_key)
    if known:
        job = yield from _get(known[0]["id"])
        assert job is not None
        return job, False
    yield from _check_block(a)
    yield from _check_limits(a)
    yield from _reserve(a.reserves)
    yield from _insert(a)
    yield from ledger.hold(a.job, a.order.credits, a.funds, accounts, now=a.now)
    job = yield from _get(a.job)
    assert job is not None
    return job, True


def _check_block(a: Acceptance) -> Steps[None]:
    who = a.requester
    rows = yield sql(
        "SELECT reason, until FROM blocks WHERE surface = :surface AND community = :community"
        " AND user_id = :user AND (until IS NULL OR until > :now)",
        surface=who.surface,
        community=who.community,
        user=who.user,
        now=millis(a.now),
    )
    if rows:
        until = rows[0]["until"]
        raise NotAllowed("blocked", why=rows[0]["reason"], until=until / 1000 if until else None)


def _check_limits(a: Acceptance) -> Steps[None]:
    who, limits = a.requester, a.limits
    person = {"surface": who.surface, "community": who.community, "user": who.user}
    if limits.cooldown_s:
        rows = yield sql(
            "SELECT MAX(created_at) AS last FROM jobs"
            " WHERE surface = :surface AND community = :community AND user_id = :user",
            **person,
        )
        last = rows[0]["last"]
        if last is not None and (wait := last / 1000 + limits.cooldown_s - a.now) > 0:
            raise TooFast(seconds=max(1, round(wait)))
    if limits.per_requester:
        rows = yield sql(
            "SELECT COUNT(*) AS n FROM jobs WHERE open = 1 AND surface = :surface"
            f" AND community = :community AND user_id = :user AND state IN {_LIVE}",
            **person,
        )
        if rows[0]["n"] >= limits.per_requester:
            raise TooMany("too-many-mine", limit=limits.per_requester)
    if limits.per_community:
        del person["user"]
        # The row is a turnstile: replicas count one after the other.
        yield sql(
            "INSERT INTO meters (id, used) VALUES (:id, 0) ON CONFLICT (id) DO UPDATE SET used = meters.used",
            id=f"turnstile:{who.surface}:{who.community}",
        )
        rows = yield sql(
            "SELECT COUNT(*) AS n FROM jobs WHERE open = 1 AND surface = :surface"
            f" AND community = :community AND state IN {_LIVE}",
            **person,
        )
        if rows[0]["n"] >= limits.per_community:
            raise TooMany("too-many-community", limit=limits.per_community)


def _reserve(reserves: Sequence[Reserve]) -> Steps[None]:
    for reserve in sorted(reserves, key=lambda r: r.meter):
        cap = reserve.cap if reserve.cap is not None else 2**62
        rows = yield sql(
            "INSERT INTO meters (id, used) VALUES (:id, :amount) ON CONFLICT (id) DO UPDATE"
            " SET used = meters.used + :amount WHERE meters.used + :amount <= :cap RETURNING used",
            id=reserve.meter,
            amount=reserve.amount,
            cap=cap,
        )
        if not rows or reserve.amount > cap:
            raise NotAllowed(reserve.refusal)


def _insert(a: Acceptance) -> Steps[None]:
    who, now = a.requester, millis(a.now)
    meters = [[r.meter, r.unit, r.amount] for r in a.reserves]
    yield sql(
        "INSERT INTO jobs (id, request_key, version, state, open, surface, community, user_id, user_name,"
        " language, channel, age_restricted, provider, model, order_json, credits, meters_json, parent,"
        " lease_owner, lease_until, created_at, deadline_at, due_at)"
        " VALUES (:id, :request_key, 1, 'accepted', 1, :surface, :community, :user, :name, :language,"
        " :channel, :age_restricted, :provider, :model, :order_json, :credits, :meters, :parent,"
        " :lease_owner, :lease_until, :now, :deadline, :now)",
        id=a.job,
        request_key=a.request_key,
        surface=who.surface,
        community=who.community,
        user=who.user,
        name=who.name,
        language=who.language,
        channel=a.channel,
        age_restricted=int(a.age_restricted),
        provider=a.order.provider,
        model=a.order.model,
        order_json=order_to_json(a.order),
        credits=a.order.credits,
        meters=json.dumps(meters),
        parent=a.parent,
        lease_owner=a.lease_owner,
        lease_until=millis(a.now + a.lease_s) if a.lease_owner else 0,
        now=now,
        deadline=millis(a.now + a.deadline_s),
    )
    if a.address is not None:
        yield from insert_message(
            Message(job=a.job, address=a.address, due_at=a.now + a.first_show_s),
        )


def insert_message(message: Message) -> Steps[bool]:
    """Adds a message to be posted; answers whether it is new."""
    fresh = yield sql(
        "INSERT INTO messages (id, job, role, surface, address_json, due_at)"
        " VALUES (:id, :job, :role, :surface, :address, :due) ON CONFLICT (id) DO NOTHING RETURNING id",
        id=message.id,
        job=message.job,
        role=message.role,
        surface=message.address.surface,
        address=json.dumps(dict(message.address.data), ensure_ascii=False),
        due=millis(message.due_at),
    )
    return bool(fresh)


# ── Move ─────────────────────────────────────────────────────────────────────────────────────────────


def _move(job: Job, move: Move, *, now: float) -> Steps[Job]:
    ends = move.to in ENDS
    rows = yield sql(
        "UPDATE jobs SET version = version + 1, state = :state, attempt = :attempt, tries = :tries,"
        " operation = COALESCE(:operation, operation), reason = :reason, detail = :detail,"
        " doubtful = CASE WHEN :doubtful = 1 THEN 1 ELSE doubtful END,"
        " spoiler = CASE WHEN :spoiler = 1 THEN 1 ELSE spoiler END,"
        " submitted_at = COALESCE(CAST(:submitted AS BIGINT), submitted_at),"
        " ended_at = CAST(:ended AS BIGINT), captured_credits = CAST(:captured AS BIGINT),"
        " spent_credits = :spent, cost_usd_micros = :cost, due_at = :due,"
        " open = CASE WHEN :ends = 0 OR EXISTS (SELECT 1 FROM messages WHERE job = :id) THEN 1 ELSE 0 END"
        " WHERE id = :id AND version = :version RETURNING *",
        id=job.id,
        version=job.version,
        state=str(move.to),
        attempt=job.attempt + move.next_attempt,
        tries=job.tries + move.again,
        operation=move.operation,
        reason=move.reason,
        detail=move.detail[:1000],
        doubtful=int(move.doubtful),
        spoiler=int(move.spoiler),
        submitted=millis(now) if move.to is State.SUBMITTING else None,
        ended=millis(now) if ends else None,
        captured=move.capture,
        spent=_spent_credits(job, move),
        cost=_cost_usd_micros(job, move),
        due=millis(now + move.due_in_s),
        ends=int(ends),
    )
    if not rows:
        raise LostJob(job.id)
    for asset in move.assets:
        yield from _insert_asset(job.id, asset, now=now)
    for verdict in move.verdicts:
        yield from audit.insert_verdict(
            verdict, job.requester, job.order.subject, now=now, job=job.id, channel=job.channel
        )
    if move.capture is not None:
        yield from ledger.settle(job.id, move.capture, now=now)
        yield from _correct_meters(rows[0])
    yield sql(
        "UPDATE messages SET due_at = :now WHERE job = :job AND key IS NOT NULL", now=millis(now), job=job.id
    )
    return job_of(rows[0], job.assets + move.assets)


def _spent_credits(job: Job, move: Move) -> int:
    if move.spent or move.doubtful:
        return job.order.credits
    return move.capture or 0


def _cost_usd_micros(job: Job, move: Move) -> int:
    if move.cost_usd_micros is not None:
        return move.cost_usd_micros
    if move.spent or move.doubtful:
        return job.order.usd_micros_each * job.order.images
    return job.order.usd_micros_each * sum(a.role == "image" for a in move.assets)


def _correct_meters(row: Row) -> Steps[None]:
    """What was reserved at accept becomes what was really spent."""
    spent = {"credits": int(row["spent_credits"]), "usd_micros": int(row["cost_usd_micros"])}
    for meter, unit, reserved in sorted(json.loads(row["meters_json"])):
        yield sql(
            "UPDATE meters SET used = CASE WHEN used + :change < 0 THEN 0 ELSE used + :change END WHERE id = :id",
            change=spent[unit] - reserved,
            id=meter,
        )


def _insert_asset(job: str, asset: Asset, *, now: float) -> Steps[None]:
    yield sql(
        "INSERT INTO assets (key, job, role, idx, media_type, width, height, size_bytes, sha256, created_at)"
        " VALUES (:key, :job, :role, :idx, :media_type, :width, :height, :size, :sha256, :now)"
        " ON CONFLICT (key) DO NOTHING",
        key=asset.key,
        job=job,
        role=asset.role,
        idx=asset.index,
        media_type=asset.media_type,
        width=asset.width,
        height=asset.height,
        size=asset.size_bytes,
        sha256=asset.sha256,
        now=millis(now),
    )


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────


def _get(job: str) -> Steps[Job | None]:
    rows = yield sql("SELECT * FROM jobs WHERE id = :id", id=job)
    found = yield from with_assets(rows)
    return found[0] if found else None


def with_assets(rows: Sequence[Row]) -> Steps[list[Job]]:
    """Jobs' rows with their pictures."""
    jobs = []
    for row in rows:
        assets = yield sql("SELECT * FROM assets WHERE job = :job ORDER BY role, idx", job=row["id"])
        jobs.append(job_of(row, tuple(asset_of(a) for a in assets)))
    return jobs


def _recent(who: Requester | None, state: str | None, limit: int | None) -> Steps[list[Job]]:
    rows = yield sql(
        "SELECT * FROM jobs WHERE (:anyone = 1 OR"
        " (surface = :surface AND community = :community AND user_id = :user))"
        " AND (:any_state = 1 OR state = :state) ORDER BY created_at DESC, id DESC LIMIT :limit",
        anyone=int(who is None),
        surface=who.surface if who else "",
        community=who.community if who else "",
        user=who.user if who else "",
        any_state=int(state is None),
        state=state or "",
        limit=limit if limit is not None else 2**31,
    )
    return [job_of(row) for row in rows]
