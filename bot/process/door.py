"""A door that so many pass at a time: a line for each who comes with many things, and the lines are served in turns."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Generic, TypeVar

K = TypeVar("K")


class Door(Generic[K]):
    """Lets in whoever came first of each line, one line after the other."""

    def __init__(self, most: Callable[[], int]) -> None:
        self._most = most  # inside at a time, as it is now
        self._inside = 0
        self._lines: dict[K, deque[asyncio.Future[None]]] = {}  # the line that is served next stands first
        self._here: dict[K, int] = {}  # in line or inside

    def here(self, key: K) -> int:
        """How many of a line wait or are inside."""
        return self._here.get(key, 0)

    def before(self, key: K) -> int:
        """How many go before the next one of a line, at most."""
        own = len(self._lines.get(key, ()))
        others = len(self._lines) - (key in self._lines)
        return own + (own + 1) * others

    @contextlib.asynccontextmanager
    async def passed(self, key: K) -> AsyncIterator[None]:
        """Waits for a place and holds it for the block."""
        await self.enter(key)
        try:
            yield
        finally:
            self.leave(key)

    async def enter(self, key: K) -> None:
        """Waits for a place; whoever got one leaves."""
        place = asyncio.get_running_loop().create_future()
        self._lines.setdefault(key, deque()).append(place)
        self._here[key] = self.here(key) + 1
        self.let_in()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave(key)  # it was given in the moment of giving up
            else:
                self._gone(key)
            raise

    def leave(self, key: K) -> None:
        """Gives a place back."""
        self._inside -= 1
        self._gone(key)
        self.let_in()

    def let_in(self) -> None:
        """As many as there is room for; who has given up meanwhile is passed over."""
        while self._lines and self._inside < self._most():
            key = next(iter(self._lines))
            line = self._lines.pop(key)
            place = line.popleft()
            if line:
                self._lines[key] = line  # behind the others
            if not place.done():
                self._inside += 1
                place.set_result(None)

    def _gone(self, key: K) -> None:
        self._here[key] -= 1
        if not self._here[key]:
            del self._here[key]
