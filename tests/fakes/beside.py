"""A far side that lives in a thread of its own, for a test that hands its own thread to a command of the program."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from tests.fakes.patience import PATIENCE_S

T = TypeVar("T")


@contextlib.contextmanager
def beside(opened: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Opens it in another loop, and closes it there; what goes wrong there is raised here."""
    is_open: Future[T] = Future()
    over: Future[None] = Future()

    async def live() -> None:
        async with opened as far:
            is_open.set_result(far)
            await asyncio.wrap_future(over)

    def body() -> None:
        try:
            asyncio.run(live())
        except BaseException as error:
            if is_open.done():
                raise
            is_open.set_exception(error)

    thread = threading.Thread(target=body, name="beside", daemon=True)
    thread.start()
    try:
        yield is_open.result(PATIENCE_S)
    finally:
        over.set_result(None)
        thread.join(PATIENCE_S)
