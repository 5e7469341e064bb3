"""An event loop whose clock leaps over every wait, so that ten minutes of a job take milliseconds.

Time stands still while real work is under way: what an executor does is known by itself, a database's
connection is marked once (`marked`), and whoever else leaves the loop marks that as `real_work`.
"""

import asyncio
import contextlib
import selectors
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import aiosqlite
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

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        self.busy += 1
        done = super().run_in_executor(executor, func, *args)
        done.add_done_callback(self._has_done)
        return done

    def _has_done(self, _: Any) -> None:
        self.busy -= 1

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


def marked(connection: aiosqlite.Connection) -> aiosqlite.Connection:
    """Whatever this connection's thread does is real work, whoever asks for it."""
    execute = connection._execute

    async def really(fn: Any, *args: Any, **kwargs: Any) -> Any:
        with real_work():
            return await execute(fn, *args, **kwargs)

    connection._execute = really
    return connection


def now() -> float:
    """Unix seconds in this world."""
    return EPOCH_S + asyncio.get_running_loop().time()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine in a world of its own; its logs are captured, for drawing tracebacks takes seconds."""
    with structlog.testing.capture_logs(), asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
