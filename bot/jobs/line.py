"""The line before the providers: so many generations under way, and who has the fewest goes first.

Of those who have equally many, a priority counts as time that was waited already: who is relaxed lets the others
go first for some minutes, and never for longer.
"""

import asyncio
from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import chain, count
from operator import attrgetter
from typing import NamedTuple

from bot.job import Job

PersonKey = tuple[str, str, str]


class _Number(NamedTuple):
    """What was drawn by who waits; numbers compare in this order."""

    since: float  # later than they came, where others may go first
    drawn: int  # among those who have waited equally long, who came first
    job: str


class _Waiter(NamedTuple):
    number: _Number
    person: PersonKey
    turn: asyncio.Future[bool]


_SINCE = attrgetter("since")


class _Rows:
    """The numbers, in rows by how many their people have under way: a place is looked up, and nobody counts them all."""

    def __init__(self) -> None:
        self._rows: dict[int, list[_Number]] = {}

    def __iter__(self) -> Iterator[_Number]:
        return chain.from_iterable(self._rows[running] for running in sorted(self._rows))

    def add(self, running: int, number: _Number) -> None:
        insort(self._rows.setdefault(running, []), number)

    def remove(self, running: int, number: _Number) -> None:
        row = self._rows[running]
        del row[bisect_left(row, number)]
        if not row:
            del self._rows[running]

    def before(self, running: int, since: float) -> int:
        """How many go before who came then."""
        return self._with_fewer(running) + bisect_left(self._rows.get(running, ()), since, key=_SINCE)

    def before_newcomer(self, running: int, since: float) -> int:
        """The same, with those who came in the same moment."""
        return self._with_fewer(running) + bisect_right(self._rows.get(running, ()), since, key=_SINCE)

    def _with_fewer(self, running: int) -> int:
        return sum(len(row) for had, row in self._rows.items() if had < running)


class Line:
    """Hands out the places for generations under way in this process."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._holders: dict[str, PersonKey] = {}
        self._running: Counter[PersonKey] = Counter()
        self._waiting: dict[str, _Waiter] = {}
        self._of: defaultdict[PersonKey, dict[str, _Number]] = defaultdict(dict)  # the numbers of each
        self._rows = _Rows()
        self._drawn = count()
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
        return 1 + self._rows.before(self._running[waiter.person], waiter.number.since)

    def expected(self, job: Job) -> int:
        """The place that a job would have which isn't in the line yet; 0 when it need not wait."""
        if self._free > 0 and not self._waiting:
            return 0
        return 1 + self._rows.before_newcomer(self._running[_person(job)], _since(job))

    def next_up(self, each: int) -> list[str]:
        """Of each surface so many who come next, in their order."""
        counted: Counter[str] = Counter()
        chosen = []
        for number in self._rows:
            surface, _, _ = self._waiting[number.job].person
            counted[surface] += 1
            if counted[surface] <= each:
                chosen.append(number.job)
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
        self._draw(job.id, _person(job), _since(job))

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
            self._give_up(job.id)

    def resume(self, job: Job) -> None:
        """Takes a place without waiting: the generation is under way already."""
        if job.id not in self._holders:
            self._seat(job.id, _person(job))

    def leave(self, job: str) -> None:
        """Gives the place or the number back; whoever has the fewest under way takes the place."""
        self._give_up(job)
        person = self._holders.pop(job, None)
        if person is None:
            return
        self._run(person, -1)
        self._free += 1
        if self._free > 0 and self._waiting and not self._closed:
            following = self._waiting[next(iter(self._rows)).job]
            self._give_up(following.number.job)
            self._seat(following.number.job, following.person)
            following.turn.set_result(True)

    # ── Places and numbers ───────────────────────────────────────────────────────────────────────────

    def _seat(self, job: str, person: PersonKey) -> None:
        self._free -= 1
        self._holders[job] = person
        self._run(person, +1)

    def _draw(self, job: str, person: PersonKey, since: float) -> None:
        number = _Number(since, next(self._drawn), job)
        self._waiting[job] = _Waiter(number, person, asyncio.get_running_loop().create_future())
        self._of[person][job] = number
        self._rows.add(self._running[person], number)

    def _give_up(self, job: str) -> None:
        waiter = self._waiting.pop(job, None)
        if waiter is None:
            return
        self._rows.remove(self._running[waiter.person], waiter.number)
        numbers = self._of[waiter.person]
        del numbers[job]
        if not numbers:
            del self._of[waiter.person]

    def _run(self, person: PersonKey, more: int) -> None:
        """One more or one less is under way for somebody, whose numbers change their row."""
        before = self._running[person]
        numbers = self._of[person].values() if person in self._of else ()
        for number in numbers:
            self._rows.remove(before, number)
            self._rows.add(before + more, number)
        self._running[person] = before + more
        if not self._running[person]:
            del self._running[person]


def _since(job: Job) -> float:
    return job.created_at + job.priority.patience_s


def _person(job: Job) -> PersonKey:
    who = job.requester
    return who.surface, who.community, who.user
