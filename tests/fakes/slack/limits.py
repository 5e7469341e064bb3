"""Slack's rate limits: tiers a minute for the workspace, a message a second for a channel.

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
BURST = 5


class RateLimits:
    """Off until `enabled`; a test that measures bursts switches it on."""

    def __init__(self, clock: Clock) -> None:
        self.enabled = False
        self.refused = 0
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

    def _window(self, method: str, most: int) -> float | None:
        now, calls = self._clock.now(), self._calls[method]
        while calls and calls[0] <= now - 60:
            calls.popleft()
        return None if len(calls) < most else calls[0] + 60 - now

    def _bucket(self, channel: str) -> float | None:
        now = self._clock.now()
        left, at = self._buckets.get(channel, (BURST, now))
        left = min(BURST, left + now - at)
        if left < 1:
            return 1 - left
        self._buckets[channel] = (left - 1, now)
        return None
