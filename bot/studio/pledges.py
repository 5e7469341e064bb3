"""Who is told that they must wait is told again when nothing comes of it: what was said outlives a kill.

Between what was said and the order there is a time in which nothing of ours knows of it. So it is noted; whoever looks
a minute later finds the order, or says in its place that there is none.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

from bot.errors import EaselError, StoreBusy
from bot.notices import Notice
from bot.ports import Ask, Tell, say_nothing
from bot.store import Store

log = structlog.get_logger()

IN_VAIN_AFTER_S = 60.0  # no order stands in line as long


@contextlib.asynccontextmanager
async def pledged(store: Store, ask: Ask) -> AsyncIterator[Tell]:
    """What is called if the order has to wait. After the block the person is told something else, unless it was cut off."""
    pledge = _Pledge(store, ask)
    try:
        yield pledge.make
    except EaselError:
        await pledge.end()
        raise
    await pledge.end()


class _Pledge:
    """What is said to one person who waits."""

    def __init__(self, store: Store, ask: Ask) -> None:
        self._store = store
        self._ask = ask
        self._noted: asyncio.Event | None = None  # whether it was noted, or could not be

    async def make(self) -> None:
        """Says it, and notes it beside: a slow store must not make that late."""
        if self._ask.waits is say_nothing:
            return
        self._noted = asyncio.Event()
        await asyncio.gather(self._ask.waits(), self._note(self._noted))

    async def end(self) -> None:
        """The person is told something else."""
        if self._noted is None:
            return
        await self._noted.wait()
        with contextlib.suppress(StoreBusy):  # they are told once more, a minute later
            await self._store.notices.end(self._ask.request_key)

    async def _note(self, noted: asyncio.Event) -> None:
        ask = self._ask
        notice = Notice(
            id=ask.request_key,
            to=ask.requester,
            says="asked-in-vain",
            facts={"asked": ask.text},
            room=ask.place.address,
            asked=True,
        )
        try:
            await self._store.notices.keep(notice, due_at=self._store.now() + IN_VAIN_AFTER_S)
        except StoreBusy as error:
            log.warning("who waits was told so, and a kill would leave it at that", problem=str(error))
        finally:
            noted.set()
