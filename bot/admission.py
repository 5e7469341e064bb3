"""When many come at once: so many orders are accepted at a time, in the order of coming, and first answers come first.

A thousand orders that share one processor are all late. Let in one after the other, the first are answered at once;
who will have to wait hears of that at once, by whatever the surface has for it; and what has time, such as drawing,
stands back until few are owed an answer.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Iterator

from bot.background import Background
from bot.ports import Tell

AT_ONCE = 32  # that are being accepted: enough to share a commit
FEW = (
    4  # the same while others are being told that they must wait: that is quick, and theirs is soon too late
)
SOON_MOST = 128  # so many before one are let in soon; whoever comes behind them is told that it takes a while
PATIENCE_S = 0.6  # afterwards it is told to whoever is not accepted yet
TOLD_MOST = 4_000  # at once
CALM_WITHIN_S = 3.0  # no longer does anything stand back: where there are always many, nothing would be drawn


class Admission:
    """The door of one process, for the orders of all its surfaces."""

    def __init__(self) -> None:
        self._inside = 0
        self._line: deque[asyncio.Future[None]] = deque()
        self._telling = 0
        self._told = Background("who waits is told so", most=TOLD_MOST)
        self._owed = 0
        self._calm = asyncio.Event()
        self._calm.set()

    @contextlib.contextmanager
    def owing(self) -> Iterator[None]:
        """Somebody is owed a first answer for the block."""
        self._owed += 1
        self._tell_calm()
        try:
            yield
        finally:
            self._owed -= 1
            self._tell_calm()

    @contextlib.asynccontextmanager
    async def turn(self, waits: Tell) -> AsyncIterator[None]:
        """Waits for a place and holds it for the block. `waits` is called, once, when that takes a while."""
        many = len(self._line) >= SOON_MOST
        telling = None if many else asyncio.get_running_loop().call_later(PATIENCE_S, self._tell, waits)
        try:
            if many:
                self._tell(waits)
            await self._enter()
            try:
                yield
            finally:
                self._leave()
        finally:
            if telling is not None:
                telling.cancel()

    async def calm(self) -> None:
        """Waits until few are owed a first answer, for a while."""
        if not self._calm.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CALM_WITHIN_S):
                    await self._calm.wait()

    def _tell(self, waits: Tell) -> None:
        self._told.start(self._heard(waits))

    async def _heard(self, waits: Tell) -> None:
        self._telling += 1
        try:
            await waits()
        finally:
            self._telling -= 1
            self._let_in()

    async def _enter(self) -> None:
        place = asyncio.get_running_loop().create_future()
        self._line.append(place)
        self._let_in()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._leave()  # it was given in the moment of giving up
            raise

    def _leave(self) -> None:
        self._inside -= 1
        self._let_in()

    def _let_in(self) -> None:
        """Whoever came first; who has given up meanwhile is passed over."""
        while self._line and self._inside < (FEW if self._telling else AT_ONCE):
            place = self._line.popleft()
            if not place.done():
                self._inside += 1
                place.set_result(None)

    def _tell_calm(self) -> None:
        if self._owed > AT_ONCE:
            self._calm.clear()
        else:
            self._calm.set()
