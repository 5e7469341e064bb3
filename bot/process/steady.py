"""Whether a machine's clock has lately gone on as time does: before anything is forgotten by it.

A clock that jumps years ahead makes all there is look years old. What such a clock would forget is gone for good when
somebody sets it right, so that nothing is forgotten by it until it has gone well for a day. One that was ahead when its
process started is told by what the store knows: nothing has happened for long.
"""

import math
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger()

JUMP_S = 86_400.0  # less is no harm: nothing is kept for so short a time that a day would matter
SETTLES_S = 86_400.0
QUIET_S = 30 * 86_400.0  # where nothing has happened for longer, the clock may be ahead


def slept_s() -> float:
    """Seconds that this machine has slept since it was started: `time.monotonic` leaves them out where it isn't Windows'."""
    if not hasattr(time, "clock_gettime"):
        return 0.0
    through_sleep = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # the second is macOS's
    return time.clock_gettime(through_sleep) - time.monotonic()


def quiet_s(now: float, newest: float | None, before: float | None) -> float:
    """For how long nothing has happened that tells the time: since the `newest` moment that is known.

    It counts only where it came within 30 days of one a day `before` it or more: alone, a clock that was ahead before may
    have written it, or this one since it started. Where nothing is `before` it, nothing is old.
    """
    if newest is None:
        return 0.0
    return now - (newest if before is None or newest - before <= QUIET_S else before)


class Steady:
    """Watches one clock. `clock` can be set by people, `passes` by nobody; both tell seconds.

    `quiet_s`: how long before the start nothing has happened; more than 30 days are taken for a jump.
    """

    def __init__(
        self, clock: Callable[[], float], passes: Callable[[], float], *, quiet_s: float = 0.0
    ) -> None:
        self._clock, self._passes = clock, passes
        self._now, self._passed = clock(), passes()
        jumped = quiet_s > QUIET_S
        self._jumped_at = self._passed if jumped else -math.inf
        self._ahead_s = quiet_s if jumped else 0.0  # how far it has jumped, and was not set back since
        if jumped:
            log.warning(
                "nothing has happened for long, or the clock is ahead: nothing is forgotten for a day",
                seconds=round(quiet_s) if math.isfinite(quiet_s) else None,
            )

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
