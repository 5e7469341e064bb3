"""What an event is about, as it stands now: the picture, the refused words, and what is left to be done."""

import asyncio
from collections.abc import Collection, Mapping

import structlog

from bot.abilities import Rooms
from bot.cards.events import Matter
from bot.errors import SurfaceError
from bot.events import Event
from bot.job import Job
from bot.ports import MAIN, Requester, Surface
from bot.store import Store
from bot.store.audit import AuditLine

log = structlog.get_logger()

_LINK_TIMEOUT_S = 5.0


class Matters:
    """Looks events up."""

    def __init__(self, store: Store, surfaces: Mapping[str, Surface]) -> None:
        self._store = store
        self._surfaces = surfaces

    async def of(self, event: Event) -> Matter:
        """What it is about now. Raises StoreBusy."""
        job = await self._store.jobs.get(event.job) if event.job else None
        line = await self._store.audit.line(event.refusal) if event.refusal else None
        minors = job is not None and await self._store.audit.says_minors(job.id)
        return Matter(
            job=job,
            prompt=_words(job, line),
            sealed=job is not None and (job.order.private or minors),
            minors=minors,
            link=await self._link(job) if job is not None else "",
            refunded=job is not None and await self._store.ledger.is_refunded(job.id),
            blocked=bool(event.user) and await self._is_blocked(event),
            counts=line is not None and line.strike,
        )

    async def _is_blocked(self, event: Event) -> bool:
        who = Requester(surface=event.surface, community=event.community, user=event.user)
        return await self._store.communities.is_blocked(who, now=self._store.now())

    async def links(self, surface: str, jobs: Collection[str]) -> dict[str, str]:
        """Where people open the messages of these pictures, as far as that can be told."""
        found = await asyncio.gather(*(self._where(surface, job) for job in jobs))
        return {job: link for job, link in zip(jobs, found, strict=True) if link}

    async def _link(self, job: Job) -> str:
        return await self._where(job.requester.surface, job.id)

    async def _where(self, of: str, job: str) -> str:
        surface = self._surfaces.get(of)
        if not isinstance(surface, Rooms):
            return ""
        for message in await self._store.messages.of(job):
            if message.role == MAIN and message.handle is not None and not message.gone:
                try:
                    async with asyncio.timeout(_LINK_TIMEOUT_S):
                        return await surface.link(message.address, message.handle)
                except (SurfaceError, TimeoutError) as error:
                    log.info("where a message stands can't be told now", job=job, problem=str(error))
        return ""


def _words(job: Job | None, line: AuditLine | None) -> str:
    if job is not None:
        return "" if job.order.private or job.deleted else job.order.said
    return (line.prompt or "") if line is not None and not line.private else ""
