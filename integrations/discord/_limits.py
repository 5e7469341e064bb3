"""Discord's rate limits: one refusal leads to one rest, of a route, of a kind of calls, or of everything.

Budgets are kept a route and place, as the answers' headers tell them. A route that nothing is known of, and
whatever has just been refused, is tried by one call alone: the others wait for what it is told.
https://discord.com/developers/docs/topics/rate-limits
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from enum import StrEnum

GLOBAL_PER_S = 45  # of 50: other processes may use the same token
GLOBAL_WINDOW_S = 1.0  # from the answer: a call takes a while to arrive, and counts when it does
INVALID_MOST = 1_000  # in ten minutes; at 10,000 the address is banned, for every process behind it
INVALID_WINDOW_S = 600.0
_CALM_SHARE = 10  # once stopped, nothing is sent until a tenth of them is forgotten
_BUCKETS_MAX, _LOOKED_AT = 5_000, 50
_TINY_S, _LOOK_AGAIN_S = 0.005, 0.05
_STRIKE_S, _STRIKE_MOST_S = 0.25, 60.0  # rests grow when one follows another, whatever is told


class Kind(StrEnum):
    """By what a call is allowed: each kind has a global limit of its own."""

    BOT = "bot"
    TOKEN = "token"  # noqa: S105 - an interaction's, in the path


class Reach(StrEnum):
    """What a refusal is about."""

    ROUTE = "route"
    KIND = "kind"
    EVERYTHING = "everything"  # it is not the API that refuses, but the wall in front of it


class _Pause:
    """Rests that something was told to take; afterwards one call tries alone."""

    __slots__ = ("shut", "strikes", "trying", "until")

    def __init__(self) -> None:
        self.until = 0.0
        self.shut = False  # refused, and nothing has passed since
        self.trying = False
        self.strikes = 0

    def wait_s(self, now: float) -> float:
        if now < self.until:
            return self.until - now
        return _LOOK_AGAIN_S if self.shut and self.trying else 0.0

    def take(self) -> None:
        self.trying = self.shut

    def refused(self, now: float, retry_after_s: float) -> None:
        if now >= self.until:
            # Calls that were under way together are refused together: that is one strike.
            self.strikes = min(self.strikes + 1, 10)
        rest_s = max(retry_after_s, min(_STRIKE_MOST_S, _STRIKE_S * 2 ** (self.strikes - 1)))
        self.until = max(self.until, now + rest_s)
        self.shut, self.trying = True, False

    def passed(self, now: float) -> None:
        if now >= self.until:
            self.shut, self.trying, self.strikes = False, False, 0

    def lost(self) -> None:
        self.trying = False


class _Bucket:
    """What is known of one route's budget."""

    __slots__ = ("flying", "left", "limit", "resets_at", "rest", "unlimited")

    def __init__(self) -> None:
        self.rest = _Pause()
        self.limit: int | None = None
        self.left = 0  # until resets_at
        self.resets_at = 0.0
        self.flying = 0
        self.unlimited = False

    def wait_s(self, now: float) -> float:
        wait_s = self.rest.wait_s(now)
        if wait_s > 0 or self.unlimited:
            return wait_s
        if now < self.resets_at:
            return 0.0 if self.left > 0 else self.resets_at - now
        # A new window, of which nothing was told yet: no more than surely fit are sent meanwhile.
        return 0.0 if self.flying < (self.limit or 1) else _LOOK_AGAIN_S

    def take(self) -> None:
        self.rest.take()
        self.flying += 1
        self.left -= 1

    def landed(self) -> None:
        self.flying = max(0, self.flying - 1)

    def told(self, now: float, headers: Mapping[str, str]) -> None:
        left, after = headers.get("X-RateLimit-Remaining"), headers.get("X-RateLimit-Reset-After")
        if left is None or after is None:
            self.unlimited = self.limit is None
            return
        self.unlimited = False
        self.limit = max(int(headers.get("X-RateLimit-Limit") or self.limit or 0), int(left) + 1)
        # Those under way may not be counted in what was told, and answers may overtake one another.
        sure = int(left) - self.flying
        self.left = min(self.left, sure) if now < self.resets_at else sure
        self.resets_at = max(self.resets_at, now + float(after))

    def refused(self, now: float, retry_after_s: float) -> None:
        self.limit, self.unlimited, self.resets_at = None, False, 0.0
        self.rest.refused(now, retry_after_s)

    def is_idle(self, now: float) -> bool:
        return not self.flying and now >= max(self.resets_at, self.rest.until)


class RateLimits:
    """Asked before each call, told once after each; never sleeps itself."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._kinds = {kind: _Pause() for kind in Kind}
        self._wall = _Pause()
        self._flying = 0  # calls of the bot that may not have arrived yet
        self._landed: deque[float] = deque(maxlen=GLOBAL_PER_S)
        self._invalid: deque[float] = deque(maxlen=INVALID_MOST)
        self._stopped_until = 0.0

    @property
    def stopped_s(self) -> float:
        """For how long nothing is sent, for too much of it was invalid."""
        return max(0.0, self._stopped_until - self._clock())

    def rests_s(self, kind: Kind) -> float:
        """How long all calls of this kind rest."""
        now = self._clock()
        return max(self._stopped_until - now, self._wall.wait_s(now), self._kinds[kind].wait_s(now), 0.0)

    def take_turn(self, route: str, kind: Kind) -> float:
        """Takes the route's next turn; answers 0, or how long to wait before asking again."""
        now = self._clock()
        bucket = self._bucket(route, now)
        wait_s = max(self.rests_s(kind), bucket.wait_s(now))
        if kind is Kind.BOT:
            wait_s = max(wait_s, self._crowded_s(now))
        if wait_s > 0:
            return wait_s + _TINY_S
        for one in (self._wall, self._kinds[kind], bucket):
            one.take()
        self._flying += kind is Kind.BOT
        return 0.0

    def answered(self, route: str, kind: Kind, headers: Mapping[str, str]) -> None:
        """Any answer but a 429, with what its headers say about the route."""
        now = self._clock()
        bucket = self._land(route, kind, now)
        bucket.told(now, headers)
        for rest in (self._wall, self._kinds[kind], bucket.rest):
            rest.passed(now)

    def refused(self, route: str, kind: Kind, retry_after_s: float, reach: Reach) -> None:
        """A 429."""
        now = self._clock()
        bucket = self._land(route, kind, now)
        match reach:
            case Reach.ROUTE:
                self._wall.passed(now)
                self._kinds[kind].passed(now)
                bucket.refused(now, retry_after_s)
            case Reach.KIND:
                self._wall.passed(now)
                self._kinds[kind].refused(now, retry_after_s)
                bucket.rest.lost()
            case Reach.EVERYTHING:
                self._wall.refused(now, retry_after_s)
                self._kinds[kind].lost()
                bucket.rest.lost()

    def lost(self, route: str, kind: Kind) -> None:
        """No answer came."""
        bucket = self._land(route, kind, self._clock())
        for rest in (self._wall, self._kinds[kind], bucket.rest):
            rest.lost()

    def note_invalid(self) -> bool:
        """A 401, 403 or 429; answers whether it was one too many, so that everything stops for a while."""
        now = self._clock()
        self._invalid.append(now)
        full = len(self._invalid) == INVALID_MOST and now - self._invalid[0] < INVALID_WINDOW_S
        if not full or now < self._stopped_until:
            return False
        self._stopped_until = self._invalid[INVALID_MOST // _CALM_SHARE] + INVALID_WINDOW_S
        return True

    def _crowded_s(self, now: float) -> float:
        recent = [at for at in self._landed if now - at < GLOBAL_WINDOW_S]
        if self._flying + len(recent) < GLOBAL_PER_S:
            return 0.0
        return recent[0] + GLOBAL_WINDOW_S - now if recent else _LOOK_AGAIN_S

    def _land(self, route: str, kind: Kind, now: float) -> _Bucket:
        """A call is over, whatever became of it."""
        if kind is Kind.BOT:
            self._flying = max(0, self._flying - 1)
            self._landed.append(now)
        bucket = self._bucket(route, now)
        bucket.landed()
        return bucket

    def _bucket(self, route: str, now: float) -> _Bucket:
        bucket = self._buckets.get(route)
        if bucket is None:
            bucket = self._buckets[route] = _Bucket()
            if len(self._buckets) > _BUCKETS_MAX:
                self._forget_idle(now)
        else:
            self._buckets.move_to_end(route)
        return bucket

    def _forget_idle(self, now: float) -> None:
        """The oldest ones; a rest is kept to its end, whatever it costs."""
        oldest = [route for route, _ in zip(self._buckets, range(_LOOKED_AT), strict=False)]
        for route in oldest:
            if self._buckets[route].is_idle(now):
                del self._buckets[route]
