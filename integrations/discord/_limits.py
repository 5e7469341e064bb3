"""Discord's rate limits: a bucket per route and place, 50 requests a second for the bot, and pauses it asks for.

https://discord.com/developers/docs/topics/rate-limits
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

GLOBAL_PER_S = 45  # of 50: other processes may use the same token
_BUCKETS_MAX = 5_000
_TINY_S = 0.005


class _Bucket:
    """What is known of one route's budget; None until its first answer."""

    __slots__ = ("left", "resets_at")

    def __init__(self) -> None:
        self.left: int | None = None
        self.resets_at = 0.0

    def wait_s(self, now: float) -> float:
        """0: take a turn now."""
        if now >= self.resets_at:
            self.left = None if self.left is None or self.left <= 0 else self.left
            return 0.0
        return self.resets_at - now if self.left is not None and self.left <= 0 else 0.0


class RateLimits:
    """Asked before each request, told after each answer; never sleeps itself."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._paused_until = 0.0
        self._second = 0.0
        self._used = 0

    def take_turn(self, route: str, *, as_bot: bool) -> float:
        """Takes the route's next turn; answers 0, or how long it must rest before there is one."""
        now = self._clock()
        bucket = self._bucket(route)
        wait_s = bucket.wait_s(now)
        if as_bot:
            wait_s = max(wait_s, self._paused_until - now, self._crowded_s(now))
        if wait_s > 0:
            return wait_s + _TINY_S
        if as_bot:
            self._used += 1
        if bucket.left is not None:
            bucket.left -= 1
        return 0.0

    def answered(self, route: str, headers: Mapping[str, str]) -> None:
        """What the answer's headers say about the route."""
        left, after = headers.get("X-RateLimit-Remaining"), headers.get("X-RateLimit-Reset-After")
        if left is None or after is None:
            return
        bucket, resets_at = self._bucket(route), self._clock() + float(after)
        if bucket.left is not None and self._clock() < bucket.resets_at:
            # Answers may overtake one another: the least that was told holds until the reset.
            bucket.left = min(bucket.left, int(left))
        else:
            bucket.left = int(left)
        bucket.resets_at = max(bucket.resets_at, resets_at)

    def refused(self, route: str, retry_after_s: float, *, everything: bool) -> None:
        """A 429: the route rests, or the whole bot."""
        until = self._clock() + retry_after_s
        if everything:
            self._paused_until = max(self._paused_until, until)
            return
        bucket = self._bucket(route)
        bucket.left, bucket.resets_at = 0, max(bucket.resets_at, until)

    def _crowded_s(self, now: float) -> float:
        if now - self._second >= 1:
            self._second, self._used = now, 0
        return 0.0 if self._used < GLOBAL_PER_S else self._second + 1 - now

    def _bucket(self, route: str) -> _Bucket:
        bucket = self._buckets.get(route)
        if bucket is None:
            bucket = self._buckets[route] = _Bucket()
            if len(self._buckets) > _BUCKETS_MAX:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(route)
        return bucket
