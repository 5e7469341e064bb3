"""Direct messages, sparingly: Discord quarantines bots that open many, and people don't like what they didn't ask for."""

import time
from collections import deque
from collections.abc import Callable

from bot.process.recent import Recent
from integrations.discord._wire import DiscordFault, Rest

NEW_PER_MIN = 10
UNASKED_EVERY_S = 3600.0
_WINDOW_S = 60.0
_REMEMBERED = 20_000
_TOO_MANY = 429


class Direct:
    """Opens them, within a budget of the whole process for new ones."""

    def __init__(self, rest: Rest, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest = rest
        self._clock = clock
        self._known = Recent[str, str](_REMEMBERED)
        self._opened: deque[float] = deque(maxlen=NEW_PER_MIN)
        self._told = Recent[str, float](_REMEMBERED)

    async def open(self, user: str) -> str:
        """The channel with a person. Raises DiscordFault: a 429 of our own when the budget is spent."""
        if (known := self._known.get(user)) is not None:
            self._known[user] = known
            return known
        now = self._clock()
        if len(self._opened) == NEW_PER_MIN and (wait_s := self._opened[0] + _WINDOW_S - now) > 0:
            raise DiscordFault(
                _TOO_MANY, detail="no more direct messages now", retry_after_s=wait_s, sent=False
            )
        self._opened.append(now)
        made = await self._rest.call("POST", "/users/@me/channels", {"recipient_id": user})
        self._known[user] = channel = str(made["id"])
        return channel

    def claim_telling(self, user: str) -> bool:
        """Returns whether somebody may be told something unasked, which counts as told: once an hour."""
        now = self._clock()
        last = self._told.get(user)
        if last is not None and now - last < UNASKED_EVERY_S:
            return False
        self._told[user] = now
        return True
