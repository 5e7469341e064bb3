"""Sums over jobs: credits and money by day and model, who uses most, what was refused and failed."""

from dataclasses import dataclass

from bot.store import states
from bot.store.database import Database, Row, Steps, sql
from bot.store.rows import EVER, millis

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DayUse:
    """One day and model. `day` counts days since 1970 in the community's time zone."""

    day: int
    model: str
    jobs: int
    pictures: int
    credits: int
    usd_micros: int
    refused: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteUse:
    """What one community had drawn by one provider's model, and what that cost the operator."""

    surface: str
    community: str
    provider: str
    model: str
    jobs: int
    pictures: int
    credits: int
    usd_micros: int  # what was paid: as the provider told, else by the price table
    listed_usd_micros: int  # by the price table alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """One person's share."""

    user: str
    name: str
    jobs: int
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one person used of one model."""

    user: str
    name: str
    model: str
    jobs: int
    pictures: int
    credits: int


class Usage:
    """Reports; they read only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_day(
        self,
        *,
        since: float,
        until: float = EVER,
        offset_s: float = 0,
        surface: str = "",
        community: str = "",
    ) -> list[DayUse]:
        """Days and models, newest first; `offset_s` shifts midnight. Empty names mean all communities."""

        def steps() -> Steps[list[DayUse]]:
            rows = yield sql(
                f"SELECT (created_at + :offset) / {_DAY_MS} AS day, model, COUNT(*) AS jobs,"
                " SUM(pictures) AS pictures,"
                " SUM(COALESCE(captured_credits, 0)) AS credits, SUM(cost_usd_micros) AS usd_micros,"
                f" SUM(CASE WHEN state IN {states.SAID_NO} THEN 1 ELSE 0 END) AS refused,"
                f" SUM(CASE WHEN state IN {states.FAILED} THEN 1 ELSE 0 END) AS failed"
                " FROM jobs WHERE created_at >= :since AND created_at < :until AND (:any_place = 1 OR"
                " (surface = :surface AND community = :community))"
                " GROUP BY 1, model ORDER BY 1 DESC, credits DESC, model",
                offset=int(offset_s * 1000),
                since=millis(since),
                until=millis(until),
                any_place=int(not surface),
                surface=surface,
                community=community,
            )
            return [_line(row) for row in rows]

        return await self._database.read(steps)

    async def by_route(self, *, since: float, surface: str = "", community: str = "") -> list[RouteUse]:
        """Communities, providers and models, the dearest first. Empty names mean all communities."""

        def steps() -> Steps[list[RouteUse]]:
            rows = yield sql(
                "SELECT surface, community, provider, model, COUNT(*) AS jobs, SUM(pictures) AS pictures,"
                " SUM(COALESCE(captured_credits, 0)) AS credits, SUM(cost_usd_micros) AS usd_micros,"
                " SUM(listed_usd_micros) AS listed_usd_micros"
                " FROM jobs WHERE created_at >= :since AND (:any_place = 1 OR"
                " (surface = :surface AND community = :community))"
                " GROUP BY surface, community, provider, model"
                " ORDER BY usd_micros DESC, surface, community, provider, model",
                since=millis(since),
                any_place=int(not surface),
                surface=surface,
                community=community,
            )
            return [_route_line(row) for row in rows]

        return await self._database.read(steps)

    async def top(
        self, *, since: float, surface: str = "", community: str = "", limit: int = 10
    ) -> list[Top]:
        """Who used most credits."""

        def steps() -> Steps[list[Top]]:
            rows = yield sql(
                "SELECT user_id, MAX(user_name) AS name, COUNT(*) AS jobs,"
                " SUM(COALESCE(captured_credits, 0)) AS credits FROM jobs"
                " WHERE created_at >= :since AND (:any_place = 1 OR"
                " (surface = :surface AND community = :community))"
                " GROUP BY surface, community, user_id ORDER BY credits DESC, user_id LIMIT :limit",
                since=millis(since),
                any_place=int(not surface),
                surface=surface,
                community=community,
                limit=limit,
            )
            return [
                Top(user=r["user_id"], name=r["name"], jobs=int(r["jobs"]), credits=int(r["credits"]))
                for r in rows
            ]

        return await self._database.read(steps)

    async def by_person(
        self, *, since: float, surface: str = "", community: str = "", limit: int = 200
    ) -> list[Spent]:
        """Who used which model, the most credits first."""

        def steps() -> Steps[list[Spent]]:
            rows = yield sql(
                "SELECT user_id, MAX(user_name) AS name, model, COUNT(*) AS jobs, SUM(pictures) AS pictures,"
                " SUM(COALESCE(captured_credits, 0)) AS credits FROM jobs"
                " WHERE created_at >= :since AND (:any_place = 1 OR"
                " (surface = :surface AND community = :community))"
                " GROUP BY surface, community, user_id, model"
                " ORDER BY credits DESC, user_id, model LIMIT :limit",
                since=millis(since),
                any_place=int(not surface),
                surface=surface,
                community=community,
                limit=limit,
            )
            return [
                Spent(
                    user=row["user_id"],
                    name=row["name"],
                    model=row["model"],
                    jobs=int(row["jobs"]),
                    pictures=int(row["pictures"] or 0),
                    credits=int(row["credits"]),
                )
                for row in rows
            ]

        return await self._database.read(steps)

    async def refused_prompts(self, *, since: float, surface: str = "", community: str = "") -> int:
        """Prompts that moderation refused before they made a job."""

        def steps() -> Steps[int]:
            rows = yield sql(
                # Several layers may have said no to one prompt.
                "SELECT COUNT(*) AS n FROM (SELECT DISTINCT surface, community, user_id, at, prompt FROM audit"
                " WHERE action = 'verdict' AND severity = 'refuse' AND job IS NULL AND at >= :since"
                " AND (:any_place = 1 OR (surface = :surface AND community = :community))) AS refused",
                since=millis(since),
                any_place=int(not surface),
                surface=surface,
                community=community,
            )
            return int(rows[0]["n"])

        return await self._database.read(steps)

    async def undelivered(self, *, since: float, surface: str = "", community: str = "") -> tuple[int, int]:
        """Finished pictures that could not be shown to anyone, and the credits that went back for them."""

        def steps() -> Steps[tuple[int, int]]:
            rows = yield sql(
                "SELECT COUNT(*) AS n, COALESCE(SUM(t.amount), 0) AS credits FROM audit a"
                " LEFT JOIN transfers t ON t.id = 'refund:' || a.job AND t.actor = 'easel'"
                " WHERE a.action = 'undelivered' AND a.at >= :since"
                " AND (:any_place = 1 OR (a.surface = :surface AND a.community = :community))",
                since=millis(since),
                any_place=int(not surface),
                surface=surface,
                community=community,
            )
            return int(rows[0]["n"]), int(rows[0]["credits"])

        return await self._database.read(steps)

    async def meter(self, meter: str) -> int:
        """What a cap's meter stands at."""

        def steps() -> Steps[int]:
            rows = yield sql("SELECT used FROM meters WHERE id = :id", id=meter)
            return int(rows[0]["used"]) if rows else 0

        return await self._database.read(steps)


def _route_line(row: Row) -> RouteUse:
    return RouteUse(
        surface=row["surface"],
        community=row["community"],
        provider=row["provider"],
        model=row["model"],
        jobs=int(row["jobs"]),
        pictures=int(row["pictures"] or 0),
        credits=int(row["credits"] or 0),
        usd_micros=int(row["usd_micros"] or 0),
        listed_usd_micros=int(row["listed_usd_micros"] or 0),
    )


def _line(row: Row) -> DayUse:
    numbers = ("day", "jobs", "pictures", "credits", "usd_micros", "refused", "failed")
    return DayUse(model=row["model"], **{name: int(row[name] or 0) for name in numbers})
