"""Who draws a job: the route that is open, the next after a known no, and what others learn of how it went."""

from collections.abc import Awaitable, Callable, Collection, Mapping

import structlog

from bot.errors import StoreBusy, Trouble
from bot.health import Health, Route
from bot.job import Job, Move
from bot.model import Model, Order
from bot.order.catalog import Catalog
from bot.order.elsewhere import elsewhere
from bot.order.openness import Openness
from bot.process.telemetry import Metrics
from bot.provider import Provider
from bot.store.health import Healths
from bot.store.outbox import Events

log = structlog.get_logger()

MODEL_CLOSED_S = 600.0  # how long a model that the key may not use is left out
BALANCE_PAUSE_S = 60.0  # how long a provider whose account is empty is left alone
_DAY_S = 86_400.0
KEY_DOUBT_S = 60.0  # how long others go before a provider that refuses our key

JobPermits = Callable[[Job], Awaitable[Callable[[Model], bool]]]  # which models the community of a job allows


class Routing:
    """Chooses routes, and keeps what is learned of them where all replicas see it."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        openness: Openness,
        providers: Mapping[str, Provider],
        healths: Healths,
        events: Events,
        permits: JobPermits,
        metrics: Metrics,
        clock: Callable[[], float],
    ) -> None:
        self._catalog = catalog
        self._openness = openness
        self._providers = providers
        self._healths = healths
        self._events = events
        self._permits = permits
        self._metrics = metrics
        self._clock = clock
        self._known: dict[Route, Health] = {}

    # ── Choosing ─────────────────────────────────────────────────────────────────────────────────────

    async def route(self, job: Job) -> Order | None:
        """The order as it is to be asked for now; None where nobody can draw it any more.

        Where everybody fails, who was to be asked is asked all the same: the order was taken, and there is nothing
        better. New orders are refused meanwhile.
        """
        order: Order | None = job.order
        passed = set(job.passed)
        while order is not None:
            route = (order.provider, order.model)
            if route not in passed and await self._may_go(order):
                return order
            passed.add(route)
            # Nobody was asked, so nobody said no: as when an order is made, the next default may draw.
            order = await self._elsewhere(job, order, passed, defaults=True)
        return job.order if job.route not in job.passed and self._is_there(job.order) else None

    async def after(self, job: Job, trouble: Trouble) -> Order | None:
        """The order for the next route, after a known no of this one."""
        without = job.order.provider if trouble in (Trouble.KEY, Trouble.BALANCE) else ""
        return await self._elsewhere(job, job.order, job.passed | {job.route}, without)

    async def _elsewhere(
        self,
        job: Job,
        order: Order,
        passed: Collection[Route],
        without: str = "",
        *,
        defaults: bool = False,
    ) -> Order | None:
        return elsewhere(
            self._catalog,
            order,
            now=self._clock(),
            passed=passed,
            permits=await self._permits(job),
            without=without,
            defaults=defaults,
        )

    async def _may_go(self, order: Order) -> bool:
        """Whether this route may be asked now. While its breaker is open only one may, and takes that place."""
        if not self._is_there(order):
            return False
        now, route = self._clock(), (order.provider, order.model)
        health = self._known.get(route, Health())
        if not health.opens:
            return True
        if health.bars(now):
            return False
        return await self._probe(route, now)

    def _is_there(self, order: Order) -> bool:
        """Whether the provider is configured, and the model has not ended.

        One that the configuration has lost meanwhile is asked as it was ordered: only the service knows.
        """
        offered = self._catalog.route(order.provider, order.model)
        ended = offered is not None and self._openness.has_ended(offered, self._clock())
        return order.provider in self._providers and not ended

    async def _probe(self, route: Route, now: float) -> bool:
        probed = await self._healths.probe(route, now=now)
        if probed is None:
            await self.refresh()
            return not self._known.get(route, Health()).opens
        log.info("a probe goes to a provider that failed", provider=route[0], model=route[1])
        self._learn(route, probed)
        return True

    # ── Learning ─────────────────────────────────────────────────────────────────────────────────────

    async def refresh(self) -> None:
        """Reads what all replicas know. Raises StoreBusy."""
        self._known = await self._healths.all()
        self._openness.set_health(self._known)
        for (provider, model), health in self._known.items():
            self._metrics.route_open.labels(provider, model).set(0 if health.opens else 1)

    async def learn(self, job: Job, move: Move) -> None:
        """What the outcome of a move means for the orders to come. A busy store costs the lesson, and nothing else."""
        now, openness = self._clock(), self._openness
        match move.trouble:
            case Trouble.MODEL_CLOSED:
                await self._tell(job, move.trouble, model=job.order.model)
                openness.close(job.order.model, until=now + MODEL_CLOSED_S, provider=job.order.provider)
            case Trouble.BALANCE:
                await self._tell(job, move.trouble)
                openness.pause(job.order.provider, until=now + BALANCE_PAUSE_S)
            case Trouble.KEY:
                await self._tell(job, move.trouble)
                openness.doubt(job.order.provider, until=now + KEY_DOUBT_S)
            case Trouble.BROKEN:
                await self._note(job.route, worked=False)
            case Trouble.BUSY | Trouble.ORDER | None:
                pass
        if move.worked and not self._known.get(job.route, Health()).clean:
            await self._note(job.route, worked=True)

    async def _tell(self, job: Job, trouble: Trouble, *, model: str = "") -> None:
        """What a person must mend at a service is told once a day, to the operator and to whom it concerns."""
        provider, now = job.order.provider, self._clock()
        thing = f"service:{provider}:{model}:{trouble}:{int(now // _DAY_S)}"
        try:
            await self._events.note_trouble(
                provider, model, str(trouble), thing=thing, now=now, since=now - _DAY_S
            )
        except StoreBusy:
            log.info("a service's trouble was not kept", provider=provider, model=model)

    async def _note(self, route: Route, *, worked: bool) -> None:
        try:
            before, after = await self._healths.note(route, worked=worked, now=self._clock())
        except StoreBusy:
            log.info("how a provider fares was not kept", provider=route[0], model=route[1])
            return
        self._learn(route, after)
        told = {"provider": route[0], "model": route[1]}
        if after.opens > before.opens:
            self._metrics.routes_opened.labels(*route).inc()
            log.error(
                "a provider keeps failing: the model is asked elsewhere, and tried again later",
                again_in_s=round(after.probe_at - self._clock()),
                **told,
            )
        elif before.opens and not after.opens:
            log.info("a provider that failed works again", **told)

    def _learn(self, route: Route, health: Health) -> None:
        self._known[route] = health
        self._openness.set_health(self._known)
        self._metrics.route_open.labels(*route).set(0 if health.opens else 1)
