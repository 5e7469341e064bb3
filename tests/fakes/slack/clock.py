"""A clock that a test can push forward; sleepers wake when their time has come."""

import asyncio
import time
from typing import TypeVar

from tests.fakes.turns import FairClock

__all__ = ["Clock"]

T = TypeVar("T")


class Clock:
    """Wall-clock time plus whatever a test has added to it; and what of it counts against the program."""

    def __init__(self) -> None:
        self.turns = FairClock()
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

    async def within(self, answer: asyncio.Future[T], fair_s: float) -> T:
        """The answer, if it comes in so many seconds in which the machine gave the program its turns.

        Raises TimeoutError.
        """
        end = self.turns.now() + fair_s
        while not answer.done() and (left := end - self.turns.now()) > 0:
            await asyncio.wait([answer], timeout=left)
        if not answer.done():
            raise TimeoutError
        return answer.result()
