"""Brings every message to what its job says, for every end, also after a restart. Reconciliation, not events.

The version guards the store, not the chat: one delivery at a time per job, the job read again after
each edit, and shown again until nothing is behind (design, ruling 6).
"""

import asyncio
import hashlib
import random
from collections.abc import Callable, Mapping

import structlog

from bot.errors import EaselError, ShowFailure, StoreBusy, SurfaceError
from bot.jobs.model import Job, Message
from bot.ports import Card, Handle, Surface
from bot.store import Store
from bot.telemetry import Metrics

log = structlog.get_logger()

SHOW_TIMEOUT_S = 45.0
TRIES_MAX = 14  # over about two hours; then the picture waits in the person's history
_BACK_OFF_S = (0.5, 1, 2, 5, 10, 20, 40, 80, 160, 300)

CardOf = Callable[[Job, Message], Card]


class Delivery:
    """Shows cards on surfaces; remembers what every message says."""

    def __init__(
        self,
        *,
        store: Store,
        surfaces: Mapping[str, Surface],
        card_of: CardOf,
        metrics: Metrics,
        rng: random.Random,
    ) -> None:
        self._store = store
        self._surfaces = surfaces
        self._card_of = card_of
        self._metrics = metrics
        self._rng = rng
        self._locks: dict[str, asyncio.Lock] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self.closing = False

    async def first(self, job: Job) -> None:
        """Posts the placeholder now, in the task of the person's request; what fails is tried again later."""
        await self._once(job.id, first=True)

    def note(self, job: str) -> None:
        """The job has changed: bring its messages up to date soon, in the background."""
        if self.closing:
            return
        if job in self._tasks:
            self._again.add(job)
            return
        task = asyncio.create_task(self._until_quiet(job), name=f"show-{job}")
        self._tasks[job] = task
        task.add_done_callback(lambda _: self._tasks.pop(job, None))

    async def tell(self, job: str) -> float | None:
        """Shows what is due of one job. Answers in how many seconds there is more to show, None for nothing."""
        return await self._once(job)

    async def aclose(self, grace_s: float) -> None:
        """Lets running edits finish for a while; what is left is shown after the next start."""
        self.closing = True
        tasks = list(self._tasks.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _until_quiet(self, job: str) -> None:
        while True:
            self._again.discard(job)
            try:
                await self._once(job)
            except StoreBusy as error:
                log.warning("the store is busy: the worker will show it", job=job, problem=str(error))
                return
            if job not in self._again:
                return

    async def _once(self, job_id: str, *, first: bool = False) -> float | None:
        lock = self._locks.setdefault(job_id, asyncio.Lock())
        try:
            async with lock:
                return await self._reconcile(job_id, first=first)
        finally:
            if not lock.locked():
                self._locks.pop(job_id, None)

    async def _reconcile(self, job_id: str, *, first: bool) -> float | None:
        while True:
            job = await self._store.jobs.get(job_id)
            if job is None:
                return None
            messages = await self._store.messages.of(job_id)
            behind = [m for m in messages if m.shown < job.version]
            now = self._store.now()
            due = [m for m in behind if m.due_at <= now or (first and m.handle is None)]
            if not due:
                return max(0.05, min(m.due_at for m in behind) - now) if behind else None
            for message in due:
                await self._show(job, message)

    async def _show(self, job: Job, message: Message) -> None:
        surface = self._surfaces.get(message.address.surface)
        if surface is None:
            # Another process has this surface; a terminal that is gone needs no telling.
            await self._elsewhere(job, message)
            return
        card = self._card_of(job, message)
        digest = _digest(card)
        if message.handle is not None and digest == message.digest:
            await self._shown(job, message, message.handle, digest)
            return
        try:
            handle = await self._on(surface, card, message)
        except SurfaceError as error:
            await self._failed(job, message, error)
            return
        self._metrics.shows.labels(surface.name, "ok").inc()
        if card.gone:
            await self._store.messages.drop(message)
            return
        await self._shown(job, message, handle, digest)

    async def _on(self, surface: Surface, card: Card, message: Message) -> Handle:
        """Shows the card, with every trouble as a SurfaceError."""
        try:
            async with asyncio.timeout(SHOW_TIMEOUT_S):
                return await surface.show(card, message.address, message.handle)
        except SurfaceError:
            raise
        except TimeoutError as error:
            raise SurfaceError("no answer in time", kind=ShowFailure.LATER) from error
        except EaselError as error:
            raise SurfaceError(str(error), kind=ShowFailure.LATER) from error
        except Exception as error:
            # A surface's bug must not stop the others' pictures: bounded tries, and loud.
            log.exception("a surface could not show a card", job=card.job, surface=surface.name)
            raise SurfaceError(type(error).__name__, kind=ShowFailure.LATER) from error

    async def _shown(self, job: Job, message: Message, handle: Handle, digest: str) -> None:
        await self._store.messages.shown(
            message, handle, version=job.version, digest=digest, now=self._store.now()
        )

    async def _failed(self, job: Job, message: Message, error: SurfaceError) -> None:
        self._metrics.shows.labels(message.address.surface, str(error.kind)).inc()
        fields = {"job": job.id, "surface": message.address.surface, "detail": error.detail}
        if error.kind is not ShowFailure.LATER:
            log.warning("a message can't be shown any more", kind=str(error.kind), **fields)
            await self._store.messages.give_up(message)
            return
        if message.tries >= TRIES_MAX:
            log.error("a message could not be shown", tries=message.tries, **fields)
            await self._store.messages.give_up(message)
            return
        wait_s = error.retry_after_s
        if wait_s is None:
            wait_s = _BACK_OFF_S[min(message.tries, len(_BACK_OFF_S) - 1)] * self._rng.uniform(0.8, 1.2)
        log.info("a message will be shown later", wait_s=round(wait_s, 1), **fields)
        await self._store.messages.put_off(message, due_at=self._store.now() + wait_s)

    async def _elsewhere(self, job: Job, message: Message) -> None:
        """Leaves it to a process that has the surface; gives up when none came for a day."""
        if self._store.now() - (job.ended_at or job.created_at) > 86_400:  # noqa: PLR2004 - a day
            await self._store.messages.give_up(message)
            return
        await self._store.messages.put_off(message, due_at=self._store.now() + 30)


def _digest(card: Card) -> str:
    """What a message says, without the version: equal cards need no edit."""
    facts = repr((
        card.phase, card.headline, card.sentence, card.prompt, card.facts, card.pictures, card.originals,
        card.actions, card.ready_at, card.spoiler, card.gone,
    ))  # fmt: skip
    return hashlib.sha256(facts.encode()).hexdigest()[:16]
