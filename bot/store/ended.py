"""What ended lately, summed up for the operator: durations by hour, money by route and community, bad ends by cause.

Each query reads a span of time by its index, and of that the newest rows up to a number: a big store is read no
longer than a small one. Whoever wants a long time asks day by day, so that others' reads come between.
"""

from dataclasses import dataclass

from bot.store import states
from bot.store.database import Database, Row, Steps, sql
from bot.store.rows import millis

MOST = 40_000  # jobs that one look reads
_LINES_MOST = 5_000
_HOUR_MS = 3_600_000
# Between them the percentiles are found: a tenth to a third more each time.
EDGES_S = (0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 40, 55, 75, 100, 140, 200, 300, 600, 1800)

_BUCKET = "CASE " + " ".join(
    f"WHEN took < {round(edge * 1000)} THEN {number}" for number, edge in enumerate(EDGES_S)
)
_BUCKET += f" ELSE {len(EDGES_S)} END"


def _lately(columns: str) -> str:
    return (
        f"(SELECT {columns} FROM jobs WHERE ended_at >= :since AND ended_at < :until"
        f" ORDER BY ended_at DESC LIMIT {MOST}) AS lately"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """An hour's jobs that ended alike. `hour` counts since 1970 in the zone that was asked for.

    `bucket` says how long finished ones took: the number of the first of EDGES_S that is longer.
    """

    hour: int
    state: str
    bucket: int
    jobs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """Jobs that ended, and their money: credits that were captured, and micros of a dollar that were paid."""

    provider: str
    model: str
    surface: str
    community: str
    jobs: int
    pictures: int
    credits: int
    usd_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why pictures did not come, how often, and one of them. `at` is unix seconds of the last."""

    state: str
    reason: str
    provider: str
    model: str
    times: int
    at: float
    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What was refused before it became an order, by which rule of which layer, how often, and when last."""

    category: str
    layer: str
    rule: str
    times: int
    at: float


class Ended:
    """Sums over what ended between two moments, unix seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hours(self, *, since: float, until: float, offset_s: float) -> list[Hour]:
        """How many ended in which hour, in which state, and how long they took."""

        def steps() -> Steps[list[Hour]]:
            rows = yield sql(
                f"SELECT (ended_at + :offset) / {_HOUR_MS} AS hour, state, {_BUCKET} AS bucket, COUNT(*) AS jobs"
                f" FROM {_lately('ended_at, state, ended_at - created_at AS took')}"
                f" GROUP BY 1, 2, 3 ORDER BY 1 LIMIT {_LINES_MOST}",
                since=millis(since),
                until=millis(until),
                offset=round(offset_s * 1000),
            )
            return [
                Hour(hour=int(r["hour"]), state=r["state"], bucket=int(r["bucket"]), jobs=int(r["jobs"]))
                for r in rows
            ]

        return await self._database.read(steps)

    async def earned(self, *, since: float, until: float) -> list[Earned]:
        """Money by route and community, the most credits first."""

        def steps() -> Steps[list[Earned]]:
            columns = (
                "ended_at, surface, community, provider, model, pictures, captured_credits, cost_usd_micros"
            )
            rows = yield sql(
                "SELECT provider, model, surface, community, COUNT(*) AS jobs, SUM(pictures) AS pictures,"
                " SUM(COALESCE(captured_credits, 0)) AS credits, SUM(cost_usd_micros) AS usd_micros"
                f" FROM {_lately(columns)} GROUP BY 1, 2, 3, 4 ORDER BY credits DESC, 1, 2, 3, 4 LIMIT {_LINES_MOST}",
                since=millis(since),
                until=millis(until),
            )
            return [_earned(row) for row in rows]

        return await self._database.read(steps)

    async def causes(self, *, since: float, until: float) -> list[Cause]:
        """How and why jobs ended without a picture, the most frequent first."""

        def steps() -> Steps[list[Cause]]:
            rows = yield sql(
                "SELECT state, reason, provider, model, COUNT(*) AS times, MAX(ended_at) AS at, MAX(id) AS job"
                f" FROM {_lately('id, ended_at, state, reason, provider, model')}"
                f" WHERE state NOT IN {states.FINISHED} GROUP BY 1, 2, 3, 4 ORDER BY times DESC, 1, 2, 3, 4 LIMIT 100",
                since=millis(since),
                until=millis(until),
            )
            return [
                Cause(
                    times=int(row["times"]),
                    at=row["at"] / 1000,
                    **{name: row[name] for name in ("state", "reason", "provider", "model", "job")},
                )
                for row in rows
            ]

        return await self._database.read(steps)

    async def verdicts(self, *, since: float, until: float) -> list[Verdicts]:
        """What moderation refused before it became an order, the most frequent first."""

        def steps() -> Steps[list[Verdicts]]:
            rows = yield sql(
                "SELECT category, layer, rule, COUNT(*) AS times, MAX(at) AS at FROM"
                " (SELECT at, action, severity, job, category, layer, rule FROM audit"
                f" WHERE at >= :since AND at < :until ORDER BY at DESC LIMIT {MOST}) AS lately"
                " WHERE action = 'verdict' AND severity = 'refuse' AND job IS NULL"
                " GROUP BY 1, 2, 3 ORDER BY times DESC, 1, 2, 3 LIMIT 100",
                since=millis(since),
                until=millis(until),
            )
            return [
                Verdicts(
                    category=row["category"],
                    layer=row["layer"],
                    rule=row["rule"],
                    times=int(row["times"]),
                    at=row["at"] / 1000,
                )
                for row in rows
            ]

        return await self._database.read(steps)


def _earned(row: Row) -> Earned:
    return Earned(
        provider=row["provider"],
        model=row["model"],
        surface=row["surface"],
        community=row["community"],
        jobs=int(row["jobs"]),
        pictures=int(row["pictures"] or 0),
        credits=int(row["credits"] or 0),
        usd_micros=int(row["usd_micros"] or 0),
    )
