"""Limits that a service tells of with its answers: one refusal leads to one rest, of a route, of a kind, or of everything.

Budgets are kept a route, as the answers tell them. A route that nothing is known of, and whatever has just
been refused, is tried by one call alone: the others wait for what it is told.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

_CALM_SHARE = 10  # once stopped, nothing is sent until a tenth of the refusals is forgotten
_BUCKETS_MAX, _LOOKED_AT = 500, 50  # each command of Discord's has a route of its own, of half a KiB
_TINY_S, _LOOK_AGAIN_S = 0.005, 0.05
_STRIKE_S, _STRIKE_MOST_S = 0.25, 60.0  # rests grow when one follows another, whatever is told


class Reach(StrEnum):
    """What a refusal is about."""

    ROUTE = "route"
    KIND = "kind"
    EVERYTHING = "everything"  # it is not the service that refuses, but the wall in front of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What an answer tells of its route's budget: so many calls are left until it is whole again."""

    calls: int
    after_s: float
    limit: int = 0


class Pause:
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
        self.rest = Pause()
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

    def hear(self, now: float, told: Left | None) -> None:
        self.unlimited = told is None and self.limit is None
        if told is None:
            return
        self.limit = max(told.limit or self.limit or 0, told.calls + 1)
        # Those under way may not be counted in what was told, and answers may overtake one another.
        sure = told.calls - self.flying
        self.left = min(self.left, sure) if now < self.resets_at else sure
        self.resets_at = max(self.resets_at, now + told.after_s)

    def refused(self, now: float, retry_after_s: float) -> None:
        self.limit, self.unlimited, self.resets_at = None, False, 0.0
        self.rest.refused(now, retry_after_s)

    def is_idle(self, now: float) -> bool:
        return not self.flying and now >= max(self.resets_at, self.rest.until)


class _SharedLimit:
    """All calls that are allowed by the same thing: one rest, and perhaps a limit for all of them together."""

    __slots__ = ("flying", "landed", "most", "rest")

    def __init__(self, most: int) -> None:
        self.rest = Pause()
        self.most = most  # in any window; 0: no limit together
        self.flying = 0  # calls that may not have arrived yet
        self.landed = deque[float](maxlen=most)

    def wait_s(self, now: float, window_s: float) -> float:
        """For a turn among all of this kind."""
        recent = [at for at in self.landed if now - at < window_s]
        if not self.most or self.flying + len(recent) < self.most:
            return 0.0
        return recent[0] + window_s - now if recent else _LOOK_AGAIN_S

    def land(self, now: float) -> None:
        self.flying = max(0, self.flying - 1)
        self.landed.append(now)


class Budgets:
    """Asked before each call, told once after each; never sleeps itself.

    `kinds`: by what calls are allowed, and how many of each kind fit into `window_s` (0: any number).
    Above `invalid_most` refusals in `invalid_window_s` everything stops for a while.
    """

    def __init__(
        self,
        kinds: Mapping[str, int],
        *,
        window_s: float,
        invalid_most: int,
        invalid_window_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._kinds = {kind: _SharedLimit(most) for kind, most in kinds.items()}
        self._window_s = window_s
        self._wall = Pause()
        self._invalid: deque[float] = deque(maxlen=invalid_most)
        self._invalid_window_s = invalid_window_s
        self._stopped_until = 0.0

    @property
    def stopped_s(self) -> float:
        """For how long nothing is sent, for too much of it was invalid."""
        return max(0.0, self._stopped_until - self._clock())

    def rests_s(self, kind: str) -> float:
        """How long all calls of this kind rest."""
        now = self._clock()
        return max(self._stopped_until - now, self._wall.wait_s(now), self._kinds[kind].rest.wait_s(now), 0.0)

    def take_turn(self, route: str, kind: str) -> float:
        """Takes the route's next turn; answers 0, or how long to wait before asking again."""
        now = self._clock()
        bucket = self._bucket(route, now)
        all_alike = self._kinds[kind]
        wait_s = max(self.rests_s(kind), bucket.wait_s(now), all_alike.wait_s(now, self._window_s))
        if wait_s > 0:
            return wait_s + _TINY_S
        for one in (self._wall, all_alike.rest, bucket):
            one.take()
        all_alike.flying += 1
        return 0.0

    def answered(self, route: str, kind: str, told: Left | None) -> None:
        """Any answer that is no refusal for too much, with what it tells of the route."""
        now = self._clock()
        bucket = self._land(route, kind, now)
        bucket.hear(now, told)
        for rest in (self._wall, self._kinds[kind].rest, bucket.rest):
            rest.passed(now)

    def refused(self, route: str, kind: str, retry_after_s: float, reach: Reach) -> None:
        """It was too much, of what `reach` says."""
        now = self._clock()
        bucket = self._land(route, kind, now)
        match reach:
            case Reach.ROUTE:
                self._wall.passed(now)
                self._kinds[kind].rest.passed(now)
                bucket.refused(now, retry_after_s)
            case Reach.KIND:
                self._wall.passed(now)
                self._kinds[kind].rest.refused(now, retry_after_s)
                bucket.rest.lost()
            case Reach.EVERYTHING:
                self._wall.refused(now, retry_after_s)
                self._kinds[kind].rest.lost()
                bucket.rest.lost()

    def lost(self, route: str, kind: str) -> None:
        """No answer came."""
        bucket = self._land(route, kind, self._clock())
        for rest in (self._wall, self._kinds[kind].rest, bucket.rest):
            rest.lost()

    def note_invalid(self) -> bool:
        """A refusal of any kind; answers whether it was one too many, so that everything stops for a while."""
        now = self._clock()
        self._invalid.append(now)
        most, window_s = self._invalid.maxlen or 0, self._invalid_window_s
        full = len(self._invalid) == most and now - self._invalid[0] < window_s
        if not full or now < self._stopped_until:
            return False
        self._stopped_until = self._invalid[most // _CALM_SHARE] + window_s
        return True

    def _land(self, route: str, kind: str, now: float) -> _Bucket:
        """A call is over, whatever became of it."""
        self._kinds[kind].land(now)
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
