"""Limits that a service has told beforehand, as turns: so many calls in a period, or a burst that fills up again.

Nothing passes while a rest that was asked for lasts. Who would wait for long comes again later, and finds
its place in the line kept. What is promised is the least: more is tried, one call at a time, until a first
refusal says that there is no more.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from bot.process.recent import Recent

SHORT_S = 2.0  # a wait that is sat out; for a longer one the caller comes again
_REMEMBERED = 5_000


class Resting(Exception):
    """Nothing may be sent for so long; the place in the line is kept."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s
        super().__init__(f"{wait_s:.1f} s")


@dataclass(slots=True, kw_only=True)
class Lane:
    """One limit: `most` calls in any `period_s`, or a burst of `most` that fills up by one every `every_s`."""

    most: int
    period_s: float = 0.0
    every_s: float = 0.0
    careful_s: float = 600.0  # how long a refusal is believed
    careful_until: float = 0.0  # a refusal has shown that there is no more than was promised
    free_at: float = 0.0  # when a rest that was asked for is over
    line_end: float = 0.0  # when whoever comes last has a turn
    turns: Recent[str, float] = field(default_factory=lambda: Recent(_REMEMBERED))
    slots: deque[float] = field(default_factory=deque)
    filled_at: float = 0.0  # when the whole burst is there again
    trial: asyncio.Lock = field(default_factory=asyncio.Lock)  # more than was promised goes one at a time

    def ready_at(self, now: float, who: str) -> float:
        """When this caller may send."""
        slot = max(now, self.free_at)
        if self.spent(now) and now < self.careful_until:
            slot = max(slot, self.slots[0] + self.period_s)
        if self.every_s:
            slot = max(slot, self.filled_at - (self.most - 1) * self.every_s)
        mine = self.turns.get(who)
        if mine is not None:
            return slot if mine <= now + SHORT_S else max(slot, mine)
        return max(slot, self.line_end) if self.line_end > now + SHORT_S else slot

    def spent(self, now: float) -> bool:
        """Whether all that was promised is used up."""
        return bool(self.period_s) and len(self.slots) >= self.most and self.slots[0] + self.period_s > now

    def take(self, at: float, who: str) -> None:
        self.turns.pop(who, None)
        if self.period_s:
            self.slots.append(at)
            while len(self.slots) > self.most:
                self.slots.popleft()
        else:
            self.filled_at = max(self.filled_at, at) + self.every_s

    def book(self, at: float, who: str) -> None:
        """Keeps a place in the line."""
        if not who or who in self.turns:
            return
        self.turns[who] = at
        self.line_end = max(self.line_end, at) + (self.every_s or self.period_s / self.most)

    def put_first(self, who: str) -> None:
        """Whoever had a turn already is not sent to the end of the line."""
        if who:
            self.turns[who] = self.free_at

    def rest(self, now: float, until: float) -> None:
        """Everybody's turn comes so much later."""
        later_s = until - max(now, self.free_at)
        if later_s <= 0:
            return
        self.free_at = until
        self.careful_until = until + self.careful_s
        for who, at in list(self.turns.items()):
            self.turns[who] = max(at, now) + later_s
        self.line_end = max(self.line_end, now) + later_s if self.turns else 0.0

    def idle(self, now: float) -> bool:
        """Whether nothing but perhaps one call was sent here lately."""
        return self.filled_at - now <= self.every_s

    def spare(self, now: float) -> float:
        """Which part of the limit is left."""
        recent = sum(at > now - self.period_s for at in self.slots)
        return 1 - recent / self.most


@contextlib.asynccontextmanager
async def turn(
    lanes: Sequence[Lane], clock: Callable[[], float], *, who: str = "", within_s: float = SHORT_S
) -> AsyncIterator[None]:
    """The time of one call on these lanes, the widest first; raises Resting where it is too far off."""
    give_up_at = clock() + within_s
    while True:
        trial = lanes[0].trial if lanes[0].spent(clock()) else None
        wait_s = _take(lanes, who, clock(), give_up_at)
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        async with _alone(trial, give_up_at - clock()):
            resting = [lane for lane in lanes if lane.free_at > clock()]
            if not resting:
                yield
                return
        for lane in resting:  # somebody was refused meanwhile
            lane.put_first(who)


def _take(lanes: Sequence[Lane], who: str, now: float, give_up_at: float) -> float:
    """Takes the next turn; answers how long to wait for it. Raises Resting, with a place in the line."""
    ready = [(lane, lane.ready_at(now, who)) for lane in lanes]
    at = max(ready_at for _, ready_at in ready)
    if at > give_up_at:
        for lane, ready_at in ready:
            if ready_at > give_up_at:
                lane.book(ready_at, who)
        raise Resting(at - now)
    for lane in lanes:
        lane.take(at, who)
    return at - now


@contextlib.asynccontextmanager
async def _alone(trial: asyncio.Lock | None, within_s: float) -> AsyncIterator[None]:
    """Holds the lock, where there is one; raises Resting when others hold it for too long."""
    if trial is None:
        yield
        return
    try:
        async with asyncio.timeout(max(0.0, within_s)):
            await trial.acquire()
    except TimeoutError:
        raise Resting(SHORT_S) from None
    try:
        yield
    finally:
        trial.release()
