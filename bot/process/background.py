"""What is done beside the reader of a platform: bounded tasks, none of which is lost in silence."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from functools import partial
from typing import Any

import structlog

log = structlog.get_logger()

GRACE_S = 2.0


class Background:
    """The tasks of one surface: at most so many, and what breaks in one is logged and ends no other.

    `each`: so many of one person, who must not take all the places.
    """

    def __init__(self, name: str, *, most: int, each: int = 0) -> None:
        self._name = name
        self._most = most
        self._each = each or most
        self._tasks: set[asyncio.Task[None]] = set()
        self._theirs = Counter[str]()

    def start(self, work: Coroutine[Any, Any, None], *, whose: str = "") -> bool:
        """Does the work in the background; False, and nothing is done, where there is too much already.

        `whose`: the person for whom it is done, where it is one's.
        """
        if len(self._tasks) >= self._most or (whose and self._theirs[whose] >= self._each):
            log.warning("too much at once: one thing is left undone", what=self._name)
            work.close()
            return False
        task = asyncio.create_task(self._logged(work), name=self._name)
        self._tasks.add(task)
        self._theirs[whose] += 1
        task.add_done_callback(partial(self._ended, whose))
        task.add_done_callback(lambda _: work.close())  # one that was ended before it began
        return True

    def _ended(self, whose: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._theirs[whose] -= 1
        if not self._theirs[whose]:
            del self._theirs[whose]

    async def aclose(self, grace_s: float = GRACE_S) -> None:
        """Lets what runs finish for a moment, and ends the rest."""
        await end(self._tasks, grace_s=grace_s)

    async def _logged(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("something done in the background broke", what=self._name)


class Refreshing:
    """What is done anew for a key whenever it has changed, but not too often: the last change is never left out."""

    def __init__(
        self, name: str, refresh: Callable[[str], Awaitable[None]], *, every_s: float, most: int
    ) -> None:
        self._background = Background(name, most=most)
        self._refresh = refresh
        self._every_s = every_s
        self._again: dict[str, bool] = {}  # what is being refreshed, and whether it has changed meanwhile

    def changed(self, key: str) -> None:
        """Refreshes it soon."""
        if key in self._again or self._background.start(self._keep(key)):
            self._again[key] = True

    async def aclose(self) -> None:
        await self._background.aclose(0.0)

    async def _keep(self, key: str) -> None:
        try:
            while self._again[key]:
                self._again[key] = False
                await self._refresh(key)
                await asyncio.sleep(self._every_s)
        finally:
            del self._again[key]


async def end(tasks: Iterable[asyncio.Task[Any]], *, grace_s: float = 0.0) -> None:
    """Waits for tasks so long, cancels those that go on, and returns when none is left."""
    late = {task for task in tasks if not task.done()}
    if late and grace_s > 0:
        _, late = await asyncio.wait(late, timeout=grace_s)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
