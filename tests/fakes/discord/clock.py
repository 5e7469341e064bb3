"""The server's clock, which tests may move, and Discord's snowflakes made from it."""

import datetime as dt
import time

from tests.fakes.turns import FairClock

EPOCH_MS = 1_420_070_400_000


class Clock:
    """Wall time plus what the test has added; and what of it counts against a program (`fair`)."""

    def __init__(self) -> None:
        self.offset_s = 0.0
        self.turns = FairClock()

    def now(self) -> float:
        return time.time() + self.offset_s

    def fair(self) -> float:
        """Seconds by which deadlines are judged: without those in which the machine gave the program no turn."""
        return self.turns.now() + self.offset_s

    def advance(self, seconds: float) -> None:
        self.offset_s += seconds

    def utc(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.now(), dt.UTC)

    def iso(self, at: float | None = None) -> str:
        moment = self.now() if at is None else at
        return dt.datetime.fromtimestamp(moment, dt.UTC).isoformat(timespec="microseconds")


class Snowflakes:
    """Rising ids whose upper bits are the clock's milliseconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        fresh = (int(self._clock.now() * 1000) - EPOCH_MS) << 22
        self._last = max(fresh, self._last + 1)
        return self._last

    def for_shard(self, shard_id: int, shard_count: int) -> int:
        """An id that Discord would hand to this shard: (id >> 22) % shard_count."""
        base = self.next() >> 22
        base += (shard_id - base) % shard_count
        while (base << 22) <= self._last:
            base += shard_count
        self._last = base << 22
        return self._last
