"""Whether a machine's clock has lately gone on as time does: before anything is forgotten by it.

A clock that jumps years ahead makes all there is look years old. What such a clock would forget is gone for good when
somebody sets it right, so that nothing is forgotten by it until it has gone well for a day.
"""

import math
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger()

JUMP_S = 86_400.0  # less is no harm: nothing is kept for so short a time that a day would matter
SETTLES_S = 86_400.0


def slept_s() -> float:
    """Seconds that this machine has slept since it was started: `time.monotonic` leaves them out where it isn't Windows'."""
    if not hasattr(time, "clock_gettime"):
        return 0.0
    through_sleep = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # the second is macOS's
    return time.clock_gettime(through_sleep) - time.monotonic()


class Steady:
    """Watches one clock. `clock` can be set by people, `passes` by nobody; both tell seconds."""

    def __init__(self, clock: Callable[[], float], passes: Callable[[], float]) -> None:
        self._clock, self._passes = clock, passes
        self._now, self._passed = clock(), passes()
        self._jumped_at = -math.inf
        self._ahead_s = 0.0  # how far it has jumped, and was not set back since

    def look(self) -> bool:
        """Takes the time; answers whether the clock has not jumped ahead for a day, or was set back since."""
        now, passed = self._clock(), self._passes()
        jump_s = (now - self._now) - (passed - self._passed)
        self._now, self._passed = now, passed
        if jump_s > JUMP_S:
            self._jumped_at, self._ahead_s = passed, self._ahead_s + jump_s
            log.warning(
                "the clock has jumped ahead: nothing is forgotten by it for a day", seconds=round(jump_s)
            )
        elif jump_s < -JUMP_S:
            self._ahead_s = max(0.0, self._ahead_s + jump_s)
        if passed - self._jumped_at >= SETTLES_S:
            self._ahead_s = 0.0
        return self._ahead_s <= JUMP_S
