"""The line before the providers: so many generations under way, and who has the fewest goes first.

Of those who have equally many, a priority counts as time that was waited already: who is relaxed lets the others
go first for some minutes, and never for longer.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from bot.job import Job


@dataclass(slots=True)
class _Waiter:
    job: str
    person: tuple[str, str, str]
    since: float  # later than they came, where others may go first
    turn: asyncio.Future[bool] = field(repr=False)


class Line:
    """Hands out the places for generations under way in this process."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._holders: dict[str, tuple[str, str, str]] = {}
        self._running: Counter[tuple[str, str, str]] = Counter()
        self._waiting: dict[str, _Waiter] = {}
        self._closed = False

    @property
    def in_flight(self) -> int:
        """How many places are taken."""
        return len(self._holders)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def position(self, job: str) -> int:
        """The place in line, from 1; 0 when it need not wait."""
        waiter = self._waiting.get(job)
        if waiter is None:
            return 0
        mine = self._rank(waiter)
        return 1 + sum(self._rank(other) < mine for other in self._waiting.values())

    def expected(self, job: Job) -> int:
        """The place that a job would have which isn't in the line yet; 0 when it need not wait."""
        if self._free > 0 and not self._waiting:
            return 0
        mine = (self._running[_person(job)], _since(job))
        return 1 + sum(self._rank(other) <= mine for other in self._waiting.values())

    def next_up(self, each: int) -> list[str]:
        """Of each surface so many who come next, in their order."""
        counted: Counter[str] = Counter()
        chosen = []
        for waiter in sorted(self._waiting.values(), key=self._rank):
            counted[waiter.person[0]] += 1
            if counted[waiter.person[0]] <= each:
                chosen.append(waiter.job)
        return chosen

    def close(self) -> None:
        """Nobody gets a place any more: the process stops."""
        self._closed = True
        for waiter in self._waiting.values():
            if not waiter.turn.done():
                waiter.turn.set_result(False)

    def join(self, job: Job) -> None:
        """Takes a place where one is free, else a number in the line."""
        if self._closed or job.id in self._holders or job.id in self._waiting:
            return
        if self._free > 0 and not self._waiting:
            self._seat(job.id, _person(job))
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting[job.id] = _Waiter(job.id, _person(job), _since(job), turn)

    async def enter(self, job: Job) -> bool:
        """Waits for a place; answers False when the line closed meanwhile. Cancelling leaves the line."""
        self.join(job)
        waiter = self._waiting.get(job.id)
        if waiter is None:
            return job.id in self._holders
        try:
            return await waiter.turn
        except asyncio.CancelledError:
            self.leave(job.id)
            raise
        finally:
            self._waiting.pop(job.id, None)

    def resume(self, job: Job) -> None:
        """Takes a place without waiting: the generation is under way already."""
        if job.id not in self._holders:
            self._seat(job.id, _person(job))

    def leave(self, job: str) -> None:
        """Gives the place or the number back; whoever has the fewest under way takes the place."""
        self._waiting.pop(job, None)
        person = self._holders.pop(job, None)
        if person is None:
            return
        self._running[person] -= 1
        if not self._running[person]:
            del self._running[person]
        self._free += 1
        if self._free > 0 and self._waiting and not self._closed:
            following = min(self._waiting.values(), key=self._rank)
            del self._waiting[following.job]
            self._seat(following.job, following.person)
            following.turn.set_result(True)

    def _seat(self, job: str, person: tuple[str, str, str]) -> None:
        self._free -= 1
        self._holders[job] = person
        self._running[person] += 1

    def _rank(self, waiter: _Waiter) -> tuple[int, float]:
        return self._running[waiter.person], waiter.since


def _since(job: Job) -> float:
    return job.created_at + job.priority.patience_s


def _person(job: Job) -> tuple[str, str, str]:
    who = job.requester
    return who.surface, who.community, who.user
