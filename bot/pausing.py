"""When refusals pause a person: how many of them in which window, and for how long."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pausing:
    """How many refusals in which window pause a person, and for how long; 0: never."""

    strikes: int = 0
    window_s: float = 0.0
    pause_s: float = 0.0

    def until(self, struck_at: Iterable[float], *, now: float) -> float | None:
        """Until when a person is paused, from the times (unix seconds) of the refusals that count; None: not at all.

        Whenever `strikes` of them fall into one window, a pause begins at the last of these.
        """
        if self.strikes < 1:
            return None
        times = sorted(struck_at)
        ends = [
            last + self.pause_s
            for first, last in zip(times, times[self.strikes - 1 :], strict=False)
            if last - first <= self.window_s
        ]
        return ends[-1] if ends and ends[-1] > now else None


NEVER = Pausing()
