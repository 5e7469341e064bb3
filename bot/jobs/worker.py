"""The worker: claims jobs, keeps their leases, and carries each along its stages until it ends and is told."""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable

import structlog

from bot.config import WorkerSection
from bot.errors import LostJob, StoreBusy
from bot.jobs.delivery import Delivery
from bot.jobs.line import Line
from bot.jobs.model import Job, Move, State
from bot.jobs.pace import Pace
from bot.jobs.stages import Stages, Wait, Watch
from bot.store import Store
from bot.telemetry import Metrics

log = structlog.get_logger()

CLAIM_EVERY_S = 1.0
RENEW_EVERY_S = 3.0
_BUSY_PAUSE_S = 0.5
_CARRIED_MAX = 4_000  # jobs taken from the table at once; accepted ones are carried beyond it


class Worker:
    """Carries jobs. `only` limits it to one job, for a command that works on its own."""

    def __init__(
        self,
        *,
        store: Store,
        stages: Stages,
        delivery: Delivery,
        pace: Pace,
        settings: WorkerSection,
        metrics: Metrics,
        claims: bool = True,
        owner: str = "",
    ) -> None:
        self._store = store
        self._stages = stages
        self._delivery = delivery
        self._pace = pace
        self._settings = settings
        self._metrics = metrics
        self._claims = claims
        self.owner = owner or f"w-{secrets.token_hex(6)}"
        self.line = Line(settings.in_flight)
        self._carried: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()

    @property
    def lease_s(self) -> float:
        """How long a lease lasts."""
        return self._settings.lease_s

    def take(self, job: Job) -> None:
        """Begins to carry a job whose lease is ours."""
        if job.id in self._carried or self._stopping.is_set():
            return
        task = asyncio.create_task(self._carry(job), name=f"job-{job.id}")
        self._carried[job.id] = task
        task.add_done_callback(lambda _: self._carried.pop(job.id, None))

    def interrupt(self, job: str) -> None:
        """Somebody cancelled the job here: drop what is being done for it."""
        task = self._carried.get(job)
        if task is not None:
            task.cancel()

    async def run(self) -> None:
        """Claims and renews until stopped."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._every(RENEW_EVERY_S, self._renew))
            if self._claims:
                group.create_task(self._every(CLAIM_EVERY_S, self._claim))

    async def stop(self) -> None:
        """Takes nothing more, lets running stages finish within the grace time, leaves the rest resumable."""
        self._stopping.set()
        self.line.close()
        tasks = list(self._carried.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._settings.grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        with contextlib.suppress(StoreBusy):
            await self._store.leases.release(self.owner)

    async def _every(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping.is_set():
            try:
                await act()
            except StoreBusy as error:
                log.warning("the store is busy", problem=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _claim(self) -> None:
        room = _CARRIED_MAX - len(self._carried)
        if room <= 0:
            return
        jobs = await self._store.leases.claim(
            self.owner, now=self._store.now(), lease_s=self._settings.lease_s, limit=min(room, 500)
        )
        for job in jobs:
            if job.id in self._carried:
                continue
            log.info("taken over", job=job.id, state=str(job.state))
            self.take(job)

    async def _renew(self) -> None:
        self._metrics.in_flight.set(self.line.in_flight)
        self._metrics.waiting.set(self.line.waiting)
        if not self._carried:
            return
        carried = set(self._carried)
        mine = await self._store.leases.renew(
            self.owner, now=self._store.now(), lease_s=self._settings.lease_s
        )
        for job in carried - mine:
            task = self._carried.get(job)
            # Not ours any more, or ended a moment ago; a job that is closing ends by itself.
            if task is not None and await self._is_foreign(job):
                log.warning("the lease was lost", job=job)
                self._metrics.lost.inc()
                task.cancel()

    async def _is_foreign(self, job: str) -> bool:
        return await self._store.leases.holder(job) not in ("", self.owner)

    # ── One job ──────────────────────────────────────────────────────────────────────────────────────

    async def _carry(self, job: Job) -> None:
        try:
            await self._to_its_end(job)
            await self._until_told(job.id)
        except LostJob:
            self._metrics.lost.inc()
            self._delivery.note(job.id)
        except StoreBusy as error:
            log.warning("the store is busy: the job goes on later", job=job.id, problem=str(error))
            await self._give_back(job.id)
        except asyncio.CancelledError:
            raise
        except Exception:
            # A bug in a stage must not take the worker down; the lease lapses and the deadline ends the job.
            log.exception("a stage broke", job=job.id)
        finally:
            self.line.leave(job.id)
            self._pace.leave(job)

    async def _to_its_end(self, job: Job) -> None:
        watch = Watch()
        if job.state in (State.SUBMITTING, State.RENDERING):
            self.line.resume(job)
        if job.state is State.SUBMITTING:
            job = await self._move(job, await self._bounded(job, lambda: self._stages.recover(job)))
        while not job.state.ended:
            # Between "about to ask" and asking there is no stopping: it would leave a doubt for nothing.
            if self._stopping.is_set() and job.state is not State.SUBMITTING:
                return
            if not await self._until_due(job):
                return
            step = await self._bounded(job, lambda job=job: self._step(job, watch))  # type: ignore[misc]
            if isinstance(step, Wait):
                if not await self._sleep(min(step.seconds, job.deadline_at - self._store.now())):
                    return
                continue
            job = await self._move(job, step)

    async def _step(self, job: Job, watch: Watch) -> Move | Wait:
        match job.state:
            case State.ACCEPTED:
                return await self._stages.screen(job)
            case State.CLEARED:
                if not await self.line.enter(job):
                    return Wait(0)
                return await self._stages.start(job)
            case State.SUBMITTING:
                return await self._stages.submit(job)
            case _:
                return await self._look(job, watch)

    async def _look(self, job: Job, watch: Watch) -> Move | Wait:
        """Polls when it is time by what was learned of the model, within the provider's limit."""
        if watch.looks == 0 and not await self._sleep(await self._pace.wait_s(job, now=self._store.now())):
            return Wait(0)
        await self._pace.turn(job.order.provider)
        looked_at = self._store.now()
        step = await self._stages.watch(job, watch)
        if isinstance(step, Move) and step.to is State.FINISHED:
            await self._pace.learn(job, looked_at, unfinished_at=watch.unfinished_at)
        if isinstance(step, Wait):
            watch.unfinished_at = looked_at
            wait_s = await self._pace.wait_s(job, now=self._store.now())
            return Wait(max(step.seconds, wait_s))
        return step

    async def _bounded(self, job: Job, act: Callable[[], Awaitable[Move | Wait]]) -> Move | Wait:
        """Nothing outlives the job's deadline."""
        left_s = job.deadline_at - self._store.now()
        if left_s > 0:
            try:
                async with asyncio.timeout(left_s):
                    return await act()
            except TimeoutError:
                log.warning("the deadline passed", job=job.id, state=str(job.state))
        spent = job.state in (State.SUBMITTING, State.RENDERING)
        return Move(
            to=State.FAILED,
            capture=0,
            reason="failed-deadline",
            spent=spent,
            doubtful=job.state is State.SUBMITTING,
        )

    async def _move(self, job: Job, step: Move | Wait) -> Job:
        assert isinstance(step, Move)
        moved = await self._store.jobs.move(job, step, now=self._store.now())
        self._stages.remember(job, step, now=self._store.now())
        if moved.state not in (State.SUBMITTING, State.RENDERING):
            self.line.leave(job.id)
        if moved.state.ended:
            self._count(moved)
        if job.state is State.SUBMITTING and moved.state is State.FINISHED:
            await self._pace.learn(job, moved.ended_at or self._store.now())
        self._delivery.note(moved.id)
        return moved

    def _count(self, job: Job) -> None:
        self._metrics.jobs.labels(str(job.state), job.order.model).inc()
        self._metrics.captured.inc(job.captured_credits or 0)
        if job.ended_at is not None:
            self._metrics.duration.labels(job.order.model).observe(max(0.0, job.ended_at - job.created_at))
        log.info(
            "job ended", job=job.id, state=str(job.state), reason=job.reason, credits=job.captured_credits
        )

    async def _until_told(self, job: str) -> None:
        """Stays with an ended job until all its messages say so."""
        while (wait_s := await self._delivery.tell(job)) is not None:
            if not await self._sleep(min(wait_s, 60.0)):
                return

    async def _until_due(self, job: Job) -> bool:
        return await self._sleep(min(job.due_at, job.deadline_at) - self._store.now())

    async def _sleep(self, seconds: float) -> bool:
        """Sleeps; answers False when the worker stops meanwhile: the job stays as it is, resumable."""
        if seconds <= 0:
            return True
        if self._stopping.is_set():
            return False
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
            return False
        return True

    async def _give_back(self, job: str) -> None:
        await asyncio.sleep(_BUSY_PAUSE_S)
        with contextlib.suppress(StoreBusy):
            await self._store.leases.release(self.owner, [job])
