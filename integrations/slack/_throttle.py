"""Slack's rate limits as turns, in one place: for each method of the workspace, and for each channel.

https://docs.slack.dev/apis/web-api/rate-limits: tiers a minute for a method, chat.postMessage about one a
second in a channel with short bursts, and several hundred a minute in all. Nothing passes here while a
Retry-After lasts. Who would wait for long comes again later, and finds its place in the line kept.

A tier is what Slack promises at least: more is tried, one call at a time, until a first 429 says that there is
no more. A channel's message a second is kept from the start.
"""

import asyncio
import contextlib
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from bot.recent import Recent

SHORT_S = 2.0  # a wait that is sat out; for a longer one the caller comes again
_MARGIN = 1.03  # clocks and lines are not exact
MINUTE_S = 60.0
CAREFUL_S = 600.0
_FOR_FINALS = 0.7  # of the edits: progress may use the rest
_REMEMBERED = 5_000
_CHANNEL_BURST, CHANNEL_EVERY_S = 3, 1.02
_POST, _EDIT = "chat.postMessage", "chat.update"

# How many calls a minute each method takes in a workspace; what is not listed rests after a 429 alone.
PER_MINUTE = {
    _POST: 240,  # "several hundred"
    _EDIT: 50, "chat.delete": 50, "chat.postEphemeral": 100, "chat.getPermalink": 600, "users.info": 100,
    "conversations.open": 50, "conversations.history": 50, "conversations.replies": 50,
    "conversations.info": 50, "conversations.list": 20,
    "files.getUploadURLExternal": 100, "files.completeUploadExternal": 100, "files.info": 100,
    "files.delete": 50, "views.open": 100, "views.update": 100, "views.publish": 100,
}  # fmt: skip


class Resting(Exception):
    """Nothing may be sent for so long; the place in the line is kept."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s
        super().__init__(f"{wait_s:.1f} s")


@dataclass(slots=True, kw_only=True)
class _Lane:
    """One limit: `most` calls in any `period_s`, or a burst of `most` that fills up by one every `every_s`."""

    most: int
    period_s: float = 0.0
    every_s: float = 0.0
    careful_until: float = 0.0  # a 429 has shown that there is no more than was promised
    free_at: float = 0.0  # when a Retry-After is over
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
        self.careful_until = until + CAREFUL_S
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


class Throttle:
    """The turns of one process; what other replicas use shows as 429s."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lanes: OrderedDict[tuple[str, str], _Lane] = OrderedDict()

    def quiet(self) -> bool:
        """Whether an edit that only tells progress may be made now."""
        lane, now = self._lane(_EDIT), self._clock()
        return lane.free_at <= now and lane.spare(now) > _FOR_FINALS

    @contextlib.asynccontextmanager
    async def turn(
        self, method: str, place: str = "", *, who: str = "", within_s: float = SHORT_S
    ) -> AsyncIterator[None]:
        """The time of one call; raises Resting where it is too far off. `who` keeps its place in the line."""
        give_up_at = self._clock() + within_s
        lanes = self._on_the_way(method, place)
        while True:
            trial = lanes[0].trial if lanes[0].spent(self._clock()) else None
            wait_s = self._take(lanes, who, give_up_at)
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            async with _alone(trial, give_up_at - self._clock()):
                resting = [lane for lane in lanes if lane.free_at > self._clock()]
                if not resting:
                    yield
                    return
            for lane in resting:  # somebody was refused meanwhile
                lane.put_first(who)

    def _take(self, lanes: list[_Lane], who: str, give_up_at: float) -> float:
        """Takes the next turn; answers how long to wait for it. Raises Resting, with a place in the line."""
        now = self._clock()
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

    def refused(self, method: str, place: str, retry_after_s: float, *, who: str = "") -> None:
        """Slack said 429. Where a channel was idle, it was the workspace that had too much."""
        now, lane = self._clock(), self._lane(method)
        if method == _POST and place and not self._lane(method, place).idle(now):
            lane = self._lane(method, place)
        lane.rest(now, now + retry_after_s)
        lane.put_first(who)

    def _on_the_way(self, method: str, place: str) -> list[_Lane]:
        lanes = [self._lane(method)]
        return [*lanes, self._lane(method, place)] if method == _POST and place else lanes

    def _lane(self, method: str, place: str = "") -> _Lane:
        key = (method, place)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = (
                _Lane(most=_CHANNEL_BURST, every_s=CHANNEL_EVERY_S)
                if place
                else _Lane(most=PER_MINUTE.get(method, 10_000), period_s=MINUTE_S * _MARGIN)
            )
            self._forget(self._clock())
        if place:
            self._lanes.move_to_end(key)
        return lane

    def _forget(self, now: float) -> None:
        """Channels where nothing goes on."""
        for key in [k for k in list(self._lanes)[:2] if k[1]] if len(self._lanes) > _REMEMBERED else ():
            if self._lanes[key].idle(now) and self._lanes[key].free_at <= now:
                del self._lanes[key]


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
