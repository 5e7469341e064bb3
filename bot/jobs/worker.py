"""The worker: claims jobs, keeps their leases, and carries each along its stages until it ends and is told."""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

import structlog

from bot.configuration.settings import WorkerSection
from bot.errors import LostJob, StoreBusy
from bot.job import Job, Move, State
from bot.jobs.deadline import grant_last_look, within_deadline
from bot.jobs.delivery import Delivery
from bot.jobs.ear import EVERY_S, Ear
from bot.jobs.line import Line
from bot.jobs.looking import Looking
from bot.jobs.pace import Pace
from bot.jobs.pacing import LONG_S
from bot.jobs.parking import Parking
from bot.jobs.patience import patiently, pause_s
from bot.jobs.stages import Stages
from bot.jobs.stopping import Stopping
from bot.jobs.strays import Strays
from bot.jobs.times import Times
from bot.jobs.watch import Running, Wait, Watch
from bot.process.telemetry import Metrics
from bot.store import Store
from bot.store.leases import RESTS_MOST_S

log = structlog.get_logger()

CLAIM_EVERY_S = 1.0
RENEW_EVERY_S = 3.0
LINE_EVERY_S = 10.0
PLACES_EACH = 5  # of each surface, each time, whose place in line is shown anew: 30 edits a minute at most
_CARRIED_MAX = 4_000  # jobs taken from the table at once; accepted ones are carried beyond it
_WAIT_LEAST_S = 0.05  # a stage that asks for no wait must not spin
_REST_S = 10.0  # a message that is put off for longer needs no task and no lease meanwhile


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
        self._carried: dict[str, Running] = {}
        self._taken_over: set[str] = set()  # of those: which another process has had before
        self._strays = Strays()
        self._parking = Parking()
        self._stopping = Stopping()
        self._looking = Looking(
            stages=stages,
            pace=pace,
            delivery=delivery,
            ear=Ear(store.health),
            stopping=self._stopping,
            now=store.now,
        )
        self.progress = self._looking.progress
        self.trouble = ""  # why the database can't be written, since the last time it was tried
        delivery.when_ended(self.interrupt)

    @property
    def lease_s(self) -> float:
        """How long a lease lasts."""
        return self._settings.lease_s

    def take(self, job: Job) -> None:
        """Begins to carry a job whose lease is ours."""
        if job.id not in self._carried and not self._stopping.is_set():
            self._begin(job, after=None)

    def interrupt(self, job: Job) -> None:
        """Somebody ended the job: where it is carried here, drops what is done for it, and sees that its messages say so."""
        carried = self._carried.get(job.id)
        if carried is None or carried.moving or self._stopping.is_set():
            return
        task = carried.task
        self._drop(carried)
        self._begin(job, after=task)

    async def run(self) -> None:
        """Claims and renews until stopped."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._do_every(self._renew_every_s, self._renew))
            group.create_task(self._do_every(LINE_EVERY_S, self._say_places))
            group.create_task(self._do_every(EVERY_S, self._hear))
            group.create_task(self._fetch_parked())
            if self._claims:
                group.create_task(self._do_every(CLAIM_EVERY_S, self._claim))

    async def stop(self, grace_s: float | None = None) -> None:
        """Takes nothing more, lets running stages finish within the grace time, leaves the rest resumable."""
        grace_s = self._settings.grace_s if grace_s is None else grace_s
        self._stopping.set()
        self.line.close()
        self._parking.close()
        for carried in [one for one in self._carried.values() if one.parked_until is not None]:
            self._drop(carried)
        tasks = [carried.task for carried in self._carried.values() if carried.task is not None]
        if tasks:
            keeping = asyncio.create_task(self._keep(), name="keep-leases")
            _, late = await asyncio.wait(tasks, timeout=grace_s)
            for task in (*late, keeping):
                task.cancel()
            await asyncio.gather(*late, keeping, return_exceptions=True)
        with contextlib.suppress(StoreBusy):
            await self._store.leases.release(self.owner)

    # ── Leases ───────────────────────────────────────────────────────────────────────────────────────

    @property
    def _renew_every_s(self) -> float:
        return min(RENEW_EVERY_S, self._settings.lease_s / 3)

    async def _do_every(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping.is_set():
            try:
                await act()
                self.trouble = ""
            except StoreBusy as error:
                self.trouble = str(error)
                log.warning("the store is busy", problem=str(error))
            except Exception:
                # The others' pictures go on; what is broken is in the log each time.
                log.exception("the worker broke")
            await self._stopping.sleep(seconds)

    async def _keep(self) -> None:
        """While running stages finish, nobody else may take them for left."""
        while True:
            with contextlib.suppress(StoreBusy):
                await self._store.leases.renew(
                    self.owner, now=self._store.now(), lease_s=self._settings.lease_s
                )
            await asyncio.sleep(self._renew_every_s)

    async def _claim(self) -> None:
        room = _CARRIED_MAX - len(self._carried)
        if room <= 0:
            return
        jobs = await self._store.leases.claim(
            self.owner, now=self._store.now(), lease_s=self._settings.lease_s, limit=min(room, 500)
        )
        for job in jobs:
            carried = self._carried.get(job.id)
            if carried is None:
                log.info("taken over", job=job.id, state=str(job.state))
                self._taken_over.add(job.id)
                self.take(job)
            elif job.state.ended and job.version > carried.job.version:
                self.interrupt(job)  # Another process cancelled it.

    async def _say_places(self) -> None:
        """The places in line, to those who come next; the platforms' edits are for pictures first."""
        await asyncio.gather(*(self._delivery.refresh(job) for job in self.line.next_up(PLACES_EACH)))

    async def _renew(self) -> None:
        self._metrics.in_flight.set(self.line.in_flight)
        self._metrics.waiting.set(self.line.waiting)
        carried = set(self._carried)
        if not carried and not self._strays:
            return
        mine = await self._store.leases.renew(
            self.owner, now=self._store.now(), lease_s=self._settings.lease_s
        )
        for job in carried - mine:
            if running := self._carried.get(job):
                await self._look_after(job, running)
        if left := self._strays.renewed(mine - set(self._carried)):
            await self._store.leases.release(self.owner, left)

    async def _look_after(self, job: str, running: Running) -> None:
        """Not ours any more, or ended a moment ago, or while we ask; a job that is closing here ends by itself."""
        holder = await self._store.leases.holder(job)
        found = await self._store.jobs.get(job) if not holder and running.job.state.live else None
        if running is not self._carried.get(job):
            return
        if holder not in ("", self.owner):
            log.warning("the lease was lost", job=job)
            self._metrics.lost.inc()
            self._drop(running)
        elif found is not None and found.state.ended and found.version > running.job.version:
            self.interrupt(found)  # Another process has ended and told it, and nobody claims it any more.

    # ── One job ──────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, job: Job, *, after: asyncio.Task[None] | None) -> None:
        self._join(job)
        self._delivery.carry(job)
        times = Times.of(job, now=self._store.now())
        running = self._carried[job.id] = Running(job, times, was_over=job.state.ended)
        self._go_on(running, after=after)

    def _go_on(self, running: Running, *, after: asyncio.Task[None] | None = None) -> None:
        running.parked_until = None
        running.task = asyncio.create_task(self._carry(running, after), name=f"job-{running.job.id}")
        running.task.add_done_callback(partial(self._rested, running))

    def _rested(self, running: Running, task: asyncio.Task[None]) -> None:
        """A task has done what it could: its job is parked, or is carried no more."""
        if running.task is task:
            running.task = None
            if running.parked_until is None:
                self._forget(running)

    def _drop(self, running: Running) -> None:
        """Carries a job no further, whatever is being done for it."""
        running.parked_until = None
        if running.task is None:
            self._forget(running)
        else:
            running.task.cancel()

    def _forget(self, running: Running) -> None:
        job = running.job.id
        self.line.leave(job)
        self._looking.leave(running.job)
        if self._carried.get(job) is running:
            del self._carried[job]
            self._taken_over.discard(job)
            self._delivery.leave(job)

    def _join(self, job: Job) -> None:
        """Its number in the line is there before its card is made, so that the card can say it."""
        if job.state is State.CLEARED and job.due_at <= self._store.now():
            self.line.join(job)

    async def _fetch_parked(self) -> None:
        while not self._stopping.is_set():
            for until, job in await self._parking.take_due():
                carried = self._carried.get(job)
                if carried is not None and carried.parked_until == until:
                    self._go_on(carried)

    async def _hear(self) -> None:
        """Whose service has called is looked at now; who has a turn already comes by that."""
        for job in await self._looking.called():
            carried = self._carried.get(job)
            if carried is None or carried.parked_until is None or carried.watch is None:
                continue
            if not carried.watch.has_turn:
                self._go_on(carried)

    async def _carry(self, running: Running, after: asyncio.Task[None] | None) -> None:
        """Until the job has ended and is told, or has to wait for long."""
        if after is not None:
            await asyncio.wait([after])
        while (wait_s := await self._carry_through(running)) is not None:
            if wait_s >= LONG_S and not self._stopping.is_set():
                running.parked_until = self._parking.put(running.job.id, wait_s)
                return
            if not await self._stopping.sleep(wait_s):
                return

    async def _carry_through(self, running: Running) -> float | None:
        """Does what can be done now; answers in how many seconds to go on, None where nothing is left to do here.

        What breaks on the way is tried again; the deadline ends it.
        """
        job_id = running.job.id
        try:
            if running.breaks and running.watch is None:
                found = await self._ours(job_id)
                if found is None:
                    return None
                running.job, running.was_over = found, found.state.ended
                running.times.read_again(found, now=self._store.now())
            return await self._carry_to_end(running)
        except LostJob:
            # A cancel, another replica, or our own move whose answer was lost: the table knows.
            self._metrics.lost.inc()
        except StoreBusy as error:
            log.warning("the store is busy: the job goes on later", job=job_id, problem=str(error))
        except Exception:
            # A bug in a stage must not take the worker down, nor leave the job hanging.
            log.exception("a stage broke", job=job_id)
        self.line.leave(job_id)
        running.watch, running.breaks = None, running.breaks + 1
        return pause_s(running.breaks - 1)

    async def _ours(self, job: str) -> Job | None:
        """The job as it is now, None when it is somebody else's or told and closed."""
        if await self._store.leases.holder(job) != self.owner:
            return None
        return await self._store.jobs.get(job)

    async def _carry_to_end(self, running: Running) -> float | None:
        """The same; what breaks is raised. Where the worker stops before the end, the job is resumable."""
        watch = running.watch
        if watch is None:
            watch = running.watch = await self._found(running)
        while not (job := running.job).state.ended:
            # Between "about to ask" and asking there is no stopping: it would leave a doubt for nothing.
            if self._stopping.is_set() and not job.state.uncertain:
                return None
            wait_s = running.times.wait_s
            if wait_s > 0 and running.waited != job.version:
                running.waited = job.version
                return wait_s
            step = await within_deadline(running, partial(self._step, running, watch), self._metrics)
            if isinstance(step, Wait):
                return max(_WAIT_LEAST_S, min(step.seconds, running.times.left_s))
            await self._move(running, step, watch)
        return await self._tell(running)

    async def _found(self, running: Running) -> Watch:
        """What is to be known of a job that was taken, or read again; one that stands in doubt is cleared up."""
        job = running.job
        watch = Watch(found=job.state.asked, taken_over=job.id in self._taken_over)
        if job.state.asked:
            self.line.resume(job)
            watch.planned = watch.taken_over and await grant_last_look(running, self._store)
        if job.state.uncertain:
            step = await within_deadline(running, partial(self._stages.recover, job), self._metrics)
            assert isinstance(step, Move)
            await self._move(running, step, watch)
        return watch

    async def _step(self, running: Running, watch: Watch) -> Move | Wait:
        """The one thing to be done next, by the state; the type checker asks for a new state's."""
        job = running.job
        match job.state:
            case State.ACCEPTED:
                return await self._stages.screen(job, watch)
            case State.CLEARED:
                if not await self.line.enter(job):
                    return Wait(0)
                return await self._stages.start(job)
            case State.SUBMITTING:
                return await self._stages.submit(job, found=watch.found)
            case State.RENDERING:
                return await self._looking.look(job, watch, running.times)
            case State.FINISHED | State.REFUSED | State.FAILED | State.WITHHELD | State.CANCELLED:
                raise AssertionError("nothing is left to do for a job that has ended")

    async def _move(self, running: Running, step: Move, watch: Watch) -> None:
        job = running.job
        step, drawn_s = replace(step, looks=watch.take()), watch.looked_s or running.times.drawn_s
        with running.moves():
            moved = await patiently(
                lambda: self._store.jobs.move(job, step, now=self._store.now()), job=job.id
            )
            running.job = moved
        running.times.moved(step)
        await self._stages.remember(job, step)
        if not moved.state.asked:
            self.line.leave(job.id)
        if moved.state.ended:
            self._count(moved)
        self._join(moved)
        self._delivery.moved(moved)
        if moved.state is State.FINISHED and drawn_s is not None:
            await self._pace.learn(job.order.model, drawn_s, unfinished_s=watch.unfinished_s)

    def _count(self, job: Job) -> None:
        self._metrics.jobs.labels(str(job.state), job.order.model).inc()
        self._metrics.captured.inc(job.captured_credits or 0)
        if job.ended_at is not None:
            self._metrics.duration.labels(job.order.model).observe(max(0.0, job.ended_at - job.created_at))
        log.info(
            "job ended", job=job.id, state=str(job.state), reason=job.reason, credits=job.captured_credits
        )

    async def _tell(self, running: Running) -> float | None:
        """Stays with an ended job until all its messages say so; a long wait is nobody's."""
        job = running.job.id
        wait_s = await self._delivery.tell(job)
        if wait_s is None and running.was_over:
            if job in self._taken_over and await self._store.messages.show_again(job, now=self._store.now()):
                return await self._delivery.tell(job)  # An edit of who died may have come over what was told.
            await self._store.messages.close(job)
        elif wait_s is not None and wait_s > _REST_S:
            until = self._store.now() + min(wait_s, RESTS_MOST_S)
            await self._store.leases.rest(self.owner, job, until=until)
            return None
        return wait_s
