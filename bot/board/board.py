"""What stands in one community, followed as it changes: for a surface that draws its messages itself.

Whatever process moved a job, this one sees (job, version) in the store at its next look, so that two processes
behind one address show the same (ruling 10). Who comes back names the state that it has, and is told what differs.
"""

import asyncio
import contextlib
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from bot.errors import StoreBusy
from bot.job import Job, Message
from bot.ports import Requester
from bot.rights import may_see
from bot.studio.studio import Studio

log = structlog.get_logger()

SHOWN_MAX = 60  # jobs; the history has the rest
LOOK_EVERY_S = 0.4
PLACES_EVERY_S = 10.0
_REMEMBERED = 256  # states that somebody may come back with
_LINKS_NEW_S = 1800  # private links live an hour: halfway they are sent anew

Stamps = Mapping[str, str]  # message -> what it says, as far as its reader can tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A message with its job as they stand."""

    message: Message
    job: Job
    place: int = 0  # in line

    def stamp(self, now: float) -> str:
        """Changes with everything that would be drawn otherwise."""
        links = int(now // _LINKS_NEW_S) if self.job.order.private else 0
        return f"{self.job.version}.{int(self.message.tell)}.{links}.{self.place}"


class Board:
    """Looks at the store while somebody reads, and says when there is something new."""

    def __init__(self, studio: Studio, *, surface: str, community: str, news: Callable[[], None]) -> None:
        self._studio = studio
        self._where = (surface, community)
        self._news = news
        self._known: OrderedDict[str, Stamps] = OrderedDict()
        self._marked = asyncio.Event()
        self._looked = asyncio.Event()
        self._placed_at = 0.0
        self._looking: asyncio.Task[None] | None = None
        self.posted: dict[str, Posted] = {}

    # ── For who reads ────────────────────────────────────────────────────────────────────────────────

    def mark(self) -> None:
        """Something has changed here: look at once."""
        self._marked.set()

    def open(self) -> None:
        """Somebody reads now."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_on(), name="board")

    def close(self) -> None:
        """Nobody does any more: the store is left alone."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
            self._looked.clear()

    async def aclose(self) -> None:
        """Lets go of everybody who waits for the first look."""
        looking = self._looking
        self.close()
        self._looked.set()
        if looking is not None:
            await asyncio.gather(looking, return_exceptions=True)

    async def ready(self) -> None:
        """Waits until it knows what stands there."""
        await self._looked.wait()

    def seen_by(self, who: Requester) -> Stamps:
        """What this person can see now."""
        now = self._studio.now()
        return {name: p.stamp(now) for name, p in self.posted.items() if may_see(p.job, who)}

    def known(self, name: str) -> Stamps | None:
        """A state by the name that `remember` gave it."""
        return self._known.get(name)

    def remember(self, sees: Stamps) -> str:
        """The state's name: derived, so that any process that has had the same state knows it."""
        name = hashlib.sha256(json.dumps(sees, sort_keys=True).encode()).hexdigest()[:20]
        self._known[name] = sees
        self._known.move_to_end(name)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return name

    # ── Looking ──────────────────────────────────────────────────────────────────────────────────────

    async def _look_on(self) -> None:
        while True:
            self._marked.clear()
            try:
                if await self._look():
                    self._news()
                self._looked.set()
            except StoreBusy as error:
                log.warning("the board can't look at the store now", problem=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._marked.wait(), LOOK_EVERY_S)

    async def _look(self) -> bool:
        """Reads what stands there, and the jobs that have changed. Answers whether any has."""
        rows = await self._studio.board(*self._where, limit=SHOWN_MAX)
        jobs = await self._jobs({message.job: version for message, version in rows})
        before, now = self.posted, self._studio.now()
        due = now - self._placed_at >= PLACES_EVERY_S
        self._placed_at = now if due else self._placed_at
        self.posted = {
            m.id: Posted(
                message=m, job=jobs[m.job], place=self._place(jobs[m.job], before.get(m.id), due=due)
            )
            for m, _ in rows
            if m.job in jobs
        }
        return before.keys() != self.posted.keys() or any(
            before[name].stamp(now) != posted.stamp(now) for name, posted in self.posted.items()
        )

    def _place(self, job: Job, before: Posted | None, *, due: bool) -> int:
        """The place in line. While it waits, people see it move now and then, as in the chats."""
        if before is not None and before.place and before.job.version == job.version and not due:
            return before.place
        return self._studio.hints(job).place

    async def _jobs(self, versions: Mapping[str, int]) -> dict[str, Job]:
        jobs = {p.job.id: p.job for p in self.posted.values()}
        for name, version in versions.items():
            if name in jobs and jobs[name].version == version:
                continue
            found = await self._studio.look(name)
            if found is not None:
                jobs[name] = found
        return jobs
