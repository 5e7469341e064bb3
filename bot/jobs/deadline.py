"""Nothing that is done for a job outlives its deadline."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.errors import Trouble
from bot.job import Job, Move, State
from bot.jobs.watch import Wait
from bot.telemetry import Metrics

log = structlog.get_logger()


async def within_deadline(
    job: Job, act: Callable[[], Awaitable[Move | Wait]], *, now: float, metrics: Metrics
) -> Move | Wait:
    """What was done, or the end of a job whose time is over. `now` is unix seconds."""
    left_s = job.deadline_at - now
    scope = asyncio.timeout(left_s)
    if left_s > 0:
        try:
            async with scope:
                return await act()
        except TimeoutError:
            if not scope.expired():
                raise  # Somebody else's time-out, not the deadline.
    log.warning("the deadline passed", job=job.id, state=str(job.state))
    if job.state.uncertain:
        metrics.doubtful.inc()
    return Move(
        to=State.FAILED,
        capture=0,
        reason="failed-deadline",
        spent=job.state.asked,
        doubtful=job.state.uncertain,
        trouble=Trouble.BROKEN if job.state.asked else None,
    )
