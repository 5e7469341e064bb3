"""When to look at an operation again: pure, and it learns how long each model takes.

The best time between two looks is proportional to h(t)^(-1/2), h being the hazard that the picture gets
finished just now (Keller's checking schedule). With S the share still unfinished, G(t) the integral of
sqrt(h) and J the integral of sqrt(h) S, the look after one at t is due at G^-1(G(t) + J/P), and P is
about the number of looks a job costs. P grows with the root of a model's median, so that a second of
waiting is worth as many looks everywhere: the same looks in all then leave an eighth less waiting.

A model's durations are log-normal with a normal-inverse-gamma posterior, plus a little of a wider one,
so that a surprise is noticed too. All of it scales with the median: one table a spread serves all models.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, Self

PRIOR_MEDIAN_S = 12.0
PRIOR_SPREAD = 0.9  # of the logarithm
_MEMORY_JOBS = 60.0  # what lies further back fades, so that drift is followed
_PRIOR_JOBS = 0.5  # how many jobs the first guess is worth
_SURPRISES = 0.02  # the share of durations that follow the wider law (5 % would cost 2 % lag, 10 % where a model is steady) ...
_SURPRISE_SHIFT, _SURPRISE_SPREAD = 0.3, 1.0  # ... which is later and wider
_NARROWEST, _WIDEST = 0.04, 1.5
_GRID = 200  # points of the table on each side of the median
_REACH = 5.0  # how far the table goes, in logarithms of the median
_USED = 0.9  # of a provider's limit is planned for; the bucket lets 0.95 through
# The moments in which those look who wait for long are so far apart: ten looks at once cost as much as three apart.
TOGETHER_S = 0.21
LONG_S = 2.0  # a wait of which a moment more is not felt
_SQRT2 = math.sqrt(2.0)


class Memory(NamedTuple):
    """What is known of a model's log durations, as four numbers to store."""

    mean: float
    jobs: float  # how many observations the mean is worth
    shape: float
    scale: float  # scale / shape is the variance

    @classmethod
    def fresh(cls, usual_s: float = PRIOR_MEDIAN_S) -> Self:
        """Before the first job: a first guess, soon forgotten."""
        mean = math.log(usual_s if usual_s > 0 else PRIOR_MEDIAN_S)
        return cls(mean, _PRIOR_JOBS, _PRIOR_JOBS, _PRIOR_JOBS * PRIOR_SPREAD**2)

    @classmethod
    def of(cls, kept: Sequence[Any] | None, usual_s: float = PRIOR_MEDIAN_S) -> Self:
        """What the store kept, or a first guess where that is nothing or makes no sense.

        Behind our numbers may stand what a newer Easel has learned.
        """
        numbers = [one for one in (kept or ())[: len(cls._fields)] if isinstance(one, int | float)]
        if len(numbers) != len(cls._fields) or not all(map(math.isfinite, numbers)):
            return cls.fresh(usual_s)
        memory = cls(*numbers)
        return memory if min(memory[1:]) > 0 and abs(memory.mean) < 20 else cls.fresh(usual_s)  # noqa: PLR2004  # e^20 s are years

    @property
    def spread(self) -> float:
        return math.sqrt(self.scale / self.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """The policy. Bounds hold whatever was learned: no look is too early, none waits for ever."""

    polls: float = 17.0  # aimed at for a job of 12 s when the provider's limit isn't felt
    first_s: float = 0.2
    shortest_s: float = 0.1
    longest_s: float = 10.0

    def next_poll(self, submitted_s_ago: float, memory: Memory, budget: float | None = None) -> float:
        """Seconds from now until the next look; `budget` is the number of looks aimed at a job of 12 s."""
        elapsed_s = max(0.0, submitted_s_ago)
        median_s = math.exp(memory.mean)
        polls = (self.polls if budget is None else max(budget, 0.01)) * _worth(median_s)
        due_s = median_s * _table(memory.spread).after(elapsed_s / median_s, polls)
        wait_s = min(self.longest_s, max(self.shortest_s, due_s - elapsed_s))
        return max(wait_s, self.first_s - elapsed_s)

    def load(self, memory: Memory) -> float:
        """Polls a second that one job under way costs for each unit of budget."""
        median_s = math.exp(memory.mean)
        mean_s = median_s * math.exp(min(memory.spread, _WIDEST) ** 2 / 2)
        return _worth(median_s) / mean_s

    def budget(self, load: float, limit_per_s: float) -> float:
        """The budget that keeps the jobs under way, of this load together, within a provider's limit.

        It looks at what is under way, not at how late polls are: such a feedback swings.
        """
        if limit_per_s <= 0 or load <= 0:
            return self.polls
        return min(self.polls, _USED * limit_per_s / load)

    def usual_s(self, memory: Memory) -> float:
        """The duration that half of the jobs stay under: what people are told."""
        return math.exp(memory.mean)

    def learn(self, memory: Memory, duration_s: float, *, unfinished_at_s: float | None = None) -> Memory:
        """The memory after one more job.

        With `unfinished_at_s`, the last look that found it unfinished, the truth lies between: where
        what is known so far puts the middle.
        """
        median_s = math.exp(memory.mean)
        seen = max(duration_s, 0.001) / median_s
        if unfinished_at_s is not None and 0 <= unfinished_at_s < duration_s:
            middle = _table(memory.spread).middle(unfinished_at_s / median_s, seen)
            seen = min(seen, max(middle, unfinished_at_s / median_s))
        off = math.log(seen)
        fade = min(1.0, (_MEMORY_JOBS - 1) / memory.jobs)
        kept = memory.jobs * fade
        return Memory(
            mean=memory.mean + off / (kept + 1),
            jobs=kept + 1,
            shape=memory.shape * fade + 0.5,
            scale=memory.scale * fade + kept * off**2 / (2 * (kept + 1)),
        )


class LeakyBucket:
    """Spaces polls evenly under a provider's limit; a place taken is a place kept, first come first.

    Whose place is `LONG_S` away or more comes with its neighbours, in the next moment that is a multiple of
    `TOGETHER_S`. No second has more than the limit for that: five moments, the most that fit in, are no more than the
    share leaves free, and who comes by themselves afterwards comes as much later as any of those before may have.
    """

    def __init__(self, limit_per_s: float, *, share: float = 0.95) -> None:
        self._gap_s = 1.0 / (limit_per_s * share) if limit_per_s > 0 else 0.0
        self._free_at = -math.inf
        self._alone_from = -math.inf

    def wait_s(self, now: float) -> float:
        """How long a poll that came now would have to wait."""
        return max(0.0, self._free_at - now)

    def reserve(self, now: float) -> float:
        """Takes the next free place; answers how long to wait for it."""
        place = now + self.wait_s(now)
        if place - now < LONG_S:
            place = max(place, self._alone_from)
        self._free_at = place + self._gap_s
        if place - now >= LONG_S:
            place = math.ceil(place / TOGETHER_S) * TOGETHER_S
            self._alone_from = self._free_at + TOGETHER_S
        return place - now


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """G and S on a grid of times, in units of the median, for one spread."""

    times: tuple[float, ...]
    effort: tuple[float, ...]  # G
    unfinished: tuple[float, ...]  # S
    total: float  # J

    def after(self, time: float, polls: float) -> float:
        """G^-1(G(time) + J / polls)."""
        target = _between(self.times, self.effort, time) + self.total / polls
        if target >= self.effort[-1]:
            return math.inf
        return _between(self.effort, self.times, target)

    def middle(self, low: float, high: float) -> float:
        """The time between two at which half of what is finished between them is finished."""
        rest = 0.0 if high == math.inf else _between(self.times, self.unfinished, high)
        wanted = (_between(self.times, self.unfinished, low) + rest) / 2
        index = bisect_left(self.unfinished, -wanted, key=lambda s: -s)
        return self.times[min(index, len(self.times) - 1)]


def _between(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    """Linear interpolation; the ends hold outside."""
    right = bisect_right(xs, x)
    if right == 0:
        return ys[0]
    if right == len(xs):
        return ys[-1]
    x0, x1 = xs[right - 1], xs[right]
    return ys[right - 1] + (ys[right] - ys[right - 1]) * (x - x0) / (x1 - x0)


def _worth(median_s: float) -> float:
    return math.sqrt(median_s / PRIOR_MEDIAN_S)


def _table(spread: float) -> _Grid:
    return _tabulated(round(min(_WIDEST, max(_NARROWEST, spread)), 2))


@lru_cache(maxsize=256)
def _tabulated(spread: float) -> _Grid:
    """Computed once a spread: a fraction of a millisecond. The grid is dense around the median."""
    steep = math.sinh(4.0)
    times = [0.0] + [math.exp(_REACH * math.sinh(4.0 * i / _GRID) / steep) for i in range(-_GRID, _GRID + 1)]
    laws = [_law(t, spread) for t in times]
    effort, total = [0.0], 0.0
    for (t0, (_, s0, r0)), (t1, (_, s1, r1)) in pairwise(zip(times, laws, strict=True)):
        step = (t1 - t0) * (r0 + r1) / 2
        effort.append(effort[-1] + max(step, 1e-12))  # strictly rising, so that it has an inverse
        total += step * (s0 + s1) / 2
    return _Grid(
        times=tuple(times), effort=tuple(effort), unfinished=tuple(s for _, s, _ in laws), total=total
    )


def _law(time: float, spread: float) -> tuple[float, float, float]:
    """Density, share unfinished, and root of the hazard at a time in units of the median."""
    if time <= 0:
        return 0.0, 1.0, 0.0
    log = math.log(time)
    usual, wide = log / spread, (log - _SURPRISE_SHIFT) / _SURPRISE_SPREAD
    density = (
        (1 - _SURPRISES) * math.exp(-(usual**2) / 2) / spread
        + _SURPRISES * math.exp(-(wide**2) / 2) / _SURPRISE_SPREAD
    ) / (time * math.sqrt(2 * math.pi))
    left = (1 - _SURPRISES) * math.erfc(usual / _SQRT2) / 2 + _SURPRISES * math.erfc(wide / _SQRT2) / 2
    return density, left, math.sqrt(density / left)
