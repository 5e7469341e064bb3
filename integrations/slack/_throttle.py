"""Slack's rate limits, in one place: for each method of the workspace, and for each channel.

https://docs.slack.dev/apis/web-api/rate-limits: tiers a minute for a method, chat.postMessage about one a
second in a channel with short bursts, and several hundred a minute in all. A tier is what Slack promises at
least; a channel's message a second is kept from the start.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from bot.limits.lanes import SHORT_S, Lane, turn

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


class Throttle:
    """The turns of one process; what other replicas use shows as 429s."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lanes: OrderedDict[tuple[str, str], Lane] = OrderedDict()

    def quiet(self) -> bool:
        """Whether an edit that only tells progress may be made now."""
        lane, now = self._lane(_EDIT), self._clock()
        return lane.free_at <= now and lane.spare(now) > _FOR_FINALS

    def turn(
        self, method: str, place: str = "", *, who: str = "", within_s: float = SHORT_S
    ) -> AbstractAsyncContextManager[None]:
        """The time of one call; raises Resting where it is too far off. `who` keeps its place in the line."""
        lanes = [self._lane(method)]
        if method == _POST and place:
            lanes.append(self._lane(method, place))
        return turn(lanes, self._clock, who=who, within_s=within_s)

    def refused(self, method: str, place: str, retry_after_s: float, *, who: str = "") -> None:
        """Slack said 429. Where a channel was idle, it was the workspace that had too much."""
        now, lane = self._clock(), self._lane(method)
        if method == _POST and place and not self._lane(method, place).idle(now):
            lane = self._lane(method, place)
        lane.rest(now, now + retry_after_s)
        lane.put_first(who)

    def _lane(self, method: str, place: str = "") -> Lane:
        key = (method, place)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = (
                Lane(most=_CHANNEL_BURST, every_s=CHANNEL_EVERY_S, careful_s=CAREFUL_S)
                if place
                else Lane(
                    most=PER_MINUTE.get(method, 10_000), period_s=MINUTE_S * _MARGIN, careful_s=CAREFUL_S
                )
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
