"""What is remembered for a while: the newest so many entries of a mapping, and what others have told."""

import asyncio
import contextlib
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from bot.process.background import end

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(OrderedDict[Key, Value]):
    """A mapping that forgets its oldest entry when it holds too many; what is set is the newest."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: Key, value: Value) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        while len(self) > self._most:
            self.popitem(last=False)

    def count(self: "Recent[Key, int]", key: Key) -> int:
        """Counts once more; how often that is, as far as it is remembered."""
        self[key] = self.get(key, 0) + 1
        return self[key]


class Lookups(Generic[Key, Value]):
    """What somebody else is asked once in a while, and never waited for long.

    `ask` answers None where it can't be told now. What was told is good for `good_for_s` then, though it is
    asked anew after `again_s`, or `unknown_s` where nothing came.
    """

    def __init__(
        self,
        ask: Callable[[Key], Awaitable[Value | None]],
        *,
        most: int,
        wait_s: float,
        again_s: float,
        unknown_s: float,
        good_for_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._wait_s = wait_s
        self._again_s, self._unknown_s, self._good_for_s = again_s, unknown_s, good_for_s
        self._clock = clock
        self._told = Recent[Key, tuple[float, Value]](most)
        self._asks_again_at = Recent[Key, float](most)
        self._asking: dict[Key, asyncio.Task[None]] = {}

    async def of(self, key: Key) -> Value | None:
        """As it was told lately; None where it can't be asked, and was not for a while."""
        if self._asks_again_at.get(key, 0.0) <= self._clock():
            task = self._asking.get(key)
            if task is None:
                task = self._asking[key] = asyncio.create_task(self._ask_anew(key), name=f"ask-{key}")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._wait_s):
                    await asyncio.shield(task)
        told_at, value = self._told.get(key, (-math.inf, None))
        return value if self._clock() - told_at < self._good_for_s else None

    async def aclose(self) -> None:
        await end(list(self._asking.values()))

    async def _ask_anew(self, key: Key) -> None:
        try:
            value = await self._ask(key)
            again_s = self._unknown_s if value is None else self._again_s
            self._asks_again_at[key] = self._clock() + again_s
            if value is not None:
                self._told[key] = (self._clock(), value)
        finally:
            del self._asking[key]
