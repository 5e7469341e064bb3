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
        self._met: dict[str, set[str]] = {}  # for whom somebody has waited before, of each job
        self._new: set[str] = set()  # whose service may have called before anybody waited
        self._looked_at: float | None = None

    def expect(self, job: Job) -> None:
        """From now on its service may call; it may have called before the submit's answer came.

        What it tells of an earlier submit is nothing to wake for: nobody would ever take that call.
        """
        met = self._met.setdefault(job.id, set())
        if job.key() not in met:
            self._drop(met)
            met.add(job.key())
            self._new.add(job.key())
        self._waiting.add(job.key())

    def take(self, job: Job) -> bool:
        """Whether the job's service has called since this was asked last."""
        called = job.key() in self._called
        self._called.discard(job.key())
        return called

    def leave(self, job: Job) -> None:
        """Nobody waits any more, for none of the job's submits."""
        self._drop(self._met.pop(job.id, set()))

    def _drop(self, own: set[str]) -> None:
        for keys in (self._waiting, self._called, self._new):
            keys.difference_update(own)

    async def listen(self, now: float) -> set[str]:
        """Reads what was told since the last time; answers the jobs whose service has called and was not taken yet.

        Nothing is asked where nobody waits. Raises StoreBusy.
        """
        if not self._waiting:
            self._looked_at = None
            return set()
        for key in list(self._new):
            if await self._healths.heard(key) is not None and key in self._waiting:
                self._called.add(key)
            self._new.discard(key)
        # A clock that was set back since would hide what is told by the new time.
        since = min(self._looked_at if self._looked_at is not None else now, now) - _OVERLAP_S
        self._called |= (await self._healths.heard_since(since)) & self._waiting
        self._waiting -= self._called  # each is told once
        self._looked_at = now
        return {key.rpartition("-")[0] for key in self._called}
