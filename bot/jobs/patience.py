"""Waits out a busy store, disk or bucket: what a provider has answered, and billed, must not be lost for it."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import TypeVar

import structlog

from bot.errors import StoreBusy

log = structlog.get_logger()

T = TypeVar("T")

PAUSES_S = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


def pause_s(turn: int) -> float:
    """How long to wait after so many failures."""
    return PAUSES_S[min(turn, len(PAUSES_S) - 1)]


async def for_a_while(act: Callable[[], Awaitable[T]]) -> T:
    """Does it as soon as it can be done, within some twenty seconds. Raises StoreBusy."""
    for wait_s in PAUSES_S[:-1]:
        try:
            return await act()
        except StoreBusy as error:
            log.info("the store is busy: once more", problem=str(error))
            await asyncio.sleep(wait_s)
    return await act()


async def patiently(act: Callable[[], Awaitable[T]], *, job: str) -> T:
    """Does it as soon as it can be done; whoever cancels (a deadline, a stop) bounds it."""
    for turn in count():
        try:
            return await act()
        except StoreBusy as error:
            log.warning("the store is busy: what is known waits", job=job, problem=str(error))
            await asyncio.sleep(pause_s(turn))
    raise AssertionError("unreachable")
