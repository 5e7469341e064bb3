"""When a job is due and over, and how long it has been drawn: by the loop's clock, for the machine's may be set meanwhile."""

import asyncio
from dataclasses import dataclass
from typing import Self

from bot.job import Job, Move, State


@dataclass(slots=True, kw_only=True)
class Times:
    """Of one job that this process carries, in seconds of the loop's clock."""

    over_at: float
    due_at: float
    submitted_at: float | None

    @classmethod
    def of(cls, job: Job, *, now: float) -> Self:
        """As the store's clock, `now`, tells them when the job is taken; longer than a job lasts is a clock that was set."""
        present, lasts_s = _now(), job.deadline_at - job.created_at
        drawn_s = None if job.submitted_at is None else min(max(0.0, now - job.submitted_at), lasts_s)
        return cls(
            over_at=present + min(job.deadline_at - now, lasts_s),
            due_at=present + _wait_s(job, now),
            submitted_at=None if drawn_s is None else present - drawn_s,
        )

    @property
    def left_s(self) -> float:
        """Until the job is over, and has failed."""
        return self.over_at - _now()

    @property
    def wait_s(self) -> float:
        """Until there is something to do."""
        return min(self.due_at, self.over_at) - _now()

    @property
    def drawn_s(self) -> float | None:
        """Since the service was asked; None where it was not."""
        return None if self.submitted_at is None else _now() - self.submitted_at

    def moved(self, move: Move) -> None:
        """A move was written just now."""
        self.due_at = _now() + move.due_in_s
        if move.to is State.SUBMITTING:
            self.submitted_at = _now()

    def read_again(self, job: Job, *, now: float) -> None:
        """The job stands elsewhere than was thought; when it is over is known already."""
        self.due_at = _now() + _wait_s(job, now)

    def give(self, seconds: float) -> None:
        """The job is not over before."""
        self.over_at = max(self.over_at, _now() + seconds)


def _wait_s(job: Job, now: float) -> float:
    wait_s = job.due_at - now
    return wait_s if wait_s < job.deadline_at - job.created_at else 0.0


def _now() -> float:
    return asyncio.get_running_loop().time()
