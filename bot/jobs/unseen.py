"""What follows when a message can't be shown: never silence, and never because of one failure alone.

A failure that looks lasting is confirmed first. Confirmed before painting, the job is cancelled: nothing was
spent, and the hold goes back. While it is painted it goes on, and is shown when it is finished. A finished
picture that nobody can see is given back in credits, the operator's books say so, and it is tried again for a
week: obstacles go away. Every step can be repeated after a crash.
"""

import asyncio
import random
from collections.abc import Callable, Mapping

import structlog

from bot.cards.jobs import done_of, unseen_of
from bot.community.quotas import granted_fund
from bot.errors import LostJob, ShowFailure, SurfaceError
from bot.job import EXPIRED, Job, Message, Move, Snapshot, State
from bot.jobs.sayings import PUT_OFF_MOST_S
from bot.ports import MAIN, Phase, Surface
from bot.process.telemetry import Metrics
from bot.store import Store
from bot.words.words import Words

log = structlog.get_logger()

CONFIRM_S = 5.0  # between a failure that looks lasting and the try that confirms it
TRIES_MAX = 14  # with the back-off, about half an hour
GIVE_UP_AFTER_S = 2 * 3600.0  # of failures that look passing: then they are no more
LOST_PAUSES_S = (300.0, 1800.0, 7200.0, 21_600.0, 86_400.0)  # minutes, hours, a day
LOST_FOR_S = 7 * 86_400.0
PAINTING_PAUSE_S = 60.0  # the end is shown at once, where the message stands
TELL_TIMEOUT_S = 15.0
DONE_WITHIN_S = 86_400.0  # an end that is older is no news
_BACK_OFF_S = (0.5, 1, 2, 5, 10, 20, 40, 80, 160, 300)
_PAUSE_LEAST_S = 0.2


class Unseen:
    """Draws the consequences of failures, each once."""

    def __init__(
        self,
        *,
        store: Store,
        surfaces: Mapping[str, Surface],
        words: Words,
        metrics: Metrics,
        rng: random.Random,
    ) -> None:
        self._store = store
        self._surfaces = surfaces
        self._words = words
        self._metrics = metrics
        self._rng = rng
        self.interrupt: Callable[[Job], None] = lambda _job: None  # whoever carries jobs here hears of an end

    async def failed(self, job: Job, message: Message, error: SurfaceError) -> Snapshot | None:
        """What becomes of a message that could not be shown just now."""
        self._metrics.shows.labels(message.address.surface, str(error.kind)).inc()
        now = self._store.now()
        lasting = error.kind.lasting
        fields = {"job": job.id, "surface": message.address.surface, "detail": error.detail}
        if error.kind is ShowFailure.GONE and (job.deleted or message.gone):
            return await self._store.messages.drop(message)  # It is gone, as was wanted.
        if message.lost_at is not None:
            return await self._still_lost(job, message, now=now)
        if lasting and not message.refused:
            log.warning("a message can't be shown: once more", kind=str(error.kind), **fields)
            return await self._store.messages.put_off(message, due_at=now + CONFIRM_S, refused=True)
        if not lasting and not _long_enough(job, message, now=now):
            wait_s = self._back_off_s(message.tries, error.retry_after_s)
            log.info("a message will be shown later", wait_s=round(wait_s, 1), **fields)
            return await self._store.messages.put_off(message, due_at=now + wait_s)
        log.error("a message could not be shown", kind=str(error.kind), tries=message.tries, **fields)
        return await self._confirmed(job, message, error, now=now)

    async def nobody_here(self, job: Job, message: Message, *, installed: bool) -> Snapshot | None:
        """Its surface is nowhere: a terminal that is gone, or one that was not there for a day."""
        now = self._store.now()
        if not installed or (message.lost_at is not None and now - message.lost_at > LOST_FOR_S):
            return await self._store.messages.give_up(message)
        if message.lost_at is not None or job.state.live:
            pause_s = PUT_OFF_MOST_S if message.lost_at is None else LOST_PAUSES_S[-1]
            return await self._store.messages.put_off(message, due_at=now + pause_s)
        return await self._lose(job, message, now=now)

    async def _confirmed(
        self, job: Job, message: Message, error: SurfaceError, *, now: float
    ) -> Snapshot | None:
        match job.state.phase:
            case Phase.WAITING:
                return await self._cancel(job, message, error, now=now)
            case Phase.PAINTING if message.handle is None:
                # Nothing ever stood: who asked sees no placeholder, and would not know what to wait for.
                return await self._cancel(job, message, error, now=now)
            case Phase.PAINTING:
                # The end has other ways than an edit: whether nobody can see it, its own tries say.
                return await self._store.messages.put_off(message, due_at=now + PAINTING_PAUSE_S)
            case Phase.FINISHED | Phase.OVER:
                return await self._lose(job, message, now=now)

    async def _cancel(
        self, job: Job, message: Message, error: SurfaceError, *, now: float
    ) -> Snapshot | None:
        """Better no picture than one that nobody sees; what the message says then is tried once more."""
        spent = job.state in (State.SUBMITTING, State.RENDERING)
        move = Move(to=State.CANCELLED, capture=0, reason="failed-unseen", spent=spent, detail=error.detail)
        try:
            moved = await self._store.jobs.move(job, move, now=now)
        except LostJob:
            return await self._store.messages.told(job.id)
        self._metrics.jobs.labels(str(moved.state), moved.order.model).inc()
        self.interrupt(moved)  # another process that carries it learns of it when it claims again
        return await self._store.messages.told(message.job)

    async def _lose(self, job: Job, message: Message, *, now: float) -> Snapshot | None:
        """Nobody can see it now. What never stood and shows nothing isn't posted late; the rest is tried again."""
        pictured = job.state is State.FINISHED and bool(job.images)
        if job.deleted or message.gone or not (pictured or message.handle):
            await self._tell(job, message, now=now)
            return await self._store.messages.give_up(message)
        had = _had(job, message)
        paid = pictured and message.role == MAIN and not had
        if not had:
            self._metrics.undelivered.labels(message.address.surface).inc()
        fund = granted_fund(job.requester) if paid else None
        told = await self._store.messages.lose(message, job, fund, due_at=now + LOST_PAUSES_S[0], now=now)
        await self._tell(job, message, now=now)
        return told

    async def _still_lost(self, job: Job, message: Message, *, now: float) -> Snapshot | None:
        assert message.lost_at is not None
        await self._tell(job, message, now=now)
        if now - message.lost_at > LOST_FOR_S:
            return await self._store.messages.give_up(message)
        pause_s = LOST_PAUSES_S[min(message.tries + 1, len(LOST_PAUSES_S) - 1)]
        return await self._store.messages.put_off(message, due_at=now + pause_s)

    async def _tell(self, job: Job, message: Message, *, now: float) -> None:
        """Says it privately, once; what can't be said now is said with the next try."""
        if _had(job, message):
            return
        event = f"unseen:{message.id}"
        if not await self._say(event, job, message, unseen_of(job, self._words), now=now):
            await self._store.shared.unmark(event)

    async def done(self, job: Job, message: Message) -> None:
        """The message shows the end now: whoever wished it is told, at most once."""
        now = self._store.now()
        if now - (job.ended_at or now) < DONE_WITHIN_S:
            await self._say(f"done:{job.id}", job, message, done_of(job, self._words), now=now)

    async def _say(self, event: str, job: Job, message: Message, text: str, *, now: float) -> bool:
        """Answers False when it could not be said; who has cancelled or deleted it knows already."""
        surface = self._surfaces.get(message.address.surface)
        if surface is None or job.deleted or message.gone or job.reason in ("cancelled", EXPIRED):
            return True
        if not await self._store.shared.mark_seen(event, now=now, again_after_s=2 * LOST_FOR_S):
            return True
        try:
            async with asyncio.timeout(TELL_TIMEOUT_S):
                await surface.tell(message.address, text)
        except Exception as error:  # noqa: BLE001 - nobody can be told of it, and the message goes its way
            log.warning("a person could not be told", job=job.id, surface=surface.name, problem=repr(error))
            return False
        return True

    def _back_off_s(self, tries: int, retry_after_s: float | None) -> float:
        if retry_after_s is not None:
            return min(PUT_OFF_MOST_S, max(_PAUSE_LEAST_S, retry_after_s))
        return _BACK_OFF_S[min(tries, len(_BACK_OFF_S) - 1)] * self._rng.uniform(0.8, 1.2)


def _long_enough(job: Job, message: Message, *, now: float) -> bool:
    return message.tries >= TRIES_MAX and now - (job.ended_at or now) > GIVE_UP_AFTER_S


def _had(job: Job, message: Message) -> bool:
    """Whether the picture was seen, or told of when it could not be: that its message can't be edited is no loss, and no news."""
    if job.state is not State.FINISHED:
        return False
    return job.reason == EXPIRED or (message.handle is not None and message.handle.seen)
