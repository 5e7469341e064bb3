"""Jobs with which nothing is to be done for a while: an entry of a heap each, and no task."""

import asyncio
import contextlib
import math
from heapq import heappop, heappush

from bot.jobs.pacing import TOGETHER_S

AT_ONCE = 64  # come back in one turn of the loop: after a halt of the process all may be due
_EARLY = 0.05  # of a moment: two clocks may differ by some milliseconds


class Parking:
    """Keeps until when; whoever comes back at about the same moment comes together, for each waking costs something."""

    def __init__(self) -> None:
        self._parked: list[tuple[float, str]] = []
        self._changed = asyncio.Event()
        self._closed = False

    def put(self, job: str, seconds: float) -> float:
        """Parks a job for so long, or a moment longer; answers until when, by the loop's clock."""
        until = asyncio.get_running_loop().time() + seconds
        due = math.ceil(until / TOGETHER_S - _EARLY) * TOGETHER_S
        heappush(self._parked, (due, job))
        if self._parked[0][0] == due:
            self._changed.set()
        return due

    async def take_due(self) -> list[tuple[float, str]]:
        """Waits until some are due; none when it was closed. Who was fetched before is told of, too: until when says it."""
        await asyncio.sleep(0)  # where more are due than come at once, everybody else has a turn first
        while not self._closed and not self._is_due():
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(self._parked[0][0] if self._parked else None):
                    await self._changed.wait()
        found: list[tuple[float, str]] = []
        while not self._closed and self._is_due() and len(found) < AT_ONCE:
            found.append(heappop(self._parked))
        return found

    def _is_due(self) -> bool:
        return bool(self._parked) and self._parked[0][0] <= asyncio.get_running_loop().time() + _TICK_S

    def close(self) -> None:
        """Nobody is due any more: the worker stops."""
        self._closed = True
        self._changed.set()


_TICK_S = 0.001  # of the loop's clock: a timer may come that much too early
