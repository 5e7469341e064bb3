"""What one process remembers of a job that it carries, beside the job's own row."""

import asyncio
import contextlib
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.job import Job, Look
from bot.jobs.times import Times
from bot.moderation.panel import Judgement
from bot.provider import Pending
from bot.story import LOOKS_MOST


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing has changed: look again in so many seconds. Makes no write."""

    seconds: float
    pending: Pending | None = None  # what a look has found, where it was one


@dataclass(slots=True)
class Watch:
    """What one process remembers of an operation while it watches; a crash may forget it."""

    found: bool = False  # half-way: another process, or an earlier try, has had the job
    taken_over: bool = False  # it came from another process, however far it was
    screened: Judgement | None = None  # what the outside layers said of the prompt
    waits: int = 0  # how often a picture that is given could not be had
    waits_from: float = 0.0  # of the loop's clock: the first time
    looks: int = 0
    misses: int = 0
    planned: bool = False  # the time of the first look was waited for
    has_turn: bool = False  # its provider's limit has a place for the next look, which was waited for
    looked_at: float | None = None  # unix seconds of the last look
    looked_s: float | None = None  # how long it had been drawn at the last look
    unfinished_s: float | None = None  # and at the last that found it under way
    # What the service said at each look since the last move, and when: thousands of jobs are looked at for minutes.
    _said: list[str] = field(default_factory=list)
    _said_at: "array[float]" = field(default_factory=lambda: array("d"))

    def note(self, said: str) -> None:
        """Keeps what the last look brought, for the job's story."""
        if len(self._said) < LOOKS_MOST:
            self._said.append(sys.intern(said))
            self._said_at.append(self.looked_at or 0.0)

    def wait_again(self) -> float:
        """A picture that is given could not be had once more; answers for how many seconds it can't by now."""
        present = asyncio.get_running_loop().time()
        self.waits_from = self.waits_from if self.waits else present
        self.waits += 1
        return present - self.waits_from

    def take(self) -> tuple[Look, ...]:
        """What was kept since it was taken last."""
        looks = tuple(map(Look, self._said_at, self._said))
        self._said.clear()
        del self._said_at[:]
        return looks


@dataclass(slots=True)
class Running:
    """A job that this process carries. Between its steps it is parked, and no task is held for it."""

    job: Job
    times: Times
    was_over: bool  # when it was taken, or read again
    watch: Watch | None = None  # None: it must be found out where it stands
    task: asyncio.Task[None] | None = None
    parked_until: float | None = None  # of the loop's clock
    breaks: int = 0
    moving: bool = False  # its move is being written: whether that or another's was first, the store says
    waited: int = 0  # the version that has waited until it was due: who comes a moment early waits no more

    @contextlib.contextmanager
    def moves(self) -> Iterator[None]:
        """While a move is written nobody interrupts."""
        self.moving = True
        try:
            yield
        finally:
            self.moving = False
