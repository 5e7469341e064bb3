"""The operator's office: all that happens, why it did, and what it cost. Looks; what it changes is the desk's to do.

Each look reads so much of the store at most, and says where that wasn't all.
"""

import re
from collections.abc import Mapping

from bot.abilities import Linked
from bot.community import quotas
from bot.configuration.settings import Quotas
from bot.errors import NotThere
from bot.job import Job, State
from bot.order.catalog import Catalog
from bot.order.openness import Fares, Openness
from bot.ports import Phase, Requester, Surface
from bot.process.lag import Lag, Minute
from bot.process.telemetry import Metrics
from bot.process.upkeep import Upkeep
from bot.provider import Provider
from bot.staff.desk import Desk, Granted
from bot.staff.insight import (
    Books,
    Day,
    Failures,
    Found,
    HourOf,
    LastHours,
    Money,
    RightNow,
    Service,
    percentile,
)
from bot.store import Store
from bot.store.ended import EDGES_S, MOST, Hour
from bot.store.overview import UnderWay
from bot.store.stories import Story

OPERATOR = Requester(
    surface=quotas.HOUSE_SURFACE, community=quotas.HOUSE_COMMUNITY, user="operator", moderator=True
)
OLDEST_MOST, NEWEST_MOST, MOVEMENTS_MOST = 12, 30, 25
HOUR_S, DAY_S = 3600.0, 86_400.0
ROWS_MOST = 200_000  # jobs that one page is made of
_TYPED_MOST = 300
_LIVE = frozenset(str(state) for state in State if state.live)
_JOB = re.compile(r"(?<![0-9a-z])[0-9a-hjkmnp-tv-z]{26}(?![0-9a-z])")


class Office:
    """What the operator looks at. The caller has made sure that it is the operator."""

    def __init__(  # noqa: PLR0913 - the rooms it looks into
        self,
        *,
        store: Store,
        desk: Desk,
        catalog: Catalog,
        openness: Openness,
        providers: Mapping[str, Provider],
        surfaces: Mapping[str, Surface],
        upkeep: Upkeep,
        metrics: Metrics,
        lag: Lag,
        quota: Quotas,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._openness = openness
        self._providers = providers
        self._surfaces = surfaces
        self._upkeep = upkeep
        self._metrics = metrics
        self._lag = lag
        self._quota = quota
        self._desk = desk

    @property
    def time_zone(self) -> str:
        """The operator's, by [quotas]."""
        return self._quota.time_zone

    def now(self) -> float:
        """Unix seconds by the store's clock."""
        return self._store.now()

    async def moment(self) -> RightNow:
        """What goes on now."""
        under_way = await self._store.overview.under_way()
        live = [one for one in under_way if one.state in _LIVE]
        return RightNow(
            at=self.now(),
            waiting=_jobs(live, Phase.WAITING),
            painting=_jobs(live, Phase.PAINTING),
            telling=sum(one.jobs for one in under_way) - sum(one.jobs for one in live),
            since=min((one.since for one in live), default=None),
            oldest=tuple(await self._store.overview.oldest(limit=OLDEST_MOST)),
            services=tuple(self._service(name, live) for name in self._providers),
            surfaces=dict(self._upkeep.troubles),
            lag=self._lag.minutes,
        )

    def _service(self, name: str, live: list[UnderWay]) -> Service:
        now, openness = self.now(), self._openness
        routes = [route for route in self._catalog.all_routes() if route.provider == name]
        fares = [(route.id, openness.fares(route, now)) for route in routes]
        here = [one for one in live if one.provider == name]
        credits_left, usd_left = self._metrics.balance(name)
        return Service(
            name=name,
            fares={one: count for one in Fares if (count := sum(fare is one for _, fare in fares))},
            trouble=tuple((model, fare) for model, fare in fares if fare in (Fares.OUT, Fares.DOUBTFUL)),
            painting=_jobs(here, Phase.PAINTING),
            waiting=_jobs(here, Phase.WAITING),
            credits_left=credits_left,
            usd_left=usd_left,
        )

    @property
    def lag(self) -> tuple[Minute, ...]:
        """How late this process's loop was in the last hour."""
        return self._lag.minutes

    async def pace(self, hours: int) -> LastHours:
        """The last so many hours, the present one among them; read day by day, newest first."""
        now = self.now()
        offset_s = quotas.offset_s(self.time_zone, now)
        last = int((now + offset_s) // HOUR_S)
        first = last - hours + 1
        ended: dict[int, list[Hour]] = {hour: [] for hour in range(first, last + 1)}
        read = 0
        until = now + 1
        while until > first * HOUR_S - offset_s and read < ROWS_MOST:
            since = max(first * HOUR_S - offset_s, until - DAY_S)
            rows = await self._store.ended.hours(since=since, until=until, offset_s=offset_s)
            for row in rows:
                ended.setdefault(row.hour, []).append(row)
            found = sum(row.jobs for row in rows)
            read += ROWS_MOST if found >= MOST else found
            until = since
        return LastHours(
            hours=tuple(_hour(alike, hour * HOUR_S - offset_s) for hour, alike in ended.items()),
            whole=read < ROWS_MOST,
        )

    async def money(self, days: int) -> Money:
        """What the last so many days brought, today among them; read day by day, newest first."""
        until = self.now() + 1
        found: list[Day] = []
        read = 0
        for ago in range(days):
            if read >= ROWS_MOST:
                break
            begins = quotas.day_start(self.time_zone, self.now(), days_ago=ago)
            rows = await self._store.ended.earned(since=begins, until=until)
            jobs = sum(one.jobs for one in rows)
            read += ROWS_MOST if jobs >= MOST else jobs
            found.append(Day(begins=begins, rows=tuple(rows)))
            until = begins
        return Money(days=tuple(found), usd_a_credit=self._quota.usd_a_credit, whole=read < ROWS_MOST)

    async def trouble(self, days: int) -> Failures:
        """Bad ends and refusals of the last so many days, and the newest bad ends."""
        now = self.now()
        since = now - days * DAY_S
        newest = await self._store.overview.newest(limit=NEWEST_MOST, bad=True)
        return Failures(
            causes=tuple(await self._store.ended.causes(since=since, until=now + 1)),
            verdicts=tuple(await self._store.ended.verdicts(since=since, until=now + 1)),
            refused=self._metrics.refusals(),
            newest=tuple(newest),
        )

    async def story(self, job: str) -> Story:
        """All that is kept of a job. Raises NotThere."""
        found = await self._store.stories.of(job)
        if found is None:
            raise NotThere
        return found

    async def link(self, job: Job) -> str:
        """Where its message stands, as far as this process can tell."""
        somebody = Requester(surface=job.requester.surface, community=job.requester.community, user="")
        return (await self._desk.links(somebody, [job.id])).get(job.id, "")

    async def find(self, typed: str) -> Found:
        """A job by its id or by the link of its message; else people, by an id or a part of a name."""
        text = typed.strip()[:_TYPED_MOST]
        if not text:
            return Found()
        for job in _JOB.findall(text.lower()):
            if await self._store.jobs.get(job) is not None:
                return Found(job=job)
        for name, surface in self._surfaces.items():
            key = surface.message_at(text) if isinstance(surface, Linked) else ""
            message = await self._store.messages.find(name, key) if key else None
            if message is not None:
                return Found(job=message.job)
        return Found(people=tuple(await self._store.overview.people(text)))

    async def books(self, who: Requester) -> Books:
        """Somebody's books; what a private picture was of is not told."""
        return Books(
            purse=await self._desk.books(who, movements=MOVEMENTS_MOST),
            jobs=tuple(await self._store.overview.of_person(who, limit=NEWEST_MOST)),
        )

    # ── What the operator does there ─────────────────────────────────────────────────────────────────

    async def grant(
        self, to: Requester, amount: int, *, memo: str, key: str, lasts_s: float | None = None
    ) -> Granted:
        """Gives credits, for so long or for good, once for a key. Raises NotAllowed for a bad amount."""
        return await self._desk.grant(OPERATOR, to, amount, memo=memo, key=key, lasts_s=lasts_s)

    async def take(self, of: Requester, amount: int, *, memo: str, key: str) -> Granted:
        """Takes back granted credits, at most what is available, once for a key."""
        return await self._desk.take(OPERATOR, of, amount, memo=memo, key=key)

    async def refund(self, job: str, *, memo: str) -> int:
        """Gives back what a picture cost, once. Answers how much. Raises NotThere."""
        return await self._desk.refund(OPERATOR, job, memo=memo)


def _jobs(rows: list[UnderWay], phase: Phase) -> int:
    return sum(one.jobs for one in rows if State(one.state).phase is phase)


def _hour(rows: list[Hour], begins: float) -> HourOf:
    finished = [row for row in rows if row.state == State.FINISHED]
    counts = [0] * (len(EDGES_S) + 1)
    for row in finished:
        counts[row.bucket] += row.jobs
    return HourOf(
        begins=begins,
        finished=sum(counts),
        bad=sum(row.jobs for row in rows) - sum(counts),
        half_s=percentile(counts, 0.5),
        most_s=percentile(counts, 0.95),
    )
