"""Messages that were posted and whose answer was lost: found by what they tell of themselves, many with one look."""

import asyncio
import contextlib
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.process.recent import Recent
from bot.ways import Fault

_GATHER_S = 0.1  # whoever asks meanwhile shares the look
_BLIND_S = 60.0  # where we may not look, we don't try each time
_REMEMBERED = 5_000

Spot = tuple[str, str]  # a channel, and perhaps a thread of it
# What stands in a place since a moment: a message's name -> its key. None where we may not look.
Read = Callable[[Spot, float], Awaitable[Mapping[str, str] | None]]


@dataclass(slots=True, kw_only=True)
class _Look:
    """What was found in a place, or why nothing could be: good for whoever asked before `until`."""

    until: float = 0.0
    found: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None
    since: float = math.inf  # of the oldest that is looked for next
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Orphans:
    """Remembers which posts certainly made no message, and looks for the others; each has a name of its own."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._posts = Recent[str, bool](_REMEMBERED)  # whether the answer to the last try was lost
        self._looks = Recent[Spot, _Look](_REMEMBERED)

    @contextlib.contextmanager
    def posting(self, name: str) -> Iterator[None]:
        """A post is on its way: whatever ends it without an answer leaves it as lost, but for a certain no."""
        self._posts[name] = True
        try:
            yield
        except Fault as fault:
            self._posts[name] = fault.doubtful
            raise
        self._posts.pop(name, None)

    def may_be(self, name: str, *, unless: bool) -> bool:
        """Whether a message may stand there that we don't know of; `unless`: not, as far as others know."""
        lost = self._posts.get(name)
        return lost if lost is not None else not unless

    async def find(self, name: str, spot: Spot, *, since: float) -> str:
        """The key of a message of this name that was posted since then, or nothing. Raises a fault."""
        asked_at = time.monotonic()
        look = self._looks[spot] = self._looks.get(spot) or _Look()
        look.since = min(look.since, since)
        async with look.lock:
            if look.until < asked_at:
                await asyncio.sleep(_GATHER_S)
                await self._look(look, spot)
            if look.fault is not None:
                raise look.fault
            found = look.found.get(name, "")
        if found:
            self._posts.pop(name, None)
        return found

    async def _look(self, look: _Look, spot: Spot) -> None:
        began_at, since, look.since = time.monotonic(), look.since, math.inf
        try:
            found = await self._read(spot, since)
        except Fault as fault:
            look.found, look.fault, look.until = {}, fault, began_at
        except asyncio.CancelledError:
            look.since = min(look.since, since)  # whoever else waits still needs a look
            raise
        else:
            look.found, look.fault = found or {}, None
            look.until = began_at + (_BLIND_S if found is None else 0.0)
