"""Whether a machine's clock has lately gone on as time does: before anything is forgotten by it.

A clock that jumps years ahead makes all there is look years old. What such a clock would forget is gone for good when
somebody sets it right, so that nothing is forgotten by it until it has gone well for a day.
"""

import math
from collections.abc import Callable

import structlog

log = structlog.get_logger()

JUMP_S = 86_400.0  # less is no harm: nothing is kept for so short a time that a day would matter
SETTLES_S = 86_400.0


class Steady:
    """Watches one clock. `clock` can be set by people, `passes` by nobody; both tell seconds."""

    def __init__(self, clock: Callable[[], float], passes: Callable[[], float]) -> None:
        self._clock, self._passes = clock, passes
        self._now, self._passed = clock(), passes()
        self._jumped_at = -math.inf

    def look(self) -> bool:
        """Takes the time; answers whether the clock has not jumped ahead for a day, or was set back since."""
        now, passed = self._clock(), self._passes()
        jump_s = (now - self._now) - (passed - self._passed)
        self._now, self._passed = now, passed
        if jump_s > JUMP_S:
            self._jumped_at = passed
            log.warning(
                "the clock has jumped ahead: nothing is forgotten by it for a day", seconds=round(jump_s)
            )
        elif jump_s < -JUMP_S:
            self._jumped_at = -math.inf
        return passed - self._jumped_at >= SETTLES_S
