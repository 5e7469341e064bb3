"""The one transaction that moves a job: its state, money, facts, and whether anything is left to do or show.

Locks are taken in one order everywhere: the job, its accounts, the meters, its messages.
"""

from typing import NamedTuple

from bot.errors import LostJob
from bot.job import ENDS, Asset, Job, Move, State
from bot.ports import Severity
from bot.store import events, holds, states
from bot.store.database import MAY_HAVE_HELD, Row, Rows, Steps, sql
from bot.store.rows import job_of, millis, moved_order, passed_line, reserved_of
from bot.story import KEPT_MOST, line_of_move

# A job that rests belongs to nobody and is claimed by nobody until then (Leases.rest). What is new is to be
# looked at now, by whoever is there; a lease that somebody holds stays as it is.
WAKE = "lease_until = CASE WHEN lease_owner = '' THEN 0 ELSE lease_until END"

# Kept beside what it tells of, so that it costs no statement of its own; a story that is full goes on untold.
ONE_MORE_LINE = f"story = CASE WHEN LENGTH(story) < {KEPT_MOST} THEN story || :line ELSE story END"


def move_job(job: Job, move: Move, *, now: float) -> Steps[Job]:
    """Moves it along one arrow. Raises LostJob when somebody else moved it first."""
    rows = yield from _write(job, move, now=now)
    if not rows:
        return (yield from _held_before(job, move, now=now))
    yield from _write_facts(job, move, now=now)
    if move.capture is not None:
        yield from holds.settle(job.id, move.capture, now=now)
        yield from correct_meters(rows[0], _billed_images(job, move) / job.order.images)
    behind = yield sql(
        "UPDATE messages SET due_at = :now WHERE job = :job AND key IS NOT NULL RETURNING given_up",
        now=millis(now),
        job=job.id,
    )
    if move.to in ENDS and all(message["given_up"] for message in behind):
        yield from close_when_told(job.id)  # else somebody is still to be told of this very move
    return job_of(rows[0], job.assets + move.assets, before=None if move.order is not None else job)


def _write(job: Job, move: Move, *, now: float) -> Steps[Rows]:
    """The job's own row; answers it, or nothing when somebody else moved it first."""
    asked = move.order or job.order
    order_json = yield from _order_json(job, move)
    rows = yield sql(
        "UPDATE jobs SET version = version + 1, state = :state, attempt = :attempt, tries = :tries,"
        " provider = :provider, model = :model, order_json = COALESCE(:order_json, order_json),"
        f" passed = passed || :passed, {ONE_MORE_LINE}, reason = :reason, detail = :detail, of_input = :of_input,"
        " seed = COALESCE(CAST(:seed AS BIGINT), seed),"
        " operation = CASE WHEN :fresh = 1 THEN NULL ELSE COALESCE(:operation, operation) END,"
        " doubtful = CASE WHEN :doubtful = 1 THEN 1 ELSE doubtful END,"
        " spoiler = CASE WHEN :spoiler = 1 THEN 1 ELSE spoiler END,"
        " submitted_at = COALESCE(CAST(:submitted AS BIGINT), submitted_at),"
        " ended_at = CAST(:ended AS BIGINT), captured_credits = CAST(:captured AS BIGINT),"
        # An uncertain submit that is repeated may have been billed each time: it adds up (ruling 4).
        " spent_credits = spent_credits + :spent, cost_usd_micros = cost_usd_micros + :cost,"
        " listed_usd_micros = listed_usd_micros + :listed,"
        f" pictures = :pictures, due_at = :due, {WAKE}"
        " WHERE id = :id AND version = :version RETURNING *",
        id=job.id,
        version=job.version,
        state=str(move.to),
        attempt=job.attempt + move.next_attempt,
        tries=0 if move.order is not None else job.tries + move.again,
        provider=asked.provider,
        model=asked.model,
        order_json=order_json,
        passed=passed_line(move.passed) if move.passed is not None else "",
        line=line_of_move(job, move, now=now),
        operation=move.operation,
        fresh=int(move.next_attempt),
        reason=move.reason,
        detail=move.detail[:1000],
        of_input=move.of_input,
        doubtful=int(move.doubtful),
        spoiler=int(move.spoiler),
        seed=move.seed,
        submitted=millis(now) if move.to is State.SUBMITTING else None,
        ended=millis(now) if move.to in ENDS else None,
        captured=move.capture,
        spent=_spent_credits(job, move),
        cost=_cost_usd_micros(job, move),
        listed=_listed_usd_micros(job, move),
        pictures=_pictures(move),
        due=millis(now + move.due_in_s),
    )
    return rows


def _order_json(job: Job, move: Move) -> Steps[str | None]:
    """The order as another route draws it; what a newer replica has written into it stays. None: as it was."""
    if move.order is None:
        return None
    stored = yield sql("SELECT order_json FROM jobs WHERE id = :id", id=job.id)
    return moved_order(stored[0]["order_json"] if stored else "{}", move.order)


def _write_facts(job: Job, move: Move, *, now: float) -> Steps[None]:
    """The pictures that came, and what the checks said."""
    for asset in move.assets:
        yield from _insert_asset(job.id, asset, now=now)
    yield from events.note_verdicts(
        move.verdicts,
        job.requester,
        job.order.said,
        move.pausing,
        now=now,
        job=job.id,
        channel=job.channel,
        private=job.order.private,
    )
    if move.to is State.WITHHELD or any(one.severity is Severity.WITHHOLD for one in move.verdicts):
        yield from events.note_withheld(job, now=now)


def _held_before(job: Job, move: Move, *, now: float) -> Steps[Job]:
    """The job as our own earlier drive left it; its millisecond is its mark. Raises LostJob for another's move."""
    rows: Rows = ()
    if (yield MAY_HAVE_HELD):  # a cut connection has hidden whether it did
        rows = yield sql(
            "SELECT * FROM jobs WHERE id = :id AND version = :version AND state = :state AND due_at = :due",
            id=job.id,
            version=job.version + 1,
            state=str(move.to),
            due=millis(now + move.due_in_s),
        )
    if not rows:
        raise LostJob(job.id)
    return job_of(rows[0], job.assets + move.assets)


def _spent_credits(job: Job, move: Move) -> int:
    if move.spent or move.doubtful:
        return job.order.credits
    return move.capture or 0


def _cost_usd_micros(job: Job, move: Move) -> int:
    return _listed_usd_micros(job, move) if move.cost_usd_micros is None else move.cost_usd_micros


def _listed_usd_micros(job: Job, move: Move) -> int:
    """What the price table says of what was billed."""
    return job.order.usd_micros_each * _billed_images(job, move)


def _pictures(move: Move) -> int:
    return sum(asset.role == "image" for asset in move.assets)


def _billed_images(job: Job, move: Move) -> int:
    """Those that came out, and those that were paid for and never shown."""
    order = job.order
    if move.spent or move.doubtful:
        return order.images
    paid = -(-(move.cost_usd_micros or 0) // order.usd_micros_each) if order.usd_micros_each else 0
    return min(order.images, max(_pictures(move), paid))


def correct_meters(row: Row, billed_share: float) -> Steps[None]:
    """What was reserved at accept becomes what was really spent."""
    spent = {"credits": int(row["spent_credits"]), "usd_micros": int(row["cost_usd_micros"])}
    for meter, unit, reserved in reserved_of(row):
        really = spent[unit] if unit in spent else round(reserved * billed_share)
        if really == reserved:
            continue
        yield sql(
            "UPDATE meters SET used = CASE WHEN used + :change < 0 THEN 0 ELSE used + :change END WHERE id = :id",
            change=really - reserved,
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


# ── What is left to do ───────────────────────────────────────────────────────────────────────────────


class Locked(NamedTuple):
    """A job that nobody else changes until we are done."""

    version: int = 0
    ended: bool = False
    carrier: str = ""  # who holds its lease, or held it last and may have died since


def lock_job(job: str) -> Steps[Locked]:
    """Makes whoever writes about this job wait for us; what is read after it is not stale."""
    rows = yield sql("SELECT version, state, lease_owner FROM jobs WHERE id = :job {for_update}", job=job)
    if not rows:
        return Locked()
    return Locked(int(rows[0]["version"]), rows[0]["state"] in ENDS, rows[0]["lease_owner"])


def close_when_told(job: str) -> Steps[None]:
    """Closes a job that has ended when all its messages say so. The job must be locked by us."""
    yield sql(
        "UPDATE jobs SET open = 0, lease_owner = '', lease_until = 0 WHERE id = :job AND open = 1"
        f" AND state IN {states.ENDED}"
        " AND NOT EXISTS (SELECT 1 FROM messages m"
        " WHERE m.job = :job AND m.given_up = 0 AND m.shown < jobs.version)",
        job=job,
    )
