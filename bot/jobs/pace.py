"""When this process looks at operations again: learned durations from the store, one bucket a provider."""

import math
import time
from collections.abc import Callable, Mapping

import structlog

from bot.errors import StoreBusy
from bot.job import Job
from bot.jobs.pacing import LeakyBucket, Memory, Pacing
from bot.model import Model
from bot.provider import Provider
from bot.store.shared import Shared

log = structlog.get_logger()

_FRESH_FOR_S = 60.0  # how long another replica's lessons may go unread
_KEPT_EVERY_S = 5.0  # how often a model's lessons are kept: a crash may forget those in between


class _Load:
    """What a provider's jobs under way cost together, in looks a second for each unit of budget: added, not counted."""

    __slots__ = ("_each", "total")

    def __init__(self) -> None:
        self._each: dict[str, float] = {}
        self.total = 0.0

    def __len__(self) -> int:
        return len(self._each)

    def count(self, job: str, load: float) -> None:
        self.total += load - self._each.get(job, 0.0)
        self._each[job] = load

    def leave(self, job: str) -> None:
        self.total -= self._each.pop(job, 0.0)
        if not self._each:
            self.total = 0.0  # what rounding has left


class Pace:
    """The pure policy with what it has to remember."""

    def __init__(
        self,
        shared: Shared,
        *,
        providers: Mapping[str, Provider],
        models: Callable[[str], Model | None],
        policy: Pacing | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shared = shared
        self._models = models
        self._policy = policy or Pacing()
        self._clock = clock
        self._memories: dict[str, tuple[float, Memory]] = {}
        self._kept_at: dict[str, float] = {}
        self._loads: dict[str, _Load] = {}
        self._limits = {name: p.polls_per_s for name, p in providers.items()}
        self._buckets = {name: LeakyBucket(p.polls_per_s) for name, p in providers.items()}

    def usual_s(self, model: str) -> float:
        """What people are told; from memory, for the acknowledgement waits for nothing."""
        known = self._memories.get(model)
        return self._policy.usual_s(known[1] if known else self._first_guess(model))

    async def plan(self, job: Job, *, drawn_s: float) -> float:
        """Counts the job, drawn for so long, among those under way; answers in how many seconds to look at it next."""
        memory = await self._memory(job.order.model)
        load = self._loads.setdefault(job.order.provider, _Load())
        load.count(job.id, self._policy.load(memory))
        budget = self._policy.budget(load.total, self._limits.get(job.order.provider, 0.0))
        return self._policy.next_poll(drawn_s, memory, budget)

    def leave(self, job: str) -> None:
        """The job needs no more looks, whoever drew it at last: the others may have its share."""
        for load in self._loads.values():
            load.leave(job)

    def take_turn(self, provider: str) -> float:
        """Takes the next place that the provider's limit has for a look; answers in how many seconds it is."""
        bucket = self._buckets.get(provider)
        return 0.0 if bucket is None else bucket.reserve(self._clock())

    async def learn(self, model: str, drawn_s: float, *, unfinished_s: float | None = None) -> None:
        """Remembers how long a generation took, between the last look that found it under way and this one."""
        memory = self._policy.learn(await self._memory(model), drawn_s, unfinished_at_s=unfinished_s)
        self._memories[model] = (self._clock(), memory)
        if self._clock() - self._kept_at.get(model, -math.inf) < _KEPT_EVERY_S:
            return
        self._kept_at[model] = self._clock()
        try:
            await self._shared.remember(model, tuple(memory))
        except StoreBusy:
            log.info("a duration was not kept", model=model)

    async def warm_up(self, models: list[str]) -> None:
        """Reads what was learned before, so that the first countdown is honest."""
        for model in models:
            await self._memory(model)

    async def _memory(self, model: str) -> Memory:
        known = self._memories.get(model)
        if known is not None and self._clock() - known[0] < _FRESH_FOR_S:
            return known[1]
        try:
            memory = Memory.of(await self._shared.memory(model), self._guess_s(model))
        except StoreBusy:
            memory = known[1] if known else self._first_guess(model)
        self._memories[model] = (self._clock(), memory)
        return memory

    def _first_guess(self, model: str) -> Memory:
        return Memory.fresh(self._guess_s(model))

    def _guess_s(self, model: str) -> float:
        found = self._models(model)
        return found.usual_s if found else 12.0
