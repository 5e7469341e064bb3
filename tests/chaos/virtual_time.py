"""An event loop whose clock leaps over every wait, so that ten minutes of a job take milliseconds.

Time stands still while real work (a disk, a thread) is under way: whoever does such work marks it `busy`.
"""

import asyncio
import contextlib
import selectors
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import structlog.testing

T = TypeVar("T")

EPOCH_S = 1_790_000_000.0


class _Leaping(selectors.DefaultSelector):
    loop: "VirtualLoop"

    def select(self, timeout=None):
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        if self.loop.busy:
            return super().select(0.02)
        events = super().select(0)
        if not events:
            self.loop.leap(timeout)
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` moves only by leaps."""

    def __init__(self) -> None:
        self._virtual_s = 0.0
        self.busy = 0
        selector = _Leaping()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self._virtual_s

    def leap(self, seconds: float) -> None:
        self._virtual_s += seconds

    @contextlib.contextmanager
    def real_work(self) -> Iterator[None]:
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1


def real_work() -> contextlib.AbstractContextManager[None]:
    """While real work is under way, the clock of this world stands still."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop.real_work()


def now() -> float:
    """Unix seconds in this world."""
    return EPOCH_S + asyncio.get_running_loop().time()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine in a world of its own; its logs are captured, for drawing tracebacks takes seconds."""
    with structlog.testing.capture_logs(), asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
