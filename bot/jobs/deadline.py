"""Nothing that is done for a job outlives its deadline."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.errors import Trouble
from bot.job import Move, State
from bot.jobs.watch import Running, Wait
from bot.process.telemetry import Metrics
from bot.store import Store

log = structlog.get_logger()

ONCE_MORE_S = 30.0  # what a service has to say its last word
_REMEMBERED_S = 7 * 86_400.0


async def within_deadline(
    running: Running, act: Callable[[], Awaitable[Move | Wait]], metrics: Metrics
) -> Move | Wait:
    """What was done, or the end of a job whose time is over."""
    job, left_s = running.job, running.times.left_s
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


async def grant_last_look(running: Running, store: Store) -> bool:
    """Gives a job whose time was over when it was taken over one more look at its service, before it fails. Returns whether.

    The clock may have been set, or nobody was here for long; the picture may be there. Once for a job: its deadline
    ends also what breaks every process that looks.
    """
    event, now = f"late:{running.job.id}", store.now()
    if running.times.left_s > 0 or not await store.shared.mark_seen(
        event, now=now, again_after_s=_REMEMBERED_S
    ):
        return False
    running.times.give(ONCE_MORE_S)
    return True
