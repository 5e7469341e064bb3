"""Looks at operations: when what was learned says so, within the provider's limit, and when its service calls."""

from collections.abc import Callable

from bot.job import Job, Move
from bot.jobs.delivery import Delivery
from bot.jobs.ear import SLOWER, Ear
from bot.jobs.pace import Pace
from bot.jobs.pacing import LONG_S, TOGETHER_S
from bot.jobs.progress import Progress
from bot.jobs.stages import Stages
from bot.jobs.stopping import Stopping
from bot.jobs.times import Times
from bot.jobs.watch import Wait, Watch


class Looking:
    """One look at a time for whoever carries the job; what must be waited for long is left to them."""

    def __init__(
        self,
        *,
        stages: Stages,
        pace: Pace,
        delivery: Delivery,
        ear: Ear,
        stopping: Stopping,
        now: Callable[[], float],
    ) -> None:
        self._stages = stages
        self._pace = pace
        self._delivery = delivery
        self._ear = ear
        self._stopping = stopping
        self._now = now
        self.progress = Progress()

    async def called(self) -> set[str]:
        """The jobs whose service has called, and at which nobody has looked since. Raises StoreBusy."""
        return await self._ear.listen(self._now())

    def leave(self, job: Job) -> None:
        """Nobody here looks any more."""
        self._pace.leave(job.id)
        self._ear.leave(job)
        self.progress.leave(job.id)

    async def look(self, job: Job, watch: Watch, times: Times) -> Move | Wait:
        """Polls when it is time by what was learned of the model, within the provider's limit."""
        listens = self._stages.listens(job)
        if not watch.planned:
            watch.planned = True
            return await self._until_next(job, times, 0.0, listens=listens)
        if not watch.has_turn:
            wait_s = self._pace.take_turn(job.order.provider)
            watch.has_turn = wait_s >= LONG_S
            if watch.has_turn:
                return Wait(wait_s)
            if not await self._stopping.sleep(wait_s):
                return Wait(0)
        watch.has_turn = False
        self._ear.take(job)
        watch.looked_at, watch.looked_s = self._now(), times.drawn_s
        step = await self._stages.watch(job, watch)
        if isinstance(step, Move):
            return step
        watch.unfinished_s = watch.looked_s
        if step.pending is not None and self.progress.note(job.id, step.pending):
            self._delivery.refresh_soon(job.id)
        return await self._until_next(job, times, step.seconds, listens=listens)

    async def _until_next(self, job: Job, times: Times, least_s: float, *, listens: bool) -> Wait:
        """By the pace, and not before it is asked for; sooner where the job's service has called meanwhile."""
        wait_s = await self._pace.plan(job, drawn_s=times.drawn_s or 0.0)
        if wait_s >= LONG_S:
            wait_s -= TOGETHER_S / 2  # who is parked comes so much later in the mean
        if not listens:
            return Wait(max(least_s, wait_s))
        self._ear.expect(job)
        return Wait(0 if self._ear.take(job) else SLOWER * max(least_s, wait_s))
