"""Slack's rate limits as turns: finals first, progress only when quiet, one turn a message after a 429.

chat.update is tier 3 (50 a minute and more for the workspace), chat.postMessage about one a second in a
channel: https://docs.slack.dev/apis/web-api/rate-limits.
"""

import asyncio
import time
from collections.abc import Callable

from integrations.slack._wire import SlackFault

_UPDATES_PER_S = 50 / 60
_UPDATES_BURST = 30.0
_SPARE = 15.0  # progress leaves so many tokens to finals
_SHORT_S = 2.0  # a wait that is sat out; a longer one goes back to delivery
_SPACING_S = 1.1
_REMEMBERED = 5_000


class Throttle:
    """The turns of one process; what other replicas use shows as 429s."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tokens = _UPDATES_BURST
        self._at = clock()
        self._free_at: dict[str, float] = {}
        self._turns: dict[str, float] = {}

    def quiet(self) -> bool:
        """Whether an edit that only tells progress may be made now."""
        self._refill()
        return self._tokens > _SPARE and not any(at > self._clock() for at in self._free_at.values())

    def spent(self) -> None:
        """An edit was made."""
        self._refill()
        self._tokens = max(0.0, self._tokens - 1)

    async def turn(self, place: str, message: str) -> None:
        """Waits for this message's turn in a place that was refused lately; raises SlackFault for a long wait."""
        now = self._clock()
        mine = self._turns.pop(message, None)
        if mine is not None and mine <= now + _SHORT_S:
            await asyncio.sleep(max(0.0, mine - now))
            return
        free_at = self._free_at.get(place, 0.0)
        if free_at <= now:
            self._free_at.pop(place, None)
            return
        self._free_at[place] = free_at + _SPACING_S
        if free_at - now <= _SHORT_S:
            await asyncio.sleep(free_at - now)
            return
        if len(self._turns) < _REMEMBERED:
            self._turns[message] = free_at
        raise SlackFault("ratelimited", retry_after_s=free_at - now)

    def refused(self, place: str, retry_after_s: float) -> None:
        """Slack said 429 here."""
        self._free_at[place] = max(self._free_at.get(place, 0.0), self._clock() + retry_after_s)

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(_UPDATES_BURST, self._tokens + (now - self._at) * _UPDATES_PER_S)
        self._at = now
