"""What is done behind the acknowledgements: bounded tasks, none of which is lost in silence."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger()

TASKS_MAX = 1_000
AT_ONCE = 24


class Work:
    """The tasks of one surface."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._gate = asyncio.Semaphore(AT_ONCE)

    def has_room(self) -> bool:
        """Whether one more request can be taken on."""
        return len(self._tasks) < TASKS_MAX

    def start(self, work: Coroutine[Any, Any, None], *, at_once: bool = False) -> asyncio.Task[None]:
        """Does it in the background; `at_once` for what must use its trigger within 3 s."""
        task = asyncio.create_task(self._do(work, at_once=at_once), name="slack-work")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _do(self, work: Coroutine[Any, Any, None], *, at_once: bool) -> None:
        try:
            async with contextlib.nullcontext() if at_once else self._gate:
                await work
        except Exception:
            log.exception("a request from Slack broke")
        finally:
            work.close()

    async def aclose(self, grace_s: float = 2.0) -> None:
        """Lets running requests finish for a moment."""
        tasks = list(self._tasks)
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
