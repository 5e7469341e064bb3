"""A job's whole story: its row, its moves, its messages, its rows of the books, and what was said about it. Reads only."""

from dataclasses import dataclass

from bot.job import Job, Message
from bot.money import Transfer
from bot.store.audit import AuditLine, entry_of
from bot.store.database import Database, Row, Sql, Steps, sql
from bot.store.reading import get_job
from bot.store.rows import message_of, readable
from bot.story import Edit, StoryStep, edits_of, steps_of

_ROWS_MOST = 100  # of each kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """One row of the books. `account` is the person's; amounts are whole credits, times unix seconds."""

    kind: Transfer | str
    amount: int
    account: str
    actor: str
    memo: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMessage:
    """A message, and what became of each try to show it."""

    message: Message
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What moderators were told of."""

    kind: str
    at: float
    settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that is kept of one job."""

    job: Job
    listed_usd_micros: int  # what the price table says of what was drawn
    spent_credits: int  # against the community's budget
    steps: tuple[StoryStep, ...]
    messages: tuple[ShownMessage, ...]
    books: tuple[Entered, ...]
    audit: tuple[AuditLine, ...]
    events: tuple[Noted, ...]


class Stories:
    """Everything about one job, by indexes alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, job: str) -> Story | None:
        """None where there is no such job, or it can't be read here."""
        return await self._database.read(_story, job)


def _story(job_id: str) -> Steps[Story | None]:
    job = yield from get_job(job_id)
    if job is None:
        return None
    rows = yield sql("SELECT story, listed_usd_micros, spent_credits FROM jobs WHERE id = :job", job=job_id)
    messages = yield _newest("messages", "role", job_id)
    books = yield _newest("transfers", "at, id", job_id)
    audit = yield _newest("audit", "at, id", job_id)
    events = yield _newest("events", "at, id", job_id)
    return Story(
        job=job,
        listed_usd_micros=int(rows[0]["listed_usd_micros"]),
        spent_credits=int(rows[0]["spent_credits"]),
        steps=steps_of(rows[0]["story"]),
        messages=tuple(readable(messages, _shown)),
        books=tuple(_entered(row) for row in books),
        audit=tuple(entry_of(row) for row in audit),
        events=tuple(
            Noted(kind=row["kind"], at=row["at"] / 1000, settled=bool(row["settled"])) for row in events
        ),
    )


def _newest(table: str, order: str, job: str) -> Sql:
    return sql(f"SELECT * FROM {table} WHERE job = :job ORDER BY {order} LIMIT {_ROWS_MOST}", job=job)


def _shown(row: Row) -> ShownMessage:
    return ShownMessage(message=message_of(row), edits=edits_of(row["story"]))


def _entered(row: Row) -> Entered:
    house = str(row["debit"]).startswith("house:")
    return Entered(
        kind=Transfer(row["kind"]) if row["kind"] in list(Transfer) else str(row["kind"]),
        amount=int(row["amount"]),
        account=row["credit"] if house else row["debit"],
        actor=row["actor"],
        memo=row["memo"],
        at=row["at"] / 1000,
    )
