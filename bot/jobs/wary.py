"""Keeps a picture from ending one process of ours after the other: what is begun is noted, and outlives a crash.

The darkroom's own processes die alone (bot/pictures/darkroom.py). This is for what takes the whole program along: a
container that ends all of it when memory runs out. The first process needs no note: whoever finds a job half-way
knows that one has left it, so that a picture on its usual way costs no transaction.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from bot.errors import BadImage
from bot.jobs.patience import patiently


class Notes(Protocol):
    """What outlives a process: that something was begun."""

    async def mark_seen(self, key: str, *, now: float) -> bool:
        """Whether nobody had begun it; from now on somebody has."""

    async def unmark(self, key: str) -> None:
        """It came to an end, whichever."""


class Wary:
    """Lets two processes try a picture, and no third."""

    def __init__(self, notes: Notes, *, clock: Callable[[], float]) -> None:
        self._notes = notes
        self._clock = clock

    @asynccontextmanager
    async def trying(self, picture: str, *, job: str) -> AsyncIterator[None]:
        """While a second process has it. Raises BadImage when that has ended over it, too."""
        note = f"trying:{picture}"
        if not await patiently(lambda: self._notes.mark_seen(note, now=self._clock()), job=job):
            raise BadImage("two processes have ended while they had it")
        try:
            yield
        finally:
            await patiently(lambda: self._notes.unmark(note), job=job)
