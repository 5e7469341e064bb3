"""What is done beside the gateway's reader: bounded tasks, none of which is lost in silence."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger()

TASKS_MAX = 2_000


class Work:
    """The tasks of one surface: ours, and discord.py's that answer somebody."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Does the work in the background."""
        if len(self._tasks) >= TASKS_MAX:
            log.warning("too many requests: an event of Discord is dropped")
            work.close()
            return
        self._keep(asyncio.create_task(_logged(work), name="discord-work"))

    def keep_this(self) -> None:
        """A stop waits for the task that asks: it answers somebody."""
        task = asyncio.current_task()
        if task is not None and task not in self._tasks:
            self._keep(task)

    async def aclose(self, grace_s: float = 2.0) -> None:
        """Lets running requests finish for a moment."""
        tasks = list(self._tasks)
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _keep(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("an event of Discord broke")
