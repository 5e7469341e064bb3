"""Slack's rate limits, and who keeps to them: tiers a minute for the workspace, a message a second for a channel.

https://docs.slack.dev/apis/web-api/rate-limits: tier 1 1+/min, 2 20+, 3 50+, 4 100+;
chat.postMessage about one a second in a channel, short bursts tolerated.
"""

import math
from collections import defaultdict, deque

from .clock import Clock

__all__ = ["RateLimits"]

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
# "Several hundred messages per minute" for a workspace.
POSTS_PER_MINUTE = 300
_ON_ITS_WAY_S, _CLOCKS_S = 0.3, 0.02
BURST = 5


class RateLimits:
    """Off until `enabled`; a test that measures bursts switches it on."""

    def __init__(self, clock: Clock) -> None:
        self.enabled = False
        self.refused = 0
        self.scale = 1.0
        """How much faster than Slack's own all limits are: a long storm in a short time."""
        self.early = 0
        """Calls that were sent while a Retry-After lasted, forced ones included."""
        self._resting: dict[tuple[str, str], tuple[float, float]] = {}
        self._clock = clock
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._buckets: dict[str, tuple[float, float]] = {}

    def retry_after_s(self, method: str, tier: int | None, channel: str) -> int | None:
        """Seconds to wait, or None when the call may go on (and is counted)."""
        if not self.enabled or tier is None:
            return None
        posting = method == "chat.postMessage"
        wait_s = self._window(method, POSTS_PER_MINUTE if posting else PER_MINUTE[tier])
        if posting and wait_s is None:
            wait_s = self._bucket(channel)
        if wait_s is None:
            self._calls[method].append(self._clock.now())
            return None
        self.refused += 1
        return max(1, math.ceil(wait_s))

    def heard(self, method: str, channel: str) -> None:
        """A call came: was it too early?"""
        now = self._clock.now()
        for place in {(method, ""), (method, channel)}:
            told_at, until = self._resting.get(place, (0.0, 0.0))
            if told_at + _ON_ITS_WAY_S < now < until - _CLOCKS_S:
                self.early += 1
                return

    def told(self, method: str, channel: str, retry_after_s: float) -> None:
        """The program knows of a 429 from now on; calls that were on their way are no fault of its."""
        place, now = (method, channel if method == "chat.postMessage" else ""), self._clock.now()
        _, before = self._resting.get(place, (0.0, 0.0))
        self._resting[place] = (now, max(before, now + retry_after_s))

    def _window(self, method: str, most: int) -> float | None:
        now, calls, minute_s = self._clock.now(), self._calls[method], 60 / self.scale
        while calls and calls[0] <= now - minute_s:
            calls.popleft()
        return None if len(calls) < most else calls[0] + minute_s - now

    def _bucket(self, channel: str) -> float | None:
        now = self._clock.now()
        left, at = self._buckets.get(channel, (BURST, now))
        left = min(BURST, left + (now - at) * self.scale)
        if left < 1:
            return (1 - left) / self.scale
        self._buckets[channel] = (left - 1, now)
        return None
