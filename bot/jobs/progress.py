"""How far services say that they are, for the cards: at most so many edits a picture, each worth one."""

from dataclasses import dataclass

from bot.provider import Pending

EDITS_MAX = 3  # of a picture: the platforms' edits are for pictures first
_QUARTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressMark:
    """What a card says of it."""

    step: int = 0
    steps: int = 0
    queued: int = 0  # the place in the service's queue, from 1

    @property
    def mark(self) -> int:
        """What must have changed for another edit: a quarter of the steps, or whether it waits."""
        return _QUARTERS * self.step // self.steps if self.steps else -bool(self.queued)


NOTHING = ProgressMark()


class Progress:
    """What this process knows of the operations that it watches; a crash may forget it."""

    def __init__(self) -> None:
        self._told: dict[str, ProgressMark] = {}
        self._edits: dict[str, int] = {}

    def of(self, job: str) -> ProgressMark:
        """What the job's card says."""
        return self._told.get(job, NOTHING)

    def note(self, job: str, pending: Pending) -> bool:
        """Whether the card is to say something new."""
        new = ProgressMark(
            step=min(pending.step, pending.steps),
            steps=max(0, pending.steps),
            queued=0 if pending.place is None else pending.place + 1,
        )
        if new.mark == self.of(job).mark or self._edits.get(job, 0) >= EDITS_MAX:
            return False
        self._told[job] = new
        self._edits[job] = self._edits.get(job, 0) + 1
        return True

    def leave(self, job: str) -> None:
        """Nobody watches it any more."""
        self._told.pop(job, None)
        self._edits.pop(job, None)
