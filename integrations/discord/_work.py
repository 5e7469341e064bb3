"""What is done beside the gateway's reader: bounded tasks, none of which is lost in silence."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger()

TASKS_MAX = 2_000


class Work:
    """The tasks of one surface."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> bool:
        """Does the work in the background; False where there is too much already."""
        if len(self._tasks) >= TASKS_MAX:
            log.warning("too many requests: an event of Discord is dropped")
            work.close()
            return False
        task = asyncio.create_task(_logged(work), name="discord-work")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def aclose(self, grace_s: float = 2.0) -> None:
        """Lets running requests finish for a moment."""
        tasks = list(self._tasks)
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("an event of Discord broke")
