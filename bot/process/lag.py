"""How late the event loop is: whatever blocks it holds up everybody, and shows here before people tell."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from prometheus_client import Histogram

EVERY_S = 0.5
MINUTES_MOST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """The longest that the loop was late in one minute, seconds; `at` is unix seconds of its beginning."""

    at: float
    worst_s: float


class Lag:
    """Sleeps, and looks how much later it woke. One for a process; the last hour is kept, minute by minute."""

    def __init__(
        self,
        seen: Histogram,
        *,
        clock: Callable[[], float],
        ticks: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._seen = seen
        self._clock = clock  # unix seconds
        self._ticks = ticks  # seconds that never jump; the loop's own without it
        self._sleep = sleep
        self._minutes: deque[Minute] = deque(maxlen=MINUTES_MOST)

    @property
    def minutes(self) -> tuple[Minute, ...]:
        """The last hour, oldest first."""
        return tuple(self._minutes)

    async def run(self) -> None:
        """Until cancelled."""
        ticks = self._ticks or asyncio.get_running_loop().time
        while True:
            due = ticks() + EVERY_S
            await self._sleep(EVERY_S)
            self._note(max(0.0, ticks() - due))

    def _note(self, late_s: float) -> None:
        self._seen.observe(late_s)
        begins = self._clock() // 60 * 60
        worst_s = late_s
        if self._minutes and self._minutes[-1].at == begins:
            worst_s = max(late_s, self._minutes.pop().worst_s)
        self._minutes.append(Minute(at=begins, worst_s=worst_s))
