"""A deed counts once: an event that is told again, or a double click, is known by its mark, on all replicas."""

import contextlib
import hashlib
import math
from collections.abc import Iterator
from dataclasses import replace

from bot.errors import StoreBusy
from bot.process.recent import Recent
from bot.studio.studio import Studio
from bot.talk.deeds import Asked, Deed, Filled, Held, Pressed, Reacted, Spoken, Typed

EVENT_S, DOUBLE_CLICK_S, REACTION_S = 7 * 86_400.0, 3.0, 60.0  # ruling 8
AGAIN_S = 30.0  # so soon whoever is told that it can't be done now does it again
_REMEMBERED = 5_000


class Once:
    """Marks deeds."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._undone = Recent[str, tuple[str, float]](
            _REMEMBERED
        )  # marks of what could not be done: its key, and when

    @contextlib.contextmanager
    def doing(self, deed: Deed) -> Iterator[None]:
        """For the block; what the store kept from being done is new when it comes again. Raises StoreBusy."""
        try:
            yield
        except StoreBusy:
            for event, _ in _marks(deed)[-1:]:
                self._undone[event] = deed.key, self._studio.now()
            raise

    async def mark(self, deed: Deed) -> Deed | None:
        """Marks a deed as seen. Returns it where it is a new one, and no event told again or double click.

        What could not be done a moment ago is gone on with, by its key: the store may have kept its order before it was
        too busy to say so, and finds that by the key.
        """
        fresh, event = True, ""
        for event, again_after_s in _marks(deed):
            fresh = await self._studio.mark_seen(event, again_after_s=again_after_s) and fresh
        key, at = self._undone.get(event, ("", -math.inf))
        if not key or (fresh and self._studio.now() - at >= AGAIN_S):
            self._undone.pop(event, None)
            return deed if fresh else None
        if not fresh:  # what counts as its double click begins now
            await self._studio.mark_seen(event, again_after_s=0.0)
        self._undone.pop(event, None)
        return replace(deed, key=key)


def _marks(deed: Deed) -> tuple[tuple[str, float], ...]:
    """What is marked, each for how many seconds; the last is the same for the same deed done again."""
    who = deed.who
    match deed:
        case Typed() | Spoken():
            return ()  # The books know an order by its key.
        case Asked() | Held():
            return ((deed.key, EVENT_S),)
        case Filled():
            # The same words again at once, from another click; another text is another order.
            filled = (deed.text, sorted(deed.options.items()), deed.begun, deed.pictures)
            words = hashlib.sha256(repr(filled).encode()).hexdigest()
            return ((f"fill:{who.surface}:{who.user}:{words}", DOUBLE_CLICK_S),)
        case Pressed():
            control = f"{deed.message}:{deed.do}:{deed.job}:{deed.role}:{deed.index}"
            click = f"press:{who.surface}:{control}:{who.user}"
            return (f"{deed.key}:press", EVENT_S), (click, DOUBLE_CLICK_S)
        case Reacted():
            # Put, taken back and put once more counts once a minute.
            event = f"reaction:{who.surface}:{deed.message}:{who.user}:{deed.emoji or deed.sign}"
            return ((event, REACTION_S),)
