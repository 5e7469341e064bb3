"""A clock that a test can push forward; sleepers wake when their time has come."""

import asyncio
import time

__all__ = ["Clock"]


class Clock:
    """Wall-clock time plus whatever a test has added to it."""

    def __init__(self) -> None:
        self._added_s = 0.0
        self._moved = asyncio.Event()

    def now(self) -> float:
        return time.time() + self._added_s

    def advance(self, seconds: float) -> None:
        """Jumps forward: redeliveries, processed files and expired URLs come at once."""
        self._added_s += seconds
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        until = self.now() + seconds
        while (left := until - self.now()) > 0:
            moved = self._moved
            try:
                await asyncio.wait_for(moved.wait(), timeout=left)
            except TimeoutError:
                return
