"""When many come at once: so many orders are accepted at a time, everybody's in turns, and first answers come first.

A thousand orders that share one processor are all late. Let in one after the other, the first are answered at once;
who will have to wait hears of that at once, by whatever the surface has for it; and what has time, such as drawing,
stands back until few are owed an answer. One person with a thousand orders keeps nobody else waiting.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

from bot.errors import NotAllowed, TooMany
from bot.ports import Requester, Tell
from bot.process.background import Background
from bot.process.door import Door

AT_ONCE = 32  # that are being accepted: enough to share a commit
FEW = (
    4  # the same while others are being told that they must wait: that is quick, and theirs is soon too late
)
SOON_MOST = 128  # so many before one are let in soon; whoever comes behind them is told that it takes a while
PATIENCE_S = 0.6  # afterwards it is told to whoever is not accepted yet
TOLD_MOST = 4_000  # at once
TOLD_WITHIN_S = 1.0  # a platform that takes longer than that doesn't cost us a processor: the others go on
OWED_MOST = 1_000  # first answers in one process; more could not be in time
EACH_MOST = 250  # of them for one person, unless the operator lets one have more pictures under way
CALM_WITHIN_S = 3.0  # no longer does anything stand back: where there are always many, nothing would be drawn


class Admission:
    """The door of one process, for the orders of all its surfaces."""

    def __init__(self, *, each: int = 0) -> None:
        self._each = max(EACH_MOST, each)
        self._door = Door[tuple[str, str]](lambda: FEW if self._telling else AT_ONCE)
        self._telling = set[object]()
        self._told = Background("who waits is told so", most=TOLD_MOST)
        self._owed = 0
        self._calm = asyncio.Event()
        self._calm.set()

    @contextlib.contextmanager
    def owing(self) -> Iterator[None]:
        """Somebody is owed a first answer for the block. Raises NotAllowed where too many are already."""
        if self._owed >= OWED_MOST:
            raise NotAllowed("busy")
        self._owed += 1
        self._tell_calm()
        try:
            yield
        finally:
            self._owed -= 1
            self._tell_calm()

    @contextlib.asynccontextmanager
    async def turn(self, who: Requester, waits: Tell) -> AsyncIterator[None]:
        """Waits for a place and holds it for the block. `waits` is called, once, when that takes a while.

        Raises TooMany for a person who has many waiting already: few of them could be had.
        """
        person = (who.surface, who.user)
        if self._door.here(person) >= self._each:
            raise TooMany
        many = self._door.before(person) >= SOON_MOST
        telling = None if many else asyncio.get_running_loop().call_later(PATIENCE_S, self._tell, waits)
        try:
            if many:
                self._tell(waits)
            async with self._door.passed(person):
                yield
        finally:
            if telling is not None:
                telling.cancel()

    async def wait_for_calm(self) -> None:
        """Waits until few are owed a first answer, for a while."""
        if not self._calm.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CALM_WITHIN_S):
                    await self._calm.wait()

    def _tell(self, waits: Tell) -> None:
        self._told.start(self._heard(waits))

    async def _heard(self, waits: Tell) -> None:
        telling = object()
        self._telling.add(telling)
        late = asyncio.get_running_loop().call_later(TOLD_WITHIN_S, self._no_longer, telling)
        try:
            await waits()
        finally:
            late.cancel()
            self._no_longer(telling)

    def _no_longer(self, telling: object) -> None:
        self._telling.discard(telling)
        self._door.let_in()

    def _tell_calm(self) -> None:
        if self._owed > AT_ONCE:
            self._calm.clear()
        else:
            self._calm.set()
