"""Brings every message to what its job says, for every end, also after a restart. Reconciliation, not events.

The version guards the store, not the chat: one delivery at a time per job, the job read again with the
record of each edit, and shown again until nothing is behind (ruling 6).
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from bot.abilities import GoesOn
from bot.errors import ShowFailure, StoreBusy
from bot.job import Job, Message, Showing, Snapshot
from bot.jobs.patience import patiently
from bot.jobs.sayings import (
    ELSEWHERE_S,
    SHOW_TIMEOUT_S,
    Said,
    digest_of,
    first_within_s,
    is_behind,
    is_due,
    left_to_the_worker,
    remembering,
    says_already,
    showing_of,
    surface_error_of,
    wait_s_of,
)
from bot.jobs.turns import Turns
from bot.jobs.unseen import Unseen
from bot.ports import MAIN, Card, Handle, Role, Surface
from bot.process.telemetry import Metrics
from bot.store import Store
from bot.words.words import Words

log = structlog.get_logger()

_FOREIGN_DAY_S = 86_400.0
_SOON_S = 15.0  # what is put off for longer is the worker's, or the next move's

CardOf = Callable[[Job, Message], Card]


@dataclass(frozen=True, slots=True)
class _Left:
    """How things stand when nothing more can be shown now."""

    told: Snapshot | None
    wait_s: float | None  # until there is more to show; None: nothing is behind


@dataclass(slots=True)
class _Carried:
    """A job that this process carries, with what it knows of its messages: saves looks at the store.

    Only a live job whose messages all say what they should is known; whatever went wrong, or was done
    by somebody else, is looked up.
    """

    job: Job
    messages: tuple[Message, ...] = ()
    said: dict[str, Said] = field(default_factory=dict)
    known: bool = False
    notes: int = 0  # how often somebody said that there is something to look at

    def told(self) -> Snapshot | None:
        return Snapshot(job=self.job, messages=self.messages) if self.known else None

    def learn(self, left: _Left, said: dict[str, Said]) -> None:
        if left.told is None or left.wait_s is not None:
            return
        if left.told.job.version > self.job.version:
            self.job = left.told.job
        self.messages, self.said, self.known = left.told.messages, said, not self.job.state.ended


class Delivery:
    """Shows cards on surfaces; remembers what every message says.

    `owner` is this process's worker: a message that was never posted is posted by the process that
    accepted it (`first`) or by the owner of the job's lease, by nobody else. `installed` are the surfaces
    that some process of the installation may have; others (a terminal that is gone) need no telling.
    """

    def __init__(  # noqa: PLR0913 - the rooms it works with
        self,
        *,
        store: Store,
        surfaces: Mapping[str, Surface],
        calm: Callable[[], Awaitable[None]],
        card_of: CardOf,
        words: Words,
        metrics: Metrics,
        rng: random.Random,
        owner: str = "",
        installed: Collection[str] = (),
    ) -> None:
        self._store = store
        self._surfaces = surfaces
        self._calm = calm  # first answers go before edits
        self._card_of = card_of
        self._metrics = metrics
        self.owner = owner
        self._installed = frozenset(installed)
        self._unseen = Unseen(store=store, surfaces=surfaces, words=words, metrics=metrics, rng=rng)
        self._turns = Turns()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stale: set[str] = set()  # to be refreshed by their tasks
        self._wake: dict[str, asyncio.Event] = {}
        self._carried: dict[str, _Carried] = {}
        self.closing = False

    # ── What others say to it ────────────────────────────────────────────────────────────────────────

    async def first(self, job: Job, message: Message) -> Showing:
        """Posts a new message now, in the task of the person's request; what fails is tried again later.

        Never raises: what was ordered is paid, and who hears that it went wrong would order and pay twice.
        """
        told = Snapshot(job=job, messages=(message,))
        left = _Left(told, ELSEWHERE_S)
        with left_to_the_worker(job.id):
            async with self._turns.of(job.id):
                left = await self._reconcile(job.id, told=told, first=message.role)
        if left.wait_s is not None and self.owner:
            self.note(job.id)
        return showing_of(left.told or told, message.role)

    def when_ended(self, interrupt: Callable[[Job], None]) -> None:
        """Who carries jobs here hears of one that was ended, because nobody would see it."""
        self._unseen.interrupt = interrupt

    async def showing(self, job: str, *, role: Role = MAIN) -> Showing:
        """What became of a message, as far as it can be known now."""
        try:
            told = await self._store.messages.told(job)
        except StoreBusy:
            return Showing.LATER
        return showing_of(told, role) if told is not None else Showing.POSTED

    def carry(self, job: Job) -> None:
        """This process moves the job from now on, and says so (`moved`) each time."""
        self._carried[job.id] = _Carried(job)

    def leave(self, job: str) -> None:
        """This process moves the job no more."""
        self._carried.pop(job, None)

    def moved(self, job: Job) -> None:
        """A job that is carried here has moved: shows it soon, where a card says something else now.

        An end is left to whoever carries the job: it stays until that is told.
        """
        carried = self._carried.get(job.id)
        if carried is not None:
            carried.job = job
        if job.state.ended:
            return
        if carried is None or not carried.known or not all(self._says(job, m) for m in carried.messages):
            self._begin(job.id)

    async def refresh(self, job: str) -> None:
        """Shows what has changed although the job hasn't: its place in line, how far its service is."""
        async with self._turns.of(job):
            carried = self._carried.get(job)
            told = carried.told() if carried is not None else None
            if carried is None or told is None or told.job.state.ended:
                return
            now = self._store.now()
            stale = [m for m in told.messages if is_due(m, now) and not self._says(told.job, m)]
            if stale and not await self._store.leases.carries(self.owner, told.job):
                return  # Another process has it now, or has ended and told it: what we know is old.
            carried.known = not stale
            for message in stale:
                await self._bring(told.job, message, {}, within_s=SHOW_TIMEOUT_S, first=False)
                self.note(job)

    def refresh_soon(self, job: str) -> None:
        """The same in the background: whoever looks at its operation waits for no edit."""
        self._stale.add(job)
        self._begin(job)

    async def standing(self, job: str, role: Role) -> Message | None:
        """Looks whether a message really stands; None when it is gone, and another can be made."""
        async with self._turns.of(job):
            told = await self._store.messages.told(job)
            message = next((m for m in told.messages if m.role == role), None) if told else None
            if told is None or message is None:
                return None
            if message.handle is None or message.gone:
                return await self._standing_yet(message)
            surface = self._surfaces.get(message.address.surface)
            return await self._look(surface, told.job, message) if surface else message

    async def _standing_yet(self, message: Message) -> Message | None:
        """One that is just being posted or removed, or never could be."""
        if message.given_up or message.lost_at is not None:
            await self._store.messages.drop(message)
            return None
        after = (await self._reconcile(message.job)).told
        return next((m for m in after.messages if m.role == message.role), None) if after else None

    async def _look(self, surface: Surface, job: Job, message: Message) -> Message | None:
        """Shows it once more, also where it says so already."""
        card = replace(self._card_of(job, message), forced=True)
        try:
            async with asyncio.timeout(SHOW_TIMEOUT_S):
                handle = await surface.show(card, message.address, message.handle)
        except Exception as error:  # noqa: BLE001 - each becomes a SurfaceError; what is none is logged whole
            if surface_error_of(error, job=job.id, surface=surface.name).kind is not ShowFailure.GONE:
                return message  # It can't be known now.
            await self._store.messages.drop(message)
            return None
        handle = remembering(handle, card, message.handle)
        await self._store.messages.shown(
            message, handle, version=job.version, digest=digest_of(card), now=self._store.now(), by=self.owner
        )
        return replace(message, handle=handle)

    def note(self, job: str) -> None:
        """Somebody changed something: brings the job's messages up to date soon, in the background."""
        carried = self._carried.get(job)
        if carried is not None:
            carried.known = False
            carried.notes += 1
        self._begin(job)

    def _begin(self, job: str) -> None:
        if self.closing:
            return
        if job in self._tasks:
            self._wake[job].set()
            return
        self._wake[job] = asyncio.Event()
        self._tasks[job] = asyncio.create_task(self._until_quiet(job), name=f"show-{job}")

    async def tell(self, job: str) -> float | None:
        """Shows what is due of one job. Answers in how many seconds there is more to show, None for nothing."""
        async with self._turns.of(job):
            return (await self._reconcile(job)).wait_s

    async def aclose(self, grace_s: float) -> None:
        """Lets running edits finish for a while; what is left is shown after the next start."""
        self.closing = True
        for wake in self._wake.values():
            wake.set()
        if tasks := list(self._tasks.values()):
            _, late = await asyncio.wait(tasks, timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _until_quiet(self, job: str) -> None:
        """Ends in the same breath as it forgets itself, so that no note falls between."""
        wake = self._wake[job]
        try:
            with left_to_the_worker(job):
                while True:
                    wake.clear()
                    if job in self._stale:
                        self._stale.discard(job)
                        await self.refresh(job)
                    wait_s = await self.tell(job)
                    if wake.is_set() and not self.closing:
                        continue
                    if wait_s is None or wait_s > _SOON_S or self.closing:
                        return
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(wake.wait(), wait_s)
        finally:
            del self._wake[job], self._tasks[job]
            self._stale.discard(job)

    # ── One job's messages ───────────────────────────────────────────────────────────────────────────

    async def _reconcile(self, job: str, *, told: Snapshot | None = None, first: Role | None = None) -> _Left:
        """Shows until nothing is behind that is due; from `told`, from what is known, or from the store."""
        carried, said = self._carried.get(job), dict[str, Said]()
        notes = carried.notes if carried is not None else 0
        if told is None and carried is not None and (told := carried.told()) is not None:
            said = carried.said
        if carried is not None:
            carried.known = False  # until all went well
        if told is None:
            told = await self._store.messages.told(job)
        if told is None:
            return _Left(None, None)
        left = await self._bring_all(told, said, first)
        if carried is not None and carried.notes == notes:
            carried.learn(left, said)
        return left

    async def _bring_all(self, told: Snapshot, said: dict[str, Said], first: Role | None) -> _Left:
        """Shows again until nothing is behind. `said` outlives each edit: a late one is told again."""
        while True:
            job = told.job
            behind = [m for m in told.messages if is_behind(job, m, said.get(m.id))]
            now = self._store.now()
            posting = [m for m in behind if m.role == first and self._can_post(m)]
            due = posting or [m for m in behind if is_due(m, now) or m.id in said]
            mine = [m for m in due if posting or await self._is_ours(job, m, now=now)]
            if not mine:
                return _Left(told, wait_s_of(behind, due, now))
            first = None
            for message in mine:
                within_s = first_within_s(message, now) if posting else SHOW_TIMEOUT_S
                after = await self._bring(job, message, said, within_s=within_s, first=bool(posting))
                told = after or told

    def _says(self, job: Job, message: Message) -> bool:
        if message.handle is None:
            return False
        card = self._card_of(job, message)
        return message.digest == digest_of(card) or self._goes_on(card, message)

    def _goes_on(self, card: Card, message: Message) -> bool:
        """Whether it says enough as it is. What has failed before is shown whatever it says."""
        if message.handle is None or message.tries or message.lost_at is not None:
            return False
        surface = self._surfaces.get(message.address.surface)
        return isinstance(surface, GoesOn) and surface.goes_on(card, message.handle)

    def _can_post(self, message: Message) -> bool:
        return message.handle is None and message.address.surface in self._surfaces

    async def _is_ours(self, job: Job, message: Message, *, now: float) -> bool:
        """Whether this process shows the message now; what nobody can show is ours, to give it up."""
        surface = message.address.surface
        if surface not in self._surfaces:
            # A terminal that is gone needs no telling; another process may have a surface that is installed.
            age_s = now - (job.ended_at or job.created_at)
            return surface not in self._installed or age_s > _FOREIGN_DAY_S
        if message.handle is not None:
            return True
        return bool(self.owner) and await self._store.leases.holder(job.id) == self.owner

    async def _bring(
        self, job: Job, message: Message, said: dict[str, Said], *, within_s: float, first: bool
    ) -> Snapshot | None:
        """Makes one message say what its job says, and records it; or puts it off, or gives it up.

        Answers how job and messages stood after the record; None where there was nothing to record.
        """
        before = said.pop(message.id, None)
        surface = self._surfaces.get(message.address.surface)
        if surface is None:
            return await self._unseen.nobody_here(
                job, message, installed=message.address.surface in self._installed
            )
        try:
            unsure = message.handle is not None and not message.digest  # what it says now
            card = replace(self._card_of(job, message), first=first and message.tries == 0, forced=unsure)
            digest = digest_of(card)
            if not job.state.ended and self._goes_on(card, message):
                said[message.id] = Said(job.version, message.gone, message.tell, digest)
                return None  # Nothing is sent, so nothing is recorded.
            handle = await self._show(surface, card, digest, message, before, within_s=within_s)
        except Exception as error:  # noqa: BLE001 - each becomes a SurfaceError; what is none is logged whole
            trouble = surface_error_of(error, job=job.id, surface=surface.name)
            return await self._unseen.failed(job, message, trouble)
        if handle is None:
            return await self._store.messages.drop(message)
        handle = remembering(handle, card, message.handle)
        if message.tell and job.state.ended and message.role == MAIN:
            await self._unseen.done(job, message)
        said[message.id] = Said(job.version, message.gone, message.tell, digest)
        if before is not None and before.digest == digest == message.digest and not job.state.ended:
            return None  # It says so already, and so does the record: the next edit brings the version along.
        shown = partial(self._store.messages.shown, message, handle, version=job.version, digest=digest)
        record = partial(shown, now=self._store.now(), known=job, by=self.owner, answers=first)
        # An edit may have gone over a newer one of another process, which only its record tells.
        return await (record() if message.handle is None else patiently(record, job=job.id))

    async def _show(
        self,
        surface: Surface,
        card: Card,
        digest: str,
        message: Message,
        before: Said | None,
        *,
        within_s: float,
    ) -> Handle | None:
        """The message's handle, None when it was removed. An edit that would change nothing isn't made."""
        if message.handle is not None and says_already(digest, message, before):
            return message.handle
        if message.handle is not None:
            await self._calm()
        async with asyncio.timeout(within_s):
            handle = await surface.show(card, message.address, message.handle)
        self._metrics.shows.labels(surface.name, "ok").inc()
        return None if card.gone else handle
