"""What services told by webhooks, for the jobs that wait for it: on whichever replica a call came in."""

from bot.job import Job
from bot.store.health import Healths

EVERY_S = 1.0
SLOWER = 10  # a job whose service calls us is looked at that much less often
_OVERLAP_S = 5.0  # of two looks, so that a call whose transaction took long is not missed


class Ear:
    """Remembers whom this process waits for."""

    def __init__(self, healths: Healths) -> None:
        self._healths = healths
        self._waiting: set[str] = set()  # the submits' keys
        self._called: set[str] = set()
        self._looked_at: float | None = None

    def expect(self, job: Job) -> None:
        """From now on its service may call."""
        self._waiting.add(job.key())

    def take(self, job: Job) -> bool:
        """Whether the job's service has called since this was asked last."""
        called = job.key() in self._called
        self._called.discard(job.key())
        return called

    def leave(self, job: Job) -> None:
        """Nobody waits any more."""
        self._waiting.discard(job.key())
        self._called.discard(job.key())

    async def listen(self, now: float) -> None:
        """Reads what was told since the last time; nothing is asked where nobody waits. Raises StoreBusy."""
        if not self._waiting:
            self._looked_at = None
            return
        since = (self._looked_at if self._looked_at is not None else now - 60) - _OVERLAP_S
        self._called |= (await self._healths.heard_since(since)) & self._waiting
        self._waiting -= self._called  # each is told once
        self._looked_at = now
