"""What is done around the acknowledgements: bounded tasks, none of which is lost in silence.

A request is acknowledged when it is durable, or answered without being an order: that takes milliseconds.
Posting doesn't hold a place. Whatever takes longer is acknowledged before Slack's three seconds are over.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

log = structlog.get_logger()

TASKS_MAX = 1_000
AT_ONCE = 24


class Receipt:
    """Whether a request may be acknowledged: it is durable, or was refused with a sentence for its form."""

    def __init__(self) -> None:
        self._said: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._late = False

    @property
    def wanted(self) -> bool:
        """Whether a form still stands open for a refusal."""
        return not self._late and not self._said.done()

    def accept(self) -> None:
        """It can't be lost any more."""
        self.refuse("")

    def refuse(self, sentence: str) -> None:
        """It can't be had, and a form that still stands open says why."""
        if not self._said.done():
            self._said.set_result(sentence)

    def when_over(self, act: Callable[[], None]) -> None:
        """Calls it as soon as nothing stands before the acknowledgement any more."""
        self._said.add_done_callback(lambda _: act())

    async def within(self, wait_s: float) -> str:
        """Waits for it, and no longer than that; the sentence of a refusal."""
        done, _ = await asyncio.wait([self._said], timeout=wait_s)
        self._late = not done
        return self._said.result() if done else ""


class Work:
    """The tasks of one surface."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Semaphore(AT_ONCE)

    def has_room(self) -> bool:
        """Whether one more request can be taken on."""
        return len(self._tasks) < TASKS_MAX

    def start(self, work: Coroutine[Any, Any, None], receipt: Receipt, *, at_once: bool = False) -> None:
        """Does it in the background; `at_once` for what must use its trigger within 3 s."""
        task = asyncio.create_task(self._do(work, receipt, at_once=at_once), name="slack-work")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _do(self, work: Coroutine[Any, Any, None], receipt: Receipt, *, at_once: bool) -> None:
        gate = None if at_once else self._gate
        try:
            if gate is not None:
                await gate.acquire()
                receipt.when_over(gate.release)  # though its message is not posted yet
            await work
        except Exception:
            log.exception("a request from Slack broke")
        finally:
            work.close()
            receipt.accept()

    async def aclose(self, grace_s: float = 2.0) -> None:
        """Lets running requests finish for a moment."""
        tasks = list(self._tasks)
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
